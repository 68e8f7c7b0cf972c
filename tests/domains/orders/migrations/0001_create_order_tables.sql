-- The Orders data set in four tables. Valid on MariaDB 10.11, MySQL 8 and Aurora MySQL 3.
-- Identifiers keep capital and small letters apart (utf8mb4_bin); names compare as people read them.
-- Each index serves one list of the API, in that list's order; lists that run downwards read it backwards.

CREATE TABLE customers (
  customer_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  name VARCHAR(255) NULL,
  country VARCHAR(100) NULL,
  PRIMARY KEY (customer_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE products (
  product_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  product_name VARCHAR(255) NOT NULL,
  price DECIMAL(19, 4) NOT NULL, -- today's price; what an order paid is order_items.unit_price
  PRIMARY KEY (product_id),
  KEY products_by_name (product_name, product_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE orders (
  order_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  order_ref VARCHAR(64) NOT NULL, -- the number that the customer sees
  ordered_at DATETIME(6) NULL, -- UTC
  customer_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (order_id),
  KEY orders_by_time (ordered_at, order_id),
  KEY orders_by_customer (customer_id, ordered_at, order_id),
  CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers (customer_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE order_items (
  order_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  order_item_id INT UNSIGNED NOT NULL, -- the number of the line within its order
  product_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  quantity INT NOT NULL, -- below zero: pieces that came back
  unit_price DECIMAL(19, 4) NOT NULL,
  discount DECIMAL(5, 4) NOT NULL DEFAULT 0, -- the part let off, from 0 to 1
  PRIMARY KEY (order_id, order_item_id),
  KEY order_items_by_product (product_id, order_id, order_item_id),
  CONSTRAINT order_items_order FOREIGN KEY (order_id) REFERENCES orders (order_id),
  CONSTRAINT order_items_product FOREIGN KEY (product_id) REFERENCES products (product_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
