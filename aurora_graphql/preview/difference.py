"""What one graph has that another has not: resources, and single values inside their inputs."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from aurora_graphql.preview.graph import Graph, Resource
from aurora_graphql.preview.replacement import Outage, find_outages, outages_lines

IGNORED: Final = frozenset({"code", "sourceCodeHash"})
"""The archive: an old revision's is gone, and its path is another on every machine."""

MOST_CHANGES: Final = 8
"""Lines for one resource; a dashboard may have hundreds."""

SHARED: Final = 10
"""A change that so many resources have is told once: a new tag, a key."""

MOST_CHARACTERS: Final = 60

ABSENT: Final = "(absent)"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One value in one resource. ``path``: ``rules[0].expiration.days``."""

    path: str
    before: str  # JSON, or ABSENT
    after: str


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Resources added and removed; those of both with what changed in them.

    ``outages``: those of both that an update would delete before it can make them anew.
    """

    added: tuple[Resource, ...]
    removed: tuple[Resource, ...]
    changed: tuple[tuple[Resource, tuple[Change, ...]], ...]
    outages: tuple[Outage, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether the graphs are the same."""
        return not (self.added or self.removed or self.changed)


def compare(before: Graph, after: Graph) -> Difference:
    """What ``after`` has more, less and otherwise than ``before``; both of one stack's name."""
    old = {resource.urn: resource for resource in before.resources}
    new = {resource.urn: resource for resource in after.resources}
    changed = [(new[urn], tuple(_changes(old[urn], new[urn]))) for urn in sorted(old.keys() & new)]
    return Difference(
        added=tuple(new[urn] for urn in sorted(new.keys() - old)),
        removed=tuple(old[urn] for urn in sorted(old.keys() - new)),
        changed=tuple((resource, changes) for resource, changes in changed if changes),
        outages=tuple(find_outages(before, after)),
    )


def _changes(before: Resource, after: Resource) -> Iterator[Change]:
    frozen = frozenset(after.ignore_changes)
    old = dict(_leaves("", _judged(before, frozen)))
    new = dict(_leaves("", _judged(after, frozen)))
    for path in sorted(old.keys() | new):
        if old.get(path, ABSENT) != new.get(path, ABSENT):
            yield Change(path=path, before=old.get(path, ABSENT), after=new.get(path, ABSENT))


def _judged(resource: Resource, frozen: frozenset[str]) -> dict[str, Any]:
    """``frozen``: inputs that an update leaves as they were at creation."""
    inputs = {
        key: "[secret]" if key in resource.secret_inputs else value
        for key, value in resource.inputs.items()
        if key not in IGNORED | frozen
    }
    return {**inputs, "(protect)": resource.protect}


def _leaves(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """Every single value with its path. JSON in a string (policies, dashboards) is opened."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        with contextlib.suppress(ValueError):
            value = json.loads(value)
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _leaves(f"{path}.{key}" if path else str(key), item)
    elif isinstance(value, list) and value:
        for label, item in zip(_labels(value), value, strict=True):
            yield from _leaves(f"{path}[{label}]", item)
    else:
        yield path, json.dumps(value, ensure_ascii=False)


def _labels(items: list[Any]) -> list[str]:
    """What tells the items of a list apart: a name that all of them have, or their number."""
    for key in ("Sid", "name", "id"):
        names = [str(item.get(key)) for item in items if isinstance(item, Mapping) and key in item]
        if len(set(names)) == len(items):
            return names
    return [str(number) for number in range(len(items))]


def difference_text(found: Difference, prefix: str) -> str:
    """The difference for a terminal: ``+`` added, ``-`` removed, ``~`` changed, ``!`` an outage.

    A component stands for all that is in it, and a change that many resources share is told once.
    ``prefix``: of the stack's names, left out.
    """
    if found.empty:
        return "no difference"
    counts = Counter(change for _, changes in found.changed for change in changes)
    shared = [change for change, count in counts.items() if count >= SHARED]
    lines = [
        f"{len(found.added)} added, {len(found.removed)} removed, {len(found.changed)} changed",
        *(f"+ {line}" for line in _gathered(found.added, prefix)),
        *(f"- {line}" for line in _gathered(found.removed, prefix)),
        *outages_lines(found.outages, prefix),
        *(f"~ {counts[change]} resources\n    {_line(change)}" for change in shared),
    ]
    for resource, changes in found.changed:
        own = [change for change in changes if change not in shared]
        if own:
            lines.append(f"~ {_name(resource, prefix)}")
        lines += [f"    {_line(change)}" for change in own[:MOST_CHANGES]]
        if len(own) > MOST_CHANGES:
            lines.append(f"    and {len(own) - MOST_CHANGES} more values")
    return "\n".join(lines)


def _gathered(resources: tuple[Resource, ...], prefix: str) -> list[str]:
    """One line for each resource that does not belong to another of these."""
    by_urn = {resource.urn: resource for resource in resources}

    def outermost(resource: Resource) -> str:
        while resource.parent in by_urn:
            resource = by_urn[resource.parent]
        return resource.urn

    inside = Counter(outermost(resource) for resource in resources if resource.custom)
    return [
        f"{_name(by_urn[urn], prefix)}" + ("" if by_urn[urn].custom else f", {count} resources")
        for urn, count in sorted(inside.items(), key=lambda entry: by_urn[entry[0]].name)
    ]


def _name(resource: Resource, prefix: str) -> str:
    return f"{resource.typ.rpartition(':')[2]} {resource.name.removeprefix(prefix)}"


def _line(change: Change) -> str:
    return f"{change.path}: {_short(change.before)} -> {_short(change.after)}"


def _short(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 3]}..."
