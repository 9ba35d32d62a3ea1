package rls_test

import "testing"

func BenchmarkWarm(b *testing.B) {
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
