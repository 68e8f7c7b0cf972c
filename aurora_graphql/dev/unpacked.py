"""The servers that ``unpack.sh`` has put beside the system, and how they are started.

They are of a newer Debian than this machine and run with its libraries, by its loader.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aurora_graphql.dev.servers import ServerError

SCRIPT: Final = Path(__file__).with_name("unpack.sh")


@dataclass(frozen=True)
class Unpacked:
    """The folder that stands for the root of that Debian."""

    root: Path

    @classmethod
    def find(cls) -> Unpacked:
        """``ServerError`` if nothing has been unpacked."""
        found = cls(cache_folder() / "root")
        if not found.root.is_dir():
            raise ServerError(
                "this machine has no MySQL or no Valkey; install it, or have both unpacked beside"
                f" the system of a Debian: sh {SCRIPT}"
            )
        return found

    def file(self, path: str) -> Path:
        """A file of it, by the path below ``/usr``; ``ServerError`` if it is not there."""
        found = self.root / "usr" / path
        if not found.exists():
            raise ServerError(f"{found} is missing; remove {self.root}, then: sh {SCRIPT}")
        return found

    def command(self, program: str) -> list[str]:
        """What starts a program, ``program`` being its path below ``/usr``."""
        usr = self.root / "usr"
        loaders = sorted(usr.glob("lib*/ld-linux-*.so.*"))
        if not loaders:
            raise ServerError(f"no loader in {usr}; remove {self.root}, then: sh {SCRIPT}")
        libraries = ":".join(str(each) for each in sorted(usr.glob("lib/*-linux-gnu*")))
        return [str(loaders[0]), "--library-path", libraries, str(self.file(program))]


def cache_folder() -> Path:
    """Where ``aurora_graphql/dev/unpack.sh`` puts them, for all checkouts of this user."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "aurora-graphql" / "servers"
