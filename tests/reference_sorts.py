"""The values that the reference sorts rows by."""

from __future__ import annotations

import functools
from abc import abstractmethod
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from graphql import GraphQLField, GraphQLObjectType, get_named_type

from tests.directives import Order, Relation, aggregate, directive, way
from tests.domains.database import RawRow
from tests.reference_groups import source_name
from tests.stored_values import StoredValues

TYPE = "type of row"  # what a row of a list over several tables says of its type


class SortedValues(StoredValues):
    """What rows are sorted by: columns, values of one related row, and values over rows.

    A name such as ``customer.name`` is the way to it.
    """

    rows: Mapping[str, list[RawRow]]  # by table

    @functools.cached_property
    def made(self) -> dict[tuple[object, ...], str | None]:
        """Texts of values over many rows."""
        return {}

    @abstractmethod
    def related(self, row: RawRow, field: GraphQLField, relation: Relation) -> list[RawRow]:
        """The rows to which a relation leads."""

    def far(self, owner: GraphQLObjectType, field: GraphQLField, row: RawRow) -> list[RawRow]:
        return self.related(row, field, self.relation(owner, field))

    def position(self, found: GraphQLObjectType, order: Order, row: RawRow) -> list[str | None]:
        return [self.key_text(found, field, row) for field, _ in order]

    def key_text(self, owner: GraphQLObjectType, name: str, row: RawRow) -> str | None:
        """The text of what is sorted by, as a cursor holds it."""
        field = owner.fields.get(name)
        if field is None:
            step, _, rest = name.partition(".")
            found = self.far(owner, owner.fields[step], row)
            target = self.rows_field(owner.fields[step]).target
            return self.key_text(target, rest, found[0]) if found else None
        if source_name(owner) is not None:  # a group, whose values stand in its row
            return row[self.column(owner, name)]
        if aggregate(field) is None:
            raw = self.stored(owner, name, row)
            is_computed = raw is not None and directive(field.ast_node, "expression")
            return _exact(field, raw) if raw is not None and is_computed else raw
        # Of many rows: made once for each row and each set of rows that a caller sees.
        key = tuple(row[self.column(owner, each)] for each in self.key(owner))
        place = (id(self.rows), owner.name, name, key)
        if place not in self.made:
            raw = self.sorted_text(owner, name, row)
            self.made[place] = None if raw is None else _exact(field, raw)
        return self.made[place]

    @abstractmethod
    def sorted_text(self, owner: GraphQLObjectType, name: str, row: RawRow) -> str | None:
        """The text of a value over rows with all digits that the server has of it."""

    def sort_value(self, found: GraphQLObjectType, field: str, raw: str | None) -> Any:
        known = found.fields.get(field)
        if known is None:
            step, _, rest = field.partition(".")
            return self.sort_value(self.rows_field(found.fields[step]).target, rest, raw)
        made = aggregate(known)
        if made is None or raw is None or source_name(found) is not None:
            return super().sort_value(found, field, raw)
        kind, used = made
        if kind in ("count", "sum", "avg"):
            return (1, Decimal(raw))
        _, last = way(self.schema, found, used["of"])[-1]
        return super().sort_value(self.rows_field(last).target, used["field"], raw)


def _exact(field: GraphQLField, raw: str) -> str:
    """A number that is computed has all digits that a server may have."""
    return f"{Decimal(raw):.30f}" if get_named_type(field.type).name == "Decimal" else raw
