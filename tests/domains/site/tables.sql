CREATE TABLE posts (
  id INT NOT NULL PRIMARY KEY,
  kind VARCHAR(10) NULL,
  title VARCHAR(50) NOT NULL,
  published DATETIME NULL,
  author INT NULL,
  parent INT NULL,
  menu_order INT NULL,
  excerpt VARCHAR(50) NULL,
  price DECIMAL(10, 2) NULL,
  weight FLOAT NULL,
  KEY posts_by_kind (kind, id),
  KEY goods_by_price (kind, price, id),
  KEY posts_by_title (title, id),
  KEY posts_by_time (published, id),
  KEY posts_by_author (author, id),
  KEY posts_by_parent (parent, id),
  KEY posts_by_excerpt (kind, excerpt, id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE authors (
  author_id INT NOT NULL PRIMARY KEY,
  name VARCHAR(50) NOT NULL,
  favourite INT NULL,
  KEY authors_by_name (name, author_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE comments (
  comment_id INT NOT NULL PRIMARY KEY,
  post INT NULL,
  text VARCHAR(50) NOT NULL,
  KEY comments_by_post (post, comment_id),
  KEY comments_by_text (post, text, comment_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
