package dialect

import (
	"fmt"
	"strings"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/function"
)

// Trino is Trino 450 or newer. It is printed from its manual and not run.
var Trino = &Dialect{
	Name:     "trino",
	Quote:    '"',
	MaxName:  255,
	MaxParts: 3,

	String:     quoted, // no escapes
	TypedDates: true,
	Instant:    "TIMESTAMP '$1 UTC'",

	OffsetFirst:  true,
	NullsLargest: true, // NULL is last in both directions
	Cross:        "CROSS JOIN",
	WindowClause: true,
	CTEColumns:   true,
	Values:       true,
	InNulls:      true,

	CompoundParens: true,
	CompoundAll:    true,
	SubqueryLimit:  true,

	Infix: map[ast.BinaryOp]string{ast.Add: "+", ast.Sub: "-", ast.Mul: "*"},
	Binary: map[ast.BinaryOp]binaryForm{
		ast.Div:    operation("(CAST($1 AS DOUBLE) / NULLIF(CAST($2 AS DOUBLE), 0))"), // a DECIMAL keeps few decimals
		ast.IntDiv: wholeOnly("($1 / NULLIF($2, 0))"),
		ast.Mod:    operation("MOD($1, NULLIF($2, 0))"),
	},
	NullSafeEq:  "IS NOT DISTINCT FROM",
	Xor:         "((NOT $1) <> (NOT $2))",
	Quantified:  true,
	LikeEscape:  true,
	TruthNumber: "CAST($1 AS INTEGER)",
	Decimals:    true,
	Converts:    true,
	Exact:       exact{Left: "CAST($1 AS VARCHAR)", Right: "CAST($1 AS VARCHAR)", Plain: true},

	Casts: map[ast.CastType]castForm{
		ast.CastChar:     {"CAST($1 AS VARCHAR)", "SUBSTR(CAST($1 AS VARCHAR), 1, $p)"},
		ast.CastInteger:  {"CAST($1 AS BIGINT)", ""},
		ast.CastDecimal:  {"CAST($1 AS DECIMAL(10, 0))", "CAST($1 AS DECIMAL($p, $s))"},
		ast.CastFloat:    {"CAST($1 AS REAL)", ""},
		ast.CastDouble:   {"CAST($1 AS DOUBLE)", ""},
		ast.CastDate:     {"CAST($1 AS DATE)", ""},
		ast.CastTime:     {"DATE_TRUNC('second', CAST($1 AS TIME(6)))", ""},
		ast.CastDateTime: {"DATE_TRUNC('second', CAST($1 AS TIMESTAMP(6)))", ""},
	},
	CastText: map[ast.CastType]string{
		ast.CastInteger: trinoNumeral("[0-9]+"),
		ast.CastDouble:  trinoNumeral(numeralPattern),
	},
	DateAdd: trinoDateAdd,

	Printed: true,
	Inexact: "median ascii",
	Functions: standardFunctions("VARCHAR", "DOUBLE", merged(map[string]form{
		"log/2": tmpl("CASE WHEN CAST($1 AS DOUBLE) > 0 AND CAST($1 AS DOUBLE) <> 1 AND CAST($2 AS DOUBLE) > 0" +
			" THEN LOG(CAST($1 AS DOUBLE), CAST($2 AS DOUBLE)) END"),
		"log10":   tmpl("CASE WHEN CAST($1 AS DOUBLE) > 0 THEN LOG10(CAST($1 AS DOUBLE)) END"),
		"log2":    tmpl("CASE WHEN CAST($1 AS DOUBLE) > 0 THEN LOG2(CAST($1 AS DOUBLE)) END"),
		"pi":      tmpl("PI()"),
		"degrees": tmpl("DEGREES(CAST($1 AS DOUBLE))"),
		"radians": tmpl("RADIANS(CAST($1 AS DOUBLE))"),

		"octet_length":  tmpl("LENGTH(TO_UTF8(CAST($1 AS VARCHAR)))"),
		"reverse":       tmpl("REVERSE(CAST($1 AS VARCHAR))"),
		"trim/1":        tmpl("TRIM(BOTH ' ' FROM CAST($1 AS VARCHAR))"),
		"ltrim":         tmpl("TRIM(LEADING ' ' FROM CAST($1 AS VARCHAR))"),
		"rtrim":         tmpl("TRIM(TRAILING ' ' FROM CAST($1 AS VARCHAR))"),
		"trim/2":        character(1, tmpl("TRIM(BOTH $2 FROM CAST($1 AS VARCHAR))")),
		"trim_leading":  character(1, tmpl("TRIM(LEADING $2 FROM CAST($1 AS VARCHAR))")),
		"trim_trailing": character(1, tmpl("TRIM(TRAILING $2 FROM CAST($1 AS VARCHAR))")),
		"locate/2":      tmpl("STRPOS(CAST($2 AS VARCHAR), CAST($1 AS VARCHAR))"),
		"instr":         tmpl("STRPOS(CAST($1 AS VARCHAR), CAST($2 AS VARCHAR))"),

		"now":                  tmpl("DATE_TRUNC('second', LOCALTIMESTAMP)"),
		"current_date":         tmpl("CURRENT_DATE"),
		"utc_date":             tmpl("CAST((CURRENT_TIMESTAMP AT TIME ZONE 'UTC') AS DATE)"),
		"year":                 tmpl("YEAR(CAST($1 AS TIMESTAMP(6)))"),
		"quarter":              tmpl("QUARTER(CAST($1 AS TIMESTAMP(6)))"),
		"month":                tmpl("MONTH(CAST($1 AS TIMESTAMP(6)))"),
		"day":                  tmpl("DAY(CAST($1 AS TIMESTAMP(6)))"),
		"dayofweek":            tmpl("(DAY_OF_WEEK(CAST($1 AS TIMESTAMP(6))) % 7 + 1)"), // 7 is Sunday there
		"weekday":              tmpl("(DAY_OF_WEEK(CAST($1 AS TIMESTAMP(6))) - 1)"),
		"dayofyear":            tmpl("DAY_OF_YEAR(CAST($1 AS TIMESTAMP(6)))"),
		"hour":                 tmpl("HOUR($1)"),
		"minute":               tmpl("MINUTE($1)"),
		"second":               tmpl("SECOND($1)"),
		"week/2":               week("", "WEEK(CAST($1 AS TIMESTAMP(6)))", ""),
		"dayname":              tmpl("DATE_FORMAT(CAST($1 AS TIMESTAMP(6)), '%W')"),
		"monthname":            tmpl("DATE_FORMAT(CAST($1 AS TIMESTAMP(6)), '%M')"),
		"last_day":             tmpl("LAST_DAY_OF_MONTH(CAST($1 AS DATE))"),
		"datediff":             tmpl("DATE_DIFF('day', CAST($2 AS DATE), CAST($1 AS DATE))"),
		"date_format":          dateFormat,
		"timestampdiff second": trinoElapsed(1000),
		"timestampdiff minute": trinoElapsed(60 * 1000),
		"timestampdiff hour":   trinoElapsed(3600 * 1000),
		"timestampdiff day":    trinoElapsed(86400 * 1000),
		"timestampdiff week":   trinoElapsed(604800 * 1000),

		"min":          ofTruth("BOOL_AND", "MIN"),
		"max":          ofTruth("BOOL_OR", "MAX"),
		"group_concat": listAgg("CAST($1 AS VARCHAR)"),
		"string_agg":   separated,

		"cel.starts_with": tmpl("STARTS_WITH(CAST($1 AS VARCHAR), CAST($2 AS VARCHAR))"),
		"cel.ends_with": tmpl("(LENGTH(CAST($2 AS VARCHAR)) <= LENGTH(CAST($1 AS VARCHAR)) AND" +
			" SUBSTR(CAST($1 AS VARCHAR), LENGTH(CAST($1 AS VARCHAR)) - LENGTH(CAST($2 AS VARCHAR)) + 1) = CAST($2 AS VARCHAR))"),
		"cel.contains":     tmpl("(STRPOS(CAST($1 AS VARCHAR), CAST($2 AS VARCHAR)) > 0)"),
		"cel.size":         tmpl("LENGTH(CAST($1 AS VARCHAR))"),
		"cel.concat":       tmpl("(CAST($1 AS VARCHAR) || CAST($2 AS VARCHAR))"),
		"cel.from_float":   tmpl("CASE WHEN $1 = $1 THEN $1 END"), // NaN is unknown
		"cel.from_decimal": tmpl("CAST($1 AS DOUBLE)"),
		// Instants compare as timestamps in UTC.
		"cel.from_date":       tmpl("CAST($1 AS TIMESTAMP(6))"),
		"cel.from_datetime":   tmpl("CAST($1 AS TIMESTAMP(6))"),
		"cel.timestamp":       tmpl("CAST($1 AS TIMESTAMP(6))"),
		"cel.calendar":        tmpl("($1)"),
		"cel.from_datetimetz": tmpl("CAST(($1 AT TIME ZONE 'UTC') AS TIMESTAMP(6))"),
		"cel.add":             trinoInt("CAST($1 AS DECIMAL(38, 0)) + CAST($2 AS DECIMAL(38, 0))"),
		"cel.sub":             trinoInt("CAST($1 AS DECIMAL(38, 0)) - CAST($2 AS DECIMAL(38, 0))"),
		"cel.mul":             trinoInt("CAST($1 AS DECIMAL(38, 0)) * CAST($2 AS DECIMAL(38, 0))"),
		"cel.neg":             trinoInt("CAST(0 AS DECIMAL(38, 0)) - CAST($1 AS DECIMAL(38, 0))"),
		"cel.div": tmpl("CASE WHEN $2 = -1 THEN TRY_CAST(CAST(0 AS DECIMAL(38, 0)) - CAST($1 AS DECIMAL(38, 0)) AS BIGINT)" +
			" ELSE CAST($1 AS BIGINT) / NULLIF(CAST($2 AS BIGINT), 0) END"),
		"cel.mod": tmpl("CASE WHEN $2 <> -1 OR $1 <> -9223372036854775807 - 1 THEN MOD(CAST($1 AS BIGINT), NULLIF(CAST($2 AS BIGINT), 0)) END"),
	}, perUnit("date_trunc", truncations(), dateTrunc))),
	DateFormat: sameFormat("DATE_FORMAT(CAST($1 AS TIMESTAMP(6)), '$f')", map[byte]string{
		'Y': "%Y", 'y': "%y", 'm': "%m", 'c': "%c", 'd': "%d", 'e': "%e", 'H': "%H", 'k': "%k", 'h': "%h", 'I': "%I", 'l': "%l",
		'i': "%i", 's': "%s", 'S': "%S", 'p': "%p", 'T': "%T", 'r': "%r", 'j': "%j", 'v': "%v", 'x': "%x",
		'M': "%M", 'b': "%b", 'W': "%W", 'a': "%a",
	}),
}

