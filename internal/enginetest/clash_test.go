package enginetest

import (
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
)

const clashModel = `
version: "0.2.0"
semantic_model:
  - name: clash
    datasets:
      - name: docs
        source: docs
        primary_key: [id]
        fields:
          - {name: id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}}
          - {name: org, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: org}]}}
          - {name: note, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: note}]}}
          - {name: d, datatype: Date, expression: {dialects: [{dialect: ANSI_SQL, expression: d}]}}
          - {name: ts, datatype: DateTime, expression: {dialects: [{dialect: ANSI_SQL, expression: ts}]}}
          - {name: price, datatype: Decimal, expression: {dialects: [{dialect: ANSI_SQL, expression: price}]}}
          - {name: ratio, datatype: Float, expression: {dialects: [{dialect: ANSI_SQL, expression: ratio}]}}
          - {name: amount, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: amount}]}}
          - {name: u, expression: {dialects: [{dialect: ANSI_SQL, expression: ratio}]}}
          - {name: cost, datatype: Decimal, expression: {dialects: [{dialect: ANSI_SQL, expression: price}]}}
          - {name: early, datatype: DateTime, expression: {dialects: [{dialect: ANSI_SQL, expression: early}]}}
          - {name: fine, datatype: Decimal, expression: {dialects: [{dialect: ANSI_SQL, expression: fine}]}}
          - {name: number, expression: {dialects: [{dialect: ANSI_SQL, expression: number}]}}
          - {name: twice, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: "amount * 2"}]}}
      - name: nums
        source: nums
        primary_key: [n]
        fields:
          - {name: n, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: n}]}}
`

// clashPolicies show the same rows, ever more slowly.
var clashPolicies = []string{
	"row.org == session.org",
	"row.org == session.org || row.note.contains('@' + session.org)",
	"row.org == session.org || row.note.lowerAscii().startsWith('shared-') && row.note.contains(session.org)",
}

