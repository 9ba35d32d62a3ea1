-- The shared tables of the shop. Names differ from those of the model on
-- purpose where a real database would have grown its own: a query that got
-- past the model would not find them.

CREATE TABLE shop_organizations (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    country    TEXT NOT NULL,
    plan       TEXT NOT NULL,
    founded_on TEXT
);

CREATE TABLE regions (
    code     TEXT PRIMARY KEY,
    name     TEXT NOT NULL,
    currency TEXT NOT NULL,
    vat_rate INTEGER
);

CREATE TABLE staff (
    id              INTEGER PRIMARY KEY,
    organization_id TEXT NOT NULL,
    first_name      TEXT NOT NULL,
    last_name       TEXT NOT NULL,
    title           TEXT NOT NULL,
    region          TEXT,
    manager_id      INTEGER,
    salary          INTEGER NOT NULL,
    hired_on        TEXT NOT NULL
);

CREATE TABLE shop_customers (
    id                 INTEGER PRIMARY KEY,
    organization_id    TEXT NOT NULL,
    first_name         TEXT NOT NULL,
    last_name          TEXT NOT NULL,
    email              TEXT,
    tax_id             TEXT,
    region             TEXT,
    city               TEXT NOT NULL,
    segment            TEXT NOT NULL,
    credit_limit       INTEGER,
    account_manager_id INTEGER,
    note               TEXT,
    created_at         TEXT NOT NULL
);

CREATE TABLE catalog (
    id              INTEGER PRIMARY KEY,
    organization_id TEXT NOT NULL,
    sku             TEXT NOT NULL,
    title           TEXT NOT NULL,
    category        TEXT NOT NULL,
    price           REAL NOT NULL,
    cost            REAL NOT NULL,
    weight_grams    INTEGER,
    discontinued    INTEGER NOT NULL
);

CREATE TABLE shop_orders (
    id              INTEGER PRIMARY KEY,
    organization_id TEXT NOT NULL,
    customer_id     INTEGER NOT NULL,
    employee_id     INTEGER,
    region          TEXT,
    status          TEXT NOT NULL,
    amount          REAL NOT NULL,
    placed_at       TEXT NOT NULL,
    shipped_at      TEXT,
    note            TEXT
);

CREATE TABLE shop_order_lines (
    id              INTEGER PRIMARY KEY,
    organization_id TEXT NOT NULL,
    order_id        INTEGER NOT NULL,
    product_id      INTEGER NOT NULL,
    quantity        INTEGER NOT NULL,
    unit_price      REAL NOT NULL,
    discount        REAL
);

CREATE TABLE payments (
    id              INTEGER PRIMARY KEY,
    organization_id TEXT NOT NULL,
    order_id        INTEGER NOT NULL,
    method          TEXT NOT NULL,
    amount          REAL NOT NULL,
    reference       TEXT,
    paid_at         TEXT
);

CREATE TABLE shipments (
    id              INTEGER PRIMARY KEY,
    organization_id TEXT NOT NULL,
    order_id        INTEGER NOT NULL,
    region          TEXT,
    carrier         TEXT NOT NULL,
    tracking_code   TEXT,
    shipped_on      TEXT NOT NULL,
    delivered_on    TEXT
);

CREATE INDEX staff_organization ON staff (organization_id);
CREATE INDEX shop_customers_organization ON shop_customers (organization_id, region);
CREATE INDEX catalog_organization ON catalog (organization_id);
CREATE INDEX shop_orders_organization ON shop_orders (organization_id, region);
CREATE INDEX shop_orders_customer ON shop_orders (customer_id);
CREATE INDEX shop_order_lines_organization ON shop_order_lines (organization_id);
CREATE INDEX shop_order_lines_order ON shop_order_lines (order_id);
CREATE INDEX payments_organization ON payments (organization_id);
CREATE INDEX payments_order ON payments (order_id);
CREATE INDEX shipments_organization ON shipments (organization_id);
CREATE INDEX shipments_order ON shipments (order_id);
