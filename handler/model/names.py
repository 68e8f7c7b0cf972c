"""The conventions that turn GraphQL names into SQL names."""

from __future__ import annotations

import re

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def column_name(field: str) -> str:
    """``orderRef`` is column ``order_ref``."""
    return _WORD_START.sub("_", field).lower()


def table_name(type_name: str) -> str:
    """``OrderItem`` is table ``order_items``; the English plural of the last word."""
    singular = column_name(type_name)
    if re.search(r"[^aeiou]y$", singular):
        return singular[:-1] + "ies"
    if re.search(r"(s|x|z|ch|sh)$", singular):
        return singular + "es"
    return singular + "s"


def key_field(type_name: str) -> str:
    """``Product`` is identified by ``productId``."""
    return type_name[:1].lower() + type_name[1:] + "Id"
