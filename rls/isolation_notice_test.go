package rls_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/examples/shop"
	"github.com/hedgerow/hedgerow/policy"
)

// TestIsolationNotices tests the test: without any one of the shop's policies,
// some query must answer otherwise than the twin does.
func TestIsolationNotices(t *testing.T) {
	_, path := newShop(t, smallShop())
	queries := loadQueries(t)
	var worlds []*world
	for _, v := range viewers() {
		worlds = append(worlds, newWorld(t, v, path))
	}
	policies, err := shop.Policies()
	require.NoError(t, err)
	const item = "\n  - name: "
	parts := strings.Split(string(shop.Policy()), item)
	require.Greater(t, len(parts), 10)
	for i := 1; i < len(parts); i++ {
		name, _, _ := strings.Cut(parts[i], "\n")
		without := strings.Join(parts[:i], item) + "\n" + strings.Join(append([]string{""}, parts[i+1:]...), item)
		set, err := policy.Parse("policy.yaml", []byte(without), policies.Model())
		if err != nil {
			continue // noticed at load
		}
		assert.True(t, noticed(t, worlds, set, queries), "no query notices that policy %s is missing", name)
	}
}

// noticed says whether a query answers otherwise under other policies.
func noticed(t *testing.T, worlds []*world, policies *policy.Set, queries []testQuery) bool {
	t.Helper()
	for _, w := range worlds {
		e, s := newEnforcer(t, policies, w.properties)
		for _, q := range queries {
			want, err := w.expected(t.Context(), q)
			got, _, otherErr := throughEnforcer(t.Context(), w.shared, e, s, q.text, q.args)
			if (err == nil) != (otherErr == nil) || difference(got, want, q.ordered) != "" {
				return true
			}
		}
	}
	return false
}
