package rls_test

import (
	"fmt"
	"strconv"
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
			for _, n := range []int{2, 3, 4, 5, 15, 16, 17, 18, 40} {
				for _, q := range manyNames(n) {
					args := make([]any, strings.Count(q.query, "?"))
					for i := range args {
						args[i] = int64(i)
					}
					got, _, err := ask(f.full, f.shared, f.acme, q.query, args...)
					require.NoError(t, err, q.query)
					assert.Equal(t, [][]string{q.row}, got.rows, q.query)
				}
			}
		})
	}
}

type rowOf struct {
	query string
	row   []string // the only one
}

// manyNames are queries of n columns, relations, CTEs and arguments.
func manyNames(n int) []rowOf {
	var columns, taken, relations, ctes, params, numbers []string
	for i := range n {
		columns = append(columns, fmt.Sprintf("id + %d AS n%d", i, i))
		taken = append(taken, fmt.Sprintf("%d AS x_%d", i, i+2)) // x_2 is what a second x would be called
		relations = append(relations, fmt.Sprintf("(SELECT %d AS v) r%d", i, i))
		ctes = append(ctes, fmt.Sprintf("c%d AS (SELECT %d AS v)", i, i))
		params = append(params, fmt.Sprintf("WHEN ? THEN 'p%d'", i))
		numbers = append(numbers, strconv.Itoa(i))
	}
	last, max := n-1, numbers[n-1]
	return []rowOf{
		{fmt.Sprintf("SELECT DISTINCT d.N%d - d.n0 FROM (SELECT %s FROM orders) d", last, strings.Join(columns, ", ")), []string{max}},
		{fmt.Sprintf("SELECT DISTINCT * FROM (SELECT %s, 'a' AS x, 'b' AS X FROM orders) d", strings.Join(taken, ", ")), append(numbers, "a", "b")},
		{fmt.Sprintf("SELECT r%d.v, R0.v FROM %s", last, strings.Join(relations, ", ")), []string{max, "0"}},
		{fmt.Sprintf("WITH %s SELECT DISTINCT c%d.v FROM c%d, orders", strings.Join(ctes, ", "), last, last), []string{max}},
		// The session's value is the first argument, and used again after the others.
		{fmt.Sprintf("SELECT DISTINCT (SELECT COUNT(*) FROM customers) * 0, CASE %d WHEN -1 THEN '' %s END FROM orders", last, strings.Join(params, " ")),
			[]string{"0", "p" + max}},
	}
}
