"""Expressions: does the server read them, as values of one row?"""

from __future__ import annotations

from collections.abc import AsyncIterator

from aurora_graphql.catalog import LiveTable
from aurora_graphql.check.finding import Finding, Kind, Severity
from aurora_graphql.check.live import Live
from handler.compiler.tables import Tables
from handler.errors import DeadlineError, UpstreamError
from handler.model.column import Column, ColumnRef
from handler.model.tables import Table
from handler.sql.names import quote
from handler.stores.mysql.database import RightsError


async def check_expressions(table: Table, live: Live) -> AsyncIterator[Finding]:
    """Explain a condition over each: there, aggregates are refused, also those of one's own."""
    for field in table.of_kind(Column).values():
        if field.stored_name is None and _is_whole(field, live.tables[table.name]):
            said, kind, severity = "", Kind.EXPRESSION, Severity.ERROR
            try:
                said = await _refusal(table, field, live)
            except RightsError as error:
                said, kind, severity = str(error), Kind.UNPROVED, Severity.NOTE
            what = f"{table.type_name}.{field.field}"
            if said:
                yield Finding(
                    kind=kind,
                    about=f"expression {what}" if kind is Kind.UNPROVED else what,
                    message=f"that the server reads the expression of {what}: {said}"
                    if kind is Kind.UNPROVED
                    else f"{what}: the server refuses the expression as a value of one row: {said}",
                    origin=field.origin,
                    severity=severity,
                    table=table.name,
                )


def _is_whole(column: Column, found: LiveTable) -> bool:
    """Whether all columns exist that it is made of; if not, that is said already."""
    names = {part.name for part in column.parts if isinstance(part, ColumnRef)}
    return names <= found.columns.keys()


async def _refusal(table: Table, column: Column, live: Live) -> str:
    text = (
        f"SELECT 1 FROM {quote(table.name)} t0 "  # noqa: S608 # the SDL
        f"WHERE {Tables({}).column(column, 't0')} IS NULL LIMIT 1"
    )
    try:
        await live.explain(text)
    except (DeadlineError, RightsError):
        raise
    except UpstreamError as error:
        if error.retryable:
            raise
        cause = error.__cause__  # whose text repeats the expression, which is no secret here
        return str(cause.args[-1]) if cause is not None and cause.args else str(error)
    return ""
