package dialect

import (
	"fmt"
	"strings"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/function"
)

// BigQuery is GoogleSQL of BigQuery. It is printed from its manual and not run.
var BigQuery = &Dialect{
	Name:        "bigquery",
	Quote:       '`',
	QuoteEscape: true,
	// What the columns of a result can't be called.
	BadName:  "!\"$()*,./;?@[\\]^`{}~",
	MaxName:  300,
	MaxParts: 3,

	String:     quotedBackslash,
	TypedDates: true,
	Instant:    "TIMESTAMP '$1+00'",
	Moments:    map[ast.LiteralKind]string{ast.TimestampLiteral: "DATETIME '$1'"}, // TIMESTAMP has a zone

	NoLimit:      "9223372036854775807",
	Cross:        "CROSS JOIN",
	Dual:         " FROM (SELECT 1 AS `one`) AS `dual`",
	WindowClause: true,
	TruthTests:   true,
	InNulls:      true,

	CompoundParens:   true,
	CompoundDistinct: true,
	SubqueryLimit:    true,

	Infix: map[ast.BinaryOp]string{ast.Add: "+", ast.Sub: "-", ast.Mul: "*"},
	Binary: map[ast.BinaryOp]binaryForm{
		ast.Div:    operation("(CAST($1 AS FLOAT64) / NULLIF(CAST($2 AS FLOAT64), 0))"), // NUMERIC has nine decimals
		ast.IntDiv: wholeOnly("DIV($1, NULLIF($2, 0))"),
		ast.Mod:    operation("MOD($1, NULLIF($2, 0))"),
	},
	NullSafeEq:  "IS NOT DISTINCT FROM",
	Xor:         "((NOT $1) <> (NOT $2))",
	LikeAtRun:   true, // an escape of another character is an error
	TruthNumber: "CAST($1 AS INT64)",
	Converts:    true,
	// A column may have a collation, bytes have none.
	Exact: exact{Left: bigqueryBytes("$1"), Right: bigqueryBytes("$1"), Plain: true},

	Casts: map[ast.CastType]castForm{
		ast.CastChar:     {"CAST($1 AS STRING)", "SUBSTR(CAST($1 AS STRING), 1, $p)"},
		ast.CastInteger:  {"CAST($1 AS INT64)", ""},
		ast.CastDecimal:  {"CAST($1 AS BIGNUMERIC(10, 0))", "CAST($1 AS BIGNUMERIC($p, $s))"},
		ast.CastDouble:   {"CAST($1 AS FLOAT64)", ""},
		ast.CastDate:     {"CAST($1 AS DATE)", ""},
		ast.CastTime:     {"TIME_TRUNC(CAST($1 AS TIME), SECOND)", ""},
		ast.CastDateTime: {"DATETIME_TRUNC(CAST($1 AS DATETIME), SECOND)", ""},
	},
	CastText: map[ast.CastType]string{
		ast.CastInteger: bigqueryNumeral("[0-9]+"),
		ast.CastDouble:  bigqueryNumeral(numeralPattern),
	},
	DateAdd: bigqueryDateAdd,

	Printed: true,
	Inexact: "ascii",
	Functions: standardFunctions("STRING", "FLOAT64", merged(map[string]form{
		"round/2":  digits(tmpl("ROUND($1, $2)")),
		"truncate": digits(tmpl("TRUNC($1, $2)")),
		"log/2": tmpl("CASE WHEN CAST($1 AS FLOAT64) > 0 AND CAST($1 AS FLOAT64) <> 1 AND CAST($2 AS FLOAT64) > 0" +
			" THEN LOG(CAST($2 AS FLOAT64), CAST($1 AS FLOAT64)) END"), // the base is the second argument
		"log10":   tmpl("CASE WHEN CAST($1 AS FLOAT64) > 0 THEN LOG10(CAST($1 AS FLOAT64)) END"),
		"log2":    tmpl("CASE WHEN CAST($1 AS FLOAT64) > 0 THEN LOG(CAST($1 AS FLOAT64), 2) END"),
		"pi":      tmpl("ACOS(-1)"),
		"degrees": tmpl("(CAST($1 AS FLOAT64) * 180 / ACOS(-1))"),
		"radians": tmpl("(CAST($1 AS FLOAT64) * ACOS(-1) / 180)"),

		"octet_length":  tmpl("BYTE_LENGTH(CAST($1 AS STRING))"),
		"right":         constant(1, 0, 1<<31-1, tmpl("RIGHT(CAST($1 AS STRING), $2)")),
		"trim/1":        tmpl("TRIM(CAST($1 AS STRING), ' ')"),
		"ltrim":         tmpl("LTRIM(CAST($1 AS STRING), ' ')"),
		"rtrim":         tmpl("RTRIM(CAST($1 AS STRING), ' ')"),
		"trim/2":        character(1, tmpl("TRIM(CAST($1 AS STRING), $2)")),
		"trim_leading":  character(1, tmpl("LTRIM(CAST($1 AS STRING), $2)")),
		"trim_trailing": character(1, tmpl("RTRIM(CAST($1 AS STRING), $2)")),
		"reverse":       tmpl("REVERSE(CAST($1 AS STRING))"),
		"locate/2":      tmpl("STRPOS(CAST($2 AS STRING), CAST($1 AS STRING))"),
		"instr":         tmpl("STRPOS(CAST($1 AS STRING), CAST($2 AS STRING))"),

		"now":                       tmpl("DATETIME_TRUNC(CURRENT_DATETIME(), SECOND)"),
		"current_date":              tmpl("CURRENT_DATE()"),
		"current_time":              tmpl("TIME_TRUNC(CURRENT_TIME(), SECOND)"),
		"utc_date":                  tmpl("CURRENT_DATE('UTC')"),
		"utc_timestamp":             tmpl("DATETIME_TRUNC(CURRENT_DATETIME('UTC'), SECOND)"),
		"year":                      tmpl(bigqueryPart("YEAR")),
		"quarter":                   tmpl(bigqueryPart("QUARTER")),
		"month":                     tmpl(bigqueryPart("MONTH")),
		"day":                       tmpl(bigqueryPart("DAY")),
		"dayofweek":                 tmpl(bigqueryPart("DAYOFWEEK")),
		"weekday":                   tmpl("MOD(" + bigqueryPart("DAYOFWEEK") + " + 5, 7)"), // 1 is Sunday there
		"dayofyear":                 tmpl(bigqueryPart("DAYOFYEAR")),
		"hour":                      tmpl("EXTRACT(HOUR FROM $1)"),
		"minute":                    tmpl("EXTRACT(MINUTE FROM $1)"),
		"second":                    tmpl("EXTRACT(SECOND FROM $1)"),
		"microsecond":               tmpl("EXTRACT(MICROSECOND FROM $1)"),
		"week":                      week(bigqueryPart("WEEK"), bigqueryPart("ISOWEEK"), bigqueryPart("WEEK(MONDAY)")),
		"dayname":                   tmpl("FORMAT_DATETIME('%A', CAST($1 AS DATETIME))"),
		"monthname":                 tmpl("FORMAT_DATETIME('%B', CAST($1 AS DATETIME))"),
		"last_day":                  tmpl("LAST_DAY(CAST($1 AS DATE), MONTH)"),
		"datediff":                  tmpl("DATE_DIFF(CAST($1 AS DATE), CAST($2 AS DATE), DAY)"),
		"date_format":               dateFormat,
		"timestampdiff microsecond": bigqueryElapsed(1),
		"timestampdiff second":      bigqueryElapsed(1e6),
		"timestampdiff minute":      bigqueryElapsed(60 * 1e6),
		"timestampdiff hour":        bigqueryElapsed(3600 * 1e6),
		"timestampdiff day":         bigqueryElapsed(86400 * 1e6),
		"timestampdiff week":        bigqueryElapsed(604800 * 1e6),

		"min":          ofTruth("LOGICAL_AND", "MIN"),
		"max":          ofTruth("LOGICAL_OR", "MAX"),
		"group_concat": stringAgg("STRING_AGG", "CAST($1 AS STRING)", true),
		"string_agg":   separated,

		"cel.starts_with":  tmpl("STARTS_WITH(" + bigqueryBytes("$1") + ", " + bigqueryBytes("$2") + ")"),
		"cel.ends_with":    tmpl("ENDS_WITH(" + bigqueryBytes("$1") + ", " + bigqueryBytes("$2") + ")"),
		"cel.contains":     tmpl("(STRPOS(" + bigqueryBytes("$1") + ", " + bigqueryBytes("$2") + ") > 0)"),
		"cel.size":         tmpl("CHAR_LENGTH(CAST($1 AS STRING))"),
		"cel.concat":       tmpl("(CAST($1 AS STRING) || CAST($2 AS STRING))"),
		"cel.from_float":   tmpl("CASE WHEN $1 = $1 THEN $1 END"), // NaN is unknown
		"cel.from_decimal": tmpl("CAST($1 AS FLOAT64)"),
		// Instants compare as points in time in UTC.
		"cel.from_date":       tmpl("CAST($1 AS DATETIME)"),
		"cel.from_datetime":   tmpl("CAST($1 AS DATETIME)"),
		"cel.timestamp":       tmpl("CAST($1 AS DATETIME)"),
		"cel.calendar":        tmpl("($1)"),
		"cel.from_datetimetz": tmpl("DATETIME($1, 'UTC')"),
		"cel.add":             bigqueryInt("CAST($1 AS BIGNUMERIC) + CAST($2 AS BIGNUMERIC)"),
		"cel.sub":             bigqueryInt("CAST($1 AS BIGNUMERIC) - CAST($2 AS BIGNUMERIC)"),
		"cel.mul":             bigqueryInt("CAST($1 AS BIGNUMERIC) * CAST($2 AS BIGNUMERIC)"),
		"cel.neg":             bigqueryInt("0 - CAST($1 AS BIGNUMERIC)"),
		"cel.div":             tmpl("CASE WHEN $2 = -1 THEN SAFE_CAST(0 - CAST($1 AS BIGNUMERIC) AS INT64) ELSE DIV($1, NULLIF($2, 0)) END"),
		"cel.mod":             tmpl("CASE WHEN $2 = -1 THEN NULLIF(0, CASE WHEN $1 = -9223372036854775808 THEN 0 END) ELSE MOD($1, NULLIF($2, 0)) END"),
	}, perUnit("date_trunc", bigqueryTruncations(), dateTrunc))),
	DateFormat: sameFormat("FORMAT_DATETIME('$f', CAST($1 AS DATETIME))", map[byte]string{
		'Y': "%Y", 'y': "%y", 'm': "%m", 'd': "%d", 'H': "%H", 'h': "%I", 'I': "%I", 'i': "%M", 's': "%S", 'S': "%S",
		'T': "%H:%M:%S", 'j': "%j", 'w': "%w", 'v': "%V", 'x': "%G", 'M': "%B", 'b': "%b", 'W': "%A", 'a': "%a",
	}),
}

