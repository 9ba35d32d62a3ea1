package policy

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/hedgerow/hedgerow/internal/diag"
	"github.com/hedgerow/hedgerow/internal/rules"
	"github.com/hedgerow/hedgerow/semantic"
)

// Finding is something in a policy file that loads, but is likely a mistake.
//
// The codes: unreachable (a when that no session fulfils), always-applies (a when
// that can't be false), always-true and never-true (rules that decide nothing),
// true-by-default (a session that leaves a property to its default gets every
// row), negated-optional (!= or ! over a property that a session may lack),
// shadowed (a policy that adds nothing to another), mask-hidden and mask-shadowed
// (a mask that nobody sees), reads-concealed (a rule over a field that the same
// sessions have hidden or masked), escapes-tenant (an OR with a side that is not bound
// to the tenant), still-shows (a declaration that sessions see through a field what
// they have hidden or masked, for reviews) and still-shows-unused, no-policy (a dataset that nobody may read), tenant-optional,
// cross-tenant-unused (a declaration without effect) and isolation-undecided.
type Finding struct {
	Code string
	// Place is where, with the source line; its Message is Message.
	Place *semantic.Problem
	// Message says what is odd, Fix what to do about it.
	Message, Fix string
}

// String is the finding as compilers print it, with its code and its fix.
func (f Finding) String() string {
	p := *f.Place
	p.Message = fmt.Sprintf("%s [%s]", f.Message, f.Code)
	p.Hint = f.Fix
	return p.Error()
}

// Lint looks for what is likely a mistake, in the order of the file. A loaded
// file is safe to enforce with findings; a host may want none in its tests.
func Lint(s *Set) []Finding {
	l := &linter{set: s, places: s.placer(), seen: map[string]bool{}}
	l.schema()
	l.policies()
	l.exceptions()
	l.datasets()
	return l.findings
}

type linter struct {
	set      *Set
	places   placer
	findings []Finding
	seen     map[string]bool
}

// add notes a finding, once for each place and text.
func (l *linter) add(code string, place *semantic.Problem, fix string) {
	key := fmt.Sprint(code, place.Line, place.Column, place.Message)
	if l.seen[key] {
		return
	}
	l.seen[key] = true
	place.Hint = fix
	l.findings = append(l.findings, Finding{Code: code, Place: place, Message: place.Message, Fix: fix})
}

// schema looks at the tenant's property.
func (l *linter) schema() {
	if l.set.tenant == nil {
		return
	}
	p, ok := l.set.Schema().Property(l.set.tenant.Property)
	if ok && !p.Required {
		l.add("tenant-optional", l.places.at(l.set.places.session[p.Name], "a session may lack the tenant's property %s", p.Name), "make it required")
	}
}

func (l *linter) policies() {
	property := ""
	if l.set.tenant != nil {
		property = l.set.tenant.Property
	}
	for _, f := range l.set.rules.Lint(property) {
		nodes := l.set.places.policies[l.set.indexOf(f.Policy.Name)]
		var place *diag.Problem
		switch f.Key {
		case "when", "rows":
			place = l.places.spot(rules.Spot{Policy: f.Policy, InWhen: f.Key == "when", Offset: f.Offset}, "%s", f.Message)
		default:
			place = l.places.at(keyNode(nodes[f.Key], f.Field), "%s", f.Message)
		}
		l.add(f.Code, place, f.Fix)
	}
	l.declarations()
}

// keyNode finds a key of a mapping, or the mapping itself.
func keyNode(n *yaml.Node, name string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return n
	}
	for key := range diag.Pairs(n) {
		if semantic.Fold(key.Value) == semantic.Fold(name) {
			return key
		}
	}
	return n
}

// declarations looks for cross_tenant where nothing crosses, and for datasets
// of which isolation can't be decided.
func (l *linter) declarations() {
	crosses := map[string]bool{}
	for _, p := range Prove(l.set) {
		if p.Verdict == Undecided {
			l.add("isolation-undecided", p.Place, "bind the rule to the tenant with && outside of this expression")
		}
		for _, name := range p.Policies {
			crosses[name] = true
		}
	}
	for i, p := range l.set.policies {
		n := l.set.places.policies[i]["cross_tenant"]
		switch {
		case !p.CrossTenant || crosses[p.Name]:
		case l.set.tenant == nil:
			l.add("cross-tenant-unused", l.places.at(n, "policy %q declares cross_tenant, but the file declares no tenant", p.Name), "declare tenant:, or leave cross_tenant out")
		default:
			l.add("cross-tenant-unused", l.places.at(n, "policy %q declares cross_tenant, but shows no row to another tenant", p.Name), "leave cross_tenant out")
		}
	}
}

// exceptions tells of each field in still_shows what it shows.
func (l *linter) exceptions() {
	shown := map[*yaml.Node]bool{}
	for _, e := range l.set.rules.Exposures() {
		by := e.Policy
		if e.Mask != nil {
			by = e.Mask
		}
		n := item(l.set.places.policies[l.set.indexOf(by.Name)]["still_shows"], e.By.Name)
		shown[n] = true
		l.add("still-shows", l.places.at(n, "%s", exposed(e)), "leave the field out if that isn't meant")
	}
	for i, p := range l.set.policies {
		for _, name := range p.StillShows {
			if n := item(l.set.places.policies[i]["still_shows"], name); !shown[n] {
				l.add("still-shows-unused", l.places.at(n, "field %q shows nothing that policy %q hides or masks", name, p.Name), "leave the field out")
			}
		}
	}
}

// datasets looks for datasets that nobody may read.
func (l *linter) datasets() {
	granted := map[string]bool{}
	for _, p := range l.set.policies {
		for _, d := range p.Datasets {
			granted[d] = granted[d] || p.Kind == Permissive && p.Rows != ""
		}
	}
	for d := range l.set.Model().Datasets() {
		if !granted[d.Name] {
			l.add("no-policy", l.places.at(l.set.places.list, "no policy grants rows of dataset %q: every query of it is denied", d.Name),
				"add a permissive policy, or take the dataset out of the model")
		}
	}
}
