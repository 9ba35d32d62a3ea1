package pool_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"sync/atomic"
	"testing"

	"github.com/hedgerow/hedgerow/internal/pool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// gauge counts what is open, and the most that ever was.
type gauge struct{ now, peak, total atomic.Int64 }

func (g *gauge) up() {
	g.total.Add(1)
	n := g.now.Add(1)
	for p := g.peak.Load(); n > p && !g.peak.CompareAndSwap(p, n); p = g.peak.Load() {
	}
}

func (g *gauge) down() { g.now.Add(-1) }

// server is a driver whose connections do nothing but count.
type server struct {
	gauge
	fail error
}

func (s *server) Connect(context.Context) (driver.Conn, error) {
	if s.fail != nil {
		return nil, s.fail
	}
	s.up()
	return &serverConn{s: s}, nil
}

func (s *server) Driver() driver.Driver { return nil }

type serverConn struct {
	s      *server
	closed bool
}

func (*serverConn) Prepare(string) (driver.Stmt, error) { return nil, errors.ErrUnsupported }
func (*serverConn) Begin() (driver.Tx, error)           { return nil, errors.ErrUnsupported }

func (c *serverConn) Close() error {
	if c.closed {
		panic("closed twice")
	}
	c.closed = true
	c.s.down()
	return nil
}

// owner is who owns connections, as package rls does: it wraps them and tells
// the connector when one was closed.
type owner struct {
	*pool.Connector
	yields bool // connections are closed rather than kept when others wait
}

func (o owner) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := o.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &ownedConn{inner, o}, nil
}

type ownedConn struct {
	driver.Conn
	o owner
}

func (c *ownedConn) IsValid() bool { return !c.o.yields || !c.o.Contended() }

func (c *ownedConn) Close() error {
	defer c.o.Disconnected()
	return c.Conn.Close()
}

// opener makes pools of connections to one server.
func opener(m *pool.Manager, inner driver.Connector) func() (*sql.DB, error) {
	return func() (*sql.DB, error) {
		return sql.OpenDB(owner{Connector: m.Connector("key", func(context.Context) (driver.Connector, error) { return inner, nil })}), nil
	}
}

// manager makes a manager that is closed, empty, at the end of the test.
func manager(t *testing.T, cfg pool.Config) *pool.Manager {
	t.Helper()
	m, err := pool.New(cfg)
	require.NoError(t, err)
	t.Cleanup(func() {
		m.Close()
		s := m.Stats()
		assert.Zero(t, s.Pools, "pools")
		assert.Zero(t, s.Conns, "connections")
		assert.Zero(t, s.PoolWaiters+s.ConnWaiters, "waiters")
	})
	return m
}

// acquire gives a handle or ends the test.
func acquire(t *testing.T, m *pool.Manager, key string, open func() (*sql.DB, error)) *pool.Handle {
	t.Helper()
	h, err := m.Acquire(t.Context(), key, open)
	require.NoError(t, err)
	return h
}

// hold takes a connection of a pool, until the end of the test at the latest,
// or ends the test.
func hold(t *testing.T, db *sql.DB) *sql.Conn {
	t.Helper()
	c, err := db.Conn(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() }) // unless it is closed already
	return c
}

// closing is a connector that can be closed.
type closing struct {
	*server
	closed atomic.Int64
}

func (c *closing) Close() error { c.closed.Add(1); return nil }

var _ io.Closer = (*closing)(nil)
