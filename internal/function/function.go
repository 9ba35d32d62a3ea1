// Package function is the closed list of functions that a logical query may
// call: names, argument counts, result types, and whether a call can raise an
// error. How a database spells each of them is in internal/dialect.
//
// Left out on purpose: whatever reads files or server state, waits, locks,
// changes something, runs text as SQL, or is random; REPEAT and SPACE, whose
// result can be as large as the caller likes; and regular expressions, which
// mean something else on each database.
package function

import (
	"maps"
	"slices"

	"github.com/hedgerow/hedgerow/internal/ast"
)

// Kind says where a function may stand.
type Kind uint8

// The kinds of function. An Aggregate may also stand before OVER; a Window
// function must.
const (
	Scalar Kind = iota + 1
	Aggregate
	Window
)

// Arg says how a function reads an argument.
type Arg uint8

// The ways to read an argument. Compared ones meet each other as the sides of
// a comparison do; of Shared ones, one is the result.
const (
	Any Arg = iota + 1
	Compared
	Shared
	Truth
	Number
	Whole
	Text
	Moment // a date, a time or both
	Name   // a constant word, such as a unit of time
)

// Func describes one function.
type Func struct {
	Name string // lower case; the canonical name, also when found by an alias
	Kind Kind
	// Meaning is one short sentence for the documentation.
	Meaning string
	// Args says how the arguments are read; the last stands for all that follow.
	Args []Arg
	// Min and Max bound the number of arguments; Max -1 is unbounded. The * of
	// COUNT(*) and the unit of TIMESTAMPDIFF are not arguments.
	Min, Max int
	// Result gives the type of a call from those of its arguments; nil is Unknown.
	Result func(args []ast.Type) ast.Type
	// Total functions never raise an error, whatever their arguments' values,
	// on any database; all others are fenced off from hidden rows.
	Total bool
}

// Lookup finds a function by its lower-case name or alias.
func Lookup(name string) (*Func, bool) {
	f, ok := byName[name]
	return f, ok
}

// Type gives the type of a call, ast.Unknown when it can't tell.
func (f *Func) Type(args []ast.Type) ast.Type {
	if f.Result == nil {
		return ast.Unknown
	}
	return f.Result(args)
}

// Arg says how the argument number i, counted from 0, is read.
func (f *Func) Arg(i int) Arg {
	if len(f.Args) == 0 {
		return Any
	}
	return f.Args[min(i, len(f.Args)-1)]
}

// Names lists the functions and their other names, each sorted.
func Names() (functions, others []string) {
	return slices.Sorted(maps.Keys(table)), slices.Sorted(maps.Keys(aliases))
}
