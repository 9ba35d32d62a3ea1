package rls_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

// benchColumns are the datasets that the benchmarks query, after TPC-H, with
// the key of their tenant added.
var benchColumns = map[string][]string{
	"lineitem": {"orderkey", "partkey", "suppkey", "quantity", "extendedprice", "discount", "tax", "returnflag", "linestatus", "shipdate", "commitdate", "receiptdate"},
	"orders":   {"orderkey", "custkey", "orderstatus", "totalprice", "orderdate"},
	"customer": {"custkey", "name", "nationkey", "acctbal", "mktsegment"},
	"supplier": {"suppkey", "name", "nationkey", "acctbal"},
	"nation":   {"nationkey", "name", "regionkey"},
	"region":   {"regionkey", "name"},
}

// benchNames are their names in the order of the model.
var benchNames = []string{"customer", "lineitem", "nation", "orders", "region", "supplier"}

func benchType(column string) semantic.Datatype {
	switch {
	case strings.HasSuffix(column, "key"), column == "quantity":
		return semantic.Integer
	case strings.HasSuffix(column, "date"):
		return semantic.Date
	case slices.Contains([]string{"extendedprice", "discount", "tax", "totalprice", "acctbal"}, column):
		return semantic.Decimal
	default:
		return semantic.String
	}
}

// benchModel is a model of the datasets above among so many.
func benchModel(datasets int) []byte {
	var b strings.Builder
	b.WriteString("version: \"0.2.0.dev0\"\nsemantic_model:\n  - name: bench\n    datasets:\n")
	dataset := func(name string, columns []string) {
		fmt.Fprintf(&b, "      - name: %s\n        source: main.%s\n        fields:\n", name, name)
		for _, c := range append([]string{"tenant"}, columns...) {
			fmt.Fprintf(&b, "          - {name: %s, datatype: %s, expression: {dialects: [{dialect: ANSI_SQL, expression: %s}]}}\n", c, benchType(c), c)
		}
	}
	for _, name := range benchNames {
		dataset(name, benchColumns[name])
	}
	for i := len(benchNames); i < datasets; i++ {
		dataset(fmt.Sprintf("other_%d", i), []string{"name", "orderkey"})
	}
	return []byte(b.String())
}

// benchPolicies are so many policies on each of the queried datasets. One
// keeps tenants apart and one shows all rows; the others are for other roles.
func benchPolicies(each int) []byte {
	var b strings.Builder
	b.WriteString(`session:
  - {name: tenant, type: string, required: true}
  - {name: role, type: string, default: analyst}
policies:
  - {name: own, datasets: "*", rows: row.tenant == session.tenant}
`)
	for i := 1; i < each; i++ {
		fmt.Fprintf(&b, "  - {name: role-%d, datasets: [%s], when: session.role == 'role-%d', rows: row.tenant != 'none'}\n",
			i, strings.Join(benchNames, ", "), i)
	}
	return []byte(b.String())
}

// bench is an enforcer and a way to make its sessions.
type bench struct {
	*rls.Enforcer
	set *policy.Set
	who session.Session
}

func newBench(b testing.TB, datasets, policies int) *bench {
	b.Helper()
	return newBenchWith(b, datasets, policies, 0)
}

func newBenchWith(b testing.TB, datasets, policies, cacheBytes int) *bench {
	b.Helper()
	m, err := semantic.Parse("model.yaml", benchModel(datasets))
	require.NoError(b, err)
	set, err := policy.Parse("policy.yaml", benchPolicies(policies), m)
	require.NoError(b, err)
	e, err := rls.New(rls.Config{Policies: set, Dialect: rls.PostgreSQL, CacheBytes: cacheBytes})
	require.NoError(b, err)
	return &bench{e, set, newSession(b, set, map[string]any{"tenant": "acme"})}
}

func (e *bench) enforce(b testing.TB, s session.Session, query string) {
	if _, err := e.Enforce(b.Context(), s, query); err != nil {
		b.Fatal(err)
	}
}

