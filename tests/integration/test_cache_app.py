"""The cache as a client sees it: headers, 304, speed and nothing else; ended by the ingest."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from aurora_graphql.dev.servers import MariaDb
from handler.app import App
from handler.fields import building
from handler.fields.building import build_tree
from handler.jobs.ingest.run import ingest
from handler.jobs.migrate import migrate
from handler.settings import Settings
from handler.sql.rowset import RowSet
from handler.sql.statement import Statement
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import MySqlDatabase
from handler.stores.redis.cache import RedisCache
from handler.stores.redis.versions import change_versions
from handler.stores.url import DatabaseUrl
from tests.domains.orders import PROJECT
from tests.faults.proxy import FaultProxy
from tests.integration.caches import patient_client
from tests.integration.servers import MIGRATIONS, ORDERS

SDL = PROJECT / "sdl"
LINE = {"orderId": "1", "customerId": "ALFKI", "productId": "chai", "price": 18, "quantity": 2}
ORDER = '{ order(orderId: "1") { orderRef total } }'
PRODUCTS = "{ products { nodes { productName price } } }"


class CountingDatabase(MySqlDatabase):
    """Counts the statements."""

    count = 0

    async def fetch(self, statement: Statement, deadline: Deadline) -> RowSet:
        """See ``Database``."""
        type(self).count += 1
        return await super().fetch(statement, deadline)


@pytest_asyncio.fixture
async def shop(database: DatabaseUrl, tmp_path: Path) -> DatabaseUrl:
    await migrate(database, MIGRATIONS)
    await load(database, tmp_path, LINE)
    CountingDatabase.count = 0
    return database


async def load(
    url: DatabaseUrl, folder: Path, line: dict[str, Any], cache: RedisCache | None = None
) -> None:
    async def tell(tables: list[str]) -> bool:
        return cache is None or await change_versions(cache, url.database, tables)

    file = folder / "lines.jsonl"
    file.write_text(json.dumps(line))
    report = await ingest(url, file, ORDERS, tell_changed=tell)
    assert (report.rejected, report.notes) == (0, [])


@pytest_asyncio.fixture
async def app(shop: DatabaseUrl, cache_url: str) -> AsyncIterator[App]:
    app = await open_app(shop, cache_url)
    yield app
    await app.close()


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handler.cache.response_cache.WRITE_S", 2.0)


async def open_app(url: DatabaseUrl, cache_url: str, sdl: Path = SDL, **more: Any) -> App:
    started = await App.start(
        Settings(database_url=url, cache_url=cache_url, sdl_dir=sdl, auth=False, **more)
    )
    cache = RedisCache(cache_url, timeout_s=2.0) if cache_url else None
    return App(started.settings, started.engine, CountingDatabase(url), cache)


def get(document: str, **headers: str) -> dict[str, Any]:
    return {
        "httpMethod": "GET",
        "path": "/graphql",
        "headers": {"accept": "application/json", **headers},
        "multiValueHeaders": {},
        "queryStringParameters": {"query": document},
        "multiValueQueryStringParameters": {"query": [document]},
        "requestContext": {"requestId": "r", "stage": "test"},
        "body": None,
        "isBase64Encoded": False,
    }


async def ask(app: App, document: str, **headers: str) -> Any:
    return await app.handle(get(document, **headers), budget_s=10)


async def test_second_answer_costs_no_statement(app: App) -> None:
    first = await ask(app, ORDER)
    statements = CountingDatabase.count
    second = await ask(app, ORDER)
    assert statements > 0
    assert CountingDatabase.count == statements
    assert first["body"] == second["body"]
    assert first["headers"]["etag"] == second["headers"]["etag"]


async def test_known_answer_is_304(app: App) -> None:
    tag = (await ask(app, ORDER))["headers"]["etag"]
    again = await ask(app, ORDER, **{"if-none-match": tag})
    assert (again["statusCode"], again["body"]) == (304, "")


def move_clock(app: App, seconds: float) -> None:
    """The answers kept by this environment's cache get older by so much."""
    assert app._responses is not None
    app._responses.clock = lambda: time.time() + seconds


def headers(response: Any) -> tuple[str, str]:
    return response["headers"]["cache-control"], response["headers"]["age"]


