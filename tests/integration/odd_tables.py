"""Tables with every type and name that a database of others may have, and rows of their ends."""

from __future__ import annotations

from collections.abc import Sequence

from handler.stores.url import DatabaseUrl
from tests.integration.servers import connect, is_mysql

_KINDS = """
CREATE TABLE `all kinds` (
  `id` INT UNSIGNED NOT NULL PRIMARY KEY AUTO_INCREMENT,
  `tiny` TINYINT, `tiny_u` TINYINT UNSIGNED, `flag` TINYINT(1) NOT NULL, `small` SMALLINT,
  `medium` MEDIUMINT UNSIGNED, `big` BIGINT, `big_u` BIGINT UNSIGNED, `zero` INT(5) ZEROFILL,
  `exact` DECIMAL(30, 10), `single` FLOAT, `double` DOUBLE, `bit_1` BIT(1), `bit_40` BIT(40),
  `year` YEAR, `time` TIME(3), `date` DATE, `datetime` DATETIME(6), `stamp` TIMESTAMP NULL,
  `zero date` DATE NOT NULL DEFAULT '0000-00-00',
  `zero_time` DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00',
  `char` CHAR(10), `text` TEXT, `latin` VARCHAR(20) CHARACTER SET latin1,
  `uuid` BINARY(16), `bytes` BINARY(4), `var_bytes` VARBINARY(20), `blob` BLOB,
  `enum` ENUM('a', 'b c', '', 'true', '2'), `set` SET('x', 'y z', 'w'), `json` JSON,
  `shape` GEOMETRY, `sum` INT AS (`tiny` + `small`) STORED, `hidden` INT INVISIBLE,
  `Größe` INT, `2nd` INT, `__typename` INT, `名前` INT, `api_key` VARCHAR(9),
  KEY `by_big` (`big`), KEY `by_exact` (`exact`), KEY `by_date` (`date`), KEY `by_time` (`time`),
  KEY `by_year` (`year`), KEY `by_datetime` (`datetime`), KEY `by_zero` (`zero date`),
  KEY `by_char` (`char`), KEY `by_uuid` (`uuid`), KEY `by_bytes` (`var_bytes`),
  KEY `by_enum` (`enum`), KEY `by_part` (`text`(5)), KEY `by_two` (`small`, `tiny`),
  KEY `by_latin` (`latin`), KEY `by_double` (`double`), FULLTEXT KEY `words` (`text`)
) COMMENT 'Every "kind" of column.\nIn two lines.'
"""
_NUMBERS = (
    "`tiny`, `tiny_u`, `flag`, `small`, `medium`, `big`, `big_u`, `zero`, `exact`, `single`,"
    " `double`, `bit_1`, `bit_40`"
)
_ROWS = (
    f"INSERT INTO `all kinds` ({_NUMBERS}) VALUES"
    " (-128, 255, 1, -32768, 16777215, -9223372036854775808, 18446744073709551615, 42,"
    " -12345678901234567890.0123456789, 1.5, 1e300, b'1', 0xFFFFFFFFFF),"
    " (127, 0, 0, 32767, 0, 9223372036854775807, 0, 0, 0, -0.5, 0.1, b'0', b'0'),"
    " (NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
    "INSERT INTO `all kinds` (`flag`, `year`, `time`, `date`, `datetime`, `stamp`, `zero date`,"
    " `zero_time`) VALUES"
    " (2, 1901, '-838:59:59', '1000-01-01', '1000-01-01 00:00:00', '1970-01-02 00:00:00',"
    " '2026-01-01', '2026-01-01 10:00:00'),"
    " (0, 2155, '08:30:00.5', '9999-12-31', '9999-12-31 23:59:59.999999', '2026-11-30 08:00:00',"
    " DEFAULT, DEFAULT)",
    "INSERT INTO `all kinds` (`flag`, `char`, `text`, `latin`, `uuid`, `bytes`, `var_bytes`, `blob`"
    ", `enum`, `set`, `json`, `shape`) VALUES"
    " (1, 'Ä😀', 'a \"b\" \\\\ \\n c', 'é', 0x00112233445566778899AABBCCDDEEFF, 0x00FF, 0x00,"
    " 0xFFFE, 'b c', 'x,y z', '{\"a\": [1, 2.25, null]}', ST_GeomFromText('POINT(1 2)')),"
    " (1, '', '', '', 0x00, '', '', '', '', '', '[]', NULL),"
    " (1, 'a', REPEAT('x', 3000), 'z', 0xFF, 'abcd', 'abc', 'abc', '2', 'w', 'null',"
    " ST_GeomFromText('POLYGON((0 0, 1 0, 1 1, 0 0))'))",
)
_OTHERS = (
    # keys of all kinds
    "CREATE TABLE `query` (`id` BINARY(16) NOT NULL PRIMARY KEY, `parent_id` BINARY(16),"
    " KEY (`parent_id`), CONSTRAINT `own` FOREIGN KEY (`parent_id`) REFERENCES `query` (`id`))",
    "INSERT INTO `query` VALUES (0x01, NULL), (0x02, 0x01), (0x03, 0x01), (0x0A, 0x03)",
    "CREATE TABLE `subscription` (`name` VARCHAR(20) COLLATE utf8mb4_unicode_520_ci NOT NULL"
    " PRIMARY KEY, `query` BINARY(16) NOT NULL, UNIQUE KEY (`query`),"
    " CONSTRAINT `to_query` FOREIGN KEY (`query`) REFERENCES `query` (`id`))",
    "INSERT INTO `subscription` VALUES ('b', 0x01), ('Ä', 0x03), ('z', 0x02)",
    "CREATE TABLE `query_connection` (`day` DATE NOT NULL, `kind` ENUM('x', 'a') NOT NULL,"
    " `at` DATETIME(3) NOT NULL, `amount` DECIMAL(9,2) NOT NULL,"
    " PRIMARY KEY (`day`, `at`, `amount`))",
    "INSERT INTO `query_connection` VALUES ('2026-01-02', 'x', '2026-01-01 00:00:00.5', 1.5),"
    " ('2026-01-02', 'a', '2026-01-01 00:00:00.5', 1.25), ('2026-01-01', 'a', '2027-01-01', 0)",
    "CREATE TABLE `__x` (`news` BIGINT UNSIGNED NOT NULL, `sheep` VARBINARY(8) NOT NULL,"
    " `n` INT, UNIQUE KEY (`n`), UNIQUE KEY `known` (`sheep`, `news`))",
    "INSERT INTO `__x` VALUES (18446744073709551615, 'b', 1), (0, 'b', NULL), (7, '', NULL)",
    # relations of all kinds
    "CREATE TABLE `orderItem` (`order id` INT NOT NULL, `n` SMALLINT NOT NULL, `of_day` DATE,"
    " `of_at` DATETIME(3), `of_amount` DECIMAL(9,2), PRIMARY KEY (`order id`, `n`),"
    " KEY (`of_day`, `of_at`, `of_amount`), CONSTRAINT `three` FOREIGN KEY"
    " (`of_day`, `of_at`, `of_amount`) REFERENCES `query_connection` (`day`, `at`, `amount`))",
    "INSERT INTO `orderItem` VALUES (1, 1, '2026-01-02', '2026-01-01 00:00:00.5', 1.5),"
    " (1, 2, '2026-01-01', '2027-01-01', 0), (2, 1, NULL, '2027-01-01', 0), "
    " (3, 1, NULL, NULL, NULL)",
    "CREATE TABLE `order_item` (`id` INT NOT NULL PRIMARY KEY, `name` VARCHAR(9),"
    " `friend_id` INT NOT NULL, `friend` VARCHAR(9), KEY (`friend_id`),"
    " FOREIGN KEY (`friend_id`) REFERENCES `order_item` (`id`))",
    "INSERT INTO `order_item` VALUES (1, 'a', 1, 'x'), (2, 'b', 1, NULL), (3, 'c', 2, 'y')",
    "CREATE TABLE `likes` (`liker` INT NOT NULL, `liked` INT NOT NULL, `since` DATE NOT NULL,"
    " PRIMARY KEY (`liker`, `liked`), KEY (`liked`, `since`), FOREIGN KEY (`liker`) REFERENCES"
    " `order_item` (`id`), FOREIGN KEY (`liked`) REFERENCES `order_item` (`id`))",
    "INSERT INTO `likes` VALUES (1, 2, '2026-01-02'), (1, 3, '2026-01-01'), (3, 2, '2026-01-01')",
    "CREATE TABLE `old` (`id` INT NOT NULL PRIMARY KEY, `name` VARCHAR(9), KEY (`name`))"
    " ENGINE = MyISAM",
    "INSERT INTO `old` VALUES (2, 'a'), (1, 'b')",
    "CREATE TABLE `pages` (`first` INT NOT NULL PRIMARY KEY, `after` VARCHAR(9), `from` INT,"
    " `order_by` DATE, `名` INT, `offset` INT, KEY (`after`), KEY (`from`, `order_by`), KEY (`名`),"
    " KEY (`offset`))",
    "INSERT INTO `pages` VALUES (1, 'b', 7, '2026-01-01', 2, 9), (3, 'a', 7, '2026-01-02', NULL,"
    " 9), (2, NULL, 7, NULL, 1, 8)",
    # indexes with columns of the key
    "CREATE TABLE `usage` (`file` INT NOT NULL, `type` INT NOT NULL, `id` INT NOT NULL, `n` INT,"
    " PRIMARY KEY (`file`, `type`, `id`), KEY (`type`, `id`), KEY (`n`, `file`),"
    " KEY (`type`, `n`))",
    "INSERT INTO `usage` VALUES (1, 1, 1, 5), (1, 2, 1, 5), (2, 1, 1, 4), (2, 1, 2, NULL)",
    # an id beside what would be one, names of 64 letters, partitions
    "CREATE TABLE `series` (`id` INT NOT NULL PRIMARY KEY, `series_id` INT,"
    " FOREIGN KEY (`series_id`) REFERENCES `series` (`id`))",
    "INSERT INTO `series` VALUES (1, NULL), (7, 1), (3, 7)",
    f"CREATE TABLE `{'x' * 64}` (`{'y' * 64}` INT NOT NULL PRIMARY KEY, `{'z' * 64}` INT,"
    f" CONSTRAINT `long` FOREIGN KEY (`{'z' * 64}`) REFERENCES `{'x' * 64}` (`{'y' * 64}`))",
    f"INSERT INTO `{'x' * 64}` VALUES (1, NULL), (7, 1), (3, 7)",
    "CREATE TABLE `parts` (`id` INT NOT NULL PRIMARY KEY, `n` INT, KEY (`n`)) PARTITION BY HASH"
    " (`id`) PARTITIONS 3",
    "INSERT INTO `parts` VALUES (1, 5), (2, 5), (3, NULL), (4, 6)",
    "CREATE TABLE `no_key` (`a` INT, `b` INT)",
    "CREATE TABLE `token` (`token` CHAR(9) NOT NULL PRIMARY KEY)",
    "CREATE VIEW `names` AS SELECT `id`, `name` FROM `order_item`",
)
_OF_MARIADB = (
    "CREATE TABLE `kinds_of_mariadb` (`id` UUID NOT NULL PRIMARY KEY, `six` INET6, `four` INET4,"
    " KEY (`six`))",
    "INSERT INTO `kinds_of_mariadb` VALUES"
    " ('00112233-4455-6677-8899-aabbccddeeff', '::1', '10.0.0.1'),"
    " ('f0112233-4455-6677-8899-aabbccddeeff', NULL, NULL)",
)
_OF_MYSQL = (
    "CREATE TABLE `kinds_of_mysql` (`my_row_id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT INVISIBLE"
    " PRIMARY KEY, `name` VARCHAR(20) COLLATE utf8mb4_0900_ai_ci NOT NULL, KEY (`name`),"
    " KEY `upper` ((UPPER(`name`))))",
    "INSERT INTO `kinds_of_mysql` (`name`) VALUES ('b'), ('Á'), ('a'), ('😀')",
)


