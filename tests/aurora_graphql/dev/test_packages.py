"""The script that installs Debian packages: what it does where it may not install."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "aurora_graphql" / "dev" / "packages.sh"


@pytest.fixture
def commands(tmp_path: Path) -> Path:
    """A folder with all the commands there are: a user who is not root, and apt-get."""
    for name, text in (("id", "echo 1000"), ("apt-get", "exit 1")):
        _command(tmp_path / name, text)
    return tmp_path


def _command(file: Path, text: str) -> None:
    file.write_text(f"#!{shutil.which('sh')}\n{text}\n")
    file.chmod(0o755)


def _run(commands: Path, *purposes: str) -> subprocess.CompletedProcess[str]:
    shell = shutil.which("sh")
    assert shell
    return subprocess.run(
        [shell, str(SCRIPT), *purposes],
        env={"PATH": str(commands)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_the_right_to_install_it_tells_the_command(commands: Path) -> None:
    done = _run(commands, "browse")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "missing Debian packages, and no right to install them; as root, type:",
        "    apt-get update && apt-get install --yes --no-install-recommends"
        " chromium chromium-driver",
    ]


def test_only_what_is_missing_is_named(commands: Path) -> None:
    _command(commands / "chromium", "exit 0")
    assert _run(commands, "browse").stderr.endswith("--no-install-recommends chromium-driver\n")


def test_elsewhere_than_on_debian_it_names_the_packages(commands: Path) -> None:
    (commands / "apt-get").unlink()
    assert _run(commands, "browse").stderr == (
        "missing on this machine (names of the Debian packages): chromium chromium-driver\n"
    )


def test_nothing_is_said_or_done_when_everything_is_there(commands: Path) -> None:
    for name in ("chromium", "chromedriver"):
        _command(commands / name, "exit 0")
    done = _run(commands, "browse")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_an_unknown_purpose_is_refused(commands: Path) -> None:
    done = _run(commands, "swim")
    assert done.returncode == 2
    assert "unknown purpose 'swim'; write python, build, serve or browse" in done.stderr
