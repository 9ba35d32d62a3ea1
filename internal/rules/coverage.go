package rules

import (
	"strings"
	"unicode"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

// Condition is a sub-expression that decides: a whole condition, an operand of
// &&, || or !, a part of ?:, or the body of a macro. Offset counts bytes in the
// expression's text.
type Condition struct {
	Offset int
	Text   string
	// WasTrue and WasFalse tell what the evaluations so far have seen.
	WasTrue, WasFalse bool
}

// Hop is a step along a relationship that an expression takes.
type Hop struct {
	From, To *semantic.Dataset
	Name     string
	ToMany   bool
	// Columns holds the physical columns of the two ends, pair by pair.
	Columns [][2]string
}

// Probe evaluates one expression with cel-go and notes the outcomes of the
// conditions in it. As in every evaluation, an operand that doesn't matter any
// more isn't evaluated. It is for one goroutine.
type Probe struct {
	Conditions []Condition
	Hops       []Hop
	program    cel.Program
}

// NewProbe makes a probe of an expression that the compiler accepts; d is nil
// for one over the session alone.
func NewProbe(c *Compiler, d *semantic.Dataset, text string) (*Probe, error) {
	p := &Probe{}
	env, err := p.env(c, d)
	if err != nil {
		return nil, err
	}
	checked, issues := env.Compile(text)
	if issues.Err() != nil {
		return nil, issues.Err()
	}
	w := &watcher{tree: celast.Copy(checked.NativeRep()), text: text, factory: celast.NewExprFactory(), next: 1 << 33}
	p.Hops = hopsOf(c.model, w.tree)
	if w.tree.GetType(w.tree.Expr().ID()) == types.BoolType {
		w.condition(w.tree.Expr())
	} else {
		w.value(w.tree.Expr())
	}
	for _, e := range w.found {
		p.Conditions = append(p.Conditions, w.describe(e))
	}
	for i, e := range w.found {
		w.watch(i, e)
	}
	p.program, err = programOf(env, w.tree)
	return p, err
}

// seen is the function that stands around each watched condition. No policy can
// name it.
const seen = "@seen"

func (p *Probe) env(c *Compiler, d *semantic.Dataset) (*cel.Env, error) {
	base := c.base
	if d != nil {
		var err error
		if base, err = c.rowEnv(d); err != nil {
			return nil, err
		}
	}
	note := func(index, outcome ref.Val) ref.Val {
		i, ok := index.(types.Int)
		if ok && int(i) < len(p.Conditions) {
			at := &p.Conditions[i]
			at.WasTrue = at.WasTrue || outcome == types.True
			at.WasFalse = at.WasFalse || outcome == types.False
		}
		return outcome
	}
	return base.Extend(cel.EnableMacroCallTracking(), cel.Function(seen,
		cel.Overload(seen, []*cel.Type{cel.IntType, cel.BoolType}, cel.BoolType, cel.BinaryBinding(note))))
}

// When evaluates a condition over a session.
func (p *Probe) When(s session.Session) Truth { return p.evaluate(activation{s}) }

// Row evaluates an expression for a row, given as to Ruling.Visible.
func (p *Probe) Row(s session.Session, row map[string]any) (Truth, error) {
	value, err := rowValue(row, 0)
	if err != nil {
		return Unknown, err
	}
	return p.evaluate(rowActivation{activation{s}, value}), nil
}

func (p *Probe) evaluate(vars interpreter.Activation) Truth {
	switch out, _, err := p.program.Eval(vars); {
	case err != nil:
		return Unknown
	case out == types.True:
		return True
	case out == types.False:
		return False
	default:
		return Unknown
	}
}

// watcher finds the conditions of a tree and puts the function seen around them.
type watcher struct {
	tree    *celast.AST
	text    string
	factory celast.ExprFactory
	next    int64
	found   []celast.Expr
}

// condition notes an expression that stands where a condition is needed. A
// constant has one outcome only, and a negation the opposite of its operand's.
func (w *watcher) condition(e celast.Expr) {
	switch fn := functionOf(e); {
	case e.Kind() == celast.LiteralKind:
	case fn == operators.LogicalNot:
		w.condition(e.AsCall().Args()[0])
	case fn == operators.LogicalAnd || fn == operators.LogicalOr:
		w.found = append(w.found, e)
		w.operands(fn, e)
	case fn == operators.Conditional:
		w.found = append(w.found, e)
		for _, arg := range e.AsCall().Args() {
			w.condition(arg)
		}
	default:
		w.found = append(w.found, e)
		w.value(e)
	}
}

// operands takes a && b && c for one operation of three operands.
func (w *watcher) operands(fn string, e celast.Expr) {
	for _, arg := range e.AsCall().Args() {
		if functionOf(arg) == fn {
			w.operands(fn, arg)
		} else {
			w.condition(arg)
		}
	}
}

// value looks for conditions inside an expression of any type.
func (w *watcher) value(e celast.Expr) {
	switch e.Kind() {
	case celast.CallKind:
		call := e.AsCall()
		if call.IsMemberFunction() {
			w.value(call.Target())
		}
		for i, arg := range call.Args() {
			if i == 0 && call.FunctionName() == operators.Conditional {
				w.condition(arg)
			} else {
				w.value(arg)
			}
		}
	case celast.SelectKind:
		w.value(e.AsSelect().Operand())
	case celast.ListKind:
		for _, item := range e.AsList().Elements() {
			w.value(item)
		}
	case celast.ComprehensionKind:
		if m, ok := asMacro(e); ok {
			w.value(m.list)
			w.condition(m.body)
		}
	}
}

func functionOf(e celast.Expr) string {
	if e.Kind() != celast.CallKind {
		return ""
	}
	return e.AsCall().FunctionName()
}

func (w *watcher) describe(e celast.Expr) Condition {
	text, err := cel.ExprToString(e, w.tree.SourceInfo())
	if err != nil { // what can't be written out is found by its place
		text = w.text
	}
	return Condition{Offset: leftmost(w.text, w.tree, e), Text: strings.ReplaceAll(text, "\n", " ")}
}

// leftmost is where an expression's text starts: the place of an operator is
// its own, and the operands stand before it.
func leftmost(text string, tree *celast.AST, e celast.Expr) int {
	at := len(text)
	celast.PostOrderVisit(e, celast.NewExprVisitor(func(x celast.Expr) {
		if loc := tree.SourceInfo().GetStartLocation(x.ID()); loc.Line() > 0 {
			at = min(at, byteOffset(text, loc.Line(), loc.Column()))
		}
	}))
	if strings.HasPrefix(text[at:], ".") || strings.HasPrefix(text[at:], "(") { // of a property, or of a call
		at = len(strings.TrimRightFunc(text[:at], func(r rune) bool {
			return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r)
		}))
	}
	return at
}

