package rls_test

import (
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/examples/shop"
	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

// looseQueries leave it to the database to choose a value for a group.
var looseQueries = []string{
	"SELECT status, note FROM orders GROUP BY status",
	"SELECT note, COUNT(*) FROM orders",
	"SELECT status, COUNT(*) FROM orders WHERE status = 'open'",
	"SELECT status, COUNT(*) FROM orders GROUP BY LOWER(status)",
	"SELECT MAX(id), CONCAT(note, '!') FROM orders",
	"SELECT o.customer_id, c.name FROM orders o LEFT JOIN customers c ON c.id = o.customer_id AND o.amount > 150 GROUP BY o.customer_id",
	"SELECT c.id, o.note FROM orders o LEFT JOIN customers c ON c.id = o.customer_id GROUP BY c.id",
	"SELECT c.name FROM orders o RIGHT JOIN customers c ON c.id = o.customer_id GROUP BY o.customer_id",
	"SELECT c.name FROM customers c JOIN orders o ON c.id >= o.customer_id GROUP BY o.customer_id",
	"SELECT id, RANK() OVER (ORDER BY COUNT(*)) FROM orders",
	"SELECT DISTINCT status FROM orders ORDER BY id",
	"SELECT DISTINCT status FROM orders GROUP BY status ORDER BY COUNT(*)",
}

// TestLooseQueries: SQLite answers them, with a row of the group, and the
// dialects of databases that don't refuse them with a hint.
func TestLooseQueries(t *testing.T) {
	f := newThreats(t)
	for _, query := range looseQueries {
		got, st, err := ask(f.full, f.shared, f.acme, query)
		require.NoError(t, err, "%s\n%v", query, st)
		want, _, err := ask(f.twin, f.open, f.anyone, query)
		require.NoError(t, err, query)
		assert.Equal(t, canonicalRows(want.rows), canonicalRows(got.rows), query)
		for _, a := range askers(t) {
			if a.dialect != rls.SQLite {
				_, err := a.enforce(query)
				requireRefusedWithHint(t, query, err)
			}
		}
	}
	got, st, err := ask(f.full, f.shared, f.acme, "SELECT id, status, COUNT(*) FROM orders GROUP BY id")
	require.NoError(t, err)
	assert.Len(t, got.rows, 2)
	assert.NotContains(t, st.SQL, `GROUP BY "orders"."id", "orders"."status"`, "one of them is enough")
}

// TestUndefinedIsRefused: what only some databases take, or answer in one way,
// is refused for all of them, with a hint.
func TestUndefinedIsRefused(t *testing.T) {
	f := newThreats(t)
	for _, query := range []string{
		// A column of a group of many rows, but for looseQueries.
		"SELECT status FROM orders GROUP BY status HAVING amount > 1",
		"SELECT status FROM orders GROUP BY status ORDER BY amount",
		"SELECT COUNT(*) FROM orders ORDER BY id",
		"SELECT 1 FROM orders ORDER BY COUNT(*)",
		"SELECT 1 FROM orders ORDER BY id, COUNT(*)",
		"SELECT status, (SELECT name FROM regions r WHERE r.id = o.id) FROM orders o GROUP BY status",
		"SELECT status, (SELECT MAX(r.id + o.id) FROM regions r) FROM orders o GROUP BY status",
		"SELECT id + 1, (SELECT name FROM regions r WHERE r.id = o.id + 1) FROM orders o GROUP BY id + 1",
		"SELECT status, SUM(amount) OVER () FROM orders GROUP BY status",
		"SELECT status, RANK() OVER w FROM orders GROUP BY status WINDOW w AS (ORDER BY amount)",
		"SELECT id, note, COUNT(*) FROM orders GROUP BY id WITH ROLLUP",
		// Aggregates and windows in each other, and in the wrong clause.
		"SELECT SUM(COUNT(*)) FROM orders GROUP BY status",
		"SELECT SUM(ROW_NUMBER() OVER ()) FROM orders",
		"SELECT RANK() OVER (ORDER BY ROW_NUMBER() OVER ()) FROM orders",
		"SELECT ROW_NUMBER() OVER () AS rn FROM orders HAVING rn > 1",
		"SELECT id FROM orders GROUP BY id, ROW_NUMBER() OVER ()",
		"SELECT COUNT(*) AS n FROM orders GROUP BY n",
		"SELECT COUNT(*) FROM orders GROUP BY 1",
		"SELECT SUM(COUNT(*)) OVER () FROM orders HAVING COUNT(*) > 0",
		"SELECT 'x' AS k, SUM(COUNT(*)) OVER () FROM orders GROUP BY k",
		"SELECT (SELECT MAX(o.amount) FROM regions r) FROM orders o",
		"SELECT (SELECT SUM(o.amount) OVER () FROM regions r LIMIT 1) FROM orders o",
		"SELECT id FROM orders o WHERE EXISTS (SELECT 1 FROM regions r HAVING COUNT(o.id) > 0)",
		// Sorting by what isn't there any more.
		"SELECT status FROM orders UNION SELECT name FROM regions ORDER BY name",
		// Sets of different kinds of values.
		"SELECT created_at FROM orders UNION SELECT status FROM orders",
		"SELECT created_at FROM orders UNION SELECT MAX('2024-01-01') FROM orders",
		"SELECT id FROM orders EXCEPT SELECT '1'",
		"SELECT id > 1 FROM orders INTERSECT SELECT id FROM orders",
		// Dates in texts.
		"SELECT HOUR(note) FROM orders",
		"SELECT EXTRACT(MINUTE FROM note) FROM orders",
		"SELECT note + INTERVAL 1 DAY FROM orders",
		"SELECT YEAR(CONCAT('a', 'b')) FROM orders",
		// Windows.
		"SELECT SUM(id) OVER (v) FROM orders WINDOW v AS (ORDER BY id ROWS 1 PRECEDING)",
		"SELECT SUM(id) OVER (v PARTITION BY id) FROM orders WINDOW v AS (ORDER BY id)",
		"SELECT SUM(id) OVER (v ORDER BY id) FROM orders WINDOW v AS (ORDER BY id)",
		"SELECT SUM(id) OVER (w ORDER BY id) FROM orders WINDOW v AS (ORDER BY id), w AS (v)",
		"SELECT SUM(id) OVER w FROM orders WINDOW w AS (v), v AS (ORDER BY id)",
		"SELECT SUM(id) OVER w FROM orders WINDOW w AS (w)",
		"SELECT SUM(id) OVER (ORDER BY id ROWS BETWEEN CURRENT ROW AND 1 PRECEDING) FROM orders",
		"SELECT SUM(id) OVER (ORDER BY id ROWS 1 FOLLOWING) FROM orders",
		"SELECT SUM(id) OVER (ORDER BY id, amount RANGE 1 PRECEDING) FROM orders",
		"SELECT SUM(id) OVER (ORDER BY note RANGE 1 PRECEDING) FROM orders",
		"SELECT SUM(id) OVER (w RANGE 1 PRECEDING) FROM orders WINDOW w AS (PARTITION BY id)",
		// Recursion.
		"WITH RECURSIVE a AS (SELECT 1 AS n UNION ALL SELECT x.n FROM (SELECT n FROM a) x) SELECT n FROM a",
		"WITH RECURSIVE a AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM a WHERE n IN (SELECT n FROM a)) SELECT n FROM a",
		"WITH RECURSIVE a AS (SELECT 1 AS n UNION ALL SELECT x.n FROM a x JOIN a y ON x.n = y.n) SELECT n FROM a",
		"WITH RECURSIVE a AS (SELECT 1 AS n UNION ALL SELECT n FROM a UNION ALL SELECT n FROM a) SELECT n FROM a",
		"WITH RECURSIVE a AS (SELECT 1 AS n UNION SELECT 2 UNION ALL SELECT n FROM a) SELECT n FROM a",
		"WITH RECURSIVE a AS (SELECT 1 AS n UNION ALL SELECT MAX(n) FROM a) SELECT n FROM a",
		"WITH RECURSIVE a AS (SELECT 1 AS n UNION ALL SELECT DISTINCT n FROM a) SELECT n FROM a",
		"WITH RECURSIVE a AS (SELECT 1 AS n UNION ALL SELECT n FROM a GROUP BY n) SELECT n FROM a",
		"WITH RECURSIVE a AS (SELECT 1 AS n UNION ALL SELECT RANK() OVER (ORDER BY n) FROM a) SELECT n FROM a",
		"WITH RECURSIVE a AS (SELECT 1 AS n UNION ALL SELECT n FROM a ORDER BY n) SELECT n FROM a",
		"WITH RECURSIVE a AS (SELECT 1 AS n UNION ALL SELECT n FROM a LIMIT 3) SELECT n FROM a",
		"WITH RECURSIVE a AS (SELECT 1 AS n UNION ALL (SELECT n FROM a LIMIT 3)) SELECT n FROM a",
		"WITH RECURSIVE a AS (SELECT 1 AS n UNION ALL SELECT r.id FROM regions r LEFT JOIN a ON a.n = r.id) SELECT n FROM a",
		"WITH RECURSIVE a AS (SELECT 1 AS n UNION ALL SELECT r.id FROM a RIGHT JOIN regions r ON a.n = r.id) SELECT n FROM a",
		"WITH RECURSIVE a AS (SELECT n FROM a UNION ALL SELECT 1 AS n) SELECT n FROM a",
		"WITH RECURSIVE a AS (SELECT 1 AS n UNION ALL SELECT n * 1.5 FROM a) SELECT n FROM a",
		"WITH RECURSIVE a AS (SELECT NULL AS n UNION ALL SELECT 1 FROM a) SELECT n FROM a",
		// Texts in double quotes that are spelt like fields.
		`SELECT id FROM orders ORDER BY "amount"`,
		`SELECT id AS total FROM orders ORDER BY "Total" DESC`,
		`SELECT id FROM orders UNION SELECT id FROM regions ORDER BY "id"`,
		`SELECT COUNT(*) FROM orders GROUP BY "status"`,
		`SELECT COUNT("note") FROM orders`,
		`SELECT RANK() OVER (ORDER BY "amount") FROM orders`,
		`SELECT CONCAT("status", '!') FROM orders`,
		`SELECT id FROM orders WHERE "status" = 'open'`,
		`SELECT id FROM orders WHERE "status" IN ('open', 'closed')`,
		`SELECT id FROM orders WHERE "status" LIKE 'o%'`,
		`SELECT id FROM orders o WHERE EXISTS (SELECT 1 FROM regions r WHERE "status" = 'open')`,
	} {
		_, err := f.shared.Enforce(t.Context(), f.acme, query)
		requireRefusedWithHint(t, query, err)
	}
}

// requireRefusedWithHint: the error says where and what to write.
func requireRefusedWithHint(t *testing.T, query string, err error) {
	t.Helper()
	var typed *rls.Error
	if !assert.ErrorAs(t, err, &typed, query) {
		return
	}
	known := errors.Is(err, rls.ErrUnsupported) || errors.Is(err, rls.ErrSyntax) || errors.Is(err, rls.ErrUnknownName)
	assert.True(t, known, "%s: %v", query, err)
	assert.Contains(t, err.Error(), "1:", "%s: %v", query, err)
	assert.Contains(t, err.Error(), "; ", "%s: no hint in %v", query, err)
}

// TestDefinedRuns: what has one meaning runs on every database, also what
// PostgreSQL or SQLite would refuse or read otherwise as written.
func TestDefinedRuns(t *testing.T) {
	queries := map[string]string{
		// A key determines its row, and equal columns each other.
		"SELECT id, note, COUNT(*) FROM orders GROUP BY id":                                                                            "1 a-note 1/2 NULL 1",
		"SELECT o.id, o.note, c.name FROM orders o JOIN customers c ON c.id = o.customer_id GROUP BY o.id":                             "1 a-note Ann/2 NULL Ann",
		"SELECT c.name, COUNT(o.id) FROM customers c LEFT JOIN orders o ON o.customer_id = c.id GROUP BY c.id ORDER BY c.region":       "Ann 2/Cid 0",
		"SELECT c.name, COUNT(*) FROM customers c JOIN orders o ON o.customer_id = c.id GROUP BY o.customer_id HAVING c.region = 'EU'": "Ann 2",
		"SELECT o.customer_id, c.name FROM orders o LEFT JOIN customers c ON c.id = o.customer_id GROUP BY o.customer_id":              "1 Ann",
		"SELECT r.name FROM orders o, regions r WHERE r.id = o.customer_id GROUP BY o.id":                                              "Europe/Europe",
		"SELECT status FROM orders WHERE status = 'open' GROUP BY customer_id":                                                         "open",
		"SELECT id, (SELECT MAX(c.id + o.amount) FROM customers c) FROM orders o GROUP BY id":                                          "1 103/2 203",
		// Expressions.
		"SELECT YEAR(created_at) + 1, COUNT(*) FROM orders GROUP BY YEAR(created_at)":                    "2025 2",
		"SELECT YEAR(created_at) AS y FROM orders GROUP BY y HAVING y > 2000 AND y < 2050":               "2024",
		"SELECT COUNT(*) FROM orders GROUP BY YEAR(created_at) HAVING YEAR(created_at) + 1 = 2025":       "2",
		"SELECT LOWER(status) AS s FROM orders GROUP BY s HAVING MAX(LOWER(status)) = s":                 "closed/open",
		"SELECT COUNT(*) FROM orders GROUP BY id > 1 HAVING id > 1":                                      "1",
		"SELECT DISTINCT status, amount + 1 FROM orders ORDER BY amount + 1":                             "closed 201/open 101",
		"SELECT SUM((SELECT MAX(c.id) FROM customers c)), SUM(SUM(id)) OVER () FROM orders":              "6 3",
		"SELECT status, ROW_NUMBER() OVER w FROM orders GROUP BY status WINDOW w AS (ORDER BY MIN(id))":  "closed 2/open 1",
		"SELECT SUM(id) OVER v FROM orders WINDOW w AS (PARTITION BY customer_id), v AS (w ORDER BY id)": "1/3",
		// Recursion, with the types of both arms.
		"WITH RECURSIVE a AS (SELECT name AS n, id FROM regions UNION ALL SELECT CONCAT(n, 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'), id + 1 FROM a WHERE id < 2) SELECT CHAR_LENGTH(n) FROM a": "42/6/7",
		"WITH RECURSIVE a AS (SELECT amount AS n, id FROM orders UNION ALL SELECT n * 2, id + 1 FROM a WHERE id < 3) SELECT n FROM a":                                                         "100/200/200/400/400",
		"WITH RECURSIVE a AS (SELECT 1 AS n, 'x' AS p UNION ALL SELECT n + 1, CONCAT(p, n) FROM a WHERE n < 3) SELECT p FROM a":                                                               "x/x1/x12",
		"WITH x AS (SELECT 1 AS one) SELECT one FROM x": "1",
		// NULL is the least value in an aggregate too.
		"SELECT GROUP_CONCAT(id ORDER BY IF(id = 2, NULL, 0 - id)) FROM orders":      "2,1",
		"SELECT GROUP_CONCAT(id ORDER BY IF(id = 2, NULL, 0 - id) DESC) FROM orders": "1,2",
		// Texts in double quotes.
		`SELECT "id" FROM orders WHERE id = 1`:                              "id",
		`SELECT id FROM orders WHERE status = "open"`:                       "1",
		`SELECT id FROM orders WHERE status = "note"`:                       "",
		`SELECT id FROM orders WHERE 'amount' = "amount" ORDER BY 'amount'`: "1/2",
		`SELECT id FROM orders ORDER BY "ssn"`:                              "1/2",
		// One row is a value.
		"SELECT id, (SELECT name FROM customers c WHERE c.id = o.customer_id) FROM orders o":          "1 Ann/2 Ann",
		"SELECT id FROM orders WHERE (id, customer_id) = (SELECT id, id FROM customers WHERE id = 1)": "1",
		"SELECT id FROM orders WHERE id = (SELECT 1 UNION SELECT id FROM customers WHERE id = 99)":    "1",
		"SELECT (SELECT created_at > '2024-01-15' FROM orders x WHERE x.id = o.id) FROM orders o":     "0/1",
	}
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		f := newThreatsOn(t, k)
		for query, want := range queries {
			got, _, err := ask(f.full, f.shared, f.acme, query)
			if assert.NoError(t, err, query) {
				rows := strings.Join(canonicalRows(got.rows), "/")
				assert.Equal(t, want, strings.ReplaceAll(rows, " | ", " "), query)
			}
		}
		for _, query := range []string{
			"SELECT id, (SELECT id FROM customers) FROM orders",
			"SELECT id FROM orders WHERE (id, customer_id) = (SELECT id, id FROM customers)",
			"SELECT id FROM orders WHERE id = (SELECT id FROM customers UNION SELECT 1)",
		} {
			_, st, err := ask(f.full, f.shared, f.acme, query)
			require.NotNil(t, st, "%s: %v", query, err)
			assert.Error(t, err, "several rows are no value: %s", query)
		}
	})
}

