package resolve

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/function"
	"github.com/hedgerow/hedgerow/semantic"
)

// scalar resolves an expression that must be a single value.
func (r *resolver) scalar(e ast.Expr, s *scope) ast.Expr {
	x := r.expr(e, s)
	if r.err == nil && width(x) != 1 {
		r.refuse(fault.Unsupported, ast.PosOf(x), "a row of several values stands where one value is needed").
			WithHint("select or write exactly one column here")
	}
	return x
}

// scalars resolves a list of single values.
func (r *resolver) scalars(list []ast.Expr, s *scope) []ast.Expr {
	if len(list) == 0 {
		return nil
	}
	out := r.slabs.exprs.Slice(len(list))
	for i, e := range list {
		out[i] = r.scalar(e, s)
	}
	return out
}

// width is the number of values that an expression yields.
func width(e ast.Expr) int {
	switch e := e.(type) {
	case *ast.Tuple:
		return len(e.X)
	case *ast.Subquery:
		return queryWidth(e.Query)
	default:
		return 1
	}
}

func queryWidth(q *ast.Query) int {
	body := q.Body
	for {
		switch b := body.(type) {
		case *ast.Select:
			return len(b.Items)
		case *ast.SetOp:
			body = b.Left
		case *ast.Query:
			body = b.Body
		default:
			return 0
		}
	}
}

// sameWidth refuses comparing rows of different lengths.
func (r *resolver) sameWidth(pos ast.Pos, a, b int) {
	if r.err == nil && a != b {
		r.refuse(fault.Syntax, pos, "a row of %d values is compared with a row of %d", a, b)
	}
}

// meet is sameWidth for two expressions; at is what to show.
func (r *resolver) meet(at, x, y ast.Expr) {
	if a, b := width(x), width(y); a != b {
		r.sameWidth(ast.PosOf(at), a, b)
	}
}

// expr resolves any expression. Every node is made anew, for the tree it comes from is not ours.
func (r *resolver) expr(e ast.Expr, s *scope) ast.Expr {
	if r.err != nil || r.budget.nodes >= r.budget.most && !r.produce(ast.PosOf(e), 1) {
		return ast.Null()
	}
	r.budget.nodes++
	switch e := e.(type) {
	case *ast.Literal:
		return r.literal(e, s)
	case *ast.Param:
		return e
	case *ast.Name:
		return r.name(e, s)
	case *ast.And:
		return &ast.And{X: r.scalars(e.X, s)}
	case *ast.Or:
		return &ast.Or{X: r.scalars(e.X, s)}
	case *ast.Xor:
		return &ast.Xor{Left: r.scalar(e.Left, s), Right: r.scalar(e.Right, s)}
	case *ast.Not:
		return &ast.Not{X: r.scalar(e.X, s)}
	case *ast.Is:
		return &ast.Is{X: r.scalar(e.X, s), Kind: e.Kind, Not: e.Not}
	case *ast.Compare, *ast.Quantified, *ast.Between, *ast.Like, *ast.InList, *ast.InQuery, *ast.Exists:
		return r.condition(e, s)
	case *ast.Subquery:
		q, _ := r.query(e.Query, s, s.ctes, false)
		return &ast.Subquery{Pos: e.Pos, Query: q}
	case *ast.Tuple:
		return &ast.Tuple{Pos: e.Pos, X: r.scalars(e.X, s)}
	case *ast.Case:
		return r.caseExpr(e, s)
	case *ast.Cast:
		return &ast.Cast{Pos: e.Pos, X: r.scalar(e.X, s), Type: e.Type, Precision: e.Precision, Scale: e.Scale}
	case *ast.Binary:
		out := r.slabs.binaries.New()
		*out = ast.Binary{Pos: e.Pos, Op: e.Op, Left: r.scalar(e.Left, s), Right: r.scalar(e.Right, s)}
		return out
	case *ast.Neg:
		return &ast.Neg{X: r.scalar(e.X, s)}
	case *ast.BitNot:
		return &ast.BitNot{Pos: e.Pos, X: r.scalar(e.X, s)}
	case *ast.DateAdd:
		x := r.scalar(e.X, s)
		r.checkMoment(x, true)
		return &ast.DateAdd{Pos: e.Pos, X: x, Amount: r.scalar(e.Amount, s), Unit: e.Unit, Sub: e.Sub}
	case *ast.Extract:
		x := r.scalar(e.X, s)
		r.checkMoment(x, e.Unit == ast.Hour || e.Unit == ast.Minute || e.Unit == ast.Second || e.Unit == ast.Microsecond)
		return &ast.Extract{Pos: e.Pos, Unit: e.Unit, X: x}
	case *ast.Call:
		return r.call(e, s)
	case *ast.Star:
		r.refuse(fault.Syntax, e.Pos, "* stands where an expression is needed")
	default: // Column, Slot and whatever is added later cannot come from a caller
		r.refuse(fault.Internal, 0, "unknown kind of expression")
	}
	return ast.Null()
}

