package rls_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

func TestNewRefuses(t *testing.T) {
	set := loadSet(t, "model.yaml", "policy.yaml")
	for name, cfg := range map[string]rls.Config{
		"no policies":      {Dialect: rls.SQLite},
		"no dialect":       {Policies: set},
		"a negative limit": {Policies: set, Dialect: rls.SQLite, Limits: rls.Limits{Depth: -1}},
	} {
		_, err := rls.New(cfg)
		assert.Error(t, err, name)
	}
}

func TestNoSession(t *testing.T) {
	f := newThreats(t)
	_, err := f.shared.Enforce(t.Context(), session.Session{}, "SELECT id FROM orders")
	assert.ErrorIs(t, err, rls.ErrNoSession)
	_, err = f.shared.Enforce(t.Context(), f.anyone, "SELECT id FROM orders")
	assert.ErrorIs(t, err, rls.ErrNoSession, "a session of another schema")
}

// TestZeroEnforcer: an enforcer that New didn't make denies everything.
func TestZeroEnforcer(t *testing.T) {
	f := newThreats(t)
	for _, e := range []*rls.Enforcer{nil, {}} {
		_, err := e.Enforce(t.Context(), f.acme, "SELECT id FROM orders")
		assert.ErrorIs(t, err, rls.ErrDenied)
		assert.Equal(t, "none", e.Dialect().String())
	}
	assert.Equal(t, rls.SQLite, f.shared.Dialect())
}

