"""The known operations in the formats of clients' tools.

``python -m aurora_graphql.archive.manifests`` prints the operations of SDL_DIR as Apollo's
manifest, by which a client sends hashes. With ``FILE [FOLDER]`` behind it it takes such a manifest,
or the map of hashes and texts that relay-compiler writes, and makes files of it in ``operations``.

Sources: https://www.apollographql.com/docs/graphos/platform/security/persisted-queries
and https://relay.dev/docs/guides/persisted-queries/
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import orjson

from handler.engine.persisted_queries import sha256_of
from handler.errors import HandlerError, SchemaError
from handler.language.files import OPERATIONS_FOLDER
from handler.language.operations import (
    KnownOperation,
    check_operations,
    load_operations,
)
from handler.language.sdl import load_schema
from handler.settings import Settings

FILE: Final = "persisted-query-manifest.json"
APOLLO: Final = "apollo-persisted-query-manifest"


def write_manifest(operations: Iterable[KnownOperation]) -> bytes:
    """Apollo's manifest; the same operations give the same bytes."""
    listed = [
        # There are no mutations and no subscriptions here.
        {"id": each.sha256, "name": each.name, "type": "query", "body": each.text}
        for each in operations
    ]
    manifest = {"format": APOLLO, "version": 1, "operations": listed}
    return orjson.dumps(manifest, option=orjson.OPT_INDENT_2) + b"\n"


def read_manifest(content: bytes, file: str) -> list[str]:
    """The documents of Apollo's manifest or of Relay's map. ``file`` names it in messages.

    Raises ``SchemaError`` for another format, and for an identifier that is not the sha256 of its
    document: the handler computes hashes and believes none.
    """
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise SchemaError(f"{file} is not JSON: {error}") from error
    texts = []
    for digest, text in _entries(found, file):
        if not isinstance(digest, str) or not isinstance(text, str):
            raise SchemaError(f"{file}: every identifier and every document must be a text")
        if digest != sha256_of(text):
            raise SchemaError(
                f"{file}: the identifier {digest[:64]!r} is not the sha256 of its document; let the"
                f' tool compute it (of relay-compiler: persistConfig {{"algorithm": "SHA256"}})'
            )
        texts.append(text)
    return texts


def _entries(found: Any, file: str) -> Iterator[tuple[Any, Any]]:
    if not isinstance(found, dict):
        raise SchemaError(f"{file} must be Apollo's manifest, or a map of hashes and documents")
    if "format" not in found:
        yield from found.items()
        return
    if found["format"] != APOLLO or found.get("version") != 1:
        raise SchemaError(f"{file} must have the format {APOLLO} and the version 1")
    operations = found.get("operations")
    if not isinstance(operations, list) or not all(isinstance(each, dict) for each in operations):
        raise SchemaError(f"{file} must have a list of objects as operations")
    for each in operations:
        yield each.get("id"), each.get("body")


def import_manifest(file: Path, settings: Settings, folder: str = "") -> list[Path]:
    """Write the documents of a manifest as files, byte for byte; nothing if one of them is wrong.

    ``folder``: below ``operations``, for a client or version of its own. Raises ``SchemaError``.
    """
    if not re.fullmatch(r"[A-Za-z0-9._-]*", folder) or folder.startswith("."):
        raise SchemaError(f"{folder!r} is no name of a folder; write letters, digits, - and _")
    directory = Path(settings.sdl_dir)
    place = directory / OPERATIONS_FOLDER / folder
    schema = load_schema(directory)
    numbered = {
        f"{file.name} number {number}": text
        for number, text in enumerate(read_manifest(file.read_bytes(), file.name), start=1)
    }
    operations = check_operations(numbered, schema, settings.limits)
    paths = [place / f"{_snake(each.name)}.graphql" for each in operations]
    for path, operation in zip(paths, operations, strict=True):
        if paths.count(path) > 1 or (
            path.exists() and path.read_bytes() != operation.text.encode()
        ):
            raise SchemaError(
                f"{path} would hold two documents; name another folder for this client or version"
            )
    place.mkdir(parents=True, exist_ok=True)
    for path, operation in zip(paths, operations, strict=True):
        path.write_bytes(operation.text.encode())
    return paths


def _snake(name: str) -> str:
    """``ProductList`` as ``product_list``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _main(arguments: Sequence[str]) -> None:
    settings = Settings.from_environ(os.environ)
    if not arguments:
        directory = Path(settings.sdl_dir)
        operations = load_operations(directory, load_schema(directory), settings.limits)
        sys.stdout.write(write_manifest(operations).decode())
        return
    for path in import_manifest(Path(arguments[0]), settings, *arguments[1:2]):
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    try:
        _main(sys.argv[1:])
    except (HandlerError, OSError) as error:
        sys.exit(str(error))
