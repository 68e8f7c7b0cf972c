CREATE TABLE films (
  film_id INT NOT NULL PRIMARY KEY,
  title VARCHAR(50) NOT NULL,
  minutes INT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE actors (
  actor_id VARCHAR(10) NOT NULL PRIMARY KEY,
  last_name VARCHAR(50) NOT NULL,
  born DATE NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE credits (
  film_id INT NOT NULL,
  actor_id VARCHAR(10) NOT NULL,
  billing INT NULL,
  part VARCHAR(50) NULL,
  fee DECIMAL(10, 2) NULL,
  signed DATETIME(6) NULL,
  kind VARCHAR(10) NOT NULL,
  PRIMARY KEY (film_id, actor_id),
  KEY credits_by_actor (actor_id, film_id),
  KEY credits_by_billing (film_id, billing, actor_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE halls (
  country VARCHAR(10) NOT NULL,
  number INT NOT NULL,
  seats INT NULL,
  PRIMARY KEY (country, number)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE shows (
  show_id BIGINT NOT NULL PRIMARY KEY,
  film INT NULL,
  hall_country VARCHAR(10) NULL,
  hall_number INT NULL,
  starts DATETIME NULL,
  sold INT NOT NULL,
  KEY shows_by_film (film, hall_country, hall_number, show_id),
  KEY shows_by_start (film, starts, hall_country, hall_number, show_id),
  KEY shows_by_hall (hall_country, hall_number, film, show_id),
  KEY shows_by_hall_and_start (hall_country, hall_number, starts, film, show_id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE friends (
  one VARCHAR(10) NOT NULL,
  other VARCHAR(10) NOT NULL,
  since DATE NULL,
  PRIMARY KEY (one, other),
  KEY friends_by_other (other, one)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE agents (
  client VARCHAR(10) NOT NULL PRIMARY KEY,
  agent VARCHAR(10) NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
