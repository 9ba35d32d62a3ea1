package mysql_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/mysql"
)

func faultOf(t testing.TB, err error) *fault.Error {
	t.Helper()
	var f *fault.Error
	require.True(t, errors.As(err, &f), "want a *fault.Error, got %T: %v", err, err)
	return f
}

// TestRefuses gives each refused construct with the text that the error's
// position must point at ("" for the end).
func TestRefuses(t *testing.T) {
	const unsupported, syntax = fault.Unsupported, fault.Syntax
	cases := []struct {
		sql  string
		kind fault.Kind
		at   string
	}{
		{"", syntax, ""},
		{"  -- nothing\n", syntax, ""},
		{";", syntax, ""},
		{"select", syntax, ""},
		{"select 1 from", syntax, ""},
		{"select 1 from t where", syntax, ""},
		{"select 1;;", unsupported, ";;"},
		{"select 1; select 2", unsupported, "; select 2"},
		{"selec 1", unsupported, "selec"},
		{"1", syntax, "1"},
		{"insert into t values (1)", unsupported, "insert"},
		{"delete from t", unsupported, "delete"},
		{"update t set a = 1", unsupported, "update"},
		{"show tables", unsupported, "show"},
		{"table t", unsupported, "table"},
		{"explain select 1", unsupported, "explain"},
		{"do 1", unsupported, "do"},
		{"select 1 from t where a = = b", syntax, "= b"},
		{"select a b c from t", syntax, "c from"},
		{"select (1", syntax, "(1"},
		{"select 1)", syntax, ")"},
		{"select 'abc", syntax, "'abc"},
		{"select `abc", syntax, "`abc"},
		{"select /* abc", syntax, "/* abc"},
		{"select \u00e9", syntax, "\u00e9"},
		{"select 1 /*! , 2 */", unsupported, "/*!"},
		{"select 1 /*!80000 , 2 */", unsupported, "/*!"},
		{"select 1 /*!999999 , 2 */", unsupported, "/*!"},
		{"select 1 /*! , 2 ", unsupported, "/*!"},
		{"select 1 /*M!100000 , 2 */", unsupported, "/*M!"},
		{"select /*+ MAX_EXECUTION_TIME(1) */ 1", unsupported, "/*+"},
		{"select /*vt+ ALLOW_SCATTER */ 1", unsupported, "/*vt+"},
		{"select 1 // comment", unsupported, "//"},
		{"select 1 -- a\rb", unsupported, "\rb"},
		{"select 1 # a\rb", unsupported, "\rb"},
		{"select a || b", unsupported, "||"},
		{"select @a", unsupported, "@a"},
		{"select @@version", unsupported, "@@version"},
		{"select @@global.", unsupported, "@@global"},
		{"select @", unsupported, "@"},
		{"select @a := 1", unsupported, "@a"},
		{"select :v1", unsupported, ":v1"},
		{"select :1", unsupported, ":1"},
		{"select a in ::list", unsupported, "::list"},
		{"select N'a'", unsupported, "N'a'"},
		{"select _utf8mb4'a'", unsupported, "_utf8mb4"},
		{"select _foo 'a'", unsupported, "'a'"},
		{"select E'a'", unsupported, "'a'"},
		{"select U&'a'", unsupported, "'a'"},
		{"select x'41', 1", unsupported, "x'41'"},
		{"select 0x41", unsupported, "0x41"},
		{"select b'1'", unsupported, "b'1'"},
		{"select a from t full join u on 1", unsupported, "full"},
		{"select a from t natural full join u", unsupported, "full"},
		{"select a from any full join u on 1", unsupported, "full"},
		{"select a from t full outer join u on 1", unsupported, "full"},
		{"select a from t left semi join u on 1", unsupported, "semi"},
		{"select a from t asof join u on 1", unsupported, "asof"},
		{"select a from t anti join u on 1", unsupported, "anti"},
		{"select a from t positional join u", unsupported, "positional"},
		{"select a from t fetch first 1 row only", unsupported, "fetch"},
		{"select a from t sample 10", unsupported, "sample"},
		{"select a from t tablesample bernoulli (10)", unsupported, "tablesample"},
		{"select a from t qualify x = 1", unsupported, "qualify"},
		{"select a ilike 'x'", unsupported, "ilike"},
		{"select a ilike from t", unsupported, "ilike"},
		{"select a from t minus select b from u", unsupported, "minus"},
		{"select a from t order by a nulls first", unsupported, "nulls"},
		{"select count(*) filter (where a) from t", unsupported, "filter"},
		{"select a from t pivot (sum(a))", unsupported, "pivot"},
		{"select a except from t", unsupported, "except"},
		{"select a from t intersect", unsupported, "intersect"},
		{"select (a except (b))", syntax, "except"},
		{"select a from t except", unsupported, "except"},
		{"(select 1) foo", syntax, "foo"},
		{"with x as (select 1) (select 1) foo", unsupported, "(select 1) foo"},
		{"with x as (select 1) (select 1)", unsupported, "(select 1)"},
		{"select * from (with x as (select 1) ((select 2))) d", unsupported, "((select 2))"},
		{"select a from t, lateral (select 1) d", unsupported, "lateral"},
		{"select a into @x from t", unsupported, "into"},
		{"select a from t into outfile 'x'", unsupported, "into"},
		{"select (select a from t into @x)", unsupported, "into"},
		{"select a from t for update", unsupported, "for update"},
		{"select a from t where b in (select 1 from u for share)", unsupported, "for share"},
		{"select a from t lock in share mode", unsupported, "lock"},
		{"select a from t partition (p0)", unsupported, "partition"},
		{"select a from t use index (x)", unsupported, "use"},
		{"select a from t straight_join u", unsupported, "straight_join"},
		{"select straight_join a from t", unsupported, "straight_join"},
		{"select sql_calc_found_rows a from t", unsupported, "sql_calc_found_rows"},
		{"select high_priority a from t", unsupported, "high_priority"},
		{"select sql_no_cache a from t", unsupported, "sql_no_cache"},
		{"select next value from t", unsupported, "next"},
		{"select a collate utf8mb4_bin from t", unsupported, "collate"},
		{"select convert(a using utf8mb4)", unsupported, "convert"},
		{"select char(65 using utf8mb4)", unsupported, "char"},
		{"select cast(a as char character set utf8mb4)", unsupported, ""},
		{"select cast(a as json)", unsupported, ""},
		{"select cast(a as decimal(99, 2))", unsupported, "cast"},
		{"select match(a) against ('x') from t", unsupported, "match"},
		{"select default(a) from t", unsupported, "default"},
		{"select values(a) from t", unsupported, "values"},
		{"select a -> '$.x' from t", unsupported, "->"},
		{"select json_extract(a, '$.x') from t", unsupported, "json_extract"},
		{"select * from json_table(a, '$' columns (b int path '$')) j", unsupported, "json_table"},
		{"select get_lock('a', 1)", unsupported, "get_lock"},
		{"select weight_string(a)", unsupported, "weight_string"},
		{"select st_astext(a)", unsupported, "st_astext"},
		{"select extractvalue(a, b)", unsupported, "extractvalue"},
		{"select db.f(1)", unsupported, ""},
		{"select d + interval '1 2' day_hour", unsupported, "day_hour"},
		{"select extract(day_hour from d)", unsupported, "from"},
		{"select group_concat(a limit 1)", unsupported, "limit"},
		{"select nth_value(a, 2) from last over w", unsupported, "from last"},
		{"select date '2024-02-30'", unsupported, "'2024-02-30'"},
		{"select date '2020-01-01'' , (select 1) , ''x'", unsupported, "'2020"},
		{"select time '25:00:00'", unsupported, "'25:00:00'"},
		{"select time '10:00:00,5'", unsupported, "'10:00:00,5'"},
		{"select timestamp '2024-01-01 00:00:00+01:00'", unsupported, "'2024"},
		{"select 1e", unsupported, "1e"},
		{"select 1e999", unsupported, "1e999"},
		{"select 18446744073709551616", unsupported, "18446744073709551616"},
		{"select 'a\\0b'", unsupported, "'a"},
		{"select `a\tb` from t", unsupported, "`a\tb`"},
		{"select a as 'x\ny' from t", unsupported, "'x\ny'"},
		{"select a from t 'x'", unsupported, "'x'"},
		{"select a from t as 'x'", unsupported, "'x'"},
		{"select a from (select 1) 'x'", syntax, "'x'"},
		{"select a from dual d", unsupported, "d"},
		{"select a from t, dual", unsupported, ""},
		{"select a from t dual", unsupported, "dual"},
		{"with dual as (select 1) select 1", unsupported, "dual"},
		{"select a from t limit 1 + 1", unsupported, "1 + 1"},
		{"select a from t limit 99999999999999999999", unsupported, "99999999999999999999"},
		{"select a from t limit -1", unsupported, "-1"},
		{"select a from t order by 1 limit a", unsupported, ""},
	}
	p := newParser(t)
	for _, c := range cases {
		t.Run(c.sql, func(t *testing.T) {
			q, _, err := p.Parse(c.sql, mysql.DefaultLimits())
			require.Error(t, err)
			require.Nil(t, q)
			f := faultOf(t, err)
			assert.Equal(t, c.kind, f.Kind, "%v", f)
			require.LessOrEqual(t, f.Pos, max(len(c.sql), 1))
			if c.at == "" {
				return
			}
			require.Positive(t, f.Pos, "%v", f)
			assert.True(t, strings.HasPrefix(c.sql[f.Pos-1:], c.at), "position %d is at %q: %v", f.Pos, c.sql[f.Pos-1:], f)
		})
	}
}

