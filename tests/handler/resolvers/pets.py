"""Functions for the tests of rules: objects of an interface and a union, and a count of calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handler.resolvers.registry import ResolverContext

CALLS: list[str] = []
CAT = {"_typename": "Cat", "name": "Tom", "lives": 9}
DOG = {"_typename": "Dog", "name": "Rex", "chip": "123"}


async def pets(parent: Mapping[str, Any], arguments: Mapping[str, Any], _: ResolverContext) -> Any:
    """Of both types."""
    CALLS.append("pets")
    return [CAT, DOG]


async def cat(parent: Mapping[str, Any], arguments: Mapping[str, Any], _: ResolverContext) -> Any:
    """One that knows others."""
    CALLS.append("cat")
    return {**CAT, "friends": [DOG, CAT]}


async def first(parent: Mapping[str, Any], arguments: Mapping[str, Any], _: ResolverContext) -> Any:
    """The key of a row."""
    CALLS.append("first")
    return {"noteId": "1"}


async def shout(parent: Mapping[str, Any], arguments: Mapping[str, Any], _: ResolverContext) -> Any:
    """Reads a field that its caller may not read."""
    CALLS.append("shout")
    return parent["text"].upper()


RESOLVERS = {"Query.pets": pets, "Query.cat": cat, "Query.first": first, "Note.shout": shout}
