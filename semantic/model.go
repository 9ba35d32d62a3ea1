// Package semantic holds the semantic model: the datasets that logical queries
// may name, the fields they show and the physical tables behind them. [Parse]
// loads a model from a file in the format of the Apache Ossie core
// specification, version 0.2, as YAML or JSON.
//
// The exported fields of a model are to be read, never changed: a model is
// shared by everything that was built from it, and is safe for concurrent use
// only because nobody writes.
package semantic

import (
	"crypto/sha256"
	"iter"
	"slices"
)

// Datatype is a logical datatype of the Ossie core specification. The zero
// value is Unknown: the file states none.
type Datatype string

// The datatypes. Decimal is exact, Float approximate; DateTime has no time
// zone, DateTimeTz is an instant; Opaque is a type outside this list.
const (
	Unknown    Datatype = ""
	String     Datatype = "String"
	Integer    Datatype = "Integer"
	Decimal    Datatype = "Decimal"
	Float      Datatype = "Float"
	Boolean    Datatype = "Boolean"
	Date       Datatype = "Date"
	Time       Datatype = "Time"
	DateTime   Datatype = "DateTime"
	DateTimeTz Datatype = "DateTimeTz"
	Opaque     Datatype = "Opaque"
)

func datatypes() []Datatype {
	return []Datatype{String, Integer, Decimal, Float, Boolean, Date, Time, DateTime, DateTimeTz, Opaque}
}

// Model is one semantic model. Read-only after Parse.
type Model struct {
	Name        string
	Description string
	AIContext   *AIContext // nil when there is none
	Extensions  []Extension

	datasets      []*Dataset
	datasetByName map[string]*Dataset // by folded name
	relationships []*Relationship
	metrics       []*Metric
	hash          [sha256.Size]byte
}

// Hash identifies the text that the model was loaded from.
func (m *Model) Hash() [sha256.Size]byte { return m.hash }

// Dataset finds a dataset by name; only ASCII case is folded.
func (m *Model) Dataset(name string) (*Dataset, bool) {
	d, ok := m.datasetByName[Fold(name)]
	return d, ok
}

// Datasets gives the datasets in the order of the file.
func (m *Model) Datasets() iter.Seq[*Dataset] { return slices.Values(m.datasets) }

// Relationships gives the relationships in the order of the file.
func (m *Model) Relationships() iter.Seq[*Relationship] { return slices.Values(m.relationships) }

// Metrics gives the metrics in the order of the file.
func (m *Model) Metrics() iter.Seq[*Metric] { return slices.Values(m.metrics) }

// Dataset maps a logical table to a physical one. Read-only after Parse.
type Dataset struct {
	Name string
	// Source is the physical table: one to three identifiers, unquoted.
	Source []string
	// PrimaryKey and UniqueKeys are physical columns.
	PrimaryKey  []string
	UniqueKeys  [][]string
	Description string
	Fields      []*Field
	AIContext   *AIContext // nil when there is none
	Extensions  []Extension

	fieldByName map[string]*Field // by folded name
}

// Field finds a field by name; only ASCII case is folded.
func (d *Dataset) Field(name string) (*Field, bool) {
	f, ok := d.fieldByName[Fold(name)]
	return f, ok
}

// Field is a column of a dataset, or a scalar expression over its physical
// columns. Read-only after Parse.
type Field struct {
	Name     string
	Datatype Datatype
	// IsTime marks a time dimension; when the file doesn't say, it is true for
	// Date, Time, DateTime and DateTimeTz.
	IsTime      bool
	Label       string
	Description string
	// Expressions are the entries of the file, one for each dialect.
	Expressions []Expression
	AIContext   *AIContext // nil when there is none
	Extensions  []Extension
}

// Relationship is many-to-one: rows of From have at most one row of To where
// FromColumns equal ToColumns, pair by pair. The columns are physical.
// Read-only after Parse.
type Relationship struct {
	Name        string
	From, To    *Dataset
	FromColumns []string
	ToColumns   []string
	AIContext   *AIContext // nil when there is none
	Extensions  []Extension
}

// Metric is an aggregate expression over fields. Read-only after Parse.
type Metric struct {
	Name        string
	Datatype    Datatype
	Description string
	// Expressions are the entries of the file, one for each dialect.
	Expressions []Expression
	AIContext   *AIContext // nil when there is none
	Extensions  []Extension
}

// AIContext is what a model tells to AI tools. Hedgerow doesn't act on it.
type AIContext struct {
	// Instructions is also where a context that is only a text is found.
	Instructions string
	Synonyms     []string
	Examples     []string
	// Other holds keys that the specification doesn't name: strings, bools,
	// int64, float64, nil, []any and map[string]any.
	Other map[string]any
}

// Extension is vendor-specific data that Hedgerow keeps and doesn't read.
type Extension struct {
	Vendor string
	Data   string // JSON by convention, not checked
}
