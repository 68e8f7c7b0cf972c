"""Interfaces and unions whose rows stand in one table, as ``@discriminator`` says it.

Here the types that are members take what is said of all of them together: table, keys, and what
stands behind the fields of the interface. A union is read as an interface of the single values
that all its members have. Every error is a ``SchemaError`` with file, line and what to write.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from handler.access.rules import StatedRules
from handler.language.schema import (
    AppliedDirective,
    Element,
    EnumType,
    FieldDef,
    InputValue,
    InterfaceType,
    NonNull,
    ObjectType,
    RowsType,
    ScalarType,
    Schema,
    TypeDef,
    UnionType,
    is_nullable,
    named,
    nullable,
    schema_error,
)
from handler.model.column import Column, ColumnRef
from handler.model.conditions import Filter, Where
from handler.model.directives import table_of
from handler.model.global_ids import DIRECTIVE, spread_global_ids
from handler.model.kinds import KINDS, RESOLVER
from handler.model.names import Conventions, key_field
from handler.model.relations import ToOne
from handler.model.tables import Members, Table
from handler.sql.operators import Operator

_RULES = frozenset({"public", "authenticated", "requiresScopes", "deprecated", "cost", "listSize"})


class OneTable(Struct):
    """What is known of all interfaces and unions over one table, and of their members."""

    schema: Schema  # as this package reads it, with all that members take from their interfaces
    members: dict[str, Members] = field(default_factory=dict)  # by interface, union and member
    above: dict[str, list[str]] = field(default_factory=dict)  # of members, by their names
    taken: dict[tuple[str, str], str] = field(default_factory=dict)
    """The interface whose field a member's field is in every way, by type and field."""

    def conditions_of(self, name: str) -> tuple[Where, ...]:
        """What holds for all rows of a type because it is a member."""
        members = self.members.get(name)
        if members is None or name not in members.values:
            return ()
        column = members.column
        used = Filter("", column, Operator.EQUAL)
        return (Where(used, members.values[name], column.origin),)

    def members_of(self, name: str) -> tuple[str, ...]:
        """The members of an interface or a union; of a member itself its own name."""
        return tuple(self.members[name].values) if name in self.members else ()


def read_members(schema: Schema, conventions: Conventions) -> OneTable:
    """All of one schema. Raises ``SchemaError``."""
    schema = replace(schema, types={**schema.types, **spread_global_ids(schema)})
    found = OneTable(schema)
    # Unions last: what their members have in common they may have from interfaces.
    for each in sorted(schema.types.values(), key=lambda found: isinstance(found, UnionType)):
        if isinstance(each, InterfaceType | UnionType):
            used = each.directive("discriminator")
            if used is not None:
                _read(found, conventions, each, str(used.arguments["column"]))
            else:
                _refuse_table(each)
    for each in tuple(schema.types.values()):
        if each.directive("value") and each.name not in found.above:
            raise schema_error(
                each,
                f"type {each.name} has a @value, and is of no interface or union whose column it "
                f"would stand in; write @discriminator(column: ...) there, or take it away",
            )
    return found


def _refuse_table(each: InterfaceType | UnionType) -> None:
    for name in ("table", "key"):
        if each.directive(name):
            raise schema_error(
                each,
                f"{_word(each)} {each.name} has @{name}, but nothing says of which type a row is; "
                f"write @discriminator(column: ...) with the column that does, or take it away",
            )


def _word(each: TypeDef) -> str:
    return "interface" if isinstance(each, InterfaceType) else "union"


