"""The Python functions of one API, and what they need of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from handler.compiler.permissions import Permissions
from handler.compiler.plan import Plan
from handler.compiler.results import Cell, Results
from handler.compiler.values import PlanValues
from handler.compiler.visible import Visibility
from handler.fields.resolver import GivenField
from handler.fields.sizes import TreeSize
from handler.language.document import BoundOperation
from handler.language.schema import Schema
from handler.model.model import Model
from handler.resolvers.calls import Function
from handler.resolvers.columns import resolve_root, resolve_rows
from handler.resolvers.given_types import GivenTypes
from handler.resolvers.registry import AnyResolver, ResolverContext
from handler.resolvers.request import Request
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import Database

if TYPE_CHECKING:
    from handler.resolvers.executor import TartifletteExecutor


class PythonResolvers:
    """Answers fields by Python. It serves any number of requests."""

    def __init__(
        self,
        schema: Schema,
        model: Model,
        permissions: Permissions,
        resolvers: Mapping[str, AnyResolver],
    ) -> None:
        self._schema = schema
        self._permissions = permissions
        self._functions = {name: Function(name, each) for name, each in resolvers.items()}
        self._model = model
        self._executor: TartifletteExecutor | None = None
        self._starting = asyncio.Lock()

    async def prepare(self) -> None:
        """Have Tartiflette ready, which the first object that a function gives waits for."""
        if GivenTypes.of(self._schema, self._model).names:
            await self._started()

    async def resolve(
        self,
        prepared: BoundOperation,
        plan: Plan,
        visibility: Visibility,
        satisfied: int,
        results: Results,
        values: PlanValues,
        database: Database,
        deadline: Deadline,
    ) -> None:
        """Put what the functions answer beside the rows. ``satisfied``: of the caller's grant."""
        request = Request(
            self._schema,
            self._functions,
            prepared,
            plan,
            values,
            ResolverContext(database, deadline, visibility, values.claims),
            TreeSize(deadline.budget),
            self._permissions,
            satisfied,
            self,
            resolve_rows,
        )
        await resolve_root(request, results)

    async def execute(
        self,
        request: Request,
        function: Function,
        type_name: str,
        fields: tuple[GivenField, ...],
        objects: Sequence[object],
    ) -> list[Cell]:
        """Objects of one type with the selected fields, completed by Tartiflette."""
        executor = await self._started()
        return await executor.execute(request, function, type_name, fields, objects)

    async def _started(self) -> TartifletteExecutor:
        async with self._starting:
            if self._executor is None:
                # Late: an operation without objects of functions does without it.
                from handler.resolvers.executor import TartifletteExecutor

                types = GivenTypes.of(self._schema, self._model)
                self._executor = await TartifletteExecutor.start(
                    self._schema, types, self._functions
                )
            return self._executor
