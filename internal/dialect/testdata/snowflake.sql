-- select
SELECT "t"."a" AS "a", "t"."s" AS "s" FROM "t1" AS "t"

-- where without from
SELECT 1 WHERE FALSE

-- distinct
SELECT DISTINCT "t"."s" FROM "t1" AS "t"

-- qualified table
SELECT "o"."a" FROM "t1" AS "o"

-- order nulls
SELECT "t"."a" AS "a", "t"."b" AS "b" FROM "t1" AS "t" ORDER BY "t"."b" NULLS FIRST, "t"."a" NULLS FIRST

-- order nulls desc
SELECT "t"."a" AS "a", "t"."b" AS "b" FROM "t1" AS "t" ORDER BY "t"."b" DESC NULLS LAST, 1 DESC NULLS LAST

-- limit
SELECT "t"."a" AS "a" FROM "t1" AS "t" ORDER BY 1 NULLS FIRST LIMIT 2 OFFSET 1

-- offset only
SELECT "t"."a" AS "a" FROM "t1" AS "t" ORDER BY 1 NULLS FIRST LIMIT NULL OFFSET 3

-- cross join
SELECT "t"."a", "u"."c" FROM (SELECT "i"."a" AS "a", "i"."b" AS "b", "i"."s" AS "s" FROM "t1" AS "i" WHERE "i"."a" = 1) AS "t" CROSS JOIN "t2" AS "u"

-- inner join
SELECT "t"."a", "u"."c" FROM "t1" AS "t" JOIN "t2" AS "u" ON "t"."a" = "u"."a"

-- left join
SELECT "t"."a", "u"."c" FROM "t1" AS "t" LEFT JOIN "t2" AS "u" ON "t"."a" = "u"."a"

-- right join
SELECT "t"."a", "u"."c" FROM "t1" AS "t" RIGHT JOIN "t2" AS "u" ON "t"."a" = "u"."a"

-- left join on nothing
SELECT "t"."a", "u"."c" FROM (SELECT "i"."a" AS "a", "i"."b" AS "b", "i"."s" AS "s" FROM "t1" AS "i" WHERE "i"."a" = 1) AS "t" LEFT JOIN (SELECT "i"."a" AS "a", "i"."c" AS "c" FROM "t2" AS "i" WHERE "i"."a" = 9) AS "u" ON TRUE

-- nested join
SELECT "t"."a", "v"."c" FROM "t1" AS "t" LEFT JOIN ("t2" AS "u" JOIN "t2" AS "v" ON "u"."a" = "v"."a") ON "t"."a" = "u"."a"

-- comma and right join
SELECT "t"."a", "u"."a", "v"."a" FROM (SELECT "i"."a" AS "a", "i"."b" AS "b", "i"."s" AS "s" FROM "t1" AS "i" WHERE "i"."a" = 1) AS "t", ((SELECT "i"."a" AS "a", "i"."c" AS "c" FROM "t2" AS "i" WHERE "i"."a" = 9) AS "u" RIGHT JOIN "t2" AS "v" ON "u"."a" = "v"."a")

-- derived
SELECT "q"."n" FROM (SELECT 7 AS "n") AS "q"

-- group having
SELECT "t"."s", COUNT(*) FROM "t1" AS "t" GROUP BY 1 HAVING COUNT(*) > 1

-- aggregates
SELECT COUNT("t"."b"), SUM("t"."b"), AVG(CAST("t"."b" AS DOUBLE)), MIN("t"."b"), MAX("t"."b"), COUNT(DISTINCT "t"."s") FROM "t1" AS "t"

-- aggregates of nothing
SELECT COUNT("t"."b"), SUM("t"."b"), MAX("t"."b") FROM "t1" AS "t" WHERE "t"."a" > 9

-- any_value
SELECT ANY_VALUE("t"."a") FROM "t1" AS "t" WHERE "t"."a" = 3

-- group_concat
SELECT CASE WHEN COUNT("t"."s") > 0 THEN LISTAGG(CAST("t"."s" AS VARCHAR), ';') WITHIN GROUP (ORDER BY "t"."a" DESC NULLS LAST) END FROM "t1" AS "t" WHERE "t"."a" < 4

