"""What to build, read from the environment of ``aurora-graphql package``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from aurora_graphql.archive.errors import BuildError
from aurora_graphql.archive.target import Target, this_architecture
from aurora_graphql.project_file import Project

PYTHON: Final = "3.13"


@dataclass(frozen=True, kw_only=True)
class Options:
    """One archive: for which runtime, of which API, and where it is written."""

    target: Target
    output: Path
    sdl: Path
    migrations: Path | None  # None: the tables are not made by this API
    mappings: Path  # of the ingest
    stacks: Path  # where Pulumi.yaml and the stacks' files are
    resolvers: str = ""  # the module of the Python resolvers, as the handler is given it
    resolvers_root: Path  # where that module is
    rds_ca: Path | None = None  # certificates that the database's are checked against; or fetched
    bytecode_required: bool = False  # an archive without bytecode is an error, not a note

    @classmethod
    def choose(cls, project: Project, environ: Mapping[str, str]) -> Self:
        """What the project says, and over it SDL_DIR, MIGRATIONS_DIR and RESOLVERS.

        Of this command are PYTHON_VERSION, ARCHITECTURE, RDS_CA_BUNDLE and BYTECODE_REQUIRED. Empty
        counts as absent.

        Raises ``BuildError``.
        """
        given = project.environ(environ)
        rds_ca = Path(environ["RDS_CA_BUNDLE"]) if environ.get("RDS_CA_BUNDLE") else None
        if rds_ca is not None and not rds_ca.is_file():
            raise BuildError(f"RDS_CA_BUNDLE is {str(rds_ca)!r}, which is no file")
        return cls(
            target=Target.choose(
                environ.get("PYTHON_VERSION") or PYTHON,
                environ.get("ARCHITECTURE") or this_architecture(),
            ),
            output=project.dist,
            sdl=project.sdl_in_use(environ),
            migrations=project.migrations_in_use(environ),
            mappings=project.mappings,
            stacks=project.stacks,
            resolvers=given.get("RESOLVERS", ""),
            resolvers_root=project.folder,
            rds_ca=rds_ca,
            bytecode_required=is_on(environ, "BYTECODE_REQUIRED"),
        )


def is_on(environ: Mapping[str, str], name: str) -> bool:
    """Whether a switch of the environment is set; empty, ``0`` and ``off`` are not."""
    return environ.get(name, "") not in ("", "0", "off")
