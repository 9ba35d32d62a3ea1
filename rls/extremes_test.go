package rls_test

import (
	"database/sql"
	_ "embed"
	"flag"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
)

// extreme is a value that a column can hold: as SQL, and as CEL sees it.
type extreme struct {
	columns string
	sql     string
	cel     any
}

// lacks is a value that CEL doesn't have.
var lacks any = math.NaN()

func day(year int, month time.Month, d int) time.Time {
	return time.Date(year, month, d, 0, 0, 0, 0, time.UTC)
}

var (
	firstInstant = day(1, 1, 1)
	lastInstant  = moment("9999-12-31 23:59:59.999999")
)

// extremeTables differ from those of the predicates: columns hold what the
// datatype can have on the database at most.
var extremeTables = map[testdb.Kind][]string{
	testdb.SQLite: predicateTables[testdb.SQLite],
	testdb.PostgreSQL: {
		"CREATE TABLE things (id int PRIMARY KEY, owner_id int, s varchar, s2 char(6), n bigint, m bigint, small int, b boolean, c boolean, d double precision, price numeric, at timestamp, until timestamp, seen timestamptz, day date)",
		predicateTables[testdb.PostgreSQL][1], predicateTables[testdb.PostgreSQL][2],
	},
	testdb.MariaDB: {
		"CREATE TABLE things (id int PRIMARY KEY AUTO_INCREMENT, owner_id int, s varchar(80), s2 char(6), n bigint unsigned, m bigint, small int, b boolean, c boolean, d double, price decimal(65,30), at datetime(6) NOT NULL, until datetime(6), seen timestamp(6) NULL, day date NOT NULL) COLLATE utf8mb4_unicode_ci",
		predicateTables[testdb.MariaDB][1], predicateTables[testdb.MariaDB][2],
	},
}

