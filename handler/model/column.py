"""A value of a row: a stored column, or an expression over columns of the same row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from msgspec import Struct

from handler.language.schema import Origin
from handler.model.field import ModelField
from handler.scalars import COLUMNS
from handler.sql.operators import Operator


def edge_name(field: str) -> str:
    """What orders and filters call a field of an edge."""
    return f"edge.{field}"


def of_edge(name: str) -> str:
    """The field of an edge that is called so."""
    return name.removeprefix("edge.")


class ColumnRef(Struct, frozen=True):
    """A stored column inside an expression."""

    name: str


class Column(ModelField, frozen=True):
    """One value of a row: a stored column, or an expression over columns of the same row."""

    field: str
    scalar: str  # the name of a scalar or an enum; ``[Kind!]`` of a list of labels
    is_nullable: bool
    parts: tuple[str | ColumnRef, ...]  # SQL text and columns in turn; one ColumnRef if stored
    origin: Origin
    is_integer: bool = False  # an ID over a column of whole numbers
    enum_values: Mapping[str, str] | None = None  # name in GraphQL -> value in the column
    table: str = ""
    zero_is_null: bool = False  # a date that is none, such as 0000-00-00, is shown as null
    # The type that has the field, if it is a column of the link table by which a list is reached;
    # ``field`` is then what orders and filters call it, such as edge.billing.
    link: str = ""
    # The table of a statement that has it, by number; 0 is that of the rows themselves.
    source: int = 0
    is_own: ClassVar[bool] = True  # of the rows themselves, or of their link table
    is_made: ClassVar[bool] = False  # of many rows: see ``sort_keys.AggregateKey``

    @property
    def held(self) -> Column:
        """The column by whose type its values sort."""
        return self

    @property
    def stored_name(self) -> str | None:
        """The column's name; None for an expression."""
        first = self.parts[0]
        return first.name if len(self.parts) == 1 and isinstance(first, ColumnRef) else None

    @property
    def shown_name(self) -> str | None:
        """The name of what is sent for it, if that is another column than the one compared."""
        return self.stored_name

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple([part.name for part in self.parts if isinstance(part, ColumnRef)])

    def place(self, target: str) -> tuple[str, str]:
        """The field by type and name; ``target``: the type of the list's rows."""
        return (self.link, of_edge(self.field)) if self.link else (target, self.field)

    def objection(self, operator: Operator) -> str:
        """Why no argument chooses rows by this operator; empty where one may."""
        return COLUMNS[self.scalar].objection(operator)

    @property
    def is_placed_by_type(self) -> bool:
        """Whether what is before and after a value depends on the column's type."""
        return COLUMNS[self.scalar].is_placed_by_type and self.stored_name is not None

    @property
    def is_compared_by_type(self) -> bool:
        """Whether a comparison with a value needs to know the column's type."""
        scalar = COLUMNS[self.scalar]
        return scalar.is_compared_by_type and (
            scalar.compares_itself or self.stored_name is not None
        )
