package totality

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/function"
)

// shape makes an expression of a number of operands.
type shape struct {
	name  string
	arity int
	make  func(x []ast.Expr) ast.Expr
	// kind says with which others the expression may share a SELECT.
	kind function.Kind
}

var units = []ast.Unit{ast.Microsecond, ast.Second, ast.Minute, ast.Hour, ast.Day, ast.Week, ast.Month, ast.Quarter, ast.Year}

// shapes are every operator, cast, predicate and function, with each number of
// arguments up to three.
func shapes() []shape {
	out := slices.Concat(operators(), predicates(), casts(), moments(), policies())
	names, _ := function.Names()
	for _, name := range names {
		f, _ := function.Lookup(name)
		for n := f.Min; n <= 3 && (f.Max < 0 || n <= f.Max); n++ {
			out = append(out, calls(f, n)...)
		}
	}
	return out
}

func binary(name string, f func(a, b ast.Expr) ast.Expr) shape {
	return shape{name, 2, func(x []ast.Expr) ast.Expr { return f(x[0], x[1]) }, function.Scalar}
}

func unary(name string, f func(a ast.Expr) ast.Expr) shape {
	return shape{name, 1, func(x []ast.Expr) ast.Expr { return f(x[0]) }, function.Scalar}
}

func operators() (out []shape) {
	names := []string{"+", "-", "*", "/", "DIV", "%", "&", "|", "^", "<<", ">>"}
	for i, name := range names {
		out = append(out, binary(name, func(a, b ast.Expr) ast.Expr {
			return &ast.Binary{Op: ast.Add + ast.BinaryOp(i), Left: a, Right: b}
		}))
	}
	return append(out,
		unary("neg", func(a ast.Expr) ast.Expr { return &ast.Neg{X: a} }),
		unary("~", func(a ast.Expr) ast.Expr { return &ast.BitNot{X: a} }))
}

func predicates() (out []shape) {
	for op, name := range []string{"=", "<>", "<", "<=", ">", ">=", "<=>"} {
		for _, exact := range []bool{false, true} {
			out = append(out, binary(fmt.Sprint(name, " exact ", exact), func(a, b ast.Expr) ast.Expr {
				return &ast.Compare{Op: ast.Eq + ast.CompareOp(op), Left: a, Right: b, Exact: exact}
			}))
		}
	}
	out = append(out,
		unary("not", func(a ast.Expr) ast.Expr { return &ast.Not{X: a} }),
		binary("and", func(a, b ast.Expr) ast.Expr { return &ast.And{X: []ast.Expr{a, b}} }),
		binary("or", func(a, b ast.Expr) ast.Expr { return &ast.Or{X: []ast.Expr{a, b}} }),
		binary("xor", func(a, b ast.Expr) ast.Expr { return &ast.Xor{Left: a, Right: b} }),
		binary("row", func(a, b ast.Expr) ast.Expr {
			return &ast.Compare{Op: ast.Lt, Left: &ast.Tuple{X: []ast.Expr{a, b}}, Right: &ast.Tuple{X: []ast.Expr{b, a}}}
		}),
		binary("in list", func(a, b ast.Expr) ast.Expr { return &ast.InList{X: a, List: []ast.Expr{b, a}} }),
		binary("case", func(a, b ast.Expr) ast.Expr {
			return &ast.Case{Operand: a, Whens: []ast.When{{Cond: b, Then: a}}, Else: b}
		}),
		binary("in query", func(a, b ast.Expr) ast.Expr { return &ast.InQuery{X: a, Query: one(b)} }),
		binary("any", func(a, b ast.Expr) ast.Expr { return &ast.Quantified{Op: ast.Lt, X: a, Query: one(b)} }),
		binary("all", func(a, b ast.Expr) ast.Expr { return &ast.Quantified{Op: ast.Ne, All: true, X: a, Query: one(b)} }),
		unary("exists", func(a ast.Expr) ast.Expr { return &ast.Exists{Query: one(a)} }),
		shape{"between", 3, func(x []ast.Expr) ast.Expr { return &ast.Between{X: x[0], Low: x[1], High: x[2]} }, function.Scalar},
		shape{"searched case", 3, func(x []ast.Expr) ast.Expr {
			return &ast.Case{Whens: []ast.When{{Cond: x[0], Then: x[1]}}, Else: x[2]}
		}, function.Scalar})
	for kind := ast.IsNull; kind <= ast.IsUnknown; kind++ {
		out = append(out, unary(fmt.Sprint("is ", kind), func(a ast.Expr) ast.Expr { return &ast.Is{X: a, Kind: kind} }))
	}
	return append(out, likes()...)
}

