package project_test

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/rls/project"
	"github.com/hedgerow/hedgerow/session"
)

// What no Registry made refuses everything, and nothing panics.
func TestZeroValues(t *testing.T) {
	ctx := t.Context()
	for _, r := range []*project.Registry{nil, {}} {
		_, err := r.Create(ctx, project.Spec{})
		require.ErrorIs(t, err, project.ErrClosed)
		_, err = r.Update(ctx, "", 1, nil)
		require.ErrorIs(t, err, project.ErrClosed)
		_, err = r.Get(ctx, "")
		require.ErrorIs(t, err, project.ErrClosed)
		_, err = r.List(ctx, project.ListOptions{})
		require.ErrorIs(t, err, project.ErrClosed)
		_, _, err = r.Authenticate(ctx, "")
		require.ErrorIs(t, err, project.ErrClosed)
		_, err = r.History(ctx, "", project.Filter{})
		require.ErrorIs(t, err, project.ErrClosed)
		_, err = r.Rollout(ctx, project.Change{}, project.Selector{}, project.RolloutOptions{})
		require.ErrorIs(t, err, project.ErrClosed)
		_, err = r.Resume(ctx, "", nil)
		require.ErrorIs(t, err, project.ErrClosed)
		_, err = r.Rollback(ctx, "", nil)
		require.ErrorIs(t, err, project.ErrClosed)
		_, err = r.Rollouts(ctx)
		require.ErrorIs(t, err, project.ErrClosed)
		_, err = r.RolloutStatus(ctx, "")
		require.ErrorIs(t, err, project.ErrClosed)
		_, err = r.RotateKeys(ctx)
		require.ErrorIs(t, err, project.ErrClosed)
		for _, err := range []error{
			r.Delete(ctx, "", 1), r.Refresh(ctx), r.FlushHistory(ctx), r.RemoveHistory(ctx, ""),
			r.ForgetRollout(ctx, ""), r.TestConnection(ctx, project.Connection{}),
		} {
			require.ErrorIs(t, err, project.ErrClosed)
		}
		require.NoError(t, r.Close(ctx))
	}
	for _, p := range []*project.Project{nil, {}} {
		_, err := p.Query(ctx, session.Session{}, "SELECT 1")
		require.ErrorIs(t, err, project.ErrClosed)
		_, err = p.Enforce(ctx, session.Session{}, "SELECT 1")
		require.ErrorIs(t, err, project.ErrClosed)
		require.Error(t, p.DB().PingContext(ctx))
		_, err = p.Session(nil)
		require.ErrorIs(t, err, project.ErrNotFound)
		_, _, err = p.IssueKey(ctx, "k", nil, time.Time{})
		require.ErrorIs(t, err, project.ErrClosed)
		_, err = p.Keys(ctx)
		require.ErrorIs(t, err, project.ErrClosed)
		require.ErrorIs(t, p.RevokeKey(ctx, "k"), project.ErrClosed)
		_, err = p.Spec(ctx)
		require.ErrorIs(t, err, project.ErrClosed)
		_, err = p.History(ctx, project.Filter{})
		require.ErrorIs(t, err, project.ErrClosed)
		_, err = project.Promote(ctx, project.Shared{}, session.Session{}, p, project.PromoteOptions{})
		require.Error(t, err)
		_, err = project.Promote(ctx, p, session.Session{}, &project.Project{}, project.PromoteOptions{})
		require.ErrorIs(t, err, project.ErrClosed)
		assert.Empty(t, fmt.Sprint(p.ID(), p.Name(), p.Hash()))
		assert.Nil(t, p.Schema())
		assert.Nil(t, p.Model())
		assert.Nil(t, p.Policies())
		assert.Empty(t, p.Metadata())
		assert.False(t, p.Active())
		assert.Zero(t, p.Version())
		assert.True(t, p.Created().IsZero() && p.Updated().IsZero())
	}
}

// A Close whose context ends too early can be called again, and loses nothing.
func TestCloseAgain(t *testing.T) {
	stores(t, func(t *testing.T, _ *sql.DB, s project.Store) {
		r := open(t, s, func(c *project.Config) { c.History.FlushEvery = time.Hour })
		p := create(t, r, spec("p", notes(t, "a1")))
		_, err := bodies(t, p, "ann")
		require.NoError(t, err)
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorContains(t, r.Close(ended), "1 entries are in memory only")
		require.NoError(t, r.Close(t.Context()))
		require.NoError(t, r.Close(t.Context()))
		page, err := open(t, s).History(t.Context(), p.ID(), project.Filter{})
		require.NoError(t, err)
		assert.Len(t, page.Entries, 1)
	})
}

// Close stops a rollout at its next project; another instance goes on with it at
// once.
func TestCloseStopsRollout(t *testing.T) {
	stores(t, func(t *testing.T, _ *sql.DB, s project.Store) {
		r := open(t, s)
		for i := range 3 {
			create(t, r, spec(fmt.Sprint("p", i), notes(t)))
		}
		closed := make(chan error, 1)
		var o project.RolloutOptions
		o.Progress = func(project.RolloutResult) {
			go func() { closed <- r.Close(context.WithoutCancel(t.Context())) }()
			require.Eventually(t, func() bool {
				_, err := r.Get(t.Context(), "")
				return err == project.ErrClosed
			}, 10*time.Second, time.Millisecond)
			assert.Empty(t, closed, "Close waits for the rollout")
		}
		change := project.Change{Metadata: map[string]string{"k": "v"}}
		part, err := r.Rollout(t.Context(), change, project.Selector{All: true}, o)
		require.ErrorIs(t, err, project.ErrClosed)
		require.NoError(t, <-closed)
		assert.Equal(t, project.RolloutRunning, part.State)
		done, err := open(t, s).Resume(t.Context(), part.ID, nil)
		require.NoError(t, err)
		assert.Equal(t, project.RolloutDone, done.State)
		assert.Equal(t, project.RolloutApplied, done.Results[2].Status)
	})
}

// After Close no goroutine is left, whatever is called on what the registry gave.
func TestNoGoroutines(t *testing.T) {
	s, _, _ := sqliteStore(t)
	r := open(t, s)
	_, err := r.List(t.Context(), project.ListOptions{}) // the store's own goroutines
	require.NoError(t, err)
	require.NoError(t, r.Close(t.Context()))
	before := runtime.NumGoroutine()
	r = open(t, s)
	var all []*project.Project
	for i := range 20 {
		p := create(t, r, spec(fmt.Sprint("p", i), notes(t, "a1")))
		all = append(all, p)
		_, err := bodies(t, p, "ann")
		require.NoError(t, err)
		require.NoError(t, p.DB().PingContext(t.Context()))
	}
	for _, p := range all[:10] {
		require.NoError(t, r.Delete(t.Context(), p.ID(), 1))
		require.Error(t, p.DB().PingContext(t.Context()))
	}
	require.NoError(t, r.Close(t.Context()))
	for _, p := range all {
		require.Error(t, p.DB().PingContext(t.Context()))
		_, err := bodies(t, p, "ann")
		require.Error(t, err)
	}
	const ours = 2 // of the *sql.DB that all of them give now, and of Eventually
	if !assert.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+ours }, 10*time.Second, 10*time.Millisecond) {
		buf := make([]byte, 1<<20)
		t.Logf("%d goroutines, before %d:\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
	}
}
