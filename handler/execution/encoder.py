"""Write rows as JSON bytes, column by column, by an encoder made once for a plan.

Children are written first and put into their parents as finished bytes. The encoder knows only
answers without errors: a NULL where the schema forbids it, a list over its maximum or a value that
its type cannot hold raise ``NotSureError``, and ``tree.py`` writes the answer with its errors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import orjson

from handler.compiler.cursor import encode_cursor
from handler.compiler.model import Shape
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
from handler.compiler.values import BatchValues, PlanValues
from handler.execution.run import Results
from handler.execution.scalars import NotSureError, encode_column, encode_enums
from handler.stores.resultset import Kind

Column: TypeAlias = Sequence[bytes | None]
# A row's key is one value, or a tuple of several.
Key: TypeAlias = Any
# Writes one member of all rows of a table.
Writer: TypeAlias = Callable[["_Table"], Sequence[bytes]]


class _Table:
    """The rows of one batch turned into columns."""

    __slots__ = ("answer", "columns", "count", "kinds")

    def __init__(self, answer: _Answer, batch: Batch) -> None:
        found = answer.results.rows[batch.index]
        self.answer = answer
        self.count = len(found.rows)
        self.kinds: tuple[Kind, ...] = found.kinds
        self.columns: list[Column] = list(zip(*found.rows, strict=True))

    def keys(self, slots: tuple[int, ...]) -> Sequence[Key]:
        if len(slots) == 1:
            return self.columns[slots[0]]
        return list(zip(*(self.columns[slot] for slot in slots), strict=True))

    def groups(self, batch: Batch) -> dict[Key, list[int]]:
        """Row numbers by the parent's key, in order."""
        if not batch.link:
            return {(): list(range(self.count))}
        groups: dict[Key, list[int]] = {}
        for number, key in enumerate(self.keys(batch.link)):
            members = groups.get(key)
            if members is None:
                groups[key] = [number]
            else:
                members.append(number)
        return groups


class _Answer:
    """What one request has: its values and rows. The encoder itself holds none."""

    __slots__ = ("introspected", "results", "values")

    def __init__(
        self, results: Results, values: PlanValues, introspected: Mapping[str, orjson.Fragment]
    ) -> None:
        self.results = results
        self.values = values
        self.introspected = introspected


class Encoder:
    """The decoder of rows and encoder of JSON for one plan. Use it for any number of answers."""

    def __init__(self, plan: Plan) -> None:
        self._members = [(m.key, self._root(plan, m)) for m in plan.root.members]

    def encode(
        self, results: Results, values: PlanValues, introspected: Mapping[str, orjson.Fragment]
    ) -> bytes:
        """The JSON of ``data``. Raises ``NotSureError`` if the answer may hold an error."""
        if results.failures:
            raise NotSureError
        answer = _Answer(results, values, introspected)
        parts = [b'"%b":%b' % (key.encode(), write(answer)) for key, write in self._members]
        return b"{" + b",".join(parts) + b"}"

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
        facts = dict(zip(self.batch.facts, answer.results.facts[self.batch.index], strict=True))
        write = self.write(answer)
        found = write((), {kind: value or b"0" for kind, value in facts.items()})
        if found is None:
            if not self.is_nullable:
                raise NotSureError
            return b"null"
        return found


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
        rows = write_rows(table) if table.count else ()
        groups = table.groups(batch) if table.count else {}
        wanted = answer.values[batch.index]

        def write(key: Key, facts: Mapping[FactKind, bytes]) -> bytes | None:
            numbers: Sequence[int] = groups.get(key, ())
            if is_one:
                return rows[numbers[0]] if numbers else None
            numbers, _ = page_of(batch, wanted, numbers)
            return b"[" + b",".join([rows[number] for number in numbers]) + b"]"

        return write

    return open_rows


def page_of(
    batch: Batch, wanted: BatchValues, numbers: Sequence[int]
) -> tuple[Sequence[int], bool]:
    """The rows of one page in the list's order, and whether more exist in its direction.

    Raises ``NotSureError`` for a plain list over its maximum, which must not be cut silently.
    """
    has_more = len(numbers) > wanted.size
    if has_more and not batch.rows.paging and batch.rows.shape is Shape.LIST:
        raise NotSureError
    numbers = numbers[: wanted.size]
    return (numbers[::-1] if wanted.is_backward else numbers), has_more


def page_bounds(
    wanted: BatchValues, facts: Mapping[FactKind, bytes], *, has_more: bool
) -> tuple[bool, bool]:
    """``hasPreviousPage`` and ``hasNextPage``.

    Source: https://relay.dev/graphql/connections.htm#sec-undefined.PageInfo.Fields
    """
    is_beyond = facts.get(FactKind.BEYOND, b"0") != b"0"
    return (has_more, is_beyond) if wanted.is_backward else (is_beyond, has_more)


