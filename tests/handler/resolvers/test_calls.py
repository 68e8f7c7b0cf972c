"""How functions are called: for all parents at once or for each, and what comes of what they do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from handler.errors import ClientError, DeadlineError, HandlerError
from handler.resolvers import calls
from handler.resolvers.calls import CALLS_MAX, Function, call
from handler.resolvers.registry import AnyResolver, ResolverContext, batched
from handler.stores.deadline import Deadline

PARENTS = [{"n": number} for number in range(50)]


def context(budget_s: float = 10.0) -> ResolverContext:
    """One whose database nobody asks."""
    nothing: Any = None
    return ResolverContext(nothing, Deadline.after(budget_s), nothing, {})


async def called(
    resolver: AnyResolver, parents: Sequence[Any] = PARENTS, budget_s: float = 10.0
) -> list[Any]:
    return await call(Function("A.b", resolver), parents, {"x": [1]}, context(budget_s))


def told(value: Any) -> Any:
    """An error by what the log says of it."""
    return (type(value).__name__, str(value)) if isinstance(value, Exception) else value


async def test_one_that_is_batched_is_called_once_with_all_parents_in_order() -> None:
    seen: list[Any] = []

    @batched
    async def double(
        parents: Sequence[Mapping[str, Any]], arguments: Mapping[str, Any], _: ResolverContext
    ) -> list[int]:
        seen.append((list(parents), arguments))
        return [2 * parent["n"] for parent in parents]

    assert await called(double) == [2 * number for number in range(50)]
    assert seen == [(PARENTS, {"x": [1]})]


async def test_any_other_is_called_for_each_parent_so_many_at_the_same_time() -> None:
    running, most = 0, 0

    async def double(parent: Any, arguments: Any, _: ResolverContext) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return 2 * int(parent["n"])

    assert await called(double) == [2 * number for number in range(50)]
    assert most == CALLS_MAX


async def test_without_parents_nothing_is_called() -> None:
    @batched
    async def never(*_: Any) -> list[Any]:
        raise AssertionError

    assert await called(never, []) == []


async def test_arguments_that_one_call_changes_are_not_those_of_another() -> None:
    seen: list[Any] = []

    async def greedy(parent: Any, arguments: Any, _: ResolverContext) -> None:
        seen.append(dict(arguments))
        arguments.clear()

    await called(greedy, PARENTS[:2])
    assert seen == [{"x": [1]}, {"x": [1]}]


def gives(value: Any) -> AnyResolver:
    @batched
    async def give(*_: Any) -> Any:
        return value

    return give


def raises(error: BaseException) -> AnyResolver:
    @batched
    async def fail(*_: Any) -> Any:
        raise error

    return fail


@pytest.mark.parametrize(
    ("resolver", "error"),
    [
        pytest.param(gives([1]), "gave 1 values for 2 parents", id="too-few"),
        pytest.param(gives([1, 2, 3]), "gave 3 values for 2 parents", id="too-many"),
        pytest.param(
            gives("ab"),
            "gave a str; one that is batched gives a list with a value for each parent",
            id="a-text-of-the-right-length",
        ),
        pytest.param(
            gives(None),
            "gave a NoneType; one that is batched gives a list with a value for each parent",
            id="nothing",
        ),
        pytest.param(
            gives({0: 1, 1: 2}),
            "gave a dict; one that is batched gives a list with a value for each parent",
            id="a-mapping",
        ),
        pytest.param(raises(KeyError("Jane")), "failed: KeyError", id="an-exception"),
        pytest.param(
            raises(asyncio.CancelledError()),
            "was cancelled by something that it waited for",
            id="cancelled",
        ),
    ],
)
async def test_one_mistake_is_the_error_of_all_parents(resolver: AnyResolver, error: str) -> None:
    found = await called(resolver, PARENTS[:2])
    assert [told(each) for each in found] == [("ResolverError", f"the resolver of A.b {error}")] * 2
    assert found[0] is found[1]  # the log has it once
    assert found[0].place.startswith(f"{__file__}:")


@pytest.mark.parametrize("mark", [lambda function: function, batched])
async def test_a_function_of_too_few_parameters_is_the_error_of_its_field(
    mark: Callable[[Any], AnyResolver],
) -> None:
    async def short(parent: Any) -> Any:
        raise AssertionError

    failed = ("ResolverError", "the resolver of A.b failed: TypeError")
    assert [told(each) for each in await called(mark(short), PARENTS[:2])] == [failed] * 2


async def test_an_exception_in_place_of_a_value_is_the_error_of_that_parent() -> None:
    shown = ClientError("ask later")
    found = await called(gives([1, shown, ValueError("Jane"), None]), PARENTS[:4])
    assert found[:2] == [1, shown]
    assert told(found[2]) == ("ResolverError", "the resolver of A.b failed: ValueError")
    assert found[3] is None


async def test_one_of_many_calls_that_fails_is_one_error() -> None:
    async def half(parent: Any, arguments: Any, _: ResolverContext) -> int:
        return 1 // int(parent["n"] % 2)

    found = await called(half, PARENTS[:3])
    failed = ("ResolverError", "the resolver of A.b failed: ZeroDivisionError")
    assert [told(each) for each in found] == [failed, 1, failed]


@pytest.mark.parametrize("mark", [lambda function: function, batched])
async def test_time_that_is_up_ends_what_runs(mark: Callable[[Any], AnyResolver]) -> None:
    ended: list[str] = []

    async def sleep(*_: Any) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("now")

    found = await called(mark(sleep), PARENTS, budget_s=0.05)
    assert {type(each) for each in found} == {DeadlineError}
    assert len(found) == 50
    assert len(ended) in (1, CALLS_MAX, 50)


async def test_a_request_that_is_cancelled_leaves_no_call_behind() -> None:
    running: set[int] = set()
    started = asyncio.Event()

    async def wait(parent: Any, arguments: Any, _: ResolverContext) -> None:
        running.add(parent["n"])
        try:
            started.set()
            await asyncio.Event().wait()
        finally:
            running.discard(parent["n"])

    task = asyncio.ensure_future(called(wait))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0)
    assert running == set()


async def test_all_end_before_the_first_error_is_raised() -> None:
    ended: list[int] = []

    async def part(number: int) -> int:
        await asyncio.sleep(0)
        if number == 0:
            raise HandlerError("first")
        await asyncio.sleep(0)
        ended.append(number)
        return number

    with pytest.raises(HandlerError, match="first"):
        await calls.together(part(number) for number in range(3))
    assert ended == [1, 2]
    assert await calls.together([part(7)]) == [7]
