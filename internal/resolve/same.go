package resolve

import (
	"slices"

	"github.com/hedgerow/hedgerow/internal/ast"
)

// same reports whether two bound expressions are written alike, as databases
// compare them: the same columns, constants and operators in the same places.
// Kinds of which it isn't sure are alike only where they are one node.
func same(a, b ast.Expr) bool {
	if a == b {
		return true
	}
	switch a := a.(type) {
	case *ast.Literal:
		b, ok := b.(*ast.Literal)
		return ok && a.Kind == b.Kind && a.Text == b.Text
	case *ast.Param:
		b, ok := b.(*ast.Param)
		return ok && a.Index == b.Index
	case *ast.Column:
		b, ok := b.(*ast.Column)
		return ok && a.Rel == b.Rel && a.Name == b.Name
	case *ast.Binary:
		b, ok := b.(*ast.Binary)
		return ok && a.Op == b.Op && same(a.Left, b.Left) && same(a.Right, b.Right)
	case *ast.Neg:
		b, ok := b.(*ast.Neg)
		return ok && same(a.X, b.X)
	case *ast.BitNot:
		b, ok := b.(*ast.BitNot)
		return ok && same(a.X, b.X)
	case *ast.Cast:
		b, ok := b.(*ast.Cast)
		return ok && a.Type == b.Type && a.Precision == b.Precision && a.Scale == b.Scale && same(a.X, b.X)
	case *ast.Call:
		b, ok := b.(*ast.Call)
		return ok && sameCall(a, b)
	case *ast.Case:
		b, ok := b.(*ast.Case)
		return ok && sameCase(a, b)
	case *ast.DateAdd:
		b, ok := b.(*ast.DateAdd)
		return ok && a.Unit == b.Unit && a.Sub == b.Sub && same(a.X, b.X) && same(a.Amount, b.Amount)
	case *ast.Extract:
		b, ok := b.(*ast.Extract)
		return ok && a.Unit == b.Unit && same(a.X, b.X)
	default:
		return sameCondition(a, b)
	}
}

func sameCondition(a, b ast.Expr) bool {
	switch a := a.(type) {
	case *ast.And:
		b, ok := b.(*ast.And)
		return ok && slices.EqualFunc(a.X, b.X, same)
	case *ast.Or:
		b, ok := b.(*ast.Or)
		return ok && slices.EqualFunc(a.X, b.X, same)
	case *ast.Xor:
		b, ok := b.(*ast.Xor)
		return ok && same(a.Left, b.Left) && same(a.Right, b.Right)
	case *ast.Not:
		b, ok := b.(*ast.Not)
		return ok && same(a.X, b.X)
	case *ast.Compare:
		b, ok := b.(*ast.Compare)
		return ok && a.Op == b.Op && a.Exact == b.Exact && same(a.Left, b.Left) && same(a.Right, b.Right)
	case *ast.Is:
		b, ok := b.(*ast.Is)
		return ok && a.Kind == b.Kind && a.Not == b.Not && same(a.X, b.X)
	case *ast.Between:
		b, ok := b.(*ast.Between)
		return ok && a.Not == b.Not && same(a.X, b.X) && same(a.Low, b.Low) && same(a.High, b.High)
	case *ast.Like:
		b, ok := b.(*ast.Like)
		return ok && a.Not == b.Not && same(a.X, b.X) && same(a.Pattern, b.Pattern) && same(a.Escape, b.Escape)
	case *ast.InList:
		b, ok := b.(*ast.InList)
		return ok && a.Not == b.Not && a.Exact == b.Exact && same(a.X, b.X) && slices.EqualFunc(a.List, b.List, same)
	case *ast.Tuple:
		b, ok := b.(*ast.Tuple)
		return ok && slices.EqualFunc(a.X, b.X, same)
	default:
		return false
	}
}

func sameCall(a, b *ast.Call) bool {
	if a.Over != nil || b.Over != nil || len(a.OrderBy)+len(b.OrderBy) > 0 {
		return false
	}
	separator := a.Separator == b.Separator || a.Separator != nil && b.Separator != nil && *a.Separator == *b.Separator
	return separator && a.Func == b.Func && a.Star == b.Star && a.Distinct == b.Distinct && a.Unit == b.Unit &&
		slices.EqualFunc(a.Args, b.Args, same)
}

func sameCase(a, b *ast.Case) bool {
	return same(a.Operand, b.Operand) && same(a.Else, b.Else) && slices.EqualFunc(a.Whens, b.Whens, func(x, y ast.When) bool {
		return same(x.Cond, y.Cond) && same(x.Then, y.Then)
	})
}