-- group_concat backslash
SELECT CASE WHEN COUNT("t"."s") > 0 THEN LISTAGG(CAST("t"."s" AS VARCHAR), '\\') WITHIN GROUP (ORDER BY "t"."a" NULLS FIRST) END FROM "t1" AS "t"

-- group_concat distinct
SELECT CASE WHEN COUNT("t"."s") > 0 THEN LISTAGG(DISTINCT CAST("t"."s" AS VARCHAR), ',') WITHIN GROUP (ORDER BY "t"."s" NULLS FIRST) END FROM "t1" AS "t" WHERE "t"."a" < 4

-- count distinct pair
refused: COUNT of several expressions is not supported on snowflake; count a subquery with DISTINCT

-- deviation
SELECT STDDEV_POP("t"."b"), VAR_SAMP("t"."b"), VAR_POP("t"."a"), STDDEV_SAMP("t"."c") FROM (SELECT "t"."a" AS "a", "t"."b" AS "b", NULLIF("t"."a", "t"."a") AS "c" FROM "t1" AS "t") AS "t"

-- rollup
refused: GROUP BY … WITH ROLLUP is not supported on snowflake; combine the levels with UNION ALL

-- rollup of two
refused: GROUP BY … WITH ROLLUP is not supported on snowflake; combine the levels with UNION ALL

-- rollup having
refused: GROUP BY … WITH ROLLUP is not supported on snowflake; combine the levels with UNION ALL

-- rollup inside
refused: GROUP BY … WITH ROLLUP is not supported on snowflake; combine the levels with UNION ALL

-- rollup of nothing
refused: GROUP BY … WITH ROLLUP is not supported on snowflake; combine the levels with UNION ALL

-- rollup in union
refused: GROUP BY … WITH ROLLUP is not supported on snowflake; combine the levels with UNION ALL

-- row_number
SELECT "t"."a", ROW_NUMBER() OVER (PARTITION BY "t"."s" ORDER BY "t"."a" NULLS FIRST) FROM "t1" AS "t" WHERE "t"."a" < 4

