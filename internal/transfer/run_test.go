package transfer_test

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/internal/transfer"
)

func run(w *world, dst transfer.Target, change ...func(*transfer.Options)) (*transfer.Report, error) {
	o := options()
	for _, c := range change {
		c(&o)
	}
	return transfer.Run(context.Background(), w.source(), dst, o)
}

func watch(f func(transfer.Progress)) func(*transfer.Options) {
	return func(o *transfer.Options) { o.Progress = f }
}

// complete requires a run that leaves exactly the rows wanted.
func complete(t *testing.T, w *world, dst transfer.Target, k testdb.Kind, rows int) *transfer.Report {
	t.Helper()
	report, err := run(w, dst)
	require.NoError(t, err, "%v", causes(err))
	require.Equal(t, wanted(rows), held(t, dst, k))
	return report
}

// emptyTables lets a run make the tables, and stops it there.
func emptyTables(t *testing.T, w *world, dst transfer.Target) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	o := options()
	o.Progress = func(p transfer.Progress) { cancel() }
	_, err := transfer.Run(ctx, w.source(), dst, o)
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, count(t, dst.DB, "events"))
}

// TestSnapshot: rows that come to the source while it is read aren't copied,
// those of a dataset that is read later included.
func TestSnapshot(t *testing.T) {
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		db, _ := reachable(t, k) // SQLite as a file in WAL mode
		w := openWorld(t, k, db)
		w.fill(t)
		dst := target(t, testdb.SQLite)
		extra := rowsOfAcme
		report, err := run(w, dst, watch(func(p transfer.Progress) {
			if p.Phase == transfer.Copying || p.Phase == transfer.Copied {
				w.insert(t, extra, "acme")
				w.exec(t, "DELETE FROM shared_events WHERE c_id = ?", extra-rowsOfAcme)
				extra++
			}
		}))
		require.NoError(t, err, "%v", causes(err))
		require.Greater(t, extra, rowsOfAcme+5)
		assert.EqualValues(t, rowsOfAcme, report.Datasets[1].Rows)
		assert.Equal(t, wanted(rowsOfAcme), held(t, dst, testdb.SQLite))

		report, err = run(w, dst) // later, what the session sees has changed
		require.NoError(t, err, "%v", causes(err))
		assert.True(t, report.Datasets[0].Reused)
		assert.False(t, report.Datasets[1].Reused)
		assert.Equal(t, rowsOfAcme, count(t, dst.DB, "events"), "as many came as went")
		assert.NotEqual(t, wanted(rowsOfAcme), held(t, dst, testdb.SQLite))
	})
}

// tamper is a trigger that changes one value on its way into a table.
var tamper = map[testdb.Kind][]string{
	testdb.SQLite: {`CREATE TRIGGER tamper AFTER INSERT ON events WHEN NEW.id = 3 BEGIN
		UPDATE events SET "The txt" = "The txt" || 'x' WHERE id = 3; END`},
	testdb.PostgreSQL: {`CREATE FUNCTION tamper() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		IF NEW.id = 3 THEN NEW."The txt" := NEW."The txt" || 'x'; END IF; RETURN NEW; END $$`,
		`CREATE TRIGGER tamper BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION tamper()`},
	testdb.MariaDB: {"CREATE TRIGGER tamper BEFORE INSERT ON events FOR EACH ROW SET NEW.`The txt` = IF(NEW.id = 3, CONCAT(NEW.`The txt`, 'x'), NEW.`The txt`)"},
}

// TestMismatch: a target that changes a row on its way is found out, and what it
// holds then isn't taken for the promotion's own.
func TestMismatch(t *testing.T) {
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		w, dst := newWorld(t, testdb.SQLite), target(t, k)
		emptyTables(t, w, dst)
		for _, statement := range tamper[k] {
			execute(t, dst.DB, statement)
		}
		report, err := run(w, dst)
		require.ErrorIs(t, err, transfer.ErrMismatch, "%v", causes(err))
		require.Len(t, report.Datasets, 1)
		assert.Equal(t, "accounts", report.Datasets[0].Dataset)

		_, err = run(w, dst)
		require.ErrorIs(t, err, transfer.ErrForeignRows)
		execute(t, dst.DB, "DROP TRIGGER tamper"+map[testdb.Kind]string{testdb.PostgreSQL: " ON events"}[k])
		execute(t, dst.DB, "DELETE FROM events")
		assert.True(t, complete(t, w, dst, k, rowsOfAcme).Datasets[0].Reused)
	})
}

