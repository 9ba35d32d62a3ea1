package enginetest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/enginetest/warehouse"
	"github.com/hedgerow/hedgerow/rls"
)

// duckDBSettings are settings of DuckDB; under each, answers are those by default,
// or the connection is refused for what is named.
var duckDBSettings = []struct{ set, undo, refused string }{
	{"SET default_null_order = 'nulls_first'", "RESET default_null_order", ""},
	{"SET preserve_insertion_order = false", "RESET preserve_insertion_order", ""},
	{"SET order_by_non_integer_literal = true", "RESET order_by_non_integer_literal", ""},
	{"SET threads = 1", "RESET threads", ""},
	{"SET disabled_optimizers = 'filter_pushdown,statistics_propagation'", "RESET disabled_optimizers", ""},
	{"SET default_collation = 'nocase'", "RESET default_collation", "default_collation"},
	{"SET default_order = 'DESC'", "RESET default_order", "default_order"},
	{"SET integer_division = true", "RESET integer_division", "integer_division"},
	{"SET ieee_floating_point_ops = false", "RESET ieee_floating_point_ops", "ieee_floating_point_ops"},
	{"SET old_implicit_casting = true", "RESET old_implicit_casting", "old_implicit_casting"},
	{"SET scalar_subquery_error_on_multiple_rows = false", "RESET scalar_subquery_error_on_multiple_rows", "scalar_subquery_error_on_multiple_rows"},
	{"CREATE MACRO harmless(x) AS x", "DROP MACRO harmless", ""},
	{"CREATE MACRO lower(x) AS x", "DROP MACRO lower", "macros"},
	{"CREATE TEMP TABLE orders (id int)", "DROP TABLE temp.orders", "temporary tables"},
	{"CREATE TEMP VIEW orders AS SELECT 1", "DROP VIEW temp.orders", "temporary tables"},
}

// TestDuckDBSettings runs the queries of TestAnalytics under settings of DuckDB.
func TestDuckDBSettings(t *testing.T) {
	s := newSite(t, duckDB(""), warehouse.Generate(scale(t)))
	queries := loadQueries(t)
	s.shared.SetMaxOpenConns(1)
	answers := func() []result {
		var out []result
		for _, q := range queries {
			got, _, err := ask(t.Context(), s.shared, s.enforcer, s.viewers[0].session, q.text)
			if q.refused[s.name] == "" {
				require.NoError(t, err, q.name)
			}
			out = append(out, got)
		}
		return out
	}
	want := answers()
	require.NoError(t, rls.CheckServer(t.Context(), s.shared, rls.DuckDB))
	for _, c := range duckDBSettings {
		t.Run(c.set, func(t *testing.T) {
			_, err := s.shared.Exec(c.set)
			require.NoError(t, err)
			defer func() {
				_, err := s.shared.Exec(c.undo)
				require.NoError(t, err)
			}()
			err = rls.CheckServer(t.Context(), s.shared, rls.DuckDB)
			if c.refused != "" {
				var refusal *rls.SettingError
				require.ErrorAs(t, err, &refusal)
				require.Equal(t, c.refused, refusal.Setting)
				return
			}
			require.NoError(t, err)
			for i, got := range answers() {
				require.Empty(t, difference(got, want[i], queries[i].ordered), queries[i].name)
			}
		})
	}
}
