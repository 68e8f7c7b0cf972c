"""What the rules, the controls and checkov find in a graph, and what is excused with a reason."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from aurora_graphql.preview.controls import CONTROLS
from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.rules import findings

EXCEPTIONS: Final = Path(__file__).parent / "exceptions.toml"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One resource that one rule, control or check objects to. ``resource``: behind the stack's."""

    id: str  # "RDS.7", "CKV_AWS_139", or the name of a rule
    resource: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Excuse:
    """One entry of ``exceptions.toml``."""

    title: str
    reason: str
    resources: str
    checks: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    stacks: tuple[str, ...] = ()  # none: all

    @property
    def ids(self) -> tuple[str, ...]:
        """Everything it answers."""
        return (*self.checks, *self.controls, *self.rules)

    def covers(self, finding: Finding) -> bool:
        """Whether this is its business."""
        return finding.id in self.ids and bool(re.fullmatch(self.resources, finding.resource))


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Every finding, once: excused by the first entry that covers it, or open."""

    open: tuple[Finding, ...]
    excused: tuple[tuple[Excuse, tuple[Finding, ...]], ...]


def load_excuses(path: Path = EXCEPTIONS) -> list[Excuse]:
    """The entries of the file. Raises ``TypeError`` for a key that none has."""
    entries: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["exception"]
    return [Excuse(**{key: _value(value) for key, value in entry.items()}) for entry in entries]


def stack_prefix(graph: Graph) -> str:
    """How the name of everything in this stack begins, the dash included."""
    urns = {resource.urn for resource in graph.resources}
    tiers = [resource.name for resource in graph.resources if resource.parent not in urns]
    first, last = min(tiers), max(tiers)  # whatever they share, all between share
    length = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), 0)
    return first[: first.rfind("-", 0, length) + 1]


def find(graph: Graph) -> list[Finding]:
    """What our rules and AWS's controls object to."""
    prefix = stack_prefix(graph)
    by_rule = [
        Finding(id=rule, resource=_subject(line).removeprefix(prefix), text=line)
        for rule, lines in findings(graph).items()
        for line in lines
    ]
    by_control = [
        Finding(
            id=control.id,
            resource=resource.name.removeprefix(prefix),
            text=f"{resource.name}: not so that {control.title}",
        )
        for control in CONTROLS
        for resource in control.failing(graph)
    ]
    return [*by_rule, *by_control]


def judge(found: Iterable[Finding], excuses: Sequence[Excuse], *, stack: str) -> Verdict:
    """Sort findings into open and excused ones."""
    valid = [excuse for excuse in excuses if not excuse.stacks or stack in excuse.stacks]
    unexcused: list[Finding] = []
    covered: dict[int, list[Finding]] = {}
    for finding in found:
        number = next((n for n, excuse in enumerate(valid) if excuse.covers(finding)), None)
        if number is None:
            unexcused.append(finding)
        else:
            covered.setdefault(number, []).append(finding)
    return Verdict(
        open=tuple(unexcused),
        excused=tuple((valid[number], tuple(covered[number])) for number in sorted(covered)),
    )


def _value(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _subject(line: str) -> str:
    """The resource's name, with which every finding of a rule begins."""
    match = re.match(r"[^\s:,]+", line)
    return match[0] if match else ""
