"""``aurora-graphql dev``: the API on this machine."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import typer

from aurora_graphql.cli.chosen import Migrations, Sdl, chosen


class LogFormat(Enum):
    """How requests are told."""

    TEXT = "text"
    JSON = "json"


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
        str, typer.Option(metavar="NAME", help="Another Lambda function than the API's.")
    ] = "",
    sql: Annotated[
        bool, typer.Option("--sql", help="Print the statements of each request.")
    ] = False,
    log: Annotated[LogFormat, typer.Option(help="Lines for people, or JSON.")] = LogFormat.TEXT,
    watch: Annotated[bool, typer.Option(help="Reload when a file of the API changes.")] = True,
) -> int:
    """Serve the API and GraphiQL on this machine until Ctrl-C.

    A private database and cache are started, unless DATABASE_URL and CACHE_URL name others. PORT is
    8000 unless the environment says otherwise; AUTH=on enforces the rules of the SDL. With --lambda
    nothing is reloaded, and the log is the function's.
    """
    from aurora_graphql.dev.local import LocalOptions
    from aurora_graphql.dev.run import run

    found = chosen(context, sdl=sdl, migrations=migrations)
    run(
        found.project,
        found.local,
        found.given,
        function=function,
        like_lambda=like_lambda,
        options=LocalOptions(watch=watch, with_sql=sql, as_json=log is LogFormat.JSON),
    )
    return 0
