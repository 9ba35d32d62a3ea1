package policytest

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
)

// failures is a testing.TB that keeps failures.
type failures struct {
	testing.TB
	texts []string
}

func (f *failures) Helper() {}
func (f *failures) Errorf(format string, args ...any) {
	f.texts = append(f.texts, fmt.Sprintf(format, args...))
}

// TestDisagreement: rows that differ between memory and SQLite fail every case
// that reads them, whatever it expects.
func TestDisagreement(t *testing.T) {
	read := func(name string) []byte {
		src, err := os.ReadFile("testdata/" + name)
		require.NoError(t, err)
		return src
	}
	m, err := semantic.Parse("model.yaml", read("model.yaml"))
	require.NoError(t, err)
	set, err := policy.Parse("policy.yaml", read("policy.yaml"), m)
	require.NoError(t, err)
	e, err := rls.New(rls.Config{Policies: set, Dialect: rls.SQLite})
	require.NoError(t, err)
	c, err := newCoverage(set)
	require.NoError(t, err)
	tables, err := tablesOf(m)
	require.NoError(t, err)
	s, err := load("passing.yaml", read("passing.yaml"), set, tables)
	require.NoError(t, err)
	w, err := newWorld(s, set, tables, c)
	require.NoError(t, err)
	defer w.db.Close()

	_, err = w.db.Exec("UPDATE t_tickets SET urgent = NOT urgent, cost = 1 WHERE org = 'acme'")
	require.NoError(t, err)
	_, err = w.db.Exec("UPDATE other.t_teams SET org = 'globex'")
	require.NoError(t, err)
	disagree := 0
	for i := range s.cases {
		tb := &failures{}
		(&runner{t: tb, set: set, enforcer: e, coverage: c, suite: s, world: w}).run(&s.cases[i])
		for _, text := range tb.texts {
			if strings.Contains(text, "evaluation in memory (-) and SQLite (+) disagree") {
				disagree++
				assert.NotNil(t, s.cases[i].dataset)
				assert.Contains(t, text, "policies:")
				assert.Contains(t, text, "SELECT")
			}
		}
	}
	assert.Equal(t, 4, disagree, "the cases over tickets and teams that show rows of acme")
}

func TestShowIsInjective(t *testing.T) {
	values := []any{nil, "NULL", "", true, "true", int64(1), "1", 1.5, "1.5", "a", "a ", " a", `"a"`, "1e3", "-1", "NaN", "a\nb"}
	seen := map[string]any{}
	for _, v := range values {
		text := show(v, semantic.Unknown)
		other, dup := seen[text]
		assert.False(t, dup, "%v and %v are both %s", v, other, text)
		seen[text] = v
	}
	assert.Equal(t, show(1.0, semantic.Decimal), show(int64(1), semantic.Integer))
	assert.Equal(t, show(0.1+0.2, semantic.Decimal), show(0.3, semantic.Decimal))
	assert.Equal(t, show(int64(1), semantic.Boolean), show(true, semantic.Unknown))
	assert.Equal(t, show("2024-01-02T01:00:00+01:00", semantic.DateTime), show("2024-01-02", semantic.DateTime))
}
