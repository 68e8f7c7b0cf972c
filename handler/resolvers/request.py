"""What the resolvers of one request share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

from handler.compiler.permissions import Permissions
from handler.compiler.plan import Plan
from handler.compiler.results import Cell, Results
from handler.compiler.values import PlanValues
from handler.errors import HandlerError, Location
from handler.fields.resolver import GivenField
from handler.fields.sizes import TreeSize
from handler.language import ast
from handler.language.document import BoundOperation
from handler.language.schema import Schema, TypeRef
from handler.language.variables import coerce_arguments
from handler.resolvers.calls import Function, call
from handler.resolvers.registry import ResolverContext


class ObjectExecutor(Protocol):
    """Who completes the objects that functions give: ``handler/resolvers/executor``."""

    async def execute(
        self,
        request: Request,
        function: Function,
        type_name: str,
        fields: tuple[GivenField, ...],
        objects: Sequence[Any],
    ) -> list[Cell]:
        """Objects of one type with the selected fields; ``function`` has given them."""


class RowResolver(Protocol):
    """Who resolves the fields of rows: ``handler/resolvers/columns``."""

    async def __call__(self, request: Request, results: Results) -> None:
        """Put cells beside the rows that were read by keys."""


class Request(Struct, eq=False, frozen=True):
    """One operation with fields that Python answers."""

    schema: Schema
    functions: Mapping[str, Function]
    prepared: BoundOperation
    plan: Plan
    values: PlanValues
    context: ResolverContext
    size: TreeSize
    permissions: Permissions
    satisfied: int  # bits of the caller's grant
    executor: ObjectExecutor
    resolve_rows: RowResolver

    def function(self, owner: str, field: str) -> Function:
        """The one behind a field."""
        return self.functions[f"{owner}.{field}"]

    def type_of(self, owner: str, field: str) -> TypeRef:
        """The type of a field."""
        return self.schema.object(owner).fields[field].type

    def at(self, node: ast.Field) -> tuple[Location, ...]:
        """Where a field stands in the document."""
        return (self.prepared.locate(node.at),)

    async def call(self, function: Function, node: ast.Field, parents: Sequence[Any]) -> list[Any]:
        """What a function gives for each parent, or the ``HandlerError`` that stands there."""
        owner, _, name = function.field.partition(".")
        try:
            arguments = coerce_arguments(
                self.schema.object(owner).fields[name].arguments,
                node.arguments,
                self.schema,
                self.prepared.variables,
                self.prepared.literals,
            )
        except HandlerError as error:
            return [error] * len(parents)
        return await call(function, parents, arguments, self.context)
