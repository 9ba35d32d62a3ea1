package transfer_test

import (
	"database/sql"
	"database/sql/driver"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/internal/transfer"
	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

var dialectOf = map[testdb.Kind]rls.Dialect{
	testdb.SQLite:     rls.SQLite,
	testdb.PostgreSQL: rls.PostgreSQL,
	testdb.MariaDB:    rls.MariaDB,
}

// canary is in every row of the tenant that isn't copied.
const canary = "TOPSECRET"

// field is one field of the fixture's dataset values: its datatype, the types
// of its column in the shared tables and a statement's value for it.
type field struct {
	name     string
	datatype semantic.Datatype
	columns  map[testdb.Kind]string
}

func same(sqlite, postgresql, mariadb string) map[testdb.Kind]string {
	return map[testdb.Kind]string{testdb.SQLite: sqlite, testdb.PostgreSQL: postgresql, testdb.MariaDB: mariadb}
}

var fields = []field{
	{"id", semantic.Integer, same("INTEGER", "bigint", "BIGINT")},
	{"tenant", semantic.String, same("TEXT", "text", "VARCHAR(40)")},
	{"txt", semantic.String, same("TEXT", "text", "TEXT")},
	{"num", semantic.Integer, same("INTEGER", "bigint", "BIGINT")},
	{"amount", semantic.Decimal, same("NUMERIC", "numeric(20, 6)", "DECIMAL(20, 6)")},
	{"ratio", semantic.Float, same("REAL", "double precision", "DOUBLE")},
	{"flag", semantic.Boolean, same("INTEGER", "boolean", "BOOLEAN")},
	{"born", semantic.Date, same("DATE", "date", "DATE")}, // the driver gives time.Time
	{"clock", semantic.Time, same("TEXT", "time", "TIME(6)")},
	{"local", semantic.DateTime, same("TEXT", "timestamp", "DATETIME(6)")},
	{"at", semantic.DateTimeTz, same("TEXT", "timestamptz", "TIMESTAMP(6) NULL DEFAULT NULL")},
}

// values are hostile: the texts in which each database must hold them, nil for NULL.
var values = [][]any{
	{"it's", "0", "0", "0", "1", "2000-01-01", "00:00:00", "2000-01-01 00:00:00", "2000-01-01 00:00:00"},
	{"", "9223372036854775807", "12345678.901234", "0.1", "0", "1970-01-01", "23:59:59.999999", "1999-12-31 23:59:59.999999", "2037-12-31 23:59:59.999999"},
	{nil, nil, nil, nil, nil, nil, nil, nil, nil},
	{"trailing  ", "-9223372036854775808", "-0.000001", "1e+300", "1", "1000-01-01", "12:34:56.5", "2024-02-29 12:00:00.000001", "1970-01-02 00:00:00"},
	{" leading\t\n\r", "-1", "100", "-2.2250738585072014e-308", "0", "9999-12-31", "01:00:00", "2024-03-31 02:30:00", "2024-10-27 01:30:00.5"},
	{`"; DROP TABLE events; -- \' \\ %_ $1 ? :x ` + "`", "1", "0.1", "3.141592653589793", nil, nil, "00:00:00.000001", "2024-12-31 23:59:59", "2024-01-01 00:00:00"},
	{"é e\u0301 𐍈 \u202e 日本 ß ſ K \x01 \x7f", "42", "99999999999.5", "5e-324", "1", "2024-02-29", nil, nil, nil},
	{"NULL", "7", "-7.25", "9007199254740993", "1", "2024-02-29", "12:00:00", "2024-06-01 00:00:00", "2024-06-01 00:00:00"},
}

// row is the nth row of the values, of a tenant.
func row(n int, tenant string) []any {
	out := append([]any{fmt.Sprint(n), tenant}, values[n%len(values)]...)
	if tenant != "acme" {
		out[2] = canary
	}
	return out
}

// world is a shared database of two tenants, and what reads it.
type world struct {
	kind      testdb.Kind
	db        *sql.DB
	connector driver.Connector
	enforcer  *rls.Enforcer
	acme      session.Session
	schema    *session.Schema
}

const rowsOfAcme = 24

const policies = `
session:
  - {name: tenant, type: string, required: true}
  - {name: role, type: string, default: owner, values: [owner, clerk, stranger]}
tenant: {field: tenant, property: tenant}
policies:
  - name: own
    datasets: [accounts, events]
    when: session.role != 'stranger'
    rows: row.tenant == session.tenant
  - name: clerks
    datasets: [events]
    when: session.role == 'clerk'
    mask: {txt: "'***'"}
    hide: [num]
`

func newWorld(t testing.TB, k testdb.Kind) *world {
	t.Helper()
	c := testdb.Connector(t, k, testdb.Options{})
	db := sql.OpenDB(c)
	t.Cleanup(func() { db.Close() })
	w := openWorld(t, k, db)
	w.connector = c
	w.fill(t)
	return w
}

// openWorld reads a database that is filled, or will be.
func openWorld(t testing.TB, k testdb.Kind, db *sql.DB) *world {
	t.Helper()
	w := &world{kind: k, db: db}
	m := parse(t, sharedModel())
	set, err := policy.Parse("policy.yaml", []byte(policies), m)
	require.NoError(t, err)
	w.enforcer, err = rls.New(rls.Config{Policies: set, Dialect: dialectOf[w.kind]})
	require.NoError(t, err)
	w.schema = set.Schema()
	w.acme = w.session(t, "acme", "owner")
	return w
}

// fill makes the tables: accounts, to which events refer.
func (w *world) fill(t testing.TB) {
	t.Helper()
	columns := make([]string, len(fields))
	for i, f := range fields {
		columns[i] = "c_" + f.name + " " + f.columns[w.kind]
	}
	execute(t, w.db, "CREATE TABLE shared_events ("+strings.Join(columns, ", ")+", account BIGINT, secret TEXT)")
	execute(t, w.db, "CREATE TABLE shared_accounts (id BIGINT, tenant VARCHAR(40), name VARCHAR(40))")
	for i := range rowsOfAcme {
		w.insert(t, i, "acme")
		w.insert(t, i, "initech")
	}
	for i, tenant := range []string{"acme", "initech", "acme"} {
		w.exec(t, "INSERT INTO shared_accounts VALUES (?, ?, ?)", i, tenant, map[bool]string{true: "ok", false: canary}[tenant == "acme"])
	}
}

func (w *world) insert(t testing.TB, n int, tenant string) {
	t.Helper()
	w.exec(t, "INSERT INTO shared_events VALUES ("+strings.Repeat("?, ", len(fields))+"0, '"+canary+"')", row(n, tenant)...)
}

// exec runs a statement whose parameters are written ?.
func (w *world) exec(t testing.TB, statement string, args ...any) {
	t.Helper()
	if w.kind == testdb.PostgreSQL {
		for i, a := range args {
			statement = strings.Replace(statement, "?", fmt.Sprintf("$%d", i+1), 1)
			if a != nil {
				args[i] = fmt.Sprint(a) // as text, which fits every type
			}
		}
	}
	execute(t, w.db, statement, args...)
}

func (w *world) session(t testing.TB, tenant, role string) session.Session {
	t.Helper()
	s, err := w.schema.New(map[string]any{"tenant": tenant, "role": role})
	require.NoError(t, err)
	return s
}

func (w *world) source() transfer.Source {
	return transfer.Source{DB: w.db, Enforcer: w.enforcer, Session: w.acme}
}

// modelOf writes a model of accounts and events, given how it names columns and tables.
func modelOf(column func(string) string, table func(string) string) string {
	var b strings.Builder
	entry := func(name, column string, t semantic.Datatype) {
		fmt.Fprintf(&b, "          - {name: %s, datatype: %s, expression: {dialects: [{dialect: ANSI_SQL, expression: %q}]}}\n", name, t, column)
	}
	fmt.Fprintf(&b, "version: 0.2.0\nsemantic_model:\n  - name: m\n    datasets:\n")
	fmt.Fprintf(&b, "      - name: events\n        source: %s\n        primary_key: [%s]\n        fields:\n", table("events"), column("id"))
	for _, f := range fields {
		entry(f.name, column(f.name), f.datatype)
	}
	entry("account", "account", semantic.Integer)
	fmt.Fprintf(&b, "      - name: accounts\n        source: %s\n        primary_key: [id]\n        fields:\n", table("accounts"))
	entry("id", "id", semantic.Integer)
	entry("tenant", "tenant", semantic.String)
	entry("name", "name", semantic.String)
	b.WriteString("    relationships:\n      - {name: event_account, from: events, to: accounts, from_columns: [account], to_columns: [id]}\n")
	return b.String()
}

func sharedModel() string {
	return modelOf(func(c string) string { return "c_" + c }, func(t string) string { return "shared_" + t })
}

// ownColumn is what the target calls the column of a field: it needs quotes.
func ownColumn(field string) string { return `"The ` + field + `"` }

func ownModel() string {
	return modelOf(func(c string) string {
		if c == "id" { // a key, which the model names without quotes
			return c
		}
		return ownColumn(c)
	}, func(t string) string { return t })
}

func parse(t testing.TB, text string) *semantic.Model {
	t.Helper()
	m, err := semantic.Parse("model.yaml", []byte(text))
	require.NoError(t, err)
	return m
}

// target is a new, empty database for a project.
func target(t testing.TB, k testdb.Kind) transfer.Target {
	t.Helper()
	return transfer.Target{DB: testdb.Open(t, k), Model: parse(t, ownModel()), Dialect: dialectOf[k]}
}

func options() transfer.Options { return transfer.Options{ID: "p1", Batch: 5, Create: true} }

func execute(t testing.TB, db *sql.DB, statement string, args ...any) {
	t.Helper()
	_, err := db.Exec(statement, args...)
	require.NoError(t, err, statement)
}

// dump is all rows of a table, sorted, as the driver's values print.
func dump(t testing.TB, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.Query(query)
	require.NoError(t, err, query)
	out := texts(t, rows)
	slices.Sort(out)
	return out
}

func (w *world) dump(t testing.TB) []string {
	t.Helper()
	return append(dump(t, w.db, "SELECT * FROM shared_events"), dump(t, w.db, "SELECT * FROM shared_accounts")...)
}

func count(t testing.TB, db *sql.DB, table string) int {
	t.Helper()
	var n int
	require.NoError(t, db.QueryRow("SELECT COUNT(*) FROM "+table).Scan(&n))
	return n
}
