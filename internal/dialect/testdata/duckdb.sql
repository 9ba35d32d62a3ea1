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
SELECT "t"."a" AS "a" FROM "t1" AS "t" ORDER BY 1 NULLS FIRST OFFSET 3

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
SELECT COUNT("t"."b"), SUM("t"."b"), AVG("t"."b"), MIN("t"."b"), MAX("t"."b"), COUNT(DISTINCT "t"."s") FROM "t1" AS "t"

-- aggregates of nothing
SELECT COUNT("t"."b"), SUM("t"."b"), MAX("t"."b") FROM "t1" AS "t" WHERE "t"."a" > 9

-- any_value
SELECT ANY_VALUE("t"."a") FROM "t1" AS "t" WHERE "t"."a" = 3

-- group_concat
SELECT STRING_AGG(CAST("t"."s" AS VARCHAR), ';' ORDER BY "t"."a" DESC NULLS LAST) FROM "t1" AS "t" WHERE "t"."a" < 4

-- group_concat backslash
SELECT STRING_AGG(CAST("t"."s" AS VARCHAR), '\' ORDER BY "t"."a" NULLS FIRST) FROM "t1" AS "t"

-- group_concat distinct
SELECT STRING_AGG(DISTINCT CAST("t"."s" AS VARCHAR), ',' ORDER BY CAST("t"."s" AS VARCHAR) NULLS FIRST) FROM "t1" AS "t" WHERE "t"."a" < 4

-- count distinct pair
SELECT COUNT(DISTINCT CASE WHEN "t"."a" IS NOT NULL AND "t"."b" IS NOT NULL THEN ROW("t"."a", "t"."b") END) FROM "t1" AS "t"

-- deviation
SELECT STDDEV_POP("t"."b"), VAR_SAMP("t"."b"), VAR_POP("t"."a"), STDDEV_SAMP("t"."c") FROM (SELECT "t"."a" AS "a", "t"."b" AS "b", NULLIF("t"."a", "t"."a") AS "c" FROM "t1" AS "t") AS "t"

-- rollup
SELECT "t"."s", COUNT(*) FROM "t1" AS "t" GROUP BY ROLLUP ("t"."s") HAVING COUNT(*) > 0 ORDER BY 2 NULLS FIRST, 1 DESC NULLS LAST

-- rollup of two
SELECT "t"."s", MOD("t"."a", NULLIF(2, 0)) + 10, SUM(MOD("t"."a", NULLIF(2, 0))), MAX("t"."s") FROM "t1" AS "t" GROUP BY ROLLUP (1, MOD("t"."a", NULLIF(2, 0))) HAVING COUNT(*) > 0 AND COUNT(*) > 0

-- rollup having
SELECT "t"."s", MAX("t"."a") FROM "t1" AS "t" GROUP BY ROLLUP ("t"."s") HAVING "t"."s" IS NULL AND COUNT(*) > 0

-- rollup inside
SELECT (CAST("t"."s" AS VARCHAR) || CAST('!' AS VARCHAR)), MAX((CAST("t"."s" AS VARCHAR) || CAST('?' AS VARCHAR))) FROM "t1" AS "t" GROUP BY ROLLUP ("t"."s") HAVING COUNT(*) > 0

-- rollup of nothing
SELECT "t"."s", COUNT(*) FROM "t1" AS "t" WHERE "t"."a" > 9 GROUP BY ROLLUP ("t"."s") HAVING COUNT(*) > 0

-- rollup in union
SELECT "t"."s", MAX("t"."a") FROM "t1" AS "t" GROUP BY ROLLUP ("t"."s") HAVING COUNT(*) > 0 UNION ALL SELECT 'z', 9

-- row_number
SELECT "t"."a", ROW_NUMBER() OVER (PARTITION BY "t"."s" ORDER BY "t"."a" NULLS FIRST) FROM "t1" AS "t" WHERE "t"."a" < 4

-- frame
SELECT "t"."a", SUM("t"."a") OVER (ORDER BY "t"."a" NULLS FIRST ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM "t1" AS "t"

-- range frame
SELECT "t"."a", COUNT("t"."b") OVER (ORDER BY "t"."a" NULLS FIRST RANGE UNBOUNDED PRECEDING) FROM "t1" AS "t"

-- named window
SELECT "t"."a", RANK() OVER "w", LAG("t"."a") OVER "w" FROM "t1" AS "t" WINDOW "w" AS (ORDER BY "t"."a" DESC NULLS LAST)

-- window functions
SELECT "t"."a", NTILE(2) OVER (ORDER BY "t"."a" NULLS FIRST), LEAD("t"."a", 2) OVER (ORDER BY "t"."a" NULLS FIRST), FIRST_VALUE("t"."a") OVER (ORDER BY "t"."a" NULLS FIRST), NTH_VALUE("t"."a", 2) OVER (ORDER BY "t"."a" NULLS FIRST), DENSE_RANK() OVER (ORDER BY "t"."a" NULLS FIRST), CUME_DIST() OVER (ORDER BY "t"."a" NULLS FIRST) FROM "t1" AS "t"

-- lag default
SELECT "t"."a", LAG("t"."a", 1, 0) OVER (ORDER BY "t"."a" NULLS FIRST) FROM "t1" AS "t"

-- interval frame
SELECT "t"."a", COUNT("t"."a") OVER (ORDER BY "t"."d" NULLS FIRST RANGE BETWEEN INTERVAL (1) DAY PRECEDING AND CURRENT ROW) FROM "t1" AS "t"

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
(SELECT "t"."a" AS "a" FROM "t1" AS "t" ORDER BY 1 NULLS FIRST LIMIT 1) UNION ALL (SELECT "t"."a" AS "a" FROM "t1" AS "t" ORDER BY 1 DESC NULLS LAST LIMIT 1) ORDER BY 1 DESC NULLS LAST

-- query in query
SELECT * FROM (SELECT "t"."a" AS "a" FROM "t1" AS "t" ORDER BY 1 NULLS FIRST LIMIT 3) AS "q" ORDER BY 1 DESC NULLS LAST LIMIT 1

-- operand with with
SELECT 1 UNION ALL (WITH "c1"("n") AS (SELECT 5 AS "n") SELECT "r"."n" FROM "c1" AS "r")

-- values
VALUES (1, 'a'), (2, NULL)

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
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE CASE WHEN ("t"."a", 101) IN (SELECT * FROM (SELECT "u"."a", "u"."c" FROM "t2" AS "u") AS "q"("c1", "c2") WHERE "q"."c1" IS NOT NULL AND "q"."c2" IS NOT NULL) THEN TRUE WHEN EXISTS (SELECT 1 FROM (SELECT "u"."a", "u"."c" FROM "t2" AS "u") AS "q"("c1", "c2"), (SELECT "t"."a" AS "v1", 101 AS "v2") AS "x" WHERE ("x"."v1" = "q"."c1" AND "x"."v2" = "q"."c2") IS NULL) THEN NULL ELSE FALSE END

-- any
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE "t"."a" >= ANY (SELECT "u"."a" FROM "t2" AS "u")

-- all correlated
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE "t"."a" > ALL (SELECT "u"."a" FROM "t2" AS "u" WHERE "u"."a" < "t"."a")

-- params
SELECT $1, $2, $1 FROM (SELECT "i"."a" AS "a", "i"."b" AS "b", "i"."s" AS "s" FROM "t1" AS "i" WHERE "i"."a" = 1) AS "t"

-- date column
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE "t"."d" >= TIMESTAMP '2024-01-02 00:00:00'

-- exact column
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE ("t"."s" = 'x' AND ENCODE(CAST("t"."s" AS VARCHAR)) = ENCODE(CAST('x' AS VARCHAR)))

-- policy string functions
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE STARTS_WITH(DECODE(ENCODE(CAST("t"."s" AS VARCHAR))), DECODE(ENCODE(CAST('x' AS VARCHAR)))) AND SUFFIX(DECODE(ENCODE(CAST("t"."s" AS VARCHAR))), DECODE(ENCODE(CAST('x' AS VARCHAR)))) AND CONTAINS(DECODE(ENCODE(CAST("t"."s" AS VARCHAR))), DECODE(ENCODE(CAST('x' AS VARCHAR))))

-- policy arithmetic
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE CASE WHEN CAST(2 AS HUGEINT) <> -1 OR CAST(TRY_CAST(CAST(TRY_CAST(CAST("t"."a" AS HUGEINT) * CAST(2 AS HUGEINT) AS BIGINT) AS HUGEINT) + CAST(TRY_CAST(DIVIDE(CAST("t"."b" AS HUGEINT), NULLIF(CAST(10 AS HUGEINT), 0)) AS BIGINT) AS HUGEINT) AS BIGINT) AS HUGEINT) <> -9223372036854775808 THEN CAST(CAST(TRY_CAST(CAST(TRY_CAST(CAST("t"."a" AS HUGEINT) * CAST(2 AS HUGEINT) AS BIGINT) AS HUGEINT) + CAST(TRY_CAST(DIVIDE(CAST("t"."b" AS HUGEINT), NULLIF(CAST(10 AS HUGEINT), 0)) AS BIGINT) AS HUGEINT) AS BIGINT) AS HUGEINT) % NULLIF(CAST(2 AS HUGEINT), 0) AS BIGINT) END = 1

-- policy time
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE CASE WHEN CAST(CASE WHEN CAST(CAST("t"."d" AS TIMESTAMP) AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' AND EPOCH_US(CAST(CAST("t"."d" AS TIMESTAMP) AS TIMESTAMP)) + 1 BETWEEN -62135596800000000 AND 253402300799999999 THEN MAKE_TIMESTAMP(EPOCH_US(CAST(CAST("t"."d" AS TIMESTAMP) AS TIMESTAMP)) + 1) END AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' AND CAST(CAST(DATE '2024-01-01' AS TIMESTAMP) AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN EPOCH_US(CAST(CASE WHEN CAST(CAST("t"."d" AS TIMESTAMP) AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' AND EPOCH_US(CAST(CAST("t"."d" AS TIMESTAMP) AS TIMESTAMP)) + 1 BETWEEN -62135596800000000 AND 253402300799999999 THEN MAKE_TIMESTAMP(EPOCH_US(CAST(CAST("t"."d" AS TIMESTAMP) AS TIMESTAMP)) + 1) END AS TIMESTAMP)) - EPOCH_US(CAST(CAST(DATE '2024-01-01' AS TIMESTAMP) AS TIMESTAMP)) END > 86400000000

-- policy calendar
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE EXTRACT(DAY FROM CAST(CASE WHEN CAST(CAST("t"."d" AS TIMESTAMP) AS TIMESTAMP) BETWEEN TIMESTAMP '0001-01-01 00:00:00' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN CAST(CAST("t"."d" AS TIMESTAMP) AS TIMESTAMP) END AS TIMESTAMP)) = 4

-- policy trim
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE (ENCODE(CAST(TRIM(DECODE(ENCODE(CAST(TRANSLATE(CAST("t"."s" AS VARCHAR), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz') AS VARCHAR))), CHR(9) || CHR(10) || CHR(11) || CHR(12) || CHR(13) || CHR(32) || CHR(133) || CHR(160) || CHR(5760) || CHR(8192) || CHR(8193) || CHR(8194) || CHR(8195) || CHR(8196) || CHR(8197) || CHR(8198) || CHR(8199) || CHR(8200) || CHR(8201) || CHR(8202) || CHR(8232) || CHR(8233) || CHR(8239) || CHR(8287) || CHR(12288)) AS VARCHAR)) = ENCODE(CAST('x' AS VARCHAR)))

-- policy offsets
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE (ENCODE(CAST(CASE WHEN CASE WHEN 0 IS NULL OR 0 < 0 OR "t"."s" IS NULL THEN NULL WHEN LENGTH(CAST('x' AS VARCHAR)) = 0 THEN LEAST(0, LENGTH(CAST("t"."s" AS VARCHAR))) WHEN STRPOS(SUBSTR(DECODE(ENCODE(CAST("t"."s" AS VARCHAR))), LEAST(GREATEST(0, -1), 1073741823) + 1), DECODE(ENCODE(CAST('x' AS VARCHAR)))) > 0 THEN STRPOS(SUBSTR(DECODE(ENCODE(CAST("t"."s" AS VARCHAR))), LEAST(GREATEST(0, -1), 1073741823) + 1), DECODE(ENCODE(CAST('x' AS VARCHAR)))) + LEAST(GREATEST(0, -1), 1073741823) - 1 WHEN 'x' IS NOT NULL THEN -1 END >= 0 AND CASE WHEN 0 IS NULL OR 0 < 0 OR "t"."s" IS NULL THEN NULL WHEN LENGTH(CAST('x' AS VARCHAR)) = 0 THEN LEAST(0, LENGTH(CAST("t"."s" AS VARCHAR))) WHEN STRPOS(SUBSTR(DECODE(ENCODE(CAST("t"."s" AS VARCHAR))), LEAST(GREATEST(0, -1), 1073741823) + 1), DECODE(ENCODE(CAST('x' AS VARCHAR)))) > 0 THEN STRPOS(SUBSTR(DECODE(ENCODE(CAST("t"."s" AS VARCHAR))), LEAST(GREATEST(0, -1), 1073741823) + 1), DECODE(ENCODE(CAST('x' AS VARCHAR)))) + LEAST(GREATEST(0, -1), 1073741823) - 1 WHEN 'x' IS NOT NULL THEN -1 END <= 1 AND 1 <= LENGTH(CAST("t"."s" AS VARCHAR)) THEN SUBSTR(CAST("t"."s" AS VARCHAR), LEAST(GREATEST(CASE WHEN 0 IS NULL OR 0 < 0 OR "t"."s" IS NULL THEN NULL WHEN LENGTH(CAST('x' AS VARCHAR)) = 0 THEN LEAST(0, LENGTH(CAST("t"."s" AS VARCHAR))) WHEN STRPOS(SUBSTR(DECODE(ENCODE(CAST("t"."s" AS VARCHAR))), LEAST(GREATEST(0, -1), 1073741823) + 1), DECODE(ENCODE(CAST('x' AS VARCHAR)))) > 0 THEN STRPOS(SUBSTR(DECODE(ENCODE(CAST("t"."s" AS VARCHAR))), LEAST(GREATEST(0, -1), 1073741823) + 1), DECODE(ENCODE(CAST('x' AS VARCHAR)))) + LEAST(GREATEST(0, -1), 1073741823) - 1 WHEN 'x' IS NOT NULL THEN -1 END, -1), 1073741823) + 1, LEAST(GREATEST(1, -1), 1073741823) - LEAST(GREATEST(CASE WHEN 0 IS NULL OR 0 < 0 OR "t"."s" IS NULL THEN NULL WHEN LENGTH(CAST('x' AS VARCHAR)) = 0 THEN LEAST(0, LENGTH(CAST("t"."s" AS VARCHAR))) WHEN STRPOS(SUBSTR(DECODE(ENCODE(CAST("t"."s" AS VARCHAR))), LEAST(GREATEST(0, -1), 1073741823) + 1), DECODE(ENCODE(CAST('x' AS VARCHAR)))) > 0 THEN STRPOS(SUBSTR(DECODE(ENCODE(CAST("t"."s" AS VARCHAR))), LEAST(GREATEST(0, -1), 1073741823) + 1), DECODE(ENCODE(CAST('x' AS VARCHAR)))) + LEAST(GREATEST(0, -1), 1073741823) - 1 WHEN 'x' IS NOT NULL THEN -1 END, -1), 1073741823)) END AS VARCHAR)) = ENCODE(CAST('x' AS VARCHAR)))

-- policy last offset
refused: the function lastIndexOf is not supported on duckdb

