"""The edge: what a live database says, asked by statements that only read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aurora_graphql.catalog import LiveTable, read_catalog
from aurora_graphql.project.tables import guess_view_keys
from handler.errors import DeadlineError, UpstreamError
from handler.sql.names import quote
from handler.sql.statement import EVERY_ROW, Statement
from handler.stores.deadline import Deadline
from handler.stores.mysql.database import Database, RightsError
from handler.stores.mysql.time_limit import is_mariadb

_TIMEOUT_S = 60.0
_VIEWS_S = 3.0  # for the questions whether columns tell the rows of views apart
_VIEW_ROWS = 10_000
_NAMES = (  # also of views that are broken, which have no columns
    "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = DATABASE()"
    " AND table_type <> 'SEQUENCE' ORDER BY table_name"
)
_SEES_ALL = (
    "SELECT COUNT(*) FROM (SELECT 1 FROM information_schema.user_privileges"
    " WHERE privilege_type = 'SELECT' AND grantee = {grantee} UNION ALL"
    " SELECT 1 FROM information_schema.schema_privileges"
    " WHERE privilege_type = 'SELECT' AND grantee = {grantee}"
    " AND DATABASE() LIKE table_schema) AS rights"
)
_GRANTEE = (
    "CONCAT('''', SUBSTRING_INDEX(CURRENT_USER(), '@', 1), '''@''',"
    " SUBSTRING_INDEX(CURRENT_USER(), '@', -1), '''')"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What an account sees of a database, and sentences on what it does not."""

    database: str
    server: str  # such as "MySQL 8.0.36"
    is_mariadb: bool
    tables: Mapping[str, LiveTable]
    view_keys: Mapping[str, tuple[str, ...]]
    unseen: Sequence[str]


async def read(database: Database) -> Seen:
    """Ask the catalogue, and no row but those of views. Raises ``UpstreamError``."""
    deadline = Deadline.after(_TIMEOUT_S)
    statement = Statement("SELECT DATABASE(), VERSION(), CURRENT_USER()", ())
    name, version, account = (
        (text or b"").decode() for text in (await database.fetch(statement, deadline)).rows[0]
    )
    tables = await read_catalog(database, deadline)
    sees_all = await _sees_all(database, deadline)
    unseen = []
    for row in (await database.fetch(Statement(_NAMES + EVERY_ROW, ()), deadline)).rows:
        table, kind = ((text or b"").decode() for text in row)
        if sees_all and "VIEW" not in kind:
            continue
        trouble = await _trouble(table, database, deadline)
        if isinstance(trouble, RightsError) and table in tables and not tables[table].is_view:
            unseen.append(f"{table}: columns on which {account} has no right")
        elif trouble is not None:
            unseen.append(f"{table}: {trouble}")
            tables.pop(table, None)
    if not sees_all:
        told = f"tables on which {account} has no right, if there are any: the server hides them"
        unseen.append(told)
    keys = {}
    patience = Deadline.after(_VIEWS_S)
    for view, names in guess_view_keys(tables).items():
        for column in names:
            if await _tells_apart(view, column, database, patience):
                keys[view] = (column,)
                break
    mariadb = is_mariadb(version)
    return Seen(
        is_mariadb=mariadb,
        database=name,
        server=f"{'MariaDB' if mariadb else 'MySQL'} {version.partition('-')[0]}",
        tables=tables,
        view_keys=keys,
        unseen=unseen,
    )


async def _trouble(table: str, database: Database, deadline: Deadline) -> UpstreamError | None:
    """Why not all of a table can be read: columns are hidden, or the view is broken."""
    # Only with a star the server looks at the rights on all columns, also on hidden ones.
    text = f"SELECT * FROM {quote(table)} LIMIT 0"  # noqa: S608 # a name of the catalogue
    try:
        await database.fetch(Statement(text, ()), deadline)
    except DeadlineError:
        raise
    except UpstreamError as error:
        if error.retryable:
            raise
        return error
    return None


async def _sees_all(database: Database, deadline: Deadline) -> bool:
    """Whether the account itself may read the whole database; by a role it may, too."""
    statement = Statement(_SEES_ALL.format(grantee=_GRANTEE), ())
    return (await database.fetch(statement, deadline)).rows[0][0] != b"0"


async def _tells_apart(view: str, column: str, database: Database, deadline: Deadline) -> bool:
    """Whether no two of a view's first rows share a value; true as well if that takes long."""
    name = quote(column)
    text = (
        f"SELECT COUNT(*) - COUNT(DISTINCT {name}) FROM"  # noqa: S608 # names of the catalogue
        f" (SELECT {name} FROM {quote(view)} LIMIT {_VIEW_ROWS}) AS some_rows"
    )
    try:
        found = await database.fetch(Statement(text, ()), deadline)
    except DeadlineError:
        return True
    return found.rows[0][0] == b"0"
