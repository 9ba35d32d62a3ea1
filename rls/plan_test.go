package rls_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

// planRules are rules whose text depends on more of a session than its values.
var planRules = append([]string{
	"session.flags.exists(f, f) && row.n == 1", "session.flags.exists(f, f && row.n == 1)", "session.flags.all(f, f == row.b)",
	"row.n in session.limits.map(k, session.limits[k])", "row.s in session.limits", "session.switches['eu'] && row.b", "session.limits[row.s] > row.n",
	"session.list.exists(x, row.s.startsWith(x))", "session.list.all(x, row.s != x)", "session.ints.exists(i, i > row.n)", "row.s in session.list && row.s2 in session.list",
	"size(session.list) > 2 && row.b", "session.list.exists(x, row.s == x) || row.s in session.list",
}, agreementRules...)

// planSessions are sessions of many shapes, and several of each.
func planSessions(r *rand.Rand) []map[string]any {
	words := []string{"a", "b", "%", "ä", "", "x", "y", "z", "w"}
	var out []map[string]any
	for range 24 {
		s := map[string]any{"role": pickOf(r, "member", "admin")}
		set := func(name string, value any) {
			if r.IntN(5) > 0 { // else it is absent
				s[name] = value
			}
		}
		var list []string
		var ints []int
		var flags []bool
		limits, switches := map[string]int{}, map[string]bool{}
		for _, w := range words[:r.IntN(len(words))] {
			list = append(list, w)
		}
		for range r.IntN(5) {
			ints, flags = append(ints, r.IntN(4)), append(flags, r.IntN(2) == 0)
			limits[pickOf(r, words...)] = r.IntN(4)
			switches[pickOf(r, "eu", "us", "a")] = r.IntN(2) == 0
		}
		set("s", pickOf(r, words...))
		set("opt", "b")
		set("n", r.IntN(3))
		set("d", r.Float64())
		set("flag", r.IntN(2) == 0)
		set("at", time.Date(2024, 2, 29, r.IntN(24), 0, 0, 0, time.UTC))
		set("list", list)
		set("none", []string{})
		set("ints", ints)
		set("limits", limits)
		set("flags", flags)
		set("switches", switches)
		out = append(out, s)
	}
	return out
}

// TestPlansAreThoseOfTheSession holds an enforcer that keeps plans against one
// that compiles every query anew: what sessions that came before left behind
// changes nothing.
func TestPlansAreThoseOfTheSession(t *testing.T) {
	schema := strings.Replace(agreementSchema, "policies:", "  - {name: flags, type: list(bool)}\n  - {name: switches, type: \"map(string, bool)\"}\npolicies:", 1)
	const query = "SELECT id, s FROM things WHERE n = ? ORDER BY id"
	model, err := semantic.Parse("things.yaml", []byte(thingsModel()))
	require.NoError(t, err)
	for i, rule := range planRules {
		set, err := parsePolicies(model, schema+fmt.Sprintf("%q", rule))
		require.NoError(t, err, rule)
		for _, dialect := range []rls.Dialect{rls.SQLite, rls.PostgreSQL} {
			warm, err := rls.New(rls.Config{Policies: set, Dialect: dialect})
			require.NoError(t, err, rule)
			cold, err := rls.New(rls.Config{Policies: set, Dialect: dialect, CacheBytes: -1})
			require.NoError(t, err, rule)
			r := rand.New(rand.NewPCG(1, uint64(i)))
			sessions := planSessions(r)
			for range 3 * len(sessions) {
				values := sessions[r.IntN(len(sessions))]
				who, err := set.Schema().New(values)
				require.NoError(t, err)
				want, wantErr := cold.Enforce(t.Context(), who, query, 7)
				got, gotErr := warm.Enforce(t.Context(), who, query, 7)
				require.Equal(t, wantErr, gotErr, "%s for %v", rule, values)
				if wantErr == nil {
					require.Equal(t, want.SQL, got.SQL, "%s for %v", rule, values)
					require.Equal(t, want.Args, got.Args, "%s for %v", rule, values)
					require.Equal(t, want.Columns, got.Columns)
					require.Equal(t, want.Decision, got.Decision)
					require.Equal(t, want.Fingerprint, got.Fingerprint)
				}
			}
		}
	}
}

