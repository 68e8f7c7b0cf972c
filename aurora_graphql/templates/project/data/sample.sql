INSERT INTO authors (author_id, name) VALUES
  (1, 'Mary Shelley'),
  (2, 'Jules Verne'),
  (3, 'Herman Melville');

INSERT INTO books (author_id, title, published_on) VALUES
  (1, 'Frankenstein', '1818-01-01'),
  (1, 'The Last Man', '1826-02-01'),
  (2, 'Around the World in Eighty Days', '1873-01-30'),
  (2, 'Twenty Thousand Leagues Under the Seas', '1870-06-20'),
  (3, 'Moby-Dick', '1851-10-18');
