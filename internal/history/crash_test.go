package history_test

import (
	"bufio"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/history"
	"github.com/hedgerow/hedgerow/internal/store"
)

// The environment of a child of TestKilled.
const (
	childDriver = "HEDGEROW_HISTORY_DRIVER"
	childDSN    = "HEDGEROW_HISTORY_DSN"
	childSpool  = "HEDGEROW_HISTORY_SPOOL"
)

// TestKilled: processes that record into one spool directory, two at a time, are
// killed again and again at random moments, while they write, flush, and recover
// what the ones before left. In the end every entry whose Record returned is in
// the store, once, and nothing that nobody recorded.
func TestKilled(t *testing.T) {
	databases(t, func(f fixture) {
		rounds, dir := 15, f.TempDir()
		if testing.Short() {
			rounds = 3
		}
		seen := map[string]string{} // how far each entry came
		left := 0                   // rounds that left something
		for range rounds {
			var wg sync.WaitGroup
			var mu sync.Mutex
			for range 2 {
				wg.Go(func() {
					lines := f.runAndKill(dir, 1+rand.IntN(400))
					mu.Lock()
					defer mu.Unlock()
					for _, line := range lines {
						seen[line[1:]] = line[:1]
					}
				})
			}
			wg.Wait()
			segments, err := filepath.Glob(filepath.Join(dir, "*.spool"))
			require.NoError(f, err)
			if len(segments) > 0 {
				left++
			}
		}
		had := len(f.stored())

		var heard trouble
		l := f.open(history.Config{Spool: dir, FlushEvery: never, OnError: heard.add})
		require.NoError(f, l.Close(f.Context()))
		stored := map[string]bool{}
		for _, id := range f.stored() { // unique by the primary key
			stored[id] = true
			assert.Contains(f, seen, id)
		}
		returned := 0
		for id, how := range seen {
			if how == "-" {
				returned++
				assert.True(f, stored[id], "entry %s is lost", id)
			}
		}
		files, err := os.ReadDir(dir)
		require.NoError(f, err)
		assert.Empty(f, files)
		assert.Zero(f, l.Lost())
		assert.Len(f, heard.errs, heard.count("cut off"))
		f.Logf("%d of %d entries begun had returned; %d of %d rounds left segments; the children stored %d, the last recovery %d, with %d torn",
			returned, len(seen), left, rounds, had, len(stored)-had, len(heard.errs))
	})
}

// runAndKill kills a child when it has kept so many entries, and gives the lines
// that it printed: + and an id before Record, - and the id after.
func (f fixture) runAndKill(dir string, kept int) (lines []string) {
	child := exec.Command(os.Args[0], "-test.run=^TestChild$")
	driver, dsn := f.address()
	child.Env = append(os.Environ(), childDriver+"="+driver, childDSN+"="+dsn, childSpool+"="+dir)
	out, err := child.StdoutPipe()
	require.NoError(f, err)
	require.NoError(f, child.Start())
	defer child.Process.Kill()
	for in := bufio.NewScanner(out); in.Scan(); {
		if !strings.HasPrefix(in.Text(), "+") && !strings.HasPrefix(in.Text(), "-") {
			f.Errorf("the child says %q", in.Text())
			continue
		}
		lines = append(lines, in.Text())
		if in.Text()[0] == '-' {
			if kept--; kept == 0 {
				assert.NoError(f, child.Process.Kill())
			}
		}
	}
	assert.ErrorContains(f, child.Wait(), "killed")
	return lines
}

// address is how another process opens the fixture's database.
func (f fixture) address() (driver, dsn string) {
	if strings.HasSuffix(f.Name(), "sqlite") {
		var path string
		require.NoError(f, f.sql.QueryRow(`SELECT file FROM pragma_database_list WHERE name = 'main'`).Scan(&path))
		return "sqlite", path
	}
	conn, err := f.sql.Conn(f.Context())
	require.NoError(f, err)
	defer conn.Close()
	require.NoError(f, conn.Raw(func(c any) error {
		cfg := c.(*stdlib.Conn).Conn().Config()
		dsn = fmt.Sprintf("host='%s' port=%d user='%s' password='%s' dbname='%s'", cfg.Host, cfg.Port, cfg.User, cfg.Password, cfg.Database)
		return nil
	}))
	return "pgx", dsn
}

// TestChild is the child of TestKilled. It records until it is killed.
func TestChild(t *testing.T) {
	driver := os.Getenv(childDriver)
	if driver == "" {
		t.Skip("runs as a child only")
	}
	db, err := sql.Open(driver, os.Getenv(childDSN))
	require.NoError(t, err)
	flavor := store.PostgreSQL
	if driver == "sqlite" {
		flavor = store.SQLite
	}
	s, err := store.Open(t.Context(), db, flavor, history.Migrations())
	require.NoError(t, err)
	l, err := history.Open(s, history.Config{
		Spool: os.Getenv(childSpool), FlushEvery: time.Millisecond, Batch: 1 + rand.IntN(50),
		OnError: func(err error) {
			if !strings.Contains(err.Error(), "cut off") {
				fmt.Println(err)
			}
		},
	})
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				e := entry("p", noon)
				e.Query = strings.Repeat("q", rand.IntN(10_000)) // more than a page of memory: writes may be torn
				fmt.Println("+" + e.ID)
				if err := l.Record(t.Context(), e); err != nil {
					fmt.Println(err)
					return
				}
				fmt.Println("-" + e.ID)
				if rand.IntN(10) == 0 { // else it would be killed before it has flushed much
					if err := l.Flush(t.Context()); err != nil {
						fmt.Println(err)
					}
				}
			}
		})
	}
	wg.Wait()
}
