package rls_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/session"
)

// grant is a row policy.
type grant struct {
	restrictive bool
	when, rows  *expr // when may be nil
}

// ruling is all that a case's policies say of its dataset.
type ruling struct {
	slot   int
	grants []grant
	masks  map[string]*expr
	// like is the slot whose rule this is a variant of, -1 for none, and negated
	// says that it's the opposite.
	like    int
	negated bool
}

// text writes the policies of a policy file.
func (r ruling) text() string {
	var b strings.Builder
	self := func(e *expr) string { return strings.ReplaceAll(e.String(), "@self", slotName(r.slot)) }
	for i, g := range r.grants {
		fmt.Fprintf(&b, "  - {name: p%d_%d, datasets: [%s], rows: %q", r.slot, i, slotName(r.slot), self(g.rows))
		if g.when != nil {
			fmt.Fprintf(&b, ", when: %q", self(g.when))
		}
		if g.restrictive {
			b.WriteString(", kind: restrictive")
		}
		b.WriteString("}\n")
	}
	for _, field := range slices.Sorted(maps.Keys(r.masks)) {
		fmt.Fprintf(&b, "  - {name: m%d_%s, datasets: [%s], mask: {%[2]s: %[4]q}, still_shows: [%[2]s]}\n", r.slot, field, slotName(r.slot), self(r.masks[field]))
	}
	return b.String()
}

// exprs gives every expression of the row policies.
func (r ruling) exprs() []*expr {
	var out []*expr
	for _, g := range r.grants {
		if g.when != nil {
			out = append(out, g.when)
		}
		out = append(out, g.rows.all()...)
	}
	return out
}

// with is the ruling with new for old in its row policies.
func (r ruling) with(old, new *expr) ruling {
	r.grants = slices.Clone(r.grants)
	for i := range r.grants {
		r.grants[i].rows = r.grants[i].rows.with(old, new)
	}
	return r
}

// uses lists the constructs of the row policies.
func (r ruling) uses() []string {
	seen := map[string]bool{}
	for _, e := range r.exprs() {
		seen[e.construct] = true
	}
	permissive := 0
	for _, g := range r.grants {
		seen["when"] = seen["when"] || g.when != nil
		seen["restrictive"] = seen["restrictive"] || g.restrictive
		if !g.restrictive {
			permissive++
		}
	}
	seen["several permissive"] = permissive > 1
	var out []string
	for _, c := range constructs {
		if seen[c] {
			out = append(out, c)
		}
	}
	return out
}

// without is the ruling with one use of a construct taken out: an expression is
// replaced by a plain value, a policy or its when is dropped.
func (r ruling) without(rnd *rand.Rand, construct string) ruling {
	drop := func(which func(g grant) bool) ruling {
		r.grants = slices.Clone(r.grants)
		i := slices.IndexFunc(r.grants, which)
		r.grants = slices.Delete(r.grants, i, i+1)
		return r
	}
	switch construct {
	case "when":
		r.grants = slices.Clone(r.grants)
		r.grants[slices.IndexFunc(r.grants, func(g grant) bool { return g.when != nil })].when = nil
		return r
	case "restrictive":
		return drop(func(g grant) bool { return g.restrictive })
	case "several permissive":
		return drop(func(g grant) bool { return !g.restrictive })
	}
	var found []*expr
	for _, e := range r.exprs() {
		if e.construct == construct {
			found = append(found, e)
		}
	}
	old := pickOf(rnd, found...)
	plain := plainOf[old.typ][0]
	if old.typ == celBool {
		plain = pickOf(rnd, plainOf[celBool]...)
	}
	return r.with(old, leaf(old.typ, "", plain))
}

// batch is rulings for many datasets of one family in one policy file, and the
// sessions that they are tried for. A case is a ruling and a session.
type batch struct {
	number   int
	family   *family
	tenant   bool
	masked   bool
	rulings  []ruling
	set      *policy.Set
	probes   *policy.Set // tells what masks say
	values   []map[string]any
	sessions []session.Session
	verdicts [][]verdict // by session and ruling
}

// verdict is what cel-go says of a case.
type verdict struct {
	refused bool
	visible []bool // by thing
}

func (v verdict) count() int {
	n := 0
	for _, x := range v.visible {
		if x {
			n++
		}
	}
	return n
}

const (
	sessionsInBatch = 2
	casesInBatch    = slots * sessionsInBatch
)

