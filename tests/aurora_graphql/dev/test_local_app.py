"""The API on a developer's machine: the same answers, with the record and the plan beside them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio

from aurora_graphql.dev.examples import check_saved, page_facts
from aurora_graphql.dev.local_app import LocalApp
from handler.app import App
from handler.settings import Settings
from handler.stores.url import DatabaseUrl
from tests.conftest import SDL
from tests.handler.http.events import GRAPHQL_RESPONSE, post_event

ORDER = 'query OneOrder { order(orderId: "10248") { orderRef items { quantity } total } }'
SHOWN = ("operation", "source", "statements", "rows", "status", "codes")  # in the terminal

Start = Callable[..., Awaitable[App]]


@pytest_asyncio.fixture
async def start(
    northwind_database: DatabaseUrl, cache_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Start]:
    """Starts the App of production, or the local one."""
    monkeypatch.setattr("handler.cache.response_cache.WRITE_S", 2.0)
    monkeypatch.setattr("handler.stores.deadline.CACHE_S", 10.0)
    apps: list[App] = []

    async def start(*, is_local: bool = True, with_sql: bool = False, cache: bool = True) -> App:
        settings = Settings.from_environ(
            {
                "DATABASE_URL": northwind_database.text(),
                "CACHE_URL": cache_url if cache else "",
                "SDL_DIR": str(SDL),
                "AUTH": "off",
            }
        )
        if is_local:
            app: App = await LocalApp.start_local(settings, as_json=False, with_sql=with_sql)
        else:
            app = await App.start(settings)
        apps.append(app)
        return app

    yield start
    for each in apps:
        await each.close()


async def ask(app: App, document: str, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The answer, and what goes to the gateway beside it."""
    event = post_event({"query": document, **more}, accept=GRAPHQL_RESPONSE)
    response: dict[str, Any] = {**await app.handle(event, budget_s=20)}
    return json.loads(response["body"]), response.get("local", {})


def shown(record: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(json.dumps(record))  # as the gateway gets it
    return {name: told[name] for name in SHOWN}


async def test_each_answer_brings_the_record_of_its_request(start: Start) -> None:
    app = await start()
    first, told = await ask(app, ORDER)
    assert 0 < told["duration_s"] < 20
    assert told["body_bytes"] > 40
    assert shown(told) == {
        "operation": "OneOrder",
        "source": "miss",
        "statements": 2,
        "rows": 4,
        "status": 200,
        "codes": [],
    }
    second, told = await ask(app, ORDER)
    assert second == first
    assert (told["source"], told["statements"], told["rows"]) == ("hit", 0, 0)


async def test_the_record_of_a_refused_document_has_its_codes(start: Start) -> None:
    _, told = await ask(await start(), "query Bad { nothing }")
    assert shown(told) == {
        "operation": "",
        "source": "off",
        "statements": 0,
        "rows": 0,
        "status": 400,
        "codes": ["GRAPHQL_VALIDATION_FAILED"],
    }


async def test_without_a_cache_the_record_says_off(start: Start) -> None:
    _, told = await ask(await start(cache=False), ORDER)
    assert (told["source"], told["statements"], told["rows"]) == ("off", 2, 4)


async def test_statements_go_along_when_they_are_asked_for(start: Start) -> None:
    _, told = await ask(await start(with_sql=True, cache=False), ORDER)
    assert [(each["rows"], each["failure"]) for each in told["sql"]] == [(1, ""), (3, "")]
    assert told["sql"][1]["text"].startswith("SELECT t0.`order_id`, t0.`quantity` FROM ")
    assert "'10248'" in told["sql"][1]["text"]


async def test_the_plan_comes_with_the_answer_that_asks_for_it(start: Start) -> None:
    app = await start(cache=False)
    plain, _ = await ask(app, ORDER)
    answer, told = await ask(app, ORDER, extensions={"plan": True})
    plan = answer["extensions"].pop("plan")
    assert answer == {**plain, "extensions": {}}
    assert told["statements"] == 2  # those of the plan pane are not the request's
    (order,) = plan["tree"]
    assert (order["label"], order["batch"]) == ("order", 0)
    assert [(each["label"], each["batch"]) for each in order["children"]] == [
        ("orderRef", None),
        ("items", 1),
        ("total", None),
    ]
    assert [(each["batch"], each["rows"], each["failure"]) for each in plan["statements"]] == [
        (0, 1, ""),
        (1, 3, ""),
    ]
    for each in plan["statements"]:
        assert each["sql"].startswith("SELECT")
        assert each["explain"]["rows"]
        assert each["explain"]["columns"][:3] == ["table", "type", "key"]
        assert each["ms"] > 0
    assert plan["isCached"] is False
    assert plan["cost"]["statements"] == 2


async def test_siblings_of_one_shape_have_their_own_statements(start: Start) -> None:
    """What tells them apart is the batch, not the text of the SQL."""
    document = """{
      a: customer(customerId: "ALFKI") { orders(first: 1) { nodes { orderId } totalCount } }
      b: customer(customerId: "VINET") { orders(first: 1) { nodes { orderId } totalCount } }
    }"""
    answer, _ = await ask(await start(cache=False), document, extensions={"plan": True})
    plan = answer["extensions"]["plan"]
    of_batch = {each["batch"]: each["sql"] for each in plan["statements"]}
    for node, key in zip(plan["tree"], ("ALFKI", "VINET"), strict=True):
        (orders,) = node["children"]
        assert f"'{key}'" in of_batch[node["batch"]]
        assert f"'{key}'" in of_batch[orders["batch"]]


async def test_the_plan_of_a_cached_answer_has_statements_too(start: Start) -> None:
    app = await start()
    await ask(app, ORDER)
    answer, told = await ask(app, ORDER, extensions={"plan": True})
    plan = answer["extensions"]["plan"]
    assert plan["isCached"] is True
    assert [each["rows"] for each in plan["statements"]] == [1, 3]
    assert (told["source"], told["statements"]) == ("hit", 0)


async def test_a_refused_document_has_no_plan(start: Start) -> None:
    answer, _ = await ask(await start(), "{ nothing }", extensions={"plan": True})
    assert [*answer] == ["errors"]


@pytest.mark.parametrize("asked", [True, False, 1, "true", None])
async def test_production_knows_no_plan_whatever_is_asked(start: Start, asked: object) -> None:
    app = await start(is_local=False)
    plain, _ = await ask(app, ORDER)
    answer, told = await ask(app, ORDER, extensions={"plan": asked})
    assert answer == plain
    assert told == {}


async def test_the_first_query_and_saved_operations_answer_as_they_are_shown(start: Start) -> None:
    app = await start(cache=False)
    facts = await page_facts(app.engine, app.database, app.settings)
    opened = [facts["first"], *facts["operations"]]
    assert len(opened) > 3
    for each in opened:
        variables = json.loads(each["variables"] or "{}")
        answer, told = await ask(app, each["query"], variables=variables)
        assert "errors" not in answer
        assert (told["status"], told["rows"] > 0) == (200, True)
    assert "orders:read" in facts["scopes"]
    assert check_saved(app.engine) == {"error": ""}
