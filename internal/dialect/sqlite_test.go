package dialect_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/dialect"
)

// TestExactUsesIndex: a comparison that is exact under any collation still
// finds rows by an index.
func TestExactUsesIndex(t *testing.T) {
	db := open(t)
	_, err := db.Exec("CREATE TABLE t1 (s TEXT, n TEXT COLLATE NOCASE); CREATE INDEX i1 ON t1(s); INSERT INTO t1 VALUES ('a', 'a'), ('A', 'A')")
	require.NoError(t, err)
	for _, e := range []ast.Expr{
		exact(ast.Eq, col("s"), "a"), exact(ast.Gt, col("s"), "a"),
		&ast.InList{X: col("s"), List: lits("a", "b"), Exact: true},
	} {
		sql, _, err := dialect.SQLite.Print(body(scan(e, "n")))
		require.NoError(t, err)
		var id, parent, unused int
		var plan string
		require.NoError(t, db.QueryRow("EXPLAIN QUERY PLAN "+sql).Scan(&id, &parent, &unused, &plan))
		assert.Contains(t, plan, "USING INDEX i1", sql)
	}
	for _, e := range []ast.Expr{
		exact(ast.Eq, col("n"), "a"), exact(ast.Ge, col("n"), "a"), exact(ast.NullSafeEq, col("n"), "a"),
		exact(ast.Ne, col("n"), "A"), exact(ast.Eq, "a", col("n")),
		&ast.InList{X: col("n"), List: lits("a"), Exact: true},
		&ast.InList{X: col("n"), List: lits("A"), Exact: true, Not: true},
		call("cel.starts_with", "a", col("n")), call("cel.ends_with", "a", col("n")),
		call("cel.starts_with", col("n"), "a"), call("cel.ends_with", col("n"), "a"), call("cel.contains", col("n"), "a"),
	} {
		got := run(t, db, body(scan(e, "n")))
		assert.Equal(t, [][]any{{"a"}}, got)
	}
}

// TestQuantified holds ANY and ALL against their definition in three-valued
// logic, for every operator over small lists with NULL.
func TestQuantified(t *testing.T) {
	db := open(t)
	lists := [][]any{{}, {1}, {2}, {nil}, {1, 2}, {1, nil}, {2, nil}, {1, 1}, {0, 1, 2, nil}}
	for _, op := range []ast.CompareOp{ast.Eq, ast.Ne, ast.Lt, ast.Le, ast.Gt, ast.Ge} {
		for _, list := range lists {
			for _, x := range []any{1, 2, nil} {
				for _, all := range []bool{false, true} {
					q := body(&ast.Select{Items: items(1), Where: lit(false)})
					for _, v := range list {
						q = body(setOp(ast.Union, true, q.Body, selects(v)))
					}
					want := quantified(t, op, all, x, list)
					got := value(t, db, &ast.Quantified{Op: op, All: all, X: lit(x), Query: q})
					require.EqualValues(t, want, got, fmt.Sprint(op, all, x, list))
				}
			}
		}
	}
}

func quantified(t *testing.T, op ast.CompareOp, all bool, x any, list []any) any {
	unknown := false
	for _, v := range list {
		if x == nil || v == nil {
			unknown = true
			continue
		}
		a, b := x.(int), v.(int)
		holds := map[ast.CompareOp]bool{ast.Eq: a == b, ast.Ne: a != b, ast.Lt: a < b, ast.Le: a <= b, ast.Gt: a > b, ast.Ge: a >= b}[op]
		if holds != all {
			return map[bool]int{false: 0, true: 1}[!all]
		}
	}
	if unknown {
		return nil
	}
	return map[bool]int{false: 0, true: 1}[all]
}

// TestQuantifiedAggregate: the operand may be an aggregate of the outer query.
func TestQuantifiedAggregate(t *testing.T) {
	db := open(t)
	_, err := db.Exec(schema)
	require.NoError(t, err)
	got := run(t, db, body(&ast.Select{Items: items(col("s")), From: []ast.TableExpr{t1}, GroupBy: []ast.Expr{col("s")},
		Having: &ast.Quantified{Op: ast.Ge, All: true, X: call("max", col("a")), Query: rows(3)}}))
	assert.ElementsMatch(t, [][]any{{"X"}, {"x"}}, got)
}

func TestNow(t *testing.T) {
	db := open(t)
	for name, size := range map[string]int{"now": 19, "curdate": 10, "curtime": 8, "utc_date": 10, "utc_timestamp": 19} {
		assert.Len(t, value(t, db, call(name)), size, name)
	}
}

// TestUntypedDates: what is only known at run time keeps the form of its input.
func TestUntypedDates(t *testing.T) {
	db := open(t)
	for in, want := range map[any]any{"2024-01-31": "2024-02-29", "2024-01-31 10:00:00": "2024-02-29 10:00:00", nil: nil} {
		assert.Equal(t, want, value(t, db, plus(param(0), 1, ast.Month), in))
		assert.Equal(t, want, value(t, db, plus(param(0), param(1), ast.Month), in, 1))
	}
}
