package resolve

import (
	"slices"
	"strconv"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/function"
	"github.com/hedgerow/hedgerow/semantic"
)

// query resolves a query expression. parent is the enclosing query's scope,
// ctes the CTEs in scope, top says that its rows are the statement's.
func (r *resolver) query(q *ast.Query, parent *scope, ctes *cteScope, top bool) (*ast.Query, []column) {
	out := &ast.Query{Pos: q.Pos}
	if r.err != nil {
		return out, nil
	}
	if q.With != nil {
		out.With, ctes = r.with(q.With, parent, ctes)
	}
	body, cols, inner := r.body(q.Body, parent, ctes, top)
	out.Body = body
	out.OrderBy = r.orderBy(q.OrderBy, body, cols, inner)
	out.Limit = q.Limit
	return out, cols
}

// with resolves the CTEs of a WITH clause: each sees those before it.
func (r *resolver) with(w *ast.With, parent *scope, ctes *cteScope) (*ast.With, *cteScope) {
	out := &ast.With{Recursive: w.Recursive}
	outer := ctes
	for _, c := range w.CTEs {
		folded := semantic.Fold(c.Name)
		if !r.look(c.Pos, len(out.CTEs)) {
			break
		}
		for s := ctes; s != outer; s = s.parent {
			if s.folded == folded {
				r.refuse(fault.UnknownName, c.Pos, "CTE %q is defined twice", c.Name)
			}
		}
		info := &cte{printed: r.names.unique("cte_"+c.Name, "cte", r.catalog.Reserved)}
		query := r.cteQuery(c, info, w.Recursive, parent.apartFrom(), ctes)
		info.closed = true
		ctes = &cteScope{parent: ctes, folded: folded, cte: info}
		out.CTEs = append(out.CTEs, &ast.CTE{Pos: c.Pos, Name: info.printed, Columns: printed(info.columns), Query: query})
	}
	return out, ctes
}

func printed(cols []column) []string {
	names := make([]string, len(cols))
	for i, c := range cols {
		names[i] = c.printed
	}
	return names
}

// cteQuery resolves the query of one CTE and sets the CTE's columns.
func (r *resolver) cteQuery(c *ast.CTE, info *cte, recursive bool, parent *scope, ctes *cteScope) *ast.Query {
	if !recursive {
		q, cols := r.query(c.Query, parent, ctes, false)
		info.columns = r.renamed(c.Pos, cols, c.Columns, c.Name)
		return q
	}
	info.defining = true
	self := &cteScope{parent: ctes, folded: semantic.Fold(c.Name), cte: info}
	define := func(cols []column) {
		info.columns = r.renamed(c.Pos, cols, c.Columns, c.Name)
		info.defining = false
	}
	arms := unionArms(c.Query)
	if len(arms) == 1 || c.Query.With != nil {
		q, cols := r.query(c.Query, parent, self, false)
		define(cols)
		return q
	}
	return r.recursiveUnion(c, arms, define, parent, self)
}

// unionArm is an operand of a chain of UNIONs, with the operator before it.
type unionArm struct {
	op   *ast.SetOp
	body ast.Body
}

// unionArms splits the left-associative chain of UNIONs that is a query's body.
func unionArms(q *ast.Query) []unionArm {
	var arms []unionArm
	body := q.Body
	for {
		op, ok := body.(*ast.SetOp)
		if !ok || op.Op != ast.Union {
			break
		}
		arms = append(arms, unionArm{op, op.Right})
		body = op.Left
	}
	arms = append(arms, unionArm{nil, body})
	slices.Reverse(arms)
	return arms
}

// renamed applies an explicit column list, and gives every column its printed name.
func (r *resolver) renamed(pos ast.Pos, cols []column, names []string, of string) []column {
	out := append([]column(nil), cols...)
	if len(names) > 0 && len(names) != len(cols) {
		r.refuse(fault.Syntax, pos, "%q has %d columns but its column list names %d", of, len(cols), len(names))
		return out
	}
	for i, n := range names {
		out[i].name = n
	}
	printedNames(out)
	return out
}

