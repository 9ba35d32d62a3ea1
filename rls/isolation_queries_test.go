package rls_test

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/examples/shop"
)

//go:embed testdata/isolation_queries.sql
var isolationQueries string

// testQuery is one query of testdata/isolation_queries.sql, whose head
// explains the directives.
type testQuery struct {
	line       int
	group      string
	text       string
	ordered    bool
	via        string
	refused    string
	hiddenFrom []string
	args       []any
}

func (q testQuery) name() string { return fmt.Sprintf("%s/line_%d", q.group, q.line) }

// parseQueries reads the file: comment lines with directives, then a query
// that ends with a semicolon at the end of a line.
func parseQueries(text string) ([]testQuery, error) {
	var queries []testQuery
	var q testQuery
	group, head := "", true
	for i, line := range strings.Split(text, "\n") {
		directive, isComment := strings.CutPrefix(line, "-- ")
		switch {
		case line == "":
			head = false
		case isComment && head: // the file's own comment
		case isComment && strings.HasPrefix(directive, "# "):
			group = directive[2:]
		case isComment:
			if err := q.directive(directive); err != nil {
				return nil, fmt.Errorf("line %d: %w", i+1, err)
			}
		default:
			if q.text == "" {
				q.line, q.group = i+1, group
			}
			q.text += line + "\n"
			if strings.HasSuffix(line, ";") {
				q.text = strings.TrimSuffix(q.text, ";\n")
				queries = append(queries, q)
				q = testQuery{}
			}
		}
	}
	return queries, nil
}

func (q *testQuery) directive(text string) error {
	key, value, _ := strings.Cut(text, ": ")
	switch key {
	case "ordered":
		q.ordered = true
	case "via":
		q.via = value
	case "refused":
		q.refused = value
	case "hidden-from":
		q.hiddenFrom = strings.Fields(value)
	case "args":
		if err := json.Unmarshal([]byte(value), &q.args); err != nil {
			return err
		}
		for i, v := range q.args { // JSON has no integers
			if f, ok := v.(float64); ok && f == float64(int64(f)) {
				q.args[i] = int64(f)
			}
		}
	default:
		return fmt.Errorf("unknown directive %q", text)
	}
	return nil
}

func loadQueries(t *testing.T) []testQuery {
	t.Helper()
	queries, err := parseQueries(isolationQueries)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(queries), 300)
	return queries
}

// TestQueriesOnTwins runs every query that is compared as written on the
// twins: the texts are SQLite's, they find something, and what they find does
// not depend on the order of the rows on disk.
func TestQueriesOnTwins(t *testing.T) {
	_, path := newShop(t, shop.Size{})
	queries := loadQueries(t)
	for _, v := range viewers() {
		twin, reversed := newTwin(t, path, v), newTwin(t, path, v)
		reverse(t, reversed)
		ran, empty := 0, 0
		for _, q := range queries {
			if q.via != "" || q.refused != "" {
				continue
			}
			got, err := runSQL(t.Context(), twin, q.text, q.args...)
			if slices.Contains(q.hiddenFrom, v.role) {
				assert.ErrorContains(t, err, "no such column", "%s: %s", q.name(), q.text)
				continue
			}
			if !assert.NoError(t, err, "%s: %s", q.name(), q.text) {
				continue
			}
			other, err := runSQL(t.Context(), reversed, q.text, q.args...)
			require.NoError(t, err)
			assert.Empty(t, difference(other, got, q.ordered), "%s depends on the order of rows: %s", q.name(), q.text)
			ran++
			if len(got.rows) == 0 {
				empty++
			}
		}
		t.Logf("%s: %d queries as written, %d without rows", v.name, ran, empty)
		assert.Less(t, empty*3, ran, v.name)
	}
}
