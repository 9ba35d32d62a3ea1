package pool_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/hedgerow/internal/pool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNewRefuses(t *testing.T) {
	for _, cfg := range []pool.Config{{MaxConns: -1}, {MaxPools: -1}, {MaxConnsPerPool: -1}, {MaxIdleTime: -1}} {
		_, err := pool.New(cfg)
		require.ErrorIs(t, err, pool.ErrConfig)
	}
}

// TestDefaults: the zero configuration has the documented limits.
func TestDefaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := manager(t, pool.Config{})
		s := &server{}
		h := acquire(t, m, "a", opener(m, s))
		assert.Equal(t, 10, h.DB().Stats().MaxOpenConnections)
		for i := range 99 {
			acquire(t, m, fmt.Sprint(i), opener(m, s))
		}
		assert.Equal(t, 100, m.Stats().Pools)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := m.Acquire(ctx, "b", opener(m, s))
		require.ErrorIs(t, err, context.DeadlineExceeded)

		c := hold(t, h.DB())
		require.NoError(t, c.Close())
		time.Sleep(6 * time.Minute)
		assert.Zero(t, s.now.Load(), "an idle connection closes by itself")
	})
}

// TestConnectionsInLine: who waits first is served first, and only by a place
// that came free.
func TestConnectionsInLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := manager(t, pool.Config{MaxConns: 2})
		s := &server{}
		var held []*sql.Conn
		for i := range 2 {
			held = append(held, hold(t, acquire(t, m, fmt.Sprint("held", i), opener(m, s)).DB()))
		}
		served := make(chan int, 5)
		for i := range 5 {
			db := acquire(t, m, fmt.Sprint(i), opener(m, s)).DB()
			go func() {
				c := hold(t, db)
				served <- i
				assert.NoError(t, c.Close())
			}()
			synctest.Wait()
		}
		assert.Equal(t, pool.Stats{Pools: 7, Conns: 2, ConnWaiters: 5, ConnWaits: 5}, m.Stats())
		assert.Empty(t, served)
		require.NoError(t, held[0].Close())
		for i := range 5 {
			assert.Equal(t, i, <-served)
		}
		assert.EqualValues(t, 2, s.peak.Load())
		require.NoError(t, held[1].Close())
	})
}

// TestIdleConnectionsMakeRoom: the least recently used pool with idle
// connections loses them, and others don't.
func TestIdleConnectionsMakeRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := manager(t, pool.Config{MaxConns: 3})
		s := &server{}
		handles := map[string]*pool.Handle{}
		for _, key := range []string{"busy", "old", "new"} {
			h := acquire(t, m, key, opener(m, s))
			c := hold(t, h.DB())
			if key != "busy" {
				require.NoError(t, c.Close())
			}
			handles[key] = h
		}
		hold(t, acquire(t, m, "another", opener(m, s)).DB())
		idle := func(key string) int { return handles[key].DB().Stats().Idle }
		assert.Equal(t, []int{0, 1}, []int{idle("old"), idle("new")})
		assert.EqualValues(t, 3, s.peak.Load())

		c := hold(t, handles["new"].DB())
		assert.EqualValues(t, 4, s.total.Load(), "it still has its connection")
		require.NoError(t, c.Close())
		h := handles["old"]
		require.NoError(t, hold(t, h.DB()).Close())
		assert.Equal(t, 1, idle("old"), "a pool that made room keeps idle connections again")
	})
}

// TestIdleWhileWaiting: a connection that becomes idle while somebody waits is
// found, although database/sql doesn't tell.
func TestIdleWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := manager(t, pool.Config{MaxConns: 1})
		s := &server{}
		c := hold(t, acquire(t, m, "a", opener(m, s)).DB())
		b := acquire(t, m, "b", opener(m, s)).DB()
		time.AfterFunc(time.Minute, func() { assert.NoError(t, c.Close()) })
		start := time.Now()
		hold(t, b)
		assert.Less(t, time.Since(start), time.Minute+time.Second)
		assert.EqualValues(t, 1, s.peak.Load())
	})
}

