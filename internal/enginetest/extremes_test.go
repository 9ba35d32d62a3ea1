package enginetest

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/rls"
)

// duckExtremes are values that a column of DuckDB can hold, as SQL and as CEL
// sees them; NaN stands for what CEL lacks.
var duckExtremes = []struct {
	column, sql string
	cel         any
}{
	{"s", "'a' || CHR(0) || 'a'", "a\x00a"}, {"s2", "CHR(0)", "\x00"}, {"s", "''", ""}, {"s", "repeat('a', 100000)", strings.Repeat("a", 100000)},
	{"n", "18446744073709551615", math.NaN()}, {"n", "9223372036854775808", math.NaN()}, {"n", "9223372036854775807", int64(math.MaxInt64)},
	{"m", "170141183460469231731687303715884105727", math.NaN()}, {"m", "-170141183460469231731687303715884105727", math.NaN()}, {"m", "-9223372036854775808", int64(math.MinInt64)},
	{"d", "'NaN'", math.NaN()}, {"d", "'inf'", math.Inf(1)}, {"d", "'-inf'", math.Inf(-1)}, {"d", "5e-324", 5e-324}, {"d", "1.7976931348623157e308", math.MaxFloat64},
	{"price", "99999999999999999999999999999999999999", 1e38}, {"price", "-1", -1.0},
	{"at", "'infinity'", math.NaN()}, {"at", "'-infinity'", math.NaN()}, {"until", "'infinity'", math.NaN()}, {"at", "'294247-01-10 04:00:54.775806'", math.NaN()}, {"at", "'0044-03-15 (BC) 12:00:00'", math.NaN()},
	{"at", "'10000-01-01 00:00:00'", math.NaN()}, {"at", "'0001-01-01 00:00:00'", time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)}, {"until", "'9999-12-31 23:59:59.999999'", time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)},
	{"seen", "'infinity'", math.NaN()}, {"seen", "'-infinity'", math.NaN()}, {"seen", "'10000-01-01 00:00:00+00'", math.NaN()}, {"seen", "'0001-01-01 00:00:00+00'", time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)},
	{"day", "'infinity'", math.NaN()}, {"day", "'-infinity'", math.NaN()}, {"day", "'5881580-07-10'", math.NaN()}, {"day", "'5877642-06-25 (BC)'", math.NaN()}, {"day", "'294248-01-01'", math.NaN()},
	{"day", "'0044-03-15 (BC)'", math.NaN()}, {"day", "'0001-01-01'", time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)}, {"day", "'9999-12-31'", time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)},
}

// TestExtremesOnDuckDB: whatever a column can hold, no rule fails on DuckDB, and
// the rows that show are those that cel-go lets through, where a value that CEL
// lacks is unknown.
func TestExtremesOnDuckDB(t *testing.T) {
	e := duckDB("")
	db := e.open(t)
	exec := func(text string) {
		_, err := db.Exec(text)
		require.NoError(t, err, text)
	}
	exec("CREATE TABLE things (id INTEGER, s VARCHAR, s2 VARCHAR, n UBIGINT, m HUGEINT, small INTEGER, b BOOLEAN, c BOOLEAN, d DOUBLE, price DECIMAL(38, 0)," +
		" \"at\" TIMESTAMP, until TIMESTAMP, seen TIMESTAMPTZ, day DATE)")
	var rows []map[string]any
	for i, x := range duckExtremes {
		row := map[string]any{"id": i + 1, "s": "a", "s2": "a", "n": 5, "m": 5, "small": 1, "b": true, "c": false, "d": 1.5, "price": 2.0, "at": noon, "until": noon.Add(time.Hour), "seen": noon, "day": noon.Truncate(24 * time.Hour)}
		texts := []string{fmt.Sprint(i + 1)}
		for _, name := range predicateNames {
			text := fmt.Sprintf("'%v'", row[name])
			if at, ok := row[name].(time.Time); ok {
				text = at.Format("'2006-01-02 15:04:05+00'")
			}
			if name == "at" || name == "until" || name == "day" {
				text = strings.Replace(text, "+00", "", 1)
			}
			if name == x.column {
				text = x.sql
			}
			texts = append(texts, text)
		}
		row[x.column] = x.cel
		rows = append(rows, row)
		exec("INSERT INTO things VALUES (" + strings.Join(texts, ", ") + ")")
	}
	related := regexp.MustCompile(`row\.(owner|items)\b`)
	for _, file := range []string{"extremes", "predicates"} {
		lines, err := os.ReadFile("../../rls/testdata/" + file + ".txt")
		require.NoError(t, err)
		for rule := range strings.Lines(string(lines)) {
			rule = strings.TrimSpace(rule)
			if rule == "" || rule == "true" || rule == "false" || strings.HasPrefix(rule, "#") || strings.HasPrefix(rule, "refused") || related.MatchString(rule) {
				continue
			}
			for _, form := range []string{rule, "!(" + rule + ")", "(" + rule + ") || row.id > 0"} {
				set := loadPolicies(t, predicateModel(), predicateSchema+fmt.Sprintf("%q", form))
				enforcer, err := rls.New(rls.Config{Policies: set, Dialect: e.dialect})
				if err != nil { // DuckDB lacks something
					continue
				}
				s, err := set.Schema().New(predicateSession)
				require.NoError(t, err)
				got, st, err := ask(t.Context(), db, enforcer, s, "SELECT id FROM things ORDER BY id")
				if assert.NoError(t, err, form) {
					assert.Equal(t, predicateIDs(t, set, rows), valuesText(got), "%s: %s", form, st.SQL)
				}
			}
		}
	}
}
