package project_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/rls/project"
	"github.com/hedgerow/hedgerow/session"
)

// A default that a change of the policies took away isn't carried over: nobody
// knows whether the session was given it.
func TestChangedDefaults(t *testing.T) {
	s, _, _ := sqliteStore(t)
	r := open(t, s)
	withRole := func(role string) func(*project.Spec) {
		return policies(fmt.Sprintf(`session: [{name: user, type: string}, {name: role, type: string, default: %s}]
policies: [{name: all, datasets: [notes], when: session.role == 'admin', rows: "true"}, {name: own, datasets: [notes], rows: row.owner == session.user}]`, role))
	}
	sp := spec("p", notes(t, "a1", "b1"))
	withRole("admin")(&sp)
	p := create(t, r, sp)
	byDefault, err := p.Session(map[string]any{"user": "ann"})
	require.NoError(t, err)
	member, err := p.Session(map[string]any{"user": "ann", "role": "member"})
	require.NoError(t, err)
	count := func(s session.Session) (n int, err error) {
		rows, err := p.Query(t.Context(), s, "SELECT COUNT(*) FROM notes")
		if err != nil {
			return 0, err
		}
		defer rows.Close()
		require.True(t, rows.Next())
		return n, rows.Scan(&n)
	}
	n, err := count(byDefault)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	update(t, r, p, withRole("member"))
	_, err = count(byDefault)
	require.ErrorIs(t, err, rls.ErrNoSession)
	n, err = count(member)
	require.NoError(t, err)
	assert.Equal(t, 1, n)

	// a query that ends after its session stopped fitting still says whose it was
	rows, err := p.Query(t.Context(), member.WithOrigin("key"), "SELECT body FROM notes")
	require.NoError(t, err)
	update(t, r, p, policies(`session: [{name: nobody, type: string}]
policies: [{name: none, datasets: [notes], rows: row.owner == session.nobody}]`))
	require.NoError(t, rows.Close())
	_, err = count(member)
	require.ErrorIs(t, err, rls.ErrNoSession)
	require.NoError(t, r.FlushHistory(t.Context()))
	page, err := p.History(t.Context(), project.Filter{Key: "key"})
	require.NoError(t, err)
	require.Len(t, page.Entries, 1)
	assert.NotEmpty(t, page.Entries[0].Session)
}

// A project that is made inactive is so in every instance, also in one that
// couldn't take over a change before.
func TestInactiveReachesAll(t *testing.T) {
	stores(t, func(t *testing.T, db *sql.DB, s project.Store) {
		var reported faults
		r := open(t, s, func(c *project.Config) { c.OnError = reported.add })
		p := create(t, r, spec("p", notes(t, "a1")))
		seen, err := bodies(t, p, "ann")
		require.NoError(t, err)
		require.Equal(t, []string{"a1"}, seen)
		// as if a newer version of the host had written what this one can't read
		_, err = db.Exec(`UPDATE hedgerow_texts SET content = 'policies: [{new: thing}]' WHERE hash = (SELECT policies_hash FROM hedgerow_projects)`)
		require.NoError(t, err)
		newer := func(set string) {
			_, err := db.Exec(`UPDATE hedgerow_revision SET n = n + 1`)
			require.NoError(t, err)
			_, err = db.Exec(`UPDATE hedgerow_projects SET revision = (SELECT n FROM hedgerow_revision), policies_name = 'newer.yaml'` + set)
			require.NoError(t, err)
			require.NoError(t, r.Refresh(t.Context()))
		}
		newer("")
		seen, err = bodies(t, p, "ann")
		require.NoError(t, err, "the version before serves on")
		require.Equal(t, []string{"a1"}, seen)
		newer(", active = 0")
		_, err = bodies(t, p, "ann")
		require.ErrorIs(t, err, project.ErrInactive)
		assert.Len(t, reported.all(), 2)
	})
}

// A caller who gives up while his change is committed hears that it was.
func TestCancelledCommit(t *testing.T) {
	slow, db := newSlowStore(t)
	r := open(t, project.SQLiteStore(db))
	ctx, cancel := context.WithCancel(t.Context())
	late := &lateCommit{make(chan struct{}), make(chan struct{})}
	slow.late.Store(late)
	created := make(chan error, 1)
	go func() {
		_, err := r.Create(ctx, spec("p", "x.db"))
		created <- err
	}()
	<-late.done
	cancel()
	close(late.goOn)
	require.NoError(t, <-created)
	page, err := r.List(t.Context(), project.ListOptions{})
	require.NoError(t, err)
	assert.Len(t, page.Projects, 1)
}

