"""The four tables: what is known of a batch's things, and its upserts in one transaction."""

from __future__ import annotations

import asyncio
import functools
import itertools
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pymysql.err
from pymysql.constants import ER

from handler.jobs.ingest.facts import Changes, NumberedLine, Row, Stored, gather
from handler.jobs.ingest.report import Tally
from handler.stores.mysql.session import Session

KEYS_PER_SELECT = 500  # MariaDB turns an IN list of 1,000 and more into a join
ROWS_PER_UPSERT = 1_000
ROWS_REMEMBERED = 20_000  # of each table
TRIES = 6
PAUSE_S = 0.05

_AGAIN = frozenset({ER.LOCK_DEADLOCK, ER.LOCK_WAIT_TIMEOUT})


@dataclass(frozen=True)
class Table:
    """One table: the first ``key_columns`` columns are its key.

    ``named_by_key`` is a column that may not be null and takes the key where no line knows better.
    """

    name: str
    columns: tuple[str, ...]
    key_columns: int = 1
    named_by_key: str | None = None

    def select(self, count: int) -> str:
        """Text of the look-up of ``count`` keys."""
        return (
            f"SELECT {', '.join(self.columns)} FROM {self.name} "  # noqa: S608 # names of our own
            f"WHERE {self.columns[0]} IN ({', '.join(['%s'] * count)})"
        )

    def upsert(self, count: int) -> str:
        """Text of the upsert of ``count`` rows."""
        row = f"({', '.join(['%s'] * len(self.columns))})"
        facts = ", ".join(f"{name} = VALUES({name})" for name in self.columns[self.key_columns :])
        return (
            f"INSERT INTO {self.name} ({', '.join(self.columns)}) "  # noqa: S608 # names of our own
            f"VALUES {', '.join([row] * count)} ON DUPLICATE KEY UPDATE {facts}"
        )

    def to_known(self, row: Row) -> Row:
        """A stored row without its key; a name that is only the key is not known."""
        if self.named_by_key is not None:
            at = self.columns.index(self.named_by_key)
            if row[at] == row[0]:
                row = (*row[:at], None, *row[at + 1 :])
        return row[1:]

    def to_stored(self, row: Row) -> Row:
        """The row to write: the key where the name is not known."""
        if self.named_by_key is not None:
            at = self.columns.index(self.named_by_key)
            if row[at] is None:
                return (*row[:at], row[0], *row[at + 1 :])
        return row


CUSTOMERS = Table("customers", ("customer_id", "name", "country"))
PRODUCTS = Table("products", ("product_id", "product_name", "price"), named_by_key="product_name")
ORDERS = Table(
    "orders", ("order_id", "order_ref", "ordered_at", "customer_id"), named_by_key="order_ref"
)
ITEMS = Table(
    "order_items",
    ("order_id", "order_item_id", "product_id", "quantity", "unit_price", "discount"),
    key_columns=2,
)
TABLES = (CUSTOMERS, PRODUCTS, ORDERS, ITEMS)  # what is referred to comes first


@functools.lru_cache(maxsize=64)
def _text(table: Table, verb: str, count: int) -> str:
    return table.select(count) if verb == "select" else table.upsert(count)


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

    def __init__(self, session: Session) -> None:
        self._session = session
        self._recent: dict[str, dict[str, Row]] = {table.name: {} for table in TABLES}

    async def load(self, lines: Sequence[NumberedLine]) -> BatchResult:
        """Write a batch as a whole, or nothing of it; again after a deadlock.

        Raises ``pymysql.err.Error``.
        """
        attempt = 0
        while True:
            attempt += 1
            await self._session.begin()
            try:
                stored, changes, tallies = await self._write(lines)
                await self._session.commit()
            except pymysql.err.OperationalError as error:
                if error.args[0] not in _AGAIN or attempt == TRIES:
                    raise
                await self._session.rollback()
                await asyncio.sleep(PAUSE_S * 2**attempt * random.uniform(0.5, 1))  # noqa: S311
            else:
                self._remember(CUSTOMERS, stored.customers, changes.customers)
                self._remember(PRODUCTS, stored.products, changes.products)
                self._remember(ORDERS, stored.orders, changes.orders)
                return BatchResult(tallies, changes.replaced)

    async def _write(
        self, lines: Sequence[NumberedLine]
    ) -> tuple[Stored, Changes, dict[str, Tally]]:
        stored = Stored(
            await self._known(CUSTOMERS, {each.line.customer_id for each in lines}),
            await self._known(PRODUCTS, {each.line.product_id for each in lines}),
            await self._known(ORDERS, {each.line.order_id for each in lines}),
        )
        changes = gather(lines, stored)
        rows = (changes.customers, changes.products, changes.orders, changes.items)
        tallies = {
            table.name: await self._upsert(table, some)
            for table, some in zip(TABLES, rows, strict=True)
        }
        return stored, changes, tallies

    def _remember(self, table: Table, stored: Mapping[str, Row], written: Iterable[Row]) -> None:
        recent = self._recent[table.name]
        if len(recent) > ROWS_REMEMBERED:
            recent.clear()
        recent.update(stored)
        recent.update((str(row[0]), row[1:]) for row in written)

    async def _known(self, table: Table, keys: set[str]) -> dict[str, Row]:
        recent = self._recent[table.name]
        known = {key: recent[key] for key in keys if key in recent}
        for some in _chunks(sorted(keys - known.keys()), KEYS_PER_SELECT):
            outcome = await self._session.execute(_text(table, "select", len(some)), some)
            known.update((str(row[0]), table.to_known(row)) for row in outcome.rows)
        return known

    async def _upsert(self, table: Table, rows: Iterable[Row]) -> Tally:
        tally = Tally()
        for some in _chunks(rows, ROWS_PER_UPSERT):
            values = [value for row in some for value in table.to_stored(row)]
            outcome = await self._session.execute(_text(table, "upsert", len(some)), values)
            tally.new += outcome.inserted
            tally.changed += outcome.changed
        return tally


def _chunks(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    source = iter(items)
    while some := list(itertools.islice(source, size)):
        yield some
