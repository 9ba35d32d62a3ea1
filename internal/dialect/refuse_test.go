package dialect_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/dialect"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/function"
)

func refusal(t *testing.T, d *dialect.Dialect, q *ast.Query) *fault.Error {
	t.Helper()
	sql, args, err := d.Print(q)
	var f *fault.Error
	require.ErrorAs(t, err, &f, sql)
	assert.Empty(t, sql)
	assert.Empty(t, args)
	return f
}

// TestUnresolved: a tree that isn't resolved or is malformed is our defect, and
// is refused on every dialect.
func TestUnresolved(t *testing.T) {
	query := func(s *ast.Select) *ast.Query { return body(s) }
	cases := map[string]*ast.Query{
		"nil query":            nil,
		"no body":              {},
		"no items":             query(&ast.Select{From: []ast.TableExpr{t1}}),
		"name":                 rows(&ast.Name{Pos: 8, Parts: []string{"x"}}),
		"star":                 rows(&ast.Star{Pos: 8}),
		"nil item":             query(&ast.Select{Items: []ast.SelectItem{{}}}),
		"table name":           query(from(&ast.TableName{Parts: []string{"x"}})),
		"nil table":            query(from(nil)),
		"no alias":             query(from(derived(rows(1), ""))),
		"column list":          query(from(&ast.Derived{Query: rows(1), Alias: "q", Columns: []string{"a"}})),
		"natural":              query(from(&ast.Join{Kind: ast.InnerJoin, Natural: true, Left: t1, Right: t1})),
		"using":                query(from(&ast.Join{Kind: ast.InnerJoin, Using: []string{"a"}, Left: t1, Right: t1})),
		"join kind":            query(from(&ast.Join{Left: t1, Right: t1})),
		"no table parts":       query(from(&ast.Physical{Alias: "t"})),
		"no table alias":       query(from(&ast.Physical{Parts: []string{"t"}})),
		"column without table": rows(&ast.Column{Name: "a"}),
		"comparison":           rows(compare(0, 1, 2)),
		"comparison of null":   rows(&ast.Compare{Op: ast.Eq, Left: lit(1)}),
		"is":                   rows(&ast.Is{X: lit(1)}),
		"empty and":            rows(&ast.And{}),
		"empty in":             rows(&ast.InList{X: lit(1)}),
		"empty case":           rows(&ast.Case{}),
		"short tuple":          rows(&ast.Tuple{X: lits(1)}),
		"operator":             rows(binary(99, 1, 2)),
		"literal kind":         rows(&ast.Literal{Text: "1"}),
		"literal text":         rows(&ast.Literal{Kind: ast.IntLiteral, Text: "1; DROP TABLE t1"}),
		"negative literal":     rows(&ast.Literal{Kind: ast.IntLiteral, Text: "-1"}),
		"date text":            rows(date("2020-01-01', (SELECT 1), '")),
		"nul":                  rows(text("a\x00b")),
		"invalid utf-8":        rows(text("a\xffb")),
		"set operator":         body(&ast.SetOp{Left: selects(1), Right: selects(1)}),
		"empty with":           {With: &ast.With{}, Body: selects(1)},
		"empty values":         body(&ast.Values{}),
		"nil operand":          body(setOp(ast.Union, false, selects(1), (*ast.Query)(nil))),
		"separator":            rows(&ast.Call{Func: "group_concat", Args: lits("a"), OrderBy: by("a"), Separator: new("\x00")}),
		"limit":                {Body: selects(1), Limit: limit(text("1"), nil)},
		"limit expression":     {Body: selects(1), Limit: limit(binary(ast.Add, 1, 1), nil)},
		"unit":                 rows(plus(date("2024-01-01"), 1, "year; --")),
		"frame":                rows(over(call("count", 1), &ast.Window{Inline: true, Frame: &ast.Frame{}})),
		"policy function":      rows(call("cel.size", "a", "b")),
		"policy option":        rows(&ast.Call{Func: "cel.size", Args: lits("a"), Distinct: true}),
		"exact tuple":          rows(exact(ast.Eq, &ast.Tuple{X: lits(1, 2)}, &ast.Tuple{X: lits(1, 2)})),
	}
	for name, q := range cases {
		for _, d := range dialect.All() {
			t.Run(d.Name+"/"+name, func(t *testing.T) {
				if name == "separator" && !d.Supports("group_concat") || name == "empty values" && !d.Values {
					t.Skip("is refused before")
				}
				assert.Equal(t, fault.Internal, refusal(t, d, q).Kind)
			})
		}
	}
}

