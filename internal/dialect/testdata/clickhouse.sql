-- select
SELECT `t`.`a` AS `a`, `t`.`s` AS `s` FROM `t1` AS `t` SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- where without from
SELECT 1 WHERE FALSE SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- distinct
SELECT DISTINCT `t`.`s` FROM `t1` AS `t` SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- qualified table
SELECT `o`.`a` FROM `t1` AS `o` SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- order nulls
SELECT `t`.`a` AS `a`, `t`.`b` AS `b` FROM `t1` AS `t` ORDER BY `t`.`b` NULLS FIRST, `t`.`a` NULLS FIRST SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- order nulls desc
SELECT `t`.`a` AS `a`, `t`.`b` AS `b` FROM `t1` AS `t` ORDER BY `t`.`b` DESC NULLS LAST, 1 DESC NULLS LAST SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- limit
SELECT `t`.`a` AS `a` FROM `t1` AS `t` ORDER BY 1 NULLS FIRST LIMIT 2 OFFSET 1 SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- offset only
SELECT `t`.`a` AS `a` FROM `t1` AS `t` ORDER BY 1 NULLS FIRST OFFSET 3 SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- cross join
SELECT `t`.`a`, `u`.`c` FROM (SELECT `i`.`a` AS `a`, `i`.`b` AS `b`, `i`.`s` AS `s` FROM `t1` AS `i` WHERE `i`.`a` = 1) AS `t` CROSS JOIN `t2` AS `u` SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- inner join
SELECT `t`.`a`, `u`.`c` FROM `t1` AS `t` JOIN `t2` AS `u` ON `t`.`a` = `u`.`a` SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- left join
SELECT `t`.`a`, `u`.`c` FROM `t1` AS `t` LEFT JOIN `t2` AS `u` ON `t`.`a` = `u`.`a` SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- right join
SELECT `t`.`a`, `u`.`c` FROM `t1` AS `t` RIGHT JOIN `t2` AS `u` ON `t`.`a` = `u`.`a` SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- left join on nothing
SELECT `t`.`a`, `u`.`c` FROM (SELECT `i`.`a` AS `a`, `i`.`b` AS `b`, `i`.`s` AS `s` FROM `t1` AS `i` WHERE `i`.`a` = 1) AS `t` LEFT JOIN (SELECT `i`.`a` AS `a`, `i`.`c` AS `c` FROM `t2` AS `i` WHERE `i`.`a` = 9) AS `u` ON TRUE SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- nested join
SELECT `t`.`a`, `v`.`c` FROM `t1` AS `t` LEFT JOIN (`t2` AS `u` JOIN `t2` AS `v` ON `u`.`a` = `v`.`a`) ON `t`.`a` = `u`.`a` SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- comma and right join
SELECT `t`.`a`, `u`.`a`, `v`.`a` FROM (SELECT `i`.`a` AS `a`, `i`.`b` AS `b`, `i`.`s` AS `s` FROM `t1` AS `i` WHERE `i`.`a` = 1) AS `t`, ((SELECT `i`.`a` AS `a`, `i`.`c` AS `c` FROM `t2` AS `i` WHERE `i`.`a` = 9) AS `u` RIGHT JOIN `t2` AS `v` ON `u`.`a` = `v`.`a`) SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- derived
SELECT `q`.`n` FROM (SELECT 7 AS `n`) AS `q` SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- group having
SELECT `t`.`s`, COUNT(*) FROM `t1` AS `t` GROUP BY 1 HAVING COUNT(*) > 1 SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- aggregates
SELECT COUNT(`t`.`b`), sumOrNull(`t`.`b`), avgOrNull(`t`.`b`), minOrNull(`t`.`b`), maxOrNull(`t`.`b`), COUNT(DISTINCT `t`.`s`) FROM `t1` AS `t` SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- aggregates of nothing
SELECT COUNT(`t`.`b`), sumOrNull(`t`.`b`), maxOrNull(`t`.`b`) FROM `t1` AS `t` WHERE `t`.`a` > 9 SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- any_value
SELECT anyOrNull(`t`.`a`) FROM `t1` AS `t` WHERE `t`.`a` = 3 SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- group_concat
refused: the function GROUP_CONCAT is not supported on clickhouse

-- group_concat backslash
refused: the function GROUP_CONCAT is not supported on clickhouse

-- group_concat distinct
refused: the function GROUP_CONCAT is not supported on clickhouse

-- count distinct pair
refused: COUNT of several expressions is not supported on clickhouse; count a subquery with DISTINCT

-- deviation
refused: the function STDDEV_POP is not supported on clickhouse

-- rollup
refused: GROUP BY … WITH ROLLUP is not supported on clickhouse; combine the levels with UNION ALL

-- rollup of two
refused: GROUP BY … WITH ROLLUP is not supported on clickhouse; combine the levels with UNION ALL

-- rollup having
refused: GROUP BY … WITH ROLLUP is not supported on clickhouse; combine the levels with UNION ALL

-- rollup inside
refused: GROUP BY … WITH ROLLUP is not supported on clickhouse; combine the levels with UNION ALL

-- rollup of nothing
refused: GROUP BY … WITH ROLLUP is not supported on clickhouse; combine the levels with UNION ALL

-- rollup in union
refused: GROUP BY … WITH ROLLUP is not supported on clickhouse; combine the levels with UNION ALL