// TestAcceptedIsRunnable: PostgreSQL, the strictest of the databases, takes every
// statement that is made of the corpus of queries and of random ones.
func TestAcceptedIsRunnable(t *testing.T) {
	_, path := newShop(t, smallShop())
	w := newWorld(t, viewers()[0], path)
	schema := twinSchema(t, w.twin)
	db, e, s := emptyShop(t, w)
	texts := make([]string, 0, 3000)
	for _, q := range loadQueries(t) {
		texts = append(texts, q.text)
	}
	for n := range uint64(2000) {
		texts = append(texts, newGenerator(schema, *randomSeed, n, map[string]int{}).statement().text)
	}
	accepted := 0
	for _, text := range texts {
		st, err := e.Enforce(t.Context(), s, text, make([]any, strings.Count(text, "?"))...)
		if err != nil {
			requireTyped(t, err)
			continue
		}
		accepted++
		prepared, err := db.PrepareContext(t.Context(), st.SQL)
		if assert.NoError(t, err, "%s\n%s", text, st.SQL) {
			prepared.Close()
		}
	}
	t.Logf("%d of %d accepted", accepted, len(texts))
	assert.Greater(t, accepted, len(texts)*3/4)
}

// emptyShop makes the tables of a viewer's twin on PostgreSQL, and an enforcer
// that lets everything through.
func emptyShop(t *testing.T, w *world) (*sql.DB, *rls.Enforcer, session.Session) {
	t.Helper()
	policies, err := shop.Policies()
	require.NoError(t, err)
	model, err := semantic.Parse("twin.yaml", []byte(twinModel(t, w.twin, policies.Model())))
	require.NoError(t, err)
	db := testdb.Open(t, testdb.PostgreSQL)
	_, err = db.Exec("CREATE SCHEMA main")
	require.NoError(t, err)
	types := map[semantic.Datatype]string{"String": "varchar(40)", "Integer": "int", "Decimal": "numeric(12,2)", "Float": "float8",
		"Boolean": "boolean", "Date": "date", "DateTime": "timestamp"}
	for d := range model.Datasets() {
		columns := make([]string, len(d.Fields))
		for i, f := range d.Fields {
			require.NotEmpty(t, types[f.Datatype], f.Datatype)
			columns[i] = f.Name + " " + types[f.Datatype]
		}
		_, err = db.Exec("CREATE TABLE main." + d.Name + " (" + strings.Join(columns, ", ") + ")")
		require.NoError(t, err)
	}
	everything, err := policy.Parse("everything.yaml", []byte("policies: [{name: everything, datasets: '*', rows: 'true'}]"), model)
	require.NoError(t, err)
	e, err := rls.New(rls.Config{Policies: everything, Dialect: rls.PostgreSQL})
	require.NoError(t, err)
	return db, e, newSession(t, everything, nil)
}

