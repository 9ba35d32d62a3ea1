package dialect_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/dialect"
	"github.com/hedgerow/hedgerow/internal/function"
)

func TestTotal(t *testing.T) {
	n, s, unknown := typed("n", ast.Integer), typed("s", ast.String), col("u")
	const everywhere = "sqlite postgresql mysql mariadb duckdb clickhouse trino snowflake bigquery"
	for name, c := range map[string]struct {
		expr ast.Expr
		on   string
	}{
		"column":               {n, everywhere},
		"comparison":           {compare(ast.Eq, n, 1), everywhere},
		"text and number":      {compare(ast.Eq, n, s), everywhere}, // printed as two texts
		"text and unknown":     {compare(ast.Eq, s, unknown), "sqlite postgresql mysql mariadb"},
		"number in texts":      {&ast.InQuery{X: n, Query: body(&ast.Select{Items: []ast.SelectItem{named("s", s)}, From: []ast.TableExpr{t1}})}, everywhere},
		"exact comparison":     {exact(ast.Eq, unknown, slot(0)), everywhere},
		"unknown comparison":   {compare(ast.Eq, unknown, 1), "sqlite postgresql mysql mariadb"},
		"placeholder":          {compare(ast.Eq, n, param(0)), everywhere},
		"placeholder and text": {compare(ast.Eq, s, param(0)), "sqlite postgresql mysql mariadb"},
		"unknown condition":    {&ast.And{X: []ast.Expr{unknown, lit(true)}}, "sqlite postgresql mysql mariadb"},
		"plus":                 {binary(ast.Add, n, 1), "sqlite"},
		"minus sign":           {&ast.Neg{X: n}, "sqlite"},
		"whole division":       {binary(ast.Div, n, n), "sqlite postgresql mariadb duckdb"},
		"decimal division":     {binary(ast.Div, typed("d", ast.Decimal), n), "sqlite"},
		"remainder":            {binary(ast.Mod, n, n), "sqlite postgresql mariadb"},
		"cast":                 {cast(s, ast.CastInteger), "sqlite mariadb"},
		"interval":             {plus(typed("d", ast.Date), n, ast.Year), "sqlite mariadb"},
		"part of a date":       {&ast.Extract{Unit: ast.Year, X: s}, "sqlite mariadb"},
		"constants":            {binary(ast.Sub, 0.06, 0.01), everywhere},
		"large constants":      {binary(ast.Mul, 1<<40, 1<<40), "sqlite"},
		"constant interval":    {plus(date("2024-02-29"), &ast.Neg{X: lit(30)}, ast.Day), everywhere},
		"clock and interval":   {plus(plus(call("now"), 1, ast.Year), 1, ast.Day), everywhere},
		"long interval":        {plus(date("2024-02-29"), 1<<20, ast.Year), "sqlite mariadb"},
		"cast to its type":     {cast(typed("d", ast.Date), ast.CastDate), everywhere},
		"left":                 {call("left", s, 3), "sqlite postgresql mariadb duckdb"},
		"left of column":       {call("left", s, n), "sqlite mariadb"},
		"left by a large one":  {call("left", s, 1<<40), "sqlite mariadb"},
		"lower":                {call("lcase", s), everywhere},
		"concat":               {call("concat", s, s), "mariadb"},
		"absolute":             {call("abs", n), ""},
		"absolute of decimal":  {call("abs", typed("d", ast.Decimal)), "postgresql"},
		"like":                 {&ast.Like{X: s, Pattern: text("a%")}, everywhere},
		"like at run":          {&ast.Like{X: s, Pattern: s}, "postgresql"},
		"scalar query":         {&ast.Subquery{Query: rows(1)}, ""},
		"function of policies": {call("cel.size", s), ""},
		"unresolved":           {&ast.Name{}, ""},
		"nothing":              {nil, ""},
	} {
		on := []string{}
		for _, d := range dialect.All() {
			if d.Total(c.expr) {
				on = append(on, d.Name)
			}
		}
		assert.Equal(t, strings.Fields(c.on), on, name)
	}
}

