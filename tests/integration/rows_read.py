"""How many rows the server reads for a statement, by its own counters."""

from __future__ import annotations

from dataclasses import dataclass

from pymysql.connections import Connection

from handler.sql.statement import Statement


@dataclass(frozen=True)
class Reading:
    """What one statement took."""

    statement: Statement
    given: int  # rows
    read: int  # rows and entries of indexes, those of its own temporary tables included


def reading(connection: Connection, statement: Statement) -> Reading:
    """Run a statement and ask the server what it read for it."""
    with connection.cursor() as cursor:
        cursor.execute("FLUSH STATUS")
        cursor.execute(statement.text, statement.parameters)
        given = len(cursor.fetchall())
        cursor.execute("SHOW SESSION STATUS LIKE 'Handler_read%'")
        return Reading(statement, given, sum(int(count) for _, count in cursor.fetchall()))