// number is the number of a case.
func (b *batch) caseNumber(session, slot int) int {
	return b.number*casesInBatch + session*slots + slot
}

// newBatch makes the batch of a number. The seed and the number decide all of
// it. Rulings that Parse refuses are left out; dropped counts them.
func newBatch(families []*family, seed uint64, number int) (b *batch, dropped int, err error) {
	r := rand.New(rand.NewPCG(seed, uint64(number)))
	b = &batch{number: number, family: families[number/2%len(families)], tenant: number%64 == 4, masked: number%8 == 7}
	var rulings []ruling
	size := slots
	if b.tenant {
		size = 4 // Parse proves isolation, which takes long
	}
	for slot := range size {
		if slot >= size*3/4 {
			rulings = append(rulings, variant(r, rulings[slot-size*3/4], slot))
			continue
		}
		rulings = append(rulings, newRuling(r, slot, b.masked))
	}
	for range sessionsInBatch {
		b.values = append(b.values, randomSession(r))
	}
	if err = b.assemble(rulings); err == nil {
		return b, 0, nil
	}
	var accepted []ruling
	for _, x := range rulings {
		if b.assemble([]ruling{x}) == nil {
			accepted = append(accepted, x)
		}
	}
	for i, x := range accepted {
		if !slices.ContainsFunc(accepted, func(of ruling) bool { return of.slot == x.like }) {
			accepted[i].like = -1 // what it is a variant of is left out
		}
	}
	return b, size - len(accepted), b.assemble(accepted)
}

// newRuling makes up policies: one most of the time.
func newRuling(r *rand.Rand, slot int, masked bool) ruling {
	out := ruling{slot: slot, like: -1}
	n := pickOf(r, 1, 1, 1, 2, 3, 4)
	for i := range n {
		g := newRuleMaker(r)
		depth := pickOf(r, 1, 2, 2, 3)
		if n > 1 {
			depth = min(depth, 2)
		}
		one := grant{rows: g.cond(depth), restrictive: i > 0 && r.IntN(2) == 0}
		for !strings.Contains(one.rows.String(), "row.") { // always the same: Parse refuses it
			one.rows = g.cond(depth)
		}
		if n > 1 && r.IntN(2) == 0 {
			one.when = g.when(2)
			one.when.construct = "when"
		}
		out.grants = append(out.grants, one)
	}
	if masked {
		out.masks = newMasks(r)
	}
	return out
}

// maskable are the fields that masks are tried on.
var maskable = []struct {
	name string
	typ  celType
}{{"s", celString}, {"n", celInt}, {"b", celBool}, {"d", celDouble}}

func newMasks(r *rand.Rand) map[string]*expr {
	out := map[string]*expr{}
	for _, f := range maskable {
		switch g := newRuleMaker(r); {
		case r.IntN(3) == 0:
		case r.IntN(8) == 0:
			out[f.name] = leaf(f.typ, "", "null")
		case f.typ == celBool:
			out[f.name] = g.cond(2)
		default:
			out[f.name] = g.value(f.typ, 2)
		}
	}
	return out
}

// variant writes the same rule, or its opposite, in another way.
func variant(r *rand.Rand, of ruling, slot int) ruling {
	p := of.grants[0].rows
	out := ruling{slot: slot, like: of.slot, masks: of.masks}
	if len(of.grants) > 1 { // alone, it says something else
		out.like = -1
	}
	switch r.IntN(6) {
	case 0, 1:
		out.negated = out.like >= 0
		p = one(celBool, "!", "!(%s)", p)
	case 2:
		p = one(celBool, "&&", "(%s && %s)", p, leaf(celBool, "", "true"))
	case 3:
		p = one(celBool, "||", "(%s || %s)", leaf(celBool, "", "false"), p)
	case 4:
		p = one(celBool, "!", "!(%s)", one(celBool, "!", "!(%s)", p))
	default:
		p = p.swapped()
	}
	out.grants = []grant{{rows: p, when: of.grants[0].when}}
	return out
}

