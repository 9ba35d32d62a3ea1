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
SELECT (ARRAY_AGG("t"."a"))[1] FROM "t1" AS "t" WHERE "t"."a" = 3

-- group_concat
SELECT STRING_AGG(CAST("t"."s" AS text), ';' ORDER BY "t"."a" DESC NULLS LAST) FROM "t1" AS "t" WHERE "t"."a" < 4

-- group_concat backslash
SELECT STRING_AGG(CAST("t"."s" AS text), E'\\' ORDER BY "t"."a" NULLS FIRST) FROM "t1" AS "t"

-- group_concat distinct
SELECT STRING_AGG(DISTINCT CAST("t"."s" AS text), ',' ORDER BY CAST("t"."s" AS text) NULLS FIRST) FROM "t1" AS "t" WHERE "t"."a" < 4

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
SELECT (CAST("t"."s" AS text) || CAST('!' AS text)), MAX((CAST("t"."s" AS text) || CAST('?' AS text))) FROM "t1" AS "t" GROUP BY ROLLUP ("t"."s") HAVING COUNT(*) > 0

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
SELECT "t"."a", COUNT("t"."a") OVER (ORDER BY "t"."d" NULLS FIRST RANGE BETWEEN (CAST(1 AS bigint) * INTERVAL '1 DAY') PRECEDING AND CURRENT ROW) FROM "t1" AS "t"

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
WITH RECURSIVE "c1"("n") AS (SELECT CAST(1 AS bigint) UNION ALL SELECT "r"."n" + 1 FROM "c1" AS "r" WHERE "r"."n" < 4) SELECT SUM("x"."n") FROM "c1" AS "x"

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
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE ("t"."a", 101) IN (SELECT "u"."a", "u"."c" FROM "t2" AS "u")

-- any
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE "t"."a" >= ANY (SELECT "u"."a" FROM "t2" AS "u")

-- all correlated
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE "t"."a" > ALL (SELECT "u"."a" FROM "t2" AS "u" WHERE "u"."a" < "t"."a")

-- params
SELECT $1, $2, $1 FROM (SELECT "i"."a" AS "a", "i"."b" AS "b", "i"."s" AS "s" FROM "t1" AS "i" WHERE "i"."a" = 1) AS "t"

-- date column
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE "t"."d" >= TIMESTAMP '2024-01-02 00:00:00'

-- exact column
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE ("t"."s" = 'x' AND NULLIF(COALESCE(CAST("t"."s" AS text) COLLATE "C" = CAST('x' AS text), TRUE), FALSE) IS NOT NULL)

-- policy string functions
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE STARTS_WITH(CAST("t"."s" AS text) COLLATE "C", CAST('x' AS text)) AND (RIGHT(CAST("t"."s" AS text), CHAR_LENGTH(CAST('x' AS text))) COLLATE "C" = CAST('x' AS text)) AND (STRPOS(CAST("t"."s" AS text) COLLATE "C", CAST('x' AS text)) > 0)

-- policy arithmetic
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE CASE WHEN CAST(2 AS numeric) <> -1 OR CAST(CAST(NULLIF(NULLIF(LEAST(GREATEST(CAST(CAST(NULLIF(NULLIF(LEAST(GREATEST(CAST("t"."a" AS numeric) * CAST(2 AS numeric), -9223372036854775809), 9223372036854775808), 9223372036854775808), -9223372036854775809) AS bigint) AS numeric) + CAST(CAST(NULLIF(NULLIF(LEAST(GREATEST(DIV(CAST("t"."b" AS numeric), NULLIF(CAST(10 AS numeric), 0)), -9223372036854775809), 9223372036854775808), 9223372036854775808), -9223372036854775809) AS bigint) AS numeric), -9223372036854775809), 9223372036854775808), 9223372036854775808), -9223372036854775809) AS bigint) AS numeric) <> -9223372036854775808 THEN CAST(MOD(CAST(CAST(NULLIF(NULLIF(LEAST(GREATEST(CAST(CAST(NULLIF(NULLIF(LEAST(GREATEST(CAST("t"."a" AS numeric) * CAST(2 AS numeric), -9223372036854775809), 9223372036854775808), 9223372036854775808), -9223372036854775809) AS bigint) AS numeric) + CAST(CAST(NULLIF(NULLIF(LEAST(GREATEST(DIV(CAST("t"."b" AS numeric), NULLIF(CAST(10 AS numeric), 0)), -9223372036854775809), 9223372036854775808), 9223372036854775808), -9223372036854775809) AS bigint) AS numeric), -9223372036854775809), 9223372036854775808), 9223372036854775808), -9223372036854775809) AS bigint) AS numeric), NULLIF(CAST(2 AS numeric), 0)) AS bigint) END = 1