// truncations are the units of DATE_TRUNC, which begins weeks on Monday.
func truncations() map[string]string {
	m := map[string]string{}
	for _, unit := range strings.Fields("second minute hour day week month quarter year") {
		m[unit] = "DATE_TRUNC('" + unit + "', CAST($2 AS TIMESTAMP(6)))"
	}
	return m
}

func trinoNumeral(pattern string) string {
	return "CASE WHEN $1 IS NOT NULL THEN COALESCE(REGEXP_EXTRACT($1, '^ *([-+]?" + pattern + ")', 1), '0') END"
}

// trinoElapsed counts whole units of a number of milliseconds from $1 to $2.
func trinoElapsed(unit int) form {
	return tmpl(fmt.Sprintf("(DATE_DIFF('millisecond', CAST($1 AS TIMESTAMP(3)), CAST($2 AS TIMESTAMP(3))) / %d)", unit))
}

// trinoInt gives NULL outside 64 bits.
func trinoInt(operation string) form { return tmpl("TRY_CAST(" + operation + " AS BIGINT)") }

// wholeOnly is a division of whole numbers only.
func wholeOnly(template string) binaryForm {
	return func(p *printer, n *ast.Binary) {
		if !wholeType(n.Left) || !wholeType(n.Right) {
			p.unsupported(n.Pos, "the operator "+operatorNames[n.Op]+" on anything but whole numbers")
			return
		}
		p.render(n.Pos, template, n.Left, n.Right)
	}
}

// trinoDateAdd adds an amount of a unit; months keep to the end of a month.
func trinoDateAdd(p *printer, n *ast.DateAdd) {
	amount := "CAST($2 AS BIGINT)"
	if n.Sub {
		amount = "0 - CAST($2 AS BIGINT)"
	}
	operand := "CAST($1 AS TIMESTAMP(6))"
	switch t := function.TypeOf(n.X); {
	case t == ast.Time || t == ast.DateTimeTz || n.Unit == ast.Microsecond:
		p.unsupported(n.Pos, "INTERVAL arithmetic in this unit or on this type")
		return
	case n.Unit == ast.Second && !wholeType(n.Amount):
		p.unsupported(n.Pos, "an INTERVAL of fractions of a second")
		return
	case t == ast.Date && function.WholeDays(n.Unit):
		operand = "CAST($1 AS DATE)"
	}
	p.render(n.Pos, fmt.Sprintf("DATE_ADD('%s', %s, %s)", n.Unit, amount, operand), n.X, n.Amount)
}
