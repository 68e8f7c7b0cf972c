"""One surface: ``make run``, ``make run-lambda``, the ASGI app and the deployed API answer alike.

The first two are asked over HTTP with the real function behind them, in a plain process and by
Lambda's runtime client; the third is served by uvicorn; the last is the definition that a stack
sends to AWS, interpreted.
"""

from __future__ import annotations

import os
import re
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import orjson
import pytest
from yarl import URL

from aurora_graphql.asgi import Asgi
from aurora_graphql.dev.environment import Environments
from aurora_graphql.dev.gateway import Gateway
from aurora_graphql.dev.lambda_environment import Configuration
from aurora_graphql.dev.lambda_function import LambdaFunction
from aurora_graphql.dev.lambda_task import checkout
from aurora_graphql.gateway.function import Function
from aurora_graphql.gateway.surface import Surface
from aurora_graphql.installed import PACKAGES
from components.definition import PLACEHOLDERS, DefinitionOptions, build_definition
from components.surface import build_surface
from handler.settings import VARIABLES
from tests.aurora_graphql.asgi_server import uvicorn_of
from tests.aurora_graphql.dev.deployed import Answer, Asked, Deployed
from tests.domains.orders import PROJECT

JSON = {"Content-Type": "application/json"}
HTML = {"Accept": "text/html,*/*;q=0.8"}
SHOP, EVIL = "https://shop.example", "https://evil.example"
QUERY = b'{"query":"{ __typename }"}'


def preflight(origin: str) -> dict[str, str]:
    return {"Origin": origin, "Access-Control-Request-Method": "POST"}


REQUESTS = {
    "post": Asked("POST", "/", JSON, QUERY),
    "post-to-graphql": Asked("POST", "/graphql", JSON, QUERY),
    "post-from-a-page": Asked("POST", "/graphql", {**JSON, "Origin": SHOP}, QUERY),
    "get": Asked("GET", "/?query=%7B__typename%7D"),
    "get-graphql": Asked("GET", "/graphql?query=%7B__typename%7D"),
    "get-without-a-query": Asked("GET", "/"),
    "head": Asked("HEAD", "/?query=%7B__typename%7D"),
    "head-graphql": Asked("HEAD", "/graphql?query=%7B__typename%7D"),
    "browser": Asked("GET", "/", HTML),
    "browser-at-graphql": Asked("GET", "/graphql", HTML),
    "head-of-a-browser": Asked("HEAD", "/", HTML),
    "graphiql-style": Asked("GET", "/graphiql/graphiql.css"),
    "graphiql-script": Asked("GET", "/graphiql/graphiql.js"),
    "graphiql-head": Asked("HEAD", "/graphiql/graphiql.js"),
    "graphiql-absent": Asked("GET", "/graphiql/none.js"),
    "graphiql-outside": Asked("GET", "/graphiql/..%2Fsecret.txt"),
    "graphiql-folder": Asked("GET", "/graphiql/"),
    "graphiql-deeper": Asked("GET", "/graphiql/a/graphiql.js"),
    "graphiql-post": Asked("POST", "/graphiql/graphiql.js", JSON, QUERY),
    "health": Asked("GET", "/health"),
    "health-head": Asked("HEAD", "/health"),
    "health-post": Asked("POST", "/health", JSON, QUERY),
    "health-preflight": Asked("OPTIONS", "/health", preflight(SHOP)),
    "alive": Asked("GET", "/alive"),
    "preflight": Asked("OPTIONS", "/", preflight(SHOP)),
    "preflight-of-graphql": Asked("OPTIONS", "/graphql", preflight(SHOP)),
    "preflight-of-another": Asked("OPTIONS", "/", preflight(EVIL)),
    "options": Asked("OPTIONS", "/"),
    "put": Asked("PUT", "/", JSON, QUERY),
    "delete": Asked("DELETE", "/graphql"),
    "elsewhere": Asked("GET", "/favicon.ico", {"Origin": SHOP}),
    "elsewhere-post": Asked("POST", "/graphql/", JSON, QUERY),
    "no-json": Asked("POST", "/", JSON, b"{"),
    "no-members": Asked("POST", "/", JSON, b"{}"),
    "a-list": Asked("POST", "/graphql", JSON, b'[{"query":"{ __typename }"}]'),
    "a-number-out-of-range": Asked(
        "POST", "/", JSON, b'{"query":"{ __typename }","variables":{"a":1e400}}'
    ),
    "query-is-null": Asked("POST", "/", JSON, b'{"query":null}'),
    "another-type": Asked("POST", "/", {"Content-Type": "text/plain"}, QUERY),
}

# Settings of the handler, with the answer's parts that each is there for.
SETTINGS: dict[str, dict[str, str]] = {
    "plain": {},
    "graphiql": {"GRAPHIQL": "on"},
    "one-origin": {"CORS_ORIGINS": SHOP},
    "origins": {"CORS_ORIGINS": f"{SHOP},https://till.example", "GRAPHIQL": "on"},
    "all-origins": {"CORS_ORIGINS": "*"},
    "cors": {"CORS_ORIGINS": SHOP, "CORS_HEADERS": "x-mine,accept"},
}

# Of the connection, of the server, or another one each time.
_OF_THE_WAY = {"date", "server", "content-length", "x-amzn-requestid", "x-request-id"}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two files in the place of GraphiQL's, and one beside their folder."""
    folder = tmp_path_factory.mktemp("site") / "graphiql"
    folder.mkdir()
    (folder / "graphiql.css").write_text("a { }")
    (folder / "graphiql.js").write_text('"ä"')
    (folder.parent / "secret.txt").write_text("secret")
    return folder


