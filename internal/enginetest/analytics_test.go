package enginetest

import (
	"cmp"
	"database/sql"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/enginetest/warehouse"
	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

// everything lets all rows through: with it, Enforce only translates.
const everything = "policies: [{name: everything, datasets: '*', rows: 'true'}]"

func loadPolicies(t testing.TB, model, policies string) *policy.Set {
	t.Helper()
	m, err := semantic.Parse("model.yaml", []byte(model))
	require.NoError(t, err)
	set, err := policy.Parse("policy.yaml", []byte(policies), m)
	require.NoError(t, err)
	return set
}

func newEnforcer(t testing.TB, d rls.Dialect, set *policy.Set, properties map[string]any) (*rls.Enforcer, session.Session) {
	t.Helper()
	e, err := rls.New(rls.Config{Policies: set, Dialect: d})
	require.NoError(t, err)
	s, err := set.Schema().New(properties)
	require.NoError(t, err)
	return e, s
}

// site is an engine with the shared tables and each viewer's own copy.
type site struct {
	engine
	shared         *sql.DB
	enforcer, open *rls.Enforcer
	anybody        session.Session
	viewers        []*viewer
}

type viewer struct {
	warehouse.Viewer
	session session.Session
	copy    *sql.DB
}

func newSite(t *testing.T, e engine, tables []*warehouse.Table) *site {
	t.Helper()
	s := &site{engine: e, shared: e.open(t)}
	require.NoError(t, e.load.Load(t.Context(), s.shared, tables))
	set := loadPolicies(t, string(warehouse.Model), string(warehouse.Policies))
	s.open, s.anybody = newEnforcer(t, e.dialect, loadPolicies(t, string(warehouse.Model), everything), nil)
	for _, v := range warehouse.Viewers() {
		own := &viewer{Viewer: v, copy: e.open(t)}
		s.enforcer, own.session = newEnforcer(t, e.dialect, set, v.Properties)
		require.NoError(t, e.load.Load(t.Context(), own.copy, v.Copy(tables)))
		s.viewers = append(s.viewers, own)
	}
	return s
}

// TestPoliciesMatter guards the premise: without the policies nearly every
// query over the shared tables has another answer.
func TestPoliciesMatter(t *testing.T) {
	s := newSite(t, sqlite(), warehouse.Generate(1))
	for _, v := range s.viewers {
		asked, other := 0, 0
		for _, q := range loadQueries(t) {
			if _, ok := q.refused[s.name]; ok {
				continue
			}
			all, _, err := ask(t.Context(), s.shared, s.open, s.anybody, q.text)
			require.NoError(t, err)
			own, _, err := ask(t.Context(), s.shared, s.enforcer, v.session, q.text)
			require.NoError(t, err)
			asked++
			if difference(all, own, q.ordered) != "" {
				other++
			}
		}
		assert.GreaterOrEqual(t, other*100, asked*90, "%s: %d of %d", v.Name, other, asked)
	}
}

// answers holds, by viewer and query, the answer of the first engine.
type answers map[string]answer

type answer struct {
	engine string
	result result
}

// scale multiplies the data: HEDGEROW_SCALE, or 1.
func scale(t testing.TB) int {
	t.Helper()
	text := cmp.Or(os.Getenv("HEDGEROW_SCALE"), "1")
	n, err := strconv.Atoi(text)
	require.NoError(t, err, "HEDGEROW_SCALE")
	return n
}

// TestAnalytics: every query has one answer for a viewer: on every engine, from
// the shared tables behind the policies and from the viewer's own copy.
func TestAnalytics(t *testing.T) {
	tables := warehouse.Generate(scale(t))
	queries := loadQueries(t)
	require.GreaterOrEqual(t, len(queries), 60)
	known, rows := answers{}, map[string]int{}
	onEngines(t, func(t *testing.T, e engine) {
		s := newSite(t, e, tables)
		for _, q := range queries {
			t.Run(q.name, func(t *testing.T) {
				for _, v := range s.viewers {
					rows[q.name] += s.examine(t, v, q, known)
				}
			})
		}
	})
	for name, n := range rows {
		assert.Positive(t, n, "%s gives no rows at all", name)
	}
}

// examine compares the answers to one query and gives the number of rows.
func (s *site) examine(t *testing.T, v *viewer, q logicalQuery, known answers) int {
	t.Helper()
	got, st, err := ask(t.Context(), s.shared, s.enforcer, v.session, q.text)
	if why, ok := q.refused[s.name]; ok {
		require.ErrorIs(t, err, rls.ErrUnsupported, why)
		assert.ErrorContains(t, err, s.name)
		return 1
	}
	require.NoError(t, err)
	want, _, err := ask(t.Context(), v.copy, s.open, s.anybody, q.text)
	require.NoError(t, err)
	assert.Empty(t, difference(got, want, q.ordered), "%s: the shared tables against the copy: %s %v", v.Name, st.SQL, st.Args)
	key := v.Name + "/" + q.name
	first, ok := known[key]
	switch {
	case q.differs[s.name] != "":
	case ok:
		assert.Empty(t, difference(got, first.result, q.ordered), "%s: %s against %s: %s", v.Name, s.name, first.engine, st.SQL)
	default:
		known[key] = answer{s.name, got}
	}
	return len(got.rows)
}

// TestCopies guards the premise: copies hold some rows of one tenant, fewer
// than the shared tables do.
func TestCopies(t *testing.T) {
	tables := warehouse.Generate(1)
	assert.Equal(t, tables, warehouse.Generate(1), "the same rows every time")
	for _, v := range warehouse.Viewers() {
		for i, own := range v.Copy(tables) {
			require.NotEmpty(t, own.Rows, "%s of %s", own.Name, v.Name)
			if own.Index("tenant") < 0 {
				continue
			}
			assert.Less(t, len(own.Rows)*2, len(tables[i].Rows), own.Name)
			for _, row := range own.Rows {
				assert.Equal(t, v.Properties["tenant"], row[0])
			}
		}
	}
}
