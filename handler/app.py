"""The App: settings, engine and database of one execution environment, wired together."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, ClassVar, Self

from msgspec import Struct
from msgspec.structs import replace

from handler.access.grant import Grant
from handler.access.limits import UNLIMITED, Allowance, Allowances, payer
from handler.access.principal import Principal
from handler.answer import Answer, Quota
from handler.cache.response_cache import ResponseCache
from handler.engine.engine import Engine
from handler.engine.persisted_queries import open_document_source
from handler.errors import (
    ClientError,
    RequestError,
    ResolverError,
    SchemaError,
    SettingsError,
)
from handler.http.errors import ExpiredError
from handler.http.event import HttpRequest
from handler.http.graphql import GraphqlRequest, require_query
from handler.http.response import ProxyResponse, build_response
from handler.http.routing import receive
from handler.language.document import BoundOperation, Operation
from handler.language.prepared import FILE, is_prepared
from handler.observe.clients import client_of
from handler.observe.invocation import OUTSIDE, Invocation
from handler.observe.log import Log
from handler.observe.record import RequestRecord
from handler.observe.starts import WARM, start_of
from handler.settings import OFF, Settings
from handler.settings.stores import open_cache, open_database
from handler.stores.deadline import Deadline
from handler.stores.login import SECRET

MOST_MET = 10_000  # operations that an environment remembers to have told of

if TYPE_CHECKING:
    from collections import Counter

    from handler.engine.cost_rate_limits import CostRateLimits
    from handler.stores.meter import Meter
    from handler.stores.mysql.database import MySqlDatabase
    from handler.stores.redis.cache import RedisCache
    from handler.tracing.tracer import Tracer


async def start_engine(settings: Settings, kind: type[Engine] = Engine) -> Engine:
    """The engine and the functions of its resolvers. Raises ``SchemaError``, ``SettingsError``."""
    engine = kind.load(settings)
    if engine.model.resolvers:
        # Late: only APIs with resolvers have functions of their own.
        from handler.resolvers.registry import load_resolvers
        from handler.resolvers.resolvers import PythonResolvers

        functions = load_resolvers(settings.resolvers, engine.model)
        engine.resolvers = PythonResolvers(
            engine.schema, engine.model, engine.permissions, functions
        )
    return engine


class App:
    """Answers gateway events, one after the other or several at once on one event loop."""

    engine_kind: ClassVar[type[Engine]] = Engine

    def __init__(
        self,
        settings: Settings,
        engine: Engine,
        database: MySqlDatabase,
        cache: RedisCache | None = None,
    ) -> None:
        self.settings = settings
        self.engine = engine
        self.database = database
        self.cache = cache
        name = settings.database_url.database
        self._responses = (
            None if cache is None else ResponseCache(cache, name, local_s=settings.cache_local_s)
        )
        self._documents = open_document_source(settings, engine.list_operations, cache)
        self._allowances = Allowances(settings.caller_limits)
        self._budgets: CostRateLimits | None = None
        if cache is not None and settings.caller_limits.have_budgets:
            from handler.engine.cost_rate_limits import CostRateLimits

            self._budgets = CostRateLimits(cache, name)
        self.log = Log(
            settings.log_level,
            stage=settings.stage,
            release=settings.release,
            function_name=settings.function_name,
            operations=settings.operation_metrics,
            packages=_packages(settings),
            tracebacks=settings.log_tracebacks,
        )
        self._tracer = _tracer(settings, self.log)
        self._met: set[str] = set()  # operations whose line of use has been written
        self._start = start_of(settings.initialization_type)
        # Where things are counted, and how much of that the log has been told.
        counting = (self._documents, self._responses, self._budgets, cache)
        self._counted: list[tuple[Counter[str], dict[str, int]]] = [
            (each.counts, {}) for each in counting if each is not None
        ]
        # What callers may do who have not said who they are is the same in every request.
        self._unknown = None if settings.auth else self._caller_of(Principal.development())
        self._of_everybody = self._allowances.of_everybody if settings.auth else UNLIMITED

    @classmethod
    async def start(cls, settings: Settings, *, callers_leave: bool = False) -> Self:
        """Load the SDL; connections are opened by the first request that needs one.

        ``callers_leave``: ``handle`` may be cancelled, which ends its statement on the server. In
        Lambda nobody knows that a caller has left.

        Raises ``SchemaError`` and ``SettingsError``, which name what to mend.
        """
        if settings.database.auth == SECRET:
            raise SettingsError(
                "DATABASE_AUTH is secret, which is for migrate and ingest; the API logs in by iam,"
                " or by the password of DATABASE_URL"
            )
        if settings.caller_limits.have_budgets and not settings.cache_url:
            raise SettingsError(
                "CALLER_LIMITS has cost_per_minute, which is counted in the cache, and there is"
                " none; write CACHE_URL, or take it out"
            )
        try:
            engine = await start_engine(settings, _engine_kind(settings, cls.engine_kind))
        except SchemaError as error:
            from handler.observe.damage import REMEDY

            if not is_prepared(settings.sdl_dir) or REMEDY in str(error):
                raise
            error.text += (
                f" (the SDL could be read when the archive was built; if yours is right, {REMEDY})"
            )
            raise
        database = open_database(settings, ends_statements=callers_leave)
        app = cls(settings, engine, database, open_cache(settings))
        if engine.is_stale:
            app.log.warning(
                f"{FILE} beside the SDL was made from other SDL, operations, settings, code or"
                " Python; it is left alone, and starts are slower; build and deploy the archive"
                " again: aurora-graphql package"
            )
        return app

    async def handle(
        self, event: Any, *, budget_s: float, invocation: Invocation = OUTSIDE
    ) -> ProxyResponse:
        """The gateway's response to one event, within ``budget_s`` seconds. Raises nothing."""
        began_s = time.monotonic()
        received = receive(event, self.settings.http)
        if not isinstance(received, GraphqlRequest):
            return received
        most_s = self.settings.request_timeout_s
        deadline = Deadline(began_s + (budget_s if budget_s < most_s else most_s))
        record = self._record(received.http, invocation)
        tracer = self._tracer
        begun = None if tracer is None else tracer.begin(received.http, invocation, record)
        try:
            answer = await self._answer(received, deadline, record)
            response = build_response(
                answer,
                http=received.http,
                media_type=received.media_type,
                settings=self.settings.http,
            )
            self._tell_request(record, answer, response, deadline.meter, began_s)
            return response
        finally:
            if tracer is not None and begun is not None:
                tracer.end(begun, record)

    def _tell_request(
        self,
        record: RequestRecord,
        answer: Answer,
        response: ProxyResponse,
        meter: Meter,
        began_s: float,
    ) -> None:
        """Log a request that has been answered; ``began_s``: by the monotonic clock."""
        record.source, record.statements, record.rows = (
            answer.source,
            answer.statements,
            answer.rows,
        )
        record.status, record.body_bytes = response["statusCode"], len(response["body"])
        counts = self._news()
        if counts:
            record.counts = counts
            record.cache_failure = "" if self.cache is None else self.cache.cause_of(counts)
        record.database_s, record.cache_s = meter.database_s, meter.cache_s
        record.duration_s = time.monotonic() - began_s
        self.log.request(record)

    def _news(self) -> dict[str, int]:
        """What has been counted since this was last asked."""
        news: dict[str, int] = {}
        for counts, told in self._counted:
            for name, count in counts.items():
                more = count - told[name] if name in told else count
                if more:
                    told[name] = count
                    news[name] = news[name] + more if name in news else more
        return news

    async def prepare(self) -> None:
        """Import and make what some first operation would wait for: a snapshot holds it."""
        from handler.engine import listed  # late: nothing else asks before there is a request

        engine = self.engine
        engine.warm()
        if self._unknown is not None:
            listed.warm(engine, self._unknown.grant.satisfied)
        else:
            listed.warm(engine, engine.access.grant(Principal.anonymous()).satisfied)
            listed.warm(engine, listed.every_scope(engine))
        "localhost".encode("idna")  # imports the codec that every name of a host goes through
        if self.engine.resolvers is not None:
            await self.engine.resolvers.prepare()

    async def close(self) -> None:
        """Close the connections."""
        if self._tracer is not None:
            self._tracer.close()
        await self.database.close()
        if self.cache is not None:
            await self.cache.close()

    async def _answer(
        self, request: GraphqlRequest, deadline: Deadline, record: RequestRecord
    ) -> Answer:
        try:
            caller = self._unknown or self._caller_of(_principal(request.http))
            record.caller, record.cost_limit = caller.kind, caller.cost_limit
            text = await self._documents.find(request, deadline)
            prepared = self._prepare(request, text, caller)
            operation, cost = prepared.operation, prepared.cost.total
            record.operation = operation.definition.name or ""
            record.operation_hash = operation.key
            record.cost = cost
            if caller.allowance is not UNLIMITED:
                caller.allowance.check(operation.depth, cost, prepared.cost_error)
            pay = None if self._budgets is None else self._pay(self._budgets, caller, request.http)
            answer = await self.engine.execute(
                prepared,
                caller.grant,
                self.database,
                deadline,
                self._responses,
                of_everybody=self._of_everybody,
                pay=pay,
            )
            if request.document_id is not None:
                await self._documents.keep(request, deadline, pay)
            if operation.key not in self._met:
                self._meet(operation)
        except (ClientError, RequestError) as error:
            return _refused(error, record)
        except Exception as error:
            # Of a mistake of ours the caller learns nothing but the request's id.
            self.log.failure(error, request_id=request.http.request_id)
            return _refused(error, record)
        if answer.errors:
            self._tell(answer, prepared, record)
        if pay is not None and pay.quota is not None:
            answer = replace(answer, quota=pay.quota)
        if request.extensions.get("cost") is True:
            from handler.engine.worst_case import worst_case  # late: few requests ask

            explained = worst_case(self.engine, prepared, caller.grant, answer)
            return replace(answer, extensions={"cost": explained})
        return answer

    def _record(self, http: HttpRequest, invocation: Invocation) -> RequestRecord:
        """What is known of a request before it is answered."""
        start, self._start = self._start, WARM
        client, version = client_of(http.headers)
        return RequestRecord(
            request_id=http.request_id,
            invocation_id=invocation.request_id,
            trace_id=invocation.trace_id,
            start=start,
            client=client,
            client_version=version,
        )

    def _tell(self, answer: Answer, prepared: BoundOperation, record: RequestRecord) -> None:
        """Log what failed below an answer, and keep where."""
        from handler.language.field_path import field_path  # late: most answers have no errors

        # One failure may stand at many places of an answer: in each row that it left without rows.
        for failed in {id(found.cause): found.cause for found in answer.errors}.values():
            # The caller may see what does not fit; who mends the resolver has to, with the place.
            is_shown = isinstance(failed, ClientError)
            if not is_shown or isinstance(failed.__cause__, ResolverError):
                self.log.failure(failed, request_id=record.request_id)
        operation = prepared.operation
        record.took(
            [(each.cause, each.path) for each in answer.errors],
            lambda path: field_path(operation.definition, operation.fragments, path),
        )

    def _meet(self, operation: Operation) -> None:
        """Log what an operation uses that this environment has not answered before."""
        if len(self._met) >= MOST_MET:
            self._met.clear()
        self._met.add(operation.key)
        if not self.log.shows("INFO"):
            return
        from handler.language.usage import used_coordinates  # late: once for each operation

        definition = operation.definition
        used = used_coordinates(self.engine.schema, definition, operation.fragments)
        self.log.operation(name=definition.name or "", digest=operation.key, fields=used)

    def _caller_of(self, principal: Principal) -> _Caller:
        allowance = self._allowances.of(principal)
        most = self.settings.limits.cost
        return _Caller(
            principal=principal,
            kind=principal.kind,
            grant=self.engine.access.grant(principal),
            allowance=allowance,
            cost_limit=most if allowance.cost is None else min(most, allowance.cost),
        )

    def _pay(self, budgets: CostRateLimits, caller: _Caller, http: HttpRequest) -> _Payment | None:
        """How an operation, or a kept document, is paid for; None where nothing has to be."""
        per_minute = caller.allowance.cost_per_minute
        if per_minute is None:
            return None
        owner = payer(caller.principal, caller.grant.identity, http.source_ip)
        return _Payment(budgets, owner, per_minute)

    def _prepare(self, request: GraphqlRequest, text: str, caller: _Caller) -> BoundOperation:
        name, variables = request.operation_name, request.variables
        try:
            return self.engine.prepare(
                text, name, variables, caller.grant, caller.allowance.page_size
            )
        except RequestError:
            # What a GET may not ask for is said before what is wrong with it.
            kind = self.engine.operation_kind(text, request.operation_name)
            require_query(request, kind)
            raise


