package dialect

import (
	"strings"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/function"
)

// ClickHouse is ClickHouse 25 or newer. It is printed from its manual and not
// run, and only what that says plainly: whole numbers that don't fit wrap round
// there, aggregates of nothing are 0, outer joins fill with defaults, IN passes
// over NULL and an alias can hide a column, so each of these is written in
// another way, switched off by a setting behind the statement, or refused.
var ClickHouse = &Dialect{
	Name:        "clickhouse",
	Quote:       '`',
	QuoteEscape: true,
	MaxName:     255,
	MaxParts:    2,

	String:     quotedBackslash,
	TypedDates: true,
	Instant:    "toDateTime64('$1', 6, 'UTC')",
	Moments: map[ast.LiteralKind]string{
		ast.DateLiteral: "toDate32('$1')", ast.TimestampLiteral: "toDateTime64('$1', 6)", ast.TimeLiteral: "-",
	},

	NullsLargest: true, // NULL is last in both directions
	Cross:        "CROSS JOIN",
	Suffix:       " SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1",
	WindowClause: true,

	CompoundParens:   true,
	CompoundDistinct: true,
	SubqueryLimit:    true,

	Binary: map[ast.BinaryOp]binaryForm{
		ast.Add: clickhouseOperation("+"),
		ast.Sub: clickhouseOperation("-"),
		ast.Mul: clickhouseOperation("*"),
		ast.Div: operation("(CAST($1 AS Nullable(Float64)) / nullIf(CAST($2 AS Nullable(Float64)), 0))"),
		ast.Mod: wholeOnly("($1 % nullIf($2, 0))"),
	},
	Xor:         "((NOT $1) <> (NOT $2))",
	TruthNumber: "CAST($1 AS Nullable(Int64))",
	Converts:    true,
	Exact:       exact{Left: "$1", Right: "$1"}, // strings are bytes

	Casts: map[ast.CastType]castForm{
		ast.CastDouble: {"CAST($1 AS Nullable(Float64))", ""},
		ast.CastDate:   {"toDate32($1)", ""},
	},
	DateAdd: clickhouseDateAdd,

	Printed: true,
	Inexact: "abs round",
	Functions: merged(map[string]form{
		"coalesce": tmpl("coalesce($*)"),
		"ifnull":   tmpl("coalesce($1, $2)"),
		"nullif":   tmpl("nullIf($1, $2)"),
		"if":       tmpl("CASE WHEN $1 THEN $2 ELSE $3 END"),
		"isnull":   tmpl("($1 IS NULL)"),
		"greatest": nullIfAny("greatest"),
		"least":    nullIfAny("least"),

		"power": tmpl("pow(CAST($1 AS Nullable(Float64)), CAST($2 AS Nullable(Float64)))"),
		"exp":   tmpl("exp(CAST($1 AS Nullable(Float64)))"),
		"sqrt":  clickhouseDomain(">= 0", "sqrt"),
		"ln":    clickhouseDomain("> 0", "log"),
		"log/1": clickhouseDomain("> 0", "log"),
		"log10": clickhouseDomain("> 0", "log10"),
		"log2":  clickhouseDomain("> 0", "log2"),
		"pi":    tmpl("pi()"),

		"concat":       joined("$1", " || "),
		"lower":        tmpl("lowerUTF8($1)"),
		"upper":        tmpl("upperUTF8($1)"),
		"char_length":  tmpl("lengthUTF8($1)"),
		"octet_length": tmpl("length($1)"),
		"substring/2":  constant(1, 1, 1<<31-1, tmpl("substringUTF8($1, $2)")),
		"substring/3":  constant(1, 1, 1<<31-1, constant(2, 0, 1<<31-1, tmpl("substringUTF8($1, $2, $3)"))),
		"left":         constant(1, 0, 1<<31-1, tmpl("substringUTF8($1, 1, $2)")),
		"trim/1":       tmpl("trim(BOTH ' ' FROM $1)"),
		"ltrim":        tmpl("trim(LEADING ' ' FROM $1)"),
		"rtrim":        tmpl("trim(TRAILING ' ' FROM $1)"),

		"current_date": tmpl("today()"),
		"now":          tmpl("now()"),
		"year":         tmpl("toYear($1)"),
		"quarter":      tmpl("toQuarter($1)"),
		"month":        tmpl("toMonth($1)"),
		"day":          tmpl("toDayOfMonth($1)"),
		"dayofweek":    tmpl("(toDayOfWeek($1) % 7 + 1)"), // 7 is Sunday there
		"weekday":      tmpl("(toDayOfWeek($1) - 1)"),
		"dayofyear":    tmpl("toDayOfYear($1)"),
		"hour":         tmpl("toHour($1)"),
		"minute":       tmpl("toMinute($1)"),
		"second":       tmpl("toSecond($1)"),
		"week":         week("toWeek($1, 0)", "toWeek($1, 3)", "toWeek($1, 5)"),
		"date":         tmpl("toDate32($1)"),
		"datediff":     tmpl("dateDiff('day', toDate32($2), toDate32($1))"),

		"count":      countedOne,
		"sum":        clickhouseSum,
		"avg":        native("avgOrNull"),
		"min":        native("minOrNull"),
		"max":        native("maxOrNull"),
		"any_value":  native("anyOrNull"),
		"row_number": native("row_number"),
		"rank":       native("rank"),
		"dense_rank": native("dense_rank"),

		"cel.starts_with":  tmpl("startsWith($1, $2)"),
		"cel.ends_with":    tmpl("endsWith($1, $2)"),
		"cel.contains":     tmpl("(position($1, $2) > 0)"),
		"cel.size":         tmpl("lengthUTF8($1)"),
		"cel.concat":       tmpl("($1 || $2)"),
		"cel.from_float":   tmpl("CASE WHEN $1 = $1 THEN $1 END"), // NaN is unknown
		"cel.from_decimal": tmpl("CAST($1 AS Nullable(Float64))"),
		"cel.add":          tmpl(clickhouseInt("toInt256($1) + toInt256($2)")),
		"cel.sub":          tmpl(clickhouseInt("toInt256($1) - toInt256($2)")),
		"cel.mul":          tmpl(clickhouseInt("toInt256($1) * toInt256($2)")),
		"cel.neg":          tmpl(clickhouseInt("0 - toInt256($1)")),
	}),
}

