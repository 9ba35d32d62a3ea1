package policy

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/diag"
	"github.com/hedgerow/hedgerow/internal/rules"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

// Parse loads a policy file, YAML or JSON, against a model. filename is for
// messages only. It reports every problem at once, each with file, line,
// column and the source line; use errors.As with *semantic.Problem to read them.
func Parse(filename string, src []byte, m *semantic.Model) (*Set, error) {
	if m == nil {
		return nil, errors.New("policy: Parse needs a semantic model")
	}
	l := &loader{file: diag.NewFile(filename, src), model: m, reported: map[string]bool{}}
	set := l.load()
	if l.file.Problems() == 0 {
		l.isolation(set)
		l.concealed(set)
	}
	if err := l.file.Err(); err != nil {
		return nil, err
	}
	set.hash = sha256.Sum256(src)
	return set, nil
}

// loader reads one policy file.
type loader struct {
	file     *diag.File
	model    *semantic.Model
	compiler *rules.Compiler
	names    map[string]bool
	// places are the nodes of the properties, last those of the policy just read.
	places map[string]*yaml.Node
	last   map[string]*yaml.Node
	// reported keeps a mistake that many datasets share from being told twice.
	reported map[string]bool
}

func (l *loader) load() *Set {
	root := l.file.Document()
	top := l.file.Mapping(root, "the policy file", diag.Keys{
		"session": diag.Optional, "tenant": diag.Optional, "policies": diag.Required,
	})
	schema := l.schema(top.List("session"))
	set := &Set{tenant: l.tenant(top.Value("tenant"), schema)}
	set.places = places{filename: l.file.Name, src: l.file.Src, session: l.places, tenant: top.Value("tenant"), list: top.Key("policies")}
	tenantField := ""
	if set.tenant != nil {
		tenantField = set.tenant.Field
	}
	compiler, err := rules.NewCompiler(l.model, schema, tenantField)
	if err != nil {
		l.file.Report(1, 1, "%v", err)
		return set
	}
	l.compiler = compiler
	l.names = map[string]bool{}
	var compiled []*rules.Policy
	for _, n := range top.List("policies") {
		written, p := l.policy(n)
		set.policies = append(set.policies, written)
		set.places.policies = append(set.places.policies, l.last)
		compiled = append(compiled, p)
	}
	set.rules = rules.New(compiler, compiled)
	return set
}

// schema reads the session's properties. It gives a usable schema even when
// there are problems, so that the policies are checked all the same.
func (l *loader) schema(nodes []*yaml.Node) *session.Schema {
	var props []session.Property
	places := map[string]*yaml.Node{}
	for _, n := range nodes {
		p, ok := l.property(n)
		if !ok {
			continue
		}
		props = append(props, p)
		if places[p.Name] == nil {
			places[p.Name] = n
		}
	}
	l.places = places
	schema, err := session.NewSchema(props...)
	if err == nil {
		return schema
	}
	for _, e := range joined(err) {
		var problem *session.Error
		if errors.As(e, &problem) && places[problem.Property] != nil {
			l.file.ReportNode(places[problem.Property], "%s", problem.Error())
			continue
		}
		l.file.Report(1, 1, "%v", e)
	}
	return l.usable(props)
}

// usable keeps the properties that are right by themselves.
func (l *loader) usable(props []session.Property) *session.Schema {
	var good []session.Property
	seen := map[string]bool{}
	for _, p := range props {
		plain, name := session.Property{Name: p.Name, Type: p.Type}, semantic.Fold(p.Name)
		if _, err := session.NewSchema(plain); err == nil && !seen[name] {
			good = append(good, plain)
		}
		seen[name] = true
	}
	schema, err := session.NewSchema(good...)
	if err != nil {
		l.file.Report(1, 1, "%v", err)
		return &session.Schema{}
	}
	return schema
}

func joined(err error) []error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		return many.Unwrap()
	}
	return []error{err}
}

