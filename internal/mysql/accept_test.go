package mysql_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hedgerow/hedgerow/internal/ast"
	"github.com/hedgerow/hedgerow/internal/mysql"
)

func newParser(t testing.TB) *mysql.Parser {
	t.Helper()
	p, err := mysql.New()
	require.NoError(t, err)
	return p
}

func parse(t testing.TB, sql string) *ast.Query {
	t.Helper()
	q, _, err := newParser(t).Parse(sql, mysql.DefaultLimits())
	require.NoError(t, err, sql)
	require.NotNil(t, q)
	return q
}

func checkTrees(t *testing.T, cases [][2]string) {
	t.Helper()
	for _, c := range cases {
		t.Run(c[0], func(t *testing.T) { assert.Equal(t, c[1], dump(parse(t, c[0]))) })
	}
}

func TestAcceptsQueries(t *testing.T) {
	checkTrees(t, [][2]string{
		{"select 1", "(select 1)"},
		{"SELECT 1;", "(select 1)"},
		{"select 1 from dual", "(select 1)"},
		{"select * from t", "(select * (from t))"},
		{"select t.*, s.t.* from s.t", "(select t.* s.t.* (from s.t))"},
		{"select distinct a, b as c, d `e f`, g 'h' from t", "(select-distinct a b:c d:e f g:h (from t))"},
		{"select all a from t x", "(select a (from t:x))"},
		{"select a /* hi */ from t -- end\n where b # c\n = 1", "(select a (from t) (where (= b 1)))"},
		{"select a from t where x group by a, 2 having count(*) > 1 order by 1 desc, a limit 10",
			"(query (select a (from t) (where x) (group a 2) (having (> (count *) 1))) (order 1 desc a) (limit (count 10)))"},
		{"select a from t group by a with rollup", "(select a (from t) (group a) rollup)"},
		{"select a from t limit 5, 10", "(query (select a (from t)) (limit (count 10) (offset 5)))"},
		{"select a from t limit ? offset ?", "(query (select a (from t)) (limit (count ?0) (offset ?1)))"},
		{"select a from t limit ?, ?", "(query (select a (from t)) (limit (count ?1) (offset ?0)))"},
		{"with c as (select 1) select * from c", "(query (with (c (select 1))) (select * (from c)))"},
		{"with recursive c(n) as (select 1 union all select n+1 from c) select n from c",
			"(query (with-recursive (c [n] (union-all (select 1) (select (+ n 1) (from c))))) (select n (from c)))"},
		{"select * from (select 1 as a) d", "(select * (from (derived:d (select 1:a))))"},
		{"select * from (select 1, 2) as d(a, b)", "(select * (from (derived:d [a b] (select 1 2))))"},
		{"select * from ((select 1)) as d", "(select * (from (derived:d (select 1))))"},
		{"select * from (values row(1,2), row(3,4)) as v(a,b)", "(select * (from (derived:v [a b] (values (row 1 2) (row 3 4)))))"},
		{"values row(1), row(2)", "(values (row 1) (row 2))"},
		{"select full, except from sample", "(select full except (from sample))"},
		{"select a as full, b `except` from t as semi join u `full` on 1", "(select a:full b:except (from (join t:semi u:full (on 1))))"},
		{"select t.select, t.from, `order`.`group` from t", "(select t.select t.from order.group (from t))"},
		{"select status, name, date, count, end from t", "(select status name date count end (from t))"},
	})
}

func TestAcceptsJoins(t *testing.T) {
	checkTrees(t, [][2]string{
		{"select 1 from a, b", "(select 1 (from a b))"},
		{"select 1 from a join b on a.x = b.x", "(select 1 (from (join a b (on (= a.x b.x)))))"},
		{"select 1 from a inner join b using (x, y)", "(select 1 (from (join a b [x y])))"},
		{"select 1 from a cross join b", "(select 1 (from (cross a b)))"},
		{"select 1 from a join b", "(select 1 (from (cross a b)))"},
		{"select 1 from a left outer join b on 1 right join c on 2", "(select 1 (from (right (left a b (on 1)) c (on 2))))"},
		{"select 1 from a left join b left join c on 1 on 2", "(select 1 (from (left a (left b c (on 1)) (on 2))))"},
		{"select 1 from a natural join b", "(select 1 (from (natural-join a b)))"},
		{"select 1 from a natural left join b natural right join c", "(select 1 (from (natural-right (natural-left a b) c)))"},
		{"select 1 from a join (b join c on 1) on 2", "(select 1 (from (join a (join b c (on 1)) (on 2))))"},
		{"select 1 from (a, b) join c on 1", "(select 1 (from (join (cross a b) c (on 1))))"},
		{"select 1 from ((a))", "(select 1 (from a))"},
	})
}

