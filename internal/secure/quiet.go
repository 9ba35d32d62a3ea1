package secure

import (
	"strconv"
	"strings"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/function"
	"github.com/hedgerow/hedgerow/internal/resolve"
)

// A database is free to run the caller's expressions on a row before the
// policy's predicate, and to run a subquery or leave it out by what a row holds.
// Where anything can raise an error then, the error tells of rows that the
// session may not see. So a statement is either quiet: nothing in it can raise
// an error or run out of stack or memory, whatever the rows hold. Or every
// occurrence of a dataset in it is fenced: its derived table is computed by
// itself, and all else in the statement meets visible rows only.
//
// One rule lets expressions off: those that are late.

// quiet reports whether nothing in a statement can fail where a hidden row
// decides whether it is run. The holes of its occurrences are still empty: the
// predicates in them never fail, and their fields are judged where they are read.
func (m *Model) quiet(b *resolve.Bound) bool {
	j := &judge{bound: b, total: m.cfg.Total, eager: m.cfg.EagerFields}
	j.visitor = ast.Visitor{Expr: j.expr, Query: j.query, Body: j.body}
	if top, ok := b.Query.Body.(*ast.Select); ok && !asks(b) {
		j.outermost(b.Query, top)
	} else {
		j.visitor.VisitQuery(b.Query)
	}
	return !j.loud
}

// asks reports whether a policy of one of the occurrences holds a query.
func asks(b *resolve.Bound) bool {
	for _, o := range b.Occurrences {
		if s := Of(o); s.asks || s.asksFields {
			return true
		}
	}
	return false
}

// judge looks for what can fail.
type judge struct {
	bound *resolve.Bound // nil for an expression of the model or a policy
	// total reports whether a node by itself never raises an error on the database.
	total func(ast.Expr) bool
	// eager: computed fields are run where they stand, below the statement's joins.
	eager   bool
	visitor ast.Visitor
	loud    bool // something can
	chained map[*ast.SetOp]bool
}

// outermost judges a statement that is one SELECT, but for what is late in it:
// the select list, GROUP BY, ORDER BY and WINDOW, as far as they hold no query, and
// what HAVING computes from aggregates.
//
// No hidden row decides whether these run. A database computes them for rows
// that FROM and WHERE have let through. All policies are conjuncts of WHERE, or of
// the scan or the ON of their own occurrence, once derived tables are merged, and
// nothing else there can fail. Three things could run an expression earlier, and
// none of them does here: a policy with a query of its own, which may become a
// join that is done after the rest (so such statements have no late part; without
// them, even a computed field on the nullable side of an outer join, which
// PostgreSQL computes with the scan, comes after the policy of that scan; DuckDB
// pulls policies that may throw up above it, so no computed field is late there); a
// condition of HAVING over group keys, which PostgreSQL and MariaDB move into
// WHERE, also out of AND and OR (so only what needs an aggregate is late); and
// a subquery, which may be run for its own sake (so those are judged like all
// else). LIMIT takes rows away from the end of this, by the order of visible rows.
func (j *judge) outermost(q *ast.Query, top *ast.Select) {
	if q.With != nil {
		j.visitor.VisitQuery(&ast.Query{With: q.With})
	}
	for _, t := range top.From {
		j.visitor.VisitTable(t)
	}
	j.visitor.VisitExpr(top.Where)
	j.having(top.Having)
	for _, it := range top.Items {
		j.late(it.Expr)
	}
	for _, g := range top.GroupBy {
		j.late(g)
	}
	for _, o := range q.OrderBy {
		j.late(o.Expr)
	}
	for _, w := range top.Windows {
		j.late(&ast.Call{Over: w.Window})
	}
}

// late judges an expression that is run on visible rows only unless a query in
// it changes that.
func (j *judge) late(e ast.Expr) {
	if holdsQuery(e) {
		j.visitor.VisitExpr(e)
	}
	if j.eager {
		j.loud = j.loud || holds(e, func(x ast.Expr) bool { c, ok := x.(*ast.Column); return ok && j.computed(c) })
	}
}

// having judges a condition on groups: what fails must need an aggregate, or
// stand in one.
func (j *judge) having(e ast.Expr) {
	if holdsQuery(e) {
		j.visitor.VisitExpr(e)
		return
	}
	ast.Walk(e, func(x ast.Expr) bool {
		if isAggregate(x) {
			return false
		}
		j.loud = j.loud || j.fails(x) && !holdsAggregate(x)
		return !j.loud
	})
}

// expr judges a node.
func (j *judge) expr(e ast.Expr) bool {
	j.loud = j.loud || j.fails(e)
	return !j.loud
}

// fails reports whether a node by itself can raise an error.
func (j *judge) fails(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Column:
		return j.computed(e)
	case *ast.Subquery:
		return !singleRow(e.Query)
	default:
		return !j.total(e)
	}
}

