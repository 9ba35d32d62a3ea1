package dialect

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/function"
)

// form writes a call of one function. Keys of Dialect.Functions are names,
// with "/2" appended for the form of a certain number of arguments and
// " month" for that of a unit of time.
type form func(p *printer, c *ast.Call)

// cutKey splits a key of Dialect.Functions from what is appended to the name.
func cutKey(key string) (name, suffix string, ok bool) {
	i := strings.IndexAny(key, "/ ")
	if i <= 0 {
		return key, "", false
	}
	return key[:i], key[i+1:], true
}

// tmpl is a form from a template.
func tmpl(template string) form {
	return func(p *printer, c *ast.Call) {
		if c.Over != nil {
			p.unsupported(c.Pos, strings.ToUpper(c.Func)+" with OVER")
		}
		p.render(c.Pos, template, c.Args...)
	}
}

// native is a form of an aggregate or window function that the database has. An
// operand is the template of its only argument.
func native(name string, operand ...string) form {
	return func(p *printer, c *ast.Call) {
		p.write(name, "(")
		switch {
		case c.Star:
			p.write("*")
		case c.Distinct:
			p.write("DISTINCT ")
		}
		if len(operand) > 0 {
			p.render(c.Pos, operand[0], c.Args...)
		} else {
			p.exprs(c.Args)
		}
		p.write(")")
		p.over(c.Over)
	}
}

// ofTruth is a form of an aggregate that has another name for truth values.
func ofTruth(name, other string) form {
	return func(p *printer, c *ast.Call) {
		if function.TypeOf(c.Args[0]) == ast.Boolean {
			native(name)(p, c)
			return
		}
		native(other)(p, c)
	}
}

// percentile writes an ordered-set aggregate: MEDIAN, or a constant share of
// the values as second argument. operand is the template of what is sorted.
func percentile(name, operand string) form {
	return func(p *printer, c *ast.Call) {
		share, ok := shareOf(c)
		if !ok || c.Distinct || c.Over != nil {
			p.unsupported(c.Pos, strings.ToUpper(c.Func)+" with DISTINCT, OVER or a share other than a constant from 0 to 1")
			return
		}
		p.write(name, "(", share, ") WITHIN GROUP (ORDER BY ")
		p.render(c.Pos, operand, c.Args[0])
		p.write(")")
	}
}

// shareOf gives the share of a percentile as text.
func shareOf(c *ast.Call) (string, bool) {
	if len(c.Args) == 1 {
		return "0.5", true
	}
	l, ok := c.Args[1].(*ast.Literal)
	if !ok || l.Kind != ast.IntLiteral && l.Kind != ast.DecimalLiteral {
		return "", false
	}
	v, err := strconv.ParseFloat(l.Text, 64)
	return l.Text, err == nil && v <= 1
}

// separated is STRING_AGG as GROUP_CONCAT with a separator.
func separated(p *printer, c *ast.Call) {
	s, ok := stringValue(c.Args[1])
	if !ok {
		p.unsupported(c.Pos, "STRING_AGG with a separator that is not constant")
		return
	}
	f, ok := p.d.Functions["group_concat"]
	if !ok {
		p.unsupported(c.Pos, "the function STRING_AGG")
		return
	}
	f(p, &ast.Call{Pos: c.Pos, Func: "group_concat", Args: c.Args[:1], Distinct: c.Distinct, OrderBy: c.OrderBy, Separator: &s, Over: c.Over})
}

// shifted restricts the distance of LAG and LEAD to a constant.
func shifted(name string) form { return constant(1, 0, 1<<31-1, native(name)) }

// policyFunction is a function that only policies call.
type policyFunction struct {
	args int
	name string // what it is in CEL
}

