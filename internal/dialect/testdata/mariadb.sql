-- select
SELECT `t`.`a` AS `a`, `t`.`s` AS `s` FROM `t1` AS `t`

-- where without from
SELECT 1 FROM DUAL WHERE FALSE

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
SELECT `t`.`a` AS `a` FROM `t1` AS `t` ORDER BY 1 LIMIT 18446744073709551615 OFFSET 3

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
SELECT COUNT(`t`.`b`), SUM(`t`.`b`), AVG(`t`.`b`), MIN(`t`.`b`), MAX(`t`.`b`), COUNT(DISTINCT `t`.`s`) FROM `t1` AS `t`

-- aggregates of nothing
SELECT COUNT(`t`.`b`), SUM(`t`.`b`), MAX(`t`.`b`) FROM `t1` AS `t` WHERE `t`.`a` > 9

-- any_value
SELECT MIN(`t`.`a`) FROM `t1` AS `t` WHERE `t`.`a` = 3

-- group_concat
SELECT GROUP_CONCAT(`t`.`s` ORDER BY `t`.`a` IS NOT NULL DESC, `t`.`a` DESC SEPARATOR ';') FROM `t1` AS `t` WHERE `t`.`a` < 4

-- group_concat backslash
SELECT GROUP_CONCAT(`t`.`s` ORDER BY `t`.`a` IS NOT NULL, `t`.`a` SEPARATOR X'5C') FROM `t1` AS `t`

-- group_concat distinct
SELECT GROUP_CONCAT(DISTINCT `t`.`s` ORDER BY `t`.`s` IS NOT NULL, `t`.`s`) FROM `t1` AS `t` WHERE `t`.`a` < 4

-- count distinct pair
SELECT COUNT(DISTINCT `t`.`a`, `t`.`b`) FROM `t1` AS `t`

-- deviation
SELECT STDDEV_POP((`t`.`b` + 0e0)), VAR_SAMP((`t`.`b` + 0e0)), VAR_POP((`t`.`a` + 0e0)), STDDEV_SAMP((`t`.`c` + 0e0)) FROM (SELECT `t`.`a` AS `a`, `t`.`b` AS `b`, NULLIF(`t`.`a`, `t`.`a`) AS `c` FROM `t1` AS `t`) AS `t`

-- rollup
SELECT `q`.`c1`, `q`.`c2` FROM (SELECT `t`.`s` AS `c1`, COUNT(*) AS `c2` FROM `t1` AS `t` GROUP BY `t`.`s` WITH ROLLUP) AS `q` ORDER BY 2, 1 DESC

-- rollup of two
refused: an expression over a group expression of WITH ROLLUP is not supported on mariadb; group by the expression in a subquery first

-- rollup having
SELECT `t`.`s`, MAX(`t`.`a`) FROM `t1` AS `t` GROUP BY `t`.`s` WITH ROLLUP HAVING `t`.`s` IS NULL

-- rollup inside
SELECT CONCAT(`t`.`s`, '!'), MAX(CONCAT(`t`.`s`, '?')) FROM `t1` AS `t` GROUP BY `t`.`s` WITH ROLLUP

-- rollup of nothing
SELECT `t`.`s`, COUNT(*) FROM `t1` AS `t` WHERE `t`.`a` > 9 GROUP BY `t`.`s` WITH ROLLUP

-- rollup in union
SELECT `t`.`s`, MAX(`t`.`a`) FROM `t1` AS `t` GROUP BY `t`.`s` WITH ROLLUP UNION ALL SELECT 'z', 9

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
refused: the function LAG is not supported on mariadb

-- interval frame
refused: a window frame with an INTERVAL is not supported on mariadb

-- union
SELECT 1 UNION SELECT 1

-- union chain
SELECT 1 UNION SELECT 1 UNION ALL SELECT 1

-- union right
SELECT 1 UNION (SELECT 2 UNION ALL SELECT 2)

-- except right
SELECT 1 EXCEPT (SELECT 1 EXCEPT SELECT 1)

-- except left
(SELECT 1 EXCEPT SELECT 1) EXCEPT SELECT 1

