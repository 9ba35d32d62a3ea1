package dialect_test

import (
	"database/sql"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/dialect"
	"github.com/hedgerow/hedgerow/internal/testdb"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

// engine is a database with the dialect that it understands.
type engine struct {
	*sql.DB
	d *dialect.Dialect
}

// onServers runs a test on every database at hand.
func onServers(t *testing.T, test func(t *testing.T, e engine)) {
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		d, ok := dialect.ByName(string(k))
		require.True(t, ok)
		o := testdb.Options{}
		if k == testdb.MariaDB {
			o.Collation = "utf8mb4_nopad_bin" // the others compare by code point without being asked
		}
		test(t, engine{testdb.OpenWith(t, k, o), d})
	})
}

// query gives the rows of a printed query as the driver has them.
func (e engine) query(t testing.TB, text string, args ...any) ([][]any, error) {
	t.Helper()
	rows, err := e.Query(text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(t, err)
	out := [][]any{}
	for rows.Next() {
		row := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, rows.Err()
}

// like brings a driver's value into the form of the value that is wanted, so
// that equal values are equal.
func like(want, got any) any {
	if b, ok := got.([]byte); ok {
		got = string(b)
	}
	if b, ok := got.(bool); ok {
		got = map[bool]int{true: 1}[b]
	}
	if at, ok := got.(time.Time); ok {
		got = at.Format("2006-01-02 15:04:05.999999")
		switch s, _ := want.(string); len(s) {
		case len(time.DateOnly):
			got = at.Format(time.DateOnly)
		case len(time.TimeOnly):
			got = at.Format(time.TimeOnly)
		}
	}
	target, number := float(want)
	if !number {
		if s, ok := want.(string); ok && len(s) == len(time.TimeOnly) && s[2] == ':' {
			return strings.TrimSuffix(fmt.Sprint(got), ".000000")
		}
		return got
	}
	v, ok := float(got)
	if s, isText := got.(string); isText {
		parsed, err := strconv.ParseFloat(s, 64)
		v, ok = parsed, err == nil
	}
	if ok && math.Abs(v-target) <= 1e-9*max(1, math.Abs(target)) {
		return want
	}
	return got
}

func float(v any) (float64, bool) {
	switch v := v.(type) {
	case int:
		return float64(v), true
	case int32:
		return float64(v), true
	case int64:
		return float64(v), true
	case uint64:
		return float64(v), true
	case float64:
		return v, true
	default:
		return 0, false
	}
}

// deviations are the documented differences: MySQL and MariaDB compare
// constants by the collation of the connection, which ignores case here.
var deviations = map[string]any{
	"mariadb: like case":        1,
	"mariadb: like at run case": 1,
}

// TestFunctions: every case gives its value on every database, or is refused.
func TestFunctions(t *testing.T) {
	onServers(t, func(t *testing.T, e engine) {
		for _, c := range append(functionCases(), celCases()...) {
			text, _, err := e.d.Print(rows(c.expr))
			if err != nil {
				assert.ErrorContains(t, err, e.d.Name, c.name)
				continue
			}
			want := c.want
			if other, ok := deviations[e.d.Name+": "+c.name]; ok {
				want = other
			}
			out, err := e.query(t, text)
			if assert.NoError(t, err, "%s: %s", c.name, text) {
				assert.Equal(t, want, like(want, out[0][0]), "%s: %s", c.name, text)
			}
		}
	})
}

// TestGoldenRows: the golden queries give the same rows on every database that
// takes them.
func TestGoldenRows(t *testing.T) {
	onServers(t, func(t *testing.T, e engine) {
		for _, s := range strings.Split(schema, ";\n") {
			_, err := e.Exec(strings.TrimSuffix(s, ";"))
			require.NoError(t, err)
		}
		for _, c := range goldenCases() {
			text, args, err := e.d.Print(c.query)
			if err != nil {
				assert.ErrorContains(t, err, e.d.Name, c.name)
				continue
			}
			bound := make([]any, len(args))
			for i, a := range args {
				bound[i] = []any{"p", "q"}[a.Param]
			}
			out, err := e.query(t, text, bound...)
			if !assert.NoError(t, err, "%s: %s", c.name, text) {
				continue
			}
			got := make([]string, len(out))
			for i, row := range out {
				got[i] = words(row)
			}
			if c.ordered {
				assert.Equal(t, c.rows, got, c.name)
			} else {
				assert.ElementsMatch(t, c.rows, got, c.name)
			}
		}
	})
}

// words writes a row, numbers without zeros at their end.
func words(row []any) string {
	out := make([]string, len(row))
	for i, v := range row {
		if b, ok := v.([]byte); ok {
			v = string(b)
		}
		if f, ok := float(v); ok {
			v = f
		}
		if n, ok := like(0.0, v).(string); ok && strings.Contains(n, ".") {
			if f, err := strconv.ParseFloat(n, 64); err == nil {
				v = f
			}
		}
		out[i] = fmt.Sprint(normal(v))
		if v == nil {
			out[i] = "NULL"
		}
	}
	return strings.Join(out, " ")
}
