package testdb

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// broken is an engine that has no server.
type broken struct{ reason error }

func (b broken) plan(string) (plan, error)                                 { return plan{}, b.reason }
func (b broken) connect(string, string, Options) (driver.Connector, error) { return nil, b.reason }
func (b broken) prepare(*sql.DB, Options) error                            { return b.reason }
func (b broken) create(string, Options) string                             { return "" }
func (b broken) drop(string) string                                        { return "" }

// end is a test that notes how it ended.
type end struct {
	testing.TB
	how string
}

func (e *end) Helper()                        {}
func (e *end) Skipf(format string, a ...any)  { e.how = "skip: " + fmt.Sprintf(format, a...); panic(e) }
func (e *end) Fatalf(format string, a ...any) { e.how = "fail: " + fmt.Sprintf(format, a...); panic(e) }

// ending gives how a test ends that asks a server for a database.
func ending(t *testing.T, s *server) string {
	e := &end{TB: t}
	func() {
		defer func() { require.Same(t, e, recover()) }()
		s.connector(e, Options{})
	}()
	return e.how
}

// TestMissing: what isn't installed skips with one line, or fails where
// databases are required; what is broken always fails. Nothing is left behind.
func TestMissing(t *testing.T) {
	missing := fmt.Errorf("Some DB is %w: its programs are nowhere", errMissing)
	for _, c := range []struct {
		reason         error
		required, want string
	}{
		{missing, "", "skip: testdb: Some DB is not installed: its programs are nowhere"},
		{missing, "0", "skip: testdb: Some DB is not installed: its programs are nowhere"},
		{missing, "1", "fail: testdb: Some DB is not installed: its programs are nowhere"},
		{errors.New("disk full"), "", "fail: testdb: disk full"},
	} {
		tmp := t.TempDir()
		t.Setenv("TMPDIR", tmp)
		t.Setenv("HEDGEROW_REQUIRE_DATABASES", c.required)
		s := &server{engine: broken{c.reason}, variable: "HEDGEROW_NO_SUCH_DSN"}
		assert.Equal(t, c.want, ending(t, s))
		assert.Equal(t, c.want, ending(t, s), "the second time too")
		left, err := os.ReadDir(tmp)
		require.NoError(t, err)
		assert.Empty(t, left)
	}
}

// failing fills its directory with a command that fails.
type failing struct{ broken }

func (failing) plan(string) (plan, error) {
	return plan{initialise: []string{"/bin/sh", "-c", "echo no locale; exit 3"}, serve: []string{"/bin/true"}, signal: "KILL",
		users: []string{"nobody"}}, nil
}

// TestFailing: an installed server that doesn't start says why.
func TestFailing(t *testing.T) {
	t.Setenv("TMPDIR", shortDir(t))
	how := ending(t, &server{engine: failing{}, variable: "HEDGEROW_NO_SUCH_DSN"})
	assert.True(t, strings.HasPrefix(how, "fail: "), how)
	assert.Contains(t, how, "exit status 3")
	assert.Contains(t, how, "no locale")
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	require.NoError(t, err)
	assert.Empty(t, left)
}

// TestDSN: a server that the environment names is used, and none is started.
func TestDSN(t *testing.T) {
	for k, running := range servers {
		t.Run(string(k), func(t *testing.T) {
			Connector(t, k, Options{}) // skips where there is none
			t.Setenv("HEDGEROW_SOME_DSN", running.dsn)
			s := &server{engine: running.engine, variable: "HEDGEROW_SOME_DSN"}
			t.Cleanup(s.stop)
			db := sql.OpenDB(s.connector(t, Options{}))
			require.NoError(t, db.Ping())
			require.NoError(t, db.Close())
			assert.Nil(t, s.process)
		})
	}
}

// TestUnreachable: a server that is named and isn't there fails the test.
func TestUnreachable(t *testing.T) {
	t.Setenv("HEDGEROW_SOME_DSN", "postgres://nobody@127.0.0.1:1/none?connect_timeout=1")
	how := ending(t, &server{engine: postgresql{}, variable: "HEDGEROW_SOME_DSN"})
	assert.True(t, strings.HasPrefix(how, "fail: testdb: the server can't be reached"), how)
}

// TestNoMain: without Main nothing would stop the servers.
func TestNoMain(t *testing.T) {
	inMain.Store(false)
	defer inMain.Store(true)
	how := ending(t, &server{engine: broken{errMissing}})
	assert.Contains(t, how, "fail: testdb: call testdb.Main from TestMain")
}

// TestSocketPath: the directory of a socket is short whatever TMPDIR is.
func TestSocketPath(t *testing.T) {
	long := filepath.Join(shortDir(t), strings.Repeat("long", 20))
	require.NoError(t, os.Mkdir(long, 0o700))
	t.Setenv("TMPDIR", long)
	dir, err := directory()
	require.NoError(t, err)
	defer os.RemoveAll(dir)
	assert.LessOrEqual(t, len(dir), longestDirectory)
}

// shortDir is a temporary directory that every user can use, like /tmp.
func shortDir(t *testing.T) string {
	dir, err := os.MkdirTemp("/tmp", "testdb-")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	require.NoError(t, os.Chmod(dir, 0o777|os.ModeSticky))
	return dir
}
