package rls_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// growing is a family of queries that grows with n.
type growing struct {
	name string
	of   func(n int) string
}

// boundsShapes are families of queries in which something could grow faster
// than the text does, and the calls that stand in one another.
func boundsShapes() (plain, nested []growing) {
	r := strings.Repeat
	plain = []growing{
		{"rollup sums", func(n int) string {
			return "SELECT COUNT(*) FROM orders GROUP BY id" + numbered(", id + %d", n) + " WITH ROLLUP"
		}},
		{"rollup deep item", func(n int) string {
			return "SELECT " + r("ABS(", min(n, 240)) + "id" + r(")", min(n, 240)) + ", COUNT(*) FROM orders GROUP BY id" + numbered(", id + %d", n) + " WITH ROLLUP"
		}},
		{"rollup deep group", func(n int) string {
			return "SELECT COUNT(*) FROM orders GROUP BY " + r("ABS(", min(n, 240)) + "id" + r(")", min(n, 240)) + numbered(", id + %d", n) + " WITH ROLLUP"
		}},
		{"rollup deep having", func(n int) string {
			deep := r("ABS(", min(n, 240)) + "id" + r(")", min(n, 240))
			return "SELECT " + deep + ", COUNT(*) FROM orders GROUP BY " + deep + numbered(", id + %d", n) + " WITH ROLLUP HAVING COUNT(*) > 1" + r(" OR "+deep+" > 1", n/10)
		}},
		{"rollup items", func(n int) string {
			return "SELECT id" + numbered(", id + %d", n) + " FROM orders GROUP BY id, customer_id WITH ROLLUP"
		}},
		{"rollup ordinals", func(n int) string {
			return "SELECT id" + numbered(", id + %d", n) + " FROM orders GROUP BY 1" + numbered(", %d", n) + " WITH ROLLUP"
		}},
		{"rollup in rollups", func(n int) string {
			deep := min(n, 60)
			return r("SELECT COUNT(*) AS id, COUNT(*) AS c FROM (", deep) + "SELECT id, id AS c FROM orders" + r(") o GROUP BY id, id + c WITH ROLLUP", deep)
		}},
		{"unions", func(n int) string { return "SELECT id FROM orders" + r(" UNION SELECT id FROM orders", n) }},
		{"mixed unions", func(n int) string { return "SELECT id FROM orders" + r(" UNION SELECT 1 EXCEPT SELECT 2", n) }},
		{"intersects", func(n int) string { return "SELECT id FROM orders" + r(" INTERSECT SELECT id FROM orders", n) }},
		{"wide unions", func(n int) string { return "SELECT * FROM wide" + r(" UNION ALL SELECT * FROM wide", n) }},
		{"unions of constants", func(n int) string { return "SELECT 1 AS a" + r(" UNION ALL SELECT 1", n) }},
		{"recursive arms", func(n int) string {
			return "WITH RECURSIVE c AS (SELECT 1 AS a" + r(" UNION ALL SELECT a + 1 FROM c WHERE a < 3", n) + ") SELECT * FROM c"
		}},
		{"recursive ctes", func(n int) string {
			return "WITH RECURSIVE c0 AS (SELECT 1 AS a)" + chained(", c%[1]d AS (SELECT a FROM c%[2]d UNION ALL SELECT a + 1 FROM c%[1]d WHERE a < 3)", n) + " SELECT * FROM c0"
		}},
		{"arms of stars", func(n int) string {
			return "WITH RECURSIVE c AS (SELECT * FROM wide" + r(" UNION ALL SELECT * FROM c", n) + ") SELECT * FROM c"
		}},
		{"joins", func(n int) string {
			return "SELECT o.id FROM orders o" + numbered(" JOIN orders o%d ON o%[1]d.id = o.id", n)
		}},
		{"left joins", func(n int) string {
			return "SELECT o.id FROM orders o" + numbered(" LEFT JOIN orders o%d ON o%[1]d.id = o.id", n)
		}},
		{"joins, bare names", func(n int) string {
			return "SELECT region FROM customers c" + numbered(" JOIN nums n%d ON region = n%[1]d.n", n)
		}},
		{"joins using", func(n int) string {
			return "SELECT o.amount FROM orders o" + numbered(" JOIN orders o%d USING (id)", n)
		}},
		{"joins using, bare", func(n int) string {
			return "SELECT id FROM orders o" + numbered(" JOIN customers o%d USING (id)", n)
		}},
		{"right joins using", func(n int) string {
			return "SELECT id FROM orders o" + numbered(" RIGHT JOIN customers o%d USING (id)", n)
		}},
		{"joins using, stars", func(n int) string {
			return "SELECT * FROM orders o" + numbered(" JOIN orders o%d USING (id)", n)
		}},
		{"natural joins", func(n int) string { return "SELECT 1 FROM orders o" + numbered(" NATURAL JOIN orders o%d", n) }},
		{"natural joins, star", func(n int) string { return "SELECT * FROM orders o" + numbered(" NATURAL JOIN orders o%d", n) }},
		{"natural joins of one", func(n int) string { return "SELECT * FROM nums o" + numbered(" NATURAL JOIN nums o%d", n) }},
		{"natural joins, disjoint", func(n int) string {
			return "SELECT * FROM nums o" + numbered(" NATURAL JOIN (SELECT 1 AS a%d) o%[1]d", n)
		}},
		{"natural joins of wide", func(n int) string { return "SELECT * FROM wide o" + numbered(" NATURAL JOIN wide o%d", n) }},
		{"nested natural joins", func(n int) string {
			deep := min(n, 120)
			return "SELECT * FROM " + r("(nums NATURAL JOIN ", deep) + "nums x" + r(")", deep)
		}},
		{"comma joins", func(n int) string { return "SELECT o.id FROM orders o" + numbered(", orders o%d", n) }},
		{"comma joins, names", func(n int) string {
			return "SELECT o.id" + r(", o.id", n) + " FROM orders o" + numbered(", orders o%d", n)
		}},
		{"comma joins, stars", func(n int) string {
			return "SELECT *" + r(", o.*", n) + " FROM nums o" + numbered(", nums o%d", n)
		}},
		{"comma joins, counts", func(n int) string {
			return "SELECT COUNT(o.id)" + r(", COUNT(o.id)", n) + " FROM orders o" + numbered(", orders o%d", n)
		}},
		{"comma joins, last name", func(n int) string {
			return "SELECT 1 FROM orders o" + numbered(", orders o%d", n) + " WHERE o.id = 1" + r(fmt.Sprintf(" OR o%d.id = 1", n), n)
		}},
		{"risky subqueries", func(n int) string {
			return "SELECT id FROM orders WHERE 1 = 1" + r(" AND (SELECT id FROM customers) = 1", n)
		}},
		{"risky conditions", func(n int) string {
			return "SELECT o.id FROM orders o" + numbered(", orders o%d", n/4) + " WHERE 1 = 1" + r(" AND o.amount / o.id > 1", n)
		}},
		{"risky exists", func(n int) string {
			return "SELECT id FROM orders o WHERE 1 = 1" + r(" AND EXISTS (SELECT 1 FROM customers c WHERE c.id / o.id > 1)", n)
		}},
		{"risky over ctes", func(n int) string {
			return "WITH c0 AS (SELECT id FROM orders)" + chained(", c%d AS (SELECT id + 1 AS id FROM c%d)", n) + fmt.Sprintf(" SELECT id FROM c%d WHERE 1 = 1", n) + r(" AND 1 / id > 0", n)
		}},
		{"scalar subqueries", func(n int) string {
			return "SELECT 1" + r(", (SELECT COUNT(*) FROM orders)", n)
		}},
		{"correlated subqueries", func(n int) string {
			return "SELECT 1" + r(", (SELECT COUNT(*) FROM orders o WHERE o.id = c.id)", n) + " FROM customers c"
		}},
		{"in subqueries", func(n int) string {
			return "SELECT id FROM orders WHERE 1 = 0" + r(" OR id IN (SELECT id FROM customers)", n)
		}},
		{"any subqueries", func(n int) string {
			return "SELECT id FROM orders WHERE 1 = 0" + r(" OR id > ANY (SELECT id FROM customers)", n)
		}},
		{"deep correlated", func(n int) string {
			deep := min(n, 240)
			return r("SELECT id FROM orders WHERE id IN (", deep) + "SELECT 1" + r(")", deep)
		}},
		{"deep correlated, outer name", func(n int) string {
			deep := min(n, 120)
			return "SELECT 1 FROM customers top WHERE EXISTS (" + r("SELECT id FROM orders WHERE EXISTS (", deep) + "SELECT 1" + r(" + region", n) + r(")", deep) + ")"
		}},
		{"deep any", func(n int) string {
			deep := min(n, 120)
			return "SELECT 1 FROM orders WHERE id " + r("> ANY (SELECT id FROM orders WHERE id ", deep) + "> 1" + r(")", deep)
		}},
		{"deep scalar subqueries", func(n int) string {
			deep := min(n, 240)
			return r("SELECT (", deep) + "SELECT 1" + r(" FROM orders LIMIT 1)", deep)
		}},
		{"deep derived tables", func(n int) string {
			deep := min(n, 240)
			return r("SELECT * FROM (", deep) + "SELECT * FROM wide" + r(") x", deep)
		}},
		{"deep derived, columns", func(n int) string {
			deep := min(n, 240)
			cols := "a" + numbered(", a%d", n)
			return r("SELECT "+cols+" FROM (", min(deep, 20)) + "SELECT 1 AS a" + numbered(", 1 AS a%d", n) + r(") x", min(deep, 20))
		}},
		{"deep ctes", func(n int) string {
			deep := min(n, 240)
			return r("WITH c AS (", deep) + "SELECT id FROM orders" + r(") SELECT * FROM c", deep)
		}},
		{"ctes", func(n int) string {
			return "WITH c0 AS (SELECT 1 AS a)" + numbered(", c%d AS (SELECT a FROM c0)", n) + " SELECT * FROM c0"
		}},
		{"ctes of datasets", func(n int) string {
			return "WITH c0 AS (SELECT id FROM orders)" + numbered(", c%d AS (SELECT id FROM orders WHERE id > 1)", n) + " SELECT * FROM c0"
		}},
		{"chain of ctes", func(n int) string {
			return "WITH c0 AS (SELECT 1 AS a)" + chained(", c%d AS (SELECT * FROM c%d)", n) + fmt.Sprintf(" SELECT * FROM c%d", n)
		}},
		{"chain of wide ctes", func(n int) string {
			return "WITH c0 AS (SELECT * FROM wide)" + chained(", c%d AS (SELECT * FROM c%d)", n) + fmt.Sprintf(" SELECT * FROM c%d", n)
		}},
		{"doubling ctes", func(n int) string {
			return "WITH c0 AS (SELECT id FROM orders)" + chained(", c%d AS (SELECT x.id FROM c%d x, c%[2]d y)", n) + fmt.Sprintf(" SELECT * FROM c%d", n)
		}},
		{"doubling stars", func(n int) string {
			return "WITH c0 AS (SELECT * FROM orders)" + chained(", c%d AS (SELECT x.*, y.* FROM c%d x, c%[2]d y)", min(n, 40)) + " SELECT COUNT(*) FROM c0"
		}},
		{"cte names", func(n int) string {
			return "WITH c0 AS (SELECT 1 AS a)" + numbered(", `a b%d` AS (SELECT 1 AS a)", n) + " SELECT * FROM c0"
		}},
		{"cte references", func(n int) string {
			return "WITH c0 AS (SELECT 1 AS a)" + numbered(", c%d AS (SELECT 1 AS a)", n) + " SELECT 1 FROM c0" + numbered(", c0 x%d", n)
		}},
		{"values", func(n int) string { return "SELECT * FROM (VALUES ROW(1)" + r(", ROW(1)", n) + ") v" }},
		{"wide values", func(n int) string {
			return "SELECT * FROM (VALUES ROW(1" + r(", 1", n) + "), ROW(1" + r(", 2", n) + ")) v"
		}},
		{"values of text", func(n int) string { return "SELECT * FROM (VALUES ROW('a')" + r(", ROW('b')", n) + ") v" }},
		{"many values", func(n int) string {
			return "SELECT 1" + numbered(", (SELECT column_0 FROM (VALUES ROW(1)) v%d)", n)
		}},
		{"in list", func(n int) string { return "SELECT id FROM orders WHERE id IN (1" + numbered(", %d", n-1) + ")" }},
		{"in list of text", func(n int) string {
			return "SELECT id FROM orders WHERE note IN ('a'" + numbered(", 'v%d'", n-1) + ")"
		}},
		{"in list of moments", func(n int) string {
			return "SELECT id FROM orders WHERE ts IN ('2024-01-01'" + r(", '2024-01-02 03:04:05'", n-1) + ")"
		}},
		{"in lists", func(n int) string { return "SELECT id FROM orders WHERE 1 = 0" + r(" OR id IN (1, 2, 3)", n) }},
		{"in list of rows", func(n int) string {
			return "SELECT id FROM orders WHERE (id, amount) IN ((1, 1)" + r(", (1, 2)", n-1) + ")"
		}},
		{"in list of expressions", func(n int) string {
			return "SELECT id FROM orders WHERE id IN (1" + numbered(", id + %d", n-1) + ")"
		}},
		{"in list after a deep one", func(n int) string {
			deep := min(n, 200)
			return "SELECT id FROM orders WHERE " + r("ABS(", deep) + "id" + r(")", deep) + " IN (1" + numbered(", %d", n) + ")"
		}},
		{"order by names", func(n int) string {
			return "SELECT 1 AS c0" + numbered(", 1 AS c%d", n) + " ORDER BY c0" + numbered(", c%d", n)
		}},
		{"order by expressions", func(n int) string {
			return "SELECT id FROM orders ORDER BY id" + numbered(", id + %d", n)
		}},
		{"order by one name", func(n int) string {
			return "SELECT 1 AS c0" + numbered(", 1 AS c%d", n) + " ORDER BY c0" + r(fmt.Sprintf(", c%d", n), n)
		}},
		{"group by names", func(n int) string {
			return "SELECT 1 AS c0" + numbered(", id + %d AS c%[1]d", n) + " FROM orders GROUP BY c1" + numbered(", c%d", n)
		}},
		{"group by expressions", func(n int) string {
			return "SELECT COUNT(*) FROM orders GROUP BY id" + numbered(", id + %d", n)
		}},
		{"group by both", func(n int) string {
			return "SELECT id" + numbered(", id + %d", n) + " FROM orders GROUP BY id" + numbered(", id + %d", n)
		}},
		{"grouped deep", func(n int) string {
			deep := min(n, 200)
			e := r("ABS(", deep) + "id" + r(")", deep)
			return "SELECT " + e + r(", "+e, n/10) + " FROM orders GROUP BY " + e
		}},
		{"having aliases", func(n int) string {
			return "SELECT id" + numbered(", id + %d AS a%[1]d", n) + " FROM orders GROUP BY id HAVING 1 = 1" + numbered(" AND a%d > 1", n)
		}},
		{"long alias", func(n int) string {
			return "SELECT 1" + r("+1", n) + " AS a FROM orders HAVING a > 0" + r(" OR a > 0", n)
		}},
		{"nested aliases", func(n int) string { return nestedAliases(min(n, 80)) }},
		{"aliases of aliases", func(n int) string {
			return "SELECT 1 AS a FROM orders HAVING (SELECT a" + r(" + a", n) + " AS b FROM orders HAVING b" + r(" + b", n) + " > 0 LIMIT 1) > 0"
		}},
		{"windows", func(n int) string {
			return "SELECT 1 FROM orders WINDOW w0 AS ()" + numbered(", w%d AS ()", n)
		}},
		{"windows that extend", func(n int) string {
			return "SELECT ROW_NUMBER() OVER w0 FROM orders WINDOW w0 AS (PARTITION BY id)" + chained(", w%d AS (w%d)", n)
		}},
		{"windows in reverse", func(n int) string {
			return "SELECT ROW_NUMBER() OVER w1 FROM orders WINDOW w0 AS ()" + numbered(", w%d AS (w0 ORDER BY id)", n)
		}},
		{"overs", func(n int) string {
			return "SELECT 1" + r(", ROW_NUMBER() OVER (PARTITION BY id ORDER BY amount ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)", n) + " FROM orders"
		}},
		{"overs of names", func(n int) string {
			return "SELECT 1" + numbered(", SUM(id) OVER w%d", n) + " FROM orders WINDOW w0 AS ()" + numbered(", w%d AS (ORDER BY id)", n)
		}},
		{"wide overs", func(n int) string {
			return "SELECT SUM(id) OVER (PARTITION BY id" + r(", amount", n) + " ORDER BY id" + r(", note", n) + ") FROM orders"
		}},
		{"ands", func(n int) string { return "SELECT id FROM orders WHERE id > 0" + r(" AND id > 1", n) }},
		{"ors", func(n int) string { return "SELECT id FROM orders WHERE id > 0" + r(" OR id > 1", n) }},
		{"xors", func(n int) string { return "SELECT id FROM orders WHERE id > 0" + r(" XOR id > 1", n) }},
		{"mixed chain", func(n int) string { return "SELECT id FROM orders WHERE id > 0" + r(" AND id > 1 OR id > 2", n) }},
		{"numbers as conditions", func(n int) string { return "SELECT id FROM orders WHERE id" + r(" or id", n) }},
		{"sums", func(n int) string { return "SELECT id" + r("+id", n) + " FROM orders" }},
		{"sums of constants", func(n int) string { return "SELECT 1" + r("+1", n) }},
		{"sums of texts", func(n int) string { return "SELECT amount" + r("*price", n) + " FROM orders" }},
		{"deep sums", func(n int) string {
			deep := min(n, 240)
			return "SELECT " + r("(", deep) + "id" + r("+1)", deep) + r(", id + 1", n) + " FROM orders"
		}},
		{"deep divisions", func(n int) string {
			deep := min(n, 240)
			return "SELECT " + r("(", deep) + "id" + r(" DIV 2)", deep) + " FROM orders"
		}},
		{"divisions", func(n int) string { return "SELECT id" + r(" DIV 2", n) + " FROM orders" }},
		{"slashes", func(n int) string { return "SELECT id" + r(" / 2", n) + " FROM orders" }},
		{"modulos", func(n int) string { return "SELECT id" + r(" % 7", n) + " FROM orders" }},
		{"bits", func(n int) string { return "SELECT id" + r(" | 7", n) + " FROM orders" }},
		{"shifts", func(n int) string { return "SELECT id" + r(" << 1", n) + " FROM orders" }},
		{"minus", func(n int) string { return "SELECT " + r("- ", min(n, 250)) + "id FROM orders" }},
		{"not", func(n int) string { return "SELECT id FROM orders WHERE " + r("NOT ", min(n, 250)) + "id = 1" }},
		{"is null", func(n int) string { return "SELECT id" + r(" IS NULL", n) + " FROM orders" }},
		{"is true", func(n int) string { return "SELECT id" + r(" IS TRUE", n) + " FROM orders" }},
		{"comparisons", func(n int) string { return "SELECT id" + r(" = 1", n) + " FROM orders" }},
		{"null-safe comparisons", func(n int) string { return "SELECT id" + r(" <=> 1", n) + " FROM orders" }},
		{"betweens", func(n int) string {
			return "SELECT id FROM orders WHERE id BETWEEN 1 AND 2" + r(" OR id BETWEEN 1 AND id", n)
		}},
		{"likes", func(n int) string { return "SELECT id FROM orders WHERE note LIKE 'a'" + r(" OR note LIKE 'b%'", n) }},
		{"long like", func(n int) string { return "SELECT id FROM orders WHERE note LIKE '" + r("%a_", n) + "'" }},
		{"case", func(n int) string {
			return "SELECT CASE" + numbered(" WHEN id = %d THEN 'a'", n) + " ELSE 'b' END FROM orders"
		}},
		{"case with operand", func(n int) string {
			return "SELECT CASE id" + numbered(" WHEN %d THEN 'a'", n) + " ELSE 'b' END FROM orders"
		}},
		{"mixed case", func(n int) string {
			return "SELECT CASE id" + numbered(" WHEN %d THEN 'a' WHEN '%[1]d' THEN 1", n) + " ELSE 'b' END FROM orders"
		}},
		{"deep case", func(n int) string {
			deep := min(n, 240)
			return "SELECT " + r("CASE WHEN id = 1 THEN ", deep) + "id" + r(" END", deep) + " FROM orders"
		}},
		{"deep case, mixed", func(n int) string {
			deep := min(n, 240)
			return "SELECT " + r("CASE WHEN id = 1 THEN 'x' ELSE ", deep) + "id" + r(" END", deep) + " FROM orders"
		}},
		{"deep case operand", func(n int) string {
			deep := min(n, 240)
			return "SELECT " + r("CASE ", deep) + "id" + r(" WHEN 1 THEN 2 END", deep) + " FROM orders"
		}},
		{"columns", func(n int) string { return "SELECT id" + r(",id", n) + " FROM orders" }},
		{"constants", func(n int) string { return "SELECT 1" + r(",1", n) }},
		{"same columns", func(n int) string { return "SELECT * FROM (SELECT id" + r(",id", n) + " FROM orders) o" }},
		{"different columns", func(n int) string {
			return "SELECT c0" + numbered(", c%d", n) + " FROM (SELECT 1 AS c0" + numbered(", 1 AS c%d", n) + ") x"
		}},
		{"natural, wide", func(n int) string {
			return "SELECT 1 FROM (SELECT 1 AS c0" + numbered(", 1 AS c%d", n) + ") x NATURAL JOIN (SELECT 1 AS c0" + numbered(", 1 AS c%d", n) + ") y"
		}},
		{"using, wide", func(n int) string {
			return "SELECT 1 FROM (SELECT 1 AS c0" + numbered(", 1 AS c%d", n) + ") x JOIN (SELECT 1 AS c0" + numbered(", 1 AS c%d", n) + ") y USING (c0" + numbered(", c%d", n) + ")"
		}},
		{"renamed columns", func(n int) string {
			return "SELECT * FROM (SELECT 1" + r(", 1", n) + ") x (c0" + numbered(", c%d", n) + ")"
		}},
		{"texts as names", func(n int) string {
			return "SELECT id + 1" + numbered(", id + %d", n) + " FROM orders"
		}},
		{"one long text as name", func(n int) string { return "SELECT CONCAT(note" + r(", 'x'", n) + ") FROM orders" }},
		{"placeholders", func(n int) string { return "SELECT ?" + r(", ?", n) }},
		{"placeholders in a list", func(n int) string {
			return "SELECT id FROM orders WHERE id IN (?" + r(", ?", n-1) + ")"
		}},
		{"string", func(n int) string { return "SELECT '" + r("x", 16*n) + "'" }},
		{"strings", func(n int) string { return "SELECT 'x'" + r(", 'x'", n) }},
		{"strings beside each other", func(n int) string { return "SELECT 'x'" + r(" 'x'", n) }},
		{"quotes", func(n int) string { return "SELECT '" + r("''", 8*n) + "'" }},
		{"backslashes", func(n int) string { return "SELECT '" + r(`\\`, 8*n) + "'" }},
		{"escapes", func(n int) string { return "SELECT '" + r(`\n`, 8*n) + "'" }},
		{"wide characters", func(n int) string { return "SELECT '" + r("😀", 4*n) + "'" }},
		{"number", func(n int) string { return "SELECT 1." + r("7", 16*n) }},
		{"exponent", func(n int) string { return "SELECT 1e" + r("1", n) }},
		{"hexadecimal", func(n int) string { return "SELECT 0x" + r("41", 8*n) }},
		{"numbers", func(n int) string { return "SELECT 1" + r(", 1234567890.0987654321", n) }},
		{"long column name", func(n int) string { return "SELECT 1 AS `" + r("x", 16*n) + "`" }},
		{"long name often", func(n int) string {
			return "SELECT 1 AS `" + r("x", 8*n) + "` FROM orders HAVING `" + r("x", 8*n) + "` > 0"
		}},
		{"long table alias", func(n int) string { return "SELECT `" + r("x", 8*n) + "`.id FROM orders `" + r("x", 8*n) + "`" }},
		{"long unknown name", func(n int) string { return "SELECT `" + r("x", 16*n) + "` FROM orders" }},
		{"long names through stars", func(n int) string {
			return "WITH c0 AS (SELECT 1 AS `" + r("x", n) + "`)" + chained(", c%d AS (SELECT * FROM c%d)", n) + " SELECT * FROM c0"
		}},
		{"long names, unknown", func(n int) string {
			return "SELECT 1" + r(", `"+r("x", 200)+"`", n/10) + " FROM orders"
		}},
		{"unknown names", func(n int) string { return "SELECT 1" + numbered(", nothing%d", n) + " FROM orders" }},
		{"names around a query", func(n int) string {
			return "SELECT id" + r(", id", n) + " FROM orders, (SELECT 1 AS a0" + numbered(", 1 AS a%d", n) + ") x"
		}},
		{"comment", func(n int) string { return "/*" + r("*", 16*n) + "*/ SELECT 1" }},
		{"comments", func(n int) string { return "SELECT" + r(" /* */", n) + " 1" }},
		{"line comments", func(n int) string { return "SELECT" + r(" -- x\n", n) + " 1" }},
		{"executable comments", func(n int) string { return "SELECT 1 " + r("/*! + 1 ", n) + r("*/", n) }},
		{"open comments", func(n int) string { return "SELECT 1 " + r("/*", n) }},
		{"blanks", func(n int) string { return "SELECT" + r(" ", 16*n) + "1" }},
		{"line feeds", func(n int) string { return "SELECT" + r("\n", 16*n) + "1 FROM" + r("\n", n) + "nothing" }},
		{"semicolons", func(n int) string { return "SELECT 1" + r(";", n) }},
		{"parentheses", func(n int) string { return "SELECT " + r("(", min(n, 250)) + "1" + r(")", min(n, 250)) }},
		{"pairs of parentheses", func(n int) string { return "SELECT 1" + r(", (((1)))", n) }},
		{"parentheses around queries", func(n int) string {
			return r("(", min(n, 200)) + "SELECT 1" + r(")", min(n, 200))
		}},
		{"parentheses with limits", func(n int) string {
			return r("(", min(n, 200)) + "SELECT 1 AS a" + r(" LIMIT 1)", min(n, 200))
		}},
		{"parentheses in unions", func(n int) string {
			deep := min(n, 120)
			return r("(SELECT 1 UNION ", deep) + "SELECT 1" + r(")", deep)
		}},
		{"parenthesised arms", func(n int) string {
			return "(SELECT 1 AS a LIMIT 1)" + r(" UNION ALL (SELECT 1 ORDER BY 1 LIMIT 1)", n)
		}},
		{"tables in parentheses", func(n int) string {
			return "SELECT * FROM " + r("(", min(n, 200)) + "orders" + r(")", min(n, 200))
		}},
		{"joins to the right", func(n int) string {
			deep := min(n, 200)
			return "SELECT 1 FROM " + numbered("(orders o%d JOIN ", deep) + "orders o" + r(" ON 1 = 1)", deep)
		}},
		{"group_concats", func(n int) string {
			return "SELECT 1" + r(", GROUP_CONCAT(note ORDER BY note SEPARATOR ',')", n) + " FROM orders"
		}},
		{"long concat", func(n int) string { return "SELECT CONCAT(note" + r(", note", n) + ") FROM orders" }},
		{"long coalesce", func(n int) string { return "SELECT COALESCE(id" + r(", id", n) + ") FROM orders" }},
		{"long greatest", func(n int) string { return "SELECT GREATEST(id" + numbered(", %d", n) + ") FROM orders" }},
		{"long greatest of columns", func(n int) string { return "SELECT GREATEST(id" + r(", amount", n) + ") FROM orders" }},
		{"intervals", func(n int) string { return "SELECT ts" + r(" + INTERVAL 1 DAY", n) + " FROM orders" }},
		{"casts", func(n int) string { return "SELECT 1" + r(", CAST(id AS CHAR)", n) + " FROM orders" }},
		{"rows", func(n int) string {
			return "SELECT id FROM orders WHERE (id" + r(", id", n) + ") = (id" + r(", id", n) + ")"
		}},
		{"rows less", func(n int) string {
			return "SELECT id FROM orders WHERE (id" + r(", id", n) + ") < (id" + r(", id", n) + ")"
		}},
		{"rows in a query", func(n int) string {
			return "SELECT id FROM orders WHERE (id" + r(", id", n) + ") IN (SELECT id" + r(", id", n) + " FROM orders)"
		}},
	}
	for _, call := range []string{
		"ABS($)", "SUBSTRING($, 2, 3)", "GREATEST($, id)", "LEAST(id, $)", "COALESCE($, id)", "NULLIF($, id)", "IFNULL($, 1)", "IF($, id, 1)", "CONCAT($, note)",
		"ROUND($, 2)", "MOD($, 7)", "TRUNCATE($, 1)", "FLOOR($)", "SIGN($)", "CHAR_LENGTH($)", "LOCATE('a', $)", "LPAD($, 5, 'x')", "LEFT($, 2)", "RIGHT($, 2)", "REPLACE($, 'a', 'b')", "TRIM($)",
		"UPPER($)", "POW($, 2)", "CAST($ AS SIGNED)", "CAST($ AS CHAR)", "DATE_ADD($, INTERVAL 1 DAY)", "DATE_ADD($, INTERVAL 1 MONTH)", "TIMESTAMPDIFF(DAY, $, ts)", "DATEDIFF($, d)",
		"LAST_DAY($)", "DATE_FORMAT($, '%Y-%m-%d %H:%i')", "($ IN (1, id))", "($ IS TRUE)", "($ <=> id)", "($ = id)", "($ XOR id)", "($ BETWEEN 1 AND id)", "($ LIKE note)",
		"(1 IN (SELECT $))", "(SELECT $)", "EXISTS (SELECT $)", "(id > ANY (SELECT $))", "($ / 2)", "($ DIV 2)", "($ % 7)", "(7 % $)", "($ | 7)", "($ << 1)", "(- $)", "(~ $)", "CASE $ WHEN 1 THEN 2 ELSE id END",
		"CASE WHEN $ = 1 THEN $ ELSE id END", "STRCMP($, note)", "REPEAT($, 2)", "SUBSTRING_INDEX($, ',', 1)", "CONCAT_WS(',', $, note)", "FIELD($, 1, 2)", "ELT($, 'a', 'b')", "MONTH($)", "WEEK($)", "YEAR($)", "EXTRACT(DAY FROM $)", "QUARTER($)", "ATAN2($, 1)", "LOG($)", "LOG(2, $)", "SQRT($)", "EXP($)", "DAYNAME($)",
	} {
		nested = append(nested, nestedShape(call, "id"), nestedShape(call, "note"), nestedShape(call, "ts"))
	}
	return plain, nested
}

