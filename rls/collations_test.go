package rls_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
)

const collationsModel = `
version: "0.2.0"
semantic_model:
  - name: collations
    datasets:
      - name: papers
        source: papers
        fields:
          - {name: id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}}
          - {name: org, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: org}]}}
          - {name: a, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: a}]}}
          - {name: b, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: b}]}}
          - {name: joined, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: "a || b"}]}}
          - {name: shown, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: a}]}}
`

const collationsPolicies = `
session:
  - {name: org, type: string, required: true}
policies:
  - {name: own, datasets: [papers], rows: "row.org == session.org"}
  - {name: mixed, datasets: [papers], kind: restrictive, rows: "row.a != row.b"}
  - {name: masks, datasets: [papers], mask: {shown: "row.a + row.b"}, still_shows: [a, joined, shown]}
`

// collationsQueries need a collation for two columns that have one each.
var collationsQueries = []string{
	"SELECT id FROM papers WHERE a = b", "SELECT id FROM papers WHERE a < b OR id = 2", "SELECT id FROM papers WHERE NOT a <=> b",
	"SELECT id FROM papers WHERE LOWER(CONCAT(a, b)) = 'x'", "SELECT id FROM papers WHERE UPPER(COALESCE(a, b)) = 'x'",
	"SELECT id FROM papers WHERE a IN ('x', b)", "SELECT id FROM papers WHERE 'x' BETWEEN a AND b", "SELECT id FROM papers WHERE GREATEST(a, b) = 'x'",
	"SELECT id FROM papers WHERE NULLIF(a, b) IS NULL", "SELECT id FROM papers WHERE CASE WHEN id > 1 THEN a ELSE b END > 'x'",
	"SELECT id FROM papers WHERE (id, a) = (1, b)", "SELECT id FROM papers WHERE LOWER(joined) = 'x'", "SELECT id FROM papers WHERE LOWER(shown) = 'x'",
	"SELECT p.id FROM papers p JOIN papers q ON p.a = q.b", "SELECT p.id FROM papers p LEFT JOIN papers q ON p.id = q.id AND p.a > q.b",
	"SELECT id FROM papers p WHERE a IN (SELECT b FROM papers)", "SELECT id FROM papers p WHERE a >= ALL (SELECT b FROM papers)",
	"SELECT id FROM papers p WHERE EXISTS (SELECT 1 FROM papers q WHERE q.b = p.a)", "SELECT id FROM papers p WHERE a > (SELECT MAX(b) FROM papers)",
	"SELECT id FROM papers WHERE LOCATE(a, b) > 0 OR REPLACE(a, b, 'x') = 'x'",
	"SELECT t.x FROM (SELECT a AS x FROM papers UNION ALL SELECT b FROM papers) AS t WHERE t.x = 'x'",
}

// TestCollations: where columns of text have collations of their own, no hidden
// row raises the error that to compare them is, and no rule fails.
func TestCollations(t *testing.T) {
	m, err := semantic.Parse("model.yaml", []byte(collationsModel))
	require.NoError(t, err)
	set, err := policy.Parse("policy.yaml", []byte(collationsPolicies), m)
	require.NoError(t, err)
	db := testdb.Open(t, testdb.PostgreSQL)
	_, err = db.Exec(`CREATE TABLE papers (id bigint, org text COLLATE "POSIX", a text COLLATE "de-x-icu", b text COLLATE "en-x-icu");
		INSERT INTO papers VALUES (1, 'evil', 'x', 'y'), (2, 'evil', 'x', 'x'), (3, 'evil', 'y', 'x')`)
	require.NoError(t, err)

	var refusal *rls.SettingError
	require.ErrorAs(t, rls.CheckServer(t.Context(), db, rls.PostgreSQL), &refusal)
	assert.Equal(t, "collations", refusal.Setting)
	assert.Equal(t, `"POSIX" (as public.papers.org) and "en-x-icu" (as public.papers.b)`, refusal.Value)
	require.NoError(t, rls.CheckServer(t.Context(), db, rls.PostgreSQLCollations))

	e, err := rls.New(rls.Config{Policies: set, Dialect: rls.PostgreSQLCollations})
	require.NoError(t, err)
	acme := newSession(t, set, map[string]any{"org": "acme"})
	none := func(query string) error {
		st, err := e.Enforce(t.Context(), acme, query)
		require.NoError(t, err, query)
		for _, d := range st.Decision.Occurrences {
			assert.True(t, d.Fenced || strings.Contains(query, "shown"), query) // a mask's collation is the usual one
		}
		rows, err := db.Query(st.SQL, st.Args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		require.False(t, rows.Next(), query)
		return rows.Err()
	}
	for _, query := range collationsQueries {
		assert.NoError(t, none(query), query)
	}
	_, err = db.Exec("INSERT INTO papers VALUES (4, 'acme', 'x', 'y'), (5, 'acme', 'x', 'x')")
	require.NoError(t, err)
	got, st, err := ask(db, e, acme, "SELECT id, shown FROM papers ORDER BY id")
	require.NoError(t, err, "%v", st)
	assert.Equal(t, [][]string{{"4", "xy"}}, got.rows)
}
