package mysql

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"vitess.io/vitess/go/vt/sqlparser"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
)

func (c *conv) boolean(v sqlparser.BoolVal) ast.Expr {
	return c.newLiteral(c.claim(sqlparser.TRUE, sqlparser.FALSE), ast.BoolLiteral, strconv.FormatBool(bool(v)))
}

func (c *conv) newLiteral(pos ast.Pos, kind ast.LiteralKind, text string) *ast.Literal {
	out := c.slabs.literals.New()
	*out = ast.Literal{Pos: pos, Kind: kind, Text: text}
	return out
}

// param converts a placeholder. Vitess numbers them v1, v2, … in the order of
// the text.
func (c *conv) param(a *sqlparser.Argument) ast.Expr {
	n, err := strconv.Atoi(strings.TrimPrefix(a.Name, "v"))
	if err != nil || n < 1 || c.model {
		c.refuse("this placeholder is not allowed here", "")
		return nil
	}
	return &ast.Param{Pos: c.claim(sqlparser.VALUE_ARG), Index: n - 1}
}

func (c *conv) literal(l *sqlparser.Literal) ast.Expr {
	switch l.Type {
	case sqlparser.StrVal:
		return c.stringLiteral(l.Val)
	case sqlparser.IntVal:
		return c.number(sqlparser.INTEGRAL, ast.IntLiteral, intText, l.Val)
	case sqlparser.DecimalVal:
		return c.number(sqlparser.DECIMAL, ast.DecimalLiteral, decimalText, l.Val)
	case sqlparser.FloatVal:
		return c.number(sqlparser.FLOAT, ast.FloatLiteral, floatText, l.Val)
	case sqlparser.DateVal:
		return c.moment(ast.DateLiteral, "a date such as DATE '2024-01-31'", dateText, l.Val)
	case sqlparser.TimeVal:
		return c.moment(ast.TimeLiteral, "a time such as TIME '23:59:59'", timeText, l.Val)
	case sqlparser.TimestampVal:
		return c.moment(ast.TimestampLiteral, "a timestamp such as TIMESTAMP '2024-01-31 23:59:59'", timestampText, l.Val)
	}
	c.refuse("hexadecimal and bit literals are not supported", "write a decimal number or a string")
	return nil
}

// stringLiteral claims all the adjacent strings that Vitess joined.
func (c *conv) stringLiteral(val string) ast.Expr {
	out := c.newLiteral(c.claim(sqlparser.STRING), ast.StringLiteral, val)
	out.DoubleQuoted = c.cur > 0 && c.cur <= len(c.toks) && c.src.text[c.last().start] == '"'
	for rest := len(val) - len(c.last().text); rest > 0 && c.cur < len(c.toks) && c.toks[c.cur].typ == sqlparser.STRING; c.cur++ {
		rest -= len(c.toks[c.cur].text)
	}
	if strings.IndexByte(val, 0) >= 0 || !utf8.ValidString(val) {
		c.fail(fault.Unsupported, out.Pos, "a string has a NUL character or is not valid UTF-8", "leave the character out")
		return nil
	}
	return out
}

// last is the last claimed token.
func (c *conv) last() *token {
	if c.cur == 0 || c.cur > len(c.toks) {
		return &token{}
	}
	return &c.toks[c.cur-1]
}

func (c *conv) number(typ int, kind ast.LiteralKind, normal func(string) (string, bool), val string) ast.Expr {
	pos := c.claim(typ)
	text, ok := normal(val)
	if !ok {
		c.fail(fault.Unsupported, pos, "the number "+excerpt(val)+" is malformed or out of range", "")
		return nil
	}
	return c.newLiteral(pos, kind, text)
}

// intText normalises an integer: digits without leading zeros that fit MySQL's
// BIGINT UNSIGNED.
func intText(s string) (string, bool) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err == nil && s[0] != '0' {
		return s, true
	}
	return strconv.FormatUint(n, 10), err == nil
}

// maxDigits is the precision of MySQL's DECIMAL.
const maxDigits = 65

// decimalText normalises a decimal number: digits on both sides of the point.
func decimalText(s string) (string, bool) {
	whole, frac, _ := strings.Cut(s, ".")
	if whole = strings.TrimLeft(whole, "0"); whole == "" {
		whole = "0"
	}
	if frac == "" {
		frac = "0"
	}
	return whole + "." + frac, digits(whole) && digits(frac) && len(whole)+len(frac) <= maxDigits
}

// floatText normalises a number with an exponent.
func floatText(s string) (string, bool) {
	mantissa, exp, _ := strings.Cut(strings.ToLower(s), "e")
	ok := true
	if strings.Contains(mantissa, ".") {
		mantissa, ok = decimalText(mantissa)
	} else if ok = digits(mantissa) && len(mantissa) <= maxDigits; ok {
		mantissa = strings.TrimLeft(mantissa[:len(mantissa)-1], "0") + mantissa[len(mantissa)-1:]
	}
	n, err := strconv.Atoi(exp)
	text := mantissa + "e" + strconv.Itoa(n)
	f, ferr := strconv.ParseFloat(text, 64)
	return text, ok && err == nil && ferr == nil && !math.IsInf(f, 0)
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// moment converts a date or time literal. Its text is parsed and written anew,
// as Vitess takes any string there.
func (c *conv) moment(kind ast.LiteralKind, want string, normal func(string) (string, bool), val string) ast.Expr {
	pos := c.claim(sqlparser.STRING)
	text, ok := normal(val)
	if !ok {
		c.fail(fault.Unsupported, pos, "this is not "+want, "check the digits and the ranges")
		return nil
	}
	return c.newLiteral(pos, kind, text)
}

func dateText(s string) (string, bool) {
	t, err := time.Parse("2006-1-2", s)
	return t.Format(time.DateOnly), err == nil && t.Year() >= 1
}

func timeText(s string) (string, bool) {
	whole, frac, dot := strings.Cut(s, ".")
	if dot && (!digits(frac) || len(frac) > 6) || strings.Contains(whole, ",") {
		return "", false
	}
	t, err := time.Parse("15:4:5", whole)
	if err != nil && !dot {
		t, err = time.Parse("15:4", whole)
	}
	text := t.Format(time.TimeOnly)
	if dot {
		text += "." + frac
	}
	return text, err == nil
}

func timestampText(s string) (string, bool) {
	date, clock, found := strings.Cut(s, " ")
	if !found {
		date, clock, found = strings.Cut(s, "T")
	}
	if !found {
		clock = "00:00:00"
	}
	d, ok1 := dateText(date)
	t, ok2 := timeText(clock)
	return d + " " + t, ok1 && ok2
}

// limitValue converts a row count or an offset.
func (c *conv) limitValue(e sqlparser.Expr) ast.Expr {
	switch e := e.(type) {
	case *sqlparser.Literal:
		if n, err := strconv.ParseInt(e.Val, 10, 64); err == nil && e.Type == sqlparser.IntVal && n >= 0 {
			return c.expr(e)
		}
	case *sqlparser.Argument:
		return c.expr(e)
	}
	c.refuse("LIMIT and OFFSET take a whole number or ?", "")
	return nil
}
