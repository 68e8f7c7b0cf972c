"""Build the answer as Python objects, with its errors: the exact and slower way.

Null propagation as in https://spec.graphql.org/September2025/#sec-Handling-Execution-Errors. With
``is_final=False`` errors stay in the tree as exceptions and nulls where they are, because another
executor completes the values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import TracebackType
from typing import Any

from msgspec import Struct

from handler.answer import GraphqlError, Path
from handler.compiler.cursor import encode_cursor
from handler.compiler.plan import (
    Batch,
    ConnectionShape,
    CursorNode,
    EdgesNode,
    FactKind,
    ForbiddenNode,
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
from handler.errors import (
    AccessError,
    BudgetError,
    ClientError,
    HandlerError,
    LimitError,
    Location,
    LoginError,
)
from handler.execution.paging import page_of
from handler.execution.run import NO_ROWS, Results
from handler.execution.tree_size import (
    ERROR_BYTES,
    LIST_BYTES,
    MEMBER_BYTES,
    MEMORY_FACTOR,
    OBJECT_BYTES,
    PENDING_BYTES,
    TreeSize,
    memory_of,
)
from handler.model.lists import Shape
from handler.scalars import decode_value, output_value
from handler.scalars.dates import without_zeros
from handler.scalars.enum import decode_enum
from handler.scalars.scalar import UnfitValueError
from handler.sql.stored_type import Kind
from handler.stores.mysql.resultset import Row, RowSet
from handler.stores.request_budget import VALUE_BYTES


class NullValueError(ClientError):
    """A null where the schema forbids one."""

    code = "NULL_VALUE"


class StoredValueError(ClientError):
    """A stored value that the field's type cannot hold."""

    code = "STORED_VALUE"


class ResponseRow(dict[str, Any]):
    """An object of the answer by response keys, as opposed to what a resolver gives."""


class Pending(Struct, frozen=True):
    """A field that a resolver answers, and the values that it reads."""

    node: ResolverNode
    parent: dict[str, Any]


class _Bubble(Exception):  # noqa: N818  # not an error: the way of a null to its nearest place
    """A non-null position is null; the parent takes the null."""


def build_tree(
    plan: Plan,
    results: Results,
    values: PlanValues,
    introspected: Mapping[str, Any],
    locate: Callable[[int], Location],
    size: TreeSize,
    *,
    is_final: bool = True,
) -> tuple[ResponseRow | None, list[GraphqlError]]:
    """The value of ``data`` and the errors in it. Raises ``BudgetError``."""
    builder = _Builder(plan, results, values, introspected, locate, size, is_final=is_final)
    try:
        return builder.root(), builder.errors
    except _Bubble:
        return None, builder.errors


def build_rows(
    plan: Plan,
    batch: Batch,
    results: Results,
    values: PlanValues,
    locate: Callable[[int], Location],
    size: TreeSize,
) -> dict[tuple[bytes | None, ...], ResponseRow]:
    """The rows of a batch by key, for a resolver that gave these keys; errors stay in them.

    Raises ``BudgetError``.
    """
    builder = _Builder(plan, results, values, {}, locate, size, is_final=False)
    failure = results.failures.get(batch.index)
    if failure is not None:
        raise failure
    assert isinstance(batch.shape, ObjectShape)
    found = results.rows[batch.index]
    return {
        tuple(row[slot] for slot in batch.link): builder.object(batch.shape, _Place(found, row), ())
        for row in found.rows
    }


class _Place(Struct, frozen=True):
    """One row, and what its columns are."""

    found: RowSet
    row: Row


