"""Whoever calls gets what is theirs: from the authorizer's word alone, and through the cache."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from handler.access.principal import CallerKind, Principal
from handler.app import App
from handler.settings import Settings
from handler.stores.redis.cache import RedisCache
from handler.stores.url import DatabaseUrl
from tests.conftest import SDL
from tests.integration.test_cache_app import CountingDatabase, get

PRODUCTS = "{ products(first: 2) { nodes { productName } } }"
ORDERS = "{ orders(first: 3) { totalCount nodes { orderId customerId } } }"
BESIDE = '{ product(productId: "1") { productName } order(orderId: "10248") { orderRef } }'
NAMES = "{ customers(first: 2) { nodes { name orderCount } } }"  # said to be private
PLACE = '{ customer(customerId: "VINET") { name country } }'  # with a rule of its own
DOCUMENTS = (PRODUCTS, ORDERS, BESIDE, NAMES, PLACE)


def token(subject: str, *scopes: str, **claims: str) -> Principal:
    return Principal(
        kind=CallerKind.TOKEN,
        subject=subject,
        issuer="https://login.example",
        scopes=frozenset(scopes),
        claims=claims,
    )


NOBODY = Principal.anonymous()
STRANGER = token("stranger")
VINET = token("vinet", "orders:read", customer_id="VINET")
VINET_AGAIN = token("vinet-2", "orders:read", customer_id="VINET")
TOMSP = token("tomsp", "orders:read", customer_id="TOMSP")
NO_CLAIM = token("no-claim", "orders:read")
STAFF = token("staff", "orders:read", "orders:read:all", customer_id="VINET")
KEY = Principal(
    kind=CallerKind.API_KEY, subject="staff", scopes=frozenset({"orders:read", "orders:read:all"})
)
GEOGRAPHER = token("geographer", "orders:read", "orders:read:all", "places")
CALLERS = (NOBODY, STRANGER, VINET, VINET_AGAIN, TOMSP, NO_CLAIM, STAFF, KEY, GEOGRAPHER)


@pytest.fixture
def sdl(tmp_path: Path) -> Path:
    """The example, with a list whose answers are private, and a column with a rule."""
    text = (SDL / "orders.graphql").read_text()
    field = text[text.index("  customers(") :].split("\n", 1)[0]
    assert field.endswith(": CustomerConnection!")
    private = f"{field} @cacheControl(maxAge: 60, scope: PRIVATE)"
    assert "  country: String @" in text
    place = '  country: String @requiresScopes(scopes: [["places"]]) @'
    text = text.replace(field, private).replace("  country: String @", place)
    (tmp_path / "orders.graphql").write_text(text)
    return tmp_path


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handler.cache.response_cache.WRITE_S", 2.0)


async def open_app(url: DatabaseUrl, cache_url: str, sdl: Path, **more: Any) -> App:
    started = await App.start(
        Settings(database_url=url, cache_url=cache_url, sdl_dir=sdl, log_level="ERROR", **more)
    )
    cache = RedisCache(cache_url, timeout_s=2.0) if cache_url else None
    return App(started.settings, started.engine, CountingDatabase(url), cache)


@pytest_asyncio.fixture
async def app(northwind_database: DatabaseUrl, cache_url: str, sdl: Path) -> AsyncIterator[App]:
    """With a cache."""
    app = await open_app(northwind_database, cache_url, sdl)
    yield app
    await app.close()


@pytest_asyncio.fixture
async def fresh(northwind_database: DatabaseUrl, sdl: Path) -> AsyncIterator[App]:
    """Without a cache: every answer is computed."""
    app = await open_app(northwind_database, "", sdl)
    yield app
    await app.close()


def asked(document: str, caller: Principal, **headers: str) -> dict[str, Any]:
    event = get(document, **headers)
    event["requestContext"]["authorizer"] = {
        "principalId": caller.principal_id,
        "integrationLatency": 3,
        **caller.context(),
    }
    return event


async def ask(app: App, document: str, caller: Principal, **headers: str) -> Any:
    return await app.handle(asked(document, caller, **headers), budget_s=10)


async def body(app: App, document: str, caller: Principal) -> Any:
    response = await ask(app, document, caller)
    assert response["statusCode"] == 200
    return json.loads(response["body"])


def codes(answer: Any) -> list[str]:
    return [error["extensions"]["code"] for error in answer.get("errors", [])]


# ------------------------------------------------------------------------------ who it is


async def test_each_caller_gets_what_is_theirs(fresh: App) -> None:
    counts = {}
    for caller in CALLERS:
        answer = await body(fresh, ORDERS, caller)
        counts[caller.subject] = codes(answer) or answer["data"]["orders"]["totalCount"]
        assert codes(await body(fresh, PRODUCTS, caller)) == []
    assert counts == {
        "": ["UNAUTHENTICATED"],
        "stranger": ["FORBIDDEN"],
        "vinet": 5,
        "vinet-2": 5,
        "tomsp": 6,
        "no-claim": 0,
        "staff": 830,
        "geographer": 830,
    }


async def test_what_is_open_is_answered_beside_what_is_not(fresh: App) -> None:
    assert await body(fresh, BESIDE, NOBODY) == {
        "errors": [
            {
                "message": "Log in to read Query.order.",
                "locations": [{"line": 1, "column": 43}],
                "path": ["order"],
                "extensions": {"code": "UNAUTHENTICATED"},
            }
        ],
        "data": {"product": {"productName": "Chai"}, "order": None},
    }


async def test_no_header_says_who_calls(fresh: App) -> None:
    context = {f"x-{name}": text for name, text in STAFF.context().items()}
    forged = {
        "authorization": "Bearer anything",
        "authorizer": json.dumps(STAFF.context()),
        "x-amzn-request-context": json.dumps({"authorizer": STAFF.context()}),
        **context,
    }
    event = get(ORDERS, **forged)
    event["authorizer"] = STAFF.context()
    event["queryStringParameters"] |= STAFF.context()
    response = await fresh.handle(event, budget_s=10)
    assert codes(json.loads(response["body"])) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"kind": "development"}, id="development"),
        pytest.param({"kind": "root"}, id="unknown-kind"),
        pytest.param({"claims": "[]"}, id="claims-are-no-object"),
        pytest.param({"scopes": None}, id="scopes-are-no-text"),
    ],
)
async def test_a_context_of_another_authorizer_opens_nothing(
    fresh: App, changed: dict[str, Any]
) -> None:
    event = asked(PRODUCTS, STAFF)
    event["requestContext"]["authorizer"] |= changed
    response = await fresh.handle(event, budget_s=10)
    assert response["statusCode"] == 500
    assert codes(json.loads(response["body"])) == ["INTERNAL"]


async def test_a_token_that_expired_since_it_was_looked_at_is_refused(fresh: App) -> None:
    now_s = int(time.time())
    late = Principal(kind=CallerKind.TOKEN, subject="x", issuer="i", expires_at_s=now_s - 1)
    response = await ask(fresh, PRODUCTS, late)
    assert response["statusCode"] == 401
    assert response["headers"]["www-authenticate"].startswith('Bearer error="invalid_token"')
    assert response["headers"]["cache-control"] == "no-store"
    assert codes(json.loads(response["body"])) == ["UNAUTHENTICATED"]
    good = Principal(kind=CallerKind.TOKEN, subject="x", issuer="i", expires_at_s=now_s + 3600)
    assert codes(await body(fresh, PRODUCTS, good)) == []


async def test_hidden_fields_are_unknown_to_those_who_may_not_read_them(
    northwind_database: DatabaseUrl, sdl: Path
) -> None:
    app = await open_app(northwind_database, "", sdl, forbidden_fields="hidden", introspection=True)
    try:
        names = '{ __schema { types { name } } __type(name: "Query") { fields { name } } }'
        fields, types = {}, {}
        for caller in (NOBODY, STRANGER, VINET, STAFF, NOBODY):
            data = (await body(app, names, caller))["data"]
            fields[caller.subject] = len(data["__type"]["fields"])
            types[caller.subject] = {each["name"] for each in data["__schema"]["types"]}
        assert fields == {"": 2, "stranger": 2, "vinet": 9, "staff": 9}
        assert not {name for name in types[""] if name.startswith(("Order", "Customer"))}
        response = await ask(app, "{ order { x } products { nodes { orderItem } } }", NOBODY)
        told = json.loads(response["body"])["errors"]
        assert [error["message"] for error in told] == [
            'Cannot query field "order" on type "Query".',
            'Cannot query field "orderItem" on type "Product".',
        ]
        answer = await body(app, ORDERS, VINET)
        assert answer["data"]["orders"]["totalCount"] == 5
    finally:
        await app.close()


# ------------------------------------------------------------------------------- the cache


async def test_kept_answers_never_cross_callers(app: App, fresh: App) -> None:
    """In every order in which two of them can ask, each gets what it gets without a cache."""
    expected = {
        (document, number): await body(fresh, document, caller)
        for document in DOCUMENTS
        for number, caller in enumerate(CALLERS)
    }
    assert len({json.dumps(answer) for answer in expected.values()}) > len(DOCUMENTS) * 2
    for document in DOCUMENTS:
        for pair in itertools.permutations(range(len(CALLERS)), 2):
            for number in pair:
                answer = await body(app, document, CALLERS[number])
                assert answer == expected[document, number]
    assert app._responses is not None
    assert app._responses.counts["hit"] > 100, "or nothing was tested"


@pytest.mark.parametrize(
    ("document", "sharing"),
    [
        pytest.param(PRODUCTS, [CALLERS], id="public-by-all"),
        pytest.param(ORDERS, [(VINET, VINET_AGAIN), (STAFF, KEY)], id="rows-by-those-who-see-them"),
        pytest.param(PLACE, [(GEOGRAPHER,)], id="a-column-with-a-rule"),
        pytest.param(NAMES, [(VINET,), (VINET_AGAIN,), (STAFF,), (KEY,)], id="private-by-nobody"),
    ],
)
async def test_who_shares_an_answer(
    app: App, document: str, sharing: list[tuple[Principal, ...]]
) -> None:
    statements = []
    for group in sharing:
        before = CountingDatabase.count
        for caller in group:
            assert codes(await body(app, document, caller)) == []
        statements.append(CountingDatabase.count - before)
    assert len(set(statements)) == 1
    before = CountingDatabase.count
    await body(app, document, sharing[0][0])
    assert CountingDatabase.count == before
    assert statements[0] in (1, 2), "one answer for each group, from one or two statements"


@pytest.mark.parametrize(
    ("document", "caller", "policy"),
    [
        (PRODUCTS, NOBODY, "public, "),
        (PRODUCTS, STAFF, "public, "),
        (ORDERS, VINET, "private, "),
        (ORDERS, STAFF, "private, "),
        (NAMES, STAFF, "private, "),
        (ORDERS, NOBODY, "no-store"),
        (BESIDE, STRANGER, "no-store"),
    ],
)
async def test_others_may_keep_only_what_all_callers_get(
    app: App, document: str, caller: Principal, policy: str
) -> None:
    for _ in range(2):  # computed, and kept
        response = await ask(app, document, caller)
        assert response["headers"]["cache-control"].startswith(policy)
        varies = "authorization" in response["multiValueHeaders"]["vary"]
        assert varies == policy.startswith("private")


async def test_a_tag_of_another_caller_does_not_tell_that_the_answer_is_the_same(app: App) -> None:
    tag = (await ask(app, ORDERS, VINET))["headers"]["etag"]
    assert (await ask(app, ORDERS, VINET, **{"if-none-match": tag}))["statusCode"] == 304
    assert (await ask(app, ORDERS, TOMSP, **{"if-none-match": tag}))["statusCode"] == 200
