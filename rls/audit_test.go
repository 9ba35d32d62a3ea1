package rls_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
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

// auditPolicies uses every property in a rule, so that each is bound.
const auditPolicies = `
session:
  - {name: organization_id, type: string, required: true}
  - {name: regions, type: list(string)}
  - {name: limits, type: "map(string, double)"}
  - {name: user, type: string, loggable: true}
policies:
  - name: own
    datasets: [orders, customers]
    rows: row.organization_id == session.organization_id
  - name: in-region
    datasets: [customers]
    kind: restrictive
    rows: row.region in session.regions
  - name: for-auditors
    datasets: [orders]
    when: session.user == 'auditor'
    rows: "true"
  - name: hide-email
    datasets: [customers]
    hide: [email]
`

// secretValues are the values of auditSession that may not be logged.
var secretValues = []string{"secret-organization", "secret-region", "secret-key", "987654.5"}

func audited(t *testing.T, log io.Writer) (*rls.Enforcer, session.Session) {
	t.Helper()
	m, err := semantic.Parse("model.yaml", threatsFile(t, "model.yaml"))
	require.NoError(t, err)
	set, err := policy.Parse("policy.yaml", []byte(auditPolicies), m)
	require.NoError(t, err)
	logger := slog.New(slog.NewJSONHandler(log, nil))
	e, err := rls.New(rls.Config{Policies: set, Dialect: rls.SQLite, OnDecision: rls.LogDecisions(logger)})
	require.NoError(t, err)
	return e, newSession(t, set, map[string]any{
		"organization_id": "secret-organization", "regions": []string{"secret-region"},
		"limits": map[string]float64{"secret-key": 987654.5}, "user": "ann",
	})
}

// entries reads a log of JSON lines.
func entries(t *testing.T, log *bytes.Buffer) []map[string]any {
	t.Helper()
	var all []map[string]any
	for line := range strings.Lines(log.String()) {
		var entry map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &entry))
		all = append(all, entry)
	}
	return all
}

func TestLogDecisions(t *testing.T) {
	var log bytes.Buffer
	e, s := audited(t, &log)
	const accepted = "SELECT o.id FROM orders o JOIN customers c ON c.id = o.customer_id JOIN orders p ON p.id = o.id"
	st, err := e.Enforce(t.Context(), s, accepted)
	require.NoError(t, err)
	require.Contains(t, st.Args, "secret-organization") // the values are there to leak
	require.Contains(t, st.Args, "secret-region")
	_, refusal := e.Enforce(t.Context(), s, "SELECT email FROM customers")
	require.ErrorIs(t, refusal, rls.ErrUnknownName)
	_, err = e.Enforce(t.Context(), s, "SELECT id FROM regions")
	require.ErrorIs(t, err, rls.ErrUnknownName)
	_, err = e.Enforce(t.Context(), session.Session{}, accepted)
	require.ErrorIs(t, err, rls.ErrNoSession)

	for _, secret := range secretValues {
		assert.NotContains(t, log.String(), secret)
	}
	got := entries(t, &log)
	require.Len(t, got, 4)
	redacted := map[string]any{"organization_id": "[redacted]", "regions": "[redacted]", "limits": "[redacted]", "user": "ann"}

	assert.Equal(t, "INFO", got[0]["level"])
	assert.Equal(t, "query accepted", got[0]["msg"])
	assert.Equal(t, accepted, got[0]["query"])
	assert.Equal(t, redacted, got[0]["session"])
	assert.Equal(t, []any{"orders", "customers"}, got[0]["datasets"])
	assert.ElementsMatch(t, []any{"own", "in-region", "hide-email"}, got[0]["policies"])
	assert.Equal(t, st.Fingerprint.String(), got[0]["fingerprint"])

	assert.Equal(t, "WARN", got[1]["level"])
	assert.Equal(t, "query refused", got[1]["msg"])
	assert.Equal(t, redacted, got[1]["session"])
	assert.Equal(t, refusal.Error(), got[1]["error"])
	assert.Contains(t, got[1]["reason"], "hidden")
	assert.NotContains(t, got[1]["error"], "hidden", "the caller learns why")

	assert.Contains(t, got[2]["reason"], "no permissive policy")
	assert.Equal(t, "session(invalid)", got[3]["session"])
	assert.NotContains(t, got[3], "fingerprint")
}

