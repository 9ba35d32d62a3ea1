package function

import (
	"strings"

	"github.com/hedgerow/hedgerow/internal/ast"
)

// TotalBinary tells whether an arithmetic operator never raises an error on
// any database. None is: sums overflow on PostgreSQL, products on MySQL, and
// what stands on either side may be text.
func TotalBinary(ast.BinaryOp) bool { return false }

// Total tells whether a node by itself, apart from its operands and the
// queries in it, never raises an error on any database, whatever values it
// meets. A caller that wants to know about a whole expression asks for every
// node of it. Nodes that are not listed are not total.
func Total(e ast.Expr) bool {
	switch n := e.(type) {
	case *ast.Literal, *ast.Param, *ast.Slot, *ast.Column,
		*ast.And, *ast.Or, *ast.Xor, *ast.Not, *ast.Compare, *ast.Is, *ast.Between,
		*ast.InList, *ast.InQuery, *ast.Exists, *ast.Quantified, *ast.Tuple, *ast.Case:
		return true
	case *ast.Like:
		return totalLike(n)
	case *ast.Binary:
		return TotalBinary(n.Op)
	case *ast.Call:
		f, ok := Lookup(n.Func)
		return ok && f.Total
	default: // Subquery (two rows are an error), Cast, Neg, BitNot, DateAdd, Extract
		return false
	}
}

// totalLike refuses every pattern that could end in the escape character,
// which PostgreSQL finds only when it meets a row that matches so far.
func totalLike(n *ast.Like) bool {
	l, ok := n.Pattern.(*ast.Literal)
	return ok && n.Escape == nil && l.Kind == ast.StringLiteral && !strings.HasSuffix(l.Text, `\`)
}
