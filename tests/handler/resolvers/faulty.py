"""Functions that fail in every way there is, for the tests of what the log says of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from handler.resolvers.registry import ResolverContext

Arguments = Mapping[str, Any]


async def raises(parent: Arguments, arguments: Arguments, context: ResolverContext) -> Any:
    """Its text holds a person."""
    try:
        int("Jane")
    except ValueError as error:
        raise RuntimeError("no such Jane") from error


async def raises_many(parent: Arguments, arguments: Arguments, context: ResolverContext) -> Any:
    """In tasks of its own."""
    async with asyncio.TaskGroup() as group:
        group.create_task(raises(parent, arguments, context))
        group.create_task(sleeps_badly())


async def sleeps_badly() -> None:
    """One more failure."""
    raise LookupError("Jane")


async def bad_sql(parent: Arguments, arguments: Arguments, context: ResolverContext) -> Any:
    """Refused by the server, whose words quote the text."""
    await context.fetch("SELECT 'Jane' FRM nothing")


async def mismatch(parent: Arguments, arguments: Arguments, context: ResolverContext) -> Any:
    """Two parameters for one place."""
    await context.fetch("SELECT %s", "Jane", "Jill")


async def no_query(parent: Arguments, arguments: Arguments, context: ResolverContext) -> Any:
    """Another statement than a query."""
    await context.fetch("SHOW TABLES LIKE 'Jane'")


async def late_sql(parent: Arguments, arguments: Arguments, context: ResolverContext) -> Any:
    """Longer than the request."""
    await context.fetch("SELECT SLEEP(n) FROM (SELECT 5 AS n UNION SELECT 6) s")


async def late(parent: Arguments, arguments: Arguments, context: ResolverContext) -> Any:
    """Longer than the request, without the database."""
    await asyncio.sleep(60)


async def own_timeout(parent: Arguments, arguments: Arguments, context: ResolverContext) -> Any:
    """A time limit of its own."""
    async with asyncio.timeout(0):
        await asyncio.sleep(60)


async def cancelled(parent: Arguments, arguments: Arguments, context: ResolverContext) -> Any:
    """By something that it waits for."""
    raise asyncio.CancelledError


async def text(parent: Arguments, arguments: Arguments, context: ResolverContext) -> Any:
    """No Int, no list, no object."""
    return "Jane"


async def nothing(parent: Arguments, arguments: Arguments, context: ResolverContext) -> Any:
    """Null where none may be."""
    return None


async def no_key(parent: Arguments, arguments: Arguments, context: ResolverContext) -> Any:
    """A row without its key."""
    return {"name": "Jane"}


async def no_type(parent: Arguments, arguments: Arguments, context: ResolverContext) -> Any:
    """One of an interface that does not say which."""
    return {"name": "Jane"}


async def inner_null(parent: Arguments, arguments: Arguments, context: ResolverContext) -> Any:
    """Null where none may be, further down."""
    return {"name": "Jane", "owner": {"name": None}}


async def gone(parent: Arguments, arguments: Arguments, context: ResolverContext) -> Any:
    """The key of a row that is not there."""
    return {"thingId": 404}


class Unreadable:
    """An object whose fields cannot be read; its text holds a person."""

    @property
    def name(self) -> str:
        """Fails."""
        raise RuntimeError("Jane has no name")

    @property
    def thing_id(self) -> str:
        """Fails as well."""
        raise RuntimeError("Jane has no key")

    thingId = thing_id  # noqa: N815  # as the SDL has it

    def __str__(self) -> str:
        raise RuntimeError("Jane has no text")


async def unreadable(parent: Arguments, arguments: Arguments, context: ResolverContext) -> Any:
    """What fails only when it is read."""
    return Unreadable()


async def unreadable_part(parent: Arguments, arguments: Arguments, context: ResolverContext) -> Any:
    """A key of what has no text, after one of a row that is there."""
    return [{"thingId": 2}, {"thingId": Unreadable()}, {"thingId": "\ud800"}]


async def half(parent: Arguments, arguments: Arguments, context: ResolverContext) -> Any:
    """Half of a character, as Python's JSON reader lets it pass."""
    return ["whole", "\ud800"]


async def misdeclared(parent: Arguments) -> Any:
    """Takes less than it is given."""


RESOLVERS = {
    "Query.unreadable": unreadable,
    "Query.unreadableRow": unreadable,
    "Query.unreadablePart": unreadable_part,
    "Query.half": half,
    "Query.misdeclared": misdeclared,
    "Query.raises": raises,
    "Query.raisesMany": raises_many,
    "Query.badSql": bad_sql,
    "Query.mismatch": mismatch,
    "Query.noQuery": no_query,
    "Query.lateSql": late_sql,
    "Query.late": late,
    "Query.ownTimeout": own_timeout,
    "Query.cancelled": cancelled,
    "Query.noInt": text,
    "Query.noList": text,
    "Query.noObject": text,
    "Query.noRow": text,
    "Query.nothing": nothing,
    "Query.noKey": no_key,
    "Query.noType": no_type,
    "Query.innerNull": inner_null,
    "Query.gone": gone,
}
