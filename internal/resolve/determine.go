package resolve

import (
	"github.com/hedgerow/hedgerow/internal/ast"
)

// determined is a set of columns that have one value in each group, because of
// keys and equalities.
type determined struct {
	columns map[colKey]bool
	rows    map[int]bool // relations of which a group holds one row
}

func (d *determined) has(c colKey) bool { return d.columns[c] || d.rows[c.rel] }

func (d *determined) all(list []colKey) bool {
	for _, c := range list {
		if !d.has(c) {
			return false
		}
	}
	return true
}

// fact says that columns determine another one.
type fact struct {
	from []colKey
	to   colKey
}

// close finds all that the grouped columns determine.
func (g *grouping) close() *determined {
	d := &determined{columns: map[colKey]bool{}, rows: map[int]bool{}}
	for _, c := range g.columns {
		d.columns[c] = true
	}
	facts := g.facts()
	for more := true; more && g.r.look(g.sel.Pos, len(facts)+len(g.s.relations())); {
		more = false
		for _, f := range facts {
			if !d.has(f.to) && d.all(f.from) {
				d.columns[f.to], more = true, true
			}
		}
		for _, rel := range g.s.relations() {
			if !d.rows[rel.id] && rel.keyed(d) {
				d.rows[rel.id], more = true, true
			}
		}
	}
	return d
}

// keyed reports whether the columns of the relation's key are determined.
func (rel *relation) keyed(d *determined) bool {
	if rel.occurrence == nil || len(rel.occurrence.Dataset.Key) == 0 {
		return false
	}
	for _, i := range rel.occurrence.Dataset.Key {
		if !d.has(colKey{rel.id, rel.columns[i].printed}) {
			return false
		}
	}
	return true
}

// facts collects what the WHERE clause and the joins say.
func (g *grouping) facts() []fact {
	facts := g.equalities(nil, g.sel.Where, true)
	for _, t := range g.sel.From {
		facts = g.joins(facts, t, true)
	}
	return facts
}

// joins adds what a join says. always tells that its rows are never NULLs that
// an outer join around it made.
func (g *grouping) joins(facts []fact, t ast.TableExpr, always bool) []fact {
	j, ok := t.(*ast.Join)
	if !ok {
		return facts
	}
	facts = g.joins(facts, j.Left, always && j.Kind != ast.RightJoin)
	facts = g.joins(facts, j.Right, always && j.Kind != ast.LeftJoin)
	switch j.Kind {
	case ast.InnerJoin, ast.CrossJoin:
		return g.equalities(facts, j.On, always)
	case ast.LeftJoin:
		return g.outer(facts, j.On, j.Left)
	case ast.RightJoin:
		return g.outer(facts, j.On, j.Right)
	default:
		return facts
	}
}

// equalities adds what the conjuncts of a condition say that every row fulfils.
func (g *grouping) equalities(facts []fact, on ast.Expr, always bool) []fact {
	for _, e := range conjuncts(on) {
		c, ok := e.(*ast.Compare)
		if !ok || c.Op != ast.Eq {
			continue
		}
		if a, b, ok := g.equal(c); ok {
			facts = append(facts, fact{[]colKey{a}, b}, fact{[]colKey{b}, a})
		}
		if a, ok := c.Left.(*ast.Column); ok && always && fixes(a, c.Right) {
			facts = append(facts, fact{to: keyOf(a)})
		}
		if b, ok := c.Right.(*ast.Column); ok && always && fixes(b, c.Left) {
			facts = append(facts, fact{to: keyOf(b)})
		}
	}
	return facts
}

// outer adds what the condition of an outer join says: all that it reads of the
// kept side decides whether there is a row of the other side, and the columns
// of that are equal or NULL.
func (g *grouping) outer(facts []fact, on ast.Expr, kept ast.TableExpr) []fact {
	inside := g.inside(kept, map[int]bool{})
	var reads []colKey
	if on != nil {
		ast.Walk(on, func(x ast.Expr) bool {
			if c, ok := x.(*ast.Column); ok && inside[c.Rel] {
				reads = append(reads, keyOf(c))
			}
			return true
		})
	}
	for _, e := range conjuncts(on) {
		c, ok := e.(*ast.Compare)
		if !ok || c.Op != ast.Eq {
			continue
		}
		a, b, ok := g.equal(c)
		switch {
		case ok && inside[a.rel] && !inside[b.rel]:
			facts = append(facts, fact{reads, b})
		case ok && inside[b.rel] && !inside[a.rel]:
			facts = append(facts, fact{reads, a})
		}
	}
	return facts
}

// inside collects the relations of a table expression.
func (g *grouping) inside(t ast.TableExpr, found map[int]bool) map[int]bool {
	alias := ""
	switch t := t.(type) {
	case *ast.Join:
		g.inside(t.Left, found)
		g.inside(t.Right, found)
	case *ast.Derived:
		alias = t.Alias
	case *ast.CTERef:
		alias = t.Alias
	}
	for _, rel := range g.s.relations() {
		if alias != "" && rel.printed == alias {
			found[rel.id] = true
		}
	}
	return found
}

// equal gives the columns of the query's own that a comparison makes equal.
func (g *grouping) equal(c *ast.Compare) (a, b colKey, ok bool) {
	left, okL := c.Left.(*ast.Column)
	right, okR := c.Right.(*ast.Column)
	if !okL || !okR || !g.s.has(left.Rel) || !g.s.has(right.Rel) {
		return a, b, false
	}
	return keyOf(left), keyOf(right), onePair(left.Type, right.Type)
}

// onePair reports whether a value of one type equals at most one of the other:
// a text equals a whole number as that is written.
func onePair(a, b ast.Type) bool {
	switch {
	case a == b:
		return a != ast.Unknown && a != ast.Float
	case a == ast.Integer && b == ast.String, a == ast.String && b == ast.Integer:
		return true
	default:
		return whole(a) && whole(b)
	}
}

func whole(t ast.Type) bool { return t == ast.Integer || t == ast.Decimal }

// fixes reports whether a column that equals an expression has one value.
func fixes(c *ast.Column, e ast.Expr) bool {
	l, ok := e.(*ast.Literal)
	if !ok {
		return false
	}
	switch l.Kind {
	case ast.IntLiteral, ast.DecimalLiteral:
		return whole(c.Type)
	case ast.StringLiteral:
		return c.Type == ast.String
	case ast.DateLiteral:
		return c.Type == ast.Date
	default:
		return false
	}
}

func conjuncts(e ast.Expr) []ast.Expr {
	if e == nil {
		return nil
	}
	and, ok := e.(*ast.And)
	if !ok {
		return []ast.Expr{e}
	}
	var out []ast.Expr
	for _, x := range and.X {
		out = append(out, conjuncts(x)...)
	}
	return out
}
