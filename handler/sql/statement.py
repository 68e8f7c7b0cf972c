"""SQL as a value: a text that carries its parameters, and the whole statement made of such parts.

Parts are joined, never appended to from the side, so a part that is dropped takes its values with
it, and one that stands twice brings them twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final, TypeAlias

from msgspec import Struct

MAX_STATEMENT_BYTES: Final = 16_384 - 1  # RDS Proxy pins on statements of 16 KB and more

# At the end of a statement without a limit of its own, such as one about the catalogue: where the
# server has a ``sql_select_limit``, it would be cut without a word.
EVERY_ROW: Final = " LIMIT 18446744073709551615"

SqlValue: TypeAlias = str | bytes | int | float | Decimal | None


class Sql(Struct, frozen=True):
    """A part of a statement: ``text`` with one ``%s`` for each of ``parameters``.

    >>> sql("a.`x` = ", value(7), " AND ", sql("a.`y` IS NULL"))
    Sql(text='a.`x` = %s AND a.`y` IS NULL', parameters=(7,))
    """

    text: str
    parameters: tuple[SqlValue, ...] = ()


class Statement(Struct, frozen=True):
    """One whole statement: a text with as many places as it has parameters.

    ``batch``: the number of the one that it was written for, for whoever watches the database.
    """

    text: str
    parameters: tuple[SqlValue, ...]
    batch: int | None = None

    @classmethod
    def of(cls, whole: Sql, batch: int | None = None) -> Statement:
        """The statement that a part makes by itself.

        Raises ``ValueError`` for another number of places than of values.
        """
        places = whole.text.replace("%%", "").count("%s")
        if places != len(whole.parameters):
            raise ValueError(
                f"a statement with {places} places for values has {len(whole.parameters)} of them"
            )
        return cls(whole.text, whole.parameters, batch)


def sql(*parts: str | Sql) -> Sql:
    """Parts one after the other; a plain text is one without values."""
    text = ""
    parameters: tuple[SqlValue, ...] = ()
    for part in parts:
        if part.__class__ is str:
            text += part
        else:
            text += part.text  # type: ignore[union-attr]  # the other class
            parameters += part.parameters  # type: ignore[union-attr]
    return Sql(text, parameters)


def value(given: SqlValue) -> Sql:
    """A place, and the value for it."""
    return Sql("%s", (given,))


def values(given: Iterable[SqlValue]) -> Sql:
    """Places separated by commas, and their values."""
    parameters = tuple(given)
    return Sql(", ".join(["%s"] * len(parameters)), parameters)


def join(separator: str, parts: Iterable[Sql]) -> Sql:
    """Parts with a text between them."""
    found = list(parts)
    if len(found) == 1:
        return found[0]
    return Sql(
        separator.join([part.text for part in found]),
        tuple([parameter for part in found for parameter in part.parameters]),
    )
