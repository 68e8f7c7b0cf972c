"""Statements side by side: what one does to the others."""

from __future__ import annotations

import asyncio

import pytest

from handler.execution.run import _together


async def test_one_that_fails_does_not_end_the_others() -> None:
    """Or each of them would lose its connection to the database."""
    told: list[str] = []
    is_failed = asyncio.Event()

    async def failing() -> None:
        is_failed.set()
        raise KeyError("mistake")

    async def slow() -> None:
        await is_failed.wait()
        await asyncio.sleep(0)
        told.append("done")

    with pytest.raises(KeyError, match="mistake"):
        await _together([slow(), failing(), slow()])
    assert told == ["done", "done"]


async def test_all_end_with_the_request() -> None:
    ended: list[str] = []

    async def waiting() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("ended")

    request = asyncio.create_task(_together([waiting(), waiting()]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    assert ended == ["ended", "ended"]


async def test_nothing_to_wait_for_is_nothing() -> None:
    await _together([])
