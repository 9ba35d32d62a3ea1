package rules

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

// source is a checked expression, kept to reason about it.
type source struct {
	text string
	tree *celast.AST
	env  *cel.Env
}

// Spot is a sub-expression of a policy.
type Spot struct {
	Policy *Policy
	// InWhen tells when from rows; Offset counts bytes in its text.
	InWhen bool
	Offset int
	// Text is the sub-expression.
	Text string
}

// formula is a condition in negation normal form: claims, and AND and OR of
// formulas. An empty AND is true, an empty OR false.
type formula struct {
	op   formulaOp
	kids []*formula
	lit  claim
}

type formulaOp uint8

const (
	isLit formulaOp = iota
	isAnd
	isOr
)

// claim is a definite statement about terms.
type claim struct {
	kind claimKind
	// a and b are terms; a is the term itself for null tests.
	a, b int
	// name and args identify a statement whose inside isn't looked at.
	name string
	args []int
	// spot is set where the statement stands for more than it says.
	spot *spotted
}

type claimKind uint8

const (
	litEq claimKind = iota
	litNe
	litLt // a < b
	litLe // a <= b
	litNull
	litNotNull
	litIn // a is an element of list b
	litNotIn
	litHolds    // the statement name(args) is true
	litHoldsNot // it is false
)

func truth(b bool) *formula {
	if b {
		return &formula{op: isAnd}
	}
	return &formula{op: isOr}
}

func lit(kind claimKind, a, b int) *formula {
	return &formula{lit: claim{kind: kind, a: a, b: b}}
}

func both(kids ...*formula) *formula   { return &formula{op: isAnd, kids: kids} }
func either(kids ...*formula) *formula { return &formula{op: isOr, kids: kids} }

// joined is AND where and is set, else OR.
func joined(and bool, kids ...*formula) *formula {
	if and {
		return both(kids...)
	}
	return either(kids...)
}

// term is something that has a value: a constant, a field of the row or of a
// row that it leads to, a property of one of the sessions, an element of a
// session's list, or an expression that isn't looked into.
type term struct {
	kind termKind
	typ  ast.Type
	// value is a constant's.
	value any
	// path leads from the row to the row whose field this is; field is its name.
	path  []string
	field string
	// side tells the sessions apart, property is the index in the schema.
	side, property int
	// name and args identify an expression.
	name string
	args []int
	// of and key are the terms of the map and the key where indexed is set.
	indexed bool
	of, key int
	// spot is where an expression stands.
	spot *spotted
	// needs is what must hold where the term has a value.
	needs []*formula
}

type termKind uint8

const (
	constTerm termKind = iota
	fieldTerm
	propertyTerm
	elementTerm
	exprTerm
)

// view is an expression as one session sees it.
type view struct {
	source
	policy *Policy
	inWhen bool
	side   int
	root   *semantic.Dataset
	vars   map[string]binding
}

// binding is what a macro's variable stands for: a row, a term, or an expression.
type binding struct {
	row  *rowAt
	term int
	expr celast.Expr
	view *view
}

// rowAt is a row at the end of a path from the row in question.
type rowAt struct {
	path    []string
	dataset *semantic.Dataset
	needs   []*formula
}

func (r rowAt) key() string { return strings.Join(r.path, ".") }

// builder turns expressions into formulas over shared terms. What it doesn't
// understand becomes a statement of its own, which may be true or false: a
// formula holds at least where the expression does.
type builder struct {
	set *Set
	// properties are the schema's, by index.
	properties []session.Property
	terms      []term
	byKey      map[string]int
	size       int // of all formulas
	chosen     int // rows and elements introduced for exists, and steps apart
	// lists are the paths of to-many steps that expressions read as a whole.
	lists [][]string
}

// maxFormula bounds the formulas of one question; an expression beyond is taken
// as a whole.
const maxFormula = 4000

func newBuilder(s *Set) *builder {
	return &builder{set: s, properties: slices.Collect(s.Schema.Properties()), byKey: map[string]int{}}
}

func (b *builder) intern(key string, make func() term) int {
	if id, ok := b.byKey[key]; ok {
		return id
	}
	t := make()
	id := len(b.terms)
	b.terms = append(b.terms, t)
	b.byKey[key] = id
	return id
}

