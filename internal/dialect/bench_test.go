package dialect_test

import (
	"testing"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/dialect"
)

// BenchmarkPrint prints a query over one secured table, as Enforce does cold.
func BenchmarkPrint(b *testing.B) {
	secured := derived(body(scan(&ast.And{X: []ast.Expr{exact(ast.Eq, col("s"), slot(0)),
		&ast.Or{X: []ast.Expr{exact(ast.Eq, col("r"), slot(1)), compare(ast.Gt, col("n"), 5)}}}}, "a", "b", "s", "d")), "o")
	q := &ast.Query{Body: &ast.Select{
		Items:   items(at("o", "s"), call("sum", at("o", "b")), call("year", at("o", "d"))),
		From:    []ast.TableExpr{secured},
		Where:   &ast.And{X: []ast.Expr{compare(ast.Gt, at("o", "a"), 1), &ast.Like{X: at("o", "s"), Pattern: text("a%")}}},
		GroupBy: []ast.Expr{at("o", "s"), call("year", at("o", "d"))}},
		OrderBy: by(1), Limit: limit(10, nil)}
	for _, d := range dialect.All() {
		b.Run(d.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := d.Print(q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
