// Package project is tenancy by projects: one project is one tenant, with its
// own semantic model, data policies, session schema, database connection, keys,
// history of queries and metadata. A [Registry] keeps the projects of a host in a [Store], which is a
// SQLite or PostgreSQL database.
//
// A project may still be shared by several customers: its policies are those of
// package policy, so row-level security works within it. [Promote] moves one of
// them, or a tenant of shared tables outside of projects, into one of its own.
//
// # Tour
//
//	db, err := sql.Open("sqlite", "projects.db")
//	registry, err := project.Open(ctx, project.SQLiteStore(db), project.Config{
//		Keys:      []project.Key{{ID: "2026", Secret: key}}, // seals the DSNs
//		SecretEnv: []string{"TENANT_"},                      // what ${env:…} may name
//	})
//	defer registry.Close(ctx)
//
//	p, err := registry.Create(ctx, project.Spec{
//		Name:     "acme",
//		Model:    project.File{Name: "model.yaml", Text: modelYAML},
//		Policies: project.File{Name: "policy.yaml", Text: policyYAML},
//		Connection: project.Connection{
//			Driver: "pgx", Dialect: "PostgreSQL",
//			DSN: "postgres://app:${env:TENANT_ACME}@db/acme",
//		},
//	})
//
//	who, err := p.Session(map[string]any{"user_id": 7})
//	rows, err := p.Query(ctx, who, "SELECT status, COUNT(*) FROM orders GROUP BY status")
//
//	// a key, for whoever asks over the network
//	token, k, err := p.IssueKey(ctx, "reports", map[string]any{"user_id": 7}, time.Time{})
//	p, who, err = registry.Authenticate(ctx, token)
//	page, err := p.History(ctx, project.Filter{Key: k.ID})
//
//	// elsewhere, or in another instance of the host
//	p, err = registry.Get(ctx, id)
//	p, err = registry.Update(ctx, id, p.Version(), func(s *project.Spec) { s.Policies.Text = newer })
//
//	// a change of all projects, which can be resumed and taken back
//	done, err := registry.Rollout(ctx, project.Change{Policies: &file}, project.Selector{All: true}, project.RolloutOptions{})
//	done, err = registry.Rollback(ctx, done.ID, nil)
//
// # What is guaranteed
//
// What is stored compiles: a [Spec] that is wrong in any part changes nothing,
// and an [*InvalidError] tells each part. A [Project] is a live handle. A change
// reaches the other instances of the host within Config.Poll; queries that run
// finish as they began, and calls that come later obey the new policies, also
// on a connection, in a transaction or of a prepared statement from before. A
// change that doesn't compile in an instance never replaces what works there.
//
// A session belongs to one project: any other refuses it with rls.ErrNoSession,
// even when the two are equal but for their names. Fingerprints of statements
// differ between projects too. Projects with equal models, policies and
// dialects share one compiled enforcer, so ten thousand of them need little
// more memory than one; connections are bounded over all projects.
//
// Secrets in a DSN are referred to, or sealed in the store by AES-256-GCM under
// the host's key and bound to their project. They show in no error, no printed
// form and no log.
//
// # Limits
//
// Whoever may write a Spec chooses which database is reached, with which of
// the secrets that Config allows: leave that to administrators.
package project
