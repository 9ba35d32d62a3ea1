package project_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/rls/project"
)

// otherModel has a dataset of another name, for which the fixture's policies are wrong.
const otherModel = `version: "0.2.0"
semantic_model:
  - name: others
    datasets:
      - name: others
        source: notes
        primary_key: [id]
        fields:
          - {name: id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}}
`

const othersPolicies = `session: [{name: user, type: string}]
policies: [{name: all, datasets: [others], rows: "true"}]
`

func others(s *project.Spec) {
	s.Model.Text, s.Policies.Text = []byte(otherModel), []byte(othersPolicies)
}

func everyone() project.Change {
	return project.Change{
		Policies: &project.File{Name: "everyone.yaml", Text: []byte(everyonesPolicies)},
		Metadata: map[string]string{"release": "2"},
	}
}

// many creates equal projects, in the order of their ids.
func many(t *testing.T, r *project.Registry, n int) []*project.Project {
	t.Helper()
	dsn := notes(t, "a1", "b1")
	var out []*project.Project
	for i := range n {
		s := spec(fmt.Sprint("p", i), dsn)
		s.Metadata = map[string]string{"tier": "one"}
		out = append(out, create(t, r, s))
	}
	slices.SortFunc(out, func(a, b *project.Project) int {
		if a.ID() < b.ID() {
			return -1
		}
		return 1
	})
	return out
}

func statuses(r *project.Rollout) (out []project.RolloutStatus) {
	for _, result := range r.Results {
		out = append(out, result.Status)
	}
	return out
}

// requireSees wants that ann sees so many notes.
func requireSees(t *testing.T, n int, ps ...*project.Project) {
	t.Helper()
	for _, p := range ps {
		seen, err := bodies(t, p, "ann")
		require.NoError(t, err)
		require.Len(t, seen, n)
	}
}

func ofOne() project.Selector { return project.Selector{Metadata: map[string]string{"tier": "one"}} }

// A rollout changes the projects that are chosen, and can be taken back.
func TestRollout(t *testing.T) {
	stores(t, func(t *testing.T, db *sql.DB, s project.Store) {
		r, two := open(t, s), open(t, s)
		ps := many(t, r, 5)
		apart := create(t, r, spec("apart", notes(t, "a1", "b1")))
		theirs, err := two.Get(t.Context(), ps[0].ID())
		require.NoError(t, err)
		update(t, r, ps[3], func(s *project.Spec) {
			s.Policies = project.File{Name: "everyone.yaml", Text: []byte(everyonesPolicies)}
			s.Metadata["release"] = "2"
		})
		before := dump(t, db)
		var heard []project.RolloutResult
		out, err := r.Rollout(t.Context(), everyone(), ofOne(), project.RolloutOptions{Progress: func(r project.RolloutResult) { heard = append(heard, r) }})
		require.NoError(t, err)
		assert.Equal(t, project.RolloutDone, out.State)
		assert.Equal(t, heard, out.Results)
		require.Equal(t, []project.RolloutStatus{"applied", "applied", "applied", "unchanged", "applied"}, statuses(out))
		for i, p := range ps {
			assert.Equal(t, p.ID(), out.Results[i].Project)
			assert.Equal(t, int64(2), p.Version())
			assert.Equal(t, map[string]string{"tier": "one", "release": "2"}, p.Metadata())
			assert.Same(t, ps[0].Policies(), p.Policies(), "compiled once for all")
		}
		requireSees(t, 2, ps...)
		requireSees(t, 1, apart)
		requireSees(t, 1, theirs)
		require.NoError(t, two.Refresh(t.Context()))
		requireSees(t, 2, theirs)
		again, err := two.RolloutStatus(t.Context(), out.ID)
		require.NoError(t, err)
		assert.Equal(t, out, again)
		again, err = two.Resume(t.Context(), out.ID, nil)
		require.NoError(t, err)
		assert.Equal(t, out, again, "there is nothing left to do")

		update(t, r, ps[1], func(s *project.Spec) { s.Metadata["mine"] = "yes" })
		require.NoError(t, r.Delete(t.Context(), ps[2].ID(), 2))
		back, err := two.Rollback(t.Context(), out.ID, nil)
		require.NoError(t, err)
		assert.Equal(t, project.RolloutRolledBack, back.State)
		require.Equal(t, []project.RolloutStatus{"rolled back", "kept", "deleted", "unchanged", "rolled back"}, statuses(back))
		require.NoError(t, r.Refresh(t.Context()))
		requireSees(t, 1, ps[0], ps[4], theirs)
		requireSees(t, 2, ps[1], ps[3])
		assert.Equal(t, map[string]string{"tier": "one"}, ps[0].Metadata())
		spec, err := ps[0].Spec(t.Context())
		require.NoError(t, err)
		assert.Equal(t, project.File{Name: "policy.yaml", Text: []byte(notesPolicies)}, spec.Policies)
		again, err = r.Rollback(t.Context(), out.ID, nil)
		require.NoError(t, err)
		assert.Equal(t, back, again)

		require.NoError(t, r.ForgetRollout(t.Context(), out.ID))
		_, err = r.RolloutStatus(t.Context(), out.ID)
		require.ErrorIs(t, err, project.ErrNotFound)
		for _, p := range []*project.Project{ps[1], ps[3]} {
			require.NoError(t, r.Delete(t.Context(), p.ID(), p.Version()))
		}
		assert.NotContains(t, dump(t, db), `rows: "true"`, "nothing refers to the text any more")
		assert.Contains(t, before, `rows: "true"`)
	})
}

