"""The script that puts MySQL and Valkey beside the system: on a Debian whose commands are ours."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "aurora_graphql" / "dev" / "unpack.sh"
APT = """\
case " $* " in
*" indextargets "*)
    echo "bookworm-updates main mirror:/updates"
    echo "bookworm main mirror:/debian"
    ;;
*) {work} ;;
esac
"""
DEBIAN = "ID=debian\nVERSION_CODENAME=bookworm\n"
COMMANDS = {
    "apt-config": "echo 'Acquire::Retries \"7\";'; echo 'DPkg::Post-Invoke:: \"rm all\";'",
    "dpkg-deb": '[ "$1:$#" = --extract:3 ] && mkdir -p "$3" && tar -xf "$2" -C "$3"',
    "flock": "exit 0",
}
REFUSES = 'echo "E: the mirror is away"; exit 100'
FETCHES = """\
folder=$(dirname "$APT_CONFIG")
cat "$folder/etc/sources.list" "$APT_CONFIG" >"{seen}"
case " $* " in
*" install "*) cp "{package}" "$folder/cache/archives/" ;;
esac
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package of one file, as an archive that ``dpkg-deb`` of these tests unpacks."""
    built = tmp_path / "mysqld_1_all.deb"
    with tarfile.open(built, "w") as file:
        content = b"a server\n"
        member = tarfile.TarInfo("usr/sbin/mysqld")
        member.size = len(content)
        file.addfile(member, io.BytesIO(content))
    return built


def run(folder: Path, work: str, release: str = DEBIAN) -> subprocess.CompletedProcess[str]:
    """Run the script on such a system, where ``apt-get`` does this work."""
    commands = folder / "commands"
    commands.mkdir(exist_ok=True)
    for name, text in {**COMMANDS, "apt-get": APT.replace("{work}", work)}.items():
        (commands / name).write_text(f"#!/bin/sh\n{text}\n")
        (commands / name).chmod(0o755)
    (folder / "os-release").write_text(release)
    script = SCRIPT.read_text().replace("/etc/os-release", str(folder / "os-release"))
    return subprocess.run(
        ["sh", "-c", script],
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


@pytest.mark.parametrize(
    ("release", "told"),
    [
        pytest.param("ID=ubuntu\nVERSION_CODENAME=noble\n", "this is not Debian", id="another"),
        pytest.param(
            "ID=debian\nVERSION_CODENAME=forky\n",
            "apt's sources name no mirror of Debian's forky",
            id="no-mirror",
        ),
    ],
)
def test_a_system_that_has_no_mirror_of_debian_is_told_so(
    tmp_path: Path, package: Path, release: str, told: str
) -> None:
    done = run(tmp_path, FETCHES.format(seen=tmp_path / "seen", package=package), release)
    assert (done.returncode, done.stderr.splitlines()) == (
        1,
        [
            told,
            "no MySQL and no Valkey: the packages cannot be fetched, and none were kept",
        ],
    )
    assert unpacked(tmp_path) == []
