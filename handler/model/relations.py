"""Relations: how the rows of one table lead to the rows of another, by one hop or by several."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from handler.language.schema import Origin
from handler.model.conditions import Filter, Where
from handler.model.field import ModelField
from handler.model.lists import RowsField
from handler.sql.names import quote


class Hop(Struct, frozen=True):
    """One step of a path: ``columns`` of a row here equal ``references`` of the rows there.

    Without columns it leads from the root to all rows.
    """

    columns: tuple[str, ...]
    references: tuple[str, ...]
    # The object type of the rows there, whose row rules hold on the way, too; of a link table its
    # own name, see ``link_name``.
    target: str
    conditions: tuple[Where, ...] = ()  # that hold there beside those of the type

    def on(self, there: str, here: str) -> str:
        """The condition of a join of two aliases."""
        return " AND ".join(
            f"{there}.{quote(reference)} = {here}.{quote(column)}"
            for column, reference in zip(self.columns, self.references, strict=True)
        )


_LINK: Final = "`"


def link_name(table: str) -> str:
    """What a link table is called where object types are named: as no type can be."""
    return quote(table)


class Path(Struct, frozen=True):
    """The hops of a relation, at least one: those before the last lead to link tables. Or those of
    several relations, one after the other.

    >>> Path((Hop(("order_id",), ("order_id",), "`tags`"), Hop(("tag_id",), ("tag_id",), "Tag")))
    """

    hops: tuple[Hop, ...]
    # Columns by which a row of the link table is known, if each of them is an entry of its own;
    # else a pair of the columns that lead here and there stands in it once.
    key: tuple[str, ...] = ()

    @property
    def target(self) -> str:
        """The object type of the rows at its end."""
        return self.hops[-1].target

    @property
    def first(self) -> Hop:
        """From the rows where it begins. Its references are what each of them is known by."""
        return self.hops[0]

    @property
    def last(self) -> Hop:
        """To the rows at its end."""
        return self.hops[-1]

    @property
    def links(self) -> tuple[Hop, ...]:
        """To the link tables between."""
        return tuple([hop for hop in self.hops if hop.target.startswith(_LINK)])


class Relation(ModelField, frozen=True):
    """A field that leads to rows by the columns of its own."""

    path: Path
    is_one = False  # leads to one row at most

    @property
    def columns(self) -> tuple[str, ...]:
        return self.path.first.columns

    @property
    def is_always_there(self) -> bool:
        """Whether there must be a row at its end."""
        return False


class ToOne(Relation, frozen=True):
    """A field that leads to one row, or to none."""

    field: str
    is_nullable: bool
    origin: Origin
    is_one = True

    @property
    def is_always_there(self) -> bool:
        return not self.is_nullable


class ToMany(Relation, frozen=True):
    """A field that leads to rows."""

    rows: RowsField

    @property
    def field(self) -> str:
        return self.rows.field

    @property
    def origin(self) -> Origin:
        return self.rows.origin


class ToFirst(Relation, frozen=True):
    """A field that leads to the first of several rows, in an order of its own."""

    rows: RowsField
    shown: tuple[tuple[Filter, object], ...] = ()  # and values: defaults of its arguments
    required: str = ""  # an argument without which it shows none

    @property
    def field(self) -> str:
        return self.rows.field

    @property
    def origin(self) -> Origin:
        return self.rows.origin
