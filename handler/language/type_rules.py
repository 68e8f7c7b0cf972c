"""The rules for a whole schema; ``sdl`` checks them.

Each raises ``SchemaError`` with the location of the mistake.
Source: https://spec.graphql.org/September2025/#sec-Type-System
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from handler.errors import SchemaError
from handler.language.schema import (
    Element,
    EnumType,
    FieldDef,
    InputObjectType,
    InputValue,
    InterfaceType,
    ListOf,
    Named,
    NonNull,
    ObjectType,
    ScalarType,
    Schema,
    TypeRef,
    UnionType,
    named,
    schema_error,
)
from handler.language.suggestions import did_you_mean
from handler.scalars import SCALARS

INPUT_TYPES = (ScalarType, EnumType, InputObjectType)
OUTPUT_TYPES = (ScalarType, EnumType, ObjectType, InterfaceType, UnionType)


def check_schema(schema: Schema) -> None:
    """Check types, positions, interfaces, unions, enums, input objects and root types."""
    _check_roots(schema)
    for directive in schema.directives.values():
        _check_inputs(schema, f'directive "@{directive.name}"', directive.arguments)
    for found in schema.types.values():
        match found:
            case ScalarType():
                _check_scalar(found)
            case ObjectType() | InterfaceType():
                _check_fields(schema, found)
                _check_interfaces(schema, found)
            case UnionType():
                _check_union(schema, found)
            case EnumType():
                if not found.values:
                    _refuse(f'Enum "{found.name}" has no value; add at least one.', found)
            case InputObjectType():
                if not found.fields:
                    _refuse(f'Input "{found.name}" has no field; add at least one.', found)
                _check_inputs(schema, f'input "{found.name}"', found.fields)
    _check_input_cycles(schema)


def check_uses(schema: Schema) -> None:
    """Check the rules about directives, after ``check_schema`` and once directives are applied."""
    for directive in schema.directives.values():
        _check_deprecated_inputs(directive.arguments)
        _check_directive_cycle(schema, directive.name)
    for found in schema.types.values():
        if isinstance(found, ObjectType | InterfaceType):
            for field in found.fields.values():
                _check_deprecated_inputs(field.arguments)
            _check_deprecated_fields(schema, found)
        elif isinstance(found, InputObjectType):
            _check_deprecated_inputs(found.fields)
            if found.is_one_of:
                _check_one_of(found)
    _check_constructible(schema)


def is_subtype(schema: Schema, sub: TypeRef, base: TypeRef) -> bool:
    """Whether a field of type ``sub`` may implement one of type ``base``."""
    if isinstance(base, NonNull):
        return isinstance(sub, NonNull) and is_subtype(schema, sub.of, base.of)
    if isinstance(sub, NonNull):
        return is_subtype(schema, sub.of, base)
    if isinstance(base, ListOf) or isinstance(sub, ListOf):
        return (
            isinstance(base, ListOf)
            and isinstance(sub, ListOf)
            and is_subtype(schema, sub.of, base.of)
        )
    if sub.name == base.name:
        return True
    lower, upper = schema.types[sub.name], schema.types[base.name]
    if isinstance(upper, UnionType):
        return lower.name in upper.members
    return isinstance(lower, ObjectType | InterfaceType) and upper.name in lower.interfaces


def _refuse(message: str, element: Element) -> NoReturn:
    raise schema_error(element, message)


def _check_scalar(found: ScalarType) -> None:
    if found.like and found.name in SCALARS:
        _refuse(f"{found.name} is what it is; declare a scalar of another name.", found)
    if found.like and found.like not in SCALARS:
        _refuse(
            f'Scalar "{found.name}" is like "{found.like}", which is none of'
            f" {', '.join(sorted(SCALARS))}.{did_you_mean(found.like, SCALARS)}",
            found,
        )


def _check_roots(schema: Schema) -> None:
    query = schema.types.get(schema.query)
    if not isinstance(query, ObjectType):
        raise SchemaError(
            "The schema has no query type; declare `type Query { ... }`, or name another in"
            " `schema { query: ... }`.",
            file=query.origin.file if query else "",
            location=query.origin.location if query else None,
        )
    seen: dict[str, str] = {}
    for kind, name in schema.roots.items():
        if name is None:
            continue
        found = schema.types[name]
        if not isinstance(found, ObjectType):
            _refuse(f'The {kind} type "{name}" must be an object type.', found)
        if name in seen:
            _refuse(
                f'Type "{name}" cannot be the root of both {seen[name]} and {kind}; declare two'
                " types.",
                found,
            )
        seen[name] = kind


def _check_fields(schema: Schema, found: ObjectType | InterfaceType) -> None:
    if not found.fields:
        _refuse(f'Type "{found.name}" has no field; add at least one.', found)
    for field in found.fields.values():
        if not isinstance(schema.types[named(field.type)], OUTPUT_TYPES):
            _refuse(
                f'The type of "{found.name}.{field.name}" must be an output type, but'
                f' "{field.type}" is an input; declare a type for it.',
                field,
            )
        _check_inputs(schema, f'"{found.name}.{field.name}"', field.arguments)


def _check_inputs(schema: Schema, where: str, inputs: Mapping[str, InputValue]) -> None:
    for value in inputs.values():
        if not isinstance(schema.types[named(value.type)], INPUT_TYPES):
            _refuse(
                f'The type of "{value.name}" of {where} must be an input type, but "{value.type}"'
                " is not; declare an input for it.",
                value,
            )


def _check_interfaces(schema: Schema, found: ObjectType | InterfaceType) -> None:
    for name in found.interfaces:
        interface = schema.types[name]
        if not isinstance(interface, InterfaceType):
            _refuse(f'Type "{found.name}" must only implement interfaces, "{name}" is none.', found)
        if name == found.name:
            _refuse(f'Interface "{name}" cannot implement itself.', found)
        for inherited in interface.interfaces:
            if inherited == found.name:
                _refuse(
                    f'Interface "{found.name}" cannot implement "{name}", which implements it.',
                    found,
                )
            if inherited not in found.interfaces:
                _refuse(
                    f'Type "{found.name}" must implement "{inherited}" because "{name}" does;'
                    f" write `implements {name} & {inherited}`.",
                    found,
                )
        for field in interface.fields.values():
            _check_implementation(schema, found, interface, field)


def _check_implementation(
    schema: Schema, found: ObjectType | InterfaceType, interface: InterfaceType, field: FieldDef
) -> None:
    wanted = f"{interface.name}.{field.name}"
    own = found.fields.get(field.name)
    if own is None:
        _refuse(
            f'Interface field "{wanted}" expected but "{found.name}" does not provide it; add'
            f" `{field.name}: {field.type}`.",
            found,
        )
    if not is_subtype(schema, own.type, field.type):
        _refuse(
            f'Interface field "{wanted}" expects type {field.type} but'
            f' "{found.name}.{field.name}" is type {own.type}.',
            own,
        )
    for argument in field.arguments.values():
        given = own.arguments.get(argument.name)
        if given is None:
            _refuse(
                f'Interface field argument "{wanted}({argument.name}:)" expected but'
                f' "{found.name}.{field.name}" does not provide it.',
                own,
            )
        if given.type != argument.type:
            _refuse(
                f'Interface field argument "{wanted}({argument.name}:)" expects type'
                f' {argument.type} but "{found.name}.{field.name}({argument.name}:)" is type'
                f" {given.type}.",
                given,
            )
    for argument in own.arguments.values():
        if argument.name not in field.arguments and argument.is_required:
            _refuse(
                f'Argument "{found.name}.{field.name}({argument.name}:)" must not be required'
                f' type "{argument.type}" if not provided by the interface field "{wanted}"; give'
                " it a default.",
                argument,
            )


def _check_union(schema: Schema, found: UnionType) -> None:
    if not found.members:
        _refuse(f'Union "{found.name}" has no member; add at least one type.', found)
    for name in found.members:
        if not isinstance(schema.types[name], ObjectType):
            _refuse(f'Union "{found.name}" can only include object types, "{name}" is none.', found)


def _check_input_cycles(schema: Schema) -> None:
    """No input object may contain itself through non-null fields."""
    done: set[str] = set()

    def visit(found: InputObjectType, path: list[InputObjectType]) -> None:
        if any(each is found for each in path):
            names = [each.name for each in path[path.index(found) :]] + [found.name]
            _refuse(
                f'Input "{found.name}" cannot contain itself through non-null fields'
                f" ({' -> '.join(names)}); let one of them be null.",
                found,
            )
        if found.name in done:
            return
        for field in found.fields.values():
            if isinstance(field.type, NonNull) and isinstance(field.type.of, Named):
                inner = schema.types[field.type.of.name]
                if isinstance(inner, InputObjectType):
                    visit(inner, [*path, found])
        done.add(found.name)

    for found in schema.types.values():
        if isinstance(found, InputObjectType):
            visit(found, [])


def _check_constructible(schema: Schema) -> None:
    """Every input object has a finite value."""
    inputs = {
        found.name: found for found in schema.types.values() if isinstance(found, InputObjectType)
    }
    known: set[str] = set()

    def is_open(ref: TypeRef) -> bool:
        ref = ref.of if isinstance(ref, NonNull) else ref
        return isinstance(ref, ListOf) or ref.name not in inputs or ref.name in known

    def is_constructible(found: InputObjectType) -> bool:
        if found.is_one_of:
            return any(is_open(field.type) for field in found.fields.values())
        return all(is_open(field.type) for field in found.fields.values() if field.is_required)

    while added := {
        name for name, found in inputs.items() if name not in known and is_constructible(found)
    }:
        known |= added
    for name, found in inputs.items():
        if name not in known:
            _refuse(
                f'No value of input "{name}" can be written, because each contains another of it;'
                " add a field without it.",
                found,
            )


def _check_one_of(found: InputObjectType) -> None:
    for field in found.fields.values():
        if isinstance(field.type, NonNull):
            _refuse(
                f'OneOf input field "{found.name}.{field.name}" must be nullable; write'
                f" `{field.type.of}`.",
                field,
            )
        if field.has_default:
            _refuse(
                f'OneOf input field "{found.name}.{field.name}" cannot have a default value.', field
            )


def _check_deprecated_inputs(inputs: Mapping[str, InputValue]) -> None:
    for value in inputs.values():
        if value.is_required and value.directive("deprecated") is not None:
            _refuse(
                f'Required "{value.name}" cannot be deprecated; give it a default, or let it be'
                " null.",
                value,
            )


def _check_deprecated_fields(schema: Schema, found: ObjectType | InterfaceType) -> None:
    for name in found.interfaces:
        interface = schema.types[name]
        if not isinstance(interface, InterfaceType):
            continue
        for field in interface.fields.values():
            own = found.fields[field.name]
            if own.deprecation_reason is not None and field.deprecation_reason is None:
                _refuse(
                    f'"{found.name}.{field.name}" cannot be deprecated while'
                    f' "{name}.{field.name}" is not; deprecate that, too.',
                    own,
                )


def _check_directive_cycle(schema: Schema, name: str) -> None:
    """The arguments of a directive, and their types, must not use the directive itself."""
    seen: set[str] = set()

    def visit(element: Element) -> None:
        for used in element.directives:
            if used.name == name:
                _refuse(
                    f'Directive "@{name}" refers to itself; remove this use.',
                    schema.directives[name],
                )
            visit_directive(used.name)
        match element:
            case InputValue():
                visit_type(named(element.type))
            case EnumType():
                for value in element.values.values():
                    visit(value)
            case InputObjectType():
                for field in element.fields.values():
                    visit(field)

    def visit_type(type_name: str) -> None:
        found = schema.types[type_name]
        if found.name not in seen:
            seen.add(found.name)
            visit(found)

    def visit_directive(used: str) -> None:
        if f"@{used}" not in seen:
            seen.add(f"@{used}")
            for argument in schema.directives[used].arguments.values():
                visit(argument)

    visit_directive(name)
