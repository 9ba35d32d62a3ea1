package secure

import (
	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/resolve"
)

// A derived table that is computed by itself would read every visible row of its
// dataset. narrow moves the caller's conditions on one occurrence into its
// derived table, beside the policy, where they can use an index. Only conditions
// that never fail move: there, a hidden row may meet them first.
//
// A condition of WHERE moves into an occurrence that no outer join can replace
// by NULLs; one of ON moves into both sides of an inner join, and into the
// nullable side of an outer one. An aggregate, a window or a LIMIT stands above
// both places or below both.
func (m *Model) narrow(b *resolve.Bound) {
	n := &narrower{model: m, bound: b, holes: make(map[*ast.Query]int, len(b.Occurrences)), added: make([]*ast.And, len(b.Occurrences))}
	for rel, i := range b.Relations {
		if i >= 0 {
			n.holes[b.Occurrences[i].Hole] = rel
		}
	}
	seen := map[*ast.Select]bool{}
	v := ast.Visitor{
		Body: func(body ast.Body) {
			if sel, ok := body.(*ast.Select); ok && !seen[sel] {
				seen[sel] = true
				n.narrowBlock(sel)
			}
		},
		Table: func(t ast.TableExpr) bool {
			d, ok := t.(*ast.Derived)
			if !ok {
				return true
			}
			_, hole := n.holes[d.Query]
			return !hole
		},
	}
	v.VisitQuery(b.Query)
}

type narrower struct {
	model *Model
	bound *resolve.Bound
	holes map[*ast.Query]int // the relation that each hole is
	added []*ast.And         // what was added to, by occurrence; nil for nothing yet
	block
}

// block is the SELECT at hand.
type block struct {
	own map[string]bool // its relations, by printed name
	// known is what its columns are known to equal, and equals which of them are
	// known to be equal.
	known  map[columnKey][]ast.Expr
	equals []equality
}

// columnKey is a column of a relation.
type columnKey struct {
	rel  int
	name string
}

// equality is a condition that two columns are equal. What is known of the one
// may be added to the other where that is in reach.
type equality struct {
	a, b           *ast.Column
	reachA, reachB bool
}

// narrowBlock narrows the occurrences in the FROM clause of a SELECT.
func (n *narrower) narrowBlock(sel *ast.Select) {
	n.block = block{own: map[string]bool{}}
	reach := reached{}
	for _, t := range sel.From {
		aliases(t, n.own)
		reach = reach.with(n.table(t, true))
	}
	sel.Where = n.move(sel.Where, reach, true)
	n.carry()
}

// reached are the relations into which a condition may move.
type reached map[int]bool

// with returns the union of two sets, neither of which is used again.
func (r reached) with(more reached) reached {
	if len(r) < len(more) {
		r, more = more, r
	}
	for rel := range more {
		r[rel] = true
	}
	return r
}

// table narrows by the ON clauses in a table expression and returns the
// occurrences that what stands above may narrow. final says that no outer join
// above can turn its rows into NULLs.
func (n *narrower) table(t ast.TableExpr, final bool) reached {
	switch t := t.(type) {
	case *ast.Derived:
		if rel, ok := n.holes[t.Query]; ok {
			return reached{rel: true}
		}
	case *ast.Join:
		left := n.table(t.Left, final && t.Kind != ast.RightJoin)
		right := n.table(t.Right, final && t.Kind != ast.LeftJoin)
		switch t.Kind {
		case ast.LeftJoin:
			t.On = n.move(t.On, right, false)
			return left
		case ast.RightJoin:
			t.On = n.move(t.On, left, false)
			return right
		case ast.InnerJoin:
			both := left.with(right)
			t.On = n.move(t.On, both, final)
			return both
		case ast.CrossJoin:
			return left.with(right)
		}
	}
	return nil
}

// move moves what can be moved of a condition and returns what is left of it,
// nil for nothing. final is as for table.
func (n *narrower) move(cond ast.Expr, reach reached, final bool) ast.Expr {
	if cond == nil || len(reach) == 0 {
		return cond
	}
	var left []ast.Expr
	for _, c := range conjuncts(nil, cond) {
		rel, one := n.subject(c)
		if one && reach[rel] && n.into(rel, c) {
			if final {
				n.learn(rel, c)
			}
			continue
		}
		n.equate(c, reach)
		left = append(left, c)
	}
	switch len(left) {
	case 0:
		return nil
	case 1:
		return left[0]
	default:
		return &ast.And{X: left}
	}
}

// conjuncts appends the conditions that must all hold.
func conjuncts(dst []ast.Expr, e ast.Expr) []ast.Expr {
	and, ok := e.(*ast.And)
	if !ok {
		return append(dst, e)
	}
	for _, x := range and.X {
		dst = conjuncts(dst, x)
	}
	return dst
}

