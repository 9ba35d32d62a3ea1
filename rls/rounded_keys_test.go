package rls_test

import (
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
)

const roundedModel = `
version: "0.2.0"
semantic_model:
  - name: rounded
    datasets:
      - name: docs
        source: docs
        primary_key: [id]
        fields:
          - {name: id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}}
          - {name: org, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: org}]}}
          - {name: cust, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: cust}]}}
          - {name: ts, datatype: DateTime, expression: {dialects: [{dialect: ANSI_SQL, expression: ts}]}}
          - {name: tm, datatype: Time, expression: {dialects: [{dialect: ANSI_SQL, expression: tm}]}}
          - {name: d, datatype: Date, expression: {dialects: [{dialect: ANSI_SQL, expression: d}]}}
          - {name: price, datatype: Decimal, expression: {dialects: [{dialect: ANSI_SQL, expression: price}]}}
`

// TestRoundedKeys: how many rows other tenants have decides how a database looks
// for a value, and not what it finds. No row has any of these values.
func TestRoundedKeys(t *testing.T) {
	m, err := semantic.Parse("model.yaml", []byte(roundedModel))
	require.NoError(t, err)
	set, err := policy.Parse("policy.yaml", []byte("session: [{name: org, type: string, required: true}]\npolicies: [{name: own, datasets: [docs], rows: row.org == session.org}]\n"), m)
	require.NoError(t, err)
	half := time.Date(2024, 1, 2, 10, 0, 0, 400_000_000, time.UTC)
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		e, err := rls.New(rls.Config{Policies: set, Dialect: dialectOf[k]})
		require.NoError(t, err)
		who := newSession(t, set, map[string]any{"org": "acme"})
		shared, twin := testdb.Open(t, k), testdb.Open(t, k)
		moment := map[testdb.Kind]string{testdb.MariaDB: "datetime"}[k]
		if moment == "" {
			moment = "timestamp"
		}
		exec := func(db *sql.DB, text string) {
			_, err := db.Exec(text)
			require.NoError(t, err, text)
		}
		for _, db := range []*sql.DB{shared, twin} {
			exec(db, "CREATE TABLE docs (id bigint primary key, org varchar(40), cust bigint, ts "+moment+", tm time, d date, price decimal(20,1))")
			for _, c := range []string{"cust", "ts", "tm", "d", "price"} {
				exec(db, "CREATE INDEX docs_"+c+" ON docs ("+c+")")
			}
			exec(db, "INSERT INTO docs VALUES (1, 'acme', 2, '2024-01-02 10:00:00', '10:00:00', '2024-01-02', 1.5), (2, 'acme', 3, '2024-01-03 10:00:00', '11:00:00', '2024-01-03', 2.5)")
		}
		for i := range 6 {
			exec(shared, fmt.Sprintf("INSERT INTO docs VALUES (%d, 'evil', 2, '2024-01-02 10:00:00', '10:00:00', '2024-01-02', 1.5)", 10+i))
		}
		for _, c := range []struct {
			where string
			args  []any
		}{
			{"cust = ?", []any{1.5}}, {"cust = ?", []any{"1.5"}}, {"cust = ?", []any{"1.5abc"}}, {"cust IN (?)", []any{1.6}}, {"NOT (cust <> ?)", []any{float32(1.5)}},
			{"cust = 1.5", nil}, {"cust = 15e-1", nil}, {"(cust, org) = (1.5, 'acme')", nil}, {"(cust, org) IN ((1.5, 'acme'), (7, 'x'))", nil}, {"(cust, org) = (?, 'acme')", []any{1.5}},
			{"cust = ? AND id + 1 > 0", []any{1.5}}, {"cust = ANY (SELECT ?)", []any{1.5}}, {"cust <=> ?", []any{1.5}},
			{"ts = '2024-01-02 10:00:00.4'", nil}, {"ts IN ('2024-01-02 10:00:00.4')", nil}, {"ts = ?", []any{"2024-01-02 10:00:00.4"}}, {"ts = ?", []any{half}},
			{"ts IN (SELECT '2024-01-02 10:00:00.4')", nil}, {"(ts, org) = ('2024-01-02 10:00:00.4', 'acme')", nil},
			{"tm = '10:00:00.4'", nil}, {"tm = ?", []any{"10:00:00.4"}},
			{"d = ?", []any{"2024-01-02 00:00:00.5"}}, {"d = ?", []any{half}}, {"d = '2024-01-02 10:00:00'", nil},
			{"price = ?", []any{1.54}}, {"price = 1.54", nil}, {"price IN (?, ?)", []any{"1.54", 1.46}}, {"(price, org) = (1.54, 'acme')", nil},
		} {
			st, err := e.Enforce(t.Context(), who, "SELECT COUNT(*) FROM docs WHERE "+c.where, c.args...)
			if err != nil {
				assert.ErrorIs(t, err, rls.ErrUnsupported, c.where)
				continue
			}
			got, errGot := run(shared, st)
			want, errWant := run(twin, st)
			assert.Equal(t, errWant == nil, errGot == nil, "%v / %v", errGot, errWant)
			assert.Equal(t, want.rows, got.rows, "%s %v\n%s", c.where, c.args, st.SQL)
		}
		if k == testdb.MariaDB { // a date is one wherever it is midnight
			a, _, err := ask(shared, e, who, "SELECT COUNT(*) FROM docs WHERE d = ?", time.Date(2024, 1, 2, 0, 0, 0, 0, time.FixedZone("", 5*3600+2700)))
			require.NoError(t, err)
			assert.Equal(t, [][]string{{"1"}}, a.rows)
		}
		for where, args := range map[string][]any{"cust = ?": {2}, "cust IN (?, ?)": {"2", 7.0}, "d = ?": {"2024-01-02"}, "ts = ?": {"2024-01-02 10:00:00"}, "(cust, org) = (?, ?)": {int32(2), "acme"}} {
			a, st, err := ask(shared, e, who, "SELECT COUNT(*) FROM docs WHERE "+where, args...)
			require.NoError(t, err, "%s %v", where, st)
			if k != testdb.SQLite || where != "ts = ?" && where != "cust IN (?, ?)" {
				assert.Equal(t, [][]string{{"1"}}, a.rows, where)
			}
		}
	})
}
