-- Logical queries for the isolation equivalence test. Each is run enforced on
-- the shared database and as written on a database that holds only what the
-- session may see. Directives, one a line, stand before a query:
--   # group         the shape that the following queries are about
--   ordered         the ORDER BY is total: rows are compared in order
--   via: reason     the text isn't SQLite's: the twin gets it through an
--                   enforcer whose policy allows everything
--   args: [...]     values of the placeholders, as JSON
--   refused: reason Hedgerow can't say this on SQLite, and says so
--   hidden-from: …  sessions in which a field isn't there: both sides refuse

-- # projection
SELECT id, status, amount FROM orders;
SELECT * FROM regions;
SELECT * FROM organizations;
SELECT * FROM employees;
SELECT * FROM customers;
SELECT * FROM products;
SELECT * FROM orders;
SELECT * FROM order_lines;
SELECT * FROM payments;
SELECT * FROM shipments;
SELECT o.* FROM orders o;
SELECT orders.id, orders.status FROM orders;
SELECT o.id AS order_number, o.amount AS total FROM orders AS o;
SELECT DISTINCT status FROM orders;
SELECT DISTINCT region, status FROM orders;
SELECT DISTINCT tax_id FROM customers;
SELECT DISTINCT organization_id FROM order_lines;
SELECT 1 FROM orders;
SELECT 1;
SELECT 1 + 2 AS three, 'text' AS word, NULL AS missing;
SELECT full_name FROM employees;
SELECT id, line_total, quantity * unit_price AS gross FROM order_lines;
SELECT id, amount * 2, amount + 1, -amount FROM orders;
SELECT id, (quantity + 1) * 2 - 3 FROM order_lines;
SELECT salary, full_name FROM employees;
SELECT name, price, discontinued FROM products;
-- hidden-from: member manager
SELECT id, email FROM customers;
-- hidden-from: member
SELECT id, cost, margin FROM products;
-- hidden-from: member manager
SELECT id FROM customers WHERE email LIKE 'a%';
-- hidden-from: member manager
SELECT region, COUNT(email) FROM customers GROUP BY region;
-- hidden-from: member
SELECT category, SUM(margin) AS margin FROM products GROUP BY category HAVING SUM(cost) > 10;
-- hidden-from: member manager
SELECT o.id FROM orders o WHERE EXISTS (SELECT 1 FROM customers c WHERE c.id = o.customer_id AND c.email IS NULL);

-- # filters
SELECT id FROM orders WHERE status = 'paid';
SELECT id FROM orders WHERE status <> 'paid' AND amount > 500;
SELECT id FROM orders WHERE NOT (status = 'paid' OR status = 'shipped');
SELECT id FROM orders WHERE amount >= 100 AND amount <= 400.5;
SELECT id FROM orders WHERE amount BETWEEN 100 AND 400;
SELECT id FROM orders WHERE amount NOT BETWEEN 100 AND 400;
SELECT id FROM orders WHERE status IN ('paid', 'pending', 'cancelled');
SELECT id FROM orders WHERE status NOT IN ('paid', 'pending');
SELECT id FROM orders WHERE id % 3 = 1;
SELECT id FROM orders WHERE note IS NULL;
SELECT id, note FROM orders WHERE note IS NOT NULL;
SELECT id FROM orders WHERE shipped_at IS NULL AND status <> 'cancelled';
SELECT id FROM orders WHERE employee_id IS NULL OR amount > 1000;
SELECT id, region FROM customers WHERE region IS NULL;
SELECT id FROM customers WHERE tax_id = '***';
SELECT id, full_name FROM customers WHERE tax_id LIKE 'DA-%' OR region = 'uk-ie';
SELECT id FROM employees WHERE salary = 0;
SELECT id FROM employees WHERE salary > 60000 OR salary = 0;
SELECT id, name FROM products WHERE name LIKE '%Light%';
SELECT id, name FROM products WHERE name LIKE 'Pro %' OR name LIKE 'Eco%';
SELECT id, name FROM products WHERE name NOT LIKE '%o%';
SELECT id, note FROM orders WHERE note LIKE '%!%%' ESCAPE '!';
SELECT id, name FROM products WHERE name LIKE '%!_%' ESCAPE '!';
SELECT id, sku FROM products WHERE sku LIKE '___-0_5';
-- via: a backslash escapes in MySQL's strings
SELECT id, note FROM orders WHERE note = 'path\\dock_3';
-- via: a backslash escapes in MySQL's patterns
SELECT id, note FROM orders WHERE note LIKE '%100\%%';
-- via: a backslash escapes in MySQL's patterns
SELECT id, name FROM products WHERE name LIKE 'Pro%\_%' OR name LIKE '%\_Light';
SELECT id FROM customers WHERE last_name = 'O''Brien' OR last_name = 'D''Souza';
SELECT id, city FROM customers WHERE city = 'München' OR city = 'Malmö' OR city = '札幌' OR city = 'Osaka';
SELECT id FROM customers WHERE first_name > 'M' AND first_name <= 'S';
SELECT id FROM orders WHERE ordered_at >= '2024-06-01 00:00:00' AND ordered_at < '2024-07-01 00:00:00';
SELECT id FROM orders WHERE ordered_at BETWEEN '2024-03-01 00:00:00' AND '2024-05-31 23:59:59';
SELECT id FROM shipments WHERE delivered_on IS NULL OR delivered_on > '2025-01-01';
SELECT id FROM products WHERE discontinued;
SELECT id FROM products WHERE NOT discontinued AND weight_grams IS NOT NULL;
SELECT id FROM products WHERE discontinued = TRUE;
SELECT id FROM products WHERE discontinued IS TRUE OR weight_grams IS NULL;
SELECT id FROM products WHERE (weight_grams > 1000) IS NOT TRUE;
SELECT id FROM products WHERE (weight_grams > 1000) IS FALSE;
-- via: IS UNKNOWN
SELECT id FROM products WHERE (weight_grams > 1000) IS UNKNOWN;
-- via: <=>
SELECT id FROM orders WHERE employee_id <=> NULL;
-- via: <=>
SELECT id FROM orders WHERE NOT (note <=> 'fragile!');
-- via: XOR
SELECT id FROM orders WHERE (amount > 500) XOR (status = 'paid');
SELECT id FROM orders WHERE (status = 'paid') = (amount > 500);
SELECT id FROM orders WHERE amount > 100 AND (status = 'paid' OR status = 'shipped') AND NOT (note IS NULL AND employee_id IS NULL);
SELECT id FROM orders WHERE 1 = 1;
SELECT id FROM orders WHERE 1 = 0 OR status = 'pending';
SELECT id FROM orders WHERE organization_id <> 'acme' OR amount > 10;
SELECT id FROM orders WHERE organization_id = 'acme' OR organization_id = 'globex' OR organization_id = 'initech';
SELECT id FROM orders WHERE organization_id IN ('acme', 'globex', 'initech') OR 1 = 1;
-- args: [250.5, "paid"]
SELECT id, amount FROM orders WHERE amount > ? AND status = ?;
-- args: ["%e%", 2, 1]
SELECT id, name FROM products WHERE name LIKE ? AND id % ? = ?;
-- args: [null]
SELECT id FROM orders WHERE COALESCE(?, status) = 'shipped';
-- args: ["' OR 1=1 --"]
SELECT COUNT(*) AS n FROM orders WHERE note = ?;
-- ordered
-- args: [5, 3]
SELECT id FROM orders ORDER BY id LIMIT ? OFFSET ?;

