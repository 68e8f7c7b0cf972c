"""The log line of a request: each of its fields varies with what it tells of."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from aurora_graphql.dev.servers import DatabaseServer
from handler.access.principal import CallerKind, Principal
from handler.app import App, start_engine
from handler.language.limits import Limits
from handler.observe.fields import REQUEST_FIELDS
from handler.observe.invocation import Invocation
from handler.observe.log import Log
from handler.settings import Settings
from handler.stores.mysql.database import MySqlDatabase
from handler.stores.redis.cache import RedisCache
from handler.stores.url import DatabaseUrl
from tests.domains.orders import PROJECT
from tests.handler.http.events import GRAPHQL_RESPONSE, post_event

SDL = PROJECT / "sdl"
NAMED = "query Named($id: ID!) { order(orderId: $id) { orderId customer { name } } }"
TOKEN = Principal(kind=CallerKind.TOKEN, subject="kanari", issuer="https://i", scopes=frozenset())


class Watched:
    """An App, and the lines that it has written."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.stream = io.StringIO()
        app.log = Log("INFO", self.stream, stage="test")

    async def ask(
        self,
        document: str,
        variables: dict[str, Any] | None = None,
        who: Principal | None = None,
        invocation: Invocation | None = None,
        headers: dict[str, str] | None = None,
        request_id: str = "",
    ) -> dict[str, Any]:
        """The line of a request."""
        event = post_event({"query": document, "variables": variables or {}})
        event["headers"] |= headers or {}
        for name, text in (headers or {}).items():
            event["multiValueHeaders"][name] = [text]
        if request_id:
            event["requestContext"]["requestId"] = request_id
        if who is not None:
            event["requestContext"]["authorizer"] = {
                "principalId": who.principal_id,
                **who.context(),
            }
        self.stream.truncate(0)
        self.stream.seek(0)
        await self.app.handle(event, budget_s=20, invocation=invocation or Invocation())
        lines = [json.loads(line) for line in self.stream.getvalue().splitlines()]
        (line,) = (line for line in lines if line["message"] == "request")
        assert line.keys() <= REQUEST_FIELDS.keys()
        return dict(line)


@pytest_asyncio.fixture
async def watched(northwind_database: DatabaseUrl, cache_url: str) -> AsyncIterator[Watched]:
    settings = Settings(
        database_url=northwind_database,
        cache_url=cache_url,
        sdl_dir=SDL,
        stage="test",
        auth=False,
        initialization_type="snap-start",
    )
    app = App(
        settings,
        await start_engine(settings),
        MySqlDatabase(northwind_database),
        RedisCache(cache_url, timeout_s=2.0),
    )
    yield Watched(app)
    await app.close()


async def test_operation_and_hash_are_those_of_the_document(watched: Watched) -> None:
    named = await watched.ask(NAMED, {"id": "10248"})
    again = await watched.ask(NAMED, {"id": "10249"})
    literal = await watched.ask('{ order(orderId: "10248") { orderId } }')
    other = await watched.ask('{ order(orderId: "10249") { orderId } }')
    assert (named["operation"], again["operation"]) == ("Named", "Named")
    assert "operation" not in literal
    assert named["operationHash"] == again["operationHash"]
    assert literal["operationHash"] == other["operationHash"] != named["operationHash"]
    assert "1024" not in json.dumps([named, again, literal, other])


async def test_what_an_operation_uses_is_told_once(watched: Watched) -> None:
    for number in ("10248", "10249", "10250"):
        await watched.app.handle(
            post_event({"query": NAMED, "variables": {"id": number}}), budget_s=20
        )
    await watched.app.handle(post_event({"query": "{ nothing }"}), budget_s=20)
    lines = [json.loads(line) for line in watched.stream.getvalue().splitlines()]
    (told,) = (line for line in lines if line["message"] == "operation")
    asked = [line.get("operationHash") for line in lines if line["message"] == "request"]
    assert told == {
        "level": "INFO",
        "stage": "test",
        "message": "operation",
        "operation": "Named",
        "operationHash": asked[0],
        "fields": [
            "Customer.name",
            "Order.customer",
            "Order.orderId",
            "Query.order",
            "Query.order(orderId:)",
        ],
    }
    assert asked == [told["operationHash"]] * 3 + [None]


