package ast

// Rewrite returns a copy of an expression in which f has replaced nodes, from
// the leaves up. f gets a node whose children are rewritten already and returns
// it or another. The original is not changed; what holds nothing new is shared.
// ok is false when the expression holds a kind of node that Rewrite doesn't
// handle: windows, and queries other than a plain SELECT … FROM … WHERE in
// EXISTS or as a value. It serves policies and field expressions, which hold
// none of these. f gets such a query's expression when the query's own
// expressions are rewritten; its FROM clause is a copy, which f may change.
func Rewrite(e Expr, f func(Expr) Expr) (out Expr, ok bool) {
	r := rewriter{f: f, ok: true}
	out = r.expr(e)
	return out, r.ok
}

type rewriter struct {
	f  func(Expr) Expr
	ok bool
}

func (r *rewriter) list(list []Expr) []Expr {
	out := make([]Expr, len(list))
	for i, x := range list {
		out[i] = r.expr(x)
	}
	return out
}

func (r *rewriter) expr(e Expr) Expr {
	if e == nil {
		return nil
	}
	return r.f(r.copy(e))
}

// copy gives the node with rewritten children.
func (r *rewriter) copy(e Expr) Expr {
	switch e := e.(type) {
	case *Literal, *Param, *Slot, *Name, *Column:
		return e
	case *And:
		return &And{X: r.list(e.X)}
	case *Or:
		return &Or{X: r.list(e.X)}
	case *Xor:
		return &Xor{Left: r.expr(e.Left), Right: r.expr(e.Right)}
	case *Not:
		return &Not{X: r.expr(e.X)}
	case *Compare:
		return &Compare{Op: e.Op, Left: r.expr(e.Left), Right: r.expr(e.Right), Exact: e.Exact, Definite: e.Definite}
	case *Is:
		return &Is{X: r.expr(e.X), Kind: e.Kind, Not: e.Not}
	case *Between:
		return &Between{X: r.expr(e.X), Low: r.expr(e.Low), High: r.expr(e.High), Not: e.Not}
	case *Like:
		return &Like{Pos: e.Pos, X: r.expr(e.X), Pattern: r.expr(e.Pattern), Escape: r.expr(e.Escape), Not: e.Not}
	case *InList:
		return &InList{X: r.expr(e.X), List: r.list(e.List), Not: e.Not, Exact: e.Exact, Definite: e.Definite}
	case *Tuple:
		return &Tuple{Pos: e.Pos, X: r.list(e.X)}
	case *Case:
		out := &Case{Operand: r.expr(e.Operand), Whens: make([]When, len(e.Whens)), Else: r.expr(e.Else)}
		for i, w := range e.Whens {
			out.Whens[i] = When{Cond: r.expr(w.Cond), Then: r.expr(w.Then)}
		}
		return out
	case *Cast:
		return &Cast{Pos: e.Pos, X: r.expr(e.X), Type: e.Type, Precision: e.Precision, Scale: e.Scale}
	case *Binary:
		return &Binary{Pos: e.Pos, Op: e.Op, Left: r.expr(e.Left), Right: r.expr(e.Right)}
	case *Neg:
		return &Neg{X: r.expr(e.X)}
	case *BitNot:
		return &BitNot{Pos: e.Pos, X: r.expr(e.X)}
	case *DateAdd:
		return &DateAdd{Pos: e.Pos, X: r.expr(e.X), Amount: r.expr(e.Amount), Unit: e.Unit, Sub: e.Sub}
	case *Extract:
		return &Extract{Pos: e.Pos, Unit: e.Unit, X: r.expr(e.X)}
	case *Call:
		return r.call(e)
	case *Exists:
		return &Exists{Pos: e.Pos, Query: r.query(e.Query)}
	case *Subquery:
		return &Subquery{Pos: e.Pos, Query: r.query(e.Query)}
	default:
		r.ok = false
		return e
	}
}

// call copies a scalar call; aggregates with ORDER BY and windows are no scalars.
func (r *rewriter) call(e *Call) Expr {
	if e.Over != nil || len(e.OrderBy) > 0 {
		r.ok = false
		return e
	}
	out := *e
	out.Args = r.list(e.Args)
	return &out
}

// query copies a plain query.
func (r *rewriter) query(q *Query) *Query {
	sel, ok := q.Body.(*Select)
	if !ok || q.With != nil || len(q.OrderBy) > 0 || q.Fence || len(sel.GroupBy) > 0 || sel.Having != nil || len(sel.Windows) > 0 {
		r.ok = false
		return q
	}
	out := *sel
	out.Items = make([]SelectItem, len(sel.Items))
	for i, it := range sel.Items {
		it.Expr = r.expr(it.Expr)
		out.Items[i] = it
	}
	out.From = append([]TableExpr(nil), sel.From...)
	for _, t := range out.From {
		if _, derived := t.(*Derived); derived {
			r.ok = false
		}
		if _, join := t.(*Join); join {
			r.ok = false
		}
	}
	out.Where = r.expr(sel.Where)
	return &Query{Pos: q.Pos, Body: &out, Limit: q.Limit}
}
