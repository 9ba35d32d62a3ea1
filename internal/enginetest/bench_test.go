package enginetest

import (
	"database/sql"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/rls"
)

// workload is a logical query and what somebody would write by hand for it,
// with the tenant as $1 and the caller's value, if any, as $2.
type workload struct {
	name, query, byHand string
	args                []any
}

func workloads() []workload {
	return []workload{
		{"point", "SELECT amount FROM events WHERE id = ?",
			"SELECT amount FROM bench_events WHERE tenant = $1 AND id = $2", []any{500}},
		{"aggregate", "SELECT kind, COUNT(*) AS n, SUM(amount) AS total FROM events GROUP BY kind",
			"SELECT kind, COUNT(*) AS n, SUM(amount) AS total FROM bench_events WHERE tenant = $1 GROUP BY kind", nil},
		{"join", "SELECT a.region, SUM(e.amount) AS total FROM events e JOIN accounts a ON a.id = e.account_id GROUP BY a.region",
			"SELECT a.region, SUM(e.amount) AS total FROM bench_events e JOIN bench_accounts a ON a.id = e.account_id WHERE e.tenant = $1 AND a.tenant = $1 GROUP BY a.region", nil},
		{"top-n", "SELECT id, amount FROM events ORDER BY amount DESC, id LIMIT 10",
			"SELECT id, amount FROM bench_events WHERE tenant = $1 ORDER BY amount DESC, id LIMIT 10", nil},
		{"self-join", "SELECT COUNT(*) AS n FROM events a JOIN events b ON b.account_id = a.account_id AND b.id > a.id",
			"SELECT COUNT(*) AS n FROM bench_events a JOIN bench_events b ON b.account_id = a.account_id AND b.id > a.id WHERE a.tenant = $1 AND b.tenant = $1", nil},
	}
}

// statement gives the text by hand for a tenant in the words of the engine.
func (w workload) statement(e engine, tenant string) *rls.Statement {
	if e.name == "postgresql" || e.name == "duckdb" {
		return &rls.Statement{SQL: w.byHand, Args: append([]any{tenant}, w.args...)}
	}
	st := &rls.Statement{SQL: strings.NewReplacer("$1", "?", "$2", "?").Replace(w.byHand)}
	for range strings.Count(w.byHand, "$1") {
		st.Args = append(st.Args, tenant)
	}
	st.Args = append(st.Args, w.args...)
	return st
}

// benchRows is the size of the table: HEDGEROW_BENCH_ROWS, of which 1,000,000
// makes 1,000 tenants, or little.
func benchRows(b *testing.B) int {
	b.Helper()
	text := os.Getenv("HEDGEROW_BENCH_ROWS")
	if text == "" {
		return 50 * rowsPerTenant
	}
	n, err := strconv.Atoi(text)
	require.NoError(b, err, "HEDGEROW_BENCH_ROWS")
	return n
}

// BenchmarkEnforced compares the time of enforced statements with that of
// statements by hand, run in turns. It reports the ratio of their medians.
func BenchmarkEnforced(b *testing.B) {
	rows := benchRows(b)
	var table strings.Builder
	fmt.Fprintf(&table, "%d rows, %d tenants\n%-12s", rows, rows/rowsPerTenant, "enforced ÷ by hand")
	for _, w := range workloads() {
		fmt.Fprintf(&table, "%11s", w.name)
	}
	for _, e := range engines() {
		b.Run(e.name, func(b *testing.B) {
			db := loadEvents(b, e, rows, e.plainTenant)
			fmt.Fprintf(&table, "\n%-18s", e.name)
			for _, w := range workloads() {
				b.Run(w.name, func(b *testing.B) { compare(b, e, db, w, rows/rowsPerTenant, &table) })
			}
		})
	}
	fmt.Println("\n" + table.String()) // a benchmark's log is shown only with -v
}

// compare prepares both statements of a workload, as one text serves all
// tenants, runs them in turns for one tenant after the other, and adds the ratio
// to the table.
func compare(b *testing.B, e engine, db *sql.DB, w workload, tenants int, table *strings.Builder) {
	pairs := make([][2]*rls.Statement, tenants)
	for n := range pairs {
		pairs[n] = w.pair(b, e, fmt.Sprintf("tenant %d", n))
	}
	ours, theirs := prepare(b, db, pairs[0][0].SQL), prepare(b, db, pairs[0][1].SQL)
	var enforced, byHand []time.Duration
	for n := 0; b.Loop(); n++ {
		pair := pairs[n*7%tenants]
		timed(b, theirs, pair[1].Args) // whoever comes first pays for reading the tenant's pages
		if n%2 == 0 {
			enforced = append(enforced, timed(b, ours, pair[0].Args))
			byHand = append(byHand, timed(b, theirs, pair[1].Args))
		} else {
			byHand = append(byHand, timed(b, theirs, pair[1].Args))
			enforced = append(enforced, timed(b, ours, pair[0].Args))
		}
	}
	ratio := float64(median(enforced)) / float64(median(byHand))
	b.ReportMetric(ratio, "ratio")
	b.ReportMetric(float64(median(byHand).Nanoseconds()), "by-hand-ns")
	fmt.Fprintf(table, "%11.3f", ratio)
	if ratio > aim { // shown with -v
		for _, st := range pairs[0] {
			b.Logf("%s\n%s", st.SQL, planText(explain(b, e, db, st)))
		}
	}
}

// aim is the ratio that enforcement may cost.
const aim = 1.05

// pair gives the enforced statement and that by hand for a tenant.
func (w workload) pair(b *testing.B, e engine, tenant string) [2]*rls.Statement {
	b.Helper()
	enforcer, s := newEnforcer(b, e.dialect, loadPolicies(b, eventsModel, eventsPolicies), map[string]any{"tenant": tenant})
	st, err := enforcer.Enforce(b.Context(), s, w.query, w.args...)
	require.NoError(b, err)
	return [2]*rls.Statement{st, w.statement(e, tenant)}
}

func prepare(b *testing.B, db *sql.DB, text string) *sql.Stmt {
	b.Helper()
	stmt, err := db.PrepareContext(b.Context(), text)
	require.NoError(b, err, text)
	b.Cleanup(func() { stmt.Close() })
	return stmt
}

// timed runs a statement and reads its rows.
func timed(b *testing.B, stmt *sql.Stmt, args []any) time.Duration {
	start := time.Now()
	rows, err := stmt.QueryContext(b.Context(), args...)
	require.NoError(b, err)
	for rows.Next() {
	}
	require.NoError(b, rows.Err())
	require.NoError(b, rows.Close())
	return time.Since(start)
}

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

// TestWorkloads: the two statements of each workload give the same rows.
func TestWorkloads(t *testing.T) {
	onEngines(t, func(t *testing.T, e engine) {
		db := loadEvents(t, e, 3*rowsPerTenant, e.plainTenant)
		set := loadPolicies(t, eventsModel, eventsPolicies)
		enforcer, s := newEnforcer(t, e.dialect, set, map[string]any{"tenant": "tenant 1"})
		for _, w := range workloads() {
			got, st, err := ask(t.Context(), db, enforcer, s, w.query, w.args...)
			require.NoError(t, err)
			hand := w.statement(e, "tenant 1")
			want, err := run(t.Context(), db, hand.SQL, hand.Args...)
			require.NoError(t, err)
			assert.NotEmpty(t, got.rows, w.name)
			assert.Empty(t, difference(got, want, false), "%s: %s", w.name, st.SQL)
		}
	})
}
