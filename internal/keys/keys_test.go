package keys_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/hedgerow/hedgerow/internal/keys"
	"github.com/hedgerow/hedgerow/internal/store"
	"github.com/hedgerow/hedgerow/internal/testdb"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

var noon = time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)

// fixture is a store with two instances' rings.
type fixture struct {
	*testing.T
	sql        *sql.DB
	db         *store.DB
	ring, twin *keys.Ring
}

// databases runs a test on each database that a store can be on.
func databases(t *testing.T, test func(f fixture)) {
	run := func(name string, flavor store.Flavor, open func(t *testing.T) *sql.DB) {
		t.Run(name, func(t *testing.T) {
			db := open(t)
			s, err := store.Open(t.Context(), db, flavor, keys.Migrations())
			require.NoError(t, err)
			test(fixture{t, db, s, keys.NewRing(s, keys.Config{}), keys.NewRing(s, keys.Config{})})
		})
	}
	run("sqlite", store.SQLite, func(t *testing.T) *sql.DB {
		db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "store.db"))
		require.NoError(t, err)
		t.Cleanup(func() { db.Close() })
		return db
	})
	run("postgresql", store.PostgreSQL, func(t *testing.T) *sql.DB { return testdb.Open(t, testdb.PostgreSQL) })
}

func (f fixture) tx(run func(*store.Tx) error) error { return f.db.Tx(f.Context(), run) }

func (f fixture) tryIssue(project, name string, properties map[string]any, expiry, now time.Time, revision int64) (token string, k keys.Key, err error) {
	err = f.tx(func(tx *store.Tx) error {
		token, k, err = keys.Issue(f.Context(), tx, project, name, properties, expiry, now, revision)
		return err
	})
	return token, k, err
}

func (f fixture) issue(project, name string, expiry time.Time) (string, keys.Key) {
	f.Helper()
	token, k, err := f.tryIssue(project, name, nil, expiry, noon, 1)
	require.NoError(f, err)
	return token, k
}

func (f fixture) revoke(project, id string, revision int64) error {
	return f.tx(func(tx *store.Tx) error { return keys.Revoke(f.Context(), tx, project, id, noon, revision) })
}

// reason is why a ring refuses a token, "" when it doesn't.
func (f fixture) reason(r *keys.Ring, token string, now time.Time) keys.Reason {
	f.Helper()
	k, err := r.Find(f.Context(), token, now)
	if err == nil {
		assert.NotEmpty(f, k.ID)
		return ""
	}
	assert.Zero(f, k.ID)
	require.ErrorIs(f, err, keys.ErrUnknown)
	assert.EqualError(f, err, keys.ErrUnknown.Error(), "no reason shows")
	var refusal *keys.Refusal
	require.ErrorAs(f, err, &refusal)
	return refusal.Reason
}

func TestIssueAndFind(t *testing.T) {
	databases(t, func(f fixture) {
		properties := map[string]any{"org": "acme", "n": int64(1)<<53 + 1, "at": noon, "for": time.Hour, "regions": []string{"EU"}, "m": map[string]int{"a": 1}}
		token, issued, err := f.tryIssue("p1", "ci", properties, noon.Add(time.Hour), noon, 7)
		require.NoError(f, err)
		for _, r := range []*keys.Ring{f.ring, f.ring, f.twin} { // from the store, from memory, by another instance
			k, err := r.Find(f.Context(), token, noon)
			require.NoError(f, err)
			assert.Equal(f, []any{issued.ID, "p1", "ci", noon, noon.Add(time.Hour), time.Time{}}, []any{k.ID, k.Project, k.Name, k.Created, k.Expires, k.Revoked})
			want := map[string]any{"org": "acme", "n": int64(1)<<53 + 1, "at": noon, "for": time.Hour, "regions": []any{"EU"}, "m": map[string]any{"a": int64(1)}}
			require.Equal(f, want, k.Properties())
			assert.Equal(f, want, issued.Properties())
			k.Properties()["org"] = "evil"
			k.Properties()["regions"].([]any)[0] = "US"
			k.Properties()["m"].(map[string]any)["a"] = 2
		}
		var refusal *keys.Refusal
		_, err = f.ring.Find(f.Context(), token, noon.Add(time.Hour))
		require.ErrorAs(f, err, &refusal)
		assert.Equal(f, keys.Refusal{Reason: keys.Expired, KeyID: issued.ID, Project: "p1"}, *refusal)
	})
}