-- intersect first
SELECT 1 UNION (SELECT 1 INTERSECT SELECT 2)

-- intersect last
(SELECT 1 UNION SELECT 2) INTERSECT SELECT 2

-- except all
(SELECT 1 UNION ALL SELECT 1) EXCEPT ALL SELECT 1

-- operands with limits
(SELECT `t`.`a` AS `a` FROM `t1` AS `t` ORDER BY 1 LIMIT 1) UNION ALL (SELECT `t`.`a` AS `a` FROM `t1` AS `t` ORDER BY 1 DESC LIMIT 1) ORDER BY 1 DESC

-- query in query
(SELECT `t`.`a` AS `a` FROM `t1` AS `t` ORDER BY 1 LIMIT 3) ORDER BY 1 DESC LIMIT 1

-- operand with with
SELECT 1 UNION ALL SELECT * FROM (WITH `c1`(`n`) AS (SELECT 5 AS `n`) SELECT `r`.`n` FROM `c1` AS `r`) AS `q`

-- values
VALUES (1, 'a'), (2, NULL)

-- recursive
WITH RECURSIVE `c1`(`n`) AS (SELECT 1 UNION ALL SELECT `r`.`n` + 1 FROM `c1` AS `r` WHERE `r`.`n` < 4) SELECT SUM(`x`.`n`) FROM `c1` AS `x`

-- scalar subquery
SELECT `t`.`a`, (SELECT MAX(`u`.`c`) FROM `t2` AS `u` WHERE `t`.`a` = `u`.`a`) FROM `t1` AS `t`

-- exists
SELECT `t`.`a` AS `a` FROM `t1` AS `t` WHERE EXISTS (SELECT 1 FROM `t2` AS `u` WHERE `t`.`a` = `u`.`a`)

-- not exists
SELECT `t`.`a` AS `a` FROM `t1` AS `t` WHERE NOT EXISTS (SELECT 1 FROM `t2` AS `u` WHERE `t`.`a` = `u`.`a`)

-- in query
SELECT `t`.`a` AS `a` FROM `t1` AS `t` WHERE `t`.`a` IN (SELECT `u`.`a` FROM `t2` AS `u`)

-- in query limited
SELECT `t`.`a` AS `a` FROM `t1` AS `t` WHERE `t`.`a` IN (SELECT * FROM (SELECT `u`.`a` FROM `t2` AS `u` ORDER BY 1 LIMIT 1) AS `q`)

-- tuple in query
SELECT `t`.`a` AS `a` FROM `t1` AS `t` WHERE (`t`.`a`, 101) IN (SELECT `u`.`a`, `u`.`c` FROM `t2` AS `u`)

-- any
SELECT `t`.`a` AS `a` FROM `t1` AS `t` WHERE `t`.`a` >= ANY (SELECT `u`.`a` FROM `t2` AS `u`)

-- all correlated
SELECT `t`.`a` AS `a` FROM `t1` AS `t` WHERE `t`.`a` > ALL (SELECT `u`.`a` FROM `t2` AS `u` WHERE `u`.`a` < `t`.`a`)

-- params
SELECT ?, ?, ? FROM (SELECT `i`.`a` AS `a`, `i`.`b` AS `b`, `i`.`s` AS `s` FROM `t1` AS `i` WHERE `i`.`a` = 1) AS `t`

-- date column
SELECT `t`.`a` AS `a` FROM `t1` AS `t` WHERE `t`.`d` >= TIMESTAMP '2024-01-02 00:00:00'

-- exact column
SELECT `t`.`a` AS `a` FROM `t1` AS `t` WHERE (`t`.`s` = 'x' AND CAST(CONVERT(`t`.`s` USING utf8mb4) AS BINARY) = CAST(CONVERT('x' USING utf8mb4) AS BINARY))