// condition resolves comparisons and the other predicates.
func (r *resolver) condition(e ast.Expr, s *scope) ast.Expr {
	switch e := e.(type) {
	case *ast.Compare:
		left := r.expr(operand(e.Left, e.Right), s)
		right := r.expr(operand(e.Right, e.Left), s)
		r.meet(left, left, right)
		out := r.slabs.compares.New()
		*out = ast.Compare{Op: e.Op, Left: left, Right: right}
		return out
	case *ast.Quantified:
		x := r.expr(e.X, s)
		q, cols := r.query(e.Query, s, s.ctes, false)
		r.sameWidth(e.Pos, width(x), len(cols))
		if row, ok := oneRow(q); ok && len(row) == 1 {
			return &ast.Compare{Op: e.Op, Left: x, Right: row[0]}
		}
		return &ast.Quantified{Pos: e.Pos, Op: e.Op, All: e.All, X: x, Query: q}
	case *ast.Between:
		x := r.scalar(e.X, s)
		low := r.scalar(operand(e.Low, e.X), s)
		high := r.scalar(operand(e.High, e.X), s)
		return &ast.Between{X: x, Low: low, High: high, Not: e.Not}
	case *ast.Like:
		return r.like(e, s)
	case *ast.InList:
		x := r.expr(e.X, s)
		out := &ast.InList{X: x, Not: e.Not, List: r.slabs.exprs.Slice(len(e.List))}
		for i, item := range e.List {
			y := r.expr(operand(item, e.X), s)
			r.meet(y, x, y)
			out.List[i] = y
		}
		return out
	case *ast.InQuery:
		x := r.expr(e.X, s)
		q, cols := r.query(e.Query, s, s.ctes, false)
		r.sameWidth(e.Pos, width(x), len(cols))
		if row, ok := oneRow(q); ok && len(row) > 0 {
			return &ast.InList{X: x, List: []ast.Expr{rowValue(row)}, Not: e.Not}
		}
		return &ast.InQuery{Pos: e.Pos, X: x, Query: q, Not: e.Not}
	case *ast.Exists:
		q, _ := r.query(e.Query, s, s.ctes, false)
		return &ast.Exists{Pos: e.Pos, Query: q}
	default:
		r.refuse(fault.Internal, 0, "unknown kind of condition")
		return ast.Null()
	}
}

func (r *resolver) like(e *ast.Like, s *scope) ast.Expr {
	out := &ast.Like{Pos: e.Pos, Not: e.Not}
	out.X = r.scalar(e.X, s)
	out.Pattern = r.scalar(operand(e.Pattern, e.X), s)
	if e.Escape != nil {
		out.Escape = r.scalar(e.Escape, s)
	}
	if l, ok := out.Pattern.(*ast.Literal); ok && strings.Count(l.Text, "%") > function.MostWildcards {
		r.refuse(fault.Limit, l.Pos, "a pattern of LIKE has more than %d %%", function.MostWildcards).
			WithHint("several %% in a row are one; combine shorter patterns with AND")
	}
	return out
}

func (r *resolver) caseExpr(e *ast.Case, s *scope) ast.Expr {
	out := &ast.Case{}
	if e.Operand != nil {
		out.Operand = r.scalar(e.Operand, s)
	}
	for _, w := range e.Whens {
		out.Whens = append(out.Whens, ast.When{Cond: r.scalar(w.Cond, s), Then: r.scalar(w.Then, s)})
	}
	if e.Else != nil {
		out.Else = r.scalar(e.Else, s)
	}
	return out
}

// call resolves a function call against the closed list.
func (r *resolver) call(e *ast.Call, s *scope) ast.Expr {
	f, ok := function.Lookup(e.Func)
	if !ok {
		r.refuse(fault.Unsupported, e.Pos, "function %s is not in the list of supported functions", e.Func).
			WithHint("see the list of supported SQL in Hedgerow's README")
		return ast.Null()
	}
	r.checkCall(e, f)
	out := r.slabs.calls.New()
	*out = ast.Call{
		Pos: e.Pos, Func: f.Name, Args: r.scalars(e.Args, s), Star: e.Star, Distinct: e.Distinct,
		OrderBy: r.sortKeys(e.OrderBy, s), Separator: e.Separator, Unit: e.Unit, IgnoreNulls: e.IgnoreNulls,
	}
	for _, o := range out.OrderBy {
		r.noOuter(o.Expr, s, "the ORDER BY of an aggregate")
	}
	if e.Over != nil {
		out.Over = r.window(e.Over, s)
	}
	r.checkMoments(out, f)
	if f.Kind != function.Scalar {
		s.computes = true
		r.checkArguments(out, f, s)
	}
	return out
}

