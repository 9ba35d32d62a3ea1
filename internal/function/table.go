package function

import (
	"maps"

	"github.com/hedgerow/hedgerow/internal/ast"
)

const (
	total   = true
	partial = false
	many    = -1
)

// The shapes of argument lists.
var (
	none    []Arg
	each    = []Arg{Any}
	same    = []Arg{Compared}
	shared  = []Arg{Shared}
	branch  = []Arg{Truth, Shared}
	num     = []Arg{Number}
	digits  = []Arg{Number, Whole}
	whole   = []Arg{Whole}
	text    = []Arg{Text}
	textn   = []Arg{Text, Whole}
	cut     = []Arg{Text, Whole}
	padded  = []Arg{Text, Whole, Text}
	found   = []Arg{Text, Text, Whole}
	mom     = []Arg{Moment}
	weekly  = []Arg{Moment, Whole}
	trunc   = []Arg{Name, Moment}
	fmt     = []Arg{Moment, Name}
	parse   = []Arg{Text, Name}
	shifted = []Arg{Shared, Whole, Shared}
	nth     = []Arg{Any, Whole}
)

// table is never written to after the package is loaded.
var table = list(
	// Conditions.
	scalar("coalesce", shared, 1, many, common, total,
		"the first argument that is not NULL"),
	scalar("ifnull", shared, 2, 2, common, total,
		"the first argument, or the second where that is NULL"),
	scalar("nullif", same, 2, 2, kept, total,
		"the first argument, or NULL where both are equal"),
	scalar("if", branch, 3, 3, branches, total,
		"the second argument where the condition is true, else the third"),
	scalar("isnull", each, 1, 1, always(ast.Boolean), total,
		"whether the argument is NULL"),
	scalar("greatest", same, 2, many, common, total,
		"the largest argument; NULL if one is NULL"),
	scalar("least", same, 2, many, common, total,
		"the smallest argument; NULL if one is NULL"),

	// Numbers.
	scalar("abs", num, 1, 1, counted, partial,
		"the absolute value"),
	scalar("ceil", num, 1, 1, rounded, partial,
		"the least whole number that is not smaller"),
	scalar("floor", num, 1, 1, rounded, partial,
		"the greatest whole number that is not larger"),
	scalar("round", digits, 1, 2, counted, partial,
		"rounded to so many decimals, half away from zero; negative counts before the point"),
	scalar("truncate", digits, 2, 2, counted, partial,
		"cut toward zero to so many decimals"),
	scalar("mod", num, 2, 2, promoted, partial,
		"the remainder, with the sign of the dividend; NULL by zero"),
	scalar("power", num, 2, 2, always(ast.Float), partial,
		"the first argument to the power of the second"),
	scalar("sqrt", num, 1, 1, always(ast.Float), partial,
		"the square root; NULL below zero"),
	scalar("exp", num, 1, 1, always(ast.Float), partial,
		"e to that power"),
	scalar("ln", num, 1, 1, always(ast.Float), partial,
		"the natural logarithm; NULL unless positive"),
	scalar("log", num, 1, 2, always(ast.Float), partial,
		"the natural logarithm, or that to the base of the first of two arguments"),
	scalar("log10", num, 1, 1, always(ast.Float), partial,
		"the logarithm to base 10; NULL unless positive"),
	scalar("log2", num, 1, 1, always(ast.Float), partial,
		"the logarithm to base 2; NULL unless positive"),
	scalar("sign", num, 1, 1, always(ast.Integer), partial,
		"-1, 0 or 1"),
	scalar("pi", none, 0, 0, always(ast.Float), total,
		"the number pi"),
	scalar("sin", num, 1, 1, always(ast.Float), partial,
		"the sine of an angle in radians"),
	scalar("cos", num, 1, 1, always(ast.Float), partial,
		"the cosine of an angle in radians"),
	scalar("tan", num, 1, 1, always(ast.Float), partial,
		"the tangent of an angle in radians"),
	scalar("asin", num, 1, 1, always(ast.Float), partial,
		"the arc sine; NULL outside -1 to 1"),
	scalar("acos", num, 1, 1, always(ast.Float), partial,
		"the arc cosine; NULL outside -1 to 1"),
	scalar("atan", num, 1, 1, always(ast.Float), partial,
		"the arc tangent"),
	scalar("atan2", num, 2, 2, always(ast.Float), partial,
		"the angle of the point with that y and x"),
	scalar("degrees", num, 1, 1, always(ast.Float), partial,
		"radians as degrees"),
	scalar("radians", num, 1, 1, always(ast.Float), partial,
		"degrees as radians"),

	// Strings. Positions and lengths count characters.
	scalar("concat", text, 1, many, always(ast.String), partial,
		"the strings joined; NULL if one is NULL"),
	scalar("concat_ws", text, 2, many, always(ast.String), partial,
		"the strings after the first, joined by the first; NULL ones are left out"),
	scalar("lower", text, 1, 1, always(ast.String), total,
		"in lower case; ASCII letters only on SQLite"),
	scalar("upper", text, 1, 1, always(ast.String), total,
		"in upper case; ASCII letters only on SQLite"),
	scalar("char_length", text, 1, 1, always(ast.Integer), total,
		"the number of characters"),
	scalar("octet_length", text, 1, 1, always(ast.Integer), total,
		"the number of bytes in UTF-8"),
	scalar("substring", cut, 2, 3, always(ast.String), partial,
		"from a position, counted from 1, or from the end where negative, at most so many characters"),
	scalar("left", textn, 2, 2, always(ast.String), partial,
		"the first characters"),
	scalar("right", textn, 2, 2, always(ast.String), partial,
		"the last characters"),
	scalar("trim", text, 1, 2, always(ast.String), partial,
		"without blanks, or that character, at both ends"),
	scalar("ltrim", text, 1, 1, always(ast.String), partial,
		"without blanks at the start"),
	scalar("rtrim", text, 1, 1, always(ast.String), partial,
		"without blanks at the end"),
	scalar("trim_leading", text, 2, 2, always(ast.String), partial,
		"without that character at the start"),
	scalar("trim_trailing", text, 2, 2, always(ast.String), partial,
		"without that character at the end"),
	scalar("lpad", padded, 3, 3, always(ast.String), partial,
		"filled at the start to so many characters, or cut to them"),
	scalar("rpad", padded, 3, 3, always(ast.String), partial,
		"filled at the end to so many characters, or cut to them"),
	scalar("replace", text, 3, 3, always(ast.String), partial,
		"with each occurrence of the second string replaced by the third, by code point"),
	scalar("reverse", text, 1, 1, always(ast.String), partial,
		"the characters in reverse order"),
	scalar("locate", found, 2, 3, always(ast.Integer), partial,
		"the position of the first string in the second, from a start; 0 if absent"),
	scalar("instr", text, 2, 2, always(ast.Integer), partial,
		"the position of the second string in the first; 0 if absent"),
	scalar("ascii", text, 1, 1, always(ast.Integer), partial,
		"the first byte of the string in UTF-8; 0 for an empty one"),

	// Dates and times.
	scalar("now", none, 0, 0, always(ast.DateTime), total,
		"the time of the statement, to the second, in the time zone of the connection (UTC on SQLite)"),
	scalar("current_date", none, 0, 0, always(ast.Date), total,
		"today, in the time zone of the connection (UTC on SQLite)"),
	scalar("current_time", none, 0, 0, always(ast.Time), total,
		"the time of day, to the second, in the time zone of the connection (UTC on SQLite)"),
	scalar("utc_date", none, 0, 0, always(ast.Date), total,
		"today in UTC"),
	scalar("utc_timestamp", none, 0, 0, always(ast.DateTime), total,
		"the time of the statement in UTC, to the second"),
	scalar("date", mom, 1, 1, always(ast.Date), partial,
		"the date without the time"),
	scalar("year", mom, 1, 1, always(ast.Integer), partial,
		"the year"),
	scalar("quarter", mom, 1, 1, always(ast.Integer), partial,
		"the quarter, 1 to 4"),
	scalar("month", mom, 1, 1, always(ast.Integer), partial,
		"the month, 1 to 12"),
	scalar("week", weekly, 1, 2, always(ast.Integer), partial,
		"the week of the year: mode 0 from the first Sunday, 3 as in ISO 8601, 5 from the first Monday"),
	scalar("day", mom, 1, 1, always(ast.Integer), partial,
		"the day of the month"),
	scalar("dayofweek", mom, 1, 1, always(ast.Integer), partial,
		"the day of the week, Sunday is 1"),
	scalar("weekday", mom, 1, 1, always(ast.Integer), partial,
		"the day of the week, Monday is 0"),
	scalar("dayofyear", mom, 1, 1, always(ast.Integer), partial,
		"the day of the year"),
	scalar("hour", mom, 1, 1, always(ast.Integer), partial,
		"the hour, 0 to 23"),
	scalar("minute", mom, 1, 1, always(ast.Integer), partial,
		"the minute"),
	scalar("second", mom, 1, 1, always(ast.Integer), partial,
		"the whole second"),
	scalar("microsecond", mom, 1, 1, always(ast.Integer), partial,
		"the microseconds within the second"),
	scalar("dayname", mom, 1, 1, always(ast.String), partial,
		"the English name of the day"),
	scalar("monthname", mom, 1, 1, always(ast.String), partial,
		"the English name of the month"),
	scalar("last_day", mom, 1, 1, always(ast.Date), partial,
		"the last day of the month"),
	scalar("datediff", mom, 2, 2, always(ast.Integer), partial,
		"the days from the second date to the first"),
	scalar("timestampdiff", mom, 2, 2, always(ast.Integer), partial,
		"the whole units of time from the first to the second; a month is complete at the same day and time"),
	scalar("date_trunc", trunc, 2, 2, truncated, partial,
		"the start of the year, quarter, month, week (Monday), day, hour, minute or second"),
	scalar("date_format", fmt, 2, 2, always(ast.String), partial,
		"the date as text by a constant format of MySQL"),
	scalar("str_to_date", parse, 2, 2, nil, partial,
		"the text read as a date by a format of MySQL"),

	// Aggregates.
	aggregate("count", each, 0, many, always(ast.Integer), total,
		"the number of rows, or of those that are not NULL"),
	aggregate("sum", num, 1, 1, summed, partial,
		"the sum; NULL of nothing"),
	aggregate("avg", num, 1, 1, averaged, partial,
		"the mean, never cut to whole numbers; NULL of nothing"),
	aggregate("min", each, 1, 1, first, total,
		"the smallest value"),
	aggregate("max", each, 1, 1, first, total,
		"the largest value"),
	aggregate("any_value", each, 1, 1, first, partial,
		"the value of some row of the group"),
	aggregate("group_concat", text, 1, many, always(ast.String), partial,
		"the strings that are not NULL, joined by a separator, a comma if none is given"),
	aggregate("string_agg", []Arg{Text, Name}, 2, 2, always(ast.String), partial,
		"GROUP_CONCAT with the constant second argument as separator"),
	aggregate("median", num, 1, 1, always(ast.Float), partial,
		"the value in the middle, or the mean of the two; NULL of nothing"),
	aggregate("percentile_cont", []Arg{Number, Number}, 2, 2, always(ast.Float), partial,
		"the value below which that constant share of the values lies, interpolated"),
	aggregate("percentile_disc", []Arg{Number, Number}, 2, 2, counted, partial,
		"the first value up to which that constant share of the values lies"),
	aggregate("stddev_pop", num, 1, 1, always(ast.Float), partial,
		"the standard deviation of the population"),
	aggregate("stddev_samp", num, 1, 1, always(ast.Float), partial,
		"the standard deviation of a sample; NULL of one value"),
	aggregate("var_pop", num, 1, 1, always(ast.Float), partial,
		"the variance of the population"),
	aggregate("var_samp", num, 1, 1, always(ast.Float), partial,
		"the variance of a sample; NULL of one value"),
	aggregate("bit_and", num, 1, 1, always(ast.Integer), partial,
		"the bits that all values have"),
	aggregate("bit_or", num, 1, 1, always(ast.Integer), partial,
		"the bits that any value has"),
	aggregate("bit_xor", num, 1, 1, always(ast.Integer), partial,
		"the bits that an odd number of values has"),

	// Window functions.
	window("row_number", none, 0, 0, always(ast.Integer), total,
		"the number of the row in its window, from 1"),
	window("rank", none, 0, 0, always(ast.Integer), total,
		"the rank with gaps"),
	window("dense_rank", none, 0, 0, always(ast.Integer), total,
		"the rank without gaps"),
	window("percent_rank", none, 0, 0, always(ast.Float), total,
		"(rank - 1) / (rows - 1), 0 for one row"),
	window("cume_dist", none, 0, 0, always(ast.Float), total,
		"the share of the rows up to this one and its equals"),
	window("ntile", whole, 1, 1, always(ast.Integer), partial,
		"the number of the row's bucket of so many nearly equal ones"),
	window("lag", shifted, 1, 3, shifts, partial,
		"the value some rows before, or the default"),
	window("lead", shifted, 1, 3, shifts, partial,
		"the value some rows after, or the default"),
	window("first_value", each, 1, 1, first, total,
		"the value of the first row of the frame"),
	window("last_value", each, 1, 1, first, total,
		"the value of the last row of the frame"),
	window("nth_value", nth, 2, 2, first, partial,
		"the value of the row of that number in the frame"),
)