var extremes = map[testdb.Kind][]extreme{
	testdb.SQLite: {
		{"s s2", "X'61'", lacks}, {"s s2", "'a' || CHAR(0) || 'a'", "a\x00a"}, {"s s2", "CHAR(0)", "\x00"}, {"s s2", "''", ""},
		{"n m small", "'abc'", lacks}, {"n m small", "5.5", lacks}, {"n m", "X'01'", lacks}, {"n m", "9.3e18", lacks},
		{"n m", "9223372036854775807", int64(math.MaxInt64)}, {"n m", "-9223372036854775807 - 1", int64(math.MinInt64)},
		{"b c", "2", lacks}, {"b c", "-1", lacks}, {"b c", "'true'", lacks}, {"b c", "X'01'", lacks}, {"b c", "0.5", lacks},
		{"d price", "9e999", math.Inf(1)}, {"d price", "-9e999", math.Inf(-1)}, {"d price", "'abc'", lacks}, {"d price", "X'01'", lacks},
		{"d price", "5e-324", 5e-324}, {"d price", "1.7976931348623157e308", math.MaxFloat64}, {"price", "9223372036854775807", 9223372036854775808.0},
		{"at until seen", "'2024-02-30 12:00:00'", lacks}, {"at until", "'0000-12-31 12:00:00'", lacks}, {"at until seen", "'no date'", lacks}, {"at", "''", lacks},
		{"at until", "5", lacks}, {"at until seen", "CAST('2024-01-01 00:00:00' AS BLOB)", lacks}, {"at until seen", "'2024-01-01 00:00:00' || CHAR(0) || 'x'", lacks},
		{"at until", "'2024-01-01 00:00:00.1' || CHAR(0)", lacks}, {"at until", "'2024-01-01 00:00:00.1234567891'", lacks}, {"at seen", "'2024-13-01 00:00:00'", lacks},
		{"at until", "'2024-02-29T12:00:00Z'", lacks}, {"at until", "'2024-02-29 24:00:00'", lacks}, {"at until", "'2024-02-29'", lacks}, {"at", "'now'", lacks},
		{"at until seen", "'0001-01-01 00:00:00'", firstInstant}, {"at until seen", "'9999-12-31 23:59:59.999999'", lastInstant}, {"at until", "'2024-02-29 12:00:00.500'", moment("2024-02-29 12:00:00.5")},
		{"day", "'2024-02-30'", lacks}, {"day", "'0000-01-01'", lacks}, {"day", "'2024-1-1'", lacks}, {"day", "''", lacks}, {"day", "2460000", lacks}, {"day", "'now'", lacks},
		{"day", "'2024-01-01' || CHAR(0)", lacks}, {"day", "'2024-02-29 12:00:00'", lacks}, {"day", "X'61'", lacks}, {"day", "'0001-01-01'", firstInstant}, {"day", "'9999-12-31'", day(9999, 12, 31)},
	},
	testdb.PostgreSQL: {
		{"s", "''", ""}, {"s", "repeat('a', 100000)", strings.Repeat("a", 100000)}, {"s2", "'a'", "a"}, {"s2", "''", ""},
		{"n m", "9223372036854775807", int64(math.MaxInt64)}, {"n m", "-9223372036854775808", int64(math.MinInt64)}, {"small", "2147483647", int64(math.MaxInt32)}, {"small", "-2147483648", int64(math.MinInt32)},
		{"d price", "'NaN'", lacks}, {"d", "'Infinity'", math.Inf(1)}, {"d", "'-Infinity'", math.Inf(-1)}, {"d", "'5e-324'", 5e-324}, {"d", "'-0'", math.Copysign(0, -1)}, {"d price", "'1.7976931348623157e308'", math.MaxFloat64},
		{"price", "'Infinity'", lacks}, {"price", "'-Infinity'", lacks}, {"price", "1e400", lacks}, {"price", "-1e131071", lacks}, {"price", "1e-400", 0.0}, {"price", "3e-324", 5e-324}, {"price", "-1e-16383", 0.0},
		{"at until seen", "'infinity'", lacks}, {"at until seen", "'-infinity'", lacks}, {"at until seen", "'294276-12-31 23:59:59.999999'", lacks}, {"at until seen", "'4713-11-24 00:00:00 BC'", lacks},
		{"at until seen", "'0001-12-31 23:59:59.999999 BC'", lacks}, {"at until seen", "'10000-01-01 00:00:00'", lacks}, {"at until seen", "'0001-01-01 00:00:00'", firstInstant}, {"at until seen", "'9999-12-31 23:59:59.999999'", lastInstant},
		{"day", "'5874897-12-31'", lacks}, {"day", "'294277-01-01'", lacks}, {"day", "'4713-01-01 BC'", lacks}, {"day", "'infinity'", lacks}, {"day", "'-infinity'", lacks}, {"day", "'0001-12-31 BC'", lacks}, {"day", "'10000-01-01'", lacks},
		{"day", "'0001-01-01'", firstInstant}, {"day", "'9999-12-31'", day(9999, 12, 31)},
	},
	testdb.MariaDB: {
		{"s", "'a\\0a'", "a\x00a"}, {"s", "''", ""}, {"s2", "'a '", "a"},
		{"n", "18446744073709551615", lacks}, {"n", "9223372036854775808", lacks}, {"n m", "9223372036854775807", int64(math.MaxInt64)}, {"m", "-9223372036854775808", int64(math.MinInt64)},
		{"small", "2147483647", int64(math.MaxInt32)}, {"b c", "2", lacks}, {"b c", "127", lacks}, {"b c", "-128", lacks},
		{"d", "1.7976931348623157e308", math.MaxFloat64}, {"d", "-1.7976931348623157e308", -math.MaxFloat64}, {"d", "5e-324", 5e-324},
		{"price", "99999999999999999999999999999999999.999999999999999999999999999999", 1e35}, {"price", "-0.000000000000000000000000000001", -1e-30},
		{"at until", "'0000-00-00 00:00:00'", lacks}, {"at until", "'2024-02-30 12:00:00'", lacks}, {"at until", "'2024-02-00 00:00:00'", lacks}, {"at until", "'0000-01-01 00:00:00'", lacks}, {"at until", "'0000-12-31 23:59:59.999999'", lacks},
		{"at until", "'0001-01-01 00:00:00'", firstInstant}, {"at until", "'9999-12-31 23:59:59.999999'", lastInstant},
		{"seen", "'0000-00-00 00:00:00'", lacks}, {"seen", "'1970-01-01 00:00:01'", moment("1970-01-01 00:00:01")}, {"seen", "'2038-01-19 03:14:07.999999'", moment("2038-01-19 03:14:07.999999")},
		{"day", "'0000-00-00'", lacks}, {"day", "'2024-02-30'", lacks}, {"day", "'2024-00-00'", lacks}, {"day", "'2024-02-00'", lacks}, {"day", "'0000-01-01'", lacks}, {"day", "'0001-01-01'", firstInstant}, {"day", "'9999-12-31'", day(9999, 12, 31)},
	},
}

// extremeRules are tried beside those of the table of predicates, one a line.
//
//go:embed testdata/extremes.txt
var extremeRules string

// extremeSettings are what a connection may be set to; rules take turns.
var extremeSettings = map[testdb.Kind][]string{
	testdb.SQLite:     {"SELECT 1"},
	testdb.PostgreSQL: {"SET transform_null_equals = on", "SET timezone = 'America/New_York'", "SET datestyle = 'German'", "SET bytea_output = 'escape'"},
	testdb.MariaDB: {"SET sql_mode = 'ORACLE'", "SET sql_mode = 'ANSI'", "SET sql_mode = 'PIPES_AS_CONCAT,HIGH_NOT_PRECEDENCE'", "SET sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE'",
		"SET sql_mode = 'ALLOW_INVALID_DATES'", "SET sql_mode = '', time_zone = '-05:30'", "SET time_zone = '+00:00', sql_auto_is_null = 1"},
}