// clickhouseInt gives NULL outside 64 bits.
func clickhouseInt(operation string) string { return "accurateCastOrNull(" + operation + ", 'Int64')" }

// clickhouseOperation calculates with whole numbers in 256 bits, where they
// can't wrap round, and with floats as they are.
func clickhouseOperation(word string) binaryForm {
	return func(p *printer, n *ast.Binary) {
		left, right := function.TypeOf(n.Left), function.TypeOf(n.Right)
		switch {
		case wholeType(n.Left) && wholeType(n.Right):
			p.render(n.Pos, clickhouseInt("toInt256($1) "+word+" toInt256($2)"), n.Left, n.Right)
		case left == ast.Float || right == ast.Float:
			p.render(n.Pos, "(CAST($1 AS Nullable(Float64)) "+word+" CAST($2 AS Nullable(Float64)))", n.Left, n.Right)
		case left == ast.Unknown || right == ast.Unknown:
			p.unsupported(n.Pos, "arithmetic on a value of unknown type").WithHint("give the field a datatype")
		default: // decimals raise an error
			p.render(n.Pos, "($1 "+word+" $2)", n.Left, n.Right)
		}
	}
}

func clickhouseDomain(condition, name string) form {
	return tmpl("CASE WHEN CAST($1 AS Nullable(Float64)) " + condition + " THEN " + name + "(CAST($1 AS Nullable(Float64))) END")
}

// clickhouseSum is NULL of nothing, and doesn't wrap round.
func clickhouseSum(p *printer, c *ast.Call) {
	switch {
	case !wholeType(c.Args[0]):
		native("sumOrNull")(p, c)
	case c.Over != nil:
		p.unsupported(c.Pos, "SUM of whole numbers with OVER")
	default:
		p.write("accurateCastOrNull(")
		native("sumOrNull", "toInt256($1)")(p, c)
		p.write(", 'Int64')")
	}
}

// clickhouseDateAdd adds whole amounts; months keep to the end of a month.
func clickhouseDateAdd(p *printer, n *ast.DateAdd) {
	t := function.TypeOf(n.X)
	if !wholeType(n.Amount) || n.Unit == ast.Microsecond || t != ast.DateTime && (t != ast.Date || !function.WholeDays(n.Unit)) {
		p.unsupported(n.Pos, "INTERVAL arithmetic in this unit or on this type")
		return
	}
	unit := string(n.Unit)
	p.render(n.Pos, either(n.Sub, "subtract", "add")+strings.ToUpper(unit[:1])+unit[1:]+"s($1, $2)", n.X, n.Amount)
}
