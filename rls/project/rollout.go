package project

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/hedgerow/hedgerow/internal/store"
)

// Change is what a rollout does to each project. What is left out stays as it is.
type Change struct {
	// Model and Policies are new files for all projects; nil leaves theirs.
	Model, Policies *File
	// Metadata is set besides what a project has.
	Metadata map[string]string
}

// Selector chooses the projects of a rollout: those that meet all of its
// conditions. The zero Selector chooses none, and is refused.
type Selector struct {
	// All allows the other fields to be empty.
	All bool
	// IDs lists projects; one that doesn't exist is refused.
	IDs []string
	// NamePrefix is what the names begin with.
	NamePrefix string
	// Metadata is what the projects have in theirs, besides anything else.
	Metadata map[string]string
}

// RolloutOptions say how a rollout goes on when something fails.
type RolloutOptions struct {
	// SkipInvalid leaves out the projects for which the change doesn't compile;
	// otherwise one of them is enough to refuse it for all.
	SkipInvalid bool
	// KeepGoing goes on after a project that fails when its turn comes, because
	// it was changed meanwhile; otherwise the rollout stops there.
	KeepGoing bool
	// Progress, if set, hears the result of each project in turn.
	Progress func(RolloutResult)
}

// Rollout is a change of many projects, as the store has it.
type Rollout struct {
	ID      string
	State   RolloutState
	Created time.Time
	// Results has each project, in the order of their ids.
	Results []RolloutResult
}

// RolloutResult is what a rollout did to one project.
type RolloutResult struct {
	Project string
	Status  RolloutStatus
	// Version is the project's after the rollout changed it; 0 if it didn't.
	Version int64
	// Problem says why it failed, or was left out; "" otherwise.
	Problem string
}

// RolloutState is how far a rollout is.
type RolloutState string

// The states of a rollout. Running and RollingBack stay in the store when a host
// is killed: Resume goes on with both.
const (
	RolloutRefused     RolloutState = "refused" // nothing was stored
	RolloutRunning     RolloutState = "running"
	RolloutStopped     RolloutState = "stopped"
	RolloutDone        RolloutState = "done"
	RolloutRollingBack RolloutState = "rolling back"
	RolloutRolledBack  RolloutState = "rolled back"
)

// RolloutStatus is what became of one project.
type RolloutStatus string

// What becomes of a project.
const (
	RolloutPending   RolloutStatus = "pending"
	RolloutApplied   RolloutStatus = "applied"
	RolloutUnchanged RolloutStatus = "unchanged" // it was so already
	RolloutInvalid   RolloutStatus = "invalid"   // left out: the change doesn't compile for it
	RolloutFailed    RolloutStatus = "failed"
	RolloutDeleted   RolloutStatus = "deleted"     // by another, before its turn
	RolloutRestored  RolloutStatus = "rolled back" // it is what it was before
	RolloutKept      RolloutStatus = "kept"        // not rolled back: it was changed since
)

// Errors of rollouts.
var (
	// ErrRolloutBusy: an instance of the host is at this rollout.
	ErrRolloutBusy = errors.New("project: the rollout is being run")
	// ErrRolloutStopped: a project failed, and the rest waits for Resume.
	ErrRolloutStopped = errors.New("project: the rollout has stopped at a project that failed")
)

// Rollout changes many projects. It first compiles the change for every project,
// once for those that are equal, and if it is wrong for any, nothing is changed:
// that is ErrInvalid, and the result names those projects. Then it changes one
// project after another, each in a transaction. A project that somebody changes
// meanwhile gets the change on top.
//
// When it ends early, because of the context, an error of the store, Close or a
// host that is killed, Resume goes on and Rollback takes it back. The result is there
// beside an error too, as far as the store can tell; nil if it can't.
func (r *Registry) Rollout(ctx context.Context, change Change, of Selector, o RolloutOptions) (*Rollout, error) {
	if err := r.begin(); err != nil {
		return nil, err
	}
	defer r.running.Done()
	if err := change.check(); err != nil {
		return nil, err
	}
	chosen, err := r.choose(ctx, of)
	if err != nil {
		return nil, err
	}
	run := &rolloutRun{
		registry: r, id: newID(), owner: rand.Text(), change: change, keepGoing: o.KeepGoing, progress: o.Progress,
		compiled: map[content]*compiled{},
	}
	results, wrong, err := run.try(ctx, chosen)
	if err != nil {
		return nil, err
	}
	if wrong != nil && !o.SkipInvalid {
		return &Rollout{ID: run.id, State: RolloutRefused, Created: time.Now().UTC(), Results: results}, wrong
	}
	if err := run.begin(ctx, results); err != nil {
		return nil, err
	}
	return run.finish(ctx, run.apply(ctx))
}

