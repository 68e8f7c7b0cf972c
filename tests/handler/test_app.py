"""The App: a gateway event in, a response out, with everything real between them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from handler.access.principal import Principal
from handler.app import App, start_engine
from handler.errors import UpstreamError
from handler.language.limits import Limits
from handler.language.schema import NonNull
from handler.settings import Settings
from handler.sql.rowset import RowSet
from handler.sql.statement import Statement
from handler.sql.stored_type import Kind
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import MySqlDatabase
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


@pytest.mark.parametrize("auth", [False, True])
def test_a_snapshot_holds_the_listed_operations(*, auth: bool) -> None:
    """What a restored environment is asked first has been checked and planned."""
    url = DatabaseUrl(user="u", database="d", unix_socket="/nowhere")
    settings = Settings(database_url=url, sdl_dir=SDL, auth=auth)

    async def plans_before_and_after() -> tuple[list[int], list[int]]:
        app = await App.start(settings)
        engine = app.engine
        bits = (
            engine.permissions.decisive
            if auth
            else engine.access.grant(Principal.development()).satisfied
        )

        def count() -> list[int]:
            found = []
            for each in engine.list_operations():
                document, operation = engine.operation(each.text, bits)
                plans = engine.plans(document, operation)
                needed = {
                    each.variable.name
                    for each in operation.definition.variables
                    if isinstance(each.type.ref, NonNull)
                }
                if not needed & set(plans.variables):  # they would shape the plan
                    found.append(len(plans.plans))
            return found

        before = count()
        await app.prepare()
        return before, count()

    before, after = asyncio.run(plans_before_and_after())
    assert len(before) > 3
    assert set(before) == {0}
    assert 0 not in after


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


SHOP = """
type Query { things: [Thing!] other(thingId: ID!): Thing }
type Thing { thingId: ID! parts: [Part!] }
type Part { partId: ID! thing: Thing }
"""


class BrokenDatabase(MySqlDatabase):
    """Things there are; whoever asks for parts gets the errors, each once and the last for ever."""

    def __init__(self, things: int, *errors: Exception) -> None:
        super().__init__(DatabaseUrl(host="nowhere", user="nobody", database="none"))
        self.things = [f"{number:030}".encode() for number in range(things)]
        self.errors = list(errors)

    async def fetch(self, statement: Statement, deadline: Deadline) -> RowSet:
        """After another task has had its turn."""
        await asyncio.sleep(0)
        if "`parts`" in statement.text:
            raise self.errors.pop(0) if len(self.errors) > 1 else self.errors[0]
        return RowSet((Kind.TEXT,), [self.things])


@pytest.fixture
def ask_broken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, Any, list[dict[str, Any]]]]:
    """Asks an App over such a database; status and body, and the failures in the log."""

    async def run(document: str, database: BrokenDatabase) -> tuple[int, str]:
        (tmp_path / "shop.graphql").write_text(SHOP)
        limits = Limits(cost=10**9)
        settings = Settings(database_url=database._url, sdl_dir=tmp_path, auth=False, limits=limits)
        app = App(settings, await start_engine(settings), database)
        response = await app.handle(post(document), budget_s=20.0)
        return response["statusCode"], response["body"]

    def ask(
        document: str, *errors: Exception, things: int = 2
    ) -> tuple[int, Any, list[dict[str, Any]]]:
        status, text = asyncio.run(run(document, BrokenDatabase(things, *errors)))
        written = capsys.readouterr().out
        assert "Jane" not in text + written
        lines = [json.loads(line) for line in written.splitlines()]
        failures = [line for line in lines if line["message"] == "failure"]
        return status, json.loads(text), failures

    return ask


AskBroken = Callable[..., tuple[int, Any, list[dict[str, Any]]]]
AWAY = UpstreamError("the database is away")


def test_a_mistake_of_ours_in_one_of_two_statements_is_masked_and_named_in_the_log(
    ask_broken: AskBroken,
) -> None:
    document = '{ things { parts { partId } } other(thingId: "1") { thingId } }'
    status, body, (failure,) = ask_broken(document, KeyError("Jane"))
    assert status == 500
    assert [each["extensions"]["code"] for each in body["errors"]] == ["INTERNAL"]
    assert (failure["error"], failure["text"]) == ("KeyError", "")
    files = [place.rpartition(":")[0].rpartition("/")[2] for place in failure["at"]]
    assert files[-2:] == ["run.py", "test_app.py"]


def test_what_fails_in_the_parts_of_one_statement_is_all_named(ask_broken: AskBroken) -> None:
    """It has so many parents that it is split."""
    document = "{ things { parts { partId } } }"
    status, _, (failure,) = ask_broken(document, AWAY, KeyError("Jane"), things=900)
    assert status == 500
    assert [(each["error"], each["text"]) for each in (failure, *failure["others"])] == [
        ("UpstreamError", "the database is away"),
        ("KeyError", ""),
    ]


def test_one_failure_at_many_places_of_an_answer_is_one_line(ask_broken: AskBroken) -> None:
    _, body, failures = ask_broken("{ things { parts { partId } } }", AWAY)
    assert [each["path"] for each in body["errors"]] == [
        ["things", 0, "parts"],
        ["things", 1, "parts"],
    ]
    assert [each["text"] for each in failures] == ["the database is away"]


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