// checkCall holds a call against its function's signature.
func (r *resolver) checkCall(e *ast.Call, f *function.Func) {
	n := len(e.Args)
	switch {
	case e.Star && f.Name != "count":
		r.refuse(fault.Syntax, e.Pos, "%s(*) has no meaning", f.Name).WithHint("only COUNT takes *")
	case !e.Star && (n < f.Min || f.Max >= 0 && n > f.Max):
		r.refuse(fault.Syntax, e.Pos, "function %s takes %s, not %d", f.Name, arity(f), n)
	case f.Kind == function.Scalar && (e.Distinct || e.Over != nil || len(e.OrderBy) > 0):
		r.refuse(fault.Syntax, e.Pos, "%s is no aggregate: it takes neither DISTINCT nor OVER", f.Name)
	case f.Kind == function.Window && e.Over == nil:
		r.refuse(fault.Syntax, e.Pos, "%s is a window function: it needs OVER", f.Name)
	case e.IgnoreNulls && e.Over == nil:
		r.refuse(fault.Syntax, e.Pos, "IGNORE NULLS needs OVER")
	}
}

// window resolves what stands behind OVER or in a WINDOW clause.
func (r *resolver) window(w *ast.Window, s *scope) *ast.Window {
	out := &ast.Window{Pos: w.Pos, Inline: w.Inline}
	var base *namedWindow
	if w.Name != "" {
		base = s.windows[semantic.Fold(w.Name)]
		if base == nil {
			r.refuse(fault.UnknownName, w.Pos, "unknown window %q", w.Name).WithHint("define it in this query's WINDOW clause")
			return out
		}
		out.Name = base.printed
	}
	// Constants part and sort nothing, and MariaDB ranks wrongly beside them.
	out.PartitionBy = slices.DeleteFunc(r.scalars(w.PartitionBy, s), sameForAll)
	keys := r.sortKeys(w.OrderBy, s)
	out.OrderBy = slices.DeleteFunc(keys, func(o ast.OrderItem) bool { return sameForAll(o.Expr) })
	if w.Frame != nil {
		out.Frame = &ast.Frame{Range: w.Frame.Range, Start: r.frameBound(w.Frame.Start, s)}
		if w.Frame.End != nil {
			end := r.frameBound(*w.Frame.End, s)
			out.Frame.End = &end
		}
	}
	r.checkWindow(out, base)
	r.noOuter(&ast.Call{Over: out}, s, "a window")
	return out
}

// sameForAll reports whether an expression has one value for all rows of a query.
func sameForAll(e ast.Expr) bool {
	constant := true
	ast.Walk(e, func(x ast.Expr) bool {
		switch x := x.(type) {
		case *ast.Column, *ast.Subquery, *ast.Exists, *ast.InQuery, *ast.Quantified:
			constant = false
		case *ast.Call:
			f, ok := function.Lookup(x.Func)
			constant = constant && ok && f.Kind == function.Scalar
		}
		return constant
	})
	return constant
}

// frameBound resolves one end of a frame.
func (r *resolver) frameBound(b ast.FrameBound, s *scope) ast.FrameBound {
	if b.Offset != nil {
		b.Offset = r.frameOffset(b.Offset, s)
	}
	return b
}

// sortKeys resolves the ORDER BY of a window or an aggregate: columns only.
func (r *resolver) sortKeys(items []ast.OrderItem, s *scope) []ast.OrderItem {
	if len(items) == 0 {
		return nil
	}
	out := make([]ast.OrderItem, len(items))
	for i, it := range items {
		out[i] = ast.OrderItem{Expr: r.scalar(it.Expr, s), Desc: it.Desc}
	}
	return out
}

// arity says how many arguments a function takes.
func arity(f *function.Func) string {
	switch {
	case f.Max < 0:
		return fmt.Sprintf("at least %d arguments", f.Min)
	case f.Min == f.Max && f.Min == 1:
		return "1 argument"
	case f.Min == f.Max:
		return fmt.Sprintf("%d arguments", f.Min)
	default:
		return fmt.Sprintf("%d to %d arguments", f.Min, f.Max)
	}
}
