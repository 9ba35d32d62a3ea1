CREATE TABLE orders(id int, organization_id varchar(40), customer_id int, amount decimal(10,2), status varchar(20), note varchar(200), created_at timestamp NULL);
CREATE TABLE customers(id int, organization_id varchar(40), name varchar(40), email varchar(80), region varchar(10), ssn varchar(20));
CREATE TABLE regions(id int, code varchar(10), name varchar(40));
CREATE TABLE secrets(id int, payload varchar(100));
INSERT INTO orders VALUES (1,'acme',1,100,'open','a-note','2024-01-01 00:00:00'),(2,'acme',1,200,'closed',NULL,'2024-02-01 00:00:00'),(3,'evil',2,300,'open','VICTIM-NOTE','2024-03-01 00:00:00'),(4,NULL,3,400,'open','NULLORG','2024-03-02 00:00:00'),(5,'ACME',1,500,'open','VICTIM-NOTE','2024-03-03 00:00:00'),(6,'acme ',1,600,'open','VICTIM-NOTE','2024-03-04 00:00:00');
INSERT INTO customers VALUES (1,'acme','Ann','ann@acme','EU','111-11'),(2,'evil','Bob','bob@evil','US','222-22'),(3,'acme','Cid','cid@acme','US','333-33'),(4,'Acme','Bob','bob@evil','EU','222-22');
INSERT INTO regions VALUES (1,'EU','Europe'),(2,'US','America');
INSERT INTO secrets VALUES (1,'TOPSECRET');
