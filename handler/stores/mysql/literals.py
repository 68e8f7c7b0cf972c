"""Values as SQL literals that mean the same in every SQL mode and character set of the server.

A backslash may or may not escape (``NO_BACKSLASH_ESCAPES``), and in another character set it may be
the second byte of a letter. Therefore a text with any special character is written in
hexadecimal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from handler.errors import InputError, LimitError
from handler.sql.statement import MAX_STATEMENT_BYTES, SqlValue, Statement
from handler.stores.mysql.time_limit import MAX_ADDED_BYTES

_SPECIAL = re.compile(r"[\x00-\x1f'\"\\]")


def text_of(statement: Statement) -> bytes:
    """The text of a statement with its parameters as literals.

    Raises ``InputError`` for a value that is no text, and ``LimitError`` for too long ones.
    """
    try:
        parameters = statement.parameters
        literals: Iterable[str]
        if _SPECIAL.search("".join(map(str, parameters))):  # all texts are looked through at once
            literals = map(literal, parameters)
        else:
            literals = [
                f"'{v}'" if v.__class__ is str else f"{v}" if v.__class__ is int else literal(v)
                for v in parameters
            ]
        text = (statement.text % tuple(literals)).encode()
    except UnicodeEncodeError:  # its text would quote the value
        raise InputError("a text holds half of a surrogate pair, which is no character") from None
    if len(text) + MAX_ADDED_BYTES > MAX_STATEMENT_BYTES:
        raise LimitError(
            f"the arguments make a statement of {len(text) + MAX_ADDED_BYTES} bytes, more than the"
            f" limit of {MAX_STATEMENT_BYTES}; give fewer or shorter values"
        )
    return text


def literal(value: SqlValue) -> str:
    """The literal of a value. Raises ``UnicodeEncodeError`` for a lone surrogate."""
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
