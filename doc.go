// Package hedgerow is the root of a library that enforces who may see what, in
// SQL. It holds no code: import its packages.
//
// # Vocabulary
//
// A semantic model (package semantic) declares datasets, the shared tables, and
// their fields. A session (package session) is the immutable set of properties
// of one caller, typed by a session schema. Data policies (package policy) are
// CEL rules over the row and the session: row policies say which rows of a
// dataset a session may see, field policies hide fields or mask them. A logical
// query is SQL text over datasets. An enforcer (package rls) is a model, its
// policies and a dialect, compiled once; it turns a logical query and a session
// into a statement: SQL text, arguments, output columns, the decision that was
// taken and a fingerprint. The database that runs the statement is the host's.
//
// # Tour
//
//	model, err := semantic.Parse("model.yaml", modelYAML)
//	policies, err := policy.Parse("policy.yaml", policyYAML, model)
//	enforcer, err := rls.New(rls.Config{Policies: policies, Dialect: rls.SQLite})
//
//	who, err := policies.Schema().New(map[string]any{"organization_id": "acme"})
//	st, err := enforcer.Enforce(ctx, who, "SELECT status, COUNT(*) FROM orders GROUP BY status")
//	rows, err := db.QueryContext(ctx, st.SQL, st.Args...)
//
// Or behind an ordinary *sql.DB, with the session in the context:
//
//	db, err := rls.Open("sqlite", "shop.db", enforcer)
//	rows, err := db.QueryContext(session.NewContext(ctx, who), "SELECT …")
//
// # What is guaranteed
//
// For every query that is accepted, the rows, the column names and whether an
// error occurs are those of a database that holds only what the session may
// see. Whatever is not understood is refused with a typed error that names the
// construct and its place; nothing of a query's text is ever copied into a
// statement, and a session's values are always bound as arguments.
//
// # Limits
//
// Only queries that read are accepted. Timing, and what statistics of a
// database tell, are outside the guarantee. The database's user should be able
// to read the model's tables and nothing else.
package hedgerow