-- # expressions
SELECT id, CASE WHEN amount > 800 THEN 'large' WHEN amount > 200 THEN 'medium' ELSE 'small' END AS bucket FROM orders;
SELECT id, CASE status WHEN 'paid' THEN 1 WHEN 'shipped' THEN 2 END AS code FROM orders;
SELECT id, CASE WHEN note IS NULL THEN 'none' ELSE note END FROM orders;
SELECT id, CASE WHEN employee_id > 5 THEN CASE status WHEN 'paid' THEN 'a' ELSE 'b' END ELSE 'c' END AS nested FROM orders;
SELECT id, COALESCE(note, region, 'nowhere') AS label FROM orders;
SELECT id, IFNULL(credit_limit, 0) AS credit FROM customers;
SELECT id, NULLIF(status, 'paid') AS not_paid FROM orders;
SELECT id, UPPER(status), LOWER(sku_text) FROM (SELECT o.id, o.status, 'ABC' AS sku_text FROM orders o) x;
SELECT id, SUBSTR(ordered_at, 1, 7) AS month FROM orders;
SELECT id, SUBSTR(sku, 5) AS tail, SUBSTR(sku, -3, 2) AS part FROM products;
SELECT id, REPLACE(name, ' ', '_') AS slug FROM products;
SELECT id, TRIM('  padded  ') AS t, LTRIM('  x') AS l, RTRIM('x  ') AS r FROM organizations o JOIN employees e ON e.organization_id = o.organization_id;
SELECT id, INSTR(name, 'a') AS position FROM products;
SELECT id, ABS(100 - amount) AS distance FROM orders;
SELECT id, ROUND(amount * 1.5, 1) AS rounded FROM orders;
-- via: CONCAT is NULL when an argument is
SELECT id, CONCAT(first_name, ' ', last_name, ' (', note, ')') AS label FROM customers;
-- via: CONCAT_WS
SELECT id, CONCAT_WS(', ', city, region, note) AS place FROM customers;
-- via: CHAR_LENGTH
SELECT id, CHAR_LENGTH(full_name) AS n FROM customers;
-- via: LENGTH counts bytes
SELECT id, LENGTH(city) AS n FROM customers;
-- via: IF
SELECT id, IF(amount > 500, 'big', 'small') AS size FROM orders;
-- via: GREATEST and LEAST
SELECT id, GREATEST(quantity, 5) AS high, LEAST(unit_price, 20) AS low FROM order_lines;
-- via: LEFT and RIGHT are functions
SELECT id, LEFT(sku, 3) AS head, RIGHT(sku, 3) AS tail FROM products;
-- via: / divides exactly
SELECT id, quantity / 2 AS half, unit_price / quantity AS each_one FROM order_lines;
-- via: / by zero is NULL
SELECT id, amount / (id % 2) AS odd FROM orders;
-- via: DIV
SELECT id, quantity DIV 2 AS pairs, -quantity DIV 2 AS negative FROM order_lines;
-- via: MOD
SELECT id, id MOD 7 AS weekday, MOD(quantity, 3) AS rest FROM order_lines;
-- via: FLOOR and CEILING
SELECT id, FLOOR(unit_price) AS low, CEILING(unit_price) AS high FROM order_lines;
-- via: LOCATE
SELECT id, LOCATE('a', name) AS position FROM products;
-- via: LPAD
SELECT id, LPAD(status, 12, '.') AS padded FROM orders;
-- refused: SQLite's bits are signed
SELECT id, quantity & 1 AS odd, quantity | 8 AS flagged, quantity << 1 AS twice, quantity >> 1 AS half FROM order_lines;
SELECT id, amount > 500 AS big FROM orders;
SELECT id, status = 'paid' AND amount > 100 AS both_hold FROM orders;
SELECT id, note IS NULL AS empty_note, status IN ('paid', 'shipped') AS done FROM orders;
SELECT id, amount BETWEEN 100 AND 500 AS within FROM orders;
SELECT id, NOT discontinued AS active FROM products;
SELECT CAST(id AS CHAR) AS text FROM orders;
SELECT id, CAST(SUBSTR(sku, 5, 3) AS SIGNED) + 0 AS n FROM products WHERE sku NOT LIKE 'X-%';
-- via: CAST to DECIMAL
SELECT id, CAST(amount AS DECIMAL(10, 1)) AS amount FROM orders WHERE id % 4 = 0;
-- via: CAST to DATE
SELECT id, CAST(ordered_at AS DATE) AS day FROM orders;
-- via: CONVERT
SELECT id, CONVERT(id, CHAR) AS text FROM orders;
SELECT id, - - quantity AS same, -(-quantity) AS same_too, 5 - -quantity AS plus FROM order_lines;
SELECT id, (quantity > 2) + (quantity > 4) AS steps FROM order_lines;
-- via: a backslash escapes in MySQL's strings
SELECT 'it''s' AS quote, '100%' AS percent, 'back\\slash' AS slashes, '日本' AS japan FROM organizations;

-- # dates
SELECT id, DATE(ordered_at) AS day FROM orders;
-- via: INTERVAL
SELECT id, ordered_at + INTERVAL 1 DAY AS next_day FROM orders;
-- via: INTERVAL
SELECT id, ordered_at - INTERVAL 2 HOUR AS earlier FROM orders;
-- via: INTERVAL
SELECT id, DATE_ADD(shipped_on, INTERVAL 1 MONTH) AS due FROM shipments;
-- via: INTERVAL
SELECT id FROM orders WHERE shipped_at > ordered_at + INTERVAL 3 DAY;
-- via: INTERVAL
SELECT id FROM orders WHERE ordered_at >= '2025-01-01' - INTERVAL 6 MONTH AND ordered_at < DATE_SUB('2025-01-01', INTERVAL 1 WEEK);
-- via: EXTRACT
SELECT id, EXTRACT(YEAR FROM ordered_at) AS year, EXTRACT(MONTH FROM ordered_at) AS month, EXTRACT(DAY FROM ordered_at) AS day FROM orders;
-- via: EXTRACT
SELECT EXTRACT(HOUR FROM ordered_at) AS hour, COUNT(*) AS n FROM orders GROUP BY EXTRACT(HOUR FROM ordered_at);
-- via: YEAR and MONTH
SELECT YEAR(ordered_at) AS year, MONTH(ordered_at) AS month, SUM(amount) AS total FROM orders GROUP BY YEAR(ordered_at), MONTH(ordered_at);
-- via: QUARTER
SELECT QUARTER(ordered_at) AS q, COUNT(*) AS n FROM orders GROUP BY QUARTER(ordered_at);
-- via: DATEDIFF
SELECT id, DATEDIFF(delivered_on, shipped_on) AS days FROM shipments;
-- via: TIMESTAMPDIFF
SELECT id, TIMESTAMPDIFF(HOUR, ordered_at, shipped_at) AS hours FROM orders;
-- via: DAYOFWEEK
SELECT DAYOFWEEK(ordered_at) AS weekday, COUNT(*) AS n FROM orders GROUP BY 1;
-- via: DATE literal
SELECT id FROM shipments WHERE shipped_on >= DATE '2025-01-01';
-- via: TIMESTAMP literal
SELECT id FROM orders WHERE ordered_at < TIMESTAMP '2024-04-01 00:00:00';
-- via: LAST_DAY
SELECT DISTINCT LAST_DAY(ordered_at) AS month_end FROM orders;
-- via: INTERVAL with an expression
SELECT id, shipped_on + INTERVAL (id % 5) DAY AS shifted FROM shipments;

