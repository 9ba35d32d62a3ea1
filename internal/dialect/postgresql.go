package dialect

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/function"
)

// PostgreSQLCollations is PostgreSQL for databases in which several columns have
// collations of their own. No text is compared plainly with another column's.
var PostgreSQLCollations = withCollations(*PostgreSQL)

func withCollations(d Dialect) *Dialect {
	d.Variant = "-collations"
	d.Collations = true
	d.Exact.Columns = false
	d.Functions = maps.Clone(d.Functions)
	d.Functions["cel.concat"] = tmpl(`(SELECT (CAST($1 AS text) || CAST($2 AS text)) COLLATE "default")`)
	return &d
}

// PostgreSQL is PostgreSQL 14 or newer with a UTF-8 database.
var PostgreSQL = &Dialect{
	Name:     "postgresql",
	Quote:    '"',
	MaxName:  63, // longer names are cut off, and could then be equal
	MaxParts: 3,

	Parameter: "$",
	SlotTypes: map[ast.Type]string{ast.Integer: "bigint", ast.Float: "double precision", ast.DateTimeTz: "timestamp"},
	ListParameter: map[ast.Type]string{
		ast.String: "text[]", ast.Integer: "bigint[]", ast.Float: "", ast.DateTimeTz: "timestamp[]",
	},
	MaxArgs:    65535,
	String:     quotedE,
	TypedDates: true,
	Instant:    "TIMESTAMPTZ '$1+00'",

	Fence:        "OFFSET 0",
	OuterColumns: true,
	NullsLargest: true,
	Cross:        "CROSS JOIN",
	Rollup:       "ROLLUP ($*)",
	RollupOrder:  true,
	RollupTotal:  true,
	RollupExprs:  true,

	CompoundParens: true,
	CompoundAll:    true,
	CompoundWith:   true,
	SubqueryLimit:  true,
	FirstArm: map[ast.Type]ast.CastType{
		ast.String: ast.CastChar, ast.Integer: ast.CastInteger, ast.Decimal: ast.CastDecimal, ast.Float: ast.CastDouble,
	},

	Infix: map[ast.BinaryOp]string{ast.Add: "+", ast.Sub: "-", ast.Mul: "*"},
	Binary: map[ast.BinaryOp]binaryForm{
		ast.Div:    postgresDiv,
		ast.IntDiv: operation("CAST(DIV(CAST($1 AS numeric), NULLIF(CAST($2 AS numeric), 0)) AS bigint)"),
		ast.Mod:    postgresMod,
		ast.BitAnd: masked,
	},
	// A numeric may be larger than any double, and a date later than any timestamp.
	// What is compared meets in operators that know.
	Clashes: map[[2]ast.Type]clash{
		{ast.Decimal, ast.Float}:       clashAlways,
		{ast.Date, ast.DateTime}:       clashShared,
		{ast.Date, ast.DateTimeTz}:     clashShared,
		{ast.DateTime, ast.DateTimeTz}: clashShared,
	},
	TruthTests: true,
	InNulls:    true,
	LikeEscape: true,
	// LIKE is an error for a column of a nondeterministic collation. Of others it
	// goes by code point anyway, and an index of the column serves both forms.
	LikeOperand: `$1 COLLATE "C"`,
	// The planner runs LIKE over the values that it has sampled of a column, those
	// of all tenants, behind any fence: no pattern may fail.
	LikePattern:  `CASE WHEN CHAR_LENGTH($1) - CHAR_LENGTH(REPLACE($1 COLLATE "C", '%', '')) > $most THEN NULL$open ELSE $1 END`,
	TimeText:     true,
	WindowClause: true,
	CTEColumns:   true,
	Values:       true,
	Tuples:       true,
	BigInts:      true,
	NullSafeEq:   "IS NOT DISTINCT FROM",
	Xor:          "((NOT $1) <> (NOT $2))",
	Quantified:   true,
	EscapeNone:   true,
	Decimals:     true,
	TruthNumber:  "CAST($1 AS integer)",
	Exact: exact{Left: `CAST($1 AS text) COLLATE "C"`, Right: "CAST($1 AS text)", Plain: true, Columns: true,
		Beside: "NULLIF(COALESCE($1, TRUE), FALSE) IS NOT NULL"},
	Domains: map[string]domain{
		"cel.from_date":       {Beside: "$1", Low: "$1 >= " + postgresFirstDay, High: "$1 <= " + postgresLastDay},
		"cel.from_datetime":   {Beside: "$1", Low: "$1 >= " + postgresFirst, High: "$1 <= " + postgresLast},
		"cel.from_datetimetz": {Beside: "($1 AT TIME ZONE 'UTC')", Low: "$1 >= " + postgresFirstTz, High: "$1 <= " + postgresLastTz},
	},

	Casts: map[ast.CastType]castForm{
		ast.CastChar:     {"CAST($1 AS text)", "LEFT(CAST($1 AS text), $p)"},
		ast.CastInteger:  {"CAST($1 AS bigint)", ""},
		ast.CastDecimal:  {"CAST($1 AS numeric(10, 0))", "CAST($1 AS numeric($p, $s))"},
		ast.CastFloat:    {"CAST($1 AS real)", ""},
		ast.CastDouble:   {"CAST($1 AS double precision)", ""},
		ast.CastDate:     {"CAST($1 AS date)", ""},
		ast.CastTime:     {"CAST(DATE_TRUNC('second', CAST($1 AS time)) AS time)", "CAST($1 AS time($p))"},
		ast.CastDateTime: {"DATE_TRUNC('second', CAST($1 AS timestamp))", "CAST($1 AS timestamp($p))"},
	},
	CastText: map[ast.CastType]string{
		ast.CastInteger: postgresNumeral("[0-9]+"),
		ast.CastDecimal: postgresNumeral(numeralPattern),
		ast.CastFloat:   postgresNumeral(numeralPattern),
		ast.CastDouble:  postgresNumeral(numeralPattern),
	},
	DateAdd:   postgresDateAdd,
	RangeUnit: "(CAST($1 AS bigint) * INTERVAL '1 $u')",

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
		"round/1":  postgresRound,
		"round/2":  tmpl("ROUND(CAST($1 AS numeric), CAST($2 AS integer))"),
		"truncate": tmpl("TRUNC(CAST($1 AS numeric), CAST($2 AS integer))"),
		"mod":      modulo,
		"power":    tmpl("POWER(CAST($1 AS double precision), CAST($2 AS double precision))"),
		"sqrt":     postgresDomain(">= 0", "SQRT"),
		"exp":      tmpl("EXP(CAST($1 AS double precision))"),
		"ln":       postgresDomain("> 0", "LN"),
		"log/1":    postgresDomain("> 0", "LN"),
		"log/2": tmpl("CASE WHEN CAST($1 AS numeric) > 0 AND CAST($1 AS numeric) <> 1 AND CAST($2 AS numeric) > 0" +
			" THEN CAST(LOG(CAST($1 AS numeric), CAST($2 AS numeric)) AS double precision) END"),
		"log10": postgresDomain("> 0", "LOG"),
		"log2": tmpl("CASE WHEN CAST($1 AS numeric) > 0" +
			" THEN CAST(LOG(2.0, CAST($1 AS numeric)) AS double precision) END"),
		"sign":    tmpl("CAST(SIGN($1) AS integer)"),
		"pi":      tmpl("PI()"),
		"sin":     tmpl("SIN(CAST($1 AS double precision))"),
		"cos":     tmpl("COS(CAST($1 AS double precision))"),
		"tan":     tmpl("TAN(CAST($1 AS double precision))"),
		"asin":    postgresDomain("BETWEEN -1 AND 1", "ASIN"),
		"acos":    postgresDomain("BETWEEN -1 AND 1", "ACOS"),
		"atan":    tmpl("ATAN(CAST($1 AS double precision))"),
		"atan2":   tmpl("ATAN2(CAST($1 AS double precision), CAST($2 AS double precision))"),
		"degrees": tmpl("DEGREES(CAST($1 AS double precision))"),
		"radians": tmpl("RADIANS(CAST($1 AS double precision))"),

		"concat":       joined("CAST($1 AS text)", " || "),
		"concat_ws":    tmpl("CONCAT_WS($*)"),
		"lower":        tmpl("LOWER(CAST($1 AS text))"),
		"upper":        tmpl("UPPER(CAST($1 AS text))"),
		"char_length":  tmpl("CHAR_LENGTH(CAST($1 AS text))"),
		"octet_length": tmpl("OCTET_LENGTH(CAST($1 AS text))"),
		"substring/2": substring(tmpl("SUBSTR(CAST($1 AS text), $2)"), tmpl("CASE WHEN $2 > 0 THEN SUBSTR(CAST($1 AS text), CAST($2 AS integer))"+
			" WHEN $2 < 0 AND 0 - $2 <= CHAR_LENGTH(CAST($1 AS text)) THEN RIGHT(CAST($1 AS text), CAST(0 - $2 AS integer))"+
			" WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN '' END")),
		"substring/3": substring(tmpl("SUBSTR(CAST($1 AS text), $2, $3)"), tmpl("CASE WHEN $3 IS NULL THEN NULL"+
			" WHEN $2 > 0 THEN SUBSTR(CAST($1 AS text), CAST($2 AS integer), CAST(GREATEST($3, 0) AS integer))"+
			" WHEN $2 < 0 AND 0 - $2 <= CHAR_LENGTH(CAST($1 AS text)) THEN LEFT(RIGHT(CAST($1 AS text), CAST(0 - $2 AS integer)), CAST(GREATEST($3, 0) AS integer))"+
			" WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN '' END")),
		"left":          tmpl("LEFT(CAST($1 AS text), CAST(CASE WHEN $2 < 0 THEN 0 ELSE $2 END AS integer))"),
		"right":         tmpl("RIGHT(CAST($1 AS text), CAST(CASE WHEN $2 < 0 THEN 0 ELSE $2 END AS integer))"),
		"trim/1":        tmpl("BTRIM(CAST($1 AS text))"),
		"ltrim":         tmpl("LTRIM(CAST($1 AS text))"),
		"rtrim":         tmpl("RTRIM(CAST($1 AS text))"),
		"trim/2":        character(1, tmpl("BTRIM(CAST($1 AS text), $2)")),
		"trim_leading":  character(1, tmpl("LTRIM(CAST($1 AS text), $2)")),
		"trim_trailing": character(1, tmpl("RTRIM(CAST($1 AS text), $2)")),
		"lpad":          pad(tmpl("LPAD(CAST($1 AS text), $2, $3)")),
		"rpad":          pad(tmpl("RPAD(CAST($1 AS text), $2, $3)")),
		"replace":       tmpl("REPLACE(CAST($1 AS text), CAST($2 AS text), CAST($3 AS text))"),
		"reverse":       tmpl("REVERSE(CAST($1 AS text))"),
		"locate/2":      tmpl("STRPOS(CAST($2 AS text), CAST($1 AS text))"),
		"locate/3": tmpl("CASE WHEN $3 >= 1 AND $3 <= CHAR_LENGTH(CAST($2 AS text)) + 1 AND STRPOS(SUBSTR(CAST($2 AS text), CAST($3 AS integer)), CAST($1 AS text)) > 0" +
			" THEN STRPOS(SUBSTR(CAST($2 AS text), CAST($3 AS integer)), CAST($1 AS text)) + $3 - 1" +
			" WHEN $1 IS NOT NULL AND $2 IS NOT NULL AND $3 IS NOT NULL THEN 0 END"),
		"instr": tmpl("STRPOS(CAST($1 AS text), CAST($2 AS text))"),
		"ascii": tmpl("CASE WHEN CAST($1 AS text) = '' THEN 0 ELSE GET_BYTE(CONVERT_TO(LEFT(CAST($1 AS text), 1), 'UTF8'), 0) END"),

		"now":                       tmpl("DATE_TRUNC('second', LOCALTIMESTAMP)"),
		"current_date":              tmpl("CURRENT_DATE"),
		"current_time":              tmpl("CAST(DATE_TRUNC('second', LOCALTIMESTAMP) AS time)"),
		"utc_date":                  tmpl("CAST((CURRENT_TIMESTAMP AT TIME ZONE 'UTC') AS date)"),
		"utc_timestamp":             tmpl("DATE_TRUNC('second', CURRENT_TIMESTAMP AT TIME ZONE 'UTC')"),
		"date":                      tmpl("CAST($1 AS date)"),
		"year":                      tmpl(postgresPart("YEAR")),
		"quarter":                   tmpl(postgresPart("QUARTER")),
		"month":                     tmpl(postgresPart("MONTH")),
		"day":                       tmpl(postgresPart("DAY")),
		"dayofweek":                 tmpl("(" + postgresPart("DOW") + " + 1)"), // 1 is Sunday
		"weekday":                   tmpl("((" + postgresPart("DOW") + " + 6) % 7)"),
		"dayofyear":                 tmpl(postgresPart("DOY")),
		"hour":                      postgresClock("EXTRACT(HOUR FROM $1)"),
		"minute":                    postgresClock("EXTRACT(MINUTE FROM $1)"),
		"second":                    postgresClock("FLOOR(EXTRACT(SECOND FROM $1))"),
		"microsecond":               postgresClock("MOD(EXTRACT(MICROSECONDS FROM $1), 1000000)"),
		"dayname":                   tmpl("TO_CHAR(CAST($1 AS timestamp), 'FMDay')"),
		"monthname":                 tmpl("TO_CHAR(CAST($1 AS timestamp), 'FMMonth')"),
		"datediff":                  tmpl("(CAST($1 AS date) - CAST($2 AS date))"),
		"last_day":                  tmpl("CAST((DATE_TRUNC('month', CAST($1 AS timestamp)) + INTERVAL '1 month' - INTERVAL '1 day') AS date)"),
		"timestampdiff microsecond": postgresElapsed("* 1000000"),
		"timestampdiff second":      postgresElapsed("/ 1"),
		"timestampdiff minute":      postgresElapsed("/ 60"),
		"timestampdiff hour":        postgresElapsed("/ 3600"),
		"timestampdiff day":         postgresElapsed("/ 86400"),
		"timestampdiff week":        postgresElapsed("/ 604800"),
		"timestampdiff month":       postgresMonths(1),
		"timestampdiff quarter":     postgresMonths(3),
		"timestampdiff year":        postgresMonths(12),
		"week": week(
			"(("+postgresPart("DOY")+" + 6 - "+postgresPart("DOW")+") / 7)",
			postgresPart("WEEK"),
			"(("+postgresPart("DOY")+" + 6 - ("+postgresPart("DOW")+" + 6) % 7) / 7)"),
		"date_trunc second":  dateTrunc("DATE_TRUNC('second', CAST($2 AS timestamp))"),
		"date_trunc minute":  dateTrunc("DATE_TRUNC('minute', CAST($2 AS timestamp))"),
		"date_trunc hour":    dateTrunc("DATE_TRUNC('hour', CAST($2 AS timestamp))"),
		"date_trunc day":     dateTrunc("DATE_TRUNC('day', CAST($2 AS timestamp))"),
		"date_trunc week":    dateTrunc("DATE_TRUNC('week', CAST($2 AS timestamp))"),
		"date_trunc month":   dateTrunc("DATE_TRUNC('month', CAST($2 AS timestamp))"),
		"date_trunc quarter": dateTrunc("DATE_TRUNC('quarter', CAST($2 AS timestamp))"),
		"date_trunc year":    dateTrunc("DATE_TRUNC('year', CAST($2 AS timestamp))"),
		"date_format":        dateFormat,

		"count":           countedRows,
		"sum":             native("SUM"),
		"avg":             native("AVG"),
		"min":             ofTruth("BOOL_AND", "MIN"), // truth values have no MIN and MAX
		"max":             ofTruth("BOOL_OR", "MAX"),
		"any_value":       tmpl("(ARRAY_AGG($1))[1]"),
		"group_concat":    stringAgg("STRING_AGG", "CAST($1 AS text)", true),
		"string_agg":      separated,
		"median":          percentile("PERCENTILE_CONT", "CAST($1 AS double precision)"),
		"percentile_cont": percentile("PERCENTILE_CONT", "CAST($1 AS double precision)"),
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

		"cel.starts_with": tmpl(`STARTS_WITH(CAST($1 AS text) COLLATE "C", CAST($2 AS text))`),
		"cel.ends_with":   tmpl(`(RIGHT(CAST($1 AS text), CHAR_LENGTH(CAST($2 AS text))) COLLATE "C" = CAST($2 AS text))`),
		"cel.contains":    tmpl(`(STRPOS(CAST($1 AS text) COLLATE "C", CAST($2 AS text)) > 0)`),
		"cel.size":        tmpl("CHAR_LENGTH(CAST($1 AS text))"),
		"cel.concat":      tmpl("(CAST($1 AS text) || CAST($2 AS text))"),
		// A real beside a parameter would take that for a real as well. NaN, which
		// would equal itself and be larger than all others, is unknown.
		"cel.from_float":   tmpl("NULLIF(CAST($1 AS double precision), 'NaN')"),
		"cel.from_decimal": tmpl(postgresNearest),
		// Instants compare as timestamps in UTC. An infinite one has no CEL value, nor
		// has a date that is out of the range of timestamps.
		"cel.from_date":       tmpl("CASE WHEN $1 BETWEEN " + postgresFirstDay + " AND " + postgresLastDay + " THEN CAST($1 AS timestamp) END"),
		"cel.from_datetime":   tmpl("CASE WHEN $1 BETWEEN " + postgresFirst + " AND " + postgresLast + " THEN CAST($1 AS timestamp) END"),
		"cel.from_datetimetz": tmpl("CASE WHEN $1 BETWEEN " + postgresFirstTz + " AND " + postgresLastTz + " THEN CAST($1 AS timestamptz) AT TIME ZONE 'UTC' END"),
		"cel.timestamp":       tmpl("CAST($1 AS timestamp)"),
		"cel.calendar":        tmpl(postgresRange("CAST($1 AS timestamp)")),
		"cel.elapsed": tmpl("CAST((EXTRACT(EPOCH FROM " + postgresRange("CAST($1 AS timestamp)") + ")" +
			" - EXTRACT(EPOCH FROM " + postgresRange("CAST($2 AS timestamp)") + ")) * 1000000 AS bigint)"),
		// Multiplied intervals are exact up to 2^53 microseconds, so days go by themselves.
		"cel.later": tmpl(postgresRange(postgresRange("CAST($1 AS timestamp)") + " + (CAST($2 AS bigint) / 86400000000) * INTERVAL '1 day'" +
			" + (CAST($2 AS bigint) % 86400000000) * INTERVAL '1 microsecond'")),

		"cel.truncate": tmpl("CASE WHEN CAST($1 AS double precision) > -9223372036854775808 AND CAST($1 AS double precision) < 9223372036854775808" +
			" THEN CAST(TRUNC(CAST($1 AS double precision)) AS bigint) END"),
		"cel.lower_ascii":    tmpl("TRANSLATE(CAST($1 AS text), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')"),
		"cel.upper_ascii":    tmpl("TRANSLATE(CAST($1 AS text), 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')"),
		"cel.trim":           tmpl("BTRIM(CAST($1 AS text), " + whiteSpaceEscaped() + ")"),
		"cel.reverse":        tmpl("REVERSE(CAST($1 AS text))"),
		"cel.char_at":        postgresPiece(`"a" BETWEEN 0 AND CHAR_LENGTH("x")`, `SUBSTR("x", "a" + 1, 1)`),
		"cel.substring":      postgresPiece(`"a" >= 0 AND "a" <= "b" AND "b" <= CHAR_LENGTH("x")`, `SUBSTR("x", "a" + 1, "b" - "a")`),
		"cel.substring_from": postgresPiece(`"a" BETWEEN 0 AND CHAR_LENGTH("x")`, `SUBSTR("x", "a" + 1)`),
		"cel.index_of": tmpl(`(SELECT CASE WHEN "a" < 0 THEN NULL WHEN CHAR_LENGTH("s") = 0 AND "x" IS NOT NULL THEN LEAST("a", CHAR_LENGTH("x"))` +
			` WHEN STRPOS(SUBSTR("x", "a" + 1) COLLATE "C", "s") > 0 THEN STRPOS(SUBSTR("x", "a" + 1) COLLATE "C", "s") + "a" - 1` +
			` WHEN "x" IS NOT NULL AND "s" IS NOT NULL THEN -1 END` +
			` FROM (SELECT CAST($1 AS text) AS "x", CAST($2 AS text) AS "s", ` + postgresOffset("$3") + ` AS "a") AS "q")`),
		"cel.last_index_of": tmpl(`(SELECT CASE WHEN CHAR_LENGTH("s") = 0 THEN CHAR_LENGTH("x")` +
			` WHEN STRPOS(REVERSE("x") COLLATE "C", REVERSE("s")) > 0 THEN CHAR_LENGTH("x") - CHAR_LENGTH("s") + 1 - STRPOS(REVERSE("x") COLLATE "C", REVERSE("s"))` +
			` WHEN "x" IS NOT NULL AND "s" IS NOT NULL THEN -1 END` +
			` FROM (SELECT CAST($1 AS text) AS "x", CAST($2 AS text) AS "s") AS "q")`),
		"cel.replace": tmpl(`(SELECT REPLACE(CAST($1 AS text) COLLATE "C", CAST($2 AS text), CAST($3 AS text)) COLLATE "default")`), // a mask has the usual collation

		"cel.add": postgresInt("CAST($1 AS numeric) + CAST($2 AS numeric)"),
		"cel.sub": postgresInt("CAST($1 AS numeric) - CAST($2 AS numeric)"),
		"cel.mul": postgresInt("CAST($1 AS numeric) * CAST($2 AS numeric)"),
		"cel.neg": postgresInt("0 - CAST($1 AS numeric)"),
		"cel.div": postgresInt("DIV(CAST($1 AS numeric), NULLIF(CAST($2 AS numeric), 0))"),
		"cel.mod": bigints(tmpl("CASE WHEN CAST($2 AS numeric) <> -1 OR CAST($1 AS numeric) <> -9223372036854775808" +
			" THEN CAST(MOD(CAST($1 AS numeric), NULLIF(CAST($2 AS numeric), 0)) AS bigint) END")),
	},
	// Division by zero is guarded. What is cast may be out of range, infinite
	// points in time have no parts, and strings may grow too long.
	Totals: totals{"substring": "String const", "left": "String const", "right": "String const", "abs": "Decimal|Float"}.
		with("Integer", "/ % sum avg").
		with("*", "ntile lag lead nth_value").
		with("Integer|Float", "ceil floor"). // of a numeric they may have a digit too many
		with("String", "trim ltrim rtrim trim_leading trim_trailing reverse"),
	Inexact: "str_to_date bit_and bit_or bit_xor",
	DateFormat: map[byte]string{
		'Y': postgresChar("YYYY"), 'y': postgresChar("YY"),
		'm': postgresChar("MM"), 'c': postgresChar("FMMM"),
		'd': postgresChar("DD"), 'e': postgresChar("FMDD"),
		'H': postgresChar("HH24"), 'k': postgresChar("FMHH24"),
		'h': postgresChar("HH12"), 'I': postgresChar("HH12"), 'l': postgresChar("FMHH12"),
		'i': postgresChar("MI"),
		's': postgresChar("SS"), 'S': postgresChar("SS"),
		'f': postgresChar("US"),
		'p': postgresChar("AM"),
		'T': postgresChar("HH24:MI:SS"), 'r': postgresChar("HH12:MI:SS AM"),
		'j': postgresChar("DDD"), 'w': "CAST(EXTRACT(DOW FROM CAST($1 AS timestamp)) AS text)",
		'v': postgresChar("IW"), 'x': postgresChar("IYYY"),
		'M': postgresChar("FMMonth"), 'b': postgresChar("Mon"),
		'W': postgresChar("FMDay"), 'a': postgresChar("Dy"),
	},
}

