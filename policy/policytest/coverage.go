package policytest

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/hedgerow/hedgerow/internal/rules"
	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

// coverage collects what the cases have shown of each policy.
type coverage struct {
	policies []*covered
	hops     []rules.Hop // the steps that rules and masks take
}

// covered is one policy with probes of its expressions.
type covered struct {
	policy policy.Policy
	when   *rules.Probe // nil for a policy that always applies
	// on holds the rest by dataset, in the order of the policy's datasets.
	on []*onDataset
}

// onDataset is what a policy does to one dataset.
type onDataset struct {
	dataset *semantic.Dataset
	applied bool
	probes  []named // of the rule and of the masks
}

// named is a probe and where in the policy its expression stands.
type named struct {
	key   string // when, rows, or mask and the field
	probe *rules.Probe
}

func newCoverage(set *policy.Set) (*coverage, error) {
	tenant, _ := set.Tenant()
	compiler, err := rules.NewCompiler(set.Model(), set.Schema(), tenant.Field)
	if err != nil {
		return nil, err
	}
	c := &coverage{}
	for _, p := range set.Policies() {
		out := &covered{policy: p}
		if p.When != "" {
			if out.when, err = rules.NewProbe(compiler, nil, p.When); err != nil {
				return nil, fmt.Errorf("policy %q: %w", p.Name, err)
			}
		}
		for _, name := range p.Datasets {
			on, err := c.dataset(compiler, set.Model(), p, name)
			if err != nil {
				return nil, fmt.Errorf("policy %q: %w", p.Name, err)
			}
			out.on = append(out.on, on)
		}
		c.policies = append(c.policies, out)
	}
	return c, nil
}

func (c *coverage) dataset(compiler *rules.Compiler, m *semantic.Model, p policy.Policy, name string) (*onDataset, error) {
	d, ok := m.Dataset(name)
	if !ok {
		return nil, fmt.Errorf("the model has no dataset %q", name)
	}
	out := &onDataset{dataset: d}
	add := func(key, text string) error {
		probe, err := rules.NewProbe(compiler, d, text)
		if err != nil {
			return err
		}
		out.probes = append(out.probes, named{key, probe})
		for _, h := range probe.Hops {
			if !slices.ContainsFunc(c.hops, func(o rules.Hop) bool { return o.From == h.From && o.Name == h.Name }) {
				c.hops = append(c.hops, h)
			}
		}
		return nil
	}
	if p.Rows != "" {
		if err := add("rows", p.Rows); err != nil {
			return nil, err
		}
	}
	for _, field := range slices.Sorted(maps.Keys(p.Mask)) {
		if _, ok := d.Field(field); ok {
			if err := add("mask "+field, p.Mask[field]); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// observe evaluates the policies of a dataset for a session and every fixture.
func (c *coverage) observe(s session.Session, d *semantic.Dataset, w *world) {
	for _, p := range c.policies {
		for _, on := range p.on {
			if on.dataset != d || p.when != nil && p.when.When(s) != rules.True {
				continue
			}
			on.applied = true
			for _, n := range on.probes {
				for _, r := range w.rows[d] {
					if _, err := n.probe.Row(s, w.nested(d, r)); err != nil {
						break // Visible says so too, and fails the case
					}
				}
			}
		}
	}
}

// gap is one thing that no case has shown.
type gap struct{ text string }

// gaps lists what no case has shown of a policy, and counts what there is.
func (p *covered) gaps() (gaps []string, total int) {
	note := func(shown bool, format string, args ...any) {
		total++
		if !shown {
			gaps = append(gaps, fmt.Sprintf(format, args...))
		}
	}
	if p.when != nil {
		for _, c := range p.when.Conditions {
			note(c.WasTrue, "when: never true:  %s", c.Text)
			note(c.WasFalse, "when: never false: %s", c.Text)
		}
	}
	for _, on := range p.on {
		note(on.applied, "never applied to dataset %s", on.dataset.Name)
	}
	for _, n := range p.merged() {
		for _, c := range n.probe.Conditions {
			note(c.WasTrue, "%s: never true:  %s", n.key, c.Text)
			note(c.WasFalse, "%s: never false: %s", n.key, c.Text)
		}
	}
	return gaps, total
}