func bigqueryBytes(arg string) string { return "CAST(CAST(" + arg + " AS STRING) AS BYTES)" }

func bigqueryPart(part string) string { return "EXTRACT(" + part + " FROM CAST($1 AS DATETIME))" }

func bigqueryNumeral(pattern string) string {
	return "CASE WHEN $1 IS NOT NULL THEN COALESCE(REGEXP_EXTRACT($1, '^ *([-+]?" + pattern + ")'), '0') END"
}

// bigqueryTruncations are the units of DATE_TRUNC; an ISO week begins on Monday.
func bigqueryTruncations() map[string]string {
	m := map[string]string{"week": "DATETIME_TRUNC(CAST($2 AS DATETIME), ISOWEEK)"}
	for _, unit := range strings.Fields("second minute hour day month quarter year") {
		m[unit] = "DATETIME_TRUNC(CAST($2 AS DATETIME), " + strings.ToUpper(unit) + ")"
	}
	return m
}

// bigqueryElapsed counts whole units of a number of microseconds from $1 to $2.
func bigqueryElapsed(unit int64) form {
	return tmpl(fmt.Sprintf("DIV(DATETIME_DIFF(CAST($2 AS DATETIME), CAST($1 AS DATETIME), MICROSECOND), %d)", unit))
}

// bigqueryInt gives NULL outside 64 bits.
func bigqueryInt(operation string) form { return tmpl("SAFE_CAST(" + operation + " AS INT64)") }

// bigqueryDateAdd adds an interval; months keep to the end of a month.
func bigqueryDateAdd(p *printer, n *ast.DateAdd) {
	kind := "DATETIME"
	switch t := function.TypeOf(n.X); {
	case t == ast.Time || t == ast.DateTimeTz:
		p.unsupported(n.Pos, "INTERVAL arithmetic on this type")
		return
	case n.Unit == ast.Second && !wholeType(n.Amount):
		p.unsupported(n.Pos, "an INTERVAL of fractions of a second")
		return
	case t == ast.Date && function.WholeDays(n.Unit):
		kind = "DATE"
	}
	p.render(n.Pos, fmt.Sprintf("%[1]s_%[2]s(CAST($1 AS %[1]s), INTERVAL CAST($2 AS INT64) %[3]s)",
		kind, either(n.Sub, "SUB", "ADD"), strings.ToUpper(string(n.Unit))), n.X, n.Amount)
}
