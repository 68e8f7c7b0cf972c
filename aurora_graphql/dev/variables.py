"""Variables of the commands: read from the environment, with a message that says what to write."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from aurora_graphql.dev.stack import StackError


def whole(given: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    """A whole number. ``StackError`` for anything else, and outside of the limits."""
    text = given.get(name) or str(default)
    value = -1
    with suppress(ValueError):
        value = int(text)
    if not low <= value <= high:
        raise StackError(f"{name} is {text!r}; write a whole number from {low} to {high}")
    return value


def switch(given: Mapping[str, str], name: str, *, default: bool) -> bool:
    """On or off. ``StackError`` for anything else."""
    text = given.get(name) or ("on" if default else "off")
    if text not in ("on", "off"):
        raise StackError(f"{name} is {text!r}; write on or off")
    return text == "on"
