package policytest

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/rules"
	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/semantic"
)

// watchedRules hold conditions wherever CEL can have them.
var watchedRules = []string{
	"row.urgent", "!row.urgent", "row.urgent == session.vip", "row.urgent == null", "null != row.urgent && row.urgent",
	"session.vip || row.urgent", "session.vip && row.urgent", "!(row.urgent && row.cost > 3.0) || row.org == 'b'",
	"row.urgent ? row.cost > 3.0 : session.vip", "(row.urgent ? row.org : row.title) == 'a'", "(row.urgent && row.cost > 3.0) == (row.org == 'a')",
	"has(session.user) && row.id == session.user", "row.id in [1, session.user]", "row.title.startsWith(row.urgent ? 'T' : 'M')",
	"row.team.name == 'IT'", "!(row.team.name == 'IT')", "row.team.name == 'IT' || row.urgent", "row.team.members.exists(m, m.user_id == session.user)",
	"row.team.members.all(m, m.user_id > 7 || m.org == row.org)", "!row.team.members.exists_one(m, m.teams.name == 'IT' ? m.user_id == 7 : false)",
	"row.team.members.exists(m, row.team.members.exists(n, n.user_id == m.user_id + 1 && m.org == n.org))",
	"session.names.exists(n, n == row.title)", "session.names.all(n, n != row.title || row.urgent)", "session.limits[row.org] > 2.0", "row.org in session.limits",
	"row.id / (row.id - 1) > 0 || row.urgent",
}

// TestWatchedRulesMeanTheSame: a rule that is watched comes out for every row as
// the rule itself does.
func TestWatchedRulesMeanTheSame(t *testing.T) {
	src, err := os.ReadFile("testdata/model.yaml")
	require.NoError(t, err)
	m, err := semantic.Parse("model.yaml", src)
	require.NoError(t, err)
	tickets, ok := m.Dataset("tickets")
	require.True(t, ok)
	words := map[rules.Truth]string{rules.True: "true", rules.False: "false", rules.Unknown: "unknown"}
	outcomes := map[string]int{}
	for _, rule := range watchedRules {
		set, err := policy.Parse("policy.yaml", fmt.Appendf(nil, `
session:
  - {name: user, type: int}
  - {name: vip, type: bool}
  - {name: names, type: list(string)}
  - {name: limits, type: "map(string, double)"}
policies:
  - {name: p, datasets: [tickets], rows: %q}`, rule), m)
		require.NoError(t, err, rule)
		s, err := set.Schema().New(map[string]any{"user": 7, "vip": false, "names": []string{"T", "M"}, "limits": map[string]float64{"a": 3, "b": 1}})
		require.NoError(t, err)
		compiler, err := rules.NewCompiler(m, set.Schema(), "")
		require.NoError(t, err)
		probe, err := rules.NewProbe(compiler, tickets, rule)
		require.NoError(t, err, rule)
		for _, row := range watchedRows() {
			want, err := set.Visible(s, "tickets", row)
			require.NoError(t, err, rule)
			got, err := probe.Row(s, row)
			require.NoError(t, err, rule)
			assert.Equal(t, want.Rules[0].Outcome, words[got], "%s for %v", rule, row)
			outcomes[words[got]]++
		}
	}
	for _, word := range words {
		assert.Greater(t, outcomes[word], 30, word)
	}
}

// watchedRows has rows with NULLs, absent teams and members of all kinds.
func watchedRows() []map[string]any {
	it := map[string]any{"name": "IT"}
	it["members"] = []map[string]any{{"user_id": 7, "org": "a", "teams": it}, {"user_id": 8, "org": "a"}}
	it["members"].([]map[string]any)[0]["teams"] = map[string]any{"name": "IT"}
	var rows []map[string]any
	for i, urgent := range []any{true, false, nil} {
		for _, team := range []map[string]any{nil, it, {"name": nil, "members": []map[string]any{}}} {
			row := map[string]any{"id": int64(i + 1), "org": "a", "title": "T", "urgent": urgent, "cost": float64(2 * i)}
			if team != nil {
				row["team"] = team
				row["org"], row["title"] = "b", nil
			}
			rows = append(rows, row)
		}
	}
	return rows
}
