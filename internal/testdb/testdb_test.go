package testdb_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

// TestOpen: a database takes tables and rows, and is empty and apart from any other.
func TestOpen(t *testing.T) {
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		one, two := testdb.Open(t, k), testdb.Open(t, k)
		for _, db := range []interface {
			Ping() error
		}{one, two} {
			require.NoError(t, db.Ping())
		}
		_, err := one.Exec("CREATE TABLE things(id int)")
		require.NoError(t, err)
		_, err = one.Exec("INSERT INTO things VALUES (1), (2)")
		require.NoError(t, err)
		var n int
		require.NoError(t, one.QueryRow("SELECT COUNT(*) FROM things").Scan(&n))
		require.Equal(t, 2, n)
		require.Error(t, two.QueryRow("SELECT COUNT(*) FROM things").Scan(&n), "another database has the table")
	})
}
