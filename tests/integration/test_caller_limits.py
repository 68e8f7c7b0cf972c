"""Limits of callers through the App, on a real database and a real Redis."""

from __future__ import annotations

import asyncio
import http.client
import itertools
import json
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import pytest_asyncio

from aurora_graphql.dev.lambda_task import checkout
from handler.access.principal import CallerKind, Principal
from handler.app import App, start_engine
from handler.engine.persisted_queries import sha256_of
from handler.errors import SettingsError
from handler.settings import Settings
from handler.stores.mysql.database import MySqlDatabase
from handler.stores.redis.cache import RedisCache
from handler.stores.url import DatabaseUrl
from tests.conftest import SDL
from tests.handler.http.events import GRAPHQL_RESPONSE, post_event
from tests.integration.front import serve, settings_for
from tests.integration.redis_cluster import open_cluster

ANONYMOUS = Principal.anonymous()
ANN = Principal(kind=CallerKind.TOKEN, issuer="https://login", subject="ann")
BOB = Principal(kind=CallerKind.TOKEN, issuer="https://login", subject="bob")
KEY = Principal(kind=CallerKind.API_KEY, subject="ann")
READER = Principal(
    kind=CallerKind.TOKEN,
    issuer="https://login",
    subject="ann",
    scopes=frozenset({"orders:read", "orders:read:all"}),
)
PAGE = "{ products { nodes { productName } } }"
Start = Callable[..., Awaitable[App]]

_numbers = itertools.count(100_000)


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
        # A shared machine may take its time: what is tested here are answers, not times.
        options = {"socket_connect_timeout": 10.0}
        client = RedisCache(cache, 5.0, is_cluster, options=options) if cache else None
        engine = await start_engine(settings)
        apps.append(App(settings, engine, MySqlDatabase(northwind_database), client))
        return apps[-1]

    yield start
    for each in apps:
        await each.close()


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
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
        f'p{at}: product(productId: "{next(_numbers)}") {{ productName }}' for at in range(count)
    )
    return "{ " + fields + " }"


def codes(body: dict[str, Any]) -> list[str]:
    return [each["extensions"]["code"] for each in body.get("errors", [])]


# ------------------------------------------------------------------------ one operation


async def test_each_caller_has_its_own_depth_and_cost(start: Start) -> None:
    app = await start(
        "anonymous depth=2 cost=10", "token depth=3", "scope:orders:read depth=6 cost=200"
    )
    deep = "{ products(first: 1) { nodes { productName } } }"
    status, body = await ask(app, deep)
    assert (status, codes(body)) == (400, ["LIMIT_EXCEEDED"])
    (error,) = body["errors"]
    assert error["message"] == "The operation has a depth of 3; the limit of this caller is 2."
    assert error["extensions"] == {"code": "LIMIT_EXCEEDED", "depth": 3, "limit": 2}
    assert (await ask(app, deep, ANN))[0] == 200
    assert (await ask(app, deep, KEY))[0] == 200  # no row meets it
    deeper = "{ orders(first: 1) { nodes { items { orderId } } } }"
    assert codes((await ask(app, deeper, ANN))[1]) == ["LIMIT_EXCEEDED"]
    assert (await ask(app, deeper, READER))[0] == 200
    dear = "{ orders(first: 150) { nodes { customer { name } } } }"
    _, body = await ask(app, dear, READER)
    (error,) = body["errors"]
    assert error["extensions"] == {
        "code": "LIMIT_EXCEEDED",
        "cost": 454.0,
        "limit": 200,
        "heaviest": [
            {"path": ["orders", "nodes", "customer"], "cost": 300.0},
            {"path": ["orders", "nodes"], "cost": 151.0},
            {"path": ["orders"], "cost": 2.0},
        ],
    }
    assert "a smaller first at orders, where it is 150" in error["message"]


async def test_a_page_that_is_smaller_for_a_caller_costs_that_caller_less(start: Start) -> None:
    app = await start("anonymous page_size=20", "token cost=50")
    document = "{ products { nodes { productName } } }"
    for who, cost in ((ANONYMOUS, 24), (KEY, 54)):
        _, body = await ask(app, document, who, cost=True)
        assert body["extensions"]["cost"]["cost"] == cost
    assert codes((await ask(app, document, ANN))[1]) == ["LIMIT_EXCEEDED"]


