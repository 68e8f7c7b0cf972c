"""The lock file: exact versions with hashes, by name. What is not in it is not in the archive.

packages.in beside this module says what the handler needs, packages.lock which versions of it and
of all that it needs; Lambda's runtime client is in the lock as well, for archives that are run on
one's own machine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from aurora_graphql.archive.errors import BuildError

DECLARED: Final = Path(__file__).with_name("packages.in")
LOCK: Final = DECLARED.with_suffix(".lock")


def declared() -> list[str]:
    """What the handler needs, as requirements."""
    lines = [line.partition("#")[0].strip() for line in DECLARED.read_text("utf-8").splitlines()]
    return [line for line in lines if line]


@dataclass(frozen=True)
class Pin:
    """One locked package. ``hashes`` as pip writes them: ``sha256:...``."""

    name: str
    version: str
    hashes: tuple[str, ...]

    def line(self) -> str:
        """The requirement that only this version, with one of these hashes, satisfies."""
        return " ".join(
            (f"{self.name}=={self.version}", *(f"--hash={each}" for each in self.hashes))
        )


class Lock:
    """The pins of one lock file."""

    def __init__(self, pins: dict[str, Pin], file: str) -> None:
        self._pins = pins
        self._file = file

    @classmethod
    def load(cls, path: Path = LOCK) -> Lock:
        """Read a lock that ``make lock`` wrote."""
        text = path.read_text(encoding="utf-8").replace("\\\n", " ")
        pins: dict[str, Pin] = {}
        for line in filter(None, map(str.strip, text.splitlines())):
            requirement, *hashes = re.split(r"\s+--hash=", line)
            found = Requirement(requirement)
            version = re.fullmatch(r"==([^,*]+)", str(found.specifier))
            if version is None or not hashes:
                raise BuildError(f"{path.name}: {found.name} has no exact version or no hash")
            name = canonicalize_name(found.name)
            pins[name] = Pin(name, version[1], tuple(hashes))
        return cls(pins, path.name)

    def pin(self, name: str, *, wanted_by: str) -> Pin:
        """The pin of a package. Raises ``BuildError`` if there is none."""
        found = self._pins.get(canonicalize_name(name))
        if found is None:
            raise BuildError(f"{wanted_by} needs {name}, which {self._file} lacks: run make lock")
        return found
