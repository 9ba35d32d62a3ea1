package resolve

import (
	"fmt"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/function"
)

// The types here describe output columns; enforcement never depends on them.

func literalType(k ast.LiteralKind) ast.Type {
	switch k {
	case ast.BoolLiteral:
		return ast.Boolean
	case ast.IntLiteral:
		return ast.Integer
	case ast.DecimalLiteral:
		return ast.Decimal
	case ast.FloatLiteral:
		return ast.Float
	case ast.StringLiteral:
		return ast.String
	case ast.DateLiteral:
		return ast.Date
	case ast.TimeLiteral:
		return ast.Time
	case ast.TimestampLiteral:
		return ast.DateTime
	default:
		return ast.Unknown
	}
}

func castType(t ast.CastType) ast.Type {
	switch t {
	case ast.CastChar:
		return ast.String
	case ast.CastInteger, ast.CastUnsigned:
		return ast.Integer
	case ast.CastDecimal:
		return ast.Decimal
	case ast.CastFloat, ast.CastDouble:
		return ast.Float
	case ast.CastDate:
		return ast.Date
	case ast.CastTime:
		return ast.Time
	case ast.CastDateTime:
		return ast.DateTime
	case ast.CastBinary:
		return ast.Opaque
	default:
		return ast.Unknown
	}
}

// arithmetic is the type of a binary operation in MySQL.
func arithmetic(op ast.BinaryOp, a, b ast.Type) ast.Type {
	switch op {
	case ast.BitAnd, ast.BitOr, ast.BitXor, ast.ShiftLeft, ast.ShiftRight, ast.IntDiv:
		return ast.Integer
	}
	switch {
	case a == ast.Float || b == ast.Float:
		return ast.Float
	case a == ast.Integer && b == ast.Integer && op != ast.Div:
		return ast.Integer
	case numeric(a) && numeric(b):
		return ast.Decimal
	default:
		return ast.Unknown
	}
}

func numeric(t ast.Type) bool { return t == ast.Integer || t == ast.Decimal || t == ast.Float }

func dateAddType(t ast.Type, u ast.Unit) ast.Type {
	if t != ast.Date {
		return t
	}
	switch u {
	case ast.Day, ast.Week, ast.Month, ast.Quarter, ast.Year:
		return ast.Date
	default:
		return ast.DateTime
	}
}

// common is the type of a column that holds values of two types.
func common(a, b ast.Type) ast.Type {
	switch {
	case a == b:
		return a
	case numeric(a) && numeric(b):
		return arithmetic(ast.Div, a, b)
	default:
		return ast.Unknown
	}
}

func commonOf(types []ast.Type) ast.Type {
	if len(types) == 0 {
		return ast.Unknown
	}
	t := types[0]
	for _, u := range types[1:] {
		t = common(t, u)
	}
	return t
}

// arity says how many arguments a function takes.
func arity(f *function.Func) string {
	switch {
	case f.Max < 0:
		return fmt.Sprintf("at least %d arguments", f.Min)
	case f.Min == f.Max && f.Min == 1:
		return "1 argument"
	case f.Min == f.Max:
		return fmt.Sprintf("%d arguments", f.Min)
	default:
		return fmt.Sprintf("%d to %d arguments", f.Min, f.Max)
	}
}
