package oracle

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// options say what the generator makes.
type options struct {
	dialect string
	// quiet makes only expressions that can't fail, for databases whose optimiser
	// gives wrong rows.
	quiet bool
}

// generator makes random queries. Every name in them resolves, and only values
// of one type meet.
type generator struct {
	*rand.Rand
	options
	aliases int
	ctes    []relation
	booms   int // expressions that can fail
	budget  int // how many of them there may be
}

// column is a column in scope.
type column struct {
	name string // with its relation's
	kind kind
	base string // the field that it shows as it is, "" if it is computed
}

type relation struct {
	alias   string
	columns []column
	id      string // its key, "" if there is none
}

// scope holds the relations that names resolve to, and the scope around it.
type scope struct {
	relations []relation
	outer     *scope
}

func pick[T any](g *generator, from ...T) T { return from[g.IntN(len(from))] }

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

func (g *generator) alias() string {
	g.aliases++
	return fmt.Sprint("t", g.aliases)
}

// kinds are the types of items, the usual ones more often.
func (g *generator) anyKind() kind {
	return pick(g, whole, whole, whole, whole, text, text, text, decimal, float, day, instant, truth)
}

// statement makes a whole query.
func (g *generator) statement() *node {
	g.aliases, g.ctes, g.booms = 0, nil, 0
	g.budget = pick(g, 1, 1, 1, 2, 2, 5) // of many, one fails on visible rows too
	if g.chance(6) {
		return g.lookUp()
	}
	if g.chance(40) {
		return g.probe()
	}
	slots := make([]kind, 1+g.IntN(3))
	for i := range slots {
		slots[i] = g.anyKind()
	}
	return g.query(g.IntN(4), nil, slots)
}

// probe is a small query, in which one thing decides.
func (g *generator) probe() *node {
	alias := g.alias()
	s := &scope{relations: []relation{g.dataset(pick(g, "orders", "orders", "orders", "customers", "members", "docs"), alias)}}
	k := pick(g, whole, whole, float, text, decimal, day)
	about := g.risky(k, s)
	if g.chance(50) {
		about = piece(string(k), "CASE WHEN ", g.guard(s, 0), " THEN ", about, " ELSE ", g.columnOf(k, s, 0), " END")
	}
	condition := g.compare(k, about, g.constant(k))
	switch g.IntN(6) {
	case 0:
		condition = piece(string(truth), "(", condition, ") IS NOT UNKNOWN")
	case 1:
		n := g.alias()
		condition = piece(string(truth), pick(g, "", "NOT "), "EXISTS (SELECT 1 FROM nums ", n, " WHERE ", n, ".n = 1 AND ", condition, ")")
	case 2:
		condition = piece(string(truth), g.guard(s, 0), " AND ", condition)
	}
	key := s.relations[0].columns[0].name
	name := fixtureName(s.relations[0])
	switch g.IntN(4) {
	case 0:
		return piece("query", "SELECT COUNT(*) AS c1 FROM (SELECT ", key, " AS k, ", about, " AS v FROM ", name, " AS ", alias, ") x WHERE ", pick(g, "x.v IS NOT NULL", "x.k > 1"))
	case 1:
		other := g.alias()
		return piece("query", "SELECT ", key, " AS c1 FROM ", name, " AS ", alias, pick(g, " JOIN", " LEFT JOIN", " RIGHT JOIN"), " nums AS ", other, " ON ", condition)
	case 2:
		return piece("query", "SELECT ", key, " AS c1 FROM ", name, " AS ", alias, " GROUP BY ", key, maybe(", ", about), " HAVING ", g.compare(whole, piece(string(whole), "COUNT(*)"), g.constant(whole)))
	default:
		return piece("query", "SELECT ", key, " AS c1 FROM ", name, " AS ", alias, " WHERE ", condition, maybe(" AND ", g.condition(s, 0)))
	}
}

