// Package warehouse makes the data that the tests of this module ask about: a
// wholesale business in the spirit of the TPC-H benchmark, which several
// tenants share. Keys repeat from tenant to tenant and the tenants' names
// differ only in case and accents, so a row that leaks changes answers.
package warehouse

import (
	_ "embed"
)

// Model and Policies are the model of the shared tables and who sees what.
var (
	//go:embed model.yaml
	Model []byte
	//go:embed policy.yaml
	Policies []byte
)

// Tenants are the tenants, in the order in which their rows are made.
func Tenants() []string { return []string{"acme", "ACME", "ácme"} }

// Table is a table with its rows: values are nil, int, float64, bool, string or
// [Decimal]. Dates and times are strings, and so may any other value be that SQL
// text can give.
type Table struct {
	Name    string
	Columns []Column
	Rows    [][]any
}

// Column is a column of a table.
type Column struct {
	Name string
	Type Type
}

// Type is the type of a column; every database has its own word for it.
type Type uint8

// The types of columns.
const (
	Tenant Type = iota + 1 // a string that is part of every key
	Integer
	Money // a decimal with two digits after the point
	Boolean
	Text
	Date
	DateTime
	Long   // an integer of 64 bits
	Number // a decimal with four digits after the point
	Float
	Time
	Instant // a point in time, which a connection shows in its zone
)

// Decimal is a number of hundredths.
type Decimal int64

// Index is the position of a column, or -1.
func (t *Table) Index(column string) int {
	for i, c := range t.Columns {
		if c.Name == column {
			return i
		}
	}
	return -1
}

func (t *Table) add(row ...any) { t.Rows = append(t.Rows, row) }

// Viewer is somebody who asks: the properties of a session, and what of the
// shared tables that session may see, written without Hedgerow.
type Viewer struct {
	Name       string
	Properties map[string]any
	// see tells whether a row may be seen; the tenant was looked at before.
	see func(table string, value func(column string) any) bool
	// mask gives what is seen in place of a value.
	mask func(table, column string, value any) any
}

// Viewers are a lead, who sees all rows of a tenant, and a clerk of another,
// who sees some customers and orders, and no telephone numbers.
func Viewers() []Viewer {
	return []Viewer{
		{
			Name:       "lead",
			Properties: map[string]any{"tenant": "acme", "role": "lead"},
			see:        func(string, func(string) any) bool { return true },
			mask:       func(_, _ string, v any) any { return v },
		},
		{
			Name:       "clerk",
			Properties: map[string]any{"tenant": "ACME", "segments": []string{"BUILDING", "MACHINERY", "FURNITURE"}},
			see: func(table string, value func(string) any) bool {
				switch table {
				case "wh_customers":
					s := value("segment")
					return s == "BUILDING" || s == "MACHINERY" || s == "FURNITURE"
				case "wh_orders":
					p := value("priority")
					return p != nil && p != "1-URGENT"
				}
				return true
			},
			mask: func(table, column string, v any) any {
				if table == "wh_customers" && column == "phone" {
					return "***"
				}
				return v
			},
		},
	}
}

// Copy gives the tables that hold only what the viewer may see.
func (v Viewer) Copy(tables []*Table) []*Table {
	out := make([]*Table, len(tables))
	for i, t := range tables {
		own := &Table{Name: t.Name, Columns: t.Columns}
		for _, row := range t.Rows {
			if v.sees(t, row) {
				own.add(v.masked(t, row)...)
			}
		}
		out[i] = own
	}
	return out
}

func (v Viewer) sees(t *Table, row []any) bool {
	if i := t.Index("tenant"); i >= 0 && row[i] != v.Properties["tenant"] {
		return false
	}
	return v.see(t.Name, func(column string) any { return row[t.Index(column)] })
}

func (v Viewer) masked(t *Table, row []any) []any {
	out := make([]any, len(row))
	for i, value := range row {
		out[i] = v.mask(t.Name, t.Columns[i].Name, value)
	}
	return out
}
