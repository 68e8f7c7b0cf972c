"""Whether literals fit the types of their positions, in documents and in SDL.

Source: https://spec.graphql.org/September2025/#sec-Values-of-Correct-Type
"""

from __future__ import annotations

from collections.abc import Iterator

from handler.errors import InputError
from handler.language import ast
from handler.language.literals import describe_literal, read_literal
from handler.language.schema import (
    EnumType,
    InputObjectType,
    ListOf,
    NonNull,
    ScalarType,
    Schema,
    TypeRef,
)
from handler.language.suggestions import did_you_mean


def find_problems(
    node: ast.Value, ref: TypeRef, schema: Schema, *, suggestions: bool
) -> Iterator[tuple[str, int]]:
    """The problems of a literal, as (message, token number). Variables are not checked here."""
    if isinstance(node, ast.Variable):
        return
    if isinstance(ref, NonNull):
        if isinstance(node, ast.NullValue):
            wanted = f'value of type "{ref}"' if suggestions else "a value"
            yield f"Expected {wanted}, found null.", node.at
            return
        ref = ref.of
    if isinstance(node, ast.NullValue):
        return
    if isinstance(ref, ListOf):
        for each in node.values if isinstance(node, ast.ListValue) else [node]:
            yield from find_problems(each, ref.of, schema, suggestions=suggestions)
        return
    found = schema.types.get(ref.name)
    if isinstance(found, InputObjectType):
        yield from _object_problems(node, found, schema, suggestions=suggestions)
    elif isinstance(found, EnumType):
        yield from _enum_problems(node, found, suggestions=suggestions)
    elif isinstance(found, ScalarType):
        try:
            read_literal(schema.basis(found.name), node)
        except InputError as error:
            yield error.message, node.at


def _enum_problems(
    node: ast.Value, enum: EnumType, *, suggestions: bool
) -> Iterator[tuple[str, int]]:
    named = f'"{enum.name}" enum' if suggestions else "this enum"
    if isinstance(node, ast.EnumValue):
        if node.name not in enum.values:
            hint = did_you_mean(node.name, enum.values, "the enum value") if suggestions else ""
            yield (
                f'Value "{describe_literal(node)}" does not exist in {named}.{hint}',
                node.at,
            )
        return
    hint = ""
    if suggestions and isinstance(node, ast.StringValue):
        hint = did_you_mean(node.value, enum.values, "the enum value")
    named = f'Enum "{enum.name}"' if suggestions else "An enum"
    yield (
        f"{named} cannot represent non-enum value: {describe_literal(node)}.{hint}",
        node.at,
    )


def _object_problems(
    node: ast.Value, found: InputObjectType, schema: Schema, *, suggestions: bool
) -> Iterator[tuple[str, int]]:
    if not isinstance(node, ast.ObjectValue):
        wanted = f'value of type "{found.name}"' if suggestions else "an input object"
        yield f"Expected {wanted}, found {describe_literal(node)}.", node.at
        return
    given = {each.name: each for each in node.fields}
    for name, definition in found.fields.items():
        if definition.is_required and name not in given:
            missing = f'Field "{found.name}.{name}" of required type "{definition.type}"'
            if not suggestions:
                missing = "A required field of the input object"
            yield f"{missing} was not provided.", node.at
    for each in node.fields:
        known = found.fields.get(each.name)
        if known is None:
            hint = did_you_mean(each.name, found.fields) if suggestions else ""
            where = f'by type "{found.name}"' if suggestions else "here"
            yield f'Field "{each.name}" is not defined {where}.{hint}', each.at
        else:
            yield from find_problems(each.value, known.type, schema, suggestions=suggestions)
    if found.is_one_of:
        known_fields = [each for each in node.fields if each.name in found.fields]
        if len(known_fields) != 1:
            named = f' "{found.name}"' if suggestions else ""
            yield f"OneOf Input Object{named} must specify exactly one key.", node.at
        elif isinstance((only := known_fields[0]).value, ast.NullValue):
            named = f"{found.name}.{only.name}" if suggestions else only.name
            yield f'Field "{named}" must be non-null.', node.at


def repeated_fields(node: ast.Value) -> Iterator[tuple[ast.ObjectField, ast.ObjectField]]:
    """Duplicate fields of input objects: the first of that name, and the other."""
    if isinstance(node, ast.ListValue):
        for each in node.values:
            yield from repeated_fields(each)
    elif isinstance(node, ast.ObjectValue):
        first: dict[str, ast.ObjectField] = {}
        for field in node.fields:
            known = first.setdefault(field.name, field)
            if known is not field:
                yield known, field
            yield from repeated_fields(field.value)
