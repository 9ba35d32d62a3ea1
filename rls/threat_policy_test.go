package rls_test

import (
	"context"
	"database/sql"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

// driftedEnforcer is of a model whose dataset regions has a field on a column
// that the table lacks.
func driftedEnforcer(t *testing.T, column string) (*rls.Enforcer, session.Session) {
	t.Helper()
	text := strings.Replace(string(threatsFile(t, "model.yaml")),
		"{name: code, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: code}]}}",
		"{name: drifted, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: "+column+"}]}}", 1)
	require.Contains(t, text, "drifted")
	m, err := semantic.Parse("model.yaml", []byte(text))
	require.NoError(t, err)
	return enforcerOf(t, m, "policies: [{name: all, datasets: '*', rows: 'true'}]")
}

// renamedEnforcer is of the fixture's model over tables of other names.
func renamedEnforcer(t *testing.T, orders, customers string) (*rls.Enforcer, session.Session) {
	t.Helper()
	text := strings.NewReplacer("source: orders", "source: "+orders, "source: customers", "source: "+customers).Replace(string(threatsFile(t, "model.yaml")))
	require.Contains(t, text, "source: "+orders)
	m, err := semantic.Parse("model.yaml", []byte(text))
	require.NoError(t, err)
	return enforcerOf(t, m, "policies: [{name: all, datasets: '*', rows: 'true'}]")
}

// enforcerOfFixture is the fixture's enforcer and member of acme with more policies.
func enforcerOfFixture(t *testing.T, more string) (*rls.Enforcer, session.Session) {
	t.Helper()
	m, err := semantic.Parse("model.yaml", threatsFile(t, "model.yaml"))
	require.NoError(t, err)
	set, err := parsePolicies(m, string(threatsFile(t, "policy.yaml"))+more)
	require.NoError(t, err)
	e, err := rls.New(rls.Config{Policies: set, Dialect: rls.SQLite})
	require.NoError(t, err)
	return e, newSession(t, set, map[string]any{"organization_id": "acme"})
}

// hostileProperties are session values that no predicate may take for more than
// a value.
var hostileProperties = []string{
	"", "0", "1", "%", "_", "acm_", "a%", "ACME", "Acme", "acme ", " acme", "acme\t", "acmé", "ａｃｍｅ", "a'b\\", "acme' OR '1'='1", `acme" OR "1"="1`, "acme\\' OR 1=1 -- ",
	"acme'; DROP TABLE orders; --", "NULL", "null", "true", "?", "$1", ":v1", "t.organization_id", "organization_id", "/*!*/", "\U0001F600", "evil\u202e",
}

// Guards rls.bindArgs (values are never text), the exact comparison of each
// dialect, and the escaping of patterns in internal/rules and internal/dialect.
func TestThreat_2_08_SessionValues(t *testing.T) {
	m, err := semantic.Parse("model.yaml", threatsFile(t, "model.yaml"))
	require.NoError(t, err)
	for rule, visible := range map[string]func(org, p string) bool{
		"row.organization_id == session.p":                                                       func(org, p string) bool { return org == p },
		"!(row.organization_id != session.p)":                                                    func(org, p string) bool { return org == p },
		"row.organization_id in [session.p]":                                                     func(org, p string) bool { return org == p },
		"row.organization_id in [session.p, 'nobody']":                                           func(org, p string) bool { return org == p },
		"session.p.startsWith('acme') && row.organization_id == session.p":                       func(org, p string) bool { return org == p && strings.HasPrefix(p, "acme") },
		"row.organization_id.startsWith(session.p) && session.p != ''":                           func(org, p string) bool { return p != "" && strings.HasPrefix(org, p) },
		"row.organization_id.contains(session.p) && session.p != ''":                             func(org, p string) bool { return p != "" && strings.Contains(org, p) },
		"row.organization_id.endsWith(session.p) && session.p != ''":                             func(org, p string) bool { return p != "" && strings.HasSuffix(org, p) },
		"row.organization_id == session.p || row.organization_id == session.p + ''":              func(org, p string) bool { return org == p },
		"row.organization_id != session.p && row.organization_id == 'acme'":                      func(org, p string) bool { return org != p && org == "acme" },
		"row.organization_id >= session.p && row.organization_id <= session.p":                   func(org, p string) bool { return org == p },
		"session.p == 'acme' ? row.organization_id == 'acme' : row.organization_id == session.p": func(org, p string) bool { return org == p },
	} {
		set, err := parsePolicies(m, fmt.Sprintf("session: [{name: p, type: string}]\npolicies: [{name: a, datasets: [orders], rows: %q}]", rule))
		require.NoError(t, err, rule)
		db := caselessDB(t)
		all, err := run(db, &rls.Statement{SQL: "SELECT id, organization_id FROM orders WHERE organization_id IS NOT NULL ORDER BY id"})
		require.NoError(t, err)
		for _, p := range append(hostileProperties, "acme", "evil") {
			s := newSession(t, set, map[string]any{"p": p})
			for _, d := range dialects() {
				e, err := rls.New(rls.Config{Policies: set, Dialect: d})
				require.NoError(t, err)
				st, err := e.Enforce(t.Context(), s, "SELECT id FROM orders ORDER BY id")
				require.NoError(t, err, "%s %q", rule, p)
				requireOwnSQL(t, d, st)
				if len(p) > 4 && !strings.Contains(p, "organization_id") { // a column of the rule
					assert.NotContains(t, st.SQL, p)
				}
				if d != rls.SQLite {
					continue
				}
				got, err := run(db, st)
				require.NoError(t, err, st.SQL)
				var want [][]string
				for _, r := range all.rows {
					if visible(r[1], p) {
						want = append(want, r[:1])
					}
				}
				assert.Equal(t, want, got.rows, "%s with %q: %s", rule, p, st.SQL)
			}
		}
		_, err = set.Schema().New(map[string]any{"p": "acme\x00"})
		assert.Error(t, err, "databases end texts at NUL, or refuse them")
		// A property that the session lacks denies; it never drops the rule.
		e, err := rls.New(rls.Config{Policies: set, Dialect: rls.SQLite})
		require.NoError(t, err)
		_, err = e.Enforce(t.Context(), newSession(t, set, nil), "SELECT id FROM orders")
		assert.ErrorIs(t, err, rls.ErrDenied, rule)
	}
}

// caselessDB is the full database with a tenant column that compares without
// case, as those of MySQL and MariaDB do.
func caselessDB(t *testing.T) *sql.DB {
	t.Helper()
	db := sqliteDB(t, "full.sql")
	_, err := db.Exec(`ALTER TABLE orders RENAME TO plain;
		CREATE TABLE orders(id int, organization_id varchar(40) COLLATE NOCASE, customer_id int, amount decimal(10,2), status varchar(20), note varchar(200), created_at timestamp NULL);
		INSERT INTO orders SELECT * FROM plain;
		DROP TABLE plain`)
	require.NoError(t, err)
	return db
}

// TestThreat_2_08_Lists: an empty list shows nothing, also under NOT.
func TestThreat_2_08_Lists(t *testing.T) {
	m, err := semantic.Parse("model.yaml", threatsFile(t, "model.yaml"))
	require.NoError(t, err)
	set, err := parsePolicies(m, `session: [{name: orgs, type: list(string)}, {name: ids, type: list(int)}]
policies:
  - {name: a, datasets: [orders], rows: row.organization_id in session.orgs}
  - {name: b, datasets: [customers], rows: row.id in session.ids && !(row.organization_id in session.orgs)}
`)
	require.NoError(t, err)
	e, err := rls.New(rls.Config{Policies: set, Dialect: rls.SQLite})
	require.NoError(t, err)
	db := sqliteDB(t, "full.sql")
	for _, c := range []struct {
		orgs      []string
		ids       []int64
		orders    [][]string
		customers [][]string
	}{
		{[]string{}, []int64{}, nil, nil},
		{[]string{""}, []int64{0}, nil, nil},
		{[]string{"AcMe", "%", "' OR 1=1 --"}, []int64{-1}, nil, nil},
		{[]string{"acme"}, []int64{1, 2}, [][]string{{"1"}, {"2"}}, [][]string{{"2"}}},
		{[]string{"nobody", "evil"}, []int64{1, 2}, [][]string{{"3"}}, [][]string{{"1"}}},
	} {
		s := newSession(t, set, map[string]any{"orgs": c.orgs, "ids": c.ids})
		got, st, err := ask(db, e, s, "SELECT id FROM orders ORDER BY id")
		require.NoError(t, err)
		assert.Equal(t, c.orders, got.rows, "%v: %s", c.orgs, st.SQL)
		got, st, err = ask(db, e, s, "SELECT id FROM customers ORDER BY id")
		require.NoError(t, err)
		assert.Equal(t, c.customers, got.rows, "%v: %s", c.ids, st.SQL)
	}
	for _, values := range []map[string]any{{"orgs": "acme"}, {"orgs": []any{1}}, {"ids": []string{"1"}}, {"orgs": []any{nil}}, {"nosuch": 1}} {
		_, err := set.Schema().New(values)
		assert.Error(t, err, "%v", values)
	}
}

// Guards that a statement is made anew for each session (rls.(*Enforcer).enforce)
// and that its fingerprint covers the bound values.
func TestThreat_2_18_Identity(t *testing.T) {
	set := loadSet(t, "model.yaml", "policy.yaml")
	e, err := rls.New(rls.Config{Policies: set, Dialect: rls.SQLite})
	require.NoError(t, err)
	db := sqliteDB(t, "full.sql")
	want := map[string][][]string{"acme": {{"1"}, {"2"}}, "evil": {{"3"}}, "nobody": nil}
	prints := map[rls.Fingerprint]string{}
	for _, role := range []string{"member", "admin"} {
		for org := range want {
			s := newSession(t, set, map[string]any{"organization_id": org, "role": role})
			st, err := e.Enforce(t.Context(), s, "SELECT c.id, c.ssn, o.id FROM orders o, customers c")
			require.NoError(t, err)
			other, taken := prints[st.Fingerprint]
			require.False(t, taken, "%s %s has the fingerprint of %s", org, role, other)
			prints[st.Fingerprint] = org + role
		}
	}
	var group sync.WaitGroup
	for org, rows := range want {
		for range 4 {
			s := newSession(t, set, map[string]any{"organization_id": org})
			group.Go(func() {
				for range 50 {
					got, _, err := ask(db, e, s, "SELECT id FROM orders WHERE id IN (?, ?, ?, ?) ORDER BY id", 1, 2, 3, 4)
					if assert.NoError(t, err) {
						assert.Equal(t, rows, got.rows, org)
					}
				}
			})
		}
	}
	group.Wait()
	// A prepared statement of the connector belongs to no session.
	pool := doorOf(t, e)
	stmt, err := pool.PrepareContext(session.NewContext(t.Context(), newSession(t, set, map[string]any{"organization_id": "acme"})), "SELECT COUNT(*) FROM orders")
	require.NoError(t, err)
	defer stmt.Close()
	for org, rows := range want {
		var n int
		ctx := session.NewContext(t.Context(), newSession(t, set, map[string]any{"organization_id": org}))
		require.NoError(t, stmt.QueryRowContext(ctx).Scan(&n))
		assert.Len(t, rows, n, org)
	}
	assert.ErrorIs(t, stmt.QueryRowContext(t.Context()).Err(), rls.ErrNoSession)
}

// doorOf opens a database/sql pool before the fixture's full database.
func doorOf(t *testing.T, e *rls.Enforcer) *sql.DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "full.db")
	db := openSQLite(t, path)
	_, err := db.Exec(string(threatsFile(t, "full.sql")))
	require.NoError(t, err)
	pool, err := rls.Open("sqlite", path, e)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, pool.Close()) })
	return pool
}

