"""Environments of the real runtime client: what Lambda does to them, and what it says about it."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from aurora_graphql.dev.lambda_environment import Configuration
from aurora_graphql.dev.lambda_function import LambdaFunction
from aurora_graphql.dev.lambda_task import checkout
from aurora_graphql.gateway.function import BusyError, FunctionError, FunctionTimeoutError

Open = Callable[..., AbstractAsyncContextManager[LambdaFunction]]


@pytest.fixture
def log() -> list[str]:
    return []


@pytest.fixture
def open_function(log: list[str], tmp_path: Path) -> Open:
    """Start a function of the tests; its output goes to the file ``output``."""

    @asynccontextmanager
    async def opened(
        handler: str, *, concurrency: int = 1, **options: Any
    ) -> AsyncIterator[LambdaFunction]:
        task = checkout()
        with (tmp_path / "output").open("wb") as output:
            configuration = Configuration(
                handler=f"tests.aurora_graphql.dev.{handler}",
                environ=os.environ,
                folder=task.folder,
                command=task.command,
                python=task.python,
                output=output.fileno(),
                **options,
            )
            function = LambdaFunction(configuration, concurrency, log.append)
            try:
                await function.start()
                yield function
            finally:
                await function.stop()

    return opened


async def call(function: LambdaFunction, path: str = "/", *, timeout_s: float = 20) -> Any:
    """The answer to an event with that path."""
    return await function.invoke(
        orjson.dumps({"path": path}), request_id="8476a536", timeout_s=timeout_s
    )


def pid_of(function: LambdaFunction) -> int:
    """The process of the only environment."""
    (environment,) = function.environments
    assert environment.pid is not None
    return environment.pid


def is_frozen(pid: int) -> bool:
    """Whether the kernel has stopped it."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that comes soon."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 # of another process, which sets no event
            await asyncio.sleep(0.002)


async def test_the_client_gives_the_function_event_and_context(
    open_function: Open, log: list[str]
) -> None:
    async with open_function("functions.echo", timeout_s=7.0) as function:
        answer = await call(function, "/a")
    told = orjson.loads(answer["body"])
    assert told["event"] == {"path": "/a"}
    assert told["request_id"] == "8476a536"
    assert 6_000 < told["remaining_ms"] <= 7_000
    assert log[0] == "START RequestId: 8476a536 Version: $LATEST"
    assert log[1] == "END RequestId: 8476a536"
    assert re.fullmatch(
        r"REPORT RequestId: 8476a536\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\t"
        r"Memory Size: 1769 MB\tMax Memory Used: [1-9]\d* MB\tInit Duration: [\d.]+ ms",
        log[2],
    )
    assert len(log) == 3


async def test_a_restored_environment_tells_of_its_restore(
    open_function: Open, log: list[str]
) -> None:
    async with open_function("functions.environment", snapstart=True) as function:
        variables = await call(function)
        await call(function)
    assert "AWS_LAMBDA_LOG_GROUP_NAME" not in variables
    assert "AWS_LAMBDA_LOG_STREAM_NAME" not in variables
    assert re.fullmatch(r"INIT_REPORT Init Duration: [\d.]+ ms", log[0])
    assert re.fullmatch(r"RESTORE_REPORT Restore Duration: [\d.]+ ms", log[1])
    first, second = (line for line in log if line.startswith("REPORT"))
    told = r"REPORT .* MB\tRestore Duration: [\d.]+ ms\tBilled Restore Duration: \d+ ms"
    assert re.fullmatch(told, first)
    assert "Restore" not in second
    assert "Init" not in first + second


async def test_it_is_frozen_between_invocations(open_function: Open) -> None:
    async with open_function("functions.background") as function:
        first = int((await call(function))["body"])
        await until(lambda: is_frozen(pid_of(function)))
        began = time.monotonic()
        await asyncio.sleep(0.8)
        slept_ms = (time.monotonic() - began) * 1000
        second = int((await call(function))["body"])
    assert first > 0
    assert second - first < slept_ms / 4  # its thread ticks every millisecond, if it may


