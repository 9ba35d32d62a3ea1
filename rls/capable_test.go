package rls_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
)

// TestNewRefusesWhatTheDialectLacks: a rule that the dialect can't express is an
// error of New, with its policy, dataset, construct and place, wherever it
// stands in the rule and whichever session would need it.
func TestNewRefusesWhatTheDialectLacks(t *testing.T) {
	m, err := semantic.Parse("model.yaml", []byte(predicatesModel))
	require.NoError(t, err)
	const division, time, last = "the operator / on ints", "adding a duration to a timestamp", "the function lastIndexOf"
	for _, c := range []struct {
		dialect rls.Dialect
		rule    string
		column  int
		want    string
	}{
		{rls.ClickHouse, "row.n / 2 == 1", 12, division},
		{rls.ClickHouse, "row.b || row.n / 2 == 1", 21, division},
		{rls.ClickHouse, "row.n % 2 == 1", 12, "the operator % on ints"},
		{rls.ClickHouse, "row.at < session.now", 0, "a timestamp here"},
		{rls.ClickHouse, "session.flag && row.n / 2 == 1", 28, division},
		{rls.ClickHouse, "session.role == 'admin' ? row.b : row.n / 2 == 1", 46, division},
		{rls.ClickHouse, "session.none.exists(x, row.s == x && row.n / 2 == 1)", 49, division},
		{rls.ClickHouse, "row.items.exists(l, l.qty / 2 == 1)", 32, division},
		{rls.ClickHouse, "row.n / 2 in session.ints", 12, division},
		{rls.ClickHouse, "session.limits[row.s.trim()] == 1", 27, "the function trim"},
		{rls.Trino, "row.at + session.grace > session.now", 12, time},
		{rls.Trino, "row.s.lowerAscii() == 'a'", 12, "the function lowerAscii"},
		{rls.Snowflake, "row.until - row.at < session.grace", 12, "the time between two timestamps"},
		{rls.Snowflake, "row.at.getHours('+02:00') == 1", 12, time},
		{rls.ClickHouse, "row.day.getHours() == 1", 0, ""},
		{rls.BigQuery, "row.at + session.grace > session.now", 12, time},
		{rls.BigQuery, "row.s.indexOf('a') == 0", 12, "the function indexOf"},
		{rls.SQLite, "row.s.lastIndexOf('a') == 0", 12, last},
		{rls.DuckDB, "row.s.reverse() == 'a'", 12, "the function reverse"},
	} {
		set, err := predicateSet(m, c.rule)
		require.NoError(t, err, c.rule)
		_, err = rls.New(rls.Config{Policies: set, Dialect: c.dialect})
		require.Error(t, err, "%s: %s", c.dialect, c.rule)
		for _, want := range []string{c.want, c.dialect.String(), `policy "rule"`, `dataset "things"`, "rows"} {
			assert.ErrorContains(t, err, want, c.rule)
		}
		var problem *semantic.Problem
		require.True(t, errors.As(err, &problem))
		assert.Equal(t, "policy.yaml", problem.File)
		if c.column > 0 {
			assert.Equal(t, c.column, problem.Column, "%s\n%v", c.rule, err)
		}
	}
}

const manyPolicies = `
policies:
  - {name: all, datasets: "*", rows: row.n / 2 == 1}
  - {name: some, datasets: [d1], rows: row.n > 1}
  - {name: masks, datasets: [d1], mask: {n: row.n % 2}}
`

// TestNewTellsOfAllPolicies: every policy that can't be expressed is reported,
// also its masks, and one that covers many datasets just once.
func TestNewTellsOfAllPolicies(t *testing.T) {
	set, err := policy.Parse("policy.yaml", []byte(manyPolicies), manyDatasets(t, 30))
	require.NoError(t, err)
	_, err = rls.New(rls.Config{Policies: set, Dialect: rls.ClickHouse})
	require.Error(t, err)
	assert.Equal(t, 1, strings.Count(err.Error(), `policy "all"`), err)
	assert.Equal(t, 1, strings.Count(err.Error(), `policy "masks", mask of n of dataset "d1"`), err)
	assert.NotContains(t, err.Error(), `policy "some"`)
	_, err = rls.New(rls.Config{Policies: set, Dialect: rls.PostgreSQL})
	assert.NoError(t, err)
}

func manyDatasets(t testing.TB, n int) *semantic.Model {
	t.Helper()
	var b strings.Builder
	b.WriteString("version: \"0.2.0\"\nsemantic_model:\n  - name: many\n    datasets:\n")
	for i := range n {
		fmt.Fprintf(&b, "      - {name: d%d, source: d%d, fields: [{name: n, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: n}]}}]}\n", i, i)
	}
	m, err := semantic.Parse("model.yaml", []byte(b.String()))
	require.NoError(t, err)
	return m
}

// BenchmarkNewManyDatasets is what it costs to make an enforcer of 1,000
// datasets, of which each has three rules.
func BenchmarkNewManyDatasets(b *testing.B) {
	set, err := policy.Parse("policy.yaml", []byte(`
session: [{name: n, type: int}]
policies:
  - {name: a, datasets: "*", rows: row.n == session.n}
  - {name: b, datasets: "*", rows: row.n > 3 && row.n < 100}
  - {name: c, datasets: "*", kind: restrictive, rows: row.n / 2 != session.n}
`), manyDatasets(b, 1000))
	require.NoError(b, err)
	for b.Loop() {
		_, err := rls.New(rls.Config{Policies: set, Dialect: rls.PostgreSQL})
		require.NoError(b, err)
	}
}
