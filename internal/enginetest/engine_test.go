package enginetest

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/hedgerow/hedgerow/internal/enginetest/warehouse"
	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/rls"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

// engine is a database with its dialect and its words for loading data.
type engine struct {
	name    string
	dialect rls.Dialect
	load    warehouse.SQL
	// open gives a new, empty database.
	open func(t testing.TB) *sql.DB
	// analyse are the statements that bring the optimiser's figures up to date.
	analyse []string
	// numbers is a relation of the whole numbers i from 0 to %d.
	numbers string
	// plainTenant is the type that most people give a tenant's column.
	plainTenant string
	// concat makes a tenant's name of a number.
	concat string
	// inZone are the statements that bring a connection to UTC and to Berlin.
	inZone map[string]string
}

func engines() []engine { return enginesIn("") }

// enginesIn gives the engines with connections in a time zone.
func enginesIn(zone string) []engine {
	return []engine{sqlite(), postgresql(zone), mariadb(zone), duckDB(zone)}
}

// onEngines runs a test on every engine.
func onEngines(t *testing.T, test func(t *testing.T, e engine)) {
	t.Helper()
	for _, e := range engines() {
		t.Run(e.name, func(t *testing.T) { test(t, e) })
	}
}

func opens(k testdb.Kind, o testdb.Options) func(testing.TB) *sql.DB {
	return func(t testing.TB) *sql.DB {
		t.Helper()
		return testdb.OpenWith(t, k, o)
	}
}

// openWith gives a pool whose connections begin with a statement.
func openWith(t testing.TB, c driver.Connector, statement string) *sql.DB {
	t.Helper()
	db := sql.OpenDB(beginning{c, statement})
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	return db
}

// beginning runs a statement on each new connection.
type beginning struct {
	driver.Connector
	statement string
}

func (b beginning) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := b.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	execer, ok := conn.(driver.ExecerContext)
	if !ok {
		return nil, errors.New("this driver has no ExecContext")
	}
	_, err = execer.ExecContext(ctx, b.statement, nil)
	return conn, err
}

func sqlite() engine {
	return engine{
		name: "sqlite", dialect: rls.SQLite, analyse: []string{"ANALYZE"},
		numbers:     "(WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT i FROM n) AS n",
		plainTenant: "TEXT",
		concat:      "'tenant ' || CAST(%s AS integer)",
		open:        opens(testdb.SQLite, testdb.Options{}),
		load: warehouse.SQL{Types: map[warehouse.Type]string{
			warehouse.Tenant: "TEXT", warehouse.Integer: "INTEGER", warehouse.Money: "NUMERIC", warehouse.Boolean: "INTEGER",
			warehouse.Text: "TEXT", warehouse.Date: "TEXT", warehouse.DateTime: "TEXT",
			warehouse.Long: "INTEGER", warehouse.Number: "NUMERIC", warehouse.Float: "REAL", warehouse.Time: "TEXT", warehouse.Instant: "TEXT",
		}},
	}
}

func postgresql(zone string) engine {
	return engine{
		name: "postgresql", dialect: rls.PostgreSQL, analyse: []string{"VACUUM ANALYZE"}, inZone: map[string]string{"UTC": "SET TIME ZONE 'UTC'", "Europe/Berlin": "SET TIME ZONE 'Europe/Berlin'"},
		numbers:     "generate_series(CAST(0 AS bigint), %d) AS n (i)",
		plainTenant: "text",
		concat:      "'tenant ' || %s",
		open:        opens(testdb.PostgreSQL, testdb.Options{TimeZone: zone}),
		load: warehouse.SQL{Types: map[warehouse.Type]string{
			warehouse.Tenant: "text", warehouse.Integer: "integer", warehouse.Money: "numeric(14,2)", warehouse.Boolean: "boolean",
			warehouse.Text: "text", warehouse.Date: "date", warehouse.DateTime: "timestamp",
			warehouse.Long: "bigint", warehouse.Number: "numeric(20,4)", warehouse.Float: "double precision", warehouse.Time: "time", warehouse.Instant: "timestamptz",
		}},
	}
}

// mariadb compares the caller's strings by code point, as the others do; the
// tenant has a collation that takes all three tenants for one.
func mariadb(zone string) engine {
	return engine{
		name: "mariadb", dialect: rls.MariaDB, analyse: []string{"ANALYZE TABLE bench_events", "ANALYZE TABLE bench_accounts"}, inZone: map[string]string{"UTC": "SET time_zone = '+00:00'", "Europe/Berlin": "SET time_zone = 'Europe/Berlin'"},
		numbers:     "(SELECT seq AS i FROM seq_0_to_%d) AS n",
		plainTenant: "varchar(40) COLLATE utf8mb4_general_ci",
		concat:      "CONCAT('tenant ', %s)",
		open: func(t testing.TB) *sql.DB {
			t.Helper()
			c := testdb.Connector(t, testdb.MariaDB, testdb.Options{Collation: "utf8mb4_nopad_bin", TimeZone: zone})
			return openWith(t, c, "SET NAMES utf8mb4 COLLATE utf8mb4_nopad_bin")
		},
		load: warehouse.SQL{Backslashes: true, Types: map[warehouse.Type]string{
			warehouse.Tenant: "varchar(40) COLLATE utf8mb4_unicode_ci", warehouse.Integer: "int", warehouse.Money: "decimal(14,2)", warehouse.Boolean: "boolean",
			warehouse.Text: "varchar(200)", warehouse.Date: "date", warehouse.DateTime: "datetime(6)",
			warehouse.Long: "bigint", warehouse.Number: "decimal(20,4)", warehouse.Float: "double", warehouse.Time: "time(6)", warehouse.Instant: "timestamp(6) NULL",
		}},
	}
}
