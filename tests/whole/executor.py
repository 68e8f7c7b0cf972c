"""Run a whole operation through Tartiflette: our rows as its data, Python functions where asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import uuid4

from tartiflette import Engine, Resolver, Scalar
from tartiflette.types.exceptions.tartiflette import MultipleException, TartifletteError

from handler.access.rules import login_helps
from handler.answer import GraphqlError, Path
from handler.compiler.permissions import Permissions
from handler.compiler.plan import Member, ObjectShape, Plan
from handler.compiler.results import Results
from handler.compiler.values import PlanValues
from handler.compiler.visible import Visibility
from handler.errors import BudgetError, HandlerError, Location, NullValueError, ResolverError
from handler.fields.building import Builder, PagePlace, Place
from handler.fields.forbidden import forbidden
from handler.fields.resolver import ResolverNode
from handler.fields.sizes import TreeSize
from handler.language import ast
from handler.language.document import BoundOperation
from handler.language.schema import Schema
from handler.language.variables import coerce_arguments
from handler.resolvers.leaves import serializer_of
from handler.resolvers.objects import MisgivenError, check_object, field_of, member_name
from handler.resolvers.registry import AnyResolver, Batched, ResolverContext
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import Database
from tests.whole.given import Completion, GivenValue, Row
from tests.whole.translation import (
    LEAF_PREFIX,
    leaf_names,
    translate_operation,
    translate_schema,
)


@dataclass(frozen=True)
class Pending:
    """A field that its function answers, and the values that the function reads."""

    node: ResolverNode
    parent: dict[str, Any]


class Unfinished(Builder):
    """Leaves errors in the objects as exceptions, and nulls where they are."""

    def object(self, shape: ObjectShape, place: Place | PagePlace, path: Path) -> Row:
        """An object of one row, with what functions have to answer."""
        shape, place = self.of_its_type(shape, place)
        found = Row()
        found.type_name = shape.type_name
        for member in shape.members:
            compute = partial(member.node.build, self, member, place)
            if isinstance(member.node, ResolverNode):
                compute = partial(_pending, member.node, place)
            found[member.key] = self._position(member, path, compute, is_nullable=True)
        return found

    def _position(
        self, member: Member, path: Path, compute: Callable[[Path], Any], *, is_nullable: bool
    ) -> Any:
        try:
            return compute(path)
        except BudgetError:
            raise
        except HandlerError as error:
            return error


def _pending(node: ResolverNode, place: Any, path: Path) -> Pending:
    return Pending(node, {name: value.python_value(place) for name, value in node.requires.items()})


@dataclass
class Request:
    """What the resolvers of one request share; Tartiflette hands it through as its context."""

    schema: Schema
    prepared: BoundOperation
    plan: Plan
    values: PlanValues
    context: ResolverContext
    permissions: Permissions
    satisfied: int
    build: Callable[[Results], Unfinished]
    called: dict[tuple[str | int, ...], str] = field(default_factory=dict)

    def require(self, info: Any) -> None:
        """Raise ``AccessError`` for a field of what a function gave that the caller may not read"""
        type_name, source = info.parent_type.name, info.field_nodes[0].source
        missing = self.permissions.of_use(type_name, source) & ~self.satisfied
        if missing:
            name = f"{type_name}.{source.name}"
            raise forbidden(name, login_helps=login_helps(missing, self.satisfied))


class WholeExecutor:
    """Tartiflette's engine over a whole schema. Make one with ``start``."""

    def __init__(self, schema: Schema, engine: Engine, permissions: Permissions) -> None:
        self._schema = schema
        self._engine = engine
        self._permissions = permissions

    @classmethod
    async def start(
        cls, schema: Schema, permissions: Permissions, resolvers: Mapping[str, AnyResolver]
    ) -> WholeExecutor:
        """Cook an engine under a name of its own, because Tartiflette's registry is global."""
        name = f"whole-{uuid4().hex}"
        for field_name, function in resolvers.items():
            Resolver(field_name, schema_name=name)(_wrap(field_name, function))
        for leaf in leaf_names(schema):
            Scalar(leaf, schema_name=name)(_Leaf(schema, leaf.removeprefix(LEAF_PREFIX)))
        engine = Engine(
            sdl=translate_schema(schema),
            schema_name=name,
            custom_default_resolver=_resolve,
            custom_default_type_resolver=_type_of,
            error_coercer=_keep_error,
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
        """The value of ``data`` and the errors in it."""
        operation = prepared.operation
        context = ResolverContext(database, deadline, visibility, values.claims)
        size = TreeSize(deadline.budget)

        def build(found: Results) -> Unfinished:
            return Unfinished(plan, found, values, introspected, prepared.locate, size)

        tree = build(results).object(plan.root, Place(results.root(plan)), ())
        document: Any = translate_operation(
            operation.definition, operation.fragments, prepared.variables, prepared.locate
        )
        request = Request(
            self._schema, prepared, plan, values, context, self._permissions, satisfied, build
        )
        answer = await self._engine.execute(document, context=request, initial_value=tree)
        errors = [GraphqlError(**entry) for entry in answer.get("errors") or ()]
        data = answer["data"]
        if data is None:
            return None, errors
        keys = [member.key for member in plan.root.members]
        return {key: data[key] if key in data else introspected[key] for key in keys}, errors


class _Leaf:
    """A scalar or an enum whose values need no coercion by Tartiflette."""

    def __init__(self, schema: Schema, name: str) -> None:
        self.coerce_output = serializer_of(schema, name)

    def coerce_input(self, value: Any) -> Any:
        return value

    def parse_literal(self, node: Any) -> Any:
        return node.value


async def _resolve(parent: Any, _arguments: Any, request: Request, info: Any) -> Any:
    """A row has values by response key; what a function gave has them by field name."""
    if isinstance(parent, Row):
        value = parent[info.path.key]
        if isinstance(value, Exception):
            raise value
        return value
    request.require(info)
    if isinstance(parent, GivenValue):
        if info.path.key in parent.below:
            return parent.below[info.path.key]
        parent = parent.value
    check_object(parent, info.parent_type.name)
    return field_of(parent, info.field_name)


def _type_of(value: Any, request: Request, _info: Any, abstract: Any) -> str:
    if isinstance(value, Row | GivenValue):
        return value.type_name
    return member_name(request.schema, abstract.name, value)


def _wrap(field_name: str, function: AnyResolver) -> Callable[..., Any]:
    owner, _, name = field_name.partition(".")

    async def resolve(parent: Any, _arguments: Any, request: Request, info: Any) -> Any:
        source: ast.Field = info.field_nodes[0].source
        pending = parent.get(info.path.key) if isinstance(parent, Row) else None
        if isinstance(pending, Exception):
            raise pending
        if pending is None:
            request.require(info)
        arguments = coerce_arguments(
            request.schema.object(owner).fields[name].arguments,
            source.arguments,
            request.schema,
            request.prepared.variables,
            request.prepared.literals,
        )
        given, node = parent, None
        if isinstance(pending, Pending):
            given, node = pending.parent, pending.node.given
        elif isinstance(parent, GivenValue):
            given, node = parent.value, parent.below.get(info.path.key)
        try:
            if isinstance(function, Batched):
                (value,) = await function([given], arguments, request.context)
                if isinstance(value, Exception):
                    raise value
            else:
                value = await function(given, arguments, request.context)
        except HandlerError:
            raise
        except Exception as error:
            raise ResolverError("failed") from error
        if node is None:
            return list(value) if type(value) is tuple else value
        return await Completion(request).complete(node, value)

    return resolve


async def _keep_error(exception: Exception, _error: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a ``GraphqlError``."""
    cause: Any = exception
    while isinstance(cause, TartifletteError) and cause.original_error is not None:
        cause = cause.original_error
    if isinstance(cause, MultipleException):
        cause = cause.exceptions[0]
    text = str(cause)
    if text.startswith("Cannot return null for non-nullable field "):
        cause = NullValueError(text)
    elif isinstance(cause, MisgivenError) or not isinstance(cause, HandlerError):
        cause = ResolverError(text)
    located = [Location(at.line, at.column) for at in getattr(exception, "locations", None) or ()]
    return {
        "cause": cause,
        "path": tuple(getattr(exception, "path", None) or ()),
        "locations": tuple(located[:1]),
    }
