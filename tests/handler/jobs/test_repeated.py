"""What counts as "applied before", and what stays a mistake, in the words of both servers."""

from __future__ import annotations

import pytest
from pymysql.err import OperationalError

from handler.jobs.repeated import was_applied
from handler.jobs.script import words_of

DUPLICATE = 'Can\'t create table `shop`.`t` (errno: 121 "Duplicate key on write or update")'
FOREIGN_KEY = "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES p (x)"


@pytest.mark.parametrize(
    ("statement", "code", "text"),
    [
        pytest.param("CREATE TABLE t (x INT)", 1050, "", id="table"),
        pytest.param("create temporary\ttable t (x INT)", 1050, "", id="small-letters"),
        pytest.param("CREATE /* a */ UNIQUE -- b\n INDEX i ON t (x)", 1061, "", id="comments"),
        pytest.param("/*!50003 CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW SET @a = 1 */",
                     1359, "", id="trigger-in-an-executed-comment"),
        pytest.param("CREATE DEFINER=`user`@`role` TRIGGER r BEFORE INSERT ON t FOR EACH ROW SET"
                     " NEW.x = 1", 1359, "", id="trigger-of-a-user"),
        pytest.param("CREATE DEFINER=CURRENT_USER SQL SECURITY INVOKER VIEW v AS SELECT 1",
                     1050, "", id="view"),
        pytest.param("CREATE DATABASE d", 1007, "", id="database"),
        pytest.param("CREATE USER u@'%' IDENTIFIED BY 'table'", 1396, "", id="user"),
        pytest.param("ALTER TABLE t ADD COLUMN y INT", 1060, "", id="column"),
        pytest.param("ALTER TABLE t ADD INDEX i (x)", 1061, "", id="index"),
        pytest.param("ALTER TABLE t ADD PRIMARY KEY (x)", 1068, "", id="primary-key"),
        pytest.param(FOREIGN_KEY, 1826, "", id="foreign-key-mysql"),
        pytest.param(FOREIGN_KEY, 1005, DUPLICATE, id="foreign-key-mariadb"),
        pytest.param("ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0)", 3822, "", id="check-mysql"),
        pytest.param("ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0)", 1826, "", id="check-mariadb"),
        pytest.param("ALTER TABLE t DROP CONSTRAINT c", 3940, "", id="drop-constraint-mysql"),
        pytest.param("ALTER TABLE t DROP CHECK c", 3821, "", id="drop-check-mysql"),
        pytest.param("ALTER TABLE t DROP CONSTRAINT c", 1091, "", id="drop-constraint-mariadb"),
        pytest.param("ALTER TABLE t RENAME COLUMN x TO y", 1054, "", id="rename-column"),
        pytest.param("ALTER TABLE t CHANGE x y INT", 1054, "", id="change-column"),
        pytest.param("ALTER TABLE t RENAME INDEX i TO j", 1176, "", id="rename-index"),
        pytest.param("ALTER TABLE t RENAME TO u", 1146, "", id="rename-in-alter"),
        pytest.param("RENAME TABLE t TO u", 1050, "", id="rename-mysql"),
        pytest.param("RENAME TABLE t TO u", 1146, "", id="rename-mariadb"),
        pytest.param("DROP TABLES t, u", 1051, "", id="drop-tables"),
        pytest.param("DROP VIEW v", 1051, "", id="drop-view-mysql"),
        pytest.param("DROP VIEW v", 4092, "", id="drop-view-mariadb"),
        pytest.param("DROP TRIGGER r", 1360, "", id="drop-trigger"),
        pytest.param("DROP DATABASE d", 1008, "", id="drop-database"),
        pytest.param("REVOKE SELECT ON t FROM u", 1147, "", id="revoke"),
    ],
)  # fmt: skip
def test_an_answer_to_the_same_statement_again_counts(statement: str, code: int, text: str) -> None:
    assert was_applied(statement, OperationalError(code, text))


@pytest.mark.parametrize(
    ("statement", "code", "text"),
    [
        pytest.param("CREATE TABLE t (x INT, x INT)", 1060, "", id="column-twice-in-one-table"),
        pytest.param("CREATE TABLE t (x INT, KEY i (x), KEY i (x))", 1061, "", id="index-twice"),
        pytest.param("CREATE TABLE t (x INT PRIMARY KEY, PRIMARY KEY (x))", 1068, "", id="keys"),
        pytest.param("CREATE TABLE t (x INT, CONSTRAINT f CHECK (x > 0))", 3822, "",
                     id="name-of-a-check-of-another-table"),
        pytest.param("CREATE TABLE t (x INT, CONSTRAINT f FOREIGN KEY (x) REFERENCES p (x))",
                     1005, DUPLICATE, id="name-of-a-foreign-key-of-another-table"),
        pytest.param(FOREIGN_KEY, 1005, "Can't create table `shop`.`t` (errno: 150 \"Foreign key"
                     " constraint is incorrectly formed\")", id="foreign-key-that-does-not-fit"),
        pytest.param(FOREIGN_KEY, 1452, "", id="rows-without-parent"),
        pytest.param(FOREIGN_KEY, 1824, "", id="table-that-is-not-there"),
        pytest.param("CREATE VIEW v AS SELECT x FROM t", 1146, "", id="view-of-no-table"),
        pytest.param("CREATE VIEW v AS SELECT x FROM t", 1054, "", id="view-of-no-column"),
        pytest.param("ALTER TABLE t ADD INDEX i (x)", 1146, "", id="index-of-no-table"),
        pytest.param("ALTER TABLE t ADD INDEX i (x)", 1072, "", id="index-of-no-column"),
        pytest.param("ALTER TABLE t MODIFY x BIGINT", 1054, "", id="modify-no-column"),
        pytest.param("DROP TRIGGER r", 1146, "", id="trigger-of-no-table"),
        pytest.param("ALTER TABLE t ADD COLUMN `change` INT", 1146, "", id="a-name-in-quotes"),
        pytest.param("INSERT INTO t VALUES (1)", 1062, "", id="row-twice"),
        pytest.param("INSERT INTO t SELECT 'CREATE TABLE'", 1050, "", id="no-ddl"),
        pytest.param("UPDATE t SET x = 1", 1054, "", id="no-column"),
        pytest.param("SELECT 1", 1050, "", id="select"),
        pytest.param("", 1050, "", id="nothing"),
    ],
)  # fmt: skip
def test_a_mistake_stays_one(statement: str, code: int, text: str) -> None:
    assert not was_applied(statement, OperationalError(code, text))


def test_an_error_without_a_number_says_nothing() -> None:
    assert not was_applied("CREATE TABLE t (x INT)", OperationalError())


def test_words_are_those_that_stand_by_themselves() -> None:
    text = "Alter /*! TABLE */ `a table` -- view\n ADD x(y) DEFAULT 'drop' # trigger\n /* user */"
    assert words_of(text) == ("ALTER", "TABLE", "ADD", "X", "Y", "DEFAULT")
