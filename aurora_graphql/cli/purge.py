"""``aurora-graphql purge``: cached answers end."""

from __future__ import annotations

import typer

from aurora_graphql.cli.program import run_program


def purge(context: typer.Context) -> int:
    """End the cached answers over tables: aurora-graphql purge TABLE..., or --all.

    The cache is that of CACHE_URL, or the one that is served at the moment.
    """
    return run_program(context, "handler.jobs.purge", context.args)
