// Package testdb gives tests throw-away databases.
//
// PostgreSQL and MariaDB are private servers, started from what is installed
// when a test first asks for one: in a temporary directory, on a unix socket
// only, and at most once per test binary. [Main] stops them; if the test
// binary is killed they stop as well. SQLite runs in memory.
//
// A server that isn't installed skips the test, or fails it when
// HEDGEROW_REQUIRE_DATABASES is 1. A server that is installed but doesn't work
// always fails it. HEDGEROW_POSTGRES_DSN and HEDGEROW_MARIADB_DSN name running
// servers to use instead; their user must be allowed to create databases.
package testdb

import (
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// Kind is a database product.
type Kind string

// The kinds of databases.
const (
	SQLite     Kind = "sqlite"
	PostgreSQL Kind = "postgresql"
	MariaDB    Kind = "mariadb"
)

// Kinds lists every kind, whether it is installed or not.
func Kinds() []Kind { return []Kind{SQLite, PostgreSQL, MariaDB} }

// Options are what a database can differ in. SQLite has none of them.
type Options struct {
	// Collation is a collation of MariaDB, or an ICU locale of PostgreSQL 15 or
	// newer. "" is utf8mb4_general_ci on MariaDB and code points on PostgreSQL.
	Collation string
	// TimeZone is the time zone of connections, by its IANA name. "" is UTC.
	TimeZone string
}

// Main runs the tests of a binary and then stops its servers. Every package
// that opens databases calls it:
//
//	func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }
func Main(m *testing.M) int {
	inMain.Store(true)
	defer stopServers()
	return m.Run()
}

// Databases runs a test once for every kind, all at once: most of the time goes
// into waiting for servers.
func Databases(t *testing.T, test func(t *testing.T, k Kind)) {
	t.Helper()
	var running sync.WaitGroup
	for _, k := range Kinds() {
		running.Go(func() {
			t.Run(string(k), func(t *testing.T) { test(t, k) })
		})
	}
	running.Wait()
}

// Open gives a pool of connections to a new, empty database, which is dropped
// when the test ends.
func Open(t testing.TB, k Kind) *sql.DB {
	t.Helper()
	return OpenWith(t, k, Options{})
}

// OpenWith is Open with options.
func OpenWith(t testing.TB, k Kind, o Options) *sql.DB {
	t.Helper()
	db := sql.OpenDB(Connector(t, k, o))
	t.Cleanup(func() { db.Close() })
	return db
}

// Connector gives what opens connections to a new, empty database, which is
// dropped when the test ends.
func Connector(t testing.TB, k Kind, o Options) driver.Connector {
	t.Helper()
	if k == SQLite {
		if o != (Options{}) {
			t.Fatalf("testdb: SQLite has no options")
		}
		return memory(t)
	}
	s, ok := servers[k]
	if !ok {
		t.Fatalf("testdb: unknown kind %q", k)
	}
	return s.connector(t, o)
}

// inMain tells that Main is there to stop what is started.
var inMain atomic.Bool

// servers are the servers of this test binary, each started by its first use.
var servers = map[Kind]*server{
	PostgreSQL: {engine: postgresql{}, variable: "HEDGEROW_POSTGRES_DSN"},
	MariaDB:    {engine: mariadb{}, variable: "HEDGEROW_MARIADB_DSN"},
}

func stopServers() {
	for _, s := range servers {
		s.stop()
	}
}

// errMissing: the programs of a server are not installed.
var errMissing = errors.New("not installed")

// engine is a server product.
type engine interface {
	// plan tells how to serve a directory, or errMissing.
	plan(dir string) (plan, error)
	// connect reaches a database of the server at dsn; "" is the one in dsn.
	connect(dsn, database string, o Options) (driver.Connector, error)
	// prepare makes options available on a server of our own.
	prepare(admin *sql.DB, o Options) error
	// create is the statement that creates a database.
	create(database string, o Options) string
	// drop is the statement that drops a database, in use or not.
	drop(database string) string
}

// server is one server of this test binary, or the running one that the
// environment names.
type server struct {
	engine   engine
	variable string

	once    sync.Once
	err     error
	dsn     string
	admin   *sql.DB
	process *process
}

func (s *server) connector(t testing.TB, o Options) driver.Connector {
	t.Helper()
	if !inMain.Load() {
		t.Fatalf("testdb: call testdb.Main from TestMain, so that servers are stopped")
	}
	s.once.Do(func() { s.err = s.start() })
	giveUp(t, s.err)
	name := "hedgerow_" + strings.ToLower(rand.Text())
	c, err := s.engine.connect(s.dsn, name, o)
	giveUp(t, err)
	if s.process != nil {
		giveUp(t, s.engine.prepare(s.admin, o))
	}
	_, err = s.admin.Exec(s.engine.create(name, o))
	giveUp(t, err)
	t.Cleanup(func() {
		if _, err := s.admin.Exec(s.engine.drop(name)); err != nil {
			t.Errorf("testdb: %v", err)
		}
	})
	return c
}

// giveUp ends a test that can't have its database.
func giveUp(t testing.TB, err error) {
	t.Helper()
	switch {
	case err == nil:
	case errors.Is(err, errMissing) && os.Getenv("HEDGEROW_REQUIRE_DATABASES") != "1":
		t.Skipf("testdb: %v", err)
	default:
		t.Fatalf("testdb: %v", err)
	}
}

func (s *server) start() error {
	if s.dsn = os.Getenv(s.variable); s.dsn == "" {
		p, dsn, err := serve(s.engine)
		if err != nil {
			return err
		}
		s.process, s.dsn = p, dsn
	}
	c, err := s.engine.connect(s.dsn, "", Options{})
	if err != nil {
		return err
	}
	s.admin = sql.OpenDB(c)
	if err := s.ready(); err != nil {
		return fmt.Errorf("the server can't be reached: %w", err)
	}
	return nil
}

// ready waits until the server takes connections. A server that the
// environment names must take them at once.
func (s *server) ready() error {
	if s.process == nil {
		return s.admin.Ping()
	}
	return s.process.await(s.admin.Ping)
}

func (s *server) stop() {
	if s.admin != nil {
		s.admin.Close()
	}
	if s.process != nil {
		s.process.stop()
	}
}
