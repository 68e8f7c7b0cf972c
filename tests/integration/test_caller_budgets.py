"""What callers may spend in a minute, through the App, on a real database and a real Redis."""

from __future__ import annotations

import asyncio
import http.client
import json
import math
import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from aurora_graphql.dev.lambda_task import checkout
from handler.access.principal import CallerKind, Principal
from handler.engine.persisted_queries import sha256_of
from handler.stores.url import DatabaseUrl
from tests.handler.http.events import GRAPHQL_RESPONSE
from tests.integration.caches import ByHand
from tests.integration.front import serve, settings_for
from tests.integration.limited import (
    ANN,
    ANONYMOUS,
    KEY,
    PAGE,
    Start,
    ask,
    codes,
    event,
    new,
    numbers,
    patient,
    start,
)
from tests.integration.redis_cluster import open_cluster

__all__ = ["patient", "start"]  # fixtures

BOB = Principal(kind=CallerKind.TOKEN, issuer="https://login", subject="bob")


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
    assert response["headers"]["ratelimit-policy"] == '"cost-per-minute";q=30;w=60'
    left, full_s = 30 - found["used"], math.ceil(found["used"] * 2)
    assert response["headers"]["ratelimit"] == f'"cost-per-minute";r={left};t={full_s}'
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


async def test_what_is_left_is_told_to_who_has_paid(start: Start) -> None:
    app = await start("anonymous cost_per_minute=600")
    document = new()
    first = (await app.handle(event(document), budget_s=20))["headers"]
    assert first["ratelimit-policy"] == '"cost-per-minute";q=600;w=60'
    assert first["ratelimit"] == '"cost-per-minute";r=587;t=2'
    second = (await app.handle(event(new(3)), budget_s=20))["headers"]
    found = re.fullmatch(r'"cost-per-minute";r=(\d+);t=(\d+)', second["ratelimit"])
    assert found is not None
    assert 550 <= int(found[1]) <= 563  # 13 and 37 have gone, and some came back
    assert int(found[2]) in (4, 5)
    kept = (await app.handle(event(document), budget_s=20))["headers"]
    assert kept.keys().isdisjoint({"ratelimit", "ratelimit-policy"})  # free, and not asked for
    open_to_all = await start("token cost_per_minute=600")
    free = (await open_to_all.handle(event(new()), budget_s=20))["headers"]
    assert free.keys().isdisjoint({"ratelimit", "ratelimit-policy"})


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
    client = ByHand(app.cache)
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


async def test_the_parts_of_a_cost_are_told_and_add_up(start: Start) -> None:
    app = await start("anonymous page_size=20")
    document = "{ list: orders(first: 7) { nodes { items { product { productName } } } } }"
    _, body = await ask(app, document, cost=True)
    told = body["extensions"]["cost"]
    assert sum(each["cost"] for each in told["parts"]) + 1 == told["cost"]
    paths = [each["path"] for each in told["parts"]]
    assert ["list", "nodes", "items", "product"] in paths
    assert ["list"] in paths
    costs = [each["cost"] for each in told["parts"]]
    assert costs == sorted(costs, reverse=True)


async def test_who_has_spent_it_registers_no_documents(start: Start) -> None:
    app = await start("anonymous cost_per_minute=14", PERSISTED_QUERIES="automatic")  # 13, and 1
    documents = [new(), new()]
    for document, expected in zip(documents, (200, 429), strict=True):
        persisted = {"version": 1, "sha256Hash": sha256_of(document)}
        assert (await ask(app, document, persistedQuery=persisted))[0] == expected
    assert app.cache is not None
    for document, expected in zip(documents, (1, 0), strict=True):
        key = f"aurora:document:{sha256_of(document)}"
        assert await ByHand(app.cache).exists(key) == expected


async def test_a_document_is_registered_at_a_price_by_its_bytes(start: Start) -> None:
    """Sixteen kilobytes of comment cost the cache the same as sixteen kilobytes of fields."""
    app = await start("anonymous cost_per_minute=100", PERSISTED_QUERIES="automatic")
    assert app.cache is not None
    client = ByHand(app.cache)

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
            query = urlencode({"variables": json.dumps({"id": str(next(numbers))}), **parameters})
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
