"""``@globalId``: a field that tells its row from the rows of all types, and what finds rows by it.

Source: https://relay.dev/graphql/objectidentification.htm
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from handler.language.schema import (
    AppliedDirective,
    FieldDef,
    InputValue,
    InterfaceType,
    ListOf,
    Origin,
    RowsType,
    Schema,
    has_nullable_items,
    is_nullable,
    named,
    nullable,
    schema_error,
)
from handler.model.column import Column
from handler.model.conditions import Filter
from handler.model.directives import PageOf, filter_of, page_of
from handler.model.field import ModelField
from handler.model.list_pages import page_sizes
from handler.model.lists import RowsField, Shape
from handler.model.tables import Members, Table
from handler.model.where_reader import refuse_where
from handler.sql.operators import Operator

if TYPE_CHECKING:
    from handler.model.builder import Builder

DIRECTIVE: Final = "globalId"


class GlobalIdField(ModelField, frozen=True):
    """The opaque name of a row, which is made of its type and its key."""

    field: str
    is_nullable: bool
    origin: Origin

    def tells_of(self, owner: str, tables: Mapping[str, Table]) -> Iterable[tuple[str, str]]:
        """Of the key."""
        return tables[owner].key_places


class IdFilter(Filter, frozen=True):
    """An argument that finds rows by their global ids. ``column``: the first of the key.

    ``parts``: the comparison of each column of the key; ``kinds``: the types of the rows.
    """

    parts: tuple[Filter, ...] = ()
    kinds: tuple[str, ...] = ()
    members: Members | None = None  # which of these types a row is, where there are several

    is_id = True

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple([part.column for part in self.parts])

    @property
    def needs_types(self) -> bool:
        return any(part.needs_types for part in self.parts)


class ByIdField(ModelField, frozen=True):
    """A field that gives the row, or the rows, of whatever type that have these global ids."""

    field: str
    argument: str
    is_list: bool
    is_nullable: bool
    has_nullable_items: bool
    members: Mapping[str, RowsField]  # by type
    origin: Origin

    def types_read(self, tables: Mapping[str, Table]) -> Iterable[str]:
        return self.members


def id_filter(
    argument: InputValue,
    name: str,
    target: RowsType,
    key: Iterable[Column],
    members: Members | None,
) -> IdFilter | None:
    """An argument that names a global id; None for any other. Raises ``SchemaError``."""
    field_def = target.fields.get(name)
    if field_def is None or field_def.directive(DIRECTIVE) is None:
        return None
    is_list = isinstance(nullable(argument.type), ListOf)
    said = filter_of(argument)
    operator = Operator.EQUAL if said is None else said.operator
    if operator not in (Operator.EQUAL, Operator.IN) or named(argument.type) != "ID":
        raise schema_error(
            argument,
            f"argument {argument.name!r} finds rows by {target.name}.{name}, a global id: it is an "
            f"ID or a list of them, and equal",
        )
    is_given = str(argument.type).endswith("!")
    return _filter(argument.name, target.name, tuple(key), members, is_list, is_given)


def _filter(
    argument: str,
    target: str,
    key: tuple[Column, ...],
    members: Members | None,
    is_list: bool,  # of the argument
    is_given: bool,  # as above
) -> IdFilter:
    kinds: tuple[str, ...] = (target,)
    if members is not None and target not in members.values:
        kinds = tuple(members.values)
    return IdFilter(
        argument=argument,
        column=key[0],
        operator=Operator.IN if is_list else Operator.EQUAL,
        is_always_given=is_given,
        parts=tuple([Filter(argument, column, Operator.EQUAL) for column in key]),
        kinds=kinds,
        members=members if kinds != (target,) else None,
    )


def read_global_id(
    builder: Builder, owner: RowsType, field_def: FieldDef, used: AppliedDirective
) -> GlobalIdField:
    """The field. Raises ``SchemaError``."""
    is_list = isinstance(nullable(field_def.type), ListOf)
    if builder.schema.basis(named(field_def.type)) != "ID" or is_list or field_def.arguments:
        raise schema_error(
            field_def,
            f"{owner.name}.{field_def.name}: @{DIRECTIVE} is for an ID without arguments; make it "
            f"`{field_def.name}: ID! @{DIRECTIVE}`",
        )
    return GlobalIdField(field_def.name, is_nullable(field_def.type), field_def.origin)


def spread_global_ids(schema: Schema) -> dict[str, RowsType]:
    """The types whose interfaces have a global id, with what these say of it."""
    found: dict[str, RowsType] = {}
    for each in schema.types.values():
        if not isinstance(each, RowsType):
            continue
        fields = dict(each.fields)
        for name in each.interfaces:
            for shared in schema.rows_type(name).fields.values():
                used = shared.directive(DIRECTIVE)
                own = fields[shared.name]
                if used is not None and own.directive(DIRECTIVE) is None:
                    fields[shared.name] = replace(own, directives=(*own.directives, used))
                    found[each.name] = replace(each, fields=fields)
    return found


def by_id_types(builder: Builder, owner: RowsType, field_def: FieldDef) -> list[str]:
    """The types of which a field of the query type finds rows by their global ids; none for any
    other field.
    """
    target = builder.schema.types[named(field_def.type)]
    if owner.name != builder.schema.query or not isinstance(target, InterfaceType):
        return []
    if target.name in builder.one_table.members:
        return []
    if not any(each.directive(DIRECTIVE) for each in target.fields.values()):
        return []
    possible = builder.schema.possible_types[target.name]
    return [name for name in builder.schema.types if name in possible]


def read_by_id(builder: Builder, field_def: FieldDef, names: list[str]) -> ByIdField:
    """The field over these types. Raises ``SchemaError``."""
    is_list = builder.lists.shape(field_def) is Shape.LIST
    wanted = "ids: [ID!]!" if is_list else "id: ID!"
    arguments = [f"{each.name}: {each.type}" for each in field_def.arguments.values()]
    if [text.partition(": ")[2] for text in arguments] != [wanted.partition(": ")[2]]:
        raise schema_error(
            field_def,
            f"{builder.schema.query}.{field_def.name} gives a {named(field_def.type)}, whose rows "
            f"are found by their global ids: write {field_def.name}({wanted})",
        )
    if not (has_nullable_items(field_def.type) if is_list else is_nullable(field_def.type)):
        raise schema_error(
            field_def,
            f"{builder.schema.query}.{field_def.name} is null for an id of no row; take the ! away",
        )
    (argument,) = field_def.arguments
    if filter_of(field_def.arguments[argument]) is not None:
        raise schema_error(
            field_def.arguments[argument],
            f"argument {argument!r} of {field_def.name!r} finds rows by their global ids: take "
            f"@filter away",
        )
    what = f"{builder.schema.query}.{field_def.name}"
    refuse_where(field_def, what)
    said = page_of(field_def)
    is_fit = said is None or (is_list and said == PageOf(None, said.maximum, None))
    if field_def.directive("orderBy") or not is_fit:
        raise schema_error(
            field_def,
            f"{what} gives the rows of global ids in the order of these: @orderBy is not for it, "
            f"and of @page only the maximum, of a list",
        )
    most = page_sizes(builder.lists.pages, field_def, Shape.LIST, frozenset({argument}))[1]
    members = {}
    for name in names:
        found = builder.tables[name]
        chosen = _filter(argument, name, tuple(found.key_columns), None, is_list, is_given=True)
        members[name] = replace(
            found.rows_by_key(field_def.name),
            shape=Shape.LIST if is_list else Shape.OBJECT,
            filters=(chosen,),
            default_size=most if is_list else 1,
            maximum_size=most if is_list else 1,
            origin=field_def.origin,
            by_ids=argument if is_list else "",
        )
    return ByIdField(
        field=field_def.name,
        argument=argument,
        is_list=is_list,
        is_nullable=is_nullable(field_def.type),
        has_nullable_items=has_nullable_items(field_def.type),
        members=members,
        origin=field_def.origin,
    )
