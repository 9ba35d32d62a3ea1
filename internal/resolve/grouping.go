package resolve

import (
	"slices"
	"strconv"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/function"
)

// grouping is a SELECT whose rows are groups. A column that is neither grouped
// nor inside an aggregate has no one value there: most databases refuse it, and
// the others choose a value. Bound.Loose has what they refuse.
type grouping struct {
	r   *resolver
	s   *scope
	sel *ast.Select
	// What the query groups by: columns, and other expressions.
	columns []colKey
	exprs   []ast.Expr
	room    [4]colKey
	lax     bool // in the select list, where a database may choose a value
	// found is what the grouped columns determine; nil until it is needed.
	found *determined
}

// colKey is a bound column, wherever it stands.
type colKey struct {
	rel  int
	name string
}

func keyOf(c *ast.Column) colKey { return colKey{c.Rel, c.Name} }

// group checks the select list, HAVING and the windows of a SELECT that groups
// or aggregates, and keeps its grouping in the scope for ORDER BY.
func (r *resolver) group(sel *ast.Select, s *scope) {
	if r.err != nil || !s.groups(sel) {
		return
	}
	g := &grouping{r: r, s: s, sel: sel}
	g.columns = g.room[:0]
	for i := range sel.GroupBy {
		e := groupExpr(sel, i)
		if c, ok := e.(*ast.Column); ok {
			g.columns = append(g.columns, keyOf(c))
		} else {
			g.exprs = append(g.exprs, e)
		}
	}
	s.grouping = g
	g.checkWindows()
	for _, it := range sel.Items {
		g.lax = !sel.Rollup && (sel.Having == nil || len(sel.GroupBy) > 0)
		g.check(it.Expr)
	}
	g.lax = false
	g.check(sel.Having)
	for _, w := range sel.Windows {
		for _, e := range w.Window.PartitionBy {
			g.check(e)
		}
		for _, o := range w.Window.OrderBy {
			g.check(o.Expr)
		}
	}
}

// checkWindows refuses what SQLite can't run beside a window function over
// groups: HAVING without GROUP BY, and a constant to group by.
func (g *grouping) checkWindows() {
	if g.sel.Having == nil && len(g.exprs) == 0 {
		return
	}
	what := ""
	for _, e := range g.exprs {
		if constant(e) {
			what = "GROUP BY a constant"
		}
	}
	if g.sel.Having != nil && len(g.sel.GroupBy) == 0 {
		what = "HAVING without GROUP BY"
	}
	if what == "" {
		return
	}
	for _, it := range g.sel.Items {
		own(it.Expr, func(c *ast.Call, f *function.Func) {
			if c.Over != nil {
				g.r.refuse(fault.Unsupported, c.Pos, "the window function %s beside %s", f.Name, what).
					WithHint("aggregate in a derived table, and compute the window function over that")
			}
		})
	}
}

// groups reports whether the rows of a SELECT are groups.
func (s *scope) groups(sel *ast.Select) bool {
	if len(sel.GroupBy) > 0 || s.aggregates(sel.Having) {
		return true
	}
	for _, it := range sel.Items {
		if s.aggregates(it.Expr) {
			return true
		}
	}
	for _, w := range sel.Windows {
		for _, e := range w.Window.PartitionBy {
			if s.aggregates(e) {
				return true
			}
		}
		for _, o := range w.Window.OrderBy {
			if s.aggregates(o.Expr) {
				return true
			}
		}
	}
	return false
}

// groupExpr gives what a SELECT groups by at an index, with the item that a
// position stands for.
func groupExpr(sel *ast.Select, i int) ast.Expr {
	if n, ok := ordinalOf(sel.GroupBy[i]); ok && n <= len(sel.Items) {
		return sel.Items[n-1].Expr
	}
	return sel.GroupBy[i]
}

// check refuses an expression over groups that reads a row of one.
func (g *grouping) check(e ast.Expr) {
	if c, ok := e.(*ast.Column); ok {
		g.column(c)
		return
	}
	if leaf(e) || isAggregate(e) {
		return
	}
	ast.Walk(e, func(x ast.Expr) bool {
		switch x := x.(type) {
		case *ast.Column:
			g.column(x)
			return false
		case *ast.Literal, *ast.Param:
			return false
		case *ast.Subquery:
			g.query(x.Query)
			return false
		case *ast.Exists:
			g.query(x.Query)
			return false
		case *ast.InQuery:
			g.check(x.X)
			g.query(x.Query)
			return false
		case *ast.Quantified:
			g.check(x.X)
			g.query(x.Query)
			return false
		case *ast.Call:
			if isAggregate(x) {
				return false
			}
			g.lax = g.lax && x.Over == nil // for the rest of the item
		}
		return g.r.err == nil && !g.grouped(x)
	})
}

