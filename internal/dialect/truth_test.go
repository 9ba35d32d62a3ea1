package dialect_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/dialect"
)

// TestTruthNumbers: PostgreSQL, where truth values are no numbers, makes one
// from the other where MySQL would; elsewhere nothing is made.
func TestTruthNumbers(t *testing.T) {
	n, b, d := typed("n", ast.Integer), typed("b", ast.Boolean), typed("d", ast.Decimal)
	for _, c := range []struct {
		expr               ast.Expr
		postgresql, sqlite string
	}{
		{call("sum", b), `SUM(CAST("t"."b" AS integer))`, `SUM("t"."b")`},
		{call("max", compare(ast.Gt, n, 1)), `BOOL_OR("t"."n" > 1)`, `MAX("t"."n" > 1)`},
		{call("sum", n), `SUM("t"."n")`, `SUM("t"."n")`},
		{binary(ast.Add, b, d), `CAST("t"."b" AS integer) + "t"."d"`, `"t"."b" + "t"."d"`},
		{&ast.Neg{X: b}, `(-CAST("t"."b" AS integer))`, `(-"t"."b")`},
		{compare(ast.Eq, b, 1), `CAST("t"."b" AS integer) = 1`, `"t"."b" = 1`},
		{compare(ast.Eq, b, true), `"t"."b" = TRUE`, `"t"."b" = TRUE`},
		{compare(ast.Eq, b, compare(ast.Lt, n, 2)), `"t"."b" = ("t"."n" < 2)`, `"t"."b" = ("t"."n" < 2)`},
		{&ast.InList{X: b, List: lits(0, 1)}, `CAST("t"."b" AS integer) IN (0, 1)`, `"t"."b" IN (0, 1)`},
		{&ast.Between{X: b, Low: lit(0), High: d}, `CAST("t"."b" AS integer) BETWEEN 0 AND "t"."d"`, `"t"."b" BETWEEN 0 AND "t"."d"`},
		{&ast.And{X: lits(n, b, 1)}, `"t"."n" <> 0 AND "t"."b" AND 1 <> 0`, `"t"."n" AND "t"."b" AND 1`},
		{&ast.Or{X: lits(b, d)}, `"t"."b" OR "t"."d" <> 0`, `"t"."b" OR "t"."d"`},
		{&ast.Not{X: n}, `NOT ("t"."n" <> 0)`, `NOT "t"."n"`},
		{&ast.Not{X: b}, `NOT "t"."b"`, `NOT "t"."b"`},
		{&ast.Is{X: n, Kind: ast.IsTrue}, `("t"."n" <> 0) IS TRUE`, `"t"."n" IS TRUE`},
		{&ast.Is{X: n, Kind: ast.IsNull}, `"t"."n" IS NULL`, `"t"."n" IS NULL`},
		{call("if", n, b, 0), `CASE WHEN ("t"."n" <> 0) THEN CAST("t"."b" AS integer) ELSE 0 END`, `CASE WHEN "t"."n" THEN "t"."b" ELSE 0 END`},
		{&ast.Case{Whens: []ast.When{{Cond: n, Then: lit(1)}}, Else: b},
			`CASE WHEN "t"."n" <> 0 THEN 1 ELSE CAST("t"."b" AS integer) END`, `CASE WHEN "t"."n" THEN 1 ELSE "t"."b" END`},
		{&ast.Case{Operand: b, Whens: []ast.When{{Cond: lit(1), Then: lit("x")}}},
			`CASE CAST("t"."b" AS integer) WHEN 1 THEN 'x' END`, `CASE "t"."b" WHEN 1 THEN 'x' END`},
		{call("coalesce", b, 0), `COALESCE(CAST("t"."b" AS integer), 0)`, `COALESCE("t"."b", 0)`},
		{call("coalesce", b, false), `COALESCE("t"."b", FALSE)`, `COALESCE("t"."b", FALSE)`},
		{call("concat", b, "x"), `(CAST(CAST("t"."b" AS integer) AS text) || CAST('x' AS text))`, `("t"."b" || 'x')`},
		{cast(b, ast.CastInteger), `CAST("t"."b" AS integer)`, ""},
		{cast(b, ast.CastChar), `CAST(CAST("t"."b" AS integer) AS text)`, `CAST("t"."b" AS TEXT)`},
	} {
		assert.Equal(t, c.postgresql, printed(t, dialect.PostgreSQL, c.expr))
		if c.sqlite != "" {
			assert.Equal(t, c.sqlite, printed(t, dialect.SQLite, c.expr))
		}
	}
}

// TestTruthClauses: a number is a condition in every clause that takes one.
func TestTruthClauses(t *testing.T) {
	n := typed("n", ast.Integer)
	s := scan(n, "a")
	s.From = []ast.TableExpr{join(ast.InnerJoin, t1, table("t2", "u"), lit(1))}
	s.GroupBy, s.Having = lits(col("a")), call("count", n)
	sql, _, err := dialect.PostgreSQL.Print(body(s))
	require.NoError(t, err)
	assert.Equal(t, `SELECT "t"."a" AS "a" FROM "t1" AS "t" JOIN "t2" AS "u" ON 1 <> 0`+
		` WHERE "t"."n" <> 0 GROUP BY "t"."a" HAVING COUNT("t"."n") <> 0`, sql)
}

// TestRollupTwice: MariaDB sorts a rollup outside of a derived table, in which
// no two columns may have one name.
func TestRollupTwice(t *testing.T) {
	s := scan(nil, "s", "s")
	s.GroupBy, s.Rollup = lits(col("s")), true
	sql, _, err := dialect.MariaDB.Print(&ast.Query{Body: s, OrderBy: []ast.OrderItem{{Expr: lit(1)}}})
	require.NoError(t, err)
	assert.Equal(t, "SELECT `q`.`c1` AS `s`, `q`.`c2` AS `s` FROM (SELECT `t`.`s` AS `c1`, `t`.`s` AS `c2` FROM `t1` AS `t`"+
		" GROUP BY `t`.`s` WITH ROLLUP) AS `q` ORDER BY 1", sql)
}
