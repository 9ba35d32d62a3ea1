package enginetest

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/stretchr/testify/assert"

	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/session"
)

// cell is a value that a database gave, in a form that all of them share:
// strings are quoted, numbers and dates are not.
type cell struct {
	text   string
	number bool
}

// result is what a statement returned.
type result struct {
	columns []string
	rows    [][]cell
}

// ask enforces a logical query and runs it.
func ask(ctx context.Context, db *sql.DB, e *rls.Enforcer, s session.Session, query string, args ...any) (result, *rls.Statement, error) {
	st, err := e.Enforce(ctx, s, query, args...)
	if err != nil {
		return result{}, nil, err
	}
	r, err := run(ctx, db, st.SQL, st.Args...)
	if err != nil {
		return r, st, fmt.Errorf("run %s: %w", st.SQL, err)
	}
	for i, c := range st.Columns {
		if i >= len(r.columns) || r.columns[i] != c.Name {
			return r, st, fmt.Errorf("the statement announces other columns than %q: %s", r.columns, st.SQL)
		}
	}
	return r, st, nil
}

// run runs SQL text.
func run(ctx context.Context, db *sql.DB, text string, args ...any) (result, error) {
	rows, err := db.QueryContext(ctx, text, args...)
	if err != nil {
		return result{}, err
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return result{}, err
	}
	var r result
	for _, t := range types {
		r.columns = append(r.columns, t.Name())
	}
	for rows.Next() {
		values, targets := make([]any, len(types)), make([]any, len(types))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return result{}, err
		}
		row := make([]cell, len(types))
		for i, v := range values {
			row[i] = canonical(v, types[i].DatabaseTypeName())
		}
		r.rows = append(r.rows, row)
	}
	return r, rows.Err()
}

// canonical gives the shared form of a value that came from a column of the
// database's type.
func canonical(v any, databaseType string) cell {
	switch v := v.(type) {
	case nil:
		return cell{text: "NULL"}
	case bool:
		return cell{map[bool]string{true: "1", false: "0"}[v], true}
	case float32:
		return floating(float64(v))
	case float64:
		return floating(v)
	case *big.Int:
		return cell{v.String(), true}
	case duckdb.Decimal:
		return decimal(v.String())
	case time.Time:
		return cell{text: moment(v, databaseType)}
	case []byte:
		return written(string(v), databaseType)
	case string:
		return written(v, databaseType)
	default: // the integers
		return cell{fmt.Sprint(v), true}
	}
}

// written reads text that a driver gives for values of several types.
func written(s, databaseType string) cell {
	switch databaseType {
	case "DECIMAL", "NUMERIC", "INT", "BIGINT", "UNSIGNED BIGINT", "DOUBLE", "FLOAT":
		return decimal(s)
	case "TIME":
		return cell{text: fraction(s)}
	}
	for _, layout := range []string{time.DateOnly, time.TimeOnly, time.DateTime} {
		if _, err := time.Parse(layout, s); err == nil {
			return cell{text: fraction(s)}
		}
	}
	if !utf8.ValidString(s) {
		return cell{text: "x" + hex.EncodeToString([]byte(s))}
	}
	return cell{text: strconv.Quote(s)}
}

func floating(f float64) cell {
	if f == math.Trunc(f) && math.Abs(f) < 1e15 {
		return cell{strconv.FormatInt(int64(f), 10), true}
	}
	return cell{strconv.FormatFloat(f, 'g', 17, 64), true}
}

// decimal drops the zeros at the end.
func decimal(s string) cell {
	if strings.Contains(s, ".") && !strings.ContainsAny(s, "eE") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" {
		s = "0"
	}
	return cell{s, true}
}

func moment(t time.Time, databaseType string) string {
	switch databaseType {
	case "DATE":
		return t.Format(time.DateOnly)
	case "TIME":
		return fraction(t.Format("15:04:05.000000"))
	}
	return fraction(t.UTC().Format("2006-01-02 15:04:05.000000"))
}

