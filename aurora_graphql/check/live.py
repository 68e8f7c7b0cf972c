"""The live database under check: its catalogue, the sizes of its tables, and how it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from aurora_graphql.catalog import LiveTable, read_catalog, read_sort_bytes
from aurora_graphql.check.finding import FEW_ROWS, Severity
from aurora_graphql.check.sight import Sight, read_sight
from handler.errors import DeadlineError, UpstreamError
from handler.model.model import Model
from handler.sql.names import quote
from handler.sql.rowset import RowSet
from handler.sql.statement import Sql, SqlValue, Statement
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import Database, RightsError

# The table of columns, which MySQL 9 gives only where it is named: by itself it draws a tree.
EXPLAIN: Final = "EXPLAIN FORMAT=TRADITIONAL"
SAMPLED_ROWS: Final = 1_000
NULL: Final = "v IS NULL"  # a condition of ``Live.look``
_LOOK_S: Final = 2.0  # of one look at rows, which stay unproved if it takes longer


class Seen(Enum):
    """What a look at rows says of values that break a field."""

    SOME = "there are such rows"
    NONE = "no row has one today"
    UNKNOWN = "not all rows were looked at"

    @property
    def severity(self) -> Severity:
        """How bad that is."""
        return _SEVERITIES[self]


_SEVERITIES: Final = {
    Seen.SOME: Severity.ERROR,
    Seen.NONE: Severity.NOTE,
    Seen.UNKNOWN: Severity.WARNING,
}


@dataclass(frozen=True, slots=True)
class Live:
    """``least_rows``: each table is judged as if it had so many, whatever it has."""

    tables: Mapping[str, LiveTable]
    sight: Sight
    sort_bytes: int
    database: Database
    deadline: Deadline
    least_rows: int = 0

    def rows(self, table: str) -> int | None:
        """By how many rows a table is judged; None if they are not known."""
        found = self.tables.get(table)
        rows = found.rows if found else None
        return max(rows or 0, self.least_rows) or rows

    async def fetch(self, text: str, *values: SqlValue) -> RowSet:
        """The answer to one question. Raises ``UpstreamError``."""
        return await self.database.fetch(Statement(text, values), self.deadline)

    async def explain(self, text: str, *values: SqlValue) -> list[dict[str, str]]:
        """The server's plan of a statement, a line for each table. Raises ``UpstreamError``."""
        found = await self.fetch(f"{EXPLAIN} {text}", *values)
        return [
            {name: (cell or b"").decode() for name, cell in zip(found.names, row, strict=True)}
            for row in found.rows
        ]

    async def has_rows(self, text: str, *values: SqlValue) -> bool | None:
        """Whether a question has an answer; None if that takes too long."""
        limited = self.deadline.within(_LOOK_S)
        try:
            return bool((await self.database.fetch(Statement(text, values), limited)).rows)
        except DeadlineError:
            if self.deadline.remaining_s() == 0:
                raise
            return None

    async def look(
        self,
        table: LiveTable,
        column: str,
        condition: str,
        *values: SqlValue,
        end: str = "",
        among: Sql | None = None,
    ) -> Seen:
        """Whether some row has a value ``v`` of a column that fulfils the condition.

        ``among``: a condition on the rows of the table, whose alias is ``s``. ``end``: where an
        index sorts such values first (``ASC``) or last (``DESC``). Looks at the first rows, at all
        of a small table, and at that end; nothing reads a large table.
        """
        name = quote(column)
        whole = f"SELECT {name} AS v FROM {quote(table.name)} s"  # noqa: S608 # of the catalogue
        is_small = table.rows is not None and table.rows <= FEW_ROWS
        is_led = any(index.columns[0].name == column for index in table.indexes)
        if among is not None:
            whole += f" WHERE {among.text}"
            values, is_led = (*among.parameters, *values), False
        sources = [f"({whole} LIMIT {2 * FEW_ROWS if is_small else SAMPLED_ROWS})"]
        if is_led and end:
            sources.append(f"({whole} WHERE {name} IS NOT NULL ORDER BY {name} {end} LIMIT 1)")
        if is_led and condition == NULL:
            sources = [f"({whole} WHERE {name} IS NULL LIMIT 1)"]
        for source in sources:
            text = f"SELECT 1 FROM {source} s WHERE {condition} LIMIT 1"  # noqa: S608 # as above
            found = await self.has_rows(text, *values)
            if found is not False:
                return Seen.SOME if found else Seen.UNKNOWN
        is_told_by_index = is_led and (bool(end) or condition == NULL)
        is_whole = is_told_by_index or (is_small and self.least_rows <= FEW_ROWS)
        return Seen.NONE if is_whole else Seen.UNKNOWN


async def read_live(
    model: Model, database: Database, deadline: Deadline, least_rows: int = 0
) -> Live:
    """Read the catalogue, and the sizes of the model's tables. Raises ``UpstreamError``."""
    tables = await read_catalog(database, deadline)
    names = dict.fromkeys(t.name for t in (*model.tables.values(), *model.links.values()))
    sight = await read_sight(names, database, deadline)
    sort_bytes = await read_sort_bytes(database, deadline)
    live = Live(tables, sight, sort_bytes, database, deadline, least_rows)
    sized = {name: await _sized(live, table) for name, table in tables.items() if name in names}
    return replace(live, tables={**tables, **sized})


async def _sized(live: Live, table: LiveTable) -> LiveTable:
    """With the rows that the optimizer counts on: MySQL's catalogue may be a day old."""
    try:
        lines = await live.explain(f"SELECT * FROM {quote(table.name)}")  # noqa: S608 # as above
    except RightsError:
        return table
    except UpstreamError as error:  # a view that is broken
        if error.retryable or isinstance(error, DeadlineError):
            raise
        return table
    counted = [int(line["rows"]) for line in lines if line.get("rows", "").isdecimal()]
    if table.is_view:
        return replace(table, rows=max(counted, default=0)) if counted else table
    return replace(table, rows=max([table.rows or 0, *counted]))
