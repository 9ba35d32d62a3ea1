package dialect

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/function"
)

// SQLite is SQLite 3.46 or newer, with the math functions compiled in. Dates
// are text: 2006-01-02 and 2006-01-02 15:04:05, in UTC.
var SQLite = &Dialect{
	Name:     "sqlite",
	Quote:    '"',
	MaxName:  1 << 16,
	MaxParts: 2,

	Parameter: "?",
	MaxArgs:   32766,
	ManyList: map[ast.Type]string{
		ast.String: sqliteMany, ast.Integer: sqliteMany, ast.DateTimeTz: sqliteMany,
	},
	String: quoted, // no escapes

	NoLimit:      "-1",
	Fence:        "LIMIT -1 OFFSET 0",
	OuterColumns: true,
	Loose:        true,
	Cross:        "JOIN", // CROSS JOIN would force the order of the tables

	RollupUnion:   true,
	SubqueryLimit: true,
	FirstRow:      true,

	Infix: map[ast.BinaryOp]string{ast.Add: "+", ast.Sub: "-", ast.Mul: "*"},
	Binary: map[ast.BinaryOp]binaryForm{
		ast.Div:    operation("(CAST($1 AS REAL) / $2)"), // 7 / 2 would be 3; by zero is NULL
		ast.IntDiv: noDecimals(sqliteIntDiv),
		ast.Mod:    noDecimals(sqliteMod),
		ast.BitAnd: masked,
	},
	LooseColumns:    true,
	TextNumbers:     true,
	DateText:        true,
	Glob:            true,
	Overflow:        "CASE TYPEOF($1) WHEN 'integer' THEN $1 END",
	TruthTests:      true,
	InNulls:         true,
	LikeEscape:      true,
	TimeText:        true,
	WindowClause:    true,
	CTEColumns:      true,
	Values:          true,
	QuantifiedCount: true,
	Tuples:          true,
	NullSafeEq:      "IS",
	Xor:             "((NOT $1) <> (NOT $2))", // NOT makes any number 0 or 1
	// BINARY compares UTF-8 bytes, which is the order of code points.
	Exact: exact{Left: "$1 COLLATE BINARY", Right: "$1"},
	// A column may hold values of any type, whatever it is declared as.
	Domains: map[string]domain{
		"cel.from_string":  {Beside: "$1", Low: "TYPEOF($1) = 'text'", High: "TYPEOF($1) = 'text'"},
		"cel.from_integer": {Beside: "$1", Low: "TYPEOF($1) = 'integer'", High: "TYPEOF($1) = 'integer'"},
		"cel.from_boolean": {Beside: "$1", Low: "$1 IN (0, 1)", High: "$1 IN (0, 1)"},
		"cel.from_float":   {Beside: "$1", Low: sqliteDouble, High: sqliteDouble},
	},

	Casts: map[ast.CastType]castForm{
		ast.CastChar:     {"CAST($1 AS TEXT)", "SUBSTR(CAST($1 AS TEXT), 1, $p)"},
		ast.CastInteger:  {"CASE TYPEOF($1) WHEN 'real' THEN " + sqliteFits("ROUND($1)") + " ELSE CAST($1 AS INTEGER) END", ""},
		ast.CastDecimal:  {"ROUND(CAST($1 AS REAL) * " + sqliteNudge + ", 0)", "ROUND(CAST($1 AS REAL) * " + sqliteNudge + ", $s)"}, // no decimals: nearest REAL
		ast.CastDouble:   {"CAST($1 AS REAL)", ""},
		ast.CastDate:     {"DATE($1)", ""},
		ast.CastTime:     {"TIME($1)", ""},
		ast.CastDateTime: {"DATETIME($1)", ""},
	},
	CastText: map[ast.CastType]string{
		// DATE('2024-02-30') would be the first of March, and '2460000' a day of the Julian calendar.
		ast.CastDate:     sqliteDateText,
		ast.CastDateTime: sqliteDateText,
	},
	DateAdd: sqliteDateAdd,

	Functions: map[string]form{
		"coalesce":   tmpl("COALESCE($*)"),
		"coalesce/1": tmpl("($1)"),
		"ifnull":     tmpl("COALESCE($1, $2)"),
		"nullif":     tmpl("NULLIF($1, $2)"),
		"if":         tmpl("CASE WHEN $1 THEN $2 ELSE $3 END"),
		"isnull":     tmpl("($1 IS NULL)"),
		"greatest":   tmpl("MAX($*)"), // NULL if any is, as in MySQL
		"least":      tmpl("MIN($*)"),

		"abs":      tmpl("ABS($1)"),
		"ceil":     sqliteWhole("CEIL"),
		"floor":    sqliteWhole("FLOOR"),
		"round/1":  sqliteWhole("ROUND"),
		"round/2":  sqliteRound,
		"truncate": constant(1, 0, 0, sqliteWhole("TRUNC")),
		"mod":      modulo,
		"power":    tmpl("POWER($1, $2)"),
		"sqrt":     tmpl("SQRT($1)"),
		"exp":      tmpl("EXP($1)"),
		"ln":       tmpl("LN($1)"),
		"log/1":    tmpl("LN($1)"), // SQLite's LOG(x) is to base 10
		"log/2":    tmpl("CASE WHEN $1 <> 1 THEN LOG($1, $2) END"),
		"log10":    tmpl("LOG10($1)"),
		"log2":     tmpl("LOG2($1)"),
		"sign":     tmpl("SIGN($1)"),
		"pi":       tmpl("PI()"),
		"sin":      tmpl("SIN($1)"),
		"cos":      tmpl("COS($1)"),
		"tan":      tmpl("TAN($1)"),
		"asin":     tmpl("ASIN($1)"),
		"acos":     tmpl("ACOS($1)"),
		"atan":     tmpl("ATAN($1)"),
		"atan2":    tmpl("ATAN2($1, $2)"),
		"degrees":  tmpl("DEGREES($1)"),
		"radians":  tmpl("RADIANS($1)"),

		"concat":       joined("$1", " || "),
		"concat/1":     tmpl("CAST($1 AS TEXT)"),
		"concat_ws":    tmpl("CONCAT_WS($*)"),
		"lower":        tmpl("LOWER($1)"), // ASCII letters only
		"upper":        tmpl("UPPER($1)"),
		"char_length":  tmpl("LENGTH($1)"),
		"octet_length": tmpl("OCTET_LENGTH($1)"),
		"substring/2": substring(tmpl("SUBSTR($1, $2)"), tmpl("CASE WHEN $2 > 0 OR ($2 < 0 AND 0 - $2 <= LENGTH($1))"+
			" THEN SUBSTR($1, $2) WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN '' END")),
		"substring/3": substring(tmpl("SUBSTR($1, $2, $3)"), tmpl("CASE WHEN $2 > 0 OR ($2 < 0 AND 0 - $2 <= LENGTH($1))"+
			" THEN SUBSTR($1, $2, MAX($3, 0)) WHEN $1 IS NOT NULL AND $2 IS NOT NULL AND $3 IS NOT NULL THEN '' END")),
		"left":          tmpl("SUBSTR($1, 1, MAX($2, 0))"),
		"right":         tmpl("SUBSTR($1, 0 - MAX($2, 0), MAX($2, 0))"),
		"trim/1":        tmpl("TRIM($1)"),
		"ltrim":         tmpl("LTRIM($1)"),
		"rtrim":         tmpl("RTRIM($1)"),
		"trim/2":        character(1, tmpl("TRIM($1, $2)")),
		"trim_leading":  character(1, tmpl("LTRIM($1, $2)")),
		"trim_trailing": character(1, tmpl("RTRIM($1, $2)")),
		"lpad":          pad(tmpl("CASE WHEN LENGTH($1) >= $2 THEN SUBSTR($1, 1, $2) ELSE " + sqliteFilling + " || $1 END")),
		"rpad":          pad(tmpl("CASE WHEN LENGTH($1) >= $2 THEN SUBSTR($1, 1, $2) ELSE $1 || " + sqliteFilling + " END")),
		"replace":       tmpl("REPLACE($1, $2, $3)"),
		"locate/2":      tmpl("INSTR($2, $1)"),
		"locate/3": tmpl("CASE WHEN $3 >= 1 AND $3 <= LENGTH($2) + 1 AND INSTR(SUBSTR($2, $3), $1) > 0" +
			" THEN INSTR(SUBSTR($2, $3), $1) + $3 - 1 WHEN $1 IS NOT NULL AND $2 IS NOT NULL AND $3 IS NOT NULL THEN 0 END"),
		"instr": tmpl("INSTR($1, $2)"),
		// The first byte, of which HEX gives the two digits.
		"ascii": tmpl("CASE WHEN $1 = '' THEN 0 WHEN $1 IS NOT NULL THEN (INSTR('0123456789ABCDEF', SUBSTR(HEX($1), 1, 1)) - 1) * 16" +
			" + INSTR('0123456789ABCDEF', SUBSTR(HEX($1), 2, 1)) - 1 END"),

		"now":                   tmpl("DATETIME('now')"),
		"current_date":          tmpl("DATE('now')"),
		"current_time":          tmpl("TIME('now')"),
		"utc_date":              tmpl("DATE('now')"),
		"utc_timestamp":         tmpl("DATETIME('now')"),
		"date":                  tmpl("DATE($1)"),
		"year":                  tmpl(sqlitePart("%Y")),
		"quarter":               tmpl("((" + sqlitePart("%m") + " + 2) / 3)"),
		"month":                 tmpl(sqlitePart("%m")),
		"week":                  week(sqlitePart("%U"), sqlitePart("%V"), sqlitePart("%W")),
		"day":                   tmpl(sqlitePart("%d")),
		"dayofweek":             tmpl("(" + sqlitePart("%w") + " + 1)"), // 1 is Sunday
		"weekday":               tmpl("((" + sqlitePart("%w") + " + 6) % 7)"),
		"dayofyear":             tmpl(sqlitePart("%j")),
		"hour":                  tmpl(sqlitePart("%H")),
		"minute":                tmpl(sqlitePart("%M")),
		"second":                tmpl(sqlitePart("%S")),
		"dayname":               tmpl(sqliteDayName),
		"monthname":             tmpl(sqliteMonthName),
		"last_day":              tmpl("DATE($1, 'start of month', '+1 month', '-1 day')"),
		"datediff":              tmpl("CAST(JULIANDAY(DATE($1)) - JULIANDAY(DATE($2)) AS INTEGER)"),
		"timestampdiff second":  sqliteElapsed(1000),
		"timestampdiff minute":  sqliteElapsed(60 * 1000),
		"timestampdiff hour":    sqliteElapsed(3600 * 1000),
		"timestampdiff day":     sqliteElapsed(24 * 3600 * 1000),
		"timestampdiff week":    sqliteElapsed(7 * 24 * 3600 * 1000),
		"timestampdiff month":   sqliteMonths(1),
		"timestampdiff quarter": sqliteMonths(3),
		"timestampdiff year":    sqliteMonths(12),
		"date_trunc second":     dateTrunc("$2"),
		"date_trunc minute":     dateTrunc("STRFTIME('%Y-%m-%d %H:%M', $2)"),
		"date_trunc hour":       dateTrunc("STRFTIME('%Y-%m-%d %H:00', $2)"),
		"date_trunc day":        dateTrunc("DATE($2)"),
		"date_trunc week":       dateTrunc("DATE($2, '-6 days', 'weekday 1')"), // the Monday on or before
		"date_trunc month":      dateTrunc("DATE($2, 'start of month')"),
		"date_trunc quarter":    dateTrunc("DATE($2, 'start of month', '-' || ((STRFTIME('%m', $2) - 1) % 3) || ' months')"),
		"date_trunc year":       dateTrunc("DATE($2, 'start of year')"),
		"date_format":           dateFormat,

		"count":        sqliteCount,
		"sum":          native("SUM"),
		"avg":          native("AVG"),
		"min":          native("MIN"),
		"max":          native("MAX"),
		"any_value":    native("MIN"),
		"var_pop":      sqliteVariance("COUNT($1)", "$v"),
		"var_samp":     sqliteVariance("(COUNT($1) - 1)", "$v"),
		"stddev_pop":   sqliteVariance("COUNT($1)", "SQRT($v)"),
		"stddev_samp":  sqliteVariance("(COUNT($1) - 1)", "SQRT($v)"),
		"group_concat": stringAgg("GROUP_CONCAT", "$1", false),
		"string_agg":   separated,

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

		// LENGTH and SUBSTR take text as far as the first NUL in it, HEX all of it. HEX
		// of NULL is empty.
		"cel.starts_with": tmpl("(INSTR($1, $2) = 1)"),
		"cel.ends_with": tmpl("CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL" +
			" THEN SUBSTR(HEX($1), 0 - LENGTH(HEX($2)), LENGTH(HEX($2))) = HEX($2) END"),
		"cel.contains":     tmpl("(INSTR($1, $2) > 0)"),
		"cel.size":         tmpl(`(SELECT CASE WHEN ` + sqliteWithoutNUL + ` THEN LENGTH("x") END FROM (SELECT $1 AS "x"))`),
		"cel.concat":       tmpl("($1 || $2)"),
		"cel.from_string":  tmpl("CASE TYPEOF($1) WHEN 'text' THEN $1 END"),
		"cel.from_integer": tmpl("CASE TYPEOF($1) WHEN 'integer' THEN $1 END"),
		"cel.from_boolean": tmpl("CASE $1 WHEN 0 THEN FALSE WHEN 1 THEN TRUE END"),
		"cel.from_float":   tmpl("CASE TYPEOF($1) WHEN 'real' THEN $1 WHEN 'integer' THEN CAST($1 AS REAL) END"),
		"cel.from_decimal": tmpl("CASE TYPEOF($1) WHEN 'real' THEN $1 WHEN 'integer' THEN CAST($1 AS REAL) END"),
		// Only text in the one form that sorts by time counts; any other is unknown.
		"cel.from_date":       tmpl("CASE WHEN TYPEOF($1) = 'text' AND DATE($1) = $1 COLLATE BINARY AND $1 >= '0001' THEN $1 || ' 00:00:00' END"),
		"cel.from_datetime":   tmpl(sqliteInstant),
		"cel.from_datetimetz": tmpl(sqliteInstant),
		"cel.timestamp":       tmpl("$1"),
		// Years before 1 and text that is no date give NULL, and so do nanoseconds.
		"cel.calendar": tmpl(`(SELECT CASE WHEN ` + sqliteValid(`"v"`) + ` THEN SUBSTR("v", 1, 19) END FROM (SELECT $1 AS "v"))`),
		"cel.elapsed": tmpl(`(SELECT CASE WHEN ` + sqliteValid(`"a"`) + ` AND ` + sqliteValid(`"b"`) + ` AND LENGTH("a") <= 26 AND LENGTH("b") <= 26` +
			` THEN ` + sqliteMicros(`"a"`) + ` - ` + sqliteMicros(`"b"`) + ` END FROM (SELECT $1 AS "a", $2 AS "b"))`),
		"cel.later": tmpl(`(SELECT CASE WHEN "m" BETWEEN 0 AND 315537897599999999 THEN DATETIME("m" / 1000000 - 62135596800, 'unixepoch')` +
			` || RTRIM(RTRIM(PRINTF('.%06d', "m" % 1000000), '0'), '.') END FROM (SELECT CASE WHEN ` + sqliteValid(`"v"`) + ` AND LENGTH("v") <= 26` +
			` THEN ` + sqliteMicros(`"v"`) + ` + 62135596800000000 + "d" END AS "m" FROM (SELECT $1 AS "v", $2 AS "d")))`),

		"cel.truncate":       tmpl("CASE WHEN $1 > -9223372036854775808.0 AND $1 < 9223372036854775808.0 THEN CAST($1 AS INTEGER) END"),
		"cel.lower_ascii":    tmpl("LOWER($1)"),
		"cel.upper_ascii":    tmpl("UPPER($1)"),
		"cel.trim":           tmpl("TRIM($1, CHAR(" + whiteSpaceNumbers() + "))"),
		"cel.char_at":        sqlitePiece(`"a" BETWEEN 0 AND LENGTH("x")`, `SUBSTR("x", "a" + 1, 1)`),
		"cel.substring":      sqlitePiece(`"a" >= 0 AND "a" <= "b" AND "b" <= LENGTH("x")`, `SUBSTR("x", "a" + 1, "b" - "a")`),
		"cel.substring_from": sqlitePiece(`"a" BETWEEN 0 AND LENGTH("x")`, `SUBSTR("x", "a" + 1)`),
		"cel.index_of": tmpl(`(SELECT CASE WHEN "a" < 0 THEN NULL WHEN "x" IS NOT NULL AND NOT ` + sqliteWithoutNUL + ` THEN NULL WHEN OCTET_LENGTH("s") = 0 THEN MIN("a", LENGTH("x"))` +
			` WHEN INSTR(SUBSTR("x", "a" + 1), "s") > 0 THEN INSTR(SUBSTR("x", "a" + 1), "s") + "a" - 1` +
			` WHEN "x" IS NOT NULL AND "s" IS NOT NULL AND "a" IS NOT NULL THEN -1 END` +
			` FROM (SELECT $1 AS "x", $2 AS "s", MIN($3, 1000000000) AS "a"))`),
		"cel.replace": tmpl("REPLACE($1, $2, $3)"),

		"cel.add": sqliteInt("$1 + $2"),
		"cel.sub": sqliteInt("$1 - $2"),
		"cel.mul": sqliteInt("$1 * $2"),
		"cel.neg": sqliteInt("0 - $1"),
		"cel.div": sqliteInt("$1 / $2"),
		"cel.mod": tmpl(`(SELECT CASE WHEN "b" <> -1 OR "a" <> -9223372036854775807 - 1 THEN "a" % "b" END` +
			` FROM (SELECT $1 AS "a", $2 AS "b"))`),
	},
	// Arithmetic gives NULL or infinity, casts and dates NULL. ABS of the lowest
	// number raises an error, and so do a SUM of whole numbers over 64 bits (AVG is a
	// REAL from the start) and a string that grows over a gigabyte.
	Totals: totals{}.with("*", `+ - * / DIV % & neg cast interval
		ceil floor round truncate mod power sqrt exp ln log log10 log2 sign sin cos tan asin acos atan atan2 degrees radians
		substring left right trim ltrim rtrim trim_leading trim_trailing locate instr
		date year quarter month week day dayofweek weekday dayofyear hour minute second dayname monthname
		last_day datediff timestampdiff date_trunc date_format
		avg any_value ntile lag lead nth_value`),
	Inexact: "microsecond",
	DateFormat: map[byte]string{
		'Y': "STRFTIME('%Y', $1)", 'y': "SUBSTR(STRFTIME('%Y', $1), 3)",
		'm': "STRFTIME('%m', $1)", 'c': sqlitePart("%m"),
		'd': "STRFTIME('%d', $1)", 'e': sqlitePart("%d"),
		'H': "STRFTIME('%H', $1)", 'k': sqlitePart("%H"),
		'h': "STRFTIME('%I', $1)", 'I': "STRFTIME('%I', $1)", 'l': sqlitePart("%I"),
		'i': "STRFTIME('%M', $1)",
		's': "STRFTIME('%S', $1)", 'S': "STRFTIME('%S', $1)",
		'p': "STRFTIME('%p', $1)",
		'T': "STRFTIME('%H:%M:%S', $1)", 'r': "STRFTIME('%I:%M:%S %p', $1)",
		'j': "STRFTIME('%j', $1)", 'w': "STRFTIME('%w', $1)",
		'U': "STRFTIME('%U', $1)", 'u': "STRFTIME('%W', $1)",
		'v': "STRFTIME('%V', $1)", 'x': "STRFTIME('%G', $1)",
		'M': sqliteMonthName, 'b': "SUBSTR(" + sqliteMonthName + ", 1, 3)",
		'W': sqliteDayName, 'a': "SUBSTR(" + sqliteDayName + ", 1, 3)",
	},
}

