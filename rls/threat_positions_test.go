package rls_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/function"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/session"
)

// position is a place of a query where something of the caller's can stand.
type position struct {
	name string
	// query holds {x} where an expression over customers c stands.
	query string
	// bare says that only the name of a field can stand there.
	bare bool
	// refused says why nothing may stand there, not even a visible field.
	refused string
	// dialect is set for a position that SQLite lacks.
	dialect rls.Dialect
}

// with fills the position.
func (p position) with(x string) string { return strings.ReplaceAll(p.query, "{x}", x) }

// positions is every place where an expression or a field's name can stand.
func positions() []position {
	return slices.Concat(selectPositions(), operatorPositions(), subqueryPositions(), joinPositions(),
		groupPositions(), orderPositions(), windowPositions(), nestedPositions(), setPositions(), limitPositions())
}

func selectPositions() []position {
	return []position{
		{name: "select list", query: "SELECT {x} FROM customers c"},
		{name: "select list with alias", query: "SELECT c.id, {x} AS v FROM customers c"},
		{name: "select list beside *", query: "SELECT *, {x} FROM customers c"},
		{name: "select list beside c.*", query: "SELECT {x}, c.* FROM customers c"},
		{name: "select distinct", query: "SELECT DISTINCT {x} FROM customers c"},
		{name: "select without from", query: "SELECT (SELECT {x}) FROM customers c"},
		{name: "function argument", query: "SELECT UPPER({x}) FROM customers c"},
		{name: "nested function argument", query: "SELECT COALESCE(NULLIF(LOWER({x}), 'x'), '-') FROM customers c"},
		{name: "last function argument", query: "SELECT CONCAT('a', 'b', {x}) FROM customers c"},
		{name: "if condition", query: "SELECT IF({x} > 'B', 1, 0) FROM customers c"},
		{name: "aggregate argument", query: "SELECT MAX({x}) FROM customers c"},
		{name: "count argument", query: "SELECT COUNT({x}) FROM customers c"},
		{name: "distinct aggregate", query: "SELECT COUNT(DISTINCT {x}) FROM customers c"},
		{name: "sum of a case", query: "SELECT SUM(CASE WHEN {x} > 'B' THEN 1 ELSE 0 END) FROM customers c"},
		{name: "any_value", query: "SELECT ANY_VALUE({x}) FROM customers c WHERE c.id = 1"},
		{name: "group_concat argument", query: "SELECT GROUP_CONCAT(CONCAT({x}, '') ORDER BY c.id) FROM customers c"},
		{name: "group_concat distinct", query: "SELECT GROUP_CONCAT(DISTINCT CONCAT({x}, '')) FROM customers c WHERE c.id = 1"},
		{name: "group_concat order", query: "SELECT GROUP_CONCAT(c.name ORDER BY {x}, c.id SEPARATOR ';') FROM customers c"},
		{name: "case operand", query: "SELECT CASE {x} WHEN 'Ann' THEN 1 WHEN 'Bob' THEN 2 ELSE 0 END FROM customers c"},
		{name: "case compared value", query: "SELECT CASE 'Ann' WHEN {x} THEN 1 ELSE 0 END FROM customers c"},
		{name: "case condition", query: "SELECT CASE WHEN {x} LIKE 'A%' THEN 1 ELSE 0 END FROM customers c"},
		{name: "case then", query: "SELECT CASE WHEN c.id > 0 THEN {x} END FROM customers c"},
		{name: "case else", query: "SELECT CASE WHEN c.id = 1 THEN '-' ELSE {x} END FROM customers c"},
		{name: "cast", query: "SELECT CAST({x} AS CHAR(2)) FROM customers c"},
		{name: "cast to a number", query: "SELECT CAST({x} AS SIGNED) FROM customers c"},
		{name: "convert", query: "SELECT CONVERT({x}, CHAR) FROM customers c"},
		{name: "extract", query: "SELECT EXTRACT(YEAR FROM {x}) FROM customers c"},
		{name: "interval amount", query: "SELECT o.created_at + INTERVAL CHAR_LENGTH({x}) DAY FROM orders o, customers c"},
		{name: "date_sub amount", query: "SELECT DATE_SUB(o.created_at, INTERVAL CHAR_LENGTH({x}) MONTH) FROM orders o JOIN customers c ON o.customer_id = c.id"},
		{name: "date_add operand", query: "SELECT DATE_ADD(CAST(CASE WHEN {x} > '' THEN '2024-01-31' END AS DATE), INTERVAL 1 DAY) FROM customers c"},
		{name: "timestampdiff", query: "SELECT TIMESTAMPDIFF(DAY, {x}, o.created_at) FROM orders o, customers c"},
		{name: "substring position", query: "SELECT SUBSTRING('abcdefgh', CHAR_LENGTH({x}), 1) FROM customers c"},
		{name: "position in", query: "SELECT POSITION('n' IN {x}) FROM customers c"},
		{name: "trim", query: "SELECT TRIM(LEADING 'A' FROM {x}) FROM customers c"},
		{name: "greatest", query: "SELECT GREATEST('B', {x}) FROM customers c"},
		{name: "regexp", query: "SELECT c.id FROM customers c WHERE {x} REGEXP '^A'", refused: "regular expressions differ between databases"},
		{name: "insert", query: "SELECT INSERT('abc', 1, 1, {x}) FROM customers c", refused: "not in the list of functions"},
		{name: "default", query: "SELECT DEFAULT({x}) FROM customers c", bare: true, refused: "a default is the database's"},
		{name: "values function", query: "SELECT VALUES({x}) FROM customers c", bare: true, refused: "only for INSERT"},
		{name: "match", query: "SELECT c.id FROM customers c WHERE MATCH({x}) AGAINST ('a')", bare: true, refused: "needs an index of MySQL"},
		{name: "collate", query: "SELECT {x} COLLATE utf8mb4_bin FROM customers c", refused: "collations differ between databases"},
		{name: "json_extract operator", query: "SELECT c.{x} -> '$.a' FROM customers c", bare: true, refused: "no JSON"},
	}
}