// TestContended: a pool that always has callers of its own gives its
// connection to others in turn.
func TestContended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := manager(t, pool.Config{MaxConns: 1})
		s := &server{}
		open := func() (*sql.DB, error) {
			return sql.OpenDB(owner{yields: true, Connector: m.Connector("key", func(context.Context) (driver.Connector, error) { return s, nil })}), nil
		}
		busy, other := acquire(t, m, "busy", open).DB(), acquire(t, m, "other", open).DB()
		ctx, stop := context.WithCancel(t.Context())
		var callers sync.WaitGroup
		for range 3 {
			callers.Go(func() {
				for ctx.Err() == nil {
					if c, err := busy.Conn(ctx); err == nil {
						time.Sleep(time.Second)
						assert.NoError(t, c.Close())
					}
				}
			})
		}
		synctest.Wait()
		start := time.Now()
		c := hold(t, other)
		assert.Less(t, time.Since(start), 5*time.Second)
		stop()
		require.NoError(t, c.Close())
		callers.Wait()
	})
}

// TestConnectGivesUp: an error of any kind takes no place.
func TestConnectGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := manager(t, pool.Config{MaxConns: 1})
		s := &server{}
		c := m.Connector("tenant-7", func(context.Context) (driver.Connector, error) { return s, nil })
		first, err := c.Connect(t.Context())
		require.NoError(t, err)

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = c.Connect(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Contains(t, err.Error(), "tenant-7")
		assert.Zero(t, m.Stats().ConnWaiters)
		assert.False(t, c.Contended())

		require.NoError(t, first.Close())
		c.Disconnected()
		c.Disconnected() // one too many
		assert.Zero(t, m.Stats().Conns)

		s.fail = errors.New("down")
		_, err = c.Connect(t.Context())
		require.ErrorIs(t, err, s.fail)
		panicking := m.Connector("p", func(context.Context) (driver.Connector, error) { return panics{}, nil })
		assert.Panics(t, func() { _, _ = panicking.Connect(t.Context()) })
		for _, open := range []func(context.Context) (driver.Connector, error){
			nil, func(context.Context) (driver.Connector, error) { return nil, nil },
		} {
			_, err = m.Connector("e", open).Connect(t.Context())
			require.ErrorIs(t, err, pool.ErrNoPool)
		}
		assert.Zero(t, m.Stats().Conns)
		_, err = c.Driver().Open("")
		require.Error(t, err)
	})
}

type panics struct{ driver.Connector }

func (panics) Connect(context.Context) (driver.Conn, error) { panic("driver") }

// TestInnerConnector: it is made when it is needed, once, and anew after a
// failure, so that a changed password is seen.
func TestInnerConnector(t *testing.T) {
	m := manager(t, pool.Config{})
	s, opened, openErr := &server{}, 0, errors.New("no secret")
	c := m.Connector("key", func(context.Context) (driver.Connector, error) { opened++; return s, openErr })
	assert.Zero(t, opened)
	_, err := c.Connect(t.Context())
	require.ErrorIs(t, err, openErr)
	openErr = nil
	for range 3 {
		_, err := c.Connect(t.Context())
		require.NoError(t, err)
	}
	assert.Equal(t, 2, opened, "an error isn't kept, a connector is")
	s.fail = errors.New("wrong password")
	_, err = c.Connect(t.Context())
	require.ErrorIs(t, err, s.fail)
	s.fail = nil
	_, err = c.Connect(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 3, opened)
	for range 4 {
		c.Disconnected()
	}

	stateful, opened := &closing{server: &server{fail: errors.New("down")}}, 0
	kept := m.Connector("key", func(context.Context) (driver.Connector, error) { opened++; return stateful, nil })
	db := sql.OpenDB(owner{Connector: kept})
	for range 2 {
		require.Error(t, db.PingContext(t.Context()))
	}
	assert.Equal(t, 1, opened, "what must be closed isn't thrown away")
	require.NoError(t, db.Close())
	assert.EqualValues(t, 1, stateful.closed.Load())
}

// TestOpeningHasAContext: who waits for another caller's slow opening can leave.
func TestOpeningHasAContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := manager(t, pool.Config{})
		slow := m.Connector("key", func(ctx context.Context) (driver.Connector, error) { <-ctx.Done(); return nil, ctx.Err() })
		long, stop := context.WithCancel(t.Context())
		go func() { _, _ = slow.Connect(long) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := slow.Connect(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		stop()
		synctest.Wait()
	})
}
