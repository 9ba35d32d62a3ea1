package rules

import (
	"fmt"
	"strconv"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// printer writes a checked expression as CEL text, macros unexpanded. With
// names it says what the variables of macros stand for, so that equal texts
// mean equal values.
type printer struct {
	strings.Builder
	names map[string]string
}

func celText(e ast.Expr, names map[string]string) string {
	p := &printer{names: names}
	p.expr(e)
	return p.String()
}

func (p *printer) expr(e ast.Expr) {
	switch e.Kind() {
	case ast.IdentKind:
		p.ident(e.AsIdent())
	case ast.LiteralKind:
		p.literal(e)
	case ast.SelectKind:
		sel := e.AsSelect()
		if sel.IsTestOnly() {
			p.WriteString("has(")
		}
		p.expr(sel.Operand())
		p.WriteString("." + sel.FieldName())
		if sel.IsTestOnly() {
			p.WriteString(")")
		}
	case ast.ListKind:
		p.WriteString("[")
		p.list(e.AsList().Elements())
		p.WriteString("]")
	case ast.CallKind:
		p.call(e.AsCall())
	case ast.ComprehensionKind:
		p.comprehension(e)
	case ast.MapKind:
		p.mapping(e.AsMap())
	case ast.StructKind:
		p.message(e.AsStruct())
	}
}

func (p *printer) mapping(m ast.MapExpr) {
	p.WriteString("{")
	for i, entry := range m.Entries() {
		if i > 0 {
			p.WriteString(", ")
		}
		p.expr(entry.AsMapEntry().Key())
		p.WriteString(": ")
		p.expr(entry.AsMapEntry().Value())
	}
	p.WriteString("}")
}

func (p *printer) message(m ast.StructExpr) {
	p.WriteString(m.TypeName() + "{")
	for i, entry := range m.Fields() {
		if i > 0 {
			p.WriteString(", ")
		}
		p.WriteString(entry.AsStructField().Name() + ": ")
		p.expr(entry.AsStructField().Value())
	}
	p.WriteString("}")
}

func (p *printer) ident(name string) {
	if to, ok := p.names[name]; ok {
		name = to
	}
	if prop, ok := strings.CutPrefix(name, hasPrefix); ok {
		name = "has(" + prop + ")"
	}
	p.WriteString(name)
}

func (p *printer) literal(e ast.Expr) {
	switch v := e.AsLiteral(); v.Type() {
	case types.StringType:
		s := strconv.Quote(fmt.Sprint(v.Value()))
		p.WriteString("'" + strings.ReplaceAll(strings.ReplaceAll(s[1:len(s)-1], `\"`, `"`), "'", `\'`) + "'")
	case types.NullType:
		p.WriteString("null")
	case types.BytesType, types.UintType:
		fmt.Fprintf(p, "%s(%v)", v.Type().TypeName(), v.Value())
	default:
		fmt.Fprint(p, v.Value())
	}
}

func (p *printer) list(args []ast.Expr) {
	for i, a := range args {
		if i > 0 {
			p.WriteString(", ")
		}
		p.expr(a)
	}
}

func (p *printer) call(c ast.CallExpr) {
	args := c.Args()
	op, isOp := operators.FindReverse(c.FunctionName())
	switch {
	case c.FunctionName() == operators.Conditional:
		p.operand(args[0])
		p.WriteString(" ? ")
		p.operand(args[1])
		p.WriteString(" : ")
		p.operand(args[2])
	case c.FunctionName() == operators.Index:
		p.operand(args[0])
		p.WriteString("[")
		p.expr(args[1])
		p.WriteString("]")
	case isOp && len(args) == 1:
		p.WriteString(op)
		p.operand(args[0])
	case isOp && len(args) == 2:
		p.operand(args[0])
		p.WriteString(" " + op + " ")
		p.operand(args[1])
	default:
		if c.IsMemberFunction() {
			p.operand(c.Target())
			p.WriteString(".")
		}
		p.WriteString(c.FunctionName() + "(")
		p.list(args)
		p.WriteString(")")
	}
}

// operand puts operators inside operators into parentheses.
func (p *printer) operand(e ast.Expr) {
	compound := false
	if e.Kind() == ast.CallKind {
		fn := e.AsCall().FunctionName()
		_, isOp := operators.FindReverse(fn)
		compound = isOp && fn != operators.Index || fn == operators.Conditional
	}
	if compound {
		p.WriteString("(")
	}
	p.expr(e)
	if compound {
		p.WriteString(")")
	}
}

func (p *printer) comprehension(e ast.Expr) {
	m, ok := asMacro(e)
	if !ok { // map and filter
		c := e.AsComprehension()
		p.operand(c.IterRange())
		p.WriteString(".map(" + c.IterVar() + ", ")
		p.expr(c.LoopStep())
		p.WriteString(")")
		return
	}
	name := strings.Trim(m.name, "_@")
	p.operand(m.list)
	p.WriteString("." + name + "(" + m.v + ", ")
	p.expr(m.body)
	p.WriteString(")")
}
