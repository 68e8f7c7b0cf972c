"""What is written about a database, as values: types, fields, relations, lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from handler.model.names import Conventions


@dataclass(frozen=True, slots=True, kw_only=True)
class Enum:
    """An enum over the labels of a column, or over the orders of a list.

    ``values``: a name, and the directive behind it or nothing.
    """

    name: str
    values: Sequence[tuple[str, str]]
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A field over a column."""

    field: str
    name: str  # the column's
    type: str  # without ``!``, such as "Int" or "[FilmFeature!]"
    is_required: bool
    is_said: bool  # the convention leads to another column
    zero_is_null: bool = False
    operators: Sequence[str] = ()  # by which it may be filtered
    is_sortable: bool = False
    description: str = ""

    @property
    def is_list(self) -> bool:
        """Whether a value of it is a list of values."""
        return self.type.startswith("[")


@dataclass(frozen=True, slots=True, kw_only=True)
class Through:
    """A link table: its columns that equal those here, and its columns that equal those there."""

    table: str
    columns: Sequence[str]
    references: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A field that leads to rows."""

    field: str
    name: str  # of the foreign key
    target: str  # the type of the rows there
    columns: Sequence[str]
    references: Sequence[str]
    is_list: bool
    is_required: bool = False  # of one row: there always is one
    is_conventional: bool = False  # the columns need not be said
    through: Through | None = None
    order: Sequence[str] = ()  # terms; none is the key
    orders: Enum | None = None  # from which a caller chooses
    is_filterable: bool = False
    behind: str = ""  # the column after which a to-one is written


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    name: str
    type: str
    filter: str = ""  # the directive
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """A field of ``Query``: one row by a key, or a connection."""

    field: str
    target: str
    arguments: Sequence[Argument]
    is_list: bool
    order: Sequence[str] = ()
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Type:
    """What is written for one table, in a file of its own."""

    file: str  # without its end
    name: str
    table: str
    is_said: bool  # the convention leads to another table
    keys: Sequence[Sequence[str]]  # fields; none needs to be said
    columns: Sequence[Column]
    relations: Sequence[Relation]
    enums: Sequence[Enum]
    roots: Sequence[Root]
    key: Sequence[str]  # fields of the first key
    searches: Sequence[tuple[str, Sequence[str]]] = ()  # of its filter input: name and fields
    description: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A table, or ``table.column``, of which nothing is written."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """All that is written, and what a person should know of it: sentences."""

    conventions: Conventions
    types: Sequence[Type]
    left_out: Sequence[LeftOut]
    renamed: Sequence[str] = ()
    guessed: Sequence[str] = ()
    told: Sequence[str] = ()
