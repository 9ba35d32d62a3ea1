package rls_test

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"vitess.io/vitess/go/vt/sqlparser"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/session"
)

// benchPlan stands for a compiled statement in the floor.
type benchPlan struct{ sql string }

// floorSink keeps the compiler from leaving the floor's work out.
var floorSink []any

// floor is the least that a warm statement could cost: a look-up in a bare map
// of a thousand texts, and three arguments.
func floor(text string) func() {
	plans := map[string]*benchPlan{text: {"SELECT 1"}}
	for i := range 1000 {
		plans[fmt.Sprint(text, i)] = &benchPlan{}
	}
	text = strings.Clone(text) // as a caller's text is another one than that in the map
	values := []any{"acme", int64(7), "x"}
	return func() {
		args := make([]any, 3)
		if p := plans[text]; p != nil {
			copy(args, values)
		}
		floorSink = args
	}
}

// vitess is Vitess's own parse, clone and print of a text.
func vitess(b testing.TB, text string) func() {
	b.Helper()
	p, err := sqlparser.New(sqlparser.Options{})
	require.NoError(b, err)
	return func() {
		stmt, err := p.Parse(text)
		if err != nil {
			b.Fatal(err)
		}
		_ = sqlparser.String(sqlparser.Clone(stmt))
	}
}

// BenchmarkWarm enforces texts that were seen before, against the floor.
func BenchmarkWarm(b *testing.B) {
	e := newBench(b, 10, 1)
	names, texts := benchTexts()
	for _, name := range names {
		b.Run(name, func(b *testing.B) { warm(b, e, texts[name]) })
	}
}

func warm(b *testing.B, e *bench, text string) {
	b.ReportAllocs()
	subject := func() { e.enforce(b, e.who, text) }
	for b.Loop() {
		subject()
	}
	against(b, "floor", subject, floor(text))
}

// BenchmarkCold enforces texts that were never seen, against Vitess's own parse,
// clone and print.
func BenchmarkCold(b *testing.B) {
	e := newBench(b, 10, 1)
	names, texts := benchTexts()
	for _, name := range names {
		b.Run(name, func(b *testing.B) { cold(b, e, texts[name]) })
	}
}

func cold(b *testing.B, e *bench, text string) {
	b.ReportAllocs()
	subject := unseen(b, e, text)
	for b.Loop() {
		subject()
	}
	against(b, "vitess", subject, vitess(b, text))
}

// unseen enforces a new variant of a text each time, until it has to start over:
// by then the first variants are forgotten.
func unseen(b testing.TB, e *bench, text string) func() {
	all := variants(text, max(200, min(100_000, (64<<20)/len(text))))
	next := 0
	return func() {
		e.enforce(b, e.who, all[next])
		next = (next + 1) % len(all)
	}
}

// BenchmarkPolicies shows that the number of policies costs nothing: they are
// decided once for a shape of sessions.
func BenchmarkPolicies(b *testing.B) {
	_, texts := benchTexts()
	for _, n := range []int{1, 10, 100} {
		e := newBench(b, 10, n)
		b.Run(fmt.Sprintf("warm/%d", n), func(b *testing.B) { warm(b, e, texts["join"]) })
		b.Run(fmt.Sprintf("cold/%d", n), func(b *testing.B) { cold(b, e, texts["join"]) })
	}
}

// BenchmarkDatasets shows that the size of the model costs nothing.
func BenchmarkDatasets(b *testing.B) {
	_, texts := benchTexts()
	for _, n := range []int{10, 1_000, 10_000} {
		e := newBench(b, n, 1)
		b.Run(fmt.Sprintf("warm/%d", n), func(b *testing.B) { warm(b, e, texts["join"]) })
		b.Run(fmt.Sprintf("cold/%d", n), func(b *testing.B) { cold(b, e, texts["join"]) })
	}
}

// BenchmarkTenants enforces one text for sessions that are made for each query,
// as hosts do for each request, of one tenant and of a million.
func BenchmarkTenants(b *testing.B) {
	_, texts := benchTexts()
	for _, n := range []int{1, 1_000_000} {
		e := newBench(b, 10, 10)
		values := make([]map[string]any, n)
		for i := range values {
			values[i] = map[string]any{"tenant": fmt.Sprintf("tenant-%06d", i), "role": "role-1"}
		}
		next := 0
		subject := func() {
			s, err := e.set.Schema().New(values[next])
			if err != nil {
				b.Fatal(err)
			}
			e.enforce(b, s, texts["join"])
			next = (next + 1) % n
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				subject()
			}
			against(b, "floor", subject, floor(texts["join"]))
		})
	}
}

