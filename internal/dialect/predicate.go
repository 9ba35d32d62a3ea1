package dialect

import (
	"strings"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
)

func (p *printer) predicate(e ast.Expr) {
	switch n := e.(type) {
	case *ast.Compare:
		p.compare(n)
	case *ast.Quantified:
		p.quantified(n)
	case *ast.Is:
		p.is(n)
	case *ast.Between:
		x := p.alike(n.X, n.Low, n.High)
		p.expr(x[0], additive)
		p.not(n.Not)
		p.write(" BETWEEN ")
		p.expr(x[1], additive)
		p.write(" AND ")
		p.expr(x[2], additive)
	case *ast.Like:
		p.like(n)
	case *ast.InList:
		p.inList(n)
	case *ast.InQuery:
		if !p.d.InNulls {
			p.unsupported(n.Pos, "IN with a query").WithHint("write EXISTS or a join")
		}
		if row, ok := n.X.(*ast.Tuple); ok && p.d.RowsIn {
			p.rowInQuery(n, row.X)
			return
		}
		p.expr(p.member(n.X, n.Query), additive)
		p.not(n.Not)
		p.write(" IN ")
		p.memberQuery(n.Query)
	case *ast.Exists:
		p.write("EXISTS (")
		p.query(n.Query)
		p.write(")")
	default:
		p.fail(fault.Internal, 0, "unknown predicate %T", e)
	}
}

func (p *printer) not(not bool) {
	if not {
		p.write(" NOT")
	}
}

// operator gives the text of a comparison operator.
func (p *printer) operator(op ast.CompareOp) string {
	switch op {
	case ast.Eq:
		return " = "
	case ast.Ne:
		return " <> "
	case ast.Lt:
		return " < "
	case ast.Le:
		return " <= "
	case ast.Gt:
		return " > "
	case ast.Ge:
		return " >= "
	case ast.NullSafeEq:
		return " " + p.d.NullSafeEq + " "
	default:
		p.fail(fault.Internal, 0, "unknown comparison %d", op)
		return ""
	}
}

func (p *printer) compare(n *ast.Compare) {
	if n.Definite && p.definite(n) {
		return
	}
	word := p.operator(n.Op)
	if left, right := p.bare(n.Left), p.bare(n.Right); left != n.Left || right != n.Right {
		n = &ast.Compare{Op: n.Op, Left: left, Right: right, Exact: n.Exact}
	}
	if n.Exact {
		p.exactCompare(n, word)
		return
	}
	left, right := p.pair(n.Left, n.Right)
	if p.d.RoundsKeys {
		met := unkeyed([]ast.Expr{left, right}, n.Op == ast.Eq || n.Op == ast.Ne || n.Op == ast.NullSafeEq)
		left, right = met[0], met[1]
	}
	p.expr(left, additive)
	p.write(word)
	p.expr(right, additive)
}

// exactCompare compares strings by code point. For equality the plain
// comparison comes first where the dialect asks for it: it is never narrower,
// an index serves it, and PostgreSQL learns the parameter's type from it.
func (p *printer) exactCompare(n *ast.Compare, word string) {
	p.notTuple(n.Left)
	p.write("(")
	if p.d.Exact.Plain && (n.Op == ast.Eq || n.Op == ast.NullSafeEq) && p.indexable(n.Left, n.Right) {
		p.expr(n.Left, additive)
		p.write(word)
		p.expr(n.Right, additive)
		p.write(" AND ")
		p.beside(func() { p.exactSides(n, word) })
	} else {
		p.exactSides(n, word)
	}
	p.write(")")
}

func (p *printer) exactSides(n *ast.Compare, word string) {
	p.render(0, p.d.Exact.Left, n.Left)
	p.write(word)
	p.render(0, p.d.Exact.Right, n.Right)
}

// beside writes an exact comparison that stands beside a plain one.
func (p *printer) beside(exact func()) {
	before, after, ok := strings.Cut(p.d.Exact.Beside, "$1")
	if !ok {
		exact()
		return
	}
	p.write(before)
	exact()
	p.write(after)
}

func (p *printer) notTuple(e ast.Expr) {
	if t, ok := e.(*ast.Tuple); ok {
		p.fail(fault.Internal, t.Pos, "a row value in an exact comparison")
	}
}

