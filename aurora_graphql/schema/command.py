"""The commands ``schema`` and ``schema diff``: ``python -m aurora_graphql.schema``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from aurora_graphql.schema.difference import Change, Difference, Severity, compare
from aurora_graphql.schema.former import describe, describe_former
from aurora_graphql.schema.printing import public_schema
from aurora_graphql.usage.command import shown_clients
from aurora_graphql.usage.counting import Usage
from aurora_graphql.usage.lines import read_usage
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


def report(found: Difference, usage: Usage | None = None) -> Iterator[str]:
    """The lines for a person. ``usage``: to say whom a change meets, by the log of the API."""
    for severity in Severity:
        changes = found.of(severity)
        if changes:
            yield f"{severity.value}: {len(changes)}"
        for change in changes:
            used = f" (used by {', '.join(change.operations)})" if change.operations else ""
            yield f"  {change.text}{used}{_met(change, usage)}"
    for name, why in found.refused.items():
        yield f"operation {name} is refused by the new schema: {why}"
    if not found.changes:
        yield "nothing changed for clients"


def _met(change: Change, usage: Usage | None) -> str:
    """Who asked for what a change touches; nothing of one that is safe."""
    if usage is None or change.severity is Severity.SAFE:
        return ""
    asked = [
        name
        for name in sorted(usage.calls)
        if name in change.places or name.partition(".")[0] in change.places
    ]
    if not asked:
        return " [nobody asked for it]"
    most = max(asked, key=usage.total)
    return f" [{usage.total(most):,} requests: {shown_clients(usage, most)}]"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; returns the exit status."""
    options = _parser().parse_args(arguments)
    folder = Path(options.sdl or os.environ.get("SDL_DIR") or "sdl")
    try:
        if options.command == "diff":
            found = compared(options.old, folder)
            usage = read_usage([options.usage]) if options.usage else None
            sys.stdout.write("\n".join(report(found, usage)) + "\n")
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
        prog="aurora-graphql schema", description="Print the public schema."
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
        "--usage", metavar="FILE", help="lines of the log, or what `usage --save` wrote"
    )
    diff.add_argument(
        "--fail-on", choices=("breaking", "dangerous"), default="breaking", help="status 1 for it"
    )
    return parser
