"""Which packages an archive gets: the locked ones that something in it asks for, by real pip."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.requirements import Requirement

from aurora_graphql.archive.errors import BuildError
from aurora_graphql.archive.lock import Lock, Pin
from aurora_graphql.archive.target import Target
from aurora_graphql.archive.wheels import fetch_wheels
from tests.aurora_graphql.archive.wheelhouse import lock_entry, write_wheel

TARGET = Target("3.13", "arm64")


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels that is all that pip can see."""
    folder = tmp_path / "house"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return folder


def fetch(tmp_path: Path, lock: str, *roots: str) -> dict[str, str]:
    """Versions by name."""
    (tmp_path / "test.lock").write_text(lock)
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    wheels = fetch_wheels(
        map(Requirement, roots), Lock.load(tmp_path / "test.lock"), TARGET, downloads
    )
    assert [wheel.name for wheel in wheels] == sorted(wheel.name for wheel in wheels)
    return {wheel.name: wheel.version for wheel in wheels}


def test_the_wheels_say_what_they_need(house: Path, tmp_path: Path) -> None:
    lock = write_wheel(
        house,
        "app",
        needs=[
            "library>=1",
            "fast; extra == 'speed'",
            "slow; extra == 'size'",
            "old; python_version < '3.13'",
            "intel; platform_machine == 'x86_64'",
            "windows; sys_platform == 'win32'",
        ],
    )
    lock += write_wheel(house, "library", needs=["app[speed]"])  # a circle, with an extra on it
    for name in ("fast", "slow", "old", "intel", "windows", "unasked"):
        lock += write_wheel(house, name, version="2.0")
    found = fetch(tmp_path, lock, "app")
    assert found == {"app": "1.0", "library": "1.0", "fast": "2.0"}


def test_a_wheel_of_the_target_is_chosen(house: Path, tmp_path: Path) -> None:
    lock = write_wheel(house, "tool", tag="cp313-cp313-manylinux_2_28_aarch64")
    write_wheel(house, "tool", tag="cp311-cp311-manylinux_2_28_x86_64")
    assert fetch(tmp_path, lock, "tool") == {"tool": "1.0"}


@pytest.mark.parametrize(
    "tag",
    [
        "cp313-cp313-manylinux_2_28_x86_64",
        "cp313-cp313-manylinux_2_35_aarch64",
        "cp313-cp313-musllinux_1_2_aarch64",
        "cp312-cp312-manylinux_2_28_aarch64",
    ],
)
def test_a_wheel_of_another_runtime_is_not(house: Path, tmp_path: Path, tag: str) -> None:
    lock = write_wheel(house, "tool", tag=tag)
    with pytest.raises(BuildError, match=r"are there wheels for python3\.13 on arm64"):
        fetch(tmp_path, lock, "tool")


def test_another_file_of_the_same_name_is_refused(house: Path, tmp_path: Path) -> None:
    write_wheel(house, "tool")
    with pytest.raises(BuildError, match="HASHES"):
        fetch(tmp_path, lock_entry("tool", "1.0", "0" * 64), "tool")


def test_what_is_not_locked_is_named(house: Path, tmp_path: Path) -> None:
    lock = write_wheel(house, "app", needs=["library"])
    with pytest.raises(BuildError, match=r"app needs library, which test\.lock lacks"):
        fetch(tmp_path, lock, "app")


def test_a_source_of_another_cpu_is_refused(
    house: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aurora_graphql.archive.target.platform.machine", lambda: "x86_64")
    with pytest.raises(BuildError, match="must be compiled on Linux on arm64"):
        fetch(tmp_path, lock_entry("tartiflette", "1.4.1", "0" * 64), "tartiflette")


def test_a_lock_is_read_with_its_conditions(tmp_path: Path) -> None:
    text = (
        "some-name==1.0 ; python_version < '3.13' \\\n    --hash=sha256:a \\\n    --hash=sha256:b\n"
    )
    (tmp_path / "test.lock").write_text(text)
    pin = Lock.load(tmp_path / "test.lock").pin("Some_Name", wanted_by="a test")
    assert pin == Pin("some-name", "1.0", ("sha256:a", "sha256:b"))
    assert pin.line() == "some-name==1.0 --hash=sha256:a --hash=sha256:b"


@pytest.mark.parametrize("line", ["a>=1 --hash=sha256:a", "a==1", "a==1.* --hash=sha256:a"])
def test_a_lock_without_version_or_hash_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "test.lock").write_text(f"{line}\n")
    with pytest.raises(BuildError, match=r"test\.lock: a has no exact version or no hash"):
        Lock.load(tmp_path / "test.lock")
