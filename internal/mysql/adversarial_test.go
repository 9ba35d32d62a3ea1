package mysql_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/mysql"
)

type adversarialCase struct {
	ID, Class, SQL, Expect string
}

func adversarialCases(t testing.TB) []adversarialCase {
	t.Helper()
	raw, err := os.ReadFile("testdata/adversarial.json")
	require.NoError(t, err)
	var cases []adversarialCase
	require.NoError(t, json.Unmarshal(raw, &cases))
	require.NotEmpty(t, cases)
	return cases
}

// refusedHere lists the cases of the corpus that the front end itself must
// refuse: those whose danger is in the syntax, not in a name.
var refusedHere = map[string]bool{
	"comment": true, "literal": true, "robustness": true,
	"select-modifier": true, "statement-kind": true,
}

// exceptions are cases of those classes that need the model to be refused.
var exceptions = map[string]bool{
	"literal-041": true, // $1 is a name in MySQL's syntax
}

func TestAdversarialCorpus(t *testing.T) {
	p := newParser(t)
	for _, c := range adversarialCases(t) {
		t.Run(c.ID, func(t *testing.T) {
			q, _, err := p.Parse(c.SQL, mysql.DefaultLimits())
			if err == nil {
				require.NotNil(t, q)
				assert.False(t, c.Expect == "deny" && refusedHere[c.Class] && !exceptions[c.ID], "accepted: %s", c.SQL)
				return
			}
			require.Nil(t, q)
			f := faultOf(t, err)
			assert.NotEqual(t, fault.Internal, f.Kind)
			assert.True(t, f.Pos >= 0 && f.Pos <= len(c.SQL), "position %d of %d", f.Pos, len(c.SQL))
			assert.NotEqual(t, "filtered", c.Expect, "refused: %s: %v", c.SQL, err)
		})
	}
}

// TestAdversarialSyntax names cases of other classes that must not pass.
func TestAdversarialSyntax(t *testing.T) {
	want := []string{
		"alias-shadow-033", "bind-variable-002", "bind-variable-003", "bind-variable-005", "bind-variable-006", "cte-shadow-049",
		"function-006", "function-013", "function-014", "function-016", "function-031", "function-032", "hidden-column-030",
		"identifier-tricks-002", "identifier-tricks-014", "identifier-tricks-016", "masked-column-020", "position-143",
		"position-146", "position-150", "predicate-override-020", "predicate-override-021", "set-op-014", "set-op-016",
	}
	p := newParser(t)
	sql := map[string]string{}
	for _, c := range adversarialCases(t) {
		sql[c.ID] = c.SQL
	}
	for _, id := range want {
		require.Contains(t, sql, id)
		_, _, err := p.Parse(sql[id], mysql.DefaultLimits())
		assert.Error(t, err, "%s: %s", id, sql[id])
	}
}
