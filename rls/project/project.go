package project

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
	"weak"

	"github.com/hedgerow/hedgerow/internal/pool"
	"github.com/hedgerow/hedgerow/internal/vault"
	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

// Project is one tenant. It is a live handle: whatever changes it, in this
// instance of the host or another, is seen by each later call, while queries
// that run go on as they began. It is safe for concurrent use.
type Project struct {
	registry *Registry
	id       string
	// loading is had by whoever changes the state.
	loading turn
	state   atomic.Pointer[state]

	dbMu sync.Mutex
	db   *sql.DB
	// dbConnection is the record.connection that db is of.
	dbConnection int64
}

// state is what a project is between two changes. It is immutable.
type state struct {
	record   record
	compiled *compiled // nil for a deleted project
	enforcer *rls.Enforcer
	// former are the schemas of the states before, as long as sessions have them.
	former []weak.Pointer[session.Schema]
}

// now is the state of this moment. A Project that no Registry made has that of a
// deleted one.
func (p *Project) now() *state {
	if p != nil {
		if st := p.state.Load(); st != nil {
			return st
		}
	}
	return &state{record: record{deleted: true}}
}

// ID is the project's name for ever: 26 letters and digits.
func (p *Project) ID() string {
	if p == nil {
		return ""
	}
	return p.id
}

// host is the project's registry, nil for a Project that none made.
func (p *Project) host() *Registry {
	if p == nil {
		return nil
	}
	return p.registry
}

// Name is the name that the project has now.
func (p *Project) Name() string { return p.now().record.name }

// Version counts the changes of the project, from 1. Update and Delete take it.
func (p *Project) Version() int64 { return p.now().record.version }

// Metadata is a copy of the host's own data.
func (p *Project) Metadata() map[string]string { return maps.Clone(p.now().record.metadata) }

// Active tells whether the project takes queries.
func (p *Project) Active() bool { return p.now().record.active }

// Created is when the project was created.
func (p *Project) Created() time.Time { return p.now().record.created }

// Updated is when the project was changed last.
func (p *Project) Updated() time.Time { return p.now().record.updated }

// Schema is the schema of the project's sessions, nil when it was deleted.
func (p *Project) Schema() *session.Schema { return p.now().enforcer.Schema() }

// Session makes a session of the project. No other project takes it. After a
// change of the policies it stands for its values: it is a session of the new
// schema if they fit that and none may be a default that was changed, and
// otherwise ErrNoSession.
func (p *Project) Session(values map[string]any) (session.Session, error) {
	st := p.now()
	if st.record.deleted {
		return session.Session{}, ErrNotFound
	}
	return st.enforcer.Schema().New(values)
}

// Model is the semantic model, nil when the project was deleted.
func (p *Project) Model() *semantic.Model {
	if set := p.Policies(); set != nil {
		return set.Model()
	}
	return nil
}

// Policies are the data policies, nil when the project was deleted. Projects
// with equal files share them, so their Schema makes no sessions of this project.
func (p *Project) Policies() *policy.Set {
	if c := p.now().compiled; c != nil {
		return c.policies
	}
	return nil
}

// Hash identifies model, policies and dialect: projects in which these are equal
// have the same. It is empty when the project was deleted.
func (p *Project) Hash() string {
	if c := p.now().compiled; c != nil {
		return c.content.String()
	}
	return ""
}

// Spec is the project as the store has it now, without its DSN.
func (p *Project) Spec(ctx context.Context) (Spec, error) {
	if err := p.host().open(); err != nil {
		return Spec{}, err
	}
	_, spec, err := p.registry.read(ctx, p.id)
	return spec, err
}

// Enforce turns a logical query into the statement for the project's database.
// Besides the errors of rls.Enforcer.Enforce there are ErrInactive, ErrNotFound
// and ErrClosed.
func (p *Project) Enforce(ctx context.Context, s session.Session, query string, args ...any) (*rls.Statement, error) {
	if err := p.host().begin(); err != nil {
		return nil, err
	}
	defer p.registry.running.Done()
	start := time.Now()
	st, err := p.usable()
	if err != nil {
		p.turnedAway(ctx, s, query, start, err)
		return nil, err
	}
	statement, err := st.enforcer.Enforce(ctx, st.carry(s), query, args...)
	if err != nil {
		return nil, err // onDecision has recorded it
	}
	p.record(ctx, s, HistoryEntry{
		Time: start, Query: query, Fingerprint: statement.Fingerprint.String(), Decision: statement.Decision.String(),
		Duration: time.Since(start), Status: StatusOK,
	})
	return statement, nil
}