const (
	// sqliteNudge takes a decimal whose nearest binary fraction lies just below
	// the middle over it: 2.675 becomes 2.68.
	sqliteNudge     = "1.0000000000000002"
	sqliteDateText  = "CASE WHEN SUBSTR(DATE($1), 9, 2) = SUBSTR($1, 9, 2) THEN $1 END"
	sqliteMonthName = "RTRIM(SUBSTR('January  February March    April    May      June     July     August   SeptemberOctober  November December '," +
		" STRFTIME('%m', $1) * 9 - 8, 9))"
	sqliteDayName = "RTRIM(SUBSTR('Sunday   Monday   Tuesday  WednesdayThursday Friday   Saturday ', STRFTIME('%w', $1) * 9 + 1, 9))"
	// sqliteFilling is $3 over and over, as long as $1 falls short of $2.
	sqliteFilling = "SUBSTR(REPLACE(HEX(ZEROBLOB($2)), '00', $3), 1, $2 - LENGTH($1))"
)

// sqlitePart is a part of a date as a number.
func sqlitePart(format string) string {
	return "CAST(STRFTIME('" + format + "', $1) AS INTEGER)"
}

// sqliteWhole rounds; what isn't a Float stays or becomes an integer.
func sqliteWhole(name string) form {
	return func(p *printer, c *ast.Call) {
		switch function.TypeOf(c.Args[0]) {
		case ast.Float:
			p.render(c.Pos, name+"($1)", c.Args...)
		case ast.Integer, ast.Boolean:
			p.render(c.Pos, "($1)", c.Args...)
		default:
			p.render(c.Pos, sqliteFits(name+"($1)"), c.Args...)
		}
	}
}

