"""The limit of time in the words of each server, and where MySQL's hint has to stand."""

from __future__ import annotations

import pytest

from handler.sql.comment import comment_of
from handler.sql.tokens import end_of_select
from handler.stores.mysql.time_limit import limit_time

HINT = " /*+ MAX_EXECUTION_TIME(2500) */"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("SELECT", " 1", id="as-the-compiler-writes-it"),
        pytest.param("select", "(1)", id="small-letters"),
        pytest.param(" \n\tSELECT", " 1", id="blanks"),
        pytest.param("((SELECT", " 1) LIMIT 1)", id="parentheses"),
        pytest.param("/* SELECT */ -- SELECT\n# SELECT\nSELECT", " 1", id="comments"),
        pytest.param("/* größer */ SELECT", " 'ü'", id="letters-of-several-bytes"),
        pytest.param("WITH a AS (SELECT 1) SELECT", " * FROM a", id="with"),
        pytest.param(
            "with recursive `SELECT` (b) as (select ')' union select 2), c as (select 3) select",
            " 4 from c union select 5",
            id="with-several",
        ),
        pytest.param("(WITH a AS (SELECT 1) SELECT", " 2)", id="with-in-parentheses"),
        pytest.param("SELECT", " (SELECT 1) FROM (SELECT 2) b", id="queries-within"),
    ],
)
def test_the_hint_of_mysql_stands_in_the_query_itself(before: str, after: str) -> None:
    text = f"{before}{after}".encode()
    assert limit_time(text, 2.5, mariadb=False).decode() == f"{before}{HINT}{after}"
    prefix = "SET STATEMENT max_statement_time=2.500 FOR "
    assert limit_time(text, 2.5, mariadb=True).decode() == f"{prefix}{before}{after}"
    comment = comment_of("Orders", "0f21b7c9aa31cc09")
    shown = " /* Orders 0f21b7c9aa31 */"
    limited = limit_time(text, 2.5, mariadb=False, comment=comment)
    assert limited.decode() == f"{before}{HINT}{shown}{after}"
    limited = limit_time(text, 2.5, mariadb=True, comment=comment)
    assert limited.decode() == f"{prefix}{before}{shown}{after}"


@pytest.mark.parametrize(
    "text",
    [
        "EXPLAIN FORMAT=TRADITIONAL SELECT 1",
        "SHOW TABLES",
        "TABLE a",
        "WITH a AS (SELECT 1) TABLE a",
        "WITH a AS (SELECT 1) (SELECT 2)",
        "UPDATE a SET b = (SELECT 1)",
        "SELECTED",
        "'SELECT'",
        "",
    ],
)
def test_what_is_no_query_has_no_place_for_it(text: str) -> None:
    assert end_of_select(text) is None
    comment = comment_of("Orders", "0f21b7c9aa31cc09")
    assert limit_time(text.encode(), 2.5, mariadb=False, comment=comment) == text.encode()
    limited = limit_time(text.encode(), 2.5, mariadb=True, comment=comment).decode()
    assert limited == f"SET STATEMENT max_statement_time=2.500 FOR {text}"


def test_no_limit_is_shorter_than_a_millisecond() -> None:
    """To MySQL 0 means none."""
    assert limit_time(b"SELECT 1", 0.0, mariadb=False) == b"SELECT /*+ MAX_EXECUTION_TIME(1) */ 1"
