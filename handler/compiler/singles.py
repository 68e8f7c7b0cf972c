"""FLOAT, the number of 24 bits: by how many digits it is shown.

MySQL sends a FLOAT with six digits, which is not the number that is stored. Read with all of its
digits, as the DOUBLE that it is, 11111.11 would be 11111.1103515625; it is shown by the fewest
digits, from six on, that lead back to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import pack, unpack

MOST = 3.4028234663852886e38  # of a FLOAT
_DIGITS = range(6, 10)  # nine always lead back


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