// policyFunctions is the closed list of them. They are exact by code point and
// over 64-bit integers, give NULL for NULL, and NULL where CEL has an error.
// Those that read a field give NULL for any value that CEL lacks, cel.from_float and
// cel.from_decimal the nearest double. cel.is_null tells such a value from NULL.
// Instants are in UTC, a session's by cel.timestamp: cel.later adds microseconds to one, cel.elapsed counts
// those from its second argument to its first, and cel.calendar prepares one for
// the functions that take it apart. These give NULL outside of the years 1 to 9999.
var policyFunctions = map[string]policyFunction{
	"cel.starts_with": {2, "the function startsWith"}, "cel.ends_with": {2, "the function endsWith"}, "cel.contains": {2, "the function contains"},
	"cel.size": {1, "the function size"}, "cel.concat": {2, "the operator + on strings"},
	"cel.add": {2, "the operator + on ints"}, "cel.sub": {2, "the operator - on ints"}, "cel.mul": {2, "the operator * on ints"},
	"cel.div": {2, "the operator / on ints"}, "cel.mod": {2, "the operator % on ints"}, "cel.neg": {1, "the operator - before an int"},
	"cel.from_date":     {1, "a field that is a date"},
	"cel.from_datetime": {1, "a timestamp here"}, "cel.timestamp": {1, "a timestamp here"}, "cel.from_datetimetz": {1, "a field that is a point in time"},
	"cel.from_float": {1, "a field that is a double"}, "cel.from_decimal": {1, "a field that is a decimal"},
	"cel.from_string": {1, "a field that is a string"}, "cel.from_integer": {1, "a field that is an int"}, "cel.from_boolean": {1, "a field that is a bool"},
	"cel.is_null": {1, "a comparison with null"},
	"cel.later":   {2, "adding a duration to a timestamp"}, "cel.elapsed": {2, "the time between two timestamps"},
	"cel.calendar": {1, "taking a timestamp apart"}, "cel.truncate": {1, "the function int of a double"},
	"cel.lower_ascii": {1, "the function lowerAscii"}, "cel.upper_ascii": {1, "the function upperAscii"}, "cel.trim": {1, "the function trim"},
	"cel.reverse": {1, "the function reverse"}, "cel.char_at": {2, "the function charAt"}, "cel.index_of": {3, "the function indexOf"},
	"cel.last_index_of": {2, "the function lastIndexOf"}, "cel.substring": {3, "the function substring"},
	"cel.substring_from": {2, "the function substring"}, "cel.replace": {3, "the function replace"},
}

// Lacks names a function in a policy's expression that the dialect doesn't have,
// "" if there is none.
func (d *Dialect) Lacks(e ast.Expr) string {
	missing := ""
	ast.Walk(e, func(x ast.Expr) bool {
		if c, ok := x.(*ast.Call); ok && missing == "" && !d.Supports(c.Func) {
			missing = c.Func
		}
		return missing == ""
	})
	return missing
}

func (p *printer) call(c *ast.Call) {
	name, ok := p.checkCall(c)
	if !ok {
		return
	}
	unit := unitOf(name, c)
	if f, ok := p.d.formOf(name, unit, len(c.Args)); ok {
		if len(p.grouped) > 0 && isAggregate(c) {
			defer func(grouped map[ast.Expr]int) { p.grouped = grouped }(p.grouped)
			p.grouped = nil
		}
		if len(p.least) > 0 && isAggregate(c) {
			defer func(least map[ast.Expr]bool) { p.least = least }(p.least)
			p.least = nil
		}
		f(p, p.prepared(name, c))
		return
	}
	what := "the function " + strings.ToUpper(name)
	if f, ok := policyFunctions[name]; ok {
		what = f.name
	}
	if unit != "" {
		what += " in units of " + strings.ToUpper(unit)
	}
	p.unsupported(c.Pos, what)
}

