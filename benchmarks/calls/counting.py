"""Counts the calls of functions, of Python and of C, that one coroutine takes to its end."""

from __future__ import annotations

import sys
from asyncio import AbstractEventLoop
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from benchmarks.measure import Call

PASSES = 20
WARM_UP = 60

_OURS = Path(__file__).parents[2]


def count_calls(loop: AbstractEventLoop, call: Call, *, passes: int = PASSES) -> Mapping[str, int]:
    """Calls by module, of the pass with the fewest.

    Everything is warm: document, plan, connection. Bytes that arrive in two parts instead of one
    cost some calls more, and so does a timer that happens to fall due: the smallest of several
    passes has neither, and is the same every time.
    """
    for _ in range(WARM_UP):
        loop.run_until_complete(call())
    return min((_pass(loop, call) for _ in range(passes)), key=lambda found: sum(found.values()))


def _pass(loop: AbstractEventLoop, call: Call) -> Counter[str]:
    places: Counter[str] = Counter()

    def count(frame: FrameType, event: str, argument: object) -> None:
        # The frame of a call of Python is that of what is called, of C that of who calls.
        if event in ("call", "c_call"):
            places[frame.f_code.co_filename] += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        loop.run_until_complete(call())
    finally:
        sys.setprofile(before)
    found: Counter[str] = Counter()
    for place, times in places.items():
        found[_module(place)] += times
    del found[_module(__file__)]  # ``run_until_complete`` and the end of the counting
    return found


def _module(place: str) -> str:
    """``handler.http.event`` for a file of ours, the package for one of others."""
    file = Path(place)
    if _OURS in file.parents and "site-packages" not in file.parts:
        return ".".join(file.relative_to(_OURS).with_suffix("").parts)
    parts = file.parts
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1]
    return file.parent.name if file.parent.name == "asyncio" else file.stem
