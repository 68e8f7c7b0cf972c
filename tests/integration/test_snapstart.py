"""SnapStart rehearsed: the real client runs the hooks, several environments come of one image."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import certifi
import pytest
import redis

from aurora_graphql.dev.lambda_task import Task, checkout
from aurora_graphql.gateway.function import FunctionError
from aurora_graphql.installed import PACKAGES
from handler.stores.url import DatabaseUrl
from tests.integration.front import Front, serve, settings_for
from tests.integration.test_runtime_client import QUESTION, ask, connection_ids, until

HANDLER = "tests.integration.snapshots.graphql"


@pytest.fixture(scope="module")
def snapshot_task(task: Task, tmp_path_factory: pytest.TempPathFactory) -> Task:
    """The task with the function of the rehearsal."""
    if task.folder == PACKAGES:
        return task
    folder = tmp_path_factory.mktemp("snapshot") / "task"
    shutil.copytree(task.folder, folder)
    place = folder / "tests" / "integration"
    place.mkdir(parents=True)
    shutil.copy(Path(__file__).with_name("snapshots.py"), place)
    command = [str(folder) if each == str(task.folder) else each for each in task.command]
    return replace(task, folder=folder, command=command)


@contextlib.contextmanager
def restored(task: Task, environ: dict[str, str]) -> Iterator[Front]:
    with serve(task, environ, handler=HANDLER, snapstart=True) as front:
        yield front


def next_environment(front: Front, process: str) -> None:
    """End a restored environment; the next event meets another one of the same image."""
    (environment,) = front.function.environments
    os.kill(int(process), signal.SIGKILL)
    until(lambda: environment._api is not None and not environment._api.idle.is_set())


def test_what_was_open_before_the_snapshot_is_closed_and_comes_back_by_itself(
    snapshot_task: Task, northwind_database: DatabaseUrl, cache_url: str
) -> None:
    others = connection_ids(northwind_database)
    environ = settings_for(northwind_database, CACHE_URL=cache_url, PRIMED_WITH=QUESTION)
    with restored(snapshot_task, environ) as front:
        assert connection_ids(northwind_database) == others
        assert cache_clients(cache_url) == 1  # this test
        made_of = []
        for number in range(10248, 10251):
            answer = front.invoke(ask(f'{{ order(orderId: "{number}") {{ orderId }} }}'))
            assert json.loads(answer["body"]) == {"data": {"order": {"orderId": str(number)}}}
            assert connection_ids(northwind_database) > others
            until(lambda: is_cached_again(front, cache_url))
            made_of.append(answer["headers"])
            next_environment(front, answer["headers"]["x-process"])
        assert len({each["x-process"] for each in made_of}) == 3
        assert len({each["x-random"] for each in made_of}) == 3
        # Once before the snapshot, and not again; an archive brings its schema prepared.
        parses = "1" if snapshot_task.folder == PACKAGES else "0"
        assert {each["x-parses"] for each in made_of} == {parses}


def is_cached_again(front: Front, cache_url: str) -> bool:
    """Whether the cache is used; a slow machine may miss its short time-out at first."""
    front.invoke(ask(QUESTION))
    return cache_clients(cache_url) == 2


def cache_clients(url: str) -> int:
    """How many connections the cache has."""
    with redis.Redis.from_url(url) as client:
        return len(client.client_list())


class KeyServer(BaseHTTPRequestHandler):
    """Where an environment with SnapStart gets its keys from; counts who asked."""

    served: list[str]

    def do_GET(self) -> None:
        self.served.append(self.headers["Authorization"])
        body = json.dumps(
            {
                "AccessKeyId": "ASIATEST",
                "SecretAccessKey": "secret",
                "Token": "token",
                "Expiration": "2099-01-01T00:00:00Z",
            }
        ).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def keys() -> Iterator[tuple[str, list[str]]]:
    """Address of the server, and the authorizations it was shown."""
    served: list[str] = []
    handler = type("Keys", (KeyServer,), {"served": served})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/keys", served
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("is_primed", [False, True], ids=["cold", "primed"])
def test_keys_are_fetched_by_each_restored_environment_and_are_in_no_snapshot(
    snapshot_task: Task,
    northwind_database: DatabaseUrl,
    keys: tuple[str, list[str]],
    is_primed: bool,
) -> None:
    address, served = keys
    environ = settings_for(
        northwind_database,
        DATABASE_URL="",
        DATABASE_HOST="127.0.0.1",
        DATABASE_PORT="1",  # nobody is there; the keys are needed before that shows
        DATABASE_NAME="orders",
        DATABASE_USER="graphql_api",
        DATABASE_AUTH="iam",
        DATABASE_CA_FILE=certifi.where(),
        AWS_CONTAINER_CREDENTIALS_FULL_URI=address,
        AWS_CONTAINER_AUTHORIZATION_TOKEN="door",
    )
    environ = {name: value for name, value in environ.items() if name != "AWS_ACCESS_KEY_ID"}
    if is_primed:
        environ["PRIMED_WITH"] = QUESTION
    with restored(snapshot_task, environ) as front:
        assert served == ["door"] * is_primed
        for count in (1 + is_primed, 2 + is_primed):
            answer = front.invoke(ask(QUESTION))
            code = json.loads(answer["body"])["errors"][0]["extensions"]["code"]
            assert code == "UPSTREAM_FAILED"
            assert served == ["door"] * count
            next_environment(front, answer["headers"]["x-process"])


def test_a_hook_that_fails_is_told_as_lambda_tells_it(tmp_path: Path) -> None:
    (tmp_path / "failing.py").write_text(
        "from snapshot_restore_py import register_after_restore, register_before_snapshot\n"
        "def fail():\n    raise LookupError('no way back')\n"
        "def function(event, context):\n    return event\n"
        "import os\n"
        "(register_after_restore if os.environ['WHEN'] == 'after' else"
        " register_before_snapshot)(fail)\n"
    )
    for when, kind in (("before", "BeforeSnapshotError"), ("after", "AfterRestoreError")):
        environ = {**os.environ, "WHEN": when, "PYTHONPATH": str(tmp_path)}
        with (
            pytest.raises(AssertionError, match=rf"Runtime\.{kind}: no way back") as caught,
            serve(checkout(), environ, handler="failing.function", snapstart=True),
        ):
            pass
        assert isinstance(caught.value.__cause__, FunctionError)
