"""Groups of rows: which index finds the rows that are grouped, or has them in groups.

A group is known when all of its rows are read. What spares reading is an argument that must be
given, or a relation; else an index with the keys of the groups in front, which has the rows of a
group together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from aurora_graphql.catalog import IndexColumn
from aurora_graphql.check.access_paths import (
    AccessPath,
    always_given,
    filters_in_sql,
    found_rows,
    same_in_all,
    ways_without_index,
)
from handler.model.groups import GroupKey, GroupsField
from handler.model.model import Model


def group_paths(model: Model) -> Iterator[AccessPath]:
    """The ways to the rows that lists of groups are made of."""
    for name, rows, link in found_rows(model):
        if isinstance(rows, GroupsField):
            yield from _paths(model, rows, link, name)


def _paths(
    model: Model, rows: GroupsField, link: tuple[str, ...], place: str
) -> Iterator[AccessPath]:
    source = model.tables[rows.source]
    yield from ways_without_index(source, rows, link, place)
    same = same_in_all(source)
    constant, given = always_given(source, rows)
    equal = list(link)
    ranges: list[str] = []
    for used in given:
        (equal if used.operator.is_equality else ranges).append(used.column.stored_name or "")
    lead = ranges[0] if ranges else None
    always = tuple(used.argument for used in given)
    found = AccessPath(
        source.name,
        tuple(dict.fromkeys(equal)),
        lead,
        (),
        place,
        rows.origin,
        arguments=always,
        fixed=tuple(name for name in same if name not in equal),
    )
    if equal or lead:
        yield found
    elif same:  # all rows of the type, perhaps few of the table's
        yield replace(found, equal=same, fixed=(), arguments=tuple(f.argument for f in constant))
    else:
        yield _by_keys(model, rows, found)
    for used in filters_in_sql(rows):
        column = used.column.stored_name or ""
        if used.is_always_given or column in (*equal, lead):
            continue
        by_value = used.operator.is_equality
        yield replace(
            found,
            equal=(*found.equal, column) if by_value else found.equal,
            range=lead if by_value else column,
            detail=used.column.field,
            arguments=(*always, used.argument),
        )


def _by_keys(model: Model, rows: GroupsField, found: AccessPath) -> AccessPath:
    """All rows, group by group."""
    keys = list(model.groups[rows.target].keys.values())
    detail = ", ".join(key.field for key in keys)
    far = [key for key in keys if not _is_stored(key)]
    if not far:
        columns = [key.made_of.stored_name or "" for key in keys if key.made_of]
        order = tuple(IndexColumn(name, False) for name in dict.fromkeys(columns))
        return replace(found, order=order, detail=detail, ordered=detail)
    why = " and ".join(f"{key.field} is {_what(key)}" for key in far)
    return replace(
        found,
        detail=detail,
        unserved=f"{why}, so that no index has the rows of a group together: all are read that the "
        f"arguments choose; require one that an index serves",
    )


def _is_stored(key: GroupKey) -> bool:
    return not key.way and key.span is None and bool(key.made_of and key.made_of.stored_name)


def _what(key: GroupKey) -> str:
    if key.span is not None:
        return "a span of time"
    return "of another table" if key.way else "computed"
