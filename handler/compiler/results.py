"""What the database answered to the statements of a plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from msgspec import Struct, field

from handler.answer import GraphqlError
from handler.compiler.plan import Batch, Plan
from handler.errors import HandlerError
from handler.sql.rowset import Row, RowSet
from handler.sql.stored_type import Kind

NO_ROWS = RowSet((), ())
NULL = b"null"


class Flaw(Struct, frozen=True):
    """What Python answers with errors in it, whose paths begin at the field.

    ``data``: its JSON; None where the errors leave nothing of it.
    """

    data: bytes | None
    errors: tuple[GraphqlError, ...]


Cell: TypeAlias = bytes | Flaw  # what Python answers for one row: JSON, or what is wrong with it


class Totals(Struct):
    """The values of the root over many rows, by number."""

    values: list[bytes | None] = field(default_factory=list)
    kinds: list[Kind] = field(default_factory=list)
    failures: dict[int, HandlerError] = field(default_factory=dict)


class Results(Struct):
    """What the database answered, by batch. A batch that failed has an error and no rows."""

    rows: dict[int, RowSet] = field(default_factory=dict)
    facts: dict[int, Row] = field(default_factory=dict)
    failures: dict[int, HandlerError] = field(default_factory=dict)
    # The key of each row's parent, as the parent has it, where the row has other bytes for it.
    owners: dict[int, Sequence[Row]] = field(default_factory=dict)
    only_parent: dict[int, Row] = field(default_factory=dict)  # the key of it, where there is one
    root_cells: tuple[Any, ...] = ()  # what Python answers at the root, the last one first
    totals: Totals = field(default_factory=Totals)

    @property
    def errors(self) -> Iterable[HandlerError]:
        """Of everything that failed."""
        return (*self.failures.values(), *self.totals.failures.values())

    def owners_of(self, batch: Batch) -> Iterable[Row]:
        """The keys of the parents of a batch's rows, row by row, as the parents have them."""
        if batch.index in self.only_parent:
            return [self.only_parent[batch.index]] * self.rows[batch.index].count
        owners = self.owners.get(batch.index)
        return row_keys(self.rows[batch.index], batch.link) if owners is None else owners

    def root(self, plan: Plan) -> Row:
        """The row of the root: the facts about its connections, one after the other, and cells."""
        facts: list[bytes | None] = []
        for batch in plan.batches:
            if batch.facts and batch.parent is None:
                facts += self.facts.get(batch.index) or (b"0",) * len(batch.facts)
        return (*facts, *self.root_cells)


def row_keys(found: RowSet, slots: tuple[int, ...]) -> Iterable[Row]:
    """The values of some columns, row by row."""
    return zip(*map(found.columns.__getitem__, slots), strict=True) if found.columns else ()