// Timing and statistics are out of scope, as SECURITY.md says. What can be held:
// nothing is written, so no constraint answers for hidden rows, and neither plans
// nor statistics can be asked for.
func TestThreat_2_19_CovertChannels(t *testing.T) {
	c := newClass(t)
	for _, q := range []string{
		"EXPLAIN SELECT id FROM orders", "EXPLAIN QUERY PLAN SELECT id FROM orders", "EXPLAIN ANALYZE SELECT id FROM orders", "ANALYZE orders", "ANALYZE TABLE orders", "PRAGMA table_info(orders)",
		"INSERT INTO customers (id) VALUES (2)", "INSERT INTO customers (id) VALUES (2) ON DUPLICATE KEY UPDATE id = 2", "REPLACE INTO customers (id) VALUES (2)", "SHOW TABLE STATUS", "SHOW INDEX FROM orders", "SHOW WARNINGS",
		"SELECT * FROM sqlite_stat1", "SELECT * FROM sqlite_stat4", "SELECT * FROM pg_stats", "SELECT * FROM pg_statistic", "SELECT * FROM pg_stat_user_tables", "SELECT * FROM information_schema.statistics", "SELECT * FROM information_schema.table_statistics",
		"SELECT SLEEP(1) FROM orders", "SELECT BENCHMARK(1000, 1) FROM orders", "SELECT pg_sleep(1) FROM orders", "SELECT FOUND_ROWS()", "SELECT SQL_CALC_FOUND_ROWS id FROM orders LIMIT 1", "SELECT LAST_INSERT_ID()",
	} {
		for _, a := range c.as {
			a.refusal(t, q)
		}
	}
	// What is told of a statement doesn't depend on the data.
	st, err := c.f.shared.Enforce(t.Context(), c.f.acme, "SELECT id FROM orders WHERE id = 3")
	require.NoError(t, err)
	again, err := c.f.shared.Enforce(t.Context(), c.f.acme, "SELECT id FROM orders WHERE id = 3")
	require.NoError(t, err)
	assert.Equal(t, st, again)
}

