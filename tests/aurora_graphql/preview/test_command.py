"""``make preview`` as a person types it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from aurora_graphql.preview import __main__ as command
from aurora_graphql.preview import checkov
from aurora_graphql.preview.pretend import write_archive
from tests.recorded import ROOT

PROGRAM = ("__main__.py", "Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program with a fresh archive, in a folder where the command may write."""
    for name in PROGRAM:
        shutil.copy(ROOT / name, tmp_path / name)
    for name in ("sdl", "migrations"):
        shutil.copytree(ROOT / name, tmp_path / name)
    write_archive(tmp_path / "dist", sdl=tmp_path / "sdl", migrations=tmp_path / "migrations")
    (tmp_path / "docs").mkdir()
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr(command, "DIAGRAM", tmp_path / "docs" / "architecture.svg")
    monkeypatch.setattr(command, "OUTPUT", tmp_path / "build" / "preview")
    return tmp_path


def test_preview_prints_every_section_and_writes_its_files(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if not checkov.installed():
        pytest.skip("checkov is not installed: make test installs it")
    code = command.main(["dev", "--against", "prod", "--requests", "1e6", "--hit-rate", "0.5"])
    shown = capsys.readouterr().out
    assert code == 0, shown
    titles = [line for line in shown.splitlines() if line.startswith("== ")]
    assert titles == [
        "== dev: resources",
        "== first preview",
        "== dev against prod",
        "== policies",
        "== a month",
        "== written",
    ]
    assert "the same resources;" in shown
    assert "+ DatabaseProxy data-proxy, 10 resources" in shown
    assert "open: none" in shown
    assert "1,000,000 requests a month" in shown
    assert "docs/architecture.svg (prod, changed)" in shown
    assert (project / "docs" / "architecture.svg").read_text() == (
        ROOT / "docs" / "architecture.svg"
    ).read_text()
    plan = json.loads((project / "build" / "preview" / "dev.plan.json").read_text())
    assert plan["resource_changes"]


def test_open_finding_is_printed_and_fails(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = project / "Pulumi.prod.yaml"
    path.write_text(path.read_text() + "  aurora-graphql:networkFlowLogs: false\n")
    silent = checkov.Report(version="0", passed=1, failed=())
    monkeypatch.setattr(checkov, "check", lambda plan, prefix: silent)
    code = command.main(["prod", "--against", "dev"])
    shown = capsys.readouterr().out
    assert code == 1
    assert "EC2.6: aurora-graphql-prod-network-vpc: not so that VPCs write flow logs" in shown


def test_variables_that_the_archive_is_not_prepared_for_say_what_to_run(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = project / "dist" / "manifest.json"
    inside = {"variables": ["PAGE_SIZE"], "prepared": [{"PAGE_SIZE": None}]}
    path.write_text(json.dumps({**json.loads(path.read_text()), **inside}))
    stack = project / "Pulumi.prod.yaml"
    stack.write_text(stack.read_text() + "  aurora-graphql:functionVariables: [PAGE_SIZE=20]\n")
    assert command.main(["prod"]) == 2
    said = capsys.readouterr().err
    assert "functionVariables has PAGE_SIZE=20, and " in said
    assert "is prepared for the default page sizes and limits: run make package, which" in said


def test_missing_archive_says_what_to_run(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(project / "dist")
    assert command.main(["dev"]) == 2
    assert "manifest.json does not exist: run make package" in capsys.readouterr().err


def test_stale_archive_says_what_to_run(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "sdl" / "more.graphql").write_text("type More { id: ID }\n")
    assert command.main(["dev"]) == 2
    assert "was built: run make package" in capsys.readouterr().err


def test_unknown_stack_is_refused(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        command.main(["stage"])
    assert stopped.value.code == 2
    assert "choose from" in capsys.readouterr().err
