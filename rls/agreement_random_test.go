package rls_test

import (
	"database/sql"
	"flag"
	"fmt"
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

var (
	agreementCases = flag.Int("agreement.cases", 1000, "random policies that databases and cel-go must agree on, each for many rows")
	agreementSeed  = flag.Uint64("agreement.seed", 1, "their seed; 0 for a fresh one")
)

// The values of random rows, sessions and constants.
var (
	randomStrings = []string{"", "a", "A", "a ", " a", "ab", "b", "ß", "ss", "ä", "Ä", "a%", "%", "_", "a_", `\`, `a\`, "a'b", `"`, "😀", "NULL", "ａ", "é", "é", "aa", "0", "1"}
	randomInts    = []int64{0, 1, -1, 2, 3, -2, 7, math.MaxInt64, math.MinInt64 + 1, math.MaxInt64 - 1}
	randomDoubles = []float64{0, 1, -1, 0.5, 2.25, -3.75, 1e10}
	randomTimes   = []time.Time{
		time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC), time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), time.Date(2024, 2, 29, 12, 0, 0, 500_000_000, time.UTC),
		time.Date(2023, 12, 31, 23, 59, 59, 999_999_000, time.UTC), time.Date(2024, 3, 31, 2, 30, 0, 0, time.UTC), time.Date(1999, 1, 1, 0, 0, 1, 0, time.UTC),
	}
)

// ruleMaker writes random rules that type-check.
type ruleMaker struct{ *rand.Rand }

func pickOf[T any](r *rand.Rand, values ...T) T { return values[r.IntN(len(values))] }