async def test_freezing_can_be_turned_off(open_function: Open) -> None:
    async with open_function("functions.background", freezes=False) as function:
        first = int((await call(function))["body"])
        await asyncio.sleep(0.2)
        assert not is_frozen(pid_of(function))
        assert int((await call(function))["body"]) > first + 10


@pytest.mark.parametrize(
    ("handler", "path", "words", "lines"),
    [
        pytest.param(
            "functions.act",
            "/raise",
            "LookupError: told to",
            [r"REPORT .*\tStatus: error\tError Type: LookupError"],
            id="it-raises",
        ),
        pytest.param(
            "functions.act",
            "/exit",
            "Runtime.ExitError: Runtime exited with error: exit status 7",
            [
                r"RequestId: 8476a536 Error: Runtime exited with error: exit status 7",
                r"REPORT .*\tStatus: error\tError Type: Runtime.ExitError",
            ],
            id="its-process-ends",
        ),
        pytest.param(
            "functions.work",
            "/kill",
            "Runtime.ExitError: Runtime exited with error: signal: killed",
            [r"REPORT .*\tStatus: error\tError Type: Runtime.ExitError"],
            id="its-process-is-killed",
        ),
        pytest.param(
            "functions.work",
            "/memory",
            "Runtime.OutOfMemory: Runtime exited with error: signal: killed",
            [
                r"REPORT .*Memory Size: 200 MB\tMax Memory Used: 200 MB.*"
                r"\tStatus: error\tError Type: Runtime.OutOfMemory",
            ],
            id="out-of-memory",
        ),
        pytest.param(
            "functions.act",
            "/sleep",
            "Sandbox.Timedout: Task timed out after 0.50 seconds",
            [
                r"\d{4}-\d\d-\d\dT[\d:.]{12}Z 8476a536 Task timed out after 0.50 seconds",
                r"REPORT .*\tStatus: timeout",
            ],
            id="out-of-time",
        ),
        pytest.param(
            "functions.act",
            "/large",
            "Function.ResponseSizeTooLarge: Response payload size (",
            [r"REPORT .*\tStatus: error\tError Type: Function.ResponseSizeTooLarge"],
            id="answer-too-large",
        ),
    ],
)
async def test_a_failure_has_lambdas_words_and_the_next_invocation_is_served(
    open_function: Open,
    log: list[str],
    handler: str,
    path: str,
    words: str,
    lines: list[str],
) -> None:
    options = {"timeout_s": 0.5} if path == "/sleep" else {"memory_mb": 200}
    async with open_function(handler, **options) as function:
        with pytest.raises(FunctionError) as caught:
            await call(function, path)
        answer = await call(function)
    assert str(caught.value).startswith(words)
    for line in lines:
        assert [each for each in log if re.fullmatch(line, each)], (line, log)
    assert answer["statusCode"] in (200, 204)


async def test_an_exception_does_not_cost_the_environment(open_function: Open) -> None:
    async with open_function("functions.act") as function:
        before = pid_of(function)
        with pytest.raises(FunctionError):
            await call(function, "/raise")
        assert (await call(function))["headers"]["x-process"] == before