// Neither the store nor a printed key has the token or the properties' values.
func TestSecretsDoNotShow(t *testing.T) {
	databases(t, func(f fixture) {
		token, k, err := f.tryIssue("p1", "ci", map[string]any{"org": "s3cret"}, time.Time{}, noon, 1)
		require.NoError(f, err)
		text, err := json.Marshal(k)
		require.NoError(f, err)
		for _, printed := range []string{string(text), fmt.Sprint(k), fmt.Sprintf("%#v %+v", k, &k)} {
			assert.NotContains(f, printed, "s3cret")
			assert.NotContains(f, printed, token[20:40])
		}
		var hash string
		require.NoError(f, f.db.QueryRow(f.Context(), `SELECT hash FROM hedgerow_keys WHERE id = ?`, k.ID).Scan(&hash))
		assert.Len(f, hash, hex.EncodedLen(sha256.Size))
		assert.NotContains(f, hash, token[20:])
	})
}

func TestRefusedTokens(t *testing.T) {
	databases(t, func(f fixture) {
		live, _ := f.issue("p1", "live", time.Time{})
		expiring, _ := f.issue("p1", "expiring", noon.Add(time.Second))
		revoked, k := f.issue("p1", "revoked", time.Time{})
		require.NoError(f, f.revoke("p1", k.ID, 2))
		gone, k := f.issue("p1", "gone", time.Time{})
		_, err := f.sql.Exec(`DELETE FROM hedgerow_keys WHERE id = '` + k.ID + `'`)
		require.NoError(f, err)
		_, err = f.sql.Exec(`UPDATE hedgerow_keys SET hash = '` + strings.Repeat("00", 32) + `' WHERE name = 'live'`)
		require.NoError(f, err)
		for range 2 {
			assert.Equal(f, keys.WrongSecret, f.reason(f.ring, live, noon))
			assert.Equal(f, keys.Reason(""), f.reason(f.ring, expiring, noon.Add(time.Second-time.Microsecond)))
			assert.Equal(f, keys.Expired, f.reason(f.ring, expiring, noon.Add(time.Second)))
			assert.Equal(f, keys.Revoked, f.reason(f.ring, revoked, noon))
			assert.Equal(f, keys.Missing, f.reason(f.ring, gone, noon))
			assert.Equal(f, keys.Malformed, f.reason(f.ring, live+"a", noon))
			assert.Equal(f, keys.Malformed, f.reason(f.ring, "", noon))
		}
	})
}

func TestIssueRefuses(t *testing.T) {
	databases(t, func(f fixture) {
		for name, try := range map[string]func() error{
			"no project": func() error { _, _, err := f.tryIssue("", "n", nil, time.Time{}, noon, 1); return err },
			"no name":    func() error { _, _, err := f.tryIssue("p", "", nil, time.Time{}, noon, 1); return err },
			"long name": func() error {
				_, _, err := f.tryIssue("p", strings.Repeat("n", 201), nil, time.Time{}, noon, 1)
				return err
			},
			"NUL in name":    func() error { _, _, err := f.tryIssue("p", "n\x00", nil, time.Time{}, noon, 1); return err },
			"name not UTF-8": func() error { _, _, err := f.tryIssue("p", "n\xff", nil, time.Time{}, noon, 1); return err },
			"past expiry":    func() error { _, _, err := f.tryIssue("p", "n", nil, noon, noon, 1); return err },
			"no time":        func() error { _, _, err := f.tryIssue("p", "n", nil, time.Time{}, time.Time{}, 1); return err },
			"property": func() error {
				_, _, err := f.tryIssue("p", "n", map[string]any{"p": func() {}}, time.Time{}, noon, 1)
				return err
			},
		} {
			assert.ErrorIs(f, try(), keys.ErrInvalid, name)
		}
		list, err := f.ring.List(f.Context(), "p")
		require.NoError(f, err)
		assert.Empty(f, list)
	})
}