// risky makes an expression that can fail, or any where none may.
func (g *generator) risky(k kind, s *scope) *node {
	if !g.quiet {
		if b := g.boom(k, s); b != nil {
			g.booms++
			return b
		}
	}
	return g.value(k, s, 1)
}

// fixtureName is the name of the dataset that a relation stands for.
func fixtureName(r relation) string {
	i := slices.IndexFunc(fixture, func(d dataset) bool { return len(d.fields) == len(r.columns) && d.fields[1].name == r.columns[1].base })
	return fixture[i].name
}

// lookUp is a point look-up whose aggregates have no GROUP BY: the key makes the
// table a constant, and one row comes out whatever the rows.
func (g *generator) lookUp() *node {
	alias := g.alias()
	s := &scope{relations: []relation{g.dataset("orders", alias)}}
	var items []*node
	for range 1 + g.IntN(3) {
		switch g.IntN(5) {
		case 0:
			items = append(items, piece("", g.columnOf(text, s, 0)))
		case 1:
			items = append(items, piece("", "ROW_NUMBER() OVER ()"))
		case 2:
			items = append(items, piece("", "COUNT(*) OVER ()"))
		case 3:
			items = append(items, g.outerAggregate(s))
		default:
			items = append(items, piece("", g.aggregate(pick(g, whole, text, decimal), s, 0)))
		}
	}
	items = append(items, piece("", pick(g, "COUNT(*)", "MAX("+alias+".note)", "MAX("+alias+".amount)", "COUNT(*) OVER ()")))
	return piece("", "SELECT ", join(items, ", "), " FROM orders ", alias, " WHERE ", alias, ".id = ", pick(g, "1", "2", "11", "50", "10"),
		maybe(" AND ", g.condition(s, 0)))
}

// outerAggregate is a subquery around an aggregate of the query's own columns.
func (g *generator) outerAggregate(s *scope) *node {
	t := g.alias()
	return piece("", "(SELECT ", g.aggregate(whole, &scope{relations: s.relations}, 0), " FROM nums ", t, " WHERE ", t, ".n = 1)")
}

// query makes a query of columns of some kinds, called c1, c2 and so on where it
// isn't outermost. Its rows are in no order but for a LIMIT's.
func (g *generator) query(depth int, outer *scope, slots []kind) *node {
	before := g.ctes
	defer func() { g.ctes = before }()
	with := &node{}
	if depth > 0 && g.chance(12) {
		with = g.with(depth-1, outer)
	}
	body := g.selectBlock(depth, outer, slots)
	if g.chance(12) {
		body = piece("query", "(", body, ") ", g.setOperator(), " (", g.selectBlock(depth, outer, slots), ")")
	}
	tail := &node{}
	if g.chance(12) {
		order := make([]*node, len(slots))
		for i := range slots {
			order[i] = piece("", fmt.Sprint(i+1), pick(g, "", " DESC"))
		}
		tail = maybe(" ORDER BY ", join(order, ", "), maybe(pick(g, " LIMIT 1", " LIMIT 3", " LIMIT 2 OFFSET 1", " LIMIT 1000")))
	}
	return piece("query", with, body, tail)
}

func (g *generator) setOperator() string {
	if g.dialect == "sqlite" {
		return pick(g, "UNION", "UNION ALL", "EXCEPT", "INTERSECT")
	}
	return pick(g, "UNION", "UNION ALL", "EXCEPT", "INTERSECT", "EXCEPT ALL")
}

// with makes common table expressions, of which one may be recursive.
func (g *generator) with(depth int, outer *scope) *node {
	name := "w" + g.alias()
	slots := []kind{g.anyKind(), whole}
	if g.chance(20) {
		s := &scope{relations: []relation{{name, []column{{name + ".n", whole, ""}}, ""}}, outer: outer}
		step := g.value(whole, s, 0)
		g.ctes = append(slices.Clone(g.ctes), relation{name, []column{{"n", whole, ""}}, ""})
		return piece("", "WITH RECURSIVE ", name, "(n) AS (SELECT 1 UNION ALL SELECT ", name, ".n + 1 FROM ", name, " WHERE ", name, ".n < 4",
			maybe(" AND ", step, " IS NOT NULL"), ") ")
	}
	query := g.query(depth, nil, slots)
	g.ctes = append(slices.Clone(g.ctes), relation{name, []column{{"c1", slots[0], ""}, {"c2", slots[1], ""}}, ""})
	return piece("", "WITH ", name, " AS (", query, ") ")
}

