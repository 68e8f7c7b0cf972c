"""What the database says of a column: its type in the catalogue, its kind in an answer."""

from __future__ import annotations

from enum import Enum
from typing import Final

from msgspec import Struct

# Types by their names in ``information_schema.columns.data_type``.
WHOLE_NUMBERS: Final = frozenset(
    ("tinyint", "smallint", "mediumint", "int", "bigint", "year", "bit")
)
NUMBERS: Final = WHOLE_NUMBERS | {"decimal", "float", "double"}
CHARACTERS: Final = frozenset(("char", "varchar", "tinytext", "text", "mediumtext", "longtext"))
TEXTS: Final = CHARACTERS | {"enum", "set", "uuid", "inet4", "inet6"}

# Character sets of all Unicode: no text can be unfit for them.
WHOLE: Final = frozenset(("utf8mb4", "utf16", "utf16le", "utf32", "gb18030"))


class Kind(Enum):
    """What the server says that a column of an answer holds."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    TEXT = "text"
    BYTES = "bytes"

    __hash__ = object.__hash__  # that of enums is a function of Python, and each column asks


class StoredType(Struct, frozen=True):
    """The type of a column, as the catalogue of the database has it."""

    data_type: str  # such as "datetime"
    character_set: str | None = None  # of texts
    second_digits: int = 6  # behind the point, of a column of times
    labels: tuple[str, ...] = ()  # of an ENUM or a SET, in the order in which they sort
    collation: str | None = None  # of texts

    @property
    def holds_all(self) -> bool:
        """Whether it keeps texts of all characters."""
        return self.character_set in WHOLE

    def number(self, text: str) -> int | None:
        """What the server sorts an ENUM or a SET by: the place of its label, or the sum of a bit
        for each. None for a text that it cannot hold.

        Source: https://dev.mysql.com/doc/refman/8.0/en/enum.html#enum-sorting
        """
        places = {label: place for place, label in enumerate(self.labels)}
        if self.data_type == "enum":
            return 0 if text == "" and "" not in places else _after(places.get(text))
        found = [places.get(label) for label in text.split(",")] if text else []
        return None if None in found else sum(1 << place for place in found if place is not None)


def _after(place: int | None) -> int | None:
    return None if place is None else place + 1
