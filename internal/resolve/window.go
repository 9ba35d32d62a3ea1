package resolve

import (
	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/function"
	"github.com/hedgerow/hedgerow/semantic"
)

// namedWindow is a window of a WINDOW clause.
type namedWindow struct {
	printed string
	name    string // as written
	def     *ast.Window
	base    *namedWindow // that it extends, or nil
}

// orderBy is the ORDER BY that a window has, its own or that of its base.
func (w *namedWindow) orderBy() []ast.OrderItem {
	for ; w != nil; w = w.base {
		if len(w.def.OrderBy) > 0 {
			return w.def.OrderBy
		}
	}
	return nil
}

// windowNames gives the windows of a WINDOW clause their printed names. A
// window may extend one that stands before it.
func (r *resolver) windowNames(windows []ast.NamedWindow) map[string]*namedWindow {
	if len(windows) == 0 {
		return nil
	}
	names := make(map[string]*namedWindow, len(windows))
	for _, w := range windows {
		folded := semantic.Fold(w.Name)
		if _, ok := names[folded]; ok {
			r.refuse(fault.UnknownName, w.Pos, "window %q is defined twice", w.Name)
		}
		at := &namedWindow{printed: r.names.unique("w_"+w.Name, "w", nil), name: w.Name, def: w.Window}
		if w.Window.Name != "" {
			if at.base = names[semantic.Fold(w.Window.Name)]; at.base == nil {
				r.refuse(fault.UnknownName, w.Pos, "window %q extends %q, which is not defined before it", w.Name, w.Window.Name).
					WithHint("define the windows in that order")
			}
		}
		names[folded] = at
	}
	return names
}

// windowClause resolves a WINDOW clause.
func (r *resolver) windowClause(windows []ast.NamedWindow, s *scope) []ast.NamedWindow {
	var out []ast.NamedWindow
	for _, w := range windows {
		named := s.windows[semantic.Fold(w.Name)]
		out = append(out, ast.NamedWindow{Pos: w.Pos, Name: named.printed, Window: r.window(w.Window, s)})
	}
	return out
}

// checkWindow refuses a window that changes what it extends, and a frame that
// has no meaning.
func (r *resolver) checkWindow(w *ast.Window, base *namedWindow) {
	if w.Inline && base != nil {
		switch {
		case len(w.PartitionBy) > 0:
			r.refuse(fault.Syntax, w.Pos, "a window that extends %q can't have PARTITION BY", base.name).
				WithHint("put PARTITION BY into %s, or write the window out", base.name)
		case len(w.OrderBy) > 0 && len(base.orderBy()) > 0:
			r.refuse(fault.Syntax, w.Pos, "a window that extends %q can't have another ORDER BY", base.name).
				WithHint("leave ORDER BY out of one of them, or write the window out")
		case base.def.Frame != nil:
			r.refuse(fault.Syntax, w.Pos, "window %q has a frame, so that no window can extend it", base.name).
				WithHint("write OVER %s without parentheses, or move the frame to where the window is used", base.name)
		}
	}
	if w.Frame == nil {
		return
	}
	r.checkFrame(w.Pos, w.Frame)
	keys := w.OrderBy
	if len(keys) == 0 {
		keys = base.orderBy()
	}
	if w.Frame.Range && distances(w.Frame) {
		r.checkRange(w, keys)
	}
}

// checkFrame refuses a frame that ends before it starts.
func (r *resolver) checkFrame(pos ast.Pos, f *ast.Frame) {
	order := map[ast.BoundKind]int{
		ast.UnboundedPreceding: 0, ast.Preceding: 1, ast.CurrentRow: 2, ast.Following: 3, ast.UnboundedFollowing: 4,
	}
	end := ast.CurrentRow
	if f.End != nil {
		end = f.End.Kind
	}
	if f.Start.Kind == ast.UnboundedFollowing || end == ast.UnboundedPreceding || order[f.Start.Kind] > order[end] {
		r.refuse(fault.Syntax, pos, "a window frame ends before it starts").
			WithHint("write it from the earlier to the later row, such as BETWEEN 1 PRECEDING AND CURRENT ROW")
	}
}

// checkRange refuses a distance from values that have none.
func (r *resolver) checkRange(w *ast.Window, keys []ast.OrderItem) {
	if len(keys) != 1 {
		r.refuse(fault.Syntax, w.Pos, "RANGE with a distance needs exactly one ORDER BY expression").
			WithHint("use ROWS, or sort by one number or date")
		return
	}
	switch function.TypeOf(keys[0].Expr) {
	case ast.String, ast.Boolean, ast.Opaque:
		r.refuse(fault.Unsupported, w.Pos, "RANGE with a distance needs an ORDER BY expression that is a number or a date").
			WithHint("use ROWS")
	}
}

// distances reports whether a frame has a bound at a distance.
func distances(f *ast.Frame) bool {
	return f.Start.Offset != nil || f.End != nil && f.End.Offset != nil
}

// frameOffset resolves the distance of a frame's bound, which is the same for all rows.
func (r *resolver) frameOffset(e ast.Expr, s *scope) ast.Expr {
	x := r.scalar(e, s)
	ast.Walk(x, func(inner ast.Expr) bool {
		switch inner.(type) {
		case *ast.Column, *ast.Subquery, *ast.Exists, *ast.InQuery, *ast.Quantified:
			r.refuse(fault.Syntax, ast.PosOf(x), "the distance of a window frame must be constant").WithHint("write a number")
			return false
		}
		return true
	})
	return x
}
