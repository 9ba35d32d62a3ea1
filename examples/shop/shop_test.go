package shop_test

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/hedgerow/hedgerow/examples/shop"
)

func create(t *testing.T, size shop.Size) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", ":memory:")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	db.SetMaxOpenConns(1)
	require.NoError(t, shop.CreateSize(t.Context(), db, size))
	return db
}

func number(t *testing.T, db *sql.DB, query string) (n int) {
	t.Helper()
	require.NoError(t, db.QueryRowContext(t.Context(), query).Scan(&n), query)
	return n
}

// tables are the physical tables; the last seven carry organization_id.
func tables() []string {
	return []string{"shop_organizations", "regions", "staff", "shop_customers", "catalog", "shop_orders", "shop_order_lines", "payments", "shipments"}
}

func TestCreate(t *testing.T) {
	db := create(t, shop.Size{})
	total := 0
	for _, table := range tables() {
		n := number(t, db, "SELECT COUNT(*) FROM "+table)
		assert.Positive(t, n, table)
		total += n
	}
	assert.Greater(t, total, 2500)
	assert.Less(t, total, 6000)
	for _, table := range tables()[2:] {
		assert.Equal(t, 3, number(t, db, "SELECT COUNT(DISTINCT organization_id) FROM "+table), table)
		assert.Zero(t, number(t, db, "SELECT COUNT(*) FROM "+table+" WHERE organization_id NOT IN (SELECT id FROM shop_organizations)"), table)
	}
}

// Rows that refer to each other belong to one organization, or a test of
// isolation would not know which answer is right.
func TestReferencesStayInOrganization(t *testing.T) {
	db := create(t, shop.Size{})
	references := []struct{ from, column, to string }{
		{"staff", "manager_id", "staff"},
		{"shop_customers", "account_manager_id", "staff"},
		{"shop_orders", "customer_id", "shop_customers"},
		{"shop_orders", "employee_id", "staff"},
		{"shop_order_lines", "order_id", "shop_orders"},
		{"shop_order_lines", "product_id", "catalog"},
		{"payments", "order_id", "shop_orders"},
		{"shipments", "order_id", "shop_orders"},
	}
	for _, r := range references {
		bad := fmt.Sprintf(`SELECT COUNT(*) FROM %[1]s a LEFT JOIN %[3]s b ON b.id = a.%[2]s AND b.organization_id = a.organization_id
			WHERE a.%[2]s IS NOT NULL AND b.id IS NULL`, r.from, r.column, r.to)
		assert.Zero(t, number(t, db, bad), "%s.%s", r.from, r.column)
	}
	assert.Zero(t, number(t, db, `SELECT COUNT(*) FROM shop_orders o WHERE amount <>
		(SELECT SUM(quantity * unit_price - COALESCE(discount, 0)) FROM shop_order_lines WHERE order_id = o.id)`))
}

func TestCreateIsDeterministic(t *testing.T) {
	small := shop.Size{Customers: 10, Products: 8, Orders: 20}
	first := digest(t, create(t, small))
	assert.Equal(t, first, digest(t, create(t, small)))
	assert.NotEqual(t, first, digest(t, create(t, shop.Size{Customers: 11, Products: 8, Orders: 20})))
}

// digest hashes every value of every table.
func digest(t *testing.T, db *sql.DB) string {
	t.Helper()
	h := sha256.New()
	for _, table := range tables() {
		rows, err := db.QueryContext(t.Context(), "SELECT * FROM "+table)
		require.NoError(t, err)
		columns, err := rows.Columns()
		require.NoError(t, err)
		values, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		for rows.Next() {
			require.NoError(t, rows.Scan(targets...))
			fmt.Fprintf(h, "%s %v\n", table, values)
		}
		require.NoError(t, rows.Err())
	}
	return hex.EncodeToString(h.Sum(nil))
}

func TestPolicies(t *testing.T) {
	policies, err := shop.Policies()
	require.NoError(t, err)
	for _, name := range []string{"organizations", "regions", "employees", "customers", "products", "orders", "order_lines", "payments", "shipments"} {
		_, ok := policies.Model().Dataset(name)
		assert.True(t, ok, name)
	}
	_, err = policies.Schema().New(map[string]any{"organization_id": "acme", "user_id": 5, "regions": []string{"dach"}})
	assert.NoError(t, err)
}