func (g ruleMaker) text(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

func (g ruleMaker) str(depth int) string {
	switch g.IntN(8) {
	case 0:
		return g.text(pickOf(g.Rand, randomStrings...))
	case 1:
		return pickOf(g.Rand, "session.s", "session.s2", "string(row.n)", "string(row.b)")
	case 2:
		if depth > 0 {
			return fmt.Sprintf("(%s + %s)", g.str(depth-1), g.str(depth-1))
		}
	case 3:
		if depth > 0 {
			return fmt.Sprintf("(%s ? %s : %s)", g.cond(depth-1), g.str(depth-1), g.str(depth-1))
		}
	}
	return pickOf(g.Rand, "row.s", "row.s2")
}

func (g ruleMaker) int(depth int) string {
	switch g.IntN(9) {
	case 0:
		return fmt.Sprint(pickOf(g.Rand, randomInts...))
	case 1:
		return "session.n"
	case 2, 3:
		if depth > 0 {
			return fmt.Sprintf("(%s %s %s)", g.int(depth-1), pickOf(g.Rand, "+", "-", "*", "/", "%"), g.int(depth-1))
		}
	case 4:
		if depth > 0 {
			return pickOf(g.Rand, "-("+g.int(depth-1)+")", "size("+g.str(depth-1)+")", fmt.Sprintf("(%s ? %s : %s)", g.cond(depth-1), g.int(depth-1), g.int(depth-1)))
		}
	case 6:
		return fmt.Sprintf("row.%s.%s()", pickOf(g.Rand, "at", "day"), pickOf(g.Rand, "getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getHours", "getMinutes", "getSeconds"))
	case 5:
		return "session.limits[" + pickOf(g.Rand, "row.s", "row.s2", "'a'") + "]"
	}
	return pickOf(g.Rand, "row.n", "row.m")
}

func (g ruleMaker) time() string {
	switch g.IntN(5) {
	case 0:
		return "timestamp('" + pickOf(g.Rand, randomTimes...).Format(time.RFC3339Nano) + "')"
	case 1:
		return "session.at"
	default:
		return pickOf(g.Rand, "row.at", "row.day")
	}
}

func (g ruleMaker) order() string { return pickOf(g.Rand, "==", "!=", "<", "<=", ">", ">=") }

// atom writes a condition without other conditions in it.
func (g ruleMaker) atom(depth int) string {
	switch g.IntN(14) {
	case 0, 1, 2:
		return fmt.Sprintf("%s %s %s", g.str(depth), g.order(), g.str(depth))
	case 3, 4:
		return fmt.Sprintf("%s %s %s", g.int(depth), g.order(), g.int(depth))
	case 5:
		return fmt.Sprintf("%s %s %s", pickOf(g.Rand, "row.d", "row.d", "double(row.n)"), g.order(), pickOf(g.Rand, "session.d", "row.d", fmt.Sprintf("%f", pickOf(g.Rand, randomDoubles...))))
	case 6:
		return fmt.Sprintf("%s %s %s", g.time(), g.order(), g.time())
	case 7, 8:
		return fmt.Sprintf("%s.%s(%s)", g.str(depth), pickOf(g.Rand, "startsWith", "endsWith", "contains"), g.str(depth))
	case 9:
		return fmt.Sprintf("%s in %s", g.str(depth), pickOf(g.Rand, "session.list", "session.none", "session.limits", "["+g.str(0)+", "+g.str(0)+"]", "['a', 'A', '%']"))
	case 10:
		return fmt.Sprintf("%s in %s", g.int(depth), pickOf(g.Rand, "session.ints", "["+g.int(0)+", "+g.int(0)+"]", "[1, 2]"))
	case 11:
		return fmt.Sprintf("row.%s %s null", pickOf(g.Rand, "s", "s2", "n", "m", "b", "d", "at", "day"), pickOf(g.Rand, "==", "!="))
	case 12:
		return fmt.Sprintf("session.list.%s(x, %s)", pickOf(g.Rand, "exists", "all"), pickOf(g.Rand, "x == row.s", "row.s.startsWith(x)", "x < row.s2 && row.n > 0", "row.s2.contains(x + 'b') || row.b"))
	default:
		return pickOf(g.Rand, "row.b", "row.b", "session.flag", "row.b == session.flag", "has(session.opt)")
	}
}

func (g ruleMaker) cond(depth int) string {
	if depth <= 0 {
		return g.atom(0)
	}
	switch g.IntN(9) {
	case 0, 1:
		return fmt.Sprintf("(%s && %s)", g.cond(depth-1), g.cond(depth-1))
	case 2, 3:
		return fmt.Sprintf("(%s || %s)", g.cond(depth-1), g.cond(depth-1))
	case 4:
		return "!(" + g.cond(depth-1) + ")"
	case 5:
		return fmt.Sprintf("(%s ? %s : %s)", g.cond(depth-1), g.cond(depth-1), g.cond(depth-1))
	case 6:
		return fmt.Sprintf("((%s) %s (%s))", g.cond(depth-1), pickOf(g.Rand, "==", "!="), g.cond(depth-1))
	default:
		return g.atom(depth - 1)
	}
}

// maybe is a value, or NULL one time in four.
func maybe[T any](r *rand.Rand, values ...T) any {
	if r.IntN(4) == 0 {
		return nil
	}
	return pickOf(r, values...)
}

func randomRows(r *rand.Rand, n int) []map[string]any {
	rows := make([]map[string]any, n)
	for i := range rows {
		at, day := maybe(r, randomTimes...), maybe(r, randomTimes...)
		if d, ok := day.(time.Time); ok {
			day = d.Truncate(24 * time.Hour)
		}
		rows[i] = map[string]any{
			"id": int64(i), "s": maybe(r, randomStrings...), "s2": maybe(r, randomStrings...), "n": maybe(r, randomInts...), "m": maybe(r, randomInts...),
			"b": maybe(r, true, false), "d": maybe(r, randomDoubles...), "at": at, "day": day,
		}
	}
	return rows
}

func randomSession(r *rand.Rand) map[string]any {
	list := func() []string {
		var out []string
		for range r.IntN(4) {
			out = append(out, pickOf(r, randomStrings...))
		}
		return out
	}
	values := map[string]any{
		"s": pickOf(r, randomStrings...), "s2": pickOf(r, randomStrings...), "n": pickOf(r, randomInts...), "d": pickOf(r, randomDoubles...),
		"flag": r.IntN(2) == 0, "at": pickOf(r, randomTimes...), "list": list(), "none": []string{}, "ints": []int64{pickOf(r, randomInts...), 1},
		"limits": map[string]int64{pickOf(r, randomStrings...): pickOf(r, randomInts...), "a": 1, "A": 2},
	}
	if r.IntN(2) == 0 {
		values["opt"] = pickOf(r, randomStrings...)
	}
	return values
}

// agreementTables creates the table of things on each database, with collations
// that equate what CEL tells apart.
var agreementTables = map[testdb.Kind]string{
	testdb.SQLite:     "CREATE TABLE things (id INTEGER, s TEXT COLLATE NOCASE, s2 TEXT, n INTEGER, m INTEGER, b BOOLEAN, d REAL, at TEXT, day TEXT)",
	testdb.PostgreSQL: "CREATE TABLE things (id int, s varchar(40), s2 text, n bigint, m bigint, b boolean, d double precision, at timestamp, day date)",
	testdb.MariaDB:    "CREATE TABLE things (id int, s varchar(40), s2 text, n bigint, m bigint, b boolean, d double, at datetime(6), day date) COLLATE utf8mb4_unicode_ci",
}

var agreementDialects = map[testdb.Kind]rls.Dialect{testdb.SQLite: rls.SQLite, testdb.PostgreSQL: rls.PostgreSQL, testdb.MariaDB: rls.MariaDB}

// fillThings creates and fills the table of things.
func fillThings(t *testing.T, db *sql.DB, k testdb.Kind, rows []map[string]any) {
	t.Helper()
	_, err := db.Exec(agreementTables[k])
	require.NoError(t, err)
	names := []string{"id", "s", "s2", "n", "m", "b", "d", "at", "day"}
	marks := strings.Repeat(", ?", len(names))[2:]
	if k == testdb.PostgreSQL {
		marks = "$1, $2, $3, $4, $5, $6, $7, $8, $9"
	}
	for _, row := range rows {
		var values []any
		for _, n := range names {
			v := row[n]
			if at, ok := v.(time.Time); ok {
				v = at.Format(map[string]string{"at": "2006-01-02 15:04:05.999999", "day": "2006-01-02"}[n])
			}
			values = append(values, v)
		}
		_, err := db.Exec("INSERT INTO things ("+strings.Join(names, ", ")+") VALUES ("+marks+")", values...)
		require.NoError(t, err)
	}
}

// TestRandomAgreement: for random rules, rows and sessions, every database at
// hand returns exactly the rows that cel-go lets through, in UTC and in another
// time zone of the connection.
func TestRandomAgreement(t *testing.T) {
	seed := *agreementSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d", seed)
	m, err := semantic.Parse("things.yaml", []byte(strings.ReplaceAll(thingsModel(), "source: main.things", "source: things")))
	require.NoError(t, err)
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		zones := []string{""}
		if k != testdb.SQLite {
			zones = append(zones, "America/New_York")
		}
		for _, zone := range zones {
			r := rand.New(rand.NewPCG(seed, uint64(len(zone))))
			rows := randomRows(r, 60)
			db := testdb.OpenWith(t, k, testdb.Options{TimeZone: zone})
			fillThings(t, db, k, rows)
			agree(t, db, agreementDialects[k], m, r, rows, *agreementCases/len(zones))
		}
	})
}

