package rules

import (
	"slices"
	"strings"

	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/semantic"
)

// Isolation is what can be said about a dataset's tenants.
type Isolation struct {
	Verdict Verdict
	// Policies are those that let the row of a counterexample through to either
	// session, or those that declare that they do.
	Policies []*Policy
	// Row and Sessions are a counterexample.
	Row      map[string]any
	Sessions [2]map[string]any
	// Spot is the sub-expression that stopped the proof; nil when the rules have
	// too many combinations.
	Spot *Spot
}

// Verdict is the outcome of a proof.
type Verdict uint8

// The verdicts. Declared is for datasets that only policies with CrossTenant
// show to other tenants.
const (
	Undecided Verdict = iota
	Proved
	Declared
	Counterexample
)

// Isolation decides whether two sessions of different tenants, told apart by a
// property, can see one row of a dataset. A session that is given no tenant,
// and has the property's default or none, is of another tenant than those that are.
func (s *Set) Isolation(d *semantic.Dataset, property string) Isolation {
	out := s.isolation(d, property, false)
	if out.Verdict != Proved {
		return out
	}
	var declared []*Policy
	for _, p := range s.byDataset[d] {
		if p.CrossTenant && p.Rules[d].Rows != nil {
			declared = append(declared, p)
		}
	}
	if len(declared) > 0 && s.isolation(d, property, true).Verdict != Proved {
		return Isolation{Verdict: Declared, Policies: declared}
	}
	return out
}

// isolation is Isolation with or without the policies that declare to show rows
// of other tenants.
func (s *Set) isolation(d *semantic.Dataset, property string, crossing bool) Isolation {
	index, ok := s.Schema.Index(property)
	if !ok {
		return Isolation{}
	}
	out := Isolation{Verdict: Proved}
	for _, absent := range []bool{false, true} {
		b := newBuilder(s)
		if absent && b.propertyAt(index).Required {
			continue
		}
		question := []*formula{b.differ(index, absent), b.visible(d, 0, crossing), b.visible(d, 1, crossing)}
		t := &trial{b: b, dataset: d, tenant: index, absent: absent, crossing: crossing,
			tries: b.effort(maxTries, question...), steps: b.effort(20*maxTries, question...)}
		s := &solver{b: b, steps: b.effort(maxSteps, question...), leaf: t.try}
		switch {
		case s.search(question, nil):
			return t.found
		case s.steps <= 0 || t.failed:
			out = Isolation{Verdict: Undecided, Spot: t.spot}
		}
	}
	return out
}

// differ states that the sessions are of different tenants: both have one, or
// the first is given none.
func (b *builder) differ(index int, absent bool) *formula {
	p := b.propertyAt(index)
	first, second := b.property(0, index), b.property(1, index)
	there := both(b.terms[second].needs...)
	switch {
	case !absent:
		return both(append([]*formula{lit(litNe, first, second), there}, b.terms[first].needs...)...)
	case p.Default == nil:
		return both(there, b.has(0, p.Name, false))
	default:
		return both(there, lit(litEq, first, b.constant(p.Default, b.terms[first].typ)))
	}
}

// visible states that a session sees the row.
func (b *builder) visible(d *semantic.Dataset, side int, crossing bool) *formula {
	out, open := both(), either()
	for _, p := range b.set.byDataset[d] {
		rule := p.Rules[d]
		if rule.Rows == nil {
			continue
		}
		for _, name := range b.mustHave(rule.rows) {
			out.kids = append(out.kids, either(b.has(side, name, true), b.when(p, side, false)))
		}
		if p.CrossTenant && !crossing {
			continue
		}
		rows := b.rows(p, d, side, true)
		if p.Restrictive {
			out.kids = append(out.kids, either(rows, b.when(p, side, false)))
		} else {
			open.kids = append(open.kids, both(b.when(p, side, true), rows))
		}
	}
	out.kids = append(out.kids, open)
	return simplified(out)
}

// mustHave lists the properties without which a rule that applies denies the
// dataset. A rule of which the session alone may decide a part is left out: that
// part may be the one that reads a property.
func (b *builder) mustHave(src source) []string {
	var out []string
	whole := true
	celast.PostOrderVisit(src.tree.Expr(), celast.NewExprVisitor(func(e celast.Expr) {
		switch e.Kind() {
		case celast.ComprehensionKind:
			whole = false
		case celast.CallKind:
			fn := e.AsCall().FunctionName()
			whole = whole && fn != operators.Index && fn != operators.Conditional
		case celast.IdentKind:
			if name, ok := strings.CutPrefix(e.AsIdent(), sessionPrefix); ok {
				out = append(out, name)
			}
		}
		whole = whole && (typed(src.tree.GetType(e.ID())) != ast.Boolean || readsRow(e))
	}))
	if !whole {
		return nil
	}
	return out
}

func readsRow(e celast.Expr) bool {
	found := false
	celast.PostOrderVisit(e, celast.NewExprVisitor(func(x celast.Expr) {
		found = found || x.Kind() == celast.IdentKind && x.AsIdent() == "row"
	}))
	return found
}

// when states that a policy does or doesn't apply to a session.
func (b *builder) when(p *Policy, side int, want bool) *formula {
	if p.When == nil {
		return truth(want)
	}
	v := &view{source: p.when, policy: p, inWhen: true, side: side}
	return b.build(v, p.when.tree.Expr(), want)
}

// rows states that a policy's rule is true or false.
func (b *builder) rows(p *Policy, d *semantic.Dataset, side int, want bool) *formula {
	src := p.Rules[d].rows
	v := &view{source: src, policy: p, side: side, root: d}
	return b.build(v, src.tree.Expr(), want)
}

