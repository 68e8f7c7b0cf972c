"""``aurora-graphql package``: the archive for Lambda."""

from __future__ import annotations

import sys

import typer

from aurora_graphql.cli.chosen import Migrations, Sdl, chosen


def package(context: typer.Context, sdl: Sdl = None, migrations: Migrations = None) -> int:
    """Build the archive for Lambda, with its manifest and its bill of materials, into dist/.

    ARCHITECTURE, PYTHON_VERSION, RDS_CA_BUNDLE and BYTECODE_REQUIRED are read from the environment.
    """
    from aurora_graphql.archive.build import build
    from aurora_graphql.archive.options import Options

    found = chosen(context, sdl=sdl, migrations=migrations)
    built = build(Options.choose(found.project, found.given), tell=_say)
    for line in built.lines():
        _say(line)
    return 0


def _say(line: str) -> None:
    sys.stderr.write(f"package: {line}\n")
