package dialect

import (
	"reflect"
	"slices"

	"github.com/hedgerow/hedgerow/internal/ast"
)

// grouped is an expression that a query groups by, with its text.
type grouped struct {
	kind reflect.Type
	text string
}

// having writes the HAVING clause. Where that knows columns only, and beside a
// window function of MariaDB not even these, an expression that the query groups
// by is the least of its values in the group, which are all the same.
func (p *printer) having(s *ast.Select, sorts []ast.OrderItem) {
	having := p.rollupHaving(s)
	if having == nil {
		return
	}
	outer := p.grouped
	p.grouped = nil
	if p.d.HavingColumns && !s.Rollup {
		windows := slices.ContainsFunc(s.Items, func(it ast.SelectItem) bool { return hasWindow(it.Expr) }) ||
			slices.ContainsFunc(sorts, func(o ast.OrderItem) bool { return hasWindow(o.Expr) })
		if windows {
			p.checkDistinct(s, sorts)
		}
		for _, g := range p.groups(s) {
			if _, column := g.(*ast.Column); (windows || !column) && !holdsParam(g) {
				p.grouped = append(p.grouped, grouped{reflect.TypeOf(g), p.textOf(g)})
			}
		}
	}
	p.condition(" HAVING ", having)
	p.grouped = outer
}

// isGrouped reports whether an expression in HAVING is one that the query groups by.
func (p *printer) isGrouped(e ast.Expr) bool {
	if len(p.grouped) == 0 {
		return false
	}
	kind, text := reflect.TypeOf(e), ""
	for _, g := range p.grouped {
		if g.kind != kind {
			continue
		}
		if text == "" {
			text = p.textOf(e)
		}
		if g.text == text {
			return true
		}
	}
	return false
}

func (p *printer) groupValue(e ast.Expr) {
	outer := p.grouped
	p.grouped = nil
	p.write("MIN(")
	p.expr(e, lowest)
	p.write(")")
	p.grouped = outer
}

// holdsParam reports whether an expression holds a value that its text doesn't tell.
func holdsParam(e ast.Expr) bool {
	found := false
	ast.Walk(e, func(x ast.Expr) bool {
		switch x.(type) {
		case *ast.Param, *ast.Slot:
			found = true
		}
		return !found
	})
	return found
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
