package rls

import (
	"database/sql"

	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/resolve"
	"github.com/hedgerow/hedgerow/semantic"
)

// Statement is what a database runs in place of a logical query: pass SQL and
// Args to database/sql as they are.
type Statement struct {
	SQL  string
	Args []any
	// Columns are the output columns, in order, and Decision tells which policies
	// applied where, and why. Statements share both: don't change them.
	Columns  []Column
	Decision *Decision
	// Fingerprint identifies the result for caches.
	Fingerprint Fingerprint
	// server is the dialect whose settings a connection must have to run this; none
	// for the zero Dialect.
	server Dialect
}

// Column is one output column: its logical name, which is the alias, the
// field's name or the expression as written, and its datatype, which is
// semantic.Unknown where it isn't known.
type Column struct {
	Name     string
	Datatype semantic.Datatype
}

func columns(b *resolve.Bound) []Column {
	out := make([]Column, len(b.Columns))
	for i, c := range b.Columns {
		out[i] = Column{Name: c.Name, Datatype: semantic.Datatype(c.Type)}
	}
	return out
}

// checkArg refuses arguments that database/sql would not bind by position.
func checkArg(arg any) error {
	switch arg.(type) {
	case sql.NamedArg, *sql.NamedArg:
		return fault.New(fault.Unsupported, 0, "named arguments are not supported").WithHint("use ? and give the values in order")
	case sql.Out, *sql.Out:
		return fault.New(fault.Unsupported, 0, "output arguments are not supported")
	}
	return nil
}

// identity hashes what a fingerprint covers besides the statement.
func identity(cfg Config) digest {
	model, policies := cfg.Policies.Model().Hash(), cfg.Policies.Hash()
	return newDigest(string(model[:]), string(policies[:]), cfg.Dialect.String())
}

// within is an identity within a scope; the empty scope is none.
func (d digest) within(scope string) digest {
	if scope == "" {
		return d
	}
	return newDigest(d.text(), scope)
}
