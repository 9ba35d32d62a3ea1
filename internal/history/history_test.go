package history_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/hedgerow/hedgerow/internal/history"
	"github.com/hedgerow/hedgerow/internal/store"
	"github.com/hedgerow/hedgerow/internal/testdb"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const (
	patience = 20 * time.Second
	poll     = 5 * time.Millisecond
	never    = time.Hour // between flushes, where the test makes them
)

// fixture is a store on one of the databases.
type fixture struct {
	*testing.T
	sql *sql.DB
	db  *store.DB
}

// databases runs a test on each database that a store can be on.
func databases(t *testing.T, test func(f fixture)) {
	run := func(name string, flavor store.Flavor, open func(t *testing.T) *sql.DB) {
		t.Run(name, func(t *testing.T) {
			db := open(t)
			s, err := store.Open(t.Context(), db, flavor, history.Migrations())
			require.NoError(t, err)
			test(fixture{t, db, s})
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

// open starts a log that is closed when the test ends. Trouble fails the test
// unless it is expected.
func (f fixture) open(cfg history.Config) *history.Log {
	f.Helper()
	if cfg.OnError == nil {
		cfg.OnError = func(err error) { f.Errorf("OnError: %v", err) }
	}
	l, err := history.Open(f.db, cfg)
	require.NoError(f, err)
	f.Cleanup(func() {
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		l.Close(ended)
	})
	return l
}

func entry(project string, at time.Time) history.Entry {
	return history.Entry{ID: history.NewID(), Project: project, Time: at, Status: history.OK}
}

// record keeps n entries of a project, a microsecond apart.
func record(t testing.TB, l *history.Log, project string, n int) (ids []string) {
	t.Helper()
	for i := range n {
		e := entry(project, noon.Add(time.Duration(i)*time.Microsecond))
		require.NoError(t, l.Record(t.Context(), e))
		ids = append(ids, e.ID)
	}
	return ids
}

// stored gives the ids in the table, sorted.
func (f fixture) stored() (ids []string) {
	f.Helper()
	rows, err := f.db.Query(f.Context(), `SELECT id FROM hedgerow_history`)
	require.NoError(f, err)
	defer rows.Close()
	for rows.Next() {
		var id string
		require.NoError(f, rows.Scan(&id))
		ids = append(ids, id)
	}
	require.NoError(f, rows.Err())
	return slices.Sorted(slices.Values(ids))
}

func sorted(lists ...[]string) []string { return slices.Sorted(slices.Values(slices.Concat(lists...))) }

// breakTable makes the store refuse entries until it is mended.
func (f fixture) breakTable() (mend func()) {
	f.Helper()
	exec := func(q string) {
		f.Helper()
		require.NoError(f, f.db.Tx(f.Context(), func(tx *store.Tx) error { // which waits for the log's
			_, err := tx.Exec(f.Context(), q)
			return err
		}))
	}
	exec(`ALTER TABLE hedgerow_history RENAME TO away`)
	return func() { f.Helper(); exec(`ALTER TABLE away RENAME TO hedgerow_history`) }
}

// trouble collects what OnError hears.
type trouble struct {
	mu   sync.Mutex
	errs []error
}

func (c *trouble) add(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.errs = append(c.errs, err)
}

func (c *trouble) count(text string) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, err := range c.errs {
		if strings.Contains(err.Error(), text) {
			n++
		}
	}
	return n
}

// modes runs a test without a spool and with one.
func modes(t *testing.T, test func(f fixture, cfg history.Config)) {
	databases(t, func(f fixture) {
		f.Run("memory", func(t *testing.T) {
			f := f
			f.T = t
			test(f, history.Config{})
			require.NoError(t, f.db.Tx(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Exec(t.Context(), `DELETE FROM hedgerow_history`)
				return err
			}))
		})
		f.Run("spool", func(t *testing.T) {
			f := f
			f.T = t
			test(f, history.Config{Spool: filepath.Join(t.TempDir(), "spool")})
		})
	})
}

// What is recorded comes back as it was.
func TestEntriesComeBack(t *testing.T) {
	modes(t, func(f fixture, cfg history.Config) {
		l := f.open(cfg)
		e := history.Entry{
			ID: history.NewID(), Project: "p", Time: noon.Add(123456 * time.Microsecond), Key: "k", Session: `{"org":"[redacted]"}`,
			Query: "SELECT 'é<&>\n\"\u2028' FROM t", Fingerprint: "f", Decision: "d", Duration: 1234567 * time.Nanosecond, Rows: 7,
			Status: history.Failed, ErrorClass: "driver",
		}
		require.NoError(f, l.Record(f.Context(), e))
		require.NoError(f, l.Record(f.Context(), e), "again")
		require.NoError(f, l.Flush(f.Context()))
		require.NoError(f, l.Record(f.Context(), e), "and later")
		require.NoError(f, l.Flush(f.Context()))
		p, err := l.Query(f.Context(), "p", history.Filter{})
		require.NoError(f, err)
		assert.Equal(f, history.Page{Entries: []history.Entry{e}}, p)
	})
}

// Texts that a database can't hold are mended, and none is longer than its bound.
func TestTextsAreMended(t *testing.T) {
	modes(t, func(f fixture, cfg history.Config) {
		l := f.open(cfg)
		for _, text := range []string{
			"a\x00b", "a\xffb", "\xff\xfe", strings.Repeat("é", 1<<20), strings.Repeat("x", 1<<15), strings.Repeat("\x00", 1<<20), strings.Repeat("\xff\x00", 1<<14),
			"x" + strings.Repeat("😀", 1<<13), strings.Repeat("a\xff", 130), strings.Repeat("\x80", 300),
		} {
			e := entry("p", noon)
			e.Key, e.Session, e.Query, e.Fingerprint, e.Decision, e.ErrorClass = text, text, text, text, text, text
			require.NoError(f, l.Record(f.Context(), e))
		}
		require.NoError(f, l.Flush(f.Context()))
		p, err := l.Query(f.Context(), "p", history.Filter{})
		require.NoError(f, err)
		require.Len(f, p.Entries, 10)
		for _, e := range p.Entries {
			for text, bound := range map[*string]int{&e.Key: 256, &e.Session: 4 << 10, &e.Query: 16 << 10, &e.Fingerprint: 256, &e.Decision: 4 << 10, &e.ErrorClass: 256} {
				assert.LessOrEqual(f, len(*text), bound)
				assert.NotEmpty(f, *text)
				assert.True(f, utf8.ValidString(*text))
				assert.NotContains(f, *text, "\x00")
			}
		}
	})
}

// An entry that can't be kept as it is is refused, not mended: its id or project
// could become another's.
func TestInvalidEntries(t *testing.T) {
	databases(t, func(f fixture) {
		var heard trouble
		l := f.open(history.Config{OnError: heard.add})
		for i, change := range []func(*history.Entry){
			func(e *history.Entry) { e.ID = "" },
			func(e *history.Entry) { e.Project = "" },
			func(e *history.Entry) { e.Project = "p\xff" },
			func(e *history.Entry) { e.Project = "p\x00" },
			func(e *history.Entry) { e.ID = strings.Repeat("x", 65) },
			func(e *history.Entry) { e.Status = "" },
			func(e *history.Entry) { e.Status = "fine" },
			func(e *history.Entry) { e.Time = time.Time{} },
			func(e *history.Entry) { e.Time = time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC) },
		} {
			e := entry("p", noon)
			change(&e)
			assert.ErrorIs(f, l.Record(f.Context(), e), history.ErrInvalid)
			assert.Equal(f, int64(i+1), l.Lost())
			assert.Equal(f, i+1, heard.count("lost"))
		}
		require.NoError(f, l.Close(f.Context()))
		assert.Empty(f, f.stored())
	})
}

// Entries reach the store by themselves: after a while, or when a batch is full.
func TestBackgroundFlush(t *testing.T) {
	for name, change := range map[string]func(*history.Config){
		"time":  func(c *history.Config) { c.FlushEvery = time.Millisecond },
		"batch": func(c *history.Config) { c.FlushEvery, c.Batch = never, 10 },
	} {
		t.Run(name, func(t *testing.T) {
			modes(t, func(f fixture, cfg history.Config) {
				change(&cfg)
				l := f.open(cfg)
				ids := record(f, l, "p", 10)
				assert.Eventually(f, func() bool { return slices.Equal(sorted(ids), f.stored()) }, patience, poll)
			})
		})
	}
}

// Many goroutines record while the log is flushed and closed: what Record kept
// is in the store, once.
func TestNothingIsLostOnClose(t *testing.T) {
	modes(t, func(f fixture, cfg history.Config) {
		cfg.Buffer, cfg.Batch, cfg.FlushEvery = 20, 7, time.Millisecond
		var heard trouble
		cfg.OnError = heard.add
		l := f.open(cfg)
		var mu sync.Mutex
		var kept []string
		var refused int
		var wg sync.WaitGroup
		enough := make(chan struct{})
		for range 8 {
			wg.Go(func() {
				for {
					e := entry("p", noon)
					err := l.Record(f.Context(), e)
					mu.Lock()
					if err == nil {
						if kept = append(kept, e.ID); len(kept) == 1000 {
							close(enough)
						}
					} else {
						assert.ErrorIs(f, err, history.ErrClosed)
						refused++
					}
					mu.Unlock()
					if err != nil {
						return
					}
				}
			})
		}
		<-enough
		require.NoError(f, l.Close(f.Context()))
		wg.Wait()
		assert.Equal(f, sorted(kept), f.stored())
		assert.Equal(f, 8, refused)
		assert.Equal(f, int64(8), l.Lost())
		assert.Equal(f, 8, heard.count("the log is closed"))
		require.NoError(f, l.Close(f.Context()), "again")
		if cfg.Spool != "" {
			left, err := os.ReadDir(cfg.Spool)
			require.NoError(f, err)
			assert.Empty(f, left)
		}
	})
}

// A store that fails for a while loses nothing; Record goes on meanwhile.
func TestStoreFails(t *testing.T) {
	modes(t, func(f fixture, cfg history.Config) {
		var heard trouble
		cfg.OnError, cfg.Batch, cfg.FlushEvery = heard.add, 3, time.Millisecond
		l := f.open(cfg)
		before := record(f, l, "p", 10)
		mend := f.breakTable()
		ids := record(f, l, "p", 100)
		assert.Eventually(f, func() bool { return heard.count("hedgerow_history") > 0 }, patience, poll)
		require.Error(f, l.Flush(f.Context()))
		mend()
		require.NoError(f, l.Flush(f.Context()))
		assert.Equal(f, sorted(before, ids), f.stored())
		assert.Zero(f, l.Lost())
	})
}

// When the buffer is full and the store fails, Record waits for room; a caller
// that gives up loses its entry, and that is told.
func TestFullBuffer(t *testing.T) {
	databases(t, func(f fixture) {
		var heard trouble
		l := f.open(history.Config{Buffer: 5, FlushEvery: time.Millisecond, OnError: heard.add})
		mend := f.breakTable()
		ids := record(f, l, "p", 5)
		ended, cancel := context.WithCancel(f.Context())
		cancel()
		require.ErrorIs(f, l.Record(ended, entry("p", noon)), context.Canceled)
		assert.Equal(f, int64(1), l.Lost())
		assert.Equal(f, 1, heard.count("an entry is lost"))

		waits := entry("p", noon)
		done := make(chan error)
		go func() { done <- l.Record(f.Context(), waits) }()
		assert.Eventually(f, func() bool { return heard.count("hedgerow_history") > 1 }, patience, poll)
		select {
		case <-done:
			f.Error("there was no room")
		default:
		}
		mend()
		require.NoError(f, <-done)
		require.NoError(f, l.Flush(f.Context()))
		assert.Equal(f, sorted(ids, []string{waits.ID}), f.stored())
	})
}

// Close waits for those who wait for room, and keeps their entries.
func TestCloseLetsWaitingCallersIn(t *testing.T) {
	databases(t, func(f fixture) {
		var heard trouble
		l := f.open(history.Config{Buffer: 1, FlushEvery: time.Millisecond, OnError: heard.add})
		mend := f.breakTable()
		ids := record(f, l, "p", 1)
		var kept []string
		var wg sync.WaitGroup
		started := make(chan struct{}, 5)
		for range 5 {
			e := entry("p", noon)
			kept = append(kept, e.ID)
			wg.Go(func() {
				started <- struct{}{}
				if err := l.Record(f.Context(), e); err != nil {
					assert.ErrorIs(f, err, history.ErrClosed)
				}
			})
		}
		for range 5 {
			<-started
		}
		ended, cancel := context.WithCancel(f.Context())
		cancel()
		err := l.Close(ended)
		require.Error(f, err)
		assert.Contains(f, err.Error(), "in memory only")
		wg.Wait()
		mend()
		require.NoError(f, l.Close(f.Context()), "Close may be called again")
		stored := f.stored()
		assert.Subset(f, sorted(ids, kept), stored)
		assert.Len(f, stored, 6-int(l.Lost()))
		assert.Contains(f, stored, ids[0])
	})
}

// Entries that a Close left in the spool are written by the next log.
func TestCloseLeavesTheSpool(t *testing.T) {
	databases(t, func(f fixture) {
		dir := f.TempDir()
		var heard trouble
		l := f.open(history.Config{Spool: dir, FlushEvery: never, OnError: heard.add})
		mend := f.breakTable()
		ids := record(f, l, "p", 10)
		require.Error(f, l.Close(f.Context()))
		mend()
		next := f.open(history.Config{Spool: dir, FlushEvery: never})
		require.NoError(f, next.Flush(f.Context()))
		assert.Equal(f, sorted(ids), f.stored())
	})
}

func TestFilter(t *testing.T) {
	databases(t, func(f fixture) {
		l := f.open(history.Config{FlushEvery: never})
		var all []history.Entry
		statuses := []history.Status{history.OK, history.OK, history.Refused, history.Failed}
		for i := range 60 {
			e := entry("p", noon.Add(time.Duration(i/3)*time.Second)) // three at a time
			e.Status, e.Key = statuses[i%4], []string{"", "k1", "k2"}[i%3]
			all = append(all, e)
			require.NoError(f, l.Record(f.Context(), e))
			require.NoError(f, l.Record(f.Context(), entry("other", e.Time)))
		}
		require.NoError(f, l.Flush(f.Context()))
		slices.SortFunc(all, func(a, b history.Entry) int { // the newest first
			if c := b.Time.Compare(a.Time); c != 0 {
				return c
			}
			return strings.Compare(b.ID, a.ID)
		})
		for name, c := range map[string]struct {
			filter history.Filter
			want   func(history.Entry) bool
		}{
			"all":     {history.Filter{}, func(history.Entry) bool { return true }},
			"from":    {history.Filter{From: noon.Add(5 * time.Second)}, func(e history.Entry) bool { return !e.Time.Before(noon.Add(5 * time.Second)) }},
			"from ns": {history.Filter{From: noon.Add(5*time.Second + 1)}, func(e history.Entry) bool { return e.Time.After(noon.Add(5 * time.Second)) }},
			"to":      {history.Filter{To: noon.Add(5 * time.Second)}, func(e history.Entry) bool { return e.Time.Before(noon.Add(5 * time.Second)) }},
			"to ns":   {history.Filter{To: noon.Add(5*time.Second + 1)}, func(e history.Entry) bool { return !e.Time.After(noon.Add(5 * time.Second)) }},
			"between": {history.Filter{From: noon.Add(3 * time.Second), To: noon.Add(4 * time.Second)}, func(e history.Entry) bool { return e.Time.Equal(noon.Add(3 * time.Second)) }},
			"ok":      {history.Filter{Status: history.OK}, func(e history.Entry) bool { return e.Status == history.OK }},
			"refused": {history.Filter{Status: history.Refused}, func(e history.Entry) bool { return e.Status == history.Refused }},
			"failed":  {history.Filter{Status: history.Failed}, func(e history.Entry) bool { return e.Status == history.Failed }},
			"key":     {history.Filter{Key: "k1"}, func(e history.Entry) bool { return e.Key == "k1" }},
			"both":    {history.Filter{Key: "k1", Status: history.Failed}, func(e history.Entry) bool { return e.Key == "k1" && e.Status == history.Failed }},
			"none":    {history.Filter{Key: "k3"}, func(history.Entry) bool { return false }},
		} {
			var want []history.Entry
			for _, e := range all {
				if c.want(e) {
					want = append(want, e)
				}
			}
			for _, limit := range []int{0, 1, 2, 7, len(want), 2000} {
				var got []history.Entry
				filter := c.filter
				filter.Limit = limit
				for {
					p, err := l.Query(f.Context(), "p", filter)
					require.NoError(f, err)
					got = append(got, p.Entries...)
					if filter.Before = p.Next; p.Next == "" {
						break
					}
					require.Len(f, p.Entries, limit)
				}
				require.Equal(f, want, got, "%s by %d", name, limit)
			}
		}
		for _, bad := range []history.Filter{
			{Limit: -1}, {Status: "fine"}, {Before: "x"}, {Before: "1."}, {Before: ".x"}, {Before: "1.x\xff"}, {Before: "1.x\x00"}, {Before: "1e3.x"}, {Before: "99999999999999999999.x"},
		} {
			_, err := l.Query(f.Context(), "p", bad)
			assert.ErrorIs(f, err, history.ErrInvalid, "%v", bad)
		}
		p, err := l.Query(f.Context(), "nobody", history.Filter{Before: "1.x' OR 1=1 --"})
		require.NoError(f, err)
		assert.Empty(f, p.Entries)
	})
}

// Every filter is served by an index, also the search for the next page.
func TestIndexesServe(t *testing.T) {
	databases(t, func(f fixture) {
		explain := "EXPLAIN "
		if strings.HasSuffix(f.Name(), "sqlite") {
			explain = "EXPLAIN QUERY PLAN "
		} else {
			f.sql.SetMaxOpenConns(1)
			_, err := f.sql.Exec(`SET enable_seqscan = off`)
			require.NoError(f, err)
			_, err = f.sql.Exec(`SET enable_sort = off`)
			require.NoError(f, err)
			_, err = f.sql.Exec(`SET enable_bitmapscan = off`)
			require.NoError(f, err)
		}
		for where, index := range map[string]string{
			`project = 'p' AND at >= 1 AND (at, id) < (2, 'x') ORDER BY at DESC, id DESC LIMIT 5`:                       "hedgerow_history_project",
			`project = 'p' AND status = 'failed' AND status <> 'ok' ORDER BY at DESC, id DESC LIMIT 5`:                  "hedgerow_history_status",
			`project = 'p' AND key_id = 'k' AND key_id <> '' AND (at, id) < (2, 'x') ORDER BY at DESC, id DESC LIMIT 5`: "hedgerow_history_key",
			`at < 5 ORDER BY at LIMIT 5`: "hedgerow_history_at",
		} {
			rows, err := f.sql.Query(explain + `SELECT * FROM hedgerow_history WHERE ` + where)
			require.NoError(f, err)
			var plan []string
			columns, err := rows.Columns()
			require.NoError(f, err)
			for rows.Next() {
				line := make([]any, len(columns))
				for i := range line {
					line[i] = new(any)
				}
				require.NoError(f, rows.Scan(line...))
				plan = append(plan, fmt.Sprint(*line[len(line)-1].(*any)))
			}
			require.NoError(f, rows.Err())
			text := strings.Join(plan, "\n")
			assert.Contains(f, text, index, where)
			assert.NotContains(f, text, "TEMP B-TREE", where)
			assert.NotContains(f, text, "Sort", where)
		}
	})
}

func TestRetention(t *testing.T) {
	databases(t, func(f fixture) {
		now := time.Now()
		fill := f.open(history.Config{FlushEvery: never})
		for i := range 1201 { // more than two batches are too old
			require.NoError(f, fill.Record(f.Context(), entry("old", now.Add(-2*time.Hour-time.Duration(i)*time.Second))))
		}
		var newest []string
		for i := range 30 {
			e := entry("busy", now.Add(-time.Duration(i/2)*time.Second))
			require.NoError(f, fill.Record(f.Context(), e))
		}
		for range 5 {
			require.NoError(f, fill.Record(f.Context(), entry("idle", now)))
		}
		require.NoError(f, fill.Flush(f.Context()))
		p, err := fill.Query(f.Context(), "busy", history.Filter{Limit: 7})
		require.NoError(f, err)
		for _, e := range p.Entries {
			newest = append(newest, e.ID)
		}
		require.NoError(f, fill.Trim(f.Context()))
		assert.Len(f, f.stored(), 1236, "all is kept unless the host says otherwise")

		age := f.open(history.Config{KeepFor: time.Hour, FlushEvery: never})
		require.NoError(f, age.Trim(f.Context()))
		assert.Len(f, f.stored(), 35)

		count := f.open(history.Config{KeepCount: 7, FlushEvery: never})
		require.NoError(f, count.Trim(f.Context()))
		assert.Len(f, f.stored(), 12)
		p, err = count.Query(f.Context(), "busy", history.Filter{})
		require.NoError(f, err)
		var left []string
		for _, e := range p.Entries {
			left = append(left, e.ID)
		}
		assert.Equal(f, newest, left)

		require.NoError(f, count.Remove(f.Context(), "busy"))
		assert.Len(f, f.stored(), 5)
	})
}

// Retention applies by itself to what is there when a log opens.
func TestRetentionInTheBackground(t *testing.T) {
	databases(t, func(f fixture) {
		fill := f.open(history.Config{FlushEvery: never})
		record(f, fill, "p", 20)
		require.NoError(f, fill.Close(f.Context()))
		f.open(history.Config{KeepCount: 3, FlushEvery: never})
		assert.Eventually(f, func() bool { return len(f.stored()) == 3 }, patience, poll)
	})
}

// Several instances write, read and trim one store at once.
func TestSeveralInstances(t *testing.T) {
	modes(t, func(f fixture, cfg history.Config) {
		cfg.Batch, cfg.FlushEvery, cfg.KeepCount = 10, time.Millisecond, 50
		logs := []*history.Log{f.open(cfg), f.open(cfg), f.open(cfg)}
		var wg sync.WaitGroup
		for i, l := range logs {
			for w := range 3 {
				wg.Go(func() {
					for range 100 {
						assert.NoError(f, l.Record(f.Context(), entry(fmt.Sprint("p", w), noon.Add(rand.N(time.Hour)))))
					}
					assert.NoError(f, l.Trim(f.Context()))
					_, err := logs[(i+1)%3].Query(f.Context(), "p0", history.Filter{})
					assert.NoError(f, err)
				})
			}
		}
		wg.Wait()
		for _, l := range logs {
			require.NoError(f, l.Close(f.Context()))
		}
		require.NoError(f, logs[0].Trim(f.Context()))
		assert.Len(f, f.stored(), 150)
	})
}

func TestOpenRefuses(t *testing.T) {
	_, err := history.Open(nil, history.Config{})
	assert.Error(t, err)
	databases(t, func(f fixture) {
		file := filepath.Join(f.TempDir(), "file")
		require.NoError(f, os.WriteFile(file, nil, 0o600))
		_, err := history.Open(f.db, history.Config{Spool: file})
		assert.Error(f, err)
	})
}

func TestFlushStopsWithItsContext(t *testing.T) {
	databases(t, func(f fixture) {
		l := f.open(history.Config{FlushEvery: never})
		record(f, l, "p", 1)
		ended, cancel := context.WithCancel(f.Context())
		cancel()
		err := l.Flush(ended)
		assert.True(f, errors.Is(err, context.Canceled), "%v", err)
		require.NoError(f, l.Flush(f.Context()))
		assert.Len(f, f.stored(), 1)
	})
}

// benchmarkRecord measures what a query pays. The store takes nothing meanwhile:
// it is slower than this loop, which would measure the store in the end.
func benchmarkRecord(b *testing.B, spool string) {
	raw := testdb.Open(b, testdb.SQLite)
	db, err := store.Open(b.Context(), raw, store.SQLite, history.Migrations())
	require.NoError(b, err)
	_, err = raw.Exec(`DROP TABLE hedgerow_history`)
	require.NoError(b, err)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	e := entry("p", time.Now())
	e.Query, e.Session, e.Decision = strings.Repeat("SELECT a FROM t ", 10), `{"org":"[redacted]"}`, "allowed"
	e.Fingerprint = strings.Repeat("f", 64)
	var l *history.Log
	for i := 0; b.Loop(); i++ {
		if i%50_000 == 0 {
			b.StopTimer()
			if l != nil {
				l.Close(ended)
			}
			l, err = history.Open(db, history.Config{Buffer: 50_000, FlushEvery: never, Spool: spool, OnError: func(error) {}})
			require.NoError(b, err)
			b.StartTimer()
		}
		e.ID = history.NewID()
		if err := l.Record(b.Context(), e); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	l.Close(ended)
}

func BenchmarkRecord(b *testing.B)      { benchmarkRecord(b, "") }
func BenchmarkRecordSpool(b *testing.B) { benchmarkRecord(b, b.TempDir()) }
