"""The example's own types, tables and data: served as README says, and fit for each other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.aurora_graphql.dev.site import Site
from tests.aurora_graphql.dev.test_readme import ROOT, SECTIONS, blocks, shell

pytestmark = [pytest.mark.server, pytest.mark.slow]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(tmp_path_factory.mktemp("site"), project=ROOT)


@pytest.fixture(scope="module")
def address(site: Site) -> Iterator[str]:
    """Where `make run` serves it."""
    with site.running() as (process, url):
        yield url
        process.terminate()
        assert process.wait(30) == 0


def test_it_answers_as_readme_says(address: str, tmp_path: Path) -> None:
    _, asked = blocks(SECTIONS["Try it"], "sh")
    answer = shell(asked.replace("http://127.0.0.1:8000/", address), tmp_path)
    (shown,) = blocks(SECTIONS["Try it"], "json")
    assert json.loads(answer) == json.loads(shown)


def test_its_types_and_operations_fit_its_tables(site: Site) -> None:
    status, told, said = site.call("check", "--fail-on", "warning")
    assert (status, said) == (0, ""), told + said
    assert "4 tables fit the SDL" in told
