"""Run a plan knowing what the database says of its columns, where the plan depends on it.

Most plans do not, and nothing is asked for them. The types are read once, and again after a while:
a migration may change them. Which characters a column can hold is asked when the server has
refused a text, for that text: no row has it, and the plan is run again.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from handler.compiler.comparison import Compare
from handler.compiler.cursor import refused_cursor
from handler.compiler.finished import FinishedStatements
from handler.compiler.plan import Plan, Slot
from handler.compiler.results import Results, Totals
from handler.compiler.storage import UNKNOWN, Storage
from handler.compiler.values import BatchValues, PlanValues
from handler.compiler.visible import ClaimGuard
from handler.errors import HandlerError, InputError
from handler.execution.run import run_plan
from handler.model.column import Column, ColumnRef
from handler.model.conditions import And, Condition
from handler.model.groups import GroupColumn
from handler.model.lists import Order
from handler.model.model import Model
from handler.model.united import UnitedColumn
from handler.scalars.string import is_impossible
from handler.sql.statement import SqlValue
from handler.stores.deadline import Deadline
from handler.stores.mysql.column_types import Writing, find_lost, read_types
from handler.stores.mysql.database import Database, UnfitTextError
from handler.stores.request_budget import RequestBudget

KEPT_S: Final = 300.0


class StoredTypes(Struct, eq=False):
    """The types of the columns behind a model, read when first needed."""

    _model: Model
    _clock: Callable[[], float] = time.monotonic
    _storage: Storage = UNKNOWN
    _read_at_s: float = -KEPT_S

    async def read(self, database: Database, deadline: Deadline) -> Storage:
        """What the database says. Raises ``UpstreamError`` if it cannot be asked."""
        if self._clock() - self._read_at_s < KEPT_S:
            return self._storage
        model = self._model
        tables = {table.name for table in (*model.tables.values(), *model.links.values())}
        # What is read for all requests is nothing that one of them has asked for.
        unbounded = deadline.bounded(RequestBudget())
        found = await read_types(tables, database, unbounded)
        known = Storage(found.columns)
        grouped = {
            (column.table, (column.stored_name or "").lower()): stored
            for groups in model.groups.values()
            for column in groups.of_kind(GroupColumn).values()
            if (stored := column.kept(known)) is not None
        }
        self._storage = Storage({**found.columns, **grouped}, is_mariadb=found.is_mariadb)
        self._read_at_s = self._clock()
        return self._storage


async def run_knowing(
    plan: Plan,
    values: PlanValues,
    database: Database,
    deadline: Deadline,
    types: StoredTypes,
    finished: FinishedStatements | None = None,
) -> tuple[PlanValues, Results]:
    """The values with what had to be known of the columns, and what the plan gave with them."""
    try:
        if plan.needs_types or (plan.places_need_types and values.starts_inside):
            values = replace(values, storage=await types.read(database, deadline))
    except HandlerError as error:
        return values, _failed(plan, error)
    results = await run_plan(plan, values, database, deadline, finished)
    if plan.places_need_types and values.storage.columns:
        results.failures |= _forged(plan, values)
    has_failed = results.failures or results.totals.failures
    if not has_failed or not any(isinstance(each, UnfitTextError) for each in results.errors):
        return values, results
    try:
        storage = await types.read(database, deadline)
        texts = [*_texts(plan, values), *_keys(plan, results)]
        lost = await _lost(texts, storage, database, deadline)
    except HandlerError as error:
        return values, _failed(plan, error)
    unfit = frozenset(
        (each.column.table, each.column.field, each.text)
        for each in lost
        if isinstance(each.column, Column)
    )
    keys = frozenset((*each.column, each.text) for each in lost if isinstance(each.column, tuple))
    known = replace(values, storage=replace(storage, unfit=unfit, unfit_keys=keys))
    refused, totals = _refused(plan, known)
    if not lost and not refused and not totals and values.storage is storage:
        return values, results  # something else is wrong with the statement
    values = known
    again = await run_plan(plan, values, database, deadline)
    again.failures |= refused
    again.totals.failures |= totals
    return values, again


def _failed(plan: Plan, error: HandlerError) -> Results:
    totals = Totals(failures=dict.fromkeys(range(len(plan.totals)), error))
    return Results(failures={batch.index: error for batch in plan.batches}, totals=totals)


# ------------------------------------------------------------------------------ unfit texts


class _Text(Struct, frozen=True):
    """A text that a column is compared with: one of a field, or one of a table that is linked."""

    column: Column | tuple[str, str]
    text: str


def _texts(plan: Plan, given: PlanValues) -> Iterator[_Text]:
    """All of one request; those of resolvers' own SQL are not known here."""
    for chosen in (*(batch.chosen for batch in given.batches), *given.choices):
        for leaf in chosen.leaves():
            if isinstance(leaf, Compare):
                yield from _of(leaf.filter.column, leaf.value)
    for batch in plan.batches:
        for term, part in _places(batch.order, given[batch.index]):
            yield from _of(term, part)
    for rows in plan.all_read():
        for guard in rows.leaves():
            if isinstance(guard, ClaimGuard):
                yield from _of(guard.column, given.claims.get(guard.claim))
            for leaf in guard.leaves():
                if isinstance(leaf, Compare):
                    yield from _of(leaf.filter.column, leaf.value)


