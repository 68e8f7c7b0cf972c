CREATE TABLE posts (
  post_id INT NOT NULL PRIMARY KEY,
  post_type VARCHAR(10) NOT NULL,
  title VARCHAR(50) NOT NULL,
  author_id INT NOT NULL,
  deleted_at DATETIME NULL,
  KEY posts_by_type (post_type, post_id),
  KEY posts_by_author (author_id, post_id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE authors (
  author_id INT NOT NULL PRIMARY KEY,
  name VARCHAR(30) NOT NULL
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE TABLE comments (
  comment_id INT NOT NULL PRIMARY KEY,
  subject_type VARCHAR(10) NOT NULL,
  subject_id INT NOT NULL,
  text VARCHAR(100) NOT NULL,
  KEY comments_by_subject (subject_type, subject_id, comment_id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
INSERT INTO authors VALUES (1, 'Ida'), (2, 'Jon');
INSERT INTO posts VALUES
  (1, 'post', 'A quiet harbour', 1, NULL),
  (2, 'post', 'Nothing to see', 1, '2026-01-05 10:00:00'),
  (3, 'page', 'Imprint', 2, NULL),
  (4, 'post', 'Tea in the north', 2, NULL),
  (5, 'page', 'Old prices', 2, '2025-03-01 08:00:00');
INSERT INTO comments VALUES
  (1, 'post', 1, 'Lovely'), (2, 'author', 1, 'Write more!'), (3, 'post', 4, 'Which tea?'),
  (4, 'post', 2, 'Gone?'), (5, 'post', 1, 'Where is it?');
