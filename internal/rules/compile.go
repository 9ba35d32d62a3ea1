package rules

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/semantic"
)

// When compiles a condition over the session alone into a policy.
func (c *Compiler) When(text string, p *Policy) []Problem {
	tree, problems := c.check(nil, text)
	if len(problems) > 0 {
		return problems
	}
	p.When, _, problems = c.translate(nil, text, tree, ast.Boolean, false)
	p.when = source{text, tree, c.base}
	return problems
}

// Rows compiles a condition over a row of a dataset and the session into a rule.
func (c *Compiler) Rows(d *semantic.Dataset, text string, rule *Rule) []Problem {
	tree, problems := c.check(d, text)
	if len(problems) > 0 {
		return problems
	}
	rule.Rows, rule.places, problems = c.translate(d, text, tree, ast.Boolean, false)
	env := c.rows[d]
	rule.rows = source{text, tree, env}
	rule.program = sync.OnceValues(func() (cel.Program, error) { return programOf(env, tree) })
	return problems
}

// Mask compiles the value that stands for a field, by its index, into a rule.
func (c *Compiler) Mask(d *semantic.Dataset, field int, text string, rule *Rule) []Problem {
	f := d.Fields[field]
	want := fieldType(f.Datatype)
	if want == nil {
		return []Problem{{Message: fmt.Sprintf("field %q of dataset %q can't be masked: its datatype is %q", f.Name, d.Name, f.Datatype),
			Hint: "declare a datatype that CEL has in the semantic model, or hide the field"}}
	}
	if typed(want) == ast.DateTimeTz && strings.TrimSpace(text) != "null" {
		return []Problem{{Message: fmt.Sprintf("field %q of dataset %q can't be masked: masks of datatype %s aren't supported", f.Name, d.Name, f.Datatype),
			Hint: "hide the field, or mask it with null"}}
	}
	tree, problems := c.check(d, text)
	if len(problems) > 0 {
		return problems
	}
	mask, at, problems := c.translate(d, text, tree, typed(want), true)
	if rule.Mask == nil {
		rule.Mask, rule.maskPlaces, rule.masks = map[int]ast.Expr{}, map[int]places{}, map[int]source{}
	}
	rule.Mask[field], rule.maskPlaces[field], rule.masks[field] = mask, at, source{text, tree, c.rows[d]}
	return problems
}

// translate turns a checked expression into SQL. Its type must be want, or,
// where orNull says so, it may be the literal null.
func (c *Compiler) translate(d *semantic.Dataset, text string, tree *celast.AST, want ast.Type, orNull bool) (ast.Expr, places, []Problem) {
	root := tree.Expr()
	got := tree.GetType(root.ID())
	if typed(got) != want && !(orNull && isNull(root)) {
		return nil, nil, []Problem{{Message: fmt.Sprintf("the expression is of type %s, but %s is needed", got, celName(want))}}
	}
	t := &translator{c: c, root: rowScope{dataset: d, alias: rootAlias}, tree: tree, text: text,
		datasets: map[string]*semantic.Dataset{rootAlias: d}, tables: c.tables[d], places: places{}}
	defer func() { c.tables[d] = t.tables }() // the rules of a dataset end up in one predicate
	t.parents = t.noParents()
	var out ast.Expr
	switch {
	case orNull && isNull(root):
		out = ast.Null()
	case orNull:
		out = asStored(withType(t.alone(root)))
	default:
		out = definitely(t.cond(root))
	}
	return out, t.places, t.problems
}

// asStored gives a mask the decimals themselves that are its value, with all
// of their digits.
func asStored(e ast.Expr) ast.Expr {
	switch n := e.(type) {
	case *ast.Call:
		if n.Func == fromDecimal {
			return n.Args[0]
		}
	case *ast.Case:
		for i := range n.Whens {
			n.Whens[i].Then = asStored(n.Whens[i].Then)
		}
	}
	return e
}

func celName(t ast.Type) string {
	switch t {
	case ast.Boolean:
		return "bool"
	case ast.Integer:
		return "int"
	case ast.Float:
		return "double"
	case ast.DateTimeTz:
		return "timestamp"
	default:
		return strings.ToLower(string(t))
	}
}

