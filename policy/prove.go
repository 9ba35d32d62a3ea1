package policy

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/hedgerow/hedgerow/internal/diag"
	"github.com/hedgerow/hedgerow/internal/rules"
	"github.com/hedgerow/hedgerow/semantic"
)

// Proof is what Prove says of one dataset.
type Proof struct {
	Dataset string
	Verdict Verdict
	// Policies are, of a counterexample, those that let the row through to either
	// session, and of a declared exception those that declare it.
	Policies []string
	// Row is the row of a counterexample, as Set.Visible takes it. A field that is
	// left out is NULL or doesn't matter.
	Row map[string]any
	// Sessions are the values of the two sessions of a counterexample.
	Sessions [2]map[string]any
	// Expression and Place are, for Undecided, the sub-expression that stopped the
	// proof; Expression is empty when the rules have too many combinations.
	Expression string
	Place      *semantic.Problem
}

// Verdict is the outcome of a proof.
type Verdict string

// The verdicts.
const (
	// Proved: no two sessions of different tenants can see the same row.
	Proved Verdict = "proved"
	// Declared: only policies with cross_tenant show rows to other tenants.
	Declared Verdict = "declared"
	// Counterexample: two sessions of different tenants see a row.
	Counterexample Verdict = "counterexample"
	// Undecided: neither a proof nor a counterexample was found.
	Undecided Verdict = "undecided"
)

// String is the verdict in a line or two.
func (p Proof) String() string {
	switch p.Verdict {
	case Counterexample:
		return fmt.Sprintf("%s: %s", p.Dataset, p.leak())
	case Declared:
		return fmt.Sprintf("%s: shown across tenants as declared by %s", p.Dataset, strings.Join(p.Policies, ", "))
	case Undecided:
		if p.Expression == "" {
			return p.Dataset + ": undecided; the rules have too many combinations"
		}
		return fmt.Sprintf("%s: undecided because of %s", p.Dataset, p.Expression)
	default:
		return fmt.Sprintf("%s: %s", p.Dataset, p.Verdict)
	}
}

// leak words a counterexample.
func (p Proof) leak() string {
	return fmt.Sprintf("the row %s is visible to two tenants, by %s: the session %s and the session %s",
		shown(p.Row), strings.Join(p.Policies, ", "), shown(p.Sessions[0]), shown(p.Sessions[1]))
}

// Prove answers, for each dataset in the model's order, whether two sessions of
// different tenants can see the same row. A session that is given no tenant
// counts as another tenant than those that are given one, also where the property
// has a default. Without tenant: in the policy file there is nothing to prove and
// the result is empty.
//
// A proof covers every row and all sessions. Every counterexample was evaluated
// by Set.Visible for both sessions.
func Prove(s *Set) []Proof {
	if s.tenant == nil {
		return nil
	}
	var out []Proof
	for d := range s.Model().Datasets() {
		out = append(out, s.prove(d))
	}
	return out
}

var verdicts = map[rules.Verdict]Verdict{
	rules.Proved: Proved, rules.Declared: Declared, rules.Counterexample: Counterexample, rules.Undecided: Undecided,
}

func (s *Set) prove(d *semantic.Dataset) Proof {
	found := s.rules.Isolation(d, s.tenant.Property)
	p := Proof{Dataset: d.Name, Verdict: verdicts[found.Verdict], Row: found.Row, Sessions: found.Sessions}
	for _, by := range found.Policies {
		p.Policies = append(p.Policies, by.Name)
	}
	if found.Verdict == rules.Undecided {
		place := s.placer()
		p.Place = place.at(s.places.tenant, "whether tenants are isolated in dataset %q can't be decided", d.Name)
		if found.Spot != nil {
			p.Expression = found.Spot.Text
			p.Place = place.spot(*found.Spot, "whether tenants are isolated in dataset %q can't be decided because of %s", d.Name, p.Expression)
		}
	}
	return p
}

// isolation refuses a file under which a row can be seen by two tenants. A
// dataset without the tenant's field, such as shared reference data, is nobody's:
// Prove tells of it, but it doesn't keep the file from loading.
func (l *loader) isolation(set *Set) {
	for _, p := range Prove(set) {
		if p.Verdict != Counterexample {
			continue
		}
		if d, ok := l.model.Dataset(p.Dataset); !ok || !ownsTenant(d, set.tenant) {
			continue
		}
		n := set.places.policies[set.indexOf(p.Policies[0])]["rows"]
		l.file.ReportNode(n, "tenants aren't isolated in dataset %q: %s", p.Dataset, p.leak()).WithHint("%s", set.isolate(p))
	}
}

// ownsTenant reports whether a dataset has the tenant's field.
func ownsTenant(d *semantic.Dataset, t *Tenant) bool {
	_, ok := d.Field(t.Field)
	return ok
}

// isolate says how to mend a leak.
func (s *Set) isolate(p Proof) string {
	declare := "or declare that it is meant with cross_tenant: true"
	property, _ := s.Schema().Property(s.tenant.Property)
	d, _ := s.Model().Dataset(p.Dataset)
	_, hasField := d.Field(s.tenant.Field)
	_, given := p.Sessions[0][property.Name]
	switch {
	case !given:
		return fmt.Sprintf("make property %s required: a session that is given none must not see a tenant's rows, %s", property.Name, declare)
	case hasField:
		return fmt.Sprintf("add a restrictive policy with row.%s == session.%s, %s", s.tenant.Field, property.Name, declare)
	default:
		return "follow a relationship to the tenant in a restrictive policy, " + declare
	}
}

func (s *Set) indexOf(policy string) int {
	return slices.IndexFunc(s.policies, func(p Policy) bool { return p.Name == policy })
}

// placer finds places in the policy file.
type placer struct {
	file *diag.File
	set  *Set
}

func (s *Set) placer() placer { return placer{diag.NewFile(s.places.filename, s.places.src), s} }

// at is the place of a node, or of the file's start when there is none.
func (p placer) at(n *yaml.Node, format string, args ...any) *semantic.Problem {
	if n == nil {
		return p.file.At(1, 1, format, args...)
	}
	return p.file.At(n.Line, n.Column, format, args...)
}

// spot is the place of a sub-expression.
func (p placer) spot(s rules.Spot, format string, args ...any) *semantic.Problem {
	key := "rows"
	if s.InWhen {
		key = "when"
	}
	n := p.set.places.policies[p.set.indexOf(s.Policy.Name)][key]
	if n == nil {
		return p.at(nil, format, args...)
	}
	line, column := p.file.InScalar(n, s.Offset)
	return p.file.At(line, column, format, args...)
}

// shown writes values for people, in a fixed order.
func shown(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case map[string]any:
		var parts []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, key+": "+shown(v[key]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case []any:
		return list(v)
	case []map[string]any:
		return list(v)
	case string:
		return strconv.Quote(v)
	case time.Time:
		return v.Format(time.RFC3339Nano)
	default:
		return fmt.Sprint(v)
	}
}

func list[T any](items []T) string {
	parts := make([]string, len(items))
	for i, v := range items {
		parts[i] = shown(v)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}
