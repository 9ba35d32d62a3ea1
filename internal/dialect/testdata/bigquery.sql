-- select
SELECT `t`.`a` AS `a`, `t`.`s` AS `s` FROM `t1` AS `t`

-- where without from
SELECT 1 FROM (SELECT 1 AS `one`) AS `dual` WHERE FALSE

-- distinct
SELECT DISTINCT `t`.`s` FROM `t1` AS `t`

-- qualified table
SELECT `o`.`a` FROM `t1` AS `o`

-- order nulls
SELECT `t`.`a` AS `a`, `t`.`b` AS `b` FROM `t1` AS `t` ORDER BY `t`.`b`, `t`.`a`

-- order nulls desc
SELECT `t`.`a` AS `a`, `t`.`b` AS `b` FROM `t1` AS `t` ORDER BY `t`.`b` DESC, 1 DESC

-- limit
SELECT `t`.`a` AS `a` FROM `t1` AS `t` ORDER BY 1 LIMIT 2 OFFSET 1

-- offset only
SELECT `t`.`a` AS `a` FROM `t1` AS `t` ORDER BY 1 LIMIT 9223372036854775807 OFFSET 3

-- cross join
SELECT `t`.`a`, `u`.`c` FROM (SELECT `i`.`a` AS `a`, `i`.`b` AS `b`, `i`.`s` AS `s` FROM `t1` AS `i` WHERE `i`.`a` = 1) AS `t` CROSS JOIN `t2` AS `u`

-- inner join
SELECT `t`.`a`, `u`.`c` FROM `t1` AS `t` JOIN `t2` AS `u` ON `t`.`a` = `u`.`a`

-- left join
SELECT `t`.`a`, `u`.`c` FROM `t1` AS `t` LEFT JOIN `t2` AS `u` ON `t`.`a` = `u`.`a`

-- right join
SELECT `t`.`a`, `u`.`c` FROM `t1` AS `t` RIGHT JOIN `t2` AS `u` ON `t`.`a` = `u`.`a`

-- left join on nothing
SELECT `t`.`a`, `u`.`c` FROM (SELECT `i`.`a` AS `a`, `i`.`b` AS `b`, `i`.`s` AS `s` FROM `t1` AS `i` WHERE `i`.`a` = 1) AS `t` LEFT JOIN (SELECT `i`.`a` AS `a`, `i`.`c` AS `c` FROM `t2` AS `i` WHERE `i`.`a` = 9) AS `u` ON TRUE

-- nested join
SELECT `t`.`a`, `v`.`c` FROM `t1` AS `t` LEFT JOIN (`t2` AS `u` JOIN `t2` AS `v` ON `u`.`a` = `v`.`a`) ON `t`.`a` = `u`.`a`

-- comma and right join
SELECT `t`.`a`, `u`.`a`, `v`.`a` FROM (SELECT `i`.`a` AS `a`, `i`.`b` AS `b`, `i`.`s` AS `s` FROM `t1` AS `i` WHERE `i`.`a` = 1) AS `t`, ((SELECT `i`.`a` AS `a`, `i`.`c` AS `c` FROM `t2` AS `i` WHERE `i`.`a` = 9) AS `u` RIGHT JOIN `t2` AS `v` ON `u`.`a` = `v`.`a`)

-- derived
SELECT `q`.`n` FROM (SELECT 7 AS `n`) AS `q`

-- group having
SELECT `t`.`s`, COUNT(*) FROM `t1` AS `t` GROUP BY 1 HAVING COUNT(*) > 1

-- aggregates
SELECT COUNT(`t`.`b`), SUM(`t`.`b`), AVG(CAST(`t`.`b` AS FLOAT64)), MIN(`t`.`b`), MAX(`t`.`b`), COUNT(DISTINCT `t`.`s`) FROM `t1` AS `t`

-- aggregates of nothing
SELECT COUNT(`t`.`b`), SUM(`t`.`b`), MAX(`t`.`b`) FROM `t1` AS `t` WHERE `t`.`a` > 9

-- any_value
SELECT ANY_VALUE(`t`.`a`) FROM `t1` AS `t` WHERE `t`.`a` = 3

-- group_concat
SELECT STRING_AGG(CAST(`t`.`s` AS STRING), ';' ORDER BY `t`.`a` DESC) FROM `t1` AS `t` WHERE `t`.`a` < 4

-- group_concat backslash
SELECT STRING_AGG(CAST(`t`.`s` AS STRING), '\\' ORDER BY `t`.`a`) FROM `t1` AS `t`

