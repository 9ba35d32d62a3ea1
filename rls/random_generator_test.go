package rls_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// kind is the type of a generated expression. Only like is compared with like,
// so that no database has to convert.
type kind uint8

const (
	kindInteger kind = iota + 1
	kindDecimal
	kindText
	kindMoment // a date or a date with time
	kindTruth  // a condition, or a column that holds one
)

// column is a column in scope. Columns of one domain hold values of one
// population: they may be joined, and share literals.
type column struct {
	table, name string
	kind        kind
	domain      string
}

// slot is what a generated query's column should be: of a kind for sure, and of
// a domain if the query has such a column. Who writes the query takes the
// domain out where it hasn't, or joins on it would join every row with every row.
type slot struct {
	kind   kind
	domain string
}

// relation is what a FROM clause names. key orders its rows: rows that agree
// on it are the same in every column.
type relation struct {
	alias   string
	columns []column
	key     []string
}

// scope is what an expression may refer to. Outer relations are for conditions
// of subqueries only. Names in a join's condition are qualified, since SQLite
// looks for them in the whole FROM clause and MySQL only in what is joined.
type scope struct {
	relations []relation
	outer     *scope
	inJoin    bool
	using     bool // a join has USING
}

// generator writes random queries that SQLite and Hedgerow read alike: no
// division, no text that needs an escape, an ORDER BY that is total wherever
// the order of rows shows.
type generator struct {
	*rand.Rand
	schema  map[string]relation // by dataset
	ctes    []relation
	taken   []string       // datasets that a CTE of the statement hides
	aliases int            // aliases made so far
	shapes  map[string]int // what was generated, for the statistics
}

// randomQuery is a generated query. Ordered says that its ORDER BY is total.
type randomQuery struct {
	text    string
	ordered bool
}

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

func pick[T any](g *generator, from ...T) T { return from[g.IntN(len(from))] }

func (g *generator) shape(name string) { g.shapes[name]++ }

// statement writes a whole query.
func (g *generator) statement() randomQuery {
	g.ctes, g.taken, g.aliases = nil, nil, 0
	with := ""
	if g.chance(30) {
		with = g.with()
	}
	slots := g.slots()
	body := g.body(slots, 2, nil, true)
	if !g.chance(40) {
		return randomQuery{text: with + body}
	}
	g.shape("order by")
	return randomQuery{text: with + body + g.orderAll(len(slots)) + g.limit(40), ordered: true}
}

// slots chooses a select list.
func (g *generator) slots() []slot {
	slots := make([]slot, 1+g.IntN(4))
	for i := range slots {
		if g.chance(30) {
			slots[i] = pick(g, slot{kindInteger, "order"}, slot{kindInteger, "customer"}, slot{kindInteger, "employee"}, slot{kindInteger, "product"}, slot{kindText, "region"})
		} else {
			slots[i] = slot{kind: pick(g, kindInteger, kindDecimal, kindDecimal, kindText, kindText, kindMoment, kindTruth)}
		}
	}
	return slots
}

// orderAll orders by every output column, which leaves only equal rows
// unordered.
func (g *generator) orderAll(columns int) string {
	terms := make([]string, columns)
	for i, n := range g.Perm(columns) {
		terms[i] = fmt.Sprint(n+1) + pick(g, "", "", " DESC", " ASC")
	}
	return " ORDER BY " + strings.Join(terms, ", ")
}

func (g *generator) limit(percent int) string {
	if !g.chance(percent) {
		return ""
	}
	g.shape("limit")
	if g.chance(30) {
		return fmt.Sprintf(" LIMIT %d OFFSET %d", 1+g.IntN(20), g.IntN(3))
	}
	return fmt.Sprintf(" LIMIT %d", 1+g.IntN(20))
}

// with writes a WITH clause and puts its CTEs in scope. Some bear the name of
// a dataset or of a physical table; none refers to a name that the clause
// defines later, which SQLite and MySQL read differently.
func (g *generator) with() string {
	names := []string{"c0", "C1", "orders", "customers", "payments", "shop_orders", "staff", "odd name"}
	g.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	names = names[:1+g.IntN(2)]
	g.taken = names
	parts := make([]string, len(names))
	recursive := ""
	for i, name := range names {
		g.shape("cte")
		if _, dataset := g.schema[name]; dataset {
			g.shape("cte that hides a dataset")
		}
		if g.chance(12) {
			recursive = "RECURSIVE "
			parts[i] = g.recursiveCTE(name)
			continue
		}
		slots := g.slots()
		body := g.body(slots, 1, nil, false)
		r, list := derivedRelation(name, slots), ""
		if g.chance(25) {
			g.shape("cte with column list")
			for n := range r.columns {
				r.columns[n].name = fmt.Sprintf("x%d", n+1)
			}
			list = " (" + strings.Join(columnNames(r), ", ") + ")"
			r.key = columnNames(r)
		}
		parts[i] = quote(name) + list + " AS (" + body + ")"
		g.ctes = append(g.ctes, r)
	}
	return "WITH " + recursive + strings.Join(parts, ", ") + " "
}

