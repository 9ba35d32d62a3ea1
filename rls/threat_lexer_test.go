package rls_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/rls"
)

// A lexeme is a token of printed SQL, as this test reads it: by the database's
// own rules, and independently of the printer.
type lexeme struct {
	kind lexemeKind
	text string // of a name or string: its value
}

type lexemeKind string

const (
	wordLexeme   lexemeKind = "word"
	nameLexeme   lexemeKind = "name"
	stringLexeme lexemeKind = "string"
	numberLexeme lexemeKind = "number"
	paramLexeme  lexemeKind = "parameter"
	symbolLexeme lexemeKind = "symbol"
)

var (
	wordForm   = regexp.MustCompile(`^[A-Za-z_][A-Za-z_0-9]*`)
	numberForm = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?(e-?[0-9]+)?`)
	symbolForm = regexp.MustCompile(`^(<=>|<=|>=|<>|<<|>>|\|\||::|[-(),.+*/%=<>&|^~\[\]])`)
	paramForms = map[rls.Dialect]*regexp.Regexp{
		rls.SQLite: regexp.MustCompile(`^\?[1-9][0-9]*`), rls.PostgreSQL: regexp.MustCompile(`^\$[1-9][0-9]*`),
		rls.MySQL: regexp.MustCompile(`^\?`), rls.MariaDB: regexp.MustCompile(`^\?`),
	}
)

func isMySQL(d rls.Dialect) bool { return d == rls.MySQL || d == rls.MariaDB }

// lex reads SQL as the dialect's database would. What it can't read, or what
// databases with other settings would read otherwise, is an error.
func lex(d rls.Dialect, sql string) ([]lexeme, error) {
	var out []lexeme
	for rest := sql; rest != ""; {
		for _, comment := range []string{"--", "/*", "*/", "#", "//"} {
			if strings.HasPrefix(rest, comment) {
				return nil, fmt.Errorf("a comment: %.40s", rest)
			}
		}
		l, n, err := lexOne(d, rest)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return nil, fmt.Errorf("not a token: %.40q", rest)
		}
		if l.kind != "" {
			out = append(out, l)
		}
		rest = rest[n:]
		if (l.kind == numberLexeme || l.kind == paramLexeme) && wordForm.MatchString(rest) {
			return nil, fmt.Errorf("junk after a number: %.40s", rest)
		}
	}
	return out, nil
}

func lexOne(d rls.Dialect, s string) (lexeme, int, error) {
	quote := byte('"')
	if isMySQL(d) {
		quote = '`'
	}
	switch {
	case s[0] == ' ':
		return lexeme{}, 1, nil
	case s[0] == quote:
		return lexQuoted(nameLexeme, s, 0, false)
	case s[0] == '\'':
		l, n, err := lexQuoted(stringLexeme, s, 0, false)
		if strings.Contains(l.text, `\`) && d != rls.SQLite {
			err = fmt.Errorf("a backslash that some setting takes for an escape: %.40s", s)
		}
		return l, n, err
	case d == rls.PostgreSQL && strings.HasPrefix(s, "E'"):
		return lexQuoted(stringLexeme, s, 1, true)
	case isMySQL(d) && strings.HasPrefix(s, "_utf8mb4 X'"):
		return lexQuoted(stringLexeme, s, len("_utf8mb4 X"), false)
	case isMySQL(d) && strings.HasPrefix(s, "X'"): // of a SEPARATOR
		return lexQuoted(stringLexeme, s, len("X"), false)
	}
	for _, f := range []struct {
		kind lexemeKind
		form *regexp.Regexp
	}{{wordLexeme, wordForm}, {symbolLexeme, symbolForm}, {numberLexeme, numberForm}, {paramLexeme, paramForms[d]}} {
		if text := f.form.FindString(s); text != "" {
			return lexeme{f.kind, text}, len(text), nil
		}
	}
	return lexeme{}, 0, nil
}

// lexQuoted reads quoted text, whose quote is at s[at].
func lexQuoted(kind lexemeKind, s string, at int, escapes bool) (lexeme, int, error) {
	var value strings.Builder
	quote := s[at]
	for i := at + 1; i < len(s); i++ {
		switch {
		case escapes && s[i] == '\\' && i+1 < len(s):
			i++
		case s[i] == quote && i+1 < len(s) && s[i+1] == quote:
			i++
		case s[i] == quote:
			return lexeme{kind, value.String()}, i + 1, nil
		}
		value.WriteByte(s[i])
	}
	return lexeme{}, 0, fmt.Errorf("not closed: %.40s", s)
}

// unmerged stands before statements of MariaDB that merge nothing.
const unmerged = "SET STATEMENT optimizer_switch='derived_merge=off,subquery_cache=off,semijoin=off' FOR "

// requireOwnSQL reads a statement with the lexer of its dialect: every word is a
// keyword, type or function that the printers may write, every table is one
// of the model's or of a WITH in the statement, and every parameter has a value.
func requireOwnSQL(t *testing.T, d rls.Dialect, st *rls.Statement) []lexeme {
	t.Helper()
	tokens, err := lex(d, strings.TrimPrefix(st.SQL, unmerged))
	require.NoError(t, err, st.SQL)
	used, tables := map[int]bool{}, map[string]bool{"orders": true, "customers": true, "regions": true}
	for i, l := range tokens {
		switch l.kind {
		case wordLexeme:
			require.True(t, printedWords[l.text], "%s writes the word %s: %s", d, l.text, st.SQL)
		case paramLexeme:
			n := len(used) + 1
			if len(l.text) > 1 {
				n, err = strconv.Atoi(l.text[1:])
				require.NoError(t, err)
			}
			require.LessOrEqual(t, n, len(st.Args), st.SQL)
			used[n] = true
		case nameLexeme:
			if definesCTE(tokens, i) {
				tables[strings.ToLower(l.text)] = true
			}
		}
	}
	require.Len(t, used, len(st.Args), "%s: %v", st.SQL, st.Args)
	for i, l := range tokens {
		if l.kind == nameLexeme && namesTable(tokens, i) {
			require.True(t, tables[strings.ToLower(l.text)], "%s reads the table %s: %s", d, l.text, st.SQL)
		}
	}
	return tokens
}

// definesCTE tells a name after WITH, or one before AS ( or a column list and AS (.
func definesCTE(tokens []lexeme, i int) bool {
	at := func(n int) string {
		if i+n < 0 || i+n >= len(tokens) || tokens[i+n].kind == stringLexeme || tokens[i+n].kind == nameLexeme {
			return ""
		}
		return tokens[i+n].text
	}
	end := 1
	if at(1) == "(" {
		for end = 2; i+end < len(tokens) && at(end) != ")"; end++ {
		}
		end++
	}
	before := at(-1)
	return at(end) == "AS" && at(end+1) == "(" && (before == "WITH" || before == "RECURSIVE" || before == ",")
}

// namesTable tells a name after FROM or JOIN. Printed lists of tables have
// subqueries and CTEs after their commas, which this doesn't see.
func namesTable(tokens []lexeme, i int) bool {
	if i < 2 || i+1 == len(tokens) || tokens[i-1].kind != wordLexeme {
		return false
	}
	reads := tokens[i-1].text == "FROM" || tokens[i-1].text == "JOIN"
	return reads && tokens[i+1].text != "." // the column of TRIM(… FROM x) and IS DISTINCT FROM x is qualified
}

// printedWords are all words that statements may hold outside quotes.
var printedWords = func() map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(`
		ALL AND ANY AS BETWEEN BY CASE COLLATE CROSS CURRENT DESC DISTINCT DIV DUAL ELSE END ESCAPE EXCEPT EXISTS FALSE FIRST
		FOLLOWING FROM GROUP HAVING IN INTERSECT INTERVAL IS JOIN LAST LEADING LEFT LIKE LIMIT MOD NOT NULL NULLS OFFSET ON OR
		ORDER OVER PARTITION PRECEDING RANGE RECURSIVE RIGHT ROLLUP ROW ROWS SELECT SEPARATOR THEN TRAILING TRUE UNBOUNDED UNION
		USING VALUES WHEN WHERE WINDOW WITH XOR
		BINARY CHAR DATE DATETIME DECIMAL DOUBLE FLOAT INTEGER REAL SIGNED TEXT TIME TIMESTAMP UNSIGNED utf8mb4
		bigint double integer numeric precision real text timestamp date time smallint
		DAY DOW DOY EPOCH HOUR MICROSECOND MINUTE MONTH QUARTER SECOND WEEK YEAR
		ABS ACOS ANY_VALUE ARRAY_AGG ASCII ASIN ATAN ATAN2 AVG BIT_AND BIT_OR BIT_XOR BOTH BTRIM CAST CEIL CHAR_LENGTH COALESCE
		CONCAT CONCAT_WS CONVERT CONVERT_TO COS COUNT CUME_DIST CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP DATEDIFF DATE_ADD
		DATE_FORMAT DATE_SUB DATE_TRUNC DAYNAME DAYOFWEEK DAYOFYEAR DEGREES DENSE_RANK EXP EXTRACT FIRST_VALUE FLOOR GET_BYTE GLOB
		GREATEST GROUP_CONCAT HEX IF IFNULL INSTR JULIANDAY LAG LAST_DAY LAST_VALUE LEAD LEAST LENGTH LN LOCALTIMESTAMP LOCATE LOG
		LOG10 LOG2 LOWER LPAD LTRIM MAX MIN MONTHNAME NOW NTH_VALUE NTILE NULLIF OCTET_LENGTH PERCENT_RANK PI POWER RADIANS RANK
		REPLACE REVERSE ROUND ROW_NUMBER RPAD RTRIM SIGN SIN SQRT STDDEV_POP STDDEV_SAMP STARTS_WITH STRFTIME STRING_AGG STRPOS STR_TO_DATE
		SUBSTR SUBSTRING SUM TAN TIMESTAMPDIFF TO_CHAR TRIM TRUNC TRUNCATE TYPEOF UNIXEPOCH UPPER UTC_DATE UTC_TIMESTAMP VAR_POP
		VAR_SAMP WEEKDAY ZEROBLOB`) {
		out[w] = true
	}
	return out
}()

// TestThreat_Lexer: the reader of these tests refuses what it must.
func TestThreat_Lexer(t *testing.T) {
	for _, d := range dialects() {
		for _, sql := range []string{
			"SELECT 1; SELECT 2", "SELECT 1 -- x", "SELECT 1 /* x */", "SELECT 1 # x", "SELECT 1 // x", "SELECT 'x", "SELECT @a",
			"SELECT $x", "SELECT :a", "SELECT 0xff", "SELECT 1e", "SELECT {d '2024-01-01'}", "SELECT 1\n", "SELECT é",
		} {
			_, err := lex(d, sql)
			assert.Error(t, err, "%s: %s", d, sql)
		}
		tokens, err := lex(d, "SELECT 'a''b; --', 1.5e-3 <= 2")
		require.NoError(t, err)
		assert.Equal(t, []lexeme{{wordLexeme, "SELECT"}, {stringLexeme, "a'b; --"}, {symbolLexeme, ","},
			{numberLexeme, "1.5e-3"}, {symbolLexeme, "<="}, {numberLexeme, "2"}}, tokens)
		if d != rls.SQLite {
			_, err = lex(d, `SELECT 'a\'`)
			assert.Error(t, err, "a backslash")
		}
		for _, w := range []string{"INTO", "UPDATE", "PRAGMA", "LOAD_FILE", "SLEEP", "PG_SLEEP", "RANDOM", "NATURAL", "ATTACH"} {
			assert.False(t, printedWords[w], w)
		}
	}
}
