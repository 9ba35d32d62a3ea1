package project_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/rls/project"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

// A project is created, read by another instance, changed and deleted.
func TestLifecycle(t *testing.T) {
	stores(t, func(t *testing.T, db *sql.DB, s project.Store) {
		one := open(t, s)
		want := spec("acme", notes(t, "a1", "b1"))
		want.Metadata = map[string]string{"plan": "pro"}
		p := create(t, one, want)
		assert.Equal(t, int64(1), p.Version())
		assert.Regexp(t, `^[a-z2-7]{26}$`, p.ID())

		two := open(t, s)
		q, err := two.Get(t.Context(), p.ID())
		require.NoError(t, err)
		got, err := q.Spec(t.Context())
		require.NoError(t, err)
		want.Connection.DSN, want.Connection.Dialect = "", "sqlite"
		assert.Equal(t, want, got)
		assert.Equal(t, "acme", q.Name())
		assert.Equal(t, map[string]string{"plan": "pro"}, q.Metadata())
		assert.True(t, q.Active())
		assert.Equal(t, p.Created(), q.Created())
		assert.WithinDuration(t, time.Now(), q.Updated(), time.Minute)
		assert.Equal(t, p.Hash(), q.Hash())
		seen, err := bodies(t, q, "ann")
		require.NoError(t, err)
		assert.Equal(t, []string{"a1"}, seen)

		p2, err := one.Update(t.Context(), p.ID(), 1, func(s *project.Spec) {
			s.Name, s.Metadata = "acme inc", nil
			s.Policies.Text = []byte(everyonesPolicies)
		})
		require.NoError(t, err)
		assert.Same(t, p, p2)
		assert.Equal(t, int64(2), p.Version())
		seen, err = bodies(t, p, "ann")
		require.NoError(t, err)
		assert.Equal(t, []string{"a1", "b1"}, seen)
		assert.Equal(t, "acme", q.Name())
		require.NoError(t, two.Refresh(t.Context()))
		assert.Equal(t, "acme inc", q.Name())
		assert.Empty(t, q.Metadata())
		seen, err = bodies(t, q, "ann")
		require.NoError(t, err)
		assert.Equal(t, []string{"a1", "b1"}, seen)
		assert.NotContains(t, dump(t, db), "row.owner == session.user", "a text that nothing refers to")

		require.ErrorIs(t, two.Delete(t.Context(), p.ID(), 1), project.ErrConflict)
		require.NoError(t, two.Delete(t.Context(), p.ID(), 2))
		require.ErrorIs(t, two.Delete(t.Context(), p.ID(), 2), project.ErrNotFound)
		_, err = two.Get(t.Context(), p.ID())
		require.ErrorIs(t, err, project.ErrNotFound)
		requireGone(t, q)
		require.NoError(t, one.Refresh(t.Context()))
		_, err = one.Get(t.Context(), p.ID())
		require.ErrorIs(t, err, project.ErrNotFound)
		requireGone(t, p)
		_, err = one.Update(t.Context(), p.ID(), 2, func(*project.Spec) {})
		require.ErrorIs(t, err, project.ErrNotFound)
		left := dump(t, db)
		assert.NotContains(t, left, "acme")
		assert.NotContains(t, left, "semantic_model")
		assert.Contains(t, left, p.ID(), "the id stays, so that it is never used again")
		create(t, one, spec("acme inc", "other.db")) // its name is free
	})
}

// requireGone wants that a handle of a deleted project refuses everything.
func requireGone(t *testing.T, p *project.Project) {
	t.Helper()
	_, err := p.Session(map[string]any{"user": "ann"})
	assert.ErrorIs(t, err, project.ErrNotFound)
	_, err = p.Enforce(t.Context(), session.Session{}, "SELECT body FROM notes")
	assert.ErrorIs(t, err, project.ErrNotFound)
	_, err = p.Query(t.Context(), session.Session{}, "SELECT body FROM notes")
	assert.ErrorIs(t, err, project.ErrNotFound)
	_, err = p.DB().QueryContext(t.Context(), "SELECT body FROM notes")
	assert.ErrorIs(t, err, project.ErrNotFound)
	_, err = p.Spec(t.Context())
	assert.ErrorIs(t, err, project.ErrNotFound)
	assert.Nil(t, p.Schema())
	assert.Nil(t, p.Model())
	assert.Nil(t, p.Policies())
	assert.Empty(t, p.Hash())
	assert.False(t, p.Active())
}

