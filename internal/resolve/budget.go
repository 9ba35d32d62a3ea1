package resolve

import (
	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
)

// maxSteps bounds the comparisons of names. Many names over many columns are a
// quadratic number of them, which this keeps to about a second.
const maxSteps = 10_000_000

// budget bounds what resolution makes of a query. A few lines can stand for
// exponentially much: stars over CTEs that join themselves, and aliases that
// stand for expressions over aliases, double at each step.
type budget struct {
	most  int // nodes that may be produced
	nodes int // produced so far
	steps int // names compared so far
}

// produce counts nodes before they are made; false says not to make them.
func (r *resolver) produce(pos ast.Pos, n int) bool {
	if r.err == nil && n > r.budget.most-r.budget.nodes {
		r.refuse(fault.Limit, pos, "the query stands for more than %d columns and expressions", r.budget.most).
			WithHint("name the columns that are needed instead of *, and repeat aliases less")
	}
	r.budget.nodes += n
	return r.err == nil
}

// look counts comparisons of names before they are made; false says not to make them.
func (r *resolver) look(pos ast.Pos, n int) bool {
	if r.err == nil && n > maxSteps-r.budget.steps {
		r.refuse(fault.Limit, pos, "the query has too many names for relations of so many columns").
			WithHint("split the query, or select fewer columns")
	}
	r.budget.steps += n
	return r.err == nil
}

// occurrenceNodes is what an occurrence of a dataset counts as: a query of its own.
const occurrenceNodes = 4

// listSteps is how many comparisons of names take as long as listing a column,
// and listing needs memory too.
const listSteps = 24

// list counts the columns of joins that f.all puts together before it does; false
// says not to.
func (r *resolver) list(pos ast.Pos, f *from) bool { return r.look(pos, listSteps*f.listing()) }

func (f *from) listing() int {
	switch {
	case f.rel != nil, f.shown != nil:
		return 0
	case len(f.using) == 0:
		return f.left.listing() + f.right.listing()
	default:
		return f.left.listing() + f.right.listing() + f.count()
	}
}

// size is the number of nodes in an expression that produce has counted once.
func size(e ast.Expr) int {
	n := 0
	ast.Walk(e, func(ast.Expr) bool { n++; return true })
	return n
}
