"""Write rows as JSON bytes, column by column, by an encoder made once for a plan.

Children are written first and put into their parents as finished bytes. The encoder knows only
answers without errors: a NULL where the schema forbids it, a list over its maximum or a value that
its type cannot hold raise ``NotSureError``, and ``tree.py`` writes the answer with its errors.

A row is read once and written wherever it stands, there and back again: so the size of all rows of
a level is known, as a sum of lengths, before they are made of their parts. Of values of columns a
bound is enough nearly always, and no value is looked at for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import orjson
from msgspec import Struct

from handler.compiler.cursor import encode_cursor
from handler.compiler.plan import (
    Batch,
    ConnectionShape,
    CursorNode,
    EdgesNode,
    FactKind,
    IntrospectionNode,
    ManyNode,
    Member,
    NodesNode,
    ObjectShape,
    OneNode,
    PageInfoNode,
    Plan,
    ResolverNode,
    RootNode,
    RowNode,
    TotalCountNode,
    TypenameNode,
    ValueNode,
)
from handler.compiler.values import PlanValues
from handler.execution.paging import NO_FACTS, page_of
from handler.execution.run import Results
from handler.model.lists import Shape
from handler.scalars import SCALARS, encode_cells
from handler.scalars.dates import without_zeros
from handler.scalars.enum import encode_enums
from handler.scalars.scalar import NotSureError
from handler.sql.stored_type import Kind
from handler.stores.request_budget import RequestBudget

Column: TypeAlias = Sequence[bytes | None]
T = TypeVar("T")
# A row's key is one value, or a tuple of several.
Key: TypeAlias = Any
Parent: TypeAlias = tuple[Key, tuple[bytes | None, ...]]  # its key, and the facts of its connection
# Writes one member of all rows of a table, or all of it.
Writer: TypeAlias = Callable[["_Table"], "_Cells"]
RowWriter: TypeAlias = Callable[["_Table"], Sequence[bytes]]

PARENTS = 64  # whose lists are written before their bytes are added up
# What a value of a column grows by at most: each byte an escape, and the marks of its type.
ESCAPED, MARKS = 6, 40


class _Table:
    """The rows of one batch turned into columns."""

    __slots__ = ("answer", "columns", "count", "kinds", "wire_bytes")

    def __init__(self, answer: _Answer, batch: Batch) -> None:
        found = answer.results.rows[batch.index]
        self.wire_bytes = found.wire_bytes
        self.answer = answer
        self.count = found.count
        self.kinds: tuple[Kind, ...] = found.kinds
        self.columns: Sequence[Column] = found.columns

    def keys(self, slots: tuple[int, ...]) -> Sequence[Key]:
        if len(slots) == 1:
            return self.columns[slots[0]]
        return list(zip(*(self.columns[slot] for slot in slots), strict=True))

    def groups(self, batch: Batch, items: Iterable[T]) -> dict[Key, list[T]]:
        """One item for each row by the parent's key, in order."""
        if not batch.link:
            return {(): list(items)}
        groups: dict[Key, list[T]] = {}
        owners = self.answer.results.owners.get(batch.index)
        keys = self.keys(batch.link)
        if owners is not None:
            keys = [owner[0] for owner in owners] if len(batch.link) == 1 else owners
        for key, item in zip(keys, items, strict=True):
            members = groups.get(key)
            if members is None:
                groups[key] = [item]
            else:
                members.append(item)
        return groups


class _Cells(Struct, frozen=True):
    """A template for each row, and the columns that fill it, which have ``size`` bytes at most."""

    template: bytes
    columns: Sequence[Sequence[bytes]]
    size: int

    @classmethod
    def finished(cls, values: Sequence[bytes]) -> _Cells:
        """One column of whole values."""
        return cls(b"%b", [values], sum(map(len, values)))


class _Answer:
    """What one request has: its values and rows. The encoder itself holds none."""

    __slots__ = ("budget", "bytes_max", "introspected", "results", "values")

    def __init__(
        self,
        results: Results,
        values: PlanValues,
        introspected: Mapping[str, orjson.Fragment],
        budget: RequestBudget,
    ) -> None:
        self.results = results
        self.values = values
        self.introspected = introspected
        self.budget = budget
        self.bytes_max = budget.bytes_max


