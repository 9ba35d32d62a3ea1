package rls

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// serverConn is a connection to a server whose settings are values.
type serverConn struct {
	driver.Conn // nil: nothing else is asked
	values      []driver.Value
	rows        int
	fail        error
	asked       int
	closed      bool
}

func (c *serverConn) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	c.asked++
	if c.fail != nil {
		return nil, c.fail
	}
	return &serverRows{values: c.values, left: c.rows}, nil
}

func (c *serverConn) Close() error { c.closed = true; return nil }

type serverRows struct {
	values []driver.Value
	left   int
}

func (r *serverRows) Columns() []string { return make([]string, len(r.values)) }
func (r *serverRows) Close() error      { return nil }
func (r *serverRows) Next(dest []driver.Value) error {
	if r.left == 0 {
		return io.EOF
	}
	r.left--
	copy(dest, r.values)
	return nil
}

// onDuckDB is a gate whose connections are checked as those of DuckDB.
type onDuckDB struct{ fakeGate }

func (onDuckDB) server() Dialect { return DuckDB }

// rightDuckDB are settings of DuckDB, as drivers may give them.
func rightDuckDB() []driver.Value {
	return []driver.Value{"v1.4.1", []byte(""), "ASC", "false", "true", []byte("false"), "true", nil, nil}
}

// TestServerCheck: a connection that can't be checked isn't used, and is closed.
func TestServerCheck(t *testing.T) {
	require.Len(t, rightDuckDB(), len(duckDBServer))
	wrong := rightDuckDB()
	wrong[1] = []byte("nocase")
	for name, c := range map[string]struct {
		conn *serverConn
		want string
	}{
		"right":       {&serverConn{values: rightDuckDB(), rows: 1}, ""},
		"wrong":       {&serverConn{values: wrong, rows: 1}, `default_collation = "nocase"`},
		"no row":      {&serverConn{values: rightDuckDB()}, "one row"},
		"two rows":    {&serverConn{values: rightDuckDB(), rows: 2}, "one row"},
		"a column":    {&serverConn{values: rightDuckDB()[:1], rows: 1}, "one row"},
		"unreachable": {&serverConn{fail: errors.New("no such setting")}, "can't be read: no such setting"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := (&connector{inner: &fakeConnector{open: func() driver.Conn { return c.conn }}, gate: onDuckDB{}}).Connect(t.Context())
			assert.Equal(t, 1, c.conn.asked)
			if c.want == "" {
				require.NoError(t, err)
				require.NoError(t, got.(*conn).check(t.Context(), DuckDB))
				assert.Equal(t, 1, c.conn.asked, "a connection is checked once")
				return
			}
			require.ErrorContains(t, err, c.want)
			assert.Nil(t, got)
			assert.True(t, c.conn.closed)
		})
	}
}

// TestServerCheckOfEveryDriver: drivers have newer and older ways to ask.
func TestServerCheckOfEveryDriver(t *testing.T) {
	for name, open := range variants {
		fake := &fakeDB{width: len(duckDBServer)}
		err := duckDBServer.check(t.Context(), open(fake), DuckDB)
		require.Error(t, err, name) // it has no settings
		assert.NotContains(t, err.Error(), "skip", name)
		assert.Zero(t, fake.openStatements(), name)
		assert.Equal(t, 1, fake.rowsClosed, name)
	}
}

// TestSpentAfterCheck: a connection of the wrong settings is not kept.
func TestSpentAfterCheck(t *testing.T) {
	wrong := rightDuckDB()
	wrong[1] = "nocase"
	c := &conn{inner: &serverConn{values: wrong, rows: 1}, gate: fakeGate{}}
	require.Error(t, c.check(t.Context(), DuckDB))
	assert.False(t, c.IsValid())
}

func TestVersions(t *testing.T) {
	for v, want := range map[string]bool{
		"8.0.31": true, "8.0.31-log": true, "8.0.30": false, "8.4.0": true, "9.0": true, "8.1": true, "8.0": false, "5.7.44-log": false, "": false, "x": false, "10.0.0": true,
	} {
		assert.Equal(t, want, atLeast("8.0.31")(v), v)
	}
	for path, want := range map[string]bool{
		"{pg_catalog,public}": true, "{pg_temp_3,pg_catalog,public}": true, "{public,pg_catalog}": false, "{}": false, "{pg_temp_3}": false, `{"pg_temp_3,pg_catalog"}`: false,
	} {
		assert.Equal(t, want, catalogFirst(path), path)
	}
	assert.True(t, onlyOf("A B")(""))
	assert.True(t, onlyOf("A B")("B,A"))
	assert.False(t, onlyOf("A B")("A,C"))
}