// A name belongs to one live key of a project; revoked and expired keys let go of it.
func TestNames(t *testing.T) {
	databases(t, func(f fixture) {
		_, k := f.issue("p1", "ci", noon.Add(time.Hour))
		f.issue("p2", "ci", time.Time{})
		_, _, err := f.tryIssue("p1", "ci", nil, time.Time{}, noon, 1)
		require.ErrorIs(f, err, keys.ErrNameTaken)
		require.NoError(f, f.revoke("p1", k.ID, 2))
		f.issue("p1", "ci", noon.Add(time.Hour))
		_, _, err = f.tryIssue("p1", "ci", nil, time.Time{}, noon.Add(time.Hour-1), 1)
		require.ErrorIs(f, err, keys.ErrNameTaken)
		_, _, err = f.tryIssue("p1", "ci", nil, time.Time{}, noon.Add(time.Hour), 1)
		require.NoError(f, err)

		list, err := f.ring.List(f.Context(), "p1")
		require.NoError(f, err)
		require.Len(f, list, 3)
		for _, listed := range list {
			assert.Equal(f, listed.ID == k.ID, !listed.Revoked.IsZero())
		}
	})
}

// Of many that ask for one name at once, one gets it.
func TestNamesUnderContention(t *testing.T) {
	databases(t, func(f fixture) {
		var wg sync.WaitGroup
		errs := make([]error, 20)
		for i := range errs {
			wg.Go(func() { _, _, errs[i] = f.tryIssue("p", "n", nil, time.Time{}, noon, 1) })
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else {
				assert.ErrorIs(f, err, keys.ErrNameTaken)
			}
		}
		assert.Equal(f, 1, won)
	})
}

func TestRevoke(t *testing.T) {
	databases(t, func(f fixture) {
		token, k := f.issue("p1", "a", time.Time{})
		other, _ := f.issue("p1", "b", time.Time{})
		foreign, _ := f.issue("p2", "a", time.Time{})
		require.ErrorIs(f, f.revoke("p2", k.ID, 2), keys.ErrNotFound, "another project's key")
		require.ErrorIs(f, f.revoke("p1", "nothing", 2), keys.ErrNotFound)
		assert.Empty(f, f.reason(f.ring, token, noon))
		require.NoError(f, f.revoke("p1", k.ID, 2))
		require.NoError(f, f.revoke("p1", k.ID, 9), "again")
		f.ring.Forget(k.ID)
		assert.Equal(f, keys.Revoked, f.reason(f.ring, token, noon))
		assert.Empty(f, f.reason(f.ring, other, noon))

		require.NoError(f, f.tx(func(tx *store.Tx) error {
			n, err := keys.RevokeAll(f.Context(), tx, "p1", time.Time{}, 3)
			assert.Equal(f, int64(1), n)
			return err
		}))
		assert.Equal(f, keys.Revoked, f.reason(f.twin, other, noon))
		assert.Empty(f, f.reason(f.twin, foreign, noon))
	})
}

// What one instance revokes the other learns by Sync, and by time when that fails.
func TestRevocationReachesOtherInstances(t *testing.T) {
	databases(t, func(f fixture) {
		one, k1 := f.issue("p", "one", time.Time{})
		two, k2 := f.issue("p", "two", time.Time{})
		assert.Empty(f, f.reason(f.twin, one, noon))
		assert.Empty(f, f.reason(f.twin, two, noon))
		require.NoError(f, f.revoke("p", k1.ID, 2))
		require.NoError(f, f.revoke("p", k2.ID, 3))
		assert.Empty(f, f.reason(f.twin, one, noon.Add(29*time.Second)), "it is remembered")

		require.NoError(f, f.twin.Sync(f.Context(), 2))
		assert.Equal(f, keys.Revoked, f.reason(f.twin, two, noon))
		assert.Empty(f, f.reason(f.twin, one, noon))
		assert.Equal(f, keys.Revoked, f.reason(f.twin, one, noon.Add(30*time.Second)))
	})
}

// A clock that goes back doesn't make a remembered key live longer.
func TestClockGoesBack(t *testing.T) {
	databases(t, func(f fixture) {
		token, k := f.issue("p", "n", time.Time{})
		assert.Empty(f, f.reason(f.ring, token, noon))
		require.NoError(f, f.revoke("p", k.ID, 2))
		assert.Equal(f, keys.Revoked, f.reason(f.ring, token, noon.Add(-time.Hour)))
	})
}