// selectBlock makes a SELECT.
func (g *generator) selectBlock(depth int, outer *scope, slots []kind) *node {
	if outer != nil && g.chance(15) { // of outer columns alone
		return g.constantSelect(outer, slots)
	}
	from, s := g.from(depth, outer)
	where := &node{}
	if g.chance(75) {
		where = maybe(" WHERE ", g.condition(s, depth))
	}
	mode := g.IntN(10)
	switch {
	case mode < 2:
		return g.grouped(s, slots, from, where)
	case mode < 3:
		return g.implicit(s, slots, from, where)
	}
	var items []*node
	windows := mode == 3
	for i, k := range slots {
		item := g.value(k, s, depth)
		if windows && g.chance(60) {
			item = g.window(k, s)
		}
		items = append(items, piece("", item, fmt.Sprint(" AS c", i+1)))
	}
	named := &node{}
	if windows && g.chance(20) {
		named = maybe(" WINDOW w AS (PARTITION BY ", g.value(g.anyKind(), s, 0), ")")
		items[0] = piece("", g.value(slots[0], s, 0), " AS c1")
		if slots[0] == whole {
			items[0] = piece("", "COUNT(*) OVER w AS c1")
		}
	}
	return piece("query", "SELECT ", pick(g, "", "", "", "", "DISTINCT "), join(items, ", "), from, where, named)
}

// constantSelect reads no relation of its own.
func (g *generator) constantSelect(outer *scope, slots []kind) *node {
	s := &scope{outer: outer}
	var items []*node
	for i, k := range slots {
		items = append(items, piece("", g.value(k, s, 0), fmt.Sprint(" AS c", i+1)))
	}
	return piece("query", "SELECT ", join(items, ", "))
}

// grouped is a SELECT with GROUP BY.
func (g *generator) grouped(s *scope, slots []kind, from, where *node) *node {
	var items, keys []*node
	for i, k := range slots {
		if i == 0 && g.chance(70) {
			e := g.columnOf(k, s, 0)
			if g.chance(40) {
				e = g.call(k, s, 0)
			}
			keys = append(keys, piece("", e))
			items = append(items, piece("", e, " AS c1"))
			continue
		}
		items = append(items, piece("", g.aggregate(k, s, 1), fmt.Sprint(" AS c", i+1)))
	}
	if len(keys) == 0 || g.chance(20) {
		keys = append(keys, piece("", g.columnOf(g.anyKind(), s, 0)))
	}
	having := &node{}
	if g.chance(40) {
		k := pick(g, whole, whole, decimal, text)
		having = maybe(" HAVING ", g.compare(k, g.aggregate(k, s, 1), g.constant(k)))
	}
	return piece("query", "SELECT ", join(items, ", "), from, where, " GROUP BY ", join(keys, ", "), having)
}

// implicit is a SELECT of aggregates alone.
func (g *generator) implicit(s *scope, slots []kind, from, where *node) *node {
	var items []*node
	for i, k := range slots {
		items = append(items, piece("", g.aggregate(k, s, 1), fmt.Sprint(" AS c", i+1)))
	}
	having := &node{}
	if g.chance(20) {
		having = maybe(" HAVING ", g.compare(whole, g.aggregate(whole, s, 1), g.constant(whole)))
	}
	return piece("query", "SELECT ", join(items, ", "), from, where, having)
}

