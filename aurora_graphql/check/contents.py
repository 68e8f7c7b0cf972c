"""Contents: values that a column can hold, and the field that is read from it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from aurora_graphql.catalog import LiveColumn, LiveTable
from aurora_graphql.check.finding import Finding, Kind
from handler.model.aggregates import Aggregate
from handler.model.column import Column
from handler.model.model import Model
from handler.model.tables import Table
from handler.scalars import COLUMNS
from handler.scalars.int import INT_MAX
from handler.sql.stored_type import WHOLE_NUMBERS

_SHOWN_VALUES: Final = 5


def check_contents(table: Table, model: Model, found: LiveTable) -> Iterator[Finding]:
    """Numbers over 32 bits, and enums whose values differ from the column's."""
    for field in table.fields.values():
        name = f"{table.type_name}.{field.field}"
        if isinstance(field, Aggregate) and field.may_pass:
            yield from _too_large(name, field)
        if isinstance(field, Column):
            live = found.columns.get(field.stored_name or "")
            if live is None or not COLUMNS[field.scalar].takes(live.data_type, live.column_type):
                continue  # said already
            if field.enum_values is not None:
                yield from _enum(name, field, found, live)
            elif COLUMNS[field.scalar].passes(live.data_type, live.column_type):
                yield Finding(
                    Kind.RANGE,
                    f"{name} is an Int, but {found.name}.{live.name} is {live.column_type}: a "
                    f"number over {INT_MAX:,} is an error in place of its row's field; make it "
                    f"a BigInt, or the column an INT",
                    field.origin,
                )


def _too_large(name: str, field: Aggregate) -> Iterator[Finding]:
    of = f"{field.target}.{field.column.field}" if field.column else field.target
    yield Finding(
        Kind.RANGE,
        f"{name} is an Int, but the {field.function.word} of {of} over many rows may pass "
        f"{INT_MAX:,}, which is an error; make it a BigInt",
        field.origin,
    )


def _enum(name: str, field: Column, found: LiveTable, live: LiveColumn) -> Iterator[Finding]:
    assert field.enum_values is not None
    where = f"{found.name}.{live.name}"
    named = set(field.enum_values.values())
    if live.values:
        lost = [value for value in live.values if value not in named]
        if lost:
            yield Finding(
                Kind.ENUM,
                f"{name}: {field.scalar} has no name for {_listed(lost)} of {where}; a row with it "
                f"is an error. Add values to the enum, or say which it means with "
                f"@value(column: ...)",
                field.origin,
            )
        vain = [value for value in field.enum_values.values() if value not in live.values]
        if vain:
            yield Finding(
                Kind.ENUM,
                f"{name}: {field.scalar} names {_listed(vain)}, which {where} cannot hold "
                f"({live.column_type}); it finds nothing. Take values out of the enum, or say "
                f"which column value they mean with @value(column: ...)",
                field.origin,
            )
    elif live.data_type in WHOLE_NUMBERS:
        texts = [value for value in field.enum_values.values() if not _is_whole(value)]
        if texts:
            yield Finding(
                Kind.ENUM,
                f"{name}: {where} is {live.column_type}, and {field.scalar} names "
                f"{_listed(texts)}, which is compared as the number that it begins with, or as 0; "
                f"say which number is meant with @value(column: ...)",
                field.origin,
            )


def _is_whole(text: str) -> bool:
    return text.lstrip("-").isdecimal() and text.isascii() and str(int(text)) == text


def _listed(values: list[str]) -> str:
    shown = ", ".join(map(repr, values[:_SHOWN_VALUES]))
    return shown + (f" and {len(values) - _SHOWN_VALUES} more" * (len(values) > _SHOWN_VALUES))