func (b *builder) constant(v any, typ ast.Type) int {
	return b.intern(fmt.Sprintf("constant %s %#v", typ, v), func() term { return term{kind: constTerm, typ: typ, value: v} })
}

func (b *builder) property(side, index int) int {
	return b.intern(fmt.Sprintf("property %d %d", side, index), func() term {
		p := b.propertyAt(index)
		t := term{kind: propertyTerm, typ: typed(propertyType(p.Type)), side: side, property: index}
		if !p.Required && p.Default == nil {
			t.needs = []*formula{b.has(side, p.Name, true)}
		}
		return t
	})
}

func (b *builder) propertyAt(index int) session.Property { return b.properties[index] }

// has states that a session has a property. One that is required or has a
// default is always there.
func (b *builder) has(side int, name string, want bool) *formula {
	if p, ok := b.set.Schema.Property(name); ok && (p.Required || p.Default != nil) {
		return truth(want)
	}
	return holds(claim{name: fmt.Sprintf("has %d %s", side, name)}, want)
}

func holds(l claim, want bool) *formula {
	l.kind = litHoldsNot
	if want {
		l.kind = litHolds
	}
	return &formula{lit: l}
}

// build gives the formula under which an expression is definitely true, or
// definitely false.
func (b *builder) build(v *view, e celast.Expr, want bool) *formula {
	if b.size++; b.size > maxFormula {
		return b.opaque(v, e, want)
	}
	switch e.Kind() {
	case celast.LiteralKind:
		return truth((e.AsLiteral() == types.True) == want)
	case celast.IdentKind:
		return b.identTruth(v, e, want)
	case celast.SelectKind:
		return b.isTrue(v, e, want)
	case celast.CallKind:
		return b.call(v, e, want)
	case celast.ComprehensionKind:
		return b.macro(v, e, want)
	default:
		return b.opaque(v, e, want)
	}
}

func (b *builder) identTruth(v *view, e celast.Expr, want bool) *formula {
	if bound, ok := v.vars[e.AsIdent()]; ok && bound.expr != nil {
		return b.build(bound.view, bound.expr, want)
	}
	if name, ok := strings.CutPrefix(e.AsIdent(), hasPrefix+sessionPrefix); ok {
		return b.has(v.side, name, want)
	}
	return b.isTrue(v, e, want)
}

// isTrue compares a Boolean value with true or false.
func (b *builder) isTrue(v *view, e celast.Expr, want bool) *formula {
	id, ok := b.term(v, e)
	if !ok || b.terms[id].kind == exprTerm {
		return b.opaque(v, e, want)
	}
	return b.related(litEq, id, b.constant(want, ast.Boolean))
}

// related states a relation of two values, and what it takes to have them.
func (b *builder) related(kind claimKind, x, y int) *formula {
	out := both(lit(kind, x, y))
	out.kids = append(out.kids, b.terms[x].needs...)
	out.kids = append(out.kids, b.terms[y].needs...)
	return out
}

func (b *builder) call(v *view, e celast.Expr, want bool) *formula {
	call := e.AsCall()
	args := call.Args()
	switch call.FunctionName() {
	case operators.LogicalAnd:
		return joined(want, b.build(v, args[0], want), b.build(v, args[1], want))
	case operators.LogicalOr:
		return joined(!want, b.build(v, args[0], want), b.build(v, args[1], want))
	case operators.LogicalNot:
		return b.build(v, args[0], !want)
	case operators.Conditional:
		return either(both(b.build(v, args[0], true), b.build(v, args[1], want)),
			both(b.build(v, args[0], false), b.build(v, args[2], want)))
	case operators.Equals:
		return b.equals(v, e, want)
	case operators.NotEquals:
		return b.equals(v, e, !want)
	case operators.Less:
		return b.ordered(v, e, args[0], args[1], want)
	case operators.Greater:
		return b.ordered(v, e, args[1], args[0], want)
	case operators.LessEquals:
		return b.ordered(v, e, args[1], args[0], !want)
	case operators.GreaterEquals:
		return b.ordered(v, e, args[0], args[1], !want)
	case operators.In:
		return b.in(v, e, args[0], args[1], want)
	default:
		return b.opaque(v, e, want)
	}
}

