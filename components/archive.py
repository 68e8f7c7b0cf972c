"""The Lambda archive on disk and its manifest; creates nothing.

``aurora-graphql package`` writes both. Runtime and CPU come from the manifest, so the program
cannot ask for another Python than the archive was built for.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, cast

MANIFEST_VERSION: Final = 1

CA_FILE: Final = "rds-ca.pem"
"""In the archive, beside the handler: the authorities that its functions trust."""

MAX_UNZIPPED_BYTES: Final = 262_144_000
"""Lambda's quota: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

_PYTHONS: Final = ("3.11", "3.12", "3.13", "3.14")
_REMEDY: Final = "run aurora-graphql package"


class ArchiveError(Exception):
    """The archive is absent or does not belong to these sources; the text says what to run."""


def tree_sha256(folder: Path | None, pattern: str) -> str:
    """Hash of the files of ``folder`` that match ``pattern``: names and contents, nothing else.

    None: of no files.

    It is the SHA-256 of what ``sha256sum`` prints for the files in the order of their names, so a
    shell can check it.
    """
    if folder is None:
        return hashlib.sha256(b"").hexdigest()
    return _sha256(folder, (path for path in folder.rglob(pattern) if path.is_file()))


def package_files(folder: Path) -> list[Path]:
    """What an archive takes of a Python package: its modules and the data that they read.

    Caches of Python, pages in Markdown and what is for type checkers stay out.
    """
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and "__pycache__" not in path.parts
        and path.suffix not in (".pyc", ".md")
        and path.name != "py.typed"
    ]


def package_sha256(folder: Path) -> str:
    """``tree_sha256`` of what an archive takes of a Python package."""
    return _sha256(folder, package_files(folder))