func postgresChar(format string) string {
	return "TO_CHAR(CAST($1 AS timestamp), '" + format + "')"
}

// numeralPattern is a number with decimals or an exponent.
const numeralPattern = "(?:[0-9]+[.]?[0-9]*|[.][0-9]+)(?:[eE][-+]?[0-9]+)?"

// postgresNumeral is the number that a text begins with, 0 if it begins with none.
func postgresNumeral(pattern string) string {
	return "CASE WHEN $1 IS NOT NULL THEN COALESCE(SUBSTRING($1 FROM '^ *([-+]?" + pattern + ")'), '0') END"
}

// postgresPart is a part of a date as a number.
func postgresPart(field string) string {
	return "CAST(EXTRACT(" + field + " FROM CAST($1 AS timestamp)) AS integer)"
}

// postgresClock is a part of a time of day; a Time has no date to cast to.
func postgresClock(template string) form {
	return func(p *printer, c *ast.Call) {
		operand := "CAST($1 AS timestamp)"
		if function.TypeOf(c.Args[0]) == ast.Time {
			operand = "CAST($1 AS time)"
		}
		p.render(c.Pos, "CAST("+strings.Replace(template, "$1", operand, 1)+" AS integer)", c.Args...)
	}
}

// postgresRound rounds half away from zero; ROUND of a float goes to the even
// side, and numeric has too few of its digits.
func postgresRound(p *printer, c *ast.Call) {
	template := "ROUND(CAST($1 AS numeric))"
	if function.TypeOf(c.Args[0]) == ast.Float {
		template = "(TRUNC($1) + CASE WHEN ABS($1 - TRUNC($1)) >= 0.5 THEN SIGN($1) ELSE 0 END)"
	}
	p.render(c.Pos, template, c.Args...)
}

