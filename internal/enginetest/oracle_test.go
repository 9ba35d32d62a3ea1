package enginetest

import (
	"database/sql"
	"flag"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/dialect"
	"github.com/hedgerow/hedgerow/internal/oracle"
	"github.com/hedgerow/hedgerow/internal/oracle/totality"
)

var (
	oracleQueries  = flag.Int("oracle.queries", 300, "number of random statements")
	oracleSeed     = flag.Uint64("oracle.seed", 1, "seed of the random statements; a fresh one is tried as well")
	oracleMost     = flag.Int("oracle.most", 1, "number of differences after which to stop")
	totalityRun    = flag.Bool("totality", false, "run what the dialect calls total over extreme values; DuckDB may take very long")
	totalityFull   = flag.Bool("totality.full", false, "try every combination of columns and constants")
	totalityNested = flag.Int("totality.nested", 2000, "number of random nested expressions")
)

// TestTotality: nothing that the dialect calls total raises an error, whatever
// values it meets.
func TestTotality(t *testing.T) {
	if !*totalityRun {
		t.Skip("asked for with -totality: DuckDB did not get through all of it")
	}
	report, err := totality.Check(t.Context(), duckDB("").open(t), dialect.DuckDB, totality.Options{
		Full: *totalityFull, Nested: *totalityNested, Seed: *oracleSeed,
		Found: func(v totality.Violation) {
			if testing.Verbose() {
				t.Log(v)
			}
		},
	})
	require.NoError(t, err)
	t.Logf("%d expressions of %d shapes", report.Total, len(report.Tried))
	for _, v := range report.Classes() {
		t.Error(v)
	}
	assert.Empty(t, report.Slow)
	assert.Greater(t, report.Total, 5000)
}

// TestOracle: whatever stands where in a query, its answer doesn't tell of rows
// that the session may not see.
func TestOracle(t *testing.T) {
	e := duckDB("")
	h, err := oracle.NewHarness(t.Context(), oracle.Database{Name: e.name, Dialect: e.dialect, Open: func() *sql.DB { return e.open(t) }})
	require.NoError(t, err)
	for _, seed := range []uint64{*oracleSeed, rand.Uint64() >> 32} {
		r := h.Run(t.Context(), oracle.Config{Queries: *oracleQueries, Seed: seed, Most: *oracleMost})
		t.Logf("-oracle.seed=%d: %v", seed, r)
		for name, d := range r.Shortest() {
			t.Errorf("%s\n%v", name, d)
		}
		if len(r.Differences) == 0 {
			assert.NoError(t, r.Sound(), "%v", r.Refusals)
		}
	}
}