// recursiveCTE writes a counter, or the tree of employees.
func (g *generator) recursiveCTE(name string) string {
	g.shape("recursive cte")
	q := quote(name)
	r := relation{alias: name}
	if g.chance(50) || slices.Contains(g.taken, "employees") {
		r.columns = []column{{name, "i", kindInteger, "small"}}
		r.key = []string{"i"}
		g.ctes = append(g.ctes, r)
		return fmt.Sprintf("%[1]s (i) AS (SELECT 1 UNION ALL SELECT %[1]s.i + 1 FROM %[1]s WHERE %[1]s.i < %[2]d)", q, 3+g.IntN(8))
	}
	r.columns = []column{{name, "id", kindInteger, "employee"}, {name, "manager_id", kindInteger, "employee"}, {name, "depth", kindInteger, "small"}}
	r.key = columnNames(r)
	g.ctes = append(g.ctes, r)
	return fmt.Sprintf(`%[1]s AS (SELECT e.id, e.manager_id, 0 AS depth FROM employees e WHERE e.manager_id IS NULL OR e.id %% 4 = %[2]d `+
		`UNION SELECT e.id, e.manager_id, b.depth + 1 FROM employees AS e JOIN %[1]s AS b ON e.manager_id = b.id WHERE b.depth < 5)`, q, g.IntN(4))
}

// derivedRelation describes a query's output as a relation.
func derivedRelation(alias string, slots []slot) relation {
	r := relation{alias: alias}
	for i, o := range slots {
		r.columns = append(r.columns, column{alias, fmt.Sprintf("c%d", i+1), o.kind, o.domain})
	}
	r.key = columnNames(r)
	return r
}

func columnNames(r relation) []string {
	names := make([]string, len(r.columns))
	for i, c := range r.columns {
		names[i] = c.name
	}
	return names
}

// body writes a SELECT or a set operation whose columns are named c1, c2 and
// so on, except at the top, where some go without an alias.
func (g *generator) body(slots []slot, depth int, outer *scope, top bool) string {
	if depth < 1 || !g.chance(14) {
		return g.selectBlock(slots, depth, outer, top)
	}
	text := g.selectBlock(slots, depth-1, outer, false)
	if g.chance(20) {
		g.shape("intersect")
		return text + " INTERSECT " + g.selectBlock(slots, depth-1, outer, false)
	}
	for range 1 + g.IntN(2) {
		operator := pick(g, "UNION", "UNION ALL", "UNION ALL", "EXCEPT")
		g.shape(strings.ToLower(operator))
		text += " " + operator + " " + g.selectBlock(slots, depth-1, outer, false)
	}
	return text
}

// selectBlock writes one SELECT.
func (g *generator) selectBlock(slots []slot, depth int, outer *scope, top bool) string {
	from, s := g.from(depth, outer)
	var where string
	if g.chance(45) {
		where = " WHERE " + g.condition(s, depth, 2)
	}
	switch {
	case g.chance(20):
		return g.grouped(slots, from+where, s, depth)
	case g.chance(8):
		return g.aggregated(slots, from+where, s)
	}
	items := make([]string, len(slots))
	for i := range slots {
		items[i] = g.item(&slots[i], s, depth, top) + g.itemAlias(i, top)
	}
	distinct := ""
	if g.chance(15) {
		g.shape("distinct")
		distinct = "DISTINCT "
	}
	return "SELECT " + distinct + strings.Join(items, ", ") + from + where
}

func (g *generator) itemAlias(i int, top bool) string {
	if top && g.chance(30) {
		g.shape("no alias")
		return ""
	}
	return pick(g, " AS ", " AS ", " ") + fmt.Sprintf("c%d", i+1)
}

// item writes an item of a select list.
func (g *generator) item(o *slot, s *scope, depth int, top bool) string {
	k := o.kind
	if columns := s.columnsOfDomain(o.domain); len(columns) > 0 {
		return pick(g, columns...).text()
	}
	o.domain = ""
	switch {
	case (k == kindInteger || k == kindDecimal) && g.chance(12):
		return g.window(k, s)
	case depth > 0 && k != kindTruth && g.chance(10):
		return g.scalarQuery(k, s, depth-1)
	case top && k == kindDecimal && g.chance(10):
		// An average isn't exact, so nothing may add up or compare averages.
		g.shape("window function")
		return "AVG(" + g.columnOf(kindDecimal, s) + ") OVER (" + g.partition(s) + ")"
	default:
		return g.expression(k, s, depth, 2)
	}
}

