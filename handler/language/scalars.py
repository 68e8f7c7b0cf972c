"""Scalars: how a JSON value, or a literal of a document, becomes a Python value.

Source: https://spec.graphql.org/September2025/#sec-Scalars
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson

from handler.errors import InputError
from handler.language import ast
from handler.records import dataclass

INT_MIN, INT_MAX = -(2**31), 2**31 - 1
BIGINT_MIN, BIGINT_MAX = -(2**63), 2**64 - 1  # of BIGINT, signed and unsigned
EXACT_MAX = 2**53  # beyond it a float of JSON is not the number that was written
DECIMAL_DIGITS, DECIMAL_SCALE = 65, 30  # what MySQL's DECIMAL can hold
LONGEST_NUMBER = 400  # characters of an integer in JSON; Python refuses more than 4,300
SHOWN_CHARACTERS = 100  # of a wrong value, in the message about it

# Compiled by the first value: a function that is asked for texts alone has no use for them.
_DATE_TIME = (
    r"(?a)(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?)(?:[Zz]|([+-]\d{2}:\d{2}))"
)
_DATE = r"(?a)\d{4}-\d{2}-\d{2}"
_DECIMAL = r"(?a)(-?)(\d+)(?:\.(\d+))?"
_BIGINT = r"(?a)-?\d{1,20}"


@dataclass(frozen=True, slots=True)
class Scalar:
    """Both ways into one scalar; each raises ``InputError`` with a text for the client."""

    name: str
    parse_value: Callable[[Any], Any]  # of JSON
    parse_literal: Callable[[ast.Value], Any]  # of a node without variables


def describe(value: Any) -> str:
    """A JSON value for an error message, cut where it is long."""
    return _cut(_describe(value, 2))


def _describe(value: Any, depth: int) -> str:
    if isinstance(value, str):
        return _quote(value)
    if isinstance(value, dict | list) and value and depth == 0:
        return "{...}" if isinstance(value, dict) else "[...]"
    if isinstance(value, dict):
        members = (
            f"{str(key)[:SHOWN_CHARACTERS]}: {_describe(item, depth - 1)}"
            for key, item in _head(value.items())
        )
        return "{" + ", ".join(members) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_describe(item, depth - 1) for item in value[:10]) + "]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def _head(items: Any) -> list[tuple[Any, Any]]:
    return [item for item, _ in zip(items, range(10), strict=False)]


def describe_literal(node: ast.Value) -> str:
    """A literal for an error message, as GraphQL, cut where it is long."""
    return _cut(_describe_literal(node, 2))


def _describe_literal(node: ast.Value, depth: int) -> str:
    match node:
        case ast.IntValue() | ast.FloatValue():
            return node.text[: SHOWN_CHARACTERS + 1]
        case ast.StringValue():
            return _quote(node.value)
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
            inner = (_describe_literal(each, depth - 1) for each in node.values[:10])
            return "[" + ", ".join(inner) + "]"
        case ast.ObjectValue():
            if node.fields and depth == 0:
                return "{...}"
            inner = (
                f"{each.name}: {_describe_literal(each.value, depth - 1)}"
                for each in node.fields[:10]
            )
            return "{ " + ", ".join(inner) + " }" if node.fields else "{  }"


def _quote(text: str) -> str:
    return orjson.dumps(text[: SHOWN_CHARACTERS + 1]).decode()


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "..."


# --------------------------------------------------------------------------------- JSON values


def _int(value: Any) -> int:
    whole = _whole(value)
    if whole is None:
        raise InputError(f"Int cannot represent non-integer value: {describe(value)}")
    if not INT_MIN <= whole <= INT_MAX:
        raise InputError(f"Int cannot represent non 32-bit signed integer value: {describe(value)}")
    return whole


def _whole(value: Any) -> int | None:
    """The integer that a JSON number is; 1.0 is 1, true is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, float) and value.is_integer() else None


def _float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"Float cannot represent non numeric value: {describe(value)}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise InputError(f"Float cannot represent non numeric value: {describe(value)}")
    return number


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise InputError(f"String cannot represent a non string value: {describe(value)}")
    return value


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise InputError(f"Boolean cannot represent a non boolean value: {describe(value)}")
    return value


def _id(value: Any) -> str:
    if isinstance(value, str):
        return value
    whole = _whole(value)
    if whole is None:
        raise InputError(
            f"ID cannot represent a non-string and non-integer value: {describe(value)}"
        )
    return str(whole)


def _date_time(value: Any) -> datetime:
    found = re.fullmatch(_DATE_TIME, value) if isinstance(value, str) else None
    if found is not None and found[3] != "-00:00":
        try:
            return datetime.fromisoformat(
                f"{found[1]}T{found[2]}{found[3] or '+00:00'}"
            ).astimezone(UTC)
        except (ValueError, OverflowError):
            pass  # a month 13, or an instant outside of the years 1 to 9999
    raise InputError(
        "DateTime needs an RFC 3339 string with at most six digits of a second, such as"
        f' "2026-11-23T08:30:00Z", found {describe(value)}'
    )