// TestSetOperations pins precedence, associativity and parentheses.
func TestSetOperations(t *testing.T) {
	checkTrees(t, [][2]string{
		{"select 1 union select 2", "(union (select 1) (select 2))"},
		{"select 1 union distinct select 2", "(union (select 1) (select 2))"},
		{"select 1 except select 2", "(except (select 1) (select 2))"},
		{"select 1 EXCEPT ALL select 2", "(except-all (select 1) (select 2))"},
		{"select 1 intersect distinct select 2", "(intersect (select 1) (select 2))"},
		{"select 1 union select 2 except select 3 union all select 4",
			"(union-all (except (union (select 1) (select 2)) (select 3)) (select 4))"},
		{"select 1 union select 2 intersect select 3", "(union (select 1) (intersect (select 2) (select 3)))"},
		{"select 1 intersect select 2 union select 3", "(union (intersect (select 1) (select 2)) (select 3))"},
		{"select 1 except select 2 intersect all select 3 intersect select 4 except select 5",
			"(except (except (select 1) (intersect (intersect-all (select 2) (select 3)) (select 4))) (select 5))"},
		{"select 1 intersect select 2 union select 3 intersect select 4",
			"(union (intersect (select 1) (select 2)) (intersect (select 3) (select 4)))"},
		{"(select 1)intersect(select 2)except(select 3)", "(except (intersect (select 1) (select 2)) (select 3))"},
		{"(select 1)union(select 2)intersect(select 3)except(select 4)",
			"(except (union (select 1) (intersect (select 2) (select 3))) (select 4))"},
		{"select 1 union (select 2 union all select 3)", "(union (select 1) (union-all (select 2) (select 3)))"},
		{"select 1 except (select 2 except select 3)", "(except (select 1) (except (select 2) (select 3)))"},
		{"(select 1 limit 1) union (select 2 limit 2) limit 3",
			"(query (union (query (select 1) (limit (count 1))) (query (select 2) (limit (count 2)))) (limit (count 3)))"},
		{"select 1 union select 2 order by 1", "(query (union (select 1) (select 2)) (order 1))"},
		{"with c as (select 1 except select 2) select * from c intersect select 3",
			"(query (with (c (except (select 1) (select 2)))) (intersect (select * (from c)) (select 3)))"},
		{"with c as (select 1) select 1 intersect select 2 union select 3",
			"(query (with (c (select 1))) (union (intersect (select 1) (select 2)) (select 3)))"},
		{"select a from t where a in (select 1 except select 2) and exists (select 3 intersect select 4)",
			"(select a (from t) (where (and (in a (except (select 1) (select 2))) (exists (intersect (select 3) (select 4))))))"},
		{"select (select 1 except select 2), (select 3) from (select 4 intersect select 5) d except select 6",
			"(except (select (sub (except (select 1) (select 2))) (sub (select 3)) (from (derived:d (intersect (select 4) (select 5))))) (select 6))"},
		{"select a from t except select b from u where b = 1 order by a",
			"(query (except (select a (from t)) (select b (from u) (where (= b 1)))) (order a))"},
		{"values row(1) except values row(2)", "(except (values (row 1)) (values (row 2)))"},
	})
}