// sqliteFits makes a REAL without decimals an INTEGER, NULL if it doesn't fit.
func sqliteFits(x string) string {
	return "CASE WHEN " + x + " BETWEEN -9223372036854774784.0 AND 9223372036854774784.0 THEN CAST(" + x + " AS INTEGER) END"
}

// sqliteRound rounds to decimals, or before the point for a negative number of them.
func sqliteRound(p *printer, c *ast.Call) {
	digits, ok := signedValue(c.Args[1])
	if !ok || digits < -18 || digits > 30 {
		p.unsupported(c.Pos, "ROUND to digits other than a constant from -18 to 30")
		return
	}
	whole := wholeType(c.Args[0])
	power := "1" + strings.Repeat("0", int(max(0, -digits)))
	switch {
	case digits >= 0 && whole:
		p.render(c.Pos, "($1)", c.Args...)
	case digits >= 0 && function.TypeOf(c.Args[0]) != ast.Float:
		p.render(c.Pos, "ROUND($1 * "+sqliteNudge+", $2)", c.Args...)
	case digits >= 0:
		p.render(c.Pos, "ROUND($1, $2)", c.Args...)
	case whole: // half of the power goes to the side of the sign, then / cuts
		p.render(c.Pos, strings.NewReplacer("$p", power, "$h", "5"+power[2:]).
			Replace("(($1 / $p + ($1 % $p) / $h) * $p)"), c.Args...)
	default:
		p.render(c.Pos, "(ROUND($1 / "+power+".0) * "+power+")", c.Args...)
	}
}