// ordered states x < y, or y <= x where it is not wanted.
func (b *builder) ordered(v *view, e, x, y celast.Expr, want bool) *formula {
	return b.cases(v, e, want, x, y, func(x, y int) *formula {
		switch {
		case want:
			return b.related(litLt, x, y)
		case b.mayBeNaN(x) || b.mayBeNaN(y):
			return b.opaque(v, e, want)
		default:
			return b.related(litLe, y, x)
		}
	})
}

// mayBeNaN tells what the order of numbers doesn't hold for: a double that a
// session computes, as 0.0 / 0.0.
func (b *builder) mayBeNaN(id int) bool {
	return b.terms[id].kind == exprTerm && b.terms[id].typ == ast.Float
}

func (b *builder) equals(v *view, e celast.Expr, want bool) *formula {
	x, y := e.AsCall().Args()[0], e.AsCall().Args()[1]
	if isNull(x) {
		x, y = y, x
	}
	kind := litNe
	if want {
		kind = litEq
	}
	switch {
	case isNull(y):
		return b.null(v, e, x, want)
	case typed(v.tree.GetType(x.ID())) == ast.Boolean:
		return either(both(b.build(v, x, true), b.build(v, y, want)), both(b.build(v, x, false), b.build(v, y, !want)))
	default:
		return b.cases(v, e, want, x, y, func(x, y int) *formula { return b.related(kind, x, y) })
	}
}

// null states that a field is or isn't null; its row must be there either way.
func (b *builder) null(v *view, e, x celast.Expr, want bool) *formula {
	id, ok := b.term(v, x)
	if !ok || b.terms[id].kind != fieldTerm {
		return b.opaque(v, e, want)
	}
	row, _ := b.row(v, x.AsSelect().Operand())
	kind := litNotNull
	if want {
		kind = litNull
	}
	return both(append([]*formula{lit(kind, id, id)}, row.needs...)...)
}

// cases relates two values, for each way that ?: can choose them.
func (b *builder) cases(v *view, e celast.Expr, want bool, x, y celast.Expr, relate func(x, y int) *formula) *formula {
	if c, ok := conditionalArgs(x); ok {
		return b.choose(v, c, func(x celast.Expr) *formula { return b.cases(v, e, want, x, y, relate) })
	}
	if c, ok := conditionalArgs(y); ok {
		return b.choose(v, c, func(y celast.Expr) *formula { return b.cases(v, e, want, x, y, relate) })
	}
	left, okLeft := b.term(v, x)
	right, okRight := b.term(v, y)
	if b.size++; !okLeft || !okRight || b.size > maxFormula {
		return b.opaque(v, e, want)
	}
	return relate(left, right)
}

func conditionalArgs(e celast.Expr) ([]celast.Expr, bool) {
	if e.Kind() != celast.CallKind || e.AsCall().FunctionName() != operators.Conditional {
		return nil, false
	}
	return e.AsCall().Args(), true
}

func (b *builder) choose(v *view, c []celast.Expr, branch func(celast.Expr) *formula) *formula {
	return either(both(b.build(v, c[0], true), branch(c[1])), both(b.build(v, c[0], false), branch(c[2])))
}

// in states membership. A written list is compared element by element.
func (b *builder) in(v *view, e, x, list celast.Expr, want bool) *formula {
	if c, ok := conditionalArgs(x); ok {
		return b.choose(v, c, func(x celast.Expr) *formula { return b.in(v, e, x, list, want) })
	}
	if list.Kind() == celast.ListKind {
		return b.inWritten(v, e, x, list.AsList().Elements(), want)
	}
	p, ok := b.propertyOf(v, list)
	id, okTerm := b.term(v, x)
	if !ok || !okTerm {
		return b.opaque(v, e, want)
	}
	if want {
		return b.member(id, p)
	}
	return b.related(litNotIn, id, p)
}

func (b *builder) inWritten(v *view, e, x celast.Expr, items []celast.Expr, want bool) *formula {
	id, ok := b.term(v, x)
	if !ok {
		return b.opaque(v, e, want)
	}
	kind := litNe
	if want {
		kind = litEq
	}
	var kids, needs []*formula
	for _, item := range items {
		y, ok := b.term(v, item)
		if !ok {
			return b.opaque(v, e, want)
		}
		kids = append(kids, lit(kind, id, y))
		needs = append(needs, b.terms[y].needs...)
	}
	needs = append(needs, b.terms[id].needs...)
	return both(append(needs, joined(!want, kids...))...)
}