// clashQueries are those in which values of several types meet, or fields are
// computed, where an error is raised for the hidden row only.
var clashQueries = []struct {
	query string
	args  []any
}{
	{"SELECT id FROM docs WHERE note LIKE 'VICT%' AND d = ?", []any{5}},
	{"SELECT id FROM docs WHERE note LIKE 'VICT%' AND d IN (?, ?)", []any{"2024-01-31", "soon"}},
	{"SELECT id FROM docs WHERE note LIKE 'VICT%' AND d <=> ?", []any{true}},
	{"SELECT id FROM docs WHERE note LIKE 'VICT%' AND ts > ?", []any{1.5}},
	{"SELECT id FROM docs WHERE note = 'VICTIM' AND amount = ?", []any{[]byte("x")}},
	{"SELECT id FROM docs WHERE note = 'VICTIM' AND price BETWEEN ? AND 10", []any{"1e400"}},
	{"SELECT id FROM docs WHERE d > ?", []any{time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC)}},
	{"SELECT id FROM docs WHERE d IN ('2024-01-31 10:00:00', '2024-06-01')", nil},
	{"SELECT id FROM docs WHERE d NOT IN (TIMESTAMP '2024-01-31 10:00:00', DATE '2024-06-01')", nil},
	{"SELECT id FROM docs WHERE d BETWEEN TIMESTAMP '2024-01-31 10:00:00' AND d", nil},
	{"SELECT id FROM docs WHERE d IN (SELECT TIMESTAMP '2024-01-31 00:00:00')", nil},
	{"SELECT id FROM docs WHERE price > 1.12345678901234", nil},
	{"SELECT id FROM docs WHERE price = 9.500000000", nil},
	{"SELECT id FROM docs WHERE price IN (9.5, 1.123456789)", nil},
	{"SELECT id FROM docs WHERE COALESCE(d, TIMESTAMP '2024-01-01 00:00:00') > '2024-01-01'", nil},
	{"SELECT id FROM docs WHERE GREATEST(d, TIMESTAMP '2024-01-01 00:00:00') > '2024-01-01'", nil},
	{"SELECT id FROM docs WHERE CASE WHEN id > 1 THEN d ELSE TIMESTAMP '2024-01-01 00:00:00' END > '2024-01-01'", nil},
	{"SELECT id FROM docs WHERE ts IN (SELECT d FROM docs UNION ALL SELECT TIMESTAMP '2024-01-01 00:00:00')", nil},
	{"SELECT id FROM docs WHERE ratio >= COALESCE(price, 1e100)", nil},
	{"SELECT id FROM docs WHERE price > COALESCE(?, ratio)", []any{nil}},
	{"SELECT id FROM docs WHERE price > CASE WHEN id > 1 THEN ? ELSE ratio END", []any{nil}},
	{"SELECT id FROM docs WHERE price > u", nil},
	{"SELECT id FROM docs WHERE COALESCE(price, u) > 3", nil},
	{"SELECT id FROM docs WHERE COALESCE(d, COALESCE(?, ts)) > '2024-01-01'", []any{nil}},
	{"SELECT o.id FROM docs o WHERE EXISTS (SELECT 1 FROM (SELECT NULL AS x UNION ALL SELECT o.ratio) v WHERE v.x = o.price)", nil},
	{"SELECT id FROM docs WHERE (price, id) NOT IN (SELECT ratio, id FROM docs UNION SELECT ratio, 1 FROM docs)", nil},
	{"SELECT id FROM docs WHERE (price, price) = (SELECT ratio, ratio FROM docs LIMIT 1)", nil},
	{"SELECT id FROM docs WHERE (price, price) < (SELECT MAX(ratio), MAX(ratio) FROM docs)", nil},
	{"SELECT id FROM docs WHERE FLOOR(price) > ratio", nil},
	{"SELECT id FROM docs WHERE CEIL(price) > 5", nil},
	{"SELECT id FROM docs WHERE IFNULL(CEIL(price), 1) = ratio", nil},
	{"SELECT id FROM docs WHERE ratio < cost", nil},
	{"SELECT id FROM docs WHERE cost IN (cost, ratio)", nil},
	{"SELECT DATE_TRUNC('month', early) FROM docs WHERE note LIKE 'A%'", nil},
	{"SELECT id FROM docs WHERE DATE_TRUNC('year', early) > '2024-01-01'", nil},
	{"SELECT TIMESTAMPDIFF(MONTH, early, ts) FROM docs ORDER BY 1", nil},
	{"SELECT id FROM docs WHERE note LIKE 'VICT%' AND fine = 1234567890", nil},
	{"SELECT id FROM docs WHERE note LIKE 'VICT%' AND fine IN (?, ?)", []any{int64(1234567890), "1234567890"}},
	{"SELECT o.note, o.org FROM docs o JOIN nums n ON n.n = o.id WHERE o.amount < 99999 * 99999", nil},
	{"SELECT id FROM docs WHERE number = amount", nil},
	{"SELECT o.twice, o.org, o.note FROM docs o LEFT JOIN nums n ON n.n = o.id", nil},
	{"SELECT o.twice, o.org, o.note FROM docs o JOIN nums n ON n.n = o.id", nil},
	{"SELECT * FROM docs o, nums n WHERE n.n = o.id", nil},
	{"SELECT * FROM docs o LEFT JOIN nums n ON n.n = o.id ORDER BY o.twice", nil},
}

