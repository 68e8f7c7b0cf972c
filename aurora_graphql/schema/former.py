"""The schema before: a file, a folder of SDL, or a revision of git."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import graphql

from aurora_graphql.schema.printing import client_schema, public_schema
from handler.errors import HandlerError
from handler.language.files import read_operations
from handler.language.sdl import build_schema, load_schema


class FormerError(HandlerError):
    """There is no such schema; says what was looked for."""


@dataclass(frozen=True)
class Described:
    """A schema as clients see it, and the documents that are saved beside it, by name."""

    schema: graphql.GraphQLSchema
    operations: dict[str, str]


def describe(folder: Path) -> Described:
    """The schema of a folder of SDL, with its operations, which need not fit it.

    Raises ``SchemaError``.
    """
    schema = load_schema(folder)
    return Described(client_schema(public_schema(schema)), dict(_saved(folder)))


def _saved(folder: Path) -> Iterator[tuple[str, str]]:
    """The documents by the names of their operations; one that cannot be read has none."""
    for text in read_operations(folder).values():
        try:
            definitions = graphql.parse(text, no_location=True).definitions
        except graphql.GraphQLError:
            continue
        for each in definitions:
            if isinstance(each, graphql.OperationDefinitionNode) and each.name is not None:
                yield each.name.value, text


def describe_former(old: str, folder: Path) -> Described:
    """What ``old`` names; a revision of git is asked for the files of ``folder``.

    Raises ``FormerError`` and ``SchemaError``.
    """
    path = Path(old)
    if path.is_dir():
        return describe(path)
    if path.is_file():
        return Described(_of_file(path), {})
    return _of_revision(old, folder)


def _of_file(path: Path) -> graphql.GraphQLSchema:
    """A printed schema, or SDL with the words of the vocabulary."""
    text = path.read_text(encoding="utf-8")
    try:
        return client_schema(text)
    except (graphql.GraphQLError, TypeError):
        return client_schema(public_schema(build_schema({path.name: text})))


def _of_revision(revision: str, folder: Path) -> Described:
    if not folder.is_dir():
        raise FormerError(f"there is no folder {folder}")
    done = subprocess.run(
        ["git", "archive", "--format=tar", revision, "."],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip()
        raise FormerError(
            f"{revision!r} is no file, no folder and no revision of git that has {folder}: {said}"
        )
    with tempfile.TemporaryDirectory() as place:
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as packed:
            packed.extractall(place, filter="data")
        return describe(Path(place))
