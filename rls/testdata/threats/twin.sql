CREATE TABLE orders(id int, organization_id varchar(40), customer_id int, amount decimal(10,2), status varchar(20), note varchar(200), created_at timestamp NULL);
CREATE TABLE customers(id int, organization_id varchar(40), name varchar(40), region varchar(10), ssn varchar(20));
CREATE TABLE regions(id int, code varchar(10), name varchar(40));
INSERT INTO orders VALUES (1,'acme',1,100,'open','a-note','2024-01-01 00:00:00'),(2,'acme',1,200,'closed',NULL,'2024-02-01 00:00:00');
INSERT INTO customers VALUES (1,'acme','Ann','EU','***'),(3,'acme','Cid','US','***');
INSERT INTO regions VALUES (1,'EU','Europe'),(2,'US','America');
