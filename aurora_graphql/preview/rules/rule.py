"""What a rule is, what it finds, and what several rules ask of a graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from aurora_graphql.preview.graph import UNKNOWN, Graph, Resource

Problem = tuple[str, str]
"""The name of a resource, and what is wrong with it."""

Check = Callable[[Graph], Iterator[Problem]]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Something that must hold for every graph, whatever the settings.

    ``id``: of the control of AWS Foundational Security Best Practices (FSBP) that the rule judges,
    if it is about one; else a name of our own in small letters. ``also``: other controls that it
    judges. Values that only the provider can tell are not judged.
    Source: https://docs.aws.amazon.com/securityhub/latest/userguide/fsbp-standard.html
    """

    id: str
    holds: str
    why: str
    remedy: str
    check: Check
    also: tuple[str, ...] = ()

    @property
    def controls(self) -> tuple[str, ...]:
        """All controls that it judges."""
        return self.also if self.id.islower() else (self.id, *self.also)

    def findings(self, graph: Graph) -> list[Finding]:
        """Everything in ``graph`` for which the rule does not hold, sorted by resource."""
        return [
            Finding(
                id=self.id,
                resource=name,
                text=text,
                holds=self.holds,
                why=self.why,
                remedy=self.remedy,
            )
            for name, text in sorted(self.check(graph))
        ]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One resource for which a rule, or a check of checkov, does not hold.

    ``resource``: its name. ``text``: what is wrong. The rest is the rule's; checkov gives no reason
    and, as a remedy, the address of a page.
    """

    id: str
    resource: str
    text: str
    holds: str
    why: str = ""
    remedy: str = ""


def each(*types: str, met: Callable[[Graph, Resource], bool], problem: str) -> Check:
    """A check that judges every resource of some types by itself."""

    def check(graph: Graph) -> Iterator[Problem]:
        for typ in types:
            for resource in graph.of_type(typ):
                if not met(graph, resource):
                    yield resource.name, problem

    return check


def is_true(name: str) -> Callable[[Graph, Resource], bool]:
    """Whether an input is set to true."""
    return lambda _, one: one.inputs.get(name) is True


def is_set(name: str) -> Callable[[Graph, Resource], bool]:
    """Whether an input has a value, known or not."""
    return lambda _, one: bool(one.inputs.get(name))


def unknown(value: object) -> bool:
    """Whether only the provider can tell a value; a first preview does not judge it."""
    return value == UNKNOWN


def pointing_at(graph: Graph, target: Resource, typ: str, name: str) -> list[Resource]:
    """Resources of ``typ`` whose input ``name`` comes from ``target``."""
    return [
        resource
        for resource in graph.of_type(typ)
        if target.urn in resource.property_dependencies.get(name, frozenset())
    ]


def parameters(group: Resource) -> dict[str, str]:
    """The values of a parameter group by their names."""
    return {item["name"]: item["value"] for item in group.inputs.get("parameters") or []}
