"""``aurora-graphql explain``: what becomes of a document."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from aurora_graphql.cli.chosen import Migrations, Sdl, chosen
from aurora_graphql.cli.claims import parse_claims
from aurora_graphql.errors import ToolError


def explain(
    context: typer.Context,
    document: Annotated[
        str | None, typer.Argument(help="The document; without it standard input is read.")
    ] = None,
    operation: Annotated[
        str | None, typer.Option(metavar="NAME", help="A known operation, in place of a document.")
    ] = None,
    variables: Annotated[str, typer.Option(metavar="JSON", help="Their values.")] = "{}",
    scopes: Annotated[str | None, typer.Option(help="Of the caller, separated by spaces.")] = None,
    claim: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="A claim of the caller; may be repeated."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One object of JSON, for programs, in place of text.")
    ] = False,
    sdl: Sdl = None,
    migrations: Migrations = None,
) -> int:
    """Show the plan of a document, its SQL, and what the server makes of it.

    The statements are really run, because children need the keys of their parents. --scopes and
    --claim say who asks: a caller with a token that has these; without either, one who meets all
    rules.
    """
    import orjson

    from aurora_graphql.explain import caller, known_document, run

    if document is not None and operation is not None:
        raise typer.BadParameter("write a document or --operation NAME, not both")
    values = _values(variables)
    principal = caller(scopes, parse_claims(claim) if claim else None)
    with chosen(context, sdl=sdl, migrations=migrations).database() as environ:
        if operation is not None:
            document = known_document(Path(environ["SDL_DIR"]), operation)
        elif document is None:
            document = sys.stdin.read()
            if not document.strip():
                raise ToolError(
                    "there is no document: write it behind explain, give it on standard input, or"
                    " name a saved one by --operation"
                )
        found = asyncio.run(run(document, values, environ, principal))
    console = Console()
    if as_json:
        print(orjson.dumps(found.told(), option=orjson.OPT_INDENT_2).decode())
    elif console.is_terminal:
        found.draw(console)
    else:
        print(found.text())
    return 0


def _values(text: str) -> dict[str, Any]:
    import orjson

    try:
        values = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise typer.BadParameter(f"--variables is not JSON: {error}") from error
    if not isinstance(values, dict):
        raise typer.BadParameter(f"--variables is a JSON object, got {text}")
    return values
