package rules

import (
	"maps"
	"slices"
	"strings"

	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/semantic"
)

// Exposure is a field that shows what the same sessions have hidden or masked in
// another: because it reads the same physical columns, or because its mask reads
// that other field.
type Exposure struct {
	// Policy hides or masks Field of Dataset.
	Policy  *Policy
	Dataset *semantic.Dataset
	Field   *semantic.Field
	Hides   bool
	// By of ByDataset shows it all the same: as Mask has it, from the offset in the
	// mask's text on, or as it is where Mask is nil.
	By        *semantic.Field
	ByDataset *semantic.Dataset
	Mask      *Policy
	Offset    int
	// Declared says that the policy in question declares that.
	Declared bool
}

// Exposures lists what policies conceal and leave to see through another field,
// in the model's order and then the file's. A session that may see both counts
// only if some permissive policy applies to it; where the conditions are too much
// to compare, there is such a session.
func (s *Set) Exposures() []Exposure {
	var out []Exposure
	c := concealer{set: s, columns: map[columnsKey]map[string]bool{}}
	for d := range s.Model.Datasets() {
		for _, p := range s.byDataset[d] {
			out = append(out, c.plain(d, p)...)
			out = append(out, c.masks(d, p)...)
		}
	}
	return out
}

// concealer compares what policies conceal with what fields read.
type concealer struct {
	set     *Set
	columns map[columnsKey]map[string]bool
}

type columnsKey struct {
	field   *semantic.Field
	dialect string
}

// conceals tells what a rule does to a field.
func (r *Rule) conceals(field int) (hides, conceals bool) {
	hides = slices.Contains(r.Hide, field)
	return hides, hides || r.Mask[field] != nil
}

// plain finds the fields that show as they are what a policy conceals, each once.
func (c *concealer) plain(d *semantic.Dataset, p *Policy) []Exposure {
	var out []Exposure
	rule := p.Rules[d]
	for by, field := range d.Fields {
		if _, too := rule.conceals(by); too {
			continue
		}
		for i, f := range d.Fields {
			hides, does := rule.conceals(i)
			if !does || !c.within(f, field) || !c.seen(d, p, by) {
				continue
			}
			out = append(out, Exposure{Policy: p, Dataset: d, Field: f, Hides: hides, By: field, ByDataset: d,
				Declared: slices.Contains(rule.StillShows, by)})
			break
		}
	}
	return out
}

// seen reports whether a session to which a policy applies may see a field as it is.
func (c *concealer) seen(d *semantic.Dataset, p *Policy, field int) bool {
	b := newBuilder(c.set)
	question := []*formula{b.when(p, 0, true), b.granted(d)}
	for _, other := range c.set.byDataset[d] {
		if _, does := other.Rules[d].conceals(field); !does {
			continue
		}
		if sameWhen(p, other) {
			return false
		}
		question = append(question, b.when(other, 0, false))
	}
	return b.satisfiable(question...)
}

// granted states that the session may see rows of a dataset: a permissive policy
// applies, and it has what the conditions of all of them need to be decided.
func (b *builder) granted(d *semantic.Dataset) *formula {
	open := either()
	out := both(open)
	for _, p := range b.set.byDataset[d] {
		if p.Rules[d].Rows != nil && !p.Restrictive {
			open.kids = append(open.kids, b.when(p, 0, true))
		}
		if p.When != nil && len(b.set.optionalIn(p.when.tree.Expr())) > 0 {
			out.kids = append(out.kids, either(b.when(p, 0, true), b.when(p, 0, false)))
		}
	}
	return out
}

// sameWhen reports whether two policies are written to apply to the same sessions.
func sameWhen(p, q *Policy) bool {
	return p == q || p.When != nil && q.When != nil && p.when.text == q.when.text
}

// masks finds the masks of a policy that read what the same sessions have concealed.
func (c *concealer) masks(d *semantic.Dataset, p *Policy) []Exposure {
	var out []Exposure
	rule := p.Rules[d]
	for _, i := range slices.Sorted(maps.Keys(rule.masks)) {
		for _, read := range c.reads(d, i, rule.masks[i]) {
			if e, ok := c.concealed(d, p, i, read); ok {
				e.ByDataset, e.By, e.Mask, e.Offset = d, d.Fields[i], p, read.offset
				e.Declared = slices.Contains(rule.StillShows, i)
				out = append(out, e)
			}
		}
	}
	return out
}

// fieldRead is where an expression reads a field.
type fieldRead struct {
	dataset *semantic.Dataset
	field   *semantic.Field
	offset  int
}

