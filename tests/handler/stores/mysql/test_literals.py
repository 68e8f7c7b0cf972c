"""Literals: one way to read each, whatever the server's mode and character set."""

from __future__ import annotations

from decimal import Decimal

import pytest

from handler.compiler.sizes import literal_bytes
from handler.errors import LimitError
from handler.sql.comment import comment_of
from handler.sql.statement import MAX_STATEMENT_BYTES, SqlValue, Statement
from handler.stores.mysql.literals import literal, text_of
from handler.stores.mysql.time_limit import limit_time


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("plain text 大輔 🎉", "'plain text 大輔 🎉'", id="text"),
        pytest.param("", "''", id="empty"),
        pytest.param("it's", "_utf8mb4 X'69742773'", id="quote"),
        pytest.param("\\", "_utf8mb4 X'5c'", id="backslash"),
        pytest.param("é\0", "_utf8mb4 X'c3a900'", id="nul"),
        pytest.param("%s", "'%s'", id="percent"),
        pytest.param(b"\xff'", "_binary X'ff27'", id="bytes"),
        pytest.param(-5, "-5", id="whole number"),
        pytest.param(True, "1", id="truth"),
        pytest.param(0.1, "0.1e0", id="float"),
        pytest.param(1e-7, "1e-07", id="small float"),
        pytest.param(Decimal("19.90"), "19.90", id="decimal"),
        pytest.param(Decimal("1E+3"), "1000", id="decimal with an exponent"),
        pytest.param(None, "NULL", id="null"),
    ],
)
def test_value_is_written(value: SqlValue, expected: str) -> None:
    assert literal(value) == expected


@pytest.mark.parametrize("value", ["'" * 20, "🎉'" * 7, "x" * 20, b"\0" * 20, "", b"", 2**64, 0.1])
def test_no_literal_is_longer_than_the_compiler_counts_on(value: SqlValue) -> None:
    assert len(literal(value).encode()) <= literal_bytes(value)


@pytest.mark.parametrize(
    "values",
    [
        pytest.param(("a", 5, True, 2.0, None, Decimal("1E+2"), b"x", "größe"), id="plain-texts"),
        pytest.param(("a", 5, "it's", "b\\", ""), id="one-text-needs-another-form"),
        pytest.param((1, False), id="no-text"),
    ],
)
def test_many_values_are_written_as_each_is(values: tuple[SqlValue, ...]) -> None:
    statement = Statement(f"SELECT {', '.join(['%s'] * len(values))}", values)
    assert text_of(statement).decode() == f"SELECT {', '.join(map(literal, values))}"


def test_half_a_surrogate_pair_is_no_text() -> None:
    with pytest.raises(UnicodeEncodeError):
        literal("'\ud800")


@pytest.mark.parametrize("mariadb", [True, False])
@pytest.mark.parametrize("seconds", [0.0, 0.0014, 29.0, 900.0])
def test_no_text_is_too_long_with_its_time_limit_and_comment(seconds: float, mariadb: bool) -> None:
    room = MAX_STATEMENT_BYTES
    while True:
        try:
            text = text_of(Statement("SELECT %s", ("x" * room,)))
            break
        except LimitError:
            room -= 1
    comment = comment_of("N" * 1_000, "f" * 32)
    limited = limit_time(text, seconds, mariadb=mariadb, comment=comment)
    assert 0 < MAX_STATEMENT_BYTES - len(limited) < 64


def test_a_text_too_long_says_how_long_and_what_to_do() -> None:
    with pytest.raises(LimitError) as caught:
        text_of(Statement("SELECT %s", ("x" * 16_400,)))
    assert str(caught.value) == (
        "the arguments make a statement of 16532 bytes, more than the limit of 16383; give fewer"
        " or shorter values"
    )
