package policytest

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/hedgerow/hedgerow/internal/diag"
	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

// suite is one test file as written.
type suite struct {
	file     *diag.File
	fixtures []fixture
	sessions map[string]session.Session
	cases    []testCase
}

// fixture is one row; its values go by physical column.
type fixture struct {
	node    *yaml.Node
	dataset *semantic.Dataset
	values  map[string]any
}

// testCase is one case. The nodes are nil for what the case doesn't expect.
type testCase struct {
	node        *yaml.Node
	name        string
	sessionName string
	session     session.Session
	dataset     *semantic.Dataset // nil for a query
	key         *semantic.Field   // by which a dataset's rows are named, nil when rows are mappings
	query       string
	args        []any
	rows        *expected // nil when none are expected
	columns     []string
	columnsNode *yaml.Node
	sql         string
	sqlNode     *yaml.Node
	err         string
	errNode     *yaml.Node
	message     string
	ordered     bool
}

// expected is a list of rows. Without names a row has all columns.
type expected struct {
	node  *yaml.Node
	names []string
	rows  [][]any
}

// loader reads one test file.
type loader struct {
	file  *diag.File
	model *semantic.Model
	set   *policy.Set
	suite *suite
	names map[string]bool
}

// load reads a test file; the error lists every mistake in it.
func load(name string, src []byte, set *policy.Set, tables []*table) (*suite, error) {
	f := diag.NewFile(name, src)
	l := &loader{file: f, model: set.Model(), set: set, names: map[string]bool{},
		suite: &suite{file: f, sessions: map[string]session.Session{}}}
	top := f.Mapping(f.Document(), "the test file", diag.Keys{
		"fixtures": diag.Optional, "sessions": diag.Optional, "cases": diag.Required,
	})
	for key, n := range l.pairs(top.Value("fixtures"), "fixtures") {
		if d := l.dataset(key); d != nil {
			for _, row := range f.List(n, "a dataset's fixtures") {
				l.fixture(row, d, tableOf(tables, d))
			}
		}
	}
	for key, n := range l.pairs(top.Value("sessions"), "sessions") {
		l.session(key, n)
	}
	for _, n := range top.List("cases") {
		l.testCase(n)
	}
	if n := top.Value("cases"); n != nil && n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		f.ReportNode(n, "there are no cases")
	}
	return l.suite, f.Err()
}

// pairs gives the keys and values of a mapping whose keys are names.
func (l *loader) pairs(n *yaml.Node, what string) func(yield func(k, v *yaml.Node) bool) {
	if n == nil || n.Kind == yaml.AliasNode {
		return func(func(k, v *yaml.Node) bool) {}
	}
	if n.Kind != yaml.MappingNode {
		l.file.ReportNode(n, "%s must be a mapping", what)
		return func(func(k, v *yaml.Node) bool) {}
	}
	return diag.Pairs(n)
}

func (l *loader) dataset(n *yaml.Node) *semantic.Dataset {
	d, ok := l.model.Dataset(n.Value)
	if !ok {
		var names []string
		for d := range l.model.Datasets() {
			names = append(names, d.Name)
		}
		l.file.ReportNode(n, "the model has no dataset %q", n.Value).Hint = diag.DidYouMean(n.Value, names)
	}
	return d
}

func (l *loader) fixture(n *yaml.Node, d *semantic.Dataset, t *table) {
	row := fixture{node: n, dataset: d, values: map[string]any{}}
	for key, value := range l.pairs(n, "a row") {
		c, ok := l.column(key, d, t)
		if !ok {
			continue
		}
		if _, twice := row.values[c.name]; twice {
			l.file.ReportNode(key, "the column %q of field %q has a value already", c.name, key.Value)
			continue
		}
		v, err := physical(value, c.datatype)
		if err != nil {
			l.file.ReportNode(value, "%q %v", key.Value, err)
		}
		row.values[c.name] = v
	}
	l.suite.fixtures = append(l.suite.fixtures, row)
}

// column finds the physical column that a key of a row means: a field that is
// just a column, or a column that no field shows.
func (l *loader) column(key *yaml.Node, d *semantic.Dataset, t *table) (column, bool) {
	if f, ok := d.Field(key.Value); ok {
		if name, plain := f.Column(dialectName); plain {
			return t.column(name)
		}
		l.file.ReportNode(key, "field %q is an expression: the database computes it", f.Name).
			WithHint("give the columns that it reads")
		return column{}, false
	}
	if c, ok := t.column(key.Value); ok && !shown(d, c.name) {
		return c, true
	}
	l.file.ReportNode(key, "dataset %q has no field %q", d.Name, key.Value).Hint = diag.DidYouMean(key.Value, fieldNames(d))
	return column{}, false
}

// shown tells a physical column that a field of its dataset shows.
func shown(d *semantic.Dataset, name string) bool {
	return slices.ContainsFunc(d.Fields, func(f *semantic.Field) bool {
		c, ok := f.Column(dialectName)
		return ok && c == name
	})
}

func fieldNames(d *semantic.Dataset) []string {
	var names []string
	for _, f := range d.Fields {
		names = append(names, f.Name)
	}
	return names
}
