package pool

import (
	"container/list"
	"context"
	"database/sql"
	"fmt"
	"sync"
)

// entry is one pool. The manager's lock guards it, but for what its opener
// writes before opened is closed.
type entry struct {
	key  string
	refs int // handles, and calls of Acquire that will give one

	opened chan struct{} // closed when db or err is there
	db     *sql.DB
	err    error
	// retry: the opener gave up because of its own context.
	retry bool

	elem      *list.Element // in Manager.open; nil before it is open and when it closes
	forgotten bool          // no new handles
}

// Handle keeps a pool open while it is used.
type Handle struct {
	m       *Manager
	e       *entry
	release sync.Once
}

// DB is the pool. It may be used until Release; the manager closes it.
func (h *Handle) DB() *sql.DB { return h.e.db }

// Release tells that the handle's pool is used no more: all rows, transactions
// and statements are closed. Releasing twice is harmless.
func (h *Handle) Release() {
	h.release.Do(func() {
		h.m.mu.Lock()
		defer h.m.mu.Unlock()
		h.m.drop(h.e)
	})
}

// Acquire gives a handle of the pool of a key, which open makes when there is
// none. Concurrent calls for one key share one opening and its error; the next
// call after an error opens anew. The limits of the manager's configuration are
// set on the pool.
//
// While MaxPools are open, the least recently used pool without handles is
// closed first; when all have handles, Acquire waits in line until one is
// released, the context ends or the manager is closed. Callers for a pool that
// is open never wait.
func (m *Manager) Acquire(ctx context.Context, key string, open func() (*sql.DB, error)) (*Handle, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		e, first, err := m.enter(key)
		if err != nil {
			return nil, err
		}
		if first {
			m.fill(ctx, e, open)
		}
		select {
		case <-e.opened:
		case <-ctx.Done():
			m.mu.Lock()
			m.drop(e)
			m.mu.Unlock()
			return nil, fmt.Errorf("pool: %q was not open yet: %w", key, ctx.Err())
		}
		switch {
		case e.err == nil:
			return &Handle{m: m, e: e}, nil
		case first || !e.retry:
			return nil, e.err
		}
	}
}

// Forget closes the pool of a key when its last handle is released; the next
// Acquire opens a new one, beside the old if that is still in use.
func (m *Manager) Forget(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.byKey[key]
	if e == nil {
		return
	}
	m.disown(e)
	if e.refs == 0 {
		m.shut(e)
	}
}

// enter counts the caller in at the pool of a key. The first must fill it.
func (m *Manager) enter(key string) (e *entry, first bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, false, ErrClosed
	}
	e = m.byKey[key]
	if e == nil {
		e = &entry{key: key, opened: make(chan struct{})}
		m.byKey[key] = e
		first = true
		m.work.Add(1) // until fill returns
	}
	e.refs++
	m.touch(e)
	return e, first, nil
}

// fill takes a place for a pool, opens it, and tells all who wait for it.
func (m *Manager) fill(ctx context.Context, e *entry, open func() (*sql.DB, error)) {
	defer m.work.Done()
	if err := m.takePool(ctx, e.key); err != nil {
		m.fail(e, err, ctx.Err() != nil)
		return
	}
	finished := false
	defer func() { // also when open panics
		if !finished {
			m.mu.Lock()
			m.givePool()
			m.mu.Unlock()
			m.fail(e, ErrNoPool, false)
		}
	}()
	var db *sql.DB
	err := ErrNoPool
	if open != nil {
		db, err = open()
	}
	if err == nil && db == nil {
		err = ErrNoPool
	}
	if err == nil {
		db.SetMaxOpenConns(m.cfg.MaxConnsPerPool)
		db.SetMaxIdleConns(m.cfg.MaxConnsPerPool)
		db.SetConnMaxIdleTime(m.cfg.MaxIdleTime)
		err = m.ready(e, db)
	}
	if err != nil {
		if db != nil {
			_ = db.Close() // the error that is told is why
		}
		m.mu.Lock()
		m.givePool()
		m.mu.Unlock()
		m.fail(e, err, false)
	}
	finished = true
}

// ready tells that a pool is open, unless the manager was closed meanwhile.
func (m *Manager) ready(e *entry, db *sql.DB) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	e.db = db
	e.elem = m.open.PushBack(e)
	close(e.opened)
	return nil
}

// fail tells that a pool couldn't be opened.
func (m *Manager) fail(e *entry, err error, retry bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.disown(e)
	e.err, e.retry = err, retry
	close(e.opened)
}

// takePool gets a place for a pool.
func (m *Manager) takePool(ctx context.Context, key string) error {
	m.mu.Lock()
	if m.closed {
		m.mu.Unlock()
		return ErrClosed
	}
	w := m.pools.join()
	m.evict()
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
	if m.pools.leave(w) {
		return fmt.Errorf("pool: all %d pools were in use when %q needed one: %w", m.cfg.MaxPools, key, ctx.Err())
	}
	return w.err
}

func (m *Manager) givePool() {
	m.pools.give()
	m.evict()
}

// evict closes the least recently used pools without handles, as many as are
// waited for beyond those that are closing already.
func (m *Manager) evict() {
	for elem := m.open.Front(); elem != nil && m.closing < m.pools.waiters.Len(); {
		e := elem.Value.(*entry)
		elem = elem.Next()
		if e.refs == 0 {
			m.shut(e)
		}
	}
}

// drop counts a caller out of a pool.
func (m *Manager) drop(e *entry) {
	e.refs--
	m.touch(e)
	if e.refs > 0 || e.elem == nil {
		return
	}
	if e.forgotten {
		m.shut(e)
		return
	}
	m.evict()
}

// touch makes a pool the most recently used one.
func (m *Manager) touch(e *entry) {
	if e.elem != nil {
		m.open.MoveToBack(e.elem)
	}
}

// disown lets the next Acquire of the key open another pool.
func (m *Manager) disown(e *entry) {
	e.forgotten = true
	if m.byKey[e.key] == e {
		delete(m.byKey, e.key)
	}
}

// shut closes an open pool and then gives back its place. A goroutine does it,
// for closing a connection may take long and no context ends it.
func (m *Manager) shut(e *entry) {
	m.disown(e)
	m.open.Remove(e.elem)
	e.elem = nil
	m.closing++
	m.work.Go(func() {
		_ = e.db.Close() // nobody is left who could be told
		m.mu.Lock()
		defer m.mu.Unlock()
		m.closing--
		m.givePool()
	})
}
