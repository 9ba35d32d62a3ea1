package rls_test

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// costTPCH are the tables of TPC-H with four tenants, who share nations and regions.
// The values follow the rules of TPC-H as far as its queries look for them, in
// smaller domains, so that they find some.
var costTPCH = costSchema{
	policies: `
session:
  - {name: tenant, type: int, required: true}
policies:
  - {name: own, datasets: [part, supplier, partsupp, customer, orders, lineitem], rows: row.tenant == session.tenant}
  - {name: shared, datasets: [region, nation], rows: "true"}
`,
	tenants: []any{1, 2, 3, 4},
	asks:    2,
	tables: []costTable{
		{
			name: "region", columns: "r_regionkey int, r_name varchar(60), r_comment varchar(60)",
			keys: []string{"r_regionkey"}, shared: true, rows: 5,
			row: func(_ *rand.Rand, n int) string {
				return fmt.Sprintf("%d, '%s', ''", n, []string{"AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST"}[n])
			},
		},
		{
			name: "nation", columns: "n_nationkey int, n_name varchar(60), n_regionkey int, n_comment varchar(60)",
			keys: []string{"n_nationkey"}, shared: true, rows: 25,
			row: func(_ *rand.Rand, n int) string {
				return fmt.Sprintf("%d, '%s', %d, ''", n, tpchNations[n].name, tpchNations[n].region)
			},
		},
		{
			name: "supplier",
			columns: "tenant int, s_suppkey int, s_name varchar(60), s_address varchar(60), s_nationkey int, s_phone varchar(60)," +
				" s_acctbal decimal(12,2), s_comment varchar(60)",
			keys: []string{"tenant, s_suppkey", "tenant, s_nationkey"}, rows: tpchSuppliers,
			row: func(r *rand.Rand, n int) string {
				return fmt.Sprintf("%d, 'Supplier#%d', 'address', %d, '%d-555', %d.5, '%s'", n, n, n%25, n%25+10, r.IntN(10_000)-1000,
					costPick(r, "", "", "Customer heavy Complaints"))
			},
		},
		{
			name: "part",
			columns: "tenant int, p_partkey int, p_name varchar(60), p_mfgr varchar(60), p_brand varchar(60), p_type varchar(60)," +
				" p_size int, p_container varchar(60), p_retailprice decimal(12,2), p_comment varchar(60)",
			keys: []string{"tenant, p_partkey"}, rows: tpchParts,
			row: func(r *rand.Rand, n int) string {
				color := func() string { return costPick(r, "green", "forest", "almond", "blue", "coral", "ivory") }
				return fmt.Sprintf("%d, '%s %s', 'mfgr', 'Brand#%s', '%s %s %s', %d, '%s %s', %d.5, ''", n, color(), color(),
					costPick(r, "12", "23", "34", "45", "51"), costPick(r, "ECONOMY", "MEDIUM", "PROMO"), costPick(r, "ANODIZED", "POLISHED"),
					costPick(r, "STEEL", "BRASS", "TIN"), 1+r.IntN(50), costPick(r, "SM", "MED", "LG"), costPick(r, "CASE", "BOX", "PACK", "PKG"), 900+n)
			},
		},
		{
			name: "partsupp", columns: "tenant int, ps_partkey int, ps_suppkey int, ps_availqty int, ps_supplycost decimal(12,2), ps_comment varchar(60)",
			keys: []string{"tenant, ps_partkey, ps_suppkey", "tenant, ps_suppkey"}, rows: 4 * tpchParts,
			row: func(r *rand.Rand, n int) string {
				return fmt.Sprintf("%d, %d, %d, %d.25, ''", n/4, tpchSupplier(n/4, n%4), 1+r.IntN(9999), 1+r.IntN(1000))
			},
		},
		{
			name: "customer",
			columns: "tenant int, c_custkey int, c_name varchar(60), c_address varchar(60), c_nationkey int, c_phone varchar(60)," +
				" c_acctbal decimal(12,2), c_mktsegment varchar(60), c_comment varchar(60)",
			keys: []string{"tenant, c_custkey", "tenant, c_nationkey"}, rows: tpchCustomers,
			row: func(r *rand.Rand, n int) string {
				nation := r.IntN(25)
				return fmt.Sprintf("%d, 'Customer#%d', 'address', %d, '%d-555', %d.5, '%s', ''", n, n, nation, nation+10, r.IntN(10_000)-1000,
					costPick(r, "BUILDING", "AUTOMOBILE", "MACHINERY", "HOUSEHOLD", "FURNITURE"))
			},
		},
		{
			name: "orders",
			columns: "tenant int, o_orderkey int, o_custkey int, o_orderstatus varchar(60), o_totalprice decimal(12,2), o_orderdate date," +
				" o_orderpriority varchar(60), o_clerk varchar(60), o_shippriority int, o_comment varchar(60)",
			keys: []string{"tenant, o_orderkey", "tenant, o_custkey", "tenant, o_orderdate"}, rows: tpchOrders,
			row: func(r *rand.Rand, n int) string {
				return fmt.Sprintf("%d, %d, '%s', %d.5, '%s', '%s', 'clerk', 0, '%s'", n, r.IntN(tpchCustomers/3)*3, // a third orders
					costPick(r, "F", "O", "P"), r.IntN(400_000), costDay(r, 1992, 7).Format(time.DateOnly),
					costPick(r, "1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECIFIED", "5-LOW"), costPick(r, "", "", "", "special packages requests"))
			},
		},
		{
			name: "lineitem",
			columns: "tenant int, l_orderkey int, l_partkey int, l_suppkey int, l_linenumber int, l_quantity decimal(12,2), l_extendedprice decimal(12,2)," +
				" l_discount decimal(12,2), l_tax decimal(12,2), l_returnflag varchar(60), l_linestatus varchar(60), l_shipdate date," +
				" l_commitdate date, l_receiptdate date, l_shipinstruct varchar(60), l_shipmode varchar(60), l_comment varchar(60)",
			keys: []string{"tenant, l_orderkey, l_linenumber", "tenant, l_partkey, l_suppkey", "tenant, l_suppkey", "tenant, l_shipdate"}, rows: 4 * tpchOrders,
			row: func(r *rand.Rand, n int) string {
				order, part, quantity := n/4, r.IntN(tpchParts), 1+r.IntN(50)
				if order%200 == 0 {
					quantity += 50 // few orders are large
				}
				shipped := costDay(r, 1992, 7)
				day := func(days int) string { return shipped.AddDate(0, 0, days).Format(time.DateOnly) }
				return fmt.Sprintf("%d, %d, %d, %d, %d, %d.5, 0.%02d, 0.%02d, '%s', '%s', '%s', '%s', '%s', '%s', '%s', ''", order, part, tpchSupplier(part, r.IntN(4)),
					n%4, quantity, quantity*(900+part), r.IntN(11), r.IntN(9), costPick(r, "R", "A", "N"), costPick(r, "O", "F"), day(0), day(r.IntN(90)-30), day(1+r.IntN(30)),
					costPick(r, "DELIVER IN PERSON", "COLLECT COD", "NONE"), costPick(r, "AIR", "MAIL", "SHIP", "RAIL", "TRUCK"))
			},
		},
	},
}

const (
	tpchSuppliers = 50
	tpchParts     = 500
	tpchCustomers = 375
	tpchOrders    = 3750
)

// tpchSupplier gives one of the four suppliers of a part.
func tpchSupplier(part, i int) int { return (part + i*13) % tpchSuppliers }

var tpchNations = []struct {
	name   string
	region int
}{
	{"ALGERIA", 0}, {"ARGENTINA", 1}, {"BRAZIL", 1}, {"CANADA", 1}, {"EGYPT", 4}, {"ETHIOPIA", 0}, {"FRANCE", 3}, {"GERMANY", 3}, {"INDIA", 2},
	{"INDONESIA", 2}, {"IRAN", 4}, {"IRAQ", 4}, {"JAPAN", 2}, {"JORDAN", 4}, {"KENYA", 0}, {"MOROCCO", 0}, {"MOZAMBIQUE", 0}, {"PERU", 1},
	{"CHINA", 2}, {"ROMANIA", 3}, {"SAUDI ARABIA", 4}, {"VIETNAM", 2}, {"RUSSIA", 3}, {"UNITED KINGDOM", 3}, {"UNITED STATES", 1},
}
