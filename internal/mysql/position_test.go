package mysql_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/mysql"
)

// TestPositions points each node at its own text, in a query where the same
// words come again and again.
func TestPositions(t *testing.T) {
	const sql = "/* a */ WITH a AS (SELECT a.a AS b, 'a' FROM s.a AS a WHERE a = 'a')\n" +
		"SELECT sum(a.b) AS a, a.sum, CAST(date AS date) date, a + b\n" +
		"FROM a LEFT JOIN (SELECT 1) AS d ON a.b IN (SELECT 2 EXCEPT SELECT 3) WHERE EXISTS (SELECT 4) AND a.c LIKE ?"
	q := parse(t, sql)
	at := func(pos ast.Pos, want string) {
		t.Helper()
		require.Positive(t, pos)
		assert.True(t, strings.HasPrefix(sql[pos-1:], want), "%d is at %q, not %q", pos, sql[pos-1:], want)
	}
	at(q.Pos, "WITH a")
	cte := q.With.CTEs[0]
	at(cte.Pos, "a AS (")
	inner := cte.Query.Body.(*ast.Select)
	at(inner.Pos, "SELECT a.a")
	at(inner.Items[0].Expr.(*ast.Name).Pos, "a.a AS")
	at(inner.Items[1].Expr.(*ast.Literal).Pos, "'a' FROM")
	at(inner.From[0].(*ast.TableName).Pos, "s.a AS")
	at(inner.Where.(*ast.Compare).Left.(*ast.Name).Pos, "a = 'a'")
	at(inner.Where.(*ast.Compare).Right.(*ast.Literal).Pos, "'a')")

	s := q.Body.(*ast.Select)
	at(s.Pos, "SELECT sum")
	at(s.Items[0].Expr.(*ast.Call).Pos, "sum(a.b)")
	at(s.Items[0].Expr.(*ast.Call).Args[0].(*ast.Name).Pos, "a.b)")
	at(s.Items[1].Expr.(*ast.Name).Pos, "a.sum")
	at(s.Items[2].Expr.(*ast.Cast).Pos, "CAST")
	at(s.Items[2].Expr.(*ast.Cast).X.(*ast.Name).Pos, "date AS date")
	at(s.Items[3].Expr.(*ast.Binary).Pos, "+ b")
	join := s.From[0].(*ast.Join)
	at(join.Pos, "JOIN (")
	at(join.Left.(*ast.TableName).Pos, "a LEFT")
	at(join.Right.(*ast.Derived).Pos, "(SELECT 1)")
	in := join.On.(*ast.InQuery)
	at(in.Pos, "IN (")
	at(in.Query.Pos, "SELECT 2")
	set := in.Query.Body.(*ast.SetOp)
	at(set.Pos, "EXCEPT")
	at(set.Right.(*ast.Select).Items[0].Pos, "3)")
	and := s.Where.(*ast.And)
	at(and.X[0].(*ast.Exists).Pos, "EXISTS")
	at(and.X[1].(*ast.Like).Pos, "LIKE")
	at(and.X[1].(*ast.Like).Pattern.(*ast.Param).Pos, "?")
}

func TestItemTexts(t *testing.T) {
	cases := []struct {
		sql  string
		want []string
	}{
		{"select a, COUNT( * ), t.*  from t", []string{"a", "COUNT( * )", "t.*"}},
		{"select distinct a + 1 as x, 'b  c' from t", []string{"a + 1 as x", "'b  c'"}},
		{"select a/* c */+ b", []string{"a + b"}},
		{"select a\n\t+\nb", []string{"a + b"}},
		{"select 'a\tb'", []string{"'a b'"}},
		{"select (select a, b limit 1), f(a, b), case when a then b else c end", []string{"(select a, b limit 1)", "f(a, b)", "case when a then b else c end"}},
		{"select `a``b`, \"x\" -- tail\n from t", []string{"`a``b`", "\"x\""}},
		{"select extract(year from d), substring(a from 1 for 2) from t", []string{"extract(year from d)", "substring(a from 1 for 2)"}},
		{"select t.from, t.order from t", []string{"t.from", "t.order"}},
	}
	for _, c := range cases {
		t.Run(c.sql, func(t *testing.T) {
			var got []string
			for _, it := range parse(t, c.sql).Body.(*ast.Select).Items {
				got = append(got, it.Text)
			}
			assert.Equal(t, c.want, got)
		})
	}
}

func TestOnlyWrittenAliases(t *testing.T) {
	items := parse(t, "select a, b c, d as `e` from t").Body.(*ast.Select).Items
	assert.Equal(t, []string{"", "c", "e"}, []string{items[0].Alias, items[1].Alias, items[2].Alias})
}

// TestNamePositions holds the positions of all names, literals, placeholders
// and select blocks in the corpus against the text.
func TestNamePositions(t *testing.T) {
	p := newParser(t)
	for _, c := range adversarialCases(t) {
		q, _, err := p.Parse(c.SQL, mysql.DefaultLimits())
		if err != nil {
			continue
		}
		starts := func(pos ast.Pos, prefix string) {
			t.Helper()
			rest := strings.TrimPrefix(c.SQL[pos-1:], "`")
			assert.True(t, strings.HasPrefix(strings.ToLower(rest), strings.ToLower(prefix)), "%s: %q is not at %d: %q in %s", c.ID, prefix, pos, rest, c.SQL)
		}
		visitNodes(q, func(n any) {
			switch n := n.(type) {
			case *ast.Name:
				starts(n.Pos, strings.ReplaceAll(n.Parts[0], "`", "``"))
			case *ast.TableName:
				starts(n.Pos, strings.ReplaceAll(n.Parts[0], "`", "``"))
			case *ast.CTE:
				starts(n.Pos, n.Name)
			case *ast.Select:
				starts(n.Pos, "select")
			case *ast.Param:
				starts(n.Pos, "?")
			case *ast.Join:
				assert.Contains(t, []string{"JOIN", ","}, strings.ToUpper(strings.SplitN(c.SQL[n.Pos-1:], " ", 2)[0]))
			case *ast.Literal:
				if n.Kind == ast.IntLiteral {
					starts(n.Pos, n.Text)
				}
			case *ast.Derived:
				starts(n.Pos, "(")
			case *ast.Subquery:
				starts(n.Pos, "(")
			case *ast.InQuery:
				starts(n.Pos, "in")
			case *ast.Exists:
				starts(n.Pos, "exists")
			}
		})
	}
}
