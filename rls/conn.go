package rls

import (
	"context"
	"database/sql/driver"

	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/session"
)

var (
	_ driver.Conn               = (*conn)(nil)
	_ driver.ConnBeginTx        = (*conn)(nil)
	_ driver.ConnPrepareContext = (*conn)(nil)
	_ driver.ExecerContext      = (*conn)(nil)
	_ driver.NamedValueChecker  = (*conn)(nil)
	_ driver.Pinger             = (*conn)(nil)
	_ driver.QueryerContext     = (*conn)(nil)
	_ driver.SessionResetter    = (*conn)(nil)
	_ driver.Validator          = (*conn)(nil)
	_ driver.Tx                 = (*tx)(nil)
)

// conn is a connection on which only enforced statements run. sql.Conn.Raw
// hands it out, so nothing it has or returns may give the inner connection.
//
// It never returns driver.ErrSkip: database/sql would answer that by preparing
// the caller's text.
type conn struct {
	inner driver.Conn
	gate  gate
	spent bool // see tx.Rollback and check
	// checked is the dialect for which the connection's settings are right.
	checked Dialect
	// These may be nil, see Isolation.OnResult and NewConnector.
	observe   func(context.Context, Result)
	closed    func()
	contended func() bool
}

func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	st, err := c.enforce(ctx, query, args)
	if err != nil {
		return nil, err
	}
	return c.watch(ctx, query, st).rows(c.query(ctx, st))
}

// query runs a statement once.
func (c *conn) query(ctx context.Context, st *Statement) (driver.Rows, error) {
	inner, err := queryDirect(ctx, c.inner, st)
	if err == nil {
		return newRows(inner, st.Columns, nil)
	}
	if err != driver.ErrSkip {
		return nil, noSkip(err)
	}
	p, err := prepare(ctx, c.inner, st.SQL)
	if err != nil {
		return nil, err
	}
	result, err := p.query(ctx, c.inner, st)
	// It serves once: it closes with its rows, or now when there are none, and
	// then the query's error tells more than that of closing.
	_ = p.retire()
	return result, err
}

func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	st, err := c.enforce(ctx, query, args)
	if err != nil {
		return nil, err
	}
	return c.watch(ctx, query, st).exec(c.exec(ctx, st))
}

// exec runs a statement once, for its errors alone.
func (c *conn) exec(ctx context.Context, st *Statement) (driver.Result, error) {
	err := execDirect(ctx, c.inner, st)
	if err == nil {
		return readResult{}, nil
	}
	if err != driver.ErrSkip {
		return nil, noSkip(err)
	}
	p, err := prepare(ctx, c.inner, st.SQL)
	if err != nil {
		return nil, err
	}
	err = p.exec(ctx, c.inner, st)
	if closeErr := p.retire(); err == nil {
		err = closeErr
	}
	if err != nil {
		return nil, err
	}
	return readResult{}, nil
}

// PrepareContext refuses what the session of its context may not ask. What
// runs is decided at each execution, by that execution's session.
func (c *conn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	s, err := c.session(ctx, query)
	if err != nil {
		return nil, err
	}
	inputs, err := c.gate.placeholders(ctx, s, query)
	if err != nil {
		return nil, err
	}
	return &stmt{conn: c, query: query, inputs: inputs}, nil
}

// Prepare is driver.Conn's context-free form, which can have no session.
func (c *conn) Prepare(query string) (driver.Stmt, error) {
	return nil, c.noSession(context.Background(), query)
}

// Begin is driver.Conn's context-free form, which can have no session.
func (c *conn) Begin() (driver.Tx, error) { return nil, c.noSession(context.Background(), "") }

// BeginTx needs a session too: a transaction holds a connection and, on many
// databases, a snapshot. Each query in it is enforced with its own context's session.
func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if _, err := c.session(ctx, ""); err != nil {
		return nil, err
	}
	inner, err := begin(ctx, c.inner, opts)
	if err != nil {
		return nil, noSkip(err)
	}
	return &tx{conn: c, ctx: ctx, inner: inner}, nil
}

// CheckNamedValue converts the caller's values as database/sql does by default.
func (c *conn) CheckNamedValue(nv *driver.NamedValue) error {
	value, err := callerValue(*nv)
	if err != nil {
		return err
	}
	nv.Value = value
	return nil
}

func (c *conn) Ping(ctx context.Context) error {
	if p, ok := c.inner.(driver.Pinger); ok {
		return p.Ping(ctx)
	}
	return nil
}

func (c *conn) ResetSession(ctx context.Context) error {
	if r, ok := c.inner.(driver.SessionResetter); ok {
		return r.ResetSession(ctx)
	}
	return nil
}

func (c *conn) IsValid() bool {
	if c.spent || c.contended != nil && c.contended() {
		return false
	}
	if v, ok := c.inner.(driver.Validator); ok {
		return v.IsValid()
	}
	return true
}

func (c *conn) Close() error {
	err := c.inner.Close()
	if closed := c.closed; closed != nil {
		c.closed = nil
		closed()
	}
	return err
}

// enforce turns a call into the statement to run in its place.
func (c *conn) enforce(ctx context.Context, query string, args []driver.NamedValue) (*Statement, error) {
	s, err := c.session(ctx, query)
	if err != nil {
		return nil, err
	}
	values := make([]any, len(args))
	for i, arg := range args {
		if values[i], err = callerValue(arg); err != nil {
			return nil, err
		}
	}
	st, err := c.gate.Enforce(ctx, s, query, values...)
	if err != nil {
		return nil, err
	}
	return st, c.check(ctx, st.server)
}

// check looks once at the connection's settings. One that doesn't have the right
// ones isn't used again.
func (c *conn) check(ctx context.Context, d Dialect) error {
	if c.checked == d {
		return nil
	}
	s, ok := serverOf(d)
	if !ok {
		return nil
	}
	if err := s.check(ctx, c.inner, d); err != nil {
		c.spent = true
		return err
	}
	c.checked = d
	return nil
}

// resets tells whether the inner connection can be cleaned and checked
// between two uses.
func (c *conn) resets() bool {
	_, resets := c.inner.(driver.SessionResetter)
	_, validates := c.inner.(driver.Validator)
	return resets && validates
}

// session is the session that a call's context carries.
func (c *conn) session(ctx context.Context, query string) (session.Session, error) {
	s, ok := session.FromContext(ctx)
	if !ok {
		return session.Session{}, c.noSession(ctx, query)
	}
	return s, nil
}

func (c *conn) noSession(ctx context.Context, query string) error {
	return c.gate.refused(ctx, session.Session{}, query, fault.New(fault.NoSession, 0, "no session in the context of this call").
		WithHint("put one in with session.NewContext and use the methods that take a context"))
}

// tx is a transaction whose inner one is out of reach.
type tx struct {
	conn  *conn
	ctx   context.Context // the transaction's, see Rollback
	inner driver.Tx
}

func (t *tx) Commit() error { return t.inner.Commit() }

// Rollback ends the transaction. When its context was cancelled, database/sql
// keeps the connection only if it can be reset and validated. It sees ours,
// which always can be, so we decide for the inner one.
func (t *tx) Rollback() error {
	if t.ctx.Err() != nil && !t.conn.resets() {
		t.conn.spent = true
	}
	return t.inner.Rollback()
}
