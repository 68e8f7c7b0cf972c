"""From the schema to the model, with a clear word about everything that cannot be served.

Every error is a ``SchemaError`` with file, line and what to write instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from handler.language.schema import (
    FieldDef,
    InterfaceType,
    NonNull,
    ObjectType,
    Schema,
    UnionType,
    named,
    schema_error,
)
from handler.model.access import read_access
from handler.model.caching import read_cache_hints
from handler.model.column import Column
from handler.model.columns import read_columns
from handler.model.conditions import Filter
from handler.model.connections import find_connections, without_edges
from handler.model.costs import read_costs
from handler.model.directives import (
    AggregateOf,
    ColumnOf,
    CursorOf,
    ExpressionOf,
    RelationBy,
    ResolvedBy,
    is_given_by_key,
    keys_of,
    refuse_on_others,
    role_of,
    table_of,
)
from handler.model.fields import Count, CursorField, ResolverField, Sum, TableField
from handler.model.list_reader import PAGE_ARGUMENTS, ListReader, PageDefaults
from handler.model.lists import RowsField, Shape
from handler.model.model import Model
from handler.model.names import key_field
from handler.model.relations import Hop, Path, ToMany, ToOne
from handler.model.row_rules import add_row_rules
from handler.model.tables import Table
from handler.scalars import COLUMNS
from handler.sql.operators import Operator


def build_model(schema: Schema, pages: PageDefaults | None = None) -> Model:
    """Find out what stands behind every field. Raises ``SchemaError``."""
    return _Builder(schema, pages or PageDefaults()).build()


class _Builder:
    def __init__(self, schema: Schema, pages: PageDefaults) -> None:
        self.schema = schema
        self.connections = find_connections(schema)
        self.columns: dict[str, dict[str, Column]] = {}  # type -> field -> column
        self.keys: dict[str, list[tuple[str, ...]]] = {}  # type -> unique keys, as columns
        self.given: set[str] = set()  # types that a resolver gives as a whole, without a table
        self.lists = ListReader(schema, self.connections, self.columns, self.keys, pages)

    def build(self) -> Model:
        for kind in ("mutation", "subscription"):
            root = getattr(self.schema, kind)
            if root is not None:
                raise schema_error(
                    self.schema.types[root],
                    f"{kind} type {root!r}: this API only reads; write the data by an ingest of "
                    f"your own and take the type out of the SDL",
                )
        query = self.schema.object(self.schema.query)
        types = self._table_types(query)
        for type_def in types:
            self.columns[type_def.name] = read_columns(self.schema, type_def)
        for type_def in types:
            self.keys[type_def.name] = self._keys(type_def)
        tables = {type_def.name: self._table(type_def) for type_def in types}
        tables = add_row_rules(self.schema, tables)
        roots = {found.name: self._root(found) for found in query.fields.values()}
        fields = {name: table.fields for name, table in tables.items()}
        resolvers = {
            f"{owner}.{name}"
            for owner, found in (*fields.items(), (query.name, roots), *self._given(tables))
            for name, each in found.items()
            if isinstance(each, ResolverField)
        }
        return Model(
            tables,
            self.connections,
            roots,
            frozenset(resolvers),
            read_access(self.schema),
            read_cache_hints(self.schema, self.connections),
            read_costs(self.schema),
        )

    # ------------------------------------------------------------------------ types at large

    def _table_types(self, query: ObjectType) -> list[ObjectType]:
        """Every object type whose rows are read: by a field, or by keys that a resolver gives."""
        found: dict[str, ObjectType] = {}
        waiting: list[tuple[ObjectType, bool]] = [(query, False)]
        while waiting:
            type_def, is_given = waiting.pop()
            for field_def in type_def.fields.values():
                if not is_given and not self._is_resolved(type_def, field_def):
                    target = self._row_type(field_def)
                    rows = [] if target is None else [target]
                else:
                    possible = self.schema.possible_types.get(named(field_def.type), ())
                    objects = [self.schema.object(name) for name in sorted(possible)]
                    rows = [each for each in objects if is_given_by_key(each)]
                    others = [each for each in objects if not is_given_by_key(each)]
                    waiting += [(each, True) for each in others if each.name not in self.given]
                    self.given.update(each.name for each in others)
                for row in rows:
                    if row.name not in found:
                        found[row.name] = row
                        waiting.append((row, False))
        return [found[name] for name in self.schema.types if name in found]

    def _given(
        self, tables: Mapping[str, Table]
    ) -> Iterator[tuple[str, Mapping[str, ResolverField]]]:
        """The fields with functions of their own in types that have no table."""
        for type_name in sorted(self.given - tables.keys()):
            owner = self.schema.object(type_name)
            found = {}
            for field_def in owner.fields.values():
                refuse_on_others(field_def)
                role = role_of(type_name, field_def)
                if isinstance(role, ResolvedBy):
                    found[field_def.name] = self._resolver(owner, field_def, role)
                elif role is not None:
                    raise schema_error(
                        field_def,
                        f"{type_name}.{field_def.name}: a resolver gives {type_name} as a whole, "
                        f"and no table stands behind it; take the directive away, or write @table",
                    )
            yield type_name, found

    def _row_type(self, field_def: FieldDef) -> ObjectType | None:
        """The object type of the rows behind a field without a resolver, also of a connection."""
        name = named(field_def.type)
        target = self.schema.types[name]
        if isinstance(target, InterfaceType | UnionType):
            kind = "interface" if isinstance(target, InterfaceType) else "union"
            raise schema_error(
                field_def,
                f"field {field_def.name!r} gives the {kind} {name!r}, which no single table holds; "
                f"use an object type, or answer it by Python with @resolver",
            )
        if not isinstance(target, ObjectType):
            return None
        if name in self.connections:
            return self.schema.object(self.connections[name].node)
        return target

    # ----------------------------------------------------------------------------- one table

    def _keys(self, type_def: ObjectType) -> list[tuple[str, ...]]:
        columns = self.columns[type_def.name]
        keys = []
        for names in keys_of(type_def):
            keys.append(
                tuple(self.lists.stored(type_def, type_def, name, "@key") for name in names)
            )
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
            keys.append((self.lists.stored(type_def, type_def, conventional, "the key"),))
        return keys

    def _table(self, type_def: ObjectType) -> Table:
        keys = self.keys[type_def.name]
        fields: dict[str, TableField] = {}
        for field_def in type_def.fields.values():
            fields[field_def.name] = self._field(type_def, field_def)
        return Table(
            type_name=type_def.name,
            name=table_of(type_def),
            key=keys[0],
            unique_keys=tuple(keys),
            fields=fields,
            origin=type_def.origin,
            is_given_by_key=is_given_by_key(type_def),
        )

    def _field(self, type_def: ObjectType, field_def: FieldDef) -> TableField:
        found = self._table_field(type_def, field_def)
        if not isinstance(found, ToMany):
            refuse_on_others(field_def)
        return found

    def _table_field(self, type_def: ObjectType, field_def: FieldDef) -> TableField:
        column = self.columns[type_def.name].get(field_def.name)
        if column is not None:
            return column
        is_nullable = not isinstance(field_def.type, NonNull)
        role = role_of(type_def.name, field_def)
        match role:
            case ResolvedBy():
                return self._resolver(type_def, field_def, role)
            case CursorOf():
                return CursorField(field_def.name, is_nullable, field_def.origin)
            case AggregateOf():
                return self._aggregate(type_def, field_def, role, is_nullable=is_nullable)
            case ColumnOf() | ExpressionOf():
                word = "column" if isinstance(role, ColumnOf) else "expression"
                raise schema_error(
                    field_def,
                    f"{type_def.name}.{field_def.name}: @{word} is for a single value, and this "
                    f"field leads to rows; say by which columns with @relation, or take it away",
                )
        target = self._row_type(field_def)
        if target is None:
            raise schema_error(
                field_def, f"{type_def.name}.{field_def.name}: an input type is no output"
            )
        path = self._path(type_def, field_def, target, role)
        if self.lists.shape(field_def) is Shape.OBJECT:
            if field_def.arguments:
                raise schema_error(
                    field_def,
                    f"{type_def.name}.{field_def.name}: a relation to one row takes no arguments",
                )
            if not self._is_unique(target.name, path.last.references):
                raise schema_error(
                    field_def,
                    f"{type_def.name}.{field_def.name} leads to one {target.name}, but "
                    f"{', '.join(path.last.references)} is not a key of it; make the field a list, "
                    f"or add @key(fields: ...) to {target.name}",
                )
            return ToOne(field_def.name, path, is_nullable, field_def.origin)
        return ToMany(self.lists.rows(field_def, target), path)

    def _aggregate(
        self, type_def: ObjectType, field_def: FieldDef, said: AggregateOf, *, is_nullable: bool
    ) -> Count | Sum:
        target = self._counted(type_def, field_def, said)
        filters = self._aggregate_filters(type_def, field_def, said.of, target)
        scalar = named(field_def.type)
        if said.directive == "count":
            return Count(field_def.name, scalar, is_nullable, said.of, field_def.origin, filters)
        summed = self.columns[target.name].get(said.field)
        if summed is None or not COLUMNS[summed.scalar].can_be_summed:
            raise schema_error(
                field_def,
                f"{type_def.name}.{field_def.name}: @sum(field: {said.field!r}) must "
                f"name a field of {target.name} that is an Int, BigInt, Float or Decimal",
            )
        return Sum(field_def.name, scalar, is_nullable, said.of, summed, field_def.origin, filters)

    def _aggregate_filters(
        self, type_def: ObjectType, field_def: FieldDef, of: str, target: ObjectType
    ) -> tuple[Filter, ...]:
        """What chooses the rows of a ``@count`` or ``@sum``: arguments of its own, and the defaults
        of the relation's, so that it tells of the rows that the relation shows.

        An argument that the relation has, too, chooses as it does there.
        """
        relation = type_def.fields[of]
        found = []
        for argument in field_def.arguments.values():
            if argument.name in PAGE_ARGUMENTS or self.lists.orders_rows(argument):
                raise schema_error(
                    argument,
                    f"{type_def.name}.{field_def.name} is one number: it takes no "
                    f"{argument.name!r}, only arguments that choose rows",
                )
            like = relation.arguments.get(argument.name)
            found.append(self.lists.filter(field_def, argument, target, like))
        for argument in relation.arguments.values():
            if argument.name in PAGE_ARGUMENTS or argument.name in field_def.arguments:
                continue
            if self.lists.orders_rows(argument):
                continue
            if argument.is_required:
                raise schema_error(
                    field_def,
                    f"{type_def.name}.{field_def.name}: {type_def.name}.{of} has the required "
                    f"argument {argument.name!r}; give this field one of that name",
                )
            if argument.has_default:
                found.append(self.lists.filter(relation, argument, target))
        return tuple(found)

    def _counted(self, type_def: ObjectType, field_def: FieldDef, said: AggregateOf) -> ObjectType:
        """The type of the rows that are counted or summed."""
        found = type_def.fields.get(said.of)
        if (
            found is not None
            and not self._is_resolved(type_def, found)
            and isinstance(self.schema.types[named(found.type)], ObjectType)
            and self.lists.shape(found) is not Shape.OBJECT
        ):
            target = self._row_type(found)
            assert target is not None
            return target
        raise schema_error(
            field_def,
            f"{type_def.name}.{field_def.name}: @{said.directive}(of: {said.of!r}) must name a "
            f"field of {type_def.name} that is a list or a connection of rows",
        )

    def _is_resolved(self, owner: ObjectType, field_def: FieldDef) -> bool:
        return isinstance(role_of(owner.name, field_def), ResolvedBy)

    def _resolver(self, owner: ObjectType, field_def: FieldDef, said: ResolvedBy) -> ResolverField:
        for name in said.requires:
            if name not in self.columns.get(owner.name, {}):
                raise schema_error(
                    field_def,
                    f"{owner.name}.{field_def.name}: @resolver(requires: {name!r}) must name "
                    f"fields of {owner.name} that are columns",
                )
        return ResolverField(field_def.name, said.requires, field_def.origin)

    # ----------------------------------------------------------------------------- relations

    def _path(
        self, type_def: ObjectType, field_def: FieldDef, target: ObjectType, said: RelationBy | None
    ) -> Path:
        if said is not None:
            return Path((Hop(said.columns, said.references, target.name),))
        if target is type_def:
            raise schema_error(
                field_def,
                f"{type_def.name}.{field_def.name} leads to its own type; say by which columns "
                f"with @relation(columns: [...], references: [...])",
            )
        owner = target if self.lists.shape(field_def) is Shape.OBJECT else type_def
        key = self.keys[owner.name][0]
        return Path((Hop(key, key, target.name),))

    def _is_unique(self, type_name: str, columns: Iterable[str]) -> bool:
        given = set(columns)
        return any(set(key) <= given for key in self.keys[type_name])

    # --------------------------------------------------------------------- fields over rows

    def _root(self, field_def: FieldDef) -> RowsField | ResolverField:
        query = self.schema.object(self.schema.query)
        role = role_of(query.name, field_def)
        if isinstance(role, ResolvedBy):
            refuse_on_others(field_def)
            return self._resolver(query, field_def, role)
        if role is not None:
            raise schema_error(
                field_def,
                f"{query.name}.{field_def.name} reads rows of {named(field_def.type)}, and its "
                f"arguments choose them; take the directive away, or answer it by Python with "
                f"@resolver",
            )
        target = self._row_type(field_def)
        if target is None:
            raise schema_error(
                field_def,
                f"{query.name}.{field_def.name} gives a {named(field_def.type)}, which is no row "
                f"of a table; answer it by Python with @resolver",
            )
        rows = self.lists.rows(field_def, target)
        if rows.shape is Shape.OBJECT:
            refuse_on_others(field_def)
            fixed = [
                f.column.stored_name
                for f in rows.filters
                if f.operator is Operator.EQUAL and field_def.arguments[f.argument].is_required
            ]
            if not self._is_unique(target.name, [name for name in fixed if name]):
                raise schema_error(
                    field_def,
                    f"{query.name}.{field_def.name} gives one {target.name}, but its required "
                    f"arguments hold no key of {target.name}; add the arguments, make it a list, "
                    f"or add @key(fields: ...) to {target.name}",
                )
        return rows
