package testdb_test

import (
	"database/sql"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

// TestOpen: a database is empty and apart from any other of its server.
func TestOpen(t *testing.T) {
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		one, two := testdb.Open(t, k), testdb.Open(t, k)
		exec(t, one, "CREATE TABLE things(id int, name varchar(20))", "INSERT INTO things VALUES (1, 'é𐍈'), (2, NULL)")
		assert.Equal(t, "2", value(t, one, "SELECT COUNT(*) FROM things"))
		assert.Equal(t, "é𐍈", value(t, one, "SELECT name FROM things WHERE id = 1"))

		var n int
		require.Error(t, two.QueryRow("SELECT COUNT(*) FROM things").Scan(&n), "another database has the table")
		exec(t, two, "CREATE TABLE things(id int)")
		assert.Equal(t, "0", value(t, two, "SELECT COUNT(*) FROM things"))
	})
}

// TestConnections: all connections of a database see the same data.
func TestConnections(t *testing.T) {
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		c := testdb.Connector(t, k, testdb.Options{})
		one, two := sql.OpenDB(c), sql.OpenDB(c)
		defer one.Close()
		defer two.Close()
		exec(t, one, "CREATE TABLE things(id int)", "INSERT INTO things VALUES (7)")
		rows, err := one.Query("SELECT id FROM things")
		require.NoError(t, err)
		defer rows.Close()
		assert.Equal(t, "7", value(t, one, "SELECT id FROM things"), "while rows are open")
		assert.Equal(t, "7", value(t, two, "SELECT id FROM things"))
	})
}

// TestDropped: the database goes when its test ends, in use or not.
func TestDropped(t *testing.T) {
	for k, list := range map[testdb.Kind]string{
		testdb.PostgreSQL: "SELECT COUNT(*) FROM pg_database WHERE datname = '",
		testdb.MariaDB:    "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = '",
	} {
		t.Run(string(k), func(t *testing.T) {
			witness := testdb.Open(t, k)
			var name string
			t.Run("inner", func(t *testing.T) {
				db := sql.OpenDB(testdb.Connector(t, k, testdb.Options{})) // left open
				name = value(t, db, map[testdb.Kind]string{testdb.PostgreSQL: "SELECT current_database()", testdb.MariaDB: "SELECT DATABASE()"}[k])
				assert.Equal(t, "1", value(t, witness, list+name+"'"))
			})
			require.NotEmpty(t, name)
			assert.Equal(t, "0", value(t, witness, list+name+"'"))
		})
	}
}

func TestCollation(t *testing.T) {
	maria := testdb.OpenWith(t, testdb.MariaDB, testdb.Options{Collation: "utf8mb4_unicode_ci"})
	exec(t, maria, "CREATE TABLE names(name varchar(20))", "INSERT INTO names VALUES ('ÄB')")
	assert.Equal(t, "1", value(t, maria, "SELECT COUNT(*) FROM names WHERE name = 'ab'"))
	assert.Equal(t, "utf8mb4_unicode_ci", value(t, maria, "SELECT COLLATION('x')"))

	sorted := "SELECT STRING_AGG(name, '' ORDER BY name) FROM (VALUES ('b'), ('B'), ('a'), ('A')) AS v(name)"
	assert.Equal(t, "ABab", value(t, testdb.Open(t, testdb.PostgreSQL), sorted))
	assert.Equal(t, "aAbB", value(t, testdb.OpenWith(t, testdb.PostgreSQL, testdb.Options{Collation: "de-DE"}), sorted))
}

func TestTimeZone(t *testing.T) {
	for k, query := range map[testdb.Kind]string{
		testdb.PostgreSQL: "SELECT CAST(TO_TIMESTAMP(1720000000 + OFFSET) AS text)",
		testdb.MariaDB:    "SELECT CAST(FROM_UNIXTIME(1720000000 + OFFSET) AS CHAR)",
	} {
		t.Run(string(k), func(t *testing.T) {
			at := func(db *sql.DB, offset string) string {
				return value(t, db, strings.Replace(query, "OFFSET", offset, 1))[:19]
			}
			utc := testdb.Open(t, k)
			berlin := testdb.OpenWith(t, k, testdb.Options{TimeZone: "Europe/Berlin"})
			assert.Equal(t, "2024-07-03 09:46:40", at(utc, "0"))
			assert.Equal(t, "2024-07-03 11:46:40", at(berlin, "0"), "summer")
			assert.Equal(t, "2024-01-12 10:46:40", at(berlin, "-14947200"), "winter")
			again := testdb.OpenWith(t, k, testdb.Options{TimeZone: "Europe/Berlin"})
			assert.Equal(t, "2024-07-03 11:46:40", at(again, "0"))
		})
	}
}

func exec(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		_, err := db.Exec(s)
		require.NoError(t, err, s)
	}
}

func value(t *testing.T, db *sql.DB, query string) string {
	t.Helper()
	var s string
	require.NoError(t, db.QueryRow(query).Scan(&s), query)
	return s
}