func TestLogDecisionsShortensQueries(t *testing.T) {
	var log bytes.Buffer
	e, s := audited(t, &log)
	for _, query := range []string{"SELECT '" + strings.Repeat("é", 100_000) + "'", strings.Repeat("\xff", 2<<20)} {
		log.Reset()
		_, _ = e.Enforce(t.Context(), s, query)
		assert.NotZero(t, log.Len())
		assert.Less(t, log.Len(), 40<<10)
		require.Len(t, entries(t, &log), 1)
	}
}

// TestConnectorTellsTheHook: what the database/sql door refuses by itself is heard of too.
func TestConnectorTellsTheHook(t *testing.T) {
	var log bytes.Buffer
	e, s := audited(t, &log)
	db, err := rls.Open("sqlite", filepath.Join(t.TempDir(), "x.db"), e)
	require.NoError(t, err)
	defer db.Close()
	const query = "SELECT id FROM orders"
	calls := map[string]func(ctx context.Context) error{
		"query":   func(ctx context.Context) error { _, err := db.QueryContext(ctx, query); return err },
		"exec":    func(ctx context.Context) error { _, err := db.ExecContext(ctx, query); return err },
		"prepare": func(ctx context.Context) error { _, err := db.PrepareContext(ctx, query); return err },
		"begin":   func(ctx context.Context) error { _, err := db.BeginTx(ctx, nil); return err },
	}
	for name, call := range calls {
		log.Reset()
		require.ErrorIs(t, call(t.Context()), rls.ErrNoSession, name)
		got := entries(t, &log)
		require.Len(t, got, 1, name)
		assert.Equal(t, "query refused", got[0]["msg"], name)
		assert.Equal(t, "session(invalid)", got[0]["session"], name)
		if name != "begin" {
			assert.Equal(t, query, got[0]["query"], name)
		}
	}

	log.Reset()
	_, err = db.PrepareContext(session.NewContext(t.Context(), s), "SELECT email FROM customers")
	require.ErrorIs(t, err, rls.ErrUnknownName)
	require.Len(t, entries(t, &log), 1)
}

// TestZeroEnforcerBehindDatabaseSQL: an enforcer that New didn't make denies.
func TestZeroEnforcerBehindDatabaseSQL(t *testing.T) {
	db, err := rls.Open("sqlite", filepath.Join(t.TempDir(), "x.db"), &rls.Enforcer{})
	require.NoError(t, err)
	defer db.Close()
	_, s := audited(t, io.Discard)
	ctx := session.NewContext(t.Context(), s)
	_, err = db.PrepareContext(ctx, "SELECT 1")
	assert.ErrorIs(t, err, rls.ErrDenied)
	_, err = db.ExecContext(ctx, "SELECT 1")
	assert.ErrorIs(t, err, rls.ErrDenied)
}

// A hook of one's own: count the refusals.
func TestHookSeesEveryOutcome(t *testing.T) {
	var outcomes []rls.Outcome
	f := newThreats(t, func(c *rls.Config) {
		c.OnDecision = func(_ context.Context, o rls.Outcome) { outcomes = append(outcomes, o) }
	})
	_, _ = f.shared.Enforce(t.Context(), f.acme, "SELECT id FROM orders")
	_, _ = f.shared.Enforce(t.Context(), f.acme, "SELECT payload FROM secrets")
	_, _ = f.shared.Enforce(t.Context(), f.acme, "DROP TABLE orders")
	require.Len(t, outcomes, 3)
	assert.NotNil(t, outcomes[0].Statement)
	assert.NoError(t, outcomes[0].Err)
	assert.Nil(t, outcomes[1].Statement)
	assert.True(t, errors.Is(outcomes[1].Err, rls.ErrUnknownName))
	assert.NotEmpty(t, outcomes[1].Reason)
	assert.True(t, errors.Is(outcomes[2].Err, rls.ErrUnsupported))
}
