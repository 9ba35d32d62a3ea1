package rls_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/rls"
)

// TestFence: a statement in which nothing can fail is not fenced, nor one in
// which only what is late can. In any other, every occurrence with hidden rows
// is; regions, of which every row is visible, has none.
func TestFence(t *testing.T) {
	f := newThreats(t)
	for query, want := range map[string][]string{
		// What dashboards ask is not fenced.
		"SELECT status, COUNT(*), SUM(amount) FROM orders WHERE status = 'open' GROUP BY status HAVING SUM(amount) > 10 ORDER BY 3 DESC LIMIT 5": nil,
		"SELECT SUM(amount * 2) / COUNT(*) FROM orders":                                                          nil,
		"SELECT id, amount / 3 FROM orders ORDER BY amount / 7":                                                  nil,
		"SELECT c.name FROM customers c JOIN orders o ON o.customer_id = c.id WHERE o.amount BETWEEN 1 AND 5":    nil,
		"SELECT name FROM customers WHERE LOWER(name) LIKE '%a%' AND region IN ('EU', 'US') AND ssn IS NOT NULL": nil,
		"SELECT id FROM orders WHERE amount > (SELECT AVG(amount) FROM orders)":                                  nil,
		"SELECT id FROM orders o WHERE EXISTS (SELECT 1 FROM customers c WHERE c.id = o.customer_id)":            nil,
		"SELECT id FROM orders WHERE customer_id IN (SELECT id FROM customers WHERE region = 'EU')":              nil,
		"SELECT id, ROW_NUMBER() OVER (PARTITION BY status ORDER BY amount / 2) FROM orders":                     nil,
		"SELECT id FROM orders WHERE status = CASE WHEN note IS NULL THEN 'open' ELSE status END":                nil,
		"SELECT id FROM orders WHERE 1 / 0 = 1":                                                                  nil,
		// Arithmetic, casts and dates never fail on SQLite.
		"SELECT id FROM orders WHERE 1 / (amount - 300) > 0":                  nil,
		"SELECT id FROM orders WHERE CAST(note AS SIGNED) = 1":                nil,
		"SELECT id FROM orders WHERE YEAR(note) = 2024 AND -id DIV 0 IS NULL": nil,
		// What is late meets visible rows only.
		"SELECT ABS(amount), CONCAT(note, note) FROM orders":                                         nil,
		"SELECT id FROM orders ORDER BY ABS(amount)":                                                 nil,
		"SELECT ABS(amount), COUNT(*) FROM orders GROUP BY ABS(amount)":                              nil,
		"SELECT status FROM orders GROUP BY status HAVING ABS(SUM(ABS(amount))) > 1":                 nil,
		"SELECT id, ABS(amount), (SELECT COUNT(*) FROM customers c WHERE c.id = o.id) FROM orders o": nil,
		"SELECT id, RANK() OVER (ORDER BY ABS(amount)) FROM orders WINDOW w AS (ORDER BY ABS(id))":   nil,
		"SELECT ABS(r.id) FROM regions r":                                                            nil,
		// These could tell of hidden rows.
		"SELECT id FROM orders WHERE ABS(amount - 300) > 0":                                                                     {"orders"},
		"SELECT id FROM orders WHERE CONCAT(note, note) = 'x'":                                                                  {"orders"},
		"SELECT o.id FROM orders o JOIN customers c ON ABS(o.amount - 300) < 5 AND o.customer_id = c.id":                        {"o", "c"},
		"SELECT o.id FROM orders o JOIN customers c ON ABS(o.amount / c.id) < 5":                                                {"o", "c"},
		"SELECT o.id FROM orders o JOIN regions r ON ABS(r.id) < 5 AND o.customer_id = r.id":                                    {"o"},
		"SELECT status FROM orders GROUP BY status HAVING REPLACE(status, 'x', 'y') = 'o'":                                      {"orders"},
		"SELECT x.s FROM (SELECT status, SUM(amount * 2) AS s FROM orders GROUP BY status) x WHERE x.s > 3":                     {"orders"},
		"SELECT x.v FROM (SELECT ABS(amount) AS v FROM orders) x WHERE x.v > 1":                                                 {"orders"},
		"WITH x AS (SELECT note AS v FROM orders) SELECT v FROM x WHERE CONCAT(v, v) > '1'":                                     {"orders"},
		"SELECT id FROM orders WHERE note LIKE note":                                                                            {"orders"},
		"SELECT id FROM orders WHERE id = (SELECT id FROM regions)":                                                             {"orders"},
		"SELECT id FROM orders o WHERE EXISTS (SELECT 1 FROM regions r WHERE ABS(o.amount - 300) > r.id)":                       {"o"},
		"SELECT id FROM orders WHERE CASE WHEN note = 'V' THEN ABS(1 / 0) ELSE 1 END = 1":                                       {"orders"},
		"SELECT id FROM customers UNION SELECT x.id FROM (SELECT id, ABS(amount) AS d FROM orders) x WHERE x.d > 1":             {"customers", "orders"},
		"SELECT id FROM orders o WHERE o.id IN (SELECT ABS(c.id) FROM customers c)":                                             {"o", "c"},
		"SELECT (SELECT COUNT(*) FROM customers c WHERE ABS(c.id / o.id) > 1) FROM orders o":                                    {"o", "c"},
		"SELECT id FROM orders o WHERE (SELECT SUM(o.amount + r.id) FROM regions r) > 0":                                        {"o"},
		"SELECT id FROM orders o WHERE EXISTS (SELECT 1 FROM (SELECT o.amount AS a) v WHERE ABS(v.a) > 1)":                      {"o"},
		"WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT id FROM orders, n":                {"orders"},
		"SELECT COUNT(*) FROM (SELECT MAX(id) OVER (ORDER BY id RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) AS m FROM orders) x": {"orders"},
	} {
		st, err := f.shared.Enforce(t.Context(), f.acme, query)
		require.NoError(t, err, query)
		var fenced []string
		for _, o := range st.Decision.Occurrences {
			if o.Fenced {
				fenced = append(fenced, o.Alias)
			}
		}
		assert.Equal(t, want, fenced, "%s\n%s", query, st.SQL)
		if len(want) > 0 {
			assert.Contains(t, st.SQL, "LIMIT -1 OFFSET 0")
		}
	}
}

// TestWildcards: a pattern of many wildcards would exhaust a database's stack.
func TestWildcards(t *testing.T) {
	f := newThreats(t)
	for n, want := range map[int]error{64: nil, 65: rls.ErrLimit} {
		_, err := f.shared.Enforce(t.Context(), f.acme, "SELECT id FROM orders WHERE note LIKE '"+strings.Repeat("%a", n)+"'")
		assert.ErrorIs(t, err, want)
	}
}
