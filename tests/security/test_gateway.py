"""The same attacks through everything: HTTP, the gateway, the authorizer, Lambda's runtime client.

The authorizer and the API are two functions, each in the real runtime client; their environments
and the gateway write what they have to say into files that are searched.
"""

from __future__ import annotations

import base64
import json
import os
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from msgspec.structs import replace

from aurora_graphql.dev.gateway import Gateway
from aurora_graphql.dev.issuer import LocalIssuer
from aurora_graphql.dev.lambda_environment import Configuration
from aurora_graphql.dev.lambda_function import LambdaFunction
from aurora_graphql.dev.lambda_task import checkout
from aurora_graphql.dev.servers import MariaDb
from aurora_graphql.gateway.authorizer import FUNCTION as AUTHORIZE
from aurora_graphql.gateway.authorizer import Authorizer
from aurora_graphql.gateway.surface import Surface
from handler.stores.url import DatabaseUrl
from tests.domains.orders import PROJECT
from tests.faults.proxy import FaultProxy
from tests.integration.front import settings_for
from tests.ports import free_port
from tests.security.canaries import CANARIES, found_in
from tests.security.payloads import PAYLOADS
from tests.security.test_headers import EVERYWHERE
from tests.security.wire import Wire, shape

DOCUMENT = """
query Sample($id: ID!, $text: String, $cursor: String, $from: DateTime) {
  order(orderId: $id) { orderId items { product { productName } } }
  orderItems(orderId: $id) { quantity }
  customer(customerId: $id) { name orders(first: 1) { totalCount } }
  products(namePrefix: $text, first: 2) { nodes { productName } totalCount }
  orders(customerId: $id, from: $from, first: 2, after: $cursor) { nodes { orderId } }
}
"""
OWN = {"customer_id": "VINET"}


@dataclass
class Site:
    """The gateway, and all that can be heard of it."""

    client: aiohttp.ClientSession
    issuer: LocalIssuer
    wire: Wire
    proxy: FaultProxy
    folder: Path
    said: list[str] = field(default_factory=list)  # by the gateway

    def token(self, **claims: str) -> str:
        """A good token of a customer."""
        return self.issuer.token(
            subject=CANARIES["subject"],
            scopes=["orders:read", CANARIES["scope"]],
            claims={**OWN, "nickname": CANARIES["claim"], **claims},
        )

    async def ask(
        self, body: object, token: str | None = None, **headers: str
    ) -> tuple[int, Mapping[str, str], str]:
        """Status, headers and text of the answer."""
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        async with self.client.post("/", json=body, headers=headers) as response:
            return response.status, response.headers, await response.text()

    def written(self) -> str:
        """Everything that the functions and the gateway have written."""
        logs = [file.read_text(errors="replace") for file in sorted(self.folder.glob("*.log"))]
        return "\n".join((*logs, *self.said))


@pytest.fixture
def issuer(tmp_path: Path) -> Iterator[LocalIssuer]:
    found = LocalIssuer(tmp_path / "issuer", {}, port=free_port())
    with found.serve():
        yield found


@asynccontextmanager
async def opened(
    mariadb: MariaDb, database: DatabaseUrl, issuer: LocalIssuer, folder: Path
) -> AsyncIterator[Site]:
    wire = Wire()
    relay = FaultProxy(mariadb.socket_file, on_client_bytes=wire.on_client_bytes)
    task = checkout()
    with ExitStack() as files:
        async with relay.running() as proxy:
            through = replace(database, unix_socket=None, host="127.0.0.1", port=proxy.port)

            def function(handler: str, **environ: str) -> LambdaFunction:
                output = files.enter_context((folder / f"{handler}.log").open("w"))
                configuration = Configuration(
                    handler=handler,
                    environ={**settings_for(through, LOG_LEVEL="DEBUG"), **environ},
                    folder=task.folder,
                    command=task.command,
                    python=task.python,
                    output=output.fileno(),
                )
                return LambdaFunction(configuration, 1, said.append)

            said: list[str] = []
            shop = function(
                "handler.entry.graphql",
                AUTH="on",
                INTROSPECTION="off",
                CACHE_URL="",
                SDL_DIR=str(PROJECT / "sdl"),
            )
            endpoint = function(AUTHORIZE, **issuer.environ, AUTH_CLAIMS="customer_id")
            listener = files.enter_context(socket.create_server(("127.0.0.1", 0)))
            gateway = Gateway(
                shop,
                listener=listener,
                files_made=_made,
                authorizer=Authorizer(endpoint),
                surface=Surface(),
                log=said.append,
            )
            address = f"http://127.0.0.1:{listener.getsockname()[1]}"
            try:
                await gateway.start()
                async with aiohttp.ClientSession(address) as client:
                    yield Site(client, issuer, wire, proxy, folder, said)
            finally:
                await gateway.stop()


async def _made() -> None:
    """There is no GraphiQL here."""


def tampered(token: str, **changed: object) -> str:
    """A token with other claims under the old signature."""
    head, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    forged = base64.urlsafe_b64encode(json.dumps({**claims, **changed}).encode()).rstrip(b"=")
    return f"{head}.{forged.decode()}.{signature}"


