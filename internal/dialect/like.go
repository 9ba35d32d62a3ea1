package dialect

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/function"
)

// like names the escape character whenever the pattern could hold it, because
// databases and their modes differ in the default.
func (p *printer) like(n *ast.Like) {
	escape, ok := escapeOf(n)
	if !ok {
		p.unsupported(n.Pos, "LIKE with an ESCAPE that is not one constant character")
		return
	}
	pattern, constant := stringValue(n.Pattern)
	if constant && escape != "" && endsOpen(pattern, escape) {
		p.unsupported(n.Pos, "LIKE with a pattern that ends in the escape character")
		return
	}
	if p.d.LikeOperand == "" {
		p.expr(p.asText(n.X), additive)
	} else {
		p.render(n.Pos, p.d.LikeOperand, p.asText(n.X))
	}
	p.not(n.Not)
	if !p.d.LikeEscape {
		p.write(" LIKE ")
		p.backslashed(n, escape)
		return
	}
	if p.d.Glob {
		p.write(" GLOB ")
		p.glob(n, escape)
		return
	}
	p.write(" LIKE ")
	if constant || p.d.LikePattern == "" {
		p.expr(p.asText(n.Pattern), additive)
	} else {
		p.guardedPattern(n, escape)
	}
	switch {
	case escape == "" && p.d.EscapeNone:
		p.write(" ESCAPE ''")
	case escape == "" && constant && !strings.Contains(pattern, `\`):
	case escape == "":
		p.unsupported(n.Pos, "LIKE without an escape character")
	case n.Escape != nil || !constant || strings.Contains(pattern, escape):
		p.write(" ESCAPE ", p.d.String(escape))
	}
}

// guardedPattern writes a pattern that is known only at run time so that no
// value of it makes LIKE fail.
func (p *printer) guardedPattern(n *ast.Like, escape string) {
	const open = " WHEN (CHAR_LENGTH($1) - CHAR_LENGTH(RTRIM($1, $e))) % 2 = 1 THEN $1 || $e"
	closed := ""
	if escape != "" {
		closed = strings.ReplaceAll(open, "$e", p.d.String(escape))
	}
	template := strings.NewReplacer("$open", closed, "$most", strconv.Itoa(function.MostWildcards)).Replace(p.d.LikePattern)
	pattern := p.asText(n.Pattern)
	if isOperand(pattern) {
		p.render(n.Pos, strings.ReplaceAll(template, "$1", p.d.Casts[ast.CastChar].Plain), pattern)
		return
	}
	p.write("(SELECT ")
	p.write(strings.ReplaceAll(template, "$1", `"q"."p"`))
	p.write(" FROM (SELECT ")
	p.render(n.Pos, p.d.Casts[ast.CastChar].Plain, pattern)
	p.write(` AS "p") AS "q")`)
}

// backslashed writes a pattern for a database in which a backslash always
// escapes, and may do so only before a wildcard or itself.
func (p *printer) backslashed(n *ast.Like, escape string) {
	pattern, constant := stringValue(n.Pattern)
	switch {
	case constant:
		p.write(p.d.String(repattern(pattern, escape, nil)))
	case escape == `\` && p.d.LikeAtRun:
		p.expr(p.asText(n.Pattern), additive)
	default:
		p.unsupported(n.Pos, "LIKE with a pattern that is not constant")
	}
}

// asText makes text of a value of a known other type.
func (p *printer) asText(e ast.Expr) ast.Expr {
	if c := classOf(e); p.d.Mixes || c == textClass || c == unknownClass {
		return e
	}
	return &ast.Cast{Pos: ast.PosOf(e), X: e, Type: ast.CastChar, Precision: -1, Scale: -1}
}

// escapeOf gives the escape character of LIKE, "" for none.
func escapeOf(n *ast.Like) (escape string, ok bool) {
	if n.Escape == nil {
		return `\`, true
	}
	s, ok := stringValue(n.Escape)
	return s, ok && utf8.RuneCountInString(s) <= 1
}

// endsOpen tells whether a pattern ends in an escape character that escapes
// nothing, on which databases differ.
func endsOpen(pattern, escape string) bool {
	for pattern != "" {
		rest, escaped := strings.CutPrefix(pattern, escape)
		if escaped && rest == "" {
			return true
		}
		_, size := utf8.DecodeRuneInString(rest)
		pattern = rest[size:]
	}
	return false
}

// glob writes a pattern of LIKE as one of GLOB.
func (p *printer) glob(n *ast.Like, escape string) {
	pattern, constant := stringValue(n.Pattern)
	if constant {
		text := globbed(pattern, escape)
		if len(text) > maxGlob {
			p.fail(fault.Limit, n.Pos, "a pattern of LIKE is longer than %d bytes", maxGlob)
		}
		p.write(p.d.String(text))
		return
	}
	p.globAtRun(p.textual(n.Pattern), escape)
}

// maxGlob is less than what SQLite takes for a pattern.
const maxGlob = 40000

// globbed is a pattern of LIKE as one of GLOB.
func globbed(pattern, escape string) string {
	return repattern(pattern, escape, map[string]string{"%": "*", "_": "?", "*": "[*]", "?": "[?]", "[": "[[]"})
}

// repattern writes a pattern anew: with the replacements of GLOB, or with nil
// for LIKE, in which only what has to be is escaped, by a backslash.
func repattern(pattern, escape string, replace map[string]string) string {
	var b strings.Builder
	for pattern != "" {
		rest, escaped := pattern, false
		if escape != "" {
			rest, escaped = strings.CutPrefix(pattern, escape)
		}
		_, size := utf8.DecodeRuneInString(rest)
		c := rest[:size]
		pattern = rest[size:]
		wild := c == "%" || c == "_"
		switch other, ok := replace[c]; {
		case ok && !(wild && escaped):
			b.WriteString(other)
		case replace == nil && (wild && escaped || c == `\`):
			b.WriteString(`\` + c)
		default:
			b.WriteString(c)
		}
	}
	return b.String()
}

// globAtRun translates a pattern that is known only at run time. What is
// escaped waits as CHAR(1) and a letter, and so does CHAR(1) itself, until the
// wildcards are replaced.
func (p *printer) globAtRun(pattern ast.Expr, escape string) {
	type step struct{ old, new string }
	mark := func(letter string) string { return "CHAR(1) || '" + letter + "'" }
	steps := []step{{"CHAR(1)", mark("d")}}
	if escape != "" {
		steps = append(steps, step{p.d.String(escape + escape), mark("a")},
			step{p.d.String(escape + "%"), mark("b")}, step{p.d.String(escape + "_"), mark("c")},
			step{p.d.String(escape), "''"})
	}
	steps = append(steps, step{"'['", "'[[]'"}, step{"'*'", "'[*]'"}, step{"'?'", "'[?]'"}, step{"'%'", "'*'"}, step{"'_'", "'?'"},
		step{mark("b"), "'%'"}, step{mark("c"), "'_'"}, step{mark("a"), p.d.String(globbed(escape, ""))}, step{mark("d"), "CHAR(1)"})
	p.write(strings.Repeat("REPLACE(", len(steps)))
	p.expr(pattern, lowest)
	for _, s := range steps {
		p.write(", ", s.old, ", ", s.new, ")")
	}
}
