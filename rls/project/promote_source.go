package project

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"sync"

	"github.com/hedgerow/hedgerow/internal/pool"
	"github.com/hedgerow/hedgerow/internal/transfer"
	"github.com/hedgerow/hedgerow/session"
)

func (t Shared) source(s session.Session) (transfer.Source, func(), error) {
	return transfer.Source{DB: t.DB, Enforcer: t.Enforcer, Session: s}, func() {}, nil
}

func (p *Project) source(s session.Session) (transfer.Source, func(), error) {
	if err := p.host().begin(); err != nil {
		return transfer.Source{}, nil, err
	}
	st, err := p.usable()
	if err != nil {
		p.registry.running.Done()
		return transfer.Source{}, nil, err
	}
	db := p.raw(st.record)
	return transfer.Source{DB: db, Enforcer: st.enforcer, Session: st.carry(s)}, func() {
		_ = db.Close() // it has only read
		p.registry.running.Done()
	}, nil
}

// raw is one connection to the database of a record, without enforcement, and
// within the limit of all.
func (p *Project) raw(r record) *sql.DB {
	db := sql.OpenDB(rawConnector{p.counted(r)})
	db.SetMaxOpenConns(1)
	return db
}

// rawConnector tells the pool of each connection that is closed.
type rawConnector struct{ *pool.Connector }

func (c rawConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return rawConn{conn, sync.OnceFunc(c.Disconnected)}, nil
}

// rawConn is a driver's connection that tells when it closes.
type rawConn struct {
	driver.Conn
	closed func()
}

var (
	_ driver.ConnBeginTx        = rawConn{}
	_ driver.ConnPrepareContext = rawConn{}
	_ driver.ExecerContext      = rawConn{}
	_ driver.QueryerContext     = rawConn{}
	_ driver.NamedValueChecker  = rawConn{}
	_ driver.SessionResetter    = rawConn{}
	_ driver.Validator          = rawConn{}
)

func (c rawConn) Close() error {
	defer c.closed()
	return c.Conn.Close()
}

// BeginTx refuses a driver that can't begin a transaction as it is asked for: a
// copy needs a snapshot.
func (c rawConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	if b, ok := c.Conn.(driver.ConnBeginTx); ok {
		return b.BeginTx(ctx, o)
	}
	return nil, ErrCopyUnsupported
}

func (c rawConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if p, ok := c.Conn.(driver.ConnPrepareContext); ok {
		return p.PrepareContext(ctx, query)
	}
	return c.Conn.Prepare(query)
}

func (c rawConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if e, ok := c.Conn.(driver.ExecerContext); ok {
		return e.ExecContext(ctx, query, args)
	}
	return nil, driver.ErrSkip // database/sql prepares it then
}

func (c rawConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if q, ok := c.Conn.(driver.QueryerContext); ok {
		return q.QueryContext(ctx, query, args)
	}
	return nil, driver.ErrSkip
}

func (c rawConn) CheckNamedValue(v *driver.NamedValue) error {
	if n, ok := c.Conn.(driver.NamedValueChecker); ok {
		return n.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

func (c rawConn) ResetSession(ctx context.Context) error {
	if r, ok := c.Conn.(driver.SessionResetter); ok {
		return r.ResetSession(ctx)
	}
	return nil
}

func (c rawConn) IsValid() bool {
	v, ok := c.Conn.(driver.Validator)
	return !ok || v.IsValid()
}
