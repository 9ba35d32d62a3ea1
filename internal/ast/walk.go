package ast

// Walk calls f for e and, as long as f returns true, for every expression
// below it, also inside subqueries. A node kind that Walk doesn't know has no
// children: callers must treat unknown kinds as the worst case, and a test holds
// Walk against every kind there is.
func Walk(e Expr, f func(Expr) bool) { (&Visitor{Expr: f}).expr(e) }

// WalkQuery walks every expression of a query.
func WalkQuery(q *Query, f func(Expr) bool) { (&Visitor{Expr: f}).query(q) }

// Visitor is called for the nodes of a tree, each before what is below it; a
// nil function is not called. Where Expr returns false, nothing below that
// expression is visited, nor below a table where Table does.
type Visitor struct {
	Expr  func(Expr) bool
	Query func(*Query)
	Body  func(Body)
	Table func(TableExpr) bool
}

// VisitQuery visits a query.
func (v *Visitor) VisitQuery(q *Query) { v.query(q) }

// VisitExpr visits an expression.
func (v *Visitor) VisitExpr(e Expr) { v.expr(e) }

// VisitTable visits a table expression.
func (v *Visitor) VisitTable(t TableExpr) { v.table(t) }

func (v *Visitor) expr(e Expr) {
	if e == nil || v.Expr != nil && !v.Expr(e) {
		return
	}
	switch e := e.(type) {
	case *Literal, *Param, *Slot, *Name, *Star, *Column:
	case *And:
		v.all(e.X)
	case *Or:
		v.all(e.X)
	case *Xor:
		v.expr(e.Left)
		v.expr(e.Right)
	case *Not:
		v.expr(e.X)
	case *Compare:
		v.expr(e.Left)
		v.expr(e.Right)
	case *Quantified:
		v.expr(e.X)
		v.query(e.Query)
	case *Is:
		v.expr(e.X)
	case *Between:
		v.expr(e.X)
		v.expr(e.Low)
		v.expr(e.High)
	case *Like:
		v.expr(e.X)
		v.expr(e.Pattern)
		v.expr(e.Escape)
	case *InList:
		v.expr(e.X)
		v.all(e.List)
	case *InQuery:
		v.expr(e.X)
		v.query(e.Query)
	case *Exists:
		v.query(e.Query)
	case *Subquery:
		v.query(e.Query)
	case *Tuple:
		v.all(e.X)
	case *Case:
		v.expr(e.Operand)
		for _, w := range e.Whens {
			v.expr(w.Cond)
			v.expr(w.Then)
		}
		v.expr(e.Else)
	case *Cast:
		v.expr(e.X)
	case *Binary:
		v.expr(e.Left)
		v.expr(e.Right)
	case *Neg:
		v.expr(e.X)
	case *BitNot:
		v.expr(e.X)
	case *DateAdd:
		v.expr(e.X)
		v.expr(e.Amount)
	case *Extract:
		v.expr(e.X)
	case *Call:
		v.all(e.Args)
		v.order(e.OrderBy)
		v.window(e.Over)
	}
}

func (v *Visitor) all(list []Expr) {
	for _, x := range list {
		v.expr(x)
	}
}

func (v *Visitor) order(items []OrderItem) {
	for _, o := range items {
		v.expr(o.Expr)
	}
}

func (v *Visitor) query(q *Query) {
	if q == nil {
		return
	}
	if v.Query != nil {
		v.Query(q)
	}
	if q.With != nil {
		for _, c := range q.With.CTEs {
			v.query(c.Query)
		}
	}
	v.body(q.Body)
	v.order(q.OrderBy)
	if q.Limit != nil {
		v.expr(q.Limit.Count)
		v.expr(q.Limit.Offset)
	}
}

func (v *Visitor) body(b Body) {
	if v.Body != nil && b != nil {
		v.Body(b)
	}
	switch b := b.(type) {
	case *Select:
		v.selectBlock(b)
	case *SetOp:
		v.body(b.Left)
		v.body(b.Right)
	case *Values:
		for _, row := range b.Rows {
			v.all(row)
		}
	case *Query:
		v.query(b)
	}
}

func (v *Visitor) selectBlock(s *Select) {
	for _, it := range s.Items {
		v.expr(it.Expr)
	}
	for _, t := range s.From {
		v.table(t)
	}
	v.expr(s.Where)
	v.all(s.GroupBy)
	v.expr(s.Having)
	for _, w := range s.Windows {
		v.window(w.Window)
	}
}

func (v *Visitor) table(t TableExpr) {
	if v.Table != nil && !v.Table(t) {
		return
	}
	switch t := t.(type) {
	case *Derived:
		v.query(t.Query)
	case *Join:
		v.table(t.Left)
		v.table(t.Right)
		v.expr(t.On)
	}
}

func (v *Visitor) window(w *Window) {
	if w == nil {
		return
	}
	v.all(w.PartitionBy)
	v.order(w.OrderBy)
	if w.Frame != nil {
		v.expr(w.Frame.Start.Offset)
		if w.Frame.End != nil {
			v.expr(w.Frame.End.Offset)
		}
	}
}

// PosOf is the first known position in an expression, or 0.
func PosOf(e Expr) Pos {
	pos := 0
	Walk(e, func(x Expr) bool {
		if pos == 0 {
			pos = ownPos(x)
		}
		return pos == 0
	})
	return pos
}

func ownPos(e Expr) Pos {
	switch e := e.(type) {
	case *Literal:
		return e.Pos
	case *Param:
		return e.Pos
	case *Name:
		return e.Pos
	case *Star:
		return e.Pos
	case *Column:
		return e.Pos
	case *Quantified:
		if x := PosOf(e.X); x > 0 {
			return x
		}
		return e.Pos
	case *Exists:
		return e.Pos
	case *Subquery:
		return e.Pos
	case *Tuple:
		return e.Pos
	case *Call:
		return e.Pos
	case *Cast:
		return e.Pos
	case *Extract:
		return e.Pos
	default: // operators start with their operands
		return 0
	}
}
