package enginetest

import (
	"database/sql"
	"os"
	"testing"

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
	// analyse is the statement that brings the optimiser's figures up to date.
	analyse string
}

func engines() []engine { return enginesIn("") }

// enginesIn gives the engines with connections in a time zone.
func enginesIn(zone string) []engine {
	return []engine{sqlite(), postgresql(zone), mariadb(zone)}
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

func sqlite() engine {
	return engine{
		name: "sqlite", dialect: rls.SQLite, analyse: "ANALYZE",
		open: opens(testdb.SQLite, testdb.Options{}),
		load: warehouse.SQL{Types: map[warehouse.Type]string{
			warehouse.Tenant: "TEXT", warehouse.Integer: "INTEGER", warehouse.Money: "NUMERIC", warehouse.Boolean: "INTEGER",
			warehouse.Text: "TEXT", warehouse.Date: "TEXT", warehouse.DateTime: "TEXT",
			warehouse.Long: "INTEGER", warehouse.Number: "NUMERIC", warehouse.Float: "REAL", warehouse.Time: "TEXT",
		}},
	}
}

func postgresql(zone string) engine {
	return engine{
		name: "postgresql", dialect: rls.PostgreSQL, analyse: "ANALYZE",
		open: opens(testdb.PostgreSQL, testdb.Options{TimeZone: zone}),
		load: warehouse.SQL{Types: map[warehouse.Type]string{
			warehouse.Tenant: "text", warehouse.Integer: "integer", warehouse.Money: "numeric(14,2)", warehouse.Boolean: "boolean",
			warehouse.Text: "text", warehouse.Date: "date", warehouse.DateTime: "timestamp",
			warehouse.Long: "bigint", warehouse.Number: "numeric(20,4)", warehouse.Float: "double precision", warehouse.Time: "time",
		}},
	}
}

// mariadb compares the caller's strings by code point, as the others do; the
// tenant has a collation that takes all three tenants for one.
func mariadb(zone string) engine {
	return engine{
		name: "mariadb", dialect: rls.MariaDB, analyse: "",
		open: opens(testdb.MariaDB, testdb.Options{Collation: "utf8mb4_nopad_bin", TimeZone: zone}),
		load: warehouse.SQL{Backslashes: true, Types: map[warehouse.Type]string{
			warehouse.Tenant: "varchar(40) COLLATE utf8mb4_unicode_ci", warehouse.Integer: "int", warehouse.Money: "decimal(14,2)", warehouse.Boolean: "boolean",
			warehouse.Text: "varchar(200)", warehouse.Date: "date", warehouse.DateTime: "datetime(6)",
			warehouse.Long: "bigint", warehouse.Number: "decimal(20,4)", warehouse.Float: "double", warehouse.Time: "time(6)",
		}},
	}
}
