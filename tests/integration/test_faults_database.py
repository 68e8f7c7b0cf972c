"""Connections to the database break in every way: the right rows or a typed error in time.

A proxy of ours sits before a real MariaDB.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time

import pytest

from handler.errors import DeadlineError, InputError, LimitError, UpstreamError
from handler.sql.statement import Statement
from handler.stores.deadline import Deadline
from handler.stores.mysql import database as module
from handler.stores.mysql.database import MySqlDatabase
from handler.stores.url import DatabaseUrl
from tests.faults.proxy import Fault, FaultProxy
from tests.integration.numbers import (
    NUMBERS,
    RECOVERY_S,
    ROWS,
    SLACK_S,
    fetch,
    opened,
    proxy,
    seconds_until_served,
    through,
    url,
)
from tests.integration.servers import fetch_rows

__all__ = ["proxy", "url"]  # fixtures


@pytest.mark.parametrize(
    "way", ["reset_after", pytest.param("cut_after", marks=pytest.mark.nightly)]
)
async def test_broken_after_every_byte_is_one_retry(
    proxy: FaultProxy, url: DatabaseUrl, way: str
) -> None:
    """From the first byte of the handshake to the last of the rows."""
    async with opened(through(proxy, url)) as database:
        for at in range(1, 501):
            proxy.fault = Fault(**{way: at}, times=1)  # type: ignore[arg-type]  # a number
            assert (await fetch(database)).rows == ROWS
            await database.close()
            database._back_off.succeeded()
    assert proxy.opened >= 1_000


@pytest.mark.parametrize("way", ["cut_after", "reset_after"])
async def test_broken_every_time_is_a_typed_error_after_two_tries(
    proxy: FaultProxy, url: DatabaseUrl, way: str
) -> None:
    for at in range(1, 400, 13):
        proxy.fault = Fault(**{way: at})  # type: ignore[arg-type]  # a number
        before = proxy.opened
        async with opened(through(proxy, url)) as database:
            with pytest.raises(UpstreamError):
                await fetch(database)
        assert proxy.opened - before == 2


async def test_a_request_is_tried_twice_and_not_each_of_its_statements(
    proxy: FaultProxy, url: DatabaseUrl
) -> None:
    proxy.fault = Fault(reset_after=300)  # within the rows
    statement = Statement(NUMBERS, ())
    async with opened(through(proxy, url)) as database:
        for _ in range(2):
            before = proxy.opened
            deadline = Deadline.after(10.0)
            for _ in range(5):
                with pytest.raises(UpstreamError):
                    await database.fetch(statement, deadline.within(5.0))
            assert proxy.opened - before == 2 + 4, "one more for the first, none for the others"


async def test_all_that_was_under_way_when_one_was_lost_is_asked_once_more(
    proxy: FaultProxy, url: DatabaseUrl
) -> None:
    async with opened(through(proxy, url), size=3) as database:
        await asyncio.gather(*(fetch(database, "SELECT SLEEP(0.2)") for _ in range(3)))
        assert proxy.opened == 3
        proxy.is_frozen = True
        deadline = Deadline.after(20.0)
        asked = [
            asyncio.create_task(database.fetch(Statement(NUMBERS, ()), deadline)) for _ in range(3)
        ]
        for _ in range(10):  # each of them waits for its rows
            await asyncio.sleep(0)
        proxy.break_all()
        proxy.is_frozen = False
        assert [found.rows for found in await asyncio.gather(*asked)] == [ROWS] * 3
    assert proxy.opened == 6


@pytest.mark.parametrize(
    "garbage",
    [
        pytest.param(b"\x00" * 200, id="zeros"),
        pytest.param(b"\xff" * 200, id="ones"),
        pytest.param(b"HTTP/1.1 502 Bad Gateway\r\n\r\n" * 8, id="http"),
        pytest.param(b"\x03\x00\x00\x01\xff\x28\x04" * 20, id="short-errors"),
        pytest.param(b"\x01\x00\x00\x01\x02\x01\x00\x00\x02\xfc" * 20, id="lengths-too-long"),
    ],
)
async def test_garbage_is_never_an_answer(
    proxy: FaultProxy, url: DatabaseUrl, garbage: bytes
) -> None:
    for at in range(0, 600, 23):
        proxy.fault = Fault(garbage_after=at, garbage=garbage, times=2)
        async with opened(through(proxy, url)) as database:
            began = time.monotonic()
            with contextlib.suppress(UpstreamError):
                assert (await fetch(database, budget_s=0.15)).rows == ROWS
            assert time.monotonic() - began < 0.15 + SLACK_S


@pytest.mark.parametrize("at", [0, 10, 90, 200, 400], ids=lambda at: f"after-{at}-bytes")
async def test_black_hole_ends_with_the_budget(
    proxy: FaultProxy, url: DatabaseUrl, at: int
) -> None:
    proxy.fault = Fault(hole_after=at)
    async with opened(through(proxy, url)) as database:
        began = time.monotonic()
        with pytest.raises(DeadlineError):
            await fetch(database, budget_s=0.3)
        assert time.monotonic() - began < 0.3 + SLACK_S
        proxy.fault = None
        assert await seconds_until_served(database) < RECOVERY_S


async def fill_pool(database: MySqlDatabase, proxy: FaultProxy, count: int = 3) -> None:
    """Have so many connections rest."""
    await asyncio.gather(*(fetch(database, "SELECT SLEEP(0.2)") for _ in range(count)))
    assert proxy.opened == count


async def test_a_time_out_costs_its_own_connection_and_the_others_are_asked_first(
    proxy: FaultProxy, url: DatabaseUrl
) -> None:
    async with opened(through(proxy, url), size=3) as database:
        await fill_pool(database, proxy)
        proxy.is_frozen = True
        with pytest.raises(DeadlineError):
            await fetch(database, budget_s=0.2)
        proxy.is_frozen = False
        found = await asyncio.gather(*(fetch(database) for _ in range(3)))
        assert [each.rows for each in found] == [ROWS] * 3
        assert proxy.opened == 4


async def test_three_connections_in_a_black_hole_cost_one_time_out_and_one_question(
    proxy: FaultProxy, url: DatabaseUrl
) -> None:
    async with opened(through(proxy, url), size=3) as database:
        await fill_pool(database, proxy)
        proxy.is_frozen = True
        with pytest.raises(DeadlineError):
            await fetch(database, budget_s=0.2)
        began = time.monotonic()
        thaw = asyncio.get_running_loop().call_later(0.9, setattr, proxy, "is_frozen", False)
        assert (await fetch(database, budget_s=3.0)).rows == ROWS
        thaw.cancel()
        assert time.monotonic() - began < 2.7, "a quarter of the time for the question"
        assert proxy.opened == 4, "the first that is silent takes the other with it"


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        pytest.param(Statement("SELECT %s", ("\ud800",)), InputError, id="half-a-pair"),
        pytest.param(Statement("SELECT %s", ("x" * 20_000,)), LimitError, id="too-long"),
        pytest.param(Statement("SELECT %s, '%d'", ("x",)), TypeError, id="mistake-in-the-text"),
    ],
)
async def test_a_text_that_cannot_be_made_costs_no_connection(
    proxy: FaultProxy, url: DatabaseUrl, statement: Statement, error: type[Exception]
) -> None:
    async with opened(through(proxy, url), size=3) as database:
        with pytest.raises(error):
            await database.fetch(statement, Deadline.after(5.0))
        assert proxy.opened == 0
        await fill_pool(database, proxy)
        for _ in range(5):
            with pytest.raises(error):
                await database.fetch(statement, Deadline.after(5.0))
        await fill_pool(database, proxy)


async def test_a_cancelled_request_costs_its_own_connection(
    proxy: FaultProxy, url: DatabaseUrl
) -> None:
    async with opened(through(proxy, url), size=3) as database:
        await fill_pool(database, proxy)
        request = asyncio.create_task(fetch(database, "SELECT SLEEP(2)", budget_s=2.0))
        await asyncio.sleep(0.1)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        await asyncio.gather(*(fetch(database, "SELECT SLEEP(0.2)") for _ in range(3)))
        assert proxy.opened == 4


async def test_waiting_in_vain_for_a_connection_costs_none(
    proxy: FaultProxy, url: DatabaseUrl
) -> None:
    async with opened(through(proxy, url), size=1) as database:
        slow = asyncio.create_task(fetch(database, "SELECT SLEEP(0.5)"))
        await asyncio.sleep(0.1)
        with pytest.raises(DeadlineError, match=r"^the database did not answer in time$"):
            await fetch(database, budget_s=0.1)
        await slow
        assert (await fetch(database)).rows == ROWS
        assert proxy.opened == 1


@pytest.mark.parametrize(
    "text", ["SELECT nothing", "SELECT 1 FROM nowhere", "SELECT", "SELECT n FROM numbers WHERE"]
)
async def test_a_refused_statement_costs_no_connection(
    proxy: FaultProxy, url: DatabaseUrl, text: str
) -> None:
    async with opened(through(proxy, url), size=3) as database:
        await fill_pool(database, proxy)
        with pytest.raises(UpstreamError, match="the database refused"):
            await fetch(database, text)
        await fill_pool(database, proxy)


async def test_a_request_that_ends_while_a_connection_is_asked_leaves_no_socket(
    proxy: FaultProxy, url: DatabaseUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LOOK_AFTER_S", 0.0)
    monkeypatch.setattr(module, "_PING_AFTER_S", 0.0)
    async with opened(through(proxy, url)) as database:
        await fetch(database)
        proxy.is_frozen = True
        request = asyncio.create_task(fetch(database))
        await asyncio.sleep(0.1)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        proxy.is_frozen = False
        deadline = time.monotonic() + RECOVERY_S
        while proxy.open_now and time.monotonic() < deadline:  # noqa: ASYNC110 # no event at hand
            await asyncio.sleep(0.01)
        assert proxy.open_now == 0


async def test_every_error_of_an_outage_says_why(proxy: FaultProxy, url: DatabaseUrl) -> None:
    """While nobody tries as well, and when the time is up."""
    proxy.is_refusing = True
    async with opened(through(proxy, url)) as database:
        told = set()
        for _ in range(40):
            with pytest.raises(UpstreamError) as caught:
                await fetch(database, budget_s=5.0)
            text = re.sub(r"\d+ connections", "N connections", str(caught.value))
            told.add(re.sub(r": (?=.*reset|.*Errno 104)[^:]*$", ": reset", text))
        cause = f"cannot connect to root@127.0.0.1:{proxy.port}/{url.database}: reset"
        assert told == {
            cause,
            f"the database refused N connections: a pause; the last one: {cause}",
        }


async def test_slow_database_is_waited_for(proxy: FaultProxy, url: DatabaseUrl) -> None:
    proxy.fault = Fault(delay_s=0.05)
    async with opened(through(proxy, url)) as database:
        assert (await fetch(database)).rows == ROWS


async def test_refused_connections_are_a_quick_error_and_then_a_pause(
    proxy: FaultProxy, url: DatabaseUrl
) -> None:
    proxy.is_refusing = True
    async with opened(through(proxy, url)) as database:
        for _ in range(50):
            began = time.monotonic()
            with pytest.raises(UpstreamError):
                await fetch(database, budget_s=5.0)
            assert time.monotonic() - began < 1.0 + SLACK_S
        assert proxy.opened < 20, "most requests did not even try"
        proxy.is_refusing = False
        assert await seconds_until_served(database) < RECOVERY_S


async def test_connections_do_not_grow(proxy: FaultProxy, url: DatabaseUrl) -> None:
    async with opened(through(proxy, url), size=2) as database:
        for at in (5, 120, 300, None) * 6:
            proxy.fault = None if at is None else Fault(reset_after=at)
            database._back_off.succeeded()
            await asyncio.gather(
                *(fetch(database, budget_s=1.0) for _ in range(4)), return_exceptions=True
            )
            assert proxy.open_now <= 2
    assert (await asyncio.to_thread(sessions, url)) == 0


def sessions(url: DatabaseUrl) -> int:
    """Sessions on the database other than the one that asks; waits for those that are ending."""
    deadline = time.monotonic() + 5
    question = (
        "SELECT COUNT(*) FROM information_schema.processlist"
        " WHERE db = DATABASE() AND id <> CONNECTION_ID()"
    )
    while (count := int(str(fetch_rows(url, question)[0][0]))) and time.monotonic() < deadline:
        time.sleep(0.05)
    return count


async def test_rested_connection_is_looked_at_before_it_is_used(
    proxy: FaultProxy, url: DatabaseUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LOOK_AFTER_S", 0.0)
    monkeypatch.setattr(module, "_PING_AFTER_S", 0.0)
    async with opened(through(proxy, url)) as database:
        await fetch(database)
        proxy.is_frozen = True  # as if the network had forgotten the connection
        began = time.monotonic()
        thaw = asyncio.get_running_loop().call_later(0.9, setattr, proxy, "is_frozen", False)
        assert (await fetch(database, budget_s=2.4)).rows == ROWS
        thaw.cancel()
        assert time.monotonic() - began < 2.4
    assert proxy.opened == 2


async def test_a_clock_that_jumps_an_hour_costs_a_connection_and_no_answer(
    proxy: FaultProxy, url: DatabaseUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(through(proxy, url)) as database:
        await fetch(database)
        now = time.time
        for jump_s in (3_600, -3_600):
            with monkeypatch.context() as patched:
                patched.setattr(time, "time", lambda jump_s=jump_s: now() + jump_s)
                assert (await fetch(database)).rows == ROWS
    assert proxy.opened <= 5