// TestKeepsParentheses has queries whose inner clauses Vitess loses or on which
// it panics.
func TestKeepsParentheses(t *testing.T) {
	checkTrees(t, [][2]string{
		{"(select 1)", "(select 1)"},
		{"((select 1))", "(select 1)"},
		{"(select 1 limit 1) limit 100", "(query (query (select 1) (limit (count 1))) (limit (count 100)))"},
		{"((select 1 limit 1)) limit 100", "(query (query (select 1) (limit (count 1))) (limit (count 100)))"},
		{"((select 1 limit 1) limit 2) limit 3",
			"(query (query (query (select 1) (limit (count 1))) (limit (count 2))) (limit (count 3)))"},
		{"(select a from t order by a) order by b", "(query (query (select a (from t)) (order a)) (order b))"},
		{"(select a from t) order by b limit 1", "(query (select a (from t)) (order b) (limit (count 1)))"},
		{"with x as (select 1) (with y as (select 2) select 3) order by 1",
			"(query (with (x (select 1))) (query (with (y (select 2))) (select 3)) (order 1))"},
		{"with x as (select 1) (select 2) union (select 3)", "(query (with (x (select 1))) (union (select 2) (select 3)))"},
		{"(with x as (select 1) select 2) union select 3", "(union (query (with (x (select 1))) (select 2)) (select 3))"},
		{"with x as (select 1) (select 2) limit 1", "(query (with (x (select 1))) (select 2) (limit (count 1)))"},
		{"(select 1 except select 2) order by 1", "(query (except (select 1) (select 2)) (order 1))"},
		{"(select 1 union select 2 limit 1) union select 3", "(union (query (union (select 1) (select 2)) (limit (count 1))) (select 3))"},
		{"select * from ((select 1 limit 1) limit 2) d", "(select * (from (derived:d (query (query (select 1) (limit (count 1))) (limit (count 2))))))"},
		{"select a in ((select 1 limit 1) limit 2)", "(select (in a (query (query (select 1) (limit (count 1))) (limit (count 2)))))"},
		{"select ((select 1) + 1), ((select 2))", "(select (+ (sub (select 1)) 1) (sub (select 2)))"},
	})
}