// TestGroupedRuns: whatever is accepted of random queries over groups runs, and
// has the same rows on every database.
func TestGroupedRuns(t *testing.T) {
	const count = 3000
	var mu sync.Mutex // for answers
	answers := make([]string, count)
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		f := newThreatsOn(t, k)
		accepted := 0
		for i := range count {
			query := groupedQuery(rand.New(rand.NewPCG(1, uint64(i))))
			got, st, err := ask(f.full, f.shared, f.acme, query)
			if st == nil {
				requireTyped(t, err)
				continue
			}
			accepted++
			require.NoError(t, err, "%s\n%s", query, st.SQL)
			rows := "rows: " + strings.Join(canonicalRows(got.rows), "/")
			mu.Lock()
			if answers[i] == "" {
				answers[i] = rows
			}
			want := answers[i]
			mu.Unlock()
			require.Equal(t, want, rows, "%s\n%s", query, st.SQL)
		}
		t.Logf("%d of %d accepted", accepted, count)
		require.Greater(t, accepted, count/5)
	})
}

// groupedQuery writes a query over groups that may or may not have a meaning.
func groupedQuery(r *rand.Rand) string {
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	columns := []string{"o.id", "o.customer_id", "o.status", "o.amount", "o.note", "c.id", "c.name", "c.region"}
	key := func() string {
		x := pick(columns...)
		return pick(x, x, x, "YEAR(o.created_at)", "o.id + 1", "o.status = 'open'", "LOWER("+x+")", "CASE WHEN o.amount > 150 THEN 'big' ELSE 'small' END")
	}
	keys := []string{key(), key(), key()}
	keys = keys[:1+r.IntN(3)]
	aggregate := func() string {
		x := pick(columns...)
		return pick("COUNT(*)", "COUNT("+x+")", "COUNT(DISTINCT "+x+")", "MIN("+x+")", "MAX("+x+")", "SUM(o.amount)", "SUM(o.id + 1)", "MAX(COUNT(*))")
	}
	value := func() string {
		k, x := pick(keys...), pick(columns...)
		return pick(k, k, k, k, aggregate(), aggregate(), aggregate(), x, "COALESCE("+k+", NULL)", "1",
			"RANK() OVER (ORDER BY "+pick(k, aggregate())+")", "SUM("+aggregate()+") OVER ()", "SUM(o.id) OVER (PARTITION BY "+k+")",
			"(SELECT MAX(r.id) FROM regions r WHERE r.id = "+pick("o.id", "o.customer_id", "c.id")+")",
			"(SELECT COUNT("+x+") FROM regions r)", "(SELECT MAX(r.id + "+pick("o.id", "c.id")+") FROM regions r)")
	}
	var b strings.Builder
	items := 1 + r.IntN(3)
	fmt.Fprintf(&b, "SELECT %s", pick("", "", "", "DISTINCT "))
	for i := range items {
		fmt.Fprintf(&b, "%s%s AS v%d", pick("", ", ")[:0]+map[bool]string{true: ", "}[i > 0], value(), i+1)
	}
	fmt.Fprintf(&b, " FROM orders o %s customers c ON c.id = o.customer_id%s", pick("JOIN", "LEFT JOIN", "RIGHT JOIN"),
		pick("", "", "", " AND o.amount > 150", " AND c.region = 'EU'"))
	b.WriteString(pick("", "", " WHERE o.status = 'open'", " WHERE c.region IN ('EU', 'US')", " WHERE c.id = 1"))
	if r.IntN(6) > 0 {
		b.WriteString(" GROUP BY " + pick(strings.Join(keys, ", "), strings.Join(keys, ", "), "v1", "1"))
	}
	if r.IntN(3) == 0 {
		b.WriteString(" HAVING " + pick("COUNT(*) > 0", pick(keys...)+" IS NOT NULL", value()+" IS NOT NULL", "v1 IS NOT NULL"))
	}
	if r.IntN(3) == 0 {
		b.WriteString(" ORDER BY " + pick("1", "v1", value(), pick(keys...)))
	}
	return b.String()
}