// TestClashes: no value of a hidden row is converted for another that it meets.
func TestClashes(t *testing.T) {
	m, err := semantic.Parse("model.yaml", []byte(clashModel))
	require.NoError(t, err)
	onEngines(t, func(t *testing.T, e engine) {
		with, without := clashDocs(t, e, true), clashDocs(t, e, false)
		for _, rule := range clashPolicies {
			set, err := policy.Parse("policy.yaml", fmt.Appendf(nil, "session: [{name: org, type: string, required: true}]\npolicies:\n"+
				"  - {name: nums, datasets: [nums], rows: 'true'}\n  - {name: masked, datasets: [docs], mask: {cost: row.ratio}, still_shows: [price, u, ratio, cost]}\n  - {name: own, datasets: [docs], rows: %q}\n", rule), m)
			require.NoError(t, err)
			en, err := rls.New(rls.Config{Policies: set, Dialect: e.dialect})
			require.NoError(t, err)
			who, err := set.Schema().New(map[string]any{"org": "acme"})
			require.NoError(t, err)
			for _, q := range clashQueries {
				st, err := en.Enforce(t.Context(), who, q.query, q.args...)
				if err != nil {
					assert.ErrorIs(t, err, rls.ErrUnsupported, q.query)
					continue
				}
				got, errGot := clashAnswer(with, st)
				want, errWant := clashAnswer(without, st)
				assert.Equal(t, errWant == nil, errGot == nil, "%s %v\n%s\n%v\n%v", q.query, q.args, st.SQL, errGot, errWant)
				assert.Equal(t, want, got, q.query)
			}
		}
	})
}

// clashDocs are two rows of acme's, and a hidden one that nothing can convert.
func clashDocs(t *testing.T, e engine, hidden bool) *sql.DB {
	t.Helper()
	types, latest, largest := "d date, ts timestamp, price numeric, ratio double precision, early timestamp, fine numeric, number oid", "5874897-12-31", "1e400"
	earliest := "4713-01-01 00:00:00 BC"
	switch e.name {
	case "duckdb":
		earliest = "290309-12-22 (BC) 00:00:00"
		types, latest, largest = "d date, ts timestamp, price decimal(38,4), ratio double, early timestamp, fine decimal(38,30), number bigint", "5881580-07-10", "9999999999999999999999999999999999.9999"
	case "mariadb":
		earliest = "0001-01-01 00:00:00"
		types, latest, largest = "d date, ts datetime, price decimal(65,4), ratio double, early datetime, fine decimal(65,30), number bigint", "9999-12-31", "9999999999999999999999999999999999999999999999999999999999.9999"
	case "sqlite":
		largest = "9e999"
	}
	db := e.open(t)
	statements := []string{
		"CREATE TABLE docs (id bigint primary key, org varchar(20), note varchar(40), " + types + ", amount bigint)", "CREATE TABLE nums (n bigint)",
		"INSERT INTO nums VALUES (1), (2), (3)",
		"INSERT INTO docs VALUES (2, 'acme', 'Alpha', '2024-01-31', '2024-01-31 10:00:00', 9.5, 0.5, '2024-01-01 00:00:00', 1, 5, 10), (3, 'acme', 'beta', '2024-06-01', '2024-06-01 00:00:00', 100, 2, '2024-01-01 00:00:00', 2, 20, 20)",
	}
	if hidden {
		for id, amount := range []string{"9223372036854775807", "-1"} {
			statements = append(statements, fmt.Sprintf("INSERT INTO docs VALUES (%d, 'evil', 'VICTIM', '%s', '2024-06-01 00:00:00', %s, 1.7e308, '%s', 3, 7, %s)", 11+id, latest, largest, earliest, amount))
		}
	}
	for _, s := range statements {
		_, err := db.Exec(s)
		require.NoError(t, err, s)
	}
	return db
}

func clashAnswer(db *sql.DB, st *rls.Statement) (rows []string, err error) {
	r, err := db.Query(st.SQL, st.Args...)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	values := make([]any, len(st.Columns))
	for i := range values {
		values[i] = new(any)
	}
	for r.Next() {
		if err := r.Scan(values...); err != nil {
			return nil, err
		}
		line := ""
		for _, v := range values {
			line += fmt.Sprintf("%s|", *v.(*any))
		}
		rows = append(rows, line)
	}
	return rows, r.Err()
}
