package rls_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"time"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/rls"
)

// costShop has 50 tenants of 4,000 orders each.
var costShop = costSchema{
	policies: `
session:
  - {name: tenant, type: string, required: true}
tenant: {field: organization_id, property: tenant}
policies:
  - {name: own, datasets: "*", rows: row.organization_id == session.tenant}
`,
	tenants: organizations(50),
	asks:    "org-17",
	tables: []costTable{
		{
			name: "members", columns: "organization_id varchar(60), id int, name varchar(60), role varchar(60)",
			keys: []string{"organization_id, id"}, rows: 100,
			row: func(r *rand.Rand, n int) string {
				return fmt.Sprintf("%d, 'member %d', '%s'", n, n, costPick(r, "sales", "support", "manager"))
			},
		},
		{
			name: "customers", columns: "organization_id varchar(60), id int, name varchar(60), region varchar(60)",
			keys: []string{"organization_id, id", "organization_id, region"}, rows: 400,
			row: func(r *rand.Rand, n int) string {
				return fmt.Sprintf("%d, 'customer %d', '%s'", n, n, costPick(r, "north", "east", "south", "west"))
			},
		},
		{
			name: "orders",
			columns: "organization_id varchar(60), id int, customer_id int, member_id int, status varchar(60)," +
				" amount decimal(12,2), placed_at timestamp",
			keys: []string{
				"organization_id, id", "organization_id, customer_id, placed_at",
				"organization_id, member_id", "organization_id, placed_at",
			},
			rows: 4000,
			row: func(r *rand.Rand, n int) string {
				at := costDay(r, 2024, 2).Add(time.Duration(r.IntN(86400)) * time.Second)
				return fmt.Sprintf("%d, %d, %d, '%s', %d.%02d, '%s'", n, r.IntN(400), r.IntN(100),
					costPick(r, "open", "paid", "paid", "paid", "cancelled"), r.IntN(1000), r.IntN(100), at.Format(time.DateTime))
			},
		},
	},
}

func organizations(n int) (ids []any) {
	for i := range n {
		ids = append(ids, fmt.Sprintf("org-%02d", i))
	}
	return ids
}

// dashboard is a query and what somebody would write by hand for it, with the
// tenant as :tenant and the arguments as :arg in order.
type dashboard struct {
	name, query, byHand string
	args                []any
}

