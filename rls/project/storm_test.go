package project_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/rls/project"
	"github.com/hedgerow/hedgerow/session"
)

// storm is what many goroutines do at once to a few names of projects, each of
// which always has its own database.
type storm struct {
	t      *testing.T
	names  []string
	dsns   []project.DSN
	mu     sync.Mutex
	tokens []token
}

type token struct {
	text string
	name string
}

// expected are the errors that others' doings may bring.
func expected(err error) bool {
	for _, e := range []error{
		project.ErrNotFound, project.ErrConflict, project.ErrNameTaken, project.ErrClosed, project.ErrUnauthenticated,
		project.ErrRolloutBusy, project.ErrInactive, rls.ErrNoSession,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return err == nil
}

// find gives the project that has a name now.
func (s *storm) find(ctx context.Context, r *project.Registry, name string) (*project.Project, error) {
	page, err := r.List(ctx, project.ListOptions{NamePrefix: name})
	if err != nil || len(page.Projects) == 0 {
		return nil, errors.Join(err, project.ErrNotFound)
	}
	return r.Get(ctx, page.Projects[0].ID)
}

// ask holds what a project shows against what its database has.
func (s *storm) ask(ctx context.Context, p *project.Project, who session.Session, name string) error {
	rows, err := p.Query(ctx, who, "SELECT body FROM notes")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var body string
		if err := rows.Scan(&body); err != nil {
			return err
		}
		assert.Equal(s.t, name, body, "a row of another project")
	}
	return rows.Err()
}

func (s *storm) step(ctx context.Context, r *project.Registry, n int) error {
	i := rand.IntN(len(s.names))
	name := s.names[i]
	if n%10 == 0 {
		_, err := r.Create(ctx, spec(name, s.dsns[i]))
		return err
	}
	if n%10 == 1 {
		change := project.Change{Policies: &project.File{Name: "p.yaml", Text: fmt.Appendf(nil, "%s# %d\n", notesPolicies, rand.IntN(3))}}
		done, err := r.Rollout(ctx, change, project.Selector{All: true}, project.RolloutOptions{KeepGoing: true, SkipInvalid: true})
		if err == nil && n%20 == 1 {
			_, err = r.Rollback(ctx, done.ID, nil)
		}
		return err
	}
	if n%10 == 2 {
		s.mu.Lock()
		tokens := s.tokens
		s.mu.Unlock()
		if len(tokens) == 0 {
			return nil
		}
		k := tokens[rand.IntN(len(tokens))]
		p, who, err := r.Authenticate(ctx, k.text)
		if err != nil {
			return err
		}
		return s.ask(ctx, p, who, k.name)
	}
	p, err := s.find(ctx, r, name)
	if err != nil {
		return err
	}
	switch n % 10 {
	case 3:
		return r.Delete(ctx, p.ID(), p.Version())
	case 4:
		_, err = r.Update(ctx, p.ID(), p.Version(), policies([]string{notesPolicies, everyonesPolicies}[rand.IntN(2)]))
		return err
	case 5:
		_, err = r.Update(ctx, p.ID(), p.Version(), func(sp *project.Spec) { sp.Connection.DSN, sp.Inactive = s.dsns[i], n%3 == 0 })
		return err
	case 6:
		text, k, err := p.IssueKey(ctx, fmt.Sprint(n, rand.Int()), map[string]any{"user": "ann"}, time.Time{})
		if err == nil {
			s.mu.Lock()
			s.tokens = append(s.tokens, token{text, name})
			s.mu.Unlock()
			if n%4 == 0 {
				err = p.RevokeKey(ctx, k.ID)
			}
		}
		return err
	}
	who, err := p.Session(map[string]any{"user": "ann"})
	if err != nil {
		return err
	}
	if n%10 == 7 {
		var body string
		err := p.DB().QueryRowContext(session.NewContext(ctx, who), "SELECT body FROM notes").Scan(&body)
		if err == nil {
			assert.Equal(s.t, name, body, "a row of another project")
		}
		if errors.Is(err, project.ErrConnection) || err != nil && err.Error() == "sql: database is closed" {
			return nil // it was changed meanwhile
		}
		return err
	}
	return s.ask(ctx, p, who, name)
}

// TestStorm has a hundred goroutines do everything at once on two instances, one
// of which is closed in the middle. Some give up early. No row of one project
// comes out of another, nothing blocks, and what is left works.
func TestStorm(t *testing.T) {
	stores(t, func(t *testing.T, db *sql.DB, s project.Store) {
		var reported faults
		small := func(c *project.Config) {
			c.Pools = project.PoolLimits{MaxPools: 4, MaxConns: 10}
			c.Poll = 5 * time.Millisecond
			c.OnError = reported.add
		}
		st := &storm{t: t}
		for i := range 6 {
			name := fmt.Sprintf("project-%d", i)
			st.names, st.dsns = append(st.names, name), append(st.dsns, notes(t, name))
		}
		stays, goes := open(t, s, small), open(t, s, small)
		var wg sync.WaitGroup
		for i := range 100 {
			r := []*project.Registry{stays, goes}[i%2]
			wg.Go(func() {
				for n := range 10 {
					ctx, cancel := context.WithCancel(t.Context())
					if rand.IntN(5) == 0 {
						time.AfterFunc(time.Duration(rand.IntN(3000))*time.Microsecond, cancel)
					}
					err := st.step(ctx, r, i/2+n)
					if ctx.Err() == nil {
						assert.True(t, expected(err), "%d: %v", (i/2+n)%10, err)
					}
					cancel()
				}
			})
			if i == 60 {
				wg.Go(func() { assert.NoError(t, goes.Close(context.WithoutCancel(t.Context()))) })
			}
		}
		wg.Wait()
		require.NoError(t, stays.Refresh(t.Context()))
		for i, name := range st.names {
			p, err := st.find(t.Context(), stays, name)
			if errors.Is(err, project.ErrNotFound) {
				p, err = stays.Create(t.Context(), spec(name, st.dsns[i]))
			}
			require.NoError(t, err)
			update(t, stays, p, func(sp *project.Spec) { sp.Inactive, sp.Policies.Text = false, []byte(everyonesPolicies) })
			seen, err := bodies(t, p, "ann")
			require.NoError(t, err)
			assert.Equal(t, []string{name}, seen)
		}
		assert.Empty(t, reported.all())
		var orphans int
		require.NoError(t, db.QueryRow(`SELECT COUNT(*) FROM hedgerow_projects p WHERE deleted = 0 AND (SELECT COUNT(*) FROM hedgerow_texts x
			WHERE x.hash IN (p.model_hash, p.policies_hash)) <> 2`).Scan(&orphans))
		assert.Zero(t, orphans, "a text is missing")
	})
}
