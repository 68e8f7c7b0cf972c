"""Statements for rows of several tables: the types and keys of a page are found in one, of which
each table is a part with an order and a limit of its own, so that an index of it serves it.

    SELECT t0.`type of row`, t0.`Call.id`, t0.`Visit.id`, t0.`at` FROM (
      (SELECT 0 AS `type of row`, k.`id` AS `Call.id`, NULL AS `Visit.id`, k.`called_at` AS `at`
        FROM `calls` k ORDER BY k.`called_at`, k.`id` LIMIT 11)
      UNION ALL (SELECT 1, NULL, k.`id`, k.`came_at` FROM `visits` k ... LIMIT 11)
    ) t0 ORDER BY t0.`at`, t0.`type of row`, t0.`Call.id`, t0.`Visit.id` LIMIT 11
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from handler.compiler.keyset import Position, Range, at_place, ranges
from handler.compiler.visible import VisibleRows
from handler.model.column import Column
from handler.model.conditions import NEVER, And, Condition, Or
from handler.model.lists import Order
from handler.model.search import Relevance
from handler.model.sort_keys import exact
from handler.model.united import TYPE, UnitedColumn, UnitedTable, of_type
from handler.sql.names import quote
from handler.sql.statement import Sql, join, sql, value

if TYPE_CHECKING:
    from handler.compiler.plan import Batch
    from handler.compiler.sql import StatementWriter

_NULL = Sql("NULL")
NO_SKIP_SCAN = "/*+ NO_SKIP_SCAN(k) */ "  # as in ``sql.py``


def compile_united(writer: StatementWriter, batch: Batch) -> Sql:
    """The types and keys of the rows of a page."""
    wanted = writer.given[batch.index]
    parts = [part for one in _types(writer, batch) for part in one.pages()]
    return sql(
        "SELECT ",
        join(", ", [sql(slot.sql(writer, batch)) for slot in batch.slots]),
        " FROM (",
        join(" UNION ALL ", parts),
        ") t0 ORDER BY ",
        writer.order(batch, "t0", backward=wanted.is_backward),
        " LIMIT ",
        value(int(min(wanted.size + wanted.more, writer.most_rows))),
        *((" OFFSET ", value(wanted.offset)) if wanted.offset else ()),
    )


def count_united(writer: StatementWriter, batch: Batch) -> Sql:
    """How many rows there are in all tables."""
    counts = [
        sql("(SELECT COUNT(*)", writer.from_(one.rows, "k", one.chosen()), ")")
        for one in _types(writer, batch)
    ]
    return sql("(", join(" + ", counts), ")")


def has_united_beyond(writer: StatementWriter, batch: Batch) -> Sql:
    """Whether rows are behind the one at which a page begins, or at it."""
    found = [
        sql("EXISTS (SELECT 1", writer.from_(one.rows, "k", [*one.chosen(), *one.skipped()]), ")")
        for one in _types(writer, batch)
    ]
    return sql("(", join(" OR ", found), ")")


def _types(writer: StatementWriter, batch: Batch) -> Iterator[_OneType]:
    table = batch.table
    assert isinstance(table, UnitedTable)
    for rows in batch.rows_read.kinds:
        yield _OneType(writer, batch, rows, table, table.kinds.index(rows.table.type_name))


class _OneType(Struct):
    """The part of one table in a statement."""

    writer: StatementWriter
    batch: Batch
    rows: VisibleRows
    table: UnitedTable
    number: int

    def chosen(self) -> list[Sql]:
        """What the request asks of the rows."""
        chosen = of_type(self.writer.given[self.batch.index].chosen, self.rows.table.type_name)
        return self.writer.conditions(chosen, "k")

    def skipped(self) -> Iterator[Sql]:
        """Rows that are before the page, in its direction; before one by number may be any."""
        wanted = self.writer.given[self.batch.index]
        if wanted.start is not None:
            yield self._one_of(self._beyond(wanted.start, backward=not wanted.is_backward, at=True))

    def pages(self) -> Iterator[Sql]:
        """The first rows in the order of the list: for each range of them that an index finds."""
        wanted = self.writer.given[self.batch.index]
        starts = [Range(And(), 0)]
        if wanted.start is not None:
            starts = self._beyond(wanted.start, backward=wanted.is_backward)
        end = wanted.after if wanted.is_backward else wanted.before
        for start in starts:
            conditions = [*self.chosen()]
            if start.condition != And():
                conditions.append(start.condition.sql(self.writer, "k"))
            if end is not None:
                conditions.append(self._one_of(self._beyond(end, backward=not wanted.is_backward)))
            yield sql(
                f"(SELECT {NO_SKIP_SCAN if wanted.reads_range else ''}",
                self._selected(),
                self.writer.from_(self.rows, "k", conditions),
                " ORDER BY ",
                self._order(start.fixed, backward=wanted.is_backward),
                " LIMIT ",
                value(wanted.offset + wanted.size + wanted.more),
                ")",
            )

    def _selected(self) -> Sql:
        """The columns of the united table that the statement uses, NULL where they are of others'
        rows."""
        found = [Sql(f"{self.number} AS {quote(TYPE)}")]
        columns = (*(term.column for term in self.batch.order), *self.table.row_key)
        named = {column.field: column for column in columns if column.field != TYPE}
        selected = {getattr(slot, "name", "") for slot in self.batch.slots}
        for name, united in named.items():
            assert isinstance(united, UnitedColumn)
            is_own = self.rows.table.type_name in united.by_type
            own = self._own(united) if is_own else None
            found.append(sql(_NULL if own is None else self._sorted(own), f" AS {quote(name)}"))
            if united.shown_name in selected and united.shown_name != name:
                text = _NULL if own is None else self._text(own)
                found.append(sql(text, f" AS {quote(united.shown_name)}"))
        return join(", ", found)

    def _own(self, united: UnitedColumn) -> Column:
        own = united.by_type[self.rows.table.type_name]
        if isinstance(own, Relevance):
            return replace(own, batch=self.batch.index)
        if own.stored_name is None:
            before, after = exact(own.scalar)
            return replace(own, parts=(before, *own.parts, after))
        return own

    def _text(self, own: Column) -> Sql:
        if isinstance(own, Relevance):
            return self.writer.made(own, "k")
        return Sql(self.writer.column(own, "k"))

    def _sorted(self, own: Column) -> Sql:
        """What rows of all types are sorted by: of labels their places, of a FLOAT all digits."""
        found = self._text(own)
        stored = self.writer.storage.of(own)
        if stored is not None and stored.labels:
            return sql(found, " + 0")
        return sql(found, " + 0E0") if own.scalar == "Float" else found

    @property
    def _common(self) -> Order:
        """The keys of the order that all types have, as they are in this one."""
        common = takewhile(lambda term: term.column.field != TYPE, self.batch.order)
        return tuple([replace(t, column=self._own(t.column)) for t in common])  # type: ignore[arg-type]  # united

    @property
    def _key(self) -> list[int]:
        """Where the key of the rows stands in the order."""
        kind = self.rows.table.type_name
        start = len(self._common) + 1
        return [
            number
            for number, term in enumerate(self.batch.order)
            if number >= start and kind in getattr(term.column, "by_type", ())
        ]

    @property
    def _whole(self) -> Order:
        key = [self.batch.order[number] for number in self._key]
        return (*self._common, *(replace(t, column=self._own(t.column)) for t in key))  # type: ignore[arg-type]  # united

    def _beyond(self, place: Position, *, backward: bool, at: bool = False) -> list[Range]:
        """The rows behind a place in the order; ``at``: the row that stands there, too."""
        storage, common = self.writer.storage, self._common
        here = int(str(place[len(common)] or 0))
        if here == self.number:
            own = [*place[: len(common)], *(place[number] for number in self._key)]
            found = ranges(self._whole, own, storage, backward=backward)
            return [*found, *self._same(self._whole, own)] if at else found
        is_down = self.batch.order[len(common)].descending != backward
        is_behind = (self.number > here) != is_down
        same = place[: len(common)]
        common = self._held(common, same)
        found = ranges(common, same, storage, backward=backward) if common else []
        return [*found, *self._same(common, same)] if is_behind else found or [Range(NEVER, 0)]

    def _held(self, common: Order, place: Position) -> Order:
        """The same order where a column lacks a character of the place: as the text that all tables
        together sort by, because another one holds it."""
        storage, held = self.writer.storage, []
        for known, term, part in zip(self.batch.order, common, place, strict=False):
            united, own = known.column, term.column
            if storage.lacks(own, part):
                assert isinstance(united, UnitedColumn)
                others = [storage.of(each) for each in united.by_type.values()]
                known_collations = (each.collation for each in others if each and each.holds_all)
                collation = next((f" COLLATE {each}" for each in known_collations if each), "")
                after = f" USING utf8mb4){collation}"
                own = replace(own, parts=("CONVERT(", *own.parts, after))
            held.append(replace(term, column=own))
        return tuple(held)

    def _same(self, order: Order, place: Position) -> list[Range]:
        """The rows that stand at a place."""
        return [Range(at_place(order, place, self.writer.storage), len(order))]

    def _one_of(self, found: Sequence[Range]) -> Sql:
        parts: list[Condition] = [each.condition for each in found]
        return (parts[0] if len(parts) == 1 else Or(tuple(parts))).sql(self.writer, "k")

    def _order(self, fixed: int, *, backward: bool) -> Sql:
        terms = [
            sql(self._text(term.column), " DESC" if term.descending != backward else "")
            for term in self._whole[fixed:]
        ]
        return join(", ", terms)
