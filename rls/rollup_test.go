package rls_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
)

// TestRollupLevels: SQLite, for which the levels are written one by one, gives
// the rows of a database that has rollups.
func TestRollupLevels(t *testing.T) {
	written, own := newThreatsOn(t, testdb.SQLite), newThreatsOn(t, testdb.PostgreSQL)
	for _, query := range []string{
		"SELECT id, status, COUNT(*) FROM orders WHERE id > 1 GROUP BY id, status WITH ROLLUP",
		"SELECT id, COUNT(*) FROM orders WHERE id > 100 GROUP BY id WITH ROLLUP",
		"SELECT id + 1, id, COUNT(*) FROM orders GROUP BY 1, 2 WITH ROLLUP",
		"SELECT id, id + 1, COUNT(*) FROM orders GROUP BY id, id + 1 WITH ROLLUP",
		"SELECT ABS(id) + 1, status, SUM(id) FROM orders GROUP BY ABS(id), status WITH ROLLUP",
		"SELECT status, SUM(id) FROM orders GROUP BY status, id WITH ROLLUP HAVING id IS NULL OR SUM(id) > 1",
		"SELECT CASE WHEN id = 1 THEN id END, COUNT(*) FROM orders GROUP BY id, CASE WHEN id = 1 THEN id END WITH ROLLUP",
		"SELECT d.n, COUNT(*) FROM (SELECT id AS n, COUNT(*) AS c FROM orders GROUP BY id WITH ROLLUP) d GROUP BY d.n, d.c WITH ROLLUP",
	} {
		want, _, err := ask(own.full, own.shared, own.acme, query)
		require.NoError(t, err, query)
		got, st, err := ask(written.full, written.shared, written.acme, query)
		require.NoError(t, err, query)
		assert.Equal(t, canonicalRows(want.rows), canonicalRows(got.rows), "%s\n%s", query, st.SQL)
	}
}