// sqliteVariance is exact over whole numbers: with q the whole part of the mean
// and r what is left of the sum, the squares of the distances from q are summed
// in 64 bits, and only the small rest is divided. Squares whose sum doesn't fit
// raise an error or give NULL.
func sqliteVariance(count, result string) form {
	const rest = "(SUM($1) % COUNT($1))"
	const near = "(SUM($1 * $1) - (SUM($1) / COUNT($1)) * (SUM($1) + " + rest + "))"
	variance := "((" + near + " - " + rest + " * " + rest + " * 1.0 / COUNT($1)) / NULLIF(" + count + ", 0))"
	template := "CASE TYPEOF(" + near + ") WHEN 'integer' THEN " + strings.Replace(result, "$v", variance, 1) + " END"
	return func(p *printer, c *ast.Call) {
		switch {
		case !wholeType(c.Args[0]):
			p.unsupported(c.Pos, "the function "+strings.ToUpper(c.Func)+" of numbers with decimals").
				WithHint("CAST to SIGNED first, for example of cents")
			return
		case c.Distinct || c.Over != nil:
			p.unsupported(c.Pos, strings.ToUpper(c.Func)+" with DISTINCT or OVER")
			return
		}
		p.render(c.Pos, template, c.Args...)
	}
}

// sqliteInt gives NULL where 64-bit arithmetic overflows into a REAL.
func sqliteInt(operation string) form {
	return tmpl(`(SELECT CASE TYPEOF("v") WHEN 'integer' THEN "v" END FROM (SELECT ` + operation + ` AS "v"))`)
}