// simplified folds constants and nested operations of one kind.
func simplified(f *formula) *formula {
	if f.op == isLit {
		return f
	}
	out := &formula{op: f.op}
	for _, kid := range f.kids {
		kid = simplified(kid)
		switch {
		case kid.op == f.op:
			out.kids = append(out.kids, kid.kids...)
		case kid.op != isLit && len(kid.kids) == 0: // a constant that decides
			return kid
		default:
			out.kids = append(out.kids, kid)
		}
	}
	if len(out.kids) == 1 {
		return out.kids[0]
	}
	return out
}

// trial turns consistent statements into a row and two sessions, and tries them.
type trial struct {
	b        *builder
	dataset  *semantic.Dataset
	tenant   int
	absent   bool
	crossing bool
	found    Isolation
	// failed says that some statements could not be turned into values.
	failed bool
	spot   *Spot
	tries  int // left
	steps  int // left for all assignments
}

// maxTries bounds how many rows are evaluated for one proof.
const maxTries = 4000

// try looks for values that fulfil consistent statements.
func (t *trial) try(claims []claim, c *classes) bool {
	a := newAssignment(t.b, claims, c, &t.steps)
	budget := min(t.tries, 600)
	if a.search(0, &budget, t.leaks) {
		return true
	}
	t.failed = true
	if t.spot == nil {
		t.spot = blocker(t.b, claims)
	}
	return false
}

// blocker finds the expression among statements that was not looked into.
func blocker(b *builder, claims []claim) *Spot {
	for _, l := range claims {
		if l.spot != nil {
			return l.spot.spot()
		}
		if l.kind == litHolds || l.kind == litHoldsNot {
			continue
		}
		for _, id := range []int{l.a, l.b} {
			if b.terms[id].spot != nil {
				return b.terms[id].spot.spot()
			}
		}
	}
	return nil
}

// leaks evaluates an assignment with cel-go, and keeps it if it is a counterexample.
func (t *trial) leaks(a *assignment) bool {
	t.tries--
	row := a.row()
	if !t.b.tied(t.dataset, row) {
		return false
	}
	sessions := [2]map[string]any{a.session(0), a.session(1)}
	name := t.b.propertyAt(t.tenant).Name
	if t.absent {
		delete(sessions[0], name)
	}
	policies, ok := t.seen(row, sessions)
	if !ok {
		return false
	}
	t.shorten(row, sessions)
	t.found = Isolation{Verdict: Counterexample, Policies: policies, Row: row, Sessions: sessions}
	return true
}

// seen reports whether both sessions see the row, and by which policies.
func (t *trial) seen(row map[string]any, sessions [2]map[string]any) ([]*Policy, bool) {
	name := t.b.propertyAt(t.tenant).Name
	if t.absent == (sessions[0][name] != nil) || sessions[1][name] == nil || sessions[0][name] == sessions[1][name] {
		return nil, false
	}
	var policies []*Policy
	for _, values := range sessions {
		through, ok := t.sees(row, values)
		if !ok {
			return nil, false
		}
		for _, p := range through {
			if !slices.Contains(policies, p) {
				policies = append(policies, p)
			}
		}
	}
	return policies, true
}

// sees evaluates the row for one session. It gives the permissive policies that
// let the row through; one that declares to do so doesn't count by itself.
func (t *trial) sees(row, values map[string]any) ([]*Policy, bool) {
	sess, err := t.b.set.Schema.New(values)
	if err != nil {
		return nil, false
	}
	ruling, err := t.b.set.Decide(sess)
	if err != nil {
		return nil, false
	}
	visible, outcomes, err := ruling.Visible(t.dataset, row)
	if err != nil || !visible {
		return nil, false
	}
	var through []*Policy
	for _, o := range outcomes {
		if o.Truth == True && !o.Policy.Restrictive && (t.crossing || !o.Policy.CrossTenant) {
			through = append(through, o.Policy)
		}
	}
	return through, len(through) > 0
}

// shorten leaves out what the counterexample doesn't need, but the tenants, and
// the keys that lead to other rows.
func (t *trial) shorten(row map[string]any, sessions [2]map[string]any) {
	if !leads(row) {
		t.without(row, t.b.set.tenantField, row, sessions)
	}
	for i := range sessions {
		t.without(sessions[i], t.b.propertyAt(t.tenant).Name, row, sessions)
	}
}

// leads tells a row with other rows inside.
func leads(row map[string]any) bool {
	for _, v := range row {
		switch v.(type) {
		case map[string]any, []map[string]any:
			return true
		}
	}
	return false
}

func (t *trial) without(m map[string]any, keep string, row map[string]any, sessions [2]map[string]any) {
	for key, v := range m {
		if key == keep {
			continue
		}
		delete(m, key)
		if _, ok := t.seen(row, sessions); !ok {
			m[key] = v
		}
	}
}

// tied reports whether the rows inside a row are those that SQL joins to it.
func (b *builder) tied(d *semantic.Dataset, row map[string]any) bool {
	for name, v := range row {
		var inner []map[string]any
		switch v := v.(type) {
		case map[string]any:
			inner = []map[string]any{v}
		case []map[string]any:
			inner = v
		}
		h, ok := findHop(b.set.Model, d, name)
		for _, far := range inner {
			if !ok || !b.tied(h.to, far) {
				return false
			}
			for _, tie := range b.ties(d, h) {
				if row[tie[0].Name] == nil || row[tie[0].Name] != far[tie[1].Name] {
					return false
				}
			}
		}
	}
	return true
}
