package dialect_test

import (
	"testing"

	"github.com/hedgerow/hedgerow/internal/testdb"
)

func TestProbe(t *testing.T) {
	e := engine{testdb.Open(t, testdb.MariaDB), nil}
	e.Exec("CREATE TABLE x (i BIGINT, s VARCHAR(100), d DECIMAL(65,0), f DOUBLE, dt DATETIME)")
	e.Exec("INSERT INTO x VALUES (-9223372036854775808, 'zz', 99999999999999999999999999999999999999999999999999999999999999999, 1e300, '9999-12-31 23:59:59')")
	for _, q := range []string{
		"i / -1", "i / 1e-300", "i % -1", "i DIV -1", "-i", "ABS(i)", "CAST(s AS SIGNED)", "CAST(f AS SIGNED)", "CAST(d AS SIGNED)", "CAST(f AS DECIMAL(5,2))", "CAST(d AS DECIMAL(5,2))", "CAST(s AS DATE)", "CAST(s AS DATETIME)", "CAST(s AS TIME)", "CAST(i AS DATE)", "CAST(i AS CHAR)", "CAST(s AS DOUBLE)", "CAST(f AS FLOAT)",
		"CAST(i AS DECIMAL(65,20)) / 3", "CAST(d AS DECIMAL(65,20)) / 3", "CAST(d AS DECIMAL(65,20)) / 0.0001", "YEAR(s)", "EXTRACT(DAY FROM s)", "DATE_ADD(dt, INTERVAL 1 DAY)", "DATE_ADD(dt, INTERVAL i DAY)", "DATE_ADD(s, INTERVAL f SECOND)", "DATEDIFF(s, dt)", "TIMESTAMPDIFF(MONTH, s, dt)", "LAST_DAY(s)", "DATE_FORMAT(s, '%Y')", "WEEK(s, 0)", "CEIL(f)", "CEIL(d)", "CEIL(i)", "FLOOR(d)", "ROUND(i, -19)", "ROUND(i, 2)", "ROUND(d)", "ROUND(f, 2)", "ROUND(f, -5)", "SQRT(i)", "LN(i)", "LOG(s, s)", "LOG10(s)", "SIGN(f)", "SIN(f)", "ASIN(f)", "POWER(f, 2)", "EXP(f)", "d + d", "d * 2", "f * f", "f + f", "d - 1", "SUBSTRING(s, i)", "SUBSTRING(s, 2, i)", "LEFT(s, i)", "RIGHT(s, i)", "TRIM(s)", "REVERSE(s)", "LOCATE(s, s, i)", "INSTR(s, 'z')", "ASCII(s)", "CONCAT(s, i)", "CONCAT(REPEAT(s, 10000000), REPEAT(s, 10000000))", "REPLACE(s, 'z', s)", "DEGREES(f)", "TRUNCATE(i, -5)", "TRUNCATE(d, 3)", "i & 3", "i | 3", "~i", "DATE(s)", "HOUR(s)", "MICROSECOND(s)", "s + 1", "s LIKE s", "s LIKE s ESCAPE '!'", "i = s", "s < dt", "f BETWEEN s AND d", "STR_TO_DATE(s, '%Y')", "LPAD(s, 1000, 'x')", "ROUND(2.5e0)", "ROUND(-2.5e0)", "CONCAT_WS(s, i, f)", "ATAN2(f, i)", "(SELECT 1 UNION SELECT 2)"} {
		out, err := e.query(t, "SELECT "+q+" FROM x")
		if err != nil {
			t.Log("ERR ", q, err)
		} else {
			s := ""
			if b, ok := out[0][0].([]byte); ok {
				s = string(b[:min(len(b), 60)])
			} else {
				s = words(out[0])
			}
			t.Log("ok  ", q, s)
		}
	}
}
