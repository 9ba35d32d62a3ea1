package rls_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/rls"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

// dialectOf gives each database its own.
var dialectOf = map[testdb.Kind]rls.Dialect{
	testdb.SQLite:     rls.SQLite,
	testdb.PostgreSQL: rls.PostgreSQL,
	testdb.MariaDB:    rls.MariaDB,
}

// overDenied names the cases that should give rows and are refused, with the
// reason. The lists may only get shorter.
var overDenied = map[testdb.Kind]map[string]string{}

// differ names the cases whose rows differ from those of the database that the
// corpus was made with, with the reason; the twin must agree all the same.
var differ = map[testdb.Kind]map[string]string{}

// early is a filter in a derived table, as anybody would write it, under an
// expression that fails on a hidden row alone. The database runs the
// expression first, and the error tells of the row.
var early = map[testdb.Kind]string{
	testdb.PostgreSQL: `SELECT id FROM (SELECT id, note FROM orders AS t
		WHERE EXISTS (SELECT 1 FROM customers AS c WHERE c.id = t.customer_id AND c.organization_id = 'acme')) AS o
		WHERE CAST(CASE WHEN note LIKE 'V%' THEN note ELSE '1' END AS bigint) = 1`,
	testdb.MariaDB: "SELECT id FROM (SELECT id, amount FROM orders WHERE organization_id = 'acme') AS o WHERE EXP(amount * 2.4) > 0",
}

// TestErrorsTellNothing: an expression that fails on hidden rows only doesn't
// fail, on databases of which it is shown that they would let it.
func TestErrorsTellNothing(t *testing.T) {
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		f := newThreatsOn(t, k)
		if query := early[k]; query != "" {
			_, err := run(f.full, &rls.Statement{SQL: query})
			require.Error(t, err, "the premise: %s", query)
		}
		for _, query := range []string{
			"SELECT id FROM orders WHERE EXP(amount * 2.4) > 0",
			"SELECT id FROM orders WHERE CAST(CASE WHEN note LIKE 'V%' THEN note ELSE '1' END AS SIGNED) = 1",
			"SELECT id FROM orders WHERE id = (SELECT r.id FROM regions r WHERE r.id = 1 OR orders.amount > 250)",
			"SELECT o.id FROM orders o JOIN regions r ON EXP(o.amount * 2.4) > r.id",
			"WITH x AS (SELECT id, EXP(amount * 2.4) AS e FROM orders) SELECT id FROM x WHERE e > 1",
			"SELECT status, COUNT(*) FROM orders GROUP BY status HAVING MIN(EXP(amount * 2.4)) > 1",
		} {
			got, st, err := ask(f.full, f.shared, f.acme, query)
			require.NoError(t, err, query)
			require.NotEmpty(t, got.rows, query)
			noCanary(t, got, nil)
			f.requireTwin(t, query, got, st, nil)
		}
	})
}

// TestSameAnswers: what MySQL lets a query say in one way or another gives the
// same rows on every database.
func TestSameAnswers(t *testing.T) {
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		f := newThreatsOn(t, k)
		for query, want := range map[string]string{
			// Truth values are the numbers 1 and 0.
			"SELECT SUM(status = 'open'), MAX(amount > 150), AVG(note IS NULL) FROM orders": "1 | 1 | 0.5",
			"SELECT SUM(o.s) FROM (SELECT status LIKE 'o%' AS s FROM orders) o":             "1",
			"SELECT (id > 1) + (amount > 50), -(id = 2), (id = 2) * 3 FROM orders":          "1 | 0 | 0\n2 | -1 | 3",
			"SELECT id FROM orders WHERE (note IS NULL) = 1":                                "2",
			"SELECT id FROM orders WHERE (note IS NULL) IN (0, 5)":                          "1",
			"SELECT CONCAT(id > 1, '!'), CAST(id > 1 AS CHAR), CAST(id > 1 AS SIGNED) FROM orders": "0! | 0 | 0\n" +
				"1! | 1 | 1",
			"SELECT COALESCE(id > 1, 0), IF(id, id > 1, 7), CASE id > 1 WHEN 1 THEN 'y' ELSE 'n' END FROM orders": "0 | 0 | n\n1 | 1 | y",
			// Numbers are conditions.
			"SELECT id FROM orders WHERE id - 1":                                              "2",
			"SELECT id FROM orders WHERE NOT (id - 1) AND 1":                                  "1",
			"SELECT id FROM orders WHERE 0 OR id - 2 XOR 0":                                   "1",
			"SELECT status FROM orders GROUP BY status HAVING SUM(id) - 1":                    "closed",
			"SELECT o.id FROM orders o JOIN regions r ON o.id - r.id":                         "1\n2",
			"SELECT id, (id - 1) IS TRUE FROM orders":                                         "1 | 0\n2 | 1",
			"SELECT 1 AND 0, 1 OR 0, 1 XOR 1, !1, TRUE + TRUE":                                "0 | 1 | 0 | 0 | 2",
			"SELECT id, CASE WHEN id - 1 THEN 'more' ELSE 'one' END FROM orders":              "1 | one\n2 | more",
			"SELECT DATE(created_at), created_at FROM orders WHERE created_at < '2024-01-15'": "2024-01-01 | 2024-01-01 00:00:00",
		} {
			got, st, err := ask(f.full, f.shared, f.acme, query)
			require.NoError(t, err, query)
			assert.Equal(t, want, strings.Join(canonicalRows(got.rows), "\n"), st.SQL)
		}
	})
}

// TestRollupTwice: a rollup that is sorted may have two columns of one name.
func TestRollupTwice(t *testing.T) {
	for _, k := range []testdb.Kind{testdb.PostgreSQL, testdb.MariaDB} { // SQLite has no rollup
		t.Run(string(k), func(t *testing.T) {
			f := newThreatsOn(t, k)
			got, st, err := ask(f.full, f.shared, f.acme, "SELECT id, SUM(amount) AS id FROM orders GROUP BY orders.id WITH ROLLUP ORDER BY 2 DESC")
			require.NoError(t, err)
			assert.Equal(t, []string{"id", "id"}, got.columns)
			assert.Equal(t, [][]string{{"NULL", "300"}, {"2", "200"}, {"1", "100"}}, got.rows, st.SQL)
		})
	}
}