class Encoder:
    """The decoder of rows and encoder of JSON for one plan. Use it for any number of answers."""

    def __init__(self, plan: Plan) -> None:
        self._members = [(m.key, self._root(plan, m)) for m in plan.root.members]

    def encode(
        self,
        results: Results,
        values: PlanValues,
        introspected: Mapping[str, orjson.Fragment],
        budget: RequestBudget,
    ) -> bytes:
        """The JSON of ``data``. Raises ``NotSureError`` if the answer may hold an error.

        And ``BudgetError`` if it takes more bytes than the request may write.
        """
        if results.failures:
            raise NotSureError
        answer = _Answer(results, values, introspected, budget)
        parts: list[bytes] = []
        size = 0
        for key, write in self._members:
            text = write(answer)
            size += len(text)
            budget.check_written(size)
            parts += (b'"%b":' % key.encode(), text, b",")
        return b"{%b}" % b"".join(parts[:-1])

    def _root(self, plan: Plan, member: Member) -> Callable[[_Answer], bytes]:
        node = member.node
        if isinstance(node, TypenameNode):
            text = _quote(node.name)
            return lambda answer: text
        if isinstance(node, IntrospectionNode):
            key = member.key
            return lambda answer: orjson.dumps(answer.introspected[key])
        if isinstance(node, RootNode):
            return _RootWriter(plan, plan.batches[node.batch], is_nullable=node.is_nullable)
        raise AssertionError(f"{member.field} is not for the compiled path")


class _RootWriter:
    """A batch without a parent."""

    def __init__(self, plan: Plan, batch: Batch, *, is_nullable: bool) -> None:
        self.batch = batch
        self.is_nullable = is_nullable
        self.write = _lists(plan, batch)

    def __call__(self, answer: _Answer) -> bytes:
        told = answer.results.facts[self.batch.index]
        found = self.write(answer)((), _known(list(self.batch.facts), told))
        if found is None and not self.is_nullable:
            raise NotSureError
        return b"null" if found is None else found


# Writes the list, page or row that belongs to a parent's key; None is a missing row.
GroupWriter: TypeAlias = Callable[[Key, Mapping[FactKind, bytes]], bytes | None]


def _lists(plan: Plan, batch: Batch) -> Callable[[_Answer], GroupWriter]:
    """Write all rows of a batch, then give them out by parent."""
    if isinstance(batch.shape, ConnectionShape):
        connection = _ConnectionWriter(plan, batch, batch.shape)
        return connection.open
    assert batch.shape is not None
    write_rows = _object(plan, batch.shape)
    is_one = batch.rows.shape is Shape.OBJECT

    def open_rows(answer: _Answer) -> GroupWriter:
        table = _Table(answer, batch)
        groups = table.groups(batch, write_rows(table)) if table.count else {}
        wanted = answer.values[batch.index]

        def write(key: Key, facts: Mapping[FactKind, bytes]) -> bytes | None:
            found = groups.get(key, [])
            if is_one:
                return found[0] if found else None
            return b"[%b]" % b",".join(page_of(batch, wanted, found, NO_FACTS)[0])

        return write

    return open_rows


class _ConnectionWriter:
    def __init__(self, plan: Plan, batch: Batch, shape: ConnectionShape) -> None:
        self.batch = batch
        self.shape = shape
        self.rows: dict[str, RowWriter] = {}
        for member in shape.members:
            if isinstance(member.node, EdgesNode):
                members = [(m.key, self._edge_member(plan, m)) for m in member.node.members]
                self.rows[member.key] = _rows_of(_template(members))
            elif isinstance(member.node, NodesNode):
                self.rows[member.key] = _object(plan, member.node.shape)

    def _edge_member(self, plan: Plan, member: Member) -> bytes | Writer:
        node = member.node
        if isinstance(node, TypenameNode):
            return _quote(node.name)
        if isinstance(node, CursorNode):
            return _cursors(node)
        assert isinstance(node, RowNode)
        return _members(plan, node.shape)

    def _rows(self, table: _Table) -> dict[str, Sequence[bytes]]:
        """The edges and nodes of all rows, by response key: each may have all of them."""
        rows: dict[str, Sequence[bytes]] = {}
        size = 0
        for key, write in self.rows.items():
            rows[key] = found = write(table)
            size += sum(map(len, found))
            if size > table.answer.bytes_max:
                table.answer.budget.check_written(size)
        return rows

    def open(self, answer: _Answer) -> GroupWriter:
        batch = self.batch
        wanted = answer.values[batch.index]
        cursor = self.shape.cursor
        groups: dict[Key, list[int]] = {}
        rows: dict[str, Sequence[bytes]] = {}
        ends: list[Column] = []
        if batch.reads_rows:
            table = _Table(answer, batch)
            if table.count:
                groups = table.groups(batch, range(table.count))
                rows = self._rows(table)
                ends = [table.columns[slot] for slot in cursor.slots] if cursor else []

        def write(key: Key, facts: Mapping[FactKind, bytes]) -> bytes:
            numbers, bounds = page_of(batch, wanted, groups.get(key, []), facts)
            parts = []
            for member in self.shape.members:
                match member.node:
                    case TypenameNode(name):
                        text = _quote(name)
                    case EdgesNode() | NodesNode():
                        written = rows.get(member.key, ())
                        text = b"[" + b",".join([written[n] for n in numbers]) + b"]"
                    case TotalCountNode():
                        text = _count(facts[FactKind.COUNT])
                    case PageInfoNode() as info:
                        cursors = []
                        if cursor and numbers:
                            cursors = [_cursor(cursor, ends, n) for n in (numbers[0], numbers[-1])]
                        text = _page_info(info, bounds, cursors)
                    case _:
                        raise AssertionError(member.field)
                parts.append(b'"%b":%b' % (member.key.encode(), text))
            return b"{" + b",".join(parts) + b"}"

        return write


