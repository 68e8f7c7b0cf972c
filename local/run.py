"""`make run` and `make run-lambda`: the whole API on this machine until Ctrl-C or SIGTERM.

The first calls the function in plain processes: it starts at once, a debugger can be attached, and
nothing is cut off or frozen. The second has the real runtime client and Lambda's rules around it.
"""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

from local import graphiql
from local.claim import Claim
from local.environment import Environments, Function
from local.gateway import Gateway
from local.lambda_run import LambdaOptions
from local.stack import StackError, open_stack
from local.steps import Steps
from local.variables import whole

FUNCTION = "handler.entry.graphql"
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
EXAMPLE_QUERY = "{ orders(first: 2) { nodes { orderId orderedAt customer { name } total } } }"


class Stopped(BaseException):
    """A signal asked for the end while the stack was still starting."""


def run(
    folder: Path, given: Mapping[str, str], *, function: str = FUNCTION, like_lambda: bool = False
) -> None:
    """Serve until a signal; raises what stopped the start otherwise.

    GraphiQL is bundled meanwhile: a browser that comes too early waits for its files.

    ``given``: the environment. PORT, ENVIRONMENTS and those of ``local.lambda_run`` are of this
    command, all other variables are settings of the handler.
    """
    port = whole(given, "PORT", 8000, 0, 65_535)
    count = whole(given, "ENVIRONMENTS", 10 if like_lambda else 1, 1, 64)
    options = LambdaOptions.read(given)
    steps = Steps()
    for each in STOP_SIGNALS:
        signal.signal(each, _stop)
    try:
        with (
            _listener(port) as listener,  # first: nothing has been started when it is taken
            Claim(folder) as claim,
            graphiql.building() as bundle,
            open_stack(claim, folder, given, steps) as stack,
            ExitStack() as opened,
        ):
            url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
            called: Function = Environments(function, count, stack.environ)
            if like_lambda:
                called = opened.enter_context(options.open(function, count, stack.environ))
            gateway = Gateway(
                called,
                listener=listener,
                files=graphiql.FOLDER,
                files_made=bundle.wait,
                throttle=options.throttle() if like_lambda else None,
            )
            claim.tell({**stack.addresses, "url": url})
            asyncio.run(_serve(gateway, url, steps))
            _ignore_signals()
    except Stopped:
        steps.say("stopped before it was ready")


async def _serve(gateway: Gateway, url: str, steps: Steps) -> None:
    stop = asyncio.Event()
    try:
        with steps.step("handler"):
            await gateway.start()
        for each in STOP_SIGNALS:
            asyncio.get_running_loop().add_signal_handler(each, stop.set)
        steps.say(f"\nserving {url} until Ctrl-C; a browser gets GraphiQL there; or try:\n")
        steps.say(f"  {_curl(url)}\n")
        await stop.wait()
        steps.say("stopping")
    finally:
        await gateway.stop()


def _curl(url: str) -> str:
    body = f'{{"query": "{EXAMPLE_QUERY}"}}'
    return f"curl -s {url} -H 'content-type: application/json' -d '{body}'"


def _listener(port: int) -> socket.socket:
    """A socket that holds the port; who connects early waits until the handler is ready."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen()  # two programs may bind the same port, but only one may listen
    except OSError as error:
        listener.close()
        reason = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used: {error}"
        raise StackError(
            f"port {port} {reason}; stop the program that has it, or choose another port:"
            " make run PORT=8001"
        ) from error
    return listener


def _stop(number: int, frame: object) -> NoReturn:
    _ignore_signals()
    raise Stopped


def _ignore_signals() -> None:
    """From here on everything ends by itself; a second Ctrl-C must not leave a part running."""
    for each in STOP_SIGNALS:
        signal.signal(each, signal.SIG_IGN)
