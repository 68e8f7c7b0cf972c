"""The schema that is left over for one kind of caller, as if the SDL had never had the rest.

What a caller may not use goes: fields, arguments, the values of an enum that order by such a field.
Then goes what makes no sense without it: a type without fields, whatever leads to it, what
nothing leads to any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from handler.compiler.permissions import Permissions
from handler.language.files import PACKAGE_FILES
from handler.language.schema import (
    EnumType,
    FieldDef,
    InputObjectType,
    InterfaceType,
    ObjectType,
    ScalarType,
    Schema,
    TypeDef,
    UnionType,
    named,
)
from handler.language.sdl import possible_types


def visible_schema(schema: Schema, permissions: Permissions, satisfied: int) -> Schema:
    """What callers with these bits may use. The query type stays, though it may have no field.

    A field is left in an interface if all types that implement it here have it. An order whose
    field is forbidden in one list is gone from all lists that share its enum.
    """
    types = _allowed(schema, permissions, satisfied)
    while _drop_useless(schema, types):
        pass
    own = {n for n, found in schema.types.items() if found.origin.file not in PACKAGE_FILES}
    lost = own & _reachable(schema, schema.types) - _reachable(schema, types)
    left = {name: found for name, found in types.items() if name not in lost}
    return replace(schema, types=left, possible_types=possible_types(left))


def _allowed(schema: Schema, permissions: Permissions, satisfied: int) -> dict[str, TypeDef]:
    """All types, with what the caller may use of them."""
    types = dict(schema.types)
    for name in permissions.types:
        found = schema.object(name)
        fields = {
            field.name: _without_arguments(field, name, permissions, satisfied)
            for field in found.fields.values()
            if not permissions.fields[name, field.name] & ~satisfied
        }
        types[name] = replace(found, fields=fields)
    for (input_name, member), needs in permissions.members.items():
        if needs & ~satisfied:
            chosen = types[input_name]
            assert isinstance(chosen, InputObjectType)
            members = {name: each for name, each in chosen.fields.items() if name != member}
            types[input_name] = replace(chosen, fields=members)
    for enum_name, values in permissions.forbidden_orders(satisfied).items():
        enum = schema.types[enum_name]
        assert isinstance(enum, EnumType)
        left = {name: value for name, value in enum.values.items() if name not in values}
        types[enum_name] = replace(enum, values=left)
    return types


def _without_arguments(
    field: FieldDef, owner: str, permissions: Permissions, satisfied: int
) -> FieldDef:
    left = {
        name: argument
        for name, argument in field.arguments.items()
        if not permissions.arguments[owner, field.name, name] & ~satisfied
    }
    return field if len(left) == len(field.arguments) else replace(field, arguments=left)


def _drop_useless(schema: Schema, types: dict[str, TypeDef]) -> bool:
    """Take out what the last round has left without sense; whether there was something."""
    before = _size(types)
    possible = possible_types(types)
    for name, found in list(types.items()):
        match found:
            case ObjectType() | InterfaceType():
                fields = _fields_of(found, types)
                implementing = possible[name]
                if isinstance(found, InterfaceType) and schema.possible_types[name]:
                    fields = _shared(fields, [types[each] for each in sorted(implementing)])
                interfaces = tuple(each for each in found.interfaces if each in types)
                types[name] = replace(found, fields=fields, interfaces=interfaces)
                is_empty = not fields and name != schema.query
            case UnionType():
                left = tuple(each for each in found.members if each in types)
                types[name] = replace(found, members=left)
                is_empty = not left
            case EnumType():
                is_empty = not found.values
            case InputObjectType():
                members = {n: each for n, each in found.fields.items() if named(each.type) in types}
                types[name] = replace(found, fields=members)
                # Its own kind alone, as in `and`, `or` and `not`, is nothing to say.
                is_empty = all(named(each.type) == name for each in members.values())
            case _:
                continue
        if is_empty:
            del types[name]
    return _size(types) != before


def _fields_of(found: ObjectType | InterfaceType, types: dict[str, TypeDef]) -> dict[str, FieldDef]:
    """The fields whose type is left, without arguments whose type is not."""
    fields: dict[str, FieldDef] = {}
    for field in found.fields.values():
        left = {n: each for n, each in field.arguments.items() if named(each.type) in types}
        if named(field.type) in types:
            is_whole = len(left) == len(field.arguments)
            fields[field.name] = field if is_whole else replace(field, arguments=left)
    return fields


def _shared(fields: dict[str, FieldDef], implementing: Iterable[TypeDef]) -> dict[str, FieldDef]:
    """The fields of an interface, and of them the arguments, that all these types have."""
    owners = [each for each in implementing if isinstance(each, ObjectType)]
    if not owners:
        return {}
    shared: dict[str, FieldDef] = {}
    for name, field in fields.items():
        own = [owner.fields.get(name) for owner in owners]
        if all(own):
            left = {
                argument: value
                for argument, value in field.arguments.items()
                if all(each is not None and argument in each.arguments for each in own)
            }
            shared[name] = replace(field, arguments=left)
    return shared


def _size(types: dict[str, TypeDef]) -> int:
    """Gets smaller with everything that is taken out."""
    total = len(types)
    for found in types.values():
        match found:
            case ObjectType() | InterfaceType():
                total += len(found.interfaces)
                total += sum(1 + len(field.arguments) for field in found.fields.values())
            case UnionType():
                total += len(found.members)
            case InputObjectType():
                total += len(found.fields)
    return total


def _reachable(schema: Schema, types: dict[str, TypeDef]) -> set[str]:
    """Names of types that a document can come across."""
    roots = [schema.query, *(n for n in (schema.mutation, schema.subscription) if n)]
    for directive in schema.directives.values():
        roots += [named(argument.type) for argument in directive.arguments.values()]
    implementing = possible_types(types)
    found: set[str] = set()
    waiting = [name for name in roots if name in types]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _next(types[name])
            waiting += implementing.get(name, ())
    return found


def _next(found: TypeDef) -> Iterator[str]:
    match found:
        case ObjectType() | InterfaceType():
            yield from found.interfaces
            for field in found.fields.values():
                yield named(field.type)
                yield from (named(argument.type) for argument in field.arguments.values())
        case InputObjectType():
            yield from (named(field.type) for field in found.fields.values())
        case UnionType():
            yield from found.members
        case ScalarType() | EnumType():
            pass