// sqliteElapsed counts whole units of a number of milliseconds from $1 to $2.
func sqliteElapsed(unit int) form {
	millis := func(arg string) string {
		return "CAST(ROUND(UNIXEPOCH(" + arg + ", 'subsec') * 1000) AS INTEGER)"
	}
	return tmpl(fmt.Sprintf("((%s - %s) / %d)", millis("$2"), millis("$1"), unit))
}

// sqliteMonths counts whole months from $1 to $2. A month has 32 days here, so
// that the time since its first day is always less than a month; the whole
// part of the difference then is what MySQL counts.
func sqliteMonths(unit int) form {
	const month = 32 * 24 * 3600 * 1000
	position := func(arg string) string {
		return fmt.Sprintf("(STRFTIME('%%Y', %[1]s) * 12 + STRFTIME('%%m', %[1]s)) * %[2]d"+
			" + CAST(ROUND((UNIXEPOCH(%[1]s, 'subsec') - UNIXEPOCH(%[1]s, 'start of month')) * 1000) AS INTEGER)", arg, month)
	}
	return tmpl(fmt.Sprintf("((%s - (%s)) / %d)", position("$2"), position("$1"), month*unit))
}

// sqliteDateAdd uses the modifiers of SQLite's date functions; floor keeps the
// last day of a month, as MySQL does.
func sqliteDateAdd(p *printer, n *ast.DateAdd) {
	point, amount := function.TypeOf(n.X), function.TypeOf(n.Amount)
	switch {
	case n.Unit == ast.Microsecond || point == ast.Time || point == ast.DateTimeTz:
		p.unsupported(n.Pos, "INTERVAL arithmetic in this unit or on this type")
		return
	case n.Unit == ast.Second && (amount == ast.Decimal || amount == ast.Float):
		p.unsupported(n.Pos, "an INTERVAL of fractions of a second")
		return
	}
	modifier := sqliteModifier(p, n)
	date, dateTime := "DATE($1, "+modifier+")", "DATETIME($1, "+modifier+")"
	if point == ast.DateTime { // with the fraction of the second, which DATETIME cuts off
		dateTime = "(" + dateTime + " || SUBSTR($1, 20))"
	}
	switch {
	case !function.WholeDays(n.Unit) || point == ast.DateTime:
		p.render(n.Pos, dateTime, n.X, n.Amount)
	case point == ast.Date:
		p.render(n.Pos, date, n.X, n.Amount)
	default: // text: as long as a date, or longer
		p.render(n.Pos, "CASE LENGTH($1) WHEN 10 THEN "+date+" ELSE "+dateTime+" END", n.X, n.Amount)
	}
}

