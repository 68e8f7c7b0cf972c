"""Filter inputs: by what callers may choose rows, where an index finds them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from aurora_graphql.check.filters import has_whole_ranges
from aurora_graphql.project.description import Argument, Root, Type
from aurora_graphql.project.lists import RANGED, can_equal, is_found
from aurora_graphql.project.tables import LABELS, Kept
from handler.sql.operators import COMBINED

_END = "Filter"  # of the names of inputs


def with_filters(types: Sequence[Type], tables: Mapping[str, Kept]) -> list[Type]:
    """The types with what may be filtered by, and their lists with an argument for it.

    ``tables``: by type. Where a type is called as an input would be, nothing is marked.
    """
    if any(name.endswith(_END) for each in types for name in names_of(each)):
        return list(types)
    columns = {
        each.name: [
            replace(column, operators=tuple(_operators(tables[each.name], column.name)))
            for column in each.columns
        ]
        for each in types
    }
    open_ = {name for name, found in columns.items() if any(each.operators for each in found)}
    return [
        replace(
            each,
            columns=columns[each.name],
            relations=[
                replace(one, is_filterable=one.target in open_ and one.field not in COMBINED)
                for one in each.relations
            ],
            roots=list(_roots(each, open_)),
        )
        for each in types
    ]


def names_of(found: Type) -> Iterator[str]:
    """The types that are written for one."""
    yield found.name
    yield from (enum.name for enum in found.enums)


def _operators(table: Kept, name: str) -> Iterator[str]:
    column, scalar = table.columns[name], table.scalar(name)
    if table.fields[name] in COMBINED or not is_found(table, (name,)):
        return
    if can_equal(table, (name,)):
        yield from ("EQUAL", "IN")
    if column.data_type not in LABELS:
        if scalar in RANGED:
            yield from ("LESS", "LESS_OR_EQUAL", "GREATER", "GREATER_OR_EQUAL")
        if scalar == "String" and has_whole_ranges(column.collation or ""):
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
            where = Argument(name="where", type=f"{found.name}{_END}")
            yield replace(root, arguments=[where, *root.arguments])
        else:
            yield root
