package rls_test

import (
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

var costQueries = flag.String("cost.queries", "", "for BenchmarkCost: a JSON file with a list of {id, sql}, queries over the tables of TPC-H")

// costFences are the ends of derived tables that are computed by themselves.
var costFences = map[testdb.Kind]string{
	testdb.SQLite:     " LIMIT -1 OFFSET 0)",
	testdb.PostgreSQL: " OFFSET 0)",
	testdb.MariaDB:    " LIMIT 18446744073709551615)",
}

// costPrefix is what switches merging off on MariaDB.
var costPrefix = regexp.MustCompile(`^SET STATEMENT \S+ FOR `)

// BenchmarkCost compares the time that databases take for enforced statements
// with what they take for those of somebody who writes the tenant's condition
// where it belongs, in turns. It reports the ratio of the medians: times by
// themselves say little on a machine with other work.
//
// For what dashboards ask, the other statement is written by hand. For the
// queries of a file it is the enforced one without what keeps the optimiser out:
// its derived tables, which hold the tenant's condition, are then merged.
//
// Where MariaDB's statements have a prefix, "unprefixed" is the ratio without it.
func BenchmarkCost(b *testing.B) {
	var report strings.Builder
	for _, k := range testdb.Kinds() {
		b.Run(string(k), func(b *testing.B) {
			c := newCostDatabase(b, k, costShop)
			for _, d := range dashboards {
				b.Run(d.name, func(b *testing.B) {
					st, err := c.Enforce(b.Context(), c.who, d.query, d.args...)
					require.NoError(b, err)
					c.compare(b, d.name, st, d.statement(k), &report)
				})
			}
			if *costQueries == "" {
				return
			}
			c = newCostDatabase(b, k, costTPCH)
			for _, q := range readCostQueries(b) {
				b.Run(q.ID, func(b *testing.B) {
					// STRING is how others name the type.
					st, err := c.Enforce(b.Context(), c.who, strings.ReplaceAll(q.SQL, "AS STRING)", "AS CHAR)"))
					if err != nil {
						fmt.Fprintf(&report, "%-10s  %-14s  refused: %v\n", k, q.ID, err)
						b.Skip(err)
					}
					merged := strings.ReplaceAll(costPrefix.ReplaceAllString(st.SQL, ""), costFences[k], ")")
					c.compare(b, q.ID, st, &rls.Statement{SQL: merged, Args: st.Args}, &report)
				})
			}
		})
	}
	fmt.Printf("\n%-10s  %-14s  %-13s  %6s  %10s  %10s\n%s", "database", "query", "statement", "ratio", "unprefixed", "by hand", &report)
}

type costQuery struct{ ID, SQL string }

func readCostQueries(b *testing.B) (queries []costQuery) {
	b.Helper()
	text, err := os.ReadFile(*costQueries)
	require.NoError(b, err)
	require.NoError(b, json.Unmarshal(text, &queries))
	return queries
}

// costDatabase is a database and somebody who asks it.
type costDatabase struct {
	*rls.Enforcer
	kind testdb.Kind
	db   *sql.DB
	who  session.Session
}

func newCostDatabase(b *testing.B, k testdb.Kind, s costSchema) *costDatabase {
	b.Helper()
	m, err := semantic.Parse("model.yaml", []byte(s.model()))
	require.NoError(b, err)
	set, err := policy.Parse("policy.yaml", []byte(s.policies), m)
	require.NoError(b, err)
	e, err := rls.New(rls.Config{Policies: set, Dialect: dialectOf[k]})
	require.NoError(b, err)
	return &costDatabase{e, k, s.load(b, k), newSession(b, set, map[string]any{"tenant": s.asks})}
}

// compare runs the statements in turns and adds a line to the report.
func (c *costDatabase) compare(b *testing.B, name string, enforced, byHand *rls.Statement, report *strings.Builder) {
	bare := &rls.Statement{SQL: costPrefix.ReplaceAllString(enforced.SQL, ""), Args: enforced.Args}
	statements := []*rls.Statement{byHand, enforced, bare}
	if bare.SQL == enforced.SQL {
		statements = statements[:2]
	}
	want, _ := c.timed(b, byHand) // whoever comes first pays for reading the pages
	times := make([][]time.Duration, len(statements))
	for n := 0; b.Loop(); n++ {
		for i := range statements {
			i = (i + n) % len(statements)
			rows, took := c.timed(b, statements[i])
			require.Equal(b, want, rows, enforced.SQL)
			times[i] = append(times[i], took)
		}
	}
	base := costMedian(times[0])
	ratio := costMedian(times[1]) / base
	b.ReportMetric(0, "ns/op") // of all statements together
	b.ReportMetric(ratio, "ratio")
	kind, unprefixed := "plain", ""
	if len(statements) > 2 {
		kind = "SET STATEMENT"
		unprefixed = fmt.Sprintf("%.2f", costMedian(times[2])/base)
	}
	if strings.Contains(enforced.SQL, costFences[c.kind]) {
		kind = "fenced"
	}
	fmt.Fprintf(report, "%-10s  %-14s  %-13s  %6.2f  %10s  %8.2fms\n", c.kind, name, kind, ratio, unprefixed, base*1e3)
	b.Logf("%d rows of\n%s\n%v", want, enforced.SQL, enforced.Args) // shown with -v
}

// timed runs a statement and reads its rows.
func (c *costDatabase) timed(b *testing.B, st *rls.Statement) (n int, took time.Duration) {
	b.Helper()
	start := time.Now()
	rows, err := c.db.QueryContext(b.Context(), st.SQL, st.Args...)
	require.NoError(b, err, st.SQL)
	for rows.Next() {
		n++
	}
	require.NoError(b, rows.Err(), st.SQL)
	require.NoError(b, rows.Close())
	return n, time.Since(start)
}

// costMedian gives seconds.
func costMedian(d []time.Duration) float64 {
	slices.Sort(d)
	return d[len(d)/2].Seconds()
}