// TestRefusedEverywhere: what no database may get.
func TestRefusedEverywhere(t *testing.T) {
	option := func(change func(c *ast.Call)) ast.Expr {
		c := call("sum", col("a"))
		c.Pos = 7
		change(c)
		return c
	}
	at7 := func(e ast.Expr) ast.Expr {
		switch n := e.(type) {
		case *ast.Call:
			n.Pos = 7
		case *ast.Like:
			n.Pos = 7
		}
		return e
	}
	cases := map[string]ast.Expr{
		"unknown function":   at7(call("sleep", 1)),
		"cel by a user":      at7(call("cel.matches", "a", "b")),
		"too many arguments": at7(call("abs", 1, 2)),
		"too few arguments":  at7(call("substring", "a")),
		"star":               option(func(c *ast.Call) { c.Star, c.Args = true, nil }),
		"distinct over":      option(func(c *ast.Call) { c.Distinct, c.Over = true, &ast.Window{Inline: true} }),
		"order by":           option(func(c *ast.Call) { c.OrderBy = by(1) }),
		"ignore nulls":       option(func(c *ast.Call) { c.IgnoreNulls, c.Over = true, &ast.Window{Inline: true} }),
		"unit":               option(func(c *ast.Call) { c.Unit = ast.Day }),
		"no over":            at7(call("row_number")),
		"scalar over":        at7(over(call("abs", 1), &ast.Window{Inline: true})),
		"count nothing":      at7(call("count")),
		"no unit":            at7(call("timestampdiff", date("2024-01-01"), date("2024-01-01"))),
		"unknown unit":       at7(call("date_trunc", "century", date("2024-01-01"))),
		"unit not constant":  at7(call("date_trunc", col("s"), date("2024-01-01"))),
		"long padding":       at7(call("lpad", "a", 1001, "x")),
		"padding by column":  at7(call("rpad", "a", col("a"), "x")),
		"padding with none":  at7(call("rpad", "a", 3, "")),
		"week mode":          at7(call("week", date("2024-01-01"), 1)),
		"long escape":        at7(&ast.Like{X: text("a"), Pattern: text("b"), Escape: text("xy")}),
		"escape by column":   at7(&ast.Like{X: text("a"), Pattern: text("b"), Escape: col("s")}),
	}
	for name, e := range cases {
		for _, d := range dialect.All() {
			t.Run(d.Name+"/"+name, func(t *testing.T) {
				f := refusal(t, d, body(&ast.Select{Items: items(e), From: []ast.TableExpr{t1}}))
				assert.Equal(t, fault.Unsupported, f.Kind, f.Msg)
				assert.Equal(t, 7, f.Pos)
			})
		}
	}
}

