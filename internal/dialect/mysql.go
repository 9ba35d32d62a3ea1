package dialect

import (
	"fmt"
	"maps"
	"strings"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/function"
)

// MySQL is MySQL 8.0.31 or newer, over a utf8mb4 connection. What is printed
// means the same under every sql_mode that package rls accepts of a connection.
var MySQL = &Dialect{
	Name:     "mysql",
	Quote:    '`',
	MaxName:  256,
	MaxParts: 2,

	MaxArgs: 65535,
	ManyList: map[ast.Type]string{
		ast.String: mysqlMany("VARCHAR(512)"), ast.Integer: mysqlMany("BIGINT"), ast.DateTimeTz: mysqlMany("DATETIME(6)"),
	},
	String:     quotedHex,
	TypedDates: true,
	// A TIMESTAMP is shown in the session's zone.
	Instant: "CONVERT_TZ(TIMESTAMP '$1', '+00:00', @@time_zone)",

	NoLimit: "18446744073709551615",
	Fence:   "LIMIT 18446744073709551615",
	Merges:  true,

	RoundsKeys: true,
	Cross:      "CROSS JOIN",
	Dual:       " FROM DUAL",
	Rollup:     "$* WITH ROLLUP",
	ValuesRow:  "ROW",

	FirstArm:  map[ast.Type]ast.CastType{ast.String: ast.CastChar},
	FirstText: 16383, // characters, as many as a VARCHAR has

	HavingColumns:  true,
	RollupOrder:    true,
	CompoundParens: true,
	CompoundAll:    true,
	NestedOrder:    true,

	Infix: map[ast.BinaryOp]string{
		ast.Add: "+", ast.Sub: "-", ast.Mul: "*", ast.IntDiv: "DIV", ast.Mod: "%",
	},
	Binary: map[ast.BinaryOp]binaryForm{
		ast.Div:        mysqlDiv,
		ast.BitAnd:     operation("($1 & $2)"),
		ast.BitOr:      operation("($1 | $2)"),
		ast.BitXor:     operation("($1 ^ $2)"),
		ast.ShiftLeft:  operation("($1 << $2)"),
		ast.ShiftRight: operation("($1 >> $2)"),
	},
	Mixes:        true,
	TruthTests:   true,
	InNulls:      true,
	LikeEscape:   true,
	TimeText:     true,
	WindowClause: true,
	CTEColumns:   true,
	Values:       true,
	Tuples:       true,
	BigInts:      true,
	NullSafeEq:   "<=>",
	Xor:          "($1 XOR $2)",
	Quantified:   true,
	EscapeNone:   true,
	// The bytes of utf8mb4 are in the order of code points.
	Exact: exact{Left: mysqlBytes("$1"), Right: mysqlBytes("$1"), Plain: true},
	// A date may have no day or month, or one that isn't in the calendar.
	Domains: map[string]domain{
		"cel.from_integer":  {Beside: "$1", Low: "$1 >= -9223372036854775808", High: "$1 <= 9223372036854775807"},
		"cel.from_boolean":  {Beside: "$1", Low: "$1 IN (0, 1)", High: "$1 IN (0, 1)"},
		"cel.from_date":     {Beside: "CAST($1 AS DATETIME(6))", Low: "$1 + INTERVAL 0 DAY >= '0001-01-01'", High: "$1 + INTERVAL 0 DAY IS NOT NULL"},
		"cel.from_datetime": {Beside: "CAST($1 AS DATETIME(6))", Low: "$1 + INTERVAL 0 DAY >= '0001-01-01'", High: "$1 + INTERVAL 0 DAY IS NOT NULL"},
	},
	// IS NULL finds the row that was inserted last under sql_auto_is_null, and
	// dates without a day and month in columns that have no NULL.
	NullTest: "$1 <=> NULL",

	Casts: map[ast.CastType]castForm{
		ast.CastChar:     {"CAST($1 AS CHAR)", "CAST($1 AS CHAR($p))"},
		ast.CastInteger:  {"CAST($1 AS SIGNED)", ""},
		ast.CastUnsigned: {"CAST($1 AS UNSIGNED)", ""},
		ast.CastDecimal:  {"CAST($1 AS DECIMAL)", "CAST($1 AS DECIMAL($p, $s))"},
		ast.CastFloat:    {"CAST($1 AS FLOAT)", ""},
		ast.CastDouble:   {"CAST($1 AS DOUBLE)", ""},
		ast.CastDate:     {"CAST($1 AS DATE)", ""},
		ast.CastTime:     {"CAST($1 AS TIME)", "CAST($1 AS TIME($p))"},
		ast.CastDateTime: {"CAST($1 AS DATETIME)", "CAST($1 AS DATETIME($p))"},
		ast.CastBinary:   {"CAST($1 AS BINARY)", "CAST($1 AS BINARY($p))"},
	},
	DateAdd:   mysqlDateAdd,
	RangeUnit: "INTERVAL $1 $u",

	Printed: true,
	Functions: mysqlFunctions(map[string]form{
		"~":             tmpl("(~$1)"),
		"ifnull":        tmpl("IFNULL($1, $2)"),
		"isnull":        tmpl("($1 IS NULL)"),
		"mod":           modulo,
		"round/1":       mysqlRound,
		"round/2":       tmpl("ROUND($1, $2)"),
		"pi":            tmpl("ACOS(-1e0)"), // PI() shows six decimals
		"log/1":         tmpl("LN($1)"),
		"log/2":         tmpl("LOG($1, $2)"),
		"octet_length":  tmpl("LENGTH(CONVERT($1 USING utf8mb4))"),
		"trim/1":        tmpl("TRIM($1)"),
		"trim/2":        tmpl("TRIM(BOTH $2 FROM $1)"),
		"trim_leading":  tmpl("TRIM(LEADING $2 FROM $1)"),
		"trim_trailing": tmpl("TRIM(TRAILING $2 FROM $1)"),
		"lpad":          pad(tmpl("LPAD($1, $2, $3)")),
		"rpad":          pad(tmpl("RPAD($1, $2, $3)")),
		"ascii":         tmpl("ASCII(CONVERT($1 USING utf8mb4))"),
		"week":          week("WEEK($1, 0)", "WEEK($1, 3)", "WEEK($1, 5)"),
		"group_concat":  groupConcat,
		"string_agg":    separated,
		"ntile":         constant(0, 1, 1<<31-1, native("NTILE")),
		"nth_value":     constant(1, 1, 1<<31-1, native("NTH_VALUE")),
		"lag":           shifted("LAG"),
		"lead":          shifted("LEAD"),
		"any_value":     tmpl("ANY_VALUE($1)"),
		"avg":           mysqlAvg,

		"date_trunc second":  dateTrunc("DATE_FORMAT($2, '%Y-%m-%d %H:%i:%s')"),
		"date_trunc minute":  dateTrunc("DATE_FORMAT($2, '%Y-%m-%d %H:%i:00')"),
		"date_trunc hour":    dateTrunc("DATE_FORMAT($2, '%Y-%m-%d %H:00:00')"),
		"date_trunc day":     dateTrunc("DATE($2)"),
		"date_trunc week":    dateTrunc("DATE_SUB(DATE($2), INTERVAL WEEKDAY($2) DAY)"),
		"date_trunc month":   dateTrunc("DATE_FORMAT($2, '%Y-%m-01')"),
		"date_trunc quarter": dateTrunc("DATE_ADD(MAKEDATE(YEAR($2), 1), INTERVAL (QUARTER($2) - 1) QUARTER)"),
		"date_trunc year":    dateTrunc("MAKEDATE(YEAR($2), 1)"),

		"cel.starts_with": tmpl("(LEFT(" + mysqlBytes("$1") + ", LENGTH(" + mysqlBytes("$2") + ")) = " + mysqlBytes("$2") + ")"),
		"cel.ends_with":   tmpl("(RIGHT(" + mysqlBytes("$1") + ", LENGTH(" + mysqlBytes("$2") + ")) = " + mysqlBytes("$2") + ")"),
		"cel.contains":    tmpl("(LOCATE(" + mysqlBytes("$2") + ", " + mysqlBytes("$1") + ") > 0)"),
		"cel.size":        tmpl("CHAR_LENGTH($1)"),
		// CONCAT, and SUBSTRING of nothing, have another result for NULL or an empty
		// string under sql_mode=ORACLE, which has no operator % either.
		"cel.concat":       tmpl("INSERT(INSERT('  ', 2, 1, $2), 1, 1, $1)"),
		"cel.from_integer": tmpl("CASE WHEN $1 BETWEEN -9223372036854775808 AND 9223372036854775807 THEN $1 END"),
		"cel.from_boolean": tmpl("CASE $1 WHEN 0 THEN FALSE WHEN 1 THEN TRUE END"),
		"cel.from_float":   tmpl("$1"),
		"cel.from_decimal": tmpl("CAST($1 AS DOUBLE)"),
		// Instants compare as DATETIME in UTC; a TIMESTAMP is shown in the session's zone.
		"cel.from_date":     tmpl("(" + mysqlRange("CAST($1 AS DATETIME(6))") + " + INTERVAL 0 DAY)"),
		"cel.from_datetime": tmpl("(" + mysqlRange("CAST($1 AS DATETIME(6))") + " + INTERVAL 0 DAY)"),
		"cel.timestamp":     tmpl("CAST($1 AS DATETIME(6))"),
		// CONVERT_TZ would take the hour that summer time repeats for one of the two.
		"cel.from_datetimetz": tmpl("CAST('1970-01-01' + INTERVAL NULLIF(UNIX_TIMESTAMP($1), 0) SECOND AS DATETIME(6))"),
		"cel.calendar":        tmpl("$1"),
		"cel.elapsed":         tmpl("TIMESTAMPDIFF(MICROSECOND, $2, $1)"),
		"cel.later":           tmpl(mysqlRange("($1 + INTERVAL $2 MICROSECOND)")),

		"cel.truncate": tmpl("CASE WHEN CAST($1 AS DOUBLE) > -9223372036854775808e0 AND CAST($1 AS DOUBLE) < 9223372036854775808e0" +
			" THEN CAST(TRUNCATE(CAST($1 AS DOUBLE), 0) AS SIGNED) END"),
		"cel.lower_ascii": tmpl(mysqlLetters('A', 'a')),
		"cel.upper_ascii": tmpl(mysqlLetters('a', 'A')),
		"cel.trim":        tmpl("REGEXP_REPLACE(" + mysqlText("$1") + ", " + whiteSpacePattern() + ", '')"),
		"cel.reverse":     tmpl("REVERSE(" + mysqlText("$1") + ")"),
		"cel.char_at": tmpl("CASE WHEN $2 BETWEEN 0 AND CHAR_LENGTH(" + mysqlText("$1") + ")" +
			" THEN RIGHT(LEFT(" + mysqlText("$1") + ", " + clamped("$2") + " + 1), LEAST(CHAR_LENGTH(" + mysqlText("$1") + ") - " + clamped("$2") + ", 1)) END"),
		"cel.substring": tmpl("CASE WHEN $2 >= 0 AND $2 <= $3 AND $3 <= CHAR_LENGTH(" + mysqlText("$1") + ")" +
			" THEN RIGHT(LEFT(" + mysqlText("$1") + ", " + clamped("$3") + "), " + clamped("$3") + " - " + clamped("$2") + ") END"),
		"cel.substring_from": tmpl("CASE WHEN $2 BETWEEN 0 AND CHAR_LENGTH(" + mysqlText("$1") + ")" +
			" THEN RIGHT(" + mysqlText("$1") + ", CHAR_LENGTH(" + mysqlText("$1") + ") - " + clamped("$2") + ") END"),
		"cel.index_of": tmpl("CASE WHEN $3 < 0 THEN NULL WHEN LENGTH($2) = 0 THEN LEAST($3, CHAR_LENGTH(" + mysqlText("$1") + "))" +
			" WHEN LOCATE(" + mysqlBytes("$2") + ", " + mysqlRest + ") > 0 THEN CHAR_LENGTH(CONVERT(LEFT(" + mysqlRest +
			", LOCATE(" + mysqlBytes("$2") + ", " + mysqlRest + ") - 1) USING utf8mb4)) + " + clamped("$3") +
			" WHEN $1 IS NOT NULL AND $2 IS NOT NULL AND $3 IS NOT NULL THEN -1 END"),
		"cel.last_index_of": tmpl("CASE WHEN LENGTH($2) = 0 THEN CHAR_LENGTH(" + mysqlText("$1") + ")" +
			" WHEN LOCATE(" + mysqlReversed("$2") + ", " + mysqlReversed("$1") + ") > 0 THEN CHAR_LENGTH(" + mysqlText("$1") + ") - CHAR_LENGTH(" + mysqlText("$2") + ")" +
			" - CHAR_LENGTH(CONVERT(LEFT(" + mysqlReversed("$1") + ", LOCATE(" + mysqlReversed("$2") + ", " + mysqlReversed("$1") + ") - 1) USING utf8mb4))" +
			" WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN -1 END"),
		// Where nothing is to be replaced, MariaDB doesn't look whether it is by NULL.
		"cel.replace": tmpl("CASE WHEN $3 IS NOT NULL THEN " + mysqlReplaced("REPLACE($b, "+mysqlBytes("$2")+", "+mysqlBytes("$3")+")") + " END"),

		"cel.add": tmpl(mysqlInt("CAST($1 AS DECIMAL(65)) + CAST($2 AS DECIMAL(65))")),
		"cel.sub": tmpl(mysqlInt("CAST($1 AS DECIMAL(65)) - CAST($2 AS DECIMAL(65))")),
		"cel.mul": tmpl(mysqlInt("CAST($1 AS DECIMAL(65)) * CAST($2 AS DECIMAL(65))")),
		"cel.neg": tmpl(mysqlInt("0 - CAST($1 AS DECIMAL(65))")),
		// Of an unsigned number, a negative quotient would be an error.
		"cel.div": tmpl("CASE WHEN $2 = -1 THEN " + mysqlInt("0 - CAST($1 AS DECIMAL(65))") + " ELSE CAST($1 AS DECIMAL(65)) DIV NULLIF(CAST($2 AS DECIMAL(65)), 0) END"),
		"cel.mod": tmpl("CASE WHEN $2 <> -1 OR $1 <> -9223372036854775808 THEN MOD($1, NULLIF($2, 0)) END"),
	}),
}

