"""Claims of a caller, as words of the command line."""

from __future__ import annotations

from collections.abc import Iterable

import typer


def parse_claims(texts: Iterable[str]) -> dict[str, str]:
    """Values by name. Raises ``typer.BadParameter``."""
    claims = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise typer.BadParameter(f"a claim is NAME=VALUE, got {text!r}")
        claims[name] = value
    return claims
