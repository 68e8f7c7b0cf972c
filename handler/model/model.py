"""The model: which table, column, relation, order and page stands behind each field of the SDL.

Built once by ``builder.py``; read by the compiler and by the check against a live database.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct, field

from handler.access.rules import StatedRules
from handler.language.cost_formula import RowsSize, StatedCosts
from handler.model.caching import CacheHints
from handler.model.conditions import Where
from handler.model.connections import ConnectionType
from handler.model.field import ModelField
from handler.model.filter_inputs import FilterInput
from handler.model.global_ids import ByIdField
from handler.model.groups import Facet, GroupsField, GroupTable
from handler.model.lists import RowsField
from handler.model.sort_inputs import SortInput
from handler.model.tables import Table, conditions_of
from handler.model.united import UnitedField, UnitedTable


class Model(Struct, frozen=True):
    """What stands behind the whole schema."""

    tables: Mapping[str, Table]  # by type name
    connections: Mapping[str, ConnectionType]  # by type name
    roots: Mapping[str, ModelField]  # by field of the query type
    resolvers: frozenset[str] = field(default_factory=frozenset)
    """``Type.field`` of every field that needs a Python function."""
    access: StatedRules = field(default_factory=lambda: StatedRules({}))
    cache_hints: CacheHints = field(default_factory=dict)
    costs: StatedCosts = field(default_factory=StatedCosts)
    filter_inputs: Mapping[str, FilterInput] = field(default_factory=dict)  # by type name
    links: Mapping[str, Table] = field(default_factory=dict)  # link tables, by ``link_name``
    groups: Mapping[str, GroupTable] = field(default_factory=dict)  # types of groups, by name
    facets: Mapping[tuple[str, str], Facet] = field(default_factory=dict)
    """Lists of groups beside a page of rows, by connection and field."""
    sort_inputs: Mapping[str, SortInput] = field(default_factory=dict)  # by type name
    united: Mapping[str, UnitedTable] = field(default_factory=dict)
    """Interfaces and unions over several tables, by name."""

    def table(self, name: str) -> Table:
        """The table to which a hop leads: of a type, also one of groups, or a link table."""
        made = self.groups.get(name) or self.united.get(name)
        return self.tables.get(name) or made or self.links[name]

    def types_over(self, link: str) -> list[str]:
        """The object types that stand on a link table, given by ``link_name``."""
        name = self.links[link].name
        return [t.type_name for t in self.tables.values() if t.name == name and not t.kinds]

    def kinds(self, type_name: str) -> tuple[str, ...]:
        """The object types that the rows of a type are of: its own, or those of its members."""
        table = self.tables.get(type_name) or self.united.get(type_name)
        return (table.kinds if table is not None else ()) or (type_name,)

    def conditions(self, name: str) -> tuple[tuple[Where, ...], ...]:
        """As ``conditions_of`` says."""
        return conditions_of(self.tables, self.links, name)

    def followed(self) -> frozenset[tuple[str, str]]:
        """Members of input objects that follow a relation, by type and name."""
        filters = (place for each in self.filter_inputs.values() for place in each.followed())
        sorts = (place for each in self.sort_inputs.values() for place in each.followed())
        return frozenset((*filters, *sorts))

    def list_sizes(self, query: str) -> dict[tuple[str, str], RowsSize]:
        """How many rows each list gives at most unless an argument says so, by type and field.

        ``query``: the type of the root.
        """
        by_ids = {
            (query, name): RowsSize(next(iter(found.members.values())).default_size, is_page=False)
            for name, found in self.roots.items()
            if isinstance(found, ByIdField) and found.is_list
        }
        return by_ids | {
            place: RowsSize(
                rows.default_size,
                rows.is_page,
                rows.maximum_offset > 0,
                isinstance(rows, GroupsField),
            )
            for place, rows in self.rows_fields(query)
            if not rows.shape.is_one
        }

    def each_input(self) -> Iterator[FilterInput]:
        """The filter inputs; one over rows of several tables as one of each type."""
        for found in self.filter_inputs.values():
            for kind in self.united[found.target].types if found.target in self.united else ("",):
                yield found.of_type(kind) if kind else found

    def all_fields(self, query: str) -> Iterator[tuple[tuple[str, str], ModelField]]:
        """Every field of the root, of the types with tables, and those of connections that give
        groups, by its type and its name. One over several tables is as one over each of them.

        ``query``: the type of the root.
        """
        for name, root in self.roots.items():
            if isinstance(root, UnitedField):
                yield from (((query, name), part) for _, part in root.parts)
            else:
                yield (query, name), root
        for table in self.tables.values():
            for name, found in table.fields.items():
                yield (table.type_name, name), found
        yield from self.facets.items()

    def rows_fields(self, query: str) -> Iterator[tuple[tuple[str, str], RowsField]]:
        """Those of them that give many rows, or one at the root."""
        for place, found in self.all_fields(query):
            if found.rows is not None:
                yield place, found.rows