// one is a query of one row.
func one(e ast.Expr) *ast.Query {
	return &ast.Query{Body: &ast.Select{Items: []ast.SelectItem{{Expr: e}}}}
}

// likes are patterns that are short, long and deep.
func likes() (out []shape) {
	for name, pattern := range map[string]string{
		"%a%": "%a%", "a_": "a_", "none": "", "escape": `\%\\`, "200 wildcards": strings.Repeat("%a", 200),
		"1000 wildcards": strings.Repeat("%a", 1000), "4000 wildcards": strings.Repeat("%a", 4000), "long": strings.Repeat("a", 30_000),
	} {
		out = append(out, unary("like "+name, func(a ast.Expr) ast.Expr {
			return &ast.Like{X: a, Pattern: text(pattern)}
		}))
	}
	return append(out, binary("like", func(a, b ast.Expr) ast.Expr { return &ast.Like{X: a, Pattern: b} }),
		unary("like escape", func(a ast.Expr) ast.Expr { return &ast.Like{X: a, Pattern: text("a!%"), Escape: text("!")} }))
}

func text(s string) ast.Expr { return &ast.Literal{Kind: ast.StringLiteral, Text: s} }

func casts() (out []shape) {
	for kind := ast.CastChar; kind <= ast.CastBinary; kind++ {
		for _, size := range [][2]int{{-1, -1}, {3, -1}, {65, 30}, {38, 10}, {1, 0}, {6, -1}} {
			out = append(out, unary(fmt.Sprint("cast ", kind, size), func(a ast.Expr) ast.Expr {
				return &ast.Cast{X: a, Type: kind, Precision: size[0], Scale: size[1]}
			}))
		}
	}
	return out
}

func moments() (out []shape) {
	for _, u := range units {
		out = append(out,
			unary("extract "+string(u), func(a ast.Expr) ast.Expr { return &ast.Extract{Unit: u, X: a} }),
			binary("add "+string(u), func(a, b ast.Expr) ast.Expr { return &ast.DateAdd{X: a, Amount: b, Unit: u} }),
			binary("subtract "+string(u), func(a, b ast.Expr) ast.Expr { return &ast.DateAdd{X: a, Amount: b, Unit: u, Sub: true} }),
			binary("timestampdiff "+string(u), func(a, b ast.Expr) ast.Expr {
				return &ast.Call{Func: "timestampdiff", Unit: u, Args: []ast.Expr{a, b}}
			}),
			unary("date_trunc "+string(u), func(a ast.Expr) ast.Expr {
				return &ast.Call{Func: "date_trunc", Args: []ast.Expr{text(string(u)), a}}
			}))
	}
	for _, format := range []string{"%Y-%m-%d", "%y%c%e%H%k", "%h%I%l%i%s%S", "%p%T%r", "%j%w", "%U", "%u", "%v%x", "%M%b%W%a", "%f", "%"} {
		for _, name := range []string{"date_format", "str_to_date"} {
			out = append(out, unary(name+" "+format, func(a ast.Expr) ast.Expr {
				return &ast.Call{Func: name, Args: []ast.Expr{a, text(format)}}
			}))
		}
	}
	return out
}

