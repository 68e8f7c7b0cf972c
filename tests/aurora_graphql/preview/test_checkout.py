"""Another revision of a repository, run beside this one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from aurora_graphql.preview.checkout import RevisionError, recorded_at
from aurora_graphql.preview.difference import compare
from aurora_graphql.preview.graph import Graph
from aurora_graphql.preview.pretend import write_archive
from aurora_graphql.preview.program import run_program
from aurora_graphql.project_file import Project
from tests.domains.orders import PROJECT
from tests.recorded import ROOT, Recorded

MANIFEST = {"python": "3.13", "architecture": "arm64"}
PROGRAM = (
    "__main__.py",
    "Pulumi.yaml",
    "Pulumi.dev.yaml",
    "components",
    "handler",
    "sdl",
    "migrations",
)


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a stack's program and all that it runs in its only commit."""
    folder = tmp_path_factory.mktemp("repository")
    for name in PROGRAM:
        source = (ROOT if name in ("components", "handler") else PROJECT) / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "one")
    return folder


def test_revision_is_run_as_it_was_committed(repository: Path, tmp_path: Path) -> None:
    settings = repository / "Pulumi.dev.yaml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("apiThrottleBurst: 20", "apiThrottleBurst: 30"))
    before = recorded_at("HEAD", "dev", MANIFEST, repository=repository)
    write_archive(tmp_path, Project.of(repository))
    after = run_program(repository, "dev", changes={"functionArchiveDirectory": str(tmp_path)})
    assert before is not None
    found = compare(before, after)
    assert not found.added
    assert not found.removed
    assert [(one.name, [change.path for change in changes]) for one, changes in found.changed] == [
        ("aurora-graphql-dev-api-gateway-limits", ["settings.throttlingBurstLimit"])
    ]


def test_stack_that_a_revision_does_not_have_is_told_apart_from_a_failure(repository: Path) -> None:
    (repository / "Pulumi.stage.yaml").write_text("config:\n  aws:region: eu-central-1\n")
    assert recorded_at("HEAD", "stage", MANIFEST, repository=repository) is None


def test_unknown_revision_is_named(repository: Path) -> None:
    with pytest.raises(RevisionError, match="nowhere is neither a stack nor a revision"):
        recorded_at("nowhere", "dev", MANIFEST, repository=repository)


def test_program_that_fails_says_why(repository: Path) -> None:
    git(repository, "checkout", "--quiet", "-b", "broken")
    path = repository / "Pulumi.dev.yaml"
    path.write_text("config:\n  aurora-graphql:apiThrottleRat: '1'\n")
    git(repository, "commit", "--quiet", "--all", "--message", "two")
    with pytest.raises(RevisionError, match="apiThrottleRat is no setting of this program"):
        recorded_at("broken", "dev", MANIFEST, repository=repository)


def test_graph_survives_json(recorded: Recorded) -> None:
    graph: Graph = recorded("dev")
    again = Graph.from_json(graph.to_json())
    assert sorted(again.resources, key=lambda one: one.urn) == sorted(
        graph.resources, key=lambda one: one.urn
    )
    assert again.exports == graph.exports
