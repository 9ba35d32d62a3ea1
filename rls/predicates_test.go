package rls_test

import (
	"context"
	"database/sql"
	_ "embed"
	"flag"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
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

// predicates lists rules, one a line. A line that begins with "refused: " is a
// load error, one with "refused on NAME: " an error of New for that dialect.
//
//go:embed testdata/predicates.txt
var predicates string

var predicateMixtures = flag.Int("predicates.mixtures", 150, "random combinations of predicates to compare")

const predicatesModel = `
version: "0.2.0"
semantic_model:
  - name: predicates
    datasets:
      - name: things
        source: things
        primary_key: [id]
        fields:
          - {name: id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}}
          - {name: owner_id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: owner_id}]}}
          - {name: s, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: s}]}}
          - {name: s2, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: s2}]}}
          - {name: n, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: n}]}}
          - {name: m, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: m}]}}
          - {name: small, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: small}]}}
          - {name: b, datatype: Boolean, expression: {dialects: [{dialect: ANSI_SQL, expression: b}]}}
          - {name: c, datatype: Boolean, expression: {dialects: [{dialect: ANSI_SQL, expression: c}]}}
          - {name: d, datatype: Float, expression: {dialects: [{dialect: ANSI_SQL, expression: d}]}}
          - {name: price, datatype: Decimal, expression: {dialects: [{dialect: ANSI_SQL, expression: price}]}}
          - {name: at, datatype: DateTime, expression: {dialects: [{dialect: ANSI_SQL, expression: at}]}}
          - {name: until, datatype: DateTime, expression: {dialects: [{dialect: ANSI_SQL, expression: until}]}}
          - {name: seen, datatype: DateTimeTz, expression: {dialects: [{dialect: ANSI_SQL, expression: seen}]}}
          - {name: day, datatype: Date, expression: {dialects: [{dialect: ANSI_SQL, expression: day}]}}
      - name: owners
        source: owners
        primary_key: [id]
        fields:
          - {name: id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}}
          - {name: region, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: region}]}}
          - {name: born, datatype: DateTime, expression: {dialects: [{dialect: ANSI_SQL, expression: born}]}}
      - name: lines
        source: thing_lines
        fields:
          - {name: thing_id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: thing_id}]}}
          - {name: sku, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: sku}]}}
          - {name: qty, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: qty}]}}
    relationships:
      - {name: owner, from: things, to: owners, from_columns: [owner_id], to_columns: [id]}
      - {name: items, from: lines, to: things, from_columns: [thing_id], to_columns: [id]}
`

const predicatesPolicy = `
session:
  - {name: s, type: string}
  - {name: n, type: int}
  - {name: d, type: double}
  - {name: flag, type: bool}
  - {name: now, type: timestamp}
  - {name: grace, type: duration}
  - {name: role, type: string, default: member}
  - {name: absent, type: string}
  - {name: list, type: list(string)}
  - {name: none, type: list(string)}
  - {name: ints, type: list(int)}
  - {name: doubles, type: list(double)}
  - {name: flags, type: list(bool)}
  - {name: times, type: list(timestamp)}
  - {name: spans, type: list(duration)}
  - {name: limits, type: "map(string, int)"}
policies:
  - name: rule
    datasets: [things]
    rows: `

// predicateTables are the tables on each database. Strings have collations that
// equate what CEL tells apart.
var predicateTables = map[testdb.Kind][]string{
	testdb.SQLite: {
		"CREATE TABLE things (id INTEGER PRIMARY KEY, owner_id INTEGER, s TEXT COLLATE NOCASE, s2 TEXT COLLATE RTRIM, n INTEGER, m INTEGER, small INTEGER, b BOOLEAN, c BOOLEAN, d REAL, price NUMERIC, at TEXT, until TEXT, seen TEXT, day TEXT)",
		"CREATE TABLE owners (id INTEGER, region TEXT COLLATE NOCASE, born TEXT)",
		"CREATE TABLE thing_lines (thing_id INTEGER, sku TEXT COLLATE NOCASE, qty INTEGER)",
	},
	testdb.PostgreSQL: {
		"CREATE TABLE things (id int PRIMARY KEY, owner_id int, s varchar(80), s2 text, n bigint, m bigint, small int, b boolean, c boolean, d double precision, price numeric(12,2), at timestamp, until timestamp, seen timestamptz, day date)",
		"CREATE TABLE owners (id int, region varchar(20), born timestamp)",
		"CREATE TABLE thing_lines (thing_id int, sku text, qty int)",
	},
	testdb.MariaDB: {
		"CREATE TABLE things (id int PRIMARY KEY, owner_id int, s varchar(80), s2 text, n bigint, m bigint, small int, b boolean, c boolean, d double, price decimal(12,2), at datetime(6), until datetime(6), seen timestamp(6) NULL, day date) COLLATE utf8mb4_unicode_ci",
		"CREATE TABLE owners (id int, region varchar(20), born datetime(6)) COLLATE utf8mb4_general_ci",
		"CREATE TABLE thing_lines (thing_id int, sku text, qty int) COLLATE utf8mb4_unicode_ci",
	},
}

func moment(text string) time.Time {
	at, err := time.Parse("2006-01-02 15:04:05.999999", text)
	if err != nil {
		panic(err)
	}
	return at
}

// The values of the rows: each column takes its values in turn, NULL among them.
var predicateValues = map[string][]any{
	"owner_id": {1, 2, nil, 3, 99},
	"s":        {"a", "A", nil, "", "a ", " a", "ab", "ä", "Ä", "a%", "%", "_", `\`, `a\`, "a'b", `"`, "😀", "a😀b😀", "NULL", "ａ", "ß", "ss", "e\u0301", "é", "\t a\u00a0\u3000", "aXbXc", "İI", "a\nb", "-- x", "ABC abc"},
	"s2":       {"a", nil, "b", "", " ", "a ", "%", "A", "😀", `\`, "abc", "b "},
	"n":        {int64(1), int64(0), nil, int64(2), int64(-1), int64(3), int64(-3), int64(math.MaxInt64), int64(math.MinInt64), int64(7), int64(math.MaxInt64 - 1), int64(1709208000), int64(253402300799), int64(253402300800), int64(9000000000000), int64(-9200000000000)},
	"m":        {int64(1), nil, int64(0), int64(-1), int64(2), int64(math.MinInt64), int64(math.MaxInt64), int64(-2)},
	"small":    {int64(1), int64(2), nil, int64(math.MaxInt32), int64(math.MinInt32)},
	"b":        {true, false, nil},
	"c":        {true, nil, false, false, true},
	"d":        {0.0, 1.5, nil, -1.5, 2.0, 0.1, 1e300, -9.3e18, 9223372036854774784.0, math.Copysign(0, -1), 2.5},
	"price":    {1.5, nil, 10.25, 0.0, -3.75, 100.0},
	"at": {moment("2024-02-29 12:00:00"), moment("2024-02-29 12:00:00.5"), nil, moment("2024-02-29 11:59:59.999999"), moment("2023-12-31 23:59:59.999999"),
		moment("2024-03-10 02:30:00"), moment("2024-11-03 01:30:00"), moment("9999-12-31 23:59:59.999999"), moment("1000-01-01 00:00:00"), moment("2024-01-01 00:00:00"), moment("1969-12-31 23:59:59.5")},
	"until": {moment("2024-02-29 13:00:00"), nil, moment("2024-02-29 12:00:00"), moment("2024-03-01 12:00:00.000001"), moment("2023-12-31 23:59:59.999999"), moment("2025-02-28 12:00:00"), moment("1700-01-01 00:00:00")},
	"seen":  {moment("2024-02-29 12:00:00"), nil, moment("2024-11-03 05:30:00"), moment("2024-11-03 06:30:00"), moment("2024-03-10 07:30:00.25"), moment("2023-12-31 23:59:59.999999"), moment("2001-09-09 01:46:40")},
	"day":   {moment("2024-02-29 00:00:00"), nil, moment("2024-03-01 00:00:00"), moment("2023-12-31 00:00:00"), moment("9999-12-31 00:00:00")},
}

var predicateOwners = []map[string]any{
	{"id": 1, "region": "eu", "born": moment("2000-01-01 00:00:00")},
	{"id": 2, "region": "EU", "born": nil},
	{"id": 3, "region": nil, "born": moment("2024-02-29 12:00:00")},
}

// predicateLines are the lines of the things by the remainder of their number.
var predicateLines = [][]map[string]any{
	{},
	{{"sku": "a", "qty": 1}},
	{{"sku": "A", "qty": 2}, {"sku": nil, "qty": 3}},
	{{"sku": "a", "qty": nil}, {"sku": "a", "qty": 5}, {"sku": "b", "qty": 0}},
	{{"sku": nil, "qty": nil}},
	{{"sku": "b", "qty": 2}, {"sku": "c", "qty": 2}},
}

// predicateRows spreads the values over rows, with the related rows inside.
func predicateRows() []map[string]any {
	var rows []map[string]any
	for i := range 240 {
		row := map[string]any{"id": int64(i + 1)}
		turn := i
		for k, name := range slices.Sorted(maps.Keys(predicateValues)) {
			values := predicateValues[name]
			row[name] = values[(turn+i*k)%len(values)]
			turn = turn*17/5 + k
		}
		row["items"] = predicateLines[(i/2)%len(predicateLines)]
		rows = append(rows, row)
	}
	return owned(rows)
}

// owned puts the owners of rows into them.
func owned(rows []map[string]any) []map[string]any {
	for _, o := range predicateOwners {
		owner := maps.Clone(o)
		things := []map[string]any{}
		for _, row := range rows {
			if o["id"] == row["owner_id"] {
				things = append(things, map[string]any{"id": row["id"]})
				row["owner"] = owner
			}
		}
		owner["things"] = things
	}
	return rows
}

func predicateSessions() []map[string]any {
	now := moment("2024-02-29 12:00:00")
	return []map[string]any{
		{"s": "a", "n": 1, "d": 1.5, "flag": true, "now": now, "grace": time.Hour, "list": []string{"a", "%"}, "none": []string{}, "ints": []int64{1, 3, math.MaxInt64},
			"doubles": []float64{1.5, 0}, "flags": []bool{true}, "times": []time.Time{now, moment("2023-12-31 23:59:59.999999")}, "spans": []time.Duration{time.Hour, 0}, "limits": map[string]int{"a": 2, "A": -1}},
		{"s": `\`, "n": -1, "d": -1.5, "flag": false, "now": moment("2024-11-03 05:30:00"), "grace": -24 * time.Hour, "list": []string{"A", "ä", ""}, "none": []string{}, "ints": []int64{},
			"doubles": []float64{}, "flags": []bool{}, "times": []time.Time{}, "spans": []time.Duration{500 * time.Millisecond}, "limits": map[string]int{"": 0}, "role": "admin"},
	}
}

// predicateDB makes a database of the rows, seen through connections in a time zone.
func predicateDB(t *testing.T, k testdb.Kind, zone string, rows []map[string]any) *sql.DB {
	t.Helper()
	db := testdb.OpenWith(t, k, testdb.Options{TimeZone: zone})
	fillPredicates(t, k, db, rows)
	return db
}

// fillPredicates makes the tables of the rows.
func fillPredicates(t *testing.T, k testdb.Kind, db *sql.DB, rows []map[string]any) {
	t.Helper()
	ctx := context.Background()
	conn, err := db.Conn(ctx) // filled in UTC
	require.NoError(t, err)
	defer conn.Close()
	exec := func(text string, args ...any) {
		_, err := conn.ExecContext(ctx, text, args...)
		require.NoError(t, err, text)
	}
	if k == testdb.MariaDB {
		exec("SET @zone = @@time_zone, time_zone = '+00:00'")
		defer exec("SET time_zone = @zone")
	}
	for _, text := range predicateTables[k] {
		exec(text)
	}
	insert := func(table string, row map[string]any, columns ...string) {
		var marks []string
		var values []any
		for i, c := range columns {
			v := row[c]
			if at, ok := v.(time.Time); ok {
				switch {
				case c == "day":
					v = at.Format(time.DateOnly)
				case c == "seen" && k == testdb.PostgreSQL:
					v = at.Format("2006-01-02 15:04:05.999999-07")
				default:
					v = at.Format("2006-01-02 15:04:05.999999")
				}
			}
			mark := "?"
			if k == testdb.PostgreSQL {
				mark = fmt.Sprintf("$%d", i+1)
			}
			marks, values = append(marks, mark), append(values, v)
		}
		exec("INSERT INTO "+table+" ("+strings.Join(columns, ", ")+") VALUES ("+strings.Join(marks, ", ")+")", values...)
	}
	for _, o := range predicateOwners {
		insert("owners", o, "id", "region", "born")
	}
	for _, row := range rows {
		insert("things", row, append([]string{"id"}, slices.Sorted(maps.Keys(predicateValues))...)...)
		lines, _ := row["items"].([]map[string]any)
		for _, l := range lines {
			insert("thing_lines", map[string]any{"thing_id": row["id"], "sku": l["sku"], "qty": l["qty"]}, "thing_id", "sku", "qty")
		}
	}
}

// predicateSet compiles a rule over things.
func predicateSet(m *semantic.Model, rule string) (*policy.Set, error) {
	return policy.Parse("policy.yaml", fmt.Appendf(nil, "%s%q", predicatesPolicy, rule), m)
}

// visibleIDs are the rows that cel-go lets through.
func visibleIDs(t *testing.T, set *policy.Set, values map[string]any, rows []map[string]any) []string {
	t.Helper()
	s := newSession(t, set, values)
	var ids []string
	for _, row := range rows {
		v, err := set.Visible(s, "things", row)
		require.NoError(t, err)
		if v.Visible {
			ids = append(ids, fmt.Sprint(row["id"]))
		}
	}
	return ids
}

// shownIDs are the rows that a database returns.
func shownIDs(t *testing.T, db *sql.DB, e *rls.Enforcer, set *policy.Set, values map[string]any) (ids []string, st *rls.Statement) {
	t.Helper()
	got, st, err := ask(db, e, newSession(t, set, values), "SELECT id FROM things ORDER BY id")
	require.NotNil(t, st, "%v", err)
	require.NoError(t, err, "%s\n%v", st.SQL, st.Args)
	for _, r := range got.rows {
		ids = append(ids, r[0])
	}
	return ids, st
}

// predicate is a line of the table.
type predicate struct {
	rule    string
	refused string // "" for no, "load", or the name of a dialect
}

func readPredicates() []predicate {
	var out []predicate
	for line := range strings.Lines(predicates) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		p := predicate{rule: line}
		if rest, ok := strings.CutPrefix(line, "refused: "); ok {
			p = predicate{rest, "load"}
		} else if rest, ok := strings.CutPrefix(line, "refused on "); ok {
			p.refused, p.rule, _ = strings.Cut(rest, ": ")
		}
		out = append(out, p)
	}
	return out
}

// TestPredicates: every predicate of the table shows exactly the rows that
// cel-go lets through, on every database, in two time zones of the connection.
func TestPredicates(t *testing.T) {
	m, err := semantic.Parse("model.yaml", []byte(predicatesModel))
	require.NoError(t, err)
	rows, all := predicateRows(), readPredicates()
	sets, want := map[string]*policy.Set{}, map[string][2][]string{}
	partly := 0
	for _, p := range all {
		set, err := predicateSet(m, p.rule)
		if p.refused == "load" {
			assert.Error(t, err, "%s is listed as refused", p.rule)
			continue
		}
		if !assert.NoError(t, err, p.rule) {
			continue
		}
		require.NotContains(t, sets, p.rule, "twice in the table")
		var ids [2][]string
		for i, values := range predicateSessions() {
			ids[i] = visibleIDs(t, set, values, rows)
			if len(ids[i]) > 0 && len(ids[i]) < len(rows) {
				partly++
			}
		}
		sets[p.rule], want[p.rule] = set, ids
	}
	t.Logf("%d predicates, %d of %d answers show some rows and not all", len(all), partly, 2*len(sets))
	assert.Greater(t, partly, len(sets), "too many predicates show all rows or none")
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		zones := []string{"", "America/New_York"}
		if k == testdb.SQLite {
			zones = zones[:1]
		}
		for _, zone := range zones {
			db := predicateDB(t, k, zone, rows)
			for _, p := range all {
				set := sets[p.rule]
				if set == nil {
					continue
				}
				e, err := rls.New(rls.Config{Policies: set, Dialect: dialectOf[k]})
				if p.refused == dialectOf[k].String() {
					require.Error(t, err, "%s is listed as refused on %s", p.rule, k)
					continue
				}
				require.NoError(t, err, p.rule)
				for i, values := range predicateSessions() {
					ids, st := shownIDs(t, db, e, set, values)
					if wanted := want[p.rule][i]; !slices.Equal(wanted, ids) {
						assert.Fail(t, "cel-go and the database disagree", "rule %s, session %d, zone %q\nonly cel-go: %v\nonly the database: %v\n%s\n%v",
							p.rule, i, zone, describeRows(rows, without(wanted, ids)), describeRows(rows, without(ids, wanted)), st.SQL, st.Args)
					}
				}
			}
		}
	})
}

// TestPredicateMixtures joins predicates of the table at random: what holds of
// each alone must hold of any combination.
func TestPredicateMixtures(t *testing.T) {
	m, err := semantic.Parse("model.yaml", []byte(predicatesModel))
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(7, 23))
	var atoms []string
	for _, p := range readPredicates() {
		if p.refused == "" {
			atoms = append(atoms, p.rule)
		}
	}
	var mix func(depth int) string
	mix = func(depth int) string {
		if depth == 0 || r.IntN(6) == 0 {
			return "(" + atoms[r.IntN(len(atoms))] + ")"
		}
		switch r.IntN(6) {
		case 0:
			return "!" + mix(depth-1)
		case 1:
			return "(" + mix(depth-1) + " && " + mix(depth-1) + ")"
		case 2:
			return "(" + mix(depth-1) + " || " + mix(depth-1) + ")"
		case 3:
			return "(" + mix(depth-1) + " ? " + mix(depth-1) + " : " + mix(depth-1) + ")"
		case 4:
			return "(" + mix(depth-1) + [...]string{" == ", " != ", " < ", " >= "}[r.IntN(4)] + mix(depth-1) + ")"
		default:
			return "(" + mix(depth-1) + " in [" + mix(depth-1) + ", " + mix(depth-1) + "])"
		}
	}
	rows := predicateRows()
	rules := make([]string, *predicateMixtures)
	for i := range rules {
		rules[i] = mix(2)
	}
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		db := predicateDB(t, k, map[bool]string{true: "America/New_York"}[k != testdb.SQLite], rows)
		partly := 0
		for i, rule := range rules {
			set, err := predicateSet(m, rule)
			require.NoError(t, err, rule)
			e, err := rls.New(rls.Config{Policies: set, Dialect: dialectOf[k]})
			require.NoError(t, err, rule)
			values := predicateSessions()[i%2]
			wanted := visibleIDs(t, set, values, rows)
			ids, st := shownIDs(t, db, e, set, values)
			if !slices.Equal(wanted, ids) {
				assert.Fail(t, "cel-go and the database disagree", "rule %s, session %d\nonly cel-go: %v\nonly the database: %v\n%s\n%v",
					rule, i%2, describeRows(rows, without(wanted, ids)), describeRows(rows, without(ids, wanted)), st.SQL, st.Args)
			}
			if len(ids) > 0 && len(ids) < len(rows) {
				partly++
			}
		}
		t.Logf("%d of %d mixtures show some rows and not all", partly, len(rules))
		assert.Greater(t, partly, len(rules)/2)
	})
}

// without gives what is in a and not in b.
func without(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(x string) bool { return slices.Contains(b, x) })
}

func describeRows(rows []map[string]any, ids []string) []string {
	var out []string
	for _, row := range rows {
		if slices.Contains(ids, fmt.Sprint(row["id"])) {
			out = append(out, fmt.Sprint(row))
		}
	}
	return out[:min(len(out), 3)]
}
