"""Runs the programs that a build is made of: pip, the compiler behind it, the target's Python."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from aurora_graphql.archive.errors import BuildError

_SHOWN_CHARACTERS = 4000


def run(
    command: Sequence[str | Path],
    environ: Mapping[str, str] | None = None,
    *,
    remedy: str,
    statuses: Sequence[int] = (0,),
) -> subprocess.CompletedProcess[str]:
    """Run to the end, ``environ`` on top of our own environment.

    Raises ``BuildError`` with the end of what it said and the ``remedy`` if its status is none of
    ``statuses``.
    """
    done = subprocess.run(  # the commands are ours, not a user's
        command,
        env={**os.environ, **(environ or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in statuses:
        said = f"{done.stdout}{done.stderr}".strip()[-_SHOWN_CHARACTERS:]
        told = "; ".join(filter(None, [f"{_name(command)} failed", remedy]))
        raise BuildError(f"{told}{'' if told.endswith('?') else '.'} It said:\n{said}")
    return done


def _name(command: Sequence[str | Path]) -> str:
    """What a person calls the program: of a module that Python runs, the module's name."""
    words = [str(word) for word in command]
    return words[words.index("-m") + 1] if "-m" in words[1:-1] else Path(words[0]).name
