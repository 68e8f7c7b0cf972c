"""The handler under Lambda's real runtime client, from the checkout and from the archive.

The answers of the runtime are compared with those of the App in this process: nothing on the way
may change them, and nothing that comes in may end the process or grow it.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import http.client
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from aurora_graphql.dev.issuer import LocalIssuer
from aurora_graphql.dev.lambda_task import Task, checkout
from aurora_graphql.gateway.function import FunctionError
from aurora_graphql.gateway.proxy_event import Request, build_event
from handler.app import App
from handler.settings import Settings
from handler.stores.url import DatabaseUrl
from tests.callers import ANONYMOUS, DEVELOPMENT
from tests.conftest import SDL
from tests.handler.language.hostile import corpus
from tests.handler.test_golden import CASES, GOLDEN, Case
from tests.integration.front import LIMITS, Front, serve, settings_for
from tests.integration.servers import connect, fetch_rows
from tests.ports import free_port

QUESTION = "{ orders(first: 10) { nodes { orderId customer { name } items { quantity } } } }"
MEMORY_MB = 5.0
REPEATS = 6  # of all hostile events
# Without these the C library raises both thresholds to the size of the largest block it ever got
# back, so that after one body of 4 MB it keeps 40 MB more or less, whatever the handler does.
ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "131072"}


@pytest.fixture(scope="module")
def front(task: Task, northwind_database: DatabaseUrl) -> Iterator[Front]:
    """One environment for all tests, with the usual limits but for the body's."""
    environ = settings_for(northwind_database, BODY_BYTES_MAX="6000000", **ALLOCATOR)
    with serve(task, environ) as started:
        yield started


def post(body: bytes, *, content_type: str = "application/json") -> dict[str, Any]:
    """The event of a request with any body."""
    return build_event(
        Request(
            method="POST",
            target="/",
            headers=[("Host", "api.test"), ("Content-Type", content_type)],
            body=body,
            client="203.0.113.17",
            request_id="3f6f9a1e",
            received=datetime(2026, 11, 23, 9, 12, 31, tzinfo=UTC),
        )
    )


def ask(document: str, **parameters: Any) -> dict[str, Any]:
    """The event of a well-formed request."""
    return post(json.dumps({"query": document, **parameters}).encode())


def hostile_events() -> Iterator[tuple[str, Any]]:
    """Name and event of what clients and strange callers may send."""
    yield "nothing", post(b"")
    yield "nul", post(b"\0")
    yield "every-byte", post(bytes(range(256)))
    yield "invalid-utf-8", post(b'{"query":"{ __typename }\xff"}')
    yield "lone-surrogate", post(b'{"query":"{ order(orderId: \\"\\ud800\\") { orderId } }"}')
    yield "lone-surrogate-in-a-name", post(b'{"query":"{ \\udfff }"}')
    yield "byte-order-mark", post(b'\xef\xbb\xbf{"query":"{ __typename }"}')
    yield "array", post(b'[{"query":"{ __typename }"}]')
    yield "number-without-end", post(b'{"query":"{ __typename }","variables":{"a":' + b"9" * 50_000)
    yield "numbers-too-large", post(b'{"query":"{ __typename }","variables":{"a":1e999,"b":NaN}}')
    yield "same-key-twice", post(b'{"query":"{ a }","query":"{ __typename }"}')
    yield "cut-off", post(b'{"query":"{ __typename }"')
    for depth in (100, 10_000, 1_000_000):
        opening, closing = b"[" * depth, b"]" * depth
        yield f"lists-{depth}-deep", post(opening + closing)
        variables = b'{"a":' * depth + b"1" + b"}" * depth
        yield f"variables-{depth}-deep", post(b'{"query":"{a}","variables":' + variables + b"}")
    wide = json.dumps({f"v{number}": number for number in range(50_000)}).encode()
    yield "variables-50000-wide", post(b'{"query":"{ __typename }","variables":' + wide + b"}")
    yield "names-in-colours", post(b'{"query":"{ __typename }","operationName":"\\u0000\\n"}')
    yield "form", post(b"query=%7B__typename%7D", content_type="application/x-www-form-urlencoded")
    yield "charset", post(b"{}", content_type="application/json; charset=utf-7")
    yield "header-injection", post(b"{}", content_type="text/plain\r\nx-evil: 1")
    yield "not-base64", {**post(b"x"), "body": "***"}
    yield "body-is-a-number", {**post(b"x"), "body": 7}
    yield "headers-are-a-list", {**post(b"x"), "headers": ["a"], "multiValueHeaders": 1}
    yield "no-proxy-event", {"Records": [{"eventSource": "aws:sqs"}]}
    yield "empty-event", {}
    yield "null-event", None
    yield "list-event", [1, 2]
    yield "text-event", "{ __typename }"


