-- Logical queries over the warehouse. Those of the first part follow the ideas of
-- TPC-H's 22 queries on this schema; the second part goes on to what else
-- analysts write. Directives, one a line, stand before a query:
--   # name             what the query asks
--   ordered            its ORDER BY is total: rows are compared in order
--   refused: db why    Hedgerow can't say this on that database, and says so
--   differs: db why    that database's answer is its own: it must be that of the
--                      viewer's copy, but not that of the other databases
-- A query may give no rows for a viewer, but not for both.

-- # q01 pricing summary
-- ordered
SELECT flag, mode, SUM(quantity) AS sum_quantity, SUM(price) AS sum_base, SUM(price * (1 - discount)) AS sum_discounted,
  SUM(price * (1 - discount) * (1 + COALESCE(tax, 0))) AS sum_charge, AVG(quantity) AS avg_quantity, AVG(price) AS avg_price,
  AVG(discount) AS avg_discount, COUNT(*) AS line_count
FROM `lines` WHERE shipped_on <= DATE '1998-12-01' - INTERVAL 90 DAY GROUP BY flag, mode ORDER BY flag, mode;

-- # q02 cheapest supplier of each part in a region
-- ordered
SELECT s.balance, s.name, n.name AS nation, p.part_id, o.cost
FROM parts p JOIN offers o ON o.part_id = p.part_id JOIN suppliers s ON s.supplier_id = o.supplier_id
  JOIN nations n ON n.nation_id = s.nation_id JOIN regions r ON r.region_id = n.region_id
WHERE p.size > 10 AND r.name IN ('EUROPE', 'ASIA')
  AND o.cost = (SELECT MIN(o2.cost) FROM offers o2 JOIN suppliers s2 ON s2.supplier_id = o2.supplier_id
    JOIN nations n2 ON n2.nation_id = s2.nation_id JOIN regions r2 ON r2.region_id = n2.region_id
    WHERE o2.part_id = p.part_id AND r2.name IN ('EUROPE', 'ASIA'))
ORDER BY s.balance DESC, n.name, p.part_id, s.supplier_id LIMIT 20;

-- # q03 orders worth most that are not yet shipped
-- ordered
SELECT l.order_id, SUM(l.price * (1 - l.discount)) AS revenue, o.ordered_on, o.priority
FROM customers c JOIN orders o ON o.customer_id = c.customer_id JOIN `lines` l ON l.order_id = o.order_id
WHERE c.segment IN ('BUILDING', 'MACHINERY') AND o.ordered_on < DATE '1996-03-15' AND l.shipped_on > DATE '1993-03-15'
GROUP BY l.order_id, o.ordered_on, o.priority ORDER BY revenue DESC, o.ordered_on, l.order_id LIMIT 10;

-- # q04 orders with a line that came late, by priority
-- ordered
SELECT priority, COUNT(*) AS order_count FROM orders o
WHERE ordered_on >= DATE '1993-07-01' AND ordered_on < DATE '1993-07-01' + INTERVAL 18 MONTH
  AND EXISTS (SELECT * FROM `lines` l WHERE l.order_id = o.order_id AND l.due_on < l.received_on)
GROUP BY priority ORDER BY priority;

-- # q05 revenue within a region: a join of six datasets
-- ordered
SELECT n.name, SUM(l.price * (1 - l.discount)) AS revenue
FROM customers c JOIN orders o ON c.customer_id = o.customer_id JOIN `lines` l ON l.order_id = o.order_id
  JOIN suppliers s ON s.supplier_id = l.supplier_id JOIN nations n ON n.nation_id = s.nation_id JOIN regions r ON r.region_id = n.region_id
WHERE r.name <> 'AFRICA' AND o.ordered_on >= '1994-01-01' AND o.ordered_on < DATE '1994-01-01' + INTERVAL 2 YEAR
GROUP BY n.name ORDER BY revenue DESC, n.name;

-- # q06 what small discounts cost
SELECT SUM(price * discount) AS revenue FROM `lines`
WHERE shipped_on >= DATE '1994-01-01' AND shipped_on < DATE '1996-01-01' AND discount BETWEEN 0.05 AND 0.07 AND quantity < 24;

