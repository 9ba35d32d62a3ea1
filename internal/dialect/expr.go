package dialect

import (
	"strings"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/function"
)

// level is how tightly an expression binds. One order serves all databases: it
// keeps only what their precedence tables agree on (SQLite "Operators",
// PostgreSQL 4.1.6, MySQL 14.4.1) and puts everything else in parentheses:
// predicates never stand bare inside predicates, bitwise operators never
// beside any other, and a NOT or a minus sign never under another operator.
type level uint8

const (
	lowest level = iota
	orLevel
	andLevel
	notLevel
	predicate
	additive
	multiplicative
	primary
)

// levelOf gives the level at which a node is written; what isn't listed
// writes itself as a primary expression.
func (p *printer) levelOf(e ast.Expr) level {
	switch n := e.(type) {
	case *ast.Or:
		return orLevel
	case *ast.And:
		return andLevel
	case *ast.Not:
		return notLevel
	case *ast.Compare:
		if n.Exact {
			return primary
		}
		return predicate
	case *ast.InList:
		if n.Exact {
			return primary
		}
		return predicate
	case *ast.Quantified:
		if !p.d.Quantified && n.Op != ast.Eq && n.Op != ast.Ne {
			return primary
		}
		return predicate
	case *ast.InQuery:
		if _, row := n.X.(*ast.Tuple); row && p.d.RowsIn {
			return primary
		}
		return predicate
	case *ast.Is, *ast.Between, *ast.Like:
		return predicate
	case *ast.Binary:
		return p.binaryLevel(n)
	default:
		return primary
	}
}

func (p *printer) binaryLevel(n *ast.Binary) level {
	if _, ok := p.d.Infix[n.Op]; !ok || p.d.Overflow != "" && !p.checked && mayOverflow(n) {
		return primary
	}
	if n.Op == ast.Add || n.Op == ast.Sub {
		return additive
	}
	return multiplicative
}

// expr writes an expression, in parentheses when it binds looser than needed.
func (p *printer) expr(e ast.Expr, needed level) {
	defer p.leave()
	if !p.enter(0) {
		return
	}
	if i, ok := p.groupOf(e); ok && i >= p.kept {
		p.write("NULL")
		return
	} else if ok { // the level has all of it, also the parts that it lacks by themselves
		defer func(grouped map[ast.Expr]int) { p.grouped = grouped }(p.grouped)
		p.grouped = nil
	}
	if p.least[e] {
		p.leastValue(e)
		return
	}
	e = p.rowwise(p.wholeText(e))
	if p.checked && !isArithmetic(e) {
		p.checked = false
		defer func() { p.checked = true }()
	}
	if p.levelOf(e) < needed {
		p.write("(")
		defer p.write(")")
	}
	p.bareExpr(e)
}

func (p *printer) bareExpr(e ast.Expr) {
	switch n := e.(type) {
	case *ast.Literal:
		p.literal(n)
	case *ast.Param:
		p.param(argKey{param: n.Index, slot: -1}, Arg{Param: n.Index})
	case *ast.Slot:
		p.slot(n)
	case *ast.Column:
		p.ident(n.Pos, n.Table)
		p.write(".")
		p.ident(n.Pos, n.Name)
	case *ast.Or:
		p.chain(n.X, " OR ", andLevel)
	case *ast.And:
		p.chain(n.X, " AND ", notLevel)
	case *ast.Xor:
		p.render(0, p.d.Xor, p.truth(n.Left), p.truth(n.Right))
	case *ast.Not:
		p.write("NOT ")
		p.expr(p.truth(n.X), primary)
	case *ast.Compare, *ast.Quantified, *ast.Is, *ast.Between, *ast.Like,
		*ast.InList, *ast.InQuery, *ast.Exists:
		p.predicate(n)
	case *ast.Subquery:
		p.scalarQuery(n.Query)
	case *ast.Tuple:
		p.tuple(n)
	case *ast.Case:
		p.caseExpr(n)
	case *ast.Cast:
		p.cast(n)
	case *ast.Binary:
		p.binary(n)
	case *ast.Neg:
		p.neg(n)
	case *ast.BitNot:
		p.bitNot(n)
	case *ast.DateAdd:
		p.dateAdd(n)
	case *ast.Extract:
		p.call(&ast.Call{Pos: n.Pos, Func: string(n.Unit), Args: []ast.Expr{n.X}})
	case *ast.Call:
		p.call(n)
	case *ast.Name:
		p.fail(fault.Internal, n.Pos, "a column name is not resolved")
	case *ast.Star:
		p.fail(fault.Internal, n.Pos, "* is not resolved")
	case nil:
		p.fail(fault.Internal, 0, "an expression is missing")
	default:
		p.fail(fault.Internal, 0, "unknown expression %T", n)
	}
}

func (p *printer) chain(x []ast.Expr, word string, needed level) {
	if len(x) == 0 {
		p.fail(fault.Internal, 0, "AND or OR of nothing")
	}
	if len(x) > maxChain { // SQLite's tree of a long chain would be too deep
		half := len(x) / 2
		p.write("(")
		p.chain(x[:half], word, needed)
		p.write(")", word, "(")
		p.chain(x[half:], word, needed)
		p.write(")")
		return
	}
	for i, e := range x {
		if i > 0 {
			p.write(word)
		}
		p.expr(p.truth(e), needed)
	}
}

