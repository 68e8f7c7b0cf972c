CREATE TABLE operators (
  operator_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name VARCHAR(40) NOT NULL,
  opens TIME NULL,
  PRIMARY KEY (operator_id),
  KEY (opens, operator_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE trains (
  train_id BINARY(16) NOT NULL,
  operator_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  next_id BINARY(16) NULL,
  token BINARY(16) NULL,
  name VARCHAR(40) NOT NULL,
  departs TIME NOT NULL,
  takes TIME(6) NULL,
  seal VARBINARY(6) NULL,
  days SET('sun', 'mon', 'on demand', 'Mon') CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  PRIMARY KEY (train_id),
  UNIQUE KEY (departs, train_id),
  KEY (takes, train_id),
  KEY (seal, train_id),
  KEY (days DESC, train_id),
  KEY (days, train_id DESC),
  KEY (token DESC, train_id),
  KEY (token, train_id DESC),
  KEY (operator_id, train_id),
  KEY (next_id, train_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE stops (
  train_id BINARY(16) NOT NULL,
  arrives TIME(3) NOT NULL,
  place VARCHAR(40) NOT NULL,
  PRIMARY KEY (train_id, arrives),
  KEY (arrives, train_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
