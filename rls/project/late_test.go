package project_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"modernc.org/sqlite"

	"github.com/hedgerow/hedgerow/rls/project"
)

// slowStore is a SQLite store whose caller learns late of one commit of a project.
// asked counts the queries for changes.
type slowStore struct {
	path  string
	late  atomic.Pointer[lateCommit]
	asked atomic.Int64
}

type lateCommit struct{ done, goOn chan struct{} }

func (s *slowStore) Connect(context.Context) (driver.Conn, error) {
	c, err := s.Driver().Open(s.path)
	return &slowConn{c, s, false}, err
}

func (s *slowStore) Driver() driver.Driver { return &sqlite.Driver{} }

type slowConn struct {
	driver.Conn
	store *slowStore
	wrote bool // to a project, in this transaction
}

func (c *slowConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	res, err := c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
	c.wrote = c.wrote && query != "ROLLBACK" || strings.Contains(query, "hedgerow_projects")
	if query == "COMMIT" && err == nil && c.wrote {
		c.wrote = false
		if late := c.store.late.Swap(nil); late != nil {
			close(late.done)
			<-late.goOn
			return res, ctx.Err()
		}
	}
	return res, err
}

func (c *slowConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if strings.HasPrefix(query, "SELECT id FROM hedgerow_projects WHERE revision >") {
		c.store.asked.Add(1)
	}
	return c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
}

func newSlowStore(t *testing.T) (*slowStore, *sql.DB) {
	t.Helper()
	s := &slowStore{path: filepath.Join(t.TempDir(), "projects.db")}
	db := sql.OpenDB(s)
	t.Cleanup(func() { db.Close() })
	return s, db
}

// An instance whose commit is slow to return doesn't take its own change for the
// newest, when others changed or deleted the project meanwhile.
func TestLateCommit(t *testing.T) {
	for name, meanwhile := range map[string]func(r *project.Registry, id string) error{
		"deleted": func(r *project.Registry, id string) error { return r.Delete(t.Context(), id, 2) },
		"changed": func(r *project.Registry, id string) error {
			_, err := r.Update(t.Context(), id, 2, policies(notesPolicies+"# newest\n"))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			slow, db := newSlowStore(t)
			other, err := sql.Open("sqlite", slow.path)
			require.NoError(t, err)
			defer other.Close()
			there := open(t, project.SQLiteStore(other))
			p := create(t, there, spec("p", notes(t, "a1", "b1")))
			here := open(t, project.SQLiteStore(db)) // hasn't loaded the project

			late := &lateCommit{make(chan struct{}), make(chan struct{})}
			slow.late.Store(late)
			updated, refreshed := make(chan error, 1), make(chan error, 1)
			go func() {
				_, err := here.Update(t.Context(), p.ID(), 1, policies(everyonesPolicies))
				updated <- err
			}()
			<-late.done
			require.NoError(t, there.Refresh(t.Context()))
			require.NoError(t, meanwhile(there, p.ID()))
			asked := slow.asked.Load()
			go func() { refreshed <- here.Refresh(t.Context()) }()
			require.Eventually(t, func() bool { return slow.asked.Load() > asked }, 10*time.Second, time.Millisecond)
			close(late.goOn)
			require.NoError(t, <-updated)
			require.NoError(t, <-refreshed)

			got, err := here.Get(t.Context(), p.ID())
			if name == "deleted" {
				require.ErrorIs(t, err, project.ErrNotFound)
				return
			}
			require.NoError(t, err)
			assert.EqualValues(t, 3, got.Version())
			seen, err := bodies(t, got, "ann")
			require.NoError(t, err)
			assert.Equal(t, []string{"a1"}, seen)
		})
	}
}

// Whoever waits for another's change waits as long as his context allows.
func TestWaitingEnds(t *testing.T) {
	slow, db := newSlowStore(t)
	other, err := sql.Open("sqlite", slow.path)
	require.NoError(t, err)
	defer other.Close()
	p := create(t, open(t, project.SQLiteStore(other)), spec("p", notes(t)))
	r := open(t, project.SQLiteStore(db))
	late := &lateCommit{make(chan struct{}), make(chan struct{})}
	slow.late.Store(late)
	updated := make(chan error, 1)
	go func() {
		_, err := r.Update(t.Context(), p.ID(), 1, policies(everyonesPolicies))
		updated <- err
	}()
	<-late.done
	ctx, cancel := context.WithCancel(t.Context())
	got := make(chan error, 2)
	go func() {
		_, err := r.Get(ctx, p.ID())
		got <- err
	}()
	go func() { got <- r.Refresh(ctx) }()
	cancel()
	require.ErrorIs(t, <-got, context.Canceled)
	require.ErrorIs(t, <-got, context.Canceled)
	close(late.goOn)
	require.NoError(t, <-updated)
	_, err = r.Get(t.Context(), p.ID())
	require.NoError(t, err)
}
