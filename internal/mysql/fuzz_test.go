package mysql_test

import (
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/fault"
	"github.com/hedgerow/hedgerow/internal/mysql"
)

var seeds = []string{
	"select a, b as c from t where a = 'x' and b in (1, 2) group by a having count(*) > 1 order by 1 limit 2, 3",
	"with recursive c(n) as (select 1 union all select n + 1 from c) select * from c except select 2 intersect (select 3 limit 1)",
	"(select 1 limit 1) limit 2", "with x as (select 1) (select 1)", "select @@global.", "select 1 /*! , 2 */",
	"select sum(a) over (partition by b order by c rows between 1 preceding and current row) from t window w as (), v as (w)",
	"select cast(a as varchar(3)), d + interval 1 day, extract(year from d), date '2020-1-1', group_concat(a separator ',') from t",
	"select * from ((a, b) join (select 1 except all select 2) d(x) using (x))", "select a full from t", "values row(1), row(?)",
	"select case a when b then c end, -~!+a, 'a' \"b\", `q``q`, 1.e5, .5, a between 1 and 2, a like 'x' escape '!'",
	"select ((select 1) union (select 2)) + 1", "select a\u00e9 # c\n", "'\\' || \"a\" || 1", "select t.select.from from t",
}

// FuzzParse looks for panics, errors of the wrong kind and names that later
// stages must never see.
func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	for _, c := range adversarialCases(f) {
		f.Add(c.SQL)
	}
	p := newParser(f)
	f.Fuzz(func(t *testing.T, text string) {
		q, params, err := p.Parse(text, mysql.DefaultLimits())
		if err != nil {
			require.Nil(t, q)
			checkFault(t, text, err)
		} else {
			require.NotNil(t, q)
			require.NotContains(t, dump(q), "?<nil>")
			require.GreaterOrEqual(t, params, 0)
			checkNames(t, q)
		}
		for _, ansi := range []bool{false, true} {
			e, err := p.ParseExpr(text, ansi)
			if err != nil {
				checkFault(t, text, err)
				continue
			}
			require.NotNil(t, e)
			require.NotContains(t, dump(e), "?<nil>")
		}
	})
}

func checkFault(t *testing.T, text string, err error) {
	t.Helper()
	f := faultOf(t, err)
	require.NotEqual(t, fault.Internal, f.Kind)
	require.NotEmpty(t, f.Msg)
	require.True(t, f.Pos >= 0 && f.Pos <= len(text), "position %d of %d", f.Pos, len(text))
}

// checkNames looks at every position and name that reflection can reach.
func checkNames(t *testing.T, q any) {
	t.Helper()
	visitStrings(q, func(field, s string) {
		if field == "Text" || field == "Separator" {
			return // literals may hold anything
		}
		for _, r := range s {
			assert.False(t, unicode.IsControl(r), "%s: %q", field, s)
		}
	})
}
