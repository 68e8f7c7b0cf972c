"""Call the functions behind fields: once for all parents, or side by side for each of them.

Nothing that a function does escapes: what it raises is an error of its field.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

from msgspec import Struct

from handler.errors import DeadlineError, HandlerError, ResolverError
from handler.resolvers.registry import AnyResolver, Batched, ResolverContext

T = TypeVar("T")

CALLS_MAX: Final = 20  # of one function for one field at the same time


class Function(Struct, frozen=True):
    """One function of the resolvers' module."""

    field: str  # such as Query.stock
    resolver: AnyResolver

    @property
    def place(self) -> str:
        """Where it is written; empty where that cannot be told."""
        call: Any = self.resolver
        while isinstance(call, Batched | functools.partial):
            call = call.function if isinstance(call, Batched) else call.func
        code = getattr(inspect.unwrap(call), "__code__", None)
        return f"{code.co_filename}:{code.co_firstlineno}" if code else ""

    def failure(self, text: str) -> ResolverError:
        """The error for the log; ``text`` goes on from its name."""
        return ResolverError(f"the resolver of {self.field} {text}", place=self.place)

    def raised(self, error: Exception) -> HandlerError:
        """The error of a field in place of one that the function has raised or given."""
        if isinstance(error, HandlerError):
            return error
        failure = self.failure(f"failed: {type(error).__name__}")
        failure.__cause__ = error
        return failure


async def call(
    function: Function,
    parents: Sequence[Any],
    arguments: Mapping[str, Any],
    context: ResolverContext,
) -> list[Any]:
    """What the function gives for each parent, or the ``HandlerError`` that stands there."""
    resolver = function.resolver
    if not parents:
        return []
    if isinstance(resolver, Batched):
        try:
            given = await _timed(function, resolver.function, parents, arguments, context)
            return _checked(function, given, len(parents))
        except HandlerError as error:
            return [error] * len(parents)
    values: list[Any] = [None] * len(parents)
    waiting = iter(enumerate(parents))

    async def work() -> None:
        for number, parent in waiting:
            try:
                values[number] = await _timed(function, resolver, parent, arguments, context)
            except HandlerError as error:
                values[number] = error

    await together(work() for _ in range(min(CALLS_MAX, len(parents))))
    return values


async def together(parts: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Await all, a single one without the cost of a task. If one fails, the others still end."""
    waiting = list(parts)
    if len(waiting) == 1:
        return [await waiting[0]]
    found = await asyncio.gather(*waiting, return_exceptions=True)
    for each in found:
        if isinstance(each, BaseException):
            raise each
    return found  # type: ignore[return-value]  # none of them is an exception


def _checked(function: Function, given: Any, count: int) -> list[Any]:
    """The values for all parents. Raises ``ResolverError`` if there are not as many."""
    if not isinstance(given, list | tuple):
        raise function.failure(
            f"gave a {type(given).__name__}; one that is batched gives a list with a value for"
            f" each parent"
        )
    if len(given) != count:
        raise function.failure(f"gave {len(given)} values for {count} parents")
    return [function.raised(each) if isinstance(each, Exception) else each for each in given]


async def _timed(
    function: Function,
    resolver: Callable[[Any, dict[str, Any], ResolverContext], Awaitable[Any]],
    parents: Any,
    arguments: Mapping[str, Any],
    context: ResolverContext,
) -> Any:
    """What a call gives, within the time of the request. ``parents``: one, or all of them.

    Raises its own ``HandlerError``; ``DeadlineError``; ``ResolverError`` for all else that it may
    raise.
    """
    try:
        async with asyncio.timeout(context.remaining_s()) as limit:
            return await resolver(parents, dict(arguments), context)
    except HandlerError:
        raise
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise function.failure("was cancelled by something that it waited for") from error
    except Exception as error:
        if limit.expired() and isinstance(error, TimeoutError):
            raise DeadlineError(
                f"the resolver of {function.field} took longer than the request has"
            ) from error
        raise function.raised(error) from error
