package rls_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

const meetModel = `
version: "0.2.0"
semantic_model:
  - name: meet
    datasets:
      - name: mixes
        source: mixes
        primary_key: [id]
        fields:
          - {name: id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}}
          - {name: i, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: i}]}}
          - {name: s, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: s}]}}
          - {name: p, datatype: Decimal, expression: {dialects: [{dialect: ANSI_SQL, expression: p}]}}
          - {name: b, datatype: Boolean, expression: {dialects: [{dialect: ANSI_SQL, expression: b}]}}
          - {name: d, datatype: Date, expression: {dialects: [{dialect: ANSI_SQL, expression: d}]}}
          - {name: dt, datatype: DateTime, expression: {dialects: [{dialect: ANSI_SQL, expression: dt}]}}
          - {name: tz, datatype: DateTimeTz, expression: {dialects: [{dialect: ANSI_SQL, expression: tz}]}}
`

// meetRows are the rows of the table; the last is hidden, and no database could
// make a number of its text.
const meetRows = "INSERT INTO mixes (id, i, s) VALUES (1, 10, '10'), (2, 10, '010'), (3, 10, '10.0'), (4, 10, ' 10'), (5, 0, '-0'), (6, 0, 'abc')," +
	" (7, 9223372036854775807, '9223372036854775808'), (8, NULL, '10'), (9, 10, NULL), (10, -5, '-5'), (11, 0, ''), (12, 10, 'boom')"

// TestMeet: what testdata/meet.txt says of values of several types that meet is
// so on every database, in every time zone of the connection, and no text of a
// hidden row raises an error.
func TestMeet(t *testing.T) {
	for _, zone := range []string{"", "Europe/Berlin"} {
		testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
			o := testdb.Options{TimeZone: zone}
			switch k {
			case testdb.SQLite:
				o.TimeZone = "" // has none
			case testdb.MariaDB:
				o.Collation = "utf8mb4_nopad_bin" // the others compare by code point without being asked
			}
			db := testdb.OpenWith(t, k, o)
			word := func(sqlite, postgresql, mariadb string) string {
				return map[testdb.Kind]string{testdb.SQLite: sqlite, testdb.PostgreSQL: postgresql, testdb.MariaDB: mariadb}[k]
			}
			for _, s := range []string{
				"CREATE TABLE mixes (id INTEGER PRIMARY KEY, i BIGINT, s VARCHAR(30), p DECIMAL(10, 2), b BOOLEAN, d DATE," +
					" dt " + word("TEXT", "timestamp", "DATETIME(6)") + ", tz " + word("TEXT", "timestamptz", "TIMESTAMP(6) NULL") + ")",
				meetRows,
				"UPDATE mixes SET p = 10.5, d = '2026-01-01', dt = '2026-01-01 12:30:00', tz = " +
					word("'2026-01-01 12:30:00'", "'2026-01-01 12:30:00+00'", "FROM_UNIXTIME(1767270600)") + " WHERE id = 1",
			} {
				_, err := db.Exec(s)
				require.NoError(t, err, s)
			}
			e, s := meetEnforcer(t, dialectOf[k])
			for _, c := range meetCases(t) {
				got, st, err := ask(db, e, s, c.query)
				if c.want == "refused" || c.want == "refused but on sqlite" && k != testdb.SQLite {
					var refused *rls.Error
					if assert.ErrorAs(t, err, &refused, c.query) {
						assert.ErrorIs(t, err, rls.ErrUnsupported, c.query)
						assert.NotEmpty(t, refused.Hint, c.query)
						assert.Positive(t, refused.Column, c.query)
					}
					continue
				}
				if assert.NoError(t, err, c.query) && c.want != "refused but on sqlite" {
					assert.Equal(t, c.want, idsOf(got), "%s\n%s", c.query, st.SQL)
				}
			}
		})
	}
}

func meetEnforcer(t *testing.T, d rls.Dialect) (*rls.Enforcer, session.Session) {
	m, err := semantic.Parse("model.yaml", []byte(meetModel))
	require.NoError(t, err)
	set, err := policy.Parse("policy.yaml", []byte("policies:\n  - {name: some, datasets: [mixes], rows: row.id < 12}\n"), m)
	require.NoError(t, err)
	e, err := rls.New(rls.Config{Policies: set, Dialect: d})
	require.NoError(t, err)
	return e, newSession(t, set, nil)
}

