"""One build, from the options to the files in dist/."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aurora_graphql.archive import stage as staging
from aurora_graphql.archive import writing
from aurora_graphql.archive.api import (
    client_manifest,
    needed_requirements,
    prepare_api,
    resolver_fields,
)
from aurora_graphql.archive.bill import BILL, build_bill
from aurora_graphql.archive.bytecode import compile_bytecode, find_python
from aurora_graphql.archive.certificates import Certificates, fetch_certificates, read_certificates
from aurora_graphql.archive.errors import BuildError
from aurora_graphql.archive.graphiql import bundle_graphiql, graphiql_packages
from aurora_graphql.archive.lock import Lock, declared
from aurora_graphql.archive.manifests import FILE
from aurora_graphql.archive.modules import pack_modules
from aurora_graphql.archive.options import Options
from aurora_graphql.archive.shared_objects import check_shared_objects
from aurora_graphql.archive.stacks import SHAPING, chosen_regions, chosen_variables, wants_graphiql
from aurora_graphql.archive.wheels import Wheel, fetch_wheels
from aurora_graphql.installed import HANDLER, PACKAGES
from handler.language import prepared
from handler.settings import VARIABLES


@dataclass(frozen=True)
class Built:
    """What a build gave; ``notes`` are what its owner should know."""

    archive: Path
    manifest: dict[str, Any]
    notes: list[str]

    def lines(self) -> list[str]:
        """What is told of it."""
        manifest = self.manifest
        return [
            f"wrote {os.path.relpath(self.archive)}: {manifest['bytes_zipped'] / 1e6:.1f} MB, "
            f"{manifest['bytes_unzipped'] / 1e6:.1f} MB unzipped, python{manifest['python']} on "
            f"{manifest['architecture']}, {len(manifest['packages'])} packages, "
            f"{'with' if 'tartiflette' in manifest['packages'] else 'without'} Tartiflette",
            *(f"note: {note}" for note in self.notes),
        ]


def build(options: Options, *, tell: Callable[[str], None] = lambda _: None) -> Built:
    """Write archive, manifest, bill of materials and clients' manifest into ``options.output``.

    ``tell`` receives a line for each step. Raises ``BuildError``; then the files of an earlier
    build are as they were.
    """
    fields = resolver_fields(options.sdl)
    if fields.names and not options.resolvers:
        raise BuildError(
            f'the SDL has @resolver on {", ".join(sorted(fields.names))}; write resolvers = "..." '
            f"into aurora-graphql.toml, or RESOLVERS=..., with the module of their functions"
        )
    choices = chosen_variables(options.stacks)
    for_clients = client_manifest(options.sdl, choices[0])
    notes = []
    with tempfile.TemporaryDirectory(prefix="archive-") as folder:
        stage, downloads = Path(folder, "task"), Path(folder, "wheels")
        stage.mkdir()
        downloads.mkdir()
        tell(f"fetching packages for {options.target}")
        wheels = _fetch(options, downloads, with_tartiflette=fields.give_objects)
        staging.add_wheels(stage, wheels)
        _add_project(stage, options, choices, with_resolvers=bool(fields.names))
        with_graphiql = wants_graphiql(options.stacks)
        if with_graphiql:
            tell("bundling GraphiQL, which a stack shows to browsers")
            staging.add_graphiql(stage, bundle_graphiql())
        certificates = _trust(options, downloads)
        staging.add_certificates(stage, certificates.pem)
        if certificates.missing:
            notes.append(
                f"no authority of RDS in {', '.join(certificates.missing)}: a stack there refuses "
                f"this archive; write RDS_CA_BUNDLE=file, docs/packaging.md says which"
            )
        tag = _compile(stage, options)
        if tag is None:
            notes.append(
                f"no bytecode: there is no python{options.target.python} here, so every cold "
                f"start will compile the sources; install one, or build where there is one"
            )
        tell(f"checking {check_shared_objects(stage, options.target)} shared objects")
        packed = Path(folder, writing.ARCHIVE)
        writing.write_zip(stage, packed)
        contents = _contents(
            stage,
            wheels,
            choices,
            certificates,
            bytecode=tag,
            graphiql=with_graphiql,
            resolvers=sorted(fields.names),
            resolvers_module=options.resolvers if fields.names else "",
        )
        manifest = writing.describe(stage, packed, options, contents)
        bill = build_bill(
            wheels,
            certificates.package,
            graphiql_packages() if with_graphiql else [],
            content_sha256=manifest["content_sha256"],
        )
        options.output.mkdir(parents=True, exist_ok=True)
        writing.put(writing.encode(bill), options.output / BILL)
        writing.put(for_clients, options.output / FILE)
        writing.put(packed.read_bytes(), options.output / writing.ARCHIVE)
        writing.put(writing.encode(manifest), options.output / writing.MANIFEST)
    return Built(options.output / writing.ARCHIVE, manifest, notes)


def _fetch(options: Options, folder: Path, *, with_tartiflette: bool) -> list[Wheel]:
    roots = needed_requirements(declared(), tartiflette=with_tartiflette)
    return fetch_wheels(roots, Lock.load(), options.target, folder)


def _add_project(
    stage: Path,
    options: Options,
    choices: Sequence[Mapping[str, str]],
    *,
    with_resolvers: bool,
) -> None:
    staging.add_code(stage, PACKAGES, HANDLER.name)
    if with_resolvers:
        staging.add_code(stage, options.resolvers_root, options.resolvers)
    staging.add_tree(stage, options.sdl, "*.graphql", "sdl")
    (stage / "sdl" / prepared.FILE).write_bytes(
        prepare_api(options.sdl, options.target.python, choices)
    )
    if options.migrations is not None:
        staging.add_tree(stage, options.migrations, "*.sql", "migrations")
    staging.add_tree(stage, options.mappings, "*.toml", "data/mappings")


def _trust(options: Options, folder: Path) -> Certificates:
    if options.rds_ca is not None:
        return read_certificates(options.rds_ca)
    return fetch_certificates(chosen_regions(options.stacks), folder)


def _compile(stage: Path, options: Options) -> str | None:
    python = find_python(options.target)
    if python is None and options.bytecode_required:
        raise BuildError(
            f"there is no python{options.target.python} here, and BYTECODE_REQUIRED is set: "
            f"install one (uv python install {options.target.python}), or leave that out and let "
            f"every cold start compile the sources"
        )
    if python is None:
        return None
    tag = compile_bytecode(stage, python)
    pack_modules(stage)
    return tag


def _contents(
    stage: Path,
    wheels: list[Wheel],
    choices: Sequence[Mapping[str, str]],
    certificates: Certificates,
    *,
    bytecode: str | None,
    graphiql: bool,
    resolvers: list[str],
    resolvers_module: str,
) -> dict[str, Any]:
    """What the manifest tells of the handler inside, and beyond what the program needs."""
    return {
        "bytecode": bytecode,
        "graphiql": graphiql,
        "resolvers": resolvers,
        "resolvers_module": resolvers_module,
        "variables": sorted(variable.name for variable in VARIABLES),
        "prepared": [{name: chosen.get(name) for name in SHAPING} for chosen in choices],
        "packages": {wheel.name: wheel.version for wheel in wheels},
        "rds_ca_sha256": hashlib.sha256(certificates.pem).hexdigest(),
        "rds_ca_authorities": list(certificates.authorities),
    }
