package enginetest

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/rls"
)

const eventsModel = `
version: 0.2.0.dev0
semantic_model:
- name: bench
  datasets:
  - name: events
    source: bench_events
    fields:
    - {name: tenant, expression: {dialects: [{dialect: ANSI_SQL, expression: tenant}]}, datatype: String}
    - {name: id, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}, datatype: Integer}
    - {name: account_id, expression: {dialects: [{dialect: ANSI_SQL, expression: account_id}]}, datatype: Integer}
    - {name: kind, expression: {dialects: [{dialect: ANSI_SQL, expression: kind}]}, datatype: Integer}
    - {name: amount, expression: {dialects: [{dialect: ANSI_SQL, expression: amount}]}, datatype: Integer}
    - {name: happened, expression: {dialects: [{dialect: ANSI_SQL, expression: happened}]}, datatype: Integer}
  - name: accounts
    source: bench_accounts
    fields:
    - {name: tenant, expression: {dialects: [{dialect: ANSI_SQL, expression: tenant}]}, datatype: String}
    - {name: id, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}, datatype: Integer}
    - {name: region, expression: {dialects: [{dialect: ANSI_SQL, expression: region}]}, datatype: Integer}
`

const eventsPolicies = `
session:
  - {name: tenant, type: string, required: true}
  - {name: tenants, type: list(string), default: []}
tenant: {field: tenant, property: tenant}
policies:
  - {name: own, datasets: '*', rows: row.tenant == session.tenant}
`

// subsidiaries lets a session see several tenants.
const subsidiaries = `
session:
  - {name: tenant, type: string, required: true}
  - {name: tenants, type: list(string), default: []}
policies:
  - {name: own, datasets: '*', rows: row.tenant in session.tenants}
`

// TestTenantIndex: EXPLAIN shows that every occurrence of a table is reached by
// the index on the tenant, also where the column has a collation of its own.
func TestTenantIndex(t *testing.T) {
	queries := map[string]string{
		"point":     "SELECT amount FROM events WHERE id = 5",
		"aggregate": "SELECT kind, SUM(amount) AS total FROM events GROUP BY kind",
		"fenced":    "SELECT id FROM events WHERE amount / kind > 100",
		"subquery":  "SELECT COUNT(*) FROM events WHERE account_id IN (SELECT id FROM accounts WHERE region = 1)",
	}
	collations := map[string][]string{
		"sqlite":     {"TEXT", "TEXT COLLATE NOCASE"},
		"postgresql": {"text", "varchar(40)"},
		"mariadb":    {"varchar(40) COLLATE utf8mb4_unicode_ci", "varchar(40) COLLATE utf8mb4_nopad_bin"},
		"duckdb":     {"VARCHAR"},
	}
	onEngines(t, func(t *testing.T, e engine) {
		for _, column := range collations[e.name] {
			db := loadEvents(t, e, 100*rowsPerTenant, column)
			all := &rls.Statement{SQL: "SELECT kind, SUM(amount) FROM bench_events GROUP BY kind"}
			require.Zero(t, byTenant(e, explain(t, e, db, all)), "the premise")
			for kind, policies := range map[string]string{"one tenant": eventsPolicies, "some tenants": subsidiaries} {
				enforcer, s := newEnforcer(t, e.dialect, loadPolicies(t, eventsModel, policies),
					map[string]any{"tenant": "tenant 7", "tenants": []string{"tenant 7", "tenant 8", "tenant 9"}})
				for name, q := range queries {
					if knownScan(e, column, name) {
						continue
					}
					t.Run(fmt.Sprintf("%s/%s/%s", column, kind, name), func(t *testing.T) {
						st, err := enforcer.Enforce(t.Context(), s, q)
						require.NoError(t, err)
						assert.GreaterOrEqual(t, byTenant(e, explain(t, e, db, st)), strings.Count(st.SQL, "bench_"), "%s\n%s", planText(explain(t, e, db, st)), st.SQL)
					})
				}
			}
		}
	})
}

// knownScan: the index of a NOCASE column doesn't serve a comparison by code
// point, and SQLite's dialect has no plain comparison beside it yet.
func knownScan(e engine, column, query string) bool {
	return e.name == "sqlite" && column != "TEXT" && query != "point"
}

// explain gives the plan of a statement.
func explain(t testing.TB, e engine, db *sql.DB, st *rls.Statement) result {
	t.Helper()
	prefix := "EXPLAIN "
	if e.name == "sqlite" {
		prefix = "EXPLAIN QUERY PLAN "
	}
	text := prefix + st.SQL
	if setting, query, ok := strings.Cut(st.SQL, " FOR "); ok && strings.HasPrefix(setting, "SET STATEMENT ") {
		text = setting + " FOR " + prefix + query
	}
	r, err := run(t.Context(), db, text, st.Args...)
	require.NoError(t, err, st.SQL)
	return r
}

func planText(r result) string {
	lines := make([]string, len(r.rows))
	for i, row := range r.rows {
		lines[i] = rowText(row)
	}
	return strings.ReplaceAll(strings.Join(lines, "\n"), `\n`, "\n")
}

// byTenant counts the tables that a plan reaches by the tenant: through an index
// of which it is the first column, or on DuckDB, which scans its columns by
// design, by a filter within the scan.
func byTenant(e engine, plan result) int {
	switch e.name {
	case "duckdb":
		return strings.Count(planText(plan), "Filters:")
	case "mariadb": // possible_keys tells nothing
		n, key := 0, slices.Index(plan.columns, "key")
		for _, row := range plan.rows {
			n += strings.Count(row[key].text, "_tenant")
		}
		return n
	default:
		return strings.Count(planText(plan), "_tenant")
	}
}
