package oracle

import (
	"slices"
	"strings"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/function"
)

// boom is an expression that fails for some operand: $i, $d, $f, $s, $t and $m are
// a whole number, decimal, float, text, date and instant. #n is one of a few
// numbers, so that it fails for hidden rows only, for visible ones, for both or
// never.
type boom struct {
	kind kind
	text string
	on   string // the databases on which it can fail; "" for all
}

var booms = []boom{
	{whole, "($i + #n)", ""}, {whole, "($i * #n)", ""}, {whole, "($i - #n)", ""}, {whole, "($i + $i)", ""}, {whole, "($i * $i)", ""},
	{whole, "ABS($i - 1)", ""}, {whole, "ABS($i)", ""}, {whole, "ABS(-9223372036854775807 - 1)", ""}, {whole, "(-($i - 1))", ""}, {whole, "(9223372036854775807 + #n)", ""},
	{whole, "CAST($s AS SIGNED)", ""}, {whole, "CAST($f AS SIGNED)", ""}, {whole, "CAST($d AS SIGNED)", ""}, {whole, "ROUND($f)", ""}, {whole, "($i DIV #n)", ""},
	{whole, "(SELECT SUM(9223372036854775807 - n.n + n.n) FROM nums n)", ""}, {whole, "(SELECT SUM($i + n.n) FROM nums n)", ""},
	{whole, "(SELECT n.n FROM nums n WHERE n.n = 1 OR n.n < $i)", ""}, {whole, "YEAR($s)", "postgresql duckdb"}, {whole, "YEAR(DATE_ADD($t, INTERVAL $i DAY))", ""},
	{whole, "DATEDIFF($t, $m)", ""}, {whole, "(SELECT ABS(-9223372036854775807 - #n))", ""}, {whole, "(SELECT COUNT(*) OVER (PARTITION BY EXP($i + n.n)) FROM nums n LIMIT 1)", ""},
	{whole, "(SELECT COUNT(*) OVER w FROM nums n WINDOW w AS (PARTITION BY ABS($i + n.n)) LIMIT 1)", ""}, {whole, "CEIL($f)", ""},
	{whole, "CAST(EXP($i) AS SIGNED)", ""}, {whole, "(SELECT ABS(v.column_0) FROM (VALUES ROW($i)) v)", "sqlite postgresql duckdb"},
	{whole, "(SELECT ABS(v.a) FROM (SELECT $i AS a) v)", ""}, {whole, "(WITH v AS (SELECT $i AS a) SELECT v.a + #n FROM v)", ""},
	{float, "EXP($i)", ""}, {float, "EXP($i * 2.5)", ""}, {float, "EXP(#n)", ""}, {float, "POWER($i, 40)", ""}, {float, "POWER(10, #n)", ""}, {float, "($f * 10)", ""}, {float, "($f + $f)", ""},
	{float, "POWER($d, 80)", ""}, {float, "(1 / ($i - #n))", ""}, {float, "EXP($d)", ""}, {float, "(SELECT EXP(#n))", ""}, {float, "SQRT($f)", ""}, {float, "TAN($f)", ""},
	{float, "(SELECT EXP(n.n * 100000) FROM nums n LIMIT 1)", ""}, {float, "(SELECT MAX(EXP($i + n.n)) FROM nums n)", ""}, {float, "DEGREES($f)", ""}, {float, "CAST($s AS DOUBLE)", ""},
	{float, "(SELECT EXP(v.a) FROM (SELECT $i AS a) v)", ""}, {float, "LN($i)", ""}, {float, "LOG(#n, $i)", ""},
	{decimal, "($d * 99999999999999999999.5)", ""}, {decimal, "($d + #n)", ""}, {decimal, "CAST($s AS DECIMAL(10, 2))", ""}, {decimal, "CAST($d AS DECIMAL(8, 2))", ""},
	{decimal, "ROUND($d, 2)", ""}, {decimal, "ABS($d)", ""}, {decimal, "($i / #n)", ""}, {decimal, "CAST($f AS DECIMAL(20, 4))", ""}, {decimal, "($d * $d * $d * $d)", ""},
	{text, "CONCAT($s, CAST($i AS CHAR))", ""}, {text, "LPAD($s, 1000, 'x')", ""}, {text, "SUBSTRING($s, $i, 2)", ""}, {text, "LEFT($s, $i)", ""}, {text, "REPLACE($s, 'a', 'bb')", ""},
	{text, "CAST($m AS CHAR)", ""}, {text, "(SELECT GROUP_CONCAT(CAST(n.n AS CHAR) ORDER BY ABS($i + n.n)) FROM nums n)", ""}, {text, "DATE_FORMAT($t, '%Y-%M')", ""},
	{text, "CONCAT($s, $s)", ""}, {text, "RIGHT($s, $i)", ""}, {text, "DATE_FORMAT($s, '%Y')", "postgresql duckdb"},
	{day, "DATE_ADD($t, INTERVAL 1 DAY)", ""}, {day, "DATE_ADD($t, INTERVAL $i DAY)", ""}, {day, "CAST($s AS DATE)", ""}, {day, "LAST_DAY($t)", ""}, {day, "DATE_SUB($t, INTERVAL #n MONTH)", ""},
	{instant, "DATE_ADD($m, INTERVAL $i SECOND)", ""}, {instant, "CAST($s AS DATETIME)", ""}, {instant, "DATE_ADD($m, INTERVAL #n YEAR)", ""}, {instant, "CAST($t AS DATETIME)", ""},
	{instant, "DATE_TRUNC('week', $m)", ""},
}

