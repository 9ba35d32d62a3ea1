package project_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/rls/project"
)

// calls are what a host does until it is killed.
func calls() map[string]func(ctx context.Context, r *project.Registry, s project.Store) error {
	return map[string]func(context.Context, *project.Registry, project.Store) error{
		"rollback": rollBackForEver, "rotate": rotateForEver, "keys": issueForEver,
	}
}

func rollBackForEver(ctx context.Context, r *project.Registry, _ project.Store) error {
	for i := 0; ; i++ {
		change := project.Change{Policies: &project.File{Name: "p.yaml", Text: fmt.Appendf(nil, "%s# %d\n", everyonesPolicies, time.Now().UnixNano())}}
		tell := func(project.RolloutResult) { fmt.Println("step") }
		done, err := r.Rollout(ctx, change, project.Selector{All: true}, project.RolloutOptions{Progress: tell})
		if err == nil {
			_, err = r.Rollback(ctx, done.ID, tell)
		}
		if err == nil && i%2 == 0 {
			err = r.ForgetRollout(ctx, done.ID)
		}
		if err != nil {
			return err
		}
	}
}

func rotateForEver(ctx context.Context, _ *project.Registry, s project.Store) error {
	keys := []project.Key{key("one"), key("two")}
	for {
		keys[0], keys[1] = keys[1], keys[0]
		r, err := project.Open(ctx, s, project.Config{Keys: keys})
		if err != nil {
			return err
		}
		if _, err := r.RotateKeys(ctx); err != nil {
			return err
		}
		fmt.Println("rotated")
		if err := r.Close(ctx); err != nil {
			return err
		}
	}
}

func issueForEver(ctx context.Context, r *project.Registry, _ project.Store) error {
	page, err := r.List(ctx, project.ListOptions{})
	if err != nil {
		return err
	}
	p, err := r.Get(ctx, page.Projects[0].ID)
	if err != nil {
		return err
	}
	for {
		token, k, err := p.IssueKey(ctx, fmt.Sprint(time.Now().UnixNano()), map[string]any{"user": "ann"}, time.Time{})
		if err != nil {
			return err
		}
		fmt.Println("issued", token)
		if err := p.RevokeKey(ctx, k.ID); err != nil {
			return err
		}
		fmt.Println("revoked", token)
	}
}

// Hosts that are killed while they take rollouts back, rotate keys, and issue and
// revoke keys leave nothing half done.
func TestCrashInCalls(t *testing.T) {
	stores(t, func(t *testing.T, db *sql.DB, s project.Store) {
		r := open(t, s, func(c *project.Config) { c.Keys = []project.Key{key("two"), key("one")} })
		project.SetLease(r, 0)
		ps := many(t, r, 10)
		for range 4 {
			killed(t, db, 1+rand.IntN(60), crashCall+"=rollback")
			left, err := r.Rollouts(t.Context())
			require.NoError(t, err)
			for _, rollout := range left {
				out, err := r.Resume(t.Context(), rollout.ID, nil)
				require.NoError(t, err)
				assert.Contains(t, []project.RolloutState{project.RolloutDone, project.RolloutRolledBack}, out.State)
				out, err = r.Rollback(t.Context(), rollout.ID, nil)
				require.NoError(t, err)
				for _, result := range out.Results {
					assert.Equal(t, project.RolloutRestored, result.Status)
				}
				require.NoError(t, r.ForgetRollout(t.Context(), rollout.ID))
			}
			require.NoError(t, r.Refresh(t.Context()))
			for _, p := range ps {
				assert.Equal(t, ps[0].Hash(), p.Hash())
			}
			requireSees(t, 1, ps...)
			var texts int
			require.NoError(t, db.QueryRow(`SELECT COUNT(*) FROM hedgerow_texts`).Scan(&texts))
			assert.Equal(t, 2, texts)
		}
		for range 3 {
			killed(t, db, 1+rand.IntN(5), crashCall+"=rotate")
			again := open(t, s, func(c *project.Config) { c.Keys = []project.Key{key("two"), key("one")} })
			for _, p := range ps {
				p, err := again.Get(t.Context(), p.ID())
				require.NoError(t, err)
				requireSees(t, 1, p)
			}
		}
		for range 3 {
			tokens := map[string]string{}
			for _, line := range killed(t, db, 1+rand.IntN(10), crashCall+"=keys") {
				word := strings.Fields(line)
				tokens[word[1]] = word[0]
			}
			live := 0
			for token, last := range tokens {
				_, _, err := r.Authenticate(t.Context(), token)
				if last == "revoked" {
					require.ErrorIs(t, err, project.ErrUnauthenticated)
				} else if err == nil {
					live++
				}
			}
			assert.LessOrEqual(t, live, 1)
		}
	})
}
