"""``aurora-graphql with``: another program beside the servers."""

from __future__ import annotations

import typer

from aurora_graphql.cli.chosen import chosen
from aurora_graphql.cli.program import run_to_the_end
from aurora_graphql.errors import ToolError


def within(context: typer.Context) -> int:
    """Run a command with DATABASE_URL and CACHE_URL of the servers: aurora-graphql with env.

    They are those of the API that is served at the moment, or live as long as the command. The exit
    status is the command's.
    """
    from aurora_graphql.dev.stack import join_stack
    from aurora_graphql.dev.steps import Steps

    if not context.args:
        raise typer.BadParameter("write the command behind it: aurora-graphql with env")
    found = chosen(context)
    with join_stack(found.project, found.local, found.given, Steps()) as stack:
        try:
            return run_to_the_end(context.args, stack.environ)
        except FileNotFoundError:
            raise ToolError(f"there is no program {context.args[0]!r} on the path") from None
