"""Contents: values that a column can hold, and the field that is read from it cannot."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Final

from aurora_graphql.catalog import LiveColumn, LiveTable
from aurora_graphql.check.finding import Finding, Kind, Severity
from aurora_graphql.check.live import Live, Seen
from handler.model.aggregates import Aggregate
from handler.model.column import Column
from handler.model.model import Model
from handler.model.tables import Table
from handler.scalars import COLUMNS, scalar_of
from handler.scalars.int import INT_MAX, INT_MIN
from handler.sql.stored_type import WHOLE_NUMBERS

_SHOWN_VALUES: Final = 5


async def check_contents(table: Table, live: Live) -> AsyncIterator[Finding]:
    """Numbers over 32 bits, and enums whose values differ from the column's."""
    found = live.tables[table.name]
    for field in table.of_kind(Column).values():
        name = f"{table.type_name}.{field.field}"
        column = found.columns.get(field.stored_name or "")
        if column is None or not COLUMNS[field.scalar].takes(column.data_type, column.column_type):
            continue  # said already
        if field.enum_values is not None:
            async for each in _enum(name, field, found, column, live):
                yield each
        elif COLUMNS[field.scalar].passes(column.data_type, column.column_type):
            yield await _beyond(name, field, found, column, live)
    for made in table.of_kind(Aggregate).values():
        if made.may_pass:
            yield _too_large(f"{table.type_name}.{made.field}", made, table)


async def _beyond(
    name: str, field: Column, found: LiveTable, column: LiveColumn, live: Live
) -> Finding:
    """Numbers that the column may hold and the field cannot show as they are."""
    word = "a Float" if field.scalar == "Float" else "an Int"
    what = f"{name} is {word}, but {found.name}.{column.name} is {column.column_type}"
    best = scalar_of(column.column_type)
    severity = Severity.WARNING
    if field.scalar == "Float":
        why = "a number over 2^53 is shown rounded, and no argument finds it"
    else:
        seen = await _seen_beyond(found, column, live)
        why = f"a number over {INT_MAX:,} is an error in place of its row's field ({seen.value})"
        severity = seen.severity
    return Finding(
        kind=Kind.RANGE,
        about=name,
        message=f"{what}: {why}; make it {best.name if best else 'a BigInt'}",
        origin=field.origin,
        severity=severity,
        table=found.name,
    )


async def _seen_beyond(found: LiveTable, column: LiveColumn, live: Live) -> Seen:
    """Whether some row has a number of more than 32 bits, at either end."""
    # A BIT compares as a number where it is computed with.
    seen = await live.look(found, column.name, "v + 0 > %s", INT_MAX, end="DESC")
    if seen is Seen.NONE and column.data_type == "bigint" and "unsigned" not in column.column_type:
        return await live.look(found, column.name, "v < %s", INT_MIN, end="ASC")
    return seen


def check_totals(model: Model) -> Iterator[Finding]:
    """Sums of the root that may be over 32 bits."""
    for name, field in model.roots.items():
        if isinstance(field, Aggregate) and field.may_pass:
            yield _too_large(f"Query.{name}", field, model.table(field.target))


def _too_large(name: str, field: Aggregate, table: Table) -> Finding:
    of = f"{field.target}.{field.column.field}" if field.column else field.target
    return Finding(
        kind=Kind.RANGE,
        about=name,
        message=f"{name} is an Int, but the {field.function.word} of {of} over many rows may pass "
        f"{INT_MAX:,}, which is an error; make it a BigInt",
        origin=field.origin,
        severity=Severity.WARNING,
        table=table.name,
    )


async def _enum(
    name: str, field: Column, found: LiveTable, column: LiveColumn, live: Live
) -> AsyncIterator[Finding]:
    def told(about: str, message: str, severity: Severity = Severity.ERROR) -> Finding:
        return Finding(
            kind=Kind.ENUM,
            about=about,
            message=message,
            origin=field.origin,
            severity=severity,
            table=found.name,
        )

    assert field.enum_values is not None
    where = f"{found.name}.{column.name}"
    values = list(field.enum_values.values())
    if column.values:
        lost = [value for value in column.values if value not in values]
        if lost:
            has = "FIND_IN_SET(%s, v)" if column.data_type == "set" else "v = %s"
            seen = await live.look(found, column.name, " OR ".join([has] * len(lost)), *lost)
            yield told(
                f"{name} (without a name)",
                f"{name}: {field.scalar} has no name for {_listed(lost)} of {where}; a row with it "
                f"is an error ({seen.value}). Add values to the enum, or say which it means with "
                f"@value(column: ...)",
                seen.severity,
            )
        why = _without_label(column, values)
        if why and await live.look(found, column.name, "v + 0 = 0", end="ASC") is Seen.SOME:
            yield told(
                f"{name} (no label)",
                f"{name}: rows of {where} hold none of its labels, but an empty text in their "
                f"place, as a server stores it that is not strict: {why}. Give these rows a "
                f"label, or NULL",
            )
        vain = [value for value in values if value not in column.values]
        if vain:
            yield told(
                f"{name} (without a row)",
                f"{name}: {field.scalar} names {_listed(vain)}, which {where} cannot hold "
                f"({column.column_type}); it finds nothing. Take values out of the enum, or say "
                f"which column value they mean with @value(column: ...)",
                Severity.WARNING,
            )
    elif column.data_type in WHOLE_NUMBERS:
        texts = [value for value in values if not _is_whole(value)]
        if texts:
            yield told(
                f"{name} (numbers)",
                f"{name}: {where} is {column.column_type}, and {field.scalar} names "
                f"{_listed(texts)}, which is compared as the number that it begins with, or as 0; "
                f"say which number is meant with @value(column: ...)",
            )


def _without_label(column: LiveColumn, values: list[str]) -> str:
    """What is wrong with a row that holds no label of an ENUM, which is sent as an empty text."""
    if column.data_type != "enum":
        return ""
    if "" in column.values:
        return "answers take them for those with the label '', and pages in this order repeat rows"
    return "" if "" in values else "each is an error in place of its field"


def _is_whole(text: str) -> bool:
    return text.lstrip("-").isdecimal() and text.isascii() and str(int(text)) == text


def _listed(values: list[str]) -> str:
    shown = ", ".join(map(repr, values[:_SHOWN_VALUES]))
    return shown + (f" and {len(values) - _SHOWN_VALUES} more" * (len(values) > _SHOWN_VALUES))
