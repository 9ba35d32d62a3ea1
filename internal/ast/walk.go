package ast

// Walk calls f for e and, as long as f returns true, for every expression
// below it, also inside subqueries. A node kind that Walk doesn't know has no
// children: callers must treat unknown kinds as the worst case, and a test holds
// Walk against every kind there is.
func Walk(e Expr, f func(Expr) bool) {
	if e == nil || !f(e) {
		return
	}
	children(e, func(x Expr) { Walk(x, f) }, func(q *Query) { WalkQuery(q, f) })
}

// WalkQuery walks every expression of a query.
func WalkQuery(q *Query, f func(Expr) bool) {
	if q == nil {
		return
	}
	if q.With != nil {
		for _, c := range q.With.CTEs {
			WalkQuery(c.Query, f)
		}
	}
	walkBody(q.Body, f)
	for _, o := range q.OrderBy {
		Walk(o.Expr, f)
	}
	if q.Limit != nil {
		Walk(q.Limit.Count, f)
		Walk(q.Limit.Offset, f)
	}
}

func walkBody(b Body, f func(Expr) bool) {
	switch b := b.(type) {
	case *Select:
		walkSelect(b, f)
	case *SetOp:
		walkBody(b.Left, f)
		walkBody(b.Right, f)
	case *Values:
		for _, row := range b.Rows {
			for _, x := range row {
				Walk(x, f)
			}
		}
	case *Query:
		WalkQuery(b, f)
	}
}

func walkSelect(s *Select, f func(Expr) bool) {
	for _, it := range s.Items {
		Walk(it.Expr, f)
	}
	for _, t := range s.From {
		walkTable(t, f)
	}
	Walk(s.Where, f)
	for _, x := range s.GroupBy {
		Walk(x, f)
	}
	Walk(s.Having, f)
	for _, w := range s.Windows {
		windowChildren(w.Window, func(x Expr) { Walk(x, f) })
	}
}

func walkTable(t TableExpr, f func(Expr) bool) {
	switch t := t.(type) {
	case *Derived:
		WalkQuery(t.Query, f)
	case *Join:
		walkTable(t.Left, f)
		walkTable(t.Right, f)
		Walk(t.On, f)
	}
}

// children calls expr for every direct child of e and query for every query in it.
func children(e Expr, expr func(Expr), query func(*Query)) {
	each := func(list []Expr) {
		for _, x := range list {
			expr(x)
		}
	}
	switch e := e.(type) {
	case *Literal, *Param, *Slot, *Name, *Star, *Column:
	case *And:
		each(e.X)
	case *Or:
		each(e.X)
	case *Xor:
		expr(e.Left)
		expr(e.Right)
	case *Not:
		expr(e.X)
	case *Compare:
		expr(e.Left)
		expr(e.Right)
	case *Quantified:
		expr(e.X)
		query(e.Query)
	case *Is:
		expr(e.X)
	case *Between:
		expr(e.X)
		expr(e.Low)
		expr(e.High)
	case *Like:
		expr(e.X)
		expr(e.Pattern)
		expr(e.Escape)
	case *InList:
		expr(e.X)
		each(e.List)
	case *InQuery:
		expr(e.X)
		query(e.Query)
	case *Exists:
		query(e.Query)
	case *Subquery:
		query(e.Query)
	case *Tuple:
		each(e.X)
	case *Case:
		expr(e.Operand)
		for _, w := range e.Whens {
			expr(w.Cond)
			expr(w.Then)
		}
		expr(e.Else)
	case *Cast:
		expr(e.X)
	case *Binary:
		expr(e.Left)
		expr(e.Right)
	case *Neg:
		expr(e.X)
	case *BitNot:
		expr(e.X)
	case *DateAdd:
		expr(e.X)
		expr(e.Amount)
	case *Extract:
		expr(e.X)
	case *Call:
		each(e.Args)
		for _, o := range e.OrderBy {
			expr(o.Expr)
		}
		windowChildren(e.Over, expr)
	}
}

func windowChildren(w *Window, expr func(Expr)) {
	if w == nil {
		return
	}
	for _, x := range w.PartitionBy {
		expr(x)
	}
	for _, o := range w.OrderBy {
		expr(o.Expr)
	}
	if w.Frame != nil {
		expr(w.Frame.Start.Offset)
		if w.Frame.End != nil {
			expr(w.Frame.End.Offset)
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
