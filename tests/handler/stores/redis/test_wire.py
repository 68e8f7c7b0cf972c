"""What runs on one connection: a reply for each command, whole and in order, or a failure."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from redis.asyncio.connection import DefaultParser
from redis.exceptions import BusyLoadingError, InvalidResponse, ReadOnlyError, ResponseError
from redis.exceptions import ConnectionError as LostError

from handler.stores.redis.wire import Wire
from tests.handler.stores.line import Line


@pytest.fixture
async def line() -> Line:
    return Line()


@pytest.fixture
async def wire(line: Line) -> Wire:
    connection = type("Connection", (), {"_writer": type("Writer", (), {"transport": line})})
    return Wire(connection, DefaultParser.parse_error)


REPLIES = b"*2\r\n$2\r\na\n\r\n$-1\r\n+OK\r\n:7\r\n"


@pytest.mark.parametrize(
    "cuts",
    [
        pytest.param([], id="at-once"),
        pytest.param(range(1, len(REPLIES)), id="byte-by-byte"),
        *(pytest.param([at], id=f"cut-at-{at}") for at in range(1, len(REPLIES), 3)),
    ],
)
async def test_commands_are_sent_at_once_and_their_replies_read_in_parts(
    wire: Wire, line: Line, cuts: list[int]
) -> None:
    asked = wire.ask([b"first", b"second", b"third"])
    assert line.sent == [b"firstsecondthird"]
    for start, end in pairwise([0, *cuts, len(REPLIES)]):
        assert not asked.done()
        wire.data_received(REPLIES[start:end])
    assert await asked == [[b"a\n", None], b"OK", 7]
    assert not wire.is_over


async def test_a_refusal_is_the_reply_to_its_command(wire: Wire) -> None:
    asked = wire.ask([b"1", b"2", b"3"])
    wire.data_received(b"-READONLY no\r\n*1\r\n-ERR strange\r\n+OK\r\n")
    first, (second,), third = await asked
    assert [type(first), type(second), third] == [ReadOnlyError, ResponseError, b"OK"]
    assert not wire.is_over


@pytest.mark.parametrize(
    ("said", "error"),
    [
        pytest.param(b"-LOADING the data\r\n", BusyLoadingError, id="loading"),
        pytest.param(b"-ERR max number of clients reached\r\n", LostError, id="no-room"),
        pytest.param(b"garbage\r\n", InvalidResponse, id="garbage"),
    ],
)
async def test_who_serves_nobody_or_talks_nonsense_fails_the_whole_call(
    wire: Wire, said: bytes, error: type[Exception]
) -> None:
    asked = wire.ask([b"1", b"2"])
    wire.data_received(b"+OK\r\n" + said)
    with pytest.raises(error):
        await asked


async def test_more_replies_than_were_asked_for_end_the_connection(wire: Wire) -> None:
    asked = wire.ask([b"1"])
    wire.data_received(b"+OK\r\n+OK\r\n")
    assert await asked == [b"OK"]
    assert wire.is_over


async def test_words_that_nobody_asked_for_end_the_connection(wire: Wire, line: Line) -> None:
    wire.data_received(b"+OK\r\n")
    assert wire.is_over
    with pytest.raises(LostError):
        await wire.ask([b"1"])
    assert line.sent == []


@pytest.mark.parametrize("error", [None, ConnectionResetError("reset")], ids=["goodbye", "reset"])
async def test_a_lost_connection_fails_what_is_waited_for(
    wire: Wire, error: Exception | None
) -> None:
    asked = wire.ask([b"1"])
    wire.data_received(b"$5\r\nabc")
    if error is None:
        wire.eof_received()
    wire.connection_lost(error)
    with pytest.raises(LostError if error is None else ConnectionResetError):
        await asked
    assert wire.is_over


async def test_the_streams_of_the_library_hear_of_the_end(line: Line) -> None:
    heard: list[object] = []
    line.protocol = type("Streams", (), {"connection_lost": heard.append})
    connection: Any = type("Connection", (), {"_writer": type("Writer", (), {"transport": line})})
    Wire(connection, DefaultParser.parse_error).connection_lost(None)
    assert heard == [None]


async def test_who_awaits_a_reply_may_ask_anew_in_the_turn_in_which_it_arrives(
    wire: Wire, line: Line
) -> None:
    async def ask() -> list[Any]:
        return [await wire.ask([b"1"]), await wire.ask([b"2"])]

    def arrive() -> None:
        wire.data_received(b"+one\r\n")
        assert line.sent == [b"1", b"2"]
        wire.data_received(b"+two\r\n")

    task = asyncio.create_task(ask())
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_soon(arrive)
    assert await task == [[b"one"], [b"two"]]
    assert not wire.is_over


async def test_what_arrives_for_a_call_that_was_cancelled_is_nobodys_reply(wire: Wire) -> None:
    asked = wire.ask([b"1"])
    asked.cancel()
    wire.data_received(b"+OK\r\n")
    assert wire.is_over
