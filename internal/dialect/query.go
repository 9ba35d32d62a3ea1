package dialect

import (
	"strings"
	"unicode/utf8"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
)

func (p *printer) query(q *ast.Query) {
	if q == nil || q.Body == nil {
		p.fail(fault.Internal, 0, "a query is empty")
		return
	}
	defer p.leave()
	if !p.enter(q.Pos) {
		return
	}
	p.with(q.With)
	p.queryBody(q)
	if len(q.OrderBy) > 0 {
		p.write(" ORDER BY ")
		p.orderBy(q.OrderBy)
	}
	p.limit(q)
}

// queryBody writes the body of a query that may have an ORDER BY or LIMIT.
func (p *printer) queryBody(q *ast.Query) {
	switch b := q.Body.(type) {
	case *ast.Query:
		switch {
		case bare(q):
			p.query(b)
		case len(q.OrderBy) == 0 && q.Limit == nil || p.d.NestedOrder:
			p.operand(b)
		default:
			p.wrapped(func() { p.query(b) })
		}
	case *ast.Select:
		if b.Rollup && len(q.OrderBy) > 0 {
			p.orderedRollup(q, b)
			return
		}
		p.sorts = q.OrderBy
		p.selectBlock(b)
	default:
		p.body(b)
	}
}

// bare tells whether a query is nothing but its body.
func bare(q *ast.Query) bool {
	return q.With == nil && len(q.OrderBy) == 0 && q.Limit == nil
}

// wrapped writes SELECT * from a derived table.
func (p *printer) wrapped(inner func()) {
	p.write("SELECT * FROM (")
	inner()
	p.write(") AS ")
	p.ident(0, "q")
}

func (p *printer) with(w *ast.With) {
	if w == nil {
		return
	}
	if len(w.CTEs) == 0 {
		p.fail(fault.Internal, 0, "WITH is empty")
		return
	}
	p.write("WITH ")
	if w.Recursive {
		p.write("RECURSIVE ")
	}
	p.list(len(w.CTEs), func(i int) {
		c := w.CTEs[i]
		p.ident(c.Pos, c.Name)
		if len(c.Columns) > 0 && !p.d.CTEColumns {
			p.sameColumns(c)
		} else if len(c.Columns) > 0 {
			p.write("(")
			p.list(len(c.Columns), func(i int) { p.ident(c.Pos, c.Columns[i]) })
			p.write(")")
		}
		p.write(" AS (")
		p.query(p.recursive(w, c))
		p.write(")")
	})
	p.write(" ")
}

// sameColumns refuses a CTE whose query gives its columns other names.
func (p *printer) sameColumns(c *ast.CTE) {
	body := unwrap(c.Query)
	for {
		if s, ok := body.(*ast.SetOp); ok {
			body = unwrap(s.Left)
			continue
		}
		break
	}
	s, ok := body.(*ast.Select)
	if !ok || len(s.Items) != len(c.Columns) {
		p.unsupported(c.Pos, "this WITH query").WithHint("give every select item an alias")
		return
	}
	for i, it := range s.Items {
		if it.Alias != c.Columns[i] {
			p.unsupported(c.Pos, "a column list of a WITH query").WithHint("give every select item an alias")
			return
		}
	}
}

func (p *printer) body(b ast.Body) {
	switch b := b.(type) {
	case *ast.Select:
		p.selectBlock(b)
	case *ast.SetOp:
		p.setOp(b)
	case *ast.Values:
		p.values(b)
	case *ast.Query:
		p.query(b)
	default:
		p.fail(fault.Internal, 0, "a query has an unknown body %T", b)
	}
}

func (p *printer) setOp(s *ast.SetOp) {
	defer p.leave()
	if !p.enter(s.Pos) {
		return
	}
	word, ok := map[ast.SetOperator]string{ast.Union: "UNION", ast.Intersect: "INTERSECT", ast.Except: "EXCEPT"}[s.Op]
	if !ok {
		p.fail(fault.Internal, s.Pos, "unknown set operator %d", s.Op)
		return
	}
	if s.All && s.Op != ast.Union && !p.d.CompoundAll {
		p.unsupported(s.Pos, word+" ALL").WithHint("say %s without ALL", word)
	}
	p.leftOperand(s)
	p.write(" ", word)
	switch {
	case s.All:
		p.write(" ALL")
	case p.d.CompoundDistinct:
		p.write(" DISTINCT")
	}
	p.write(" ")
	p.operand(s.Right)
}

// leftOperand leaves out the parentheses where reading from the left gives the
// same: always when set operators bind equally, else for UNION in UNION.
func (p *printer) leftOperand(s *ast.SetOp) {
	left := unwrap(s.Left)
	if l, ok := left.(*ast.SetOp); ok && (!p.d.CompoundParens || s.Op == ast.Union && l.Op == ast.Union) {
		p.setOp(l)
		return
	}
	p.operand(left)
}

// unwrap drops queries that are nothing but their body.
func unwrap(b ast.Body) ast.Body {
	for {
		q, ok := b.(*ast.Query)
		if !ok || q == nil || !bare(q) {
			return b
		}
		b = q.Body
	}
}

// operand writes an operand of a set operation so that it stays one unit.
func (p *printer) operand(b ast.Body) {
	b = unwrap(b)
	q, isQuery := b.(*ast.Query)
	if _, isSetOp := b.(*ast.SetOp); !isSetOp && !isQuery {
		p.body(b)
		return
	}
	if isQuery && q == nil {
		p.fail(fault.Internal, 0, "a query is empty")
		return
	}
	if p.d.CompoundParens && (!isQuery || q.With == nil || p.d.CompoundWith) {
		p.write("(")
		p.body(b)
		p.write(")")
		return
	}
	p.wrapped(func() { p.body(b) })
}

