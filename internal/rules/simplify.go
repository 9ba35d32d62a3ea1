package rules

import "github.com/hedgerow/hedgerow/internal/ast"

// simplify folds truth constants in AND, OR, NOT and CASE, and comparisons with
// NULL: PostgreSQL reads = NULL as IS NULL where it is told to
// (transform_null_equals). It folds nothing else: x = x is not true where x is
// NULL. An operand that is unknown or can't be
// computed yields to FALSE in AND and to TRUE in OR, in CEL as in SQL.
func simplify(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.And:
		return fold(e.X, "true", "false", func(x []ast.Expr) ast.Expr { return &ast.And{X: x} })
	case *ast.Or:
		return fold(e.X, "false", "true", func(x []ast.Expr) ast.Expr { return &ast.Or{X: x} })
	case *ast.Not:
		if isLiteral(e.X, "true") {
			return ast.False()
		}
		if isLiteral(e.X, "false") {
			return ast.True()
		}
		return e
	case *ast.Compare:
		if e.Op != ast.NullSafeEq && (isNullLiteral(e.Left) || isNullLiteral(e.Right)) {
			return ast.Null()
		}
		return e
	case *ast.Between:
		if isNullLiteral(e.X) {
			return ast.Null()
		}
		return e
	case *ast.Case:
		return simplifyCase(e)
	default:
		return e
	}
}

// fold drops the neutral element, stops at the absorbing one, and flattens
// nested operations of the same kind.
func fold(list []ast.Expr, neutral, absorbing string, make func([]ast.Expr) ast.Expr) ast.Expr {
	var out []ast.Expr
	for _, x := range list {
		switch {
		case isLiteral(x, neutral):
		case isLiteral(x, absorbing):
			return x
		default:
			out = append(out, x)
		}
	}
	switch len(out) {
	case 0:
		return &ast.Literal{Kind: ast.BoolLiteral, Text: neutral}
	case 1:
		return out[0]
	default:
		return make(out)
	}
}

// simplifyCase drops branches that can't be taken and those behind one that must be.
func simplifyCase(e *ast.Case) ast.Expr {
	if e.Operand != nil {
		return e
	}
	out := &ast.Case{Else: e.Else}
	for _, w := range e.Whens {
		if isLiteral(w.Cond, "false") {
			continue
		}
		if isLiteral(w.Cond, "true") {
			if len(out.Whens) == 0 {
				return w.Then
			}
			out.Else = w.Then
			return out
		}
		out.Whens = append(out.Whens, w)
	}
	if len(out.Whens) == 0 {
		if out.Else == nil {
			return ast.Null()
		}
		return out.Else
	}
	if alwaysNull(out) { // PostgreSQL would take it for text
		return ast.Null()
	}
	return out
}

func alwaysNull(c *ast.Case) bool {
	for _, w := range c.Whens {
		if !isNullLiteral(w.Then) {
			return false
		}
	}
	return c.Else == nil || isNullLiteral(c.Else)
}

func isLiteral(e ast.Expr, text string) bool {
	lit, ok := e.(*ast.Literal)
	return ok && lit.Kind == ast.BoolLiteral && lit.Text == text
}
