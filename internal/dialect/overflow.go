package dialect

import (
	"math/bits"
	"strconv"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/function"
)

// SQLite turns a whole number that doesn't fit 64 bits into an inexact one, and
// that stays one through all further arithmetic: it is enough to look at the
// result of a whole tree of operations, once.

// checkedWhole writes whole-number arithmetic with its check.
func (p *printer) checkedWhole(e ast.Expr) {
	p.checked = true
	p.render(ast.PosOf(e), p.d.Overflow, e)
	p.checked = false
}

// isArithmetic tells whether an expression is an operation that a check around
// it covers.
func isArithmetic(e ast.Expr) bool {
	switch n := e.(type) {
	case *ast.Neg:
		return wholeType(n.X)
	case *ast.Binary:
		switch n.Op {
		case ast.Add, ast.Sub, ast.Mul, ast.IntDiv:
			return wholeType(n.Left) && wholeType(n.Right)
		}
	}
	return false
}

func wholeType(e ast.Expr) bool {
	t := function.TypeOf(e)
	return t == ast.Integer || t == ast.Boolean
}

// mayOverflow tells whether an operation on whole numbers can leave 64 bits.
func mayOverflow(e ast.Expr) bool { return isArithmetic(e) && width(e) > 63 }

// width bounds the size of a whole number, in bits.
func width(e ast.Expr) int {
	switch n := e.(type) {
	case *ast.Literal:
		v, err := strconv.ParseUint(n.Text, 10, 64)
		if n.Kind == ast.IntLiteral && err == nil {
			return bits.Len64(v)
		}
	case *ast.Neg:
		if _, constant := n.X.(*ast.Literal); !constant {
			return width(n.X) + 1 // the lowest number has no counterpart
		}
		return width(n.X)
	case *ast.Binary:
		switch n.Op {
		case ast.Add, ast.Sub:
			return max(width(n.Left), width(n.Right)) + 1
		case ast.Mul:
			return width(n.Left) + width(n.Right)
		case ast.IntDiv:
			if _, positive := intValue(n.Right); positive {
				return width(n.Left)
			}
			return width(n.Left) + 1
		case ast.Mod:
			return width(n.Right)
		}
	case *ast.Call:
		return callWidth(n)
	}
	if function.TypeOf(e) == ast.Boolean {
		return 1
	}
	return 63
}

// callWidth bounds what counts rows, characters or parts of a date.
func callWidth(c *ast.Call) int {
	f, ok := function.Lookup(c.Func)
	if !ok {
		return 63
	}
	switch f.Name {
	case "count", "row_number", "rank", "dense_rank", "ntile", "char_length", "octet_length", "locate", "instr", "ascii",
		"year", "quarter", "month", "week", "day", "dayofweek", "weekday", "dayofyear", "hour", "minute", "second", "datediff":
		return 40
	case "sign":
		return 1
	default:
		return 63
	}
}

// neg writes a unary minus.
func (p *printer) neg(n *ast.Neg) {
	if p.d.Overflow != "" && !p.checked && mayOverflow(n) {
		p.checkedWhole(n)
		return
	}
	if minus, ok := p.d.Binary[ast.Sub]; ok && !isConstant(n.X) {
		minus(p, &ast.Binary{Pos: ast.PosOf(n.X), Op: ast.Sub, Left: &ast.Literal{Kind: ast.IntLiteral, Text: "0"}, Right: n.X})
		return
	}
	p.write("(-")
	if l, ok := n.X.(*ast.Literal); ok && l.Kind == ast.IntLiteral && l.Text == "9223372036854775808" {
		p.write(l.Text) // with the sign it fits
	} else {
		p.expr(p.number(n.X), primary)
	}
	p.write(")")
}

func isConstant(e ast.Expr) bool {
	_, ok := e.(*ast.Literal)
	return ok
}

// wholeLiteral checks that a constant is read as the number that it is.
func (p *printer) wholeLiteral(n *ast.Literal) {
	if _, err := strconv.ParseInt(n.Text, 10, 64); err != nil && !p.d.BigInts {
		p.fail(fault.Unsupported, n.Pos, "a whole number over 64 bits is not supported on %s", p.d.Name).
			WithHint("write it with a decimal point")
	}
	p.write(n.Text)
}