-- frame
SELECT "t"."a", SUM("t"."a") OVER (ORDER BY "t"."a" NULLS FIRST ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM "t1" AS "t"

-- range frame
SELECT "t"."a", COUNT("t"."b") OVER (ORDER BY "t"."a" NULLS FIRST RANGE UNBOUNDED PRECEDING) FROM "t1" AS "t"

-- named window
refused: WINDOW is not supported on snowflake; write the window behind OVER

-- window functions
refused: FIRST_VALUE without a frame is not supported on snowflake; write ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW, or the frame that is meant

-- lag default
SELECT "t"."a", LAG("t"."a", 1, 0) OVER (ORDER BY "t"."a" NULLS FIRST) FROM "t1" AS "t"

-- interval frame
refused: a window frame with an INTERVAL is not supported on snowflake

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
refused: EXCEPT ALL is not supported on snowflake; say EXCEPT without ALL

-- operands with limits
(SELECT "t"."a" AS "a" FROM "t1" AS "t" ORDER BY 1 NULLS FIRST LIMIT 1) UNION ALL (SELECT "t"."a" AS "a" FROM "t1" AS "t" ORDER BY 1 DESC NULLS LAST LIMIT 1) ORDER BY 1 DESC NULLS LAST

-- query in query
SELECT * FROM (SELECT "t"."a" AS "a" FROM "t1" AS "t" ORDER BY 1 NULLS FIRST LIMIT 3) AS "q" ORDER BY 1 DESC NULLS LAST LIMIT 1

-- operand with with
SELECT 1 UNION ALL SELECT * FROM (WITH "c1"("n") AS (SELECT 5 AS "n") SELECT "r"."n" FROM "c1" AS "r") AS "q"

-- values
refused: VALUES is not supported on snowflake; combine SELECTs with UNION ALL

-- recursive
WITH RECURSIVE "c1"("n") AS (SELECT 1 UNION ALL SELECT "r"."n" + 1 FROM "c1" AS "r" WHERE "r"."n" < 4) SELECT SUM("x"."n") FROM "c1" AS "x"

-- scalar subquery
SELECT "t"."a", (SELECT MAX("u"."c") FROM "t2" AS "u" WHERE "t"."a" = "u"."a") FROM "t1" AS "t"

-- exists
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE EXISTS (SELECT 1 FROM "t2" AS "u" WHERE "t"."a" = "u"."a")

-- not exists
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE NOT EXISTS (SELECT 1 FROM "t2" AS "u" WHERE "t"."a" = "u"."a")

-- in query
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE "t"."a" IN (SELECT "u"."a" FROM "t2" AS "u")

-- in query limited
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE "t"."a" IN (SELECT "u"."a" FROM "t2" AS "u" ORDER BY 1 NULLS FIRST LIMIT 1)

-- tuple in query
refused: a row value here is not supported on snowflake; compare the elements one by one

-- any
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE "t"."a" >= ANY (SELECT "u"."a" FROM "t2" AS "u")

-- all correlated
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE "t"."a" > ALL (SELECT "u"."a" FROM "t2" AS "u" WHERE "u"."a" < "t"."a")

-- params
SELECT ?, ?, ? FROM (SELECT "i"."a" AS "a", "i"."b" AS "b", "i"."s" AS "s" FROM "t1" AS "i" WHERE "i"."a" = 1) AS "t"

-- date column
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE "t"."d" >= CAST('2024-01-02 00:00:00' AS TIMESTAMP_NTZ)

-- exact column
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE ("t"."s" = 'x' AND TO_BINARY(CAST("t"."s" AS VARCHAR), 'UTF-8') = TO_BINARY(CAST('x' AS VARCHAR), 'UTF-8'))

-- policy string functions
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE STARTSWITH(TO_BINARY(CAST("t"."s" AS VARCHAR), 'UTF-8'), TO_BINARY(CAST('x' AS VARCHAR), 'UTF-8')) AND ENDSWITH(TO_BINARY(CAST("t"."s" AS VARCHAR), 'UTF-8'), TO_BINARY(CAST('x' AS VARCHAR), 'UTF-8')) AND CONTAINS(TO_BINARY(CAST("t"."s" AS VARCHAR), 'UTF-8'), TO_BINARY(CAST('x' AS VARCHAR), 'UTF-8'))

-- policy arithmetic
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE CASE WHEN 2 <> -1 OR NULLIF(NULLIF(LEAST(GREATEST(CAST(NULLIF(NULLIF(LEAST(GREATEST(CAST("t"."a" AS NUMBER(38, 0)) * CAST(2 AS NUMBER(38, 0)), -9223372036854775809), 9223372036854775808), 9223372036854775808), -9223372036854775809) AS NUMBER(38, 0)) + CAST(NULLIF(NULLIF(LEAST(GREATEST((("t"."b" - MOD("t"."b", NULLIF(10, 0))) / NULLIF(10, 0)), -9223372036854775809), 9223372036854775808), 9223372036854775808), -9223372036854775809) AS NUMBER(38, 0)), -9223372036854775809), 9223372036854775808), 9223372036854775808), -9223372036854775809) <> -9223372036854775808 THEN MOD(NULLIF(NULLIF(LEAST(GREATEST(CAST(NULLIF(NULLIF(LEAST(GREATEST(CAST("t"."a" AS NUMBER(38, 0)) * CAST(2 AS NUMBER(38, 0)), -9223372036854775809), 9223372036854775808), 9223372036854775808), -9223372036854775809) AS NUMBER(38, 0)) + CAST(NULLIF(NULLIF(LEAST(GREATEST((("t"."b" - MOD("t"."b", NULLIF(10, 0))) / NULLIF(10, 0)), -9223372036854775809), 9223372036854775808), 9223372036854775808), -9223372036854775809) AS NUMBER(38, 0)), -9223372036854775809), 9223372036854775808), 9223372036854775808), -9223372036854775809), NULLIF(2, 0)) END = 1

-- policy time
refused: the time between two timestamps is not supported on snowflake

-- policy calendar
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE DAY(CAST((CAST("t"."d" AS TIMESTAMP_NTZ)) AS TIMESTAMP_NTZ)) = 4

-- policy trim
refused: the function trim is not supported on snowflake

-- policy offsets
refused: the function substring is not supported on snowflake

-- policy last offset
refused: the function lastIndexOf is not supported on snowflake

