"""What of an error is told in the log: the failures at bottom, and where they happened."""

from __future__ import annotations

import asyncio
import json
import json.decoder
from collections.abc import Callable
from pathlib import Path

import pytest

from handler.errors import InputError, ResolverError, UpstreamError
from handler.observe.causes import CAUSES, Cause, find_causes

HERE = Path(__file__)
OWN = ("tests",)


def raised(function: Callable[[], object]) -> Exception:
    with pytest.raises(Exception) as caught:  # noqa: PT011  # any
        function()
    return caught.value


def place(text: str) -> str:
    """Where the line of this file is that holds the text, and nothing else of it."""
    lines = HERE.read_text().splitlines()
    (number,) = [n for n, line in enumerate(lines, 1) if line.strip() == text]
    return f"{HERE}:{number}"


def dig() -> None:
    int("Jane")  # a value in the text


def wrap_upstream() -> None:
    try:
        dig()
    except ValueError as error:
        raise UpstreamError("the database is away") from error


def stumble() -> None:
    try:
        dig()
    except ValueError:
        dict[str, int]()["key of Jane"]  # a mistake while another is handled


def hide() -> None:
    try:
        dig()
    except ValueError:
        raise LookupError("Jane") from None


async def many(*functions: Callable[[], None]) -> None:
    async def run(function: Callable[[], None]) -> None:
        function()

    async with asyncio.TaskGroup() as group:
        for function in functions:
            group.create_task(run(function))


def at(cause: Cause) -> tuple[str, ...]:
    return cause.at[-1:]


def test_a_failure_of_a_task_is_named_and_not_its_group() -> None:
    (found,) = find_causes(raised(lambda: asyncio.run(many(dig))), OWN)
    assert (found.error, found.text, found.inner) == ("ValueError", "", "")
    assert found.at[-1] == place('int("Jane")  # a value in the text')
    assert all(each.startswith(str(HERE)) for each in found.at)


def test_all_failures_of_a_group_are_told_each_once() -> None:
    error = raised(lambda: asyncio.run(many(dig, wrap_upstream, dig, hide)))
    found = find_causes(ExceptionGroup("outer", [error, ExceptionGroup("inner", [error])]), OWN)
    assert [(each.error, each.text, each.inner) for each in found] == [
        ("ValueError", "", ""),
        ("UpstreamError", "the database is away", "ValueError"),
        ("LookupError", "", ""),
    ]


@pytest.mark.parametrize(
    ("function", "expected", "line"),
    [
        pytest.param(
            wrap_upstream,
            ("UpstreamError", "the database is away", "ValueError"),
            'int("Jane")  # a value in the text',
            id="our-own-error-speaks-and-the-place-is-that-of-its-cause",
        ),
        pytest.param(
            stumble,
            ("ValueError", "", ""),
            'int("Jane")  # a value in the text',
            id="an-error-while-another-is-handled",
        ),
        pytest.param(
            hide,
            ("LookupError", "", ""),
            'raise LookupError("Jane") from None',
            id="one-that-was-hidden-on-purpose",
        ),
    ],
)
def test_the_innermost_is_named(
    function: Callable[[], None], expected: tuple[str, str, str], line: str
) -> None:
    (found,) = find_causes(raised(function), OWN)
    assert (found.error, found.text, found.inner) == expected
    assert found.at[-1] == place(line)
    assert "Jane" not in repr(found)


def test_what_tartiflette_wraps_is_unwrapped() -> None:
    class WrapperError(Exception):
        original_error = raised(dig)

    class SeveralError(Exception):
        exceptions = (WrapperError(), raised(hide))

    found = find_causes(SeveralError("Jane"), OWN)
    assert [each.error for each in found] == ["ValueError", "LookupError"]


def test_the_text_for_a_caller_is_not_for_the_log() -> None:
    def run() -> None:
        try:
            raise InputError("no such name: Jane")
        except InputError:
            dig()

    (found,) = find_causes(raised(run), OWN)
    assert (found.error, found.text) == ("InputError", "")


def test_places_are_those_of_the_packages_asked_for() -> None:
    (found,) = find_causes(raised(dig), ("handler",))  # there are none of it, so all are told
    assert found.at[-1] == place('int("Jane")  # a value in the text')
    deep = raised(lambda: deepen(30))
    (found,) = find_causes(deep, OWN)
    assert len(found.at) <= 5
    assert found.at[-1] == place('int("Jane")  # a value in the text')


def test_the_fault_itself_is_told_whoever_wrote_the_code() -> None:
    error = raised(lambda: json.loads("Jane"))
    (found,) = find_causes(error, OWN)
    assert found.at[-2] == place('error = raised(lambda: json.loads("Jane"))')
    assert found.at[-1].rpartition(":")[0] == json.decoder.__file__
    assert len([each for each in found.at if not each.startswith(str(HERE))]) == 1


def deepen(depth: int) -> None:
    if depth:
        deepen(depth - 1)
    dig()


def test_a_resolver_that_has_ended_is_told_by_the_place_of_its_function() -> None:
    error = ResolverError("the resolver of Query.a gave null", place="/shop/resolvers.py:7")
    (found,) = find_causes(error, OWN)
    assert found.fields() == {
        "error": "ResolverError",
        "text": "the resolver of Query.a gave null",
        "at": ["/shop/resolvers.py:7"],
    }


def test_a_circle_of_causes_has_an_end() -> None:
    one, two = ValueError("1"), KeyError("2")
    one.__cause__, two.__cause__ = two, one
    assert [each.error for each in find_causes(one, OWN)] == ["KeyError"]


def test_a_crowd_is_cut() -> None:
    crowd = [type(f"Error{number}", (Exception,), {})() for number in range(50)]
    assert len(find_causes(ExceptionGroup("", crowd), OWN)) == CAUSES
