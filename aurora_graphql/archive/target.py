"""The Lambda runtime that an archive is for: Python, CPU, and what its system libraries offer."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, Self, cast

from aurora_graphql.archive.errors import BuildError

Architecture = Literal["arm64", "x86_64"]

PYTHONS: Final = ("3.12", "3.13")
GLIBC: Final = "2.34"

# Lambda's python3.12 and python3.13 run on Amazon Linux 2023: glibc 2.34 and the libraries of
# GCC 11. Later releases of Amazon Linux 2023 got those of GCC 14, Lambda's image did not:
# https://github.com/amazonlinux/container-images/issues/132
# https://docs.aws.amazon.com/linux/al2023/ug/core-glibc.html
# https://gcc.gnu.org/onlinedocs/libstdc++/manual/abi.html
SYMBOL_VERSIONS: Final[Mapping[str, tuple[int, ...]]] = {
    "GLIBC": (2, 34),
    "GLIBCXX": (3, 4, 29),
    "CXXABI": (1, 3, 13),
    "GCC": (11, 0),
}
"""The newest version of each family of symbols that a shared object may ask for."""

SYSTEM_LIBRARIES: Final = frozenset(
    {
        "ld-linux-aarch64.so.1",
        "ld-linux-x86-64.so.2",
        "libc.so.6",
        "libdl.so.2",
        "libgcc_s.so.1",
        "libm.so.6",
        "libpthread.so.0",
        "librt.so.1",
        "libstdc++.so.6",
        "libutil.so.1",
    }
)
"""Libraries that the runtime has; any other one has to be in the archive."""

_MACHINES: Final[Mapping[Architecture, str]] = {"arm64": "aarch64", "x86_64": "x86_64"}
_OLDEST_MINOR: Final = 17  # of the glibc that manylinux wheels of today ask for


@dataclass(frozen=True)
class Target:
    """One runtime. ``architecture`` is Lambda's name of the CPU."""

    python: str
    architecture: Architecture

    @classmethod
    def choose(cls, python: str, architecture: str) -> Self:
        """Raises ``BuildError`` for what Lambda or this archive does not run on."""
        if python not in PYTHONS:
            raise BuildError(f"PYTHON_VERSION is {python!r}; write {' or '.join(PYTHONS)}")
        if architecture not in _MACHINES:
            raise BuildError(f"ARCHITECTURE is {architecture!r}; write {' or '.join(_MACHINES)}")
        return cls(python, cast(Architecture, architecture))

    @property
    def machine(self) -> str:
        """Linux's name of the CPU."""
        return _MACHINES[self.architecture]

    @property
    def platforms(self) -> list[str]:
        """The platform tags of wheels that run there, newest first."""
        newest = int(GLIBC.partition(".")[2])
        tags = [
            f"manylinux_2_{minor}_{self.machine}" for minor in range(newest, _OLDEST_MINOR - 1, -1)
        ]
        return [*tags, f"manylinux2014_{self.machine}"]

    @property
    def markers(self) -> dict[str, str]:
        """The environment in which the conditions of requirements are read."""
        return {
            "implementation_name": "cpython",
            "implementation_version": f"{self.python}.0",
            "os_name": "posix",
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Linux",
            "platform_version": "",
            "python_full_version": f"{self.python}.0",
            "python_version": self.python,
            "sys_platform": "linux",
        }

    def is_this_machine(self) -> bool:
        """Whether what a compiler makes here runs there, as far as the CPU goes."""
        return platform.system() == "Linux" and platform.machine() == self.machine

    def __str__(self) -> str:
        return f"python{self.python} on {self.architecture}"


def this_architecture() -> str:
    """Lambda's name of this machine's CPU, or the machine's own name for one it has not."""
    names = {linux: name for name, linux in _MACHINES.items()}
    return names.get(platform.machine(), platform.machine())
