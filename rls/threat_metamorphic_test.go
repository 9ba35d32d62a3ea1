package rls_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A mutator changes only what the fixture's member of acme can't see.
type mutator struct {
	*rand.Rand
	db *sql.DB
	// masked are updates of values that no mask shows, up to their WHERE.
	masked []string
}

// hostileValues raise errors in expressions that don't expect them, or equal
// what visible rows hold.
var hostileValues = []any{
	nil, "", "acme", "ACME", "acme ", "evil", "VICTIM-NOTE", "a'b\\", "%", "{\"a\":", "\U0001F600", "0", "-0", "1e999", "abc",
	int64(0), int64(-1), int64(300), int64(1) << 62, int64(-1) << 63, 0.5, 1e308, "2024-02-30", "99999-01-01",
}

func (m mutator) value() any { return hostileValues[m.IntN(len(hostileValues))] }

// strangers are the values of organization_id whose rows acme can't see.
var strangers = []any{nil, "", "evil", "ACME", "acme ", " acme", "acm", "acmé", "acme\x00", "ａｃｍｅ", "%", "acme' OR '1'='1", int64(0)}

func (m mutator) stranger() any { return strangers[m.IntN(len(strangers))] }

func (m mutator) exec(t *testing.T, statement string, args ...any) {
	t.Helper()
	_, err := m.db.Exec(statement, args...)
	require.NoError(t, err, statement)
}

// hiddenRows selects other tenants' rows, and those of nobody.
const hiddenRows = " WHERE organization_id IS NOT 'acme'"

// mutate makes a few changes of every kind.
func (m mutator) mutate(t *testing.T) {
	t.Helper()
	columns := map[string][]string{
		"orders":    {"id", "customer_id", "amount", "status", "note", "created_at"},
		"customers": {"id", "name", "email", "region", "ssn"},
	}
	for table, names := range columns {
		for range 3 {
			column := names[m.IntN(len(names))]
			m.exec(t, fmt.Sprintf("UPDATE %s SET %s = ?%s AND random() %% 2 = 0", table, column, hiddenRows), m.value())
			m.exec(t, "UPDATE "+table+" SET organization_id = ?"+hiddenRows+" AND rowid % 3 = ?", m.stranger(), m.IntN(3))
		}
		for range m.IntN(6) {
			values := []any{m.stranger()}
			for range names {
				values = append(values, m.value())
			}
			values[1] = m.IntN(5) // an id that a visible row may have too
			m.exec(t, fmt.Sprintf("INSERT INTO %s (organization_id, %s) VALUES (?%s)", table, strings.Join(names, ", "), strings.Repeat(", ?", len(names))), values...)
		}
		m.exec(t, "DELETE FROM "+table+hiddenRows+" AND rowid % 5 = ?", m.IntN(5))
	}
	for id := range 6 { // a hidden field, masked fields, and a table that isn't modelled
		m.exec(t, "UPDATE customers SET email = ? WHERE id = ?", m.value(), id)
		for _, masked := range m.masked {
			m.exec(t, "UPDATE "+masked+" AND id = ?", m.value(), id)
		}
		m.exec(t, "INSERT INTO secrets VALUES (?, ?)", id, m.value())
	}
	m.exec(t, "DELETE FROM secrets WHERE rowid % 3 = ?", m.IntN(3))
}

// observation is everything that a caller learns from a query.
type observation struct {
	query, sql string
	columns    []string
	rows       [][]string
	failure    string
}

// observe asks all queries and keeps those that are accepted.
func observe(t *testing.T, db *sql.DB, a asker, queries []string) []observation {
	t.Helper()
	var out []observation
	for _, q := range queries {
		st, err := a.enforce(q)
		if err != nil {
			requireTyped(t, err)
			continue
		}
		o := observation{query: q, sql: fmt.Sprintf("%s %v %s", st.SQL, st.Args, st.Fingerprint)}
		got, err := run(db, st)
		if err != nil {
			o.failure = err.Error()
		}
		o.columns, o.rows = got.columns, got.rows
		out = append(out, o)
	}
	return out
}

