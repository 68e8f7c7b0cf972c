"""Fields over rows: what chooses, orders and pages them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from handler.language.schema import Origin
from handler.model.column import Column
from handler.model.conditions import Filter, FilterArgument, Where
from handler.model.field import ModelField

if TYPE_CHECKING:
    from handler.model.tables import Table

PAGE_ARGUMENTS = frozenset({"first", "after", "last", "before"})


class OrderTerm(Struct, frozen=True):
    """One column of an order, ascending or descending."""

    column: Column  # always a stored one: a page has to be served by an index
    descending: bool
    is_added: bool = False  # a column of the key, to make the order total; not in the SDL

    def __str__(self) -> str:
        return f"{self.column.field} DESC" if self.descending else self.column.field


Order: TypeAlias = tuple[OrderTerm, ...]


class Shape(Enum):
    """What a field over rows gives."""

    OBJECT = "object"  # one row, which is found by a key, or null
    FIRST = "first"  # the first of several rows, or null
    LIST = "list"
    CONNECTION = "connection"

    @property
    def is_one(self) -> bool:
        """Whether it is one row."""
        return self in (Shape.OBJECT, Shape.FIRST)


class RowsField(ModelField, frozen=True):
    """A field that reads rows of a table: a root field or a to-many relation."""

    field: str
    target: str
    shape: Shape
    is_nullable: bool
    has_nullable_items: bool
    filters: tuple[Filter, ...]
    order: Order  # total: ends in the key
    orders: Mapping[str, Order]  # by value of the ordering enum, if there is such an argument
    order_argument: str | None
    paging: frozenset[str]  # which of first, after, last, before it takes
    default_size: int
    maximum_size: int
    origin: Origin
    inputs: tuple[FilterArgument, ...] = ()
    is_order_chosen: bool = False  # by an order argument that must not be null: never ``order``
    conditions: tuple[Where, ...] = ()  # of its rows; a relation's stand in its path
    link_columns: Mapping[str, Column] = {}  # of the link table, by what orders and filters say

    @property
    def rows(self) -> RowsField:
        return self

    @property
    def chosen(self) -> str:
        return self.target

    @property
    def all_inputs(self) -> tuple[FilterArgument, ...]:
        return self.inputs

    def types_read(self, tables: Mapping[str, Table]) -> Iterable[str]:
        return (self.target,)

    @property
    def is_page(self) -> bool:
        """Whether it gives a part of its rows; others are given whole, or as an error."""
        return bool(self.paging) or self.shape in (Shape.CONNECTION, Shape.FIRST)
