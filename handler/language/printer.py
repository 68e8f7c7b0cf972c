"""Schemas and values as text.

``print_schema`` writes SDL with what introspection reveals: without directives that map types to
tables. Source: https://spec.graphql.org/September2025/#sec-Appendix-Grammar-Summary
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

import orjson

from handler.language import ast
from handler.language.schema import (
    DirectiveDef,
    Element,
    EnumType,
    FieldDef,
    InputObjectType,
    InputValue,
    InterfaceType,
    ObjectType,
    ScalarType,
    Schema,
    TypeDef,
    UnionType,
)

SPECIFIED_SCALARS = frozenset({"Int", "Float", "String", "Boolean", "ID"})
SPECIFIED_DIRECTIVES = frozenset({"skip", "include", "deprecated", "specifiedBy", "oneOf"})
DEFAULT_DEPRECATION_REASON = "No longer supported"
BLOCK_CHARACTERS = 70  # of a block string on one line

_Item = TypeVar("_Item")


def print_value(node: ast.Value) -> str:
    """A value on one line; block strings become quoted ones."""
    match node:
        case ast.IntValue() | ast.FloatValue():
            return node.text
        case ast.StringValue():
            return print_string(node.value)
        case ast.BooleanValue():
            return "true" if node.value else "false"
        case ast.NullValue():
            return "null"
        case ast.EnumValue():
            return node.name
        case ast.Variable():
            return f"${node.name}"
        case ast.ListValue():
            return "[" + ", ".join(print_value(each) for each in node.values) + "]"
        case ast.ObjectValue():
            members = [f"{each.name}: {print_value(each.value)}" for each in node.fields]
            return "{ " + ", ".join(members) + " }" if members else "{}"


def print_string(value: str) -> str:
    """A quoted string; its escapes are those of JSON."""
    return orjson.dumps(value).decode().replace("\x7f", "\\u007F")


def print_schema(schema: Schema) -> str:
    """The schema as SDL, without what the specification declares, in its own order."""
    parts = [
        *_schema_definition(schema),
        *(
            _directive(directive)
            for directive in schema.directives.values()
            if directive.name not in SPECIFIED_DIRECTIVES
        ),
        *(_type(found) for found in schema.types.values() if not is_specified(found)),
    ]
    return "\n\n".join(parts) + "\n"


def is_specified(found: TypeDef) -> bool:
    """Whether the specification declares this type."""
    return found.name in SPECIFIED_SCALARS or found.name.startswith("__")


def _schema_definition(schema: Schema) -> Iterator[str]:
    roots = schema.roots
    # A type with the name of a root that it is not must not be taken for one.
    usual = all(
        name == kind.capitalize() or (name is None and kind.capitalize() not in schema.types)
        for kind, name in roots.items()
    )
    if usual and schema.description is None:
        return
    lines = [f"  {kind}: {name}" for kind, name in roots.items() if name is not None]
    yield _description(schema.description) + "schema {\n" + "\n".join(lines) + "\n}"


def _type(found: TypeDef) -> str:
    head = _description(found.description)
    match found:
        case ScalarType():
            url = found.specified_by_url
            specified = "" if url is None else f" @specifiedBy(url: {print_string(url)})"
            return f"{head}scalar {found.name}{specified}"
        case ObjectType() | InterfaceType():
            keyword = "type" if isinstance(found, ObjectType) else "interface"
            implements = " implements " + " & ".join(found.interfaces) if found.interfaces else ""
            body = _block(_field(each, first) for first, each in _marked(found.fields.values()))
            return f"{head}{keyword} {found.name}{implements}{body}"
        case UnionType():
            return f"{head}union {found.name} = {' | '.join(found.members)}"
        case EnumType():
            values = (
                _description(value.description, "  ", first=first)
                + f"  {value.name}{_deprecated(value)}"
                for first, value in _marked(found.values.values())
            )
            return f"{head}enum {found.name}{_block(values)}"
        case InputObjectType():
            one_of = " @oneOf" if found.is_one_of else ""
            body = _block(
                _description(each.description, "  ", first=first) + "  " + _input_value(each)
                for first, each in _marked(found.fields.values())
            )
            return f"{head}input {found.name}{one_of}{body}"


def _marked(items: Iterable[_Item]) -> Iterator[tuple[bool, _Item]]:
    """Whether an item is the first, and the item."""
    for index, item in enumerate(items):
        yield index == 0, item


def _block(lines: Iterable[str]) -> str:
    return " {\n" + "\n".join(lines) + "\n}"


def _field(field: FieldDef, first: bool) -> str:
    return (
        _description(field.description, "  ", first=first)
        + f"  {field.name}{_arguments(field.arguments.values(), '  ')}: {field.type}"
        + _deprecated(field)
    )


def _arguments(arguments: Iterable[InputValue], indent: str = "") -> str:
    found = list(arguments)
    if not found:
        return ""
    if all(argument.description is None for argument in found):
        return "(" + ", ".join(_input_value(argument) for argument in found) + ")"
    lines = (
        _description(argument.description, indent + "  ", first=first)
        + f"{indent}  {_input_value(argument)}"
        for first, argument in _marked(found)
    )
    return "(\n" + "\n".join(lines) + f"\n{indent})"


def _input_value(value: InputValue) -> str:
    default = f" = {value.default_text}" if value.default_text is not None else ""
    return f"{value.name}: {value.type}{default}{_deprecated(value)}"


def _directive(directive: DirectiveDef) -> str:
    return (
        _description(directive.description)
        + f"directive @{directive.name}{_arguments(directive.arguments.values())}"
        + (" repeatable" if directive.repeatable else "")
        + " on "
        + " | ".join(directive.locations)
    )


def _deprecated(element: Element) -> str:
    reason = element.deprecation_reason
    if reason is None:
        return ""
    if reason == DEFAULT_DEPRECATION_REASON:
        return " @deprecated"
    return f" @deprecated(reason: {print_string(reason)})"


def _description(text: str | None, indent: str = "", *, first: bool = True) -> str:
    """A description on its own lines, after a blank line unless it is the first in a block."""
    if text is None:
        return ""
    before = "\n" if indent and not first else ""
    return before + "".join(
        f"{indent}{line}\n" if line else "\n" for line in print_block_string(text).split("\n")
    )


def print_block_string(value: str) -> str:
    """A block string of that value, or a quoted string where no block string can hold it."""
    if not _fits_block(value):
        return print_string(value)
    one_line = "\n" not in value
    wide = not one_line or len(value) > BLOCK_CHARACTERS or value.endswith(('"', "\\"))
    # Blanks at the start of a line of its own would be taken for indentation.
    opening = "\n" if wide and not (one_line and value[0] in " \t") else ""
    closing = "\n" if wide else ""
    return '"""' + opening + value.replace('"""', '\\"""') + closing + '"""'


def _fits_block(value: str) -> bool:
    """Whether a block string can hold the value without losing blank lines or indentation."""
    if not value:
        return True
    if any(char <= "\x0f" and char not in "\t\n" for char in value):
        return False
    lines = value.split("\n")
    if not lines[0].strip(" \t") or not lines[-1].strip(" \t"):
        return False
    return len(lines) == 1 or any(line[0] not in " \t" for line in lines if line.strip(" \t"))
