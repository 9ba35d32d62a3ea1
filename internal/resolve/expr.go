package resolve

import (
	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/function"
	"github.com/hedgerow/hedgerow/semantic"
)

// scalar resolves an expression that must be a single value.
func (r *resolver) scalar(e ast.Expr, s *scope) (ast.Expr, ast.Type) {
	x, typ := r.expr(e, s)
	if r.err == nil && width(x) != 1 {
		r.refuse(fault.Unsupported, exprPos(x), "a row of several values stands where one value is needed").
			WithHint("select or write exactly one column here")
	}
	return x, typ
}

// scalars resolves a list of single values.
func (r *resolver) scalars(list []ast.Expr, s *scope) ([]ast.Expr, []ast.Type) {
	if len(list) == 0 {
		return nil, nil
	}
	out, types := make([]ast.Expr, len(list)), make([]ast.Type, len(list))
	for i, e := range list {
		out[i], types[i] = r.scalar(e, s)
	}
	return out, types
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

// exprPos is a position to blame, if the node has one.
func exprPos(e ast.Expr) ast.Pos {
	switch e := e.(type) {
	case *ast.Tuple:
		return e.Pos
	case *ast.Subquery:
		return e.Pos
	default:
		return 0
	}
}

// sameWidth refuses comparing rows of different lengths.
func (r *resolver) sameWidth(pos ast.Pos, a, b int) {
	if r.err == nil && a != b {
		r.refuse(fault.Syntax, pos, "a row of %d values is compared with a row of %d", a, b)
	}
}

// expr resolves any expression. Every node is made anew, for the tree it comes from is not ours.
func (r *resolver) expr(e ast.Expr, s *scope) (ast.Expr, ast.Type) {
	switch e := e.(type) {
	case *ast.Literal:
		return e, literalType(e.Kind)
	case *ast.Param:
		return e, ast.Unknown
	case *ast.Name:
		return r.name(e, s)
	case *ast.And:
		return &ast.And{X: r.list(e.X, s)}, ast.Boolean
	case *ast.Or:
		return &ast.Or{X: r.list(e.X, s)}, ast.Boolean
	case *ast.Xor:
		left, _ := r.scalar(e.Left, s)
		right, _ := r.scalar(e.Right, s)
		return &ast.Xor{Left: left, Right: right}, ast.Boolean
	case *ast.Not:
		x, _ := r.scalar(e.X, s)
		return &ast.Not{X: x}, ast.Boolean
	case *ast.Is:
		x, _ := r.scalar(e.X, s)
		return &ast.Is{X: x, Kind: e.Kind, Not: e.Not}, ast.Boolean
	case *ast.Compare, *ast.Quantified, *ast.Between, *ast.Like, *ast.InList, *ast.InQuery, *ast.Exists:
		return r.condition(e, s), ast.Boolean
	case *ast.Subquery:
		q, cols := r.query(e.Query, s, s.ctes, false)
		return &ast.Subquery{Pos: e.Pos, Query: q}, firstType(cols)
	case *ast.Tuple:
		return &ast.Tuple{Pos: e.Pos, X: r.list(e.X, s)}, ast.Unknown
	case *ast.Case:
		return r.caseExpr(e, s)
	case *ast.Cast:
		x, _ := r.scalar(e.X, s)
		return &ast.Cast{Pos: e.Pos, X: x, Type: e.Type, Precision: e.Precision, Scale: e.Scale}, castType(e.Type)
	case *ast.Binary:
		left, lt := r.scalar(e.Left, s)
		right, rt := r.scalar(e.Right, s)
		return &ast.Binary{Pos: e.Pos, Op: e.Op, Left: left, Right: right}, arithmetic(e.Op, lt, rt)
	case *ast.Neg:
		x, typ := r.scalar(e.X, s)
		return &ast.Neg{X: x}, typ
	case *ast.BitNot:
		x, _ := r.scalar(e.X, s)
		return &ast.BitNot{Pos: e.Pos, X: x}, ast.Integer
	case *ast.DateAdd:
		x, typ := r.scalar(e.X, s)
		amount, _ := r.scalar(e.Amount, s)
		return &ast.DateAdd{Pos: e.Pos, X: x, Amount: amount, Unit: e.Unit, Sub: e.Sub}, dateAddType(typ, e.Unit)
	case *ast.Extract:
		x, _ := r.scalar(e.X, s)
		return &ast.Extract{Pos: e.Pos, Unit: e.Unit, X: x}, ast.Integer
	case *ast.Call:
		return r.call(e, s)
	case *ast.Star:
		r.refuse(fault.Syntax, e.Pos, "* stands where an expression is needed")
	default: // Column, Slot and whatever is added later cannot come from a caller
		r.refuse(fault.Internal, 0, "unknown kind of expression")
	}
	return ast.Null(), ast.Unknown
}

func firstType(cols []column) ast.Type {
	if len(cols) == 0 {
		return ast.Unknown
	}
	return cols[0].typ
}

// list resolves single values whose types don't matter.
func (r *resolver) list(list []ast.Expr, s *scope) []ast.Expr {
	out, _ := r.scalars(list, s)
	return out
}

// condition resolves comparisons and the other predicates.
func (r *resolver) condition(e ast.Expr, s *scope) ast.Expr {
	switch e := e.(type) {
	case *ast.Compare:
		left, _ := r.expr(e.Left, s)
		right, _ := r.expr(e.Right, s)
		r.sameWidth(exprPos(left), width(left), width(right))
		return &ast.Compare{Op: e.Op, Left: left, Right: right}
	case *ast.Quantified:
		x, _ := r.expr(e.X, s)
		q, cols := r.query(e.Query, s, s.ctes, false)
		r.sameWidth(e.Pos, width(x), len(cols))
		return &ast.Quantified{Pos: e.Pos, Op: e.Op, All: e.All, X: x, Query: q}
	case *ast.Between:
		x, _ := r.scalar(e.X, s)
		low, _ := r.scalar(e.Low, s)
		high, _ := r.scalar(e.High, s)
		return &ast.Between{X: x, Low: low, High: high, Not: e.Not}
	case *ast.Like:
		return r.like(e, s)
	case *ast.InList:
		x, _ := r.expr(e.X, s)
		out := &ast.InList{X: x, Not: e.Not}
		for _, item := range e.List {
			y, _ := r.expr(item, s)
			r.sameWidth(exprPos(y), width(x), width(y))
			out.List = append(out.List, y)
		}
		return out
	case *ast.InQuery:
		x, _ := r.expr(e.X, s)
		q, cols := r.query(e.Query, s, s.ctes, false)
		r.sameWidth(e.Pos, width(x), len(cols))
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
	out.X, _ = r.scalar(e.X, s)
	out.Pattern, _ = r.scalar(e.Pattern, s)
	if e.Escape != nil {
		out.Escape, _ = r.scalar(e.Escape, s)
	}
	return out
}

func (r *resolver) caseExpr(e *ast.Case, s *scope) (ast.Expr, ast.Type) {
	out := &ast.Case{}
	if e.Operand != nil {
		out.Operand, _ = r.scalar(e.Operand, s)
	}
	var types []ast.Type
	for _, w := range e.Whens {
		cond, _ := r.scalar(w.Cond, s)
		then, typ := r.scalar(w.Then, s)
		out.Whens = append(out.Whens, ast.When{Cond: cond, Then: then})
		if !isNull(then) {
			types = append(types, typ)
		}
	}
	if e.Else != nil {
		x, typ := r.scalar(e.Else, s)
		out.Else = x
		if !isNull(x) {
			types = append(types, typ)
		}
	}
	return out, commonOf(types)
}

func isNull(e ast.Expr) bool {
	lit, ok := e.(*ast.Literal)
	return ok && lit.Kind == ast.NullLiteral
}

// call resolves a function call against the closed list.
func (r *resolver) call(e *ast.Call, s *scope) (ast.Expr, ast.Type) {
	f, ok := function.Lookup(e.Func)
	if !ok {
		r.refuse(fault.Unsupported, e.Pos, "function %s is not in the list of supported functions", e.Func).
			WithHint("see the list of supported SQL in Hedgerow's README")
		return ast.Null(), ast.Unknown
	}
	r.checkCall(e, f)
	out := &ast.Call{
		Pos: e.Pos, Func: f.Name, Star: e.Star, Distinct: e.Distinct,
		Separator: e.Separator, Unit: e.Unit, IgnoreNulls: e.IgnoreNulls,
	}
	var types []ast.Type
	out.Args, types = r.scalars(e.Args, s)
	out.OrderBy = r.sortKeys(e.OrderBy, s)
	if e.Over != nil {
		out.Over = r.window(e.Over, s)
	}
	if f.Result == nil {
		return out, ast.Unknown
	}
	return out, f.Result(types)
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
	if w.Name != "" {
		name, ok := s.windows[semantic.Fold(w.Name)]
		if !ok {
			r.refuse(fault.UnknownName, w.Pos, "unknown window %q", w.Name).WithHint("define it in this query's WINDOW clause")
		}
		out.Name = name
	}
	out.PartitionBy = r.list(w.PartitionBy, s)
	out.OrderBy = r.sortKeys(w.OrderBy, s)
	if w.Frame != nil {
		out.Frame = &ast.Frame{Range: w.Frame.Range, Start: r.frameBound(w.Frame.Start, s)}
		if w.Frame.End != nil {
			end := r.frameBound(*w.Frame.End, s)
			out.Frame.End = &end
		}
	}
	return out
}

// frameBound resolves one end of a frame.
func (r *resolver) frameBound(b ast.FrameBound, s *scope) ast.FrameBound {
	if b.Offset != nil {
		b.Offset, _ = r.scalar(b.Offset, s)
	}
	return b
}

// sortKeys resolves the ORDER BY of a window or an aggregate: columns only.
func (r *resolver) sortKeys(items []ast.OrderItem, s *scope) []ast.OrderItem {
	var out []ast.OrderItem
	for _, it := range items {
		x, _ := r.scalar(it.Expr, s)
		out = append(out, ast.OrderItem{Expr: x, Desc: it.Desc})
	}
	return out
}

// windowNames gives the windows of a WINDOW clause their printed names.
func (r *resolver) windowNames(windows []ast.NamedWindow) map[string]string {
	if len(windows) == 0 {
		return nil
	}
	names := make(map[string]string, len(windows))
	for _, w := range windows {
		folded := semantic.Fold(w.Name)
		if _, ok := names[folded]; ok {
			r.refuse(fault.UnknownName, w.Pos, "window %q is defined twice", w.Name)
		}
		names[folded] = r.names.unique("w_"+w.Name, "w", nil)
	}
	return names
}

// windowClause resolves a WINDOW clause.
func (r *resolver) windowClause(windows []ast.NamedWindow, s *scope) []ast.NamedWindow {
	var out []ast.NamedWindow
	for _, w := range windows {
		out = append(out, ast.NamedWindow{Pos: w.Pos, Name: s.windows[semantic.Fold(w.Name)], Window: r.window(w.Window, s)})
	}
	return out
}
