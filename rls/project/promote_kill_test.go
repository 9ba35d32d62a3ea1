package project_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/rls/project"
)

// promoteChild makes the test binary the child that is killed: the event, the
// store's driver and DSN, the source's kind and DSN, and the target's id, on a
// line each.
const promoteChild = "HEDGEROW_TEST_PROMOTE_CHILD"

// A promotion that is killed at each call of Progress, and before and after each
// commit of the store, is inactive or complete; another process goes on to exactly
// one copy that was activated once.
func TestPromoteKilled(t *testing.T) {
	stores(t, func(t *testing.T, db *sql.DB, s project.Store) {
		k := testdb.SQLite
		storeDriver, storeAt := storeDSN(t, db)
		if storeDriver == "pgx" {
			k = testdb.PostgreSQL
		}
		all := sharedPlace(t, k)
		from := all.shared(t)
		acme := member(t, from.Enforcer.Schema(), "owner")
		r := open(t, s)
		project.SetPromotionLease(r, 0) // the killed child's is over
		finished, done := false, 0
		event := 1
		for ; !finished; event++ {
			own := newPlace(t, k)
			p := create(t, r, ownSpec(fmt.Sprint("acme", event), own))
			finished = !promotionKilled(t, event, storeDriver, storeAt, string(k), all.dsn, p.ID())
			require.NoError(t, r.Refresh(t.Context()))
			active := p.Active()
			if active {
				done++
			}
			report, err := project.Promote(t.Context(), from, acme, p, promoteOptions())
			require.NoError(t, err, "event %d", event)
			assert.Equal(t, active, report.Already, "event %d", event)
			promoted(t, p, own, from, acme)
		}
		assert.Greater(t, event, 12, "there are more events")
		assert.Greater(t, done, 1, "some children were killed after the activation")
		t.Logf("%d events, %d after the activation", event-2, done-1)
	})
}

// promotionKilled runs a child and tells whether it was killed.
func promotionKilled(t *testing.T, event int, task ...string) bool {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestPromoteChild$", "-test.v")
	child.Env = append(os.Environ(), promoteChild+"="+strings.Join(append([]string{strconv.Itoa(event)}, task...), "\n"))
	out, err := child.CombinedOutput()
	if err == nil {
		require.Contains(t, string(out), "the child has finished")
		return false
	}
	require.Contains(t, err.Error(), "killed", "%s", out)
	return true
}

// TestPromoteChild is the child of TestPromoteKilled.
func TestPromoteChild(t *testing.T) {
	task := strings.Split(os.Getenv(promoteChild), "\n")
	if len(task) != 6 {
		t.Skip("runs as a child only")
	}
	last, err := strconv.Atoi(task[0])
	require.NoError(t, err)
	events, counting := 0, false
	event := func() {
		if !counting {
			return
		}
		if events++; events == last {
			self, _ := os.FindProcess(os.Getpid())
			self.Kill()
			select {}
		}
	}
	probe, err := sql.Open(task[1], task[2])
	require.NoError(t, err)
	db := sql.OpenDB(killing{probe.Driver(), task[2], event})
	s := project.SQLiteStore(db)
	if task[1] == "pgx" {
		s = project.PostgreSQLStore(db)
	}
	r := open(t, s)
	p, err := r.Get(t.Context(), task[5])
	require.NoError(t, err)
	k := testdb.Kind(task[3])
	source, err := sql.Open(driverOf[k], task[4])
	require.NoError(t, err)
	from := place{k, source, task[4]}.shared(t)
	o := promoteOptions()
	o.Progress = func(project.PromoteProgress) { event() }
	counting = true
	_, err = project.Promote(t.Context(), from, member(t, from.Enforcer.Schema(), "owner"), p, o)
	counting = false
	require.NoError(t, err)
	fmt.Println("the child has finished")
}

// killing is a driver's connector with an event before and after each commit.
type killing struct {
	driver driver.Driver
	dsn    string
	event  func()
}

func (k killing) Driver() driver.Driver { return k.driver }

func (k killing) Connect(context.Context) (driver.Conn, error) {
	conn, err := k.driver.Open(k.dsn)
	return killingConn{project.NewRawConn(conn), k.event}, err
}

type killingConn struct {
	project.RawConn
	event func()
}

func (c killingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if query != "COMMIT" {
		return c.RawConn.ExecContext(ctx, query, args)
	}
	c.event()
	res, err := c.RawConn.ExecContext(ctx, query, args)
	c.event()
	return res, err
}
