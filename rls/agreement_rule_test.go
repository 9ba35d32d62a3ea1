package rls_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

// expr is a CEL expression of a random rule. Its children stand at the %s of
// its format.
type expr struct {
	typ       celType
	construct string
	format    string
	args      []*expr
}

// celType is the type of an expression, by the letter that the constructs use.
type celType byte

const (
	celBool   celType = 'b'
	celString celType = 's'
	celInt    celType = 'i'
	celDouble celType = 'd'
	celTime   celType = 't'
)

// plainOf are values without a child, the simplest of their type. A rule is
// tried with them in place of a larger expression.
var plainOf = map[celType][]string{
	celBool: {"true", "false"}, celString: {"'zz'", "row.s"}, celInt: {"77", "row.n"}, celDouble: {"77.5", "row.d"},
	celTime: {"timestamp('2001-01-01T00:00:00Z')", "row.at"},
}

func (e *expr) String() string {
	if len(e.args) == 0 {
		return e.format
	}
	args := make([]any, len(e.args))
	for i, a := range e.args {
		args[i] = a.String()
	}
	return fmt.Sprintf(e.format, args...)
}

// all gives the expression and those in it.
func (e *expr) all() []*expr {
	out := []*expr{e}
	for _, a := range e.args {
		out = append(out, a.all()...)
	}
	return out
}

// with is a copy of the expression in which new stands for old.
func (e *expr) with(old, new *expr) *expr {
	if e == old {
		return new
	}
	out := *e
	out.args = make([]*expr, len(e.args))
	for i, a := range e.args {
		out.args[i] = a.with(old, new)
	}
	return &out
}

// swapped has the operands of every && and || the other way round.
func (e *expr) swapped() *expr {
	out := *e
	out.args = make([]*expr, len(e.args))
	for i, a := range e.args {
		out.args[i] = a.swapped()
	}
	if e.construct == "&&" || e.construct == "||" {
		slices.Reverse(out.args)
	}
	return &out
}

// constructs are what the generator writes. Each must have decided something in
// a run of many cases.
var constructs = []string{
	"&&", "||", "!", "?: of conditions", "bool ==", "string ==", "string <", "int ==", "int <", "double ==", "double <", "time ==", "time <",
	"+ - *", "/ %", "-x", "size", "?: of values", "string +", "string(int)", "string(bool)", "double(int)",
	"startsWith", "endsWith", "contains", "matches",
	"in session list", "in empty list", "in map", "in written list", "in list of fields", "null test",
	"session exists", "session all", "list exists", "list all", "map index",
	"bool field", "string field", "int field", "double field", "time field", "accessor", "constant", "session value", "has",
	"to-one", "to-one, two steps", "to-many exists", "to-many all", "to-many exists_one", "to-many in to-many", "to-many behind to-one",
	"when", "restrictive", "several permissive",
}

// place is a row that a rule can read: row, a step from it, or the variable of
// a macro.
type place struct {
	path, table string
	steps       int
}

// placesFrom are the to-one steps from a row, and listsFrom the to-many ones.
// @self is the name of the rule's own dataset.
var (
	placesFrom = map[string][]place{
		"things": {{".parents", "parents", 1}, {".parents.grands", "grands", 2}},
		"kids":   {{".grands", "grands", 1}, {".@self", "things", 1}, {".@self.parents", "parents", 2}},
		"pets":   {{".kids", "kids", 1}},
	}
	listsFrom = map[string][]place{
		"things": {{".kids", "kids", 0}, {".kids", "kids", 0}, {".parents.@self", "sibling", 1}},
		"kids":   {{".pets", "pets", 0}},
	}
	fieldsOf = map[string]map[celType][]string{
		"things":  {celString: {"s", "s2"}, celInt: {"n", "m"}, celBool: {"b"}, celDouble: {"d", "amount"}, celTime: {"at", "day", "tz"}},
		"parents": {celString: {"s"}, celInt: {"n"}, celBool: {"b"}, celTime: {"at"}},
		"grands":  {celString: {"s"}, celInt: {"n"}},
		"kids":    {celString: {"s"}, celInt: {"n"}, celBool: {"b"}, celDouble: {"d"}, celTime: {"day"}},
		"pets":    {celString: {"s"}, celInt: {"n"}, celBool: {"b"}},
	}
)

