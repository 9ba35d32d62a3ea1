package keys

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hedgerow/hedgerow/internal/store"
)

// Config bounds what a Ring remembers.
type Config struct {
	// Size is how many keys are remembered, and how many uses may wait for Flush;
	// default 10,000.
	Size int
	// MaxAge is how long a key is remembered before the store is asked again. It
	// bounds how long a revoked key works while Sync fails; default 30 s.
	MaxAge time.Duration
}

// Ring finds keys. It is safe for concurrent use.
type Ring struct {
	db  *store.DB
	cfg Config

	mu    sync.Mutex
	known map[string]*known
	// forgotten counts calls that forget: what was read before one of them may be
	// older than the change that it tells of, and isn't remembered.
	forgotten uint64
	used      map[string]time.Time // uses that Flush writes
}

// known is a remembered key.
type known struct {
	record
	read time.Time
	used time.Time // the last use that was noted
}

// NewRing makes an empty ring over a store that has the package's migrations.
func NewRing(db *store.DB, cfg Config) *Ring {
	if cfg.Size <= 0 {
		cfg.Size = 10_000
	}
	if cfg.MaxAge <= 0 {
		cfg.MaxAge = 30 * time.Second
	}
	return &Ring{db: db, cfg: cfg, known: map[string]*known{}, used: map[string]time.Time{}}
}

// Find gives the live key of a token. Every token that isn't one fails with a
// *Refusal, which is ErrUnknown; other errors are the store's.
func (r *Ring) Find(ctx context.Context, token string, now time.Time) (Key, error) {
	id, secret, ok := parseToken(token)
	if !ok {
		return Key{}, &Refusal{Reason: Malformed}
	}
	rec, found, err := r.record(ctx, id, now)
	if err != nil {
		return Key{}, err
	}
	// An unknown id's secret is compared as well, with zeros, so that the time
	// spent here doesn't tell it from a known one.
	hash := hashed(secret)
	same := subtle.ConstantTimeCompare(hash[:], rec.hash[:]) == 1
	if !found {
		return Key{}, &Refusal{Reason: Missing, KeyID: id}
	}
	if !same {
		return Key{}, &Refusal{Reason: WrongSecret, KeyID: id}
	}
	if reason, live := rec.live(now); !live {
		return Key{}, &Refusal{Reason: reason, KeyID: id, Project: rec.Project}
	}
	r.touch(id, rec.LastUsed, now)
	return rec.Key, nil
}

// record is the key of an id, remembered or read.
func (r *Ring) record(ctx context.Context, id string, now time.Time) (record, bool, error) {
	r.mu.Lock()
	k, ok := r.known[id]
	forgotten := r.forgotten
	r.mu.Unlock()
	if ok {
		if age := now.Sub(k.read); age >= 0 && age < r.cfg.MaxAge {
			return k.record, true, nil
		}
	}
	rec, err := r.read(ctx, id)
	if errors.Is(err, sql.ErrNoRows) {
		return record{}, false, nil
	}
	if err != nil {
		return record{}, false, fmt.Errorf("keys: %w", err)
	}
	r.remember(rec, now, forgotten)
	return rec, true, nil
}

// remember keeps a key that was read, unless something was forgotten meanwhile.
func (r *Ring) remember(rec record, now time.Time, forgotten uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.forgotten != forgotten {
		return
	}
	used := rec.LastUsed
	if old, ok := r.known[rec.ID]; ok {
		used = old.used
	} else if len(r.known) >= r.cfg.Size {
		for id := range r.known { // any: Go starts at a random one
			delete(r.known, id)
			break
		}
	}
	r.known[rec.ID] = &known{record: rec, read: now, used: used}
}

// Forget makes the next Find of these keys ask the store.
func (r *Ring) Forget(ids ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forgotten++
	for _, id := range ids {
		delete(r.known, id)
	}
}

// Sync forgets the keys that changed after a revision. A host's instance calls
// it whenever it sees that the revision has risen.
func (r *Ring) Sync(ctx context.Context, after int64) error {
	rows, err := r.db.Query(ctx, `SELECT id FROM hedgerow_keys WHERE revision > ?`, after)
	if err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return fmt.Errorf("keys: %w", err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	r.Forget(ids...)
	return nil
}
