package rules

import (
	"regexp"
	"strings"

	celast "cel.dev/cel-go/common/ast"

	"github.com/hedgerow/hedgerow/internal/ast"
)

// conversion translates int(), double(), string(), timestamp() and duration()
// of the row where SQL agrees with CEL on every value.
func (t *translator) conversion(e celast.Expr, fn string, x celast.Expr) ast.Expr {
	from := t.typeOf(x)
	switch {
	case from == t.typeOf(e) && from != ast.Boolean && from != ast.Unknown: // of its own type already
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
	case fn == "int" && from == ast.Float:
		return call("cel.truncate", t.value(x))
	case fn == "int" && from == ast.DateTimeTz:
		return epochSeconds(t.value(x))
	case fn == "int" && from == duration: // in nanoseconds
		return call("cel.mul", t.value(x), number(1000))
	case fn == "timestamp" && from == ast.Integer:
		return fromEpoch(t.value(x))
	default:
		return t.refuse(e, "convert ints to double, string or timestamp, doubles, timestamps and durations to int, and bools to string; other conversions differ between databases and CEL",
			"%s of a %s of the row can't be translated to SQL", fn, t.tree.GetType(x.ID()))
	}
}

// size is the number of code points of a string, or of rows along a to-many
// relationship.
func (t *translator) size(e, x celast.Expr) ast.Expr {
	if t.typeOf(x) == ast.String {
		return call("cel.size", t.value(x))
	}
	if !isRows(t.tree.GetType(x.ID())) {
		return t.unsupported(e)
	}
	far, on, ok := t.rows(x)
	if !ok {
		return t.unsupported(e)
	}
	children := t.noParents()
	children.order = []parent{{far, on}}
	return &ast.Subquery{Query: children.over(&ast.Call{Func: "count", Star: true}, nil)}
}

// method translates a function that a value of the row is the target of.
func (t *translator) method(e celast.Expr, c celast.CallExpr) ast.Expr {
	if !c.IsMemberFunction() {
		return t.unsupported(e)
	}
	switch t.typeOf(c.Target()) {
	case ast.DateTimeTz:
		return t.accessor(e, c)
	case duration:
		return t.wholeUnits(e, c)
	case ast.String:
		return t.stringMethod(e, c)
	default:
		return t.unsupported(e)
	}
}

// stringMethods are those of CEL's string extension that SQL has, with their
// numbers of arguments.
var stringMethods = map[string]map[int]string{
	"lowerAscii":  {0: "cel.lower_ascii"},
	"upperAscii":  {0: "cel.upper_ascii"},
	"trim":        {0: "cel.trim"},
	"reverse":     {0: "cel.reverse"},
	"charAt":      {1: "cel.char_at"},
	"indexOf":     {1: "cel.index_of", 2: "cel.index_of"},
	"lastIndexOf": {1: "cel.last_index_of"},
	"substring":   {1: "cel.substring_from", 2: "cel.substring"},
	"replace":     {2: "cel.replace"},
}

func (t *translator) stringMethod(e celast.Expr, c celast.CallExpr) ast.Expr {
	fn, ok := stringMethods[c.FunctionName()][len(c.Args())]
	switch {
	case !ok:
		return t.unsupported(e)
	case fn == "cel.replace" && !isText(c.Args()[0]):
		return t.refuse(c.Args()[0], "write the text to be replaced as a constant", "replace of anything but a constant that isn't empty can't be translated to SQL")
	}
	out := call(fn, withType(t.value(c.Target())))
	for _, a := range c.Args() {
		out.Args = append(out.Args, withType(t.value(a)))
	}
	if fn == "cel.index_of" && len(c.Args()) == 1 {
		out.Args = append(out.Args, number(0))
	}
	return out
}

// isText tells a string constant that isn't empty.
func isText(e celast.Expr) bool {
	if e.Kind() != celast.LiteralKind {
		return false
	}
	s, ok := e.AsLiteral().Value().(string)
	return ok && s != ""
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
