package mysql

import (
	"vitess.io/vitess/go/vt/sqlparser"

	"github.com/hedgerow/hedgerow/internal/ast"
)

func (c *conv) over(o *sqlparser.OverClause) *ast.Window {
	if o == nil {
		return nil
	}
	pos := c.claim(sqlparser.OVER)
	if o.WindowSpec == nil {
		out := &ast.Window{Pos: pos}
		out.Name, _ = c.ident(o.WindowName.String())
		return out
	}
	return c.window(pos, o.WindowSpec)
}

// window converts what stands in the parentheses of OVER (…) or WINDOW w AS (…).
func (c *conv) window(pos ast.Pos, spec *sqlparser.WindowSpecification) *ast.Window {
	out := &ast.Window{Pos: pos, Inline: true}
	if spec.Name.NotEmpty() {
		out.Name, _ = c.ident(spec.Name.String())
	}
	if len(spec.PartitionClause) > 0 {
		c.claim(sqlparser.PARTITION)
		out.PartitionBy = c.exprs(spec.PartitionClause)
	}
	if len(spec.OrderClause) > 0 {
		c.claim(sqlparser.ORDER)
		out.OrderBy = c.orderBy(spec.OrderClause)
	}
	out.Frame = c.frame(spec.FrameClause)
	return out
}

func (c *conv) frame(f *sqlparser.FrameClause) *ast.Frame {
	if f == nil {
		return nil
	}
	c.claim(sqlparser.ROWS, sqlparser.RANGE)
	out := &ast.Frame{Range: f.Unit == sqlparser.FrameRangeType}
	out.Start = c.frameBound(f.Start)
	if f.End != nil {
		end := c.frameBound(f.End)
		out.End = &end
	}
	return out
}

func (c *conv) frameBound(p *sqlparser.FramePoint) (out ast.FrameBound) {
	if p == nil {
		c.refuse("this window frame is not supported", "")
		return out
	}
	switch p.Type {
	case sqlparser.CurrentRowType:
		c.claim(sqlparser.CURRENT)
		out.Kind = ast.CurrentRow
		return out
	case sqlparser.UnboundedPrecedingType:
		c.claim(sqlparser.UNBOUNDED)
		out.Kind = ast.UnboundedPreceding
		return out
	case sqlparser.UnboundedFollowingType:
		c.claim(sqlparser.UNBOUNDED)
		out.Kind = ast.UnboundedFollowing
		return out
	case sqlparser.ExprPrecedingType:
		out.Kind = ast.Preceding
	case sqlparser.ExprFollowingType:
		out.Kind = ast.Following
	default:
		c.refuse("this window frame is not supported", "")
		return out
	}
	out.Offset = c.expr(p.Expr)
	if p.Unit != sqlparser.IntervalNone {
		out.Unit = c.unit(p.Unit)
		c.claimName(string(out.Unit))
	}
	return out
}

func (c *conv) namedWindows(list sqlparser.NamedWindows) []ast.NamedWindow {
	var out []ast.NamedWindow
	for _, clause := range list {
		for _, w := range clause.Windows {
			name, pos := c.ident(w.Name.String())
			out = append(out, ast.NamedWindow{Pos: pos, Name: name, Window: c.window(pos, w.WindowSpec)})
		}
	}
	return out
}
