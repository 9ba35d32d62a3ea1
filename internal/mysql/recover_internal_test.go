package mysql

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPanicIsAnError calls Vitess's parser behind the gate's back with texts at
// which it panics.
func TestPanicIsAnError(t *testing.T) {
	p, err := New()
	require.NoError(t, err)
	for _, text := range []string{"select @@global.", "select @@session.", "with x as (select 1) (select 1)"} {
		require.NotPanics(t, func() {
			stmt, err := p.parse(text)
			require.ErrorIs(t, err, errPanic, text)
			require.Nil(t, stmt, text)
		})
	}
}
