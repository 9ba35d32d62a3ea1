package enginetest

import (
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/enginetest/warehouse"
	"github.com/hedgerow/hedgerow/internal/testdb"
)

// hostile are strings that some collation or pattern takes for one another.
func hostile() []string {
	return []string{
		"", " ", "  ", "a", "A", "á", "a ", " a", "a\t", "ab", "AB", "abc", "ABC", "aBc", "äbc", "a\u0308bc", "abç", "abc ", "abc\n",
		"ss", "ß", "SS", "ẞ", "Straße", "Strasse", "STRASSE", "ａｂｃ", "①", "1", "01", "1.0", "true", "NULL", "null",
		"😀", "😁", "😀a", "\uffff", "ﬀ", "ff", "İ", "i", "I", "ı", "K", "k", "\u212a", "é", "e\u0301", "ñ", "n",
		"%", "_", `\`, `\\`, `\%`, "a%", "a_", "%a%", "[a]", "*", "?", "'", `"`, "`", `\'`, "''", "--", "/*", "; DROP TABLE hostile_strings",
		"a\u200bb", "\u00a0", "a\u00a0", "z", "Z", "zz", "ab\\", "a'b",
	}
}

// stringRule is a rule over row.s and the session's v and vs, and what it means.
type stringRule struct {
	rule  string
	means func(s, v string) bool
}

func stringRules() []stringRule {
	in := func(s, v string) bool { return slices.Contains(othersOf(v), s) }
	return []stringRule{
		{"row.s == session.v", func(s, v string) bool { return s == v }},
		{"row.s != session.v", func(s, v string) bool { return s != v }},
		{"row.s in session.vs", in},
		{"!(row.s in session.vs)", func(s, v string) bool { return !in(s, v) }},
		{"row.s.startsWith(session.v)", strings.HasPrefix},
		{"row.s.endsWith(session.v)", strings.HasSuffix},
		{"row.s.contains(session.v)", strings.Contains},
		{"!row.s.contains(session.v)", func(s, v string) bool { return !strings.Contains(s, v) }},
		{"session.v.startsWith(row.s)", func(s, v string) bool { return strings.HasPrefix(v, s) }},
		{"row.s < session.v", func(s, v string) bool { return s < v }},
		{"row.s >= session.v", func(s, v string) bool { return s >= v }},
		{"size(row.s) == size(session.v)", func(s, v string) bool { return utf8.RuneCountInString(s) == utf8.RuneCountInString(v) }},
		{"row.s + 'x' == session.v + 'x'", func(s, v string) bool { return s == v }},
		{"row.s.lowerAscii() == session.v.lowerAscii()", func(s, v string) bool { return asciiLower(s) == asciiLower(v) }},
		{"row.s.trim() == session.v.trim()", func(s, v string) bool { return strings.TrimSpace(s) == strings.TrimSpace(v) }},
		{"row.s.indexOf(session.v) == 0", strings.HasPrefix},
		{"session.v.indexOf(row.s) > 0", func(s, v string) bool { return strings.Index(v, s) > 0 }},
		{"row.s.indexOf(row.s) == 0", func(string, string) bool { return true }},
		{"row.s.replace('a', 'b') == session.v", func(s, v string) bool { return strings.ReplaceAll(s, "a", "b") == v }},
		{"row.s.substring(0, 1) == session.v", func(s, v string) bool { return s != "" && string([]rune(s)[:1]) == v }},
	}
}

func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// othersOf is a list that holds v and strings that are like it.
func othersOf(v string) []string { return []string{v, v + " ", strings.ToUpper(v), "q"} }

// place is an engine with a column of a certain collation.
type place struct {
	engine
	column string // the type of the column, with its collation
	before string // a statement that must run first
}

func places() map[string]place {
	icu := postgresql("")
	icu.open = opens(testdb.PostgreSQL, testdb.Options{Collation: "en-US-u-ks-level1"})
	unicode := mariadb("")
	unicode.open = opens(testdb.MariaDB, testdb.Options{Collation: "utf8mb4_unicode_ci"})
	return map[string]place{
		"sqlite/nocase":           {sqlite(), "TEXT COLLATE NOCASE", ""},
		"sqlite/rtrim":            {sqlite(), "TEXT COLLATE RTRIM", ""},
		"postgresql/code points":  {postgresql(""), "text", ""},
		"postgresql/icu":          {icu, "text", ""},
		"postgresql/ignores case": {postgresql(""), "text COLLATE ci", "CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level1', deterministic = false)"},
		"postgresql/varchar":      {icu, "varchar(200)", ""},
		"mariadb/unicode_ci":      {unicode, "varchar(200)", ""},
		"mariadb/bin pads":        {mariadb(""), "varchar(200) COLLATE utf8mb4_bin", ""},
		"duckdb/code points":      {duckDB(""), "VARCHAR", ""},
		"duckdb/nocase, noaccent": {duckDB(""), "VARCHAR COLLATE NOCASE.NOACCENT", ""},
		"mariadb/text":            {unicode, "text COLLATE utf8mb4_general_ci", ""},
	}
}