// A Spec that is wrong is refused with what is wrong in each part, and nothing changes.
func TestInvalid(t *testing.T) {
	stores(t, func(t *testing.T, db *sql.DB, s project.Store) {
		r := open(t, s)
		p := create(t, r, spec("acme", notes(t)))
		before := dump(t, db)
		cases := map[string]struct {
			change func(*project.Spec)
			wrong  func(*project.InvalidError) error
		}{
			"no name":             {func(s *project.Spec) { s.Name = "" }, func(e *project.InvalidError) error { return e.Name }},
			"control character":   {func(s *project.Spec) { s.Name = "a\nb" }, func(e *project.InvalidError) error { return e.Name }},
			"long name":           {func(s *project.Spec) { s.Name = strings.Repeat("ü", 201) }, func(e *project.InvalidError) error { return e.Name }},
			"no model":            {func(s *project.Spec) { s.Model.Text = nil }, func(e *project.InvalidError) error { return e.Model }},
			"model doesn't parse": {func(s *project.Spec) { s.Model.Text = []byte("version: 7") }, func(e *project.InvalidError) error { return e.Model }},
			"NUL in a model":      {func(s *project.Spec) { s.Model.Text = []byte("a\x00") }, func(e *project.InvalidError) error { return e.Model }},
			"no policies":         {func(s *project.Spec) { s.Policies.Text = nil }, func(e *project.InvalidError) error { return e.Policies }},
			"policies mistyped": {func(s *project.Spec) {
				s.Policies.Text = []byte(`policies: [{name: a, datasets: [notes], rows: row.owner == 7}]`)
			}, func(e *project.InvalidError) error { return e.Policies }},
			"unknown dialect": {func(s *project.Spec) { s.Connection.Dialect = "Access" }, func(e *project.InvalidError) error { return e.Connection }},
			"unknown driver":  {func(s *project.Spec) { s.Connection.Driver = "odbc" }, func(e *project.InvalidError) error { return e.Connection }},
			"long DSN":        {func(s *project.Spec) { s.Connection.DSN = project.DSN(strings.Repeat("x", 1<<16)) }, func(e *project.InvalidError) error { return e.Connection }},
			"much metadata": {func(s *project.Spec) { s.Metadata = map[string]string{"k": strings.Repeat("x", 1<<16)} },
				func(e *project.InvalidError) error { return e.Metadata }},
			"bad metadata": {func(s *project.Spec) { s.Metadata = map[string]string{"k": "\xff"} }, func(e *project.InvalidError) error { return e.Metadata }},
		}
		for name, c := range cases {
			t.Run(name, func(t *testing.T) {
				bad := spec("new", "new.db")
				c.change(&bad)
				_, err := r.Create(t.Context(), bad)
				requireInvalid(t, err, c.wrong)
				_, err = r.Update(t.Context(), p.ID(), 1, c.change)
				requireInvalid(t, err, c.wrong)
				assert.Equal(t, before, dump(t, db))
				assert.Equal(t, int64(1), p.Version())
			})
		}
		bad := spec("", "")
		bad.Model.Text = []byte("version: 7")
		_, err := r.Create(t.Context(), bad)
		var invalid *project.InvalidError
		require.ErrorAs(t, err, &invalid)
		assert.Error(t, invalid.Name)
		assert.Error(t, invalid.Model)
		assert.Error(t, invalid.Connection, "a new project needs a DSN")
		assert.NoError(t, invalid.Policies)
		var problem *semantic.Problem
		assert.ErrorAs(t, err, &problem)

		_, err = r.Create(t.Context(), spec("acme", "new.db"))
		require.ErrorIs(t, err, project.ErrNameTaken)
		q := create(t, r, spec("globex", "new.db"))
		before = dump(t, db)
		_, err = r.Update(t.Context(), q.ID(), 1, func(s *project.Spec) { s.Name = "acme" })
		require.ErrorIs(t, err, project.ErrNameTaken)
		_, err = r.Update(t.Context(), q.ID(), 2, func(s *project.Spec) { s.Name = "x" })
		require.ErrorIs(t, err, project.ErrConflict)
		_, err = r.Update(t.Context(), strings.Repeat("a", 26), 1, func(s *project.Spec) { s.Name = "x" })
		require.ErrorIs(t, err, project.ErrNotFound)
		assert.Equal(t, before, dump(t, db))
		for _, id := range []string{"", "x", strings.Repeat("a", 26), strings.Repeat("A", 26), "'; DROP TABLE x", "\x00"} {
			_, err := r.Get(t.Context(), id)
			require.ErrorIs(t, err, project.ErrNotFound)
		}
	})
}

