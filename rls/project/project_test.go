package project_test

import (
	"database/sql"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/rls/project"
	"github.com/hedgerow/hedgerow/session"
)

func update(t *testing.T, r *project.Registry, p *project.Project, change func(*project.Spec)) {
	t.Helper()
	_, err := r.Update(t.Context(), p.ID(), p.Version(), change)
	require.NoError(t, err)
}

func policies(text string) func(*project.Spec) {
	return func(s *project.Spec) { s.Policies.Text = []byte(text) }
}

// A session lives on under new policies if its values fit them.
func TestSessionsAreCarriedOver(t *testing.T) {
	s, _, _ := sqliteStore(t)
	r := open(t, s)
	p, other := create(t, r, spec("acme", notes(t, "a1", "b1"))), create(t, r, spec("globex", "x.db"))
	first, err := p.Session(map[string]any{"user": "ann"})
	require.NoError(t, err)
	ask := func(s session.Session) (n int, err error) {
		queryErr := func() error {
			rows, err := p.Query(t.Context(), s, "SELECT COUNT(*) FROM notes")
			if err != nil {
				return err
			}
			defer rows.Close()
			require.True(t, rows.Next())
			return rows.Scan(&n)
		}()
		_, enforceErr := p.Enforce(t.Context(), s, "SELECT COUNT(*) FROM notes")
		assert.Equal(t, queryErr == nil, enforceErr == nil)
		var viaDB int
		dbErr := p.DB().QueryRowContext(session.NewContext(t.Context(), s), "SELECT COUNT(*) FROM notes").Scan(&viaDB)
		assert.Equal(t, queryErr == nil, dbErr == nil)
		assert.Equal(t, n, viaDB)
		return n, queryErr
	}
	fits := func(s session.Session, want int) {
		t.Helper()
		n, err := ask(s)
		require.NoError(t, err)
		assert.Equal(t, want, n)
	}
	refused := func(s session.Session) {
		t.Helper()
		_, err := ask(s)
		require.ErrorIs(t, err, rls.ErrNoSession)
	}
	fits(first, 1)
	update(t, r, p, policies(everyonesPolicies))
	fits(first, 2)
	update(t, r, p, policies(`session: [{name: user, type: string, required: true}, {name: team, type: string, default: red}]
policies: [{name: own, datasets: [notes], rows: row.owner == session.user && session.team == 'red'}]`))
	fits(first, 1)
	third, err := p.Session(map[string]any{"user": "ann", "team": "blue"})
	require.NoError(t, err)
	fits(third, 0)
	update(t, r, p, policies(`session: [{name: user, type: string, values: [bob]}]
policies: [{name: all, datasets: [notes], rows: "true"}]`))
	refused(first) // not an allowed value
	refused(third) // has a property that is no more
	update(t, r, p, policies(`session: [{name: user, type: int}]
policies: [{name: all, datasets: [notes], rows: "true"}]`))
	refused(first) // another type
	update(t, r, p, policies(`session: [{name: user, type: string}, {name: team, type: string, required: true}]
policies: [{name: all, datasets: [notes], rows: "true"}]`))
	refused(first) // lacks a property
	fits(third, 2)
	update(t, r, p, policies(notesPolicies))
	fits(first, 1)
	update(t, r, p, func(s *project.Spec) { s.Metadata = map[string]string{"k": "v"} })
	fits(first, 1)
	update(t, r, p, func(s *project.Spec) { s.Connection.DSN = notes(t, "x", "y", "z") })
	fits(first, 2)

	ofOther, err := other.Session(map[string]any{"user": "ann"})
	require.NoError(t, err)
	update(t, r, other, policies(everyonesPolicies))
	refused(ofOther)
	refused(session.Session{})
}

