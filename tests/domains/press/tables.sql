CREATE TABLE desks (
  desk_id INT NOT NULL PRIMARY KEY,
  tenant VARCHAR(10) NOT NULL,
  name VARCHAR(50) NOT NULL,
  budget INT NULL,
  KEY desks_by_tenant (tenant, desk_id),
  FULLTEXT KEY desks_words (name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE writers (
  writer_id INT NOT NULL PRIMARY KEY,
  name VARCHAR(50) NOT NULL,
  desk_id INT NULL,
  KEY writers_by_desk (desk_id, writer_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE items (
  item_id INT NOT NULL PRIMARY KEY,
  kind VARCHAR(10) NULL,
  title VARCHAR(50) NOT NULL,
  body VARCHAR(100) NULL,
  desk_id INT NULL,
  writer_id INT NULL,
  owner VARCHAR(10) NULL,
  year INT NULL,
  made_on DATE NULL,
  price DECIMAL(8, 2) NULL,
  KEY items_by_kind (kind, item_id),
  KEY items_by_desk (desk_id, item_id),
  KEY items_by_writer (writer_id, item_id),
  FULLTEXT KEY items_words (title, body),
  FULLTEXT KEY items_titles (title)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE notes (
  item_id INT NOT NULL,
  number INT NOT NULL,
  tenant VARCHAR(10) NOT NULL,
  stars INT NULL,
  text VARCHAR(50) NULL,
  PRIMARY KEY (item_id, number)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE tags (
  tag_id INT NOT NULL PRIMARY KEY,
  name VARCHAR(50) NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE item_tags (
  item_id INT NOT NULL,
  tag_id INT NOT NULL,
  tenant VARCHAR(10) NOT NULL,
  weight INT NOT NULL,
  PRIMARY KEY (item_id, tag_id),
  KEY tags_of_items (tag_id, item_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