// member states that a value is in a property's list, and so one of the
// allowed elements.
func (b *builder) member(x, list int) *formula {
	out := b.related(litIn, x, list)
	p := b.propertyAt(b.terms[list].property)
	if p.Type.IsMap() || len(p.Values) == 0 {
		return out
	}
	var allowed []*formula
	for _, v := range p.Values {
		allowed = append(allowed, lit(litEq, x, b.constant(v, b.terms[x].typ)))
	}
	return both(out, either(allowed...))
}

// propertyOf finds the term of an expression that is a session property.
func (b *builder) propertyOf(v *view, e celast.Expr) (int, bool) {
	if e.Kind() != celast.IdentKind {
		return 0, false
	}
	name, ok := strings.CutPrefix(e.AsIdent(), sessionPrefix)
	if _, shadowed := v.vars[e.AsIdent()]; !ok || shadowed {
		return 0, false
	}
	index, ok := b.set.Schema.Index(name)
	if !ok {
		return 0, false
	}
	return b.property(v.side, index), true
}

// opaque states an expression as a whole. It is the same for both sessions
// where the properties that it reads are.
func (b *builder) opaque(v *view, e celast.Expr, want bool) *formula {
	name, args := b.identity(v, e)
	out := both(holds(claim{name: name, args: args, spot: &spotted{v, e}}, want))
	if strict(e) {
		for _, id := range args {
			out.kids = append(out.kids, b.terms[id].needs...)
		}
	}
	return out
}

// strict tells an expression that has a value only where all that it reads has.
func strict(e celast.Expr) bool {
	out := true
	celast.PostOrderVisit(e, celast.NewExprVisitor(func(x celast.Expr) {
		switch x.Kind() {
		case celast.ComprehensionKind:
			out = false
		case celast.CallKind:
			fn := x.AsCall().FunctionName()
			out = out && fn != operators.Conditional && fn != operators.LogicalAnd && fn != operators.LogicalOr
			out = out && !slices.ContainsFunc(x.AsCall().Args(), isNull)
		}
	}))
	return out
}

// spotted is an expression that may have to be told of, and what it stands in.
type spotted struct {
	view *view
	expr celast.Expr
}

// spot finds its place, for which its whole text is read.
func (s *spotted) spot() *Spot {
	v := s.view
	return &Spot{Policy: v.policy, InWhen: v.inWhen, Offset: start(v.text, v.tree, s.expr), Text: celText(s.expr, nil)}
}

// start is where an expression begins; CEL places an operator's at the operator.
func start(text string, tree *celast.AST, e celast.Expr) int {
	line, column, session := 0, 0, false
	celast.PostOrderVisit(e, celast.NewExprVisitor(func(x celast.Expr) {
		at := tree.SourceInfo().GetStartLocation(x.ID())
		if l, c := at.Line(), at.Column(); l >= 1 && (line == 0 || l < line || l == line && c < column) {
			line, column, session = l, c, x.Kind() == celast.IdentKind && strings.HasPrefix(x.AsIdent(), sessionPrefix)
		}
	}))
	if line == 0 {
		return 0
	}
	at := byteOffset(text, line, column)
	if session { // placed at the dot
		at = len(strings.TrimSuffix(text[:at], strings.TrimSuffix(sessionPrefix, ".")))
	}
	return at
}