func sqliteModifier(p *printer, n *ast.DateAdd) string {
	u := units[n.Unit]
	sign, factor := "+", u.count
	if n.Sub {
		sign, factor = "-", -u.count
	}
	modifier := fmt.Sprintf("(CAST(ROUND($2) AS INTEGER) * %d) || ' %ss'", factor, u.base)
	if v, ok := intValue(n.Amount); ok && v < 1<<32 {
		modifier = "'" + sign + strconv.FormatInt(v*int64(u.count), 10) + " " + u.base + "s'"
	}
	if u.base == "month" || u.base == "year" {
		modifier += ", 'floor'"
	}
	return modifier
}

func sqliteCount(p *printer, c *ast.Call) {
	if len(c.Args) > 1 {
		p.unsupported(c.Pos, "COUNT of several expressions").WithHint("count a subquery with DISTINCT")
		return
	}
	native("COUNT")(p, c)
}

func sqliteIntDiv(p *printer, n *ast.Binary) {
	template := sqliteFits("TRUNC($1 / $2)")
	if wholeType(n.Left) && wholeType(n.Right) {
		template = "($1 / $2)"
	}
	p.render(n.Pos, template, n.Left, n.Right)
}

// sqliteMod keeps the sign of the dividend; % would cut operands to integers.
func sqliteMod(p *printer, n *ast.Binary) {
	template := "CASE WHEN TYPEOF($1) = 'integer' AND TYPEOF($2) = 'integer' THEN $1 % $2 ELSE MOD($1, $2) END"
	if function.TypeOf(n.Left) == ast.Integer && function.TypeOf(n.Right) == ast.Integer {
		template = "($1 % $2)"
	}
	p.render(n.Pos, template, n.Left, n.Right)
}