async def test_no_row_goes_over_what_holds_for_everybody(start: Start) -> None:
    app = await start(
        "anonymous depth=90 cost=1000000 page_size=9999",
        DOCUMENT_DEPTH_MAX="2",
        DOCUMENT_COST_MAX="20",
        PAGE_SIZE_MAX="50",
    )
    for document, code in (
        ("{ products(first: 1) { nodes { productName } } }", "LIMIT_EXCEEDED"),
        ("{ products(first: 21) { totalCount nodes { __typename } } }", "LIMIT_EXCEEDED"),
        ("{ products(first: 51) { totalCount } }", "BAD_USER_INPUT"),
    ):
        assert codes((await ask(app, document))[1]) == [code]


async def test_a_page_is_refused_in_the_words_of_the_general_limit(start: Start) -> None:
    app = await start("anonymous page_size=20", "token page_size=500")
    for first, who, largest in ((21, ANONYMOUS, 20), (201, ANN, 200)):
        for name in ("first", "last"):
            document = f"{{ products({name}: {first}) {{ totalCount }} }}"
            status, body = await ask(app, document, who)
            assert (status, codes(body)) == (400, ["BAD_USER_INPUT"])
            expected = f"Query.products: {name} must be between 0 and {largest}, got {first}"
            assert body["errors"][0]["message"] == expected
        allowed = f"{{ products(first: {largest}) {{ totalCount }} }}"
        assert (await ask(app, allowed, who))[0] == 200


async def test_a_page_without_a_size_is_no_larger_and_no_caller_gets_anothers(
    start: Start,
) -> None:
    app = await start("anonymous page_size=3", "token page_size=5")
    for who in (ANN, ANONYMOUS, KEY, ANONYMOUS, ANN, KEY):
        _, body = await ask(app, PAGE, who)
        expected = {ANONYMOUS.kind: 3, ANN.kind: 5, KEY.kind: 50}[who.kind]
        assert len(body["data"]["products"]["nodes"]) == expected


async def test_callers_with_the_same_page_share_an_answer(start: Start) -> None:
    app = await start("anonymous page_size=60", "token page_size=70")
    assert app._responses is not None
    for who in (ANONYMOUS, ANN, KEY):
        assert (await ask(app, PAGE, who))[0] == 200
    assert (app._responses.counts["miss"], app._responses.counts["hit"]) == (1, 2)


# ------------------------------------------------------------------------------- budgets


@pytest.mark.parametrize("accept", [GRAPHQL_RESPONSE, "application/json"])
async def test_who_has_spent_it_is_told_when_to_come_back(start: Start, accept: str) -> None:
    app = await start("anonymous cost_per_minute=30")
    statuses = []
    for _ in range(3):
        response = await app.handle(event(new(), accept=accept), budget_s=20)
        statuses.append(response["statusCode"])
    assert statuses == [200, 200, 429]
    (error,) = json.loads(response["body"])["errors"]
    found = error["extensions"]
    assert (found["code"], found["cost"], found["limit"]) == ("RATE_LIMITED", 13, 30)
    assert 0 < found["used"] <= 26
    assert 1 <= found["retryAfterS"] <= 18
    assert response["headers"]["retry-after"] == str(found["retryAfterS"])
    assert response["headers"]["cache-control"] == "no-store"
    assert "data" not in json.loads(response["body"])


async def test_everybody_has_a_budget_and_no_header_makes_another(start: Start) -> None:
    app = await start("anonymous cost_per_minute=13", "token cost_per_minute=13")
    callers = [
        (ANONYMOUS, "192.0.2.1"),
        (ANONYMOUS, "192.0.2.2"),
        (ANONYMOUS, "2001:db8::1"),
        (ANN, "192.0.2.1"),
        (BOB, "192.0.2.1"),
    ]
    for who, address in callers:
        assert (await ask(app, new(), who, address))[0] == 200
    for who, address in (*callers, (ANN, "192.0.2.9"), (ANONYMOUS, "2001:db8::2")):
        assert (await ask(app, new(), who, address))[0] == 429
    spoofed = event(new())
    spoofed["headers"] |= {"X-Forwarded-For": "198.51.100.7", "Forwarded": "for=198.51.100.7"}
    spoofed["multiValueHeaders"] |= {"X-Forwarded-For": ["198.51.100.7"]}
    assert (await app.handle(spoofed, budget_s=20))["statusCode"] == 429
    assert (await ask(app, new(), KEY))[0] == 200