// identity names an expression, and lists the fields, properties and elements
// that it depends on.
func (b *builder) identity(v *view, e celast.Expr) (string, []int) {
	names := map[string]string{}
	var args []int
	unique := ""
	for _, name := range slices.Sorted(maps.Keys(v.vars)) {
		bound := v.vars[name]
		switch {
		case bound.row != nil:
			names[name] = "row " + bound.row.key()
		case bound.expr != nil:
			inner, more := b.identity(bound.view, bound.expr)
			names[name] = "(" + inner + ")"
			args = append(args, more...)
		default:
			names[name] = "element " + strconv.Itoa(bound.term)
			args = append(args, bound.term)
		}
	}
	celast.PostOrderVisit(e, celast.NewExprVisitor(func(x celast.Expr) {
		if id, ok := b.propertyOf(v, x); ok {
			args = append(args, id)
		}
		switch x.Kind() {
		case celast.SelectKind:
			if id, ok := b.field(v, x); ok {
				args = append(args, id)
			}
			unique += b.noteList(v, x)
		case celast.LiteralKind: // a value worth trying
			switch value := x.AsLiteral().Value().(type) {
			case string, int64, float64:
				b.constant(value, typed(v.tree.GetType(x.ID())))
			}
		}
		if x.Kind() == celast.IdentKind && strings.HasPrefix(x.AsIdent(), hasPrefix) {
			names[x.AsIdent()] = fmt.Sprintf("%s of %d", x.AsIdent(), v.side)
		}
	}))
	return celText(e, names) + unique, args
}

// noteList remembers that an expression reads the list of a to-many step. It
// gives a mark of its own for that of a row which another may stand for.
func (b *builder) noteList(v *view, e celast.Expr) string {
	near, ok := b.row(v, e.AsSelect().Operand())
	if !ok {
		return ""
	}
	h, ok := findHop(b.set.Model, near.dataset, e.AsSelect().FieldName())
	if !ok || !h.toMany {
		return ""
	}
	b.lists = append(b.lists, append(slices.Clone(near.path), e.AsSelect().FieldName()))
	_, mark, _ := strings.Cut(near.key(), apartMark)
	return mark
}

// term gives the term of an expression that is no condition.
func (b *builder) term(v *view, e celast.Expr) (int, bool) {
	if isNull(e) {
		return 0, false
	}
	typ := typed(v.tree.GetType(e.ID()))
	switch e.Kind() {
	case celast.LiteralKind:
		return b.constant(e.AsLiteral().Value(), typ), true
	case celast.IdentKind:
		if bound, ok := v.vars[e.AsIdent()]; ok {
			switch {
			case bound.expr != nil:
				return b.term(bound.view, bound.expr)
			case bound.row != nil:
				return 0, false
			}
			return bound.term, true
		}
		return b.propertyOf(v, e)
	case celast.SelectKind:
		if id, ok := b.field(v, e); ok {
			return id, true
		}
	case celast.CallKind:
		if value, ok := b.folded(v, e); ok {
			return b.constant(value, typ), true
		}
	}
	name, args := b.identity(v, e)
	return b.intern(fmt.Sprint("expression ", name, args), func() term {
		t := term{kind: exprTerm, typ: typ, name: name, args: args, spot: &spotted{v, e}}
		t.of, t.key, t.indexed = b.lookup(v, e)
		if strict(e) {
			for _, id := range args {
				t.needs = append(t.needs, b.terms[id].needs...)
			}
		}
		return t
	}), true
}

// lookup gives the map and the key of a look-up in a property.
func (b *builder) lookup(v *view, e celast.Expr) (of, key int, ok bool) {
	if e.Kind() != celast.CallKind || e.AsCall().FunctionName() != operators.Index {
		return 0, 0, false
	}
	of, isProperty := b.propertyOf(v, e.AsCall().Args()[0])
	key, isTerm := b.term(v, e.AsCall().Args()[1])
	return of, key, isProperty && isTerm && b.propertyAt(b.terms[of].property).Type.IsMap()
}

// folded computes an expression of constants, as timestamp('…') is.
func (b *builder) folded(v *view, e celast.Expr) (any, bool) {
	constant := true
	celast.PostOrderVisit(e, celast.NewExprVisitor(func(x celast.Expr) {
		constant = constant && (x.Kind() == celast.CallKind || x.Kind() == celast.LiteralKind)
	}))
	if !constant {
		return nil, false
	}
	sub := celast.NewCheckedAST(celast.NewAST(e, v.tree.SourceInfo()), v.tree.TypeMap(), v.tree.ReferenceMap())
	program, err := v.env.PlanProgram(sub)
	if err != nil {
		return nil, false
	}
	out, _, err := program.Eval(cel.NoVars())
	if err != nil {
		return nil, false
	}
	switch value := out.Value().(type) {
	case time.Time:
		return value.UTC(), true
	case string, int64, float64:
		return value, true
	default:
		return nil, false
	}
}