func (p *printer) inList(n *ast.InList) {
	if len(n.List) == 0 {
		p.fail(fault.Internal, 0, "IN list is empty")
		return
	}
	n = p.definiteList(n)
	n = &ast.InList{X: p.bare(n.X), List: p.each(n.List, p.bare), Not: n.Not, Exact: n.Exact}
	if s, ok := n.List[0].(*ast.Slot); ok && s.Elem == -1 && s.Count > 0 {
		p.sessionList(n, s)
		return
	}
	if n.Exact {
		p.exactList(n)
		return
	}
	x := p.alike(append([]ast.Expr{n.X}, n.List...)...)
	if p.d.RoundsKeys {
		x = unkeyed(x, true)
	}
	p.expr(x[0], additive)
	p.not(n.Not)
	p.write(" IN (")
	p.exprs(x[1:])
	p.write(")")
}

func (p *printer) exactList(n *ast.InList) {
	p.notTuple(n.X)
	p.write("(")
	if p.d.Exact.Plain && !n.Not && p.indexable(n.X, n.List...) {
		p.expr(n.X, additive)
		p.write(" IN (")
		p.exprs(n.List)
		p.write(") AND ")
		p.beside(func() { p.exactIn(n) })
	} else {
		p.exactIn(n)
	}
	p.write(")")
}

func (p *printer) exactIn(n *ast.InList) {
	p.render(0, p.d.Exact.Left, n.X)
	p.not(n.Not)
	p.write(" IN (")
	p.list(len(n.List), func(i int) { p.render(0, p.d.Exact.Right, n.List[i]) })
	p.write(")")
}

func (p *printer) is(n *ast.Is) {
	var word string
	switch n.Kind {
	case ast.IsNull, ast.IsUnknown: // a truth value is unknown exactly when it is NULL
		word = "NULL"
	case ast.IsTrue:
		word = "TRUE"
	case ast.IsFalse:
		word = "FALSE"
	default:
		p.fail(fault.Internal, 0, "unknown IS test %d", n.Kind)
	}
	x := n.X
	if n.Kind != ast.IsNull {
		x = p.truth(x)
	}
	if word != "NULL" && !p.d.TruthTests {
		p.truthTest(n, x)
		return
	}
	p.expr(x, additive)
	p.write(" IS")
	p.not(n.Not)
	p.write(" ", word)
}

// truthTest is IS TRUE and IS FALSE for a database without them.
func (p *printer) truthTest(n *ast.Is, x ast.Expr) {
	p.write(either(n.Not, "(NOT COALESCE(", "COALESCE("))
	if n.Kind == ast.IsFalse {
		p.write("NOT ")
	}
	p.expr(x, primary)
	p.write(", FALSE)", either(n.Not, ")", ""))
}

// memberQuery writes the query behind IN, ANY or ALL.
func (p *printer) memberQuery(q *ast.Query) {
	p.write("(")
	inner, limited := unwrap(q).(*ast.Query)
	if limited && inner != nil && inner.Limit != nil && !p.d.SubqueryLimit {
		p.wrapped(func() { p.query(q) })
	} else {
		p.query(q)
	}
	p.write(")")
}

func (p *printer) quantified(n *ast.Quantified) {
	word := p.operator(n.Op)
	if n.Op == ast.NullSafeEq {
		p.unsupported(n.Pos, "<=> with ANY or ALL")
		return
	}
	if p.d.Quantified {
		p.expr(p.member(n.X, n.Query), additive)
		p.write(word, either(n.All, "ALL ", "ANY "))
		p.memberQuery(n.Query)
		return
	}
	switch {
	case n.Op == ast.Eq && !n.All:
		p.predicate(&ast.InQuery{Pos: n.Pos, X: n.X, Query: n.Query})
	case n.Op == ast.Ne && n.All:
		p.predicate(&ast.InQuery{Pos: n.Pos, X: n.X, Query: n.Query, Not: true})
	case !p.d.QuantifiedCount:
		p.unsupported(n.Pos, "this comparison with ANY or ALL").WithHint("compare with MIN or MAX of the query")
	default:
		p.countedQuantifier(n, word)
	}
}

// countedQuantifier is ANY and ALL for a database without them. ANY is true if
// one comparison is, else unknown if one is, else false; ALL is the mirror
// image. The column is named by a first arm without rows. Operand and query
// stand in derived tables of their own, so the names q and x capture nothing.
func (p *printer) countedQuantifier(n *ast.Quantified, word string) {
	if t, ok := n.X.(*ast.Tuple); ok {
		p.unsupported(t.Pos, "a row value with ANY or ALL").WithHint("use IN or NOT IN")
		return
	}
	all := n.All
	p.write("(SELECT CASE WHEN ", either(all, "MIN", "MAX"), `("x"."v"`, word, `"q"."v")`)
	p.write(either(all, " = 0 THEN FALSE", " = 1 THEN TRUE"))
	p.write(` WHEN COUNT(*) = COUNT("x"."v"`, word, `"q"."v") THEN `, either(all, "TRUE", "FALSE"))
	p.write(` END FROM (SELECT NULL AS "v" WHERE FALSE UNION ALL SELECT * FROM (`)
	p.query(n.Query)
	p.write(`)) AS "q", (SELECT `)
	p.expr(p.member(n.X, n.Query), lowest)
	p.write(` AS "v") AS "x")`)
}

