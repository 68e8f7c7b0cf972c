"""The Lambda entry points. One event loop and one App live as long as the execution environment.

``graphql`` answers gateway events. The App starts with the environment, before the first event, so
that a mistake in the settings or the SDL is one clear line in the log and stops the environment.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import sys
from typing import Any, Protocol

from handler.app import App
from handler.errors import SchemaError, SettingsError
from handler.settings import Settings

RESERVE_S = 0.5  # of the deadline: time to write an answer after everything else has given up


class LambdaContext(Protocol):
    """What the handler reads of the context that the runtime gives."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the runtime stops the environment."""


def _start() -> tuple[asyncio.AbstractEventLoop, App]:
    loop = asyncio.new_event_loop()
    try:
        return loop, loop.run_until_complete(App.start(Settings.from_environ(os.environ)))
    except (SchemaError, SettingsError) as error:
        sys.exit(f"cannot start: {error}")


_loop, _app = _start()
# On one's own machine the process ends in peace; Lambda ends environments without a word.
atexit.register(lambda: _loop.run_until_complete(_app.close()))


def graphql(event: dict[str, Any], context: LambdaContext) -> Any:
    """Answer one event of API Gateway (REST API, proxy integration)."""
    budget_s = context.get_remaining_time_in_millis() / 1000 - RESERVE_S
    return _loop.run_until_complete(_app.handle(event, budget_s=budget_s))
