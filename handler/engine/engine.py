"""From the text of a document to the JSON of its answer: the stages between the HTTP stages.

It keeps what all requests share (schema, model, cached documents and plans) and nothing of one
request or caller.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from functools import cached_property
from hashlib import blake2b
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol

import orjson
from msgspec import Struct
from msgspec.structs import replace

from handler.access.grant import Grant
from handler.access.limits import UNLIMITED, Allowance
from handler.access.rules import AccessRules
from handler.answer import Answer, GraphqlError, Lifetime
from handler.cache.response_cache import Responses
from handler.compiler.freshness import CachePolicy
from handler.compiler.plan import Plan
from handler.compiler.results import Results
from handler.compiler.values import PlanValues, bind
from handler.compiler.visible import Visibility
from handler.engine.plans import CompiledPlan, OperationPlans, Planner
from handler.engine.schema_views import SchemaViews
from handler.errors import ClientError, RequestError
from handler.execution.stored_types import StoredTypes, run_knowing
from handler.fields.writing import Writing, write_answer
from handler.language.cost_formula import Sizes
from handler.language.document import BoundOperation, CheckedDocument, Operation
from handler.language.prepared import (
    NothingPrepared,
    PreparedFile,
    Sections,
    StaleError,
)
from handler.language.schema import Schema
from handler.language.variables import NullVariableError
from handler.model.model import Model
from handler.scalars.scalar import NotSureError
from handler.settings import Settings
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import Database
from handler.stores.request_budget import RequestBudget

if TYPE_CHECKING:
    from handler.compiler.permissions import Permissions
    from handler.engine.cost_rate_limits import Pay
    from handler.language.operations import KnownOperation


def shaping(settings: Settings) -> str:
    """The settings that checked documents and plans depend on, as text."""
    limits = {
        name: getattr(settings.limits, name)
        for name in settings.limits.__struct_fields__
        if name not in ("cost", "errors")
    }
    return repr((settings.page_size, settings.page_size_max, settings.list_max, limits))


class Resolvers(Protocol):
    """Who calls the Python functions behind fields: ``handler/resolvers/resolvers``."""

    async def resolve(
        self,
        prepared: BoundOperation,
        plan: Plan,
        visibility: Visibility,
        satisfied: int,
        results: Results,
        values: PlanValues,
        database: Database,
        deadline: Deadline,
    ) -> None:
        """Put what they answer beside the rows. ``satisfied``: of the caller's grant."""

    async def prepare(self) -> None:
        """Import and make now what else the first operation that needs it waits for."""


class Work(Struct, frozen=True):
    """One operation that is about to be run."""

    compiled: CompiledPlan
    policy: CachePolicy | None  # of the plan, stricter where limits of the caller decide
    prepared: BoundOperation
    grant: Grant
    values: PlanValues
    database: Database
    pay: Pay | None


