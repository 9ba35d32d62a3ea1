package dialect

import (
	"fmt"
	"strings"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/function"
)

// DuckDB is DuckDB 1.4 or newer.
var DuckDB = &Dialect{
	Name:     "duckdb",
	Quote:    '"',
	MaxName:  1 << 16,
	MaxParts: 3,

	Parameter: "$",
	ManyList: map[ast.Type]string{
		ast.String: duckMany("VARCHAR[]"), ast.Integer: duckMany("BIGINT[]"), ast.DateTimeTz: duckMany("TIMESTAMP[]"),
	},
	String:     quoted, // no escapes
	TypedDates: true,
	Instant:    "TIMESTAMPTZ '$1+00'",

	EagerFields:  true,
	Fence:        "OFFSET 0", // no condition is moved below a limit
	NullsLargest: true,       // NULL is last in both directions
	Cross:        "CROSS JOIN",
	Rollup:       "ROLLUP ($*)",
	RollupOrder:  true,
	RollupTotal:  true,
	RollupExprs:  true,

	WindowClause: true,
	CTEColumns:   true,
	Values:       true,

	CompoundParens: true,
	CompoundAll:    true,
	CompoundWith:   true,
	SubqueryLimit:  true,

	Infix: map[ast.BinaryOp]string{ast.Add: "+", ast.Sub: "-", ast.Mul: "*"},
	Binary: map[ast.BinaryOp]binaryForm{
		ast.Div:    operation("($1 / NULLIF($2, 0))"),
		ast.IntDiv: duckIntDiv,
		ast.Mod:    operation("MOD($1, NULLIF($2, 0))"),
		ast.BitAnd: masked,
	},
	NullSafeEq:  "IS NOT DISTINCT FROM",
	Xor:         "((NOT $1) <> (NOT $2))",
	Quantified:  true,
	TruthTests:  true,
	InNulls:     true,
	LikeEscape:  true,
	EscapeNone:  true,
	TimeText:    true,
	TruthNumber: "CAST($1 AS INTEGER)",
	Decimals:    true,
	BigInts:     true,
	Converts:    true,
	RowsIn:      true,
	// The bytes of UTF-8 are in the order of code points, and have no collation.
	Exact: exact{Left: "ENCODE(CAST($1 AS VARCHAR))", Right: "ENCODE(CAST($1 AS VARCHAR))", Plain: true, Columns: true},

	Domains: map[string]domain{
		"cel.from_integer":  {Beside: "$1", Low: "$1 >= " + duckLowest, High: "$1 <= " + duckHighest},
		"cel.from_datetime": {Beside: "CAST($1 AS TIMESTAMP)", Low: "$1 >= " + duckFirst, High: "$1 <= " + duckLast},
	},

	Casts: map[ast.CastType]castForm{
		ast.CastChar:     {"CAST($1 AS VARCHAR)", "LEFT(CAST($1 AS VARCHAR), $p)"},
		ast.CastInteger:  {"CAST($1 AS BIGINT)", ""},
		ast.CastDecimal:  {"CAST($1 AS DECIMAL(10, 0))", "CAST($1 AS DECIMAL($p, $s))"},
		ast.CastFloat:    {"CAST($1 AS FLOAT)", ""},
		ast.CastDouble:   {"CAST($1 AS DOUBLE)", ""},
		ast.CastDate:     {"CAST($1 AS DATE)", ""},
		ast.CastTime:     {"CAST(DATE_TRUNC('second', DATE '2000-01-01' + CAST($1 AS TIME)) AS TIME)", ""},
		ast.CastDateTime: {"DATE_TRUNC('second', CAST($1 AS TIMESTAMP))", ""},
	},
	CastText: map[ast.CastType]string{
		ast.CastInteger: duckNumeral("[0-9]+"),
		ast.CastDecimal: duckNumeral(numeralPattern),
		ast.CastFloat:   duckNumeral(numeralPattern),
		ast.CastDouble:  duckNumeral(numeralPattern),
	},
	DateAdd:   duckDateAdd,
	RangeUnit: "INTERVAL ($1) $u",

	Functions: map[string]form{
		"coalesce": tmpl("COALESCE($*)"),
		"ifnull":   tmpl("COALESCE($1, $2)"),
		"nullif":   tmpl("NULLIF($1, $2)"),
		"if":       tmpl("CASE WHEN $1 THEN $2 ELSE $3 END"),
		"isnull":   tmpl("($1 IS NULL)"),
		"greatest": nullIfAny("GREATEST"),
		"least":    nullIfAny("LEAST"),

		"abs":      tmpl("ABS($1)"),
		"ceil":     tmpl("CEIL($1)"),
		"floor":    tmpl("FLOOR($1)"),
		"round/1":  tmpl("ROUND($1)"),
		"round/2":  digits(tmpl("ROUND($1, $2)")),
		"truncate": digits(tmpl("TRUNC($1, $2)")),
		"mod":      modulo,
		"power":    tmpl("POWER(CAST($1 AS DOUBLE), CAST($2 AS DOUBLE))"),
		"sqrt":     duckDomain(">= 0", "SQRT"),
		"exp":      tmpl("EXP(CAST($1 AS DOUBLE))"),
		"ln":       duckDomain("> 0", "LN"),
		"log/1":    duckDomain("> 0", "LN"),
		"log/2": tmpl("CASE WHEN CAST($1 AS DOUBLE) > 0 AND CAST($1 AS DOUBLE) <> 1 AND CAST($2 AS DOUBLE) > 0" +
			" THEN LOG(CAST($1 AS DOUBLE), CAST($2 AS DOUBLE)) END"),
		"log10":   duckDomain("> 0", "LOG10"),
		"log2":    duckDomain("> 0", "LOG2"),
		"sign":    tmpl("CAST(SIGN($1) AS INTEGER)"),
		"pi":      tmpl("PI()"),
		"sin":     tmpl("SIN(CAST($1 AS DOUBLE))"),
		"cos":     tmpl("COS(CAST($1 AS DOUBLE))"),
		"tan":     tmpl("TAN(CAST($1 AS DOUBLE))"),
		"asin":    duckDomain("BETWEEN -1 AND 1", "ASIN"),
		"acos":    duckDomain("BETWEEN -1 AND 1", "ACOS"),
		"atan":    tmpl("ATAN(CAST($1 AS DOUBLE))"),
		"atan2":   tmpl("ATAN2(CAST($1 AS DOUBLE), CAST($2 AS DOUBLE))"),
		"degrees": tmpl("DEGREES(CAST($1 AS DOUBLE))"),
		"radians": tmpl("RADIANS(CAST($1 AS DOUBLE))"),

		// REVERSE is missing: it keeps combining characters behind their letters.
		"concat":       joined("CAST($1 AS VARCHAR)", " || "),
		"concat_ws":    tmpl("CONCAT_WS($*)"),
		"lower":        tmpl("LOWER(CAST($1 AS VARCHAR))"),
		"upper":        tmpl("UPPER(CAST($1 AS VARCHAR))"),
		"char_length":  tmpl("LENGTH(CAST($1 AS VARCHAR))"),
		"octet_length": tmpl("STRLEN(CAST($1 AS VARCHAR))"),
		"substring/2": substring(tmpl("SUBSTR(CAST($1 AS VARCHAR), $2)"), tmpl("CASE WHEN $2 > 0 THEN SUBSTR(CAST($1 AS VARCHAR), $2)"+
			" WHEN $2 < 0 AND 0 - $2 <= LENGTH(CAST($1 AS VARCHAR)) THEN RIGHT(CAST($1 AS VARCHAR), 0 - $2)"+
			" WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN '' END")),
		"substring/3": substring(tmpl("SUBSTR(CAST($1 AS VARCHAR), $2, $3)"), tmpl("CASE WHEN $3 IS NULL THEN NULL"+
			" WHEN $2 > 0 THEN SUBSTR(CAST($1 AS VARCHAR), $2, GREATEST($3, 0))"+
			" WHEN $2 < 0 AND 0 - $2 <= LENGTH(CAST($1 AS VARCHAR)) THEN LEFT(RIGHT(CAST($1 AS VARCHAR), 0 - $2), GREATEST($3, 0))"+
			" WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN '' END")),
		"left":          tmpl("LEFT(CAST($1 AS VARCHAR), CASE WHEN $2 < 0 THEN 0 ELSE $2 END)"),
		"right":         tmpl("RIGHT(CAST($1 AS VARCHAR), CASE WHEN $2 < 0 THEN 0 ELSE $2 END)"),
		"trim/1":        tmpl("TRIM(CAST($1 AS VARCHAR), ' ')"),
		"ltrim":         tmpl("LTRIM(CAST($1 AS VARCHAR), ' ')"),
		"rtrim":         tmpl("RTRIM(CAST($1 AS VARCHAR), ' ')"),
		"trim/2":        character(1, tmpl("TRIM(CAST($1 AS VARCHAR), $2)")),
		"trim_leading":  character(1, tmpl("LTRIM(CAST($1 AS VARCHAR), $2)")),
		"trim_trailing": character(1, tmpl("RTRIM(CAST($1 AS VARCHAR), $2)")),
		"lpad":          pad(tmpl("LPAD(CAST($1 AS VARCHAR), $2, $3)")),
		"rpad":          pad(tmpl("RPAD(CAST($1 AS VARCHAR), $2, $3)")),
		"replace":       tmpl("REPLACE(CAST($1 AS VARCHAR), CAST($2 AS VARCHAR), CAST($3 AS VARCHAR))"),
		"locate/2":      tmpl("STRPOS(" + duckPlain("$2") + ", " + duckPlain("$1") + ")"),
		"locate/3": tmpl("CASE WHEN $3 >= 1 AND $3 <= LENGTH(CAST($2 AS VARCHAR)) + 1 AND STRPOS(SUBSTR(" + duckPlain("$2") + ", $3), " + duckPlain("$1") + ") > 0" +
			" THEN STRPOS(SUBSTR(" + duckPlain("$2") + ", $3), " + duckPlain("$1") + ") + $3 - 1" +
			" WHEN $1 IS NOT NULL AND $2 IS NOT NULL AND $3 IS NOT NULL THEN 0 END"),
		"instr": tmpl("STRPOS(" + duckPlain("$1") + ", " + duckPlain("$2") + ")"),
		"ascii": tmpl("CASE WHEN CAST($1 AS VARCHAR) = '' THEN 0 ELSE CAST('0x' || LEFT(HEX(ENCODE(CAST($1 AS VARCHAR))), 2) AS INTEGER) END"),

		"now":                       tmpl("DATE_TRUNC('second', LOCALTIMESTAMP)"),
		"current_date":              tmpl("CURRENT_DATE"),
		"current_time":              tmpl("CAST(DATE_TRUNC('second', LOCALTIMESTAMP) AS TIME)"),
		"utc_date":                  tmpl("CAST((CURRENT_TIMESTAMP AT TIME ZONE 'UTC') AS DATE)"),
		"utc_timestamp":             tmpl("DATE_TRUNC('second', CURRENT_TIMESTAMP AT TIME ZONE 'UTC')"),
		"date":                      tmpl("CAST($1 AS DATE)"),
		"year":                      tmpl(duckPart("YEAR")),
		"quarter":                   tmpl(duckPart("QUARTER")),
		"month":                     tmpl(duckPart("MONTH")),
		"day":                       tmpl(duckPart("DAY")),
		"dayofweek":                 tmpl("(" + duckPart("DOW") + " + 1)"), // 1 is Sunday
		"weekday":                   tmpl("((" + duckPart("DOW") + " + 6) % 7)"),
		"dayofyear":                 tmpl(duckPart("DOY")),
		"hour":                      duckClock("EXTRACT(HOUR FROM $1)"),
		"minute":                    duckClock("EXTRACT(MINUTE FROM $1)"),
		"second":                    duckClock("EXTRACT(SECOND FROM $1)"), // whole
		"microsecond":               duckClock("(EXTRACT(MICROSECOND FROM $1) % 1000000)"),
		"dayname":                   tmpl("DAYNAME(CAST($1 AS TIMESTAMP))"),
		"monthname":                 tmpl("MONTHNAME(CAST($1 AS TIMESTAMP))"),
		"last_day":                  tmpl("LAST_DAY(CAST($1 AS TIMESTAMP))"),
		"datediff":                  tmpl("DATE_DIFF('day', CAST($2 AS DATE), CAST($1 AS DATE))"),
		"timestampdiff microsecond": duckElapsed(1),
		"timestampdiff second":      duckElapsed(1e6),
		"timestampdiff minute":      duckElapsed(60 * 1e6),
		"timestampdiff hour":        duckElapsed(3600 * 1e6),
		"timestampdiff day":         duckElapsed(86400 * 1e6),
		"timestampdiff week":        duckElapsed(604800 * 1e6),
		"timestampdiff month":       duckMonths(1),
		"timestampdiff quarter":     duckMonths(3),
		"timestampdiff year":        duckMonths(12),
		"week": week(
			"DIVIDE("+duckPart("DOY")+" + 6 - "+duckPart("DOW")+", 7)",
			duckPart("WEEK"),
			"DIVIDE("+duckPart("DOY")+" + 6 - ("+duckPart("DOW")+" + 6) % 7, 7)"),
		"date_trunc second":  dateTrunc("DATE_TRUNC('second', " + duckMoment + ")"),
		"date_trunc minute":  dateTrunc("DATE_TRUNC('minute', " + duckMoment + ")"),
		"date_trunc hour":    dateTrunc("DATE_TRUNC('hour', " + duckMoment + ")"),
		"date_trunc day":     dateTrunc("DATE_TRUNC('day', " + duckMoment + ")"),
		"date_trunc week":    dateTrunc("DATE_TRUNC('week', " + duckMoment + ")"),
		"date_trunc month":   dateTrunc("DATE_TRUNC('month', " + duckMoment + ")"),
		"date_trunc quarter": dateTrunc("DATE_TRUNC('quarter', " + duckMoment + ")"),
		"date_trunc year":    dateTrunc("DATE_TRUNC('year', " + duckMoment + ")"),
		"date_format":        dateFormat,

		"count":           countedRows,
		"sum":             native("SUM"),
		"avg":             native("AVG"),
		"min":             native("MIN"),
		"max":             native("MAX"),
		"any_value":       native("ANY_VALUE"),
		"group_concat":    stringAgg("STRING_AGG", "CAST($1 AS VARCHAR)", true),
		"string_agg":      separated,
		"median":          percentile("PERCENTILE_CONT", "CAST($1 AS DOUBLE)"),
		"percentile_cont": percentile("PERCENTILE_CONT", "CAST($1 AS DOUBLE)"),
		"percentile_disc": percentile("PERCENTILE_DISC", "$1"),
		"stddev_pop":      native("STDDEV_POP"),
		"stddev_samp":     native("STDDEV_SAMP"),
		"var_pop":         native("VAR_POP"),
		"var_samp":        native("VAR_SAMP"),

		"row_number":   native("ROW_NUMBER"),
		"rank":         native("RANK"),
		"dense_rank":   native("DENSE_RANK"),
		"percent_rank": native("PERCENT_RANK"),
		"cume_dist":    native("CUME_DIST"),
		"ntile":        constant(0, 1, 1<<31-1, native("NTILE")),
		"lag":          shifted("LAG"),
		"lead":         shifted("LEAD"),
		"first_value":  native("FIRST_VALUE"),
		"last_value":   native("LAST_VALUE"),
		"nth_value":    constant(1, 1, 1<<31-1, native("NTH_VALUE")),

		"cel.starts_with": tmpl("STARTS_WITH(" + duckPlain("$1") + ", " + duckPlain("$2") + ")"),
		"cel.ends_with":   tmpl("SUFFIX(" + duckPlain("$1") + ", " + duckPlain("$2") + ")"),
		"cel.contains":    tmpl("CONTAINS(" + duckPlain("$1") + ", " + duckPlain("$2") + ")"),
		"cel.size":        tmpl("LENGTH(CAST($1 AS VARCHAR))"),
		"cel.concat":      tmpl("(CAST($1 AS VARCHAR) || CAST($2 AS VARCHAR))"),
		// NaN, which would equal itself and be larger than all others, is unknown.
		"cel.from_float":   tmpl("NULLIF(CAST($1 AS DOUBLE), CAST('NaN' AS DOUBLE))"),
		"cel.from_decimal": tmpl("CAST($1 AS DOUBLE)"),
		"cel.from_integer": tmpl("CASE WHEN $1 BETWEEN " + duckLowest + " AND " + duckHighest + " THEN CAST($1 AS BIGINT) END"),
		// Instants compare as timestamps in UTC. An infinite one has no CEL value, nor
		// has a date that is out of the range of timestamps.
		"cel.from_date":     tmpl("CASE WHEN $1 BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN CAST($1 AS TIMESTAMP) END"),
		"cel.from_datetime": tmpl("CASE WHEN $1 BETWEEN " + duckFirst + " AND " + duckLast + " THEN CAST($1 AS TIMESTAMP) END"),
		"cel.from_datetimetz": tmpl("CASE WHEN CAST($1 AS TIMESTAMPTZ) BETWEEN TIMESTAMPTZ '0001-01-01 00:00:00+00' AND TIMESTAMPTZ '9999-12-31 23:59:59.999999+00'" +
			" THEN CAST($1 AS TIMESTAMPTZ) AT TIME ZONE 'UTC' END"),
		"cel.timestamp": tmpl("CAST($1 AS TIMESTAMP)"),
		"cel.calendar":  tmpl("CASE WHEN " + duckRange("$1") + " THEN CAST($1 AS TIMESTAMP) END"),
		"cel.elapsed":   tmpl("CASE WHEN " + duckRange("$1") + " AND " + duckRange("$2") + " THEN " + duckMicros("$1") + " - " + duckMicros("$2") + " END"),
		"cel.later": tmpl("CASE WHEN " + duckRange("$1") + " AND " + duckMicros("$1") + " + $2 BETWEEN -62135596800000000 AND 253402300799999999" +
			" THEN MAKE_TIMESTAMP(" + duckMicros("$1") + " + $2) END"),

		"cel.truncate": tmpl("CASE WHEN CAST($1 AS DOUBLE) > -9223372036854775808 AND CAST($1 AS DOUBLE) < 9223372036854775808" +
			" THEN TRY_CAST(TRUNC(CAST($1 AS DOUBLE)) AS BIGINT) END"),
		"cel.lower_ascii": tmpl("TRANSLATE(CAST($1 AS VARCHAR), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')"),
		"cel.upper_ascii": tmpl("TRANSLATE(CAST($1 AS VARCHAR), 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')"),

		"cel.trim":    tmpl("TRIM(" + duckPlain("$1") + ", " + duckWhiteSpace() + ")"),
		"cel.char_at": tmpl("CASE WHEN $2 BETWEEN 0 AND LENGTH(CAST($1 AS VARCHAR)) THEN SUBSTR(CAST($1 AS VARCHAR), " + clamped("$2") + " + 1, 1) END"),
		"cel.substring": tmpl("CASE WHEN $2 >= 0 AND $2 <= $3 AND $3 <= LENGTH(CAST($1 AS VARCHAR))" +
			" THEN SUBSTR(CAST($1 AS VARCHAR), " + clamped("$2") + " + 1, " + clamped("$3") + " - " + clamped("$2") + ") END"),
		"cel.substring_from": tmpl("CASE WHEN $2 BETWEEN 0 AND LENGTH(CAST($1 AS VARCHAR)) THEN SUBSTR(CAST($1 AS VARCHAR), " + clamped("$2") + " + 1) END"),
		"cel.index_of": tmpl("CASE WHEN $3 IS NULL OR $3 < 0 OR $1 IS NULL THEN NULL WHEN LENGTH(CAST($2 AS VARCHAR)) = 0 THEN LEAST($3, LENGTH(CAST($1 AS VARCHAR)))" +
			" WHEN STRPOS(" + duckRest + ", " + duckPlain("$2") + ") > 0 THEN STRPOS(" + duckRest + ", " + duckPlain("$2") + ") + " + clamped("$3") + " - 1" +
			" WHEN $2 IS NOT NULL THEN -1 END"),
		"cel.replace": tmpl("REPLACE(" + duckPlain("$1") + ", " + duckPlain("$2") + ", " + duckPlain("$3") + ")"),

		"cel.add": duckInt("CAST($1 AS HUGEINT) + CAST($2 AS HUGEINT)"),
		"cel.sub": duckInt("CAST($1 AS HUGEINT) - CAST($2 AS HUGEINT)"),
		"cel.mul": duckInt("CAST($1 AS HUGEINT) * CAST($2 AS HUGEINT)"),
		"cel.neg": duckInt("0 - CAST($1 AS HUGEINT)"),
		"cel.div": duckInt("DIVIDE(CAST($1 AS HUGEINT), NULLIF(CAST($2 AS HUGEINT), 0))"),
		"cel.mod": tmpl("CASE WHEN CAST($2 AS HUGEINT) <> -1 OR CAST($1 AS HUGEINT) <> -9223372036854775808" +
			" THEN CAST(CAST($1 AS HUGEINT) % NULLIF(CAST($2 AS HUGEINT), 0) AS BIGINT) END"),
	},
	// A whole number may not fit a decimal type, nor a date a timestamp.
	Clashes: map[[2]ast.Type]clash{
		{ast.Integer, ast.Decimal}:     clashConstant,
		{ast.Decimal, ast.Decimal}:     clashConstant, // of other widths
		{ast.Date, ast.DateTime}:       clashAlways,
		{ast.Date, ast.DateTimeTz}:     clashAlways,
		{ast.DateTime, ast.DateTimeTz}: clashAlways,
	},
	Totals: totals{"substring": "String const", "left": "String const", "right": "String const"}.
		with("Integer", "/ sqrt ln log10 log2 sum avg").
		with("*", "ntile lag lead nth_value").
		with("String", "trim ltrim rtrim trim_leading trim_trailing locate/2 instr"),
	Inexact: "reverse str_to_date bit_and bit_or bit_xor",
	DateFormat: map[byte]string{
		'Y': duckFormat("%Y"), 'y': duckFormat("%y"),
		'm': duckFormat("%m"), 'c': duckFormat("%-m"),
		'd': duckFormat("%d"), 'e': duckFormat("%-d"),
		'H': duckFormat("%H"), 'k': duckFormat("%-H"),
		'h': duckFormat("%I"), 'I': duckFormat("%I"), 'l': duckFormat("%-I"),
		'i': duckFormat("%M"),
		's': duckFormat("%S"), 'S': duckFormat("%S"),
		'f': duckFormat("%f"),
		'p': duckFormat("%p"),
		'T': duckFormat("%H:%M:%S"), 'r': duckFormat("%I:%M:%S %p"),
		'j': duckFormat("%j"), 'w': duckFormat("%w"),
		'U': duckFormat("%U"), 'u': duckFormat("%W"),
		'v': duckFormat("%V"), 'x': duckFormat("%G"),
		'M': duckFormat("%B"), 'b': duckFormat("%b"),
		'W': duckFormat("%A"), 'a': duckFormat("%a"),
	},
}

