package pool_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hedgerow/hedgerow/internal/pool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// alive tells whether a pool is open.
func alive(db *sql.DB) bool { return db.Ping() == nil }

func TestAcquire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := manager(t, pool.Config{MaxPools: 2})
		open := opener(m, &server{})
		a := acquire(t, m, "a", open)
		again := acquire(t, m, "a", func() (*sql.DB, error) { panic("it is open") })
		assert.Same(t, a.DB(), again.DB())
		a.Release()
		a.Release() // counts once
		b := acquire(t, m, "b", open)
		b.Release()
		assert.True(t, alive(b.DB()), "a pool without handles stays open")

		c := acquire(t, m, "c", open)
		synctest.Wait()
		assert.Equal(t, []bool{true, false, true}, []bool{alive(again.DB()), alive(b.DB()), alive(c.DB())},
			"of those without handles one makes room")
		assert.Equal(t, 2, m.Stats().Pools)
	})
}

// TestLeastRecentlyUsed: the pool that was used last stays.
func TestLeastRecentlyUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := manager(t, pool.Config{MaxPools: 3})
		open := opener(m, &server{})
		dbs := map[string]*sql.DB{}
		for _, key := range []string{"a", "b", "c", "a"} {
			h := acquire(t, m, key, open)
			dbs[key] = h.DB()
			h.Release()
		}
		for _, next := range []struct{ opened, closed string }{{"d", "b"}, {"e", "c"}, {"f", "a"}} {
			for key := range dbs {
				assert.True(t, alive(dbs[key]), key)
			}
			acquire(t, m, next.opened, open).Release()
			synctest.Wait()
			assert.False(t, alive(dbs[next.closed]), next.closed)
			delete(dbs, next.closed)
		}
	})
}

// TestAllPoolsInUse: who needs one more waits in line, with a context, and
// callers of open pools don't.
func TestAllPoolsInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := manager(t, pool.Config{MaxPools: 1})
		open := opener(m, &server{})
		a := acquire(t, m, "a", open)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := m.Acquire(ctx, "b", open)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Contains(t, err.Error(), `"b"`)

		served := make(chan string, 3)
		for _, key := range []string{"b", "c", "d"} {
			go func() {
				h, err := m.Acquire(t.Context(), key, open)
				if assert.NoError(t, err) {
					served <- key
					h.Release()
				}
			}()
			synctest.Wait()
		}
		assert.Equal(t, pool.Stats{Pools: 1, PoolWaiters: 3, PoolWaits: 4}, m.Stats())
		acquire(t, m, "a", open).Release()
		assert.Empty(t, served)
		a.Release()
		for _, key := range []string{"b", "c", "d"} {
			assert.Equal(t, key, <-served)
		}
		synctest.Wait()
		assert.False(t, alive(a.DB()))
	})
}

// TestOneOpening: concurrent callers share an opening and its error; the next
// caller opens anew.
func TestOneOpening(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := manager(t, pool.Config{MaxPools: 1})
		opened, openErr := 0, errors.New("bad DSN")
		errs := make(chan error, 10)
		callAll := func(open func() (*sql.DB, error)) {
			for range 10 {
				go func() {
					h, err := m.Acquire(t.Context(), "a", func() (*sql.DB, error) {
						opened++
						time.Sleep(time.Second) // until all have called
						return open()
					})
					errs <- err
					if err == nil {
						h.Release()
					}
				}()
			}
			time.Sleep(2 * time.Second)
		}
		callAll(func() (*sql.DB, error) { return nil, openErr })
		for range 10 {
			require.ErrorIs(t, <-errs, openErr)
		}
		assert.Equal(t, 1, opened)
		assert.Zero(t, m.Stats().Pools)
		callAll(func() (*sql.DB, error) { return nil, nil })
		for range 10 {
			require.ErrorIs(t, <-errs, pool.ErrNoPool)
		}
		_, err := m.Acquire(t.Context(), "a", nil)
		require.ErrorIs(t, err, pool.ErrNoPool)
		callAll(opener(m, &server{}))
		for range 10 {
			require.NoError(t, <-errs)
		}
		assert.Equal(t, 3, opened)
	})
}

// TestOpenPanics: the panic is the caller's, others get an error, and no place is lost.
func TestOpenPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := manager(t, pool.Config{MaxPools: 1})
		other := make(chan error)
		assert.PanicsWithValue(t, "host", func() {
			_, _ = m.Acquire(t.Context(), "a", func() (*sql.DB, error) {
				go func() {
					_, err := m.Acquire(t.Context(), "a", nil)
					other <- err
				}()
				synctest.Wait()
				panic("host")
			})
		})
		require.ErrorIs(t, <-other, pool.ErrNoPool)
		acquire(t, m, "a", opener(m, &server{}))
	})
}