func TestDoneContext(t *testing.T) {
	f := newThreats(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := f.shared.Enforce(ctx, f.acme, "SELECT id FROM orders")
	assert.ErrorIs(t, err, context.Canceled)
}

func TestStatement(t *testing.T) {
	f := newThreats(t)
	got, st, err := ask(f.full, f.shared, f.acme,
		"SELECT o.id, COUNT(*) AS n, o.amount * 2, SUM(o.amount) over () FROM orders o WHERE o.id = ? GROUP BY o.id, o.amount", 2)
	require.NoError(t, err)
	assert.Equal(t, []rls.Column{
		{Name: "id", Datatype: semantic.Integer}, {Name: "n", Datatype: semantic.Integer},
		{Name: "o.amount * 2", Datatype: semantic.Decimal}, {Name: "SUM(o.amount) over ()", Datatype: semantic.Decimal},
	}, st.Columns)
	assert.Equal(t, []string{"id", "n", "o.amount * 2", "SUM(o.amount) over ()"}, got.columns, "the database's names are the logical ones")
	assert.Equal(t, [][]string{{"2", "1", "400", "200"}}, got.rows)
	assert.ElementsMatch(t, []any{"acme", 2}, st.Args)
	require.Len(t, st.Decision.Occurrences, 1)
	o := st.Decision.Occurrences[0]
	assert.Equal(t, "orders", o.Dataset)
	assert.Equal(t, "o", o.Alias)
	assert.Equal(t, strings.Index("SELECT o.id, COUNT(*) AS n, o.amount * 2, SUM(o.amount) over () FROM orders", "orders"), o.Offset)
	assert.True(t, o.Filtered)
	assert.Equal(t, []rls.Verdict{{Policy: "own-organization", Reason: "always; permits rows"}}, o.Applied)
}

func TestDecisionOfFields(t *testing.T) {
	f := newThreats(t)
	st, err := f.shared.Enforce(t.Context(), f.acme, "SELECT name FROM customers")
	require.NoError(t, err)
	o := st.Decision.Occurrences[0]
	assert.Equal(t, []string{"email"}, o.Hidden)
	assert.Equal(t, []string{"ssn"}, o.Masked)
	set := loadSet(t, "model.yaml", "policy.yaml")
	e, err := rls.New(rls.Config{Policies: set, Dialect: rls.SQLite})
	require.NoError(t, err)
	admin := newSession(t, set, map[string]any{"organization_id": "acme", "role": "admin"})
	got, st, err := ask(f.full, e, admin, "SELECT email, ssn FROM customers ORDER BY id")
	require.NoError(t, err)
	assert.Equal(t, [][]string{{"ann@acme", "111-11"}, {"cid@acme", "333-33"}}, got.rows)
	o = st.Decision.Occurrences[0]
	assert.Empty(t, o.Hidden)
	assert.Empty(t, o.Masked)
	assert.Len(t, o.Skipped, 2)
	assert.Contains(t, st.Decision.String(), "- hide-email")
}

// TestFingerprint: it changes with whatever changes the result, and only with that.
func TestFingerprint(t *testing.T) {
	f := newThreats(t)
	set := loadSet(t, "model.yaml", "policy.yaml")
	e, err := rls.New(rls.Config{Policies: set, Dialect: rls.SQLite})
	require.NoError(t, err)
	acme := newSession(t, set, map[string]any{"organization_id": "acme"})
	print := func(e *rls.Enforcer, s session.Session, q string, args ...any) string {
		st, err := e.Enforce(t.Context(), s, q, args...)
		require.NoError(t, err)
		return st.Fingerprint.String()
	}
	base := print(e, acme, "SELECT id FROM orders WHERE id = ?", 1)
	assert.Len(t, base, 64)
	assert.Equal(t, base, print(e, acme, "SELECT  id /* x */ FROM orders WHERE id = ?", 1), "the text's form doesn't matter")
	assert.Equal(t, base, print(f.shared, f.acme, "SELECT id FROM orders WHERE id = ?", 1), "nor which enforcer of equal files")
	evil := newSession(t, set, map[string]any{"organization_id": "evil"})
	assert.NotEqual(t, base, print(e, evil, "SELECT id FROM orders WHERE id = ?", 1), "another session")
	assert.NotEqual(t, base, print(e, acme, "SELECT id FROM orders WHERE id = ?", 2), "another argument")
	assert.NotEqual(t, base, print(e, acme, "SELECT id FROM orders WHERE id = ?", "1"), "an argument of another type")
	pg, err := rls.New(rls.Config{Policies: set, Dialect: rls.PostgreSQL})
	require.NoError(t, err)
	assert.NotEqual(t, base, print(pg, acme, "SELECT id FROM orders WHERE id = ?", 1), "another dialect")
	a, b := print(e, acme, "SELECT id FROM orders WHERE note IN (?, ?)", "ab", "c"), print(e, acme, "SELECT id FROM orders WHERE note IN (?, ?)", "a", "bc")
	assert.NotEqual(t, a, b, "arguments don't run together")
}

func TestPlaceholders(t *testing.T) {
	f := newThreats(t)
	for _, c := range []struct {
		query string
		args  []any
		want  [][]string
	}{
		{"SELECT id FROM orders WHERE id = ?", []any{2}, [][]string{{"2"}}},
		{"SELECT id FROM orders WHERE id IN (?, ?) ORDER BY id LIMIT ?", []any{1, 2, 1}, [][]string{{"1"}}},
		{"SELECT ? AS a, ? AS b FROM regions WHERE id = ?", []any{"x", nil, 1}, [][]string{{"x", "NULL"}}},
		{"SELECT id FROM orders WHERE organization_id = ?", []any{"evil"}, nil},
		{"SELECT a.id FROM (SELECT id FROM orders WHERE id > ?) a JOIN (SELECT id FROM orders WHERE id < ?) b ON a.id = b.id", []any{0, 2}, [][]string{{"1"}}},
	} {
		got, st, err := ask(f.full, f.shared, f.acme, c.query, c.args...)
		require.NoError(t, err, c.query)
		assert.Equal(t, c.want, got.rows, st.SQL)
	}
	for _, c := range []struct {
		args []any
		want error
	}{
		{nil, rls.ErrSyntax}, {[]any{1, 2}, rls.ErrSyntax}, {[]any{sql.Named("x", 1)}, rls.ErrUnsupported}, {[]any{sql.Out{}}, rls.ErrUnsupported},
	} {
		_, err := f.shared.Enforce(t.Context(), f.acme, "SELECT id FROM orders WHERE id = ?", c.args...)
		assert.ErrorIs(t, err, c.want)
	}
}

func TestErrorPlace(t *testing.T) {
	f := newThreats(t)
	query := "SELECT id,\n       änderung, payload\nFROM orders"
	_, err := f.shared.Enforce(t.Context(), f.acme, strings.Replace(query, "änderung, ", "'ä', ", 1))
	var e *rls.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, 2, e.Line)
	assert.Equal(t, 13, e.Column)
	assert.Equal(t, "       'ä', payload", e.Source)
	assert.Equal(t, e.Error()+"\n         'ä', payload\n              ^", e.Detail())
	assert.Equal(t, "payload", query[e.Offset+5:e.Offset+12])
}

// TestOutcomes: the hook hears of every call, and the true reason of a refusal.
func TestOutcomes(t *testing.T) {
	var mu sync.Mutex
	var outcomes []rls.Outcome
	f := newThreats(t, func(c *rls.Config) {
		c.OnDecision = func(_ context.Context, o rls.Outcome) {
			mu.Lock()
			defer mu.Unlock()
			outcomes = append(outcomes, o)
		}
	})
	for _, q := range []string{"SELECT id FROM orders", "SELECT id FROM secrets", "SELECT 1 +", "SELECT a.id FROM customers a JOIN customers b USING (Email)"} {
		_, _ = f.shared.Enforce(t.Context(), f.acme, q)
	}
	require.Len(t, outcomes, 4)
	assert.NotContains(t, outcomes[3].Err.Error(), "hidden")
	assert.Equal(t, `field "email" of dataset "customers" is hidden from this session`, outcomes[3].Reason)
	assert.NotNil(t, outcomes[0].Statement)
	assert.NoError(t, outcomes[0].Err)
	assert.ErrorIs(t, outcomes[1].Err, rls.ErrUnknownName)
	assert.Equal(t, "the model has no such dataset", outcomes[1].Reason)
	assert.ErrorIs(t, outcomes[2].Err, rls.ErrSyntax)
	assert.Equal(t, f.acme, outcomes[2].Session)
}

