"""The locked packages as wheels for the target, and nothing that no other package asks for.

The lock says which version of a package, the wheels say which packages they need: both are read
again for every build, so there is no list to keep.
"""

from __future__ import annotations

import hashlib
import sys
import tarfile
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

from aurora_graphql.archive.command import run
from aurora_graphql.archive.errors import BuildError
from aurora_graphql.archive.lock import DECLARED, Lock, Pin
from aurora_graphql.archive.target import Target

SOURCE_ONLY = frozenset({"tartiflette"})
"""Packages without wheels. Their code is Python of any version, and a library of any Python."""


@dataclass(frozen=True)
class Wheel:
    """One downloaded or built wheel. ``sha256`` (hex): of the file that the lock names."""

    name: str
    version: str
    path: Path
    sha256: str
    metadata: Message

    @property
    def requirements(self) -> list[Requirement]:
        """What its metadata asks for, conditions included."""
        return [Requirement(text) for text in self.metadata.get_all("Requires-Dist", [])]


def fetch_wheels(
    roots: Iterable[Requirement], lock: Lock, target: Target, folder: Path
) -> list[Wheel]:
    """Download what the roots need, in rounds, into ``folder``; by name.

    Raises ``BuildError`` for what the lock lacks or the target cannot run.
    """
    wheels: dict[str, Wheel] = {}
    asked: set[tuple[str, str]] = set()  # package, extra
    pending = [(DECLARED.name, each) for each in roots]
    while pending:
        pins = {
            pin.name: pin
            for pin in (lock.pin(each.name, wanted_by=by) for by, each in pending)
            if pin.name not in wheels
        }
        for wheel in _obtain(list(pins.values()), target, folder):
            wheels[wheel.name] = wheel
        satisfied = [(wheels[canonicalize_name(each.name)], each) for _, each in pending]
        pending = [
            (wheel.name, needed)
            for wheel, requirement in satisfied
            for needed in _needs(wheel, requirement, target, asked)
        ]
    return [wheels[name] for name in sorted(wheels)]


def _needs(
    wheel: Wheel, requirement: Requirement, target: Target, asked: set[tuple[str, str]]
) -> list[Requirement]:
    """What a package needs there, with the extras of one requirement; each is told once."""
    needed = []
    for extra in ("", *sorted(requirement.extras)):
        if (wheel.name, extra) in asked:
            continue
        asked.add((wheel.name, extra))
        needed += [
            each
            for each in wheel.requirements
            if each.marker is None or each.marker.evaluate({**target.markers, "extra": extra})
        ]
    return needed


def _obtain(pins: Sequence[Pin], target: Target, folder: Path) -> list[Wheel]:
    ready = [pin for pin in pins if pin.name not in SOURCE_ONLY]
    wheels = _download(ready, target, folder) if ready else []
    return wheels + [_build(pin, target, folder) for pin in pins if pin.name in SOURCE_ONLY]


def _download(pins: Sequence[Pin], target: Target, folder: Path) -> list[Wheel]:
    platforms = [f"--platform={tag}" for tag in target.platforms]
    _pip_download(
        pins,
        folder,
        "--only-binary=:all:",
        "--implementation=cp",
        f"--python-version={target.python}",
        *platforms,
        remedy=f"is the index reachable, and are there wheels for {target}?",
    )
    found = {}
    for path in folder.glob("*.whl"):
        name, version, _, _ = parse_wheel_filename(path.name)
        found[name, str(version)] = path
    return [_read(found[canonicalize_name(pin.name), pin.version]) for pin in pins]


def _build(pin: Pin, target: Target, folder: Path) -> Wheel:
    """Compile a source distribution, which can only be done on the CPU that it is for."""
    if not target.is_this_machine():
        raise BuildError(
            f"a function of @resolver gives objects, so the archive needs {pin.name}, which must "
            f"be compiled on Linux on {target.architecture}: run aurora-graphql package on "
            "such a machine or in a container, as docs/packaging.md shows, or choose another "
            "ARCHITECTURE"
        )
    options = ("--no-binary=:all:", "--no-build-isolation")
    _pip_download([pin], folder, *options, remedy="is the index reachable?")
    (packed,) = folder.glob(f"{pin.name}-{pin.version}.tar.gz")
    source = folder / "source"
    with tarfile.open(packed) as tar:
        tar.extractall(source, filter="data")
    # The paths of this build and the symbols for a debugger differ from build to build. The C++
    # library stays outside: linked in, Debian 12's asks for glibc 2.36.
    flags = f"-O2 -ffile-prefix-map={source}=."
    run(
        [
            *(*_PIP, "wheel", "--no-deps", "--no-build-isolation", "--no-cache-dir"),
            *(f"--wheel-dir={folder / 'built'}", source / f"{pin.name}-{pin.version}"),
        ],
        {"CFLAGS": flags, "CXXFLAGS": flags, "LDFLAGS": "-Wl,--strip-all"},
        remedy="it needs cmake, a C++ compiler and Python's headers; Debian: cmake g++ python3-dev",
    )
    (built,) = (folder / "built").glob("*.whl")
    return _read(built, original=packed)


_PIP = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input")


def _pip_download(pins: Sequence[Pin], folder: Path, *options: str, remedy: str) -> None:
    listed = folder / "requirements.txt"
    listed.write_text("".join(f"{pin.line()}\n" for pin in pins), encoding="utf-8")
    run(
        [
            *(*_PIP, "download", "--no-deps", "--require-hashes"),
            *(f"--dest={folder}", f"--requirement={listed}", *options),
        ],
        remedy=remedy,
    )


def _read(path: Path, *, original: Path | None = None) -> Wheel:
    name, version, _, _ = parse_wheel_filename(path.name)
    with zipfile.ZipFile(path) as wheel:
        (file,) = (each for each in wheel.namelist() if each.endswith(".dist-info/METADATA"))
        metadata = BytesParser().parsebytes(wheel.read(file))
    digest = hashlib.sha256((original or path).read_bytes()).hexdigest()
    return Wheel(name, str(version), path, digest, metadata)
