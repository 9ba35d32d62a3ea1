package policytest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/hedgerow/hedgerow/internal/diag"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

// session reads the properties of one session.
func (l *loader) session(key, n *yaml.Node) {
	values := map[string]any{}
	places := map[string]*yaml.Node{} // of the properties; nil for what is reported already
	for name, value := range l.pairs(n, "a session") {
		p, ok := l.set.Schema().Property(name.Value)
		if !ok {
			l.file.ReportNode(name, "the session schema has no property %q", name.Value).
				Hint = diag.DidYouMean(name.Value, l.properties())
			continue
		}
		v, err := property(value, p.Type)
		if err != nil {
			l.file.ReportNode(value, "%q %v", name.Value, err)
			places[name.Value] = nil
			continue
		}
		values[name.Value], places[name.Value] = v, value
	}
	s, err := l.set.Schema().New(values)
	for _, e := range joined(err) {
		place := key
		var problem *session.Error
		if errors.As(e, &problem) {
			if at, given := places[problem.Property]; given {
				place = at
			}
		}
		if place != nil && n.Kind == yaml.MappingNode {
			l.file.ReportNode(place, "%v", e)
		}
	}
	l.suite.sessions[key.Value] = s
}

func (l *loader) properties() []string {
	var names []string
	for p := range l.set.Schema().Properties() {
		names = append(names, p.Name)
	}
	return names
}

func joined(err error) []error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		return many.Unwrap()
	}
	if err == nil {
		return nil
	}
	return []error{err}
}

// testCase reads one case.
func (l *loader) testCase(n *yaml.Node) {
	m := l.file.Mapping(n, "a case", diag.Keys{
		"name": diag.Required, "session": diag.Optional, "dataset": diag.Optional, "key": diag.Optional,
		"query": diag.Optional, "args": diag.Optional, "rows": diag.Optional, "ordered": diag.Optional,
		"columns": diag.Optional, "sql": diag.Optional, "error": diag.Optional, "message": diag.Optional,
	})
	c := testCase{
		node: n, name: m.String("name"), query: m.String("query"), message: m.String("message"),
		sql: m.String("sql"), sqlNode: m.Value("sql"), columnsNode: m.Value("columns"),
		err: m.String("error"), errNode: m.Value("error"),
	}
	c.ordered, _ = m.Bool("ordered")
	c.columns, _ = m.Strings("columns")
	l.caseName(m, c.name)
	l.caseSession(m, &c)
	if v := m.Value("dataset"); v != nil {
		if _, ok := l.file.String(v, `"dataset"`); ok {
			c.dataset = l.dataset(v)
		}
	}
	for _, v := range m.List("args") {
		arg, err := scalar(v)
		if err != nil {
			l.file.ReportNode(v, "an argument %v", err)
		}
		c.args = append(c.args, arg)
	}
	l.consistent(m, &c)
	if v := m.Value("rows"); v != nil {
		c.rows = l.expected(v, m, &c)
	}
	l.suite.cases = append(l.suite.cases, c)
}

func (l *loader) caseName(m *diag.Mapping, name string) {
	if n := m.Value("name"); n != nil && l.names[name] {
		l.file.ReportNode(n, "two cases are named %q", name)
	}
	l.names[name] = true
}

func (l *loader) caseSession(m *diag.Mapping, c *testCase) {
	n := m.Value("session")
	if n == nil {
		return
	}
	name, ok := l.file.String(n, `"session"`)
	if !ok {
		return
	}
	c.sessionName = name
	if c.session, ok = l.suite.sessions[name]; !ok {
		l.file.ReportNode(n, "there is no session %q", name).
			Hint = diag.DidYouMean(name, slices.Sorted(maps.Keys(l.suite.sessions)))
	}
}

// consistent reports keys that don't go together.
func (l *loader) consistent(m *diag.Mapping, c *testCase) {
	if m.Node.Kind != yaml.MappingNode {
		return
	}
	dataset, query := m.Value("dataset") != nil, m.Value("query") != nil
	if dataset == query {
		l.file.ReportNode(m.Node, "a case needs a dataset or a query, and not both")
	}
	for key, must := range map[string]bool{"key": dataset, "args": query} {
		if n := m.Key(key); n != nil && !must {
			l.file.ReportNode(n, "%q doesn't belong here", key)
		}
	}
	answer := m.Value("rows") != nil || m.Value("columns") != nil || m.Value("sql") != nil
	switch {
	case !answer && c.errNode == nil:
		l.file.ReportNode(m.Node, "the case expects nothing").WithHint("give it rows, columns, sql or error")
	case answer && c.errNode != nil:
		l.file.ReportNode(m.Key("error"), "an error leaves no rows, columns or sql")
	case c.err != "" && !slices.Contains(errorWords(), c.err):
		p := l.file.ReportNode(c.errNode, "unknown error %q", c.err)
		if p.Hint = diag.DidYouMean(c.err, errorWords()); p.Hint == "" {
			p.Hint = "the errors are " + strings.Join(errorWords(), ", ")
		}
	case c.message != "" && c.errNode == nil:
		l.file.ReportNode(m.Key("message"), "message goes with error")
	}
}

