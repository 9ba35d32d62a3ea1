package dialect

import (
	"slices"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
)

// having writes the HAVING clause. Where that knows columns only, and beside a
// window function of MariaDB not even these, an expression that the query groups
// by is the least of its values in the group, which are all the same.
func (p *printer) having(s *ast.Select, sorts []ast.OrderItem) {
	having := p.rollupHaving(s)
	if s.Uncached && p.d.Uncached != "" {
		if having != nil || len(s.GroupBy) > 0 {
			p.fail(fault.Internal, s.Pos, "a query that must not be cached has groups")
		}
		p.write(" HAVING ", p.d.Uncached)
		return
	}
	if having == nil {
		return
	}
	outer := p.least
	p.least = nil
	if p.d.HavingColumns && !s.Rollup {
		windows := slices.ContainsFunc(s.Items, func(it ast.SelectItem) bool { return hasWindow(it.Expr) }) ||
			slices.ContainsFunc(sorts, func(o ast.OrderItem) bool { return hasWindow(o.Expr) })
		if windows {
			p.checkDistinct(s, sorts)
		}
		p.least = p.groupedIn(having, s, windows)
	}
	p.condition(" HAVING ", having)
	p.least = outer
}

// groupedIn finds the expressions in HAVING that the query groups by, columns
// only if they are asked for.
func (p *printer) groupedIn(having ast.Expr, s *ast.Select, columns bool) map[ast.Expr]bool {
	var classes ast.Classes
	groups := map[int]bool{}
	for _, g := range p.groups(s) {
		if _, column := g.(*ast.Column); columns || !column {
			groups[classes.Of(g, nil)] = true
		}
	}
	if len(groups) == 0 {
		return nil
	}
	found := map[ast.Expr]bool{}
	classes.Of(having, func(e ast.Expr, class int) {
		if groups[class] {
			found[e] = true
		}
	})
	return found
}

func (p *printer) leastValue(e ast.Expr) {
	outer := p.least
	p.least = nil
	p.write("MIN(")
	p.expr(e, lowest)
	p.write(")")
	p.least = outer
}

// hasWindow reports whether an expression holds a window function of its own query.
func hasWindow(e ast.Expr) bool {
	found := false
	ast.Walk(e, func(x ast.Expr) bool {
		switch x := x.(type) {
		case *ast.Subquery, *ast.Exists, *ast.InQuery, *ast.Quantified:
			return false
		case *ast.Call:
			found = found || x.Over != nil
		}
		return !found
	})
	return found
}

// checkDistinct refuses COUNT(DISTINCT …) and the like beside HAVING and a window
// function, for which MariaDB loses all rows of a join.
func (p *printer) checkDistinct(s *ast.Select, sorts []ast.OrderItem) {
	visit := func(x ast.Expr) bool {
		if c, ok := x.(*ast.Call); ok && c.Distinct {
			p.unsupported(c.Pos, "an aggregate with DISTINCT beside HAVING and a window function").
				WithHint("group in a derived table, and compute the window function over that")
		}
		return p.err == nil
	}
	for _, it := range s.Items {
		ast.Walk(it.Expr, visit)
	}
	for _, o := range sorts {
		ast.Walk(o.Expr, visit)
	}
	ast.Walk(s.Having, visit)
}
