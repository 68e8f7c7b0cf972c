"""The commands ``schema`` and ``schema diff``: ``python -m aurora_graphql.schema``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from aurora_graphql.schema.difference import Difference, Severity, compare
from aurora_graphql.schema.former import describe, describe_former
from aurora_graphql.schema.printing import public_schema
from handler.errors import HandlerError
from handler.language.sdl import load_schema


def printed(folder: Path, *, descriptions: bool = True, directives: bool = False) -> str:
    """The public schema of a folder of SDL. Raises ``SchemaError``."""
    return public_schema(load_schema(folder), descriptions=descriptions, directives=directives)


def compared(old: str, folder: Path) -> Difference:
    """What changed since ``old``: a file, a folder of SDL or a revision of git.

    Its saved operations count where it has some, else those of ``folder``. Raises ``FormerError``
    and ``SchemaError``.
    """
    former, now = describe_former(old, folder), describe(folder)
    return compare(former.schema, now.schema, {**now.operations, **former.operations})


def report(found: Difference) -> Iterator[str]:
    """The lines for a person."""
    for severity in Severity:
        changes = found.of(severity)
        if changes:
            yield f"{severity.value}: {len(changes)}"
        for change in changes:
            used = f" (used by {', '.join(change.operations)})" if change.operations else ""
            yield f"  {change.text}{used}"
    for name, why in found.refused.items():
        yield f"operation {name} is refused by the new schema: {why}"
    if not found.changes:
        yield "nothing changed for clients"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; returns the exit status."""
    options = _parser().parse_args(arguments)
    folder = Path(options.sdl or os.environ.get("SDL_DIR") or "sdl")
    try:
        if options.command == "diff":
            found = compared(options.old, folder)
            sys.stdout.write("\n".join(report(found)) + "\n")
            return found.exit_status(fail_on=Severity(options.fail_on))
        is_codegen = options.purpose == "codegen"
        sys.stdout.write(
            printed(
                folder,
                descriptions=not options.no_descriptions,
                directives=options.directives and not is_codegen,
            )
        )
    except HandlerError as error:
        sys.stderr.write(f"schema: {error}\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m aurora_graphql.schema", description="Print the public schema."
    )
    parser.add_argument("--sdl", metavar="FOLDER", help="default: SDL_DIR, or sdl")
    parser.add_argument("--for", dest="purpose", choices=("people", "codegen"), default="people")
    parser.add_argument("--no-descriptions", action="store_true")
    parser.add_argument(
        "--directives", action="store_true", help="with those of the vocabulary, as applied"
    )
    commands = parser.add_subparsers(dest="command")
    diff = commands.add_parser(
        "diff", help="what changed for clients since OLD; exit status 1 on a breaking change"
    )
    diff.add_argument("old", metavar="OLD", help="a file, a folder of SDL or a revision of git")
    diff.add_argument(
        "--fail-on", choices=("breaking", "dangerous"), default="breaking", help="status 1 for it"
    )
    return parser