// postgresDomain gives NULL outside a function's domain, as MySQL does.
func postgresDomain(condition, name string) form {
	return tmpl("CASE WHEN CAST($1 AS double precision) " + condition + " THEN " + name + "(CAST($1 AS double precision)) END")
}

// postgresElapsed counts whole units from $1 to $2.
func postgresElapsed(scale string) form {
	return tmpl("CAST(TRUNC(EXTRACT(EPOCH FROM (CAST($2 AS timestamp) - CAST($1 AS timestamp))) " + scale + ") AS bigint)")
}

// postgresMonths counts whole months from $1 to $2, which AGE splits off.
func postgresMonths(unit int) form {
	const age = "AGE(CAST($2 AS timestamp), CAST($1 AS timestamp))"
	return tmpl(fmt.Sprintf("CAST(TRUNC((EXTRACT(YEAR FROM %[1]s) * 12 + EXTRACT(MONTH FROM %[1]s)) / %[2]d) AS bigint)", age, unit))
}

// postgresNearest is the double next to a decimal: 0 up to half of the smallest
// double, and NULL over the largest, where the cast would raise errors.
const postgresNearest = "CASE WHEN ABS($1) <= 2.4703282292062328e-324 THEN 0e0" +
	" WHEN ABS($1) < 1.7976931348623158e308 THEN CAST($1 AS double precision) END"

