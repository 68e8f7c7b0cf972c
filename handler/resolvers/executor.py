"""Run an operation through Tartiflette: our rows as its data, Python functions where asked."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

from msgspec.structs import replace
from tartiflette import Engine, Resolver, Scalar
from tartiflette.types.exceptions.tartiflette import MultipleException, TartifletteError

from handler.access.rules import login_helps
from handler.answer import GraphqlError
from handler.compiler.permissions import Permissions
from handler.compiler.plan import Plan
from handler.compiler.results import Results
from handler.compiler.values import PlanValues
from handler.compiler.visible import Visibility
from handler.errors import (
    BudgetError,
    DeadlineError,
    HandlerError,
    Location,
    NullValueError,
    RequestError,
    ResolverError,
)
from handler.fields.building import ResponseRow, build_tree
from handler.fields.forbidden import forbidden
from handler.fields.resolver import Pending
from handler.fields.sizes import TreeSize
from handler.language import ast
from handler.language.document import BoundOperation
from handler.language.schema import ObjectType, Schema
from handler.language.selections import walk
from handler.language.variables import NullVariableError, coerce_arguments
from handler.resolvers.given import (
    Completion,
    GivenObject,
    MisgivenError,
    check_object,
    field_of,
    not_a_member,
    type_name_of,
)
from handler.resolvers.leaves import ResolvedValueError, serialize_leaf
from handler.resolvers.registry import Resolver as ResolverFunction
from handler.resolvers.registry import ResolverContext
from handler.resolvers.translation import (
    LEAF_PREFIX,
    leaf_names,
    translate_operation,
    translate_schema,
)
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import Database


@dataclass(frozen=True, slots=True)
class _Function:
    """One function of the resolvers' module."""

    field: str  # such as Query.stock
    call: ResolverFunction

    @property
    def place(self) -> str:
        """Where it is written; empty where that cannot be told."""
        call: Any = self.call
        while isinstance(call, functools.partial):
            call = call.func
        code = getattr(inspect.unwrap(call), "__code__", None)
        return f"{code.co_filename}:{code.co_firstlineno}" if code else ""

    def failure(self, text: str) -> ResolverError:
        """The error for the log; ``text`` goes on from its name."""
        return ResolverError(f"the resolver of {self.field} {text}", place=self.place)


@dataclass(slots=True)
class _Request:
    """What the resolvers of one request share; Tartiflette hands it through as its context."""

    schema: Schema
    prepared: BoundOperation
    plan: Plan
    values: PlanValues
    context: ResolverContext
    permissions: Permissions
    satisfied: int  # bits of the caller's grant
    size: TreeSize
    called: dict[tuple[str | int, ...], _Function] = field(default_factory=dict)  # by path
    lacking: set[tuple[str | int, ...]] = field(default_factory=set)  # paths where a row is not
    running: asyncio.Future[dict[str, Any]] | None = None
    below: dict[int, int] = field(default_factory=dict)  # fields selected there, by the node

    def count_below(self, info: Any, value: Any) -> Any:
        """The value of a field, if what is selected below it is not too much for one request.

        Tartiflette begins all fields of all objects of a list before it goes on with the first.
        Raises ``BudgetError`` then, and ends all that is under way.
        """
        nodes = [each.source for each in info.field_nodes]
        fields = self.below.get(id(nodes[0]))
        if fields is None:
            sets = [node.selection_set for node in nodes]
            below = walk(sets, self.prepared.operation.fragments)
            fields = sum(isinstance(each, ast.Field) for each, _ in below)
            self.below[id(nodes[0])] = fields
        count = _items(value) * max(fields, 1) if isinstance(value, list) else fields
        if count and value is not None:
            try:
                self.size.add(0, FIELD_BYTES * count)
            except BudgetError:
                if self.running is not None:
                    self.running.cancel()
                raise
        return value

    def require(self, info: Any) -> None:
        """Raise ``AccessError`` for a field of what a function gave that the caller may not read.

        The plan has decided on the fields of rows. Here the type is known even where the document
        names an interface or a union.
        """
        type_name = info.parent_type.name
        source: ast.Field = info.field_nodes[0].source
        missing = self.permissions.of_use(type_name, source) & ~self.satisfied
        if missing:
            name = f"{type_name}.{source.name}"
            raise forbidden(name, login_helps=login_helps(missing, self.satisfied))

    def blame(self, found: GraphqlError) -> GraphqlError:
        """The same error, with the function that gave what does not fit there as its cause.

        What does not fit is found out after the function has ended, by its path.
        """
        error = found.cause
        if not isinstance(error, _Misfit | ResolvedValueError):
            return found
        path = found.path or ()
        while path and path not in self.called:
            path = path[:-1]
        function = self.called.get(path)
        shown: HandlerError | None
        if isinstance(error, ResolvedValueError):
            text, shown = f"gave a wrong value: {error}", error
        else:
            text, shown = str(error), error.shown
            if shown and path in self.lacking:
                return replace(found, cause=shown)  # the row has gone, or is not the caller's
        blamed = function.failure(text) if function else ResolverError(f"the executor {text}")
        blamed.__cause__ = error.__cause__
        if shown is None:
            return replace(found, cause=blamed)
        shown.__cause__ = blamed
        return replace(found, cause=shown)


