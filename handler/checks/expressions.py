"""Expressions: does the server read them, as values of one row?"""

from __future__ import annotations

from handler.checks.finding import Finding, Kind
from handler.compiler.access import EXPLAIN
from handler.compiler.model import Column, Table
from handler.compiler.statement import Statement
from handler.compiler.tables import Tables, quote
from handler.errors import DeadlineError, UpstreamError
from handler.stores.database import Database, RightsError
from handler.stores.deadline import Deadline


async def check_expressions(table: Table, database: Database, deadline: Deadline) -> list[Finding]:
    """Explain a condition over each: there, aggregates are refused, also those of one's own."""
    found = []
    for field in table.fields.values():
        if isinstance(field, Column) and field.stored_name is None:
            said = await _refusal(table, field, database, deadline)
            if said:
                found.append(
                    Finding(
                        Kind.EXPRESSION,
                        f"{table.type_name}.{field.field}: the server refuses the expression as a "
                        f"value of one row: {said}",
                        field.origin,
                    )
                )
    return found


async def _refusal(table: Table, column: Column, database: Database, deadline: Deadline) -> str:
    text = (
        f"{EXPLAIN} SELECT 1 FROM {quote(table.name)} t0 "  # noqa: S608 # the SDL
        f"WHERE {Tables({}).column(column, 't0')} IS NULL LIMIT 1"
    )
    try:
        await database.fetch(Statement(text, ()), deadline)
    except (DeadlineError, RightsError):
        raise
    except UpstreamError as error:
        if error.retryable:
            raise
        cause = error.__cause__  # whose text repeats the expression, which is no secret here
        return str(cause.args[-1]) if cause is not None and cause.args else str(error)
    return ""