// duckPlain is a string without a column's collation, which string functions
// would follow.
func duckPlain(arg string) string { return "DECODE(ENCODE(CAST(" + arg + " AS VARCHAR)))" }

// The limits of CEL's ints and instants.
const (
	duckLowest, duckHighest = "CAST('-9223372036854775808' AS BIGINT)", "CAST('9223372036854775807' AS BIGINT)"
	duckFirst, duckLast     = "TIMESTAMP '0001-01-01 00:00:00'", "TIMESTAMP '9999-12-31 23:59:59.999999'"
)

// duckRange tells an instant of the years 1 to 9999, which no infinite one is.
func duckRange(x string) string {
	return "CAST(" + x + " AS TIMESTAMP) BETWEEN " + duckFirst + " AND " + duckLast
}

// duckMicros is an instant as microseconds since 1970.
func duckMicros(x string) string { return "EPOCH_US(CAST(" + x + " AS TIMESTAMP))" }

// duckInt gives NULL outside 64 bits. DuckDB drops a TRY_CAST that stands beside
// a constant in a comparison, so the bounds are spelled out. LEAST and GREATEST
// skip NULL, so the guards then give NULL too.
func duckInt(operation string) form {
	return tmpl("CAST(NULLIF(NULLIF(LEAST(GREATEST(" + operation +
		", -9223372036854775809), 9223372036854775808), 9223372036854775808), -9223372036854775809) AS BIGINT)")
}

