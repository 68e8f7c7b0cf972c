"""``Date``: a day of the calendar."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from handler.scalars.dates import Day
from handler.scalars.scalar import Tests, match_all, refuse, serialize_text
from handler.sql.operators import Operator
from handler.sql.statement import SqlValue
from handler.sql.stored_type import Kind, StoredType

_DATE = rb"(?!0000)\d{4}-(?!00)\d\d-(?!00)\d\d\Z"
_WITH_TIMES = ("datetime", "timestamp")


class Date(Day):
    """See the module."""

    name = "Date"
    description = "A calendar date, `2026-11-23`."
    specified_by = "https://scalars.graphql.org/andimarek/local-date"
    fits = frozenset(("date", *_WITH_TIMES))
    preferred_by = frozenset(("date",))
    is_compared_by_type = True

    def parse(self, value: Any) -> date:
        if isinstance(value, str) and re.fullmatch(r"(?a)\d{4}-\d{2}-\d{2}", value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass  # a month 13
        raise refuse('Date needs a string such as "2026-11-23", found ', value)

    def parameter(self, value: date) -> SqlValue:
        return value.isoformat()

    def tests(self, operator: Operator, given: SqlValue, stored: StoredType) -> Tests:
        """A whole day of a column that holds times; days without a month sort between two."""
        if stored.data_type not in _WITH_TIMES:
            return ((operator, given),)
        day = str(given)
        start, end = f"{day} 00:00:00", f"{day} 23:59:59.999999"
        match operator:
            case Operator.LESS | Operator.GREATER_OR_EQUAL:
                return ((operator, start),)
            case Operator.LESS_OR_EQUAL | Operator.GREATER:
                return ((operator, end),)
        return ((Operator.GREATER_OR_EQUAL, start), (Operator.LESS_OR_EQUAL, end))

    def range_of(self, data_type: str) -> str:
        return "a day is a range of its column" if data_type in _WITH_TIMES else ""

    def decode(self, kind: Kind, value: bytes) -> str:
        day = value[:10]
        if not re.match(_DATE, day):
            raise ValueError("no date")
        return day.decode()

    def encode(self, kind: Kind, column: Sequence[bytes]) -> Sequence[bytes]:
        return match_all(_DATE, column)

    def serialize(self, value: Any) -> str:
        if isinstance(value, datetime):
            raise TypeError(value)
        return serialize_text(value, date, date.isoformat)
