package semantic

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/diag"
	"github.com/hedgerow/hedgerow/internal/fault"
)

func (l *loader) metric(node *yaml.Node, model *Model, seen *names) *Metric {
	m := l.file.Mapping(node, "a metric", diag.Keys{
		"name": diag.Required, "expression": diag.Required, "description": diag.Optional, "datatype": diag.Optional,
		"ai_context": diag.Optional, "custom_extensions": diag.Optional,
	})
	name, _ := seen.read(m)
	metric := &Metric{
		Name: name, Datatype: l.datatype(m), Description: m.String("description"),
		AIContext: l.context(m), Extensions: l.extensions(m),
	}
	var todo []pending
	metric.Expressions, todo = l.readExpressions(m.Value("expression"))
	for _, p := range todo {
		e := l.parse(p)
		if e == nil {
			continue
		}
		b := &binder{where: "a metric", aggregates: true, name: model.bindField}
		l.finish(p, b, e)
	}
	return metric
}

// bindField binds a name in a metric: dataset.field, or a field alone when only
// one dataset has it.
func (m *Model) bindField(n *ast.Name) (ast.Expr, *fault.Error) {
	last := len(n.Parts) - 1
	name := n.Parts[last]
	if last == 0 {
		return m.bindBareField(n.Pos, name)
	}
	qualifier := strings.Join(n.Parts[:last], ".")
	d, ok := m.Dataset(qualifier)
	if !ok {
		f := fault.New(fault.UnknownName, n.Pos, "unknown dataset %q", qualifier)
		f.Hint = diag.DidYouMean(qualifier, m.names())
		return nil, f
	}
	field, ok := d.Field(name)
	if !ok {
		f := fault.New(fault.UnknownName, n.Pos, "the dataset %q has no field %q", d.Name, name)
		f.Hint = diag.DidYouMean(name, d.names())
		return nil, f
	}
	return &ast.Name{Parts: []string{d.Name, field.Name}}, nil
}

func (m *Model) bindBareField(pos ast.Pos, name string) (ast.Expr, *fault.Error) {
	var found ast.Expr
	for _, d := range m.datasets {
		field, ok := d.Field(name)
		if !ok {
			continue
		}
		if found != nil {
			return nil, fault.New(fault.UnknownName, pos, "several datasets have a field %q", name).WithHint("write dataset.field")
		}
		found = &ast.Name{Parts: []string{d.Name, field.Name}}
	}
	if found == nil {
		return nil, fault.New(fault.UnknownName, pos, "no dataset has a field %q", name).WithHint("write dataset.field")
	}
	return found, nil
}

func (d *Dataset) names() []string {
	out := make([]string, len(d.Fields))
	for i, f := range d.Fields {
		out[i] = f.Name
	}
	return out
}