-- # q07 volume between nations by year, from a derived table
-- ordered
SELECT supp_nation, cust_nation, ship_year, SUM(volume) AS revenue
FROM (SELECT n1.name AS supp_nation, n2.name AS cust_nation, EXTRACT(YEAR FROM l.shipped_on) AS ship_year, l.price * (1 - l.discount) AS volume
  FROM suppliers s, `lines` l, orders o, customers c, nations n1, nations n2
  WHERE s.supplier_id = l.supplier_id AND o.order_id = l.order_id AND c.customer_id = o.customer_id
    AND s.nation_id = n1.nation_id AND c.nation_id = n2.nation_id AND n1.name < n2.name) AS shipping
GROUP BY supp_nation, cust_nation, ship_year ORDER BY supp_nation, cust_nation, ship_year;

-- # q08 market share by year, a ratio of conditional sums
-- ordered
SELECT order_year, SUM(CASE WHEN nation IN ('BRAZIL', 'FRANCE', 'CHINA') THEN volume ELSE 0 END) / SUM(volume) AS market_share
FROM (SELECT YEAR(o.ordered_on) AS order_year, l.price * (1 - l.discount) AS volume, n2.name AS nation
  FROM parts p JOIN `lines` l ON p.part_id = l.part_id JOIN suppliers s ON s.supplier_id = l.supplier_id
    JOIN orders o ON o.order_id = l.order_id JOIN customers c ON c.customer_id = o.customer_id
    JOIN nations n1 ON n1.nation_id = c.nation_id JOIN regions r ON r.region_id = n1.region_id
    JOIN nations n2 ON n2.nation_id = s.nation_id
  WHERE r.name <> 'ASIA') AS all_nations
GROUP BY order_year ORDER BY order_year;

-- # q09 profit by nation and year of parts with a colour
-- ordered
SELECT n.name AS nation, YEAR(o.ordered_on) AS order_year, SUM(l.price * (1 - l.discount) - f.cost * l.quantity) AS profit
FROM parts p JOIN `lines` l ON l.part_id = p.part_id JOIN suppliers s ON s.supplier_id = l.supplier_id
  JOIN offers f ON f.part_id = l.part_id AND f.supplier_id = l.supplier_id
  JOIN orders o ON o.order_id = l.order_id JOIN nations n ON n.nation_id = s.nation_id
WHERE p.name LIKE '%gr%n%' GROUP BY nation, order_year ORDER BY nation, order_year DESC;

-- # q10 customers who sent most back
-- ordered
SELECT c.customer_id, c.name, SUM(l.revenue) AS revenue, c.balance, n.name AS nation, c.phone
FROM customers c JOIN orders o USING (customer_id) JOIN `lines` l USING (order_id) JOIN nations n ON n.nation_id = c.nation_id
WHERE l.flag = 'R' GROUP BY c.customer_id, c.name, c.balance, c.phone, n.name ORDER BY revenue DESC, c.customer_id LIMIT 20;

-- # q11 stock that is a large share of the whole
-- ordered
SELECT f.part_id, SUM(f.cost * f.available) AS worth FROM offers f JOIN suppliers s ON s.supplier_id = f.supplier_id
GROUP BY f.part_id HAVING SUM(f.cost * f.available) > (SELECT SUM(cost * available) * 1.2 / COUNT(DISTINCT part_id) FROM offers) ORDER BY worth DESC, f.part_id;

-- # q12 late lines by mode and whether the order was urgent
-- ordered
SELECT l.mode, SUM(CASE WHEN o.priority = '1-URGENT' OR o.priority = '2-HIGH' THEN 1 ELSE 0 END) AS high,
  SUM(CASE WHEN o.priority <> '1-URGENT' AND o.priority <> '2-HIGH' THEN 1 ELSE 0 END) AS low
FROM orders o JOIN `lines` l ON o.order_id = l.order_id
WHERE l.due_on < l.received_on AND l.shipped_on < l.received_on GROUP BY l.mode ORDER BY l.mode;

-- # q13 how many customers have how many orders, none included
-- ordered
SELECT order_count, COUNT(*) AS customers
FROM (SELECT c.customer_id, COUNT(o.order_id) FROM customers c LEFT JOIN orders o ON o.customer_id = c.customer_id AND o.remark NOT LIKE '%special%requests%'
  GROUP BY c.customer_id) AS t (customer_id, order_count)
GROUP BY order_count ORDER BY customers DESC, order_count DESC;

