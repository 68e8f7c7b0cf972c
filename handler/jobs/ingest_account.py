"""After a migration: the account that the ingest logs in with, by IAM, to write its tables."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from handler.jobs.ingest.mapping import load_mappings
from handler.jobs.ingest.report import IngestError
from handler.jobs.privileges import AccountError, account_named, preparing, put_account
from handler.settings import Settings
from handler.stores.mysql.session import open_session
from handler.stores.url import DatabaseUrl

RIGHTS: Final = ("SELECT", "INSERT", "UPDATE")  # an upsert, and whether it is needed


async def prepare_ingest_account(url: DatabaseUrl, settings: Settings, name: str) -> None:
    """Create or update the account ``name`` to write what the ingest writes, and nothing else.

    Raises ``AccountError`` and ``UpstreamError``.
    """
    expected = settings.database.ingest_user
    if expected and name != expected:
        raise AccountError(f"ingest_user is {name!r}, but DATABASE_INGEST_USER is {expected!r}")
    account = account_named("ingest_user", name, None, requires_tls=url.ssl_ca is not None)
    columns = written_columns(Path(settings.ingest_mappings_dir))
    async with open_session(url) as session:
        with preparing(
            name,
            f"Has the database the tables of the ingest ({', '.join(columns)}), and IAM? Without "
            f"them set ingestEnabled to false",
        ):
            await put_account(session, account, columns, RIGHTS)


def written_columns(folder: Path) -> dict[str, frozenset[str]]:
    """What all mappings of the folder write, by table. Raises ``AccountError``."""
    found: dict[str, frozenset[str]] = {}
    try:
        for mapping in load_mappings(folder).values():
            for table, columns in mapping.written_columns().items():
                found[table] = found.get(table, frozenset()) | columns
    except IngestError as error:
        raise AccountError(str(error)) from error
    if not found:
        raise AccountError(
            f"{folder} has no mapping (*.toml), so the ingest would write nothing: write one, or "
            f"set ingestEnabled to false"
        )
    return found
