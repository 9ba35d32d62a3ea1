package pool

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"time"
)

var (
	_ driver.Connector = (*Connector)(nil)
	_ io.Closer        = (*Connector)(nil)
)

// reclaimInterval is how often idle connections are looked for while somebody
// waits: database/sql doesn't tell when a connection becomes idle.
const reclaimInterval = 5 * time.Millisecond

// Connector makes the connections of one pool, each of which takes one of the
// manager's MaxConns places. It gives the driver's own connections, with all
// that they can do, so it doesn't see them close: whoever has one from Connect
// must call Disconnected once, after closing it.
type Connector struct {
	m    *Manager
	key  string
	open func(ctx context.Context) (driver.Connector, error)

	opening chan struct{}    // a lock that can be waited for with a context
	inner   driver.Connector // nil until it is needed; guarded by opening
	conns   int              // places that it holds; guarded by the manager's lock
}

// Connector gives a connector whose inner one is made when it is first needed.
// When a connection fails, the inner one is made anew for the next, so that a
// changed password is seen; one that implements io.Closer has state of its own
// and is kept. The key is for errors only. Errors of open, which may be called
// again after one, and of the driver are passed on as they are.
//
// Idle connections make room for others only in pools that Acquire opened.
func (m *Manager) Connector(key string, open func(ctx context.Context) (driver.Connector, error)) *Connector {
	return &Connector{m: m, key: key, open: open, opening: make(chan struct{}, 1)}
}

// Connect opens a connection. It waits in line for a place while MaxConns are
// open, until the context ends or the manager is closed.
func (c *Connector) Connect(ctx context.Context) (driver.Conn, error) {
	select {
	case <-c.m.done:
		return nil, ErrClosed
	default:
	}
	inner, err := c.connector(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.take(ctx); err != nil {
		return nil, err
	}
	connected := false
	defer func() { // also when the driver panics
		if !connected {
			c.Disconnected()
		}
	}()
	conn, err := inner.Connect(ctx)
	if err != nil {
		if ctx.Err() == nil {
			c.forget(inner)
		}
		return nil, err
	}
	if conn == nil {
		return nil, ErrNoPool
	}
	connected = true
	return conn, nil
}

// Disconnected gives back the place of a connection that was closed. More calls
// than there are connections have no effect.
func (c *Connector) Disconnected() {
	m := c.m
	m.mu.Lock()
	defer m.mu.Unlock()
	if c.conns == 0 {
		return
	}
	c.conns--
	m.conns.give()
	m.contended.Store(int64(m.conns.waiters.Len()))
}

// Contended tells whether somebody waits for a connection, in any pool. A
// connection that is given back then should be closed rather than kept: let
// the connection's IsValid say so. Otherwise a pool that is always busy hands
// its connections from one caller of its own to the next, and others never get
// a place. It takes no lock.
func (c *Connector) Contended() bool { return c.m.contended.Load() > 0 }

// Driver gives a driver that opens nothing: its connections would not be counted.
func (c *Connector) Driver() driver.Driver { return sealed{} }

type sealed struct{}

func (sealed) Open(string) (driver.Conn, error) {
	return nil, errors.New("pool: this driver opens no connections; use its connector")
}

// Close closes the inner connector if it can be closed. database/sql calls it
// when its pool closes.
func (c *Connector) Close() error {
	c.opening <- struct{}{}
	defer func() { <-c.opening }()
	closer, ok := c.inner.(io.Closer)
	c.inner = nil
	if !ok {
		return nil
	}
	return closer.Close()
}

// connector makes the inner connector unless there is one.
func (c *Connector) connector(ctx context.Context) (driver.Connector, error) {
	select {
	case c.opening <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-c.opening }()
	if c.inner != nil {
		return c.inner, nil
	}
	if c.open == nil {
		return nil, ErrNoPool
	}
	inner, err := c.open(ctx)
	if err != nil {
		return nil, err
	}
	if inner == nil {
		return nil, ErrNoPool
	}
	c.inner = inner
	return inner, nil
}

// forget has the inner connector made anew for the next connection.
func (c *Connector) forget(inner driver.Connector) {
	if _, ok := inner.(io.Closer); ok {
		return
	}
	c.opening <- struct{}{}
	defer func() { <-c.opening }()
	c.inner = nil
}

// take gets a place for a connection.
func (c *Connector) take(ctx context.Context) error {
	m := c.m
	m.mu.Lock()
	if m.closed {
		m.mu.Unlock()
		return ErrClosed
	}
	w := m.conns.join()
	if w != nil {
		m.contended.Store(int64(m.conns.waiters.Len()))
		m.reclaim()
	} else {
		c.conns++
	}
	m.mu.Unlock()
	if w == nil {
		return nil
	}
	select {
	case <-w.ready:
	case <-ctx.Done():
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.conns.leave(w) {
		m.contended.Store(int64(m.conns.waiters.Len()))
		return fmt.Errorf("pool: no connection was free for %q: %w", c.key, ctx.Err())
	}
	if w.err == nil {
		c.conns++
	}
	return w.err
}

// reclaim starts to close idle connections, until nobody waits for one. The
// manager's lock is held.
func (m *Manager) reclaim() {
	if m.reclaiming {
		return
	}
	m.reclaiming = true
	m.work.Go(func() {
		timer := time.NewTimer(reclaimInterval)
		defer timer.Stop()
		for {
			dbs, need := m.candidates()
			if need == 0 {
				return
			}
			for _, db := range dbs {
				if need <= 0 {
					break
				}
				need -= m.dropIdle(db)
			}
			timer.Reset(reclaimInterval)
			select {
			case <-timer.C:
			case <-m.done:
			}
		}
	})
}

// candidates gives the open pools, the least recently used first, and how many
// connections are waited for; when none is, reclaiming has ended.
func (m *Manager) candidates() (dbs []*sql.DB, need int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	need = m.conns.waiters.Len()
	if need == 0 {
		m.reclaiming = false
		return nil, 0
	}
	for e := m.open.Front(); e != nil; e = e.Next() {
		dbs = append(dbs, e.Value.(*entry).db)
	}
	return dbs, need
}

// dropIdle closes the idle connections of a pool and tells how many there were.
func (m *Manager) dropIdle(db *sql.DB) int {
	n := db.Stats().Idle
	if n > 0 {
		db.SetMaxIdleConns(-1)
		db.SetMaxIdleConns(m.cfg.MaxConnsPerPool)
	}
	return n
}
