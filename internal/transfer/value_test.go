package transfer_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/testdb"
	"github.com/hedgerow/hedgerow/internal/transfer"
	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
)

// copyColumn copies a table t of one column v, made by statements, and gives
// the texts that the target has then.
func copyColumn(t *testing.T, from testdb.Kind, o testdb.Options, to testdb.Kind, d semantic.Datatype, statements ...string) ([]string, error) {
	t.Helper()
	db, dst := testdb.OpenWith(t, from, o), testdb.Open(t, to)
	for _, statement := range statements {
		execute(t, db, statement)
	}
	if err := copyInto(t, from, db, to, dst, d); err != nil {
		return nil, err
	}
	cast := "TEXT"
	if to == testdb.MariaDB {
		cast = "CHAR"
	}
	return dump(t, dst, "SELECT CAST(v AS "+cast+") FROM t"), nil
}

func copyInto(t *testing.T, from testdb.Kind, db *sql.DB, to testdb.Kind, dst *sql.DB, d semantic.Datatype) error {
	t.Helper()
	m := parse(t, fmt.Sprintf(`{version: 0.2.0, semantic_model: [{name: m, datasets: [{name: t, source: t, fields: [
		{name: v, datatype: %s, expression: {dialects: [{dialect: ANSI_SQL, expression: v}]}}]}]}]}`, d))
	set, err := policy.Parse("policy.yaml", []byte(`policies: [{name: all, datasets: [t], rows: "true"}]`), m)
	require.NoError(t, err)
	e, err := rls.New(rls.Config{Policies: set, Dialect: dialectOf[from]})
	require.NoError(t, err)
	s, err := set.Schema().New(nil)
	require.NoError(t, err)
	_, err = transfer.Run(context.Background(), transfer.Source{DB: db, Enforcer: e, Session: s},
		transfer.Target{DB: dst, Model: m, Dialect: dialectOf[to]}, options())
	if err != nil {
		assert.NotContains(t, err.Error(), canary)
	}
	return err
}

func one(text string) []string { return []string{fmt.Sprintf("[]interface {}{%q}", text)} }

const longDecimal = "-12345678901234567890123456789012345.678901234567890123456789"

// TestLongDecimals: decimals keep all of their digits, or aren't copied.
func TestLongDecimals(t *testing.T) {
	for _, size := range []string{"numeric(61, 24)", "numeric"} {
		statements := []string{"CREATE TABLE t (v " + size + ")", "INSERT INTO t VALUES (" + longDecimal + ")"}
		for to, want := range map[testdb.Kind]string{testdb.PostgreSQL: longDecimal, testdb.MariaDB: longDecimal + "000000"} {
			got, err := copyColumn(t, testdb.PostgreSQL, testdb.Options{}, to, semantic.Decimal, statements...)
			require.NoError(t, err, "%v", causes(err))
			if size != "numeric" && to == testdb.MariaDB {
				want = longDecimal
			}
			assert.Equal(t, one(want), got)
		}
		_, err := copyColumn(t, testdb.PostgreSQL, testdb.Options{}, testdb.SQLite, semantic.Decimal, statements...)
		require.ErrorIs(t, err, transfer.ErrValue)
	}
	_, err := copyColumn(t, testdb.PostgreSQL, testdb.Options{}, testdb.MariaDB, semantic.Decimal,
		"CREATE TABLE t (v numeric)", "INSERT INTO t VALUES (0."+fmt.Sprintf("%031d", 1)+")")
	require.ErrorIs(t, err, transfer.ErrMismatch, "MariaDB rounds to 30 decimals")
}