// prepared brings the arguments of a call into the types that they are read as.
func (p *printer) prepared(name string, c *ast.Call) *ast.Call {
	f, ok := function.Lookup(name)
	if !ok || len(c.Args) == 0 {
		return c
	}
	out := c
	var met []ast.Expr
	for i, a := range c.Args {
		kind := f.Arg(i)
		if kind == function.Compared || kind == function.Shared {
			met = append(met, a)
		}
		if x := p.read(kind, a); x != a {
			out = copied(out, c)
			out.Args[i] = x
		}
	}
	if len(met) == 0 {
		return out
	}
	if f.Arg(0) == function.Compared {
		met = p.alike(met...)
	} else {
		met = p.shared(met...)
	}
	out = copied(out, c)
	for i := range out.Args {
		if k := f.Arg(i); k == function.Compared || k == function.Shared {
			out.Args[i], met = met[0], met[1:]
		}
	}
	return out
}

// copied copies a call unless it is no longer the original.
func copied(c, original *ast.Call) *ast.Call {
	if c != original {
		return c
	}
	out := *c
	out.Args = slices.Clone(c.Args)
	return &out
}

// read prepares an argument that is read by itself.
func (p *printer) read(kind function.Arg, a ast.Expr) ast.Expr {
	switch kind {
	case function.Truth:
		return p.truth(a)
	case function.Number:
		return p.number(a)
	case function.Whole:
		return p.whole(a)
	case function.Text:
		return p.textual(a)
	case function.Moment:
		return p.moment(a)
	default:
		return a
	}
}

// formOf finds the most special form of a call.
func (d *Dialect) formOf(name, unit string, args int) (form, bool) {
	if unit != "" {
		f, ok := d.Functions[name+" "+unit]
		return f, ok
	}
	if f, ok := d.Functions[name+"/"+strconv.Itoa(args)]; ok {
		return f, true
	}
	if f, ok := d.Functions[name]; ok {
		return f, true
	}
	f, ok := common(name)
	return f, ok
}

// unitOf gives the unit of time that a call names, as a keyword or, for
// DATE_TRUNC, as a constant.
func unitOf(name string, c *ast.Call) string {
	if name == "date_trunc" {
		s, _ := stringValue(c.Args[0])
		if s == "" {
			s = "?"
		}
		return strings.ToLower(s)
	}
	return string(c.Unit)
}

// checkCall holds a call against the closed list again, so that no option of
// it is dropped silently.
func (p *printer) checkCall(c *ast.Call) (name string, ok bool) {
	if f, isPolicy := policyFunctions[c.Func]; isPolicy {
		if len(c.Args) != f.args || c.Star || c.Distinct || len(c.OrderBy) > 0 || c.Separator != nil ||
			c.Unit != "" || c.Over != nil || c.IgnoreNulls {
			p.fail(fault.Internal, c.Pos, "a malformed call of %s", c.Func)
			return "", false
		}
		return c.Func, true
	}
	f, known := function.Lookup(c.Func)
	if !known {
		p.fail(fault.Unsupported, c.Pos, "there is no function of this name")
		return "", false
	}
	wrong := ""
	switch {
	case len(c.Args) < f.Min || f.Max >= 0 && len(c.Args) > f.Max:
		wrong = " with this number of arguments"
	case c.Star && (f.Name != "count" || len(c.Args) > 0 || c.Distinct):
		wrong = "(*)"
	case f.Name == "count" && !c.Star && (len(c.Args) == 0 || len(c.Args) > 1 && !c.Distinct):
		wrong = " with this number of arguments"
	case c.Distinct && (f.Kind != function.Aggregate || c.Over != nil):
		wrong = " with DISTINCT here"
	case (len(c.OrderBy) > 0 || c.Separator != nil) && f.Name != "group_concat":
		wrong = " with ORDER BY or SEPARATOR"
	case (c.Unit != "") != (f.Name == "timestampdiff"):
		wrong = " with or without a unit of time"
	case f.Kind == function.Window && c.Over == nil:
		wrong = " without OVER"
	case f.Kind == function.Scalar && c.Over != nil:
		wrong = " with OVER"
	case c.IgnoreNulls:
		wrong = " with IGNORE NULLS"
	}
	if wrong != "" {
		p.unsupported(c.Pos, strings.ToUpper(f.Name)+wrong)
		return "", false
	}
	return f.Name, true
}

