CREATE TABLE posts (
  id INT NOT NULL PRIMARY KEY,
  post_type VARCHAR(20) NOT NULL,
  post_title VARCHAR(100) NOT NULL,
  menu_order INT NULL,
  excerpt VARCHAR(200) NULL,
  KEY posts_by_type (post_type, id)
);

INSERT INTO posts VALUES
  (1, 'page', 'About', 2, NULL),
  (2, 'post', 'Hello', NULL, 'The first post'),
  (3, 'revision', 'Hello', NULL, 'The first pots'),
  (4, 'page', 'Contact', 1, NULL),
  (5, 'post', 'Again', NULL, NULL);
