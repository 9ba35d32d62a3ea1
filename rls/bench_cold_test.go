package rls_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"vitess.io/vitess/go/vt/sqlparser"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

// coldQueries are what BenchmarkCold compiles: a point query, a join of three
// tables, and queries after TPC-H's.
var coldQueries = []struct{ name, sql string }{
	{"point", "SELECT o_orderkey, o_totalprice FROM orders WHERE o_orderkey = 1"},
	{"join", `SELECT c.c_name, COUNT(*) AS n, SUM(o.o_totalprice) AS total
FROM customer c JOIN orders o ON o.o_custkey = c.c_custkey JOIN nation r ON r.n_nationkey = c.c_nationkey
WHERE o.o_orderstatus = 'O' GROUP BY c.c_name ORDER BY total DESC LIMIT 10`},
	{"Q1", `SELECT l_returnflag, l_linestatus, SUM(l_quantity) AS sum_qty, SUM(l_extendedprice) AS sum_base_price,
  SUM(l_extendedprice * (1 - l_discount)) AS sum_disc_price,
  SUM(l_extendedprice * (1 - l_discount) * (1 + l_tax)) AS sum_charge,
  AVG(l_quantity) AS avg_qty, AVG(l_extendedprice) AS avg_price, AVG(l_discount) AS avg_disc, COUNT(*) AS count_order
FROM lineitem WHERE l_shipdate <= DATE '1998-09-02'
GROUP BY l_returnflag, l_linestatus ORDER BY l_returnflag, l_linestatus`},
	{"Q5", `SELECT n_name, SUM(l_extendedprice * (1 - l_discount)) AS revenue
FROM customer, orders, lineitem, supplier, nation, region
WHERE c_custkey = o_custkey AND l_orderkey = o_orderkey AND l_suppkey = s_suppkey AND c_nationkey = s_nationkey
  AND s_nationkey = n_nationkey AND n_regionkey = r_regionkey AND r_name = 'ASIA'
  AND o_orderdate >= DATE '1994-01-01' AND o_orderdate < DATE '1995-01-01'
GROUP BY n_name ORDER BY revenue DESC`},
	{"Q21", `SELECT s_name, COUNT(*) AS numwait
FROM supplier, lineitem l1, orders, nation
WHERE s_suppkey = l1.l_suppkey AND o_orderkey = l1.l_orderkey AND o_orderstatus = 'F' AND l1.l_receiptdate > l1.l_commitdate
  AND EXISTS (SELECT * FROM lineitem l2 WHERE l2.l_orderkey = l1.l_orderkey AND l2.l_suppkey <> l1.l_suppkey)
  AND NOT EXISTS (SELECT * FROM lineitem l3 WHERE l3.l_orderkey = l1.l_orderkey AND l3.l_suppkey <> l1.l_suppkey
    AND l3.l_receiptdate > l3.l_commitdate)
  AND s_nationkey = n_nationkey AND n_name = 'SAUDI ARABIA'
GROUP BY s_name ORDER BY numwait DESC, s_name LIMIT 100`},
}

// coldTables are the datasets with their fields, all of which belong to tenants.
var coldTables = []struct{ name, fields string }{
	{"region", "r_regionkey Integer, r_name String"},
	{"nation", "n_nationkey Integer, n_name String, n_regionkey Integer"},
	{"supplier", "s_suppkey Integer, s_name String, s_nationkey Integer"},
	{"customer", "c_custkey Integer, c_name String, c_nationkey Integer"},
	{"orders", "o_orderkey Integer, o_custkey Integer, o_orderstatus String, o_totalprice Decimal, o_orderdate Date"},
	{"lineitem", "l_orderkey Integer, l_suppkey Integer, l_quantity Decimal, l_extendedprice Decimal, l_discount Decimal, l_tax Decimal," +
		" l_returnflag String, l_linestatus String, l_shipdate Date, l_commitdate Date, l_receiptdate Date"},
}