func requireInvalid(t *testing.T, err error, wrong func(*project.InvalidError) error) {
	t.Helper()
	require.ErrorIs(t, err, project.ErrInvalid)
	var invalid *project.InvalidError
	require.ErrorAs(t, err, &invalid)
	require.Error(t, wrong(invalid))
	assert.Len(t, invalid.Unwrap(), 1, "only one part is wrong: %v", err)
}

// Pages hold every project once, in order, and only those that were asked for.
func TestList(t *testing.T) {
	stores(t, func(t *testing.T, _ *sql.DB, s project.Store) {
		r := open(t, s)
		var names []string
		for i := range 25 {
			sp := spec(fmt.Sprintf("p%02d", i), "x.db")
			sp.Metadata = map[string]string{"parity": []string{"even", "odd"}[i%2], "all": ""}
			create(t, r, sp)
			names = append(names, sp.Name)
		}
		gone := create(t, r, spec("p99", "x.db"))
		require.NoError(t, r.Delete(t.Context(), gone.ID(), 1))
		list := func(o project.ListOptions) (out []string, pages int) {
			for {
				page, err := r.List(t.Context(), o)
				require.NoError(t, err)
				pages++
				for _, p := range page.Projects {
					out = append(out, p.Name)
				}
				if o.After = page.Next; o.After == "" {
					return out, pages
				}
			}
		}
		got, pages := list(project.ListOptions{Limit: 5})
		assert.Equal(t, names, got)
		assert.Equal(t, 5, pages)
		got, _ = list(project.ListOptions{})
		assert.Equal(t, names, got)
		got, _ = list(project.ListOptions{Limit: 3, NamePrefix: "p1"})
		assert.Equal(t, names[10:20], got)
		got, _ = list(project.ListOptions{NamePrefix: "P"})
		assert.Empty(t, got)
		got, _ = list(project.ListOptions{NamePrefix: "%"})
		assert.Empty(t, got)
		got, pages = list(project.ListOptions{Limit: 6, Metadata: map[string]string{"parity": "odd", "all": ""}})
		assert.Len(t, got, 12)
		assert.Equal(t, 2, pages)
		got, _ = list(project.ListOptions{Metadata: map[string]string{"none": ""}})
		assert.Empty(t, got)
	})
}

// A change that another instance wrote and that doesn't compile here leaves the
// project as it was, and doesn't keep others from following.
func TestBrokenChangeReplacesNothing(t *testing.T) {
	stores(t, func(t *testing.T, db *sql.DB, s project.Store) {
		var heard faults
		r := open(t, s, func(c *project.Config) { c.OnError = heard.add })
		q := create(t, r, spec("globex", "globex.db"))
		exec := func(query string, args ...any) {
			t.Helper()
			_, err := db.Exec(fmt.Sprintf(query, args...))
			require.NoError(t, err)
		}
		exec(`INSERT INTO hedgerow_texts (hash, content) VALUES ('newer', 'version: 9')`)
		for i, set := range []string{`model_hash = 'newer'`, `policies_hash = 'missing'`, `dialect = 'newer'`, `metadata = '7'`} {
			p := create(t, r, spec(set, notes(t, "a1", "b1")))
			exec(`UPDATE hedgerow_revision SET n = n + 2`)
			exec(`UPDATE hedgerow_projects SET %s, version = 2, revision = (SELECT n - 1 FROM hedgerow_revision) WHERE id = '%s'`, set, p.ID())
			exec(`UPDATE hedgerow_projects SET name = 'globex %d', revision = (SELECT n FROM hedgerow_revision) WHERE id = '%s'`, i, q.ID())
			require.NoError(t, r.Refresh(t.Context()))
			require.Len(t, heard.all(), i+1)
			assert.ErrorIs(t, heard.all()[i], project.ErrInvalid)
			assert.Equal(t, int64(1), p.Version())
			assert.Equal(t, fmt.Sprintf("globex %d", i), q.Name())
			seen, err := bodies(t, p, "ann")
			require.NoError(t, err)
			assert.Equal(t, []string{"a1"}, seen)
			_, err = open(t, s).Get(t.Context(), p.ID())
			assert.ErrorIs(t, err, project.ErrInvalid, "an instance that has no working state refuses")
		}
	})
}

