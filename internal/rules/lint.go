package rules

import (
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"

	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

// Finding is what looks like a mistake in a policy.
type Finding struct {
	Code   string
	Policy *Policy
	// Key is where in the policy: name, when, rows or mask.
	Key string
	// Field is the field of a mask.
	Field string
	// Offset counts bytes in the text of when or rows.
	Offset       int
	Message, Fix string
}

// Lint looks for policies that do something else than they seem to. property is
// the tenant's, "" for none.
func (s *Set) Lint(property string) []Finding {
	var out []Finding
	for _, p := range s.Policies {
		l := &linter{set: s, policy: p, property: property}
		l.when()
		l.optional("when", p.when)
		for d := range s.Model.Datasets() {
			rule, ok := p.Rules[d]
			if !ok {
				continue
			}
			if rule.Rows != nil {
				l.rows(d, rule)
				l.optional("rows", rule.rows)
				l.concealed(d, rule.rows)
			}
			l.masks(d, rule)
		}
		out = append(out, l.findings...)
	}
	return out
}

// linter looks at one policy.
type linter struct {
	set      *Set
	policy   *Policy
	property string
	findings []Finding
}

func (l *linter) add(code, key string, at int, fix, format string, args ...any) {
	l.findings = append(l.findings, Finding{Code: code, Policy: l.policy, Key: key, Offset: at, Message: fmt.Sprintf(format, args...), Fix: fix})
}

// when finds conditions that every session fulfils, or none.
func (l *linter) when() {
	p := l.policy
	if p.When == nil || isConstant(p.When) {
		if isLiteral(p.When, "false") {
			l.add("unreachable", "when", 0, "remove the policy or its when", "policy %q never applies: its when is false", p.Name)
		}
		return
	}
	if b := newBuilder(l.set); !b.satisfiable(b.when(p, 0, true)) {
		l.add("unreachable", "when", 0, "compare with values that the property can have", "policy %q never applies: no session fulfils its when", p.Name)
		return
	}
	if b := newBuilder(l.set); !b.satisfiable(b.when(p, 0, false)) {
		l.add("always-applies", "when", 0, "leave the when out", "policy %q always applies: its when can't be false", p.Name)
	}
}

// rows finds rules that don't decide anything.
func (l *linter) rows(d *semantic.Dataset, rule *Rule) {
	p := l.policy
	if isLiteral(rule.Rows, "true") {
		if p.Restrictive {
			l.add("always-true", "rows", 0, "remove the policy", "policy %q restricts nothing: its rule is true", p.Name)
		}
		l.generous(d)
		l.shadowed(d)
		return
	}
	if isLiteral(rule.Rows, "false") {
		if !p.Restrictive {
			l.add("never-true", "rows", 0, "remove the policy", "policy %q grants nothing: its rule is false", p.Name)
		}
		return
	}
	b := newBuilder(l.set)
	if !b.satisfiable(b.rows(p, d, 0, false)) {
		l.add("always-true", "rows", 0, `write "true" if that is meant`,
			"the rule of policy %q is true for every row of %q whose fields aren't NULL", p.Name, d.Name)
		return
	}
	if !l.reachable() {
		return
	}
	if b := newBuilder(l.set); !b.satisfiable(b.when(p, 0, true), b.rows(p, d, 0, true)) {
		l.add("never-true", "rows", 0, "compare with values that the field or property can have",
			"the rule of policy %q is true for no row of %q and no session", p.Name, d.Name)
		return
	}
	l.byDefault(d)
	l.shadowed(d)
	l.escapes(d, rule)
}

func (l *linter) reachable() bool {
	b := newBuilder(l.set)
	return b.satisfiable(b.when(l.policy, 0, true))
}

// defaults calls each with every scalar property that has a default.
func (l *linter) defaults(each func(p session.Property, index int)) {
	for i, p := range newBuilder(l.set).properties {
		if p.Default != nil && !p.Type.IsList() && !p.Type.IsMap() {
			each(p, i)
		}
	}
}

// assume states that a session has a property's default.
func (b *builder) assume(p session.Property, index int) *formula {
	id := b.property(0, index)
	return lit(litEq, id, b.constant(p.Default, b.terms[id].typ))
}

// byDefault finds a rule that a property's default makes true for every row.
func (l *linter) byDefault(d *semantic.Dataset) {
	l.defaults(func(prop session.Property, i int) {
		b := newBuilder(l.set)
		given := b.assume(prop, i)
		rows := b.rows(l.policy, d, 0, false)
		if b.satisfiable(given, b.when(l.policy, 0, true)) && !b.satisfiable(given, rows) {
			l.add("true-by-default", "rows", 0, "choose a default that grants nothing, or make the property required",
				"the rule of policy %q is true for every row of %q when a session doesn't set %s", l.policy.Name, d.Name, prop.Name)
		}
	})
}

// generous finds a policy that shows every row to sessions that leave a
// property to its default, while other values get a part of them.
func (l *linter) generous(d *semantic.Dataset) {
	p := l.policy
	if p.Restrictive || p.When == nil {
		return
	}
	l.defaults(func(prop session.Property, i int) {
		b := newBuilder(l.set)
		given := b.assume(prop, i)
		if b.satisfiable(given, b.when(p, 0, false)) {
			return
		}
		narrow := p.CrossTenant
		for _, other := range l.set.byDataset[d] {
			rule := other.Rules[d]
			filters := rule.Rows != nil && !other.Restrictive && !isLiteral(rule.Rows, "true")
			narrow = narrow || filters && !b.satisfiable(given, b.when(other, 0, true))
		}
		if narrow {
			l.add("true-by-default", "when", 0, "choose a default that grants less, or make the property required",
				"policy %q shows every row of %q to a session that doesn't set %s", p.Name, d.Name, prop.Name)
		}
	})
}

// shadowed finds a permissive policy that adds nothing to another.
func (l *linter) shadowed(d *semantic.Dataset) {
	p := l.policy
	if p.Restrictive || p.CrossTenant {
		return
	}
	before := true
	for _, other := range l.set.byDataset[d] {
		if other == p {
			before = false
			continue
		}
		rule := other.Rules[d]
		if rule.Rows == nil || other.Restrictive || other.CrossTenant {
			continue
		}
		own := celText(p.Rules[d].rows.tree.Expr(), nil)
		theirs := celText(rule.rows.tree.Expr(), nil)
		equal := own == theirs
		if !equal && !isLiteral(rule.Rows, "true") || equal && !before {
			continue
		}
		b := newBuilder(l.set)
		if !b.satisfiable(b.when(p, 0, true), b.when(other, 0, false)) {
			l.add("shadowed", "rows", 0, "remove one of the two",
				"policy %q adds nothing for %q: whenever it applies, policy %q shows the same rows", p.Name, d.Name, other.Name)
			return
		}
	}
}

// escapes finds an OR of which one side is bound to the tenant and the other isn't.
func (l *linter) escapes(d *semantic.Dataset, rule *Rule) {
	index, ok := l.set.Schema.Index(l.property)
	field, okField := exactField(d, l.set.tenantField)
	if !ok || !okField || l.policy.CrossTenant {
		return
	}
	bound := func(e ast.Expr) bool {
		b := newBuilder(l.set)
		id, ok := b.fieldOf(rowAt{dataset: d}, field)
		if !ok {
			return false
		}
		v := &view{source: rule.rows, policy: l.policy, root: d}
		return !b.satisfiable(lit(litNe, id, b.property(0, index)), b.build(v, e, true))
	}
	ast.PreOrderVisit(rule.rows.tree.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind || e.AsCall().FunctionName() != operators.LogicalOr || !l.readsTenant(e) {
			return
		}
		left, right := e.AsCall().Args()[0], e.AsCall().Args()[1]
		if bound(left) == bound(right) || bound(rule.rows.tree.Expr()) {
			return
		}
		free := left
		if bound(left) {
			free = right
		}
		l.add("escapes-tenant", "rows", start(rule.rows.text, rule.rows.tree, free), "write the tenant's comparison outside the ||, joined by &&, or on both sides",
			"this side of || is not bound to the tenant: %s", celText(free, nil))
	}))
}