def _date(value: Any) -> date:
    if isinstance(value, str) and re.fullmatch(_DATE, value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass  # a month 13
    raise InputError(f'Date needs a string such as "2026-11-23", found {describe(value)}')


def _decimal(value: Any) -> Decimal:
    if isinstance(value, float) and math.isfinite(value) and abs(value) < 1e15:
        # The shortest text that gives this float; exact while the client wrote few digits.
        text = format(Decimal(repr(value)), "f")
        if len(text.strip("-0.").replace(".", "")) <= 15:
            value = text
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**65:
        value = str(value)
    found = re.fullmatch(_DECIMAL, value) if isinstance(value, str) else None
    if found is not None:
        # zeros at either end are no digits of it
        sign, whole, fraction = found[1], found[2].lstrip("0"), (found[3] or "").rstrip("0")
        if len(fraction) <= DECIMAL_SCALE and len(whole) + len(fraction) <= DECIMAL_DIGITS:
            return Decimal(f"{sign}{whole or 0}.{fraction}")
    raise InputError(
        f'Decimal needs a string such as "19.90" with at most {DECIMAL_DIGITS} digits,'
        f" {DECIMAL_SCALE} of them after the point, found {describe(value)}"
    )


def _big_int(value: Any) -> int:
    whole = _whole(value)
    if isinstance(value, str) and re.fullmatch(_BIGINT, value):
        whole = int(value)
    if isinstance(value, float) and abs(value) > EXACT_MAX:
        whole = None
    if whole is None or not BIGINT_MIN <= whole <= BIGINT_MAX:
        raise InputError(
            f'BigInt needs a whole number of 64 bits, as a string such as "42", found'
            f" {describe(value)}"
        )
    return whole


def _json(value: Any) -> Any:
    return value


# ------------------------------------------------------------------------------------ literals


def _int_literal(node: ast.Value) -> int:
    if not isinstance(node, ast.IntValue):
        raise InputError(f"Int cannot represent non-integer value: {describe_literal(node)}")
    # Python refuses to convert more than 4,300 digits; ten are enough here.
    if len(node.text) <= 11 and INT_MIN <= (whole := int(node.text)) <= INT_MAX:
        return whole
    raise InputError(
        f"Int cannot represent non 32-bit signed integer value: {describe_literal(node)}"
    )


def _float_literal(node: ast.Value) -> float:
    if isinstance(node, ast.IntValue | ast.FloatValue):
        number = float(node.text)
        if math.isfinite(number):
            return number
    raise InputError(f"Float cannot represent non numeric value: {describe_literal(node)}")


def _string_literal(node: ast.Value) -> str:
    if not isinstance(node, ast.StringValue):
        raise InputError(f"String cannot represent a non string value: {describe_literal(node)}")
    return node.value


def _boolean_literal(node: ast.Value) -> bool:
    if not isinstance(node, ast.BooleanValue):
        raise InputError(f"Boolean cannot represent a non boolean value: {describe_literal(node)}")
    return node.value


def _id_literal(node: ast.Value) -> str:
    if isinstance(node, ast.StringValue):
        return node.value
    if isinstance(node, ast.IntValue):
        return node.text
    raise InputError(
        f"ID cannot represent a non-string and non-integer value: {describe_literal(node)}"
    )


def _of_string(name: str, parse: Callable[[Any], Any]) -> Scalar:
    """A scalar that is written as a string."""

    def parse_literal(node: ast.Value) -> Any:
        if not isinstance(node, ast.StringValue):
            raise InputError(
                f"{name} cannot represent a non string value: {describe_literal(node)}"
            )
        return parse(node.value)

    return Scalar(name, parse, parse_literal)


def _of_number(name: str, parse: Callable[[Any], Any]) -> Scalar:
    """A scalar that is written as a string or as a number, of which all digits count."""

    def parse_literal(node: ast.Value) -> Any:
        if isinstance(node, ast.IntValue | ast.FloatValue):
            return parse(node.text)
        if not isinstance(node, ast.StringValue):
            raise InputError(f"{name} cannot represent non numeric value: {describe_literal(node)}")
        return parse(node.value)

    return Scalar(name, parse, parse_literal)


def plain_value(node: ast.Value, variables: Mapping[str, Any]) -> Any:
    """The JSON value that a literal stands for; absent variables are left out, or null in lists."""
    match node:
        case ast.IntValue():
            if len(node.text) > LONGEST_NUMBER:
                raise InputError(f"Number is too large: {describe_literal(node)}")
            return int(node.text)
        case ast.FloatValue():
            return _float_literal(node)
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


def _json_literal(node: ast.Value) -> Any:
    return plain_value(node, {})


SCALARS = {
    scalar.name: scalar
    for scalar in (
        Scalar("Int", _int, _int_literal),
        Scalar("Float", _float, _float_literal),
        Scalar("String", _string, _string_literal),
        Scalar("Boolean", _boolean, _boolean_literal),
        Scalar("ID", _id, _id_literal),
        _of_string("DateTime", _date_time),
        _of_string("Date", _date),
        _of_number("Decimal", _decimal),
        _of_number("BigInt", _big_int),
        Scalar("JSON", _json, _json_literal),
    )
}


def scalar_of(name: str) -> Scalar:
    """The scalar of that name; one that only the SDL knows takes any value, as ``JSON`` does."""
    return SCALARS.get(name) or SCALARS["JSON"]
