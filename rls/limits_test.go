package rls_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/rls"
)

// hostileTexts are queries whose size is the attack. Those that are longer than
// the widest limits must be refused; the others may be accepted.
func hostileTexts() map[string]string {
	r := strings.Repeat
	return map[string]string{
		"4 MB of minus":       "SELECT 1" + r("-", 4_000_000) + "1",
		"minus with blanks":   "SELECT 1" + r(" - ", 1<<20) + "1",
		"9 MB of subqueries":  r("(select ", 9<<17),
		"20 MB of or":         "SELECT 1" + r(" or 1", 4<<20),
		"20 MB of or columns": "SELECT id FROM orders WHERE 1" + r(" or id", 20<<20/6),
		"15 MB of calls":      "SELECT " + r("abs(", 15<<18),
		"brackets":            "SELECT " + r("(", 4<<20),
		"closed brackets":     "SELECT " + r("(", 1<<20) + "1" + r(")", 1<<20),
		"not":                 "SELECT " + r("NOT ", 1<<20) + "1",
		"bang":                "SELECT " + r("!", 1<<20) + "1",
		"open case":           "SELECT " + r("CASE WHEN ", 1<<19) + "1",
		"nested case":         "SELECT " + r("CASE WHEN 1 THEN ", 1<<17) + "1" + r(" END", 1<<17),
		"plus":                "SELECT 1" + r("+1", 1<<20),
		"compare":             "SELECT 1" + r("=1", 1<<20),
		"is null":             "SELECT 1" + r(" IS NULL", 1<<18),
		"unions":              "SELECT 1" + r(" UNION SELECT 1", 1<<18),
		"derived tables":      r("SELECT * FROM (", 1<<18) + "SELECT 1 AS a" + r(") x", 1<<18),
		"joins":               "SELECT 1 FROM orders o" + numbered(" JOIN orders o%d ON o%[1]d.id = o.id", 8_000),
		"natural joins":       "SELECT 1 FROM orders o" + numbered(" NATURAL JOIN orders o%d", 1_500),
		"comma joins":         "SELECT o1.id FROM orders o" + numbered(", orders o%d", 20_000),
		"comma joins, names":  "SELECT o.id" + r(", o.id", 12_000) + " FROM orders o" + numbered(", orders o%d", 10_000),
		"comma joins, stars":  "SELECT *" + r(", o.*", 10_000) + " FROM orders o" + numbered(", orders o%d", 10_000),
		"in list":             "SELECT id FROM orders WHERE id IN (1" + r(",1", 1<<20) + ")",
		"in lists":            "SELECT id FROM orders WHERE 1" + r(" OR id IN (1, 2, 3)", 1<<17),
		"columns":             "SELECT 1" + r(",1", 100_000),
		"same columns":        "SELECT * FROM (SELECT id" + r(",id", 45_000) + " FROM orders) o",
		"different columns":   "SELECT c0" + numbered(", c%d", 15_000) + " FROM (SELECT 1 AS c0" + numbered(", 1 AS c%d", 15_000) + ") x",
		"natural, wide":       "SELECT 1 FROM (SELECT 1 AS c0" + numbered(", 1 AS c%d", 11_000) + ") x NATURAL JOIN (SELECT 1 AS c0" + numbered(", 1 AS c%d", 11_000) + ") y",
		"order by names":      "SELECT 1 AS c0" + numbered(", 1 AS c%d", 10_000) + " ORDER BY c0" + r(", c9999", 20_000),
		"group by aliases":    "SELECT 1 AS c0" + numbered(", 1 AS c%d", 10_000) + " FROM orders GROUP BY c0" + r(", c9999", 20_000),
		"values":              "SELECT * FROM (VALUES ROW(1)" + r(", ROW(1)", 20_000) + ") v",
		"windows":             "SELECT 1 FROM orders WINDOW w0 AS ()" + numbered(", w%d AS ()", 15_000),
		"placeholders":        "SELECT ?" + r(", ?", 49_000),
		"string":              "SELECT '" + r("x", 4<<20-20) + "'",
		"quotes":              "SELECT '" + r("''", 2<<20-20) + "'",
		"backslashes":         "SELECT '" + r(`\\`, 2<<20-20) + "'",
		"name":                "SELECT `" + r("x", 4<<20-20) + "`",
		"comment":             "/*" + r("*", 4<<20-20) + "*/ SELECT 1",
		"comments":            "SELECT" + r(" /* */", 600_000) + " 1",
		"semicolons":          "SELECT 1" + r(";", 4<<20),
		"like":                "SELECT id FROM orders WHERE note" + r(" LIKE 'a' OR note", 20_000) + " LIKE 'b'",
		"ctes":                "WITH c0 AS (SELECT 1 AS a)" + numbered(", c%d AS (SELECT a FROM c0)", 5_000) + " SELECT * FROM c0",
		"chain of ctes":       "WITH c0 AS (SELECT 1 AS a)" + chained(", c%d AS (SELECT * FROM c%d)", 5_000) + " SELECT * FROM c5000",
		"stars":               "WITH c0 AS (SELECT o1.*, o2.* FROM orders o1, orders o2)" + chained(", c%d AS (SELECT * FROM c%d x, c%[2]d y)", 40) + " SELECT * FROM c40",
		"counted stars":       "WITH c0 AS (SELECT * FROM orders o1)" + chained(", c%d AS (SELECT x.*, y.* FROM c%d x, c%[2]d y)", 60) + " SELECT COUNT(*) FROM c60",
		"natural stars":       "WITH c0 AS (SELECT 1 AS a)" + chained(", c%d AS (SELECT x.*, y.a AS b%[1]d, x.a AS d%[1]d FROM c%d x NATURAL JOIN c%[2]d y)", 2_000) + " SELECT * FROM c2000",
		"aliases":             nestedAliases(60),
		"long alias":          "SELECT 1" + r("+1", 900) + " AS a FROM orders HAVING a" + r(" OR a", 20_000),
		"a million names":     "SELECT id FROM orders WHERE 1" + r(" or id", 499_000),
		"percents":            "SELECT !0" + r("%!0", 200),
		"nested functions":    "SELECT " + r("SUBSTRING(", 250) + "note" + r(", id, id)", 250) + " FROM orders",
		"nested mid":          "SELECT " + r("GREATEST(id, ", 250) + "id" + r(")", 250) + " FROM orders",
		"subqueries":          r("SELECT (", 250) + "SELECT 1" + r(" FROM orders LIMIT 1)", 250),
		"correlated":          r("SELECT id FROM orders WHERE id IN (", 250) + "SELECT 1" + r(")", 250),
		"deep calls":          "SELECT " + r("GREATEST(id, ", 990) + "id" + r(")", 990) + " FROM orders",
		"deep subqueries":     r("SELECT (", 990) + "SELECT 1" + r(" FROM orders LIMIT 1)", 990),
		"deep correlated":     r("SELECT id FROM orders WHERE id IN (", 990) + "SELECT 1" + r(")", 990),
		"deep derived":        r("SELECT * FROM (", 990) + "SELECT id FROM orders" + r(") x", 990),
		"deep ctes":           r("WITH c AS (", 990) + "SELECT id FROM orders" + r(") SELECT * FROM c", 990),
		"deep case":           "SELECT " + r("CASE WHEN 1 THEN ", 990) + "id" + r(" END", 990) + " FROM orders",
	}
}

