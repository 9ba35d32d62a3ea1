package history

import (
	"context"
	"sync"
)

// maxMemory bounds the entries that wait in memory, in bytes, besides their number.
const maxMemory = 64 << 20

// memory is where entries wait that aren't in a spool.
type memory struct {
	limit int

	mu    sync.Mutex
	queue []Entry // the oldest first
	bytes int
	open  bool          // takes any number
	room  chan struct{} // closed when entries leave, and replaced
}

func newMemory(limit int) *memory { return &memory{limit: limit, room: make(chan struct{})} }

// put takes an entry, or waits for room. It fails only when the context ends.
// full is called each time before it waits.
func (m *memory) put(ctx context.Context, e Entry, full func()) error {
	for {
		m.mu.Lock()
		if m.open || len(m.queue) < m.limit && m.bytes < maxMemory {
			m.queue = append(m.queue, e)
			m.bytes += e.size()
			m.mu.Unlock()
			return nil
		}
		room := m.room
		m.mu.Unlock()
		full()
		select {
		case <-room:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// lift lets everybody in who waits: their entries are in memory anyway.
func (m *memory) lift() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.open = true
	m.leave()
}

// leave tells those who wait that there is room.
func (m *memory) leave() {
	close(m.room)
	m.room = make(chan struct{})
}

func (m *memory) next(n int) ([]Entry, func(), error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n = min(n, len(m.queue))
	taken := m.queue[:n:n]
	return taken, func() { m.remove(n) }, nil
}

func (m *memory) remove(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range m.queue[:n] {
		m.bytes -= e.size()
	}
	clear(m.queue[:n])
	if m.queue = m.queue[n:]; len(m.queue) == 0 {
		m.queue = nil
	}
	m.leave()
}

func (m *memory) len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.queue)
}
