package rls_test

import (
	"encoding/hex"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/function"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
)

// class is what the tests of one class of attacks use.
type class struct {
	*testing.T
	f  *threats
	as []asker
}

func newClass(t *testing.T) class { return class{t, newThreats(t), askers(t)} }

// refused wants every dialect to refuse, quickly, with the sentinel.
func (c class) refused(want error, queries ...string) {
	c.Helper()
	for _, q := range queries {
		start := time.Now()
		for _, a := range c.as {
			e := a.refusal(c.T, q)
			require.ErrorIs(c, e, want, "%s: %.200s", a.dialect, q)
			noCanary(c.T, answer{}, e)
		}
		require.Less(c, time.Since(start), 10*time.Second, "%.200s", q)
	}
}

// harmless wants acceptance, the twin's answer, and printed SQL that is all
// the printer's own, in every dialect that has what the query uses.
func (c class) harmless(queries ...string) {
	c.Helper()
	for _, q := range queries {
		c.f.accepts(c.T, q, "")
		for _, a := range c.as {
			st, err := a.enforce(q)
			if err != nil {
				require.ErrorIs(c, err, rls.ErrUnsupported, "%s: %s", a.dialect, q)
				continue
			}
			requireOwnSQL(c.T, a.dialect, st)
		}
	}
}

// printed gives a query's tokens in each dialect.
func (c class) printed(query string, each func(d rls.Dialect, tokens []lexeme)) {
	c.Helper()
	for _, a := range c.as {
		st, err := a.enforce(query)
		require.NoError(c, err, "%s: %s", a.dialect, query)
		each(a.dialect, requireOwnSQL(c.T, a.dialect, st))
	}
}

// Guards the literals of internal/mysql (conv.moment) and its refusals of COLLATE,
// USING and introducers, whose text Vitess would print as it is.
func TestThreat_2_01_PrinterInjection(t *testing.T) {
	c := newClass(t)
	const payload = ", (select payload from secrets), "
	for _, moment := range []string{"DATE", "TIME", "TIMESTAMP", "date", "Timestamp "} {
		for _, text := range []string{"2020-01-01''" + payload + "''x", "2020-01-01'' or ''1''=''1", "12:00:00'' -- ", "2020-02-30", "2020-13-01", "infinity", "now", "", "2020-01-01\\'" + payload} {
			c.refused(rls.ErrUnsupported, "SELECT "+moment+" '"+text+"' FROM orders", "SELECT id FROM orders WHERE created_at IN ("+moment+" '"+text+"')",
				"WITH x AS (SELECT "+moment+" '"+text+"' AS d) SELECT d FROM x")
		}
	}
	c.refused(rls.ErrUnsupported,
		"SELECT status COLLATE 'utf8mb4_bin"+payload+"1' FROM orders",
		"SELECT status COLLATE `utf8mb4_bin"+payload+"1` FROM orders",
		"SELECT id FROM orders ORDER BY status COLLATE `x` DESC",
		"SELECT CONVERT(status USING 'utf8mb4)"+payload+"concat(1') FROM orders",
		"SELECT CONVERT(status USING utf8mb4) FROM orders",
		"SELECT CHAR(65 USING 'utf8mb4)"+payload+"concat(1') FROM orders",
		"SELECT CAST(status AS CHAR CHARACTER SET `x)"+payload+"concat(1`) FROM orders",
		"SELECT _latin1'x' FROM orders", "SELECT _utf8mb4 'x' FROM orders", "SELECT N'x' FROM orders", "SELECT E'x' FROM orders",
		"SELECT X'27', 0x27 FROM orders", "SELECT b'01' FROM orders", "SELECT note->'$.a"+payload+"' FROM orders",
		"SELECT WEIGHT_STRING(note) FROM orders", "SELECT JSON_EXTRACT(note, '$') FROM orders",
	)
	c.harmless("SELECT id FROM orders WHERE created_at >= TIMESTAMP '2024-01-15 00:00:00'", "SELECT DATE '2020-02-29' AS d FROM orders",
		"SELECT GROUP_CONCAT(status ORDER BY id SEPARATOR '''"+payload+"''') FROM orders")
}

// payloads end a constant or a name on a printer that forgets something.
var payloads = []string{
	`'`, `''`, `"`, "`", `\`, `\\`, `\'`, `'\`, `x' union select payload from secrets -- `, `x\' union select payload from secrets -- `,
	`"; drop table orders; --`, "`; drop table orders; --", `/*! x */`, `--`, `#`, `$1`, `$$`, `?`, `:v1`, `@x`, `%s`, `%`, `_`, `é𐍈`, `E'`,
	"\u00bf\\'", "“", "‘", "ʼ", "＇", "a\u0301", "\u202e", "{{x}}", "0x27", "NULL", " ", "a ",
}

