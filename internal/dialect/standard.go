package dialect

import (
	"maps"
	"strings"

	"github.com/hedgerow/hedgerow/internal/ast"
)

// Trino, Snowflake and BigQuery share much of standard SQL. What stands here
// is written from their manuals: it is printed and held by tests, but not run.

// standardFunctions gives what the three have in common, with their names of
// the types; special adds to it and replaces. A nil form takes away.
func standardFunctions(text, double string, special map[string]form) map[string]form {
	fill := strings.NewReplacer("TEXT", text, "DOUBLE", double)
	t := func(template string) form { return tmpl(fill.Replace(template)) }
	domain := func(condition, name string) form {
		return t("CASE WHEN CAST($1 AS DOUBLE) " + condition + " THEN " + name + "(CAST($1 AS DOUBLE)) END")
	}
	m := map[string]form{
		"coalesce": t("COALESCE($*)"),
		"ifnull":   t("COALESCE($1, $2)"),
		"nullif":   t("NULLIF($1, $2)"),
		"if":       t("CASE WHEN $1 THEN $2 ELSE $3 END"),
		"isnull":   t("($1 IS NULL)"),
		"greatest": nullIfAny("GREATEST"),
		"least":    nullIfAny("LEAST"),

		"abs":     t("ABS($1)"),
		"ceil":    t("CEIL($1)"),
		"floor":   t("FLOOR($1)"),
		"round/1": t("ROUND($1)"),
		"round/2": constant(1, 0, 30, t("ROUND($1, $2)")),
		"mod":     modulo,
		"power":   t("POWER(CAST($1 AS DOUBLE), CAST($2 AS DOUBLE))"),
		"sqrt":    domain(">= 0", "SQRT"),
		"exp":     t("EXP(CAST($1 AS DOUBLE))"),
		"ln":      domain("> 0", "LN"),
		"log/1":   domain("> 0", "LN"),
		"sign":    t("SIGN($1)"),
		"sin":     t("SIN(CAST($1 AS DOUBLE))"),
		"cos":     t("COS(CAST($1 AS DOUBLE))"),
		"tan":     t("TAN(CAST($1 AS DOUBLE))"),
		"asin":    domain("BETWEEN -1 AND 1", "ASIN"),
		"acos":    domain("BETWEEN -1 AND 1", "ACOS"),
		"atan":    t("ATAN(CAST($1 AS DOUBLE))"),
		"atan2":   t("ATAN2(CAST($1 AS DOUBLE), CAST($2 AS DOUBLE))"),

		"concat":      joined(fill.Replace("CAST($1 AS TEXT)"), " || "),
		"lower":       t("LOWER(CAST($1 AS TEXT))"),
		"upper":       t("UPPER(CAST($1 AS TEXT))"),
		"char_length": t("LENGTH(CAST($1 AS TEXT))"),
		"substring/2": constant(1, 1, 1<<31-1, t("SUBSTR(CAST($1 AS TEXT), $2)")),
		"substring/3": constant(1, 1, 1<<31-1, constant(2, 0, 1<<31-1, t("SUBSTR(CAST($1 AS TEXT), $2, $3)"))),
		"left":        constant(1, 0, 1<<31-1, t("SUBSTR(CAST($1 AS TEXT), 1, $2)")),
		"lpad":        pad(t("LPAD(CAST($1 AS TEXT), $2, $3)")),
		"rpad":        pad(t("RPAD(CAST($1 AS TEXT), $2, $3)")),
		"replace": t("CASE WHEN CAST($2 AS TEXT) = '' AND $3 IS NOT NULL THEN CAST($1 AS TEXT)" +
			" ELSE REPLACE(CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT)) END"),

		"date":        t("CAST($1 AS DATE)"),
		"count":       countedOne,
		"sum":         native("SUM"),
		"avg":         native("AVG", fill.Replace("CAST($1 AS DOUBLE)")),
		"stddev_pop":  native("STDDEV_POP"),
		"stddev_samp": native("STDDEV_SAMP"),
		"var_pop":     native("VAR_POP"),
		"var_samp":    native("VAR_SAMP"),
		"any_value":   native("ANY_VALUE"),
		"min":         native("MIN"),
		"max":         native("MAX"),

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
	}
	maps.Copy(m, special)
	maps.DeleteFunc(m, func(_ string, f form) bool { return f == nil })
	return m
}

// clamped keeps an offset in a string so small that no arithmetic with it
// overflows, where a longer string can't be.
func clamped(x string) string { return "LEAST(GREATEST(" + x + ", -1), 1073741823)" }

// perUnit makes an entry for each unit of DATE_TRUNC or TIMESTAMPDIFF.
func perUnit(name string, templates map[string]string, make func(template string) form) map[string]form {
	m := map[string]form{}
	for unit, template := range templates {
		m[name+" "+unit] = make(template)
	}
	return m
}

// merged joins tables of forms.
func merged(tables ...map[string]form) map[string]form {
	m := map[string]form{}
	for _, t := range tables {
		maps.Copy(m, t)
	}
	return m
}

// sameFormat writes the specifiers of DATE_FORMAT through one template, with $f
// for each specifier's own spelling.
func sameFormat(template string, specifiers map[byte]string) map[byte]string {
	m := map[byte]string{}
	for b, own := range specifiers {
		m[b] = strings.Replace(template, "$f", own, 1)
	}
	return m
}

// countedOne is COUNT of rows or of one expression.
func countedOne(p *printer, c *ast.Call) {
	if len(c.Args) > 1 {
		p.unsupported(c.Pos, "COUNT of several expressions").WithHint("count a subquery with DISTINCT")
		return
	}
	native("COUNT")(p, c)
}

// exactQuotient divides whole numbers without a fraction to be rounded.
const exactQuotient = "(($1 - MOD($1, NULLIF($2, 0))) / NULLIF($2, 0))"

// listAgg is GROUP_CONCAT as LISTAGG, NULL where nothing is listed.
func listAgg(operand string) form {
	return func(p *printer, c *ast.Call) {
		switch {
		case len(c.Args) != 1:
			p.unsupported(c.Pos, "GROUP_CONCAT of several expressions").WithHint("join them with CONCAT")
			return
		case c.Over != nil || len(c.OrderBy) == 0:
			p.unsupported(c.Pos, "GROUP_CONCAT with OVER or without ORDER BY")
			return
		case c.Distinct && !sortsByItself(c):
			p.unsupported(c.Pos, "GROUP_CONCAT with DISTINCT and another ORDER BY than the string itself")
			return
		}
		p.write("CASE WHEN COUNT(")
		p.exprs(c.Args)
		p.write(") > 0 THEN LISTAGG(", either(c.Distinct, "DISTINCT ", ""))
		p.render(c.Pos, operand, c.Args[0])
		p.write(", ", p.separator(c), ") WITHIN GROUP (ORDER BY ")
		p.orderBy(c.OrderBy)
		p.write(") END")
	}
}