class TartifletteExecutor:
    """Tartiflette's engine over our schema. Make one with ``start``; it serves any number."""

    def __init__(self, schema: Schema, engine: Engine, permissions: Permissions) -> None:
        self._schema = schema
        self._engine = engine
        self._permissions = permissions

    @classmethod
    async def start(
        cls,
        schema: Schema,
        functions: Mapping[str, ResolverFunction],
        permissions: Permissions,
    ) -> TartifletteExecutor:
        """Cook an engine under a name of its own, because Tartiflette's registry is global."""
        name = f"aurora-{uuid4().hex}"
        for field_name, function in functions.items():
            Resolver(field_name, schema_name=name)(_wrap(_Function(field_name, function)))
        for leaf in leaf_names(schema):
            Scalar(leaf, schema_name=name)(_Leaf(schema, leaf.removeprefix(LEAF_PREFIX)))
        engine = Engine(
            sdl=translate_schema(schema),
            schema_name=name,
            custom_default_resolver=_resolve_from_row,
            custom_default_type_resolver=_type_of,
            error_coercer=_keep_error,
            # The document that execute() gets is parsed and validated already.
            query_cache_decorator=lambda _parse: lambda document, _schema: (document, None),
            sdl_file_encoding="utf-8",
        )
        await engine.cook()
        return cls(schema, engine, permissions)

    async def execute(
        self,
        prepared: BoundOperation,
        plan: Plan,
        visibility: Visibility,
        satisfied: int,
        results: Results,
        values: PlanValues,
        introspected: Mapping[str, Any],
        database: Database,
        deadline: Deadline,
    ) -> tuple[dict[str, Any] | None, list[GraphqlError]]:
        """The value of ``data`` and the errors in it. ``satisfied``: of the caller's grant.

        Raises ``RequestError`` for a null variable where none may be.
        """
        operation = prepared.operation
        context = ResolverContext(database, deadline, visibility, values.claims)
        size = TreeSize(deadline.budget)
        locate = prepared.locate
        tree, _ = build_tree(plan, results, values, introspected, locate, size, is_final=False)
        try:
            document: Any = translate_operation(
                operation.definition, operation.fragments, prepared.variables, prepared.locate
            )
        except NullVariableError as error:
            raise RequestError([error.located(prepared.locate)]) from error
        request = _Request(
            self._schema, prepared, plan, values, context, self._permissions, satisfied, size
        )
        request.running = asyncio.ensure_future(
            self._engine.execute(
                document,  # instead of a text: see query_cache_decorator
                context=request,
                initial_value=tree,
            )
        )
        try:
            answer = await request.running
        except asyncio.CancelledError:
            size.check()
            raise
        errors = [request.blame(GraphqlError(**entry)) for entry in answer.get("errors") or ()]
        data = answer["data"]
        if data is None:
            return None, errors
        keys = [member.key for member in plan.root.members]
        return {key: data[key] if key in data else introspected[key] for key in keys}, errors


class _Leaf:
    """A scalar or an enum whose values need no coercion by Tartiflette."""

    def __init__(self, schema: Schema, name: str) -> None:
        self._schema = schema
        self._name = name

    def coerce_output(self, value: Any) -> Any:
        return serialize_leaf(self._schema, self._name, value)

    def coerce_input(self, value: Any) -> Any:
        return value

    def parse_literal(self, node: Any) -> Any:
        return node.value


async def _resolve_from_row(parent: Any, _arguments: Any, request: _Request, info: Any) -> Any:
    """A row has values by response key; what a resolver gave has them by field name."""
    if isinstance(parent, ResponseRow):
        value = parent[info.path.key]
        if isinstance(value, Exception):
            raise value
        if value is None and info.return_type.is_non_null_type:
            raise NullValueError(_NULL.format(f"{info.parent_type.name}.{info.field_name}"))
        return request.count_below(info, value)
    request.require(info)
    if isinstance(parent, GivenObject):
        if info.path.key in parent.below:
            return request.count_below(info, parent.below[info.path.key])
        parent = parent.value
    check_object(parent, info.parent_type.name)
    return request.count_below(info, field_of(parent, info.field_name))


