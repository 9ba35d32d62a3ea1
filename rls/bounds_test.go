package rls_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/policy"
	"github.com/hedgerow/hedgerow/rls"
	"github.com/hedgerow/hedgerow/semantic"
	"github.com/hedgerow/hedgerow/session"
)

var (
	boundsLong = flag.Bool("bounds.long", false, "grow every hostile shape up to the limits, on every dialect")
	boundsSeed = flag.Uint64("bounds.seed", 1, "seed of the shapes that are composed")
	boundsRun  = flag.String("bounds.shape", "", "only shapes whose names hold this")
	boundsLog  = flag.Bool("bounds.log", false, "log the worst measurement of each shape")
)

// What an Enforce may cost: Limits documents it.
const (
	boundTime     = time.Second
	boundPerByte  = 64
	boundConstant = 64 << 20
)

// cost is what one call took.
type cost struct {
	took  time.Duration
	bytes uint64
	err   error
}

func measure(f func() error) cost {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := cpuTime()
	err := f()
	took := cpuTime() - start
	runtime.ReadMemStats(&after)
	return cost{took, after.TotalAlloc - before.TotalAlloc, err}
}

// leastOf measures up to three times until the cost is within bounds: what else
// runs in the process counts too.
func leastOf(measure func() cost, within func(cost) bool) cost {
	c := measure()
	for n := 0; n < 2 && !within(c); n++ {
		c = measure()
	}
	return c
}

// boundsFixture is a small and a wide dataset under a plain policy.
func boundsFixture(t testing.TB) (*policy.Set, session.Session) {
	t.Helper()
	field := func(name, typ string) string {
		return fmt.Sprintf("          - {name: %s, datatype: %s, expression: {dialects: [{dialect: ANSI_SQL, expression: %[1]s}]}}\n", name, typ)
	}
	var b strings.Builder
	b.WriteString("version: \"0.2.0\"\nsemantic_model:\n  - name: bounds\n    datasets:\n")
	dataset := func(name string) {
		fmt.Fprintf(&b, "      - name: %s\n        source: %[1]s\n        fields:\n", name)
		b.WriteString(field("organization_id", "String"))
	}
	dataset("orders")
	for _, f := range [][2]string{{"id", "Integer"}, {"customer_id", "Integer"}, {"amount", "Integer"}, {"price", "Decimal"}, {"ratio", "Float"},
		{"note", "String"}, {"d", "Date"}, {"ts", "DateTime"}, {"paid", "Boolean"}} {
		b.WriteString(field(f[0], f[1]))
	}
	dataset("customers")
	b.WriteString(field("id", "Integer") + field("region", "String"))
	dataset("nums")
	b.WriteString(field("n", "Integer"))
	dataset("wide")
	for i := range 60 {
		b.WriteString(field(fmt.Sprintf("w%d", i), "Integer"))
	}
	m, err := semantic.Parse("model.yaml", []byte(b.String()))
	require.NoError(t, err)
	set, err := policy.Parse("policy.yaml", []byte(`
session:
  - {name: organization_id, type: string, required: true}
tenant: {field: organization_id, property: organization_id}
policies:
  - {name: own, datasets: "*", rows: row.organization_id == session.organization_id}
`), m)
	require.NoError(t, err)
	return set, newSession(t, set, map[string]any{"organization_id": "acme"})
}

// boundsDialects are those on which statements can run; their printers differ.
func boundsDialects() []rls.Dialect {
	return []rls.Dialect{rls.SQLite, rls.PostgreSQL, rls.MariaDB, rls.DuckDB}
}

// enforcing measures one query.
func enforcing(e *rls.Enforcer, s session.Session, query string) cost {
	args := make([]any, strings.Count(query, "?"))
	return measure(func() error {
		_, err := e.Enforce(context.Background(), s, query, args...)
		return err
	})
}

// TestEnforceIsBounded grows hostile shapes and holds what they cost against
// what Limits documents: up to the limits with -bounds.long; otherwise it is
// enough that twice the text doesn't cost much more than twice the memory.
func TestEnforceIsBounded(t *testing.T) {
	set, s := boundsFixture(t)
	plain, nested := boundsShapes()
	rnd := rand.New(rand.NewPCG(*boundsSeed, 0))
	shapes := plain
	if *boundsLong {
		all := append(slices.Clone(plain), nested...)
		shapes = slices.Clone(all)
		for range 300 {
			shapes = append(shapes, composed(rnd, all))
		}
	}
	for _, d := range boundsDialects() {
		e, err := rls.New(rls.Config{Policies: set, Dialect: d, CacheBytes: -1})
		require.NoError(t, err)
		_ = enforcing(e, s, "SELECT * FROM orders") // what is made once
		for _, sh := range shapes {
			switch {
			case !strings.Contains(sh.name, *boundsRun):
			case *boundsLong:
				grow(t, d, e, s, sh)
			case d == rls.SQLite:
				double(t, d, e, s, sh)
			}
		}
		if *boundsLong {
			continue
		}
		for range 10 {
			grow(t, d, e, s, nested[rnd.IntN(len(nested))])
		}
	}
}

// double compares a text of some KB with half of it.
func double(t *testing.T, d rls.Dialect, e *rls.Enforcer, s session.Session, sh growing) {
	t.Helper()
	n := 8
	for len(sh.of(n)) < 24<<10 && len(sh.of(2*n)) > len(sh.of(n)) {
		n *= 2
	}
	half, whole := sh.of(n/2), sh.of(n)
	if 2*len(half) > len(whole)*6/5 { // as deep as may be
		return
	}
	_ = enforcing(e, s, half) // what is kept for the next query
	before := enforcing(e, s, half)
	after := leastOf(func() cost { return enforcing(e, s, whole) }, func(c cost) bool { return c.bytes <= before.bytes*3+2<<20 })
	if before.err != nil {
		requireTyped(t, before.err)
	}
	if errors.Is(after.err, rls.ErrLimit) {
		return
	}
	assert.LessOrEqual(t, after.bytes, before.bytes*3+2<<20, "%s, %q, n = %d: %d bytes of text, from %d KiB to %d KiB: %v",
		d, sh.name, n, len(whole), before.bytes>>10, after.bytes>>10, shortened(after.err))
}

// grow doubles a shape until the text is too large.
func grow(t *testing.T, d rls.Dialect, e *rls.Enforcer, s session.Session, sh growing) {
	t.Helper()
	for n, last := 4, ""; n <= 1<<18; n *= 2 {
		query := sh.of(n)
		if len(query) > 1<<20 || query == last {
			return
		}
		last = query
		within := func(c cost) bool {
			return c.bytes <= uint64(boundPerByte*len(query)+boundConstant) && c.took <= boundTime
		}
		c := leastOf(func() cost { return enforcing(e, s, query) }, within)
		if c.err != nil {
			requireTyped(t, c.err)
		}
		over := !within(c)
		assert.False(t, over, "%s, %q, n = %d: %d bytes of text, %v, %d MiB: %v", d, sh.name, n, len(query), c.took, c.bytes>>20, shortened(c.err))
		if *boundsLog {
			t.Logf("%s, %q, n = %d: %d bytes of text, %v, %d MiB: %v", d, sh.name, n, len(query), c.took, c.bytes>>20, shortened(c.err))
		}
		if over || errors.Is(c.err, rls.ErrLimit) && n > 1<<10 {
			return
		}
	}
}
