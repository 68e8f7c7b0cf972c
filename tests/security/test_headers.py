"""Every answer carries the security headers, whatever it answers to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from handler.app import App
from handler.http import graphiql
from handler.settings import Settings
from handler.stores.url import DatabaseUrl
from tests.conftest import SDL
from tests.handler.http.events import get_event, post_event, proxy_event, recorded

EVERYWHERE = {
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=63072000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
NOTHING_LOADS = "default-src 'none'; frame-ancestors 'none'"
KEPT = "{ customer(customerId: 1) { name } }"

EVENTS: dict[str, Any] = {
    "answer": post_event({"query": "{ __typename }"}),
    "answer that may be kept": get_event(query="{ product(productId: 1) { productName } }"),
    "forbidden": post_event({"query": KEPT}),
    "syntax": post_event({"query": "{"}),
    "validation": post_event({"query": "{ nothing }"}),
    "variables": post_event({"query": "query ($a: ID!) { product(productId: $a) { price } }"}),
    "persisted": post_event({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "a"}}}),
    "not acceptable": post_event({"query": KEPT}, accept="image/png"),
    "media type": post_event({"query": KEPT}, content_type="text/plain"),
    "no body": proxy_event(headers={"Content-Type": "application/json"}),
    "too large": post_event({"query": "x" * 300_000}),
    "batch": post_event([{"query": KEPT}]),
    "method": proxy_event("DELETE"),
    "mutation by GET": get_event(query="mutation { a }"),
    "preflight": recorded("options_preflight"),
    "health": recorded("get_health"),
    "head": recorded("head"),
    "browser": recorded("get_browser"),
    "another event": recorded("queue"),
    "another gateway": recorded("http_api_v2"),
    "schedule": recorded("schedule"),
    "foreign context": post_event({"query": KEPT}) | {"requestContext": {"authorizer": {"a": "b"}}},
    "nothing": None,
}


@pytest.fixture(scope="module")
def app(northwind_database: DatabaseUrl) -> Iterator[tuple[asyncio.AbstractEventLoop, App]]:
    loop = asyncio.new_event_loop()
    settings = Settings(database_url=northwind_database, sdl_dir=SDL)
    app = loop.run_until_complete(App.start(settings))
    yield loop, app
    loop.run_until_complete(app.close())
    loop.close()


@pytest.mark.parametrize("name", EVENTS)
def test_answer_has_them_all(app: tuple[asyncio.AbstractEventLoop, App], name: str) -> None:
    loop, serving = app
    response = loop.run_until_complete(serving.handle(EVENTS[name], budget_s=20.0))
    headers = response["headers"]
    assert {key: headers.get(key) for key in EVERYWHERE} == EVERYWHERE
    assert headers["content-security-policy"] == NOTHING_LOADS
    is_kept = name == "answer that may be kept"
    assert headers["cache-control"].startswith("public, max-age" if is_kept else "no-store")
    assert not {"server", "x-powered-by", "set-cookie"} & headers.keys()


def test_masked_failure_has_them_all() -> None:
    loop = asyncio.new_event_loop()
    settings = Settings(
        database_url=DatabaseUrl(user="a", database="b", unix_socket="/nowhere"), sdl_dir=SDL
    )
    app = loop.run_until_complete(App.start(settings))
    event = post_event({"query": "{ product(productId: 1) { price } }"})
    response = loop.run_until_complete(app.handle(event, budget_s=5.0))
    loop.run_until_complete(app.close())
    loop.close()
    assert "UPSTREAM_FAILED" in response["body"]
    headers = response["headers"]
    assert {key: headers.get(key) for key in EVERYWHERE} == EVERYWHERE
    assert headers["cache-control"] == "no-store"


def test_only_the_page_for_browsers_may_load_its_own_files() -> None:
    """Scripts come from files alone: nothing inline, nothing from elsewhere, no eval."""
    policy = dict(part.split(" ", 1) for part in graphiql.CONTENT_SECURITY_POLICY.split("; "))
    assert policy["script-src"] == "'self'"
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe-eval" not in graphiql.CONTENT_SECURITY_POLICY


def test_introspection_and_the_page_are_off_unless_asked_for() -> None:
    found = Settings.from_environ({"DATABASE_URL": "mysql://user@host/name"})
    assert not found.introspection
    assert not found.http.graphiql
    assert found.auth
    assert found.http.cors_origins == ()
