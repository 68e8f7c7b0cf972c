"""Known operations: the documents in the folder ``operations`` beside the SDL.

A file is one document exactly as clients send it, with one named operation and the fragments that
it uses. So the text, its hash and the name of the operation identify the same thing;
``sha256sum sdl/operations/*`` prints the identifiers of persisted queries.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, NoReturn

from msgspec import Struct

from handler.errors import ClientError, Location, SchemaError
from handler.language.limits import Limits
from handler.language.schema import Schema

if TYPE_CHECKING:
    from pathlib import Path  # nothing else of a start needs it


class KnownOperation(Struct, frozen=True):
    """One document. ``sha256``: of the text in UTF-8, in lower case hexadecimal."""

    name: str  # of its operation; no two documents of one folder have the same
    text: str
    sha256: str
    file: str  # below the folder of the SDL


def load_operations(
    directory: Path, schema: Schema, limits: Limits | None = None
) -> tuple[KnownOperation, ...]:
    """The known operations beside the SDL of a directory, in the order of their files.

    None if there is no folder ``operations``. Raises ``SchemaError``, see ``check_operations``.
    """
    # Late, as what checks them: see _check.
    from handler.language.files import quoting, read_operations

    with quoting(directory):
        return check_operations(read_operations(directory), schema, limits)


def check_operations(
    sources: Mapping[str, str], schema: Schema, limits: Limits | None = None
) -> tuple[KnownOperation, ...]:
    """The known operations in documents by file name.

    Each must be valid for the schema and within the limits but for its cost, which depends on
    variables. Raises ``SchemaError`` for the first that is not, with file, line, column and what to
    write.
    """
    found: dict[tuple[str, str], KnownOperation] = {}
    for file, text in sources.items():
        name, at = _check(file, text, schema, limits or Limits())
        key = (file.rpartition("/")[0], name)  # each folder may be of another version of a client
        if key in found:
            raise SchemaError(
                f'The operation "{name}" stands in {found[key].file}, too; rename one of them, or'
                f" give the other client or version a folder of its own.",
                file=file,
                location=at,
            )
        digest = hashlib.sha256(text.encode()).hexdigest()
        found[key] = KnownOperation(name, text, digest, file)
    return tuple(found.values())


def _check(file: str, text: str, schema: Schema, limits: Limits) -> tuple[str, Location]:
    """The name and the location of the only operation of a document."""
    # Late: with prepared operations none is checked at start.
    from handler.language.lexer import scan
    from handler.language.operation_size import find_excess, measure
    from handler.language.parser import parse_document
    from handler.language.validation import validate

    def refuse(message: str, at: Location | None) -> NoReturn:
        raise SchemaError(message, file=file, location=at)

    try:
        tokens = scan(text, limits)
        document = parse_document(tokens)
        for found in validate(schema, document, tokens, suggestions=True, limits=limits):
            raise found
    except ClientError as error:
        refuse(error.message, error.locations[0] if error.locations else Location(1, 1))
    definition, *more = document.operations
    if more:
        refuse(
            "A second operation; a file is one document with one operation: give each its own"
            " file, with the fragments that it uses.",
            tokens.location(more[0].at),
        )
    if definition.name is None:
        refuse(
            f"The operation has no name; write `{definition.kind} SomeName`.",
            tokens.location(definition.at),
        )
    place = tokens.location(definition.name_at)
    size = measure(definition, document.fragments)
    for excess in find_excess(size, limits, f'The operation "{definition.name}"'):
        refuse(excess.message, place)
    return definition.name, place