def documents() -> Iterator[tuple[str, Any]]:
    """The crash corpus of the language, as events that Lambda would deliver."""
    for name, text in corpus():
        body = json.dumps({"query": text}).encode()
        if len(base64.b64encode(body)) < 6_000_000:
            yield name, post(body)


@contextlib.contextmanager
def in_process(environ: dict[str, str]) -> Iterator[Callable[[Any], Any]]:
    """The App without any runtime, as a function of events."""
    with asyncio.Runner() as runner:
        app = runner.run(App.start(Settings.from_environ({**environ, "SDL_DIR": str(SDL)})))
        try:
            yield lambda event: runner.run(app.handle(event, budget_s=20))
        finally:
            runner.run(app.close())


def test_golden_cases_pass_through_gateway_and_client(
    task: Task, northwind_database: DatabaseUrl
) -> None:
    cases = [case for case in map(golden, CASES) if case.caller == DEVELOPMENT]
    with serve(task, settings_for(northwind_database, **LIMITS)) as front:
        pid = front.pid
        for case in cases:
            assert front.ask(case.document, case.variables) == (200, expected(case)), case.folder
        assert front.pid == pid


def test_golden_cases_of_callers_pass_through_authorizer_gateway_and_client(
    task: Task, northwind_database: DatabaseUrl, tmp_path: Path
) -> None:
    cases = [case for case in map(golden, CASES) if case.caller != DEVELOPMENT]
    assert cases
    issuer = LocalIssuer(tmp_path, {}, port=free_port())
    environ = settings_for(northwind_database, **LIMITS, AUTH="on")
    trust = {**issuer.environ, "AUTH_CLAIMS": "customer_id", "AUTH_ANONYMOUS": "on"}
    with issuer.serve(), serve(task, environ, trust=trust) as front:
        pid = front.pid
        for case in cases:
            caller = case.caller.principal
            token = ""
            if case.caller != ANONYMOUS:
                token = issuer.token(
                    subject=caller.subject, scopes=sorted(caller.scopes), claims=caller.claims
                )
            told = front.ask(case.document, case.variables, token=token)
            assert told == (200, expected(case)), case.folder
        assert front.ask(cases[0].document, token="none")[0] == 401
        assert front.pid == pid


def golden(name: str) -> Case:
    """The case in the folder of that name."""
    return Case(GOLDEN / name)


def expected(case: Case) -> Any:
    """The frozen answer, with the codes of errors where a response has them."""
    found = json.loads((case.folder / "response.json").read_text())
    for error in found.get("errors", ()):
        error["extensions"] = {"code": error.pop("code")}
    return found


@pytest.mark.parametrize(
    "events", [pytest.param(documents, id="documents"), pytest.param(hostile_events, id="events")]
)
def test_hostile_input_is_answered_rightly_and_the_process_lives_on(
    front: Front, northwind_database: DatabaseUrl, events: Callable[[], Iterator[tuple[str, Any]]]
) -> None:
    front.invoke(ask(QUESTION))
    pid, rest_mb = front.pid, front.resident_mb
    environ = settings_for(northwind_database, BODY_BYTES_MAX="6000000")
    hostile = list(events())
    assert len(hostile) >= 30
    with in_process(environ) as answer:
        for name, event in hostile:
            began_s = cpu_s(pid)
            told = front.invoke(event)
            assert told == answer(event), name
            assert told["statusCode"] in (200, 204, 400, 405, 413, 415, 422, 500), name
            assert cpu_s(pid) - began_s < 2, name
        assert front.invoke(ask(QUESTION)) == answer(ask(QUESTION))
    once_mb = front.resident_mb
    assert once_mb < rest_mb + 40  # the arenas of Python, and caches with a bound
    for _ in range(REPEATS):
        for _, event in hostile:
            front.invoke(event)
    assert front.pid == pid
    # Python keeps an arena of 1 MB where one small object is left; a body that stayed has 4 MB.
    assert front.resident_mb < once_mb + 2 * REPEATS