// numbered repeats a pattern with the numbers from 1 to n.
func numbered(pattern string, n int) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, pattern, i)
	}
	return b.String()
}

// chained repeats a pattern with each number from 1 to n and the one before it.
func chained(pattern string, n int) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, pattern, i, i-1)
	}
	return b.String()
}

// nestedAliases is a query whose aliases stand for each other in HAVING, so
// that written out it doubles at each level.
func nestedAliases(levels int) string {
	var b strings.Builder
	b.WriteString("SELECT id AS a0 FROM orders HAVING ")
	for i := 1; i <= levels; i++ {
		fmt.Fprintf(&b, "(SELECT a%d + a%[1]d AS a%d FROM orders HAVING ", i-1, i)
	}
	fmt.Fprintf(&b, "a%d > 0", levels)
	b.WriteString(strings.Repeat(")", levels))
	return b.String()
}

// widestLimits are the largest that New takes.
var widestLimits = rls.Limits{Bytes: 4 << 20, Depth: 1000, Nodes: 1_000_000, ListItems: 1_000_000}

// childVariable makes the test binary the child that runs the hostile texts.
const childVariable = "HEDGEROW_HOSTILE_CHILD"

// TestHostileSizes runs the texts in a process of its own, whose stack and heap
// are small: a stack overflow would end a process, and no test could go on.
func TestHostileSizes(t *testing.T) {
	if os.Getenv(childVariable) != "" {
		debug.SetMaxStack(32 << 20)
		debug.SetMemoryLimit(1 << 30)
		runHostile(t)
		return
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestHostileSizes$", "-test.v")
	child.Env = append(os.Environ(), childVariable+"=1")
	out, err := child.CombinedOutput()
	if testing.Verbose() {
		t.Logf("%s", out)
	}
	require.NoError(t, err, "%s", tail(out))
	require.Contains(t, string(out), "all texts survived")
}

func tail(out []byte) []byte { return out[max(0, len(out)-4000):] }

func runHostile(t *testing.T) {
	texts := hostileTexts()
	for _, limits := range []rls.Limits{{}, widestLimits} {
		f := newThreats(t, func(c *rls.Config) { c.Limits = limits })
		for name, text := range texts {
			args := make([]any, 0)
			if name == "placeholders" {
				args = make([]any, 49_001)
			}
			start := time.Now()
			st, err := f.shared.Enforce(t.Context(), f.acme, text, args...)
			took := time.Since(start)
			fmt.Printf("%-22s depth %-5d %8d ms %9d bytes %v\n", name, limits.Depth, took.Milliseconds(), len(text), shortened(err))
			if limits == (rls.Limits{}) {
				assert.Less(t, took, 5*time.Second, name) // far above the usual 0.3 s, for slow machines
			} else {
				assert.Less(t, took, 30*time.Second, name)
			}
			if err != nil {
				requireTyped(t, err)
				continue
			}
			assert.LessOrEqual(t, len(st.SQL), 4<<20, name)
		}
	}
	fmt.Println("all texts survived")
}

func shortened(err error) string {
	if err == nil {
		return "accepted"
	}
	return err.Error()[:min(80, len(err.Error()))]
}

// TestExponentialQueries: what a short text stands for counts against Limits.Nodes.
// The small queries come first: without a defence the others fill the memory.
func TestExponentialQueries(t *testing.T) {
	few := newThreats(t, func(c *rls.Config) { c.Limits.Nodes = 40 })
	_, err := few.shared.Enforce(t.Context(), few.acme, "SELECT * FROM orders")
	require.NoError(t, err)
	const wide = "WITH a AS (SELECT * FROM orders), b AS (SELECT x.*, y.* FROM a x, a y) SELECT b.*, b.* FROM b"
	for _, query := range []string{
		wide,
		"SELECT id + 1 + 1 + 1 + 1 AS a FROM orders HAVING a + a + a",
		"SELECT 1 FROM orders a NATURAL JOIN orders b NATURAL JOIN orders c",
	} {
		_, err = few.shared.Enforce(t.Context(), few.acme, query)
		require.ErrorIs(t, err, rls.ErrLimit, query)
	}
	texts := hostileTexts()
	many := newThreats(t, func(c *rls.Config) { c.Limits = widestLimits })
	_, err = many.shared.Enforce(t.Context(), many.acme, texts["a million names"])
	require.ErrorIs(t, err, rls.ErrLimit, "the statement is too long")

	f := newThreats(t)
	_, err = f.shared.Enforce(t.Context(), f.acme, wide)
	require.NoError(t, err)
	for _, name := range []string{"different columns", "natural stars", "stars", "counted stars", "aliases", "long alias"} {
		_, err := f.shared.Enforce(t.Context(), f.acme, texts[name])
		require.ErrorIs(t, err, rls.ErrLimit, name)
	}
}

// TestLimitsAreBounded: a host can't lift a limit so far that a query could end its process.
func TestLimitsAreBounded(t *testing.T) {
	set := loadSet(t, "model.yaml", "policy.yaml")
	for _, limits := range []rls.Limits{{Bytes: -1}, {Depth: -1}, {Nodes: -1}, {ListItems: -1},
		{Bytes: widestLimits.Bytes + 1}, {Depth: widestLimits.Depth + 1}, {Nodes: widestLimits.Nodes + 1}, {ListItems: widestLimits.ListItems + 1}} {
		_, err := rls.New(rls.Config{Policies: set, Dialect: rls.SQLite, Limits: limits})
		assert.Error(t, err, "%+v", limits)
	}
	_, err := rls.New(rls.Config{Policies: set, Dialect: rls.SQLite, Limits: widestLimits})
	assert.NoError(t, err)
}

// TestEachLimit holds each limit at its edge.
func TestEachLimit(t *testing.T) {
	for _, c := range []struct {
		name    string
		limits  rls.Limits
		within  string
		outside string
	}{
		{"bytes", rls.Limits{Bytes: 22}, "SELECT id FROM orders ", "SELECT id FROM orders  "},
		{"depth", rls.Limits{Depth: 3}, "SELECT (((id))) FROM orders", "SELECT ((((id)))) FROM orders"},
		{"nodes", rls.Limits{Nodes: 6}, "SELECT id, id FROM orders", "SELECT id, id, id FROM orders"},
		{"list", rls.Limits{ListItems: 2}, "SELECT id FROM orders WHERE id IN (1, 2)", "SELECT id FROM orders WHERE id IN (1, 2, 3)"},
	} {
		f := newThreats(t, func(cfg *rls.Config) { cfg.Limits = c.limits })
		_, err := f.shared.Enforce(t.Context(), f.acme, c.within)
		assert.NoError(t, err, c.name)
		_, err = f.shared.Enforce(t.Context(), f.acme, c.outside)
		assert.True(t, errors.Is(err, rls.ErrLimit), "%s: %v", c.name, err)
	}
}
