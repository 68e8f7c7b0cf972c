"""The API that goes into the archive: its SDL is loaded as the handler will load it.

A mistake in the SDL ends the build and not the start of the function.
"""

from __future__ import annotations

from pathlib import Path

from packaging.requirements import Requirement

from archive.errors import BuildError
from archive.options import Options
from handler.compiler.model_builder import PageDefaults, build_model
from handler.errors import SchemaError, SettingsError
from handler.language.operations import load_operations
from handler.language.sdl import load_schema
from handler.manifests import write_manifest
from handler.prepare import prepare
from handler.settings import Settings

RESOLVER_ENGINE = "tartiflette"
_NO_DATABASE = "mysql://nobody@localhost/none"  # the settings ask for one; nothing is opened


def resolver_fields(sdl: Path) -> frozenset[str]:
    """The fields with ``@resolver``, as ``Type.field``. Raises ``BuildError`` for bad SDL."""
    pages = PageDefaults(
        size=Settings.page_size, maximum=Settings.page_size_max, list_maximum=Settings.list_max
    )
    try:
        return frozenset(build_model(load_schema(sdl), pages).resolvers)
    except SchemaError as error:
        raise BuildError(f"{sdl.name}/: {error}") from error


def client_manifest(sdl: Path) -> bytes:
    """The known operations for clients' tools. Raises ``BuildError`` for one that cannot run."""
    try:
        return write_manifest(load_operations(sdl, load_schema(sdl)))
    except SchemaError as error:
        raise BuildError(f"{sdl.name}/: {error}") from error


def prepare_api(options: Options) -> bytes:
    """The content of the file of what is made ahead. Raises ``BuildError``."""
    environ = {**options.settings, "DATABASE_URL": _NO_DATABASE, "SDL_DIR": str(options.sdl)}
    try:
        return prepare(Settings.from_environ(environ), options.target.python)
    except (SchemaError, SettingsError) as error:
        raise BuildError(f"{options.sdl.name}/: {error}") from error


def needed_requirements(declared: list[str], *, resolvers: bool) -> list[Requirement]:
    """Those of the handler's dependencies that this API uses.

    Only fields with a Python resolver run through Tartiflette. Without one its compiled parser,
    which crashes on hostile documents, is not even in the archive.
    """
    requirements = [Requirement(text) for text in declared]
    if resolvers:
        return requirements
    return [each for each in requirements if each.name != RESOLVER_ENGINE]
