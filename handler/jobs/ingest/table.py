"""One table of a mapping: which values of a line it takes, and its statements."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Self

from msgspec import Struct

from handler.jobs.ingest.catalog import TableType
from handler.jobs.ingest.mapping import TableRule
from handler.sql.names import quote

Row = tuple[object, ...]
Identity = Any  # the value of a key of one column, a tuple of more


class Borrowed(Struct, frozen=True):
    """A column whose value is read from the line's row of a table above."""

    table: str
    column: str


class Table(Struct, frozen=True, eq=False, kw_only=True):
    """A table: the first ``key_columns`` of the columns are its key.

    ``reads``: columns that the database fills and other tables refer to. ``fallbacks``: by place of
    a column, the place of the one whose value stands in where no line knows better. ``defaulted``:
    places of columns that take the table's own default instead of a null. ``weighed``: places of
    the key whose texts may differ and still be the same value.
    """

    name: str
    columns: tuple[str, ...]
    reads: tuple[str, ...]
    key_columns: int
    slots: tuple[int, ...]
    borrowed: Mapping[int, Borrowed]
    fallbacks: Mapping[int, int]
    defaulted: frozenset[int]
    weighed: Mapping[int, str]
    labels: tuple[str | None, ...]  # what a replaced value is called in the report
    on_conflict: str
    is_looked_up: bool
    is_optional: bool  # a row may lack its key
    inserts_new: bool  # another unique index must not choose the row that is updated

    @classmethod
    def build(
        cls,
        name: str,
        *,
        columns: tuple[str, ...],
        reads: tuple[str, ...],
        slots: tuple[int, ...],
        borrowed: Mapping[int, Borrowed],
        rule: TableRule,
        found: TableType,
        always: frozenset[str],
    ) -> Self:
        """The table of a rule. ``always``: columns for which every line has a value."""
        key = set(rule.key)
        others = [each for each in found.unique if set(each) != key and set(each) <= set(columns)]
        facts = [each for each in columns if each not in key]
        return cls(
            name=name,
            columns=columns,
            reads=reads,
            key_columns=len(rule.key),
            slots=slots,
            borrowed=borrowed,
            fallbacks={
                at: columns.index(fallback)
                for at, column in enumerate(columns)
                if (fallback := rule.rule(column).fallback) is not None
            },
            defaulted=frozenset(
                at
                for at, column in enumerate(columns)
                if not found.columns[column].is_nullable
                and found.columns[column].has_default
                and column not in always
            ),
            weighed={
                at: str(found.columns[column].collation)
                for at, column in enumerate(rule.key)
                if found.columns[column].weighs
            },
            labels=tuple(
                (rule.rule(column).names or (f"{name}.{column}",))[0]
                if column in rule.tell_replaced
                else None
                for column in columns
            ),
            on_conflict=rule.on_conflict,
            is_looked_up=bool(
                reads
                or others
                or rule.tell_replaced
                or rule.on_conflict != "update"
                or not set(facts) <= always | {columns[at] for at in borrowed}
            ),
            is_optional=rule.optional or bool(borrowed),
            inserts_new=bool(others),
        )

    def taker(self) -> Callable[[Sequence[Any]], Row]:
        """What takes the table's values out of a line, those of ``borrowed`` not yet right."""
        return _tuple_getter(self.slots)

    def identifier(self) -> Callable[[Sequence[Any]], Identity]:
        """What tells a row from others of the table."""
        return itemgetter(*range(self.key_columns))

    def to_known(self, row: Row) -> Row:
        """A stored row; a value that only stands in for one is not known."""
        if self.fallbacks:
            changed = list(row)
            for at, other in self.fallbacks.items():
                if row[at] == row[other]:
                    changed[at] = None
            return tuple(changed)
        return row

    def to_stored(self, row: Row) -> Row:
        """The row to write, without the columns that are only read."""
        row = row[: len(self.columns)]
        if self.fallbacks:
            changed = list(row)
            for at, other in self.fallbacks.items():
                if row[at] is None:
                    changed[at] = row[other]
            return tuple(changed)
        return row


@functools.lru_cache(maxsize=64)
def select_text(table: Table, count: int) -> str:
    """Text of the look-up of ``count`` keys."""
    key = [quote(each) for each in table.columns[: table.key_columns]]
    wanted = ", ".join(map(quote, (*table.columns, *table.reads)))
    if len(key) == 1:
        condition = f"{key[0]} IN ({', '.join(['%s'] * count)})"
    else:
        each = f"({', '.join(['%s'] * len(key))})"
        condition = f"({', '.join(key)}) IN ({', '.join([each] * count)})"
    return f"SELECT {wanted} FROM {quote(table.name)} WHERE {condition}"  # noqa: S608 # quoted names


@functools.lru_cache(maxsize=64)
def upsert_text(table: Table, rows: tuple[str, ...] | int, *, is_new: bool) -> str:
    """Text of the upsert of rows. ``rows``: how many, or the values of each as they are written.

    ``is_new``: the rows were not there, and must not be taken for others.
    """
    if isinstance(rows, int):
        rows = (row_text(len(table.columns), frozenset()),) * rows
    names = ", ".join(map(quote, table.columns))
    text = f"INSERT INTO {quote(table.name)} ({names}) VALUES {', '.join(rows)}"  # noqa: S608 # quoted
    if is_new and table.inserts_new:
        return text
    facts = table.columns[table.key_columns :] if table.on_conflict != "keep" else ()
    key = quote(table.columns[0])
    written = ", ".join(f"{name} = VALUES({name})" for name in map(quote, facts))
    return f"{text} ON DUPLICATE KEY UPDATE {written or f'{key} = {key}'}"


def row_text(count: int, defaulted: frozenset[int]) -> str:
    """Text of one row, with ``DEFAULT`` at some places."""
    return f"({', '.join('DEFAULT' if at in defaulted else '%s' for at in range(count))})"


def _tuple_getter(slots: tuple[int, ...]) -> Callable[[Sequence[Any]], Row]:
    if len(slots) == 1:
        (only,) = slots
        return lambda line: (line[only],)
    return itemgetter(*slots)