func (p *printer) values(v *ast.Values) {
	if len(v.Rows) == 0 {
		p.fail(fault.Internal, v.Pos, "VALUES is empty")
		return
	}
	if !p.d.Values {
		p.unsupported(v.Pos, "VALUES").WithHint("combine SELECTs with UNION ALL")
		return
	}
	p.write("VALUES ")
	p.list(len(v.Rows), func(i int) {
		if len(v.Rows[i]) == 0 {
			p.fail(fault.Internal, v.Pos, "a row of VALUES is empty")
		}
		p.write(p.d.ValuesRow, "(")
		p.exprs(v.Rows[i])
		p.write(")")
	})
}

func (p *printer) selectBlock(s *ast.Select) {
	defer p.leave()
	if !p.enter(s.Pos) {
		return
	}
	if len(s.Items) == 0 {
		p.fail(fault.Internal, s.Pos, "SELECT has no items")
		return
	}
	sorts := p.sorts
	p.sorts = nil
	if s.Rollup && p.d.RollupUnion {
		p.rollupUnion(s)
		return
	}
	p.write("SELECT ")
	if s.Distinct {
		p.write("DISTINCT ")
	}
	p.list(len(s.Items), func(i int) { p.item(s.Items[i]) })
	p.from(s)
	p.condition(" WHERE ", s.Where)
	p.groupBy(s)
	p.having(s, sorts)
	p.namedWindows(s.Windows)
}

func (p *printer) item(it ast.SelectItem) {
	p.expr(it.Expr, lowest)
	if it.Alias != "" {
		p.write(" AS ")
		p.ident(it.Pos, p.shortened(it))
	}
}

func (p *printer) clause(keyword string, e ast.Expr) {
	if e != nil {
		p.write(keyword)
		p.expr(e, lowest)
	}
}

func (p *printer) condition(keyword string, e ast.Expr) {
	if e != nil {
		p.clause(keyword, p.truth(e))
	}
}

func (p *printer) groupBy(s *ast.Select) {
	if len(s.GroupBy) == 0 {
		if s.Rollup {
			p.fail(fault.Internal, s.Pos, "WITH ROLLUP without GROUP BY")
		}
		return
	}
	p.write(" GROUP BY ")
	if !s.Rollup {
		groups := s.GroupBy
		if p.d.Loose {
			groups = groups[:len(groups)-s.Implied]
		}
		p.exprs(groups)
		return
	}
	p.rollup(s)
}

func (p *printer) orderBy(items []ast.OrderItem) {
	p.list(len(items), func(i int) {
		p.expr(items[i].Expr, lowest)
		p.direction(items[i].Desc)
	})
}

// direction sorts NULL as the smallest value, as MySQL does.
func (p *printer) direction(desc bool) {
	if desc {
		p.write(" DESC")
	}
	if p.d.NullsLargest {
		p.write(either(desc, " NULLS LAST", " NULLS FIRST"))
	}
}

func (p *printer) limit(q *ast.Query) {
	if q.Fence {
		p.fence(q)
		return
	}
	if q.Limit == nil || q.Limit.Count == nil && q.Limit.Offset == nil {
		return
	}
	if p.d.OffsetFirst {
		p.offset(q)
	}
	switch {
	case q.Limit.Count != nil:
		p.write(" LIMIT ")
		p.limitValue(q.Pos, q.Limit.Count)
	case p.d.NoLimit != "":
		p.write(" LIMIT ", p.d.NoLimit)
	}
	if !p.d.OffsetFirst {
		p.offset(q)
	}
}

func (p *printer) offset(q *ast.Query) {
	if q.Limit.Offset != nil {
		p.write(" OFFSET ")
		p.limitValue(q.Pos, q.Limit.Offset)
	}
}

func (p *printer) limitValue(pos ast.Pos, e ast.Expr) {
	switch n := e.(type) {
	case *ast.Param:
		p.expr(n, lowest)
	case *ast.Literal:
		if n.Kind != ast.IntLiteral || len(strings.TrimLeft(n.Text, "0")) > 20 {
			p.fail(fault.Internal, n.Pos, "LIMIT is not a number of rows")
		}
		p.literal(n)
	default:
		p.fail(fault.Internal, pos, "LIMIT is neither a number nor a placeholder")
	}
}

// fence ends a query with the clause that keeps outer conditions out of it.
func (p *printer) fence(q *ast.Query) {
	switch {
	case q.Limit != nil:
		p.fail(fault.Internal, q.Pos, "a query can't be fenced")
		return
	case p.d.Fence == "":
		p.unsupported(q.Pos, "an expression that can fail, in a place where the database may evaluate it on rows that the policies hide,").
			WithHint("calculate in the select list of the outermost query, or compare columns with constants")
		return
	}
	p.write(" ", p.d.Fence)
}

// shortened is an item's alias. One that nobody wrote, the text of an
// expression, is cut to what the database allows; the statement's columns have
// it whole.
func (p *printer) shortened(it ast.SelectItem) string {
	name := it.Alias
	if it.Text == "" || len(name) <= p.d.MaxName {
		return name
	}
	cut := p.d.MaxName
	for !utf8.RuneStart(name[cut]) {
		cut--
	}
	return strings.TrimRight(name[:cut], " ")
}