// TestRefusesEverySwallowedWord stands each word where Vitess takes it for an
// alias, and checks that it stays usable as a name.
func TestRefusesEverySwallowedWord(t *testing.T) {
	words := []string{
		"any", "anti", "apply", "asof", "connect", "except", "fetch", "filter", "final", "full", "glob", "global", "ilike", "intersect",
		"isnull", "match_recognize", "minus", "notnull", "nulls", "pivot", "positional", "prewhere", "qualify", "returning", "sample",
		"semi", "settings", "similar", "tablesample", "unpivot", "within",
	}
	p := newParser(t)
	for _, w := range words {
		for _, sql := range []string{"select a from t " + strings.ToUpper(w), "select a " + w + " from t", "select (a) " + w, "select 1 from (select 1) " + w} {
			_, _, err := p.Parse(sql, mysql.DefaultLimits())
			require.Error(t, err, sql)
			f := faultOf(t, err)
			assert.Equal(t, fault.Unsupported, f.Kind, sql)
			assert.Contains(t, f.Hint, "backticks")
		}
		for _, sql := range []string{"select a as " + w + " from t `" + w + "`", "select t." + w + ", `" + w + "` from t as `" + w + "`"} {
			_, _, err := p.Parse(sql, mysql.DefaultLimits())
			assert.NoError(t, err, sql)
		}
	}
}

// TestErrorsSpeakSQL looks for internals in the messages.
func TestErrorsSpeakSQL(t *testing.T) {
	p := newParser(t)
	for _, sql := range []string{"select st_astext(a)", "select 1 from t where", "select json_keys(a)", "with x as (select 1) select", "show tables"} {
		_, _, err := p.Parse(sql, mysql.DefaultLimits())
		require.Error(t, err)
		for _, word := range []string{"sqlparser", "vitess", "*", "Expr", "nil", "panic"} {
			assert.NotContains(t, err.Error(), word)
		}
	}
}