def _read(
    found: OneTable, conventions: Conventions, each: InterfaceType | UnionType, column: str
) -> None:
    what = f"{_word(each)} {each.name}"
    if not column.strip():
        raise schema_error(each, f"{what}: @discriminator names no column")
    names = [n for n in found.schema.types if n in found.schema.possible_types[each.name]]
    if not names:
        raise schema_error(
            each, f"{what} has @discriminator, and no type implements it; declare one"
        )
    types = [found.schema.object(name) for name in names]
    used = each.directive("table")
    table = str(used.arguments["name"]) if used else conventions.table_name(each.name)
    rows = each if isinstance(each, InterfaceType) else _as_interface(each, types, found.schema)
    values: dict[str, str] = {}
    for member in types:
        said = member.directive("value")
        value = str(said.arguments["column"]) if said else member.name
        other = next((name for name, known in values.items() if known == value), None)
        if other is not None:
            raise schema_error(
                member,
                f"type {member.name} stands for {value!r} in column {column!r}, as {other} does; "
                f'say which rows are its own by @value(column: "...")',
            )
        values[member.name] = value
    read = Column(
        field=column,
        scalar="String",
        is_nullable=True,
        parts=(ColumnRef(column),),
        origin=each.origin,
        table=table,
    )
    found.members[each.name] = Members(read, values)
    keys = _keys(rows)
    for member in types:
        _refuse_others(found, conventions, each, member, table, column)
        own = Members(read, {member.name: values[member.name]})
        found.members.setdefault(member.name, own)
        found.above.setdefault(member.name, []).append(each.name)
        found.schema.types[member.name] = _completed(found, each, member, table, keys)
    here = (*rows.directives, *_table(rows, table), *(() if rows.directive("key") else keys))
    found.schema.types[each.name] = replace(rows, directives=here)


def _refuse_others(
    found: OneTable,
    conventions: Conventions,
    each: InterfaceType | UnionType,
    member: ObjectType,
    table: str,
    column: str,
) -> None:
    """Refuse a member that stands in another table, or is told from others by another column."""
    if member.directive("aggregate"):
        raise schema_error(
            member,
            f"type {member.name} is of groups, which stand in no table; take @aggregate away here, "
            f"or @discriminator from {each.name}",
        )
    if member.directive("table") and table_of(member, conventions) != table:
        raise schema_error(
            member,
            f"type {member.name} is read from table {table_of(member, conventions)!r}, and the "
            f"rows of {each.name} stand in {table!r}; take @table away here, or @discriminator "
            f"there",
        )
    known = found.members.get(member.name)
    if known is not None and (known.column.table, known.column.field) != (table, column):
        raise schema_error(
            each,
            f"{member.name} is known by column {known.column.field!r} of {known.column.table!r} as "
            f"one of {found.above[member.name][0]}, and by {column!r} of {table!r} as one of "
            f"{each.name}; a type has one column that tells its rows from others",
        )


def _table(element: TypeDef, table: str) -> tuple[AppliedDirective, ...]:
    used = element.directive("table")
    return () if used else (AppliedDirective("table", {"name": table}, element.origin),)


def _keys(rows: RowsType) -> tuple[AppliedDirective, ...]:
    """The keys that hold for all members."""
    said = tuple(used for used in rows.directives if used.name == "key")
    if not said:
        usual = (name for name in (key_field(rows.name), "id") if name in rows.fields)
        said = tuple(AppliedDirective("key", {"fields": n}, rows.origin) for n in usual)[:1]
    return said


def _completed(
    found: OneTable,
    above: InterfaceType | UnionType,
    member: ObjectType,
    table: str,
    keys: tuple[AppliedDirective, ...],
) -> ObjectType:
    """The type with what it takes from an interface or a union that it is of."""
    current = found.schema.object(member.name)
    more = _table(current, table) + (() if current.directive("key") else keys)
    fields = dict(current.fields)
    if isinstance(above, InterfaceType):
        for name, shared in above.fields.items():
            if _says_nothing(fields[name]) and _is_same(fields[name], shared):
                found.taken.setdefault((member.name, name), above.name)
            fields[name] = _with(fields[name], shared)
    return replace(current, directives=(*current.directives, *more), fields=fields)


def _says_nothing(own: FieldDef) -> bool:
    said = (own, *own.arguments.values())
    return all(used.name in _RULES for each in said for used in each.directives)


def _is_same(own: FieldDef, shared: FieldDef) -> bool:
    """Whether callers find the same field, and it may be read as one for all members."""
    is_own = shared.directive(RESOLVER) or shared.directive(DIRECTIVE)
    return _shape(own) == _shape(shared) and not is_own


def _shape(each: FieldDef) -> object:
    given = [(a.name, str(a.type), a.default_text) for a in each.arguments.values()]
    return str(each.type), given