// TestForeignRows: rows that no run put there stay, whatever the source has.
func TestForeignRows(t *testing.T) {
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		w, dst := newWorld(t, testdb.SQLite), target(t, k)
		emptyTables(t, w, dst)
		other := func(o *transfer.Options) { o.ID = "p2" }
		refused := func(change ...func(*transfer.Options)) {
			t.Helper()
			before := dump(t, dst.DB, "SELECT * FROM events")
			_, err := run(w, dst, change...)
			require.ErrorIs(t, err, transfer.ErrForeignRows, "%v", causes(err))
			require.Equal(t, before, dump(t, dst.DB, "SELECT * FROM events"))
		}

		execute(t, dst.DB, "INSERT INTO events (id) VALUES (1000)")
		refused()
		refused(other)
		execute(t, dst.DB, "DELETE FROM events")
		complete(t, w, dst, k, rowsOfAcme)
		refused(other)

		// As a project would, once it is active.
		execute(t, dst.DB, "INSERT INTO events (id) VALUES (1000)")
		refused()
		w.insert(t, rowsOfAcme, "acme")
		refused()
		execute(t, dst.DB, "DELETE FROM events WHERE id = 1000")
		complete(t, w, dst, k, rowsOfAcme+1)
		execute(t, dst.DB, "UPDATE events SET account = 1 WHERE id = 2")
		refused()
		execute(t, dst.DB, "DELETE FROM events")
		_, err := run(w, dst, other) // of an empty table nothing can be lost
		require.ErrorIs(t, err, transfer.ErrForeignRows, "accounts are p1's")
		complete(t, w, dst, k, rowsOfAcme+1)
	})
}

// TestForeignRowWhileClearing: a row that comes after the table was read is not
// deleted either.
func TestForeignRowWhileClearing(t *testing.T) {
	w, k := newWorld(t, testdb.SQLite), testdb.PostgreSQL
	c := testdb.Connector(t, k, testdb.Options{})
	dst := target(t, testdb.SQLite)
	direct := sql.OpenDB(c)
	defer direct.Close()
	dst.DB, dst.Dialect = direct, dialectOf[k]
	complete(t, w, dst, k, rowsOfAcme)

	w.insert(t, rowsOfAcme, "acme")
	reads := 0
	w.db = hooked(t, w.connector, hooks{next: func() error {
		if reads++; reads == rowsOfAcme/2 { // the target has been read by then
			execute(t, direct, "INSERT INTO events (id) VALUES (1000)")
		}
		return nil
	}})
	_, err := run(w, dst)
	require.ErrorIs(t, err, transfer.ErrForeignRows, "%v", causes(err))
	assert.Equal(t, rowsOfAcme+1, count(t, direct, "events"))
}

// TestSuperseded: of two runs of one promotion, the later one wins, and the
// other adds nothing to it.
func TestSuperseded(t *testing.T) {
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		w, dst := newWorld(t, testdb.SQLite), target(t, k)
		calls := 0
		_, err := run(w, dst, watch(func(p transfer.Progress) {
			if p.Phase == transfer.Copying && p.Dataset == "events" {
				if calls++; calls == 2 {
					complete(t, w, dst, k, rowsOfAcme)
				}
			}
		}))
		require.ErrorIs(t, err, transfer.ErrSuperseded, "%v", causes(err))
		require.Equal(t, wanted(rowsOfAcme), held(t, dst, k))
		assert.True(t, complete(t, w, dst, k, rowsOfAcme).Datasets[1].Reused)
	})
}

// TestBroken: a source that fails in the middle, or a context that ends, leaves
// a target that the next run completes.
func TestBroken(t *testing.T) {
	pairs(t, func(t *testing.T, from, to testdb.Kind) {
		w, dst := newWorld(t, from), target(t, to)
		good, reads := w.db, 0
		w.db = hooked(t, w.connector, hooks{next: func() error {
			if reads++; reads > rowsOfAcme/2 {
				return errors.New("the connection broke at " + canary)
			}
			return nil
		}})
		_, err := run(w, dst)
		require.ErrorIs(t, err, transfer.ErrDatabase)
		assert.NotContains(t, err.Error(), canary)
		assert.NotZero(t, count(t, dst.DB, "events"))

		w.db = good
		ctx, cancel := context.WithCancel(t.Context())
		o := options()
		o.Progress = func(p transfer.Progress) {
			if p.Dataset == "events" && p.Phase == transfer.Copying && p.Rows >= 10 {
				cancel()
			}
		}
		_, err = transfer.Run(ctx, w.source(), dst, o)
		require.ErrorIs(t, err, context.Canceled)
		require.Less(t, count(t, dst.DB, "events"), rowsOfAcme)
		complete(t, w, dst, to, rowsOfAcme)
	})
}