// operatorPositions puts both operands of every operator into WHERE.
func operatorPositions() []position {
	var out []position
	where := func(name, condition string) {
		out = append(out, position{name: "where " + name, query: "SELECT c.id FROM customers c WHERE " + condition})
	}
	for _, op := range []string{"=", "<>", "!=", "<", "<=", ">", ">=", "<=>"} {
		where("left of "+op, "{x} "+op+" 'Bob'")
		where("right of "+op, "'Bob' "+op+" {x}")
	}
	for _, op := range []string{"AND", "OR", "XOR"} {
		where("left of "+op, "{x} > 'B' "+op+" c.id = 1")
		where("right of "+op, "c.id = 1 "+op+" {x} > 'B'")
	}
	for _, op := range []string{"+", "-", "*", "/", "%", "DIV", "MOD"} {
		where("left of "+op, "CHAR_LENGTH({x}) "+op+" 2 > 1")
		where("right of "+op, "7 "+op+" CHAR_LENGTH({x}) > 1")
	}
	where("left of &", "CHAR_LENGTH({x}) & 1 > 0")
	for name, condition := range map[string]string{
		"not": "NOT ({x} = 'Ann')", "bang": "!({x} = 'Ann')", "minus sign": "-CHAR_LENGTH({x}) < -2",
		"is null": "{x} IS NULL", "is not null": "{x} IS NOT NULL", "is true": "({x} = 'Ann') IS TRUE",
		"is not false": "({x} = 'Ann') IS NOT FALSE", "is unknown": "({x} = 'Ann') IS UNKNOWN",
		"truth value":   "CHAR_LENGTH({x}) - 3",
		"between value": "{x} BETWEEN 'A' AND 'Bz'", "between low": "'Bob' BETWEEN {x} AND 'Z'", "between high": "'Bob' BETWEEN 'A' AND {x}",
		"not between": "{x} NOT BETWEEN 'A' AND 'Bz'",
		"like value":  "{x} LIKE '_n%'", "not like": "{x} NOT LIKE 'A%'", "like pattern": "'Ann' LIKE {x}",
		"like with escape": "{x} LIKE 'A|%%' ESCAPE '|'",
		"in value":         "{x} IN ('Ann', 'Bob', '***', '111-11')", "not in": "{x} NOT IN ('Ann', 'Bob')",
		"in list": "'Ann' IN ('x', {x})", "not in list": "'Ann' NOT IN ({x}, 'x')",
		"row value":          "(c.id, {x}) = (1, 'Ann')",
		"row value on right": "(1, 'Ann') = (c.id, {x})",
		"row constructor":    "ROW(c.id, {x}) <> ROW(1, 'Ann')",
		"row value in list":  "(c.id, {x}) IN ((1, 'Ann'), (2, 'Bob'), (3, '***'))",
		"element of a row":   "(1, 'Ann') IN ((c.id, {x}))",
	} {
		where(name, condition)
	}
	out = append(out,
		position{name: "where like escape", query: "SELECT c.id FROM customers c WHERE c.name LIKE 'A' ESCAPE {x}", refused: "the escape character is a constant"},
		position{name: "where right of &", query: "SELECT c.id FROM customers c WHERE CHAR_LENGTH(c.name) & CHAR_LENGTH({x}) > 0", refused: "bit operations of two columns differ"},
	)
	for _, op := range []string{"|", "^", "<<", ">>"} {
		out = append(out, position{name: "where left of " + op, query: "SELECT c.id FROM customers c WHERE CHAR_LENGTH({x}) " + op + " 1 > 0", refused: "bit operations differ"})
	}
	return out
}

