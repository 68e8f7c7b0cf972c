"""Outputs of a component: what its class declares is what Pulumi is told."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import pulumi
import pytest

from aurora_graphql.preview.recording import declare
from components.outputs import register
from tests.components.parts import GRAPHS

pytestmark = pytest.mark.slow


@dataclass(frozen=True, kw_only=True)
class Door:
    """A record with an output in it."""

    arn: pulumi.Output[str]
    number: int
    note: str | None = None


class House(pulumi.ComponentResource):
    """Declares one output of each shape; what begins with an underscore is none."""

    front: Door
    doors: list[Door]
    by_name: dict[str, Door]
    _secret: str

    def __init__(self, name: str) -> None:
        super().__init__("aurora-graphql:index:House", name)
        self.front = Door(arn=pulumi.Output.from_input("arn:front"), number=1)
        self.doors = [self.front]
        self.by_name = {"front": self.front}
        self._secret = "inside"
        register(self)


def test_records_are_registered_as_maps_wherever_they_stand() -> None:
    graph = declare(partial(House, "h"))
    front = {"arn": "arn:front", "number": 1}
    assert graph.component_outputs[graph.named("h").urn] == {
        "front": front,
        "doors": [front],
        "by_name": {"front": front},
    }


class Mansion(House):
    """A program's own class over a component, with an output more."""

    roof: pulumi.Output[str]

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.roof = pulumi.Output.from_input("arn:roof")


def test_class_over_a_component_registers_what_the_component_declares() -> None:
    graph = declare(partial(Mansion, "h"))
    assert graph.component_outputs[graph.named("h").urn].keys() == {"front", "doors", "by_name"}


@pytest.mark.parametrize("part", GRAPHS)
def test_every_component_ends_by_registering_what_it_declares(part: str) -> None:
    made: list[tuple[type, list[str]]] = []
    original = pulumi.ComponentResource.register_outputs

    def remember(self: pulumi.ComponentResource, outputs: Any) -> None:
        made.append((type(self), list(outputs)))
        original(self, outputs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pulumi.ComponentResource, "register_outputs", remember)
        graph = declare(GRAPHS[part])
    kinds = [one.typ.rpartition(":")[2] for one in graph.resources if not one.custom]
    ours = [(kind, names) for kind, names in made if kind.__module__.startswith("components.")]
    assert sorted(kind.__name__ for kind, _ in ours) == sorted(kinds)
    for kind, names in ours:
        assert names == [name for name in kind.__annotations__ if not name.startswith("_")]
