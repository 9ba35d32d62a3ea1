package ast

// Walk calls f for e and, as long as f returns true, for every expression
// below it, also inside subqueries. A node kind that Walk doesn't know has no
// children: callers must treat unknown kinds as the worst case, and a test holds
// Walk against every kind there is.
func Walk(e Expr, f func(Expr) bool) {
	if e == nil || !f(e) {
		return
	}
	switch e := e.(type) {
	case *Literal, *Param, *Slot, *Name, *Star, *Column:
	case *And:
		walkAll(e.X, f)
	case *Or:
		walkAll(e.X, f)
	case *Xor:
		Walk(e.Left, f)
		Walk(e.Right, f)
	case *Not:
		Walk(e.X, f)
	case *Compare:
		Walk(e.Left, f)
		Walk(e.Right, f)
	case *Quantified:
		Walk(e.X, f)
		WalkQuery(e.Query, f)
	case *Is:
		Walk(e.X, f)
	case *Between:
		Walk(e.X, f)
		Walk(e.Low, f)
		Walk(e.High, f)
	case *Like:
		Walk(e.X, f)
		Walk(e.Pattern, f)
		Walk(e.Escape, f)
	case *InList:
		Walk(e.X, f)
		walkAll(e.List, f)
	case *InQuery:
		Walk(e.X, f)
		WalkQuery(e.Query, f)
	case *Exists:
		WalkQuery(e.Query, f)
	case *Subquery:
		WalkQuery(e.Query, f)
	case *Tuple:
		walkAll(e.X, f)
	case *Case:
		Walk(e.Operand, f)
		for _, w := range e.Whens {
			Walk(w.Cond, f)
			Walk(w.Then, f)
		}
		Walk(e.Else, f)
	case *Cast:
		Walk(e.X, f)
	case *Binary:
		Walk(e.Left, f)
		Walk(e.Right, f)
	case *Neg:
		Walk(e.X, f)
	case *BitNot:
		Walk(e.X, f)
	case *DateAdd:
		Walk(e.X, f)
		Walk(e.Amount, f)
	case *Extract:
		Walk(e.X, f)
	case *Call:
		walkAll(e.Args, f)
		walkOrder(e.OrderBy, f)
		walkWindow(e.Over, f)
	}
}

func walkAll(list []Expr, f func(Expr) bool) {
	for _, x := range list {
		Walk(x, f)
	}
}

func walkOrder(items []OrderItem, f func(Expr) bool) {
	for _, o := range items {
		Walk(o.Expr, f)
	}
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
	walkOrder(q.OrderBy, f)
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
			walkAll(row, f)
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
	walkAll(s.GroupBy, f)
	Walk(s.Having, f)
	for _, w := range s.Windows {
		walkWindow(w.Window, f)
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

func walkWindow(w *Window, f func(Expr) bool) {
	if w == nil {
		return
	}
	walkAll(w.PartitionBy, f)
	walkOrder(w.OrderBy, f)
	if w.Frame != nil {
		Walk(w.Frame.Start.Offset, f)
		if w.Frame.End != nil {
			Walk(w.Frame.End.Offset, f)
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
