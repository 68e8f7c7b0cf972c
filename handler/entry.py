"""The Lambda entry points ``graphql``, ``authorize``, ``migrate``, ``ingest``, ``purge``, ``prune``
and ``shift``; each starts only what it needs.

The runtime imports this module and then takes one function out of it by its name, both while the
environment starts. Taking it is what starts it: the imports of this one function, the settings and,
for ``graphql``, the App. So no function pays for the imports of another, and a mistake in the
settings or the SDL is one clear line in the log before the first event.
"""

from __future__ import annotations

import gc

gc.disable()  # a start makes many objects and hardly any garbage: see ``__getattr__``

import sys  # noqa: E402

from handler import packed  # noqa: E402

packed.install()  # before anything else is imported: what comes now is a start's most

from handler.later import import_later  # noqa: E402

# Others import these, and no request asks them for anything: asyncio the first, which with what it
# needs is 5 % of a start, and signals; subprocess the words of a country; the readers of URLs and
# of names of hosts what is not ASCII or an address in brackets. The last are parts of msgspec.
import_later("inspect", "signal", "locale", "ipaddress", "stringprep")
import_later("msgspec.inspect", "msgspec.msgpack", "msgspec.toml", "msgspec.yaml")

import asyncio  # noqa: E402
import atexit  # noqa: E402
import contextlib  # noqa: E402
import os  # noqa: E402
from collections.abc import Callable, Coroutine, Iterator  # noqa: E402
from typing import TYPE_CHECKING, Any, Protocol, TypeVar  # noqa: E402

from handler.errors import ClientError, SchemaError, SettingsError, UpstreamError  # noqa: E402

gc.freeze()  # all of it stays: without, enabling it looks through a whole start at once
gc.enable()

if TYPE_CHECKING:
    from handler.jobs.migrate import Report
    from handler.settings import Settings
    from handler.stores.url import DatabaseUrl

RESERVE_S = 0.5  # of the deadline: time to write an answer after everything else has given up
TELL_S = 1.0  # of the time of migrate and ingest: to say why the database could not be reached
REJECTS_PREFIX = "rejects/"  # where the bucket of ingest takes the lines that were not loaded

Result = TypeVar("Result")


class LambdaContext(Protocol):
    """What the handler reads of the context that the runtime gives."""

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the runtime stops the environment."""


Function = Callable[[dict[str, Any], LambdaContext], Any]


def __getattr__(name: str) -> Function:
    """Start the function of that name; later questions find it as it stands."""
    start = _STARTS.get(name)
    if start is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    loop = asyncio.new_event_loop()  # one for the life of the environment
    gc.disable()  # collections are 5 % of the time of a start
    try:
        function = globals()[name] = start(loop)
    except (SchemaError, SettingsError) as error:
        sys.exit(f"cannot start: {error}")
    except Exception as error:
        from handler.observe.damage import describe_damage

        if damage := describe_damage(error):
            sys.exit(f"cannot start: {damage}")
        if isinstance(error, AttributeError):  # the runtime would say: there is no such function
            raise RuntimeError(f"cannot start: {error}") from error
        raise
    finally:
        gc.enable()
    gc.freeze()  # what is there now stays: no collection during a request looks at it again
    return function


def _start_graphql(loop: asyncio.AbstractEventLoop) -> Function:
    from handler.settings import Settings

    settings = Settings.from_environ(os.environ)
    url = settings.database_url
    is_safe = url.ssl_ca is not None or url.unix_socket is not None
    with _without_cryptography() if is_safe else contextlib.nullcontext():
        from handler.app import App
        from handler.observe.invocation import Invocation

        app = loop.run_until_complete(App.start(settings))

    def close() -> None:
        loop.run_until_complete(app.close())

    def before_snapshot() -> None:
        loop.run_until_complete(app.prepare())
        close()

    _leave_out_of_snapshot(before_snapshot)
    # On one's own machine the process ends in order; Lambda ends environments without notice.
    atexit.register(close)

    def graphql(event: dict[str, Any], context: LambdaContext) -> Any:
        """Answer one event of API Gateway (REST API, proxy integration).

        A release asks ``{"action": "smoke", "release": ...}``, which no request can: it raises what
        keeps this version from answering, or that this is another version than the one deployed.
        """
        if isinstance(event, dict) and event.get("action") == "smoke":
            from handler.jobs.smoke import check_release, smoke
            from handler.stores.deadline import Deadline

            check_release(settings.release, event.get("release"))
            work = smoke(app.engine, app.database, Deadline.after(_budget_s(context)))
            return _finish(loop, work, context, "smoke")
        request_id = getattr(context, "aws_request_id", "")
        invocation = Invocation.from_environ(os.environ, request_id)
        work = app.handle(event, budget_s=_budget_s(context), invocation=invocation)
        return loop.run_until_complete(work)

    return graphql


def _leave_out_of_snapshot(prepare: Callable[[], object]) -> None:
    """With SnapStart, run ``prepare`` before the snapshot that many environments are restored from.

    Nothing is opened, fetched or drawn before the first event, so the snapshot is clean as it is.
    The hooks hold that for programs that answer events while they start, to have the caches warm.
    Source: https://docs.aws.amazon.com/lambda/latest/dg/snapstart-uniqueness.html
    """
    try:
        from snapshot_restore_py import (  # type: ignore[import-untyped]  # it publishes no types
            register_after_restore,
            register_before_snapshot,
        )
    except ImportError:  # a part of Lambda's runtimes since Python 3.12, not of this library
        return
    register_before_snapshot(prepare)
    register_after_restore(_seed)


def _seed() -> None:
    """Give each environment its own ``random``; ``secrets`` asks the kernel anyway."""
    random = sys.modules.get("random")
    if random is not None:
        random.seed()


@contextlib.contextmanager
def _without_cryptography() -> Iterator[None]:
    """Keep PyMySQL from importing cryptography, which is in the archive for the authorizer.

    PyMySQL imports it where it finds it, for 13 ms of CPU, and uses it for one thing: to send a
    password over a connection that others could read.
    """
    name = "cryptography"
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]  # documented: import says "not found"
    try:
        yield
    finally:
        del sys.modules[name]


def _start_authorize(loop: asyncio.AbstractEventLoop) -> Function:
    from handler.jobs.authorize import Authorizer
    from handler.settings import AuthorizerSettings

    loop.close()  # it has nothing to wait for but one answer of an issuer now and then
    authorizer = Authorizer(AuthorizerSettings.from_environ(os.environ))

    def authorize(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Answer one event of API Gateway's REQUEST authorizer with a policy.

        Raises ``UnauthorizedError``, which API Gateway turns into 401, or ``AuthorizerError``.
        """
        return authorizer.authorize(event, budget_s=_budget_s(context))

    return authorize


