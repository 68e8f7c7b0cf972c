"""Run an operation through Tartiflette: our rows as its data, Python functions where asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tartiflette import Engine, Resolver, Scalar
from tartiflette.types.exceptions.tartiflette import MultipleException, TartifletteError

from handler.access.rules import login_helps
from handler.compiler.parameters import parameter_of_text
from handler.compiler.permissions import Permissions
from handler.compiler.plan import Plan, ResolverNode
from handler.compiler.values import PlanValues
from handler.errors import HandlerError, Location, RequestError
from handler.execution.run import Results, run_by_key
from handler.execution.tree import (
    FieldError,
    NullValueError,
    Pending,
    ResponseRow,
    build_rows,
    build_tree,
    forbidden,
)
from handler.language import ast
from handler.language.document import Prepared
from handler.language.schema import ObjectType, Schema
from handler.language.variables import NullVariableError, coerce_arguments
from handler.resolvers.leaves import serialize_leaf
from handler.resolvers.registry import Resolver as ResolverFunction
from handler.resolvers.registry import ResolverContext
from handler.resolvers.translation import (
    LEAF_PREFIX,
    leaf_names,
    translate_operation,
    translate_schema,
)


@dataclass(slots=True)
class _Request:
    """What the resolvers of one request share; Tartiflette hands it through as its context."""

    schema: Schema
    prepared: Prepared
    plan: Plan
    values: PlanValues
    context: ResolverContext
    permissions: Permissions
    met: int  # bits of the caller's grant

    def require(self, info: Any) -> None:
        """Raise ``AccessError`` for a field of what a function gave that the caller may not read.

        The plan has decided on the fields of rows. Here the type is known even where the document
        names an interface or a union.
        """
        type_name = info.parent_type.name
        source: ast.Field = info.field_nodes[0].source
        missing = self.permissions.of_use(type_name, source) & ~self.met
        if missing:
            name = f"{type_name}.{source.name}"
            raise forbidden(name, login_helps=login_helps(missing, self.met))


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
            Resolver(field_name, schema_name=name)(_wrap(field_name, function))
        for leaf in leaf_names(schema):
            Scalar(leaf, schema_name=name)(_Leaf(schema, leaf.removeprefix(LEAF_PREFIX)))
        engine = Engine(
            sdl=translate_schema(schema),
            schema_name=name,
            custom_default_resolver=_resolve_from_row,
            error_coercer=_keep_error,
            # The document that execute() gets is parsed and validated already.
            query_cache_decorator=lambda _parse: lambda document, _schema: (document, None),
            sdl_file_encoding="utf-8",
        )
        await engine.cook()
        return cls(schema, engine, permissions)

    async def execute(
        self,
        prepared: Prepared,
        plan: Plan,
        met: int,
        results: Results,
        values: PlanValues,
        introspected: Mapping[str, Any],
        context: ResolverContext,
    ) -> tuple[dict[str, Any] | None, list[FieldError]]:
        """The value of ``data`` and the errors in it; ``met``: the bits of the caller's grant.

        Raises ``RequestError`` for a null variable where none may be.
        """
        operation = prepared.operation
        tree, _ = build_tree(plan, results, values, introspected, prepared.locate, is_final=False)
        try:
            document: Any = translate_operation(
                operation.definition, operation.fragments, prepared.variables, prepared.locate
            )
        except NullVariableError as error:
            raise RequestError([error.located(prepared.locate)]) from error
        answer = await self._engine.execute(
            document,  # instead of a text: see query_cache_decorator
            context=_Request(self._schema, prepared, plan, values, context, self._permissions, met),
            initial_value=tree,
        )
        errors = [FieldError(**entry) for entry in answer.get("errors") or ()]
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
        return value
    request.require(info)
    if isinstance(parent, Mapping):
        return parent.get(info.field_name)
    return getattr(parent, info.field_name, None)


def _wrap(field_name: str, function: ResolverFunction) -> Callable[..., Any]:
    type_name, _, name = field_name.partition(".")

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
        given = pending.parent if isinstance(pending, Pending) else parent
        value = await function(given, arguments, request.context)
        if isinstance(pending, Pending) and pending.node.batch is not None:
            return await _rows_of(request, pending.node, value)
        return value

    return resolve


async def _rows_of(request: _Request, node: ResolverNode, value: Any) -> Any:
    """Read the rows whose keys a resolver gave; a row that does not exist is null."""
    assert node.batch is not None
    batch = request.plan.batches[node.batch]
    columns = [term.column for term in batch.order]  # of such a batch: the key
    given = value if isinstance(value, list | tuple) else [value]
    keys = [None if item is None else tuple(str(item[c.field]) for c in columns) for item in given]
    distinct = dict.fromkeys(key for key in keys if key is not None)
    rows: dict[tuple[str, ...], ResponseRow] = {}
    if distinct:
        wanted = [tuple(map(parameter_of_text, columns, key)) for key in distinct]
        context = request.context
        results = await run_by_key(
            request.plan, batch, wanted, request.values, context.database, context.deadline
        )
        found = build_rows(request.plan, batch, results, request.values, request.prepared.locate)
        rows = {tuple((part or b"").decode() for part in key): row for key, row in found.items()}
    answer = [None if key is None else rows.get(key) for key in keys]
    return answer if isinstance(value, list | tuple) else answer[0]


async def _keep_error(exception: Exception, _error: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a ``FieldError``; nothing is masked here, the response does that."""
    cause: Any = exception
    while isinstance(cause, TartifletteError) and cause.original_error is not None:
        cause = cause.original_error
    if isinstance(cause, MultipleException):
        cause = cause.exceptions[0]
    if not isinstance(cause, HandlerError):
        text = str(cause)
        if text.startswith("Cannot return null for non-nullable field"):
            cause = NullValueError(text)
        else:
            cause = _ResolverFailure(cause)
    located = [Location(at.line, at.column) for at in getattr(exception, "locations", None) or ()]
    return {
        "error": cause,
        "path": tuple(getattr(exception, "path", None) or ()),
        "locations": tuple(located[:1]),
    }


class _ResolverFailure(HandlerError):  # noqa: N818  # a cause, masked like any other
    """A resolver raised something that is none of our errors; its text may hold anything."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(f"a resolver failed: {type(cause).__name__}")
        self.__cause__ = cause
        self.__traceback__ = cause.__traceback__  # where it failed stands in the log