// ruleMaker writes random expressions that type-check.
type ruleMaker struct {
	*rand.Rand
	rows []place              // row, and the variables of the macros around
	vars map[celType][]string // variables that are values
	next *int                 // numbers variables
}

func newRuleMaker(r *rand.Rand) ruleMaker {
	return ruleMaker{Rand: r, rows: []place{{"row", "things", 0}}, next: new(int)}
}

// one writes an expression with children.
func one(typ celType, construct, format string, args ...*expr) *expr {
	return &expr{typ, construct, format, args}
}

func leaf(typ celType, construct, text string) *expr {
	return &expr{typ: typ, construct: construct, format: text}
}

var fieldConstruct = map[celType]string{
	celBool: "bool field", celString: "string field", celInt: "int field", celDouble: "double field", celTime: "time field",
}

// place picks a row: mostly the innermost, sometimes over to-one steps.
func (g ruleMaker) place() place {
	p := g.rows[len(g.rows)-1]
	if g.IntN(3) == 0 {
		p = pickOf(g.Rand, g.rows...)
	}
	if steps := placesFrom[p.table]; len(steps) > 0 && g.IntN(5) == 0 {
		step := pickOf(g.Rand, steps...)
		return place{p.path + step.path, step.table, step.steps}
	}
	return p
}

// field reads a field of a type, from whichever row has one.
func (g ruleMaker) field(typ celType) *expr {
	if of := g.vars[typ]; len(of) > 0 && g.IntN(2) == 0 {
		return leaf(typ, "session value", pickOf(g.Rand, of...))
	}
	p := g.place()
	names := fieldsOf[strings.Replace(p.table, "sibling", "things", 1)][typ]
	if len(names) == 0 {
		p, names = place{"row", "things", 0}, fieldsOf["things"][typ]
	}
	construct := []string{fieldConstruct[typ], "to-one", "to-one, two steps"}[p.steps]
	return leaf(typ, construct, p.path+"."+pickOf(g.Rand, names...))
}

func quoteCEL(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\t", `\t`).Replace(s) + "'"
}

// value writes a value of a type.
func (g ruleMaker) value(typ celType, depth int) *expr {
	switch n := g.IntN(10); {
	case n == 0:
		return g.constant(typ)
	case n == 1:
		return g.session(typ)
	case n <= 5 && depth > 0:
		return g.compute(typ, depth-1)
	default:
		return g.field(typ)
	}
}

func (g ruleMaker) constant(typ celType) *expr {
	text := ""
	switch typ {
	case celString:
		text = quoteCEL(usual(g.Rand, commonStrings, oddStrings))
	case celInt:
		text = fmt.Sprint(usual(g.Rand, commonInts, oddInts))
	case celDouble:
		if text = strconv.FormatFloat(pickOf(g.Rand, doubles...), 'g', -1, 64); !strings.ContainsAny(text, ".e") {
			text += ".0"
		}
	case celTime:
		text = "timestamp('" + inSomeZone(g.Rand, pickOf(g.Rand, append(instants, distantInstants...)...)).Format(time.RFC3339Nano) + "')"
	default:
		text = pickOf(g.Rand, "true", "false")
	}
	return leaf(typ, "constant", text)
}