// Guards the defaults of rules.(*Ruling).Dataset and the checks of policy.Parse.
func TestThreat_2_20_PolicyHazards(t *testing.T) {
	m, err := semantic.Parse("model.yaml", threatsFile(t, "model.yaml"))
	require.NoError(t, err)
	// What can't be loaded is no policy set, and no set is no enforcer.
	for name, text := range map[string]string{
		"broken YAML": "policies: [", "broken CEL": "policies: [{name: a, datasets: [orders], rows: 'row.id =='}]", "unknown key": "policies: [{name: a, datasets: [orders], row: 'true'}]",
		"unknown dataset": "policies: [{name: a, datasets: [secrets], rows: 'true'}]", "unknown field": "policies: [{name: a, datasets: [orders], rows: row.payload == 'x'}]",
		"unknown property": "policies: [{name: a, datasets: [orders], rows: row.note == session.nosuch}]", "not a truth value": "policies: [{name: a, datasets: [orders], rows: row.id}]",
		"number and text": "policies: [{name: a, datasets: [orders], rows: row.organization_id == 0}]", "aggregate": "policies: [{name: a, datasets: [orders], rows: 'count(row.id) > 1'}]",
		"SQL": "policies: [{name: a, datasets: [orders], rows: 'row.id IN (SELECT id FROM secrets)'}]", "when that reads the row": "policies: [{name: a, datasets: [orders], when: row.id == 1, rows: 'true'}]",
		"mask of another type": "policies: [{name: a, datasets: [orders], rows: 'true', mask: {note: '1'}}]", "hiding nothing": "policies: [{name: a, datasets: [orders], rows: 'true', hide: [nosuch]}]",
		"regular expression of the session": "session: [{name: p, type: string}]\npolicies: [{name: a, datasets: [orders], rows: row.note.matches(session.p)}]",
		"twice the same name":               "policies: [{name: a, datasets: [orders], rows: 'true'}, {name: a, datasets: [regions], rows: 'true'}]", "always true": "policies: [{name: a, datasets: [orders], rows: '1 == 1'}]",
	} {
		set, err := parsePolicies(m, text)
		assert.Error(t, err, name)
		assert.Nil(t, set, name)
		_, err = rls.New(rls.Config{Policies: set, Dialect: rls.SQLite})
		assert.Error(t, err, name)
	}
	_, err = rls.New(rls.Config{Policies: &policy.Set{}, Dialect: rls.SQLite})
	assert.Error(t, err)
	// No rule, or none that applies, is nothing to see; unknown and false rules are no rows.
	db := sqliteDB(t, "full.sql")
	for rows, want := range map[string]string{
		"row.organization_id == 'acme' || row.organization_id != 'acme'": "3", // NULL is neither
		"row.note == null || row.note != 'VICTIM-NOTE'":                  "3",
		"!(row.organization_id == 'evil')":                               "2",
		"row.organization_id == 'acme' || row.id / 0 == 1":               "2",
		"row.id / (row.id - 3) > 100 || row.organization_id == 'evil'":   "1",
		"row.note.startsWith('VIC') ? row.id > 0 : row.id > 99":          "1",
	} {
		e, s := enforcerOf(t, m, fmt.Sprintf("policies: [{name: a, datasets: [orders], rows: %q}]", rows))
		got, st, err := ask(db, e, s, "SELECT COUNT(*) FROM orders WHERE id <= 4")
		require.NoError(t, err, rows)
		assert.Equal(t, [][]string{{want}}, got.rows, "%s\n%s", rows, st.SQL)
	}
	// Each rule stands in parentheses: no OR of one reaches over another's AND.
	e, s := enforcerOf(t, m, `policies:
  - {name: a, datasets: [orders], rows: row.id == 1 || row.id == 3}
  - {name: b, datasets: [orders], rows: row.id == 2 || row.id == 4}
  - {name: c, datasets: [orders], kind: restrictive, rows: row.organization_id == 'acme' || row.organization_id == 'none'}
  - {name: d, datasets: [orders, customers], kind: restrictive, rows: row.id == 2 || row.id == 3}
`)
	got, st, err := ask(db, e, s, "SELECT id FROM orders WHERE TRUE OR FALSE")
	require.NoError(t, err)
	assert.Equal(t, [][]string{{"2"}}, got.rows, st.SQL)
	_, err = e.Enforce(t.Context(), s, "SELECT id FROM customers")
	assert.ErrorIs(t, err, rls.ErrDenied, "a restrictive rule permits nothing")
}

