"""What a resolver may give for a scalar or an enum, and how it goes out.

Source: https://spec.graphql.org/September2025/#sec-Scalars (result coercion)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from handler.errors import ClientError
from handler.language.schema import EnumType, Schema

_INT_MAX = 2**31 - 1


class ResolvedValueError(ClientError):
    """A resolver gave a value that the field's type cannot hold."""

    code = "RESOLVED_VALUE"


def serialize_leaf(schema: Schema, name: str, value: Any) -> Any:
    """``value`` as orjson writes it for the type ``name``. Raises ``ResolvedValueError``."""
    found = schema.types[name]
    if isinstance(found, EnumType):
        if isinstance(value, str) and value in found.values:
            return value
        raise _unfit(name)
    try:
        return _SERIALIZERS.get(name, _any)(value)
    except (ValueError, TypeError, OverflowError, ArithmeticError):
        raise _unfit(name) from None


def _unfit(name: str) -> ResolvedValueError:
    return ResolvedValueError(f"{name} cannot represent the value that the resolver gave.")


def _any(value: Any) -> Any:
    return value


def _int(value: Any) -> int:
    number = int(value)
    if isinstance(value, str) or number != value or not -_INT_MAX - 1 <= number <= _INT_MAX:
        raise ValueError(value)
    return number


def _float(value: Any) -> float:
    if isinstance(value, str):
        raise TypeError(value)
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(value)
    return number


def _string(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float | Decimal):
        raise TypeError(value)
    return str(value)


def _id(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise TypeError(value)
    return str(value)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool | int):
        raise TypeError(value)
    return bool(value)


def _date_time(value: Any) -> str:
    if isinstance(value, str):
        return value
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise TypeError(value)
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _date(value: Any) -> str:
    if isinstance(value, str):
        return value
    if not isinstance(value, date) or isinstance(value, datetime):
        raise TypeError(value)
    return value.isoformat()


def _decimal(value: Any) -> str:
    number = Decimal(value)
    if isinstance(value, float) or not number.is_finite():
        raise TypeError(value)
    return value if isinstance(value, str) else f"{number:f}"


def _big_int(value: Any) -> str:
    number = int(value)
    if isinstance(value, float) and number != value:
        raise ValueError(value)
    return str(number)


_SERIALIZERS: dict[str, Callable[[Any], Any]] = {
    "Int": _int,
    "Float": _float,
    "String": _string,
    "ID": _id,
    "Boolean": _boolean,
    "DateTime": _date_time,
    "Date": _date,
    "Decimal": _decimal,
    "BigInt": _big_int,
}
