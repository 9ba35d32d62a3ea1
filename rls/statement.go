package rls

import "github.com/hedgerow/hedgerow/semantic"

// Statement is what a database runs in place of a logical query: pass SQL and
// Args to database/sql as they are.
type Statement struct {
	SQL  string
	Args []any
	// Columns are the output columns, in order.
	Columns []Column
	// Decision tells which policies applied where, and why.
	Decision *Decision
	// Fingerprint identifies the result for caches: it covers the SQL, the
	// bound values, the model and the policies.
	Fingerprint Fingerprint
}

// Column is one output column: its logical name and its datatype, which is
// empty where it isn't known.
type Column struct {
	Name     string
	Datatype semantic.Datatype
}