// noDecimals refuses an operation on decimals that binary floating point gets
// wrong by a whole unit.
func noDecimals(f binaryForm) binaryForm {
	return func(p *printer, n *ast.Binary) {
		for _, x := range []ast.Expr{n.Left, n.Right} {
			if function.TypeOf(x) == ast.Decimal {
				p.unsupported(n.Pos, "the operator "+operatorNames[n.Op]+" on decimals")
				return
			}
		}
		f(p, n)
	}
}

// masked is & with a constant, which is never negative: MySQL's bit operations
// are unsigned, and only then a signed database gives the same.
func masked(p *printer, n *ast.Binary) {
	_, left := intValue(n.Left)
	_, right := intValue(n.Right)
	if !left && !right {
		p.unsupported(n.Pos, "the operator & without a constant")
		return
	}
	p.render(n.Pos, "($1 & $2)", n.Left, n.Right)
}

// modulo is the function MOD, the same as the operator %.
func modulo(p *printer, c *ast.Call) {
	p.expr(&ast.Binary{Pos: c.Pos, Op: ast.Mod, Left: c.Args[0], Right: c.Args[1]}, primary)
}

// sqliteValid tells an instant's text that is a date of the years 1 to 9999;
// SQLite reads a 30th of February as the first of March.
func sqliteValid(x string) string {
	return "STRFTIME('%Y-%m-%d %H:%M:%S', SUBSTR(" + x + ", 1, 19)) = SUBSTR(" + x + ", 1, 19) AND " + x + " >= '0001'"
}

