"""The plan of an operation: a tree of batches, each one statement, and the shape of the answer.

A plan holds no value of a variable; it is compiled once per document shape, printed by
``str(plan)``, and shared by requests: nothing in it changes once it is made. Row values are
addressed by *slot*: their position among a statement's columns. The kinds of nodes and of slots
stand in ``handler/fields``, one file for each kind of field.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from itertools import chain
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from handler.compiler.filters import PlannedInput
from handler.compiler.hints import Hints, own_hint
from handler.compiler.made_keys import MadeKey
from handler.compiler.related import FirstRow
from handler.compiler.storage import Storage
from handler.compiler.visible import VisiblePath, VisibleRows
from handler.language import ast
from handler.model.column import Column
from handler.model.conditions import Filter, FilterArgument
from handler.model.field import AbstractStruct
from handler.model.groups import GroupsField
from handler.model.lists import Order, RowsField, Shape
from handler.model.model import Model
from handler.model.relations import Hop
from handler.model.tables import Table
from handler.model.united import UnitedField
from handler.sql.statement import Sql

if TYPE_CHECKING:
    from handler.compiler.aggregates import AggregateSlot
    from handler.compiler.sql import StatementWriter


# ------------------------------------------------------------------ what a statement selects


class Source(Struct, frozen=True):
    """A table in a statement; all but the first are joined to an earlier one."""

    rows: VisibleRows
    joined_to: int = -1
    hop: Hop | None = None
    first: FirstRow | None = None  # instead of a hop: where it is the first of several rows


class Slot(Struct, frozen=True, metaclass=AbstractStruct):
    """One column of a batch's statement. A kind of it overrides what is different there."""

    is_fixed = False  # whether its SQL depends on no value of a request but claims

    @abstractmethod
    def text(self, batch: Batch) -> str:
        """How the printed plan calls it."""

    @abstractmethod
    def sql(self, writer: StatementWriter, batch: Batch) -> str | Sql:
        """The expression in the statement."""

    def own_column(self) -> str | None:
        """The stored column of the batch's own rows that it is, if it is nothing else."""
        return None

    def rows_read(self) -> Iterable[VisibleRows]:
        """The rows that it reads beside those of the batch's sources."""
        return ()

    def of_link(self) -> Iterable[str]:
        """The columns that it reads of the link table between the rows and their parents."""
        return ()

    def chosen_by(self) -> int | None:
        """The position of what chooses the rows of its value, if something does."""
        return None

    def is_read_by_type(self, batch: Batch) -> bool:
        """Whether the SQL depends on the type of a stored column."""
        return False

    def is_single(self, batch: Batch, storage: Storage) -> bool:
        """Whether it is a FLOAT of 32 bits, which is read with all of its digits."""
        return False


class FactKind(Enum):
    """A fact about a whole connection, in the row of its parent."""

    COUNT = "totalCount"
    BEYOND = "rows beyond the cursor"  # behind the one that after or before names


# --------------------------------------------------------------------- the shape of the answer


class Node(Struct, frozen=True, metaclass=AbstractStruct):
    """What stands behind one field of the answer. A kind of it overrides what is different there.

    A node stands in an object, and an object is made of a *row*: of the root's single row, of a
    row that a statement gave, or of a page, which is the row of a connection. The last two methods
    give the same value, which ``tests/handler/fields/test_both_ways.py`` compares for every kind:
    ``write`` as JSON for all rows at once, which is fast and knows no errors; ``build`` as a Python
    object for one row, with the errors that may arise.

    Every kind has ``build``. A constant needs no ``write``, and what ``pageInfo`` prints by its
    name no ``text``: ``tests/handler/fields/test_kinds.py`` holds all others to them.
    """

    is_nullable = False

    @property
    def constant(self) -> bytes | None:
        """The JSON, where it is the same for every row."""
        return None

    def text(self, plan: Plan, batch: Batch | None) -> str:
        """How the printed plan describes it; ``batch`` gives the row, unless that is the root."""
        raise NotImplementedError

    def below(self, plan: Plan) -> tuple[Sequence[Member], Batch | None]:
        """The members of its object, and the batch of their rows if it is another one."""
        return (), None

    def hints(self, model: Model, plan: Plan, member: Member) -> Hints:
        """What ``@cacheControl`` says of it; see ``freshness.py``. None: nothing, but it has to."""
        own = own_hint(model, member.field)
        if own is not None:
            yield own

    def write(self, rows: Any) -> Any:
        """The JSON for each of the ``rows``, as ``Cells``; see ``handler/fields/writing.py``.

        Raises ``NotSureError`` where some row may give an error.
        """
        raise NotImplementedError

    @abstractmethod
    def build(self, builder: Any, member: Member, place: Any, path: Any) -> Any:
        """The value for the row at ``place``; see ``handler/fields/building.py``.

        Raises the error that stands in its place.
        """


