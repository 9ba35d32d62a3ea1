package dialect

import (
	"fmt"
	"strings"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/function"
)

// Snowflake is printed from its manual and not run.
var Snowflake = &Dialect{
	Name:     "snowflake",
	Quote:    '"',
	MaxName:  255,
	MaxParts: 3,

	String:     quotedEscaped,
	TypedDates: true,
	Instant:    "CAST('$1 +00:00' AS TIMESTAMP_TZ)",
	Moments:    map[ast.LiteralKind]string{ast.TimestampLiteral: "CAST('$1' AS TIMESTAMP_NTZ)"},

	NoLimit:      "NULL",
	NullsLargest: true,
	Cross:        "CROSS JOIN",
	CTEColumns:   true,
	InNulls:      true,

	CompoundParens: true,
	SubqueryLimit:  true,

	Infix: map[ast.BinaryOp]string{ast.Add: "+", ast.Sub: "-", ast.Mul: "*"},
	Binary: map[ast.BinaryOp]binaryForm{
		ast.Div:    operation("(CAST($1 AS DOUBLE) / NULLIF(CAST($2 AS DOUBLE), 0))"), // a NUMBER gets six more decimals
		ast.IntDiv: wholeOnly(exactQuotient),
		ast.Mod:    operation("MOD($1, NULLIF($2, 0))"),
	},
	NullSafeEq:  "IS NOT DISTINCT FROM",
	Xor:         "((NOT $1) <> (NOT $2))",
	Quantified:  true,
	LikeEscape:  true,
	TruthNumber: "CAST($1 AS INTEGER)",
	BigInts:     true,
	Converts:    true,
	// A column may have a collation, bytes have none.
	Exact: exact{Left: snowflakeBytes("$1"), Right: snowflakeBytes("$1"), Plain: true},

	Casts: map[ast.CastType]castForm{
		ast.CastChar:     {"CAST($1 AS VARCHAR)", "LEFT(CAST($1 AS VARCHAR), $p)"},
		ast.CastInteger:  {"CAST($1 AS NUMBER(38, 0))", ""},
		ast.CastDecimal:  {"CAST($1 AS NUMBER(10, 0))", "CAST($1 AS NUMBER($p, $s))"},
		ast.CastDouble:   {"CAST($1 AS DOUBLE)", ""},
		ast.CastDate:     {"CAST($1 AS DATE)", ""},
		ast.CastTime:     {"DATE_TRUNC('second', CAST($1 AS TIME))", ""},
		ast.CastDateTime: {"DATE_TRUNC('second', CAST($1 AS TIMESTAMP_NTZ))", ""},
	},
	DateAdd: snowflakeDateAdd,

	Printed: true,
	Inexact: "concat_ws dayname monthname ascii",
	Functions: standardFunctions("VARCHAR", "DOUBLE", merged(map[string]form{
		"round/2":  digits(tmpl("ROUND($1, $2)")),
		"truncate": digits(tmpl("TRUNC($1, $2)")),
		"log/2": tmpl("CASE WHEN CAST($1 AS DOUBLE) > 0 AND CAST($1 AS DOUBLE) <> 1 AND CAST($2 AS DOUBLE) > 0" +
			" THEN LOG(CAST($1 AS DOUBLE), CAST($2 AS DOUBLE)) END"),
		"log10":   tmpl("CASE WHEN CAST($1 AS DOUBLE) > 0 THEN LOG(10, CAST($1 AS DOUBLE)) END"),
		"log2":    tmpl("CASE WHEN CAST($1 AS DOUBLE) > 0 THEN LOG(2, CAST($1 AS DOUBLE)) END"),
		"pi":      tmpl("PI()"),
		"degrees": tmpl("DEGREES(CAST($1 AS DOUBLE))"),
		"radians": tmpl("RADIANS(CAST($1 AS DOUBLE))"),

		"octet_length":  tmpl("OCTET_LENGTH(CAST($1 AS VARCHAR))"),
		"right":         constant(1, 0, 1<<31-1, tmpl("RIGHT(CAST($1 AS VARCHAR), $2)")),
		"trim/1":        tmpl("TRIM(CAST($1 AS VARCHAR), ' ')"),
		"ltrim":         tmpl("LTRIM(CAST($1 AS VARCHAR), ' ')"),
		"rtrim":         tmpl("RTRIM(CAST($1 AS VARCHAR), ' ')"),
		"trim/2":        character(1, tmpl("TRIM(CAST($1 AS VARCHAR), $2)")),
		"trim_leading":  character(1, tmpl("LTRIM(CAST($1 AS VARCHAR), $2)")),
		"trim_trailing": character(1, tmpl("RTRIM(CAST($1 AS VARCHAR), $2)")),

		"now":                  tmpl("DATE_TRUNC('second', CAST(CURRENT_TIMESTAMP() AS TIMESTAMP_NTZ))"),
		"current_date":         tmpl("CURRENT_DATE()"),
		"utc_date":             tmpl("CAST(SYSDATE() AS DATE)"),
		"utc_timestamp":        tmpl("DATE_TRUNC('second', SYSDATE())"),
		"year":                 snowflakePart("YEAR($1)"),
		"quarter":              snowflakePart("QUARTER($1)"),
		"month":                snowflakePart("MONTH($1)"),
		"day":                  snowflakePart("DAY($1)"),
		"dayofweek":            snowflakePart("(MOD(DAYOFWEEKISO($1), 7) + 1)"), // 7 is Sunday there
		"weekday":              snowflakePart("(DAYOFWEEKISO($1) - 1)"),
		"dayofyear":            snowflakePart("DAYOFYEAR($1)"),
		"hour":                 tmpl("HOUR($1)"),
		"minute":               tmpl("MINUTE($1)"),
		"second":               tmpl("SECOND($1)"),
		"week/2":               week("", "WEEKISO(CAST($1 AS TIMESTAMP_NTZ))", ""),
		"last_day":             tmpl("LAST_DAY(CAST($1 AS DATE))"),
		"datediff":             tmpl("DATEDIFF('day', CAST($2 AS DATE), CAST($1 AS DATE))"),
		"date_format":          dateFormat,
		"timestampdiff second": snowflakeElapsed(1e6),
		"timestampdiff minute": snowflakeElapsed(60 * 1e6),
		"timestampdiff hour":   snowflakeElapsed(3600 * 1e6),
		"timestampdiff day":    snowflakeElapsed(86400 * 1e6),
		"timestampdiff week":   snowflakeElapsed(604800 * 1e6),

		"min":             ofTruth("BOOLAND_AGG", "MIN"),
		"max":             ofTruth("BOOLOR_AGG", "MAX"),
		"group_concat":    listAgg("CAST($1 AS VARCHAR)"),
		"string_agg":      separated,
		"median":          percentile("PERCENTILE_CONT", "CAST($1 AS DOUBLE)"),
		"percentile_cont": percentile("PERCENTILE_CONT", "CAST($1 AS DOUBLE)"),
		"percentile_disc": percentile("PERCENTILE_DISC", "$1"),
		"first_value":     framed("FIRST_VALUE"),
		"last_value":      framed("LAST_VALUE"),
		"nth_value":       constant(1, 1, 1<<31-1, framed("NTH_VALUE")),

		"cel.starts_with": tmpl("STARTSWITH(" + snowflakeBytes("$1") + ", " + snowflakeBytes("$2") + ")"),
		"cel.ends_with":   tmpl("ENDSWITH(" + snowflakeBytes("$1") + ", " + snowflakeBytes("$2") + ")"),
		"cel.contains":    tmpl("CONTAINS(" + snowflakeBytes("$1") + ", " + snowflakeBytes("$2") + ")"),
		"cel.size":        tmpl("LENGTH(CAST($1 AS VARCHAR))"),
		"cel.concat":      tmpl("(CAST($1 AS VARCHAR) || CAST($2 AS VARCHAR))"),
		// NaN, which would equal itself and be larger than all others, is unknown.
		"cel.from_float":   tmpl("NULLIF($1, CAST('NaN' AS DOUBLE))"),
		"cel.from_decimal": tmpl("CAST($1 AS DOUBLE)"),
		// Instants compare as timestamps in UTC.
		"cel.from_date":       tmpl("CAST($1 AS TIMESTAMP_NTZ)"),
		"cel.from_datetime":   tmpl("CAST($1 AS TIMESTAMP_NTZ)"),
		"cel.timestamp":       tmpl("CAST($1 AS TIMESTAMP_NTZ)"),
		"cel.calendar":        tmpl("($1)"),
		"cel.from_datetimetz": tmpl("CAST(CONVERT_TIMEZONE('UTC', $1) AS TIMESTAMP_NTZ)"),
		"cel.add":             snowflakeInt("CAST($1 AS NUMBER(38, 0)) + CAST($2 AS NUMBER(38, 0))"),
		"cel.sub":             snowflakeInt("CAST($1 AS NUMBER(38, 0)) - CAST($2 AS NUMBER(38, 0))"),
		"cel.mul":             snowflakeInt("CAST($1 AS NUMBER(38, 0)) * CAST($2 AS NUMBER(38, 0))"),
		"cel.neg":             snowflakeInt("0 - CAST($1 AS NUMBER(38, 0))"),
		"cel.div":             snowflakeInt(exactQuotient),
		"cel.mod":             tmpl("CASE WHEN $2 <> -1 OR $1 <> -9223372036854775808 THEN MOD($1, NULLIF($2, 0)) END"),
	}, perUnit("date_trunc", snowflakeTruncations(), dateTrunc))),
	DateFormat: sameFormat("TO_CHAR(CAST($1 AS TIMESTAMP_NTZ), '$f')", map[byte]string{
		'Y': "YYYY", 'y': "YY", 'm': "MM", 'd': "DD", 'H': "HH24", 'i': "MI", 's': "SS", 'S': "SS", 'T': "HH24:MI:SS",
	}),
}