const stringsModel = `
version: 0.2.0.dev0
semantic_model:
- name: strings
  datasets:
  - name: strings
    source: hostile_strings
    fields:
    - {name: id, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}, datatype: Integer}
    - {name: s, expression: {dialects: [{dialect: ANSI_SQL, expression: s}]}, datatype: String}
`

// stringPolicies are policies of one rule, quoted for YAML.
func stringPolicies(rule string) string {
	return "session: [{name: v, type: string}, {name: vs, type: list(string)}]\n" +
		"policies: [{name: rule, datasets: [strings], rows: '" + strings.ReplaceAll(rule, "'", "''") + "'}]"
}

func fillStrings(t *testing.T, p place) *sql.DB {
	t.Helper()
	db := p.open(t)
	if p.before != "" {
		_, err := db.Exec(p.before)
		require.NoError(t, err)
	}
	types := map[warehouse.Type]string{warehouse.Integer: p.load.Types[warehouse.Integer], warehouse.Text: p.column}
	table := &warehouse.Table{Name: "hostile_strings", Columns: []warehouse.Column{{Name: "id", Type: warehouse.Integer}, {Name: "s", Type: warehouse.Text}}}
	for i, s := range hostile() {
		table.Rows = append(table.Rows, []any{i, s})
	}
	table.Rows = append(table.Rows, []any{len(table.Rows), nil})
	load := warehouse.SQL{Types: types, Backslashes: p.load.Backslashes}
	require.NoError(t, load.Load(t.Context(), db, []*warehouse.Table{table}))
	return db
}

// TestPolicyStrings: strings in policies are compared by code point, whatever
// the collation of the column and the database.
func TestPolicyStrings(t *testing.T) {
	for name, p := range places() {
		t.Run(name, func(t *testing.T) {
			db := fillStrings(t, p)
			for _, r := range stringRules() {
				t.Run(r.rule, func(t *testing.T) { checkRule(t, p, db, r) })
			}
			t.Run("constants", func(t *testing.T) { checkConstants(t, p, db) })
		})
	}
}

func checkRule(t *testing.T, p place, db *sql.DB, r stringRule) {
	t.Helper()
	set := loadPolicies(t, stringsModel, stringPolicies(r.rule))
	for _, v := range hostile() {
		e, s := newEnforcer(t, p.dialect, set, map[string]any{"v": v, "vs": othersOf(v)})
		got, st, err := ask(t.Context(), db, e, s, "SELECT id FROM strings ORDER BY id")
		require.NoError(t, err, "%q", v)
		assert.Equal(t, visible(func(s string) bool { return r.means(s, v) }), valuesText(got), "v = %q: %s", v, st.SQL)
	}
}

// visible lists the rows that a rule lets through, of which NULL is none.
func visible(rule func(s string) bool) string {
	var ids []string
	for i, s := range hostile() {
		if rule(s) {
			ids = append(ids, strconv.Itoa(i))
		}
	}
	return strings.Join(ids, ", ")
}

// checkConstants has the strings in the text of the rules.
func checkConstants(t *testing.T, p place, db *sql.DB) {
	t.Helper()
	for _, v := range hostile() {
		for format, means := range map[string]func(s, v string) bool{
			"row.s == %s":           func(s, v string) bool { return s == v },
			"row.s in [%s, 'q']":    func(s, v string) bool { return s == v },
			"row.s.startsWith(%s)":  strings.HasPrefix,
			"row.s.contains(%s)":    strings.Contains,
			"!row.s.endsWith(%s)":   func(s, v string) bool { return !strings.HasSuffix(s, v) },
			"'<' + row.s <= '<'+%s": func(s, v string) bool { return s <= v },
		} {
			rule := fmt.Sprintf(format, strconv.Quote(v))
			e, s := newEnforcer(t, p.dialect, loadPolicies(t, stringsModel, stringPolicies(rule)), nil)
			got, st, err := ask(t.Context(), db, e, s, "SELECT id FROM strings ORDER BY id")
			require.NoError(t, err, rule)
			assert.Equal(t, visible(func(s string) bool { return means(s, v) }), valuesText(got), "%s: %s", rule, st.SQL)
		}
	}
}