// turnedAway records a query that met a project which takes none, unless there
// is nobody to record it for.
func (p *Project) turnedAway(ctx context.Context, s session.Session, query string, at time.Time, err error) {
	if errors.Is(err, ErrInactive) {
		p.failed(ctx, s, query, at, err)
	}
}

// errMoved: the project has another connection than the one in use.
var errMoved = fmt.Errorf("%w: it was changed; begin anew", ErrConnection)

// Query enforces a logical query and runs it. It waits for a connection as long
// as the context allows. Besides the errors of Enforce there are ErrConnection,
// and the errors of the driver when the query runs. Close the rows.
func (p *Project) Query(ctx context.Context, s session.Session, query string, args ...any) (*Rows, error) {
	if err := p.host().begin(); err != nil {
		return nil, err
	}
	start, note := time.Now(), new(noted)
	rows, err := p.run(context.WithValue(session.NewContext(ctx, s), notedKey{}, note), query, args)
	if err != nil {
		if !note.done.Load() && !errors.Is(err, ErrNotFound) {
			p.failed(ctx, s, query, start, err)
		}
		p.registry.running.Done()
		return nil, err
	}
	return rows, nil
}

// run runs a query, anew if the connection was changed before it began.
func (p *Project) run(ctx context.Context, query string, args []any) (*Rows, error) {
	for {
		st, err := p.usable()
		if err != nil {
			return nil, err
		}
		rows, err := p.runOn(ctx, st.record, query, args)
		if !errors.Is(err, errMoved) {
			return rows, err
		}
	}
}

func (p *Project) runOn(ctx context.Context, r record, query string, args []any) (*Rows, error) {
	handle, err := p.registry.pools.Acquire(ctx, r.pool(), func() (*sql.DB, error) { return sql.OpenDB(p.connector(r)), nil })
	if errors.Is(err, pool.ErrClosed) {
		return nil, ErrClosed
	}
	if err != nil {
		return nil, err
	}
	rows, err := handle.DB().QueryContext(ctx, query, args...)
	if err != nil {
		handle.Release()
		return nil, err
	}
	return &Rows{Rows: rows, release: sync.OnceFunc(func() {
		handle.Release()
		p.registry.running.Done()
	})}, nil
}

// Rows are the rows of a query. Close them: until then they hold a connection.
type Rows struct {
	*sql.Rows
	release func()
}

// Next goes to the next row, see sql.Rows.
func (r *Rows) Next() bool {
	if r.Rows.Next() {
		return true
	}
	r.release()
	return false
}

// NextResultSet is false: a query gives one result.
func (r *Rows) NextResultSet() bool {
	more := r.Rows.NextResultSet()
	if !more {
		r.release()
	}
	return more
}

// Close ends the query, see sql.Rows.
func (r *Rows) Close() error {
	defer r.release()
	return r.Rows.Close()
}

// idleAfter is how long a connection of Project.DB is kept for the next call:
// nobody else can use it as long.
const idleAfter = time.Second

// DB is the project's database behind enforcement, as rls.Open gives it: callers
// write logical queries, and the sessions come from the contexts of the calls.
// It follows the project's changes and shares the connections' limit with Query.
// It is the project's: don't close it. When the project gets another Connection
// it is closed, and DB gives another; after the project or the registry it is
// closed for good. Each has a goroutine of its own, so for very many projects
// Query is the better way.
func (p *Project) DB() *sql.DB {
	if p.host() == nil {
		db := sql.OpenDB(refusing{})
		_ = db.Close() // it has nothing open
		return db
	}
	p.dbMu.Lock()
	defer p.dbMu.Unlock()
	r := p.now().record
	if r.deleted || p.registry.open() != nil {
		return p.registry.refusing()
	}
	if p.db == nil || p.dbConnection != r.connection {
		p.closeDB()
		p.db, p.dbConnection = sql.OpenDB(p.connector(r)), r.connection
		p.db.SetConnMaxIdleTime(idleAfter)
		p.db.SetMaxOpenConns(p.registry.perPool)
	}
	return p.db
}

// refusing is what DB gives of projects that were deleted and after Close: it
// opens no connections.
type refusing struct{ registry *Registry }

func (r refusing) Connect(context.Context) (driver.Conn, error) {
	if err := r.registry.open(); err != nil {
		return nil, err
	}
	return nil, ErrNotFound
}

func (refusing) Driver() driver.Driver { return closedDriver{} }

func (p *Project) closeDB() {
	if p.db != nil {
		_ = p.db.Close() // what is idle; the rest closes after use
		p.db = nil
	}
}