class Engine:
    """One schema over one database. Make it with ``load``; it serves any number of requests.

    ``resolvers`` has to be set where the model has some, as ``handler/app`` does.
    """

    def __init__(
        self,
        schema: Schema,
        model: Model,
        settings: Settings,
        sections: Sections | None = None,
    ) -> None:
        """``sections``: what was made before from the same schema, model and settings."""
        self.schema = schema
        self.model = model
        sections = sections or NothingPrepared()
        self.types = StoredTypes(model)
        self.access = AccessRules(model.access)
        self._limits = settings.limits
        self.settings = settings
        sizes = (settings.page_size, settings.page_size_max, settings.list_max)
        self._views = SchemaViews(
            schema, lambda: self.permissions, settings, lambda: self.list_sizes, sections
        )
        roots = {"schema": schema, "model": model}
        plans = sections.parts("plans", roots)
        self._planner = Planner(
            schema,
            model,
            self.access,
            lambda: self.permissions,
            self._views,
            plans,
            (schema.digest, sizes),
        )
        self._listed = sections.parts("operations", {})
        self.resolvers: Resolvers | None = None
        self.is_stale = False  # what was prepared was made from something else

    @cached_property
    def permissions(self) -> Permissions:
        """What a caller must meet for each place; listed operations were judged with the archive.

        Raises ``SchemaError``.
        """
        from handler.compiler.permissions import Permissions

        return Permissions(self.schema, self.model, self.access)

    @cached_property
    def list_sizes(self) -> Sizes:
        """How long lists may be, for the cost; the same for all callers."""
        return Sizes(
            stated=self.model.costs,
            rows=self.model.list_sizes(self.schema.query),
            followed=self.model.followed(),
            page=self.settings.page_size,
            list=self.settings.list_max,
        )

    def warm(self) -> None:
        """Make now what the first operation that is not listed needs. Raises ``SchemaError``."""
        _ = self.permissions, self._views.whole.documents.costs

    @classmethod
    def load(cls, settings: Settings) -> Engine:
        """From what was prepared, if it fits, else from the SDL. Raises ``SchemaError``."""
        try:
            file = PreparedFile.find(settings.sdl_dir, shaping(settings))
        except StaleError:
            engine = cls.from_sdl(settings)
            engine.is_stale = True
            return engine
        return cls.from_sdl(settings) if file is None else cls.from_file(settings, file)

    @classmethod
    def from_sdl(cls, settings: Settings, sections: Sections | None = None) -> Engine:
        """From the SDL. Raises ``SchemaError``."""
        # Late: who has the schema prepared does not need what reads one, 10 ms of a cold start.
        from pathlib import Path

        from handler.language.files import quoting
        from handler.language.sdl import load_schema
        from handler.model.builder import build_model
        from handler.model.list_pages import PageDefaults

        pages = PageDefaults(
            size=settings.page_size,
            maximum=settings.page_size_max,
            list_maximum=settings.list_max,
        )
        directory = Path(settings.sdl_dir)
        with quoting(directory):
            schema = load_schema(directory)
            engine = cls(schema, build_model(schema, pages), settings, sections)
            engine.warm()  # what is wrong with the rules of the SDL is said at start
        return engine

    @classmethod
    def from_file(cls, settings: Settings, file: PreparedFile) -> Engine:
        """From what was prepared."""
        schema = file.read("schema", {})
        return cls(schema, file.read("model", {"schema": schema}), settings, file)

    def list_operations(self) -> tuple[KnownOperation, ...]:
        """The operations beside the SDL, each of which can be run.

        Raises ``SchemaError`` for one that cannot.
        """
        found: tuple[KnownOperation, ...] | None = self._listed.find(("all",))
        if found is None:
            from pathlib import Path

            from handler.language.operations import load_operations

            settings = self.settings
            found = load_operations(Path(settings.sdl_dir), self.schema, settings.limits)
            self._listed.made(("all",), found)
        return found

    def prepare(
        self,
        document: str,
        operation_name: str | None,
        variables: Mapping[str, Any],
        grant: Grant,
        page_size_max: int | None = None,
    ) -> BoundOperation:
        """A checked operation and its coerced variables, for a caller.

        ``page_size_max``: the caller's, see ``bind``.

        Raises ``ClientError`` and ``RequestError`` for what cannot be run.
        """
        documents = self._views.find(grant.satisfied).documents
        return documents.prepare(document, operation_name, variables, page_size_max)

    def operation(self, document: str, satisfied: int) -> tuple[CheckedDocument, Operation]:
        """The checked operation of a document of one, for callers with these bits.

        Raises ``RequestError``.
        """
        return self._views.find(satisfied).documents.operation(document, None)

    def plans(self, document: CheckedDocument, operation: Operation) -> OperationPlans:
        """The plans that an operation has, and on what they depend."""
        return self._planner.of_operation(document, operation)

    def operation_kind(self, document: str, operation_name: str | None) -> str:
        """What a refused document asks for: ``"query"`` unless it surely is another kind."""
        from handler.language.lexer import scan
        from handler.language.parser import parse_document

        try:
            operations = parse_document(scan(document, self._limits)).operations
        except ClientError:
            return "query"
        kinds = {
            each.kind
            for each in operations
            if operation_name is None or each.name == operation_name
        }
        return kinds.pop() if len(kinds) == 1 else "query"

    def plan(self, prepared: BoundOperation, grant: Grant) -> CompiledPlan:
        """The plan of a checked operation for such a caller, compiled when first asked for.

        Raises ``RequestError`` for a null variable where none may be.
        """
        try:
            return self._planner.find(prepared, grant.satisfied)
        except NullVariableError as error:
            raise RequestError([error.located(prepared.locate)]) from error

    def execute(
        self,
        prepared: BoundOperation,
        grant: Grant,
        database: Database,
        deadline: Deadline,
        cache: Responses | None = None,
        *,
        of_everybody: Allowance = UNLIMITED,
        pay: Pay | None = None,
    ) -> Coroutine[Any, Any, Answer]:
        """Answer a checked operation to the caller, from the cache where the SDL allows it.

        ``of_everybody``: what every caller may ask for; the answer to anything beyond depends on
        the caller. ``pay`` is called before anything is run, and not for a cached answer. Raises
        ``RequestError`` for arguments that cannot be used, and what ``pay`` raises.
        """
        compiled = self.plan(prepared, grant)
        policy = compiled.policy
        values = bind(
            compiled.plan,
            self.schema,
            prepared.variables,
            prepared.literals,
            prepared.locate,
            grant.claims,
            prepared.page_size_max,
            self._limits,
            compiled.settled,
        )
        if (
            policy is not None
            and of_everybody is not UNLIMITED
            and not (
                of_everybody.admits(prepared.operation.depth, prepared.cost.total)
                and of_everybody.admits_page(values.largest_page)
            )
        ):
            policy = replace(policy, depends_on_caller=True)
        settings = self.settings
        budget = RequestBudget(settings.request_rows_max, settings.request_bytes_max)
        deadline = deadline.bounded(budget)
        deadline.meter.comment = compiled.comment
        work = Work(compiled, policy, prepared, grant, values, database, pay)
        if cache is None or policy is None:
            return self._run(work, deadline)
        return self._answer(work, policy, cache, deadline)

    async def _answer(
        self, work: Work, policy: CachePolicy, cache: Responses, deadline: Deadline
    ) -> Answer:
        """From the cache, or computed; with the time that either takes."""
        meter = deadline.meter

        async def measured(deadline: Deadline) -> Answer:
            began_s = monotonic()
            try:
                return await self._run(work, deadline)
            finally:
                meter.computing_s += monotonic() - began_s

        key = _response_key(work, policy)
        began_s = monotonic()
        try:
            return await cache.answer(key, policy, measured, deadline)
        finally:
            meter.cache_s += monotonic() - began_s - meter.computing_s

    async def _run(self, work: Work, deadline: Deadline) -> Answer:
        plan = work.compiled.plan
        if work.pay is not None:
            from handler.engine.cost_rate_limits import price
            from handler.engine.worst_case import count_statements

            await work.pay(price(work.prepared.cost.total, count_statements(plan)), deadline)
        introspected: dict[str, orjson.Fragment] = {}
        if work.compiled.introspections:
            introspected = self._introspect(
                work.compiled, work.prepared, work.grant, deadline.budget
            )
        values, results = await run_knowing(
            plan, work.values, work.database, deadline, self.types, work.compiled.finished
        )
        if plan.resolvers:
            await self._resolve(work, results, values, deadline)
            deadline.budget.check()
        return self._encode(work, results, values, introspected, deadline.budget)

    async def _resolve(
        self, work: Work, results: Results, values: PlanValues, deadline: Deadline
    ) -> None:
        assert self.resolvers is not None  # the model has resolvers, or no plan would
        await self.resolvers.resolve(
            work.prepared,
            work.compiled.plan,
            work.compiled.visibility,
            work.grant.satisfied,
            results,
            values,
            work.database,
            deadline,
        )

    def _encode(
        self,
        work: Work,
        results: Results,
        values: PlanValues,
        introspected: Mapping[str, orjson.Fragment],
        budget: RequestBudget,
    ) -> Answer:
        plan, lifetime = work.compiled.plan, None
        if work.policy is not None:
            lifetime = work.policy.lifetime
            if _lacks_a_row(work.compiled, results):
                lifetime = lifetime.of_nothing()
        try:
            if not plan.has_forbidden:
                written = write_answer(Writing(plan, results, values, introspected, budget))
                return _computed(written, (), work.policy, lifetime, budget)
        except NotSureError:
            pass
        from handler.fields.building import build_tree
        from handler.fields.sizes import TreeSize

        size = TreeSize(budget)
        locate = work.prepared.locate
        data, errors = build_tree(plan, results, values, introspected, locate, size)
        if errors:
            lifetime = None
        return _computed(_dump(data, budget), errors, work.policy, lifetime, budget)

    def _introspect(
        self,
        compiled: CompiledPlan,
        prepared: BoundOperation,
        grant: Grant,
        budget: RequestBudget,
    ) -> dict[str, orjson.Fragment]:
        """Answers about the schema, as finished JSON by response key. Raises ``BudgetError``."""
        fragments, variables = prepared.operation.fragments, prepared.variables
        answers = self._views.find(grant.satisfied).introspection
        found: dict[str, orjson.Fragment] = {}
        size = 0
        for key, field in compiled.introspections:
            try:
                text = answers.answer(field, fragments, variables, prepared.literals)
            except NullVariableError as error:
                raise RequestError([error.located(prepared.locate)]) from error
            size += len(text)
            budget.check_written(size)
            found[key] = orjson.Fragment(text)
        return found