// translator turns one checked CEL tree into an ast expression. After a problem
// the expression is worthless.
type translator struct {
	c        *Compiler
	root     rowScope
	tree     *celast.AST
	text     string
	problems []Problem
	// parents are what the condition that is being translated reads along paths.
	parents parents
	// vars are the variables of the macros around.
	vars   map[string]variable
	tables int // aliases given out
	// datasets are those of the aliases given out.
	datasets map[string]*semantic.Dataset
	loops    int // macros over session lists
	repeated int // nodes that stand twice
	places   places
}

// noted remembers where the functions of SQL come from that an expression
// became; those of its operands are known already.
func (t *translator) noted(e celast.Expr, out ast.Expr) ast.Expr {
	ast.Walk(out, func(x ast.Expr) bool {
		c, ok := x.(*ast.Call)
		if !ok {
			return true
		}
		if _, known := t.places[c.Func]; !known {
			t.places[c.Func] = start(t.text, t.tree, e)
		}
		return true
	})
	return out
}

func (t *translator) refuse(e celast.Expr, hint, format string, args ...any) ast.Expr {
	t.problems = append(t.problems, Problem{Offset: offset(t.text, t.tree, e), Message: fmt.Sprintf(format, args...), Hint: hint})
	return ast.Null()
}

func (t *translator) typeOf(e celast.Expr) ast.Type { return typed(t.tree.GetType(e.ID())) }

// dependent reports whether an expression depends on the row, or on a macro's
// variable that stands for something else than a value of the session.
func (t *translator) dependent(e celast.Expr) bool {
	found := false
	celast.PostOrderVisit(e, celast.NewExprVisitor(func(x celast.Expr) {
		if x.Kind() != celast.IdentKind {
			return
		}
		_, isVar := t.vars[x.AsIdent()]
		found = found || isVar || x.AsIdent() == "row"
	}))
	return found
}

func isNull(e celast.Expr) bool {
	return e.Kind() == celast.LiteralKind && e.AsLiteral() == types.NullValue
}

// cond translates a truth value. What it yields is a predicate in SQL too. The
// fields of parents that it reads are joined around it.
func (t *translator) cond(e celast.Expr) ast.Expr {
	outer := t.parents
	t.parents = t.noParents()
	out := t.truth(e)
	out = t.parents.onParents(out)
	t.parents = outer
	return out
}

// alone translates an expression to a value by itself: fields of parents come
// from a subquery of their own, and are NULL without a parent.
func (t *translator) alone(e celast.Expr) ast.Expr {
	outer := t.parents
	t.parents = t.noParents()
	out := t.value(e)
	if len(t.parents.order) > 0 {
		q := t.parents.over(out, nil)
		q.Limit = &ast.Limit{Count: one()}
		out = &ast.Subquery{Query: q}
	}
	t.parents = outer
	return out
}

func (t *translator) truth(e celast.Expr) ast.Expr {
	if t.typeOf(e) != ast.Boolean {
		return t.refuse(e, "compare it with something", "a %s stands where a condition is needed", t.tree.GetType(e.ID()))
	}
	if !t.dependent(e) {
		return t.sessionOnly(e)
	}
	switch e.Kind() {
	case celast.IdentKind:
		return t.identTruth(e)
	case celast.SelectKind: // a Boolean field; compared, so that nothing but TRUE counts as true
		return &ast.Compare{Op: ast.Eq, Left: t.field(e), Right: ast.True()}
	case celast.CallKind:
		return t.noted(e, t.condCall(e))
	case celast.ComprehensionKind:
		return t.comprehension(e)
	default:
		return t.unsupported(e)
	}
}

// identTruth is a macro's variable as a condition.
func (t *translator) identTruth(e celast.Expr) ast.Expr {
	switch v := t.vars[e.AsIdent()]; {
	case v.slot != nil:
		return v.slot
	case v.expr != nil:
		return t.cond(v.expr)
	default:
		return t.unsupported(e)
	}
}