// byName finds a function by its name or alias.
var byName = func() map[string]*Func {
	all := maps.Clone(table)
	for alias, name := range aliases {
		if f, ok := table[name]; ok {
			all[alias] = f
		}
	}
	return all
}()

// aliases are other names of the same function.
var aliases = map[string]string{
	"ceiling":           "ceil",
	"pow":               "power",
	"lcase":             "lower",
	"ucase":             "upper",
	"length":            "char_length", // characters, as in Ossie; bytes are OCTET_LENGTH
	"character_length":  "char_length",
	"substr":            "substring",
	"mid":               "substring",
	"position":          "locate",
	"dayofmonth":        "day",
	"curdate":           "current_date",
	"curtime":           "current_time",
	"current_timestamp": "now",
	"localtime":         "now",
	"localtimestamp":    "now",
	"std":               "stddev_pop",
	"stddev":            "stddev_pop",
	"variance":          "var_pop",
	"listagg":           "string_agg",
}

func list(funcs ...*Func) map[string]*Func {
	m := make(map[string]*Func, len(funcs))
	for _, f := range funcs {
		m[f.Name] = f
	}
	return m
}

type result = func([]ast.Type) ast.Type

func scalar(name string, args []Arg, low, high int, r result, total bool, meaning string) *Func {
	return &Func{Name: name, Kind: Scalar, Args: args, Min: low, Max: high, Result: r, Total: total, Meaning: meaning}
}

func aggregate(name string, args []Arg, low, high int, r result, total bool, meaning string) *Func {
	return &Func{Name: name, Kind: Aggregate, Args: args, Min: low, Max: high, Result: r, Total: total, Meaning: meaning}
}

func window(name string, args []Arg, low, high int, r result, total bool, meaning string) *Func {
	return &Func{Name: name, Kind: Window, Args: args, Min: low, Max: high, Result: r, Total: total, Meaning: meaning}
}
