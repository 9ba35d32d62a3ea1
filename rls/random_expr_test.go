package rls_test

import (
	"fmt"
	"strings"
)

// columnsOfKind lists the columns of a kind in the innermost scope.
func (s *scope) columnsOfKind(k kind) (columns []column) {
	for _, r := range s.relations {
		for _, c := range r.columns {
			if c.kind == k {
				columns = append(columns, c)
			}
		}
	}
	return columns
}

// columnsOfDomain lists the columns of a domain in the innermost scope.
func (s *scope) columnsOfDomain(domain string) (columns []column) {
	for _, r := range s.relations {
		for _, c := range r.columns {
			if domain != "" && c.domain == domain {
				columns = append(columns, c)
			}
		}
	}
	return columns
}

func (g *generator) anyColumn(s *scope) column {
	return pick(g, pick(g, s.relations...).columns...)
}

// columnOf gives a column of a kind, or a literal where there is none.
func (g *generator) columnOf(k kind, s *scope) string {
	columns := s.columnsOfKind(k)
	if len(columns) == 0 {
		return g.constant(k)
	}
	return g.name(pick(g, columns...), s)
}

// name writes a column's name, without its table now and then where only one
// table in scope has it.
func (g *generator) name(c column, s *scope) string {
	if s.inJoin {
		return c.text()
	}
	n := 0
	for _, r := range s.relations {
		for _, other := range r.columns {
			if strings.EqualFold(other.name, c.name) {
				n++
			}
		}
	}
	// c1, c2 … may also be the alias of an item, which is another matter.
	if n == 1 && !strings.HasPrefix(c.name, "c") && g.chance(20) {
		g.shape("unqualified column")
		return c.name
	}
	return c.text()
}

// literal writes a constant that columns of a domain may hold.
func (g *generator) literal(k kind, domain string) string {
	switch k {
	case kindInteger:
		if domain == "" || domain == "small" {
			return fmt.Sprint(g.IntN(10))
		}
		return fmt.Sprint(1 + g.IntN(60))
	case kindDecimal:
		return fmt.Sprintf("%d.%s", g.IntN(900), pick(g, "0", "25", "5", "75"))
	case kindMoment:
		return fmt.Sprintf("'2024-%02d-01'", 1+g.IntN(12))
	case kindTruth:
		return pick(g, "TRUE", "FALSE")
	default:
		return "'" + pick(g, words(domain)...) + "'"
	}
}

// constant is a literal as a value by itself, where a date in quotes is a string.
func (g *generator) constant(k kind) string {
	if k == kindMoment {
		return "DATE(" + g.literal(k, "") + ")"
	}
	return g.literal(k, "")
}

// words are the strings of a domain, with their quotes doubled.
func words(domain string) []string {
	switch domain {
	case "organization":
		return []string{"acme", "globex", "initech"}
	case "region":
		return []string{"dach", "uk-ie", "japan", "us-east", "nordics"}
	case "status":
		return []string{"paid", "shipped", "delivered", "pending", "draft", "cancelled"}
	case "category":
		return []string{"Kitchen", "Garden", "Office", "Outdoor", "Lighting"}
	case "method":
		return []string{"card", "transfer", "wallet", "invoice"}
	case "carrier":
		return []string{"DHL", "PostNord", "UPS", "Yamato"}
	case "segment":
		return []string{"consumer", "small business", "enterprise"}
	case "tax":
		return []string{"***", "JA-1", "US-1"}
	default:
		return []string{"M", "Zoë", "O''Brien", "VIP", "", "日本", "Deluxe Chair", "gift wrap, please"}
	}
}

// expression writes a value of a kind.
func (g *generator) expression(k kind, s *scope, depth, size int) string {
	if k == kindTruth {
		if columns := s.columnsOfKind(kindTruth); len(columns) > 0 && g.chance(40) {
			return g.name(pick(g, columns...), s)
		}
		return "(" + g.condition(s, depth, 1) + ")"
	}
	if size == 0 || g.chance(45) {
		if g.chance(92) {
			return g.columnOf(k, s)
		}
		return g.constant(k)
	}
	sub := func() string { return g.expression(k, s, depth, size-1) }
	if k == kindMoment { // a date that meets a time in one column gets midnight, of which the twin knows nothing
		g.shape("case")
		return "CASE WHEN " + g.condition(s, 0, 1) + " THEN " + sub() + " END"
	}
	switch choice := g.IntN(6); {
	case choice == 0:
		g.shape("case")
		return "CASE WHEN " + g.condition(s, 0, 1) + " THEN " + sub() + " ELSE " + sub() + " END"
	case choice == 1:
		g.shape("function")
		return pick(g, "COALESCE(", "IFNULL(", "NULLIF(") + sub() + ", " + sub() + ")"
	case k == kindInteger || k == kindDecimal:
		return g.arithmetic(k, s, size)
	case k == kindText:
		g.shape("function")
		return fmt.Sprintf(pick(g, "UPPER(%s)", "LOWER(%s)", "SUBSTR(%s, 1, 3)", "REPLACE(%s, 'a', 'A')", "TRIM(%s)"), sub())
	default:
		return "CASE WHEN " + g.condition(s, 0, 1) + " THEN " + sub() + " END"
	}
}

