"""One thing that the SDL promises and the database does not keep."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from handler.language.schema import Origin


class Kind(Enum):
    """What a finding is about."""

    MISSING = "a table or a column that does not exist"
    TYPE = "a column of a type that the field is not read from"
    NULL = "a column that may be NULL behind a field that must not be null"
    KEY = "a key that is not unique"
    RELATION = "columns that are compared and do not fit"
    RULE = "a column that no claim can equal, or a place that is closed for want of a rule"
    ENUM = "values of a column and of an enum that differ"
    RANGE = "numbers that the field cannot hold"
    DATE = "dates that no calendar has"
    EXPRESSION = "SQL that the server refuses"
    ORDER = "an order that pages cannot rely on"
    FILTER = "an argument that does not find what it names"
    INDEX = "a way to rows that no index serves"
    UNPROVED = "what was not looked at, and why"


@dataclass(frozen=True, slots=True)
class Finding:
    """``str`` of it: the place in the SDL, what is wrong and what to do."""

    kind: Kind
    message: str
    origin: Origin
    remedy: str = ""  # SQL that mends it

    def __str__(self) -> str:
        place = f"{self.origin.file}:{self.origin.location.line}"
        return f"{place}: {self.message}" + (f"\n    {self.remedy}" if self.remedy else "")
