package rls_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/examples/shop"
	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

// world is what one viewer's queries are tested in: the shared database behind
// the shop's policies, and the viewer's twin.
type world struct {
	viewer
	shared, twin *sql.DB
	enforcer     *rls.Enforcer
	session      session.Session
	// open lets every query through to the twin: it only translates.
	open    *rls.Enforcer
	anybody session.Session
}

func newWorld(t *testing.T, v viewer, sharedPath string) *world {
	t.Helper()
	w := &world{viewer: v, shared: openSQLite(t, sharedPath), twin: newTwin(t, sharedPath, v)}
	policies, err := shop.Policies()
	require.NoError(t, err)
	w.enforcer, w.session = newEnforcer(t, policies, v.properties)
	model, err := semantic.Parse("twin.yaml", []byte(twinModel(t, w.twin, policies.Model())))
	require.NoError(t, err)
	everything, err := policy.Parse("everything.yaml", []byte("policies: [{name: everything, datasets: '*', rows: 'true'}]"), model)
	require.NoError(t, err)
	w.open, w.anybody = newEnforcer(t, everything, nil)
	return w
}

func newEnforcer(t *testing.T, policies *policy.Set, properties map[string]any) (*rls.Enforcer, session.Session) {
	t.Helper()
	e, err := rls.New(rls.Config{Policies: policies, Dialect: rls.SQLite})
	require.NoError(t, err)
	s, err := policies.Schema().New(properties)
	require.NoError(t, err)
	return e, s
}

// twinModel writes a model of a twin: every column of every table is a field.
func twinModel(t *testing.T, twin *sql.DB, m *semantic.Model) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("version: 0.2.0.dev0\nsemantic_model:\n- name: twin\n  datasets:\n")
	for _, name := range datasets() {
		dataset, ok := m.Dataset(name)
		require.True(t, ok, name)
		fmt.Fprintf(&b, "  - name: %[1]s\n    source: main.%[1]s\n    fields:\n", name)
		columns, err := columnsOf(t.Context(), twin, name)
		require.NoError(t, err)
		for _, c := range columns {
			field, ok := dataset.Field(c)
			require.True(t, ok, "%s.%s", name, c)
			fmt.Fprintf(&b, "    - {name: %[1]s, expression: {dialects: [{dialect: ANSI_SQL, expression: %[1]s}]}, datatype: %[2]s}\n", c, field.Datatype)
		}
	}
	return b.String()
}

// enforced runs a logical query on the shared database.
func (w *world) enforced(ctx context.Context, query string, args ...any) (result, *rls.Statement, error) {
	return throughEnforcer(ctx, w.shared, w.enforcer, w.session, query, args)
}

// expected runs a logical query on the twin: as it is, or translated.
func (w *world) expected(ctx context.Context, q testQuery) (result, error) {
	if q.via == "" {
		return runSQL(ctx, w.twin, q.text, q.args...)
	}
	r, _, err := throughEnforcer(ctx, w.twin, w.open, w.anybody, q.text, q.args)
	return r, err
}

func throughEnforcer(ctx context.Context, db *sql.DB, e *rls.Enforcer, s session.Session, query string, args []any) (result, *rls.Statement, error) {
	statement, err := e.Enforce(ctx, s, query, args...)
	if err != nil {
		return result{}, nil, err
	}
	r, err := runSQL(ctx, db, statement.SQL, statement.Args...)
	if err != nil {
		return result{}, statement, fmt.Errorf("run %s: %w", statement.SQL, err)
	}
	names := make([]string, len(statement.Columns))
	for i, c := range statement.Columns {
		names[i] = c.Name
	}
	if !slices.Equal(names, r.columns) {
		return result{}, statement, fmt.Errorf("the statement announces columns %q, the database gives %q: %s", names, r.columns, statement.SQL)
	}
	return r, statement, nil
}

// tally counts what became of a viewer's queries.
type tally struct{ asWritten, translated, empty, hidden, refused int }

// TestIsolation is the one law: the answer on the shared database is the
// answer of a database that holds only what the session may see.
func TestIsolation(t *testing.T) {
	_, path := newShop(t, shop.Size{})
	queries := loadQueries(t)
	answers := make([][]string, len(queries)) // of each viewer, by query
	for _, v := range viewers() {
		t.Run(v.name, func(t *testing.T) {
			w := newWorld(t, v, path)
			var n tally
			for i, q := range queries {
				t.Run(q.name(), func(t *testing.T) {
					if got, compared := w.examine(t, q, &n); compared {
						answers[i] = append(answers[i], strings.Join(got.rows, "\n"))
					}
				})
			}
			t.Logf("%d queries as written on the twin, %d translated; %d without rows; fields hidden in %d, refused %d",
				n.asWritten, n.translated, n.empty, n.hidden, n.refused)
			assert.LessOrEqual(t, n.empty*3, n.asWritten+n.translated, "too many queries without rows")
			if ran := n.asWritten + n.translated + n.hidden + n.refused; ran == len(queries) { // -run may pick some
				assert.GreaterOrEqual(t, n.asWritten+n.translated, 300)
			}
		})
	}
	asked, telling := 0, 0
	for _, a := range answers {
		if len(a) == len(viewers()) {
			asked++
			if a[0] != a[1] || a[1] != a[2] {
				telling++
			}
		}
	}
	t.Logf("%d of %d queries answer viewers differently", telling, asked)
	assert.GreaterOrEqual(t, telling*4, asked*3, "too many queries that don't depend on who asks")
}

// examine runs one query as its directives say, and gives its answer if there
// was one to compare.
func (w *world) examine(t *testing.T, q testQuery, n *tally) (got result, compared bool) {
	t.Helper()
	switch {
	case q.refused != "":
		n.refused++
		_, err := w.enforcer.Enforce(t.Context(), w.session, q.text, q.args...)
		require.ErrorIs(t, err, rls.ErrUnsupported, q.text)
		return result{}, false
	case slices.Contains(q.hiddenFrom, w.role):
		n.hidden++
		w.checkHidden(t, q)
		return result{}, false
	case q.via == "":
		n.asWritten++
	default:
		n.translated++
	}
	got = w.check(t, q)
	if len(got.rows) == 0 {
		n.empty++
	}
	return got, true
}

// check compares a query's answers and returns the enforced one.
func (w *world) check(t *testing.T, q testQuery) result {
	t.Helper()
	want, err := w.expected(t.Context(), q)
	require.NoError(t, err, "on the twin: %s", q.text)
	got, statement, err := w.enforced(t.Context(), q.text, q.args...)
	require.NoError(t, err, "enforced: %s", q.text)
	assert.Empty(t, difference(got, want, q.ordered), "%s\nenforced: %s\nargs: %v", q.text, statement.SQL, statement.Args)
	assert.Equal(t, want.columns, got.columns, "column names of %s", q.text)
	return got
}

// checkHidden checks that a field which isn't there on the twin isn't there
// for the enforcer either.
func (w *world) checkHidden(t *testing.T, q testQuery) {
	t.Helper()
	_, err := w.expected(t.Context(), q)
	require.ErrorContains(t, err, "no such column", q.text)
	_, _, err = w.enforced(t.Context(), q.text, q.args...)
	require.ErrorIs(t, err, rls.ErrUnknownName, q.text)
}
