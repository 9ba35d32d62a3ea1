package ast_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/ast"
)

// Values of a slab are zero, and nothing written to one reaches another.
func TestSlab(t *testing.T) {
	var s ast.Slab[int]
	var all [][]int
	var ones []*int
	for n := range 100 {
		got := s.Slice(n % 40)
		require.Len(t, got, n%40)
		for i := range got {
			require.Zero(t, got[i])
			got[i] = n
		}
		one := s.New()
		require.Zero(t, *one)
		*one = -1
		all, ones = append(all, got), append(ones, one)
	}
	for _, got := range all {
		_ = append(got, -2) // moves out
	}
	for n, got := range all {
		assert.Equal(t, -1, *ones[n])
		for _, v := range got {
			assert.Equal(t, n, v)
		}
	}
}