func subqueryPositions() []position {
	var out []position
	where := func(name, condition string) {
		out = append(out, position{name: "where " + name, query: "SELECT c.id FROM customers c WHERE " + condition})
	}
	for name, condition := range map[string]string{
		"in subquery, value":             "{x} IN (SELECT d.name FROM customers d)",
		"not in subquery, value":         "{x} NOT IN (SELECT d.name FROM customers d WHERE d.id > 1)",
		"row value in subquery":          "(c.id, {x}) IN (SELECT d.id, d.name FROM customers d)",
		"in subquery, correlated item":   "'Ann' IN (SELECT {x} FROM regions r)",
		"equal to a scalar subquery":     "{x} = (SELECT MIN(d.name) FROM customers d)",
		"scalar subquery, where":         "c.id = (SELECT MIN(d.id) FROM customers d WHERE {x} <= d.name)",
		"= any":                          "{x} = ANY (SELECT d.name FROM customers d)",
		"> some":                         "{x} > SOME (SELECT r.name FROM regions r)",
		"<> all":                         "{x} <> ALL (SELECT d.name FROM customers d WHERE d.id = 3)",
		">= all":                         "{x} >= ALL (SELECT d.name FROM customers d)",
		"any, item of its query":         "'Bob' < ANY (SELECT {x} FROM regions r)",
		"exists, where":                  "EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id AND {x} > 'A')",
		"not exists, where":              "NOT EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id AND {x} > 'A')",
		"exists, item":                   "EXISTS (SELECT {x} FROM orders o WHERE o.customer_id = c.id)",
		"exists, having":                 "EXISTS (SELECT o.status FROM orders o GROUP BY o.status HAVING MIN(o.note) < {x})",
		"exists, order by":               "EXISTS (SELECT o.id FROM orders o ORDER BY {x} LIMIT 1)",
		"correlated over two levels":     "EXISTS (SELECT 1 FROM orders o WHERE EXISTS (SELECT 1 FROM regions r WHERE r.code = 'EU' AND o.customer_id = c.id AND {x} > 'A'))",
		"correlated over three levels":   "EXISTS (SELECT 1 FROM orders o WHERE o.id IN (SELECT r.id FROM regions r WHERE r.id = (SELECT MAX(e.id) FROM regions e WHERE {x} > 'A')))",
		"correlated through derived":     "EXISTS (SELECT 1 FROM (SELECT o.customer_id AS k FROM orders o WHERE {x} > 'A') d WHERE d.k = c.id)",
		"correlated in a set operation":  "c.id IN (SELECT o.id FROM orders o UNION SELECT r.id FROM regions r WHERE {x} > 'B')",
		"correlated in a CTE of its own": "c.id IN (WITH k AS (SELECT o.customer_id AS id FROM orders o WHERE {x} > 'A') SELECT k.id FROM k)",
	} {
		where(name, condition)
	}
	return append(out,
		position{name: "item of an in subquery", query: "SELECT o.id FROM orders o WHERE 'Ann' IN (SELECT {x} FROM customers c)"},
		position{name: "where of an in subquery", query: "SELECT o.id FROM orders o WHERE o.customer_id IN (SELECT c.id FROM customers c WHERE {x} LIKE '%n%')"},
		position{name: "item of = any", query: "SELECT o.id FROM orders o WHERE 'Bob' = ANY (SELECT {x} FROM customers c)"},
		position{name: "item of < all", query: "SELECT o.id FROM orders o WHERE '!' < ALL (SELECT {x} FROM customers c)"},
		position{name: "scalar subquery in select list", query: "SELECT o.id, (SELECT {x} FROM customers c WHERE c.id = o.customer_id) FROM orders o"},
		position{name: "scalar in scalar", query: "SELECT (SELECT (SELECT {x} FROM regions e WHERE e.id = 1) FROM regions r WHERE r.id = c.id) FROM customers c"},
		position{name: "scalar in aggregate", query: "SELECT MAX((SELECT MIN(r.name) FROM regions r WHERE r.name > {x})) FROM customers c"},
		position{name: "scalar in function argument", query: "SELECT COALESCE((SELECT MAX({x}) FROM customers c), '-') FROM regions r"},
		position{name: "scalar in order by", query: "SELECT o.id FROM orders o ORDER BY (SELECT MAX({x}) FROM customers c WHERE c.id = o.customer_id), o.id"},
		position{name: "scalar in on", query: "SELECT o.id, r.id FROM orders o JOIN regions r ON (SELECT MAX({x}) FROM customers c WHERE c.id = o.customer_id) > r.code"},
	)
}