// cutAtNUL are functions that hide text with NUL in it on SQLite.
var cutAtNUL = regexp.MustCompile(`size\(|charAt|substring|[iI]ndexOf`)

// extremeRows are rows with one strange value each, in one column or several,
// beside values that are like others.
func extremeRows(k testdb.Kind) (rows []map[string]any, values []map[string]string) {
	ordinary := []map[string]any{
		{"owner_id": 1, "s": "a", "s2": "a", "n": int64(5), "m": int64(5), "small": int64(1), "b": true, "c": true, "d": 1.5, "price": 1.5, "at": moment("2024-02-29 12:00:00"), "until": moment("2024-02-29 13:00:00"), "seen": moment("2024-02-29 12:00:00"), "day": day(2024, 2, 29)},
		{"owner_id": 3, "s": "ba", "s2": "b", "n": int64(7), "m": int64(-1), "small": int64(2), "b": false, "c": true, "d": -1.5, "price": 0.0, "at": moment("2024-03-10 02:30:00"), "until": moment("1700-01-01 00:00:00"), "seen": moment("2024-11-03 05:30:00"), "day": day(2025, 1, 1)},
	}
	add := func(row map[string]any, columns, text string, cel any) {
		row = maps.Clone(row)
		row["id"] = int64(len(rows) + 1)
		row["items"] = []map[string]any{}
		as := map[string]string{}
		for c := range strings.FieldsSeq(columns) {
			row[c], as[c] = cel, text
		}
		rows, values = append(rows, row), append(values, as)
	}
	for _, row := range ordinary {
		add(row, "", "", nil)
		for _, x := range extremes[k] {
			add(row, x.columns, x.sql, x.cel)
			if one, _, several := strings.Cut(x.columns, " "); several {
				add(row, one, x.sql, x.cel)
			}
		}
		add(row, "s s2 n m small b c d price until seen", "NULL", nil)
	}
	rows[0]["items"] = []map[string]any{{"sku": "a", "qty": int64(1)}}
	rows[1]["items"] = []map[string]any{{"sku": "a", "qty": int64(1)}, {"sku": "b", "qty": int64(2)}}
	return owned(rows), values
}

// extremeDB makes a database of the rows, on one connection.
func extremeDB(t *testing.T, k testdb.Kind, rows []map[string]any, values []map[string]string) *sql.DB {
	t.Helper()
	db := testdb.Open(t, k)
	db.SetMaxOpenConns(1)
	exec := func(text string) {
		_, err := db.Exec(text)
		require.NoError(t, err, text)
	}
	if k == testdb.MariaDB {
		exec("SET sql_mode = 'ALLOW_INVALID_DATES'")
	}
	for _, text := range extremeTables[k] {
		exec(text)
	}
	insert := func(table string, row map[string]any, as map[string]string, columns []string) {
		var texts []string
		for _, c := range columns {
			text, ok := as[c]
			if !ok {
				text = constantOf(row[c], c)
			}
			texts = append(texts, text)
		}
		exec("INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES (" + strings.Join(texts, ", ") + ")")
	}
	for _, o := range predicateOwners {
		insert("owners", o, nil, []string{"id", "region", "born"})
	}
	for i, row := range rows {
		insert("things", row, values[i], append([]string{"id"}, slices.Sorted(maps.Keys(predicateValues))...))
		for _, l := range row["items"].([]map[string]any) {
			insert("thing_lines", map[string]any{"thing_id": row["id"], "sku": l["sku"], "qty": l["qty"]}, nil, []string{"thing_id", "sku", "qty"})
		}
	}
	if k == testdb.SQLite { // of the second row
		exec("INSERT INTO thing_lines VALUES (2, X'61', 'many')")
		rows[1]["items"] = append(rows[1]["items"].([]map[string]any), map[string]any{"sku": lacks, "qty": lacks})
	}
	return db
}

func constantOf(v any, column string) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case string:
		return "'" + v + "'"
	case bool:
		return map[bool]string{true: "TRUE", false: "FALSE"}[v]
	case time.Time:
		layout := map[string]string{"day": time.DateOnly}[column]
		if layout == "" {
			layout = "2006-01-02 15:04:05.999999"
		}
		return "'" + v.Format(layout) + "'"
	default:
		return fmt.Sprint(v)
	}
}

var extremesAll = flag.Bool("extremes.all", false, "TestExtremes: also all rules of the table of predicates")

