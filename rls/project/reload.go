package project

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/hedgerow/hedgerow/internal/store"
)

// Get gives a project by its id; ErrNotFound when there is none, also when it
// was deleted. What is loaded comes from memory, and may be as old as Config.Poll.
func (r *Registry) Get(ctx context.Context, id string) (*Project, error) {
	if err := r.open(); err != nil {
		return nil, err
	}
	if !validID(id) {
		return nil, ErrNotFound
	}
	for {
		p := r.handle(id)
		if st := p.state.Load(); st != nil {
			if st.record.deleted {
				return nil, ErrNotFound
			}
			return p, nil
		}
		loaded, err := p.load(ctx)
		if err != nil {
			return nil, err
		}
		if loaded {
			return p, nil
		}
	}
}

// loaded gives a project's handle if there is one.
func (r *Registry) loaded(id string) *Project {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.projects[id]
}

// handle gives a project's handle. It is in the map before the store is read, so
// that a change which comes after that reading finds it there.
func (r *Registry) handle(id string) *Project {
	if p := r.loaded(id); p != nil {
		return p
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	p, ok := r.projects[id]
	if !ok {
		p = &Project{registry: r, id: id, loading: newTurn()}
		r.projects[id] = p
	}
	return p
}

// drop takes a handle out that leads to nothing.
func (r *Registry) drop(p *Project) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.projects[p.id] == p {
		delete(r.projects, p.id)
	}
}

// put stores a record and makes it the state of its project's handle. The handle
// is held from before the commit on: whoever changes the project next, and
// whoever hears of that, finds it.
func (r *Registry) put(ctx context.Context, rec *record, c *compiled, write func(*store.Tx) error) (*Project, error) {
	p, err := r.hold(ctx, rec.id)
	if err != nil {
		return nil, err
	}
	defer p.loading.give()
	err = r.change(ctx, func(tx *store.Tx, revision int64) error {
		rec.revision = revision
		return write(tx)
	})
	if err != nil {
		if p.state.Load() == nil {
			r.drop(p)
		}
		return nil, err
	}
	p.install(*rec, c)
	return p, nil
}

// hold gives a project's handle and the turn to change it.
func (r *Registry) hold(ctx context.Context, id string) (*Project, error) {
	for {
		p := r.handle(id)
		if err := p.loading.take(ctx); err != nil {
			return nil, err
		}
		if r.loaded(id) == p {
			return p, nil
		}
		p.loading.give() // it was dropped
	}
}

// turn is a lock for which one waits as long as a context allows.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

// take succeeds when nobody has the turn, even if the context has ended: so a
// handle that is new is loaded, or dropped again.
func (t turn) take(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	default:
	}
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t turn) give() { <-t }

// load fills a new handle. It is false when the handle isn't the registry's
// any more: another must be taken.
func (p *Project) load(ctx context.Context) (bool, error) {
	if err := p.loading.take(ctx); err != nil {
		return false, err
	}
	defer p.loading.give()
	if p.registry.loaded(p.id) != p {
		return false, nil
	}
	if p.state.Load() != nil {
		return true, nil
	}
	rec, c, err := p.registry.fetch(ctx, p.id)
	if err != nil {
		p.registry.drop(p)
		return false, err
	}
	p.install(rec, c)
	return true, nil
}

// reload brings a handle up to date. What doesn't compile leaves it as it was,
// but for this: a project that is inactive takes no queries.
func (p *Project) reload(ctx context.Context) error {
	if err := p.loading.take(ctx); err != nil {
		return err
	}
	defer p.loading.give()
	if p.state.Load() == nil {
		return nil // it is being loaded, and that reads what is new
	}
	rec, c, err := p.registry.fetch(ctx, p.id)
	if errors.Is(err, ErrNotFound) {
		p.bury()
		return nil
	}
	if errors.Is(err, ErrInvalid) && rec.id != "" && !rec.active {
		p.stop()
	}
	if err != nil {
		return err
	}
	p.install(rec, c)
	return nil
}

// stop makes the state of a project inactive and leaves the rest of it. The caller
// has p.loading.
func (p *Project) stop() {
	stopped := *p.state.Load()
	stopped.record.active = false
	p.state.Store(&stopped)
}

// bury makes the handle that of a deleted project. The caller has p.loading.
func (p *Project) bury() {
	if old := p.state.Load(); old != nil {
		gone := record{id: p.id, name: old.record.name, version: old.record.version, revision: old.record.revision + 1, deleted: true}
		p.install(gone, nil)
	}
	p.registry.drop(p)
}

// fetch reads and compiles a project. It gives the record also of one that doesn't
// compile.
func (r *Registry) fetch(ctx context.Context, id string) (record, *compiled, error) {
	for i := 1; ; i++ {
		rec, err := readRecord(ctx, r.db, id)
		if err != nil {
			return record{}, nil, err
		}
		c, err := r.compile(ctx, rec, func() (File, File, error) { return readFiles(ctx, r.db, rec) })
		if errors.Is(err, sql.ErrNoRows) {
			if i < readAttempts {
				continue // changed since
			}
			err = &InvalidError{Model: errors.New("the store lacks its text, or that of the policies")}
		}
		if err != nil {
			return rec, nil, fmt.Errorf("project %s: %w", id, err)
		}
		return rec, c, nil
	}
}

// poll brings the projects up to date until the context ends, and deletes dead
// keys now and then.
func (r *Registry) poll(ctx context.Context, every time.Duration) {
	var pruned time.Time
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		err := errors.Join(r.Refresh(ctx), r.keys.Flush(ctx))
		if time.Since(pruned) >= pruneEvery {
			pruned = time.Now()
			err = errors.Join(err, r.pruneKeys(ctx))
		}
		if err != nil && ctx.Err() == nil {
			r.onError(err)
		}
	}
}

// Refresh brings the projects that are loaded up to date with the store, as
// happens by itself every Config.Poll. A project whose change doesn't compile
// here stays as it was, and Config.OnError hears of it; what fails because of an
// error of the store comes with the next Refresh.
func (r *Registry) Refresh(ctx context.Context) error {
	if err := r.open(); err != nil {
		return err
	}
	if err := r.refreshing.take(ctx); err != nil {
		return err
	}
	defer r.refreshing.give()
	// Whatever was written under this revision or a lower one can be read now.
	var now int64
	if err := r.db.QueryRow(ctx, `SELECT n FROM hedgerow_revision WHERE one = 1`).Scan(&now); err != nil {
		return fmt.Errorf("project: looking for changes: %w", err)
	}
	if now == r.seen {
		return nil
	}
	if err := r.keys.Sync(ctx, r.seen); err != nil {
		return fmt.Errorf("project: looking for changes: %w", err)
	}
	changes, err := readIDs(ctx, r.db, `SELECT id FROM hedgerow_projects WHERE revision > ? ORDER BY revision`, r.seen)
	if err != nil {
		return fmt.Errorf("project: looking for changes: %w", err)
	}
	var failed error
	for _, id := range changes {
		if p := r.loaded(id); p != nil {
			err := p.reload(ctx)
			if errors.Is(err, ErrInvalid) {
				r.onError(fmt.Errorf("a change is not taken over, the version before serves on: %w", err))
			} else if err != nil {
				failed = fmt.Errorf("project: taking over a change: %w", err)
			}
		}
	}
	if failed == nil {
		r.seen = now
	}
	return failed
}
