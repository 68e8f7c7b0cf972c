"""Spans of time by which rows are grouped: days, weeks, months, in UTC or in a named zone.

Named zones are those of Python's ``zoneinfo``: the changes of a zone's clocks stand in the
statement as numbers, because the server may have no table of zones (Aurora's and a fresh MySQL's
are empty) and then finds NULL for every time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from typing import Final

from msgspec import Struct

# Changes of clocks before and after these years are not known to a statement: the first and the
# last offset hold there.
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2100
_YEAR_ZERO: Final = 62_167_219_200  # seconds from there to 1970, as TO_SECONDS counts
_STEP: Final = timedelta(days=7)  # no two changes of a zone are as near


class Span(Struct, frozen=True):
    """``grouped``: an expression over a local time, as quick as there is; ``first_day``: the day
    with which the span begins, made of what that gives."""

    grouped: str
    first_day: str


SPANS: Final = {
    "DAY": Span("DATE({0})", "{0}"),
    "WEEK": Span("TO_DAYS({0}) - WEEKDAY({0})", "FROM_DAYS({0})"),  # Monday's number is zero
    "MONTH": Span("EXTRACT(YEAR_MONTH FROM {0})", "CAST(CONCAT(LPAD({0}, 6, '0'), '01') AS DATE)"),
    "QUARTER": Span(
        "YEAR({0}) * 4 + QUARTER({0}) - 1",
        "CAST(CONCAT(LPAD({0} DIV 4, 4, '0'), LPAD({0} MOD 4 * 3 + 1, 2, '0'), '01') AS DATE)",
    ),
    "YEAR": Span("YEAR({0})", "CAST(CONCAT(LPAD({0}, 4, '0'), '0101') AS DATE)"),
}


class Offsets(Struct, frozen=True):
    """The offsets of a zone from UTC, in seconds, and when each of them but the first begins, in
    seconds since the year 0."""

    starts: tuple[int, ...]
    seconds: tuple[int, ...]

    def local(self, name: str) -> str:
        """The local time for a column of times in UTC, whose SQL is ``name``."""
        unit, size = ("SECOND", 1) if any(each % 60 for each in self.seconds) else ("MINUTE", 60)
        offsets = [str(each // size) for each in self.seconds]
        if len(offsets) == 1:
            return name if offsets == ["0"] else f"({name} + INTERVAL {offsets[0]} {unit})"
        # INTERVAL(n, a, b, ...) is how many of them n has reached; the server halves its way there.
        number = f"INTERVAL(TO_SECONDS({name}), {', '.join(map(str, self.starts))})"
        return f"({name} + INTERVAL ELT({number} + 1, {', '.join(offsets)}) {unit})"


def is_zone(name: str) -> bool:
    """Whether somebody knows a zone of that name."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # late: most have no named zone

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


@cache
def offsets_of(zone: str) -> Offsets:
    """The changes of a zone's clocks: 20 ms to find, when they are first asked for."""
    from zoneinfo import ZoneInfo

    found = ZoneInfo(zone)
    at, end = (datetime(year, 1, 1, tzinfo=UTC) for year in (FIRST_YEAR, LAST_YEAR + 1))
    starts, seconds = [], [_offset(found, at)]
    while at < end:
        following = at + _STEP
        if _offset(found, following) != seconds[-1]:
            start = _change(found, at, following)
            starts.append(int(start.timestamp()) + _YEAR_ZERO)
            seconds.append(_offset(found, start))
        at = following
    return Offsets(tuple(starts), tuple(seconds))


def _offset(zone: tzinfo, at: datetime) -> int:
    return round((at.astimezone(zone).utcoffset() or timedelta()).total_seconds())


def _change(zone: tzinfo, before: datetime, after: datetime) -> datetime:
    """The first second of the offset that is another one than ``before``."""
    earlier = _offset(zone, before)
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        if _offset(zone, middle) == earlier:
            before = middle
        else:
            after = middle
    return after