// Guards the connector: with the same credential there is no other door.
func TestThreat_2_21_OtherDoors(t *testing.T) {
	set := loadSet(t, "model.yaml", "policy.yaml")
	e, err := rls.New(rls.Config{Policies: set, Dialect: rls.SQLite})
	require.NoError(t, err)
	pool := doorOf(t, e)
	ctx := session.NewContext(t.Context(), newSession(t, set, map[string]any{"organization_id": "acme"}))
	for _, q := range []string{"SELECT payload FROM secrets", "DELETE FROM orders", "PRAGMA table_info(orders)", "ATTACH DATABASE 'x' AS x", "SELECT email FROM customers", "SELECT sql FROM sqlite_schema", "DROP TABLE orders"} {
		_, err := pool.QueryContext(ctx, q)
		requireTyped(t, err)
		_, err = pool.ExecContext(ctx, q)
		requireTyped(t, err)
		_, err = pool.PrepareContext(ctx, q)
		requireTyped(t, err)
	}
	for _, without := range []context.Context{t.Context(), session.NewContext(t.Context(), session.Session{})} {
		_, err := pool.QueryContext(without, "SELECT id FROM orders")
		assert.ErrorIs(t, err, rls.ErrNoSession)
	}
	var n int
	require.NoError(t, pool.QueryRowContext(ctx, "SELECT COUNT(*) FROM orders").Scan(&n))
	assert.Equal(t, 2, n)
	// A dialect is an enforcer's, not a call's: the zero one makes no enforcer.
	_, err = rls.New(rls.Config{Policies: set})
	assert.Error(t, err)
}

