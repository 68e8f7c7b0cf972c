"""One execution environment of Lambda: the real runtime client in a process, under Lambda's rules.

It is frozen between invocations, ended when its time or its memory is over, and started anew by the
next invocation after it ended. Its log has the lines that CloudWatch Logs would show.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import math
import os
import shutil
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from aurora_graphql.dev.runtime_api import Invocation, RuntimeApi, RuntimeApiError
from aurora_graphql.gateway.function import FunctionError
from aurora_graphql.gateway.proxy_event import new_trace_id

INIT_S = 10.0  # Lambda's limit for the start of an environment, and for a restore
SNAPSHOT_S = 130.0  # to the snapshot, or the function's own time, if that is longer
TIMED_OUT = "Sandbox.Timedout"
WATCH_S = 0.02  # between two looks at the memory
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
REGION, ACCOUNT_ID = "eu-central-1", "000000000000"
Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """What Lambda is told of a function. ``command``: the runtime's client, without the handler."""

    handler: str
    environ: Mapping[str, str]
    folder: Path  # the place of /var/task
    command: Sequence[str] = (sys.executable, "-m", "awslambdaric")
    python: str = f"{sys.version_info.major}.{sys.version_info.minor}"
    timeout_s: float = 15.0
    memory_mb: int = 1769
    freezes: bool = True  # between invocations, as Lambda does; a debugger may not like it
    snapstart: bool = False
    # The client puts each trace id into the environment, and the C library keeps every value that
    # a variable ever had: 100 bytes for each invocation, whatever the function does.
    traced: bool = True
    init_s: float = INIT_S
    snapshot_s: float = SNAPSHOT_S
    output: int = 2  # the descriptor that gets what the function prints

    @property
    def name(self) -> str:
        """The function's name."""
        return self.handler.rpartition(".")[2]

    @property
    def arn(self) -> str:
        """Names the function in the context."""
        return f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{self.name}"


