package shop

import (
	"fmt"
	"strings"
	"time"
)

// table is a physical table with its rows, in the order of schema.sql's columns.
type table struct {
	name string
	rows [][]any
}

func (t *table) add(row ...any) { t.rows = append(t.rows, row) }
func (t *table) nextID() int    { return len(t.rows) + 1 }
func stamp(t time.Time) string  { return t.Format(time.DateTime) }
func date(t time.Time) string   { return t.Format(time.DateOnly) }
func hours(n int) time.Duration { return time.Duration(n) * time.Hour }
func days(n int) time.Duration  { return hours(24 * n) }
func quarters(n int) float64    { return float64(n) / 4 }
func share(n, percent int) int  { return max(1, n*percent/100) }
func opening() time.Time        { return time.Date(2024, 1, 1, 8, 0, 0, 0, time.UTC) }
func lower(first string) string { return strings.ToLower(strings.ReplaceAll(first, " ", "")) }
func skuPrefix(c string) string { return strings.ToUpper(c[:3]) }
func employeeCount() int        { return len(titles()) }
func firstEmployee(org int) int { return org*employeeCount() + 1 }

// product and customer are what an order has to know of them.
type product struct {
	id    int
	price float64
}

type customer struct {
	id     int
	region any
}

// generator fills the tables. Money is always a multiple of 0.25, which a
// float64 holds exactly: a sum is then the same in whatever order a database
// adds up.
type generator struct {
	random
	organizations, regions, staff, customers, catalog table
	orders, lines, payments, shipments                table
	products                                          map[string][]product
	buyers                                            map[string][]customer
}

// generate makes all rows. Orders of the organizations are interleaved, as
// they would be in a table that organizations share.
func generate(size Size) []*table {
	g := &generator{
		random:        20240101,
		organizations: table{name: "shop_organizations"},
		regions:       table{name: "regions", rows: regionRows()},
		staff:         table{name: "staff"},
		customers:     table{name: "shop_customers"},
		catalog:       table{name: "catalog"},
		orders:        table{name: "shop_orders"},
		lines:         table{name: "shop_order_lines"},
		payments:      table{name: "payments"},
		shipments:     table{name: "shipments"},
		products:      map[string][]product{},
		buyers:        map[string][]customer{},
	}
	orgs := organizations()
	for i, o := range orgs {
		g.organizations.add(o.id, o.name, o.country, o.plan, o.foundedOn)
		g.employees(i, o)
		g.addCustomers(i, o, share(size.Customers, o.share))
		g.addProducts(o, share(size.Products, o.share))
	}
	for n := range size.Orders {
		for i, o := range orgs {
			if n*o.share/100 < (n+1)*o.share/100 { // share percent of the turns, evenly
				g.addOrder(i, o, opening().Add(days(n*540/size.Orders)+time.Duration(g.below(36000))*time.Second))
			}
		}
	}
	return []*table{&g.organizations, &g.regions, &g.staff, &g.customers, &g.catalog, &g.orders, &g.lines, &g.payments, &g.shipments}
}

// employees form a tree: each but the first reports to an earlier one.
func (g *generator) employees(org int, o organization) {
	first := firstEmployee(org)
	for rank, title := range titles() {
		var region, manager any
		if rank > 0 {
			region = o.regions[rank%len(o.regions)]
			manager = first + (rank-1)/3
		}
		g.staff.add(first+rank, o.id, pick(&g.random, firstNames()), pick(&g.random, lastNames()), title, region, manager,
			96000-6500*rank+500*g.below(8), date(opening().Add(-days(g.between(30, 4000)))))
	}
}

func (g *generator) addCustomers(org int, o organization, count int) {
	for range count {
		id := g.customers.nextID()
		first, last := pick(&g.random, firstNames()), pick(&g.random, lastNames())
		home := pick(&g.random, o.regions)
		region := maybe(&g.random, 95, home)
		g.customers.add(id, o.id, first, last,
			maybe(&g.random, 90, fmt.Sprintf("%s.%d@%s.example", lower(first), id, o.id)),
			maybe(&g.random, 70, fmt.Sprintf("%s-%06d", strings.ToUpper(home[:2]), g.below(1000000))),
			region, pick(&g.random, cities(home)), pick(&g.random, []string{"consumer", "consumer", "small business", "enterprise"}),
			maybe(&g.random, 60, 250*g.between(1, 20)),
			maybe(&g.random, 75, firstEmployee(org)+g.between(1, 8)),
			maybe(&g.random, 25, pick(&g.random, customerNotes())),
			stamp(opening().Add(-days(g.below(900))-time.Duration(g.below(80000))*time.Second)))
		g.buyers[o.id] = append(g.buyers[o.id], customer{id, region})
	}
}