def _count(value: bytes) -> bytes:
    if len(value) > 9:  # may be over 32 bits
        raise NotSureError
    return value


def _cursor(node: CursorNode, columns: Sequence[Column], number: int) -> bytes:
    values = tuple([column[number] for column in columns])
    try:
        return b'"%b"' % encode_cursor(node.fingerprint, values)
    except ValueError as exc:  # it cannot be a cursor
        raise NotSureError from exc


def _page_info(info: PageInfoNode, bounds: tuple[bool, bool], cursors: Sequence[bytes]) -> bytes:
    values = {
        "__typename": _quote(info.type_name),
        "hasPreviousPage": b"true" if bounds[0] else b"false",
        "hasNextPage": b"true" if bounds[1] else b"false",
        "startCursor": cursors[0] if cursors else b"null",
        "endCursor": cursors[-1] if cursors else b"null",
    }
    parts = [b'"%b":%b' % (key.encode(), values[field]) for key, field in info.members]
    return b"{" + b",".join(parts) + b"}"


# --------------------------------------------------------------------------- rows as objects


def _object(plan: Plan, shape: ObjectShape) -> RowWriter:
    return _rows_of(_members(plan, shape))


def _rows_of(write: Writer) -> RowWriter:
    """All rows as objects, by one formatting of bytes for each row."""

    def write_rows(table: _Table) -> Sequence[bytes]:
        cells = write(table)
        size = cells.size + table.count * len(cells.template)
        if size > table.answer.bytes_max:
            _check_exactly(table, cells.template, cells.columns)
        if not cells.columns:
            return [cells.template % ()] * table.count
        return list(map(cells.template.__mod__, zip(*cells.columns, strict=True)))

    return write_rows


def _members(plan: Plan, shape: ObjectShape) -> Writer:
    return _template([(member.key, _member(plan, member)) for member in shape.members])


def _template(members: Sequence[tuple[str, bytes | Writer]]) -> Writer:
    """Objects of members. Response keys are names: no escapes."""
    parts: list[bytes | Writer] = [b"{"]
    for position, (key, value) in enumerate(members):
        parts.append(b'%b"%b":' % (b"," if position else b"", key.encode()))
        parts.append(value.replace(b"%", b"%%") if isinstance(value, bytes) else value)

    def write(table: _Table) -> _Cells:
        template = []
        columns: list[Sequence[bytes]] = []
        size = 0
        for part in parts:
            if isinstance(part, bytes):
                template.append(part)
            else:
                cells = part(table)
                template.append(cells.template)
                columns += cells.columns
                size += cells.size
                if size > table.answer.bytes_max:
                    size = _check_exactly(table, b"", columns)
        template.append(b"}")
        return _Cells(b"".join(template), columns, size)

    return write


def _check_exactly(table: _Table, template: bytes, columns: Sequence[Sequence[bytes]]) -> int:
    """The bytes of rows made of these parts, of which only a bound was known until now."""
    marks = len(template % ((b"",) * template.count(b"%b")))
    size = table.count * marks + sum(sum(map(len, column)) for column in columns)
    table.answer.budget.check_written(size)
    return size


