"""What runs on one connection: an answer for each statement, in time or not at all."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import Any

import pytest

from handler.stores.mysql.resultset import ProtocolError
from handler.stores.mysql.wire import OutOfTimeError, Wire
from handler.stores.request_budget import RequestBudget
from tests.handler.execution.packets import ColumnDefinition, answer
from tests.handler.stores.line import Line

ONE = answer([ColumnDefinition("c")], [(b"1",)])


class Driver:
    """What a wire uses of the driver's connection."""

    server_version = "8.0.36"

    def __init__(self, line: Line) -> None:
        self._writer = type("Writer", (), {"transport": line})
        self._reader = type("Reader", (), {"eof_received": False, "_buffer": b""})
        self.is_closed = False

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
async def line() -> Line:
    return Line()


@pytest.fixture
async def wire(line: Line) -> Wire:
    return Wire(Driver(line))


def now() -> float:
    return asyncio.get_running_loop().time()


@pytest.fixture
def timers(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When the loop is to wake for somebody."""
    found: list[float] = []
    right = asyncio.BaseEventLoop.call_at

    def call_at(loop: Any, when: float, *more: Any, **named: Any) -> asyncio.TimerHandle:
        found.append(when)
        return right(loop, when, *more, **named)

    monkeypatch.setattr(asyncio.BaseEventLoop, "call_at", call_at)
    return found


async def test_a_statement_is_sent_as_one_packet_and_read_in_parts(wire: Wire, line: Line) -> None:
    asked = wire.ask(b"SELECT 1", RequestBudget(), now() + 5)
    assert line.sent == [b"\x09\x00\x00\x00\x03SELECT 1"]
    wire.data_received(ONE[:9])
    assert not asked.done()
    wire.data_received(ONE[9:])
    assert (await asked).rows == [(b"1",)]
    assert not wire.is_over


async def test_one_timer_serves_many_statements(wire: Wire, timers: list[float]) -> None:
    start = now()
    for number in range(3):
        asked = wire.ask(b"SELECT 1", RequestBudget(), start + 5 + number)
        wire.data_received(ONE)
        await asked
    assert timers == [start + 5]
    wire.ask(b"SELECT 1", RequestBudget(), start + 2)
    assert timers == [start + 5, start + 2]
    wire.close()


async def test_a_statement_without_an_answer_fails_when_its_time_is_up(wire: Wire) -> None:
    asked = wire.ask(b"SELECT 1", RequestBudget(), now() + 0.01)
    wire.data_received(ONE)
    await asked  # its timer goes on
    asked = wire.ask(b"SELECT 1", RequestBudget(), now() + 0.05)
    with pytest.raises(OutOfTimeError):
        await asked


async def test_words_that_nobody_asked_for_end_the_connection(wire: Wire) -> None:
    wire.data_received(b"\x01\x00\x00\x00\xff")
    assert wire.is_over
    with pytest.raises(EOFError):
        await wire.ask(b"SELECT 1", RequestBudget(), now() + 5)


async def test_a_lost_connection_fails_what_is_waited_for(wire: Wire) -> None:
    asked = wire.ask(b"SELECT 1", RequestBudget(), now() + 5)
    wire.data_received(ONE[:-1])
    wire.eof_received()
    with pytest.raises(EOFError, match="middle of an answer"):
        await asked
    wire.connection_lost(ConnectionResetError())
    assert wire.is_over


async def test_a_ping_is_answered_by_a_packet_that_says_ok(wire: Wire, line: Line) -> None:
    asked = wire.ping(now() + 5)
    assert line.sent == [b"\x01\x00\x00\x00\x0e"]
    wire.data_received(b"\x07\x00\x00\x01\x00\x00")
    wire.data_received(b"\x00\x02\x00\x00\x00")
    await asked
    asked = wire.ping(now() + 5)
    wire.data_received(b"\x03\x00\x00\x01\xff\x28\x04")
    with pytest.raises(ProtocolError):
        await asked


WHO: ContextVar[str] = ContextVar("who", default="nobody")


async def test_who_awaits_an_answer_goes_on_in_the_turn_in_which_it_arrives(wire: Wire) -> None:
    seen: list[object] = []

    async def ask() -> None:
        WHO.set("asker")
        for _ in range(2):
            seen.append((await wire.ask(b"SELECT 1", RequestBudget(), now() + 5)).rows)
        seen.append((WHO.get(), asyncio.current_task() is task))

    def arrive() -> None:
        for _ in range(2):
            wire.data_received(ONE)
            seen.append(WHO.get())

    task = asyncio.create_task(ask())
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_soon(arrive)
    await task
    assert seen == [[(b"1",)], "nobody", [(b"1",)], ("asker", True), "nobody"]
    wire.close()


async def test_a_task_that_is_cancelled_ends_and_what_arrives_for_it_is_not_read(
    wire: Wire,
) -> None:
    async def ask() -> None:
        await wire.ask(b"SELECT 1", RequestBudget(), now() + 5)

    task = asyncio.create_task(ask())
    await asyncio.sleep(0)
    task.cancel()
    wire.data_received(ONE)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert wire.is_over
    wire.close()
