package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"
)

// Tx is a transaction. It is for one goroutine.
type Tx struct {
	conn   *sql.Conn
	flavor Flavor
}

const (
	// attempts bounds how often a transaction that lost against another is tried.
	attempts = 10
	// endTimeout bounds how long a commit or a rollback takes.
	endTimeout = 10 * time.Second
)

// notBegunError is why a transaction didn't begin.
type notBegunError struct{ error }

func (e notBegunError) Unwrap() error { return e.error }

// Tx runs a function in a transaction, which is committed when the function
// returns nil and undone otherwise. The function may run several times, when
// PostgreSQL undoes it for another's sake; it must have no other effect, and
// must read through its Tx.
func (d *DB) Tx(ctx context.Context, run func(*Tx) error) error {
	if d.flavor == SQLite {
		select {
		case d.writer <- struct{}{}:
			defer func() { <-d.writer }()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for i := 1; ; i++ {
		err := d.once(ctx, run)
		if err == nil || i == attempts || !d.mayTryAgain(ctx, err) {
			return err
		}
		select {
		case <-time.After(time.Duration(i) * 5 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// once is one attempt. SQLite's lock is taken at once: a transaction that starts
// as a reader fails when another wrote before it does.
func (d *DB) once(ctx context.Context, run func(*Tx) error) error {
	conn, err := d.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	begin := []string{"BEGIN"}
	if d.flavor == SQLite {
		begin = []string{busyTimeout, "BEGIN IMMEDIATE"}
	}
	for _, q := range begin {
		if _, err := conn.ExecContext(ctx, q); err != nil {
			return notBegunError{err}
		}
	}
	done := false
	defer func() {
		if done {
			return
		}
		// the connection goes back to the pool: it may hold no transaction
		clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTimeout)
		defer cancel()
		if _, undo := conn.ExecContext(clean, "ROLLBACK"); undo != nil {
			_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // drops it
		}
	}()
	if err := run(&Tx{conn: conn, flavor: d.flavor}); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	// not the caller's context: a commit that is cut off may have happened
	sure, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTimeout)
	defer cancel()
	if _, err := conn.ExecContext(sure, "COMMIT"); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	done = true
	return nil
}

// Exec changes rows and tells how many.
func (t *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	r, err := t.conn.ExecContext(ctx, t.flavor.bind(query), args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// Query reads within the transaction. Close the rows before the next call.
func (t *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return t.conn.QueryContext(ctx, t.flavor.bind(query), args...)
}

// QueryRow reads one row within the transaction.
func (t *Tx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	return t.conn.QueryRowContext(ctx, t.flavor.bind(query), args...)
}

// mayTryAgain tells whether PostgreSQL undid a transaction for another's sake
// (serialization_failure, deadlock_detected), or didn't begin it because the
// connection was lost in the pool, as when the server was restarted.
func (d *DB) mayTryAgain(ctx context.Context, err error) bool {
	var not notBegunError
	if errors.As(err, &not) {
		return d.flavor == PostgreSQL && ctx.Err() == nil
	}
	var state interface{ SQLState() string }
	return errors.As(err, &state) && (state.SQLState() == "40001" || state.SQLState() == "40P01")
}
