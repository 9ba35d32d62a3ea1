package enginetest

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/rls"
)

// TestMeetOnDuckDB holds the table of package rls of values of several types that
// meet against DuckDB, which converts text row by row and fails on a hidden one
// that is no number.
func TestMeetOnDuckDB(t *testing.T) {
	lines, err := os.ReadFile("../../rls/testdata/meet.txt")
	require.NoError(t, err)
	model := "version: 0.2.0.dev0\nsemantic_model:\n- name: meet\n  datasets:\n  - name: mixes\n    source: mixes\n    fields:\n"
	for _, f := range [][2]string{{"id", "Integer"}, {"i", "Integer"}, {"s", "String"}, {"p", "Decimal"}, {"b", "Boolean"}, {"d", "Date"}, {"dt", "DateTime"}, {"tz", "DateTimeTz"}} {
		model += fmt.Sprintf("    - {name: %[1]s, expression: {dialects: [{dialect: ANSI_SQL, expression: %[1]s}]}, datatype: %[2]s}\n", f[0], f[1])
	}
	set := loadPolicies(t, model, "policies:\n  - {name: some, datasets: [mixes], rows: row.id < 12}\n")
	for _, zone := range zones() {
		duck := duckDB(zone)
		db := duck.open(t)
		for _, s := range []string{
			"CREATE TABLE mixes (id INTEGER, i BIGINT, s VARCHAR, p DECIMAL(10, 2), b BOOLEAN, d DATE, dt TIMESTAMP, tz TIMESTAMPTZ)",
			"INSERT INTO mixes (id, i, s) VALUES (1, 10, '10'), (2, 10, '010'), (3, 10, '10.0'), (4, 10, ' 10'), (5, 0, '-0'), (6, 0, 'abc')," +
				" (7, 9223372036854775807, '9223372036854775808'), (8, NULL, '10'), (9, 10, NULL), (10, -5, '-5'), (11, 0, ''), (12, 10, 'boom')",
			"UPDATE mixes SET p = 10.5, d = '2026-01-01', dt = '2026-01-01 12:30:00', tz = '2026-01-01 12:30:00+00' WHERE id = 1",
		} {
			_, err := db.Exec(s)
			require.NoError(t, err)
		}
		e, s := newEnforcer(t, duck.dialect, set, nil)
		for line := range strings.Lines(string(lines)) {
			line = strings.TrimSpace(line)
			i := strings.LastIndex(line, " => ")
			if i < 0 || strings.HasPrefix(line, "#") {
				continue
			}
			query, want := line[:i], line[i+len(" => "):]
			if !strings.HasPrefix(query, "SELECT ") && !strings.HasPrefix(query, "WITH ") {
				query = "SELECT id FROM mixes WHERE " + query
			}
			got, st, err := ask(t.Context(), db, e, s, query)
			if strings.HasPrefix(want, "refused") {
				assert.ErrorIs(t, err, rls.ErrUnsupported, query)
				continue
			}
			if assert.NoError(t, err, query) {
				assert.Equal(t, want, sortedIDs(t, got), "%s\n%s", query, st.SQL)
			}
		}
	}
}

// sortedIDs gives the only column of a result in the order of the numbers.
func sortedIDs(t *testing.T, r result) string {
	var ids []int
	for id := range strings.SplitSeq(valuesText(r), ", ") {
		if id != "" {
			n, err := strconv.Atoi(id)
			require.NoError(t, err)
			ids = append(ids, n)
		}
	}
	slices.Sort(ids)
	if len(ids) == 0 {
		return "none"
	}
	return strings.Trim(fmt.Sprint(ids), "[]")
}
