"""The example API as Lambda runs it: gateway, Runtime API, the real runtime client, the handler.

The gateway has an event loop of its own in a thread, so that tests ask it from outside.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import socket
import tempfile
import threading
import uuid
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import orjson

from aurora_graphql.dev.gateway import Gateway
from aurora_graphql.dev.lambda_environment import Configuration, resident_bytes
from aurora_graphql.dev.lambda_function import LambdaFunction
from aurora_graphql.dev.lambda_task import Task
from aurora_graphql.gateway.authorizer import FUNCTION as AUTHORIZE
from aurora_graphql.gateway.authorizer import Authorizer
from aurora_graphql.gateway.function import FunctionError
from aurora_graphql.gateway.surface import Surface
from aurora_graphql.installed import PACKAGES
from aurora_graphql.project_file import Project
from handler.settings import VARIABLES
from handler.stores.url import DatabaseUrl
from tests.domains.orders import PROJECT

Result = TypeVar("Result")
LIMITS = {  # golden cases are made without limits
    "DOCUMENT_ALIASES_MAX": "10000",
    "DOCUMENT_CHARACTERS_MAX": "1000000",
    "DOCUMENT_COST_MAX": "10000000",
    "DOCUMENT_DEPTH_MAX": "100",
    "DOCUMENT_FIELDS_MAX": "100000",
    "DOCUMENT_ROOT_FIELDS_MAX": "1000",
    "DOCUMENT_TOKENS_MAX": "100000",
    "REQUEST_BYTES_MAX": "100000000",
    "REQUEST_ROWS_MAX": "1000000",
}


def settings_for(database: DatabaseUrl, **more: str) -> dict[str, str]:
    """The environment for the handler: no setting of the developer's shell, then these."""
    names = {variable.name for variable in VARIABLES}
    own = {name: value for name, value in os.environ.items() if name not in names}
    given = {
        "DATABASE_URL": database.text(),
        "INTROSPECTION": "on",
        "SDL_DIR": "sdl",
        "AUTH": "off",
        "GZIP_MIN_BYTES": "off",  # the gateway packs answers
        "STAGE": "local",  # as make run-lambda says it: on AWS there is no AUTH off
    }
    return {**own, **given, **more}


@dataclass
class Front:
    """One function behind its gateway. ``log``: what gateway and environments say."""

    function: LambdaFunction
    gateway: Gateway
    loop: asyncio.AbstractEventLoop
    port: int
    log: list[str]
    output: Path
    _connection: http.client.HTTPConnection | None = field(default=None)

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self.port}/"

    def run(self, work: Coroutine[Any, Any, Result], timeout_s: float = 120) -> Result:
        """Run something on the loop of the gateway."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout_s)

    def invoke(self, event: object) -> Any:
        """Call the function without the gateway."""
        request_id = str(uuid.uuid4())
        work = self.function.invoke(orjson.dumps(event), request_id=request_id, timeout_s=60)
        return self.run(work)

    def ask(
        self, document: str, variables: Mapping[str, Any] | None = None, *, token: str = ""
    ) -> tuple[int, Any]:
        """Status and JSON of a POST through the gateway, on one connection for all."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        body = json.dumps({"query": document, "variables": variables or {}})
        headers = {"content-type": "application/json", "accept": "application/json"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        self._connection.request("POST", "/", body, headers)
        response = self._connection.getresponse()
        return response.status, json.loads(response.read())

    @property
    def pids(self) -> list[int]:
        """The processes of all environments."""
        return [each.pid for each in self.function.environments if each.pid is not None]

    @property
    def pid(self) -> int:
        """The process of the only environment."""
        (pid,) = self.pids
        return pid

    @property
    def resident_mb(self) -> float:
        """The memory that the only environment holds now."""
        return resident_bytes(self.pid) / 2**20


@contextmanager
def serve(
    task: Task,
    environ: Mapping[str, str],
    *,
    concurrency: int = 1,
    handler: str = "handler.entry.graphql",
    trust: Mapping[str, str] | None = None,
    **options: Any,
) -> Iterator[Front]:
    """Start the function and its gateway; ``options`` are those of ``Configuration``.

    ``trust``: the environment of an authorizer, a function of the same task, which is asked first.
    A checkout has no API of its own, unlike an archive, and serves the orders.
    """
    if task.folder == PACKAGES:
        environ = Project.of(PROJECT).environ(environ)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    log: list[str] = []
    with (
        tempfile.NamedTemporaryFile("w", prefix="output-") as output,
        socket.create_server(("127.0.0.1", 0)) as listener,
    ):
        configuration = Configuration(
            handler=handler,
            environ=environ,
            folder=task.folder,
            command=task.command,
            python=task.python,
            output=output.fileno(),
            **options,
        )

        async def start() -> Front:
            function = LambdaFunction(configuration, concurrency, log.append)
            authorizer = None
            if trust is not None:
                door = replace(configuration, handler=AUTHORIZE, environ={**os.environ, **trust})
                authorizer = Authorizer(LambdaFunction(door, 1, log.append))
            gateway = Gateway(
                function,
                authorizer=authorizer,
                surface=Surface(),
                listener=listener,
                files_made=_made,
                log=log.append,
            )
            port: int = listener.getsockname()[1]
            return Front(function, gateway, loop, port, log, Path(output.name))

        front = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
        try:
            try:
                front.run(front.gateway.start())
            except FunctionError as error:
                raise AssertionError(f"{error}\n{front.output.read_text()}") from error
            yield front
        finally:
            if front._connection is not None:
                front._connection.close()
            front.run(front.gateway.stop())
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()


async def _made() -> None:
    """There is no GraphiQL here."""
