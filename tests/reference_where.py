"""``@where`` in the simplest way: which rows a type has, and which of them a field leads to."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import graphql
from graphql import GraphQLField, GraphQLObjectType

from tests.directives import EDGE
from tests.domains.database import RawRow
from tests.stored_values import StoredValues


class Conditions(StoredValues):
    """What the SDL says of all rows of a type or of a field."""

    def is_row(self, found: GraphQLObjectType, row: RawRow) -> bool:
        """Whether a row of its table is one of the type's."""
        return all(self._keeps_to(found, used, row) for used in _said(found))

    def is_shown(self, field: GraphQLField, target: GraphQLObjectType, row: RawRow) -> bool:
        """Whether a field shows a row; ``target``: with fields of a link, if it is through one."""
        return all(self._keeps_to(target, used, row) for used in _said(field))

    def is_link(self, table: str, link: RawRow) -> bool:
        """Whether a row of a link table leads on: it is one of some type over it, if any is."""
        over = [found for found in self.types.values() if self.table(found) == table]
        return not over or any(self.is_row(found, link) for found in over)

    def _keeps_to(self, target: GraphQLObjectType, used: dict[str, Any], row: RawRow) -> bool:
        operator, value = used.get("operator", "EQUAL"), used["value"]
        if "field" in used:
            return self.passes(target, used["field"], operator, row, value)
        raw = row[used["column"]]
        if operator == "IS_NULL":
            return bool(value) == (raw is None)
        if raw is None:
            return False
        assert operator in ("EQUAL", "IN")
        return any(_is_equal(raw, each) for each in (value if operator == "IN" else [value]))


def hides_rows(found: GraphQLObjectType | GraphQLField) -> bool:
    """Whether a condition stands there."""
    return any(True for _ in _said(found))


def _said(found: GraphQLObjectType | GraphQLField) -> Iterator[dict[str, Any]]:
    node = found.ast_node
    for used in (node.directives if node else None) or ():
        if used.name.value == "where":
            yield {
                each.name.value: graphql.value_from_ast_untyped(each.value)
                for each in used.arguments or ()
            }


def _is_equal(raw: str, value: Any) -> bool:
    if isinstance(value, bool):
        return (raw != "0") is value
    if isinstance(value, int | float):
        return Decimal(raw) == Decimal(str(value))
    return raw == str(value)


def with_link(row: RawRow, link: RawRow) -> RawRow:
    """A row with what the row of a link table holds."""
    return row | {EDGE + name: value for name, value in link.items()}
