"""The example of examples/delivery: what its functions answer, and where Tartiflette works."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from examples.delivery import resolvers
from handler.resolvers.registry import Batched
from handler.stores.url import DatabaseUrl
from tests.apis import Api, open_api

ROOT = Path(__file__).parents[2]
SDL = ROOT / "examples" / "delivery" / "sdl"


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Each call of a function: the field, and of how many parents."""
    made: list[tuple[str, int]] = []
    counted = {}
    for name, function in resolvers.RESOLVERS.items():

        async def call(parents: Any, *others: Any, name: str = name, f: Batched = function) -> Any:
            made.append((name, len(parents)))
            return await f(parents, *others)

        counted[name] = Batched(call)
    monkeypatch.setattr(resolvers, "RESOLVERS", counted)
    return made


@pytest.fixture
def api(northwind_database: DatabaseUrl, calls: list[tuple[str, int]]) -> Iterator[Api]:
    with open_api(northwind_database, SDL, resolvers=resolvers.__name__) as api:
        yield api


def test_the_types_of_the_example_are_those_at_the_top() -> None:
    assert (SDL / "orders.graphql").samefile(ROOT / "sdl" / "orders.graphql")


def test_what_is_below_an_object_is_executed_by_tartiflette(api: Api) -> None:
    document = """{ order(orderId: 10248) { orderedAt arrivesOn delivery {
      earliest latest steps { name on }
      soon: isPossible(on: "1996-07-10") late: isPossible(on: "1996-08-01") } } }"""
    assert api.run(document).data == {
        "order": {
            "orderedAt": "1996-07-04T00:00:00Z",
            "arrivesOn": "1996-07-10",
            "delivery": {
                "earliest": "1996-07-10",
                "latest": "1996-07-15",
                "steps": [
                    {"name": "packed", "on": "1996-07-05"},
                    {"name": "shipped", "on": "1996-07-08"},
                    {"name": "delivered", "on": "1996-07-10"},
                ],
                "soon": True,
                "late": False,
            },
        }
    }


def test_each_function_is_called_once_for_all_orders_in_all_lists(
    api: Api, calls: list[tuple[str, int]]
) -> None:
    document = """{
      orders(first: 100) { nodes { arrivesOn } }
      customers(first: 2) { nodes { orders(first: 3) { nodes { orderId delivery { latest
        isPossible(on: "1997-01-01") } } } } }
      order(orderId: 10248) { items { order { arrivesOn } } }
    }"""
    answer = api.run(document)
    assert len(answer.data["orders"]["nodes"]) == 100
    assert sorted(calls) == [
        ("Delivery.isPossible", 6),
        ("Order.arrivesOn", 3),
        ("Order.arrivesOn", 100),
        ("Order.delivery", 6),
    ]
    assert len(answer.statements) == 5  # as many as without these fields


_SCRIPT = """
import asyncio, os, sys
from handler.app import App
from handler.settings import Settings
from handler.stores.deadline import Deadline
from handler.access.principal import Principal

async def main():
    app = await App.start(Settings.from_environ(os.environ))
    grant = app.engine.access.grant(Principal.development())
    told = ["tartiflette" in sys.modules]
    for text in sys.argv[1:]:
        prepared = app.engine.prepare(text, None, {}, grant)
        answer = await app.engine.execute(prepared, grant, app.database, Deadline.after(20))
        assert not answer.errors, answer.errors
        told.append("tartiflette" in sys.modules)
    await app.close()
    print(told)

asyncio.run(main())
"""


def test_tartiflette_is_imported_when_the_first_object_is_there(
    northwind_database: DatabaseUrl,
) -> None:
    documents = [
        "{ order(orderId: 10248) { orderId } }",
        "{ order(orderId: 10248) { arrivesOn } }",
        "{ order(orderId: 1) { delivery { latest } } }",
        "{ order(orderId: 10248) { delivery { latest } } }",
    ]
    told = run_script(_SCRIPT, northwind_database, *documents)
    assert told == "[False, False, False, False, True]"


_SNAPSHOT = """
import sys, types
hooks = []
module = types.ModuleType("snapshot_restore_py")
module.register_before_snapshot = hooks.append
module.register_after_restore = lambda hook: None
sys.modules[module.__name__] = module
from handler.entry import graphql
told = ["tartiflette" in sys.modules]
for hook in hooks:
    hook()
    told.append("tartiflette" in sys.modules)
print(told)
"""


def test_tartiflette_is_in_the_snapshot_that_environments_are_restored_from(
    northwind_database: DatabaseUrl,
) -> None:
    assert run_script(_SNAPSHOT, northwind_database) == "[False, True]"


def run_script(script: str, url: DatabaseUrl, *arguments: str) -> str:
    """The last line that a process of its own prints."""
    environ = {
        "DATABASE_URL": url.text(),
        "AUTH": "off",
        "SDL_DIR": str(SDL),
        "RESOLVERS": resolvers.__name__,
    }
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(
        command, env=environ, cwd=ROOT, capture_output=True, check=True, text=True
    )
    return done.stdout.splitlines()[-1]