// TestContextsAreSeparate: a caller whose context ends fails alone, also when
// it was the one to open the pool for others.
func TestContextsAreSeparate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := manager(t, pool.Config{MaxPools: 1})
		open := opener(m, &server{})
		a := acquire(t, m, "a", open)
		call := func(ctx context.Context) chan error {
			result := make(chan error, 1)
			go func() {
				h, err := m.Acquire(ctx, "b", open)
				if err == nil {
					h.Release()
				}
				result <- err
			}()
			synctest.Wait()
			return result
		}
		opens, cancelOpens := context.WithCancel(t.Context())
		follows, cancelFollows := context.WithCancel(t.Context())
		first, second, third := call(opens), call(follows), call(t.Context())
		cancelFollows()
		require.ErrorIs(t, <-second, context.Canceled)
		cancelOpens()
		require.ErrorIs(t, <-first, context.Canceled)
		synctest.Wait()
		assert.Empty(t, third, "it waits on")
		a.Release()
		require.NoError(t, <-third)

		_, err := m.Acquire(opens, "b", open)
		require.ErrorIs(t, err, context.Canceled, "also when the pool is open")
	})
}

// TestForget: new callers get a new pool, the old one closes after its last handle.
func TestForget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := manager(t, pool.Config{MaxPools: 2})
		open := opener(m, &server{})
		m.Forget("unknown")
		a, same := acquire(t, m, "a", open), acquire(t, m, "a", open)
		m.Forget("a")
		m.Forget("a")
		fresh := acquire(t, m, "a", open)
		assert.NotSame(t, a.DB(), fresh.DB())
		a.Release()
		synctest.Wait()
		assert.True(t, alive(a.DB()), "it has a handle")
		same.Release()
		synctest.Wait()
		assert.False(t, alive(a.DB()))
		assert.True(t, alive(fresh.DB()))

		fresh.Release()
		m.Forget("a")
		synctest.Wait()
		assert.False(t, alive(fresh.DB()), "without handles it closes at once")
		assert.Zero(t, m.Stats().Pools)
	})
}

// TestForgetWhileOpening: a pool that is forgotten before it is open serves
// those who asked before, and nobody else.
func TestForgetWhileOpening(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := manager(t, pool.Config{})
		open := opener(m, &server{})
		h := acquire(t, m, "a", func() (*sql.DB, error) { m.Forget("a"); return open() })
		assert.True(t, alive(h.DB()))
		assert.NotSame(t, h.DB(), acquire(t, m, "a", open).DB())
		h.Release()
		synctest.Wait()
		assert.False(t, alive(h.DB()))
	})
}

func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, err := pool.New(pool.Config{MaxPools: 2, MaxConns: 1})
		require.NoError(t, err)
		s := &server{}
		open := opener(m, s)
		a, b := acquire(t, m, "a", open), acquire(t, m, "b", open)
		used := hold(t, a.DB())
		waiting := make(chan error, 2)
		go func() { _, err := m.Acquire(t.Context(), "c", open); waiting <- err }()
		go func() { _, err := b.DB().Conn(t.Context()); waiting <- err }()
		synctest.Wait()
		assert.Equal(t, []int{1, 1}, []int{m.Stats().PoolWaiters, m.Stats().ConnWaiters})
		m.Close()
		for range 2 {
			require.ErrorIs(t, <-waiting, pool.ErrClosed)
		}
		m.Close()
		assert.Equal(t, []bool{false, false}, []bool{alive(a.DB()), alive(b.DB())})
		_, err = m.Acquire(t.Context(), "a", open)
		require.ErrorIs(t, err, pool.ErrClosed)
		_, err = m.Connector("x", nil).Connect(t.Context())
		require.ErrorIs(t, err, pool.ErrClosed)
		assert.Equal(t, pool.Stats{Conns: 1, PoolWaits: 1, ConnWaits: 1}, m.Stats())
		require.NoError(t, used.Close(), "a connection in use closes when it is given back")
		assert.Zero(t, s.now.Load())
		assert.Zero(t, m.Stats().Conns)
		a.Release()
		b.Release()
		m.Forget("a")
	})
}

