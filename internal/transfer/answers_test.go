package transfer_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/session"
)

// TestSameAnswers: the project answers as the shared tables do, as far as no
// collation tells them apart.
func TestSameAnswers(t *testing.T) {
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		w, dst := newWorld(t, k), target(t, k)
		complete(t, w, dst, k, rowsOfAcme)
		set, err := policy.Parse("policy.yaml", []byte(`policies: [{name: all, datasets: "*", rows: "true"}]`), dst.Model)
		require.NoError(t, err)
		own, err := rls.New(rls.Config{Policies: set, Dialect: dialectOf[k]})
		require.NoError(t, err)
		anyone, err := set.Schema().New(nil)
		require.NoError(t, err)
		for _, query := range []string{
			"SELECT id, txt, num, amount, ratio, flag, clock, local, at FROM events ORDER BY id",
			"SELECT a.name, COUNT(*), SUM(e.amount), MAX(e.at), MIN(e.local) FROM events e JOIN accounts a ON a.id = e.account GROUP BY a.name",
			"SELECT id FROM events WHERE txt = 'it''s' OR at > '2024-05-01 00:00:00' OR amount = 0.1 ORDER BY 1",
			"SELECT flag, COUNT(DISTINCT born), AVG(amount) FROM events GROUP BY flag ORDER BY flag",
		} {
			shared, copied := answer(t, w.db, w.enforcer, w.acme, query), answer(t, dst.DB, own, anyone, query)
			assert.NotEmpty(t, shared)
			assert.Equal(t, shared, copied, query)
		}
	})
}

func answer(t *testing.T, db *sql.DB, e *rls.Enforcer, s session.Session, query string) []string {
	t.Helper()
	st, err := e.Enforce(context.Background(), s, query)
	require.NoError(t, err)
	rows, err := db.Query(st.SQL, st.Args...)
	require.NoError(t, err, st.SQL)
	return texts(t, rows)
}

// texts are all rows, in order, as the driver's values print.
func texts(t testing.TB, rows *sql.Rows) []string {
	t.Helper()
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(t, err)
	out := []string{}
	for rows.Next() {
		raw, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range raw {
			into[i] = &raw[i]
		}
		require.NoError(t, rows.Scan(into...))
		for i, v := range raw {
			if b, ok := v.([]byte); ok {
				raw[i] = string(b)
			}
		}
		out = append(out, fmt.Sprintf("%#v", raw))
	}
	require.NoError(t, rows.Err())
	return out
}
