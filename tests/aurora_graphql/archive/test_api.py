"""The SDL is loaded and prepared as the functions of the stacks will."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from aurora_graphql.archive.api import client_manifest, prepare_api
from aurora_graphql.archive.errors import BuildError

DEEP = 25  # levels; more than DOCUMENT_DEPTH_MAX, less than DOCUMENT_BRACKETS_MAX
SDL = """
schema { query: Query }
type Query { person(personId: ID!): Person @public }
type Person @public { personId: ID!
  chief: Person @relation(columns: ["chief_id"], references: ["person_id"]) }
"""

Load = Callable[[Path, Mapping[str, str]], bytes]


def prepare(sdl: Path, variables: Mapping[str, str]) -> bytes:
    return prepare_api(sdl, "3.13", [variables])


@pytest.fixture
def sdl(tmp_path: Path) -> Path:
    """An SDL with one known operation, which is deep."""
    folder = tmp_path / "sdl"
    (folder / "operations").mkdir(parents=True)
    (folder / "people.graphql").write_text(SDL)
    inner = "chief { " * DEEP + "personId" + " }" * DEEP
    (folder / "operations" / "deep.graphql").write_text(
        f'query Deep {{ person(personId: "1") {{ {inner} }} }}'
    )
    return folder


@pytest.mark.parametrize("load", [client_manifest, prepare])
def test_known_operation_is_held_to_the_limits_of_the_stack(sdl: Path, load: Load) -> None:
    assert load(sdl, {"DOCUMENT_DEPTH_MAX": "40"})
    with pytest.raises(
        BuildError, match=rf"^{sdl}/operations/deep\.graphql:1:7: .*depth.*\n    query Deep"
    ):
        load(sdl, {})
    with pytest.raises(
        BuildError, match=r"\(in a stack with DOCUMENT_DEPTH_MAX=3\)\n    query Deep"
    ):
        load(sdl, {"DOCUMENT_DEPTH_MAX": "3"})


@pytest.mark.parametrize("load", [client_manifest, prepare])
def test_value_that_the_handler_does_not_take_ends_the_build(sdl: Path, load: Load) -> None:
    with pytest.raises(BuildError, match="functionVariables of a stack: PAGE_SIZE is 'many': not"):
        load(sdl, {"PAGE_SIZE": "many"})
