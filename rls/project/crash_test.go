package project_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/rls/project"
)

// A test starts its own binary as a host that is killed: these name the store.
const (
	crashStore  = "HEDGEROW_TEST_CRASH_STORE"
	crashDriver = "HEDGEROW_TEST_CRASH_DRIVER"
	// crashRollout has the host roll out, instead of creating projects.
	crashRollout = "HEDGEROW_TEST_CRASH_ROLLOUT"
	// crashSpool has the host ask a project, and names the directory where its
	// history waits.
	crashSpool = "HEDGEROW_TEST_CRASH_SPOOL"
	// crashCall has the host do without end what calls names.
	crashCall = "HEDGEROW_TEST_CRASH_CALL"
)

// crash creates, changes and deletes projects until it is killed, and prints
// what it has done.
func crash(driver, dsn string) {
	fail := func(err error) {
		if err != nil {
			fmt.Println("failed", err)
			os.Exit(1)
		}
	}
	ctx := context.Background()
	db, err := sql.Open(driver, dsn)
	fail(err)
	s := project.SQLiteStore(db)
	if driver == "pgx" {
		s = project.PostgreSQLStore(db)
	}
	cfg := project.Config{Keys: []project.Key{key("one")}}
	cfg.History.Spool, cfg.History.Batch, cfg.History.FlushEvery = os.Getenv(crashSpool), 3, time.Millisecond
	r, err := project.Open(ctx, s, cfg)
	fail(err)
	if cfg.History.Spool != "" {
		fail(askForEver(ctx, r))
	}
	if os.Getenv(crashRollout) != "" {
		fail(rollOut(r))
	}
	if call := os.Getenv(crashCall); call != "" {
		fail(calls()[call](ctx, r, s))
	}
	for i := 0; ; i++ {
		sp := spec(fmt.Sprintf("%d of %d", i, os.Getpid()), "x.db")
		sp.Policies.Text = fmt.Appendf(nil, "%s# %d\n", notesPolicies, i%3)
		p, err := r.Create(ctx, sp)
		fail(err)
		fmt.Println("created", p.ID(), 1)
		_, err = r.Update(ctx, p.ID(), 1, policies(fmt.Sprintf("%s# %d\n", everyonesPolicies, i%2)))
		fail(err)
		fmt.Println("updated", p.ID(), 2)
		if i%3 == 0 {
			fail(r.Delete(ctx, p.ID(), 2))
			fmt.Println("deleted", p.ID(), 3)
		}
	}
}

// storeDSN gives a driver and a DSN by which another process reaches a store.
func storeDSN(t *testing.T, db *sql.DB) (driver, dsn string) {
	t.Helper()
	var file string
	if err := db.QueryRow(`SELECT file FROM pragma_database_list WHERE name = 'main'`).Scan(&file); err == nil {
		return "sqlite", file
	}
	var host, user, name, port string
	require.NoError(t, db.QueryRow(`SELECT current_setting('unix_socket_directories'), current_user, current_database(), current_setting('port')`).
		Scan(&host, &user, &name, &port))
	return "pgx", fmt.Sprintf("host=%s user=%s dbname=%s port=%s", host, user, name, port)
}

// killed runs a child and kills it when it has printed some lines. It gives
// the lines that the child printed in all.
func killed(t *testing.T, db *sql.DB, after int, env ...string) []string {
	t.Helper()
	driver, dsn := storeDSN(t, db)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), crashDriver+"="+driver, crashStore+"="+dsn), env...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	var lines []string
	for in := bufio.NewReader(out); ; {
		line, err := in.ReadString('\n')
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		require.NotContains(t, line, "failed")
		lines = append(lines, strings.TrimSpace(line))
		if len(lines) == after {
			time.Sleep(time.Duration(rand.IntN(8000)) * time.Microsecond) // anywhere in what it does next
			require.NoError(t, cmd.Process.Kill())
		}
	}
	_ = cmd.Wait() // it was killed
	return lines
}

