"""The spans of real requests, and the lines of their statements at DEBUG."""

from __future__ import annotations

import io
import json
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
import pytest_asyncio

from handler.app import App
from handler.observe.invocation import Invocation
from handler.observe.log import Log
from handler.settings import Settings
from handler.stores.url import DatabaseUrl
from tests.domains.orders import PROJECT
from tests.handler.http.events import post_event

SDL = PROJECT / "sdl"
SAMPLED = Invocation(
    trace_id="1-58406520-a006649127e371903a2de979", parent_id="53995c3f42cd8ad8", is_sampled=True
)
DOCUMENT = """
query Orders { orders(first: 2) { totalCount nodes { orderId customer { name } items { quantity } } } }
"""  # noqa: E501

Start = Callable[..., Any]


@pytest.fixture
def daemon() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(10)
        yield listening


@pytest_asyncio.fixture
async def start(northwind_database: DatabaseUrl) -> AsyncIterator[Start]:
    apps = []

    async def started(**more: Any) -> App:
        settings = Settings(database_url=northwind_database, sdl_dir=SDL, auth=False, **more)
        apps.append(await App.start(settings))
        return apps[-1]

    yield started
    for app in apps:
        await app.close()


async def ask(app: App, document: str, invocation: Invocation = SAMPLED) -> Any:
    event = post_event({"query": document})
    return await app.handle(event, budget_s=20, invocation=invocation)


def received(daemon: socket.socket) -> dict[str, Any]:
    return dict(json.loads(daemon.recv(65_535).partition(b"\n")[2]))


async def test_each_stage_and_statement_is_a_span(
    start: Start, daemon: socket.socket, cache_url: str
) -> None:
    host, port = daemon.getsockname()
    app = await start(tracing="xray", xray_address=f"{host}:{port}", cache_url=cache_url)
    assert (await ask(app, DOCUMENT))["statusCode"] == 200
    first = received(daemon)
    assert (await ask(app, DOCUMENT))["statusCode"] == 200
    second = received(daemon)

    about = first["annotations"]
    assert first["name"] == "query Orders"
    assert (about["aurora_statements"], about["http_response_status_code"]) == (3, 200)
    assert (about["aurora_cache"], second["annotations"]["aurora_cache"]) == ("miss", "hit")
    names = [each["name"] for each in first["subsegments"]]
    assert names[:4] == [
        "graphql.parse and validate",
        "graphql.plan",
        "graphql.execute",
        "response cache",
    ] or names[:3] == ["graphql.parse and validate", "graphql.execute", "graphql.plan"]
    assert sorted(each for each in names if each.startswith("SELECT")) == [
        "SELECT order_items",
        "SELECT orders",
        "SELECT orders",
    ]
    assert names[-1] == "graphql.encode"
    found = [each["name"] for each in second["subsegments"]]
    assert "response cache" in found
    assert not [each for each in found if each.startswith("SELECT") or each == "graphql.encode"]
    for whole in (first, second):
        for each in whole["subsegments"]:
            assert whole["start_time"] <= each["start_time"] <= each["end_time"]
            assert each["end_time"] <= whole["end_time"]
    rows = [
        each["annotations"]["db_response_returned_rows"]
        for each in first["subsegments"]
        if each["name"] == "SELECT order_items"
    ]
    assert rows == [about["aurora_rows"] - 2 - 1 - 1] or rows[0] > 0


async def test_no_value_is_in_a_trace(start: Start, daemon: socket.socket) -> None:
    host, port = daemon.getsockname()
    app = await start(tracing="xray", xray_address=f"{host}:{port}")
    response = await ask(app, '{ order(orderId: "10248") { orderId customer { name } } }')
    answer = json.loads(response["body"])["data"]["order"]
    text = json.dumps(received(daemon), ensure_ascii=False)
    assert "%s" in text  # the place of a value
    assert answer["customer"]["name"] not in text
    assert "10248" not in text


async def test_a_failed_statement_is_a_fault(
    start: Start, daemon: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    host, port = daemon.getsockname()
    app = await start(tracing="xray", xray_address=f"{host}:{port}")

    def broken(*_: object) -> None:
        raise EOFError("kanari")

    monkeypatch.setattr("handler.stores.mysql.wire.read_result", broken)
    await ask(app, DOCUMENT)
    whole = received(daemon)
    assert whole["fault"]
    assert whole["annotations"]["error"] == "UPSTREAM_FAILED"
    faults = {each["name"] for each in whole["subsegments"] if each.get("fault")}
    assert faults == {"SELECT orders"}
    assert "kanari" not in json.dumps(whole)


async def test_nothing_is_sent_of_a_request_that_is_not_sampled(
    start: Start, daemon: socket.socket
) -> None:
    host, port = daemon.getsockname()
    app = await start(tracing="xray", xray_address=f"{host}:{port}")
    await ask(app, DOCUMENT, Invocation())
    await ask(app, "query Next { __typename }")
    assert received(daemon)["name"] == "query Next"


async def test_statements_are_lines_at_debug(start: Start) -> None:
    app = await start(log_level="DEBUG")
    stream = io.StringIO()
    app.log = app._tracer._log = Log("DEBUG", stream)
    await ask(app, DOCUMENT, Invocation())
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    statements = [line for line in lines if line["message"] == "statement"]
    (request,) = (line for line in lines if line["message"] == "request")
    assert {line.pop("requestId") for line in statements} == {request["requestId"]}
    assert all(line.pop("durationMs") > 0 for line in statements)
    shown = sorted((line["field"], line["table"], line["rows"]) for line in statements)
    assert [each[:2] for each in shown] == [
        ("Order.items", "order_items"),
        ("Query.orders", "orders"),
        ("Query.orders", "orders"),
    ]
    assert sum(each[2] for each in shown) >= request["rows"]
