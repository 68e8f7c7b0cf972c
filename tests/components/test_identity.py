"""A stack that stands is found again: by former types, and by former places in the tree."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from aurora_graphql.preview.recording import declare
from components.api_on_aurora import ApiOnAurora, ApiOnAuroraArgs
from components.hosting import COMPONENTS
from tests.components.surroundings import TAGS, example_project

ADDED = {"ApiOnAurora", "CopiedBackups", "TrafficShift", "Tunnel"}  # never known otherwise


def test_every_component_is_known_by_its_former_type(tmp_path: Path) -> None:
    """All but those that there were not."""
    args = ApiOnAuroraArgs(folder=example_project(tmp_path), stage="dev", tags=TAGS)
    graph = declare(partial(ApiOnAurora, "shop", args))
    hosted = {f"aurora-graphql:index:{component.__name__}" for component in COMPONENTS}
    components = [one for one in graph.resources if not one.custom]
    assert {one.typ for one in components} <= hosted
    for one in components:
        kind = one.typ.rpartition(":")[2]
        former = {f"aurora-graphql:component:{kind}"}
        assert set(one.aliases) == former or kind in ADDED, one.urn
    (whole,) = graph.of_type("aurora-graphql:index:ApiOnAurora")
    for tier in graph.children(whole.urn):
        assert len(tier.aliases) == 2  # where it is, and where it stood without this one
