CREATE TABLE places (
  place_id INT NOT NULL PRIMARY KEY,
  name VARCHAR(40) NOT NULL
);

-- Whatever a list shows is covered by the index of some other list.
CREATE TABLE entries (
  entry_id INT NOT NULL PRIMARY KEY,
  at DATETIME NULL,
  place_id INT NOT NULL,
  state TINYINT NOT NULL,
  score INT NULL,
  label VARCHAR(40) COLLATE utf8mb4_unicode_520_ci NOT NULL,
  note VARCHAR(200) NOT NULL,
  KEY entries_by_time (at, entry_id),
  KEY entries_by_place (place_id, at, entry_id),
  KEY entries_by_label (label, entry_id),
  KEY entries_by_score (score DESC, entry_id),
  KEY entries_by_score_back (score, entry_id DESC), -- MySQL reads no range of the one above backwards
  KEY entries_by_state (state, score, entry_id),
  KEY entries_covered (state, at, place_id, label, score)
);