func (t *translator) condCall(e celast.Expr) ast.Expr {
	call := e.AsCall()
	args := call.Args()
	switch call.FunctionName() {
	case operators.LogicalAnd:
		return &ast.And{X: []ast.Expr{t.cond(args[0]), t.cond(args[1])}}
	case operators.LogicalOr:
		return &ast.Or{X: []ast.Expr{t.cond(args[0]), t.cond(args[1])}}
	case operators.LogicalNot:
		return &ast.Not{X: t.cond(args[0])}
	case operators.Conditional:
		return t.conditional(args, t.cond)
	case operators.Equals:
		return t.equals(e, args[0], args[1], false)
	case operators.NotEquals:
		return t.equals(e, args[0], args[1], true)
	case operators.Less:
		return t.compare(e, ast.Lt, args)
	case operators.LessEquals:
		return t.compare(e, ast.Le, args)
	case operators.Greater:
		return t.compare(e, ast.Gt, args)
	case operators.GreaterEquals:
		return t.compare(e, ast.Ge, args)
	case operators.In:
		return t.in(e, args[0], args[1])
	case "startsWith":
		return t.stringTest(e, "cel.starts_with")
	case "endsWith":
		return t.stringTest(e, "cel.ends_with")
	case "contains":
		return t.stringTest(e, "cel.contains")
	case "matches":
		if call.IsMemberFunction() {
			return t.matches(e, call.Target(), args[0])
		}
		return t.matches(e, args[0], args[1])
	default:
		return t.unsupported(e)
	}
}

func (t *translator) stringTest(e celast.Expr, fn string) ast.Expr {
	call := e.AsCall()
	if !call.IsMemberFunction() || len(call.Args()) != 1 {
		return t.unsupported(e)
	}
	return &ast.Call{Func: fn, Args: []ast.Expr{t.value(call.Target()), t.value(call.Args()[0])}}
}

// conditional translates c ? a : b. An unknown c makes the whole unknown, so
// b needs its own condition: ELSE would take it.
func (t *translator) conditional(args []celast.Expr, branch func(celast.Expr) ast.Expr) ast.Expr {
	cond := t.cond(args[0])
	if !t.repeat(cond) {
		return t.refuse(args[0], "compare in fewer steps", "conditions of ? : stand too deep inside one another")
	}
	return &ast.Case{Whens: []ast.When{
		{Cond: definitely(cond), Then: withType(branch(args[1]))},
		{Cond: definitely(&ast.Not{X: cond}), Then: withType(branch(args[2]))},
	}}
}

// mostRepeated bounds the nodes that a rule repeats: conditions inside conditions
// double at each level.
const mostRepeated = 20_000

// repeat counts the nodes of an expression that is about to stand twice; false
// says that they are too many.
func (t *translator) repeat(e ast.Expr) bool {
	ast.Walk(e, func(ast.Expr) bool {
		t.repeated++
		return t.repeated <= mostRepeated
	})
	return t.repeated <= mostRepeated
}

// withType casts a session's value to its own type where the database can't
// tell that from what stands beside it.
func withType(e ast.Expr) ast.Expr {
	s, ok := e.(*ast.Slot)
	if !ok {
		return e
	}
	if s.Type == ast.DateTimeTz {
		return call("cel.timestamp", s)
	}
	to, ok := slotCasts[s.Type]
	if !ok {
		return e
	}
	return &ast.Cast{X: s, Type: to, Precision: -1, Scale: -1}
}

var slotCasts = map[ast.Type]ast.CastType{
	ast.String: ast.CastChar, ast.Integer: ast.CastInteger, ast.Float: ast.CastDouble,
}

func call(fn string, args ...ast.Expr) *ast.Call { return &ast.Call{Func: fn, Args: args} }

// number is a whole number as a constant.
func number(n int64) ast.Expr {
	return signed(n < 0, &ast.Literal{Kind: ast.IntLiteral, Text: strings.TrimPrefix(strconv.FormatInt(n, 10), "-")})
}

// equals translates == and !=. A comparison with null is a definite test; any
// other with a field that is NULL is unknown.
func (t *translator) equals(e, left, right celast.Expr, not bool) ast.Expr {
	if isNull(left) {
		left, right = right, left
	}
	if isNull(right) {
		if !t.isField(left) {
			return t.refuse(e, "compare the fields themselves with null", "only a field can be compared with null")
		}
		test := call(isNullTest, t.field(left))
		if not {
			return &ast.Not{X: test}
		}
		return test
	}
	typ, ok := t.sameType(e, left, right)
	if !ok {
		return ast.Null()
	}
	op := ast.Eq
	if not {
		op = ast.Ne
	}
	if typ == ast.Boolean {
		return t.equalTruths(op, left, right)
	}
	return &ast.Compare{Op: op, Left: t.value(left), Right: t.value(right), Exact: typ == ast.String}
}

