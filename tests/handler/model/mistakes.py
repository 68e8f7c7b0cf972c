"""What is said of an SDL that cannot be served."""

from __future__ import annotations

from handler.errors import SchemaError
from tests.handler.compiler.plans import Compiler

A = "type A { id: ID! n: Int }"


def told(sdl: str) -> str | None:
    """The message, or None if the SDL can be served."""
    try:
        Compiler.of(sdl)
    except SchemaError as error:
        return str(error)
    return None
