package function

import "github.com/hedgerow/hedgerow/internal/ast"

const (
	total   = true
	partial = false
	many    = -1
)

// table is never written to after the package is loaded.
var table = list(
	// Conditions.
	scalar("coalesce", 1, many, common, total),
	scalar("ifnull", 2, 2, common, total),
	scalar("nullif", 2, 2, first, total),
	scalar("if", 3, 3, branches, total),
	scalar("isnull", 1, 1, always(ast.Boolean), total),
	scalar("greatest", 2, many, common, total),
	scalar("least", 2, many, common, total),

	// Numbers.
	scalar("abs", 1, 1, first, partial),
	scalar("ceil", 1, 1, whole, partial),
	scalar("floor", 1, 1, whole, partial),
	scalar("round", 1, 2, first, partial),
	scalar("truncate", 2, 2, first, partial),
	scalar("mod", 2, 2, promoted, partial),
	scalar("power", 2, 2, always(ast.Float), partial),
	scalar("sqrt", 1, 1, always(ast.Float), partial),
	scalar("exp", 1, 1, always(ast.Float), partial),
	scalar("ln", 1, 1, always(ast.Float), partial),
	scalar("log", 1, 2, always(ast.Float), partial),
	scalar("log10", 1, 1, always(ast.Float), partial),
	scalar("log2", 1, 1, always(ast.Float), partial),
	scalar("sign", 1, 1, always(ast.Integer), partial),
	scalar("pi", 0, 0, always(ast.Float), total),
	scalar("sin", 1, 1, always(ast.Float), partial),
	scalar("cos", 1, 1, always(ast.Float), partial),
	scalar("tan", 1, 1, always(ast.Float), partial),
	scalar("asin", 1, 1, always(ast.Float), partial),
	scalar("acos", 1, 1, always(ast.Float), partial),
	scalar("atan", 1, 1, always(ast.Float), partial),
	scalar("atan2", 2, 2, always(ast.Float), partial),
	scalar("degrees", 1, 1, always(ast.Float), partial),
	scalar("radians", 1, 1, always(ast.Float), partial),

	// Strings. Positions and lengths count characters.
	scalar("concat", 1, many, always(ast.String), partial),
	scalar("concat_ws", 2, many, always(ast.String), partial),
	scalar("lower", 1, 1, always(ast.String), total),
	scalar("upper", 1, 1, always(ast.String), total),
	scalar("char_length", 1, 1, always(ast.Integer), total),
	scalar("octet_length", 1, 1, always(ast.Integer), total),
	scalar("substring", 2, 3, always(ast.String), partial),
	scalar("left", 2, 2, always(ast.String), partial),
	scalar("right", 2, 2, always(ast.String), partial),
	scalar("trim", 1, 2, always(ast.String), partial),
	scalar("ltrim", 1, 1, always(ast.String), partial),
	scalar("rtrim", 1, 1, always(ast.String), partial),
	scalar("trim_leading", 2, 2, always(ast.String), partial),
	scalar("trim_trailing", 2, 2, always(ast.String), partial),
	scalar("lpad", 3, 3, always(ast.String), partial),
	scalar("rpad", 3, 3, always(ast.String), partial),
	scalar("replace", 3, 3, always(ast.String), partial),
	scalar("reverse", 1, 1, always(ast.String), partial),
	scalar("locate", 2, 3, always(ast.Integer), partial),
	scalar("instr", 2, 2, always(ast.Integer), partial),
	scalar("ascii", 1, 1, always(ast.Integer), partial),

	// Dates and times.
	scalar("now", 0, 0, always(ast.DateTime), total),
	scalar("current_date", 0, 0, always(ast.Date), total),
	scalar("current_time", 0, 0, always(ast.Time), total),
	scalar("utc_date", 0, 0, always(ast.Date), total),
	scalar("utc_timestamp", 0, 0, always(ast.DateTime), total),
	scalar("date", 1, 1, always(ast.Date), partial),
	scalar("year", 1, 1, always(ast.Integer), partial),
	scalar("quarter", 1, 1, always(ast.Integer), partial),
	scalar("month", 1, 1, always(ast.Integer), partial),
	scalar("week", 1, 2, always(ast.Integer), partial),
	scalar("day", 1, 1, always(ast.Integer), partial),
	scalar("dayofweek", 1, 1, always(ast.Integer), partial),
	scalar("weekday", 1, 1, always(ast.Integer), partial),
	scalar("dayofyear", 1, 1, always(ast.Integer), partial),
	scalar("hour", 1, 1, always(ast.Integer), partial),
	scalar("minute", 1, 1, always(ast.Integer), partial),
	scalar("second", 1, 1, always(ast.Integer), partial),
	scalar("microsecond", 1, 1, always(ast.Integer), partial),
	scalar("dayname", 1, 1, always(ast.String), partial),
	scalar("monthname", 1, 1, always(ast.String), partial),
	scalar("last_day", 1, 1, always(ast.Date), partial),
	scalar("datediff", 2, 2, always(ast.Integer), partial),
	scalar("timestampdiff", 2, 2, always(ast.Integer), partial),
	scalar("date_trunc", 2, 2, truncated, partial),
	scalar("date_format", 2, 2, always(ast.String), partial),
	scalar("str_to_date", 2, 2, nil, partial),

	// Aggregates.
	aggregate("count", 0, many, always(ast.Integer), total),
	aggregate("sum", 1, 1, summed, partial),
	aggregate("avg", 1, 1, averaged, partial),
	aggregate("min", 1, 1, first, total),
	aggregate("max", 1, 1, first, total),
	aggregate("any_value", 1, 1, first, partial),
	aggregate("group_concat", 1, many, always(ast.String), partial),
	aggregate("stddev_pop", 1, 1, always(ast.Float), partial),
	aggregate("stddev_samp", 1, 1, always(ast.Float), partial),
	aggregate("var_pop", 1, 1, always(ast.Float), partial),
	aggregate("var_samp", 1, 1, always(ast.Float), partial),
	aggregate("bit_and", 1, 1, always(ast.Integer), partial),
	aggregate("bit_or", 1, 1, always(ast.Integer), partial),
	aggregate("bit_xor", 1, 1, always(ast.Integer), partial),

	// Window functions.
	window("row_number", 0, 0, always(ast.Integer), total),
	window("rank", 0, 0, always(ast.Integer), total),
	window("dense_rank", 0, 0, always(ast.Integer), total),
	window("percent_rank", 0, 0, always(ast.Float), total),
	window("cume_dist", 0, 0, always(ast.Float), total),
	window("ntile", 1, 1, always(ast.Integer), partial),
	window("lag", 1, 3, first, partial),
	window("lead", 1, 3, first, partial),
	window("first_value", 1, 1, first, total),
	window("last_value", 1, 1, first, total),
	window("nth_value", 2, 2, first, partial),
)

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
}

func list(funcs ...*Func) map[string]*Func {
	m := make(map[string]*Func, len(funcs))
	for _, f := range funcs {
		m[f.Name] = f
	}
	return m
}

type result = func([]ast.Type) ast.Type

func scalar(name string, low, high int, r result, total bool) *Func {
	return &Func{Name: name, Kind: Scalar, Min: low, Max: high, Result: r, Total: total}
}

func aggregate(name string, low, high int, r result, total bool) *Func {
	return &Func{Name: name, Kind: Aggregate, Min: low, Max: high, Result: r, Total: total}
}

func window(name string, low, high int, r result, total bool) *Func {
	return &Func{Name: name, Kind: Window, Min: low, Max: high, Result: r, Total: total}
}