def _sha256(folder: Path, files: Iterable[Path]) -> str:
    named = sorted((path.relative_to(folder).as_posix(), path) for path in files)
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {name}\n" for name, path in named]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Archive:
    """A zip file for Lambda and what its manifest says about it."""

    path: Path
    sha256: str  # base64, as Lambda compares it
    runtime: str  # "python3.13"
    architecture: Literal["arm64", "x86_64"]
    sdl_sha256: str  # hex, of sdl/*.graphql
    migrations_sha256: str  # hex, of migrations/*.sql
    handler_sha256: str  # hex, of what it takes of handler/
    mappings_sha256: str = ""  # hex, of the ingest's mappings (*.toml)
    variables: tuple[str, ...] = ()  # of the environment, that the handler in it reads
    prepared: tuple[Mapping[str, str | None], ...] = ({},)
    """Choices of variables that it is prepared for; None: a variable that is not set."""
    authorities: tuple[str, ...] = ()  # common names of whose certificates its functions trust
    resolvers: str = ""  # the module of Python resolvers in it; empty: none
    graphiql: bool = False  # whether it holds the files that GraphiQL's page loads

    @property
    def supports_snapstart(self) -> bool:
        """Lambda restores Python from a snapshot since 3.12."""
        return self.runtime != "python3.11"

    def check_prepared(self, variables: Mapping[str, str]) -> None:
        """Raise ``ArchiveError`` unless it is prepared for a function with these variables.

        Without, the handler would give the same answers, but start slowly, every time.
        """
        for choice in self.prepared:
            if all(variables.get(name) == value for name, value in choice.items()):
                return
        names = {name for choice in self.prepared for name in choice}
        chosen = {name: value for name, value in variables.items() if name in names}
        known = " or ".join(_written(choice) for choice in self.prepared)
        raise ArchiveError(
            f"functionVariables has {_written(chosen)}, and {self.path} is prepared for {known}: "
            f"{_REMEDY}, which reads functionVariables in every Pulumi.<stack>.yaml"
        )

    def check_graphiql(self) -> None:
        """Raise ``ArchiveError`` unless it holds GraphiQL: its page would load for ever."""
        if not self.graphiql:
            raise ArchiveError(
                f"apiGraphiql is true, and {self.path} holds no GraphiQL: {_REMEDY}, which reads "
                "apiGraphiql in every Pulumi.<stack>.yaml"
            )

    def check_trust(self, *, region: str, trust_services: bool) -> None:
        """Raise ``ArchiveError`` unless its functions can check the certificates they will meet.

        A cluster's is signed by an authority of RDS in its ``region``; those of RDS Proxy and of
        ElastiCache by Amazon Trust Services. Without, no function that needs them would start.
        """
        if not self.authorities:
            raise ArchiveError(
                f"{self.path} holds no certificates, by which the functions know the database: "
                f"{_REMEDY}, which fetches them"
            )
        if not any(name.startswith(f"Amazon RDS {region} ") for name in self.authorities):
            raise ArchiveError(
                f"{self.path} holds no certificate authority of RDS in {region}: write "
                f"aws:region in Pulumi.<stack>.yaml and {_REMEDY}, or RDS_CA_BUNDLE=file "
                "aurora-graphql package with the bundle of that region (docs/packaging.md)"
            )
        if trust_services and not any(
            name.startswith("Amazon Root CA ") for name in self.authorities
        ):
            raise ArchiveError(
                f"{self.path} holds no certificate authority of Amazon Trust Services, by which "
                "RDS Proxy and ElastiCache are known: add AmazonRootCA1.pem to 4 to the file of "
                "RDS_CA_BUNDLE (docs/packaging.md)"
            )

    @classmethod
    def load(
        cls,
        directory: Path,
        *,
        sdl: Path | None = None,
        migrations: Path | None = None,
        mappings: Path | None = None,
        handler: Path | None = None,
    ) -> Archive:
        """Read ``directory/manifest.json`` and check it against the zip and the folders.

        The folders are those of its sources, where they are at hand. ``migrations``: None where the
        tables are made elsewhere; ``mappings``: of the ingest, if there is one. Raises
        ``ArchiveError`` if the archive is absent, damaged, or older than one of the folders.
        """
        manifest = _read_manifest(directory / "manifest.json")
        path = directory / _text(manifest, "archive")
        if not path.is_file():
            raise ArchiveError(f"{path} does not exist: {_REMEDY}")
        digest = base64.b64encode(hashlib.sha256(path.read_bytes()).digest()).decode()
        if digest != _text(manifest, "archive_sha256"):
            raise ArchiveError(f"{path} is not the file its manifest describes: {_REMEDY}")
        sources: list[tuple[str, Path | None, str]] = []
        if sdl is not None:
            sources += [
                ("sdl_sha256", sdl, tree_sha256(sdl, "*.graphql")),
                ("migrations_sha256", migrations, tree_sha256(migrations, "*.sql")),
            ]
        if mappings is not None:
            sources.append(("mappings_sha256", mappings, tree_sha256(mappings, "*.toml")))
        if handler is not None:
            sources.append(("handler_sha256", handler, package_sha256(handler)))
        for key, folder, current in sources:
            if _text(manifest, key) != current:
                name = folder.name if folder is not None else "migrations"
                raise ArchiveError(f"{name}/ changed since {path} was built: {_REMEDY}")
        python = _text(manifest, "python")
        architecture = _text(manifest, "architecture")
        if python not in _PYTHONS:
            raise ArchiveError(f"manifest.json: python must be one of {_PYTHONS}, got {python}")
        if architecture not in ("arm64", "x86_64"):
            raise ArchiveError(f"manifest.json: architecture is {architecture}, not Lambda's")
        unzipped = manifest.get("bytes_unzipped", 0)
        if unzipped > MAX_UNZIPPED_BYTES:
            raise ArchiveError(
                f"{path} unzips to {unzipped} bytes; Lambda takes at most {MAX_UNZIPPED_BYTES}"
            )
        return cls(
            path=path,
            sha256=digest,
            runtime=f"python{python}",
            architecture=cast(Literal["arm64", "x86_64"], architecture),
            sdl_sha256=_text(manifest, "sdl_sha256"),
            migrations_sha256=_text(manifest, "migrations_sha256"),
            mappings_sha256=str(manifest.get("mappings_sha256") or ""),
            handler_sha256=_text(manifest, "handler_sha256"),
            variables=_texts(manifest, "variables"),
            prepared=_prepared(manifest),
            authorities=_texts(manifest, "rds_ca_authorities"),
            resolvers=str(manifest.get("resolvers_module") or ""),
            graphiql=manifest.get("graphiql") is True,
        )


def _read_manifest(path: Path) -> Mapping[str, Any]:
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ArchiveError(f"{path} does not exist: {_REMEDY}") from None
    except ValueError as exc:
        raise ArchiveError(f"{path} is not JSON ({exc}): {_REMEDY}") from exc
    if not isinstance(manifest, dict) or manifest.get("version") != MANIFEST_VERSION:
        raise ArchiveError(f"{path} is not a manifest of version {MANIFEST_VERSION}: {_REMEDY}")
    return manifest


def _text(manifest: Mapping[str, Any], key: str) -> str:
    value = manifest.get(key)
    if not isinstance(value, str) or not value:
        raise ArchiveError(f"manifest.json has no {key}: {_REMEDY}")
    return value


def _texts(manifest: Mapping[str, Any], key: str) -> tuple[str, ...]:
    values = manifest.get(key)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ArchiveError(f"manifest.json has no {key}: {_REMEDY}")
    return tuple(values)


def _prepared(manifest: Mapping[str, Any]) -> tuple[Mapping[str, str | None], ...]:
    choices = manifest.get("prepared")
    if not (choices and isinstance(choices, list)) or not all(
        isinstance(choice, dict)
        and all(value is None or isinstance(value, str) for value in choice.values())
        for choice in choices
    ):
        raise ArchiveError(f"manifest.json has no prepared: {_REMEDY}")
    return tuple(choices)


def _written(values: Mapping[str, str | None]) -> str:
    """Variables as text for a message."""
    written = [f"{name}={value}" for name, value in sorted(values.items()) if value is not None]
    return " ".join(written) or "the default page sizes and limits"
