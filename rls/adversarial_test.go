package rls_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/rls"
)

// adversarialCase is one query of the corpus, with what must come of it.
type adversarialCase struct {
	ID     string     `json:"id"`
	Class  string     `json:"class"`
	SQL    string     `json:"sql"`
	Expect string     `json:"expect"` // deny, filtered or either
	Rows   [][]string `json:"rows"`   // for filtered: on a database of the permitted rows only
}

func adversarialCases(t *testing.T) []adversarialCase {
	var cases []adversarialCase
	require.NoError(t, json.Unmarshal(threatsFile(t, "adversarial.json"), &cases))
	require.Greater(t, len(cases), 400)
	return cases
}

// TestAdversarial runs the corpus on every database: nothing that must be
// denied is accepted, what must be filtered has its rows, and whatever is
// accepted equals the twin.
func TestAdversarial(t *testing.T) {
	cases := adversarialCases(t)
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		f := newThreatsOn(t, k)
		counts := map[string]int{}
		for _, c := range cases {
			t.Run(c.ID, func(t *testing.T) { counts[f.adversarial(t, c)]++ })
		}
		t.Logf("%v", counts)
	})
}

// adversarial runs one case and tells what came of it.
func (f *threats) adversarial(t *testing.T, c adversarialCase) string {
	start := time.Now()
	got, st, err := ask(f.full, f.shared, f.acme, c.SQL)
	require.Less(t, time.Since(start), 5*time.Second)
	noCanary(t, got, err)
	refused := overDenied[f.kind][c.ID]
	if st == nil {
		requireTyped(t, err)
		if c.Expect == "filtered" && refused == "" {
			t.Errorf("refused: %v", err)
		}
		return c.Expect + " refused"
	}
	require.NotEqual(t, "deny", c.Expect, "accepted as %s", st.SQL)
	require.Empty(t, refused, "accepted now: take it off the list")
	if c.Expect == "filtered" && differ[f.kind][c.ID] == "" {
		require.NoError(t, err, st.SQL)
		require.Equal(t, canonicalRows(expected(c)), canonicalRows(got.rows), st.SQL)
	}
	f.requireTwin(t, c.SQL, got, st, err)
	if err != nil {
		return c.Expect + " failed on both"
	}
	require.Equal(t, shownNames(f.kind, st), got.columns, st.SQL)
	return c.Expect + " accepted"
}

// shownNames gives the names of a statement's columns as the database can show
// them: PostgreSQL's end after 63 bytes.
func shownNames(k testdb.Kind, st *rls.Statement) []string {
	out := make([]string, len(st.Columns))
	for i, c := range st.Columns {
		out[i] = c.Name
		if k == testdb.PostgreSQL {
			out[i] = c.Name[:min(len(c.Name), 63)]
		}
	}
	return out
}

// requireTwin holds an answer against that of the twin database.
func (f *threats) requireTwin(t *testing.T, query string, got answer, st *rls.Statement, err error) {
	t.Helper()
	want, twin, twinErr := ask(f.twin, f.open, f.anyone, query)
	require.NotNil(t, twin, "the twin refuses: %v", twinErr)
	require.Equal(t, twinErr == nil, err == nil, "twin: %v, shared: %v\n%s", twinErr, err, st.SQL)
	if err != nil {
		return
	}
	require.Equal(t, want.columns, got.columns)
	require.Equal(t, canonicalRows(want.rows), canonicalRows(got.rows), st.SQL)
}

// expected gives a case's rows as this test writes values, with today for the
// day on which the corpus was made.
func expected(c adversarialCase) [][]string {
	rows := make([][]string, len(c.Rows))
	for i, row := range c.Rows {
		for _, v := range row {
			if strings.Contains(c.SQL, "CURRENT_DATE") && strings.Count(v, "-") == 2 {
				v = time.Now().UTC().Format("2006-01-02")
			}
			rows[i] = append(rows[i], number(v))
		}
	}
	return rows
}

// canonicalRows sorts rows: the corpus gives multisets.
func canonicalRows(rows [][]string) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = strings.Join(r, " | ")
	}
	slices.Sort(out)
	return out
}

// noCanary looks for data of hidden rows, fields and tables in all that a caller sees.
func noCanary(t *testing.T, a answer, err error) {
	t.Helper()
	seen := strings.Join(canonicalRows(a.rows), "\n")
	if err != nil {
		seen += err.Error()
	}
	for _, canary := range []string{"TOPSECRET", "VICTIM-NOTE", "NULLORG", "bob@", "ann@", "cid@", "111-11", "222-22", "333-33", "Bob"} {
		require.NotContains(t, seen, canary)
	}
}

// requireTyped wants an *rls.Error that matches a sentinel.
func requireTyped(t *testing.T, err error) {
	t.Helper()
	var typed *rls.Error
	require.ErrorAs(t, err, &typed)
	for _, sentinel := range []error{rls.ErrSyntax, rls.ErrUnsupported, rls.ErrUnknownName, rls.ErrDenied, rls.ErrLimit} {
		if errors.Is(err, sentinel) {
			return
		}
	}
	t.Errorf("matches no sentinel: %v", err)
}

// TestHiddenLooksMissing: hidden, unmodelled and missing names give errors that
// differ in nothing but the name that the caller wrote.
func TestHiddenLooksMissing(t *testing.T) {
	f := newThreats(t)
	refusal := func(query string) *rls.Error {
		_, err := f.shared.Enforce(t.Context(), f.acme, query)
		var typed *rls.Error
		require.ErrorAs(t, err, &typed, query)
		return typed
	}
	for _, pattern := range []string{
		"SELECT NAME FROM customers", "SELECT c.NAME FROM customers c", "SELECT id FROM customers WHERE NAME = 'x'",
		"SELECT id FROM customers ORDER BY NAME", "SELECT COUNT(*) FROM customers GROUP BY NAME",
		"SELECT a.id FROM customers a JOIN customers b USING (NAME)",
	} {
		hidden := refusal(strings.ReplaceAll(pattern, "NAME", "email"))
		missing := refusal(strings.ReplaceAll(pattern, "NAME", "nosuc"))
		assert.Equal(t, strings.ReplaceAll(missing.Error(), "nosuc", "email"), hidden.Error(), pattern)
		assert.ErrorIs(t, hidden, rls.ErrUnknownName)
	}
	unmodelled, missing := refusal("SELECT id FROM secrets"), refusal("SELECT id FROM nothing")
	assert.Equal(t, strings.ReplaceAll(missing.Error(), "nothing", "secrets"), unmodelled.Error())
}
