"""``make preview`` as a person types it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from aurora_graphql.cli import main
from aurora_graphql.preview.pretend import write_archive
from aurora_graphql.preview.rules import checkov
from aurora_graphql.project_file import Project
from tests.domains.orders import PROJECT
from tests.recorded import ROOT

PROGRAM = ("__main__.py", "Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program with a fresh archive, in a folder where the command may write."""
    for name in PROGRAM:
        shutil.copy(PROJECT / name, tmp_path / name)
    for name in ("sdl", "migrations"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    write_archive(tmp_path / "dist", Project.of(tmp_path))
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "architecture.svg").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def silence_checkov(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkov that is content with everything, and takes no time for it."""
    silent = checkov.Report(version="0", passed=1, failed=())
    monkeypatch.setattr(checkov, "check", lambda plan, prefix: silent)


def commit(project: Path) -> None:
    """Make the folder a repository, with all that is in it as its only commit."""
    for arguments in (["init"], ["add", "."], ["commit", "--message", "one"]):
        subprocess.run(
            ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *arguments],
            cwd=project,
            check=True,
            capture_output=True,
        )


def test_preview_prints_every_section_and_writes_its_files(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if not checkov.installed():
        pytest.skip("checkov is not installed: make test installs it")
    code = main(["preview", "dev", "--against", "prod", "--requests", "1e6", "--hit-rate", "0.5"])
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
    assert "- DatabaseProxy data-proxy, 10 resources" in shown  # dev has it less than prod
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
    few = path.read_text().replace(
        "databaseBackupRetentionDays: 35", "databaseBackupRetentionDays: 6"
    )
    path.write_text(few)
    silence_checkov(monkeypatch)
    code = main(["preview", "prod", "--against", "dev"])
    shown = capsys.readouterr().out
    assert code == 1
    assert (
        "OPEN: 1\n"
        "  data-database-cluster\n"
        "    RDS.11: keeps backups for less than a week\n"
        "      rule: automatic backups are kept for at least a week\n"
    ) in shown


def test_variables_that_the_archive_is_not_prepared_for_say_what_to_run(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = project / "dist" / "manifest.json"
    inside = {"variables": ["PAGE_SIZE"], "prepared": [{"PAGE_SIZE": None}]}
    path.write_text(json.dumps({**json.loads(path.read_text()), **inside}))
    stack = project / "Pulumi.prod.yaml"
    stack.write_text(stack.read_text() + "  aurora-graphql:functionVariables: [PAGE_SIZE=20]\n")
    assert main(["preview", "prod"]) == 2
    said = capsys.readouterr().err
    assert "functionVariables has PAGE_SIZE=20, and " in said
    assert (
        "is prepared for the default page sizes and limits: run aurora-graphql package, which"
        in said
    )


def test_excuse_in_the_file_of_the_stack_closes_a_finding(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = project / "Pulumi.prod.yaml"
    few = path.read_text().replace(
        "databaseBackupRetentionDays: 35", "databaseBackupRetentionDays: 6"
    )
    reason = "this database is filled anew each week"
    path.write_text(
        f"{few}  aurora-graphql:policyExceptions:\n"
        f'    - "RDS.11 at data-database-cluster: {reason}"\n'
        f'    - "RDS.5 at data-database-cluster: has been one instance until May"\n'
    )
    silence_checkov(monkeypatch)
    assert main(["preview", "prod", "--against", "prod"]) == 0
    shown = capsys.readouterr().out
    assert f"  {reason}: RDS.11\n" in shown
    assert (
        "  Pulumi.prod.yaml excepts RDS.5 at data-database-cluster, where nothing is found any more"
    ) in shown


def test_excuse_that_cannot_be_read_is_named(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = project / "Pulumi.prod.yaml"
    path.write_text(path.read_text() + "  aurora-graphql:policyExceptions: [RDS.11]\n")
    silence_checkov(monkeypatch)
    assert main(["preview", "prod", "--against", "prod"]) == 2
    assert "policyExceptions in Pulumi.prod.yaml must be a list of" in capsys.readouterr().err


def test_first_look_needs_neither_archive_nor_commit(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(project / "dist")
    silence_checkov(monkeypatch)
    code = main(["preview", "dev"])
    shown = capsys.readouterr().out
    assert code == 0, shown
    assert shown.startswith("There is no archive in dist/ yet")
    assert "Run aurora-graphql package before pulumi up." in shown
    assert "== dev against HEAD\nnot compared: HEAD is neither a stack nor a revision" in shown
    assert not (project / "dist").exists()


def test_stack_whose_file_is_not_committed_is_new(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(project)
    (project / "Pulumi.prod.yaml").rename(project / "Pulumi.stage.yaml")
    shutil.copy(PROJECT / "Pulumi.prod.yaml", project)
    silence_checkov(monkeypatch)
    assert main(["preview", "stage", "--against", "HEAD"]) == 0
    shown = capsys.readouterr().out
    assert (
        "== stage against HEAD\nHEAD has no Pulumi.stage.yaml: all of the stack is new\n" in shown
    )


def test_stack_and_revision_are_compared_in_the_same_direction(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What this stack has more is added, whether the other is a stack or a revision."""
    for name in ("components", "handler"):
        shutil.copytree(ROOT / name, project / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.rmtree(project / "dist")
    dev = project / "Pulumi.dev.yaml"
    text = dev.read_text()
    (project / "Pulumi.before.yaml").write_text(text)
    commit(project)
    dev.write_text(text + "  aurora-graphql:monitoringBudgetUsd: 5\n")
    silence_checkov(monkeypatch)
    changes = []
    for against in ("before", "HEAD"):
        main(["preview", "dev", "--against", against])
        shown, said = capsys.readouterr()
        assert said == ""
        changes.append(shown.partition(f"== dev against {against}\n")[2].partition("\n\n")[0])
    assert changes[0] == changes[1]
    assert "+ " in changes[0]


def test_stale_archive_says_what_to_run(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "sdl" / "more.graphql").write_text("type More { id: ID }\n")
    assert main(["preview", "dev"]) == 2
    assert "was built: run aurora-graphql package" in capsys.readouterr().err


def test_unknown_stack_is_refused(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["preview", "stage"]) == 2
    assert capsys.readouterr().err == (
        f"error: {project} has no Pulumi.stage.yaml beside Pulumi.yaml; it has dev, prod\n"
    )
