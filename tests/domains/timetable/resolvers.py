"""Python that names trains and operators by their keys, as callers write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from handler.resolvers.registry import ResolverContext

SDL = """
  givenTrains(keys: [String]!): [Train]! @resolver
  givenOperators(keys: [String]!): [Operator]! @resolver
  givenPythonKeys(trains: [UUID!]!, operators: [UUID!]!): [Given]! @resolver
  keyless: Train @resolver
  argumentsAsPython(time: Time!, id: UUID!, times: [Time]): String! @resolver
"""

Arguments = Mapping[str, Any]


async def given_trains(
    parent: Any, arguments: Arguments, context: ResolverContext
) -> Sequence[Arguments]:
    """Trains by any texts."""
    return [{"trainId": key} for key in arguments["keys"]]


async def given_operators(
    parent: Any, arguments: Arguments, context: ResolverContext
) -> Sequence[Arguments]:
    """Operators by any texts."""
    return [{"operatorId": key} for key in arguments["keys"]]


async def given_python_keys(
    parent: Any, arguments: Arguments, context: ResolverContext
) -> Sequence[Arguments]:
    """Trains and operators by objects of ``uuid``."""
    return [
        *({"__typename": "Train", "trainId": UUID(key)} for key in arguments["trains"]),
        *({"__typename": "Operator", "operatorId": UUID(key)} for key in arguments["operators"]),
    ]


async def keyless(parent: Any, arguments: Arguments, context: ResolverContext) -> Arguments:
    """A train without its key."""
    return {"name": "Train 1"}


async def arguments_as_python(parent: Any, arguments: Arguments, context: ResolverContext) -> str:
    """What a function is given."""
    return repr(dict(arguments))


RESOLVERS = {
    "Query.givenTrains": given_trains,
    "Query.givenOperators": given_operators,
    "Query.givenPythonKeys": given_python_keys,
    "Query.keyless": keyless,
    "Query.argumentsAsPython": arguments_as_python,
}