// What one instance does reaches another by polling.
func TestTwoInstances(t *testing.T) {
	stores(t, func(t *testing.T, _ *sql.DB, s project.Store) {
		polls := func(c *project.Config) { c.Poll = 10 * time.Millisecond }
		one, two := open(t, s, polls), open(t, s, polls)
		p := create(t, one, spec("acme", notes(t, "a1", "b1")))
		q, err := two.Get(t.Context(), p.ID())
		require.NoError(t, err)
		seen, err := bodies(t, q, "bob")
		require.NoError(t, err)
		assert.Equal(t, []string{"b1"}, seen)
		_, err = one.Update(t.Context(), p.ID(), 1, func(s *project.Spec) { s.Policies.Text = []byte(everyonesPolicies) })
		require.NoError(t, err)
		require.Eventually(t, func() bool {
			seen, err := bodies(t, q, "bob")
			return err == nil && slices.Equal(seen, []string{"a1", "b1"})
		}, 30*time.Second, 5*time.Millisecond)
		require.NoError(t, one.Delete(t.Context(), p.ID(), 2))
		require.Eventually(t, func() bool {
			_, err := two.Get(t.Context(), p.ID())
			return errors.Is(err, project.ErrNotFound)
		}, 30*time.Second, 5*time.Millisecond)
		requireGone(t, q)
	})
}

// A closed registry refuses, and so do the projects that it gave.
func TestClose(t *testing.T) {
	s, _, _ := sqliteStore(t)
	r := open(t, s)
	p := create(t, r, spec("acme", notes(t, "a1")))
	db := p.DB()
	who, err := p.Session(map[string]any{"user": "ann"})
	require.NoError(t, err)
	require.NoError(t, r.Close(t.Context()))
	require.NoError(t, r.Close(t.Context()))
	ctx := session.NewContext(t.Context(), who)
	_, err = db.QueryContext(ctx, "SELECT body FROM notes")
	assert.Error(t, err)
	_, err = p.DB().QueryContext(ctx, "SELECT body FROM notes")
	assert.ErrorIs(t, err, project.ErrClosed)
	calls := map[string]func() error{
		"Get":     func() error { _, err := r.Get(t.Context(), p.ID()); return err },
		"Create":  func() error { _, err := r.Create(t.Context(), spec("x", "x.db")); return err },
		"Update":  func() error { _, err := r.Update(t.Context(), p.ID(), 1, func(*project.Spec) {}); return err },
		"Delete":  func() error { return r.Delete(t.Context(), p.ID(), 1) },
		"List":    func() error { _, err := r.List(t.Context(), project.ListOptions{}); return err },
		"Refresh": func() error { return r.Refresh(t.Context()) },
		"Rotate":  func() error { _, err := r.RotateKeys(t.Context()); return err },
		"Test":    func() error { return r.TestConnection(t.Context(), project.Connection{}) },
		"Spec":    func() error { _, err := p.Spec(t.Context()); return err },
		"Query":   func() error { _, err := p.Query(t.Context(), who, "SELECT body FROM notes"); return err },
		"Enforce": func() error { _, err := p.Enforce(t.Context(), who, "SELECT body FROM notes"); return err },
	}
	for name, call := range calls {
		assert.ErrorIs(t, call(), project.ErrClosed, name)
	}
}