async def test_a_refused_document_has_no_operation_and_its_code(watched: Watched) -> None:
    line = await watched.ask("query Wrong { nothing }")
    assert line["codes"] == ["GRAPHQL_VALIDATION_FAILED"]
    assert line["errors"] == [{"code": "GRAPHQL_VALIDATION_FAILED"}]
    assert line.keys().isdisjoint({"operation", "operationHash"})
    assert (line["statements"], line["rows"], line["cost"]) == (0, 0, 0)


async def test_work_is_counted_and_measured(watched: Watched) -> None:
    small = await watched.ask("query A { orders(first: 1) { nodes { orderId } } }")
    large = await watched.ask("query B { orders(first: 5) { nodes { items { quantity } } } }")
    nothing = await watched.ask("query C { __typename }")
    assert (small["statements"], large["statements"], nothing["statements"]) == (1, 2, 0)
    assert small["rows"] < large["rows"]
    assert small["cost"] < large["cost"] < large["costLimit"]
    assert small["bodyBytes"] < large["bodyBytes"]
    assert nothing["databaseMs"] == 0
    for line in (small, large):
        assert 0 < line["databaseMs"] < line["durationMs"]
        parts = line["databaseMs"] + line["cacheMs"] + line["handlerMs"]
        assert parts == pytest.approx(line["durationMs"], abs=0.01)


async def test_the_cache_is_told_apart_from_the_database(watched: Watched) -> None:
    document = "query Kept { products { nodes { productName } } }"
    first, second = await watched.ask(document), await watched.ask(document)
    assert (first["cache"], second["cache"]) == ("miss", "hit")
    assert (first["statements"], second["statements"]) == (1, 0)
    assert second["databaseMs"] == 0
    assert 0 < second["cacheMs"] < second["durationMs"]
    off = await watched.ask("query Off { __typename }")
    assert off["cache"] == "off"
    assert off["cacheMs"] == 0


