"""The examples in the docstrings of what a program composes: together they are a whole stack."""

from __future__ import annotations

import inspect
import re
import textwrap
from pathlib import Path
from typing import Any, Final

import pulumi
import pytest

from aurora_graphql.preview.pretend import write_archive
from aurora_graphql.preview.recording import declare
from aurora_graphql.project_file import Project
from components.api_tier import ApiTier
from components.data_tier import DataTier
from components.encryption import Encryption
from components.hosting import COMPONENTS, description
from components.monitoring import Monitoring
from components.network import Network
from tests.components.weaknesses import ON_PURPOSE, weaknesses
from tests.domains.orders import PROJECT

ROOT: Final = Path(__file__).resolve().parents[2]
COMPOSED: Final = (Encryption, Network, DataTier, ApiTier, Monitoring)
"""In the order in which one needs the other."""


def example(component: type[pulumi.ComponentResource]) -> str:
    """The code below ``Example``."""
    found = re.search(r"^Example[^\n]*::\n\n(.*)", inspect.getdoc(component) or "", re.M | re.S)
    assert found, f"{component.__name__} has no example"
    return textwrap.dedent(found[1])


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an archive, as ``aurora-graphql package`` leaves one."""
    for name in ("sdl", "migrations"):
        (tmp_path / name).symlink_to(PROJECT / name)
    for name in ("handler", "docs"):
        (tmp_path / name).symlink_to(ROOT / name)
    write_archive(tmp_path / "dist", Project.of(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("project")
def test_examples_make_a_stack() -> None:
    known: dict[str, Any] = {}

    def build() -> None:
        for component in COMPOSED:
            exec(compile(example(component), component.__name__, "exec"), known)  # noqa: S102 - our own text

    graph = declare(build)
    assert [
        one.name
        for component in COMPOSED
        for one in graph.of_type(f"aurora-graphql:index:{component.__name__}")
    ] == ["shop-key", "shop-network", "shop-data", "shop-api", "shop-monitoring"]
    assert len(graph.of_type("aws:ec2/subnet:Subnet")) == 3
    assert "shop-monitoring-ingest-lost" in {one.name for one in graph.resources}
    assert {*weaknesses(graph)} - ON_PURPOSE == {"tagged"}  # an example gives no tags


def test_a_plugin_tells_nobody_an_example_in_python() -> None:
    for component in COMPONENTS:
        told = description(component)
        assert told
        assert "Example" not in told
        assert "import" not in told
