package keys

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hedgerow/hedgerow/internal/store"
)

// touchEvery is how exact Key.LastUsed is.
const touchEvery = time.Minute

// touch notes a use, at most once a minute for each key.
func (r *Ring) touch(id string, stored, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	last := stored
	k, remembered := r.known[id]
	if remembered {
		last = k.used
	}
	_, waits := r.used[id]
	if now.Sub(last) < touchEvery || !waits && len(r.used) >= r.cfg.Size {
		return
	}
	r.used[id] = now
	if remembered {
		k.used = now
	}
}

// flushBatch is how many uses one statement writes.
const flushBatch = 500

// Flush writes when keys were last used. Call it from time to time, off the
// path of requests. What can't be written waits for the next call.
func (r *Ring) Flush(ctx context.Context) error {
	r.mu.Lock()
	used := r.used
	r.used = map[string]time.Time{}
	r.mu.Unlock()
	ids := slices.Sorted(maps.Keys(used)) // in one order, so that instances seldom lock each other out
	for batch := range slices.Chunk(ids, flushBatch) {
		if err := r.flush(ctx, batch, used); err != nil {
			r.unflushed(used)
			return fmt.Errorf("keys: %w", err)
		}
		for _, id := range batch {
			delete(used, id)
		}
	}
	return nil
}

func (r *Ring) flush(ctx context.Context, ids []string, used map[string]time.Time) error {
	args := make([]any, 0, 2*len(ids))
	for _, id := range ids {
		args = append(args, id, store.Micros(used[id]))
	}
	values := strings.TrimSuffix(strings.Repeat("(CAST(? AS TEXT), CAST(? AS BIGINT)), ", len(ids)), ", ")
	return r.db.Tx(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `WITH uses (id, at) AS (VALUES `+values+`) UPDATE hedgerow_keys SET last_used = uses.at
			FROM uses WHERE hedgerow_keys.id = uses.id AND hedgerow_keys.last_used < uses.at`, args...)
		return err
	})
}

// unflushed puts uses back that could not be written.
func (r *Ring) unflushed(used map[string]time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, at := range used {
		if _, newer := r.used[id]; !newer && len(r.used) < r.cfg.Size {
			r.used[id] = at
		}
	}
}