// addProducts draws from the same names for every organization.
func (g *generator) addProducts(o organization, count int) {
	for n := range count {
		id := g.catalog.nextID()
		category := categories()[n%len(categories())]
		sku := fmt.Sprintf("%s-%03d", skuPrefix(category), n+1)
		if g.chance(10) {
			sku = "X-" + sku
		}
		units := g.between(10, 700)
		price, cost := quarters(units), quarters(share(units, g.between(40, 80)))
		weight := maybe(&g.random, 80, 50*g.between(1, 120))
		discontinued := 0
		if g.chance(15) {
			discontinued = 1
		}
		g.catalog.add(id, o.id, sku, pick(&g.random, qualities())+" "+pick(&g.random, articles(category)), category, price, cost, weight, discontinued)
		g.products[o.id] = append(g.products[o.id], product{id, price})
	}
}

// addOrder adds an order with its lines, payments and shipment.
func (g *generator) addOrder(org int, o organization, at time.Time) {
	id := g.orders.nextID()
	buyer := pick(&g.random, g.buyers[o.id])
	status := pick(&g.random, []string{"draft", "pending", "paid", "paid", "shipped", "shipped", "delivered", "delivered", "delivered", "cancelled"})
	amount := g.addLines(id, o)
	var shippedAt any
	if status == "shipped" || status == "delivered" {
		shipped := at.Add(hours(g.between(5, 120)))
		shippedAt = stamp(shipped)
		g.addShipment(id, o, buyer, shipped, status == "delivered")
	}
	if status != "draft" && status != "cancelled" {
		g.addPayments(id, o, amount, at, status == "pending")
	}
	g.orders.add(id, o.id, buyer.id, maybe(&g.random, 80, firstEmployee(org)+g.between(2, 8)), buyer.region, status, amount,
		stamp(at), shippedAt, maybe(&g.random, 30, pick(&g.random, orderNotes())))
}

// addLines gives the sum of the lines.
func (g *generator) addLines(order int, o organization) float64 {
	var amount float64
	for range g.between(1, 4) {
		p := pick(&g.random, g.products[o.id])
		quantity := g.between(1, 9)
		total := float64(quantity) * p.price
		var discount any
		if g.chance(30) {
			d := min(quarters(g.between(1, 12)), total)
			discount, total = d, total-d
		}
		g.lines.add(g.lines.nextID(), o.id, order, p.id, quantity, p.price, discount)
		amount += total
	}
	return amount
}

// addPayments pays an order, in two parts now and then.
func (g *generator) addPayments(order int, o organization, amount float64, at time.Time, due bool) {
	parts := []float64{amount}
	if g.chance(15) {
		first := quarters(int(amount * 2))
		parts = []float64{first, amount - first}
	}
	for n, part := range parts {
		var paidAt any
		if !due {
			paidAt = stamp(at.Add(hours(n*72 + g.below(60))))
		}
		g.payments.add(g.payments.nextID(), o.id, order, pick(&g.random, []string{"card", "card", "transfer", "wallet", "invoice"}), part,
			maybe(&g.random, 60, fmt.Sprintf("%s/%05d", strings.ToUpper(o.id[:2]), g.below(100000))), paidAt)
	}
}

func (g *generator) addShipment(order int, o organization, buyer customer, shipped time.Time, delivered bool) {
	var deliveredOn any
	if delivered {
		deliveredOn = date(shipped.Add(days(g.between(1, 9))))
	}
	g.shipments.add(g.shipments.nextID(), o.id, order, buyer.region, pick(&g.random, []string{"DHL", "PostNord", "UPS", "Yamato"}),
		maybe(&g.random, 85, fmt.Sprintf("T%09d", g.below(1000000000))), date(shipped), deliveredOn)
}