// equalTruths compares two conditions. A field against a constant or a session
// value stays plain, so that an index can serve it.
func (t *translator) equalTruths(op ast.CompareOp, left, right celast.Expr) ast.Expr {
	if t.isField(right) && !t.dependent(left) {
		left, right = right, left
	}
	if t.isField(left) && !t.dependent(right) {
		return &ast.Compare{Op: op, Left: t.field(left), Right: t.sessionOnly(right)}
	}
	return &ast.Compare{Op: op, Left: t.cond(left), Right: t.cond(right)}
}

// compare translates an ordering.
func (t *translator) compare(e celast.Expr, op ast.CompareOp, args []celast.Expr) ast.Expr {
	typ, ok := t.sameType(e, args[0], args[1])
	if !ok {
		return ast.Null()
	}
	if typ == ast.Boolean {
		return &ast.Compare{Op: op, Left: t.oneOrZero(args[0]), Right: t.oneOrZero(args[1])}
	}
	return &ast.Compare{Op: op, Left: t.value(args[0]), Right: t.value(args[1]), Exact: typ == ast.String}
}

// oneOrZero is a truth value as a number, NULL where it is unknown.
func (t *translator) oneOrZero(e celast.Expr) ast.Expr { return oneOrZero(t.cond(e)) }

func oneOrZero(cond ast.Expr) ast.Expr {
	return &ast.Case{Whens: []ast.When{{Cond: cond, Then: number(1)}, {Cond: &ast.Not{X: cond}, Then: number(0)}}}
}

// sameType gives the type that two compared expressions have in common.
func (t *translator) sameType(e, left, right celast.Expr) (ast.Type, bool) {
	a, b := t.typeOf(left), t.typeOf(right)
	if a == ast.Unknown || a != b {
		t.refuse(e, "compare values of one type: string, int, double, bool, timestamp or duration", "%s can't be compared with %s in SQL",
			t.tree.GetType(left.ID()), t.tree.GetType(right.ID()))
		return ast.Unknown, false
	}
	return a, true
}

// in translates x in list. A list with fields in it is unknown as a whole
// where any of them is NULL, unlike SQL's IN.
func (t *translator) in(e, x, list celast.Expr) ast.Expr {
	elem := t.tree.GetType(list.ID())
	if elem.Kind() != types.ListKind && elem.Kind() != types.MapKind {
		return t.refuse(list, "use a list or a map", "in needs a list or a map on its right side")
	}
	typ := t.typeOf(x)
	if typ == ast.Unknown || typed(elem.Parameters()[0]) != typ && !emptyList(list) {
		return t.refuse(e, "search a list for a value of its own type: string, int, double, bool, timestamp or duration", "%s can't be searched for %s in SQL",
			elem, t.tree.GetType(x.ID()))
	}
	if emptyList(list) {
		return nowhere(t.value(x))
	}
	if typ == ast.Boolean {
		return t.truthIn(x, list)
	}
	out := &ast.InList{X: withType(t.value(x)), Exact: typ == ast.String}
	if list.Kind() != celast.ListKind {
		if t.dependent(list) {
			return t.unsupported(list)
		}
		out.List = []ast.Expr{t.slot(list, typ)}
		return out
	}
	var known []ast.Expr
	for _, item := range list.AsList().Elements() {
		v := t.value(item)
		out.List = append(out.List, v)
		if t.dependent(item) {
			known = append(known, &ast.Is{X: v, Kind: ast.IsNull, Not: true})
		}
	}
	if len(known) == 0 {
		return out
	}
	return &ast.Case{Whens: []ast.When{{Cond: conjunction(known), Then: out}}}
}

// truthIn is in for truth values, which are searched one by one.
func (t *translator) truthIn(x, list celast.Expr) ast.Expr {
	cond := t.cond(x)
	if list.Kind() != celast.ListKind {
		if t.dependent(list) {
			return t.unsupported(list)
		}
		found := t.each(eachAny, list, ast.Boolean, func(each *ast.Slot) ast.Expr {
			return &ast.Compare{Op: ast.Eq, Left: cond, Right: each}
		})
		return &ast.Case{Whens: []ast.When{{Cond: &ast.Is{X: cond, Kind: ast.IsUnknown, Not: true}, Then: found}}}
	}
	in := &ast.InList{X: oneOrZero(cond)}
	var known []ast.Expr
	for _, item := range list.AsList().Elements() {
		v := t.oneOrZero(item)
		in.List = append(in.List, v)
		known = append(known, &ast.Is{X: v, Kind: ast.IsNull, Not: true})
	}
	return &ast.Case{Whens: []ast.When{{Cond: conjunction(known), Then: in}}}
}