// assemble loads the policies and asks cel-go what each session sees.
func (b *batch) assemble(rulings []ruling) error {
	var text, probes strings.Builder
	text.WriteString(agreementProperties)
	if b.tenant {
		text.WriteString("tenant: {field: org, property: org}\n")
	}
	head := text.String()
	text.WriteString("policies:\n")
	if b.tenant { // Parse has to prove it
		text.WriteString("  - {name: own, datasets: \"*\", kind: restrictive, rows: row.org == session.org}\n")
	}
	for _, r := range rulings {
		text.WriteString(r.text())
		probes.WriteString(probeText(r))
	}
	set, err := policy.Parse("policy.yaml", []byte(text.String()), b.family.model)
	if err != nil {
		return err
	}
	if probes.Len() > 0 {
		head = strings.Replace(head, "session:\n", "session:\n"+probeProperties, 1)
		if b.probes, err = policy.Parse("probes.yaml", []byte(head+"policies:\n"+probes.String()), b.family.model); err != nil {
			return err
		}
	}
	b.set, b.rulings, b.sessions, b.verdicts = set, rulings, nil, nil
	for _, values := range b.values {
		s, err := set.Schema().New(values)
		if err != nil {
			return err
		}
		var verdicts []verdict
		for _, r := range rulings {
			v, err := b.judge(s, r)
			if err != nil {
				return err
			}
			verdicts = append(verdicts, v)
		}
		b.sessions, b.verdicts = append(b.sessions, s), append(b.verdicts, verdicts)
	}
	return nil
}

// things are the rows as cel-go gets them.
func (b *batch) things(r ruling) []map[string]any {
	return b.family.things(slotName(r.slot), b.tenant, r.text())
}

// judge asks cel-go. A property that is missing, and no permissive policy, make
// the dataset refused.
func (b *batch) judge(s session.Session, r ruling) (verdict, error) {
	var out verdict
	for i, row := range b.things(r) {
		v, err := b.set.Visible(s, slotName(r.slot), row)
		permitted := slices.ContainsFunc(v.Rules, func(o policy.RuleOutcome) bool { return o.Kind == policy.Permissive })
		if refused := err != nil || !permitted; i > 0 && refused != out.refused {
			return out, fmt.Errorf("refused for one row only: %s", r.text())
		} else if refused {
			out.refused = true
		}
		out.visible = append(out.visible, v.Visible)
	}
	return out, nil
}

// What cel-go makes of a mask is asked by a rule: does the mask equal the value
// that the database gave? The rule is unknown where the mask is.
const probeProperties = `  - {name: probe_s, type: string, default: ""}
  - {name: probe_n, type: int, default: 0}
  - {name: probe_b, type: bool, default: false}
  - {name: probe_d, type: double, default: 0.0}
`

func probeText(r ruling) string {
	probe := ruling{slot: r.slot}
	var names []string
	for _, field := range slices.Sorted(maps.Keys(r.masks)) {
		if mask := r.masks[field]; mask.format != "null" {
			names = append(names, field)
			probe.grants = append(probe.grants, grant{rows: one(celBool, "", "((%s) == session.probe_"+field+")", mask)})
		}
	}
	text := probe.text()
	for i, name := range names {
		text = strings.Replace(text, fmt.Sprintf("name: p%d_%d,", r.slot, i), "name: "+name+slotName(r.slot)+",", 1)
	}
	return text
}

// maskProblem says how the values of masked fields in a row that the database
// gave differ from what cel-go makes of the masks.
func (b *batch) maskProblem(session int, r ruling, thing map[string]any, got map[string]any) string {
	values := maps.Clone(b.values[session])
	for _, f := range maskable {
		want, masked := thing[f.name], r.masks[f.name] != nil
		switch v := got[f.name]; {
		case !masked && v != want, masked && r.masks[f.name].format == "null" && v != nil:
			return fmt.Sprintf("field %s is %v", f.name, v)
		case masked && v != nil:
			values["probe_"+f.name] = v
		}
	}
	if b.probes == nil {
		return ""
	}
	s, err := b.probes.Schema().New(values)
	if err != nil {
		return err.Error()
	}
	v, err := b.probes.Visible(s, slotName(r.slot), thing)
	if err != nil {
		return err.Error()
	}
	for _, o := range v.Rules {
		field := strings.TrimSuffix(o.Policy, slotName(r.slot))
		if got[field] == nil && o.Outcome != "unknown" || got[field] != nil && o.Outcome != "true" {
			return fmt.Sprintf("the mask of %s, %s, is %v; that cel-go's value equals it is %s", field, r.masks[field], got[field], o.Outcome)
		}
	}
	return ""
}
