"""Tables: an object type, the columns and fields of its rows, and who sees which of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias, TypeVar

from msgspec import Struct

from handler.access.rules import Requirement
from handler.language.schema import Origin
from handler.model.column import Column
from handler.model.conditions import Where
from handler.model.field import ModelField
from handler.model.lists import Order, OrderTerm, RowsField, Shape
from handler.model.relations import ToOne

_Kind = TypeVar("_Kind", bound=ModelField)


class ClaimRule(Struct, frozen=True):
    """Visible are the rows whose ``column`` equals the caller's claim."""

    column: Column  # a stored one
    claim: str
    unless: Requirement  # a caller who meets it sees all
    origin: Origin


class ThroughRule(Struct, frozen=True):
    """Visible are the rows that lead to a row which the caller sees."""

    one: ToOne
    unless: Requirement
    origin: Origin


RowRule: TypeAlias = ClaimRule | ThroughRule


class Members(Struct, frozen=True):
    """By which column the rows of a table belong to types, and what it holds for each of these.

    ``values``: by type; of a type that is a member itself its own alone.
    """

    column: Column
    values: Mapping[str, str]


class Table(Struct, frozen=True):
    """One object type and its table; or one interface or union, whose rows are of its members."""

    type_name: str
    name: str
    key: tuple[str, ...]  # columns
    unique_keys: tuple[tuple[str, ...], ...]  # columns; the first is ``key``
    fields: Mapping[str, ModelField]
    origin: Origin
    key_fields: tuple[str, ...] = ()  # those that the SDL names for ``key``
    conditions: tuple[Where, ...] = ()  # of the type's rows, all of which hold; see ``Model``
    row_rules: tuple[RowRule, ...] = ()  # all of them hold
    is_given_by_key: bool = False  # a resolver gives keys, and its rows are read from the table
    members: Members | None = None  # where rows of several types stand in the table
    taken: Mapping[str, str] = {}  # by field: the interface from which it is taken as a whole

    @property
    def kinds(self) -> tuple[str, ...]:
        """The types of its rows, if it is an interface or a union."""
        values = self.members.values if self.members else ()
        return () if self.type_name in values else tuple(values)

    def owner(self, field: str) -> str:
        """The type whose field it is: its own, or the interface from which it is taken."""
        return self.taken.get(field, self.type_name)

    def of_kind(self, kind: type[_Kind]) -> dict[str, _Kind]:
        """The fields of one kind, by name."""
        return {name: each for name, each in self.fields.items() if isinstance(each, kind)}

    @property
    def key_columns(self) -> list[Column]:
        """The columns of the key."""
        return columns_of_key(self.key, self.of_kind(Column), self.key_fields)

    @property
    def key_places(self) -> list[tuple[str, str]]:
        """The fields that show the key, by type and name."""
        return [(self.type_name, column.field) for column in self.key_columns]

    @property
    def key_order(self) -> Order:
        """The order by the key, in which every row has a place."""
        return tuple(OrderTerm(column, descending=False) for column in self.key_columns)

    def rows_by_key(self, field_name: str) -> RowsField:
        """A field that gives the rows whose keys are at hand, one for each."""
        return RowsField(
            field=field_name,
            target=self.type_name,
            shape=Shape.LIST,
            is_nullable=True,
            has_nullable_items=True,
            filters=(),
            known_orders={None: self.key_order},
            row_key=tuple(self.key_columns),
            order_argument=None,
            paging=frozenset(),
            default_size=1,
            maximum_size=1,
            origin=self.origin,
        )

    @property
    def made_of(self) -> tuple[str, ...]:
        """The types of whose rows its own are made; none, unless they are groups."""
        return ()

    def column(self, field_name: str) -> Column:
        """The column of that field. Raises KeyError where it is something else."""
        return self.of_kind(Column)[field_name]


def columns_of_key(
    key: Iterable[str], columns: Mapping[str, Column], named: Iterable[str]
) -> list[Column]:
    """The columns of a key. Where two fields show one of them it is that which the SDL names for
    the key, else the first."""
    found = {column.stored_name: column for column in reversed(list(columns.values()))}
    found |= {columns[name].stored_name: columns[name] for name in named}
    return [found[name] for name in key]


def conditions_of(
    tables: Mapping[str, Table], links: Mapping[str, Table], name: str
) -> tuple[tuple[Where, ...], ...]:
    """Alternatives: of each row to which a hop leads, all conditions of one of them hold.

    A row of a link table is one of some type that stands on it, if any does.
    """
    if name in tables:
        over = [tables[name]]
    else:
        over = [t for t in tables.values() if t.name == links[name].name and not t.kinds]
    found = tuple([table.conditions for table in over])
    return found if all(found) else ()