// nowhere is x in []: false, but unknown for an unknown x, which SQL's FALSE
// would turn into true under a negation.
func nowhere(x ast.Expr) ast.Expr {
	return &ast.Case{Whens: []ast.When{{Cond: &ast.Is{X: x, Kind: ast.IsNull, Not: true}, Then: ast.False()}}}
}

func emptyList(e celast.Expr) bool {
	return e.Kind() == celast.ListKind && len(e.AsList().Elements()) == 0
}

func conjunction(x []ast.Expr) ast.Expr {
	if len(x) == 1 {
		return x[0]
	}
	return &ast.And{X: x}
}

// value translates an expression to a value.
func (t *translator) value(e celast.Expr) ast.Expr {
	if isNull(e) {
		return t.refuse(e, "", "null can only be compared with a field, by == or !=")
	}
	typ := t.typeOf(e)
	if typ == ast.Unknown {
		return t.refuse(e, "", "a value of type %s can't be used in SQL", t.tree.GetType(e.ID()))
	}
	if typ == ast.Boolean {
		return t.cond(e)
	}
	if !t.dependent(e) {
		return t.sessionOnly(e)
	}
	switch e.Kind() {
	case celast.IdentKind:
		return t.identValue(e)
	case celast.SelectKind:
		return t.field(e)
	case celast.CallKind:
		return t.noted(e, t.valueCall(e, typ))
	default:
		return t.unsupported(e)
	}
}

// identValue is a macro's variable as a value.
func (t *translator) identValue(e celast.Expr) ast.Expr {
	switch v := t.vars[e.AsIdent()]; {
	case v.slot != nil:
		return v.slot
	case v.expr != nil:
		return t.value(v.expr)
	default:
		return t.unsupported(e)
	}
}

func (t *translator) valueCall(e celast.Expr, typ ast.Type) ast.Expr {
	call := e.AsCall()
	args := call.Args()
	switch fn := call.FunctionName(); fn {
	case operators.Conditional:
		return t.conditional(args, t.alone)
	case operators.Add, operators.Subtract, operators.Multiply, operators.Divide, operators.Modulo, operators.Negate:
		return t.arithmetic(e, fn, typ, args)
	case operators.Index:
		return t.index(e, args[0], args[1], typ)
	case "int", "double", "string", "timestamp", "duration":
		return t.conversion(e, fn, args[0])
	case "size":
		if !call.IsMemberFunction() {
			return t.size(e, args[0])
		}
		return t.size(e, call.Target())
	default:
		return t.method(e, call)
	}
}

// intOps are CEL's operators on int: 64 bits, truncating division, and an
// error, here NULL, on overflow and on division by zero.
var intOps = map[string]string{
	operators.Add:      "cel.add",
	operators.Subtract: "cel.sub",
	operators.Multiply: "cel.mul",
	operators.Divide:   "cel.div",
	operators.Modulo:   "cel.mod",
	operators.Negate:   "cel.neg",
}

func (t *translator) arithmetic(e celast.Expr, op string, typ ast.Type, args []celast.Expr) ast.Expr {
	if typ == ast.DateTimeTz || typ == duration {
		return t.timeArithmetic(e, op, args)
	}
	fn := ""
	for _, a := range args {
		if t.typeOf(a) != typ {
			return t.unsupported(e)
		}
	}
	switch {
	case typ == ast.Integer:
		fn = intOps[op]
	case typ == ast.String && op == operators.Add:
		fn = "cel.concat"
	case typ == ast.Float:
		return t.refuse(e, "compare the fields with a session property or a constant instead",
			"arithmetic on double fields isn't supported: databases don't agree with CEL on infinities")
	default:
		return t.unsupported(e)
	}
	out := &ast.Call{Func: fn}
	for _, a := range args {
		out.Args = append(out.Args, t.value(a))
	}
	return out
}