def environ_of(chosen: Mapping[str, str], files: Path) -> dict[str, str]:
    names = {variable.name for variable in VARIABLES}
    own = {name: value for name, value in os.environ.items() if name not in names}
    return {
        **own,
        "PYTHONPATH": str(PACKAGES),  # of a process in another folder
        "DATABASE_URL": "mysql://reader@127.0.0.1:1/orders",  # nothing that is asked here reads
        "AUTH": "off",
        "STAGE": "local",
        "SDL_DIR": str(PROJECT / "sdl"),
        "INTROSPECTION": "on",
        "GZIP_MIN_BYTES": "off",
        "GRAPHIQL_DIR": str(files),
        **chosen,
    }


@asynccontextmanager
async def served(function: Function, environ: Mapping[str, str]) -> AsyncIterator[str]:
    """The address of a gateway of this machine."""

    async def made() -> None:
        """The files are there."""

    with socket.create_server(("127.0.0.1", 0)) as listener:
        gateway = Gateway(
            function,
            listener=listener,
            files_made=made,
            surface=Surface.of(environ),
            log=lambda _: None,
        )
        try:
            await gateway.start()
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            await gateway.stop()


async def ask(client: aiohttp.ClientSession, address: str, asked: Asked) -> Answer:
    url = f"{address}{asked.path}"
    headers = {"Accept-Encoding": "identity", "Accept": "*/*", **asked.headers}
    async with client.request(
        asked.method,
        URL(url, encoded=True),
        headers=headers,
        data=asked.body or None,
        skip_auto_headers=("Content-Type", "User-Agent"),
    ) as response:
        found: dict[str, str] = {}
        for name, value in response.headers.items():
            key = name.lower()
            found[key] = f"{found[key]}, {value}" if key in found else value
        return Answer(response.status, found, await response.read())


def plain(answer: Answer) -> tuple[int, dict[str, str], bytes]:
    """Without what differs between any two answers."""
    headers = {
        name: re.sub("; charset=utf-8$", "", text) if name == "content-type" else text
        for name, text in answer.headers.items()
        if name not in _OF_THE_WAY
    }
    if not answer.body:
        headers.pop("content-type", None)
    return answer.status, headers, re.sub(rb'("requestId": ?)"[^"]+"', rb'\1"R"', answer.body)


@pytest.mark.usefixtures("in_project")
@pytest.mark.parametrize("settings", SETTINGS)
async def test_every_request_is_answered_alike_everywhere(settings: str, files: Path) -> None:
    chosen = SETTINGS[settings]
    environ = environ_of(chosen, files)
    task = checkout()
    configuration = Configuration(
        handler="handler.entry.graphql",
        environ=environ,
        folder=task.folder,
        command=task.command,
        python=task.python,
    )
    direct = Environments("handler.entry.graphql", 1, environ)
    origins = tuple(chosen["CORS_ORIGINS"].split(",")) if "CORS_ORIGINS" in chosen else ()
    definition = build_definition(
        DefinitionOptions(
            surface=build_surface(chosen, graphiql=chosen.get("GRAPHIQL") == "on"),
            cors_origins=origins,
            authorizer_cache_s=0,
            anonymous=True,
            api_keys=False,
            timeout_s=15,
        ),
        PLACEHOLDERS,
    )

    async def invoke(event: object) -> object:
        return await direct.invoke(orjson.dumps(event), request_id="R", timeout_s=30)

    deployed = Deployed(definition, invoke)
    async with (
        served(direct, environ) as run,
        served(LambdaFunction(configuration, 1, lambda _: None), environ) as run_lambda,
        uvicorn_of(Asgi(environ)) as asgi,
        aiohttp.ClientSession() as client,
    ):
        for name, asked in REQUESTS.items():
            full = Asked(asked.method, asked.path, {"Accept": "*/*", **asked.headers}, asked.body)
            expected = plain(await deployed.answer(full))
            ways = ((run, "make run"), (run_lambda, "make run-lambda"), (asgi, "uvicorn"))
            for address, way in ways:
                assert plain(await ask(client, address, asked)) == expected, (name, way)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        *((name, 200) for name in ("post", "post-to-graphql", "get-graphql", "head", "health")),
        *((name, 200) for name in ("browser", "graphiql-style", "graphiql-script", "health-head")),
        *((name, 204) for name in ("preflight", "preflight-of-graphql", "options")),
        *((name, 404) for name in ("elsewhere", "put", "graphiql-absent", "graphiql-outside")),
        *((name, 404) for name in ("health-post", "graphiql-deeper", "alive", "elsewhere-post")),
        *((name, 400) for name in ("no-json", "no-members", "get-without-a-query", "a-list")),
        ("another-type", 415),
    ],
)
async def test_the_deployed_api_answers(name: str, status: int, files: Path) -> None:
    environ = environ_of({"GRAPHIQL": "on", "CORS_ORIGINS": SHOP}, files)
    direct = Environments("handler.entry.graphql", 1, environ)
    async with served(direct, environ) as address, aiohttp.ClientSession() as client:
        assert (await ask(client, address, REQUESTS[name])).status == status


def test_the_function_starts_by_this_python() -> None:
    assert checkout().command[0] == sys.executable
