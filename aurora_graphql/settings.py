"""``python -m aurora_graphql.settings`` prints docs/settings.md: the table of all settings."""

from __future__ import annotations

import sys

from handler.settings.model import Settings
from handler.settings.reading import default_of
from handler.settings.variables import VARIABLES, Variable


def default_text(variable: Variable) -> str:
    """The default as one would write it."""
    value = "" if variable.required else default_of(Settings, variable.field)
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        return ",".join(value)
    return "off" if value is None else str(value)


def format_table() -> str:
    """The table as docs/settings.md shows it."""
    lines = [
        "# Settings",
        "",
        "The handler reads these from its environment, and of others only whether",
        "`AWS_EXECUTION_ENV` is set, which Lambda does. An empty variable counts as absent. A",
        "value that does not fit stops the start with a message that names it.",
        "This page is printed by `python -m aurora_graphql.settings`; a test compares the two.",
        "",
        "| variable | default | write | meaning |",
        "|---|---|---|---|",
    ]
    for variable in VARIABLES:
        default = "required" if variable.required else f"`{default_text(variable)}`"
        lines.append(
            f"| `{variable.name}` | {default.replace('``', '')} |"
            f" {variable.kind.accepts} | {variable.meaning} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(format_table())
