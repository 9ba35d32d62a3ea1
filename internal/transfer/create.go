package transfer

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/hedgerow/hedgerow/semantic"
)

// prepare makes the table of marks and, if wanted, the missing tables of
// datasets, and checks that each has the columns that are copied.
func (t *target) prepare(ctx context.Context, from *snapshot) error {
	k := t.kind
	_, err := t.conn.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS "+marks+" (target_table "+longKey(k)+" NOT NULL PRIMARY KEY, "+
		"promotion "+k.keyString+" NOT NULL, run "+k.keyString+" NOT NULL, "+
		"row_count "+k.types[semantic.Integer]+" NOT NULL, checksum "+k.keyString+" NOT NULL)"+k.tableOptions)
	if err != nil {
		return databaseError("", "creating the table "+marks, err)
	}
	var problems []Problem
	for _, d := range t.plan.datasets {
		found, err := t.table(ctx, d, from)
		if err != nil {
			return err
		}
		problems = append(problems, found...)
	}
	if len(problems) > 0 {
		return &PlanError{problems}
	}
	return nil
}

// table sees to it that a dataset has a table with its columns.
func (t *target) table(ctx context.Context, d *dataset, from *snapshot) ([]Problem, error) {
	if t.fits(ctx, d) {
		return nil, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, databaseError(d.name, "preparing its table", err)
	}
	if t.plan.create {
		if untyped := t.untyped(d); len(untyped) > 0 {
			return untyped, nil
		}
		if err := t.create(ctx, d, from); err != nil {
			return nil, err
		}
		if t.fits(ctx, d) {
			return nil, nil
		}
	}
	return []Problem{{Dataset: d.name, Err: reason(ErrTable, "its table is missing, or lacks a column of a field")}}, nil
}

// longKey is a string that holds the longest name of a table: on MySQL, two
// parts of 64 characters, which may all be doubled quotes.
func longKey(k *kind) string { return strings.Replace(k.keyString, "(255)", "(400)", 1) }

// fits tells whether there is a table with the columns.
func (t *target) fits(ctx context.Context, d *dataset) bool {
	rows, err := t.conn.QueryContext(ctx, d.selection()+" WHERE 1 = 0")
	if err != nil {
		return false
	}
	defer rows.Close()
	rows.Next() // there is none, but some drivers tell of an error only now
	return rows.Err() == nil
}

// create makes a dataset's table with its indexes, unless there is one.
func (t *target) create(ctx context.Context, d *dataset, from *snapshot) error {
	statements, err := t.ddl(ctx, d, from)
	if err != nil {
		return err
	}
	err = t.transaction(ctx, func(tx *sql.Tx) error {
		for _, s := range statements {
			if _, err := tx.ExecContext(ctx, s); err != nil {
				return err
			}
		}
		return nil
	})
	return databaseError(d.name, "creating its table", err)
}

func (t *target) ddl(ctx context.Context, d *dataset, from *snapshot) ([]string, error) {
	types, err := from.types(ctx, d)
	if err != nil {
		return nil, err
	}
	var inside []string
	for i, c := range d.columns {
		inside = append(inside, c.quoted+" "+t.columnType(d, c, types[i]))
	}
	if len(d.model.PrimaryKey) > 0 {
		inside = append(inside, "PRIMARY KEY ("+d.quoted(d.model.PrimaryKey)+")")
	}
	for _, key := range d.keys {
		inside = append(inside, "UNIQUE ("+d.quoted(key)+")")
	}
	var outside []string
	for _, columns := range d.newIndexes() {
		if t.kind.indexesInside {
			inside = append(inside, "INDEX ("+d.quoted(columns)+")")
			continue
		}
		outside = append(outside, t.index(d, columns))
	}
	table := "CREATE TABLE IF NOT EXISTS " + d.table + " (" + strings.Join(inside, ", ") + ")" + t.kind.tableOptions
	return append([]string{table}, outside...), nil
}

// untyped are the columns whose datatypes don't say what type they have.
func (t *target) untyped(d *dataset) []Problem {
	var out []Problem
	for _, c := range d.columns {
		if _, ok := t.kind.types[c.datatype]; !ok {
			out = append(out, Problem{d.name, c.field, reason(ErrTable,
				"its table is missing, and the datatype %s doesn't say what type the column has; create the table", datatype(c.datatype))})
		}
	}
	return out
}

// columnType is the type of a new column.
func (t *target) columnType(d *dataset, c column, source *sql.ColumnType) string {
	typ := t.kind.types[c.datatype]
	switch {
	case c.datatype == semantic.Decimal:
		typ = t.kind.decimal(source.DecimalSize())
	case c.datatype == semantic.String && d.isKey(c):
		typ = t.kind.keyString
	}
	if c.key {
		typ += " NOT NULL"
	}
	return typ
}

// isKey tells whether a key or an index holds a column.
func (d *dataset) isKey(c column) bool {
	for _, columns := range slices.Concat([][]string{d.model.PrimaryKey}, d.keys, d.indexes) {
		if contains(columns, c.physical) {
			return true
		}
	}
	return false
}

// newIndexes are the indexes that no key makes.
func (d *dataset) newIndexes() [][]string {
	have := slices.Concat([][]string{d.model.PrimaryKey}, d.keys)
	var out [][]string
	for _, columns := range d.indexes {
		if !slices.ContainsFunc(have, func(key []string) bool { return slices.Equal(key, columns) }) {
			out = append(out, columns)
			have = append(have, columns)
		}
	}
	return out
}

// quoted writes a list of physical columns.
func (d *dataset) quoted(columns []string) string {
	names := make([]string, len(columns))
	for i, name := range columns {
		c, _ := d.column(name) // there is one, by the plan
		names[i] = c.quoted
	}
	return strings.Join(names, ", ")
}

// index makes an index in the schema of its table, under a name made of what it
// is on.
func (t *target) index(d *dataset, columns []string) string {
	sum := sha256.Sum256([]byte(d.table + " " + d.quoted(columns)))
	name := "hedgerow_" + hex.EncodeToString(sum[:8])
	table := d.table
	if source := d.model.Source; t.kind.indexSchema && len(source) > 1 {
		schema, _ := t.kind.Table(source[0])
		table, _ = t.kind.Table(source[1])
		name = schema + "." + name
	}
	return fmt.Sprintf("CREATE INDEX IF NOT EXISTS %s ON %s (%s)", name, table, d.quoted(columns))
}
