package project

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"sync/atomic"
	"time"

	"github.com/hedgerow/hedgerow/internal/history"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/session"
)

// HistoryConfig says where entries of the history wait and how long they are
// kept; zero fields have their defaults.
type HistoryConfig struct {
	// Buffer is how many entries may wait in memory; default 10,000.
	Buffer int
	// Batch is how many entries one transaction writes; default 500.
	Batch int
	// FlushEvery is how long an entry waits at most; default 1 s.
	FlushEvery time.Duration
	// Spool is a local directory in which entries wait, so that a host that is
	// killed loses none; "" is none. It holds queries in plain text, and belongs to
	// one store.
	Spool string
	// KeepFor is the age at which entries are deleted; 0 is never.
	KeepFor time.Duration
	// KeepCount is about how many of a project's newest entries are kept; 0 is all.
	KeepCount int
}

func (c HistoryConfig) negative() bool {
	return c.Buffer < 0 || c.Batch < 0 || c.FlushEvery < 0 || c.KeepFor < 0 || c.KeepCount < 0
}

// These are what History takes and gives. An entry's Session is redacted, its
// Key is the session's Origin, and its Decision is what the policies did, or what
// the caller was told when the query was refused.
type (
	// Filter chooses entries; the zero Filter chooses all.
	Filter = history.Filter
	// HistoryPage is a part of a history, the newest entries first.
	HistoryPage = history.Page
	// HistoryEntry is one query.
	HistoryEntry = history.Entry
	// Status is how a query ended.
	Status = history.Status
)

// The ways in which a query ends.
const (
	StatusOK      = history.OK
	StatusRefused = history.Refused
	StatusFailed  = history.Failed
)

// History gives the queries of a project: those of Query and DB when their
// rows are closed, those of Enforce when it has given a statement, and all that
// were refused. They reach the store within HistoryConfig.FlushEvery. What a
// *sql.DB of DB can't ask, because there is no connection or the project is
// inactive, is not in it.
func (p *Project) History(ctx context.Context, f Filter) (HistoryPage, error) {
	return p.host().History(ctx, p.ID(), f)
}

// History is Project.History by the project's id: also of one that was deleted.
func (r *Registry) History(ctx context.Context, id string, f Filter) (HistoryPage, error) {
	if err := r.open(); err != nil {
		return HistoryPage{}, err
	}
	if !validID(id) {
		id = "" // of no project, and a text that every store takes
	}
	return r.history.Query(ctx, id, f)
}

// RemoveHistory deletes the history of a project, for one that was deleted.
func (r *Registry) RemoveHistory(ctx context.Context, id string) error {
	if err := r.open(); err != nil {
		return err
	}
	if !validID(id) {
		return nil
	}
	if err := r.history.Flush(ctx); err != nil {
		return err
	}
	return r.history.Remove(ctx, id)
}

// FlushHistory brings the entries that wait to the store now.
func (r *Registry) FlushHistory(ctx context.Context) error {
	if err := r.open(); err != nil {
		return err
	}
	return r.history.Flush(ctx)
}

// recordTimeout is how long the end of a query waits for room in the history.
const recordTimeout = 5 * time.Second

// record keeps an entry, also when the query's own context has ended.
func (p *Project) record(ctx context.Context, s session.Session, e HistoryEntry) {
	if n, ok := ctx.Value(notedKey{}).(*noted); ok {
		n.done.Store(true)
	}
	e.ID, e.Project = history.NewID(), p.id
	st := p.now()
	s = st.carry(s)
	// What another project's session may show is not for this one's history.
	if st.own(s) {
		e.Key = s.Origin()
		if shown, err := json.Marshal(s); err == nil { // redacted; it can't fail
			e.Session = string(shown)
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	_ = p.registry.history.Record(ctx, e) // it reports what it loses
}

// noted tells a call that its query is in the history.
type noted struct{ done atomic.Bool }

type notedKey struct{}

// onDecision records refusals: what is let through is recorded when it has run.
func (p *Project) onDecision(ctx context.Context, o rls.Outcome) {
	if o.Err != nil {
		p.failed(ctx, o.Session, o.Query, time.Now(), o.Err)
	}
}

// onResult records a run. database/sql tries again after ErrBadConn, unless there
// were rows.
func (p *Project) onResult(ctx context.Context, r rls.Result) {
	if errors.Is(r.Err, driver.ErrBadConn) && r.Rows == 0 {
		return
	}
	e := HistoryEntry{
		Time: r.Started, Query: r.Query, Fingerprint: r.Statement.Fingerprint.String(), Decision: r.Statement.Decision.String(),
		Duration: r.Duration, Rows: r.Rows, Status: StatusOK,
	}
	if r.Err != nil {
		e.Status, e.ErrorClass = statusOf(r.Err)
	}
	p.record(ctx, r.Session, e)
}

// failed records a query that didn't run.
func (p *Project) failed(ctx context.Context, s session.Session, query string, at time.Time, err error) {
	e := HistoryEntry{Time: at, Query: query, Duration: time.Since(at)}
	e.Status, e.ErrorClass = statusOf(err)
	if e.Status == StatusRefused {
		e.Decision = err.Error()
	}
	p.record(ctx, s, e)
}

// classes are the kinds of error in a history, the first that matches.
func classes() []class {
	return []class{
		{rls.ErrNoSession, StatusRefused, "no session"},
		{rls.ErrSyntax, StatusRefused, "syntax"},
		{rls.ErrUnsupported, StatusRefused, "unsupported"},
		{rls.ErrUnknownName, StatusRefused, "unknown name"}, // before ErrDenied, which it matches too
		{rls.ErrLimit, StatusRefused, "limit"},
		{rls.ErrDenied, StatusRefused, "denied"},
		{ErrInactive, StatusRefused, "inactive"},
		{context.Canceled, StatusFailed, "canceled"},
		{context.DeadlineExceeded, StatusFailed, "timeout"},
		{ErrConnection, StatusFailed, "connection"},
	}
}

type class struct {
	err    error
	status Status
	name   string
}

func statusOf(err error) (Status, string) {
	for _, c := range classes() {
		if errors.Is(err, c.err) {
			return c.status, c.name
		}
	}
	return StatusFailed, "database"
}