// benchTexts are the queries by name, in order. The first five are those that
// the cold budget names.
func benchTexts() (names []string, texts map[string]string) {
	var ctes, sums []string
	for i := range 50 {
		ctes = append(ctes, fmt.Sprintf("c%d AS (SELECT custkey, totalprice FROM orders WHERE orderstatus = 'O' AND totalprice > %d)", i, i))
		sums = append(sums, fmt.Sprintf("(SELECT SUM(totalprice) FROM c%d) AS s%d", i, i))
	}
	var list []string
	for i := range 9_500 {
		list = append(list, fmt.Sprintf("'customer-%011d'", i))
	}
	texts = map[string]string{
		"point": "SELECT orderkey, totalprice FROM orders WHERE orderkey = 1",
		"join": `SELECT c.name, n.name AS nation, SUM(o.totalprice) AS total FROM customer c JOIN orders o ON o.custkey = c.custkey
			JOIN nation n ON n.nationkey = c.nationkey WHERE o.orderstatus = 'F' GROUP BY c.name, n.name ORDER BY total DESC LIMIT 10`,
		"Q1": `SELECT returnflag, linestatus, SUM(quantity) AS sum_qty, SUM(extendedprice) AS sum_base_price,
			SUM(extendedprice * (1 - discount)) AS sum_disc_price, SUM(extendedprice * (1 - discount) * (1 + tax)) AS sum_charge,
			AVG(quantity) AS avg_qty, AVG(extendedprice) AS avg_price, AVG(discount) AS avg_disc, COUNT(*) AS count_order
			FROM lineitem WHERE shipdate <= '1998-09-02' GROUP BY returnflag, linestatus ORDER BY returnflag, linestatus`,
		"Q5": `SELECT n.name, SUM(l.extendedprice * (1 - l.discount)) AS revenue FROM customer c, orders o, lineitem l, supplier s, nation n, region r
			WHERE c.custkey = o.custkey AND l.orderkey = o.orderkey AND l.suppkey = s.suppkey AND c.nationkey = s.nationkey AND s.nationkey = n.nationkey
			AND n.regionkey = r.regionkey AND r.name = 'ASIA' AND o.orderdate >= '1994-01-01' AND o.orderdate < '1995-01-01' GROUP BY n.name ORDER BY revenue DESC`,
		"Q21": `SELECT s.name, COUNT(*) AS numwait FROM supplier s, lineitem l1, orders o, nation n
			WHERE s.suppkey = l1.suppkey AND o.orderkey = l1.orderkey AND o.orderstatus = 'F' AND l1.receiptdate > l1.commitdate
			AND EXISTS (SELECT 1 FROM lineitem l2 WHERE l2.orderkey = l1.orderkey AND l2.suppkey <> l1.suppkey)
			AND NOT EXISTS (SELECT 1 FROM lineitem l3 WHERE l3.orderkey = l1.orderkey AND l3.suppkey <> l1.suppkey AND l3.receiptdate > l3.commitdate)
			AND s.nationkey = n.nationkey AND n.name = 'SAUDI ARABIA' GROUP BY s.name ORDER BY numwait DESC, s.name LIMIT 100`,
		"50-CTEs":  "WITH " + strings.Join(ctes, ", ") + " SELECT " + strings.Join(sums, ", "),
		"200KB-IN": "SELECT custkey FROM customer WHERE name IN (" + strings.Join(list, ", ") + ")",
	}
	return []string{"point", "join", "Q1", "Q5", "Q21", "50-CTEs", "200KB-IN"}, texts
}

// variants are texts that differ and mean the same: each is cold once.
func variants(text string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("%s /* %06d */", text, i)
	}
	return out
}

// ratio measures two functions in turns and gives the least that the first
// took in terms of the least that the second took, and the latter: noise only
// ever adds.
func ratio(subject, yardstick func()) (times float64, each time.Duration) {
	const rounds = 25
	y, s := enough(yardstick), enough(subject)
	base, own := math.Inf(1), math.Inf(1)
	for range rounds {
		base, own = min(base, took(y, yardstick)), min(own, took(s, subject))
	}
	return own / base, time.Duration(base)
}

// enough is how many calls take a few milliseconds, also when nothing disturbs them.
func enough(f func()) int {
	n := 1
	for min(took(n, f), took(n, f), took(n, f))*float64(n) < 3e6 {
		n *= 2
	}
	return n
}

// took gives the nanoseconds that each of n calls takes.
func took(n int, f func()) float64 {
	start := time.Now()
	for range n {
		f()
	}
	return float64(time.Since(start).Nanoseconds()) / float64(n)
}

// against reports a benchmark's yardstick and how many times it takes that.
func against(b *testing.B, name string, subject, yardstick func()) {
	b.StopTimer()
	times, each := ratio(subject, yardstick)
	b.ReportMetric(float64(each.Nanoseconds()), name+"-ns")
	b.ReportMetric(times, "x-"+name)
}
