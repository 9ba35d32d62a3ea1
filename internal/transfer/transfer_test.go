package transfer_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/internal/transfer"
	"github.com/hedgerow/hedgerow/semantic"
)

// pairs runs a test for every kind of source and target.
func pairs(t *testing.T, test func(t *testing.T, from, to testdb.Kind)) {
	testdb.Databases(t, func(t *testing.T, from testdb.Kind) {
		testdb.Databases(t, func(t *testing.T, to testdb.Kind) { test(t, from, to) })
	})
}

// TestEveryPair copies hostile values from every kind of database to every
// kind, and reads them back as texts that the target's database makes.
func TestEveryPair(t *testing.T) {
	sums := map[string]transfer.Sum{} // the same for all pairs
	pairs(t, func(t *testing.T, from, to testdb.Kind) {
		w, dst := newWorld(t, from), target(t, to)
		before := w.dump(t)
		report, err := transfer.Run(context.Background(), w.source(), dst, options())
		require.NoError(t, err, "%v", causes(err))
		require.Len(t, report.Datasets, 2)
		for i, want := range []transfer.DatasetReport{{Dataset: "accounts", Rows: 2}, {Dataset: "events", Rows: rowsOfAcme}} {
			got := report.Datasets[i]
			if first, ok := sums[got.Dataset]; ok {
				assert.Equal(t, first, got.Checksum, "%s has another checksum than on other databases", got.Dataset)
			}
			sums[got.Dataset] = got.Checksum
			got.Checksum = transfer.Sum{}
			assert.Equal(t, want, got)
		}
		assert.Equal(t, before, w.dump(t), "the source has changed")
		assert.Equal(t, wanted(rowsOfAcme), held(t, dst, to))
		for _, table := range []string{"events", "accounts"} {
			assert.NotContains(t, fmt.Sprint(dump(t, dst.DB, "SELECT * FROM "+table)), canary)
		}

		again, err := transfer.Run(context.Background(), w.source(), dst, options())
		require.NoError(t, err, "%v", causes(err))
		for i, d := range again.Datasets {
			assert.True(t, d.Reused)
			assert.Equal(t, report.Datasets[i].Checksum, d.Checksum)
		}
	})
}

// wanted are the rows that the target must have, as normal texts.
func wanted(rows int) []string {
	var out []string
	for i := range rows {
		var cells []string
		for j, v := range row(i, "acme") {
			cells = append(cells, normal(v, fields[j].datatype))
		}
		out = append(out, strings.Join(cells, " | "))
	}
	slices.Sort(out)
	return out
}

// held are the rows that the target has, as texts that its database makes.
func held(t testing.TB, dst transfer.Target, k testdb.Kind) []string {
	t.Helper()
	quote, cast := `"`, "CAST(%s AS TEXT)"
	if k == testdb.MariaDB {
		quote, cast = "`", "CAST(%s AS CHAR CHARACTER SET utf8mb4)"
	}
	columns := []string{fmt.Sprintf(cast, "id")}
	for _, f := range fields[1:] {
		form := cast
		if f.datatype == semantic.Float || f.datatype == semantic.Decimal && k == testdb.SQLite { // CAST makes other digits of a REAL
			form = "%s"
		}
		columns = append(columns, fmt.Sprintf(form, strings.ReplaceAll(ownColumn(f.name), `"`, quote)))
	}
	rows, err := dst.DB.Query("SELECT " + strings.Join(columns, ", ") + " FROM events")
	require.NoError(t, err)
	defer rows.Close()
	var out []string
	for rows.Next() {
		raw, into := make([]any, len(fields)), make([]any, len(fields))
		for i := range raw {
			into[i] = &raw[i]
		}
		require.NoError(t, rows.Scan(into...))
		var cells []string
		for i, v := range raw {
			cells = append(cells, normal(v, fields[i].datatype))
		}
		out = append(out, strings.Join(cells, " | "))
	}
	require.NoError(t, rows.Err())
	slices.Sort(out)
	return out
}

func normal(v any, t semantic.Datatype) string {
	if v == nil {
		return "NULL!"
	}
	text := fmt.Sprintf("%s", v)
	if f, ok := v.(float64); ok {
		text = strconv.FormatFloat(f, 'f', -1, 64)
	}
	if i, ok := v.(int64); ok {
		text = strconv.FormatInt(i, 10)
	}
	switch t {
	case semantic.Float:
		f, _ := strconv.ParseFloat(text, 64)
		return strconv.FormatFloat(f, 'g', -1, 64)
	case semantic.Boolean:
		return map[string]string{"0": "0", "1": "1", "false": "0", "true": "1"}[text]
	case semantic.Decimal, semantic.Time, semantic.DateTime, semantic.DateTimeTz:
		text = strings.TrimSuffix(text, "+00")
		if strings.Contains(text, ".") {
			text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
		}
	case semantic.String:
		return strconv.Quote(text)
	}
	return text
}

// causes shows what a database said, which the error's own text must not.
func causes(err error) []error {
	var out []error
	var walk func(error)
	walk = func(err error) {
		switch e := err.(type) {
		case nil:
		case interface{ Unwrap() []error }:
			for _, inner := range e.Unwrap() {
				walk(inner)
			}
		default:
			out = append(out, err)
		}
	}
	walk(err)
	return out
}
