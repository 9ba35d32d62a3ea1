package history

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hedgerow/hedgerow/internal/store"
)

// Config says where entries wait and how long they are kept.
type Config struct {
	// Buffer is how many entries may wait in memory; default 10,000. They are
	// further bounded to 64 MiB. With a spool, memory serves only while the disk
	// fails.
	Buffer int
	// Batch is how many entries one transaction writes; default 500, at most 1,000.
	Batch int
	// FlushEvery is how long an entry waits at most while the store works; default 1 s.
	FlushEvery time.Duration
	// Spool is a local directory for entries that wait; it is made when missing.
	// Each entry is in a file there before Record returns, so that it survives a
	// killed process (not a machine that loses power: files aren't synced). What
	// a dead process left is written by any other that uses the directory. It
	// belongs to one store, holds queries in plain text, and must not be cleaned
	// by others. "" is none: a killed process loses what waits in its memory.
	Spool string
	// KeepFor is the age at which entries are deleted; 0 is never.
	KeepFor time.Duration
	// KeepCount is how many of a project's newest entries are kept; 0 is all. In
	// between, a project may have a hundredth more and what a minute brings.
	KeepCount int
	// OnError hears of trouble in the background and of lost entries. It must be
	// safe for concurrent use. nil logs with slog.
	OnError func(error)
}

func (c Config) withDefaults() Config {
	if c.Buffer <= 0 {
		c.Buffer = 10_000
	}
	if c.Batch <= 0 {
		c.Batch = 500
	}
	c.Batch = min(c.Batch, 1000) // SQLite binds at most 32,766 values
	if c.FlushEvery <= 0 {
		c.FlushEvery = time.Second
	}
	if c.OnError == nil {
		c.OnError = func(err error) { slog.Error("hedgerow: history", "error", err) }
	}
	return c
}

// Log takes entries and brings them to the store. It is safe for concurrent use,
// and many processes may have logs on one store.
type Log struct {
	db     *store.DB
	cfg    Config
	memory *memory
	spool  *spool // nil: none
	trim   trimmer

	mu        sync.Mutex // held to begin to record, and to close
	closed    bool
	recording sync.WaitGroup
	waiting   atomic.Int64 // entries since the last flush began, about
	lost      atomic.Int64
	failing   atomic.Bool // the spool refused the last entry

	flushing chan struct{} // holds a token while somebody flushes
	wake     chan struct{} // there is a batch to flush
	stop     func()        // ends the background work when it has nothing in hand
	abort    func()        // ends it at once
	ended    chan struct{} // closed when it has ended
}

// source is where entries wait.
type source interface {
	// next gives up to n of them, the oldest first; none when none waits. They
	// wait on until done is called. It is for one goroutine at a time.
	next(n int) (entries []Entry, done func(), err error)
}

// Open starts a log over a store that has the package's migrations. Entries that
// dead processes left in the spool are written in the background.
func Open(db *store.DB, cfg Config) (*Log, error) {
	if db == nil {
		return nil, errors.New("history: the store is nil")
	}
	cfg = cfg.withDefaults()
	l := &Log{
		db: db, cfg: cfg, memory: newMemory(cfg.Buffer),
		flushing: make(chan struct{}, 1), wake: make(chan struct{}, 1), ended: make(chan struct{}),
	}
	l.trim.full = true
	if cfg.Spool != "" {
		s, err := openSpool(cfg.Spool, l.troubled)
		if err != nil {
			return nil, fmt.Errorf("history: spool: %w", err)
		}
		l.spool = s
	}
	going, stop := context.WithCancel(context.Background())
	flushing, abort := context.WithCancel(context.Background())
	l.stop, l.abort = stop, abort
	go l.work(going, flushing)
	return l, nil
}

// Record keeps an entry; it will reach the store. It doesn't wait for the store,
// except without a spool when the buffer is full: then it waits for room until
// the context ends. An error means that the entry is lost, which is counted and
// reported to OnError too.
func (l *Log) Record(ctx context.Context, e Entry) error {
	e, err := e.clean()
	if err == nil {
		err = l.keep(ctx, e)
	}
	if err != nil {
		l.lose(err)
	}
	return err
}

func (l *Log) keep(ctx context.Context, e Entry) error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return ErrClosed
	}
	l.recording.Add(1)
	l.mu.Unlock()
	defer l.recording.Done()
	if !l.spooled(e) {
		if err := l.memory.put(ctx, e, l.wakeUp); err != nil {
			return err
		}
	}
	if l.waiting.Add(1) >= int64(l.cfg.Batch) {
		l.wakeUp()
	}
	return nil
}

// spooled writes an entry to the spool; false means that memory must keep it.
func (l *Log) spooled(e Entry) bool {
	if l.spool == nil {
		return false
	}
	err := l.spool.put(e)
	if before := l.failing.Swap(err != nil); err != nil && !before {
		l.cfg.OnError(fmt.Errorf("history: the spool fails, a killed process loses entries: %w", err))
	}
	return err == nil
}

func (l *Log) wakeUp() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Lost is how many entries were lost since Open.
func (l *Log) Lost() int64 { return l.lost.Load() }

func (l *Log) lose(err error) {
	l.lost.Add(1)
	l.cfg.OnError(fmt.Errorf("history: an entry is lost: %w", err))
}

// troubled hears from the spool.
func (l *Log) troubled(err error, lost bool) {
	if lost {
		l.lose(err)
		return
	}
	l.cfg.OnError(fmt.Errorf("history: spool: %w", err))
}

// Flush writes the entries that wait, until none does.
func (l *Log) Flush(ctx context.Context) error {
	select {
	case l.flushing <- struct{}{}:
		defer func() { <-l.flushing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	l.waiting.Store(0)
	if l.spool != nil {
		if err := l.drain(ctx, l.spool); err != nil {
			return fmt.Errorf("history: %w", err)
		}
	}
	if err := l.drain(ctx, l.memory); err != nil {
		return fmt.Errorf("history: %w", err)
	}
	return nil
}

func (l *Log) drain(ctx context.Context, s source) error {
	for {
		entries, done, err := s.next(l.cfg.Batch)
		if err != nil || len(entries) == 0 {
			return err
		}
		if err := l.insert(ctx, entries); err != nil {
			return err
		}
		if l.cfg.KeepCount > 0 {
			l.trim.grew(entries)
		}
		done()
	}
}

// Close writes what waits and ends the background work; Record fails from now
// on. When the context ends before all is written, it fails: entries in the
// spool stay there for the next process, those in memory wait for another Close.
func (l *Log) Close(ctx context.Context) error {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.stop()
	l.memory.lift()
	select {
	case <-l.ended:
	case <-ctx.Done():
		l.abort()
		<-l.ended
	}
	l.recording.Wait()
	err := l.Flush(ctx)
	l.abort()
	if l.spool != nil {
		l.spool.close()
	}
	if n := l.memory.len(); err != nil && n > 0 {
		return fmt.Errorf("%w; %d entries are in memory only", err, n)
	}
	return err
}
