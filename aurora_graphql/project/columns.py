"""Columns as fields: their scalars, enums for labels, and those that are left out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from aurora_graphql.catalog import LiveColumn
from aurora_graphql.project.description import Enum
from aurora_graphql.project.names import Namer, constant, pascal, words_of
from handler import scalars
from handler.language.printer import print_string

# What opens something for whoever knows it, or must not be told of a person.
_WORDS: Final = """
accesskey apikey authkey cardnumber ccnumber creditcard credential credentials cvc cvv hash hmac
iban otp pass passcode passphrase passwd password passwords passwort pin privatekey pwd pwhash
salt secret secretkey secrets ssn token totp
"""
_SECRET_WORDS: Final = frozenset(_WORDS.split())
_SECRET_PAIRS: Final = frozenset(
    (
        *(("api", "key"), ("private", "key"), ("secret", "key"), ("access", "key")),
        *(("auth", "key"), ("activation", "key"), ("encryption", "key"), ("signing", "key")),
        *(("recovery", "code"), ("recovery", "codes"), ("backup", "code"), ("backup", "codes")),
        *(("security", "code"), ("security", "answer"), ("card", "number"), ("credit", "card")),
        *(("cc", "number"), ("card", "no"), ("social", "security"), ("two", "factor")),
        *(("session", "key"), ("session", "data"), ("remember", "me"), ("account", "number")),
    )
)
_SECRET_PARTS: Final = ("password", "passwd", "apikey", "secret", "token", "creditcard")
_NO_SECRETS: Final = frozenset(("date", "datetime", "timestamp", "time", "year", "bit", "enum"))
_UUID: Final = frozenset(("uuid", "guid"))


def looks_secret(column: LiveColumn) -> bool:
    """Whether the name speaks of a secret, and the type can hold one."""
    if column.data_type in _NO_SECRETS or column.column_type.startswith("tinyint(1)"):
        return False
    words = words_of(column.name)
    return (
        not _SECRET_WORDS.isdisjoint(words)
        or not _SECRET_PAIRS.isdisjoint(pairwise(words))
        or any(part in word for word in words for part in _SECRET_PARTS)
    )


def is_uuid(column: LiveColumn, *, is_key: bool) -> bool:
    """Whether 16 bytes are a UUID, by the column's name or because rows are known by it."""
    words = words_of(column.name)
    return column.column_type == "binary(16)" and (
        is_key or not _UUID.isdisjoint(words) or words[-1:] == ["id"]
    )


def zero_is_default(column: LiveColumn) -> bool:
    """Whether a date that nobody wrote is ``0000-00-00``."""
    is_date = column.data_type in ("date", "datetime", "timestamp")
    return is_date and column.default.startswith("0000-00-00")


def label_enum(name: str, labels: Sequence[str], description: str) -> Enum:
    """An enum of the labels; one that is no name gets one, and says its label."""
    namer = Namer(("true", "false", "null"))
    plain = {label: namer.take(label) for label in labels if namer.is_free(label)}
    values = []
    for label in labels:
        word = constant(words_of(label)) or ("VALUE" if label else "EMPTY")
        given = plain.get(label) or namer.take(word)
        said = "" if given == label else f"@value(column: {print_string(label)})"
        values.append((given, said))
    return Enum(name=name, values=values, description=description)


def enum_name(type_name: str, field: str) -> str:
    """``FilmRating``."""
    return type_name + pascal((field,))


def scalar_of(column: LiveColumn, *, is_key: bool = False) -> str | None:
    """The scalar of a column without labels; None if none reads it."""
    kind = "json" if column.is_json else column.column_type
    if is_uuid(column, is_key=is_key):
        return "UUID"
    if kind == "binary(16)":
        return "Bytes"
    if is_key and kind.startswith("tinyint(1)"):
        kind = "tinyint"
    found = scalars.scalar_of(kind)
    return found.name if found else None
