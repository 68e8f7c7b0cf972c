CREATE TABLE categories (category_id INT NOT NULL PRIMARY KEY, name VARCHAR(40) NOT NULL);
CREATE TABLE films (
  film_id INT NOT NULL PRIMARY KEY, title VARCHAR(100) NOT NULL, description VARCHAR(500) NULL,
  minutes INT NOT NULL, released DATE NULL, KEY films_by_title (title, film_id)
);
CREATE TABLE film_category (
  film_id INT NOT NULL, category_id INT NOT NULL, PRIMARY KEY (film_id, category_id),
  KEY film_category_by_category (category_id, film_id)
);
CREATE TABLE actors (
  actor_id INT NOT NULL PRIMARY KEY, last_name VARCHAR(40) NOT NULL, first_name VARCHAR(40) NOT NULL
);
CREATE TABLE film_actor (
  film_id INT NOT NULL, actor_id INT NOT NULL, billing INT NOT NULL, part VARCHAR(40) NULL,
  PRIMARY KEY (film_id, actor_id), KEY film_actor_by_actor (actor_id, film_id),
  KEY film_actor_by_billing (film_id, billing, actor_id)
);

INSERT INTO categories VALUES (1, 'Comedy'), (2, 'Drama'), (3, 'Horror');
INSERT INTO films VALUES
  (1, 'Arctic Academy', 'A thoughtful tale of a school in the ice', 86, '2019-05-01'),
  (2, 'Bright Harbour', 'Two sailors and a lighthouse', 121, '2021-10-12'),
  (3, 'Cellar Door', 'What waits behind it', 95, '2020-10-31'),
  (4, 'Drifting Home', 'A sailor comes back after twenty years', 140, NULL);
INSERT INTO film_category VALUES (1, 1), (2, 1), (2, 2), (3, 3), (4, 2);
INSERT INTO actors VALUES (1, 'West', 'Ada'), (2, 'Olsen', 'Bo'), (3, 'Marr', 'Cleo');
INSERT INTO film_actor VALUES
  (1, 1, 1, 'The teacher'), (1, 2, 2, NULL), (2, 1, 2, 'The keeper'), (2, 3, 1, 'Captain Roe'),
  (3, 2, 1, 'The tenant'), (4, 3, 1, 'Odd'), (4, 1, 2, 'Penny');
