"""Complete the objects that functions give: Tartiflette calls the functions below, and completes.

Imported when the first such object is there, or before a snapshot: the import takes longer than
all that is compiled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from uuid import uuid4

import orjson
from msgspec import Struct, field
from msgspec.structs import replace
from tartiflette import Engine, Resolver, Scalar
from tartiflette.types.exceptions.tartiflette import MultipleException, TartifletteError

from handler.access.rules import login_helps
from handler.answer import GraphqlError
from handler.compiler.results import NULL, Cell, Flaw
from handler.errors import BudgetError, HandlerError, NullValueError
from handler.fields.forbidden import forbidden
from handler.fields.resolver import GivenField
from handler.language.schema import Schema
from handler.resolvers.calls import Function
from handler.resolvers.completion import place_rows
from handler.resolvers.given_types import LEAF_PREFIX, ROWS, GivenTypes
from handler.resolvers.leaves import ResolvedValueError, serializer_of
from handler.resolvers.objects import (
    GivenObject,
    MisgivenError,
    check_object,
    field_of,
    member_name,
)
from handler.resolvers.request import Request
from handler.resolvers.translation import translate_selection

Place = tuple[str | int, ...]
FIELD_BYTES: Final = 6_500  # Tartiflette takes 2,000 to 5,000 for a field, of all fields at once
_NULL: Final = "Cannot return null for non-nullable field {}."


class _Root(Struct, eq=False):
    """The objects of one run, which all are of one type."""

    objects: Sequence[Any]


class _Run(Struct, eq=False):
    """What the fields of some objects share; Tartiflette hands it through as its context."""

    request: Request
    function: Function  # that gave the objects
    called: dict[Place, Function] = field(default_factory=dict)  # those below, by path
    flaws: list[tuple[Place, Flaw]] = field(default_factory=list)  # values that are there in part
    waiting: dict[int, list[tuple[Any, asyncio.Future[Any]]]] = field(default_factory=dict)
    tasks: set[asyncio.Future[Any]] = field(default_factory=set)

    def count_below(self, source: GivenField, value: Any) -> Any:
        """The value of a field, if what is selected below it is not too much for one request.

        Tartiflette begins all fields of all objects of a list before it goes on with the first.
        Raises ``BudgetError`` then, and ends all that is under way.
        """
        if value is not None and (source.given is not None or isinstance(value, list)):
            fields = source.given.field_count if source.given else 1
            self.count(_items(value) * max(fields, 1))
        return value

    def count(self, fields: int) -> None:
        """Raise ``BudgetError`` for too many fields, and end all that is under way."""
        try:
            self.request.size.add(0, FIELD_BYTES * fields)
        except BudgetError:
            self.end()
            raise

    def end(self) -> None:
        """Cancel what is under way."""
        for each in self.tasks:
            each.cancel()

    def require(self, source: GivenField, type_name: str) -> None:
        """Raise ``AccessError`` for a field of what a function gave that the caller may not read.

        The plan has decided on the fields of rows.
        """
        request = self.request
        missing = request.permissions.of_use(type_name, source.node) & ~request.satisfied
        if missing:
            name = f"{type_name}.{source.name}"
            raise forbidden(name, login_helps=login_helps(missing, request.satisfied))

    def finished(self, value: Any, path: Place) -> Any:
        """The value of a field that may hold rows: JSON, whose errors are kept for the answer."""
        if isinstance(value, Flaw):
            if value.data is None:
                raise _FlawError(value)
            self.flaws.append((path, value))
            value = value.data
        return None if value == NULL else orjson.Fragment(value)

    async def load(self, function: Function, source: GivenField, parent: Any) -> Any:
        """What a function gives for one object, called with all that ask in the same turn."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        waiting = self.waiting.setdefault(id(source), [])
        if not waiting:  # behind all others that are ready now
            loop.call_soon(self._start, function, source)
        waiting.append((parent, future))
        value = await future
        if isinstance(value, HandlerError):
            raise value
        return value

    def _start(self, function: Function, source: GivenField) -> None:
        task = asyncio.ensure_future(self._answer(function, source))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _answer(self, function: Function, source: GivenField) -> None:
        waiting = self.waiting.pop(id(source))
        try:
            values = await self.request.call(function, source.node, [each for each, _ in waiting])
            found = await place_rows(self.request, function, source, values)
        except Exception as error:  # it is that of all of them
            found = [function.raised(error)] * len(waiting)
        for (_, future), value in zip(waiting, found, strict=True):
            if not future.done():
                future.set_result(value)

    def blame(self, found: GraphqlError) -> list[GraphqlError]:
        """The same error, with the function that gave what does not fit there as its cause.

        What does not fit is found out after the function has ended, by its path.
        """
        error = found.cause
        path = found.path or ()
        if isinstance(error, _FlawError):
            return _placed(error.flaw, path)
        located = [self.request.prepared.locate(at.line) for at in found.locations]
        found = replace(found, locations=tuple(located))
        if not isinstance(error, _Misfit | ResolvedValueError):
            return [found]
        place = path
        while place and place not in self.called:
            place = place[:-1]
        function = self.called.get(place, self.function)
        shown: HandlerError | None
        if isinstance(error, ResolvedValueError):
            text, shown = f"gave a wrong value: {error}", error
        else:
            text, shown = str(error), error.shown
        blamed = function.failure(text)
        blamed.__cause__ = error.__cause__
        if shown is None:
            return [replace(found, cause=blamed)]
        shown.__cause__ = blamed
        return [replace(found, cause=shown)]


