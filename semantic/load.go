package semantic

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/diag"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/mysql"
)

// Problem is one mistake in a model's file, with its place; errors.As finds the
// first one in an error of Parse.
type Problem = diag.Problem

// Parse loads a model from YAML or JSON in the format of the Ossie core
// specification 0.2 (versions "0.2.0" and "0.2.0.dev0"), one semantic model in a
// file; filename is for messages only. The error lists every problem, each with
// file, line and column, and the model is nil then.
//
// Beyond the specification a name may not be empty, begin or end with a blank,
// hold a control character or differ from another only in ASCII case; a source
// must be a table of one to three parts; no dataset is named dual; and
// expressions in ANSI_SQL must be understood: scalar over the dataset's own
// columns for a field, aggregating fields for a metric.
func Parse(filename string, src []byte) (*Model, error) {
	parser, err := mysql.New()
	if err != nil {
		return nil, fmt.Errorf("semantic: %w", err)
	}
	l := &loader{file: diag.NewFile(filename, src), parser: parser}
	model := l.document()
	if err := l.file.Err(); err != nil {
		return nil, err
	}
	model.hash = sha256.Sum256(src)
	return model, nil
}

// loader turns the nodes of one file into a model. It goes on after a problem:
// what it makes then is incomplete and is thrown away.
type loader struct {
	file   *diag.File
	parser *mysql.Parser
}

func (l *loader) document() *Model {
	root := l.file.Document()
	m := l.file.Mapping(root, "the file", diag.Keys{"version": diag.Required, "semantic_model": diag.Required})
	if version := m.String("version"); version != "" && version != "0.2.0" && version != "0.2.0.dev0" {
		l.file.ReportNode(m.Value("version"), "unsupported version %q", version).WithHint(`write "0.2.0"`)
	} else if n := m.Value("version"); version == "" && n != nil && n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str" {
		l.file.ReportNode(n, "the version is empty").WithHint(`write "0.2.0"`)
	}
	models := m.List("semantic_model")
	if n := m.Value("semantic_model"); n != nil && n.Kind == yaml.SequenceNode && len(models) == 0 {
		l.file.ReportNode(n, `"semantic_model" must have one element`)
	}
	var model *Model
	for i, node := range models {
		if i == 1 {
			l.file.ReportNode(node, "a second semantic model in one file").WithHint("keep one semantic model in a file")
		}
		loaded := l.model(node)
		if i == 0 {
			model = loaded
		}
	}
	return model
}

func (l *loader) model(node *yaml.Node) *Model {
	m := l.file.Mapping(node, "a semantic model", diag.Keys{
		"name": diag.Required, "datasets": diag.Required, "description": diag.Optional, "relationships": diag.Optional,
		"metrics": diag.Optional, "ai_context": diag.Optional, "custom_extensions": diag.Optional,
	})
	model := &Model{Description: m.String("description"), datasetByName: map[string]*Dataset{}}
	model.Name, _ = newNames(l.file, "semantic model").read(m)
	model.AIContext, model.Extensions = l.context(m), l.extensions(m)
	datasets := m.List("datasets")
	if n := m.Value("datasets"); n != nil && n.Kind == yaml.SequenceNode && len(datasets) == 0 {
		l.file.ReportNode(n, `"datasets" must have at least one element`)
	}
	seen := newNames(l.file, "dataset")
	for _, d := range datasets {
		if loaded, ok := l.dataset(d, seen); ok {
			model.datasets = append(model.datasets, loaded)
			model.datasetByName[Fold(loaded.Name)] = loaded
		}
	}
	seen = newNames(l.file, "relationship")
	for _, r := range m.List("relationships") {
		model.relationships = append(model.relationships, l.relationship(r, model, seen))
	}
	seen = newNames(l.file, "metric")
	for _, n := range m.List("metrics") {
		model.metrics = append(model.metrics, l.metric(n, model, seen))
	}
	return model
}

// dataset gives false when its name can't be used.
func (l *loader) dataset(node *yaml.Node, seen *names) (*Dataset, bool) {
	m := l.file.Mapping(node, "a dataset", diag.Keys{
		"name": diag.Required, "source": diag.Required, "primary_key": diag.Optional, "unique_keys": diag.Optional,
		"description": diag.Optional, "fields": diag.Optional, "ai_context": diag.Optional, "custom_extensions": diag.Optional,
	})
	name, ok := seen.read(m)
	if Fold(name) == "dual" {
		l.file.ReportNode(m.Value("name"), "a dataset can't be named dual").WithHint("SQL uses that name for no table at all")
	}
	d := &Dataset{
		Name: name, Source: readSource(l.file, m.Value("source")), Description: m.String("description"),
		PrimaryKey: l.columns(m.Value("primary_key"), `"primary_key"`), fieldByName: map[string]*Field{},
	}
	for _, key := range m.List("unique_keys") {
		d.UniqueKeys = append(d.UniqueKeys, l.columns(key, `an element of "unique_keys"`))
	}
	d.AIContext, d.Extensions = l.context(m), l.extensions(m)
	l.fields(d, m.List("fields"))
	return d, ok
}

