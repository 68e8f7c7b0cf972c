"""Literals of documents as values of scalars, and as words for messages.

Source: https://spec.graphql.org/September2025/#sec-Scalars
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from handler.errors import InputError
from handler.language import ast
from handler.scalars import SCALARS
from handler.scalars.scalar import SHOWN_CHARACTERS, cut, quote

LONGEST_NUMBER = 400  # characters of an integer in JSON; Python refuses more than 4,300


def read_literal(scalar: str, node: ast.Value) -> Any:
    """The value of a literal without variables, where a scalar of that name is wanted.

    Raises ``InputError`` with a text for the client.
    """
    wanted = SCALARS[scalar]
    if wanted.takes_any:
        return wanted.parse(plain_value(node, {}))
    text: str | bool
    match node:
        case ast.StringValue():
            kind, text = "string", node.value
        case ast.IntValue():
            kind, text = "int", node.text
        case ast.FloatValue():
            kind, text = "float", node.text
        case ast.BooleanValue():
            kind, text = "boolean", node.value
        case _:
            kind, text = "", ""
    if kind not in wanted.literals:
        raise InputError(
            f"{wanted.name} cannot represent {wanted.not_literal}: {describe_literal(node)}"
        )
    return wanted.read_literal(text)


def plain_value(node: ast.Value, variables: Mapping[str, Any]) -> Any:
    """The JSON value that a literal stands for; absent variables are left out, or null in lists."""
    match node:
        case ast.IntValue():
            if len(node.text) > LONGEST_NUMBER:
                raise InputError(f"Number is too large: {describe_literal(node)}")
            return int(node.text)
        case ast.FloatValue():
            number = float(node.text)
            if not math.isfinite(number):
                raise InputError(
                    f"Float cannot represent non numeric value: {describe_literal(node)}"
                )
            return number
        case ast.StringValue() | ast.BooleanValue():
            return node.value
        case ast.NullValue():
            return None
        case ast.EnumValue():
            return node.name
        case ast.ListValue():
            return [plain_value(each, variables) for each in node.values]
        case ast.ObjectValue():
            return {
                each.name: plain_value(each.value, variables)
                for each in node.fields
                if not isinstance(each.value, ast.Variable) or each.value.name in variables
            }
        case ast.Variable():
            return variables.get(node.name)


def describe_literal(node: ast.Value) -> str:
    """A literal for an error message, as GraphQL, cut where it is long."""
    return cut(_describe(node, 2))


def _describe(node: ast.Value, depth: int) -> str:
    match node:
        case ast.IntValue() | ast.FloatValue():
            return node.text[: SHOWN_CHARACTERS + 1]
        case ast.StringValue():
            return quote(node.value)
        case ast.BooleanValue():
            return "true" if node.value else "false"
        case ast.NullValue():
            return "null"
        case ast.EnumValue():
            return node.name
        case ast.Variable():
            return f"${node.name}"
        case ast.ListValue():
            if node.values and depth == 0:
                return "[...]"
            inner = (_describe(each, depth - 1) for each in node.values[:10])
            return "[" + ", ".join(inner) + "]"
        case ast.ObjectValue():
            if node.fields and depth == 0:
                return "{...}"
            members = node.fields[:10]
            inner = (f"{each.name}: {_describe(each.value, depth - 1)}" for each in members)
            return "{ " + ", ".join(inner) + " }" if node.fields else "{  }"
