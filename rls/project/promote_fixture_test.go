package project_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/rls/project"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

var (
	driverOf  = map[testdb.Kind]string{testdb.SQLite: "sqlite", testdb.PostgreSQL: "pgx", testdb.MariaDB: "mysql"}
	dialectOf = map[testdb.Kind]rls.Dialect{testdb.SQLite: rls.SQLite, testdb.PostgreSQL: rls.PostgreSQL, testdb.MariaDB: rls.MariaDB}
)

// place is a database and how another process reaches it.
type place struct {
	kind testdb.Kind
	db   *sql.DB
	dsn  string
}

func newPlace(t testing.TB, k testdb.Kind) place {
	t.Helper()
	if k == testdb.SQLite {
		dsn := "file:" + filepath.Join(t.TempDir(), "data.db") + "?_pragma=busy_timeout(10000)"
		db, err := sql.Open("sqlite", dsn)
		require.NoError(t, err)
		t.Cleanup(func() { db.Close() })
		return place{k, db, dsn}
	}
	p := place{kind: k, db: testdb.Open(t, k)}
	var socket, name string
	if k == testdb.PostgreSQL {
		require.NoError(t, p.db.QueryRow("SELECT current_setting('unix_socket_directories'), current_database()").Scan(&socket, &name))
		p.dsn = fmt.Sprintf("host='%s' user=hedgerow database=%s sslmode=disable", socket, name)
		return p
	}
	require.NoError(t, p.db.QueryRow("SELECT @@socket, DATABASE()").Scan(&socket, &name))
	p.dsn = "root@unix(" + socket + ")/" + name + "?parseTime=true&time_zone=%27%2B00:00%27&collation=utf8mb4_general_ci"
	return p
}

func (p place) exec(t testing.TB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		_, err := p.db.Exec(s)
		require.NoError(t, err, s)
	}
}

// shopModel has customers and their orders; prefix is what the tables' names begin with.
func shopModel(prefix string, fields ...string) string {
	var b strings.Builder
	dataset := func(name string, fields ...string) {
		fmt.Fprintf(&b, "      - name: %s\n        source: %s%s\n        primary_key: [id]\n        fields:\n", name, prefix, name)
		for _, f := range fields {
			field, datatype, _ := strings.Cut(f, " ")
			fmt.Fprintf(&b, "          - {name: %s, datatype: %s, expression: {dialects: [{dialect: ANSI_SQL, expression: %s}]}}\n", field, datatype, field)
		}
	}
	b.WriteString("version: 0.2.0\nsemantic_model:\n  - name: shop\n    datasets:\n")
	dataset("orders", append([]string{"id Integer", "customer Integer", "amount Decimal", "placed DateTime"}, fields...)...)
	dataset("customers", append([]string{"id Integer", "name String", "phone String"}, fields...)...)
	b.WriteString("    relationships:\n      - {name: order_customer, from: orders, to: customers, from_columns: [customer], to_columns: [id]}\n")
	return b.String()
}

func sharedModel() string { return shopModel("shared_", "tenant String") }

const sharedPolicies = `session:
  - {name: tenant, type: string, required: true}
  - {name: role, type: string, default: owner, values: [owner, clerk, stranger]}
tenant: {field: tenant, property: tenant}
policies:
  - {name: own, datasets: [customers], rows: row.tenant == session.tenant}
  - {name: own-orders, datasets: [orders], when: session.role != 'stranger', rows: row.tenant == session.tenant}
  - {name: clerks, datasets: [customers], when: session.role == 'clerk', mask: {phone: "'***'"}}
`

const ownPolicies = `policies: [{name: all, datasets: "*", rows: "true"}]`

// secretOf marks every row of the tenant that isn't promoted.
const secretOf = "CANARY-initech"

const ordersOfAcme = 23

// sharedPlace is a database that acme and initech share.
func sharedPlace(t testing.TB, k testdb.Kind) place {
	t.Helper()
	p := newPlace(t, k)
	stamp := map[testdb.Kind]string{testdb.SQLite: "TEXT", testdb.PostgreSQL: "timestamp", testdb.MariaDB: "DATETIME"}[k]
	p.exec(t,
		"CREATE TABLE shared_customers (id BIGINT PRIMARY KEY, tenant VARCHAR(20), name VARCHAR(40), phone VARCHAR(40), secret VARCHAR(40))",
		"CREATE TABLE shared_orders (id BIGINT PRIMARY KEY, tenant VARCHAR(20), customer BIGINT, amount DECIMAL(12, 2), placed "+stamp+")")
	for i := range 8 {
		tenant, name := "acme", fmt.Sprintf("Ünal %d's", i)
		if i%2 == 1 {
			tenant, name = "initech", secretOf
		}
		p.exec(t, fmt.Sprintf("INSERT INTO shared_customers VALUES (%d, '%s', '%s', '555-%d', '%s')", i, tenant, strings.ReplaceAll(name, "'", "''"), i, secretOf))
	}
	for i := range 2 * ordersOfAcme {
		tenant, amount := "acme", fmt.Sprintf("%d.25", i)
		if i%2 == 1 {
			tenant, amount = "initech", "987654.25"
		}
		p.exec(t, fmt.Sprintf("INSERT INTO shared_orders VALUES (%d, '%s', %d, %s, '2024-%02d-01 12:00:00')", i, tenant, i%8, amount, 1+i%12))
	}
	return p
}