// calls are the ways to call a function with n arguments.
func calls(f *function.Func, n int) (out []shape) {
	call := func(x []ast.Expr) *ast.Call { return &ast.Call{Func: f.Name, Args: slices.Clone(x)} }
	if f.Name == "timestampdiff" || f.Name == "date_trunc" || f.Name == "date_format" {
		return nil // in moments, with their constants
	}
	name := fmt.Sprint(f.Name, "/", n)
	if f.Kind == function.Scalar {
		return []shape{{name, n, func(x []ast.Expr) ast.Expr { return call(x) }, f.Kind}}
	}
	if f.Kind == function.Aggregate && n > 0 {
		out = append(out, shape{name, n, func(x []ast.Expr) ast.Expr { return call(x) }, f.Kind},
			shape{name + " distinct", n, func(x []ast.Expr) ast.Expr {
				c := call(x)
				c.Distinct = true
				return c
			}, f.Kind},
			shape{name + " order by", n, func(x []ast.Expr) ast.Expr {
				c := call(x)
				c.OrderBy = []ast.OrderItem{{Expr: x[0], Desc: true}}
				return c
			}, f.Kind})
	}
	for i, w := range windows() {
		out = append(out, shape{fmt.Sprint(name, " over ", i), n, func(x []ast.Expr) ast.Expr {
			c, over := call(x), *w
			if len(x) > 0 && over.OrderBy != nil {
				over.OrderBy = []ast.OrderItem{{Expr: x[0]}}
			}
			if len(x) > 0 && over.PartitionBy != nil {
				over.PartitionBy = x[:1]
			}
			c.Over = &over
			return c
		}, function.Window})
	}
	return out
}

// windows are kinds of windows; their expressions are filled in.
func windows() []*ast.Window {
	one := &ast.Literal{Kind: ast.IntLiteral, Text: "1"}
	frame := func(ranged bool, start, end ast.FrameBound) *ast.Frame {
		return &ast.Frame{Range: ranged, Start: start, End: &end}
	}
	sorted := []ast.OrderItem{{Expr: one}}
	current := ast.FrameBound{Kind: ast.CurrentRow}
	return []*ast.Window{
		{Inline: true},
		{Inline: true, PartitionBy: []ast.Expr{one}},
		{Inline: true, OrderBy: sorted},
		{Inline: true, OrderBy: sorted, Frame: frame(false, ast.FrameBound{Kind: ast.Preceding, Offset: one}, ast.FrameBound{Kind: ast.Following, Offset: one})},
		{Inline: true, OrderBy: sorted, Frame: frame(true, ast.FrameBound{Kind: ast.Preceding, Offset: one}, current)},
		{Inline: true, OrderBy: sorted, Frame: frame(true, current, ast.FrameBound{Kind: ast.Following, Offset: one, Unit: ast.Year})},
	}
}

// policyArgs are the types of the arguments of the functions that rules call:
// S a string, I a whole number, F a float, N a decimal, D a date, T an instant,
// Z one with a time zone.
var policyArgs = map[string]string{
	"starts_with": "SS", "ends_with": "SS", "contains": "SS", "size": "S", "concat": "SS", "add": "II", "sub": "II", "mul": "II",
	"div": "II", "mod": "II", "neg": "I", "from_date": "D", "from_datetime": "T", "from_datetimetz": "Z", "from_float": "F",
	"from_decimal": "N", "later": "TI", "elapsed": "TT", "calendar": "T", "truncate": "F", "lower_ascii": "S", "upper_ascii": "S",
	"trim": "S", "reverse": "S", "char_at": "SI", "index_of": "SSI", "last_index_of": "SS", "substring": "SII", "substring_from": "SI", "replace": "SSS",
}

var policyTypes = map[byte]ast.Type{'S': ast.String, 'I': ast.Integer, 'F': ast.Float, 'N': ast.Decimal, 'D': ast.Date, 'T': ast.DateTime, 'Z': ast.DateTimeTz}

// policies are the functions of rules, which never fail.
func policies() (out []shape) {
	for _, name := range []string{"replace", "cel.replace"} {
		out = append(out, unary(name+" by a long text", func(a ast.Expr) ast.Expr {
			if function.TypeOf(a) != ast.String {
				return nil
			}
			return &ast.Call{Func: name, Args: []ast.Expr{a, text("a"), text(strings.Repeat("b", long))}}
		}))
	}
	for _, name := range slices.Sorted(maps.Keys(policyArgs)) {
		types := policyArgs[name]
		out = append(out, shape{"cel." + name, len(types), func(x []ast.Expr) ast.Expr {
			for i, e := range x {
				if function.TypeOf(e) != policyTypes[types[i]] {
					return nil
				}
			}
			return &ast.Call{Func: "cel." + name, Args: slices.Clone(x)}
		}, function.Scalar})
	}
	return out
}
