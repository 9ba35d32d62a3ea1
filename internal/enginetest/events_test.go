package enginetest

import (
	"database/sql"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// rowsPerTenant is the number of events of a tenant; it has a tenth as many
// accounts.
const rowsPerTenant = 1000

// loadEvents gives a database of events and accounts, of which tenants have
// the same number. The tenants' rows lie between each other, as they would in a
// table that has grown with all of them.
func loadEvents(t testing.TB, e engine, rows int, tenantType string) *sql.DB {
	t.Helper()
	db := e.open(t)
	tenants := max(1, rows/rowsPerTenant)
	tenant := fmt.Sprintf(e.concat, fmt.Sprintf("MOD(i, %d)", tenants))
	number := fmt.Sprintf("(i - MOD(i, %d)) / %d", tenants, tenants) // within the tenant
	for _, text := range []string{
		"CREATE TABLE bench_events (tenant " + tenantType + ", id integer, account_id integer, kind integer, amount integer, happened integer)",
		"CREATE TABLE bench_accounts (tenant " + tenantType + ", id integer, region integer)",
		fmt.Sprintf("INSERT INTO bench_events SELECT %s, %s, MOD(%s * 7, %d), MOD(i, 7), MOD(i * 7919, 100003), MOD(i * 31, 86399) FROM %s",
			tenant, number, number, rowsPerTenant/10, fmt.Sprintf(e.numbers, tenants*rowsPerTenant-1)),
		fmt.Sprintf("INSERT INTO bench_accounts SELECT %s, %s, MOD(i, 5) FROM %s", tenant, number, fmt.Sprintf(e.numbers, tenants*rowsPerTenant/10-1)),
		"CREATE INDEX bench_events_tenant ON bench_events (tenant, id)",
		"CREATE INDEX bench_events_account_tenant ON bench_events (tenant, account_id)",
		"CREATE INDEX bench_accounts_tenant ON bench_accounts (tenant, id)",
	} {
		_, err := db.Exec(text)
		require.NoError(t, err, text)
	}
	for _, text := range e.analyse {
		_, err := db.Exec(text)
		require.NoError(t, err, text)
	}
	return db
}
