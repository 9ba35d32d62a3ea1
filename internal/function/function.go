// Package function is the closed list of functions that a logical query may
// call: names, argument counts, result types, and whether a call can raise an
// error. How a database spells each of them is in internal/dialect.
package function

import "github.com/hedgerow/hedgerow/internal/ast"

// Kind says where a function may stand.
type Kind uint8

// The kinds of function. An Aggregate may also stand before OVER; a Window
// function must.
const (
	Scalar Kind = iota + 1
	Aggregate
	Window
)

// Func describes one function.
type Func struct {
	Name string // lower case
	Kind Kind
	// Min and Max bound the number of arguments; Max -1 is unbounded.
	Min, Max int
	// Result gives the type of a call from those of its arguments; nil is Unknown.
	Result func(args []ast.Type) ast.Type
	// Total functions never raise an error, whatever their arguments' values,
	// on any database; all others are fenced off from hidden rows.
	Total bool
}

// Lookup finds a function by its lower-case name.
func Lookup(name string) (*Func, bool) {
	f, ok := table[name]
	return f, ok
}

var table = map[string]*Func{}