func joinPositions() []position {
	var out []position
	for _, kind := range []string{"JOIN", "INNER JOIN", "LEFT JOIN", "LEFT OUTER JOIN", "RIGHT JOIN", "RIGHT OUTER JOIN", "CROSS JOIN"} {
		out = append(out,
			position{name: "on of " + kind, query: "SELECT o.id, c.id FROM orders o " + kind + " customers c ON o.customer_id = c.id AND {x} > 'B'"},
			position{name: "on of " + kind + ", left side", query: "SELECT o.id, c.id FROM customers c " + kind + " orders o ON {x} > o.status"},
		)
	}
	for _, kind := range []string{"JOIN", "LEFT JOIN", "RIGHT JOIN"} {
		out = append(out, position{name: "using of " + kind, bare: true, query: "SELECT c.id, d.id FROM customers c " + kind + " customers d USING ({x})"})
	}
	out = append(out, position{name: "second column of using", bare: true, query: "SELECT c.id, d.id FROM customers c JOIN customers d USING (id, {x})"})
	for _, kind := range []string{"NATURAL JOIN", "NATURAL LEFT JOIN", "NATURAL RIGHT JOIN"} {
		out = append(out, position{name: kind, bare: true, query: "SELECT COUNT(*) FROM (SELECT c.id, c.{x} FROM customers c) c " + kind + " customers d"})
	}
	return append(out,
		position{name: "merged column", bare: true, query: "SELECT {x} FROM customers c JOIN customers d USING ({x})"},
		position{name: "on of a join in parentheses", query: "SELECT o.id FROM orders o LEFT JOIN (customers c JOIN regions r ON c.region = r.code AND {x} > 'B') ON o.customer_id = c.id"},
		position{name: "on above a nested join", query: "SELECT o.id FROM (orders o JOIN regions r ON r.id = o.id) JOIN customers c ON {x} > r.code"},
		position{name: "where of a comma join", query: "SELECT o.id, c.id FROM orders o, customers c WHERE {x} > o.status"},
		position{name: "on of a self join", query: "SELECT c.id, d.id FROM customers c JOIN customers d ON {x} = d.name"},
		position{name: "on of STRAIGHT_JOIN", query: "SELECT o.id FROM orders o STRAIGHT_JOIN customers c ON {x} > 'B'", refused: "a hint to MySQL"},
	)
}

func groupPositions() []position {
	return []position{
		{name: "group by", query: "SELECT COUNT(*) FROM customers c GROUP BY {x}"},
		{name: "group by of a selected item", query: "SELECT {x}, COUNT(*) FROM customers c GROUP BY {x}"},
		{name: "group by expression", query: "SELECT COUNT(*) FROM customers c GROUP BY UPPER({x})"},
		{name: "group by second", query: "SELECT COUNT(*) FROM customers c GROUP BY c.region, {x}"},
		{name: "group by alias", query: "SELECT {x} AS v, COUNT(*) FROM customers c GROUP BY v"},
		{name: "group by ordinal", query: "SELECT {x}, COUNT(*) FROM customers c GROUP BY 1"},
		{name: "group by rollup", query: "SELECT {x}, COUNT(*) FROM customers c GROUP BY {x} WITH ROLLUP", dialect: rls.PostgreSQL},
		{name: "having aggregate", query: "SELECT c.region FROM customers c GROUP BY c.region HAVING MAX({x}) > 'B'"},
		{name: "having of the group", query: "SELECT COUNT(*) FROM customers c GROUP BY {x} HAVING {x} > 'B'"},
		{name: "having alias", query: "SELECT MAX({x}) AS v FROM customers c GROUP BY c.region HAVING v > 'B'"},
		{name: "having without group by", query: "SELECT COUNT(*) FROM customers c HAVING MIN({x}) < 'B'"},
		{name: "having subquery", query: "SELECT o.status FROM orders o GROUP BY o.status HAVING COUNT(*) <= (SELECT COUNT({x}) FROM customers c)"},
		{name: "sum grouped by it", query: "SELECT {x} AS v, SUM(o.amount) FROM orders o JOIN customers c ON o.customer_id = c.id GROUP BY v"},
	}
}

