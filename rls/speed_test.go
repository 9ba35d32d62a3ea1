//go:build !race

package rls_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The guards below hold what the benchmarks measure against limits that noise
// doesn't reach: allocations exactly, and times as ratios within one run with
// wide margins. The race detector changes both.

// A statement that was compiled before costs one allocation, itself with its
// arguments.
func TestWarmAllocations(t *testing.T) {
	e := newBench(t, 10, 10)
	names, texts := benchTexts()
	for _, name := range names[:5] {
		allocations := testing.AllocsPerRun(100, func() { e.enforce(t, e.who, texts[name]) })
		assert.LessOrEqual(t, allocations, 1.0, name)
	}
}

// A warm statement is some look-ups, a cold one a few times what Vitess does with
// the text.
func TestSpeedGuard(t *testing.T) {
	e := newBench(t, 10, 10)
	_, texts := benchTexts()
	times, _ := ratio(func() { e.enforce(t, e.who, texts["join"]) }, floor(texts["join"]))
	t.Logf("warm: %.1f times the floor", times)
	assert.Less(t, times, 20.0)
	times, _ = ratio(unseen(t, e, texts["join"]), vitess(t, texts["join"]))
	t.Logf("cold: %.1f times Vitess", times)
	assert.Less(t, times, 10.0)
}

// Neither the size of the model nor the number of policies makes a statement
// dearer.
func TestSpeedIsFlat(t *testing.T) {
	_, texts := benchTexts()
	small, large := newBench(t, 10, 1), newBench(t, 2_000, 100)
	warm, _ := ratio(func() { large.enforce(t, large.who, texts["join"]) }, func() { small.enforce(t, small.who, texts["join"]) })
	cold, _ := ratio(unseen(t, large, texts["join"]), unseen(t, small, texts["join"]))
	t.Logf("2,000 datasets and 100 policies: %.2f warm, %.2f cold", warm, cold)
	assert.Less(t, warm, 3.0)
	assert.Less(t, cold, 3.0)
}

// coldAllocations are those of texts that were never seen, Vitess's own parse
// included, when what the policies decide is known.
var coldAllocations = map[string]float64{"point": 56, "join": 112, "Q1": 142, "Q5": 167, "Q21": 214}

// TestColdAllocations keeps them from growing. The margin is for memory that the
// collector takes from pools.
func TestColdAllocations(t *testing.T) {
	e := newBenchWith(t, 10, 10, 1<<20)
	_, texts := benchTexts()
	for name, most := range coldAllocations {
		text := texts[name] + strings.Repeat(" ", 13<<10) // more than a plan may take
		got := testing.AllocsPerRun(200, func() { e.enforce(t, e.who, text) })
		assert.LessOrEqual(t, got, most*1.02, name)
		assert.GreaterOrEqual(t, got, most*0.9, "%s: a plan was found, or the number can be lowered", name)
	}
}