async def test_a_kept_answer_is_free(start: Start) -> None:
    app = await start("anonymous cost_per_minute=13", "token cost_per_minute=13")
    document = new()
    for _ in range(10):
        assert (await ask(app, document))[0] == 200
    assert (await ask(app, document, ANN))[0] == 200  # of another caller as well
    assert (await ask(app, new(), ANN))[0] == 200
    assert (await ask(app, new()))[0] == 429
    assert (await ask(app, document))[0] == 200


async def test_a_budget_costs_one_round_trip_for_what_runs_and_none_for_the_rest(
    start: Start,
) -> None:
    app = await start("anonymous cost_per_minute=1000")
    assert app.cache is not None
    client = app.cache._open()
    await client.config_resetstat()
    document = new()
    for _ in range(5):
        await ask(app, document)
    for _ in range(3):
        await ask(app, new())
    await ask(app, "{ nothing }")
    commands = await client.info("commandstats")
    assert commands["cmdstat_eval"]["calls"] == 4
    assert {name for name in commands if "script" in name or "evalsha" in name} == set()


async def test_what_is_refused_is_free(start: Start) -> None:
    app = await start("anonymous cost_per_minute=13 page_size=5")
    for document in (
        "{",
        "{ nothing }",
        "{ products(first: 6) { totalCount } }",
        "mutation { a }",
        new(2),
    ):
        status, body = await ask(app, document)
        assert (status, "RATE_LIMITED" in codes(body)) == (400, False)
    assert (await ask(app, new()))[0] == 200
    assert (await ask(app, new()))[0] == 429


async def test_what_never_fits_is_told_so_without_a_time(start: Start) -> None:
    app = await start("anonymous cost_per_minute=20")
    response = await app.handle(event(new(2)), budget_s=20)
    (error,) = json.loads(response["body"])["errors"]
    assert response["statusCode"] == 400
    assert error["extensions"] == {"code": "LIMIT_EXCEEDED", "cost": 25, "limit": 20}
    assert "retry-after" not in response["headers"]


async def test_the_price_is_told_to_who_asks(start: Start) -> None:
    app = await start("anonymous cost_per_minute=1000")
    _, body = await ask(app, new(3), cost=True)
    told = body["extensions"]["cost"]
    assert (told["statements"], told["price"]) == (3, math.ceil(told["cost"]) + 30)


async def test_who_has_spent_it_registers_no_documents(start: Start) -> None:
    app = await start("anonymous cost_per_minute=14", PERSISTED_QUERIES="automatic")  # 13, and 1
    documents = [new(), new()]
    for document, expected in zip(documents, (200, 429), strict=True):
        persisted = {"version": 1, "sha256Hash": sha256_of(document)}
        assert (await ask(app, document, persistedQuery=persisted))[0] == expected
    assert app.cache is not None
    for document, expected in zip(documents, (1, 0), strict=True):
        key = f"aurora:document:{sha256_of(document)}"
        assert await app.cache._open().exists(key) == expected


async def test_a_document_is_registered_at_a_price_by_its_bytes(start: Start) -> None:
    """Sixteen kilobytes of comment cost the cache the same as sixteen kilobytes of fields."""
    app = await start("anonymous cost_per_minute=100", PERSISTED_QUERIES="automatic")
    assert app.cache is not None
    client = app.cache._open()

    async def register(document: str) -> tuple[int, bool]:
        persisted = {"version": 1, "sha256Hash": sha256_of(document)}
        status, _ = await ask(app, document, persistedQuery=persisted)
        return status, bool(await client.exists(f"aurora:document:{sha256_of(document)}"))

    large = "{ __typename } #".ljust(6_001)
    assert await register(large) == (200, True)  # 1, and 61 for its bytes
    assert await register(large) == (200, True)  # 1: it is known
    assert await register(large + " ") == (200, False)  # 1: the answer, and not the bytes
    assert await register("{ __typename }") == (200, True)  # 1 and 1
    assert app._documents.counts["document not paid"] == 1