// field gives the term of a row's field.
func (b *builder) field(v *view, e celast.Expr) (int, bool) {
	if e.AsSelect().IsTestOnly() {
		return 0, false
	}
	row, ok := b.row(v, e.AsSelect().Operand())
	if !ok {
		return 0, false
	}
	f, ok := exactField(row.dataset, e.AsSelect().FieldName())
	if !ok {
		return 0, false
	}
	id, ok := b.fieldOf(row, f)
	if ok && strings.Contains(row.key(), apartMark) {
		b.terms[id].spot = &spotted{v, e}
	}
	return id, ok
}

func (b *builder) fieldOf(row rowAt, f *semantic.Field) (int, bool) {
	typ := fieldType(f.Datatype)
	if typ == nil {
		return 0, false
	}
	id := b.intern("field "+row.key()+"."+f.Name, func() term {
		return term{kind: fieldTerm, typ: typed(typ), path: row.path, field: f.Name}
	})
	if b.terms[id].needs == nil {
		b.terms[id].needs = append([]*formula{lit(litNotNull, id, id)}, row.needs...)
	}
	return id, true
}

// row resolves a row: row itself, a macro's variable, or a to-one step.
func (b *builder) row(v *view, e celast.Expr) (rowAt, bool) {
	switch e.Kind() {
	case celast.IdentKind:
		if bound, ok := v.vars[e.AsIdent()]; ok {
			if bound.row == nil {
				return rowAt{}, false
			}
			return *bound.row, true
		}
		return rowAt{dataset: v.root}, e.AsIdent() == "row" && v.root != nil
	case celast.SelectKind:
		near, ok := b.row(v, e.AsSelect().Operand())
		if !ok || e.AsSelect().IsTestOnly() {
			return rowAt{}, false
		}
		h, ok := findHop(b.set.Model, near.dataset, e.AsSelect().FieldName())
		if !ok || h.toMany {
			return rowAt{}, false
		}
		return b.step(near, e.AsSelect().FieldName()+b.apart(near.dataset, h), h), true
	default:
		return rowAt{}, false
	}
}

// apartMark stands, with a number of its own, behind a step that may lead to
// another row wherever it is taken.
const apartMark = "@"

// apart marks a to-one step unless a key of the far dataset shows that it leads
// to one row: the relationship's columns, or these and the tenant's. In SQL each
// condition looks for a row of its own.
func (b *builder) apart(near *semantic.Dataset, h hop) string {
	fixed := map[string]bool{}
	for _, pair := range h.columns {
		fixed[pair[1]] = true
	}
	for _, tie := range b.ties(near, h) {
		for _, columns := range append([][]string{h.to.PrimaryKey}, h.to.UniqueKeys...) {
			for _, c := range columns {
				fixed[c] = fixed[c] || isColumn(tie[1], c)
			}
		}
	}
	for _, key := range append([][]string{h.to.PrimaryKey}, h.to.UniqueKeys...) {
		if len(key) > 0 && !slices.ContainsFunc(key, func(c string) bool { return !fixed[c] }) {
			return ""
		}
	}
	b.chosen++
	return apartMark + strconv.Itoa(b.chosen)
}

// step follows a hop. What ties its ends in SQL holds wherever the far row is
// read: the relationship's columns and the tenant's field.
func (b *builder) step(near rowAt, name string, h hop) rowAt {
	path := append(append([]string(nil), near.path...), name)
	far := rowAt{path: path, dataset: h.to}
	ties := append([]*formula(nil), near.needs...)
	for _, tie := range b.ties(near.dataset, h) {
		a, okA := b.fieldOf(near, tie[0])
		z, okZ := b.fieldOf(far, tie[1])
		if okA && okZ {
			ties = append(ties, lit(litEq, a, z), lit(litNotNull, a, a), lit(litNotNull, z, z))
		}
	}
	far.needs = ties
	b.tieFields(far)
	return far
}

