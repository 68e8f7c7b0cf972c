"""Programs of the handler, run for the database of a project."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import typer

from aurora_graphql.cli.chosen import HELP, chosen


def run_program(
    context: typer.Context, module: str, words: Sequence[str] = (), **folders: Path | None
) -> int:
    """Run it with the project's database and cache; its exit status. Help needs no project."""
    if HELP.intersection(words):
        return _run(module, words, os.environ)
    with chosen(context, **folders).database(and_cache=True) as environ:
        return _run(module, words, environ)


def _run(module: str, words: Sequence[str], environ: Mapping[str, str]) -> int:
    command = [sys.executable, "-m", module, *words]
    return subprocess.run(command, env=dict(environ), check=False).returncode
