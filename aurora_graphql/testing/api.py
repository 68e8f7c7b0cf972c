"""An API over a database of a test: asked as callers ask it, with everything seen from outside."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from msgspec.structs import replace

from aurora_graphql.check.live import EXPLAIN
from aurora_graphql.plan_view import sent_text
from aurora_graphql.testing.database import TestDatabase
from handler.access.principal import CallerKind, Principal
from handler.app import App
from handler.errors import HandlerError, SettingsError
from handler.settings import Settings
from handler.sql.rowset import RowSet
from handler.sql.statement import Statement
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import Database

BUDGET_S = 30.0
ISSUER = "https://issuer.test"


@dataclass(frozen=True)
class Answer:
    """One answer. ``statements``: what was asked of the database, with values, in order.

    ``plan`` is empty where the document was refused.
    """

    status: int
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    statements: tuple[str, ...]
    plan: str

    @property
    def data(self) -> Any:
        """The data of an answer without errors. Raises ``AssertionError`` for any other."""
        assert not self.errors, f"the answer has errors: {json.dumps(self.errors)}"
        return self.body["data"]

    @property
    def errors(self) -> list[dict[str, Any]]:
        """Its errors, as a client sees them."""
        return list(self.body.get("errors", []))

    @property
    def codes(self) -> list[str]:
        """The codes of its errors, such as ``FORBIDDEN``."""
        return [each.get("extensions", {}).get("code", "") for each in self.errors]


@dataclass
class _Recording:
    """Passes statements on, and keeps them; those that ask the catalogue are left out."""

    inner: Database
    seen: list[Statement] = field(default_factory=list)

    async def fetch(self, statement: Statement, deadline: Deadline) -> RowSet:
        if "FROM information_schema." not in statement.text:
            self.seen.append(statement)
        return await self.inner.fetch(statement, deadline)

    async def close(self) -> None:
        await self.inner.close()  # type: ignore[attr-defined]  # of the real one


class Api:
    """One SDL folder over one database."""

    def __init__(self, loop: asyncio.AbstractEventLoop, app: App) -> None:
        self._loop = loop
        self._app = app
        self._database = _Recording(app.database)
        app.database = self._database  # type: ignore[assignment]  # it is asked alike

    def ask(
        self,
        document: str,
        variables: Mapping[str, Any] | None = None,
        *,
        subject: str = "",
        scopes: Sequence[str] = (),
        claims: Mapping[str, str] | None = None,
        operation: str | None = None,
    ) -> Answer:
        """Ask as somebody with a token of these scopes and claims, or as nobody without any."""
        principal = self._principal(subject, scopes, claims or {})
        body = {"query": document, "variables": dict(variables or {}), "operationName": operation}
        event = {
            "httpMethod": "POST",
            "path": "/graphql",
            "headers": {"content-type": "application/json"},
            "body": json.dumps(body),
            "isBase64Encoded": False,
            "requestContext": {
                "requestId": "test",
                "authorizer": {"principalId": principal.principal_id, **principal.context()},
            },
        }
        self._database.seen.clear()
        response = self._loop.run_until_complete(self._app.handle(event, budget_s=BUDGET_S))
        return Answer(
            status=response["statusCode"],
            headers=dict(response["headers"]),
            body=orjson.loads(response["body"]),
            statements=tuple(map(sent_text, self._database.seen)),
            plan=self._plan(document, operation, variables or {}, principal),
        )

    def explain(
        self,
        document: str,
        variables: Mapping[str, Any] | None = None,
        *,
        subject: str = "",
        scopes: Sequence[str] = (),
        claims: Mapping[str, str] | None = None,
    ) -> list[str]:
        """What the server says of the statements of a document: ``table: access, index, rows``."""
        answer = self.ask(document, variables, subject=subject, scopes=scopes, claims=claims)
        assert not answer.errors, f"the answer has errors: {json.dumps(answer.errors)}"
        lines = []
        for statement in tuple(self._database.seen):
            asked = Statement(f"{EXPLAIN} {statement.text}", statement.parameters)
            work = self._database.inner.fetch(asked, Deadline.after(BUDGET_S))
            found = self._loop.run_until_complete(work)
            for row in found.rows:
                cells = dict(zip(found.names, row, strict=True))
                told = {
                    name: (cells.get(name) or b"-").decode()
                    for name in ("table", "type", "key", "rows")
                }
                lines.append("{table}: {type}, {key}, {rows}".format(**told))
        return lines

    def close(self) -> None:
        """Close the connections and the loop."""
        self._loop.run_until_complete(self._app.close())
        self._loop.close()

    def _plan(
        self,
        document: str,
        operation: str | None,
        variables: Mapping[str, Any],
        principal: Principal,
    ) -> str:
        engine = self._app.engine
        grant = engine.access.grant(principal)
        try:
            prepared = engine.prepare(document, operation, variables, grant)
            return str(engine.plan(prepared, grant).plan)
        except HandlerError:
            return ""

    def _principal(
        self, subject: str, scopes: Sequence[str], claims: Mapping[str, str]
    ) -> Principal:
        if not self._app.settings.auth:
            return Principal.development()
        if not (subject or scopes or claims):
            return Principal.anonymous()
        return Principal(
            kind=CallerKind.TOKEN,
            subject=subject or "tester",
            issuer=ISSUER,
            scopes=frozenset(scopes),
            claims=claims,
        )


@contextlib.contextmanager
def open_api(
    database: TestDatabase, sdl: str | Path = "sdl", *, cache_url: str = "", **settings: Any
) -> Iterator[Api]:
    """An API over the database, closed at the end.

    It asks who calls unless ``auth`` is False; ``settings`` are further fields of
    ``handler.settings.Settings``, such as ``list_max``. Raises ``SchemaError``, ``SettingsError``.
    """
    given = Settings(database_url=database.url, sdl_dir=Path(sdl), log_level="ERROR")
    try:
        given = replace(given, cache_url=cache_url, **settings)
    except TypeError as error:
        raise SettingsError(f"{error}; docs/settings.md lists them") from error
    loop = asyncio.new_event_loop()
    api = Api(loop, loop.run_until_complete(App.start(given)))
    try:
        yield api
    finally:
        api.close()
