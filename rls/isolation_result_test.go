package rls_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// result is what a query returns, rendered so that equal values have equal text.
type result struct {
	columns []string
	rows    []string
}

// runSQL runs SQL text.
func runSQL(ctx context.Context, db *sql.DB, text string, args ...any) (result, error) {
	rows, err := db.QueryContext(ctx, text, args...)
	if err != nil {
		return result{}, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return result{}, err
	}
	r := result{columns: columns}
	values, targets := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		targets[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return result{}, err
		}
		r.rows = append(r.rows, renderRow(values))
	}
	return r, rows.Err()
}

func renderRow(values []any) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = render(v)
	}
	return strings.Join(parts, " | ")
}

// render gives the canonical text of a value: an integral number is the same
// as an integer and as a float, other floats agree to 10 digits, and text
// never looks like a number or NULL.
func render(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case int64:
		return strconv.FormatInt(v, 10)
	case bool:
		if v {
			return "1"
		}
		return "0"
	case float64:
		if v == float64(int64(v)) && v < 1e15 && v > -1e15 {
			return strconv.FormatInt(int64(v), 10)
		}
		return strconv.FormatFloat(v, 'g', 10, 64)
	case string:
		return strconv.Quote(v)
	case []byte:
		return "x" + strconv.Quote(string(v))
	default:
		return fmt.Sprintf("%T(%v)", v, v)
	}
}

// difference tells how two results differ, or "". Rows are compared in order
// when ordered is set, else as a multiset.
func difference(got, want result, ordered bool) string {
	if len(got.columns) != len(want.columns) {
		return fmt.Sprintf("columns %q, want %q", got.columns, want.columns)
	}
	a, b := got.rows, want.rows
	if !ordered {
		a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	}
	if slices.Equal(a, b) {
		return ""
	}
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || a[i] != b[i] {
			return fmt.Sprintf("%d rows, want %d; first difference in row %d:\n got  %s\n want %s", len(a), len(b), i+1, at(a, i), at(b, i))
		}
	}
	return ""
}

func at(rows []string, i int) string {
	if i >= len(rows) {
		return "(none)"
	}
	return rows[i]
}

func TestDifference(t *testing.T) {
	answer := func(rows ...[]any) result {
		r := result{columns: []string{"a", "b"}}
		for _, row := range rows {
			r.rows = append(r.rows, renderRow(row))
		}
		return r
	}
	base := answer([]any{int64(1), "x"}, []any{int64(2), nil})
	swapped := answer([]any{int64(2), nil}, []any{int64(1), "x"})
	assert.Empty(t, difference(swapped, base, false))
	assert.NotEmpty(t, difference(swapped, base, true))
	assert.Empty(t, difference(answer([]any{1.0, "x"}, []any{2.0 + 1e-12, nil}), base, true), "numbers agree as integer and float")
	different := map[string]result{
		"a row more":          answer([]any{int64(1), "x"}, []any{int64(2), nil}, []any{int64(2), nil}),
		"a row less":          answer([]any{int64(1), "x"}),
		"another number":      answer([]any{int64(1), "x"}, []any{int64(3), nil}),
		"empty text for NULL": answer([]any{int64(1), "x"}, []any{int64(2), ""}),
		"text for NULL":       answer([]any{int64(1), "x"}, []any{int64(2), "NULL"}),
		"text for a number":   answer([]any{"1", "x"}, []any{int64(2), nil}),
		"bytes for text":      answer([]any{int64(1), []byte("x")}, []any{int64(2), nil}),
		"a column less":       {columns: []string{"a"}, rows: base.rows},
	}
	for name, other := range different {
		assert.NotEmpty(t, difference(other, base, false), name)
	}
}
