package rls

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

// notesEnforcer is an enforcer over one dataset.
func notesEnforcer(t *testing.T, bytes int) (*Enforcer, session.Session) {
	t.Helper()
	model, err := semantic.Parse("model.yaml", []byte(`
version: "0.2.0.dev0"
semantic_model:
  - name: notes
    datasets:
      - name: notes
        source: main.notes
        fields:
          - {name: id, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}, datatype: Integer}
          - {name: owner, expression: {dialects: [{dialect: ANSI_SQL, expression: owner}]}, datatype: String}
`))
	require.NoError(t, err)
	set, err := policy.Parse("policy.yaml", []byte(`
session: [{name: owner, type: string, required: true}]
policies: [{name: own, datasets: [notes], rows: row.owner == session.owner}]
`), model)
	require.NoError(t, err)
	e, err := New(Config{Policies: set, Dialect: SQLite, CacheBytes: bytes})
	require.NoError(t, err)
	who, err := set.Schema().New(map[string]any{"owner": "ann"})
	require.NoError(t, err)
	return e, who
}

// kept tells whether the plan of a query is there.
func (e *Enforcer) kept(t *testing.T, who session.Session, query string) bool {
	t.Helper()
	ruling, err := e.rules.Decide(who)
	require.NoError(t, err)
	_, ok := e.plans.Get(planKey{e.compiled, ruling.Shape(), query})
	return ok
}

// A flood of texts that are asked once, ten for each one that is asked again and
// again, evicts next to none of the latter, and takes no more memory than allowed.
func TestFloodEvictsNothingInUse(t *testing.T) {
	e, who := notesEnforcer(t, 4<<20)
	inUse := func(i int) string { return fmt.Sprintf("SELECT id FROM notes WHERE id = %d", i) }
	const texts, others, flood = 200, 10, 40_000
	asked, found := 0, 0
	for i := range flood {
		_, err := e.Enforce(t.Context(), who, fmt.Sprintf("SELECT id FROM notes WHERE id <> %d", i))
		require.NoError(t, err)
		if i%others > 0 {
			continue
		}
		query := inUse(i / others % texts)
		if i > flood/2 {
			asked++
			if e.kept(t, who, query) {
				found++
			}
		}
		_, err = e.Enforce(t.Context(), who, query)
		require.NoError(t, err)
	}
	assert.LessOrEqual(t, e.plans.Bytes(), 3<<20)
	assert.Positive(t, e.plans.Bytes())
	assert.GreaterOrEqual(t, found, asked*95/100, "of %d", asked)
}

func TestBigTextsAreNotKept(t *testing.T) {
	e, who := notesEnforcer(t, 4<<20)
	big := "SELECT id FROM notes WHERE '" + strings.Repeat("x", 20_000) + "' <> '' AND id IN (" + strings.Repeat("1, ", 9_990) + "2)"
	small := "SELECT id FROM notes"
	for _, query := range []string{big, small} {
		_, err := e.Enforce(t.Context(), who, query)
		require.NoError(t, err)
	}
	assert.False(t, e.kept(t, who, big))
	assert.True(t, e.kept(t, who, small))
}

// Refused texts are not kept, nor is anything where the host says so.
func TestWhatIsNotKept(t *testing.T) {
	e, who := notesEnforcer(t, 0)
	_, err := e.Enforce(t.Context(), who, "SELECT nothing FROM notes")
	require.Error(t, err)
	assert.False(t, e.kept(t, who, "SELECT nothing FROM notes"))

	none, who := notesEnforcer(t, -1)
	_, err = none.Enforce(t.Context(), who, "SELECT id FROM notes")
	require.NoError(t, err)
	assert.False(t, none.kept(t, who, "SELECT id FROM notes"))
}

// Sessions that differ in their values alone share a plan.
func TestSessionsOfOneShapeShareAPlan(t *testing.T) {
	e, ann := notesEnforcer(t, 0)
	bob, err := e.Schema().New(map[string]any{"owner": "bob"})
	require.NoError(t, err)
	_, err = e.Enforce(t.Context(), ann, "SELECT id FROM notes")
	require.NoError(t, err)
	assert.True(t, e.kept(t, bob, "SELECT id FROM notes"))
}