def _with(own: FieldDef, shared: FieldDef) -> FieldDef:
    """The field of a member with what the interface says where it says nothing itself."""
    arguments: dict[str, InputValue] = {}
    for name, argument in own.arguments.items():
        there = shared.arguments.get(name)
        more = _lacking(argument, there) if there else ()
        arguments[name] = replace(argument, directives=(*argument.directives, *more))
    directives = (*own.directives, *_lacking(own, shared))
    return replace(own, arguments=arguments, directives=directives)


def _lacking(own: Element, shared: Element) -> Iterable[AppliedDirective]:
    """What is said of one element and not of the other, which may be of another kind."""
    is_of_kind = any(used.name in KINDS for used in own.directives)
    return [
        used
        for used in shared.directives
        if used.name not in _RULES
        and own.directive(used.name) is None
        and not (is_of_kind and used.name in KINDS)
    ]


def _as_interface(each: UnionType, types: list[ObjectType], schema: Schema) -> InterfaceType:
    """A union as the interface of the single values that all its members have alike."""
    first, *others = types
    fields = {}
    for name, own in first.fields.items():
        alike = [other.fields.get(name) for other in others]
        if _is_value(own, schema) and all(_is_alike(own, other) for other in alike):
            may_be_null = any(other is not None and is_nullable(other.type) for other in alike)
            bare = nullable(own.type)
            ref = bare if may_be_null or is_nullable(own.type) else NonNull(bare)
            said = tuple(used for used in own.directives if used.name not in _RULES)
            fields[name] = replace(own, type=ref, directives=said)
    said = each.directives
    if not any(used.name == "key" for used in said):
        said += _common_keys(types)
    return InterfaceType(
        name=each.name,
        description=each.description,
        directives=said,
        origin=each.origin,
        fields=fields,
    )


def _is_value(own: FieldDef, schema: Schema) -> bool:
    is_column = not any(used.name in KINDS and used.name != "column" for used in own.directives)
    return is_column and isinstance(schema.types[named(own.type)], ScalarType | EnumType)


def _is_alike(own: FieldDef, other: FieldDef | None) -> bool:
    """Whether two types have the same column by that name."""
    return (
        other is not None
        and nullable(own.type) == nullable(other.type)
        and _kind(own) == _kind(other)
    )


def _kind(own: FieldDef) -> list[object]:
    return [(used.name, used.arguments) for used in own.directives if used.name in KINDS]


def _common_keys(types: list[ObjectType]) -> tuple[AppliedDirective, ...]:
    first, *others = types
    said = [used for used in first.directives if used.name == "key"]
    return tuple(
        used
        for used in said
        if all(used.arguments in [each.arguments for each in o.directives] for o in others)
    )


def refuse_other_columns(found: OneTable, columns: Mapping[str, Mapping[str, Column]]) -> None:
    """Refuse a member's field over another column than its interface has by that name.

    What chooses and orders rows of the interface would tell of another value than is shown.
    """
    for member, names in found.above.items():
        for above in names:
            for name, shared in columns.get(above, {}).items():
                own = columns.get(member, {}).get(name)
                if own is None or _read_by(own) != _read_by(shared):
                    raise schema_error(
                        found.schema.object(member).fields[name],
                        f"{member}.{name} is not read as {above}.{name} is, by which rows of "
                        f"{above} are chosen and ordered; take what it says of its column away",
                    )


def refuse_unseen_rows(found: OneTable, tables: Mapping[str, Table], access: StatedRules) -> None:
    """Refuse fields that must not be null and lead to rows that only some callers may read."""
    for table in tables.values():
        for one in table.of_kind(ToOne).values():
            kinds = tables[one.target].kinds
            if not one.is_nullable and len({access.places[kind,] for kind in kinds}) > 1:
                raise schema_error(
                    found.schema.rows_type(table.type_name).fields[one.field],
                    f"{table.type_name}.{one.field} must not be null, but who may read one of "
                    f"{', '.join(kinds)} may not read another; take the ! away, or write the same "
                    f"rule on these types",
                )


def _read_by(column: Column) -> object:
    return column.parts, column.scalar, column.enum_values, column.is_integer, column.zero_is_null