-- group_concat distinct
SELECT STRING_AGG(DISTINCT CAST(`t`.`s` AS STRING), ',' ORDER BY CAST(`t`.`s` AS STRING)) FROM `t1` AS `t` WHERE `t`.`a` < 4

-- count distinct pair
refused: COUNT of several expressions is not supported on bigquery; count a subquery with DISTINCT

-- deviation
SELECT STDDEV_POP(`t`.`b`), VAR_SAMP(`t`.`b`), VAR_POP(`t`.`a`), STDDEV_SAMP(`t`.`c`) FROM (SELECT `t`.`a` AS `a`, `t`.`b` AS `b`, NULLIF(`t`.`a`, `t`.`a`) AS `c` FROM `t1` AS `t`) AS `t`

-- rollup
refused: GROUP BY … WITH ROLLUP is not supported on bigquery; combine the levels with UNION ALL

-- rollup of two
refused: GROUP BY … WITH ROLLUP is not supported on bigquery; combine the levels with UNION ALL

-- rollup having
refused: GROUP BY … WITH ROLLUP is not supported on bigquery; combine the levels with UNION ALL

-- rollup inside
refused: GROUP BY … WITH ROLLUP is not supported on bigquery; combine the levels with UNION ALL

-- rollup of nothing
refused: GROUP BY … WITH ROLLUP is not supported on bigquery; combine the levels with UNION ALL

-- rollup in union
refused: GROUP BY … WITH ROLLUP is not supported on bigquery; combine the levels with UNION ALL

-- row_number
SELECT `t`.`a`, ROW_NUMBER() OVER (PARTITION BY `t`.`s` ORDER BY `t`.`a`) FROM `t1` AS `t` WHERE `t`.`a` < 4

