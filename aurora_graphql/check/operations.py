"""Known operations: each is compiled, and its statements are explained as they will run.

A declared list is looked at by one argument at a time. What clients ask together stands in
``operations`` beside the SDL: every list of such an operation is one more way to rows, and the
server says what it would read for it, with values that real rows have.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from msgspec.structs import replace

from aurora_graphql.catalog import IndexColumn
from aurora_graphql.check.access_paths import AccessPath, is_fixed
from aurora_graphql.check.finding import FEW_ROWS, Finding, Kind, Severity
from aurora_graphql.check.live import Live
from aurora_graphql.check.paths import Judge, findings_of
from aurora_graphql.check.typical import Typical, variables_of_plan
from handler.access.grant import Grant
from handler.access.principal import Principal
from handler.compiler.comparison import Compare
from handler.compiler.plan import Batch, Plan, Source
from handler.compiler.sql import compile_facts, compile_rows
from handler.compiler.values import BatchValues, PlanValues, bind
from handler.compiler.visible import ClaimGuard
from handler.engine.engine import Engine
from handler.errors import ClientError, HandlerError, Location, RequestError, UpstreamError
from handler.language.document import BoundOperation
from handler.language.operations import KnownOperation
from handler.language.schema import EnumType, NonNull, Origin, named
from handler.model.conditions import And, Condition
from handler.model.groups import GroupsField
from handler.model.tables import ClaimRule
from handler.model.united import of_type, order_of
from handler.sql.statement import Statement
from handler.stores.mysql.database import RightsError

_MOST_VARIANTS: Final = 24  # of the variables of one operation
_WHOLE: Final = ("ALL", "index")


@dataclass(frozen=True, slots=True)
class _Run:
    """One operation with values for its variables, for one caller."""

    plan: Plan
    values: PlanValues


async def check_operations(engine: Engine, judge: Judge) -> list[Finding]:
    """What the operations beside the SDL need and do not have. Raises ``SchemaError``."""
    findings: list[Finding] = []
    typical = Typical(engine.schema, judge.live)
    for operation in engine.list_operations():
        findings += await _check(operation, engine, typical, judge)
    return findings


async def _check(
    operation: KnownOperation, engine: Engine, typical: Typical, judge: Judge
) -> list[Finding]:
    def unproved(error: Exception) -> Finding:
        return Finding(
            kind=Kind.UNPROVED,
            about=f"operation {operation.name}",
            message=f"the operation {operation.name} could not be looked at with typical values: "
            f"{_said(error)}",
            origin=Origin(operation.file, Location(1, 1)),
            severity=Severity.NOTE,
        )

    troubles = []
    seen: dict[str, Finding] = {}
    explained: set[Statement] = set()
    try:
        runs = [run async for run in _runs(operation, engine, typical)]
        for run in runs:
            for batch in run.plan.batches:
                parts = list(_parts(batch, run.values[batch.index]))
                if any(part.table.name not in judge.live.tables for part, _ in parts):
                    continue  # said already
                paths = [_path(operation, *each) for each in parts if batch.reads_rows]
                found = [each for path in paths if (each := await judge.trouble(path))]
                troubles += found
                async for what, statement in _statements(run, batch, typical):
                    if not found and statement not in explained:
                        explained.add(statement)
                        told = await _plan(operation, parts[0][0], what, statement, judge.live)
                        seen |= {each.name: each for each in told if each.name not in seen}
    except RightsError as error:
        return [unproved(error)]
    except UpstreamError as error:
        if error.retryable:
            raise
        return [unproved(error)]
    except (HandlerError, RequestError) as error:
        return [unproved(error)]
    return [*findings_of(troubles, Kind.OPERATION), *seen.values()]


def _said(error: Exception) -> str:
    if isinstance(error, RequestError):
        return "; ".join(each.message for each in error.errors)
    return error.message if isinstance(error, ClientError) else str(error)


# -------------------------------------------------------------------------- values, callers


async def _runs(operation: KnownOperation, engine: Engine, typical: Typical) -> AsyncIterator[_Run]:
    """With what must be given, with all that chooses rows, in each order and inside a list."""
    everything = engine.access.grant(Principal.development())
    grants = [everything]
    if narrow := await _narrow(engine, everything, typical):
        grants.append(narrow)
    for grant in grants:
        document, known = engine.operation(operation.text, grant.satisfied)
        needed = {
            each.variable.name: typical.of_type(each.type.ref)
            for each in known.definition.variables
            if isinstance(each.type.ref, NonNull) and each.default is None
        }
        first = _prepare(operation, engine, grant, needed)
        plan = engine.plan(first, grant).plan
        if grant is not everything and (plan.has_forbidden or not plan.claims()):
            continue
        chosen, cursors = await variables_of_plan(plan, typical)
        shaping = set(engine.plans(document, known).variables)
        orders = {
            each.variable.name: list(found.values)
            for each in known.definition.variables
            if each.variable.name in shaping
            and isinstance(found := engine.schema.types[named(each.type.ref)], EnumType)
        }
        real = cursors | chosen
        required = {name: real.get(name, each) for name, each in needed.items()}
        variants = [required, required | chosen]
        if cursors:
            variants += [required | cursors, required | chosen | cursors]
        variants += [required | {name: each} for name, them in orders.items() for each in them]
        for variables in _distinct(variants)[:_MOST_VARIANTS]:
            prepared = _prepare(operation, engine, grant, variables)
            plan = engine.plan(prepared, grant).plan
            yield _Run(plan, await _bind(plan, prepared, engine, grant, typical.live))


def _prepare(
    operation: KnownOperation, engine: Engine, grant: Grant, variables: Mapping[str, Any]
) -> BoundOperation:
    return engine.prepare(operation.text, operation.name, variables, grant)


async def _bind(
    plan: Plan, prepared: BoundOperation, engine: Engine, grant: Grant, live: Live
) -> PlanValues:
    """As a request does it, with the types of columns where these decide."""
    values = bind(
        plan,
        engine.schema,
        prepared.variables,
        prepared.literals,
        prepared.locate,
        grant.claims,
        prepared.page_size_max,
    )
    if plan.needs_types or plan.places_need_types:
        storage = await engine.types.read(live.database, live.deadline)
        values = replace(values, storage=storage)
    return values


async def _narrow(engine: Engine, whole: Grant, typical: Typical) -> Grant | None:
    """A caller for whom row rules hold, with claims that some rows have."""
    rules = [
        rule
        for table in engine.model.tables.values()
        for rule in table.row_rules
        if isinstance(rule, ClaimRule) and table.name in typical.live.tables
    ]
    if not rules:
        return None
    lifted = sum(1 << engine.access.number(each) for each in set(engine.model.access.lifting))
    claims = {rule.claim: await typical.claim(rule.column) for rule in rules}
    return replace(whole, satisfied=whole.satisfied & ~lifted, claims=claims)


def _distinct(variants: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for at, each in enumerate(variants) if each not in variants[:at]]


# ------------------------------------------------------------------------- statements, plans


def _parts(batch: Batch, wanted: BatchValues) -> Iterator[tuple[Batch, BatchValues]]:
    """A list as it is; one over several tables as one of each."""
    if batch.united is None:
        yield batch, wanted
        return
    own = dict(batch.united.parts)
    for rows in batch.rows_read.kinds:
        kind = rows.table.type_name
        order, sources = order_of(batch.order, kind), (Source(rows),)
        part = replace(batch, united=None, rows=own[kind], order=order, sources=sources)
        yield part, replace(wanted, chosen=of_type(wanted.chosen, kind))


def _path(operation: KnownOperation, batch: Batch, wanted: BatchValues) -> AccessPath:
    """The way by which one list of the operation reaches its rows."""
    direct = batch.path is None or batch.path.is_direct
    equal = list(batch.link_columns if direct else batch.path.hops[-1].references)  # type: ignore[union-attr]  # there is one
    ranges: list[str] = []
    arguments = []
    unserved = ""
    sorts = False
    for leaf in _together(wanted.chosen):
        used = leaf.filter
        arguments.append(used.argument)
        if used.column.stored_name is None or not used.operator.is_served:
            continue  # said of the list itself
        sorts = sorts or used.operator.takes_list
        kind = equal if used.operator.is_equality else ranges
        if used.column.stored_name not in kind:
            kind.append(used.column.stored_name)
    conditions = (*batch.rows.conditions, *batch.table.conditions)
    if batch.path is not None:
        conditions = batch.path.hops[-1].conditions
    fixed = [each.fixed or "" for each in conditions if is_fixed(each)]
    claimed = [
        guard.column.stored_name or ""
        for guard in batch.rows_read.guards
        if isinstance(guard, ClaimGuard)
    ]
    equal += [name for name in dict.fromkeys((*fixed, *claimed)) if name not in equal]
    order = (
        ()
        if batch.is_one or batch.is_computed or isinstance(batch.rows, GroupsField)
        else tuple(
            IndexColumn(term.column.stored_name or "", term.descending)
            for term in batch.order
            if term.column.stored_name not in equal
        )
    )
    lead = order[0].name if order and order[0].name in ranges else next(iter(ranges), None)
    lead = None if lead in equal else lead
    if sorts or (lead is not None and (not order or order[0].name != lead)):
        order = ()
    shown = [str(term) for term in batch.order if not term.is_added] or list(map(str, batch.order))
    return AccessPath(
        batch.table.name,
        tuple(equal),
        lead,
        order,
        f"{operation.name} {batch.field}",
        Origin(operation.file, Location(1, 1)),
        ", ".join(arguments),
        tuple(arguments),
        ", ".join(shown) if order else "",
        unserved,
    )


def _together(chosen: Condition) -> Iterator[Compare]:
    """The comparisons all of which hold; what is one of several, or not so, asks for no index."""
    if isinstance(chosen, Compare):
        yield chosen
    elif isinstance(chosen, And):
        for part in chosen.parts:
            yield from _together(part)


async def _plan(
    operation: KnownOperation, batch: Batch, what: str, statement: Statement, live: Live
) -> list[Finding]:
    """What the server reads for a statement of one list, if that is much."""
    lines = await live.explain(statement.text, *statement.parameters)
    is_page = not (what or batch.is_computed or batch.groups)
    lines = [line for line in lines if not (is_page and _ends_with_the_page(line))]
    worst = max(_read(lines), default=0)
    if worst <= FEW_ROWS:
        return []
    how = "; ".join(_line(line) for line in lines if _rows(line) == worst)
    return [
        Finding(
            kind=Kind.PLAN,
            about=f"{operation.name} {batch.field}{what}",
            message=f"the server's plan reads about {worst:,} rows ({how}) with typical values; "
            f"aurora-graphql explain shows the whole plan",
            origin=Origin(operation.file, Location(1, 1)),
            severity=Severity.by_rows(worst),
            table=batch.table.name,
        )
    ]


async def _statements(
    run: _Run, batch: Batch, typical: Typical
) -> AsyncIterator[tuple[str, Statement]]:
    wanted = run.values[batch.index]
    if wanted.matches_nothing:
        return
    keys = None
    if batch.path is not None:
        keys = await typical.keys(batch.link_table, batch.link_columns)
    if batch.reads_rows:
        for statement in compile_rows(run.plan, batch, run.values, keys):
            yield "", statement
    if wanted.facts and batch.parent is None:
        yield " totalCount", compile_facts(run.plan, batch, run.values)


def _read(lines: list[dict[str, str]]) -> Iterator[int]:
    """The rows of the tables that are read whole, or sorted."""
    for line in lines:
        is_sorted = "filesort" in line.get("Extra", "")
        if not line.get("table", "").startswith("<") and (line.get("type") in _WHOLE or is_sorted):
            yield _rows(line)


def _ends_with_the_page(line: Mapping[str, str]) -> bool:
    """Whether a line is an index that is read in its order, up to the last key of a page; its rows
    are those of the table all the same."""
    extra = line.get("Extra", "")
    is_chosen = any(word in extra for word in ("where", "filesort", "temporary"))
    return line.get("table") == "k" and line.get("type") == "index" and not is_chosen


def _rows(line: Mapping[str, str]) -> int:
    rows = line.get("rows", "")
    return int(rows) if rows.isdecimal() else 0


def _line(line: Mapping[str, str]) -> str:
    extra = f", {line['Extra']}" if line.get("Extra") else ""
    return f"type {line.get('type')} of {line.get('table')}{extra}"
