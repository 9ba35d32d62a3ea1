// Package policy loads policy files: the session's schema, the isolation key,
// and the data policies, which are CEL rules over row and session. A policy
// says which rows of a dataset a session may see, or hides or masks fields.
//
// A dataset without an applicable permissive row policy is denied. Visible are
// the rows for which any applicable permissive rule and every applicable
// restrictive rule is definitely true; a comparison with a field that is NULL is
// unknown, as in CEL, and an unknown is not true.
//
// A field that reads the column of another shows what that one holds. Parse refuses
// a file in which sessions have a field hidden or masked and see its column through
// another, unless the policy says so with still_shows.
//
// Where the file declares the isolation key, Parse proves that no row can be seen
// by sessions of two tenants, and refuses the file with a counterexample where one
// can, unless the policy that shows it says cross_tenant: true. Prove tells the
// outcome for each dataset, Lint what else is likely to be a mistake.
package policy

import (
	"crypto/sha256"

	"go.yaml.in/yaml/v3"

	"github.com/hedgerow/hedgerow/internal/rules"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

// Set is a loaded policy file. It is immutable and safe for concurrent use.
type Set struct {
	rules    *rules.Set
	tenant   *Tenant
	policies []Policy
	hash     [sha256.Size]byte
	places   places
}

// places is what findings need to point into the policy file.
type places struct {
	filename string
	src      []byte
	tenant   *yaml.Node
	list     *yaml.Node // the policies
	session  map[string]*yaml.Node
	// policies are the nodes of each policy by key; "" is the policy itself.
	policies []map[string]*yaml.Node
}

// Tenant is the isolation key: rows of two tenants differ in Field, sessions of
// two tenants in Property.
type Tenant struct {
	Field    string
	Property string
}

// Kind says how a row policy combines with others.
type Kind string

// The kinds of row policy: any permissive one must let a row through, and
// every restrictive one.
const (
	Permissive  Kind = "permissive"
	Restrictive Kind = "restrictive"
)

// Policy is one data policy as written.
type Policy struct {
	Name        string
	Description string
	// Datasets are the names of the datasets that the policy covers.
	Datasets []string
	Kind     Kind
	// When is the CEL condition under which the policy applies; "" is always.
	When string
	// Rows is the CEL rule; "" for a policy over fields alone.
	Rows string
	// Hide lists the fields that the policy hides.
	Hide []string
	// Mask gives the CEL value that stands for a field, by field.
	Mask map[string]string
	// StillShows lists the fields that may show what the policy hides or masks,
	// because they read the same columns or their masks read the field.
	StillShows []string
	// CrossTenant declares that the policy may show rows of other tenants: what it
	// shows is no counterexample to Prove.
	CrossTenant bool
}

// Schema is the schema of the sessions that the policies know. Only sessions
// made by it are accepted.
func (s *Set) Schema() *session.Schema { return s.rules.Schema }

// Model is the semantic model that the policies are about.
func (s *Set) Model() *semantic.Model { return s.rules.Model }

// Tenant gives the isolation key; ok is false when the file declares none.
func (s *Set) Tenant() (t Tenant, ok bool) {
	if s.tenant == nil {
		return Tenant{}, false
	}
	return *s.tenant, true
}

// Policies gives the policies in the order of the file. The result is a copy.
func (s *Set) Policies() []Policy {
	out := make([]Policy, len(s.policies))
	for i, p := range s.policies {
		p.Datasets = append([]string(nil), p.Datasets...)
		p.Hide = append([]string(nil), p.Hide...)
		p.StillShows = append([]string(nil), p.StillShows...)
		mask := make(map[string]string, len(p.Mask))
		for k, v := range p.Mask {
			mask[k] = v
		}
		p.Mask = mask
		out[i] = p
	}
	return out
}

// Hash identifies the policy file's text.
func (s *Set) Hash() [sha256.Size]byte { return s.hash }

// Rules gives the compiled form, for the other packages of this module.
func (s *Set) Rules() *rules.Set { return s.rules }