func orderPositions() []position {
	return []position{
		{name: "order by", query: "SELECT c.id FROM customers c ORDER BY {x}, c.id"},
		{name: "order by desc", query: "SELECT c.id FROM customers c ORDER BY {x} DESC, c.id"},
		{name: "order by expression", query: "SELECT c.id FROM customers c ORDER BY CHAR_LENGTH({x}) + 1, c.id"},
		{name: "order by case", query: "SELECT c.id FROM customers c ORDER BY CASE WHEN {x} > 'B' THEN 0 ELSE 1 END, c.id"},
		{name: "order by with limit", query: "SELECT c.id FROM customers c ORDER BY {x} DESC, c.id LIMIT 1"},
		{name: "order by alias", query: "SELECT {x} AS v FROM customers c ORDER BY v"},
		{name: "order by ordinal", query: "SELECT {x} FROM customers c ORDER BY 1"},
		{name: "order by after distinct", query: "SELECT DISTINCT {x} AS v FROM customers c ORDER BY v DESC"},
		{name: "order by not selected after distinct", query: "SELECT DISTINCT c.region FROM customers c ORDER BY {x}"},
		{name: "order by aggregate", query: "SELECT c.region FROM customers c GROUP BY c.region ORDER BY MAX({x})"},
		{name: "order by in a subquery", query: "SELECT d.id FROM (SELECT c.id FROM customers c ORDER BY {x} DESC, c.id LIMIT 1) d"},
	}
}

func windowPositions() []position {
	return []position{
		{name: "window partition", query: "SELECT c.id, COUNT(*) OVER (PARTITION BY {x}) FROM customers c"},
		{name: "window order", query: "SELECT c.id, ROW_NUMBER() OVER (ORDER BY {x}, c.id) FROM customers c"},
		{name: "window order desc", query: "SELECT c.id, DENSE_RANK() OVER (ORDER BY {x} DESC) FROM customers c"},
		{name: "window partition expression", query: "SELECT c.id, COUNT(*) OVER (PARTITION BY {x} > 'B' ORDER BY c.id) FROM customers c"},
		{name: "window aggregate argument", query: "SELECT c.id, MAX({x}) OVER (ORDER BY c.id) FROM customers c"},
		{name: "window with frame", query: "SELECT c.id, COUNT({x}) OVER (ORDER BY {x} ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM customers c"},
		{name: "window frame bound", query: "SELECT c.id, COUNT(*) OVER (ORDER BY c.id ROWS CHAR_LENGTH({x}) PRECEDING) FROM customers c", refused: "a frame's distance is a constant"},
		{name: "named window partition", query: "SELECT c.id, COUNT(*) OVER w FROM customers c WINDOW w AS (PARTITION BY {x})"},
		{name: "named window order", query: "SELECT c.id, RANK() OVER w FROM customers c WINDOW w AS (ORDER BY {x})"},
		{name: "named window extended", query: "SELECT c.id, COUNT(*) OVER (w ORDER BY {x}) FROM customers c WINDOW w AS (PARTITION BY c.region)"},
		{name: "named window never used", query: "SELECT c.id FROM customers c WINDOW w AS (ORDER BY {x})"},
		{name: "lag argument", query: "SELECT c.id, LAG({x}) OVER (ORDER BY c.id) FROM customers c"},
		{name: "lag default", query: "SELECT c.id, LAG(c.region, 1, {x}) OVER (ORDER BY c.id) FROM customers c"},
		{name: "lead argument", query: "SELECT c.id, LEAD({x}, 1) OVER (ORDER BY c.id) FROM customers c"},
		{name: "first_value", query: "SELECT c.id, FIRST_VALUE({x}) OVER (ORDER BY c.id) FROM customers c"},
		{name: "last_value", query: "SELECT c.id, LAST_VALUE({x}) OVER (ORDER BY c.id) FROM customers c"},
		{name: "nth_value", query: "SELECT c.id, NTH_VALUE({x}, 2) OVER (ORDER BY c.id) FROM customers c"},
		{name: "window in order by", query: "SELECT c.id FROM customers c ORDER BY RANK() OVER (ORDER BY {x}), c.id"},
		{name: "window over groups", query: "SELECT c.region, RANK() OVER (ORDER BY MAX({x})) FROM customers c GROUP BY c.region"},
	}
}

