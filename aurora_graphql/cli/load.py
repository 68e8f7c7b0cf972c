"""``aurora-graphql load``: the saved operations, asked for a while."""

from __future__ import annotations

import typer

from aurora_graphql.cli.chosen import passed_on


def load(context: typer.Context) -> int:
    """Ask the saved operations of an API for a while: aurora-graphql load URL (--help)."""
    from aurora_graphql.load import main

    return main(["--sdl", passed_on(context).environ["SDL_DIR"], *context.args])
