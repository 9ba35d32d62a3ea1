package dialect

import (
	"slices"
	"strconv"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/function"
)

// GROUP BY … WITH ROLLUP groups by all expressions, then by all but the last,
// and so on to the total. In the levels above, a group expression is NULL
// wherever it stands outside of an aggregate. Of no rows there is no total.

// rollup writes what stands behind GROUP BY.
func (p *printer) rollup(s *ast.Select) {
	if p.d.Rollup == "" {
		p.unsupported(s.Pos, "GROUP BY … WITH ROLLUP").WithHint("combine the levels with UNION ALL")
		return
	}
	if !p.d.RollupExprs && p.insideItems(s) {
		p.unsupported(s.Pos, "an expression over a group expression of WITH ROLLUP").
			WithHint("group by the expression in a subquery first")
		return
	}
	p.render(s.Pos, p.d.Rollup, s.GroupBy...)
}

// rollupHaving drops the total of no rows, where the database has one.
func (p *printer) rollupHaving(s *ast.Select) ast.Expr {
	if !s.Rollup || !p.d.RollupTotal {
		return s.Having
	}
	some := &ast.Compare{Op: ast.Gt, Left: &ast.Call{Func: "count", Star: true}, Right: &ast.Literal{Kind: ast.IntLiteral, Text: "0"}}
	if s.Having == nil {
		return some
	}
	return &ast.And{X: []ast.Expr{s.Having, some}}
}

// groups gives the group expressions with the items that ordinals stand for.
func (p *printer) groups(s *ast.Select) []ast.Expr {
	out := slices.Clone(s.GroupBy)
	for i, g := range out {
		if n, ok := intValue(g); ok {
			if n < 1 || n > int64(len(s.Items)) {
				p.fail(fault.Internal, s.Pos, "GROUP BY %d is not a select item", n)
				return nil
			}
			out[i] = s.Items[n-1].Expr
		}
	}
	return out
}

// insideItems tells whether a group expression other than a column stands
// inside a larger expression, where MariaDB keeps its value.
func (p *printer) insideItems(s *ast.Select) bool {
	var classes ast.Classes
	groups := map[int]bool{}
	for _, g := range p.groups(s) {
		if _, column := g.(*ast.Column); !column {
			groups[classes.Of(g, nil)] = true
		}
	}
	if len(groups) == 0 {
		return false
	}
	found := false
	inside := func(whole ast.Expr) {
		isGroup := map[ast.Expr]bool{}
		classes.Of(whole, func(e ast.Expr, class int) { isGroup[e] = groups[class] })
		ast.Walk(whole, func(e ast.Expr) bool {
			if c, ok := e.(*ast.Call); ok && isAggregate(c) {
				return false
			}
			found = found || e != whole && isGroup[e]
			return !found && !isGroup[e]
		})
	}
	for _, it := range s.Items {
		inside(it.Expr)
	}
	if s.Having != nil {
		inside(&ast.Not{X: s.Having})
	}
	return found
}

func isAggregate(c *ast.Call) bool {
	f, ok := function.Lookup(c.Func)
	return ok && f.Kind == function.Aggregate && c.Over == nil
}

// rollupUnion writes the levels one by one.
func (p *printer) rollupUnion(s *ast.Select) {
	if s.Distinct || len(s.Windows) > 0 || slices.ContainsFunc(s.Items, func(it ast.SelectItem) bool { return hasQueryOrWindow(it.Expr) }) ||
		hasQueryOrWindow(s.Having) {
		p.unsupported(s.Pos, "WITH ROLLUP beside DISTINCT, window functions or subqueries").
			WithHint("do the grouping in a subquery of its own")
		return
	}
	p.renamed(s, func(inner *ast.Select) {
		groups := p.groups(inner)
		grouped, size := groupsIn(inner, groups)
		if p.err == nil && size*(len(groups)+1) > MaxText { // no node is shorter than a byte
			p.tooLong(s.Pos)
		}
		outer, kept := p.grouped, p.kept
		for n := len(groups); n >= 0 && p.err == nil; n-- {
			level := *inner
			level.Rollup = false
			level.GroupBy = groups[:n]
			if n == 0 {
				level.GroupBy = []ast.Expr{ast.Null()} // one group, and none of no rows
			}
			if n < len(groups) {
				p.write(" UNION ALL ")
			}
			p.grouped, p.kept = grouped, n
			p.selectBlock(&level)
		}
		p.grouped, p.kept = outer, kept
	})
}

// groupsIn finds the group expressions that stand in the select list and HAVING,
// with the index of each, and counts the nodes of those clauses.
func groupsIn(s *ast.Select, groups []ast.Expr) (at map[ast.Expr]int, size int) {
	var classes ast.Classes
	index := make(map[int]int, len(groups))
	for i, g := range groups {
		class := classes.Of(g, nil)
		if _, twice := index[class]; !twice {
			index[class] = i
		}
	}
	at = map[ast.Expr]int{}
	note := func(e ast.Expr, class int) {
		size++
		i, ok := index[class]
		if _, constant := e.(*ast.Literal); ok && !constant {
			at[e] = i
		}
	}
	for _, it := range s.Items {
		classes.Of(it.Expr, note)
	}
	if s.Having != nil {
		classes.Of(s.Having, note)
	}
	return at, size
}

func hasQueryOrWindow(e ast.Expr) bool {
	found := false
	ast.Walk(e, func(e ast.Expr) bool {
		switch n := e.(type) {
		case *ast.Subquery, *ast.Exists, *ast.InQuery, *ast.Quantified:
			found = true
		case *ast.Call:
			found = found || n.Over != nil
		}
		return !found
	})
	return found
}

// groupOf gives the index of the group expression that an expression is, in a
// level of a rollup.
func (p *printer) groupOf(e ast.Expr) (index int, ok bool) {
	if len(p.grouped) == 0 {
		return 0, false
	}
	index, ok = p.grouped[e]
	return index, ok
}

// orderedRollup puts a rollup into a derived table, which can be sorted by
// position.
func (p *printer) orderedRollup(q *ast.Query, b *ast.Select) {
	if p.d.RollupOrder {
		p.selectBlock(b)
		return
	}
	for _, o := range q.OrderBy {
		if l, ok := o.Expr.(*ast.Literal); !ok || l.Kind != ast.IntLiteral {
			p.unsupported(b.Pos, "ORDER BY of an expression after WITH ROLLUP").
				WithHint("sort by the position of a select item")
		}
	}
	if p.d.RollupUnion { // a derived table already
		p.selectBlock(b)
		return
	}
	p.renamed(b, p.selectBlock)
}

// renamed writes SELECT of every item from a derived table, in which no two
// columns may have one name.
func (p *printer) renamed(b *ast.Select, write func(inner *ast.Select)) {
	inner := *b
	inner.Items = slices.Clone(b.Items)
	for i := range inner.Items {
		inner.Items[i].Alias, inner.Items[i].Text = "c"+strconv.Itoa(i+1), ""
	}
	p.write("SELECT ")
	p.list(len(b.Items), func(i int) {
		it := b.Items[i]
		it.Expr = &ast.Column{Pos: it.Pos, Table: "q", Name: inner.Items[i].Alias}
		p.item(it)
	})
	p.write(" FROM (")
	write(&inner)
	p.write(")")
	p.alias(0, "q")
}
