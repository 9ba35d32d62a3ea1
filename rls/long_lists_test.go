package rls_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
)

const listsModel = `
version: "0.2.0"
semantic_model:
  - name: lists
    datasets:
      - name: docs
        source: docs
        fields:
          - {name: id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}}
          - {name: n, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: n}]}}
          - {name: s, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: s}]}}
          - {name: ts, datatype: DateTime, expression: {dialects: [{dialect: ANSI_SQL, expression: ts}]}}
`

// listStrings are in the column; the first half of them is in the lists.
var listStrings = []string{
	"n5", "a'b\"c", `back\slash\n`, "tab\tline\nfeed\r\x01\x1f", "\u2028 </script> & <", "😀𝄞", "e\u0301", "Straße", "[1]", `{"a": 1}`, "null", "7", "7.0", "", " ", "x ", "ß",
	"N5", "n5 ", "a'b\"C", `back\\slash\n`, `tab\tline`, "😀", "𝄞", "\u00e9", "STRASSE", "strasse", "[1", "true", "07", "7", "  ", "x", "X ", "ss", "n5\u200b",
}

var listNumbers = []int64{math.MaxInt64, math.MinInt64, 9007199254740993, -9007199254740993, 0, 70001, math.MaxInt64 - 1, math.MinInt64 + 1, 9007199254740992, -9007199254740992, -1, 4000000}

var listTimes = []string{"2024-01-02 03:04:05", "2024-01-02 03:04:05.123456", "1969-12-31 23:59:59.5", "2024-01-02 03:04:06", "2024-01-02 03:04:05.123457", "2024-01-02 00:00:00"}

// TestLongLists: lists of a session that are too long for one argument an element
// compare as short ones do.
func TestLongLists(t *testing.T) {
	m, err := semantic.Parse("model.yaml", []byte(listsModel))
	require.NoError(t, err)
	columns := map[testdb.Kind]string{
		testdb.SQLite: "id INTEGER, n INTEGER, s TEXT COLLATE NOCASE, ts TEXT", testdb.PostgreSQL: "id int, n bigint, s text, ts timestamp",
		testdb.MariaDB: "id int, n bigint, s varchar(99) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci, ts datetime(6)",
	}
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		db := testdb.Open(t, k)
		_, err := db.Exec("CREATE TABLE docs (" + columns[k] + ")")
		require.NoError(t, err)
		mark := func(i int) string {
			if k == testdb.PostgreSQL {
				return fmt.Sprintf("$%d", i)
			}
			return "?"
		}
		rows := len(listStrings)
		for i := range rows {
			_, err := db.Exec("INSERT INTO docs VALUES ("+strings.Join([]string{mark(1), mark(2), mark(3), mark(4)}, ", ")+")",
				i, listNumbers[i%len(listNumbers)], listStrings[i], listTimes[i%len(listTimes)])
			require.NoError(t, err)
		}
		_, err = db.Exec("INSERT INTO docs (id) VALUES (999)")
		require.NoError(t, err)
		for _, rule := range []string{"row.s in session.strings", "!(row.s in session.strings)", "row.n in session.numbers", "!(row.n in session.numbers)",
			"row.ts in session.times", "!(row.ts in session.times)", "row.s in session.strings || row.n in session.numbers", "row.s in session.strings && !(row.n in session.numbers)"} {
			set, err := parsePolicies(m, "session: [{name: strings, type: list(string)}, {name: numbers, type: list(int)}, {name: times, type: list(timestamp)}]\n"+
				fmt.Sprintf("policies: [{name: rule, datasets: [docs], rows: %q}]", rule))
			require.NoError(t, err)
			e, err := rls.New(rls.Config{Policies: set, Dialect: dialectOf[k]})
			require.NoError(t, err)
			shown := func(filler int) (answer, *rls.Statement) {
				got, st, err := ask(db, e, newSession(t, set, longLists(filler)), "SELECT d.id FROM docs d JOIN docs e ON d.id = e.id ORDER BY 1")
				require.NoError(t, err, rule)
				return got, st
			}
			want, short := shown(0)
			require.NotEmpty(t, want.rows)
			require.Less(t, len(want.rows), rows)
			got, long := shown(1_100)
			assert.Equal(t, want.rows, got.rows, "%s: %s", rule, long.SQL)
			if k != testdb.PostgreSQL {
				assert.NotEqual(t, short.SQL, long.SQL)
			}
			filler := 3_000
			if !strings.Contains(rule, "!") {
				filler = 100_000
			}
			got, longer := shown(filler)
			assert.Equal(t, want.rows, got.rows, "%s: %s", rule, longer.SQL)
			assert.Equal(t, long.SQL, longer.SQL, "long lists share a statement")
		}
	})
}

// longLists are the lists of a session, with so many elements that no row has.
func longLists(filler int) map[string]any {
	var words []string
	var numbers []int64
	var times []time.Time
	for i := range filler {
		words, numbers = append(words, fmt.Sprintf("filler %d", i)), append(numbers, int64(i)+5_000_000)
		times = append(times, time.Date(1990, 1, 1, 0, 0, i, 0, time.UTC))
	}
	words, numbers = append(words, listStrings[:len(listStrings)/2]...), append(numbers, listNumbers[:len(listNumbers)/2]...)
	for _, text := range listTimes[:len(listTimes)/2] {
		at, err := time.Parse("2006-01-02 15:04:05.999999", text)
		if err != nil {
			panic(err)
		}
		times = append(times, at)
	}
	return map[string]any{"strings": words, "numbers": numbers, "times": times}
}

// TestListsOverTheLimit: what no database takes is refused.
func TestListsOverTheLimit(t *testing.T) {
	m, err := semantic.Parse("model.yaml", []byte(listsModel))
	require.NoError(t, err)
	set, err := parsePolicies(m, "session: [{name: strings, type: list(string)}]\npolicies: [{name: rule, datasets: [docs], rows: row.s in session.strings}]")
	require.NoError(t, err)
	many := make([]string, 2_000)
	for i := range many {
		many[i] = strings.Repeat("x", 512)
	}
	enforce := func(d rls.Dialect, list []string) error {
		e, err := rls.New(rls.Config{Policies: set, Dialect: d})
		require.NoError(t, err)
		_, err = e.Enforce(t.Context(), newSession(t, set, map[string]any{"strings": list}), "SELECT id FROM docs")
		return err
	}
	for _, d := range []rls.Dialect{rls.SQLite, rls.MySQL, rls.MariaDB, rls.DuckDB} {
		assert.NoError(t, enforce(d, many))
		many[1] = strings.Repeat("x", 513)
		require.ErrorIs(t, enforce(d, many), rls.ErrLimit, "a long element")
		many[1] = many[0]
		require.ErrorIs(t, enforce(d, append(many, make([]string, 3_000_000)...)), rls.ErrLimit, "over 8 MiB")
	}
	require.ErrorIs(t, enforce(rls.Trino, many), rls.ErrLimit)
	assert.NoError(t, enforce(rls.Trino, many[:512]))
}

// TestManyArguments: a statement has no more arguments than the database takes.
func TestManyArguments(t *testing.T) {
	f := newThreats(t)
	_, err := f.shared.Enforce(t.Context(), f.acme, "SELECT 1"+strings.Repeat(", ?", 32_766), make([]any, 32_766)...)
	assert.NoError(t, err)
	_, err = f.shared.Enforce(t.Context(), f.acme, "SELECT 1"+strings.Repeat(", ?", 32_767), make([]any, 32_767)...)
	require.ErrorIs(t, err, rls.ErrLimit)
}