-- policy time
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE CAST((EXTRACT(EPOCH FROM NULLIF(NULLIF(LEAST(GREATEST(CAST(NULLIF(NULLIF(LEAST(GREATEST(NULLIF(NULLIF(LEAST(GREATEST(CAST(CASE WHEN "t"."d" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN CAST("t"."d" AS timestamp) END AS timestamp), TIMESTAMP '0001-12-31 23:59:59.999999 BC'), TIMESTAMP '10000-01-01 00:00:00'), TIMESTAMP '10000-01-01 00:00:00'), TIMESTAMP '0001-12-31 23:59:59.999999 BC') + (CAST(1 AS bigint) / 86400000000) * INTERVAL '1 day' + (CAST(1 AS bigint) % 86400000000) * INTERVAL '1 microsecond', TIMESTAMP '0001-12-31 23:59:59.999999 BC'), TIMESTAMP '10000-01-01 00:00:00'), TIMESTAMP '10000-01-01 00:00:00'), TIMESTAMP '0001-12-31 23:59:59.999999 BC') AS timestamp), TIMESTAMP '0001-12-31 23:59:59.999999 BC'), TIMESTAMP '10000-01-01 00:00:00'), TIMESTAMP '10000-01-01 00:00:00'), TIMESTAMP '0001-12-31 23:59:59.999999 BC')) - EXTRACT(EPOCH FROM NULLIF(NULLIF(LEAST(GREATEST(CAST(CASE WHEN DATE '2024-01-01' BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN CAST(DATE '2024-01-01' AS timestamp) END AS timestamp), TIMESTAMP '0001-12-31 23:59:59.999999 BC'), TIMESTAMP '10000-01-01 00:00:00'), TIMESTAMP '10000-01-01 00:00:00'), TIMESTAMP '0001-12-31 23:59:59.999999 BC'))) * 1000000 AS bigint) > 86400000000

-- policy calendar
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE CAST(EXTRACT(DAY FROM CAST(NULLIF(NULLIF(LEAST(GREATEST(CAST(CASE WHEN "t"."d" BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN CAST("t"."d" AS timestamp) END AS timestamp), TIMESTAMP '0001-12-31 23:59:59.999999 BC'), TIMESTAMP '10000-01-01 00:00:00'), TIMESTAMP '10000-01-01 00:00:00'), TIMESTAMP '0001-12-31 23:59:59.999999 BC') AS timestamp)) AS integer) = 4

-- policy trim
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE (CAST(BTRIM(CAST(TRANSLATE(CAST("t"."s" AS text), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz') AS text), E'\u0009\u000a\u000b\u000c\u000d\u0020\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000') AS text) COLLATE "C" = CAST('x' AS text))

-- policy offsets
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE (CAST((SELECT CASE WHEN "a" >= 0 AND "a" <= "b" AND "b" <= CHAR_LENGTH("x") THEN SUBSTR("x", "a" + 1, "b" - "a") END FROM (SELECT CAST("t"."s" AS text) AS "x", CAST(LEAST(GREATEST((SELECT CASE WHEN "a" < 0 THEN NULL WHEN CHAR_LENGTH("s") = 0 AND "x" IS NOT NULL THEN LEAST("a", CHAR_LENGTH("x")) WHEN STRPOS(SUBSTR("x", "a" + 1) COLLATE "C", "s") > 0 THEN STRPOS(SUBSTR("x", "a" + 1) COLLATE "C", "s") + "a" - 1 WHEN "x" IS NOT NULL AND "s" IS NOT NULL THEN -1 END FROM (SELECT CAST("t"."s" AS text) AS "x", CAST('x' AS text) AS "s", CAST(LEAST(GREATEST(0, -1), 1073741823) AS integer) AS "a") AS "q"), -1), 1073741823) AS integer) AS "a", CAST(LEAST(GREATEST(1, -1), 1073741823) AS integer) AS "b") AS "q") AS text) COLLATE "C" = CAST('x' AS text))

-- policy last offset
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE (SELECT CASE WHEN CHAR_LENGTH("s") = 0 THEN CHAR_LENGTH("x") WHEN STRPOS(REVERSE("x") COLLATE "C", REVERSE("s")) > 0 THEN CHAR_LENGTH("x") - CHAR_LENGTH("s") + 1 - STRPOS(REVERSE("x") COLLATE "C", REVERSE("s")) WHEN "x" IS NOT NULL AND "s" IS NOT NULL THEN -1 END FROM (SELECT CAST(REVERSE(CAST("t"."s" AS text)) AS text) AS "x", CAST('x' AS text) AS "s") AS "q") = 0

