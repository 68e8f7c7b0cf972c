"""The plan of an operation: a tree of batches, each one statement, and the shape of the answer.

A plan holds no value of a variable; it is compiled once per document shape, and printed by
``str(plan)``. Row values are addressed by *slot*: their position among a statement's columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import TypeAlias

from msgspec import Struct, field

from handler.compiler.visible import VisibleRows
from handler.language import ast
from handler.model.column import Column
from handler.model.conditions import Filter
from handler.model.lists import Order, RowsField, Shape
from handler.model.relations import Relation
from handler.model.tables import Table

# ------------------------------------------------------------------ what a statement selects


class Source(Struct, frozen=True):
    """A table in a statement; all but the first are joined to an earlier one."""

    rows: VisibleRows
    joined_to: int = -1
    relation: Relation | None = None


class ColumnSlot(Struct, frozen=True):
    """An expression over columns of one row."""

    source: int
    column: Column


class StoredSlot(Struct, frozen=True):
    """A stored column."""

    source: int
    name: str


class AggregateSlot(Struct, frozen=True):
    """Count (no column) or sum over the rows that a relation leads to."""

    source: int
    relation: Relation
    rows: VisibleRows
    column: Column | None
    aggregate: int | None = None  # what chooses among the rows, if something may


class FactKind(Enum):
    COUNT = "totalCount"
    BEYOND = "rows beyond the cursor"  # behind the one that after or before names


class FactSlot(Struct, frozen=True):
    """Something about a whole connection, told in the row of its parent."""

    source: int
    batch: int
    kind: FactKind


Slot: TypeAlias = ColumnSlot | StoredSlot | AggregateSlot | FactSlot

# --------------------------------------------------------------------- the shape of the answer


class Member(Struct, frozen=True):
    """One entry of an object of the answer."""

    key: str  # the response key
    field: str  # "Type.field", for messages
    at: int  # token of the field in the document
    node: Node


class ForbiddenNode(Struct, frozen=True):
    """A field that the caller may not read: an error wherever it would stand, and nothing read."""

    is_nullable: bool
    login_helps: bool  # nobody has logged in, and some who have may read it


class TypenameNode(Struct, frozen=True):
    name: str


class ValueNode(Struct, frozen=True):
    """A scalar or an enum from a slot."""

    slot: int
    scalar: str
    is_nullable: bool
    enum_names: Mapping[str, str] | None = None  # value in the column -> name in GraphQL
    zero_is_null: bool = False  # a date that is none is shown as null


class CursorNode(Struct, frozen=True):
    slots: tuple[int, ...]
    fingerprint: str
    is_nullable: bool = False


class OneNode(Struct, frozen=True):
    """A joined row; null if the slot is NULL, which is a column that a found row has."""

    presence: int
    shape: ObjectShape
    is_nullable: bool


class ManyNode(Struct, frozen=True):
    """The rows of another batch that belong to this one. ``slots`` hold this row's side."""

    batch: int
    slots: tuple[int, ...]
    facts: Mapping[FactKind, int]  # slots in this row
    is_nullable: bool


class GivenNode(Struct, frozen=True):
    """What a function gives at one place of the document, by the object type that it is of.

    Of a type in ``batches`` it gives the key of a row, which the batch reads. ``below`` has, of
    other types, the fields under which there are such places: by response key, with their names,
    which are empty for fields that have functions of their own.
    """

    type_name: str  # of the field: an object type, an interface or a union
    batches: Mapping[str, int]
    below: Mapping[str, Mapping[str, tuple[str, GivenNode]]]


class ResolverNode(Struct, frozen=True):
    """A field answered by Python."""

    arguments: tuple[ast.Argument, ...]
    owner: str
    field: str
    requires: Mapping[str, ValueNode]
    selections: tuple[ast.Field, ...]  # the field's nodes, with what is selected below them
    given: GivenNode | None  # none where no rows hang on what the function gives
    batches: tuple[int, ...]  # all that are read by keys of the function's
    is_nullable: bool


