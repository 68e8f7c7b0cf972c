"""The columns of statements that several kinds of fields select, and the batch while it is made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from handler.compiler.keyset import is_stored
from handler.compiler.plan import Batch, FactKind, ObjectShape, Slot, Source, place_columns
from handler.compiler.related import FirstRow
from handler.compiler.storage import Storage
from handler.compiler.visible import VisibleGroups, VisiblePath, VisibleRows
from handler.errors import LimitError
from handler.fields.order_keys import key_slot
from handler.language import ast
from handler.model.column import Column
from handler.model.groups import GroupsField
from handler.model.lists import Order, RowsField, Shape
from handler.model.united import UnitedField
from handler.scalars import COLUMNS
from handler.scalars.single import all_digits
from handler.sql.names import quote

if TYPE_CHECKING:
    from handler.compiler.sql import StatementWriter

MAX_JOINS = 40  # MySQL and MariaDB join at most 61 tables in one statement


class StoredSlot(Slot, frozen=True):
    """A stored column."""

    source: int
    name: str

    is_fixed = True

    def text(self, batch: Batch) -> str:
        return f"t{self.source}.{self.name}"

    def sql(self, writer: StatementWriter, batch: Batch) -> str:
        text = f"t{self.source}.{quote(self.name)}"
        if writer.storage.columns and self.is_single(batch, writer.storage):
            text = all_digits(text)
        return text

    def own_column(self) -> str | None:
        return None if self.source else self.name

    def is_read_by_type(self, batch: Batch) -> bool:
        """A column may be a FLOAT, which is read with all of its digits."""
        rows = batch.sources[self.source].rows
        return any(
            column.stored_name == self.name and COLUMNS[column.scalar].is_read_by_type
            for table in (rows.table, *(kind.table for kind in rows.kinds))
            for column in table.of_kind(Column).values()
        )

    def is_single(self, batch: Batch, storage: Storage) -> bool:
        return storage.is_single(batch.sources[self.source].rows.table.name, self.name)


class LinkSlot(Slot, frozen=True):
    """A column of the link table between the rows and their parents."""

    name: str
    scalar: str | None = None  # of the field that shows it, if one does

    is_fixed = True

    def text(self, batch: Batch) -> str:
        return f"link {self.name}"

    def sql(self, writer: StatementWriter, batch: Batch) -> str:
        text = f"{writer.link(batch, 't0')}.{quote(self.name)}"
        return all_digits(text) if self.is_single(batch, writer.storage) else text

    def of_link(self) -> tuple[str, ...]:
        return (self.name,)

    def is_read_by_type(self, batch: Batch) -> bool:
        return self.scalar is not None and COLUMNS[self.scalar].is_read_by_type

    def is_single(self, batch: Batch, storage: Storage) -> bool:
        return self.scalar is not None and storage.is_single(batch.link_table, self.name)


class ExpressionSlot(Slot, frozen=True):
    """An expression over columns of one row."""

    source: int
    column: Column

    is_fixed = True

    def text(self, batch: Batch) -> str:
        return f"t{self.source}.expression {self.column.field}"

    def sql(self, writer: StatementWriter, batch: Batch) -> str:
        return writer.column(self.column, f"t{self.source}")

    def of_link(self) -> tuple[str, ...]:
        return self.column.columns if self.column.link else ()


class ReadSlot(ExpressionSlot, frozen=True):
    """A column that is sent as what a function of its scalar makes of it."""

    def text(self, batch: Batch) -> str:
        function, name = COLUMNS[self.column.scalar].read_through, self.column.stored_name
        return f"{function} of t{self.source}.{name or f'expression {self.column.field}'}"

    def sql(self, writer: StatementWriter, batch: Batch) -> str:
        function = COLUMNS[self.column.scalar].read_through
        return f"{function}({writer.column(self.column, f't{self.source}')})"


class BatchBuilder:
    """A batch while the fields of its rows are planned; ``freeze`` gives the finished one.

    ``node``: the field of ``owner`` that gives the rows.
    """

    shape: ObjectShape

    def __init__(
        self,
        index: int,
        owner: str,
        node: ast.Field,
        rows: RowsField,
        order: Order,
        visible: VisibleRows,
        parent: BatchBuilder | None,
        path: VisiblePath | None,
    ) -> None:
        self.index = index
        self.owner = owner
        self.field = f"{owner}.{node.name}"
        self.at = node.at
        self.arguments = tuple(node.arguments)
        self.rows = rows
        self.order = order
        self.sources = [Source(visible)]
        self.slots: list[Slot] = []
        self.resolvers = 0  # fields of its rows that Python answers
        self.parent = parent
        self.children: list[int] = []
        self.facts: list[FactKind] = []
        self.reads_rows = rows.shape is not Shape.CONNECTION  # of one: if something asks for them
        self.parent_slots: tuple[int, ...] = ()
        self.only: tuple[int, frozenset[bytes]] | None = None
        self.path = path
        self.facet_of: int | None = None
        self.is_of_several = isinstance(parent and parent.rows, UnitedField)
        self.facets: list[BatchBuilder] = []  # groups of its rows, beside its page
        self.link = tuple([self.slot(wanted) for wanted in _link_slots(path)])
        if parent is not None:
            parent.children.append(index)

    @property
    def is_by_key(self) -> bool:
        """See ``Batch``."""
        return self.path is not None and self.parent is None

    def slot(self, wanted: Slot) -> int:
        """The position of a value among the statement's columns; each is selected once."""
        if wanted not in self.slots:
            self.slots.append(wanted)
        return self.slots.index(wanted)

    def key(self, source: int, column: Column) -> int:
        """The position of a key of an order, as cursors hold it."""
        is_plain = column.stored_name is not None or COLUMNS[column.scalar].read_through
        return self.column(source, column) if is_plain else self.slot(key_slot(column))

    def column(self, source: int, column: Column) -> int:
        """The position of a column of a source, stored or computed."""
        source = column.source or source
        if COLUMNS[column.scalar].read_through:
            return self.slot(ReadSlot(source, column))
        stored = column.shown_name
        if stored is None:
            return self.slot(ExpressionSlot(source, column))
        is_of_link = bool(column.link)
        return self.slot(
            LinkSlot(stored, column.scalar) if is_of_link else StoredSlot(source, stored)
        )

    def fact(self, kind: FactKind) -> None:
        """Ask for a fact about the whole connection."""
        if kind not in self.facts:
            self.facts.append(kind)

    def join(self, source: int, path: VisiblePath) -> int:
        """The source that holds the row to which a path leads from a row of a source.

        Raises ``LimitError`` for more than ``MAX_JOINS``.
        """
        for hop, visible in zip(path.hops, path.rows, strict=True):
            source = self._join_hop(Source(visible, source, hop))
        return source

    def join_first(self, source: int, first: FirstRow) -> int:
        """The source that holds the first of several rows. Raises ``LimitError`` as ``join``."""
        return self._join_hop(Source(first.path.target, source, first=first))

    def _join_hop(self, wanted: Source) -> int:
        if wanted in self.sources:
            return self.sources.index(wanted)
        if len(self.sources) > MAX_JOINS:
            raise LimitError(
                f"{self.field} follows more than {MAX_JOINS} relations to one row; "
                f"ask for fewer of them"
            )
        self.sources.append(wanted)
        return len(self.sources) - 1

    def freeze(self) -> Batch:
        """The finished batch."""
        place: tuple[int, ...] = ()
        is_first = self.rows.shape is Shape.FIRST  # of a parent no row comes twice
        if self.reads_rows and self.path and self.path.may_repeat and not is_first:
            columns = place_columns(self.order, self.path.target.table)
            place = tuple([self.column(0, column) for column in columns])
        return Batch(
            index=self.index,
            field=self.field,
            at=self.at,
            rows=self.rows,
            order=self.order,
            order_sources=self._order_sources(),
            is_computed=not is_stored(self.order),
            arguments=self.arguments,
            owner=self.owner,
            sources=tuple(self.sources),
            slots=tuple(self.slots),
            shape=self.shape,
            link=self.link,
            path=self.path,
            place=place,
            parent_slots=self.parent_slots,
            children=tuple(self.children),
            only=self.only,
            parent=self.parent.index if self.parent else None,
            facts=tuple(self.facts),
            reads_rows=self.reads_rows,
            reads_range=self.rows.shape is not Shape.OBJECT and self.sources[0].rows.reads_range,
            groups=self.rows if isinstance(self.rows, GroupsField) else None,
            facet_of=self.facet_of,
            united=self.rows if isinstance(self.rows, UnitedField) else None,
            is_asked=not (self.is_by_key or self.is_of_several),
        )

    def _order_sources(self) -> tuple[int, ...]:
        found: set[int] = set()
        for term in self.order:
            source = term.column.source
            while source > 0:
                found.add(source)
                source = self.sources[source].joined_to
        return tuple(sorted(found))


def _link_slots(path: VisiblePath | None) -> Iterator[Slot]:
    if path is not None:
        for name in path.hops[0].references:
            # A table of groups has the columns of the link table among its own.
            is_own = path.is_direct or isinstance(path.target, VisibleGroups)
            yield StoredSlot(0, name) if is_own else LinkSlot(name)
