"""The rehearsal's logic against a stand-in of an account, and its table in the docs."""

from __future__ import annotations

import io
import json
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from aurora_graphql.cli import main
from aurora_graphql.rehearsal.claims import load_claims, table
from aurora_graphql.rehearsal.command import RehearsalError, rehearse, report
from aurora_graphql.rehearsal.shell import CommandError, MissingToolError, Shell, Watch
from aurora_graphql.rehearsal.steps import Seen

ROOT: Final = Path(__file__).resolve().parents[3]
OBSERVED: Final = {claim.id for claim in load_claims() if claim.observed}


class Account:
    """An account in which one stack lives as its program says, but for ``faults``."""

    def __init__(self, *faults: str) -> None:
        self.faults = faults
        self.commands: list[str] = []
        self.config = {
            "deletionProtection": "false",
            "functionGeneration": "1",
            "proxyEnabled": "false",
        }
        self.versions: list[int] = []
        self.served = 0
        self.deployed: dict[str, str] | None = None

    def run(self, *command: str) -> str:
        text = " ".join(command).removesuffix(" --stack try")
        self.commands.append(text)
        for fault in self.faults:
            if text.startswith(fault):
                raise CommandError(f"{fault} failed")
        match command:
            case ("pulumi", "up", *_):
                self.versions.append(len(self.versions) + 1)
                if "the alias stays" not in self.faults or self.served == 0:
                    self.served = self.versions[-1]
                self.deployed = dict(self.config)
            case ("pulumi", "config", "set", key, value, *_):
                self.config[key] = value
            case ("pulumi", "config", "get", key, *_):
                if key not in self.config:
                    raise CommandError("configuration key not found")
                return self.config[key]
            case ("pulumi", "stack", "output", name, *_):
                return self._output(name)
            case ("pulumi", "stack", "export", *_) if self.deployed is None:
                return json.dumps({"deployment": {"manifest": {}}})
            case ("pulumi", "stack", "export", *_):
                cluster = {"type": "aws:rds/cluster:Cluster"}
                found = [{**cluster, "outputs": {"clusterIdentifier": "shop-try"}}]
                return json.dumps({"deployment": {"resources": found}})
            case ("pulumi", "destroy", *_):
                self.deployed = None
            case ("aws", "lambda", "get-alias", *_):
                return str(self.served)
            case ("aws", "lambda", "update-alias", *_):
                self.served = int(command[-1])
            case ("aws", "lambda", "list-versions-by-function", *_):
                return "\t".join(["$LATEST", *map(str, self.versions)])
            case ("aws", "resourcegroupstaggingapi", *_):
                left = ["arn:aws:iam::1:role/shop-try-api-gateway-log-role-1"]
                left += ["arn:aws:ec2:::security-group/sg-1"] * ("sg-1" in self.faults)
                return json.dumps({"ResourceTagMappingList": [{"ResourceARN": x} for x in left]})
        return ""

    def _output(self, name: str) -> str:
        assert self.deployed is not None
        way = "proxy" if self.deployed["proxyEnabled"] == "true" else "cluster"
        return {
            "url": "https://api.example/graphql",
            "databaseHost": f"{way}.example",
            "goBack": "aws lambda update-alias --region eu-central-1 --function-name shop "
            "--name live --function-version",
        }[name]

    def write(self, path: Path, text: str) -> None:
        path.write_text(text)

    def ask(self, url: str) -> str:
        return "status 502" if "down" in self.faults else ""

    @contextmanager
    def watch(self, url: str) -> Iterator[Watch]:
        yield Watch(answered=9, failures=["12:00:01 status 500"] * ("gap" in self.faults))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "sdl/operations").mkdir(parents=True)
    (tmp_path / "sdl/operations/all.graphql").write_text("query All { a }\n")
    (tmp_path / "sdl/shop.graphql").write_text("type Query { a: Int }\n")
    return tmp_path


def walk(account: Account, project: Path, *only: str) -> int:
    package = ("make", "package")
    return rehearse(account, stack="try", sdl=project / "sdl", package=package, only=only)


def test_a_life_as_claimed_ends_well(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    account = Account()
    assert walk(account, project) == 0
    printed = capsys.readouterr().out
    assert "otherwise" not in printed
    seen = {claim.id for claim in load_claims() if f"as claimed {claim.says}" in printed}
    assert seen == OBSERVED - {"iam-login", "vpc-rights"}  # which no command shows by itself
    assert account.deployed is None
    assert (project / "sdl/shop.graphql").read_text() == "type Query { a: Int }\n"
    assert account.commands.count("make package") == 2


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        pytest.param("down", "first deploy: status 502", id="no-answer"),
        pytest.param("gap", "code change: 1 of 10 requests failed, first 12:00:01", id="gap"),
        pytest.param("pulumi preview", "first deploy: pulumi preview failed", id="drift"),
        pytest.param("the alias stays", "code change: version 1 still serves", id="alias"),
        pytest.param("aws lambda update-alias", "going back: aws lambda update", id="no-way-back"),
        pytest.param("aws rds restore", "restore: aws rds restore failed", id="no-restore"),
        pytest.param("sg-1", "destroy: left: arn:aws:ec2:::security-group/sg-1", id="left-over"),
    ],
)
def test_what_was_otherwise_is_told(
    project: Path, capsys: pytest.CaptureFixture[str], fault: str, problem: str
) -> None:
    assert walk(Account(fault), project) == 1
    assert problem in capsys.readouterr().out


