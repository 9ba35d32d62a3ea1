package project_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"modernc.org/sqlite"

	"github.com/hedgerow/hedgerow/rls/project"
	"github.com/hedgerow/hedgerow/session"
)

const loggablePolicies = `session:
  - {name: user, type: string, required: true}
  - {name: team, type: string, loggable: true}
policies:
  - {name: own, datasets: [notes], rows: row.owner == session.user}
`

func historyOf(t *testing.T, p *project.Project, r *project.Registry, f project.Filter) []project.HistoryEntry {
	t.Helper()
	require.NoError(t, r.FlushHistory(t.Context()))
	page, err := p.History(t.Context(), f)
	require.NoError(t, err)
	return page.Entries
}

// Every query is in the history of its project once, whichever way it was asked
// and whatever became of it; secrets aren't.
func TestHistory(t *testing.T) {
	stores(t, func(t *testing.T, db *sql.DB, s project.Store) {
		r := open(t, s)
		sp := spec("acme", notes(t, "a1", "b1", "a2"))
		sp.Policies.Text = []byte(loggablePolicies)
		p := create(t, r, sp)
		sp.Name = "globex"
		other := create(t, r, sp)
		token, k, err := p.IssueKey(t.Context(), "ann's", map[string]any{"user": "ann-the-secret", "team": "red"}, time.Time{})
		require.NoError(t, err)
		_, who, err := r.Authenticate(t.Context(), token)
		require.NoError(t, err)
		ctx := session.NewContext(t.Context(), who)
		last := func(query string, status project.Status, class string, rows int64) project.HistoryEntry {
			t.Helper()
			all := historyOf(t, p, r, project.Filter{})
			require.NotEmpty(t, all)
			e := all[0]
			assert.Equal(t, query, e.Query)
			assert.Equal(t, status, e.Status)
			assert.Equal(t, class, e.ErrorClass)
			assert.Equal(t, rows, e.Rows)
			assert.WithinDuration(t, time.Now(), e.Time, time.Minute)
			return e
		}
		ask := func(query string) error {
			rows, err := p.Query(t.Context(), who, query)
			if err != nil {
				return err
			}
			return rows.Close()
		}
		const good = "SELECT body FROM notes WHERE 1 = 1"
		require.NoError(t, ask(good))
		e := last(good, project.StatusOK, "", 0)
		assert.Equal(t, k.ID, e.Key)
		assert.JSONEq(t, `{"user": "[redacted]", "team": "red"}`, e.Session)
		assert.Len(t, e.Fingerprint, 64)
		assert.Contains(t, e.Decision, "own")
		require.Error(t, ask("SELECT nothing FROM notes"))
		e = last("SELECT nothing FROM notes", project.StatusRefused, "unknown name", 0)
		assert.Contains(t, e.Decision, "nothing")
		require.Error(t, ask("SELECT 1 +"))
		last("SELECT 1 +", project.StatusRefused, "syntax", 0)
		rows, err := p.DB().QueryContext(ctx, "SELECT id FROM notes")
		require.NoError(t, err)
		require.NoError(t, rows.Close())
		last("SELECT id FROM notes", project.StatusOK, "", 0)
		_, err = p.DB().QueryContext(t.Context(), "SELECT id FROM notes")
		require.Error(t, err)
		e = last("SELECT id FROM notes", project.StatusRefused, "no session", 0)
		assert.Empty(t, e.Key)
		_, err = p.Enforce(t.Context(), who, "SELECT id, id FROM notes")
		require.NoError(t, err)
		last("SELECT id, id FROM notes", project.StatusOK, "", 0)
		done, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = p.Query(done, who, "SELECT body FROM notes")
		require.ErrorIs(t, err, context.Canceled)
		last("SELECT body FROM notes", project.StatusFailed, "canceled", 0)

		// a stranger's session is refused, and shows nothing of another project here
		_, stranger, err := authenticate(t, r, other, map[string]any{"user": "x", "team": "OTHERS"})
		require.NoError(t, err)
		_, err = p.Query(t.Context(), stranger, "SELECT body FROM notes")
		require.Error(t, err)
		e = last("SELECT body FROM notes", project.StatusRefused, "no session", 0)
		assert.Empty(t, e.Key)
		assert.Empty(t, e.Session)

		update(t, r, p, func(s *project.Spec) { s.Connection.DSN = "/none/such.db" })
		require.ErrorIs(t, ask(good), project.ErrConnection)
		last(good, project.StatusFailed, "connection", 0)
		update(t, r, p, func(s *project.Spec) { s.Inactive = true })
		require.ErrorIs(t, ask(good), project.ErrInactive)
		last(good, project.StatusRefused, "inactive", 0)

		all := historyOf(t, p, r, project.Filter{})
		assert.Len(t, all, 10)
		assert.NotContains(t, fmt.Sprint(all), "ann-the-secret")
		assert.NotContains(t, fmt.Sprint(all), "OTHERS")
		assert.Len(t, historyOf(t, p, r, project.Filter{Status: project.StatusRefused}), 5)
		assert.Len(t, historyOf(t, p, r, project.Filter{Key: k.ID}), 8)
		assert.Empty(t, historyOf(t, other, r, project.Filter{}))

		require.NoError(t, r.Delete(t.Context(), p.ID(), p.Version()))
		assert.Len(t, historyOf(t, p, r, project.Filter{}), 10)
		require.NoError(t, r.RemoveHistory(t.Context(), p.ID()))
		assert.Empty(t, historyOf(t, p, r, project.Filter{}))
	})
}

