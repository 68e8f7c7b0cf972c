"""Run a plan's statements: parents first, siblings together. The only await on MySQL."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Coroutine, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain

from msgspec import Struct, field

from handler.compiler.aggregates import compile_totals
from handler.compiler.finished import FinishedStatements
from handler.compiler.plan import Batch, Plan
from handler.compiler.results import NO_ROWS, Results, Totals, row_keys
from handler.compiler.sql import ParentKey, compile_by_parent, compile_facts, compile_rows
from handler.compiler.values import BatchValues, PlanValues
from handler.errors import HandlerError
from handler.execution.collated import may_be_equal
from handler.scalars.single import shorten
from handler.sql.rowset import Row, RowSet
from handler.sql.statement import SqlValue, Statement
from handler.sql.stored_type import Kind
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import Database


async def run_plan(
    plan: Plan,
    values: PlanValues,
    database: Database,
    deadline: Deadline,
    finished: FinishedStatements | None = None,
) -> Results:
    """Fetch the rows of all batches that hang on the root. ``finished``: kept for this plan.

    A failure of the database stays with its batch, because the other fields still have answers.
    Raises ``BudgetError`` if the request reads more than it may.
    """
    statements = finished or FinishedStatements(plan, ())
    runner = _Runner(plan, values, database, deadline, statements)
    parts: list[Coroutine[None, None, None]] = []
    for batch in plan.batches:
        if batch.parent is None and batch.path is None:
            parts += runner.root(batch)
    if plan.totals:
        parts += runner.totals()
    match parts:
        case [only]:
            await only
        case _:
            await _together(parts)
    results = runner.results
    if results.failures or results.totals.failures:
        deadline.budget.check()
    return results


async def run_by_key(
    plan: Plan,
    keys: Mapping[int, Sequence[ParentKey]],
    values: PlanValues,
    database: Database,
    deadline: Deadline,
) -> Results:
    """Fetch the rows whose keys a resolver gave, by batch, and what hangs on them."""
    runner = _Runner(plan, values, database, deadline, FinishedStatements(plan, ()))
    await _together(runner.rows(plan.batches[batch], given) for batch, given in keys.items())
    return runner.results


class _Runner(Struct, eq=False):
    plan: Plan
    values: PlanValues
    database: Database
    deadline: Deadline
    finished: FinishedStatements
    results: Results = field(default_factory=Results)

    def root(self, batch: Batch) -> Sequence[Coroutine[None, None, None]]:
        """What has to be fetched of a batch that hangs on the root."""
        parts = (self.rows(batch, None),) if batch.reads_rows else ()
        if self.values.batches[batch.index].facts:
            return (_together((*parts, self.facts(batch))),)
        if batch.facts:
            self.results.facts[batch.index] = (b"0",) * len(batch.facts)
        return parts

    def totals(self) -> Iterator[Coroutine[None, None, None]]:
        """The values of the root, a statement for all that are made of the same rows."""
        count = len(self.plan.totals)
        self.results.totals = Totals([None] * count, [Kind.TEXT] * count)
        for numbers, statement in compile_totals(self.plan, self.values):
            yield self.total(numbers, statement)

    async def total(self, numbers: Sequence[int], statement: Statement) -> None:
        totals = self.results.totals
        try:
            found = await self.database.fetch(statement, self.deadline)
        except HandlerError as error:
            totals.failures.update(dict.fromkeys(numbers, error))
            return
        for number, kind, column in zip(numbers, found.kinds, found.columns, strict=True):
            slot = self.plan.totals[number]
            is_single = slot.is_single(None, self.values.storage)
            (totals.values[number],) = shorten(column) if is_single else column
            totals.kinds[number] = kind

    async def facts(self, batch: Batch) -> None:
        try:
            statement = compile_facts(self.plan, batch, self.values)
            found = await self.database.fetch(statement, self.deadline)
            self.results.facts[batch.index] = found.rows[0]
        except HandlerError as error:
            self.results.failures[batch.index] = error

    async def rows(
        self,
        batch: Batch,
        keys: Sequence[ParentKey] | None,
        stored: Sequence[Row] = (),
        tries: int = 3,
    ) -> None:
        """``keys``: those of the parents, and ``stored`` the same as the server sent them.

        ``tries``: how often a page of rows of several tables is looked for, if some of them are
        deleted between its statement and those for the rows.
        """
        results = self.results
        wanted = self.values.batches[batch.index]
        if wanted.matches_nothing or keys == []:
            results.rows[batch.index] = NO_ROWS
        else:
            try:
                if keys is None or (len(stored) == 1 and not batch.place):
                    most = self.deadline.budget.rows_left + 1
                    (statement,) = self.finished.rows(batch, self.values, keys, most)
                    found = await self.database.fetch(statement, self.deadline)
                else:
                    found = await self._fetch(batch, keys, stored)
            except HandlerError as error:
                results.failures[batch.index] = error
                return
            if self.values.storage.columns:
                found = self._shorten(batch, found)
            results.rows[batch.index] = found
            if len(stored) == 1:  # whatever the server takes for equal, there is no other parent
                results.only_parent[batch.index] = stored[0]
        if not batch.children:
            return
        batches = self.plan.batches
        children = [each for number in batch.children if (each := batches[number]).reads_rows]
        if not children:
            return
        shown = _shown(results, batch, wanted)
        match [self.children(each, shown) for each in children]:
            case [only]:
                await only
            case parts:
                await _together(parts)
        if batch.united and tries > 1 and self._lacks_rows(batch, shown):
            await self.rows(batch, keys, stored, tries - 1)

    def children(self, batch: Batch, parents: RowSet) -> Coroutine[None, None, None]:
        """Fetches the rows that belong to the rows of another batch."""
        if batch.only is not None and parents.count:
            parents = _of_types(parents, *batch.only)
        stored = parent_keys(parents, batch.parent_slots)
        if self.values.storage.unfit_keys:
            stored = [key for key in stored if self._can_be_held(batch, key)]
        return self.rows(batch, _parameters(parents, batch.parent_slots, stored), stored)

    def _lacks_rows(self, united: Batch, parents: RowSet) -> bool:
        """Whether a row is gone whose key was found."""
        found = self.results.rows
        return any(
            number in found
            and found[number].count
            < len(parent_keys(parents, self.plan.batches[number].parent_slots))
            for number in united.children
        )

    def _can_be_held(self, batch: Batch, key: Row) -> bool:
        """Whether the children's columns have all characters of a parent's key."""
        unfit = self.values.storage.unfit_keys
        return not any(
            (batch.link_table, name, (part or b"").decode("utf-8", "replace")) in unfit
            for name, part in zip(batch.link_columns, key, strict=True)
        )

    async def _fetch(
        self, batch: Batch, keys: Sequence[ParentKey], stored: Sequence[Row]
    ) -> RowSet:
        """The rows of parents, and whose they are if their own bytes do not tell.

        The server compares by collations and types, this program by bytes. Where they may differ,
        each row is asked for with its parent's number, by a second statement if it shows late.
        """
        for known in (self.results.owners, self.results.only_parent):
            known.pop(batch.index, None)  # of a try before
        # What a link table holds twice must not be skipped twice, which nobody would see.
        is_distinct = batch.place != () and self.values.batches[batch.index].offset > 0
        if len(stored) > 1 and not _is_binary(keys) and may_be_equal(stored):
            return await self._fetch_by_parent(batch, keys, stored, is_distinct=is_distinct)
        if is_distinct:
            return await self._fetch_distinct(batch, keys, stored)
        most = self.deadline.budget.rows_left + 1
        asked = self.finished.rows(batch, self.values, keys, most)
        found = await self._fetch_parts(asked)
        if _repeats(batch, found, batch.link):
            return await self._fetch_distinct(batch, keys, stored)
        if len(stored) > 1 and not _are_of(found, batch.link, stored):
            return await self._fetch_by_parent(batch, keys, stored)
        if len(keys) > 1 and self._may_lack_rows(batch, found, len(keys), len(asked)):
            most = self.deadline.budget.rows_left + 1
            bounded = compile_rows(
                self.plan, batch, self.values, keys, bounds_each=True, most_rows=most
            )
            found = await self._fetch_parts(bounded)
            if _repeats(batch, found, batch.link):
                return await self._fetch_distinct(batch, keys, stored)
        return found

    async def _fetch_distinct(
        self, batch: Batch, keys: Sequence[ParentKey], stored: Sequence[Row]
    ) -> RowSet:
        """Each row once, though its link table holds it twice, for want of a unique index."""
        most = self.deadline.budget.rows_left + 1
        asked = compile_rows(self.plan, batch, self.values, keys, is_distinct=True, most_rows=most)
        found = await self._fetch_parts(asked)
        if len(stored) > 1 and not _are_of(found, batch.link, stored):
            return await self._fetch_by_parent(batch, keys, stored, is_distinct=True)
        return found

    async def _fetch_by_parent(
        self,
        batch: Batch,
        keys: Sequence[ParentKey],
        stored: Sequence[Row],
        *,
        is_distinct: bool = False,
    ) -> RowSet:
        most = self.deadline.budget.rows_left + 1
        statements = compile_by_parent(
            self.plan, batch, self.values, keys, is_distinct=is_distinct, most_rows=most
        )
        found = await self._fetch_parts(statements)
        if not is_distinct and _repeats(batch, found, (len(batch.slots),)):
            return await self._fetch_by_parent(batch, keys, stored, is_distinct=True)
        *columns, numbers = found.columns
        self.results.owners[batch.index] = [stored[int(number or 0)] for number in numbers]
        return RowSet(found.kinds[:-1], columns, wire_bytes=found.wire_bytes)

    async def _fetch_parts(self, statements: Sequence[Statement]) -> RowSet:
        if len(statements) == 1:
            return await self.database.fetch(statements[0], self.deadline)
        tries = await asyncio.gather(  # all end before this does, also when one fails
            *(self.database.fetch(statement, self.deadline) for statement in statements),
            return_exceptions=True,
        )
        failed = [each for each in tries if isinstance(each, BaseException)]
        if any(not isinstance(each, HandlerError) for each in failed):
            raise BaseExceptionGroup("several statements", failed)
        if failed:
            raise failed[0]
        parts = [each for each in tries if isinstance(each, RowSet)]
        columns = zip(*(part.columns for part in parts), strict=True)
        return RowSet(
            parts[0].kinds,
            [list(chain.from_iterable(column)) for column in columns],
            wire_bytes=sum(part.wire_bytes or 0 for part in parts),
        )

    def _shorten(self, batch: Batch, found: RowSet) -> RowSet:
        """FLOAT columns, which are read with all digits, by as many as are shown."""
        columns = [
            shorten(column) if slot.is_single(batch, self.values.storage) else column
            for slot, column in zip(batch.slots, found.columns, strict=True)
        ]
        return RowSet(found.kinds, columns, found.names)  # FLOATs may have grown

    def _may_lack_rows(self, batch: Batch, found: RowSet, parents: int, statements: int) -> bool:
        """Whether a plain list that holds too many rows may have taken the room of others."""
        size = self.values.batches[batch.index].size
        if batch.rows.paging or found.count <= size:
            return False
        if statements == 1 and found.count <= size * parents:
            return False  # there was room for one more
        counts = Counter(row_keys(found, batch.link))
        return max(counts.values()) > size


async def _together(parts: Iterable[Coroutine[None, None, None]]) -> None:
    """Await all; a single one without the cost of a task.

    One that fails does not end the others: a statement that is cut costs its connection.
    """
    waiting = list(parts)
    if len(waiting) == 1:
        await waiting[0]
        return
    for outcome in await asyncio.gather(*waiting, return_exceptions=True):
        if outcome is not None:
            raise outcome


def _is_binary(keys: Sequence[ParentKey]) -> bool:
    """Whether the server compares the keys byte by byte, as this program does."""
    return all(isinstance(part, bytes) for part in keys[0])


def _are_of(found: RowSet, link: tuple[int, ...], stored: Sequence[Row]) -> bool:
    """Whether each row has the key of one of the parents, byte by byte."""
    match link:
        case (slot,) if found.columns:  # without a tuple for each row
            (parents,) = zip(*stored, strict=True)
            return set(parents).issuperset(found.columns[slot])
    return set(stored).issuperset(row_keys(found, link))


def _repeats(batch: Batch, found: RowSet, parent: tuple[int, ...]) -> bool:
    """Whether a row of a parent comes twice; ``parent``: what tells whose it is."""
    if not batch.place:
        return False
    return len(set(row_keys(found, (*parent, *batch.place)))) < found.count


def _shown(results: Results, batch: Batch, wanted: BatchValues) -> RowSet:
    """The rows without the one more of each page, whose children nobody asked for."""
    found, size = results.rows[batch.index], wanted.size
    if not batch.link or batch.index in results.only_parent:
        if not wanted.more:
            return found
        return RowSet(found.kinds, [column[:size] for column in found.columns])
    counts: dict[Row, int] = {}
    shown = []
    for number, key in enumerate(results.owners_of(batch)):
        counts[key] = count = counts.get(key, 0) + 1
        if count <= size:
            shown.append(number)
    if len(shown) == found.count:
        return found
    return RowSet(found.kinds, [[column[number] for number in shown] for column in found.columns])


def _of_types(found: RowSet, slot: int, types: Collection[bytes]) -> RowSet:
    """The rows of some of the types that are told apart by a slot."""
    numbers = [number for number, each in enumerate(found.columns[slot]) if each in types]
    return RowSet(found.kinds, [[column[number] for number in numbers] for column in found.columns])


def parent_keys(found: RowSet, slots: tuple[int, ...]) -> list[Row]:
    """The distinct keys that lead on from rows, in order; a NULL leads nowhere."""
    return [key for key in dict.fromkeys(row_keys(found, slots)) if None not in key]


def _parameters(found: RowSet, slots: tuple[int, ...], keys: Iterable[Row]) -> Sequence[ParentKey]:
    """Keys as parameters, column by column: what a value becomes depends on its column alone."""
    columns = [
        map(_READERS[found.kinds[slot]], column)
        for slot, column in zip(slots, zip(*keys, strict=True), strict=False)
    ]
    return list(zip(*columns, strict=True))


# A column's text as a parameter of its own type, so that an index serves the comparison.
_READERS: Mapping[Kind, Callable[[bytes], SqlValue]] = {
    Kind.INTEGER: int,
    Kind.DECIMAL: lambda value: Decimal(value.decode()),
    Kind.FLOAT: float,
    Kind.BYTES: bytes,
    Kind.TEXT: bytes.decode,
}
