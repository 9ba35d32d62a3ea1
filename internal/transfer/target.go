package transfer

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"strings"
)

// marks is the table in which the target records what a promotion put where.
const marks = "hedgerow_promotion"

// target is one connection to the target, and this run's token: a batch of a run
// whose token is no longer on record is rolled back.
type target struct {
	conn  *sql.Conn
	kind  *kind
	plan  *plan
	token string
}

func openTarget(ctx context.Context, dst Target, p *plan) (*target, error) {
	conn, err := dst.DB.Conn(ctx)
	if err != nil {
		return nil, databaseError("", "connecting to the target", err)
	}
	if err := checkZone(ctx, conn, p.to, p); err != nil {
		conn.Close()
		return nil, err
	}
	return &target{conn: conn, kind: p.to, plan: p, token: rand.Text()}, nil
}

func (t *target) close() { t.conn.Close() }

// transaction runs do in a transaction, and commits it unless do fails.
func (t *target) transaction(ctx context.Context, do func(tx *sql.Tx) error) error {
	tx, err := t.conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // does nothing after the commit
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// sql writes a statement whose parameters are written ?, with no other question
// mark in it.
func (t *target) sql(statement string) string {
	var b strings.Builder
	for i, part := range strings.Split(statement, "?") {
		if i > 0 {
			t.kind.parameter(&b, i)
		}
		b.WriteString(part)
	}
	return b.String()
}

// state is what a table of the target holds when a run begins.
type state struct {
	owned content // what the promotion put there; nothing in an empty table
	empty bool
}

// claim makes this run the one that may write to a table. From here on no batch
// of an older run can be committed.
func (t *target) claim(ctx context.Context, d *dataset) (state, error) {
	var s state
	err := t.transaction(ctx, func(tx *sql.Tx) error {
		// The update comes first: it waits for the batch of another run.
		res, err := tx.ExecContext(ctx, t.sql("UPDATE "+marks+" SET run = ? WHERE target_table = ? AND promotion = ?"), t.token, d.table, t.plan.id)
		if err != nil {
			return err
		}
		mine, err := res.RowsAffected()
		if err != nil {
			return err
		}
		if s.empty, err = t.isEmpty(ctx, tx, d); err != nil {
			return err
		}
		switch {
		case mine == 0 && !s.empty:
			return fail(d.name, ErrForeignRows, "its table holds rows that this promotion didn't put there; empty it and run again")
		case mine == 0:
			return t.begin(ctx, tx, d)
		case s.empty:
			return t.record(ctx, tx, d, content{})
		}
		return tx.QueryRowContext(ctx, t.sql("SELECT row_count, checksum FROM "+marks+" WHERE target_table = ?"), d.table).
			Scan(&s.owned.rows, &s.owned.sum)
	})
	return s, databaseError(d.name, "claiming its table", err)
}

func (t *target) isEmpty(ctx context.Context, tx *sql.Tx, d *dataset) (bool, error) {
	var one int
	err := tx.QueryRowContext(ctx, "SELECT 1 FROM "+d.table+" LIMIT 1").Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return true, nil
	}
	return false, err
}

// begin records the promotion for an empty table, in place of another's.
func (t *target) begin(ctx context.Context, tx *sql.Tx, d *dataset) error {
	if _, err := tx.ExecContext(ctx, t.sql("DELETE FROM "+marks+" WHERE target_table = ?"), d.table); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, t.sql("INSERT INTO "+marks+" (target_table, promotion, run, row_count, checksum) VALUES (?, ?, ?, 0, ?)"),
		d.table, t.plan.id, t.token, Sum{}.String())
	return err
}

// record notes what the promotion has put into a table, unless another run has
// taken over. It must come first in its transaction, which it makes wait for
// another run's.
func (t *target) record(ctx context.Context, tx *sql.Tx, d *dataset, c content) error {
	var run string
	// MySQL doesn't count rows that an update leaves as they are, so it may not tell
	// whose they were.
	if _, err := tx.ExecContext(ctx, t.sql("UPDATE "+marks+" SET row_count = ?, checksum = ? WHERE target_table = ? AND run = ?"),
		c.rows, c.sum.String(), d.table, t.token); err != nil {
		return err
	}
	err := tx.QueryRowContext(ctx, t.sql("SELECT run FROM "+marks+" WHERE target_table = ?"), d.table).Scan(&run)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if run != t.token {
		return fail(d.name, ErrSuperseded, "another run has taken over; this one has stopped")
	}
	return nil
}

// clear deletes the rows of a table, which must be those on record.
func (t *target) clear(ctx context.Context, d *dataset, owned content) error {
	err := t.transaction(ctx, func(tx *sql.Tx) error {
		if err := t.record(ctx, tx, d, content{}); err != nil {
			return err
		}
		res, err := tx.ExecContext(ctx, "DELETE FROM "+d.table)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if err == nil && n != owned.rows {
			err = foreign(d)
		}
		return err
	})
	return databaseError(d.name, "clearing its table", err)
}

func foreign(d *dataset) error {
	return fail(d.name, ErrForeignRows, "its table doesn't hold the rows that this promotion put there; empty it and run again")
}

// write commits one batch, and with it the content that the table has then.
func (t *target) write(ctx context.Context, d *dataset, args []any, after content) error {
	err := t.transaction(ctx, func(tx *sql.Tx) error {
		if err := t.record(ctx, tx, d, after); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, t.insert(d, len(args)/len(d.columns)), args...)
		return err
	})
	return databaseError(d.name, "writing rows", err)
}

func (t *target) insert(d *dataset, rows int) string {
	var b strings.Builder
	b.WriteString("INSERT INTO " + d.table + " (" + d.columnList("") + ") VALUES ")
	for n := range rows * len(d.columns) {
		switch {
		case n == 0:
			b.WriteByte('(')
		case n%len(d.columns) == 0:
			b.WriteString("), (")
		default:
			b.WriteString(", ")
		}
		t.kind.parameter(&b, n+1)
	}
	b.WriteByte(')')
	return b.String()
}

// columnList writes the columns, each after a prefix.
func (d *dataset) columnList(prefix string) string {
	names := make([]string, len(d.columns))
	for i, c := range d.columns {
		names[i] = prefix + c.quoted
	}
	return strings.Join(names, ", ")
}

// selection reads the columns. They are qualified, as SQLite takes an unknown
// name in quotes for a text.
func (d *dataset) selection() string {
	return "SELECT " + d.columnList("t.") + " FROM " + d.table + " AS t"
}

// content reads a table back.
func (t *target) content(ctx context.Context, d *dataset) (content, error) {
	var c content
	err := stream(ctx, t.conn, d.selection(), nil, len(d.columns), func(raw []any) error {
		encoded, _, err := d.encode(raw, t.kind)
		c.add(encoded)
		return err
	})
	return c, databaseError(d.name, "reading the target back", err)
}