// bigints types bound values as bigint, so that a parameter which also meets
// a column has the column's type and an index can be used.
func bigints(f form) form {
	return func(p *printer, c *ast.Call) {
		typed := *c
		typed.Args = make([]ast.Expr, len(c.Args))
		for i, a := range c.Args {
			typed.Args[i] = a
			switch a.(type) {
			case *ast.Slot, *ast.Param:
				typed.Args[i] = &ast.Cast{X: a, Type: ast.CastInteger, Precision: -1, Scale: -1}
			}
		}
		f(p, &typed)
	}
}

// postgresInt calculates without limit and gives NULL outside 64 bits. LEAST
// and GREATEST skip NULL, so the guards then give NULL too.
func postgresInt(operation string) form {
	return bigints(tmpl("CAST(NULLIF(NULLIF(LEAST(GREATEST(" + operation +
		", -9223372036854775809), 9223372036854775808), 9223372036854775808), -9223372036854775809) AS bigint)"))
}

// The first and the last of CEL's instants, and their days.
const (
	postgresFirstDay, postgresLastDay = "DATE '0001-01-01'", "DATE '9999-12-31'"
	postgresFirst, postgresLast       = "TIMESTAMP '0001-01-01 00:00:00'", "TIMESTAMP '9999-12-31 23:59:59.999999'"
	postgresFirstTz, postgresLastTz   = "TIMESTAMPTZ '0001-01-01 00:00:00+00'", "TIMESTAMPTZ '9999-12-31 23:59:59.999999+00'"
)