// duckRest is the string $1 from the offset $3.
var duckRest = "SUBSTR(" + duckPlain("$1") + ", " + clamped("$3") + " + 1)"

// duckWhiteSpace is white space as a string.
func duckWhiteSpace() string {
	var out []string
	for _, r := range whiteSpace {
		out = append(out, fmt.Sprintf("CHR(%d)", r))
	}
	return strings.Join(out, " || ")
}

func duckFormat(format string) string { return "STRFTIME(CAST($1 AS TIMESTAMP), '" + format + "')" }

// duckPart is a part of a date as a number.
func duckPart(field string) string { return "EXTRACT(" + field + " FROM CAST($1 AS TIMESTAMP))" }

// duckClock is a part of a time of day; a Time has no date to cast to.
func duckClock(template string) form {
	return func(p *printer, c *ast.Call) {
		operand := "CAST($1 AS TIMESTAMP)"
		if function.TypeOf(c.Args[0]) == ast.Time {
			operand = "CAST($1 AS TIME)"
		}
		p.render(c.Pos, strings.Replace(template, "$1", operand, 1), c.Args...)
	}
}

// duckDomain gives NULL outside a function's domain, as MySQL does.
func duckDomain(condition, name string) form {
	return tmpl("CASE WHEN CAST($1 AS DOUBLE) " + condition + " THEN " + name + "(CAST($1 AS DOUBLE)) END")
}

