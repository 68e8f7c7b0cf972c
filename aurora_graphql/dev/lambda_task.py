"""What the real runtime client runs: the checkout, or an archive of ``aurora-graphql package``.

An archive is unpacked and run by the Python it was built for, which sees its own library, the
runtime's client and the archive, and no other package of this machine: as in Lambda.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from aurora_graphql.archive.api import needed_requirements
from aurora_graphql.archive.bytecode import find_python
from aurora_graphql.archive.errors import BuildError
from aurora_graphql.archive.lock import Lock
from aurora_graphql.archive.target import Target
from aurora_graphql.archive.wheels import fetch_wheels
from aurora_graphql.archive.writing import MANIFEST
from aurora_graphql.errors import ToolError
from aurora_graphql.installed import PACKAGES

CLIENT = "awslambdaric"
# As /var/runtime/bootstrap.py does it: the task first, then what the runtime brings.
_PROGRAM = """
import sys
sys.path[:0] = sys.argv[1:3]
from awslambdaric.__main__ import main
main(["bootstrap", *sys.argv[3:]])
"""


class TaskError(ToolError):
    """The function cannot be run here; the text says what to do."""


@dataclass(frozen=True)
class Task:
    """``folder`` takes the place of /var/task; ``command`` is the client, without the handler.

    ``variables``: those that the function may be given on AWS; None: whatever there is.
    """

    folder: Path
    command: Sequence[str]
    python: str
    variables: frozenset[str] | None = None


def checkout() -> Task:
    """The code as it stands, of the Python that runs this.

    Raises ``TaskError`` where that has no runtime client.
    """
    if find_spec(CLIENT) is None:
        raise TaskError(
            f"Lambda's runtime client is not installed: pip install {CLIENT}, or run an archive,"
            " which gets one of its own: aurora-graphql package, and then"
            " ARCHIVE=dist/handler.zip aurora-graphql dev --lambda"
        )
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return Task(PACKAGES, (sys.executable, "-m", CLIENT), version)


def unpack(archive: Path, folder: Path) -> Task:
    """Unpack an archive and the runtime's client into an empty folder.

    Raises ``TaskError`` for an archive without its manifest, or without a Python to run it.
    """
    try:
        manifest = json.loads((archive.parent / MANIFEST).read_bytes())
        packed = archive.read_bytes()
        expected, variables = manifest["archive_sha256"], frozenset(manifest["variables"])
        wanted = manifest["python"], manifest["architecture"]
    except OSError as error:
        raise TaskError(f"{error.filename} cannot be read: run aurora-graphql package") from error
    except (ValueError, TypeError, KeyError) as error:
        raise TaskError(
            f"{archive.parent / MANIFEST} is damaged: run aurora-graphql package"
        ) from error
    digest = base64.b64encode(hashlib.sha256(packed).digest()).decode()
    if digest != expected:
        raise TaskError(f"{archive} is not the one of its manifest: run aurora-graphql package")
    try:
        target = Target.choose(*wanted)
        python = find_python(target) if target.is_this_machine() else None
        if python is None:
            raise TaskError(
                f"{archive} is for {target}, which is not on this machine; install that Python, "
                f"or run the checkout, without ARCHIVE"
            )
        task, runtime = folder / "task", folder / "runtime"
        with zipfile.ZipFile(archive) as zipped:
            zipped.extractall(task)
        _install_client(target, runtime, folder / "wheels")
    except BuildError as error:
        raise TaskError(str(error)) from error
    # -S: without the packages that this Python has beside its own library
    command = (str(python), "-I", "-S", "-B", "-c", _PROGRAM, str(task), str(runtime))
    return Task(task, command, target.python, variables)


def _install_client(target: Target, runtime: Path, downloads: Path) -> None:
    """The client of the lock, for that Python: Lambda's own is of the same source."""
    downloads.mkdir()
    roots = needed_requirements([CLIENT], tartiflette=True)
    for wheel in fetch_wheels(roots, Lock.load(), target, downloads):
        with zipfile.ZipFile(wheel.path) as zipped:
            zipped.extractall(runtime)
