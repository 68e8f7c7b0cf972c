"""Sight: what the account that asks may not see, so that the check does not call it missing.

The catalogue shows an account the tables and columns on which it has a right, and MariaDB hides an
index with a column on which it has none. Rights come by roles, too, so they are tried, not read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from handler.errors import DeadlineError, UpstreamError
from handler.sql.names import quote
from handler.sql.statement import Statement
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import Database, RightsError


@dataclass(frozen=True, slots=True)
class Sight:
    """The account's name as the server has it, and the tables that it may not read in full."""

    account: str = ""
    limited: frozenset[str] = frozenset()

    def or_hidden(self, table: str) -> str:
        """What belongs behind "does not exist"; nothing for a table that is seen in full."""
        return f", or on which {self.account} has no right" if table in self.limited else ""


async def read_sight(tables: Iterable[str], database: Database, deadline: Deadline) -> Sight:
    """Try to read every column of each table, and no row."""
    limited = []
    for table in tables:
        # Only with a star the server looks at the rights on all columns, also on those that it
        # does not show.
        text = f"SELECT * FROM {quote(table)} LIMIT 0"  # noqa: S608 # the SDL
        try:
            await database.fetch(Statement(text, ()), deadline)
        except RightsError:
            limited.append(table)
        except DeadlineError:
            raise
        except UpstreamError as error:
            if error.retryable:
                raise
            # It is not there, or a view that is broken: the catalogue tells.
    found = await database.fetch(Statement("SELECT CURRENT_USER()", ()), deadline)
    return Sight((found.rows[0][0] or b"").decode(), frozenset(limited))
