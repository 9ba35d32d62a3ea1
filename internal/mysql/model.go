package mysql

import (
	"vitess.io/vitess/go/vt/sqlparser"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
)

// ParseExpr parses the scalar expression of a model's field or metric, with
// unresolved names of one or two parts. An expression that is only a name,
// quoted or not, is that column, even if it is a keyword. With ansi set, double
// quotes quote names, a backslash in a string is itself, and || concatenates.
// Subqueries, placeholders and anything after the expression are refused.
// Errors are as in Parse, with positions in text.
func (p *Parser) ParseExpr(text string, ansi bool) (ast.Expr, error) {
	src := &source{text: text, orig: text}
	if ansi {
		var err *fault.Error
		if src, err = fromANSI(text); err != nil {
			return nil, err
		}
	}
	lim := DefaultLimits()
	s := p.borrow()
	defer p.giveBack(s)
	toks, err := p.gate(src, lim, s)
	if err != nil {
		return nil, err
	}
	if err := onlyExpr(src, toks); err != nil {
		return nil, err
	}
	if name := loneName(src, toks); name != nil {
		return name, nil
	}
	if err := refuseTokens(src, toks); err != nil {
		return nil, err
	}
	return p.modelExpr(src, toks, lim, ansi)
}

// modelExpr has Vitess parse the expression in parentheses, so that what isn't
// part of it is a syntax error.
func (p *Parser) modelExpr(src *source, toks []token, lim Limits, ansi bool) (ast.Expr, error) {
	sh := shaped{toks: toks}
	sh.castTypes()
	sh.insert(0, "select (")
	sh.insert(len(src.text), "\n)") // a new line, should the text end in a comment
	rewritten := src.rewrite(sh.edits)
	stmt, err := p.parse(rewritten.text)
	if err != nil {
		return nil, syntaxError(err, src, rewritten, toks)
	}
	sel, ok := stmt.(*sqlparser.Select)
	if !ok || sel.SelectExprs == nil || len(sel.SelectExprs.Exprs) != 1 {
		return nil, fault.New(fault.Syntax, 1, "this is not an expression")
	}
	item, ok := sel.SelectExprs.Exprs[0].(*sqlparser.AliasedExpr)
	if !ok || item.As.NotEmpty() {
		return nil, fault.New(fault.Syntax, 1, "this is not an expression")
	}
	if _, ok := item.Expr.(sqlparser.ValTuple); ok {
		return nil, fault.New(fault.Unsupported, 1, "one value is needed, not a list")
	}
	c := &conv{src: src, toks: toks, lim: lim, model: true, ansi: ansi}
	out := c.expr(item.Expr)
	if c.err != nil {
		return nil, c.err
	}
	return out, nil
}

// onlyExpr refuses what is no expression, or not one of a model.
func onlyExpr(src *source, toks []token) *fault.Error {
	if len(toks) == 0 {
		return fault.New(fault.Syntax, 0, "the expression is empty")
	}
	last := toks[len(toks)-1].end
	if at := skipBlank(src.text, last); at < len(src.text) && src.text[at] == ';' {
		return fault.New(fault.Syntax, src.pos(at), "an expression has no semicolon")
	}
	for i := range toks {
		switch toks[i].typ {
		case sqlparser.VALUE_ARG:
			return fault.New(fault.Unsupported, src.pos(toks[i].start), "a placeholder is not allowed in a model's expression")
		case sqlparser.SELECT, sqlparser.WITH, sqlparser.VALUES:
			if len(toks) > 1 {
				return fault.New(fault.Unsupported, src.pos(toks[i].start), "a subquery is not allowed in a model's expression").
					WithHint("use a relationship, or quote a column of that name")
			}
		}
	}
	return nil
}

// loneName recognises an expression that is only a name, or two with a dot.
func loneName(src *source, toks []token) ast.Expr {
	if len(toks) != 1 && !(len(toks) == 3 && toks[1].typ == '.') {
		return nil
	}
	out := &ast.Name{Pos: src.pos(toks[0].start)}
	for i := 0; i < len(toks); i += 2 {
		t := &toks[i]
		switch {
		case t.quoted && refuseControl(out.Pos, t.text) == nil:
			out.Parts = append(out.Parts, t.text)
		case t.word():
			out.Parts = append(out.Parts, src.text[t.start:t.end]) // Vitess changes the case of dual
		default:
			return nil
		}
	}
	return out
}
