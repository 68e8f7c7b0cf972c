"""Everything that is found in a graph, by rules and by checkov, and what is excepted by name.

``exceptions.toml`` beside this module has the exceptions of every stack; those of one stack stand
in its own file, as the setting ``policyExceptions``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.rules import findings
from aurora_graphql.preview.rules.rule import Finding

WHOLE: Final = "aurora-graphql:index:ApiOnAurora"
"""The component that holds a whole stack."""

EXCEPTIONS: Final = Path(__file__).parent / "exceptions.toml"
SETTING: Final = "policyExceptions"

_WRITTEN: Final = re.compile(
    r"(?P<ids>[\w.-]+(?: +[\w.-]+)*) at (?P<resources>[^\s:]+): (?P<reason>.+)"
)
_LEAST_REASON: Final = 20
"""Characters. Fewer say that something is not so, and not why."""


class ExceptionError(ValueError):
    """An exception is not written as it must be."""


@dataclass(frozen=True, kw_only=True)
class Excuse:
    """One decision: findings that are there on purpose.

    ``ids``: of rules, controls and checks of checkov. ``resources``: a regular expression for the
    whole of a name behind the stack's. ``place``: the file that has it.
    """

    title: str
    reason: str
    resources: str
    ids: tuple[str, ...]
    place: str = EXCEPTIONS.name

    def covers(self, finding: Finding) -> bool:
        """Whether the finding is one of those."""
        return finding.id in self.ids and bool(re.fullmatch(self.resources, finding.resource))


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Every finding once: excepted by the first excuse that covers it, or open.

    ``unused``: excuses of the stack's own file that cover nothing; what they excepted is mended.
    """

    open: tuple[Finding, ...]
    excused: tuple[tuple[Excuse, tuple[Finding, ...]], ...]
    unused: tuple[Excuse, ...] = ()


def load_excuses(path: Path = EXCEPTIONS) -> list[Excuse]:
    """The entries of the file. Raises ``TypeError`` for a key that none has."""
    entries: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["exception"]
    return [Excuse(**{**entry, "ids": tuple(entry.get("ids", ()))}) for entry in entries]


def stack_excuses(written: Sequence[str], place: str) -> list[Excuse]:
    """``ID ID at RESOURCES: reason``, as the file of a stack has them. Raises ``ExceptionError``.

    >>> stack_excuses(["RDS.7 at data-database-cluster: made to be thrown away"], "Pulumi.dev.yaml")
    """
    found = []
    for number, text in enumerate(written, start=1):
        match = _WRITTEN.fullmatch(" ".join(text.split()))
        if match is None:
            raise ExceptionError(
                f"{SETTING} in {place} must be a list of `ID ID at RESOURCES: reason`, such as "
                f"`RDS.7 at data-database-cluster: made to be thrown away`; number {number} is not"
            )
        if len(match["reason"]) < _LEAST_REASON:
            raise ExceptionError(
                f"{SETTING} in {place}: number {number} needs a reason of at least "
                f"{_LEAST_REASON} characters, got {match['reason']!r}"
            )
        try:
            re.compile(match["resources"])
        except re.error as error:
            raise ExceptionError(
                f"{SETTING} in {place}: number {number} has a regular expression that cannot be "
                f"read, {match['resources']!r}: {error}"
            ) from error
        found.append(
            Excuse(
                title=match["reason"],
                reason=match["reason"],
                resources=match["resources"],
                ids=tuple(match["ids"].split()),
                place=place,
            )
        )
    return found


def stack_prefix(graph: Graph) -> str:
    """How the name of everything in this stack begins, the dash included."""
    parts = [resource for resource in graph.resources if resource.typ != WHOLE]
    urns = {resource.urn for resource in parts}
    tiers = [resource.name for resource in parts if resource.parent not in urns]
    first, last = min(tiers), max(tiers)  # whatever they share, all between share
    length = next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), 0)
    return first[: first.rfind("-", 0, length) + 1]


def find(graph: Graph) -> list[Finding]:
    """What the rules object to, the stack's name left out of the resources'."""
    prefix = stack_prefix(graph)
    return [
        replace(finding, resource=finding.resource.removeprefix(prefix))
        for finding in findings(graph)
    ]


def judge(found: Iterable[Finding], excuses: Sequence[Excuse]) -> Verdict:
    """Sort findings into open and excepted ones."""
    unexcused: list[Finding] = []
    covered: dict[int, list[Finding]] = {}
    for finding in found:
        number = next((n for n, excuse in enumerate(excuses) if excuse.covers(finding)), None)
        if number is None:
            unexcused.append(finding)
        else:
            covered.setdefault(number, []).append(finding)
    return Verdict(
        open=tuple(unexcused),
        excused=tuple((excuses[number], tuple(covered[number])) for number in sorted(covered)),
        unused=tuple(
            excuse
            for number, excuse in enumerate(excuses)
            if number not in covered and excuse.place != EXCEPTIONS.name
        ),
    )
