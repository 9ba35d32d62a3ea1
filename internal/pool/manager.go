package pool

import (
	"container/list"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

var (
	// ErrClosed: the manager was closed.
	ErrClosed = errors.New("pool: the manager is closed")
	// ErrConfig: a limit is negative.
	ErrConfig = errors.New("pool: bad configuration")
	// ErrNoPool: a function that opens a pool or a connector gave neither it nor an error.
	ErrNoPool = errors.New("pool: nothing was opened")
)

// Config are the limits of a Manager. Zero means the default.
type Config struct {
	// MaxConns bounds the open connections of all pools together; 200 by default.
	MaxConns int
	// MaxPools bounds the open pools, those that are closing included; 100 by default.
	MaxPools int
	// MaxConnsPerPool bounds the connections of one pool; 10 by default.
	MaxConnsPerPool int
	// MaxIdleTime is how long a pool keeps an idle connection; 5 minutes by default.
	MaxIdleTime time.Duration
}

// Manager bounds pools and connections. It is safe for concurrent use; only
// New makes one.
//
// Its lock is the last one taken: database/sql closes connections while it
// holds locks of its own, and closing one calls Disconnected. So nothing of
// database/sql, of a driver or of the host is called with it held.
type Manager struct {
	cfg  Config
	done chan struct{}  // closed by Close
	work sync.WaitGroup // what Close waits for; added to under mu before closed is set

	mu     sync.Mutex
	closed bool
	conns  line
	pools  line
	byKey  map[string]*entry // of which Acquire gives handles
	open   list.List         // of *entry, not closing, the least recently used first
	// closing counts the pools being closed, whose places come free by themselves.
	closing int
	// reclaiming tells that a goroutine looks for idle connections.
	reclaiming bool

	// contended is the number of waiters for a connection.
	contended atomic.Int64
}

// New makes a manager; ErrConfig when a limit is negative.
func New(cfg Config) (*Manager, error) {
	for _, limit := range []struct {
		value *int
		name  string
		usual int
	}{
		{&cfg.MaxConns, "MaxConns", 200},
		{&cfg.MaxPools, "MaxPools", 100},
		{&cfg.MaxConnsPerPool, "MaxConnsPerPool", 10},
	} {
		if *limit.value < 0 {
			return nil, fmt.Errorf("%w: %s is negative", ErrConfig, limit.name)
		}
		if *limit.value == 0 {
			*limit.value = limit.usual
		}
	}
	if cfg.MaxIdleTime < 0 {
		return nil, fmt.Errorf("%w: MaxIdleTime is negative", ErrConfig)
	}
	if cfg.MaxIdleTime == 0 {
		cfg.MaxIdleTime = 5 * time.Minute
	}
	return &Manager{
		cfg:   cfg,
		done:  make(chan struct{}),
		conns: line{max: cfg.MaxConns},
		pools: line{max: cfg.MaxPools},
		byKey: make(map[string]*entry),
	}, nil
}

// Close closes all pools and waits until that is done; whoever waits for a
// place gets ErrClosed, and so does every later Acquire and Connect. Connections
// in use close when they are given back. Closing twice is harmless.
func (m *Manager) Close() {
	m.mu.Lock()
	if !m.closed {
		m.closed = true
		close(m.done)
		m.conns.dismiss()
		m.pools.dismiss()
		m.contended.Store(0)
		for m.open.Len() > 0 {
			m.shut(m.open.Front().Value.(*entry))
		}
	}
	m.mu.Unlock()
	m.work.Wait()
}

// Stats are figures of a moment.
type Stats struct {
	// Pools and Conns are open, being opened or being closed.
	Pools, Conns int
	// PoolWaiters and ConnWaiters are waiting for a place.
	PoolWaiters, ConnWaiters int
	// PoolWaits and ConnWaits count those who ever had to wait.
	PoolWaits, ConnWaits int64
}

// Stats gives the figures of now.
func (m *Manager) Stats() Stats {
	m.mu.Lock()
	defer m.mu.Unlock()
	return Stats{
		Pools: m.pools.used, Conns: m.conns.used,
		PoolWaiters: m.pools.waiters.Len(), ConnWaiters: m.conns.waiters.Len(),
		PoolWaits: m.pools.waits, ConnWaits: m.conns.waits,
	}
}