// sqliteMicros is a valid instant as microseconds since 1970, in whole numbers alone.
func sqliteMicros(x string) string {
	return "(UNIXEPOCH(SUBSTR(" + x + ", 1, 19)) * 1000000 + CAST(SUBSTR(SUBSTR(" + x + ", 21) || '000000', 1, 6) AS INTEGER))"
}

// sqlitePiece takes a piece out of the string x, at the offsets a and b, where a
// condition holds. What is behind a NUL can't be taken, so there is no piece then.
func sqlitePiece(condition, piece string) form {
	return func(p *printer, c *ast.Call) {
		arguments := `$1 AS "x", $2 AS "a"`
		if len(c.Args) == 3 {
			arguments += `, $3 AS "b"`
		}
		p.render(c.Pos, "(SELECT CASE WHEN "+sqliteWithoutNUL+" AND "+condition+" THEN "+piece+" END FROM (SELECT "+arguments+"))", c.Args...)
	}
}

const (
	// sqliteInstant is a time as text, without the zeros at the end of its decimals.
	// SQLite reads a 30th of February as the first of March.
	sqliteInstant = "CASE WHEN TYPEOF($1) = 'text' AND OCTET_LENGTH($1) = LENGTH($1) AND $1 >= '0001' AND DATETIME(SUBSTR($1, 1, 19)) = SUBSTR($1, 1, 19)" +
		" THEN CASE WHEN LENGTH($1) = 19 THEN $1" +
		" WHEN LENGTH($1) BETWEEN 21 AND 29 AND SUBSTR($1, 20, 1) = '.' AND SUBSTR($1, 21) NOT GLOB '*[^0-9]*' THEN RTRIM(RTRIM($1, '0'), '.') END END"
	// sqliteDouble tells a number that a double can hold.
	sqliteDouble = "(TYPEOF($1) = 'real' OR TYPEOF($1) = 'integer' AND $1 = CAST($1 AS REAL))"
	// sqliteWithoutNUL tells text that SQLite doesn't take for shorter than it is.
	sqliteWithoutNUL = `INSTR("x", CHAR(0)) = 0`
)

// sqliteMany gives the elements of a JSON array.
const sqliteMany = "SELECT $v FROM (SELECT value AS v FROM json_each($1))"
