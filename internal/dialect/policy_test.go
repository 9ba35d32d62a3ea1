package dialect_test

import (
	"math"

	"github.com/hedgerow/hedgerow/internal/ast"
)

// celCases are calls of the functions that only policies use.
func celCases() []struct {
	name string
	expr ast.Expr
	want any
} {
	type c = struct {
		name string
		expr ast.Expr
		want any
	}
	low := binary(ast.Sub, -math.MaxInt64, 1)
	high := lit(math.MaxInt64)
	null := call("nullif", 1, 1)
	nullText := call("nullif", "a", "a")
	const odd = `100%_\𐍈é`
	return []c{
		{"starts", call("cel.starts_with", "abc", "ab"), 1},
		{"starts not", call("cel.starts_with", "abc", "b"), 0},
		{"starts case", call("cel.starts_with", "abc", "AB"), 0},
		{"starts accent", call("cel.starts_with", "éa", "e"), 0},
		{"starts empty", call("cel.starts_with", "abc", ""), 1},
		{"starts empty both", call("cel.starts_with", "", ""), 1},
		{"starts in empty", call("cel.starts_with", "", "a"), 0},
		{"starts longer", call("cel.starts_with", "abc", "abcd"), 0},
		{"starts trailing blank", call("cel.starts_with", "abc", "abc "), 0},
		{"starts blank", call("cel.starts_with", "abc ", "abc "), 1},
		{"starts wild", call("cel.starts_with", "abc", "%"), 0},
		{"starts underscore", call("cel.starts_with", "abc", "_"), 0},
		{"starts odd", call("cel.starts_with", odd, `100%_\𐍈`), 1},
		{"starts null needle", call("cel.starts_with", "abc", nullText), nil},
		{"starts null", call("cel.starts_with", nullText, "a"), nil},
		{"starts null empty", call("cel.starts_with", nullText, ""), nil},
		{"starts null both", call("cel.starts_with", nullText, nullText), nil},
		{"not starts null", &ast.Not{X: call("cel.starts_with", "abc", nullText)}, nil},

		{"ends", call("cel.ends_with", "abc", "bc"), 1},
		{"ends not", call("cel.ends_with", "abc", "b"), 0},
		{"ends case", call("cel.ends_with", "abc", "BC"), 0},
		{"ends empty", call("cel.ends_with", "abc", ""), 1},
		{"ends empty both", call("cel.ends_with", "", ""), 1},
		{"ends in empty", call("cel.ends_with", "", "a"), 0},
		{"ends whole", call("cel.ends_with", "abc", "abc"), 1},
		{"ends longer", call("cel.ends_with", "bc", "abc"), 0},
		{"ends much longer", call("cel.ends_with", "c", "abcabcabc"), 0},
		{"ends blank", call("cel.ends_with", "abc", "abc "), 0},
		{"ends odd", call("cel.ends_with", odd, `\𐍈é`), 1},
		{"ends null", call("cel.ends_with", nullText, ""), nil},
		{"ends null needle", call("cel.ends_with", "", nullText), nil},

		{"contains", call("cel.contains", "abc", "b"), 1},
		{"contains not", call("cel.contains", "abc", "ac"), 0},
		{"contains case", call("cel.contains", "abc", "B"), 0},
		{"contains accent", call("cel.contains", "aéz", "e"), 0},
		{"contains sharp s", call("cel.contains", "straße", "ss"), 0},
		{"contains empty", call("cel.contains", "abc", ""), 1},
		{"contains empty both", call("cel.contains", "", ""), 1},
		{"contains in empty", call("cel.contains", "", "a"), 0},
		{"contains percent", call("cel.contains", "abc", "%"), 0},
		{"contains backslash", call("cel.contains", odd, `\`), 1},
		{"contains odd", call("cel.contains", odd, `%_\𐍈`), 1},
		{"contains part of a character", call("cel.contains", "𐍈", "é"), 0},
		{"contains null", call("cel.contains", nullText, ""), nil},
		{"contains null needle", call("cel.contains", "abc", nullText), nil},

		{"size", call("cel.size", odd), 8},
		{"size empty", call("cel.size", ""), 0},
		{"size blanks", call("cel.size", "a  "), 3},
		{"size null", call("cel.size", nullText), nil},
		{"cel concat", call("cel.concat", `a\`, "'b"), `a\'b`},
		{"cel concat null", call("cel.concat", "a", nullText), nil},

		{"cel add", call("cel.add", 2, 3), 5},
		{"cel add to limit", call("cel.add", binary(ast.Sub, math.MaxInt64, 1), 1), math.MaxInt64},
		{"cel add over", call("cel.add", high, 1), nil},
		{"cel add far over", call("cel.add", high, high), nil},
		{"cel add under", call("cel.add", low, -1), nil},
		{"cel add null", call("cel.add", 1, null), nil},
		{"cel sub", call("cel.sub", 2, 3), -1},
		{"cel sub to limit", call("cel.sub", binary(ast.Add, -math.MaxInt64, 0), 1), math.MinInt64},
		{"cel sub under", call("cel.sub", low, 1), nil},
		{"cel sub over", call("cel.sub", 0, low), nil},
		{"cel mul", call("cel.mul", -2, 3), -6},
		{"cel mul limit", call("cel.mul", high, 1), math.MaxInt64},
		{"cel mul over", call("cel.mul", high, 2), nil},
		{"cel mul low", call("cel.mul", low, -1), nil},
		{"cel mul far", call("cel.mul", low, low), nil},
		{"cel mul null", call("cel.mul", null, 0), nil},
		{"cel neg", call("cel.neg", high), -math.MaxInt64},
		{"cel neg low", call("cel.neg", low), nil},
		{"cel neg null", call("cel.neg", null), nil},
		{"cel div", call("cel.div", 7, 2), 3},
		{"cel div negative", call("cel.div", -7, 2), -3},
		{"cel div large", call("cel.div", high, 2), math.MaxInt64 / 2},
		{"cel div zero", call("cel.div", 7, 0), nil},
		{"cel div low", call("cel.div", low, -1), nil},
		{"cel div minus one", call("cel.div", high, -1), -math.MaxInt64},
		{"cel div null", call("cel.div", null, 1), nil},
		{"cel div by null", call("cel.div", 1, null), nil},
		{"cel mod", call("cel.mod", 7, 3), 1},
		{"cel mod negative", call("cel.mod", -7, 3), -1},
		{"cel mod negative divisor", call("cel.mod", 7, -3), 1},
		{"cel mod zero", call("cel.mod", 7, 0), nil},
		{"cel mod low", call("cel.mod", low, -1), nil},
		{"cel mod minus one", call("cel.mod", 5, -1), 0},
		{"cel mod null", call("cel.mod", null, -1), nil},
		{"cel mod by null", call("cel.mod", 1, null), nil},
		{"cel nested", call("cel.add", call("cel.mul", 3, 4), call("cel.neg", 2)), 10},
		{"cel nested overflow", call("cel.sub", call("cel.add", high, 1), 1), nil},

		{"exact equal", exact(ast.Eq, "a", "a"), 1},
		{"exact case", exact(ast.Eq, "a", "A"), 0},
		{"exact blank", exact(ast.Eq, "a", "a "), 0},
		{"exact accent", exact(ast.Eq, "é", "e"), 0},
		{"exact null", exact(ast.Eq, nullText, "a"), nil},
		{"exact ne case", exact(ast.Ne, "a", "A"), 1},
		{"exact ne", exact(ast.Ne, "a", "a"), 0},
		{"exact ne null", exact(ast.Ne, "a", nullText), nil},
		{"exact less", exact(ast.Lt, "B", "a"), 1},
		{"exact beyond the basic plane", exact(ast.Lt, "\uffee", "𐍈"), 1},
		{"exact greater", exact(ast.Ge, "é", "z"), 1},
		{"exact less null", exact(ast.Lt, nullText, "a"), nil},
		{"exact in", &ast.InList{X: text("a"), List: lits("b", "a"), Exact: true}, 1},
		{"exact in case", &ast.InList{X: text("a"), List: lits("A"), Exact: true}, 0},
		{"exact in case null", &ast.InList{X: text("a"), List: lits("A", nullText), Exact: true}, nil},
		{"exact not in case", &ast.InList{X: text("a"), List: lits("A"), Exact: true, Not: true}, 1},
		{"exact not in null", &ast.InList{X: text("a"), List: lits("b", nullText), Exact: true, Not: true}, nil},
		{"exact in of null", &ast.InList{X: nullText, List: lits("b"), Exact: true}, nil},
	}
}
