package dialect

import (
	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/function"
)

// recursive gives the query of a CTE. Databases take the types of a recursive
// one from its first SELECT alone: PostgreSQL refuses a next one with other
// lengths and precisions, and MySQL cuts or refuses longer texts. So there the
// first SELECT casts its columns to the widest of their kind.
func (p *printer) recursive(w *ast.With, c *ast.CTE) *ast.Query {
	if !w.Recursive || len(p.d.FirstArm) == 0 || c.Query == nil {
		return c.Query
	}
	op, ok := c.Query.Body.(*ast.SetOp)
	if !ok || !reads(op.Right, c.Name) {
		return c.Query
	}
	out := *c.Query
	out.Body = p.widened(op)
	return &out
}

// reads reports whether a SELECT has a CTE in its FROM clause.
func reads(b ast.Body, name string) bool {
	sel, ok := unwrap(b).(*ast.Select)
	if !ok {
		return false
	}
	found := false
	var visit func(t ast.TableExpr)
	visit = func(t ast.TableExpr) {
		switch t := t.(type) {
		case *ast.CTERef:
			found = found || t.Name == name
		case *ast.Join:
			visit(t.Left)
			visit(t.Right)
		}
	}
	for _, t := range sel.From {
		visit(t)
	}
	return found
}

// widened copies the left spine of a UNION, with casts in its first SELECT.
func (p *printer) widened(b ast.Body) ast.Body {
	switch b := unwrap(b).(type) {
	case *ast.SetOp:
		out := *b
		out.Left = p.widened(b.Left)
		return &out
	case *ast.Select:
		out := *b
		out.Items = make([]ast.SelectItem, len(b.Items))
		for i, it := range b.Items {
			it.Expr = p.widest(it.Expr)
			out.Items[i] = it
		}
		return &out
	default:
		return b
	}
}

// widest casts an expression to the widest type of its kind.
func (p *printer) widest(e ast.Expr) ast.Expr {
	t := function.TypeOf(e)
	to, ok := p.d.FirstArm[t]
	switch {
	case !ok:
		return e
	case t == ast.Decimal: // a sum has no precision of its own
		return &ast.Binary{Pos: ast.PosOf(e), Op: ast.Add, Left: e, Right: &ast.Literal{Kind: ast.IntLiteral, Text: "0"}}
	case t == ast.String && p.d.FirstText > 0:
		return &ast.Cast{Pos: ast.PosOf(e), X: e, Type: to, Precision: p.d.FirstText, Scale: -1}
	default:
		return &ast.Cast{Pos: ast.PosOf(e), X: e, Type: to, Precision: -1, Scale: -1}
	}
}
