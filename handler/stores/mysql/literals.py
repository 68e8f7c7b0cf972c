"""Values as literals of SQL, read alike under every mode and character set of the server.

A backslash escapes or does not (``NO_BACKSLASH_ESCAPES``), and where the server takes the text for
one of another character set, a backslash may be the second half of a letter. So a text that holds
anything with a meaning inside of quotes is written in hexadecimal, where nothing has one.
"""

from __future__ import annotations

import re
from decimal import Decimal

from handler.errors import InputError, LimitError
from handler.sql.statement import MAX_STATEMENT_BYTES, SqlValue, Statement
from handler.stores.mysql.time_limit import MAX_LIMIT_BYTES

_SPECIAL = re.compile(r"[\x00-\x1f'\"\\]")


def text_of(statement: Statement) -> bytes:
    """The statement with its parameters as literals, short enough for the time limit before it.

    Raises ``InputError`` for a value that is no text, and ``LimitError`` for too long ones.
    """
    try:
        text = (statement.text % tuple(map(literal, statement.parameters))).encode()
    except UnicodeEncodeError:  # its text would quote the value
        raise InputError("a text holds half of a surrogate pair, which is no character") from None
    if len(text) + MAX_LIMIT_BYTES > MAX_STATEMENT_BYTES:
        raise LimitError(
            f"the arguments make a statement of {len(text) + MAX_LIMIT_BYTES} bytes, more than the"
            f" limit of {MAX_STATEMENT_BYTES}; give fewer or shorter values"
        )
    return text


def literal(value: SqlValue) -> str:
    """The literal of a value. Raises UnicodeEncodeError for half of a surrogate pair."""
    match value:
        case str():
            if _SPECIAL.search(value):
                return f"_utf8mb4 X'{value.encode().hex()}'"
            return f"'{value}'"
        case None:
            return "NULL"
        case bytes():
            return f"_binary X'{value.hex()}'"
        case Decimal():
            return format(value, "f")
        case float():
            text = repr(value)
            return text if "e" in text else f"{text}e0"  # without an exponent it is a DECIMAL
        case int():
            return str(int(value))
