"""Cut the rows that were read to the page that was asked for, and tell what is around it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from handler.compiler.plan import Batch, FactKind
from handler.compiler.values import BatchValues
from handler.model.lists import Shape
from handler.scalars.scalar import NotSureError

T = TypeVar("T")

NO_FACTS: Mapping[FactKind, bytes] = {}


def page_of(
    batch: Batch, wanted: BatchValues, rows: list[T], facts: Mapping[FactKind, bytes]
) -> tuple[list[T], tuple[bool, bool]]:
    """The rows of one page in the list's order, and whether others are before and after them.

    Raises ``NotSureError`` for a plain list over its maximum, which must not be cut silently.
    Source: https://relay.dev/graphql/connections.htm#sec-undefined.PageInfo.Fields
    """
    if wanted.first_and_last is not None:
        first, last = wanted.first_and_last
        page = rows[:first]
        return page[max(len(page) - last, 0) :], (len(rows) > last, len(rows) > first)
    has_more = len(rows) > wanted.size
    if has_more and not batch.rows.paging and batch.rows.shape is Shape.LIST:
        raise NotSureError
    page = rows[: wanted.size]
    is_beyond = bool(facts) and facts.get(FactKind.BEYOND, b"0") != b"0"
    if wanted.is_backward:
        return page[::-1], (has_more, is_beyond)
    return page, (is_beyond, has_more)