async def test_a_broken_field_is_named_without_alias_and_number(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    await watched.app.database.close()
    monkeypatch.setattr(watched.app, "database", MySqlDatabase(watched.app.settings.database_url))
    monkeypatch.setattr(
        "handler.stores.mysql.wire.read_result", _broken
    )  # what the server answers is no result
    line = await watched.ask('query A { kanari_1: order(orderId: "10248") { orderId } }')
    assert line["codes"] == ["UPSTREAM_FAILED"]
    assert line["errors"] == [{"code": "UPSTREAM_FAILED", "path": "order", "cause": "EOFError"}]
    assert line["databaseMs"] > 0


def _broken(*_: object) -> None:
    raise EOFError("kanari")


async def test_callers_are_kinds_and_clients_are_programs(watched: Watched) -> None:
    assert (await watched.ask("{ __typename }"))["caller"] == "development"
    headers = {"apollographql-client-name": "web", "apollographql-client-version": "7.1"}
    line = await watched.ask("{ __typename }", headers=headers)
    assert (line["client"], line["clientVersion"]) == ("web", "7.1")
    assert (await watched.ask("{ __typename }")).keys().isdisjoint({"client", "clientVersion"})


@pytest.mark.parametrize("who", [TOKEN, Principal.anonymous()])
async def test_a_caller_is_never_named(watched: Watched, who: Principal) -> None:
    app = watched.app
    watched.app = App(
        Settings(database_url=app.settings.database_url, sdl_dir=SDL),
        app.engine,
        app.database,
    )
    watched.app.log = app.log
    line = await watched.ask("{ __typename }", who=who)
    assert line["caller"] == who.kind.value
    assert "kanari" not in json.dumps(line)


async def test_ids_are_those_of_gateway_lambda_and_trace(watched: Watched) -> None:
    root = "1-58406520-a006649127e371903a2de979"
    invocation = Invocation(request_id="i-7", trace_id=root)
    line = await watched.ask("{ __typename }", invocation=invocation)
    assert (line["invocationId"], line["traceId"]) == ("i-7", root)
    assert line["requestId"] == post_event({})["requestContext"]["requestId"]


async def test_only_the_first_request_of_an_environment_tells_how_it_began(
    watched: Watched,
) -> None:
    starts = [(await watched.ask("{ __typename }"))["start"] for _ in range(3)]
    assert starts == ["restored", "warm", "warm"]


CONSTANT = {"level", "message", "format"}
"""Fields that are the same in all lines of requests; all others vary with what they tell of."""


async def test_every_field_varies(watched: Watched) -> None:
    """Absent counts as a value. A field that is added needs a request here that changes it."""
    settings = watched.app.settings
    broken = App(
        Settings(
            database_url=settings.database_url,
            cache_url="redis://127.0.0.1:9/0",
            sdl_dir=SDL,
            limits=Limits(cost=10),
        ),
        watched.app.engine,
        watched.app.database,
        RedisCache("redis://127.0.0.1:9/0", timeout_s=0.2),
    )
    kept = "query Varied { products(first: 3) { nodes { productName } } }"
    told = [
        await watched.ask(kept),
        await watched.ask(kept, headers={"apollographql-client-name": "web"}),
        await watched.ask(
            NAMED,
            {"id": "10248"},
            headers={"graphql-client-name": "a", "graphql-client-version": "7"},
        ),
        await watched.ask("{ wrong }", headers={"Accept": GRAPHQL_RESPONSE}, request_id="r-2"),
        await watched.ask("{ nothing }", invocation=Invocation(request_id="i", trace_id="t")),
    ]
    other = Watched(broken)
    other.app.log = Log("INFO", other.stream, stage="other", release="7")
    told.append(await other.ask(kept, who=TOKEN))
    told.append(await other.ask("{ __typename }", who=Principal.anonymous(), headers={}))
    await broken.cache.close()  # type: ignore[union-attr]  # it was given one
    values = {
        name: {json.dumps(line.get(name, "absent")) for line in told} for name in REQUEST_FIELDS
    }
    assert {name for name, found in values.items() if len(found) == 1} == CONSTANT


@pytest.mark.parametrize(
    ("document", "comment"),
    [
        ("query Seen { orders(first: 1) { nodes { orderId } } }", "Seen "),
        ("{ orders(first: 1) { nodes { orderDate: orderedAt } } }", ""),
        (f"query {'N' * 90} {{ orders(first: 2) {{ totalCount }} }}", "N" * 40 + " "),
    ],
)
async def test_a_statement_names_its_operation_to_the_server(
    watched: Watched, mariadb: DatabaseServer, document: str, comment: str
) -> None:
    """As ``SHOW FULL PROCESSLIST`` and the logs of the server show it."""
    mariadb._execute("SET GLOBAL log_output = 'TABLE'")
    mariadb._execute("SET GLOBAL general_log = 1")
    line = await watched.ask(document)
    mariadb._execute("SET GLOBAL general_log = 0")
    ((found,),) = mariadb._execute(
        "SELECT argument FROM mysql.general_log WHERE command_type = 'Query'"
        f" AND argument LIKE '%{line['operationHash'][:12]}%' AND argument NOT LIKE '%general_log%'"
    )
    text = found.decode() if isinstance(found, bytes) else str(found)
    _, _, behind = text.partition("SELECT")
    hint, _, rest = behind.rpartition(f" /* {comment}{line['operationHash'][:12]} */ ")
    assert rest
    assert hint == "" or hint.startswith(" /*+ MAX_EXECUTION_TIME(")
