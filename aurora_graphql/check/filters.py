"""Arguments that choose rows: does the server find what they name?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence

from aurora_graphql.catalog import LiveColumn, LiveTable
from aurora_graphql.check.access_paths import orders_of
from aurora_graphql.check.columns import described
from aurora_graphql.check.conditions import all_conditions
from aurora_graphql.check.finding import Finding, Kind, Severity
from aurora_graphql.check.live import Live
from aurora_graphql.check.orders import rows_fields
from aurora_graphql.check.remedies import change_collation
from handler.compiler.keyset import is_stored
from handler.language.schema import Origin
from handler.model.conditions import Filter
from handler.model.lists import Shape
from handler.model.model import Model
from handler.scalars import COLUMNS
from handler.sql.operators import Operator
from handler.sql.stored_type import CHARACTERS

_BEYOND_16_BITS = ("utf8mb4_", "utf16_", "utf16le_", "utf32_")
# Measured on MariaDB 10.11 and MySQL 9.7 for every collation: a row with each kind of character
# after the prefix, by the index and without it.
_WHOLE_RANGES = ("_general_ci", "_general_nopad_ci", "_unicode_520_ci", "_unicode_520_nopad_ci")
_WHOLE_FAMILIES = ("_0900_", "_uca1400_")
_A_RANGE = "a range"
_SHOWN = 5  # arguments in a line
_WHOLE = "utf8mb4_unicode_520_ci"


async def check_filters(model: Model, live: Live) -> AsyncIterator[Finding]:
    """Texts that are compared as JSON, and prefixes whose index range is too short or none."""
    for name, filters, origin in _filters(model):
        for used in filters:
            found = live.tables.get(used.column.table)
            column = found.columns.get(used.column.stored_name or "") if found else None
            if found is not None and column is not None:
                told = f"{name}({used.argument}:)" if used.argument else name
                async for each in _filter(told, used, origin, found, column, live):
                    yield each


def check_sorts(model: Model, live: Live) -> Iterator[Finding]:
    """Arguments for which no index can give the rows in their order: one line for each field.

    Not of orders that no index has whatever is chosen, which are told by themselves.
    """
    for name, rows in rows_fields(model):
        found = live.tables.get(model.tables[rows.target].name)
        if rows.shape is Shape.OBJECT or found is None:
            continue
        leads = {each[0].column.stored_name for each in orders_of(rows) if is_stored(each)}
        reasons: dict[str, list[str]] = {}
        for used in rows.filters:
            there = live.tables.get(used.column.table)
            column = there.columns.get(used.column.stored_name or "") if there else None
            reason = _range(used, column) if column is not None else ""
            if reason and leads - {used.column.stored_name}:
                reasons.setdefault(reason, []).append(used.argument)
        if reasons:
            told = "; ".join(f"{listed(them)} ({why})" for why, them in reasons.items())
            is_large = Severity.by_rows(live.rows(found.name)) is Severity.ERROR
            is_large = is_large and _A_RANGE in reasons
            yield Finding(
                kind=Kind.SORT,
                about=name,
                message=f"the server sorts what it finds by {told}",
                origin=rows.origin,
                severity=Severity.WARNING if is_large else Severity.NOTE,
                table=found.name,
            )


def listed(names: Sequence[str]) -> str:
    """The first of them, and how many there are more."""
    shown = ", ".join(names[:_SHOWN])
    return shown + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")


def _range(used: Filter, column: LiveColumn) -> str:
    """Why several values of the column are chosen; empty if it is one."""
    if used.is_search:
        return "an index of words"
    if not used.operator.is_served:
        return ""  # said where its index is looked for
    if used.operator.takes_list:
        return "several values"
    if not used.operator.is_equality:
        return _A_RANGE
    return COLUMNS[used.column.scalar].range_of(column.data_type)


def _filters(model: Model) -> Iterator[tuple[str, tuple[Filter, ...], Origin]]:
    """By field."""
    for (owner, name), field in model.all_fields("Query"):
        if field.filters:
            yield f"{owner}.{name}", field.filters, field.origin
    for what, _, where in all_conditions(model):
        yield f"{what} (@where {where.filter.column.field})", (where.filter,), where.origin
    for used in model.each_input():
        for filters in used.by_column():
            yield used.name, tuple(filters), filters[0].column.origin


async def _filter(
    name: str, used: Filter, origin: Origin, found: LiveTable, column: LiveColumn, live: Live
) -> AsyncIterator[Finding]:
    def told(
        message: str, severity: Severity = Severity.ERROR, remedies: tuple[str, ...] = ()
    ) -> Finding:
        return Finding(
            kind=Kind.FILTER,
            about=name.replace(":)", ")"),
            message=message,
            origin=origin,
            severity=severity,
            table=found.name,
            remedies=remedies,
        )

    where = f"{found.name}.{column.name}"
    if column.is_json and used.column.scalar != "JSON":
        yield told(
            f"{name} chooses by {where}, which is JSON: MySQL never finds a text equal to it; "
            f"filter by a generated column that holds the part you mean"
        )
    elif used.operator is Operator.PREFIX and column.data_type not in CHARACTERS:
        yield told(
            f"{name} finds by the beginning of {where}, which is {described(column)}: its text is "
            f"made of every row, and no index serves that; filter by equal values or by a range",
            Severity.by_rows(live.rows(found.name)),
        )
    elif used.operator is Operator.PREFIX and not has_whole_ranges(column.collation or ""):
        binary = (column.collation or "").endswith("_bin")
        sql = () if binary else await change_collation(found, column, _WHOLE, live)
        yield told(
            f"{name} finds by the beginning of {where}, which is {described(column)}: where the "
            f"server takes an index, the range ends before characters beyond U+FFFF, such as "
            f"emoji, and rows are missed; "
            + (
                "no binary collation of both servers is exact, utf8mb4_0900_bin of MySQL is; or "
                "take the argument away"
                if binary
                else f"give it {_WHOLE}, which has whole ranges on both servers"
            ),
            Severity.WARNING,
            sql,
        )


def has_whole_ranges(collation: str) -> bool:
    """Whether a LIKE by an index range finds what it finds without an index."""
    if not collation.startswith(_BEYOND_16_BITS):
        return True  # its character set has no characters beyond, or keeps their order
    return collation.endswith(_WHOLE_RANGES) or any(each in collation for each in _WHOLE_FAMILIES)
