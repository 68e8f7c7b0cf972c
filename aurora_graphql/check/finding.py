"""One thing that the SDL promises and the database does not keep, or that is worth knowing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from handler.language.schema import Origin

FEW_ROWS: Final = 10_000
MANY_ROWS: Final = 1_000_000
"""Rows that a request reads for want of an index. Up to the first it costs some milliseconds and
is a note; beyond the second it takes seconds of a database that others wait for, and is an error.
"""


class Severity(Enum):
    """What a finding means for whoever wants to deploy; the worst first."""

    ERROR = "error"  # requests fail, answer wrongly or read a large table
    WARNING = "warning"  # they may, with other rows than those of today
    NOTE = "note"  # good to know

    @classmethod
    def by_rows(cls, rows: int | None) -> Severity:
        """Of a request that reads so many rows for want of an index; None: it is not known."""
        if rows is None:
            return cls.WARNING
        if rows <= FEW_ROWS:
            return cls.NOTE
        return cls.WARNING if rows <= MANY_ROWS else cls.ERROR


class Kind(Enum):
    """What a finding is about. The member in lower case begins its name."""

    MISSING = "a table or a column that does not exist"
    TYPE = "a column of a type that the field is not read from"
    NULL = "a column that may be NULL behind a field that must not be null"
    KEY = "a key that is not unique"
    RELATION = "columns that are compared and do not fit"
    COLLATION = "texts of different letters that a relation takes for equal"
    RULE = "a column that no claim can equal"
    CLOSED = "a place that nobody may read for want of a rule"
    ENUM = "values of a column and of an enum that differ"
    RANGE = "numbers that the field cannot hold"
    DATE = "dates that no calendar has"
    EXPRESSION = "SQL that the server refuses"
    ORDER = "an order that pages cannot rely on"
    FILTER = "an argument that does not find what it names"
    INDEX = "a way to rows that no index serves"
    OFFSET = "pages by number that skip many rows"
    OPERATION = "a list of a known operation that no index serves"
    PLAN = "a statement of a known operation for which the server reads many rows"
    SORT = "arguments for which the server sorts what it finds"
    UNPROVED = "what was not looked at, and why"
    ACCEPTED = "an acceptance of something that is not found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """``name`` of it is stable, and unlike all others of a check: what ``check.toml`` accepts."""

    kind: Kind
    about: str  # the field, list, key or table in the SDL: "Query.films(title)"
    message: str  # what is wrong and what to do
    origin: Origin  # where in the SDL
    severity: Severity = Severity.ERROR
    table: str = ""  # of the database; empty where it is about none
    remedies: tuple[str, ...] = ()  # statements of SQL that mend it

    @property
    def name(self) -> str:
        """Such as ``index: Query.films(title)``."""
        return f"{self.kind.name.lower()}: {self.about}"

    @property
    def place(self) -> str:
        """File and line."""
        return f"{self.origin.file}:{self.origin.location.line}"

    def __str__(self) -> str:
        told = f"{self.place}: {self.severity.value}: {self.name}: {self.message}"
        return "".join((told, *(f"\n    {remedy}" for remedy in self.remedies)))
