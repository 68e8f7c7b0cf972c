"""`aurora-graphql dev`: the whole API on this machine until Ctrl-C or SIGTERM.

Without `--lambda` it calls the function in plain processes: it starts at once, a debugger can be
attached, and nothing is cut off or frozen. With it the real runtime client and Lambda's rules are
around it.
"""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NoReturn

from aurora_graphql.dev import graphiql, local
from aurora_graphql.dev.claim import Claim
from aurora_graphql.dev.environment import Environments
from aurora_graphql.dev.gateway import Gateway
from aurora_graphql.dev.lambda_run import LambdaOptions
from aurora_graphql.dev.local import LocalOptions
from aurora_graphql.dev.stack import Stack, StackError, open_stack
from aurora_graphql.dev.steps import Steps
from aurora_graphql.dev.variables import switch, whole
from aurora_graphql.gateway.authorizer import FUNCTION as AUTHORIZER
from aurora_graphql.gateway.authorizer import Authorizer
from aurora_graphql.gateway.function import Function
from aurora_graphql.gateway.gateway import TIMEOUT_S
from aurora_graphql.gateway.surface import Surface
from aurora_graphql.project_file import Project
from handler.errors import SettingsError

FUNCTION = "handler.entry.graphql"
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ANY_QUERY = "{ __typename }"  # which every API answers, whoever asks


class Stopped(BaseException):
    """A signal asked for the end while the stack was still starting."""


def run(
    project: Project,
    folder: Path,
    given: Mapping[str, str],
    *,
    function: str = "",
    like_lambda: bool = False,
    options: LocalOptions | None = None,
) -> None:
    """Serve until a signal; raises what stopped the start otherwise.

    GraphiQL is bundled meanwhile: a browser that comes too early waits for its files.

    ``folder``: what the servers keep. ``given``: the environment. PORT, ENVIRONMENTS and those of
    ``lambda_run`` are of this command, all other variables are settings of the handler; AUTH is off
    unless it is given.
    """
    port = whole(given, "PORT", 8000, 0, 65_535)
    count = whole(given, "ENVIRONMENTS", 10 if like_lambda else 1, 1, 64)
    lambda_options = LambdaOptions.read(given)
    function = function or (FUNCTION if like_lambda else local.FUNCTION)
    auth = switch(given, "AUTH", default=False)
    steps = Steps()
    for each in STOP_SIGNALS:
        signal.signal(each, _stop)
    try:
        with (
            _listener(port) as listener,  # first: nothing has been started when it is taken
            Claim(folder) as claim,
            graphiql.building() as bundle,
            ExitStack() as opened,
        ):
            token: local.Token | None = None
            if auth:
                given, token = opened.enter_context(_enforcing(folder, given))
            stack = opened.enter_context(
                open_stack(claim, project, folder, given, steps, serves=True)
            )
            environ = lambda_options.adapt(stack.environ) if like_lambda else stack.environ
            surface = _surface(environ)
            url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
            if like_lambda:
                called: Function = opened.enter_context(
                    lambda_options.open(function, count, environ)
                )
                comfort = None
            else:
                comfort = local.Local.build(
                    stack,
                    options or LocalOptions(),
                    bundle,
                    function=function,
                    count=count,
                    token=token,
                    project=project,
                    of_project=lambda found: Stack.build(
                        found, given, stack.database_url, stack.environ["CACHE_URL"]
                    ),
                )
                called = comfort.function
            authorizer = Authorizer(Environments(AUTHORIZER, 1, environ)) if auth else None
            if like_lambda and auth:
                anonymous = switch(given, "AUTH_ANONYMOUS", default=False)
                authorizer = opened.enter_context(
                    lambda_options.open_authorizer(AUTHORIZER, environ, anonymous=anonymous)
                )
            gateway = Gateway(
                called,
                authorizer=authorizer,
                listener=listener,
                files_made=bundle.wait,
                timeout_s=lambda_options.gateway_timeout_s if like_lambda else TIMEOUT_S,
                throttle=lambda_options.throttle() if like_lambda else None,
                surface=surface,
                log=comfort.terminal.say if comfort else None,
                observe=comfort.observe if comfort else None,
                desk=comfort.desk if comfort else None,
            )
            claim.tell({**stack.addresses, "url": url})
            asyncio.run(_serve(gateway, comfort, _banner(url, given, auth=auth), steps))
            _ignore_signals()
    except Stopped:
        steps.say("stopped before it was ready")


