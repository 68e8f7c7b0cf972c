"""An archive that cannot be run is refused, and the text says what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aurora_graphql.dev import lambda_task
from aurora_graphql.dev.lambda_task import TaskError, checkout, unpack


def test_a_damaged_archive_is_not_run(tmp_path: Path) -> None:
    archive = tmp_path / "handler.zip"
    archive.write_bytes(b"cut")
    manifest = {"archive_sha256": "of the whole", "variables": []}
    manifest |= {"python": "3.13", "architecture": "arm64"}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(
        TaskError, match=r"is not the one of its manifest: run aurora-graphql package$"
    ):
        unpack(archive, tmp_path / "task")


@pytest.mark.parametrize("written", ["", "{", "[]", '{"archive_sha256": "of the whole"}'])
def test_a_damaged_manifest_is_named(tmp_path: Path, written: str) -> None:
    (tmp_path / "handler.zip").write_bytes(b"whole")
    (tmp_path / "manifest.json").write_text(written)
    with pytest.raises(TaskError, match=r"manifest\.json is damaged: run aurora-graphql package$"):
        unpack(tmp_path / "handler.zip", tmp_path / "task")


@pytest.mark.parametrize("present", ["handler.zip", "manifest.json"])
def test_half_of_an_archive_is_not_run(tmp_path: Path, present: str) -> None:
    (tmp_path / present).write_text("{}")
    with pytest.raises(TaskError, match=r"cannot be read: run aurora-graphql package$"):
        unpack(tmp_path / "handler.zip", tmp_path / "task")


def test_who_has_no_client_is_told_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A project's requirements have none: it is compiled for each Python, and few need it."""
    assert checkout().command[-1] == "awslambdaric"
    monkeypatch.setattr(lambda_task, "find_spec", lambda _: None)
    with pytest.raises(TaskError, match=r"pip install awslambdaric, or run an archive"):
        checkout()
