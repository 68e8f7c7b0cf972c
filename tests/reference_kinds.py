"""Of which type the rows of interfaces and unions over one table are, in the simplest way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLUnionType

from tests.domains.database import RawRow
from tests.reference_where import Conditions


class RowsOfTypes(Conditions):
    """The rows of each type of a schema."""

    rows: Mapping[str, list[RawRow]]  # by table

    def tell_types(self) -> None:
        """Let graphql-core know of which type a row is."""
        for each in self.schema.type_map.values():
            if isinstance(each, GraphQLInterfaceType | GraphQLUnionType):
                each.resolve_type = self.type_of

    def rows_of(self, target: GraphQLObjectType) -> list[RawRow]:
        """All rows of a type."""
        table = self.rows[self.table(target)]
        return [row for row in table if self.is_there(target, row)]

    def is_there(self, target: GraphQLObjectType, row: RawRow) -> bool:
        """Whether a row of its table is one of the type's, or of a member of the interface."""
        if not self.kinds.of_type(target.name, row):
            return False
        if target.name in self.kinds.names:
            return self.is_row(self.types[self.kinds.type_of(target.name, row)], row)
        return self.is_row(target, row)

    def type_of(self, item: Any, info: Any, above: Any) -> str:
        """The name of the type of a row of an interface or a union."""
        if above.name not in self.kinds.names:  # by its id
            return str(item.target.name)
        return self.kinds.type_of(above.name, item.row)