func nestedPositions() []position {
	return []position{
		{name: "derived table, item", query: "SELECT d.v FROM (SELECT {x} AS v FROM customers c) d"},
		{name: "derived table, item through *", query: "SELECT * FROM (SELECT {x} AS v FROM customers c) d"},
		{name: "derived table, where", query: "SELECT d.id FROM (SELECT c.id FROM customers c WHERE {x} > 'B') d"},
		{name: "derived table, where outside", query: "SELECT d.id FROM (SELECT c.id, {x} AS v FROM customers c) d WHERE d.v > 'B'"},
		{name: "derived table, column list", query: "SELECT d.v FROM (SELECT c.id, {x} FROM customers c) d(k, v)"},
		{name: "derived table, name of its column", bare: true, query: "SELECT c.{x} FROM (SELECT * FROM customers) c"},
		{name: "derived table in derived table", query: "SELECT e.w FROM (SELECT d.v AS w FROM (SELECT {x} AS v FROM customers c) d) e"},
		{name: "derived table, group by", query: "SELECT d.n FROM (SELECT COUNT(*) AS n FROM customers c GROUP BY {x}) d"},
		{name: "derived table in a join", query: "SELECT o.id, d.v FROM orders o JOIN (SELECT c.id, {x} AS v FROM customers c) d ON d.id = o.customer_id"},
		{name: "derived table, never read", query: "SELECT d.id FROM (SELECT c.id, {x} AS v FROM customers c) d"},
		{name: "CTE, item", query: "WITH d AS (SELECT {x} AS v FROM customers c) SELECT v FROM d"},
		{name: "CTE, item through *", query: "WITH d AS (SELECT c.id, {x} AS v FROM customers c) SELECT * FROM d"},
		{name: "CTE, where", query: "WITH d AS (SELECT c.id FROM customers c WHERE {x} > 'B') SELECT id FROM d"},
		{name: "CTE, column list", query: "WITH d(k, v) AS (SELECT c.id, {x} FROM customers c) SELECT v FROM d WHERE v > 'A'"},
		{name: "CTE, name of its column", bare: true, query: "WITH c AS (SELECT * FROM customers) SELECT c.{x} FROM c"},
		{name: "CTE, never used", query: "WITH d AS (SELECT {x} AS v FROM customers c) SELECT o.id FROM orders o"},
		{name: "CTE, used twice", query: "WITH d AS (SELECT c.id, {x} AS v FROM customers c) SELECT a.id, b.id FROM d a JOIN d b ON a.v = b.v"},
		{name: "CTE in CTE", query: "WITH e AS (WITH d AS (SELECT {x} AS v FROM customers c) SELECT v FROM d) SELECT v FROM e"},
		{name: "CTE of a CTE", query: "WITH d AS (SELECT {x} AS v FROM customers c), e AS (SELECT MAX(v) AS m FROM d) SELECT m FROM e"},
		{name: "CTE in a derived table", query: "SELECT e.v FROM (WITH d AS (SELECT {x} AS v FROM customers c) SELECT v FROM d) e"},
		{name: "beside a CTE", query: "WITH d AS (SELECT r.id FROM regions r) SELECT {x} FROM customers c JOIN d ON d.id = c.id"},
		{name: "recursive CTE, first arm", query: "WITH RECURSIVE t(n, v) AS (SELECT 1, {x} FROM customers c UNION ALL SELECT t.n + 1, t.v FROM t WHERE t.n < 3) SELECT n, v FROM t"},
		{name: "recursive CTE, recursive arm", query: "WITH RECURSIVE t(n, v) AS (SELECT 0, '-' UNION ALL SELECT t.n + 1, {x} FROM t JOIN customers c ON c.id = t.n + 1 WHERE t.n < 3) SELECT n, v FROM t"},
		{name: "recursive CTE, condition", query: "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT t.n + 1 FROM t JOIN customers c ON c.id = 1 AND {x} > 'A' WHERE t.n < 3) SELECT n FROM t"},
		{name: "values in a derived table", query: "SELECT (SELECT v.column_0 FROM (VALUES ROW({x}), ROW('z')) v LIMIT 1) FROM customers c"},
		{name: "values", query: "VALUES ROW(1, (SELECT MAX({x}) FROM customers c)), ROW(2, 'z')"},
	}
}

func setPositions() []position {
	var out []position
	for _, op := range []string{"UNION", "UNION ALL", "UNION DISTINCT", "INTERSECT", "EXCEPT"} {
		out = append(out,
			position{name: "left arm of " + op, query: "SELECT {x} FROM customers c " + op + " SELECT d.name FROM customers d WHERE d.id = 1"},
			position{name: "right arm of " + op, query: "SELECT d.name FROM customers d " + op + " SELECT {x} FROM customers c"},
		)
	}
	return append(out,
		position{name: "third arm", query: "SELECT r.code FROM regions r UNION SELECT d.name FROM customers d UNION ALL SELECT {x} FROM customers c"},
		position{name: "arm in parentheses", query: "SELECT r.code FROM regions r UNION (SELECT {x} FROM customers c UNION ALL SELECT 'z')"},
		position{name: "arm with order and limit", query: "(SELECT c.id FROM customers c ORDER BY {x} DESC, c.id LIMIT 1) UNION ALL (SELECT r.id FROM regions r)"},
		position{name: "where of an arm", query: "SELECT r.id FROM regions r UNION ALL SELECT c.id FROM customers c WHERE {x} > 'B'"},
		position{name: "arm in a derived table", query: "SELECT d.v FROM (SELECT r.code AS v FROM regions r UNION SELECT {x} FROM customers c) d"},
		position{name: "arm of an in subquery", query: "SELECT o.id FROM orders o WHERE 'Bob' IN (SELECT r.name FROM regions r UNION SELECT {x} FROM customers c)"},
		position{name: "order by output column", bare: true, query: "SELECT c.{x} FROM customers c UNION SELECT d.code FROM regions d ORDER BY {x}"},
		position{name: "order by after a set operation", query: "SELECT c.id FROM customers c UNION SELECT r.id FROM regions r ORDER BY {x}", refused: "only output columns can be named there"},
	)
}