// Rules of THREATS.md that no class covers as they are written.

// R2: nothing of Vitess's printing is used. Guards internal/mysql as a whole.
func TestThreat_R2_NoPrintingByVitess(t *testing.T) {
	files, err := filepath.Glob("../internal/mysql/*.go")
	require.NoError(t, err)
	require.Greater(t, len(files), 10)
	banned := map[string]bool{"String": true, "CanonicalString": true, "NewTrackedBuffer": true, "Format": true, "FormatFast": true, "FormatImpossibleQuery": true, "Parse": true, "Parse2": true, "ParseExpr": true, "NodeFormatter": true}
	for _, file := range files {
		src, err := os.ReadFile(file)
		require.NoError(t, err)
		tree, err := parser.ParseFile(token.NewFileSet(), file, src, 0)
		require.NoError(t, err)
		ast.Inspect(tree, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "sqlparser" {
				assert.False(t, banned[sel.Sel.Name], "%s uses sqlparser.%s", file, sel.Sel.Name)
			}
			return true
		})
	}
}

// R4: every dataset is a derived table with a list of its columns, and the
// policy is in that table, not in the caller's WHERE. Guards secure.(*View).fill.
func TestThreat_R4_DerivedTables(t *testing.T) {
	c := newClass(t)
	for _, q := range []string{
		"SELECT * FROM orders o LEFT JOIN customers c ON o.customer_id = c.id", "SELECT o.id FROM orders o RIGHT JOIN customers c ON FALSE WHERE o.id IS NULL OR TRUE",
		"SELECT id FROM orders WHERE FALSE OR TRUE", "SELECT COUNT(*) FROM orders", "SELECT 1 FROM customers c, orders o WHERE NOT (c.id = o.id)",
	} {
		c.printed(q, func(d rls.Dialect, tokens []lexeme) {
			physical := 0
			for i, l := range tokens {
				if l.text == "*" {
					assert.Equal(t, "(", tokens[i-1].text, "a star outside COUNT(*)")
				}
				if l.kind != nameLexeme || !namesTable(tokens, i) {
					continue
				}
				physical++
				assert.Equal(t, []lexeme{{wordLexeme, "AS"}, {nameLexeme, "t"}, {wordLexeme, "WHERE"}}, tokens[i+1:i+4], "%s: the policy follows the table", d)
			}
			assert.Equal(t, strings.Count(strings.ReplaceAll(q, "c.id = o.id", ""), "orders")+strings.Count(q, "customers"), physical)
		})
	}
	c.harmless("SELECT c.id, o.id FROM customers c LEFT JOIN orders o ON o.customer_id = c.id OR o.organization_id IS NULL", "SELECT o.id, c.id FROM orders o RIGHT JOIN customers c ON FALSE")
}

