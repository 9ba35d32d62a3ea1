package project

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/hedgerow/hedgerow/internal/history"
	"github.com/hedgerow/hedgerow/internal/keys"
	"github.com/hedgerow/hedgerow/internal/pool"
	"github.com/hedgerow/hedgerow/internal/store"
	"github.com/hedgerow/hedgerow/internal/vault"
	"github.com/hedgerow/hedgerow/rls"
)

// Config configures a Registry. The zero Config keeps no secrets, allows no
// references to any, and is otherwise right for most hosts.
type Config struct {
	// Keys seal the DSNs in the store: the first seals, all open, see
	// Registry.RotateKeys. Without a key, only DSNs that hold no secret are taken.
	Keys []Key
	// Secret answers the references ${host:name} of DSNs; nil refuses them.
	Secret func(ctx context.Context, name string) (string, error)
	// SecretEnv lists beginnings of the environment variables that ${env:NAME} may
	// name, such as "HEDGEROW_"; none refuses all.
	SecretEnv []string
	// SecretDirs lists the directories, as absolute paths, in which ${file:/path}
	// may name files; none refuses all.
	SecretDirs []string
	// Pools bounds the connections to the databases of all projects together.
	Pools PoolLimits
	// Limits bounds logical queries, see rls.Limits.
	Limits rls.Limits
	// CacheBytes is about how much memory the compiled statements of all projects
	// together may take; default 64 MiB.
	CacheBytes int
	// Poll is how often the store is asked for changes by others; default 2 s.
	Poll time.Duration
	// KeepKeys is how long keys are kept that were revoked or have expired; default
	// 90 days.
	KeepKeys time.Duration
	// History says how the history of queries is kept.
	History HistoryConfig
	// OnError hears what goes wrong in the background; nil logs it by slog. It must
	// be safe for concurrent use.
	OnError func(error)
}

// Key is a master key: an ID of 1 to 64 ASCII letters, digits, - and _, which
// isn't secret, and a Secret of 32 random bytes.
type Key = vault.Key

// PoolLimits bounds connections; a zero field has its default.
type PoolLimits struct {
	// MaxConns is the number of open connections to all databases; default 200.
	MaxConns int
	// MaxPools is the number of databases that Project.Query has connections to
	// at a time; default 100.
	MaxPools int
	// MaxConnsPerPool is the number of open connections to one database for
	// Project.Query, and as many for Project.DB; default 10.
	MaxConnsPerPool int
	// MaxIdleTime is how long Project.Query keeps a connection that nobody uses;
	// default 5 minutes.
	MaxIdleTime time.Duration
}

// defaultPoll is how often the store is asked for changes.
const defaultPoll = 2 * time.Second

// defaultPerPool is that of package pool.
const defaultPerPool = 10

const defaultCacheBytes = 64 << 20

const defaultKeepKeys = 90 * 24 * time.Hour

// Registry holds the projects of a host. It is safe for concurrent use.
type Registry struct {
	db      *store.DB
	ring    *vault.Ring // nil without keys
	secrets vault.Resolver
	pools   *pool.Manager
	perPool int
	lease   time.Duration // of rollouts
	// keepKeys is how long dead keys are kept.
	keepKeys time.Duration
	limits   rls.Limits
	cache    *rls.Cache
	onError  func(error)
	shared   *compilations
	keys     *keys.Ring
	history  *history.Log
	// running counts the queries whose rows are open, rollouts and promotions.
	running sync.WaitGroup
	promote promoting

	// refusing is one for all, since a *sql.DB has a goroutine until it is closed.
	refusing func() *sql.DB

	mu       sync.RWMutex
	projects map[string]*Project // those that are loaded, or being so
	closed   bool
	ended    bool // Close has nothing left to do

	// refreshing is had by whoever asks for changes; seen is the revision up to
	// which they are known.
	refreshing turn
	seen       int64

	stop context.CancelFunc // ends the background work
	work sync.WaitGroup
}