// ties are the fields that are equal at both ends of a hop: those that are just
// a column of the relationship, and the tenant's.
func (b *builder) ties(near *semantic.Dataset, h hop) [][2]*semantic.Field {
	var out [][2]*semantic.Field
	tie := func(x, y *semantic.Field, ok bool) {
		if ok && typed(orUnknown(x)) == typed(orUnknown(y)) && fieldType(x.Datatype) != nil {
			out = append(out, [2]*semantic.Field{x, y})
		}
	}
	for _, pair := range h.columns {
		x, okX := columnField(near, pair[0])
		y, okY := columnField(h.to, pair[1])
		tie(x, y, okX && okY)
	}
	x, okX := exactField(near, b.set.tenantField)
	y, okY := exactField(h.to, b.set.tenantField)
	tie(x, y, okX && okY)
	return out
}

// tieFields makes the far row's fields, of which ties knew some before, need
// the whole tie.
func (b *builder) tieFields(far rowAt) {
	for _, f := range far.dataset.Fields {
		if id, ok := b.byKey["field "+far.key()+"."+f.Name]; ok {
			b.terms[id].needs = append([]*formula{lit(litNotNull, id, id)}, far.needs...)
		}
	}
}

func orUnknown(f *semantic.Field) *types.Type {
	if t := fieldType(f.Datatype); t != nil {
		return t
	}
	return types.ErrorType
}

// columnField finds the field that is just a physical column.
func columnField(d *semantic.Dataset, column string) (*semantic.Field, bool) {
	for _, f := range d.Fields {
		if isColumn(f, column) {
			return f, true
		}
	}
	return nil, false
}

// isColumn reports whether a field is a column in every dialect.
func isColumn(f *semantic.Field, column string) bool {
	for _, e := range f.Expressions {
		if name, ok := f.Column(e.Dialect); !ok || name != column {
			return false
		}
	}
	return len(f.Expressions) > 0
}

// macro states exists, all and exists_one. Where one of the elements must
// decide, it is introduced; a statement about every element is opaque.
func (b *builder) macro(v *view, e celast.Expr, want bool) *formula {
	m, ok := asMacro(e)
	if !ok {
		return b.opaque(v, e, want)
	}
	if m.list.Kind() == celast.ListKind && m.name != operators.ExistsOne {
		var kids []*formula
		for _, item := range m.list.AsList().Elements() {
			kids = append(kids, b.build(v.bind(m.v, binding{expr: item, view: v}), m.body, want))
		}
		return joined((m.name == operators.All) == want, kids...)
	}
	if (m.name == operators.All) == want { // of all elements, or of the number of them
		return b.opaque(v, e, want)
	}
	one, ok := b.some(v, m, want)
	if !ok {
		return b.opaque(v, e, want)
	}
	if m.name == operators.ExistsOne {
		return both(one, b.opaque(v, e, want))
	}
	return one
}

// some states that the body of a macro is as wanted for an element of its list.
func (b *builder) some(v *view, m macro, want bool) (*formula, bool) {
	b.chosen++
	if p, ok := b.propertyOf(v, m.list); ok {
		of := b.propertyAt(b.terms[p].property).Type
		if !of.IsList() {
			return nil, false
		}
		id := b.intern(fmt.Sprint("element ", b.chosen), func() term {
			return term{kind: elementTerm, typ: typed(propertyType(of.Elem())), side: v.side}
		})
		return both(b.member(id, p), b.build(v.bind(m.v, binding{term: id}), m.body, want)), true
	}
	if m.list.Kind() != celast.SelectKind {
		return nil, false
	}
	near, ok := b.row(v, m.list.AsSelect().Operand())
	if !ok {
		return nil, false
	}
	h, ok := findHop(b.set.Model, near.dataset, m.list.AsSelect().FieldName())
	if !ok || !h.toMany {
		return nil, false
	}
	far := b.step(near, fmt.Sprintf("%s#%d", m.list.AsSelect().FieldName(), b.chosen), h)
	body := b.build(v.bind(m.v, binding{row: &far}), m.body, want)
	return both(append([]*formula{body}, far.needs...)...), true
}

// bind gives a view in which a macro's variable is in scope.
func (v *view) bind(name string, to binding) *view {
	out := *v
	out.vars = map[string]binding{name: to}
	for k, x := range v.vars {
		if k != name {
			out.vars[k] = x
		}
	}
	return &out
}