def _member(plan: Plan, member: Member) -> bytes | Writer:
    match member.node:
        case TypenameNode(name):
            return _quote(name)
        case ValueNode() as node:
            return _value(node)
        case OneNode() as node:
            return _one(plan, node)
        case ManyNode() as node:
            return _many(plan, node)
        case CursorNode() as node:
            return _cursors(node)
        case ResolverNode():
            raise AssertionError(f"{member.field} is not for the compiled path")
        case _:
            raise AssertionError(member.field)


def _value(node: ValueNode) -> Writer:
    slot, scalar, names = node.slot, SCALARS[node.scalar], node.enum_names

    def encode(table: _Table, kind: Kind, column: Sequence[bytes]) -> _Cells:
        if names is not None:
            return _Cells.finished(encode_enums(names, column))
        template, values = encode_cells(scalar, kind, column)
        if table.wire_bytes is None or kind is Kind.FLOAT:  # a float may be a number of 300 digits
            return _Cells(template, [values], sum(map(len, values)))
        return _Cells(template, [values], ESCAPED * table.wire_bytes + MARKS * table.count)

    def write(table: _Table) -> _Cells:
        column = without_zeros(table.columns[slot]) if node.zero_is_null else table.columns[slot]
        kind = table.kinds[slot]
        if None not in column:
            return encode(table, kind, column)  # type: ignore[arg-type]  # no None is in it
        if not node.is_nullable:
            raise NotSureError
        present = [value for value in column if value is not None]
        if not present:
            return _Cells(b"null", [], 0)
        cells = encode(table, kind, present)
        encoded = map(cells.template.__mod__, cells.columns[0])
        return _Cells.finished([b"null" if value is None else next(encoded) for value in column])

    return write


def _one(plan: Plan, node: OneNode) -> Writer:
    """A joined row: its members become members of the same template, unless one is missing."""
    write_members = _members(plan, node.shape)
    write_rows = _rows_of(write_members)

    def write(table: _Table) -> _Cells:
        column = table.columns[node.presence]
        if None not in column:
            return write_members(table)
        if not node.is_nullable:
            raise NotSureError
        # Rows without the joined one would look like NULLs in its columns: leave them out.
        part = _Table.__new__(_Table)
        part.answer, part.kinds, part.wire_bytes = table.answer, table.kinds, table.wire_bytes
        found = [number for number, value in enumerate(column) if value is not None]
        part.count = len(found)
        part.columns = [[values[number] for number in found] for values in table.columns]
        written = iter(write_rows(part) if found else ())
        return _Cells.finished([b"null" if value is None else next(written) for value in column])

    return write


def _many(plan: Plan, node: ManyNode) -> Writer:
    batch = plan.batches[node.batch]
    open_batch = _lists(plan, batch)
    kinds = list(node.facts)

    def write(table: _Table) -> _Cells:
        write_group = open_batch(table.answer)
        keys = table.keys(node.slots)
        parents: Sequence[Parent]
        if kinds:
            told = zip(*(table.columns[slot] for slot in node.facts.values()), strict=True)
            parents = list(zip(keys, told, strict=True))
        else:
            parents = [(key, ()) for key in keys]
        given = list(dict.fromkeys(parents))  # those that share their children share their bytes
        texts: list[bytes] = []
        size = 0
        for start in range(0, len(given), PARENTS):
            part: list[Any] = [  # of bytes: only a root may have no row
                write_group(key, _known(kinds, values) if values else NO_FACTS)
                for key, values in given[start : start + PARENTS]
            ]
            size += sum(map(len, part))
            if size > table.answer.bytes_max:
                table.answer.budget.check_written(size)
            texts += part
        if len(given) == len(parents):
            return _Cells(b"%b", [texts], size)
        by_parent = dict(zip(given, texts, strict=True))
        return _Cells.finished([by_parent[parent] for parent in parents])

    return write


def _known(kinds: Sequence[FactKind], values: Sequence[bytes | None]) -> Mapping[FactKind, bytes]:
    return {kind: value or b"0" for kind, value in zip(kinds, values, strict=True)}


def _cursors(node: CursorNode) -> Writer:
    def write(table: _Table) -> _Cells:
        columns = [table.columns[slot] for slot in node.slots]
        order = node.fingerprint
        try:
            found = [encode_cursor(order, values) for values in zip(*columns, strict=True)]
        except ValueError as exc:  # it cannot be a cursor
            raise NotSureError from exc
        return _Cells(b'"%b"', [found], sum(map(len, found)))

    return write


def _quote(text: str) -> bytes:
    return orjson.dumps(text)