-- # order and limit
-- ordered
SELECT id, amount FROM orders ORDER BY id;
-- ordered
SELECT id, amount FROM orders ORDER BY amount DESC, id;
-- ordered
SELECT id, amount FROM orders ORDER BY amount DESC, id LIMIT 7;
-- ordered
SELECT id FROM orders ORDER BY id LIMIT 5, 10;
-- ordered
SELECT id FROM orders ORDER BY id DESC LIMIT 10 OFFSET 20;
-- ordered
SELECT id, status FROM orders ORDER BY 2, 1;
-- ordered
SELECT id, status AS s FROM orders ORDER BY s DESC, id DESC LIMIT 25;
-- ordered
SELECT id FROM orders ORDER BY amount * -1, id LIMIT 9;
-- ordered
SELECT id FROM orders ORDER BY CASE WHEN status = 'paid' THEN 0 ELSE 1 END, id;
-- ordered
SELECT id, note FROM orders ORDER BY note, id;
-- ordered
SELECT id, note FROM orders ORDER BY note DESC, id DESC LIMIT 40;
-- ordered
SELECT o.id FROM orders o ORDER BY o.ordered_at, o.id LIMIT 12;
-- ordered
SELECT id AS amount, amount AS id FROM orders ORDER BY amount LIMIT 6;
-- ordered
SELECT status, COUNT(*) AS n FROM orders GROUP BY status ORDER BY n DESC, status;
-- ordered
SELECT status, SUM(amount) FROM orders GROUP BY status ORDER BY SUM(amount) DESC, status LIMIT 3;
-- ordered
SELECT DISTINCT region FROM orders ORDER BY region DESC;
-- ordered
SELECT id FROM employees ORDER BY salary DESC, id LIMIT 4;
-- ordered
SELECT id, tax_id FROM customers ORDER BY tax_id, id LIMIT 15;
-- ordered
SELECT id FROM orders ORDER BY (SELECT c.last_name FROM customers c WHERE c.id = orders.customer_id), id LIMIT 20;
SELECT id FROM orders LIMIT 0;
-- ordered
SELECT name, code FROM regions ORDER BY currency, code LIMIT 4;
-- ordered
SELECT status FROM orders GROUP BY status ORDER BY COUNT(*), MIN(id);

-- # joins
SELECT o.id, c.full_name FROM orders o JOIN customers c ON c.id = o.customer_id;
SELECT o.id, c.full_name FROM orders o INNER JOIN customers c ON c.id = o.customer_id WHERE c.segment = 'consumer';
SELECT o.id, c.id AS customer FROM orders o LEFT JOIN customers c ON c.id = o.customer_id;
SELECT o.id, c.id AS customer FROM orders o LEFT JOIN customers c ON c.id = o.customer_id AND c.segment = 'enterprise';
SELECT c.id, o.id AS order_id FROM customers c LEFT JOIN orders o ON o.customer_id = c.id AND o.status = 'cancelled';
SELECT c.id FROM customers c LEFT JOIN orders o ON o.customer_id = c.id WHERE o.id IS NULL;
SELECT c.id, o.id FROM orders o RIGHT JOIN customers c ON c.id = o.customer_id AND o.amount > 900;
SELECT r.code, c.id FROM customers c RIGHT OUTER JOIN regions r ON r.code = c.region;
SELECT r.code, COUNT(c.id) AS customers FROM regions r LEFT JOIN customers c ON c.region = r.code GROUP BY r.code;
SELECT o.id, r.code FROM organizations o0 CROSS JOIN regions r JOIN orders o ON o.region = r.code AND o.organization_id = o0.organization_id;
SELECT p.id, r.code FROM products p CROSS JOIN regions r WHERE p.price > 100;
SELECT o.id, c.city FROM orders o, customers c WHERE c.id = o.customer_id;
SELECT o.id, c.city, p.method FROM orders o, customers c, payments p WHERE c.id = o.customer_id AND p.order_id = o.id AND p.amount > 300;
SELECT o.id, l.id FROM orders o, order_lines l LEFT JOIN products p ON p.id = l.product_id WHERE l.order_id = o.id AND p.category = 'Garden';
SELECT a.id, b.id FROM employees a JOIN employees b ON b.manager_id = a.id;
SELECT e.full_name, m.full_name AS boss FROM employees e LEFT JOIN employees m ON m.id = e.manager_id;
SELECT e.id, m.id, g.id FROM employees e LEFT JOIN employees m ON m.id = e.manager_id LEFT JOIN employees g ON g.id = m.manager_id;
SELECT a.id, b.id FROM products a JOIN products b ON a.category = b.category AND a.id < b.id WHERE a.price = b.price OR a.weight_grams > b.weight_grams;
SELECT o.id, p.id, s.id FROM orders o LEFT JOIN payments p ON p.order_id = o.id LEFT JOIN shipments s ON s.order_id = o.id;
SELECT o.id, c.full_name, e.full_name, r.name FROM orders o JOIN customers c ON c.id = o.customer_id LEFT JOIN employees e ON e.id = o.employee_id LEFT JOIN regions r ON r.code = o.region;
SELECT l.id, p.name, o.status, c.city FROM order_lines l JOIN products p ON p.id = l.product_id JOIN orders o ON o.id = l.order_id JOIN customers c ON c.id = o.customer_id;
SELECT l.id, p.name FROM order_lines l LEFT JOIN products p ON p.id = l.product_id WHERE p.id IS NULL OR p.price > 50;
SELECT l.id, o.id FROM order_lines l LEFT JOIN orders o ON o.id = l.order_id;
SELECT COUNT(*) AS n, COUNT(o.id) AS visible FROM order_lines l LEFT JOIN orders o ON o.id = l.order_id;
SELECT o.id, x.n FROM orders o JOIN (SELECT order_id, COUNT(*) AS n FROM order_lines GROUP BY order_id) x ON x.order_id = o.id;
SELECT order_id, customer_id, method FROM (SELECT id AS order_id, customer_id FROM orders) o NATURAL JOIN (SELECT order_id, method FROM payments) p;
SELECT * FROM (SELECT id AS order_id, status FROM orders) o NATURAL JOIN (SELECT order_id, carrier FROM shipments) s;
SELECT order_id, o.status, p.method FROM (SELECT id AS order_id, status FROM orders) o NATURAL LEFT JOIN (SELECT order_id, method FROM payments) p;
SELECT order_id, p.method FROM payments p JOIN shipments s USING (order_id);
SELECT order_id, p.amount, s.carrier FROM payments p LEFT JOIN shipments s USING (order_id, organization_id);
SELECT order_id, COUNT(*) AS n FROM order_lines JOIN payments USING (order_id) GROUP BY order_id;
SELECT order_id, s.carrier FROM payments p RIGHT JOIN shipments s USING (order_id);
SELECT organization_id, o.name, COUNT(*) AS n FROM organizations o JOIN employees e USING (organization_id) GROUP BY organization_id, o.name;
-- via: USING columns come first in a star
SELECT * FROM (SELECT method, order_id FROM payments) p JOIN (SELECT carrier, order_id FROM shipments) s USING (order_id);
-- via: NATURAL's common columns come first in a star
SELECT * FROM (SELECT method, order_id FROM payments) p NATURAL JOIN (SELECT carrier, order_id FROM shipments) s;
SELECT o.id, c.id FROM orders o JOIN customers c ON o.region = c.region AND o.amount > 1500;
SELECT o.id, p.id FROM orders o LEFT JOIN (payments p JOIN shipments s ON s.order_id = p.order_id) ON p.order_id = o.id;
SELECT c.id AS customer, o.id AS purchase, l.id AS line FROM customers c LEFT JOIN (orders o JOIN order_lines l ON l.order_id = o.id AND l.quantity > 7) ON o.customer_id = c.id;
SELECT c.id, o.id FROM customers c JOIN (SELECT AVG(amount) AS average FROM orders) ALL_TIME ON 1 = 1 JOIN orders o ON c.id = o.customer_id AND o.amount > all_time.average;
SELECT o.*, c.city FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.id % 5 = 0;
SELECT c.*, o.id AS last_order FROM customers c JOIN orders o ON o.customer_id = c.id WHERE o.status = 'pending';
SELECT o1.id, o2.id FROM orders o1 JOIN orders o2 ON o1.customer_id = o2.customer_id AND o1.id < o2.id WHERE o1.status = 'paid';
SELECT e.region, r.vat_rate FROM employees e LEFT JOIN regions r ON r.code = e.region;
SELECT DISTINCT c.region FROM customers c JOIN orders o ON o.customer_id = c.id JOIN shipments s ON s.order_id = o.id;
SELECT c.tax_id, COUNT(*) AS n FROM customers c JOIN customers d ON d.tax_id = c.tax_id GROUP BY c.tax_id;
-- refused: STRAIGHT_JOIN is a hint
SELECT o.id, c.city FROM orders o STRAIGHT_JOIN customers c ON c.id = o.customer_id;

