CREATE TABLE orders (
  order_id INT NOT NULL PRIMARY KEY,
  name VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL
);

CREATE TABLE `lines` (
  order_id INT NOT NULL,
  line_id INT NOT NULL,
  quantity INT NOT NULL,
  state VARCHAR(20) NOT NULL,
  PRIMARY KEY (order_id, line_id)
);

CREATE TABLE notes (
  note_id INT NOT NULL PRIMARY KEY,
  body LONGTEXT CHARACTER SET utf8mb4 NOT NULL
);