// window is a window function whose values don't hang on the order of equal rows.
func (g *generator) window(k kind, s *scope) *node {
	e := g.value(k, s, 0)
	over := piece("", "(", maybe("PARTITION BY ", g.value(g.anyKind(), s, 0)), ")")
	if g.chance(50) {
		sort := g.value(pick(g, whole, whole, text, decimal), s, 0)
		if g.chance(15) {
			sort = g.constant(whole)
		}
		over = piece("", "(", maybe("PARTITION BY ", pick(g, g.value(g.anyKind(), s, 0), g.constant(text)), " "), "ORDER BY ", sort, pick(g, "", " DESC"),
			maybe(pick(g, "", "", "", " RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW", " RANGE BETWEEN 1 PRECEDING AND CURRENT ROW",
				" RANGE UNBOUNDED PRECEDING")), ")")
	}
	switch k {
	case whole:
		return piece(string(k), pick(g, "RANK()", "DENSE_RANK()", "COUNT(*)", "SUM("+e.String()+")", "COUNT("+e.String()+")"), " OVER ", over)
	case float:
		return piece(string(k), pick(g, "PERCENT_RANK()", "CUME_DIST()", "MAX("+e.String()+")"), " OVER ", over)
	case truth:
		return e
	default:
		return piece(string(k), pick(g, "MIN(", "MAX("), e, ") OVER ", over)
	}
}

// aggregate makes an aggregate of a kind.
func (g *generator) aggregate(k kind, s *scope, depth int) *node {
	e := func(k kind) *node { return g.value(k, s, depth-1) }
	out := func(parts ...any) *node { return piece(string(k), parts...) }
	switch k {
	case whole:
		if g.quiet {
			return out(pick(g, "COUNT(", "COUNT(DISTINCT ", "MAX(", "MIN("), e(whole), ")")
		}
		return out(pick(g, "SUM(", "COUNT(", "COUNT(DISTINCT ", "MAX(", "MIN("), e(whole), ")")
	case decimal:
		return out(pick(g, "SUM(", "MAX(", "MIN("), e(decimal), ")")
	case float:
		if g.quiet {
			return out(pick(g, "MAX(", "MIN("), e(float), ")")
		}
		return out(pick(g, "SUM(", "MAX(", "MIN(", "AVG(", "STDDEV_POP(", "VAR_SAMP("), e(float), ")")
	case text:
		if g.chance(30) && !g.quiet {
			arg := e(text)
			return out("GROUP_CONCAT(", arg, " ORDER BY ", arg, maybe(", ", e(whole)), ")")
		}
		return out(pick(g, "MAX(", "MIN("), e(text), ")")
	case truth:
		return out("COUNT(", e(whole), ") > ", g.constant(whole))
	default:
		return out(pick(g, "MAX(", "MIN("), e(k), ")")
	}
}

// from makes a FROM clause.
func (g *generator) from(depth int, outer *scope) (*node, *scope) {
	s := &scope{outer: outer}
	out := piece("", " FROM ", g.relation(s, depth))
	for range pick(g, 0, 0, 0, 1, 1, 2) {
		word := pick(g, " JOIN ", " JOIN ", " LEFT JOIN ", " RIGHT JOIN ", " CROSS JOIN ")
		text := g.relation(s, 0)
		if word == " CROSS JOIN " {
			out = piece("", out, word, text)
			continue
		}
		on := g.condition(s, min(depth, 1))
		if g.chance(50) {
			on = g.tied(s, on)
		}
		out = piece("", out, word, text, " ON ", on)
	}
	return out, s
}

// tied joins the last relation to one before.
func (g *generator) tied(s *scope, on *node) *node {
	last := s.relations[len(s.relations)-1]
	a, b := g.columnIn(whole, s.relations[:len(s.relations)-1]), g.columnIn(whole, []relation{last})
	if a == "" || b == "" {
		return on
	}
	return piece(string(truth), a, " = ", b, maybe(" AND ", on))
}

