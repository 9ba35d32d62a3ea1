package rls_test

import (
	"testing"
)

// benchQueries are what the benchmarks enforce.
var benchQueries = map[string]string{
	"point": "SELECT id, amount FROM orders WHERE id = 1",
	"join":  "SELECT c.name, COUNT(*) AS n, SUM(o.amount) AS total FROM customers c JOIN orders o ON o.customer_id = c.id JOIN regions r ON r.code = c.region WHERE o.status = 'open' GROUP BY c.name ORDER BY total DESC LIMIT 10",
}

func BenchmarkEnforce(b *testing.B) {
	f := newThreats(b)
	for name, query := range benchQueries {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f.shared.Enforce(b.Context(), f.acme, query); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