// A known key costs no look into the store, and an unknown one isn't remembered.
func TestFindRemembers(t *testing.T) {
	databases(t, func(f fixture) {
		token, _ := f.issue("p", "n", time.Time{})
		other, _ := f.issue("p", "o", time.Time{})
		assert.Empty(f, f.reason(f.ring, token, noon))
		require.NoError(f, f.sql.Close())
		assert.Empty(f, f.reason(f.ring, token, noon))
		_, err := f.ring.Find(f.Context(), other, noon)
		require.Error(f, err)
		assert.NotErrorIs(f, err, keys.ErrUnknown, "the store failed; the key may be good")
		assert.NotContains(f, err.Error(), other[20:])
		assert.Error(f, f.ring.Sync(f.Context(), 0))
		_, err = f.ring.List(f.Context(), "p")
		assert.Error(f, err)
	})
}

// A ring remembers as many keys as it may, and finds all.
func TestRingIsBounded(t *testing.T) {
	databases(t, func(f fixture) {
		small := keys.NewRing(f.db, keys.Config{Size: 2})
		var tokens []string
		for i := range 5 {
			token, _ := f.issue("p", fmt.Sprint(i), time.Time{})
			tokens = append(tokens, token)
		}
		for range 2 {
			for _, token := range tokens {
				assert.Empty(f, f.reason(small, token, noon))
			}
		}
		require.NoError(f, small.Flush(f.Context()))
		assert.Equal(f, 2, f.count(`last_used <> 0`), "uses that wait are bounded too")
		require.NoError(f, f.sql.Close())
		known := 0
		for _, token := range tokens {
			if _, err := small.Find(f.Context(), token, noon); err == nil {
				known++
			}
		}
		assert.Equal(f, 2, known)
	})
}

func (f fixture) count(where string) (n int) {
	f.Helper()
	require.NoError(f, f.db.QueryRow(f.Context(), `SELECT count(*) FROM hedgerow_keys WHERE `+where).Scan(&n))
	return n
}

func TestLastUsed(t *testing.T) {
	databases(t, func(f fixture) {
		token, k := f.issue("p", "n", time.Time{})
		f.issue("p", "unused", time.Time{})
		lastUsed := func() time.Time {
			list, err := f.ring.List(f.Context(), "p")
			require.NoError(f, err)
			assert.True(f, list[0].LastUsed.IsZero() || list[1].LastUsed.IsZero())
			return store.Time(max(store.Micros(list[0].LastUsed), store.Micros(list[1].LastUsed)))
		}
		use := func(r *keys.Ring, after time.Duration) {
			assert.Empty(f, f.reason(r, token, noon.Add(after)))
			require.NoError(f, r.Flush(f.Context()))
		}
		use(f.ring, 0)
		assert.Equal(f, noon, lastUsed())
		use(f.ring, 59*time.Second)
		assert.Equal(f, noon, lastUsed(), "once a minute")
		use(f.ring, time.Minute)
		assert.Equal(f, noon.Add(time.Minute), lastUsed())
		use(f.twin, 90*time.Second)
		assert.Equal(f, noon.Add(time.Minute), lastUsed(), "once a minute over all instances that have read it")
		f.ring.Forget(k.ID)
		use(f.ring, -time.Hour)
		assert.Equal(f, noon.Add(time.Minute), lastUsed(), "never back")

		// what can't be written is written later
		assert.Empty(f, f.reason(f.ring, token, noon.Add(time.Hour)))
		cancelled, cancel := context.WithCancel(f.Context())
		cancel()
		require.Error(f, f.ring.Flush(cancelled))
		require.NoError(f, f.ring.Flush(f.Context()))
		assert.Equal(f, noon.Add(time.Hour), lastUsed())
		assert.Equal(f, 2, f.count(`revision = 1`), "a use is no change that instances must learn")
	})
}