// query checks the columns that a subquery takes from the groups around it.
// There, databases know no grouped expressions but columns.
func (g *grouping) query(q *ast.Query) {
	lax := g.lax
	g.lax = false
	ast.WalkQuery(q, func(x ast.Expr) bool {
		if c, ok := x.(*ast.Column); ok {
			g.column(c)
		}
		return g.r.err == nil
	})
	g.lax = lax
}

// grouped reports whether the query groups by an expression.
func (g *grouping) grouped(e ast.Expr) bool {
	if len(g.exprs) == 0 || !g.r.look(ast.PosOf(e), len(g.exprs)) {
		return false
	}
	for _, x := range g.exprs {
		if same(x, e) {
			return true
		}
	}
	return false
}

// column refuses a column that has no one value in each group. One that the
// grouped columns determine is grouped by as well, which makes the same groups
// and is what PostgreSQL asks for.
func (g *grouping) column(c *ast.Column) {
	if g.r.err != nil || !g.r.look(c.Pos, len(g.columns)+len(g.s.rels)) {
		return
	}
	if !g.s.has(c.Rel) || slices.Contains(g.columns, keyOf(c)) {
		return
	}
	if len(g.sel.GroupBy) > 0 && !g.sel.Rollup && c.Type != ast.Opaque && g.determines(c) {
		g.columns = append(g.columns, keyOf(c))
		g.sel.GroupBy = append(g.sel.GroupBy, c)
		g.sel.Implied++
		return
	}
	g.columns = append(g.columns, keyOf(c)) // once is enough
	name, rel := c.Name, g.r.relations[c.Rel]
	for i := range rel.columns {
		if rel.columns[i].printed == c.Name {
			name = rel.columns[i].name
		}
	}
	if len(g.sel.GroupBy) == 0 {
		g.loose(fault.New(fault.Unsupported, c.Pos, "%q has many values beside an aggregate without GROUP BY", name).
			WithHint("add GROUP BY %[1]s, or choose a value with MIN(%[1]s) or MAX(%[1]s)", name))
		return
	}
	g.loose(fault.New(fault.Unsupported, c.Pos, "%q is neither grouped nor aggregated, so a group has many values of it", name).
		WithHint("add %[1]s to GROUP BY, or choose a value of each group with MIN(%[1]s) or MAX(%[1]s)", name))
}

// loose notes why only some databases run the query, or refuses it where none does.
func (g *grouping) loose(why *fault.Error) {
	if !g.lax {
		g.r.fail(why)
		return
	}
	g.r.loose(why)
}

// determines reports whether the grouped columns determine a column.
func (g *grouping) determines(c *ast.Column) bool {
	if g.found == nil {
		g.found = g.close()
	}
	return g.found.has(keyOf(c))
}

// loose notes the first thing for which a database must choose a value.
func (r *resolver) loose(why *fault.Error) {
	if r.bound.Loose == nil {
		r.bound.Loose = why
	}
}

// checkOrder checks the ORDER BY of a single SELECT. After DISTINCT, and in a
// query over groups, there is only what was selected or grouped to sort by.
func (r *resolver) checkOrder(items []ast.OrderItem, body ast.Body, s *scope) {
	sel, ok := body.(*ast.Select)
	if !ok || s == nil || r.err != nil {
		return
	}
	for i, o := range items {
		if s.grouping == nil && s.aggregates(o.Expr) { // SQLite refuses it
			r.refuse(fault.Unsupported, ast.PosOf(o.Expr), "ORDER BY an aggregate in a query without GROUP BY that selects none").
				WithHint("add GROUP BY, or leave ORDER BY out: the query has one row")
			return
		}
		if s.grouping != nil {
			s.grouping.check(o.Expr)
		}
		if _, done := ordinalOf(o.Expr); !done && sel.Distinct {
			items[i].Expr = r.selected(o.Expr, sel)
		}
	}
}

// selected gives the position of the select item that an expression is.
func (r *resolver) selected(e ast.Expr, sel *ast.Select) ast.Expr {
	if !r.look(ast.PosOf(e), len(sel.Items)) {
		return e
	}
	for i, it := range sel.Items {
		if same(it.Expr, e) {
			return ordinal(i)
		}
	}
	r.loose(fault.New(fault.Unsupported, ast.PosOf(e), "after SELECT DISTINCT, ORDER BY takes selected expressions only").
		WithHint("select the expression, or group instead: GROUP BY with ORDER BY MIN(…)"))
	return e
}

// ordinalOf gives the position that an expression is, as GROUP BY and ORDER BY
// print it.
func ordinalOf(e ast.Expr) (int, bool) {
	l, ok := e.(*ast.Literal)
	if !ok || l.Kind != ast.IntLiteral {
		return 0, false
	}
	n, err := strconv.Atoi(l.Text)
	return n, err == nil && n > 0
}

// isAggregate reports whether an expression is an aggregate.
func isAggregate(e ast.Expr) bool {
	c, ok := e.(*ast.Call)
	if !ok || c.Over != nil {
		return false
	}
	f, ok := function.Lookup(c.Func)
	return ok && f.Kind == function.Aggregate
}
