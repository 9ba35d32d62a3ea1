package resolve

import (
	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/function"
)

// A recursive CTE is a UNION of which the last arm reads the CTE's latest rows,
// once, in its own FROM clause, row by row. Databases differ in what more they
// allow and in what it means, so that nothing more is allowed here.

// recursiveUnion resolves the first arm without the CTE itself, and then the
// others, of which the last may refer to it.
func (r *resolver) recursiveUnion(c *ast.CTE, arms []unionArm, define func([]column), parent *scope, self *cteScope) *ast.Query {
	q, info := c.Query, self.cte
	body, first, _ := r.body(arms[0].body, parent, self, false)
	define(first)
	cols := first
	for i, arm := range arms[1:] {
		info.arm, info.why = nil, "only the last SELECT of the UNION can"
		if i == len(arms)-2 {
			info.arm, info.why = plainSelect(arm.body), "only in the FROM clause of a plain SELECT, not in a nested query, can it"
		}
		right, rightCols, _ := r.body(arm.body, parent, self, false)
		cols = r.combine(arm.op, cols, rightCols)
		body = &ast.SetOp{Pos: arm.op.Pos, Op: arm.op.Op, All: arm.op.All, Left: body, Right: right}
		r.checkRecursive(c, info, arms, right, first, rightCols)
	}
	info.arm = nil
	return &ast.Query{Pos: q.Pos, Body: body, OrderBy: r.orderBy(q.OrderBy, body, cols, nil), Limit: q.Limit}
}

// plainSelect gives the SELECT that a body is, without clauses around it, or nil.
func plainSelect(b ast.Body) *ast.Select {
	for {
		switch x := b.(type) {
		case *ast.Select:
			return x
		case *ast.Query:
			if x.With != nil || len(x.OrderBy) > 0 || x.Limit != nil {
				return nil
			}
			b = x.Body
		default:
			return nil
		}
	}
}

// checkSelf refuses a reference of a CTE to itself in a place that not every
// database allows.
func (r *resolver) checkSelf(t *ast.TableName, c *cte, s *scope) {
	switch {
	case c.arm == nil || s.block != c.arm:
		r.refuse(fault.Unsupported, t.Pos, "CTE %q can't refer to itself here: %s", t.Parts[0], c.why).
			WithHint("write WITH RECURSIVE name AS (first SELECT UNION ALL SELECT … FROM name JOIN …)")
	case c.refersToSelf:
		r.refuse(fault.Unsupported, t.Pos, "CTE %q refers to itself twice", t.Parts[0]).
			WithHint("name it once, in the FROM clause of the last SELECT of the UNION")
	}
}

// checkRecursive checks a recursive arm: it makes rows of rows, one by one, with
// the types of the first arm.
func (r *resolver) checkRecursive(c *ast.CTE, info *cte, arms []unionArm, arm ast.Body, first, next []column) {
	if !info.refersToSelf || r.err != nil {
		return
	}
	sel := plainSelect(arm)
	what := ""
	switch {
	case len(c.Query.OrderBy) > 0:
		what = "ORDER BY"
	case c.Query.Limit != nil:
		what = "LIMIT"
	case mixed(arms):
		what = "UNION beside UNION ALL"
	case sel == nil: // resolution made something else of a SELECT
	case sel.Distinct:
		what = "DISTINCT"
	case len(sel.GroupBy) > 0:
		what = "GROUP BY"
	case r.computesOverRows(sel):
		what = "an aggregate or window function"
	case nullable(sel.From, info.printed, false):
		what = "itself on the side of an outer join that may be missing"
	}
	if what != "" {
		r.refuse(fault.Unsupported, c.Pos, "the recursive CTE %q can't have %s", c.Name, what).
			WithHint("let the CTE make rows only, and do the rest where it is read")
		return
	}
	for i := range first {
		t, then := first[i].typ, next[i].typ
		switch {
		case t == ast.Unknown && then != ast.Unknown:
			r.refuse(fault.Unsupported, c.Pos, "column %q of the recursive CTE %q has no type in its first SELECT", first[i].name, c.Name).
				WithHint("CAST it there, NULL too")
		case t != ast.Unknown && then != ast.Unknown && function.Common(t, then) != t:
			r.refuse(fault.Unsupported, c.Pos, "column %q of the recursive CTE %q is of type %s in its first SELECT and %s in the next",
				first[i].name, c.Name, t, then).WithHint("CAST it in the first SELECT")
		}
	}
}

// mixed reports whether some of the UNIONs drop equal rows and others don't.
func mixed(arms []unionArm) bool {
	for _, arm := range arms[1:] {
		if arm.op.All != arms[1].op.All {
			return true
		}
	}
	return false
}

// computesOverRows reports whether a SELECT has an aggregate or a window function.
func (r *resolver) computesOverRows(sel *ast.Select) bool {
	found := len(sel.Windows) > 0 || sel.Having != nil
	for _, it := range sel.Items {
		own(it.Expr, func(*ast.Call, *function.Func) { found = true })
	}
	return found
}

// nullable reports whether a CTE stands on the side of an outer join whose rows
// may be missing.
func nullable(tables []ast.TableExpr, printed string, inside bool) bool {
	for _, t := range tables {
		switch t := t.(type) {
		case *ast.CTERef:
			if inside && t.Name == printed {
				return true
			}
		case *ast.Join:
			if nullable([]ast.TableExpr{t.Left}, printed, inside || t.Kind == ast.RightJoin) ||
				nullable([]ast.TableExpr{t.Right}, printed, inside || t.Kind == ast.LeftJoin) {
				return true
			}
		}
	}
	return false
}
