"""Lists of an interface or a union whose rows stand in several tables.

Such a list has one order for the rows of all its types: by fields that all of them have, then by
the type, then by the key. What chooses and orders is said of *united columns*, which stand for one
column of each type; ``of_type`` makes of it what is said of the rows of one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeVar

from msgspec.structs import replace

from handler.model.column import Column
from handler.model.conditions import Condition, Filter, Where
from handler.model.lists import Order, RowsField
from handler.model.search import Search
from handler.model.tables import Table
from handler.scalars import COLUMNS

_T = TypeVar("_T")
# The column that says of which type a row is, by number: no field is called so.
TYPE: Final = "type of row"


class UnitedColumn(Column, frozen=True, kw_only=True):
    """A field of an interface or a union: a column of the table that a statement makes of the rows
    of several. ``by_type``: what it is in the rows of each type; none where it is null."""

    by_type: Mapping[str, Column]

    @property
    def shown_name(self) -> str:
        """Labels are sorted by their places, and shown as texts."""
        name = self.stored_name or ""
        may_be_labels = not self.is_integer and COLUMNS[self.scalar].is_placed_by_type
        return f"{name} shown" if may_be_labels and self.by_type else name


class UnitedSearch(Search, frozen=True, kw_only=True):
    """An argument whose words are looked for in the rows of several types."""

    by_type: Mapping[str, Search]

    @property
    def columns(self) -> tuple[Column, ...]:
        return ()


class UnitedTable(Table, frozen=True, kw_only=True):
    """An interface or a union over several tables. ``types``: of its rows, by their names."""

    types: tuple[str, ...]
    row_key: tuple[UnitedColumn, ...]  # the type of a row, and the keys of all types

    @property
    def kinds(self) -> tuple[str, ...]:
        return self.types

    def keys_of(self, kind: str) -> list[UnitedColumn]:
        """The columns that hold the key of the rows of one type."""
        return [column for column in self.row_key if kind in column.by_type]


class UnitedField(RowsField, frozen=True, kw_only=True):
    """A field of the query type that gives rows of several tables."""

    types: tuple[str, ...]

    @property
    def parts(self) -> Iterator[tuple[str, RowsField]]:
        """What it asks of each type by itself, as a list of that type would."""
        said = {name: getattr(self, name) for name in RowsField.__struct_fields__}
        for kind in self.types:
            own = {
                "target": kind,
                "filters": of_type(self.filters, kind),
                "conditions": of_type(self.conditions, kind),
                "known_orders": {n: order_of(o, kind) for n, o in self.known_orders.items()},
                "sorts": {n: order_of(o, kind) for n, o in self.sorts.items()},
                "row_key": tuple([c.by_type[kind] for c in _united(self.row_key, kind)]),
                "inputs": (),
                "sort_input": "",
            }
            yield kind, RowsField(**said | own)

    def types_read(self, tables: Mapping[str, Table]) -> Iterable[str]:
        return self.types


def of_type(found: _T, kind: str) -> _T:
    """What is said of united columns, as it is said of the columns of one type."""
    made: Any = found
    if isinstance(found, UnitedColumn | UnitedSearch):
        made = found.by_type[kind]
    elif isinstance(found, tuple):
        made = tuple([of_type(each, kind) for each in found])
    elif isinstance(found, Filter | Condition | Where):
        said = {name: of_type(getattr(found, name), kind) for name in found.__struct_fields__}
        made = type(found)(**said)
    return made  # type: ignore[no-any-return]  # of the same type


def order_of(order: Order, kind: str) -> Order:
    """An order as it is among the rows of one type."""
    return tuple(
        replace(term, column=term.column.by_type[kind])
        for term in order
        if isinstance(term.column, UnitedColumn) and kind in term.column.by_type
    )


def _united(columns: Iterable[Column], kind: str) -> Iterator[UnitedColumn]:
    return (c for c in columns if isinstance(c, UnitedColumn) and kind in c.by_type)