// MariaDB is MariaDB 10.6 or newer: MySQL but for what stands here.
var MariaDB = mariaDB()

func mariaDB() *Dialect {
	d := *MySQL
	d.Name = "mariadb"
	d.Printed = false
	// It caches a correlated query's results by the values of outer columns, and
	// takes values that their collation equates for the same. It doesn't where
	// the query is random; and what HAVING says keeps exists_to_in from making
	// IN of an EXISTS, as it would of one with the same condition in WHERE.
	d.Uncached = "RAND() IS NOT NULL"
	d.Unmerged = "SET STATEMENT optimizer_switch='derived_merge=off,subquery_cache=off,semijoin=off' FOR "
	d.Apart = true
	d.ValuesRow = ""
	d.RollupOrder = false
	d.RangeUnit = ""
	d.EscapeNone = false // ESCAPE '' leaves the backslash
	d.Functions = maps.Clone(MySQL.Functions)
	d.Functions["any_value"] = native("MIN") // it has no ANY_VALUE
	delete(d.Functions, "lag")               // no default value as third argument
	delete(d.Functions, "lead")
	d.Functions["lag/1"], d.Functions["lag/2"] = ordered(shifted("LAG")), ordered(shifted("LAG"))
	d.Functions["lead/1"], d.Functions["lead/2"] = ordered(shifted("LEAD")), ordered(shifted("LEAD"))
	for _, name := range strings.Fields("rank dense_rank percent_rank cume_dist ntile") {
		d.Functions[name] = ordered(d.Functions[name])
	}
	// Casts, dates, aggregates and what is too long give NULL or the nearest value
	// with a warning; whole numbers and floats out of range raise an error.
	d.Totals = totals{}.with("Integer", "/ %").with("*", `cast interval
		ceil floor sqrt ln log log10 log2 sign sin cos tan asin acos atan atan2
		concat concat_ws substring left right trim ltrim rtrim trim_leading trim_trailing lpad rpad replace reverse locate instr ascii
		date year quarter month week day dayofweek weekday dayofyear hour minute second microsecond dayname monthname
		last_day datediff timestampdiff date_trunc date_format str_to_date
		count sum avg var_pop var_samp stddev_pop stddev_samp bit_and bit_or bit_xor group_concat string_agg any_value
		ntile lag lead nth_value`)
	return &d
}