// duckNumeral is the number that a text begins with, 0 if it begins with none.
func duckNumeral(pattern string) string {
	return "CASE WHEN $1 IS NOT NULL THEN COALESCE(NULLIF(REGEXP_EXTRACT($1, '^ *([-+]?" + pattern + ")', 1), ''), '0') END"
}

// duckElapsed counts whole units of a number of microseconds from $1 to $2.
func duckElapsed(unit int64) form {
	return tmpl(fmt.Sprintf("DIVIDE(EPOCH_US(CAST($2 AS TIMESTAMP)) - EPOCH_US(CAST($1 AS TIMESTAMP)), %d)", unit))
}

// duckMoment is a timestamp of the years that SQL knows. DuckDB's planner runs
// DATE_TRUNC over the least and the greatest value of a column, those of all rows; a
// CASE has none.
const duckMoment = "CASE WHEN CAST($2 AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN CAST($2 AS TIMESTAMP) END"

// duckMonths counts whole months from $1 to $2, as sqliteMonths does: a month
// has 32 days here.
func duckMonths(unit int64) form {
	const month = 32 * 86400 * 1e6
	position := func(arg string) string {
		return fmt.Sprintf("((YEAR(%[1]s) * 12 + MONTH(%[1]s)) * %[2]d + EPOCH_US(%[1]s) - EPOCH_US(DATE_TRUNC('month', %[1]s)))",
			"("+strings.ReplaceAll(duckMoment, "$2", arg)+")", int64(month))
	}
	return tmpl(fmt.Sprintf("DIVIDE(%s - %s, %d)", position("$2"), position("$1"), int64(month)*unit))
}