// R12: one statement out, with nothing in it that isn't the printer's own: the
// corpus and all positions, in every dialect.
func TestThreat_R12_OnlyOurOwnSQL(t *testing.T) {
	checked := 0
	for _, a := range askers(t) {
		for _, q := range metamorphicQueries(t) {
			if st, err := a.enforce(q); err == nil {
				requireOwnSQL(t, a.dialect, st)
				checked++
			}
		}
	}
	assert.Greater(t, checked, 4000)
}

// R14: errors of this package hold nothing of rows or sessions, and name nothing
// physical or hidden. Guards rls.newError and the messages of every stage.
func TestThreat_R14_Errors(t *testing.T) {
	set := loadSet(t, "model.yaml", "policy.yaml")
	e, err := rls.New(rls.Config{Policies: set, Dialect: rls.SQLite})
	require.NoError(t, err)
	const secret = "s3ss10n-v4lue"
	s := newSession(t, set, map[string]any{"organization_id": secret})
	refused := 0
	for _, q := range metamorphicQueries(t) {
		_, err := e.Enforce(t.Context(), s, q, "arg-v4lue")
		if err == nil {
			continue
		}
		refused++
		var typed *rls.Error
		require.ErrorAs(t, err, &typed)
		text := typed.Error() // Detail quotes the caller's own text besides
		assert.NotContains(t, text, secret)
		assert.NotContains(t, text, "arg-v4lue")
		for _, name := range []string{"email", "secrets", "own-organization", "hide-email"} {
			if !strings.Contains(strings.ToLower(q), name) {
				assert.NotContains(t, text, name, q)
			}
		}
	}
	assert.Greater(t, refused, 100)
}
