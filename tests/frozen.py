"""A process that stands still, as one does whose machine is frozen."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_STOPS_WITHIN_S: Final = 10


@contextlib.contextmanager
def frozen(pid: int) -> Iterator[None]:
    """Stop a process, and let it go on at the end."""
    freeze(pid)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def freeze(pid: int) -> None:
    """Stop a process; all of its threads stand still then.

    The signal alone returns at once: a thread on another core goes on until it notices, and may
    well answer a request before. Raises ``TimeoutError``.
    """
    os.kill(pid, signal.SIGSTOP)
    end = time.monotonic() + _STOPS_WITHIN_S
    while not _is_frozen(pid):
        if time.monotonic() > end:
            raise TimeoutError(f"process {pid} did not stop")
        time.sleep(0.001)


def _is_frozen(pid: int) -> bool:
    """Whether the state of each thread is T, which stands behind the name in parentheses.

    Source: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    """
    states = []
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
            states.append((thread / "stat").read_text().rpartition(") ")[2][:1])
    return set(states) == {"T"}
