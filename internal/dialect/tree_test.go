package dialect_test

import (
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/dialect"
)

// Short constructors, so that tables of trees stay readable.

func text(s string) ast.Expr { return &ast.Literal{Kind: ast.StringLiteral, Text: s} }
func date(s string) ast.Expr { return &ast.Literal{Kind: ast.DateLiteral, Text: s} }
func when(s string) ast.Expr { return &ast.Literal{Kind: ast.TimestampLiteral, Text: s} }
func col(name string) *ast.Column {
	return &ast.Column{Table: "t", Name: name, Rel: 1}
}
func typed(name string, t ast.Type) *ast.Column {
	return &ast.Column{Table: "t", Name: name, Rel: 1, Type: t}
}
func param(i int) ast.Expr { return &ast.Param{Index: i} }
func slot(id int) ast.Expr { return &ast.Slot{ID: id, Elem: -1, Type: ast.String} }

// lit makes a literal: nil, bool, int, float64 (a decimal), string; other trees pass.
func lit(v any) ast.Expr {
	switch v := v.(type) {
	case nil:
		return ast.Null()
	case bool:
		return &ast.Literal{Kind: ast.BoolLiteral, Text: strconv.FormatBool(v)}
	case int:
		if v < 0 {
			return &ast.Neg{X: &ast.Literal{Kind: ast.IntLiteral, Text: strings.TrimPrefix(strconv.Itoa(v), "-")}}
		}
		return &ast.Literal{Kind: ast.IntLiteral, Text: strconv.Itoa(v)}
	case float64:
		s := strconv.FormatFloat(v, 'f', -1, 64)
		if !strings.Contains(s, ".") {
			s += ".0"
		}
		if v < 0 {
			return &ast.Neg{X: &ast.Literal{Kind: ast.DecimalLiteral, Text: s[1:]}}
		}
		return &ast.Literal{Kind: ast.DecimalLiteral, Text: s}
	case string:
		return text(v)
	case ast.Expr:
		return v
	default:
		panic(fmt.Sprintf("no literal for %T", v))
	}
}

func lits(v ...any) []ast.Expr {
	out := make([]ast.Expr, len(v))
	for i := range v {
		out[i] = lit(v[i])
	}
	return out
}

func call(name string, args ...any) *ast.Call { return &ast.Call{Func: name, Args: lits(args...)} }

func diff(unit ast.Unit, a, b any) *ast.Call {
	c := call("timestampdiff", a, b)
	c.Unit = unit
	return c
}

func binary(op ast.BinaryOp, a, b any) ast.Expr {
	return &ast.Binary{Op: op, Left: lit(a), Right: lit(b)}
}
func compare(op ast.CompareOp, a, b any) *ast.Compare {
	return &ast.Compare{Op: op, Left: lit(a), Right: lit(b)}
}
func exact(op ast.CompareOp, a, b any) *ast.Compare {
	c := compare(op, a, b)
	c.Exact = true
	return c
}
func cast(x any, t ast.CastType, size ...int) ast.Expr {
	size = append(size, -1, -1)
	return &ast.Cast{X: lit(x), Type: t, Precision: size[0], Scale: size[1]}
}
func plus(x any, amount any, unit ast.Unit) *ast.DateAdd {
	return &ast.DateAdd{X: lit(x), Amount: lit(amount), Unit: unit}
}

var t1 = &ast.Physical{Parts: []string{"t1"}, Alias: "t"}

func from(tables ...ast.TableExpr) *ast.Select {
	return &ast.Select{Items: items(1), From: tables}
}
func items(v ...any) []ast.SelectItem {
	out := make([]ast.SelectItem, len(v))
	for i, e := range lits(v...) {
		out[i] = ast.SelectItem{Expr: e}
	}
	return out
}
func rows(v ...any) *ast.Query     { return &ast.Query{Body: selects(v...)} }
func selects(v ...any) *ast.Select { return &ast.Select{Items: items(v...)} }
func body(b ast.Body) *ast.Query   { return &ast.Query{Body: b} }
func derived(q *ast.Query, alias string) ast.TableExpr {
	return &ast.Derived{Query: q, Alias: alias}
}

// printed prints an expression as the one item of a SELECT, without the SELECT.
func printed(t *testing.T, d *dialect.Dialect, e ast.Expr) string {
	t.Helper()
	sql, _, err := d.Print(rows(e))
	require.NoError(t, err)
	return strings.TrimPrefix(sql, "SELECT ")
}

func open(t testing.TB) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", ":memory:")
	require.NoError(t, err)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

// run executes a printed query on SQLite; values holds those of placeholders
// by number and of slots by ID.
func run(t testing.TB, db *sql.DB, q *ast.Query, values ...any) [][]any {
	t.Helper()
	text, args, err := dialect.SQLite.Print(q)
	require.NoError(t, err)
	bound := make([]any, len(args))
	for i, a := range args {
		if a.Slot != nil {
			bound[i] = values[a.Slot.ID]
		} else {
			bound[i] = values[a.Param]
		}
	}
	rows, err := db.Query(text, bound...)
	require.NoError(t, err, text)
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(t, err)
	out := [][]any{}
	for rows.Next() {
		row := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		require.NoError(t, rows.Scan(into...))
		out = append(out, row)
	}
	require.NoError(t, rows.Err(), text)
	return out
}

// value executes an expression on SQLite and normalises the result.
func value(t testing.TB, db *sql.DB, e ast.Expr, values ...any) any {
	t.Helper()
	out := run(t, db, rows(e), values...)
	require.Len(t, out, 1)
	return normal(out[0][0])
}

func normal(v any) any {
	switch v := v.(type) {
	case bool:
		if v {
			return 1
		}
		return 0
	case int64:
		return int(v)
	case []byte:
		return string(v)
	case time.Time:
		return v.Format(time.DateTime)
	case float64:
		if v == float64(int(v)) {
			return int(v)
		}
		return v
	default:
		return v
	}
}