func (l *loader) property(n *yaml.Node) (session.Property, bool) {
	m := l.file.Mapping(n, "a session property", diag.Keys{
		"name": diag.Required, "type": diag.Required, "required": diag.Optional, "default": diag.Optional,
		"values": diag.Optional, "loggable": diag.Optional, "description": diag.Optional,
	})
	p := session.Property{Name: m.String("name"), Description: m.String("description")}
	p.Required, _ = m.Bool("required")
	p.Loggable, _ = m.Bool("loggable")
	if p.Name == "" || m.Value("type") == nil {
		return p, false
	}
	t, err := session.ParseType(m.String("type"))
	if err != nil {
		l.file.ReportNode(m.Value("type"), "%v", err)
		return p, false
	}
	p.Type = t
	if v := m.Value("default"); v != nil {
		p.Default = l.value(v, t)
	}
	elem := t
	if t.IsList() || t.IsMap() {
		elem = t.Elem()
	}
	for _, v := range m.List("values") {
		p.Values = append(p.Values, l.value(v, elem))
	}
	return p, true
}

// value reads a default or an allowed value. What doesn't fit its type is left
// as it is, for the schema to refuse.
func (l *loader) value(n *yaml.Node, t session.Type) any {
	switch {
	case n.Kind == yaml.SequenceNode && t.IsList():
		list := []any{}
		for _, item := range n.Content {
			list = append(list, l.value(item, t.Elem()))
		}
		return list
	case n.Kind == yaml.MappingNode && t.IsMap():
		values := map[string]any{}
		for key, item := range diag.Pairs(n) {
			values[key.Value] = l.value(item, t.Elem())
		}
		return values
	case t == session.Timestamp:
		if at, err := time.Parse(time.RFC3339Nano, n.Value); err == nil {
			return at
		}
	case t == session.Duration:
		if d, err := time.ParseDuration(n.Value); err == nil {
			return d
		}
	case t == session.String && n.ShortTag() == "!!timestamp":
		return n.Value
	}
	var v any
	if err := n.Decode(&v); err != nil {
		l.file.ReportNode(n, "this value can't be read")
	}
	return v
}

// tenant reads the isolation key and holds it against model and schema.
func (l *loader) tenant(n *yaml.Node, schema *session.Schema) *Tenant {
	if n == nil {
		return nil
	}
	m := l.file.Mapping(n, "tenant", diag.Keys{"field": diag.Required, "property": diag.Required})
	t := &Tenant{Field: m.String("field"), Property: m.String("property")}
	if t.Property != "" {
		p, ok := schema.Property(t.Property)
		switch {
		case !ok:
			l.file.ReportNode(m.Value("property"), "the session schema has no property %q", t.Property).
				Hint = diag.DidYouMean(t.Property, propertyNames(schema))
		case p.Type.IsList() || p.Type.IsMap():
			l.file.ReportNode(m.Value("property"), "the tenant's property must be a single value, not %s", p.Type)
		}
	}
	if t.Field != "" && !l.anyField(t.Field) {
		l.file.ReportNode(m.Value("field"), "no dataset has a field %q", t.Field)
	}
	return t
}

func propertyNames(schema *session.Schema) []string {
	var names []string
	for p := range schema.Properties() {
		names = append(names, p.Name)
	}
	return names
}

func (l *loader) anyField(name string) bool {
	for d := range l.model.Datasets() {
		if _, ok := d.Field(name); ok {
			return true
		}
	}
	return false
}

// policy reads one policy and compiles it for each of its datasets.
func (l *loader) policy(n *yaml.Node) (Policy, *rules.Policy) {
	m := l.file.Mapping(n, "a policy", diag.Keys{
		"name": diag.Required, "description": diag.Optional, "datasets": diag.Required, "kind": diag.Optional,
		"when": diag.Optional, "rows": diag.Optional, "hide": diag.Optional, "mask": diag.Optional,
		"cross_tenant": diag.Optional, "still_shows": diag.Optional,
	})
	l.last = map[string]*yaml.Node{"": n}
	for _, key := range []string{"name", "datasets", "when", "rows", "hide", "mask", "cross_tenant", "still_shows"} {
		l.last[key] = m.Value(key)
	}
	p := Policy{
		Name: m.String("name"), Description: m.String("description"), Kind: Permissive,
		When: l.text(m, "when"), Rows: l.text(m, "rows"),
	}
	compiled := &rules.Policy{Name: p.Name, Rules: map[*semantic.Dataset]*rules.Rule{}}
	l.checkName(m, p.Name)
	p.Kind = l.kind(m)
	compiled.Restrictive = p.Kind == Restrictive
	p.CrossTenant = l.crossTenant(m, p.Kind)
	compiled.CrossTenant = p.CrossTenant
	if m.Value("rows") == nil && m.Value("hide") == nil && m.Value("mask") == nil && m.Node.Kind == yaml.MappingNode {
		l.file.ReportNode(n, "policy %q does nothing", p.Name).WithHint("give it rows, hide or mask")
	}
	l.checkEmpty(m)
	if m.Value("when") != nil {
		l.when(m.Value("when"), p.When, compiled)
	}
	for _, d := range l.datasets(m) {
		p.Datasets = append(p.Datasets, d.Name)
		compiled.Rules[d] = l.rule(m, &p, d)
	}
	return p, compiled
}