// extremes are values at which functions fail, by type.
func extremes(d *dialect.Dialect) map[ast.Type][]ast.Expr {
	whole := []ast.Expr{ast.Null(), lit(0), lit(-1), lit(3), lit(1<<63 - 1),
		&ast.Neg{X: &ast.Literal{Kind: ast.IntLiteral, Text: "9223372036854775808"}}}
	float := func(s string) ast.Expr { return &ast.Literal{Kind: ast.FloatLiteral, Text: s} }
	out := map[ast.Type][]ast.Expr{
		ast.Integer: whole,
		ast.Float:   {float("0e0"), &ast.Neg{X: float("1e300")}, float("1e300"), float("1e-300")},
		ast.Decimal: {lit(0.0), lit(-2.5), &ast.Literal{Kind: ast.DecimalLiteral, Text: strings.Repeat("9", 60) + ".99999"}},
		ast.String:  {text(""), text("2024-02-31"), text("9999-12-31 23:59:59"), text("-1e999x"), text("é𐍈")},
		ast.Date:    {date("0001-01-01"), date("9999-12-31")},
	}
	if d == dialect.DuckDB {
		out[ast.Decimal] = out[ast.Decimal][:2]
	}
	return out
}

// TestTotals tries everything that a dialect calls total with extreme values.
func TestTotals(t *testing.T) {
	onServers(t, func(t *testing.T, e engine) {
		tried := 0
		for _, key := range slices.Sorted(maps.Keys(e.d.Totals)) {
			for _, args := range combinations(e.d, strings.Fields(e.d.Totals[key]), operandsOf(key)) {
				for _, expr := range built(key, args) {
					sql, _, err := e.d.Print(rows(expr))
					if err != nil || !e.d.Total(expr) {
						continue // of these arguments the call is refused, or not total
					}
					_, err = e.query(t, sql)
					assert.NoError(t, err, "%s: %s", key, sql)
					tried++
				}
			}
		}
		t.Logf("%d expressions", tried)
		assert.True(t, tried > 500 || e.d == dialect.PostgreSQL || e.d == dialect.DuckDB)
		assert.Greater(t, tried, 50)
	})
}

// operandsOf gives the number of operands of a function or operator.
func operandsOf(key string) []int {
	switch {
	case key == "neg" || key == "cast":
		return []int{1}
	case strings.Contains("+ - * / DIV % & interval", key):
		return []int{2}
	}
	name, arity, cut := strings.Cut(key, "/")
	if cut {
		return []int{int(arity[0] - '0')}
	}
	f, _ := function.Lookup(name)
	var out []int
	for n := f.Min; n <= max(f.Min, min(f.Max, 3)); n++ {
		out = append(out, n)
	}
	return out
}

// combinations gives lists of extreme operands that an entry allows.
func combinations(d *dialect.Dialect, words []string, counts []int) (all [][]ast.Expr) {
	values := extremes(d)
	for _, n := range counts {
		lists := [][]ast.Expr{nil}
		for i := range n {
			var allowed []ast.Expr
			switch word := words[min(i, len(words)-1)]; word {
			case "*":
				for _, kind := range []ast.Type{ast.Integer, ast.Float, ast.Decimal, ast.String, ast.Date} {
					allowed = append(allowed, values[kind]...)
				}
			case "const":
				allowed = lits(0, 1, -2, 1000000)
			default:
				for _, kind := range strings.Split(word, "|") {
					allowed = append(allowed, values[ast.Type(kind)]...)
				}
			}
			if n > 1 && len(allowed) > 6 { // every third is enough, beginning anywhere
				var some []ast.Expr
				for j := i; j < len(allowed); j += 3 {
					some = append(some, allowed[j])
				}
				allowed = some
			}
			var longer [][]ast.Expr
			for _, l := range lists {
				for _, x := range allowed {
					longer = append(longer, append(slices.Clone(l), x))
				}
			}
			lists = longer
		}
		all = append(all, lists...)
	}
	return all
}

