package rls_test

import (
	"database/sql"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
)

const numbersModel = `
version: "0.2.0"
semantic_model:
  - name: numbers
    datasets:
      - name: numbers
        source: numbers
        primary_key: [id]
        fields:
          - {name: id, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: id}]}}
          - {name: price, datatype: Decimal, expression: {dialects: [{dialect: ANSI_SQL, expression: price}]}}
          - {name: d, datatype: Float, expression: {dialects: [{dialect: ANSI_SQL, expression: d}]}}
          - {name: r, datatype: Float, expression: {dialects: [{dialect: ANSI_SQL, expression: r}]}}
          - {name: u, datatype: Integer, expression: {dialects: [{dialect: ANSI_SQL, expression: u}]}}
          - {name: s, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: s}]}}
          - {name: s2, datatype: String, expression: {dialects: [{dialect: ANSI_SQL, expression: s2}]}}
`

// numbersTables have a decimal with more digits than a double, a float of 32
// bits, an unsigned number where there is one, and strings of two collations.
var numbersTables = map[testdb.Kind][]string{
	testdb.SQLite: {"CREATE TABLE numbers (id INTEGER, price DECIMAL(38,20), d DOUBLE, r REAL, u INTEGER, s TEXT COLLATE NOCASE, s2 TEXT COLLATE RTRIM)"},
	testdb.PostgreSQL: {"CREATE COLLATION no_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
		`CREATE TABLE numbers (id int, price numeric, d double precision, r real, u int, s text COLLATE no_case, s2 text COLLATE "und-x-icu")`},
	testdb.MariaDB: {"CREATE TABLE numbers (id int, price decimal(38,20), d double, r float, u int unsigned, s varchar(9) COLLATE utf8mb4_unicode_ci, s2 varchar(9) COLLATE utf8mb4_general_ci)"},
}

var numbersPrices = []any{"0.3", "0.30000000000000001", "0.29999999999999999", "0.30000000000000004", "9007199254740993", "9007199254740992",
	"-0.00000000000000000001", "0", "1.5", nil, "123456789012345678.12345678901234567890"}

func numbersRows(k testdb.Kind) []map[string]any {
	prices := numbersPrices
	doubles := []any{0.3, 0.1 + 0.2, 9007199254740992.0, math.Copysign(0, -1), nil, 1.5, 1e308}
	if k == testdb.PostgreSQL {
		prices = append(prices, "1e400", "1e-400", "-1e400", "NaN", "Infinity")
		doubles = append(doubles, math.NaN(), math.Inf(1), math.Inf(-1))
	}
	var rows []map[string]any
	for i := range 4 * len(prices) {
		rows = append(rows, map[string]any{"id": i, "price": prices[i%len(prices)], "d": doubles[i%len(doubles)],
			"u": []any{7, nil, 0, 1}[i%4],
			"r": []any{float64(float32(0.1)), 1.5, nil, float64(float32(0.3))}[i%4], "s": []any{"a", "A", nil}[i%3], "s2": []any{"a", "a ", "A", nil}[i/3%4]})
	}
	return rows
}