const coldPolicies = `
session: [{name: tenant_id, type: string, required: true}]
tenant: {field: tenant_id, property: tenant_id}
policies:
  - {name: own-tenant, datasets: "*", rows: row.tenant_id == session.tenant_id}
`

// newCold makes an enforcer over coldTables and a session of it.
func newCold(t testing.TB, d rls.Dialect, cacheBytes int) (*rls.Enforcer, session.Session) {
	t.Helper()
	var b strings.Builder
	b.WriteString("version: \"0.2.0\"\nsemantic_model:\n  - name: cold\n    datasets:\n")
	for _, table := range coldTables {
		fmt.Fprintf(&b, "      - name: %s\n        source: %s\n        fields:\n", table.name, table.name)
		for field := range strings.SplitSeq("tenant_id String, "+table.fields, ", ") {
			name, datatype, _ := strings.Cut(field, " ")
			fmt.Fprintf(&b, "          - {name: %s, datatype: %s, expression: {dialects: [{dialect: ANSI_SQL, expression: %s}]}}\n", name, datatype, name)
		}
	}
	model, err := semantic.Parse("model.yaml", []byte(b.String()))
	require.NoError(t, err)
	set, err := policy.Parse("policy.yaml", []byte(coldPolicies), model)
	require.NoError(t, err)
	e, err := rls.New(rls.Config{Policies: set, Dialect: d, CacheBytes: cacheBytes})
	require.NoError(t, err)
	return e, newSession(t, set, map[string]any{"tenant_id": "acme"})
}

// distinct gives texts of one query that differ in a comment at the end.
type distinct struct {
	text []byte
	n    int
}

func newDistinct(query string) *distinct { return &distinct{text: []byte(query + " -- 00000000")} }

func (d *distinct) next() string {
	d.n++
	for i, n := len(d.text)-1, d.n; n > 0; i, n = i-1, n/10 {
		d.text[i] = '0' + byte(n%10)
	}
	return string(d.text)
}

// BenchmarkCold enforces texts that were never seen before. Its yardstick is
// Vitess's own parse, clone and print of the same texts.
func BenchmarkCold(b *testing.B) {
	vitess, err := sqlparser.New(sqlparser.Options{})
	require.NoError(b, err)
	e, s := newCold(b, rls.PostgreSQL, 0)
	for _, q := range coldQueries {
		texts := newDistinct(q.sql)
		b.Run(q.name+"/hedgerow", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := e.Enforce(b.Context(), s, texts.next()); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(q.name+"/vitess", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				stmt, err := vitess.ParseStrictDDL(texts.next())
				if err != nil {
					b.Fatal(err)
				}
				if sqlparser.String(sqlparser.Clone(stmt)) == "" {
					b.Fatal("nothing is printed")
				}
			}
		})
	}
}

// coldAllocs are the allocations of a cold Enforce of each of coldQueries,
// Vitess's own parse included, which has 18, 44, 70, 75 and 99 of them.
var coldAllocs = map[string]float64{"point": 51, "join": 102, "Q1": 133, "Q5": 147, "Q21": 206}

// TestColdAllocations keeps the allocations of a text that was never seen
// before from growing. The margin is for memory that the collector takes from pools.
func TestColdAllocations(t *testing.T) {
	if raceDetector {
		t.Skip("under the race detector pools lose what they hold")
	}
	e, s := newCold(t, rls.PostgreSQL, 1<<20)
	for _, q := range coldQueries {
		t.Run(q.name, func(t *testing.T) {
			text := q.sql + strings.Repeat(" ", 13<<10) // over the share of the cache that a plan may take
			got := testing.AllocsPerRun(200, func() {
				if _, err := e.Enforce(t.Context(), s, text); err != nil {
					t.Fatal(err)
				}
			})
			most := coldAllocs[q.name]
			assert.LessOrEqual(t, got, most*1.02, "allocations")
			assert.GreaterOrEqual(t, got, most*0.9, "a plan was found in the cache, or the number can be lowered")
		})
	}
}