func authenticate(t *testing.T, r *project.Registry, p *project.Project, properties map[string]any) (*project.Project, session.Session, error) {
	t.Helper()
	token, _, err := p.IssueKey(t.Context(), "key", properties, time.Time{})
	require.NoError(t, err)
	return r.Authenticate(t.Context(), token)
}

// Close waits for the queries that run, and loses none of their entries.
func TestCloseLosesNoHistory(t *testing.T) {
	s, db, _ := sqliteStore(t)
	r := open(t, s)
	p := create(t, r, spec("acme", notes(t, "a1", "a2", "a3", "a4")))
	who, err := p.Session(map[string]any{"user": "ann"})
	require.NoError(t, err)
	const readers, each = 20, 25
	var wg sync.WaitGroup
	for range readers {
		wg.Go(func() {
			for range each {
				rows, err := p.Query(t.Context(), who, "SELECT body FROM notes")
				if !assert.NoError(t, err) {
					return
				}
				for rows.Next() {
				}
				assert.NoError(t, rows.Close())
			}
		})
	}
	wg.Wait()
	rows, err := p.Query(t.Context(), who, "SELECT body FROM notes")
	require.NoError(t, err)
	soon, cancel := context.WithCancel(t.Context())
	cancel()
	closed := make(chan error)
	go func() { closed <- r.Close(t.Context()) }()
	require.Eventually(t, func() bool { _, err := r.Get(t.Context(), p.ID()); return err != nil }, 10*time.Second, time.Millisecond)
	require.True(t, rows.Next(), "a query that runs goes on")
	require.NoError(t, rows.Close())
	require.NoError(t, <-closed)
	require.NoError(t, r.Close(soon))
	var n, read int
	require.NoError(t, db.QueryRow(`SELECT COUNT(*), SUM(row_count) FROM hedgerow_history WHERE status = 'ok'`).Scan(&n, &read))
	assert.Equal(t, readers*each+1, n)
	assert.Equal(t, readers*each*2+1, read)
}

// breaking is SQLite whose connections break after the first row.
type breaking struct{ sqlite.Driver }

func (b *breaking) Open(dsn string) (driver.Conn, error) {
	c, err := b.Driver.Open(dsn)
	return breakingConn{c}, err
}

type breakingConn struct{ driver.Conn }

func (c breakingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
	if !strings.Contains(query, "notes") { // the connection's settings
		return rows, err
	}
	return &breakingRows{Rows: rows}, err
}

type breakingRows struct {
	driver.Rows
	read int
}

func (r *breakingRows) Next(dest []driver.Value) error {
	if r.read++; r.read > 1 {
		return driver.ErrBadConn
	}
	return r.Rows.Next(dest)
}

var registerBreaking = sync.OnceFunc(func() { sql.Register("breaking-sqlite", &breaking{}) })

// Rows that were read are in the history, however the connection ends.
func TestHistoryOfBrokenConnections(t *testing.T) {
	registerBreaking()
	s, _, _ := sqliteStore(t)
	r := open(t, s)
	sp := spec("p", notes(t, "a1", "b1", "a2"))
	sp.Connection.Driver = "breaking-sqlite"
	p := create(t, r, sp)
	_, err := bodies(t, p, "ann")
	require.ErrorIs(t, err, driver.ErrBadConn)
	require.NoError(t, r.FlushHistory(t.Context()))
	page, err := p.History(t.Context(), project.Filter{Status: project.StatusFailed})
	require.NoError(t, err)
	require.Len(t, page.Entries, 1)
	assert.EqualValues(t, 1, page.Entries[0].Rows)
}
