package history

import (
	"runtime"
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
