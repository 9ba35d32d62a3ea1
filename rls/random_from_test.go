package rls_test

import (
	"fmt"
	"slices"
	"strings"
)

// quote quotes an identifier where it has to be quoted.
func quote(name string) string {
	if strings.ContainsAny(name, " ") {
		return "`" + name + "`"
	}
	return name
}

func (c column) text() string { return quote(c.table) + "." + c.name }

// from writes a FROM clause of one to three relations.
func (g *generator) from(depth int, outer *scope) (string, *scope) {
	s := &scope{outer: outer}
	text := " FROM " + g.relation(s, depth)
	if g.chance(15) {
		return text + g.comma(s), s
	}
	for range pick(g, 0, 0, 0, 1, 1, 2) {
		if !s.using { // a third relation makes SQLite find the common column ambiguous in a star
			text += g.join(s, depth)
		}
	}
	return text, s
}

// comma adds a second dataset by comma: a small one, since every row of it
// meets every other.
func (g *generator) comma(s *scope) string {
	name := pick(g, "regions", "organizations")
	if slices.Contains(g.taken, name) {
		return ""
	}
	g.shape("comma join")
	return ", " + g.dataset(s, name)
}

// relation writes a relation and puts it in scope.
func (g *generator) relation(s *scope, depth int) string {
	switch {
	case len(g.ctes) > 0 && g.chance(50):
		g.shape("cte reference")
		return g.place(s, pick(g, g.ctes...), "")
	case depth > 0 && g.chance(18):
		g.shape("derived table")
		slots := g.slots()
		query := g.body(slots, depth-1, nil, false)
		if g.chance(25) {
			g.shape("derived table with limit")
			query += g.orderAll(len(slots)) + g.limit(100)
		}
		return g.place(s, derivedRelation("", slots), "("+query+")")
	default:
		return g.dataset(s, pick(g, g.visible()...))
	}
}

// visible are the datasets that no CTE hides.
func (g *generator) visible() []string {
	return slices.DeleteFunc(datasets(), func(name string) bool { return slices.Contains(g.taken, name) })
}

func (g *generator) dataset(s *scope, name string) string {
	g.shape("dataset")
	return g.place(s, g.schema[name], "")
}

// place adds a relation to a scope under an alias of its own, or under its
// own name where that is free. query is the text of a derived table.
func (g *generator) place(s *scope, r relation, query string) string {
	alias, text := r.alias, quote(r.alias)
	if query != "" || s.has(alias) || g.chance(70) {
		g.aliases++
		alias = fmt.Sprintf("t%d", g.aliases)
		if disguise := pick(g, "customers", "orders", "regions", "shop_orders", "staff", "my table"); g.chance(12) && !s.has(disguise) {
			g.shape("alias that is a table's name")
			alias = disguise
		}
		if query != "" {
			text = query
		}
		text += pick(g, " AS ", " ") + quote(alias)
	}
	placed := relation{alias: alias, key: r.key}
	for _, c := range r.columns {
		c.table = alias
		placed.columns = append(placed.columns, c)
	}
	s.relations = append(s.relations, placed)
	return text
}

// has says whether an alias is taken in a scope or in one around it.
func (s *scope) has(alias string) bool {
	for ; s != nil; s = s.outer {
		if slices.ContainsFunc(s.relations, func(r relation) bool { return strings.EqualFold(r.alias, alias) }) {
			return true
		}
	}
	return false
}

// join writes a join of one more relation, on a domain that it shares with
// those before.
func (g *generator) join(s *scope, depth int) string {
	for range 6 {
		trial := &scope{relations: slices.Clone(s.relations), outer: s.outer}
		text := g.relation(trial, depth)
		added := trial.relations[len(trial.relations)-1]
		pairs := joinable(s.relations, added)
		if len(pairs) == 0 {
			continue
		}
		s.relations = trial.relations
		pair := pick(g, pairs...)
		operator := pick(g, "JOIN", "JOIN", "INNER JOIN", "LEFT JOIN", "LEFT JOIN", "LEFT OUTER JOIN", "RIGHT JOIN")
		g.shape(strings.ToLower(operator))
		if pair[0].name == pair[1].name && len(s.relations) == 2 && g.chance(25) {
			g.shape("using")
			s.using = true
			return " " + operator + " " + text + " USING (" + pair[0].name + ")"
		}
		on := pair[0].text() + " = " + pair[1].text()
		if g.chance(25) {
			on += " AND " + g.condition(&scope{relations: s.relations, inJoin: true}, 0, 1)
		}
		return " " + operator + " " + text + " ON " + on
	}
	if slices.Contains(g.taken, "organizations") {
		return ""
	}
	g.shape("cross join")
	return " CROSS JOIN " + g.dataset(s, "organizations")
}

// joinable gives the pairs of columns of one domain. That of organizations
// counts only with the organizations themselves, and where there is no other.
func joinable(before []relation, added relation) (pairs [][2]column) {
	var wide [][2]column
	for _, r := range before {
		for _, a := range r.columns {
			for _, b := range added.columns {
				switch {
				case a.domain == "" || a.domain != b.domain || !isKey(a.domain):
				case a.domain == "organization" && r.key[0] != "organization_id" && added.key[0] != "organization_id":
					// every row with every row: too many
				case a.domain == "organization":
					wide = append(wide, [2]column{a, b})
				default:
					pairs = append(pairs, [2]column{a, b})
				}
			}
		}
	}
	if len(pairs) == 0 {
		return wide
	}
	return pairs
}

// isKey says whether a domain is one of identifiers.
func isKey(domain string) bool {
	return slices.Contains([]string{"organization", "region", "employee", "customer", "product", "order"}, domain)
}