// TestNumbers: to a rule, decimals and floats of any precision are the nearest
// doubles, NaN and what no double can hold are unknown, unsigned columns and long
// sums are as any other, and fields of different collations compare.
func TestNumbers(t *testing.T) {
	m, err := semantic.Parse("model.yaml", []byte(numbersModel))
	require.NoError(t, err)
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		db := testdb.Open(t, k)
		for _, text := range numbersTables[k] {
			_, err := db.Exec(text)
			require.NoError(t, err)
		}
		rows := numbersRows(k)
		for _, row := range rows {
			insertNumbers(t, db.Exec, k, row)
			row["price"] = nearest(row["price"])
		}
		for _, rule := range strings.Split(`row.price == 0.3|row.price != 0.3|!(row.price == session.x)|row.price < 0.3|row.price > session.x|!(row.price <= session.x)
			row.price in [0.3, 1.5]|!(row.price in session.list)|row.price == row.d|row.price != row.d|row.d in [row.price, 0.3]|row.price == double(9007199254740993)
			int(row.price) == 9007199254740992|row.price >= 0.0|row.price == 0.0|(row.d > 0.0 ? row.price : row.r) != 0.3|(row.id > 4 ? session.x : row.price) == session.x
			row.r == 0.1|row.r == session.x|row.r != session.x|row.r in [0.1, 1.5]|!(row.r in session.list)|(row.id > 4 ? row.r : 0.1) == 0.1|row.r == row.d|row.r < row.price
			row.d == row.d|row.d != row.d|row.d > 0.0|!(row.d > 0.0)|!(row.d < 1e308)|row.d == null|row.price > row.d|int(row.d) == 0
			row.u / -2 == -3|row.u % -2 == 1|-7 / row.u == -1|row.u - 8 < 0|-row.u * 2 == -14|(row.u + 9223372036854775807) - 1 > 0|row.u - 9223372036854775807 - 2 < 0
			row.u + row.u + row.u + row.u + row.u + row.u + row.u + row.u + row.u + row.u + row.u + row.u + row.u + row.u + row.u + row.u > 16
			session.words.exists_one(x, row.s.contains(x))|!session.words.exists_one(x, row.s.contains(x))
			row.s == row.s2|row.s != row.s2|row.s in [row.s2, 'x']|session.s in [row.s, row.s2]|row.s < row.s2`, "\n") {
			for rule := range strings.SplitSeq(rule, "|") {
				agreeOnNumbers(t, m, strings.TrimSpace(rule), func(e *rls.Enforcer, set *policy.Set, values map[string]any) ([]string, *rls.Statement) {
					got, st, err := ask(db, e, newSession(t, set, values), "SELECT id FROM numbers ORDER BY id")
					require.NoError(t, err, rule)
					var ids []string
					for _, r := range got.rows {
						ids = append(ids, r[0])
					}
					return ids, st
				}, dialectOf[k], rows)
			}
		}
	})
}

func agreeOnNumbers(t *testing.T, m *semantic.Model, rule string, shown func(*rls.Enforcer, *policy.Set, map[string]any) ([]string, *rls.Statement), d rls.Dialect, rows []map[string]any) {
	t.Helper()
	set, err := parsePolicies(m, "session: [{name: x, type: double}, {name: list, type: list(double)}, {name: s, type: string}, {name: words, type: list(string)}]\n"+
		fmt.Sprintf("policies: [{name: rule, datasets: [numbers], rows: %q}]", rule))
	require.NoError(t, err, rule)
	e, err := rls.New(rls.Config{Policies: set, Dialect: d})
	require.NoError(t, err, rule)
	words := strings.Split("abcdefghijklmnopqrstuvwxyzabcdefghijk", "")
	for _, values := range []map[string]any{{"x": 0.3, "list": []float64{0.3, 0.1}, "s": "a", "words": words[:20]}, {"x": 0.1, "list": []float64{1.5}, "s": "A", "words": words}} {
		var want []string
		for _, row := range rows {
			v, err := set.Visible(newSession(t, set, values), "numbers", row)
			require.NoError(t, err)
			if v.Visible {
				want = append(want, strconv.Itoa(row["id"].(int)))
			}
		}
		ids, st := shown(e, set, values)
		assert.Equal(t, want, ids, "%s\n%s\n%v", rule, st.SQL, st.Args)
	}
}

// nearest is a decimal as a double; NULL where none is near.
func nearest(v any) any {
	text, ok := v.(string)
	if !ok {
		return nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) {
		return nil
	}
	return f
}

func insertNumbers(t *testing.T, exec func(string, ...any) (sql.Result, error), k testdb.Kind, row map[string]any) {
	t.Helper()
	text := "INSERT INTO numbers (id, price, d, r, u, s, s2) VALUES (?, ?, ?, ?, ?, ?, ?)"
	if k == testdb.PostgreSQL {
		text = "INSERT INTO numbers (id, price, d, r, u, s, s2) VALUES ($1, $2, $3, $4, $5, $6, $7)"
	}
	_, err := exec(text, row["id"], row["price"], row["d"], row["r"], row["u"], row["s"], row["s2"])
	require.NoError(t, err)
}
