"""A module that takes its time to start."""

from __future__ import annotations

import time
from typing import Any

time.sleep(1.5)


def function(event: Any, context: Any) -> Any:
    """The event."""
    return event