// TestDatasetWithoutPolicy: no permissive policy, no dataset.
func TestDatasetWithoutPolicy(t *testing.T) {
	m, err := semantic.Parse("model.yaml", threatsFile(t, "model.yaml"))
	require.NoError(t, err)
	for name, policies := range map[string]string{
		"none":                             "policies: []",
		"restrictive only":                 "policies: [{name: a, datasets: [orders], kind: restrictive, rows: 'true'}]",
		"when is false":                    "session: [{name: role, type: string, default: x}]\npolicies: [{name: a, datasets: [orders], when: session.role == 'y', rows: 'true'}]",
		"fields only":                      "policies: [{name: a, datasets: [orders], hide: [note]}]",
		"missing property":                 "session: [{name: role, type: string}]\npolicies: [{name: a, datasets: [orders], rows: row.status == session.role}]",
		"missing in when":                  "session: [{name: role, type: string}]\npolicies: [{name: a, datasets: [orders], when: session.role == 'x', rows: 'true'}]",
		"missing in mask":                  "session: [{name: role, type: string}]\npolicies: [{name: a, datasets: [orders], rows: 'true', mask: {note: session.role}}]",
		"missing beside a rule that holds": "session: [{name: role, type: string}]\npolicies: [{name: a, datasets: [orders], rows: 'true'}, {name: b, datasets: [orders], rows: row.status == session.role}]",
	} {
		t.Run(name, func(t *testing.T) {
			e, s := enforcerOf(t, m, policies)
			_, err := e.Enforce(t.Context(), s, "SELECT id FROM orders")
			require.ErrorIs(t, err, rls.ErrDenied)
		})
	}
	e, s := enforcerOf(t, m, "policies: [{name: a, datasets: [orders], rows: 'false'}]")
	got, _, err := ask(sqliteDB(t, "full.sql"), e, s, "SELECT COUNT(*) FROM orders")
	require.NoError(t, err, "a rule that comes out false gives no rows")
	require.Equal(t, [][]string{{"0"}}, got.rows)
}

func enforcerOf(t *testing.T, m *semantic.Model, policies string) (*rls.Enforcer, session.Session) {
	t.Helper()
	set, err := parsePolicies(m, policies)
	require.NoError(t, err)
	e, err := rls.New(rls.Config{Policies: set, Dialect: rls.SQLite})
	require.NoError(t, err)
	return e, newSession(t, set, nil)
}

// TestCombination: any permissive rule and every restrictive one.
func TestCombination(t *testing.T) {
	m, err := semantic.Parse("model.yaml", threatsFile(t, "model.yaml"))
	require.NoError(t, err)
	e, s := enforcerOf(t, m, `policies:
  - {name: a, datasets: [orders], rows: row.id == 1 || row.id == 2}
  - {name: b, datasets: [orders], rows: row.id == 3}
  - {name: c, datasets: [orders], kind: restrictive, rows: row.id != 2}
  - {name: d, datasets: [orders], kind: restrictive, rows: row.id < 4 || row.note == 'x'}
`)
	got, st, err := ask(sqliteDB(t, "full.sql"), e, s, "SELECT id FROM orders ORDER BY id")
	require.NoError(t, err)
	require.Equal(t, [][]string{{"1"}, {"3"}}, got.rows, st.SQL)
}

func TestErrorIs(t *testing.T) {
	f := newThreats(t)
	for query, want := range map[string]error{
		"SELECT":                              rls.ErrSyntax,
		"DELETE FROM orders":                  rls.ErrUnsupported,
		"SELECT id FROM orders FOR UPDATE":    rls.ErrUnsupported,
		"SELECT nosuch FROM orders":           rls.ErrUnknownName,
		"SELECT id FROM nosuch":               rls.ErrUnknownName,
		"SELECT sleep(1) FROM orders":         rls.ErrUnsupported,
		"SELECT " + strings.Repeat("(", 5000): rls.ErrLimit,
	} {
		_, err := f.shared.Enforce(t.Context(), f.acme, query)
		require.Error(t, err)
		assert.ErrorIs(t, err, want, "%.40s: %v", query, err)
		var e *rls.Error
		assert.True(t, errors.As(err, &e))
	}
}