-- frame
SELECT `t`.`a`, SUM(`t`.`a`) OVER (ORDER BY `t`.`a` ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM `t1` AS `t`

-- range frame
SELECT `t`.`a`, COUNT(`t`.`b`) OVER (ORDER BY `t`.`a` RANGE UNBOUNDED PRECEDING) FROM `t1` AS `t`

-- named window
SELECT `t`.`a`, RANK() OVER `w`, LAG(`t`.`a`) OVER `w` FROM `t1` AS `t` WINDOW `w` AS (ORDER BY `t`.`a` DESC)

-- window functions
SELECT `t`.`a`, NTILE(2) OVER (ORDER BY `t`.`a`), LEAD(`t`.`a`, 2) OVER (ORDER BY `t`.`a`), FIRST_VALUE(`t`.`a`) OVER (ORDER BY `t`.`a`), NTH_VALUE(`t`.`a`, 2) OVER (ORDER BY `t`.`a`), DENSE_RANK() OVER (ORDER BY `t`.`a`), CUME_DIST() OVER (ORDER BY `t`.`a`) FROM `t1` AS `t`

-- lag default
SELECT `t`.`a`, LAG(`t`.`a`, 1, 0) OVER (ORDER BY `t`.`a`) FROM `t1` AS `t`

-- interval frame
refused: a window frame with an INTERVAL is not supported on bigquery

-- union
SELECT 1 UNION DISTINCT SELECT 1

-- union chain
SELECT 1 UNION DISTINCT SELECT 1 UNION ALL SELECT 1

-- union right
SELECT 1 UNION DISTINCT (SELECT 2 UNION ALL SELECT 2)

-- except right
SELECT 1 EXCEPT DISTINCT (SELECT 1 EXCEPT DISTINCT SELECT 1)

-- except left
(SELECT 1 EXCEPT DISTINCT SELECT 1) EXCEPT DISTINCT SELECT 1

-- intersect first
SELECT 1 UNION DISTINCT (SELECT 1 INTERSECT DISTINCT SELECT 2)

-- intersect last
(SELECT 1 UNION DISTINCT SELECT 2) INTERSECT DISTINCT SELECT 2

-- except all
refused: EXCEPT ALL is not supported on bigquery; say EXCEPT without ALL

-- operands with limits
(SELECT `t`.`a` AS `a` FROM `t1` AS `t` ORDER BY 1 LIMIT 1) UNION ALL (SELECT `t`.`a` AS `a` FROM `t1` AS `t` ORDER BY 1 DESC LIMIT 1) ORDER BY 1 DESC

-- query in query
SELECT * FROM (SELECT `t`.`a` AS `a` FROM `t1` AS `t` ORDER BY 1 LIMIT 3) AS `q` ORDER BY 1 DESC LIMIT 1

-- operand with with
SELECT 1 UNION ALL SELECT * FROM (WITH `c1` AS (SELECT 5 AS `n`) SELECT `r`.`n` FROM `c1` AS `r`) AS `q`

-- values
refused: VALUES is not supported on bigquery; combine SELECTs with UNION ALL

-- recursive
refused: a column list of a WITH query is not supported on bigquery; give every select item an alias

-- scalar subquery
SELECT `t`.`a`, (SELECT MAX(`u`.`c`) FROM `t2` AS `u` WHERE `t`.`a` = `u`.`a`) FROM `t1` AS `t`

-- exists
SELECT `t`.`a` AS `a` FROM `t1` AS `t` WHERE EXISTS (SELECT 1 FROM `t2` AS `u` WHERE `t`.`a` = `u`.`a`)

-- not exists
SELECT `t`.`a` AS `a` FROM `t1` AS `t` WHERE NOT EXISTS (SELECT 1 FROM `t2` AS `u` WHERE `t`.`a` = `u`.`a`)

-- in query
SELECT `t`.`a` AS `a` FROM `t1` AS `t` WHERE `t`.`a` IN (SELECT `u`.`a` FROM `t2` AS `u`)

-- in query limited
SELECT `t`.`a` AS `a` FROM `t1` AS `t` WHERE `t`.`a` IN (SELECT `u`.`a` FROM `t2` AS `u` ORDER BY 1 LIMIT 1)

-- tuple in query
refused: a row value here is not supported on bigquery; compare the elements one by one

-- any
refused: this comparison with ANY or ALL is not supported on bigquery; compare with MIN or MAX of the query

-- all correlated
refused: this comparison with ANY or ALL is not supported on bigquery; compare with MIN or MAX of the query

-- params
SELECT ?, ?, ? FROM (SELECT `i`.`a` AS `a`, `i`.`b` AS `b`, `i`.`s` AS `s` FROM `t1` AS `i` WHERE `i`.`a` = 1) AS `t`

-- date column
SELECT `t`.`a` AS `a` FROM `t1` AS `t` WHERE `t`.`d` >= DATETIME '2024-01-02 00:00:00'

-- exact column
SELECT `t`.`a` AS `a` FROM `t1` AS `t` WHERE (`t`.`s` = 'x' AND CAST(CAST(`t`.`s` AS STRING) AS BYTES) = CAST(CAST('x' AS STRING) AS BYTES))

-- policy string functions
SELECT `t`.`a` AS `a` FROM `t1` AS `t` WHERE STARTS_WITH(CAST(CAST(`t`.`s` AS STRING) AS BYTES), CAST(CAST('x' AS STRING) AS BYTES)) AND ENDS_WITH(CAST(CAST(`t`.`s` AS STRING) AS BYTES), CAST(CAST('x' AS STRING) AS BYTES)) AND (STRPOS(CAST(CAST(`t`.`s` AS STRING) AS BYTES), CAST(CAST('x' AS STRING) AS BYTES)) > 0)

-- policy arithmetic
SELECT `t`.`a` AS `a` FROM `t1` AS `t` WHERE CASE WHEN 2 = -1 THEN NULLIF(0, CASE WHEN SAFE_CAST(CAST(SAFE_CAST(CAST(`t`.`a` AS BIGNUMERIC) * CAST(2 AS BIGNUMERIC) AS INT64) AS BIGNUMERIC) + CAST(CASE WHEN 10 = -1 THEN SAFE_CAST(0 - CAST(`t`.`b` AS BIGNUMERIC) AS INT64) ELSE DIV(`t`.`b`, NULLIF(10, 0)) END AS BIGNUMERIC) AS INT64) = -9223372036854775808 THEN 0 END) ELSE MOD(SAFE_CAST(CAST(SAFE_CAST(CAST(`t`.`a` AS BIGNUMERIC) * CAST(2 AS BIGNUMERIC) AS INT64) AS BIGNUMERIC) + CAST(CASE WHEN 10 = -1 THEN SAFE_CAST(0 - CAST(`t`.`b` AS BIGNUMERIC) AS INT64) ELSE DIV(`t`.`b`, NULLIF(10, 0)) END AS BIGNUMERIC) AS INT64), NULLIF(2, 0)) END = 1

-- policy time
refused: the time between two timestamps is not supported on bigquery

-- policy calendar
SELECT `t`.`a` AS `a` FROM `t1` AS `t` WHERE EXTRACT(DAY FROM CAST((CAST(`t`.`d` AS DATETIME)) AS DATETIME)) = 4

-- policy trim
refused: the function trim is not supported on bigquery

-- policy offsets
refused: the function substring is not supported on bigquery

-- policy last offset
refused: the function lastIndexOf is not supported on bigquery