// reads lists the fields that a mask reads, each once. The field that it stands
// for is left out: a mask may show as much of that as it says. So is what is only
// compared with the session's own value, and what only decides between two values
// of a mask: rules and masks may decide by what the caller may not see.
func (c *concealer) reads(d *semantic.Dataset, masked int, src source) []fieldRead {
	var out []fieldRead
	known := comparedWithSession(src.tree.Expr())
	decidesOnly(known, src.tree.Expr())
	rows := provider{model: c.set.Model}
	celast.PreOrderVisit(src.tree.Expr(), celast.NewExprVisitor(func(e celast.Expr) {
		if e.Kind() != celast.SelectKind || known[e.ID()] {
			return
		}
		operand := e.AsSelect().Operand()
		of, ok := rows.dataset(src.tree.GetType(operand.ID()).TypeName())
		if !ok {
			return
		}
		f, ok := exactField(of, e.AsSelect().FieldName())
		own := operand.Kind() == celast.IdentKind && operand.AsIdent() == "row" && f == d.Fields[masked]
		if !ok || own || slices.ContainsFunc(out, func(r fieldRead) bool { return r.dataset == of && r.field == f }) {
			return
		}
		out = append(out, fieldRead{of, f, start(src.text, src.tree, e)})
	}))
	return out
}

// comparedWithSession tells the expressions that are only compared with the
// session's own value, which tells nothing that the session doesn't know.
func comparedWithSession(root celast.Expr) map[int64]bool {
	known := map[int64]bool{}
	celast.PostOrderVisit(root, celast.NewExprVisitor(func(e celast.Expr) {
		if e.Kind() == celast.CallKind && slices.Contains([]string{operators.Equals, operators.In}, e.AsCall().FunctionName()) &&
			slices.ContainsFunc(e.AsCall().Args(), isSession) {
			for _, x := range e.AsCall().Args() {
				known[x.ID()] = true
			}
		}
	}))
	return known
}

// decidesOnly adds the expressions that stand in the conditions of ? :.
func decidesOnly(known map[int64]bool, root celast.Expr) {
	celast.PreOrderVisit(root, celast.NewExprVisitor(func(e celast.Expr) {
		if e.Kind() == celast.CallKind && e.AsCall().FunctionName() == operators.Conditional {
			celast.PreOrderVisit(e.AsCall().Args()[0], celast.NewExprVisitor(func(x celast.Expr) { known[x.ID()] = true }))
		}
	}))
}

// concealed finds a policy that conceals what a mask reads from a session that
// sees the mask.
func (c *concealer) concealed(d *semantic.Dataset, p *Policy, masked int, read fieldRead) (Exposure, bool) {
	for _, other := range c.set.byDataset[read.dataset] {
		for i, f := range read.dataset.Fields {
			hides, does := other.Rules[read.dataset].conceals(i)
			if does && c.within(f, read.field) && c.shows(d, p, masked, other) {
				return Exposure{Policy: other, Dataset: read.dataset, Field: f, Hides: hides}, true
			}
		}
	}
	return Exposure{}, false
}

// shows reports whether a session to which another policy applies sees a policy's
// mask: the field isn't hidden, nor masked by a policy before.
func (c *concealer) shows(d *semantic.Dataset, p *Policy, masked int, other *Policy) bool {
	b := newBuilder(c.set)
	question := []*formula{b.when(p, 0, true), b.when(other, 0, true), b.granted(d)}
	before := true
	for _, q := range c.set.byDataset[d] {
		before = before && q != p
		hides, does := q.Rules[d].conceals(masked)
		if hides || before && does {
			question = append(question, b.when(q, 0, false))
		}
	}
	return b.satisfiable(question...)
}

// within reports whether a field reads physical columns of which another reads
// every one, on any database: then the other may show what the field holds. A
// field over more columns than that says more than each of them.
func (c *concealer) within(f, other *semantic.Field) bool {
	if f == other {
		return true
	}
	for _, e := range slices.Concat(f.Expressions, other.Expressions) {
		columns, of := c.columnsOf(f, e.Dialect), c.columnsOf(other, e.Dialect)
		covered := len(columns) > 0
		for name := range columns {
			covered = covered && of[name]
		}
		if covered {
			return true
		}
	}
	return false
}

// columnsOf gives the physical columns that a field reads on a database, none if
// it can't be read there. Case is no difference: on some databases it isn't.
func (c *concealer) columnsOf(f *semantic.Field, dialect string) map[string]bool {
	key := columnsKey{f, dialect}
	if known, ok := c.columns[key]; ok {
		return known
	}
	out := map[string]bool{}
	if e, err := f.Expr(dialect); err == nil {
		ast.Walk(e, func(x ast.Expr) bool {
			if column, ok := x.(*ast.Column); ok {
				out[strings.ToLower(column.Name)] = true
			}
			return true
		})
	}
	c.columns[key] = out
	return out
}
