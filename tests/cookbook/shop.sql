CREATE TABLE customers (
  customer_id INT NOT NULL PRIMARY KEY, name VARCHAR(60) NOT NULL, country VARCHAR(2) NULL,
  KEY customers_by_country (country)
);
CREATE TABLE products (
  product_id INT NOT NULL PRIMARY KEY, name VARCHAR(60) NOT NULL, price DECIMAL(10, 2) NOT NULL,
  category VARCHAR(20) NOT NULL, KEY products_by_name (name, product_id)
);
CREATE TABLE orders (
  order_id INT NOT NULL PRIMARY KEY, customer_id INT NOT NULL, ordered_at DATETIME NOT NULL,
  shipped_at DATETIME NULL, KEY orders_by_customer (customer_id, ordered_at, order_id),
  KEY orders_by_shipping (shipped_at, order_id)
);
CREATE TABLE order_items (
  order_id INT NOT NULL, line INT NOT NULL, product_id INT NOT NULL, quantity INT NOT NULL,
  unit_price DECIMAL(10, 2) NOT NULL, PRIMARY KEY (order_id, line),
  KEY order_items_by_product (product_id, order_id, line)
);

INSERT INTO customers VALUES (1, 'Ada Lund', 'DE'), (2, 'Bo Chan', 'FR'), (3, 'Cy Diaz', 'DE'), (4, 'Di Ek', NULL);
INSERT INTO products VALUES
  (1, 'Kettle', 39.90, 'kitchen'), (2, 'Tea pot', 24.50, 'kitchen'), (3, 'Desk lamp', 55.00, 'office'),
  (4, 'Lamp oil', 6.25, 'garden'), (5, 'Notebook', 4.00, 'office');
INSERT INTO orders VALUES
  (1, 1, '2026-01-05 09:00:00', '2026-01-06 12:00:00'), (2, 2, '2026-01-20 17:30:00', NULL),
  (3, 3, '2026-02-02 08:15:00', '2026-02-02 18:00:00'), (4, 1, '2026-02-14 20:00:00', NULL),
  (5, 1, '2026-03-01 00:00:00', NULL);
INSERT INTO order_items VALUES
  (1, 1, 1, 1, 39.90), (1, 2, 2, 2, 24.50), (2, 1, 3, 1, 55.00), (3, 1, 5, 10, 4.00),
  (4, 1, 4, 3, 6.25), (4, 2, 5, 2, 4.00), (5, 1, 3, 2, 52.00);