-- # q14 share of promotional parts
SELECT 100.00 * SUM(CASE WHEN p.kind LIKE 'PROMO%' THEN l.price * (1 - l.discount) ELSE 0 END) / SUM(l.price * (1 - l.discount)) AS promo_revenue
FROM `lines` l JOIN parts p ON p.part_id = l.part_id WHERE YEAR(l.shipped_on) = 1995;

-- # q15 best supplier of a quarter, by a CTE used twice
-- ordered
WITH revenue (supplier, total) AS (SELECT supplier_id, SUM(price * (1 - discount)) FROM `lines`
  WHERE shipped_on >= DATE '1996-01-01' AND shipped_on < DATE '1996-01-01' + INTERVAL 3 MONTH GROUP BY supplier_id)
SELECT s.supplier_id, s.name, r.total FROM suppliers s JOIN revenue r ON r.supplier = s.supplier_id
WHERE r.total >= (SELECT MAX(total) FROM revenue) - 0.001 ORDER BY s.supplier_id;

-- # q16 suppliers by brand, complaints apart
-- ordered
SELECT p.brand, p.container, COUNT(DISTINCT f.supplier_id) AS suppliers FROM offers f JOIN parts p ON p.part_id = f.part_id
WHERE p.brand <> 'Brand#11' AND p.size IN (1, 5, 9, 13, 17, 21, 25, 29, 33, 37, 41, 45)
  AND f.supplier_id NOT IN (SELECT supplier_id FROM suppliers WHERE remark LIKE '%COMPLAINTS%')
GROUP BY p.brand, p.container ORDER BY suppliers DESC, p.brand, p.container;

-- # q17 small orders of a part, by a correlated average
SELECT SUM(l.price) / 7.0 AS avg_yearly FROM `lines` l JOIN parts p ON p.part_id = l.part_id
WHERE p.brand <> 'Brand#23' AND l.quantity < (SELECT 0.5 * AVG(quantity) FROM `lines` WHERE part_id = p.part_id);

-- # q18 large orders
-- ordered
SELECT c.name, c.customer_id, o.order_id, o.ordered_on, o.total, SUM(l.quantity) AS quantity
FROM customers c JOIN orders o ON c.customer_id = o.customer_id JOIN `lines` l ON o.order_id = l.order_id
WHERE o.order_id IN (SELECT order_id FROM `lines` GROUP BY order_id HAVING SUM(quantity) > 120)
GROUP BY c.name, c.customer_id, o.order_id, o.ordered_on, o.total ORDER BY o.total DESC, o.ordered_on, o.order_id LIMIT 100;

-- # q19 revenue by three kinds of conditions
SELECT SUM(l.price * (1 - l.discount)) AS revenue FROM `lines` l, parts p
WHERE (p.part_id = l.part_id AND p.brand = 'Brand#12' AND p.container LIKE 'SM%' AND l.quantity BETWEEN 1 AND 30)
  OR (p.part_id = l.part_id AND p.brand = 'Brand#23' AND p.container IN ('MED BAG', 'MED BOX') AND l.quantity BETWEEN 10 AND 40)
  OR (p.part_id = l.part_id AND p.brand LIKE 'Brand#3_' AND p.size BETWEEN 1 AND 25);

-- # q20 suppliers with more stock than half of what was sold
-- ordered
SELECT s.name, s.supplier_id FROM suppliers s WHERE s.supplier_id IN (
  SELECT f.supplier_id FROM offers f WHERE f.part_id IN (SELECT part_id FROM parts WHERE name LIKE '%r%')
    AND f.available > (SELECT 0.5 * SUM(l.quantity) FROM `lines` l WHERE l.part_id = f.part_id AND l.supplier_id = f.supplier_id))
ORDER BY s.supplier_id;

-- # q21 suppliers who alone kept an order waiting
-- ordered
SELECT s.supplier_id, s.name, COUNT(*) AS waits FROM suppliers s JOIN `lines` l1 ON s.supplier_id = l1.supplier_id JOIN orders o ON o.order_id = l1.order_id
WHERE o.status = 'F' AND l1.received_on > l1.due_on
  AND EXISTS (SELECT 1 FROM `lines` l2 WHERE l2.order_id = l1.order_id AND l2.supplier_id <> l1.supplier_id)
  AND NOT EXISTS (SELECT 1 FROM `lines` l3 WHERE l3.order_id = l1.order_id AND l3.supplier_id <> l1.supplier_id AND l3.received_on > l3.due_on)