// ordered refuses a window without an order, where MariaDB asks for one.
func ordered(f form) form {
	return func(p *printer, c *ast.Call) {
		if c.Over != nil && c.Over.Name == "" && len(c.Over.OrderBy) == 0 {
			p.unsupported(c.Pos, strings.ToUpper(c.Func)+" over a window without an order").
				WithHint("ORDER BY a field; a constant sorts nothing")
			return
		}
		f(p, c)
	}
}

// mysqlFunctions adds what MySQL has under the same name.
func mysqlFunctions(special map[string]form) map[string]form {
	m := maps.Clone(special)
	for _, name := range strings.Fields(`coalesce nullif if greatest least
		abs ceil floor truncate power sqrt exp ln log10 log2 sign
		sin cos tan asin acos atan atan2 degrees radians
		concat concat_ws lower upper char_length substring left right ltrim rtrim
		replace reverse locate instr
		date year quarter month day dayofweek weekday dayofyear hour minute second microsecond
		dayname monthname last_day datediff date_format str_to_date`) {
		m[name] = tmpl(strings.ToUpper(name) + "($*)")
	}
	for _, name := range strings.Fields(`now current_date current_time utc_date utc_timestamp`) {
		m[name] = tmpl(strings.ToUpper(name) + "()")
	}
	// Of decimals, a temporary table would keep four digits.
	for _, name := range strings.Fields(`stddev_pop stddev_samp var_pop var_samp`) {
		m[name] = native(strings.ToUpper(name), "($1 + 0e0)")
	}
	for _, name := range strings.Fields(`count sum min max
		bit_and bit_or bit_xor
		row_number rank dense_rank percent_rank cume_dist first_value last_value`) {
		m[name] = native(strings.ToUpper(name))
	}
	for unit := range units {
		m["timestampdiff "+string(unit)] = tmpl("TIMESTAMPDIFF(" + strings.ToUpper(string(unit)) + ", $1, $2)")
	}
	return m
}

