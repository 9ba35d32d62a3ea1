package rls_test

import (
	"context"
	"database/sql"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/session"
)

// An open connection, a transaction and a prepared statement obey new policies
// from their next call on.
func TestLiveConnectorFollowsItsPolicies(t *testing.T) {
	f := newThreats(t)
	var refusals []error
	one := f.shared.Isolated(rls.Isolation{OnDecision: func(_ context.Context, o rls.Outcome) { refusals = append(refusals, o.Err) }})
	two := f.shared.Isolated(rls.Isolation{})
	var current atomic.Pointer[rls.Enforcer]
	current.Store(one)
	closed := errors.New("closed")
	var results []rls.Result
	db := sql.OpenDB(rls.NewLiveConnector(threatsConnector(t), rls.Live{
		Choose: func(_ context.Context, s session.Session) (*rls.Enforcer, session.Session, error) {
			e := current.Load()
			if e == nil {
				return nil, session.Session{}, closed
			}
			return e, s, nil
		},
		OnResult: func(_ context.Context, r rls.Result) { results = append(results, r) },
	}))
	defer db.Close()
	db.SetMaxOpenConns(1)
	who := func(e *rls.Enforcer) context.Context {
		s, err := e.Schema().New(map[string]any{"organization_id": "acme"})
		require.NoError(t, err)
		return session.NewContext(t.Context(), s)
	}
	const query = "SELECT COUNT(*) FROM orders"
	tx, err := db.BeginTx(who(one), nil)
	require.NoError(t, err)
	prepared, err := tx.PrepareContext(who(one), query)
	require.NoError(t, err)
	ask := func(ctx context.Context) []error {
		var n int
		_, prepare := tx.PrepareContext(ctx, query)
		return []error{tx.QueryRowContext(ctx, query).Scan(&n), prepared.QueryRowContext(ctx).Scan(&n), prepare}
	}
	all := func(errs []error, is error) {
		t.Helper()
		for _, err := range errs {
			assert.ErrorIs(t, err, is)
		}
	}
	all(ask(who(one)), nil)
	all(ask(t.Context()), rls.ErrNoSession)
	assert.Len(t, refusals[len(refusals)-3:], 3)
	assert.ErrorIs(t, refusals[len(refusals)-1], rls.ErrNoSession)
	current.Store(two)
	all(ask(who(one)), rls.ErrNoSession)
	all(ask(who(two)), nil)
	current.Store(nil)
	all(ask(who(two)), closed)
	all(ask(t.Context()), rls.ErrNoSession)
	assert.Len(t, results, 4)
	require.NoError(t, tx.Rollback())
}

// A live connector whose Choose is missing or gives no enforcer refuses.
func TestLiveConnectorFailsClosed(t *testing.T) {
	f := newThreats(t)
	ctx := session.NewContext(t.Context(), f.acme)
	bare := sql.OpenDB(rls.NewLiveConnector(threatsConnector(t), rls.Live{}))
	defer bare.Close()
	assert.Error(t, bare.PingContext(ctx))
	none := sql.OpenDB(rls.NewLiveConnector(threatsConnector(t), rls.Live{
		Choose: func(_ context.Context, s session.Session) (*rls.Enforcer, session.Session, error) { return nil, s, nil },
	}))
	defer none.Close()
	_, err := none.QueryContext(ctx, "SELECT id FROM orders")
	assert.ErrorIs(t, err, rls.ErrDenied)
	_, err = none.PrepareContext(ctx, "SELECT id FROM orders")
	assert.ErrorIs(t, err, rls.ErrDenied)
	_, err = none.QueryContext(t.Context(), "SELECT id FROM orders")
	assert.ErrorIs(t, err, rls.ErrNoSession)
}