func (g ruleMaker) session(typ celType) *expr {
	texts := map[celType][]string{
		celString: {"session.s", "session.s2", "(has(session.opt) ? session.opt : 'a')", "(session.s + 'b')"},
		celInt:    {"session.n", "session.limits['a']", "size(session.list)", "(session.n + 1)", "(10 / session.n)"},
		celDouble: {"session.d"}, celTime: {"session.at", "(session.at + duration('1h'))"}, celBool: {"session.flag", "(session.role == 'admin')"},
	}[typ]
	if g.IntN(12) == 0 { // may be missing, and then the dataset is refused
		texts = map[celType][]string{celString: {"session.opt"}, celInt: {"session.optn"}}[typ]
		if texts == nil {
			return g.session(typ)
		}
	}
	return leaf(typ, "session value", pickOf(g.Rand, texts...))
}

// compute writes an operation that gives a value.
func (g ruleMaker) compute(typ celType, depth int) *expr {
	if g.IntN(4) == 0 {
		return one(typ, "?: of values", "(%s ? %s : %s)", g.cond(depth), g.value(typ, depth), g.value(typ, depth))
	}
	switch typ {
	case celString:
		switch g.IntN(5) {
		case 0:
			return one(typ, "string(int)", "string(%s)", g.field(celInt))
		case 1:
			return one(typ, "string(bool)", "string(%s)", g.field(celBool))
		case 2:
			return one(typ, "map index", "session.names[%s]", g.value(celString, 0))
		default:
			return one(typ, "string +", "(%s + %s)", g.value(typ, depth), g.value(typ, depth))
		}
	case celInt:
		switch g.IntN(8) {
		case 0, 1, 2:
			return one(typ, "+ - *", "(%s "+pickOf(g.Rand, "+", "-", "*")+" %s)", g.value(typ, depth), g.value(typ, depth))
		case 3:
			return one(typ, "/ %", "(%s "+pickOf(g.Rand, "/", "%%")+" %s)", g.value(typ, depth), g.value(typ, depth))
		case 4:
			return one(typ, "-x", "-(%s)", g.value(typ, depth))
		case 5:
			return one(typ, "size", pickOf(g.Rand, "size(%s)", "%s.size()"), g.value(celString, depth))
		case 6:
			return one(typ, "map index", "session."+pickOf(g.Rand, "limits", "limits", "empty")+"[%s]", g.value(celString, 0))
		default:
			return one(typ, "accessor", "%s."+pickOf(g.Rand, "getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getHours", "getMinutes", "getSeconds")+"()", g.field(celTime))
		}
	case celDouble:
		return one(typ, "double(int)", "double(%s)", g.field(celInt))
	default:
		return g.field(typ)
	}
}

var typeNames = map[celType]string{celString: "string", celInt: "int", celDouble: "double", celTime: "time"}

// atom writes a condition that is no operation on conditions.
func (g ruleMaker) atom(depth int) *expr {
	switch n := g.IntN(33); {
	case n >= 30:
		typ := pickOf(g.Rand, celString, celInt, celInt, celInt, celDouble)
		other := g.constant(typ)
		if typ == celInt {
			other.format = fmt.Sprint(pickOf(g.Rand, commonInts...))
		}
		return one(celBool, typeNames[typ]+" <", "(%s "+pickOf(g.Rand, "<", "<=", ">", ">=")+" %s)", g.compute(typ, depth), other)
	case n < 9:
		typ := pickOf(g.Rand, celString, celString, celString, celInt, celInt, celDouble, celTime)
		op := pickOf(g.Rand, "==", "==", "!=", "<", "<=", ">", ">=")
		construct := typeNames[typ] + " <"
		if op == "==" || op == "!=" {
			construct = typeNames[typ] + " =="
		}
		args := []*expr{g.field(typ), g.value(typ, depth)}
		if args[0].String() == args[1].String() && g.IntN(8) > 0 {
			args[1] = g.constant(typ)
		}
		g.Shuffle(2, func(i, j int) { args[i], args[j] = args[j], args[i] })
		return one(celBool, construct, "(%s "+op+" %s)", args...)
	case n < 13:
		fn := pickOf(g.Rand, "startsWith", "endsWith", "contains")
		return one(celBool, fn, "%s."+fn+"(%s)", g.value(celString, depth), g.value(celString, depth))
	case n < 17:
		return g.membership(depth)
	case n < 19:
		typ := pickOf(g.Rand, celString, celInt, celBool, celDouble, celTime)
		e := g.field(typ)
		if !strings.Contains(e.format, ".") || e.construct == "session value" {
			e = leaf(typ, fieldConstruct[typ], "row."+pickOf(g.Rand, fieldsOf["things"][typ]...))
		}
		return one(celBool, "null test", pickOf(g.Rand, "(%s == null)", "(%s != null)", "(null != %s)"), e)
	case n < 22:
		return g.overRows(depth)
	case n < 25:
		return g.overValues(depth)
	case n < 26:
		return one(celBool, "matches", "%s.matches('"+pickOf(g.Rand, "^a", "b$", "^a$", "a", "^", "A", "^0$", " ", "NULL", `\'`)+"')", g.field(celString))
	case n < 27:
		return g.has()
	case n < 28:
		return g.session(celBool)
	default:
		return g.field(celBool)
	}
}