-- # aliases
SELECT customers.id, customers.status FROM orders AS customers;
SELECT orders.city FROM customers AS orders;
SELECT orders.full_name, customers.amount FROM customers AS orders JOIN orders AS customers ON customers.customer_id = orders.id;
SELECT payments.id, shipments.id FROM shipments AS payments, payments AS shipments WHERE shipments.order_id = payments.order_id;
SELECT t.id FROM orders t WHERE t.status = 'paid';
SELECT session.id, policy.id FROM orders AS session JOIN customers AS policy ON policy.id = session.customer_id;
SELECT shop_orders.id FROM orders AS shop_orders;
SELECT staff.id FROM customers AS staff WHERE staff.segment = 'consumer';
SELECT `o`.`id`, `o`.`status` AS `the status` FROM `orders` AS `o`;
SELECT `weird "name"`.id FROM orders AS `weird "name"`;
SELECT `o-1`.id AS `a.b`, `o-1`.amount AS `select` FROM orders `o-1` WHERE `o-1`.amount > 300;
SELECT x.`a b` FROM (SELECT id AS `a b` FROM orders) x;
SELECT id AS `日本語`, amount AS `größe` FROM orders;
SELECT ORDERS.ID AS n FROM ORDERS WHERE Orders.Status = 'paid';
SELECT o.Id AS a, O.STATUS AS b FROM Orders O;
SELECT count.id FROM orders AS count;
SELECT id AS id2, id AS id3, id FROM orders;

-- # derived tables
SELECT x.id FROM (SELECT id, status FROM orders) x WHERE x.status = 'paid';
SELECT * FROM (SELECT id, amount FROM orders WHERE amount > 200) AS big;
SELECT x.n FROM (SELECT COUNT(*) AS n FROM orders) x;
SELECT x.status, x.total FROM (SELECT status, SUM(amount) AS total FROM orders GROUP BY status) x WHERE x.total > 1000;
SELECT y.id FROM (SELECT x.id FROM (SELECT id FROM orders WHERE status = 'paid') x WHERE x.id % 2 = 0) y;
SELECT orders.id FROM (SELECT id FROM customers) AS orders;
SELECT orders.n FROM (SELECT COUNT(*) AS n FROM orders) AS orders;
SELECT a.region, a.orders_placed, b.parcels FROM (SELECT region, COUNT(*) AS orders_placed FROM orders GROUP BY region) a LEFT JOIN (SELECT region, COUNT(*) AS parcels FROM shipments GROUP BY region) b ON b.region = a.region;
-- ordered
SELECT x.id FROM (SELECT id, amount FROM orders ORDER BY amount DESC, id LIMIT 10) x ORDER BY x.id;
SELECT COUNT(*) AS n, MAX(x.amount) AS top FROM (SELECT amount FROM orders ORDER BY amount, id LIMIT 20) x;
-- via: column list of a derived table
SELECT t.a, t.b FROM (SELECT id, status FROM orders) AS t (a, b) WHERE t.b = 'paid';
-- via: VALUES ROW
SELECT v.column_0, v.column_1 FROM (VALUES ROW(1, 'a'), ROW(2, 'b')) AS v;
-- via: VALUES ROW with a column list
SELECT o.id, v.label FROM orders o JOIN (VALUES ROW('paid', 'done'), ROW('pending', 'open')) AS v (status, label) ON v.status = o.status;
SELECT s.label, COUNT(o.id) AS n FROM (SELECT 'paid' AS status, 'Paid' AS label UNION ALL SELECT 'pending', 'Open') s LEFT JOIN orders o ON o.status = s.status GROUP BY s.label;
SELECT x.id, x.region FROM (SELECT c.*, 1 AS one FROM customers c) x WHERE x.one = 1;
SELECT p.category, p.items, t.items AS all_items FROM (SELECT category, COUNT(*) AS items FROM products GROUP BY category) p, (SELECT COUNT(*) AS items FROM products) t;
SELECT DISTINCT x.first_letter FROM (SELECT SUBSTR(name, 1, 1) AS first_letter FROM products) x;

