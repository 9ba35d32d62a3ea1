// Package store is the database in which a host keeps its projects: SQLite or
// PostgreSQL, spoken to in the SQL that both share. Statements use ? for values
// on both. Times are whole microseconds since 1970 in BIGINT columns, so that
// both databases keep and order them alike.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Flavor is the database product of a store.
type Flavor int

// The databases that a store can be on.
const (
	SQLite Flavor = iota + 1
	PostgreSQL
)

// DB is an open store. It is safe for concurrent use, by several processes on
// one database too.
type DB struct {
	db     *sql.DB
	flavor Flavor
	// writer is held by the one writer that SQLite lets in at a time: waiting
	// here is fair, waiting for SQLite's lock is not.
	writer chan struct{}
}

// Open readies a database and applies the migrations that it lacks, in order.
// Several processes may do so at once. It refuses a store that knows
// migrations which are not in the list: a newer version made it.
func Open(ctx context.Context, db *sql.DB, flavor Flavor, migrations []Migration) (*DB, error) {
	if db == nil {
		return nil, errors.New("store: the database is nil")
	}
	if flavor != SQLite && flavor != PostgreSQL {
		return nil, errors.New("store: the database is neither SQLite nor PostgreSQL")
	}
	d := &DB{db: db, flavor: flavor, writer: make(chan struct{}, 1)}
	if err := d.writeAhead(ctx); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	if err := d.migrate(ctx, migrations); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return d, nil
}

// writeAhead lets SQLite's readers work beside its writer. The mode is kept in
// the file; a database in memory has none and stays as it is.
func (d *DB) writeAhead(ctx context.Context) error {
	if d.flavor != SQLite {
		return nil
	}
	conn, err := d.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, busyTimeout); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "PRAGMA journal_mode = WAL")
	return err
}

// busyTimeout makes a connection to SQLite wait for other processes' locks.
const busyTimeout = "PRAGMA busy_timeout = 30000"

// Query reads outside a transaction.
func (d *DB) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return d.db.QueryContext(ctx, d.flavor.bind(query), args...)
}

// QueryRow reads one row outside a transaction.
func (d *DB) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	return d.db.QueryRowContext(ctx, d.flavor.bind(query), args...)
}

// bind writes each ? outside quotes as the flavor wants it.
func (f Flavor) bind(query string) string {
	if f != PostgreSQL {
		return query
	}
	var b strings.Builder
	n, quoted := 0, false
	for _, c := range []byte(query) {
		if c == '\'' {
			quoted = !quoted
		}
		if c == '?' && !quoted {
			n++
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(n))
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// Micros is a time as stores keep it; 0 is the zero time.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Time is the time of microseconds that a store kept, in UTC.
func Time(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}