func (l *linter) readsTenant(e ast.Expr) bool {
	text := celText(e, nil)
	return strings.Contains(text, "row."+l.set.tenantField) && strings.Contains(text, sessionPrefix+l.property)
}

// concealed finds a rule that reads a field which the same sessions don't see, or
// see masked: which rows they get tells them about it. A comparison with the
// session's own value tells nothing that they don't know.
func (l *linter) concealed(d *semantic.Dataset, src source) {
	known := comparedWithSession(src.tree.Expr())
	seen := map[string]bool{}
	ast.PreOrderVisit(src.tree.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.SelectKind || known[e.ID()] || e.AsSelect().Operand().Kind() != ast.IdentKind || e.AsSelect().Operand().AsIdent() != "row" {
			return
		}
		name := e.AsSelect().FieldName()
		if other, does := l.concealer(d, name); other != nil && !seen[name] {
			seen[name] = true
			l.add("reads-concealed", "rows", start(src.text, src.tree, e), "show the field to these sessions, or decide by another one",
				"this rule decides by field %q of %q, which policy %q %s from the same sessions: the rows that they see tell about it", name, d.Name, other.Name, does)
		}
	}))
}

// isSession tells a property of the session.
func isSession(e ast.Expr) bool {
	return e.Kind() == ast.IdentKind && strings.HasPrefix(e.AsIdent(), sessionPrefix)
}