// A change that is wrong for one project changes none, unless that is left out.
func TestRolloutCompilesFirst(t *testing.T) {
	stores(t, func(t *testing.T, db *sql.DB, s project.Store) {
		r := open(t, s)
		ps := many(t, r, 4)
		update(t, r, ps[2], others)
		before := dump(t, db)
		out, err := r.Rollout(t.Context(), everyone(), ofOne(), project.RolloutOptions{})
		require.ErrorIs(t, err, project.ErrInvalid)
		assert.Contains(t, err.Error(), ps[2].ID())
		assert.Equal(t, project.RolloutRefused, out.State)
		assert.Equal(t, []project.RolloutStatus{"pending", "pending", "invalid", "pending"}, statuses(out))
		assert.Contains(t, out.Results[2].Problem, "notes")
		assert.Equal(t, before, dump(t, db))
		_, err = r.RolloutStatus(t.Context(), out.ID)
		require.ErrorIs(t, err, project.ErrNotFound)
		for name, wrong := range map[string]struct {
			change project.Change
			of     project.Selector
			want   error
		}{
			"nothing chosen": {everyone(), project.Selector{}, project.ErrInvalid},
			"no change":      {project.Change{}, ofOne(), project.ErrInvalid},
			"empty text":     {project.Change{Model: &project.File{}}, ofOne(), project.ErrInvalid},
			"unknown id":     {everyone(), project.Selector{IDs: []string{ps[0].ID(), "x"}}, project.ErrNotFound},
		} {
			_, err := r.Rollout(t.Context(), wrong.change, wrong.of, project.RolloutOptions{})
			require.ErrorIs(t, err, wrong.want, name)
		}
		assert.Equal(t, before, dump(t, db))

		out, err = r.Rollout(t.Context(), everyone(), project.Selector{All: true}, project.RolloutOptions{SkipInvalid: true})
		require.NoError(t, err)
		assert.Equal(t, []project.RolloutStatus{"applied", "applied", "invalid", "applied"}, statuses(out))
		requireSees(t, 2, ps[0], ps[1], ps[3])
		out, err = r.Rollout(t.Context(), project.Change{Metadata: map[string]string{"x": "y"}}, project.Selector{IDs: []string{ps[2].ID()}}, project.RolloutOptions{})
		require.NoError(t, err)
		assert.Equal(t, []project.RolloutStatus{"applied"}, statuses(out))
		assert.Equal(t, "y", ps[2].Metadata()["x"])
	})
}

