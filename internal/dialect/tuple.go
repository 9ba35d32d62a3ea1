package dialect

import (
	"strconv"

	"github.com/hedgerow/hedgerow/internal/ast"
)

// Row values compare element by element, and NULL in one element makes the
// comparison unknown where the others don't decide it. Where a database has
// another mind, as DuckDB for which (1, NULL) equals (1, NULL), the comparison
// is written element by element.

// rowwise gives a comparison of row values written out, and other expressions
// as they are.
func (p *printer) rowwise(e ast.Expr) ast.Expr {
	switch n := e.(type) {
	case *ast.Compare:
		if left, right, ok := bothTuples(n.Left, n.Right); ok && !p.d.Tuples && !n.Exact {
			return compareRows(n.Op, left, right)
		}
		if n.Op == ast.NullSafeEq && p.d.NullSafeEq == "" {
			return nullSafe(n)
		}
		return e
	case *ast.InList:
		if n.Exact && p.d.InNulls {
			return e
		}
		if !p.d.InNulls && len(n.List) > 0 {
			return listed(n)
		}
		if p.d.Tuples {
			return e
		}
		var any []ast.Expr
		for _, x := range n.List {
			left, right, ok := bothTuples(n.X, x)
			if !ok {
				return e
			}
			any = append(any, compareRows(ast.Eq, left, right))
		}
		return negated(n.Not, &ast.Or{X: any})
	default:
		return e
	}
}

// nullSafe is <=> by =, which is unknown exactly where a side is NULL.
func nullSafe(n *ast.Compare) ast.Expr {
	isNull := func(e ast.Expr) ast.Expr { return &ast.Is{X: e, Kind: ast.IsNull} }
	equal := &ast.Compare{Op: ast.Eq, Left: n.Left, Right: n.Right, Exact: n.Exact}
	both := &ast.And{X: []ast.Expr{isNull(n.Left), isNull(n.Right)}}
	return &ast.Case{Whens: []ast.When{{Cond: &ast.Is{X: equal, Kind: ast.IsNull}, Then: both}}, Else: equal}
}

// listed is IN by =, which is unknown where NULL keeps it from being decided.
func listed(n *ast.InList) ast.Expr {
	any := &ast.Or{}
	for _, x := range n.List {
		any.X = append(any.X, &ast.Compare{Op: ast.Eq, Left: n.X, Right: x, Exact: n.Exact})
	}
	if len(any.X) == 1 {
		return negated(n.Not, any.X[0])
	}
	return negated(n.Not, any)
}

func bothTuples(a, b ast.Expr) (left, right []ast.Expr, ok bool) {
	x, okX := a.(*ast.Tuple)
	y, okY := b.(*ast.Tuple)
	if !okX || !okY || len(x.X) != len(y.X) || len(x.X) < 2 {
		return nil, nil, false
	}
	return x.X, y.X, true
}

func negated(not bool, e ast.Expr) ast.Expr {
	if not {
		return &ast.Not{X: e}
	}
	return e
}

// compareRows compares two rows of the same length.
func compareRows(op ast.CompareOp, left, right []ast.Expr) ast.Expr {
	element := func(op ast.CompareOp, i int) ast.Expr {
		return &ast.Compare{Op: op, Left: left[i], Right: right[i]}
	}
	switch op {
	case ast.Eq, ast.NullSafeEq:
		all := &ast.And{}
		for i := range left {
			all.X = append(all.X, element(op, i))
		}
		return all
	case ast.Ne:
		any := &ast.Or{}
		for i := range left {
			any.X = append(any.X, element(op, i))
		}
		return any
	}
	strict := map[ast.CompareOp]ast.CompareOp{ast.Le: ast.Lt, ast.Ge: ast.Gt}
	last := len(left) - 1
	out := element(op, last)
	if s, ok := strict[op]; ok {
		op = s
	}
	for i := last - 1; i >= 0; i-- {
		out = &ast.Or{X: []ast.Expr{element(op, i), &ast.And{X: []ast.Expr{element(ast.Eq, i), out}}}}
	}
	return out
}

// rowInQuery is IN of a row value and a query, for a database that finds NULL
// in a row equal to NULL: true where rows without NULL are equal, else unknown
// where a comparison is, else false. The operand stands in a derived table of its
// own where the query's rows have names, so those capture nothing.
func (p *printer) rowInQuery(n *ast.InQuery, row []ast.Expr) {
	columns := func(item func(i int), word string) {
		for i := range row {
			if i > 0 {
				p.write(word)
			}
			item(i)
		}
	}
	query := func() {
		p.write("(")
		p.query(n.Query)
		p.write(`) AS "q"(`)
		columns(func(i int) { p.write(`"c`, strconv.Itoa(i+1), `"`) }, ", ")
		p.write(")")
	}
	p.write(either(n.Not, "(NOT ", ""), "CASE WHEN (")
	p.exprs(row)
	p.write(") IN (SELECT * FROM ")
	query()
	p.write(" WHERE ")
	columns(func(i int) { p.write(`"q"."c`, strconv.Itoa(i+1), `" IS NOT NULL`) }, " AND ")
	p.write(") THEN TRUE WHEN EXISTS (SELECT 1 FROM ")
	query()
	p.write(", (SELECT ")
	columns(func(i int) { p.expr(row[i], lowest); p.write(` AS "v`, strconv.Itoa(i+1), `"`) }, ", ")
	p.write(`) AS "x" WHERE (`)
	columns(func(i int) { p.write(`"x"."v`, strconv.Itoa(i+1), `" = "q"."c`, strconv.Itoa(i+1), `"`) }, " AND ")
	p.write(") IS NULL) THEN NULL ELSE FALSE END", either(n.Not, ")", ""))
}
