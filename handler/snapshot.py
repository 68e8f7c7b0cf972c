"""SnapStart: what must not be in the snapshot that many environments are restored from.

Nothing is opened, fetched or drawn before the first event, so the snapshot is clean as it is. The
hooks hold that for programs that answer events while they start, to have the caches warm.
Source: https://docs.aws.amazon.com/lambda/latest/dg/snapstart-uniqueness.html
"""

from __future__ import annotations

import sys
from collections.abc import Callable


def leave_out(close: Callable[[], object]) -> None:
    """Run ``close`` before a snapshot, and give each restored environment its own randomness."""
    try:
        from snapshot_restore_py import (  # type: ignore[import-untyped]  # it publishes no types
            register_after_restore,
            register_before_snapshot,
        )
    except ImportError:  # a part of Lambda's runtimes since Python 3.12, not of this library
        return
    register_before_snapshot(close)
    register_after_restore(_seed)


def _seed() -> None:
    """``random`` is drawn from a state that all of them have; ``secrets`` asks the kernel."""
    random = sys.modules.get("random")
    if random is not None:
        random.seed()
