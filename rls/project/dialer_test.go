package project_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"modernc.org/sqlite"

	"github.com/hedgerow/hedgerow/rls/project"
)

// closable is SQLite as a driver whose connectors hold a database open, and
// must be closed.
type closable struct{ opened, closed atomic.Int64 }

var closables = sync.OnceValue(func() *closable {
	d := &closable{}
	sql.Register("closable-sqlite", d)
	return d
})

func (d *closable) Open(dsn string) (driver.Conn, error) { return (&sqlite.Driver{}).Open(dsn) }

func (d *closable) OpenConnector(dsn string) (driver.Connector, error) {
	d.opened.Add(1)
	return &closableConnector{d, dsn}, nil
}

type closableConnector struct {
	d   *closable
	dsn string
}

func (c *closableConnector) Connect(context.Context) (driver.Conn, error) { return c.d.Open(c.dsn) }
func (c *closableConnector) Driver() driver.Driver                        { return c.d }

func (c *closableConnector) Close() error {
	c.d.closed.Add(1)
	return nil
}

// A driver's connector serves all connections of a pool, and is closed with it.
func TestConnectorsAreSharedAndClosed(t *testing.T) {
	d := closables()
	s, _, _ := sqliteStore(t)
	r := open(t, s)
	dsn := notes(t, "one", "two")
	connection := project.Connection{Driver: "closable-sqlite", Dialect: "SQLite", DSN: dsn}
	require.NoError(t, r.TestConnection(t.Context(), connection))
	each := d.opened.Load() // sql.Open makes one too, to find the driver
	assert.LessOrEqual(t, each, int64(2))
	assert.Equal(t, each, d.closed.Load())

	p, err := r.Create(t.Context(), project.Spec{
		Name: "closable", Model: project.File{Name: "model.yaml", Text: []byte(notesModel)},
		Policies: project.File{Name: "policy.yaml", Text: []byte(everyonesPolicies)}, Connection: connection,
	})
	require.NoError(t, err)
	who, err := p.Session(map[string]any{"user": "ann"})
	require.NoError(t, err)
	var open []*project.Rows
	for range 4 { // so many connections at a time
		rows, err := p.Query(t.Context(), who, "SELECT body FROM notes")
		require.NoError(t, err)
		open = append(open, rows)
	}
	assert.Equal(t, 2*each, d.opened.Load())
	for _, rows := range open {
		require.NoError(t, rows.Close())
	}
	require.NoError(t, r.Delete(t.Context(), p.ID(), p.Version()))
	require.NoError(t, r.Close(t.Context()))
	assert.Equal(t, d.opened.Load(), d.closed.Load())
}
