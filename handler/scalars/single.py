"""FLOAT, the number of 24 bits: by how many digits it is shown.

MySQL sends a FLOAT with six digits, which is not the number that is stored. Read with all of its
digits, as the DOUBLE that it is, 11111.11 would be 11111.1103515625; it is shown by the fewest
digits, from six on, that lead back to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from struct import pack, unpack
from typing import Final

from handler.scalars.scalar import Tests
from handler.sql.operators import Operator
from handler.sql.statement import SqlValue

_MOST: Final = 3.4028234663852886e38  # of a FLOAT
_DIGITS = range(6, 10)  # nine always lead back


def all_digits(name: str) -> str:
    """How a FLOAT column is selected, to be sent as the DOUBLE that it is."""
    return f"({name} + 0E0)"


def shortest(number: float) -> str:
    """The text of a FLOAT, given as the number that it is."""
    return _shortest([number])[0]


def shorten(column: Sequence[bytes | None]) -> list[bytes | None]:
    """Such texts of all values of a column, from those that a DOUBLE has."""
    present = iter(_shortest([float(text) for text in column if text is not None]))
    return [None if text is None else next(present).encode() for text in column]


def _shortest(numbers: Sequence[float]) -> list[str]:
    texts = [f"{number:.6g}" for number in numbers]
    wrong = _wrong(range(len(numbers)), numbers, texts)
    for digits in _DIGITS[1:]:
        for at in wrong:
            texts[at] = f"{numbers[at]:.{digits}g}"
        wrong = _wrong(wrong, numbers, texts)
    return texts


def _wrong(places: Sequence[int], numbers: Sequence[float], texts: Sequence[str]) -> list[int]:
    """Where a text is that of another FLOAT."""
    form = f"<{len(places)}f"
    try:
        found = unpack(form, pack(form, *(float(texts[at]) for at in places)))
    except OverflowError:  # rounded up beyond the largest
        if len(places) == 1:
            return list(places)
        return [at for place in places for at in _wrong([place], numbers, texts)]
    return [at for at, number in zip(places, found, strict=True) if number != numbers[at]]


def nearest(number: float | Decimal) -> float:
    """The FLOAT next to a number, as the number that a FLOAT is."""
    try:
        found: float = unpack("<f", pack("<f", float(number)))[0]
    except OverflowError:
        return _MOST if number > 0 else -_MOST
    return found


def compare_single(operator: Operator, given: SqlValue) -> Tests:
    """A FLOAT as it is shown: by the fewest digits that tell it from its neighbours."""
    assert isinstance(given, int | float | Decimal)
    number = Decimal(repr(given)) if isinstance(given, float) else Decimal(given)
    single = nearest(number)
    shown = Decimal(shortest(single))
    if number == shown:
        return ((operator, single),)
    if operator is Operator.EQUAL:
        return None
    if shown < number:
        return ((Operator.LESS_OR_EQUAL if operator.is_less else Operator.GREATER, single),)
    return ((Operator.LESS if operator.is_less else Operator.GREATER_OR_EQUAL, single),)
