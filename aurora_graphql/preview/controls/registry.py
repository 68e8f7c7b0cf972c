"""What a control is, and what several of them ask of a graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aurora_graphql.preview.graph import UNKNOWN, Graph, Resource


@dataclass(frozen=True, kw_only=True)
class Control:
    """One control of AWS Foundational Security Best Practices that a graph can be judged by.

    ``title``: what must hold. ``types``: the resources it judges; none of them, nothing to meet.
    Source: https://docs.aws.amazon.com/securityhub/latest/userguide/fsbp-standard.html
    """

    id: str
    title: str
    types: tuple[str, ...]
    met: Callable[[Graph, Resource], bool]

    def judged(self, graph: Graph) -> list[Resource]:
        """The resources it has something to say about."""
        return [resource for typ in self.types for resource in graph.of_type(typ)]

    def failing(self, graph: Graph) -> list[Resource]:
        """Those that do not meet it."""
        return [resource for resource in self.judged(graph) if not self.met(graph, resource)]


def is_true(name: str) -> Callable[[Graph, Resource], bool]:
    """The input is set to true."""
    return lambda _, one: one.inputs.get(name) is True


def is_set(name: str) -> Callable[[Graph, Resource], bool]:
    """The input has a value, known or not."""
    return lambda _, one: bool(one.inputs.get(name))


def unknown(value: object) -> bool:
    """Whether only the provider can tell; a first preview does not judge such a value."""
    return value == UNKNOWN
