"""``aurora-graphql check``: does the database have what the SDL promises?"""

from __future__ import annotations

from typing import Annotated

import typer

from aurora_graphql.check.count import parse_count
from aurora_graphql.check.finding import Severity
from aurora_graphql.cli.chosen import Migrations, Sdl, chosen


def check(
    context: typer.Context,
    sdl: Sdl = None,
    migrations: Migrations = None,
    fail_on: Annotated[
        str,
        typer.Option(
            metavar="error|warning",
            help="What ends with status 1; warnings include acceptances of what is not found.",
        ),
    ] = "error",
    rows: Annotated[
        str,
        typer.Option(
            metavar="N",
            help="Judge each table as if it had at least so many rows, such as 1e7: for a database"
            " that is smaller than the one of production.",
        ),
    ] = "0",
    whole: Annotated[
        bool, typer.Option("--all", help="Print notes with their SQL, and what is accepted.")
    ] = False,
) -> int:
    """Compare the SDL with the database: tables, columns, types, indexes. Nothing is written.

    Every table and column exists with a fitting type and holds what its field can hold, the server
    reads every expression, and every look-up, relation, filter, order and known operation is served
    by an index. A finding is accepted by its name, with a reason, in check.toml beside the SDL.
    """
    from aurora_graphql.check.run import Options, run

    if fail_on not in ("error", "warning"):
        raise typer.BadParameter(f"--fail-on is error or warning, got {fail_on!r}")
    options = Options(fails_on=Severity(fail_on), least_rows=parse_count(rows), whole=whole)
    with chosen(context, sdl=sdl, migrations=migrations).database() as environ:
        return run(environ, options)