// BenchmarkGoroutines enforces one text from several goroutines at once; ns/op
// is the time per statement of all together.
func BenchmarkGoroutines(b *testing.B) {
	_, texts := benchTexts()
	e := newBench(b, 10, 1)
	for _, n := range []int{1, 2, 8} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			done := make(chan struct{})
			for g := range n {
				go func() {
					for i := g; i < b.N; i += n {
						e.enforce(b, e.who, texts["join"])
					}
					done <- struct{}{}
				}()
			}
			for range n {
				<-done
			}
		})
	}
}

// benchRows is a small table of the shape that the benchmarks query.
const benchRows = `
CREATE TABLE orders (tenant TEXT, orderkey INTEGER, custkey INTEGER, orderstatus TEXT, totalprice NUMERIC, orderdate TEXT, PRIMARY KEY (tenant, orderkey)) WITHOUT ROWID;
INSERT INTO orders SELECT 'acme', value, value, 'F', 10.5, '1995-01-01' FROM (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 1000) SELECT value FROM n);
`

// BenchmarkConnector runs a point query through database/sql on SQLite, with the
// connector and without it, and gives what the connector adds.
func BenchmarkConnector(b *testing.B) {
	const query = "SELECT orderkey, totalprice FROM orders WHERE orderkey = ?"
	full := newBench(b, 10, 1)
	e, err := rls.New(rls.Config{Policies: full.set, Dialect: rls.SQLite})
	require.NoError(b, err)
	raw := testdb.Connector(b, testdb.SQLite, testdb.Options{})
	plain := sql.OpenDB(raw)
	defer plain.Close()
	_, err = plain.Exec(benchRows)
	require.NoError(b, err)
	enforced := sql.OpenDB(rls.NewConnector(raw, e))
	defer enforced.Close()
	st, err := e.Enforce(b.Context(), full.who, query, 7)
	require.NoError(b, err)

	ctx := session.NewContext(b.Context(), full.who)
	by := func() { point(b, ctx, enforced, query, 7) }
	direct := func() { point(b, ctx, plain, st.SQL, st.Args...) }
	b.Run("point", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			by()
		}
		b.StopTimer()
		times, each := ratio(by, direct)
		b.ReportMetric(float64(each.Nanoseconds()), "sqlite-ns")
		b.ReportMetric(times, "x-sqlite")
		b.ReportMetric((times-1)*float64(each.Nanoseconds()), "added-ns")
	})
}

func point(b *testing.B, ctx context.Context, db *sql.DB, query string, args ...any) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		b.Fatal(err)
	}
	for rows.Next() {
		var key int64
		var price float64
		if err := rows.Scan(&key, &price); err != nil {
			b.Fatal(err)
		}
	}
	if err := rows.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkEnforceAgainstPointSelect is a warm statement in terms of the
// cheapest query that a database can run.
func BenchmarkEnforceAgainstPointSelect(b *testing.B) {
	e := newBench(b, 10, 1)
	db := testdb.Open(b, testdb.SQLite)
	_, err := db.Exec(benchRows)
	require.NoError(b, err)
	_, texts := benchTexts()
	subject := func() { e.enforce(b, e.who, texts["point"]) }
	for b.Loop() {
		subject()
	}
	against(b, "sqlite", subject, func() {
		point(b, b.Context(), db, "SELECT orderkey, totalprice FROM orders WHERE tenant = ? AND orderkey = 1", "acme")
	})
}

// BenchmarkMemory gives the bytes of a session that has been used, of a plan,
// and of an enforcer over a small model and a large one.
func BenchmarkMemory(b *testing.B) {
	_, texts := benchTexts()
	perUnit := func(name string, n int, build func() any) {
		b.Run(name, func(b *testing.B) {
			var bytes float64
			for b.Loop() {
				before := heap()
				kept := build()
				bytes = float64(heap()-before) / float64(n)
				runtime.KeepAlive(kept)
			}
			b.ReportMetric(bytes, "B/each")
		})
	}
	e := newBench(b, 10, 1)
	perUnit("session", 100_000, func() any {
		out := make([]session.Session, 100_000)
		for i := range out {
			out[i] = newSession(b, e.set, map[string]any{"tenant": fmt.Sprintf("tenant-%06d", i)})
			e.enforce(b, out[i], texts["point"])
		}
		return out
	})
	perUnit("plan", 2_000, func() any {
		fresh, err := rls.New(rls.Config{Policies: e.set, Dialect: rls.PostgreSQL})
		require.NoError(b, err)
		for _, text := range variants(texts["join"], 2_000) {
			if _, err := fresh.Enforce(b.Context(), e.who, text); err != nil {
				b.Fatal(err)
			}
		}
		return fresh
	})
	for _, n := range []int{10, 1_000} {
		perUnit(fmt.Sprintf("enforcer/%d-datasets", n), 1, func() any { return newBench(b, n, 1) })
	}
	perUnit("enforcer/isolated", 10_000, func() any {
		out := make([]*rls.Enforcer, 10_000)
		for i := range out {
			out[i] = e.Isolated(rls.Isolation{})
		}
		return out
	})
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
