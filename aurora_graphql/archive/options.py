"""What to build, read from the environment of ``make package``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from aurora_graphql.archive.errors import BuildError
from aurora_graphql.archive.target import Target, this_architecture

PROJECT: Final = Path(__file__).resolve().parents[2]
PYTHON: Final = "3.13"


@dataclass(frozen=True, kw_only=True)
class Options:
    """One archive: for which runtime, of which API, and where it is written."""

    target: Target
    output: Path
    sdl: Path = PROJECT / "sdl"
    migrations: Path = PROJECT / "migrations"
    mappings: Path = PROJECT / "data" / "mappings"  # of the ingest
    resolvers: str = ""  # the module of the Python resolvers, as the handler is given it
    resolvers_root: Path = PROJECT  # where that module is
    stacks: Path = PROJECT  # where Pulumi.yaml and the stacks' files are
    rds_ca: Path | None = None  # certificates that the database's are checked against; or fetched
    bytecode_required: bool = False  # an archive without bytecode is an error, not a note

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Self:
        """PYTHON_VERSION, ARCHITECTURE, RESOLVERS, RDS_CA_BUNDLE and BYTECODE_REQUIRED.

        Empty counts as absent.

        Raises ``BuildError``.
        """
        rds_ca = Path(environ["RDS_CA_BUNDLE"]) if environ.get("RDS_CA_BUNDLE") else None
        if rds_ca is not None and not rds_ca.is_file():
            raise BuildError(f"RDS_CA_BUNDLE is {str(rds_ca)!r}, which is no file")
        return cls(
            target=Target.choose(
                environ.get("PYTHON_VERSION") or PYTHON,
                environ.get("ARCHITECTURE") or this_architecture(),
            ),
            output=PROJECT / "dist",
            resolvers=environ.get("RESOLVERS", ""),
            rds_ca=rds_ca,
            bytecode_required=is_on(environ, "BYTECODE_REQUIRED"),
        )


def is_on(environ: Mapping[str, str], name: str) -> bool:
    """Whether a switch of the environment is set; empty, ``0`` and ``off`` are not."""
    return environ.get(name, "") not in ("", "0", "off")
