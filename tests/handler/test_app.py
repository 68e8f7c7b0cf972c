"""The App: a gateway event in, a response out, with everything real between them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from handler.app import App
from handler.compiler.statement import Statement
from handler.engine import Engine
from handler.settings import Settings
from handler.stores.database import MySqlDatabase
from handler.stores.deadline import Deadline
from handler.stores.resultset import RowSet
from handler.stores.url import DatabaseUrl
from tests.conftest import SDL
from tests.handler.http.events import GRAPHQL_RESPONSE, get_event, post_event

Ask = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def start() -> Iterator[Callable[[DatabaseUrl], Ask]]:
    """Starts an App over a database; the Ask sends an event and reads the response."""
    loop = asyncio.new_event_loop()
    apps: list[App] = []

    def start(url: DatabaseUrl) -> Ask:
        settings = Settings(database_url=url, sdl_dir=SDL, auth=False)
        app = loop.run_until_complete(App.start(settings))
        apps.append(app)

        def ask(event: Any, budget_s: float = 20.0) -> tuple[int, dict[str, Any]]:
            response = loop.run_until_complete(app.handle(event, budget_s=budget_s))
            return response["statusCode"], json.loads(response["body"])

        return ask

    yield start
    for app in apps:
        loop.run_until_complete(app.close())
    loop.close()


@pytest.fixture
def ask(start: Callable[[DatabaseUrl], Ask], northwind_database: DatabaseUrl) -> Ask:
    return start(northwind_database)


def post(document: str, **variables: Any) -> dict[str, Any]:
    return post_event({"query": document, "variables": variables}, accept=GRAPHQL_RESPONSE)


def test_post_is_answered(ask: Ask) -> None:
    event = post("query ($id: ID!) { order(orderId: $id) { orderRef total } }", id="10248")
    assert ask(event) == (200, {"data": {"order": {"orderRef": "NW-10248", "total": "440.00"}}})


def test_get_is_answered(ask: Ask) -> None:
    event = get_event(accept=GRAPHQL_RESPONSE, query='{ product(productId: "1") { productName } }')
    assert ask(event) == (200, {"data": {"product": {"productName": "Chai"}}})


def test_refused_document_has_no_data(ask: Ask) -> None:
    status, body = ask(post("{ nothing }"))
    assert status == 400
    assert "data" not in body
    assert body["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert body["errors"][0]["locations"] == [{"line": 1, "column": 3}]


def test_wrong_argument_is_refused(ask: Ask) -> None:
    status, body = ask(post("{ orders(first: 1000) { totalCount } }"))
    assert "data" not in body
    assert status == 400
    assert body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_database_that_is_away_is_masked_and_in_the_log(
    start: Callable[[DatabaseUrl], Ask],
    northwind_database: DatabaseUrl,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ask = start(replace(northwind_database, unix_socket="/nowhere/secret.sock"))
    status, body = ask(post('{ order(orderId: "1") { orderId } }'))
    assert status == 200
    assert body["data"] == {"order": None}
    (error,) = body["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["order"], "UPSTREAM_FAILED")
    assert "secret" not in json.dumps(body)
    written = capsys.readouterr()
    assert "/nowhere/secret.sock" in written.out + written.err


class BrokenDatabase(MySqlDatabase):
    """One with a mistake of ours in it, which shows for some statements."""

    async def fetch(self, statement: Statement, deadline: Deadline) -> RowSet:
        """Every statement but that of products."""
        if "`products`" in statement.text:
            raise KeyError("Jane")
        return await super().fetch(statement, deadline)


def test_a_mistake_of_ours_in_one_of_two_statements_is_masked_and_named_in_the_log(
    northwind_database: DatabaseUrl, capsys: pytest.CaptureFixture[str]
) -> None:
    async def run() -> tuple[int, str]:
        settings = Settings(database_url=northwind_database, sdl_dir=SDL, auth=False)
        engine = await Engine.start(settings)
        app = App(settings, engine, BrokenDatabase(northwind_database))
        event = post('{ product(productId: "1") { productName } order(orderId: "1") { orderId } }')
        response = await app.handle(event, budget_s=20.0)
        await app.close()
        return response["statusCode"], response["body"]

    status, text = asyncio.run(run())
    assert status == 500
    assert [each["extensions"]["code"] for each in json.loads(text)["errors"]] == ["INTERNAL"]
    written = capsys.readouterr().out
    failure = next(json.loads(line) for line in written.splitlines() if '"failure"' in line)
    assert (failure["error"], failure["text"]) == ("KeyError", "")
    assert [place.rpartition(":")[0].rpartition("/")[2] for place in failure["at"]][-1] == "run.py"
    assert "Jane" not in text + written


def test_time_that_is_up_is_told(ask: Ask) -> None:
    _, body = ask(post('{ order(orderId: "1") { orderId } }'), budget_s=0.0)
    assert body["data"] == {"order": None}
    assert body["errors"][0]["extensions"]["code"] == "TIMEOUT"


def test_mutation_is_refused(ask: Ask) -> None:
    status, body = ask(post("mutation { orders { totalCount } }"))
    assert status == 400
    assert "data" not in body


@pytest.mark.parametrize("event", [None, {}, [], {"httpMethod": 7}, "x"])
def test_anything_gets_an_answer(ask: Ask, event: Any) -> None:
    status, body = ask(event)
    assert 400 <= status < 600
    assert body["errors"]
