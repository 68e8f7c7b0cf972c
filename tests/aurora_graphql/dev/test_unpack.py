"""The script that puts MySQL and Valkey beside the system, on an apt that does as it is told."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "aurora_graphql" / "dev" / "unpack.sh"
APT = """\
case " $* " in
*" indextargets "*)
    . /etc/os-release
    echo "$VERSION_CODENAME-updates main mirror:/updates"
    echo "$VERSION_CODENAME main mirror:/debian"
    ;;
*) {work} ;;
esac
"""
REFUSES = 'echo "E: the mirror is away"; exit 100'
FETCHES = """\
folder=$(dirname "$APT_CONFIG")
cat "$folder/etc/sources.list" "$APT_CONFIG" >"{seen}"
case " $* " in
*" install "*) cp "{package}" "$folder/cache/archives/" ;;
esac
"""

pytestmark = pytest.mark.skipif(
    shutil.which("dpkg-deb") is None or "\nID=debian\n" not in Path("/etc/os-release").read_text(),
    reason="of Debian",
)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package of one file."""
    tree = tmp_path / "tree"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN" / "control").write_text(
        "Package: mysqld\nVersion: 1\nArchitecture: all\nMaintainer: a <a@a.test>\n"
        "Description: a server\n"
    )
    (tree / "usr" / "sbin").mkdir(parents=True)
    (tree / "usr" / "sbin" / "mysqld").write_text("a server\n")
    built = tmp_path / "mysqld_1_all.deb"
    subprocess.run(["dpkg-deb", "--build", tree, built], check=True, stdout=subprocess.DEVNULL)
    return built


def run(folder: Path, work: str) -> subprocess.CompletedProcess[str]:
    """Run the script, for which ``apt-get`` does this work."""
    commands = folder / "commands"
    commands.mkdir(exist_ok=True)
    for name, text in (
        ("apt-get", APT.replace("{work}", work)),
        ("apt-config", "echo 'Acquire::Retries \"7\";'; echo 'DPkg::Post-Invoke:: \"rm all\";'"),
    ):
        (commands / name).write_text(f"#!/bin/sh\n{text}\n")
        (commands / name).chmod(0o755)
    return subprocess.run(
        ["sh", str(SCRIPT)],
        env={
            "PATH": f"{commands}:{os.environ['PATH']}",
            "HOME": str(folder),
            "XDG_CACHE_HOME": str(folder / "cache"),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def unpacked(folder: Path) -> list[Path]:
    root = folder / "cache" / "aurora-graphql" / "servers" / "root"
    return [each.relative_to(root) for each in sorted(root.rglob("*")) if each.is_file()]


def test_packages_come_from_the_machines_own_mirror_and_are_unpacked_once(
    tmp_path: Path, package: Path
) -> None:
    seen = tmp_path / "seen"
    fetches = FETCHES.format(seen=seen, package=package)
    done = run(tmp_path, fetches)
    assert (done.returncode, done.stderr) == (0, "")
    assert unpacked(tmp_path) == [Path("usr/sbin/mysqld")]
    told = seen.read_text()
    assert told.startswith(
        "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] mirror:/debian sid main\n"
    )
    assert 'Acquire::Retries "7";' in told
    assert "Post-Invoke" not in told
    again = run(tmp_path, REFUSES)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")


def test_without_the_mirror_it_takes_the_packages_that_were_kept(
    tmp_path: Path, package: Path
) -> None:
    kept = tmp_path / "cache" / "aurora-graphql" / "servers" / "packages"
    kept.mkdir(parents=True)
    shutil.copy(package, kept)
    done = run(tmp_path, REFUSES)
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "E: the mirror is away",
        "the packages cannot be fetched: taking those that were kept",
    ]
    assert unpacked(tmp_path) == [Path("usr/sbin/mysqld")]


def test_without_mirror_and_packages_it_says_why_there_is_nothing(tmp_path: Path) -> None:
    done = run(tmp_path, REFUSES)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "E: the mirror is away",
        "no MySQL and no Valkey: the packages cannot be fetched, and none were kept",
    ]
    assert unpacked(tmp_path) == []
