package resolve

import (
	"time"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
)

// meetColumns refuses a set operation of columns whose values are of different
// kinds: PostgreSQL has no type for both, and the others convert in one way or
// another. A date in quotes is one where it meets dates.
func (r *resolver) meetColumns(op *ast.SetOp, a, b *column) {
	if a.typ == ast.Unknown || b.typ == ast.Unknown || family(a.typ) == family(b.typ) || spells(a, b.typ) || spells(b, a.typ) {
		return
	}
	r.refuse(fault.Unsupported, op.Pos, "column %q of a set operation is of type %s on one side and %s on the other", a.name, a.typ, b.typ).
		WithHint("CAST one of them")
}

// family gives one type for those whose values meet.
func family(t ast.Type) ast.Type {
	switch t {
	case ast.Integer, ast.Decimal, ast.Float:
		return ast.Decimal
	case ast.Date, ast.DateTime, ast.DateTimeTz:
		return ast.DateTime
	default:
		return t
	}
}

// spells reports whether a column is a string constant that spells a value of a type.
func spells(c *column, t ast.Type) bool {
	layout := map[ast.Type]string{ast.Date: time.DateOnly, ast.DateTime: time.DateTime, ast.Time: time.TimeOnly}[t]
	_, err := time.Parse(layout, c.literal)
	return layout != "" && err == nil
}

// stringConstant gives the text of a string constant, "" for any other expression.
func stringConstant(e ast.Expr) string {
	if l, ok := e.(*ast.Literal); ok && l.Kind == ast.StringLiteral {
		return l.Text
	}
	return ""
}
