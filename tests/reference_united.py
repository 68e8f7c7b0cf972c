"""Lists over several tables, in the simplest way: the rows of all types, each with its type's name.

They stand in the order of fields that all types have, then by the type, then by its key.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Mapping, Sequence
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_nullable_type,
)

from tests.domains.database import RawRow, read_ranks
from tests.kinds import FieldedType
from tests.reference_filters import FilteredRows
from tests.reference_kinds import RowsOfTypes
from tests.reference_sorts import TYPE


class UnitedRows(FilteredRows, RowsOfTypes):
    """Rows of interfaces and unions that no single table holds."""

    @functools.cached_property
    def united(self) -> Mapping[str, Sequence[str]]:
        """The types of each such interface and union, in their order."""
        found = {}
        for each in self.schema.type_map.values():
            if not isinstance(each, GraphQLInterfaceType | GraphQLUnionType):
                continue
            if each.name not in self.kinds.names and not each.name.startswith("__"):
                members = self.schema.get_possible_types(each)
                found[each.name] = sorted(member.name for member in members)
                if isinstance(each, GraphQLUnionType):
                    self.kinds.fields[each.name] = _fields_alike(each, members)
        return found

    @functools.cached_property
    def ambiguous(self) -> frozenset[str]:
        """The names of fields that are of several types, so that rows in one list show both."""
        found: dict[str, set[str]] = {}
        for owner in self.types.values():
            for name, field in owner.fields.items():
                found.setdefault(name, set()).add(str(field.type))
        return frozenset(name for name, types in found.items() if len(types) > 1)

    def one_type(self, target: GraphQLObjectType, row: RawRow) -> GraphQLObjectType:
        """The type of a row of a list: the list's own, or that of the row."""
        return self.types[str(row[TYPE])] if target.name in self.united else target

    def rows_of(self, target: GraphQLObjectType) -> list[RawRow]:
        """All rows of a type, or of several."""
        if target.name not in self.united:
            return super().rows_of(target)
        return [
            {TYPE: name, **row}
            for name in self.united[target.name]
            for row in super(UnitedRows, self).rows_of(self.types[name])
        ]

    def is_shown(self, field: GraphQLField, target: GraphQLObjectType, row: RawRow) -> bool:
        return super().is_shown(field, self.one_type(target, row), row)

    def matches(
        self,
        field: GraphQLField,
        target: GraphQLObjectType,
        row: RawRow,
        arguments: Mapping[str, Any],
        like: GraphQLField | None = None,
    ) -> bool:
        return super().matches(field, self.one_type(target, row), row, arguments, like)

    # ------------------------------------------------------------------------------- orders

    def key(self, found: FieldedType) -> list[str]:
        """Of several types their number, and the keys of all of them."""
        if found.name not in self.united:
            return super().key(found)
        keys = [
            f"{name}.{each}"
            for name in self.united[found.name]
            for each in super(UnitedRows, self).key(self.types[name])
        ]
        return [TYPE, *keys]

    def key_text(self, owner: GraphQLObjectType, name: str, row: RawRow) -> str | None:
        if owner.name not in self.united:
            return super().key_text(owner, name, row)
        if name == TYPE:
            return str(self.united[owner.name].index(str(row[TYPE])))
        kind, _, key = name.partition(".")
        if key:
            return super().key_text(self.types[kind], key, row) if row[TYPE] == kind else None
        return super().key_text(self.one_type(owner, row), name, row)

    def sort_value(self, found: GraphQLObjectType, field: str, raw: str | None) -> Any:
        if found.name not in self.united:
            return super().sort_value(found, field, raw)
        if raw is None:
            return (0, 0)
        if field == TYPE:
            return (1, int(raw))
        kind, _, key = field.partition(".")
        if key:
            return super().sort_value(self.types[kind], key, raw)
        first = self.types[self.united[found.name][0]]
        if self.is_ranked(first, field):
            return (1, self._united_ranks(found.name, field)[raw])
        return super().sort_value(first, field, raw)

    @functools.cache  # noqa: B019  # one reference lives as long as its tests
    def _united_ranks(self, name: str, field: str) -> dict[str, int]:
        """The order of texts of all tables."""
        owners = [self.types[each] for each in self.united[name]]
        return read_ranks(self.url, *((self.table(o), self.column(o, field)) for o in owners))


def _fields_alike(
    union: GraphQLUnionType, members: Sequence[GraphQLObjectType]
) -> GraphQLObjectType:
    """A type that has the fields that all members have alike."""
    first, *others = members
    found = copy.copy(first)
    found.name = union.name
    found.__dict__["fields"] = {
        name: field
        for name, field in first.fields.items()
        if all(
            name in other.fields
            and str(get_nullable_type(other.fields[name].type))
            == str(get_nullable_type(field.type))
            for other in others
        )
    }
    return found