// TestLongNames: an expression's text is cut to what the database allows as a
// name; the statement has it whole. An alias of the caller's is never cut.
func TestLongNames(t *testing.T) {
	set := loadSet(t, "model.yaml", "policy.yaml")
	e, err := rls.New(rls.Config{Policies: set, Dialect: rls.PostgreSQL})
	require.NoError(t, err)
	s := newSession(t, set, map[string]any{"organization_id": "acme"})
	expr := "CONCAT(status, '" + strings.Repeat("ä", 40) + "')"
	st, err := e.Enforce(t.Context(), s, "SELECT "+expr+" FROM orders")
	require.NoError(t, err)
	assert.Equal(t, expr, st.Columns[0].Name)
	assert.Contains(t, st.SQL, `AS "CONCAT(status, '`+strings.Repeat("ä", 23)+`" FROM`)
	_, err = e.Enforce(t.Context(), s, "SELECT 1 AS "+strings.Repeat("a", 64)+" FROM orders")
	assert.ErrorIs(t, err, rls.ErrUnsupported)
}

// TestManyConditions: a chain of conditions may be as long as the limits allow,
// though SQLite's own trees may only be 1,000 deep.
func TestManyConditions(t *testing.T) {
	f := newThreats(t)
	query := "SELECT id FROM orders WHERE id = 1" + strings.Repeat(" OR id = 7", 5000)
	got, _, err := ask(f.full, f.shared, f.acme, query)
	require.NoError(t, err)
	assert.Equal(t, [][]string{{"1"}}, got.rows)
}

// TestClausesOfRows: aggregates and window functions are refused where there
// are no groups yet, and a HAVING without groups filters rows as in MySQL.
func TestClausesOfRows(t *testing.T) {
	f := newThreats(t)
	for _, query := range []string{
		"SELECT id FROM orders WHERE SUM(amount) > 1", "SELECT id FROM orders WHERE ROW_NUMBER() OVER () = 1",
		"SELECT o.id FROM orders o JOIN customers c ON COUNT(*) > 1", "SELECT COUNT(*) FROM orders GROUP BY SUM(amount)",
		"SELECT id FROM orders WHERE id = (SELECT 1 FROM customers WHERE MAX(id) = 1)",
	} {
		_, err := f.shared.Enforce(t.Context(), f.acme, query)
		assert.ErrorIs(t, err, rls.ErrSyntax, query)
	}
	// An aggregate of the outer query in a subquery, which SQLite lacks.
	_, err := f.shared.Enforce(t.Context(), f.acme, "SELECT customer_id FROM orders o GROUP BY customer_id HAVING EXISTS (SELECT 1 FROM regions r WHERE r.id = COUNT(o.id))")
	assert.ErrorIs(t, err, rls.ErrUnsupported)
	for query, want := range map[string][][]string{
		"SELECT id FROM orders HAVING id > 1":                      {{"2"}},
		"SELECT id * 2 AS d FROM orders WHERE id < 9 HAVING d > 2": {{"4"}},
		"SELECT COUNT(*) FROM orders HAVING COUNT(*) > 5":          nil,
	} {
		got, _, err := ask(f.full, f.shared, f.acme, query)
		require.NoError(t, err, query)
		assert.Equal(t, want, got.rows, query)
	}
}

// TestSessionLists: a session's list is one parameter on PostgreSQL, and a
// padded list elsewhere, so that lists of many lengths share few texts.
func TestSessionLists(t *testing.T) {
	m, err := semantic.Parse("model.yaml", threatsFile(t, "model.yaml"))
	require.NoError(t, err)
	set, err := parsePolicies(m, "session: [{name: s, type: list(string)}]\npolicies: [{name: a, datasets: [orders], rows: row.status in session.s}]")
	require.NoError(t, err)
	for _, c := range []struct {
		dialect rls.Dialect
		list    []string
		texts   string
		args    []any
	}{
		{rls.PostgreSQL, []string{"a", `b"\`, "c"}, `"t"."status" = ANY($1) AND NULLIF(COALESCE(CAST("t"."status" AS text) COLLATE "C" = ANY(CAST($1 AS text[])), TRUE), FALSE) IS NOT NULL`, []any{`{"a","b\"\\","c"}`}},
		{rls.SQLite, []string{"a", "b", "c"}, `"t"."status" COLLATE BINARY IN (?1, ?2, ?3, ?4)`, []any{"a", "b", "c", "c"}},
		{rls.SQLite, []string{"a"}, `"t"."status" COLLATE BINARY IN (?1)`, []any{"a"}},
	} {
		e, err := rls.New(rls.Config{Policies: set, Dialect: c.dialect})
		require.NoError(t, err)
		st, err := e.Enforce(t.Context(), newSession(t, set, map[string]any{"s": c.list}), "SELECT id FROM orders")
		require.NoError(t, err)
		assert.Contains(t, st.SQL, c.texts)
		assert.Equal(t, c.args, st.Args)
	}
}
