package rls_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
)

// TestSettingsShowNothing: no setting of a connection makes a rule true that is
// unknown: not transform_null_equals, which reads = NULL as IS NULL, nor
// sql_mode=ORACLE, whose CONCAT skips NULL, nor sql_auto_is_null, by which
// IS NULL finds the row that was inserted last.
func TestSettingsShowNothing(t *testing.T) {
	m, err := semantic.Parse("model.yaml", []byte(predicatesModel))
	require.NoError(t, err)
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		rows, values := extremeRows(k)
		db := extremeDB(t, k, rows, values)
		last := "INSERT INTO things (s2) VALUES ('last')"
		if k == testdb.MariaDB {
			last = "INSERT INTO things (s2, at, day) VALUES ('last', '2024-01-01', '2024-01-01')"
		}
		for _, setting := range extremeSettings[k] {
			for _, rule := range []string{
				"session.limits['nothing'] == row.n", "row.n == session.limits['nothing'] || row.id < 0", "session.list[7] == row.s", "row.d == double(session.s)", "row.at == timestamp(session.s)",
				"!(session.list[7] != row.s)", "row.s in [session.list[7], row.s]", "(row.id > 0 ? session.list[7] : 'a') == row.s", "session.flags[7] == row.b", "row.owner.region == session.list[7]",
				"row.s + row.s2 == 'last'", "row.s2 + row.s == 'last'", "(row.s + row.s2) + 'x' == 'lastx'", "row.id == null", "!(row.id != null)", "row.items.exists(l, l.thing_id == null)",
			} {
				_, err := db.Exec(setting)
				require.NoError(t, err)
				if k != testdb.PostgreSQL { // there id has no default
					_, err = db.Exec(last)
					require.NoError(t, err)
				}
				set, err := predicateSet(m, rule)
				require.NoError(t, err, rule)
				e, err := rls.New(rls.Config{Policies: set, Dialect: dialectOf[k]})
				require.NoError(t, err, rule)
				ids, st := shownIDs(t, db, e, set, predicateSessions()[0])
				assert.Empty(t, ids, "%s under %s\n%s", rule, setting, st.SQL)
			}
		}
	})
}

// TestRulesUseIndexes: the tenant's equality and ranges of dates and numbers are
// served by an index, though a row out of CEL's range is hidden.
func TestRulesUseIndexes(t *testing.T) {
	m, err := semantic.Parse("model.yaml", []byte(predicatesModel))
	require.NoError(t, err)
	fill := map[testdb.Kind]string{
		testdb.SQLite: "WITH RECURSIVE g(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g WHERE i < 5000) INSERT INTO things (id, s, n, at, day)" +
			" SELECT i, 's' || i % 500, i, DATETIME('2020-01-01', i || ' hours'), DATE('2020-01-01', i || ' days') FROM g",
		testdb.PostgreSQL: "INSERT INTO things (id, s, n, at, seen, day) SELECT i, 's' || i % 500, i, timestamp '2020-01-01' + i * interval '1 hour'," +
			" timestamptz '2020-01-01' + i * interval '1 hour', date '2020-01-01' + i FROM generate_series(1, 5000) AS i",
		testdb.MariaDB: "INSERT INTO things (id, s, n, at, day) SELECT seq, CONCAT('s', seq % 500), seq, '2020-01-01' + INTERVAL seq HOUR, '2020-01-01' + INTERVAL seq DAY FROM seq_1_to_5000",
	}
	served := map[testdb.Kind]string{
		testdb.SQLite:     "s n",
		testdb.PostgreSQL: "s n at seen day",
		testdb.MariaDB:    "s n at day",
	}
	rules := map[string][]string{
		"s":    {"row.s == session.s", "row.s in session.list", "row.s == session.s && row.id > 0"},
		"n":    {"row.n == session.n", "row.n < session.n", "row.n >= 4999", "!(row.n > 1)", "row.n in session.ints"},
		"at":   {"row.at < session.now", "row.at == session.now", "session.now > row.at"},
		"seen": {"row.seen < session.now", "row.seen == session.now"},
		"day":  {"row.day < session.now", "row.day == session.now"},
	}
	values := map[string]any{"s": "s1", "n": 2, "now": moment("2020-01-03 00:00:00"), "list": []string{"s1", "s2"}, "ints": []int64{1, 2}}
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		db := testdb.Open(t, k)
		tables := predicateTables[k]
		if k == testdb.SQLite { // the collation of an index must be that of the comparison
			tables = []string{"CREATE TABLE things (id INTEGER PRIMARY KEY, s TEXT, n INTEGER, at TEXT, until TEXT, day TEXT)"}
		}
		for _, text := range append(append([]string(nil), tables...), fill[k]) {
			_, err := db.Exec(text)
			require.NoError(t, err, text)
		}
		for c := range strings.FieldsSeq(served[k]) {
			_, err := db.Exec("CREATE INDEX by_" + c + " ON things (" + c + ")")
			require.NoError(t, err)
		}
		analyze := map[testdb.Kind]string{testdb.SQLite: "ANALYZE", testdb.PostgreSQL: "ANALYZE things", testdb.MariaDB: "ANALYZE TABLE things"}[k]
		_, err := db.Exec(analyze)
		require.NoError(t, err)
		for c := range strings.FieldsSeq(served[k]) {
			for _, rule := range rules[c] {
				set, err := predicateSet(m, rule)
				require.NoError(t, err, rule)
				e, err := rls.New(rls.Config{Policies: set, Dialect: dialectOf[k]})
				require.NoError(t, err, rule)
				st, err := e.Enforce(t.Context(), newSession(t, set, values), "SELECT id, until FROM things")
				require.NoError(t, err, rule)
				explain := map[testdb.Kind]string{testdb.SQLite: "EXPLAIN QUERY PLAN ", testdb.PostgreSQL: "EXPLAIN ", testdb.MariaDB: "EXPLAIN "}[k]
				got, err := run(db, &rls.Statement{SQL: explain + st.SQL, Args: st.Args})
				require.NoError(t, err, st.SQL)
				var plan strings.Builder
				for _, r := range got.rows {
					plan.WriteString(strings.Join(r, " ") + "\n")
				}
				assert.Regexp(t, `by_`+c+`\b|\b(ref|range) by_`+c, plan.String(), "%s\n%s", rule, st.SQL)
				if k == testdb.MariaDB {
					assert.NotContains(t, plan.String(), " ALL ", "%s\n%s", rule, st.SQL)
				}
			}
		}
	})
}