async def test_answers_say_how_long_they_may_be_kept_and_how_old_they_are(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handler.cache.response_cache.JITTER", 0.0)
    policy = "private, max-age=60, stale-while-revalidate=60"
    assert headers(await ask(app, ORDER)) == (policy, "0")
    move_clock(app, 7.5)
    assert headers(await ask(app, ORDER)) == (policy, "7")
    products = "public, max-age=300, stale-while-revalidate=300"
    assert headers(await ask(app, PRODUCTS)) == (products, "0")


async def test_an_answer_written_value_by_value_may_be_kept_from_the_first_time_on(
    shop: DatabaseUrl, cache_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fast way does not write a String of bytes; the exact one does, without an error."""
    monkeypatch.setattr("handler.cache.response_cache.JITTER", 0.0)
    line = "  productName: String! @filterable\n"
    sdl = (SDL / "orders.graphql").read_text()
    raw = '  raw: String! @expression(sql: "CAST({product_name} AS BINARY)")\n'
    (tmp_path / "sdl").mkdir()
    (tmp_path / "sdl" / "orders.graphql").write_text(sdl.replace(line, line + raw, 1))
    built: list[int] = []

    def counted(*given: Any) -> Any:
        built.append(len(given))
        return build_tree(*given)

    monkeypatch.setattr(building, "build_tree", counted)
    app = await open_app(shop, cache_url, tmp_path / "sdl")
    first = await ask(app, "{ products { nodes { raw } } }")
    second = await ask(app, "{ products { nodes { raw } } }")
    await app.close()
    assert len(built) == 1
    assert first["body"] == second["body"] == '{"data":{"products":{"nodes":[{"raw":"chai"}]}}}'
    products = "public, max-age=300, stale-while-revalidate=300"
    assert [headers(each) for each in (first, second)] == [(products, "0"), (products, "0")]


async def test_an_answer_that_something_is_missing_may_be_kept_for_seconds(app: App) -> None:
    nothing = '{ order(orderId: "none") { orderRef } }'
    assert headers(await ask(app, nothing)) == ("private, max-age=5", "0")
    again, age_s = headers(await ask(app, nothing))
    assert again == "private, max-age=5"
    assert int(age_s) <= 5


async def test_304_carries_what_is_new_about_the_answer(app: App) -> None:
    first = await ask(app, ORDER)
    move_clock(app, 20)
    again = await ask(app, ORDER, **{"if-none-match": first["headers"]["etag"]})
    assert (again["statusCode"], again["headers"]["age"]) == (304, "20")
    other = await ask(app, ORDER, **{"if-none-match": 'W/"another"'})
    assert (other["statusCode"], other["body"]) == (200, first["body"])


async def test_refused_answers_are_kept_by_nobody(app: App) -> None:
    refused = await ask(app, "{ nothing }")
    assert refused["headers"]["cache-control"] == "no-store"
    assert "etag" not in refused["headers"]


async def test_nothing_runs_after_the_answer(app: App) -> None:
    """Lambda freezes the environment: what has not ended by then may never end."""
    for seconds in (0.0, 30.0, 80.0, 1_000.0):  # a miss, a hit, a refresh, a miss
        move_clock(app, seconds)
        await ask(app, ORDER)
        assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_lines_of_the_log_count_each_answer_once(
    shop: DatabaseUrl, cache_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    app = await open_app(shop, cache_url, function_name="shop-graphql", cache_local_s=5.0)
    for document in (ORDER, ORDER, "{ nothing }", PRODUCTS):
        await ask(app, document)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    await app.close()
    lines = [line for line in lines if line["message"] == "request"]
    counts = [line.get("counts", {}) for line in lines]
    assert [set(each) for each in counts] == [{"miss"}, {"local", "bytes"}, set(), {"miss"}]
    assert [line.get("CacheHits") for line in lines] == [None, 1, None, None]
    assert [line.get("CacheMisses") for line in lines] == [1, None, None, 1]
    assert [line.get("CacheHitRate") for line in lines] == [0, 100, None, 0]


@pytest_asyncio.fixture
async def cut_off(
    shop: DatabaseUrl, mariadb: MariaDb, cache_url: str, tmp_path: Path
) -> AsyncIterator[tuple[App, FaultProxy]]:
    """An API whose products, alone, may be shown for an hour if the database is away."""
    (tmp_path / "sdl").mkdir()
    for file in SDL.glob("*.graphql"):
        text = file.read_text()
        told = text.replace("staleWhileRevalidate: 300", "staleIfError: 3600")
        assert told != text
        (tmp_path / "sdl" / file.name).write_text(told)
    async with FaultProxy(mariadb.socket_file).running() as proxy:
        through = DatabaseUrl(
            user="root", database=shop.database, host="127.0.0.1", port=proxy.port
        )
        app = await open_app(through, cache_url, tmp_path / "sdl", log_level="ERROR")
        yield app, proxy
        await app.close()


async def test_old_answers_stand_in_for_a_database_that_is_away(
    cut_off: tuple[App, FaultProxy], capsys: pytest.CaptureFixture[str]
) -> None:
    app, proxy = cut_off
    products, order = await ask(app, PRODUCTS), await ask(app, ORDER)
    assert products["headers"]["cache-control"] == "public, max-age=300, stale-if-error=3600"
    proxy.is_refusing = True
    proxy.break_all()
    move_clock(app, 3_000)
    old = await ask(app, PRODUCTS)
    assert (old["statusCode"], old["body"]) == (200, products["body"])
    assert old["headers"]["age"] == "3000"
    refused = await ask(app, ORDER)
    assert json.loads(refused["body"])["errors"][0]["extensions"]["code"] == "UPSTREAM_FAILED"
    assert refused["headers"]["cache-control"] == "no-store"
    move_clock(app, 3_901)  # over the hour beyond its lifetime
    assert "errors" in json.loads((await ask(app, PRODUCTS))["body"])
    proxy.is_refusing = False
    app.database._back_off.succeeded()
    assert (await ask(app, ORDER))["body"] == order["body"]
    assert headers(await ask(app, PRODUCTS))[1] == "0"
    capsys.readouterr()  # the log of the failures


async def test_other_values_are_other_answers(app: App) -> None:
    bodies = [
        json.loads((await ask(app, f'{{ order(orderId: "{number}") {{ orderRef }} }}'))["body"])
        for number in (1, 2, 1, 2)
    ]
    assert bodies[0] == bodies[2] == {"data": {"order": {"orderRef": "1"}}}
    assert bodies[1] == bodies[3] == {"data": {"order": None}}


async def test_ingest_ends_exactly_what_it_changes(
    app: App, shop: DatabaseUrl, tmp_path: Path
) -> None:
    assert isinstance(app.cache, RedisCache)
    for document in (ORDER, PRODUCTS):
        await ask(app, document)
    await change_versions(app.cache, shop.database, ["customers"])  # what neither reads
    before = CountingDatabase.count
    await ask(app, PRODUCTS)
    assert CountingDatabase.count == before
    told: list[list[str]] = []
    cache = app.cache

    async def tell(tables: list[str]) -> bool:
        told.append(tables)
        # The first time all tables are told of, for a run that was killed; not what is tested.
        return len(told) == 1 or await change_versions(cache, shop.database, tables)

    file = tmp_path / "more.jsonl"
    file.write_text(json.dumps({**LINE, "quantity": 3}))
    await ingest(shop, file, ORDERS, tell_changed=tell)
    assert told[1:] == [["order_items"]]
    order = json.loads((await ask(app, ORDER))["body"])
    assert order["data"]["order"]["total"] == "54.00"
    before = CountingDatabase.count
    await ask(app, PRODUCTS)
    assert CountingDatabase.count == before


async def test_cache_off_changes_nothing_but_speed(shop: DatabaseUrl, cache_url: str) -> None:
    with_cache, without = await open_app(shop, cache_url), await open_app(shop, "")
    try:
        for document in (ORDER, PRODUCTS, '{ order(orderId: "2") { orderRef } }', "{ nothing }"):
            answers = [await ask(app, document) for app in (with_cache, with_cache, without)]
            assert len({each["body"] for each in answers}) == 1
            assert len({each["statusCode"] for each in answers}) == 1
            assert len({each["headers"].get("etag") for each in answers}) == 1
    finally:
        await with_cache.close()
        await without.close()


async def test_64_cold_environments_cause_the_statements_of_one(
    shop: DatabaseUrl, cache_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handler.stores.deadline.CACHE_S", 10.0)
    first = await open_app(shop, "")
    await ask(first, PRODUCTS)
    of_one = CountingDatabase.count
    caches = [patient_client(cache_url) for _ in range(64)]
    for each in caches:  # all share one loop here: together they would wait for each other
        assert await each.read(["nothing"], 10.0) == [None]
    apps = [App(first.settings, first.engine, CountingDatabase(shop), each) for each in caches]
    CountingDatabase.count = 0
    answers = await asyncio.gather(*(ask(app, PRODUCTS) for app in apps))
    assert len({each["body"] for each in answers}) == 1
    assert of_one == 2  # the rows, and once for all what the columns are
    assert CountingDatabase.count <= 2
    for app in (first, *apps):
        await app.close()
