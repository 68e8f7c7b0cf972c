"""Nothing leaks: words planted wherever something is secret are in no answer and in no log."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from handler.access.principal import CallerKind, Principal
from handler.app import App
from handler.engine.engine import Engine
from handler.errors import SchemaError, SettingsError
from handler.settings import Settings
from handler.stores.url import DatabaseUrl
from tests.handler.http.events import GRAPHQL_RESPONSE, proxy_event
from tests.integration.servers import fresh_database, run_script
from tests.security.canaries import (
    CANARIES,
    LOGGED_FIELDS,
    MAY_BE_ANSWERED,
    MAY_BE_LOGGED,
    found_in,
)

C = CANARIES

SDL = f"""
type Query @public {{
  thing(id: ID!): Thing
  things(
    id: ID
    text: String
    number: Int
    day: Date
    sort: Sort
    first: Int
    after: String
  ): ThingConnection!
  nap(id: ID!): Nap
  gone: [Gone!]
  wrong(id: ID!): Wrong
  asked(text: String @filter(field: "shout")): [Wrong!]
  unreadable: [Unreadable!]
  must: [Thing!]! @page(maximum: 1)
}}
enum Sort {{ UP @orderBy(fields: ["text"]) }}
type Thing @public @table(name: "{C["table"]}") {{
  id: ID!
  text: String @column(name: "{C["column"]}")
  number: Int
  day: Date
}}
type Nap @public {{ id: ID! slow: Int }}
type Gone @public @table(name: "{C["table"]}_gone") {{ id: ID! }}
type Wrong @public @table(name: "{C["table"]}") {{
  id: ID!
  "Fails with the row's own text in the error."
  broken: String @expression(sql: "EXTRACTVALUE(1, CONCAT('~', {{{C["column"]}}}))")
  "No SQL: fails with what stands behind it, which is a value."
  shout: String @expression(sql: "{C["sql"]}( {{id}}")
}}
type Unreadable @public @table(name: "{C["table"]}") {{
  id: ID!
  "Holds a text, which is no number."
  text: Int! @column(name: "{C["column"]}")
}}
type ThingConnection @public {{ nodes: [Thing!]! edges: [ThingEdge!]! totalCount: Int! }}
type ThingEdge @public {{ node: Thing! cursor: String! }}
"""


@pytest.fixture(scope="module")
def url(mariadb: Any) -> Iterator[DatabaseUrl]:
    user, password = C["user"], C["password"]
    with fresh_database(mariadb) as url:
        run_script(
            url,
            f"CREATE TABLE {C['table']} (id VARCHAR(40) PRIMARY KEY, number INT, `day` DATE,"
            f" {C['column']} VARCHAR(100), hidden VARCHAR(100))",
            f"INSERT INTO {C['table']} VALUES ('a', 1, '2020-01-01', '{C['row']}', 'x'),"
            f" ('b', 2, NULL, 'plain', '{C['foreignRow']}')",
            "CREATE VIEW naps AS SELECT id, number + (SELECT SUM(SLEEP(n)) FROM"
            f" (SELECT 2 AS n UNION SELECT 3) s) AS slow FROM {C['table']}",
            f"CREATE USER {user}@localhost IDENTIFIED BY '{password}'",
            f"GRANT SELECT ON `{url.database}`.* TO {user}@localhost",
        )
        yield replace(url, user=user, password=password)
        run_script(url, f"DROP USER {user}@localhost")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sdl")
    (folder / "things.graphql").write_text(SDL)
    return folder


@dataclass
class Told:
    """All that came out of one request."""

    status: int
    answer: str  # headers and body
    body: dict[str, Any]


Ask = Callable[..., Told]
Open = Callable[..., Ask]


@pytest.fixture
def open_app(url: DatabaseUrl, folder: Path) -> Iterator[Open]:
    """Starts an App, with every secret that it may have."""
    loop = asyncio.new_event_loop()
    apps: list[App] = []

    def start(database: DatabaseUrl = url, **more: Any) -> Ask:
        given: dict[str, Any] = {
            "database_url": database,
            "sdl_dir": folder,
            "cache_url": f"redis://{C['user']}:{C['cachePassword']}@127.0.0.1:9/0",
            "log_level": "DEBUG",
            **more,
        }
        app = loop.run_until_complete(App.start(Settings(**given)))
        apps.append(app)

        def ask(event: object, budget_s: float = 20.0) -> Told:
            response = loop.run_until_complete(app.handle(event, budget_s=budget_s))
            body = response["body"]
            parsed = json.loads(body) if body.startswith("{") else {}
            return Told(response["statusCode"], f"{response['headers']} {body}", parsed)

        return ask

    yield start
    for app in apps:
        loop.run_until_complete(app.close())
    loop.close()


PRINCIPAL = Principal(
    kind=CallerKind.TOKEN,
    subject=C["subject"],
    issuer="https://issuer.example",
    scopes=frozenset((C["scope"],)),
    claims={"customer_id": C["claim"]},
)


def event(document: object, variables: object = None, **more: Any) -> dict[str, Any]:
    """A POST with a canary wherever a request has room for one."""
    body = {"query": document, "variables": variables or {}}
    made = proxy_event(
        headers={
            "Accept": GRAPHQL_RESPONSE,
            "Content-Type": "application/json",
            "Authorization": f"Bearer {C['token']}",
            "X-Api-Key": C["apiKey"],
            "Cookie": f"session={C['cookie']}",
            "X-Custom": C["header"],
            "Referer": f"https://{C['header']}.example/",
        },
        body=body,
    )
    context = made["requestContext"] | {
        "authorizer": {"principalId": PRINCIPAL.principal_id, **PRINCIPAL.context()}
    }
    return made | {"requestContext": context, **more}


V, L = C["variable"], C["literal"]
REQUESTS: dict[str, tuple[dict[str, Any], str]] = {
    "an answer": (event("query ($a: ID!) { thing(id: $a) { id text } }", {"a": "a"}), ""),
    "nothing found": (event(f'{{ thing(id: "{L}") {{ text }} }}'), ""),
    "syntax": (event(f'{{ thing(id: "{L}" {{ text }} }}'), "GRAPHQL_PARSE_FAILED"),
    "unknown field": (event("{ thing { nothing } }"), "GRAPHQL_VALIDATION_FAILED"),
    "wrong literal": (event(f'{{ things(number: "{L}") {{ totalCount }} }}'), "GRAPHQL_VALIDATION"),
    "wrong enum": (event(f"{{ things(sort: {L}) {{ totalCount }} }}"), "GRAPHQL_VALIDATION_FAILED"),
    "wrong variable": (
        event("query ($n: Int) { things(number: $n) { totalCount } }", {"n": V}),
        "BAD_USER_INPUT",
    ),
    "wrong variable inside": (
        event("query ($n: Int) { things(number: $n) { totalCount } }", {"n": {V: [V]}}),
        "BAD_USER_INPUT",
    ),
    "unknown variable": (event("{ thing(id: 1) { id } }", {V: V}), ""),
    "wrong cursor": (
        event(f'{{ things(after: "{L}") {{ totalCount }} }}'),
        "BAD_USER_INPUT",
    ),
    "too many rows asked": (event("{ things(first: 100000) { totalCount } }"), "BAD_USER_INPUT"),
    "too deep": (event("{" + "things { nodes {" * 40 + "id" + "} }" * 40 + "}"), "LIMIT_EXCEEDED"),
    "unknown operation": (event("query A { thing(id: 1) { id } }", operationName=V), ""),
    "mutation": (event(f'mutation {{ delete(id: "{L}") }}'), ""),
    "introspection": (event("{ __schema { types { name } } }"), "GRAPHQL_VALIDATION_FAILED"),
    "no document": (event(None, {"a": V}), "BAD_REQUEST"),
    "no JSON": (event("") | {"body": f'{{"query": "{V}'}, "BAD_REQUEST"),
    "a batch": (event("") | {"body": f'[{{"query": "{V}"}}]'}, "BAD_REQUEST"),
    "no event of ours": (
        {"version": "2.0", "body": V, "headers": {"a": C["token"]}},
        "UNKNOWN_EVENT",
    ),
    "table is gone": (event(f'{{ gone {{ id }} thing(id: "{L}") {{ id }} }}'), "UPSTREAM_FAILED"),
    "error with a row's value": (event("{ wrong(id: 1) { broken } }"), ""),
    "error with a stored value": (event('{ wrong(id: "a") { broken } }'), "UPSTREAM_FAILED"),
    "error with a parameter": (
        event("query ($t: String) { asked(text: $t) { id } }", {"t": V}),
        "UPSTREAM_FAILED",
    ),
    "value that does not fit": (event("{ unreadable { text } }"), "STORED_VALUE"),
    "too many rows": (event("{ must { id } }"), "LIMIT_EXCEEDED"),
    "time limit": (event('{ nap(id: "a") { slow } }'), "TIMEOUT"),
    "statement too long": (
        event("query ($t: String) { things(text: $t) { totalCount } }", {"t": V * 2000}),
        "LIMIT_EXCEEDED",
    ),
    "half a character": (
        event("query ($t: String) { things(text: $t) { totalCount } }", {"t": V + "\ud800"}),
        "BAD_REQUEST",
    ),
}


def check(told: Told, captured: pytest.CaptureFixture[str], name: str) -> str:
    """Search what was told and what was written; returns what was written."""
    written = captured.readouterr()
    assert found_in(told.answer, MAY_BE_ANSWERED) == [], (name, told.answer)
    assert found_in(written.out + written.err, MAY_BE_LOGGED) == [], (name, written)
    assert written.err == "", name
    for line in written.out.splitlines():
        fields = json.loads(line)
        assert fields.keys() <= LOGGED_FIELDS[fields["message"]], (name, fields)
    return written.out


def test_no_canary_is_answered_or_logged(open_app: Open, capfd: pytest.CaptureFixture[str]) -> None:
    ask = open_app()
    for name, (asked, code) in REQUESTS.items():
        told = ask(asked, budget_s=0.3 if name == "time limit" else 20.0)
        assert code in json.dumps(told.body.get("errors", "")), (name, told.answer)
        check(told, capfd, name)


def test_no_canary_is_the_name_of_a_metric(
    open_app: Open, capfd: pytest.CaptureFixture[str]
) -> None:
    ask = open_app(function_name="shop-graphql", operation_metrics=("Listed",))
    named = [
        event(f"query {name} {{ __typename }}") for name in ("Listed", C["literal"], C["variable"])
    ]
    for asked in (*(asked for asked, _ in REQUESTS.values()), *named):
        ask(asked, budget_s=0.3)
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    requests = [line for line in lines if line["message"] == "request"]
    told = [line["Operation"] for line in requests]
    assert set(told) == {"Listed", "(other)"}
    assert told.count("Listed") == 1
    for line in requests:
        for described in line["_aws"]["CloudWatchMetrics"]:
            (names,) = described["Dimensions"]
            values = {name: line[name] for name in names}
            assert found_in(json.dumps([described, values])) == []


@pytest.mark.parametrize(
    ("change", "logged"),
    [
        pytest.param({"unix_socket": f"/nowhere/{C['host']}"}, "host", id="not there"),
        pytest.param({"unix_socket": None, "host": f"{C['host']}.invalid"}, "host", id="no host"),
        pytest.param({"password": C["password"] + "wrong"}, "user", id="wrong password"),
        pytest.param({"database": C["table"]}, "table", id="no such database"),
    ],
)
def test_database_that_cannot_be_used_is_told_to_the_log_alone(
    open_app: Open,
    url: DatabaseUrl,
    capfd: pytest.CaptureFixture[str],
    change: dict[str, Any],
    logged: str,
) -> None:
    ask = open_app(replace(url, **change))
    told = ask(event("query ($a: ID!) { thing(id: $a) { text } }", {"a": V}))
    assert told.body["errors"][0]["message"] == "Internal error"
    assert C[logged] in check(told, capfd, "away"), "for the operator"


def test_mistake_of_ours_is_told_to_nobody(
    open_app: Open, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = open_app()

    async def fail(*_: object, **__: object) -> None:
        int(V + C["row"])

    monkeypatch.setattr(Engine, "execute", fail)
    told = ask(event('{ thing(id: "a") { text } }'))
    assert told.status == 500
    assert told.body["errors"][0]["extensions"]["code"] == "INTERNAL"
    (failure, _) = map(json.loads, check(told, capfd, "mistake").splitlines())
    assert failure["error"] == "ValueError"
    assert "test_canaries.py" in failure["at"][-1]


RESOLVED = """
type Query @public { secret(key: String!): String @resolver }
"""


def test_text_of_a_failed_resolver_is_told_to_nobody(
    open_app: Open,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    (tmp_path / "a.graphql").write_text(RESOLVED)
    (tmp_path / "kanari_resolvers.py").write_text(
        "async def secret(parent, arguments, context):\n"
        f"    raise LookupError(arguments['key'] + '{C['foreignRow']}')\n"
        "RESOLVERS = {'Query.secret': secret}\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    ask = open_app(sdl_dir=tmp_path, resolvers="kanari_resolvers")
    told = ask(event("query ($k: String!) { secret(key: $k) }", {"k": V}))
    assert told.body["data"] == {"secret": None}
    assert told.body["errors"][0]["message"] == "Internal error"
    assert "LookupError" in check(told, capfd, "resolver")


SECRETS = [
    ("DATABASE_URL", "mysql://user:{}@host:0x/name"),
    ("DATABASE_URL", "mysql://user:{}@host:70000/name"),
    ("DATABASE_URL", "mysql://user:{}@host/a/b"),
    ("DATABASE_URL", "mysql://user:{}@host/"),
    ("DATABASE_URL", "mysql://user:{}#@host/name"),
    ("DATABASE_URL", "mysql://user:{}@host/name?ssl_ca"),
    ("DATABASE_URL", "mysql://user:{}%ff@host/name"),
    ("DATABASE_URL", "mysql://user:{}@[host/name"),
    ("CACHE_URL", "redis://user:{}@host:x/0"),
    ("CACHE_URL", "redis://user:{}@host:99999/0"),
    ("CACHE_URL", "http://user:{}@host/0"),
    ("CACHE_URL", "redis://user:{}@/0"),
    ("CACHE_URL", "redis://user:{}@[host/0"),
    ("AUTH_API_KEYS", "reports:{}"),
    ("AUTH_API_KEYS", "{}"),
    ("AUTH_API_KEYS", "reports:{}:orders:read,{}"),
    ("AUTH_ISSUERS", "https://user:{}@issuer.example"),
    ("AUTH_ISSUERS", "https://user:{}@issuer.example:x/"),
    ("AUTH_ISSUERS", "https://issuer.example/?key={}"),
]


@pytest.mark.parametrize(("name", "text"), SECRETS)
def test_message_about_a_wrong_setting_does_not_repeat_it(name: str, text: str) -> None:
    environ = {"DATABASE_URL": "mysql://user@host/name", name: text.replace("{}", C["password"])}
    with pytest.raises((SettingsError, SchemaError, ValueError)) as caught:
        Settings.from_environ(environ)
    seen: BaseException | None = caught.value
    while seen is not None:  # what a traceback would show
        assert found_in(str(seen)) == []
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)


def test_no_settings_show_their_secrets(url: DatabaseUrl) -> None:
    settings = Settings.from_environ(
        {
            "DATABASE_URL": url.text(),
            "CACHE_URL": f"redis://user:{C['cachePassword']}@host/0",
        }
    )
    for shown in (repr(settings), str(settings.database_url), repr(settings.database_url.login)):
        assert found_in(shown, ("user",)) == []


@pytest.mark.parametrize(
    "text",
    [
        "kanarirowx7q",
        "a KANARIROWX7Q",
        "6b616e617269726f77783771",
        "eA==kanarirowx7q",
        "a2FuYXJpcm93eDdx",
        "AGthbmFyaXJvd3g3cQ==",
        "AABrYW5hcmlyb3d4N3E=",
    ],
)
def test_the_search_finds_canaries(text: str) -> None:
    assert found_in(text) == ["row"]


def test_the_search_finds_nothing_else() -> None:
    assert found_in('{"data":{"thing":null}} kanari row') == []