// A server that was restarted is found again. Changes don't even fail.
func TestRestart(t *testing.T) {
	stores(t, func(t *testing.T, db *sql.DB, s project.Store) {
		var pg bool
		if db.QueryRow(`SELECT true FROM pg_stat_activity LIMIT 1`).Scan(&pg) != nil {
			t.Skip("SQLite has no server")
		}
		db.SetMaxIdleConns(20)
		r := open(t, s)
		p := create(t, r, spec("p", notes(t, "a1")))
		for i := range 10 {
			var busy []*sql.Conn // connections that will be in the pool
			for range 5 {
				c, err := db.Conn(t.Context())
				require.NoError(t, err)
				busy = append(busy, c)
			}
			_, err := busy[0].ExecContext(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
				WHERE datname = current_database() AND pid <> pg_backend_pid()`)
			require.NoError(t, err)
			for _, c := range busy {
				require.NoError(t, c.Close())
			}
			_, err = r.Create(t.Context(), spec(fmt.Sprint("p", i), "x.db"))
			require.NoError(t, err)
			token, _, err := p.IssueKey(t.Context(), fmt.Sprint("k", i), map[string]any{"user": "ann"}, time.Time{})
			require.NoError(t, err)
			_, err = bodies(t, p, "ann")
			require.NoError(t, err)
			require.Eventually(t, func() bool {
				_, _, err := r.Authenticate(t.Context(), token)
				return err == nil && r.Refresh(t.Context()) == nil && r.FlushHistory(t.Context()) == nil
			}, 10*time.Second, time.Millisecond)
		}
		page, err := p.History(t.Context(), project.Filter{})
		require.NoError(t, err)
		assert.Len(t, page.Entries, 10)
	})
}

// Texts that one database refuses are answered alike by both.
func TestOddTexts(t *testing.T) {
	stores(t, func(t *testing.T, _ *sql.DB, s project.Store) {
		r := open(t, s)
		p := create(t, r, spec("p", "x.db"))
		for _, odd := range []string{"\x00", "\xff", "'; DROP TABLE hedgerow_projects; --", `"`, "?", "$1", "%_", "\u202e"} {
			_, err := r.Get(t.Context(), odd)
			require.ErrorIs(t, err, project.ErrNotFound)
			_, err = r.Update(t.Context(), odd, 1, nil)
			require.ErrorIs(t, err, project.ErrNotFound)
			require.ErrorIs(t, r.Delete(t.Context(), odd, 1), project.ErrNotFound)
			_, err = r.RolloutStatus(t.Context(), odd)
			require.ErrorIs(t, err, project.ErrNotFound)
			_, err = r.Resume(t.Context(), odd, nil)
			require.ErrorIs(t, err, project.ErrNotFound)
			require.ErrorIs(t, r.ForgetRollout(t.Context(), odd), project.ErrNotFound)
			require.ErrorIs(t, p.RevokeKey(t.Context(), odd), project.ErrNotFound)
			_, _, err = r.Authenticate(t.Context(), odd)
			require.ErrorIs(t, err, project.ErrUnauthenticated)
			page, err := r.History(t.Context(), odd, project.Filter{Key: odd})
			require.NoError(t, err)
			require.Empty(t, page.Entries)
			require.NoError(t, r.RemoveHistory(t.Context(), odd))
			list, err := r.List(t.Context(), project.ListOptions{NamePrefix: odd})
			if err != nil {
				require.ErrorIs(t, err, project.ErrInvalid)
			}
			require.Empty(t, list.Projects)
			_, err = r.List(t.Context(), project.ListOptions{After: odd})
			if err != nil {
				require.ErrorIs(t, err, project.ErrInvalid)
			}
			sp := spec("a"+odd, "x.db")
			sp.Metadata = map[string]string{odd: odd}
			named, err := r.Create(t.Context(), sp)
			if err != nil {
				require.ErrorIs(t, err, project.ErrInvalid)
				continue
			}
			require.Equal(t, "a"+odd, named.Name())
			list, err = r.List(t.Context(), project.ListOptions{NamePrefix: "a" + odd, Metadata: map[string]string{odd: odd}})
			require.NoError(t, err)
			require.Len(t, list.Projects, 1)
			require.NoError(t, r.Delete(t.Context(), named.ID(), 1))
		}
	})
}

// What can't be is refused by Open rather than by the first project.
func TestOpenValidates(t *testing.T) {
	s, _, _ := sqliteStore(t)
	for _, c := range []project.Config{
		{Limits: rls.Limits{Depth: -1}}, {Limits: rls.Limits{Depth: 1 << 30}}, {KeepKeys: -1}, {Poll: -1}, {CacheBytes: -1},
		{History: project.HistoryConfig{KeepFor: -1}}, {History: project.HistoryConfig{KeepCount: -1}}, {Pools: project.PoolLimits{MaxConns: -1}},
	} {
		_, err := project.Open(t.Context(), s, c)
		require.Error(t, err, "%+v", c)
	}
}

// Keys that have been dead for long are deleted; others are kept.
func TestDeadKeysArePruned(t *testing.T) {
	stores(t, func(t *testing.T, db *sql.DB, s project.Store) {
		r := open(t, s)
		p := create(t, r, spec("p", "x.db"))
		who := map[string]any{"user": "ann"}
		var ids []string
		for _, name := range []string{"old", "new", "live"} {
			_, k, err := p.IssueKey(t.Context(), name, who, time.Time{})
			require.NoError(t, err)
			ids = append(ids, k.ID)
		}
		require.NoError(t, p.RevokeKey(t.Context(), ids[0]))
		require.NoError(t, p.RevokeKey(t.Context(), ids[1]))
		_, err := db.Exec(fmt.Sprintf(`UPDATE hedgerow_keys SET revoked = revoked - %d WHERE id = '%s'`, 91*24*time.Hour/time.Microsecond, ids[0]))
		require.NoError(t, err)
		again := open(t, s, func(c *project.Config) { c.Poll = 5 * time.Millisecond })
		p, err = again.Get(t.Context(), p.ID())
		require.NoError(t, err)
		require.Eventually(t, func() bool {
			left, err := p.Keys(t.Context())
			return err == nil && len(left) == 2
		}, 10*time.Second, 5*time.Millisecond)
	})
}
