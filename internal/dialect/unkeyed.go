package dialect

import (
	"slices"
	"strings"
	"time"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/function"
)

// Where MariaDB looks a value up in an index, it rounds it to what the column can
// hold, and forgets the condition: n = 1.5 finds 2. It does so or doesn't by how
// many rows it expects, hidden ones included.

// unkeyed keeps an index of a column out of a comparison with values that may be
// finer than the column. equal says that the comparison is for equality; only
// then is a value looked up.
func unkeyed(values []ast.Expr, equal bool) []ast.Expr {
	if columns, ok := transposed(values); ok {
		return byColumn(values, columns, func(column []ast.Expr) []ast.Expr { return unkeyed(column, equal) })
	}
	var out []ast.Expr
	for i, e := range values {
		c, ok := e.(*ast.Column)
		if !ok || !slices.ContainsFunc(values, func(v ast.Expr) bool { return finer(v, c.Type, equal) }) {
			continue
		}
		if out == nil {
			out = slices.Clone(values)
		}
		out[i] = withoutIndex(c)
	}
	if out == nil {
		return values
	}
	return out
}

// withoutIndex is a column in a form that no index serves.
func withoutIndex(c *ast.Column) ast.Expr {
	if c.Type == ast.Integer || c.Type == ast.Decimal {
		return &ast.Binary{Pos: c.Pos, Op: ast.Add, Left: c, Right: &ast.Literal{Kind: ast.IntLiteral, Text: "0"}}
	}
	return &ast.Call{Pos: c.Pos, Func: "coalesce", Args: []ast.Expr{c}}
}

// finer reports whether a value may be finer than a column of a type. Arguments
// beside whole numbers and dates are not: Expected sees to that.
func finer(e ast.Expr, column ast.Type, equal bool) bool {
	_, isColumn := e.(*ast.Column)
	_, isParam := e.(*ast.Param)
	literal, isLiteral := e.(*ast.Literal)
	switch column {
	case ast.Integer, ast.Decimal:
		switch function.TypeOf(e) {
		case ast.Float:
			return true
		case ast.Decimal:
			return column == ast.Integer || !isColumn
		default:
			return equal && isParam && column == ast.Decimal
		}
	case ast.DateTime, ast.DateTimeTz, ast.Time:
		return equal && !isColumn && (!isLiteral || strings.Contains(literal.Text, "."))
	case ast.Date:
		return equal && !isColumn && !isParam && (!isLiteral || len(literal.Text) > len(time.DateOnly))
	default:
		return false
	}
}