class TartifletteExecutor:
    """Tartiflette's engine over the types that functions give. Make one with ``start``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    async def start(
        cls, schema: Schema, types: GivenTypes, functions: Mapping[str, Function]
    ) -> TartifletteExecutor:
        """Cook an engine under a name of its own, because Tartiflette's registry is global."""
        name = f"aurora-{uuid4().hex}"
        for field_name, function in functions.items():
            if field_name.partition(".")[0] in types.names:
                Resolver(field_name, schema_name=name)(_wrap(function))
        for leaf in types.leaves:
            Scalar(LEAF_PREFIX + leaf, schema_name=name)(_Leaf(serializer_of(schema, leaf)))
        Scalar(ROWS, schema_name=name)(_Leaf(lambda finished: finished))
        engine = Engine(
            sdl=types.sdl(),
            schema_name=name,
            custom_default_resolver=_resolve_from_object,
            custom_default_type_resolver=_type_of,
            error_coercer=_keep_error,
            # The document that execute() gets is parsed and validated already.
            query_cache_decorator=lambda _parse: lambda document, _schema: (document, None),
            sdl_file_encoding="utf-8",
        )
        await engine.cook()
        return cls(engine)

    async def execute(
        self,
        request: Request,
        function: Function,
        type_name: str,
        fields: tuple[GivenField, ...],
        objects: Sequence[Any],
    ) -> list[Cell]:
        """Objects of one type with the selected fields; ``function`` has given them."""
        run = _Run(request, function)
        below = sum(each.given.field_count for each in fields if each.given)
        run.count(len(objects) * (len(fields) + below))
        document: Any = translate_selection(type_name, fields)
        running = asyncio.ensure_future(
            self._engine.execute(
                document,  # instead of a text: see query_cache_decorator
                context=run,
                initial_value=_Root(objects),
            )
        )
        run.tasks.add(running)
        try:
            answer = await running
        except asyncio.CancelledError:
            request.size.check()
            raise
        finally:
            run.end()
        found = [
            one for each in answer.get("errors") or () for one in run.blame(GraphqlError(**each))
        ]
        found += [one for path, flaw in run.flaws for one in _placed(flaw, path)]
        return _cells(request, answer["data"][type_name], found)


def _cells(request: Request, values: Sequence[Any], errors: Sequence[GraphqlError]) -> list[Cell]:
    """A cell for each object. The paths of errors begin at the list of all objects."""
    mine: dict[Any, list[GraphqlError]] = {}
    for error in errors:
        _, number, *path = error.path or ()
        mine.setdefault(number, []).append(replace(error, path=tuple(path)))
    cells: list[Cell] = []
    for number, value in enumerate(values):
        data = None if value is None else orjson.dumps(value)
        request.size.add(len(data or b""), len(data or b""))
        flaws = mine.get(number)
        cells.append(Flaw(data, tuple(flaws)) if flaws else data or NULL)
    return cells


