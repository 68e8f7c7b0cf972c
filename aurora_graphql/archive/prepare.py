"""Make ahead what the start and the known operations need; the archive's build calls this.

An engine is asked for every known operation as callers would ask it, and what it makes is written
down. It is asked as each of the settings would have it that a function may change without a new
archive, and for the callers that matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice, product
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from handler.access.principal import Principal
from handler.access.rules import AUTHENTICATED_BIT, CLOSED_BIT
from handler.engine.engine import Engine
from handler.engine.listed import every_scope, nowhere, plan_shape
from handler.errors import ClientError, RequestError, SchemaError
from handler.language.document import Operation
from handler.language.files import quoting
from handler.language.operations import KnownOperation
from handler.language.preparing import Recorder, encode
from handler.language.schema import EnumType, Named, NonNull, Schema, named, nullable
from handler.settings import ERROR, HIDDEN, OFF, SAFELIST, Settings

MAX_PLANS = 32  # of one operation and caller; more shapes are planned when they are asked for


def prepare(settings: Settings) -> dict[str, bytes]:
    """The sections of the file beside ``settings.sdl_dir`` for functions with these settings.

    Raises ``SchemaError`` for bad SDL and for a known operation that cannot be run.
    """
    recorder = Recorder()
    engine = Engine.from_sdl(settings)
    schema, model = engine.schema, engine.model
    operations = Engine(schema, model, settings, recorder).list_operations()
    for variant in _variants(settings):
        engine = Engine(schema, model, variant, recorder)
        for satisfied, known in product(known_grants(engine), operations):
            with quoting(Path(settings.sdl_dir)):
                _ask(engine, known, satisfied)
    return {
        "schema": encode(schema, {}),
        "model": encode(model, {"schema": schema}),
        **recorder.sections,
    }


def known_grants(engine: Engine) -> list[int]:
    """The bits of callers that matter, each set once.

    A caller whom nothing is asked; callers with every scope there is; those with every scope that
    fields ask for, to whom the rules of rows apply; those who are known and have no scope; and
    those who are not known.
    """
    development = engine.access.grant(Principal.development()).satisfied
    anonymous = engine.access.grant(Principal.anonymous()).satisfied
    found = (
        development,
        development & ~CLOSED_BIT,
        every_scope(engine),
        AUTHENTICATED_BIT,
        anonymous,
    )
    return list(dict.fromkeys(found))


def _variants(settings: Settings) -> Iterator[Settings]:
    """The settings that decide which documents are valid, and what messages about them say."""
    for forbidden in (ERROR, HIDDEN):
        for is_shown, persisted in ((False, OFF), (True, OFF), (False, SAFELIST)):
            yield replace(
                settings,
                forbidden_fields=forbidden,
                introspection=is_shown,
                persisted_queries=persisted,
            )


def _ask(engine: Engine, known: KnownOperation, satisfied: int) -> None:
    """Let the engine check one operation, and plan it for every shape that it may have."""
    try:
        document, operation = engine.operation(known.text, satisfied)
    except RequestError:
        return  # of the schema, or of fields that this caller does not see: it will be refused
    names = engine.plans(document, operation).variables
    for shape in islice(shapes(engine.schema, operation, names), MAX_PLANS):
        try:
            plan_shape(engine, document, operation, shape, satisfied)
        except ClientError as error:
            raise SchemaError(error.message, file=known.file, location=nowhere(0)) from error


def shapes(
    schema: Schema, operation: Operation, names: tuple[str, ...]
) -> Iterator[Mapping[str, Any]]:
    """The values that the variables can have which shape the plan: booleans and enums.

    Of a list of sort keys there are too many: none is all that is planned before a request.
    """
    choices: list[list[Any]] = []
    for name in names:
        definition = next(
            each for each in operation.definition.variables if each.variable.name == name
        )
        ref = definition.type.ref
        found = schema.types[named(ref)]
        values: list[Any] = [True, False]
        if isinstance(found, EnumType) and isinstance(nullable(ref), Named):
            values = list(found.values)
        elif found.name != "Boolean":
            values = []
        choices.append(values if isinstance(ref, NonNull) else [None, *values])
    for chosen in product(*choices):
        yield dict(zip(names, chosen, strict=True))
