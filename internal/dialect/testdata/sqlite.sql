-- select
SELECT "t"."a" AS "a", "t"."s" AS "s" FROM "t1" AS "t"

-- where without from
SELECT 1 WHERE FALSE

-- distinct
SELECT DISTINCT "t"."s" FROM "t1" AS "t"

-- qualified table
SELECT "o"."a" FROM "t1" AS "o"

-- order nulls
SELECT "t"."a" AS "a", "t"."b" AS "b" FROM "t1" AS "t" ORDER BY "t"."b", "t"."a"

-- order nulls desc
SELECT "t"."a" AS "a", "t"."b" AS "b" FROM "t1" AS "t" ORDER BY "t"."b" DESC, 1 DESC

-- limit
SELECT "t"."a" AS "a" FROM "t1" AS "t" ORDER BY 1 LIMIT 2 OFFSET 1

-- offset only
SELECT "t"."a" AS "a" FROM "t1" AS "t" ORDER BY 1 LIMIT -1 OFFSET 3

-- cross join
SELECT "t"."a", "u"."c" FROM (SELECT "i"."a" AS "a", "i"."b" AS "b", "i"."s" AS "s" FROM "t1" AS "i" WHERE "i"."a" = 1) AS "t" JOIN "t2" AS "u"

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
SELECT MIN("t"."a") FROM "t1" AS "t" WHERE "t"."a" = 3

-- group_concat
SELECT GROUP_CONCAT("t"."s", ';' ORDER BY "t"."a" DESC) FROM "t1" AS "t" WHERE "t"."a" < 4

