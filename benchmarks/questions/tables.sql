CREATE TABLE customers (
  customer_id INT NOT NULL PRIMARY KEY, name VARCHAR(60) NOT NULL, country CHAR(2) NOT NULL,
  KEY customers_by_country (country)
);
CREATE TABLE products (
  product_id INT NOT NULL PRIMARY KEY, name VARCHAR(60) NOT NULL, category VARCHAR(20) NOT NULL,
  KEY products_by_name (name, product_id), KEY products_by_category (category)
);
CREATE TABLE orders (
  order_id INT NOT NULL PRIMARY KEY, customer_id INT NOT NULL, ordered_at DATETIME NOT NULL,
  KEY orders_by_time (ordered_at, order_id), KEY orders_by_customer (customer_id, ordered_at, order_id)
);
CREATE TABLE order_items (
  order_id INT NOT NULL, product_id INT NOT NULL, quantity INT NOT NULL, price DECIMAL(10, 2) NOT NULL,
  PRIMARY KEY (order_id, product_id), KEY order_items_by_product (product_id, order_id)
);
CREATE TABLE numbers (n INT NOT NULL PRIMARY KEY);
INSERT INTO numbers
  WITH RECURSIVE digits AS (SELECT 0 AS d UNION ALL SELECT d + 1 FROM digits WHERE d < 9)
  SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d + 1
  FROM digits a, digits b, digits c, digits e, digits f;
INSERT INTO customers
  SELECT n, CONCAT('Customer ', n), ELT(1 + MOD(n * 7, 20), 'DE', 'FR', 'IT', 'ES', 'PT', 'AT', 'CH', 'BE',
    'NL', 'LU', 'DK', 'SE', 'NO', 'FI', 'PL', 'CZ', 'HU', 'GR', 'IE', 'JP')
  FROM numbers WHERE n <= 2000;
INSERT INTO products
  SELECT n, CONCAT('Product ', MOD(n * 37, 1000)), ELT(1 + MOD(n, 25), 'tea', 'coffee', 'milk', 'bread', 'rice',
    'salt', 'sugar', 'oil', 'fish', 'meat', 'eggs', 'fruit', 'nuts', 'wine', 'beer', 'water', 'soap', 'paper',
    'pens', 'lamps', 'tools', 'paint', 'wood', 'glass', 'toys')
  FROM numbers WHERE n <= 1000;
INSERT INTO orders
  SELECT n, 1 + MOD(CRC32(n), 2000), '2020-01-01 00:00:00' + INTERVAL MOD(CRC32(n + 7), 200000) * 15 MINUTE
  FROM numbers WHERE n <= 100000;
INSERT IGNORE INTO order_items
  SELECT o.n, 1 + MOD(CRC32(o.n * 8 + i.n), 1000), 1 + MOD(o.n + i.n, 9), 1 + MOD(CRC32(o.n + i.n), 9900) / 100
  FROM numbers o JOIN numbers i ON i.n <= 1 + MOD(o.n, 6) WHERE o.n <= 100000;
DROP TABLE numbers;
ANALYZE TABLE customers, products, orders, order_items;
