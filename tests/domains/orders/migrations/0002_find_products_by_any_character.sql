-- Products are found by the beginning of their names, and a range of an index reaches characters beyond U+FFFF, such as
-- emoji, under this collation; under utf8mb4_unicode_ci it ends before them, and rows were missed. Reading the table waits
-- while it is copied; where the migration was cut it can be run again.

ALTER TABLE products
  MODIFY product_name VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci NOT NULL;