def _start_migrate(loop: asyncio.AbstractEventLoop) -> Function:
    from pathlib import Path

    from handler.jobs.migrate import migrate as apply
    from handler.settings import Settings
    from handler.settings.stores import open_writer

    settings = Settings.from_environ(os.environ)
    writer = open_writer(settings)

    def migrate(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Bring the database up to date, and then the account of ``api_user`` if one is named.

        ``former_releases``: to how many releases before one may go back, whose columns the account
        may go on reading. Likewise the account of ``ingest_user``, if one is named.

        Says what was applied. Raises ``MigrationError`` with the file, the statement and the
        database's own words, or ``AccountError``.
        """
        if event.get("action") != "migrate":
            raise ClientError(f"action must be 'migrate', got {event.get('action')!r}")
        api_user = event.get("api_user")
        ingest_user = event.get("ingest_user")
        former = event.get("former_releases", 0)
        if type(former) is not int or former < 0:
            raise ClientError(f"former_releases must be a whole number from 0 on, got {former!r}")

        async def work(url: DatabaseUrl) -> Report:
            report = await apply(url, Path(settings.migrations_dir))
            if api_user:
                # Late: it needs the SDL and the compiler, which a migration alone does not.
                from handler.jobs.api_account import prepare_account
                from handler.stores.aws.secrets import SecretStore

                await prepare_account(url, settings, str(api_user), SecretStore(), former)
            if ingest_user:
                from handler.jobs.ingest_account import prepare_ingest_account

                await prepare_ingest_account(url, settings, str(ingest_user))
            return report

        report = _finish(loop, writer.run(work, wait_s=_wait_s(context)), context, "migrate")
        return {
            "applied": list(report.applied),
            "already": list(report.already),
            "unknown": list(report.unknown),
            "unfinished": list(report.unfinished),
        }

    return migrate


def _start_ingest(loop: asyncio.AbstractEventLoop) -> Function:
    from pathlib import Path

    from handler.jobs.ingest.objects import NewObject, load_objects, parse_notification
    from handler.settings import Settings
    from handler.settings.stores import open_cache, open_writer
    from handler.stores.aws.objects import ObjectStore
    from handler.stores.redis.versions import change_versions

    settings = Settings.from_environ(os.environ)
    writer = open_writer(settings)
    store = ObjectStore.connect()

    async def load(objects: list[NewObject], wait_s: float) -> list[dict[str, Any]]:
        cache = open_cache(settings)  # calls are rare: a connection would not outlive the pause

        async def tell_changed(tables: list[str]) -> bool:
            database = settings.database_url.database
            return cache is None or await change_versions(cache, database, tables)

        try:
            return await writer.run(
                lambda url: load_objects(
                    url,
                    store,
                    objects,
                    mappings=Path(settings.ingest_mappings_dir),
                    rejects_prefix=REJECTS_PREFIX,
                    tell_changed=tell_changed,
                ),
                wait_s=wait_s,
            )
        finally:
            if cache is not None:
                await cache.close()

    def ingest(event: dict[str, Any], context: LambdaContext) -> list[dict[str, Any]]:
        """Load the new objects of one S3 notification and say what each of them gave.

        Raises ``IngestError`` if one could not be loaded to its end; loading it again is harmless.

        ``{"action": "purge", ...}`` ends cached answers, as the entry ``purge`` does.
        """
        if isinstance(event, dict) and "action" in event:
            return [_purge(loop, settings, event, context)]
        work = load(parse_notification(event), _wait_s(context))
        return _finish(loop, work, context, "ingest")

    return ingest


def _start_purge(loop: asyncio.AbstractEventLoop) -> Function:
    from handler.settings import Settings

    settings = Settings.from_environ(os.environ)

    def purge(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        """End the cached answers over the tables of ``{"action": "purge", "tables": [...]}``.

        ``"all"`` in place of the list is every table of the SDL. Raises ``UpstreamError`` if the
        cache could not be told; the same call again is harmless.
        """
        return _purge(loop, settings, event, context)

    return purge


def _purge(
    loop: asyncio.AbstractEventLoop,
    settings: Settings,
    event: dict[str, Any],
    context: LambdaContext,
) -> dict[str, Any]:
    from handler.jobs.purge import parse_order, purge

    return {"purged": _finish(loop, purge(settings, parse_order(event)), context, "purge")}


def _start_prune(loop: asyncio.AbstractEventLoop) -> Function:
    from handler.jobs.prune import parse_order
    from handler.jobs.prune import prune as delete_outdated
    from handler.stores.aws.functions import FunctionStore

    loop.close()  # one call after the other
    store = FunctionStore.connect()

    def prune(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Delete the versions of functions that are neither served nor among the newest.

        Raises ``UpstreamError`` with what could not be done and the right that it needs.
        """
        return delete_outdated(store, parse_order(event))

    return prune


def _start_shift(loop: asyncio.AbstractEventLoop) -> Function:
    import time

    from handler.jobs.shift import parse_shift, shift_traffic
    from handler.stores.aws.deployments import DeploymentStore

    loop.close()  # one call after the other
    store = DeploymentStore.connect()

    def shift(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
        """Move an alias to another version, by CodeDeploy, and wait until that has ended.

        Raises ``ShiftError`` where an alarm took the traffic back, and ``UpstreamError``.
        """
        return shift_traffic(
            store,
            parse_shift(event),
            remaining_s=lambda: _budget_s(context),
            sleep=time.sleep,
        )

    return shift


_STARTS: dict[str, Callable[[asyncio.AbstractEventLoop], Function]] = {
    "graphql": _start_graphql,
    "authorize": _start_authorize,
    "migrate": _start_migrate,
    "ingest": _start_ingest,
    "purge": _start_purge,
    "prune": _start_prune,
    "shift": _start_shift,
}


def _finish(
    loop: asyncio.AbstractEventLoop,
    work: Coroutine[Any, Any, Result],
    context: LambdaContext,
    name: str,
) -> Result:
    """Run to the end, or to an error with words: Lambda would end the environment without any."""
    limit_s = max(_budget_s(context), 0.0)

    async def bounded() -> Result:
        async with asyncio.timeout(limit_s):
            return await work

    try:
        return loop.run_until_complete(bounded())
    except TimeoutError as error:
        raise UpstreamError(
            f"{name} did not end within {limit_s:.0f} s; what it did stays, and the same call goes "
            f"on from there; give the function more time if this comes again",
            retryable=True,
        ) from error
    except Exception as error:
        from handler.observe.damage import describe_damage

        if damage := describe_damage(error):  # of what is imported for this work alone
            raise RuntimeError(f"{name}: {damage}") from error
        raise


def _wait_s(context: LambdaContext) -> float:
    """How long a program that writes waits for the database to wake."""
    return _budget_s(context) - TELL_S


def _budget_s(context: LambdaContext) -> float:
    return context.get_remaining_time_in_millis() / 1000 - RESERVE_S
