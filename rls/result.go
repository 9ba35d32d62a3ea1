package rls

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"time"

	"github.com/hedgerow/hedgerow/session"
)

// Result is how the run of a statement behind Open or NewConnector ended. It is
// for audit logs: Err is the driver's and may hold physical names and row data.
type Result struct {
	Session   session.Session
	Query     string
	Statement *Statement
	// Started is when the statement was given to the driver, and Duration the
	// time from then until its rows were closed.
	Started  time.Time
	Duration time.Duration
	// Rows is how many rows were read.
	Rows int64
	// Err is what stopped the run; nil when the reader had what it wanted.
	Err error
}

// run watches one run of a statement; nil watches nothing.
type run struct {
	ctx     context.Context
	observe func(context.Context, Result)
	result  Result
}

// watch starts to watch a run, if anybody wants to know.
func (c *conn) watch(ctx context.Context, query string, st *Statement) *run {
	if c.observe == nil {
		return nil
	}
	s, _ := session.FromContext(ctx) // by enforce there is one
	return &run{ctx: ctx, observe: c.observe, result: Result{Session: s, Query: query, Statement: st, Started: time.Now()}}
}

// rows goes on watching in the rows that a run gave.
func (r *run) rows(in driver.Rows, err error) (driver.Rows, error) {
	if r == nil {
		return in, err
	}
	if err != nil {
		r.end(err)
		return nil, err
	}
	if ours, ok := in.(*rows); ok {
		ours.run = r
	}
	return in, nil
}

// exec ends a run that gives no rows.
func (r *run) exec(res driver.Result, err error) (driver.Result, error) {
	r.end(err)
	return res, err
}

// next takes note of one step through the rows.
func (r *run) next(err error) {
	switch {
	case r == nil || errors.Is(err, io.EOF):
	case err != nil:
		r.result.Err = err
	default:
		r.result.Rows++
	}
}

func (r *run) end(err error) {
	if r == nil {
		return
	}
	if r.result.Err == nil {
		r.result.Err = err
	}
	r.result.Duration = time.Since(r.result.Started)
	r.observe(r.ctx, r.result)
}
