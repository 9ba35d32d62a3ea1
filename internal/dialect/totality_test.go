package dialect_test

import (
	"flag"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/oracle/totality"
)

var (
	totalityFull   = flag.Bool("totality.full", false, "try every combination of columns and constants")
	totalityEvery  = flag.Int("totality.every", 200, "try one of so many combinations of two operands or more")
	totalityNested = flag.Int("totality.nested", 200, "number of random nested expressions")
	totalitySeed   = flag.Uint64("totality.seed", 1, "seed of the random nested expressions")
)

// TestTotality: nothing that a dialect calls total raises an error, whatever
// values it meets.
func TestTotality(t *testing.T) {
	onServers(t, func(t *testing.T, e engine) {
		report, err := totality.Check(t.Context(), e.DB, e.d, totality.Options{
			Full: *totalityFull, Every: *totalityEvery, Nested: *totalityNested, Seed: *totalitySeed,
			Found: func(v totality.Violation) {
				if testing.Verbose() {
					t.Log(v)
				}
			},
		})
		require.NoError(t, err)
		t.Logf("%d expressions of %d shapes", report.Total, len(report.Tried))
		for _, v := range report.Classes() {
			if !strings.Contains(v, "cel.replace") { // grows by what the policy says: SECURITY.md has it
				t.Error(v)
			}
		}
		t.Logf("slow: %d", len(report.Slow))
		assert.Greater(t, report.Total, 300, "%v", slices.Sorted(maps.Keys(report.Tried)))
	})
}
