package project

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/hedgerow/hedgerow/internal/store"
)

// rolloutRun is one instance's turn at a rollout. The store holds how far it is;
// each of its transactions makes sure that it is still the one at it.
type rolloutRun struct {
	registry  *Registry
	id, owner string
	change    Change
	keepGoing bool
	progress  func(RolloutResult)
	// compiled keeps what was compiled until the projects have it.
	compiled map[content]*compiled
}

// try compiles the change for each project. wrong is what is wrong with the
// first of those for which it doesn't.
func (run *rolloutRun) try(ctx context.Context, chosen []record) (results []RolloutResult, wrong, err error) {
	bad := 0
	for _, rec := range chosen {
		if err := run.registry.open(); err != nil {
			return nil, nil, err
		}
		result := RolloutResult{Project: rec.id, Status: RolloutPending}
		err := run.tryOn(ctx, rec)
		switch {
		case errors.Is(err, ErrNotFound):
			result.Status = RolloutDeleted
		case errors.Is(err, ErrInvalid):
			bad++
			result.Status, result.Problem = RolloutInvalid, err.Error()
			if wrong == nil {
				wrong = fmt.Errorf("project %s: %w", rec.id, err)
			}
		case err != nil:
			return nil, nil, err
		}
		results = append(results, result)
	}
	if wrong != nil {
		wrong = fmt.Errorf("the change is wrong for %d of %d projects, the first: %w", bad, len(chosen), wrong)
	}
	return results, wrong, nil
}

// tryOn compiles the change for one project, which may change meanwhile.
func (run *rolloutRun) tryOn(ctx context.Context, rec record) error {
	for i := 1; ; i++ {
		_, err := run.compile(ctx, run.change.on(rec))
		if !errors.Is(err, ErrConflict) || i == readAttempts {
			return err
		}
		if rec, err = readRecord(ctx, run.registry.db, rec.id); err != nil {
			return err
		}
	}
}

// compile gives what a record compiles to, of the change's texts and the store's.
func (run *rolloutRun) compile(ctx context.Context, rec record) (*compiled, error) {
	if err := checkMetadata(rec.metadata); err != nil {
		return nil, &InvalidError{Metadata: err}
	}
	of := contentOf(rec.model, rec.policies, rec.dialect)
	if c := run.compiled[of]; c != nil {
		return c, nil
	}
	c, err := run.registry.compile(ctx, rec, func() (model, policies File, err error) {
		if model, err = run.file(ctx, rec.model, run.change.Model); err != nil {
			return File{}, File{}, err
		}
		policies, err = run.file(ctx, rec.policies, run.change.Policies)
		return model, policies, err
	})
	if err != nil {
		return nil, err
	}
	run.compiled[of] = c
	return c, nil
}

func (run *rolloutRun) file(ctx context.Context, of stored, changed *File) (File, error) {
	if changed != nil && hashOf(changed.Text) == of.hash {
		return File{Name: of.name, Text: changed.Text}, nil
	}
	text, err := readText(ctx, run.registry.db, of.hash)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrConflict // the project has another now
	}
	return File{Name: of.name, Text: text}, err
}

// begin stores the rollout with all that it is to do.
func (run *rolloutRun) begin(ctx context.Context, results []RolloutResult) error {
	return run.registry.change(ctx, func(tx *store.Tx, _ int64) error {
		if err := insertRollout(ctx, tx, run, time.Now()); err != nil {
			return err
		}
		return insertResults(ctx, tx, run.id, results)
	})
}

// apply changes the projects whose turn is yet to come.
func (run *rolloutRun) apply(ctx context.Context) error {
	err := run.update(ctx, func(tx *store.Tx) error {
		if err := setResults(ctx, tx, run.id, RolloutFailed, RolloutPending); err != nil {
			return err
		}
		return setState(ctx, tx, run.id, RolloutRunning)
	})
	if err != nil {
		return err
	}
	stopped := false
	err = run.each(ctx, RolloutPending, func(id string) (RolloutResult, error) {
		result, err := run.applyTo(ctx, id)
		stopped = err == nil && result.Status == RolloutFailed && !run.keepGoing
		return result, err
	}, func() bool { return stopped })
	if err != nil {
		return err
	}
	if stopped {
		err = ErrRolloutStopped
	}
	return errors.Join(err, run.update(ctx, func(tx *store.Tx) error {
		if stopped {
			return setState(ctx, tx, run.id, RolloutStopped)
		}
		return setState(ctx, tx, run.id, RolloutDone)
	}))
}

// rollBack restores the projects that were changed.
func (run *rolloutRun) rollBack(ctx context.Context) error {
	err := run.update(ctx, func(tx *store.Tx) error { return setState(ctx, tx, run.id, RolloutRollingBack) })
	if err != nil {
		return err
	}
	err = run.each(ctx, RolloutApplied, func(id string) (RolloutResult, error) { return run.restore(ctx, id) }, func() bool { return false })
	if err != nil {
		return err
	}
	return run.update(ctx, func(tx *store.Tx) error { return setState(ctx, tx, run.id, RolloutRolledBack) })
}

// each goes through the projects of a status, and tells what became of each.
func (run *rolloutRun) each(ctx context.Context, status RolloutStatus, do func(id string) (RolloutResult, error), stop func() bool) error {
	ids, err := readIDs(ctx, run.registry.db, `SELECT project FROM hedgerow_rollout_projects WHERE rollout = ? AND status = ? ORDER BY project`,
		run.id, string(status))
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := run.registry.open(); err != nil {
			return err
		}
		result, err := do(id)
		if err != nil {
			return err
		}
		if run.progress != nil {
			run.progress(result)
		}
		if stop() {
			return nil
		}
	}
	return nil
}

