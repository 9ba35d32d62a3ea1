package secure

import (
	"strings"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/function"
	"github.com/hedgerow/hedgerow/internal/resolve"
)

// A database is free to run the caller's expression on a row before the
// policy's predicate. Where that expression can raise an error, the error tells
// of a row that the session may not see. fence puts such derived tables
// behind an optimisation barrier, and leaves all others to the optimiser.
func (v *View) fence(b *resolve.Bound) {
	risk := &risk{bound: b, isTotal: v.model.cfg.Total}
	any := false
	for _, e := range b.Early {
		if !risk.expr(e) {
			continue
		}
		occurrences, ok := risk.touched(e)
		if !ok {
			continue
		}
		any = true
		for _, i := range occurrences {
			b.Occurrences[i].Hole.Fence = true
		}
	}
	if !any {
		return
	}
	// A predicate with a query in it may be evaluated after joins: fence those too.
	for _, o := range b.Occurrences {
		if Of(o).asks {
			o.Hole.Fence = true
		}
	}
}

// risk judges expressions.
type risk struct {
	bound *resolve.Bound // nil for an expression of the model or a policy
	// isTotal tells whether a node by itself never raises an error on the database.
	isTotal func(ast.Expr) bool
}

// canFail reports whether computing a field or mask may raise an error.
func canFail(e ast.Expr, isTotal func(ast.Expr) bool) bool {
	return (&risk{isTotal: isTotal}).expr(e)
}

// expr reports whether evaluating an expression may raise an error. Queries
// inside it are judged where they stand, but for the number of their rows.
func (r *risk) expr(e ast.Expr) bool {
	if c, ok := e.(*ast.Column); ok { // most are
		return !r.total(c)
	}
	risky := false
	var visit func(ast.Expr) bool
	visit = func(x ast.Expr) bool {
		if risky {
			return false
		}
		switch x := x.(type) {
		case *ast.Call:
			if late(x) { // computed from rows that have passed the policies
				return false
			}
			risky = !policyFunction(x.Func) && !r.isTotal(x)
		case *ast.Exists:
			return false
		case *ast.InQuery:
			ast.Walk(x.X, visit)
			return false
		case *ast.Quantified:
			ast.Walk(x.X, visit)
			return false
		case *ast.Subquery:
			risky = !singleRow(x.Query)
			return false
		default:
			risky = !r.total(x)
		}
		return !risky
	}
	ast.Walk(e, visit)
	return risky
}

// policyFunction reports whether a call comes from a policy: those never fail.
func policyFunction(name string) bool { return strings.HasPrefix(name, "cel.") }

// total reports whether a node by itself never raises an error.
func (r *risk) total(e ast.Expr) bool {
	c, ok := e.(*ast.Column)
	if !ok {
		return r.isTotal(e)
	}
	return r.bound == nil || !r.computedRiskily(c)
}

// computedRiskily reports whether a column is a dataset's whose own expression
// or mask can raise an error.
func (r *risk) computedRiskily(c *ast.Column) bool {
	if c.Rel < 0 || c.Rel >= len(r.bound.Relations) || r.bound.Relations[c.Rel].Occurrence < 0 {
		return false
	}
	o := r.bound.Occurrences[r.bound.Relations[c.Rel].Occurrence]
	if Of(o).safe {
		return false
	}
	for i, f := range o.Dataset.Fields {
		if f.Printed == c.Name {
			return Of(o).risky[i]
		}
	}
	return true
}

// late reports whether a call is computed after the rows are filtered: an
// aggregate or a window function.
func late(c *ast.Call) bool {
	f, ok := function.Lookup(c.Func)
	return ok && (f.Kind != function.Scalar || c.Over != nil)
}

// singleRow reports whether a query can't give more than one row.
func singleRow(q *ast.Query) bool {
	if q.Limit != nil {
		if lit, ok := q.Limit.Count.(*ast.Literal); ok && lit.Text == "1" {
			return true
		}
	}
	sel, ok := q.Body.(*ast.Select)
	if !ok || len(sel.GroupBy) > 0 {
		return false
	}
	if len(sel.From) == 0 {
		return true
	}
	own := map[string]bool{}
	for _, t := range sel.From {
		aliases(t, own)
	}
	for _, it := range sel.Items {
		if aggregates(it.Expr, own) {
			return true
		}
	}
	return false
}

// aliases collects the printed names of the relations in a table expression.
func aliases(t ast.TableExpr, names map[string]bool) {
	switch t := t.(type) {
	case *ast.Derived:
		names[t.Alias] = true
	case *ast.CTERef:
		names[t.Alias] = true
	case *ast.Join:
		aliases(t.Left, names)
		aliases(t.Right, names)
	}
}

// aggregates reports whether an expression holds an aggregate over its own
// query's relations; one over an outer query's columns belongs to that query.
func aggregates(e ast.Expr, own map[string]bool) bool {
	found := false
	ast.Walk(e, func(x ast.Expr) bool {
		switch x := x.(type) {
		case *ast.Call:
			f, ok := function.Lookup(x.Func)
			if ok && f.Kind == function.Aggregate && x.Over == nil {
				found = found || x.Star || readsAny(x, own)
			}
		case *ast.Subquery, *ast.Exists, *ast.InQuery, *ast.Quantified:
			return false
		}
		return !found
	})
	return found
}

// readsAny reports whether a call's arguments read a relation of the given names.
func readsAny(c *ast.Call, names map[string]bool) bool {
	found := false
	for _, a := range c.Args {
		ast.Walk(a, func(x ast.Expr) bool {
			if col, ok := x.(*ast.Column); ok && names[col.Table] {
				found = true
			}
			return !found
		})
	}
	return found
}

// touched lists the occurrences whose rows an expression reads. ok is false
// for a constant, which fails or not whatever the rows. An expression that reads
// rows only through a query of its own touches every occurrence: when it is
// evaluated depends on them.
func (r *risk) touched(e ast.Expr) (occurrences []int, ok bool) {
	direct := map[int]bool{}
	ast.Walk(e, func(x ast.Expr) bool {
		if c, isColumn := x.(*ast.Column); isColumn && c.Rel >= 0 {
			direct[c.Rel] = true
		}
		return true
	})
	if !holdsQuery(e) && len(direct) == 0 {
		return nil, false
	}
	if holdsQuery(e) {
		for i := range r.bound.Occurrences {
			occurrences = append(occurrences, i)
		}
		return occurrences, true
	}
	for rel := range direct {
		occurrences = append(occurrences, r.bound.OccurrencesOf(rel)...)
	}
	return occurrences, true
}

// holdsQuery reports whether an expression holds a query.
func holdsQuery(e ast.Expr) bool {
	found := false
	ast.Walk(e, func(x ast.Expr) bool {
		switch x.(type) {
		case *ast.Subquery, *ast.Exists, *ast.InQuery, *ast.Quantified:
			found = true
		}
		return !found
	})
	return found
}
