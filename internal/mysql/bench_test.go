package mysql_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"vitess.io/vitess/go/vt/sqlparser"

	"github.com/hedgerow/hedgerow/internal/mysql"
)

var benchmarks = map[string]string{
	"OneTable": "SELECT id, amount FROM orders WHERE status = 'open' ORDER BY amount DESC LIMIT 10",
	"TPCHQ21": `SELECT s_name, count(*) AS numwait
FROM supplier, lineitem l1, orders, nation
WHERE s_suppkey = l1.l_suppkey AND o_orderkey = l1.l_orderkey AND o_orderstatus = 'F' AND l1.l_receiptdate > l1.l_commitdate
  AND EXISTS (SELECT * FROM lineitem l2 WHERE l2.l_orderkey = l1.l_orderkey AND l2.l_suppkey <> l1.l_suppkey)
  AND NOT EXISTS (SELECT * FROM lineitem l3 WHERE l3.l_orderkey = l1.l_orderkey AND l3.l_suppkey <> l1.l_suppkey
    AND l3.l_receiptdate > l3.l_commitdate)
  AND s_nationkey = n_nationkey AND n_name = 'SAUDI ARABIA'
GROUP BY s_name ORDER BY numwait DESC, s_name LIMIT 100`,
	"Except": "SELECT id FROM orders EXCEPT SELECT order_id FROM returns UNION SELECT 1 INTERSECT SELECT 2",
}

// BenchmarkParse compares Parse with Vitess's own parse of the same text.
func BenchmarkParse(b *testing.B) {
	p := newParser(b)
	vitess, err := sqlparser.New(sqlparser.Options{})
	require.NoError(b, err)
	for name, sql := range benchmarks {
		b.Run(name+"/hedgerow", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := p.Parse(sql, mysql.DefaultLimits()); err != nil {
					b.Fatal(err)
				}
			}
		})
		if name == "Except" {
			continue // Vitess cannot parse it
		}
		b.Run(name+"/vitess", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := vitess.ParseStrictDDL(sql); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
