CREATE TABLE products (
  product_id INT NOT NULL PRIMARY KEY,
  sku VARCHAR(20) NOT NULL
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE attributes (
  product_id INT NOT NULL,
  name VARCHAR(20) NOT NULL,
  value VARCHAR(50) NOT NULL,
  PRIMARY KEY (product_id, name),
  KEY attributes_by_value (name, value, product_id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE descriptions (
  description_id INT NOT NULL PRIMARY KEY,
  product_id INT NOT NULL,
  language CHAR(2) NOT NULL,
  text VARCHAR(100) NOT NULL,
  UNIQUE KEY descriptions_by_language (product_id, language)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
INSERT INTO products VALUES (1, 'KETTLE-2'), (2, 'LAMP-7'), (3, 'MUG');
INSERT INTO attributes VALUES
  (1, 'colour', 'red'), (1, 'watts', '2000'), (2, 'colour', 'black'), (3, 'colour', 'red');
INSERT INTO descriptions VALUES
  (1, 1, 'de', 'Ein Kessel'), (2, 1, 'en', 'A kettle'), (3, 2, 'de', 'Eine Lampe'), (4, 3, 'en', 'A mug');
