package rls_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
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

// TestIsolation is the one law: the answer on the shared database is the
// answer of a database that holds only what the session may see.
func TestIsolation(t *testing.T) {
	_, path := newShop(t, shop.Size{})
	queries := loadQueries(t)
	// answers[i] are the viewers' answers to query i.
	answers := make([]map[string]bool, len(queries))
	for i := range answers {
		answers[i] = map[string]bool{}
	}
	for _, v := range viewers() {
		t.Run(v.name, func(t *testing.T) {
			w := newWorld(t, v, path)
			asWritten, translated, refused, empty := 0, 0, 0, 0
			for i, q := range queries {
				t.Run(q.name(), func(t *testing.T) {
					if slices.Contains(q.hiddenFrom, v.role) {
						refused++
						w.checkRefusal(t, q)
						return
					}
					got := w.check(t, q)
					answers[i][strings.Join(got.rows, "\n")] = true
					if q.via == "" {
						asWritten++
					} else {
						translated++
					}
					if len(got.rows) == 0 {
						empty++
					}
				})
			}
			t.Logf("%d queries as written on the twin, %d translated, %d without rows, %d refused on both", asWritten, translated, empty, refused)
			assert.GreaterOrEqual(t, asWritten+translated, 300)
			assert.Less(t, empty*3, asWritten+translated, "too many queries without rows")
		})
	}
	telling := 0
	for _, a := range answers {
		if len(a) > 1 {
			telling++
		}
	}
	t.Logf("%d of %d queries answer viewers differently", telling, len(queries))
	assert.Greater(t, telling*4, len(queries)*3, "too many queries that don't depend on who asks")
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

// checkRefusal checks that a field which isn't there on the twin isn't there
// for the enforcer either.
func (w *world) checkRefusal(t *testing.T, q testQuery) {
	t.Helper()
	_, err := w.expected(t.Context(), q)
	require.ErrorContains(t, err, "no such column", q.text)
	_, _, err = w.enforced(t.Context(), q.text, q.args...)
	require.ErrorIs(t, err, rls.ErrUnknownName, q.text)
}

// TestRandomIsolation is TestIsolation for random queries. A failure names the
// number of its query; with -isolation.seed it can be made again.
func TestRandomIsolation(t *testing.T) {
	count := *randomQueries
	if testing.Short() {
		count = min(count, 1000)
	}
	_, path := newShop(t, smallShop())
	var ran, empty atomic.Int64
	shapes := make([]map[string]int, len(viewers()))
	t.Run("viewers", func(t *testing.T) {
		for i, v := range viewers() {
			shapes[i] = map[string]int{}
			t.Run(v.name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, v, path)
				schema := twinSchema(t, w.twin)
				for n, failures := i, 0; n < count && failures < 5; n += len(shapes) {
					q := newGenerator(schema, *randomSeed, uint64(n), shapes[i]).statement()
					rows, ok := w.checkRandom(t, n, q)
					if !ok {
						failures++
					}
					ran.Add(1)
					if rows == 0 {
						empty.Add(1)
					}
				}
			})
		}
	})
	all := map[string]int{}
	for _, s := range shapes {
		for name, n := range s {
			all[name] += n
		}
	}
	logShapes(t, all, int(ran.Load()), int(empty.Load()))
	assert.Less(t, empty.Load()*3, ran.Load(), "too many queries without rows")
}

// checkRandom compares the answers to a random query and gives the number of rows.
func (w *world) checkRandom(t *testing.T, n int, q randomQuery) (rows int, ok bool) {
	t.Helper()
	want, err := runSQL(t.Context(), w.twin, q.text)
	if !assert.NoError(t, err, "query %d on the twin: %s", n, q.text) {
		return 0, false
	}
	got, statement, err := w.enforced(t.Context(), q.text)
	if !assert.NoError(t, err, "query %d enforced: %s", n, q.text) {
		return 0, false
	}
	ok = assert.Empty(t, difference(got, want, q.ordered), "query %d: %s\nenforced: %s\nargs: %v", n, q.text, statement.SQL, statement.Args)
	ok = assert.Equal(t, want.columns, got.columns, "column names of query %d: %s", n, q.text) && ok
	return len(want.rows), ok
}