// checkEmpty refuses what would do nothing though it stands there.
func (l *loader) checkEmpty(m *diag.Mapping) {
	for _, key := range []string{"rows", "hide", "mask", "still_shows"} {
		n := m.Value(key)
		if n != nil && len(n.Content) == 0 && (n.Kind != yaml.ScalarNode || n.ShortTag() == "!!str" && n.Value == "") {
			l.file.ReportNode(n, "%s is empty", key).WithHint("say what it does, or leave it out")
		}
	}
}

// text reads a CEL expression: a string, or a bare true or false.
func (l *loader) text(m *diag.Mapping, key string) string {
	n := m.Value(key)
	if n != nil && n.Kind == yaml.ScalarNode && n.ShortTag() == "!!bool" {
		return strings.ToLower(n.Value)
	}
	return m.String(key)
}

func (l *loader) checkName(m *diag.Mapping, name string) {
	n := m.Value("name")
	if n == nil {
		return
	}
	folded := semantic.Fold(name)
	switch {
	case strings.TrimSpace(name) == "":
		l.file.ReportNode(n, "a policy needs a name")
	case l.names[folded]:
		l.file.ReportNode(n, "two policies are named %q", name)
	}
	l.names[folded] = true
}

func (l *loader) kind(m *diag.Mapping) Kind {
	n := m.Value("kind")
	if n == nil {
		return Permissive
	}
	switch k := Kind(m.String("kind")); k {
	case Permissive, Restrictive:
		if m.Value("rows") == nil {
			l.file.ReportNode(n, "kind is for policies with rows only")
		}
		return k
	default:
		l.file.ReportNode(n, "unknown kind %q", k).WithHint("use permissive or restrictive")
		return Restrictive
	}
}

// crossTenant reads the declaration that a policy may show rows of other
// tenants. Only what grants rows can declare that.
func (l *loader) crossTenant(m *diag.Mapping, kind Kind) bool {
	n := m.Value("cross_tenant")
	if n == nil {
		return false
	}
	declared, _ := m.Bool("cross_tenant")
	if declared && (kind == Restrictive || m.Value("rows") == nil) {
		l.file.ReportNode(n, "cross_tenant is for permissive policies with rows").
			WithHint("declare it on the policy that grants the rows")
	}
	return declared
}

// datasets resolves a policy's datasets: a list of names, or "*".
func (l *loader) datasets(m *diag.Mapping) []*semantic.Dataset {
	n := m.Value("datasets")
	if n == nil {
		return nil
	}
	if n.Kind == yaml.ScalarNode && n.Value == "*" {
		return slices.Collect(l.model.Datasets())
	}
	var out []*semantic.Dataset
	items := m.List("datasets")
	if n.Kind == yaml.SequenceNode && len(items) == 0 {
		l.file.ReportNode(n, "datasets is empty").WithHint(`name datasets, or write "*" for all`)
	}
	for _, item := range items {
		name, ok := l.file.String(item, "a dataset's name")
		if !ok {
			continue
		}
		d, ok := l.model.Dataset(name)
		switch {
		case name == "*":
			l.file.ReportNode(item, `"*" stands in a list`).WithHint(`write datasets: "*"`)
		case !ok:
			l.file.ReportNode(item, "the model has no dataset %q", name).Hint = diag.DidYouMean(name, l.datasetNames())
		case slices.Contains(out, d):
			l.file.ReportNode(item, "dataset %q stands here twice", name)
		default:
			out = append(out, d)
		}
	}
	return out
}

func (l *loader) datasetNames() []string {
	var names []string
	for d := range l.model.Datasets() {
		names = append(names, d.Name)
	}
	return names
}

// when compiles a policy's condition.
func (l *loader) when(n *yaml.Node, text string, p *rules.Policy) {
	l.report(n, l.compiler.When(text, p))
	l.constant(n, p.When, "when")
}

// constant refuses a condition that no session and no row can change, unless
// it is written as true or false.
func (l *loader) constant(n *yaml.Node, e ast.Expr, what string) {
	if slot, ok := e.(*ast.Slot); ok && slot.Name == rules.ConstantName {
		l.file.ReportNode(n, "%s reads neither session nor row: it always comes out the same", what).
			WithHint("write true or false if that is meant")
	}
}