var operandKinds = map[byte]kind{'i': whole, 'd': decimal, 'f': float, 's': text, 't': day, 'm': instant}

// boom makes an expression of a kind that can fail, nil if there is none.
func (g *generator) boom(k kind, s *scope) *node {
	var fit []boom
	for _, b := range booms {
		if b.kind == k && (b.on == "" || strings.Contains(b.on, g.dialect)) {
			fit = append(fit, b)
		}
	}
	if len(fit) == 0 {
		return nil
	}
	likely := slices.DeleteFunc(slices.Clone(fit), func(b boom) bool { return !b.fails(g.dialect) })
	if len(likely) > 0 && g.chance(70) {
		fit = likely
	}
	out, rest := piece(string(k)), pick(g, fit...).text
	// Windows and the order of aggregates are refused with columns from around.
	own := strings.Contains(rest, "OVER") || strings.Contains(rest, "GROUP_CONCAT")
	for rest != "" {
		i := strings.IndexAny(rest, "$#")
		if i < 0 {
			break
		}
		out.parts = append(out.parts, rest[:i])
		if rest[i] == '#' {
			out.parts = append(out.parts, pick(g, "1", "2", "10", "700", "100000", "9223372036854775807"))
		} else {
			k := operandKinds[rest[i+1]]
			if own && !g.chance(10) {
				out.parts = append(out.parts, g.constant(k))
			} else {
				out.parts = append(out.parts, g.columnOf(k, s, 35))
			}
		}
		rest = rest[i+2:]
	}
	out.parts = append(out.parts, rest)
	return out
}

// failures are pieces of what fails on databases where few things do.
var failures = map[string][]string{
	"sqlite":  {"ABS(", "SUM(", "CONCAT("},
	"mariadb": {"EXP(", "POWER(", "ABS(", "SUM(", " + ", " * ", " - ", "n.n <"},
}

func (b boom) fails(dialect string) bool {
	words, few := failures[dialect]
	return !few || slices.ContainsFunc(words, func(w string) bool { return strings.Contains(b.text, w) })
}

// signature is a way to call a function.
type signature struct {
	name string
	args []kind
}

// signatures are the ways to call scalar functions, by the kind of the result.
var signatures = bySignature()

func bySignature() map[kind][]signature {
	names, _ := function.Names()
	out := map[kind][]signature{}
	every := []kind{whole, decimal, float, text, day, instant}
	for _, name := range names {
		f, _ := function.Lookup(name)
		if f.Kind != function.Scalar || len(f.Args) == 0 || slices.Contains(strings.Fields("timestampdiff date_trunc date_format str_to_date if week isnull"), name) {
			continue // of the clock, or written by hand
		}
		for n := f.Min; n <= 3 && (f.Max < 0 || n <= f.Max); n++ {
			lists := [][]kind{nil}
			for i := range n {
				var longer [][]kind
				for _, l := range lists {
					for _, k := range every {
						if reads(f.Arg(i), k) && (i == 0 || f.Arg(i) != function.Compared && f.Arg(i) != function.Shared || l[0] == k) {
							longer = append(longer, append(slices.Clone(l), k))
						}
					}
				}
				lists = longer
			}
			for _, l := range lists {
				types := make([]ast.Type, len(l))
				for i, k := range l {
					types[i] = ast.Type(k)
				}
				if result := kind(f.Type(types)); slices.Contains(every, result) {
					out[result] = append(out[result], signature{name, l})
				}
			}
		}
	}
	return out
}

func reads(a function.Arg, k kind) bool {
	switch a {
	case function.Number:
		return k == whole || k == decimal || k == float
	case function.Whole:
		return k == whole
	case function.Text:
		return k == text
	case function.Moment:
		return k == day || k == instant
	case function.Name:
		return false
	default:
		return true
	}
}

// quietCalls are functions that can't fail on MariaDB.
var quietCalls = map[kind][]string{
	whole:   {"ASCII($s)", "CHAR_LENGTH($s)", "OCTET_LENGTH($s)", "LOCATE('a', $s)", "YEAR($t)", "CAST($s AS SIGNED)", "SIGN($i)"},
	text:    {"LOWER($s)", "UPPER($s)", "REVERSE($s)", "TRIM($s)", "LEFT($s, 2)", "CONCAT($s, 'x')", "COALESCE($s, 'none')"},
	decimal: {"COALESCE($d, 0.5)"}, float: {"COALESCE($f, 0e0)"}, day: {"DATE($m)", "LAST_DAY($t)"}, instant: {"COALESCE($m, $m)"},
}

