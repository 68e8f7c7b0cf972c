"""A stack's life, walked step by step, and the report of what was otherwise.

It makes, changes and destroys a stack in the account that AWS's tools log in to, which costs some
dollars and about two hours. It has not been run on AWS itself.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterable
from pathlib import Path

from aurora_graphql.errors import ToolError
from aurora_graphql.rehearsal.claims import load_claims
from aurora_graphql.rehearsal.shell import CommandError, World
from aurora_graphql.rehearsal.steps import Rehearsal, Seen, Step


class RehearsalError(ToolError):
    """The stack is not one to rehearse with, or there is no such step."""


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


def rehearse(
    world: World, *, stack: str, sdl: Path, package: tuple[str, ...], only: Collection[str] = ()
) -> int:
    """Walk all steps, or ``only`` these, and print the report.

    0: all was as claimed; 1: something was otherwise, or a step ended early. Raises
    ``RehearsalError`` before anything is touched.
    """
    rehearsal = Rehearsal(world, stack=stack, sdl=sdl, package=package)
    steps = _chosen(rehearsal, only)
    _check(world, stack, fresh="first deploy" in steps)
    seen: list[Seen] = []
    for name, step in steps.items():
        try:
            for one in step():
                seen.append(one)  # one by one: what was seen before an error counts
        except CommandError as error:
            print(f"{name} ended early, and the stack still stands: {error}", file=sys.stderr)
            print(report(seen))
            return 1
    print(report(seen))
    return 1 if any(one.problem for one in seen) else 0


def show(
    world: World, *, stack: str, sdl: Path, package: tuple[str, ...], only: Collection[str] = ()
) -> int:
    """Print each step with what it would run, in a ``world`` that prints and does nothing."""
    rehearsal = Rehearsal(world, stack=stack, sdl=sdl, package=package)
    for number, (name, step) in enumerate(_chosen(rehearsal, only).items(), start=1):
        print(f"{number}. {name}: {(step.__doc__ or '').partition(chr(10))[0]}")
        for _ in step():
            pass
    return 0


def _chosen(rehearsal: Rehearsal, only: Collection[str]) -> dict[str, Step]:
    steps = rehearsal.steps()
    for name in only:
        if name not in steps:
            raise RehearsalError(f"{name!r} is no step; there are: {', '.join(steps)}")
    return {name: step for name, step in steps.items() if not only or name in only}


def _check(world: World, stack: str, *, fresh: bool) -> None:
    """That the stack may be destroyed, and holds nothing where it is to be made."""
    try:
        protection = world.run("pulumi", "config", "get", "deletionProtection", "--stack", stack)
    except CommandError as error:
        protection = str(error)
    if protection != "false":
        raise RehearsalError(
            f"the stack {stack} is destroyed at the end, and deletionProtection forbids that: "
            f"write `deletionProtection: false` into Pulumi.{stack}.yaml, if this is a stack to be "
            f"thrown away (`pulumi config get` says: {protection or 'nothing'})"
        )
    if not fresh:
        return
    exported = json.loads(world.run("pulumi", "stack", "export", "--stack", stack) or "{}")
    held = (exported.get("deployment") or {}).get("resources") or []
    if held:
        raise RehearsalError(
            f"the stack {stack} holds {len(held)} resources already, and a rehearsal destroys what "
            "it made: give it a stack of its own (`pulumi stack init`), or name steps with --only"
        )