// update is a transaction of this run about the rollout alone.
func (run *rolloutRun) update(ctx context.Context, do func(*store.Tx) error) error {
	return run.registry.change(ctx, func(tx *store.Tx, _ int64) error {
		if err := run.hold(ctx, tx); err != nil {
			return err
		}
		return do(tx)
	})
}

// applyTo changes one project and notes that, in one transaction.
func (run *rolloutRun) applyTo(ctx context.Context, id string) (RolloutResult, error) {
	return run.step(ctx, id, func(now record) (next record, result RolloutResult) {
		next = run.change.on(now)
		if next.same(now) {
			return now, RolloutResult{Project: id, Status: RolloutUnchanged}
		}
		return next, RolloutResult{Project: id, Status: RolloutApplied}
	})
}

// restore gives a project back what it had, unless it was changed since.
func (run *rolloutRun) restore(ctx context.Context, id string) (RolloutResult, error) {
	old, version, err := readOld(ctx, run.registry.db, run.id, id)
	if err != nil {
		return RolloutResult{}, err
	}
	return run.step(ctx, id, func(now record) (next record, result RolloutResult) {
		if now.version != version {
			return now, RolloutResult{Project: id, Status: RolloutKept, Version: version, Problem: "it was changed since"}
		}
		next = now
		next.model, next.policies, next.metadata = old.model, old.policies, old.metadata
		return next, RolloutResult{Project: id, Status: RolloutRestored}
	})
}

// step does to one project what plan says of it, and writes the result. A
// project that changes in between is looked at again.
func (run *rolloutRun) step(ctx context.Context, id string, plan func(now record) (record, RolloutResult)) (RolloutResult, error) {
	for i := 1; ; i++ {
		result, err := run.tryStep(ctx, id, plan)
		if !errors.Is(err, ErrConflict) {
			return result, err
		}
		if i == readAttempts {
			return run.note(ctx, RolloutResult{Project: id, Status: RolloutFailed, Problem: err.Error()})
		}
	}
}

func (run *rolloutRun) tryStep(ctx context.Context, id string, plan func(now record) (record, RolloutResult)) (RolloutResult, error) {
	now, err := readRecord(ctx, run.registry.db, id)
	if errors.Is(err, ErrNotFound) {
		return run.note(ctx, RolloutResult{Project: id, Status: RolloutDeleted})
	}
	if err != nil {
		return RolloutResult{}, err
	}
	next, result := plan(now)
	if result.Status != RolloutApplied && result.Status != RolloutRestored {
		return run.note(ctx, result)
	}
	c, err := run.compile(ctx, next)
	if errors.Is(err, ErrInvalid) {
		return run.note(ctx, RolloutResult{Project: id, Status: RolloutFailed, Problem: err.Error()})
	}
	if err != nil {
		return RolloutResult{}, err
	}
	next.version, next.updated = now.version+1, time.Now().UTC().Truncate(time.Microsecond)
	result.Version = next.version
	err = run.registry.change(ctx, func(tx *store.Tx, revision int64) error {
		next.revision = revision
		return run.write(ctx, tx, now, next, result)
	})
	if err != nil {
		return RolloutResult{}, err
	}
	// If the context ends, Refresh does it.
	if p := run.registry.loaded(id); p != nil && p.loading.take(ctx) == nil {
		defer p.loading.give()
		if p.state.Load() != nil { // else it is being loaded, and that reads what is new
			p.install(next, c)
		}
	}
	return result, nil
}

// write is the transaction of one step.
func (run *rolloutRun) write(ctx context.Context, tx *store.Tx, now, next record, result RolloutResult) error {
	if err := run.hold(ctx, tx); err != nil {
		return err
	}
	current, err := run.registry.current(ctx, tx, now.id, now.version)
	if errors.Is(err, ErrNotFound) {
		return ErrConflict // looked at again, it is deleted
	}
	if err != nil {
		return err
	}
	next.dsn = current.dsn // RotateKeys may have sealed it anew
	if result.Status == RolloutApplied {
		if err := setOld(ctx, tx, run.id, now); err != nil {
			return err
		}
	}
	if err := next.update(ctx, tx); err != nil {
		return err
	}
	if err := setResult(ctx, tx, run.id, result); err != nil {
		return err
	}
	return dropTexts(ctx, tx, now.model.hash, now.policies.hash)
}

// note writes the result for a project that wasn't changed.
func (run *rolloutRun) note(ctx context.Context, result RolloutResult) (RolloutResult, error) {
	return result, run.update(ctx, func(tx *store.Tx) error { return setResult(ctx, tx, run.id, result) })
}

// releaseTimeout bounds how long a run takes to say that it has ended.
const releaseTimeout = 10 * time.Second

// finish lets others have the rollout, and reads what became of it.
func (run *rolloutRun) finish(ctx context.Context, err error) (*Rollout, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	released := run.update(ctx, func(tx *store.Tx) error { return setOwner(ctx, tx, run.id, "", time.Time{}) })
	if errors.Is(released, ErrRolloutBusy) {
		released = nil // another has it, which err tells
	}
	out, readErr := readRollout(ctx, run.registry.db, run.id)
	if readErr != nil {
		out = nil
	}
	return out, errors.Join(err, released, readErr)
}