class _ConnectionWriter:
    def __init__(self, plan: Plan, batch: Batch, shape: ConnectionShape) -> None:
        self.batch = batch
        self.shape = shape
        self.rows: dict[str, Writer] = {}
        for member in shape.members:
            if isinstance(member.node, EdgesNode):
                self.rows[member.key] = _template(
                    [(m.key, self._edge_member(plan, m)) for m in member.node.members]
                )
            elif isinstance(member.node, NodesNode):
                self.rows[member.key] = _object(plan, member.node.shape)
        self.cursor = _cursor(shape.cursor) if shape.cursor else None

    def _edge_member(self, plan: Plan, member: Member) -> bytes | Writer:
        node = member.node
        if isinstance(node, TypenameNode):
            return _quote(node.name)
        if isinstance(node, CursorNode):
            return _cursor(node)
        assert isinstance(node, RowNode)
        return _object(plan, node.shape)

    def open(self, answer: _Answer) -> GroupWriter:
        batch = self.batch
        wanted = answer.values[batch.index]
        groups: dict[Key, list[int]] = {}
        rows: dict[str, Sequence[bytes]] = {}
        cursors: Sequence[bytes] = ()
        if batch.reads_rows:
            table = _Table(answer, batch)
            if table.count:
                groups = table.groups(batch)
                rows = {key: write(table) for key, write in self.rows.items()}
                cursors = self.cursor(table) if self.cursor else ()

        def write(key: Key, facts: Mapping[FactKind, bytes]) -> bytes:
            numbers, has_more = page_of(batch, wanted, groups.get(key, ()))
            bounds = page_bounds(wanted, facts, has_more=has_more)
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
                        text = _page_info(info, bounds, [cursors[n] for n in numbers if cursors])
                    case _:
                        raise AssertionError(member.field)
                parts.append(b'"%b":%b' % (member.key.encode(), text))
            return b"{" + b",".join(parts) + b"}"

        return write


def _count(value: bytes) -> bytes:
    if len(value) > 9:  # may be over 32 bits
        raise NotSureError
    return value


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


def _object(plan: Plan, shape: ObjectShape) -> Writer:
    return _template([(member.key, _member(plan, member)) for member in shape.members])


def _template(members: Sequence[tuple[str, bytes | Writer]]) -> Writer:
    """Objects by one formatting of bytes for each row. Response keys are names: no escapes."""
    parts = []
    writers: list[Writer] = []
    for key, value in members:
        if isinstance(value, bytes):
            parts.append(b'"%b":%b' % (key.encode(), value.replace(b"%", b"%%")))
        else:
            parts.append(b'"%b":%%b' % key.encode())
            writers.append(value)
    template = b"{" + b",".join(parts) + b"}"
    if not writers:
        constant = template % ()
        return lambda table: [constant] * table.count

    def write(table: _Table) -> Sequence[bytes]:
        columns = [write_member(table) for write_member in writers]
        return list(map(template.__mod__, zip(*columns, strict=True)))

    return write


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
            return _cursor(node)
        case ResolverNode():
            raise AssertionError(f"{member.field} is not for the compiled path")
        case _:
            raise AssertionError(member.field)


def _value(node: ValueNode) -> Writer:
    slot, scalar, names = node.slot, node.scalar, node.enum_names

    def encode(kind: Kind, column: Sequence[bytes]) -> Sequence[bytes]:
        return encode_column(scalar, kind, column) if names is None else encode_enums(names, column)

    def write(table: _Table) -> Sequence[bytes]:
        column = table.columns[slot]
        kind = table.kinds[slot]
        if None not in column:
            return encode(kind, column)  # type: ignore[arg-type]  # no None is in it
        if not node.is_nullable:
            raise NotSureError
        present = [value for value in column if value is not None]
        encoded = iter(encode(kind, present) if present else ())
        return [b"null" if value is None else next(encoded) for value in column]

    return write


def _one(plan: Plan, node: OneNode) -> Writer:
    write_shape = _object(plan, node.shape)

    def write(table: _Table) -> Sequence[bytes]:
        column = table.columns[node.presence]
        if None not in column:
            return write_shape(table)
        if not node.is_nullable:
            raise NotSureError
        # Rows without the joined one would look like NULLs in its columns: leave them out.
        part = _Table.__new__(_Table)
        part.answer, part.kinds = table.answer, table.kinds
        found = [number for number, value in enumerate(column) if value is not None]
        part.count = len(found)
        part.columns = [[values[number] for number in found] for values in table.columns]
        written = iter(write_shape(part) if found else ())
        return [b"null" if value is None else next(written) for value in column]

    return write


def _many(plan: Plan, node: ManyNode) -> Writer:
    batch = plan.batches[node.batch]
    open_batch = _lists(plan, batch)
    facts = list(node.facts.items())

    def write(table: _Table) -> Sequence[bytes]:
        write_group = open_batch(table.answer)
        told = [table.columns[slot] for _, slot in facts]
        written = []
        for number, key in enumerate(table.keys(node.slots)):
            known = {kind: told[i][number] or b"0" for i, (kind, _) in enumerate(facts)}
            text = write_group(key, known)
            assert text is not None  # only a root gives one row
            written.append(text)
        return written

    return write


def _cursor(node: CursorNode) -> Writer:
    def write(table: _Table) -> Sequence[bytes]:
        columns = [table.columns[slot] for slot in node.slots]
        order = node.fingerprint
        return [b'"%b"' % encode_cursor(order, values) for values in zip(*columns, strict=True)]

    return write


def _quote(text: str) -> bytes:
    return orjson.dumps(text)