// connector opens enforced connections to the database of a record.
func (p *Project) connector(r record) driver.Connector {
	return rls.NewLiveConnector(guarded{p.counted(r), func() error { _, err := p.at(r); return err }}, rls.Live{
		Choose: func(_ context.Context, s session.Session) (*rls.Enforcer, session.Session, error) {
			st, err := p.at(r)
			if err != nil {
				return nil, session.Session{}, err
			}
			return st.enforcer, st.carry(s), nil
		},
		OnResult: p.onResult,
	})
}

// counted opens the driver's own connections to the database of a record, within
// the limit of all.
func (p *Project) counted(r record) *pool.Connector {
	return p.registry.pools.Connector(r.pool(), func(context.Context) (driver.Connector, error) {
		return &dialer{driver: r.driver, dsn: func(ctx context.Context) (vault.Secret, error) {
			template, err := p.registry.template(p.id, r.dsn)
			if err != nil {
				return vault.Secret{}, err
			}
			return p.registry.secrets.Expand(ctx, template)
		}}, nil
	})
}

// guarded opens connections only while the project has them.
type guarded struct {
	*pool.Connector
	check func() error
}

func (g guarded) Connect(ctx context.Context) (driver.Conn, error) {
	if err := g.check(); err != nil {
		return nil, err
	}
	return g.Connector.Connect(ctx)
}

// pool is the key of the connections to the record's database.
func (r record) pool() string { return r.id + "/" + strconv.FormatInt(r.connection, 10) }

// usable is the state in which queries are taken.
func (p *Project) usable() (*state, error) {
	if err := p.host().open(); err != nil {
		return nil, err
	}
	st := p.now()
	switch {
	case st.record.deleted:
		return nil, ErrNotFound
	case !st.record.active:
		return nil, ErrInactive
	}
	return st, nil
}

// at is the usable state if it still has the connection of a record.
func (p *Project) at(r record) (*state, error) {
	st, err := p.usable()
	if err == nil && st.record.connection != r.connection {
		return nil, errMoved
	}
	return st, err
}

// carry gives the session that stands for one of a state before: its values
// in the schema of now. A session that isn't the project's, or whose values don't
// fit any more, stays as it is, and is refused.
func (st *state) carry(s session.Session) session.Session {
	if !st.own(s) || s.Schema() == st.enforcer.Schema() {
		return s
	}
	values := map[string]any{}
	for name, v := range s.All() {
		if st.outdated(s.Schema(), name, v) {
			return s
		}
		values[name] = v
	}
	carried, err := st.enforcer.Schema().New(values)
	if err != nil {
		return s
	}
	return carried.WithOrigin(s.Origin())
}

// outdated tells whether a value may be a default that the schema of now has no
// more. Whether a session was given it, nobody knows.
func (st *state) outdated(former *session.Schema, name string, v any) bool {
	was, _ := former.Property(name)
	is, _ := st.enforcer.Schema().Property(name)
	return reflect.DeepEqual(v, was.Default) && !reflect.DeepEqual(v, is.Default)
}

// own tells whether the project made a session, now or before a change.
func (st *state) own(s session.Session) bool {
	return s.Valid() && (s.Schema() == st.enforcer.Schema() || slices.Contains(st.former, weak.Make(s.Schema())))
}

// install makes a newer record the project's state; nothing is newer than that it
// was deleted. The caller has p.loading.
func (p *Project) install(r record, c *compiled) {
	old := p.state.Load()
	if old != nil && (old.record.deleted || old.record.revision >= r.revision) {
		return
	}
	next := &state{record: r, compiled: c}
	switch {
	case c == nil: // the nil enforcer refuses everything
		next.former = old.schemas() // for the history of what runs
	case old != nil && old.compiled == c && old.record.connection == r.connection:
		next.enforcer, next.former = old.enforcer, old.former
	default:
		next.enforcer = c.enforcer.Isolated(rls.Isolation{Scope: r.pool(), OnDecision: p.onDecision})
		next.former = old.schemas()
	}
	p.state.Store(next)
	if old != nil && (old.record.connection != r.connection || r.deleted) {
		p.registry.pools.Forget(old.record.pool())
		p.dbMu.Lock()
		defer p.dbMu.Unlock()
		p.closeDB()
	}
}

// schemas are those of this state and the ones before that are still in use.
func (st *state) schemas() []weak.Pointer[session.Schema] {
	if st == nil || st.enforcer == nil {
		return nil
	}
	out := slices.DeleteFunc(slices.Clone(st.former), func(w weak.Pointer[session.Schema]) bool { return w.Value() == nil })
	return append(out, weak.Make(st.enforcer.Schema()))
}