-- row_number
SELECT `t`.`a`, row_number() OVER (PARTITION BY `t`.`s` ORDER BY `t`.`a` NULLS FIRST) FROM `t1` AS `t` WHERE `t`.`a` < 4 SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- frame
SELECT `t`.`a`, sumOrNull(`t`.`a`) OVER (ORDER BY `t`.`a` NULLS FIRST ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM `t1` AS `t` SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- range frame
SELECT `t`.`a`, COUNT(`t`.`b`) OVER (ORDER BY `t`.`a` NULLS FIRST RANGE UNBOUNDED PRECEDING) FROM `t1` AS `t` SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- named window
refused: the function LAG is not supported on clickhouse

-- window functions
refused: the function NTILE is not supported on clickhouse

-- lag default
refused: the function LAG is not supported on clickhouse

-- interval frame
refused: a window frame with an INTERVAL is not supported on clickhouse

-- union
SELECT 1 UNION DISTINCT SELECT 1 SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- union chain
SELECT 1 UNION DISTINCT SELECT 1 UNION ALL SELECT 1 SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- union right
SELECT 1 UNION DISTINCT (SELECT 2 UNION ALL SELECT 2) SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- except right
SELECT 1 EXCEPT DISTINCT (SELECT 1 EXCEPT DISTINCT SELECT 1) SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- except left
(SELECT 1 EXCEPT DISTINCT SELECT 1) EXCEPT DISTINCT SELECT 1 SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- intersect first
SELECT 1 UNION DISTINCT (SELECT 1 INTERSECT DISTINCT SELECT 2) SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- intersect last
(SELECT 1 UNION DISTINCT SELECT 2) INTERSECT DISTINCT SELECT 2 SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- except all
refused: EXCEPT ALL is not supported on clickhouse; say EXCEPT without ALL

-- operands with limits
(SELECT `t`.`a` AS `a` FROM `t1` AS `t` ORDER BY 1 NULLS FIRST LIMIT 1) UNION ALL (SELECT `t`.`a` AS `a` FROM `t1` AS `t` ORDER BY 1 DESC NULLS LAST LIMIT 1) ORDER BY 1 DESC NULLS LAST SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- query in query
SELECT * FROM (SELECT `t`.`a` AS `a` FROM `t1` AS `t` ORDER BY 1 NULLS FIRST LIMIT 3) AS `q` ORDER BY 1 DESC NULLS LAST LIMIT 1 SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- operand with with
SELECT 1 UNION ALL SELECT * FROM (WITH `c1` AS (SELECT 5 AS `n`) SELECT `r`.`n` FROM `c1` AS `r`) AS `q` SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- values
refused: VALUES is not supported on clickhouse; combine SELECTs with UNION ALL

-- recursive
refused: a column list of a WITH query is not supported on clickhouse; give every select item an alias

-- scalar subquery
SELECT `t`.`a`, (SELECT maxOrNull(`u`.`c`) FROM `t2` AS `u` WHERE `t`.`a` = `u`.`a`) FROM `t1` AS `t` SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- exists
SELECT `t`.`a` AS `a` FROM `t1` AS `t` WHERE EXISTS (SELECT 1 FROM `t2` AS `u` WHERE `t`.`a` = `u`.`a`) SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- not exists
SELECT `t`.`a` AS `a` FROM `t1` AS `t` WHERE NOT EXISTS (SELECT 1 FROM `t2` AS `u` WHERE `t`.`a` = `u`.`a`) SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- in query
refused: IN with a query is not supported on clickhouse; write EXISTS or a join

-- in query limited
refused: IN with a query is not supported on clickhouse; write EXISTS or a join

-- tuple in query
refused: IN with a query is not supported on clickhouse; write EXISTS or a join

-- any
refused: this comparison with ANY or ALL is not supported on clickhouse; compare with MIN or MAX of the query

-- all correlated
refused: this comparison with ANY or ALL is not supported on clickhouse; compare with MIN or MAX of the query

-- params
SELECT ?, ?, ? FROM (SELECT `i`.`a` AS `a`, `i`.`b` AS `b`, `i`.`s` AS `s` FROM `t1` AS `i` WHERE `i`.`a` = 1) AS `t` SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- date column
SELECT `t`.`a` AS `a` FROM `t1` AS `t` WHERE `t`.`d` >= toDateTime64('2024-01-02 00:00:00', 6) SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- exact column
SELECT `t`.`a` AS `a` FROM `t1` AS `t` WHERE (`t`.`s` = 'x') SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- policy string functions
SELECT `t`.`a` AS `a` FROM `t1` AS `t` WHERE startsWith(`t`.`s`, 'x') AND endsWith(`t`.`s`, 'x') AND (position(`t`.`s`, 'x') > 0) SETTINGS enable_analyzer = 1, join_use_nulls = 1, prefer_column_name_to_alias = 1

-- policy arithmetic
refused: the operator % on ints is not supported on clickhouse

-- policy time
refused: the time between two timestamps is not supported on clickhouse

-- policy calendar
refused: taking a timestamp apart is not supported on clickhouse

-- policy trim
refused: the function trim is not supported on clickhouse

-- policy offsets
refused: the function substring is not supported on clickhouse

-- policy last offset
refused: the function lastIndexOf is not supported on clickhouse