def cpu_s(pid: int) -> float:
    """How long a process has computed, which a busy machine does not make longer."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_an_event_that_the_client_cannot_read_costs_its_answer_alone(front: Front) -> None:
    pid = front.pid
    payload = b"[" * 1_000_000 + b"]" * 1_000_000
    with pytest.raises(FunctionError, match=r"Runtime\.UnmarshalError: Unable to unmarshal input"):
        front.run(front.function.invoke(payload, request_id="deep", timeout_s=20))
    assert front.invoke(ask("{ __typename }"))["statusCode"] == 200
    assert front.pid == pid


@pytest.mark.parametrize(
    ("count", "size"),
    [
        pytest.param(71, 6_244_000, id="just-under"),
        pytest.param(100, None, id="over"),
    ],
)
def test_an_answer_over_the_limit_of_lambda_is_an_error_of_ours(
    archive_task: Task, northwind_database: DatabaseUrl, count: int, size: int | None
) -> None:
    """Lambda itself would end the environment for it, so one under our limit must be under its."""
    field = "orders(first: 200) { nodes { orderId orderedAt customer { customerId name } items {"
    field += " quantity unitPrice product { productId productName } } } }"
    document = "{ " + " ".join(f"a{number}: {field}" for number in range(count)) + " }"
    with serve(archive_task, settings_for(northwind_database, **LIMITS)) as front:
        pid = front.pid
        told = front.invoke(ask(document))
        assert told["statusCode"] == 200
        body = json.loads(told["body"])
        if size is None:
            (error,) = body["errors"]
            assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
            assert "bytes; the limit is 6250000" in error["message"]
        else:
            assert "errors" not in body
            assert len(told["body"].encode()) + told["body"].count('"') > size
        assert front.pid == pid


def test_memory_and_connections_stay_as_they_are(
    task: Task, northwind_database: DatabaseUrl
) -> None:
    stay_as_they_are(task, northwind_database, 1_000)


@pytest.mark.nightly
@pytest.mark.timeout(3_600)
def test_memory_and_connections_stay_as_they_are_for_long(
    archive_task: Task, northwind_database: DatabaseUrl
) -> None:
    stay_as_they_are(archive_task, northwind_database, 100_000)


def stay_as_they_are(task: Task, database: DatabaseUrl, count: int) -> None:
    """Ask so many times in one environment, with the literals and the variables changing.

    Without trace ids: the client alone grows by those, see ``Configuration.traced``.
    """
    cases = [Case(GOLDEN / name) for name in CASES]
    with serve(task, settings_for(database, **LIMITS), traced=False) as front:
        for case in cases * 3:
            front.ask(case.document, case.variables)
        pid, before_mb, ids_before = front.pid, front.resident_mb, connection_ids(database)
        files_before = open_files(pid)
        for number in range(count):
            case = cases[number % len(cases)]
            if number % 2:
                status, _ = front.ask(case.document, case.variables)
            else:
                status, _ = front.ask(f'{{ order(orderId: "{number}") {{ orderedAt }} }}')
            assert status == 200
            front.log.clear()
        assert front.pid == pid
        assert front.resident_mb < before_mb + MEMORY_MB
        assert connection_ids(database) == ids_before
        assert open_files(pid) == files_before


def connection_ids(database: DatabaseUrl) -> set[object]:
    """The connections to that database, but for the one that asks."""
    text = "SELECT id FROM information_schema.processlist WHERE db = %s AND id != CONNECTION_ID()"
    return {number for (number,) in fetch_rows(database, text, database.database)}


def open_files(pid: int) -> int:
    """How many descriptors a process has."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that comes soon."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.fixture
def wide_front(northwind_database: DatabaseUrl) -> Iterator[Front]:
    """Two environments at most."""
    environ = settings_for(northwind_database)
    with serve(checkout(), environ, concurrency=2) as started:
        yield started


def waits_for_lock(database: DatabaseUrl) -> bool:
    """Whether a query stands before a locked table."""
    text = "SELECT COUNT(*) FROM information_schema.processlist WHERE state LIKE %s"
    return fetch_rows(database, text, "%%lock%%") != [(0,)]


