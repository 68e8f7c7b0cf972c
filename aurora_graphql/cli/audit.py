"""``aurora-graphql audit``: known vulnerabilities of what the archive holds."""

from __future__ import annotations

import os

import typer

from aurora_graphql.cli.chosen import named


def audit(context: typer.Context) -> int:
    """Ask for known vulnerabilities of the packages in the archive.

    It asks by pip-audit, which has to be installed. AUDIT_REQUIRED=1: all packages must be known.
    """
    from aurora_graphql.archive.audit import audit as ask
    from aurora_graphql.archive.options import is_on

    return ask(named(context).project.dist, required=is_on(os.environ, "AUDIT_REQUIRED"))
