package rls_test

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
)

// agreementRules are the rules that SQLite and cel-go must agree on, row by row.
var agreementRules = []string{
	"true", "false",
	"row.s == session.s", "row.s != session.s", "session.s == row.s", "!(row.s == session.s)", "!(row.s != session.s)",
	"row.s == row.s2", "row.s == row.s", "row.s != row.s", "row.s < session.s", "row.s <= 'b'", "row.s > row.s2", "row.s >= 'ä'",
	"row.s == ''", "row.s == 'a\\'b'", "row.s == 'A'", "row.s == 'a '", "row.s == '%'", "row.s == '\\\\'",
	"row.s == null", "row.s != null", "!(row.s == null)", "null == row.n", "row.s == null || row.s == session.s", "row.s != null && row.n > 0",
	"row.s in session.list", "!(row.s in session.list)", "row.s in session.none", "!(row.s in session.none)", "row.s in ['a', 'b']",
	"row.s in []", "!(row.s in [])", "session.s in [row.s, row.s2]", "!(session.s in [row.s, row.s2])", "row.s in [row.s2, 'a']", "!(row.s in [row.s2, 'a'])",
	"row.n in session.ints", "row.n in [1, 2, 9223372036854775807]", "session.n in [row.n, 3]",
	"row.s.startsWith(session.s)", "row.s.startsWith('')", "!row.s.startsWith('a')", "row.s.startsWith(row.s2)", "session.s.startsWith(row.s)",
	"row.s.startsWith('%')", "row.s.startsWith('_')", "row.s.startsWith('A')", "row.s.startsWith('\\\\')",
	"row.s.endsWith('')", "row.s.endsWith(session.s)", "row.s.endsWith(row.s2)", "row.s.endsWith('b')", "!row.s.endsWith('%')",
	"row.s.contains('')", "row.s.contains(row.s2)", "row.s.contains('%')", "row.s.contains('ä')", "!row.s.contains('a')", "row.s.contains('😀')",
	"size(row.s) == 1", "row.s.size() > 1", "size(row.s) == size(row.s2)", "size(row.s) == 0", "size(session.list) == 2 && row.n == 1",
	"row.s + row.s2 == 'aa'", "row.s + 'x' != 'ax'", "(row.s + row.s2).contains('b')", "row.s + session.s == 'aa'",
	"row.b", "!row.b", "row.b == true", "row.b != true", "row.b == false", "!(row.b == true)", "row.b == session.flag", "session.flag == row.b",
	"row.b == (row.n > 1)", "(row.n == 1) == (row.s == 'a')", "(row.n == 1) != (row.s == 'a')", "row.b == row.b",
	"row.b ? row.n > 0 : row.n < 0", "!(row.b ? row.n > 0 : row.n < 0)", "(row.b ? row.s : row.s2) == 'a'", "(row.b ? 1 : 2) == 1", "(row.n > 0 ? row.s : 'none') != 'a'",
	"session.flag ? row.b : true", "(session.flag ? row.n : 0) == 1", "row.b ? true : false", "row.b ? false : true", "row.s == 'a' ? row.b : !row.b",
	"row.n == 1", "row.n != 1", "row.n < session.n", "row.n + 1 > 2", "row.n + session.n > 0", "row.n - 1 < 0", "row.n * 2 == 4", "row.n * row.n > 3",
	"row.n / 2 == 1", "row.n / 2 == -1", "row.n % 2 == 1", "row.n % 2 == -1", "row.n / row.m == 1", "row.n % row.m == 0", "!(row.n / row.m == 1)", "10 / row.n > 1",
	"row.n + 9223372036854775807 > 0", "row.n - 9223372036854775807 < 0", "row.n * 9223372036854775807 > 0", "-row.n > 0", "-row.n < 0", "-(-row.n) == row.n",
	"row.n + row.m > 0", "row.n - row.m > 0", "row.n * row.m > 0", "row.n / -1 > 0", "row.n % -1 == 0", "(row.n + row.m) - row.m == row.n", "row.n - (row.m - 1) == 1",
	"row.n + 1 > row.n || row.s == 'a'", "row.n + 1 < row.n", "!(row.n + 1 > row.n)",
	"row.d == 1.5", "row.d < 1.5", "row.d > session.d", "row.d != 0.0", "row.d >= -1.5", "row.d in [1.5, 2.0]",
	"row.at == session.at", "row.at < session.at", "row.at >= timestamp('2024-02-29T12:00:00Z')", "row.at != session.at", "!(row.at < session.at)",
	"row.at > timestamp('2024-02-29T13:00:00+01:00')", "row.at == null", "row.day < session.at", "row.day == timestamp('2024-02-29T00:00:00Z')", "row.day <= row.at", "row.at in [timestamp('2024-02-29T12:00:00Z')]",
	"row.at < timestamp('2024-02-29T12:00:00.5Z')", "row.at > timestamp('2024-02-29T11:59:59.999999Z')",
	"has(session.opt) && row.s == 'a'", "!has(session.opt) && row.n == 1", "has(session.opt) ? row.s == session.opt : row.n == 1", "has(session.s) && row.s == session.s",
	"session.role == 'admin' || row.s == session.s", "session.role == 'member' && row.s == session.s", "session.role in ['admin', 'member'] && row.n > 0", "!(session.role == 'admin') && row.b",
	"session.list.exists(x, x == 'a') && row.n > 0", "session.list.all(x, x != 'a') || row.n > 1", "session.limits['eu'] > row.n", "size(session.limits) == 1 && row.n == 1", "session.s.matches('^a$') && row.b", "row.s == session.s + 'b'", "row.n == session.n * 2 - 1", "row.s == session.list[0]",
	"row.b || row.n > 0", "row.b && row.n > 0", "!(row.b || row.n > 0)", "!(row.b && row.n > 0)", "row.b || !row.b", "row.b && !row.b", "row.n == 1 || row.b && row.s == 'a'", "(row.n == 1 || row.b) && row.s == 'a'",
	"double(row.n) > session.d", "double(row.n) == row.d", "string(row.n) == '1'", "string(row.n).startsWith('-')", "string(row.b) == 'true'", "!(string(row.b) == 'true')", "int(row.n) == 1", "string(row.s) == 'a'",
	"row.at.getFullYear() == 2024", "row.at.getMonth() == 1", "row.at.getDate() == 29", "row.at.getDayOfMonth() == 28", "row.at.getHours() >= 12", "row.at.getMinutes() == 59", "row.at.getSeconds() == 59", "row.day.getDayOfWeek() == 0", "row.day.getDayOfWeek() == 4", "row.at.getDayOfYear() == 59", "!(row.day.getMonth() == 1)", "session.at.getFullYear() == row.at.getFullYear()",
	"row.s.matches('^a')", "row.s.matches('b$')", "row.s.matches('^a$')", "!row.s.matches('a')", "row.s.matches('')", "row.s.matches('a%')", "row.s.matches('^$')",
	"row.n in [1, session.n / 0]", "!(row.n in [1, session.n / 0])", "row.n in [session.n / session.n, 2]", "row.s in ['a', session.list[9]]", "row.s == session.list[9] || row.n == 1", "row.n > 9223372036854775807 + session.n || row.s == 'a'",
	"!!row.b", "!(!(row.s == 'a'))", "row.s == 'a' || row.s == 'b' || row.s2 == 'a'", "row.n > 0 && row.n < 3 && row.m != 0",
}

