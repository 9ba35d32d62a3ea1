// Package totality holds what a dialect calls total against its database: every
// function, operator and cast runs over columns of every type that hold the
// values at which databases fail. Only tests use it.
package totality

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/hedgerow/hedgerow/internal/ast"
)

// column is a table of one column v, called x_ and its name, and an empty one
// like it, called e_ and its name.
type column struct {
	name string
	typ  ast.Type // as a model would declare it
	sql  string   // the column's type on the database
	// values are constants of the database; NULL is always among the rows.
	values []string
	// plain says that the column stands for its type where trying all would take
	// too long.
	plain bool
}

// long is a text over the 65,535 bytes that some databases count in.
const long = 70_000

var (
	whole = []string{"0", "1", "-1", "3", "-17"}
	small = append(whole[:5:5], "32767", "-32768")
	four  = append(whole[:5:5], "2147483647", "-2147483648")
	eight = append(whole[:5:5], "1073741824", "9223372036854775807", "-9223372036854775807 - 1", "-9223372036854775807")
	money = []string{"0", "0.5", "-2.5", "9999999999999999.9999", "-9999999999999999.9999"}
	// texts are what conversions, formats and patterns stumble over.
	texts = []string{"''", "' '", "'a '", "'%'", "'1'", "'-1'", "'2024-02-31'", "'9999-12-31 23:59:59.999999'", "'0000-00-00'",
		"'99999999999999999999'", "'-1e999x'", "'1e400'", "'inf'", "'nan'", "'838:59:59'", "'é𐍈'", "'now'", "'VICTIM'"}
	days     = []string{"'0001-01-01'", "'2024-02-29'", "'9999-12-31'"}
	times    = []string{"'00:00:00'", "'23:59:59.999999'"}
	instants = []string{"'0001-01-01 00:00:00'", "'2024-02-29 12:30:00.5'", "'9999-12-31 23:59:59.999999'"}
	truths   = []string{"TRUE", "FALSE"}
)

func with(values []string, more ...string) []string {
	return append(values[:len(values):len(values)], more...)
}