def _dump(data: Mapping[str, Any] | None, budget: RequestBudget) -> bytes:
    """The JSON of objects, whose size is known but for escapes."""
    text = orjson.dumps(data)
    budget.check_written(len(text))
    return text


def _computed(
    data: bytes,
    errors: Sequence[GraphqlError],
    policy: CachePolicy | None,
    lifetime: Lifetime | None,
    budget: RequestBudget,
) -> Answer:
    """What has just been computed."""
    is_shared = lifetime is None or policy is None or policy.is_shared
    return Answer(data, errors, lifetime, is_shared, statements=budget.statements, rows=budget.rows)


def _response_key(work: Work, policy: CachePolicy) -> str:
    """Of everything that decides the answer but the rows: the plan's own key, and the values.

    Callers for whom it is the same share the answer.
    """
    parts = (
        work.compiled.key,
        work.prepared.variables,
        work.prepared.literals,
        tuple(map(work.grant.claims.get, work.compiled.claims)),
        work.grant.identity if policy.is_private else None,
        [batch.size for batch in work.values.batches],  # a caller's default may be smaller
    )
    return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()


def _lacks_a_row(compiled: CompiledPlan, results: Results) -> bool:
    """Whether a look-up of one row has found none."""
    for number in compiled.look_ups:
        if number in results.rows and not results.rows[number].count:
            return True
    return False