// mysqlDiv divides with 24 decimals; / alone would give four more than the
// dividend has.
func mysqlDiv(p *printer, n *ast.Binary) {
	template := "(CAST($1 AS DECIMAL(65, 20)) / $2)"
	switch left, right := function.TypeOf(n.Left), function.TypeOf(n.Right); {
	case left == ast.Float || right == ast.Float:
		template = "($1 / $2)"
	case left == ast.Unknown || right == ast.Unknown:
		template = "(($1 + 0e0) / $2)" // a number of any size
	}
	p.render(n.Pos, template, n.Left, n.Right)
}

// mysqlRound rounds half away from zero; ROUND of a Float goes to the even side.
func mysqlRound(p *printer, c *ast.Call) {
	template := "ROUND($1)"
	if function.TypeOf(c.Args[0]) == ast.Float {
		template = "(TRUNCATE($1, 0) + CASE WHEN ABS($1 - TRUNCATE($1, 0)) >= 0.5e0 THEN SIGN($1) ELSE 0 END)"
	}
	p.render(c.Pos, template, c.Args...)
}

// mysqlAvg is the mean with 24 decimals.
func mysqlAvg(p *printer, c *ast.Call) {
	if t := function.TypeOf(c.Args[0]); t != ast.Integer && t != ast.Decimal && t != ast.Boolean {
		native("AVG")(p, c)
		return
	}
	p.write("(CAST(")
	native("SUM")(p, c)
	p.write(" AS DECIMAL(65, 20)) / ")
	native("COUNT")(p, c)
	p.write(")")
}