// relation makes a relation and puts it in scope.
func (g *generator) relation(s *scope, depth int) *node {
	alias := g.alias()
	switch {
	case len(g.ctes) > 0 && g.chance(50):
		c := pick(g, g.ctes...)
		placed := relation{alias: alias}
		for _, col := range c.columns {
			placed.columns = append(placed.columns, column{alias + "." + col.name, col.kind, ""})
		}
		s.relations = append(s.relations, placed)
		return piece("", c.alias, " AS ", alias)
	case depth > 0 && g.chance(22):
		slots := []kind{g.anyKind(), pick(g, whole, text)}
		return g.derived(s, alias, slots, g.query(depth-1, s.outer, slots))
	case depth > 0 && s.outer != nil && g.chance(10):
		return g.values(s, alias)
	default:
		name := pick(g, "orders", "orders", "orders", "customers", "customers", "nums", "nums", "members", "docs")
		s.relations = append(s.relations, g.dataset(name, alias))
		return piece("", name, " AS ", alias)
	}
}

func (g *generator) derived(s *scope, alias string, slots []kind, query *node) *node {
	placed := relation{alias: alias}
	for i, k := range slots {
		placed.columns = append(placed.columns, column{fmt.Sprintf("%s.c%d", alias, i+1), k, ""})
	}
	s.relations = append(s.relations, placed)
	return piece("", "(", query, ") AS ", alias)
}

// values are rows of expressions over the queries around.
func (g *generator) values(s *scope, alias string) *node {
	k := pick(g, whole, text)
	row := g.value(k, &scope{outer: s.outer}, 0)
	s.relations = append(s.relations, relation{alias, []column{{alias + ".column_0", k, ""}}, ""})
	return piece("", "(VALUES ROW(", row, ")) AS ", alias)
}

func (g *generator) dataset(name, alias string) relation {
	i := slices.IndexFunc(fixture, func(d dataset) bool { return d.name == name })
	r := relation{alias: alias}
	for _, f := range fixture[i].fields {
		r.columns = append(r.columns, column{alias + "." + f.name, f.kind, f.name})
	}
	if fixture[i].fields[0].name == "id" {
		r.id = alias + ".id"
	}
	return r
}

// columnIn gives a column of a kind of some relations, or "".
func (g *generator) columnIn(k kind, relations []relation) string {
	var all []string
	for _, r := range relations {
		for _, c := range r.columns {
			if c.kind == k && !(c.base == "body" && g.quiet) {
				all = append(all, c.name)
			}
		}
	}
	if len(all) == 0 {
		return ""
	}
	return pick(g, all...)
}

// columnOf gives a column of a kind, of the query or now and then of one around
// it, or a constant.
func (g *generator) columnOf(k kind, s *scope, outerShare int) *node {
	for at := s; at != nil; at = at.outer {
		if at.outer != nil && len(at.relations) > 0 && g.chance(outerShare) {
			continue
		}
		if c := g.columnIn(k, at.relations); c != "" {
			return piece(string(k), c)
		}
	}
	return g.constant(k)
}

// constant makes a constant, often one that hidden rows hold.
func (g *generator) constant(k kind) *node {
	var s string
	switch k {
	case whole:
		s = pick(g, "0", "1", "2", "3", "7", "10", "11", "50", "51", "1000", "75000", "-1", "9223372036854775807", "1000000")
	case decimal:
		s = pick(g, "0.5", "9.5", "100.25", "75000.5", "9999999999999999.9999")
	case float:
		s = pick(g, "0e0", "1.5e0", "1e100", "1.7e308", "800e0")
	case text:
		s = pick(g, "''", "'a'", "'Alpha'", "'alpha'", "'VICTIM'", "'VICTIM@x.org'", "'victim@x.org'", "'open'", "'evil'", "'acme'", "'7'", "'zoe'", "'beta '")
	case truth:
		s = pick(g, "TRUE", "FALSE", "1 = 0", "1 = 1", "'' IS NULL", "NULL IS NULL")
	case day:
		s = pick(g, "DATE '2024-01-31'", "DATE '9999-12-31'", "DATE '0001-01-01'")
	case instant:
		s = pick(g, "TIMESTAMP '2024-01-31 10:00:00'", "TIMESTAMP '9999-12-31 23:59:59'")
	}
	return piece(string(k), s)
}

