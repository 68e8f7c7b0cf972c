"""Changes that make the provider replace a resource before its successor can be there.

Pulumi makes the new resource first and deletes the old one afterwards, unless AWS knows both by the
same name: then the old one goes first, and whatever uses it stands without for as long as the new
one takes. RDS Proxy and ElastiCache take ten minutes and more.

``resource_types`` says of each type by which inputs AWS knows it and which replace it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aurora_graphql.preview.graph import UNKNOWN, Graph, Resource
from aurora_graphql.preview.resource_types import facts_of


@dataclass(frozen=True, kw_only=True)
class Outage:
    """A resource that goes before its successor comes, and the inputs that make it so."""

    resource: Resource
    inputs: tuple[str, ...]


def find_outages(before: Graph, after: Graph) -> Iterator[Outage]:
    """What the update from ``before`` to ``after`` deletes first; both of one stack's name.

    An input that is frozen at creation (``ignore_changes``) changes nothing.
    """
    old = {resource.urn: resource for resource in before.resources}
    for resource in sorted(after.resources, key=lambda each: each.urn):
        facts = facts_of(resource.typ)
        if not facts.known_by or resource.urn not in old:
            continue
        changed = {
            name
            for name in (*facts.known_by, *facts.forced_by)
            if name not in resource.ignore_changes
            and _differ(old[resource.urn].inputs.get(name), resource.inputs.get(name))
        }
        if changed and not changed & {*facts.known_by}:
            yield Outage(resource=resource, inputs=tuple(sorted(changed)))


def outages_lines(found: Sequence[Outage], prefix: str) -> list[str]:
    """One line each, for a terminal. ``prefix``: of names, left out."""
    return [
        f"! {outage.resource.typ.rpartition(':')[2]} {outage.resource.name.removeprefix(prefix)} "
        f"is deleted before its successor is made: {', '.join(outage.inputs)}"
        for outage in found
    ]


def _differ(before: object, after: object) -> bool:
    """The provider takes lists of these inputs as sets. What nobody knows yet may be the same."""
    if isinstance(before, list) and isinstance(after, list):
        return sorted(map(str, before)) != sorted(map(str, after))
    return UNKNOWN not in (before, after) and before != after
