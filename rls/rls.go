// Package rls turns logical queries into filtered SQL.
package rls

import (
	"context"

	"github.com/hedgerow/hedgerow/internal/dialect"
	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/session"
)

// Dialect is the SQL flavour of a database. The zero Dialect is refused by New.
type Dialect struct{ d *dialect.Dialect }

// Config configures an Enforcer.
type Config struct {
	Policies *policy.Set
	Dialect  Dialect
}

// Enforcer is a model, its policies and a dialect, compiled once; it is
// immutable and safe for concurrent use.
type Enforcer struct{ cfg Config }

// New compiles an Enforcer.
func New(cfg Config) (*Enforcer, error) { return &Enforcer{cfg: cfg}, nil }

// Enforce turns a logical query into the statement that shows a session what
// it may see. args are the values of the query's placeholders.
func (e *Enforcer) Enforce(ctx context.Context, s session.Session, query string, args ...any) (*Statement, error) {
	return nil, ErrDenied
}

// Decision tells which policies applied.
type Decision struct{}

// Fingerprint identifies a result.
type Fingerprint string