// TestDerivedTablesApart: a derived table that reads a query around it runs, but
// on MariaDB, whose dialect refuses it.
func TestDerivedTablesApart(t *testing.T) {
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		f := newThreatsOn(t, k)
		for query, want := range map[string]string{
			"SELECT id, (SELECT MAX(x.n) FROM (SELECT c.id AS n FROM customers c WHERE c.id = o.customer_id) x) FROM orders o":                     "1 1/2 1",
			"SELECT id, (WITH x AS (SELECT c.id AS n FROM customers c WHERE c.id = o.customer_id) SELECT MAX(x.n) FROM x) FROM orders o":           "1 1/2 1",
			"SELECT id FROM orders o WHERE EXISTS (SELECT 1 FROM (VALUES ROW(o.id), ROW(3)) v WHERE v.column_0 = 1)":                               "1",
			"SELECT id FROM orders o WHERE EXISTS (SELECT 1 FROM customers c JOIN (SELECT 1 AS one) x ON x.one = o.id WHERE c.id = o.customer_id)": "1",
		} {
			got, _, err := ask(f.full, f.shared, f.acme, query)
			if k == testdb.MariaDB && !strings.Contains(query, "AS one") {
				requireRefusedWithHint(t, query, err)
				continue
			}
			require.NoError(t, err, query)
			assert.Equal(t, want, strings.ReplaceAll(strings.Join(canonicalRows(got.rows), "/"), " | ", " "), query)
		}
	})
}
