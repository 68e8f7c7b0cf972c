"""Scalars: one object in one module for each, with all that is known of it.

How JSON and literals become its values, what goes into SQL and how columns compare to it, what it
is in the bytes that the server sends and in the JSON that goes out, and which columns it fits. A
new scalar is a module here, its object in ``_ALL``, a test and a line in docs/sdl.md. This room
knows no document and no table, so that the language reads literals by it, too.

``scalar`` is the base class. The scalars are ``int``, ``float``, ``string``, ``boolean``, ``id``,
``date_time``, ``date``, ``time``, ``decimal``, ``big_int``, ``uuid``, ``bytes``, ``json`` and
``geo_json``, ``enum`` for all enums, and ``labels`` for all lists of a SET. ``numbers``, ``single``
(FLOAT), ``dates`` and ``seconds`` are what several share.
Source: https://spec.graphql.org/September2025/#sec-Scalars
"""

from __future__ import annotations

from typing import Any, Final

from handler.scalars.big_int import BigInt
from handler.scalars.boolean import Boolean
from handler.scalars.bytes import Bytes
from handler.scalars.date import Date
from handler.scalars.date_time import DateTime
from handler.scalars.decimal import Decimal
from handler.scalars.enum import Enum
from handler.scalars.float import Float
from handler.scalars.geo_json import GeoJson
from handler.scalars.id import Id, IntegerId
from handler.scalars.int import Int
from handler.scalars.json import Json
from handler.scalars.labels import Labels
from handler.scalars.scalar import Scalar, UnfitValueError, ways_to_say
from handler.scalars.string import String
from handler.scalars.time import Time
from handler.scalars.uuid import Uuid
from handler.sql.stored_type import Kind

_ANY: Final = Json()
_LABELS: Final = Labels()
_ALL: Final[tuple[Scalar, ...]] = (
    Int(),
    Float(),
    String(),
    Boolean(),
    Id(),
    DateTime(),
    Date(),
    Time(),
    Decimal(),
    BigInt(),
    Uuid(),
    Bytes(),
    _ANY,
    GeoJson(),
)


class _ByName(dict[str, Scalar]):
    """Scalars by name, and of lists such as ``[String!]``; for any other the one that was given."""

    def __init__(self, other: Scalar) -> None:
        super().__init__((scalar.name, scalar) for scalar in _ALL)
        self._other = other

    def __missing__(self, name: str) -> Scalar:
        return _LABELS if name.startswith("[") else self._other


SCALARS: Final = _ByName(_ANY)  # of values: a scalar that only the SDL knows takes any, as JSON
_ENUM: Final = Enum()
COLUMNS: Final = _ByName(_ENUM)  # of columns, whose other types are enums
INTEGER_ID: Final = IntegerId()
_PREFERRED: Final = {said: each for each in (*_ALL, _ENUM, _LABELS) for said in each.preferred_by}


def item_of(scalar: str) -> str:
    """The name of what a list of labels is of; any other name is itself."""
    return scalar.strip("[!]")


def scalar_of(column_type: str) -> Scalar | None:
    """What shows all that a column may hold, and best; None where nothing does.

    ``column_type``: as the catalogue has it, such as ``int(10) unsigned``, in small letters;
    ``json`` for a JSON of MariaDB, which it calls ``longtext``. Of an ENUM it is what all enums
    share, of a SET what all lists of labels do; never an ``ID``, because types do not tell keys.
    """
    said = ways_to_say(column_type)
    return next((_PREFERRED[each] for each in said if each in _PREFERRED), None)


def sdl() -> str:
    """The definitions of those that are not of the specification, as SDL."""
    return "\n\n".join(
        f'"""{scalar.description}"""\nscalar {scalar.name}'
        + (f' @specifiedBy(url: "{scalar.specified_by}")' if scalar.specified_by else "")
        for scalar in _ALL
        if scalar.description
    )


def decode_value(scalar: str, kind: Kind, value: bytes) -> Any:
    """A stored value as Python has it. Raises ``UnfitValueError``."""
    try:
        return SCALARS[scalar].decode(kind, value)
    except (ValueError, OverflowError, RecursionError) as exc:
        raise _unfit(scalar) from exc


def output_value(scalar: str, kind: Kind, value: bytes) -> Any:
    """A stored value for an answer, which orjson writes. Raises ``UnfitValueError``."""
    try:
        return SCALARS[scalar].output(kind, value)
    except (ValueError, OverflowError, RecursionError) as exc:
        raise _unfit(scalar) from exc


def _unfit(scalar: str) -> UnfitValueError:
    return UnfitValueError(f"{scalar} cannot represent the value that is stored")
