CREATE TABLE books (
  book_id INT PRIMARY KEY,
  title VARCHAR(100) NOT NULL,
  blurb TEXT NULL,
  FULLTEXT KEY books_words (title, blurb)
);

INSERT INTO books (book_id, title, blurb) VALUES
  (1, 'The Whale', 'A ship looks for a whale.'),
  (2, 'Islands', 'Birds, seals and now and then a whale.'),
  (3, 'The Garden', 'Nothing but beans.'),
  (4, 'Whale Songs', 'How the whale sings, and why a whale listens.'),
  (5, 'Ships in Bottles', NULL);
