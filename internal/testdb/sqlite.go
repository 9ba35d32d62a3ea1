package testdb

import (
	"context"
	"crypto/rand"
	"database/sql/driver"
	"testing"

	"modernc.org/sqlite"
)

// memory gives a SQLite database that lives in memory while the test runs. All
// its connections see the same data.
func memory(t testing.TB) driver.Connector {
	t.Helper()
	c := sqliteConnector{dsn: "file:/" + rand.Text() + "?vfs=memdb&_pragma=busy_timeout(10000)", driver: &sqlite.Driver{}}
	keep, err := c.Connect(context.Background()) // the data goes with the last connection
	if err != nil {
		t.Fatalf("testdb: %v", err)
	}
	t.Cleanup(func() { keep.Close() })
	return c
}

// sqliteConnector opens connections to one name.
type sqliteConnector struct {
	dsn    string
	driver driver.Driver
}

func (c sqliteConnector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }
func (c sqliteConnector) Driver() driver.Driver                        { return c.driver }
