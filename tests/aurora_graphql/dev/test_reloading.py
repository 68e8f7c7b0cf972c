"""A function made anew while it serves: no request is lost, and a bad one takes nothing over."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from aurora_graphql.dev.reloading import RECORD, SAVED, Reloading
from aurora_graphql.gateway.function import FunctionError


class Version:
    """A function of a number; its answers wait until they are let go."""

    def __init__(self, number: int, fault: FunctionError | None = None, saved: str = "") -> None:
        self.number = number
        self.fault = fault
        self.saved = saved
        self.steps: list[str] = []
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def prepare(self) -> None:
        self.steps.append("prepare")

    async def start(self) -> None:
        self.steps.append("start")
        if self.fault is not None:
            raise self.fault

    async def invoke(self, payload: bytes, *, request_id: str, timeout_s: float) -> Any:
        if payload == SAVED:
            return {"error": self.saved}
        await self.go_on.wait()
        return self.number

    async def stop(self) -> None:
        self.steps.append("stop")


class Maker:
    """Gives one version after the other."""

    def __init__(self, *versions: Version) -> None:
        self.versions = list(versions)
        self._next = iter(self.versions)

    def __call__(self) -> Version:
        return next(self._next, None) or Version(99)


BAD = FunctionError("sdl/shop.graphql:3:4: no such type", code="SCHEMA_INVALID")


async def ask(function: Reloading) -> Any:
    return await function.invoke(b"{}", request_id="r", timeout_s=5)


async def test_a_request_under_way_ends_where_it_began() -> None:
    old, new = Version(1), Version(2)
    function = Reloading(Maker(old, new))
    await function.start()
    old.go_on.clear()
    under_way = asyncio.create_task(ask(function))
    await asyncio.sleep(0)
    await function.reload()
    assert await ask(function) == 2
    assert "stop" not in old.steps
    old.go_on.set()
    assert await under_way == 1
    await function.stop()
    assert old.steps == ["start", "stop"]
    assert new.steps == ["prepare", "start", "stop"]


async def test_what_cannot_be_loaded_takes_nothing_over_until_it_is_mended() -> None:
    function = Reloading(Maker(Version(1), Version(2, BAD), Version(3)))
    heard: list[tuple[int, str]] = []
    function.listen(lambda: heard.append((function.version, function.error)))
    await function.start()
    with pytest.raises(FunctionError, match="no such type"):
        await function.reload()
    assert await ask(function) == 1
    await function.reload()
    assert await ask(function) == 3
    assert heard == [(1, ""), (1, str(BAD)), (2, "")]
    await function.stop()


async def test_bad_sdl_at_the_start_is_the_answer_until_it_is_mended() -> None:
    function = Reloading(Maker(Version(1, BAD), Version(2)))
    await function.start()
    answer = await ask(function)
    assert (answer["statusCode"], json.loads(answer["body"])) == (
        503,
        {"errors": [{"message": str(BAD), "extensions": {"code": "SCHEMA_INVALID"}}]},
    )
    await function.reload()
    assert await ask(function) == 2
    await function.stop()


async def test_anything_else_at_the_start_ends_it() -> None:
    function = Reloading(Maker(Version(1, FunctionError("no such function"))))
    with pytest.raises(FunctionError, match="no such function"):
        await function.start()
    await function.stop()


async def test_a_bad_saved_operation_is_told_and_keeps_nothing_from_serving() -> None:
    saved = "operations/page.graphql:1:9: no field"
    function = Reloading(Maker(Version(1), Version(2, saved=saved)), has_local_events=True)
    await function.start()
    await function.reload()
    assert (function.error, await ask(function)) == (saved, 2)
    await function.stop()


async def test_who_no_longer_listens_is_told_nothing() -> None:
    function = Reloading(Maker(Version(1)))
    heard: list[int] = []
    forget = function.listen(lambda: heard.append(function.version))
    await function.start()
    forget()
    function.fail("wrong")
    assert heard == [1]
    await function.stop()


class Telling(Version):
    """Tells something beside each answer."""

    async def invoke(self, payload: bytes, *, request_id: str, timeout_s: float) -> Any:
        return {"statusCode": 200, RECORD: {"operation": request_id}}


async def test_what_is_told_beside_an_answer_is_taken_out_of_it_and_given_once() -> None:
    function = Reloading(Maker(Telling(1)))
    await function.start()
    assert await ask(function) == {"statusCode": 200}
    assert function.take_record("r") == {"operation": "r"}
    assert function.take_record("r") is None
    for number in range(150):  # whose callers have all left
        await function.invoke(b"{}", request_id=str(number), timeout_s=5)
    assert [number for number in range(150) if function.take_record(str(number))] == [
        *range(50, 150)
    ]
    await function.stop()
