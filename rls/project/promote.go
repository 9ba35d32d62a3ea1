package project

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/hedgerow/hedgerow/internal/store"
	"github.com/hedgerow/hedgerow/internal/transfer"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/session"
)

// PromoteSource is what a promotion reads: Shared, or a *Project that is itself
// shared by several customers.
type PromoteSource interface {
	// source gives what is read and a function that ends the reading.
	source(s session.Session) (transfer.Source, func(), error)
}

var (
	_ PromoteSource = Shared{}
	_ PromoteSource = (*Project)(nil)
)

// Shared are tables that tenants share outside of any project.
type Shared struct {
	// DB is the tables' database without enforcement, as sql.Open gives it. On
	// MariaDB and MySQL its connections must give times in UTC, with the
	// driver's default loc=UTC.
	DB *sql.DB
	// Enforcer has the policies, and the dialect of DB.
	Enforcer *rls.Enforcer
}

// PromoteOptions control a promotion. The zero value is right for tables that
// exist.
type PromoteOptions struct {
	// Batch is the number of rows that are written in one transaction; default 500.
	Batch int
	// Create makes the tables that the target lacks, with the keys and the indexes
	// for the relationships of its model. Their strings compare by code point. On
	// MariaDB and MySQL, strings of keys have at most 255 characters there, and
	// instants are those of 1970 to 2038. Tables that exist are left as they are.
	Create bool
	// Progress, if set, is called between the transactions of the copy, by the
	// goroutine that called Promote.
	Progress func(PromoteProgress)
}

// These are what a promotion tells.
type (
	// PromoteProgress tells how far a promotion is.
	PromoteProgress = transfer.Progress
	// PromotePhase is how far one dataset is.
	PromotePhase = transfer.Phase
	// PromotedDataset is a dataset whose copy was verified.
	PromotedDataset = transfer.DatasetReport
	// PromotePlanError holds every reason why a copy isn't possible. Nothing was
	// written. It matches what its problems match, such as rls.ErrDenied.
	PromotePlanError = transfer.PlanError
	// PromoteProblem is one such reason.
	PromoteProblem = transfer.Problem
	// PromoteDatasetError is what went wrong while a dataset was copied. Its text
	// holds no row data; that of a driver's error, which it wraps, may.
	PromoteDatasetError = transfer.DatasetError
)

// The phases of a dataset, in order. Copying may repeat or be absent.
const (
	PromotePrepared = transfer.Prepared // its table exists and belongs to the promotion
	PromoteCopying  = transfer.Copying  // one more batch is committed
	PromoteCopied   = transfer.Copied   // all batches are, and not yet verified
	PromoteVerified = transfer.Verified // number and checksum of the rows agree
)

// Errors of promotions, besides those of the source's policies.
var (
	// ErrActive: the target takes queries already; only an inactive project can
	// be the target of a promotion.
	ErrActive = errors.New("project: active")
	// ErrPromotionBusy: another call, in this instance of the host or another, is
	// at the promotion, or has taken over. After a host was killed it stays so for
	// 30 seconds.
	ErrPromotionBusy = errors.New("project: the promotion is being run")

	// ErrCopyDatatype: the source's field and the target's have different datatypes.
	ErrCopyDatatype = transfer.ErrDatatype
	// ErrCopyModel: the target's model can't be filled by copying columns.
	ErrCopyModel = transfer.ErrModel
	// ErrCopyTable: a table of the target is missing, or lacks a column.
	ErrCopyTable = transfer.ErrTable
	// ErrCopyUnsupported: a database can't be copied from, or to, as it is set up.
	ErrCopyUnsupported = transfer.ErrUnsupported
	// ErrCopyMismatch: the target holds other rows than were written.
	ErrCopyMismatch = transfer.ErrMismatch
	// ErrCopyForeignRows: a table of the target holds rows that the promotion
	// didn't put there.
	ErrCopyForeignRows = transfer.ErrForeignRows
	// ErrCopyValue: a value isn't of its field's datatype, or the target has none
	// that equals it.
	ErrCopyValue = transfer.ErrValue
	// ErrCopyDatabase: a database failed.
	ErrCopyDatabase = transfer.ErrDatabase
)

// PromoteReport is what a promotion did.
type PromoteReport struct {
	// Datasets are those that were verified.
	Datasets []PromotedDataset
	// Version is the target's, which made it active; 0 if it isn't.
	Version int64
	// Already: an earlier call had finished the promotion, and this one has
	// changed nothing.
	Already bool
}