// TestWrongValues: a value that isn't of its field's datatype isn't copied, and
// isn't told either.
func TestWrongValues(t *testing.T) {
	for d, value := range map[semantic.Datatype]string{
		semantic.Date: canary, semantic.DateTime: "2024-02-30 12:00:00", semantic.Time: "25:00:00", semantic.Integer: canary,
		semantic.Decimal: canary, semantic.Float: canary, semantic.Boolean: canary, semantic.DateTimeTz: "",
	} {
		_, err := copyColumn(t, testdb.SQLite, testdb.Options{}, testdb.SQLite, d, "CREATE TABLE t (v TEXT)", "INSERT INTO t VALUES ('"+value+"')")
		assert.ErrorIs(t, err, transfer.ErrValue, d)
	}
	for _, c := range []struct {
		datatype      semantic.Datatype
		column, value string
		from, to      testdb.Kind
		ok            bool
	}{
		{semantic.Float, "double precision", "'NaN'", testdb.PostgreSQL, testdb.PostgreSQL, true},
		{semantic.Float, "double precision", "'NaN'", testdb.PostgreSQL, testdb.SQLite, false},
		{semantic.Float, "double precision", "'-Infinity'", testdb.PostgreSQL, testdb.MariaDB, false},
		{semantic.Decimal, "numeric", "'NaN'", testdb.PostgreSQL, testdb.PostgreSQL, false},
		{semantic.Date, "date", "'infinity'", testdb.PostgreSQL, testdb.PostgreSQL, false},
		{semantic.Date, "date", "'0044-03-15 BC'", testdb.PostgreSQL, testdb.SQLite, false},
		{semantic.Time, "time", "'24:00:00'", testdb.PostgreSQL, testdb.PostgreSQL, false},
		{semantic.Time, "TIME", "'-100:00:00'", testdb.MariaDB, testdb.MariaDB, false},
		{semantic.Integer, "BIGINT UNSIGNED", "18446744073709551615", testdb.MariaDB, testdb.MariaDB, false},
		{semantic.Integer, "BIGINT UNSIGNED", "9223372036854775807", testdb.MariaDB, testdb.PostgreSQL, true},
		{semantic.Boolean, "INT", "2", testdb.MariaDB, testdb.PostgreSQL, false},
		{semantic.Boolean, "BIT(1)", "b'1'", testdb.MariaDB, testdb.PostgreSQL, true},
		{semantic.String, "uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", testdb.PostgreSQL, testdb.MariaDB, true},
	} {
		_, err := copyColumn(t, c.from, testdb.Options{}, c.to, c.datatype, "CREATE TABLE t (v "+c.column+")", "INSERT INTO t VALUES ("+c.value+")")
		if c.ok {
			assert.NoError(t, err, "%s %s %v", c.column, c.value, causes(err))
		} else {
			assert.ErrorIs(t, err, transfer.ErrValue, "%s %s", c.column, c.value)
		}
	}
}

// TestZeroDate: MariaDB's 0000-00-00 isn't copied as another date.
func TestZeroDate(t *testing.T) {
	_, err := copyColumn(t, testdb.MariaDB, testdb.Options{}, testdb.SQLite, semantic.Date,
		"CREATE TABLE t (v DATE)", "INSERT IGNORE INTO t VALUES ('0000-00-00')")
	assert.ErrorIs(t, err, transfer.ErrValue)
}

// TestTimeZones: an instant is the same instant in the target, or isn't copied.
func TestTimeZones(t *testing.T) {
	berlin := testdb.Options{TimeZone: "Europe/Berlin"}
	for to, want := range map[testdb.Kind]string{
		testdb.SQLite: "2024-07-01 10:00:00.5", testdb.PostgreSQL: "2024-07-01 10:00:00.5+00", testdb.MariaDB: "2024-07-01 10:00:00.500000",
	} {
		got, err := copyColumn(t, testdb.PostgreSQL, berlin, to, semantic.DateTimeTz,
			"CREATE TABLE t (v timestamptz)", "INSERT INTO t VALUES ('2024-07-01 12:00:00.5')")
		require.NoError(t, err, "%v", causes(err))
		assert.Equal(t, one(want), got)
	}
	table := []string{"CREATE TABLE t (v TIMESTAMP NULL)", "INSERT INTO t VALUES ('2024-07-01 12:00:00')"}
	_, err := copyColumn(t, testdb.MariaDB, berlin, testdb.SQLite, semantic.DateTimeTz, table...)
	assert.ErrorIs(t, err, transfer.ErrUnsupported)
	got, err := copyColumn(t, testdb.MariaDB, testdb.Options{}, testdb.SQLite, semantic.DateTimeTz, table...)
	require.NoError(t, err)
	assert.Equal(t, one("2024-07-01 12:00:00"), got)
	got, err = copyColumn(t, testdb.MariaDB, berlin, testdb.SQLite, semantic.DateTime, // digits, which no zone changes
		"CREATE TABLE t (v DATETIME)", "INSERT INTO t VALUES ('2024-03-31 02:30:00')")
	require.NoError(t, err)
	assert.Equal(t, one("2024-03-31 02:30:00"), got)
}

// TestOpaque: of what type a new column would be isn't known; into a table that
// is there, values are copied as they are.
func TestOpaque(t *testing.T) {
	for _, c := range []struct {
		from, to              testdb.Kind
		column, value, target string
		back                  string // the query of the value, which must be 1
	}{
		{testdb.SQLite, testdb.PostgreSQL, "BLOB", "x'00ff'", "bytea", `CAST(v = '\x00ff' AS int)`},
		{testdb.PostgreSQL, testdb.MariaDB, "bytea", `'\x00ff'`, "BLOB", "v = x'00ff'"},
		{testdb.MariaDB, testdb.SQLite, "BLOB", "x'00ff'", "BLOB", "v = x'00ff'"},
		{testdb.PostgreSQL, testdb.PostgreSQL, "jsonb", `'{"a": [1, null]}'`, "jsonb", `CAST(v = '{"a": [1, null]}' AS int)`},
		{testdb.PostgreSQL, testdb.PostgreSQL, "int[]", `'{1,2}'`, "int[]", `v[2] - 1`},
	} {
		db, dst := testdb.Open(t, c.from), testdb.Open(t, c.to)
		execute(t, db, "CREATE TABLE t (v "+c.column+")")
		execute(t, db, "INSERT INTO t VALUES ("+c.value+"), (NULL)")
		require.ErrorIs(t, copyInto(t, c.from, db, c.to, dst, semantic.Opaque), transfer.ErrTable)
		execute(t, dst, "CREATE TABLE t (v "+c.target+")")
		err := copyInto(t, c.from, db, c.to, dst, semantic.Opaque)
		require.NoError(t, err, "%v", causes(err))
		var yes int
		require.NoError(t, dst.QueryRow("SELECT "+c.back+" FROM t WHERE v IS NOT NULL").Scan(&yes))
		assert.Equal(t, 1, yes)
		assert.Equal(t, 2, count(t, dst, "t"))
	}
}