// concealer finds a policy that hides or masks a field from sessions to which the
// linted policy applies.
func (l *linter) concealer(d *semantic.Dataset, name string) (p *Policy, does string) {
	i := slices.IndexFunc(d.Fields, func(f *semantic.Field) bool { return f.Name == name })
	for _, other := range l.set.byDataset[d] {
		switch rule := other.Rules[d]; {
		case slices.Contains(rule.Hide, i):
			does = "hides"
		case rule.Mask[i] != nil:
			does = "masks"
		default:
			continue
		}
		if b := newBuilder(l.set); b.satisfiable(b.when(l.policy, 0, true), b.when(other, 0, true)) {
			return other, does
		}
	}
	return nil, ""
}

// optional finds a negation over a property that a session may lack.
func (l *linter) optional(key string, src source) {
	if src.tree == nil {
		return
	}
	asked := map[string]bool{}
	ast.PostOrderVisit(src.tree.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() == ast.IdentKind {
			if name, ok := strings.CutPrefix(e.AsIdent(), hasPrefix+sessionPrefix); ok {
				asked[name] = true
			}
		}
	}))
	ast.PostOrderVisit(src.tree.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind {
			return
		}
		fn := e.AsCall().FunctionName()
		if fn != operators.NotEquals && fn != operators.LogicalNot {
			return
		}
		for _, name := range l.set.optionalIn(e) {
			if !asked[name] {
				l.add("negated-optional", key, offset(src.text, src.tree, e), fmt.Sprintf("ask for it with has(session.%s), give it a default, or make it required", name),
					"a negation over session.%s, which a session may lack: the dataset is denied then", name)
			}
		}
	}))
}

// optionalIn lists the properties that an expression reads and a session may lack.
func (s *Set) optionalIn(e ast.Expr) []string {
	var out []string
	ast.PostOrderVisit(e, ast.NewExprVisitor(func(x ast.Expr) {
		if x.Kind() != ast.IdentKind {
			return
		}
		name, ok := strings.CutPrefix(x.AsIdent(), sessionPrefix)
		if p, known := s.Schema.Property(name); ok && known && !p.Required && p.Default == nil {
			out = append(out, name)
		}
	}))
	return out
}

// masks finds masks that nobody sees: of a field that the same sessions have
// hidden, or that an earlier policy masks for them.
func (l *linter) masks(d *semantic.Dataset, rule *Rule) {
	for i := range d.Fields {
		if rule.Mask[i] == nil {
			continue
		}
		before := true
		for _, other := range l.set.byDataset[d] {
			before = before && other != l.policy
			hides := slices.Contains(other.Rules[d].Hide, i)
			if !hides && !(before && other.Rules[d].Mask[i] != nil) {
				continue
			}
			b := newBuilder(l.set)
			if b.satisfiable(b.when(l.policy, 0, true), b.when(other, 0, false)) {
				continue
			}
			code, what := "mask-shadowed", "masks"
			if hides {
				code, what = "mask-hidden", "hides"
			}
			l.add(code, "mask", 0, "remove the mask, or narrow a when",
				"the mask of field %q of %q is never seen: policy %q %s it for the same sessions", d.Fields[i].Name, d.Name, other.Name, what)
			l.findings[len(l.findings)-1].Field = d.Fields[i].Name
			break
		}
	}
}
