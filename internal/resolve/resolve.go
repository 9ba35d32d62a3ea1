// Package resolve binds every name of a logical query: tables to the datasets
// that the session may see or to CTEs in scope, columns to exactly one
// relation. It scopes names as MySQL does, expands stars, NATURAL and USING,
// gives every relation and CTE a name that is unique in the statement, and
// leaves a hole for each occurrence of a dataset, which internal/secure fills.
//
// What doesn't resolve to exactly one thing is refused: the database is never
// left to guess.
package resolve

import (
	"slices"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/semantic"
)

// Catalog is the semantic model as one session sees it.
type Catalog interface {
	// Dataset gives the dataset of a name, or an error that refuses the query.
	// A dataset that is hidden and one that doesn't exist must give the same error.
	Dataset(name string, pos ast.Pos) (*Dataset, error)
	// Reserved says whether a folded name is an unqualified physical table name,
	// which no CTE may bear.
	Reserved(folded string) bool
}

// Dataset is a dataset with the fields that the session may see. It is
// immutable once made.
type Dataset struct {
	Name   string
	Fields []Field
	// Hidden names the fields that the session may not see, for audit logs.
	Hidden []string
	// Decided is what the Catalog keeps with the dataset.
	Decided any
	// Key holds the indices of fields that together are never NULL and never the
	// same in two rows; it is empty where none are known.
	Key   []int
	index map[string]int
	// columns are what every occurrence of the dataset shows.
	columns []column
}

// With gives the same dataset with what the Catalog keeps with it.
func (d *Dataset) With(decided any) *Dataset {
	out := *d
	out.Decided = decided
	return &out
}

// hides reports whether a folded name is that of a hidden field.
func (d *Dataset) hides(folded string) bool {
	return slices.ContainsFunc(d.Hidden, func(name string) bool { return semantic.Fold(name) == folded })
}

// Field is a visible field. Printed is its column's name in the derived table
// that stands for the dataset; NewDataset sets it.
type Field struct {
	Name    string
	Printed string
	Type    ast.Type
}

// NewDataset makes a Dataset; the fields' names must differ after folding.
func NewDataset(name string, fields []Field) *Dataset {
	d := &Dataset{Name: name, Fields: make([]Field, len(fields)), index: make(map[string]int, len(fields))}
	cols := make([]column, len(fields))
	for i, f := range fields {
		cols[i] = column{name: f.Name, typ: f.Type}
		d.index[semantic.Fold(f.Name)] = i
	}
	printedNames(cols)
	d.columns = cols
	for i, f := range fields {
		d.Fields[i] = Field{Name: f.Name, Printed: cols[i].printed, Type: f.Type}
	}
	return d
}

// Bound is a query whose names are resolved.
type Bound struct {
	Query *ast.Query
	// Columns are the output columns.
	Columns []Column
	// Occurrences are the places where a dataset is read, in source order. Their
	// derived tables are empty until internal/secure fills them.
	Occurrences []*Occurrence
	// Loose is why databases that choose no values for groups refuse the query; nil
	// if there is nothing to choose.
	Loose *fault.Error
	// Correlated is why databases whose derived tables see no columns of the queries
	// around refuse the query; nil if it has no such table.
	Correlated *fault.Error
	// Relations are what ast.Column.Rel counts: for each, the index of the dataset
	// occurrence that it is, or -1.
	Relations []int
}

// Column is an output column: its logical name and its type.
type Column struct {
	Name string
	Type ast.Type
}

// Occurrence is one place where the query reads a dataset.
type Occurrence struct {
	Pos     ast.Pos
	Dataset *Dataset
	// Alias is the name by which the caller refers to it, and Name the printed one.
	Alias string
	Name  string
	// Hole is the body of the derived table that stands for the dataset.
	Hole *ast.Query
	used []bool
	uses int
}

// Used says whether the query uses field i of the dataset.
func (o *Occurrence) Used(i int) bool { return o.used[i] }

// Uses is the number of fields that the query uses.
func (o *Occurrence) Uses() int { return o.uses }

// Resolve binds the names of a query against what a session may see. A query
// that stands for more than the given number of nodes is refused as over a limit.
func Resolve(q *ast.Query, catalog Catalog, nodes int) (*Bound, error) {
	made := &struct { // with room for what most queries have
		bound       Bound
		relations   [4]int
		ours        [4]*relation
		occurrences [4]*Occurrence
	}{}
	b := &made.bound
	b.Relations, b.Occurrences = made.relations[:0], made.occurrences[:0]
	r := &resolver{catalog: catalog, names: newNamer(), bound: b, relations: made.ours[:0], budget: budget{most: nodes}}
	out, columns := r.query(q, nil, nil, true)
	if r.err != nil {
		return nil, r.err
	}
	r.bound.Query = out
	r.bound.Columns = make([]Column, len(columns))
	for i, c := range columns {
		r.bound.Columns[i] = Column{Name: c.name, Type: c.typ}
	}
	return r.bound, nil
}

// resolver holds the state of one resolution. The first error sticks; whatever
// is built after it is thrown away.
type resolver struct {
	catalog Catalog
	names   namer
	bound   *Bound
	// relations are those of the bound query, by id.
	relations []*relation
	budget    budget
	slabs     slabs
	err       error
}

// slabs are where the commonest nodes are made.
type slabs struct {
	columns  ast.Slab[ast.Column]
	compares ast.Slab[ast.Compare]
	binaries ast.Slab[ast.Binary]
	calls    ast.Slab[ast.Call]
	exprs    ast.Slab[ast.Expr]
}

func (r *resolver) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *resolver) refuse(kind fault.Kind, pos ast.Pos, format string, args ...any) *fault.Error {
	e := fault.New(kind, pos, format, args...)
	r.fail(e)
	return e
}
