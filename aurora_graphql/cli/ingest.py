"""``aurora-graphql ingest``: rows out of a file."""

from __future__ import annotations

import typer

from aurora_graphql.cli.program import run_program


def ingest(context: typer.Context) -> int:
    """Load a file of lines, JSON or CSV, into the tables: aurora-graphql ingest FILE (--help).

    The database is that of DATABASE_URL, or the one that is served at the moment.
    """
    return run_program(context, "handler.jobs.ingest", context.args)
