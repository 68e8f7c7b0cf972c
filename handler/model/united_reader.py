"""Which interfaces and unions the query type lists though their rows stand in several tables, and
what chooses and orders these rows.

Every error is a ``SchemaError`` with file, line and what to write instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from handler.language.schema import (
    FieldDef,
    InputValue,
    InterfaceType,
    ListOf,
    ObjectType,
    Origin,
    RowsType,
    Schema,
    UnionType,
    named,
    nullable,
    schema_error,
)
from handler.model.column import Column, ColumnRef
from handler.model.directives import FilterBy, searches_of
from handler.model.filter_inputs import check_filterable
from handler.model.global_ids import by_id_types
from handler.model.kinds import is_resolved
from handler.model.lists import RowsField
from handler.model.search import Relevance, read_search
from handler.model.sort_inputs import check_sortable
from handler.model.united import TYPE, UnitedColumn, UnitedField, UnitedSearch, UnitedTable

if TYPE_CHECKING:
    from handler.model.builder import Builder


def find_united(builder: Builder) -> dict[str, tuple[str, ...]]:
    """The interfaces and unions whose rows the query type lists, with their types, both by name."""
    query = builder.schema.object(builder.schema.query)
    found = {}
    for field_def in query.fields.values():
        name = _rows_of(builder, field_def)
        is_several = isinstance(builder.schema.types.get(name), InterfaceType | UnionType)
        if is_several and gives_several(builder, query, field_def):
            found[name] = tuple(sorted(builder.schema.possible_types[name]))
    for name, kinds in found.items():
        target = builder.schema.types[name]
        if isinstance(target, UnionType):
            builder.schema.types[name] = _as_interface(
                target, [builder.schema.object(kind) for kind in kinds]
            )
    return found


def gives_several(builder: Builder, owner: RowsType, field_def: FieldDef) -> bool:
    """Whether a field gives rows of an interface or a union that no single table holds, and not by
    their ids."""
    name = _rows_of(builder, field_def)
    is_many = name != named(field_def.type) or isinstance(nullable(field_def.type), ListOf)
    return (
        owner.name == builder.schema.query
        and bool(builder.schema.possible_types.get(name))
        and name not in builder.one_table.members
        and (is_many or field_def.directive("orderBy") is not None)
        and not is_resolved(owner.name, field_def)
        and not by_id_types(builder, owner, field_def)
    )


def _rows_of(builder: Builder, field_def: FieldDef) -> str:
    name = named(field_def.type)
    return builder.connections[name].node if name in builder.connections else name


def _as_interface(each: UnionType, types: Sequence[ObjectType]) -> InterfaceType:
    """A union as an interface of the fields that all its types have alike."""
    first, *others = types
    fields = {
        name: replace(own, directives=())
        for name, own in first.fields.items()
        if all(
            name in other.fields and nullable(other.fields[name].type) == nullable(own.type)
            for other in others
        )
    }
    return InterfaceType(
        name=each.name,
        description=each.description,
        directives=each.directives,
        origin=each.origin,
        fields=fields,
    )


def read_united(builder: Builder, target: RowsType, kinds: tuple[str, ...]) -> UnitedTable:
    """The table that statements make of the rows of several types, whose tables are known."""
    for name in ("table", "key"):
        if target.directive(name):
            raise schema_error(
                target,
                f"{target.name} has @{name}, and its rows stand in the tables of "
                f"{', '.join(kinds)}; take it away, or say by which column of one table a row is "
                f"of which type with @discriminator(column: ...)",
            )
    columns = {}
    for name, field_def in target.fields.items():
        found = _column(builder, target, name, kinds)
        if found is not None:
            columns[name] = found
        check_filterable(f"{target.name}.{name}", field_def, found)
        check_sortable(f"{target.name}.{name}", field_def, found)
    builder.columns[target.name] = dict(columns)
    builder.keys[target.name] = [()]
    row_key = [_made(TYPE, "Int", target.origin, {})]
    for kind in kinds:
        for column in builder.lists.key_columns(kind):
            made = _made(f"{kind}.{column.field}", column.scalar, target.origin, {kind: column})
            row_key.append(made)
    return UnitedTable(
        type_name=target.name,
        name=target.name,
        key=tuple(column.field for column in row_key),
        unique_keys=(),
        fields=columns,
        origin=target.origin,
        types=kinds,
        row_key=tuple(row_key),
    )


def _column(
    builder: Builder, target: RowsType, name: str, kinds: Sequence[str]
) -> UnitedColumn | None:
    """The field as a united column, if it is one value of a row in all types, of one kind."""
    by_type = {kind: builder.columns[kind].get(name) for kind in kinds}
    known = {kind: column for kind, column in by_type.items() if column is not None}
    alike = {(c.scalar, c.is_integer, c.zero_is_null) for c in known.values()}
    if len(known) < len(kinds) or len(alike) > 1:
        return None
    return _made(name, known[kinds[0]].scalar, target.fields[name].origin, known)


def _made(name: str, scalar: str, origin: Origin, by_type: Mapping[str, Column]) -> UnitedColumn:
    first = next(iter(by_type.values()), None)
    is_key = len(by_type) < 2
    return UnitedColumn(
        field=name,
        scalar=scalar,
        is_nullable=is_key or any(column.is_nullable for column in by_type.values()),
        parts=(ColumnRef(name),),
        origin=origin,
        is_integer=first is not None and first.is_integer,
        enum_values=None if first is None else first.enum_values,
        zero_is_null=first is not None and first.zero_is_null,
        by_type=by_type,
    )


def read_united_field(builder: Builder, field_def: FieldDef, table: UnitedTable) -> UnitedField:
    """A field of the query type over the rows of an interface or a union."""
    target = builder.schema.rows_type(table.type_name)
    what = f"{builder.schema.query}.{field_def.name}"
    conditions = builder.where(field_def, target, what)
    for each in conditions:
        if not isinstance(each.filter.column, UnitedColumn):
            raise schema_error(
                field_def,
                f"{what}: @where names a column, and rows of {target.name} stand in several "
                f"tables; name a field of {target.name}, or write @where on the types",
            )
    rows = builder.lists.rows(field_def, target, link_key=table.row_key)
    said = {name: getattr(rows, name) for name in RowsField.__struct_fields__}
    return UnitedField(**said | {"conditions": conditions}, types=table.types)


def read_united_search(
    schema: Schema,
    argument: InputValue,
    columns: Mapping[str, Mapping[str, Column]],
    keys: Mapping[str, Sequence[tuple[str, ...]]],
    kinds: Sequence[str],
    said: FilterBy,
) -> UnitedSearch:
    """``MATCH`` over rows of several types: in the fields that are named, or of each type in those
    of its ``@searchable``. ``columns``: of each type by field; ``keys``: its keys."""
    names = said.fields or ((said.field,) if said.field else ())
    by_type = {}
    for kind in kinds:
        rows = schema.rows_type(kind)
        searches = searches_of(rows)
        if not names and len(searches) != 1:
            raise schema_error(
                argument,
                f"argument {argument.name!r} searches rows of {', '.join(kinds)}, and {kind} has "
                f"{'several' if searches else 'no'} @searchable: name the fields here, "
                f"@filter(operator: MATCH, fields: [...]), or write one on each of these types",
            )
        own = replace(said, field=None, fields=names or searches[0].fields)
        by_type[kind] = read_search(schema, argument, rows, columns[kind], keys[kind][0], own)
    first = by_type[kinds[0]]
    values = {name: getattr(first, name) for name in first.__struct_fields__}
    return UnitedSearch(**values, by_type=by_type)


def united_relevance(key: Relevance) -> Column:
    """How well rows of several types fit a search, each by the words of its own table."""
    used = key.search
    if not isinstance(used, UnitedSearch):
        return key
    by_type = {
        kind: replace(key, search=search, is_as_found=True) for kind, search in used.by_type.items()
    }
    return _made(key.field, key.scalar, key.origin, by_type)