-- policy string functions
SELECT `t`.`a` AS `a` FROM `t1` AS `t` WHERE (LEFT(CAST(CONVERT(`t`.`s` USING utf8mb4) AS BINARY), LENGTH(CAST(CONVERT('x' USING utf8mb4) AS BINARY))) = CAST(CONVERT('x' USING utf8mb4) AS BINARY)) AND (RIGHT(CAST(CONVERT(`t`.`s` USING utf8mb4) AS BINARY), LENGTH(CAST(CONVERT('x' USING utf8mb4) AS BINARY))) = CAST(CONVERT('x' USING utf8mb4) AS BINARY)) AND (LOCATE(CAST(CONVERT('x' USING utf8mb4) AS BINARY), CAST(CONVERT(`t`.`s` USING utf8mb4) AS BINARY)) > 0)

-- policy arithmetic
SELECT `t`.`a` AS `a` FROM `t1` AS `t` WHERE CASE WHEN 2 <> -1 OR CAST(NULLIF(MOD(LEAST(GREATEST(CAST(CAST(NULLIF(MOD(LEAST(GREATEST(CAST(`t`.`a` AS DECIMAL(65)) * CAST(2 AS DECIMAL(65)), -9223372036854775809), 9223372036854775808) + 9223372036854775809, 18446744073709551617), 0) - 9223372036854775809 AS SIGNED) AS DECIMAL(65)) + CAST(CASE WHEN 10 = -1 THEN CAST(NULLIF(MOD(LEAST(GREATEST(0 - CAST(`t`.`b` AS DECIMAL(65)), -9223372036854775809), 9223372036854775808) + 9223372036854775809, 18446744073709551617), 0) - 9223372036854775809 AS SIGNED) ELSE CAST(`t`.`b` AS DECIMAL(65)) DIV NULLIF(CAST(10 AS DECIMAL(65)), 0) END AS DECIMAL(65)), -9223372036854775809), 9223372036854775808) + 9223372036854775809, 18446744073709551617), 0) - 9223372036854775809 AS SIGNED) <> -9223372036854775808 THEN MOD(CAST(NULLIF(MOD(LEAST(GREATEST(CAST(CAST(NULLIF(MOD(LEAST(GREATEST(CAST(`t`.`a` AS DECIMAL(65)) * CAST(2 AS DECIMAL(65)), -9223372036854775809), 9223372036854775808) + 9223372036854775809, 18446744073709551617), 0) - 9223372036854775809 AS SIGNED) AS DECIMAL(65)) + CAST(CASE WHEN 10 = -1 THEN CAST(NULLIF(MOD(LEAST(GREATEST(0 - CAST(`t`.`b` AS DECIMAL(65)), -9223372036854775809), 9223372036854775808) + 9223372036854775809, 18446744073709551617), 0) - 9223372036854775809 AS SIGNED) ELSE CAST(`t`.`b` AS DECIMAL(65)) DIV NULLIF(CAST(10 AS DECIMAL(65)), 0) END AS DECIMAL(65)), -9223372036854775809), 9223372036854775808) + 9223372036854775809, 18446744073709551617), 0) - 9223372036854775809 AS SIGNED), NULLIF(2, 0)) END = 1

-- policy time
SELECT `t`.`a` AS `a` FROM `t1` AS `t` WHERE TIMESTAMPDIFF(MICROSECOND, (CASE WHEN CAST(DATE '2024-01-01' AS DATETIME(6)) >= TIMESTAMP '0001-01-01 00:00:00' THEN CAST(DATE '2024-01-01' AS DATETIME(6)) END + INTERVAL 0 DAY), CASE WHEN ((CASE WHEN CAST(`t`.`d` AS DATETIME(6)) >= TIMESTAMP '0001-01-01 00:00:00' THEN CAST(`t`.`d` AS DATETIME(6)) END + INTERVAL 0 DAY) + INTERVAL 1 MICROSECOND) >= TIMESTAMP '0001-01-01 00:00:00' THEN ((CASE WHEN CAST(`t`.`d` AS DATETIME(6)) >= TIMESTAMP '0001-01-01 00:00:00' THEN CAST(`t`.`d` AS DATETIME(6)) END + INTERVAL 0 DAY) + INTERVAL 1 MICROSECOND) END) > 86400000000

