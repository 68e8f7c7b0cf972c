"""Fields over rows: what chooses, orders and pages them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from handler.language.schema import Origin
from handler.model.column import Column
from handler.model.conditions import Filter, FilterArgument, Where
from handler.model.field import ModelField

if TYPE_CHECKING:
    from handler.model.tables import Table

PAGE_ARGUMENTS = frozenset({"first", "after", "last", "before", "offset"})


class OrderTerm(Struct, frozen=True):
    """One column of an order, ascending or descending."""

    column: Column  # or a key of another table, see ``sort_keys``
    descending: bool
    is_added: bool = False  # a column of the key, to make the order total; not in the SDL

    def __str__(self) -> str:
        return f"{self.column.field} DESC" if self.descending else self.column.field


Order: TypeAlias = tuple[OrderTerm, ...]


def total_order(terms: Sequence[OrderTerm], key: Iterable[Column]) -> Order:
    """The terms, and then what of the key they lack, which tells all rows apart.

    It follows in the direction of the last term, so that one index serves all.
    """
    descending = bool(terms) and terms[-1].descending
    own = [term.column for term in terms if term.column.is_own]
    ordered = {(column.link, column.stored_name) for column in own}
    added = [column for column in key if (column.link, column.stored_name) not in ordered]
    return (*terms, *(OrderTerm(column, descending, is_added=True) for column in added))


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
    # By value of the ordering enum, if there is such an argument; by default that of None. Filled
    # when all fields are known. Each is total: it ends in the key.
    known_orders: Mapping[str | None, Order]
    row_key: tuple[Column, ...]  # what tells its rows apart, also where a link table gives them
    order_argument: str | None
    paging: frozenset[str]  # which of PAGE_ARGUMENTS it takes
    default_size: int
    maximum_size: int
    origin: Origin
    maximum_offset: int = 0  # rows that ``offset`` may skip; 0 where it takes none
    inputs: tuple[FilterArgument, ...] = ()
    is_order_chosen: bool = False  # by an order argument that must not be null: never ``order``
    conditions: tuple[Where, ...] = ()  # of its rows; a relation's stand in its path
    link_columns: Mapping[str, Column] = {}  # of the link table, by what orders and filters say
    sort_input: str = ""  # the type of the order argument, if it is a list of sort keys
    by_ids: str = ""  # the argument, where rows of several types are found by their global ids
    sorts: Mapping[str, Order] = {}  # by each key of that alone; filled as ``known_orders``

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
        by_orders = (
            each
            for order in self.known_orders.values()
            for term in order
            for each in term.column.types_read(tables)
        )
        by_filters = (
            each
            for used in self.filters
            for column in used.columns
            for each in column.types_read(tables)
        )
        return (self.target, *by_orders, *by_filters)

    @property
    def order(self) -> Order:
        """The one by default."""
        return self.known_orders[None]

    @property
    def orders(self) -> dict[str, Order]:
        """By value of the ordering enum."""
        return {name: order for name, order in self.known_orders.items() if name is not None}

    @property
    def all_orders(self) -> tuple[Order, ...]:
        """Those that are known before a request."""
        return (*self.known_orders.values(), *self.sorts.values())

    @property
    def is_page(self) -> bool:
        """Whether it gives a part of its rows; others are given whole, or as an error."""
        return bool(self.paging) or self.shape in (Shape.CONNECTION, Shape.FIRST)
