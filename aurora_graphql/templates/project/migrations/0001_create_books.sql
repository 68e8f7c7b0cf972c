-- Valid on MariaDB 10.11, MySQL 8 and Aurora MySQL 3. Each index serves one list of the API, in its order;
-- a list that runs downwards reads its index backwards.

CREATE TABLE authors (
  author_id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARCHAR(200) NOT NULL,
  PRIMARY KEY (author_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;

CREATE TABLE books (
  book_id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  author_id INT UNSIGNED NOT NULL,
  title VARCHAR(200) NOT NULL,
  published_on DATE NULL,
  PRIMARY KEY (book_id),
  KEY books_by_title (title, book_id),
  KEY books_by_day (published_on, title, book_id),
  KEY books_by_author (author_id, published_on, book_id),
  CONSTRAINT books_author FOREIGN KEY (author_id) REFERENCES authors (author_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;
