"""The ASGI app under a real uvicorn: many callers at once, callers who leave, who may ask, the end.

The same answers, refusals and headers as everywhere: ``tests/aurora_graphql/dev/test_one_surface``.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from aurora_graphql.asgi import Asgi
from aurora_graphql.dev.issuer import LocalIssuer
from aurora_graphql.dev.servers import DatabaseServer
from handler.settings import VARIABLES
from handler.stores.url import DatabaseUrl
from tests.aurora_graphql.asgi_server import uvicorn_of
from tests.integration.servers import fetch_rows, fresh_database, run_script
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
SDL = """
type Query {
  thing(id: ID!): Thing
  nap(id: ID!): Nap
  kept(id: ID!): Kept
  secret(id: ID!): Secret
}
type Thing @public { id: ID! name: String! parts: [Part!] }
type Part @public { id: ID! thingId: ID label: String! }
type Nap @public { id: ID! length: Float }
type Kept @public @cacheControl(maxAge: 60) { id: ID! length: Float }
type Secret @requiresScopes(scopes: [["secrets:read"]]) { id: ID! word: String! }
"""
THING = "query ($id: ID!) { thing(id: $id) { name parts { label } } }"
NAP = "query ($id: ID!) { nap(id: $id) { length } }"
THINGS = 40


@pytest.fixture(scope="module")
def url(mariadb: DatabaseServer) -> Iterator[DatabaseUrl]:
    with fresh_database(mariadb) as url:
        run_script(
            url,
            "CREATE TABLE things (id INT PRIMARY KEY, name VARCHAR(20) NOT NULL)",
            "CREATE TABLE parts (id INT PRIMARY KEY, thing_id INT, label VARCHAR(20) NOT NULL,"
            " KEY (thing_id))",
            "CREATE TABLE secrets (id INT PRIMARY KEY, word VARCHAR(20) NOT NULL)",
            "CREATE TABLE beds (id INT PRIMARY KEY)",
            "CREATE VIEW naps AS SELECT id, SLEEP(id / 10) + id AS length FROM beds",
            "CREATE VIEW kepts AS SELECT id, SLEEP(id / 10) + id AS length FROM beds",
            "INSERT INTO beds VALUES (3), (8), (300)",
            "INSERT INTO secrets VALUES (1, 'sesame')",
            *(f"INSERT INTO things VALUES ({n}, 'thing {n}')" for n in range(THINGS)),
            *(
                f"INSERT INTO parts VALUES ({n * 10 + part}, {n}, 'part {n}.{part}')"
                for n in range(THINGS)
                for part in range(3)
            ),
        )
        yield url


@pytest.fixture
def environ(url: DatabaseUrl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Settings of an API that everybody may read; nothing of the developer's shell or folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sdl").mkdir()
    (tmp_path / "sdl" / "things.graphql").write_text(SDL)
    return {
        "DATABASE_URL": url.text(),
        "SDL_DIR": str(tmp_path / "sdl"),
        "AUTH": "off",
        "STAGE": "local",
    }


@pytest.fixture
def issuer(tmp_path: Path) -> Iterator[LocalIssuer]:
    found = LocalIssuer(tmp_path / "issuer", {}, port=free_port())
    with found.serve():
        yield found


async def ask(
    client: aiohttp.ClientSession, query: str, token: str = "", **variables: object
) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body = {"query": query, "variables": variables}
    async with client.post("/graphql", json=body, headers=headers) as response:
        return response.status, await response.json()


def named(number: int) -> dict[str, Any]:
    """The answer to ``THING``."""
    parts = [{"label": f"part {number}.{part}"} for part in range(3)]
    return {"data": {"thing": {"name": f"thing {number}", "parts": parts}}}


def asleep(url: DatabaseUrl, view: str = "naps") -> int:
    """How many statements over the view are running on the server."""
    question = (
        "SELECT COUNT(*) FROM information_schema.processlist"
        " WHERE id <> CONNECTION_ID() AND info LIKE %s"
    )
    ((found,),) = fetch_rows(url, question, f"%{view}%")
    assert isinstance(found, int)
    return found


async def until(url: DatabaseUrl, wanted: int, view: str = "naps", limit_s: float = 3.0) -> None:
    """Wait until so many statements are running. Raises ``TimeoutError``."""
    async with asyncio.timeout(limit_s):
        while await asyncio.to_thread(asleep, url, view) != wanted:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_many_callers_at_once_get_each_his_own_answer(
    environ: dict[str, str], url: DatabaseUrl
) -> None:
    numbers = [n % THINGS for n in range(200)]
    async with (
        uvicorn_of(Asgi({**environ, "POOL_SIZE": "3"})) as address,
        aiohttp.ClientSession(address, connector=aiohttp.TCPConnector(limit=0)) as client,
    ):
        answers = await asyncio.gather(*(ask(client, THING, id=n) for n in numbers))
        ((connections,),) = fetch_rows(
            url, "SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE()"
        )
    assert answers == [(200, named(n)) for n in numbers]
    assert connections == 3 + 1  # the pool, and the one that counts


async def test_requests_wait_for_a_free_connection_and_not_for_each_other(
    environ: dict[str, str],
) -> None:
    """Three statements of 0.8 s: side by side with three connections, in turn with one."""
    took_s = {}
    for size in ("1", "3"):
        async with (
            uvicorn_of(Asgi({**environ, "POOL_SIZE": size})) as address,
            aiohttp.ClientSession(address) as client,
        ):
            began = time.monotonic()
            answers = await asyncio.gather(*(ask(client, NAP, id=8) for _ in range(3)))
            took_s[size] = time.monotonic() - began
        assert answers == [(200, {"data": {"nap": {"length": 8.0}}})] * 3
    assert took_s["3"] < 2.4 <= took_s["1"]


async def test_the_statement_of_a_caller_who_leaves_ends_on_the_server(
    environ: dict[str, str], url: DatabaseUrl, capsys: pytest.CaptureFixture[str]
) -> None:
    async with (
        uvicorn_of(Asgi({**environ, "POOL_SIZE": "2"})) as address,
        aiohttp.ClientSession(address) as client,
        aiohttp.ClientSession(address) as another,
    ):
        leaving = asyncio.create_task(ask(client, NAP, id=300))
        await until(url, 1)
        staying = asyncio.create_task(ask(another, NAP, id=8))
        await until(url, 2)
        leaving.cancel()
        await until(url, 1)  # 30 s before its time
        assert not staying.done()
        assert await staying == (200, {"data": {"nap": {"length": 8.0}}})
        assert await ask(another, THING, id=1) == (200, named(1))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["status"] for line in lines if line["message"] == "access"] == [499, 200, 200]


async def test_who_waits_for_the_same_answer_gets_it_when_the_first_caller_leaves(
    environ: dict[str, str], url: DatabaseUrl, cache_url: str
) -> None:
    document = "{ kept(id: 8) { length } }"
    async with (
        uvicorn_of(Asgi({**environ, "CACHE_URL": cache_url})) as address,
        aiohttp.ClientSession(address) as client,
        aiohttp.ClientSession(address) as another,
    ):
        leaving = asyncio.create_task(ask(client, document))
        await until(url, 1, "kepts")
        staying = asyncio.create_task(ask(another, document))
        await asyncio.sleep(0.2)
        assert await asyncio.to_thread(asleep, url, "kepts") == 1  # one for both
        leaving.cancel()
        assert await staying == (200, {"data": {"kept": {"length": 8.0}}})


async def test_nobody_is_let_in_without_a_token_that_the_authorizer_believes(
    environ: dict[str, str], issuer: LocalIssuer
) -> None:
    guarded = {**environ, **issuer.environ, "AUTH": "on"}
    secret = '{ secret(id: "1") { word } }'
    async with (
        uvicorn_of(Asgi(guarded)) as address,
        aiohttp.ClientSession(address) as client,
    ):
        status, body = await ask(client, THING, id=1)
        assert (status, body["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")
        status, body = await ask(client, THING, "forged", id=1)
        assert (status, body["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")
        async with client.get("/health") as response:
            assert (response.status, response.headers["WWW-Authenticate"]) == (401, "Bearer")
        token = issuer.token(subject="s", scopes=["secrets:read"])
        answers = await asyncio.gather(
            ask(client, secret, token),
            ask(client, secret, issuer.token(subject="s")),
            ask(client, THING, issuer.token(subject="s"), id=1),
        )
    assert answers[0] == (200, {"data": {"secret": {"word": "sesame"}}})
    assert answers[1][1]["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert answers[2] == (200, named(1))


async def test_without_credentials_in_the_settings_nobody_may_ask(environ: dict[str, str]) -> None:
    closed = {name: value for name, value in environ.items() if name != "AUTH"}
    async with (
        uvicorn_of(Asgi(closed)) as address,
        aiohttp.ClientSession(address) as client,
    ):
        assert (await ask(client, THING, id=1))[0] == 401
        assert (await ask(client, THING, "x.y.z", id=1))[0] == 401


async def test_requests_over_the_limits_of_the_gateway_are_refused(
    environ: dict[str, str],
) -> None:
    async def parts() -> Any:
        for _ in range(11):
            yield b" " * 1024 * 1024

    async with (
        uvicorn_of(Asgi(environ)) as address,
        aiohttp.ClientSession(address) as client,
    ):
        async with client.post("/", data=parts()) as response:
            body = await response.json()
            assert (response.status, body["errors"][0]["extensions"]["code"]) == (413, "TOO_LARGE")
        async with client.get("/jane@example.com") as response:
            assert response.status == 404
        async with client.get("/health", headers={"X-Long": "x" * 10_300}) as response:
            assert response.status == 413
        async with client.get("/health") as response:
            assert (response.status, await response.read()) == (200, b'{"status":"ok"}')


async def test_a_body_that_breaks_off_troubles_nobody(environ: dict[str, str]) -> None:
    async with (
        uvicorn_of(Asgi(environ)) as address,
        aiohttp.ClientSession(address) as client,
    ):
        port = int(address.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as caller:
            caller.sendall(b'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"query"')
            await asyncio.sleep(0.1)
        assert await ask(client, THING, id=2) == (200, named(2))


@contextmanager
def uvicorn_process(
    environ: Mapping[str, str], log: Path, folder: Path = ROOT
) -> Iterator[subprocess.Popen[bytes]]:
    """As a container starts it; the environment holds nothing else."""
    names = {variable.name for variable in VARIABLES}
    own = {name: value for name, value in os.environ.items() if name not in names}
    command = [sys.executable, "-m", "uvicorn", "aurora_graphql.asgi:app", "--port", "0"]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [*command, "--no-access-log"],
            cwd=folder,
            env={**own, "PYTHONPATH": str(ROOT), **environ},
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def port_in(log: Path) -> int:
    """Where uvicorn says that it serves."""
    until_s = time.monotonic() + 30
    while time.monotonic() < until_s:
        if found := re.search(r"running on http://127\.0\.0\.1:(\d+)", log.read_text()):
            return int(found[1])
        time.sleep(0.05)
    raise AssertionError(log.read_text())


async def test_told_to_stop_it_answers_what_was_asked_before(
    environ: dict[str, str], url: DatabaseUrl, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with uvicorn_process(environ, log) as process:
        port = await asyncio.to_thread(port_in, log)
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client:
            asking = asyncio.create_task(ask(client, NAP, id=8))
            await until(url, 1)
            process.send_signal(signal.SIGTERM)
            assert await asking == (200, {"data": {"nap": {"length": 8.0}}})
        assert await asyncio.to_thread(process.wait, 10) in (0, -signal.SIGTERM)
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    request, access = (line for line in lines if line["message"] != "operation")
    assert request["requestId"] == access["requestId"]
    assert (request["message"], request["status"], request["codes"]) == ("request", 200, [])
    assert {**access, "requestId": "", "durationMs": 0} == {
        "level": "INFO",
        "stage": "local",
        "message": "access",
        "requestId": "",
        "method": "POST",
        "resource": "/graphql",
        "status": 200,
        "durationMs": 0,
        "bodyBytes": request["bodyBytes"],
    }
    assert "Application shutdown complete" in log.read_text()


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"DATABASE_URL": ""}, "cannot start: DATABASE_URL is not set"),
        ({"STAGE": ""}, "cannot start: AUTH is off and STAGE is not set to local"),
        ({"STAGE": "prod"}, "take AUTH away"),
        ({"SDL_DIR": "/nowhere"}, "/nowhere"),
    ],
    ids=["settings", "open-to-all", "open-to-all-in-prod", "sdl"],
)
def test_what_keeps_it_from_starting_is_said_once(
    settings: dict[str, str], told: str, environ: dict[str, str], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with uvicorn_process({**environ, **settings}, log) as process:
        assert process.wait(30) == 3  # uvicorn's own
    text = log.read_text()
    assert told in text
    assert "Traceback" not in text


async def test_it_serves_the_project_that_it_is_started_in(
    environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "sdl").rename(tmp_path / "types")
    (tmp_path / "aurora-graphql.toml").write_text('sdl = "types"\n')
    del environ["SDL_DIR"]
    log = tmp_path / "log"
    with uvicorn_process(environ, log, tmp_path):
        port = await asyncio.to_thread(port_in, log)
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client:
            assert await ask(client, THING, id=5) == (200, named(5))
    (tmp_path / "aurora-graphql.toml").write_text("sdl = 1\n")
    with uvicorn_process(environ, log, tmp_path) as process:
        assert await asyncio.to_thread(process.wait, 30) == 3
    assert "cannot start: " in log.read_text()
    assert 'sdl must be "text", got 1' in log.read_text()