// grouped writes a SELECT with GROUP BY.
func (g *generator) grouped(slots []slot, tail string, s *scope, depth int) string {
	g.shape("group by")
	keys := map[kind][]string{}
	var by []string
	for range 1 + g.IntN(2) {
		c := pick(g, pick(g, s.relations...).columns...)
		keys[c.kind] = append(keys[c.kind], c.text())
		by = append(by, c.text())
	}
	items := make([]string, len(slots))
	for i := range slots {
		slots[i].domain = ""
		k := slots[i].kind
		if len(keys[k]) > 0 && g.chance(60) {
			items[i] = pick(g, keys[k]...)
		} else {
			items[i] = g.aggregate(k, s)
		}
		items[i] += fmt.Sprintf(" AS c%d", i+1)
	}
	having := ""
	if g.chance(30) {
		g.shape("having")
		having = " HAVING " + pick(g,
			fmt.Sprintf("COUNT(*) > %d", 1+g.IntN(3)),
			fmt.Sprintf("COUNT(*) BETWEEN 1 AND %d", 1+g.IntN(9)),
			g.aggregate(kindInteger, s)+" >= "+g.literal(kindInteger, ""),
			g.aggregate(kindText, s)+" IS NOT NULL",
			by[0]+" IS NOT NULL")
		if depth > 0 && g.chance(25) {
			having += " AND COUNT(*) <= " + g.scalarQuery(kindInteger, &scope{}, depth-1)
		}
	}
	return "SELECT " + strings.Join(items, ", ") + tail + " GROUP BY " + strings.Join(by, ", ") + having
}

// aggregated writes a SELECT of aggregates over all rows.
func (g *generator) aggregated(slots []slot, tail string, s *scope) string {
	g.shape("aggregate without group by")
	items := make([]string, len(slots))
	for i := range slots {
		slots[i].domain = ""
		items[i] = g.aggregate(slots[i].kind, s) + fmt.Sprintf(" AS c%d", i+1)
	}
	return "SELECT " + strings.Join(items, ", ") + tail
}

// aggregate writes an aggregate of a kind.
func (g *generator) aggregate(k kind, s *scope) string {
	g.shape("aggregate")
	switch k {
	case kindInteger:
		any := pick(g, pick(g, s.relations...).columns...).text()
		return pick(g, "COUNT(*)", "COUNT("+any+")", "COUNT(DISTINCT "+any+")",
			"SUM("+g.columnOf(kindInteger, s)+")", "MIN("+g.columnOf(kindInteger, s)+")", "MAX("+g.columnOf(kindInteger, s)+")")
	case kindTruth:
		return fmt.Sprintf("COUNT(*) > %d", g.IntN(4))
	case kindDecimal:
		return pick(g, "SUM", "MIN", "MAX", "SUM") + "(" + g.columnOf(kindDecimal, s) + ")"
	default:
		return pick(g, "MIN", "MAX") + "(" + g.columnOf(k, s) + ")"
	}
}

// window writes a window function. Where peers of a row matter, its order is
// that of the keys of all relations.
func (g *generator) window(k kind, s *scope) string {
	g.shape("window function")
	if k == kindInteger {
		switch g.IntN(5) {
		case 0:
			return "COUNT(*) OVER (" + g.partition(s) + ")"
		case 1:
			return pick(g, "RANK()", "DENSE_RANK()") + " OVER (" + g.partition(s) + " ORDER BY " + g.anyColumn(s).text() + pick(g, "", " DESC") + ")"
		case 2:
			return "NTILE(3) OVER (" + total(s) + ")"
		case 3:
			return "ROW_NUMBER() OVER (" + g.partition(s) + " " + total(s) + ")"
		}
	}
	c := g.columnOf(k, s)
	switch g.IntN(5) {
	case 0:
		return "SUM(" + c + ") OVER (" + g.partition(s) + ")"
	case 1:
		return "SUM(" + c + ") OVER (ORDER BY " + g.anyColumn(s).text() + ")"
	case 2:
		g.shape("window frame")
		frame := pick(g, "UNBOUNDED PRECEDING AND CURRENT ROW", "2 PRECEDING AND CURRENT ROW", "1 PRECEDING AND 1 FOLLOWING", "CURRENT ROW AND UNBOUNDED FOLLOWING")
		return "SUM(" + c + ") OVER (" + g.partition(s) + " " + total(s) + " ROWS BETWEEN " + frame + ")"
	case 3:
		return pick(g, "LAG", "LEAD", "FIRST_VALUE") + "(" + c + ") OVER (" + g.partition(s) + " " + total(s) + ")"
	default:
		return pick(g, "MIN", "MAX") + "(" + c + ") OVER (" + g.partition(s) + ")"
	}
}

func (g *generator) partition(s *scope) string {
	if g.chance(35) {
		return ""
	}
	return "PARTITION BY " + g.anyColumn(s).text()
}

// total orders by the keys of all relations in a FROM clause.
func total(s *scope) string {
	var terms []string
	for _, r := range s.relations {
		for _, k := range r.key {
			terms = append(terms, column{table: r.alias, name: k}.text())
		}
	}
	return "ORDER BY " + strings.Join(terms, ", ")
}
