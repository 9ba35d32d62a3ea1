package resolve

import (
	"slices"

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
	if !s.computes {
		return
	}
	own(e, func(c *ast.Call, f *function.Func) {
		switch {
		case c.Over != nil:
			r.refuse(fault.Syntax, c.Pos, "the window function %s can't stand in %s", f.Name, clause).
				WithHint("compute it in a derived table and filter that")
		default:
			r.refuse(fault.Syntax, c.Pos, "the aggregate %s can't stand in %s", f.Name, clause).WithHint("filter groups with HAVING")
		}
	})
}

// noWindows refuses window functions in HAVING, which filters groups before
// there are windows over them.
func (r *resolver) noWindows(e ast.Expr, s *scope, clause string) {
	if !s.computes {
		return
	}
	own(e, func(c *ast.Call, f *function.Func) {
		if c.Over != nil {
			r.refuse(fault.Syntax, c.Pos, "the window function %s can't stand in %s", f.Name, clause).
				WithHint("compute it in a derived table and filter that")
		}
	})
}

// checkArguments holds the arguments of an aggregate or window function
// against what is computed before it: windows come after groups, and groups
// after rows.
func (r *resolver) checkArguments(c *ast.Call, f *function.Func, s *scope) {
	for _, e := range operands(c) {
		if leaf(e) {
			continue
		}
		own(e, func(inner *ast.Call, g *function.Func) {
			switch {
			case inner.Over != nil:
				r.refuse(fault.Syntax, inner.Pos, "the window function %s can't stand inside %s", g.Name, f.Name).
					WithHint("compute it in a derived table first")
			case c.Over == nil:
				r.refuse(fault.Syntax, inner.Pos, "the aggregate %s can't stand inside the aggregate %s", g.Name, f.Name).
					WithHint("aggregate in a derived table first, and then its rows")
			}
		})
	}
	if !s.owns(c) {
		r.refuse(fault.Unsupported, c.Pos, "%s reads columns of an outer query only", f.Name).
			WithHint("aggregate in the outer query, or in a derived table, and use the result here")
	}
}

// operands lists what an aggregate or window function computes with.
func operands(c *ast.Call) []ast.Expr {
	if c.Over == nil && len(c.OrderBy) == 0 {
		return c.Args
	}
	out := slices.Clone(c.Args)
	for _, o := range c.OrderBy {
		out = append(out, o.Expr)
	}
	if c.Over == nil {
		return out
	}
	out = append(out, c.Over.PartitionBy...)
	for _, o := range c.Over.OrderBy {
		out = append(out, o.Expr)
	}
	return out
}

// aggregates reports whether an expression holds an aggregate of its own query.
func (s *scope) aggregates(e ast.Expr) bool {
	if leaf(e) || !s.computes {
		return false
	}
	found := false
	own(e, func(c *ast.Call, f *function.Func) {
		if c.Over == nil {
			found = true
			return
		}
		for _, x := range operands(c) {
			found = found || s.aggregates(x)
		}
	})
	return found
}

// leaf reports whether an expression holds no other.
func leaf(e ast.Expr) bool {
	switch e.(type) {
	case nil, *ast.Column, *ast.Literal, *ast.Param:
		return true
	default:
		return false
	}
}

// owns reports whether an aggregate belongs to the scope's query: one that
// reads columns of outer queries alone is theirs.
func (s *scope) owns(c *ast.Call) bool {
	outer, inner := false, false
	for _, a := range c.Args {
		if col, ok := a.(*ast.Column); ok && s.has(col.Rel) {
			return true
		}
		ast.Walk(a, func(x ast.Expr) bool {
			if col, ok := x.(*ast.Column); ok {
				inner = inner || s.has(col.Rel)
				for at := s.parent; at != nil && !inner && !outer; at = at.parent {
					outer = at.has(col.Rel)
				}
			}
			return !inner
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
