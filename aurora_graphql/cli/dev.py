"""``aurora-graphql dev``: the API on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from aurora_graphql.cli.chosen import Migrations, Sdl, chosen


def dev(
    context: typer.Context,
    sdl: Sdl = None,
    migrations: Migrations = None,
    like_lambda: Annotated[
        bool,
        typer.Option(
            "--lambda", help="By Lambda's runtime client and rules; ARCHIVE=... runs one."
        ),
    ] = False,
    function: Annotated[
        str, typer.Option(metavar="NAME", help="The Lambda function.")
    ] = "handler.entry.graphql",
) -> int:
    """Serve the API and GraphiQL on this machine until Ctrl-C.

    A private database and cache are started, unless DATABASE_URL and CACHE_URL name others. PORT is
    8000 unless the environment says otherwise; AUTH=on enforces the rules of the SDL.
    """
    from aurora_graphql.dev.run import run

    found = chosen(context).over(sdl=sdl, migrations=migrations)
    run(found.project, found.local, found.given, function=function, like_lambda=like_lambda)
    return 0