// mysqlBytes is the UTF-8 form of a string, which compares byte by byte.
func mysqlBytes(arg string) string {
	return "CAST(CONVERT(" + arg + " USING utf8mb4) AS BINARY)"
}

// mysqlText is a string in the character set that has all of them.
func mysqlText(arg string) string { return "CONVERT(" + arg + " USING utf8mb4)" }

// mysqlReversed are the bytes of a string whose characters are reversed.
func mysqlReversed(arg string) string { return "CAST(REVERSE(" + mysqlText(arg) + ") AS BINARY)" }

// mysqlRest are the bytes of the string $1 from the offset $3.
var mysqlRest = "CAST(RIGHT(" + mysqlText("$1") + ", CHAR_LENGTH(" + mysqlText("$1") + ") - " + clamped("$3") + ") AS BINARY)"

// mysqlLetters maps the ASCII letters from one on to those from another on. In
// UTF-8 their bytes stand for nothing else.
func mysqlLetters(from, to byte) string {
	out := "$b"
	for i := range byte(26) {
		out = fmt.Sprintf("REPLACE(%s, '%c', '%c')", out, from+i, to+i)
	}
	return mysqlReplaced(out)
}

// mysqlReplaced is what is made of the bytes $b of the string $1. A byte that no
// string has stands before them, and is taken away again: under sql_mode=ORACLE,
// REPLACE would make NULL of an empty string.
func mysqlReplaced(template string) string {
	return "CONVERT(INSERT(" + strings.Replace(template, "$b", "INSERT(_binary X'FF20', 2, 1, "+mysqlBytes("$1")+")", 1) + ", 1, 1, '') USING utf8mb4)"
}

