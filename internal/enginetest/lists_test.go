package enginetest

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
)

// TestLongLists: a session's list that is too long for one argument an element
// is one argument, with the answers of a short list.
func TestLongLists(t *testing.T) {
	m, err := semantic.Parse("model.yaml", []byte(`
version: "0.2.0"
semantic_model:
  - name: lists
    datasets:
      - name: docs
        source: docs
        fields:
          - {name: id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}}
          - {name: s, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: s}]}}
          - {name: ts, datatype: DateTime, expression: {dialects: [{dialect: ANSI_SQL, expression: ts}]}}
`))
	require.NoError(t, err)
	onEngines(t, func(t *testing.T, e engine) {
		db := e.open(t)
		_, err := db.Exec("CREATE TABLE docs (id bigint, s varchar(20), ts timestamp)")
		require.NoError(t, err)
		_, err = db.Exec("INSERT INTO docs VALUES (1, 'n5', '2024-01-02 03:04:05.5'), (9223372036854775807, 'N5', '2024-01-02 03:04:05'), (9007199254740993, '\"]''', '2024-01-02 03:04:06')," +
			" (9007199254740992, 'n5 ', NULL), (NULL, NULL, '2024-01-02 00:00:00'), (-9223372036854775808, '\U0001F600', '2023-12-31 23:59:59')")
		require.NoError(t, err)
		for _, rule := range []string{"row.s in session.s", "!(row.s in session.s)", "row.id in session.n", "!(row.id in session.n)", "row.ts in session.t"} {
			set, err := policy.Parse("policy.yaml", fmt.Appendf(nil,
				"session: [{name: s, type: list(string)}, {name: n, type: list(int)}, {name: t, type: list(timestamp)}]\npolicies: [{name: rule, datasets: [docs], rows: %q}]", rule), m)
			require.NoError(t, err)
			enforcer, err := rls.New(rls.Config{Policies: set, Dialect: e.dialect})
			require.NoError(t, err)
			shown := func(filler int) (count int, sum string) {
				words, numbers, times := []string{"n5", `"]'`, "😀"}, []int64{math.MaxInt64, 9007199254740993}, []time.Time{time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)}
				for i := range filler {
					words, numbers, times = append(words, fmt.Sprint("x", i)), append(numbers, int64(i)+1000), append(times, time.Date(1990, 1, 1, 0, 0, i, 0, time.UTC))
				}
				s, err := set.Schema().New(map[string]any{"s": words, "n": numbers, "t": times})
				require.NoError(t, err)
				st, err := enforcer.Enforce(t.Context(), s, "SELECT COUNT(*), MIN(COALESCE(s, 'none')) FROM docs")
				require.NoError(t, err)
				require.NoError(t, db.QueryRow(st.SQL, st.Args...).Scan(&count, &sum), st.SQL)
				return count, sum
			}
			count, least := shown(0)
			longCount, longLeast := shown(2000)
			assert.Equal(t, [2]any{count, least}, [2]any{longCount, longLeast}, rule)
			assert.Contains(t, []int{1, 2, 3}, count, rule)
		}
	})
}
