package policytest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/semantic"
)

// dialectName is SQLite's, for the model's expressions.
const dialectName = "sqlite"

// table is a physical table: all that the model says of the columns of its
// datasets.
type table struct {
	source  []string
	columns []column
	unique  [][]string
}

type column struct {
	name     string
	datatype semantic.Datatype
}

// tablesOf lists the physical tables behind a model.
func tablesOf(m *semantic.Model) ([]*table, error) {
	var tables []*table
	for d := range m.Datasets() {
		if len(d.Source) > 2 {
			return nil, fmt.Errorf("dataset %q: SQLite has no sources of %d parts", d.Name, len(d.Source))
		}
		t := tableOf(tables, d)
		if t == nil {
			t = &table{source: d.Source}
			tables = append(tables, t)
		}
		if err := t.add(d); err != nil {
			return nil, err
		}
	}
	for r := range m.Relationships() {
		from, to := tableOf(tables, r.From), tableOf(tables, r.To)
		for i := range r.FromColumns {
			from.addColumn(r.FromColumns[i], semantic.Unknown)
			to.addColumn(r.ToColumns[i], semantic.Unknown)
		}
		to.unique = append(to.unique, r.ToColumns)
	}
	return tables, nil
}

// tableOf finds a dataset's table, nil when there is none yet.
func tableOf(tables []*table, d *semantic.Dataset) *table {
	for _, t := range tables {
		if semantic.Fold(strings.Join(t.source, "\x00")) == semantic.Fold(strings.Join(d.Source, "\x00")) {
			return t
		}
	}
	return nil
}

// add notes a dataset's columns: those that are fields first, for their datatypes.
func (t *table) add(d *semantic.Dataset) error {
	for _, f := range d.Fields {
		if name, ok := f.Column(dialectName); ok {
			t.addColumn(name, f.Datatype)
		}
	}
	for _, f := range d.Fields {
		e, err := f.Expr(dialectName)
		if err != nil {
			return err
		}
		ast.Walk(e, func(x ast.Expr) bool {
			if c, ok := x.(*ast.Column); ok {
				t.addColumn(c.Name, semantic.Unknown)
			}
			return true
		})
	}
	if len(d.PrimaryKey) > 0 {
		t.unique = append(t.unique, d.PrimaryKey)
	}
	t.unique = append(t.unique, d.UniqueKeys...)
	for _, key := range t.unique {
		for _, name := range key {
			t.addColumn(name, semantic.Unknown)
		}
	}
	return nil
}

func (t *table) addColumn(name string, datatype semantic.Datatype) {
	if _, ok := t.column(name); !ok {
		t.columns = append(t.columns, column{name, datatype})
	}
}

func (t *table) column(name string) (column, bool) {
	i := slices.IndexFunc(t.columns, func(c column) bool { return semantic.Fold(c.name) == semantic.Fold(name) })
	if i < 0 {
		return column{}, false
	}
	return t.columns[i], true
}

// rowNumber is a column of our own, in which rows have their order.
const rowNumber = "@row"

// create is the statement that creates the table.
func (t *table) create() string {
	defs := []string{quote(rowNumber) + " INTEGER PRIMARY KEY"}
	for _, c := range t.columns {
		defs = append(defs, quote(c.name)+" "+affinity(c.datatype))
	}
	for _, key := range t.unique {
		defs = append(defs, "UNIQUE ("+quoteAll(key, ", ")+")")
	}
	return "CREATE TABLE " + quoteAll(t.source, ".") + " (" + strings.Join(defs, ", ") + ")"
}

// affinity is the type of a column: none of those that the driver converts by
// itself, as it does with dates and booleans.
func affinity(t semantic.Datatype) string {
	switch t {
	case semantic.Integer, semantic.Boolean:
		return "INTEGER"
	case semantic.Decimal, semantic.Float:
		return "REAL"
	case semantic.Unknown, semantic.Opaque:
		return ""
	default:
		return "TEXT"
	}
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func quoteAll(names []string, separator string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = quote(n)
	}
	return strings.Join(quoted, separator)
}
