"""An archive that cannot be run is refused, and the text says what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aurora_graphql.dev.lambda_task import TaskError, unpack


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