// Projects that are changed while a rollout runs get the change on top, are left
// alone when they are gone, and stop it when the change is wrong for them now.
func TestRolloutMeetsOtherChanges(t *testing.T) {
	stores(t, func(t *testing.T, _ *sql.DB, s project.Store) {
		r, two := open(t, s), open(t, s)
		ps := many(t, r, 5)
		meddle := func(result project.RolloutResult) {
			if result.Project != ps[0].ID() {
				return
			}
			_, err := two.Update(t.Context(), ps[1].ID(), 1, func(s *project.Spec) { s.Metadata["mine"] = "yes" })
			require.NoError(t, err)
			require.NoError(t, two.Delete(t.Context(), ps[2].ID(), 1))
			_, err = two.Update(t.Context(), ps[3].ID(), 1, others)
			require.NoError(t, err)
		}
		out, err := r.Rollout(t.Context(), everyone(), ofOne(), project.RolloutOptions{Progress: meddle})
		require.ErrorIs(t, err, project.ErrRolloutStopped)
		assert.Equal(t, project.RolloutStopped, out.State)
		require.Equal(t, []project.RolloutStatus{"applied", "applied", "deleted", "failed", "pending"}, statuses(out))
		assert.Contains(t, out.Results[3].Problem, "notes")
		require.NoError(t, r.Refresh(t.Context()))
		assert.Equal(t, map[string]string{"tier": "one", "mine": "yes", "release": "2"}, ps[1].Metadata())
		requireSees(t, 2, ps[0], ps[1])
		requireSees(t, 1, ps[4])

		update(t, r, ps[3], func(s *project.Spec) { s.Model.Text, s.Policies.Text = []byte(notesModel), []byte(notesPolicies) })
		out, err = two.Resume(t.Context(), out.ID, nil)
		require.NoError(t, err)
		assert.Equal(t, project.RolloutDone, out.State)
		require.Equal(t, []project.RolloutStatus{"applied", "applied", "deleted", "applied", "applied"}, statuses(out))
		require.NoError(t, r.Refresh(t.Context()))
		requireSees(t, 2, ps[0], ps[1], ps[3], ps[4])

		_, err = r.Update(t.Context(), ps[4].ID(), ps[4].Version(), policies(notesPolicies))
		require.NoError(t, err)
		_, err = r.Update(t.Context(), ps[0].ID(), ps[0].Version(), policies(notesPolicies))
		require.NoError(t, err)
		break3 := func(result project.RolloutResult) {
			if result.Project == ps[0].ID() {
				update(t, r, ps[3], others)
			}
		}
		change := everyone()
		change.Metadata["release"] = "3"
		out, err = r.Rollout(t.Context(), change, ofOne(), project.RolloutOptions{KeepGoing: true, Progress: break3})
		require.NoError(t, err)
		require.Equal(t, []project.RolloutStatus{"applied", "applied", "failed", "applied"}, statuses(out))
		requireSees(t, 2, ps[0], ps[1], ps[4])
	})
}

// One instance at a time runs a rollout. One that lost it does nothing more.
func TestRolloutHasOneOwner(t *testing.T) {
	stores(t, func(t *testing.T, _ *sql.DB, s project.Store) {
		r, two := open(t, s), open(t, s)
		ps := many(t, r, 4)
		turns := 0
		out, err := r.Rollout(t.Context(), everyone(), ofOne(), project.RolloutOptions{Progress: func(project.RolloutResult) {
			turns++
			running, err := two.Rollouts(t.Context())
			require.NoError(t, err)
			require.Len(t, running, 1)
			id := running[0].ID
			if turns == 1 {
				_, err := two.Resume(t.Context(), id, nil)
				require.ErrorIs(t, err, project.ErrRolloutBusy)
				_, err = two.Rollback(t.Context(), id, nil)
				require.ErrorIs(t, err, project.ErrRolloutBusy)
				require.ErrorIs(t, two.ForgetRollout(t.Context(), id), project.ErrRolloutBusy)
				return
			}
			project.SetLease(two, 0) // as if this one were long dead
			out, err := two.Rollback(t.Context(), id, nil)
			require.NoError(t, err)
			assert.Equal(t, []project.RolloutStatus{"rolled back", "rolled back", "pending", "pending"}, statuses(out))
		}})
		require.ErrorIs(t, err, project.ErrRolloutBusy)
		assert.Equal(t, project.RolloutRolledBack, out.State)
		assert.Equal(t, 2, turns)
		require.NoError(t, r.Refresh(t.Context()))
		requireSees(t, 1, ps...)
	})
}

