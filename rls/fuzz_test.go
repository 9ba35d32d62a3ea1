package rls_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/rls"
)

// changedRows alters only what a member of acme can't see: other tenants' rows,
// a hidden and a masked field, and a table outside the model.
const changedRows = `
UPDATE orders SET amount = -amount * 7, note = 'VICTIM-NOTE too', status = 'gone', customer_id = NULL WHERE organization_id IS NOT 'acme';
INSERT INTO orders SELECT id + 100, 'zeta', id, 9223372036854775807, 'VICTIM', 'VICTIM-NOTE', NULL FROM orders WHERE organization_id IS NOT 'acme';
UPDATE customers SET email = 'ann@ and bob@', ssn = '111-11 and 222-22';
UPDATE customers SET name = 'Bob too', region = 'ZZ' WHERE organization_id IS NOT 'acme';
DELETE FROM secrets;
INSERT INTO secrets VALUES (7, 'TOPSECRET too');`

// inDoubt finds queries whose rows SQLite may choose freely, so that a database
// of another layout may rightly answer otherwise.
var inDoubt = regexp.MustCompile(`(?i)limit|over|window|group|concat|any_value|having|min|max|sum|count|avg`)

// clock finds queries whose answers change with time.
var clock = regexp.MustCompile(`(?i)now|current_|cur(date|time)|utc_|localtime`)

// FuzzEnforce holds every text against what a reader of the output would check
// who doesn't trust the enforcer: it never panics, a refusal is typed, and an
// accepted query is one statement that reads the model's tables only and whose
// answer does not depend on what the session may not see.
func FuzzEnforce(f *testing.F) {
	for _, query := range fuzzSeeds {
		f.Add(query, "acme")
	}
	fixture := newThreats(f)
	shared := fuzzDB(f, "full.sql", "")
	changed := fuzzDB(f, "full.sql", changedRows)
	twin := fuzzDB(f, "twin.sql", "")
	f.Fuzz(func(t *testing.T, query, arg string) {
		args := slices.Repeat([]any{arg}, min(strings.Count(query, "?"), 9))
		st, err := fixture.shared.Enforce(t.Context(), fixture.acme, query, args...)
		if err != nil {
			requireRefusal(t, query, err)
			return
		}
		if len(st.SQL) > 1<<16 {
			return // SQLite takes too long over it; TestHostileSizes has such
		}
		requireOneStatement(t, st.SQL)
		requireNoCanaryIn(t, query+arg, st.SQL)
		if !requirePrepares(t, shared, st) {
			return
		}
		requireModelOnly(t, shared, st)

		got := quickly(shared, st)
		requireNoCanaryIn(t, query+arg, got.text())
		if clock.MatchString(query) {
			return
		}
		again := quickly(changed, st)
		requireSame(t, got, again, false, st.SQL)

		want, err := fixture.open.Enforce(t.Context(), fixture.anyone, query, args...)
		require.NoError(t, err, "the twin refuses what is accepted as %s", st.SQL)
		requireSame(t, got, quickly(twin, want), inDoubt.MatchString(query), st.SQL)
	})
}

