"""The files of an archive, laid out in a folder as Lambda will see them in /var/task."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from aurora_graphql.archive.errors import BuildError
from aurora_graphql.archive.wheels import Wheel
from components.archive import CA_FILE, package_files

GRAPHIQL = "graphiql"
ANSWER_BYTES = 6_250_000  # with the headers it must stay below 6,291,456

UNWANTED_PACKAGES = frozenset(
    {"boto3", "botocore", "pip", "pulumi", "pulumi-aws", "pulumi-random", "setuptools", "wheel"}
)
"""Lambda brings the AWS SDK; the others are tools of the developer's machine."""

_UNWANTED_SUFFIXES = (".c", ".h", ".pxd", ".pyc", ".pyi", ".pyx")
_UNWANTED_FOLDERS = {"__pycache__", "test", "tests"}
_UNWANTED_AT_THE_TOP = {"docs", "examples"}  # where a maker packed the whole repository
_INSTALLER_FILES = {"INSTALLER", "RECORD", "REQUESTED", "direct_url.json"}


def add_wheels(stage: Path, wheels: Iterable[Wheel]) -> None:
    """Unpack packages beside each other, without their tests, sources in C and type stubs."""
    for wheel in wheels:
        if wheel.name in UNWANTED_PACKAGES:
            raise BuildError(f"a dependency asks for {wheel.name}, which must not be deployed")
        with zipfile.ZipFile(wheel.path) as packed:
            for member in packed.namelist():
                place = _place(member)
                if place is not None:
                    _write(stage, place, packed.read(member))


def add_code(stage: Path, root: Path, module: str) -> None:
    """Copy a top level module or package of the project, with the data that it reads.

    ``module`` may be dotted: everything below its first name is taken.
    """
    name = module.partition(".")[0]
    package, file = root / name, root / f"{name}.py"
    if package.is_dir():
        for path in package_files(package):
            _write(stage, path.relative_to(root).as_posix(), path.read_bytes())
    elif file.is_file():
        _write(stage, file.name, file.read_bytes())
    else:
        raise BuildError(f"there is no {name}/ or {name}.py in {root}; it should hold {module}")


def add_tree(stage: Path, source: Path, pattern: str, name: str) -> None:
    """Copy the files of a folder that match, under another name."""
    for path in sorted(source.rglob(pattern)):
        if path.is_file():
            place = PurePosixPath(name, path.relative_to(source).as_posix())
            _write(stage, str(place), path.read_bytes())


def add_certificates(stage: Path, pem: bytes) -> None:
    """Write the certificates that those of database, proxy and cache are checked against."""
    _write(stage, CA_FILE, pem)


def add_graphiql(stage: Path, source: Path) -> None:
    """Copy GraphiQL's files, each of which one answer of the function carries.

    Those of the local server's page stay behind: what they ask for no deployed API has.
    """
    for path in sorted(source.rglob("*")):
        if path.suffix not in (".css", ".js", ".txt") or path.name.startswith("local."):
            continue
        content = path.read_bytes()
        size = len(json.dumps(content.decode(), ensure_ascii=False).encode())
        if size > ANSWER_BYTES:
            raise BuildError(
                f"GraphiQL's {path.name} takes {size} bytes of an answer, and Lambda carries "
                f"{ANSWER_BYTES}: write apiGraphiql: false in every Pulumi.<stack>.yaml"
            )
        _write(stage, f"{GRAPHIQL}/{path.name}", content)


def clear(stage: Path) -> None:
    """An empty folder."""
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(parents=True)


def _place(member: str) -> str | None:
    """Where a file of a wheel goes, None: nowhere.

    Source: https://packaging.python.org/en/latest/specifications/binary-distribution-format/
    """
    parts = PurePosixPath(member).parts
    if parts[0].endswith(".data"):
        if parts[1] not in ("purelib", "platlib"):
            return None  # scripts, headers
        parts = parts[2:]
    if member.endswith(("/", *_UNWANTED_SUFFIXES)) or _UNWANTED_FOLDERS & set(parts[:-1]):
        return None
    if parts[0] in _UNWANTED_AT_THE_TOP:
        return None
    if parts[0].endswith(".dist-info") and parts[-1] in _INSTALLER_FILES:
        return None
    return "/".join(parts)


def _write(stage: Path, place: str, content: bytes) -> None:
    path = stage / place
    if not path.resolve().is_relative_to(stage.resolve()):
        raise BuildError(f"a package holds the path {place!r}, which leaves the archive")
    if path.exists() and path.read_bytes() != content:
        raise BuildError(f"two packages hold different files {place!r}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