// A query that runs ends as it began; later calls obey the new policies, also in
// a transaction and of a prepared statement from before.
func TestChangesReachOpenConnections(t *testing.T) {
	s, _, _ := sqliteStore(t)
	r := open(t, s)
	p := create(t, r, spec("acme", notes(t, "a1", "b1", "a2")))
	who, err := p.Session(map[string]any{"user": "ann"})
	require.NoError(t, err)
	ctx := session.NewContext(t.Context(), who)
	const query = "SELECT COUNT(*) FROM notes"

	rows, err := p.Query(t.Context(), who, "SELECT body FROM notes ORDER BY id")
	require.NoError(t, err)
	require.True(t, rows.Next())
	db := p.DB()
	tx, err := db.BeginTx(ctx, nil)
	require.NoError(t, err)
	prepared, err := tx.PrepareContext(ctx, query)
	require.NoError(t, err)
	counts := func(want int) {
		t.Helper()
		for _, row := range []*sql.Row{db.QueryRowContext(ctx, query), tx.QueryRowContext(ctx, query), prepared.QueryRowContext(ctx)} {
			var n int
			require.NoError(t, row.Scan(&n))
			assert.Equal(t, want, n)
		}
	}
	counts(2)
	update(t, r, p, policies(everyonesPolicies))
	assert.Same(t, db, p.DB())
	counts(3)

	update(t, r, p, func(s *project.Spec) { s.Connection.DSN = notes(t, "new") })
	var n int
	assert.Error(t, tx.QueryRowContext(ctx, query).Scan(&n), "a connection of before")
	assert.Error(t, prepared.QueryRowContext(ctx).Scan(&n))
	assert.Error(t, db.QueryRowContext(ctx, query).Scan(&n))
	require.NoError(t, tx.Rollback())
	assert.NotSame(t, db, p.DB())
	require.NoError(t, p.DB().QueryRowContext(ctx, query).Scan(&n))
	assert.Equal(t, 1, n)
	seen, err := bodies(t, p, "ann")
	require.NoError(t, err)
	assert.Equal(t, []string{"new"}, seen)

	require.True(t, rows.Next(), "the query of before goes on")
	var body string
	require.NoError(t, rows.Scan(&body))
	assert.Equal(t, "a2", body)
	require.False(t, rows.Next())
	require.NoError(t, rows.Err())
	require.NoError(t, rows.Close())
}

// An inactive project can be prepared, but takes no queries.
func TestInactive(t *testing.T) {
	s, _, _ := sqliteStore(t)
	r := open(t, s)
	sp := spec("acme", notes(t, "a1"))
	sp.Inactive = true
	p := create(t, r, sp)
	who, err := p.Session(map[string]any{"user": "ann"})
	require.NoError(t, err)
	ctx := session.NewContext(t.Context(), who)
	refused := func() {
		t.Helper()
		_, err = p.Query(t.Context(), who, "SELECT body FROM notes")
		assert.ErrorIs(t, err, project.ErrInactive)
		_, err = p.Enforce(t.Context(), who, "SELECT body FROM notes")
		assert.ErrorIs(t, err, project.ErrInactive)
		_, err = p.DB().QueryContext(ctx, "SELECT body FROM notes")
		assert.ErrorIs(t, err, project.ErrInactive)
	}
	refused()
	update(t, r, p, func(s *project.Spec) { s.Inactive = false })
	seen, err := bodies(t, p, "ann")
	require.NoError(t, err)
	assert.Equal(t, []string{"a1"}, seen)
	rows, err := p.DB().QueryContext(ctx, "SELECT body FROM notes")
	require.NoError(t, err)
	require.NoError(t, rows.Close())
	update(t, r, p, func(s *project.Spec) { s.Inactive = true })
	refused()
}

// Pools of queries that have ended make room, and those that are read don't.
func TestConnectionsAreBounded(t *testing.T) {
	s, _, _ := sqliteStore(t)
	r := open(t, s, func(c *project.Config) { c.Pools = project.PoolLimits{MaxPools: 2, MaxConns: 3} })
	for i := range 8 {
		p := create(t, r, spec(string(rune('a'+i)), notes(t, "one", "two")))
		for _, way := range []string{"read to the end", "closed early", "failed"} {
			who, err := p.Session(map[string]any{"user": "ann"})
			require.NoError(t, err)
			query := "SELECT body FROM notes"
			if way == "failed" {
				query = "SELECT nothing FROM notes"
			}
			rows, err := p.Query(t.Context(), who, query)
			if way == "failed" {
				require.ErrorIs(t, err, rls.ErrUnknownName)
				continue
			}
			require.NoError(t, err)
			for way == "read to the end" && rows.Next() {
			}
			if way == "closed early" {
				require.NoError(t, rows.Close())
			}
		}
	}
}
