"""After a migration: the account that the API logs in with, as the SDL at hand needs it."""

from __future__ import annotations

from pathlib import Path

from handler.jobs.api_user import Account, read_columns
from handler.jobs.former_columns import Columns, note_columns
from handler.jobs.privileges import (
    AccountError,
    account_named,
    drop_account,
    has_account,
    preparing,
    put_account,
)
from handler.language.files import quoting
from handler.language.sdl import load_schema
from handler.model.builder import build_model
from handler.settings import Settings
from handler.stores.aws.secrets import SecretStore
from handler.stores.mysql.session import open_session
from handler.stores.url import DatabaseUrl


async def prepare_account(
    url: DatabaseUrl, settings: Settings, name: str, secrets: SecretStore, former_releases: int = 0
) -> None:
    """Create or update the account ``name`` to read what the SDL needs, and nothing else.

    What the SDLs of so many ``former_releases`` needed it may read, too: the one before serves
    until the traffic has moved, and one may go back to them.

    Where it is new, the API still logs in with a former one until its traffic has moved. So the
    former ones go with the next call, which finds it there.

    It logs in with the password of ``DATABASE_API_SECRET_ARN``, by IAM without one. Raises
    ``AccountError``, ``SchemaError`` and ``UpstreamError``.
    """
    directory = Path(settings.sdl_dir)
    with quoting(directory):
        columns: Columns = read_columns(build_model(load_schema(directory)))
    requires_tls = url.ssl_ca is not None
    account = await _account(settings, name, secrets, requires_tls=requires_tls)
    former = [
        account_named("api_user", other, None, requires_tls=requires_tls)
        for other in settings.database.former_api_users
        if other != name
    ]
    async with open_session(url) as session:
        with preparing(
            name,
            "Does every column of the SDL exist (aurora-graphql check)? Has the "
            "database IAM, or else is DATABASE_API_SECRET_ARN set?",
        ):
            has_served = bool(former) and await has_account(session, account)
            if former_releases:
                columns = await note_columns(session, columns, former_releases)
            await put_account(session, account, columns)
            for other in former if has_served else ():
                await drop_account(session, other)


async def _account(
    settings: Settings, name: str, secrets: SecretStore, *, requires_tls: bool
) -> Account:
    expected = settings.database.api_user
    if expected and name != expected:
        raise AccountError(f"api_user is {name!r}, but DATABASE_API_USER is {expected!r}")
    arn, password = settings.database.api_secret_arn, None
    if arn:
        login = await secrets.read(arn)
        if login.user != name:
            raise AccountError(f"the secret {arn} is of the account {login.user!r}, not {name!r}")
        password = login.password
    return account_named("api_user", name, password, requires_tls=requires_tls)