// A rollout that its context ends goes on where it was.
func TestRolloutGoesOnAfterCancel(t *testing.T) {
	stores(t, func(t *testing.T, _ *sql.DB, s project.Store) {
		r := open(t, s)
		ps := many(t, r, 5)
		ctx, cancel := context.WithCancel(t.Context())
		turns := 0
		out, err := r.Rollout(ctx, everyone(), ofOne(), project.RolloutOptions{Progress: func(project.RolloutResult) {
			if turns++; turns == 2 {
				cancel()
			}
		}})
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, []project.RolloutStatus{"applied", "applied", "pending", "pending", "pending"}, statuses(out))
		requireSees(t, 1, ps[2:]...)
		out, err = r.Resume(t.Context(), out.ID, nil)
		require.NoError(t, err)
		require.Equal(t, []project.RolloutStatus{"applied", "applied", "applied", "applied", "applied"}, statuses(out))
		for _, p := range ps {
			assert.Equal(t, int64(2), p.Version(), "changed once")
		}
		ctx, cancel = context.WithCancel(t.Context())
		_, err = r.Rollback(ctx, out.ID, func(project.RolloutResult) { cancel() })
		require.ErrorIs(t, err, context.Canceled)
		out, err = r.Resume(t.Context(), out.ID, nil)
		require.NoError(t, err)
		assert.Equal(t, project.RolloutRolledBack, out.State, "it goes on in the direction that it had")
		requireSees(t, 1, ps...)
	})
}

// A rollout whose host is killed at any moment is finished by another: each
// project is changed exactly once.
func TestRolloutCrash(t *testing.T) {
	stores(t, func(t *testing.T, db *sql.DB, s project.Store) {
		r := open(t, s)
		project.SetLease(r, 0)
		ps := many(t, r, 30)
		for range 5 {
			versions := map[string]int64{}
			for _, p := range ps {
				versions[p.ID()] = p.Version()
			}
			lines := killed(t, db, 1+rand.IntN(25), crashRollout+"=1")
			require.NotEmpty(t, lines)
			all, err := r.Rollouts(t.Context())
			require.NoError(t, err)
			out, err := r.Resume(t.Context(), all[0].ID, nil)
			require.NoError(t, err)
			assert.Equal(t, project.RolloutDone, out.State)
			require.NoError(t, r.Refresh(t.Context()))
			for i, p := range ps {
				assert.Equal(t, project.RolloutApplied, out.Results[i].Status)
				assert.Equal(t, versions[p.ID()]+1, p.Version())
			}
		}
	})
}

// rollOut is a host that rolls out until it is killed.
func rollOut(r *project.Registry) error {
	change := everyone()
	change.Metadata["release"] = time.Now().String()
	change.Policies.Text = fmt.Appendf(nil, "%s# %d\n", everyonesPolicies, time.Now().UnixNano())
	_, err := r.Rollout(context.Background(), change, ofOne(), project.RolloutOptions{
		Progress: func(result project.RolloutResult) { fmt.Println(result.Project) },
	})
	if err == nil {
		select {}
	}
	return err
}

// A rollout that an instance has left behind under a clock that was ahead can be
// taken over; one that is just being run can't.
func TestRolloutAndClocks(t *testing.T) {
	stores(t, func(t *testing.T, db *sql.DB, s project.Store) {
		r := open(t, s)
		many(t, r, 1)
		done, err := r.Rollout(t.Context(), everyone(), ofOne(), project.RolloutOptions{})
		require.NoError(t, err)
		leave := func(at time.Time) {
			_, err := db.Exec(fmt.Sprintf(`UPDATE hedgerow_rollouts SET owner = 'killed', touched = %d`, at.UnixMicro()))
			require.NoError(t, err)
		}
		leave(time.Now())
		_, err = r.Resume(t.Context(), done.ID, nil)
		require.ErrorIs(t, err, project.ErrRolloutBusy)
		leave(time.Now().Add(time.Hour))
		_, err = r.Resume(t.Context(), done.ID, nil)
		require.NoError(t, err)
	})
}