class IntrospectionNode(Struct, frozen=True):
    field: ast.Field


class RootNode(Struct, frozen=True):
    """The rows of a batch that has no parent."""

    batch: int
    is_nullable: bool


class RowNode(Struct, frozen=True):
    """The ``node`` of an edge: the row itself."""

    shape: ObjectShape
    is_nullable: bool


class EdgesNode(Struct, frozen=True):
    """``edges`` of a connection; its members are RowNodes, CursorNodes, TypenameNodes and
    ForbiddenNodes."""

    members: tuple[Member, ...]
    is_nullable: bool
    has_nullable_items: bool


class NodesNode(Struct, frozen=True):
    """``nodes`` of a connection: the rows without their edges."""

    shape: ObjectShape
    is_nullable: bool
    has_nullable_items: bool


class PageInfoNode(Struct, frozen=True):
    members: tuple[tuple[str, str], ...]  # response key, field name or "__typename"
    type_name: str


class TotalCountNode(Struct, frozen=True):
    pass


Node: TypeAlias = (
    TypenameNode
    | ValueNode
    | CursorNode
    | OneNode
    | ManyNode
    | ResolverNode
    | IntrospectionNode
    | RootNode
    | RowNode
    | EdgesNode
    | NodesNode
    | PageInfoNode
    | TotalCountNode
    | ForbiddenNode
)


class ObjectShape(Struct, frozen=True):
    type_name: str
    members: tuple[Member, ...]


class ConnectionShape(Struct, frozen=True):
    """Members are EdgesNodes, NodesNodes, PageInfoNodes, TotalCountNodes, and what any may be:
    TypenameNodes and ForbiddenNodes."""

    type_name: str
    members: tuple[Member, ...]
    cursor: CursorNode | None  # of startCursor and endCursor


# --------------------------------------------------------------------------------- the batches


class Batch(Struct):
    """One statement for the rows of one field, for all parents at once."""

    index: int
    member: Member
    rows: RowsField
    order: Order
    arguments: tuple[ast.Argument, ...]
    owner: str  # the type that has the field
    sources: list[Source]
    slots: list[Slot] = field(default_factory=list)
    link: tuple[int, ...] = ()  # slots that hold the parent's key
    link_columns: tuple[str, ...] = ()  # the same, as columns of the first source
    parent_columns: tuple[str, ...] = ()  # the other side of the relation
    parent_slots: tuple[int, ...] = ()  # the same, as slots of the parent
    shape: ObjectShape | ConnectionShape | None = None
    children: list[int] = field(default_factory=list)
    parent: int | None = None
    facts: dict[FactKind, int] = field(default_factory=dict)  # of a root: position in its row
    reads_rows: bool = True

    @property
    def rows_read(self) -> VisibleRows:
        return self.sources[0].rows

    @property
    def table(self) -> Table:
        return self.rows_read.table

    @property
    def is_by_key(self) -> bool:
        """Whether it reads the rows whose keys a resolver gives."""
        return bool(self.link_columns) and self.parent is None


class Aggregate(Struct, frozen=True):
    """What chooses the rows that are counted or summed: filters, by arguments and defaults."""

    owner: str  # the type that has both fields
    field: str  # the one that gives the number
    of: str  # the relation, whose defaults hold as well
    filters: tuple[Filter, ...]
    arguments: tuple[ast.Argument, ...]
    at: int  # token of the field in the document


