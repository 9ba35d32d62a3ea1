package dialect

import (
	"slices"

	"github.com/hedgerow/hedgerow/internal/ast"
)

// scalarQuery writes a query that stands for one value, or for a row of values.
// The rules' own are written as they are: their items have no names.
func (p *printer) scalarQuery(q *ast.Query) {
	p.write("(")
	if items := itemsOf(q); p.d.FirstRow && named(items) && !oneRow(q) {
		p.countedRow(q, items)
	} else {
		p.query(q)
	}
	p.write(")")
}

// countedRow writes a query that raises an error for two rows: ABS of the least
// whole number overflows. Of one row, MAX is the value.
func (p *printer) countedRow(q *ast.Query, items []ast.SelectItem) {
	p.write("SELECT ")
	p.list(len(items), func(i int) {
		if i == 0 {
			p.write("CASE WHEN ABS(-9223372036854775806 - COUNT(*)) > 0 THEN ")
		}
		p.write("MAX(")
		p.ident(items[i].Pos, items[i].Alias)
		p.write(either(i == 0, ") END", ")"))
	})
	p.write(" FROM (SELECT * FROM (")
	p.query(q)
	p.write(") LIMIT 2)")
}

// itemsOf gives the items that name the columns of a query.
func itemsOf(q *ast.Query) []ast.SelectItem {
	body := q.Body
	for {
		switch b := body.(type) {
		case *ast.Select:
			return b.Items
		case *ast.SetOp:
			body = b.Left
		case *ast.Query:
			body = b.Body
		default:
			return nil
		}
	}
}

func named(items []ast.SelectItem) bool {
	return len(items) > 0 && !slices.ContainsFunc(items, func(it ast.SelectItem) bool { return it.Alias == "" })
}

// oneRow reports whether a query can't have more than one row.
func oneRow(q *ast.Query) bool {
	if q.Limit != nil {
		if n, ok := intValue(q.Limit.Count); ok && n <= 1 {
			return true
		}
	}
	switch b := q.Body.(type) {
	case *ast.Query:
		return oneRow(b)
	case *ast.Select:
		if len(b.GroupBy) > 0 {
			return false
		}
		for _, it := range b.Items {
			if aggregated(it.Expr) {
				return true
			}
		}
		return len(b.From) == 0
	default:
		return false
	}
}

// aggregated reports whether an expression holds an aggregate of its own query:
// resolution leaves none in a query that belongs to one around it.
func aggregated(e ast.Expr) bool {
	found := false
	ast.Walk(e, func(x ast.Expr) bool {
		switch x := x.(type) {
		case *ast.Subquery, *ast.Exists, *ast.InQuery, *ast.Quantified:
			return false
		case *ast.Call:
			found = found || isAggregate(x)
		}
		return !found
	})
	return found
}
