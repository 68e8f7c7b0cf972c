"""``python -m aurora_graphql.rehearsal STACK``: walk a stack's life, and tell what was otherwise.

It makes, changes and destroys a stack of its own in the account that AWS's tools log in to, which
costs some dollars and about two hours. It has not been run on AWS itself.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from aurora_graphql.rehearsal.claims import load_claims
from aurora_graphql.rehearsal.shell import CommandError, Shell, World
from aurora_graphql.rehearsal.steps import Rehearsal, Seen


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m aurora_graphql.rehearsal", description=__doc__)
    parser.add_argument("stack", help="a stack that holds nothing: it is destroyed at the end")
    parser.add_argument("--folder", type=Path, default=Path(), help="of the project")
    parser.add_argument("--package", default="make package", help="the command for the archive")
    parser.add_argument("--header", action="append", default=[], help="of requests: name: value")
    parser.add_argument("--only", action="append", default=[], help="a step; default: all")
    parser.add_argument("--yes", action="store_true", help="make, change and destroy, unasked")
    return parser.parse_args(arguments)


def report(seen: Iterable[Seen]) -> str:
    """Each claim once: as claimed, otherwise, or not seen."""
    by_claim: dict[str, list[Seen]] = {}
    for one in seen:
        by_claim.setdefault(one.claim, []).append(one)
    lines = []
    for claim in load_claims():
        found = by_claim.get(claim.id, [])
        problems = [f"  {one.step}: {one.problem}" for one in found if one.problem]
        verdict = "otherwise" if problems else "as claimed" if found else "not seen"
        lines += [f"{verdict:<11}{claim.says}", *problems]
    return "\n".join(lines)


def main(arguments: Sequence[str], world: World | None = None) -> int:
    """Exit status: 0 where all was as claimed, 1 where something was otherwise, 2 for a mistake."""
    options = parse(arguments)
    world = world or Shell(options.folder, options.header)
    rehearsal = Rehearsal(
        world,
        stack=options.stack,
        folder=options.folder,
        package=tuple(options.package.split()),
    )
    steps = rehearsal.steps()
    unknown = [name for name in options.only if name not in steps]
    if unknown:
        print(f"{unknown[0]!r} is no step; there are: {', '.join(steps)}", file=sys.stderr)
        return 2
    if not options.yes:
        print(
            f"This makes, changes and destroys the stack {options.stack} in your account, which "
            "costs money; write --yes to begin",
            file=sys.stderr,
        )
        return 2
    seen: list[Seen] = []
    for name, step in steps.items():
        if options.only and name not in options.only:
            continue
        try:
            for one in step():
                seen.append(one)  # one by one: what was seen before an error counts
        except CommandError as error:
            print(f"{name} ended early, and the stack still stands: {error}", file=sys.stderr)
            print(report(seen))
            return 1
    print(report(seen))
    return 1 if any(one.problem for one in seen) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