GROUP BY s.supplier_id, s.name ORDER BY waits DESC, s.supplier_id;

-- # q22 rich customers who never ordered, by country code
-- ordered
SELECT nation_id, COUNT(*) AS customers, SUM(balance) AS total FROM (SELECT c.nation_id, c.balance FROM customers c
  WHERE c.balance > (SELECT AVG(balance) FROM customers WHERE balance > 0.00) AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.customer_id)) AS t
GROUP BY nation_id ORDER BY nation_id;

-- # everything of one dataset
SELECT * FROM customers;

-- # names as they are
-- ordered
SELECT employee_id, name, CHAR_LENGTH(name) AS characters, UPPER(name) = name AS shouting FROM staff WHERE name LIKE 'A%' OR name LIKE 'O%' ORDER BY employee_id;

-- # strings that look alike are different
-- ordered
SELECT name, COUNT(*) AS people FROM staff GROUP BY name ORDER BY name;

-- # special characters in patterns
SELECT customer_id, name FROM customers WHERE name LIKE '%\%\_%' OR name LIKE '%\\\\%' OR name LIKE '%''%';

-- # nulls come first, and last when descending
-- ordered
SELECT order_id, priority FROM orders ORDER BY priority, order_id LIMIT 12;

-- # nulls descending
-- ordered
SELECT customer_id, balance FROM customers ORDER BY balance DESC, customer_id DESC;

-- # nulls moved to the end
-- ordered
SELECT customer_id, phone FROM customers ORDER BY phone IS NULL, phone, customer_id;

-- # rank with ties
-- ordered
SELECT mode, quantity, order_id, line_no, RANK() OVER (PARTITION BY mode ORDER BY quantity DESC) AS r, DENSE_RANK() OVER (PARTITION BY mode ORDER BY quantity DESC) AS d
FROM `lines` ORDER BY mode, r, order_id, line_no LIMIT 60;

-- # top two of each group
-- ordered
SELECT segment, customer_id, balance FROM (SELECT segment, customer_id, balance, ROW_NUMBER() OVER (PARTITION BY segment ORDER BY balance DESC, customer_id) AS n
  FROM customers WHERE balance IS NOT NULL) AS ranked WHERE n <= 2 ORDER BY segment, n;

