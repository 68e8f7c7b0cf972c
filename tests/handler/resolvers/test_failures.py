"""A resolver that fails is named in the log with its own file and line, and no value is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from aurora_graphql.dev.servers import MariaDb
from handler.app import App
from handler.settings import Settings
from tests.handler.http.events import GRAPHQL_RESPONSE, post_event
from tests.handler.resolvers import faulty
from tests.integration.servers import fresh_database, run_script

SDL = """
type Query {
  raises: Int @resolver
  raisesMany: Int @resolver
  badSql: Int @resolver
  mismatch: Int @resolver
  noQuery: Int @resolver
  lateSql: Int @resolver
  late: Int @resolver
  ownTimeout: Int @resolver
  cancelled: Int @resolver
  noInt: Int @resolver
  noList: [String!] @resolver
  noObject: Owner @resolver
  noRow: Thing @resolver
  nothing: Int! @resolver
  noKey: Thing @resolver
  noType: Pet @resolver
  innerNull: Dog @resolver
  gone: Thing! @resolver
  unreadable: Owner @resolver
  unreadableRow: Thing @resolver
  unreadablePart: [Thing] @resolver
  half: [String] @resolver
  misdeclared: Int @resolver
  thing(thingId: ID!): Thing
}
type Thing @table(name: "things") { thingId: ID! name: String! }
interface Pet { name: String }
type Dog implements Pet { name: String owner: Owner }
type Cat implements Pet { name: String }
type Owner { name: String! }
"""
FILE = faulty.__file__


Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def settings(mariadb: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("sdl")
    (folder / "faulty.graphql").write_text(SDL)
    with fresh_database(mariadb) as url:
        run_script(
            url,
            "CREATE TABLE things (thing_id INT PRIMARY KEY, name VARCHAR(20))",
            "INSERT INTO things VALUES (1, NULL), (2, 'two')",
        )
        yield Settings(database_url=url, sdl_dir=folder, auth=False, resolvers=faulty.__name__)


@pytest.fixture
def ask(settings: Settings) -> Iterator[Ask]:
    """Asks an App that writes its log to what the test captures."""
    loop = asyncio.new_event_loop()
    apps: list[App] = []

    def ask(document: str, *, budget_s: float = 20.0, tracebacks: bool = False) -> dict[str, Any]:
        chosen = replace(settings, log_tracebacks=tracebacks)
        apps.append(loop.run_until_complete(App.start(chosen)))
        event = post_event({"query": document}, accept=GRAPHQL_RESPONSE)
        response = loop.run_until_complete(apps[-1].handle(event, budget_s=budget_s))
        body: dict[str, Any] = json.loads(response["body"])
        return body

    yield ask
    for app in apps:
        loop.run_until_complete(app.close())
    loop.close()


def place(text: str) -> str:
    """Of the first line in the module of resolvers that begins with the text."""
    lines = Path(FILE).read_text().splitlines()
    return f"{FILE}:{next(n for n, line in enumerate(lines, 1) if line.strip().startswith(text))}"


def failures(written: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    return [line for line in lines if line["message"] == "failure"]


@pytest.mark.parametrize(
    ("field", "code", "error", "cause", "text", "line"),
    [
        pytest.param(
            "raises",
            "INTERNAL",
            "ResolverError",
            "ValueError",
            "the resolver of Query.raises failed: RuntimeError",
            'int("Jane")',
            id="raises",
        ),
        pytest.param(
            "badSql",
            "UPSTREAM_FAILED",
            "UpstreamError",
            "ProgrammingError",
            "the database refused: 1064 PARSE_ERROR",
            "await context.fetch(\"SELECT 'Jane' FRM",
            id="bad-sql",
        ),
        pytest.param(
            "mismatch",
            "INTERNAL",
            "ResolverSqlError",
            None,
            "a resolver's SQL has 1 %s and is given 2 parameters; a %s within quotes or a comment"
            " is text",
            'await context.fetch("SELECT %s", ',
            id="parameters-that-do-not-match",
        ),
        pytest.param(
            "noQuery",
            "INTERNAL",
            "ResolverSqlError",
            None,
            "a resolver's SQL is one SELECT, which may stand in parentheses or behind WITH",
            'await context.fetch("SHOW TABLES',
            id="what-no-server-limits-in-time",
        ),
        pytest.param(
            "ownTimeout",
            "INTERNAL",
            "ResolverError",
            "TimeoutError",
            "the resolver of Query.ownTimeout failed: TimeoutError",
            "async with asyncio.timeout(0):",
            id="a-time-limit-of-its-own",
        ),
        pytest.param(
            "cancelled",
            "INTERNAL",
            "ResolverError",
            None,
            "the resolver of Query.cancelled was cancelled by something that it waited for",
            "raise asyncio.CancelledError",
            id="cancelled",
        ),
        pytest.param(
            "noInt",
            "RESOLVED_VALUE",
            "ResolverError",
            None,
            "the resolver of Query.noInt gave a wrong value: Int cannot represent the value that"
            " the resolver gave.",
            "async def text(",
            id="no-number",
        ),
        pytest.param(
            "noList",
            "INTERNAL",
            "ResolverError",
            None,
            "the resolver of Query.noList gave no list for Query.noList",
            "async def text(",
            id="no-list",
        ),
        pytest.param(
            "noObject { name }",
            "INTERNAL",
            "ResolverError",
            None,
            "the resolver of Query.noObject gave a str as a Owner; give a mapping or an object"
            " with the names of fields",
            "async def text(",
            id="no-object",
        ),
        pytest.param(
            "noRow { name }",
            "INTERNAL",
            "ResolverError",
            None,
            "the resolver of Query.noRow gave a str as a Thing; give a mapping or an object with"
            " the names of fields",
            "async def text(",
            id="no-key-at-all",
        ),
        pytest.param(
            "noKey { name }",
            "INTERNAL",
            "ResolverError",
            None,
            "the resolver of Query.noKey gave a Thing without thingId; rows of Thing are read from"
            " its table by thingId",
            "async def no_key(",
            id="no-key",
        ),
        pytest.param(
            "noType { name }",
            "INTERNAL",
            "ResolverError",
            None,
            "the resolver of Query.noType gave an object of no type that Pet may be; say which by"
            ' "__typename": Cat or Dog',
            "async def no_type(",
            id="no-type",
        ),
        pytest.param(
            "nothing",
            "NULL_VALUE",
            "ResolverError",
            None,
            "the resolver of Query.nothing gave null: Cannot return null for non-nullable field"
            " Query.nothing.",
            "async def nothing(",
            id="null",
        ),
        pytest.param(
            "innerNull { owner { name } }",
            "NULL_VALUE",
            "ResolverError",
            None,
            "the resolver of Query.innerNull gave null: Cannot return null for non-nullable field"
            " Owner.name.",
            "async def inner_null(",
            id="null-further-down",
        ),
        pytest.param(
            "unreadable { name }",
            "INTERNAL",
            "ResolverError",
            "RuntimeError",
            "the resolver of Query.unreadable gave a Unreadable whose name cannot be read:"
            " RuntimeError",
            'raise RuntimeError("Jane has no name")',
            id="an-attribute-that-fails",
        ),
        pytest.param(
            "unreadableRow { name }",
            "INTERNAL",
            "ResolverError",
            "RuntimeError",
            "the resolver of Query.unreadableRow gave a Unreadable whose thingId cannot be read:"
            " RuntimeError",
            'raise RuntimeError("Jane has no key")',
            id="a-key-that-fails",
        ),
        pytest.param(
            "unreadablePart { name }",
            "INTERNAL",
            "ResolverError",
            "RuntimeError",
            "the resolver of Query.unreadablePart gave a Unreadable as a thingId: RuntimeError",
            'raise RuntimeError("Jane has no text")',
            id="a-key-without-text",
        ),
        pytest.param(
            "half",
            "RESOLVED_VALUE",
            "ResolverError",
            None,
            "the resolver of Query.half gave a wrong value: String cannot represent the value that"
            " the resolver gave.",
            "async def half(",
            id="half-a-character",
        ),
        pytest.param(
            "misdeclared",
            "INTERNAL",
            "ResolverError",
            "TypeError",
            "the resolver of Query.misdeclared failed: TypeError",
            "async def misdeclared(",
            id="a-function-of-too-few-parameters",
        ),
    ],
)
def test_line_names_the_resolver(
    ask: Ask,
    capsys: pytest.CaptureFixture[str],
    field: str,
    code: str,
    error: str,
    cause: str | None,
    text: str,
    line: str,
) -> None:
    body = ask(f"{{ {field} }}")
    assert [each["extensions"]["code"] for each in body["errors"]] == [code]
    assert "Jane" not in json.dumps(body)
    written = capsys.readouterr().out
    (told,) = failures(written)
    assert (told["error"], told.get("cause"), told["text"]) == (error, cause, text)
    assert place(line) in told["at"]
    assert "Jane" not in written


@pytest.mark.parametrize(
    ("field", "text", "line"),
    [
        pytest.param(
            "lateSql",
            None,
            'await context.fetch("SELECT SLEEP(n) FROM (SELECT 5 AS n UNION SELECT 6) s")',
            id="in-the-database",
        ),
        pytest.param(
            "late",
            "the resolver of Query.late took longer than the request has",
            "await asyncio.sleep(60)",
            id="elsewhere",
        ),
    ],
)
def test_time_that_is_up_ends_a_resolver_and_names_where_it_waited(
    ask: Ask,
    capsys: pytest.CaptureFixture[str],
    field: str,
    text: str | None,
    line: str,
) -> None:
    body = ask(f"{{ {field} }}", budget_s=0.3)
    assert [each["extensions"]["code"] for each in body["errors"]] == ["TIMEOUT"]
    (told,) = failures(capsys.readouterr().out)
    assert told["error"] == "DeadlineError"
    assert text in (None, told["text"])
    assert place(line) in told["at"]


def test_all_failures_of_a_resolvers_own_tasks_are_told(
    ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    ask("{ raisesMany }")
    written = capsys.readouterr().out
    (told,) = failures(written)
    assert told["text"] == "the resolver of Query.raisesMany failed: ExceptionGroup"
    assert [told["cause"], *(each["cause"] for each in told["others"])] == [
        "ValueError",
        "LookupError",
    ]
    assert place('raise LookupError("Jane")') in told["others"][0]["at"]
    assert "Jane" not in written


@pytest.mark.parametrize("document", ['{ thing(thingId: "1") { name } }', "{ gone { name } }"])
def test_a_row_that_does_not_fit_is_no_mistake_of_a_resolver(
    ask: Ask, capsys: pytest.CaptureFixture[str], document: str
) -> None:
    body = ask(document)
    assert [each["extensions"]["code"] for each in body["errors"]] == ["NULL_VALUE"]
    assert failures(capsys.readouterr().out) == []


@pytest.mark.parametrize(
    ("field", "data"),
    [
        ("unreadablePart { name }", [{"name": "two"}, None, None]),
        ("unreadable { name }", None),
        ("misdeclared", None),
    ],
)
def test_what_cannot_be_read_takes_nothing_else_with_it(ask: Ask, field: str, data: Any) -> None:
    body = ask(f'{{ {field} thing(thingId: "2") {{ name }} }}')
    assert body["data"] == {field.partition(" ")[0]: data, "thing": {"name": "two"}}


def test_half_a_character_takes_no_other_item_with_it(ask: Ask) -> None:
    assert ask("{ half }")["data"] == {"half": ["whole", None]}


def test_on_ones_own_machine_the_whole_traceback_is_shown(
    ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    body = ask("{ raises }", tracebacks=True)
    assert "Jane" not in json.dumps(body)
    written = capsys.readouterr().out
    (told,) = failures(written)
    assert told["text"] == "the resolver of Query.raises failed: RuntimeError"
    assert "RuntimeError: no such Jane\n" in written
    assert "ValueError: invalid literal for int() with base 10: 'Jane'\n" in written
    assert 'raise RuntimeError("no such Jane") from error' in written