// nestedShape puts an expression into itself.
func nestedShape(around, innermost string) growing {
	twice := strings.Count(around, "$") > 1
	return growing{around + " of " + innermost, func(n int) string {
		deep := min(n, 120)
		if twice {
			deep = min(n, 14)
		}
		e := innermost
		for range deep {
			e = strings.ReplaceAll(around, "$", e)
		}
		return "SELECT " + e + " FROM orders"
	}}
}

// composed makes a shape of two: pieces of the one stand inside the other.
func composed(rnd *rand.Rand, shapes []growing) growing {
	a, b := shapes[rnd.IntN(len(shapes))], shapes[rnd.IntN(len(shapes))]
	forms := []string{
		"SELECT * FROM (%s) p, (%s) q", "WITH p AS (%s), q AS (%s) SELECT * FROM p, q", "SELECT (%s LIMIT 1), (%s LIMIT 1)",
		"SELECT 1 FROM orders WHERE EXISTS (%s) OR EXISTS (%s)", "SELECT 1 FROM nums WHERE n IN (%s) AND n NOT IN (%s)", "(%s) UNION ALL (%s)",
		"SELECT COUNT(*) FROM (%s) p NATURAL JOIN (%s) q", "SELECT p.* FROM (%s) p WHERE EXISTS (%s)",
	}
	form := forms[rnd.IntN(len(forms))]
	return growing{form + ": " + a.name + "; " + b.name, func(n int) string { return fmt.Sprintf(form, a.of(n/2+1), b.of(n/2+1)) }}
}