func limitPositions() []position {
	return []position{
		{name: "limit", query: "SELECT c.id FROM customers c LIMIT {x}", refused: "LIMIT is a number"},
		{name: "limit expression", query: "SELECT c.id FROM customers c LIMIT CHAR_LENGTH({x})", refused: "LIMIT is a number"},
		{name: "offset", query: "SELECT c.id FROM customers c LIMIT 1 OFFSET {x}", refused: "OFFSET is a number"},
		{name: "offset before the comma", query: "SELECT c.id FROM customers c LIMIT {x}, 1", refused: "OFFSET is a number"},
	}
}

// dialects are the flavours in which every refusal must be the same.
func dialects() []rls.Dialect {
	return []rls.Dialect{rls.SQLite, rls.PostgreSQL, rls.MySQL, rls.MariaDB}
}

// asker is the fixture's member of acme before an enforcer.
type asker struct {
	dialect rls.Dialect
	e       *rls.Enforcer
	s       session.Session
}

func (a asker) enforce(query string, args ...any) (*rls.Statement, error) {
	return a.e.Enforce(context.Background(), a.s, query, args...)
}

// askers makes the fixture's enforcer for each dialect.
func askers(t *testing.T) []asker {
	t.Helper()
	set, out := loadSet(t, "model.yaml", "policy.yaml"), []asker(nil)
	for _, d := range dialects() {
		e, err := rls.New(rls.Config{Policies: set, Dialect: d})
		require.NoError(t, err)
		out = append(out, asker{d, e, newSession(t, set, map[string]any{"organization_id": "acme"})})
	}
	return out
}

// TestThreat_Positions puts into every position a hidden field, a table that
// isn't modelled, a masked field, another tenant's key and a visible field.
// It guards resolve.(*resolver).name and tableName, and secure.(*View).fill.
func TestThreat_Positions(t *testing.T) {
	f, everywhere := newThreats(t), askers(t)
	require.GreaterOrEqual(t, len(positions()), 150)
	seen := map[string]bool{}
	for _, p := range positions() {
		require.False(t, seen[p.name], "twice: %s", p.name)
		seen[p.name] = true
		t.Run(p.name, func(t *testing.T) {
			for _, a := range everywhere {
				a.looksMissing(t, p)
			}
			if p.refused != "" {
				_, err := f.shared.Enforce(t.Context(), f.acme, p.with(p.field("name")))
				requireTyped(t, err)
				return
			}
			for name, x := range p.accepted() {
				if p.dialect == (rls.Dialect{}) {
					f.accepts(t, p.with(x), name)
				} else {
					only(t, everywhere, p.dialect).accepts(t, p.with(x), name)
				}
			}
		})
	}
}

// field is a field of customers as the position wants it written.
func (p position) field(name string) string {
	if p.bare {
		return name
	}
	return "c." + name
}

// accepted lists by name what may stand in the position.
func (p position) accepted() map[string]string {
	if p.bare {
		return map[string]string{"visible": "name", "masked": "ssn", "tenant's key": "organization_id"}
	}
	return map[string]string{
		"visible": "c.name", "masked": "c.ssn", "mask beside a constant": "COALESCE(NULLIF(c.ssn, '111-11'), '-')",
		"tenant's key":  "c.organization_id",
		"other's key":   "(CASE WHEN c.organization_id = 'evil' THEN c.name ELSE c.region END)",
		"other's rows":  "(SELECT MAX(z.note) FROM orders z WHERE z.organization_id <> 'acme' OR z.organization_id IS NULL)",
		"every tenant":  "(SELECT CONCAT(MIN(z.name), MAX(z.ssn), COUNT(*)) FROM customers z)",
		"other's order": "(SELECT z.name FROM customers z ORDER BY z.organization_id DESC, z.id LIMIT 1)",
	}
}

// accepts wants a query to be accepted and to answer as the twin does.
func (f *threats) accepts(t *testing.T, query, why string) {
	t.Helper()
	got, st, err := ask(f.full, f.shared, f.acme, query)
	noCanary(t, got, err)
	require.NoError(t, err, "%s: %s", why, query)
	f.requireTwin(t, query, got, st, err)
}