// Promote gives a tenant of shared tables a project of its own. It copies what
// the session may see of each dataset of the target's model into the target's
// database, where fields go by their names, holds number and checksum of the
// rows against the source's, and only then makes the target active, in one
// transaction. The target is a project that was created with Spec.Inactive, whose
// tables are empty or, with PromoteOptions.Create, missing.
//
// The source is read in one snapshot and never changed. What is written to it
// later stays behind, so the tenant's writes should rest until the target is
// active. The session is of the source; masked fields are copied as their masks.
//
// After an error, or when the host was killed, the target is inactive, and
// calling Promote again goes on: in any instance of the host, to exactly one copy
// of what the session sees by then. After success it changes nothing, and the
// report says so. Errors are a *PromotePlanError before anything is written,
// *PromoteDatasetError, ErrActive, ErrPromotionBusy, ErrConnection, ErrNotFound,
// and ErrConflict when the target was activated, or got another model or
// connection, meanwhile. The report of a promotion that failed has the
// datasets that were verified before.
func Promote(ctx context.Context, source PromoteSource, s session.Session, target *Project, o PromoteOptions) (*PromoteReport, error) {
	if source == nil || target == nil {
		return nil, errors.New("project: a promotion needs a source and a target")
	}
	r := target.host()
	if err := r.begin(); err != nil {
		return nil, err
	}
	defer r.running.Done()
	if p, ok := source.(*Project); ok && p.host() == r && r.promote.maxConns == 1 {
		return nil, errors.New("project: a promotion from a project needs two connections: Config.Pools.MaxConns is 1")
	}
	if err := target.reload(ctx); err != nil {
		return nil, err
	}
	run := &promotion{registry: r, target: target, owner: rand.Text()}
	done, err := run.take(ctx)
	if err != nil {
		return nil, err
	}
	if done != nil {
		return done, target.reload(ctx)
	}
	defer run.release(ctx)
	held, stop := run.hold(ctx)
	defer stop()
	report, err := run.all(held, source, s, o)
	if err != nil {
		return report, run.explain(held, err)
	}
	return report, target.reload(ctx)
}

// promotion is one call of Promote that has the lease.
type promotion struct {
	registry *Registry
	target   *Project
	owner    string
}

// all copies and activates.
func (m *promotion) all(ctx context.Context, source PromoteSource, s session.Session, o PromoteOptions) (*PromoteReport, error) {
	st := m.target.state.Load()
	if st.record.deleted {
		return nil, ErrNotFound
	}
	from, end, err := source.source(s)
	if err != nil {
		return nil, err
	}
	defer end()
	to := m.target.raw(st.record)
	defer to.Close() // it has nothing left to do
	dbs := []*sql.DB{to}
	if _, ok := source.(*Project); ok {
		dbs = append(dbs, from.DB)
	}
	if err := m.connect(ctx, dbs); err != nil {
		return nil, err
	}
	dialect, _ := dialectOf(st.record.dialect) // which has compiled
	copied, err := transfer.Run(ctx, from, transfer.Target{DB: to, Model: st.compiled.policies.Model(), Dialect: dialect},
		transfer.Options{ID: m.target.id, Batch: o.Batch, Create: o.Create, Progress: o.Progress})
	if copied == nil {
		return nil, err
	}
	report := &PromoteReport{Datasets: copied.Datasets}
	if err == nil {
		report.Version, err = m.activate(ctx, st.record, report.Datasets)
	}
	return report, err
}

// connect opens the registry's connections, which stay open. One promotion does
// so at a time: two that have one each would wait for the other's for ever.
func (m *promotion) connect(ctx context.Context, dbs []*sql.DB) error {
	select {
	case m.registry.promote.connecting <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-m.registry.promote.connecting }()
	for _, db := range dbs {
		if err := db.PingContext(ctx); err != nil {
			return err
		}
	}
	return nil
}

// activate makes the target take queries, if it is still what was copied for.
func (m *promotion) activate(ctx context.Context, copied record, datasets []PromotedDataset) (version int64, err error) {
	if err := m.registry.open(); err != nil {
		return 0, err
	}
	err = m.registry.change(ctx, func(tx *store.Tx, revision int64) error {
		rec, err := readRecord(ctx, tx, m.target.id)
		if err != nil {
			return err
		}
		if err := m.touch(ctx, tx); err != nil {
			return err
		}
		if rec.active || rec.model.hash != copied.model.hash || rec.dialect != copied.dialect || rec.connection != copied.connection {
			return ErrConflict
		}
		rec.active, rec.version, rec.revision, rec.updated = true, rec.version+1, revision, time.Now()
		version = rec.version
		if err := rec.update(ctx, tx); err != nil {
			return err
		}
		return m.finish(ctx, tx, version, datasets)
	})
	if err != nil {
		return 0, err
	}
	return version, nil
}

// explain gives the reason for which a promotion was stopped, if it was.
func (m *promotion) explain(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); errors.Is(cause, ErrClosed) || errors.Is(cause, ErrPromotionBusy) {
		return cause
	}
	if errors.Is(err, transfer.ErrSuperseded) {
		return ErrPromotionBusy
	}
	return fmt.Errorf("promoting project %s: %w", m.target.id, err)
}
