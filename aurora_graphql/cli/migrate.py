"""``aurora-graphql migrate``: the tables as the files say."""

from __future__ import annotations

import typer

from aurora_graphql.cli.chosen import Migrations
from aurora_graphql.cli.program import run_program


def migrate(context: typer.Context, migrations: Migrations = None) -> int:
    """Apply the migrations that the database does not have yet, in order, each once.

    The database is that of DATABASE_URL, or the one that is served at the moment.
    """
    return run_program(context, "handler.jobs.migrate", migrations=migrations)
