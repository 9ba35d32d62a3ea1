package dialect

import (
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
)

// forms is what the text of each other kind of literal must look like. Front ends
// see to it; it is checked again because text from here goes out unquoted.
var forms = map[ast.LiteralKind]*regexp.Regexp{
	ast.NullLiteral:      regexp.MustCompile(`^$`),
	ast.BoolLiteral:      regexp.MustCompile(`^(true|false)$`),
	ast.DecimalLiteral:   regexp.MustCompile(`^[0-9]+\.[0-9]+$`),
	ast.FloatLiteral:     regexp.MustCompile(`^[0-9]+(\.[0-9]+)?e-?[0-9]+$`),
	ast.TimeLiteral:      regexp.MustCompile(`^\d\d:\d\d:\d\d(\.\d{1,6})?$`),
	ast.TimestampLiteral: regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?Z?$`),
}

func (p *printer) literal(n *ast.Literal) {
	if !wellFormed(n) {
		p.fail(fault.Internal, n.Pos, "a literal of kind %d is malformed", n.Kind)
		return
	}
	switch n.Kind {
	case ast.NullLiteral:
		p.write("NULL")
	case ast.BoolLiteral:
		p.write(strings.ToUpper(n.Text))
	case ast.StringLiteral:
		p.write(p.d.String(n.Text))
	case ast.DateLiteral:
		p.date(n, "DATE '$1'")
	case ast.TimeLiteral:
		p.date(n, "TIME '$1'")
	case ast.TimestampLiteral:
		p.date(n, "TIMESTAMP '$1'")
	case ast.IntLiteral:
		p.wholeLiteral(n)
	default: // the numbers
		p.write(n.Text)
	}
}

func wellFormed(n *ast.Literal) bool {
	switch n.Kind {
	case ast.StringLiteral:
		return utf8.ValidString(n.Text) && !strings.Contains(n.Text, "\x00")
	case ast.IntLiteral:
		return n.Text != "" && strings.Trim(n.Text, "0123456789") == ""
	case ast.DateLiteral:
		return hasForm(n.Text, "0000-00-00")
	default:
		form, ok := forms[n.Kind]
		return ok && form.MatchString(n.Text)
	}
}

// hasForm tells whether a text is a form with any digits for its zeros.
func hasForm(text, form string) bool {
	if len(text) != len(form) {
		return false
	}
	for i := range len(text) {
		digit := '0' <= text[i] && text[i] <= '9'
		if digit != (form[i] == '0') || !digit && text[i] != form[i] {
			return false
		}
	}
	return true
}

// date writes a constant of time, whose form is checked already.
func (p *printer) date(n *ast.Literal, template string) {
	if !p.d.TypedDates {
		template = "'$1'"
	}
	if other, ok := p.d.Moments[n.Kind]; ok {
		template = other
	}
	if template == "-" {
		p.unsupported(n.Pos, "this kind of constant")
	}
	text, instant := strings.CutSuffix(n.Text, "Z")
	if instant && p.d.Instant != "" {
		template = p.d.Instant
	}
	p.write(strings.Replace(template, "$1", text, 1))
}

// quoted doubles the quotes, which is all that standard SQL asks for.
func quoted(s string) string {
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// quotedE uses PostgreSQL's E” where a backslash stands, so that the text
// means the same under any standard_conforming_strings.
func quotedE(s string) string {
	if !strings.Contains(s, `\`) {
		return quoted(s)
	}
	return "E" + quoted(strings.ReplaceAll(s, `\`, `\\`))
}

// quotedHex uses a hexadecimal constant where a backslash stands, so that the
// text means the same under any sql_mode of MySQL and MariaDB.
func quotedHex(s string) string {
	if !strings.Contains(s, `\`) {
		return quoted(s)
	}
	return "_utf8mb4 X'" + strings.ToUpper(hex.EncodeToString([]byte(s))) + "'"
}

// quotedEscaped doubles quotes and backslashes, where a backslash escapes.
func quotedEscaped(s string) string {
	return quoted(strings.ReplaceAll(s, `\`, `\\`))
}

// quotedBackslash puts a backslash before what would end or break a constant.
func quotedBackslash(s string) string {
	return "'" + backslashes.Replace(s) + "'"
}

var backslashes = strings.NewReplacer(`\`, `\\`, "'", `\'`, "\n", `\n`, "\r", `\r`)

// sized fills $p and $s of a cast's template.
func sized(template string, precision, scale int) string {
	return strings.NewReplacer("$p", strconv.Itoa(precision), "$s", strconv.Itoa(scale)).Replace(template)
}

// stringValue gives the value of a string literal.
func stringValue(e ast.Expr) (string, bool) {
	l, ok := e.(*ast.Literal)
	if !ok || l.Kind != ast.StringLiteral {
		return "", false
	}
	return l.Text, true
}

// intValue gives the value of an integer literal that fits int64; it is never
// negative.
func intValue(e ast.Expr) (int64, bool) {
	l, ok := e.(*ast.Literal)
	if !ok || l.Kind != ast.IntLiteral {
		return 0, false
	}
	v, err := strconv.ParseInt(l.Text, 10, 64)
	return v, err == nil
}

// signedValue gives the value of an integer constant with or without a sign.
func signedValue(e ast.Expr) (int64, bool) {
	if n, ok := e.(*ast.Neg); ok {
		v, ok := intValue(n.X)
		return -v, ok
	}
	return intValue(e)
}
