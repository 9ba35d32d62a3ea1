package rls_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/session"
)

// Isolated enforcers give the same statements, each for its own sessions only.
func TestIsolatedEnforcersShareNoSessions(t *testing.T) {
	f := newThreats(t)
	one, two := f.shared.Isolated(rls.Isolation{}), f.shared.Isolated(rls.Isolation{})
	again := one.Isolated(rls.Isolation{})
	sessions := map[*rls.Enforcer]session.Session{f.shared: f.acme}
	for _, e := range []*rls.Enforcer{one, two, again} {
		s, err := e.Schema().New(map[string]any{"organization_id": "acme"})
		require.NoError(t, err)
		sessions[e] = s
	}
	want, err := f.shared.Enforce(t.Context(), f.acme, "SELECT id FROM orders")
	require.NoError(t, err)
	for e := range sessions {
		for other, s := range sessions {
			st, err := e.Enforce(t.Context(), s, "SELECT id FROM orders")
			if e != other {
				assert.ErrorIs(t, err, rls.ErrNoSession)
				continue
			}
			require.NoError(t, err)
			assert.Equal(t, want.SQL, st.SQL)
			assert.Equal(t, want.Args, st.Args)
		}
	}

	var none *rls.Enforcer
	assert.Nil(t, none.Schema())
	_, err = none.Isolated(rls.Isolation{}).Enforce(t.Context(), f.acme, "SELECT id FROM orders")
	assert.ErrorIs(t, err, rls.ErrDenied)
}

// Scopes keep the fingerprints of equal statements apart.
func TestScopesHaveTheirOwnFingerprints(t *testing.T) {
	f := newThreats(t)
	fingerprint := func(scope string) rls.Fingerprint {
		e := f.shared.Isolated(rls.Isolation{Scope: scope})
		s, err := e.Schema().New(map[string]any{"organization_id": "acme"})
		require.NoError(t, err)
		st, err := e.Enforce(t.Context(), s, "SELECT id FROM orders")
		require.NoError(t, err)
		return st.Fingerprint
	}
	st, err := f.shared.Enforce(t.Context(), f.acme, "SELECT id FROM orders")
	require.NoError(t, err)
	assert.Equal(t, st.Fingerprint, fingerprint(""))
	assert.Equal(t, fingerprint("a"), fingerprint("a"))
	assert.NotEqual(t, fingerprint("a"), fingerprint("b"))
	assert.NotEqual(t, fingerprint("a"), fingerprint(""))
}

// threatsConnector opens connections to a new copy of the threats' database.
func threatsConnector(t *testing.T) driver.Connector {
	t.Helper()
	c := testdb.Connector(t, testdb.SQLite, testdb.Options{})
	raw := sql.OpenDB(c)
	defer raw.Close()
	for line := range strings.Lines(string(threatsFile(t, "full.sql"))) {
		_, err := raw.Exec(line)
		require.NoError(t, err)
	}
	return c
}

// counting is a connector that counts the connections that are open.
type counting struct {
	driver.Connector
	open      atomic.Int64
	contended atomic.Bool
}

func (c *counting) Connect(ctx context.Context) (driver.Conn, error) {
	c.open.Add(1)
	return c.Connector.Connect(ctx)
}

func (c *counting) Disconnected()   { c.open.Add(-1) }
func (c *counting) Contended() bool { return c.contended.Load() }

// A connection that others wait for isn't kept.
func TestContendedConnectionIsGivenBack(t *testing.T) {
	f := newThreats(t)
	connector := &counting{Connector: threatsConnector(t)}
	db := sql.OpenDB(rls.NewConnector(connector, f.shared))
	defer db.Close()
	ctx := session.NewContext(t.Context(), f.acme)
	for contended, open := range map[bool]int64{false: 1, true: 0} {
		connector.contended.Store(contended)
		var n int
		require.NoError(t, db.QueryRowContext(ctx, "SELECT COUNT(*) FROM orders").Scan(&n))
		assert.Equal(t, open, connector.open.Load())
	}
}

// Every run is reported once when it has ended, and every closed connection.
func TestResults(t *testing.T) {
	f := newThreats(t)
	var results []rls.Result
	var refusals []rls.Outcome
	e := f.shared.Isolated(rls.Isolation{
		OnResult: func(_ context.Context, r rls.Result) { results = append(results, r) },
		OnDecision: func(_ context.Context, o rls.Outcome) {
			if o.Err != nil {
				refusals = append(refusals, o)
			}
		},
	})
	who, err := e.Schema().New(map[string]any{"organization_id": "acme"})
	require.NoError(t, err)
	ctx := session.NewContext(t.Context(), who)

	connector := &counting{Connector: threatsConnector(t)}
	db := sql.OpenDB(rls.NewConnector(connector, e))
	const all = "SELECT id FROM orders ORDER BY id"
	var rowsRead int
	rows, err := db.QueryContext(ctx, all)
	require.NoError(t, err)
	for rows.Next() {
		rowsRead++
	}
	require.NoError(t, rows.Close())
	require.NotZero(t, rowsRead)
	require.NoError(t, rows.Close())

	var first int
	require.NoError(t, db.QueryRowContext(ctx, all).Scan(&first))
	_, err = db.ExecContext(ctx, all)
	require.NoError(t, err)
	prepared, err := db.PrepareContext(ctx, all)
	require.NoError(t, err)
	rows, err = prepared.QueryContext(ctx)
	require.NoError(t, err)
	require.NoError(t, rows.Close())
	require.NoError(t, prepared.Close())
	_, err = db.QueryContext(ctx, "SELECT payload FROM secrets")
	require.ErrorIs(t, err, rls.ErrUnknownName)
	_, err = db.QueryContext(t.Context(), all)
	require.ErrorIs(t, err, rls.ErrNoSession)

	assert.Len(t, refusals, 2)
	require.Len(t, results, 4)
	for i, read := range []int64{int64(rowsRead), 1, 0, 0} {
		assert.Equal(t, read, results[i].Rows, "run %d", i)
		assert.Equal(t, who, results[i].Session)
		assert.Equal(t, all, results[i].Query)
		assert.NotNil(t, results[i].Statement)
		assert.NoError(t, results[i].Err)
		assert.Positive(t, results[i].Duration)
	}
	assert.Positive(t, connector.open.Load())
	require.NoError(t, db.Close())
	assert.Zero(t, connector.open.Load())
}

// A run that the database stops is reported with its error.
func TestResultOfAFailedRun(t *testing.T) {
	f := newThreats(t)
	var results []rls.Result
	e := f.shared.Isolated(rls.Isolation{OnResult: func(_ context.Context, r rls.Result) { results = append(results, r) }})
	who, err := e.Schema().New(map[string]any{"organization_id": "acme"})
	require.NoError(t, err)
	connector := threatsConnector(t)
	raw := sql.OpenDB(connector)
	_, err = raw.Exec("DROP TABLE orders")
	require.NoError(t, err)
	require.NoError(t, raw.Close())
	db := sql.OpenDB(rls.NewConnector(connector, e))
	defer db.Close()
	_, err = db.QueryContext(session.NewContext(t.Context(), who), "SELECT id FROM orders")
	require.Error(t, err)
	require.Len(t, results, 1)
	assert.Equal(t, err, results[0].Err)
}
