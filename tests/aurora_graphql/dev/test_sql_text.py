"""SQL on several lines: the same statement, in a width."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aurora_graphql.dev.sql_text import format_sql

GOLDEN = Path(__file__).parents[2] / "handler" / "golden"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("SELECT 1", ["SELECT 1"], id="short-stays-one-line"),
        pytest.param(
            "SELECT t0.`a`, t0.`b` FROM `t` t0 WHERE t0.`a` = 1 AND t0.`b` = 2 LIMIT 5",
            [
                "SELECT t0.`a`, t0.`b`",
                "FROM `t` t0",
                "WHERE t0.`a` = 1 AND t0.`b` = 2",
                "LIMIT 5",
            ],
            id="a-line-for-each-clause",
        ),
        pytest.param(
            "SELECT a FROM t WHERE `first_name` BETWEEN 'a' AND 'b' AND `last_name` = 'c'",
            [
                "SELECT a",
                "FROM t",
                "WHERE",
                "  `first_name` BETWEEN 'a' AND 'b'",
                "  AND `last_name` = 'c'",
            ],
            id="between-keeps-its-and",
        ),
        pytest.param(
            "SELECT a FROM (SELECT b FROM `a_long_name_of_a_table` WHERE c = 1) p0 LIMIT 1",
            [
                "SELECT a",
                "FROM",
                "  (",
                "    SELECT b",
                "    FROM `a_long_name_of_a_table`",
                "    WHERE c = 1",
                "  ) p0",
                "LIMIT 1",
            ],
            id="a-statement-inside-is-indented",
        ),
        pytest.param(
            "SELECT a FROM t WHERE b IN ('one, (', 'it''s', 'SELECT  FROM', X'1F', 'five', 'six')",
            [
                "SELECT a",
                "FROM t",
                "WHERE",
                "  b IN (",
                "    'one, (', 'it''s', 'SELECT  FROM', X'1F',",
                "    'five', 'six'",
                "  )",
            ],
            id="literals-are-left-alone",
        ),
    ],
)
def test_a_statement_is_laid_out(text: str, lines: list[str]) -> None:
    assert format_sql(text, 48).split("\n") == lines


def statements() -> list[str]:
    """What the compiler writes for the golden cases, on one line each."""
    found = []
    for file in sorted(GOLDEN.rglob("statements.sql")):
        lines = [each for each in file.read_text().splitlines() if not each.startswith("-- ")]
        found += [each.strip() for each in " ".join(lines).split(";") if each.strip()]
    return found


@pytest.mark.parametrize("width", [40, 96, 100_000])
def test_what_the_compiler_writes_changes_in_white_space_alone(width: int) -> None:
    written = statements()
    assert len(written) > 150
    for text in written:
        shown = format_sql(text, width)
        assert re.sub(r"\s+", "", shown) == re.sub(r"\s+", "", text)
        assert all(line == line.rstrip() for line in shown.split("\n"))


def test_a_wide_line_is_the_statement_as_it_was() -> None:
    for text in statements():
        assert format_sql(text, 100_000) == re.sub(r"\s+", " ", text)
