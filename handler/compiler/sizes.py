"""How many bytes a statement takes with its values in it: RDS Proxy pins on long ones."""

from __future__ import annotations

import re

from handler.sql.statement import MAX_STATEMENT_BYTES, Sql, SqlValue

_RESERVE_BYTES = 256  # for the time limit that the connection adds
MOST_BYTES = MAX_STATEMENT_BYTES - _RESERVE_BYTES
# What must be left for the keys of parents, so that a level is never split because a caller sends
# long values: 700 whole numbers or 150 texts of 36 characters.
KEYS_BYTES = 6_144


def most_bytes(whole: Sql) -> int:
    """The most that a statement takes with its parameters in it."""
    # Four bytes of UTF-8 for a character, each of them escaped: quick, and nearly always enough.
    literals = sum(
        8 * len(value) + 12 if isinstance(value, str | bytes) else len(str(value)) + 4
        for value in whole.parameters
    )
    text_bytes = len(whole.text.encode())
    if text_bytes + literals > MOST_BYTES:
        literals = sum(map(literal_bytes, whole.parameters))
    return text_bytes + literals


# What makes ``stores/mysql/literals.py`` write a text in hexadecimal; a test compares the two.
_HEXADECIMAL = re.compile(r"[\x00-\x1f'\"\\]")


def literal_bytes(value: SqlValue) -> int:
    """The most that a value takes as an escaped literal."""
    if isinstance(value, str):
        size = len(value.encode(errors="surrogatepass"))
        # _utf8mb4 X'...' or '...'
        return size * 2 + 12 if _HEXADECIMAL.search(value) else size + 2
    if isinstance(value, bytes):
        return len(value) * 2 + 11  # _binary X'...'
    return len(str(value)) + 4