// duckIntDiv divides whole numbers exactly, and cuts the quotient of others.
func duckIntDiv(p *printer, n *ast.Binary) {
	template := "CAST(TRUNC($1 / NULLIF($2, 0)) AS BIGINT)"
	for _, x := range []ast.Expr{n.Left, n.Right} {
		if function.TypeOf(x) == ast.Decimal {
			p.unsupported(n.Pos, "the operator DIV on decimals")
			return
		}
	}
	if wholeType(n.Left) && wholeType(n.Right) {
		template = "DIVIDE($1, NULLIF($2, 0))"
	}
	p.render(n.Pos, template, n.Left, n.Right)
}

// duckDateAdd adds an interval; a date with whole days stays a date, and months
// keep to the end of a month as in MySQL.
func duckDateAdd(p *printer, n *ast.DateAdd) {
	u := units[n.Unit]
	sign, number := "+", "BIGINT"
	if n.Sub {
		sign = "-"
	}
	if n.Unit == ast.Second {
		number = "DOUBLE" // seconds may have a fraction
	}
	interval := fmt.Sprintf("%s INTERVAL (CAST($2 AS %s) * %d) %s)", sign, number, u.count, strings.ToUpper(u.base))
	switch t := function.TypeOf(n.X); {
	case t == ast.Time:
		p.unsupported(n.Pos, "INTERVAL arithmetic on a time of day")
	case t == ast.DateTimeTz:
		p.render(n.Pos, "($1 "+interval, n.X, n.Amount)
	case t == ast.Date && function.WholeDays(n.Unit):
		p.render(n.Pos, "CAST((CAST($1 AS TIMESTAMP) "+interval+" AS DATE)", n.X, n.Amount)
	default:
		p.render(n.Pos, "(CAST($1 AS TIMESTAMP) "+interval, n.X, n.Amount)
	}
}

// duckMany gives the elements of a JSON array, as a list of a type.
func duckMany(list string) string {
	return "SELECT $v FROM (SELECT UNNEST(CAST(CAST($1 AS JSON) AS " + list + ")) AS v)"
}
