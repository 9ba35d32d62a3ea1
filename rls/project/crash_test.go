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
	r, err := project.Open(ctx, s, project.Config{Keys: []project.Key{key("one")}})
	fail(err)
	if os.Getenv(crashRollout) != "" {
		fail(rollOut(r))
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