def test_the_sdl_is_set_right_after_a_failure(project: Path) -> None:
    walk(Account("make package"), project, "first deploy", "SDL change")
    assert (project / "sdl/shop.graphql").read_text() == "type Query { a: Int }\n"


def test_a_database_that_pauses_is_kept_awake_behind_a_proxy(project: Path) -> None:
    account = Account()
    account.config["databaseMinCapacityAcu"] = "0"
    assert walk(account, project) == 0
    changes = [text for text in account.commands if "config set database" in text]
    key = "pulumi config set databaseMinCapacityAcu"
    assert changes == [f"{key} 0.5", f"{key} 0"]


def test_no_version_goes_back_over_another_way_to_the_database(project: Path) -> None:
    account = Account()
    walk(account, project)
    switch = account.commands.index("pulumi config set proxyEnabled true")
    moves = [n for n, text in enumerate(account.commands) if "update-alias" in text]
    assert len(moves) == 2
    assert max(moves) < switch


def test_every_command_of_aws_is_about_the_region_of_the_stack(project: Path) -> None:
    account = Account()
    walk(account, project)
    asked = [text for text in account.commands if text.startswith("aws ")]
    assert [text for text in asked if "--region eu-central-1" not in text] == []


@pytest.mark.parametrize(
    ("protection", "message"),
    [
        pytest.param("true", "deletionProtection forbids that", id="protected"),
        pytest.param(None, "configuration key not found", id="protected-by-default"),
    ],
)
def test_a_protected_stack_is_refused(project: Path, protection: str | None, message: str) -> None:
    account = Account()
    if protection is None:
        del account.config["deletionProtection"]
    else:
        account.config["deletionProtection"] = protection
    with pytest.raises(RehearsalError, match=message):
        walk(account, project)
    assert account.commands == ["pulumi config get deletionProtection"]


def test_a_stack_that_holds_something_is_refused(project: Path) -> None:
    account = Account()
    account.deployed = {}
    with pytest.raises(RehearsalError, match="holds 1 resources already"):
        walk(account, project)
    assert {text.split()[1] for text in account.commands} == {"config", "stack"}


def test_a_step_that_there_is_not_is_named(project: Path) -> None:
    account = Account()
    with pytest.raises(RehearsalError, match="'dance' is no step; there are: first deploy, code"):
        walk(account, project, "dance")
    assert account.commands == []


def test_dry_run_prints_all_steps_and_touches_nothing(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert _command(project, "try", "--dry-run") == 0
    printed = capsys.readouterr().out
    titles = [line for line in printed.splitlines() if line[0].isdigit()]
    assert [title.partition(":")[0] for title in titles] == [
        "1. first deploy",
        "2. code change",
        "3. SDL change",
        "4. going back",
        "5. proxy switch",
        "6. restore",
        "7. destroy",
    ]
    assert f"write {project / 'sdl/shop.graphql'}" in printed
    assert "$ pulumi destroy --yes --stack try" in printed
    assert (project / "sdl/shop.graphql").read_text() == "type Query { a: Int }\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param([], "--dry-run shows the steps, --yes begins", id="unasked"),
        pytest.param(["--yes"], "pulumi is not installed", id="no-pulumi"),
    ],
)
def test_nothing_is_begun_by_mistake(
    project: Path,
    options: Sequence[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")
    assert _command(project, "try", *options) == 2
    assert message in capsys.readouterr().err


def _command(project: Path, *words: str) -> int:
    return main(["--project", str(project), "rehearse", *words])


def test_report_names_each_claim_once_and_what_was_not_seen() -> None:
    lines = report([Seen(step="restore", claim="restore", problem="")]).splitlines()
    assert len(lines) == len(load_claims())
    assert [line for line in lines if line.startswith("as claimed")] == [
        "as claimed A second cluster is restored from the backups while the first one serves"
    ]


def test_shell_runs_a_command_in_the_folder_and_tells_its_last_words(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    program = "import os, sys; print(os.getcwd()); sys.exit(%d)"
    assert shell.run(sys.executable, "-c", program % 0) == str(tmp_path)
    with pytest.raises(CommandError, match=tmp_path.name):
        shell.run(sys.executable, "-c", program % 3)
    with pytest.raises(MissingToolError, match="no-such-command is not installed"):
        shell.run("no-such-command")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        pytest.param(b'{"data":{"orders":[]}}', "", id="answered"),
        pytest.param(b'{"data":null,"errors":[{"message":"m"}]}', "no data: ", id="failed"),
        pytest.param(b'{"errors":[],"data":{"a":1}}', "", id="no-errors"),
        pytest.param(b"<html>", "no data: ", id="no-json"),
    ],
)
def test_an_answer_with_errors_is_none(
    body: bytes, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def urlopen(request: urllib.request.Request, timeout: float) -> io.BytesIO:
        asked.append(request.data)
        return io.BytesIO(body)

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    told = Shell(tmp_path, query="{ orders }").ask("https://api.example/graphql")
    assert told.startswith(problem)
    assert bool(told) == bool(problem)
    assert asked == [b'{"query": "{ orders }"}']


def test_every_claim_has_its_row_in_the_docs() -> None:
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    assert table(load_claims()) in text
