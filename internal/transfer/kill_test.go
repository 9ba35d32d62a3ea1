package transfer_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/internal/transfer"
)

var driverOf = map[testdb.Kind]string{testdb.SQLite: "sqlite", testdb.PostgreSQL: "pgx", testdb.MariaDB: "mysql"}

// reachable is a new database and the DSN by which another process opens it.
func reachable(t testing.TB, k testdb.Kind) (*sql.DB, string) {
	t.Helper()
	if k == testdb.SQLite {
		dsn := "file:" + filepath.Join(t.TempDir(), "db") + "?_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)"
		db, err := sql.Open("sqlite", dsn)
		require.NoError(t, err)
		t.Cleanup(func() { db.Close() })
		return db, dsn
	}
	db := testdb.Open(t, k)
	var place, name string
	if k == testdb.PostgreSQL {
		require.NoError(t, db.QueryRow("SELECT current_setting('unix_socket_directories'), current_database()").Scan(&place, &name))
		return db, fmt.Sprintf("host='%s' user=hedgerow database=%s sslmode=disable", place, name)
	}
	require.NoError(t, db.QueryRow("SELECT @@socket, DATABASE()").Scan(&place, &name))
	return db, "root@unix(" + place + ")/" + name + "?parseTime=true&time_zone=%27%2B00:00%27&collation=utf8mb4_general_ci"
}

// childVariable makes the test binary the child that is killed: kind, event and
// the DSNs of source and target, on a line each.
const childVariable = "HEDGEROW_TRANSFER_CHILD"

// TestKilled kills a run at every call of Progress, and before and after every
// commit; each time another run, killed one event later, and then a third come
// to exactly one copy.
func TestKilled(t *testing.T) {
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		db, from := reachable(t, k)
		w := openWorld(t, k, db)
		w.fill(t)
		dst := transfer.Target{Model: parse(t, ownModel()), Dialect: dialectOf[k]}
		var to string
		dst.DB, to = reachable(t, k)
		rows, finished := rowsOfAcme, false
		for event := 1; !finished; event += 2 {
			finished = !killedAt(t, k, event, from, to)
			if event%4 == 1 { // what was copied is out of date
				w.insert(t, rows, "acme")
				rows++
			}
			killedAt(t, k, event+1, from, to)

			report, err := transfer.Run(context.Background(), w.source(), dst, killOptions())
			require.NoError(t, err, "event %d: %v", event, causes(err))
			require.Len(t, report.Datasets, 2)
			require.Equal(t, wanted(rows), held(t, dst, k), "event %d", event)
			require.Equal(t, 2, count(t, dst.DB, "accounts"), "event %d", event)
			for _, table := range []string{"events", "accounts", "hedgerow_promotion"} {
				execute(t, dst.DB, "DROP TABLE "+table)
			}
			if finished {
				assert.Greater(t, event, 20, "there are more events")
			}
		}
	})
}

func killOptions() transfer.Options { return transfer.Options{ID: "p1", Batch: 10, Create: true} }

// killedAt runs a child and tells whether it was killed.
func killedAt(t *testing.T, k testdb.Kind, event int, from, to string) bool {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestChild$", "-test.v")
	child.Env = append(os.Environ(), childVariable+"="+strings.Join([]string{string(k), strconv.Itoa(event), from, to}, "\n"))
	out, err := child.CombinedOutput()
	if err == nil {
		require.Contains(t, string(out), "the child has finished")
		return false
	}
	require.Contains(t, err.Error(), "killed", "%s", out)
	return true
}

// TestChild is the child of TestKilled.
func TestChild(t *testing.T) {
	task := strings.Split(os.Getenv(childVariable), "\n")
	if len(task) != 4 {
		t.Skip("runs as a child only")
	}
	k := testdb.Kind(task[0])
	last, err := strconv.Atoi(task[1])
	require.NoError(t, err)
	events := 0
	event := func() {
		if events++; events == last {
			self, _ := os.FindProcess(os.Getpid())
			self.Kill()
			select {}
		}
	}
	source, err := sql.Open(driverOf[k], task[2])
	require.NoError(t, err)
	w := openWorld(t, k, source)
	opts := killOptions()
	opts.Progress = func(transfer.Progress) { event() }
	_, err = transfer.Run(context.Background(), w.source(), transfer.Target{
		DB: hooked(t, connector(t, driverOf[k], task[3]), hooks{commit: event, settled: event}), Model: parse(t, ownModel()), Dialect: dialectOf[k],
	}, opts)
	require.NoError(t, err, "%v", causes(err))
	fmt.Println("the child has finished")
}
