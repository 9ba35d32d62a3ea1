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
		all = append(all, got)
	}
	for n, got := range all {
		_ = append(got, -2) // moves out
		for _, v := range got {
			assert.Equal(t, n, v)
		}
	}
}
