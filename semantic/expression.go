package semantic

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/diag"
	"github.com/hedgerow/hedgerow/internal/fault"
)

// Expression is the text of a field or metric in one dialect of the Ossie core
// specification.
type Expression struct {
	Dialect string // as ANSI_SQL
	Text    string

	expr    ast.Expr
	column  string        // set when the expression is just a column
	problem *diag.Problem // why expr is nil
}

// Field expressions stand in `SELECT … FROM source AS t`.
const tableAlias = "t"

// Expr gives the field's expression for a target database, named as in
// "sqlite" or "snowflake" without regard to case: that of the target's own
// dialect if the file has one, else the ANSI_SQL one. Each physical column in it
// is an ast.Column of table "t" with Rel -1; positions are 0. It is an error,
// with the place in the model's file, when there is no such entry or when the
// entry in the target's own dialect isn't understood.
func (f *Field) Expr(dialect string) (ast.Expr, error) {
	return choose(f.Expressions, dialect, "field", f.Name)
}

// Column gives the physical column when Expr is just that.
func (f *Field) Column(dialect string) (string, bool) {
	e := find(f.Expressions, dialect)
	if e == nil || e.column == "" {
		return "", false
	}
	return e.column, true
}

// Expr gives the metric's expression for a target database, chosen as for
// [Field.Expr]. Each name in it is an ast.Name of a dataset and a field, spelt
// as they are declared; positions are 0.
func (m *Metric) Expr(dialect string) (ast.Expr, error) {
	return choose(m.Expressions, dialect, "metric", m.Name)
}

func choose(entries []Expression, dialect, what, name string) (ast.Expr, error) {
	e := find(entries, dialect)
	switch {
	case e == nil:
		return nil, fmt.Errorf("the %s %q has no expression for %q; add one in the dialect %s", what, name, dialect, ansi)
	case e.problem != nil:
		return nil, e.problem
	default:
		return e.expr, nil
	}
}

// find gives the entry in the target's own dialect, else the ANSI_SQL one, else
// nil. Entries that are kept as text only don't count.
func find(entries []Expression, dialect string) *Expression {
	var general *Expression
	for i := range entries {
		e := &entries[i]
		switch {
		case syntaxOf(e.Dialect) == textOnly:
		case Fold(e.Dialect) == Fold(dialect):
			return e
		case e.Dialect == ansi:
			general = e
		}
	}
	return general
}

const ansi = "ANSI_SQL"

// dialects are those of the Ossie core specification.
func dialects() []string {
	return []string{ansi, "SNOWFLAKE", "MDX", "TABLEAU", "DATABRICKS", "MAQL", "BIGQUERY"}
}

// syntax is how far expressions of a dialect are understood.
type syntax uint8

const (
	textOnly  syntax = iota // no SQL: never parsed
	ansiSQL                 // double quotes quote identifiers
	backticks               // backticks quote identifiers, double quotes strings
)

func syntaxOf(dialect string) syntax {
	switch dialect {
	case ansi, "SNOWFLAKE":
		return ansiSQL
	case "BIGQUERY", "DATABRICKS":
		return backticks
	default:
		return textOnly
	}
}

// pending is an expression that is read but not bound to names yet.
type pending struct {
	entry *Expression
	node  *yaml.Node
}

// readExpressions reads the value of the key "expression". The expressions are
// parsed and checked against names later, when all names are known.
func (l *loader) readExpressions(node *yaml.Node) (entries []Expression, todo []pending) {
	m := l.file.Mapping(node, "an expression", diag.Keys{"dialects": diag.Required})
	list := m.List("dialects")
	if value := m.Value("dialects"); value != nil && value.Kind == yaml.SequenceNode && len(list) == 0 {
		l.file.ReportNode(value, `"dialects" must have at least one element`)
	}
	entries = make([]Expression, 0, len(list)) // never grows: pending points into it
	seen := map[string]bool{}
	for _, item := range list {
		em := l.file.Mapping(item, "an expression entry", diag.Keys{"dialect": diag.Required, "expression": diag.Required})
		dialect, known := l.enum(em, "dialect", dialects())
		text, ok := l.file.String(em.Value("expression"), `"expression"`)
		if !known || !ok {
			continue
		}
		if seen[dialect] {
			l.file.ReportNode(em.Value("dialect"), "a second expression in the dialect %s", dialect).WithHint("keep one")
			continue
		}
		seen[dialect] = true
		entries = append(entries, Expression{Dialect: dialect, Text: text})
		todo = append(todo, pending{&entries[len(entries)-1], em.Value("expression")})
	}
	return entries, todo
}

// enum reads a string that must be one of a few.
func (l *loader) enum(m *diag.Mapping, key string, values []string) (string, bool) {
	text, ok := l.file.String(m.Value(key), fmt.Sprintf("%q", key))
	if !ok {
		return "", false
	}
	for _, v := range values {
		if text == v {
			return v, true
		}
	}
	p := l.file.ReportNode(m.Value(key), "unknown %s %q", key, text)
	if p.Hint = diag.DidYouMean(text, values); p.Hint == "" {
		p.Hint = "write one of " + strings.Join(values, ", ")
	}
	return "", false
}

// parse gives an entry's expression, still to be bound; nil when there is none.
func (l *loader) parse(p pending) ast.Expr {
	kind := syntaxOf(p.entry.Dialect)
	if kind == textOnly {
		return nil
	}
	if name, ok := oneIdentifier(p.entry.Text, kind); ok {
		return &ast.Name{Pos: 1 + leadingSpace(p.entry.Text), Parts: []string{name}}
	}
	e, err := l.parser.ParseExpr(p.entry.Text, kind == ansiSQL)
	if err != nil {
		l.fail(p, err)
		return nil
	}
	return e
}

func leadingSpace(text string) int {
	return len(text) - len(strings.TrimLeftFunc(text, unicode.IsSpace))
}

// fail notes why an entry can't be used. Only ANSI_SQL, which every target
// falls back to, must be right at load; the dialects of single databases are
// understood as far as they look like it.
func (l *loader) fail(p pending, err error) {
	line, col := p.node.Line, p.node.Column
	problem := l.file.At(line, col, "%v", err)
	var f *fault.Error
	if errors.As(err, &f) {
		if f.Pos > 0 {
			line, col = l.file.InScalar(p.node, f.Pos-1)
		}
		problem = l.file.At(line, col, "%s", f.Msg)
		problem.Hint = f.Hint
	}
	if p.entry.problem == nil {
		p.entry.problem = problem
	}
	if p.entry.Dialect == ansi {
		l.file.Add(problem)
	}
}

// oneIdentifier tells whether a text is a single identifier, bare or quoted.
// It is a column then, whatever keyword it may be.
func oneIdentifier(text string, kind syntax) (string, bool) {
	text = strings.TrimSpace(text)
	quote := byte('"')
	if kind == backticks {
		quote = '`'
	}
	if text != "" && text[0] == quote {
		name, size := quotedIdentifier(text, quote)
		return name, size == len(text)
	}
	for i, r := range text {
		letter := r == '_' || unicode.IsLetter(r)
		if !letter && (i == 0 || r != '$' && !unicode.IsDigit(r)) {
			return "", false
		}
	}
	return text, text != ""
}
