"""Filter inputs: by what callers may choose rows, where an index finds them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from aurora_graphql.project.description import Argument, Root, Type
from aurora_graphql.project.lists import (
    RANGED,
    can_equal,
    has_beginnings,
    is_found,
    orders_of,
    searches_of,
)
from aurora_graphql.project.tables import LABELS, Kept
from handler.language.made_names import FILTER
from handler.sql.operators import COMBINED


def with_filters(types: Sequence[Type], tables: Mapping[str, Kept]) -> tuple[list[Type], list[str]]:
    """The types with what may be filtered by, and their lists with an argument for it; and
    sentences on those that have none, because another type is called as their input would be.

    ``tables``: by type.
    """
    written = {name for each in types for name in (each.name, *(enum.name for enum in each.enums))}
    columns = {
        each.name: [
            replace(
                column,
                operators=tuple(_operators(tables[each.name], column.name)),
                is_sortable=column.name in _sorted(tables[each.name]),
            )
            for column in each.columns
        ]
        for each in types
        if f"{each.name}{FILTER}" not in written
    }
    open_ = {
        name
        for name, found in columns.items()
        if any(each.operators for each in found) or any(searches_of(tables[name]))
    }
    found = [
        replace(
            each,
            columns=columns.get(each.name, each.columns),
            relations=[
                replace(
                    one,
                    is_filterable={each.name, one.target} <= open_ and one.field not in COMBINED,
                )
                for one in each.relations
            ],
            roots=list(_roots(each, open_)),
            searches=_searches(each, tables[each.name]) if each.name in open_ else (),
        )
        for each in types
    ]
    told = [
        f"{each.name} has no filter, because {each.name}{FILTER} is a type"
        for each in types
        if each.name not in columns
    ]
    return found, told


def _searches(found: Type, table: Kept) -> list[tuple[str, Sequence[str]]]:
    """Those whose name is free in the filter input."""
    fields = {c.field for c in found.columns} | {r.field for r in found.relations}
    return [(name, shown) for name, shown in searches_of(table) if name not in fields]


def _sorted(table: Kept) -> frozenset[str]:
    """The columns by each of which alone an index gives all rows in order."""
    orders = (order.columns for order in orders_of(table))
    return frozenset(columns[0].name for columns in orders if len(columns) == 1)


def _operators(table: Kept, name: str) -> Iterator[str]:
    column, scalar = table.columns[name], table.scalar(name)
    if table.fields[name] in COMBINED or not is_found(table, (name,)):
        return
    if can_equal(table, (name,)):
        yield from ("EQUAL", "IN")
    if column.data_type not in LABELS:
        if scalar in RANGED:
            yield from ("LESS", "LESS_OR_EQUAL", "GREATER", "GREATER_OR_EQUAL")
        if has_beginnings(table, name):
            yield "PREFIX"
    if column.is_nullable:
        yield "IS_NULL"


def _roots(found: Type, open_: Collection[str]) -> Iterator[Root]:
    """The first list takes a filter; the others are for one question each."""
    is_first = found.name in open_
    for root in found.roots:
        taken = {each.name for each in root.arguments}
        if is_first and root.is_list and "where" not in taken:
            is_first = False
            where = Argument(name="where", type=f"{found.name}{FILTER}")
            yield replace(root, arguments=[where, *root.arguments])
        else:
            yield root
