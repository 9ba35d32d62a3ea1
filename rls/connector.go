package rls

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"

	"github.com/hedgerow/hedgerow/internal/drivers"
	"github.com/hedgerow/hedgerow/session"
)

// The connector's own interfaces, in one place; driver.NamedValueChecker is on
// the connection, where it serves its statements too.
var (
	_ driver.Connector = (*connector)(nil)
	_ io.Closer        = (*connector)(nil)
	_ driver.Driver    = sealedDriver{}
)

var (
	errNoEnforcer  = errors.New("rls: the enforcer is nil; make one with rls.New")
	errNoConnector = errors.New("rls: the connector is nil")
	errSealed      = errors.New("rls: this driver opens no connections; use rls.Open or rls.NewConnector")
)

// gate is what the database/sql door needs of an Enforcer.
type gate interface {
	Enforce(ctx context.Context, s session.Session, query string, args ...any) (*Statement, error)
	// placeholders refuses a query that no values could make acceptable, and
	// counts the caller's placeholders in any other.
	placeholders(ctx context.Context, s session.Session, query string) (int, error)
	// refused makes the error of a call that gets no further than the connector,
	// and tells the decision hook of it.
	refused(ctx context.Context, s session.Session, query string, err error) error
	// server is the dialect for which a new connection is checked; the zero
	// Dialect leaves that to the first statement.
	server() Dialect
}

// Open is sql.Open with every query enforced: callers write logical queries,
// and each runs with the session that session.NewContext put into the context
// of that call. A call without a session fails with ErrNoSession, the calls
// that take no context included, but for Ping and those that end a transaction.
//
// Only reads are let through. A prepared statement is checked when it is
// prepared and enforced anew at each execution, with the session of the
// execution's context. Arguments are positional and of the types that
// database/sql's default converter takes; sql.Named and sql.Out are refused.
// Column names in the result are the logical ones, and sql.Conn.Raw gives a
// connection that enforces as well.
//
// Refusals are *Error. Errors of the driver are passed on as they are, since
// the host needs them to tell a lost connection from a bad query; they may hold
// physical names and row data, so don't show them to the author of a query.
//
// A connection is checked once, when it is opened, as CheckServer does, unless
// Config.SkipServerCheck says otherwise: the error is a *SettingError if its
// settings let statements mean something else.
//
// Open returns an error for a nil enforcer, for a driver that isn't registered
// and for a DSN that the driver refuses. It opens no connection.
func Open(driverName, dsn string, e *Enforcer) (*sql.DB, error) {
	if e == nil {
		return nil, errNoEnforcer
	}
	inner, err := drivers.Connector(driverName, dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(NewConnector(inner, e)), nil
}

// NewConnector wraps a driver's connector for sql.OpenDB, with the behaviour
// that Open documents. When c or e is nil, Connect of the result fails. If c has
// a method Disconnected(), it is called once after each connection that c
// opened was closed, so that c can count them; if it has a method Contended()
// bool, a connection is closed after use, rather than kept, while that is true.
func NewConnector(c driver.Connector, e *Enforcer) driver.Connector {
	if e == nil {
		return &connector{inner: c}
	}
	return &connector{inner: c, gate: e, observe: e.onResult}
}

// connector opens connections that enforce.
type connector struct {
	inner   driver.Connector
	gate    gate
	observe func(context.Context, Result) // may be nil
}

func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	switch {
	case c.inner == nil:
		return nil, errNoConnector
	case c.gate == nil:
		return nil, errNoEnforcer
	}
	inner, err := c.inner.Connect(ctx)
	if err != nil {
		return nil, err
	}
	out := &conn{inner: inner, gate: c.gate, observe: c.observe}
	if counts, ok := c.inner.(interface{ Disconnected() }); ok {
		out.closed = counts.Disconnected
	}
	if shares, ok := c.inner.(interface{ Contended() bool }); ok {
		out.contended = shares.Contended
	}
	if err := out.check(ctx, c.gate.server()); err != nil {
		_ = out.Close() // the check's error tells more
		return nil, err
	}
	return out, nil
}

// Driver keeps the inner driver out of reach: its Open would give a raw connection.
func (c *connector) Driver() driver.Driver { return sealedDriver{} }

func (c *connector) Close() error {
	if closer, ok := c.inner.(io.Closer); ok {
		return closer.Close()
	}
	return nil
}

type sealedDriver struct{}

func (sealedDriver) Open(string) (driver.Conn, error) { return nil, errSealed }
