package mysql_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
)

func TestParseExpr(t *testing.T) {
	cases := []struct {
		text string
		ansi bool
		want string
	}{
		{"a", false, "a"}, {"Order", false, "Order"}, {"`Group`", false, "Group"}, {" select ", false, "select"}, {"DUAL", false, "DUAL"},
		{"current_date", true, "current_date"}, {"null", true, "null"},
		{"a", true, "a"}, {`"Order By"`, true, "Order By"}, {`"a""b"`, true, `a"b`}, {"values", true, "values"},
		{"orders.amount", true, "orders.amount"}, {`orders."order"`, true, "orders.order"}, {"orders.select", false, "orders.select"},
		{"a + 1", false, "(+ a 1)"}, {`"x"`, false, `"x"`}, {`'a\'b'`, false, `"a'b"`},
		{`'a\b'`, true, `"a\\b"`}, {`'50\%'`, true, `"50\\%"`}, {"'it''s'", true, `"it's"`}, {`'"'`, true, `"\""`}, {"'`'", true, "\"`\""},
		{"a || ' ' || b", true, `(concat a " " b)`},
		{"a || b + 1 || c", true, "(concat a (+ b 1) c)"},
		{"a || b = c || d and e", true, "(and (= (concat a b) (concat c d)) e)"},
		{"(a || b) || (c || d)", true, "(concat a b (concat c d))"},
		{"case when a || b in ('x' || y) then 1 end", true, `(case (when (in (concat a b) (list (concat "x" y))) 1))`},
		{"a -- b || c\n + 1", true, "(+ a 1)"}, {"a --b", true, "a"}, {"a /* || ' */ + 1", true, "(+ a 1)"},
		{"a + 1 -- end", false, "(+ a 1)"}, {"a + 1 # end", false, "(+ a 1)"},
		{"sum(orders.amount) / nullif(count(distinct orders.id), 0)", true, "(/ (sum orders.amount) (nullif (count orders.id distinct) 0))"},
		{"cast(a as varchar(20)) || 'x'", true, `(concat (cast a char:20) "x")`},
		{`"first" || ', ' || "last"`, true, `(concat first ", " last)`},
		{"(a)", false, "a"},
	}
	p := newParser(t)
	for _, c := range cases {
		t.Run(c.text, func(t *testing.T) {
			e, err := p.ParseExpr(c.text, c.ansi)
			require.NoError(t, err)
			assert.Equal(t, c.want, dump(e))
		})
	}
}

func TestParseExprRefuses(t *testing.T) {
	cases := []struct {
		text string
		ansi bool
		kind fault.Kind
		pos  int
	}{
		{"", false, fault.Syntax, 0},
		{" -- x", true, fault.Syntax, 0},
		{"a b", false, fault.Syntax, 3},
		{"a as b", false, fault.Syntax, 3},
		{"a, b", false, fault.Unsupported, 1},
		{"(a, b)", false, fault.Unsupported, 1},
		{"a from t", false, fault.Syntax, 3},
		{"a)", false, fault.Syntax, 2},
		{"a) + (b", false, fault.Syntax, 2},
		{"*", false, fault.Syntax, 1},
		{"a;", false, fault.Syntax, 2},
		{"a + ;", false, fault.Syntax, 5},
		{"distinct a", false, fault.Syntax, 1},
		{"a = ?", false, fault.Unsupported, 5},
		{"(select 1)", false, fault.Unsupported, 2},
		{"exists (select 1)", true, fault.Unsupported, 9},
		{"a || b", false, fault.Unsupported, 3},
		{"a like 'x' || b", true, fault.Syntax, 12},
		{"a.b.c + 1", true, fault.Unsupported, 1},
		{"a.b.c", false, fault.Unsupported, 1},
		{"a << 1", true, fault.Unsupported, 3},
		{"a | 1", true, fault.Unsupported, 3},
		{"`a` + 1", true, fault.Unsupported, 1},
		{"E'a'", true, fault.Unsupported, 2},
		{"@a", false, fault.Unsupported, 1},
		{"'abc", true, fault.Syntax, 1},
		{`"abc`, true, fault.Syntax, 1},
		{"a /*! b */", true, fault.Unsupported, 3},
		{`'\' + ) + 1`, true, fault.Syntax, 7},
		{`'\' || "a" || ) `, true, fault.Syntax, 15},
		{`'\' + + `, true, fault.Syntax, 8},
		{`""`, true, fault.Syntax, 1},
		{"\"a\tb\"", true, fault.Unsupported, 1},
		{"\xff", true, fault.Syntax, 1},
	}
	p := newParser(t)
	for _, c := range cases {
		t.Run(c.text, func(t *testing.T) {
			e, err := p.ParseExpr(c.text, c.ansi)
			require.Error(t, err)
			assert.Nil(t, e)
			f := faultOf(t, err)
			assert.Equal(t, c.kind, f.Kind, "%v", f)
			assert.Equal(t, c.pos, f.Pos, "%v", f)
		})
	}
}

func TestParseExprPositions(t *testing.T) {
	const text = `'\\' || "a" || "bc"`
	e, err := newParser(t).ParseExpr(text, true)
	require.NoError(t, err)
	call := e.(*ast.Call)
	require.Len(t, call.Args, 3)
	assert.Equal(t, 6, call.Pos)
	assert.Equal(t, 9, call.Args[1].(*ast.Name).Pos)
	assert.Equal(t, 16, call.Args[2].(*ast.Name).Pos)
}