def test_a_kill_in_flight_loses_that_answer_alone(
    wide_front: Front, northwind_database: DatabaseUrl
) -> None:
    front, others = wide_front, connection_ids(northwind_database)
    status, before = front.ask(QUESTION)
    assert status == 200
    its_own = connection_ids(northwind_database) - others
    assert its_own
    pid = front.pid
    with ThreadPoolExecutor(1) as pool, connect(northwind_database) as lock:
        with lock.cursor() as cursor:
            cursor.execute("LOCK TABLES orders WRITE")
            flying = pool.submit(lambda: _post(front, QUESTION))
            until(lambda: waits_for_lock(northwind_database))
            # Another environment serves what needs other tables, meanwhile.
            assert front.ask("{ products(first: 1) { nodes { productId } } }")[0] == 200
            os.kill(pid, signal.SIGKILL)
            assert flying.result(20) == (502, "UPSTREAM")
            cursor.execute("UNLOCK TABLES")
        assert [line for line in front.log if "Runtime exited with error: signal: killed" in line]
        assert front.ask(QUESTION) == (200, before)
        assert front.ask(QUESTION) == (200, before)
        until(lambda: its_own.isdisjoint(connection_ids(northwind_database)))


def _post(front: Front, document: str) -> tuple[int, str]:
    """Status and code of a refused question, asked on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", front.port, timeout=60)
    headers = {"content-type": "application/json"}
    connection.request("POST", "/", json.dumps({"query": document}), headers)
    response = connection.getresponse()
    code: str = json.loads(response.read())["errors"][0]["extensions"]["code"]
    connection.close()
    return response.status, code


def test_an_archive_sees_no_package_of_this_machine(archive_task: Task) -> None:
    """What it lacks would be found there, and be missed in Lambda."""
    *python, _, program, task, runtime = archive_task.command
    assert "awslambdaric" in program
    probe = f"{program.partition('from awslambdaric')[0]}import json; print(json.dumps(sys.path))"
    done = subprocess.run(
        [*python, "-c", probe, task, runtime], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    assert found[:2] == [task, runtime]
    assert [each for each in found if "-packages" in each] == []


def test_the_deadline_of_the_runtime_is_answered_before_it_comes(
    northwind_database: DatabaseUrl,
) -> None:
    with serve(checkout(), settings_for(northwind_database), timeout_s=2.0) as front:
        pid = front.pid
        with connect(northwind_database) as lock, lock.cursor() as cursor:
            cursor.execute("LOCK TABLES orders WRITE")
            assert _post(front, QUESTION) == (200, "TIMEOUT")  # of a field
            cursor.execute("UNLOCK TABLES")
        assert front.ask(QUESTION)[0] == 200
        assert front.pid == pid
        assert not [line for line in front.log if "Task timed out" in line]


def test_connections_that_were_lost_while_frozen_come_back(
    northwind_database: DatabaseUrl,
) -> None:
    with serve(checkout(), settings_for(northwind_database)) as front:
        before = front.ask(QUESTION)
        lost = connection_ids(northwind_database)
        assert lost
        with connect(northwind_database) as killer, killer.cursor() as cursor:
            for number in lost:
                cursor.execute("KILL %s", (number,))
        assert front.ask(QUESTION) == before


def test_a_missing_variable_is_one_line_that_says_what_to_write(
    task: Task, northwind_database: DatabaseUrl
) -> None:
    environ = settings_for(northwind_database, DATABASE_URL="")
    with pytest.raises(AssertionError) as caught, serve(task, environ):
        pass
    told, *printed = str(caught.value).splitlines()
    assert told.endswith("Runtime.ExitError: Runtime exited with error: exit status 1")
    assert len(printed) == 1
    assert printed[0].startswith("cannot start: DATABASE_URL is not set; write mysql://")


@pytest.mark.nightly
def test_many_environments_start_at_once(
    archive_task: Task, northwind_database: DatabaseUrl
) -> None:
    with serve(archive_task, settings_for(northwind_database), concurrency=64) as front:
        expected = front.ask(QUESTION)

        async def ask_all() -> list[Any]:
            payload = json.dumps(ask(QUESTION)).encode()
            calls = (
                front.function.invoke(payload, request_id=f"r{number}", timeout_s=60)
                for number in range(64)
            )
            return await asyncio.gather(*calls)

        answers = front.run(ask_all())
        assert len(front.pids) == 64
        assert [(each["statusCode"], json.loads(each["body"])) for each in answers] == [
            expected
        ] * 64