// body resolves a body. The scope it gives is that of a single SELECT, for its ORDER BY.
func (r *resolver) body(b ast.Body, parent *scope, ctes *cteScope, top bool) (ast.Body, []column, *scope) {
	switch b := b.(type) {
	case *ast.Select:
		return r.selectBlock(b, parent, ctes, top)
	case *ast.Query:
		q, cols := r.query(b, parent, ctes, top)
		return q, cols, nil
	case *ast.SetOp:
		left, cols, _ := r.body(b.Left, parent, ctes, top)
		right, rightCols, _ := r.body(b.Right, parent, ctes, top)
		cols = r.combine(b, cols, rightCols)
		return &ast.SetOp{Pos: b.Pos, Op: b.Op, All: b.All, Left: left, Right: right}, cols, nil
	case *ast.Values:
		q, cols := r.values(b, parent, ctes)
		return q, cols, nil
	default:
		r.refuse(fault.Internal, 0, "unknown kind of query")
		return &ast.Select{}, nil, nil
	}
}

// combine gives the columns of a set operation: the names of its left side.
func (r *resolver) combine(op *ast.SetOp, left, right []column) []column {
	if len(left) != len(right) {
		r.refuse(fault.Syntax, op.Pos, "the two sides of a set operation have %d and %d columns", len(left), len(right)).
			WithHint("select the same number of columns on both sides")
		return left
	}
	out := append([]column(nil), left...)
	for i := range out {
		r.meetColumns(op, &left[i], &right[i])
		out[i].typ = function.Common(left[i].typ, right[i].typ)
	}
	return out
}

// values turns VALUES into a query with named columns, as every database can
// say it: WITH v(column_0, …) AS (VALUES …) SELECT * FROM v.
func (r *resolver) values(v *ast.Values, parent *scope, ctes *cteScope) (*ast.Query, []column) {
	out := &ast.Values{Pos: v.Pos}
	s := &scope{parent: parent, ctes: ctes, apart: true}
	var cols []column
	for n, row := range v.Rows {
		exprs := make([]ast.Expr, len(row))
		for i, e := range row {
			exprs[i] = r.scalar(e, s)
			switch typ := function.TypeOf(exprs[i]); {
			case n == 0:
				cols = append(cols, column{name: "column_" + strconv.Itoa(i), typ: typ})
			case i < len(cols):
				cols[i].typ = function.Common(cols[i].typ, typ)
			}
		}
		if len(row) != len(cols) {
			r.refuse(fault.Syntax, v.Pos, "the rows of VALUES have different numbers of columns")
		}
		out.Rows = append(out.Rows, exprs)
	}
	printedNames(cols)
	name := r.names.unique("cte_values", "cte", r.catalog.Reserved)
	rel := r.relation("values", cols)
	sel := &ast.Select{From: []ast.TableExpr{&ast.CTERef{Name: name, Alias: rel.printed}}}
	for i, c := range cols {
		sel.Items = append(sel.Items, ast.SelectItem{Expr: r.column(ref{rel, i}, 0), Alias: c.printed})
	}
	return &ast.Query{
		With: &ast.With{CTEs: []*ast.CTE{{Pos: v.Pos, Name: name, Columns: printed(cols), Query: &ast.Query{Body: out}}}},
		Body: sel,
	}, cols
}

// selectBlock resolves a SELECT.
func (r *resolver) selectBlock(b *ast.Select, parent *scope, ctes *cteScope, top bool) (ast.Body, []column, *scope) {
	made := &struct {
		scope scope
		block ast.Select
	}{}
	s, out := &made.scope, &made.block
	*s = scope{parent: parent, block: b, ctes: ctes, windows: r.windowNames(b.Windows)}
	*out = ast.Select{Pos: b.Pos, Distinct: b.Distinct, Rollup: b.Rollup}
	out.From = r.fromClause(b.From, s)
	out.Where = r.predicate(b.Where, s)
	r.onlyRows(out.Where, s, "WHERE")
	items, cols := r.items(b.Items, s, top)
	out.Items = items
	// From here on a name that no column has may be a select item's.
	s.items, s.cols = items, cols
	out.GroupBy = r.groupBy(b.GroupBy, s, cols)
	for i := range out.GroupBy {
		r.onlyRows(groupExpr(out, i), s, "GROUP BY")
	}
	out.Having = r.predicate(b.Having, s)
	r.noWindows(out.Having, s, "HAVING")
	r.settleHaving(out, s)
	out.Windows = r.windowClause(b.Windows, s)
	r.group(out, s)
	return out, cols, s
}

// predicate resolves a condition, if there is one.
func (r *resolver) predicate(e ast.Expr, s *scope) ast.Expr {
	if e == nil {
		return nil
	}
	return r.scalar(e, s)
}

