package resolve

import (
	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/function"
)

// MariaDB 10.11 crashes on some queries that read nothing but columns of the
// queries around them. What those mean can be said without them.

// oneRow returns the values that a query gives as its only row, if it is a SELECT
// of expressions and nothing else.
func oneRow(q *ast.Query) ([]ast.Expr, bool) {
	sel, ok := q.Body.(*ast.Select)
	if !ok || q.With != nil || q.Limit != nil || len(sel.From) > 0 || sel.Where != nil || sel.Having != nil || len(sel.GroupBy) > 0 {
		return nil, false
	}
	row := make([]ast.Expr, len(sel.Items))
	for i, it := range sel.Items {
		computed := false
		own(it.Expr, func(*ast.Call, *function.Func) { computed = true })
		if computed {
			return nil, false
		}
		row[i] = it.Expr
	}
	return row, true
}

// rowValue is a row of one or more values as an expression.
func rowValue(row []ast.Expr) ast.Expr {
	if len(row) == 1 {
		return row[0]
	}
	return &ast.Tuple{X: row}
}

// noOuter refuses columns of the queries around in the windows of a query and in
// the order of its aggregates: for its rows they are constants.
func (r *resolver) noOuter(e ast.Expr, s *scope, where string) {
	if e == nil || s.parent == nil {
		return
	}
	ast.Walk(e, func(x ast.Expr) bool {
		if c, ok := x.(*ast.Column); ok && r.err == nil && s.parent.sees(c.Rel) {
			r.refuse(fault.Unsupported, c.Pos, "a column of an outer query stands in %s", where).
				WithHint("leave it out: it is the same for all rows of this query")
		}
		return r.err == nil
	})
}

// sees reports whether a relation is one of the scope's or of those around it.
func (s *scope) sees(rel int) bool {
	for ; s != nil; s = s.parent {
		if s.has(rel) {
			return true
		}
	}
	return false
}
