package rls_test

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

// marksModel has a table whose name looks like one that Hedgerow generates, and
// fields of the types that the other fixtures lack.
const marksModel = `
version: "0.2.0"
semantic_model:
  - name: marks
    datasets:
      - name: marks
        source: cte_marked
        fields:
          - {name: id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}}
          - {name: owner, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: owner}]}}
          - {name: flag, datatype: Boolean, expression: {dialects: [{dialect: ANSI_SQL, expression: flag}]}}
          - {name: weight, datatype: Float, expression: {dialects: [{dialect: ANSI_SQL, expression: weight}]}}
          - {name: share, datatype: Float, expression: {dialects: [{dialect: ANSI_SQL, expression: ABS(1 / weight)}]}}
      - name: teams
        source: teams
        fields:
          - {name: id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}}
          - {name: title, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: title}]}}
    relationships:
      - {name: team, from: marks, to: teams, from_columns: [team_id], to_columns: [id]}
`

const marksRows = `CREATE TABLE cte_marked(id int, owner text, flag int, weight real);
INSERT INTO cte_marked VALUES (1, 'ann', 1, 0.5), (2, 'bob', 0, 1.5), (3, 'ann', 5, 2.5), (4, NULL, NULL, NULL)`

const marksSession = `
session:
  - {name: user, type: string}
  - {name: names, type: list(string)}
  - {name: trusted, type: bool}
  - {name: factor, type: double}
policies:
`

// marks makes an enforcer over the marks, a session of it and a database.
func marks(t *testing.T, policies string, values map[string]any) (*sql.DB, *rls.Enforcer, session.Session) {
	t.Helper()
	m, err := semantic.Parse("model.yaml", []byte(marksModel))
	require.NoError(t, err)
	set, err := policy.Parse("policy.yaml", []byte(marksSession+policies), m)
	require.NoError(t, err)
	e, err := rls.New(rls.Config{Policies: set, Dialect: rls.SQLite})
	require.NoError(t, err)
	db := openSQLite(t, ":memory:")
	_, err = db.Exec(marksRows)
	require.NoError(t, err)
	return db, e, newSession(t, set, values)
}

const everyMark = "  - {name: all, datasets: [marks], rows: 'true'}\n"

// TestMutationGapMissingProperties: what a rule needs and the session lacks denies.
func TestMutationGapMissingProperties(t *testing.T) {
	for name, policies := range map[string]string{
		"rows":             "  - {name: own, datasets: [marks], rows: row.owner == session.user}\n",
		"list":             "  - {name: own, datasets: [marks], rows: row.owner in session.names}\n",
		"when of hide":     everyMark + "  - {name: hide, datasets: [marks], when: session.user == 'x', hide: [owner]}\n",
		"flag as when":     everyMark + "  - {name: hide, datasets: [marks], when: session.trusted, hide: [owner]}\n",
		"when of restrict": everyMark + "  - {name: few, datasets: [marks], kind: restrictive, when: session.user != 'x', rows: row.id == 1}\n",
		"restrict":         everyMark + "  - {name: few, datasets: [marks], kind: restrictive, rows: row.owner == session.user}\n",
		"mask":             everyMark + "  - {name: mask, datasets: [marks], mask: {owner: session.user}}\n",
	} {
		_, e, s := marks(t, policies, nil)
		_, err := e.Enforce(t.Context(), s, "SELECT id, owner FROM marks")
		assert.ErrorIs(t, err, rls.ErrDenied, name)
		assert.NotErrorIs(t, err, rls.ErrUnknownName, name)
	}
}

// TestMutationGapUnusableValues: a value that a database would read otherwise denies.
func TestMutationGapUnusableValues(t *testing.T) {
	for name, rows := range map[string]string{
		"infinite":     "row.weight < session.factor / 0.0",
		"not a number": "row.weight != (session.factor - session.factor) / 0.0",
		"NUL":          `row.owner != session.user + "\u0000"`,
	} {
		_, e, s := marks(t, "  - {name: own, datasets: [marks], rows: '"+rows+"'}\n", map[string]any{"factor": 1.5, "user": "ann"})
		_, err := e.Enforce(t.Context(), s, "SELECT id FROM marks")
		assert.ErrorIs(t, err, rls.ErrDenied, name)
	}
}

// TestMutationGapRows: which rows rules of other types leave.
func TestMutationGapRows(t *testing.T) {
	for _, c := range []struct{ rows, want string }{
		{"row.flag", "1"},
		{"!row.flag", "2"}, // 5 is neither TRUE nor FALSE, so it is unknown
		{"row.flag || !row.flag", "1,2"},
		{"row.owner in session.names", "1,2,3"},
		{"row.owner == session.user || row.id == 4", "1,3,4"},
	} {
		db, e, s := marks(t, "  - {name: own, datasets: [marks], rows: '"+c.rows+"'}\n",
			map[string]any{"user": "ann", "names": []string{"ann", "bob"}})
		got, st, err := ask(db, e, s, "SELECT id FROM marks ORDER BY id")
		require.NoError(t, err, c.rows)
		assert.Equal(t, c.want, strings.Join(canonicalRows(got.rows), ","), "%s\n%s", c.rows, st.SQL)
	}
}

