package policytest

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/hedgerow/hedgerow/internal/rules"
	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

// coverage collects what the cases have shown of each policy.
type coverage struct {
	set      *policy.Set
	policies []*covered
	hops     []rules.Hop // the steps that rules and masks take
	reach    int         // how many steps the longest of them may take
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
	dataset     *semantic.Dataset
	applied     bool
	expressions []expression // the rule and the masks
}

// expression is a CEL expression of a policy.
type expression struct {
	key   string // as for policy.Set.Place
	probe *rules.Probe
}

// named is the conditions of an expression.
type named struct {
	key        string
	conditions []rules.Condition
}

func newCoverage(set *policy.Set) (*coverage, error) {
	tenant, _ := set.Tenant()
	compiler, err := rules.NewCompiler(set.Model(), set.Schema(), tenant.Field)
	if err != nil {
		return nil, err
	}
	c := &coverage{set: set}
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
		out.expressions = append(out.expressions, expression{key, probe})
		c.reach = max(c.reach, len(probe.Hops))
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
			for _, e := range on.expressions {
				for _, r := range w.rows[d] {
					if _, err := e.probe.Row(s, w.nested(d, r)); err != nil {
						break // Visible says so too, and fails the case
					}
				}
			}
		}
	}
}

// gap is something that no case has shown.
type gap struct{ place, text string }

// gaps lists what no case has shown of a policy, and counts what there is.
func (c *coverage) gaps(index int) (gaps []gap, total int) {
	p := c.policies[index]
	note := func(shown bool, place, format string, args ...any) {
		total++
		if !shown {
			gaps = append(gaps, gap{place, fmt.Sprintf(format, args...)})
		}
	}
	probes := p.merged()
	if p.when != nil {
		probes = append([]named{{"when", p.when.Conditions}}, probes...)
	}
	for _, on := range p.on {
		note(on.applied, c.place(index, "", 0), "never applied to dataset %s", on.dataset.Name)
	}
	for _, n := range probes {
		for _, x := range n.conditions {
			place := c.place(index, n.key, x.Offset)
			note(x.WasTrue, place, "never true:  %s", x.Text)
			note(x.WasFalse, place, "never false: %s", x.Text)
		}
	}
	return gaps, total
}

// merged puts the conditions of an expression together over the datasets.
func (p *covered) merged() []named {
	var out []named
	for _, on := range p.on {
		for _, e := range on.expressions {
			i := slices.IndexFunc(out, func(n named) bool { return n.key == e.key && len(n.conditions) == len(e.probe.Conditions) })
			if i < 0 {
				out = append(out, named{e.key, slices.Clone(e.probe.Conditions)})
				continue
			}
			for k, x := range e.probe.Conditions {
				at := &out[i].conditions[k]
				at.WasTrue, at.WasFalse = at.WasTrue || x.WasTrue, at.WasFalse || x.WasFalse
			}
		}
	}
	return out
}

func (c *coverage) place(index int, key string, offset int) string {
	file, line, column := c.set.Place(index, key, offset)
	return fmt.Sprintf("%s:%d:%d", file, line, column)
}

// share is the part of all outcomes that the cases have shown, from 0 to 1.
func (c *coverage) share() float64 {
	missing, total := 0, 0
	for i := range c.policies {
		gaps, n := c.gaps(i)
		missing, total = missing+len(gaps), total+n
	}
	if total == 0 {
		return 1
	}
	return float64(total-missing) / float64(total)
}

// report writes a line per policy, as go tool cover does per function, and
// below it what is missing.
func (c *coverage) report() string {
	var b strings.Builder
	b.WriteString("policy coverage:\n")
	w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	for i, p := range c.policies {
		gaps, total := c.gaps(i)
		fmt.Fprintf(w, "%s:\t%s\t%s\n", c.place(i, "", 0), p.policy.Name, percent(1-float64(len(gaps))/float64(max(total, 1))))
	}
	fmt.Fprintf(w, "total:\t\t%s\n", percent(c.share()))
	_ = w.Flush() // a strings.Builder takes everything
	missing := false
	for i, p := range c.policies {
		gaps, _ := c.gaps(i)
		for _, g := range gaps {
			if !missing {
				b.WriteString("not shown by any case:\n")
			}
			missing = true
			fmt.Fprintf(&b, "%s: %s: %s\n", g.place, p.policy.Name, g.text)
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// percent rounds down, so that 100.0% is everything.
func percent(share float64) string {
	return fmt.Sprintf("%.1f%%", math.Floor(share*1000+1e-9)/10)
}