-- policy calendar
SELECT `t`.`a` AS `a` FROM `t1` AS `t` WHERE DAY((CASE WHEN CAST(`t`.`d` AS DATETIME(6)) >= TIMESTAMP '0001-01-01 00:00:00' THEN CAST(`t`.`d` AS DATETIME(6)) END + INTERVAL 0 DAY)) = 4

-- policy trim
SELECT `t`.`a` AS `a` FROM `t1` AS `t` WHERE (CAST(CONVERT(REGEXP_REPLACE(CONVERT(CONVERT(INSERT(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(INSERT(_binary X'FF20', 2, 1, CAST(CONVERT(`t`.`s` USING utf8mb4) AS BINARY)), 'A', 'a'), 'B', 'b'), 'C', 'c'), 'D', 'd'), 'E', 'e'), 'F', 'f'), 'G', 'g'), 'H', 'h'), 'I', 'i'), 'J', 'j'), 'K', 'k'), 'L', 'l'), 'M', 'm'), 'N', 'n'), 'O', 'o'), 'P', 'p'), 'Q', 'q'), 'R', 'r'), 'S', 's'), 'T', 't'), 'U', 'u'), 'V', 'v'), 'W', 'w'), 'X', 'x'), 'Y', 'y'), 'Z', 'z'), 1, 1, '') USING utf8mb4) USING utf8mb4), _utf8mb4 X'283F2D6D295E5B090A0B0C0D20C285C2A0E19A80E28080E28081E28082E28083E28084E28085E28086E28087E28088E28089E2808AE280A8E280A9E280AFE2819FE380805D2B7C5B090A0B0C0D20C285C2A0E19A80E28080E28081E28082E28083E28084E28085E28086E28087E28088E28089E2808AE280A8E280A9E280AFE2819FE380805D2B24', '') USING utf8mb4) AS BINARY) = CAST(CONVERT('x' USING utf8mb4) AS BINARY))