// Resume goes on with a rollout, or with taking it back, that has ended early or
// stopped; projects that failed are tried again. It is ErrRolloutBusy while an
// instance is at it: one that was killed is taken to be for half a minute.
// It is ErrNotFound when there is no such rollout.
func (r *Registry) Resume(ctx context.Context, id string, progress func(RolloutResult)) (*Rollout, error) {
	if err := r.begin(); err != nil {
		return nil, err
	}
	defer r.running.Done()
	run, state, err := r.takeRollout(ctx, id, progress)
	if err != nil {
		return nil, err
	}
	switch state {
	case RolloutRollingBack:
		return run.finish(ctx, run.rollBack(ctx))
	case RolloutRunning, RolloutStopped:
		return run.finish(ctx, run.apply(ctx))
	default: // it has ended
		return run.finish(ctx, nil)
	}
}

// Rollback gives each project that a rollout has changed the model, policies and
// metadata that it had before. One that was changed since is kept as it is, and
// the result says so. Errors are those of Resume.
func (r *Registry) Rollback(ctx context.Context, id string, progress func(RolloutResult)) (*Rollout, error) {
	if err := r.begin(); err != nil {
		return nil, err
	}
	defer r.running.Done()
	run, state, err := r.takeRollout(ctx, id, progress)
	if err != nil {
		return nil, err
	}
	if state == RolloutRolledBack {
		return run.finish(ctx, nil)
	}
	return run.finish(ctx, run.rollBack(ctx))
}

// Rollouts lists the rollouts that the store has, the newest first, without
// their results. A host that was killed finds here what it has to Resume.
func (r *Registry) Rollouts(ctx context.Context) ([]Rollout, error) {
	if err := r.open(); err != nil {
		return nil, err
	}
	return readRollouts(ctx, r.db)
}

// RolloutStatus tells how far a rollout is; ErrNotFound when there is none.
func (r *Registry) RolloutStatus(ctx context.Context, id string) (*Rollout, error) {
	if err := r.open(); err != nil {
		return nil, err
	}
	if !validID(id) {
		return nil, ErrNotFound
	}
	return readRollout(ctx, r.db, id)
}

// ForgetRollout removes what the store has of a rollout, the texts for taking it
// back too. Errors are ErrNotFound and ErrRolloutBusy.
func (r *Registry) ForgetRollout(ctx context.Context, id string) error {
	run, _, err := r.takeRollout(ctx, id, nil)
	if err != nil {
		return err
	}
	return r.change(ctx, func(tx *store.Tx, _ int64) error {
		hashes, err := rolloutTexts(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := run.hold(ctx, tx); err != nil {
			return err
		}
		for _, table := range []string{"hedgerow_rollout_projects WHERE rollout", "hedgerow_rollouts WHERE id"} {
			if _, err := tx.Exec(ctx, `DELETE FROM `+table+` = ?`, id); err != nil {
				return err
			}
		}
		return dropTexts(ctx, tx, hashes...)
	})
}

func (c Change) check() error {
	var invalid InvalidError
	if c.Model != nil {
		invalid.Model = checkFile(*c.Model)
	}
	if c.Policies != nil {
		invalid.Policies = checkFile(*c.Policies)
	}
	invalid.Metadata = checkMetadata(c.Metadata)
	if c.Model == nil && c.Policies == nil && len(c.Metadata) == 0 {
		return fmt.Errorf("%w: the change is empty", ErrInvalid)
	}
	return invalid.orNil()
}

// on gives what a project becomes by the change.
func (c Change) on(rec record) record {
	if c.Model != nil {
		rec.model = stored{c.Model.Name, hashOf(c.Model.Text)}
	}
	if c.Policies != nil {
		rec.policies = stored{c.Policies.Name, hashOf(c.Policies.Text)}
	}
	if len(c.Metadata) > 0 {
		rec.metadata = maps.Clone(rec.metadata)
		if rec.metadata == nil {
			rec.metadata = map[string]string{}
		}
		maps.Copy(rec.metadata, c.Metadata)
	}
	return rec
}

// same tells whether a change leaves a project as it is.
func (r record) same(other record) bool {
	return r.model == other.model && r.policies == other.policies && maps.Equal(r.metadata, other.metadata)
}

// choose reads the projects that a selector chooses.
func (r *Registry) choose(ctx context.Context, of Selector) (out []record, err error) {
	if !of.All && len(of.IDs) == 0 && of.NamePrefix == "" && len(of.Metadata) == 0 {
		return nil, fmt.Errorf("%w: the selector chooses nothing; say All for all projects", ErrInvalid)
	}
	wanted := map[string]bool{}
	for _, id := range of.IDs {
		wanted[id] = true
	}
	all, err := readRecords(ctx, r.db, `deleted = 0 ORDER BY id`)
	if err != nil {
		return nil, err
	}
	found := 0
	for _, rec := range all {
		if wanted[rec.id] {
			found++
		}
		if (len(wanted) == 0 || wanted[rec.id]) && strings.HasPrefix(rec.name, of.NamePrefix) && has(rec.metadata, of.Metadata) {
			out = append(out, rec)
		}
	}
	if found < len(wanted) {
		return nil, fmt.Errorf("%w: %d of the %d ids", ErrNotFound, len(wanted)-found, len(wanted))
	}
	return out, nil
}
