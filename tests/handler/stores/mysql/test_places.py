"""Places that are taken at once while there are some, and then in the order of asking."""

from __future__ import annotations

import asyncio

import pytest

from handler.stores.mysql.places import Places


async def turns(places: Places, count: int) -> list[asyncio.Task[None]]:
    waiting = [asyncio.create_task(places.wait()) for _ in range(count)]
    await asyncio.sleep(0)
    return waiting


async def test_who_has_waited_longest_is_next() -> None:
    places = Places(1)
    await places.wait()
    first, second = await turns(places, 2)
    places.leave()
    await first
    assert (second.done(), places.free) == (False, 0)
    places.leave()
    await second
    places.leave()
    assert places.free == 1


async def test_who_no_longer_waits_takes_no_place() -> None:
    places = Places(1)
    await places.wait()
    first, second = await turns(places, 2)
    first.cancel()
    places.leave()
    await second
    assert first.cancelled()
    places.leave()
    assert places.free == 1


async def test_a_place_that_comes_with_the_cancellation_goes_to_the_next() -> None:
    places = Places(1)
    await places.wait()
    first, second = await turns(places, 2)
    places.leave()  # to the first, which has not run yet
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    await second
    assert places.free == 0
