"""Documents by their hash through the App, on a real Redis, alone and as a cluster."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from aurora_graphql.dev.servers import RedisServer
from handler.app import App, start_engine
from handler.engine.persisted_queries import ENTRY_BYTES, MAX_DOCUMENT_BYTES, sha256_of
from handler.errors import SettingsError
from handler.language.limits import Limits
from handler.settings import AUTOMATIC, SAFELIST, Settings
from handler.stores.mysql.database import MySqlDatabase
from handler.stores.redis.cache import RedisCache
from handler.stores.url import DatabaseUrl
from tests.conftest import SDL
from tests.frozen import frozen
from tests.handler.http.events import GRAPHQL_RESPONSE, get_event, post_event
from tests.integration.caches import ByHand, cluster, patient_client, redis_url

__all__ = ["cluster", "redis_url"]  # fixtures

PRODUCT = '{ product(productId: "1") { productName } }'
CHAI = {"data": {"product": {"productName": "Chai"}}}
NOT_FOUND = {
    "errors": [
        {
            "message": "PersistedQueryNotFound",
            "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"},
        }
    ]
}
Start = Callable[..., Awaitable[App]]


@pytest_asyncio.fixture
async def start(northwind_database: DatabaseUrl) -> AsyncIterator[Start]:
    """Starts environments of one API; all are closed at the end."""
    apps: list[App] = []

    async def start(
        cache: tuple[str, bool] | None, mode: str = AUTOMATIC, sdl: Path = SDL, **more: Any
    ) -> App:
        settings = Settings(
            database_url=northwind_database, sdl_dir=sdl, persisted_queries=mode, **more
        )
        client = patient_client(cache[0], is_cluster=cache[1]) if cache else None
        engine = await start_engine(settings)
        apps.append(App(settings, engine, MySqlDatabase(northwind_database), client))
        return apps[-1]

    yield start
    for each in apps:
        await each.close()


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handler.engine.persisted_queries.WRITE_S", 5.0)
    monkeypatch.setattr("handler.stores.deadline.CACHE_S", 25.0)


def persisted(document: str) -> dict[str, Any]:
    return {"persistedQuery": {"version": 1, "sha256Hash": sha256_of(document)}}


async def send(
    app: App, *, get: bool = False, accept: str | None = None, **body: Any
) -> tuple[int, dict[str, Any]]:
    if get:
        texts = {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in body.items()
        }
        event = get_event(accept=accept, **texts)
    else:
        event = post_event(body, accept=accept)
    response = await app.handle(event, budget_s=20)
    return response["statusCode"], json.loads(response["body"])


async def ask(app: App, document: str) -> dict[str, Any]:
    """By the hash alone."""
    _, body = await send(app, extensions=persisted(document))
    return body


async def register(app: App, document: str, **more: Any) -> dict[str, Any]:
    """By both."""
    _, body = await send(app, query=document, extensions=persisted(document), **more)
    return body


def stored(app: App) -> Any:
    assert app.cache is not None
    return ByHand(app.cache)


def key(document: str) -> str:
    return f"aurora:document:{sha256_of(document)}"


# ------------------------------------------------------------------------- automatic


@pytest.mark.parametrize("get", [False, True], ids=["post", "get"])
async def test_a_document_is_sent_once_and_known_everywhere(
    start: Start, redis_url: tuple[str, bool], *, get: bool
) -> None:
    first, second = await start(redis_url), await start(redis_url)
    by_hash: dict[str, Any] = {"extensions": persisted(PRODUCT)}
    assert await send(first, get=get, **by_hash) == (200, NOT_FOUND)
    assert await send(first, get=get, query=PRODUCT, **by_hash) == (200, CHAI)
    for app in (first, second, second):
        assert await send(app, get=get, **by_hash) == (200, CHAI)
        document_id = f"sha256:{sha256_of(PRODUCT)}"
        assert await send(app, get=get, documentId=document_id) == (200, CHAI)


@pytest.mark.parametrize("query", [None, ""], ids=["null", "empty"])
@pytest.mark.parametrize("mode", [AUTOMATIC, SAFELIST])
async def test_a_query_that_says_nothing_beside_a_hash_is_as_not_sent(
    start: Start, cache_url: str, mode: str, query: str | None
) -> None:
    app = await start((cache_url, False), mode)
    document = PRODUCT
    if mode == SAFELIST:
        document = (SDL / "operations" / "product.graphql").read_text()
    else:
        await register(app, document)
    more: dict[str, Any] = {"variables": {"productId": "1"}} if mode == SAFELIST else {}
    by_hash: dict[str, Any] = {"extensions": persisted(document), **more}
    expected = await send(app, **by_hash)
    assert (expected[0], "errors" in expected[1]) == (200, False)
    for hashed in (by_hash, {"documentId": sha256_of(document), **more}):
        assert await send(app, query=query, **hashed) == expected
    if query is not None:  # a URL cannot say null
        assert await send(app, get=True, query=query, **by_hash) == expected


async def test_what_is_not_found_is_told_as_apollo_does(start: Start, cache_url: str) -> None:
    app = await start((cache_url, False))
    for accept in (None, GRAPHQL_RESPONSE):
        body = {"extensions": persisted(PRODUCT)}
        response = await app.handle(post_event(body, accept=accept), budget_s=20)
        assert (response["statusCode"], json.loads(response["body"])) == (200, NOT_FOUND)
        assert response["headers"]["cache-control"] == "no-store"
    for odd in ("0" * 63, "G" * 64, "*", "a\nb", sha256_of(PRODUCT).upper()):
        assert await send(app, documentId=odd) == (200, NOT_FOUND)


async def test_variables_and_names_go_with_a_hash(start: Start, cache_url: str) -> None:
    app = await start((cache_url, False))
    document = (
        "query A($id: ID!) { product(productId: $id) { productName } } query B { __typename }"
    )
    await register(app, document, operationName="B")
    for number, name in (("1", "Chai"), ("2", "Chang")):
        answer = await send(
            app,
            extensions=persisted(document),
            operationName="A",
            variables={"id": number},
        )
        assert answer == (200, {"data": {"product": {"productName": name}}})


async def test_a_text_with_another_hash_is_refused_and_not_kept(
    start: Start, cache_url: str
) -> None:
    app = await start((cache_url, False))
    status, body = await send(app, query=PRODUCT, extensions=persisted("{ __typename }"))
    assert (status, body["errors"][0]["message"]) == (400, "provided sha does not match query")
    assert await ask(app, PRODUCT) == NOT_FOUND
    assert await ask(app, "{ __typename }") == NOT_FOUND
    assert await stored(app).dbsize() == 0


@pytest.mark.parametrize(
    ("document", "more"),
    [
        pytest.param("{ product", {}, id="syntax"),
        pytest.param("{ nothing }", {}, id="unknown-field"),
        pytest.param("{ __schema { types { name } } }", {}, id="introspection"),
        pytest.param('{ product(productId: "1") { \0 } }', {}, id="shield"),
        pytest.param("{ orders(first: 200) { nodes { items { orderId } } } }", {}, id="cost"),
        pytest.param("query A { __typename }", {"operationName": "B"}, id="operation"),
        pytest.param(
            "query ($id: ID!) { product(productId: $id) { price } }", {}, id="variable-missing"
        ),
        pytest.param("mutation { __typename }", {}, id="mutation"),
    ],
)
async def test_what_is_refused_is_not_kept(
    start: Start, cache_url: str, document: str, more: dict[str, Any]
) -> None:
    app = await start((cache_url, False), limits=Limits(cost=100))
    assert "errors" in await register(app, document, **more)
    assert await ask(app, document) == NOT_FOUND
    assert await stored(app).dbsize() == 0


async def test_a_large_document_runs_and_is_not_kept(start: Start, cache_url: str) -> None:
    app = await start((cache_url, False))
    large = PRODUCT + " #" + "é" * (MAX_DOCUMENT_BYTES // 2)
    assert await register(app, large) == CHAI
    assert await ask(app, large) == NOT_FOUND
    assert await stored(app).exists(key(large)) == 0


async def test_entries_end_after_a_day(start: Start, redis_url: tuple[str, bool]) -> None:
    app = await start(redis_url)
    await register(app, PRODUCT)
    assert 0 < await stored(app).pttl(key(PRODUCT)) <= 86_400_000


@pytest.mark.parametrize(
    "planted",
    [
        pytest.param(b"{ product(productId: \"2\") { productName } }", id="another-document"),
        pytest.param(PRODUCT.encode() + b" ", id="nearly"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"\xff\xfe", id="no-text"),
        pytest.param(b"{" * 1_000_000, id="large"),
        pytest.param([b"a", b"b"], id="a-list"),
    ],
)  # fmt: skip
async def test_a_planted_text_never_runs_and_is_mended(
    start: Start, redis_url: tuple[str, bool], planted: bytes | list[bytes]
) -> None:
    app = await start(redis_url)
    client = stored(app)
    if isinstance(planted, bytes):
        await client.set(key(PRODUCT), planted)
    else:
        await client.rpush(key(PRODUCT), *planted)
    assert await ask(app, PRODUCT) == NOT_FOUND
    assert await register(app, PRODUCT) == CHAI
    assert await ask(await start(redis_url), PRODUCT) == CHAI


async def test_the_hash_of_something_that_is_no_text_is_not_found(
    start: Start, cache_url: str
) -> None:
    app = await start((cache_url, False))
    raw = b"\xff{ __typename }"
    digest = hashlib.sha256(raw).hexdigest()
    await stored(app).set(f"aurora:document:{digest}", raw)
    assert await send(app, documentId=digest) == (200, NOT_FOUND)


async def test_no_stored_bytes_run_but_the_document(start: Start, cache_url: str) -> None:
    app = await start((cache_url, False))
    client, chance = stored(app), random.Random(7)
    good = PRODUCT.encode()
    for _ in range(200):
        at = chance.randrange(len(good))
        odd = chance.choice(
            (
                good[:at],
                chance.randbytes(at),
                good[:at] + chance.randbytes(1) + good[at + 1 :],
                good[:at] + good[at:].replace(b'"1"', b'"2"'),
                good + chance.randbytes(at),
            )
        )
        await client.set(key(PRODUCT), odd)
        assert await ask(await start_again(app), PRODUCT) == (CHAI if odd == good else NOT_FOUND)


async def start_again(app: App) -> App:
    """The same environment, but it knows no document yet."""
    return App(app.settings, app.engine, app.database, app.cache)


async def test_without_a_cache_the_process_knows_what_it_was_sent(start: Start) -> None:
    app = await start(None)
    assert await ask(app, PRODUCT) == NOT_FOUND
    await register(app, PRODUCT)
    assert await ask(app, PRODUCT) == CHAI


async def test_a_cache_that_is_away_makes_documents_unknown_and_no_more(
    start: Start, tmp_path: Path
) -> None:
    nowhere = (f"unix://{tmp_path}/nowhere.sock", False)
    app = await start(nowhere)
    assert await ask(app, PRODUCT) == NOT_FOUND
    assert await register(app, PRODUCT) == CHAI
    assert await ask(app, PRODUCT) == CHAI
    assert await ask(await start(nowhere), PRODUCT) == NOT_FOUND


async def test_a_cache_that_hangs_makes_documents_unknown_and_no_more(
    start: Start, tmp_path: Path
) -> None:
    app = await start(None)
    with RedisServer(tmp_path) as server:
        cache = RedisCache(server.url, timeout_s=0.02)
        hanging = App(app.settings, app.engine, app.database, cache)
        assert server.pid is not None
        with frozen(server.pid):
            assert await ask(hanging, PRODUCT) == NOT_FOUND
            assert await register(hanging, PRODUCT) == CHAI
            for _ in range(20):
                assert await ask(hanging, PRODUCT) == CHAI
                assert await ask(hanging, "{ __typename }") == NOT_FOUND
        await cache.close()
    assert cache.counts["skipped"] > 0  # the breaker: not a time-out for each


async def test_a_full_cache_makes_documents_unknown_elsewhere(start: Start, cache_url: str) -> None:
    app = await start((cache_url, False))
    client = stored(app)
    before = await client.config_get("maxmemory*")
    try:
        await client.config_set("maxmemory-policy", "noeviction")
        await client.config_set("maxmemory", "1")
        assert await register(app, PRODUCT) == CHAI
        assert await ask(app, PRODUCT) == CHAI
        assert await ask(await start((cache_url, False)), PRODUCT) == NOT_FOUND
    finally:
        for name in ("maxmemory", "maxmemory-policy"):
            await client.config_set(name, str(before[name]))


async def test_the_process_forgets_what_was_used_least(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handler.engine.persisted_queries.MAX_LOCAL_BYTES", 2_000)
    app = await start(None)
    documents = [f"query Q{number} {{ __typename }}" for number in range(20)]
    for document in documents:
        await register(app, document)
        await ask(app, documents[0])
    kept = app._documents._local  # type: ignore[attr-defined]  # of the automatic ones
    used_bytes = sum(len(raw) + ENTRY_BYTES for raw in kept.values())
    assert 1_000 < used_bytes == kept.currsize <= 2_000
    assert "data" in await ask(app, documents[0])
    assert await ask(app, documents[1]) == NOT_FOUND
    assert "data" in await ask(app, documents[-1])


async def test_a_hash_where_documents_have_to_be_sent(start: Start) -> None:
    app = await start(None, "off")
    for get in (False, True):
        status, body = await send(app, get=get, extensions=persisted(PRODUCT))
        (error,) = body["errors"]
        assert (status, error["message"]) == (200, "PersistedQueryNotSupported")
        assert error["extensions"]["code"] == "PERSISTED_QUERY_NOT_SUPPORTED"
    assert await register(app, PRODUCT) == CHAI


# -------------------------------------------------------------------------- safelist

LISTED = (SDL / "operations" / "product.graphql").read_text()
REFUSED = {
    "errors": [
        {
            "message": "This API runs the operations of its list only, and this is none of them",
            "extensions": {"code": "PERSISTED_QUERY_NOT_IN_LIST"},
        }
    ]
}


@pytest.mark.parametrize("get", [False, True], ids=["post", "get"])
@pytest.mark.parametrize(
    "asked",
    [
        {"query": LISTED},
        {"query": LISTED.strip()},
        {"extensions": persisted(LISTED)},
        {"extensions": persisted(LISTED.strip())},
        {"query": LISTED, "extensions": persisted(LISTED)},
        {"documentId": f"sha256:{sha256_of(LISTED)}"},
    ],
    ids=["text", "text-without-its-last-line-end", "hash", "its-hash", "both", "document-id"],
)
async def test_a_listed_operation_runs(start: Start, asked: dict[str, Any], *, get: bool) -> None:
    app = await start(None, SAFELIST)
    status, body = await send(app, get=get, variables={"productId": "1"}, **asked)
    assert (status, body["data"]["product"]["productName"]) == (200, "Chai")


async def test_what_is_not_listed_learns_nothing(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = await start(None, SAFELIST, introspection=True)

    def read(*_: object) -> None:
        raise AssertionError("somebody reads it")

    for name in ("prepare", "operation_kind", "execute"):
        monkeypatch.setattr(app.engine, name, read)
    bodies = {
        json.dumps((await app.handle(event, budget_s=20)), sort_keys=True)
        for event in (
            *(post_event({"query": each}, accept=GRAPHQL_RESPONSE) for each in hostile()),
            *(post_event({"documentId": each}, accept=GRAPHQL_RESPONSE) for each in hostile()),
            *(get_event(query=each, accept=GRAPHQL_RESPONSE) for each in hostile()),
            *(
                post_event({"query": each, "extensions": persisted(each)}, accept=GRAPHQL_RESPONSE)
                for each in hostile()
            ),
            post_event(
                {"query": PRODUCT, "extensions": persisted(LISTED)}, accept=GRAPHQL_RESPONSE
            ),
            post_event(
                {"query": LISTED, "extensions": persisted(PRODUCT)}, accept=GRAPHQL_RESPONSE
            ),
        )
    }
    (only,) = bodies
    response = json.loads(only)
    assert (response["statusCode"], json.loads(response["body"])) == (403, REFUSED)


def hostile() -> Iterator[str]:
    yield PRODUCT
    yield "{ produc }"
    yield "{ nothing }"
    yield "{"
    yield "{ __schema { types { name } } }"
    yield '{ __type(name: "Order") { name } }'
    yield "{ __typename }"
    yield "query Product { __typename }"
    yield "mutation { a }"
    yield LISTED + "# more"
    yield LISTED.replace("productName", "productName, price")
    yield LISTED.replace("  ", " ")
    yield LISTED.replace("Product(", "product(")
    yield LISTED + LISTED
    yield "x" * 30_000
    yield "{a" * 1_000
    yield "\0"
    yield '"' * 999


async def test_a_listed_operation_refuses_variables_without_naming_others(start: Start) -> None:
    app = await start(None, SAFELIST, introspection=True)
    status, body = await send(app, query=LISTED, variables={"productID": "1"})
    assert status in (200, 400)
    assert "Did you mean" not in json.dumps(body)


async def test_introspection_runs_where_it_is_listed(start: Start, tmp_path: Path) -> None:
    (tmp_path / "orders.graphql").write_bytes((SDL / "orders.graphql").read_bytes())
    (tmp_path / "operations").mkdir()
    asked = "query Roots { __schema { queryType { name } } }"
    (tmp_path / "operations" / "roots.graphql").write_text(asked)
    app = await start(None, SAFELIST, tmp_path)
    answer = await send(app, query=asked)
    assert answer == (200, {"data": {"__schema": {"queryType": {"name": "Query"}}}})
    other = asked.replace("name", "kind")
    assert await send(app, query=other) == (403, REFUSED)


async def test_an_empty_list_stops_the_start(start: Start, tmp_path: Path) -> None:
    (tmp_path / "orders.graphql").write_bytes((SDL / "orders.graphql").read_bytes())
    with pytest.raises(SettingsError, match="PERSISTED_QUERIES is safelist, and there is no"):
        await start(None, SAFELIST, tmp_path)


async def test_a_cache_cannot_lengthen_the_list(start: Start, cache_url: str) -> None:
    automatic = await start((cache_url, False))
    await register(automatic, PRODUCT)
    listed = await start((cache_url, False), SAFELIST)
    assert await send(listed, extensions=persisted(PRODUCT)) == (403, REFUSED)