class Plan(Struct, frozen=True):
    root: ObjectShape
    batches: tuple[Batch, ...]
    aggregates: tuple[Aggregate, ...] = ()
    has_resolvers: bool = False
    has_forbidden: bool = False
    needs_types: bool = False  # the types of columns, to read or to compare them
    places_need_types: bool = False  # the same for pages that begin or end at a row

    def __str__(self) -> str:
        return "\n".join(_print_plan(self))

    def children(self, batch: Batch) -> list[Batch]:
        return [self.batches[index] for index in batch.children]

    def all_read(self) -> Iterator[VisibleRows]:
        """Everything that its statements read; facts read what their batch does."""
        for batch in self.batches:
            for source in batch.sources:
                yield from source.rows.all_read()
            for slot in batch.slots:
                if isinstance(slot, AggregateSlot):
                    yield from slot.rows.all_read()

    def claims(self) -> tuple[str, ...]:
        """Names of the claims whose values decide which rows it gives."""
        return tuple(sorted({name for rows in self.all_read() for name in rows.claims()}))


# -------------------------------------------------------------------------------- print a plan


def _print_plan(plan: Plan) -> Iterator[str]:
    yield "query"
    for member in plan.root.members:
        yield from _print_member(plan, member, None, 1)


def _print_member(plan: Plan, member: Member, batch: Batch | None, depth: int) -> Iterator[str]:
    pad = "  " * depth
    node = member.node
    name = member.field.partition(".")[2]
    label = name if member.key == name else f"{member.key}: {name}"
    inner: tuple[Member, ...] = ()
    match node:
        case TypenameNode():
            yield f"{pad}{label} = {node.name!r}"
        case ForbiddenNode():
            yield f"{pad}{label} = forbidden" + (", unless logged in" if node.login_helps else "")
        case ValueNode():
            assert batch is not None
            yield f"{pad}{label} = {_slot_text(batch, node.slot)} as {node.scalar}"
        case CursorNode():
            yield f"{pad}{label} = cursor"
        case OneNode():
            assert batch is not None
            joined = batch.sources[batch.slots[node.presence].source].rows
            yield f"{pad}{label} = one {node.shape.type_name}, joined{_guard_text(joined)}"
            inner = node.shape.members
        case ManyNode() | RootNode():
            batch = plan.batches[node.batch]
            yield f"{pad}{label} = {_batch_text(batch)}"
            inner = batch.shape.members if batch.shape else ()
        case ResolverNode():
            yield f"{pad}{label} = Python {node.owner}.{node.field}"
        case IntrospectionNode():
            yield f"{pad}{label} = introspection"
        case RowNode() | NodesNode():
            yield f"{pad}{label} = {node.shape.type_name}"
            inner = node.shape.members
        case EdgesNode():
            yield f"{pad}{label} = edges"
            inner = node.members
        case PageInfoNode():
            yield f"{pad}{label} = " + ", ".join(field for _, field in node.members)
        case TotalCountNode():
            yield f"{pad}{label} = count"
    for found in inner:
        yield from _print_member(plan, found, batch, depth + 1)


def _batch_text(batch: Batch) -> str:
    noun = {Shape.OBJECT: "one", Shape.LIST: "list of", Shape.CONNECTION: "page of"}
    text = f"batch {batch.index}: {noun[batch.rows.shape]} {batch.rows.target}"
    if batch.arguments:
        text += " by " + ", ".join(argument.name for argument in batch.arguments)
    if batch.link_columns:
        text += f" for each {', '.join(batch.link_columns)}"
    if batch.rows.shape is not Shape.OBJECT and batch.reads_rows:
        text += ", ordered by " + ", ".join(str(term) for term in batch.order)
    return text + _guard_text(batch.rows_read)


def _guard_text(rows: VisibleRows) -> str:
    return f", where {rows}" if rows.guards else ""


def _slot_text(batch: Batch, index: int) -> str:
    match batch.slots[index]:
        case ColumnSlot(source, column):
            return f"t{source}." + (column.stored_name or f"expression {column.field}")
        case StoredSlot(source, name):
            return f"t{source}.{name}"
        case AggregateSlot(rows=rows, column=None):
            return f"count of {rows.table.name}{_guard_text(rows)}"
        case AggregateSlot(rows=rows, column=column):
            assert column is not None
            return f"sum of {rows.table.name}.{column.field}{_guard_text(rows)}"
        case FactSlot(_, _, kind):
            return kind.value
