"""``aurora-graphql sdl``: SDL for a database that is there already."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from aurora_graphql.cli.chosen import named


def sdl(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Argument(metavar="[FOLDER]", help="What will be the SDL; the project's.")
    ] = None,
    access: Annotated[
        str,
        typer.Option(
            metavar="RULE",
            help="A rule on each type that is written: '@requiresScopes(scopes: [[\"read\"]])'.",
        ),
    ] = "",
    add: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Write a new table, or table.column, also one that is left out; may be repeated.",
        ),
    ] = None,
    filters: Annotated[
        bool,
        typer.Option(
            "--filters",
            help="Mark what indexes find as @filterable, and give lists a filter input.",
        ),
    ] = False,
    update: Annotated[bool, typer.Option("--update", help="Write all that is new.")] = False,
) -> int:
    """Write SDL for the tables of DATABASE_URL, or say how SDL and tables differ.

    Nothing is written into the database, and an account that may only SELECT is enough. Into a
    folder without SDL everything is written: a file for each table; documents to begin with, in
    operations/; what is left out, in left-out.txt; what was guessed or renamed, and where rules of
    access are missing, in report.txt. Where SDL is, nothing is changed: the differences are told,
    with status 1, and --add or --update write what is new, behind the words that are there.
    """
    from aurora_graphql.project.command import Options, run

    found = named(context)
    options = Options(
        folder=folder or found.project.sdl_in_use(found.given),
        access=access,
        add=tuple(add or ()),
        filters=filters,
        update=update,
    )
    return run(options, found.given)
