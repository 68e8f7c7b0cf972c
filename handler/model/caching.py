"""How long answers may be kept, as ``@cacheControl`` says it of types and fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from msgspec import Struct

from handler.language.schema import Element, FieldDef, RowsType, Schema, UnionType, named
from handler.model.connections import ConnectionType


class CacheHint(Struct, frozen=True):
    """What one ``@cacheControl`` says; all in seconds."""

    max_age_s: int | None
    is_private: bool
    stale_s: int
    error_s: int


CacheHints: TypeAlias = Mapping[tuple[str, ...], CacheHint]  # by type, or by type and field


def read_cache_hints(
    schema: Schema, connections: Mapping[str, ConnectionType]
) -> dict[tuple[str, ...], CacheHint]:
    """All that is said of types and of their fields.

    What a connection says is said of the fields that give it and say nothing themselves.
    """
    found = {}
    for name, type_def in schema.types.items():
        if not isinstance(type_def, RowsType | UnionType):
            continue
        places: list[tuple[tuple[str, ...], Element]] = [((name,), type_def)]
        if not isinstance(type_def, UnionType):
            places += [((name, each.name), each) for each in type_def.fields.values()]
        for place, element in places:
            used = element.directive("cacheControl")
            if used is None and isinstance(element, FieldDef):
                given = named(element.type)
                if given in connections:
                    used = schema.types[given].directive("cacheControl")
            if used is not None:
                found[place] = CacheHint(
                    max_age_s=used.arguments.get("maxAge"),
                    is_private=used.arguments["scope"] == "PRIVATE",
                    stale_s=used.arguments["staleWhileRevalidate"],
                    error_s=used.arguments["staleIfError"],
                )
    return found