// index is the value of a session's map at a key that depends on the row. A
// key that isn't there is an error in CEL, so the value is unknown.
func (t *translator) index(e, m, key celast.Expr, typ ast.Type) ast.Expr {
	if t.dependent(m) || t.tree.GetType(m.ID()).Kind() != types.MapKind || t.typeOf(key) != ast.String {
		return t.unsupported(e)
	}
	return &ast.Call{Func: lookup, Args: []ast.Expr{t.slot(m, typ), t.value(key)}}
}

func (t *translator) unsupported(e celast.Expr) ast.Expr {
	what := "this expression"
	switch e.Kind() {
	case celast.CallKind:
		what = describe(e.AsCall().FunctionName())
	case celast.ComprehensionKind:
		what = "this macro over the row"
	case celast.SelectKind:
		what = "the selection ." + e.AsSelect().FieldName()
	case celast.ListKind, celast.MapKind, celast.StructKind:
		what = "building a list, map or message from the row"
	}
	return t.refuse(e, "over the row, use what policy/CEL.md lists: comparisons, in, && || ! ?:, arithmetic on ints, timestamps and durations, and functions of strings",
		"%s can't be translated to SQL", what)
}

// describe names a CEL function or operator for people.
func describe(fn string) string {
	if op, ok := operators.FindReverse(fn); ok && op != "" {
		return "the operator " + op
	}
	if fn == operators.Index {
		return "the operator []"
	}
	return "the function " + fn
}

// isField tells a field of a row.
func (t *translator) isField(e celast.Expr) bool {
	if e.Kind() != celast.SelectKind || e.AsSelect().IsTestOnly() || !t.dependent(e) {
		return false
	}
	return t.tree.GetType(e.AsSelect().Operand().ID()).Kind() == types.StructKind
}

// row resolves an expression that is a row: row, a macro's variable, or a
// to-one path from either.
func (t *translator) row(e celast.Expr) (rowScope, bool) {
	switch e.Kind() {
	case celast.IdentKind:
		if v, ok := t.vars[e.AsIdent()]; ok {
			if v.row == nil {
				return rowScope{}, false
			}
			return *v.row, true
		}
		return t.root, e.AsIdent() == "row" && t.root.dataset != nil
	case celast.SelectKind:
		near, ok := t.row(e.AsSelect().Operand())
		if !ok {
			return rowScope{}, false
		}
		h, ok := findHop(t.c.model, near.dataset, e.AsSelect().FieldName())
		if !ok || h.toMany || e.AsSelect().IsTestOnly() {
			return rowScope{}, false
		}
		return t.reach(near, e.AsSelect().FieldName(), h), true
	default:
		return rowScope{}, false
	}
}

// isNullTest tells NULL from a value, and is unknown for a value that CEL lacks.
const isNullTest = "cel.is_null"

// fromDecimal is the double next to a decimal.
const fromDecimal = "cel.from_decimal"

// readers are the functions that read a field of each datatype: as an instant in
// UTC where it is a time, as a double where it is a number with decimals, and as
// NULL, which is unknown, where CEL has no such value.
var readers = map[semantic.Datatype]string{
	semantic.String: "cel.from_string", semantic.Integer: "cel.from_integer", semantic.Boolean: "cel.from_boolean",
	semantic.Float: "cel.from_float", semantic.Decimal: fromDecimal, // as an exact number, it would differ from doubles that CEL takes it for
	semantic.Date: "cel.from_date", semantic.DateTime: "cel.from_datetime", semantic.DateTimeTz: "cel.from_datetimetz",
}

// field is a field of a row.
func (t *translator) field(e celast.Expr) ast.Expr {
	if !t.isField(e) {
		return t.unsupported(e)
	}
	s, ok := t.row(e.AsSelect().Operand())
	if !ok {
		return t.unsupported(e)
	}
	f, ok := exactField(s.dataset, e.AsSelect().FieldName())
	if !ok {
		return t.unsupported(e)
	}
	x := s.name(f)
	if reader, ok := readers[f.Datatype]; ok {
		return call(reader, x)
	}
	return x
}

// sessionOnly is a constant or a value that the session decides.
func (t *translator) sessionOnly(e celast.Expr) ast.Expr {
	if e.Kind() == celast.LiteralKind && e.AsLiteral() != types.Int(math.MinInt64) { // that one has no literal in SQL
		if lit, ok := literal(e.AsLiteral().Value()); ok {
			return lit
		}
		return t.refuse(e, "", "this constant can't be used in SQL")
	}
	return t.slot(e, t.typeOf(e))
}

