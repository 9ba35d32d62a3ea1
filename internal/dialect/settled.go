package dialect

import (
	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/function"
)

// settled reports whether a node can't fail on any database, because no row has
// a say in it: arithmetic with small constants, constants of time and the clock
// moved by some thousand units, and casts of a value to the type that it has.
func settled(e ast.Expr) bool {
	switch n := e.(type) {
	case *ast.Binary:
		return (n.Op == ast.Add || n.Op == ast.Sub) && smallNumber(n.Left, 9) && smallNumber(n.Right, 9) || // within 32 bits
			n.Op == ast.Mul && smallNumber(n.Left, 4) && smallNumber(n.Right, 4)
	case *ast.DateAdd:
		return settledMoment(n, mostMoves)
	case *ast.Cast:
		return n.Type == ast.CastDate && function.TypeOf(n.X) == ast.Date
	default:
		return false
	}
}

// smallNumber reports whether an expression is a number of so many digits at most.
func smallNumber(e ast.Expr, most int) bool {
	if n, ok := e.(*ast.Neg); ok {
		e = n.X
	}
	l, ok := e.(*ast.Literal)
	return ok && (l.Kind == ast.IntLiteral || l.Kind == ast.DecimalLiteral) && len(l.Text) <= most
}

const (
	// mostMoves is how many intervals a constant may be moved by, and mostUnits and
	// mostYears how far by each. All databases hold what comes out, or give NULL:
	// PostgreSQL's timestamps begin in 4713 BC.
	mostMoves = 4
	mostUnits = 10_000
	mostYears = 1000
)

// settledMoment reports whether an expression is a constant of time or the clock,
// moved by constants.
func settledMoment(e ast.Expr, moves int) bool {
	switch n := e.(type) {
	case *ast.DateAdd:
		amount, ok := signedValue(n.Amount)
		most := int64(mostUnits)
		if n.Unit == ast.Year || n.Unit == ast.Quarter {
			most = mostYears
		}
		return moves > 0 && ok && -most <= amount && amount <= most && settledMoment(n.X, moves-1)
	case *ast.Literal:
		return n.Kind == ast.DateLiteral || n.Kind == ast.TimestampLiteral
	case *ast.Call:
		f, ok := function.Lookup(n.Func)
		return ok && len(n.Args) == 0 && (f.Name == "now" || f.Name == "current_date" || f.Name == "utc_date" || f.Name == "utc_timestamp")
	default:
		return false
	}
}