def unsigned(token: str) -> str:
    """The same claims, and a head that says that no signature is needed."""
    head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    return f"{head}.{token.split('.')[1]}."


def bad_credentials(token: str) -> dict[str, str]:
    """Headers by what is wrong with them."""
    return {
        "no token": "",
        "another scheme": f"Basic {CANARIES['token']}",
        "no token at all": "Bearer ",
        "a word": f"Bearer {CANARIES['token']}",
        "cut": f"Bearer {token[:-9]}",
        "changed": f"Bearer {tampered(token, customer_id='HANAR')}",
        "more scopes": f"Bearer {tampered(token, scope='orders:read:all')}",
        "no signature": f"Bearer {unsigned(token)}",
        "an unknown key": f"Bearer ak_{CANARIES['apiKey']}",
        "huge": f"Bearer {CANARIES['token'] * 300}",
        "two": f"Bearer {token}, Bearer {token}",
        "SQL": "Bearer ' OR 1=1 -- ",
    }


async def check_bad_tokens(site: Site) -> None:
    site.wire.take()
    for name, header in bad_credentials(site.token()).items():
        headers = {"Authorization": header} if header else {}
        status, sent, text = await site.ask({"query": "{ __typename }"}, **headers)
        assert status == 401, name
        assert json.loads(text)["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert sent["WWW-Authenticate"] == "Bearer"
        assert {key: sent.get(key) for key in EVERYWHERE} == EVERYWHERE, name
        assert found_in(text) == []
    assert site.wire.take() == [], "nobody who is refused reaches the database"


async def check_injection(site: Site) -> None:
    token = site.token()
    known: set[str] = set()
    for id_, own in (("VINET", None), ("10248", None), ("x", "2020-01-01T00:00:00Z")):
        variables = {"id": id_, "text": "C", "from": own}
        status, _, text = await site.ask({"query": DOCUMENT, "variables": variables}, token)
        assert status == 200
        assert "errors" not in json.loads(text)
        known |= {shape(each) for each in site.wire.take()}
    for payload in PAYLOADS[::5]:
        variables = {"id": payload, "text": payload}
        body = {"query": DOCUMENT, "variables": variables}
        status, _, text = await site.ask(body, token)
        assert status == 200, text
        assert json.loads(text)["data"]["order"] is None
        assert {shape(each) for each in site.wire.take()} <= known, payload
        for changed in ({"cursor": payload}, {"from": payload}):
            _, _, text = await site.ask({**body, "variables": {**variables, **changed}}, token)
            assert json.loads(text)["errors"]
        await site.ask({**body, "operationName": payload}, token)
        assert site.wire.take() == []


async def check_canaries(site: Site) -> None:
    token = site.token()
    secret = {"X-Api-Key": CANARIES["apiKey"], "Cookie": f"a={CANARIES['cookie']}"}
    variable, literal = CANARIES["variable"], CANARIES["literal"]
    bodies: list[Any] = [
        {"query": DOCUMENT, "variables": {"id": variable, "text": variable}},
        {"query": DOCUMENT, "variables": {"id": [variable]}},
        {"query": DOCUMENT, "variables": {"id": "a", "cursor": variable}},
        {"query": f'{{ order(orderId: "{literal}") {{ orderId }} }}'},
        {"query": f"{{ order(orderId: {literal}) {{ orderId }} }}"},
        {"query": f'{{ order(orderId: "{literal}" }}'},
        {"query": "{ __schema { types { name } } }"},
        {"query": DOCUMENT, "operationName": variable},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": variable}}},
        [variable],
        variable,
    ]
    for is_refusing in (False, True):
        site.proxy.is_refusing = is_refusing
        if is_refusing:
            site.proxy.break_all()
        for body in bodies:
            _, headers, text = await site.ask(body, token, **secret)
            assert found_in(text, ("variable", "literal")) == [], text
            assert found_in(str(dict(headers))) == []
            assert {key: headers.get(key) for key in EVERYWHERE} == EVERYWHERE
    site.proxy.is_refusing = False
    async with site.client.get(
        "/",
        params={"query": f'{{ order(orderId: "{literal}") {{ orderId }} }}'},
        headers={"Authorization": f"Bearer {token}"},
    ) as response:
        assert response.status == 200


async def test_bad_tokens_injections_and_canaries_come_nowhere(
    mariadb: MariaDb, northwind_database: DatabaseUrl, issuer: LocalIssuer, tmp_path: Path
) -> None:
    async with opened(mariadb, northwind_database, issuer, tmp_path) as site:
        await check_bad_tokens(site)
        await check_injection(site)
        await check_canaries(site)
        written = site.written()
    assert '"message":"request"' in written
    assert '"message":"refused"' in written
    assert '"message":"failure"' in written
    assert found_in(written) == []
    assert "eyJ" not in written, "no token, not even a part of one"
    for name in ("password", "DATABASE_URL"):
        assert name not in written
    assert os.fspath(tmp_path / "issuer") not in written
