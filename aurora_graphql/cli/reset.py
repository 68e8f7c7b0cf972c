"""``aurora-graphql reset``: the private servers' data goes."""

from __future__ import annotations

import typer

from aurora_graphql.cli.chosen import named


def reset(context: typer.Context) -> int:
    """Remove what the private servers keep: tables, rows, cached answers."""
    from aurora_graphql.dev.reset import reset as remove

    removed = remove(named(context).local)
    print("removed " + ", ".join(map(str, removed)) if removed else "there is no data")
    return 0
