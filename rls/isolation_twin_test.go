package rls_test

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/hedgerow/hedgerow/examples/shop"
)

//go:embed testdata/twins
var twinSQL embed.FS

// viewer is somebody whose queries are tested. The file testdata/twins/name.sql
// builds the viewer's twin: a database that physically holds only what the
// viewer may see, under the names of the model.
type viewer struct {
	name       string
	role       string
	properties map[string]any
}

func viewers() []viewer {
	return []viewer{
		{"acme_member", "member", map[string]any{"organization_id": "acme", "user_id": 5, "regions": []string{"dach", "uk-ie"}}},
		{"globex_manager", "manager", map[string]any{"organization_id": "globex", "user_id": 14, "role": "manager"}},
		{"initech_admin", "admin", map[string]any{"organization_id": "initech", "user_id": 25, "role": "admin"}},
	}
}

// datasets are the shop's datasets; the twins' tables bear the same names.
func datasets() []string {
	return []string{"organizations", "regions", "employees", "customers", "products", "orders", "order_lines", "payments", "shipments"}
}

// newShop makes a shared database in a file and gives its path.
func newShop(t *testing.T, size shop.Size) (db *sql.DB, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "shop.db")
	db = openSQLite(t, path)
	require.NoError(t, shop.CreateSize(t.Context(), db, size))
	return db, path
}

// newTwin makes a viewer's twin of the shared database.
func newTwin(t *testing.T, sharedPath string, v viewer) *sql.DB {
	t.Helper()
	script, err := twinSQL.ReadFile("testdata/twins/" + v.name + ".sql")
	require.NoError(t, err)
	twin := openSQLite(t, ":memory:")
	_, err = twin.ExecContext(t.Context(), "PRAGMA case_sensitive_like = ON") // as LIKE means it on every database
	require.NoError(t, err)
	_, err = twin.ExecContext(t.Context(), "ATTACH ? AS shared", sharedPath)
	require.NoError(t, err)
	_, err = twin.ExecContext(t.Context(), string(script))
	require.NoError(t, err)
	_, err = twin.ExecContext(t.Context(), "DETACH shared")
	require.NoError(t, err)
	return twin
}

// reverse turns round the order of the rows in a twin's tables.
func reverse(t *testing.T, twin *sql.DB) {
	t.Helper()
	for _, table := range datasets() {
		_, err := twin.ExecContext(t.Context(), fmt.Sprintf(`CREATE TABLE reversed AS SELECT * FROM %[1]s ORDER BY rowid DESC;
			DROP TABLE %[1]s; ALTER TABLE reversed RENAME TO %[1]s`, table))
		require.NoError(t, err)
	}
}

// openSQLite opens a database on one connection, which keeps a database in
// memory alive.
func openSQLite(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", dsn)
	require.NoError(t, err)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// columnsOf gives the columns of a twin's table.
func columnsOf(ctx context.Context, twin *sql.DB, table string) ([]string, error) {
	rows, err := twin.QueryContext(ctx, "SELECT * FROM "+table+" LIMIT 0")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return rows.Columns()
}

// TestTwins guards the premise of the isolation tests: twins hold some rows,
// fewer than the shared database, and only of one organization.
func TestTwins(t *testing.T) {
	shared, path := newShop(t, shop.Size{})
	physical := map[string]string{
		"employees": "staff", "customers": "shop_customers", "products": "catalog", "orders": "shop_orders",
		"order_lines": "shop_order_lines", "payments": "payments", "shipments": "shipments",
	}
	for _, v := range viewers() {
		twin := newTwin(t, path, v)
		for dataset, table := range physical {
			var all, seen, strangers int
			count := fmt.Sprintf("SELECT COUNT(*) FROM %s WHERE organization_id = ?", table)
			require.NoError(t, shared.QueryRow(count, v.properties["organization_id"]).Scan(&all))
			require.NoError(t, twin.QueryRow("SELECT COUNT(*) FROM "+dataset).Scan(&seen))
			require.NoError(t, twin.QueryRow("SELECT COUNT(*) FROM "+dataset+" WHERE organization_id <> ?", v.properties["organization_id"]).Scan(&strangers))
			require.Positive(t, seen, "%s of %s", dataset, v.name)
			require.Zero(t, strangers, "%s of %s", dataset, v.name)
			narrowed := v.role == "member" && dataset != "order_lines" || v.role == "manager" && dataset == "orders"
			require.Equal(t, narrowed, seen < all, "%s of %s: %d of %d rows", dataset, v.name, seen, all)
		}
	}
}
