package dialect_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/dialect"
	"github.com/hedgerow/hedgerow/internal/fault"
)

// hostile are texts that end a constant or a name on a printer that forgets
// something.
var hostile = []string{
	`'`, `''`, `"`, `""`, "`", "``", `\`, `\\`, `\'`, `'\`, `' OR 1=1 -- `, `'; DROP TABLE t1; -- `, `"; SELECT 1; -- `, "`; SELECT 1; -- ",
	`/*! SELECT */`, `-- x`, `#`, `$1`, `$$`, `?1`, `:v1`, `@x`, `%s`, `a b`, `SELECT`, "é𐍈", "\u00bf'", "x'; --", `E'`, `_utf8mb4 X'`, "“”", "ｓｅｌｅｃｔ",
}

// TestHostileStrings: what the scanner of each dialect reads back is the value.
func TestHostileStrings(t *testing.T) {
	for _, d := range dialect.All() {
		for _, s := range append(hostile, "line\nbreak\ttab") {
			got, rest := unquote(t, d, printed(t, d, text(s)))
			assert.Equal(t, s, got, d.Name)
			assert.Equal(t, d.Suffix, rest, d.Name)
		}
	}
}

// TestTable: a name is quoted part by part, or refused.
func TestTable(t *testing.T) {
	name, err := dialect.PostgreSQL.Table("a", `b"."c`, "d")
	require.NoError(t, err)
	assert.Equal(t, `"a"."b"".""c"."d"`, name)
	for _, parts := range [][]string{nil, {""}, {"a\x00"}, {"a", "b", "c"}} {
		_, err := dialect.SQLite.Table(parts...)
		assert.Error(t, err, "%q", parts)
	}
}