async def test_environments_share_budgets_in_a_cluster(start: Start, tmp_path: Path) -> None:
    with open_cluster(tmp_path, 3) as nodes:
        row, where = "anonymous cost_per_minute=13", nodes[0].url
        first = await start(row, cache=where, is_cluster=True)
        second = await start(row, cache=where, is_cluster=True)
        for number in range(8):
            address = f"192.0.2.{number}"
            assert (await ask(first, new(), ANONYMOUS, address))[0] == 200
            assert (await ask(second, new(), ANONYMOUS, address))[0] == 429


async def test_64_at_once_are_answered_up_to_the_budget(start: Start) -> None:
    apps = [await start("anonymous cost_per_minute=130") for _ in range(4)]
    for app in apps:
        await ask(app, new(), ANN)  # everything is connected
    began = time.monotonic()
    answers = await asyncio.gather(*(ask(apps[at % 4], new()) for at in range(64)))
    came_back = math.ceil((time.monotonic() - began) * 130 / 60)
    answered = sum(status == 200 for status, _ in answers)
    assert {status for status, _ in answers} == {200, 429}
    assert 130 // 13 <= answered <= (130 + came_back) // 13


async def test_the_log_tells_what_was_refused(
    start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    app = await start("anonymous cost_per_minute=13")
    await ask(app, new())
    await ask(app, new())
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = [(line["codes"], line["counts"]) for line in lines if line["message"] == "request"]
    assert told[-1][0] == ["RATE_LIMITED"]
    assert told[-1][1]["budget refused"] == 1
    assert "192.0.2.1" not in json.dumps(lines)


# ------------------------------------------------------------------- who else may keep an answer

PUBLIC = ("public, max-age=300, stale-while-revalidate=300", False)
PRIVATE = ("private, max-age=300, stale-while-revalidate=300", True)


@pytest.mark.parametrize(
    ("rows", "document", "expected"),
    [
        pytest.param((), PAGE, PUBLIC, id="no-limits"),
        pytest.param(("anonymous page_size=50",), PAGE, PUBLIC, id="page-that-all-may-have"),
        pytest.param(("anonymous page_size=49",), PAGE, PRIVATE, id="default-is-cut-for-some"),
        pytest.param(
            ("token page_size=80", "scope:big page_size=49"), PAGE, PRIVATE, id="for-others"
        ),
        pytest.param(
            ("token page_size=20",),
            "{ products(first: 20) { totalCount nodes { productName } } }",
            PUBLIC,
            id="small-page",
        ),
        pytest.param(
            ("token page_size=20",),
            "{ products(last: 21) { nodes { productName } } }",
            PRIVATE,
            id="page-that-some-are-refused",
        ),
        pytest.param(
            ("token page_size=1",), '{ product(productId: "1") { productName } }', PUBLIC, id="row"
        ),
        pytest.param(("token depth=3",), PAGE, PUBLIC, id="as-deep-as-all-may-ask"),
        pytest.param(("token depth=2",), PAGE, PRIVATE, id="deeper"),
        pytest.param(("token cost=60",), PAGE, PUBLIC, id="as-dear-as-all-may-ask"),
        pytest.param(("token cost=20",), PAGE, PRIVATE, id="dearer"),
        pytest.param(("anonymous cost_per_minute=1000",), PAGE, PUBLIC, id="a-budget-is-no-answer"),
    ],
)
@pytest.mark.parametrize("who", [ANONYMOUS, ANN], ids=["anonymous", "token"])
async def test_what_some_callers_get_otherwise_is_for_no_shared_cache(
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
    rows: tuple[str, ...],
    document: str,
    expected: tuple[str, bool],
    who: Principal,
) -> None:
    """Whoever gets it first: a cache that stands in front would give it to the others."""
    monkeypatch.setattr("handler.cache.response_cache.JITTER", 0.0)
    app = await start(*rows)
    for _ in range(2):  # computed, and kept here
        response = await app.handle(event(document, who), budget_s=20)
        if response["statusCode"] != 200:
            assert response["headers"]["cache-control"] == "no-store"
            assert expected == PRIVATE
            return
        policy = response["headers"]["cache-control"]
        varies = "authorization" in response["multiValueHeaders"]["vary"]
        assert (policy, varies) == expected


async def test_answers_are_for_all_where_nobody_is_asked(start: Start) -> None:
    app = await start("anonymous page_size=1 depth=1 cost=1", AUTH="off", STAGE="local")
    response = await app.handle(event(PAGE), budget_s=20)
    assert response["headers"]["cache-control"] == PUBLIC[0]


# --------------------------------------------------------------------- without cache or callers


async def test_a_cache_that_is_away_lifts_budgets_and_nothing_else(
    start: Start, tmp_path: Path
) -> None:
    app = await start(
        "anonymous cost_per_minute=13 cost=15", cache=f"unix://{tmp_path}/nowhere.sock"
    )
    for _ in range(5):
        assert (await ask(app, new()))[0] == 200
    assert codes((await ask(app, PAGE))[1]) == ["LIMIT_EXCEEDED"]
    assert app._budgets is not None
    assert app._budgets.counts == {"budget unknown": 5}


async def test_nobody_is_limited_where_nobody_is_asked(start: Start) -> None:
    app = await start(
        "anonymous depth=1 cost=1 page_size=1 cost_per_minute=1",
        "token depth=1 cost=1 page_size=1 cost_per_minute=1",
        "api-key depth=1 cost=1 page_size=1 cost_per_minute=1",
        AUTH="off",
        STAGE="local",
    )
    for _ in range(3):
        _, body = await ask(app, PAGE)
        assert len(body["data"]["products"]["nodes"]) == 50


async def test_rows_that_cannot_be_kept_stop_the_start(northwind_database: DatabaseUrl) -> None:
    environ = {"DATABASE_URL": northwind_database.text(), "SDL_DIR": str(SDL)}
    # The programs that have no cache, such as migrate, are given the same settings.
    without_cache = Settings.from_environ({**environ, "CALLER_LIMITS": "token cost_per_minute=5"})
    with pytest.raises(SettingsError, match="cost_per_minute, which is counted in the cache"):
        await App.start(without_cache)
    with pytest.raises(SettingsError, match="CALLER_LIMITS number 1 names 'nobody'"):
        Settings.from_environ({**environ, "CALLER_LIMITS": "nobody cost=5"})


def test_http_clients_see_it_through_the_gateway(
    northwind_database: DatabaseUrl, cache_url: str
) -> None:
    """Gateway, Lambda's runtime client and the handler: by hash, by GET, until it is spent."""
    environ = settings_for(
        northwind_database,
        AUTH="on",
        CACHE_URL=cache_url,
        CALLER_LIMITS="anonymous cost_per_minute=28",  # two of 13, and 1 for the text
        PERSISTED_QUERIES="automatic",
    )
    document = "query One($id: ID!) { product(productId: $id) { productName } }"
    persisted = {"persistedQuery": {"version": 1, "sha256Hash": sha256_of(document)}}
    extensions = json.dumps(persisted)

    with serve(checkout(), environ) as front:
        connection = http.client.HTTPConnection("127.0.0.1", front.port, timeout=60)

        def get(**parameters: str) -> tuple[int, str | None, dict[str, Any]]:
            query = urlencode({"variables": json.dumps({"id": str(next(_numbers))}), **parameters})
            connection.request("GET", f"/?{query}", headers={"accept": "application/json"})
            response = connection.getresponse()
            return (
                response.status,
                response.getheader("retry-after"),
                json.loads(response.read()),
            )

        try:
            status, _, body = get(extensions=extensions)
            assert (status, codes(body)) == (200, ["PERSISTED_QUERY_NOT_FOUND"])
            for parameters in (
                {"query": document, "extensions": extensions},
                {"documentId": f"sha256:{sha256_of(document)}"},
            ):
                assert get(**parameters) == (200, None, {"data": {"product": None}})
            status, retry_after, body = get(extensions=extensions)
        finally:
            connection.close()
    assert (status, codes(body)) == (429, ["RATE_LIMITED"])
    assert retry_after == str(body["errors"][0]["extensions"]["retryAfterS"])
