"""``aurora-graphql usage``: what clients use of the schema."""

from __future__ import annotations

import typer

from aurora_graphql.cli.chosen import named


def usage(context: typer.Context) -> int:
    """Count which fields and arguments clients use, by the log of the API: usage FILE...

    The log may come from CloudWatch: usage --log-group /aws/lambda/shop-prod-graphql --hours 168.
    """
    from aurora_graphql.usage.command import main

    found = named(context)
    return main(context.args, found.project.sdl_in_use(found.given))