// arithmetic never overflows: sizes are small, and so are the numbers.
func (g *generator) arithmetic(k kind, s *scope, size int) string {
	g.shape("arithmetic")
	a, b := g.expression(k, s, 0, size-1), g.expression(k, s, 0, size-1)
	switch g.IntN(6) {
	case 0:
		return "ABS(" + a + ")"
	case 1:
		return "- " + a // a space, for a may be negative
	case 2:
		return a + " * " + fmt.Sprint(1+g.IntN(4))
	case 3:
		if k == kindInteger {
			return "(" + a + ") % " + fmt.Sprint(2+g.IntN(5))
		}
		return "(" + a + " - " + b + ") * 2"
	case 4:
		return "(" + a + " + " + b + ")"
	default:
		return a + " - (" + b + ")"
	}
}

// scalarQuery writes a subquery of one row and one column.
func (g *generator) scalarQuery(k kind, outer *scope, depth int) string {
	g.shape("scalar subquery")
	from, s := g.from(depth, outer)
	where := " WHERE " + g.correlation(s) + g.condition(s, depth, 1)
	if g.chance(70) {
		return "(SELECT " + g.aggregate(k, s) + from + where + ")"
	}
	return "(SELECT " + g.expression(k, s, 0, 1) + from + where + " ORDER BY 1 LIMIT 1)"
}

// correlation writes a condition that ties a subquery to the query around it,
// or nothing.
func (g *generator) correlation(s *scope) string {
	if s.outer == nil || g.chance(35) {
		return ""
	}
	for around := s.outer; around != nil; around = around.outer {
		for _, r := range s.relations {
			if pairs := joinable(around.relations, r); len(pairs) > 0 && g.chance(80) {
				g.shape("correlated subquery")
				pair := pick(g, pairs...)
				return pair[1].text() + " = " + pair[0].text() + " AND "
			}
		}
	}
	return ""
}

// condition writes a truth value. Subqueries take from depth, the nesting of
// AND, OR and NOT from size.
func (g *generator) condition(s *scope, depth, size int) string {
	if size > 0 && g.chance(45) {
		a, b := g.condition(s, depth, size-1), g.condition(s, depth, size-1)
		switch g.IntN(5) {
		case 0:
			return "NOT (" + a + ")"
		case 1, 2, 3:
			return "(" + a + " OR " + b + ")"
		default:
			return a + " AND " + b
		}
	}
	if depth > 0 && g.chance(35) {
		return g.subqueryCondition(s, depth-1)
	}
	return g.simpleCondition(s)
}

// simpleCondition tests a column.
func (g *generator) simpleCondition(s *scope) string {
	c := g.anyColumn(s)
	name := g.name(c, s)
	if c.kind == kindTruth {
		return pick(g, name, "NOT "+name, name+" IS TRUE", name+" IS NOT TRUE", name+" IS NULL", name+" = TRUE")
	}
	literal := func() string { return g.literal(c.kind, c.domain) }
	switch choice := g.IntN(10); {
	case choice == 0:
		return name + pick(g, " IS NULL", " IS NOT NULL", " IS NOT NULL")
	case choice == 1:
		g.shape("in list")
		return name + pick(g, " IN (", " NOT IN (", " NOT IN (") + literal() + ", " + literal() + ", " + literal() + ")"
	case choice == 2:
		g.shape("between")
		return name + pick(g, " BETWEEN ", " NOT BETWEEN ") + literal() + " AND " + literal()
	case choice == 3 && c.kind == kindText:
		g.shape("like")
		return name + pick(g, " LIKE ", " NOT LIKE ") + pick(g, "'%a%'", "'%e'", "'D%'", "'_r%'", "'%-%'", "''", "'%'")
	case choice == 4 && c.kind == kindInteger:
		return fmt.Sprintf("%s %% %d = %d", name, 2+g.IntN(3), g.IntN(2))
	case choice == 5:
		return name + pick(g, " = ", " <> ", " < ", " <= ") + g.expression(c.kind, s, 0, 1)
	case choice == 6:
		g.shape("row value")
		d := g.anyColumn(s)
		if d.kind == kindTruth {
			return name + " IS NOT NULL"
		}
		return "(" + name + ", " + d.text() + ")" + pick(g, " = ", " <> ", " < ", " >= ") + "(" + literal() + ", " + g.literal(d.kind, d.domain) + ")"
	default:
		return name + pick(g, " = ", " <> ", " <> ", " != ", " < ", " <= ", " > ", " >= ") + literal()
	}
}

// subqueryCondition writes EXISTS, IN or a comparison with a scalar subquery.
func (g *generator) subqueryCondition(s *scope, depth int) string {
	switch g.IntN(3) {
	case 0:
		g.shape("exists")
		from, inner := g.from(depth, s)
		return pick(g, "", "NOT ") + "EXISTS (SELECT " + pick(g, "1", "*", g.anyColumn(inner).text()) + from +
			" WHERE " + g.correlation(inner) + g.condition(inner, depth, 1) + ")"
	case 1:
		g.shape("in subquery")
		c := g.anyColumn(s)
		if c.kind == kindTruth {
			return c.text()
		}
		from, inner := g.from(depth, s)
		return g.name(c, s) + pick(g, " IN ", " NOT IN ") + "(SELECT " + g.expression(c.kind, inner, 0, 1) + from +
			" WHERE " + g.correlation(inner) + g.condition(inner, depth, 1) + ")"
	default:
		k := pick(g, kindInteger, kindDecimal)
		return g.columnOf(k, s) + pick(g, " > ", " <= ", " >= ", " <> ") + g.scalarQuery(k, s, depth)
	}
}