// TestCloseWhileOpening: a pool that is opened too late is closed again.
func TestCloseWhileOpening(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := manager(t, pool.Config{})
		var late *sql.DB
		closed := make(chan struct{})
		_, err := m.Acquire(t.Context(), "a", func() (*sql.DB, error) {
			go func() { m.Close(); close(closed) }()
			synctest.Wait()
			late, _ = opener(m, &server{})()
			return late, nil
		})
		require.ErrorIs(t, err, pool.ErrClosed)
		<-closed
		assert.False(t, alive(late))
		assert.Zero(t, m.Stats().Pools)
	})
}

// FuzzLimits: whatever is done in whatever order, no limit is exceeded, nobody
// waits while there is room, and nothing is left.
func FuzzLimits(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
	f.Add([]byte("acquire, hold, release, forget; and again in other orders"))
	f.Add([]byte{0x00, 0x10, 0x20, 0x30, 0x01, 0x11, 0x21, 0x31, 0x02, 0x12, 0x22, 0x03, 0x13, 0x23})
	f.Fuzz(func(t *testing.T, ops []byte) {
		if len(ops) > 200 {
			ops = ops[:200]
		}
		synctest.Test(t, func(t *testing.T) { playLimits(t, ops) })
	})
}

// playLimits has one goroutine for each key, which does its operations one after another.
func playLimits(t *testing.T, ops []byte) {
	const keys, maxPools, maxConns = 5, 3, 2
	m, err := pool.New(pool.Config{MaxPools: maxPools, MaxConns: maxConns, MaxConnsPerPool: 2})
	require.NoError(t, err)
	s := &server{}
	var pools gauge
	open := func() (*sql.DB, error) {
		pools.up()
		inner := m.Connector("key", func(context.Context) (driver.Connector, error) { return s, nil })
		return sql.OpenDB(counted{owner{Connector: inner}, &pools}), nil
	}
	work := make([]chan byte, keys)
	finished := make(chan struct{})
	for i := range work {
		work[i] = make(chan byte, len(ops))
		go func() {
			defer func() { finished <- struct{}{} }()
			user{m: m, key: fmt.Sprint(i), open: open}.play(t, work[i])
		}()
	}
	for _, op := range ops {
		work[int(op)%keys] <- op / keys
		if op >= 128 {
			time.Sleep(time.Duration(op) * time.Millisecond)
		}
		synctest.Wait()
		st := m.Stats()
		require.LessOrEqual(t, st.Pools, maxPools)
		require.LessOrEqual(t, st.Conns, maxConns)
		require.LessOrEqual(t, s.now.Load(), int64(st.Conns))
		require.True(t, st.PoolWaiters == 0 || st.Pools == maxPools)
		require.True(t, st.ConnWaiters == 0 || st.Conns == maxConns)
	}
	for i := range work {
		close(work[i])
	}
	for range work {
		<-finished
	}
	m.Close()
	require.LessOrEqual(t, s.peak.Load(), int64(maxConns))
	require.LessOrEqual(t, pools.peak.Load(), int64(maxPools))
	st := m.Stats()
	require.Zero(t, st.Pools+st.Conns+st.PoolWaiters+st.ConnWaiters)
	require.Zero(t, s.now.Load())
}

// counted is a connector whose closing shows that its pool is closed.
type counted struct {
	owner
	pools *gauge
}

func (c counted) Close() error { defer c.pools.down(); return c.owner.Close() }

// user does what bytes say with one key.
type user struct {
	m       *pool.Manager
	key     string
	open    func() (*sql.DB, error)
	handles []*pool.Handle
	conns   []*sql.Conn
}

func (u user) play(t *testing.T, ops <-chan byte) {
	for op := range ops {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(op)*time.Millisecond)
		switch op % 6 {
		case 0, 1:
			if h, err := u.m.Acquire(ctx, u.key, u.open); err == nil {
				u.handles = append(u.handles, h)
			}
		case 2:
			if len(u.handles) > 0 {
				if c, err := u.handles[len(u.handles)-1].DB().Conn(ctx); err == nil {
					u.conns = append(u.conns, c)
				}
			}
		case 3:
			if len(u.conns) > 0 {
				assert.NoError(t, u.conns[0].Close())
				u.conns = u.conns[1:]
			}
		case 4:
			if len(u.conns) == 0 && len(u.handles) > 0 {
				u.handles[0].Release()
				u.handles = u.handles[1:]
			}
		case 5:
			u.m.Forget(u.key)
		}
		cancel()
	}
	for _, c := range u.conns {
		assert.NoError(t, c.Close())
	}
	for _, h := range u.handles {
		h.Release()
	}
}
