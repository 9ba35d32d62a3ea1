package mysql_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/mysql"
)

// TestHugeTexts has the texts that overflow Go's stack in a plain use of the
// parser. They must fail fast, even when the limit on bytes is lifted.
func TestHugeTexts(t *testing.T) {
	texts := map[string]string{
		"minus":    "select 1" + strings.Repeat("-", 4<<20) + "1",
		"spaced":   "select 1" + strings.Repeat(" - ", 1<<20) + "1",
		"select":   strings.Repeat("(select ", 9<<17),
		"or":       "select 1" + strings.Repeat(" or 1", 4<<20),
		"call":     "select " + strings.Repeat("abs(", 15<<18),
		"not":      "select " + strings.Repeat("not ", 1<<20) + "1",
		"case":     "select " + strings.Repeat("case ", 1<<20) + "1",
		"plus":     "select 1" + strings.Repeat("+1", 1<<20),
		"union":    "select 1" + strings.Repeat(" union select 1", 1<<20),
		"brackets": "select " + strings.Repeat("(", 4<<20),
	}
	p := newParser(t)
	wide := mysql.DefaultLimits()
	wide.Bytes = 64 << 20
	for name, text := range texts {
		for _, lim := range []mysql.Limits{mysql.DefaultLimits(), wide} {
			start := time.Now()
			_, _, err := p.Parse(text, lim)
			took := time.Since(start)
			require.Error(t, err, name)
			assert.Equal(t, fault.Limit, faultOf(t, err).Kind, "%s: %v", name, err)
			assert.Less(t, took, time.Second, name) // far above the usual few ms, for slow machines
		}
	}
}

func TestLimits(t *testing.T) {
	p := newParser(t)
	small := mysql.Limits{Bytes: 200, Depth: 5, Nodes: 40, ListItems: 3}
	cases := []struct {
		sql  string
		kind fault.Kind
		ok   bool
	}{
		{"select ((((a))))", 0, true},
		{"select ((((((a))))))", fault.Limit, false},
		{"select - - - - -a", 0, true},
		{"select - - - - - -a", fault.Limit, false},
		{"select not not not not not not a", fault.Limit, false},
		{"select case when case when case when case when case when case when a then 1 end then 1 end", fault.Limit, false},
		{"select a in (1, 2, 3)", 0, true},
		{"select a in (1, 2, 3, 4)", fault.Limit, false},
		{"select 1" + strings.Repeat("+1", 19), 0, true},
		{"select 1" + strings.Repeat("+1", 20), fault.Limit, false},
		{"select '" + strings.Repeat("x", 200) + "'", fault.Limit, false},
	}
	for _, c := range cases {
		_, _, err := p.Parse(c.sql, small)
		if c.ok {
			assert.NoError(t, err, c.sql)
			continue
		}
		require.Error(t, err, c.sql)
		assert.Equal(t, c.kind, faultOf(t, err).Kind, c.sql)
	}
}

// TestLongChains has texts within the limits whose trees would be too deep for
// later stages.
func TestLongChains(t *testing.T) {
	p := newParser(t)
	for _, sql := range []string{
		"select 1" + strings.Repeat(" or 1", 40_000),
		"select 1" + strings.Repeat(" and 1", 40_000),
		"select 1" + strings.Repeat("+1", 900),
		"select 1" + strings.Repeat(" union select 1", 900),
	} {
		_, _, err := p.Parse(sql, mysql.DefaultLimits())
		assert.NoError(t, err, sql[:30])
	}
	for _, sql := range []string{
		"select 1" + strings.Repeat("+1", 40_000),
		"select 1" + strings.Repeat(" union select 1", 30_000),
		"select 1" + strings.Repeat(" is null", 40_000),
		"select a between 1 and 2" + strings.Repeat(" between 1 and 2", 20_000),
		"select 1 from t" + strings.Repeat(" join t", 40_000),
		"select 1" + strings.Repeat(" xor 1", 40_000),
	} {
		_, _, err := p.Parse(sql, mysql.DefaultLimits())
		require.Error(t, err, sql[:30])
		assert.Equal(t, fault.Limit, faultOf(t, err).Kind, sql[:30])
	}
}

func TestBadBytes(t *testing.T) {
	p := newParser(t)
	for sql, pos := range map[string]int{"select '\x00'": 9, "select 'a\xff'": 10, "select \xed\xa0\x80": 8, "select '\uFFFD\xc0'": 12} {
		_, _, err := p.Parse(sql, mysql.DefaultLimits())
		require.Error(t, err)
		f := faultOf(t, err)
		assert.Equal(t, fault.Syntax, f.Kind)
		assert.Equal(t, pos, f.Pos, "%q", sql)
	}
}

func TestLimitsMustBePositive(t *testing.T) {
	p := newParser(t)
	for _, lim := range []mysql.Limits{{}, {Bytes: 1, Depth: 1, Nodes: 1}, {Bytes: 100, Depth: -1, Nodes: 1, ListItems: 1}} {
		_, _, err := p.Parse("select 1", lim)
		require.Error(t, err)
		assert.Equal(t, fault.Internal, faultOf(t, err).Kind)
	}
}

func TestConcurrentUse(t *testing.T) {
	p := newParser(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				q, n, err := p.Parse("select a from t where b = ? except select c from u", mysql.DefaultLimits())
				assert.NoError(t, err)
				assert.Equal(t, 1, n)
				assert.Equal(t, "(except (select a (from t) (where (= b ?0))) (select c (from u)))", dump(q))
			}
		})
	}
	wg.Wait()
}
