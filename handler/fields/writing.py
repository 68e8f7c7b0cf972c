"""The fast way to write an answer: columns of JSON, made into objects by one formatting for each.

Children are written first and put into their parents as finished bytes. Only answers without errors
are known here: a NULL where the schema forbids it, a list over its maximum or a value that its type
cannot hold raise ``NotSureError``, and ``building.py`` makes the answer with its errors.

A row is read once and written wherever it stands, there and back again: so the size of all rows of
a level is known, as a sum of lengths, before they are made of their parts. Of values of columns a
bound is enough nearly always, and no value is looked at for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import orjson
from msgspec import Struct

from handler.compiler.plan import Batch, FactKind, ObjectShape, Plan
from handler.compiler.results import Results
from handler.compiler.values import PlanValues
from handler.scalars.scalar import NotSureError
from handler.sql.stored_type import Kind
from handler.stores.request_budget import RequestBudget

Column: TypeAlias = Sequence[bytes | None]
# A row's key is one value, or a tuple of several.
Key: TypeAlias = Any
# The numbers of a page's rows, and whether others are before and after them.
Page: TypeAlias = tuple[list[int], tuple[bool, bool]]
T = TypeVar("T")

CHUNK = 64  # lists that are written before their bytes are added up


class Writing(Struct, eq=False):
    """What one request has: its plan, values and rows."""

    plan: Plan
    results: Results
    values: PlanValues
    introspected: Mapping[str, orjson.Fragment]
    budget: RequestBudget

    def lists(self, lists: Sequence[Sequence[bytes]]) -> Cells:
        """Finished items as lists, added up while they are made."""
        texts: list[bytes] = []
        size = 0
        for start in range(0, len(lists), CHUNK):
            part = [b"[%b]" % b",".join(items) for items in lists[start : start + CHUNK]]
            size += sum(map(len, part))
            if size > self.budget.bytes_max:
                self.budget.check_written(size)
            texts += part
        return Cells(b"%b", [texts], size)


class Cells(Struct, frozen=True):
    """A template for each row, and the columns that fill it, which have ``size`` bytes at most."""

    template: bytes
    columns: Sequence[Sequence[bytes]]
    size: int

    @classmethod
    def finished(cls, values: Sequence[bytes]) -> Cells:
        """One column of whole values."""
        return cls(b"%b", [values], sum(map(len, values)))

    def texts(self, rows: Rows) -> Sequence[bytes]:
        """One text for each of the rows that they were made of. Raises ``BudgetError``."""
        writing = rows.writing
        if self.size + rows.count * len(self.template) > writing.budget.bytes_max:
            self.check(rows)
        if not self.columns:
            return [self.template % ()] * rows.count
        return list(map(self.template.__mod__, zip(*self.columns, strict=True)))

    def check(self, rows: Rows | Pages) -> int:
        """The bytes of all rows, of which only a bound was known. Raises ``BudgetError``."""
        marks = len(self.template % ((b"",) * self.template.count(b"%b")))
        size = rows.count * marks + sum(sum(map(len, column)) for column in self.columns)
        rows.writing.budget.check_written(size)
        return size


class Rows(Struct, eq=False):
    """Rows, as columns: of a batch, of the root, or those of another that fulfil a condition."""

    writing: Writing
    count: int
    columns: Sequence[Column]
    kinds: tuple[Kind, ...] = ()
    wire_bytes: int | None = None  # no column has more; None: not counted
    has_nulls: bool = True  # False: no value is NULL

    def keys(self, slots: tuple[int, ...]) -> Sequence[Key]:
        """A key of each row."""
        if not slots:
            return [()] * self.count
        if len(slots) == 1:
            return self.columns[slots[0]]
        return list(zip(*[self.columns[slot] for slot in slots], strict=True))

    def grouped(self, batch: Batch, items: Iterable[T]) -> dict[Key, list[T]]:
        """One item for each row of a batch by the parent's key, in order."""
        if not self.count:
            return {}
        if not batch.link:
            return {(): list(items)}
        results, is_single = self.writing.results, len(batch.link) == 1
        if batch.index in results.only_parent:
            parent = results.only_parent[batch.index]
            return {parent[0] if is_single else parent: list(items)}
        owners = results.owners.get(batch.index)
        if owners is None:
            keys = self.keys(batch.link)
        else:
            keys = [owner[0] for owner in owners] if is_single else owners
        groups: dict[Key, list[T]] = {}
        for key, item in zip(keys, items, strict=True):
            if key in groups:
                groups[key] += (item,)
            else:
                groups[key] = [item]
        return groups

    def present(self, slot: int) -> Rows:
        """Those of which a column is not NULL."""
        found = self.columns[slot]
        return self.chosen([number for number, value in enumerate(found) if value is not None])

    def chosen(self, numbers: Sequence[int]) -> Rows:
        """Those with these numbers."""
        columns = [[values[number] for number in numbers] for values in self.columns]
        return Rows(
            self.writing, len(numbers), columns, self.kinds, self.wire_bytes, self.has_nulls
        )


class Pages:
    """The rows of a batch cut to pages: each page is the row of a connection."""

    __slots__ = ("count", "facts", "keys", "pages", "rows", "writing")

    def __init__(
        self,
        rows: Rows,
        pages: Sequence[Page],
        facts: Mapping[FactKind, Sequence[bytes]],
        keys: Sequence[Key],
    ) -> None:
        self.writing = rows.writing
        self.count = len(pages)
        self.rows = rows
        self.pages = pages
        self.facts = facts  # page by page
        self.keys = keys  # of their parents

    def lists(self, items: ObjectShape) -> Cells:
        """The items of each page, of which each is an object of a row."""
        written = write_objects(items, self.rows)
        return self.writing.lists(
            [[written[number] for number in numbers] for numbers, _ in self.pages]
        )


def write_members(shape: ObjectShape, rows: Rows | Pages) -> Cells:
    """Objects of rows as a template, so that they can become a part of other objects."""
    template = b""
    columns: list[Sequence[bytes]] = []
    size = 0
    bytes_max = rows.writing.budget.bytes_max
    for part in shape.parts:
        if part.__class__ is bytes:
            template += part
        else:
            cells = part.write(rows)  # type: ignore[union-attr]  # not bytes: it is a node
            template += cells.template
            columns += cells.columns
            size += cells.size
            if size > bytes_max:
                size = Cells(b"", columns, size).check(rows)
    return Cells(template, columns, size)


def write_objects(shape: ObjectShape, rows: Rows) -> Sequence[bytes]:
    """Objects of rows, finished."""
    return write_members(shape, rows).texts(rows) if rows.count else ()


def rows_of(writing: Writing, batch: Batch) -> Rows:
    """What the database gave for a batch."""
    found = writing.results.rows[batch.index]
    return Rows(writing, found.count, found.columns, found.kinds, found.wire_bytes, found.has_nulls)


def write_answer(writing: Writing) -> bytes:
    """The JSON of ``data``.

    Raises ``NotSureError`` if the answer may hold an error, and ``BudgetError`` if it takes more
    bytes than the request may write.
    """
    if writing.results.failures:
        raise NotSureError
    root = list(zip(writing.results.root(writing.plan), strict=True))  # each fact a column
    (text,) = write_objects(writing.plan.root, Rows(writing, 1, root))
    writing.budget.check_written(len(text))
    return text