class ExitError(FunctionError):
    """The process has ended, or was ended, without an answer."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(f"{kind}: {text}")
        self.kind = kind
        self.text = text


class LambdaEnvironment:
    """Use ``invoke`` for one event at a time, and ``stop`` at the end."""

    def __init__(self, configuration: Configuration, log: Callable[[str], None]) -> None:
        self._configuration = configuration
        self._log = log
        self._process: asyncio.subprocess.Process | None = None
        self._ended: asyncio.Task[int] | None = None
        self._api: RuntimeApi | None = None
        self._started = ""  # how long that took, told with the first invocation
        self._restoring_since: float | None = None
        self._peak_bytes = 0
        self._is_out_of_memory = False

    @property
    def pid(self) -> int | None:
        """The process, while it runs."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def start(self) -> None:
        """Start the process and wait for its first question; ``FunctionError`` if it fails."""
        await self.stop()
        began = time.monotonic()
        try:
            kind, text = await self._start()
        except BaseException:
            await self.stop()
            raise
        took_ms = (time.monotonic() - began) * 1000
        if kind:
            await self.stop()
            status = "timeout" if kind == TIMED_OUT else f"error\tError Type: {kind}"
            self._log(f"INIT_REPORT Init Duration: {took_ms:.2f} ms\tPhase: init\tStatus: {status}")
            raise FunctionError(f"the function does not start: {text}")
        self._started = f"\tInit Duration: {took_ms:.2f} ms"
        if self._restoring_since is not None:
            # The client is loaded with the snapshot: all of a restore here is billed.
            took_ms = (time.monotonic() - self._restoring_since) * 1000
            self._log(f"RESTORE_REPORT Restore Duration: {took_ms:.2f} ms")
            self._started = (
                f"\tRestore Duration: {took_ms:.2f} ms"
                f"\tBilled Restore Duration: {math.ceil(took_ms)} ms"
            )
        self._freeze()

    async def invoke(self, payload: bytes, request_id: str) -> bytes:
        """The JSON of the answer. ``FunctionError`` if there is none, with Lambda's words."""
        if self.pid is None:
            await self.start()
        api, configuration = self._api, self._configuration
        assert api is not None
        began = time.monotonic()
        invocation = Invocation(
            request_id=request_id,
            payload=payload,
            deadline_ms=int((time.time() + configuration.timeout_s) * 1000),
            arn=configuration.arn,
            trace_id=_trace_header(request_id) if configuration.traced else None,
        )
        self._log(f"START RequestId: {request_id} Version: $LATEST")
        api.submit(invocation)
        self._signal(signal.SIGCONT)
        watching = asyncio.create_task(self._watch_memory())
        status = ""
        try:
            async with asyncio.timeout(configuration.timeout_s):
                return await self._answer(api, invocation)
        except TimeoutError:
            status = "\tStatus: timeout"
            text = f"Task timed out after {configuration.timeout_s:.2f} seconds"
            self._log(f"{_now()} {request_id} {text}")
            raise FunctionError(f"{TIMED_OUT}: {text}") from None
        except ExitError as error:
            status = f"\tStatus: error\tError Type: {error.kind}"
            self._log(f"RequestId: {request_id} Error: {error.text}")
            raise
        except RuntimeApiError as error:
            status = f"\tStatus: error\tError Type: {error.kind}"
            raise FunctionError(str(error)) from error
        finally:
            watching.cancel()
            took_ms = (time.monotonic() - began) * 1000
            self._log(f"END RequestId: {request_id}")
            self._log(f"REPORT RequestId: {request_id}\t{self._report(took_ms)}{status}")
            if api.idle.is_set() and self.pid is not None:
                self._freeze()
            else:  # its time is over, or it has ended
                await self.stop()

    async def stop(self) -> None:
        """End the process at once, as Lambda ends environments, and its Runtime API."""
        if self._ended is not None:
            self._signal(signal.SIGKILL)
            await self._ended
        self._process = self._ended = None
        api, self._api = self._api, None
        if api is not None:
            await api.stop()

    async def _start(self) -> tuple[str, str]:
        """Kind and text of what went wrong, if anything did."""
        self._peak_bytes, self._is_out_of_memory = 0, False
        api = self._api = RuntimeApi()
        self._process = await self._spawn(await api.start())
        self._ended = asyncio.create_task(self._process.wait())
        watching = asyncio.create_task(self._watch_memory())
        configuration = self._configuration
        limit_s = max(configuration.snapshot_s, configuration.timeout_s)
        began, self._restoring_since = time.monotonic(), None
        try:
            if configuration.snapstart:
                async with asyncio.timeout(limit_s):
                    await self._unless_it_ends(api.until(api.restoring))
                took_ms = (time.monotonic() - began) * 1000
                self._log(f"INIT_REPORT Init Duration: {took_ms:.2f} ms")
                self._signal(signal.SIGSTOP)  # the moment of the snapshot
                self._restoring_since = time.monotonic()
                self._signal(signal.SIGCONT)
                api.restored.set()
            limit_s = configuration.init_s
            async with asyncio.timeout(limit_s):
                await self._unless_it_ends(api.until(api.idle))
        except TimeoutError:
            return TIMED_OUT, f"it took longer than {limit_s:g} s"
        except RuntimeApiError as error:
            return error.kind, str(error)
        except ExitError as error:
            return error.kind, str(error)
        finally:
            watching.cancel()
        return "", ""

    async def _answer(self, api: RuntimeApi, invocation: Invocation) -> bytes:
        try:
            return await self._unless_it_ends(invocation.answer)
        finally:
            # The next question belongs to the invocation: until then the function works. A client
            # whose answer was too large ends instead.
            if invocation.answer.done() and not invocation.answer.cancelled():
                with contextlib.suppress(ExitError):
                    await self._unless_it_ends(api.idle.wait())

    async def _unless_it_ends(self, awaited: Awaitable[Result]) -> Result:
        """What is awaited; ``ExitError`` if the process ends before."""
        assert self._ended is not None
        wanted = asyncio.ensure_future(awaited)
        try:
            await asyncio.wait((wanted, self._ended), return_when=asyncio.FIRST_COMPLETED)
            if not wanted.done():
                raise self._exit_error(self._ended.result())
            return wanted.result()
        finally:
            wanted.cancel()

    def _exit_error(self, status: int) -> ExitError:
        if self._is_out_of_memory:
            return ExitError("Runtime.OutOfMemory", "Runtime exited with error: signal: killed")
        if status < 0:
            name = signal.strsignal(-status) or f"signal {-status}"
            return ExitError(
                "Runtime.ExitError", f"Runtime exited with error: signal: {name.lower()}"
            )
        if status == 0:
            return ExitError("Runtime.ExitError", "Runtime exited without providing a reason")
        return ExitError("Runtime.ExitError", f"Runtime exited with error: exit status {status}")

    def _report(self, took_ms: float) -> str:
        memory_mb = self._configuration.memory_mb
        used_mb = min(memory_mb, self._peak_bytes // 2**20)
        report = (
            f"Duration: {took_ms:.2f} ms\tBilled Duration: {math.ceil(took_ms)} ms\t"
            f"Memory Size: {memory_mb} MB\tMax Memory Used: {used_mb} MB"
        )
        report, self._started = report + self._started, ""
        return report

    async def _watch_memory(self) -> None:
        """Ends the process once it holds more than it may; the kernel does that in Lambda."""
        pid = self.pid
        while pid is not None and pid == self.pid:
            used_bytes = resident_bytes(pid)
            self._peak_bytes = max(self._peak_bytes, used_bytes)
            if used_bytes > self._configuration.memory_mb * 2**20:
                self._is_out_of_memory = True
                self._signal(signal.SIGKILL)
                return
            await asyncio.sleep(WATCH_S)

    def _freeze(self) -> None:
        if self._configuration.freezes:
            self._signal(signal.SIGSTOP)

    def _signal(self, number: signal.Signals) -> None:
        """To the client and whatever it has started."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    async def _spawn(self, address: str) -> asyncio.subprocess.Process:
        configuration = self._configuration
        # util-linux, part of every Debian: a frozen process would outlive a parent that was killed
        tied = shutil.which("setpriv")
        return await asyncio.create_subprocess_exec(
            *([tied, "--pdeathsig", "KILL"] if tied else []),
            *configuration.command,
            configuration.handler,
            cwd=configuration.folder,
            env={**configuration.environ, **_reserved(configuration, address)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=configuration.output,
            stderr=configuration.output,
            start_new_session=True,  # Ctrl-C goes to us; signals reach what the function started
        )


def resident_bytes(pid: int) -> int:
    """The memory that a process holds now; 0 if there is none."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES
    except (FileNotFoundError, ProcessLookupError):
        return 0


def _reserved(configuration: Configuration, address: str) -> dict[str, str]:
    """The variables that Lambda sets itself.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    """
    logs = {
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{configuration.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": f"local/{os.getpid()}",
    }
    return {
        **({} if configuration.snapstart else logs),  # there are none of those in a snapshot
        "_HANDLER": configuration.handler,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_python{configuration.python}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(configuration.memory_mb),
        "AWS_LAMBDA_FUNCTION_NAME": configuration.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start" if configuration.snapstart else "on-demand",
        "AWS_LAMBDA_RUNTIME_API": address,
        "AWS_REGION": REGION,
        "LAMBDA_TASK_ROOT": str(configuration.folder),
        "TZ": ":UTC",
    }


def _trace_header(request_id: str) -> str:
    """Of a trace that nobody follows: its root, the caller's part of it, and that."""
    parent = hashlib.sha256(request_id.encode()).hexdigest()[-16:]
    return f"Root={new_trace_id(request_id, datetime.now(UTC))};Parent={parent};Sampled=0"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