// computed reports whether a column is a dataset's field whose expression or
// mask can raise an error. Other relations' columns are judged where they are
// selected.
func (j *judge) computed(c *ast.Column) bool {
	if j.bound == nil || c.Rel < 0 || c.Rel >= len(j.bound.Relations) || j.bound.Relations[c.Rel] < 0 {
		return false
	}
	o := j.bound.Occurrences[j.bound.Relations[c.Rel]]
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

// query judges what a query has beside its expressions: a count of rows that is
// known when the query is run may be none, and recursion may never end.
func (j *judge) query(q *ast.Query) {
	if q.Limit != nil {
		for _, x := range []ast.Expr{q.Limit.Count, q.Limit.Offset} {
			j.loud = j.loud || x != nil && !smallCount(x)
		}
	}
	j.loud = j.loud || q.With != nil && q.With.Recursive
}

// smallCount reports whether an expression is a constant number of rows that
// every database can take.
func smallCount(e ast.Expr) bool {
	l, ok := e.(*ast.Literal)
	if !ok || l.Kind != ast.IntLiteral {
		return false
	}
	_, err := strconv.ParseInt(l.Text, 10, 64)
	return err == nil
}

// body judges what becomes of values of several types that share a column. They
// do so as the arguments of COALESCE do. It judges the windows of a SELECT, too.
func (j *judge) body(b ast.Body) {
	switch b := b.(type) {
	case *ast.Select:
		for _, w := range b.Windows {
			j.loud = j.loud || !j.total(&ast.Call{Func: "count", Star: true, Over: w.Window})
		}
	case *ast.SetOp:
		if !j.chained[b] {
			j.columns(j.arms(nil, b))
		}
	case *ast.Values:
		j.columns(b.Rows)
	}
}

// columns judges rows of which the values at one place share a column.
func (j *judge) columns(rows [][]ast.Expr) {
	for i := 0; len(rows) > 1 && i < len(rows[0]) && !j.loud; i++ {
		column := &ast.Call{Func: "coalesce"}
		for _, row := range rows {
			if i < len(row) {
				column.Args = append(column.Args, row[i])
			}
		}
		j.loud = !j.total(column)
	}
}

// arms appends the rows or select lists that a body combines.
func (j *judge) arms(dst [][]ast.Expr, b ast.Body) [][]ast.Expr {
	switch b := b.(type) {
	case *ast.Select:
		row := make([]ast.Expr, len(b.Items))
		for i, it := range b.Items {
			row[i] = it.Expr
		}
		dst = append(dst, row)
	case *ast.SetOp:
		if j.chained == nil {
			j.chained = map[*ast.SetOp]bool{}
		}
		j.chained[b] = true
		dst = j.arms(j.arms(dst, b.Left), b.Right)
	case *ast.Values:
		dst = append(dst, b.Rows...)
	case *ast.Query:
		dst = j.arms(dst, b.Body)
	}
	return dst
}

// canFail reports whether computing a field, a mask or a rule may raise an error.
func canFail(e ast.Expr, total func(ast.Expr) bool) bool {
	j := &judge{total: func(x ast.Expr) bool {
		c, ok := x.(*ast.Call)
		return ok && policyFunction(c.Func) || total(x)
	}}
	j.visitor = ast.Visitor{Expr: j.expr, Query: j.query, Body: j.body}
	j.visitor.VisitExpr(e)
	return j.loud
}

// policyFunction reports whether a call comes from a policy: those never fail.
func policyFunction(name string) bool { return strings.HasPrefix(name, "cel.") }

// isAggregate reports whether an expression is an aggregate that groups rows.
func isAggregate(e ast.Expr) bool {
	c, ok := e.(*ast.Call)
	if !ok || c.Over != nil {
		return false
	}
	f, known := function.Lookup(c.Func)
	return known && f.Kind == function.Aggregate
}

// holds reports whether a node below an expression, outside of its queries, is
// of some kind.
func holds(e ast.Expr, kind func(ast.Expr) bool) bool {
	found := false
	ast.Walk(e, func(x ast.Expr) bool {
		found = found || kind(x)
		return !found && queryIn(x) == nil
	})
	return found
}

func holdsAggregate(e ast.Expr) bool { return holds(e, isAggregate) }

// holdsQuery reports whether an expression holds a query.
func holdsQuery(e ast.Expr) bool {
	return holds(e, func(x ast.Expr) bool { return queryIn(x) != nil })
}

// queryIn returns the query that a node by itself holds, or nil.
func queryIn(e ast.Expr) *ast.Query {
	switch e := e.(type) {
	case *ast.Subquery:
		return e.Query
	case *ast.Exists:
		return e.Query
	case *ast.InQuery:
		return e.Query
	case *ast.Quantified:
		return e.Query
	default:
		return nil
	}
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
		if holds(it.Expr, func(x ast.Expr) bool { return isAggregate(x) && ofOwn(x.(*ast.Call), own) }) {
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

// ofOwn reports whether an aggregate reads a relation of its own query; one
// over an outer query's columns belongs to that query.
func ofOwn(c *ast.Call, own map[string]bool) bool {
	if c.Star {
		return true
	}
	for _, a := range c.Args {
		if holds(a, func(x ast.Expr) bool { col, ok := x.(*ast.Column); return ok && own[col.Table] }) {
			return true
		}
	}
	return false
}