// columns reads a list of physical columns: not empty, each of them once.
func (l *loader) columns(node *yaml.Node, what string) []string {
	list, ok := l.file.Strings(node, what)
	if !ok {
		return nil
	}
	if len(list) == 0 {
		l.file.ReportNode(node, "%s must name at least one column", what)
	}
	seen := make(map[string]bool, len(list))
	for i, column := range list {
		if problem := nameProblem(column); problem != "" {
			l.file.ReportNode(node.Content[i], "the column name %q %s", column, problem)
		} else if seen[column] {
			l.file.ReportNode(node.Content[i], "%s names the column %q twice", what, column)
		}
		seen[column] = true
	}
	return list
}

// fields reads the fields of a dataset. Their expressions are bound when the
// types of all plain columns are known.
func (l *loader) fields(d *Dataset, nodes []*yaml.Node) {
	type unbound struct {
		pending
		expr ast.Expr
		typ  Datatype
	}
	var later []unbound
	columns := columnTypes{}
	seen := newNames(l.file, "field")
	for _, node := range nodes {
		f, todo, ok := l.field(node, seen)
		if ok {
			d.Fields = append(d.Fields, f)
			d.fieldByName[Fold(f.Name)] = f
		}
		for _, p := range todo {
			e := l.parse(p)
			if n, ok := e.(*ast.Name); ok {
				columns.add(n.Parts[len(n.Parts)-1], f.Datatype)
			}
			if e != nil {
				later = append(later, unbound{p, e, f.Datatype})
			}
		}
	}
	for _, u := range later {
		b := &binder{where: "a field", name: func(n *ast.Name) (ast.Expr, *fault.Error) { return bindColumn(n, d, columns) }}
		l.finish(u.pending, b, u.expr)
		if c, ok := u.entry.expr.(*ast.Column); ok {
			u.entry.column = c.Name
			u.entry.expr = physical(c.Name, u.typ)
		}
	}
}

// finish binds an entry's expression and notes what is wrong with it.
func (l *loader) finish(p pending, b *binder, e ast.Expr) {
	bound := b.expr(e)
	if b.aggregates && !b.found && len(b.faults) == 0 {
		b.fault(fault.New(fault.Unsupported, 1, "the expression of a metric must aggregate").WithHint("as in SUM(dataset.field)"))
	}
	for _, f := range b.faults {
		l.fail(p, f)
	}
	if len(b.faults) == 0 {
		p.entry.expr = bound
	}
}

// columnTypes holds the datatypes that plain fields give to physical columns;
// Unknown where they disagree.
type columnTypes map[string]Datatype

func (c columnTypes) add(column string, t Datatype) {
	if known, ok := c[column]; ok && known != t {
		t = Unknown
	}
	c[column] = t
}

// bindColumn binds a name in a field's expression: a column of the dataset's
// own table, bare or qualified with the dataset's name.
func bindColumn(n *ast.Name, d *Dataset, columns columnTypes) (ast.Expr, *fault.Error) {
	last := len(n.Parts) - 1
	column := n.Parts[last]
	if qualifier := strings.Join(n.Parts[:last], "."); last > 0 && Fold(qualifier) != Fold(d.Name) {
		return nil, fault.New(fault.UnknownName, n.Pos, "%q is not this dataset", qualifier).
			WithHint("a field reads only columns of its own dataset's table; write the column without a qualifier")
	}
	if problem := nameProblem(column); problem != "" {
		return nil, fault.New(fault.Syntax, n.Pos, "the column name %q %s", column, problem)
	}
	return physical(column, columns[column]), nil
}

func physical(column string, t Datatype) ast.Expr {
	return &ast.Column{Table: tableAlias, Name: column, Rel: -1, Type: ast.Type(t)}
}