@pytest.mark.parametrize(
    ("handler", "words", "printed"),
    [
        pytest.param(
            "functions.absent",
            "Runtime.HandlerNotFound: Handler 'absent' missing on module"
            " 'tests.aurora_graphql.dev.functions'",
            "",
            id="no-such-function",
        ),
        pytest.param(
            "nowhere.at_all",
            "Runtime.ImportModuleError: Unable to import module 'tests.aurora_graphql.dev.nowhere'",
            "",
            id="no-such-module",
        ),
        pytest.param(
            "broken.function",
            "LookupError: a mistake at the top of the module",
            "[ERROR] LookupError: a mistake at the top of the module",
            id="its-module-raises",
        ),
        pytest.param(
            "leaving.function",
            "Runtime.ExitError: Runtime exited with error: exit status 1",
            "cannot start: something is not set",
            id="its-module-exits",
        ),
    ],
)
async def test_a_start_that_fails_is_told_at_once(
    open_function: Open,
    log: list[str],
    tmp_path: Path,
    handler: str,
    words: str,
    printed: str,
) -> None:
    with pytest.raises(FunctionError) as caught:
        async with open_function(handler):
            pass
    assert str(caught.value).startswith(f"the function does not start: {words}")
    assert log[0].startswith("INIT_REPORT Init Duration: ")
    assert f"\tPhase: init\tStatus: error\tError Type: {words.partition(':')[0]}" in log[0]
    assert printed in (tmp_path / "output").read_text()


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"init_s": 0.01}, id="start"),
        pytest.param({"snapstart": True, "snapshot_s": 0.01, "timeout_s": 0.01}, id="snapshot"),
    ],
)
async def test_a_start_has_its_limit_of_time(
    open_function: Open, log: list[str], options: dict[str, Any]
) -> None:
    with pytest.raises(FunctionError, match=r"it took longer than 0\.01 s"):
        async with open_function("functions.echo", **options):
            pass
    assert re.fullmatch(
        r"INIT_REPORT Init Duration: [\d.]+ ms\tPhase: init\tStatus: timeout", log[0]
    )


async def test_a_snapshot_may_take_longer_than_a_start(open_function: Open) -> None:
    """It is made when a version is published, and nobody waits for it."""
    async with open_function("slow.function", snapstart=True, init_s=1.0) as function:
        assert await call(function) == {"path": "/"}


async def test_environments_are_added_as_needed_and_turned_away_at_the_limit(
    open_function: Open,
) -> None:
    async with open_function("functions.act", concurrency=2) as function:
        assert len(function.environments) == 1
        pauses = [asyncio.create_task(call(function, "/pause")) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(BusyError, match="2 environments are busy"):
            await call(function)
        processes = {(await each)["headers"]["x-process"] for each in pauses}
        assert len(processes) == 2
        again = (await call(function))["headers"]["x-process"]
    assert again in processes


async def test_the_caller_may_stop_waiting_and_the_function_goes_on(open_function: Open) -> None:
    async with open_function("functions.act") as function:
        before = pid_of(function)
        with pytest.raises(FunctionTimeoutError, match=r"no answer within 0.05 s"):
            await call(function, "/pause", timeout_s=0.05)
        with pytest.raises(BusyError):
            await call(function)
        await until(lambda: is_frozen(before))
        assert (await call(function))["headers"]["x-process"] == before


async def test_a_kill_in_flight_loses_that_answer_alone(open_function: Open) -> None:
    async with open_function("functions.act", concurrency=2) as function:
        pid = pid_of(function)
        await until(lambda: is_frozen(pid))
        killed = asyncio.create_task(call(function, "/pause"))
        await until(lambda: not is_frozen(pid))
        other = asyncio.create_task(call(function, "/pause"))
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(FunctionError, match="signal: killed"):
            await killed
        assert (await other)["statusCode"] == 204
        assert (await call(function))["statusCode"] == 204


async def test_stop_ends_frozen_and_busy_processes(open_function: Open) -> None:
    async with open_function("functions.act", concurrency=2) as function:
        waiting = asyncio.create_task(call(function, "/sleep"))
        await asyncio.sleep(0)
        await call(function)
        pids = [each.pid for each in function.environments if each.pid]
        assert len(pids) == 2
    with pytest.raises(FunctionError, match="the function was stopped"):
        await waiting
    assert not [pid for pid in pids if os.path.exists(f"/proc/{pid}")]  # noqa: ASYNC240 # no disk
