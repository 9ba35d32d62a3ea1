package policytest

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"

	_ "modernc.org/sqlite" // the database that the cases run on

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/dialect"
	"github.com/hedgerow/hedgerow/internal/rules"
	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/semantic"
)

// world is the fixtures of one file, on SQLite and in memory.
type world struct {
	db     *sql.DB
	tables []*table
	rows   map[*semantic.Dataset][]*row
	// hops are the steps that the policies take, and reach how many of them a
	// row may be nested.
	hops   []rules.Hop
	reach  int
	tenant string // the field that steps equate, "" for none
}

// row is a row of a dataset: its fields, and the physical columns that
// relationships compare.
type row struct {
	fields  map[string]any
	columns map[string]any
}

// newWorld creates the tables and fills them.
func newWorld(s *suite, set *policy.Set, tables []*table, c *coverage) (*world, error) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // each connection would have a memory of its own
	w := &world{db: db, tables: tables, rows: map[*semantic.Dataset][]*row{}, hops: c.hops, reach: c.reach}
	if t, ok := set.Tenant(); ok {
		w.tenant = t.Field
	}
	if err := w.fill(s, set.Model()); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return w, nil
}

func (w *world) fill(s *suite, m *semantic.Model) error {
	attached := map[string]bool{"main": true, "temp": true}
	for _, t := range w.tables {
		if schema := semantic.Fold(t.source[0]); len(t.source) == 2 && !attached[schema] {
			attached[schema] = true
			if _, err := w.db.Exec("ATTACH ':memory:' AS " + quote(t.source[0])); err != nil {
				return err
			}
		}
		if _, err := w.db.Exec(t.create()); err != nil {
			return err
		}
	}
	for _, f := range s.fixtures {
		if err := w.insert(f); err != nil {
			s.file.ReportNode(f.node, "the database refuses this row: %v", err)
		}
	}
	if err := s.file.Err(); err != nil {
		return err
	}
	for d := range m.Datasets() {
		if err := w.read(d); err != nil {
			return fmt.Errorf("dataset %q: %w", d.Name, err)
		}
	}
	return nil
}

func (w *world) insert(f fixture) error {
	names, values := []string{rowNumber}, []any{nil}
	for _, c := range tableOf(w.tables, f.dataset).columns {
		if v, ok := f.values[c.name]; ok {
			names, values = append(names, c.name), append(values, v)
		}
	}
	_, err := w.db.Exec("INSERT INTO "+quoteAll(f.dataset.Source, ".")+" ("+quoteAll(names, ", ")+") VALUES ("+
		strings.TrimPrefix(strings.Repeat(", ?", len(names)), ", ")+")", values...)
	return err
}

// read lets the database compute every field of every row of a dataset.
func (w *world) read(d *semantic.Dataset) error {
	t := tableOf(w.tables, d)
	sel := &ast.Select{From: []ast.TableExpr{&ast.Physical{Parts: d.Source, Alias: "t"}}}
	item := func(e ast.Expr) {
		sel.Items = append(sel.Items, ast.SelectItem{Expr: e, Alias: fmt.Sprintf("c%d", len(sel.Items))})
	}
	for _, f := range d.Fields {
		e, err := f.Expr(dialectName)
		if err != nil {
			return err
		}
		item(e)
	}
	for _, c := range t.columns {
		item(&ast.Column{Table: "t", Name: c.name, Rel: -1})
	}
	text, _, err := dialect.SQLite.Print(&ast.Query{Body: sel,
		OrderBy: []ast.OrderItem{{Expr: &ast.Column{Table: "t", Name: rowNumber, Rel: -1}}}})
	if err != nil {
		return err
	}
	got, err := query(w.db, text)
	if err != nil {
		return err
	}
	for i, values := range got.rows {
		r := &row{fields: map[string]any{}, columns: map[string]any{}}
		for k, f := range d.Fields {
			if r.fields[f.Name], err = logical(values[k], f.Datatype); err != nil {
				return fmt.Errorf("row %d, field %q: %w", i+1, f.Name, err)
			}
		}
		for k, c := range t.columns {
			r.columns[semantic.Fold(c.name)] = values[len(d.Fields)+k]
		}
		w.rows[d] = append(w.rows[d], r)
	}
	return nil
}

// nested is a row as policy.Set.Visible takes it, with the rows that the
// policies reach along relationships.
func (w *world) nested(d *semantic.Dataset, r *row) map[string]any { return w.nest(d, r, w.reach) }

func (w *world) nest(d *semantic.Dataset, r *row, depth int) map[string]any {
	out := make(map[string]any, len(r.fields))
	for name, v := range r.fields {
		out[name] = v
	}
	if depth == 0 {
		return out
	}
	for _, h := range w.hops {
		if h.From != d {
			continue
		}
		found := []map[string]any{}
		for _, other := range w.rows[h.To] {
			if w.related(h, r, other) {
				found = append(found, w.nest(h.To, other, depth-1))
			}
		}
		switch {
		case h.ToMany:
			out[h.Name] = found
		case len(found) > 0:
			out[h.Name] = found[0]
		}
	}
	return out
}

// related tells whether a step leads from one row to another.
func (w *world) related(h rules.Hop, from, to *row) bool {
	for _, pair := range h.Columns {
		if !equal(from.columns[semantic.Fold(pair[0])], to.columns[semantic.Fold(pair[1])]) {
			return false
		}
	}
	a, okA := from.fields[w.tenant]
	b, okB := to.fields[w.tenant]
	return !okA || !okB || equal(a, b)
}

// equal is SQL's equality of two values; NULL equals nothing.
func equal(a, b any) bool {
	if a == nil || b == nil {
		return false
	}
	if x, ok := number(a); ok {
		a = x
	}
	if x, ok := number(b); ok {
		b = x
	}
	return a == b
}

// answer is the result of a query.
type answer struct {
	columns []string
	rows    [][]any
}

func query(db *sql.DB, text string, args ...any) (answer, error) {
	rows, err := db.Query(text, args...)
	if err != nil {
		return answer{}, err
	}
	defer rows.Close()
	var a answer
	if a.columns, err = rows.Columns(); err != nil {
		return a, err
	}
	for rows.Next() {
		values, targets := make([]any, len(a.columns)), make([]any, len(a.columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return a, err
		}
		a.rows = append(a.rows, values)
	}
	return a, rows.Err()
}
