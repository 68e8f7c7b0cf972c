"""``aurora-graphql new``: a project to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from handler.stores.url import DatabaseUrl


def new(
    folder: Annotated[Path, typer.Argument(metavar="NAME", help="Its folder, empty or not there.")],
    database: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="mysql://...",
            help="A database that is there already: SDL is written for its tables.",
        ),
    ] = None,
    access: Annotated[
        str,
        typer.Option(metavar="RULE", help="With --from: a rule on each type, such as @public."),
    ] = "",
) -> int:
    """Make a project that runs: SDL, migrations, operations, stacks, tests, workflows.

    With --from the tables are those of a database, which is only read; its address is not written
    down.
    """
    from aurora_graphql.project.new import WHEELS, create

    if database == "":
        raise typer.BadParameter("--from is empty: write mysql://user:password@host:3306/name")
    if access and not database:
        raise typer.BadParameter("--access is for the types of a database: write --from, too")
    if database:
        DatabaseUrl.parse(database, name="--from")
    written = create(Path.cwd() / folder, database_url=database or "", access=access)
    print(f"{folder}: {len(written)} files; what they are is in {folder / 'README.md'}. Now:\n")
    steps = [
        f"cd {folder}",
        *([] if (folder / WHEELS).is_dir() else [f"cp .../aurora_graphql-*.whl {WHEELS}/"]),
        "python3 -m venv .venv && . .venv/bin/activate && pip install -r requirements.txt",
        *(["export DATABASE_URL='mysql://...'"] if database else []),
        "aurora-graphql dev",
    ]
    print("".join(f"  {step}\n" for step in steps))
    return 0
