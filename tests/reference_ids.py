"""Global ids in the simplest way: every row is looked at, and the one that has the id is it."""

from __future__ import annotations

import base64
import json

from graphql import GraphQLField, GraphQLInterfaceType, GraphQLObjectType, get_named_type

from tests.directives import directive
from tests.domains.database import RawRow
from tests.reference_kinds import RowsOfTypes


class RowsByIds(RowsOfTypes):
    """The ids of rows, among the rows of all types."""

    def is_id(self, owner: GraphQLObjectType, name: str) -> bool:
        """Whether a field is the id of its row, as it or an interface of its type says."""
        above = [each.fields[name] for each in owner.interfaces if name in each.fields]
        return any(_says_so(each) for each in (owner.fields[name], *above))

    def gives_any(self, field: GraphQLField) -> bool:
        """Whether a field finds rows of several types by their ids."""
        target = get_named_type(field.type)
        return isinstance(target, GraphQLInterfaceType) and any(
            map(_says_so, target.fields.values())
        )

    def global_id(self, owner: GraphQLObjectType, row: RawRow) -> str:
        """The documented form: the type and the key."""
        parts = [owner.name, *(row[self.column(owner, name)] for name in self.key(owner))]
        text = json.dumps(parts, separators=(",", ":"), ensure_ascii=False)
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def with_id(self, field: GraphQLField, text: str) -> tuple[GraphQLObjectType, RawRow] | None:
        """The row that has an id, and its type."""
        target = get_named_type(field.type)
        assert isinstance(target, GraphQLInterfaceType)
        for found in self.schema.get_possible_types(target):
            for row in self.rows_of(found):
                if self.global_id(found, row) == text:
                    return found, row
        return None

    def every_id(self) -> list[str]:
        """Of all rows that have one."""
        return [
            self.global_id(found, row)
            for found in self.types.values()
            if any(self.is_id(found, name) for name in found.fields)
            for row in self.rows_of(found)
        ]


def _says_so(field: GraphQLField) -> bool:
    return directive(field.ast_node, "globalId") is not None
