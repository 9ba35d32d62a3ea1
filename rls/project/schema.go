package project

import (
	"context"
	"database/sql"
	"slices"

	"github.com/hedgerow/hedgerow/internal/history"
	"github.com/hedgerow/hedgerow/internal/keys"
	"github.com/hedgerow/hedgerow/internal/store"
)

// Store is where projects are kept. The zero Store is refused by Open.
type Store struct {
	db     *sql.DB
	flavor store.Flavor
}

// SQLiteStore keeps projects in a SQLite database, for one instance of the
// host. The host opens and closes it; a file rather than memory.
func SQLiteStore(db *sql.DB) Store { return Store{db, store.SQLite} }

// PostgreSQLStore keeps projects in a PostgreSQL database, for any number of
// instances of the host. The host opens and closes it, and bounds its
// connections.
func PostgreSQLStore(db *sql.DB) Store { return Store{db, store.PostgreSQL} }

// migrations are all that a store needs.
func migrations() []store.Migration {
	projects := store.Migration{Name: "projects", Statements: []string{
		// One row, which each change takes first: so changes happen one after
		// another, and whoever has seen revision n has missed none before it.
		`CREATE TABLE hedgerow_revision (one BIGINT PRIMARY KEY, n BIGINT NOT NULL)`,
		`INSERT INTO hedgerow_revision (one, n) VALUES (1, 0)`,
		// Models and policy files by the SHA-256 of their text.
		`CREATE TABLE hedgerow_texts (hash TEXT PRIMARY KEY, content TEXT NOT NULL)`,
		// A deleted project stays as a row without content, so that its id is
		// never used again. Its name is NULL, so that it is free.
		`CREATE TABLE hedgerow_projects (
			id TEXT PRIMARY KEY, name TEXT UNIQUE, version BIGINT NOT NULL, revision BIGINT NOT NULL,
			model_name TEXT NOT NULL, model_hash TEXT NOT NULL, policies_name TEXT NOT NULL, policies_hash TEXT NOT NULL,
			driver TEXT NOT NULL, dialect TEXT NOT NULL, dsn TEXT NOT NULL, connection BIGINT NOT NULL,
			metadata TEXT NOT NULL, active BIGINT NOT NULL, created BIGINT NOT NULL, updated BIGINT NOT NULL, deleted BIGINT NOT NULL)`,
		`CREATE INDEX hedgerow_projects_revision ON hedgerow_projects (revision)`,
		`CREATE INDEX hedgerow_projects_model ON hedgerow_projects (model_hash)`,
		`CREATE INDEX hedgerow_projects_policies ON hedgerow_projects (policies_hash)`,
	}}
	return slices.Concat([]store.Migration{projects}, keys.Migrations(), history.Migrations(), []store.Migration{rolloutMigration(), promotionMigration()})
}

// change is a transaction that changes projects: it gives the revision of what
// it writes, which only commits after every lower one.
func (r *Registry) change(ctx context.Context, run func(tx *store.Tx, revision int64) error) error {
	return r.db.Tx(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `UPDATE hedgerow_revision SET n = n + 1 WHERE one = 1`); err != nil {
			return err
		}
		var revision int64
		if err := tx.QueryRow(ctx, `SELECT n FROM hedgerow_revision WHERE one = 1`).Scan(&revision); err != nil {
			return err
		}
		return run(tx, revision)
	})
}