func snowflakeBytes(arg string) string { return "TO_BINARY(CAST(" + arg + " AS VARCHAR), 'UTF-8')" }

func snowflakePart(template string) form {
	return tmpl(strings.Replace(template, "$1", "CAST($1 AS TIMESTAMP_NTZ)", 1))
}

// snowflakeTruncations are the units of DATE_TRUNC. The day on which its weeks
// begin is a setting, so Monday is counted back to.
func snowflakeTruncations() map[string]string {
	m := map[string]string{}
	for _, unit := range strings.Fields("second minute hour day month quarter year") {
		m[unit] = "DATE_TRUNC('" + unit + "', CAST($2 AS TIMESTAMP_NTZ))"
	}
	m["week"] = "DATEADD('day', 1 - DAYOFWEEKISO(CAST($2 AS TIMESTAMP_NTZ)), DATE_TRUNC('day', CAST($2 AS TIMESTAMP_NTZ)))"
	return m
}

// snowflakeElapsed counts whole units of a number of microseconds from $1 to $2.
func snowflakeElapsed(unit int64) form {
	const micros = "DATEDIFF('microsecond', CAST($1 AS TIMESTAMP_NTZ), CAST($2 AS TIMESTAMP_NTZ))"
	return tmpl(fmt.Sprintf("((%[1]s - MOD(%[1]s, %[2]d)) / %[2]d)", micros, unit))
}

