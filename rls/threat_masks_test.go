package rls_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
)

// rowMasks replace the constant mask of the fixture: what a caller sees of a
// field depends on the row, and on a field that is NULL in one row.
const rowMasks = `mask: {ssn: "row.organization_id == session.organization_id && row.name == 'Ann' ? row.ssn : '***'"}
  - name: mask-orders
    datasets: [orders]
    mask: {customer_id: "row.status == 'open' ? row.customer_id : 0 - 1", note: "row.note == null ? 'none' : row.status + '!'"}
`

// newRowMasks is the fixture under rowMasks. The twin physically holds what
// the masks show.
func newRowMasks(t *testing.T) *threats {
	t.Helper()
	f := newThreats(t)
	m, err := semantic.Parse("model.yaml", threatsFile(t, "model.yaml"))
	require.NoError(t, err)
	text := strings.Replace(string(threatsFile(t, "policy.yaml")), `mask: {ssn: "'***'"}`, rowMasks, 1)
	require.Contains(t, text, "mask-orders")
	set, err := policy.Parse("policy.yaml", []byte(text), m)
	require.NoError(t, err)
	f.shared, err = rls.New(rls.Config{Policies: set, Dialect: rls.SQLite})
	require.NoError(t, err)
	f.acme = newSession(t, set, map[string]any{"organization_id": "acme"})
	_, err = f.full.Exec(`INSERT INTO customers VALUES (5, 'acme', NULL, 'eve@acme', 'EU', '555-55')`)
	require.NoError(t, err)
	_, err = f.twin.Exec(`UPDATE customers SET ssn = '111-11' WHERE name = 'Ann';
		INSERT INTO customers VALUES (5, 'acme', NULL, 'EU', NULL);
		UPDATE orders SET customer_id = -1 WHERE status <> 'open';
		UPDATE orders SET note = CASE WHEN note IS NULL THEN 'none' ELSE status || '!' END`)
	require.NoError(t, err)
	return f
}

// noMasked looks for what the masks hide; Ann's own number is shown.
func noMasked(t *testing.T, query string, got answer, err error) {
	t.Helper()
	seen := strings.Join(canonicalRows(got.rows), "\n")
	if err != nil {
		seen += err.Error()
	}
	for _, canary := range []string{"TOPSECRET", "VICTIM-NOTE", "NULLORG", "a-note", "ann@", "bob@", "cid@", "eve@", "222-22", "333-33", "555-55", "Bob"} {
		require.NotContains(t, seen, canary, query)
	}
}

// TestThreat_RowMasks: a mask that depends on the row holds in every clause,
// because it is computed inside the dataset's derived table. It guards
// secure.(*dataset).field.
func TestThreat_RowMasks(t *testing.T) {
	f := newRowMasks(t)
	for _, p := range positions() {
		if p.refused != "" || p.dialect != (rls.Dialect{}) {
			continue
		}
		for name, x := range p.accepted() {
			query := p.with(x)
			got, st, err := ask(f.full, f.shared, f.acme, query)
			noMasked(t, query, got, err)
			require.NoError(t, err, "%s, %s: %s", p.name, name, query)
			f.requireTwin(t, query, got, st, err)
		}
	}
	got, _, err := ask(f.full, f.shared, f.acme, "SELECT name, ssn FROM customers ORDER BY id")
	require.NoError(t, err)
	assert.Equal(t, [][]string{{"Ann", "111-11"}, {"Cid", "***"}, {"NULL", "NULL"}}, got.rows)
}

// TestThreat_RowMasksOfTheCorpus: whatever the corpus asks.
func TestThreat_RowMasksOfTheCorpus(t *testing.T) {
	f := newRowMasks(t)
	accepted := 0
	for _, query := range slices.Concat(corpusQueries(t), maskOracles) {
		got, st, err := ask(f.full, f.shared, f.acme, query)
		noMasked(t, query, got, err)
		if st == nil {
			continue
		}
		accepted++
		f.requireTwin(t, query, got, st, err)
	}
	assert.Greater(t, accepted, 200)
}

// maskOracles ask whether a masked value is what the caller guesses.
var maskOracles = []string{
	"SELECT name FROM customers WHERE ssn = '333-33'",
	"SELECT name FROM customers WHERE ssn LIKE '3%'",
	"SELECT name FROM customers WHERE ssn > '***' ORDER BY ssn",
	"SELECT name FROM customers WHERE CAST(ssn AS SIGNED) = 333",
	"SELECT COUNT(DISTINCT ssn), MAX(ssn), MIN(ssn) FROM customers",
	"SELECT ssn, COUNT(*) FROM customers GROUP BY ssn HAVING MAX(ssn) > '2'",
	"SELECT a.name FROM customers a JOIN customers b ON a.ssn = b.ssn AND a.id <> b.id",
	"SELECT a.name FROM customers a JOIN customers b USING (ssn)",
	"SELECT COUNT(*) FROM customers a NATURAL JOIN customers b",
	"SELECT c.name, o.id FROM customers c JOIN orders o ON o.customer_id = c.id",
	"SELECT c.name, o.id FROM customers c LEFT JOIN orders o ON o.customer_id = c.id AND o.note > 'o'",
	"SELECT customer_id, SUM(amount) FROM orders GROUP BY customer_id",
	"SELECT id FROM orders WHERE 1 / (customer_id - 2) < 5",
	"SELECT id FROM orders WHERE customer_id + 9223372036854775807 > 0",
	"SELECT name FROM customers WHERE ssn IN (SELECT ssn FROM customers WHERE name = 'Cid')",
	"SELECT name, LAG(ssn, 1, '-') OVER (ORDER BY ssn, id) FROM customers",
	"SELECT CASE ssn WHEN '333-33' THEN 'hit' ELSE ssn END FROM customers",
	"WITH x AS (SELECT *, CONCAT(ssn, name) AS both_ FROM customers) SELECT * FROM x WHERE both_ LIKE '333%' OR ssn IS NULL",
	"SELECT ssn FROM customers INTERSECT SELECT '333-33'",
	"SELECT COUNT(*) FROM (SELECT '333-33' AS v EXCEPT SELECT ssn FROM customers) d",
}

func corpusQueries(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, c := range adversarialCases(t) {
		out = append(out, c.SQL)
	}
	return out
}
