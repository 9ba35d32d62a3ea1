package rls_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
)

// TestMomentsThatCELLacks: what a database takes for a point in time and CEL has
// no value for is unknown to arithmetic and accessors: the row is hidden, also
// under a negation, and no query fails.
func TestMomentsThatCELLacks(t *testing.T) {
	m, err := semantic.Parse("model.yaml", []byte(predicatesModel))
	require.NoError(t, err)
	strange := map[testdb.Kind][]string{
		testdb.SQLite:     {"'2024-02-30 12:00:00'", "'2024-01-01 24:00:00'", "'0000-12-31 12:00:00'", "'2024-13-01 00:00:00'", "'no date'", "''", "1709208000", "'2024-02-29T12:00:00Z'"},
		testdb.PostgreSQL: {"'infinity'", "'-infinity'", "'0044-03-15 12:00:00 BC'", "'12024-01-01 00:00:00'", "'294276-12-31 23:59:59'", "'4713-01-01 00:00:00 BC'"},
		testdb.MariaDB:    {"'0000-00-00 00:00:00'", "'0000-01-01 00:00:00'", "'2024-02-00 00:00:00'"},
	}
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		db := predicateDB(t, k, "", things("s at until", []any{"good", "2024-02-29 12:00:00", "2024-02-29 13:00:00"}))
		db.SetMaxOpenConns(1)
		if k == testdb.MariaDB {
			_, err := db.Exec("SET sql_mode = ''")
			require.NoError(t, err)
		}
		for i, value := range strange[k] {
			_, err := db.Exec("INSERT INTO things (id, s, at, until) VALUES (" + string(rune('2'+i)) + ", 'strange', " + value + ", '2024-02-29 13:00:00')")
			require.NoError(t, err, value)
		}
		for rule, good := range map[string]bool{
			"row.at + duration('1h') == row.until": true, "!(row.at + duration('1h') == row.until)": false, "row.at + duration('2562047h') > row.until": true, "!(row.at - duration('2562047h') > row.until)": true,
			"row.until - row.at == duration('1h')": true, "!(row.until - row.at == duration('1h'))": false, "row.at - row.until < duration('0s')": true, "row.at.getFullYear() == 2024": true, "!(row.at.getFullYear() == 2024)": false,
			"row.at.getHours() == 12": true, "!(row.at.getDayOfWeek() == 9)": true, "!(row.at.getMilliseconds() == 1)": true, "!(int(row.at) == 1)": true, "row.at.getMinutes('+02:00') >= 0": true, "!(row.at.getDayOfYear() < 0)": true,
		} {
			set, err := predicateSet(m, rule)
			require.NoError(t, err, rule)
			e, err := rls.New(rls.Config{Policies: set, Dialect: dialectOf[k]})
			require.NoError(t, err, rule)
			ids, st := shownIDs(t, db, e, set, nil)
			var want []string
			if good {
				want = []string{"1"}
			}
			assert.Equal(t, want, ids, "%s\n%s", rule, st.SQL)
		}
	})
}

// TestFinerThanMicroseconds: a session's value that databases would round is
// refused, also inside of a list or a map.
func TestFinerThanMicroseconds(t *testing.T) {
	m, err := semantic.Parse("model.yaml", []byte(predicatesModel))
	require.NoError(t, err)
	at := moment("2024-02-29 12:00:00").Add(time.Nanosecond)
	for rule, values := range map[string]map[string]any{
		"row.at < session.now":                                          {"now": at},
		"row.at in session.times":                                       {"times": []time.Time{at}},
		"session.times.exists(x, x == row.at)":                          {"times": []time.Time{at}},
		"row.until - row.at < session.grace":                            {"grace": time.Hour + time.Nanosecond},
		"row.until - row.at in session.spans":                           {"spans": []time.Duration{time.Hour, time.Nanosecond}},
		"row.at + session.grace < row.until":                            {"grace": time.Nanosecond},
		"row.at < session.now + session.grace":                          {"now": at, "grace": time.Hour},
		"row.at in session.times.map(x, x + duration('1ns'))":           {"times": []time.Time{at}},
		"session.spans.all(x, row.at + x < row.until)":                  {"spans": []time.Duration{time.Nanosecond}},
		"(row.b ? session.now : row.at) < row.until":                    {"now": at},
		"row.s == 'a' && row.at - session.grace < session.now && row.b": {"now": at.Truncate(time.Second), "grace": time.Nanosecond},
	} {
		set, err := predicateSet(m, rule)
		require.NoError(t, err, rule)
		e, err := rls.New(rls.Config{Policies: set, Dialect: rls.SQLite})
		require.NoError(t, err)
		_, err = e.Enforce(t.Context(), newSession(t, set, values), "SELECT id FROM things")
		assert.ErrorIs(t, err, rls.ErrDenied, rule)
		assert.ErrorContains(t, err, "finer than a microsecond", rule)
	}
}

// TestMasksOfFunctions: masks take functions too, with values of the field's
// type, and NULL for what CEL has as an error.
func TestMasksOfFunctions(t *testing.T) {
	m, err := semantic.Parse("model.yaml", []byte(predicatesModel))
	require.NoError(t, err)
	set, err := policy.Parse("policy.yaml", []byte(predicatesPolicy+`"true"
  - name: masks
    datasets: [things]
    mask:
      s: row.s.substring(0, 2).upperAscii() + '***'
      s2: "row.s2.trim().replace('@', ' at ')"
      n: (row.until - row.at).getMinutes() + row.s.indexOf('b')
      m: int(row.at)
      b: row.b in [true, row.c]
      d: "row.at < row.until ? double(row.n) : session.d"
    still_shows: [n, d, m, b]
`), m)
	require.NoError(t, err)
	rows := things("s s2 n b c at until d", []any{"ab@c", " x@y\n", 5, true, false, "2024-02-29 12:00:00.5", "2024-02-29 13:30:00", 9.5}, []any{"a", nil, 7, nil, true, "1969-12-31 23:59:59.5", "1969-12-31 23:00:00", 9.5})
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		db := predicateDB(t, k, "", rows)
		e, err := rls.New(rls.Config{Policies: set, Dialect: dialectOf[k]})
		require.NoError(t, err)
		got, st, err := ask(db, e, newSession(t, set, map[string]any{"d": 1.5}), "SELECT s, s2, n, m, b, d FROM things ORDER BY id")
		require.NoError(t, err)
		assert.Equal(t, [][]string{{"AB***", "x at y", "90", "1709208000", "1", "5"}, {"NULL", "NULL", "-60", "-1", "NULL", "1.5"}}, got.rows, st.SQL)
	})
}