// built makes the expressions that a key of the table stands for.
func built(key string, args []ast.Expr) (out []ast.Expr) {
	operators := map[string]ast.BinaryOp{"+": ast.Add, "-": ast.Sub, "*": ast.Mul, "/": ast.Div, "DIV": ast.IntDiv, "%": ast.Mod, "&": ast.BitAnd}
	if op, ok := operators[key]; ok {
		return []ast.Expr{binary(op, args[0], args[1])}
	}
	name, _, _ := strings.Cut(key, "/")
	switch name {
	case "neg":
		out = append(out, &ast.Neg{X: args[0]})
	case "cast":
		for kind := ast.CastChar; kind <= ast.CastBinary; kind++ {
			out = append(out, cast(args[0], kind))
		}
	case "interval":
		for _, unit := range []ast.Unit{ast.Second, ast.Day, ast.Month, ast.Year} {
			out = append(out, plus(args[0], args[1], unit))
		}
	case "timestampdiff":
		out = append(out, diff(ast.Second, args[0], args[1]), diff(ast.Month, args[0], args[1]))
	case "date_trunc":
		out = append(out, call(name, "week", args[1]), call(name, "quarter", args[1]))
	case "date_format", "str_to_date":
		out = append(out, call(name, args[0], "%Y-%m-%d"))
	default:
		out = append(out, &ast.Call{Func: name, Args: args})
	}
	return out
}

// TestOverflow: a whole number that doesn't fit becomes NULL or an error, and
// never another number.
func TestOverflow(t *testing.T) {
	high := typed("h", ast.Integer)
	low := typed("l", ast.Integer)
	q := func(e ast.Expr) *ast.Query {
		return body(&ast.Select{Items: items(e), From: []ast.TableExpr{&ast.Physical{Parts: []string{"t3"}, Alias: "t"}}})
	}
	onServers(t, func(t *testing.T, e engine) {
		for _, s := range []string{"CREATE TABLE t3 (h BIGINT, l BIGINT)", "INSERT INTO t3 VALUES (9223372036854775807, -9223372036854775807 - 1)"} {
			_, err := e.Exec(s)
			require.NoError(t, err)
		}
		for _, c := range []struct {
			name string
			expr ast.Expr
		}{
			{"plus", binary(ast.Add, high, 1)},
			{"minus", binary(ast.Sub, low, 1)},
			{"times", binary(ast.Mul, high, 2)},
			{"there and back", binary(ast.Sub, binary(ast.Add, high, 1), 1)},
			{"below another function", binary(ast.Sub, call("if", true, binary(ast.Mul, high, high), 1), binary(ast.Mul, high, high))},
			{"minus sign", &ast.Neg{X: low}},
			{"divided", binary(ast.IntDiv, low, -1)},
			{"remainder after", binary(ast.Mod, binary(ast.Mul, high, 4), 10)},
			{"divided after", binary(ast.IntDiv, binary(ast.Add, high, 1), 2)},
		} {
			text, _, err := e.d.Print(q(c.expr))
			require.NoError(t, err)
			out, err := e.query(t, text)
			if err == nil {
				assert.Nil(t, out[0][0], "%s: %s", c.name, text)
			}
		}
		for _, c := range []struct {
			name string
			expr ast.Expr
			want any
		}{
			{"to the limit", binary(ast.Sub, binary(ast.Add, low, 1), 1), int64(-1 << 63)},
			{"highest", binary(ast.Add, binary(ast.Sub, high, 1), 1), int64(1<<63 - 1)},
			{"small", binary(ast.Mul, 3, binary(ast.Add, 4, 5)), int64(27)},
		} {
			text, _, err := e.d.Print(q(c.expr))
			require.NoError(t, err)
			out, err := e.query(t, text)
			require.NoError(t, err, text)
			assert.Equal(t, fmt.Sprint(c.want), fmt.Sprint(out[0][0]), "%s: %s", c.name, text)
		}
	})
}