// maxChain is how many conditions stand in a row without parentheses.
const maxChain = 128

func (p *printer) tuple(n *ast.Tuple) {
	if len(n.X) < 2 {
		p.fail(fault.Internal, n.Pos, "a row value has fewer than two elements")
	}
	if !p.d.Tuples {
		p.unsupported(n.Pos, "a row value here").WithHint("compare the elements one by one")
	}
	p.write("(")
	p.exprs(n.X)
	p.write(")")
}

func (p *printer) caseExpr(n *ast.Case) {
	if len(n.Whens) == 0 {
		p.fail(fault.Internal, 0, "CASE has no WHEN")
	}
	operand, conds, values := p.caseParts(n)
	p.write("CASE")
	if operand != nil {
		p.write(" ")
		p.expr(operand, additive)
	}
	for i := range n.Whens {
		p.write(" WHEN ")
		p.expr(conds[i], lowest)
		p.write(" THEN ")
		p.expr(values[i], lowest)
	}
	if n.Else != nil {
		p.clause(" ELSE ", values[len(n.Whens)])
	}
	p.write(" END")
}

// caseParts prepares the parts of a CASE; the last of the values is that of ELSE.
func (p *printer) caseParts(n *ast.Case) (operand ast.Expr, conds, values []ast.Expr) {
	for _, w := range n.Whens {
		conds, values = append(conds, w.Cond), append(values, w.Then)
	}
	values = p.shared(append(values, n.Else)...)
	if n.Operand != nil {
		met := p.alike(append([]ast.Expr{n.Operand}, conds...)...)
		return met[0], met[1:], values
	}
	for i := range conds {
		conds[i] = p.truth(conds[i])
	}
	return nil, conds, values
}

// operatorNames are for messages.
var operatorNames = map[ast.BinaryOp]string{
	ast.Add: "+", ast.Sub: "-", ast.Mul: "*", ast.Div: "/", ast.IntDiv: "DIV", ast.Mod: "%",
	ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.ShiftLeft: "<<", ast.ShiftRight: ">>",
}

// binaryForm writes an operation that infix text can't express.
type binaryForm func(p *printer, n *ast.Binary)

// operation is a binaryForm from a template.
func operation(template string) binaryForm {
	return func(p *printer, n *ast.Binary) { p.render(n.Pos, template, n.Left, n.Right) }
}

func (p *printer) binary(n *ast.Binary) {
	if p.d.Overflow != "" && !p.checked && mayOverflow(n) {
		p.checkedWhole(n)
		return
	}
	if left, right := p.number(n.Left), p.number(n.Right); left != n.Left || right != n.Right {
		n = &ast.Binary{Pos: n.Pos, Op: n.Op, Left: left, Right: right}
	}
	if word, ok := p.d.Infix[n.Op]; ok {
		own := p.binaryLevel(n)
		p.expr(n.Left, own)
		p.write(" ", word, " ")
		p.expr(n.Right, own+1)
		return
	}
	if f, ok := p.d.Binary[n.Op]; ok {
		f(p, n)
		return
	}
	name, ok := operatorNames[n.Op]
	if !ok {
		p.fail(fault.Internal, n.Pos, "unknown operator %d", n.Op)
		return
	}
	p.unsupported(n.Pos, "the operator "+name)
}

// bitNot is unsigned in MySQL; a signed database would give another number.
func (p *printer) bitNot(n *ast.BitNot) {
	f, ok := p.d.Functions["~"]
	if !ok {
		p.unsupported(n.Pos, "the operator ~")
		return
	}
	f(p, &ast.Call{Pos: n.Pos, Args: []ast.Expr{n.X}})
}

// cast writes a CAST from the dialect's templates.
func (p *printer) cast(n *ast.Cast) {
	if n.Type == ast.CastInteger && p.d.TruthNumber != "" && function.TypeOf(n.X) == ast.Boolean {
		p.render(n.Pos, p.d.TruthNumber, n.X)
		return
	}
	f, ok := p.d.Casts[n.Type]
	if !ok || f.Plain == "" {
		p.unsupported(n.Pos, "CAST to this type")
		return
	}
	x := p.castable(n)
	template := f.Plain
	if n.Precision >= 0 {
		if f.Sized == "" {
			p.unsupported(n.Pos, "CAST with a size or precision")
			return
		}
		template = sized(f.Sized, n.Precision, max(n.Scale, 0))
	}
	if text := p.d.CastText[n.Type]; text != "" && function.TypeOf(x) == ast.String {
		template = strings.ReplaceAll(template, "$1", text)
	}
	p.render(n.Pos, template, x)
}

// castable prepares the operand of a CAST.
func (p *printer) castable(n *ast.Cast) ast.Expr {
	c := classOf(n.X)
	switch n.Type {
	case ast.CastChar, ast.CastBinary:
		return p.textual(n.X)
	case ast.CastDate, ast.CastTime, ast.CastDateTime:
		return p.moment(n.X)
	default:
		if n.Type == ast.CastInteger && function.TypeOf(n.X) == ast.Float { // a cast would round half to even
			return &ast.Call{Pos: n.Pos, Func: "round", Args: []ast.Expr{n.X}}
		}
		if c == textClass && (p.d.CastText[n.Type] != "" || p.d.TextNumbers || p.d.Mixes) { // the database reads the text
			return n.X
		}
		return p.number(n.X)
	}
}