// TestShortRead: a source that ends before its time, without an error, isn't
// taken for whole.
func TestShortRead(t *testing.T) {
	w, dst := newWorld(t, testdb.SQLite), target(t, testdb.SQLite)
	reads := 0
	w.db = hooked(t, w.connector, hooks{next: func() error {
		if reads++; reads > rowsOfAcme/2 {
			return io.EOF
		}
		return nil
	}})
	_, err := run(w, dst)
	require.ErrorIs(t, err, transfer.ErrMismatch)
}

// TestProgress: each dataset goes through the phases in order, and Rows grows
// to Total.
func TestProgress(t *testing.T) {
	w, dst := newWorld(t, testdb.SQLite), target(t, testdb.SQLite)
	var seen []transfer.Progress
	_, err := run(w, dst, watch(func(p transfer.Progress) { seen = append(seen, p) }))
	require.NoError(t, err)
	assert.Equal(t, []transfer.Progress{
		{"accounts", transfer.Prepared, 0, 0}, {"events", transfer.Prepared, 0, 0},
		{"accounts", transfer.Copying, 2, 2}, {"accounts", transfer.Copied, 2, 2}, {"accounts", transfer.Verified, 2, 2},
		{"events", transfer.Copying, 5, 24}, {"events", transfer.Copying, 10, 24}, {"events", transfer.Copying, 15, 24},
		{"events", transfer.Copying, 20, 24}, {"events", transfer.Copying, 24, 24}, {"events", transfer.Copied, 24, 24},
		{"events", transfer.Verified, 24, 24},
	}, seen)
}

// TestForeignKeys: tables of the host's that refer to each other are filled, and
// cleared, in an order that their keys allow.
func TestForeignKeys(t *testing.T) {
	for _, k := range []testdb.Kind{testdb.PostgreSQL, testdb.MariaDB} {
		t.Run(string(k), func(t *testing.T) {
			w, dst := newWorld(t, testdb.SQLite), target(t, k)
			emptyTables(t, w, dst)
			execute(t, dst.DB, "ALTER TABLE events ADD CONSTRAINT parent FOREIGN KEY (account) REFERENCES accounts (id)")
			complete(t, w, dst, k, rowsOfAcme)
			w.exec(t, "UPDATE shared_accounts SET name = 'renamed' WHERE tenant = 'acme'")
			report := complete(t, w, dst, k, rowsOfAcme)
			assert.False(t, report.Datasets[0].Reused)
			assert.False(t, report.Datasets[1].Reused, "its rows were in the way of their parents")
		})
	}
}

// TestBigRows: a batch ends before it is too long for a database to take.
func TestBigRows(t *testing.T) {
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		w, dst := newWorld(t, testdb.SQLite), target(t, k)
		w.exec(t, "UPDATE shared_events SET c_txt = hex(zeroblob(400000))")
		batches := 0
		report, err := run(w, dst, func(o *transfer.Options) { o.Batch = 1000 }, watch(func(p transfer.Progress) {
			if p.Phase == transfer.Copying && p.Dataset == "events" {
				batches++
			}
		}))
		require.NoError(t, err, "%v", causes(err))
		assert.EqualValues(t, rowsOfAcme, report.Datasets[1].Rows)
		assert.Equal(t, rowsOfAcme, batches, "of 800 kB each")
	})
}

// TestManyRows: a batch has no more parameters than a statement may have.
func TestManyRows(t *testing.T) {
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		w, dst := newWorld(t, testdb.SQLite), target(t, k)
		w.exec(t, `WITH RECURSIVE n (i) AS (VALUES (1000) UNION ALL SELECT i + 1 FROM n WHERE i < 9999)
			INSERT INTO shared_events (c_id, c_tenant) SELECT i, 'acme' FROM n`)
		report, err := run(w, dst, func(o *transfer.Options) { o.Batch = 100000 })
		require.NoError(t, err, "%v", causes(err))
		assert.EqualValues(t, rowsOfAcme+9000, report.Datasets[1].Rows)
		assert.Equal(t, rowsOfAcme+9000, count(t, dst.DB, "events"))
	})
}
