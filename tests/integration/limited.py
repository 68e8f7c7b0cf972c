"""Environments with limits of callers, on a real database and a real Redis, and who asks them."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio

from handler.access.principal import CallerKind, Principal
from handler.app import App, start_engine
from handler.settings import Settings
from handler.stores.mysql.database import MySqlDatabase
from handler.stores.url import DatabaseUrl
from tests.conftest import SDL
from tests.handler.http.events import GRAPHQL_RESPONSE, post_event
from tests.integration.caches import patient_client

ANONYMOUS = Principal.anonymous()
ANN = Principal(kind=CallerKind.TOKEN, issuer="https://login", subject="ann")
KEY = Principal(kind=CallerKind.API_KEY, subject="ann")
PAGE = "{ products { nodes { productName } } }"
Start = Callable[..., Awaitable[App]]

numbers = itertools.count(100_000)


@pytest_asyncio.fixture
async def start(northwind_database: DatabaseUrl, cache_url: str) -> AsyncIterator[Start]:
    """Starts an environment with these rows of limits; all are closed at the end."""
    apps: list[App] = []

    async def start(
        *rows: str, cache: str = cache_url, is_cluster: bool = False, **more: Any
    ) -> App:
        environ = {
            "DATABASE_URL": northwind_database.text(),
            "CACHE_URL": cache,
            "SDL_DIR": str(SDL),
            "CALLER_LIMITS": ", ".join(rows),
            **more,
        }
        settings = Settings.from_environ(environ)
        client = patient_client(cache, is_cluster=is_cluster) if cache else None
        engine = await start_engine(settings)
        apps.append(App(settings, engine, MySqlDatabase(northwind_database), client))
        return apps[-1]

    yield start
    for each in apps:
        await each.close()


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handler.cache.response_cache.WRITE_S", 2.0)
    monkeypatch.setattr("handler.stores.deadline.CACHE_S", 10.0)
    monkeypatch.setattr("handler.engine.persisted_queries.WRITE_S", 2.0)


def event(
    document: str,
    who: Principal = ANONYMOUS,
    address: str = "192.0.2.1",
    accept: str = GRAPHQL_RESPONSE,
    **extensions: Any,
) -> dict[str, Any]:
    made = post_event({"query": document, "extensions": extensions}, accept=accept)
    authorizer = {"principalId": who.principal_id, **who.context()}
    identity = {**made["requestContext"].get("identity", {}), "sourceIp": address}
    context = {**made["requestContext"], "authorizer": authorizer, "identity": identity}
    return {**made, "requestContext": context}


async def ask(app: App, document: str, *args: Any, **more: Any) -> tuple[int, dict[str, Any]]:
    response = await app.handle(event(document, *args, **more), budget_s=20)
    return response["statusCode"], json.loads(response["body"])


def new(count: int = 1) -> str:
    """A document that nobody has asked; its price is 1, and 2 + 10 for each product."""
    fields = " ".join(
        f'p{at}: product(productId: "{next(numbers)}") {{ productName }}' for at in range(count)
    )
    return "{ " + fields + " }"


def codes(body: dict[str, Any]) -> list[str]:
    return [each["extensions"]["code"] for each in body.get("errors", [])]
