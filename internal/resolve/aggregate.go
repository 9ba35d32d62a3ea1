package resolve

import (
	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/function"
)

// settleHaving makes a HAVING that filters rows, as MySQL has it without
// groups and aggregates, the WHERE that other databases need.
func (r *resolver) settleHaving(sel *ast.Select, s *scope) {
	if sel.Having == nil || len(sel.GroupBy) > 0 || s.aggregates(sel.Having) {
		return
	}
	for _, it := range sel.Items {
		if s.aggregates(it.Expr) {
			return
		}
	}
	if sel.Where == nil {
		sel.Where = sel.Having
	} else {
		sel.Where = &ast.And{X: []ast.Expr{sel.Where, sel.Having}}
	}
	sel.Having = nil
}

// onlyRows refuses aggregates and window functions in a clause that filters or
// joins rows before there are groups.
func (r *resolver) onlyRows(e ast.Expr, s *scope, clause string) {
	own(e, func(c *ast.Call, f *function.Func) {
		switch {
		case c.Over != nil:
			r.refuse(fault.Syntax, c.Pos, "the window function %s can't stand in %s", f.Name, clause).
				WithHint("compute it in a derived table and filter that")
		case f.Kind == function.Aggregate && s.owns(c):
			r.refuse(fault.Syntax, c.Pos, "the aggregate %s can't stand in %s", f.Name, clause).WithHint("filter groups with HAVING")
		}
	})
}

// aggregates reports whether an expression holds an aggregate of its own query.
func (s *scope) aggregates(e ast.Expr) bool {
	found := false
	own(e, func(c *ast.Call, f *function.Func) {
		found = found || f.Kind == function.Aggregate && c.Over == nil && s.owns(c)
	})
	return found
}

// owns reports whether an aggregate belongs to the scope's query: one that
// reads columns of outer queries alone is theirs.
func (s *scope) owns(c *ast.Call) bool {
	outer, inner := false, false
	for _, a := range c.Args {
		ast.Walk(a, func(x ast.Expr) bool {
			if col, ok := x.(*ast.Column); ok {
				if s.has(col.Rel) {
					inner = true
				} else {
					outer = true
				}
			}
			return true
		})
	}
	return inner || !outer
}

// has reports whether a relation is one of the scope's own.
func (s *scope) has(rel int) bool {
	for _, x := range s.relations() {
		if x.id == rel {
			return true
		}
	}
	return false
}

// own visits the aggregate and window calls of an expression outside of its
// subqueries and of such calls' arguments.
func own(e ast.Expr, visit func(*ast.Call, *function.Func)) {
	ast.Walk(e, func(x ast.Expr) bool {
		switch x := x.(type) {
		case *ast.Subquery, *ast.Exists:
			return false
		case *ast.InQuery:
			own(x.X, visit)
			return false
		case *ast.Quantified:
			own(x.X, visit)
			return false
		case *ast.Call:
			f, ok := function.Lookup(x.Func)
			if ok && (f.Kind != function.Scalar || x.Over != nil) {
				visit(x, f)
				return false
			}
		}
		return true
	})
}
