package store

import (
	"context"
	"fmt"
	"time"
)

// Migration is one step that makes or changes tables, in SQL that both
// databases understand. A migration that was released is never changed.
type Migration struct {
	Name       string
	Statements []string
}

// migrationLock is the advisory lock of PostgreSQL under which migrations run:
// "hedgerow" in ASCII.
const migrationLock = 0x6865646765726f77

// migrate applies what is missing, all of it or nothing.
func (d *DB) migrate(ctx context.Context, migrations []Migration) error {
	return d.Tx(ctx, func(tx *Tx) error {
		if d.flavor == PostgreSQL {
			if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(?)", int64(migrationLock)); err != nil {
				return err
			}
		}
		applied, err := tx.applied(ctx)
		if err != nil {
			return err
		}
		for _, m := range migrations {
			if applied[m.Name] {
				delete(applied, m.Name)
				continue
			}
			if err := tx.apply(ctx, m); err != nil {
				return fmt.Errorf("migration %q: %w", m.Name, err)
			}
		}
		for name := range applied {
			return fmt.Errorf("the database has migration %q, which this version doesn't know; a newer version made it", name)
		}
		return nil
	})
}

// applied gives the names of the migrations that the database has.
func (t *Tx) applied(ctx context.Context) (map[string]bool, error) {
	if _, err := t.Exec(ctx, `CREATE TABLE IF NOT EXISTS hedgerow_migrations (name TEXT PRIMARY KEY, applied_at BIGINT NOT NULL)`); err != nil {
		return nil, err
	}
	rows, err := t.Query(ctx, `SELECT name FROM hedgerow_migrations`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	applied := map[string]bool{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		applied[name] = true
	}
	return applied, rows.Err()
}

func (t *Tx) apply(ctx context.Context, m Migration) error {
	for _, s := range m.Statements {
		if _, err := t.Exec(ctx, s); err != nil {
			return err
		}
	}
	_, err := t.Exec(ctx, `INSERT INTO hedgerow_migrations (name, applied_at) VALUES (?, ?)`, m.Name, time.Now().UnixMicro())
	return err
}