// mysqlRange is an instant, or NULL before the year 1.
func mysqlRange(x string) string {
	return "CASE WHEN " + x + " >= TIMESTAMP '0001-01-01 00:00:00' THEN " + x + " END"
}

// mysqlInt calculates in 65 digits and gives NULL outside 64 bits: what is too
// small or too large is 0 modulo 2^64+1, counted from -2^63-1. The operation and
// NULLIF stand there once, because the server looks at its argument twice, and
// so twice as often for each operation inside another.
func mysqlInt(operation string) string {
	return "CAST(NULLIF(MOD(LEAST(GREATEST(" + operation + ", -9223372036854775809), 9223372036854775808)" +
		" + 9223372036854775809, 18446744073709551617), 0) - 9223372036854775809 AS SIGNED)"
}

func mysqlDateAdd(p *printer, n *ast.DateAdd) {
	name := "DATE_ADD"
	if n.Sub {
		name = "DATE_SUB"
	}
	p.render(n.Pos, fmt.Sprintf("%s($1, INTERVAL $2 %s)", name, strings.ToUpper(string(n.Unit))), n.X, n.Amount)
}

// mysqlMany gives the elements of a JSON array, of a type.
func mysqlMany(typ string) string {
	return "SELECT $v FROM JSON_TABLE($1, '$[*]' COLUMNS (v " + typ + " PATH '$')) AS j"
}
