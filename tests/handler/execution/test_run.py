"""Statements side by side: what one does to the others."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest
from msgspec.structs import replace

from handler.compiler.finished import FinishedStatements
from handler.compiler.results import Results
from handler.execution.run import _Runner, _shown, _together
from handler.sql.rowset import RowSet
from handler.sql.stored_type import Kind
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import Database
from handler.stores.request_budget import RequestBudget
from tests.handler.compiler.plans import Compiler


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


def test_children_are_asked_of_the_rows_that_are_shown() -> None:
    """Not of the one more of each parent that only tells of another page."""
    plan, values = Compiler.orders().bound(
        "{ customers { nodes { orders(first: 2) { nodes { items { quantity } } } } } }"
    )
    batch, wanted = plan.batches[1], values[1]
    assert wanted.size == 2
    assert len(batch.link) == 1
    parents = [b"a", b"a", b"a", b"b", b"c", b"c"]
    numbers = [b"1", b"2", b"3", b"4", b"5", b"6"]
    columns = [parents if slot in batch.link else numbers for slot in range(len(batch.slots))]
    found = RowSet((Kind.TEXT,) * len(columns), columns)
    results = Results(rows={0: found, 1: found})
    shown = _shown(results, batch, wanted)
    kept = [[column[at] for at in (0, 1, 3, 4, 5)] for column in columns]
    assert [list(column) for column in shown.columns] == kept
    assert _shown(results, batch, replace(wanted, size=3)) is found
    root = _shown(results, plan.batches[0], replace(values[0], size=4))
    assert [list(column) for column in root.columns] == [column[:4] for column in columns]
    # Of one parent, whatever bytes the rows have for it.
    of_one = Results(rows={1: found}, owners={1: [(b"a",)] * 6}), Results(rows={1: found})
    of_one[1].only_parent[1] = (b"a",)
    for each in of_one:
        shown = _shown(each, batch, wanted)
        assert [list(column) for column in shown.columns] == [column[:2] for column in columns]


def test_nothing_more_than_was_wanted_is_cut() -> None:
    """A look-up and a first row are asked for one row."""
    plan, values = Compiler.orders().bound('{ order(orderId: "x") { items { quantity } } }')
    assert (values[0].size, values[0].more) == (1, 0)
    batch = plan.batches[0]
    found = RowSet((Kind.TEXT,) * len(batch.slots), [[b"1"]] * len(batch.slots))
    assert _shown(Results(rows={0: found}), batch, values[0]) is found


@pytest.mark.parametrize(
    ("rows_of_a", "rows_of_b", "statements", "expected"),
    [
        pytest.param(900, 0, 2, False, id="fewer-than-one-may-have"),
        pytest.param(1000, 0, 2, False, id="as-many-as-one-may-have"),
        pytest.param(1001, 0, 1, False, id="room-was-left-for-the-other"),
        pytest.param(1001, 0, 2, True, id="room-of-one-statement-may-be-full"),
        pytest.param(1500, 0, 1, False, id="room-was-left-though-one-has-many"),
        pytest.param(1999, 1, 1, False, id="all-that-both-may-have"),
        pytest.param(2001, 0, 1, True, id="one-took-all-the-room"),
        pytest.param(1000, 1000, 2, False, id="each-has-what-it-may"),
    ],
)
def test_rows_may_lack_where_one_parent_took_the_room_of_others(
    rows_of_a: int, rows_of_b: int, statements: int, *, expected: bool
) -> None:
    compiler = Compiler.orders()
    plan, values = compiler.bound("{ orders { nodes { items { quantity } } } }")
    assert values[1].size == 1000
    deadline = Deadline.after(30.0).bounded(RequestBudget())
    runner = _Runner(plan, values, cast("Database", None), deadline, FinishedStatements(plan, ()))
    column = [b"a"] * rows_of_a + [b"b"] * rows_of_b
    found = RowSet((Kind.TEXT,) * 2, [column, column])
    assert runner._may_lack_rows(plan.batches[1], found, 2, statements) is expected