class _Builder:
    def __init__(
        self,
        plan: Plan,
        results: Results,
        values: PlanValues,
        introspected: Mapping[str, Any],
        locate: Callable[[int], Location],
        size: TreeSize,
        *,
        is_final: bool,
    ) -> None:
        self.size = size
        self.plan = plan
        self.results = results
        self.values = values
        self.introspected = introspected
        self.locate = locate
        self.is_final = is_final
        self.errors: list[GraphqlError] = []
        self.groups: dict[int, dict[Any, list[Row]]] = {}
        self.traces: dict[int, TracebackType | None] = {}  # of failures, by batch

    def root(self) -> ResponseRow:
        answer = ResponseRow()
        for member in self.plan.root.members:
            node = member.node
            if isinstance(node, TypenameNode):
                answer[member.key] = node.name
            elif isinstance(node, IntrospectionNode):
                answer[member.key] = self.introspected[member.key]
            elif isinstance(node, ResolverNode):
                answer[member.key] = Pending(node, {})
            elif isinstance(node, ForbiddenNode):
                answer[member.key] = self._refuse(member, node, (member.key,))
            else:
                assert isinstance(node, RootNode)
                batch = self.plan.batches[node.batch]
                answer[member.key] = self._position(
                    member,
                    (member.key,),
                    partial(self._rows, batch, (), self._root_facts(batch)),
                    is_nullable=node.is_nullable,
                )
        return answer

    def _root_facts(self, batch: Batch) -> dict[FactKind, bytes]:
        told = self.results.facts.get(batch.index, (b"0",) * len(batch.facts))
        return {kind: value or b"0" for kind, value in zip(batch.facts, told, strict=True)}

    def _position(
        self,
        member: Member,
        path: Path,
        compute: Callable[[Path], Any],
        *,
        is_nullable: bool,
    ) -> Any:
        """The value at one position; a null that may not stand here goes on to the parent."""
        try:
            value = compute(path)
        except BudgetError:
            raise
        except HandlerError as error:
            if isinstance(error, ClientError):  # nobody asks where; it holds frames and their rows
                error.__traceback__ = error.__cause__ = error.__context__ = None
            if not self.is_final:
                self.size.add(ERROR_BYTES, MEMORY_FACTOR * ERROR_BYTES)
                return error
            self._report(error, member, path)
            value = None
        except _Bubble:
            value = None
        else:
            if value is None and not is_nullable and self.is_final:
                text = f"Cannot return null for non-nullable field {member.field}."
                self._report(NullValueError(text), member, path)
        if value is None and not is_nullable and self.is_final:
            raise _Bubble
        return value

    def _new(self, members: Sequence[Member]) -> ResponseRow:
        """An object that will have these members."""
        keys = sum([len(member.key) + 4 for member in members])
        self.size.add(2 + keys, OBJECT_BYTES + MEMBER_BYTES * len(members))
        return ResponseRow()

    def _refuse(self, member: Member, node: ForbiddenNode, path: Path) -> Any:
        def refuse(_: Path) -> None:
            raise forbidden(member.field, login_helps=node.login_helps)

        return self._position(member, path, refuse, is_nullable=node.is_nullable)

    def _report(self, error: HandlerError, member: Member, path: Path) -> None:
        self.size.add(ERROR_BYTES, MEMORY_FACTOR * ERROR_BYTES)
        self.errors.append(GraphqlError(error, path, (self.locate(member.at),)))

    # ------------------------------------------------------------------------ lists of rows

    def _group(self, batch: Batch, key: Any) -> Sequence[Row]:
        failure = self.results.failures.get(batch.index)
        if failure is not None:
            # Each time anew, or the same error would remember all the places where it was raised.
            raise failure.with_traceback(self.traces.setdefault(batch.index, failure.__traceback__))
        if not batch.reads_rows:
            return ()
        groups = self.groups.get(batch.index)
        if groups is None:
            groups = {}
            rows = self.results.rows[batch.index].rows
            owners = self.results.owners_of(batch) if batch.link else [()] * len(rows)
            for row, owner in zip(rows, owners, strict=True):
                groups.setdefault(owner, []).append(row)
            self.groups[batch.index] = groups
        return groups.get(key, ())

    def _rows(self, batch: Batch, key: Any, facts: Mapping[FactKind, bytes], path: Path) -> Any:
        """What a field over rows gives for one parent."""
        wanted = self.values[batch.index]
        rows = self._group(batch, key)
        found = self.results.rows.get(batch.index, NO_ROWS)
        if batch.rows.shape is Shape.OBJECT:
            assert isinstance(batch.shape, ObjectShape)
            return self.object(batch.shape, _Place(found, rows[0]), path) if rows else None
        if len(rows) > wanted.size and not batch.rows.paging and batch.rows.shape is Shape.LIST:
            raise LimitError(
                f"{batch.member.field} holds more than {wanted.size} rows, the most that this list "
                f"may give; ask for a narrower list",
                extensions={"limit": wanted.size},
            )
        page, bounds = page_of(batch, wanted, list(rows), facts)
        places = [_Place(found, row) for row in page]
        if isinstance(batch.shape, ConnectionShape):
            return self._connection(batch.shape, places, facts, bounds, path)
        shape = batch.shape
        assert shape is not None
        return self._list(
            batch.member,
            [partial(self.object, shape, place) for place in places],
            path,
            has_nullable_items=batch.rows.has_nullable_items,
        )

    def _list(
        self,
        member: Member,
        items: Sequence[Callable[[Path], Any]],
        path: Path,
        *,
        has_nullable_items: bool,
    ) -> list[Any]:
        self.size.add(2 + len(items), LIST_BYTES + 8 * len(items))
        return [
            self._position(member, (*path, number), item, is_nullable=has_nullable_items)
            for number, item in enumerate(items)
        ]

    def _connection(
        self,
        shape: ConnectionShape,
        places: Sequence[_Place],
        facts: Mapping[FactKind, bytes],
        bounds: tuple[bool, bool],
        path: Path,
    ) -> ResponseRow:
        answer = self._new(shape.members)
        for member in shape.members:
            here = (*path, member.key)
            match member.node:
                case TypenameNode(name):
                    answer[member.key] = name
                case ForbiddenNode() as forbidden_node:
                    answer[member.key] = self._refuse(member, forbidden_node, here)
                case TotalCountNode():
                    answer[member.key] = self._position(
                        member, here, lambda _: _total(facts), is_nullable=False
                    )
                case PageInfoNode() as info:
                    answer[member.key] = self._page_info(info, shape, places, bounds)
                case EdgesNode() as edges:
                    items = [partial(self._edge, edges, place) for place in places]
                    answer[member.key] = self._items(member, items, here, edges)
                case NodesNode() as nodes:
                    items = [partial(self.object, nodes.shape, place) for place in places]
                    answer[member.key] = self._items(member, items, here, nodes)
        return answer

    def _items(
        self,
        member: Member,
        items: Sequence[Callable[[Path], Any]],
        path: Path,
        node: EdgesNode | NodesNode,
    ) -> Any:
        return self._position(
            member,
            path,
            lambda p: self._list(member, items, p, has_nullable_items=node.has_nullable_items),
            is_nullable=node.is_nullable,
        )

    def _edge(self, edges: EdgesNode, place: _Place, path: Path) -> ResponseRow:
        answer = self._new(edges.members)
        for member in edges.members:
            here = (*path, member.key)
            match member.node:
                case TypenameNode(name):
                    answer[member.key] = name
                case ForbiddenNode() as forbidden_node:
                    answer[member.key] = self._refuse(member, forbidden_node, here)
                case CursorNode() as node:
                    answer[member.key] = self._cursor(node, place.row)
                case RowNode(shape, is_nullable):
                    answer[member.key] = self._position(
                        member,
                        here,
                        partial(self.object, shape, place),
                        is_nullable=is_nullable,
                    )
        return answer

    def _page_info(
        self,
        info: PageInfoNode,
        shape: ConnectionShape,
        places: Sequence[_Place],
        bounds: tuple[bool, bool],
    ) -> ResponseRow:
        ends: list[str | None] = [None, None]
        if shape.cursor and places:
            ends = [self._cursor(shape.cursor, places[at].row) for at in (0, -1)]
        self.size.add(100, OBJECT_BYTES + MEMBER_BYTES * len(info.members))
        values = {
            "__typename": info.type_name,
            "hasPreviousPage": bounds[0],
            "hasNextPage": bounds[1],
            "startCursor": ends[0],
            "endCursor": ends[1],
        }
        return ResponseRow({key: values[field] for key, field in info.members})

    # -------------------------------------------------------------------------------- rows

    def object(self, shape: ObjectShape, place: _Place, path: Path) -> ResponseRow:
        answer = self._new(shape.members)
        for member in shape.members:
            answer[member.key] = self._member(member, place, (*path, member.key))
        return answer

    def _member(self, member: Member, place: _Place, path: Path) -> Any:
        compute: Callable[[Path], Any]
        match member.node:
            case TypenameNode(name):
                return name
            case ForbiddenNode() as forbidden_node:
                return self._refuse(member, forbidden_node, path)
            case CursorNode() as node:
                return self._cursor(node, place.row)
            case ResolverNode() as node:
                required = {
                    name: _value(value, place, decode_value)
                    for name, value in node.requires.items()
                }
                self.size.add(0, PENDING_BYTES + sum(map(memory_of, required.values())))
                return Pending(node, required)
            case ValueNode(is_nullable=is_nullable) as value_node:
                stored = place.row[value_node.slot] or b""
                self.size.add(4 + len(stored), VALUE_BYTES + len(stored))
                compute = partial(_value_at, value_node, place)
                return self._position(member, path, compute, is_nullable=is_nullable)
            case OneNode(presence, shape, is_nullable):
                compute = partial(self.object, shape, place)
                if place.row[presence] is None:
                    compute = _nothing
                return self._position(member, path, compute, is_nullable=is_nullable)
            case ManyNode(batch_index, slots, fact_slots, is_nullable):
                key = tuple(place.row[slot] for slot in slots)
                facts = {kind: place.row[slot] or b"0" for kind, slot in fact_slots.items()}
                compute = partial(self._rows, self.plan.batches[batch_index], key, facts)
                return self._position(member, path, compute, is_nullable=is_nullable)
            case _:
                raise AssertionError(member.field)

    def _cursor(self, node: CursorNode, row: Row) -> str:
        text = _cursor(node, row)
        self.size.add(2 + len(text), VALUE_BYTES + len(text))
        return text