// indexable reports whether a plain comparison of x with the others could use
// an index. Of larger expressions, of constants alone, and of columns of one
// table, it would only mix collations.
func (p *printer) indexable(x ast.Expr, others ...ast.Expr) bool {
	if !isOperand(x) {
		return false
	}
	var columns []*ast.Column
	if c, ok := x.(*ast.Column); ok {
		columns = append(columns, c)
	}
	for _, e := range others {
		if !isOperand(e) {
			return false
		}
		if c, ok := e.(*ast.Column); ok {
			columns = append(columns, c)
		}
	}
	switch len(columns) {
	case 0:
		return false
	case 1:
		return true
	default:
		return p.d.Exact.Columns && len(columns) == 2 && columns[0].Table != columns[1].Table
	}
}

// isOperand tells an expression that isn't computed.
func isOperand(e ast.Expr) bool {
	switch e.(type) {
	case *ast.Column, *ast.Slot, *ast.Param, *ast.Literal:
		return true
	default:
		return false
	}
}

// sessionList writes IN over a list of the session: one parameter where the
// database takes an array or the list is long, else Count elements, of which
// those that the list lacks are its last one.
func (p *printer) sessionList(n *ast.InList, s *ast.Slot) {
	switch {
	case len(n.List) != 1 || n.Not:
		p.fail(fault.Internal, 0, "a session's list stands beside other values")
	case p.d.ListParameter != nil:
		p.anyOf(n, s)
	case s.Count == ast.ManyElements:
		p.inMany(n, s)
	default:
		out := &ast.InList{X: n.X, Exact: n.Exact, List: make([]ast.Expr, s.Count)}
		for i := range out.List {
			out.List[i] = &ast.Slot{ID: s.ID, Elem: i, Count: s.Count, Name: s.Name, Type: s.Type}
		}
		p.inList(out)
	}
}

// inMany writes IN over a long list as a query of its elements. There is no plain
// comparison beside an exact one: it would be a query of its own.
func (p *printer) inMany(n *ast.InList, s *ast.Slot) {
	query, ok := p.d.ManyList[s.Type]
	x := p.alike(n.X, s)
	if !ok || x[1] != ast.Expr(s) {
		p.fail(fault.Limit, 0, "the session's list %s is too long for %s", s.Name, p.d.Name).
			WithHint("give sessions shorter lists, or keep the values in a table")
		return
	}
	left, right := "$1", "$1"
	if n.Exact {
		p.notTuple(n.X)
		left, right = p.d.Exact.Left, p.d.Exact.Right
	}
	element := strings.ReplaceAll(right, "$1", "v")
	before, after, _ := strings.Cut(strings.ReplaceAll(query, "$v", element), "$1")
	p.write("(")
	p.render(0, left, x[0])
	p.write(" IN (", before)
	p.param(argKey{param: -1, slot: s.ID, elem: -1}, Arg{Param: -1, Slot: s, JSON: true})
	p.write(after, "))")
}

// anyOf writes x = ANY(array). The plain comparison comes first, so that the
// array gets the column's own type and an index serves it.
func (p *printer) anyOf(n *ast.InList, s *ast.Slot) {
	typ, ok := p.d.ListParameter[s.Type]
	if !ok {
		p.unsupported(0, "a list of this type")
		return
	}
	array := func(typ string) {
		p.write("ANY(")
		if typ != "" {
			p.write("CAST(")
		}
		p.param(argKey{param: -1, slot: s.ID, elem: -1}, Arg{Param: -1, Slot: s, List: true})
		if typ != "" {
			p.write(" AS ", typ, ")")
		}
		p.write(")")
	}
	if !n.Exact {
		p.expr(n.X, additive)
		p.write(" = ")
		array(typ)
		return
	}
	exact := func() {
		p.render(0, p.d.Exact.Left, n.X)
		p.write(" = ")
		array(typ)
	}
	p.notTuple(n.X)
	p.write("(")
	if p.d.Exact.Plain && p.indexable(n.X) {
		p.expr(n.X, additive)
		p.write(" = ")
		array("")
		p.write(" AND ")
		p.beside(exact)
	} else {
		exact()
	}
	p.write(")")
}
