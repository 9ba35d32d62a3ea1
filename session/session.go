package session

import (
	"iter"

	"github.com/hedgerow/hedgerow/internal/memo"
)

// Session is one caller's values, immutable and safe for concurrent use. Copies
// of a session are equal with ==; sessions made by two calls are not. The zero
// Session is invalid and is denied everywhere. Only [Schema.New] makes others.
type Session struct{ data *data }

// data is behind a pointer so that a Session is small and comparable.
type data struct {
	schema *Schema
	// value gives the canonical value of each property, nil when absent. It is a
	// function because fmt and other printers follow pointers and slices, also
	// in unexported fields where no method of Session redacts.
	value func(i int) any
	memo  memo.Cell
	// origin is what WithOrigin set.
	origin string
}

func newSession(schema *Schema, values []any) Session {
	return Session{&data{schema: schema, value: func(i int) any { return values[i] }}}
}

// Memo is where the other packages of this module keep what they computed from
// the session, nil for the zero Session.
func (s Session) Memo() *memo.Cell {
	if s.data == nil {
		return nil
	}
	return &s.data.memo
}

// Valid tells whether the session was made by a schema.
func (s Session) Valid() bool { return s.data != nil }

// WithOrigin gives a session with the same values that says where it came from,
// such as the id of a caller's key. Origins are for audit logs: policies don't
// see them. The zero Session stays what it is.
func (s Session) WithOrigin(origin string) Session {
	if s.data == nil {
		return s
	}
	return Session{&data{schema: s.data.schema, value: s.data.value, origin: origin}}
}

// Origin is what WithOrigin set, or "".
func (s Session) Origin() string {
	if s.data == nil {
		return ""
	}
	return s.data.origin
}

// Schema is the schema that made the session, or nil for the zero Session.
func (s Session) Schema() *Schema {
	if s.data == nil {
		return nil
	}
	return s.data.schema
}

// Value gives a property's value by its exact name, false when it is absent or
// unknown. The Go type is string, int64, float64, bool, time.Time in UTC,
// time.Duration, []any of these or map[string]any of these; lists and maps are
// copies.
func (s Session) Value(name string) (any, bool) {
	i, ok := s.Schema().Index(name)
	if !ok {
		return nil, false
	}
	return s.At(i)
}

// At is Value for a property's place in declared order, as Schema.Index gives
// it; it is false for a place that the schema lacks.
func (s Session) At(i int) (any, bool) {
	v := s.at(i)
	return copied(v), v != nil
}

// Len is the number of elements of the list or map at a place in declared
// order, 0 for anything else.
func (s Session) Len(i int) int {
	switch v := s.at(i).(type) {
	case []any:
		return len(v)
	case map[string]any:
		return len(v)
	default:
		return 0
	}
}

// Elem gives one element of the list at a place in declared order without
// copying the list; it is false for anything else.
func (s Session) Elem(i, elem int) (any, bool) {
	list, _ := s.at(i).([]any)
	if elem < 0 || elem >= len(list) {
		return nil, false
	}
	return list[elem], true
}

// All gives the names and values that are present, in declared order.
func (s Session) All() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		if s.data == nil {
			return
		}
		for i, p := range s.data.schema.properties {
			if v, ok := s.At(i); ok && !yield(p.Name, v) {
				return
			}
		}
	}
}

func (s Session) at(i int) any {
	if s.data == nil || i < 0 || i >= len(s.data.schema.properties) {
		return nil
	}
	return s.data.value(i)
}
