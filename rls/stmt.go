package rls

import (
	"context"
	"database/sql/driver"
	"errors"
)

var (
	_ driver.Stmt             = (*stmt)(nil)
	_ driver.StmtExecContext  = (*stmt)(nil)
	_ driver.StmtQueryContext = (*stmt)(nil)
)

var errStmtClosed = errors.New("rls: the statement is closed")

// stmt is a logical query to be enforced at each execution. It keeps the inner
// statement of the last execution, since sessions of one shape share one text.
type stmt struct {
	conn   *conn
	query  string
	inputs int       // the caller's placeholders
	last   *prepared // nil before the first execution
	closed bool
}

func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	st, p, err := s.enforce(ctx, args)
	if err != nil {
		return nil, err
	}
	return s.conn.watch(ctx, s.query, st).rows(p.query(ctx, s.conn.inner, st))
}

func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	st, p, err := s.enforce(ctx, args)
	if err != nil {
		return nil, err
	}
	return s.conn.watch(ctx, s.query, st).exec(readResult{}, p.exec(ctx, s.conn.inner, st))
}

// Query is driver.Stmt's context-free form, which can have no session.
func (s *stmt) Query([]driver.Value) (driver.Rows, error) {
	return nil, s.conn.noSession(context.Background(), s.query)
}

// Exec is driver.Stmt's context-free form, which can have no session.
func (s *stmt) Exec([]driver.Value) (driver.Result, error) {
	return nil, s.conn.noSession(context.Background(), s.query)
}

// NumInput counts the caller's placeholders only: the policies' values are
// added after database/sql has compared this number with the arguments.
func (s *stmt) NumInput() int { return s.inputs }

func (s *stmt) Close() error {
	s.closed = true
	return s.drop()
}

// enforce decides what this execution runs, and on which inner statement.
func (s *stmt) enforce(ctx context.Context, args []driver.NamedValue) (*Statement, *prepared, error) {
	if s.closed {
		return nil, nil, errStmtClosed
	}
	st, err := s.conn.enforce(ctx, s.query, args)
	if err != nil {
		return nil, nil, err
	}
	// In a transaction rows may still be open here, perhaps another session's:
	// running their statement again could replace what they read.
	if s.last != nil && s.last.sql == st.SQL && s.last.open == 0 {
		return st, s.last, nil
	}
	if err := s.drop(); err != nil {
		return nil, nil, err
	}
	s.last, err = prepare(ctx, s.conn.inner, st.SQL)
	return st, s.last, err
}

func (s *stmt) drop() error {
	last := s.last
	s.last = nil
	if last == nil {
		return nil
	}
	return last.retire()
}

// prepared is a statement of the inner driver. It holds enforced text only, and
// closes when it is retired and none of its rows is open.
type prepared struct {
	inner   driver.Stmt
	sql     string
	open    int // rows not yet closed
	retired bool
}

// prepare gives enforced text to the inner driver.
func prepare(ctx context.Context, c driver.Conn, sql string) (*prepared, error) {
	inner, err := prepareDirect(ctx, c, sql)
	if err != nil {
		return nil, noSkip(err)
	}
	return &prepared{inner: inner, sql: sql}, nil
}

func (p *prepared) query(ctx context.Context, c driver.Conn, st *Statement) (driver.Rows, error) {
	args, err := bind(c, p.inner, st.Args)
	if err != nil {
		return nil, err
	}
	inner, err := queryPrepared(ctx, p.inner, args)
	if err != nil {
		return nil, noSkip(err)
	}
	p.open++
	return newRows(inner, st.Columns, p.release)
}

func (p *prepared) exec(ctx context.Context, c driver.Conn, st *Statement) error {
	args, err := bind(c, p.inner, st.Args)
	if err != nil {
		return err
	}
	return noSkip(execPrepared(ctx, p.inner, args))
}

// release says that some rows of the statement were closed.
func (p *prepared) release() error {
	p.open--
	return p.closeUnused()
}

// retire says that the statement will not run again.
func (p *prepared) retire() error {
	p.retired = true
	return p.closeUnused()
}

func (p *prepared) closeUnused() error {
	if !p.retired || p.open > 0 {
		return nil
	}
	return p.inner.Close()
}