// accepts wants a query to be accepted in a dialect.
func (a asker) accepts(t *testing.T, query, why string) {
	t.Helper()
	_, err := a.enforce(query)
	require.NoError(t, err, "%s: %s", why, query)
}

func only(t *testing.T, all []asker, d rls.Dialect) asker {
	t.Helper()
	i := slices.IndexFunc(all, func(a asker) bool { return a.dialect == d })
	require.GreaterOrEqual(t, i, 0)
	return all[i]
}

// Pairs of names of the same length: one of something that is there but not
// for the caller, and one of nothing.
var (
	hiddenFields     = [][2]string{{"email", "nosuc"}, {"EMAIL", "NOSUC"}, {"`email`", "`nosuc`"}}
	unmodelledTables = [][2]string{{"secrets", "missing"}, {"sqlite_schema", "nothing_there"}, {"pg_class", "pg_clasp"}}
)

// looksMissing wants what the caller can't see to be refused with exactly the
// error of what isn't there.
func (a asker) looksMissing(t *testing.T, p position) {
	t.Helper()
	for _, pair := range hiddenFields {
		a.sameRefusal(t, p, p.with(p.field(pair[0])), p.with(p.field(pair[1])), pair)
		a.sameRefusal(t, p, p.with(pair[0]), p.with(pair[1]), pair)
	}
	for _, pair := range unmodelledTables {
		var hidden, missing string
		if p.bare {
			table := p.with("name")
			hidden, missing = strings.Replace(table, "customers", pair[0], 1), strings.Replace(table, "customers", pair[1], 1)
		} else {
			hidden, missing = p.with("(SELECT MAX(s.id) FROM "+pair[0]+" s)"), p.with("(SELECT MAX(s.id) FROM "+pair[1]+" s)")
		}
		a.sameRefusal(t, p, hidden, missing, pair)
	}
}

func (a asker) sameRefusal(t *testing.T, p position, hidden, missing string, pair [2]string) {
	t.Helper()
	x, y := a.refusal(t, hidden), a.refusal(t, missing)
	as := strings.NewReplacer(strings.Trim(pair[1], "`"), strings.Trim(pair[0], "`"), strings.ToLower(pair[1]), strings.ToLower(pair[0]))
	require.Equal(t, as.Replace(y.Detail()), x.Detail(), hidden)
	if p.refused == "" {
		require.ErrorIs(t, x, rls.ErrUnknownName, hidden)
	}
	for _, sentinel := range []error{rls.ErrDenied, rls.ErrUnsupported, rls.ErrSyntax, rls.ErrUnknownName} {
		require.Equal(t, errors.Is(y, sentinel), errors.Is(x, sentinel), hidden)
	}
}

// refusal wants a query to be refused.
func (a asker) refusal(t *testing.T, query string) *rls.Error {
	t.Helper()
	st, err := a.enforce(query)
	require.Error(t, err, "accepted: %s", query)
	require.Nil(t, st)
	requireTyped(t, err)
	var typed *rls.Error
	require.ErrorAs(t, err, &typed, query)
	return typed
}

// TestThreat_FunctionArguments does the same to every argument of every
// function of the closed list. Some functions want a constant in some place; they
// then refuse all fields alike.
func TestThreat_FunctionArguments(t *testing.T) {
	f := newThreats(t)
	names, others := function.Names()
	accepted := 0
	for _, name := range append(names, others...) {
		fn, ok := function.Lookup(name)
		require.True(t, ok)
		most := fn.Max
		if most < 0 {
			most = 3
		}
		for arg := range most {
			p := position{name: name, query: functionCall(name, fn, arg), refused: "some arguments are constants"}
			asker{e: f.shared, s: f.acme}.sameRefusal(t, p, p.with("c.email"), p.with("c.nosuc"), hiddenFields[0])
			for _, x := range p.accepted() {
				got, st, err := ask(f.full, f.shared, f.acme, p.with(x))
				noCanary(t, got, err)
				if st == nil {
					requireTyped(t, err)
					continue
				}
				accepted++
				f.requireTwin(t, p.with(x), got, st, err)
			}
		}
	}
	assert.Greater(t, accepted, 500)
}

// functionCall writes a call with {x} in one argument and constants in the others.
func functionCall(name string, fn *function.Func, arg int) string {
	args := make([]string, max(fn.Min, arg+1))
	for i := range args {
		args[i] = "2"
	}
	args[arg] = "{x}"
	call := fmt.Sprintf("%s(%s)", name, strings.Join(args, ", "))
	if name == "timestampdiff" {
		call = fmt.Sprintf("%s(DAY, %s)", name, strings.Join(args, ", "))
	}
	if fn.Kind == function.Window {
		call += " OVER (ORDER BY c.id)"
	}
	return "SELECT " + call + " FROM customers c"
}