// postgresRange is an instant, or NULL outside of the years 1 to 9999. LEAST and
// GREATEST skip NULL, so the guards then give NULL too.
func postgresRange(x string) string {
	const before, behind = "TIMESTAMP '0001-12-31 23:59:59.999999 BC'", "TIMESTAMP '10000-01-01 00:00:00'"
	return "NULLIF(NULLIF(LEAST(GREATEST(" + x + ", " + before + "), " + behind + "), " + behind + "), " + before + ")"
}

// postgresOffset makes an offset in a string an integer, -1 where it is NULL or
// negative.
func postgresOffset(x string) string {
	return "CAST(" + clamped(x) + " AS integer)"
}

// postgresPiece takes a piece out of the string x, at the offsets a and b, where
// a condition holds.
func postgresPiece(condition, piece string) form {
	return bigints(func(p *printer, c *ast.Call) {
		arguments := `CAST($1 AS text) AS "x", ` + postgresOffset("$2") + ` AS "a"`
		if len(c.Args) == 3 {
			arguments += ", " + postgresOffset("$3") + ` AS "b"`
		}
		p.render(c.Pos, "(SELECT CASE WHEN "+condition+" THEN "+piece+" END FROM (SELECT "+arguments+`) AS "q")`, c.Args...)
	})
}

