"""What a resolver may give for a scalar or an enum, and how it goes out.

Source: https://spec.graphql.org/September2025/#sec-Scalars (result coercion)
"""

from __future__ import annotations

from typing import Any

from handler.errors import ClientError, InputError
from handler.language.schema import EnumType, Schema
from handler.scalars import SCALARS


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
        return SCALARS[schema.basis(name)].serialize(value)
    except (ValueError, TypeError, OverflowError, ArithmeticError, InputError):
        raise _unfit(name) from None


def _unfit(name: str) -> ResolvedValueError:
    return ResolvedValueError(f"{name} cannot represent the value that the resolver gave.")
