package enginetest

import (
	"cmp"
	"database/sql"
	"testing"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/enginetest/warehouse"
	"github.com/hedgerow/hedgerow/rls"
)

func duckDB(zone string) engine {
	return engine{
		name: "duckdb", dialect: rls.DuckDB, analyse: []string{"ANALYZE"}, inZone: map[string]string{"UTC": "SET TimeZone = 'UTC'", "Europe/Berlin": "SET TimeZone = 'Europe/Berlin'"},
		numbers:     "(SELECT UNNEST(range(%d + 1)) AS i) AS n",
		plainTenant: "VARCHAR",
		concat:      "'tenant ' || %s",
		open: func(t testing.TB) *sql.DB {
			t.Helper()
			c, err := duckdb.NewConnector("", nil)
			require.NoError(t, err)
			return openWith(t, c, "SET threads = 2; SET TimeZone = '"+cmp.Or(zone, "UTC")+"'")
		},
		load: warehouse.SQL{Types: map[warehouse.Type]string{
			warehouse.Tenant: "VARCHAR COLLATE NOCASE", warehouse.Integer: "INTEGER", warehouse.Money: "DECIMAL(14,2)", warehouse.Boolean: "BOOLEAN",
			warehouse.Text: "VARCHAR", warehouse.Date: "DATE", warehouse.DateTime: "TIMESTAMP",
			warehouse.Long: "BIGINT", warehouse.Number: "DECIMAL(20,4)", warehouse.Float: "DOUBLE", warehouse.Time: "TIME", warehouse.Instant: "TIMESTAMPTZ",
		}},
	}
}