// rule compiles what a policy does to one dataset.
func (l *loader) rule(m *diag.Mapping, p *Policy, d *semantic.Dataset) *rules.Rule {
	out := &rules.Rule{}
	if n := m.Value("rows"); n != nil && p.Rows != "" {
		l.report(n, l.compiler.Rows(d, p.Rows, out))
		l.constant(n, out.Rows, "rows")
	}
	for _, n := range m.List("hide") {
		if i, f := l.field(n, d); f != nil {
			out.Hide = append(out.Hide, i)
			if !slices.Contains(p.Hide, f.Name) {
				p.Hide = append(p.Hide, f.Name)
			}
		}
	}
	if n := m.Value("mask"); n != nil {
		l.masks(n, p, d, out)
	}
	l.stillShows(m, p, d, out)
	return out
}

// stillShows reads the declaration that fields may show what the policy conceals.
func (l *loader) stillShows(m *diag.Mapping, p *Policy, d *semantic.Dataset, out *rules.Rule) {
	n := m.Value("still_shows")
	if n != nil && m.Value("hide") == nil && m.Value("mask") == nil {
		l.once(n, "still_shows is for policies that hide or mask fields")
	}
	for _, n := range m.List("still_shows") {
		i, f := l.field(n, d)
		switch {
		case f == nil:
		case slices.Contains(out.Hide, i):
			l.once(n, "policy %q hides field %q: it can't show it as well", p.Name, f.Name)
		default:
			out.StillShows = append(out.StillShows, i)
			if !slices.Contains(p.StillShows, f.Name) {
				p.StillShows = append(p.StillShows, f.Name)
			}
		}
	}
}

func (l *loader) masks(n *yaml.Node, p *Policy, d *semantic.Dataset, out *rules.Rule) {
	if n.Kind != yaml.MappingNode {
		l.once(n, "mask must be a mapping from fields to CEL values")
		return
	}
	for key, value := range diag.Pairs(n) {
		i, f := l.field(key, d)
		text, ok := l.maskText(value)
		if f == nil || !ok {
			continue
		}
		l.report(value, l.compiler.Mask(d, i, text, out))
		if p.Mask == nil {
			p.Mask = map[string]string{}
		}
		p.Mask[f.Name] = text
	}
}

// maskText reads a mask: CEL text, or a bare YAML scalar that is CEL as well.
func (l *loader) maskText(n *yaml.Node) (string, bool) {
	if n.Kind == yaml.ScalarNode {
		switch n.ShortTag() {
		case "!!null":
			return "null", true
		case "!!bool", "!!int", "!!float":
			return strings.ToLower(n.Value), true
		case "!!str", "!!timestamp":
			return n.Value, true
		}
	}
	l.once(n, "a mask must be a CEL expression")
	return "", false
}

// field finds a field that hide, mask or still_shows names.
func (l *loader) field(n *yaml.Node, d *semantic.Dataset) (int, *semantic.Field) {
	if n.Kind != yaml.ScalarNode {
		l.once(n, "a field's name is needed here")
		return 0, nil
	}
	f, ok := d.Field(n.Value)
	if !ok {
		var names []string
		for _, f := range d.Fields {
			names = append(names, f.Name)
		}
		if p := l.once(n, "dataset %q has no field %q", d.Name, n.Value); p != nil {
			p.Hint = diag.DidYouMean(n.Value, names)
		}
		return 0, nil
	}
	return slices.Index(d.Fields, f), f
}

// report places the problems of a CEL expression inside its YAML scalar.
func (l *loader) report(n *yaml.Node, problems []rules.Problem) {
	for _, p := range problems {
		line, column := l.file.InScalar(n, p.Offset)
		key := fmt.Sprint(line, column, p.Message)
		if l.reported[key] {
			continue
		}
		l.reported[key] = true
		l.file.Report(line, column, "%s", p.Message).Hint = p.Hint
	}
}

// once reports a problem at a node, unless it was reported for another dataset.
func (l *loader) once(n *yaml.Node, format string, args ...any) *diag.Problem {
	key := fmt.Sprint(n.Line, n.Column, fmt.Sprintf(format, args...))
	if l.reported[key] {
		return nil
	}
	l.reported[key] = true
	return l.file.ReportNode(n, format, args...)
}