// fuzzDB makes a database in a file, which a cancelled query can't end, and
// reopens it for reading.
func fuzzDB(t testing.TB, script, more string) *sql.DB {
	path := filepath.Join(t.TempDir(), "fuzz.db")
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	_, err = db.Exec(string(threatsFile(t, script)) + more)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	db, err = sql.Open("sqlite", "file:"+path+"?mode=ro")
	require.NoError(t, err)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

// requireRefusal wants a typed error that tells nothing but the query's own text.
func requireRefusal(t *testing.T, query string, err error) {
	requireTyped(t, err)
	require.False(t, errors.Is(err, rls.ErrDenied) && !errors.Is(err, rls.ErrUnknownName), "internal: %v", err)
	requireNoCanaryIn(t, query, err.Error())
	var typed *rls.Error
	require.ErrorAs(t, err, &typed)
	require.LessOrEqual(t, typed.Offset, len(query))
	require.True(t, utf8.ValidString(typed.Detail()) || !utf8.ValidString(query), "%q", typed.Detail())
}

// requireNoCanaryIn looks for hidden data in an output, unless the input has it.
func requireNoCanaryIn(t *testing.T, input, output string) {
	for _, canary := range []string{"TOPSECRET", "VICTIM", "NULLORG", "bob@", "ann@", "cid@", "111-11", "222-22", "333-33", "Bob"} {
		if !strings.Contains(input, canary) {
			require.NotContains(t, output, canary)
		}
	}
}

// requireOneStatement reads the text as SQLite's tokenizer would, strings and
// quoted names apart: no end of a statement, no comment, no other kind of quote.
func requireOneStatement(t *testing.T, text string) {
	var bare strings.Builder
	for i := 0; i < len(text); i++ {
		quote := text[i]
		if quote != '\'' && quote != '"' {
			bare.WriteByte(quote)
			continue
		}
		for i++; ; i++ {
			require.Less(t, i, len(text), "an open quote in %s", text)
			if text[i] != quote {
				continue
			}
			if i+1 == len(text) || text[i+1] != quote {
				break
			}
			i++
		}
		bare.WriteByte('q')
	}
	for _, bad := range []string{";", "--", "/*", "*/", "`", "[", "]", "#", `\`, "@", "$", ":", "{", "}", "\x00", "\n", "\r", "\t"} {
		require.NotContains(t, bare.String(), bad, text)
	}
}

// ownErrors are SQLite's refusals of statements that are too large for it, or
// that have an aggregate or a HAVING where none may stand. They come before any
// row is read.
var ownErrors = regexp.MustCompile(`too many|at most|parser stack overflow|too large|too big|out of memory|maximum depth|` +
	`misuse of (aliased )?(aggregate|window)|HAVING clause on a non-aggregate query`)

// requirePrepares wants SQLite to know every name and function in the
// statement; false means that it refuses the statement for reasons of its own.
func requirePrepares(t *testing.T, db *sql.DB, st *rls.Statement) bool {
	stmt, err := db.Prepare(st.SQL)
	if err != nil && ownErrors.MatchString(err.Error()) {
		return false
	}
	require.NoError(t, err, st.SQL)
	require.NoError(t, stmt.Close())
	return true
}

// transientCursors are the opcodes that open a cursor on no table of the
// database (sqlite.org/opcode.html).
var transientCursors = []string{"OpenEphemeral", "OpenAutoindex", "OpenPseudo", "OpenDup", "SorterOpen"}

// changingOpcodes write, or reach out of the database. Insert and Delete are
// not among them: without OpenWrite they change transient tables only.
var changingOpcodes = []string{
	"AutoCommit", "Savepoint", "Checkpoint", "JournalMode", "Vacuum", "IncrVacuum", "Destroy", "CreateBtree", "DropTable", "DropIndex",
	"DropTrigger", "ParseSchema", "SetCookie", "VBegin", "VCreate", "VDestroy", "VUpdate", "VRename", "LoadAnalysis", "Program",
}

// requireModelOnly reads the statement's program and wants it to open tables of
// the model only, for reading.
func requireModelOnly(t *testing.T, db *sql.DB, st *rls.Statement) {
	roots := tableRoots(t, db)
	rows, err := db.Query("EXPLAIN "+st.SQL, st.Args...)
	require.NoError(t, err, st.SQL)
	defer rows.Close()
	for rows.Next() {
		var addr, p1, p2, p3, p5 int
		var opcode string
		var p4, comment sql.NullString
		require.NoError(t, rows.Scan(&addr, &opcode, &p1, &p2, &p3, &p4, &p5, &comment))
		switch {
		case opcode == "OpenRead" || opcode == "ReopenIdx":
			require.Contains(t, []string{"orders", "customers", "regions"}, roots[p2], st.SQL)
			require.Zero(t, p3, "another database: %s", st.SQL)
		case opcode == "Transaction":
			require.Zero(t, p2, "writes: %s", st.SQL)
		case strings.Contains(opcode, "Open") && !slices.Contains(transientCursors, opcode), slices.Contains(changingOpcodes, opcode):
			t.Fatalf("%s in %s", opcode, st.SQL)
		case strings.Contains(opcode, "Function"):
			require.NotRegexp(t, `^(load_extension|readfile|writefile|random|randomblob|sqlite_|last_insert|changes|total_changes|fts|edit)`, p4.String, st.SQL)
		}
	}
	require.NoError(t, rows.Err())
}

// tableRoots maps root pages to the names of tables.
func tableRoots(t *testing.T, db *sql.DB) map[int]string {
	rows, err := db.Query("SELECT rootpage, tbl_name FROM sqlite_master WHERE rootpage > 0")
	require.NoError(t, err)
	defer rows.Close()
	roots := map[int]string{}
	for rows.Next() {
		var page int
		var name string
		require.NoError(t, rows.Scan(&page, &name))
		roots[page] = name
	}
	require.NoError(t, rows.Err())
	return roots
}

// outcome is what came of a statement in a short time.
type outcome struct {
	answer answer
	err    error
	cut    bool // it took too long or had too many rows
}

func (r outcome) text() string {
	text := strings.Join(canonicalRows(r.answer.rows), "\n")
	if r.err != nil {
		text += r.err.Error()
	}
	return text
}

// quickly runs a statement for at most a tenth of a second and 500 rows.
func quickly(db *sql.DB, st *rls.Statement) outcome {
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	rows, err := db.QueryContext(ctx, st.SQL, st.Args...)
	if err != nil {
		return outcome{err: err, cut: ctx.Err() != nil}
	}
	defer rows.Close()
	var r outcome
	if r.answer.columns, r.err = rows.Columns(); r.err != nil {
		return r
	}
	for rows.Next() && len(r.answer.rows) < 500 {
		row := make([]any, len(r.answer.columns))
		into := make([]any, len(row))
		for i := range row {
			into[i] = &row[i]
		}
		if r.err = rows.Scan(into...); r.err != nil {
			return r
		}
		texts := make([]string, len(row))
		for i, v := range row {
			texts[i] = text(v)
		}
		r.answer.rows = append(r.answer.rows, texts)
	}
	r.err = rows.Err()
	r.cut = ctx.Err() != nil || len(r.answer.rows) == 500
	return r
}

// requireSame wants two answers to be equal as multisets of rows, or, where the
// rows are in doubt, to have the same columns and outcome.
func requireSame(t *testing.T, a, b outcome, inDoubt bool, statement string) {
	if a.cut || b.cut {
		return
	}
	require.Equal(t, a.err == nil, b.err == nil, "%v, %v\n%s", a.err, b.err, statement)
	if a.err != nil {
		return
	}
	require.Equal(t, a.answer.columns, b.answer.columns, statement)
	if !inDoubt {
		require.Equal(t, canonicalRows(a.answer.rows), canonicalRows(b.answer.rows), statement)
	}
}

// fuzzSeeds has every construct of the language at least once, and what is to be refused.
var fuzzSeeds = []string{
	"SELECT * FROM orders",
	"SELECT o.*, c.name AS `the name` FROM orders AS o LEFT JOIN customers c ON o.customer_id = c.id WHERE o.amount > 1.5 ORDER BY 1 DESC, o.id LIMIT 10 OFFSET 1",
	"SELECT DISTINCT status, UPPER(note) n FROM orders WHERE note IS NOT NULL AND NOT (id <> 2) OR status IN ('open', 'closed')",
	"SELECT status, COUNT(*), COUNT(DISTINCT customer_id), SUM(amount) s, AVG(amount), MIN(id), MAX(id) FROM orders GROUP BY status HAVING s > 0 ORDER BY s",
	"WITH a AS (SELECT id, amount FROM orders), b(x) AS (SELECT id FROM a) SELECT * FROM a JOIN b ON a.id = b.x",
	"WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT i FROM n",
	"SELECT id FROM orders UNION SELECT id FROM customers UNION ALL (SELECT id FROM regions ORDER BY id LIMIT 1)",
	"SELECT id FROM orders EXCEPT SELECT customer_id FROM orders INTERSECT SELECT id FROM customers",
	"SELECT CASE status WHEN 'open' THEN 1 ELSE 0 END, CASE WHEN amount > 150 THEN 'big' END FROM orders",
	"SELECT (SELECT COUNT(*) FROM customers c WHERE c.id = o.customer_id) FROM orders o WHERE EXISTS (SELECT 1 FROM customers WHERE id = o.customer_id)",
	"SELECT id FROM orders WHERE customer_id IN (SELECT id FROM customers) AND amount >= ALL (SELECT amount FROM orders)",
	"SELECT id FROM orders WHERE customer_id = ANY (SELECT id FROM customers) AND (id, customer_id) IN ((1, 1), (2, 1))",
	"SELECT ROW_NUMBER() OVER (PARTITION BY status ORDER BY id), LAG(amount, 1, 0) OVER w, SUM(amount) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM orders WINDOW w AS (ORDER BY id)",
	"SELECT a.id FROM orders a JOIN customers b USING (id) NATURAL JOIN regions",
	"SELECT o.id, r.code FROM orders o RIGHT JOIN regions r ON r.id = o.id CROSS JOIN customers",
	"SELECT x.a, x.b FROM (SELECT id AS a, note AS b FROM orders) AS x WHERE x.b LIKE 'a%' ESCAPE '!'",
	"SELECT * FROM (VALUES ROW(1, 'a'), ROW(2, 'b')) AS v",
	"VALUES ROW(1, NULL), ROW(TRUE, 2e1)",
	"SELECT CAST(id AS CHAR), CAST(note AS SIGNED), CAST(amount AS DECIMAL(10, 2)), CAST(created_at AS DATE), id + 1 - 2 * 3 / 4 % 5, id DIV 6 FROM orders",
	"SELECT -id, - -id, !id, id & 1 | 2 ^ 3 << 1 >> 1, id <=> NULL, id XOR 1 FROM orders",
	"SELECT created_at + INTERVAL 1 DAY, DATE_SUB(created_at, INTERVAL 2 MONTH), EXTRACT(YEAR FROM created_at), DATEDIFF(created_at, '2024-01-01') FROM orders",
	"SELECT DATE '2024-01-01', TIME '10:11:12', TIMESTAMP '2024-01-01 10:11:12', DATE_FORMAT(created_at, '%Y-%m') FROM orders",
	"SELECT CONCAT(note, 'x', id), COALESCE(note, ''), SUBSTRING(note, 1, 3), TRIM(note), REPLACE(note, 'a', 'b'), LPAD(note, 5, '*') FROM orders",
	"SELECT ROUND(amount, 1), ABS(id), SQRT(amount), POWER(id, 2), GREATEST(id, 2), IF(id > 1, 'a', 'b'), NULLIF(id, 1) FROM orders",
	"SELECT GROUP_CONCAT(DISTINCT status), GROUP_CONCAT(note SEPARATOR '-') FROM orders", "SELECT ~id FROM orders",
	"SELECT id FROM orders WHERE id BETWEEN 1 AND 3 AND note NOT LIKE '_-%' AND note IS NOT TRUE AND status NOT IN ('x')",
	"SELECT id FROM orders WHERE status = ? AND note <> ? LIMIT 5",
	"SELECT status, SUM(amount) FROM orders GROUP BY status WITH ROLLUP",
	"SELECT COUNT(*) FROM customers HAVING COUNT(*) > 0",
	"SELECT id FROM orders ORDER BY -1, NULL, 'x', id", "SELECT 5 AS a FROM orders HAVING EXISTS (SELECT 1 FROM customers ORDER BY a)",
	"SELECT 1 FROM dual", "SELECT 'it''s', \"two\", 'a\\'b', 'back\\\\slash', '%_', 'é漢字🦔'",
	"SELECT id AS `a\"b`, id AS `c'd`, id AS `;--`, id AS `/*` FROM orders",
	"/* a */ SELECT -- b\n id # c\n FROM orders;",
	"SELECT ssn, name FROM customers WHERE ssn LIKE '1%' ORDER BY ssn", "SELECT email FROM customers",
	"SELECT payload FROM secrets", "SELECT * FROM sqlite_master", "SELECT * FROM main.orders",
	"WITH orders AS (SELECT * FROM orders) SELECT * FROM orders", "WITH secrets AS (SELECT 1 AS payload) SELECT * FROM secrets",
	"SELECT id FROM orders INTO OUTFILE '/tmp/x'", "SELECT id FROM orders FOR UPDATE", "SELECT @@version, @a := 1",
	"DELETE FROM orders", "SELECT 1; SELECT 2", "SELECT /*!50000 1, */ 2", "SELECT load_extension('x')", "SELECT orders.rowid FROM orders",
	"SELECT id FROM orders WHERE CAST(note AS SIGNED) > 1 OR amount / 0 = 1", "SELECT ABS(-9223372036854775808 + id) FROM orders",
}

// TestFuzzSeeds guards the premise of the fuzzing: it starts from accepted and
// from refused queries.
func TestFuzzSeeds(t *testing.T) {
	f := newThreats(t)
	accepted := 0
	for _, query := range fuzzSeeds {
		args := slices.Repeat([]any{"acme"}, min(strings.Count(query, "?"), 9))
		_, err := f.shared.Enforce(t.Context(), f.acme, query, args...)
		if err == nil {
			accepted++
		} else if testing.Verbose() {
			t.Logf("%s: %v", query, err)
		}
	}
	require.Greater(t, accepted, 30)
	require.Greater(t, len(fuzzSeeds)-accepted, 10)
}
