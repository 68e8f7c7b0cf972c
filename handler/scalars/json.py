"""``JSON``: any value. Scalars that only the SDL knows are taken for it, too."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import orjson

from handler.scalars.scalar import NotSureError, Scalar, compiled
from handler.sql.operators import Operator
from handler.sql.statement import Sql, SqlValue, join, sql, value
from handler.sql.stored_type import Kind

_STRING_OR_BLANKS = rb'("[^"\\]*(?:\\.[^"\\]*)*")|[ \t\n\r]+'
# In a number, or in a string, where it does no harm: more than a float of 64 bits holds for sure.
_MANY_DIGITS = rb"[0-9.]{16}|[0-9][eE][+-]?[0-9]"


class Document(Scalar):
    """A scalar whose values are JSON, whatever it is."""

    is_quoted = False
    has_order = False
    takes_any = True

    def parse(self, value: Any) -> Any:
        return value

    def decode(self, kind: Kind, value: bytes) -> Any:
        """Of numbers all digits: orjson, which knows 64 bits, only says whether it is JSON."""
        orjson.loads(value)
        return json.loads(value)

    def output(self, kind: Kind, value: bytes) -> Any:
        found = self.decode(kind, value)
        return orjson.Fragment(_as_stored(value)) if re.search(_MANY_DIGITS, value) else found

    def encode(self, kind: Kind, column: Sequence[bytes]) -> Sequence[bytes]:
        has_digits = compiled(_MANY_DIGITS).search
        try:
            return [
                _as_stored(value) if has_digits(value) else orjson.dumps(orjson.loads(value))
                for value in column
            ]
        except ValueError as exc:
            raise NotSureError from exc

    def serialize(self, value: Any) -> Any:
        return value


class Json(Document):
    """See the module."""

    name = "JSON"
    description = "Any JSON value."
    fits = frozenset(("json", "longtext", "mediumtext", "text"))  # MariaDB calls JSON longtext
    preferred_by = frozenset(("json",))
    is_compared_by_type = True  # MariaDB and MySQL differ; which one it is comes with the types
    compares_itself = True

    def parameter(self, value: Any) -> SqlValue:
        return json.dumps(value, ensure_ascii=False)  # all digits, which orjson does not write

    def compare(
        self, name: str, operator: Operator, given: Sequence[SqlValue], *, is_mariadb: bool
    ) -> Sql:
        """Whatever the order of members and the blanks between them."""
        same = [_equal(name, item, is_mariadb=is_mariadb) for item in given]
        return sql("(", join(" OR ", same), ")") if same else Sql("FALSE")


def _equal(name: str, given: SqlValue, *, is_mariadb: bool) -> Sql:
    """MariaDB keeps JSON as a text, and takes JSON_EQUALS of a NULL for true in a WHERE."""
    if is_mariadb:
        return sql(f"JSON_EQUALS({name}, ", value(given), ") = 1")
    parsed = sql("CAST(", value(given), " AS JSON)")
    return sql(f"CASE WHEN JSON_VALID({name}) THEN CAST({name} AS JSON) = ", parsed, " END")


def _as_stored(value: bytes) -> bytes:
    """JSON without the blanks between its parts: a number of many digits, read and written again,
    would be another. Raises ValueError for what is no JSON."""
    orjson.loads(value)
    return re.sub(_STRING_OR_BLANKS, rb"\1", value)
