package resolve

import (
	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/semantic"
)

// A text in double quotes is a string in MySQL's syntax, and a name in standard
// SQL. One that is spelt like a visible name is therefore taken for a string
// only where a string makes sense: as a select item, and where it meets
// something that isn't another constant. Elsewhere it would silently stand for
// the same value in every row.

// literal resolves a constant.
func (r *resolver) literal(e *ast.Literal, s *scope) ast.Expr {
	if !e.DoubleQuoted {
		return e
	}
	folded := semantic.Fold(e.Text)
	for ; s != nil; s = s.parent {
		if !r.look(e.Pos, 1+s.width()+len(s.items)) {
			break
		}
		found, _ := s.lookup("", folded)
		if found.n > 0 {
			r.refuseQuoted(e)
		}
		for _, a := range s.named() {
			if a.folded == folded {
				r.refuseQuoted(e)
			}
		}
	}
	return text(e)
}

func (r *resolver) refuseQuoted(e *ast.Literal) {
	r.refuse(fault.Unsupported, e.Pos, "%q in double quotes is a string in MySQL's syntax, but there is a field of that name", e.Text).
		WithHint("write `%[1]s` for the field, or '%[1]s' for the string", e.Text)
}

// sortText refuses to sort by a text that is spelt like a name.
func (r *resolver) sortText(e ast.Expr, cols []column, s *scope) {
	l, ok := e.(*ast.Literal)
	if !ok || !l.DoubleQuoted || !r.look(l.Pos, len(cols)) {
		return
	}
	for i := range cols {
		if cols[i].is(semantic.Fold(l.Text)) {
			r.refuseQuoted(l)
		}
	}
	r.literal(l, s)
}

// text gives an expression that is read as a string if it is one in quotes of
// any kind.
func text(e ast.Expr) ast.Expr {
	l, ok := e.(*ast.Literal)
	if !ok || !l.DoubleQuoted {
		return e
	}
	out := *l
	out.DoubleQuoted = false
	return &out
}

// operand gives what meets another expression: a text that meets a column is
// one, and a text that meets another constant may be meant for a column.
func operand(e, other ast.Expr) ast.Expr {
	switch other := other.(type) {
	case *ast.Param:
		return e
	case *ast.Literal:
		if l, ok := e.(*ast.Literal); !ok || l.Text != other.Text {
			return e
		}
	}
	return text(e)
}