# Of a blog: no foreign key, zeros for "none", a prefix, and one table of another engine.
_TEXTS = "CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci"
_BLOG = (
    "CREATE TABLE wp_users (ID BIGINT UNSIGNED NOT NULL PRIMARY KEY,"
    " user_login VARCHAR(60) NOT NULL, user_pass VARCHAR(255) NOT NULL,"
    " user_registered DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00',"
    f" KEY login (user_login)) {_TEXTS}",
    "CREATE TABLE wp_posts (ID BIGINT UNSIGNED NOT NULL PRIMARY KEY AUTO_INCREMENT,"
    " post_author BIGINT UNSIGNED NOT NULL DEFAULT 0, post_title TEXT NOT NULL,"
    " post_status VARCHAR(20) NOT NULL DEFAULT 'publish', post_type VARCHAR(20) NOT NULL,"
    " post_date DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00',"
    " post_parent BIGINT UNSIGNED NOT NULL DEFAULT 0, post_name VARCHAR(200) NOT NULL DEFAULT '',"
    " KEY post_name (post_name(191)), KEY type_status_date (post_type, post_status, post_date, ID),"
    f" KEY post_parent (post_parent)) {_TEXTS}",
    "CREATE TABLE wp_comments (comment_ID BIGINT UNSIGNED NOT NULL PRIMARY KEY,"
    " comment_post_ID BIGINT UNSIGNED NOT NULL DEFAULT 0, user_id INT NOT NULL DEFAULT 0,"
    f" KEY of_post (comment_post_ID)) {_TEXTS}",
    "CREATE TABLE wp_postmeta (meta_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,"
    " post_id BIGINT UNSIGNED NOT NULL, meta_key VARCHAR(255), KEY post_id (post_id))"
    " ENGINE = MyISAM",
    "CREATE TABLE wp_terms (term_id BIGINT UNSIGNED NOT NULL PRIMARY KEY, name VARCHAR(200))",
    "CREATE TABLE wp_term_relationships (post_id BIGINT UNSIGNED NOT NULL, term_id BIGINT UNSIGNED"
    " NOT NULL, term_order INT NOT NULL DEFAULT 0, PRIMARY KEY (post_id, term_id), KEY (term_id))",
    "INSERT INTO wp_users VALUES (1, 'ada', 'x', '2026-01-01'), (2, 'bo', 'y', DEFAULT)",
    "INSERT INTO wp_posts (ID, post_author, post_title, post_type, post_date, post_parent) VALUES"
    " (1, 1, 'Hello', 'post', '2026-01-01', 0), (2, 1, 'About', 'page', '2026-01-02', 0),"
    " (3, 9, 'Team', 'page', DEFAULT, 2), (4, 2, 'Jobs', 'page', '2026-01-02', 2)",
    "INSERT INTO wp_comments VALUES (1, 1, 1), (2, 1, 0), (3, 99, 2)",
    "INSERT INTO wp_postmeta VALUES (3, 1, 'a'), (1, 1, NULL), (2, 4, 'b')",
    "INSERT INTO wp_terms VALUES (1, 'news'), (2, 'tips')",
    "INSERT INTO wp_term_relationships VALUES (1, 1, 0), (1, 2, 1), (4, 2, 0), (77, 1, 0)",
)


def make_blog(url: DatabaseUrl) -> None:
    """Into an empty database."""
    _run(url, _BLOG)


def make_odd_tables(url: DatabaseUrl) -> None:
    """Into an empty database."""
    _run(url, (_KINDS, *_ROWS, *_OTHERS, *(_OF_MYSQL if is_mysql(url) else _OF_MARIADB)))


def _run(url: DatabaseUrl, statements: Sequence[str]) -> None:
    with connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SET sql_mode = 'STRICT_TRANS_TABLES', time_zone = '+00:00'")
        for statement in statements:
            cursor.execute(statement)