def forbidden(field: str, *, login_helps: bool) -> AccessError:
    """The error where the caller may not read ``field``, such as ``Order.total``."""
    if login_helps:
        return LoginError(f"Log in to read {field}.")
    return AccessError(f"You may not read {field}.")


def _nothing(path: Path) -> None:
    return None


def _value_at(node: ValueNode, place: _Place, path: Path) -> Any:
    return _value(node, place, output_value)


def _value(node: ValueNode, place: _Place, decode: Callable[[str, Kind, bytes], Any]) -> Any:
    value = place.row[node.slot]
    if node.zero_is_null:
        (value,) = without_zeros([value])
    if value is None:
        return None
    try:
        if node.enum_names is not None:
            return decode_enum(node.enum_names, value)
        return decode(node.scalar, place.found.kinds[node.slot], value)
    except UnfitValueError as error:
        raise StoredValueError(str(error)) from error


def _cursor(node: CursorNode, row: Row) -> str:
    try:
        return encode_cursor(node.fingerprint, tuple(row[slot] for slot in node.slots)).decode()
    except ValueError as error:
        raise StoredValueError("a cursor cannot hold the value that is stored") from error


def _total(facts: Mapping[FactKind, bytes]) -> int:
    total = int(facts[FactKind.COUNT])
    if total > 2**31 - 1:
        raise StoredValueError("totalCount is over the range of Int")
    return total
