"""Lists of labels: what a SET column holds, as texts or as the names that an enum has for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson

from handler.scalars.scalar import NotSureError, UnfitValueError
from handler.scalars.string import Text
from handler.sql.operators import Operator
from handler.sql.statement import Sql, SqlValue, sql, value
from handler.sql.stored_type import Kind


class Labels(Text):
    """What all lists share: of texts this is all; of an enum the names are another matter.

    The server sends the labels in the order of the column's type, joined by commas, which no label
    holds. A SET of no labels is an empty text; of an empty label it leaves out all but its comma.
    """

    name = "a list of an enum or of String"
    fits = frozenset(("set",))
    preferred_by = fits
    is_quoted = False
    has_prefixes = False
    can_be_claimed = False
    has_members = True
    compares_itself = True

    def compare(
        self, name: str, operator: Operator, given: Sequence[SqlValue], *, is_mariadb: bool
    ) -> Sql:
        """``HAS``: a list has this label. Of a SET itself the servers take ``a`` and ``A`` for one,
        whatever its collation; of its text they do not."""
        (label,) = given
        return sql("FIND_IN_SET(", value(label), f", CONCAT({name})) > 0")

    def decode(self, kind: Kind, value: bytes) -> list[str]:
        return list(map(bytes.decode, _labels(value)))

    def encode(self, kind: Kind, column: Sequence[bytes]) -> Sequence[bytes]:
        if kind is not Kind.TEXT:
            raise NotSureError
        return [orjson.dumps(self.decode(kind, value)) for value in column]


def decode_names(names: Mapping[str, str], value: bytes) -> list[str]:
    """The enum's names of the labels that a column holds. Raises ``UnfitValueError``."""
    try:
        return [names[label.decode()] for label in _labels(value)]
    except (KeyError, UnicodeDecodeError) as exc:
        raise UnfitValueError("the enum has no name for a label that is stored") from exc


def encode_names(names: Mapping[str, str], column: Sequence[bytes]) -> Sequence[bytes]:
    """JSON of the lists of names. Raises ``NotSureError`` for an unknown label."""
    quoted = {value.encode(): f'"{name}"'.encode() for value, name in names.items()}
    try:
        return [
            b"[" + b",".join([quoted[label] for label in _labels(value)]) + b"]" for value in column
        ]
    except KeyError as exc:
        raise NotSureError from exc


def _labels(value: bytes) -> list[bytes]:
    return value.split(b",") if value else []
