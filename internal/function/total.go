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
		return ok && f.Total && (f.Name != "count" || len(n.Args) < 2) // several make a record
	default: // Subquery (two rows are an error), Cast, Neg, BitNot, DateAdd, Extract
		return false
	}
}

// MostWildcards is how many % a pattern of LIKE may have. Databases
// go one level of their stack deeper for each that a value gets past: about 1,600
// exhaust the 292 KiB of MariaDB's default thread_stack, and 32,700 the 2 MiB of
// PostgreSQL's max_stack_depth, which may be set as low as 100 KiB. SQLite
// and DuckDB recurse as well, on a stack of megabytes.
const MostWildcards = 64

// totalLike refuses every pattern that could end in the escape character,
// which PostgreSQL finds only when it meets a row that matches so far, and
// every one with many wildcards.
func totalLike(n *ast.Like) bool {
	l, ok := n.Pattern.(*ast.Literal)
	return ok && n.Escape == nil && l.Kind == ast.StringLiteral && !strings.HasSuffix(l.Text, `\`) &&
		strings.Count(l.Text, "%") <= MostWildcards
}