-- # subqueries
SELECT id FROM orders WHERE customer_id IN (SELECT id FROM customers WHERE segment = 'enterprise');
SELECT id FROM orders WHERE customer_id NOT IN (SELECT id FROM customers);
SELECT id FROM orders WHERE employee_id NOT IN (SELECT id FROM employees WHERE title = 'Intern');
SELECT id FROM customers WHERE id IN (SELECT customer_id FROM orders WHERE amount > 800);
SELECT id FROM customers WHERE account_manager_id NOT IN (SELECT employee_id FROM orders WHERE employee_id IS NOT NULL AND status = 'cancelled');
SELECT id FROM customers WHERE account_manager_id NOT IN (SELECT employee_id FROM orders);
SELECT id FROM orders WHERE amount > (SELECT AVG(amount) FROM orders);
SELECT id FROM orders WHERE amount = (SELECT MAX(amount) FROM orders);
SELECT id, (SELECT COUNT(*) FROM orders) AS of_all FROM organizations o JOIN employees e ON e.organization_id = o.organization_id;
SELECT (SELECT COUNT(*) FROM orders) AS orders, (SELECT COUNT(*) FROM customers) AS customers, (SELECT SUM(amount) FROM payments) AS paid;
SELECT id, (SELECT c.full_name FROM customers c WHERE c.id = o.customer_id) AS customer FROM orders o;
SELECT id, (SELECT COUNT(*) FROM order_lines l WHERE l.order_id = o.id) AS line_count FROM orders o;
SELECT c.id, (SELECT MAX(o.ordered_at) FROM orders o WHERE o.customer_id = c.id) AS latest FROM customers c;
SELECT c.id FROM customers c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id);
SELECT c.id FROM customers c WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id AND o.status = 'delivered');
SELECT c.id FROM customers c WHERE EXISTS (SELECT * FROM orders WHERE customer_id = c.id AND EXISTS (SELECT * FROM order_lines l WHERE l.order_id = orders.id AND l.quantity > 7));
SELECT c.id FROM customers c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id AND o.amount > (SELECT AVG(o2.amount) FROM orders o2 WHERE o2.region = c.region));
SELECT o.id FROM orders o WHERE o.amount > (SELECT AVG(amount) FROM orders WHERE customer_id = o.customer_id);
SELECT o.id FROM orders o WHERE (SELECT COUNT(*) FROM payments p WHERE p.order_id = o.id) = 0;
SELECT o.id FROM orders o WHERE (SELECT SUM(l.line_total) FROM order_lines l WHERE l.order_id = o.id) = o.amount;
SELECT r.code FROM regions r WHERE EXISTS (SELECT 1 FROM orders WHERE region = code);
SELECT r.code, (SELECT COUNT(*) FROM orders WHERE region = code) AS n FROM regions r;
SELECT r.code FROM regions r WHERE r.code NOT IN (SELECT region FROM orders WHERE region IS NOT NULL);
SELECT r.code FROM regions r WHERE NOT EXISTS (SELECT 1 FROM employees e WHERE e.region = r.code);
SELECT p.id FROM products p WHERE p.id IN (SELECT product_id FROM order_lines WHERE order_id IN (SELECT id FROM orders WHERE customer_id IN (SELECT id FROM customers WHERE segment = 'small business')));
SELECT p.id FROM products p WHERE NOT EXISTS (SELECT 1 FROM order_lines l JOIN orders o ON o.id = l.order_id WHERE l.product_id = p.id AND o.region = 'dach');
SELECT e.id FROM employees e WHERE EXISTS (SELECT 1 FROM employees r WHERE r.manager_id = e.id);
SELECT e.id, (SELECT m.full_name FROM employees m WHERE m.id = e.manager_id) AS boss FROM employees e;
SELECT c.id, (SELECT COUNT(*) FROM orders o WHERE o.customer_id = c.id AND o.amount > (SELECT AVG(l.line_total) FROM order_lines l WHERE l.order_id = o.id)) AS n FROM customers c;
SELECT o.id FROM orders o WHERE o.customer_id IN (SELECT c.id FROM customers c WHERE c.region = o.region);
SELECT o.id FROM orders o WHERE o.id IN (SELECT l.order_id FROM order_lines l WHERE l.product_id IN (SELECT p.id FROM products p WHERE p.price > 100 AND p.organization_id = o.organization_id));
SELECT id FROM orders WHERE region IN (SELECT region FROM employees WHERE title = 'Account Manager') AND status = 'shipped';
SELECT x.id FROM (SELECT o.id, (SELECT COUNT(*) FROM order_lines l WHERE l.order_id = o.id) AS n FROM orders o) x WHERE x.n > 2;
SELECT o.id FROM orders o JOIN customers c ON c.id = o.customer_id AND c.id IN (SELECT customer_id FROM orders WHERE status = 'cancelled');
SELECT status, COUNT(*) AS n FROM orders GROUP BY status HAVING COUNT(*) > (SELECT COUNT(*) FROM orders WHERE status = 'cancelled');
SELECT CASE WHEN EXISTS (SELECT 1 FROM orders WHERE status = 'draft') THEN 'drafts' ELSE 'none' END AS drafts;
SELECT id, amount IN (SELECT amount FROM payments) AS paid_at_once FROM orders;
SELECT COALESCE((SELECT note FROM orders WHERE note IS NOT NULL ORDER BY id LIMIT 1), 'none') AS first_note;
SELECT id FROM orders WHERE (SELECT name FROM organizations) IS NOT NULL AND status = 'paid';
-- via: ANY
SELECT id FROM orders WHERE amount > ANY (SELECT amount FROM orders WHERE status = 'cancelled');
-- via: ANY
SELECT id FROM orders WHERE customer_id = ANY (SELECT id FROM customers WHERE segment = 'enterprise');
-- via: SOME
SELECT id FROM products WHERE price < SOME (SELECT price FROM products WHERE category = 'Kitchen');
-- via: ALL
SELECT id FROM orders WHERE amount >= ALL (SELECT amount FROM orders WHERE status = 'paid');
-- via: ALL
SELECT id FROM orders WHERE customer_id <> ALL (SELECT id FROM customers WHERE segment = 'consumer');
-- via: ALL over NULLs
SELECT id FROM products WHERE weight_grams >= ALL (SELECT weight_grams FROM products WHERE category = 'Office');
-- via: ANY, correlated
SELECT o.id FROM orders o WHERE o.amount < ANY (SELECT p.amount FROM orders p WHERE p.customer_id = o.customer_id AND p.status = 'delivered');
-- via: ALL, correlated
SELECT c.id FROM customers c WHERE c.credit_limit > ALL (SELECT o.amount FROM orders o WHERE o.customer_id = c.id);

-- # row values
SELECT id FROM orders WHERE (status, region) = ('paid', 'dach') OR (status, region) = ('paid', 'us-east');
SELECT id FROM orders WHERE (customer_id, amount) IN (SELECT customer_id, MAX(amount) FROM orders GROUP BY customer_id);
SELECT id FROM products WHERE (category, price) NOT IN (SELECT category, MIN(price) FROM products GROUP BY category);
SELECT id FROM orders WHERE (amount, id) > (500, 100);
SELECT id FROM orders WHERE (status, id) <= ('paid', 300);
SELECT id FROM orders WHERE (region, status) <> ('dach', 'paid');
SELECT o.id FROM orders o WHERE (o.customer_id, o.region) = (SELECT c.id, c.region FROM customers c WHERE c.id = o.customer_id);
-- via: list of row values
SELECT id FROM orders WHERE (status, region) IN (('paid', 'dach'), ('shipped', 'uk-ie'), ('paid', 'japan'), ('delivered', 'us-west'));