// watch replaces an expression by a call of seen with the expression in it.
func (w *watcher) watch(index int, e celast.Expr) {
	inner, number := w.next, w.next+1
	w.next += 2
	w.tree.TypeMap()[inner], w.tree.TypeMap()[number] = types.BoolType, types.IntType
	if reference, ok := w.tree.ReferenceMap()[e.ID()]; ok {
		w.tree.ReferenceMap()[inner] = reference
	}
	w.tree.ReferenceMap()[e.ID()] = celast.NewFunctionReference(seen)
	e.SetKindCase(w.factory.NewCall(e.ID(), seen, w.factory.NewLiteral(number, types.Int(index)), w.moved(inner, e)))
}

// moved is the same expression with another id.
func (w *watcher) moved(id int64, e celast.Expr) celast.Expr {
	out := w.factory.NewUnspecifiedExpr(id)
	out.SetKindCase(e)
	return out
}

// hopsOf lists the steps along relationships in a tree.
func hopsOf(m *semantic.Model, tree *celast.AST) []Hop {
	var out []Hop
	byType := provider{model: m}
	celast.PostOrderVisit(tree.Expr(), celast.NewExprVisitor(func(e celast.Expr) {
		if e.Kind() != celast.SelectKind {
			return
		}
		sel := e.AsSelect()
		d, ok := byType.dataset(tree.GetType(sel.Operand().ID()).TypeName())
		if !ok {
			return
		}
		if _, isField := exactField(d, sel.FieldName()); isField {
			return
		}
		if h, ok := findHop(m, d, sel.FieldName()); ok {
			out = append(out, Hop{From: d, To: h.to, Name: sel.FieldName(), ToMany: h.toMany, Columns: h.columns})
		}
	}))
	return out
}