// shared is what Promote reads of a place.
func (p place) shared(t testing.TB) project.Shared {
	t.Helper()
	m, err := semantic.Parse("model.yaml", []byte(sharedModel()))
	require.NoError(t, err)
	set, err := policy.Parse("policy.yaml", []byte(sharedPolicies), m)
	require.NoError(t, err)
	e, err := rls.New(rls.Config{Policies: set, Dialect: dialectOf[p.kind]})
	require.NoError(t, err)
	return project.Shared{DB: p.db, Enforcer: e}
}

func member(t testing.TB, schema *session.Schema, role string) session.Session {
	t.Helper()
	s, err := schema.New(map[string]any{"tenant": "acme", "role": role})
	require.NoError(t, err)
	return s
}

// ownSpec is an inactive project in a place.
func ownSpec(name string, p place) project.Spec {
	return project.Spec{
		Name: name, Model: project.File{Name: "model.yaml", Text: []byte(shopModel("own_"))},
		Policies:   project.File{Name: "policy.yaml", Text: []byte(ownPolicies)},
		Connection: project.Connection{Driver: driverOf[p.kind], Dialect: string(p.kind), DSN: project.DSN(p.dsn)},
		Inactive:   true,
	}
}

// sharedSpec is a project that acme and initech share.
func sharedSpec(name string, p place) project.Spec {
	s := ownSpec(name, p)
	s.Model.Text, s.Policies.Text, s.Inactive = []byte(sharedModel()), []byte(sharedPolicies), false
	return s
}

func promoteOptions() project.PromoteOptions { return project.PromoteOptions{Batch: 5, Create: true} }

// reports are queries that a promoted project answers as the shared tables did.
var reports = []string{
	"SELECT id, customer, amount, placed FROM orders ORDER BY id",
	"SELECT * FROM customers ORDER BY id",
	"SELECT c.name, COUNT(*), SUM(o.amount), MAX(o.placed) FROM orders o JOIN customers c ON c.id = o.customer GROUP BY c.name ORDER BY c.name",
	"SELECT c.id, o.id FROM customers c LEFT JOIN orders o ON o.customer = c.id AND o.amount > 20 ORDER BY c.id, o.id",
	"SELECT COUNT(*), SUM(amount) FROM orders WHERE placed >= '2024-06-01 00:00:00'",
	"SELECT id, SUM(amount) OVER (ORDER BY id) FROM orders WHERE customer IN (SELECT id FROM customers WHERE name LIKE '%4%') ORDER BY id",
}

// rowsOf reads all rows in order.
func rowsOf(t testing.TB, rows *sql.Rows) []string {
	t.Helper()
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(t, err)
	out := []string{strings.Join(columns, "|")}
	for rows.Next() {
		raw, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range raw {
			into[i] = &raw[i]
		}
		require.NoError(t, rows.Scan(into...))
		for i, v := range raw {
			if b, ok := v.([]byte); ok {
				raw[i] = string(b)
			}
		}
		out = append(out, fmt.Sprint(raw...))
	}
	require.NoError(t, rows.Err())
	return out
}

// answersOf asks the shared tables.
func answersOf(t testing.TB, from project.Shared, s session.Session, query string) []string {
	t.Helper()
	st, err := from.Enforcer.Enforce(t.Context(), s, query)
	require.NoError(t, err, query)
	rows, err := from.DB.Query(st.SQL, st.Args...)
	require.NoError(t, err, st.SQL)
	return rowsOf(t, rows)
}

func answer(t testing.TB, p *project.Project, query string) []string {
	t.Helper()
	s, err := p.Session(nil)
	require.NoError(t, err)
	rows, err := p.Query(t.Context(), s, query)
	require.NoError(t, err, query)
	defer rows.Close()
	return rowsOf(t, rows.Rows)
}

// promoted holds a promoted project against the shared tables.
func promoted(t testing.TB, p *project.Project, own place, from project.Shared, s session.Session) {
	t.Helper()
	require.True(t, p.Active())
	require.EqualValues(t, 2, p.Version(), "activated once")
	for _, query := range reports {
		want := answersOf(t, from, s, strings.ReplaceAll(query, "SELECT * FROM customers", "SELECT id, name, phone FROM customers"))
		require.Greater(t, len(want), 1)
		require.Equal(t, want, answer(t, p, query), query)
	}
	holdsOnce(t, own)
}

// holdsOnce: a place has one copy of acme's rows, and nothing of initech's.
func holdsOnce(t testing.TB, own place) {
	t.Helper()
	for table, n := range map[string]int{"own_customers": 4, "own_orders": ordersOfAcme} {
		rows, err := own.db.Query("SELECT * FROM " + table)
		require.NoError(t, err)
		got := rowsOf(t, rows)
		assert.Len(t, got, n+1, table)
		assert.NotContains(t, strings.Join(got, "\n"), secretOf)
		assert.NotContains(t, strings.Join(got, "\n"), "987654.25")
	}
}

// everything is all that a shared place holds.
func everything(t testing.TB, p place) (out []string) {
	t.Helper()
	for _, query := range []string{"SELECT * FROM shared_customers ORDER BY id", "SELECT * FROM shared_orders ORDER BY id"} {
		rows, err := p.db.Query(query)
		require.NoError(t, err)
		out = append(out, rowsOf(t, rows)...)
	}
	return out
}
