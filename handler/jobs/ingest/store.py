"""The tables of a mapping: what is known of a batch's rows, and its upserts in one transaction."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pymysql.err
from pymysql.constants import ER

from handler.jobs.ingest.facts import ReadLine, Register
from handler.jobs.ingest.report import Tally
from handler.jobs.ingest.table import Identity, Row, Table, row_text, select_text, upsert_text
from handler.sql.names import quote
from handler.stores.mysql.session import Session

KEYS_PER_SELECT = 500  # MariaDB turns an IN list of 1,000 and more into a join
ROWS_PER_UPSERT = 1_000
ROWS_REMEMBERED = 20_000  # of each table
TRIES = 6
PAUSE_S = 0.05

_AGAIN = frozenset({ER.LOCK_DEADLOCK, ER.LOCK_WAIT_TIMEOUT})


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What one batch did."""

    tallies: dict[str, Tally]
    replaced: Counter[str]


class Store:
    """Writes batches through one session, as the only writer of the tables.

    It remembers rows of late, so that a product of every second line is not looked up again and
    again.
    """

    def __init__(self, session: Session, tables: Sequence[Table]) -> None:
        self._session = session
        self._tables = tables
        self._referred = {each.table for table in tables for each in table.borrowed.values()}
        self._recent: dict[str, dict[Identity, Row]] = {table.name: {} for table in tables}
        self._weights: dict[tuple[str, str], str] = {}  # by collation and text

    async def load(self, lines: Sequence[ReadLine]) -> BatchResult:
        """Write a batch as a whole, or nothing of it; again after a deadlock.

        Raises ``pymysql.err.Error``.
        """
        attempt = 0
        while True:
            attempt += 1
            await self._session.begin()
            try:
                result, known = await self._write(lines)
                await self._session.commit()
            except pymysql.err.Error as error:
                again = isinstance(error, pymysql.err.OperationalError) and error.args[0] in _AGAIN
                if again and attempt < TRIES:
                    await self._session.rollback()
                    pause_s = PAUSE_S * 2**attempt * random.uniform(0.5, 1)  # noqa: S311
                    await asyncio.sleep(pause_s)
                    continue
                raise
            else:
                for name, rows in known.items():
                    self._remember(name, rows)
                return result

    async def give_up(self) -> None:
        """End the transaction of a batch that failed, so that a part of it can be tried."""
        await self._session.rollback()

    async def _write(
        self, lines: Sequence[ReadLine]
    ) -> tuple[BatchResult, dict[str, dict[Identity, Row]]]:
        result = BatchResult({}, Counter())
        known: dict[str, dict[Identity, Row]] = {}
        named: dict[str, list[Identity]] = {}  # what each line says of tables that are referred to
        for table in self._tables:
            rows = self._rows_of(table, lines, known, named)
            identities = await self._identities(table, rows)
            if table.name in self._referred:
                named[table.name] = identities
            stored: dict[Identity, Row] = {}
            if table.is_looked_up or table.name in self._referred:
                keys = {
                    identity: row[: table.key_columns]
                    for identity, row in zip(identities, rows, strict=True)
                    if identity is not None
                }
                stored = await self._known(table, keys)
            register = Register(table, stored)
            for identity, row in zip(identities, rows, strict=True):
                if identity is not None:
                    register.note(identity, row)
            new, changed = register.different()
            tally = result.tallies[table.name] = Tally()
            await self._upsert(table, new, tally, is_new=True)
            await self._upsert(table, changed, tally, is_new=False)
            result.replaced.update(register.replaced)
            if table.is_looked_up or table.name in self._referred:
                known[table.name] = {**stored, **register.rows}
            if table.name in self._referred and new:
                await self._read_back(table, known[table.name], stored)
        return result, known

    def _rows_of(
        self,
        table: Table,
        lines: Sequence[ReadLine],
        known: Mapping[str, Mapping[Identity, Row]],
        named: Mapping[str, Sequence[Identity]],
    ) -> list[Row]:
        take = table.taker()
        rows = [take(line.values) for line in lines]
        for at, borrowed in table.borrowed.items():
            source = next(each for each in self._tables if each.name == borrowed.table)
            place = (*source.columns, *source.reads).index(borrowed.column)
            found = known[borrowed.table]
            for number, identity in enumerate(named[borrowed.table]):
                value = None if identity is None else found[identity][place]
                rows[number] = (*rows[number][:at], value, *rows[number][at + 1 :])
        return rows

    async def _identities(self, table: Table, rows: Sequence[Row]) -> list[Identity]:
        """What tells each row from others, None for a row without a key."""
        tell = table.identifier()
        width = table.key_columns
        if not table.weighed:
            if not table.is_optional:
                return list(map(tell, rows))
            return [None if None in row[:width] else tell(row) for row in rows]
        for at, collation in table.weighed.items():
            await self._weigh(collation, {str(row[at]) for row in rows if row[at] is not None})
        weights = self._weights
        found: list[Identity] = []
        for row in rows:
            if None in row[:width]:
                found.append(None)
                continue
            key: list[Any] = list(row[:width])
            for at, collation in table.weighed.items():
                key[at] = weights[collation, str(key[at])]
            found.append(tell(key))
        return found

    async def _weigh(self, collation: str, texts: Collection[str]) -> None:
        """Ask the database which texts are one value for it."""
        missing = sorted(text for text in texts if (collation, text) not in self._weights)
        if len(self._weights) > 4 * ROWS_REMEMBERED:
            self._weights.clear()
            missing = sorted(texts)
        charset = collation.partition("_")[0]
        each = f"HEX(WEIGHT_STRING(CONVERT(%s USING {quote(charset)}) COLLATE {quote(collation)}))"
        for some in _chunks(missing, KEYS_PER_SELECT):
            text = f"SELECT {', '.join([each] * len(some))}"
            (row,) = (await self._session.execute(text, some)).rows
            for value, weight in zip(some, row, strict=True):
                self._weights[collation, value] = str(weight)

    def _remember(self, name: str, rows: Mapping[Identity, Row]) -> None:
        recent = self._recent[name]
        if len(recent) > ROWS_REMEMBERED:
            recent.clear()
        recent.update(rows)

    async def _known(self, table: Table, keys: Mapping[Identity, Row]) -> dict[Identity, Row]:
        recent = self._recent[table.name]
        known = {identity: recent[identity] for identity in keys if identity in recent}
        missing = sorted(keys.keys() - known.keys())
        known.update(await self._select(table, [keys[each] for each in missing]))
        return known

    async def _select(self, table: Table, keys: Iterable[Row]) -> dict[Identity, Row]:
        found: list[Row] = []
        for some in _chunks(keys, KEYS_PER_SELECT):
            values = [value for key in some for value in key]
            outcome = await self._session.execute(select_text(table, len(some)), values)
            found += [table.to_known(row) for row in outcome.rows]
        return dict(zip(await self._identities(table, found), found, strict=True))

    async def _read_back(
        self, table: Table, known: dict[Identity, Row], stored: Mapping[Identity, Row]
    ) -> None:
        """Ask for what the database has filled in itself."""
        if table.reads:
            keys = [row[: table.key_columns] for each, row in known.items() if each not in stored]
            known.update(await self._select(table, keys))

    async def _upsert(
        self, table: Table, rows: Iterable[Row], tally: Tally, *, is_new: bool
    ) -> None:
        for some in _chunks(rows, ROWS_PER_UPSERT):
            written = [table.to_stored(row) for row in some]
            texts: tuple[str, ...] | int = len(written)
            if table.defaulted:
                places = [
                    frozenset(at for at in table.defaulted if row[at] is None) for row in written
                ]
                texts = tuple(row_text(len(table.columns), each) for each in places)
                values = [
                    value
                    for row, each in zip(written, places, strict=True)
                    for at, value in enumerate(row)
                    if at not in each
                ]
            else:
                values = [value for row in written for value in row]
            text = upsert_text(table, texts, is_new=is_new)
            outcome = await self._session.execute(text, values)
            tally.new += outcome.inserted
            tally.changed += outcome.changed


def _chunks(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    source = iter(items)
    while some := list(itertools.islice(source, size)):
        yield some
