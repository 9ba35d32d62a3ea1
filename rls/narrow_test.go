package rls_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/rls"
)

var narrowQueries = flag.Int("narrow.queries", 300, "number of random joins with and without fences, for each database")

// loud is a condition that is true and that no database is known not to fail on,
// so that statements with it are fenced.
var loud = map[testdb.Kind]string{
	testdb.SQLite: "ABS(1) = 1", testdb.PostgreSQL: "EXP(0) < 2", testdb.MariaDB: "EXP(0) < 2",
}

// TestNarrow: conditions on one occurrence that can't fail move inside its
// fence, and no others do.
func TestNarrow(t *testing.T) {
	f := newThreats(t)
	for query, inside := range map[string][]string{
		"SELECT id FROM orders WHERE status = 'open' AND ABS(amount) > 1":                                          {`"t"."status" = 'open' LIMIT`},
		"SELECT id FROM orders WHERE (status = 'open' OR id IN (1, 2)) AND ABS(amount) > 1":                        {`("t"."status" = 'open' OR "t"."id" IN (1, 2)) LIMIT`},
		"SELECT o.id FROM orders o JOIN customers c ON o.customer_id = c.id AND c.region = 'EU' AND ABS(c.id) > 0": {`"t"."region" = 'EU' LIMIT`},
		"SELECT o.id FROM orders o LEFT JOIN customers c ON c.region = 'EU' AND ABS(c.id) > o.id":                  {`"t"."region" = 'EU' LIMIT`},
		// On the side that an outer join keeps, ON decides what is joined, not what is seen.
		"SELECT o.id FROM orders o LEFT JOIN customers c ON o.status = 'open' AND ABS(c.id) > o.id": nil,
		// On the side that it may replace by NULLs, WHERE meets the NULLs.
		"SELECT o.id FROM orders o LEFT JOIN customers c ON ABS(c.id) > o.id WHERE c.region IS NULL":                          nil,
		"SELECT o.id FROM customers c RIGHT JOIN orders o ON ABS(c.id) > o.id WHERE c.region IS NULL AND o.status = 'open'":   {`"t"."status" = 'open' LIMIT`},
		"SELECT r.id FROM regions r LEFT JOIN (orders o JOIN customers c ON o.id = c.id) ON ABS(o.id) > 0 WHERE c.id IS NULL": nil,
		// What fails, computes or asks stays outside.
		"SELECT id FROM orders WHERE ABS(amount) > 1":                                                  nil,
		"SELECT id FROM orders WHERE id IN (SELECT c.id FROM customers c) AND ABS(amount) > 1":         nil,
		"SELECT id FROM orders o WHERE ABS(amount) > 1 AND o.id = (SELECT MAX(c.id) FROM customers c)": nil,
		"SELECT id FROM customers WHERE ssn = '***' AND ABS(id) > 0":                                   nil, // masked
		// A column of an outer query is a constant.
		"SELECT id FROM orders o WHERE ABS(id) > 0 AND EXISTS (SELECT 1 FROM customers c WHERE c.id = o.customer_id)": {`"t"."id" = "o"."customer_id" LIMIT`},
		// Grouping, windows and LIMIT stand above WHERE.
		"SELECT x.n FROM (SELECT COUNT(*) AS n FROM orders WHERE status = 'open' GROUP BY ABS(id) LIMIT 3) x": {`"t"."status" = 'open' LIMIT -1`},
	} {
		st, err := f.shared.Enforce(t.Context(), f.acme, query)
		require.NoError(t, err, query)
		require.Contains(t, st.SQL, "LIMIT -1 OFFSET 0", query)
		for _, want := range inside {
			assert.Contains(t, st.SQL, want, query)
		}
		ands := strings.Count(st.SQL, `COLLATE BINARY = ?1) AND `)
		assert.Equal(t, len(inside), ands, "%s\n%s", query, st.SQL)
	}
}

// TestNarrowedRows: fenced statements, whose conditions stand elsewhere, give the
// rows of those without a fence.
func TestNarrowedRows(t *testing.T) {
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		f := newThreatsOn(t, k)
		seed := rand.Uint64() >> 32
		t.Logf("seed %d", seed)
		for _, s := range []uint64{1, seed} {
			g := &joinGenerator{rand.New(rand.NewPCG(s, 7)), 0}
			some := 0
			for range *narrowQueries {
				g.next = 0
				from, where := g.from(g.IntN(3)+1), g.conditions()
				query := "SELECT " + g.list() + " FROM " + from + " WHERE " + where
				plain, _, err := ask(f.full, f.shared, f.acme, query)
				require.NoError(t, err, query)
				fenced, st, err := ask(f.full, f.shared, f.acme, query+" AND "+loud[k])
				require.NoError(t, err, query)
				require.True(t, slices.ContainsFunc(st.Decision.Occurrences, func(o rls.Occurrence) bool { return o.Fenced }), st.SQL)
				require.ElementsMatch(t, plain.rows, fenced.rows, "%s\n%s", query, st.SQL)
				some += min(1, len(plain.rows))
			}
			assert.Greater(t, some*4, *narrowQueries, "too few queries have rows")
		}
	})
}

// joinGenerator makes joins of orders and customers under the aliases a0, a1 …
type joinGenerator struct {
	*rand.Rand
	next int
}

func (g *joinGenerator) from(joins int) string {
	if joins == 0 {
		g.next++
		return fmt.Sprintf("%s a%d", []string{"orders", "customers"}[g.IntN(2)], g.next-1)
	}
	left := g.IntN(joins)
	first := g.next
	a := g.from(left)
	middle := g.next
	b := g.from(joins - 1 - left)
	if joins-1-left > 0 {
		b = "(" + b + ")"
	}
	on := fmt.Sprintf("a%d.id = a%d.id", first+g.IntN(middle-first), middle+g.IntN(g.next-middle))
	for range g.IntN(3) {
		on += " AND " + g.condition(first)
	}
	return a + []string{" JOIN ", " LEFT JOIN ", " RIGHT JOIN "}[g.IntN(3)] + b + " ON " + on
}

func (g *joinGenerator) column(first int) string {
	return fmt.Sprintf("a%d.%s", first+g.IntN(g.next-first), []string{"id", "organization_id"}[g.IntN(2)])
}

func (g *joinGenerator) condition(first int) string {
	c := g.column(first)
	value := []string{"1", "2", "3"}[g.IntN(3)]
	if strings.HasSuffix(c, "_id") {
		value = "'acme'"
	}
	switch g.IntN(6) {
	case 0:
		return c + " IS NULL"
	case 1:
		return c + " IS NOT NULL"
	case 2:
		return "(" + c + " = " + value + " OR " + c + " IS NULL)"
	case 3:
		return fmt.Sprintf("a%d.id = a%d.id", first+g.IntN(g.next-first), first+g.IntN(g.next-first))
	case 4:
		return fmt.Sprintf("EXISTS (SELECT 1 FROM orders x WHERE x.id = a%d.id AND x.id <= %d)", first+g.IntN(g.next-first), 1+g.IntN(3))
	default:
		return c + []string{" = ", " <= ", " <> ", " <=> "}[g.IntN(4)] + value
	}
}

func (g *joinGenerator) conditions() string {
	out := g.condition(0)
	for range g.IntN(3) {
		out += " AND " + g.condition(0)
	}
	return out
}

func (g *joinGenerator) list() string {
	var out []string
	for i := range g.next {
		out = append(out, fmt.Sprintf("a%d.id AS c%d", i, i))
	}
	return strings.Join(out, ", ")
}