// Guards dialect.(*printer).ident and literal, and the quoting functions of each dialect.
func TestThreat_2_02_Escaping(t *testing.T) {
	c := newClass(t)
	quote := strings.NewReplacer(`\`, `\\`, `'`, `''`)
	for _, s := range payloads {
		text := "'" + quote.Replace(s) + "'"
		c.harmless("SELECT "+text+" AS v FROM regions", "SELECT id FROM orders WHERE note = "+text+" OR note LIKE "+text+" ESCAPE '|'",
			"SELECT CASE "+text+" WHEN note THEN 1 ELSE 0 END FROM orders", "SELECT GROUP_CONCAT(status ORDER BY id SEPARATOR "+text+") FROM orders")
		c.printed("SELECT "+text+" AS v FROM regions", func(d rls.Dialect, tokens []lexeme) {
			got := tokens[1].text
			if isMySQL(d) && strings.Contains(s, `\`) {
				raw, err := hex.DecodeString(got)
				require.NoError(t, err)
				got = string(raw)
			}
			require.Equal(t, lexeme{stringLexeme, s}, lexeme{tokens[1].kind, got}, d.String())
		})
		if strings.Trim(s, " ") != s {
			continue // some databases cut blanks off names; see the next class
		}
		name := "`" + strings.ReplaceAll(s, "`", "``") + "`"
		c.harmless("SELECT id AS "+name+" FROM orders ORDER BY "+name, "SELECT d."+name+" FROM (SELECT id AS "+name+" FROM orders) d",
			"WITH "+name+" AS (SELECT id AS "+name+" FROM orders) SELECT "+name+" FROM "+name, "SELECT "+name+".id FROM orders "+name)
		c.printed("SELECT id AS "+name+" FROM orders", func(d rls.Dialect, tokens []lexeme) {
			require.Contains(t, tokens, lexeme{nameLexeme, s}, d.String())
		})
	}
	for _, bytes := range []string{"\xbf\\'", "\xff", "\xc0\xa7", "\x00", "a\x00b", "\xed\xa0\x80"} {
		c.refused(rls.ErrSyntax, "SELECT '"+bytes+"' FROM orders", "SELECT id AS `"+bytes+"` FROM orders", "SELECT id /* "+bytes+" */ FROM orders", bytes)
	}
	c.refused(rls.ErrUnsupported, "SELECT 'a\\0b' FROM orders", "SELECT id AS `a\nb` FROM orders", "SELECT id AS `\u0085` FROM orders")
	for _, n := range []string{"0xff", "x'ff'", "0b1", "1e", "1e+", "1ee2", "1_000", "1a", "1e999", "99999999999999999999999", "0x"} {
		for _, a := range c.as {
			st, err := a.enforce("SELECT id FROM orders WHERE id < " + n)
			if err == nil { // a number with an alias would be another query
				t.Errorf("%s accepts %s: %s", a.dialect, n, st.SQL)
			}
		}
	}
	c.harmless("SELECT id - -1 FROM orders", "SELECT id - - - 1, -(-id), 1 - (-(-1)) FROM orders", "SELECT id--1 FROM orders", "SELECT .5, 5., 1e2, 007, 1.50 FROM orders")
}

// Guards mysql.refuseComment, and that ordinary comments are never printed.
func TestThreat_2_03_CommentsAndHints(t *testing.T) {
	c := newClass(t)
	const payload = " (select payload from secrets), "
	for _, comment := range []string{
		"/*!" + payload + "*/", "/*!50000" + payload + "*/", "/*!99999" + payload + "*/", "/*!100000" + payload + "*/", "/*M!" + payload + "*/", "/*m!100000" + payload + "*/",
		"/*+ SET_VAR(sql_mode='') */", "/*+ SeqScan(orders) */", "/*vt+ ALLOW_SCATTER=1 */", "/*+*/", "/*!*/", "// x\n",
	} {
		c.refused(rls.ErrUnsupported, "SELECT "+comment+" id FROM orders", "SELECT id FROM "+comment+" orders", comment+"SELECT id FROM orders",
			"SELECT id FROM orders WHERE id IN (SELECT "+comment+" 1)", "SELECT id FROM orders "+comment)
	}
	c.refused(rls.ErrUnsupported, "SELECT id -- x\r, payload\n FROM orders", "SELECT id # x\r, 2\n FROM orders")
	for _, comment := range []string{"/* x */", "/**/", "/* /* */", "-- x\n", "#" + payload + "\n", "/* ' */", "/* ` */", "--\t'\n", "/* ; */", "/*\n--*/"} {
		c.harmless("SELECT "+comment+" id FROM orders", "SELECT id "+comment+" FROM orders "+comment, "SELECT id, "+comment+" status FROM orders WHERE "+comment+" id = 1")
	}
	c.harmless("SELECT '/*! x */', '-- x', '# x' FROM orders", "SELECT id AS `/*!x*/` FROM orders")
}

// Guards resolve.(*resolver).tableName. TestThreat_Positions fills the positions;
// here are the relations that must be out of reach from them.
func TestThreat_2_04_UnmodelledRelations(t *testing.T) {
	c := newClass(t)
	for _, table := range []string{
		"secrets", "`secrets`", "SECRETS", "main.secrets", "main.orders", "orders.orders", "information_schema.tables", "information_schema.columns", "mysql.user",
		"performance_schema.threads", "sys.session", "pg_class", "pg_catalog.pg_class", "pg_stats", "pg_shadow", "sqlite_master", "sqlite_schema", "sqlite_temp_master",
		"sqlite_stat1", "temp.sqlite_master", "dbstat", "pragma_table_info", "json_each", "generate_series", "duckdb_tables", "`file.csv`", "`/etc/passwd`", "`s3://b/x.parquet`",
		"`orders, secrets`", "`orders) , (secrets`", "`orders AS o, secrets`", "t", "q", "x",
	} {
		for _, query := range []string{
			"SELECT 1 FROM %", "SELECT id FROM orders WHERE EXISTS (SELECT 1 FROM %)", "SELECT o.id FROM orders o LEFT JOIN % AS s ON TRUE", "SELECT (SELECT COUNT(*) FROM %)",
			"WITH w AS (SELECT 1 AS a FROM %) SELECT id FROM orders", "SELECT id FROM orders UNION SELECT 1 FROM %", "SELECT 1 FROM (SELECT 1 AS a FROM %) d", "SELECT 1 FROM (%)",
			"SELECT id FROM orders ORDER BY (SELECT 1 FROM %)", "SELECT COUNT(*) OVER (PARTITION BY (SELECT 1 FROM %)) FROM orders", "SELECT %.id FROM orders", "SELECT %.* FROM orders",
		} {
			c.refused(rls.ErrDenied, strings.ReplaceAll(query, "%", table))
		}
	}
	// A dataset that no policy permits, or only for others, is missing too.
	e, s := enforcerOfFixture(t, "  - {name: nobody, datasets: [regions], kind: restrictive, rows: 'true'}\n")
	_, err := e.Enforce(t.Context(), s, "SELECT id FROM regions")
	require.NoError(t, err)
	m, err := semantic.Parse("model.yaml", threatsFile(t, "model.yaml"))
	require.NoError(t, err)
	e, s = enforcerOf(t, m, `session: [{name: role, type: string, default: member}]
policies:
  - {name: own, datasets: [orders], rows: 'row.id > 0'}
  - {name: admins, datasets: [regions], when: session.role == 'admin', rows: 'true'}
  - {name: never, datasets: [regions, customers], kind: restrictive, rows: 'true'}
`)
	member := asker{e: e, s: s}
	for _, query := range []string{
		"SELECT id FROM %", "SELECT %.id FROM %", "SELECT o.id FROM orders o JOIN % ON TRUE", "SELECT id FROM orders WHERE id IN (SELECT id FROM %)", "SELECT nosuch FROM %",
		"WITH x AS (SELECT id FROM %) SELECT id FROM orders", "SELECT id FROM orders UNION SELECT id FROM %", "SELECT email FROM %", "SELECT id FROM %, %",
	} {
		for hidden, missing := range map[string]string{"regions": "missing", "customers": "nothing_9", "REGIONS": "MISSING"} {
			member.sameRefusal(t, position{}, strings.ReplaceAll(query, "%", hidden), strings.ReplaceAll(query, "%", missing), [2]string{hidden, missing})
		}
	}
	for _, table := range []string{"x.y.orders", "x.y.secrets", "generate_series(1, 2)", "pragma_table_info('orders')", "json_each('[]')", "read_csv('x')", "JSON_TABLE('[]', '$[*]' COLUMNS (a INT PATH '$')) j", "LATERAL (SELECT 1) l"} {
		for _, a := range c.as {
			a.refusal(t, "SELECT 1 FROM "+table)
			a.refusal(t, "SELECT 1 FROM orders, "+table)
		}
	}
}

// TestThreat_2_04_TablesRead asks SQLite itself which tables the statements
// read: EXPLAIN names the root page of every cursor.
func TestThreat_2_04_TablesRead(t *testing.T) {
	f := newThreats(t)
	roots := map[int]string{}
	rows, err := f.full.Query("SELECT rootpage, name FROM sqlite_schema WHERE type = 'table'")
	require.NoError(t, err)
	for rows.Next() {
		var root int
		var name string
		require.NoError(t, rows.Scan(&root, &name))
		roots[root] = name
	}
	require.NoError(t, rows.Err())
	require.Contains(t, tablesRead(t, f, roots, "SELECT COUNT(payload) FROM secrets"), "secrets", "the check sees what is read")
	for _, q := range metamorphicQueries(t) {
		st, err := f.shared.Enforce(t.Context(), f.acme, q)
		if err != nil {
			continue
		}
		if _, err := run(f.full, st); err != nil {
			continue // the database doesn't take it
		}
		for _, table := range tablesRead(t, f, roots, st.SQL, st.Args...) {
			require.Contains(t, []string{"orders", "customers", "regions"}, table, st.SQL)
		}
	}
}

func tablesRead(t *testing.T, f *threats, roots map[int]string, sql string, args ...any) []string {
	t.Helper()
	rows, err := f.full.Query("EXPLAIN "+sql, args...)
	require.NoError(t, err, sql)
	defer rows.Close()
	var out []string
	for rows.Next() {
		var addr, p1, p2, p3 int
		var opcode string
		var p4, p5, comment any
		require.NoError(t, rows.Scan(&addr, &opcode, &p1, &p2, &p3, &p4, &p5, &comment))
		require.NotContains(t, []string{"OpenWrite", "VOpen", "Destroy", "ParseSchema", "Vacuum"}, opcode, sql)
		if opcode == "OpenRead" {
			out = append(out, roots[p2])
		}
	}
	require.NoError(t, rows.Err())
	return out
}

// Guards the CTE scopes of resolve.(*resolver).with and the names that
// resolve.(*namer).unique gives: none is a physical table's.
func TestThreat_2_05_CTECapture(t *testing.T) {
	c := newClass(t)
	c.harmless(
		"WITH orders AS (SELECT 99 AS id, 'acme' AS organization_id) SELECT id FROM orders",
		"WITH customers AS (SELECT 7 AS id, 'acme' AS organization_id, 'evil' AS name) SELECT o.id, c.name FROM orders o JOIN customers c ON TRUE",
		"WITH t AS (SELECT 1 AS id) SELECT o.id, t.id FROM orders o, t",
		"WITH orders_2 AS (SELECT id FROM orders), orders_3 AS (SELECT id FROM customers) SELECT a.id, b.id, o.id FROM orders_2 a, orders_3 b, orders o",
		"WITH q AS (SELECT 1 AS v), x AS (SELECT 2 AS v) SELECT id FROM orders WHERE id > ALL (SELECT v - 2 FROM q UNION SELECT v - 2 FROM x)",
		"WITH cte_values AS (SELECT 5 AS column_0) SELECT a.column_0, b.column_0 FROM cte_values a, (VALUES ROW(1), ROW(2)) b",
		"WITH orders AS (SELECT id FROM orders) SELECT id FROM orders",
		"WITH ORDERS AS (SELECT id FROM customers) SELECT id FROM Orders",
		"WITH x AS (SELECT COUNT(*) AS n FROM orders), orders AS (SELECT 1 AS id) SELECT n FROM x",
		"WITH secrets AS (SELECT id, note AS payload FROM orders) SELECT payload FROM secrets",
		"WITH orders AS (WITH orders AS (WITH orders AS (SELECT id FROM customers) SELECT id FROM orders) SELECT id FROM orders) SELECT id FROM orders",
		"SELECT a.id FROM (WITH orders AS (SELECT 5 AS id) SELECT id FROM orders) a, orders o WHERE o.id = 1",
	)
	c.refused(rls.ErrUnknownName,
		"WITH a AS (SELECT payload FROM secrets), secrets AS (SELECT 1 AS payload) SELECT payload FROM a",
		"SELECT id FROM secrets UNION (WITH secrets AS (SELECT id FROM orders) SELECT id FROM secrets)",
		"SELECT a.id FROM (WITH secrets AS (SELECT id FROM orders) SELECT id FROM secrets) a, secrets",
		"WITH x AS (SELECT id FROM x) SELECT id FROM x",
		"WITH secrets AS (SELECT payload FROM secrets) SELECT payload FROM secrets",
		"WITH `main.secrets` AS (SELECT 1 AS id) SELECT id FROM main.secrets",
		"WITH secrets AS (SELECT 1 AS id) SELECT id FROM main.secrets",
	)
	for _, q := range []string{
		"WITH RECURSIVE secrets AS (SELECT * FROM secrets) SELECT * FROM secrets",
		"WITH RECURSIVE a AS (SELECT id FROM b), b AS (SELECT id FROM secrets) SELECT id FROM a",
		"WITH RECURSIVE orders AS (SELECT * FROM orders) SELECT * FROM orders",
		"WITH x AS (SELECT 1 AS a), x AS (SELECT 2 AS a) SELECT a FROM x", "WITH x AS (SELECT 1 AS a), X AS (SELECT 2 AS a) SELECT a FROM x",
	} {
		for _, a := range c.as {
			a.refusal(t, q)
		}
	}
	// Not even the names that renaming gives are a physical table's.
	e, s := renamedEnforcer(t, "cte_x", "cte_x_2")
	st, err := e.Enforce(t.Context(), s, "WITH x AS (SELECT 1 AS id, 'evil' AS note), y AS (SELECT o.id, c.name FROM orders o, customers c) SELECT x.id, y.id FROM x, y")
	require.NoError(t, err)
	tokens, err := lex(rls.SQLite, st.SQL)
	require.NoError(t, err)
	for i, l := range tokens {
		if l.kind == nameLexeme && definesCTE(tokens, i) {
			require.NotContains(t, []string{"cte_x", "cte_x_2"}, l.text, st.SQL)
		}
	}
	// No CTE that is printed bears the name of a physical table.
	for _, q := range []string{"orders", "ORDERS", "customers", "regions", "`Regions`"} {
		c.printed("WITH "+q+" AS (SELECT 1 AS id) SELECT id FROM "+q, func(d rls.Dialect, tokens []lexeme) {
			for i, l := range tokens {
				if definesCTE(tokens, i) && l.kind == nameLexeme {
					require.NotContains(t, []string{"orders", "customers", "regions"}, strings.ToLower(l.text), d.String())
				}
			}
		})
	}
}

// Guards that resolve makes every column a qualified one, and refuses names that
// it doesn't know instead of leaving them to the database.
func TestThreat_2_06_OuterCapture(t *testing.T) {
	c := newClass(t)
	c.refused(rls.ErrUnknownName,
		"SELECT o.count FROM orders o", "SELECT o.row_to_json FROM orders o", "SELECT o FROM orders o", "SELECT orders FROM orders", "SELECT COUNT(o) FROM orders o",
		"SELECT ctid FROM orders", "SELECT rowid FROM orders", "SELECT _rowid_ FROM orders", "SELECT oid FROM orders", "SELECT o.rowid FROM orders o", "SELECT xmin, tableoid FROM orders",
		"SELECT t.id FROM orders o", "SELECT t.organization_id FROM orders", "SELECT id FROM orders WHERE t.id = 3", "SELECT `t`.`note` FROM orders",
		"SELECT id FROM regions WHERE organization_id = 'acme'", "SELECT user FROM orders", "SELECT session_user FROM orders",
		"SELECT r.id FROM regions r WHERE EXISTS (SELECT o.code FROM orders o)", "SELECT d.amount FROM (SELECT id FROM orders) d",
		"SELECT o.id FROM orders o, (SELECT o.id AS k FROM regions) d", "SELECT o.id FROM regions r JOIN orders o ON z.id = o.id",
	)
	// MySQL's double quotes are strings, wherever the target takes them for names.
	c.harmless(`SELECT "email" AS v FROM customers`, `SELECT id FROM orders WHERE "organization_id" = "organization_id"`, `SELECT id FROM orders WHERE note = "note" OR "acme" = organization_id`,
		"SELECT r.id FROM regions r WHERE EXISTS (SELECT 1 FROM orders WHERE code = 'EU')", "SELECT id, (SELECT organization_id) AS v FROM orders")
	// A column that the database lacks must be an error there, never the outer query's.
	for _, q := range []string{
		"SELECT o.id, (SELECT MAX(r.drifted) FROM regions r) FROM orders o", "SELECT drifted FROM regions",
		"SELECT o.id FROM orders o WHERE EXISTS (SELECT 1 FROM regions r WHERE r.drifted = 'acme')", "SELECT COUNT(*) FROM regions WHERE drifted = 'drifted'",
	} {
		for _, column := range []string{"nosuch", "organization_id", "email"} {
			e, s := driftedEnforcer(t, column)
			_, st, err := ask(c.f.full, e, s, q)
			require.NotNil(t, st, "%v", err)
			require.ErrorContains(t, err, "no such column: t."+column, st.SQL)
		}
	}
	for _, q := range metamorphicQueries(t) {
		for _, a := range c.as[:2] { // SQLite and PostgreSQL guess
			if st, err := a.enforce(q); err == nil {
				requireQualified(t, a.dialect, st)
			}
		}
	}
}

// requireQualified wants every printed name to be a table, an alias, a part of a
// qualified name, or in a list that can only hold new names.
func requireQualified(t *testing.T, d rls.Dialect, st *rls.Statement) {
	t.Helper()
	tokens := requireOwnSQL(t, d, st)
	for i, l := range tokens {
		if l.kind != nameLexeme || i+1 < len(tokens) && tokens[i+1] == (lexeme{symbolLexeme, "."}) || definesCTE(tokens, i) {
			continue
		}
		before := tokens[i-1]
		declares := before.kind == wordLexeme && strings.Contains(" AS FROM JOIN OVER WINDOW ", " "+before.text+" ") || before == (lexeme{symbolLexeme, "."})
		inList := before == (lexeme{symbolLexeme, "("}) || before == (lexeme{symbolLexeme, ","})
		follows := i+1 < len(tokens) && (tokens[i+1].text == "AS" || tokens[i+1].text == "," || tokens[i+1].text == ")" || tokens[i+1].text == "PARTITION" || tokens[i+1].text == "ORDER")
		collation := before.text == "COLLATE"
		require.True(t, declares || collation || inList && follows, "%s: %q stands alone in %s", d, l.text, st.SQL)
		if inList && !declares && tokens[i+1].text != "AS" { // a column list, or a window's name
			require.True(t, inColumnList(tokens, i) || before.text == "(", "%s: %q in %s", d, l.text, st.SQL)
		}
	}
}

// inColumnList tells a name in the column list of a CTE: WITH name (…) AS.
func inColumnList(tokens []lexeme, i int) bool {
	for i--; i > 0 && tokens[i].text != "("; i-- {
	}
	return i > 0 && definesCTE(tokens, i-1)
}

// Guards secure.(*View).fence. Whether the barrier holds on a database is that
// database's own test; here it is that each oracle gets it, and no answer changes with
// the hidden rows.
func TestThreat_2_07_PredicateOrder(t *testing.T) {
	c := newClass(t)
	fences := map[rls.Dialect]string{rls.SQLite: "LIMIT -1 OFFSET 0", rls.PostgreSQL: "OFFSET 0", rls.MySQL: "LIMIT 18446744073709551615", rls.MariaDB: "LIMIT 18446744073709551615"}
	// Each expression, with the databases on which it can't fail.
	oracles := map[string]string{
		"SELECT id FROM orders WHERE CAST(note AS SIGNED) = 1":                                               "sqlite mariadb",
		"SELECT id FROM orders WHERE 1 / (amount - 300) > 0":                                                 "sqlite",
		"SELECT id FROM orders WHERE EXP(amount) > 1":                                                        "sqlite",
		"SELECT id FROM orders WHERE id + 9223372036854775805 > 0":                                           "sqlite",
		"SELECT id FROM orders WHERE -id < 0":                                                                "sqlite",
		"SELECT id FROM orders WHERE note LIKE CONCAT(note, '%')":                                            "",
		"SELECT id FROM orders WHERE SUBSTRING(note, 1, id) = 'x'":                                           "sqlite mariadb",
		"SELECT id FROM orders WHERE created_at + INTERVAL id YEAR > '2024-01-01'":                           "sqlite mariadb",
		"SELECT id FROM orders WHERE YEAR(note) = 1":                                                         "sqlite mariadb",
		"SELECT id FROM orders WHERE id = (SELECT id FROM regions)":                                          "",
		"SELECT o.id FROM orders o JOIN regions r ON r.id = o.id AND SQRT(o.amount - 301) > 0":               "sqlite",
		"SELECT status FROM orders GROUP BY status HAVING ABS(LENGTH(status) - 3) > 0":                       "",
		"SELECT d.v FROM (SELECT amount / (id - 3) AS v FROM orders) d WHERE d.v > 0":                        "sqlite",
		"WITH d AS (SELECT ABS(id) AS v FROM orders) SELECT v FROM d":                                        "",
		"SELECT id FROM orders WHERE CASE WHEN note = 'VICTIM-NOTE' THEN EXP(1000) ELSE 1 END = 1":           "sqlite",
		"SELECT id FROM orders WHERE CASE WHEN note = 'VICTIM-NOTE' THEN ABS(id) ELSE 1 END = 1":             "",
		"SELECT id FROM orders WHERE CASE WHEN note = 'VICTIM-NOTE' THEN REPLACE(note, 'V', note) END = 'x'": "mariadb",
	}
	for q, total := range oracles {
		for _, a := range c.as {
			st, err := a.enforce(q)
			require.NoError(t, err, "%s: %s", a.dialect, q)
			if !slices.Contains(strings.Fields(total), a.dialect.String()) {
				require.Contains(t, st.SQL, fences[a.dialect], q)
			}
		}
		got, st, err := ask(c.f.full, c.f.shared, c.f.acme, q)
		noCanary(t, got, err)
		c.f.requireTwin(t, q, got, st, err)
	}
	c.refused(rls.ErrUnsupported, "SELECT id FROM orders WHERE (@a := note) IS NOT NULL", "SELECT @a FROM orders", "SELECT @@version FROM orders", "SELECT id := 1 FROM orders")
}

// Guards mysql.(*Parser).parse (recover) and its gate's limits.
func TestThreat_2_09_ParserCrash(t *testing.T) {
	c := newClass(t)
	many := func(s string, n int) string { return strings.Repeat(s, n) }
	for _, q := range []string{
		"WITH x AS (SELECT 1) (SELECT 1)", "SELECT (WITH x AS (SELECT 1) (SELECT 1))", "SELECT @@global.", "SELECT @@session.", "SELECT @@local.", "SELECT @@vitess_metadata.",
		"", ";", " ", "(", ")", "SELECT", "SELECT (", "WITH", "VALUES", "SELECT * FROM", "((((", "SELECT id FROM orders WHERE", "SELECT '", "SELECT `", "SELECT /*", "SELECT 1 UNION", "\ufeffSELECT 1",
	} {
		for _, a := range c.as {
			a.refusal(t, q)
		}
	}
	c.refused(rls.ErrLimit,
		"SELECT "+many("(", 5000)+"1"+many(")", 5000), "SELECT "+many("- ", 5000)+"1", "SELECT "+many("NOT ", 5000)+"1", "SELECT "+many("abs(", 300)+"1"+many(")", 300),
		many("(select ", 300)+"1"+many(")", 300), "SELECT "+many("CASE WHEN 1 THEN ", 300)+"1"+many(" END", 300), "SELECT 1"+many(" or 1", 100_000),
		"SELECT id FROM orders WHERE id IN (1"+many(", 1", 20_000)+")", "SELECT '"+many("x", 1<<20)+"'", many("-", 2<<20), many("(", 2<<20),
		"SELECT * FROM "+many("(SELECT * FROM ", 300)+"orders"+many(") d", 300),
	)
	c.harmless("SELECT "+many("(", 100)+"id"+many(")", 100)+" FROM orders", "SELECT id FROM orders WHERE id = 1"+many(" OR id = 2", 900))
}

// Guards mysql.refusedInPlace (VALUE_ARG), rls.bindArgs and the printers' numbering.
func TestThreat_2_10_Placeholders(t *testing.T) {
	c := newClass(t)
	c.refused(rls.ErrUnsupported, "SELECT :v1 FROM orders", "SELECT id FROM orders WHERE id = :id", "SELECT id FROM orders WHERE id IN ::ids", "SELECT :1 FROM orders", "SELECT @x FROM orders")
	for _, q := range []string{"VALUES ::rows", "SELECT $1 FROM orders", "SELECT ?1 FROM orders", "SELECT id FROM orders WHERE organization_id = $1", "SELECT %s FROM orders", "SELECT {id} FROM orders", "SELECT id FROM orders LIMIT :n"} {
		for _, a := range c.as {
			a.refusal(t, q)
		}
	}
	c.refused(rls.ErrSyntax, "SELECT ?", "SELECT id FROM orders WHERE id = ? AND note = ?", "SELECT id FROM orders LIMIT ?")
	// The caller's values go only where the caller wrote ?, and never into a policy.
	for _, a := range c.as {
		for _, q := range []string{
			"SELECT ? AS a, id FROM orders WHERE organization_id = ? LIMIT 5", "WITH w AS (SELECT ? AS a) SELECT w.a, o.id FROM w, orders o WHERE o.note = ?",
			"SELECT (SELECT MAX(?) FROM customers c WHERE c.id = o.id) FROM orders o ORDER BY o.note = ?",
		} {
			st, err := a.enforce(q, "evil", "evil2")
			require.NoError(t, err)
			requireOwnSQL(t, a.dialect, st)
			assert.NotContains(t, st.SQL, "evil")
			counts := map[any]int{}
			for _, v := range st.Args {
				counts[v]++
			}
			assert.Equal(t, 1, counts["evil"])
			assert.Equal(t, 1, counts["evil2"])
			assert.Equal(t, len(st.Args)-2, counts["acme"])
			assert.Positive(t, counts["acme"])
		}
	}
	got, _, err := ask(c.f.full, c.f.shared, c.f.acme, "SELECT ? AS a, id FROM orders WHERE organization_id = ? OR id = ?", "evil", "evil", 3)
	require.NoError(t, err)
	assert.Empty(t, got.rows)
}

// Guards semantic.Fold, mysql.refuseControl and that a policy follows the table, not
// its alias.
func TestThreat_2_11_AliasesAndIdentifiers(t *testing.T) {
	c := newClass(t)
	c.harmless(
		"SELECT customers.id, orders.name FROM orders AS customers, customers AS orders", "SELECT regions.id, regions.note FROM orders regions", "SELECT secrets.note FROM orders AS secrets",
		"SELECT `row`.id, `session`.id FROM orders `row`, customers `session`", "SELECT t.id FROM orders t", "SELECT `main`.id FROM orders `main`", "SELECT `a.b`.id FROM orders `a.b`",
		"SELECT ORDERS.ID FROM OrDeRs", "SELECT `orders`.`ID` FROM `ORDERS`", "SELECT o.id FROM ((orders o))", "SELECT `$1`.id FROM orders `$1`", "SELECT `select`.id AS `from` FROM orders `select`",
	)
	for _, name := range []string{"orderſ", "ＯＲＤＥＲＳ", "оrders", "orders ", " orders", "orders\u00a0", "orders\u200b", "o\u0308rders", "orders.", ".orders", "main.orders", "orders`", `orders"`, "orders;", "orders--", "orders\\", "'orders'", "[orders]"} {
		quoted := "`" + strings.ReplaceAll(name, "`", "``") + "`"
		c.refused(rls.ErrUnknownName, "SELECT 1 FROM "+quoted, "SELECT "+quoted+".id FROM orders", "SELECT "+quoted+".* FROM orders")
	}
	for _, name := range []string{"ıd", "İd", "ｉｄ", "id ", " id", "ID\u200b", "orders.id", "note\u0000"} {
		for _, a := range c.as {
			a.refusal(t, "SELECT `"+name+"` FROM orders")
		}
	}
	// U+212A and U+017F fold to ASCII letters by Unicode, but not here.
	c.refused(rls.ErrUnknownName, "WITH k AS (SELECT 1 AS a) SELECT a FROM `\u212a`", "SELECT a.`\u017ftatus` FROM orders a", "SELECT `\u017f`.id FROM orders s")
	c.refused(rls.ErrUnknownName, "SELECT orders.id FROM orders o", "SELECT o.id FROM orders o, customers o", "SELECT id FROM orders, customers", "SELECT o.id FROM orders o JOIN orders O ON TRUE")
}

// Guards mysql.refuseSwallowed.
func TestThreat_2_12_SwallowedKeywords(t *testing.T) {
	c := newClass(t)
	for _, word := range []string{"FULL", "ASOF", "SEMI", "ANTI", "POSITIONAL", "GLOBAL", "ANY", "full", "Anti"} {
		c.refused(rls.ErrUnsupported, "SELECT o.id FROM orders o JOIN regions "+word+" JOIN customers ON TRUE", "SELECT amount FROM orders "+word+" JOIN regions ON TRUE",
			"SELECT d.id FROM (SELECT id FROM orders) "+word+" JOIN regions ON TRUE")
		c.harmless("SELECT `"+word+"`.amount FROM orders `"+word+"` JOIN regions r ON TRUE", "SELECT o.amount FROM orders AS o JOIN regions AS `"+word+"` ON TRUE")
	}
	for _, tail := range []string{"FETCH", "SAMPLE", "TABLESAMPLE", "QUALIFY", "PIVOT", "UNPIVOT", "FINAL", "SETTINGS", "PREWHERE", "RETURNING", "MINUS", "EXCEPT", "INTERSECT", "MATCH_RECOGNIZE", "CONNECT"} {
		for _, a := range c.as {
			a.refusal(t, "SELECT id FROM orders "+tail)
			a.refusal(t, "SELECT id FROM orders "+tail+" WHERE TRUE")
		}
		c.harmless("SELECT id FROM orders AS `" + tail + "`")
	}
	for _, q := range []string{
		"SELECT id ILIKE FROM orders", "SELECT id GLOB FROM orders", "SELECT id ISNULL FROM orders", "SELECT id NOTNULL FROM orders", "SELECT note SIMILAR FROM orders",
		"SELECT id FROM orders WHERE id = 0 || organization_id = 'evil'", "SELECT 'a' || 'b' FROM orders", "SELECT id FROM orders ORDER BY id NULLS FIRST", "SELECT COUNT(*) FILTER (WHERE TRUE) FROM orders",
		"SELECT id FROM orders FETCH FIRST 1 ROWS ONLY", "SELECT DISTINCT ON (id) id FROM orders", "SELECT id::text FROM orders", "SELECT id FROM orders o(id, x)", "SELECT NTH_VALUE(id, 1) FROM LAST OVER () FROM orders",
	} {
		for _, a := range c.as {
			a.refusal(t, q)
		}
	}
}

// Guards that secure.(*dataset).visible leaves hidden fields out, so that
// stars, NATURAL and USING don't have them; TestThreat_Positions has the other places.
func TestThreat_2_13_HiddenColumns(t *testing.T) {
	c := newClass(t)
	for _, q := range []string{
		"SELECT * FROM customers", "SELECT c.* FROM customers c", "SELECT d.* FROM (SELECT * FROM customers) d", "WITH d AS (SELECT * FROM customers) SELECT * FROM d", "SELECT * FROM customers a NATURAL JOIN customers b",
		"SELECT * FROM customers a JOIN customers b USING (id)", "SELECT *, 1 FROM orders o LEFT JOIN customers c ON o.customer_id = c.id", "SELECT * FROM customers UNION SELECT * FROM customers",
	} {
		c.harmless(q)
		for _, a := range c.as {
			st, err := a.enforce(q)
			require.NoError(t, err)
			assert.NotContains(t, st.SQL, "email")
			for _, column := range st.Columns {
				assert.NotEqual(t, "email", strings.ToLower(column.Name))
			}
		}
	}
	c.refused(rls.ErrUnknownName,
		"SELECT d.email FROM (SELECT * FROM customers) d", "SELECT d.email FROM (SELECT c.* FROM customers c) d", "WITH d AS (SELECT * FROM customers) SELECT email FROM d",
		"SELECT id FROM customers ORDER BY email = 'ann@acme' DESC", "SELECT COUNT(DISTINCT email) FROM customers", "SELECT a.id FROM customers a JOIN customers b USING (email)",
		"SELECT name AS email FROM customers WHERE email = 'Ann'", "SELECT name AS x FROM customers c WHERE c.x = 'Ann'", "SELECT MAX(c.`email`) FROM customers c", "SELECT o.id FROM orders o WHERE 'ann@acme' IN (SELECT email FROM customers)",
		"SELECT RANK() OVER (PARTITION BY email ORDER BY id) FROM customers", "SELECT EXTRACT(YEAR FROM email) FROM customers", "SELECT CAST(email AS CHAR) FROM customers", "SELECT 1 FROM customers WHERE email BETWEEN 'a' AND 'b'",
	)
	// The name itself is free for the caller.
	c.harmless("SELECT name AS email FROM customers ORDER BY email", "SELECT email FROM (SELECT name AS email FROM customers) d", "WITH email AS (SELECT id FROM customers) SELECT id FROM email", "SELECT email.id FROM orders email")
}

// Guards secure.(*View).fill: masks are inside the derived table.
// TestThreat_Positions and TestThreat_RowMasks have the positions.
func TestThreat_2_14_MaskedColumns(t *testing.T) {
	c := newClass(t)
	c.harmless(maskOracles...)
	for _, a := range c.as {
		for _, q := range maskOracles {
			if st, err := a.enforce(q); err == nil {
				assert.NotContains(t, st.SQL, quoteName(a.dialect, "t")+"."+quoteName(a.dialect, "ssn"), "the physical column is never read")
			}
		}
	}
	// A second policy that shows every row, or hides or masks something else, takes no mask off.
	for _, more := range []string{
		"  - {name: all-rows, datasets: [customers], rows: 'true', cross_tenant: true}\n",
		"  - {name: all-rows, datasets: '*', rows: 'true', cross_tenant: true}\n",
		"  - {name: other-mask, datasets: [customers], mask: {region: \"'-'\"}}\n",
		"  - {name: other-hide, datasets: [customers], hide: [region]}\n",
		"  - {name: narrow, datasets: [customers], kind: restrictive, rows: row.id > 0}\n",
	} {
		e, s := enforcerOfFixture(t, more)
		got, st, err := ask(c.f.full, e, s, "SELECT ssn FROM customers WHERE ssn <> '***' OR name = 'Ann'")
		require.NoError(t, err)
		assert.Equal(t, [][]string{{"***"}}, got.rows, "%s%s", more, st.SQL)
	}
	// What is hidden by one policy and masked by another is hidden.
	e, s := enforcerOfFixture(t, "  - {name: hide-ssn, datasets: [customers], hide: [ssn]}\n")
	_, err := e.Enforce(t.Context(), s, "SELECT ssn FROM customers")
	assert.ErrorIs(t, err, rls.ErrUnknownName)
}

func quoteName(d rls.Dialect, name string) string {
	if isMySQL(d) {
		return "`" + name + "`"
	}
	return `"` + name + `"`
}

// Guards function.Lookup: the list is closed, and by name.
func TestThreat_2_15_Functions(t *testing.T) {
	c := newClass(t)
	for kind, names := range map[string]string{
		"files":     "load_file pg_read_file pg_read_binary_file pg_ls_dir lo_import lo_export read_text read_csv read_parquet readfile writefile sniff_csv edit fileio_ls load_extension",
		"time":      "sleep benchmark pg_sleep pg_sleep_for master_pos_wait wait_for_executed_gtid_set",
		"locks":     "get_lock release_lock release_all_locks is_free_lock is_used_lock pg_advisory_lock pg_try_advisory_lock",
		"server":    "version user current_user session_user system_user database schema connection_id sqlite_version sqlite_source_id inet_server_addr current_database pg_backend_pid",
		"state":     "set_config current_setting last_insert_id found_rows row_count nextval currval setval lastval changes total_changes last_insert_rowid txid_current",
		"dynamic":   "query_to_xml table_to_xml dblink xmlparse eval sys_exec sys_eval exec ps_kill extractvalue updatexml json_table columns row_to_json to_jsonb pg_stat_file query_to_json",
		"memory":    "repeat space zeroblob randomblob printf format generate_series group_replication_x",
		"random":    "rand random uuid uuid_short gen_random_uuid random_bytes",
		"bytes":     "hex unhex to_base64 from_base64 md5 sha1 sha2 password encrypt aes_encrypt aes_decrypt compress char unicode quote soundex crc32 inet_aton",
		"catalogue": "pg_get_viewdef obj_description sqlite_compileoption_get fts5 match snippet optimize highlight matchinfo has_table_privilege pg_relation_size icu_load_collation fts3_tokenizer",
	} {
		for _, name := range strings.Fields(names) {
			_, listed := function.Lookup(name)
			assert.False(t, listed, "%s is about %s", name, kind)
			for _, form := range []string{"%(note)", "`%`(note)", "% (note)", "main.%(note)", "`main`.`%`(note)", "%(note, note)", "%() "} {
				call := strings.ReplaceAll(form, "%", name)
				for _, a := range c.as {
					a.refusal(t, "SELECT "+call+" FROM orders")
					a.refusal(t, "SELECT id FROM orders WHERE "+strings.ToUpper(call)+" IS NULL")
				}
			}
		}
	}
	// A listed function is not found by a qualified, folded or padded name.
	for _, name := range []string{"main.upper", "`main`.upper", "pg_catalog.upper", "`upper `", "` upper`", "`UPPER\u200b`", "`ｕｐｐｅｒ`", "`cel.size`", "`cel.contains`", "`upper(`", "`upper/1`", "`~`", "`lo\u212aate`"} {
		for _, a := range c.as {
			a.refusal(t, "SELECT "+name+"(note) FROM orders")
		}
	}
	c.harmless("SELECT UPPER(note), upper(note), `upper`(note), CHAR_LENGTH(note) FROM orders", "SELECT `count`(id) FROM orders")
}

// Guards mysql.onlyRead, dropSemicolon and refusedType (INTO), and the locks' refusal.
func TestThreat_2_16_OtherStatements(t *testing.T) {
	c := newClass(t)
	for _, verb := range strings.Fields(`INSERT REPLACE UPDATE DELETE MERGE TRUNCATE CREATE ALTER DROP RENAME GRANT REVOKE SET USE SHOW DESCRIBE DESC EXPLAIN ANALYZE
		VEXPLAIN CALL DO HANDLER PREPARE EXECUTE DEALLOCATE BEGIN START COMMIT ROLLBACK SAVEPOINT RELEASE LOCK UNLOCK KILL FLUSH RESET PURGE LOAD COPY ATTACH DETACH
		PRAGMA VACUUM REINDEX INSTALL IMPORT EXPORT CHECKPOINT LISTEN NOTIFY STREAM VSTREAM TABLE REVERT REPAIR OPTIMIZE CHANGE BINLOG HELP XA SHUTDOWN`) {
		for _, q := range []string{verb, verb + " orders", verb + " SELECT id FROM orders", verb + " TABLE orders", strings.ToLower(verb) + " INTO orders VALUES (1)",
			"/* x */ " + verb + " FROM orders", "SELECT id FROM orders; " + verb + " orders", "WITH x AS (" + verb + " FROM orders) SELECT 1", "SELECT * FROM (" + verb + " orders) d"} {
			for _, a := range c.as {
				a.refusal(t, q)
			}
		}
	}
	c.refused(rls.ErrUnsupported,
		"SELECT 1; SELECT 2", "SELECT 1;;", ";SELECT 1", "SELECT id INTO @x FROM orders", "SELECT id FROM orders INTO OUTFILE '/out/x'", "SELECT id FROM orders INTO DUMPFILE '/out/x'",
		"SELECT d.id FROM (SELECT id FROM orders INTO OUTFILE '/out/x') d", "WITH x AS (SELECT id INTO @a FROM orders) SELECT id FROM x", "SELECT id FROM orders UNION SELECT id FROM orders INTO OUTFILE '/out/x'",
		"SELECT (SELECT id INTO @a FROM orders)", "SELECT id FROM orders FOR UPDATE", "SELECT id FROM orders FOR SHARE", "SELECT id FROM orders LOCK IN SHARE MODE",
		"SELECT d.id FROM (SELECT id FROM orders FOR UPDATE) d", "SELECT id FROM orders WHERE id IN (SELECT id FROM orders FOR UPDATE)", "SELECT id FROM orders FOR UPDATE SKIP LOCKED",
		"SELECT id FROM orders PARTITION (p0)", "SELECT id FROM orders USE INDEX (x)", "SELECT id FROM orders FORCE INDEX (x)", "SELECT o.id FROM orders o STRAIGHT_JOIN customers c",
	)
	c.harmless("SELECT id FROM orders;", "SELECT ';' FROM orders", "SELECT id AS `;` FROM orders")
}

// Guards the shape of set operations in internal/mysql (shape) and dialect.(*printer).operand.
func TestThreat_2_17_SetOperations(t *testing.T) {
	c := newClass(t)
	for q, want := range map[string][][]string{
		"SELECT 1 AS a UNION (SELECT 1 UNION ALL SELECT 1)":                                        {{"1"}},
		"(SELECT 1 AS a UNION SELECT 1) UNION ALL SELECT 1":                                        {{"1"}, {"1"}},
		"SELECT 1 AS a UNION ALL (SELECT 1 UNION SELECT 1)":                                        {{"1"}, {"1"}},
		"(SELECT id FROM orders ORDER BY id LIMIT 1) LIMIT 100":                                    {{"1"}},
		"((SELECT id FROM orders ORDER BY id DESC LIMIT 1)) LIMIT 5":                               {{"2"}},
		"(SELECT id FROM orders ORDER BY id DESC LIMIT 2) ORDER BY id LIMIT 1":                     {{"1"}},
		"SELECT 1 AS a EXCEPT (SELECT 1 EXCEPT SELECT 1)":                                          {{"1"}},
		"(SELECT 1 AS a EXCEPT SELECT 1) EXCEPT SELECT 1":                                          nil,
		"SELECT 1 AS a UNION SELECT 2 INTERSECT SELECT 2":                                          {{"1"}, {"2"}},
		"(SELECT 1 AS a UNION SELECT 2) INTERSECT SELECT 2":                                        {{"2"}},
		"SELECT 3 AS a UNION ALL (SELECT id FROM orders ORDER BY id LIMIT 1)":                      {{"1"}, {"3"}},
		"(WITH x AS (SELECT id FROM orders) SELECT id FROM x) UNION SELECT 9":                      {{"1"}, {"2"}, {"9"}},
		"WITH x AS (SELECT 7 AS a) (WITH x AS (SELECT 8 AS a) SELECT a FROM x) ORDER BY 1":         {{"8"}},
		"SELECT id FROM orders WHERE id = 1 OR id = 2 AND id = 3 UNION SELECT 1 WHERE 1 = 0":       {{"1"}},
		"SELECT COUNT(*) FROM (SELECT id FROM orders UNION ALL (SELECT id FROM orders LIMIT 1)) d": {{"3"}},
	} {
		got, st, err := ask(c.f.full, c.f.shared, c.f.acme, q)
		if st == nil { // refusing is right too, dropping the parentheses is not
			requireTyped(t, err)
			t.Errorf("refused: %s: %v", q, err)
			continue
		}
		require.NoError(t, err, st.SQL)
		assert.Equal(t, canonicalRows(want), canonicalRows(got.rows), "%s\n%s", q, st.SQL)
		c.harmless(q)
	}
	// A CTE in parentheses ends with them.
	c.refused(rls.ErrUnknownName, "(WITH s AS (SELECT id FROM orders) SELECT id FROM s) UNION SELECT id FROM s", "SELECT id FROM s UNION (WITH s AS (SELECT id FROM orders) SELECT id FROM s)")
	c.refused(rls.ErrSyntax, "SELECT id FROM orders UNION SELECT id, note FROM orders")
}
