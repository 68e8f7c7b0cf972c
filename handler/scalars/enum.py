"""Enums: the names of the SDL, and what stands for them in a column (``@value``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from handler.scalars.scalar import NotSureError, UnfitValueError
from handler.scalars.string import Text
from handler.sql.stored_type import TEXTS, WHOLE_NUMBERS


class Enum(Text):
    """What all enums share: their columns hold texts, labels or whole numbers."""

    name = "an enum"
    fits = (TEXTS | WHOLE_NUMBERS) - {"set", "year", "bit"}
    preferred_by = frozenset(("enum",))
    has_prefixes = False
    offers_ranges = False
    can_be_claimed = False


def decode_enum(names: Mapping[str, str], value: bytes) -> str:
    """The enum's name of a column's value. Raises ``UnfitValueError``."""
    try:
        return names[value.decode()]
    except (KeyError, UnicodeDecodeError) as exc:
        raise UnfitValueError("the enum has no name for the value that is stored") from exc


def encode_enums(names: Mapping[str, str], column: Sequence[bytes]) -> Sequence[bytes]:
    """JSON strings of the names. Raises ``NotSureError`` for an unknown value."""
    quoted = {value.encode(): f'"{name}"'.encode() for value, name in names.items()}
    try:
        return [quoted[value] for value in column]
    except KeyError as exc:
        raise NotSureError from exc