class Member(Struct, frozen=True):
    """One entry of an object of the answer."""

    key: str  # the response key
    field: str  # "Type.field", for messages
    at: int  # token of the field in the document
    node: Node

    @property
    def name(self) -> str:
        """The field without its type."""
        return self.field.partition(".")[2]


class ObjectShape(Struct, frozen=True):
    """An object of the answer.

    ``parts``: its JSON in order, finished texts and the nodes that fill the rest.
    """

    type_name: str
    members: tuple[Member, ...]
    parts: tuple[bytes | Node, ...]
    slot: int = -1  # of an interface or a union: the number of the row's type
    shapes: tuple[ObjectShape, ...] = ()  # by that number
    # Where it is the row of another batch: that, and the slots that hold the key of the row.
    found: tuple[int, tuple[int, ...]] | None = None

    @classmethod
    def of(cls, type_name: str, members: Sequence[Member]) -> ObjectShape:
        """From its members. Response keys are names, which JSON writes without escapes."""
        parts: list[bytes | Node] = []
        text = b"{"
        for position, member in enumerate(members):
            text += b'%b"%b":' % (b"," if position else b"", member.key.encode())
            constant = member.node.constant
            if constant is None:
                parts += (text, member.node)
                text = b""
            else:
                text += constant.replace(b"%", b"%%")
        return cls(type_name, tuple(members), (*parts, text + b"}"))


# --------------------------------------------------------------------------------- the batches


def place_columns(order: Order, table: Table) -> tuple[Column, ...]:
    """What tells the rows of an order apart: their key, and columns of a link table."""
    return (*(term.column for term in order if term.column.link), *table.key_columns)


class Batch(Struct, frozen=True):
    """One statement for the rows of one field, for all parents at once."""

    index: int
    field: str  # "Type.field", for messages
    at: int  # token of the field in the document
    rows: RowsField
    order: Order
    arguments: tuple[ast.Argument, ...]
    owner: str  # the type that has the field
    sources: tuple[Source, ...]
    slots: tuple[Slot, ...]
    shape: ObjectShape  # of a row; of a connection that of a page
    link: tuple[int, ...] = ()  # slots that hold the parent's key
    path: VisiblePath | None = None  # from the parent's rows to these
    # Slots of what tells the rows of a parent apart, where a link table may give one twice: where
    # it holds a pair twice against the SDL's word. Empty where none can come twice.
    place: tuple[int, ...] = ()
    order_sources: tuple[int, ...] = ()  # those that hold keys of the order, parents first
    is_computed: bool = False  # some key of the order is no column of the rows
    parent_slots: tuple[int, ...] = ()  # where the path begins, as slots of the parent
    children: tuple[int, ...] = ()
    # A slot of the parent and what it holds where these rows are asked for; None: everywhere.
    only: tuple[int, frozenset[bytes]] | None = None
    parent: int | None = None
    facts: tuple[FactKind, ...] = ()
    reads_rows: bool = True
    reads_range: bool = False  # a condition of all rows may let them begin inside their order
    groups: GroupsField | None = None  # the field itself, where its rows are groups
    facet_of: int | None = None  # the batch whose rows it groups, of groups beside a page
    united: UnitedField | None = None  # the field itself, where its rows are of several tables
    is_asked: bool = True  # by the arguments of its field; else by keys that are at hand

    @property
    def left_out(self) -> tuple[Column, ...]:
        """The columns whose filters do not hold in groups beside a page."""
        return self.groups.left_out if self.groups else ()

    @property
    def rows_read(self) -> VisibleRows:
        """Of its first source."""
        return self.sources[0].rows

    @property
    def table(self) -> Table:
        """Of its first source."""
        return self.rows_read.table

    @property
    def link_columns(self) -> tuple[str, ...]:
        """The columns that hold the parent's key, of the table to which the first hop leads."""
        return self.path.hops[0].references if self.path else ()

    @property
    def is_linked(self) -> bool:
        """Whether a link table stands between its rows and the parent's."""
        return self.path is not None and not self.path.is_direct

    @property
    def link_names(self) -> tuple[str, ...]:
        """The columns of the link table whose values its rows need, if there is one."""
        if not self.is_linked:
            return ()
        needed = [name for slot in self.slots for name in slot.of_link()]
        needed += [name for term in self.order if term.column.link for name in term.column.columns]
        return tuple(dict.fromkeys((*self.link_columns, *needed)))

    @property
    def linked_columns(self) -> dict[str, str]:
        """The columns of its rows that equal columns of a link table, and which."""
        if self.path is None or self.path.is_direct:
            return {}
        last = self.path.hops[-1]
        return dict(zip(last.references, last.columns, strict=True))

    @property
    def starts_in_link(self) -> bool:
        """Whether an index may serve its order: not where it is chosen through a link table and
        begins with a column of the rows themselves."""
        first = self.order[0].column
        return not self.is_linked or bool(first.link) or first.stored_name in self.linked_columns

    @property
    def place_columns(self) -> tuple[Column, ...]:
        """The columns behind ``place``."""
        return place_columns(self.order, self.table)

    @property
    def link_table(self) -> str:
        """The name of the table that has them."""
        return (self.path.rows[0] if self.path else self.rows_read).table.name

    @property
    def is_by_key(self) -> bool:
        """Whether it reads the rows whose keys a resolver gives."""
        return self.path is not None and self.parent is None

    @property
    def is_one(self) -> bool:
        """Whether it gives one row or none, which is found by a key."""
        return self.rows.shape is Shape.OBJECT