func (l *loader) field(node *yaml.Node, seen *names) (*Field, []pending, bool) {
	m := l.file.Mapping(node, "a field", diag.Keys{
		"name": diag.Required, "expression": diag.Required, "dimension": diag.Optional, "label": diag.Optional,
		"description": diag.Optional, "datatype": diag.Optional, "ai_context": diag.Optional, "custom_extensions": diag.Optional,
	})
	name, ok := seen.read(m)
	f := &Field{
		Name: name, Datatype: l.datatype(m), Label: m.String("label"), Description: m.String("description"),
		AIContext: l.context(m), Extensions: l.extensions(m),
	}
	dimension := l.file.Mapping(m.Value("dimension"), "a dimension", diag.Keys{"is_time": diag.Optional})
	var stated bool
	if f.IsTime, stated = dimension.Bool("is_time"); !stated {
		f.IsTime = f.Datatype == Date || f.Datatype == Time || f.Datatype == DateTime || f.Datatype == DateTimeTz
	}
	var todo []pending
	f.Expressions, todo = l.readExpressions(m.Value("expression"))
	return f, todo, ok
}

func (l *loader) datatype(m *diag.Mapping) Datatype {
	var words []string
	for _, t := range datatypes() {
		words = append(words, string(t))
	}
	word, _ := l.enum(m, "datatype", words)
	return Datatype(word)
}

func (l *loader) relationship(node *yaml.Node, model *Model, seen *names) *Relationship {
	m := l.file.Mapping(node, "a relationship", diag.Keys{
		"name": diag.Required, "from": diag.Required, "to": diag.Required, "from_columns": diag.Required,
		"to_columns": diag.Required, "ai_context": diag.Optional, "custom_extensions": diag.Optional,
	})
	name, _ := seen.read(m)
	from, to := m.Value("from_columns"), m.Value("to_columns")
	r := &Relationship{
		Name: name, From: l.end(m, "from", model), To: l.end(m, "to", model),
		FromColumns: l.columns(from, `"from_columns"`), ToColumns: l.columns(to, `"to_columns"`),
		AIContext: l.context(m), Extensions: l.extensions(m),
	}
	if nf, nt := len(r.FromColumns), len(r.ToColumns); nf > 0 && nt > 0 && nf != nt {
		l.file.ReportNode(to, `"from_columns" has %d columns and "to_columns" %d`, nf, nt).WithHint("each column needs its counterpart")
	}
	return r
}

// end finds the dataset at one end of a relationship.
func (l *loader) end(m *diag.Mapping, key string, model *Model) *Dataset {
	node := m.Value(key)
	name, ok := l.file.String(node, strconv.Quote(key))
	if !ok {
		return nil
	}
	d, ok := model.Dataset(name)
	if !ok {
		l.file.ReportNode(node, "unknown dataset %q", name).Hint = diag.DidYouMean(name, model.names())
	}
	return d
}

func (m *Model) names() []string {
	out := make([]string, len(m.datasets))
	for i, d := range m.datasets {
		out[i] = d.Name
	}
	return out
}

// context reads the key "ai_context": a text or a mapping.
func (l *loader) context(m *diag.Mapping) *AIContext {
	node := m.Value("ai_context")
	if node == nil {
		return nil
	}
	if node.Kind != yaml.MappingNode {
		text, ok := l.file.String(node, `"ai_context"`)
		if !ok {
			return nil
		}
		return &AIContext{Instructions: text}
	}
	c := &AIContext{}
	for key, value := range diag.Pairs(node) {
		what := strconv.Quote(key.Value)
		switch key.Value {
		case "instructions":
			c.Instructions, _ = l.file.String(value, what)
		case "synonyms":
			c.Synonyms, _ = l.file.Strings(value, what)
		case "examples":
			c.Examples, _ = l.file.Strings(value, what)
		default:
			if c.Other == nil {
				c.Other = map[string]any{}
			}
			c.Other[key.Value] = plainValue(value)
		}
	}
	return c
}

// plainValue turns a node that no rule speaks of into Go values.
func plainValue(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		out := map[string]any{}
		for key, value := range diag.Pairs(n) {
			out[key.Value] = plainValue(value)
		}
		return out
	case yaml.SequenceNode:
		out := make([]any, len(n.Content))
		for i, child := range n.Content {
			out[i] = plainValue(child)
		}
		return out
	}
	switch n.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		return strings.EqualFold(n.Value, "true")
	case "!!int":
		if i, err := strconv.ParseInt(n.Value, 0, 64); err == nil {
			return i
		}
	case "!!float":
		if f, err := strconv.ParseFloat(n.Value, 64); err == nil {
			return f
		}
	}
	return n.Value
}

func (l *loader) extensions(m *diag.Mapping) []Extension {
	var out []Extension
	for _, node := range m.List("custom_extensions") {
		em := l.file.Mapping(node, "a custom extension", diag.Keys{"vendor_name": diag.Required, "data": diag.Required})
		out = append(out, Extension{Vendor: em.String("vendor_name"), Data: em.String("data")})
	}
	return out
}
