package enginetest

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

// threatsFile reads a file of the fixture that package rls has for SQLite,
// PostgreSQL and MariaDB.
func threatsFile(t *testing.T, name string) []byte {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("..", "..", "rls", "testdata", "threats", name))
	require.NoError(t, err)
	return src
}

func threatsEnforcer(t *testing.T, model, policies string, values map[string]any) (*rls.Enforcer, session.Session) {
	t.Helper()
	m, err := semantic.Parse(model, threatsFile(t, model))
	require.NoError(t, err)
	set, err := policy.Parse(policies, threatsFile(t, policies), m)
	require.NoError(t, err)
	e, err := rls.New(rls.Config{Policies: set, Dialect: rls.DuckDB})
	require.NoError(t, err)
	s, err := set.Schema().New(values)
	require.NoError(t, err)
	return e, s
}

// TestAdversarialOnDuckDB runs the corpus of attacks: nothing that must be denied
// is accepted, nothing hidden shows, and what is accepted gives the answer of a
// database that holds only what the session may see.
func TestAdversarialOnDuckDB(t *testing.T) {
	ctx := t.Context()
	e, acme := threatsEnforcer(t, "model.yaml", "policy.yaml", map[string]any{"organization_id": "acme"})
	open, anyone := threatsEnforcer(t, "twin_model.yaml", "twin_policy.yaml", nil)
	full, twin := duckDB("").open(t), duckDB("").open(t)
	full.SetMaxOpenConns(1)
	twin.SetMaxOpenConns(1)
	_, err := full.Exec(string(threatsFile(t, "full.sql")))
	require.NoError(t, err)
	_, err = twin.Exec(string(threatsFile(t, "twin.sql")))
	require.NoError(t, err)
	var cases []struct{ ID, SQL, Expect string }
	require.NoError(t, json.Unmarshal(threatsFile(t, "adversarial.json"), &cases))
	counts := map[string]int{}
	for _, c := range cases {
		got, st, err := ask(ctx, full, e, acme, c.SQL)
		if st == nil {
			counts[c.Expect+" refused"]++
			var refused *rls.Error
			require.True(t, errors.As(err, &refused), c.ID)
			assert.NotEqual(t, "filtered", c.Expect, "%s: %s: %v", c.ID, c.SQL, err)
			noSecret(t, c.ID, err.Error())
			continue
		}
		counts[c.Expect+" accepted"]++
		require.NotEqual(t, "deny", c.Expect, "%s: %s", c.ID, st.SQL)
		want, _, twinErr := ask(ctx, twin, open, anyone, c.SQL)
		assert.Equal(t, twinErr == nil, err == nil, "%s: %v, twin: %v\n%s", c.ID, err, twinErr, st.SQL)
		if err != nil {
			noSecret(t, c.ID, err.Error())
			continue
		}
		for _, row := range got.rows {
			noSecret(t, c.ID, rowText(row))
		}
		assert.Empty(t, difference(got, want, false), "%s: %s", c.ID, st.SQL)
	}
	t.Logf("%v", counts)
	assert.Equal(t, 174, counts["deny refused"])
}

func noSecret(t *testing.T, id, seen string) {
	t.Helper()
	for _, secret := range []string{"TOPSECRET", "VICTIM-NOTE", "NULLORG", "bob@", "ann@", "cid@", "111-11", "222-22", "333-33", "Bob"} {
		assert.False(t, strings.Contains(seen, secret), "%s shows %s", id, secret)
	}
}