// value makes an expression of a kind.
func (g *generator) value(k kind, s *scope, depth int) *node {
	switch {
	case k == truth:
		return piece(string(k), "(", g.condition(s, depth-1), ")")
	case depth < -2 || g.chance(40):
		return g.columnOf(k, s, 35)
	case g.chance(10):
		return g.constant(k)
	case depth > 0 && g.chance(25):
		return g.scalarQuery(k, s, depth-1)
	case g.chance(20):
		return g.branches(k, s, depth-1)
	case !g.quiet && g.booms < g.budget && g.chance(45):
		if b := g.boom(k, s); b != nil {
			g.booms++
			return b
		}
	}
	return g.call(k, s, depth-1)
}

// branches makes an expression that is evaluated for some rows only.
func (g *generator) branches(k kind, s *scope, depth int) *node {
	a, b := g.value(k, s, depth), g.value(k, s, depth)
	switch g.IntN(5) {
	case 0:
		return piece(string(k), "COALESCE(", a, ", ", b, ")")
	case 1:
		return piece(string(k), "NULLIF(", a, ", ", b, ")")
	case 2:
		return piece(string(k), "IF(", g.guard(s, depth), ", ", a, ", ", b, ")")
	default:
		return piece(string(k), "CASE WHEN ", g.guard(s, depth), " THEN ", a, " ELSE ", b, " END")
	}
}

// guard is a condition that holds for few rows, hidden ones among them.
func (g *generator) guard(s *scope, depth int) *node {
	if g.chance(40) {
		return g.condition(s, depth)
	}
	k := pick(g, text, whole, whole)
	return g.compare(k, g.columnOf(k, s, 35), g.constant(k))
}

// scalarQuery makes a subquery of one column, which mostly has one row.
func (g *generator) scalarQuery(k kind, outer *scope, depth int) *node {
	if g.chance(25) {
		from, s := g.from(0, outer)
		return piece(string(k), "(SELECT ", g.aggregate(k, s, 0), from, maybe(" WHERE ", g.condition(s, depth)), ")")
	}
	if g.chance(20) {
		return piece(string(k), "(", g.constantSelect(outer, []kind{k}), ")")
	}
	from, s := g.from(depth, outer)
	order := &node{}
	if !g.chance(15) || g.quiet { // now and then two rows are an error
		order = piece("", " ORDER BY 1 LIMIT 1")
	}
	return piece(string(k), "(SELECT ", g.value(k, s, 0), from, maybe(" WHERE ", g.condition(s, depth)), order, ")")
}

// compare compares two values.
func (g *generator) compare(k kind, a, b *node) *node {
	if k == truth {
		return piece(string(truth), a, pick(g, " = ", " <> "), b)
	}
	return piece(string(truth), a, pick(g, " = ", " = ", " <> ", " < ", " <= ", " > ", " >= ", " <=> "), b)
}

