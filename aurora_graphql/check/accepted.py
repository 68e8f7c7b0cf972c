"""Acceptances: findings that a team has decided to live with, in ``check.toml`` beside the SDL.

    [[accept]]
    finding = "index: Query.films(title)"
    reason = "An editor asks for it twice a day, over 1,000 films."

Each names one finding, as the check prints its name, and gives a reason.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aurora_graphql.check.finding import Finding, Kind, Severity
from aurora_graphql.errors import ToolError
from handler.errors import Location
from handler.language.schema import Origin

FILE: Final = "check.toml"
_LEAST_REASON: Final = 20  # characters; fewer say that something is accepted, and not why
_WORDS: Final = {"finding", "reason"}


class AcceptanceError(ToolError):
    """``check.toml`` is not written as it must be; the text names file, entry and remedy."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One decision, and where it stands."""

    finding: str  # a name
    reason: str
    origin: Origin


def read_acceptances(directory: Path) -> tuple[Acceptance, ...]:
    """Those beside the SDL of a directory; none without a file. Raises ``AcceptanceError``."""
    file = directory / FILE
    if not file.is_file():
        return ()
    try:
        text = file.read_text(encoding="utf-8")
        found = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise AcceptanceError(f"{file}: {error}") from error
    entries = found.pop("accept", [])
    if found or not isinstance(entries, list):
        said = f"{', '.join(found)} means nothing here" if found else "accept is no list"
        raise AcceptanceError(f'{file}: {said}; write [[accept]] with finding = "..." and reason')
    lines = [at for at, line in enumerate(text.splitlines(), 1) if re.match(r"\s*\[\[", line)]
    lines += [1] * (len(entries) - len(lines))  # accept = [{...}]
    return tuple(_acceptances(zip(entries, lines, strict=False)))


def _acceptances(entries: Iterable[tuple[object, int]]) -> Iterator[Acceptance]:
    known: dict[str, int] = {}
    for entry, line in entries:
        place = f"{FILE}:{line}"
        words = set(entry) if isinstance(entry, dict) else set()
        if not isinstance(entry, dict) or not isinstance(entry.get("finding"), str):
            raise AcceptanceError(f'{place}: an acceptance names one: finding = "kind: place"')
        name = " ".join(entry["finding"].split())
        if words - _WORDS:
            more = ", ".join(sorted(words - _WORDS))
            raise AcceptanceError(f"{place}: {more} means nothing here; there are finding, reason")
        reason = entry.get("reason")
        if not isinstance(reason, str) or len(reason.strip()) < _LEAST_REASON:
            raise AcceptanceError(
                f'{place}: "{name}" is accepted without a reason; say in at least '
                f"{_LEAST_REASON} characters why it may stay"
            )
        if name in known:
            raise AcceptanceError(
                f'{place}: "{name}" is accepted in line {known[name]}, too; take one out'
            )
        known[name] = line
        yield Acceptance(name, reason.strip(), Origin(FILE, Location(line, 1)))


def unused(acceptances: Iterable[Acceptance], findings: Iterable[Finding]) -> list[Finding]:
    """A warning for each acceptance that meets none of the findings."""
    names = {finding.name for finding in findings}
    return [
        Finding(
            kind=Kind.ACCEPTED,
            about=f'"{each.finding}"',
            message="nothing of this name is found any more; take the entry out",
            origin=each.origin,
            severity=Severity.WARNING,
        )
        for each in acceptances
        if each.finding not in names
    ]