func TestHostileNames(t *testing.T) {
	for _, d := range dialect.All() {
		q := string(d.Quote)
		for _, s := range hostile {
			want := q + strings.ReplaceAll(s, q, q+q) + q
			if d.QuoteEscape {
				want = q + strings.NewReplacer(q, `\`+q, `\`, `\\`).Replace(s) + q
			}
			if strings.ContainsAny(s, d.BadName) {
				f := refusal(t, d, body(&ast.Select{Items: []ast.SelectItem{{Expr: lit(1), Alias: s}}}))
				assert.Equal(t, fault.Unsupported, f.Kind)
				continue
			}
			sql, _, err := d.Print(&ast.Query{
				With: cte(s, body(&ast.Select{Items: []ast.SelectItem{{Expr: lit(1), Alias: "n"}}})),
				Body: &ast.Select{
					Items: []ast.SelectItem{{Expr: &ast.Column{Table: s, Name: s}, Alias: s}},
					From:  []ast.TableExpr{&ast.Physical{Parts: []string{s, s}, Alias: s}},
				}})
			require.NoError(t, err)
			columns := "(" + q + "n" + q + ")"
			if !d.CTEColumns {
				columns = ""
			}
			assert.Equal(t, strings.ReplaceAll("WITH N"+columns+" AS (SELECT 1 AS "+q+"n"+q+") SELECT N.N AS N FROM N.N AS N", "N", "\x00")+d.Suffix,
				strings.ReplaceAll(sql, want, "\x00"), d.Name)
		}
		for _, s := range []string{"a\nb", "\x00", "\x7f", "\u0085", "\xff", strings.Repeat("x", 1<<17)} {
			f := refusal(t, d, body(&ast.Select{Items: []ast.SelectItem{{Expr: lit(1), Alias: s}}}))
			assert.Equal(t, fault.Unsupported, f.Kind)
		}
	}
}

// TestHostileOnSQLite: the database reads the same back.
func TestHostileOnSQLite(t *testing.T) {
	db := open(t)
	for _, s := range hostile {
		assert.Equal(t, s, value(t, db, text(s)))
		out := run(t, db, body(&ast.Select{Items: []ast.SelectItem{{Expr: &ast.Column{Table: s, Name: s}}},
			From: []ast.TableExpr{derived(body(&ast.Select{Items: []ast.SelectItem{{Expr: lit(7), Alias: s}}}), s)}}))
		assert.EqualValues(t, 7, out[0][0])
	}
}

// unquote reads one string constant by the rules of a dialect that hold under
// every setting: a backslash must never stand in plain quotes of PostgreSQL or
// MySQL.
func unquote(t *testing.T, d *dialect.Dialect, sql string) (value, rest string) {
	t.Helper()
	if hexText, ok := strings.CutPrefix(sql, "_utf8mb4 X'"); ok {
		digits, rest, _ := strings.Cut(hexText, "'")
		var b []byte
		_, err := fmt.Sscanf(digits, "%x", &b)
		require.NoError(t, err)
		return string(b), rest
	}
	escapes := strings.HasPrefix(sql, "E'") || d.Name == "snowflake"
	if d.QuoteEscape {
		return unescape(t, sql)
	}
	sql = strings.TrimPrefix(sql, "E")
	require.True(t, strings.HasPrefix(sql, "'"), sql)
	var b strings.Builder
	for i := 1; i < len(sql); i++ {
		switch {
		case sql[i] == '\\' && escapes:
			i++
			require.Equal(t, byte('\\'), sql[i])
		case sql[i] == '\\':
			require.Contains(t, "sqlite duckdb trino", d.Name)
		case sql[i] == '\'' && i+1 < len(sql) && sql[i+1] == '\'':
			i++
		case sql[i] == '\'':
			return b.String(), sql[i+1:]
		}
		b.WriteByte(sql[i])
	}
	t.Fatalf("the constant doesn't end: %s", sql)
	return "", ""
}

// unescape reads a constant in which a backslash always escapes and a quote is
// never doubled.
func unescape(t *testing.T, sql string) (value, rest string) {
	t.Helper()
	require.True(t, strings.HasPrefix(sql, "'"), sql)
	var b strings.Builder
	for i := 1; i < len(sql); i++ {
		switch sql[i] {
		case '\'':
			return b.String(), sql[i+1:]
		case '\n', '\r':
			t.Fatalf("a line break in a constant: %q", sql)
		case '\\':
			i++
			c, ok := map[byte]byte{'\\': '\\', '\'': '\'', 'n': '\n', 'r': '\r'}[sql[i]]
			require.True(t, ok, sql)
			b.WriteByte(c)
		default:
			b.WriteByte(sql[i])
		}
	}
	t.Fatalf("the constant doesn't end: %s", sql)
	return "", ""
}

// TestNoCommentNoSemicolon: outside quotes nothing starts a comment or ends
// the statement.
func TestNoCommentNoSemicolon(t *testing.T) {
	for _, d := range dialect.All() {
		for _, c := range append(functionCases(), celCases()...) {
			sql, _, err := d.Print(rows(c.expr))
			if err != nil {
				continue
			}
			plain := outsideQuotes(d, sql)
			for _, bad := range []string{"--", "/*", "#", ";", "//", `\`} {
				assert.NotContains(t, plain, bad, "%s: %s: %s", d.Name, c.name, sql)
			}
		}
	}
}

func outsideQuotes(d *dialect.Dialect, sql string) string {
	var b strings.Builder
	var quote byte
	for i := 0; i < len(sql); i++ {
		switch ch := sql[i]; {
		case quote != 0 && ch == '\\' && (d.QuoteEscape || d.Name == "snowflake"):
			i++
		case quote == 0 && strings.IndexByte("'\"`", ch) >= 0:
			quote = ch
		case ch == quote:
			quote = 0
		case quote == 0:
			b.WriteByte(ch)
		}
	}
	return b.String()
}

func TestParameters(t *testing.T) {
	q := body(&ast.Select{Items: items(param(1), slot(0), param(1), param(0), slot(0),
		&ast.Slot{ID: 0, Elem: 2}, &ast.Slot{ID: 1, Elem: -1})})
	name := func(a dialect.Arg) string {
		if a.Slot != nil {
			return fmt.Sprintf("s%d.%d", a.Slot.ID, a.Slot.Elem)
		}
		return fmt.Sprintf("p%d", a.Param)
	}
	const reused, repeated = "p1 s0.-1 p0 s0.2 s1.-1", "p1 s0.-1 p1 p0 s0.-1 s0.2 s1.-1"
	for d, want := range map[*dialect.Dialect][2]string{
		dialect.SQLite:     {"SELECT ?1, ?2, ?1, ?3, ?2, ?4, ?5", reused},
		dialect.PostgreSQL: {"SELECT $1, $2, $1, $3, $2, $4, $5", reused},
		dialect.MySQL:      {"SELECT ?, ?, ?, ?, ?, ?, ?", repeated},
		dialect.MariaDB:    {"SELECT ?, ?, ?, ?, ?, ?, ?", repeated},
	} {
		sql, args, err := d.Print(q)
		require.NoError(t, err)
		assert.Equal(t, want[0], sql)
		var names []string
		for _, a := range args {
			if a.Slot != nil {
				assert.Equal(t, -1, a.Param)
			}
			names = append(names, name(a))
		}
		assert.Equal(t, want[1], strings.Join(names, " "))
	}
}

// randomTree gives an expression, and the same with all parentheses written
// out, over a few constants; kind is n for numbers and b for truth values.
func randomTree(r *rand.Rand, depth int, kind byte) (ast.Expr, string) {
	sub := func(k byte) (ast.Expr, string) { return randomTree(r, depth-1, k) }
	if depth == 0 || r.IntN(6) == 0 {
		if kind == 'b' {
			v := []any{true, false, nil}[r.IntN(3)]
			return lit(v), map[any]string{true: "TRUE", false: "FALSE", nil: "NULL"}[v]
		}
		n := r.IntN(4)
		return lit(n), fmt.Sprint(n)
	}
	if kind == 'n' {
		a, as := sub('n')
		b, bs := sub('n')
		switch r.IntN(5) {
		case 0:
			return binary(ast.Add, a, b), "(" + as + " + " + bs + ")"
		case 1:
			return binary(ast.Sub, a, b), "(" + as + " - " + bs + ")"
		case 2:
			return binary(ast.Mul, a, b), "(" + as + " * " + bs + ")"
		case 3:
			return &ast.Neg{X: a}, "(- " + as + ")"
		default:
			c, cs := sub('b')
			return call("if", c, a, b), "(CASE WHEN " + cs + " THEN " + as + " ELSE " + bs + " END)"
		}
	}
	x, xs := sub('n')
	y, ys := sub('n')
	p, ps := sub('b')
	q, qs := sub('b')
	not, nots := r.IntN(2) == 0, " "
	if not {
		nots = " NOT "
	}
	switch r.IntN(9) {
	case 0:
		return &ast.And{X: []ast.Expr{p, q}}, "(" + ps + " AND " + qs + ")"
	case 1:
		return &ast.Or{X: []ast.Expr{p, q}}, "(" + ps + " OR " + qs + ")"
	case 2:
		return &ast.Not{X: p}, "(NOT " + ps + ")"
	case 3:
		return compare(ast.Eq, p, q), "(" + ps + " = " + qs + ")"
	case 4:
		return compare(ast.Lt, x, y), "(" + xs + " < " + ys + ")"
	case 5:
		return &ast.Is{X: p, Kind: ast.IsTrue, Not: not}, "(" + ps + " IS" + nots + "TRUE)"
	case 6:
		z, zs := sub('n')
		return &ast.Between{X: x, Low: y, High: z, Not: not}, "(" + xs + nots + "BETWEEN " + ys + " AND " + zs + ")"
	case 7:
		return &ast.InList{X: x, List: []ast.Expr{y, lit(2)}, Not: not}, "(" + xs + nots + "IN (" + ys + ", 2))"
	default:
		return &ast.Xor{Left: p, Right: q}, "((NOT " + ps + ") <> (NOT " + qs + "))"
	}
}

// TestPrecedence: with the parentheses that the printer leaves out an
// expression means the same as with all of them.
func TestPrecedence(t *testing.T) {
	db := open(t)
	r := rand.New(rand.NewPCG(7, 11))
	for range 3000 {
		e, full := randomTree(r, 4, "nb"[r.IntN(2)])
		var got, want sql.NullInt64
		short := printed(t, dialect.SQLite, e)
		require.NoError(t, db.QueryRow("SELECT "+short+", "+full).Scan(&got, &want), short)
		require.Equal(t, want, got, "%s\n%s", short, full)
	}
}
