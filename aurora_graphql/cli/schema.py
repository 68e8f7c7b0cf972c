"""``aurora-graphql schema``: what clients see, and what has changed of it."""

from __future__ import annotations

import typer

from aurora_graphql.cli.chosen import passed_on


def schema(context: typer.Context) -> int:
    """Print the schema of clients (--for codegen), or tell what changed: schema diff OLD.

    OLD is a file, a folder of SDL or a revision of git; the status is 1 for a breaking change.
    """
    from aurora_graphql.schema.command import main

    return main(["--sdl", passed_on(context).environ["SDL_DIR"], *context.args])
