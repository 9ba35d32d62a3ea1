package rules

import (
	"regexp"
	"strings"

	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"

	"github.com/hedgerow/hedgerow/internal/ast"
)

// conversion translates int(), double() and string() of the row where SQL's
// casts agree with CEL on every value.
func (t *translator) conversion(e celast.Expr, fn string, x celast.Expr) ast.Expr {
	from := t.typeOf(x)
	switch {
	case fn == "int" && from == ast.Integer, fn == "double" && from == ast.Float, fn == "string" && from == ast.String:
		return t.value(x)
	case fn == "double" && from == ast.Integer:
		return &ast.Cast{X: t.value(x), Type: ast.CastDouble, Precision: -1, Scale: -1}
	case fn == "string" && from == ast.Integer:
		return &ast.Cast{X: t.value(x), Type: ast.CastChar, Precision: -1, Scale: -1}
	case fn == "string" && from == ast.Boolean:
		cond := t.cond(x)
		return &ast.Case{Whens: []ast.When{
			{Cond: cond, Then: &ast.Literal{Kind: ast.StringLiteral, Text: "true"}},
			{Cond: &ast.Not{X: cond}, Then: &ast.Literal{Kind: ast.StringLiteral, Text: "false"}},
		}}
	default:
		return t.refuse(e, "convert ints to double or string, and bools to string; other conversions differ between databases and CEL",
			"%s of a %s of the row can't be translated to SQL", fn, t.tree.GetType(x.ID()))
	}
}

// accessors are those of timestamps that are a part of EXTRACT, all in UTC,
// with what CEL counts from zero.
var accessors = map[string]struct {
	unit ast.Unit
	less int
}{
	"getFullYear": {ast.Year, 0}, "getMonth": {ast.Month, 1}, "getDate": {ast.Day, 0}, "getDayOfMonth": {ast.Day, 1},
	"getHours": {ast.Hour, 0}, "getMinutes": {ast.Minute, 0}, "getSeconds": {ast.Second, 0},
}

// dayAccessors are those that a function computes.
var dayAccessors = map[string]string{"getDayOfWeek": "dayofweek", "getDayOfYear": "dayofyear"}

// accessor translates a part of a timestamp in UTC.
func (t *translator) accessor(e celast.Expr, call celast.CallExpr) (ast.Expr, bool) {
	fn := call.FunctionName()
	part, ok := accessors[fn]
	function, day := dayAccessors[fn]
	if !ok && !day || !call.IsMemberFunction() {
		return nil, false
	}
	if t.tree.GetType(call.Target().ID()).Kind() != types.TimestampKind {
		return nil, false
	}
	if len(call.Args()) > 0 {
		return t.refuse(e, "leave the time zone out: accessors are in UTC", "%s with a time zone can't be translated to SQL", fn), true
	}
	x := t.value(call.Target())
	if day {
		return minus(&ast.Call{Func: function, Args: []ast.Expr{x}}, 1), true
	}
	return minus(&ast.Extract{Unit: part.unit, X: x}, part.less), true
}

func minus(x ast.Expr, n int) ast.Expr {
	if n == 0 {
		return x
	}
	return &ast.Call{Func: "cel.sub", Args: []ast.Expr{x, one()}}
}

// plainPattern is a regular expression that means the same to everyone: text
// without any special character, perhaps anchored.
var plainPattern = regexp.MustCompile(`^\^?[A-Za-z0-9 _@/:,;=~#%&'"!<>-]*\$?$`)

// matches translates a regular expression that is plain text, anchored or not.
// No database has RE2; all others are refused.
func (t *translator) matches(e, x, pattern celast.Expr) ast.Expr {
	text := ""
	if pattern.Kind() == celast.LiteralKind {
		text, _ = pattern.AsLiteral().Value().(string)
	}
	if pattern.Kind() != celast.LiteralKind || !plainPattern.MatchString(text) {
		return t.refuse(e, "use startsWith, endsWith, contains or ==", "no database has CEL's regular expressions: the function matches can't be translated to SQL")
	}
	text, start := strings.CutPrefix(text, "^")
	text, end := strings.CutSuffix(text, "$")
	value, literal := t.value(x), &ast.Literal{Kind: ast.StringLiteral, Text: text}
	switch {
	case start && end:
		return &ast.Compare{Op: ast.Eq, Left: value, Right: literal, Exact: true}
	case start:
		return &ast.Call{Func: "cel.starts_with", Args: []ast.Expr{value, literal}}
	case end:
		return &ast.Call{Func: "cel.ends_with", Args: []ast.Expr{value, literal}}
	default:
		return &ast.Call{Func: "cel.contains", Args: []ast.Expr{value, literal}}
	}
}
