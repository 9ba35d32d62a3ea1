package rls_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
)

const docsModel = `
version: "0.2.0"
semantic_model:
  - name: docs
    datasets:
      - name: docs
        source: docs
        fields:
          - {name: id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}}
          - {name: n, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: n}]}}
          - {name: note, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: note}]}}
      - name: members
        source: members
        fields:
          - {name: doc, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: doc}]}}
          - {name: user_id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: user_id}]}}
    relationships:
      - {name: member_of, from: members, to: docs, from_columns: [doc], to_columns: [id]}
`

const docsPolicies = `
session:
  - {name: user_id, type: int, required: true}
policies:
  - {name: members-only, datasets: [docs], rows: "row.members.exists(m, m.user_id == session.user_id)"}
`

// fenceProbes are, for each database, a query that raises an error on the
// hidden row if it gets to see it, and the text of the fence.
var fenceProbes = map[testdb.Kind]struct{ query, fence string }{
	testdb.SQLite:     {"SELECT id FROM docs WHERE ABS(n) < 10 ORDER BY id", " LIMIT -1 OFFSET 0"},
	testdb.PostgreSQL: {"SELECT id FROM docs WHERE EXP(n) < 1e300 ORDER BY id", " OFFSET 0"},
	testdb.MariaDB:    {"SELECT id FROM docs WHERE EXP(n) < 1e300 ORDER BY id", " LIMIT 18446744073709551615"},
}

// TestFenceOnDatabases: without its fence, each database runs the caller's
// expression on a row that the policy hides, and its error tells of the row.
// With the fence there is no error.
func TestFenceOnDatabases(t *testing.T) {
	m, err := semantic.Parse("docs.yaml", []byte(docsModel))
	require.NoError(t, err)
	set, err := policy.Parse("policy.yaml", []byte(docsPolicies), m)
	require.NoError(t, err)
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		db := testdb.Open(t, k)
		marks := "(?, ?, ?)"
		if k == testdb.PostgreSQL {
			marks = "($1, $2, $3)"
		}
		for _, ddl := range []string{
			"CREATE TABLE docs (id int, n bigint, note varchar(20))", "CREATE TABLE members (doc int, user_id int)",
			"INSERT INTO members VALUES (1, 7), (2, 7), (3, 8)",
		} {
			_, err := db.Exec(ddl)
			require.NoError(t, err)
		}
		for _, row := range [][]any{{1, 1, "1"}, {2, 2, "2"}, {3, math.MinInt64, "VICTIM-NOTE"}} {
			if k != testdb.SQLite && row[0] == 3 {
				row[1] = 100_000 // EXP is out of range
			}
			_, err := db.Exec("INSERT INTO docs VALUES "+marks, row...)
			require.NoError(t, err)
		}
		e, err := rls.New(rls.Config{Policies: set, Dialect: agreementDialects[k]})
		require.NoError(t, err)
		probe := fenceProbes[k]
		got, st, err := ask(db, e, newSession(t, set, map[string]any{"user_id": 7}), probe.query)
		require.NoError(t, err)
		assert.Equal(t, [][]string{{"1"}, {"2"}}, got.rows)
		require.Equal(t, 1, strings.Count(st.SQL, probe.fence), st.SQL)

		unfenced := *st
		unfenced.SQL = strings.TrimPrefix(strings.Replace(st.SQL, probe.fence, "", 1), unmerged)
		_, err = run(db, &unfenced)
		assert.Error(t, err, "without the fence nothing happens: the probe proves nothing\n%s", unfenced.SQL)
	})
}
