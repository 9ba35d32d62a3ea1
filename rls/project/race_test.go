package project_test

import (
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/rls/project"
	"github.com/hedgerow/hedgerow/session"
)

// Many goroutines on two instances create, change, query and delete: nothing is
// lost, and no query sees what neither policy shows.
func TestManyAtOnce(t *testing.T) {
	stores(t, func(t *testing.T, _ *sql.DB, s project.Store) {
		small := func(c *project.Config) { c.Pools = project.PoolLimits{MaxPools: 8, MaxConns: 20} }
		both := []*project.Registry{open(t, s, small), open(t, s, small)}
		dsn := notes(t, "a1", "b1")
		shared := create(t, both[0], spec("shared", dsn))
		texts := []string{notesPolicies, everyonesPolicies}
		var updated atomic.Int64
		var wg sync.WaitGroup
		for i := range 100 {
			r := both[i%2]
			wg.Go(func() {
				mine, err := r.Create(t.Context(), spec(fmt.Sprint("p", i), dsn))
				if !assert.NoError(t, err) {
					return
				}
				_, err = r.Create(t.Context(), spec("shared", dsn))
				assert.ErrorIs(t, err, project.ErrNameTaken)
				for n := range 3 {
					p, err := r.Get(t.Context(), shared.ID())
					if !assert.NoError(t, err) {
						return
					}
					_, err = r.Update(t.Context(), p.ID(), p.Version(), policies(texts[(i+n)%2]))
					if err == nil {
						updated.Add(1)
					} else {
						assert.ErrorIs(t, err, project.ErrConflict)
						assert.NoError(t, r.Refresh(t.Context()))
					}
					for _, p := range []*project.Project{p, mine} {
						seen, err := bodies(t, p, "ann")
						if errors.Is(err, rls.ErrNoSession) {
							continue
						}
						assert.NoError(t, err)
						assert.Contains(t, [][]string{{"a1"}, {"a1", "b1"}}, seen)
					}
				}
				assert.NoError(t, r.Delete(t.Context(), mine.ID(), 1))
				_, err = mine.Enforce(t.Context(), session.Session{}, "SELECT body FROM notes")
				assert.ErrorIs(t, err, project.ErrNotFound)
			})
		}
		wg.Wait()
		for _, r := range both {
			require.NoError(t, r.Refresh(t.Context()))
			p, err := r.Get(t.Context(), shared.ID())
			require.NoError(t, err)
			assert.Equal(t, 1+updated.Load(), p.Version(), "each update that succeeded counts once")
			page, err := r.List(t.Context(), project.ListOptions{})
			require.NoError(t, err)
			assert.Len(t, page.Projects, 1)
		}
	})
}