// TestRefusedSomewhere: what a dialect can't express exactly, by name.
func TestRefusedSomewhere(t *testing.T) {
	cases := []struct {
		name string
		expr ast.Expr
		on   string
	}{
		{"bit or", binary(ast.BitOr, 1, 2), "sqlite postgresql duckdb"},
		{"bit and of columns", binary(ast.BitAnd, col("a"), col("b")), "sqlite postgresql duckdb"},
		{"bit not", &ast.BitNot{X: lit(1)}, "sqlite postgresql duckdb"},
		{"shift", binary(ast.ShiftLeft, 1, 2), "sqlite postgresql duckdb"},
		{"unsigned", cast(1, ast.CastUnsigned), "sqlite postgresql duckdb"},
		{"binary", cast("a", ast.CastBinary), "sqlite postgresql duckdb"},
		{"float", cast("1.5", ast.CastFloat), "sqlite"},
		{"decimal div", binary(ast.IntDiv, 0.3, 0.1), "sqlite duckdb"},
		{"decimal mod", binary(ast.Mod, 0.3, 0.1), "sqlite"},
		{"truncate digits", call("truncate", 1.15, 2), "sqlite"},
		{"trim string", call("trim", "abab", "ab"), "sqlite postgresql duckdb"},
		{"microseconds", call("microsecond", when("2024-01-01 00:00:00.5")), "sqlite"},
		{"str_to_date", call("str_to_date", "2024", "%Y"), "sqlite postgresql duckdb"},
		{"format of column", call("date_format", date("2024-01-01"), col("s")), "sqlite postgresql duckdb"},
		{"unknown specifier", call("date_format", date("2024-01-01"), "%Q"), "sqlite postgresql duckdb"},
		{"broken specifier", call("date_format", date("2024-01-01"), "%Y%"), "sqlite postgresql duckdb"},
		{"lag default", over(call("lag", 1, 1, 0), &ast.Window{Inline: true}), "mariadb"},
		{"bit_xor", call("bit_xor", 1), "sqlite postgresql duckdb"},
		{"any tuple", &ast.Quantified{Op: ast.Ne, X: &ast.Tuple{X: lits(1, 2)}, Query: rows(1, 2)}, "sqlite duckdb"},
		{"null safe any", &ast.Quantified{Op: ast.NullSafeEq, X: lit(1), Query: rows(1)}, "sqlite postgresql mysql mariadb duckdb"},
	}
	for _, c := range cases {
		for _, d := range dialect.All() {
			t.Run(d.Name+"/"+c.name, func(t *testing.T) {
				if !strings.Contains(c.on, d.Name) {
					_, _, err := d.Print(rows(c.expr))
					if strings.Contains("sqlite postgresql mysql mariadb duckdb", d.Name) {
						require.NoError(t, err)
					}
					return
				}
				f := refusal(t, d, rows(c.expr))
				assert.Equal(t, fault.Unsupported, f.Kind)
			})
		}
	}
}

// TestGrowth: translations that repeat their arguments can't exhaust memory.
func TestGrowth(t *testing.T) {
	var e ast.Expr = col("a")
	for range 60 {
		e = call("substring", e, -1)
	}
	f := refusal(t, dialect.SQLite, body(&ast.Select{Items: items(e), From: []ast.TableExpr{t1}}))
	assert.Equal(t, fault.Limit, f.Kind)

	e = col("a")
	for range 20000 {
		e = &ast.Not{X: e}
	}
	assert.Equal(t, fault.Limit, refusal(t, dialect.MySQL, rows(e)).Kind)
}

func TestByName(t *testing.T) {
	for _, d := range dialect.All() {
		got, ok := dialect.ByName(d.Name)
		assert.True(t, ok)
		assert.Same(t, d, got)
	}
	_, ok := dialect.ByName("oracle")
	assert.False(t, ok)
}

// TestSupportsKnowsTheList: no dialect translates a function that the closed
// list lacks, except those for policies and operators.
func TestSupportsKnowsTheList(t *testing.T) {
	for _, d := range dialect.All() {
		for key := range d.Functions {
			name, _, _ := strings.Cut(key, "/")
			name, _, _ = strings.Cut(name, " ")
			if strings.HasPrefix(name, "cel.") || name == "~" {
				continue
			}
			f, ok := function.Lookup(name)
			if assert.True(t, ok, "%s: %s", d.Name, key) {
				assert.Equal(t, name, f.Name, "translations go by the canonical name")
			}
		}
		assert.True(t, d.Supports("ucase"))
		assert.Equal(t, d != dialect.ClickHouse, d.Supports("timestampdiff"))
		assert.True(t, d.Supports("cel.size"))
		assert.False(t, d.Supports("sleep"))
	}
	assert.False(t, dialect.SQLite.Supports("median"))
}
