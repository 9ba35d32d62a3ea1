package semantic

import (
	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/function"
)

// binder rebuilds an expression of the model with its names bound and its
// positions removed, which would otherwise be taken for places in a query. It
// knows the nodes that may stand there and refuses every other.
type binder struct {
	where      string // what the expression is of, as "a field"
	name       func(*ast.Name) (ast.Expr, *fault.Error)
	aggregates bool // aggregates may stand here, and names only in them
	found      bool // an aggregate was met
	inside     bool // within an aggregate
	faults     []*fault.Error
}

func (b *binder) fault(f *fault.Error) ast.Expr {
	b.faults = append(b.faults, f)
	return ast.Null() // never used: an expression with faults is dropped
}

func (b *binder) refuse(pos ast.Pos, what string) ast.Expr {
	return b.fault(fault.New(fault.Unsupported, pos, "%s can't stand in the expression of %s", what, b.where))
}

// expr binds an expression; nil stays nil, for the optional parts of nodes.
func (b *binder) expr(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case nil:
		return nil
	case *ast.Literal:
		return &ast.Literal{Kind: e.Kind, Text: e.Text}
	case *ast.Name:
		return b.bindName(e)
	case *ast.Call:
		return b.call(e)
	case *ast.And, *ast.Or, *ast.Xor, *ast.Not, *ast.Compare, *ast.Is, *ast.Between, *ast.Like, *ast.InList:
		return b.truth(e)
	case *ast.Binary:
		return &ast.Binary{Op: e.Op, Left: b.expr(e.Left), Right: b.expr(e.Right)}
	case *ast.Neg:
		return &ast.Neg{X: b.expr(e.X)}
	case *ast.BitNot:
		return &ast.BitNot{X: b.expr(e.X)}
	case *ast.Case:
		whens := make([]ast.When, len(e.Whens))
		for i, w := range e.Whens {
			whens[i] = ast.When{Cond: b.expr(w.Cond), Then: b.expr(w.Then)}
		}
		return &ast.Case{Operand: b.expr(e.Operand), Whens: whens, Else: b.expr(e.Else)}
	case *ast.Cast:
		return &ast.Cast{X: b.expr(e.X), Type: e.Type, Precision: e.Precision, Scale: e.Scale}
	case *ast.DateAdd:
		return &ast.DateAdd{X: b.expr(e.X), Amount: b.expr(e.Amount), Unit: e.Unit, Sub: e.Sub}
	case *ast.Extract:
		return &ast.Extract{Unit: e.Unit, X: b.expr(e.X)}
	default:
		return b.other(e)
	}
}

// truth binds the expressions that give a truth value.
func (b *binder) truth(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.And:
		return &ast.And{X: b.list(e.X)}
	case *ast.Or:
		return &ast.Or{X: b.list(e.X)}
	case *ast.Xor:
		return &ast.Xor{Left: b.expr(e.Left), Right: b.expr(e.Right)}
	case *ast.Not:
		return &ast.Not{X: b.expr(e.X)}
	case *ast.Compare:
		return &ast.Compare{Op: e.Op, Left: b.expr(e.Left), Right: b.expr(e.Right), Exact: e.Exact}
	case *ast.Is:
		return &ast.Is{X: b.expr(e.X), Kind: e.Kind, Not: e.Not}
	case *ast.Between:
		return &ast.Between{X: b.expr(e.X), Low: b.expr(e.Low), High: b.expr(e.High), Not: e.Not}
	case *ast.Like:
		return &ast.Like{X: b.expr(e.X), Pattern: b.expr(e.Pattern), Escape: b.expr(e.Escape), Not: e.Not}
	case *ast.InList:
		return &ast.InList{X: b.expr(e.X), List: b.list(e.List), Not: e.Not, Exact: e.Exact}
	default:
		return b.other(e)
	}
}

// other refuses the nodes that no expression of a model may have.
func (b *binder) other(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.Param:
		return b.refuse(e.Pos, "a placeholder")
	case *ast.Star:
		return b.refuse(e.Pos, "*")
	case *ast.Tuple:
		return b.refuse(e.Pos, "a row value")
	case *ast.Subquery:
		return b.refuse(e.Pos, "a subquery")
	case *ast.Exists:
		return b.refuse(e.Pos, "a subquery")
	case *ast.InQuery:
		return b.refuse(e.Pos, "a subquery")
	case *ast.Quantified:
		return b.refuse(e.Pos, "a subquery")
	default:
		return b.refuse(0, "this construct")
	}
}

func (b *binder) list(xs []ast.Expr) []ast.Expr {
	out := make([]ast.Expr, len(xs))
	for i, x := range xs {
		out[i] = b.expr(x)
	}
	return out
}

func (b *binder) bindName(n *ast.Name) ast.Expr {
	if b.aggregates && !b.inside {
		return b.fault(fault.New(fault.Unsupported, n.Pos, "a field outside of an aggregate in a metric").
			WithHint("put it into an aggregate, as in SUM(…)"))
	}
	e, f := b.name(n)
	if f != nil {
		return b.fault(f)
	}
	return e
}

func (b *binder) call(c *ast.Call) ast.Expr {
	fn, ok := lookup(c.Func)
	switch {
	case !ok:
		return b.fault(fault.New(fault.Unsupported, c.Pos, "unknown function %s", c.Func))
	case c.Over != nil || fn.Kind == function.Window:
		return b.refuse(c.Pos, "a window function")
	case fn.Kind == function.Aggregate:
		return b.aggregate(c, fn)
	case fn.Kind != function.Scalar || c.Star || c.Distinct || c.OrderBy != nil || c.Separator != nil || c.IgnoreNulls:
		return b.fault(fault.New(fault.Unsupported, c.Pos, "%s is not called like this", c.Func))
	}
	b.checkCount(c, fn)
	return &ast.Call{Func: fn.Name, Args: b.list(c.Args), Unit: c.Unit}
}

func (b *binder) aggregate(c *ast.Call, fn *function.Func) ast.Expr {
	switch {
	case !b.aggregates:
		return b.fault(fault.New(fault.Unsupported, c.Pos, "the aggregate %s can't stand in the expression of %s", c.Func, b.where).
			WithHint("make it a metric"))
	case b.inside:
		return b.fault(fault.New(fault.Unsupported, c.Pos, "the aggregate %s stands in another aggregate", c.Func))
	case c.Star && fn.Name != "count", !c.Star && len(c.Args) == 0:
		return b.fault(fault.New(fault.Syntax, c.Pos, "%s is not called like this", c.Func))
	}
	if !c.Star {
		b.checkCount(c, fn)
	}
	b.found, b.inside = true, true
	defer func() { b.inside = false }()
	out := &ast.Call{
		Func: fn.Name, Args: b.list(c.Args), Star: c.Star, Distinct: c.Distinct, Separator: c.Separator,
		Unit: c.Unit, IgnoreNulls: c.IgnoreNulls,
	}
	for _, item := range c.OrderBy {
		out.OrderBy = append(out.OrderBy, ast.OrderItem{Expr: b.expr(item.Expr), Desc: item.Desc})
	}
	return out
}

func (b *binder) checkCount(c *ast.Call, fn *function.Func) {
	if n := len(c.Args); n < fn.Min || fn.Max >= 0 && n > fn.Max {
		b.fault(fault.New(fault.Syntax, c.Pos, "%s doesn't take %d arguments", c.Func, n))
	}
}

// lookup is the only door to the table of functions.
func lookup(name string) (*function.Func, bool) { return function.Lookup(name) }
