package rls_test

import (
	"database/sql"
	"flag"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/oracle"
	"github.com/hedgerow/hedgerow/internal/testdb"
)

var (
	oracleQueries = flag.Int("oracle.queries", 300, "number of random statements for each database")
	oracleSeed    = flag.Uint64("oracle.seed", 1, "seed of the random statements; a fresh one is tried as well")
	oracleKinds   = flag.String("oracle.kinds", "", "kinds of policies, with commas between; all by default")
	oracleMost    = flag.Int("oracle.most", 1, "number of differences after which to stop")
	oracleRows    = flag.Int("oracle.rows", 500, "number of random statements that can't fail, for MariaDB")
)

// oracleBeginnings end statements that take too long.
var oracleBeginnings = map[testdb.Kind]string{
	testdb.PostgreSQL: "SET statement_timeout = 1500",
	testdb.MariaDB:    "SET max_statement_time = 1.5",
}

func newOracle(t *testing.T, k testdb.Kind) *oracle.Harness {
	t.Helper()
	h, err := oracle.NewHarness(t.Context(), oracle.Database{
		Name: string(k), Dialect: dialectOf[k],
		Open: func() *sql.DB {
			db := sql.OpenDB(oracle.Beginning(testdb.Connector(t, k, testdb.Options{}), oracleBeginnings[k]))
			db.SetMaxIdleConns(8)
			t.Cleanup(func() { db.Close() })
			return db
		},
	})
	require.NoError(t, err)
	return h
}

func oracleConfig(seed uint64) oracle.Config {
	c := oracle.Config{Queries: *oracleQueries, Seed: seed, Most: *oracleMost}
	if *oracleKinds != "" {
		c.Kinds = strings.Split(*oracleKinds, ",")
	}
	return c
}

// TestOracle: whatever stands where in a query, its answer doesn't tell of rows
// that the session may not see.
func TestOracle(t *testing.T) {
	testdb.Databases(t, func(t *testing.T, k testdb.Kind) {
		h := newOracle(t, k)
		for _, seed := range []uint64{*oracleSeed, rand.Uint64() >> 32} {
			r := h.Run(t.Context(), oracleConfig(seed))
			report(t, seed, r)
			if len(r.Differences) == 0 {
				assert.NoError(t, r.Sound(), "%v", r.Refusals)
				assert.Greater(t, r.Risky*2, r.Queries)
			}
		}
	})
}

// TestOracleRows: statements that can't fail give the same rows, also where
// MariaDB's optimiser and caches take one text for another.
func TestOracleRows(t *testing.T) {
	h := newOracle(t, testdb.MariaDB)
	for _, seed := range []uint64{*oracleSeed, rand.Uint64() >> 32} {
		c := oracleConfig(seed)
		c.Queries, c.Quiet, c.Interpolated = *oracleRows, true, true
		r := h.Run(t.Context(), c)
		report(t, seed, r)
		if len(r.Differences) == 0 {
			assert.NoError(t, r.Sound(), "%v", r.Refusals)
		}
		assert.Zero(t, r.Risky)
	}
}

// report logs what was tried and fails with one difference of each class.
func report(t *testing.T, seed uint64, r *oracle.Report) {
	t.Helper()
	t.Logf("-oracle.seed=%d: %v", seed, r)
	if testing.Verbose() {
		t.Logf("refusals: %v\nerrors on both sides: %v", r.Refusals, r.Failures)
	}
	shortest := r.Shortest()
	for _, class := range slices.Sorted(maps.Keys(shortest)) {
		t.Errorf("%s\n%v", class, shortest[class])
	}
}