func agree(t *testing.T, db *sql.DB, dialect rls.Dialect, m *semantic.Model, r *rand.Rand, rows []map[string]any, n int) {
	partly, refused := 0, 0
	for range n {
		rule, values := ruleMaker{r}.cond(3), randomSession(r)
		set, err := policy.Parse("policy.yaml", fmt.Appendf(nil, "%s%q", strings.Replace(agreementSchema, "{name: s, ", "{name: s2, type: string}\n  - {name: s, ", 1), rule), m)
		if err != nil {
			refused++
			continue
		}
		e, err := rls.New(rls.Config{Policies: set, Dialect: dialect})
		require.NoError(t, err, rule)
		s := newSession(t, set, values)
		var want []string
		for _, row := range rows {
			v, err := set.Visible(s, "things", row)
			require.NoError(t, err, rule)
			if v.Visible {
				want = append(want, fmt.Sprint(row["id"]))
			}
		}
		got, st, err := ask(db, e, s, "SELECT id FROM things ORDER BY id")
		require.NotNil(t, st, "%s: %v", rule, err)
		require.NoError(t, err, "%s\n%s\n%v", rule, st.SQL, st.Args)
		var ids []string
		for _, row := range got.rows {
			ids = append(ids, row[0])
		}
		if !slices.Equal(want, ids) {
			assert.Fail(t, "cel-go and the database disagree", "rule %s\nsession %v\nonly cel-go: %v\nonly the database: %v\n%s\n%v",
				rule, values, describeRows(rows, without(want, ids)), describeRows(rows, without(ids, want)), st.SQL, st.Args)
			return
		}
		if len(ids) > 0 && len(ids) < len(rows) {
			partly++
		}
	}
	t.Logf("%d rules for %d rows each; %d show some rows, %d are refused", n-refused, len(rows), partly, refused)
	assert.Greater(t, partly, (n-refused)/3, "too many rules show all rows or none")
	assert.Less(t, refused, n/10)
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
