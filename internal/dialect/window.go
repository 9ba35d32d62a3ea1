package dialect

import (
	"strings"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/function"
)

func (p *printer) namedWindows(windows []ast.NamedWindow) {
	if len(windows) == 0 {
		return
	}
	if !p.d.WindowClause {
		p.unsupported(windows[0].Pos, "WINDOW").WithHint("write the window behind OVER")
		return
	}
	p.write(" WINDOW ")
	p.list(len(windows), func(i int) {
		p.ident(windows[i].Pos, windows[i].Name)
		p.write(" AS ")
		p.windowSpec(windows[i].Window)
	})
}

func (p *printer) over(w *ast.Window) {
	if w == nil {
		return
	}
	p.write(" OVER ")
	if w.Inline {
		p.windowSpec(w)
		return
	}
	if len(w.PartitionBy) > 0 || len(w.OrderBy) > 0 || w.Frame != nil {
		p.fail(fault.Internal, w.Pos, "a window name with a definition")
	}
	p.ident(w.Pos, w.Name)
}

func (p *printer) windowSpec(w *ast.Window) {
	if w == nil {
		p.fail(fault.Internal, 0, "a window is missing")
		return
	}
	var parts []func()
	if w.Name != "" {
		parts = append(parts, func() { p.ident(w.Pos, w.Name) })
	}
	if len(w.PartitionBy) > 0 {
		parts = append(parts, func() { p.write("PARTITION BY "); p.exprs(w.PartitionBy) })
	}
	if len(w.OrderBy) > 0 {
		parts = append(parts, func() { p.write("ORDER BY "); p.orderBy(w.OrderBy) })
	}
	if w.Frame != nil {
		parts = append(parts, func() { p.frame(w) })
	}
	p.write("(")
	for i, part := range parts {
		if i > 0 {
			p.write(" ")
		}
		part()
	}
	p.write(")")
}

func (p *printer) frame(w *ast.Window) {
	f := w.Frame
	p.write(either(f.Range, "RANGE ", "ROWS "))
	if f.End == nil {
		p.bound(w, f.Start)
		return
	}
	p.write("BETWEEN ")
	p.bound(w, f.Start)
	p.write(" AND ")
	p.bound(w, *f.End)
}

func (p *printer) bound(w *ast.Window, b ast.FrameBound) {
	words := map[ast.BoundKind]string{
		ast.CurrentRow:         "CURRENT ROW",
		ast.UnboundedPreceding: "UNBOUNDED PRECEDING",
		ast.UnboundedFollowing: "UNBOUNDED FOLLOWING",
		ast.Preceding:          " PRECEDING",
		ast.Following:          " FOLLOWING",
	}
	word, ok := words[b.Kind]
	distance := b.Kind == ast.Preceding || b.Kind == ast.Following
	if !ok || distance != (b.Offset != nil) {
		p.fail(fault.Internal, w.Pos, "a malformed window frame")
		return
	}
	switch {
	case distance && b.Unit != "":
		p.rangeInterval(w, b)
	case distance:
		p.expr(b.Offset, primary)
	}
	p.write(word)
}

// rangeInterval writes a frame's distance in time.
func (p *printer) rangeInterval(w *ast.Window, b ast.FrameBound) {
	if p.d.RangeUnit == "" || !w.Frame.Range {
		p.unsupported(w.Pos, "a window frame with an INTERVAL")
		return
	}
	if _, ok := units[b.Unit]; !ok {
		p.fail(fault.Internal, w.Pos, "unknown unit of time")
		return
	}
	p.render(w.Pos, strings.ReplaceAll(p.d.RangeUnit, "$u", strings.ToUpper(string(b.Unit))), b.Offset)
}

// groupConcat is MySQL's own GROUP_CONCAT.
func groupConcat(p *printer, c *ast.Call) {
	if c.Over != nil {
		p.unsupported(c.Pos, "GROUP_CONCAT with OVER")
	}
	p.write("GROUP_CONCAT(")
	if c.Distinct {
		p.write("DISTINCT ")
	}
	p.exprs(c.Args)
	if len(c.OrderBy) > 0 {
		p.write(" ORDER BY ")
		p.nullsFirst(c.OrderBy)
	}
	if c.Separator != nil {
		// The grammar takes a hexadecimal constant here, but no character set.
		p.write(" SEPARATOR ", strings.TrimPrefix(p.separator(c), "_utf8mb4 "))
	}
	p.write(")")
}

// nullsFirst writes sort keys so that NULL is smaller than any value.
// GROUP_CONCAT of MariaDB takes it for 0 otherwise.
func (p *printer) nullsFirst(items []ast.OrderItem) {
	keys := make([]ast.OrderItem, 0, 2*len(items))
	for _, o := range items {
		keys = append(keys, ast.OrderItem{Expr: &ast.Is{X: o.Expr, Kind: ast.IsNull, Not: true}, Desc: o.Desc}, o)
	}
	p.orderBy(keys)
}

// separator gives the constant between the strings of GROUP_CONCAT.
func (p *printer) separator(c *ast.Call) string {
	l := &ast.Literal{Pos: c.Pos, Kind: ast.StringLiteral, Text: ","}
	if c.Separator != nil {
		l.Text = *c.Separator
	}
	if !wellFormed(l) {
		p.fail(fault.Internal, c.Pos, "a separator holds NUL or invalid UTF-8")
	}
	return p.d.String(l.Text)
}

// stringAgg is GROUP_CONCAT where it has another name. With DISTINCT, the
// separator and the order are limited as the database limits them.
func stringAgg(name, operand string, distinctSeparator bool) form {
	return func(p *printer, c *ast.Call) {
		separator := p.separator(c)
		switch {
		case len(c.Args) != 1:
			p.unsupported(c.Pos, "GROUP_CONCAT of several expressions").WithHint("join them with CONCAT")
			return
		case c.Over != nil:
			p.unsupported(c.Pos, "GROUP_CONCAT with OVER")
		case c.Distinct && !distinctSeparator && separator != "','":
			p.unsupported(c.Pos, "GROUP_CONCAT with DISTINCT and SEPARATOR")
		case c.Distinct && len(c.OrderBy) > 0 && !sortsByItself(c):
			p.unsupported(c.Pos, "GROUP_CONCAT with DISTINCT and another ORDER BY than the string itself")
		}
		p.write(name, "(")
		if c.Distinct {
			p.write("DISTINCT ")
		}
		p.render(c.Pos, operand, c.Args[0])
		if !c.Distinct || distinctSeparator {
			p.write(", ", separator)
		}
		if len(c.OrderBy) > 0 {
			p.write(" ORDER BY ")
			if c.Distinct {
				p.render(c.Pos, operand, c.Args[0])
				p.direction(c.OrderBy[0].Desc)
			} else {
				p.orderBy(c.OrderBy)
			}
		}
		p.write(")")
	}
}

// sortsByItself tells whether the one sort key of an aggregate is a column of
// type String that is also its argument.
func sortsByItself(c *ast.Call) bool {
	a, ok := c.Args[0].(*ast.Column)
	b, same := c.OrderBy[0].Expr.(*ast.Column)
	return ok && same && len(c.OrderBy) == 1 && a.Table == b.Table && a.Name == b.Name &&
		function.TypeOf(a) == ast.String
}