// has guards a property that may be missing.
func (g ruleMaker) has() *expr {
	switch g.IntN(5) {
	case 0:
		return one(celBool, "has", "(has(session.opt) && session.opt == %s)", g.field(celString))
	case 1:
		return one(celBool, "has", "(!has(session.optn) || session.optn < %s)", g.field(celInt))
	case 2:
		return one(celBool, "has", "(has(session.optlist) ? %s in session.optlist : %s)", g.field(celString), g.field(celBool))
	case 3:
		return one(celBool, "has", "(has(session.limits.b) || %s)", g.field(celBool))
	default:
		return one(celBool, "has", "(has(session.opt) == %s)", g.field(celBool))
	}
}

// membership writes x in a list or map.
func (g ruleMaker) membership(depth int) *expr {
	typ := pickOf(g.Rand, celString, celString, celInt, celDouble, celTime)
	x := g.value(typ, depth)
	if g.IntN(4) == 0 {
		x = g.field(typ)
	}
	list := map[celType]string{celString: "session.list", celInt: "session.ints", celDouble: "session.doubles", celTime: "session.times"}[typ]
	switch g.IntN(8) {
	case 0, 1:
		return one(celBool, "in session list", "(%s in "+list+")", x)
	case 2:
		if typ == celString && g.IntN(2) == 0 {
			return one(celBool, "in empty list", "(%s in session.none)", x)
		}
		return one(celBool, "in empty list", "(%s in [])", x)
	case 3:
		return one(celBool, "in map", "(%s in session."+pickOf(g.Rand, "limits", "names", "empty")+")", g.value(celString, depth))
	case 4, 5:
		return one(celBool, "in written list", "(%s in [%s, %s, %s])", x, g.constant(typ), g.constant(typ), g.session(typ))
	default:
		return one(celBool, "in list of fields", "(%s in [%s, %s])", x, g.field(typ), g.value(typ, 0))
	}
}

func (g ruleMaker) variable(letter string) string {
	*g.next++
	return letter + strconv.Itoa(*g.next)
}

// overRows writes a macro over the rows of a to-many step.
func (g ruleMaker) overRows(depth int) *expr {
	p := g.rows[len(g.rows)-1]
	if g.IntN(3) == 0 {
		p = pickOf(g.Rand, g.rows...)
	}
	lists := listsFrom[p.table]
	if len(lists) == 0 || len(g.rows) > 2 {
		return g.field(celBool)
	}
	list, macro, v := pickOf(g.Rand, lists...), pickOf(g.Rand, "exists", "exists", "all", "all", "exists_one"), g.variable("k")
	construct := "to-many " + macro
	switch {
	case len(g.rows) > 1:
		construct = "to-many in to-many"
	case list.steps > 0:
		construct = "to-many behind to-one"
	}
	inner := g
	inner.rows = append(slices.Clone(g.rows), place{v, list.table, 0})
	return one(celBool, construct, fmt.Sprintf("%s%s.%s(%s, %%s)", p.path, list.path, macro, v), inner.cond(min(max(depth, g.IntN(2)), 2-len(g.rows)/2)))
}