-- group_concat backslash
SELECT GROUP_CONCAT("t"."s", '\' ORDER BY "t"."a") FROM "t1" AS "t"

-- group_concat distinct
SELECT GROUP_CONCAT(DISTINCT "t"."s" ORDER BY "t"."s") FROM "t1" AS "t" WHERE "t"."a" < 4

-- count distinct pair
refused: COUNT of several expressions is not supported on sqlite; count a subquery with DISTINCT

-- deviation
SELECT CASE TYPEOF((SUM("t"."b" * "t"."b") - (SUM("t"."b") / COUNT("t"."b")) * (SUM("t"."b") + (SUM("t"."b") % COUNT("t"."b"))))) WHEN 'integer' THEN SQRT((((SUM("t"."b" * "t"."b") - (SUM("t"."b") / COUNT("t"."b")) * (SUM("t"."b") + (SUM("t"."b") % COUNT("t"."b")))) - (SUM("t"."b") % COUNT("t"."b")) * (SUM("t"."b") % COUNT("t"."b")) * 1.0 / COUNT("t"."b")) / NULLIF(COUNT("t"."b"), 0))) END, CASE TYPEOF((SUM("t"."b" * "t"."b") - (SUM("t"."b") / COUNT("t"."b")) * (SUM("t"."b") + (SUM("t"."b") % COUNT("t"."b"))))) WHEN 'integer' THEN (((SUM("t"."b" * "t"."b") - (SUM("t"."b") / COUNT("t"."b")) * (SUM("t"."b") + (SUM("t"."b") % COUNT("t"."b")))) - (SUM("t"."b") % COUNT("t"."b")) * (SUM("t"."b") % COUNT("t"."b")) * 1.0 / COUNT("t"."b")) / NULLIF((COUNT("t"."b") - 1), 0)) END, CASE TYPEOF((SUM("t"."a" * "t"."a") - (SUM("t"."a") / COUNT("t"."a")) * (SUM("t"."a") + (SUM("t"."a") % COUNT("t"."a"))))) WHEN 'integer' THEN (((SUM("t"."a" * "t"."a") - (SUM("t"."a") / COUNT("t"."a")) * (SUM("t"."a") + (SUM("t"."a") % COUNT("t"."a")))) - (SUM("t"."a") % COUNT("t"."a")) * (SUM("t"."a") % COUNT("t"."a")) * 1.0 / COUNT("t"."a")) / NULLIF(COUNT("t"."a"), 0)) END, CASE TYPEOF((SUM("t"."c" * "t"."c") - (SUM("t"."c") / COUNT("t"."c")) * (SUM("t"."c") + (SUM("t"."c") % COUNT("t"."c"))))) WHEN 'integer' THEN SQRT((((SUM("t"."c" * "t"."c") - (SUM("t"."c") / COUNT("t"."c")) * (SUM("t"."c") + (SUM("t"."c") % COUNT("t"."c")))) - (SUM("t"."c") % COUNT("t"."c")) * (SUM("t"."c") % COUNT("t"."c")) * 1.0 / COUNT("t"."c")) / NULLIF((COUNT("t"."c") - 1), 0))) END FROM (SELECT "t"."a" AS "a", "t"."b" AS "b", NULLIF("t"."a", "t"."a") AS "c" FROM "t1" AS "t") AS "t"

-- rollup
SELECT "q"."c1", "q"."c2" FROM (SELECT "t"."s" AS "c1", COUNT(*) AS "c2" FROM "t1" AS "t" GROUP BY "t"."s" UNION ALL SELECT NULL AS "c1", COUNT(*) AS "c2" FROM "t1" AS "t" GROUP BY NULL) AS "q" ORDER BY 2, 1 DESC

-- rollup of two
SELECT "q"."c1", "q"."c2", "q"."c3", "q"."c4" FROM (SELECT "t"."s" AS "c1", ("t"."a" % 2) + 10 AS "c2", SUM(("t"."a" % 2)) AS "c3", MAX("t"."s") AS "c4" FROM "t1" AS "t" GROUP BY "t"."s", ("t"."a" % 2) HAVING COUNT(*) > 0 UNION ALL SELECT "t"."s" AS "c1", NULL + 10 AS "c2", SUM(("t"."a" % 2)) AS "c3", MAX("t"."s") AS "c4" FROM "t1" AS "t" GROUP BY "t"."s" HAVING COUNT(*) > 0 UNION ALL SELECT NULL AS "c1", NULL + 10 AS "c2", SUM(("t"."a" % 2)) AS "c3", MAX("t"."s") AS "c4" FROM "t1" AS "t" GROUP BY NULL HAVING COUNT(*) > 0) AS "q"

-- rollup having
SELECT "q"."c1", "q"."c2" FROM (SELECT "t"."s" AS "c1", MAX("t"."a") AS "c2" FROM "t1" AS "t" GROUP BY "t"."s" HAVING "t"."s" IS NULL UNION ALL SELECT NULL AS "c1", MAX("t"."a") AS "c2" FROM "t1" AS "t" GROUP BY NULL HAVING NULL IS NULL) AS "q"

-- rollup inside
SELECT "q"."c1", "q"."c2" FROM (SELECT ("t"."s" || '!') AS "c1", MAX(("t"."s" || '?')) AS "c2" FROM "t1" AS "t" GROUP BY "t"."s" UNION ALL SELECT (NULL || '!') AS "c1", MAX(("t"."s" || '?')) AS "c2" FROM "t1" AS "t" GROUP BY NULL) AS "q"

-- rollup of nothing
SELECT "q"."c1", "q"."c2" FROM (SELECT "t"."s" AS "c1", COUNT(*) AS "c2" FROM "t1" AS "t" WHERE "t"."a" > 9 GROUP BY "t"."s" UNION ALL SELECT NULL AS "c1", COUNT(*) AS "c2" FROM "t1" AS "t" WHERE "t"."a" > 9 GROUP BY NULL) AS "q"

-- rollup in union
SELECT "q"."c1", "q"."c2" FROM (SELECT "t"."s" AS "c1", MAX("t"."a") AS "c2" FROM "t1" AS "t" GROUP BY "t"."s" UNION ALL SELECT NULL AS "c1", MAX("t"."a") AS "c2" FROM "t1" AS "t" GROUP BY NULL) AS "q" UNION ALL SELECT 'z', 9

-- row_number
SELECT "t"."a", ROW_NUMBER() OVER (PARTITION BY "t"."s" ORDER BY "t"."a") FROM "t1" AS "t" WHERE "t"."a" < 4

-- frame
SELECT "t"."a", SUM("t"."a") OVER (ORDER BY "t"."a" ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM "t1" AS "t"

-- range frame
SELECT "t"."a", COUNT("t"."b") OVER (ORDER BY "t"."a" RANGE UNBOUNDED PRECEDING) FROM "t1" AS "t"

-- named window
SELECT "t"."a", RANK() OVER "w", LAG("t"."a") OVER "w" FROM "t1" AS "t" WINDOW "w" AS (ORDER BY "t"."a" DESC)

-- window functions
SELECT "t"."a", NTILE(2) OVER (ORDER BY "t"."a"), LEAD("t"."a", 2) OVER (ORDER BY "t"."a"), FIRST_VALUE("t"."a") OVER (ORDER BY "t"."a"), NTH_VALUE("t"."a", 2) OVER (ORDER BY "t"."a"), DENSE_RANK() OVER (ORDER BY "t"."a"), CUME_DIST() OVER (ORDER BY "t"."a") FROM "t1" AS "t"

-- lag default
SELECT "t"."a", LAG("t"."a", 1, 0) OVER (ORDER BY "t"."a") FROM "t1" AS "t"

-- interval frame
refused: a window frame with an INTERVAL is not supported on sqlite

-- union
SELECT 1 UNION SELECT 1

-- union chain
SELECT 1 UNION SELECT 1 UNION ALL SELECT 1

-- union right
SELECT 1 UNION SELECT * FROM (SELECT 2 UNION ALL SELECT 2) AS "q"

-- except right
SELECT 1 EXCEPT SELECT * FROM (SELECT 1 EXCEPT SELECT 1) AS "q"

-- except left
SELECT 1 EXCEPT SELECT 1 EXCEPT SELECT 1

-- intersect first
SELECT 1 UNION SELECT * FROM (SELECT 1 INTERSECT SELECT 2) AS "q"

-- intersect last
SELECT 1 UNION SELECT 2 INTERSECT SELECT 2

-- except all
refused: EXCEPT ALL is not supported on sqlite; say EXCEPT without ALL

-- operands with limits
SELECT * FROM (SELECT "t"."a" AS "a" FROM "t1" AS "t" ORDER BY 1 LIMIT 1) AS "q" UNION ALL SELECT * FROM (SELECT "t"."a" AS "a" FROM "t1" AS "t" ORDER BY 1 DESC LIMIT 1) AS "q" ORDER BY 1 DESC

-- query in query
SELECT * FROM (SELECT "t"."a" AS "a" FROM "t1" AS "t" ORDER BY 1 LIMIT 3) AS "q" ORDER BY 1 DESC LIMIT 1

-- operand with with
SELECT 1 UNION ALL SELECT * FROM (WITH "c1"("n") AS (SELECT 5 AS "n") SELECT "r"."n" FROM "c1" AS "r") AS "q"

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
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE "t"."a" IN (SELECT "u"."a" FROM "t2" AS "u" ORDER BY 1 LIMIT 1)

-- tuple in query
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE ("t"."a", 101) IN (SELECT "u"."a", "u"."c" FROM "t2" AS "u")

-- any
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE (SELECT CASE WHEN MAX("x"."v" >= "q"."v") = 1 THEN TRUE WHEN COUNT(*) = COUNT("x"."v" >= "q"."v") THEN FALSE END FROM (SELECT NULL AS "v" WHERE FALSE UNION ALL SELECT * FROM (SELECT "u"."a" FROM "t2" AS "u")) AS "q", (SELECT "t"."a" AS "v") AS "x")

-- all correlated
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE (SELECT CASE WHEN MIN("x"."v" > "q"."v") = 0 THEN FALSE WHEN COUNT(*) = COUNT("x"."v" > "q"."v") THEN TRUE END FROM (SELECT NULL AS "v" WHERE FALSE UNION ALL SELECT * FROM (SELECT "u"."a" FROM "t2" AS "u" WHERE "u"."a" < "t"."a")) AS "q", (SELECT "t"."a" AS "v") AS "x")

-- params
SELECT ?1, ?2, ?1 FROM (SELECT "i"."a" AS "a", "i"."b" AS "b", "i"."s" AS "s" FROM "t1" AS "i" WHERE "i"."a" = 1) AS "t"

-- date column
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE DATETIME("t"."d") >= '2024-01-02 00:00:00'

-- exact column
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE ("t"."s" COLLATE BINARY = 'x')

-- policy string functions
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE (INSTR("t"."s", 'x') = 1) AND CASE WHEN "t"."s" IS NOT NULL AND 'x' IS NOT NULL THEN SUBSTR(HEX("t"."s"), 0 - LENGTH(HEX('x')), LENGTH(HEX('x'))) = HEX('x') END AND (INSTR("t"."s", 'x') > 0)

-- policy arithmetic
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE (SELECT CASE WHEN "b" <> -1 OR "a" <> -9223372036854775807 - 1 THEN "a" % "b" END FROM (SELECT (SELECT CASE TYPEOF("v") WHEN 'integer' THEN "v" END FROM (SELECT (SELECT CASE TYPEOF("v") WHEN 'integer' THEN "v" END FROM (SELECT "t"."a" * 2 AS "v")) + (SELECT CASE TYPEOF("v") WHEN 'integer' THEN "v" END FROM (SELECT "t"."b" / 10 AS "v")) AS "v")) AS "a", 2 AS "b")) = 1

-- policy time
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE (SELECT CASE WHEN STRFTIME('%Y-%m-%d %H:%M:%S', SUBSTR("a", 1, 19)) = SUBSTR("a", 1, 19) AND "a" >= '0001' AND STRFTIME('%Y-%m-%d %H:%M:%S', SUBSTR("b", 1, 19)) = SUBSTR("b", 1, 19) AND "b" >= '0001' AND LENGTH("a") <= 26 AND LENGTH("b") <= 26 THEN (UNIXEPOCH(SUBSTR("a", 1, 19)) * 1000000 + CAST(SUBSTR(SUBSTR("a", 21) || '000000', 1, 6) AS INTEGER)) - (UNIXEPOCH(SUBSTR("b", 1, 19)) * 1000000 + CAST(SUBSTR(SUBSTR("b", 21) || '000000', 1, 6) AS INTEGER)) END FROM (SELECT (SELECT CASE WHEN "m" BETWEEN 0 AND 315537897599999999 THEN DATETIME("m" / 1000000 - 62135596800, 'unixepoch') || RTRIM(RTRIM(PRINTF('.%06d', "m" % 1000000), '0'), '.') END FROM (SELECT CASE WHEN STRFTIME('%Y-%m-%d %H:%M:%S', SUBSTR("v", 1, 19)) = SUBSTR("v", 1, 19) AND "v" >= '0001' AND LENGTH("v") <= 26 THEN (UNIXEPOCH(SUBSTR("v", 1, 19)) * 1000000 + CAST(SUBSTR(SUBSTR("v", 21) || '000000', 1, 6) AS INTEGER)) + 62135596800000000 + "d" END AS "m" FROM (SELECT CASE WHEN TYPEOF("t"."d") = 'text' AND DATE("t"."d") = "t"."d" COLLATE BINARY AND "t"."d" >= '0001' THEN "t"."d" || ' 00:00:00' END AS "v", 1 AS "d"))) AS "a", CASE WHEN TYPEOF('2024-01-01') = 'text' AND DATE('2024-01-01') = '2024-01-01' COLLATE BINARY AND '2024-01-01' >= '0001' THEN '2024-01-01' || ' 00:00:00' END AS "b")) > 86400000000

-- policy calendar
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE CAST(STRFTIME('%d', (SELECT CASE WHEN STRFTIME('%Y-%m-%d %H:%M:%S', SUBSTR("v", 1, 19)) = SUBSTR("v", 1, 19) AND "v" >= '0001' THEN SUBSTR("v", 1, 19) END FROM (SELECT CASE WHEN TYPEOF("t"."d") = 'text' AND DATE("t"."d") = "t"."d" COLLATE BINARY AND "t"."d" >= '0001' THEN "t"."d" || ' 00:00:00' END AS "v"))) AS INTEGER) = 4

-- policy trim
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE (TRIM(LOWER("t"."s"), CHAR(9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201, 8202, 8232, 8233, 8239, 8287, 12288)) COLLATE BINARY = 'x')

-- policy offsets
SELECT "t"."a" AS "a" FROM "t1" AS "t" WHERE ((SELECT CASE WHEN INSTR("x", CHAR(0)) = 0 AND "a" >= 0 AND "a" <= "b" AND "b" <= LENGTH("x") THEN SUBSTR("x", "a" + 1, "b" - "a") END FROM (SELECT "t"."s" AS "x", (SELECT CASE WHEN "a" < 0 THEN NULL WHEN "x" IS NOT NULL AND NOT INSTR("x", CHAR(0)) = 0 THEN NULL WHEN OCTET_LENGTH("s") = 0 THEN MIN("a", LENGTH("x")) WHEN INSTR(SUBSTR("x", "a" + 1), "s") > 0 THEN INSTR(SUBSTR("x", "a" + 1), "s") + "a" - 1 WHEN "x" IS NOT NULL AND "s" IS NOT NULL AND "a" IS NOT NULL THEN -1 END FROM (SELECT "t"."s" AS "x", 'x' AS "s", MIN(0, 1000000000) AS "a")) AS "a", 1 AS "b")) COLLATE BINARY = 'x')

-- policy last offset
refused: the function lastIndexOf is not supported on sqlite

