package history

import (
	"context"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/store"
	"github.com/hedgerow/hedgerow/internal/testdb"
)

// Close waits for a Record that has begun.
func TestCloseWaitsForRecord(t *testing.T) {
	db, err := store.Open(t.Context(), testdb.Open(t, testdb.SQLite), store.SQLite, Migrations())
	require.NoError(t, err)
	l, err := Open(db, Config{})
	require.NoError(t, err)
	l.recording.Add(1)
	go func() {
		defer l.recording.Done()
		<-l.ended // Close is under way
		for range 1000 {
			runtime.Gosched()
		}
		assert.NoError(t, l.memory.put(t.Context(), testEntry("a"), func() {}))
	}()
	require.NoError(t, l.Close(t.Context()))
	p, err := l.Query(t.Context(), "p", Filter{})
	require.NoError(t, err)
	assert.Len(t, p.Entries, 1)
}

// The buffer is bounded in entries and in bytes, and what leaves makes room again.
func TestMemoryIsBounded(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct{ limit, length, want int }{
		"entries": {100, 10, 100},
		"bytes":   {1 << 20, 1 << 20, maxMemory >> 20},
	} {
		t.Run(name, func(t *testing.T) {
			e := testEntry("a")
			e.Query = strings.Repeat("q", c.length)
			m := newMemory(c.limit)
			fill := func() (n int) {
				for m.put(ended, e, func() {}) == nil {
					n++
				}
				return n
			}
			assert.Equal(t, c.want, fill())
			taken, done, err := m.next(7)
			require.NoError(t, err)
			assert.Len(t, taken, 7)
			assert.Zero(t, fill(), "they wait on")
			done()
			assert.Equal(t, 7, fill())
			_, done, err = m.next(1 << 20)
			require.NoError(t, err)
			done()
			assert.Zero(t, m.bytes)
			assert.Equal(t, c.want, fill())
		})
	}
}
