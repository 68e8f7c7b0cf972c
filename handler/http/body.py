"""The JSON of requests: in UTF-8, without duplicate keys, of limited depth."""

from __future__ import annotations

from collections.abc import Iterable
from json import JSONDecoder
from typing import Any

import orjson

from handler.http.errors import BodyError, DepthError


class _DuplicateKeyError(Exception):
    pass


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _DuplicateKeyError(key)
            seen.add(key)
    return found


# orjson ignores duplicate keys and turns integers of more than 64 bits into floats, both of which
# show when it writes the value again: clients write JSON as it does, without blanks. For the others
# the standard decoder reads what orjson accepts; alone it would take NaN and lone surrogates, and
# recurse as deep as the text. (`json.loads` with a hook makes a decoder each time, for 2 us more.)
_DECODER = JSONDecoder(object_pairs_hook=_object)


def read_json(data: bytes, *, what: str, max_depth: int) -> Any:
    """Parse ``data``; ``what`` names it in messages, such as ``The body``.

    Raises ``BodyError``, or ``DepthError`` for nesting deeper than ``max_depth``.
    """
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as exc:
        raise _not_json(data, exc, what, max_depth) from exc
    if data.count(b"{") + data.count(b"[") > max_depth:  # else it cannot be nested deeper
        depth = _depth(value, max_depth)
        if depth > max_depth:
            raise _too_deep(what, max_depth, f"{depth} or more")
    if orjson.dumps(value) == data:
        return value
    try:
        return _DECODER.decode(data.decode())
    except _DuplicateKeyError as exc:
        raise BodyError(f"{what} holds the key {shown(str(exc))} twice in one object") from exc


def _not_json(
    data: bytes, error: orjson.JSONDecodeError, what: str, max_depth: int
) -> BodyError | DepthError:
    try:
        data.decode()
    except UnicodeDecodeError as exc:
        return BodyError(f"{what} is not valid UTF-8, at byte {exc.start + 1}")
    if "limit" in error.msg:  # its own of 1024, far above ours
        return _too_deep(what, max_depth, "over 1024")
    if "infinity" in error.msg:
        return BodyError(f"{what} holds a number of 1.8e308 or more, character {error.pos + 1}")
    return BodyError(f"{what} is not valid JSON: {error.msg}, character {error.pos + 1}")


def _depth(value: object, enough: int) -> int:
    """How deep arrays and objects nest; counts no further than ``enough`` and one."""
    level: list[object] = [value]
    depth = 0
    while depth <= enough:
        level = [item for item in level if isinstance(item, dict | list)]
        if not level:
            break
        depth += 1
        level = [inner for item in level for inner in _items(item)]
    return depth


def _items(container: object) -> Iterable[object]:
    return container.values() if isinstance(container, dict) else container  # type: ignore[return-value]


def _too_deep(what: str, limit: int, found: str) -> DepthError:
    return DepthError(f"{what} is nested {found} levels deep; the limit is {limit}")


def shown(text: str | None) -> str:
    """A text of the client in a message: quoted, and at most 60 characters of it."""
    text = text or ""
    return ascii(text if len(text) <= 60 else text[:60] + "...")
