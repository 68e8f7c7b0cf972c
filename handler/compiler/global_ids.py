"""Global ids: the opaque names of rows, each of one type and by its key.

An id is the base64url of a JSON list: the type, and the texts of the key's columns. What is no id
of such rows, whoever made it, finds none.
Source: https://relay.dev/graphql/objectidentification.htm
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from handler.compiler.comparison import Compare
from handler.compiler.parameters import parameter_of_text
from handler.model.conditions import NEVER, And, Condition, Filter, Or
from handler.model.global_ids import IdFilter
from handler.sql.operators import Operator

# Of the text: a key of InnoDB has at most 3,072 bytes, each of them at most six in JSON.
MOST_CHARACTERS = (3072 * 6 + 300) * 4 // 3


def encode_id(type_name: str, texts: Sequence[bytes]) -> bytes:
    """``texts``: of the key's columns, as those of a cursor. Returns ASCII.

    Raises UnicodeDecodeError for bytes that are no text.
    """
    found = orjson.dumps([type_name, *(text.decode() for text in texts)])
    return urlsafe_b64encode(found).rstrip(b"=")


def decode_id(text: str) -> tuple[str, list[str]] | None:
    """The type and the key's texts; None for what is no id."""
    if len(text) > MOST_CHARACTERS:
        return None
    try:
        raw = orjson.loads(urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, UnicodeEncodeError):
        return None
    if not isinstance(raw, list) or len(raw) < 2 or not all(isinstance(p, str) for p in raw):
        return None
    name, *key = raw
    is_own = encode_id(name, [part.encode() for part in key]).decode() == text
    return (name, key) if is_own else None


def by_id(used: Filter, given: Any) -> Condition:
    """Which rows have these ids. ``used``: an ``IdFilter``; ``given``: the coerced argument."""
    assert isinstance(used, IdFilter)
    texts = given if used.operator is Operator.IN else [given]
    every = [tuple(_parts(used, text)) for text in dict.fromkeys(texts)]
    found = [parts for parts in every if parts]
    if len(found) < 2:
        return And(found[0]) if found else NEVER
    if all(len(parts) == 1 for parts in found):
        values = [parts[0].value for parts in found]
        listed = tuple([value for value in values if not isinstance(value, tuple)])
        return Compare(Filter(used.argument, used.column, Operator.IN), listed)
    return Or(tuple([And(parts) for parts in found]))


def _parts(used: IdFilter, text: str | None) -> Iterator[Compare]:
    """What holds for the row with an id; nothing where there can be none."""
    name, key = (decode_id(text) if text is not None else None) or ("", [])
    if name not in used.kinds or len(key) != len(used.parts):
        return
    try:
        values = [
            parameter_of_text(part.column, given)
            for part, given in zip(used.parts, key, strict=True)
        ]
    except ValueError:  # no such column can hold it
        return
    yield from map(Compare, used.parts, values)
    if used.members is not None:
        column = used.members.column
        yield Compare(Filter("", column, Operator.EQUAL), used.members.values[name])
