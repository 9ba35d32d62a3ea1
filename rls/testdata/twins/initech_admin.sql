-- What employee 25 of initech, an admin, may see, as a database of its own: written by hand from the
-- meaning of the shop's policies, without Hedgerow. "shared" is the database
-- that all organizations share.

CREATE TABLE organizations AS
SELECT id AS organization_id, name, country, plan, founded_on
FROM shared.shop_organizations
WHERE id = 'initech';

CREATE TABLE regions AS
SELECT code, name, currency, vat_rate
FROM shared.regions;

CREATE TABLE employees AS
SELECT id, organization_id, first_name, last_name, first_name || ' ' || last_name AS full_name, title, region, manager_id,
       salary, hired_on
FROM shared.staff
WHERE organization_id = 'initech';

CREATE TABLE customers AS
SELECT id, organization_id, first_name, last_name, first_name || ' ' || last_name AS full_name, email, tax_id,
       region, city, segment, credit_limit, account_manager_id, note, created_at
FROM shared.shop_customers
WHERE organization_id = 'initech';

CREATE TABLE products AS
SELECT id, organization_id, sku, title AS name, category, price, cost, price - cost AS margin, weight_grams, discontinued
FROM shared.catalog
WHERE organization_id = 'initech';

CREATE TABLE orders AS
SELECT id, organization_id, customer_id, employee_id, region, status, amount, placed_at AS ordered_at, shipped_at, note
FROM shared.shop_orders
WHERE organization_id = 'initech';

CREATE TABLE order_lines AS
SELECT id, organization_id, order_id, product_id, quantity, unit_price, discount,
       quantity * unit_price - COALESCE(discount, 0) AS line_total
FROM shared.shop_order_lines
WHERE organization_id = 'initech';

CREATE TABLE payments AS
SELECT id, organization_id, order_id, method, amount, reference, paid_at
FROM shared.payments
WHERE organization_id = 'initech';

CREATE TABLE shipments AS
SELECT id, organization_id, order_id, region, carrier, tracking_code, shipped_on, delivered_on
FROM shared.shipments
WHERE organization_id = 'initech';
