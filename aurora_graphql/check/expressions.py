"""Expressions: does the server read them, as values of one row?"""

from __future__ import annotations

from aurora_graphql.check.access_paths import EXPLAIN
from aurora_graphql.check.finding import Finding, Kind
from handler.compiler.tables import Tables
from handler.errors import DeadlineError, UpstreamError
from handler.model.column import Column
from handler.model.tables import Table
from handler.sql.names import quote
from handler.sql.statement import Statement
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import Database, RightsError


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