func TestOpenRefuses(t *testing.T) {
	_, err := project.Open(t.Context(), project.Store{}, project.Config{})
	assert.Error(t, err)
	s, _, _ := sqliteStore(t)
	for name, c := range map[string]project.Config{
		"short key":     {Keys: []project.Key{{ID: "a", Secret: []byte("short")}}},
		"two ids":       {Keys: []project.Key{key("a"), key("a")}},
		"negative pool": {Pools: project.PoolLimits{MaxConns: -1}},
		"negative poll": {Poll: -1},
	} {
		_, err := project.Open(t.Context(), s, c)
		assert.Error(t, err, name)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = project.Open(ctx, s, project.Config{})
	assert.ErrorIs(t, err, context.Canceled)
}

// Equal projects compile once; each has sessions, fingerprints and a database
// of its own.
func TestEqualProjectsShareWhatIsCompiled(t *testing.T) {
	s, _, _ := sqliteStore(t)
	r := open(t, s)
	p, q := create(t, r, spec("acme", notes(t, "acme's"))), create(t, r, spec("globex", notes(t, "globex's")))
	named := spec("initech", notes(t, "initech's"))
	named.Model.Name = "initech.yaml"
	other := create(t, r, named)
	assert.Same(t, p.Policies(), q.Policies())
	assert.Equal(t, p.Hash(), q.Hash())
	assert.NotSame(t, p.Policies(), other.Policies(), "messages would name another's file")

	const query = "SELECT body FROM notes"
	who := func(p *project.Project) session.Session {
		s, err := p.Session(map[string]any{"user": "ann"})
		require.NoError(t, err)
		return s
	}
	ofP, ofQ := who(p), who(q)
	foreign, err := p.Policies().Schema().New(map[string]any{"user": "ann"})
	require.NoError(t, err)
	for _, stranger := range []session.Session{ofQ, who(other), foreign, {}} {
		_, err := p.Enforce(t.Context(), stranger, query)
		assert.ErrorIs(t, err, rls.ErrNoSession)
		_, err = p.Query(t.Context(), stranger, query)
		assert.ErrorIs(t, err, rls.ErrNoSession)
		_, err = p.DB().QueryContext(session.NewContext(t.Context(), stranger), query)
		assert.ErrorIs(t, err, rls.ErrNoSession)
	}
	_, err = p.DB().QueryContext(t.Context(), query)
	assert.ErrorIs(t, err, rls.ErrNoSession)
	a, err := p.Enforce(t.Context(), ofP, query)
	require.NoError(t, err)
	b, err := q.Enforce(t.Context(), ofQ, query)
	require.NoError(t, err)
	assert.Equal(t, a.SQL, b.SQL)
	assert.NotEqual(t, a.Fingerprint, b.Fingerprint, "a result cache would mix them up")
	for p, want := range map[*project.Project]string{p: "acme's", q: "globex's", other: "initech's"} {
		seen, err := bodies(t, p, "ann")
		require.NoError(t, err)
		assert.Equal(t, []string{want}, seen)
		var body string
		require.NoError(t, p.DB().QueryRowContext(session.NewContext(t.Context(), who(p)), query).Scan(&body))
		assert.Equal(t, want, body)
	}
}

// What is compiled is compiled once, however many ask at once, and goes when
// nobody uses it any more.
func TestCompiledOnceAndForgotten(t *testing.T) {
	s, _, _ := sqliteStore(t)
	var ids []string
	first := open(t, s)
	for i := range 50 {
		ids = append(ids, create(t, first, spec(fmt.Sprint("p", i), "x.db")).ID())
	}
	assert.Equal(t, 1, project.Compiled(first))
	r := open(t, s)
	loaded := make([]*project.Project, len(ids))
	var wg sync.WaitGroup
	for i, id := range ids {
		wg.Go(func() {
			var err error
			loaded[i], err = r.Get(t.Context(), id)
			assert.NoError(t, err)
		})
	}
	wg.Wait()
	for _, p := range loaded {
		require.Same(t, loaded[0].Policies(), p.Policies())
	}
	for i, p := range loaded {
		update(t, r, p, policies(fmt.Sprintf("%s# %d\n", notesPolicies, i%2)))
	}
	require.Eventually(t, func() bool {
		runtime.GC()
		return project.Compiled(r) == 2
	}, 30*time.Second, time.Millisecond)
	runtime.KeepAlive(loaded)
}

// A project that is loaded is there without the store.
func TestGetIsWarm(t *testing.T) {
	s, db, _ := sqliteStore(t)
	r := open(t, s)
	p := create(t, r, spec("acme", "x.db"))
	require.NoError(t, db.Close())
	q, err := r.Get(t.Context(), p.ID())
	require.NoError(t, err)
	assert.Same(t, p, q)
	_, err = r.Get(t.Context(), strings.Repeat("a", 26))
	require.Error(t, err)
	assert.NotErrorIs(t, err, project.ErrNotFound, "the store can't tell")
	_, err = r.Create(t.Context(), spec("globex", "x.db"))
	require.Error(t, err)
}