// overValues writes a macro over a list of the session, or one written out.
func (g ruleMaker) overValues(depth int) *expr {
	macro, v := pickOf(g.Rand, "exists", "all"), g.variable("x")
	typ := pickOf(g.Rand, celString, celString, celInt, celBool)
	inner := g
	inner.vars = map[celType][]string{typ: append(slices.Clone(g.vars[typ]), v)}
	if typ != celBool && g.IntN(3) == 0 {
		return one(celBool, "list "+macro, "[%s, %s]."+macro+"("+v+", %s)", g.field(typ), g.value(typ, 0), inner.about(v, typ, depth))
	}
	list := map[celType]string{celString: pickOf(g.Rand, "session.list", "session.list", "session.none"), celInt: "session.ints", celBool: "session.flags"}[typ]
	return one(celBool, "session "+macro, list+"."+macro+"("+v+", %s)", inner.about(v, typ, depth))
}

// about writes a condition on a variable.
func (g ruleMaker) about(v string, typ celType, depth int) *expr {
	x := leaf(typ, "", v)
	var out *expr
	switch {
	case typ == celBool:
		out = one(celBool, "bool ==", "(%s == %s)", x, g.field(celBool))
	case typ == celString && g.IntN(3) == 0:
		out = one(celBool, "startsWith", "%s.startsWith(%s)", g.field(celString), x)
	default:
		out = one(celBool, typeNames[typ]+" ==", "(%s "+pickOf(g.Rand, "==", "!=")+" %s)", x, g.field(typ))
	}
	if depth > 0 && g.IntN(2) == 0 {
		construct := pickOf(g.Rand, "&&", "||")
		return one(celBool, construct, "(%s "+construct+" %s)", out, g.cond(depth-1))
	}
	return out
}

// cond writes a condition.
func (g ruleMaker) cond(depth int) *expr {
	if depth <= 0 {
		return g.atom(g.IntN(2))
	}
	switch g.IntN(11) {
	case 0, 1:
		return one(celBool, "&&", "(%s && %s)", g.cond(depth-1), g.cond(depth-1))
	case 2, 3:
		return one(celBool, "||", "(%s || %s)", g.cond(depth-1), g.cond(depth-1))
	case 4, 5:
		return one(celBool, "!", "!(%s)", g.cond(depth-1))
	case 6:
		return one(celBool, "?: of conditions", "(%s ? %s : %s)", g.cond(depth-1), g.cond(depth-1), g.cond(depth-1))
	case 7:
		return one(celBool, "bool ==", "((%s) "+pickOf(g.Rand, "==", "!=")+" (%s))", g.cond(depth-1), g.cond(depth-1))
	default:
		return g.atom(depth)
	}
}

// when writes a condition over the session alone.
func (g ruleMaker) when(depth int) *expr {
	if depth > 0 && g.IntN(2) == 0 {
		switch g.IntN(3) {
		case 0:
			return one(celBool, "!", "!(%s)", g.when(depth-1))
		case 1:
			return one(celBool, "&&", "(%s && %s)", g.when(depth-1), g.when(depth-1))
		default:
			return one(celBool, "||", "(%s || %s)", g.when(depth-1), g.when(depth-1))
		}
	}
	return leaf(celBool, "", pickOf(g.Rand, "session.flag", "session.role == 'admin'", "session.role in ['admin', 'other']", "session.n > 0", "session.s in session.list", "has(session.opt)",
		"session.list.exists(x, x == session.s)", "session.list.all(x, x != 'a')", "size(session.list) > 1", "session.limits['a'] == 1", "10 / session.n > 3",
		"session.at > timestamp('2024-02-29T12:00:00Z')", "session.s.startsWith('a')", "session.opt == 'a'"))
}