// call makes a call of any function, an operator, a cast, or a part of a date.
func (g *generator) call(k kind, s *scope, depth int) *node {
	if k == truth {
		return g.value(k, s, depth)
	}
	if g.quiet || g.booms >= g.budget && g.chance(70) {
		return g.template(k, pick(g, quietCalls[k]...), s, depth)
	}
	if g.chance(45) && len(signatures[k]) > 0 {
		sig := pick(g, signatures[k]...)
		args := make([]*node, len(sig.args))
		for i, a := range sig.args {
			args[i] = g.value(a, s, depth-1)
			if g.chance(50) {
				args[i] = g.columnOf(a, s, 30)
			}
		}
		return piece(string(k), g.callOf(sig, args)...)
	}
	return g.template(k, pick(g, operations[k]...), s, depth)
}

// callOf writes a call; what must be constant is.
func (g *generator) callOf(sig signature, args []*node) []any {
	small := func() *node { return piece("", pick(g, "0", "1", "2", "3", "-1")) }
	name := strings.ToUpper(sig.name)
	switch sig.name {
	case "trim_leading", "trim_trailing":
		return []any{"TRIM(", strings.TrimPrefix(name, "TRIM_"), " 'a' FROM ", args[0], ")"}
	case "trim":
		if len(args) == 2 {
			return []any{"TRIM(BOTH 'a' FROM ", args[0], ")"}
		}
	case "lpad", "rpad":
		args[1], args[2] = small(), piece("", "'ab'")
		args[1] = piece("", pick(g, "0", "3", "1000"))
	case "round", "truncate":
		if len(args) == 2 {
			args[1] = small()
		}
	case "left", "right", "substring":
		if g.chance(50) {
			args[1] = piece("", pick(g, "1", "2", "3"))
		}
	}
	return []any{name, "(", join(args, ", "), ")"}
}

// operations are operators, casts and what isn't called like a function.
var operations = map[kind][]string{
	whole: {"($i + $i)", "($i - $i)", "($i * $i)", "($i DIV $i)", "($i % $i)", "(-$i)", "($i & 7)", "CAST($s AS SIGNED)", "CAST($d AS SIGNED)", "CAST($f AS SIGNED)",
		"EXTRACT(YEAR FROM $m)", "EXTRACT(MONTH FROM $t)", "EXTRACT(SECOND FROM $m)", "TIMESTAMPDIFF(DAY, $t, $m)", "TIMESTAMPDIFF(MONTH, $m, $m)", "TIMESTAMPDIFF(SECOND, $m, $m)",
		"WEEK($t, 3)", "WEEK($m)", "IF($i > 3, $i, 0)"},
	decimal: {"($d + $d)", "($d * $i)", "($d - $d)", "($i / $i)", "($d / $d)", "(-$d)", "CAST($i AS DECIMAL(20, 2))", "CAST($s AS DECIMAL(12, 2))", "CAST($f AS DECIMAL(30, 6))", "($d % $d)"},
	float:   {"($f + $f)", "($f * $f)", "($f - $f)", "($f / $f)", "(-$f)", "CAST($i AS DOUBLE)", "CAST($s AS DOUBLE)", "CAST($d AS DOUBLE)", "CAST($d AS FLOAT)"},
	text: {"CAST($i AS CHAR)", "CAST($s AS CHAR(3))", "CAST($t AS CHAR)", "CAST($m AS CHAR)", "DATE_FORMAT($m, '%Y-%m')", "DATE_FORMAT($t, '%W %M %j')", "CONCAT($s, '-', $s)",
		"CONCAT_WS(',', $s, $s)", "CAST($d AS CHAR)"},
	day: {"DATE_ADD($t, INTERVAL $i DAY)", "DATE_SUB($t, INTERVAL 1 MONTH)", "CAST($s AS DATE)", "CAST($m AS DATE)", "DATE_TRUNC('month', $t)", "STR_TO_DATE($s, '%Y-%m-%d')", "DATE_ADD($t, INTERVAL 8000 YEAR)"},
	instant: {"DATE_ADD($m, INTERVAL $i SECOND)", "DATE_SUB($m, INTERVAL $i MONTH)", "CAST($s AS DATETIME)", "CAST($t AS DATETIME)", "DATE_TRUNC('hour', $m)", "DATE_TRUNC('quarter', $m)",
		"DATE_ADD($m, INTERVAL 1 WEEK)"},
}

// template fills operands in.
func (g *generator) template(k kind, template string, s *scope, depth int) *node {
	out := piece(string(k))
	for {
		i := strings.IndexByte(template, '$')
		if i < 0 {
			out.parts = append(out.parts, template)
			return out
		}
		operand := g.columnOf(operandKinds[template[i+1]], s, 30)
		if g.chance(25) {
			operand = g.value(operandKinds[template[i+1]], s, depth-1)
		}
		out.parts = append(out.parts, template[:i], operand)
		template = template[i+2:]
	}
}
