package rls_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
)

// Few and many names, relations and arguments are looked up in different ways,
// which must give the same.
func TestManyNames(t *testing.T) {
	for _, kind := range []testdb.Kind{testdb.SQLite, testdb.PostgreSQL} {
		t.Run(fmt.Sprint(kind), func(t *testing.T) {
			f := newThreatsOn(t, kind)
			for _, n := range []int{1, 3, 4, 5, 15, 16, 17, 18, 40} {
				for _, query := range manyNames(n) {
					args := make([]any, strings.Count(query, "?"))
					for i := range args {
						args[i] = int64(i)
					}
					shared, _, err := ask(f.full, f.shared, f.acme, query, args...)
					require.NoError(t, err, query)
					twin, _, err := ask(f.twin, f.open, f.anyone, query, args...)
					require.NoError(t, err, query)
					assert.Equal(t, twin, shared, query)
					assert.NotEmpty(t, shared.rows, query)
				}
			}
		})
	}
}

// manyNames are queries of n columns, relations, CTEs and arguments.
func manyNames(n int) []string {
	columns, taken, relations, ctes, params := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	for i := range n {
		columns[i] = fmt.Sprintf("id + %d AS n%d", i, i)
		taken[i] = fmt.Sprintf("%d AS x_%d", i, i+2) // what a second x would be called
		relations[i] = fmt.Sprintf("(SELECT %d AS v) r%d", i, i)
		ctes[i] = fmt.Sprintf("c%d AS (SELECT %d AS v)", i, i)
		params[i] = fmt.Sprintf("WHEN ? THEN 'p%d'", i)
	}
	last := n - 1
	return []string{
		fmt.Sprintf("SELECT d.N%d, d.n0 FROM (SELECT %s FROM orders) d ORDER BY n%d, 2", last, strings.Join(columns, ", "), last),
		fmt.Sprintf("SELECT * FROM (SELECT %s, 'a' AS x, 'b' AS X FROM orders) d ORDER BY 1", strings.Join(taken, ", ")),
		fmt.Sprintf("SELECT r%d.v, R0.v FROM %s", last, strings.Join(relations, ", ")),
		fmt.Sprintf("WITH %s SELECT c%d.v, o.id FROM c%d, orders o ORDER BY o.id", strings.Join(ctes, ", "), last, last),
		fmt.Sprintf("SELECT id, CASE id %s ELSE 'other' END AS p FROM orders ORDER BY id", strings.Join(params, " ")),
	}
}