class RowChoice(Struct, frozen=True):
    """What chooses the rows that one value is made of: filters, by its arguments."""

    owner: str  # the type of the field that gives the value
    field: str
    filters: tuple[Filter, ...]
    inputs: tuple[FilterArgument, ...]
    arguments: tuple[ast.Argument, ...]
    at: int  # token of the field in the document


class Plan(Struct, frozen=True):
    """What answers an operation. The facts about root connections are the row of the root."""

    root: ObjectShape
    batches: tuple[Batch, ...]
    choices: tuple[RowChoice, ...] = ()
    resolvers: tuple[Node, ...] = ()  # the fields that Python answers
    has_forbidden: bool = False
    totals: tuple[AggregateSlot, ...] = ()  # the values of the root over many rows
    needs_types: bool = False  # the types of columns, to read or to compare them
    places_need_types: bool = False  # the same for pages that begin or end at a row
    inputs: Mapping[str, PlannedInput] = field(default_factory=dict)  # of filters, by name

    def __str__(self) -> str:
        return "\n".join(("query", *self._lines(self.root.members, None, 1)))

    def _lines(self, members: Sequence[Member], batch: Batch | None, depth: int) -> Iterator[str]:
        for member in members:
            label = member.name if member.key == member.name else f"{member.key}: {member.name}"
            yield f"{'  ' * depth}{label} = {member.node.text(self, batch)}"
            below, other = member.node.below(self)
            yield from self._lines(below, other or batch, depth + 1)

    def all_read(self) -> Iterator[VisibleRows]:
        """Everything that its statements read; facts read what their batch does."""
        for batch in self.batches:
            for source in batch.sources:
                yield from source.rows.all_read()
                if source.first is not None:
                    yield from source.first.path.all_read()
            for link in batch.path.rows[:-1] if batch.path else ():
                yield from link.all_read()
        for key in self.made_keys():
            yield from key.all_read()
        for slot in chain(self.totals, *(batch.slots for batch in self.batches)):
            for rows in slot.rows_read():
                yield from rows.all_read()
        for each in self.inputs.values():
            yield from each.all_read()

    def made_keys(self) -> Iterator[MadeKey]:
        """The aggregates that rows are sorted by, and chosen by."""
        ordered = (term.column for batch in self.batches for term in batch.order)
        filters = [used for batch in self.batches for used in batch.rows.filters]
        filters += [used for choice in self.choices for used in choice.filters]
        filters += [u[0] for each in self.inputs.values() for u in each.input.by_column()]
        chosen = (used.column for used in filters)
        return (each for each in chain(ordered, chosen) if isinstance(each, MadeKey))

    def claims(self) -> tuple[str, ...]:
        """Names of the claims whose values decide which rows it gives."""
        return tuple(sorted({name for rows in self.all_read() for name in rows.claims()}))


def guard_text(rows: VisibleRows) -> str:
    """Which rows the caller sees, in the printed plan."""
    which = str(rows)
    return f", where {which}" if which else ""