-- # grouping
-- via: ROLLUP
SELECT region, status, COUNT(*) AS n FROM orders GROUP BY region, status WITH ROLLUP;
SELECT COUNT(*) FROM orders;
SELECT COUNT(*), SUM(amount), MIN(amount), MAX(amount), AVG(amount) FROM orders;
SELECT COUNT(note), COUNT(DISTINCT note), COUNT(DISTINCT customer_id) FROM orders;
SELECT region, COUNT(*) FROM orders GROUP BY region;
SELECT region, status, COUNT(*) AS n, SUM(amount) AS total FROM orders GROUP BY region, status;
SELECT organization_id, COUNT(*) AS n FROM orders GROUP BY organization_id;
SELECT status, COUNT(*) AS n FROM orders GROUP BY 1;
SELECT SUBSTR(ordered_at, 1, 7) AS month, SUM(amount) AS total FROM orders GROUP BY month;
SELECT SUBSTR(ordered_at, 1, 7) AS month, COUNT(*) AS n FROM orders GROUP BY SUBSTR(ordered_at, 1, 7) HAVING COUNT(*) > 4;
SELECT CASE WHEN amount > 500 THEN 'large' ELSE 'small' END AS bucket, COUNT(*) AS n FROM orders GROUP BY CASE WHEN amount > 500 THEN 'large' ELSE 'small' END;
SELECT region, AVG(amount) AS average FROM orders GROUP BY region HAVING AVG(amount) > 300;
SELECT region, SUM(amount) AS total FROM orders GROUP BY region HAVING total > 1000;
SELECT customer_id, COUNT(*) AS n FROM orders WHERE status <> 'cancelled' GROUP BY customer_id HAVING COUNT(*) >= 2 AND SUM(amount) > 500;
SELECT c.segment, COUNT(DISTINCT o.id) AS orders, SUM(l.quantity) AS units FROM customers c JOIN orders o ON o.customer_id = c.id JOIN order_lines l ON l.order_id = o.id GROUP BY c.segment;
SELECT p.category, SUM(l.line_total) AS revenue FROM order_lines l JOIN products p ON p.id = l.product_id GROUP BY p.category;
SELECT tax_id, COUNT(*) AS n FROM customers GROUP BY tax_id HAVING COUNT(*) > 1;
SELECT salary, COUNT(*) AS n FROM employees GROUP BY salary;
SELECT SUM(salary) AS payroll, MIN(salary) AS low, MAX(salary) AS high FROM employees;
SELECT SUM(status = 'paid') AS paid, SUM(amount > 500) AS big FROM orders;
SELECT SUM(CASE WHEN status = 'paid' THEN amount ELSE 0 END) AS paid FROM orders;
SELECT SUM(amount) AS total, COUNT(*) AS n FROM orders WHERE 1 = 0;
SELECT region, COUNT(*) AS n FROM orders WHERE 1 = 0 GROUP BY region;
SELECT MAX(ordered_at), MIN(ordered_at) FROM orders;
SELECT MIN(full_name), MAX(full_name) FROM customers;
SELECT DISTINCT COUNT(*) AS n FROM orders GROUP BY customer_id;
SELECT COUNT(*) AS n FROM orders HAVING COUNT(*) > 10;
SELECT COUNT(*) + 1 AS more, SUM(amount) * 2 AS twice FROM orders;
SELECT AVG(DISTINCT quantity) AS a, SUM(DISTINCT quantity) AS s FROM order_lines;
SELECT r.currency, COUNT(DISTINCT c.id) AS customers FROM regions r JOIN customers c ON c.region = r.code GROUP BY r.currency;
-- refused: SQLite has no separator beside DISTINCT
SELECT region, GROUP_CONCAT(DISTINCT status ORDER BY status SEPARATOR '|') AS statuses FROM orders GROUP BY region;
-- via: GROUP_CONCAT with ORDER BY
SELECT GROUP_CONCAT(id ORDER BY id DESC SEPARATOR ', ') AS ids FROM employees;
-- refused: SQLite has no STDDEV
SELECT STDDEV_POP(amount) AS deviation, VAR_SAMP(amount) AS variance FROM orders;
-- via: ANY_VALUE
SELECT organization_id, ANY_VALUE(organization_id) AS same FROM orders GROUP BY organization_id;
SELECT x.n, COUNT(*) AS customers FROM (SELECT customer_id, COUNT(*) AS n FROM orders GROUP BY customer_id) x GROUP BY x.n;
SELECT region, MAX(amount) - MIN(amount) AS spread FROM orders GROUP BY region HAVING MAX(amount) > 2 * MIN(amount);
SELECT region AS r, COUNT(*) AS n FROM customers GROUP BY r HAVING n > 1;

