"""The model: which table, column, relation, order and page stands behind each field of the SDL.

Built once by ``builder.py``; read by the compiler and by the check against a live database.
"""

from __future__ import annotations

from collections.abc import Mapping

from handler.model.connections import ConnectionType
from handler.model.fields import ResolverField
from handler.model.lists import RowsField, Shape
from handler.model.relations import ToMany
from handler.model.tables import Table
from handler.records import dataclass, field


@dataclass(frozen=True, slots=True)
class Model:
    """What stands behind the whole schema."""

    tables: Mapping[str, Table]  # by type name
    connections: Mapping[str, ConnectionType]  # by type name
    roots: Mapping[str, RowsField | ResolverField]  # by field of the query type
    resolvers: frozenset[str] = field(default_factory=frozenset)
    """``Type.field`` of every field that needs a Python function."""

    def list_sizes(self, query: str) -> dict[tuple[str, str], int]:
        """How many rows each list gives at most unless an argument says so, by type and field.

        ``query``: the type of the root.
        """
        found = {
            (query, name): rows.default_size
            for name, rows in self.roots.items()
            if isinstance(rows, RowsField) and rows.shape is not Shape.OBJECT
        }
        for table in self.tables.values():
            for name, many in table.fields.items():
                if isinstance(many, ToMany):
                    found[table.type_name, name] = many.rows.default_size
        return found
