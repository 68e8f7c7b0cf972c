"""From the schema to the model, with a clear word about everything that cannot be served.

Every error is a ``SchemaError`` with file, line and what to write instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import NoReturn

from msgspec.structs import replace

from handler.language.schema import (
    EnumType,
    FieldDef,
    InterfaceType,
    ObjectType,
    RowsType,
    ScalarType,
    Schema,
    UnionType,
    named,
    schema_error,
)
from handler.model.access import read_access
from handler.model.aggregates import FUNCTIONS, Aggregate
from handler.model.caching import read_cache_hints
from handler.model.column import Column
from handler.model.columns import read_column
from handler.model.conditions import Where
from handler.model.connections import find_connections, without_edges
from handler.model.costs import read_costs
from handler.model.directives import (
    conventions_of,
    is_given_by_key,
    keys_of,
    refuse_on_others,
    table_of,
)
from handler.model.field import ModelField
from handler.model.filter_inputs import FilterInput, read_filter_inputs
from handler.model.global_ids import by_id_types, read_by_id
from handler.model.groups import (
    GroupTable,
    is_group_type,
    read_facets,
    read_groups,
    source_of,
)
from handler.model.kinds import KINDS, RESOLVER, is_resolved, kind_of
from handler.model.link_reader import check_links
from handler.model.list_pages import PageDefaults
from handler.model.list_reader import ListReader
from handler.model.lists import RowsField, Shape
from handler.model.marks import check_marks, refuse_marks
from handler.model.members import read_members, refuse_other_columns, refuse_unseen_rows
from handler.model.model import Model
from handler.model.names import key_field
from handler.model.relation_reader import read_relation
from handler.model.relations import ToFirst, ToMany, ToOne
from handler.model.row_rules import add_row_rules
from handler.model.search import check_searchable
from handler.model.sort_inputs import fill_sorts, read_sort_inputs
from handler.model.sort_keys import find_aggregate, find_key
from handler.model.table_types import given_fields, types_with_tables
from handler.model.tables import Table
from handler.model.united import UnitedTable
from handler.model.united_reader import (
    find_united,
    gives_several,
    read_united,
    read_united_field,
)
from handler.model.where_reader import (
    fixed_columns,
    read_where,
    refuse_lost_rows,
    refuse_opposites,
    refuse_where,
)
from handler.sql.operators import Operator


def build_model(schema: Schema, pages: PageDefaults | None = None) -> Model:
    """Find out what stands behind every field. Raises ``SchemaError``."""
    return Builder(schema, pages or PageDefaults()).build()


class Builder:
    """What is known of one schema while its model is built; kinds of fields read theirs with it."""

    def __init__(self, schema: Schema, pages: PageDefaults) -> None:
        self.conventions = conventions_of(schema)
        self.one_table = read_members(schema, self.conventions)
        self.schema = schema = self.one_table.schema
        self.connections = find_connections(schema)
        self.united_types = find_united(self)  # over several tables, with their types
        self.united: dict[str, UnitedTable] = {}
        # Types without a table: the root, connections, their edges and page infos.
        self.patterns = {schema.query}
        for each in self.connections.values():
            self.patterns.update((each.name, each.edge, each.page_info))
        self.columns: dict[str, dict[str, Column]] = {}  # type -> field -> column
        self.keys: dict[str, list[tuple[str, ...]]] = {}  # type -> unique keys, as columns
        self.key_fields: dict[str, tuple[str, ...]] = {}  # type -> those of the first key
        self.conditions: dict[str, tuple[Where, ...]] = {}  # of all rows of a type
        self.tables: dict[str, Table] = {}  # once they are known, with their rules
        self.links: dict[str, Table] = {}  # link tables, as ``Model.links``
        self.edges: dict[str, dict[str, Column]] = {}  # edge type -> field -> link's column
        # Types of groups, and what is behind them.
        objects = (each for each in schema.types.values() if isinstance(each, ObjectType))
        self.group_types = [each for each in objects if is_group_type(each)]
        self.groups: dict[str, GroupTable] = {}
        self.firsts: set[tuple[str, str]] = set()  # first rows that orders go by, by type and field
        self.given: set[str] = set()  # types that a resolver gives as a whole, without a table
        self._fields: dict[tuple[str, str], ModelField] = {}  # those that have been read
        self._reading: set[tuple[str, str]] = set()  # and those that are being read
        self.lists = ListReader(
            schema,
            self.connections,
            self.columns,
            self.keys,
            self.key_fields,
            pages,
            partial(find_key, self),
            partial(find_aggregate, self),
            self.one_table.members,
            self.united_types,
        )

    def build(self) -> Model:
        schema = self.schema
        for kind, root in self.schema.roots.items():
            if kind != "query" and root is not None:
                self._refuse_root(kind, self.schema.object(root))
        query = self.schema.object(self.schema.query)
        types = types_with_tables(self, query)
        for type_def in types:
            self.columns[type_def.name] = self._columns(type_def)
        refuse_other_columns(self.one_table, self.columns)
        for type_def in types:
            self.keys[type_def.name] = self._keys(type_def)
            self.conditions[type_def.name] = (
                *self.one_table.conditions_of(type_def.name),
                *self.where(type_def, type_def, f"type {type_def.name}"),
            )
        self._refuse_conditions()
        for name, kinds in self.united_types.items():
            self.united[name] = read_united(self, schema.rows_type(name), kinds)
        for type_def in self.group_types:
            self._read_groups(type_def)
        tables = {type_def.name: self._table(type_def) for type_def in types}
        tables, links = add_row_rules(self.schema, tables, self.links)
        self.tables = tables
        refuse_lost_rows(self.schema, tables, links)
        check_links(self.schema, tables, links)
        roots = {found.name: self._root(found) for found in query.fields.values()}
        fields = {name: table.fields for name, table in tables.items()}
        facets = read_facets(self)
        refuse_marks(self, facets)
        filter_inputs, sort_inputs = read_filter_inputs(self), read_sort_inputs(self)
        self.lists.complete()
        self._refuse_far_orders(filter_inputs, fields)
        access = read_access(self.schema)
        refuse_unseen_rows(self.one_table, tables, access)
        resolvers = {
            f"{owner}.{name}"
            for owner, found in (*fields.items(), (query.name, roots), *given_fields(self, tables))
            for name, each in found.items()
            if each.is_resolved and not isinstance(self.schema.types[owner], InterfaceType)
        }
        model = Model(
            tables,
            self.connections,
            roots,
            frozenset(resolvers),
            access,
            read_cache_hints(self.schema, self.connections),
            read_costs(self.schema),
            filter_inputs,
            links,
            self.groups,
            facets,
            sort_inputs,
            self.united,
        )
        fill_sorts(model, query.name)
        return model

    def _refuse_root(self, kind: str, root: ObjectType) -> NoReturn:
        """Refuse a root type, which may be one by its name alone."""
        others = (each for each in self.schema.types.values() if isinstance(each, ObjectType))
        is_given = any(named(f.type) == root.name for each in others for f in each.fields.values())
        if is_given or root.directive("table") or root.directive("key"):
            raise schema_error(
                root,
                f"type {root.name} is taken for the {kind} type by its name, and this API only "
                f"reads; where it is the rows of a table, say which roots there are: write "
                f"`schema {{ query: {self.schema.query} }}`",
            )
        raise schema_error(
            root,
            f"{kind} type {root.name!r}: this API only reads; write the data by an ingest of "
            f"your own and take the type out of the SDL",
        )

    def _refuse_conditions(self) -> None:
        """Refuse ``@where`` on types whose rows are not read from a table."""
        for found in self.schema.types.values():
            if isinstance(found, ObjectType) and found.name not in self.columns:
                refuse_where(found, f"type {found.name}")

    def _refuse_far_orders(
        self,
        inputs: Mapping[str, FilterInput],
        fields: Mapping[str, Mapping[str, ModelField]],
    ) -> None:
        """Refuse first rows as ways of filters and orders that are first by values of others."""
        used = {
            (each.target, name)
            for each in inputs.values()
            for name, relation in each.relations.items()
            if relation.first
        }
        for owner, name in used | self.firsts:
            first = fields[owner][name]
            order = first.rows.order if first.rows else ()
            far = next((term.column for term in order if not term.column.is_own), None)
            if far is not None:
                raise schema_error(
                    self.schema.rows_type(owner).fields[name],
                    f"{owner}.{name} is the first row by {far.field}, which is no column of these "
                    f"rows, so that nothing is chosen or ordered by that row; take its @filterable "
                    f"and @sortable away, or order it by columns",
                )

    # ------------------------------------------------------------------------ types at large

    def row_type(self, owner: RowsType, field_def: FieldDef) -> RowsType | None:
        """The type of the rows behind a field without a resolver, also of a connection."""
        name = named(field_def.type)
        if name in self.connections:
            name = self.connections[name].node
        target = self.schema.types[name]
        if isinstance(target, InterfaceType) and name in self.one_table.members:
            return target
        if isinstance(target, InterfaceType) and gives_several(self, owner, field_def):
            return target
        if isinstance(target, InterfaceType | UnionType):
            kind = "interface" if isinstance(target, InterfaceType) else "union"
            raise schema_error(
                field_def,
                f"field {field_def.name!r} gives the {kind} {name!r}, which no single table holds; "
                f"where one does, say by which column a row is of which type with "
                f"@discriminator(column: ...), or use an object type, or answer it by Python with "
                f"@resolver; a list of it in {self.schema.query} needs none of these",
            )
        return target if isinstance(target, ObjectType) else None

    def source_of(self, groups: RowsType) -> RowsType:
        """The type of the rows that a type of groups is made of."""
        return source_of(self, groups)

    def _read_groups(self, type_def: ObjectType) -> None:
        found = read_groups(self, type_def, KINDS)
        self.groups[found.type_name] = found
        self.columns[found.type_name] = found.of_kind(Column)
        self.keys[found.type_name] = [found.key]
        for name, column in found.fields.items():
            check_marks(f"{found.type_name}.{name}", type_def.fields[name], column)

    # ----------------------------------------------------------------------------- one table

    def _keys(self, type_def: RowsType) -> list[tuple[str, ...]]:
        columns = self.columns[type_def.name]
        keys, stored = [], partial(self.lists.stored, type_def, type_def)
        for names in keys_of(type_def):
            self.key_fields.setdefault(type_def.name, tuple(names))
            keys.append(tuple(stored(name, "@key") for name in names))
        if not keys:
            conventional = next(
                (name for name in (key_field(type_def.name), "id") if name in columns), None
            )
            if conventional is None:
                if type_def.name.endswith("Connection"):
                    raise without_edges(type_def)
                raise schema_error(
                    type_def,
                    f'type {type_def.name} has no key; write @key(fields: "...") with the fields '
                    f"that identify a row, or add a field {key_field(type_def.name)!r}",
                )
            self.key_fields[type_def.name] = (conventional,)
            keys.append((stored(conventional, "the key"),))
        return keys

    def _table(self, type_def: RowsType) -> Table:
        keys = self.keys[type_def.name]
        check_searchable(type_def, self.columns[type_def.name])
        return Table(
            type_name=type_def.name,
            name=table_of(type_def, self.conventions),
            key=keys[0],
            unique_keys=tuple(keys),
            key_fields=self.key_fields[type_def.name],
            fields={each.name: self._field(type_def, each) for each in type_def.fields.values()},
            origin=type_def.origin,
            conditions=self.conditions[type_def.name],
            is_given_by_key=is_given_by_key(type_def),
            members=self.one_table.members.get(type_def.name),
            taken={
                name: self.one_table.taken[type_def.name, name]
                for name in type_def.fields
                if (type_def.name, name) in self.one_table.taken
            },
        )

    def _columns(self, type_def: RowsType) -> dict[str, Column]:
        """Every field of the type that is a single value of its row."""
        found = {each.name: self.column(type_def, each) for each in type_def.fields.values()}
        return {name: column for name, column in found.items() if column is not None}

    def column(self, type_def: RowsType, field_def: FieldDef) -> Column | None:
        """A field that is a single value of its row; None for any other."""
        used = kind_of(type_def.name, field_def)
        if used is None:
            target = self.schema.types[named(field_def.type)]
            is_column = isinstance(target, ScalarType | EnumType)
        else:
            is_column = KINDS[used.name] is read_column
        return read_column(self, type_def, field_def, used) if is_column else None

    def _field(self, type_def: RowsType, field_def: FieldDef) -> ModelField:
        """A field of a type with a table, which is read once."""
        place = (type_def.name, field_def.name)
        found = self._fields.get(place) or self.columns[type_def.name].get(field_def.name)
        if found is None and place in self.one_table.taken:
            above = self.schema.rows_type(self.one_table.taken[place])
            found = self._fields[place] = self._field(above, above.fields[field_def.name])
            return found
        if found is None:
            if place in self._reading:
                raise schema_error(
                    field_def,
                    f"{type_def.name}.{field_def.name} shows rows that are chosen by itself, by "
                    f"way of @filter(field: ...) over an aggregate; choose by another field",
                )
            self._reading.add(place)
            used = kind_of(type_def.name, field_def)
            read = KINDS[used.name] if used else read_relation
            found = read(self, type_def, field_def, used)
        check_marks(f"{type_def.name}.{field_def.name}", field_def, found)
        self._fields[place] = found
        return found

    def relation(self, owner: RowsType, name: str) -> ToMany | ToOne | None:
        """The field of that name, if it leads to rows."""
        field_def = owner.fields.get(name)
        if field_def is None or is_resolved(owner.name, field_def) or owner.name in self.united:
            return None
        if not isinstance(self.schema.types[named(field_def.type)], RowsType):
            return None
        found = self._field(owner, field_def)
        if found.rows is not None and found.rows.target in self.groups:
            return None  # to no rows
        return found if isinstance(found, ToMany | ToOne) else None

    def first(self, owner: RowsType, name: str) -> ToFirst | None:
        """The field of that name, if it leads to the first of several rows."""
        field_def = owner.fields.get(name)
        is_resolver = field_def is None or is_resolved(owner.name, field_def)
        if field_def is None or is_resolver or field_def.directive("orderBy") is None:
            return None
        found = self._field(owner, field_def)
        return found if isinstance(found, ToFirst) else None

    def aggregate(self, owner: RowsType, field_def: FieldDef) -> Aggregate | None:
        """The field, if it is an aggregate."""
        used = kind_of(owner.name, field_def)
        if used is None or used.name not in FUNCTIONS:
            return None
        found = self._field(owner, field_def)
        return found if isinstance(found, Aggregate) else None

    def foreign_key(self, type_def: RowsType) -> tuple[str, ...]:
        """What other tables call the key of a type, by convention."""
        return self.conventions.foreign_key(type_def.name, self.keys[type_def.name][0])

    def where(
        self,
        element: RowsType | FieldDef,
        target: RowsType,
        what: str,
        links: Mapping[str, Column] = MappingProxyType({}),
        link: str = "",
    ) -> tuple[Where, ...]:
        """What ``@where`` says of the rows of ``target``, on that type or on a field over them.

        ``links`` and ``link``: the columns of the link table by which they are reached, its name.
        """
        columns = {**self.columns[target.name], **links}
        found = read_where(element, what, columns, table_of(target, self.conventions), link)
        always = self.conditions.get(target.name) or self.one_table.conditions_of(target.name)
        refuse_opposites(what, found, always)
        return found

    def is_unique(
        self, type_name: str, columns: Iterable[str], conditions: Sequence[Where] = ()
    ) -> bool:
        """Whether at most one row of a type has the same values in these columns.

        ``conditions``: that hold for the rows beside those of the type.
        """
        given = {*columns, *fixed_columns((*self.conditions[type_name], *conditions))}
        return any(set(key) <= given for key in self.keys[type_name])

    # --------------------------------------------------------------------- fields over rows

    def root_list(self, name: str) -> RowsField | None:
        """The field of the query type of that name, if it gives many rows, and no groups."""
        field_def = self.schema.object(self.schema.query).fields.get(name)
        if field_def is None or kind_of(self.schema.query, field_def) is not None:
            return None
        target = self.row_type(self.schema.object(self.schema.query), field_def)
        if target is None or target.name in self.united_types:
            return None
        found = self._root(field_def)
        is_many = isinstance(found, RowsField) and not found.shape.is_one
        return found.rows if is_many and found.target not in self.groups else None

    def _root(self, field_def: FieldDef) -> ModelField:
        """A field of the query type, which is read once."""
        place = (self.schema.query, field_def.name)
        if place not in self._fields:
            self._fields[place] = self._read_root(field_def)
        return self._fields[place]

    def _read_root(self, field_def: FieldDef) -> ModelField:
        query = self.schema.object(self.schema.query)
        used = kind_of(query.name, field_def)
        if used is not None and (used.name == RESOLVER or used.name in FUNCTIONS):
            refuse_on_others(field_def)
            refuse_where(field_def, f"{query.name}.{field_def.name}")
            return KINDS[used.name](self, query, field_def, used)
        if used is not None:
            raise schema_error(
                field_def,
                f"{query.name}.{field_def.name} reads rows of {named(field_def.type)}, and its "
                f"arguments choose them; take the directive away, or answer it by Python with "
                f"@resolver",
            )
        names = by_id_types(self, query, field_def)
        if names:
            return read_by_id(self, field_def, names)
        target = self.row_type(query, field_def)
        if target is None:
            raise schema_error(
                field_def,
                f"{query.name}.{field_def.name} gives a {named(field_def.type)}, which is no row "
                f"of a table; answer it by Python with @resolver, or by the rows of a list with "
                f'@count(of: "..."), @sum, @min, @max or @avg',
            )
        what = f"{query.name}.{field_def.name}"
        if target.name in self.united:
            return read_united_field(self, field_def, self.united[target.name])
        if is_group_type(target):
            source = self.source_of(target)
            groups = self.lists.groups(field_def, target, source)
            return replace(groups, conditions=self.where(field_def, source, what))
        conditions = self.where(field_def, target, what)
        rows = replace(self.lists.rows(field_def, target), conditions=conditions)
        if rows.shape.is_one:
            fixed = [
                column.stored_name
                for f in rows.filters
                if f.operator is Operator.EQUAL and field_def.arguments[f.argument].is_required
                for column in f.columns
            ]
            is_unique = self.is_unique(target.name, [n for n in fixed if n], conditions)
            if rows.shape is Shape.FIRST and is_unique:
                raise schema_error(
                    field_def,
                    f"{query.name}.{field_def.name} gives one {target.name}, of which its required "
                    f"arguments hold a key, so that there is no first one; take @orderBy away",
                )
            if rows.shape is Shape.OBJECT and not is_unique:
                raise schema_error(
                    field_def,
                    f"{query.name}.{field_def.name} gives one {target.name}, but its required "
                    f"arguments hold no key of {target.name}; add the arguments, make it a list, "
                    f'say which row is the first with @orderBy(fields: ["..."]), or add '
                    f"@key(fields: ...) to {target.name}",
                )
        if rows.shape is Shape.OBJECT:
            refuse_on_others(field_def)
        return rows