// subject returns the one relation of the block that a condition reads. There is
// none for a condition that can fail, holds a query or reads several relations.
// Columns of the queries around are constants here.
func (n *narrower) subject(cond ast.Expr) (rel int, ok bool) {
	rel, ok = -1, true
	ast.Walk(cond, func(x ast.Expr) bool {
		switch c, column := x.(*ast.Column); {
		case !column:
			ok = ok && queryIn(x) == nil && n.model.cfg.Total(x)
		case n.own[c.Table]:
			ok = ok && c.Rel >= 0 && (rel < 0 || rel == c.Rel)
			rel = c.Rel
		default:
			ok = ok && n.model.cfg.OuterColumns
		}
		return ok
	})
	return rel, ok && rel >= 0
}

// into adds a condition to an occurrence's derived table. It reports false where
// the condition reads a field that is computed or masked, which would then be
// computed twice.
func (n *narrower) into(rel int, cond ast.Expr) bool {
	i := n.bound.Relations[rel]
	if i < 0 {
		return false
	}
	o := n.bound.Occurrences[i]
	sel, ok := o.Hole.Body.(*ast.Select)
	if !ok {
		return false
	}
	physical := true
	inside, ok := ast.Rewrite(cond, func(x ast.Expr) ast.Expr {
		c, column := x.(*ast.Column)
		if !column || c.Rel != rel {
			return x
		}
		of := physicalColumn(o, c.Name)
		if of == nil {
			physical = false
			return x
		}
		moved := *of
		moved.Pos, moved.Type = c.Pos, c.Type
		return &moved
	})
	if !ok || !physical {
		return false
	}
	switch {
	case n.added[i] != nil:
		n.added[i].X = append(n.added[i].X, inside)
	case sel.Where == nil:
		sel.Where = inside
	default:
		n.added[i] = &ast.And{X: []ast.Expr{sel.Where, inside}}
		sel.Where = n.added[i]
	}
	return true
}

// physicalColumn returns the physical column that an occurrence's field is, nil
// for a field that is computed or masked.
func physicalColumn(o *resolve.Occurrence, printed string) *ast.Column {
	for i, f := range o.Dataset.Fields {
		if f.Printed == printed {
			c, _ := Of(o).fields[i].(*ast.Column)
			return c
		}
	}
	return nil
}

// learn notes that a column equals a value, or one of a list.
func (n *narrower) learn(rel int, cond ast.Expr) {
	if !n.model.cfg.Carries {
		return
	}
	var column ast.Expr
	switch c := cond.(type) {
	case *ast.Compare:
		if c.Op == ast.Eq && isValue(c.Right) {
			column = c.Left
		} else if c.Op == ast.Eq && isValue(c.Left) {
			column = c.Right
		}
	case *ast.InList:
		if !c.Not {
			column = c.X
			for _, x := range c.List {
				if !isValue(x) {
					return
				}
			}
		}
	}
	if c, ok := column.(*ast.Column); ok && c.Type == ast.Integer {
		if n.known == nil {
			n.known = map[columnKey][]ast.Expr{}
		}
		key := columnKey{rel, c.Name}
		n.known[key] = append(n.known[key], cond)
	}
}

func isValue(e ast.Expr) bool {
	switch e.(type) {
	case *ast.Literal, *ast.Param:
		return true
	default:
		return false
	}
}

// mostEqualities bounds the work of carry.
const mostEqualities = 64

// equate notes that two whole-number columns are equal. Texts that are equal by
// the collation of one column need not be by another's.
func (n *narrower) equate(cond ast.Expr, reach reached) {
	c, ok := cond.(*ast.Compare)
	if !ok || c.Op != ast.Eq || len(n.equals) >= mostEqualities {
		return
	}
	a, okA := c.Left.(*ast.Column)
	b, okB := c.Right.(*ast.Column)
	if okA && okB && a.Type == ast.Integer && b.Type == ast.Integer && a.Rel != b.Rel {
		n.equals = append(n.equals, equality{a, b, reach[a.Rel], reach[b.Rel]})
	}
}

// carry adds what is known of one column to those that equal it: rows in which
// they differ are not among the results anyway.
func (n *narrower) carry() {
	for range n.equals { // as often as the longest chain may need
		changed := false
		for i := range n.equals {
			e := &n.equals[i]
			changed = n.carryTo(e.a, e.b, &e.reachB) || changed
			changed = n.carryTo(e.b, e.a, &e.reachA) || changed
		}
		if !changed {
			return
		}
	}
}

// carryTo adds what is known of one column to another, once.
func (n *narrower) carryTo(from, to *ast.Column, reach *bool) bool {
	known := n.known[columnKey{from.Rel, from.Name}]
	key := columnKey{to.Rel, to.Name}
	if !*reach || len(known) == 0 || len(n.known[key]) > 0 {
		return false
	}
	*reach = false
	for _, cond := range known {
		moved, ok := ast.Rewrite(cond, func(x ast.Expr) ast.Expr {
			if c, column := x.(*ast.Column); column && c.Rel == from.Rel {
				return to
			}
			return x
		})
		if !ok || !n.into(to.Rel, moved) {
			return false
		}
		n.known[key] = append(n.known[key], moved)
	}
	return true
}
