"""The API that goes into the archive: its SDL is loaded as the handler will load it.

A mistake in the SDL ends the build and not the start of the function.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement

from aurora_graphql.archive.errors import BuildError
from aurora_graphql.archive.manifests import write_manifest
from aurora_graphql.archive.prepare import prepare
from handler.engine.engine import shaping
from handler.errors import SchemaError, SettingsError
from handler.language.files import quoting
from handler.language.operations import load_operations
from handler.language.preparing import encode_file
from handler.language.sdl import load_schema
from handler.model.builder import build_model
from handler.model.list_pages import PageDefaults
from handler.resolvers.given_types import GivenTypes
from handler.settings import Settings

RESOLVER_ENGINE = "tartiflette"
_NO_DATABASE = "mysql://nobody@localhost/none"  # the settings ask for one; nothing is opened


class ResolverFields(NamedTuple):
    """The fields with ``@resolver``, as ``Type.field``."""

    names: frozenset[str]
    give_objects: bool  # at least one function gives objects that are no rows


def resolver_fields(sdl: Path) -> ResolverFields:
    """Those of an SDL. Raises ``BuildError`` for bad SDL."""
    settings = _settings(sdl, {})
    pages = PageDefaults(
        size=settings.page_size, maximum=settings.page_size_max, list_maximum=settings.list_max
    )
    try:
        with quoting(sdl):
            schema = load_schema(sdl)
            model = build_model(schema, pages)
    except SchemaError as error:
        raise BuildError(str(error)) from error
    return ResolverFields(model.resolvers, bool(GivenTypes.of(schema, model).names))


def client_manifest(sdl: Path, variables: Mapping[str, str]) -> bytes:
    """The known operations for clients' tools, checked for a stack that chooses these variables.

    Raises ``BuildError`` for one that cannot run.
    """
    limits = _settings(sdl, variables).limits
    try:
        return write_manifest(load_operations(sdl, load_schema(sdl), limits))
    except SchemaError as error:
        raise _told(error, variables) from error


def prepare_api(sdl: Path, python: str, choices: Sequence[Mapping[str, str]]) -> bytes:
    """The content of the file of what is made ahead, for stacks that choose these variables.

    Raises ``BuildError`` for a known operation that one of them cannot run.
    """
    sections = {}
    for variables in choices:
        settings = _settings(sdl, variables)
        try:
            sections[shaping(settings)] = prepare(settings)
        except SchemaError as error:
            raise _told(error, variables) from error
    return encode_file(sdl, python, sections)


def _settings(sdl: Path, variables: Mapping[str, str]) -> Settings:
    environ = {**variables, "DATABASE_URL": _NO_DATABASE, "SDL_DIR": str(sdl)}
    try:
        return Settings.from_environ(environ)
    except SettingsError as error:
        raise BuildError(f"functionVariables of a stack: {error}") from error


def _told(error: SchemaError, variables: Mapping[str, str]) -> BuildError:
    if variables:
        chosen = " ".join(f"{name}={value}" for name, value in variables.items())
        error.text += f" (in a stack with {chosen})"
    return BuildError(str(error))


def needed_requirements(declared: list[str], *, tartiflette: bool) -> list[Requirement]:
    """Those of the handler's dependencies that this API uses.

    Only objects that Python functions give run through Tartiflette. Without one its compiled
    parser, which crashes on hostile documents, is not even in the archive.
    """
    requirements = [Requirement(text) for text in declared]
    if tartiflette:
        return requirements
    return [each for each in requirements if each.name != RESOLVER_ENGINE]