// meetCase is a line of testdata/meet.txt.
type meetCase struct{ query, want string }

func meetCases(t *testing.T) (out []meetCase) {
	text, err := os.ReadFile("testdata/meet.txt")
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		i := strings.LastIndex(line, " => ")
		require.Positive(t, i, line)
		query := line[:i]
		if !strings.HasPrefix(query, "SELECT ") && !strings.HasPrefix(query, "WITH ") {
			query = "SELECT id FROM mixes WHERE " + query
		}
		out = append(out, meetCase{query, line[i+len(" => "):]})
	}
	return out
}

// idsOf gives the only column of a result in the order of the numbers.
func idsOf(got answer) string {
	var ids []int
	for _, row := range got.rows {
		id, _ := strconv.Atoi(row[0])
		ids = append(ids, id)
	}
	slices.Sort(ids)
	if len(ids) == 0 {
		return "none"
	}
	return strings.Trim(fmt.Sprint(ids), "[]")
}

// TestMeetCollations: a constant that writes no whole number equals none also
// where blanks at the end and width of digits don't count, and the digits of a
// number meet a column of any collation.
func TestMeetCollations(t *testing.T) {
	for _, collation := range []string{"utf8mb4_unicode_ci", "utf8mb4_general_ci", "utf8mb4_nopad_bin", "latin1_swedish_ci"} {
		if !slices.Contains(testdb.Kinds(), testdb.MariaDB) {
			t.Skip("no MariaDB")
		}
		db := testdb.Open(t, testdb.MariaDB)
		charset, _, _ := strings.Cut(collation, "_")
		for _, s := range []string{
			"CREATE TABLE mixes (id INTEGER PRIMARY KEY, i INT(6) ZEROFILL, s VARCHAR(30) CHARACTER SET " + charset + " COLLATE " + collation + ")",
			"INSERT INTO mixes VALUES (1, 10, '10'), (2, 7, '000007'), (3, NULL, '10')",
		} {
			_, err := db.Exec(s)
			require.NoError(t, err)
		}
		e, s := meetEnforcer(t, rls.MariaDB)
		for where, want := range map[string]string{
			"i = '10 '": "none", "i IN ('10 ', '１０')": "none", "'10 ' IN (SELECT m.i FROM mixes m)": "none", "i = '10'": "1",
			"i = s": "1", "s = i": "1", "s IN (i, 'x')": "1", "s IN (SELECT m.i FROM mixes m)": "1 3", "i IN (SELECT m.s FROM mixes m)": "1",
			"NULLIF(s, i) IS NULL": "1", "(SELECT MAX(m.i) FROM mixes m) = s": "1 3",
		} {
			got, st, err := ask(db, e, s, "SELECT id FROM mixes WHERE "+where)
			if assert.NoError(t, err, "%s under %s", where, collation) {
				assert.Equal(t, want, idsOf(got), "%s under %s: %s", where, collation, st.SQL)
			}
		}
	}
}

// TestLikeOnSQLite: LIKE distinguishes case on SQLite, whatever the collation.
func TestLikeOnSQLite(t *testing.T) {
	db := testdb.Open(t, testdb.SQLite)
	_, err := db.Exec("CREATE TABLE mixes (id INTEGER PRIMARY KEY, s TEXT COLLATE NOCASE); INSERT INTO mixes VALUES (1, 'abc'), (2, 'ABC')")
	require.NoError(t, err)
	e, s := meetEnforcer(t, rls.SQLite)
	for where, want := range map[string]string{"s LIKE 'a%'": "1", "s LIKE CONCAT('A', '%')": "2", "s NOT LIKE 'a%'": "2", "s = 'aBc'": "1 2"} {
		got, _, err := ask(db, e, s, "SELECT id FROM mixes WHERE "+where)
		require.NoError(t, err, where)
		assert.Equal(t, want, idsOf(got), where)
	}
}
