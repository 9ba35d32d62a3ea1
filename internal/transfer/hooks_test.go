package transfer_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"testing"

	"github.com/stretchr/testify/require"
)

// hooks are called by a database that fails where a test wants it.
type hooks struct {
	next            func() error // before a row is read
	commit, settled func()       // before and after a commit
}

// hooked opens a database again, with hooks.
func hooked(t testing.TB, c driver.Connector, h hooks) *sql.DB {
	t.Helper()
	db := sql.OpenDB(hookedConnector{c, h})
	t.Cleanup(func() { db.Close() })
	return db
}

type hookedConnector struct {
	driver.Connector
	hooks hooks
}

func (c hookedConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	return hookedConn{conn, c.hooks}, err
}

type hookedConn struct {
	driver.Conn
	hooks hooks
}

func (c hookedConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	tx, err := c.Conn.(driver.ConnBeginTx).BeginTx(ctx, o)
	return hookedTx{tx, c.hooks}, err
}

func (c hookedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return c.Conn.(driver.ExecerContext).ExecContext(ctx, query, args)
}

func (c hookedConn) CheckNamedValue(v *driver.NamedValue) error {
	if checker, ok := c.Conn.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

func (c hookedConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	stmt, err := c.Conn.(driver.ConnPrepareContext).PrepareContext(ctx, query)
	return hookedStmt{stmt, c.hooks}, err
}

type hookedStmt struct {
	driver.Stmt
	hooks hooks
}

func (s hookedStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := s.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	return hookedRows{rows, s.hooks}, err
}

type hookedRows struct {
	driver.Rows
	hooks hooks
}

func (r hookedRows) Next(dest []driver.Value) error {
	if r.hooks.next != nil {
		if err := r.hooks.next(); err != nil {
			return err
		}
	}
	return r.Rows.Next(dest)
}

type hookedTx struct {
	driver.Tx
	hooks hooks
}

func (tx hookedTx) Commit() error {
	if tx.hooks.commit != nil {
		tx.hooks.commit()
	}
	err := tx.Tx.Commit()
	if tx.hooks.settled != nil {
		tx.hooks.settled()
	}
	return err
}

// connector gives the connector of a database/sql driver.
func connector(t testing.TB, driverName, dsn string) driver.Connector {
	t.Helper()
	db, err := sql.Open(driverName, dsn)
	require.NoError(t, err)
	defer db.Close()
	c, ok := db.Driver().(driver.DriverContext)
	if !ok {
		return dsnConnector{dsn, db.Driver()}
	}
	out, err := c.OpenConnector(dsn)
	require.NoError(t, err)
	return out
}

type dsnConnector struct {
	dsn    string
	driver driver.Driver
}

func (c dsnConnector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }
func (c dsnConnector) Driver() driver.Driver                        { return c.driver }