-- # windows
SELECT id, ROW_NUMBER() OVER (ORDER BY id) AS n FROM orders;
SELECT id, ROW_NUMBER() OVER (PARTITION BY region ORDER BY amount DESC, id) AS n FROM orders;
SELECT id, RANK() OVER (ORDER BY status) AS r, DENSE_RANK() OVER (ORDER BY status) AS d FROM orders;
SELECT id, SUM(amount) OVER () AS total FROM orders;
SELECT id, SUM(amount) OVER (PARTITION BY region) AS total, AVG(amount) OVER (PARTITION BY region, status) AS average FROM orders;
SELECT id, SUM(amount) OVER (ORDER BY id) AS running FROM orders;
SELECT id, SUM(amount) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS recent FROM orders;
SELECT id, AVG(amount) OVER (PARTITION BY customer_id ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS smooth FROM orders;
SELECT id, SUM(amount) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS running FROM orders;
SELECT id, COUNT(*) OVER (ORDER BY id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS left_over FROM orders;
SELECT id, SUM(amount) OVER (ORDER BY id ROWS 3 PRECEDING) AS four FROM orders;
SELECT id, COUNT(*) OVER (ORDER BY quantity RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS near FROM order_lines;
SELECT id, COUNT(*) OVER (ORDER BY status RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS upto FROM orders;
SELECT id, LAG(amount) OVER (ORDER BY id) AS before, LEAD(amount, 2) OVER (ORDER BY id) AS after FROM orders;
SELECT id, LAG(status, 1, 'first') OVER (PARTITION BY customer_id ORDER BY id) AS before FROM orders;
SELECT id, FIRST_VALUE(id) OVER (PARTITION BY region ORDER BY amount, id) AS cheapest FROM orders;
SELECT id, LAST_VALUE(id) OVER (PARTITION BY region ORDER BY amount, id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS dearest FROM orders;
SELECT id, NTH_VALUE(id, 2) OVER (PARTITION BY region ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS second FROM orders;
SELECT id, NTILE(4) OVER (ORDER BY id) AS quartile FROM orders;
SELECT id, PERCENT_RANK() OVER (ORDER BY amount) AS p, CUME_DIST() OVER (ORDER BY amount) AS c FROM orders;
SELECT id, SUM(amount) OVER w AS total, COUNT(*) OVER w AS n FROM orders WINDOW w AS (PARTITION BY region);
SELECT id, SUM(amount) OVER (w ORDER BY id) AS running, COUNT(*) OVER w AS n FROM orders WINDOW w AS (PARTITION BY status);
SELECT id, SUM(amount) OVER w2 AS running FROM orders WINDOW w2 AS (PARTITION BY status ORDER BY id);
SELECT region, SUM(amount) AS total, RANK() OVER (ORDER BY SUM(amount) DESC) AS place FROM orders GROUP BY region;
SELECT region, COUNT(*) AS n, SUM(COUNT(*)) OVER () AS of_all FROM orders GROUP BY region;
SELECT x.id FROM (SELECT id, ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY ordered_at DESC, id) AS n FROM orders) x WHERE x.n = 1;
SELECT id, salary, RANK() OVER (ORDER BY salary DESC) AS r FROM employees;
SELECT id, ROW_NUMBER() OVER (PARTITION BY tax_id ORDER BY id) AS n FROM customers;
SELECT l.id, SUM(l.line_total) OVER (PARTITION BY o.customer_id ORDER BY l.id) AS spent FROM order_lines l JOIN orders o ON o.id = l.order_id;
-- ordered
SELECT id, amount FROM orders ORDER BY ROW_NUMBER() OVER (ORDER BY amount DESC, id) LIMIT 5;
SELECT id, COUNT(*) OVER (PARTITION BY SUBSTR(ordered_at, 1, 7)) AS in_month FROM orders;
SELECT id, amount - AVG(amount) OVER (PARTITION BY region) AS deviation FROM orders;
SELECT DISTINCT region, COUNT(*) OVER (PARTITION BY region) AS n FROM orders;

-- # common table expressions
WITH paid AS (SELECT id, amount FROM orders WHERE status = 'paid') SELECT * FROM paid;
WITH paid AS (SELECT id, customer_id FROM orders WHERE status = 'paid') SELECT p.id, c.full_name FROM paid p JOIN customers c ON c.id = p.customer_id;
WITH a AS (SELECT id FROM orders WHERE amount > 300), b AS (SELECT id FROM a WHERE id % 2 = 0) SELECT * FROM b;
WITH a (x, y) AS (SELECT id, amount FROM orders) SELECT x, y FROM a WHERE y > 400;
WITH a AS (SELECT id FROM orders), b AS (SELECT id FROM customers) SELECT COUNT(*) AS n FROM a, b WHERE a.id = b.id;
WITH t AS (SELECT region, SUM(amount) AS total FROM orders GROUP BY region) SELECT a.region, a.total, b.total FROM t a JOIN t b ON a.total < b.total;
WITH t AS (SELECT AVG(amount) AS average FROM orders) SELECT id FROM orders, t WHERE amount > average;
WITH shop_orders AS (SELECT id FROM customers) SELECT id FROM shop_orders;
WITH staff AS (SELECT id, 'initech' AS organization_id, 'dach' AS region FROM customers), catalog AS (SELECT 1 AS one) SELECT s.id, e.id FROM staff s JOIN employees e ON e.id = s.id;
WITH orders AS (SELECT id, full_name FROM customers) SELECT id, full_name FROM orders;
WITH customers AS (SELECT id, status FROM orders) SELECT c.id, c.status, p.method FROM customers c LEFT JOIN payments p ON p.order_id = c.id;
-- via: the inner name is the dataset, which SQLite calls circular
WITH orders AS (SELECT * FROM orders WHERE status = 'paid') SELECT id, status FROM orders;
-- via: the inner name is the dataset, which SQLite calls circular
WITH customers AS (SELECT id, region FROM customers WHERE region = 'dach' OR region = 'japan'), orders AS (SELECT o.* FROM orders o JOIN customers c ON c.id = o.customer_id) SELECT COUNT(*) AS n FROM orders;
-- via: a forward reference is the dataset, which SQLite takes for the CTE
WITH a AS (SELECT COUNT(*) AS n FROM payments), payments AS (SELECT 1 AS one) SELECT a.n, payments.one FROM a, payments;
WITH t AS (SELECT id FROM orders WHERE status = 'paid') SELECT id FROM customers WHERE id IN (SELECT customer_id FROM orders WHERE id IN (SELECT id FROM t));
WITH t AS (SELECT customer_id, COUNT(*) AS n FROM orders GROUP BY customer_id) SELECT c.id, (SELECT t.n FROM t WHERE t.customer_id = c.id) AS n FROM customers c;
SELECT x.id FROM (WITH t AS (SELECT id, amount FROM orders) SELECT id FROM t WHERE amount > 500) x;
SELECT id FROM customers WHERE id IN (WITH t AS (SELECT customer_id FROM orders WHERE amount > 700) SELECT customer_id FROM t);
WITH t AS (SELECT id FROM orders) SELECT (WITH t AS (SELECT id FROM customers) SELECT COUNT(*) FROM t) AS inner_t, (SELECT COUNT(*) FROM t) AS outer_t;
WITH t AS (WITH u AS (SELECT id, region FROM employees) SELECT region, COUNT(*) AS n FROM u GROUP BY region) SELECT * FROM t WHERE n > 1;
WITH t AS (SELECT 1 AS n), u AS (WITH t AS (SELECT COUNT(*) AS n FROM orders) SELECT n FROM t) SELECT t.n, u.n FROM t, u;
WITH unused AS (SELECT * FROM customers) SELECT id FROM orders WHERE amount > 600;
WITH t AS (SELECT id FROM orders WHERE status = 'paid' UNION SELECT id FROM orders WHERE amount > 900) SELECT COUNT(*) AS n FROM t;
WITH ranked AS (SELECT id, customer_id, ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY amount DESC, id) AS n FROM orders) SELECT customer_id, id FROM ranked WHERE n <= 2;
-- ordered
WITH monthly AS (SELECT SUBSTR(ordered_at, 1, 7) AS month, SUM(amount) AS total FROM orders GROUP BY SUBSTR(ordered_at, 1, 7)) SELECT month, total, total - LAG(total) OVER (ORDER BY month) AS change_since FROM monthly ORDER BY month;
WITH `odd name` AS (SELECT id FROM orders) SELECT `odd name`.id FROM `odd name`;
WITH T AS (SELECT id FROM orders) SELECT t.id FROM t;
WITH a AS (SELECT id, region FROM orders), b AS (SELECT a.id FROM a JOIN regions r ON r.code = a.region WHERE r.vat_rate > 19) SELECT a.id FROM a LEFT JOIN b ON b.id = a.id WHERE b.id IS NULL;

-- # recursive common table expressions
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT i FROM n;
WITH RECURSIVE chain AS (SELECT id, manager_id, 0 AS depth FROM employees WHERE manager_id IS NULL UNION ALL SELECT e.id, e.manager_id, c.depth + 1 FROM employees e JOIN chain c ON e.manager_id = c.id) SELECT id, depth FROM chain;
WITH RECURSIVE boss (id, manager_id) AS (SELECT id, manager_id FROM employees WHERE title = 'Intern' OR title = 'Sales Clerk' UNION SELECT e.id, e.manager_id FROM employees e, boss b WHERE e.id = b.manager_id) SELECT * FROM boss;
WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < (SELECT COUNT(*) FROM organizations) + 4) SELECT n.i, (SELECT COUNT(*) FROM order_lines WHERE quantity = n.i) AS line_count FROM n;
WITH RECURSIVE d (day, n) AS (SELECT MIN(DATE(ordered_at)), 1 FROM orders UNION ALL SELECT day, n + 1 FROM d WHERE n < 5) SELECT day, n FROM d;
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 8), c AS (SELECT quantity, COUNT(*) AS n FROM order_lines GROUP BY quantity) SELECT n.i, c.n FROM n LEFT JOIN c ON c.quantity = n.i;
WITH RECURSIVE team (id, path) AS (SELECT id, title FROM employees WHERE manager_id IS NULL OR manager_id NOT IN (SELECT id FROM employees) UNION ALL SELECT e.id, e.title FROM team t JOIN employees e ON e.manager_id = t.id) SELECT path, COUNT(*) AS n FROM team GROUP BY path;
WITH RECURSIVE plain AS (SELECT id FROM orders WHERE amount > 700) SELECT * FROM plain;
-- via: recursion through INTERVAL
WITH RECURSIVE d (day) AS (SELECT CAST('2024-01-29' AS DATE) UNION ALL SELECT day + INTERVAL 1 DAY FROM d WHERE day < '2024-02-05') SELECT d.day, COUNT(o.id) AS n FROM d LEFT JOIN orders o ON DATE(o.ordered_at) = d.day GROUP BY d.day;

-- # set operations
SELECT id FROM orders WHERE status = 'paid' UNION SELECT id FROM orders WHERE amount > 500;
SELECT id FROM orders WHERE status = 'paid' UNION ALL SELECT id FROM orders WHERE amount > 500;
SELECT region FROM orders UNION SELECT region FROM employees UNION SELECT code FROM regions;
SELECT 'order' AS kind, id FROM orders UNION ALL SELECT 'customer', id FROM customers;
SELECT region FROM customers INTERSECT SELECT region FROM shipments;
SELECT code FROM regions EXCEPT SELECT region FROM orders;
SELECT id FROM orders EXCEPT SELECT order_id FROM payments;
SELECT id FROM orders INTERSECT SELECT order_id FROM shipments;
SELECT region FROM orders UNION SELECT code FROM regions EXCEPT SELECT region FROM employees;
SELECT id FROM orders EXCEPT SELECT order_id FROM payments EXCEPT SELECT order_id FROM shipments;
-- ordered
SELECT id FROM orders WHERE status = 'paid' UNION SELECT id FROM orders WHERE amount > 500 ORDER BY id;
-- ordered
SELECT id, amount FROM orders WHERE status = 'paid' UNION ALL SELECT id + 100000, amount FROM payments ORDER BY amount DESC, 1 LIMIT 10;
-- ordered
SELECT region AS r, COUNT(*) AS n FROM orders GROUP BY region UNION ALL SELECT 'all', COUNT(*) FROM orders ORDER BY n DESC, r LIMIT 5 OFFSET 1;
SELECT COUNT(*) AS n FROM (SELECT region FROM orders UNION SELECT region FROM customers) x;
SELECT x.id FROM (SELECT id FROM orders EXCEPT SELECT order_id FROM payments) x JOIN orders o ON o.id = x.id WHERE o.amount > 100;
SELECT id FROM customers WHERE id IN (SELECT customer_id FROM orders WHERE status = 'paid' UNION SELECT customer_id FROM orders WHERE status = 'pending');
SELECT id FROM customers WHERE id NOT IN (SELECT customer_id FROM orders WHERE status = 'paid' INTERSECT SELECT customer_id FROM orders WHERE status = 'shipped');
SELECT c.id FROM customers c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id AND o.status = 'draft' UNION ALL SELECT 1 FROM orders o WHERE o.customer_id = c.id AND o.amount > 900);
WITH a AS (SELECT id FROM orders WHERE status = 'paid'), b AS (SELECT order_id AS id FROM payments) SELECT id FROM a INTERSECT SELECT id FROM b;
-- via: parentheses
(SELECT id FROM orders WHERE status = 'paid') UNION (SELECT id FROM orders WHERE status = 'pending');
-- via: parentheses
(SELECT id FROM orders ORDER BY amount DESC, id LIMIT 3) UNION ALL (SELECT id FROM orders ORDER BY amount, id LIMIT 3);
-- via: parentheses
SELECT region FROM orders UNION ALL (SELECT region FROM employees UNION SELECT region FROM customers);
-- via: INTERSECT binds tighter
SELECT region FROM orders UNION SELECT code FROM regions INTERSECT SELECT region FROM employees;
-- via: parentheses
SELECT code FROM regions EXCEPT (SELECT region FROM orders UNION SELECT region FROM employees);
-- via: parentheses
(SELECT code FROM regions EXCEPT SELECT region FROM orders) UNION ALL SELECT 'end';
-- via: parentheses
-- ordered
(SELECT id, amount FROM orders WHERE status = 'paid') UNION ALL (SELECT id, amount FROM orders WHERE status = 'shipped') ORDER BY amount DESC, id LIMIT 8;
-- via: parentheses
SELECT x.n FROM ((SELECT COUNT(*) AS n FROM orders) UNION ALL (SELECT COUNT(*) FROM customers)) x;
-- via: UNION DISTINCT
SELECT status FROM orders UNION DISTINCT SELECT method FROM payments;
-- via: EXCEPT DISTINCT
SELECT id FROM orders EXCEPT DISTINCT SELECT order_id FROM shipments;

-- # reports
-- ordered
SELECT c.full_name, SUM(o.amount) AS revenue, COUNT(*) AS orders FROM customers c JOIN orders o ON o.customer_id = c.id WHERE o.status <> 'cancelled' GROUP BY c.id, c.full_name ORDER BY revenue DESC, c.full_name LIMIT 10;
-- ordered
SELECT p.category, p.name, SUM(l.quantity) AS units FROM order_lines l JOIN products p ON p.id = l.product_id GROUP BY p.id, p.category, p.name HAVING SUM(l.quantity) > 10 ORDER BY units DESC, p.id LIMIT 15;
-- ordered
SELECT r.name, COALESCE(SUM(o.amount), 0) AS revenue FROM regions r LEFT JOIN orders o ON o.region = r.code AND o.status IN ('paid', 'shipped', 'delivered') GROUP BY r.code, r.name ORDER BY revenue DESC, r.code;
-- ordered
SELECT e.full_name, COUNT(o.id) AS orders, COALESCE(SUM(o.amount), 0) AS sold FROM employees e LEFT JOIN orders o ON o.employee_id = e.id GROUP BY e.id, e.full_name ORDER BY sold DESC, e.id;
SELECT o.id, o.amount, COALESCE(SUM(p.amount), 0) AS paid FROM orders o LEFT JOIN payments p ON p.order_id = o.id AND p.paid_at IS NOT NULL GROUP BY o.id, o.amount HAVING COALESCE(SUM(p.amount), 0) < o.amount;
SELECT s.carrier, COUNT(*) AS parcels, SUM(s.delivered_on IS NULL) AS under_way FROM shipments s GROUP BY s.carrier;
WITH spend AS (SELECT customer_id, SUM(amount) AS total FROM orders GROUP BY customer_id) SELECT c.segment, COUNT(*) AS customers, AVG(s.total) AS average FROM spend s JOIN customers c ON c.id = s.customer_id GROUP BY c.segment;
WITH first_orders AS (SELECT customer_id, MIN(ordered_at) AS first_at FROM orders GROUP BY customer_id) SELECT SUBSTR(f.first_at, 1, 7) AS cohort, COUNT(DISTINCT f.customer_id) AS customers, COUNT(o.id) AS orders FROM first_orders f JOIN orders o ON o.customer_id = f.customer_id GROUP BY SUBSTR(f.first_at, 1, 7);
SELECT method, COUNT(*) AS n, SUM(amount) AS total, AVG(amount) AS average FROM payments WHERE paid_at IS NOT NULL GROUP BY method;
SELECT a.product_id, b.product_id, COUNT(*) AS together FROM order_lines a JOIN order_lines b ON a.order_id = b.order_id AND a.product_id < b.product_id GROUP BY a.product_id, b.product_id HAVING COUNT(*) > 1;
SELECT c.region, COUNT(DISTINCT c.id) AS customers, COUNT(DISTINCT o.id) AS orders, COUNT(DISTINCT s.id) AS parcels FROM customers c LEFT JOIN orders o ON o.customer_id = c.id LEFT JOIN shipments s ON s.order_id = o.id GROUP BY c.region;
SELECT x.status, x.n, x.n * 100 > y.n * 20 AS frequent FROM (SELECT status, COUNT(*) AS n FROM orders GROUP BY status) x CROSS JOIN (SELECT COUNT(*) AS n FROM orders) y;