// metamorphicQueries are the corpus, all positions with what tells most in them,
// and questions that fail on some value.
func metamorphicQueries(t *testing.T) []string {
	t.Helper()
	queries := slices.Concat(corpusQueries(t), maskOracles, errorOracles)
	for _, p := range positions() {
		for name, x := range p.accepted() {
			if !strings.HasPrefix(name, "visible") && !strings.HasPrefix(name, "other's o") && !strings.HasPrefix(name, "mask b") {
				queries = append(queries, p.with(x))
			}
		}
	}
	slices.Sort(queries) // maps give them in any order
	return slices.DeleteFunc(queries, func(q string) bool { return tellsTime.MatchString(q) })
}

var tellsTime = regexp.MustCompile(`(?i)\b(now|current_\w+|localtime\w*|utc_\w+|cur(date|time))\b`)

// errorOracles fail, or not, depending on values that they meet.
var errorOracles = []string{
	"SELECT id FROM orders WHERE ABS(id - 9223372036854775807 - 1) > 0",
	"SELECT id FROM orders WHERE ABS(CAST(note AS SIGNED)) >= 0",
	"SELECT id FROM orders WHERE amount / (amount - 300) IS NULL",
	"SELECT SUM(id + 9223372036854775807) FROM orders",
	"SELECT SUM(CAST(note AS SIGNED)) FROM orders",
	"SELECT COUNT(*) FROM orders WHERE EXP(amount) > 1",
	"SELECT COUNT(*) FROM orders WHERE POWER(amount, amount) > 1",
	"SELECT id FROM orders WHERE 'x' LIKE note",
	"SELECT id FROM orders WHERE LPAD(note, 1000, '-') > 'a'",
	"SELECT c.id FROM customers c JOIN orders o ON ABS(o.id * 4611686018427387904) > c.id",
	"SELECT id FROM customers WHERE id = (SELECT id FROM orders WHERE note IS NOT NULL)",
	"SELECT id FROM customers WHERE (SELECT ABS(MIN(id) * 2) FROM orders) > 0",
	"SELECT id, NTILE(id) OVER (ORDER BY id) FROM orders",
	"SELECT DATE_ADD(created_at, INTERVAL id YEAR) FROM orders",
	"SELECT status, COUNT(*) FROM orders GROUP BY status HAVING SUM(ABS(id)) > 0",
	"SELECT x.v FROM (SELECT ABS(id) AS v, organization_id AS o FROM orders) x WHERE x.v > 0 AND x.o = 'evil'",
	"WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + ABS(o.id) FROM t JOIN orders o ON o.id > 0 WHERE n < 9) SELECT COUNT(*) FROM t",
	"SELECT id FROM orders ORDER BY ABS(id), id",
	"SELECT id FROM orders LIMIT 1 OFFSET 1",
	"SELECT MAX(organization_id), COUNT(DISTINCT organization_id) FROM orders",
}

// TestThreat_Metamorphic changes what the caller can't see, and the caller sees
// no change. It guards everything that a predicate, a mask and a fence are put in
// by: secure.(*View).fill and fence, and the rules in internal/rules.
func TestThreat_Metamorphic(t *testing.T) {
	for name, c := range map[string]struct {
		make   func(*testing.T) *threats
		masked []string
	}{
		"constant mask": {func(t *testing.T) *threats { return newThreats(t) }, []string{"customers SET ssn = ? WHERE TRUE"}},
		"row masks": {newRowMasks, []string{
			"customers SET ssn = ? WHERE name IS NOT 'Ann'",
			"orders SET customer_id = ? WHERE status <> 'open'",
			"orders SET note = COALESCE(?, 'x') WHERE note IS NOT NULL",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			f := c.make(t)
			acme, anyone := asker{e: f.shared, s: f.acme}, asker{e: f.open, s: f.anyone}
			queries := metamorphicQueries(t)
			ending := slices.DeleteFunc(slices.Clone(queries), func(q string) bool { return strings.Contains(q, "RECURSIVE") })
			before, unfiltered := observe(t, f.full, acme, queries), observe(t, f.full, anyone, ending)
			require.Greater(t, len(before), 1000)
			m := mutator{rand.New(rand.NewPCG(1, 2)), f.full, c.masked}
			for range 3 {
				m.mutate(t)
				m.mutate(t)
				require.Equal(t, before, observe(t, f.full, acme, queries))
			}
			telling := 0
			for i, o := range observe(t, f.full, anyone, ending) {
				if !assert.ObjectsAreEqual(unfiltered[i], o) {
					telling++
				}
			}
			// Without policies the same changes do show.
			assert.Greater(t, telling, len(unfiltered)/2)
			t.Logf("%d queries, of which %d would have told", len(before), telling)
		})
	}
}