// TestMutationGapGeneratedNames: no generated name captures a table, and no
// name of the caller's captures a generated one.
func TestMutationGapGeneratedNames(t *testing.T) {
	db, e, s := marks(t, everyMark, nil)
	for query, want := range map[string]string{
		"WITH marked AS (SELECT 9 AS id) SELECT m.id FROM marks m, marked":                                           "1,2,3,4",
		"WITH `cte_marked` AS (SELECT 9 AS id) SELECT m.id FROM marks m, `cte_marked`":                               "1,2,3,4",
		"WITH a AS (SELECT 1 AS id), A_2 AS (SELECT 2 AS id) SELECT a.id FROM a UNION SELECT id FROM a_2":            "1,2",
		"SELECT o.id AS a FROM marks o GROUP BY o.id HAVING EXISTS (SELECT 1 FROM marks o WHERE o.id = 3 AND a = 1)": "1",
		"SELECT o.id FROM marks o WHERE EXISTS (SELECT 1 FROM marks O WHERE O.id = 2) AND o.id = 1":                  "1",
	} {
		got, st, err := ask(db, e, s, query)
		require.NoError(t, err, query)
		assert.Equal(t, want, strings.Join(canonicalRows(got.rows), ","), "%s\n%s", query, st.SQL)
	}
	st, err := e.Enforce(t.Context(), s, "SELECT t.id FROM marks t")
	require.NoError(t, err)
	assert.Equal(t, 1, strings.Count(st.SQL, `AS "t"`), "the table's alias is the caller's: %s", st.SQL)
}

// TestMutationGapRefusals: what doesn't mean exactly one thing is refused.
func TestMutationGapRefusals(t *testing.T) {
	f := newThreats(t)
	for query, want := range map[string]error{
		"WITH a AS (SELECT 1 AS x), A AS (SELECT 2 AS x) SELECT x FROM a":   rls.ErrUnknownName,
		"SELECT id FROM main.orders":                                        rls.ErrUnknownName,
		"SELECT id FROM customers.orders":                                   rls.ErrUnknownName,
		"WITH a AS (SELECT 1 AS x) SELECT x FROM main.a":                    rls.ErrUnknownName,
		"SELECT 1 FROM orders, orders":                                      rls.ErrUnknownName,
		"SELECT 1 FROM orders o JOIN customers O ON TRUE":                   rls.ErrUnknownName,
		"SELECT d.x FROM orders o, (SELECT o.id AS x) d":                    rls.ErrUnknownName,
		"SELECT (SELECT c.amount FROM customers c LIMIT 1) FROM orders c":   rls.ErrUnknownName,
		"SELECT 1 FROM orders o, customers c JOIN regions r ON r.id = o.id": rls.ErrUnknownName,
		"SELECT id FROM orders ORDER BY 0":                                  rls.ErrUnknownName,
		"SELECT id FROM orders ORDER BY 2":                                  rls.ErrUnknownName,
		"SELECT COUNT(*) FROM orders GROUP BY 9":                            rls.ErrUnknownName,
		"SELECT id FROM orders UNION SELECT id FROM customers ORDER BY 2":   rls.ErrUnknownName,
		"SELECT id FROM orders, customers":                                  rls.ErrUnknownName,
		"SELECT (SELECT id, status FROM orders)":                            rls.ErrUnsupported,
		"SELECT id FROM orders ORDER BY (SELECT id, status FROM orders)":    rls.ErrUnsupported,
		"SELECT id FROM orders WHERE (1, 2)":                                rls.ErrUnsupported,
		"SELECT id FROM orders WHERE (id, id) = (1, 2, 3)":                  rls.ErrSyntax,
		"SELECT id FROM orders WHERE (id, id) IN ((1, 2), (1, 2, 3))":       rls.ErrSyntax,
		"SELECT id FROM orders WHERE (id, id) IN (SELECT id FROM orders)":   rls.ErrSyntax,
		"SELECT id FROM orders WHERE id = ALL (SELECT id, id FROM orders)":  rls.ErrSyntax,
		"SELECT id FROM orders UNION SELECT id, id FROM orders":             rls.ErrSyntax,
		"SELECT UPPER(note, id) FROM orders":                                rls.ErrSyntax,
		"SELECT ROUND(amount, 1, 2) FROM orders":                            rls.ErrSyntax,
		"SELECT NULLIF(id) FROM orders":                                     rls.ErrSyntax,
		"SELECT id FROM orders GROUP BY -1":                                 rls.ErrUnsupported,
	} {
		_, err := f.shared.Enforce(t.Context(), f.acme, query)
		assert.ErrorIs(t, err, want, query)
	}
}