// TestExtremes: whatever a column can hold, no rule fails, and the rows that show
// are those that cel-go lets through, where a value that CEL lacks is unknown.
// Settings of the connection change nothing.
func TestExtremes(t *testing.T) {
	m, err := semantic.Parse("model.yaml", []byte(predicatesModel))
	require.NoError(t, err)
	rules := strings.Split(strings.TrimSpace(extremeRules), "\n")[1:]
	own := len(rules)
	for i, p := range readPredicates() {
		if p.refused == "" && p.rule != "true" && p.rule != "false" && (i%9 == 0 || *extremesAll) {
			rules = append(rules, p.rule)
		}
	}
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		rows, values := extremeRows(k)
		db := extremeDB(t, k, rows, values)
		partly := 0
		for i, rule := range rules {
			forms := []string{rule, "!(" + rule + ")"}
			if i < own {
				forms = append(forms, "("+rule+") || row.id > 0", "("+rule+") == false", "!(("+rule+") && row.id > 0) && row.id > 1")
			}
			for j, form := range forms {
				_, err := db.Exec(extremeSettings[k][(i+j)%len(extremeSettings[k])])
				require.NoError(t, err)
				if agreeOnExtremes(t, m, k, db, rows, form, predicateSessions()[(i+j)%2]) {
					partly++
				}
			}
		}
		t.Logf("%d of %d rules, each with its negation, show some rows and not all", partly, len(rules))
	})
}

// agreeOnExtremes compares the rows and reports whether they are some, not all.
func agreeOnExtremes(t *testing.T, m *semantic.Model, k testdb.Kind, db *sql.DB, rows []map[string]any, rule string, values map[string]any) bool {
	t.Helper()
	set, err := predicateSet(m, rule)
	if !assert.NoError(t, err, rule) {
		return false
	}
	e, err := rls.New(rls.Config{Policies: set, Dialect: dialectOf[k]})
	if err != nil && k == testdb.SQLite && strings.Contains(err.Error(), "not supported on sqlite") {
		return false
	}
	require.NoError(t, err, rule)
	wanted := visibleIDs(t, set, values, rows)
	got, st, err := ask(db, e, newSession(t, set, values), "SELECT id FROM things ORDER BY id")
	if !assert.NoError(t, err, "%s\n%v", rule, st) {
		return false
	}
	var ids []string
	for _, r := range got.rows {
		ids = append(ids, r[0])
	}
	missing := without(wanted, ids)
	if k == testdb.SQLite && cutAtNUL.MatchString(rule) {
		missing = slices.DeleteFunc(missing, func(id string) bool {
			return slices.ContainsFunc(rows, func(row map[string]any) bool {
				return fmt.Sprint(row["id"]) == id && strings.Contains(fmt.Sprint(row["s"], row["s2"]), "\x00")
			})
		})
	}
	if extra := without(ids, wanted); len(missing)+len(extra) > 0 {
		assert.Fail(t, "cel-go and the database disagree", "rule %s\nonly cel-go: %v\nonly the database: %v\n%s\n%v",
			rule, describeRows(rows, missing), describeRows(rows, extra), st.SQL, st.Args)
	}
	return len(ids) > 0 && len(ids) < len(rows)
}

// TestExtremeMasks: no mask fails, and what it makes of a value that CEL lacks is NULL.
func TestExtremeMasks(t *testing.T) {
	m, err := semantic.Parse("model.yaml", []byte(predicatesModel))
	require.NoError(t, err)
	set, err := policy.Parse("policy.yaml", []byte(predicatesPolicy+`"true"
  - name: masks
    datasets: [things]
    still_shows: [s, s2, m]
    mask:
      s: row.s + row.s2
      s2: row.s.trim().lowerAscii()
      n: row.at.getFullYear() + row.day.getMonth()
      m: row.n * 2 - row.m
      b: row.b != row.c
      d: row.d
      small: int(row.price)
`), m)
	require.NoError(t, err)
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		rows, values := extremeRows(k)
		db := extremeDB(t, k, rows, values)
		e, err := rls.New(rls.Config{Policies: set, Dialect: dialectOf[k]})
		require.NoError(t, err)
		got, st, err := ask(db, e, newSession(t, set, predicateSessions()[0]), "SELECT s, s2, n, m, b, d, small FROM things ORDER BY id")
		require.NoError(t, err, st)
		lacking := 0
		for i, reads := range []string{"s s2", "s", "at day", "n m", "b c", "d", "price"} {
			for j, row := range rows {
				for c := range strings.FieldsSeq(reads) {
					if f, ok := row[c].(float64); ok && math.IsNaN(f) {
						lacking++
						assert.Equal(t, "NULL", got.rows[j][i], "%s of %v", reads, row)
					}
				}
			}
		}
		assert.Positive(t, lacking)
	})
}