// A host that is killed at any moment leaves each project as it was before or
// after a change, and nothing else.
func TestCrash(t *testing.T) {
	stores(t, func(t *testing.T, db *sql.DB, s project.Store) {
		open(t, s)
		want := map[string]string{}
		for range 8 {
			for _, line := range killed(t, db, 1+rand.IntN(12)) {
				word := strings.Fields(line)
				want[word[1]] = word[2]
			}
		}
		rows, err := db.Query(`SELECT id, version, deleted, model_hash, policies_hash FROM hedgerow_projects`)
		require.NoError(t, err)
		got := map[string]string{}
		texts := map[string]bool{}
		for rows.Next() {
			var id, version, model, policies string
			var deleted int64
			require.NoError(t, rows.Scan(&id, &version, &deleted, &model, &policies))
			assert.Equal(t, deleted != 0, version == "3")
			got[id] = version
			if deleted == 0 {
				texts[model], texts[policies] = true, true
			}
		}
		require.NoError(t, rows.Err())
		more := 0
		for id, version := range got {
			if want[id] != version {
				more++ // committed, but killed before it could say so
				assert.Less(t, want[id], version)
			}
			delete(want, id)
		}
		assert.Empty(t, want, "nothing is lost")
		assert.LessOrEqual(t, more, 8, "one change each child")

		stored := 0
		rows, err = db.Query(`SELECT hash FROM hedgerow_texts`)
		require.NoError(t, err)
		for rows.Next() {
			var hash string
			require.NoError(t, rows.Scan(&hash))
			assert.True(t, texts[hash], "nothing refers to a text")
			stored++
		}
		require.NoError(t, rows.Err())
		assert.Len(t, texts, stored, "a text is missing")
		r := open(t, s)
		page, err := r.List(t.Context(), project.ListOptions{Limit: 1000})
		require.NoError(t, err)
		for _, p := range page.Projects {
			_, err := r.Get(t.Context(), p.ID)
			assert.NoError(t, err)
		}
		t.Logf("%d projects, %d alive; %d changes that their child could not tell of", len(got), len(page.Projects), more)
	})
}

// askForEver queries the one project there is, and prints each query.
func askForEver(ctx context.Context, r *project.Registry) error {
	page, err := r.List(ctx, project.ListOptions{})
	if err != nil {
		return err
	}
	p, err := r.Get(ctx, page.Projects[0].ID)
	if err != nil {
		return err
	}
	who, err := p.Session(map[string]any{"user": "ann"})
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		query := fmt.Sprintf("SELECT body FROM notes WHERE id <> %d%d", os.Getpid(), i)
		rows, err := p.Query(ctx, who, query)
		if err != nil {
			return err
		}
		if err := rows.Close(); err != nil {
			return err
		}
		fmt.Println(query)
	}
}

// A host that is killed loses no query of the history that it spools, and no
// query is there twice.
func TestHistoryCrash(t *testing.T) {
	stores(t, func(t *testing.T, db *sql.DB, s project.Store) {
		spool := t.TempDir()
		r := open(t, s, func(c *project.Config) { c.History.Spool = spool })
		p := create(t, r, spec("acme", notes(t, "a1")))
		var told []string
		const kills = 6
		for range kills {
			told = append(told, killed(t, db, 1+rand.IntN(30), crashSpool+"="+spool)...)
		}
		after := open(t, s, func(c *project.Config) { c.History.Spool = spool })
		var kept []string
		require.Eventually(t, func() bool {
			require.NoError(t, after.FlushHistory(t.Context()))
			kept = kept[:0]
			page, err := after.History(t.Context(), p.ID(), project.Filter{Limit: 1000})
			require.NoError(t, err)
			for _, e := range page.Entries {
				kept = append(kept, e.Query)
			}
			return len(kept) >= len(told)
		}, 30*time.Second, 10*time.Millisecond)
		assert.Subset(t, kept, told)
		assert.LessOrEqual(t, len(kept), len(told)+kills, "each host was killed before it told of one query at most")
		slices.Sort(kept)
		assert.Len(t, slices.Compact(kept), len(kept), "a query is there twice")
	})
}
