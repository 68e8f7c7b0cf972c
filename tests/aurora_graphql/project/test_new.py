"""The template of a new project: what ``pulumi new`` wants of it, and what it says of ourselves."""

from __future__ import annotations

import json
import re
import tomllib
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest
import yaml

from aurora_graphql.project import new
from aurora_graphql.project.new import WHOLE, create, own_wheel

ROOT = Path(__file__).parents[3]
# https://www.pulumi.com/docs/iac/concepts/projects/project-file/#template
TEMPLATE = {"displayName", "description", "quickstart", "config", "metadata"}
CONFIG = {"description", "default", "secret"}


def test_the_folder_is_a_template_of_pulumi_new() -> None:
    written = yaml.safe_load((WHOLE / "Pulumi.yaml").read_text("utf-8"))
    assert (written["name"], written["description"]) == ("${PROJECT}", "${DESCRIPTION}")
    template = written["template"]
    assert set(template) <= TEMPLATE
    assert template["config"]
    for key, value in template["config"].items():
        assert re.fullmatch(r"[a-z-]+:[a-zA-Z]+", key)
        assert set(value) <= CONFIG
        assert all(isinstance(each, str) for each in value.values())


def test_only_what_pulumi_new_replaces_has_to_be_replaced() -> None:
    found = {
        name
        for path in WHOLE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
        for name in re.findall(r"\$\{[A-Z_]+\}", path.read_text("utf-8"))
    }
    assert found == {"${PROJECT}", "${DESCRIPTION}"}


def test_a_project_asks_for_the_version_that_made_it() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    (asked,) = (
        line
        for line in (WHOLE / "requirements.txt").read_text().splitlines()
        if not line.startswith("#")
    )
    assert asked == f"./{new.WHEELS}/aurora_graphql-{version}-py3-none-any.whl[infra,dev]"


def test_the_page_on_deploying_names_what_the_workflows_are_and_want() -> None:
    page = (ROOT / "docs/deploy.md").read_text("utf-8")
    section = page.partition("\n## By workflow\n")[2].partition("\n### ")[0]
    files = list((WHOLE / ".github/workflows").glob("*.yml"))
    rows = re.findall(r"^\| (`.+?) \|", section, re.M)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    wanted = {name for file in files for name in re.findall(r"vars\.(\w+)", file.read_text())}
    assert named == {file.stem for file in files} | wanted


@pytest.mark.parametrize("is_there", [True, False])
def test_a_project_gets_the_wheel_that_it_was_made_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_there: bool
) -> None:
    wheel = tmp_path / "my wheels" / "aurora_graphql-0.1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    if is_there:
        wheel.write_bytes(b"PK")
    installed = tmp_path / "aurora_graphql-0.1.0.dist-info"
    installed.mkdir()
    (installed / "direct_url.json").write_text(
        json.dumps({"url": wheel.as_uri(), "archive_info": {}})
    )
    monkeypatch.setattr(new, "distribution", lambda _: PathDistribution(installed))
    assert own_wheel() == (wheel if is_there else None)
    files = create(tmp_path / "shop")
    assert (tmp_path / "shop" / "wheels" / wheel.name in files) is is_there


@pytest.mark.parametrize("text", [None, '{"url": "file:///src", "dir_info": {}}'])
def test_an_index_or_a_checkout_gives_no_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    if text is not None:
        (tmp_path / "direct_url.json").write_text(text)
    monkeypatch.setattr(new, "distribution", lambda _: PathDistribution(tmp_path))
    assert own_wheel() is None