// postgresDiv divides decimals, or floats when one side is a Float.
func postgresDiv(p *printer, n *ast.Binary) {
	template := "(CAST($1 AS numeric) / NULLIF(CAST($2 AS numeric), 0))"
	if function.TypeOf(n.Left) == ast.Float || function.TypeOf(n.Right) == ast.Float {
		template = "(CAST($1 AS double precision) / NULLIF(CAST($2 AS double precision), 0))"
	}
	p.render(n.Pos, template, n.Left, n.Right)
}

func postgresMod(p *printer, n *ast.Binary) {
	template := "MOD(CAST($1 AS numeric), NULLIF(CAST($2 AS numeric), 0))"
	if function.TypeOf(n.Left) == ast.Integer && function.TypeOf(n.Right) == ast.Integer {
		template = "MOD($1, NULLIF($2, 0))"
	}
	p.render(n.Pos, template, n.Left, n.Right)
}

// postgresDateAdd multiplies an interval, so that any expression can be the
// amount; months keep to the end of a month as in MySQL.
func postgresDateAdd(p *printer, n *ast.DateAdd) {
	u := units[n.Unit]
	sign, number := "+", "bigint"
	if n.Sub {
		sign = "-"
	}
	if n.Unit == ast.Second {
		number = "numeric" // seconds may have a fraction
	}
	interval := fmt.Sprintf("%s CAST($2 AS %s) * INTERVAL '%d %s')", sign, number, u.count, u.base)
	switch t := function.TypeOf(n.X); {
	case t == ast.Time:
		p.unsupported(n.Pos, "INTERVAL arithmetic on a time of day")
	case t == ast.DateTimeTz:
		p.render(n.Pos, "($1 "+interval, n.X, n.Amount)
	case t == ast.Date && function.WholeDays(n.Unit):
		p.render(n.Pos, "CAST((CAST($1 AS timestamp) "+interval+" AS date)", n.X, n.Amount)
	default:
		p.render(n.Pos, "(CAST($1 AS timestamp) "+interval, n.X, n.Amount)
	}
}

// countedRows skips rows in which any of several expressions is NULL.
func countedRows(p *printer, c *ast.Call) {
	if len(c.Args) < 2 {
		native("COUNT")(p, c)
		return
	}
	typed := *c
	typed.Args = slices.Clone(c.Args)
	for i, a := range c.Args {
		if _, constant := stringValue(a); constant { // would have no type in a record
			typed.Args[i] = &ast.Cast{Pos: ast.PosOf(a), X: a, Type: ast.CastChar, Precision: -1, Scale: -1}
		}
	}
	p.write("COUNT(DISTINCT ")
	nullIfAny("ROW")(p, &typed)
	p.write(")")
}