// literal writes a constant of CEL as a constant of SQL.
func literal(v any) (ast.Expr, bool) {
	switch v := v.(type) {
	case bool:
		if v {
			return ast.True(), true
		}
		return ast.False(), true
	case string:
		return &ast.Literal{Kind: ast.StringLiteral, Text: v}, !strings.ContainsRune(v, 0)
	case int64:
		return number(v), true
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, false
		}
		mantissa, exp, _ := strings.Cut(strconv.FormatFloat(math.Abs(v), 'e', -1, 64), "e")
		return signed(v < 0, &ast.Literal{Kind: ast.FloatLiteral, Text: mantissa + "e" + strings.TrimPrefix(exp, "+")}), true
	default:
		return nil, false
	}
}

func signed(negative bool, e ast.Expr) ast.Expr {
	if negative {
		return &ast.Neg{X: e}
	}
	return e
}

// slot makes a slot for an expression over the session: one for each property,
// so that a database sees one argument for it however often it is used.
func (t *translator) slot(e celast.Expr, typ ast.Type) ast.Expr {
	c := t.c
	if e.Kind() == celast.IdentKind {
		name := strings.TrimPrefix(e.AsIdent(), sessionPrefix)
		if index, ok := c.schema.Index(name); ok && strings.HasPrefix(e.AsIdent(), sessionPrefix) {
			id, ok := c.named[name]
			if !ok {
				id = len(c.slots)
				c.named[name] = id
				c.slots = append(c.slots, slot{name: name, property: index})
			}
			return &ast.Slot{ID: id, Elem: -1, Name: name, Type: sqlType(typ)}
		}
	}
	// The same text has the same numbers everywhere: what a policy computes for
	// many datasets is computed once.
	same := computed{t.text, e.ID(), typ}
	if s, ok := c.computed[same]; ok {
		return s
	}
	sub := celast.NewCheckedAST(celast.NewAST(e, t.tree.SourceInfo()), t.tree.TypeMap(), t.tree.ReferenceMap())
	program, err := c.base.PlanProgram(sub)
	if err != nil {
		return t.refuse(e, "", "CEL can't evaluate this: %v", err)
	}
	name := t.source(e)
	if name == ConstantName {
		if err := usable(program); err != nil {
			return t.refuse(e, "", "this constant can't be used: %v", err)
		}
	}
	c.slots = append(c.slots, slot{name: name, property: -1, program: program, reads: t.reads(e)})
	s := &ast.Slot{ID: len(c.slots) - 1, Elem: -1, Name: name, Type: sqlType(typ)}
	c.computed[same] = s
	return s
}

// computed identifies a sub-expression over the session: the text of the rule
// and the number that CEL gives to it there.
type computed struct {
	text string
	id   int64
	typ  ast.Type
}

// usable tells what keeps a constant from being bound.
func usable(program cel.Program) error {
	out, _, err := program.Eval(cel.NoVars())
	if err != nil {
		return err
	}
	_, err = fromCEL(out)
	return err
}

// ConstantName is the name of a slot that reads nothing of the session.
const ConstantName = "constant"

// source names an expression by the properties that it reads.
func (t *translator) source(e celast.Expr) string {
	names := t.properties(e, true)
	if len(names) == 0 {
		return ConstantName
	}
	return strings.Join(names, ", ")
}

// reads lists the properties, by index, without which an expression can't be
// computed: those that it reads, but not those that it only asks for by has().
func (t *translator) reads(e celast.Expr) []int {
	var out []int
	for _, name := range t.properties(e, false) {
		if i, ok := t.c.schema.Index(name); ok {
			out = append(out, i)
		}
	}
	return out
}

// properties lists the session properties that an expression names.
func (t *translator) properties(e celast.Expr, withHas bool) []string {
	var names []string
	celast.PostOrderVisit(e, celast.NewExprVisitor(func(x celast.Expr) {
		if x.Kind() != celast.IdentKind {
			return
		}
		ident, has := strings.CutPrefix(x.AsIdent(), hasPrefix)
		if name, ok := strings.CutPrefix(ident, sessionPrefix); ok && (withHas || !has) {
			names = append(names, name)
		}
	}))
	return names
}
