// Package transfer copies what a session may see into a database of its own:
// the rows behind the promotion of a tenant from shared tables to a project.
//
// Every dataset of the target's model is read from the source through enforced
// SELECTs in one read-only transaction, written in batches, and read back: the
// copy counts only when number and checksum of the rows agree on both sides.
// The source is never changed.
//
// A table named hedgerow_promotion in the target records, in the transaction of
// each batch, how many rows the promotion put into each table and their
// checksum. That makes a run that was killed anywhere resumable: a table whose
// rows are exactly those on record may be cleared and copied anew, and any
// other row was put there by somebody else and is never deleted.
package transfer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

// Source is what is copied: everything that the session may see. All fields are
// required.
type Source struct {
	// DB is the raw source database, whose dialect is the enforcer's. On MariaDB
	// and MySQL its connections must give times in UTC, with the driver's
	// default loc=UTC.
	//
	// SQLite keeps writers out of a database that is read, unless it is in WAL mode.
	DB       *sql.DB
	Enforcer *rls.Enforcer
	Session  session.Session
}

// Target is where the copy goes. All fields are required.
type Target struct {
	// DB is the raw database of the new project, not that of the source. Nobody
	// may use it before Run has returned.
	DB      *sql.DB
	Model   *semantic.Model
	Dialect rls.Dialect // SQLite, PostgreSQL, MariaDB or MySQL
}

// Options control a run.
type Options struct {
	// ID names the promotion, 1 to 200 bytes: a run resumes what runs of the same
	// ID and the same model of the target began. Required.
	ID string
	// Batch is the number of rows that are written in one transaction; default
	// 500. Batches of long rows or many columns are smaller.
	Batch int
	// Create makes the tables that the target lacks, with the primary keys, the
	// unique keys and indexes for the relationships of its model. Their strings
	// compare by code point, whatever collation the source has: a host that wants
	// another makes the tables. On MariaDB and MySQL, strings of keys have at most
	// 255 characters there, and instants are those of TIMESTAMP, 1970 to 2038.
	// Tables that exist are left as they are.
	Create bool
	// Progress, if set, is called between the transactions of the run, by the
	// goroutine that called Run.
	Progress func(Progress)
}

// Phase is how far a dataset is.
type Phase string

// The phases, in order. Copying may repeat or be absent.
const (
	Prepared Phase = "prepared" // its table exists and belongs to the promotion
	Copying  Phase = "copying"  // one more batch is committed
	Copied   Phase = "copied"   // all batches are, and not yet verified
	Verified Phase = "verified" // number and checksum of the rows agree
)

// Progress tells how far a run is.
type Progress struct {
	Dataset string
	Phase   Phase
	// Rows are in the target, of Total that the session may see. Total is 0
	// while it isn't known.
	Rows, Total int64
}

// Report is what a run did. The report of a run that failed holds the datasets
// that were verified before.
type Report struct {
	Datasets []DatasetReport
}

// DatasetReport is one verified dataset.
type DatasetReport struct {
	Dataset string
	Rows    int64
	// Checksum is over the logical values of all rows in any order: equal rows
	// have equal checksums on every database.
	Checksum Sum
	// Masked are the fields of which the target got the mask, because the session
	// sees no more.
	Masked []string
	// Reused: an earlier run had copied it, and nothing has changed.
	Reused bool
}

// Run copies what the source's session may see of each dataset of the target's
// model, and verifies the copy. Each field of the target that is a plain column
// gets the values of the source's field of the same name; computed fields
// aren't copied, and must find their columns among those that are.
//
// Everything that keeps the copy from being possible is a *PlanError, before
// anything is copied. Other errors are a *DatasetError, which matches
// ErrMismatch, ErrForeignRows, ErrSuperseded, ErrValue or ErrDatabase. After any
// of them, and after the process was killed, Run may be called again with the
// same ID; it leaves exactly one copy, of what the session sees by then.
//
// Parents are written before the datasets that refer to them; a foreign key
// within one table, or in a circle of tables, may refuse a batch all the same.
func Run(ctx context.Context, src Source, dst Target, opts Options) (*Report, error) {
	p, err := newPlan(ctx, src, dst, opts)
	if err != nil {
		return nil, err
	}
	from, err := openSnapshot(ctx, src, p)
	if err != nil {
		return nil, err
	}
	defer from.close()
	to, err := openTarget(ctx, dst, p)
	if err != nil {
		return nil, err
	}
	defer to.close()
	if err := to.prepare(ctx, from); err != nil {
		return nil, err
	}
	r := &run{from: from, to: to, batch: p.batch, progress: opts.Progress}
	return r.all(ctx, p.datasets)
}

const (
	defaultBatch = 500
	maxID        = 200
)

func (o Options) check() error {
	switch {
	case o.ID == "" || len(o.ID) > maxID:
		return fmt.Errorf("transfer: Options.ID must have 1 to %d bytes", maxID)
	case o.Batch < 0:
		return errors.New("transfer: Options.Batch is negative")
	default:
		return nil
	}
}

func (s Source) check() error {
	switch {
	case s.DB == nil:
		return errors.New("transfer: Source.DB is not set")
	case s.Enforcer == nil:
		return errors.New("transfer: Source.Enforcer is not set")
	default:
		return nil
	}
}

func (t Target) check() error {
	switch {
	case t.DB == nil:
		return errors.New("transfer: Target.DB is not set")
	case t.Model == nil:
		return errors.New("transfer: Target.Model is not set")
	default:
		return nil
	}
}
