"""``aurora-graphql rehearse``: a stack's life in an account of one's own."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from aurora_graphql.cli.chosen import chosen
from aurora_graphql.errors import ToolError


def rehearse(
    context: typer.Context,
    stack: Annotated[str, typer.Argument(help="One that holds nothing: it is destroyed.")],
    only: Annotated[
        list[str] | None, typer.Option(metavar="STEP", help="Again for further steps [all].")
    ] = None,
    header: Annotated[
        list[str] | None, typer.Option(metavar="NAME:VALUE", help="Of requests, such as a token.")
    ] = None,
    query: Annotated[
        str, typer.Option(metavar="GRAPHQL", help="Asked all the time; best one that reads rows.")
    ] = "",
    package: Annotated[
        str, typer.Option(metavar="COMMAND", help="Builds the archive [aurora-graphql package].")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the steps; no account is needed.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Make, change and destroy, unasked.")] = False,
) -> int:
    """Walk a stack through its life on AWS, and tell what was otherwise than documented.

    First deploy, code change, SDL change, proxy switch, going back, restore, destroy: in the
    account that pulumi and aws log in to, in about two hours, for some dollars.
    """
    from aurora_graphql.rehearsal.command import rehearse as walk
    from aurora_graphql.rehearsal.command import show
    from aurora_graphql.rehearsal.shell import QUERY, Pretended, Shell

    found = chosen(context)
    folder = found.project.folder
    own = (sys.executable, "-m", "aurora_graphql", "--project", str(folder), "package")
    words = tuple(package.split()) or (("aurora-graphql", "package") if dry_run else own)
    sdl, steps = found.project.sdl, only or ()
    if dry_run:
        return show(Pretended(), stack=stack, sdl=sdl, package=words, only=steps)
    if not yes:
        raise ToolError(
            f"this makes, changes and destroys the stack {stack} in your account, which costs "
            "money: --dry-run shows the steps, --yes begins"
        )
    world = Shell(found.project.stacks, header or (), query=query or QUERY)
    return walk(world, stack=stack, sdl=sdl, package=words, only=steps)
