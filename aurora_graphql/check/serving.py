"""Which indexes serve a way to rows, and what the optimizer is asked about one of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import takewhile

from aurora_graphql.catalog import Index, IndexColumn
from aurora_graphql.check.access_paths import AccessPath
from handler.compiler.keyset import ranges
from handler.compiler.sql import NO_SKIP_SCAN
from handler.compiler.storage import UNKNOWN
from handler.compiler.tables import Tables
from handler.model.column import Column, ColumnRef
from handler.model.lists import OrderTerm
from handler.sql.names import quote
from handler.sql.statement import SqlValue, Statement, join, sql, value


def serving_indexes(
    path: AccessPath,
    indexes: Sequence[Index],
    *,
    hidden: bool = False,
    partly: frozenset[str] = frozenset(),
    anew: bool = False,
) -> list[Index]:
    """The indexes that serve the path: the primary key, then the others, the shortest first.

    A secondary index that has columns of the primary key has the order, too, by what is left of the
    key at its end; MySQL sorts its rows all the same.

    ``anew``: without those whose rows MySQL sorts, because it expects the whole key at the end but
    for columns that are equal, and an order names no column twice.
    ``hidden``: those that would, if the optimizer were allowed to use it. ``partly``: columns of
    long texts, whose beginning finds rows as well as the whole would.
    """
    primary = next((index for index in indexes if index.name == "PRIMARY"), None)
    usable = [index for index in indexes if bool(index.shown_by) == hidden]
    fitting = [index for index in usable if _serves(index, path, primary, partly, anew=anew)]
    return sorted(fitting, key=lambda each: (each is not primary, len(each.columns)))


def _serves(
    index: Index,
    path: AccessPath,
    primary: Index | None,
    partly: frozenset[str],
    *,
    anew: bool,
) -> bool:
    equal = set(path.equal)
    if index.is_unique and {column.name for column in index.columns} <= equal:
        return True  # one row: nothing is left to sort
    if index.is_hash:
        is_whole = {column.name for column in index.columns} == equal
        return is_whole and path.range is None and not path.order
    own = [
        replace(column, name=column.prefix_of) if column.prefix_of in partly else column
        for column in index.columns
    ]
    names = {column.name for column in own}
    key = list(primary.columns) if primary else []
    if anew and index is not primary:
        key = list(takewhile(lambda each: each.name in equal or each.name not in names, key))
    columns = [*own, *(c for c in key if c.name not in names)]
    if {column.name for column in columns[: len(equal)]} != equal:
        return False
    rest = columns[len(equal) :]
    if path.range is not None and (not rest or rest[0].name != path.range):
        return False
    order = path.order[: len(rest)]
    if [c.name for c in order] != [c.name for c in rest[: len(order)]]:
        return False
    if len(order) < len(path.order) and not _is_total(index, primary, equal, order):
        return False
    turned = {have.descending != want.descending for have, want in zip(rest, order, strict=False)}
    return len(turned) <= 1


def _is_total(
    index: Index, primary: Index | None, equal: set[str], order: Sequence[IndexColumn]
) -> bool:
    """Whether the columns so far tell rows apart, so that further ones sort nothing."""
    known = equal | {column.name for column in order}
    return any(
        unique is not None and unique.is_unique and {c.name for c in unique.columns} <= known
        for unique in (index, primary)
    )


def explain_statements(
    path: AccessPath, index: Index, samples: Mapping[str, SqlValue], nullable: Collection[str]
) -> Iterator[Statement]:
    """What the optimizer is asked about, with that index: the questions for the keys of a page, of
    the first one and of each range beyond a row. ``samples`` are values by column.

    A table of few rows would be read whole, whatever there is, so the index is forced.
    """
    tables = Tables({})
    chosen = [sql(f"k.{quote(name)} = ", value(samples[name])) for name in path.equal]
    if path.range is not None:
        chosen.append(sql(f"k.{quote(path.range)} >= ", value(samples[path.range])))
    columns = [
        Column(each.name, "String", each.name in nullable, (ColumnRef(each.name),), path.origin)
        for each in path.order
    ]
    order = tuple(map(OrderTerm, columns, (each.descending for each in path.order)))
    position = [samples[each.name] for each in path.order]
    beyond = ranges(order, position, UNKNOWN, backward=False) if order else []
    for start in (None, *beyond):
        terms = order[start.fixed :] if start else order
        where = [*chosen, start.condition.sql(tables, "k")] if start else chosen
        listed = [f"{tables.column(t.column, 'k')}{' DESC' if t.descending else ''}" for t in terms]
        yield Statement.of(
            sql(
                f"SELECT {NO_SKIP_SCAN} 1 FROM {quote(path.table)} k",
                f" FORCE INDEX ({quote(index.name)})",
                *((" WHERE ", join(" AND ", where)) if where else ()),
                f" ORDER BY {', '.join(listed)}" if listed else "",
                " LIMIT 10",
            )
        )