// cell values of the rows; each row of the table is one combination.
var agreementColumns = map[string][]any{
	"s":   {nil, "", "a", "A", "a ", "b", "ab", "ä", "a%", "%", "_", `\`, "a'b", "😀", "aa", "NULL"},
	"s2":  {nil, "", "a", "b", "%"},
	"n":   {nil, int64(0), int64(1), int64(2), int64(3), int64(-1), int64(-3), int64(9223372036854775807), int64(-9223372036854775808)},
	"m":   {nil, int64(0), int64(1), int64(-1), int64(2), int64(9223372036854775807), int64(-9223372036854775808)},
	"b":   {nil, true, false},
	"d":   {nil, 0.0, 1.5, -1.5, 2.0, 0.1},
	"at":  {nil, "2024-02-29 12:00:00", "2024-02-29 12:00:00.5", "2024-02-29 11:59:59", "2023-01-01 00:00:00"},
	"day": {nil, "2024-02-29", "2024-03-01", "2023-12-31"},
}

var agreementTypes = map[string]semantic.Datatype{
	"s": semantic.String, "s2": semantic.String, "n": semantic.Integer, "m": semantic.Integer, "b": semantic.Boolean,
	"d": semantic.Float, "at": semantic.DateTime, "day": semantic.Date,
}

const agreementSchema = `
session:
  - {name: s, type: string}
  - {name: opt, type: string}
  - {name: role, type: string, default: member}
  - {name: n, type: int}
  - {name: d, type: double}
  - {name: flag, type: bool}
  - {name: at, type: timestamp}
  - {name: list, type: list(string)}
  - {name: none, type: list(string), default: []}
  - {name: ints, type: list(int)}
  - {name: limits, type: "map(string, int)"}
policies:
  - name: rule
    datasets: [things]
    rows: `

func agreementSessions() []map[string]any {
	at := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	return []map[string]any{
		{"s": "a", "n": 1, "d": 0.1, "flag": true, "at": at, "list": []string{"a", "%"}, "none": []string{}, "ints": []int{1, 3}, "limits": map[string]int{"eu": 2}, "role": "member"},
		{"s": "", "n": 0, "d": -1.5, "flag": false, "at": at.Add(500 * time.Millisecond), "list": []string{"b", "A", "ä"}, "none": []string{}, "ints": []int{}, "limits": map[string]int{"eu": -1}, "role": "admin", "opt": "b"},
	}
}

// agreementRows spreads the columns' values over rows: every value of every
// column occurs with many values of the others.
func agreementRows() []map[string]any {
	var rows []map[string]any
	names := slices.Sorted(maps.Keys(agreementColumns))
	for i := range 600 {
		row := map[string]any{"id": int64(i)}
		step := i
		for k, name := range names {
			values := agreementColumns[name]
			row[name] = values[(step+i*(k+1))%len(values)]
			step = step*31/7 + k
		}
		rows = append(rows, row)
	}
	return rows
}

// TestAgreement holds every rule against cel-go: SQLite returns exactly the
// rows for which cel-go's evaluation is true, NULL being an unknown.
func TestAgreement(t *testing.T) {
	m, err := semantic.Parse("things.yaml", []byte(thingsModel()))
	require.NoError(t, err)
	rows := agreementRows()
	db := thingsDB(t, rows)
	partly := 0
	for _, rule := range agreementRules {
		set, err := policy.Parse("policy.yaml", []byte(agreementSchema+fmt.Sprintf("%q", rule)), m)
		require.NoError(t, err, rule)
		e, err := rls.New(rls.Config{Policies: set, Dialect: rls.SQLite})
		require.NoError(t, err)
		program := oracleProgram(t, rule)
		for i, values := range agreementSessions() {
			var want []string
			for _, row := range rows {
				if oracleTrue(t, program, row, values) {
					want = append(want, fmt.Sprint(row["id"]))
				}
			}
			got, st, err := ask(db, e, newSession(t, set, values), "SELECT id FROM things ORDER BY id")
			if st == nil { // a property that the rule needs is missing: denied, so no row may be visible
				require.ErrorIs(t, err, rls.ErrDenied, rule)
				require.Empty(t, want, "%s is refused: %v", rule, err)
				continue
			}
			require.NoError(t, err, rule)
			var ids []string
			for _, r := range got.rows {
				ids = append(ids, r[0])
			}
			assert.Equal(t, want, ids, "rule %s, session %d\n%s\n%v", rule, i, st.SQL, st.Args)
			if len(ids) > 0 && len(ids) < len(rows) {
				partly++
			}
		}
	}
	require.Greater(t, partly, len(agreementRules), "too many rules show all rows or none: they prove little")
}

func thingsModel() string {
	var b strings.Builder
	b.WriteString("version: \"0.2.0\"\nsemantic_model:\n  - name: things\n    datasets:\n      - name: things\n        source: main.things\n        fields:\n")
	field := "          - {name: %s, datatype: %s, expression: {dialects: [{dialect: ANSI_SQL, expression: %s}]}}\n"
	fmt.Fprintf(&b, field, "id", semantic.Integer, "id")
	for _, name := range slices.Sorted(maps.Keys(agreementTypes)) {
		fmt.Fprintf(&b, field, name, agreementTypes[name], name)
	}
	return b.String()
}

func thingsDB(t *testing.T, rows []map[string]any) *sql.DB {
	db, err := sql.Open("sqlite", ":memory:")
	require.NoError(t, err)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	names := slices.Sorted(maps.Keys(agreementColumns))
	_, err = db.Exec("CREATE TABLE things (id INTEGER, s TEXT COLLATE NOCASE, s2 TEXT, n INTEGER, m INTEGER, b BOOLEAN, d REAL, at TEXT, day TEXT)")
	require.NoError(t, err)
	for _, row := range rows {
		values := []any{row["id"]}
		for _, n := range names {
			values = append(values, row[n])
		}
		_, err = db.Exec("INSERT INTO things (id, "+strings.Join(names, ", ")+") VALUES (?"+strings.Repeat(", ?", len(names))+")", values...)
		require.NoError(t, err)
	}
	return db
}

var (
	nullTest = regexp.MustCompile(`row\.(\w+) ([!=])= null|null ([!=])= row\.(\w+)`)
	hasTest  = regexp.MustCompile(`has\(session\.(\w+)\)`)
)

// oracleProgram compiles a rule with cel-go alone. Tests for null and has() are
// definite, so they become variables of their own.
func oracleProgram(t *testing.T, rule string) cel.Program {
	rule = nullTest.ReplaceAllStringFunc(rule, func(m string) string {
		parts := nullTest.FindStringSubmatch(m)
		not := ""
		if parts[2] == "!" || parts[3] == "!" {
			not = "!"
		}
		return not + "isnull_" + parts[1] + parts[4]
	})
	rule = hasTest.ReplaceAllString(rule, "has_$1")
	opts := []cel.EnvOption{
		cel.Variable("session.s", cel.StringType), cel.Variable("session.opt", cel.StringType), cel.Variable("session.role", cel.StringType),
		cel.Variable("session.n", cel.IntType), cel.Variable("session.d", cel.DoubleType), cel.Variable("session.flag", cel.BoolType),
		cel.Variable("session.at", cel.TimestampType), cel.Variable("session.list", cel.ListType(cel.StringType)),
		cel.Variable("session.none", cel.ListType(cel.StringType)), cel.Variable("session.ints", cel.ListType(cel.IntType)),
		cel.Variable("session.limits", cel.MapType(cel.StringType, cel.IntType)),
		cel.Variable("has_opt", cel.BoolType), cel.Variable("has_s", cel.BoolType),
	}
	for name, typ := range map[string]*cel.Type{"s": cel.StringType, "s2": cel.StringType, "n": cel.IntType, "m": cel.IntType,
		"b": cel.BoolType, "d": cel.DoubleType, "at": cel.TimestampType, "day": cel.TimestampType} {
		opts = append(opts, cel.Variable("row."+name, typ), cel.Variable("isnull_"+name, cel.BoolType))
	}
	env, err := cel.NewEnv(opts...)
	require.NoError(t, err)
	tree, issues := env.Compile(rule)
	require.NoError(t, issues.Err(), rule)
	program, err := env.Program(tree, cel.EvalOptions(cel.OptPartialEval))
	require.NoError(t, err)
	return program
}

// oracleTrue evaluates a rule for one row, with NULL columns as unknowns.
func oracleTrue(t *testing.T, program cel.Program, row, values map[string]any) bool {
	vars := map[string]any{}
	for _, name := range []string{"opt", "s"} {
		_, ok := values[name]
		vars["has_"+name] = ok
	}
	for name, v := range values {
		vars["session."+name] = v
	}
	var unknown []*cel.AttributePatternType
	for name := range agreementColumns {
		v := row[name]
		vars["isnull_"+name] = v == nil
		if v == nil {
			unknown = append(unknown, cel.AttributePattern("row."+name))
			continue
		}
		if text, ok := v.(string); ok && (name == "at" || name == "day") {
			layout := "2006-01-02 15:04:05.999999"
			if name == "day" {
				layout = "2006-01-02"
			}
			at, err := time.Parse(layout, text)
			require.NoError(t, err)
			v = at
		}
		vars["row."+name] = v
	}
	partial, err := cel.PartialVars(vars, unknown...)
	require.NoError(t, err)
	out, _, err := program.ContextEval(context.Background(), partial)
	return err == nil && out == types.True
}
