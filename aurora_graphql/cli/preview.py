"""``aurora-graphql preview``: a stack without an account."""

from __future__ import annotations

from typing import Annotated

import typer

from aurora_graphql.cli.chosen import named
from aurora_graphql.errors import ToolError


def preview(
    context: typer.Context,
    stack: Annotated[str, typer.Argument(help="One that has a file Pulumi.<stack>.yaml.")] = "dev",
    against: Annotated[
        str,
        typer.Option(metavar="STACK|REVISION", help="Another stack, or a revision of git [HEAD]."),
    ] = "",
    requests: Annotated[float | None, typer.Option(metavar="N", help="A month.")] = None,
    hit_rate: Annotated[
        float | None, typer.Option(metavar="0..1", help="Of the response cache.")
    ] = None,
) -> int:
    """Show a stack without an account: what it is, what changed, policies, costs."""
    try:
        from aurora_graphql.preview.command import run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pulumi", "pulumi_aws", "pulumi_random"):
            raise
        raise ToolError(
            f"{error.name} is not installed: pip install 'aurora-graphql[infra]'"
        ) from error

    found = named(context)
    return run(found.project, stack, against=against, requests=requests, hit_rate=hit_rate)
