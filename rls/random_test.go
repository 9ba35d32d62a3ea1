package rls_test

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"maps"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/examples/shop"
)

var (
	randomQueries = flag.Int("isolation.queries", 10_000, "random queries that TestRandomIsolation compares")
	randomSeed    = flag.Uint64("isolation.seed", 1, "seed of the random queries")
)

// A random query may join too much. One that takes longer than patience on the
// twin is skipped; enforced, it may take longer.
const (
	patience         = 5 * time.Second
	enforcedPatience = time.Minute
)

// smallShop keeps the random queries fast.
func smallShop() shop.Size { return shop.Size{Customers: 14, Products: 10, Orders: 26} }

// newGenerator makes a generator for query number n, over the columns that a
// twin has: the same seed and number give the same text.
func newGenerator(schema map[string]relation, seed, n uint64, shapes map[string]int) *generator {
	return &generator{Rand: rand.New(rand.NewPCG(seed, n)), schema: schema, shapes: shapes}
}

// twinSchema describes a twin's tables for the generator.
func twinSchema(t *testing.T, twin *sql.DB) map[string]relation {
	t.Helper()
	schema := map[string]relation{}
	for _, table := range datasets() {
		names, err := columnsOf(t.Context(), twin, table)
		require.NoError(t, err)
		r := relation{alias: table, key: []string{names[0]}} // the first column is the key of every dataset
		for _, name := range names {
			k, domain := describe(table, name)
			r.columns = append(r.columns, column{table, name, k, domain})
		}
		schema[table] = r
	}
	return schema
}

// describe gives the kind and the domain of a dataset's column.
func describe(table, name string) (kind, string) {
	switch name {
	case "id":
		return kindInteger, map[string]string{"employees": "employee", "customers": "customer", "products": "product", "orders": "order"}[table]
	case "manager_id", "employee_id", "account_manager_id":
		return kindInteger, "employee"
	case "customer_id":
		return kindInteger, "customer"
	case "product_id":
		return kindInteger, "product"
	case "order_id":
		return kindInteger, "order"
	case "quantity", "vat_rate", "weight_grams", "credit_limit", "salary":
		return kindInteger, "small"
	case "amount", "price", "cost", "margin", "unit_price", "discount", "line_total":
		return kindDecimal, ""
	case "ordered_at", "shipped_at", "paid_at", "created_at", "hired_on", "shipped_on", "delivered_on", "founded_on":
		return kindMoment, ""
	case "discontinued":
		return kindTruth, ""
	case "organization_id":
		return kindText, "organization"
	case "code", "region":
		return kindText, "region"
	case "tax_id":
		return kindText, "tax"
	default:
		return kindText, name
	}
}

// TestRandomQueriesOnTwins holds the generator to its promise: SQLite runs
// what it writes, and the answer doesn't depend on the order of the rows on
// disk.
func TestRandomQueriesOnTwins(t *testing.T) {
	_, path := newShop(t, smallShop())
	shapes := map[string]int{}
	ran, empty := 0, 0
	for _, v := range viewers() {
		twin, reversed := newTwin(t, path, v), newTwin(t, path, v)
		reverse(t, reversed)
		schema := twinSchema(t, twin)
		for n := range uint64(500) {
			q := newGenerator(schema, *randomSeed, n, shapes).statement()
			got, err := runSQL(t.Context(), twin, q.text)
			require.NoError(t, err, "%s, query %d: %s", v.name, n, q.text)
			other, err := runSQL(t.Context(), reversed, q.text)
			require.NoError(t, err)
			require.Empty(t, difference(other, got, q.ordered), "%s, query %d depends on the order of rows: %s", v.name, n, q.text)
			ran++
			if len(got.rows) == 0 {
				empty++
			}
		}
	}
	assert.Less(t, empty*3, ran, "too many queries without rows")
	logShapes(t, shapes, ran, empty)
}

// TestRandomIsolation is TestIsolation for random queries. A failure names the
// number of its query; with -isolation.seed it can be made again.
func TestRandomIsolation(t *testing.T) {
	count := *randomQueries
	if testing.Short() {
		count = min(count, 1000)
	}
	_, path := newShop(t, smallShop())
	var ran, empty, slow atomic.Int64
	shapes := make([]map[string]int, len(viewers()))
	t.Run("viewers", func(t *testing.T) {
		for i, v := range viewers() {
			shapes[i] = map[string]int{}
			t.Run(v.name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, v, path)
				schema := twinSchema(t, w.twin)
				for n, failures := i, 0; n < count && failures < 5; n += len(shapes) {
					q := newGenerator(schema, *randomSeed, uint64(n), shapes[i]).statement()
					rows, ok := w.checkRandom(t, n, q)
					if !ok {
						failures++
					}
					switch rows {
					case skipped:
						slow.Add(1)
					case 0:
						empty.Add(1)
						fallthrough
					default:
						ran.Add(1)
					}
				}
			})
		}
	})
	all := map[string]int{}
	for _, s := range shapes {
		for name, n := range s {
			all[name] += n
		}
	}
	logShapes(t, all, int(ran.Load()), int(empty.Load()))
	assert.Less(t, empty.Load()*3, ran.Load(), "too many queries without rows")
	assert.LessOrEqual(t, slow.Load()*1000, ran.Load(), "too many queries skipped because they are slow")
	assert.GreaterOrEqual(t, len(all), 40, "shapes")
	for name, n := range all {
		assert.GreaterOrEqual(t, n, int(ran.Load())/200, "too few queries with %s", name)
	}
}

// skipped is what checkRandom gives for a query that was not compared.
const skipped = -1

// checkRandom compares the answers to a random query and gives the number of rows.
func (w *world) checkRandom(t *testing.T, n int, q randomQuery) (rows int, ok bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), enforcedPatience)
	defer cancel()
	twinCtx, cancelTwin := context.WithTimeout(ctx, patience)
	defer cancelTwin()
	want, err := runSQL(twinCtx, w.twin, q.text)
	if errors.Is(err, context.DeadlineExceeded) {
		return skipped, true
	}
	if !assert.NoError(t, err, "query %d on the twin: %s", n, q.text) {
		return 0, false
	}
	got, statement, err := w.enforced(ctx, q.text)
	if !assert.NoError(t, err, "query %d enforced: %s", n, q.text) {
		return 0, false
	}
	ok = assert.Empty(t, difference(got, want, q.ordered), "query %d: %s\nenforced: %s\nargs: %v", n, q.text, statement.SQL, statement.Args)
	ok = assert.Equal(t, want.columns, got.columns, "column names of query %d: %s", n, q.text) && ok
	return len(want.rows), ok
}

func logShapes(t *testing.T, shapes map[string]int, ran, empty int) {
	t.Helper()
	t.Logf("%d queries, %d without rows", ran, empty)
	for _, name := range slices.Sorted(maps.Keys(shapes)) {
		t.Logf("%7d  %s", shapes[name], name)
	}
}
