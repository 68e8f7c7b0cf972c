"""Entries made by the server itself: so many that reading them in vain shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

PLACES = 50
LARGE_PLACE = 0  # has half of all entries

_DIGITS = " UNION ALL ".join(f"SELECT {digit} AS d" for digit in range(10))


def numbers(count: int) -> str:
    """A derived table ``numbers`` of the numbers ``n`` below ``count``, a power of ten or less."""
    places = len(str(count - 1))
    tables = ", ".join(f"({_DIGITS}) d{place}" for place in range(places))
    value = " + ".join(f"d{place}.d * {10**place}" for place in range(places))
    return f"(SELECT {value} AS n FROM {tables} HAVING n < {count} ORDER BY n) numbers"


def journal_statements(count: int) -> Iterator[str]:
    """What creates and fills the tables. Times and scores are in no order of the keys."""
    yield from filter(str.strip, (Path(__file__).parent / "tables.sql").read_text().split(";"))
    yield f"INSERT INTO places SELECT n, CONCAT('Place ', n) FROM {numbers(PLACES)}"
    yield (
        "INSERT INTO entries SELECT n,"
        f" IF(n % 50 = 0, NULL, TIMESTAMPADD(MINUTE, n * 7919 % {count // 3}, '2020-01-01')),"
        f" IF(n % 2 = 0, {LARGE_PLACE}, n % {PLACES}),"
        " n % 3,"
        " IF(n % 39 = 0, NULL, n * 104729 % 5000),"
        " CONCAT(CHAR(65 + n * 7 % 26), CRC32(n)),"
        " REPEAT('x', 100)"
        f" FROM {numbers(count)}"
    )
    yield "ANALYZE TABLE places, entries"