// Open opens the registry that a store holds, and makes its tables if they are
// missing. Several instances of the host may do so at once. Close it.
func Open(ctx context.Context, s Store, cfg Config) (*Registry, error) {
	r, err := newRegistry(cfg)
	if err != nil {
		return nil, err
	}
	if r.db, err = store.Open(ctx, s.db, s.flavor, migrations()); err != nil {
		return nil, fmt.Errorf("project: %w", err)
	}
	if err := r.db.QueryRow(ctx, `SELECT n FROM hedgerow_revision WHERE one = 1`).Scan(&r.seen); err != nil {
		return nil, fmt.Errorf("project: %w", err)
	}
	r.promote = newPromoting(cfg.Pools.MaxConns)
	r.keys = keys.NewRing(r.db, keys.Config{})
	if r.history, err = history.Open(r.db, cfg.History.with(r.onError)); err != nil {
		return nil, fmt.Errorf("project: %w", err)
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	r.stop = stop
	every := cfg.Poll
	if every == 0 {
		every = defaultPoll
	}
	r.work.Go(func() { r.poll(background, every) })
	return r, nil
}

// newRegistry checks a configuration.
func newRegistry(cfg Config) (*Registry, error) {
	r := &Registry{
		secrets: vault.Resolver{Env: cfg.SecretEnv, Dirs: cfg.SecretDirs, Host: cfg.Secret},
		limits:  cfg.Limits, perPool: cfg.Pools.MaxConnsPerPool, onError: cfg.OnError, shared: newCompilations(), projects: map[string]*Project{}, lease: rolloutLease,
		refreshing: newTurn(),
	}
	if cfg.Poll < 0 || cfg.CacheBytes < 0 || cfg.KeepKeys < 0 || cfg.History.negative() {
		return nil, errors.New("project: Config.Poll, CacheBytes, KeepKeys or a field of History is negative")
	}
	if err := cfg.Limits.Validate(); err != nil {
		return nil, fmt.Errorf("project: Config.Limits: %w", err)
	}
	if cfg.KeepKeys == 0 {
		cfg.KeepKeys = defaultKeepKeys
	}
	r.keepKeys = cfg.KeepKeys
	if cfg.CacheBytes == 0 {
		cfg.CacheBytes = defaultCacheBytes
	}
	r.cache = rls.NewCache(cfg.CacheBytes)
	if r.perPool == 0 {
		r.perPool = defaultPerPool
	}
	r.refusing = sync.OnceValue(func() *sql.DB { return sql.OpenDB(refusing{r}) })
	var err error
	if r.pools, err = pool.New(pool.Config(cfg.Pools)); err != nil {
		return nil, fmt.Errorf("project: Config.Pools: %w", err)
	}
	if len(cfg.Keys) > 0 {
		if r.ring, err = vault.NewRing(cfg.Keys[0], cfg.Keys[1:]...); err != nil {
			return nil, fmt.Errorf("project: Config.Keys: %w", err)
		}
	}
	if r.onError == nil {
		r.onError = func(err error) { slog.Error("hedgerow: projects", "error", err) }
	}
	return r, nil
}

func (c HistoryConfig) with(onError func(error)) history.Config {
	return history.Config{
		Buffer: c.Buffer, Batch: c.Batch, FlushEvery: c.FlushEvery, Spool: c.Spool,
		KeepFor: c.KeepFor, KeepCount: c.KeepCount, OnError: onError,
	}
}

// open refuses what comes after Close, and a Registry that Open didn't make.
func (r *Registry) open() error {
	if r == nil || r.db == nil {
		return ErrClosed
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.closed {
		return ErrClosed
	}
	return nil
}

// begin counts a query or a rollout in, unless the registry is closed.
func (r *Registry) begin() error {
	if r == nil || r.db == nil {
		return ErrClosed
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.closed {
		return ErrClosed
	}
	r.running.Add(1)
	return nil
}

// Close refuses what comes, stops promotions, and rollouts at their next project,
// waits until the rows of Project.Query are closed, writes the history, and closes the
// connections of the projects. Rows of Project.DB are for the host to close before.
// The context bounds the waiting: if it ends before the history is written, that is
// an error, and Close may be called again. The store's *sql.DB stays open.
func (r *Registry) Close(ctx context.Context) error {
	if r == nil || r.db == nil {
		return nil
	}
	r.mu.Lock()
	was, ended, projects := r.closed, r.ended, maps.Clone(r.projects)
	r.closed = true
	r.mu.Unlock()
	if ended {
		return nil
	}
	if !was {
		close(r.promote.closing)
		r.stop()
	}
	waited := wait(ctx, &r.running)
	for _, p := range projects {
		p.dbMu.Lock()
		p.closeDB()
		p.dbMu.Unlock()
	}
	r.pools.Close()
	err := errors.Join(waited, wait(ctx, &r.work), r.history.Close(ctx), r.keys.Flush(ctx))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = err == nil
	return err
}

// wait waits for others as long as a context allows.
func wait(ctx context.Context, others *sync.WaitGroup) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		others.Wait()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// newID is a random id of 130 bits, in base32 and lower case.
func newID() string { return strings.ToLower(rand.Text()) }

// validID tells whether a text can be an id, to spare the store what can't.
func validID(id string) bool {
	for i := range len(id) {
		if c := id[i]; (c < 'a' || c > 'z') && (c < '2' || c > '7') {
			return false
		}
	}
	return len(id) == 26
}

// Create makes a project. Nothing is stored unless all of the Spec is right:
// errors are *InvalidError and ErrNameTaken. The connection isn't tried; see
// TestConnection.
func (r *Registry) Create(ctx context.Context, spec Spec) (*Project, error) {
	if err := r.open(); err != nil {
		return nil, err
	}
	rec := record{id: newID(), version: 1, connection: 1, created: time.Now().UTC().Truncate(time.Microsecond)}
	c, err := r.check(ctx, spec, &rec)
	if err != nil {
		return nil, err
	}
	rec.updated = rec.created
	return r.put(ctx, &rec, c, func(tx *store.Tx) error {
		return r.write(ctx, tx, rec, spec, rec.insert)
	})
}

// Update changes a project: change gets its Spec, without the DSN, and writes
// the new one into it. The version is the one that the caller has seen; if it
// isn't the project's any more, that is ErrConflict. Further errors are those of
// Create and ErrNotFound, and after each of them nothing has changed.
func (r *Registry) Update(ctx context.Context, id string, version int64, change func(*Spec)) (*Project, error) {
	if err := r.open(); err != nil {
		return nil, err
	}
	old, spec, err := r.read(ctx, id)
	if err != nil {
		return nil, err
	}
	if old.version != version {
		return nil, ErrConflict
	}
	if change != nil {
		change(&spec)
	}
	rec := old
	rec.version, rec.updated = version+1, time.Now().UTC().Truncate(time.Microsecond)
	c, err := r.check(ctx, spec, &rec)
	if err != nil {
		return nil, err
	}
	return r.put(ctx, &rec, c, func(tx *store.Tx) error {
		now, err := r.current(ctx, tx, id, version)
		if err != nil {
			return err
		}
		if spec.Connection.DSN == "" {
			rec.dsn = now.dsn // RotateKeys may have sealed it anew
		}
		if err := r.write(ctx, tx, rec, spec, rec.update); err != nil {
			return err
		}
		return dropTexts(ctx, tx, old.model.hash, old.policies.hash)
	})
}

// Delete removes a project for good: its name is free again, its id never. Its
// keys are revoked. Its history stays, see RemoveHistory. Errors are ErrNotFound and ErrConflict, as for Update.
func (r *Registry) Delete(ctx context.Context, id string, version int64) error {
	if err := r.open(); err != nil {
		return err
	}
	now := time.Now()
	err := r.change(ctx, func(tx *store.Tx, revision int64) error {
		rec, err := r.current(ctx, tx, id, version)
		if err != nil {
			return err
		}
		if err := rec.bury(ctx, tx, revision, now); err != nil {
			return err
		}
		if err := forgetOld(ctx, tx, id); err != nil {
			return err
		}
		if _, err := keys.RevokeAll(ctx, tx, id, now, revision); err != nil {
			return err
		}
		if err := forgetPromotion(ctx, tx, id); err != nil {
			return err
		}
		return dropTexts(ctx, tx, rec.model.hash, rec.policies.hash)
	})
	if err != nil {
		return err
	}
	// If the context ends, Refresh does it.
	if p := r.loaded(id); p != nil && p.loading.take(ctx) == nil {
		defer p.loading.give()
		p.bury()
	}
	return nil
}

// current gives a project whose version is the one that the caller has seen.
func (r *Registry) current(ctx context.Context, tx *store.Tx, id string, version int64) (record, error) {
	rec, err := readRecord(ctx, tx, id)
	if err == nil && rec.version != version {
		return record{}, ErrConflict
	}
	return rec, err
}

// write stores a record and its texts.
func (r *Registry) write(ctx context.Context, tx *store.Tx, rec record, spec Spec, put func(context.Context, *store.Tx) error) error {
	taken, err := nameTaken(ctx, tx, rec.name, rec.id)
	if err != nil {
		return err
	}
	if taken {
		return ErrNameTaken
	}
	if err := saveText(ctx, tx, rec.model.hash, spec.Model.Text); err != nil {
		return err
	}
	if err := saveText(ctx, tx, rec.policies.hash, spec.Policies.Text); err != nil {
		return err
	}
	return put(ctx, tx)
}

// check holds a Spec against all that a project must be, compiles it and puts
// it into a record. A record that is new has no DSN yet.
func (r *Registry) check(ctx context.Context, spec Spec, rec *record) (*compiled, error) {
	var invalid InvalidError
	invalid.Name, invalid.Metadata = checkName(spec.Name), checkMetadata(spec.Metadata)
	invalid.Model, invalid.Policies = checkFile(spec.Model), checkFile(spec.Policies)
	invalid.Connection = checkConnection(spec.Connection, rec.dsn != "")
	dialect, known := dialectOf(spec.Connection.Dialect)
	old := *rec
	rec.name, rec.metadata, rec.active = spec.Name, maps.Clone(spec.Metadata), !spec.Inactive
	rec.model = stored{spec.Model.Name, hashOf(spec.Model.Text)}
	rec.policies = stored{spec.Policies.Name, hashOf(spec.Policies.Text)}
	rec.driver, rec.dialect = spec.Connection.Driver, dialect.String()
	if spec.Connection.DSN != "" && invalid.Connection == nil {
		rec.dsn, invalid.Connection = r.keep(rec.id, spec.Connection.DSN)
	}
	if rec.driver != old.driver || rec.dialect != old.dialect || rec.dsn != old.dsn {
		rec.connection = rec.version
	}
	var c *compiled
	if invalid.Model == nil && invalid.Policies == nil && known {
		var err error
		c, err = r.compile(ctx, *rec, func() (File, File, error) { return spec.Model, spec.Policies, nil })
		var wrong *InvalidError
		if errors.As(err, &wrong) {
			invalid.Model, invalid.Policies = wrong.Model, wrong.Policies
		} else if err != nil {
			return nil, err
		}
	}
	return c, invalid.orNil()
}

// compile gives what a record's texts compile to, and reads them only if
// nobody has compiled them yet.
func (r *Registry) compile(ctx context.Context, rec record, files func() (model, policies File, err error)) (*compiled, error) {
	dialect, ok := dialectOf(rec.dialect)
	if !ok {
		return nil, &InvalidError{Connection: errors.New("the store has a dialect that this version doesn't know")}
	}
	return r.shared.get(ctx, contentOf(rec.model, rec.policies, rec.dialect), func() (*compiled, error) {
		model, policies, err := files()
		if err != nil {
			return nil, err
		}
		return compile(model, policies, rls.Config{Dialect: dialect, Limits: r.limits, Cache: r.cache})
	})
}

// readAttempts bounds how often a project is read that changes meanwhile.
const readAttempts = 10

// read gives a project as the store has it, without its DSN.
func (r *Registry) read(ctx context.Context, id string) (record, Spec, error) {
	for i := 1; ; i++ {
		rec, err := readRecord(ctx, r.db, id)
		if err != nil {
			return record{}, Spec{}, err
		}
		model, policies, err := readFiles(ctx, r.db, rec)
		if errors.Is(err, sql.ErrNoRows) && i < readAttempts {
			continue // changed since
		}
		if err != nil {
			return record{}, Spec{}, fmt.Errorf("project: the texts of project %s: %w", id, err)
		}
		return rec, Spec{
			Name: rec.name, Model: model, Policies: policies,
			Connection: Connection{Driver: rec.driver, Dialect: rec.dialect},
			Metadata:   maps.Clone(rec.metadata), Inactive: !rec.active,
		}, nil
	}
}