// items resolves a select list and expands its stars.
func (r *resolver) items(items []ast.SelectItem, s *scope, top bool) ([]ast.SelectItem, []column) {
	out := make([]ast.SelectItem, 0, len(items))
	cols := make([]column, 0, len(items))
	for _, it := range items {
		if star, ok := it.Expr.(*ast.Star); ok {
			refs := r.star(star, s)
			out, cols = slices.Grow(out, len(refs)), slices.Grow(cols, len(refs))
			for _, x := range refs {
				c := r.column(x, it.Pos)
				out = append(out, ast.SelectItem{Pos: it.Pos, Expr: c})
				cols = append(cols, column{name: x.name(), typ: c.Type})
			}
			continue
		}
		e := r.scalar(text(it.Expr), s)
		bound := ast.SelectItem{Pos: it.Pos, Expr: e}
		name := r.itemName(it, e)
		if name == it.Text {
			bound.Text = it.Text
		}
		out = append(out, bound)
		cols = append(cols, column{name: name, typ: function.TypeOf(e), literal: stringConstant(e)})
	}
	nameItems(out, cols, top)
	return out, cols
}

// itemName is the logical name of an output column: the alias, the field's
// name, or the expression as written.
func (r *resolver) itemName(it ast.SelectItem, bound ast.Expr) string {
	if it.Alias != "" {
		return it.Alias
	}
	if n, ok := it.Expr.(*ast.Name); ok {
		written := n.Parts[len(n.Parts)-1]
		if c, ok := bound.(*ast.Column); ok {
			return r.spelling(c, written)
		}
		return written
	}
	return it.Text
}

// spelling is how a column's dataset or subquery spells the name that was written.
func (r *resolver) spelling(c *ast.Column, written string) string {
	if c.Rel < 0 || c.Rel >= len(r.relations) {
		return written
	}
	rel, folded := r.relations[c.Rel], semantic.Fold(written)
	if rel.occurrence != nil {
		if i, ok := rel.occurrence.Dataset.index[folded]; ok && rel.columns[i].printed == c.Name {
			return rel.columns[i].name
		}
		return written
	}
	for i := range rel.columns {
		if at := &rel.columns[i]; at.printed == c.Name && at.is(folded) {
			return at.name
		}
	}
	return written
}

// nameItems gives the items the aliases to print: the logical names at the
// top, to which nothing refers by name, and unique plain names below.
func nameItems(items []ast.SelectItem, cols []column, top bool) {
	if !top {
		printedNames(cols)
	}
	for i := range items {
		items[i].Alias = cols[i].printed
		if top {
			items[i].Alias = cols[i].name
		}
	}
}

// star lists the columns of * or t.*.
func (r *resolver) star(star *ast.Star, s *scope) []ref {
	var refs []ref
	if len(star.Qualifier) == 0 {
		for _, f := range s.roots {
			refs = r.columns(refs, star.Pos, f)
		}
		if len(s.roots) == 0 {
			r.refuse(fault.Syntax, star.Pos, "* needs a FROM clause")
		}
		return refs
	}
	known := false
	if !r.look(star.Pos, s.width()) {
		return nil
	}
	qualifier := qualifierOf(star.Qualifier)
	for _, rel := range s.relations() {
		if rel.name == qualifier {
			known = true
			refs = r.columns(refs, star.Pos, &from{rel: rel})
		}
	}
	if !known {
		r.unknownDataset(star.Pos, star.Qualifier)
	}
	return refs
}

// columns appends all columns of a node of the FROM clause, counted before they are listed.
func (r *resolver) columns(dst []ref, pos ast.Pos, f *from) []ref {
	if !r.produce(pos, f.count()) || !r.list(pos, f) {
		return nil
	}
	return f.all(slices.Grow(dst, f.count()))
}

// groupBy resolves GROUP BY: ordinals, columns, then select items' aliases.
func (r *resolver) groupBy(exprs []ast.Expr, s *scope, cols []column) []ast.Expr {
	if len(exprs) == 0 {
		return nil
	}
	out := make([]ast.Expr, 0, len(exprs))
	for _, e := range exprs {
		if lit, ok := e.(*ast.Literal); ok && lit.Kind == ast.IntLiteral {
			out = append(out, r.ordinal(lit, len(cols), "GROUP BY"))
			continue
		}
		if n, ok := e.(*ast.Name); ok && len(n.Parts) == 1 {
			if i := r.aliasOrdinal(n, s); i >= 0 {
				out = append(out, ordinal(i))
				continue
			}
		}
		x := r.scalar(e, s)
		if constant(x) { // databases would read it as a position or refuse it
			r.refuse(fault.Unsupported, ast.PosOf(e), "GROUP BY a constant").WithHint("leave it out")
		}
		out = append(out, x)
	}
	return out
}