// condition makes a truth value.
func (g *generator) condition(s *scope, depth int) *node {
	out := func(parts ...any) *node { return piece(string(truth), parts...) }
	if depth < -2 {
		k := pick(g, whole, text)
		return g.compare(k, g.columnOf(k, s, 35), g.constant(k))
	}
	switch g.IntN(14) {
	case 0, 1:
		return out("(", g.condition(s, depth-1), " AND ", g.condition(s, depth-1), ")")
	case 2:
		return out("(", g.condition(s, depth-1), " OR ", g.condition(s, depth-1), ")")
	case 3:
		return out(pick(g, "NOT (", "NOT ("), g.condition(s, depth-1), ")")
	case 4:
		return out("(", g.condition(s, depth-1), ")", pick(g, " IS UNKNOWN", " IS NOT TRUE", " IS FALSE", " IS NOT UNKNOWN"))
	case 5:
		k := pick(g, whole, text)
		return out(g.value(k, s, depth-1), pick(g, " IN (", " NOT IN ("), g.value(k, s, 0), ", ", g.constant(k), pick(g, ")", ", NULL)"))
	case 6:
		k := pick(g, whole, decimal, text, day)
		return out(g.value(k, s, depth-1), " BETWEEN ", g.value(k, s, 0), " AND ", g.value(k, s, 0))
	case 7:
		return g.point(s)
	case 8:
		return g.like(s)
	case 9:
		return out(g.value(g.anyKind(), s, depth-1), pick(g, " IS NULL", " IS NOT NULL"))
	}
	if depth > 0 && g.chance(55) {
		return g.subqueryCondition(s, depth-1)
	}
	if g.chance(6) {
		return g.constant(truth)
	}
	k := g.anyKind()
	if k == truth {
		k = whole
	}
	return g.compare(k, g.value(k, s, depth-1), g.value(k, s, 0))
}

// point looks a row up by its key.
func (g *generator) point(s *scope) *node {
	var ids []string
	for at := s; at != nil; at = at.outer {
		for _, r := range at.relations {
			if r.id != "" {
				ids = append(ids, r.id)
			}
		}
	}
	if len(ids) == 0 {
		return g.constant(truth)
	}
	id := pick(g, ids...)
	return piece(string(truth), id, pick(g, " = 50", " = 11", " = 10", " = 1", " = 2", " IN (1, 10)", " IN (1, 10, 50)", " IN (2, 11)", " IN (4, 2)"))
}

func (g *generator) like(s *scope) *node {
	x := g.columnOf(text, s, 25)
	pattern := pick(g, "'V%'", "'%a%'", "'_'", "'%@x.org'", "'alpha'")
	if !g.quiet && g.booms < g.budget && g.chance(8) {
		n := pick(g, 1000, 1600, 3000)
		if g.dialect == "postgresql" && g.chance(50) {
			n = 40000
		}
		g.booms++
		if g.chance(50) {
			return piece(string(truth), g.columnOf(text, s, 25), " LIKE '", strings.Repeat("%a", n), "'")
		}
		return piece(string(truth), "CASE WHEN ", g.guard(s, 0), " THEN '", strings.Repeat("a", n), "' ELSE '' END LIKE '", strings.Repeat("%a", n), "'")
	}
	if !g.quiet && g.booms < g.budget && g.chance(10) {
		g.booms++
		return piece(string(truth), x, " LIKE ", g.columnOf(text, s, 25))
	}
	return piece(string(truth), x, pick(g, " LIKE ", " NOT LIKE "), pattern)
}

// subqueryCondition makes EXISTS, IN, ANY, ALL or a comparison with a subquery.
func (g *generator) subqueryCondition(s *scope, depth int) *node {
	k := pick(g, whole, whole, text)
	out := func(parts ...any) *node { return piece(string(truth), parts...) }
	inner := func() *node {
		if g.chance(30) {
			from, in := g.from(0, s)
			return piece("query", "SELECT ", g.aggregate(k, in, 0), from, maybe(" WHERE ", g.condition(in, depth)),
				maybe(" GROUP BY ", g.columnOf(pick(g, text, whole), in, 0)))
		}
		return g.query(depth, s, []kind{k})
	}
	switch g.IntN(6) {
	case 0, 1:
		return out(pick(g, "", "NOT "), "EXISTS (", inner(), ")")
	case 2, 3:
		return out(g.value(k, s, 0), pick(g, " IN (", " NOT IN ("), inner(), ")")
	case 4:
		return out(g.value(k, s, 0), pick(g, " = ANY (", " < ANY (", " <> ALL (", " >= ALL ("), inner(), ")")
	default:
		return g.compare(k, g.value(k, s, 0), g.scalarQuery(k, s, depth))
	}
}