// TestFloat: MariaDB's FLOAT keeps all of its bits, of which a text has six digits.
func TestFloat(t *testing.T) {
	got, err := copyColumn(t, testdb.MariaDB, testdb.Options{}, testdb.PostgreSQL, semantic.Float,
		"CREATE TABLE t (v FLOAT)", "INSERT INTO t VALUES (16777215)")
	require.NoError(t, err)
	assert.Equal(t, one("16777215"), got)
}

// TestDriverSettings: the ways in which a host may have opened MariaDB make no
// difference, or an error.
func TestDriverSettings(t *testing.T) {
	for settings, want := range map[string]error{
		"":                                       nil, // dates are texts
		"&parseTime=true":                        nil,
		"&interpolateParams=true":                nil,
		"&parseTime=true&interpolateParams=true": nil,
		"&sql_mode=%27ANSI_QUOTES,NO_BACKSLASH_ESCAPES%27": nil,
		"&clientFoundRows=true":                            nil,
		"&parseTime=true&loc=Europe%2FBerlin":              transfer.ErrValue,
		"&time_zone=%27%2B02:00%27&parseTime=true":         transfer.ErrUnsupported,
	} {
		t.Run(settings, func(t *testing.T) {
			plain, dsn := reachable(t, testdb.MariaDB)
			w, dst := openWorld(t, testdb.MariaDB, plain), target(t, testdb.SQLite)
			w.fill(t)
			w.db = reopened(t, dsn, settings)
			_, err := run(w, dst)
			if want != nil {
				require.ErrorIs(t, err, want, "%v", causes(err))
				return
			}
			require.NoError(t, err, "%v", causes(err))
			assert.Equal(t, wanted(rowsOfAcme), held(t, dst, testdb.SQLite))

			plain, dsn = reachable(t, testdb.MariaDB)
			dst = transfer.Target{DB: reopened(t, dsn, settings), Model: dst.Model, Dialect: rls.MariaDB}
			for range 2 {
				_, err = run(w, dst)
				require.NoError(t, err, "%v", causes(err))
			}
			dst.DB = plain
			assert.Equal(t, wanted(rowsOfAcme), held(t, dst, testdb.MariaDB))
		})
	}
}

// reopened opens a MariaDB database with other settings; the zone is UTC unless
// they say another.
func reopened(t *testing.T, dsn, settings string) *sql.DB {
	t.Helper()
	base, _, _ := strings.Cut(dsn, "?")
	if !strings.Contains(settings, "time_zone") {
		settings += "&time_zone=%27%2B00:00%27"
	}
	db, err := sql.Open("mysql", base+"?collation=utf8mb4_general_ci"+settings)
	require.NoError(t, err)
	t.Cleanup(func() { db.Close() })
	return db
}

// TestMaskedByNull: a mask without a value has its field's datatype.
func TestMaskedByNull(t *testing.T) {
	w, dst := newWorld(t, testdb.SQLite), target(t, testdb.PostgreSQL)
	set, err := policy.Parse("policy.yaml", []byte(`
policies:
  - {name: all, datasets: "*", rows: "true"}
  - {name: none, datasets: [events], mask: {amount: "null", at: "null", num: "row.num - row.num"}}
`), parse(t, sharedModel()))
	require.NoError(t, err)
	e, err := rls.New(rls.Config{Policies: set, Dialect: rls.SQLite})
	require.NoError(t, err)
	s, err := set.Schema().New(nil)
	require.NoError(t, err)
	w.exec(t, "DELETE FROM shared_events WHERE c_tenant <> 'acme'")
	report, err := transfer.Run(context.Background(), transfer.Source{DB: w.db, Enforcer: e, Session: s}, dst, options())
	require.NoError(t, err, "%v", causes(err))
	assert.Equal(t, []string{"num", "amount", "at"}, report.Datasets[1].Masked)
	assert.Equal(t, []string{"[]interface {}{0, 0, 21}"}, dump(t, dst.DB, `SELECT COUNT("The amount"), COUNT("The at"), COUNT("The num") FROM events`))
}