def _items(values: list[Any]) -> int:
    """How many values are in a list and in lists inside it."""
    return sum([_items(each) if isinstance(each, list) else 1 for each in values])


def _type_of(value: Any, request: _Request, _info: Any, abstract: Any) -> str:
    """The name of the object type of a value, where the field names an interface or a union."""
    name = type_name_of(value)
    if name not in request.schema.possible_types[abstract.name]:
        raise not_a_member(request.schema, abstract.name)
    return name


def _wrap(function: _Function) -> Callable[..., Any]:
    type_name, _, name = function.field.partition(".")

    async def resolve(parent: Any, _arguments: Any, request: _Request, info: Any) -> Any:
        source: ast.Field = info.field_nodes[0].source
        pending = parent.get(info.path.key) if isinstance(parent, ResponseRow) else None
        if isinstance(pending, Exception):
            raise pending
        if pending is None:
            request.require(info)
        owner = request.schema.types[type_name]
        assert isinstance(owner, ObjectType)
        arguments = coerce_arguments(
            owner.fields[name].arguments,
            source.arguments,
            request.schema,
            request.prepared.variables,
            request.prepared.literals,
        )
        given, node = parent, None
        if isinstance(pending, Pending):
            given, node = pending.parent, pending.node.given
        elif isinstance(parent, GivenObject):
            given, node = parent.value, parent.below.get(info.path.key)
        path = tuple(info.path.as_list())
        request.called[path] = function
        value = await _call(function, given, arguments, request.context)
        if node is None:
            found = list(value) if type(value) is tuple else value
            return request.count_below(info, found)
        completion = Completion(
            request.schema,
            request.plan,
            request.values,
            request.prepared,
            request.context,
            request.size,
        )
        try:
            completed = await completion.complete(node, value)
        except MisgivenError as error:
            raise function.failure(str(error)) from None
        if completion.lacks_rows:
            request.lacking.add(path)
        return request.count_below(info, completed)

    return resolve


async def _call(
    function: _Function, parent: Any, arguments: Mapping[str, Any], context: ResolverContext
) -> Any:
    """What the function gives, within the time of the request.

    Raises its own ``HandlerError``; ``DeadlineError``; ``ResolverError`` for all else that it may
    raise.
    """
    try:
        async with asyncio.timeout(context.remaining_s()) as limit:
            return await function.call(parent, arguments, context)
    except HandlerError:
        raise
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise function.failure("was cancelled by something that it waited for") from error
    except Exception as error:
        if limit.expired() and isinstance(error, TimeoutError):
            raise DeadlineError(
                f"the resolver of {function.field} took longer than the request has"
            ) from error
        raise function.failure(f"failed: {type(error).__name__}") from error


async def _keep_error(exception: Exception, _error: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a ``GraphqlError``; nothing is masked here, the response does that."""
    cause: Any = exception
    while isinstance(cause, TartifletteError) and cause.original_error is not None:
        cause = cause.original_error
    if isinstance(cause, MultipleException):
        cause = cause.exceptions[0]
    if isinstance(cause, MisgivenError) or not isinstance(cause, HandlerError):
        cause = _Misfit(cause)
    located = [Location(at.line, at.column) for at in getattr(exception, "locations", None) or ()]
    return {
        "cause": cause,
        "path": tuple(getattr(exception, "path", None) or ()),
        "locations": tuple(located[:1]),
    }


_NULL: Final = "Cannot return null for non-nullable field {}."
FIELD_BYTES: Final = 6_500  # Tartiflette takes 2,000 to 5,000 for a field, of all fields at once


class _Misfit(HandlerError):  # noqa: N818  # stands for an error until it is known whose it is
    """Something that Tartiflette has found wrong in what a function gave.

    Its text goes on from the function's name. ``shown``: the error for the caller, if there is one.
    """

    def __init__(self, cause: Exception) -> None:
        text = str(cause)
        self.shown: HandlerError | None = None
        if isinstance(cause, MisgivenError):
            super().__init__(text)
        elif text.startswith(_NULL.partition("{")[0]):
            self.shown = NullValueError(text)
            super().__init__(f"gave null: {text}")
        elif text.startswith("Expected Iterable"):
            super().__init__(f"gave no list for {text.rpartition(' ')[2].rstrip('.')}")
        else:  # the text may hold anything
            super().__init__(f"gave what cannot be answered: {type(cause).__name__}")
            self.__cause__ = cause