// TestMutationGapConstantOrder: a constant sorts nothing and is no position.
func TestMutationGapConstantOrder(t *testing.T) {
	f := newThreats(t)
	for _, query := range []string{
		"SELECT id, note FROM orders ORDER BY -1", "SELECT id FROM orders ORDER BY - -2", "SELECT id FROM orders ORDER BY NULL",
		"SELECT id FROM orders ORDER BY 'x', 1.5, TRUE", "SELECT id FROM orders UNION ALL SELECT 7 ORDER BY NULL",
		"SELECT 7 AS a, COUNT(*) FROM orders HAVING EXISTS (SELECT id FROM customers ORDER BY a)",
	} {
		_, st, err := ask(f.full, f.shared, f.acme, query)
		require.NoError(t, err, query)
		assert.NotContains(t, st.SQL, "ORDER BY", query)
	}
}

// TestMutationGapNamedValues: values that database/sql binds by name are refused.
func TestMutationGapNamedValues(t *testing.T) {
	f := newThreats(t)
	named, out := sql.Named("x", 1), 1
	for _, arg := range []any{named, &named, sql.Out{Dest: &out}, &sql.Out{Dest: &out}} {
		_, err := f.shared.Enforce(t.Context(), f.acme, "SELECT id FROM orders WHERE id = ?", arg)
		assert.ErrorIs(t, err, rls.ErrUnsupported, "%T", arg)
	}
}

// TestMutationGapFingerprint: another model or policy file is another fingerprint,
// also where the statement is the same.
func TestMutationGapFingerprint(t *testing.T) {
	fingerprint := func(model, policies string) rls.Fingerprint {
		m, err := semantic.Parse("model.yaml", []byte(model))
		require.NoError(t, err)
		set, err := policy.Parse("policy.yaml", []byte(policies), m)
		require.NoError(t, err)
		e, err := rls.New(rls.Config{Policies: set, Dialect: rls.SQLite})
		require.NoError(t, err)
		st, err := e.Enforce(t.Context(), newSession(t, set, nil), "SELECT id FROM marks WHERE id = 1")
		require.NoError(t, err)
		return st.Fingerprint
	}
	policies := marksSession + everyMark
	first := fingerprint(marksModel, policies)
	assert.Equal(t, first, fingerprint(marksModel, policies))
	assert.NotEqual(t, first, fingerprint(marksModel+"# edited\n", policies))
	assert.NotEqual(t, first, fingerprint(marksModel, policies+"# edited\n"))
}

// TestMutationGapFences: a field whose own expression can fail is as risky as if
// the caller had written that expression.
func TestMutationGapFences(t *testing.T) {
	_, e, s := marks(t, "  - {name: own, datasets: [marks], rows: row.owner == session.user}\n", map[string]any{"user": "ann"})
	for query, fenced := range map[string]bool{
		"SELECT id FROM marks WHERE weight = 1":                         false,
		"SELECT id, share FROM marks WHERE weight = 1":                  false,
		"SELECT id FROM marks WHERE share = 1":                          true,
		"SELECT id FROM marks WHERE share":                              true,
		"SELECT COUNT(*) FROM (SELECT share FROM marks) x":              true,
		"SELECT a.id FROM marks a JOIN marks b ON a.share = b.id":       true,
		"WITH x AS (SELECT share AS s FROM marks) SELECT s FROM x":      true,
		"SELECT id FROM marks WHERE EXISTS (SELECT share FROM marks x)": true,
	} {
		st, err := e.Enforce(t.Context(), s, query)
		require.NoError(t, err, query)
		assert.Equal(t, fenced, st.Decision.Occurrences[0].Fenced || st.Decision.Occurrences[len(st.Decision.Occurrences)-1].Fenced, "%s\n%s", query, st.SQL)
	}
}

// TestMutationGapFencedQueries: the database may put off a policy's own query,
// so any risky expression in the statement fences it.
func TestMutationGapFencedQueries(t *testing.T) {
	_, e, s := marks(t, "  - {name: own, datasets: [marks], rows: row.team.title == session.user}\n"+
		"  - {name: teams, datasets: [teams], rows: 'true'}\n", map[string]any{"user": "ann"})
	for query, fenced := range map[string]bool{
		"SELECT m.id FROM marks m JOIN teams x ON x.id = m.id":                             false,
		"SELECT m.id FROM marks m JOIN teams x ON x.id = m.id WHERE ABS(x.id) = 1":         true,
		"SELECT m.id FROM marks m WHERE m.id IN (SELECT id FROM teams WHERE ABS(-id) < 0)": true,
	} {
		st, err := e.Enforce(t.Context(), s, query)
		require.NoError(t, err, query)
		assert.Equal(t, fenced, st.Decision.Occurrences[0].Fenced, "%s\n%s", query, st.SQL)
	}
}
