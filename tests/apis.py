"""An API for tests: an engine over a real database, asked from synchronous code.

``Api.run`` takes the compiled path, ``Api.run_by_executor`` sends the same prepared operation, plan
and rows through Tartiflette as a whole.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import orjson

from handler.access.grant import Grant
from handler.access.principal import Principal
from handler.answer import GraphqlError
from handler.app import start_engine
from handler.cache.response_cache import ResponseCache
from handler.compiler.plan import Plan
from handler.compiler.values import bind
from handler.engine.engine import Engine
from handler.errors import ClientError, HandlerError, RequestError
from handler.execution.stored_types import run_knowing
from handler.language.limits import Limits
from handler.resolvers.registry import load_resolvers
from handler.settings import Settings
from handler.sql.rowset import RowSet
from handler.sql.statement import Statement
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import Database, MySqlDatabase
from handler.stores.request_budget import RequestBudget
from handler.stores.url import DatabaseUrl

if TYPE_CHECKING:
    from tests.whole.executor import WholeExecutor

NO_LIMITS = Limits(
    characters=1_000_000,
    tokens=100_000,
    brackets=150,
    depth=100,
    fields=100_000,
    aliases=10_000,
    directives=10_000,
    root_fields=1_000,
    cost=1_000_000_000,
)


@dataclass(frozen=True)
class Answer:
    """The JSON of an answer, and what was asked of the database for it."""

    body: dict[str, Any]
    text: bytes  # of ``data``
    statements: tuple[Statement, ...]

    @property
    def data(self) -> Any:
        """What an answer without errors holds."""
        assert "errors" not in self.body, self.body["errors"]
        return self.body["data"]


@dataclass
class RecordingDatabase:
    """Keeps every statement. In turns, their order is the same each time.

    What is asked of the catalogue, once in a while, stands apart.
    """

    inner: Database
    statements: list[Statement] = field(default_factory=list)
    catalogue: list[Statement] = field(default_factory=list)
    in_turns: bool = True
    turns: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def fetch(self, statement: Statement, deadline: Deadline) -> RowSet:
        """Run one ``SELECT`` by the real database."""
        async with self.turns if self.in_turns else contextlib.nullcontext():
            is_catalogue = "FROM information_schema." in statement.text
            (self.catalogue if is_catalogue else self.statements).append(statement)
            return await self.inner.fetch(statement, deadline)


class Api:
    """One SDL folder over one database, on an event loop of its own."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, engine: Engine, database: MySqlDatabase
    ) -> None:
        self.loop = loop
        self.engine = engine
        self.database = database
        self.development = engine.access.grant(Principal.development())
        self._executor: WholeExecutor | None = None

    def plan(
        self,
        document: str,
        variables: Mapping[str, Any] | None = None,
        principal: Principal | None = None,
    ) -> Plan:
        """The plan of a document."""
        grant = self._grant(principal)
        prepared = self.engine.prepare(document, None, variables or {}, grant)
        return self.engine.plan(prepared, grant).plan

    def _grant(self, principal: Principal | None) -> Grant:
        return self.engine.access.grant(principal) if principal else self.development

    def run(
        self,
        document: str,
        variables: Mapping[str, Any] | None = None,
        *,
        operation_name: str | None = None,
        budget_s: float = 30.0,
        in_turns: bool = True,
        principal: Principal | None = None,
        cache: ResponseCache | None = None,
    ) -> Answer:
        """Answer a document as the App does; without a principal to the one of development."""
        database = RecordingDatabase(self.database, in_turns=in_turns)
        grant = self._grant(principal)
        try:
            prepared = self.engine.prepare(document, operation_name, variables or {}, grant)
            execution = self.loop.run_until_complete(
                self.engine.execute(prepared, grant, database, Deadline.after(budget_s), cache)
            )
        except RequestError as error:
            return Answer({"errors": [refusal(each) for each in error.errors]}, b"", ())
        if cache is None:  # one may be refused before it is sent
            assert execution.statements <= len(database.statements)
            assert execution.errors or execution.statements == len(database.statements)
        return _answer(execution.data, execution.errors, database)

    def run_by_executor(
        self,
        document: str,
        variables: Mapping[str, Any] | None = None,
        principal: Principal | None = None,
    ) -> Answer:
        """Answer a document through Tartiflette, every field of it."""
        return self.loop.run_until_complete(
            self._run_by_executor(document, variables or {}, self._grant(principal))
        )

    async def _run_by_executor(
        self, document: str, variables: Mapping[str, Any], grant: Grant
    ) -> Answer:
        engine = self.engine
        if self._executor is None:
            from tests.whole.executor import WholeExecutor

            resolvers = {}
            if engine.model.resolvers:
                resolvers = load_resolvers(engine.settings.resolvers, engine.model)
            self._executor = await WholeExecutor.start(engine.schema, engine.permissions, resolvers)
        database = RecordingDatabase(self.database)
        settings = engine.settings
        budget = RequestBudget(settings.request_rows_max, settings.request_bytes_max)
        deadline = Deadline.after(30.0).bounded(budget)
        prepared = engine.prepare(document, None, variables, grant)
        compiled = engine.plan(prepared, grant)
        plan = compiled.plan
        values = bind(
            plan,
            engine.schema,
            prepared.variables,
            prepared.literals,
            prepared.locate,
            grant.claims,
        )
        introspected = engine._introspect(compiled, prepared, grant, deadline.budget)
        values, results = await run_knowing(plan, values, database, deadline, engine.types)
        data, errors = await self._executor.execute(
            prepared,
            plan,
            compiled.visibility,
            grant.satisfied,
            results,
            values,
            introspected,
            database,
            deadline,
        )
        return _answer(orjson.dumps(data), errors, database)

    def close(self) -> None:
        """Close the connections and the loop."""
        self.loop.run_until_complete(self.database.close())
        self.loop.close()


@contextlib.contextmanager
def open_api(
    url: DatabaseUrl, sdl: Path, *, limits: Limits = NO_LIMITS, **settings: Any
) -> Iterator[Api]:
    """An API over a database, closed at the end; ``settings`` are further fields of Settings."""
    loop = asyncio.new_event_loop()
    given = Settings(database_url=url, sdl_dir=sdl, introspection=True, limits=limits, **settings)
    api = Api(loop, loop.run_until_complete(start_engine(given)), MySqlDatabase(url))
    try:
        yield api
    finally:
        api.close()


def _answer(
    data: bytes | None, errors: Sequence[GraphqlError], database: RecordingDatabase
) -> Answer:
    assert data is not None
    body: dict[str, Any] = {"data": orjson.loads(data)}
    if errors:
        body["errors"] = [
            {
                "message": cast(HandlerError, found.cause).message,
                "path": list(found.path or ()),
                "locations": [{"line": at.line, "column": at.column} for at in found.locations],
                "code": cast(HandlerError, found.cause).code,
            }
            for found in errors
        ]
    return Answer(body, data, tuple(database.statements))


def refusal(error: ClientError) -> dict[str, Any]:
    return {
        "message": error.message,
        "locations": [{"line": at.line, "column": at.column} for at in error.locations],
        "code": error.code,
    }