// More uses than one statement takes.
func TestFlushManyUses(t *testing.T) {
	databases(t, func(f fixture) {
		var tokens []string
		require.NoError(f, f.tx(func(tx *store.Tx) error {
			tokens = nil
			for i := range 1001 {
				token, _, err := keys.Issue(f.Context(), tx, "p", fmt.Sprint(i), nil, time.Time{}, noon, 1)
				if err != nil {
					return err
				}
				tokens = append(tokens, token)
			}
			return nil
		}))
		for i, token := range tokens {
			require.Empty(f, f.reason(f.ring, token, noon.Add(time.Duration(i)*time.Microsecond)))
		}
		require.NoError(f, f.ring.Flush(f.Context()))
		var n, distinct int
		require.NoError(f, f.db.QueryRow(f.Context(), `SELECT count(*), count(DISTINCT last_used) FROM hedgerow_keys WHERE last_used <> 0`).Scan(&n, &distinct))
		assert.Equal(f, []int{1001, 1001}, []int{n, distinct})
	})
}

func TestPrune(t *testing.T) {
	databases(t, func(f fixture) {
		live, _ := f.issue("p", "live", time.Time{})
		f.issue("p", "expired", noon.Add(time.Minute))
		later, _ := f.issue("p", "later", noon.Add(time.Hour))
		_, k := f.issue("p", "revoked", time.Time{})
		require.NoError(f, f.revoke("p", k.ID, 2))
		prune := func(before time.Time, limit int) (n int64) {
			require.NoError(f, f.tx(func(tx *store.Tx) (err error) {
				n, err = keys.Prune(f.Context(), tx, before, limit)
				return err
			}))
			return n
		}
		assert.Equal(f, int64(0), prune(noon, 10))
		assert.Equal(f, int64(1), prune(noon.Add(time.Hour), 1))
		assert.Equal(f, int64(1), prune(noon.Add(time.Hour), 10))
		assert.Equal(f, int64(0), prune(noon.Add(time.Hour), 10))
		assert.Empty(f, f.reason(f.ring, live, noon))
		assert.Empty(f, f.reason(f.ring, later, noon))
	})
}

// A transaction that is undone issues nothing.
func TestUndone(t *testing.T) {
	databases(t, func(f fixture) {
		failed := errors.New("failed")
		var token string
		require.ErrorIs(f, f.tx(func(tx *store.Tx) (err error) {
			token, _, err = keys.Issue(f.Context(), tx, "p", "n", nil, time.Time{}, noon, 1)
			require.NoError(f, err)
			return failed
		}), failed)
		assert.Equal(f, keys.Missing, f.reason(f.ring, token, noon))
		f.issue("p", "n", time.Time{})
	})
}

// Whatever runs at once, after the last Forget no revoked key is found.
func TestConcurrentUse(t *testing.T) {
	databases(t, func(f fixture) {
		var tokens, ids []string
		for i := range 20 {
			token, k := f.issue("p", fmt.Sprint(i), time.Time{})
			tokens, ids = append(tokens, token), append(ids, k.ID)
		}
		stop := make(chan struct{})
		var readers, writers sync.WaitGroup
		for w := range 4 {
			readers.Go(func() {
				for i := w; ; i++ {
					select {
					case <-stop:
						return
					default:
						f.ring.Find(f.Context(), tokens[i%len(tokens)], noon.Add(time.Duration(i)*time.Second))
					}
				}
			})
		}
		for i := range ids {
			writers.Go(func() {
				assert.NoError(f, f.revoke("p", ids[i], int64(i)+2))
				f.ring.Forget(ids[i])
				assert.Equal(f, keys.Revoked, f.reason(f.ring, tokens[i], noon))
				assert.NoError(f, f.ring.Flush(f.Context()))
			})
		}
		writers.Wait()
		for _, token := range tokens {
			assert.Equal(f, keys.Revoked, f.reason(f.ring, token, noon))
		}
		close(stop)
		readers.Wait()
	})
}

func BenchmarkFind(b *testing.B) {
	db, err := store.Open(b.Context(), testdb.Open(b, testdb.SQLite), store.SQLite, keys.Migrations())
	require.NoError(b, err)
	var token string
	require.NoError(b, db.Tx(b.Context(), func(tx *store.Tx) (err error) {
		token, _, err = keys.Issue(b.Context(), tx, "p", "n", nil, time.Time{}, noon, 1)
		return err
	}))
	r := keys.NewRing(db, keys.Config{})
	for b.Loop() {
		if _, err := r.Find(b.Context(), token, noon); err != nil {
			b.Fatal(err)
		}
	}
}
