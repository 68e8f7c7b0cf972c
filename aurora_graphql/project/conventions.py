"""How the tables and columns of a database are named: recognised from the names themselves."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from typing import Final

from msgspec.structs import replace

from handler.model.names import CAMEL, PASCAL, SNAKE, Conventions

_CASES: Final = (SNAKE, CAMEL, PASCAL)
_MOST_LETTERS: Final = 5  # of a prefix that few tables share: longer ones may be a word
_MANY_TABLES: Final = 10
_SHARE: Final = 0.9  # of the tables, that begin with a prefix
_PREFIX: Final = re.compile(r"[A-Za-z0-9]+_(?=\w)|[a-z]{2,4}(?=[A-Z][a-z])")


def recognise(tables: Collection[str], columns: Collection[str]) -> Conventions:
    """The conventions by which the most names come out again; of equal ones the usual."""
    prefix = _prefix(tables)
    table_choices = [
        Conventions(is_singular=is_singular, table_case=case, table_prefix=prefix)
        for case in _CASES
        for is_singular in (False, True)
    ]
    best = max(table_choices, key=lambda each: sum(_comes_out(each, name) for name in tables))
    column_choices = [
        Conventions(
            is_singular=best.is_singular,
            table_case=best.table_case,
            column_case=case,
            table_prefix=prefix,
        )
        for case in _CASES
    ]
    return max(
        column_choices,
        key=lambda each: sum(each.column_name(each.field_name(c)) == c for c in columns),
    )


def _comes_out(conventions: Conventions, table: str) -> bool:
    """Whether a table needs no @table; in the singular no plural counts, though it comes out."""
    name = conventions.type_name(table)
    plural = replace(conventions, is_singular=False)
    is_one = not conventions.is_singular or plural.type_name(table) == name
    return conventions.table_name(name) == table and is_one


def _prefix(tables: Collection[str]) -> str:
    """What nearly all tables begin with, such as ``wp_``."""
    starts = Counter(found[0] for found in map(_PREFIX.match, tables) if found)
    for start, count in starts.most_common(1):
        is_many = len(tables) >= _MANY_TABLES
        is_short = len(start) <= _MOST_LETTERS and len(tables) > 2
        if count >= _SHARE * len(tables) and (is_many or is_short):
            return start
    return ""


def said(conventions: Conventions) -> str:
    """The arguments of ``@conventions`` that are not the usual ones; nothing if all are."""
    usual = Conventions()
    parts = []
    if conventions.is_singular:
        parts.append("tableNames: SINGULAR")
    if conventions.table_case != usual.table_case:
        parts.append(f"tableCase: {conventions.table_case}")
    if conventions.column_case != usual.column_case:
        parts.append(f"columnCase: {conventions.column_case}")
    if conventions.table_prefix:
        parts.append(f'tablePrefix: "{conventions.table_prefix}"')
    return ", ".join(parts)