def _placed(flaw: Flaw, path: Place) -> list[GraphqlError]:
    """The errors of a value in the object around it."""
    return [replace(each, path=(*path, *(each.path or ()))) for each in flaw.errors]


class _Leaf:
    """What is no object for Tartiflette; ``coerce_output`` makes of a value what orjson writes."""

    def __init__(self, coerce_output: Callable[[Any], Any]) -> None:
        self.coerce_output = coerce_output

    def coerce_input(self, value: Any) -> Any:
        return value

    def parse_literal(self, node: Any) -> Any:
        return node.value


async def _resolve_from_object(parent: Any, _arguments: Any, run: _Run, info: Any) -> Any:
    """A field without a function, of what a function has given."""
    if isinstance(parent, _Root):
        return parent.objects
    source: GivenField = info.field_nodes[0].source
    type_name = info.parent_type.name
    run.require(source, type_name)
    if isinstance(parent, GivenObject):
        if source.key in parent.below:
            value = parent.below[source.key]
            if isinstance(value, Exception):
                raise value
            if source.given and source.given.may_be_row:
                return run.finished(value, tuple(info.path.as_list()))
            return run.count_below(source, value)
        parent = parent.value
    check_object(parent, type_name)
    return run.count_below(source, field_of(parent, source.name))


def _items(value: Any) -> int:
    """How many values are in a list and in lists inside it."""
    return sum(map(_items, value)) if isinstance(value, list) else 1


def _type_of(value: Any, run: _Run, _info: Any, abstract: Any) -> str:
    """The name of the object type of a value, where the field names an interface or a union."""
    return member_name(run.request.schema, abstract.name, value)


def _wrap(function: Function) -> Callable[..., Any]:
    async def resolve(parent: Any, _arguments: Any, run: _Run, info: Any) -> Any:
        source: GivenField = info.field_nodes[0].source
        run.require(source, info.parent_type.name)
        path = tuple(info.path.as_list())
        run.called[path] = function
        given = parent.value if isinstance(parent, GivenObject) else parent
        value = await run.load(function, source, given)
        if source.given and source.given.may_be_row:
            return run.finished(value, path)
        return run.count_below(source, list(value) if type(value) is tuple else value)

    return resolve


async def _keep_error(exception: Exception, _error: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a ``GraphqlError``; nothing is masked here, the response does that.

    Of a location the line is the token: the place is looked up where there is an error.
    """
    cause: Any = exception
    while isinstance(cause, TartifletteError) and cause.original_error is not None:
        cause = cause.original_error
    if isinstance(cause, MultipleException):
        cause = cause.exceptions[0]
    if isinstance(cause, MisgivenError) or not isinstance(cause, HandlerError):
        cause = _Misfit(cause)
    return {
        "cause": cause,
        "path": tuple(getattr(exception, "path", None) or ()),
        "locations": tuple((getattr(exception, "locations", None) or ())[:1]),
    }


class _FlawError(HandlerError):
    """A field that may hold rows is null by errors below it, which stand for it."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__()
        self.flaw = flaw


class _Misfit(HandlerError):  # noqa: N818  # stands for an error until it is known whose it is
    """Something that Tartiflette has found wrong in what a function gave.

    Its text goes on from the function's name. ``shown``: the error for the caller, if there is one.
    """

    def __init__(self, cause: Exception) -> None:
        text = str(cause)
        self.shown: HandlerError | None = None
        if isinstance(cause, MisgivenError):
            super().__init__(text)
            self.__cause__ = cause.__cause__
        elif text.startswith(_NULL.partition("{")[0]):
            self.shown = NullValueError(text)
            super().__init__(f"gave null: {text}")
        elif text.startswith("Expected Iterable"):
            super().__init__(f"gave no list for {text.rpartition(' ')[2].rstrip('.')}")
        else:  # the text may hold anything
            super().__init__(f"gave what cannot be answered: {type(cause).__name__}")
            self.__cause__ = cause