// fraction drops the zeros at the end of fractional seconds.
func fraction(s string) string {
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// same compares two values: numbers of which one isn't whole to nine digits,
// everything else exactly.
func (c cell) same(d cell) bool {
	if c.text == d.text || !c.number || !d.number {
		return c == d
	}
	a, errA := strconv.ParseFloat(c.text, 64)
	b, errB := strconv.ParseFloat(d.text, 64)
	if errA != nil || errB != nil || whole(c.text) && whole(d.text) {
		return false
	}
	return math.Abs(a-b) <= 1e-9*math.Max(1, math.Abs(a))
}

func whole(s string) bool { return !strings.ContainsAny(s, ".eE") }

// compareRows orders rows so that nearly equal numbers don't matter.
func compareRows(a, b []cell) int {
	return slices.CompareFunc(a, b, func(x, y cell) int {
		f, errX := strconv.ParseFloat(x.text, 64)
		g, errY := strconv.ParseFloat(y.text, 64)
		switch {
		case x.same(y):
			return 0
		case errX == nil && errY == nil:
			return cmp.Compare(f, g)
		}
		return cmp.Compare(x.text, y.text)
	})
}

// difference tells how two results differ, or "". Rows are compared in order
// when ordered is set, else as a multiset.
func difference(got, want result, ordered bool) string {
	if !slices.Equal(got.columns, want.columns) {
		return fmt.Sprintf("columns %q, want %q", got.columns, want.columns)
	}
	a, b := got.rows, want.rows
	if !ordered {
		a, b = slices.SortedFunc(slices.Values(a), compareRows), slices.SortedFunc(slices.Values(b), compareRows)
	}
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || !slices.EqualFunc(a[i], b[i], cell.same) {
			return fmt.Sprintf("%d rows, want %d; first difference in row %d:\n got  %s\n want %s", len(a), len(b), i+1, rowAt(a, i), rowAt(b, i))
		}
	}
	return ""
}

func rowAt(rows [][]cell, i int) string {
	if i >= len(rows) {
		return "(none)"
	}
	return rowText(rows[i])
}

func rowText(row []cell) string {
	texts := make([]string, len(row))
	for i, c := range row {
		texts[i] = c.text
	}
	return strings.Join(texts, " | ")
}

func TestDifference(t *testing.T) {
	answer := func(rows ...[]any) result {
		r := result{columns: []string{"a", "b"}}
		for _, row := range rows {
			r.rows = append(r.rows, []cell{canonical(row[0], ""), canonical(row[1], "")})
		}
		return r
	}
	base := answer([]any{int64(1), "x"}, []any{2.5, nil})
	swapped := answer([]any{2.5, nil}, []any{int64(1), "x"})
	assert.Empty(t, difference(swapped, base, false))
	assert.NotEmpty(t, difference(swapped, base, true))
	assert.Empty(t, difference(answer([]any{1.0, "x"}, []any{2.5 + 1e-12, nil}), base, true))
	assert.Empty(t, difference(result{base.columns, [][]cell{base.rows[0], {canonical("2.50", "DECIMAL"), canonical(nil, "")}}}, base, true))
	for name, other := range map[string]result{
		"a row more":          answer([]any{int64(1), "x"}, []any{2.5, nil}, []any{2.5, nil}),
		"a row less":          answer([]any{int64(1), "x"}),
		"another number":      answer([]any{int64(1), "x"}, []any{2.5 + 1e-6, nil}),
		"another whole one":   answer([]any{int64(2), "x"}, []any{2.5, nil}),
		"empty text for NULL": answer([]any{int64(1), "x"}, []any{2.5, ""}),
		"text for NULL":       answer([]any{int64(1), "x"}, []any{2.5, "NULL"}),
		"text for a number":   answer([]any{"1", "x"}, []any{2.5, nil}),
		"another name":        {columns: []string{"a", "c"}, rows: base.rows},
	} {
		assert.NotEmpty(t, difference(other, base, false), name)
	}
	limit := answer([]any{int64(math.MaxInt64), "x"})
	assert.NotEmpty(t, difference(answer([]any{int64(math.MaxInt64 - 1), "x"}), limit, true), "whole numbers are exact")
}
