package secure

import (
	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/resolve"
)

// fence decides how far the database may take a statement apart. It must be
// called before the holes are filled.
func (m *Model) fence(b *resolve.Bound) (fenced bool) {
	fenced = !m.quiet(b)
	if m.cfg.Merging != Trusted && !plain(b) {
		b.Query.Unmerged = m.cfg.Merging == SwitchedOff
		fenced = fenced || m.cfg.Merging == Fenced
	}
	for _, o := range b.Occurrences {
		// Where every row is visible there is none to be kept from anything.
		o.Hole.Fence = fenced && Of(o).where != nil
	}
	return fenced || b.Query.Unmerged
}

// Merging is how the database merges derived tables into the query around them.
type Merging uint8

const (
	// Trusted: the optimiser does it right.
	Trusted Merging = iota
	// SwitchedOff: it is known to lose conditions of statements that are not plain,
	// and those switch merging off by themselves.
	SwitchedOff
	// Fenced: it isn't trusted with them, and they are fenced.
	Fenced
)

// queryOfList is the length of a list that MariaDB makes a query of: its
// in_predicate_conversion_threshold, which the host may not lower.
const queryOfList = 1000

// plain reports whether a statement is so simple that merging its derived
// tables does no harm on MariaDB and MySQL: one SELECT over datasets without
// aggregates, groups, windows or queries, and policies that have no queries.
func plain(b *resolve.Bound) bool {
	sel, ok := b.Query.Body.(*ast.Select)
	if !ok || b.Query.With != nil || sel.Rollup || len(sel.GroupBy) > 0 || sel.Having != nil || len(sel.Windows) > 0 || asks(b) {
		return false
	}
	datasets := 0
	simple := true
	v := ast.Visitor{
		Expr: func(e ast.Expr) bool {
			c, call := e.(*ast.Call)
			in, list := e.(*ast.InList)
			simple = simple && queryIn(e) == nil && !isAggregate(e) && !(call && c.Over != nil) && !(list && len(in.List) >= queryOfList)
			return simple
		},
		Table: func(t ast.TableExpr) bool {
			switch t := t.(type) {
			case *ast.Join:
				return true
			case *ast.Derived:
				simple = simple && t.Query.Body == nil // a hole
				datasets++
			default:
				simple = false
			}
			return false
		},
	}
	v.VisitQuery(b.Query)
	return simple && datasets == len(b.Occurrences)
}
