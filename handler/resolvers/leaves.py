"""What a resolver may give for a scalar or an enum, and how it goes out.

Source: https://spec.graphql.org/September2025/#sec-Scalars (result coercion)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import orjson

from handler.errors import ClientError
from handler.language.schema import EnumType, Schema
from handler.scalars import SCALARS


class ResolvedValueError(ClientError):
    """A resolver gave a value that the field's type cannot hold."""

    code = "RESOLVED_VALUE"


def serializer_of(schema: Schema, name: str) -> Callable[[Any], Any]:
    """What makes of a value what orjson writes for the type ``name``.

    It raises ``ResolvedValueError``.
    """
    found = schema.types[name]
    if isinstance(found, EnumType):
        return partial(_enum_value, found)
    serialize = SCALARS[schema.basis(name)].serialize

    def checked(value: Any) -> Any:
        try:
            found = serialize(value)
            if not (isinstance(found, str) and found.isascii()):
                orjson.dumps(found)  # refuses half of a surrogate pair, and what is no JSON
        except Exception:  # of values that are not ours
            raise _unfit(name) from None
        return found

    return checked


def _enum_value(found: EnumType, value: Any) -> str:
    if isinstance(value, str) and value in found.values:
        return value
    raise _unfit(found.name)


def _unfit(name: str) -> ResolvedValueError:
    return ResolvedValueError(f"{name} cannot represent the value that the resolver gave.")