var dashboards = []dashboard{
	{
		"point", "SELECT id, status, amount, placed_at FROM orders WHERE id = ?",
		"SELECT id, status, amount, placed_at FROM orders WHERE organization_id = :tenant AND id = :arg", []any{1234},
	},
	{
		"list", "SELECT id, status, amount, placed_at FROM orders WHERE customer_id = ? ORDER BY placed_at DESC",
		"SELECT id, status, amount, placed_at FROM orders WHERE organization_id = :tenant AND customer_id = :arg ORDER BY placed_at DESC", []any{77},
	},
	{
		"groups", "SELECT status, COUNT(*) AS n, SUM(amount) AS total FROM orders GROUP BY status ORDER BY status",
		"SELECT status, COUNT(*) AS n, SUM(amount) AS total FROM orders WHERE organization_id = :tenant GROUP BY status ORDER BY status", nil,
	},
	{
		"top-n", "SELECT customer_id, SUM(amount) AS total FROM orders WHERE placed_at >= ? GROUP BY customer_id ORDER BY total DESC, customer_id LIMIT 10",
		"SELECT customer_id, SUM(amount) AS total FROM orders WHERE organization_id = :tenant AND placed_at >= :arg" +
			" GROUP BY customer_id ORDER BY total DESC, customer_id LIMIT 10", []any{"2025-10-01 00:00:00"},
	},
	{
		"join", "SELECT c.region, COUNT(*) AS n, SUM(o.amount) AS total FROM orders o JOIN customers c ON c.id = o.customer_id" +
			" WHERE o.status = 'paid' GROUP BY c.region ORDER BY c.region",
		"SELECT c.region, COUNT(*) AS n, SUM(o.amount) AS total FROM orders o JOIN customers c ON c.organization_id = :tenant AND c.id = o.customer_id" +
			" WHERE o.organization_id = :tenant AND o.status = 'paid' GROUP BY c.region ORDER BY c.region", nil,
	},
	{
		"exists", "SELECT c.id, c.name FROM customers c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id AND o.amount > 900) ORDER BY c.id",
		"SELECT c.id, c.name FROM customers c WHERE c.organization_id = :tenant AND EXISTS (SELECT 1 FROM orders o" +
			" WHERE o.organization_id = :tenant AND o.customer_id = c.id AND o.amount > 900) ORDER BY c.id", nil,
	},
	{
		"in", "SELECT COUNT(*) AS n, SUM(amount) AS total FROM orders WHERE member_id IN (SELECT id FROM members WHERE role = 'sales')",
		"SELECT COUNT(*) AS n, SUM(amount) AS total FROM orders WHERE organization_id = :tenant" +
			" AND member_id IN (SELECT id FROM members WHERE organization_id = :tenant AND role = 'sales')", nil,
	},
	{
		"window", "SELECT id, customer_id, SUM(amount) OVER (PARTITION BY customer_id ORDER BY placed_at, id) AS so_far FROM orders WHERE status = 'paid'",
		"SELECT id, customer_id, SUM(amount) OVER (PARTITION BY customer_id ORDER BY placed_at, id) AS so_far FROM orders" +
			" WHERE organization_id = :tenant AND status = 'paid'", nil,
	},
	{
		"months", "SELECT DATE_FORMAT(placed_at, '%Y-%m') AS month, SUM(amount) AS total FROM orders GROUP BY DATE_FORMAT(placed_at, '%Y-%m') ORDER BY month",
		"SELECT :month AS month, SUM(amount) AS total FROM orders WHERE organization_id = :tenant GROUP BY :month ORDER BY month", nil,
	},
	{
		"days", "SELECT DATE(placed_at) AS day, COUNT(*) AS n FROM orders WHERE placed_at >= ? GROUP BY DATE(placed_at) ORDER BY day",
		"SELECT :day AS day, COUNT(*) AS n FROM orders WHERE organization_id = :tenant AND placed_at >= :arg GROUP BY :day ORDER BY day",
		[]any{"2025-10-01 00:00:00"},
	},
	{
		"distinct", "SELECT COUNT(DISTINCT customer_id) AS n FROM orders WHERE status <> 'cancelled'",
		"SELECT COUNT(DISTINCT customer_id) AS n FROM orders WHERE organization_id = :tenant AND status <> 'cancelled'", nil,
	},
	// Conditions that compute, and conditions on what a CTE computes.
	{
		"recent", "SELECT status, COUNT(*) AS n FROM orders WHERE placed_at >= TIMESTAMP '2025-12-01 00:00:00' - INTERVAL 30 DAY GROUP BY status ORDER BY status",
		"SELECT status, COUNT(*) AS n FROM orders WHERE organization_id = :tenant AND placed_at >= '2025-11-01 00:00:00' GROUP BY status ORDER BY status", nil,
	},
	{
		"year", "SELECT status, COUNT(*) AS n FROM orders WHERE YEAR(placed_at) = ? GROUP BY status ORDER BY status",
		"SELECT status, COUNT(*) AS n FROM orders WHERE organization_id = :tenant AND :year = :arg GROUP BY status ORDER BY status", []any{2025},
	},
	{
		"cte", "WITH totals AS (SELECT customer_id, SUM(amount) AS total FROM orders GROUP BY customer_id)" +
			" SELECT c.name, t.total FROM customers c JOIN totals t ON t.customer_id = c.id WHERE t.total > 8000 ORDER BY t.total DESC",
		"WITH totals AS (SELECT customer_id, SUM(amount) AS total FROM orders WHERE organization_id = :tenant GROUP BY customer_id)" +
			" SELECT c.name, t.total FROM customers c JOIN totals t ON t.customer_id = c.id WHERE c.organization_id = :tenant AND t.total > 8000 ORDER BY t.total DESC", nil,
	},
}

// costWords are what the databases don't agree about.
var costWords = map[testdb.Kind]map[string]string{
	testdb.SQLite:     {":month": "STRFTIME('%Y-%m', placed_at)", ":day": "DATE(placed_at)", ":year": "CAST(STRFTIME('%Y', placed_at) AS INTEGER)"},
	testdb.PostgreSQL: {":month": "TO_CHAR(placed_at, 'YYYY-MM')", ":day": "CAST(placed_at AS date)", ":year": "EXTRACT(YEAR FROM placed_at)"},
	testdb.MariaDB:    {":month": "DATE_FORMAT(placed_at, '%Y-%m')", ":day": "DATE(placed_at)", ":year": "YEAR(placed_at)"},
}

var costWord = regexp.MustCompile(`:[a-z]+`)

// statement gives what is written by hand, in the words of a database.
func (d dashboard) statement(k testdb.Kind) *rls.Statement {
	st, args := &rls.Statement{}, d.args
	st.SQL = costWord.ReplaceAllStringFunc(d.byHand, func(word string) string {
		switch word {
		case ":tenant":
			st.Args = append(st.Args, costShop.asks)
		case ":arg":
			st.Args, args = append(st.Args, args[0]), args[1:]
		default:
			return costWords[k][word]
		}
		if k == testdb.PostgreSQL {
			return fmt.Sprintf("$%d", len(st.Args))
		}
		return "?"
	})
	return st
}
