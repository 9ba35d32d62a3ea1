package enginetest

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
)

// TestPredicatesOnDuckDB holds the table of rules of package rls against cel-go
// on DuckDB, as far as the rules read one table alone and DuckDB has what they need.
func TestPredicatesOnDuckDB(t *testing.T) {
	lines, err := os.ReadFile("../../rls/testdata/predicates.txt")
	require.NoError(t, err)
	related := regexp.MustCompile(`row\.(owner|items)\b`)
	for _, zone := range zones() {
		e := duckDB(zone)
		db := e.open(t)
		_, err := db.Exec("CREATE TABLE things (id INTEGER, s VARCHAR COLLATE NOCASE, s2 VARCHAR, n BIGINT, m BIGINT, small INTEGER, b BOOLEAN, c BOOLEAN, d DOUBLE, price DECIMAL(12, 2)," +
			" \"at\" TIMESTAMP, until TIMESTAMP, seen TIMESTAMPTZ, day DATE)")
		require.NoError(t, err)
		rows := predicateThings()
		for _, row := range rows {
			values := []any{row["id"]}
			for _, name := range predicateNames {
				v := row[name]
				if at, ok := v.(time.Time); ok {
					v = at.Format(map[bool]string{true: "2006-01-02 15:04:05.999999+00", false: "2006-01-02 15:04:05.999999"}[name == "seen"])
				}
				values = append(values, v)
			}
			_, err := db.Exec("INSERT INTO things VALUES (?"+strings.Repeat(", ?", len(predicateNames))+")", values...)
			require.NoError(t, err)
		}
		tried, lacking := 0, 0
		for rule := range strings.Lines(string(lines)) {
			rule = strings.TrimSpace(rule)
			if rule == "" || strings.HasPrefix(rule, "#") || strings.HasPrefix(rule, "refused") || related.MatchString(rule) {
				continue
			}
			set := loadPolicies(t, predicateModel(), predicateSchema+fmt.Sprintf("%q", rule))
			enforcer, err := rls.New(rls.Config{Policies: set, Dialect: e.dialect})
			if err != nil {
				lacking++
				continue
			}
			tried++
			s, err := set.Schema().New(predicateSession)
			require.NoError(t, err)
			got, st, err := ask(t.Context(), db, enforcer, s, "SELECT id FROM things ORDER BY id")
			if assert.NoError(t, err, rule) {
				assert.Equal(t, predicateIDs(t, set, rows), valuesText(got), "%s in %s: %s", rule, zone, st.SQL)
			}
		}
		t.Logf("%s: %d rules, DuckDB lacks what %d need", zone, tried, lacking)
		assert.Less(t, lacking, 10)
	}
}

func predicateIDs(t *testing.T, set *policy.Set, rows []map[string]any) string {
	t.Helper()
	s, err := set.Schema().New(predicateSession)
	require.NoError(t, err)
	var ids []string
	for _, row := range rows {
		v, err := set.Visible(s, "things", row)
		require.NoError(t, err)
		if v.Visible {
			ids = append(ids, fmt.Sprint(row["id"]))
		}
	}
	return strings.Join(ids, ", ")
}

var predicateNames = []string{"s", "s2", "n", "m", "small", "b", "c", "d", "price", "at", "until", "seen", "day"}

var predicateTypes = map[string]string{"s": "String", "s2": "String", "n": "Integer", "m": "Integer", "small": "Integer", "b": "Boolean", "c": "Boolean", "d": "Float",
	"price": "Decimal", "at": "DateTime", "until": "DateTime", "seen": "DateTimeTz", "day": "Date"}

func predicateModel() string {
	var b strings.Builder
	b.WriteString("version: 0.2.0.dev0\nsemantic_model:\n- name: predicates\n  datasets:\n  - name: things\n    source: things\n    fields:\n")
	field := "    - {name: %[1]s, expression: {dialects: [{dialect: ANSI_SQL, expression: %[1]s}]}, datatype: %[2]s}\n"
	fmt.Fprintf(&b, field, "id", "Integer")
	for _, name := range predicateNames {
		fmt.Fprintf(&b, field, name, predicateTypes[name])
	}
	return b.String()
}

const predicateSchema = `
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

var noon = time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)

var predicateSession = map[string]any{
	"s": "a", "n": 1, "d": 1.5, "flag": true, "now": noon, "grace": time.Hour, "list": []string{"a", "%"}, "none": []string{}, "ints": []int64{1, 3},
	"doubles": []float64{1.5, 0}, "flags": []bool{true}, "times": []time.Time{noon}, "spans": []time.Duration{time.Hour, 0}, "limits": map[string]int{"a": 2, "A": -1},
}

// predicateThings are rows in which each column takes its values in turn.
func predicateThings() []map[string]any {
	at := func(text string) time.Time {
		out, err := time.Parse("2006-01-02 15:04:05.999999", text)
		if err != nil {
			panic(err)
		}
		return out
	}
	values := map[string][]any{
		"s":     {"a", "A", nil, "", "a ", " a", "ab", "ä", "a%", "%", "_", `\`, "a'b", "😀", "a😀b😀", "aXbXc", "a\nb", "\t a\u00a0\u3000"},
		"s2":    {"a", nil, "b", "", " ", "%", "A"},
		"n":     {int64(1), int64(0), nil, int64(2), int64(-1), int64(3), int64(9223372036854775807), int64(-9223372036854775808), int64(1709208000), int64(253402300800)},
		"m":     {int64(1), nil, int64(0), int64(-1), int64(2), int64(-9223372036854775808)},
		"small": {int64(1), nil, int64(2147483647)}, "b": {true, false, nil}, "c": {true, nil, false},
		"d": {0.0, 1.5, nil, -1.5, 2.5, 9223372036854774784.0, -9.3e18}, "price": {1.5, nil, 10.25, -3.75},
		"at":    {noon, nil, noon.Add(500 * time.Millisecond), noon.Add(-time.Microsecond), at("2023-12-31 23:59:59.999999"), at("9999-12-31 23:59:59.999999"), at("1000-01-01 00:00:00")},
		"until": {noon.Add(time.Hour), noon, nil, at("2024-03-01 12:00:00.000001"), at("1700-01-01 00:00:00")},
		"seen":  {noon, nil, at("2024-11-03 05:30:00"), at("2024-03-10 07:30:00.25")},
		"day":   {at("2024-02-29 00:00:00"), nil, at("2024-03-01 00:00:00"), at("2023-12-31 00:00:00")},
	}
	var rows []map[string]any
	for i := range 120 {
		row := map[string]any{"id": i + 1}
		for k, name := range predicateNames {
			row[name] = values[name][(i+i*k/3+k)%len(values[name])]
		}
		rows = append(rows, row)
	}
	return rows
}