// sentinels gives the errors of package rls by their words in test files, a
// special one before those that it matches too.
var sentinels = []struct {
	word string
	err  error
}{
	{"no_session", rls.ErrNoSession}, {"syntax", rls.ErrSyntax}, {"unsupported", rls.ErrUnsupported},
	{"limit", rls.ErrLimit}, {"unknown_name", rls.ErrUnknownName}, {"denied", rls.ErrDenied},
}

func errorWords() []string {
	var words []string
	for _, s := range sentinels {
		words = append(words, s.word)
	}
	return words
}

// matches tells whether an error is what a word says. A name that the session
// may not know is denied as well as unknown, as in package rls.
func matches(err error, word string) bool {
	for _, s := range sentinels {
		if s.word == word {
			return errors.Is(err, s.err)
		}
	}
	return false
}

// errorWord is the word of an error of package rls.
func errorWord(err error) string {
	for _, s := range sentinels {
		if errors.Is(err, s.err) {
			return s.word
		}
	}
	return "other"
}

// expected reads the rows that a case expects: all are mappings, or none is.
func (l *loader) expected(n *yaml.Node, m *diag.Mapping, c *testCase) *expected {
	e := &expected{node: n}
	items := l.file.List(n, `"rows"`)
	switch {
	case len(items) > 0 && items[0].Kind == yaml.MappingNode:
		l.namedRows(e, items, c.dataset)
	case c.dataset != nil:
		c.key = l.keyField(n, m, c.dataset)
		for _, item := range items {
			e.rows = append(e.rows, []any{l.cell(item)})
		}
	default:
		for _, item := range items {
			e.rows = append(e.rows, l.listRow(item))
		}
	}
	return e
}

// keyField is the field by which a case names rows of a dataset.
func (l *loader) keyField(n *yaml.Node, m *diag.Mapping, d *semantic.Dataset) *semantic.Field {
	if v := m.Value("key"); v != nil {
		f, ok := d.Field(v.Value)
		if !ok {
			l.file.ReportNode(v, "dataset %q has no field %q", d.Name, v.Value).Hint = diag.DidYouMean(v.Value, fieldNames(d))
		}
		return f
	}
	for _, f := range d.Fields {
		if c, ok := f.Column(dialectName); ok && len(d.PrimaryKey) == 1 && d.PrimaryKey[0] == c {
			return f
		}
	}
	if n.Kind == yaml.SequenceNode && len(n.Content) > 0 {
		l.file.ReportNode(n, "dataset %q has no primary key of one field", d.Name).
			WithHint("say by key which field names its rows, or write the rows as mappings")
	}
	return nil
}

func (l *loader) namedRows(e *expected, items []*yaml.Node, d *semantic.Dataset) {
	for _, item := range items {
		values := map[string]any{}
		for key, value := range l.pairs(item, "a row") {
			if d != nil {
				if _, ok := d.Field(key.Value); !ok {
					l.file.ReportNode(key, "dataset %q has no field %q", d.Name, key.Value).Hint = diag.DidYouMean(key.Value, fieldNames(d))
				}
			}
			if !slices.Contains(e.names, key.Value) {
				if len(e.rows) > 0 {
					l.file.ReportNode(key, "the first row has no %q", key.Value).WithHint("give every row the same keys")
				}
				e.names = append(e.names, key.Value)
			}
			values[key.Value] = l.cell(value)
		}
		row := make([]any, len(e.names))
		for i, name := range e.names {
			v, ok := values[name]
			if !ok && item.Kind == yaml.MappingNode {
				l.file.ReportNode(item, "this row has no %q", name).WithHint("give every row the same keys")
			}
			row[i] = v
		}
		e.rows = append(e.rows, row)
	}
}

func (l *loader) listRow(n *yaml.Node) []any {
	if n.Kind != yaml.SequenceNode {
		return []any{l.cell(n)}
	}
	row := []any{}
	for _, item := range n.Content {
		row = append(row, l.cell(item))
	}
	return row
}

func (l *loader) cell(n *yaml.Node) any {
	v, err := scalar(n)
	if err != nil {
		l.file.ReportNode(n, "a value %v", err)
	}
	return v
}

func (c *testCase) String() string {
	who := "session " + c.sessionName
	if c.sessionName == "" {
		who = "no session"
	}
	if c.dataset != nil {
		return fmt.Sprintf("%s, dataset %s", who, c.dataset.Name)
	}
	return fmt.Sprintf("%s, %s", who, strings.Join(strings.Fields(c.query), " "))
}