-- policy offsets
SELECT `t`.`a` AS `a` FROM `t1` AS `t` WHERE (CAST(CONVERT(CASE WHEN CASE WHEN 0 < 0 THEN NULL WHEN LENGTH('x') = 0 THEN LEAST(0, CHAR_LENGTH(CONVERT(`t`.`s` USING utf8mb4))) WHEN LOCATE(CAST(CONVERT('x' USING utf8mb4) AS BINARY), CAST(RIGHT(CONVERT(`t`.`s` USING utf8mb4), CHAR_LENGTH(CONVERT(`t`.`s` USING utf8mb4)) - LEAST(GREATEST(0, -1), 1073741823)) AS BINARY)) > 0 THEN CHAR_LENGTH(CONVERT(LEFT(CAST(RIGHT(CONVERT(`t`.`s` USING utf8mb4), CHAR_LENGTH(CONVERT(`t`.`s` USING utf8mb4)) - LEAST(GREATEST(0, -1), 1073741823)) AS BINARY), LOCATE(CAST(CONVERT('x' USING utf8mb4) AS BINARY), CAST(RIGHT(CONVERT(`t`.`s` USING utf8mb4), CHAR_LENGTH(CONVERT(`t`.`s` USING utf8mb4)) - LEAST(GREATEST(0, -1), 1073741823)) AS BINARY)) - 1) USING utf8mb4)) + LEAST(GREATEST(0, -1), 1073741823) WHEN `t`.`s` IS NOT NULL AND 'x' IS NOT NULL AND 0 IS NOT NULL THEN -1 END >= 0 AND CASE WHEN 0 < 0 THEN NULL WHEN LENGTH('x') = 0 THEN LEAST(0, CHAR_LENGTH(CONVERT(`t`.`s` USING utf8mb4))) WHEN LOCATE(CAST(CONVERT('x' USING utf8mb4) AS BINARY), CAST(RIGHT(CONVERT(`t`.`s` USING utf8mb4), CHAR_LENGTH(CONVERT(`t`.`s` USING utf8mb4)) - LEAST(GREATEST(0, -1), 1073741823)) AS BINARY)) > 0 THEN CHAR_LENGTH(CONVERT(LEFT(CAST(RIGHT(CONVERT(`t`.`s` USING utf8mb4), CHAR_LENGTH(CONVERT(`t`.`s` USING utf8mb4)) - LEAST(GREATEST(0, -1), 1073741823)) AS BINARY), LOCATE(CAST(CONVERT('x' USING utf8mb4) AS BINARY), CAST(RIGHT(CONVERT(`t`.`s` USING utf8mb4), CHAR_LENGTH(CONVERT(`t`.`s` USING utf8mb4)) - LEAST(GREATEST(0, -1), 1073741823)) AS BINARY)) - 1) USING utf8mb4)) + LEAST(GREATEST(0, -1), 1073741823) WHEN `t`.`s` IS NOT NULL AND 'x' IS NOT NULL AND 0 IS NOT NULL THEN -1 END <= 1 AND 1 <= CHAR_LENGTH(CONVERT(`t`.`s` USING utf8mb4)) THEN RIGHT(LEFT(CONVERT(`t`.`s` USING utf8mb4), LEAST(GREATEST(1, -1), 1073741823)), LEAST(GREATEST(1, -1), 1073741823) - LEAST(GREATEST(CASE WHEN 0 < 0 THEN NULL WHEN LENGTH('x') = 0 THEN LEAST(0, CHAR_LENGTH(CONVERT(`t`.`s` USING utf8mb4))) WHEN LOCATE(CAST(CONVERT('x' USING utf8mb4) AS BINARY), CAST(RIGHT(CONVERT(`t`.`s` USING utf8mb4), CHAR_LENGTH(CONVERT(`t`.`s` USING utf8mb4)) - LEAST(GREATEST(0, -1), 1073741823)) AS BINARY)) > 0 THEN CHAR_LENGTH(CONVERT(LEFT(CAST(RIGHT(CONVERT(`t`.`s` USING utf8mb4), CHAR_LENGTH(CONVERT(`t`.`s` USING utf8mb4)) - LEAST(GREATEST(0, -1), 1073741823)) AS BINARY), LOCATE(CAST(CONVERT('x' USING utf8mb4) AS BINARY), CAST(RIGHT(CONVERT(`t`.`s` USING utf8mb4), CHAR_LENGTH(CONVERT(`t`.`s` USING utf8mb4)) - LEAST(GREATEST(0, -1), 1073741823)) AS BINARY)) - 1) USING utf8mb4)) + LEAST(GREATEST(0, -1), 1073741823) WHEN `t`.`s` IS NOT NULL AND 'x' IS NOT NULL AND 0 IS NOT NULL THEN -1 END, -1), 1073741823)) END USING utf8mb4) AS BINARY) = CAST(CONVERT('x' USING utf8mb4) AS BINARY))

-- policy last offset
SELECT `t`.`a` AS `a` FROM `t1` AS `t` WHERE CASE WHEN LENGTH('x') = 0 THEN CHAR_LENGTH(CONVERT(REVERSE(CONVERT(`t`.`s` USING utf8mb4)) USING utf8mb4)) WHEN LOCATE(CAST(REVERSE(CONVERT('x' USING utf8mb4)) AS BINARY), CAST(REVERSE(CONVERT(REVERSE(CONVERT(`t`.`s` USING utf8mb4)) USING utf8mb4)) AS BINARY)) > 0 THEN CHAR_LENGTH(CONVERT(REVERSE(CONVERT(`t`.`s` USING utf8mb4)) USING utf8mb4)) - CHAR_LENGTH(CONVERT('x' USING utf8mb4)) - CHAR_LENGTH(CONVERT(LEFT(CAST(REVERSE(CONVERT(REVERSE(CONVERT(`t`.`s` USING utf8mb4)) USING utf8mb4)) AS BINARY), LOCATE(CAST(REVERSE(CONVERT('x' USING utf8mb4)) AS BINARY), CAST(REVERSE(CONVERT(REVERSE(CONVERT(`t`.`s` USING utf8mb4)) USING utf8mb4)) AS BINARY)) - 1) USING utf8mb4)) WHEN REVERSE(CONVERT(`t`.`s` USING utf8mb4)) IS NOT NULL AND 'x' IS NOT NULL THEN -1 END = 0

