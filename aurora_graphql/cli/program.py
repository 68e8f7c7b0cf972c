"""Programs that a command runs: those of the handler for a project's database, and others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import typer

from aurora_graphql.cli.chosen import HELP, chosen
from aurora_graphql.cli.errors import SIGNALLED


def run_program(
    context: typer.Context, module: str, words: Sequence[str] = (), **folders: Path | None
) -> int:
    """Run it with the project's database and cache; its exit status. Help needs no project."""
    if HELP.intersection(words):
        return _run(module, words, os.environ)
    with chosen(context, **folders).database(and_cache=True) as environ:
        return _run(module, words, environ)


def run_to_the_end(command: Sequence[str], environ: Mapping[str, str]) -> int:
    """The exit status of a program, as shells have it where a signal ended it.

    None is left behind: SIGTERM is passed on to it, Ctrl-C reaches it by itself, and it is waited
    for, whatever it does to end in order. A second Ctrl-C is SIGTERM for it.
    """
    started: list[subprocess.Popen[bytes]] = []
    is_ended = False

    def end(*_: object) -> None:
        nonlocal is_ended
        is_ended = True
        for each in started:
            each.terminate()

    before = signal.signal(signal.SIGTERM, end)  # first: a program may run before we know of it
    try:
        with subprocess.Popen(command, env=dict(environ)) as process:
            started.append(process)
            if is_ended:
                process.terminate()
            try:
                status = process.wait()
            except KeyboardInterrupt:
                try:
                    status = process.wait()
                except KeyboardInterrupt:
                    process.terminate()
                    status = process.wait()
    finally:
        signal.signal(signal.SIGTERM, before)
    return status if status >= 0 else SIGNALLED - status


def _run(module: str, words: Sequence[str], environ: Mapping[str, str]) -> int:
    return run_to_the_end([sys.executable, "-m", module, *words], environ)