def _keys(plan: Plan, results: Results) -> Iterator[_Text]:
    """Texts of parents, with which the columns of their children are compared."""
    for batch in plan.batches:
        if batch.parent is None or not isinstance(
            results.failures.get(batch.index), UnfitTextError
        ):
            continue
        parents = results.rows[batch.parent]
        for slot, name in zip(batch.parent_slots, batch.link_columns, strict=True):
            for part in set(parents.columns[slot]) if parents.count else ():
                if part is not None and not part.isascii():
                    yield _Text((batch.link_table, name), part.decode("utf-8", "replace"))


def _of(column: Column, part: SqlValue | tuple[SqlValue, ...]) -> Iterator[_Text]:
    for item in part if isinstance(part, tuple) else (part,):
        if isinstance(item, str):
            yield from (_Text(own, item) for own in _tables_own(column))


def _tables_own(column: Column) -> Collection[Column]:
    """The columns of tables that a column is: of one of several tables those of all."""
    return column.by_type.values() if isinstance(column, UnitedColumn) else (column,)


def _places(order: Order, given: BatchValues) -> Iterator[tuple[Column, SqlValue]]:
    """Columns of an order and their values in the cursors of a request."""
    for position in (given.after, given.before):
        if position is not None:
            yield from zip([term.column.held for term in order], position, strict=True)


async def _lost(
    texts: Iterable[_Text], storage: Storage, database: Database, deadline: Deadline
) -> list[_Text]:
    """Those of the texts that their columns cannot hold."""
    wanted: dict[Writing, list[_Text]] = {}
    for found in texts:
        if found.text.isascii():
            continue
        for characters in _character_sets(found.column, storage):
            wanted.setdefault((characters, found.text), []).append(found)
    lost = await find_lost(wanted, database, deadline)
    return [found for writing in lost for found in wanted[writing]]


def _character_sets(column: Column | tuple[str, str], storage: Storage) -> Iterator[str]:
    stored_names = (
        [column]
        if isinstance(column, tuple)
        else [(column.table, part.name) for part in column.parts if isinstance(part, ColumnRef)]
    )
    for table, stored_name in stored_names:
        stored = storage.find(table, stored_name)
        name = stored.character_set if stored and not stored.holds_all else None
        if name and re.fullmatch(r"\w+", name):
            yield name


def _refused(
    plan: Plan, given: PlanValues
) -> tuple[dict[int, HandlerError], dict[int, HandlerError]]:
    """By batch, and by total: what cannot be answered by "no row", because it asks for rows beyond
    a text."""
    batches = {
        batch.index: refused
        for batch in plan.batches
        for refused in _beyond(batch.field, [given[batch.index].chosen], batch.slots, given)
    }
    totals = {
        number: refused
        for number, slot in enumerate(plan.totals)
        for refused in _beyond(f"{slot.made.way[0].owner}.{slot.made.field}", [], [slot], given)
    }
    return batches | _forged(plan, given), totals


def _beyond(
    name: str, chosen: Sequence[Condition], slots: Sequence[Slot], given: PlanValues
) -> Iterator[HandlerError]:
    """Of what a request chooses for one field and for the values in its rows."""
    choosers = [slot.chosen_by() for slot in slots]
    more = [given.choices[chooser] for chooser in choosers if chooser is not None]
    for leaf in And((*chosen, *more)).leaves():
        if not isinstance(leaf, Compare):
            continue
        used = leaf.filter
        own = _tables_own(used.column)
        if used.operator.is_range and any(given.storage.lacks(c, leaf.value) for c in own):
            yield InputError(
                f"{name}: argument {used.argument!r} has a character that {used.column.field} "
                f"cannot hold, so no row comes before or after it; leave the character out"
            )


def _forged(plan: Plan, given: PlanValues) -> dict[int, HandlerError]:
    """By batch: cursors with a value that their column cannot hold, so that no answer gave them."""
    return {
        batch.index: refused_cursor()
        for batch in plan.batches
        if any(
            _is_forged(column, part, given.storage)
            for column, part in _places(batch.order, given[batch.index])
        )
    }


def _is_forged(column: Column, part: SqlValue, storage: Storage) -> bool:
    own = _tables_own(column)
    is_lost = bool(own) and all(storage.lacks(each, part) for each in own)
    return is_lost or is_impossible(storage.of(column), part)
