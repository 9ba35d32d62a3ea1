package dialect

import (
	"strings"

	"github.com/hedgerow/hedgerow/internal/ast"
)

// A rule reads a field through a function of its datatype, cel.from_string and
// so on. Its form gives NULL for every value that the database can hold there
// and CEL lacks, so that the value is unknown, whatever is done with it.

// domain says how a field is compared as it is, so that an index can serve, by a
// comparison that may be false where it is unknown.
type domain struct {
	// Beside is the template of a session's value or constant in the comparison.
	Beside string
	// Low and High are templates of conditions that fail for values which CEL lacks
	// and which the database may find smaller, or larger, than one of CEL's. None
	// of them equals one of CEL's.
	Low, High string
}

const readerPrefix = "cel.from_"

// common gives the forms of functions of policies that a dialect need not list:
// it has no values of these types that CEL lacks.
func common(name string) (form, bool) {
	switch name {
	case "cel.from_string", "cel.from_integer", "cel.from_boolean":
		return tmpl("$1"), true
	case "cel.is_null":
		return isNull, true
	default:
		return nil, false
	}
}

// bare is a field itself where the function that reads it does nothing.
func (p *printer) bare(e ast.Expr) ast.Expr {
	c, ok := e.(*ast.Call)
	if !ok || !strings.HasPrefix(c.Func, readerPrefix) || len(c.Args) != 1 || p.d.Functions[c.Func] != nil {
		return e
	}
	if _, ok := common(c.Func); !ok {
		return e
	}
	return c.Args[0]
}

// isNull tells NULL from other values; what CEL lacks is neither.
func isNull(p *printer, c *ast.Call) {
	test := p.d.NullTest
	if test == "" {
		test = "$1 IS NULL"
	}
	x := p.bare(c.Args[0])
	if read, ok := x.(*ast.Call); ok && strings.HasPrefix(read.Func, readerPrefix) && len(read.Args) == 1 {
		p.render(c.Pos, "CASE WHEN $2 IS NOT NULL THEN FALSE WHEN "+test+" THEN TRUE END", read.Args[0], read)
		return
	}
	p.render(c.Pos, "("+test+")", x)
}

// field gives the field that an expression reads, and how to compare it as it is.
func (p *printer) field(e ast.Expr) (ast.Expr, domain, bool) {
	c, ok := e.(*ast.Call)
	if !ok || len(c.Args) != 1 {
		return nil, domain{}, false
	}
	d, ok := p.d.Domains[c.Func]
	return c.Args[0], d, ok
}

// isGiven tells a value that no row decides: CEL has it.
func isGiven(e ast.Expr) bool {
	if n, ok := e.(*ast.Neg); ok {
		return isConstant(n.X)
	}
	if _, ok := e.(*ast.Slot); ok {
		return true
	}
	return isConstant(e)
}

// mirrored are the operators of a comparison with its sides exchanged.
var mirrored = map[ast.CompareOp]ast.CompareOp{
	ast.Eq: ast.Eq, ast.Ne: ast.Ne, ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.Le: ast.Ge, ast.Ge: ast.Le,
}

// definite writes a comparison that may be false where it is unknown, of a field
// as it is with a value that is given, or with another field of its datatype. It
// returns false for any other.
func (p *printer) definite(n *ast.Compare) bool {
	op, left, right := n.Op, n.Left, n.Right
	if isGiven(left) {
		op, left, right = mirrored[op], right, left
	}
	x, dx, ok := p.field(left)
	if !ok || mirrored[op] == 0 {
		return false
	}
	if isGiven(right) {
		p.asItIs(&ast.Compare{Op: op, Left: x, Right: right, Exact: n.Exact}, dx.Beside, dx.open(op))
		return true
	}
	y, _, ok := p.field(right)
	if !ok || left.(*ast.Call).Func != right.(*ast.Call).Func {
		return false
	}
	p.asItIs(&ast.Compare{Op: op, Left: x, Right: y, Exact: n.Exact}, "$1", dx.open(ast.Ne), x, y)
	return true
}

// open lists the conditions on a field beside a comparison with a given value.
func (d domain) open(op ast.CompareOp) []string {
	switch op {
	case ast.Lt, ast.Le:
		return []string{d.Low}
	case ast.Gt, ast.Ge:
		return []string{d.High}
	case ast.Ne:
		if d.Low != d.High {
			return []string{d.Low, d.High}
		}
		return []string{d.Low}
	default:
		return nil
	}
}

// asItIs writes a comparison, whose right side stands in a template, and
// conditions on fields: on its left side unless there are others.
func (p *printer) asItIs(n *ast.Compare, beside string, conditions []string, fields ...ast.Expr) {
	if len(conditions) > 0 {
		p.write("(")
		defer p.write(")")
	}
	if n.Exact {
		p.exactCompare(n, p.operator(n.Op))
	} else {
		p.expr(n.Left, additive)
		p.write(p.operator(n.Op))
		p.render(0, beside, n.Right)
	}
	if len(fields) == 0 {
		fields = []ast.Expr{n.Left}
	}
	for _, x := range fields {
		for _, c := range conditions {
			p.write(" AND ")
			p.render(0, c, x)
		}
	}
}

// definiteList is a field as it is in a list of given values, if that is all the
// same to CEL.
func (p *printer) definiteList(n *ast.InList) *ast.InList {
	x, d, ok := p.field(n.X)
	if !n.Definite || n.Not || !ok || d.Beside != "$1" {
		return n
	}
	for _, e := range n.List {
		if !isGiven(e) {
			return n
		}
	}
	return &ast.InList{X: x, List: n.List, Exact: n.Exact}
}
