"""``aurora-graphql usage``: what clients use of the schema."""

from __future__ import annotations

from pathlib import Path

import typer

from aurora_graphql.cli.chosen import chosen


def usage(context: typer.Context) -> int:
    """Count which fields and arguments clients use, by the log of the API: usage FILE...

    The log may come from CloudWatch: usage --log-group /aws/lambda/shop-prod-graphql --hours 168.
    """
    from aurora_graphql.usage.command import main

    return main(context.args, Path(chosen(context).environ["SDL_DIR"]))