// columns are the columns for each dialect by its name.
var columns = map[string][]column{
	"sqlite": {
		{"i8", ast.Integer, "INTEGER", with(eight, "'abc'", "x'00ff'", "1.5", "9e999"), true},
		{"dm", ast.Decimal, "NUMERIC", with(money, "1e300", "'abc'"), true},
		{"f8", ast.Float, "REAL", []string{"0.0", "1.7e308", "-1.7e308", "5e-324", "9e999", "-9e999", "'abc'"}, true},
		{"s", ast.String, "TEXT", with(texts, "x'00ff'", "'a' || char(0) || 'b'"), true},
		{"sn", ast.String, "TEXT COLLATE NOCASE", []string{"'a'", "'A'"}, false},
		{"sl", ast.String, "TEXT", []string{"replace(hex(zeroblob(35000)), '0', 'a')", "replace(hex(zeroblob(35000)), '00', '%a')", "zeroblob(70000)"}, true},
		{"b", ast.Boolean, "BOOLEAN", with(truths, "7", "'abc'"), true},
		{"d", ast.Date, "TEXT", with(days, "'2024-02-31'", "'10000-01-01'", "''", "'-4714-11-24'", "9e999", "'now'"), true},
		{"t", ast.Time, "TEXT", with(times, "'24:00:00'", "'x'"), true},
		{"ts", ast.DateTime, "TEXT", with(instants, "'294277-01-01 00:00:00'", "'x'", "1e300", "-9223372036854775807"), true},
		{"tz", ast.DateTimeTz, "TEXT", with(instants, "'2024-01-01T00:00:00Z'", "'x'"), true},
		{"u", ast.Unknown, "", []string{"9223372036854775807", "-9223372036854775807 - 1", "9e999", "'abc'", "x'00ff'"}, true},
	},
	"postgresql": {
		{"i2", ast.Integer, "smallint", small, false},
		{"i4", ast.Integer, "integer", four, false},
		{"i8", ast.Integer, "bigint", eight, true},
		{"in", ast.Integer, "numeric", with(eight, "1e30", "1e131071", "'NaN'", "'Infinity'"), false},
		{"dm", ast.Decimal, "numeric(20,4)", money, false},
		{"d0", ast.Decimal, "numeric", with(money, "1e400", "-1e400", "1e131071", "1e-16000", "'NaN'", "'Infinity'", "'-Infinity'"), true},
		{"f4", ast.Float, "real", []string{"0", "3.4e38", "-3.4e38", "1e-45", "'NaN'", "'Infinity'"}, false},
		{"f8", ast.Float, "double precision", []string{"0", "'-0'", "0.5", "1.7e308", "-1.7e308", "5e-324", "'NaN'", "'Infinity'", "'-Infinity'"}, true},
		{"s", ast.String, "text", texts, true},
		{"sv", ast.String, "varchar(200)", texts[:6], false},
		{"sc", ast.String, "char(10)", texts[:6], false},
		{"sn", ast.String, "text COLLATE nondeterministic", []string{"'a'", "'A'", "''", "'%'"}, false},
		{"sl", ast.String, "text", []string{"repeat('a', 70000)", "repeat('%a', 35000)", "repeat('é', 70000)"}, true},
		{"b", ast.Boolean, "boolean", truths, true},
		{"d", ast.Date, "date", with(days, "'5874897-12-31'", "'4713-11-24 BC'", "'infinity'", "'-infinity'"), true},
		{"t", ast.Time, "time", with(times, "'24:00:00'"), true},
		{"ts", ast.DateTime, "timestamp", with(instants, "'294276-12-31 23:59:59.999999'", "'4713-11-24 00:00:00 BC'", "'infinity'", "'-infinity'"), true},
		{"tz", ast.DateTimeTz, "timestamptz", with(instants, "'294276-12-31 23:59:59.999999'", "'4713-11-24 00:00:00 BC'", "'infinity'", "'-infinity'"), true},
		{"u", ast.Unknown, "text", texts[:6], false},
		{"uj", ast.Opaque, "jsonb", []string{"'{}'", `'"a"'`, "'1e400'"}, false},
	},
	"mariadb": {
		{"i1", ast.Integer, "tinyint unsigned", []string{"0", "1", "255"}, false},
		{"i4", ast.Integer, "int", four, false},
		{"i8", ast.Integer, "bigint", eight, true},
		{"iu", ast.Integer, "bigint unsigned", []string{"0", "1", "3", "9223372036854775807", "18446744073709551615"}, false},
		{"dm", ast.Decimal, "decimal(20,4)", money, true},
		{"d0", ast.Decimal, "decimal(65,30)", []string{"0", "0.5", "99999999999999999999999999999999999.999999999999999999999999999999", "-99999999999999999999999999999999999.999999999999999999999999999999"}, true},
		{"d9", ast.Decimal, "decimal(65,0)", []string{strings.Repeat("9", 65), "-" + strings.Repeat("9", 65)}, false},
		{"f4", ast.Float, "float", []string{"0", "3.4e38", "-3.4e38", "1e-45"}, false},
		{"f8", ast.Float, "double", []string{"0", "0.5", "1.7e308", "-1.7e308", "2.3e-308"}, true},
		{"s", ast.String, "varchar(200)", texts, true},
		{"sb", ast.String, "varchar(200) COLLATE utf8mb4_bin", texts[:8], false},
		{"s1", ast.String, "varchar(200) CHARACTER SET latin1", texts[:8], false},
		{"sl", ast.String, "longtext", []string{"repeat('a', 70000)", "repeat('%a', 35000)", "repeat('é', 70000)", "repeat('9', 70000)"}, true},
		{"b", ast.Boolean, "boolean", with(truths, "7", "-128"), true},
		{"d", ast.Date, "date", with(days, "'0000-00-00'", "'2024-00-00'", "'2024-02-31'"), true},
		{"t", ast.Time, "time(6)", with(times, "'838:59:59.999999'", "'-838:59:59.999999'"), true},
		{"ts", ast.DateTime, "datetime(6)", with(instants, "'0000-00-00 00:00:00'", "'2024-00-00 00:00:00'"), true},
		{"tz", ast.DateTimeTz, "timestamp(6) NULL", []string{"'1970-01-01 00:00:01'", "'2038-01-19 03:14:07.999999'", "'0000-00-00 00:00:00'"}, true},
		{"u", ast.Unknown, "varchar(200)", texts, true},
		{"ub", ast.Unknown, "blob", []string{"''", "x'00ff'", "'abc'"}, false},
		{"ui", ast.Unknown, "bigint", eight, false},
	},
	"duckdb": {
		{"i2", ast.Integer, "SMALLINT", small, false},
		{"i4", ast.Integer, "INTEGER", four, false},
		{"i8", ast.Integer, "BIGINT", eight, true},
		{"iu", ast.Integer, "UBIGINT", []string{"0", "1", "18446744073709551615"}, false},
		{"ih", ast.Integer, "HUGEINT", with(eight, "170141183460469231731687303715884105727", "-170141183460469231731687303715884105727"), false},
		{"dm", ast.Decimal, "DECIMAL(20,4)", money, true},
		{"d0", ast.Decimal, "DECIMAL(38,10)", []string{"0", "0.5", "9999999999999999999999999999.9999999999", "-9999999999999999999999999999.9999999999"}, false},
		{"d9", ast.Decimal, "DECIMAL(38,0)", []string{"0", strings.Repeat("9", 38), "-" + strings.Repeat("9", 38)}, false},
		{"f4", ast.Float, "FLOAT", []string{"0", "3.4e38", "-3.4e38", "'nan'", "'inf'"}, false},
		{"f8", ast.Float, "DOUBLE", []string{"0", "0.5", "1.7e308", "-1.7e308", "5e-324", "'nan'", "'inf'", "'-inf'"}, true},
		{"s", ast.String, "VARCHAR", texts, true},
		{"sn", ast.String, "VARCHAR COLLATE NOCASE", texts[:6], false},
		{"sl", ast.String, "VARCHAR", []string{"repeat('a', 70000)", "repeat('%a', 35000)", "repeat('é', 70000)"}, true},
		{"b", ast.Boolean, "BOOLEAN", truths, true},
		{"d", ast.Date, "DATE", with(days, "'5881580-07-10'", "'5877642-06-25 (BC)'", "'infinity'", "'-infinity'"), true},
		{"t", ast.Time, "TIME", with(times, "'24:00:00'"), true},
		{"ts", ast.DateTime, "TIMESTAMP", with(instants, "'294247-01-10 04:00:54.775806'", "'290309-12-22 (BC) 00:00:00'", "'infinity'", "'-infinity'"), true},
		{"tz", ast.DateTimeTz, "TIMESTAMPTZ", with(instants, "'200000-01-01 00:00:00'", "'200000-01-01 (BC) 00:00:00'", "'infinity'", "'-infinity'"), true},
		{"u", ast.Unknown, "VARCHAR", texts, true},
	},
}

// prologue are the statements before the tables are made.
var prologue = map[string][]string{
	"postgresql": {"CREATE COLLATION nondeterministic (provider = icu, locale = 'und-u-ks-level2', deterministic = false)"},
}

// create makes the tables. A value that the column refuses is an error: it would
// be missed without a word.
func create(ctx context.Context, db *sql.DB, dialect string) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	statements := prologue[dialect]
	if dialect == "mariadb" {
		statements = []string{"SET sql_mode = 'ALLOW_INVALID_DATES'"}
	}
	for _, c := range columns[dialect] {
		for _, table := range []string{"x_", "e_"} {
			statements = append(statements, fmt.Sprintf("CREATE TABLE %s%s (v %s)", table, c.name, c.sql))
		}
		for _, v := range with(c.values, "NULL") {
			statements = append(statements, fmt.Sprintf("INSERT INTO x_%s VALUES (%s)", c.name, v))
		}
	}
	for _, s := range statements {
		if _, err := conn.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}
