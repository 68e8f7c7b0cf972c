"""``aurora-graphql token``: a token of this machine's own issuer."""

from __future__ import annotations

from typing import Annotated

import typer

from aurora_graphql.cli.chosen import chosen
from aurora_graphql.cli.claims import parse_claims


def token(
    context: typer.Context,
    scopes: Annotated[str, typer.Option(help="Separated by spaces.")] = "",
    subject: Annotated[str, typer.Option()] = "developer",
    claim: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="May be repeated.")
    ] = None,
    lifetime_s: Annotated[int, typer.Option(metavar="SECONDS")] = 3_600,
    port: Annotated[int, typer.Option(help="Of the issuer.")] = 8009,
) -> int:
    """Print a token for an API that `dev` serves here with AUTH=on; nobody else takes it."""
    from aurora_graphql.dev.issuer import LocalIssuer
    from handler.access.scopes import split_scopes

    found = chosen(context)
    issuer = LocalIssuer(found.local, found.given, port=port)
    print(
        issuer.token(
            subject=subject,
            scopes=split_scopes(scopes),
            claims=parse_claims(claim or ()),
            lifetime_s=lifetime_s,
        )
    )
    return 0
