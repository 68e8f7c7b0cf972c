"""The rehearsal's logic against a stand-in of an account, and its table in the docs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from aurora_graphql.rehearsal.__main__ import main, report
from aurora_graphql.rehearsal.claims import load_claims, table
from aurora_graphql.rehearsal.shell import CommandError, Shell, Watch
from aurora_graphql.rehearsal.steps import Seen

ROOT: Final = Path(__file__).resolve().parents[3]
OBSERVED: Final = {claim.id for claim in load_claims() if claim.observed}


class Account:
    """An account in which one stack lives as its program says, but for ``faults``."""

    def __init__(self, *faults: str) -> None:
        self.faults = faults
        self.commands: list[str] = []
        self.config = {"functionGeneration": "1", "proxyEnabled": "false"}
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

    def ask(self, url: str) -> str:
        return "status 502" if "down" in self.faults else ""

    @contextmanager
    def watch(self, url: str) -> Iterator[Watch]:
        yield Watch(answered=9, failures=["12:00:01 status 500"] * ("gap" in self.faults))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "sdl").mkdir()
    (tmp_path / "sdl/shop.graphql").write_text("type Query { a: Int }\n")
    return tmp_path


def walk(account: Account, project: Path, *options: str) -> int:
    return main(["try", "--folder", str(project), "--yes", *options], account)


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
    walk(Account("make package"), project, "--only", "first deploy", "--only", "SDL change")
    assert (project / "sdl/shop.graphql").read_text() == "type Query { a: Int }\n"


def test_a_database_that_pauses_is_kept_awake_behind_a_proxy(project: Path) -> None:
    account = Account()
    account.config["databaseMinCapacityAcu"] = "0"
    assert walk(account, project) == 0
    changes = [text for text in account.commands if "config set database" in text]
    key = "pulumi config set databaseMinCapacityAcu"
    assert changes == [f"{key} 0.5", f"{key} 0"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param([], "write --yes to begin", id="unasked"),
        pytest.param(["--yes", "--only", "dance"], "'dance' is no step; there are:", id="step"),
    ],
)
def test_nothing_is_done_by_mistake(
    options: Sequence[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    account = Account()
    assert main(["try", *options], account) == 2
    assert message in capsys.readouterr().err
    assert account.commands == []


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
    with pytest.raises(CommandError, match="no-such-command is not installed"):
        shell.run("no-such-command")


def test_every_claim_has_its_row_in_the_docs() -> None:
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    assert table(load_claims()) in text
