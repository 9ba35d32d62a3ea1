package rls_test

import (
	"database/sql"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
)

// TestPreparedAgain: a statement that is kept gives the same rows each time.
// MariaDB resolves the conditions of a semijoin with an unmerged table only once.
func TestPreparedAgain(t *testing.T) {
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		f := newThreatsOn(t, k)
		for _, query := range []string{
			"SELECT c.name FROM customers c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id AND o.id >= c.id) ORDER BY c.name",
			"SELECT c.name FROM customers c WHERE c.id IN (SELECT o.customer_id FROM orders o WHERE o.id >= c.id) ORDER BY c.name",
			"SELECT c.name FROM customers c WHERE c.id = ANY (SELECT o.customer_id FROM orders o WHERE o.id >= c.id AND o.amount > c.id) ORDER BY c.name",
			"SELECT c.name FROM customers c WHERE c.id NOT IN (SELECT o.customer_id FROM orders o WHERE o.id > c.id + 1) ORDER BY c.name",
			"SELECT c.name, (SELECT MAX(o.amount) FROM orders o WHERE o.customer_id = c.id AND o.id >= c.id) AS m FROM customers c ORDER BY c.name",
			"SELECT c.name FROM customers c JOIN (SELECT customer_id, COUNT(*) AS n FROM orders GROUP BY customer_id) x ON x.customer_id = c.id AND x.n >= c.id ORDER BY c.name",
		} {
			st, err := f.shared.Enforce(t.Context(), f.acme, query)
			require.NoError(t, err, query)
			kept, err := f.full.PrepareContext(t.Context(), st.SQL)
			require.NoError(t, err, st.SQL)
			var first []string
			for n := range 4 {
				rows, err := kept.QueryContext(t.Context(), st.Args...)
				require.NoError(t, err, "run %d of %s", n+1, st.SQL)
				got := firstColumn(t, rows)
				if n == 0 {
					first = got
					require.NotEmpty(t, got, query)
				}
				assert.Equal(t, first, got, "run %d of %s", n+1, st.SQL)
			}
			require.NoError(t, kept.Close())
		}
	})
}

func firstColumn(t *testing.T, rows *sql.Rows) (out []string) {
	t.Helper()
	defer rows.Close()
	names, err := rows.Columns()
	require.NoError(t, err)
	into := make([]any, len(names))
	for i := range into {
		into[i] = new(sql.NullString)
	}
	for rows.Next() {
		require.NoError(t, rows.Scan(into...))
		out = append(out, into[0].(*sql.NullString).String)
	}
	require.NoError(t, rows.Err())
	return out
}
