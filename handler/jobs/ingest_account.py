"""After a migration: the account that the ingest logs in with, by IAM, to write its tables."""

from __future__ import annotations

from typing import Final

from handler.jobs.ingest.store import TABLES
from handler.jobs.privileges import AccountError, account_named, preparing, put_account
from handler.settings import Settings
from handler.stores.mysql.session import open_session
from handler.stores.url import DatabaseUrl

COLUMNS: Final = {table.name: frozenset(table.columns) for table in TABLES}
RIGHTS: Final = ("SELECT", "INSERT", "UPDATE")  # an upsert, and whether it is needed


async def prepare_ingest_account(url: DatabaseUrl, settings: Settings, name: str) -> None:
    """Create or update the account ``name`` to write what the ingest writes, and nothing else.

    Raises ``AccountError`` and ``UpstreamError``.
    """
    expected = settings.database.ingest_user
    if expected and name != expected:
        raise AccountError(f"ingest_user is {name!r}, but DATABASE_INGEST_USER is {expected!r}")
    account = account_named("ingest_user", name, None, requires_tls=url.ssl_ca is not None)
    async with open_session(url) as session:
        with preparing(
            name,
            f"Has the database the tables of the ingest ({', '.join(COLUMNS)}), and IAM? Without "
            f"them set ingestEnabled to false",
        ):
            await put_account(session, account, COLUMNS, RIGHTS)