func TestAcceptsExpressions(t *testing.T) {
	exprs := [][2]string{
		{"a and b and c or d or not e", "(or (and a b c) d (not e))"},
		{"a && b xor c", "(xor (and a b) c)"},
		{"!a", "(not a)"},
		{"a = 1 and b <> 2 and c != 3 and d < 4 and e <= 5 and f > 6 and g >= 7 and h <=> 8",
			"(and (= a 1) (<> b 2) (<> c 3) (< d 4) (<= e 5) (> f 6) (>= g 7) (<=> h 8))"},
		{"a is null", "(is-null a)"}, {"a is not null", "(not-is-null a)"},
		{"a is true", "(is-true a)"}, {"a is not true", "(not-is-true a)"},
		{"a is false", "(is-false a)"}, {"a is not false", "(not-is-false a)"},
		{"a is unknown", "(is-unknown a)"}, {"a is not unknown", "(not-is-unknown a)"},
		{"a between 1 and 2", "(between a 1 2)"}, {"a not between 1 and 2 and b", "(and (not-between a 1 2) b)"},
		{"a like 'x%'", `(like a "x%")`}, {"a not like b escape '!'", `(not-like a b (escape "!"))`},
		{"a in (1, 2, 3)", "(in a (list 1 2 3))"}, {"a not in (1)", "(not-in a (list 1))"},
		{"a not in (select 1)", "(not-in a (select 1))"},
		{"(a, b) in ((1, 2), (3, 4))", "(in (row a b) (list (row 1 2) (row 3 4)))"},
		{"row(a, b) = (1, 2)", "(= (row a b) (row 1 2))"},
		{"a = any (select 1)", "(=-any a (select 1))"}, {"a > some (select 1)", "(>-any a (select 1))"}, {"a <= all (select 1)", "(<=-all a (select 1))"},
		{"exists (select 1)", "(exists (select 1))"}, {"(select 1)", "(sub (select 1))"},
		{"a regexp 'x'", `(regexp_like a "x")`}, {"a not rlike 'x'", `(not (regexp_like a "x"))`},
		{"a + b - c * d / e div f % g mod h", "(- (+ a b) (% (% (div (/ (* c d) e) f) g) h))"},
		{"a & b | c ^ d << 1 >> 2", "(| (& a b) (>> (<< (^ c d) 1) 2))"},
		{"-a", "(neg a)"}, {"- -a", "(neg (neg a))"}, {"+a", "a"}, {"~a", "(~ a)"}, {"a - -1", "(- a (neg 1))"},
		{"case when a then 1 when b then 2 else 3 end", "(case (when a 1) (when b 2) (else 3))"},
		{"case a when 1 then 2 end", "(case (of a) (when 1 2))"},
		{"1", "1"}, {"007", "7"}, {"0", "0"}, {"18446744073709551615", "18446744073709551615"},
		{"1.5", "1.5"}, {"1.", "1.0"}, {".5", "0.5"}, {"00.50", "0.50"}, {"1e5", "1e5"}, {"1.5E+05", "1.5e5"}, {"1.e-3", "1.0e-3"}, {"0e0", "0e0"},
		{"'it''s'", `"it's"`}, {`"dq"`, `"dq"`}, {`'a\'b\\c\n'`, `"a'b\\c\n"`}, {`'50\%'`, `"50\\%"`}, {"'a' 'b'  \"c\"", `"abc"`},
		{"null", "null"}, {"true", "true"}, {"FALSE", "false"}, {"?", "?0"},
		{"date '2024-1-31'", "date'2024-01-31'"}, {"time '1:02:03.50'", "time'01:02:03.50'"}, {"time'10:20'", "time'10:20:00'"},
		{"timestamp '2024-01-31 23:59:59.123456'", "timestamp'2024-01-31 23:59:59.123456'"},
		{"timestamp '2024-01-31'", "timestamp'2024-01-31 00:00:00'"},
		{"d + interval 1 day", "(date+ d 1 day)"}, {"d - interval a*2 month", "(date- d (* a 2) month)"},
		{"interval 1 week + d", "(date+ d 1 week)"},
		{"date_add(d, interval 1 quarter)", "(date+ d 1 quarter)"}, {"date_sub(d, interval 1 year)", "(date- d 1 year)"},
		{"adddate(d, 3)", "(date+ d 3 day)"}, {"subdate(d, interval 3 hour)", "(date- d 3 hour)"}, {"adddate(d, interval 3 minute)", "(date+ d 3 minute)"},
		{"timestampadd(sql_tsi_second, 5, d)", "(date+ d 5 second)"}, {"timestampadd(microsecond, 5, d)", "(date+ d 5 microsecond)"},
		{"timestampdiff(day, a, b)", "(timestampdiff a b unit:day)"},
		{"extract(year from d)", "(extract year d)"},
		{"cast(a as char)", "(cast a char)"}, {"cast(a as char(5))", "(cast a char:5)"}, {"cast(a as signed)", "(cast a int)"},
		{"cast(a as unsigned integer)", "(cast a unsigned)"}, {"cast(a as decimal(10, 2))", "(cast a decimal:10:2)"},
		{"cast(a as decimal)", "(cast a decimal)"}, {"cast(a as float)", "(cast a float)"}, {"cast(a as double)", "(cast a double)"},
		{"cast(a as real)", "(cast a double)"}, {"cast(a as date)", "(cast a date)"}, {"cast(a as time(3))", "(cast a time:3)"},
		{"cast(a as datetime)", "(cast a datetime)"}, {"cast(a as binary)", "(cast a binary)"}, {"binary a", "(cast a binary)"},
		{"convert(a, char)", "(cast a char)"},
		{"cast(a as varchar(10))", "(cast a char:10)"}, {"cast(a as integer)", "(cast a int)"}, {"cast(a as numeric(8,3))", "(cast a decimal:8:3)"},
		{"cast(cast(a as text) as timestamp)", "(cast (cast a char) datetime)"},
		{"now()", "(now)"}, {"current_timestamp", "(now)"}, {"localtime(3)", "(now 3)"}, {"current_date", "(current_date)"}, {"curdate()", "(current_date)"},
		{"current_time", "(current_time)"}, {"curtime()", "(current_time)"}, {"utc_timestamp()", "(utc_timestamp)"}, {"sysdate()", "(sysdate)"},
		{"Lower(a)", "(lower a)"}, {"`CoUnT`(a)", "(count a)"}, {"left(a, 1)", "(left a 1)"}, {"if(a, b, c)", "(if a b c)"}, {"mod(a, b)", "(mod a b)"},
		{"replace(a, b, c)", "(replace a b c)"}, {"coalesce(a, b)", "(coalesce a b)"}, {"frobnicate(a)", "(frobnicate a)"},
		{"substring(a from 2 for 3)", "(substring a 2 3)"}, {"substr(a, 2)", "(substring a 2)"}, {"mid(a, 2, 3)", "(substring a 2 3)"},
		{"trim(a)", "(trim a)"}, {"trim('x' from a)", `(trim a "x")`}, {"trim(both 'x' from a)", `(trim a "x")`}, {"trim(leading from a)", "(ltrim a)"},
		{"trim(leading 'x' from a)", `(trim_leading a "x")`}, {"trim(trailing 'x' from a)", `(trim_trailing a "x")`}, {"trim(both from a)", "(trim a)"},
		{"ltrim(a)", "(ltrim a)"}, {"rtrim(a)", "(rtrim a)"},
		{"locate(a, b)", "(locate a b)"}, {"locate(a, b, 3)", "(locate a b 3)"}, {"position(a in b)", "(locate a b)"},
		{"insert(a, 1, 2, 'x')", `(insert a 1 2 "x")`}, {"char(65, 66)", "(char 65 66)"},
		{"regexp_like(a, 'x', 'i')", `(regexp_like a "x" "i")`}, {"regexp_replace(a, 'x', 'y')", `(regexp_replace a "x" "y")`},
		{"regexp_substr(a, 'x')", `(regexp_substr a "x")`}, {"regexp_instr(a, 'x', 1, 2)", `(regexp_instr a "x" 1 2)`},
		{"count(*)", "(count *)"}, {"count(distinct a, b)", "(count a b distinct)"}, {"sum(distinct a)", "(sum a distinct)"}, {"avg(a)", "(avg a)"},
		{"min(a) + max(b)", "(+ (min a) (max b))"}, {"stddev_samp(a)", "(stddev_samp a)"}, {"variance(a)", "(variance a)"}, {"std(a)", "(std a)"},
		{"bit_or(a)", "(bit_or a)"}, {"any_value(a)", "(any_value a)"},
		{"group_concat(distinct a, b order by c desc separator '; ')", `(group_concat a b distinct (order c desc) sep"; ")`},
		{"group_concat(a separator '')", `(group_concat a sep"")`}, {"group_concat(a)", "(group_concat a)"},
		{"row_number() over (partition by a order by b desc)", "(row_number over:(w (by a) (order b desc)))"},
		{"rank() over w", "(rank over:w)"}, {"sum(a) over (w order by b)", "(sum a over:(w w (order b)))"}, {"count(*) over ()", "(count * over:(w))"},
		{"sum(a) over (order by b rows between unbounded preceding and current row)", "(sum a over:(w (order b) (rows start current)))"},
		{"sum(a) over (order by b rows 2 preceding)", "(sum a over:(w (order b) (rows (preceding 2))))"},
		{"sum(a) over (order by b range between interval 1 day preceding and unbounded following)",
			"(sum a over:(w (order b) (range (preceding 1 day) end)))"},
		{"lag(a) over w", "(lag a over:w)"}, {"lead(a, 2, 0) over w", "(lead a 2 0 over:w)"}, {"first_value(a) ignore nulls over w", "(first_value a ignore-nulls over:w)"},
		{"last_value(a) respect nulls over w", "(last_value a over:w)"}, {"ntile(4) over w", "(ntile 4 over:w)"}, {"nth_value(a, 2) over w", "(nth_value a 2 over:w)"},
		{"dense_rank() over w + percent_rank() over w + cume_dist() over w", "(+ (+ (dense_rank over:w) (percent_rank over:w)) (cume_dist over:w))"},
	}
	for _, e := range exprs {
		t.Run(e[0], func(t *testing.T) { assert.Equal(t, "(select "+e[1]+")", dump(parse(t, "select "+e[0]))) })
	}
	checkTrees(t, [][2]string{
		{"select sum(a) over w, sum(b) over v from t window w as (partition by c), v as (w order by d)",
			"(select (sum a over:w) (sum b over:v) (from t) (window w (w (by c))) (window v (w w (order d))))"},
	})
}

func TestSwallowsNothing(t *testing.T) {
	checkTrees(t, [][2]string{
		{"select a as full, b as `minus`, `except` from `full` as qualify", "(select a:full b:minus except (from full:qualify))"},
		{"select sample.a, full + fetch, f(minus, pivot) from t as sample where ilike = 1 group by semi",
			"(select sample.a (+ full fetch) (f minus pivot) (from t:sample) (where (= ilike 1)) (group semi))"},
		{"select a from except union select intersect from intersect", "(union (select a (from except)) (select intersect (from intersect)))"},
		{"with full as (select 1) select * from full, semi join anti on full = anti",
			"(query (with (full (select 1))) (select * (from full (join semi anti (on (= full anti))))))"},
	})
}

func TestParams(t *testing.T) {
	q, n, err := newParser(t).Parse("select ?, (select ? from t where a = ?) from u where b in (?, ?) limit ?", mysql.DefaultLimits())
	require.NoError(t, err)
	assert.Equal(t, 6, n)
	assert.Equal(t, "(query (select ?0 (sub (select ?1 (from t) (where (= a ?2)))) (from u) (where (in b (list ?3 ?4)))) (limit (count ?5)))", dump(q))
}
