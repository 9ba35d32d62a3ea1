package store_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/hedgerow/hedgerow/internal/store"
	"github.com/hedgerow/hedgerow/internal/testdb"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

var counters = []store.Migration{
	{Name: "counters", Statements: []string{`CREATE TABLE counters (name TEXT PRIMARY KEY, n BIGINT NOT NULL)`, `INSERT INTO counters (name, n) VALUES ('a?', 0)`}},
}

// databases runs a test on each database that a store can be on.
func databases(t *testing.T, test func(t *testing.T, db *sql.DB, flavor store.Flavor)) {
	t.Run("sqlite", func(t *testing.T) {
		db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "store.db"))
		require.NoError(t, err)
		t.Cleanup(func() { db.Close() })
		test(t, db, store.SQLite)
	})
	t.Run("postgresql", func(t *testing.T) { test(t, testdb.Open(t, testdb.PostgreSQL), store.PostgreSQL) })
}

func open(t *testing.T, db *sql.DB, flavor store.Flavor, migrations []store.Migration) *store.DB {
	t.Helper()
	s, err := store.Open(t.Context(), db, flavor, migrations)
	require.NoError(t, err)
	return s
}

func count(t *testing.T, s *store.DB) int {
	t.Helper()
	var n int
	require.NoError(t, s.QueryRow(t.Context(), `SELECT n FROM counters WHERE name = 'a?' AND n >= ?`, 0).Scan(&n))
	return n
}

// Instances that start together migrate once, and later ones add what is new.
func TestMigrationsApplyOnce(t *testing.T) {
	databases(t, func(t *testing.T, db *sql.DB, flavor store.Flavor) {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				_, err := store.Open(t.Context(), db, flavor, counters)
				assert.NoError(t, err)
			})
		}
		wg.Wait()
		more := append(counters[:1:1], store.Migration{Name: "more", Statements: []string{`UPDATE counters SET n = n + 1`}})
		open(t, db, flavor, more)
		assert.Equal(t, 1, count(t, open(t, db, flavor, more)))

		_, err := store.Open(t.Context(), db, flavor, counters)
		assert.ErrorContains(t, err, "a newer version made it")
	})
}

// A migration that fails half way leaves nothing behind.
func TestFailedMigrationIsUndone(t *testing.T) {
	databases(t, func(t *testing.T, db *sql.DB, flavor store.Flavor) {
		bad := []store.Migration{{Name: "bad", Statements: []string{`CREATE TABLE half (n BIGINT)`, `nonsense`}}}
		_, err := store.Open(t.Context(), db, flavor, bad)
		require.ErrorContains(t, err, `"bad"`)
		_, err = db.Exec(`SELECT n FROM half`)
		assert.Error(t, err)
	})
}

// Every increment of many writers at once is kept, and none that failed.
func TestTxIsAllOrNothing(t *testing.T) {
	databases(t, func(t *testing.T, db *sql.DB, flavor store.Flavor) {
		one, two := open(t, db, flavor, counters), open(t, db, flavor, counters)
		failed := errors.New("failed")
		var wg sync.WaitGroup
		for i := range 100 {
			s := one
			if i%2 == 0 {
				s = two
			}
			wg.Go(func() {
				err := s.Tx(t.Context(), func(tx *store.Tx) error {
					var n int64
					if err := tx.QueryRow(t.Context(), `SELECT n FROM counters WHERE name = ?`, "a?").Scan(&n); err != nil {
						return err
					}
					changed, err := tx.Exec(t.Context(), `UPDATE counters SET n = n + ? WHERE name = ?`, 1, "a?")
					assert.Equal(t, int64(1), changed)
					if i%10 == 0 {
						return failed
					}
					return err
				})
				if i%10 == 0 {
					assert.ErrorIs(t, err, failed)
				} else {
					assert.NoError(t, err)
				}
			})
		}
		wg.Wait()
		assert.Equal(t, 90, count(t, one))
	})
}

// A transaction whose context ends is undone, and its connection serves again.
func TestCancelledTx(t *testing.T) {
	databases(t, func(t *testing.T, db *sql.DB, flavor store.Flavor) {
		db.SetMaxOpenConns(1)
		s := open(t, db, flavor, counters)
		ctx, cancel := context.WithCancel(t.Context())
		err := s.Tx(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE counters SET n = n + 1`)
			cancel()
			return err
		})
		require.Error(t, err)
		assert.Equal(t, 0, count(t, s))
		require.NoError(t, s.Tx(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE counters SET n = n + 1`)
			return err
		}))
		assert.Equal(t, 1, count(t, s))
	})
}

func TestOpenRefuses(t *testing.T) {
	_, err := store.Open(t.Context(), nil, store.SQLite, nil)
	assert.Error(t, err)
	_, err = store.Open(t.Context(), testdb.Open(t, testdb.SQLite), 0, nil)
	assert.Error(t, err)
}

func TestTimes(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.FixedZone("", 3600))
	assert.True(t, at.Equal(store.Time(store.Micros(at))))
	assert.True(t, store.Time(store.Micros(time.Time{})).IsZero())
}