// aliasOrdinal gives the position of the select item that a bare name in
// GROUP BY means, or -1 when a column of the FROM clause has the name.
func (r *resolver) aliasOrdinal(n *ast.Name, s *scope) int {
	folded := semantic.Fold(n.Parts[0])
	if !r.look(n.Pos, s.width()+len(s.items)) {
		return -1
	}
	if found, _ := s.lookup("", folded); found.n > 0 {
		return -1
	}
	for i, a := range s.named() {
		if a.folded == folded {
			r.alias(n, s.named(), folded) // refuses what is ambiguous
			return i
		}
	}
	return -1
}

// ordinal is the select item of index i as GROUP BY or ORDER BY prints it.
func ordinal(i int) ast.Expr {
	return &ast.Literal{Kind: ast.IntLiteral, Text: strconv.Itoa(i + 1)}
}

// ordinal checks an ordinal that the caller wrote.
func (r *resolver) ordinal(lit *ast.Literal, columns int, clause string) ast.Expr {
	n, err := strconv.Atoi(lit.Text)
	if err != nil || n < 1 || n > columns {
		r.refuse(fault.UnknownName, lit.Pos, "position %s in %s is not one of the %d selected columns", lit.Text, clause, columns)
		return ast.Null()
	}
	return ordinal(n - 1)
}

// orderBy resolves ORDER BY. inner is the scope of a single SELECT, or nil
// after a set operation, where only output columns can be named.
func (r *resolver) orderBy(items []ast.OrderItem, body ast.Body, cols []column, inner *scope) []ast.OrderItem {
	if len(items) == 0 {
		return nil
	}
	out := make([]ast.OrderItem, 0, len(items))
	for _, it := range items {
		if x := r.orderExpr(it.Expr, body, cols, inner); x != nil {
			out = append(out, ast.OrderItem{Expr: x, Desc: it.Desc})
		}
	}
	r.checkOrder(out, body, inner)
	return out
}

// orderExpr resolves an item of ORDER BY. It gives nil for a constant, which
// sorts nothing and which databases would read as a position or refuse.
func (r *resolver) orderExpr(e ast.Expr, body ast.Body, cols []column, inner *scope) ast.Expr {
	if lit, ok := e.(*ast.Literal); ok && lit.Kind == ast.IntLiteral {
		return r.ordinal(lit, len(cols), "ORDER BY")
	}
	if n, ok := e.(*ast.Name); ok && len(n.Parts) == 1 {
		if i, ok := r.outputColumn(n, body, cols); ok {
			return ordinal(i)
		}
	}
	if constant(e) {
		r.sortText(e, cols, inner)
		return nil
	}
	if inner == nil {
		n, ok := e.(*ast.Name)
		if ok {
			return r.unknownField(n.Pos, n.Parts, nil)
		}
		r.refuse(fault.Unsupported, ast.PosOf(e), "ORDER BY after a set operation can only name output columns").
			WithHint("select from the set operation as a derived table and order that")
		return ast.Null()
	}
	x := r.scalar(e, inner)
	if constant(x) { // an outer query's alias may stand for one
		return nil
	}
	return x
}

// constant reports whether an expression is a literal under any number of signs.
func constant(e ast.Expr) bool {
	for {
		n, ok := e.(*ast.Neg)
		if !ok {
			break
		}
		e = n.X
	}
	_, ok := e.(*ast.Literal)
	return ok
}

// outputColumn finds the output column that a bare name in ORDER BY means.
// Items that are the same column may share a name.
func (r *resolver) outputColumn(n *ast.Name, body ast.Body, cols []column) (int, bool) {
	folded := semantic.Fold(n.Parts[0])
	found := -1
	if !r.look(n.Pos, len(cols)) {
		return 0, false
	}
	for i := range cols {
		if !cols[i].is(folded) {
			continue
		}
		if found >= 0 && !sameItem(body, found, i) {
			r.refuse(fault.UnknownName, n.Pos, "%s in ORDER BY is ambiguous", quote(n.Parts)).
				WithHint("order by position, or give each select item an alias of its own")
			return found, true
		}
		if found < 0 {
			found = i
		}
	}
	return found, found >= 0
}

// sameItem reports whether two items of a SELECT are the same column.
func sameItem(body ast.Body, i, j int) bool {
	sel, ok := body.(*ast.Select)
	if !ok {
		return false
	}
	a, okA := sel.Items[i].Expr.(*ast.Column)
	b, okB := sel.Items[j].Expr.(*ast.Column)
	return okA && okB && a.Rel == b.Rel && a.Name == b.Name
}
