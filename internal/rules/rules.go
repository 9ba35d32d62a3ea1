// Package rules is what policies compile to. CEL expressions over row and
// session become ast expressions, once, when a policy file is loaded; a session
// then decides which of them apply and what is left of them.
//
// A column of the row that is NULL is an unknown in CEL: the SQL that a rule
// compiles to is true only where CEL's evaluation is definitely true, and is
// NULL where CEL's result is unknown or an error.
//
// Sub-expressions that don't read the row are never translated: cel-go itself
// evaluates them, per session, and their value is bound as an argument.
package rules

import (
	"cel.dev/cel-go/cel"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

// Set is the compiled policies of one model. It is immutable and safe for
// concurrent use.
type Set struct {
	Model    *semantic.Model
	Schema   *session.Schema
	Policies []*Policy
	slots    []slot
	// tenantField is the field that tells tenants apart, "" for none.
	tenantField string
	// byDataset lists the policies that name a dataset, in file order.
	byDataset map[*semantic.Dataset][]*Policy
}

// Policy is one compiled policy.
type Policy struct {
	Name        string
	Restrictive bool
	// CrossTenant declares that the policy may show rows of other tenants.
	CrossTenant bool
	// When is nil for a policy that always applies, else a truth value that
	// only a session decides.
	When  ast.Expr
	when  source
	index int // in Set.Policies
	// Rules holds what the policy does to each dataset that it names.
	Rules map[*semantic.Dataset]*Rule
}

// Rule is what one policy does to one dataset. The fields of rows stand in its
// expressions as ast.Name of two parts: a table's alias, which is "t" for the
// dataset itself, and the field's name. Datasets along relationships stand in
// its subqueries as ast.TableName.
type Rule struct {
	Rows ast.Expr         // nil when the policy has no row rule
	Hide []int            // indices of fields
	Mask map[int]ast.Expr // by index of field
	// StillShows are the indices of fields that the policy declares to show what it
	// conceals.
	StillShows []int
	rows       source
	masks      map[int]source // by index of field
	// places are those of Rows, and maskPlaces those of each mask.
	places     places
	maskPlaces map[int]places
	// program evaluates Rows for a row in memory.
	program func() (cel.Program, error)
}

// slot is a value that a session gives: a property, or a program over properties.
type slot struct {
	name     string
	property int // index in the schema, or -1
	program  cel.Program
	reads    []int // the properties that the program reads
	// unrolled says that rules depend on each element of the list that this is.
	unrolled bool
}

// New puts compiled policies together. The compiler must be the one that they
// were compiled with.
func New(c *Compiler, policies []*Policy) *Set {
	s := &Set{
		Model: c.model, Schema: c.schema, Policies: policies, slots: c.slots, tenantField: c.tenantField,
		byDataset: map[*semantic.Dataset][]*Policy{},
	}
	for i, p := range policies {
		p.index = i
		s.markUnrolled(p.When)
		for d, rule := range p.Rules {
			s.byDataset[d] = append(s.byDataset[d], p)
			s.markUnrolled(rule.Rows)
			for _, mask := range rule.Mask {
				s.markUnrolled(mask)
			}
		}
	}
	return s
}