// snowflakeInt gives NULL outside 64 bits.
func snowflakeInt(operation string) form {
	return tmpl("NULLIF(NULLIF(LEAST(GREATEST(" + operation +
		", -9223372036854775809), 9223372036854775808), 9223372036854775808), -9223372036854775809)")
}

// framed is a window function whose default frame is not the standard one.
func framed(name string) form {
	return func(p *printer, c *ast.Call) {
		if c.Over != nil && c.Over.Frame == nil {
			p.unsupported(c.Pos, name+" without a frame").
				WithHint("write ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW, or the frame that is meant")
			return
		}
		native(name)(p, c)
	}
}

// snowflakeDateAdd adds an amount of a unit; months keep to the end of a month.
func snowflakeDateAdd(p *printer, n *ast.DateAdd) {
	amount := "CAST($2 AS INTEGER)"
	if n.Sub {
		amount = "0 - CAST($2 AS INTEGER)"
	}
	operand := "CAST($1 AS TIMESTAMP_NTZ)"
	switch t := function.TypeOf(n.X); {
	case t == ast.Time || t == ast.DateTimeTz:
		p.unsupported(n.Pos, "INTERVAL arithmetic on this type")
		return
	case n.Unit == ast.Second && !wholeType(n.Amount):
		p.unsupported(n.Pos, "an INTERVAL of fractions of a second")
		return
	case t == ast.Date && function.WholeDays(n.Unit):
		operand = "CAST($1 AS DATE)"
	}
	p.render(n.Pos, fmt.Sprintf("DATEADD('%s', %s, %s)", n.Unit, amount, operand), n.X, n.Amount)
}
