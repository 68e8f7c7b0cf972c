"""The components from another Pulumi program in Python: the wheel, installed and used."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path
from typing import Final

import pytest

pytestmark = pytest.mark.slow

ROOT: Final = Path(__file__).resolve().parents[2]
PIP: Final = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input")

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
    """Built from a copy, so that nothing is left beside the sources."""
    source = tmp_path_factory.mktemp("source")
    ignore = shutil.ignore_patterns("__pycache__")
    for name in ("pyproject.toml", "README.md", "LICENSE", "components", "handler"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=ignore)
        else:
            shutil.copy(ROOT / name, source)
    target = tmp_path_factory.mktemp("wheel")
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run(
        [*PIP, "wheel", *options, "--wheel-dir", str(target), str(source)],
        check=True,
        capture_output=True,
    )
    (built,) = target.glob("*.whl")
    return built


def test_wheel_holds_every_module_of_the_components(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "components").rglob("*.py")}
    assert sources <= names
    assert not [name for name in names if name.startswith(("tests/", "aurora_graphql/"))]


def test_wheel_asks_for_pulumi_or_for_the_handlers_packages_and_never_for_both(wheel: Path) -> None:
    """The handler's need a compiler, Pulumi's SDK for AWS is 270 MB."""
    archive = zipfile.ZipFile(wheel)
    (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    required = re.findall(r"^Requires-Dist: (.+)$", archive.read(name).decode(), re.M)
    infra = [line for line in required if 'extra == "infra"' in line]
    assert sorted(re.split(r"[<>=;]", line)[0] for line in infra) == [
        "pulumi",
        "pulumi-aws",
        "pulumi-random",
    ]
    others = [line for line in required if line not in infra]
    assert all('extra == "handler"' in line for line in others)


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