-- # running total
-- ordered
SELECT order_id, ordered_on, total, SUM(total) OVER (ORDER BY ordered_on, order_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS so_far
FROM orders ORDER BY ordered_on, order_id;

-- # moving average
-- ordered
SELECT order_id, AVG(total) OVER (ORDER BY order_id ROWS BETWEEN 3 PRECEDING AND 1 FOLLOWING) AS moving FROM orders ORDER BY order_id;

-- # change against the order before
-- ordered
SELECT customer_id, order_id, total - LAG(total) OVER (PARTITION BY customer_id ORDER BY placed_at) AS step,
  LEAD(ordered_on, 1) OVER (PARTITION BY customer_id ORDER BY placed_at) AS following
FROM orders ORDER BY customer_id, placed_at, order_id;

-- # quartiles and distributions
-- ordered
SELECT order_id, NTILE(4) OVER w AS quartile, PERCENT_RANK() OVER w AS pr, CUME_DIST() OVER w AS cd FROM orders
WINDOW w AS (ORDER BY total, order_id) ORDER BY order_id;

-- # first, last and third of a window
-- ordered
SELECT order_id, line_no, FIRST_VALUE(part_id) OVER w AS first_part, LAST_VALUE(part_id) OVER w AS last_part, NTH_VALUE(part_id, 3) OVER w AS third
FROM `lines` WINDOW w AS (PARTITION BY order_id ORDER BY line_no ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) ORDER BY order_id, line_no LIMIT 80;

-- # share of the total by a window over aggregates
-- ordered
SELECT mode, SUM(price) AS revenue, SUM(price) / SUM(SUM(price)) OVER () AS share, RANK() OVER (ORDER BY SUM(price) DESC) AS place
FROM `lines` GROUP BY mode ORDER BY mode;

-- # a median by row numbers
SELECT AVG(balance) AS median FROM (SELECT balance, ROW_NUMBER() OVER (ORDER BY balance) AS n, COUNT(*) OVER () AS c FROM customers WHERE balance IS NOT NULL) AS t
WHERE n BETWEEN c / 2.0 AND c / 2.0 + 1;

-- # rolling up one column
-- ordered
SELECT mode, COUNT(*) AS n, SUM(quantity) AS q FROM `lines` GROUP BY mode WITH ROLLUP ORDER BY 1;

-- # rolling up with the total at the end
-- ordered
-- refused: sqlite the levels are written one by one, so only positions can sort them
-- refused: mariadb ORDER BY stands around the rollup, where only positions can sort it
SELECT mode, COUNT(*) AS n, SUM(quantity) AS q FROM `lines` GROUP BY mode WITH ROLLUP ORDER BY mode IS NULL, mode;

-- # rolling up two columns
SELECT status, YEAR(ordered_on) AS y, COUNT(*) AS n, SUM(total) AS total FROM orders GROUP BY status, y WITH ROLLUP;

-- # rolling up with a condition on the groups
SELECT flag, mode, SUM(price) AS revenue FROM `lines` GROUP BY flag, mode WITH ROLLUP HAVING SUM(price) > 1000000;

-- # orders by month
-- ordered
SELECT DATE_FORMAT(ordered_on, '%Y-%m') AS month, COUNT(*) AS n, SUM(total) AS total FROM orders GROUP BY month ORDER BY month;

-- # orders by truncated dates
-- ordered
SELECT DATE_TRUNC('quarter', ordered_on) AS quarter, DATE_TRUNC('month', placed_at) AS month, COUNT(*) AS n FROM orders GROUP BY quarter, month ORDER BY quarter, month;

-- # weeks start on Monday
-- ordered
SELECT DATE_TRUNC('week', ordered_on) AS week, COUNT(*) AS n FROM orders GROUP BY week ORDER BY week LIMIT 40;

-- # parts of dates
-- ordered
SELECT order_id, EXTRACT(YEAR FROM placed_at) AS y, EXTRACT(QUARTER FROM placed_at) AS q, EXTRACT(MONTH FROM placed_at) AS m, EXTRACT(DAY FROM placed_at) AS d,
  EXTRACT(HOUR FROM placed_at) AS h, MINUTE(placed_at) AS i, SECOND(placed_at) AS s, DAYOFWEEK(placed_at) AS dow, DAYOFYEAR(placed_at) AS doy, WEEKDAY(placed_at) AS wd
FROM orders ORDER BY order_id;

-- # adding months at the ends of months
-- ordered
SELECT order_id, ordered_on, ordered_on + INTERVAL 1 MONTH AS m1, DATE_SUB(ordered_on, INTERVAL 1 YEAR) AS y1, LAST_DAY(ordered_on) AS last, LAST_DAY(ordered_on) + INTERVAL 1 MONTH AS m2,
  placed_at + INTERVAL 36 HOUR AS h, DATE_ADD(placed_at, INTERVAL 1 QUARTER) AS q
FROM orders ORDER BY order_id;

-- # differences of dates
-- ordered
SELECT l.order_id, l.line_no, DATEDIFF(l.received_on, l.shipped_on) AS days, TIMESTAMPDIFF(MONTH, o.ordered_on, l.received_on) AS months,
  TIMESTAMPDIFF(HOUR, o.placed_at, l.shipped_on) AS hours, TIMESTAMPDIFF(WEEK, o.ordered_on, l.shipped_on) AS weeks
FROM `lines` l JOIN orders o ON o.order_id = l.order_id ORDER BY l.order_id, l.line_no;

-- # days of the week as columns
-- ordered
SELECT YEAR(ordered_on) AS y, SUM(DAYOFWEEK(ordered_on) = 1) AS sunday, SUM(DAYOFWEEK(ordered_on) = 2) AS monday, SUM(DAYOFWEEK(ordered_on) > 2) AS other
FROM orders GROUP BY y ORDER BY y;

-- # leap days
SELECT order_id, ordered_on, ordered_on + INTERVAL 4 YEAR AS next_leap, ordered_on + INTERVAL 1 YEAR AS next_year FROM orders WHERE MONTH(ordered_on) = 2 AND DAY(ordered_on) >= 25;

-- # union
-- ordered
SELECT nation_id FROM customers UNION SELECT nation_id FROM suppliers ORDER BY nation_id;

-- # union all with constants
-- ordered
SELECT 'customer' AS kind, name FROM customers WHERE nation_id = 3 UNION ALL SELECT 'supplier', name FROM suppliers WHERE nation_id <= 8 ORDER BY kind, name LIMIT 20;

-- # intersect
SELECT nation_id FROM customers INTERSECT SELECT nation_id FROM suppliers;

-- # except
SELECT customer_id FROM customers EXCEPT SELECT customer_id FROM orders;

-- # set operations in parentheses
-- ordered
(SELECT part_id FROM parts WHERE size > 40 UNION SELECT part_id FROM offers WHERE available < 100) EXCEPT SELECT part_id FROM `lines` WHERE quantity < 6 ORDER BY part_id;

-- # limited operands
(SELECT order_id, total FROM orders ORDER BY total DESC, order_id LIMIT 3) UNION ALL (SELECT order_id, total FROM orders ORDER BY total, order_id LIMIT 3);

-- # recursive chain of command
-- ordered
WITH RECURSIVE chain (employee_id, name, depth, top) AS (
  SELECT employee_id, name, 0, employee_id FROM staff WHERE manager_id IS NULL
  UNION ALL SELECT s.employee_id, s.name, c.depth + 1, c.top FROM staff s JOIN chain c ON s.manager_id = c.employee_id)
SELECT employee_id, name, depth, top FROM chain ORDER BY depth, employee_id;

-- # recursive calendar with gaps filled
-- ordered
WITH RECURSIVE years (y) AS (SELECT 1992 UNION ALL SELECT y + 1 FROM years WHERE y < 2001)
SELECT years.y, COUNT(o.order_id) AS orders FROM years LEFT JOIN orders o ON YEAR(o.ordered_on) = years.y GROUP BY years.y ORDER BY years.y;

-- # several CTEs, one of another
-- ordered
WITH sold AS (SELECT part_id, SUM(quantity) AS q FROM `lines` GROUP BY part_id), ranked AS (SELECT part_id, q, RANK() OVER (ORDER BY q DESC) AS r FROM sold)
SELECT p.name, r.part_id, r.q, r.r FROM ranked r JOIN parts p ON p.part_id = r.part_id WHERE r.r <= 10 ORDER BY r.r, r.part_id;

-- # self join of colleagues
-- ordered
SELECT a.employee_id AS a, b.employee_id AS b, m.name AS manager FROM staff a JOIN staff b ON a.manager_id = b.manager_id AND a.employee_id < b.employee_id
  JOIN staff m ON m.employee_id = a.manager_id ORDER BY a, b;

-- # right join
-- ordered
SELECT p.part_id, COUNT(l.order_id) AS sold FROM `lines` l RIGHT JOIN parts p ON p.part_id = l.part_id AND l.flag = 'R' GROUP BY p.part_id ORDER BY p.part_id;

-- # cross join
-- ordered
SELECT r.name, n.nation_id, r.region_id = n.region_id AS own FROM regions r CROSS JOIN nations n ORDER BY r.region_id, n.nation_id;

-- # natural join
-- ordered
SELECT part_id, supplier_id, quantity, cost FROM `lines` NATURAL JOIN offers ORDER BY order_id, line_no LIMIT 40;

-- # correlated subquery in the select list
-- ordered
SELECT c.customer_id, (SELECT COUNT(*) FROM orders o WHERE o.customer_id = c.customer_id) AS orders,
  (SELECT MAX(o.ordered_on) FROM orders o WHERE o.customer_id = c.customer_id) AS latest,
  COALESCE((SELECT SUM(o.total) FROM orders o WHERE o.customer_id = c.customer_id AND o.status = 'F'), 0) AS settled
FROM customers c ORDER BY c.customer_id;

-- # not in with nulls
SELECT COUNT(*) FROM staff WHERE employee_id NOT IN (SELECT manager_id FROM staff);

-- # not in without nulls
-- ordered
SELECT employee_id FROM staff WHERE employee_id NOT IN (SELECT manager_id FROM staff WHERE manager_id IS NOT NULL) ORDER BY employee_id;

-- # all of a set
SELECT order_id FROM orders WHERE total >= ALL (SELECT total FROM orders);

-- # any of a set
SELECT part_id FROM parts WHERE part_id = ANY (SELECT part_id FROM `lines` WHERE flag = 'R');

-- # pairs of values
-- ordered
SELECT order_id, line_no FROM `lines` WHERE (part_id, supplier_id) IN (SELECT part_id, supplier_id FROM offers WHERE available > 300) ORDER BY order_id, line_no LIMIT 30;

-- # three-valued logic
SELECT SUM(balance > 0), SUM(NOT balance > 0), SUM((balance > 0) IS UNKNOWN), SUM(active), SUM(active IS NULL), SUM(active IS NOT TRUE) FROM customers;

-- # aggregates of nothing
SELECT COUNT(*), COUNT(total), SUM(total), AVG(total), MIN(ordered_on), MAX(remark) FROM orders WHERE order_id < 0;

-- # distinct aggregates
SELECT COUNT(DISTINCT customer_id), SUM(DISTINCT order_id), COUNT(priority) FROM orders;

-- # distinct pairs
-- refused: sqlite no COUNT of pairs
SELECT COUNT(DISTINCT status, priority) FROM orders;

-- # joined strings in order
-- ordered
SELECT order_id, GROUP_CONCAT(mode ORDER BY line_no SEPARATOR '; ') AS modes, GROUP_CONCAT(DISTINCT flag ORDER BY flag) AS flags FROM `lines` GROUP BY order_id ORDER BY order_id;

-- # joined strings, descending
-- ordered
SELECT segment, GROUP_CONCAT(customer_id ORDER BY customer_id DESC SEPARATOR ' ') AS ids FROM customers GROUP BY segment ORDER BY segment;

-- # spread of numbers
-- ordered
SELECT mode, STDDEV_POP(quantity) AS sp, STDDEV_SAMP(quantity) AS ss, VAR_POP(quantity) AS vp, VAR_SAMP(part_id) AS vs FROM `lines` GROUP BY mode ORDER BY mode;

-- # spread of decimals
-- ordered
-- refused: sqlite its decimals are binary
SELECT mode, VAR_POP(price) AS vp, VAR_SAMP(discount) AS vs FROM `lines` GROUP BY mode ORDER BY mode;

-- # pivot by year
-- ordered
SELECT c.segment, SUM(CASE YEAR(o.ordered_on) WHEN 1993 THEN o.total END) AS y1993, SUM(CASE YEAR(o.ordered_on) WHEN 1994 THEN o.total END) AS y1994,
  SUM(IF(YEAR(o.ordered_on) = 1995, o.total, 0)) AS y1995, COUNT(CASE WHEN o.status = 'O' THEN 1 END) AS open
FROM customers c JOIN orders o ON o.customer_id = c.customer_id GROUP BY c.segment ORDER BY c.segment;

-- # year over year
-- ordered
WITH yearly AS (SELECT YEAR(ordered_on) AS y, SUM(total) AS total FROM orders GROUP BY y)
SELECT a.y, a.total, a.total / NULLIF(b.total, 0) - 1 AS growth FROM yearly a LEFT JOIN yearly b ON b.y = a.y - 1 ORDER BY a.y;

-- # division by zero is null
-- ordered
SELECT part_id, supplier_id, cost / available AS per_piece, available % 7 AS rest, available DIV 7 AS sevens FROM offers ORDER BY part_id, supplier_id;

-- # whole numbers divide exactly
-- ordered
SELECT part_id, size / 7 AS part, -size / 3 AS negative, size DIV 3 AS cut FROM parts ORDER BY part_id;

-- # rounding
-- ordered
SELECT customer_id, ROUND(balance / 3, 2) AS r2, ROUND(balance, -2) AS hundreds, FLOOR(balance) AS f, CEIL(balance) AS c, SIGN(balance) AS s, ABS(balance) AS a
FROM customers ORDER BY customer_id;

-- # cutting decimals
-- ordered
-- refused: sqlite its decimals are binary
SELECT customer_id, TRUNCATE(balance, 1) AS cut, TRUNCATE(balance, -2) AS hundreds FROM customers ORDER BY customer_id;

-- # strings in parts
-- ordered
SELECT supplier_id, SUBSTRING(name, 10, 4) AS s, LEFT(name, 11) AS l, RIGHT(name, 2) AS r, LOCATE('o', name) AS o, CHAR_LENGTH(name) AS n, OCTET_LENGTH(name) AS b,
  REPLACE(name, 'Supplier', 'S') AS short, CONCAT(name, '/', supplier_id) AS tag, LPAD(supplier_id, 4, '0') AS padded
FROM suppliers ORDER BY supplier_id;

-- # blanks matter
-- ordered
SELECT order_id, remark, TRIM(remark) AS trimmed, remark = TRIM(remark) AS clean, CHAR_LENGTH(remark) AS n FROM orders WHERE remark IS NOT NULL ORDER BY order_id;

-- # text as numbers
-- ordered
SELECT order_id, CAST(SUBSTRING(clerk, 7) AS SIGNED) AS clerk_no, CAST(LEFT(priority, 1) AS SIGNED) AS p, CAST(order_id AS CHAR) AS text FROM orders ORDER BY clerk_no, order_id;

-- # decimals with fewer digits
-- ordered
-- differs: sqlite its decimals are binary, so a half of the last digit may round down
SELECT customer_id, CAST(balance AS DECIMAL(12, 1)) AS d1, CAST(balance AS SIGNED) AS whole FROM customers ORDER BY customer_id;

-- # grouping by an expression and its ordinal
-- ordered
SELECT quantity DIV 10 AS bucket, COUNT(*) AS n, MIN(price), MAX(price) FROM `lines` GROUP BY 1 HAVING n > 1 ORDER BY 1;

-- # having without grouping
SELECT COUNT(*) AS n FROM orders HAVING n > 5;

-- # distinct with order
-- ordered
SELECT DISTINCT status, priority FROM orders ORDER BY status, priority DESC;

-- # paging
-- ordered
SELECT order_id, total FROM orders ORDER BY total DESC, order_id LIMIT 10 OFFSET 20;

-- # derived tables in derived tables
-- ordered
SELECT bucket, COUNT(*) AS customers FROM (SELECT customer_id, FLOOR(LOG10(spent)) AS bucket FROM (SELECT customer_id, SUM(total) AS spent FROM orders GROUP BY customer_id) AS s) AS b
GROUP BY bucket ORDER BY bucket;

-- # a customer's first order
-- ordered
SELECT c.customer_id, o.order_id, o.placed_at FROM customers c JOIN orders o ON o.customer_id = c.customer_id
  AND o.placed_at = (SELECT MIN(x.placed_at) FROM orders x WHERE x.customer_id = c.customer_id) ORDER BY c.customer_id, o.order_id;

-- # customers lost: cohort and retention
-- ordered
WITH firsts AS (SELECT customer_id, MIN(YEAR(ordered_on)) AS cohort FROM orders GROUP BY customer_id)
SELECT f.cohort, YEAR(o.ordered_on) - f.cohort AS age, COUNT(DISTINCT o.customer_id) AS customers FROM firsts f JOIN orders o ON o.customer_id = f.customer_id
GROUP BY f.cohort, age ORDER BY f.cohort, age;

-- # gaps between orders by islands
-- ordered
SELECT island, MIN(order_id) AS first, MAX(order_id) AS last, COUNT(*) AS n FROM (SELECT order_id, order_id - ROW_NUMBER() OVER (ORDER BY order_id) AS island FROM orders) AS t
GROUP BY island ORDER BY island;

-- # a frame of values
-- ordered
SELECT order_id, COUNT(*) OVER (ORDER BY order_id RANGE BETWEEN 5 PRECEDING AND 5 FOLLOWING) AS near FROM orders ORDER BY order_id;

-- # null-safe comparison
SELECT a.order_id, b.order_id AS other FROM orders a JOIN orders b ON a.priority <=> b.priority AND a.customer_id = b.customer_id AND a.order_id < b.order_id;

-- # values as a table
-- ordered
SELECT v.column_0 AS mode, COUNT(l.order_id) AS n FROM (VALUES ROW('AIR', 1), ROW('RAIL', 2), ROW('WALK', 3)) AS v LEFT JOIN `lines` l ON l.mode = v.column_0 GROUP BY v.column_0 ORDER BY 1;

-- # greatest and least
-- ordered
SELECT order_id, line_no, GREATEST(shipped_on, due_on) AS later, LEAST(shipped_on, due_on, received_on) AS earliest, GREATEST(quantity, 25) AS q FROM `lines` ORDER BY order_id, line_no;