@contextmanager
def _enforcing(
    folder: Path, given: Mapping[str, str]
) -> Iterator[tuple[Mapping[str, str], local.Token | None]]:
    """The environment in which rules are enforced, by an issuer of this machine unless one is
    named, and what makes tokens of that. A browser can load GraphiQL, and whoever has no token gets
    what is public."""
    # Late: it needs cryptography.
    from aurora_graphql.dev.issuer import LIFETIME_MAX_S, IssuerError, LocalIssuer

    chosen = {"AUTH_ANONYMOUS": "on", "AUTH_CLAIMS": "customer_id", **given, "AUTH": "on"}
    if given.get("AUTH_ISSUERS"):
        yield chosen, None
        return
    try:
        issuer = LocalIssuer(folder, given)

        def token(scopes: Sequence[str]) -> str:
            return issuer.token(subject="graphiql", scopes=scopes, lifetime_s=LIFETIME_MAX_S)

        with issuer.serve():
            yield {**chosen, **issuer.environ}, token
    except IssuerError as error:
        raise StackError(f"AUTH is on, but there is no issuer: {error}") from error


def _surface(environ: Mapping[str, str]) -> Surface:
    """What the deployed API would have with these settings."""
    try:
        return Surface.of(environ)
    except SettingsError as error:
        raise StackError(f"cannot start: {error}") from error


def _banner(url: str, given: Mapping[str, str], *, auth: bool) -> str:
    """What to try, and who may read what."""
    body = f'{{"query": "{ANY_QUERY}"}}'
    bearer, told = "", "AUTH is off: everybody reads everything; AUTH=on enforces the rules"
    if auth:
        bearer = ' -H "authorization: Bearer $(aurora-graphql token)"'
        issuer = given.get("AUTH_ISSUERS")
        told = f"AUTH is on: tokens of {issuer} open what the SDL's rules allow"
    return (
        f"\nserving {url} until Ctrl-C; a browser gets GraphiQL there; {told}; or try:\n\n"
        f"  curl -s {url} -H 'content-type: application/json'{bearer} -d '{body}'\n"
    )


async def _serve(gateway: Gateway, comfort: local.Local | None, banner: str, steps: Steps) -> None:
    stop = asyncio.Event()
    watching: asyncio.Task[None] | None = None
    try:
        if comfort is not None:  # first: no change is missed
            watching = asyncio.create_task(comfort.watch())
            watching.add_done_callback(lambda _: stop.set())
        with steps.step("handler"):
            await gateway.start()
        for each in STOP_SIGNALS:
            asyncio.get_running_loop().add_signal_handler(each, stop.set)
        steps.say(banner)
        if comfort is not None:
            comfort.tell_first_error()
        await stop.wait()
        if watching is not None and watching.done():
            watching.result()
        steps.say("stopping")
    finally:
        if watching is not None:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        await gateway.stop()


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
            f"port {port} {reason}; stop the program that has it, or choose another port: PORT=8001"
        ) from error
    return listener


def _stop(number: int, frame: object) -> NoReturn:
    _ignore_signals()
    raise Stopped


def _ignore_signals() -> None:
    """From here on everything ends by itself; a second Ctrl-C must not leave a part running."""
    for each in STOP_SIGNALS:
        signal.signal(each, signal.SIG_IGN)
