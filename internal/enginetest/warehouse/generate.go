package warehouse

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Generate makes all tables. Scale multiplies customers, orders and parts; at
// scale 1 a tenant has 40 customers and 160 orders. The same scale gives the
// same rows.
func Generate(scale int) []*Table {
	g := &generator{
		regions:   table("wh_regions", Column{"region_id", Integer}, Column{"name", Text}),
		nations:   table("wh_nations", id("nation_id"), Column{"region_id", Integer}, Column{"name", Text}),
		suppliers: table("wh_suppliers", id("supplier_id"), Column{"nation_id", Integer}, Column{"name", Text}, Column{"balance", Money}, Column{"remark", Text}),
		customers: table("wh_customers", id("customer_id"), Column{"nation_id", Integer}, Column{"name", Text}, Column{"segment", Text}, Column{"balance", Money}, Column{"phone", Text}, Column{"active", Boolean}),
		parts:     table("wh_parts", id("part_id"), Column{"name", Text}, Column{"brand", Text}, Column{"kind", Text}, Column{"size", Integer}, Column{"container", Text}, Column{"price", Money}),
		offers:    table("wh_offers", id("part_id"), Column{"supplier_id", Integer}, Column{"available", Integer}, Column{"cost", Money}),
		orders:    table("wh_orders", id("order_id"), Column{"customer_id", Integer}, Column{"status", Text}, Column{"total", Money}, Column{"ordered_on", Date}, Column{"placed_at", DateTime}, Column{"priority", Text}, Column{"clerk", Text}, Column{"remark", Text}),
		lines:     table("wh_lines", id("order_id"), Column{"line_no", Integer}, Column{"part_id", Integer}, Column{"supplier_id", Integer}, Column{"quantity", Integer}, Column{"price", Money}, Column{"discount", Money}, Column{"tax", Money}, Column{"flag", Text}, Column{"shipped_on", Date}, Column{"due_on", Date}, Column{"received_on", Date}, Column{"mode", Text}),
		staff:     table("wh_staff", id("employee_id"), Column{"manager_id", Integer}, Column{"name", Text}, Column{"hired_on", Date}),
	}
	for i, name := range regionNames() {
		g.regions.add(i, name)
	}
	for i, tenant := range Tenants() {
		g.tenant, g.r = tenant, rand.New(rand.NewPCG(19920101, uint64(i)))
		g.fill(scale)
	}
	return []*Table{g.regions, g.nations, g.suppliers, g.customers, g.parts, g.offers, g.orders, g.lines, g.staff}
}

func id(name string) Column { return Column{name, Integer} }

// table makes a table; all but the regions begin with the tenant.
func table(name string, columns ...Column) *Table {
	if name != "wh_regions" {
		columns = append([]Column{{"tenant", Tenant}}, columns...)
	}
	return &Table{Name: name, Columns: columns}
}

type generator struct {
	tenant string
	r      *rand.Rand

	regions, nations, suppliers, customers, parts, offers, orders, lines, staff *Table
}

const suppliersOfTenant, nationsOfTenant, staffOfTenant = 12, 15, 13

func (g *generator) fill(scale int) {
	for i := range nationsOfTenant {
		g.nations.add(g.tenant, i+1, i%5, nationNames()[i])
	}
	for i := range suppliersOfTenant {
		g.suppliers.add(g.tenant, i+1, g.between(1, nationsOfTenant), fmt.Sprintf("Supplier %s %02d", g.pick(cityNames()), i+1),
			Decimal(g.between(-99999, 999999)), g.maybe(70, g.pick(remarks())))
	}
	for i := range 40 * scale {
		g.customers.add(g.tenant, i+1, g.between(1, nationsOfTenant), fmt.Sprintf("%s %d", g.pick(peopleNames()), i+1),
			g.pick(segments()), g.maybe(90, Decimal(g.between(-99999, 999999))), g.maybe(80, g.phone()), g.maybe(90, g.between(0, 2) > 0))
	}
	for i := range staffOfTenant { // a tree: everybody reports to an earlier one
		var manager any
		if i > 0 {
			manager = (i-1)/3 + 1
		}
		g.staff.add(g.tenant, i+1, manager, g.pick(peopleNames()), day(g.between(-4000, 0)))
	}
	g.fillParts(40 * scale)
	for i := range 160 * scale {
		g.order(i+1, 40*scale, 40*scale)
	}
}

func (g *generator) fillParts(count int) {
	for i := range count {
		g.parts.add(g.tenant, i+1, g.pick(colours())+" "+g.pick(colours())+" "+g.pick(materials()), fmt.Sprintf("Brand#%d%d", g.between(1, 3), g.between(1, 3)),
			g.pick(kinds())+" "+g.pick(materials()), g.between(1, 50), g.pick(containers()), g.price(i+1))
		first := g.between(1, suppliersOfTenant)
		for n := range 3 { // three different suppliers
			g.offers.add(g.tenant, i+1, (first+4*n)%suppliersOfTenant+1, g.between(0, 999), Decimal(g.between(100, 99999)))
		}
	}
}

func (g *generator) price(part int) Decimal { return Decimal(90000 + part*7%2001*10 + part%97) }

// order adds an order of 1 to 5 lines. A third of the customers never buys.
func (g *generator) order(number, customers, parts int) {
	customer := g.between(1, customers)
	if customer%3 == 0 {
		customer--
	}
	at := g.between(0, 2500)
	var total Decimal
	open, count := 0, g.between(1, 5)
	for n := range count {
		part, quantity := g.between(1, parts), g.between(1, 50)
		price := g.price(part) * Decimal(quantity)
		shipped := at + g.between(1, 120)
		flag := "N"
		if shipped < 1400 {
			flag = g.pick([]string{"A", "R"})
		}
		if shipped > 1450 {
			open++
		}
		g.lines.add(g.tenant, number, n+1, part, (part+4*n)%suppliersOfTenant+1, quantity, price,
			Decimal(g.between(0, 10)), g.maybe(95, Decimal(g.between(0, 8))), flag,
			day(shipped), day(at+g.between(30, 90)), g.maybe(92, day(shipped+g.between(1, 30))), g.pick(modes()))
		total += price
	}
	status := "P"
	switch open {
	case 0:
		status = "F"
	case count:
		status = "O"
	}
	placed := start().AddDate(0, 0, at).Add(time.Duration(g.between(0, 86399)) * time.Second)
	g.orders.add(g.tenant, number, customer, status, total, day(at), placed.Format(time.DateTime),
		g.maybe(95, g.pick(priorities())), fmt.Sprintf("Clerk#%03d", g.between(1, 20)), g.maybe(60, g.pick(remarks())))
}

// start is the first day of business; a few of the days that follow are leap
// days and ends of months.
func start() time.Time { return time.Date(1992, 1, 1, 0, 0, 0, 0, time.UTC) }

func day(n int) string { return start().AddDate(0, 0, n).Format(time.DateOnly) }

func (g *generator) between(low, high int) int { return low + g.r.IntN(high-low+1) }

func (g *generator) pick(from []string) string { return from[g.r.IntN(len(from))] }

// maybe gives a value in so many of a hundred cases, else NULL.
func (g *generator) maybe(percent int, v any) any {
	if g.r.IntN(100) < percent {
		return v
	}
	return nil
}

func (g *generator) phone() string {
	return fmt.Sprintf("%02d-%03d-%04d", g.between(10, 34), g.between(100, 999), g.between(1000, 9999))
}
