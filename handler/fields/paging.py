"""Cut the rows that were read to the page that was asked for, and tell what is around it."""

from __future__ import annotations

from typing import TypeVar

from handler.compiler.values import BatchValues

T = TypeVar("T")


def page_of(
    wanted: BatchValues, rows: list[T], *, is_beyond: bool
) -> tuple[list[T], tuple[bool, bool]]:
    """The rows of one page in the list's order, and whether others are before and after them.

    ``is_beyond``: whether rows are behind the cursor that the page begins at.
    Source: https://relay.dev/graphql/connections.htm#sec-undefined.PageInfo.Fields
    """
    if wanted.first_and_last is not None:
        first, last = wanted.first_and_last
        page = rows[:first]
        return page[max(len(page) - last, 0) :], (len(rows) > last, len(rows) > first)
    has_more = len(rows) > wanted.size
    page = rows[: wanted.size]
    if wanted.is_backward:
        return page[::-1], (has_more, is_beyond)
    return page, (is_beyond, has_more)
