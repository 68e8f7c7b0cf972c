CREATE TABLE users (
  user_id VARCHAR(10) NOT NULL PRIMARY KEY,
  team VARCHAR(10) NOT NULL,
  gone TINYINT NOT NULL,
  KEY users_by_team (team, user_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE entries (
  entry_id INT NOT NULL PRIMARY KEY,
  kind ENUM('page', 'post', 'note', 'home') NOT NULL,
  user_id VARCHAR(10) NULL,
  parent_id INT NULL,
  title VARCHAR(50) NOT NULL,
  state ENUM('draft', 'live') NOT NULL,
  place INT NULL,
  price DECIMAL(8, 2) NULL,
  deleted_at DATETIME NULL,
  KEY entries_by_kind (kind, entry_id),
  KEY entries_by_user (user_id, place, entry_id),
  KEY entries_by_parent (parent_id, entry_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE comments (
  comment_id INT NOT NULL PRIMARY KEY,
  subject_kind VARCHAR(10) NOT NULL,
  subject_id INT NOT NULL,
  text VARCHAR(50) NOT NULL,
  score FLOAT NULL,
  written_at DATETIME(6) NULL,
  KEY comments_by_subject (subject_id, subject_kind, comment_id),
  KEY comments_by_time (subject_id, subject_kind, written_at, comment_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE tags (
  tag_id INT NOT NULL PRIMARY KEY,
  name VARCHAR(20) NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE entry_tags (
  entry_id INT NOT NULL,
  tag_id INT NOT NULL,
  weight INT NULL,
  hidden TINYINT NOT NULL,
  PRIMARY KEY (entry_id, tag_id),
  KEY entry_tags_by_tag (tag_id, entry_id),
  KEY entry_tags_by_weight (entry_id, weight, tag_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE texts (
  entry_id INT NOT NULL,
  language_id INT NOT NULL,
  body VARCHAR(50) NOT NULL,
  PRIMARY KEY (entry_id, language_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE attributes (
  entry_id INT NOT NULL,
  name VARCHAR(20) NOT NULL,
  value VARCHAR(50) NULL,
  PRIMARY KEY (entry_id, name)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