class _Caller(Struct, frozen=True, kw_only=True):
    """Who calls, what the rules give to it, and how much it may ask for."""

    principal: Principal
    kind: str
    grant: Grant
    allowance: Allowance
    cost_limit: float  # of one operation


class _Payment(Struct):
    """Takes prices out of the budget of one caller; ``quota``: what is left, once it has."""

    budgets: CostRateLimits
    owner: str
    per_minute: int
    quota: Quota | None = None

    async def __call__(self, cost: int, deadline: Deadline) -> None:
        self.quota = await self.budgets.spend(self.owner, cost, self.per_minute, deadline)


def _principal(http: HttpRequest) -> Principal:
    """The caller, who is nobody but the one that the authorizer has attested."""
    principal = Principal.from_context(http.authorizer)
    if principal.is_expired(time.time()):
        raise ExpiredError
    return principal


def _engine_kind(settings: Settings, usual: type[Engine]) -> type[Engine]:
    if not _is_watched(settings):
        return usual
    from handler.engine.watched import WatchedEngine

    return WatchedEngine


def _tracer(settings: Settings, log: Log) -> Tracer | None:
    if not _is_watched(settings):
        return None
    from handler.tracing.tracer import Tracer, open_exporter

    return Tracer(open_exporter(settings), log)


def _is_watched(settings: Settings) -> bool:
    return settings.tracing != OFF or settings.log_level == "DEBUG"


def _refused(error: Exception, record: RequestRecord) -> Answer:
    answer = Answer.refused(error)
    record.took([(each.cause, each.path) for each in answer.errors])
    return answer


def _packages(settings: Settings) -> list[str]:
    """Whose frames the log names: this library's, and those of the resolvers."""
    own = settings.resolvers.partition(".")[0]
    return ["handler", own] if own and own != "handler" else ["handler"]