// nullIfAny writes CASE WHEN every argument is not NULL THEN call END, for
// functions that skip NULL where MySQL gives NULL.
func nullIfAny(name string) form {
	return func(p *printer, c *ast.Call) {
		p.write("CASE WHEN ")
		for i, a := range c.Args {
			if i > 0 {
				p.write(" AND ")
			}
			p.expr(a, primary)
			p.write(" IS NOT NULL")
		}
		p.write(" THEN ", name, "(")
		p.exprs(c.Args)
		p.write(") END")
	}
}

// joined writes the arguments through a template each, with a word between.
func joined(template, word string) form {
	return func(p *printer, c *ast.Call) {
		p.write("(")
		for i, a := range c.Args {
			if i > 0 {
				p.write(word)
			}
			p.render(c.Pos, template, a)
		}
		p.write(")")
	}
}

// constant restricts an argument to an integer literal between bounds; hint
// tells users what to write.
func constant(arg int, low, high int64, f form) form {
	return func(p *printer, c *ast.Call) {
		if arg < len(c.Args) {
			if v, ok := intValue(c.Args[arg]); !ok || v < low || v > high {
				p.unsupported(c.Pos, fmt.Sprintf("%s with argument %d other than a whole number from %d to %d",
					strings.ToUpper(c.Func), arg+1, low, high))
				return
			}
		}
		f(p, c)
	}
}

// digits restricts the second argument to a small integer constant of either
// sign.
func digits(f form) form {
	return func(p *printer, c *ast.Call) {
		if v, ok := signedValue(c.Args[1]); !ok || v < -30 || v > 30 {
			p.unsupported(c.Pos, strings.ToUpper(c.Func)+" to digits other than a constant from -30 to 30")
			return
		}
		f(p, c)
	}
}

// character restricts an argument to a string literal of exactly one character.
func character(arg int, f form) form {
	return func(p *printer, c *ast.Call) {
		if s, ok := stringValue(c.Args[arg]); !ok || len([]rune(s)) != 1 {
			p.unsupported(c.Pos, "TRIM of anything but one constant character")
			return
		}
		f(p, c)
	}
}

// pad checks LPAD and RPAD: a bounded length, because the caller could ask for
// any amount of memory, and a constant filling, because an empty one means
// something else on every database.
func pad(f form) form {
	return constant(1, 0, 1000, func(p *printer, c *ast.Call) {
		if s, ok := stringValue(c.Args[2]); !ok || s == "" {
			p.unsupported(c.Pos, strings.ToUpper(c.Func)+" with a filling that is not a constant")
			return
		}
		f(p, c)
	})
}

// substring uses the short form for a constant position from 1 and a constant
// length, and the full one, which follows MySQL for zero, negative and NULL.
func substring(short, full form) form {
	return func(p *printer, c *ast.Call) {
		position, ok := intValue(c.Args[1])
		if ok && len(c.Args) == 3 {
			_, ok = intValue(c.Args[2])
		}
		if ok && position >= 1 {
			short(p, c)
			return
		}
		full(p, c)
	}
}

// week picks a form by the mode, which must be 0 (as when missing), 3 or 5.
func week(mode0, mode3, mode5 string) form {
	return func(p *printer, c *ast.Call) {
		mode := int64(0)
		if len(c.Args) == 2 {
			v, ok := intValue(c.Args[1])
			if !ok {
				v = -1
			}
			mode = v
		}
		template := map[int64]string{0: mode0, 3: mode3, 5: mode5}[mode]
		if template == "" {
			p.unsupported(c.Pos, "WEEK with this mode")
			return
		}
		p.render(c.Pos, template, c.Args[0])
	}
}