// Queries of the adversarial corpus are refused when they are asked again, too.
func TestPlansOfRefusedQueries(t *testing.T) {
	f := newThreats(t)
	for range 3 {
		_, err := f.shared.Enforce(t.Context(), f.acme, "SELECT payload FROM secrets")
		require.ErrorIs(t, err, rls.ErrUnknownName)
		_, err = f.shared.Enforce(t.Context(), session.Session{}, "SELECT id FROM orders")
		require.ErrorIs(t, err, rls.ErrNoSession)
		_, err = f.shared.Enforce(t.Context(), f.acme, "SELECT id FROM orders WHERE id = ?")
		require.ErrorIs(t, err, rls.ErrSyntax)
		_, err = f.shared.Enforce(t.Context(), f.acme, "SELECT id FROM orders WHERE id = ?", 1)
		require.NoError(t, err)
	}
}

// Statements of one plan share no arguments.
func TestStatementsShareNoArguments(t *testing.T) {
	f := newThreats(t)
	first, err := f.shared.Enforce(t.Context(), f.acme, "SELECT id FROM orders WHERE id = ?", 1)
	require.NoError(t, err)
	second, err := f.shared.Enforce(t.Context(), f.acme, "SELECT id FROM orders WHERE id = ?", 2)
	require.NoError(t, err)
	assert.NotEqual(t, first.Fingerprint, second.Fingerprint)
	for i := range first.Args {
		first.Args[i] = "changed"
	}
	_ = append(first.Args[:0:len(first.Args)], "x", "y", "z")
	third, err := f.shared.Enforce(t.Context(), f.acme, "SELECT id FROM orders WHERE id = ?", 2)
	require.NoError(t, err)
	assert.Equal(t, second, third)
	assert.Contains(t, third.Args, 2)
	assert.Contains(t, third.Args, "acme")
}

// Many goroutines that share plans get each their own session's values.
func TestPlansAtOnce(t *testing.T) {
	f := newThreats(t)
	var wg sync.WaitGroup
	for g := range 16 {
		wg.Go(func() {
			who, err := f.shared.Schema().New(map[string]any{"organization_id": fmt.Sprint("org", g)})
			assert.NoError(t, err)
			for i := range 300 {
				query := fmt.Sprintf("SELECT id FROM orders WHERE id = ? AND amount <> %d", i%20)
				st, err := f.shared.Enforce(t.Context(), who, query, g)
				if assert.NoError(t, err) {
					assert.Equal(t, []any{fmt.Sprint("org", g), g}, st.Args)
				}
			}
		})
	}
	wg.Wait()
}

// A fingerprint prints as a hash under every verb and in JSON.
func TestFingerprintRevealsNothing(t *testing.T) {
	f := newThreats(t)
	st, err := f.shared.Enforce(t.Context(), f.acme, "SELECT id FROM orders WHERE note = ?", "a secret")
	require.NoError(t, err)
	text := st.Fingerprint.String()
	assert.Regexp(t, "^[0-9a-f]{64}$", text)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		assert.Equal(t, text, fmt.Sprintf(verb, st.Fingerprint))
	}
	encoded, err := st.Fingerprint.MarshalText()
	require.NoError(t, err)
	assert.Equal(t, text, string(encoded))
}

// Enforcers that share a cache keep their plans apart.
func TestPlansInASharedCache(t *testing.T) {
	cache := rls.NewCache(1 << 20)
	set := loadSet(t, "model.yaml", "policy.yaml")
	shared := map[rls.Dialect]*rls.Enforcer{}
	for _, d := range []rls.Dialect{rls.SQLite, rls.PostgreSQL, rls.MariaDB} {
		e, err := rls.New(rls.Config{Policies: set, Dialect: d, Cache: cache})
		require.NoError(t, err)
		shared[d] = e
	}
	who := newSession(t, set, map[string]any{"organization_id": "acme"})
	for range 3 {
		for d, e := range shared {
			alone, err := rls.New(rls.Config{Policies: set, Dialect: d, CacheBytes: -1})
			require.NoError(t, err)
			want, err := alone.Enforce(t.Context(), who, "SELECT id FROM orders WHERE note = 'x'")
			require.NoError(t, err)
			got, err := e.Enforce(t.Context(), who, "SELECT id FROM orders WHERE note = 'x'")
			require.NoError(t, err)
			assert.Equal(t, want, got)
		}
	}
}
